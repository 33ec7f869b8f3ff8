// SPDX-License-Identifier: GPL-3.0-or-later
//
// The order of a night: `night: {grants: "19:00", revocations: "00:30", deletions: {after: 1d, at: "02:00"}}`.
#include "job/job_p.h"

#define DELETIONS_DAYS_MOST 31

static const char *const NIGHT_KEYS[] = {"grants", "revocations", "deletions", NULL};
static const char *const DELETIONS_KEYS[] = {"after", "at", NULL};

static void read_time(const Site *site, const YamlNode *map, const char *key, int *out,
                      Findings *findings)
{
  const char *text = NULL;
  int minutes = 0;
  if (!yaml_read_text(site->yaml, map, key, findings, &text))
    return;
  if (instant_parse_minutes(text, &minutes) && minutes < 24 * 60)
    *out = minutes;
  else
    yaml_fault(site->yaml, yaml_get(map, key), findings, "bad-time",
               _("“%s” is a time of day such as \"00:30\", not “%s”"), key, text);
}

static void read_deletions(Site *site, const YamlNode *node, Findings *findings)
{
  PlannerNight *night = &site->night;
  if (yaml_kind(node) == YAML_NONE)
    return;
  if (yaml_kind(node) != YAML_MAP)
    yaml_fault(site->yaml, node, findings, "night-form",
               _("“deletions” is such as {after: 1d, at: \"02:00\"}"));
  yaml_check_keys(site->yaml, node, DELETIONS_KEYS, findings);
  yaml_read_days(site->yaml, node, "after", findings, &night->deletions_days);
  read_time(site, node, "at", &night->deletions_minutes, findings);
  if (night->deletions_days <= DELETIONS_DAYS_MOST)
    return;
  yaml_fault(site->yaml, yaml_get(node, "after"), findings, "night-after",
             _("deletions are put off by %d days at most; rules put them off by more "
               "(delete_after)"),
             DELETIONS_DAYS_MOST);
  night->deletions_days = 0;
}

void site_read_night(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *node = yaml_get(root, "night");
  if (yaml_kind(node) == YAML_NONE)
    return;
  if (yaml_kind(node) != YAML_MAP)
    yaml_fault(site->yaml, node, findings, "night-form",
               _("“night” is such as {grants: \"19:00\", revocations: \"00:30\"}"));
  yaml_check_keys(site->yaml, node, NIGHT_KEYS, findings);
  read_time(site, node, "grants", &site->night.grants_minutes, findings);
  read_time(site, node, "revocations", &site->night.revocations_minutes, findings);
  read_deletions(site, yaml_get(node, "deletions"), findings);
}
