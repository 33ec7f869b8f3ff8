// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who a SID is, and what SID somebody has, asked of the directory that the share's server belongs to. Names in
// access lists are those of sAMAccountName: they are what Windows shows.
#include "ldap_p.h"
#include "share_p.h"

#define MOST_A_FILTER 200

struct ShareNames {
  const TargetConfig *config;  // of the directory
  Link *link;                  // opened when first needed
  char *domain;                // short name, "CITY"
  char *root;                  // all of the domain: groups of the system lie outside our base
  GHashTable *by_sid;          // SID -> "CITY\name"; "" = nobody
  GHashTable *by_name;         // name, case folded -> SID
};

ShareNames *share_names_new(const TargetConfig *config)
{
  ShareNames *names = g_new0(ShareNames, 1);
  names->config = config;
  names->by_sid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  names->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return names;
}

void share_names_free(ShareNames *names)
{
  if (!names)
    return;
  ldap_link_close(names->link);
  g_hash_table_unref(names->by_sid);
  g_hash_table_unref(names->by_name);
  g_free(names->domain);
  g_free(names->root);
  g_free(names);
}

// S-1-AUTHORITY-SUB-SUB… (MS-DTYP 2.4.2): the authority is big-endian, the rest little-endian.
static char *text_of_sid(const struct berval *value)
{
  const unsigned char *at = (const unsigned char *)value->bv_val;
  if (value->bv_len < 8 || value->bv_len != 8 + 4 * (size_t)at[1])
    return NULL;
  uint64_t authority = 0;
  for (size_t i = 2; i < 8; i++)
    authority = authority << 8 | at[i];
  g_autoptr(GString) out = g_string_new(NULL);
  g_string_printf(out, "S-%u-%" G_GUINT64_FORMAT, at[0], authority);
  for (size_t i = 8; i < value->bv_len; i += 4)
    g_string_append_printf(out, "-%u",
                           (unsigned)at[i] | (unsigned)at[i + 1] << 8 | (unsigned)at[i + 2] << 16 |
                               (unsigned)at[i + 3] << 24);
  return g_string_free(g_steal_pointer(&out), false);
}

static char *first_text(LDAP *ld, LDAPMessage *entry, const char *attribute)
{
  struct berval **values = ldap_get_values_len(ld, entry, attribute);
  char *text = values && *values ? g_strndup((*values)->bv_val, (*values)->bv_len) : NULL;
  ldap_value_free_len(values);
  return text;
}

static int search(ShareNames *names, const char *base, int scope, const char *filter,
                  LDAPMessage **out)
{
  static const char *const wanted[] = {"sAMAccountName",
                                       "objectSid",
                                       "nETBIOSName",
                                       "defaultNamingContext",
                                       "configurationNamingContext",
                                       NULL};
  struct timeval timeout = ldap_link_timeout(names->link);
  return ldap_search_ext_s(names->link->ld, base, scope, filter, (char **)wanted, 0, NULL, NULL,
                           &timeout, 0, out);
}

// The domain's short name, when the site does not say it.
static void find_domain(ShareNames *names, const char *configuration)
{
  g_autofree char *base = g_strdup_printf("CN=Partitions,%s", configuration);
  g_autoptr(GString) filter = g_string_new("(&(objectClass=crossRef)(nCName=");
  escape_text(filter, names->root, ESCAPE_FILTER);
  g_string_append(filter, "))");
  LDAPMessage *result = NULL;
  if (search(names, base, LDAP_SCOPE_ONELEVEL, filter->str, &result) == LDAP_SUCCESS &&
      ldap_first_entry(names->link->ld, result))
    names->domain =
        first_text(names->link->ld, ldap_first_entry(names->link->ld, result), "nETBIOSName");
  ldap_msgfree(result);
}

static bool connect(ShareNames *names, GError **error)
{
  if (names->link)
    return true;
  names->link = ldap_link_open(names->config, false, error);
  if (!names->link)
    return false;
  LDAPMessage *result = NULL;
  int code = search(names, "", LDAP_SCOPE_BASE, "(objectClass=*)", &result);
  LDAPMessage *root = code == LDAP_SUCCESS ? ldap_first_entry(names->link->ld, result) : NULL;
  g_autofree char *configuration =
      root ? first_text(names->link->ld, root, "configurationNamingContext") : NULL;
  names->root = root ? first_text(names->link->ld, root, "defaultNamingContext") : NULL;
  ldap_msgfree(result);
  names->root = names->root ? names->root : g_strdup(names->config->base);
  if (names->config->domain)
    names->domain = g_strdup(names->config->domain);
  else if (configuration)
    find_domain(names, configuration);
  return true;
}

static void take(ShareNames *names, LDAPMessage *entry)
{
  LDAP *ld = names->link->ld;
  struct berval **values = ldap_get_values_len(ld, entry, "objectSid");
  g_autofree char *sid = values && *values ? text_of_sid(*values) : NULL;
  g_autofree char *account = first_text(ld, entry, "sAMAccountName");
  ldap_value_free_len(values);
  if (!sid || !account)
    return;
  g_hash_table_replace(names->by_name, g_utf8_casefold(account, -1), g_strdup(sid));
  g_hash_table_replace(names->by_sid, g_steal_pointer(&sid),
                       names->domain ? g_strdup_printf("%s\\%s", names->domain, account)
                                     : g_steal_pointer(&account));
}

// Asks by one filter. A lost connection is tried anew once.
static bool ask(ShareNames *names, const char *filter, GError **error)
{
  for (int attempt = 0;; attempt++) {
    if (!connect(names, error))
      return false;
    LDAPMessage *result = NULL;
    int code = search(names, names->root, LDAP_SCOPE_SUBTREE, filter, &result);
    for (LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(names->link->ld, result)
                                                   : NULL;
         entry; entry = ldap_next_entry(names->link->ld, entry))
      take(names, entry);
    ldap_msgfree(result);
    if (code == LDAP_SUCCESS)
      return true;
    if (!ldap_link_is_lost(code) || attempt)
      return ldap_link_fail(names->link, code, _("the names of users and groups cannot be read"),
                            error);
    g_clear_pointer(&names->link, ldap_link_close);
    g_clear_pointer(&names->domain, g_free);
    g_clear_pointer(&names->root, g_free);
  }
}

bool share_names_learn(ShareNames *names, const GPtrArray *sids, GError **error)
{
  for (size_t i = 0; i < sids->len;) {
    g_autoptr(GString) filter = g_string_new("(|");
    size_t n = 0;
    for (; i < sids->len && n < MOST_A_FILTER; i++) {
      const char *sid = sids->pdata[i];
      g_autoptr(GString) known = g_string_new(NULL);
      if (g_hash_table_contains(names->by_sid, sid) || access_well_known_name(sid, known))
        continue;
      g_string_append_printf(filter, "(objectSid=%s)", sid);
      // Nobody, unless the answer says otherwise.
      g_hash_table_insert(names->by_sid, g_strdup(sid), g_strdup(""));
      n++;
    }
    g_string_append_c(filter, ')');
    if (n && !ask(names, filter->str, error)) {
      g_hash_table_remove_all(names->by_sid);
      return false;
    }
  }
  return true;
}

bool share_names_append(const ShareNames *names, const char *sid, GString *out)
{
  if (access_well_known_name(sid, out))
    return true;
  const char *name = g_hash_table_lookup(names->by_sid, sid);
  if (name && *name)
    g_string_append(out, name);
  return name && *name;
}

static bool is_our_domain(const ShareNames *names, const char *principal, size_t n)
{
  return !n || !names->domain ||
         (strlen(names->domain) == n && g_ascii_strncasecmp(names->domain, principal, n) == 0);
}

bool share_names_sid(ShareNames *names, const char *principal, char **out, GError **error)
{
  const char *known = access_well_known(principal);
  *out = known ? g_strdup(known) : NULL;
  if (known)
    return true;
  const char *slash = strchr(principal, '\\');
  const char *account = slash ? slash + 1 : principal;
  g_autofree char *folded = g_utf8_casefold(account, -1);
  const char *sid = g_hash_table_lookup(names->by_name, folded);
  if (!sid) {
    g_autoptr(GString) filter = g_string_new("(sAMAccountName=");
    escape_text(filter, account, ESCAPE_FILTER);
    g_string_append_c(filter, ')');
    if (!ask(names, filter->str, error))
      return false;
    sid = g_hash_table_lookup(names->by_name, folded);
  }
  if (sid && is_our_domain(names, principal, slash ? (size_t)(slash - principal) : 0))
    *out = g_strdup(sid);
  return true;
}
