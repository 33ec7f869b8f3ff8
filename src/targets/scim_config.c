// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

#define MOST_CONNECTIONS 32

const char *const scim_config_keys[] = {"token_url", "token_scope", "proxy",   "connections",
                                        "bulk",      "anchor",      "schemas", NULL};

// https, or http where nobody else can listen. NULL: it is a fault.
static const char *read_address(ConfigReading *reading, const char *key, bool *plaintext)
{
  const char *text = config_text(reading, reading->node, key);
  if (!text)
    return NULL;
  const YamlNode *node = yaml_get(reading->node, key);
  g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri ? g_uri_get_scheme(uri) : "", *host = uri ? g_uri_get_host(uri) : NULL;
  bool local = host && *host && config_is_loopback(host);
  *plaintext = g_str_equal(scheme, "http");
  if (!host || !*host || g_uri_get_userinfo(uri) || g_uri_get_query(uri) ||
      (!*plaintext && !g_str_equal(scheme, "https"))) {
    yaml_fault(reading->yaml, node, reading->findings, "uri-malformed",
               _("“%s” is not one address of the form https://HOST/PATH"), text);
    return NULL;
  }
  if (*plaintext && !local) {
    yaml_fault(reading->yaml, node, reading->findings, "tls-required",
               _("http:// is allowed for this machine's own loopback address only; tokens and "
                 "passwords would cross the network in clear: write https://"));
    return NULL;
  }
  g_autofree char *bare = g_strdup(text);
  for (size_t n = strlen(bare); n > 0 && bare[n - 1] == '/'; n--)
    bare[n - 1] = '\0';
  return config_keep(reading, bare);
}

// {user: CLIENT, secret: FILE}; a token from a file needs no user.
static void read_account(ConfigReading *reading, const char *key, bool oauth, const char **user,
                         const char **file)
{
  static const char *const account_keys[] = {"user", "secret", NULL};
  const YamlNode *map = yaml_get(reading->node, key);
  if (!map)
    return;
  yaml_check_keys(reading->yaml, map, account_keys, reading->findings);
  *user = config_text(reading, map, "user");
  *file = config_path(reading, map, "secret");
  if (!*file || (oauth && !*user))
    yaml_fault(reading->yaml, map, reading->findings, "key-missing",
               oauth ? _("“%s” needs both “user”, the client's id, and “secret”, the file that "
                         "holds its secret")
                     : _("“%s” needs “secret”, the file that holds the token"),
               key);
}

static void read_accounts(ConfigReading *reading, ScimOwn *own)
{
  TargetConfig *config = reading->config;
  read_account(reading, "read", own->oauth, &config->read_dn, &config->read_secret);
  read_account(reading, "write", own->oauth, &config->write_dn, &config->write_secret);
  config_need(reading, config->read_secret, "read");
  bool plaintext = false;
  own->setup.token_uri = read_address(reading, "token_url", &plaintext);
  own->setup.token_scope = config_text(reading, reading->node, "token_scope");
  if (own->oauth)
    config_need(reading, own->setup.token_uri, "token_url");
  if (own->setup.token_uri && plaintext != own->setup.plaintext)
    yaml_fault(reading->yaml, yaml_get(reading->node, "token_url"), reading->findings,
               "uri-malformed", _("“uri” and “token_url” are both https://, or both http://"));
}

// Which value of which attribute tells that this is the tenant: "userName=idou-anchor".
static void read_anchor(ConfigReading *reading, ScimOwn *own)
{
  own->anchor = config_text(reading, reading->node, "anchor");
  g_autoptr(GString) key = g_string_new(NULL);
  if (own->anchor && (!place_key(own->anchor, strlen(own->anchor), key) || strchr(key->str, ',')))
    yaml_fault(reading->yaml, yaml_get(reading->node, "anchor"), reading->findings, "dn-malformed",
               _("“anchor” names a user as ATTRIBUTE=VALUE, such as userName=idou-anchor"));
}

// Settings are no place for a password, and what is not encrypted is not for a proxy's eyes.
static void read_proxy(ConfigReading *reading, ScimOwn *own)
{
  own->setup.proxy = config_text(reading, reading->node, "proxy");
  if (!own->setup.proxy)
    return;
  g_autoptr(GUri) uri = g_uri_parse(own->setup.proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);
  const char *scheme = uri ? g_uri_get_scheme(uri) : "", *host = uri ? g_uri_get_host(uri) : NULL;
  bool http = g_str_equal(scheme, "http") || g_str_equal(scheme, "https");
  const char *why = NULL;
  if (!http || !host || !*host)
    why = _("“proxy” is an address of the form http://HOST:PORT");
  else if (g_uri_get_userinfo(uri))
    why = _("“proxy” holds no user and password: whoever may read this file would know them");
  else if (own->setup.plaintext)
    why = _("no proxy is used for http://: it would see tokens and passwords");
  if (why)
    yaml_fault(reading->yaml, yaml_get(reading->node, "proxy"), reading->findings,
               "proxy-malformed", "%s", why);
}

static void set_base(ConfigReading *reading)
{
  g_autoptr(GString) base = g_string_new("scim=");
  escape_text(base, reading->config->name, ESCAPE_DN);
  reading->config->base = config_keep(reading, base->str);
}

void *scim_config_read(ConfigReading *reading)
{
  static const char *const ways[] = {"bearer", "oauth", NULL}, *const bulk[] = {"on", "off", NULL};
  TargetConfig *config = reading->config;
  ScimOwn *own = g_new0(ScimOwn, 1);
  config->uri = read_address(reading, "uri", &own->setup.plaintext);
  config_need(reading, config->uri, "uri");
  config->ca_file = config_path(reading, reading->node, "ca");
  own->oauth = g_str_equal(config_word(reading, "auth", ways), "oauth");
  own->bulk = g_str_equal(config_word(reading, "bulk", bulk), "on");
  read_accounts(reading, own);
  read_anchor(reading, own);
  read_proxy(reading, own);
  own->setup.schemas_file = config_path(reading, reading->node, "schemas");
  own->setup.n_connections = 8;
  config_number(reading, &(ConfigBounds){"connections", 1, MOST_CONNECTIONS}, 1,
                &own->setup.n_connections);
  set_base(reading);
  // The server makes hashes of them; there is no other way.
  config->clear_passwords = true;
  if (!yaml_get(reading->node, "disable")) {
    config->disable_attribute = "active";
    config->disable_value = "false";
    config->enable_value = "true";
  }
  return own;
}

ScimSetup scim_config_setup(const TargetConfig *config, bool writes)
{
  const ScimOwn *own = config->own;
  bool other = writes && config->write_secret;
  ScimSetup setup = own->setup;
  setup.name = config->name;
  setup.uri = config->uri;
  setup.ca_file = config->ca_file;
  setup.secret_file = other ? config->write_secret : config->read_secret;
  if (own->oauth)
    setup.client = other ? config->write_dn : config->read_dn;
  setup.timeout_ms = config->timeout_ms;
  setup.retries = config->retries;
  setup.page_size = config->page_size ? config->page_size : SCIM_PAGE_SIZE;
  setup.failure = writes ? EXIT_FAILED : EXIT_UNREAD;
  return setup;
}
