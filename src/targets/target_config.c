// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <arpa/inet.h>

// Hidden behind the public struct: where its strings live.
typedef struct Holder {
  TargetConfig config;
  GStringChunk *strings;
  GPtrArray *faults;
} Holder;

// One reading of one entry.
typedef struct Reading {
  const Yaml *yaml;
  const YamlNode *node;
  const char *folder;
  Findings *findings;
  Holder *holder;
} Reading;

static const char *const known_keys[] = {
    "type", "path", "uri", "base", "ca", "tls", "auth", "read", "write", "disable", "passwords",
    "page_size", "timeout", "window", "retries", "faults", "charset",
    // The guard stage's.
    "guard", "canaries", "protected", "fingerprint", "shrink", NULL};
static const char *const account_keys[] = {"dn", "secret", NULL};
static const char *const disable_keys[] = {"attribute", "value", NULL};

static const char *keep(Reading *reading, const char *text)
{
  return text ? g_string_chunk_insert_const(reading->holder->strings, text) : NULL;
}

static const char *read_text(Reading *reading, const YamlNode *map, const char *key)
{
  const char *text = NULL;
  yaml_read_text(reading->yaml, map, key, reading->findings, &text);
  return keep(reading, text);
}

static const char *read_path(Reading *reading, const YamlNode *map, const char *key)
{
  const char *text = NULL;
  if (!yaml_read_text(reading->yaml, map, key, reading->findings, &text))
    return NULL;
  if (g_path_is_absolute(text))
    return keep(reading, text);
  g_autofree char *path = g_build_filename(reading->folder, text, NULL);
  return keep(reading, path);
}

typedef struct Bounds {
  const char *key;
  int64_t least, most;
} Bounds;

static void read_number(Reading *reading, const Bounds *bounds, int scale, int *out)
{
  int64_t number = 0;
  if (!yaml_read_int(reading->yaml, reading->node, bounds->key, reading->findings, &number))
    return;
  if (number < bounds->least || number > bounds->most) {
    yaml_fault(reading->yaml, yaml_get(reading->node, bounds->key), reading->findings,
               "number-out-of-range", _("%s must be between %d and %d"), bounds->key,
               (int)bounds->least, (int)bounds->most);
    return;
  }
  *out = (int)number * scale;
}

static void need(Reading *reading, const char *value, const char *key)
{
  if (!value && !yaml_get(reading->node, key))
    yaml_fault(reading->yaml, reading->node, reading->findings, "key-missing",
               _("a target of type %s needs “%s”"), reading->holder->config.type, key);
}

static void read_account(Reading *reading, const char *key, const char **dn, const char **secret)
{
  const YamlNode *map = yaml_get(reading->node, key);
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(reading->yaml, map, reading->findings, "not-a-map",
               _("“%s” names an account: write “dn” and “secret” (a file) below it"), key);
    return;
  }
  yaml_check_keys(reading->yaml, map, account_keys, reading->findings);
  *dn = read_text(reading, map, "dn");
  *secret = read_path(reading, map, "secret");
  if (!*dn || !*secret)
    yaml_fault(reading->yaml, map, reading->findings, "key-missing",
               _("“%s” needs both “dn” and “secret”, the file that holds the password"), key);
}

static bool is_loopback(const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  if (g_ascii_strcasecmp(host, "localhost") == 0)
    return true;
  if (inet_pton(AF_INET, host, &four) == 1)
    return ntohl(four.s_addr) >> 24 == 127;
  return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static void check_plaintext(Reading *reading, const LDAPURLDesc *url)
{
  TargetConfig *config = &reading->holder->config;
  const char *text = read_text(reading, reading->node, "tls");
  if (!text || g_str_equal(text, "on"))
    return;
  const YamlNode *node = yaml_get(reading->node, "tls");
  if (!g_str_equal(text, "off")) {
    yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
               _("“tls” is on or off, not “%s”"), text);
  } else if (!g_str_equal(url->lud_scheme, "ldap")) {
    yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
               _("“tls: off” makes no sense with %s://"), url->lud_scheme);
  } else if (!is_loopback(url->lud_host ? url->lud_host : "")) {
    yaml_fault(reading->yaml, node, reading->findings, "tls-required",
               _("“tls: off” is allowed for this machine's own loopback address only; passwords "
                 "would cross the network in clear: remove it and name the CA's file as “ca”"));
  } else {
    config->plaintext = true;
  }
}

static void check_uri(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  LDAPURLDesc *url = NULL;
  if (!config->uri)
    return;
  if (strpbrk(config->uri, " ,") || ldap_url_parse(config->uri, &url) != LDAP_URL_SUCCESS) {
    yaml_fault(reading->yaml, yaml_get(reading->node, "uri"), reading->findings, "uri-malformed",
               _("“%s” is not one address of the form ldap://HOST, ldaps://HOST or ldapi://PATH"),
               config->uri);
    return;
  }
  check_plaintext(reading, url);
  bool local = g_str_equal(url->lud_scheme, "ldapi");
  if (!local && !config->plaintext)
    need(reading, config->ca_file, "ca");
  if (config->external && !local)
    yaml_fault(reading->yaml, yaml_get(reading->node, "auth"), reading->findings, "unknown-value",
               _("“auth: external” works through ldapi:// only"));
  ldap_free_urldesc(url);
}

static void read_auth(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  const char *auth = read_text(reading, reading->node, "auth");
  config->external = g_strcmp0(auth, "external") == 0;
  if (auth && !config->external && !g_str_equal(auth, "simple"))
    yaml_fault(reading->yaml, yaml_get(reading->node, "auth"), reading->findings, "unknown-value",
               _("“auth” is simple or external, not “%s”"), auth);
  read_account(reading, "read", &config->read_dn, &config->read_secret);
  read_account(reading, "write", &config->write_dn, &config->write_secret);
  if (!config->external)
    need(reading, config->read_dn, "read");
}

static void read_ldap(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  config->uri = read_text(reading, reading->node, "uri");
  config->ca_file = read_path(reading, reading->node, "ca");
  need(reading, config->uri, "uri");
  read_auth(reading);
  check_uri(reading);
}

static void read_file(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  config->path = read_path(reading, reading->node, "path");
  need(reading, config->path, "path");
}

static void read_fake(Reading *reading)
{
  Holder *holder = reading->holder;
  read_file(reading);
  const YamlNode *list = yaml_get(reading->node, "faults");
  for (size_t i = 0; i < yaml_count(list); i++) {
    const char *fault = yaml_text(yaml_item(list, i));
    if (fault)
      g_ptr_array_add(holder->faults, (void *)keep(reading, fault));
  }
  g_ptr_array_add(holder->faults, NULL);
  holder->config.faults = (const char *const *)holder->faults->pdata;
}

static const struct {
  const char *type;
  void (*read)(Reading *reading);
} type_rows[] = {{"ldap", read_ldap}, {"ldif", read_file}, {"fake", read_fake}};

static void read_type(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  config->type = read_text(reading, reading->node, "type");
  if (!config->type) {
    g_autoptr(GString) names = g_string_new(NULL);
    registry_names(names);
    yaml_fault(reading->yaml, reading->node, reading->findings, "key-missing",
               _("a target needs “type”: one of %s"), names->str);
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(type_rows); i++) {
    if (g_str_equal(config->type, type_rows[i].type)) {
      type_rows[i].read(reading);
      return;
    }
  }
  g_autoptr(GString) names = g_string_new(NULL);
  registry_names(names);
  yaml_fault(reading->yaml, yaml_get(reading->node, "type"), reading->findings, "unknown-type",
             _("there is no type of target “%s”; there are %s"), config->type, names->str);
}

static void read_disable(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  const YamlNode *map = yaml_get(reading->node, "disable");
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(reading->yaml, map, reading->findings, "not-a-map",
               _("“disable” needs “attribute” and “value” below it"));
    return;
  }
  yaml_check_keys(reading->yaml, map, disable_keys, reading->findings);
  config->disable_attribute = read_text(reading, map, "attribute");
  config->disable_value = read_text(reading, map, "value");
  if (!config->disable_attribute || !config->disable_value)
    yaml_fault(reading->yaml, map, reading->findings, "key-missing",
               _("“disable” needs both “attribute” and “value”"));
}

static void read_passwords(Reading *reading)
{
  const char *text = read_text(reading, reading->node, "passwords");
  reading->holder->config.clear_passwords = g_strcmp0(text, "clear") == 0;
  if (text && !g_str_equal(text, "clear") && !g_str_equal(text, "hashed"))
    yaml_fault(reading->yaml, yaml_get(reading->node, "passwords"), reading->findings,
               "unknown-value", _("“passwords” is hashed or clear, not “%s”"), text);
}

static void read_charset(Reading *reading)
{
  const char *text = read_text(reading, reading->node, "charset");
  g_autoptr(Charset) charset = charset_new(text ? text : "utf8");
  reading->holder->config.charset = text ? text : "utf8";
  if (charset)
    return;
  g_autoptr(GString) names = g_string_new(NULL);
  charset_names(names);
  yaml_fault(reading->yaml, yaml_get(reading->node, "charset"), reading->findings, "unknown-value",
             _("“charset” is one of %s, not “%s”"), names->str, text);
}

static void read_common(Reading *reading)
{
  TargetConfig *config = &reading->holder->config;
  config->base = read_text(reading, reading->node, "base");
  need(reading, config->base, "base");
  g_autoptr(GString) key = g_string_new(NULL);
  if (config->base && (!*config->base || !place_key(config->base, strlen(config->base), key)))
    yaml_fault(reading->yaml, yaml_get(reading->node, "base"), reading->findings, "dn-malformed",
               _("“%s” is not a distinguished name, such as dc=city,dc=example"), config->base);
  read_disable(reading);
  read_passwords(reading);
  read_charset(reading);
  read_number(reading, &(Bounds){"page_size", 0, 100000}, 1, &config->page_size);
  read_number(reading, &(Bounds){"timeout", 1, 3600}, 1000, &config->timeout_ms);
  read_number(reading, &(Bounds){"window", 1, 1000}, 1, &config->window);
  read_number(reading, &(Bounds){"retries", 0, 100}, 1, &config->retries);
}

TargetConfig *target_config_read(const Yaml *yaml, const YamlNode *node, const char *name,
                                 const char *folder, Findings *findings)
{
  Holder *holder = g_new0(Holder, 1);
  holder->strings = g_string_chunk_new(512);
  holder->faults = g_ptr_array_new();
  holder->config = (TargetConfig){.timeout_ms = 30000, .window = 32, .retries = 5};
  Reading reading = {yaml, node, folder, findings, holder};
  holder->config.name = keep(&reading, name);
  if (yaml_kind(node) != YAML_MAP) {
    yaml_fault(yaml, node, findings, "not-a-map", _("target “%s” has no settings"), name);
    return &holder->config;
  }
  yaml_check_keys(yaml, node, known_keys, findings);
  read_type(&reading);
  read_common(&reading);
  return &holder->config;
}

void target_config_free(TargetConfig *config)
{
  if (!config)
    return;
  Holder *holder = (Holder *)config;
  g_string_chunk_free(holder->strings);
  g_ptr_array_unref(holder->faults);
  g_free(holder);
}
