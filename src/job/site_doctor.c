// SPDX-License-Identifier: GPL-3.0-or-later
//
// The key `doctor`: what is looked at before a run.
#include "job/job_p.h"

#include <string.h>

#define STANDARD_DISK ((int64_t)1 << 30)
#define STANDARD_CLOCK_S 60
#define STANDARD_CERTIFICATE_DAYS 14
#define STANDARD_BACKUP_HOURS 26

static const char *const KEYS[] = {"disk",   "clock",   "certificates", "secrets",
                                   "backup", "backups", "without",      NULL};
static const char *const BACKUP_KEYS[] = {"path", "hours", NULL};

typedef struct Measure {
  const char *sign;
  int64_t factor;
} Measure;

// "500M" by these units; the last one is NULL.
static bool read_measure(const char *text, const Measure *units, int64_t *out)
{
  char *end = NULL;
  gint64 number = g_ascii_strtoll(text, &end, 10);
  if (end == text || number < 0)
    return false;
  for (; units->sign; units++)
    if (strcmp(units->sign, end) == 0 && number <= G_MAXINT64 / units->factor) {
      *out = number * units->factor;
      return true;
    }
  return false;
}

static void read_sizes(Site *site, const YamlNode *node, Findings *findings)
{
  static const Measure sizes[] = {
      {"M", (int64_t)1 << 20}, {"G", (int64_t)1 << 30}, {"T", (int64_t)1 << 40}, {NULL, 0}};
  static const Measure times[] = {{"s", 1}, {"m", 60}, {NULL, 0}};
  const char *text = NULL;
  if (yaml_read_text(site->yaml, node, "disk", findings, &text) &&
      !read_measure(text, sizes, &site->doctor.disk_bytes))
    yaml_fault(site->yaml, yaml_get(node, "disk"), findings, "bad-size",
               _("“disk” is how much must be free, such as 500M or 2G, not “%s”"), text);
  int64_t seconds = site->doctor.clock_s;
  if (yaml_read_text(site->yaml, node, "clock", findings, &text) &&
      (!read_measure(text, times, &seconds) || seconds < 1 || seconds > 86400))
    yaml_fault(site->yaml, yaml_get(node, "clock"), findings, "bad-time",
               _("“clock” is how far clocks may be apart, such as 60s or 5m, not “%s”"), text);
  else
    site->doctor.clock_s = (int)seconds;
}

static const char *find_target(const Site *site, const char *name)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, name) == 0)
      return site->targets[i]->name;
  return NULL;
}

static void read_backup(Site *site, const YamlNode *node, const char *of, Findings *findings)
{
  if (yaml_kind(node) != YAML_MAP || yaml_get(node, "path") == NULL) {
    yaml_fault(site->yaml, node, findings, "doctor-backup",
               _("a backup is {path: PATTERN, hours: 26}"));
    return;
  }
  int64_t hours = STANDARD_BACKUP_HOURS;
  yaml_check_keys(site->yaml, node, BACKUP_KEYS, findings);
  yaml_read_int(site->yaml, node, "hours", findings, &hours);
  SiteBackup backup = {of, site_read_path(site, node, "path", NULL, findings),
                       (int)CLAMP(hours, 1, 24 * 366)};
  g_array_append_val(site->doctor.backups, backup);
}

static void read_backups(Site *site, const YamlNode *node, Findings *findings)
{
  const YamlNode *own = yaml_get(node, "backup"), *others = yaml_get(node, "backups");
  if (own != NULL)
    read_backup(site, own, NULL, findings);
  for (size_t i = 0; i < yaml_count(others); i++) {
    const char *name = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(others, i, &name, &key, &value))
      continue;
    const char *target = find_target(site, name);
    if (target != NULL)
      read_backup(site, value, target, findings);
    else
      yaml_fault(site->yaml, key, findings, "doctor-target", _("“targets” has no “%s”"), name);
  }
}

static void read_without(Site *site, const YamlNode *list, Findings *findings)
{
  size_t n = yaml_count(list), n_good = 0;
  const char **names = g_new0(const char *, n + 1);
  g_ptr_array_add(site->strings, names);
  for (size_t i = 0; i < n; i++) {
    const char *said = yaml_text(yaml_item(list, i));
    const char *target = said != NULL ? find_target(site, said) : NULL;
    if (target != NULL)
      names[n_good++] = target;
    else
      yaml_fault(site->yaml, yaml_item(list, i), findings, "doctor-target",
                 _("“targets” has no “%s”"), said != NULL ? said : "");
  }
  site->doctor.without = names;
}

void site_read_doctor(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *node = yaml_get(root, "doctor");
  site->doctor = (SiteDoctor){.disk_bytes = STANDARD_DISK,
                              .clock_s = STANDARD_CLOCK_S,
                              .certificate_days = STANDARD_CERTIFICATE_DAYS,
                              .backups = g_array_new(FALSE, FALSE, sizeof(SiteBackup))};
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(site->yaml, node, KEYS, findings);
  read_sizes(site, node, findings);
  yaml_read_days(site->yaml, node, "certificates", findings, &site->doctor.certificate_days);
  yaml_read_days(site->yaml, node, "secrets", findings, &site->doctor.secret_days);
  read_backups(site, node, findings);
  read_without(site, yaml_get(node, "without"), findings);
}
