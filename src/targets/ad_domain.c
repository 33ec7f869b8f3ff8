// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is read once of a domain, when it is first needed: who it is, which accounts are our own, what its
// forest consists of, and who belongs to a group by primaryGroupID, which the group's `member` lacks.
#include "ldap_p.h"

#define FIRST_OWN_RID 1000  // those below are made with the domain (MS-ADTS 7.1.4)

struct AdDomain {
  GString *sid;         // of the domain, as it comes
  GPtrArray *own;       // GString: SIDs of the accounts in the site's file
  GPtrArray *contexts;  // keys of the forest's naming contexts; NULL until asked for
  GHashTable *primary;  // RID -> GPtrArray of DNs; NULL until asked for
};

static void free_string(void *string)
{
  g_string_free(string, true);
}

static void free_array(void *array)
{
  g_ptr_array_unref(array);
}

void ad_domain_free(AdDomain *domain)
{
  if (!domain)
    return;
  g_string_free(domain->sid, true);
  g_ptr_array_unref(domain->own);
  g_clear_pointer(&domain->contexts, g_ptr_array_unref);
  g_clear_pointer(&domain->primary, g_hash_table_unref);
  g_free(domain);
}

// ---------------------------------------------------------------------------------------------
// Searches

typedef struct Question {
  const char *base;
  int scope;
  const char *filter;
  const char *attribute;
  // Called for each value of the attribute; `dn` is the entry's.
  void (*take)(const char *dn, const Bytes *value, void *data);
  void *data;
} Question;

typedef struct Asking {
  const Link *link;
  const Question *question;
} Asking;

static void take_entry(LDAPMessage *entry, void *data)
{
  const Asking *asking = data;
  const Question *question = asking->question;
  char *dn = ldap_get_dn(asking->link->ld, entry);
  struct berval **values = ldap_get_values_len(asking->link->ld, entry, question->attribute);
  for (struct berval **value = values; value && *value; value++)
    question->take(dn, &(Bytes){(*value)->bv_len, (*value)->bv_val}, question->data);
  ldap_value_free_len(values);
  ldap_memfree(dn);
}

// The result code; an entry that is not there is no fault.
static int ask(const Link *link, const Question *question)
{
  const char *const attributes[] = {question->attribute, NULL};
  AdSearch search = {question->base, question->scope, question->filter, attributes};
  Asking asking = {link, question};
  int code = ad_search(link, &search, take_entry, &asking);
  return code == LDAP_NO_SUCH_OBJECT ? LDAP_SUCCESS : code;
}

static void take_bytes(const char *dn, const Bytes *value, void *data)
{
  (void)dn;
  g_string_truncate(data, 0);
  g_string_append_len(data, value->at, (gssize)value->n);
}

// ---------------------------------------------------------------------------------------------
// The domain and our own accounts

static void take_sid(const char *dn, const Bytes *value, void *data)
{
  (void)dn;
  g_ptr_array_add(data, g_string_new_len(value->at, (gssize)value->n));
}

static void append_equals(GString *out, const char *attribute, const char *value, size_t n_bytes)
{
  g_string_append_printf(out, "(%s=", attribute);
  escape_append(out, value, n_bytes, ESCAPE_FILTER);
  g_string_append_c(out, ')');
}

// By whatever it logs in with: a DN, DOMAIN\user, or user@realm, which is either a UPN or stands for the user's
// short name.
void ad_account_filter(const char *account, GString *out)
{
  g_autoptr(GString) key = g_string_new(NULL);
  const char *backslash = strchr(account, '\\'), *at = strrchr(account, '@');
  if (place_key(account, strlen(account), key)) {
    append_equals(out, "distinguishedName", account, strlen(account));
    return;
  }
  const char *name = backslash ? backslash + 1 : account;
  size_t n_name = at && at > name ? (size_t)(at - name) : strlen(name);
  append_equals(out, "userPrincipalName", account, strlen(account));
  append_equals(out, "sAMAccountName", name, n_name);
  append_equals(out, "servicePrincipalName", name, n_name);
}

static int find_own(const Link *link, GPtrArray *own)
{
  const TargetConfig *config = link->config;
  const char *accounts[] = {config->read_dn, config->write_dn, config->desk_dn};
  g_autoptr(GString) filter = g_string_new("(|");
  for (size_t i = 0; i < G_N_ELEMENTS(accounts); i++)
    if (accounts[i])
      ad_account_filter(accounts[i], filter);
  g_string_append_c(filter, ')');
  return ask(
      link, &(Question){link->domain, LDAP_SCOPE_SUBTREE, filter->str, "objectSid", take_sid, own});
}

static AdDomain *domain_read(Link *link, GError **error)
{
  if (!link->domain) {
    ldap_link_fail(link, LDAP_SUCCESS,
                   _("it names no domain, so it is no domain controller; type: ldap is for others"),
                   error);
    return NULL;
  }
  AdDomain *domain = g_new0(AdDomain, 1);
  domain->sid = g_string_new(NULL);
  domain->own = g_ptr_array_new_with_free_func(free_string);
  int code = ask(link, &(Question){link->domain, LDAP_SCOPE_BASE, "(objectClass=*)", "objectSid",
                                   take_bytes, domain->sid});
  if (code == LDAP_SUCCESS && domain->sid->len)
    code = find_own(link, domain->own);
  if (code == LDAP_SUCCESS && domain->sid->len)
    return domain;
  ldap_link_fail(link, code, _("the domain does not show its objectSid; may the account read it?"),
                 error);
  ad_domain_free(domain);
  return NULL;
}

static AdDomain *domain_of(Link *link, GError **error)
{
  if (!link->known)
    link->known = domain_read(link, error);
  return link->known;
}

bool ad_domain_learn(Link *link, GError **error)
{
  return domain_of(link, error) != NULL;
}

// The base of another domain would be answered with a referral, and that of the forest's root holds less.
static bool check_base(const Link *link, GError **error)
{
  g_autoptr(GString) domain = g_string_new(NULL);
  g_autoptr(GString) base = g_string_new(NULL);
  if (place_key(link->domain, strlen(link->domain), domain) &&
      place_key(link->config->base, strlen(link->config->base), base) &&
      places_cover(domain->str, base->str))
    return true;
  g_autofree char *what = g_strdup_printf(
      _("the base %s is not in the controller's domain, %s; a target is one domain"),
      link->config->base, link->domain);
  return ldap_link_fail(link, LDAP_SUCCESS, what, error);
}

bool ad_domain_sid(Link *link, GString *out, GError **error)
{
  const AdDomain *domain = domain_of(link, error);
  if (!domain || !check_base(link, error))
    return false;
  g_string_append(out, "objectSid=");
  if (!ad_sid_text(&(Bytes){domain->sid->len, domain->sid->str}, out))
    return ldap_link_fail(link, LDAP_SUCCESS, _("the domain's objectSid cannot be understood"),
                          error);
  g_string_append_c(out, ' ');
  return true;
}

// ---------------------------------------------------------------------------------------------
// Entries that are never touched

enum { SERVER_TRUST = 0x2000, WORKSTATION_TRUST = 0x1000, DOMAIN_TRUST = 0x800 };

static bool is_own(const AdDomain *domain, const Bytes *sid)
{
  for (guint i = 0; i < domain->own->len; i++) {
    const GString *own = g_ptr_array_index(domain->own, i);
    if (own->len == sid->n && memcmp(own->str, sid->at, sid->n) == 0)
      return true;
  }
  return false;
}

// Of a domain's own objects the SIDs are the domain's with one more number.
static bool is_of_domain(const AdDomain *domain, const Bytes *sid)
{
  enum { HEAD = 2 };  // revision, and how many numbers follow
  return sid->n == domain->sid->len + 4 &&
         memcmp(sid->at + HEAD, domain->sid->str + HEAD, domain->sid->len - HEAD) == 0;
}

const char *ad_protected_by(Link *link, const AdSight *sight, GError **error)
{
  const AdDomain *domain = domain_of(link, error);
  if (!domain)
    return NULL;
  const Bytes *sid = &sight->values[AD_SID];
  if (sid->n && is_own(domain, sid))
    return _("our own account");
  if (ad_sight_is(sight, AD_ADMIN_COUNT, "1"))
    return "adminCount=1";
  if (ad_sight_is(sight, AD_CRITICAL, "TRUE"))
    return "isCriticalSystemObject";
  if (sid->n && (!is_of_domain(domain, sid) || ad_sid_rid(sid) < FIRST_OWN_RID))
    return _("built-in");
  unsigned long control = ad_sight_number(sight, AD_CONTROL);
  if (control & SERVER_TRUST)
    return _("a domain controller");
  if (control & (WORKSTATION_TRUST | DOMAIN_TRUST))
    return _("a machine's or a domain's account");
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// The forest's naming contexts

static void take_context(const char *dn, const Bytes *value, void *data)
{
  (void)dn;
  g_autoptr(GString) key = g_string_new(NULL);
  if (place_key(value->at, value->n, key))
    g_ptr_array_add(data, g_string_free(g_steal_pointer(&key), false));
}

bool ad_is_context(Link *link, const char *dn, bool *is, GError **error)
{
  AdDomain *domain = domain_of(link, error);
  if (!domain)
    return false;
  if (!domain->contexts) {
    g_autoptr(GPtrArray) contexts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *base = g_strconcat("CN=Partitions,", link->configuration, NULL);
    int code = ask(link, &(Question){base, LDAP_SCOPE_ONELEVEL, "(objectClass=crossRef)", "nCName",
                                     take_context, contexts});
    if (code != LDAP_SUCCESS)
      return ldap_link_fail(link, code, _("the forest's parts cannot be read"), error);
    domain->contexts = g_steal_pointer(&contexts);
  }
  g_autoptr(GString) key = g_string_new(NULL);
  *is = place_key(dn, strlen(dn), key) &&
        g_ptr_array_find_with_equal_func(domain->contexts, key->str, g_str_equal, NULL);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Primary groups

static void take_primary(const char *dn, const Bytes *value, void *data)
{
  g_autofree char *text = g_strndup(value->at, value->n);
  gpointer rid = GUINT_TO_POINTER((guint)g_ascii_strtoull(text, NULL, 10));
  GPtrArray *members = g_hash_table_lookup(data, rid);
  if (!members) {
    members = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(data, rid, members);
  }
  g_ptr_array_add(members, g_strdup(dn));
}

// Everybody's is Domain Users as a rule, which is not ours; so only those with another are asked for.
bool ad_primary_read(Link *link, GError **error)
{
  AdDomain *domain = domain_of(link, error);
  if (!domain)
    return false;
  if (domain->primary)
    return true;
  g_autofree char *filter = g_strdup_printf("(primaryGroupID>=%d)", FIRST_OWN_RID);
  GHashTable *primary = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_array);
  int code = ask(link, &(Question){link->domain, LDAP_SCOPE_SUBTREE, filter, "primaryGroupID",
                                   take_primary, primary});
  if (code != LDAP_SUCCESS) {
    g_hash_table_unref(primary);
    return ldap_link_fail(link, code, _("who has which primary group cannot be read"), error);
  }
  domain->primary = primary;
  return true;
}

const GPtrArray *ad_primary_members(const Link *link, const Bytes *sid)
{
  const AdDomain *domain = link->known;
  if (!domain || !domain->primary || !sid->n || !is_of_domain(domain, sid))
    return NULL;
  return g_hash_table_lookup(domain->primary, GUINT_TO_POINTER(ad_sid_rid(sid)));
}

static void take_number(const char *dn, const Bytes *value, void *data)
{
  (void)dn;
  g_autofree char *text = g_strndup(value->at, value->n);
  *(uint32_t *)data = (uint32_t)g_ascii_strtoull(text, NULL, 10);
}

static void append_little_endian(GString *out, uint32_t number)
{
  for (int i = 0; i < 4; i++)
    g_string_append_c(out, (char)(number >> 8 * i & 0xff));
}

static void take_dn(const char *dn, const Bytes *value, void *data)
{
  (void)value;
  g_string_assign(data, dn);
}

// The entry's primary group: its SID, and its DN where that is wanted. Empty: it has none.
static int find_primary(Link *link, const char *dn, GString *sid, GString *group)
{
  uint32_t rid = 0;
  int code = ask(link, &(Question){dn, LDAP_SCOPE_BASE, "(objectClass=*)", "primaryGroupID",
                                   take_number, &rid});
  if (code != LDAP_SUCCESS || rid == 0)
    return code;
  g_string_append_len(sid, link->known->sid->str, (gssize)link->known->sid->len);
  sid->str[1]++;
  append_little_endian(sid, rid);
  if (!group)
    return code;
  g_autoptr(GString) filter = g_string_new(NULL);
  append_equals(filter, "objectSid", sid->str, sid->len);
  return ask(link, &(Question){link->domain, LDAP_SCOPE_SUBTREE, filter->str, "objectSid", take_dn,
                               group});
}

bool ad_member_filter(Link *link, const char *dn, bool nested, GString *out, GError **error)
{
  if (!domain_of(link, error))
    return false;
  g_autoptr(GString) sid = g_string_new(NULL);
  g_autoptr(GString) group = g_string_new(NULL);
  int code = find_primary(link, dn, sid, nested ? group : NULL);
  if (code != LDAP_SUCCESS)
    return ldap_link_fail(link, code, _("its primary group cannot be read"), error);
  g_autofree char *by =
      nested ? g_strdup_printf("member:%s:", link->dialect->chain_rule) : g_strdup("member");
  append_equals(out, by, dn, strlen(dn));
  if (group->len)
    append_equals(out, by, group->str, group->len);
  if (sid->len)
    append_equals(out, "objectSid", sid->str, sid->len);
  return true;
}
