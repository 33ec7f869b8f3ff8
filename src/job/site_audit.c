// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where the head of the audit record goes, what looks are noted, and how long its rows are kept.
#include "job/job_p.h"

#include <stdlib.h>
#include <string.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define YEAR_DAYS 366  // rather a day too long
#define YEARS_MOST 100

static const char *const AUDIT_KEYS[] = {"syslog", "mail", "every", "keep", "purge", "looks", NULL};

static void read_socket(Site *site, const YamlNode *node, Findings *findings)
{
  const char *text = yaml_text(yaml_get(node, "syslog"));
  static const char *const yes[] = {"true", "yes", NULL}, *const no[] = {"false", "no", NULL};
  if (text == NULL || g_strv_contains(no, text))
    return;
  site->audit.socket = g_strv_contains(yes, text)
                           ? JOURNAL_SOCKET
                           : site_read_path(site, node, "syslog", NULL, findings);
}

// "7y", or days as everywhere.
static void read_keep(Site *site, const YamlNode *node, Findings *findings)
{
  const char *text = yaml_text(yaml_get(node, "keep"));
  char *end = NULL;
  long years = text != NULL ? strtol(text, &end, 10) : 0;
  if (text == NULL)
    return;
  if (end == text || strcmp(end, "y") != 0)
    yaml_read_days(site->yaml, node, "keep", findings, &site->audit.keep_days);
  else if (years >= 1 && years <= YEARS_MOST)
    site->audit.keep_days = (int)years * YEAR_DAYS;
  else
    yaml_fault(site->yaml, yaml_get(node, "keep"), findings, "bad-years",
               _("a time such as 7y, 400d or 52w is meant"));
}

// The place of the word; 0, with a finding, when it is none of them.
static int read_word(const Site *site, const YamlNode *node, const char *key,
                     const char *const *words, Findings *findings)
{
  const char *text = yaml_text(yaml_get(node, key));
  g_autofree char *all = g_strjoinv(", ", (char **)words);
  if (text == NULL)
    return 0;
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp(words[i], text) == 0)
      return i;
  yaml_fault(site->yaml, yaml_get(node, key), findings, "bad-word", _("“%s” is one of: %s"), key,
             all);
  return 0;
}

void site_read_audit(Site *site, const YamlNode *root, Findings *findings)
{
  static const char *const every[] = {"act", "run", NULL};
  static const char *const purge[] = {"all", "exported", NULL};
  // As YAML has booleans, too.
  static const char *const looks[] = {"false", "true", "required", NULL};
  const YamlNode *node = yaml_get(root, "audit");
  bool mail = true;
  site->audit = (SiteAudit){.each = true, .mail = true};
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(site->yaml, node, AUDIT_KEYS, findings);
  read_socket(site, node, findings);
  read_keep(site, node, findings);
  yaml_read_bool(site->yaml, node, "mail", findings, &mail);
  site->audit.mail = mail;
  site->audit.each = read_word(site, node, "every", every, findings) == 0;
  site->audit.exported = read_word(site, node, "purge", purge, findings) == 1;
  site->audit.looks = (AuditLooks)read_word(site, node, "looks", looks, findings);
}
