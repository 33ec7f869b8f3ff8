// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

#define MOST_LEVELS 32

struct LdapSchema {
  GPtrArray *types;     // LDAPAttributeType
  GHashTable *by_name;  // lower-case name or OID -> LDAPAttributeType
  GPtrArray *classes;   // names
};

typedef struct RuleRow {
  const char *name;
  const char *oid;
  MatchRule match;
} RuleRow;

// RFC 4517, 4.2; UUIDMatch is RFC 4530.
static const RuleRow rule_rows[] = {
    {"caseIgnoreMatch", "2.5.13.2", MATCH_IGNORE},
    {"caseIgnoreIA5Match", "1.3.6.1.4.1.1466.109.114.2", MATCH_IGNORE},
    {"caseIgnoreListMatch", "2.5.13.11", MATCH_IGNORE},
    {"objectIdentifierMatch", "2.5.13.0", MATCH_IGNORE},
    {"UUIDMatch", "1.3.6.1.1.16.2", MATCH_IGNORE},
    {"caseExactMatch", "2.5.13.5", MATCH_EXACT},
    {"caseExactIA5Match", "1.3.6.1.4.1.1466.109.114.1", MATCH_EXACT},
    {"numericStringMatch", "2.5.13.8", MATCH_DIGITS},
    {"telephoneNumberMatch", "2.5.13.20", MATCH_DIGITS},
    {"integerMatch", "2.5.13.14", MATCH_INTEGER},
    {"booleanMatch", "2.5.13.13", MATCH_BOOLEAN},
    {"generalizedTimeMatch", "2.5.13.27", MATCH_TIME},
    {"distinguishedNameMatch", "2.5.13.1", MATCH_DN},
    {"uniqueMemberMatch", "2.5.13.23", MATCH_DN},
    {"octetStringMatch", "2.5.13.17", MATCH_OCTETS},
    {LDAP_SCHEMA_NEVER, "", MATCH_NEVER},
};

static void free_type(void *type)
{
  ldap_attributetype_free(type);
}

void ldap_schema_free(LdapSchema *schema)
{
  if (!schema)
    return;
  g_hash_table_unref(schema->by_name);
  g_ptr_array_unref(schema->types);
  g_ptr_array_unref(schema->classes);
  g_free(schema);
}

void ldap_schema_add_type(LdapSchema *schema, LDAPAttributeType *type)
{
  g_ptr_array_add(schema->types, type);
  g_hash_table_insert(schema->by_name, g_ascii_strdown(type->at_oid, -1), type);
  for (char **name = type->at_names; name && *name; name++)
    g_hash_table_insert(schema->by_name, g_ascii_strdown(*name, -1), type);
}

void ldap_schema_add_class(LdapSchema *schema, const char *name)
{
  g_ptr_array_add(schema->classes, g_strdup(name));
}

LdapSchema *ldap_schema_new(void)
{
  LdapSchema *schema = g_new(LdapSchema, 1);
  schema->types = g_ptr_array_new_with_free_func(free_type);
  schema->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  schema->classes = g_ptr_array_new_with_free_func(g_free);
  return schema;
}

bool ldap_schema_is_filled(const LdapSchema *schema)
{
  return schema->types->len > 0;
}

// A definition that the library cannot read is left out: its attribute then counts as unknown.
static void take_type(LdapSchema *schema, const char *text)
{
  int code = 0;
  const char *at = NULL;
  LDAPAttributeType *type = ldap_str2attributetype(text, &code, &at, LDAP_SCHEMA_ALLOW_ALL);
  if (type)
    ldap_schema_add_type(schema, type);
}

static void take_class(LdapSchema *schema, const char *text)
{
  int code = 0;
  const char *at = NULL;
  LDAPObjectClass *class = ldap_str2objectclass(text, &code, &at, LDAP_SCHEMA_ALLOW_ALL);
  for (char **name = class ? class->oc_names : NULL; name && *name; name++)
    ldap_schema_add_class(schema, *name);
  if (class)
    ldap_objectclass_free(class);
}

static LdapSchema *parse(Link *link, LDAPMessage *entry)
{
  static const struct {
    const char *attribute;
    void (*take)(LdapSchema *schema, const char *text);
  } parts[] = {{"attributeTypes", take_type}, {"objectClasses", take_class}};
  LdapSchema *schema = ldap_schema_new();
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
    struct berval **values = ldap_get_values_len(link->ld, entry, parts[i].attribute);
    for (struct berval **value = values; value && *value; value++)
      parts[i].take(schema, (*value)->bv_val);
    ldap_value_free_len(values);
  }
  return schema;
}

static LdapSchema *read_subschema(Link *link, GError **error)
{
  char *attributes[] = {(char *)"attributeTypes", (char *)"objectClasses", NULL};
  LDAPMessage *result = NULL;
  struct timeval timeout = ldap_link_timeout(link);
  int code =
      ldap_search_ext_s(link->ld, link->subschema, LDAP_SCOPE_BASE, "(objectClass=subschema)",
                        attributes, 0, NULL, NULL, &timeout, 0, &result);
  LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(link->ld, result) : NULL;
  LdapSchema *schema = entry ? parse(link, entry) : NULL;
  ldap_msgfree(result);
  if (schema && ldap_schema_is_filled(schema))
    return schema;
  ldap_schema_free(schema);
  g_autofree char *what = g_strdup_printf(
      _("the schema in %s cannot be read; let the account read it"), link->subschema);
  ldap_link_fail(link, code, what, error);
  return NULL;
}

const LdapSchema *ldap_schema_of(Link *link, GError **error)
{
  if (!link->schema)
    link->schema =
        link->dialect->domain ? ad_schema_read(link, error) : read_subschema(link, error);
  return link->schema;
}

static const LDAPAttributeType *find(const LdapSchema *known, const char *name)
{
  g_autofree char *bare = g_ascii_strdown(name, (gssize)strcspn(name, ";"));
  return g_hash_table_lookup(known->by_name, bare);
}

static MatchRule rule_of(const char *equality)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rule_rows); i++)
    if (g_ascii_strcasecmp(equality, rule_rows[i].name) == 0 ||
        g_str_equal(equality, rule_rows[i].oid))
      return rule_rows[i].match;
  return MATCH_OCTETS;
}

static void fill(const LdapSchema *known, Attr *attr)
{
  const LDAPAttributeType *type = find(known, attr->name);
  const char *equality = NULL;
  attr->known = type != NULL;
  if (!type)
    return;
  attr->single = type->at_single_value;
  attr->readonly = type->at_no_user_mod;
  attr->max_chars = (uint32_t)type->at_syntax_len;
  for (int level = 0; type && level < MOST_LEVELS && (!equality || !attr->max_chars); level++) {
    if (!equality)
      equality = type->at_equality_oid;
    if (!attr->max_chars)
      attr->max_chars = (uint32_t)type->at_syntax_len;
    type = type->at_sup_oid ? find(known, type->at_sup_oid) : NULL;
  }
  attr->no_equality = !equality;
  attr->match = equality ? rule_of(equality) : MATCH_OCTETS;
}

void ldap_schema_fill(const LdapSchema *known, Schema *schema)
{
  for (size_t id = 0; id < schema_count(schema); id++)
    fill(known, schema_at(schema, (AttrId)id));
}

void ldap_schema_classes(const LdapSchema *known, GPtrArray *classes)
{
  for (size_t i = 0; i < known->classes->len; i++)
    g_ptr_array_add(classes, g_strdup(known->classes->pdata[i]));
}

char **ldap_schema_names(const LdapSchema *known, const char *name)
{
  const LDAPAttributeType *type = strchr(name, ';') ? NULL : find(known, name);
  return type ? type->at_names : NULL;
}
