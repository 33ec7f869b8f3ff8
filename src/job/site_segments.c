// SPDX-License-Identifier: GPL-3.0-or-later
//
// Networks that must not meet: those that bundles are made for, and the one that this site is in.
#include "job/job_p.h"

#include <string.h>

#define EXPIRES_DAYS 14

static const char *const SEGMENT_KEYS[] = {"sign", "receipts", "expires", "bundles", NULL};
static const char *const HERE_KEYS[] = {"name", "from", "sign", "receipts", NULL};

static void need(const Site *site, const YamlNode *map, const char *key, const char *value,
                 Findings *findings)
{
  if (value == NULL)
    yaml_fault(site->yaml, map, findings, "key-missing", _("“%s” is missing here"), key);
}

static bool is_name(const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum(*at) && *at != '-' && *at != '_')
      return false;
  return *name != '\0';
}

static void check_name(const Site *site, const YamlNode *node, const char *name, Findings *findings)
{
  if (name != NULL && !is_name(name))
    yaml_fault(site->yaml, node, findings, "segment-name",
               _("a segment's name is of letters, digits, - and _: files are called by it"));
}

static void read_segment(Site *site, const char *name, const YamlNode *map, Findings *findings)
{
  SiteSegment segment = {.name = name, .expires_days = EXPIRES_DAYS};
  yaml_check_keys(site->yaml, map, SEGMENT_KEYS, findings);
  segment.sign = site_read_path(site, map, "sign", NULL, findings);
  segment.receipts = site_read_path(site, map, "receipts", NULL, findings);
  segment.bundles = site_read_path(site, map, "bundles", "bundles", findings);
  yaml_read_days(site->yaml, map, "expires", findings, &segment.expires_days);
  need(site, map, "sign", segment.sign, findings);
  g_array_append_val(site->segments, segment);
}

static void read_segments(Site *site, const YamlNode *node, Findings *findings)
{
  site->segments = g_array_new(FALSE, FALSE, sizeof(SiteSegment));
  for (size_t i = 0; i < yaml_count(node) && yaml_kind(node) == YAML_MAP; i++) {
    const char *name = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(node, i, &name, &key, &value))
      continue;
    check_name(site, key, name, findings);
    read_segment(site, name, value, findings);
  }
}

static void read_here(Site *site, const YamlNode *node, Findings *findings)
{
  SiteHere *here = &site->here;
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(site->yaml, node, HERE_KEYS, findings);
  yaml_read_text(site->yaml, node, "name", findings, &here->name);
  here->from = site_read_path(site, node, "from", NULL, findings);
  here->sign = site_read_path(site, node, "sign", NULL, findings);
  here->receipts = site_read_path(site, node, "receipts", "receipts", findings);
  need(site, node, "name", here->name, findings);
  need(site, node, "from", here->from, findings);
  check_name(site, node, here->name, findings);
}

void site_read_segments(Site *site, const YamlNode *root, Findings *findings)
{
  read_segments(site, yaml_get(root, "segments"), findings);
  read_here(site, yaml_get(root, "segment"), findings);
  for (size_t i = 0; site->apart[i] != NULL; i++)
    if (site_segment(site, site->apart[i]->segment) == NULL)
      yaml_fault(site->yaml, yaml_get(yaml_get(root, "targets"), site->apart[i]->name), findings,
                 "no-segment", _("“segments” has no “%s”"), site->apart[i]->segment);
  if (site->here.name != NULL && (site->segments->len > 0 || site->apart[0] != NULL))
    yaml_fault(site->yaml, yaml_get(root, "segment"), findings, "segment-both",
               _("a site in a segment makes no bundles for others"));
}

const SiteSegment *site_segment(const Site *site, const char *name)
{
  for (guint i = 0; i < site->segments->len; i++) {
    const SiteSegment *segment = &g_array_index(site->segments, SiteSegment, i);
    if (strcmp(segment->name, name) == 0)
      return segment;
  }
  return NULL;
}

void site_note_apart(const Site *site, Findings *findings)
{
  for (size_t i = 0; site->apart[i] != NULL; i++)
    findings_add(findings, &(Finding){.level = FINDING_NOTE, .code = "other-segment"},
                 _("target %s is in segment %s and is left out here: idou bundle --segment %s"),
                 site->apart[i]->name, site->apart[i]->segment, site->apart[i]->segment);
}
