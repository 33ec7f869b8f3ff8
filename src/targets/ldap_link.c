// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

static int exit_code(bool writes)
{
  return writes ? EXIT_FAILED : EXIT_UNREAD;
}

struct timeval ldap_link_timeout(const Link *link)
{
  return (struct timeval){link->config->timeout_ms / 1000, link->config->timeout_ms % 1000 * 1000};
}

bool ldap_link_is_lost(int code)
{
  return code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR || code == LDAP_UNAVAILABLE;
}

// What the server, or the library about the connection, has said last. May be empty.
static void append_words(const Link *link, int code, GString *out)
{
  char *words = NULL;
  ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
  escape_text(out, ldap_err2string(code), ESCAPE_TERMINAL);
  if (words && *words) {
    g_string_append(out, ": ");
    escape_text(out, words, ESCAPE_TERMINAL);
  }
  ldap_memfree(words);
}

bool ldap_link_fail(const Link *link, int code, const char *what, GError **error)
{
  g_autoptr(GString) words = g_string_new(NULL);
  append_words(link, code, words);
  g_set_error(error, IDOU_ERROR, exit_code(link->writes), _("target %s (%s): %s (%s)"),
              link->config->name, link->uri, what, words->str);
  return false;
}

static bool is_scheme(const Link *link, const char *scheme)
{
  return g_str_has_prefix(link->uri, scheme);
}

static bool set_option(const Link *link, int option, const void *value, GError **error)
{
  int code = ldap_set_option(link->ld, option, value);
  return code == LDAP_OPT_SUCCESS ||
         ldap_link_fail(link, code, _("the LDAP library does not take a setting"), error);
}

// Each option is set here, whatever ldap.conf of the machine or user says.
static bool set_options(const Link *link, GError **error)
{
  static const int version = LDAP_VERSION3, deref = LDAP_DEREF_NEVER;
  struct timeval timeout = ldap_link_timeout(link);
  return set_option(link, LDAP_OPT_PROTOCOL_VERSION, &version, error) &&
         set_option(link, LDAP_OPT_DEREF, &deref, error) &&
         set_option(link, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, error) &&
         set_option(link, LDAP_OPT_RESTART, LDAP_OPT_ON, error) &&
         set_option(link, LDAP_OPT_NETWORK_TIMEOUT, &timeout, error) &&
         set_option(link, LDAP_OPT_TIMEOUT, &timeout, error);
}

static bool set_tls(const Link *link, GError **error)
{
  static const int demand = LDAP_OPT_X_TLS_DEMAND, least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2,
                   client = 0;
  const char *ca_file = link->config->ca_file;
  if (is_scheme(link, "ldapi:") || link->config->plaintext)
    return true;
  if (!ca_file || !g_file_test(ca_file, G_FILE_TEST_IS_REGULAR)) {
    g_set_error(error, IDOU_ERROR, exit_code(link->writes),
                _("target %s: the CA's file %s is not there; put the certificate of the CA that "
                  "signed the server's into it"),
                link->config->name, ca_file ? ca_file : "");
    return false;
  }
  return set_option(link, LDAP_OPT_X_TLS_CACERTFILE, ca_file, error) &&
         set_option(link, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, error) &&
         set_option(link, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least, error) &&
         // A context of our own; the settings above count only for what is made after them.
         set_option(link, LDAP_OPT_X_TLS_NEWCTX, &client, error);
}

// A connection that did not come about: unreachable, or TLS. With ldaps:// both have one code, and only
// a TLS failure leaves words. Either way no password has been sent, and another server may be asked.
static bool fail_connect(Link *link, int code, GError **error)
{
  const TargetConfig *config = link->config;
  link->unreachable = true;
  char *words = NULL;
  ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
  bool tls = !is_scheme(link, "ldapi:") && !config->plaintext && words && *words;
  ldap_memfree(words);
  if (!tls)
    return ldap_link_fail(link, code,
                          _("cannot be reached; is the server running, and is the address right?"),
                          error);
  g_autofree char *what = g_strdup_printf(
      _("no safe connection; the server's certificate must be signed by the CA in %s, "
        "be valid today, and carry the name or address used here"),
      config->ca_file);
  return ldap_link_fail(link, code, what, error);
}

bool ldap_link_bound(Link *link, int code, const char *what, GError **error)
{
  if (code == LDAP_SUCCESS)
    return true;
  if (ldap_link_is_lost(code) || code == LDAP_TIMEOUT || code == LDAP_BUSY)
    return fail_connect(link, code, error);
  return ldap_link_fail(link, code, what, error);
}

// A wrong password is not tried at the next server: that would count as one more, until it locks.
static bool fail_bind(Link *link, int code, const char *secret, GError **error)
{
  if (code != LDAP_INVALID_CREDENTIALS)
    return ldap_link_bound(link, code, _("the server takes no password in this way"), error);
  char *words = NULL;
  ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &words);
  const char *refusal = ad_refusal(words);
  ldap_memfree(words);
  g_autofree char *what =
      refusal
          ? g_strdup_printf(_("the account %s is not let in: %s"), ldap_link_account(link), refusal)
          : g_strdup_printf(_("the account %s is not let in; is it spelled rightly, not "
                              "locked, and its password in %s?"),
                            ldap_link_account(link), secret);
  return ldap_link_fail(link, code, what, error);
}

static bool bind_external(Link *link, GError **error)
{
  struct berval none = {0, (char *)""};
  int code = ldap_sasl_bind_s(link->ld, NULL, "EXTERNAL", &none, NULL, NULL, NULL);
  if (code == LDAP_SUCCESS)
    return true;
  if (ldap_link_is_lost(code))
    return fail_connect(link, code, error);
  return ldap_link_fail(link, code, _("this user of the machine is not let in by auth: external"),
                        error);
}

const char *ldap_link_account(const Link *link)
{
  const TargetConfig *config = link->config;
  return link->writes && config->write_dn ? config->write_dn : config->read_dn;
}

const char *ldap_link_secret(const Link *link)
{
  const TargetConfig *config = link->config;
  return link->writes && config->write_dn ? config->write_secret : config->read_secret;
}

static bool bind_simple(Link *link, GError **error)
{
  const TargetConfig *config = link->config;
  const char *path = ldap_link_secret(link);
  g_autoptr(Secret) secret = path ? secret_load(path, error) : NULL;
  if (!secret) {
    g_prefix_error(error, _("target %s: "), config->name);
    return false;
  }
  struct berval password = {0};
  size_t n_bytes = 0;
  password.bv_val = (char *)secret_bytes(secret, &n_bytes);
  password.bv_len = n_bytes;
  // A server takes an empty password as "nobody" and says success (RFC 4513, 5.1.2).
  if (!n_bytes) {
    g_set_error(error, IDOU_ERROR, exit_code(link->writes), _("target %s: %s is empty"),
                config->name, path);
    return false;
  }
  int code = ldap_sasl_bind_s(link->ld, ldap_link_account(link), LDAP_SASL_SIMPLE, &password, NULL,
                              NULL, NULL);
  return code == LDAP_SUCCESS || fail_bind(link, code, path, error);
}

static bool bind_in(Link *link, GError **error)
{
  if (link->config->external)
    return bind_external(link, error);
  return link->config->gssapi ? ad_bind_keytab(link, error) : bind_simple(link, error);
}

static bool start_tls(Link *link, GError **error)
{
  if (!is_scheme(link, "ldap:") || link->config->plaintext)
    return true;
  int code = ldap_start_tls_s(link->ld, NULL, NULL);
  if (code == LDAP_SUCCESS)
    return true;
  if (code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR)
    return fail_connect(link, code, error);
  link->unreachable = true;  // for a password; another one may have a certificate
  return ldap_link_fail(link, code,
                        _("the server does not take StartTLS; use ldaps:// if it has that"), error);
}

static void take_control(Link *link, const char *oid)
{
  link->lists_paged |= g_str_equal(oid, LDAP_CONTROL_PAGEDRESULTS);
  link->lists_assertion |= g_str_equal(oid, LDAP_CONTROL_ASSERT);
  link->lists_post_read |= g_str_equal(oid, LDAP_CONTROL_POST_READ);
}

static void take_subschema(Link *link, const char *dn)
{
  g_free(link->subschema);
  link->subschema = g_strdup(dn);
}

static void take_server(Link *link, const char *name)
{
  g_free(link->server);
  link->server = g_strdup(name);
}

static void take_domain(Link *link, const char *dn)
{
  g_free(link->domain);
  link->domain = g_strdup(dn);
}

static void take_configuration(Link *link, const char *dn)
{
  g_free(link->configuration);
  link->configuration = g_strdup(dn);
}

// The last three are a domain controller's (MS-ADTS 3.1.1.3.2).
static const struct {
  const char *attribute;
  void (*take)(Link *link, const char *value);
} root_rows[] = {
    {"supportedControl", take_control},
    {"subschemaSubentry", take_subschema},
    {"dnsHostName", take_server},
    {"defaultNamingContext", take_domain},
    {"configurationNamingContext", take_configuration},
};

// What the server says about itself. One that says nothing is treated as having none of it.
static void read_root(Link *link)
{
  char *attributes[G_N_ELEMENTS(root_rows) + 1] = {NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(root_rows); i++)
    attributes[i] = (char *)root_rows[i].attribute;
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(link);
  take_subschema(link, "cn=subschema");
  int code = ldap_search_ext_s(link->ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 0,
                               NULL, NULL, &timeout, 1, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
  for (size_t i = 0; entry && i < G_N_ELEMENTS(root_rows); i++) {
    struct berval **values = ldap_get_values_len(link->ld, entry, attributes[i]);
    for (struct berval **value = values; value && *value; value++)
      root_rows[i].take(link, (*value)->bv_val);
    ldap_value_free_len(values);
  }
  ldap_msgfree(result);
}

static Link *link_new(const TargetConfig *config, bool writes, const char *uri)
{
  Link *link = g_new0(Link, 1);
  link->config = config;
  link->dialect = ldap_dialect(config->type);
  link->writes = writes;
  link->uri = uri;
  return link;
}

static bool link_up(Link *link, GError **error)
{
  int code = ldap_initialize(&link->ld, link->uri);
  if (code != LDAP_SUCCESS) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("target %s: %s is no address (%s)"),
                link->config->name, link->uri, ldap_err2string(code));
    return false;
  }
  if (!set_options(link, error) || !set_tls(link, error) || !start_tls(link, error) ||
      !bind_in(link, error))
    return false;
  read_root(link);
  return true;
}

void ldap_link_close(Link *link)
{
  if (!link)
    return;
  if (link->ld)
    ldap_unbind_ext(link->ld, NULL, NULL);
  ad_ticket_free(link->ticket);
  ad_domain_free(link->known);
  ldap_schema_free(link->schema);
  g_free(link->subschema);
  g_free(link->server);
  g_free(link->domain);
  g_free(link->configuration);
  g_free(link);
}

// ---------------------------------------------------------------------------------------------
// Which of several servers

// Which it is, where an address may lead to any of them, as the domain's own name does.
static bool check_server(const Link *link, const char *server, GError **error)
{
  if (!server || !link->server || g_ascii_strcasecmp(server, link->server) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, link->writes ? EXIT_FAILED : EXIT_UNREAD,
              _("target %s (%s): this address led to %s before and to %s now; name each "
                "controller by its own name in “uri”"),
              link->config->name, link->uri, server, link->server);
  return false;
}

static Link *open_one(const TargetConfig *config, bool writes, const char *uri, const char *server,
                      GError **error)
{
  g_autoptr(Link) link = link_new(config, writes, uri);
  if (!link_up(link, error) || !check_server(link, server, error))
    return NULL;
  return g_steal_pointer(&link);
}

// The others may not have yet what was written there: they would show the old, and a creation would be
// done again.
static Link *open_kept(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(GError) fault = NULL;
  const char *uri = NULL;
  for (const char *const *at = config->uris; at && *at; at++)
    if (g_str_equal(*at, config->prefer))
      uri = *at;
  Link *link = uri ? open_one(config, writes, uri, config->prefer_server, &fault) : NULL;
  if (link)
    return link;
  g_autoptr(GString) until = g_string_new(NULL);
  instant_format(config->prefer_until, until);
  const char *why = fault ? fault->message : _("it is no longer among the addresses in “uri”");
  g_set_error(error, IDOU_ERROR, fault ? fault->code : exit_code(writes),
              _("target %s: %s was written to lately, and another controller may not have that "
                "yet: so only this one is asked until %s; bring it back, or wait (%s)"),
              config->name, config->prefer, until->str, why);
  return NULL;
}

// In the order to be tried: what was read from is written to, if it can be. NULL last.
static GPtrArray *list_servers(const TargetConfig *config)
{
  GPtrArray *uris = g_ptr_array_new();
  if (config->first)
    g_ptr_array_add(uris, (void *)config->first);
  for (const char *const *uri = config->uris; uri && *uri; uri++)
    if (g_strcmp0(*uri, config->first) != 0)
      g_ptr_array_add(uris, (void *)*uri);
  if (!uris->len)
    g_ptr_array_add(uris, (void *)config->uri);
  g_ptr_array_add(uris, NULL);
  return uris;
}

static Link *open_first(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(GString) reasons = g_string_new(NULL);
  g_autoptr(GPtrArray) uris = list_servers(config);
  for (guint i = 0;; i++) {
    const char *next = uris->pdata[i + 1];
    g_autoptr(GError) fault = NULL;
    g_autoptr(Link) link = link_new(config, writes, uris->pdata[i]);
    if (link_up(link, &fault))
      return g_steal_pointer(&link);
    g_string_append_printf(reasons, "%s%s", reasons->len ? "; " : "", fault->message);
    if (!link->unreachable || !next) {
      g_set_error_literal(error, IDOU_ERROR, fault->code, reasons->str);
      return NULL;
    }
    log_note(LOG_NORMAL, _("%s; trying %s"), fault->message, next);
  }
}

Link *ldap_link_open(const TargetConfig *config, bool writes, GError **error)
{
  if (config->prefer && instant_now() < config->prefer_until)
    return open_kept(config, writes, error);
  return open_first(config, writes, error);
}

Link *ldap_link_again(const Link *link, GError **error)
{
  return open_one(link->config, link->writes, link->uri, link->server, error);
}

// ---------------------------------------------------------------------------------------------

bool ldap_link_fingerprint(Link *link, GString *out, GError **error)
{
  const char *id_attribute = link->dialect->id_attribute;
  char *attributes[] = {(char *)id_attribute, NULL};
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(link);
  int code = ldap_search_ext_s(link->ld, link->config->base, LDAP_SCOPE_BASE, "(objectClass=*)",
                               attributes, 0, NULL, NULL, &timeout, 0, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
  struct berval **values = entry ? ldap_get_values_len(link->ld, entry, id_attribute) : NULL;
  g_autoptr(GString) id = g_string_new(NULL);
  bool found = values && *values &&
               link->dialect->id_text(&(Bytes){(*values)->bv_len, (*values)->bv_val}, id);
  ldap_value_free_len(values);
  ldap_msgfree(result);
  if (!found) {
    g_autofree char *what = g_strdup_printf(
        _("the base %s does not show its %s, by which the server is recognised; is the base "
          "spelled rightly, and may the account read it?"),
        link->config->base, id_attribute);
    return ldap_link_fail(link, code, what, error);
  }
  if (link->dialect->domain && !ad_domain_sid(link, out, error))
    return false;
  g_string_append_printf(out, "%s=%s suffix=%s", id_attribute, id->str, link->config->base);
  return true;
}
