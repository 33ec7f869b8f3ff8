// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <arpa/inet.h>

// Hidden behind the public struct: where its strings live.
typedef struct Holder {
  TargetConfig config;
  GStringChunk *strings;
  GPtrArray *faults;
  GPtrArray *uris, *watch;
  Windows *windows;
} Holder;

// The config stands first in it.
static Holder *holder_of(const ConfigReading *reading)
{
  return (Holder *)reading->config;
}

static const char *const known_keys[] = {
    "type", "path", "uri", "base", "ca", "tls", "auth", "read", "write", "disable", "passwords",
    "page_size", "timeout", "window", "retries", "faults", "charset", "desk", "domain",
    "must_change", "member_range", "replication", "principals", "archive", "encrypt",
    "receipt_days", "segment", "watch", "accesslog", "windows",
    // The guard stage's.
    "guard", "canaries", "protected", "fingerprint", "shrink",
    // The site's.
    "licence", "capacity", NULL};
static const char *const account_keys[] = {"dn", "user", "secret", "principal", "keytab", NULL};
static const char *const disable_keys[] = {"attribute", "value", "enabled", NULL};

const char *config_keep(ConfigReading *reading, const char *text)
{
  return text ? g_string_chunk_insert_const(holder_of(reading)->strings, text) : NULL;
}

const char *config_text(ConfigReading *reading, const YamlNode *map, const char *key)
{
  const char *text = NULL;
  yaml_read_text(reading->yaml, map, key, reading->findings, &text);
  return config_keep(reading, text);
}

const char *config_path(ConfigReading *reading, const YamlNode *map, const char *key)
{
  const char *text = NULL;
  if (!yaml_read_text(reading->yaml, map, key, reading->findings, &text))
    return NULL;
  if (g_path_is_absolute(text))
    return config_keep(reading, text);
  g_autofree char *path = g_build_filename(reading->folder, text, NULL);
  return config_keep(reading, path);
}

void config_number(ConfigReading *reading, const ConfigBounds *bounds, int scale, int *out)
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

void config_need(ConfigReading *reading, const char *value, const char *key)
{
  if (!value && !yaml_get(reading->node, key))
    yaml_fault(reading->yaml, reading->node, reading->findings, "key-missing",
               _("a target of type %s needs “%s”"), reading->config->type, key);
}

// An account and what proves it, by the way in which the target lets in.
typedef struct Proof {
  const char *names[3];  // keys by which the account may be called, NULL-terminated
  const char *file;      // key of the file
  const char *fault;
} Proof;

static const Proof dn_proof = {
    {"dn", NULL},
    "secret",
    N_("“%s” needs both “dn” and “secret”, the file that holds the password")};
static const Proof user_proof = {
    {"user", "dn", NULL},
    "secret",
    N_("“%s” needs both “user” and “secret”, the file that holds the password")};
static const Proof keytab_proof = {
    {"principal", NULL},
    "keytab",
    N_("“%s” needs both “principal” and “keytab”, with auth: gssapi")};

static void read_account(ConfigReading *reading, const char *key, const Proof *proof,
                         const char **name, const char **file)
{
  const YamlNode *map = yaml_get(reading->node, key);
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(reading->yaml, map, reading->findings, "not-a-map",
               _("“%s” names an account: write “%s” and “%s” (a file) below it"), key,
               proof->names[0], proof->file);
    return;
  }
  yaml_check_keys(reading->yaml, map, account_keys, reading->findings);
  for (size_t i = 0; proof->names[i] && !*name; i++)
    *name = config_text(reading, map, proof->names[i]);
  *file = config_path(reading, map, proof->file);
  if (!*name || !*file)
    yaml_fault(reading->yaml, map, reading->findings, "key-missing", _(proof->fault), key);
}

static void read_accounts(ConfigReading *reading, const Proof *proof)
{
  TargetConfig *config = reading->config;
  read_account(reading, "read", proof, &config->read_dn, &config->read_secret);
  read_account(reading, "write", proof, &config->write_dn, &config->write_secret);
  read_account(reading, "desk", proof, &config->desk_dn, &config->desk_secret);
  if (!config->external)
    config_need(reading, config->read_dn, "read");
}

void config_accounts(ConfigReading *reading)
{
  read_accounts(reading, &user_proof);
}

bool config_is_loopback(const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  if (g_ascii_strcasecmp(host, "localhost") == 0)
    return true;
  if (inet_pton(AF_INET, host, &four) == 1)
    return ntohl(four.s_addr) >> 24 == 127;
  return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static void check_plaintext(ConfigReading *reading, const LDAPURLDesc *url)
{
  TargetConfig *config = reading->config;
  const char *text = config_text(reading, reading->node, "tls");
  if (!text || g_str_equal(text, "on"))
    return;
  const YamlNode *node = yaml_get(reading->node, "tls");
  if (!g_str_equal(text, "off")) {
    yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
               _("“tls” is on or off, not “%s”"), text);
  } else if (!g_str_equal(url->lud_scheme, "ldap")) {
    yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
               _("“tls: off” makes no sense with %s://"), url->lud_scheme);
  } else if (!config_is_loopback(url->lud_host ? url->lud_host : "")) {
    yaml_fault(reading->yaml, node, reading->findings, "tls-required",
               _("“tls: off” is allowed for this machine's own loopback address only; passwords "
                 "would cross the network in clear: remove it and name the CA's file as “ca”"));
  } else {
    config->plaintext = true;
  }
}

static void check_uri(ConfigReading *reading, const YamlNode *node, const char *uri)
{
  TargetConfig *config = reading->config;
  LDAPURLDesc *url = NULL;
  if (strpbrk(uri, " ,") || ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS) {
    yaml_fault(reading->yaml, node, reading->findings, "uri-malformed",
               _("“%s” is not one address of the form ldap://HOST, ldaps://HOST or ldapi://PATH"),
               uri);
    return;
  }
  // Only some attributes of every domain are there.
  if (g_str_equal(config->type, "ad") && (url->lud_port == 3268 || url->lud_port == 3269))
    yaml_fault(reading->yaml, node, reading->findings, "uri-malformed",
               _("port %d is the global catalogue, which lacks most attributes; use that of the "
                 "domain, 389 or 636"),
               url->lud_port);
  check_plaintext(reading, url);
  bool local = g_str_equal(url->lud_scheme, "ldapi");
  if (!local && !config->plaintext)
    config_need(reading, config->ca_file, "ca");
  if (config->external && !local)
    yaml_fault(reading->yaml, yaml_get(reading->node, "auth"), reading->findings, "unknown-value",
               _("“auth: external” works through ldapi:// only"));
  ldap_free_urldesc(url);
}

// One address or a list of them.
static void read_uris(ConfigReading *reading, bool several)
{
  Holder *holder = holder_of(reading);
  const YamlNode *node = yaml_get(reading->node, "uri");
  bool list = several && yaml_kind(node) == YAML_LIST;
  for (size_t i = 0; list && i < yaml_count(node); i++) {
    const char *uri = yaml_text(yaml_item(node, i));
    if (uri)
      g_ptr_array_add(holder->uris, (void *)config_keep(reading, uri));
  }
  const char *one = list ? NULL : config_text(reading, reading->node, "uri");
  if (one)
    g_ptr_array_add(holder->uris, (void *)one);
  size_t n = holder->uris->len;
  g_ptr_array_add(holder->uris, NULL);
  holder->config.uris = (const char *const *)holder->uris->pdata;
  holder->config.uri = holder->config.uris[0];
  config_need(reading, holder->config.uri, "uri");
  for (size_t i = 0; i < n; i++)
    check_uri(reading, list ? yaml_item(node, i) : node, holder->config.uris[i]);
}

const char *config_word(ConfigReading *reading, const char *key, const char *const *words)
{
  const char *text = config_text(reading, reading->node, key);
  if (!text || g_strv_contains(words, text))
    return text ? text : words[0];
  g_autofree char *all = g_strjoinv(", ", (char **)words);
  yaml_fault(reading->yaml, yaml_get(reading->node, key), reading->findings, "unknown-value",
             _("“%s” is one of %s, not “%s”"), key, all, text);
  return words[0];
}

static void read_ldap(ConfigReading *reading)
{
  static const char *const ways[] = {"simple", "external", NULL};
  TargetConfig *config = reading->config;
  config->ca_file = config_path(reading, reading->node, "ca");
  config->external = g_str_equal(config_word(reading, "auth", ways), "external");
  config->accesslog = config_text(reading, reading->node, "accesslog");
  g_autoptr(GString) key = g_string_new(NULL);
  if (config->accesslog && !place_key(config->accesslog, strlen(config->accesslog), key))
    yaml_fault(reading->yaml, yaml_get(reading->node, "accesslog"), reading->findings,
               "dn-malformed", _("“%s” is not a distinguished name, such as cn=accesslog"),
               config->accesslog);
  read_accounts(reading, &dn_proof);
  read_uris(reading, false);
}

// Being disabled is a bit of userAccountControl (MS-ADTS 2.2.16); a normal account that is off has 0x202.
static void read_ad(ConfigReading *reading)
{
  static const char *const ways[] = {"simple", "gssapi", NULL};
  TargetConfig *config = reading->config;
  config->ca_file = config_path(reading, reading->node, "ca");
  config->gssapi = g_str_equal(config_word(reading, "auth", ways), "gssapi");
  config->domain = config_text(reading, reading->node, "domain");
  config->disable_attribute = "userAccountControl";
  config->disable_bit = 2;
  config->disable_value = "514";
  config->clear_passwords = true;
  config->must_change = true;
  config->replication_s = 900;
  yaml_read_bool(reading->yaml, reading->node, "must_change", reading->findings,
                 &config->must_change);
  config_number(reading, &(ConfigBounds){"member_range", 0, 100000}, 1, &config->range_size);
  config_number(reading, &(ConfigBounds){"replication", 0, 86400}, 1, &config->replication_s);
  read_accounts(reading, config->gssapi ? &keytab_proof : &user_proof);
  read_uris(reading, true);
}

// "share=data", or "folder=b,folder=a,share=data" of smb://server/data/a/b.
static const char *base_of_share(ConfigReading *reading, const char *uri)
{
  const char *prefix = "smb://";
  g_auto(GStrv) parts = g_strsplit(uri + strlen(prefix), "/", -1);
  g_autoptr(GString) base = g_string_new(NULL);
  for (size_t i = 1; parts[0] && parts[i]; i++) {
    if (!*parts[i])
      continue;
    g_autoptr(GString) name = g_string_new(base->len ? "folder=" : "share=");
    escape_text(name, parts[i], ESCAPE_DN);
    if (base->len)
      g_string_append_c(name, ',');
    g_string_prepend(base, name->str);
  }
  return base->len ? config_keep(reading, base->str) : NULL;
}

static void read_share(ConfigReading *reading)
{
  static const char *const ways[] = {"simple", "gssapi", NULL}, *const encrypt[] = {"required",
                                                                                    "off", NULL};
  TargetConfig *config = reading->config;
  config->uri = config_text(reading, reading->node, "uri");
  config_need(reading, config->uri, "uri");
  if (config->uri && g_str_has_prefix(config->uri, "smb://"))
    config->base = base_of_share(reading, config->uri);
  if (config->uri && !config->base)
    yaml_fault(
        reading->yaml, yaml_get(reading->node, "uri"), reading->findings, "uri-malformed",
        _("“%s” is not an address of the form smb://SERVER/SHARE or smb://SERVER/SHARE/FOLDER"),
        config->uri);
  config->gssapi = g_str_equal(config_word(reading, "auth", ways), "gssapi");
  config->encrypt = g_str_equal(config_word(reading, "encrypt", encrypt), "required");
  config->principals = config_text(reading, reading->node, "principals");
  config->archive = config_text(reading, reading->node, "archive");
  config_need(reading, config->principals, "principals");
  config_need(reading, config->archive, "archive");
  read_accounts(reading, config->gssapi ? &keytab_proof : &user_proof);
}

static void read_file(ConfigReading *reading)
{
  TargetConfig *config = reading->config;
  config->path = config_path(reading, reading->node, "path");
  config_need(reading, config->path, "path");
}

static void read_fake(ConfigReading *reading)
{
  Holder *holder = holder_of(reading);
  read_file(reading);
  const YamlNode *list = yaml_get(reading->node, "faults");
  for (size_t i = 0; i < yaml_count(list); i++) {
    const char *fault = yaml_text(yaml_item(list, i));
    if (fault)
      g_ptr_array_add(holder->faults, (void *)config_keep(reading, fault));
  }
  g_ptr_array_add(holder->faults, NULL);
  holder->config.faults = (const char *const *)holder->faults->pdata;
}

static const struct {
  const char *type;
  void (*read)(ConfigReading *reading);
} type_rows[] = {{"ldap", read_ldap}, {"ad", read_ad},     {"share", read_share},
                 {"ldif", read_file}, {"fake", read_fake}, {"fake-product", read_fake}};

static void read_settings(ConfigReading *reading, const TargetType *type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(type_rows); i++)
    if (g_str_equal(type->name, type_rows[i].type))
      type_rows[i].read(reading);
  if (type->configure)
    reading->config->own = type->configure(reading);
}

// NULL: there is no such type.
static const TargetType *read_type(ConfigReading *reading)
{
  TargetConfig *config = reading->config;
  config->type = config_text(reading, reading->node, "type");
  g_autoptr(GString) names = g_string_new(NULL);
  registry_names(names);
  if (!config->type) {
    yaml_fault(reading->yaml, reading->node, reading->findings, "key-missing",
               _("a target needs “type”: one of %s"), names->str);
    return NULL;
  }
  const TargetType *type = registry_find(config->type);
  if (type)
    read_settings(reading, type);
  else
    yaml_fault(reading->yaml, yaml_get(reading->node, "type"), reading->findings, "unknown-type",
               _("there is no type of target “%s”; there are %s"), config->type, names->str);
  return type;
}

// Those that every target may have, and the type's own.
static void check_keys(ConfigReading *reading, const TargetType *type)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new();
  for (size_t i = 0; known_keys[i]; i++)
    g_ptr_array_add(keys, (void *)known_keys[i]);
  for (size_t i = 0; type && type->keys && type->keys[i]; i++)
    g_ptr_array_add(keys, (void *)type->keys[i]);
  g_ptr_array_add(keys, NULL);
  yaml_check_keys(reading->yaml, reading->node, (const char *const *)keys->pdata,
                  reading->findings);
}

void config_disable(ConfigReading *reading)
{
  TargetConfig *config = reading->config;
  const YamlNode *map = yaml_get(reading->node, "disable");
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(reading->yaml, map, reading->findings, "not-a-map",
               _("“disable” needs “attribute” and “value” below it"));
    return;
  }
  yaml_check_keys(reading->yaml, map, disable_keys, reading->findings);
  config->disable_attribute = config_text(reading, map, "attribute");
  config->disable_value = config_text(reading, map, "value");
  config->enable_value = config_text(reading, map, "enabled");
  if (!config->disable_attribute || !config->disable_value)
    yaml_fault(reading->yaml, map, reading->findings, "key-missing",
               _("“disable” needs both “attribute” and “value”"));
}

static void read_passwords(ConfigReading *reading)
{
  const char *text = config_text(reading, reading->node, "passwords");
  reading->config->clear_passwords = g_strcmp0(text, "clear") == 0;
  if (text && !g_str_equal(text, "clear") && !g_str_equal(text, "hashed"))
    yaml_fault(reading->yaml, yaml_get(reading->node, "passwords"), reading->findings,
               "unknown-value", _("“passwords” is hashed or clear, not “%s”"), text);
}

static void read_charset(ConfigReading *reading)
{
  const char *text = config_text(reading, reading->node, "charset");
  // Of a product that takes files it follows from their encoding.
  const char *otherwise = reading->config->charset ? reading->config->charset : "utf8";
  g_autoptr(Charset) charset = charset_new(text ? text : otherwise);
  reading->config->charset = text ? text : otherwise;
  if (charset)
    return;
  g_autoptr(GString) names = g_string_new(NULL);
  charset_names(names);
  yaml_fault(reading->yaml, yaml_get(reading->node, "charset"), reading->findings, "unknown-value",
             _("“charset” is one of %s, not “%s”"), names->str, text);
}

// One that does not end in the base is relative to it, as everywhere; so nothing is said of what is below.
static void read_watch(ConfigReading *reading)
{
  Holder *holder = holder_of(reading);
  const YamlNode *list = yaml_get(reading->node, "watch");
  if (list && yaml_kind(list) != YAML_LIST)
    yaml_fault(reading->yaml, list, reading->findings, "not-a-list",
               _("“watch” is a list of groups, each by its distinguished name"));
  for (size_t i = 0; yaml_kind(list) == YAML_LIST && i < yaml_count(list); i++) {
    const YamlNode *item = yaml_item(list, i);
    const char *dn = yaml_text(item);
    g_autoptr(GString) key = g_string_new(NULL);
    if (dn && *dn && place_key(dn, strlen(dn), key))
      g_ptr_array_add(holder->watch, (void *)config_keep(reading, dn));
    else
      yaml_fault(reading->yaml, item, reading->findings, "dn-malformed",
                 _("“%s” is not a distinguished name, such as cn=admins,ou=groups"), dn ? dn : "");
  }
  g_ptr_array_add(holder->watch, NULL);
  holder->config.watch = (const char *const *)holder->watch->pdata;
}

static void read_common(ConfigReading *reading)
{
  TargetConfig *config = reading->config;
  // A share's follows from its address; others that are no directory have one of their own.
  if (!config->base && g_strcmp0(config->type, "share") != 0) {
    config->base = config_text(reading, reading->node, "base");
    config_need(reading, config->base, "base");
  }
  g_autoptr(GString) key = g_string_new(NULL);
  if (config->base && (!*config->base || !place_key(config->base, strlen(config->base), key)))
    yaml_fault(reading->yaml, yaml_get(reading->node, "base"), reading->findings, "dn-malformed",
               _("“%s” is not a distinguished name, such as dc=city,dc=example"), config->base);
  if (!config->disable_attribute)
    config_disable(reading);
  if (!config->clear_passwords)
    read_passwords(reading);
  read_charset(reading);
  read_watch(reading);
  holder_of(reading)->windows = config_windows(reading);
  config->windows = holder_of(reading)->windows;
  config_number(reading, &(ConfigBounds){"page_size", 0, 100000}, 1, &config->page_size);
  config_number(reading, &(ConfigBounds){"timeout", 1, 3600}, 1000, &config->timeout_ms);
  config_number(reading, &(ConfigBounds){"window", 1, 1000}, 1, &config->window);
  config_number(reading, &(ConfigBounds){"retries", 0, 100}, 1, &config->retries);
  config_number(reading, &(ConfigBounds){"receipt_days", 0, 3650}, 1, &config->receipt_days);
}

// Of a target in another network nothing is needed but what its values must be like: it is never opened here.
static void read_apart(ConfigReading *reading)
{
  TargetConfig *config = reading->config;
  config->type = config_text(reading, reading->node, "type");
  config->base = config_text(reading, reading->node, "base");
  const TargetType *type = config->type != NULL ? registry_find(config->type) : NULL;
  if (type == NULL)
    yaml_fault(reading->yaml, reading->node, reading->findings, "unknown-type",
               _("a target needs “type”, also one in another segment"));
  // What it needs there may stand here, too.
  check_keys(reading, type);
  read_charset(reading);
  config_number(reading, &(ConfigBounds){"receipt_days", 0, 3650}, 1, &config->receipt_days);
}

TargetConfig *target_config_read(const Yaml *yaml, const YamlNode *node, const char *name,
                                 const char *folder, Findings *findings)
{
  Holder *holder = g_new0(Holder, 1);
  holder->strings = g_string_chunk_new(512);
  holder->faults = g_ptr_array_new();
  holder->uris = g_ptr_array_new();
  holder->watch = g_ptr_array_new();
  holder->config =
      (TargetConfig){.timeout_ms = 30000, .window = 32, .retries = 5, .receipt_days = 3};
  ConfigReading reading = {yaml, node, folder, findings, &holder->config};
  holder->config.name = config_keep(&reading, name);
  if (yaml_kind(node) != YAML_MAP) {
    yaml_fault(yaml, node, findings, "not-a-map", _("target “%s” has no settings"), name);
    return &holder->config;
  }
  holder->config.segment = config_text(&reading, node, "segment");
  if (holder->config.segment) {
    read_apart(&reading);
    return &holder->config;
  }
  const TargetType *type = read_type(&reading);
  check_keys(&reading, type);
  read_common(&reading);
  return &holder->config;
}

void target_config_free(TargetConfig *config)
{
  if (!config)
    return;
  Holder *holder = (Holder *)config;
  const TargetType *type = config->type ? registry_find(config->type) : NULL;
  if (type && type->unconfigure && config->own)
    type->unconfigure((void *)config->own);
  windows_free(holder->windows);
  g_string_chunk_free(holder->strings);
  g_ptr_array_unref(holder->faults);
  g_ptr_array_unref(holder->uris);
  g_ptr_array_unref(holder->watch);
  g_free(holder);
}

void target_config_prefer(TargetConfig *config, const char *written)
{
  ServerWritten parts;
  GStringChunk *strings = ((Holder *)config)->strings;
  config->prefer = config->prefer_server = NULL;
  config->prefer_until = INSTANT_NONE;
  if (!written || !server_parse(written, &parts))
    return;
  config->prefer = g_string_chunk_insert_len(strings, written, (gssize)parts.n_uri);
  if (parts.n_name)
    config->prefer_server =
        g_string_chunk_insert_len(strings, written + parts.n_uri + 1, (gssize)parts.n_name);
  config->prefer_until = parts.when + config->replication_s;
}
