// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <string.h>

typedef struct Part {
  char *target;  // NULL = all
  Spans limits[OP_N_KINDS];
} Part;

struct GuardProfile {
  char *name;
  GPtrArray *parts;  // Part, that for all targets first
  bool chooses;      // `only` was said
  bool lets[OP_N_KINDS];
};

static void free_part(void *data)
{
  Part *part = data;
  g_free(part->target);
  g_free(part);
}

void guard_profile_free(GuardProfile *profile)
{
  if (!profile)
    return;
  g_free(profile->name);
  g_ptr_array_unref(profile->parts);
  g_free(profile);
}

const char *guard_profile_name(const GuardProfile *profile)
{
  return profile ? profile->name : GUARD_PROFILE_NORMAL;
}

static void add_part(GuardProfile *profile, const Yaml *yaml, const char *target,
                     const YamlNode *map, Findings *findings)
{
  Part *part = g_new0(Part, 1);
  part->target = g_strdup(target);
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++)
    part->limits[kind].days = 1;
  guard_limits_read(yaml, map, findings, part->limits);
  g_ptr_array_add(profile->parts, part);
}

static void read_targets(GuardProfile *profile, const Yaml *yaml, const YamlNode *map,
                         Findings *findings)
{
  static const char *const keys[] = {"guard", NULL};
  const char *target;
  const YamlNode *key, *value;
  for (size_t i = 0; yaml_pair(map, i, &target, &key, &value); i++) {
    yaml_check_keys(yaml, value, keys, findings);
    add_part(profile, yaml, target, yaml_get(value, "guard"), findings);
  }
}

static void read_only(GuardProfile *profile, const Yaml *yaml, const YamlNode *list,
                      Findings *findings)
{
  if (!list)
    return;
  profile->chooses = true;
  if (yaml_kind(list) != YAML_LIST)
    yaml_fault(yaml, list, findings, "guard-profile",
               _("only is a list of kinds of operations, such as [disable, leave]"));
  for (size_t i = 0; yaml_kind(list) == YAML_LIST && i < yaml_count(list); i++) {
    const YamlNode *item = yaml_item(list, i);
    const char *name = yaml_text(item);
    OpKind kind;
    if (name && op_kind_of(name, &kind))
      profile->lets[kind] = true;
    else
      yaml_fault(yaml, item, findings, "guard-profile", _("“%s” is no kind of operation"),
                 name ? name : "");
  }
}

GuardProfile *guard_profile_read(const Yaml *yaml, const YamlNode *node, const char *name,
                                 Findings *findings)
{
  static const char *const keys[] = {"guard", "targets", "only", NULL};
  GuardProfile *profile = g_new0(GuardProfile, 1);
  profile->name = g_strdup(name);
  profile->parts = g_ptr_array_new_with_free_func(free_part);
  if (yaml_kind(node) != YAML_MAP) {
    yaml_fault(yaml, node, findings, "guard-profile",
               _("a profile is {guard: …, targets: {TARGET: {guard: …}}, only: [KIND, …]}"));
    return profile;
  }
  yaml_check_keys(yaml, node, keys, findings);
  add_part(profile, yaml, NULL, yaml_get(node, "guard"), findings);
  read_targets(profile, yaml, yaml_get(node, "targets"), findings);
  read_only(profile, yaml, yaml_get(node, "only"), findings);
  return profile;
}

// ---------------------------------------------------------------------------------------------

void guard_profile_overlay(const GuardProfile *profile, const char *target, OpKind kind,
                           Spans *spans)
{
  for (size_t i = 0; profile && i < profile->parts->len; i++) {
    const Part *part = profile->parts->pdata[i];
    const Spans *said = &part->limits[kind];
    if (part->target && strcmp(part->target, target) != 0)
      continue;
    for (unsigned span = 0; span < N_SPANS; span++)
      if (said->of[span].said)
        spans->of[span] = said->of[span];
    if (said->of[SPAN_DAY].said)
      spans->days = said->days;
  }
}

bool guard_profile_lets(const GuardProfile *profile, OpKind kind)
{
  return !profile || !profile->chooses || profile->lets[kind];
}
