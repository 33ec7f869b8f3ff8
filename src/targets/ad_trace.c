// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a domain tells of who made and changed an entry: when each attribute changed and on which controller, by the
// replication metadata, but never who; who made it, by the owner in its security descriptor. Microsoft's controllers
// tell the metadata as XML (msDS-ReplAttributeMetaData, msDS-ReplValueMetaData), Samba's as they keep it
// (replPropertyMetaData, MS-ADTS 3.1.1.1.9).
#include "ldap_p.h"

#include <stdlib.h>

#define SD_FLAGS "1.2.840.113556.1.4.801"  // MS-ADTS 3.1.1.3.4.1.11

typedef struct Tracing {
  Link *link;
  const TraceAsk *ask;
  TraceFunc func;
  void *data;
} Tracing;

static bool is_asked(const TraceAsk *ask, const char *name)
{
  for (const char *const *asked = ask->attributes; *asked; asked++)
    if (g_ascii_strcasecmp(*asked, name) == 0)
      return true;
  return false;
}

static char *value_of(const Link *link, LDAPMessage *entry, const char *attribute)
{
  struct berval **values = ldap_get_values_len(link->ld, entry, attribute);
  char *text = values && *values ? g_strndup((*values)->bv_val, (*values)->bv_len) : NULL;
  ldap_value_free_len(values);
  return text;
}

// ---------------------------------------------------------------------------------------------
// As XML.

// What stands between <NAME> and </NAME>; NULL = nothing. Caller frees.
static char *element(const char *xml, const char *name)
{
  g_autofree char *open = g_strdup_printf("<%s>", name), *close = g_strdup_printf("</%s>", name);
  const char *from = strstr(xml, open);
  const char *to = from ? strstr(from, close) : NULL;
  if (!to)
    return NULL;
  from += strlen(open);
  return from == to ? NULL : g_strndup(from, (size_t)(to - from));
}

// "2027-04-01T00:10:00Z"
static Instant time_of_xml(const char *text)
{
  Instant when = INSTANT_NONE;
  return text && instant_parse(text, &when) ? when : INSTANT_NONE;
}

// "CN=NTDS Settings,CN=DC1,CN=Servers,…" is the controller DC1.
static char *controller_of(const char *dn)
{
  const char *comma = dn ? strchr(dn, ',') : NULL;
  const char *equals = comma ? strchr(comma, '=') : NULL;
  return equals ? g_strndup(equals + 1, strcspn(equals + 1, ",")) : NULL;
}

bool ad_trace_parse(const char *xml, AdTrace *out)
{
  g_autofree char *when = element(xml, "ftimeLastOriginatingChange"),
                  *controller = element(xml, "pszLastOriginatingDsaDN");
  *out = (AdTrace){.attribute = element(xml, "pszAttributeName"),
                   .value = element(xml, "pszObjectDn"),
                   .when = time_of_xml(when),
                   .where = controller_of(controller)};
  return out->attribute != NULL;
}

void ad_trace_clear(AdTrace *trace)
{
  g_free(trace->attribute);
  g_free(trace->value);
  g_free(trace->where);
}

static bool tell_xml(const Tracing *tracing, LDAPMessage *entry, const char *name)
{
  struct berval **values = ldap_get_values_len(tracing->link->ld, entry, name);
  bool any = values && *values;
  for (size_t i = 0; any && values[i]; i++) {
    g_autofree char *xml = g_strndup(values[i]->bv_val, values[i]->bv_len);
    AdTrace parsed;
    if (ad_trace_parse(xml, &parsed) && is_asked(tracing->ask, parsed.attribute))
      tracing->func(&(Trace){.attribute = parsed.attribute,
                             .value = parsed.value,
                             .when = parsed.when,
                             .where = parsed.where},
                    tracing->data);
    ad_trace_clear(&parsed);
  }
  ldap_value_free_len(values);
  return any;
}

// ---------------------------------------------------------------------------------------------
// As Samba keeps it. An attribute is a number there: what begins its OID by a table that all forests share (MS-DRSR
// 5.16.4), in the upper half, and the OID's last part.

static const struct {
  uint32_t number;
  const char *prefix;
} prefixes[] = {
    {0, "2.5.4."},
    {1, "2.5.6."},
    {2, "1.2.840.113556.1.2."},
    {9, "1.2.840.113556.1.4."},
    {19, "0.9.2342.19200300.100."},
    {20, "2.16.840.1.113730.3."},
    {21, "0.9.2342.19200300.100.1."},
    {22, "2.16.840.1.113730.3.1."},
};

static uint32_t number_of_oid(const char *oid)
{
  const char *last = oid ? strrchr(oid, '.') : NULL;
  for (size_t i = 0; last && i < G_N_ELEMENTS(prefixes); i++)
    if (strlen(prefixes[i].prefix) == (size_t)(last + 1 - oid) &&
        strncmp(oid, prefixes[i].prefix, (size_t)(last + 1 - oid)) == 0)
      return prefixes[i].number << 16 | (uint32_t)strtoul(last + 1, NULL, 10);
  return UINT32_MAX;
}

static uint64_t little(const unsigned char *at, size_t n)
{
  uint64_t number = 0;
  while (n > 0)
    number = number << 8 | at[--n];
  return number;
}

enum { BLOB_HEAD = 16, BLOB_COUNT = 8, BLOB_ROW = 48, ROW_WHEN = 8 };

Instant ad_trace_changed(const Bytes *blob, uint32_t attribute)
{
  // Seconds since 1601.
  const uint64_t seconds_to_1970 = 11644473600;
  const unsigned char *bytes = (const unsigned char *)blob->at;
  if (blob->n < BLOB_HEAD || little(bytes, 4) != 1)
    return INSTANT_NONE;
  size_t n_rows = MIN((size_t)little(bytes + BLOB_COUNT, 4), (blob->n - BLOB_HEAD) / BLOB_ROW);
  for (size_t i = 0; i < n_rows; i++) {
    const unsigned char *row = bytes + BLOB_HEAD + i * BLOB_ROW;
    if (little(row, 4) == attribute)
      return (Instant)(little(row + ROW_WHEN, 8) - seconds_to_1970);
  }
  return INSTANT_NONE;
}

typedef struct Naming {
  const Tracing *tracing;
  Bytes blob;
} Naming;

static void tell_named(LDAPMessage *attribute, void *data)
{
  const Naming *naming = data;
  const Tracing *tracing = naming->tracing;
  g_autofree char *name = value_of(tracing->link, attribute, "lDAPDisplayName"),
                  *oid = value_of(tracing->link, attribute, "attributeID");
  Instant when = ad_trace_changed(&naming->blob, number_of_oid(oid));
  if (name && when != INSTANT_NONE)
    tracing->func(&(Trace){.attribute = name, .when = when}, tracing->data);
}

static bool tell_blob(const Tracing *tracing, LDAPMessage *entry, GError **error)
{
  static const char *const wanted[] = {"lDAPDisplayName", "attributeID", NULL};
  struct berval **values = ldap_get_values_len(tracing->link->ld, entry, "replPropertyMetaData");
  g_autofree char *base = g_strdup_printf("CN=Schema,%s", tracing->link->configuration);
  g_autoptr(GString) filter = g_string_new("(|");
  for (const char *const *name = tracing->ask->attributes; *name; name++) {
    g_string_append(filter, "(lDAPDisplayName=");
    escape_text(filter, *name, ESCAPE_FILTER);
    g_string_append_c(filter, ')');
  }
  g_string_append_c(filter, ')');
  int code = LDAP_SUCCESS;
  if (values && *values && *tracing->ask->attributes) {
    Naming naming = {tracing, {(*values)->bv_len, (*values)->bv_val}};
    code = ad_search(tracing->link, &(AdSearch){base, LDAP_SCOPE_ONELEVEL, filter->str, wanted},
                     tell_named, &naming);
  }
  ldap_value_free_len(values);
  return code == LDAP_SUCCESS ||
         ldap_link_fail(tracing->link, code, _("the domain's schema cannot be read"), error);
}

// ---------------------------------------------------------------------------------------------
// Its owner: whoever made it, unless that was an administrator, of whom Windows says no more than that.

// The owner's SID in a self-relative descriptor (MS-DTYP 2.4.6); its place stands at byte 4.
static bool owner_in(const Bytes *descriptor, GString *sid_filter, GString *sid_text)
{
  enum { OWNER = 4, HEAD = 20, SID_HEAD = 8 };
  if (descriptor->n < HEAD)
    return false;
  size_t at = (size_t)little((const unsigned char *)descriptor->at + OWNER, 4);
  if (at < HEAD || at + SID_HEAD > descriptor->n)
    return false;
  size_t n = SID_HEAD + 4 * (size_t)(unsigned char)descriptor->at[at + 1];
  if (at + n > descriptor->n)
    return false;
  Bytes sid = {n, descriptor->at + at};
  for (size_t i = 0; i < n; i++)
    g_string_append_printf(sid_filter, "\\%02x", (unsigned char)sid.at[i]);
  return ad_sid_text(&sid, sid_text);
}

typedef struct Owner {
  const Link *link;
  char *name;
} Owner;

static void take_owner(LDAPMessage *entry, void *data)
{
  Owner *owner = data;
  g_free(owner->name);
  owner->name = value_of(owner->link, entry, "sAMAccountName");
}

// NULL when the descriptor may not be read. Caller frees.
static char *owner_of(const Tracing *tracing, LDAPMessage *entry)
{
  static const char *const wanted[] = {"sAMAccountName", NULL};
  struct berval **values = ldap_get_values_len(tracing->link->ld, entry, "nTSecurityDescriptor");
  g_autoptr(GString) sid = g_string_new(NULL), text = g_string_new(NULL);
  Owner owner = {tracing->link, NULL};
  bool told =
      values && *values && owner_in(&(Bytes){(*values)->bv_len, (*values)->bv_val}, sid, text);
  ldap_value_free_len(values);
  if (!told)
    return NULL;
  g_autofree char *filter = g_strdup_printf("(objectSid=%s)", sid->str);
  ad_search(tracing->link, &(AdSearch){tracing->link->domain, LDAP_SCOPE_SUBTREE, filter, wanted},
            take_owner, &owner);
  return owner.name ? owner.name : g_strdup(text->str);
}

// ---------------------------------------------------------------------------------------------

static bool tell_entry(const Tracing *tracing, LDAPMessage *entry, GError **error)
{
  g_autofree char *made = value_of(tracing->link, entry, "whenCreated"),
                  *changed = value_of(tracing->link, entry, "whenChanged"),
                  *owner = owner_of(tracing, entry);
  tracing->func(&(Trace){.created = true, .when = ldap_trace_time(made), .who = owner},
                tracing->data);
  tracing->func(&(Trace){.when = ldap_trace_time(changed)}, tracing->data);
  bool told = tell_xml(tracing, entry, "msDS-ReplAttributeMetaData");
  tell_xml(tracing, entry, "msDS-ReplValueMetaData");
  return told || tell_blob(tracing, entry, error);
}

// The owner is all of the descriptor that is asked for: the rest needs rights that an account for reading lacks.
static int search(const Tracing *tracing, LDAPMessage **out)
{
  static const char *const wanted[] = {"whenCreated",
                                       "whenChanged",
                                       "nTSecurityDescriptor",
                                       "msDS-ReplAttributeMetaData",
                                       "msDS-ReplValueMetaData",
                                       "replPropertyMetaData",
                                       NULL};
  static const char owner_only[] = "\x30\x03\x02\x01\x01";
  LDAPControl flags = {.ldctl_oid = (char *)SD_FLAGS,
                       .ldctl_value = {sizeof owner_only - 1, (char *)owner_only},
                       .ldctl_iscritical = 1};
  LDAPControl *controls[] = {&flags, NULL};
  struct timeval timeout = ldap_link_timeout(tracing->link);
  g_autofree char *by_id = g_strdup_printf("<GUID=%s>", tracing->ask->stable_id);
  return ldap_search_ext_s(tracing->link->ld, *tracing->ask->stable_id ? by_id : tracing->ask->dn,
                           LDAP_SCOPE_BASE, "(objectClass=*)", (char **)wanted, 0, controls, NULL,
                           &timeout, LDAP_NO_LIMIT, out);
}

bool ad_trace(Link *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  Tracing tracing = {link, ask, func, data};
  LDAPMessage *result = NULL;
  int code = search(&tracing, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
  bool fine = !entry || tell_entry(&tracing, entry, error);
  ldap_msgfree(result);
  if (code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT)
    return fine;
  return ldap_link_fail(link, code, _("who changed an entry cannot be read"), error);
}
