// SPDX-License-Identifier: GPL-3.0-or-later
//
// The keys `profiles` and `overrides`: limits for other times, and what only two people lift.
#include "job_p.h"

#include <string.h>

static const char **target_names(const Site *site)
{
  size_t n = 0;
  while (site->targets[n] != NULL)
    n++;
  const char **names = g_new0(const char *, n + 1);
  for (size_t i = 0; i < n; i++)
    names[i] = site->targets[i]->name;
  return names;
}

static void read_profiles(Site *site, const YamlNode *map, Findings *findings)
{
  g_autofree const char **targets = target_names(site);
  const char *name;
  const YamlNode *key, *node;
  for (size_t i = 0; yaml_pair(map, i, &name, &key, &node); i++) {
    if (yaml_get(node, "targets") != NULL)
      yaml_check_keys(site->yaml, yaml_get(node, "targets"), targets, findings);
    g_ptr_array_add(site->profiles, guard_profile_read(site->yaml, node, name, findings));
  }
  if (map != NULL && yaml_kind(map) != YAML_MAP)
    yaml_fault(site->yaml, map, findings, "not-a-map",
               _("“profiles” names sets of limits: {NAME: {guard: …, only: [KIND, …]}}"));
}

static void read_overrides(Site *site, const YamlNode *map, Findings *findings)
{
  static const char *const keys[] = {"only", NULL};
  if (map == NULL)
    return;
  yaml_check_keys(site->yaml, map, keys, findings);
  const YamlNode *list = yaml_get(map, "only");
  g_autofree char *names = g_strjoinv(", ", (char **)guard_overridable());
  g_autoptr(GPtrArray) found = g_ptr_array_new();
  for (size_t i = 0; i < yaml_count(list); i++) {
    const char *name = yaml_text(yaml_item(list, i));
    if (name != NULL && g_strv_contains(guard_overridable(), name))
      g_ptr_array_add(found, (gpointer)name);
    else
      yaml_fault(site->yaml, yaml_item(list, i), findings, "unknown-check",
                 _("what only an override lifts is one of %s"), names);
  }
  g_ptr_array_add(found, NULL);
  site->override_only = (const char *const *)g_ptr_array_steal(found, NULL);
  g_ptr_array_add(site->strings, (gpointer)site->override_only);
}

void site_read_profiles(Site *site, const YamlNode *root, Findings *findings)
{
  site->profiles = g_ptr_array_new_with_free_func((GDestroyNotify)guard_profile_free);
  read_profiles(site, yaml_get(root, "profiles"), findings);
  read_overrides(site, yaml_get(root, "overrides"), findings);
  site->profile = NULL;
  site_profile(site, GUARD_PROFILE_NORMAL, &site->profile, NULL);
}

bool site_profile(const Site *site, const char *name, const GuardProfile **out, GError **error)
{
  g_autoptr(GString) names = g_string_new(GUARD_PROFILE_NORMAL);
  *out = NULL;
  for (guint i = 0; i < site->profiles->len; i++) {
    const GuardProfile *profile = g_ptr_array_index(site->profiles, i);
    if (strcmp(guard_profile_name(profile), name) == 0)
      *out = profile;
    if (strcmp(guard_profile_name(profile), GUARD_PROFILE_NORMAL) != 0)
      g_string_append_printf(names, ", %s", guard_profile_name(profile));
  }
  // Where nothing is said of it, it is what the targets say.
  if (*out != NULL || *name == '\0' || strcmp(name, GUARD_PROFILE_NORMAL) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("idou.yaml has no profile “%s”, but these: %s"),
              name, names->str);
  return false;
}

bool site_choose_profile(Site *site, const char *name, GError **error)
{
  return name == NULL || site_profile(site, name, &site->profile, error);
}
