// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a directory tells of who made and changed an entry: its operational attributes (RFC 4512 3.4), which know the
// last change only, and OpenLDAP's log of changes (slapo-accesslog), which knows all of them and what is gone.
#include "ldap_p.h"

#include <stdlib.h>

// What is told of which entry, and to whom.
typedef struct Telling {
  const Link *link;
  const TraceAsk *ask;
  const char *own;  // whom we write as; NULL = not known
  TraceFunc func;
  void *data;
} Telling;

// ---------------------------------------------------------------------------------------------
// Values.

static char *value_of(const Link *link, LDAPMessage *entry, const char *attribute)
{
  struct berval **values = ldap_get_values_len(link->ld, entry, attribute);
  char *text = values && *values ? g_strndup((*values)->bv_val, (*values)->bv_len) : NULL;
  ldap_value_free_len(values);
  return text;
}

Instant ldap_trace_time(const char *text)
{
  int at[6] = {0};
  static const int width[6] = {4, 2, 2, 2, 2, 2};
  const char *next = text;
  for (size_t i = 0; next && i < G_N_ELEMENTS(at); i++) {
    for (int k = 0; k < width[i]; k++, next++) {
      if (!g_ascii_isdigit(*next))
        return INSTANT_NONE;
      at[i] = at[i] * 10 + (*next - '0');
    }
  }
  Date day = text ? date_of(at[0], at[1], at[2]) : DATE_NONE;
  if (day == DATE_NONE)
    return INSTANT_NONE;
  // A Date begins nine hours before its day does in UTC.
  const Instant jst_s = 9 * 3600;
  return date_start(day) + jst_s + at[3] * 3600 + at[4] * 60 + at[5];
}

// "20270401001000.000000Z#000000#001#000000": the third part is the server that took it; 000 = there is but one.
static char *server_of(const char *csn)
{
  g_auto(GStrv) parts = g_strsplit(csn ? csn : "", "#", -1);
  bool told = g_strv_length(parts) == 4 && !g_str_equal(parts[2], "000");
  return told ? g_strdup_printf(_("server %s"), parts[2]) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Whether it was us. Through ldapi the server knows by what name it knows us.

static char *own_name(const Link *link)
{
  const TargetConfig *config = link->config;
  struct berval *name = NULL;
  if (!config->external)
    return g_strdup(config->write_dn ? config->write_dn : config->read_dn);
  int code = ldap_whoami_s(link->ld, &name, NULL, NULL);
  g_autofree char *text =
      code == LDAP_SUCCESS && name ? g_strndup(name->bv_val, name->bv_len) : NULL;
  ber_bvfree(name);
  return text && g_str_has_prefix(text, "dn:") ? g_strdup(text + 3) : NULL;
}

static bool same_dn(const char *a, const char *b)
{
  g_autoptr(GString) one = g_string_new(NULL), two = g_string_new(NULL);
  return a && b && place_key(a, strlen(a), one) && place_key(b, strlen(b), two) &&
         g_string_equal(one, two);
}

// ---------------------------------------------------------------------------------------------
// The entry itself.

static void tell_entry(const Telling *telling, LDAPMessage *entry)
{
  const Link *link = telling->link;
  g_autofree char *made = value_of(link, entry, "createTimestamp"),
                  *maker = value_of(link, entry, "creatorsName"),
                  *changed = value_of(link, entry, "modifyTimestamp"),
                  *changer = value_of(link, entry, "modifiersName"),
                  *csn = value_of(link, entry, "entryCSN");
  g_autofree char *server = server_of(csn);
  if (made || maker)
    telling->func(&(Trace){.created = true,
                           .when = ldap_trace_time(made),
                           .who = maker,
                           .ours = same_dn(maker, telling->own)},
                  telling->data);
  if (changed || changer)
    telling->func(&(Trace){.when = ldap_trace_time(changed),
                           .who = changer,
                           .ours = same_dn(changer, telling->own),
                           .where = server},
                  telling->data);
}

static bool find(const Link *link, const TraceAsk *ask, const char *const *attributes,
                 LDAPMessage **out, GError **error)
{
  struct timeval timeout = ldap_link_timeout(link);
  g_autoptr(GString) filter = g_string_new(NULL);
  *out = NULL;
  bool by_id = *ask->stable_id != '\0';
  if (by_id)
    link->dialect->id_filter(ask->stable_id, filter);
  int code = ldap_search_ext_s(link->ld, by_id ? link->config->base : ask->dn,
                               by_id ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_BASE,
                               by_id ? filter->str : "(objectClass=*)", (char **)attributes, 0,
                               NULL, NULL, &timeout, LDAP_NO_LIMIT, out);
  if (code == LDAP_SUCCESS || code == LDAP_NO_SUCH_OBJECT)
    return true;
  ldap_msgfree(g_steal_pointer(out));
  return ldap_link_fail(link, code, _("who changed an entry cannot be read"), error);
}

// ---------------------------------------------------------------------------------------------
// The log: "title:= 係長", "member:+ uid=…", "description:-".

static bool is_asked(const TraceAsk *ask, const char *name, size_t n)
{
  for (const char *const *asked = ask->attributes; *asked; asked++)
    if (strlen(*asked) == n && g_ascii_strncasecmp(*asked, name, n) == 0)
      return true;
  return false;
}

// One change has a line for each of its values; of the same attribute's only those that name an entry are told apart.
static void tell_mods(const Telling *telling, LDAPMessage *entry, Trace *trace)
{
  struct berval **mods = ldap_get_values_len(telling->link->ld, entry, "reqMod");
  for (size_t i = 0; mods && mods[i]; i++) {
    g_autofree char *text = g_strndup(mods[i]->bv_val, mods[i]->bv_len);
    char *colon = strchr(text, ':');
    if (!colon || !is_asked(telling->ask, text, (size_t)(colon - text)))
      continue;
    const char *value = strlen(colon) > 3 ? colon + 3 : NULL;
    *colon = '\0';
    g_autoptr(GString) key = g_string_new(NULL);
    bool refers = value && strchr(value, '=') && place_key(value, strlen(value), key);
    trace->attribute = text;
    trace->value = refers ? value : NULL;
    telling->func(trace, telling->data);
  }
  ldap_value_free_len(mods);
}

static void tell_logged(const Telling *telling, LDAPMessage *entry)
{
  const Link *link = telling->link;
  g_autofree char *start = value_of(link, entry, "reqStart"),
                  *who = value_of(link, entry, "reqAuthzID"),
                  *type = value_of(link, entry, "reqType");
  const char *dn = who && g_str_has_prefix(who, "dn:") ? who + 3 : who;
  Trace trace = {.when = ldap_trace_time(start),
                 .who = dn && *dn ? dn : NULL,
                 .ours = same_dn(dn, telling->own)};
  if (g_strcmp0(type, "modify") == 0) {
    tell_mods(telling, entry, &trace);
    return;
  }
  trace.created = g_strcmp0(type, "add") == 0;
  telling->func(&trace, telling->data);
}

static void add_term(GString *out, const char *attribute, const char *value)
{
  g_string_append_printf(out, "(%s=", attribute);
  escape_text(out, value, ESCAPE_FILTER);
  g_string_append_c(out, ')');
}

static bool tell_log(const Telling *telling, GError **error)
{
  static const char *const wanted[] = {"reqStart", "reqAuthzID", "reqType", "reqMod", NULL};
  const Link *link = telling->link;
  const TraceAsk *ask = telling->ask;
  struct timeval timeout = ldap_link_timeout(link);
  g_autoptr(GString) filter = g_string_new("(&(objectClass=auditWriteObject)(reqResult=0)");
  add_term(filter, *ask->stable_id ? "reqEntryUUID" : "reqDN",
           *ask->stable_id ? ask->stable_id : ask->dn);
  g_string_append_c(filter, ')');
  LDAPMessage *result = NULL;
  int code = ldap_search_ext_s(link->ld, link->config->accesslog, LDAP_SCOPE_ONELEVEL, filter->str,
                               (char **)wanted, 0, NULL, NULL, &timeout, LDAP_NO_LIMIT, &result);
  for (LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL; entry;
       entry = ldap_next_entry(link->ld, entry)) {
    g_autofree char *start = value_of(link, entry, "reqStart");
    if (ask->since == INSTANT_NONE || ldap_trace_time(start) >= ask->since)
      tell_logged(telling, entry);
  }
  ldap_msgfree(result);
  return code == LDAP_SUCCESS ||
         ldap_link_fail(link, code, _("the log of changes (accesslog) cannot be read"), error);
}

bool ldap_trace(Link *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  static const char *const wanted[] = {"createTimestamp", "creatorsName", "modifyTimestamp",
                                       "modifiersName",   "entryCSN",     NULL};
  LDAPMessage *result = NULL;
  if (!find(link, ask, wanted, &result, error))
    return false;
  g_autofree char *own = own_name(link);
  Telling telling = {link, ask, own, func, data};
  LDAPMessage *entry = ldap_first_entry(link->ld, result);
  if (entry)
    tell_entry(&telling, entry);
  ldap_msgfree(result);
  return !link->config->accesslog || tell_log(&telling, error);
}
