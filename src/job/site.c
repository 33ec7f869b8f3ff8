// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const SITE_KEYS[] = {
    "store",    "mappings",  "layouts",   "gaiji",     "plans",   "shrink",  "keep_rows",
    "spool",    "targets",   "passwords", "segments",  "segment", "dormant", "inquiry",
    "mail",     "status",    "metrics",   "journal",   "reports", "audit",   "paper",
    "counters", "approvals", "profiles",  "overrides", "doctor",  "night",   NULL};
static const char *const SPOOL_KEYS[] = {"incoming", "done",     "rejected", "owners",
                                         "settle",   "manifest", NULL};

static const char *keep(Site *site, char *text)
{
  g_ptr_array_add(site->strings, text);
  return text;
}

static const char *path_in(Site *site, const char *path)
{
  return keep(site, g_path_is_absolute(path) ? g_strdup(path)
                                             : g_build_filename(site->folder, path, NULL));
}

const char *site_read_path(Site *site, const YamlNode *map, const char *key, const char *standard,
                           Findings *findings)
{
  const char *text = standard;
  yaml_read_text(site->yaml, map, key, findings, &text);
  return text == NULL ? NULL : path_in(site, text);
}

static double read_percent(Site *site, const YamlNode *map, const char *key, double standard,
                           Findings *findings)
{
  const char *text = NULL;
  if (!yaml_read_text(site->yaml, map, key, findings, &text) || text == NULL)
    return standard;
  char *end = NULL;
  double percent = g_ascii_strtod(text, &end);
  if (end != text && (strcmp(end, "%") == 0 || *end == '\0') && percent >= 0 && percent <= 100)
    return percent;
  yaml_fault(site->yaml, yaml_get(map, key), findings, "bad-percent",
             _("%s is a percentage such as 5%%, not \"%s\""), key, text);
  return standard;
}

static const char *const *read_list(Site *site, const YamlNode *list)
{
  size_t n = yaml_count(list);
  if (yaml_kind(list) != YAML_LIST || n == 0)
    return NULL;
  const char **items = g_new0(const char *, n + 1);
  g_ptr_array_add(site->strings, items);
  for (size_t i = 0; i < n; i++)
    items[i] = yaml_text(yaml_item(list, i));
  return items;
}

void site_read_folder(Site *site, const YamlNode *node, Spool *spool, Findings *findings)
{
  spool->owners = read_list(site, yaml_get(node, "owners"));
  yaml_read_bool(site->yaml, node, "manifest", findings, &spool->manifest);
  int64_t seconds = 60;
  yaml_read_int(site->yaml, node, "settle", findings, &seconds);
  spool->settle_seconds = (int)CLAMP(seconds, 0, 86400);
}

static void read_spool(Site *site, const YamlNode *node, Findings *findings)
{
  Spool *spool = &site->spool;
  site_read_folder(site, node, spool, findings);
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(site->yaml, node, SPOOL_KEYS, findings);
  spool->incoming = site_read_path(site, node, "incoming", NULL, findings);
  spool->done = site_read_path(site, node, "done", "spool/done", findings);
  spool->rejected = site_read_path(site, node, "rejected", "spool/rejected", findings);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// Names in the folder that end so, sorted.
static GPtrArray *folder_names(const char *folder, const char *ending, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autoptr(GDir) dir = g_dir_open(folder, 0, &local);
  if (dir == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("cannot read folder %s: %s"), folder,
                local->message);
    return NULL;
  }
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  const char *name;
  while ((name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_suffix(name, ending))
      g_ptr_array_add(names, g_strdup(name));
  if (names->len > 1)
    qsort(names->pdata, names->len, sizeof(char *), by_name);
  return names;
}

static bool read_layouts(Site *site, const char *folder, Findings *findings, GError **error)
{
  g_autoptr(GPtrArray) names = folder_names(folder, ".yaml", error);
  if (names == NULL)
    return false;
  site->layouts = g_new0(Layout *, names->len + 1);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
    site->layouts[i] = layout_load(path, findings, error);
    if (site->layouts[i] == NULL)
      return false;
  }
  return true;
}

static bool read_gaiji(Site *site, const YamlNode *root, Findings *findings, GError **error)
{
  const char *path = site_read_path(site, root, "gaiji", NULL, findings);
  site->gaiji = path == NULL ? gaiji_empty() : gaiji_load(path, findings, error);
  return site->gaiji != NULL;
}

// A domain comes before what names its accounts and groups, in reading and in writing.
static void domains_first(Site *site)
{
  size_t n_first = 0;
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    if (g_strcmp0(site->targets[i]->type, "ad") != 0)
      continue;
    TargetConfig *target = site->targets[i];
    GuardConfig *guard = site->guards[i];
    memmove(&site->targets[n_first + 1], &site->targets[n_first],
            (i - n_first) * sizeof(TargetConfig *));
    memmove(&site->guards[n_first + 1], &site->guards[n_first],
            (i - n_first) * sizeof(GuardConfig *));
    site->targets[n_first] = target;
    site->guards[n_first++] = guard;
  }
}

static void find_domains(Site *site, const YamlNode *node, Findings *findings)
{
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    TargetConfig *share = site->targets[i];
    if (share->principals == NULL)
      continue;
    for (size_t k = 0; k < i; k++)
      if (strcmp(site->targets[k]->name, share->principals) == 0 &&
          g_strcmp0(site->targets[k]->type, "ad") == 0)
        share->domain_config = site->targets[k];
    if (share->domain_config == NULL)
      yaml_fault(site->yaml, yaml_get(yaml_get(node, share->name), "principals"), findings,
                 "no-domain", _("“principals” names a target of type ad"));
  }
}

static void read_targets(Site *site, const YamlNode *node, Findings *findings)
{
  size_t n = yaml_count(node);
  site->targets = g_new0(TargetConfig *, n + 1);
  site->guards = g_new0(GuardConfig *, n + 1);
  site->apart = g_new0(TargetConfig *, n + 1);
  if (yaml_kind(node) != YAML_MAP || n == 0) {
    yaml_fault(site->yaml, node != NULL ? node : yaml_root(site->yaml), findings, "no-targets",
               _("`targets:` names at least one system, e.g. `ldap: {type: ldap, …}`"));
    return;
  }
  size_t n_good = 0, n_apart = 0;
  for (size_t i = 0; i < n; i++) {
    const char *name = NULL;
    const YamlNode *key = NULL;
    const YamlNode *value = NULL;
    if (!yaml_pair(node, i, &name, &key, &value))
      continue;
    g_autoptr(TargetConfig) target =
        target_config_read(site->yaml, value, name, site->folder, findings);
    g_autoptr(GuardConfig) guard = guard_config_read(site->yaml, value, target, findings);
    if (target == NULL || guard == NULL)
      continue;
    if (target->segment != NULL) {
      site->apart[n_apart++] = g_steal_pointer(&target);
      continue;
    }
    site->targets[n_good] = g_steal_pointer(&target);
    site->guards[n_good++] = g_steal_pointer(&guard);
  }
  domains_first(site);
  find_domains(site, node, findings);
}

// A system whose name has a slip would have notices without its instructions.
static void check_systems(Site *site, Findings *findings)
{
  const GArray *systems = site->passwords != NULL ? site->passwords->systems : NULL;
  for (guint i = 0; systems != NULL && i < systems->len; i++) {
    const char *name = g_array_index(systems, PasswordsSystem, i).target;
    size_t k = 0;
    while (site->targets[k] != NULL && strcmp(site->targets[k]->name, name) != 0)
      k++;
    const YamlNode *map = yaml_get(yaml_get(yaml_root(site->yaml), "passwords"), "systems");
    if (site->targets[k] == NULL)
      yaml_fault(site->yaml, yaml_get(map, name), findings, "password-system",
                 _("“targets” has no “%s”"), name);
  }
}

static bool read_site(Site *site, Findings *findings, GError **error)
{
  const YamlNode *root = yaml_root(site->yaml);
  yaml_check_keys(site->yaml, root, SITE_KEYS, findings);
  site->store = site_read_path(site, root, "store", "idou.db", findings);
  site->mappings = site_read_path(site, root, "mappings", "mappings", findings);
  site->plans = site_read_path(site, root, "plans", "plans", findings);
  site->shrink_percent = read_percent(site, root, "shrink", 5.0, findings);
  yaml_read_days(site->yaml, root, "keep_rows", findings, &site->keep_rows_days);
  read_spool(site, yaml_get(root, "spool"), findings);
  read_targets(site, yaml_get(root, "targets"), findings);
  site->passwords = passwords_read(site->yaml, yaml_get(root, "passwords"), site->folder, findings);
  check_systems(site, findings);
  site_read_profiles(site, root, findings);
  site_read_segments(site, root, findings);
  site_read_licences(site, root, findings);
  site->dormant = site_read_path(site, root, "dormant", NULL, findings);
  site_read_inquiry(site, root, findings);
  site_read_paper(site, root, findings);
  site_read_mail(site, root, findings);
  site_read_night(site, root, findings);
  site_read_doctor(site, root, findings);
  site_read_audit(site, root, findings);
  site_read_approvals(site, root, findings);
  if (site->here.name != NULL) {
    // Neither HR's files nor rules come into such a network.
    site->gaiji = gaiji_empty();
    site->layouts = g_new0(Layout *, 1);
    return true;
  }
  const char *layouts = site_read_path(site, root, "layouts", "mappings/layouts", findings);
  return read_gaiji(site, root, findings, error) && read_layouts(site, layouts, findings, error);
}

Site *site_load(const char *path, Findings *findings, GError **error)
{
  g_autoptr(Site) site = g_new0(Site, 1);
  site->strings = g_ptr_array_new_with_free_func(g_free);
  site->folder = keep(site, g_path_get_dirname(path));
  site->yaml = yaml_load(path, findings, error);
  if (site->yaml == NULL || !read_site(site, findings, error))
    return NULL;
  size_t faults = findings_count_level(findings, FINDING_ERROR);
  if (faults == 0)
    return g_steal_pointer(&site);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              ngettext("%s has a fault", "%s has %zu faults", faults), path, faults);
  return NULL;
}

void site_free(Site *site)
{
  if (site == NULL)
    return;
  for (Layout **layout = site->layouts; layout != NULL && *layout != NULL; layout++)
    layout_free(*layout);
  for (size_t i = 0; site->targets != NULL && site->targets[i] != NULL; i++) {
    target_config_free(site->targets[i]);
    guard_config_free(site->guards[i]);
  }
  for (size_t i = 0; site->apart != NULL && site->apart[i] != NULL; i++)
    target_config_free(site->apart[i]);
  g_free(site->apart);
  g_clear_pointer(&site->profiles, g_ptr_array_unref);
  g_clear_pointer(&site->segments, g_array_unref);
  g_clear_pointer(&site->licences, g_array_unref);
  g_clear_pointer(&site->capacities, g_array_unref);
  site_free_mail(site);
  g_clear_pointer(&site->doctor.backups, g_array_unref);
  g_free(site->layouts);
  g_free(site->targets);
  g_free(site->guards);
  passwords_free(site->passwords);
  approval_rules_free(site->approvals);
  gaiji_free(site->gaiji);
  yaml_free(site->yaml);
  g_ptr_array_unref(site->strings);
  g_free(site);
}

const Layout *site_layout(const Site *site, const char *name, const char *file)
{
  const Layout *found = NULL;
  g_autofree char *base = g_path_get_basename(file);
  for (Layout *const *layout = site->layouts; *layout != NULL; layout++) {
    const char *glob = layout_files(*layout);
    bool fits = name != NULL ? strcmp(name, layout_name(*layout)) == 0
                             : glob != NULL && fnmatch(glob, base, FNM_PERIOD) == 0;
    if (fits && found != NULL)
      return NULL;
    if (fits)
      found = *layout;
  }
  return found;
}

GPtrArray *site_fields(const Site *site)
{
  GPtrArray *names = g_ptr_array_new();
  for (size_t i = 0; site->layouts[i] != NULL; i++)
    for (const char *const *name = layout_fields(site->layouts[i]); *name != NULL; name++)
      g_ptr_array_add(names, (gpointer)*name);
  g_ptr_array_add(names, NULL);
  return names;
}

GPtrArray *site_policies(const Site *site)
{
  if (site->passwords == NULL)
    return NULL;
  GPtrArray *names = g_ptr_array_new();
  for (guint i = 0; i < site->passwords->policies->len; i++)
    g_ptr_array_add(names,
                    (gpointer)g_array_index(site->passwords->policies, PasswordsPolicy, i).name);
  g_ptr_array_add(names, NULL);
  return names;
}

void site_servers(const Site *site, Store *store)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    target_config_prefer(site->targets[i],
                         store_cursor_get(store, SERVER_WRITTEN, site->targets[i]->name));
}
