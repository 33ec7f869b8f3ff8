// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whom idou writes to and how, and where the site's monitoring looks.
#include "job/job_p.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S 60
#define LATE_HOURS 4
#define GIVE_UP_DAYS 5
#define KEEP_DAYS 180
#define REPEAT_HOURS 12
#define ATTACH_MB 5
#define EXPECT_HOURS_MOST (366 * 24)
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static const char *const MAIL_KEYS[] = {"server",  "from",    "user",   "secret",    "ca",
                                        "tls",     "timeout", "queue",  "operators", "when",
                                        "repeat",  "units",   "heads",  "people",    "late",
                                        "give_up", "keep",    "attach", NULL};
static const char *const STATUS_KEYS[] = {"file", "expect", NULL};

static const char *const WHEN_NAMES[] = {
    [MAIL_ALWAYS] = "always", [MAIL_CHANGES] = "changes", [MAIL_PROBLEMS] = "problems"};

static void read_number(const Site *site, const YamlNode *map, const char *key, int *out,
                        Findings *findings)
{
  int64_t n = *out;
  if (!yaml_read_int(site->yaml, map, key, findings, &n))
    return;
  if (n >= 1 && n <= 100000)
    *out = (int)n;
  else
    yaml_fault(site->yaml, yaml_get(map, key), findings, "bad-number",
               _("“%s” is a number from 1 on"), key);
}

// "26h", "2d", 26.
static void read_hours(const Site *site, const YamlNode *node, int *out, Findings *findings)
{
  const char *text = yaml_text(node);
  char *end = NULL;
  long n = text != NULL ? strtol(text, &end, 10) : 0;
  bool days = end != NULL && strcmp(end, "d") == 0;
  bool fine = text != NULL && end != text && (days || *end == '\0' || strcmp(end, "h") == 0);
  if (fine && n >= 1 && n <= EXPECT_HOURS_MOST)
    *out = (int)(days ? n * 24 : n);
  else
    yaml_fault(site->yaml, node, findings, "bad-hours", _("a time such as 26h or 2d is meant"));
}

static void read_hours_of(const Site *site, const YamlNode *map, const char *key, int *out,
                          Findings *findings)
{
  if (yaml_kind(yaml_get(map, key)) != YAML_NONE)
    read_hours(site, yaml_get(map, key), out, findings);
}

// ---------------------------------------------------------------------------------------------
// Addresses: one, or a list.

static void take_address(const Site *site, const YamlNode *node, GPtrArray *out, Findings *findings)
{
  const char *text = yaml_text(node);
  if (mail_is_address(text))
    g_ptr_array_add(out, (gpointer)text);
  else
    yaml_fault(site->yaml, node, findings, "mail-address", _("this is no address: NAME@DOMAIN"));
}

static const char *const *read_addresses(Site *site, const YamlNode *node, Findings *findings)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  if (yaml_kind(node) == YAML_SCALAR)
    take_address(site, node, all, findings);
  else if (yaml_kind(node) != YAML_NONE && yaml_kind(node) != YAML_LIST)
    yaml_fault(site->yaml, node, findings, "mail-address", _("an address, or a list, is meant"));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++)
    take_address(site, yaml_item(node, i), all, findings);
  g_ptr_array_add(all, NULL);
  gpointer list = g_ptr_array_free(g_steal_pointer(&all), FALSE);
  g_ptr_array_add(site->strings, list);
  return list;
}

static void read_units(Site *site, SiteMail *mail, const YamlNode *node, Findings *findings)
{
  for (size_t i = 0; yaml_kind(node) == YAML_MAP && i < yaml_count(node); i++) {
    const char *code = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(node, i, &code, &key, &value))
      continue;
    SiteMailUnit unit = {.code = code, .to = read_addresses(site, value, findings)};
    g_array_append_val(mail->units, unit);
  }
}

// `true` is the field that HR's records have for it.
static const char *read_address_of(const Site *site, const YamlNode *map, const char *key)
{
  const char *text = yaml_text(yaml_get(map, key));
  (void)site;
  if (g_strcmp0(text, "true") == 0)
    return "${mail?}";
  return g_strcmp0(text, "false") == 0 ? NULL : text;
}

// ---------------------------------------------------------------------------------------------
// The server.

// "127.example.jp" is anybody's.
static bool is_this_machine(const char *host)
{
  return g_ascii_strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
         (g_str_has_prefix(host, "127.") && g_hostname_is_ip_address(host));
}

static void check_server(const Site *site, const YamlNode *map, MailConfig *config,
                         Findings *findings)
{
  const YamlNode *node = yaml_get(map, "server");
  g_autoptr(GUri) uri = g_uri_parse(config->server, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri == NULL ? "" : g_uri_get_scheme(uri);
  const char *path = uri == NULL ? "" : g_uri_get_path(uri);
  bool known = strcmp(scheme, "smtp") == 0 || strcmp(scheme, "smtps") == 0;
  if (!known || g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
      g_uri_get_userinfo(uri) != NULL || (*path != '\0' && strcmp(path, "/") != 0)) {
    yaml_fault(site->yaml, node, findings, "mail-server",
               _("a mail server is smtp://HOST:PORT or smtps://HOST:PORT; who logs in is said by "
                 "“user” and “secret”"));
    return;
  }
  bool here = is_this_machine(g_uri_get_host(uri));
  bool said = yaml_read_bool(site->yaml, map, "tls", findings, &config->tls);
  if (!said)
    config->tls = !here || config->ca != NULL;
  if (!config->tls && !here && strcmp(scheme, "smtp") == 0)
    yaml_fault(site->yaml, yaml_get(map, "tls"), findings, "mail-tls",
               _("letters go without TLS to this machine itself only"));
}

static void check_mail(const Site *site, const YamlNode *map, SiteMail *mail, Findings *findings)
{
  MailConfig *config = &mail->config;
  g_autofree char *from = mail_address_of(config->from);
  if (config->server != NULL)
    check_server(site, map, config, findings);
  if (from == NULL)
    yaml_fault(site->yaml, yaml_get(map, "from") != NULL ? yaml_get(map, "from") : map, findings,
               "mail-from", _("“from” is ADDRESS or NAME <ADDRESS>"));
  if ((config->user == NULL) != (config->secret == NULL))
    yaml_fault(site->yaml, map, findings, "mail-user",
               _("“user” and “secret”, a file, belong together"));
}

static void read_when(const Site *site, const YamlNode *map, SiteMail *mail, Findings *findings)
{
  const char *text = WHEN_NAMES[mail->when];
  yaml_read_text(site->yaml, map, "when", findings, &text);
  for (size_t i = 0; i < G_N_ELEMENTS(WHEN_NAMES); i++)
    if (strcmp(WHEN_NAMES[i], text) == 0) {
      mail->when = (MailWhen)i;
      return;
    }
  yaml_fault(site->yaml, yaml_get(map, "when"), findings, "mail-when",
             _("“when” is always, changes or problems, not \"%s\""), text);
}

static void read_transport(Site *site, const YamlNode *map, MailConfig *config, Findings *findings)
{
  int attach_mb = ATTACH_MB;
  yaml_read_text(site->yaml, map, "server", findings, &config->server);
  yaml_read_text(site->yaml, map, "from", findings, &config->from);
  yaml_read_text(site->yaml, map, "user", findings, &config->user);
  config->secret = site_read_path(site, map, "secret", NULL, findings);
  config->ca = site_read_path(site, map, "ca", NULL, findings);
  config->queue = site_read_path(site, map, "queue", "mail", findings);
  read_number(site, map, "timeout", &config->timeout_s, findings);
  read_hours_of(site, map, "late", &config->late_hours, findings);
  yaml_read_days(site->yaml, map, "give_up", findings, &config->give_up_days);
  yaml_read_days(site->yaml, map, "keep", findings, &config->keep_days);
  read_number(site, map, "attach", &attach_mb, findings);
  config->max_bytes = (size_t)attach_mb << 20;
}

static void read_mail(Site *site, const YamlNode *map, Findings *findings)
{
  if (yaml_kind(map) == YAML_NONE)
    return;
  SiteMail *mail = g_new0(SiteMail, 1);
  site->mail = mail;
  g_ptr_array_add(site->strings, mail);
  mail->config = (MailConfig){.timeout_s = TIMEOUT_S,
                              .late_hours = LATE_HOURS,
                              .give_up_days = GIVE_UP_DAYS,
                              .keep_days = KEEP_DAYS};
  mail->when = MAIL_CHANGES;
  mail->repeat_hours = REPEAT_HOURS;
  mail->units = g_array_new(FALSE, FALSE, sizeof(SiteMailUnit));
  yaml_check_keys(site->yaml, map, MAIL_KEYS, findings);
  read_transport(site, map, &mail->config, findings);
  mail->operators = read_addresses(site, yaml_get(map, "operators"), findings);
  read_when(site, map, mail, findings);
  read_hours_of(site, map, "repeat", &mail->repeat_hours, findings);
  read_units(site, mail, yaml_get(map, "units"), findings);
  mail->heads = read_address_of(site, map, "heads");
  mail->people = read_address_of(site, map, "people");
  check_mail(site, map, mail, findings);
}

// ---------------------------------------------------------------------------------------------

static void read_expected(Site *site, const YamlNode *map, Findings *findings)
{
  for (size_t i = 0; yaml_kind(map) == YAML_MAP && i < yaml_count(map); i++) {
    const YamlNode *key = NULL, *value = NULL;
    SiteExpected expected = {0};
    if (!yaml_pair(map, i, &expected.job, &key, &value))
      continue;
    read_hours(site, value, &expected.hours, findings);
    g_array_append_val(site->expected, expected);
  }
}

static void read_status(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *node = yaml_get(root, "status");
  if (yaml_kind(node) == YAML_MAP) {
    yaml_check_keys(site->yaml, node, STATUS_KEYS, findings);
    site->status = site_read_path(site, node, "file", NULL, findings);
    read_expected(site, yaml_get(node, "expect"), findings);
    if (site->status == NULL)
      yaml_fault(site->yaml, node, findings, "key-missing", _("“%s” is missing here"), "file");
  } else {
    site->status = site_read_path(site, root, "status", NULL, findings);
  }
  site->metrics = site_read_path(site, root, "metrics", NULL, findings);
  if (site->metrics != NULL && site->status == NULL)
    yaml_fault(site->yaml, yaml_get(root, "metrics"), findings, "metrics-alone",
               _("metrics are made from the status file: name one with “status”"));
}

static void read_journal(Site *site, const YamlNode *root, Findings *findings)
{
  const char *text = NULL;
  yaml_read_text(site->yaml, root, "journal", findings, &text);
  if (g_strcmp0(text, "true") == 0)
    site->journal = JOURNAL_SOCKET;
  else if (text != NULL && strcmp(text, "false") != 0)
    site->journal = site_read_path(site, root, "journal", NULL, findings);
}

void site_read_mail(Site *site, const YamlNode *root, Findings *findings)
{
  site->expected = g_array_new(FALSE, FALSE, sizeof(SiteExpected));
  read_mail(site, yaml_get(root, "mail"), findings);
  read_status(site, root, findings);
  read_journal(site, root, findings);
}

void site_free_mail(Site *site)
{
  g_clear_pointer(&site->expected, g_array_unref);
  if (site->mail != NULL)
    g_clear_pointer(&site->mail->units, g_array_unref);
}

const MailConfig *site_mail(const Site *site)
{
  return site->mail != NULL ? &site->mail->config : NULL;
}
