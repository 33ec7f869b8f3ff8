// SPDX-License-Identifier: GPL-3.0-or-later
//
// What was bought for a target: `licence:` of its entry, one or a list of them; and `capacity:`, which folders of a
// share are measured.
#include "job/job_p.h"

#include <string.h>

#define WARN_DAYS 45

static const char *const LICENCE_KEYS[] = {"product", "seats", "until", "class", "counts",
                                           "reserve", "warn",  "hold",  NULL};

static void read_number(const Site *site, const YamlNode *map, const char *key, int64_t *out,
                        Findings *findings)
{
  int64_t number = *out;
  if (!yaml_read_int(site->yaml, map, key, findings, &number))
    return;
  if (number >= 0 && number <= 100000000)
    *out = number;
  else
    yaml_fault(site->yaml, yaml_get(map, key), findings, "bad-number",
               _("“%s” is a number from 0 on"), key);
}

static void read_until(const Site *site, const YamlNode *map, TallyLicence *out, Findings *findings)
{
  const char *text = NULL;
  if (yaml_read_text(site->yaml, map, "until", findings, &text) &&
      !date_parse_iso(text, &out->until))
    yaml_fault(site->yaml, yaml_get(map, "until"), findings, "bad-day",
               _("“until” is the contract's last day such as 2027-03-31, not “%s”"), text);
}

static void read_counts(const Site *site, const YamlNode *map, TallyLicence *out,
                        Findings *findings)
{
  const char *word = "enabled";
  yaml_read_text(site->yaml, map, "counts", findings, &word);
  out->enabled_only = strcmp(word, "enabled") == 0;
  if (!out->enabled_only && strcmp(word, "present") != 0)
    yaml_fault(site->yaml, yaml_get(map, "counts"), findings, "licence-counts",
               _("“counts” is enabled (what is switched off takes no seat) or present, not “%s”"),
               word);
}

static void read_licence(Site *site, const char *target, const YamlNode *map, Findings *findings)
{
  TallyLicence licence = {.target = target,
                          .product = target,
                          .klass = "account",
                          .seats = -1,
                          .until = DATE_OPEN,
                          .warn_days = WARN_DAYS};
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(site->yaml, map, findings, "not-a-map",
               _("“licence” says what was bought: {product: NAME, seats: 1100, until: DAY}"));
    return;
  }
  yaml_check_keys(site->yaml, map, LICENCE_KEYS, findings);
  yaml_read_text(site->yaml, map, "product", findings, &licence.product);
  yaml_read_text(site->yaml, map, "class", findings, &licence.klass);
  read_number(site, map, "seats", &licence.seats, findings);
  read_number(site, map, "reserve", &licence.reserve, findings);
  read_until(site, map, &licence, findings);
  read_counts(site, map, &licence, findings);
  yaml_read_days(site->yaml, map, "warn", findings, &licence.warn_days);
  yaml_read_bool(site->yaml, map, "hold", findings, &licence.hold);
  for (guint i = 0; i < site->licences->len; i++) {
    const TallyLicence *other = &g_array_index(site->licences, TallyLicence, i);
    if (strcmp(other->target, target) == 0 && strcmp(other->product, licence.product) == 0)
      yaml_fault(site->yaml, map, findings, "licence-twice",
                 _("“%s” is a licence of this target already: its seats are kept by this name"),
                 licence.product);
  }
  if (yaml_get(map, "seats") == NULL)
    yaml_fault(site->yaml, map, findings, "key-missing", _("“%s” is missing here"), "seats");
  g_array_append_val(site->licences, licence);
}

static void read_capacity(Site *site, const char *target, const YamlNode *entry, Findings *findings)
{
  SiteCapacity capacity = {.target = target};
  if (!yaml_read_text(site->yaml, entry, "capacity", findings, &capacity.below))
    return;
  if (g_strcmp0(yaml_text(yaml_get(entry, "type")), "share") != 0)
    yaml_fault(site->yaml, yaml_get(entry, "capacity"), findings, "no-share",
               _("“capacity” is for targets of type share"));
  else
    g_array_append_val(site->capacities, capacity);
}

void site_read_licences(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *targets = yaml_get(root, "targets");
  site->licences = g_array_new(FALSE, FALSE, sizeof(TallyLicence));
  site->capacities = g_array_new(FALSE, FALSE, sizeof(SiteCapacity));
  site->reports = site_read_path(site, root, "reports", NULL, findings);
  for (size_t i = 0; yaml_kind(targets) == YAML_MAP && i < yaml_count(targets); i++) {
    const char *name = NULL;
    const YamlNode *key = NULL, *entry = NULL;
    if (!yaml_pair(targets, i, &name, &key, &entry))
      continue;
    const YamlNode *node = yaml_get(entry, "licence");
    read_capacity(site, name, entry, findings);
    if (yaml_kind(node) == YAML_LIST)
      for (size_t k = 0; k < yaml_count(node); k++)
        read_licence(site, name, yaml_item(node, k), findings);
    else if (node != NULL)
      read_licence(site, name, node, findings);
  }
}
