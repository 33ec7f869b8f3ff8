// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a directory tells without being written to. A domain controller tells each account what it may do with an entry
// (MS-ADTS 3.1.1.4.5.5 allowedChildClassesEffective, .7 allowedAttributesEffective); OpenLDAP tells nobody.
#include "ldap_p.h"

#define MOST_ASKED 20

static const char *const passed_over[] = {"objectClass", "unicodePwd", "userPassword",
                                          "memberOf",    "dn",         NULL};

static bool is_passed_over(const char *attribute)
{
  for (size_t i = 0; passed_over[i]; i++)
    if (g_ascii_strcasecmp(attribute, passed_over[i]) == 0)
      return true;
  return false;
}

static void take_certificate(const Link *link, Vitals *out)
{
  struct berval certificate = {0};
  if (ldap_get_option(link->ld, LDAP_OPT_X_TLS_PEERCERT, &certificate) != LDAP_OPT_SUCCESS ||
      !certificate.bv_val)
    return;
  out->certificate = certificate_ends(certificate.bv_val, certificate.bv_len);
  ber_memfree(certificate.bv_val);
}

// Lower-case, as a set, of the first MOST_ASKED entries together; NULL when there is no such entry.
static GHashTable *ask(const Link *link, const char *base, int scope, const char *filter,
                       const char *attribute)
{
  char *attributes[] = {(char *)attribute, NULL};
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(link);
  int code = ldap_search_ext_s(link->ld, base, scope, filter, attributes, 0, NULL, NULL, &timeout,
                               MOST_ASKED, &result);
  // That there are more does not matter.
  bool found = code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED;
  LDAPMessage *entry = found && result ? ldap_first_entry(link->ld, result) : NULL;
  GHashTable *values = entry ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
  for (; entry; entry = ldap_next_entry(link->ld, entry)) {
    struct berval **told = ldap_get_values_len(link->ld, entry, attribute);
    for (size_t i = 0; told && told[i]; i++)
      g_hash_table_add(values, g_ascii_strdown(told[i]->bv_val, (gssize)told[i]->bv_len));
    ldap_value_free_len(told);
  }
  ldap_msgfree(result);
  return values;
}

static bool has(GHashTable *values, const char *name)
{
  g_autofree char *lower = g_ascii_strdown(name, -1);
  return g_hash_table_contains(values, lower);
}

// Of some entries of the class there, or below: what is set on one of them is as a rule set on all, but for a domain's
// own administrators, whose entries nobody else may write (AdminSDHolder). Lacking is what none of them allows.
static void look_at_entry(const Link *link, const VitalsClass *class, const char *base, Vitals *out)
{
  g_autofree char *filter = g_strdup_printf("(objectClass=%s)", class->klass);
  g_autoptr(GHashTable) may =
      ask(link, base, LDAP_SCOPE_SUBTREE, filter, "allowedAttributesEffective");
  g_autoptr(GString) lacks = g_string_new(NULL);
  for (size_t i = 0; may && class->attributes[i]; i++)
    if (!is_passed_over(class->attributes[i]) && !has(may, class->attributes[i]))
      g_string_append_printf(lacks, "%s%s", lacks->len ? ", " : "", class->attributes[i]);
  if (lacks->len)
    vitals_lack(out, _("write %s of %s in %s"), lacks->str, class->klass, base);
}

static void look_at_place(const Link *link, const VitalsClass *class, const char *place,
                          Vitals *out)
{
  g_autofree char *base =
      *place ? g_strdup_printf("%s,%s", place, link->config->base) : g_strdup(link->config->base);
  g_autoptr(GHashTable) may =
      ask(link, base, LDAP_SCOPE_BASE, "(objectClass=*)", "allowedChildClassesEffective");
  if (!may)
    vitals_lack(out, _("see %s, which must be there"), base);
  else if (!has(may, class->klass))
    vitals_lack(out, _("make %s below %s"), class->klass, base);
  if (may)
    look_at_entry(link, class, base, out);
}

// "20270401001000.0Z" of the root, which any controller tells (MS-ADTS 3.1.1.3.2.3).
static void take_clock(const Link *link, Vitals *out)
{
  g_autoptr(GHashTable) told = ask(link, "", LDAP_SCOPE_BASE, "(objectClass=*)", "currentTime");
  GHashTableIter iter;
  void *text = NULL;
  if (!told)
    return;
  g_hash_table_iter_init(&iter, told);
  if (!g_hash_table_iter_next(&iter, &text, NULL))
    return;
  g_autofree char *upper = g_ascii_strup(text, -1);
  Instant clock = ldap_trace_time(upper);
  if (clock != INSTANT_NONE)
    vitals_clock(out, clock);
}

bool ldap_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                 Vitals *out, GError **error)
{
  g_autoptr(Link) link = ldap_link_open(config, true, error);
  if (!link)
    return false;
  take_certificate(link, out);
  take_clock(link, out);
  if (!g_str_equal(config->type, "ad"))
    return true;
  out->tells_rights = true;
  for (size_t i = 0; i < n_classes; i++)
    for (size_t k = 0; classes[i].places[k]; k++)
      look_at_place(link, &classes[i], classes[i].places[k], out);
  return true;
}
