// SPDX-License-Identifier: GPL-3.0-or-later
//
// A domain's subschema (CN=Aggregate) lacks equality rules, upper bounds and what the server keeps to itself. They
// are in the schema's own objects.
#include "ldap_p.h"

#include <stdlib.h>

enum { CONSTRUCTED = 4 };  // of systemFlags (MS-ADTS 2.2.10)

// How values of a syntax compare (MS-ADTS 3.1.1.2.2.4), in the words of RFC 4517.
static const struct {
  const char *syntax;
  const char *om_syntax;  // NULL = any
  const char *equality;
  bool counts_chars;  // rangeUpper is a length, not a greatest number
} syntaxes[] = {
    {"2.5.5.1", NULL, "distinguishedNameMatch", false},
    {"2.5.5.2", NULL, "objectIdentifierMatch", false},
    {"2.5.5.3", NULL, "caseExactMatch", true},
    {"2.5.5.4", NULL, "caseIgnoreMatch", true},
    {"2.5.5.5", NULL, "caseExactIA5Match", true},
    {"2.5.5.6", NULL, "numericStringMatch", true},
    {"2.5.5.8", NULL, "booleanMatch", false},
    {"2.5.5.9", NULL, "integerMatch", false},
    {"2.5.5.11", "24", "generalizedTimeMatch", false},
    {"2.5.5.12", NULL, "caseIgnoreMatch", true},
    {"2.5.5.16", NULL, "integerMatch", false},
};
// The others: octets. A server compares them all, so each value can be taken away by itself.
#define OTHER_EQUALITY "octetStringMatch"

static const char *const wanted[] = {
    "lDAPDisplayName", "attributeSyntax", "oMSyntax",    "isSingleValued", "rangeUpper",
    "systemOnly",      "systemFlags",     "attributeID", "linkID",         NULL};
enum { NAME, SYNTAX, OM_SYNTAX, SINGLE, UPPER, SYSTEM_ONLY, FLAGS, OID, LINK, N_WANTED };

static void read_values(Link *link, LDAPMessage *entry, char *values[N_WANTED])
{
  for (size_t i = 0; i < N_WANTED; i++) {
    struct berval **list = ldap_get_values_len(link->ld, entry, wanted[i]);
    values[i] = list && *list ? g_strndup((*list)->bv_val, (*list)->bv_len) : NULL;
    ldap_value_free_len(list);
  }
}

static long number(const char *text)
{
  return text ? strtol(text, NULL, 10) : 0;
}

static bool is_true(const char *text)
{
  return text && g_str_equal(text, "TRUE");
}

// Computed by the server, or the far end of a link (memberOf is that of member), whose linkID is odd.
static bool is_readonly(char *const values[N_WANTED])
{
  return is_true(values[SYSTEM_ONLY]) || (number(values[FLAGS]) & CONSTRUCTED) != 0 ||
         number(values[LINK]) % 2 == 1;
}

// As if it had been read from a subschema, so that all else is the same for every directory.
static LDAPAttributeType *make_type(char *const values[N_WANTED])
{
  LDAPAttributeType *type = ber_memcalloc(1, sizeof *type);
  const char *equality = OTHER_EQUALITY;
  bool counts = false;
  for (size_t i = 0; i < G_N_ELEMENTS(syntaxes); i++) {
    if (!g_str_equal(syntaxes[i].syntax, values[SYNTAX]) ||
        (syntaxes[i].om_syntax && g_strcmp0(syntaxes[i].om_syntax, values[OM_SYNTAX]) != 0))
      continue;
    equality = syntaxes[i].equality;
    counts = syntaxes[i].counts_chars;
  }
  if (g_ascii_strcasecmp(values[NAME], "accountExpires") == 0)
    equality = LDAP_SCHEMA_NEVER;
  type->at_oid = ber_strdup(values[OID] ? values[OID] : values[NAME]);
  type->at_names = ber_memcalloc(2, sizeof *type->at_names);
  type->at_names[0] = ber_strdup(values[NAME]);
  type->at_equality_oid = ber_strdup(equality);
  type->at_syntax_len = counts ? (int)number(values[UPPER]) : 0;
  type->at_single_value = is_true(values[SINGLE]);
  type->at_no_user_mod = is_readonly(values);
  return type;
}

static void take(Link *link, LdapSchema *schema, LDAPMessage *entry)
{
  char *values[N_WANTED];
  read_values(link, entry, values);
  if (values[NAME] && values[SYNTAX])
    ldap_schema_add_type(schema, make_type(values));
  else if (values[NAME])
    ldap_schema_add_class(schema, values[NAME]);
  for (size_t i = 0; i < N_WANTED; i++)
    g_free(values[i]);
}

typedef struct Taking {
  Link *link;
  LdapSchema *schema;
} Taking;

static void take_entry(LDAPMessage *entry, void *data)
{
  Taking *taking = data;
  take(taking->link, taking->schema, entry);
}

LdapSchema *ad_schema_read(Link *link, GError **error)
{
  g_autofree char *base =
      g_strconcat("CN=Schema,", link->configuration ? link->configuration : "", NULL);
  LdapSchema *schema = ldap_schema_new();
  Taking taking = {link, schema};
  AdSearch search = {base, LDAP_SCOPE_ONELEVEL,
                     "(|(objectClass=attributeSchema)(objectClass=classSchema))", wanted};
  int code = ad_search(link, &search, take_entry, &taking);
  if (code == LDAP_SUCCESS && ldap_schema_is_filled(schema))
    return schema;
  ldap_schema_free(schema);
  g_autofree char *what =
      g_strdup_printf(_("the schema in %s cannot be read; let the account read it"), base);
  ldap_link_fail(link, code, what, error);
  return NULL;
}
