// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/targets.h"
#include "targets/ldap_p.h"

// What Active Directory refuses, Samba or not (MS-SAMR 3.1.1.6 and Microsoft's schema).
static void refused(void)
{
  static const struct {
    const char *klass, *attribute;
    const char *value;  // with "*N" at its end: that many times the character before it
    bool refused;
  } rows[] = {
      {"user", "sAMAccountName", "k*20", false},
      {"user", "sAMAccountName", "k*21", true},
      {"inetOrgPerson", "sAMAccountName", "k*21", true},
      {"group", "sAMAccountName", "g*256", false},
      {"group", "sAMAccountName", "g*257", true},
      {"user", "samaccountname", "a b", false},
      {"user", "sAMAccountName", "a@b", true},
      {"user", "sAMAccountName", "a[b", true},
      {"user", "sAMAccountName", "a\"b", true},
      {"user", "sAMAccountName", "a,b", true},
      {"user", "sAMAccountName", "a\\b", true},
      {"user", "sAMAccountName", "a?b", true},
      {"user", "sAMAccountName", "ab.", true},
      {"user", "sAMAccountName", ".ab", false},
      {"user", "sAMAccountName", " . ", true},
      {"user", "sAMAccountName", "a\tb", true},
      {"user", "cn", "山*64", false},
      {"user", "CN", "山*65", true},
      {"group", "cn", "g*65", true},
      {"organizationalUnit", "ou", "課*64", false},
      {"organizationalUnit", "ou", "課*65", true},
      {"user", "cn", "山田\n太郎", true},
      {"user", "employeeID", "0*16", false},
      {"user", "employeeID", "0*17", true},
      {"user", "title", "主*129", true},
      {"user", "displayName", "山*256", false},
      {"user", "msDS-PhoneticDisplayName", "ヤ*256", false},
      {"user", "msDS-PhoneticLastName", "ヤ*65", true},
      {"user", "userPrincipalName", "k-yamada@city.example", false},
      {"user", "userPrincipalName", "k-yamada", true},
      {"user", "userPrincipalName", "@city.example", true},
      {"user", "userPrincipalName", "a@b@city.example", true},
      {"user", "userPrincipalName", "a b@city.example", true},
      {"user", "userPrincipalName", "a.@city.example", true},
      {"user", "accountExpires", "134509788000000000", false},
      {"user", "accountExpires", "9223372036854775807", false},
      {"user", "accountExpires", "9223372036854775808", true},
      {"user", "accountExpires", "2027-03-31", true},
      {"user", "msExchHideFromAddressLists", "TRUE", false},
      {"user", "msExchHideFromAddressLists", "true", true},
      {"user", "info", "two\r\nlines", false},
      {"user", "extensionAttribute1", "山*4000", false},
  };
  const Limits *limits = target_limits("ad");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) value = g_string_new(NULL), why = g_string_new(NULL);
    const char *star = strchr(rows[i].value, '*');
    g_autofree char *one = star ? g_strndup(rows[i].value, (gsize)(star - rows[i].value)) : NULL;
    for (int n = star ? atoi(star + 1) : 0; n > 0; n--)
      g_string_append(value, one);
    if (!star)
      g_string_assign(value, rows[i].value);
    UNIT_INT(limits->refuses(rows[i].klass, rows[i].attribute, value->str, why), rows[i].refused,
             "row %zu", i);
    UNIT_INT(why->len > 0, rows[i].refused, "row %zu", i);
  }
  UNIT_INT(target_limits("ldap") == NULL, true, "ldap has its schema");
}

// Names that AD takes for one.
static void folded(void)
{
  static const struct {
    const char *a, *b;
    bool same;
  } rows[] = {{"ハマ", "ﾊﾏ", true}, {"ハマ", "はま", true},           {"ハマ", "バマ", true},
              {"ｶﾞ", "カ", true},   {"Yamada", "ＹＡＭＡＤＡ", true}, {"山田", "山口", false},
              {"é", "E", true},     {"ハマ", "ヒマ", false},          {"髙田", "高田", false}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) a = g_string_new(NULL), b = g_string_new(NULL);
    limits_fold(rows[i].a, a);
    limits_fold(rows[i].b, b);
    UNIT_INT(g_string_equal(a, b), rows[i].same, "row %zu", i);
  }
}

static uint32_t add(Table *table, uint16_t klass, const char *rdn, const char *account)
{
  AttrId attr = schema_attr(table_schema(table), "sAMAccountName");
  Value value = {.kind = VALUE_TEXT, .n_bytes = (uint32_t)strlen(account), .bytes = account};
  Attribute attribute = {attr, POLICY_FORCE, 1, &value};
  EntryDraft draft = {.klass = klass,
                      .presence = PRESENCE_PRESENT,
                      .parent = table_container(table, "OU=people"),
                      .rdn = rdn,
                      .key = rdn,
                      .attributes = &attribute,
                      .n_attributes = 1};
  return table_add(table, &draft);
}

// Users and groups have one space of names; people in one place are told apart as AD does.
static void twice(void)
{
  static const struct {
    const char *rdn[2], *account[2];
    bool same_class, with_limits;
    const char *code;  // NULL = both are taken
  } rows[] = {
      {{"CN=a", "CN=b"}, {"soumu", "Soumu"}, false, true, "value-twice"},
      {{"CN=a", "CN=b"}, {"soumu", "Soumu"}, false, false, NULL},
      {{"CN=a", "CN=b"}, {"soumu", "zaisei"}, false, true, NULL},
      {{"CN=ハマ", "CN=ﾊﾏ"}, {"a", "b"}, true, true, "place-twice"},
      {{"CN=ハマ", "CN=バマ"}, {"a", "b"}, true, true, "place-twice"},
      {{"CN=ハマ", "CN=バマ"}, {"a", "b"}, true, false, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Schema) schema = schema_new();
    g_autoptr(Table) table = table_new(schema);
    g_autoptr(Findings) findings = findings_new();
    schema_set_limits(schema, rows[i].with_limits ? target_limits("ad") : NULL);
    uint16_t first = table_add_klass(table, "account"), other = table_add_klass(table, "group");
    add(table, first, rows[i].rdn[0], rows[i].account[0]);
    uint32_t second =
        add(table, rows[i].same_class ? first : other, rows[i].rdn[1], rows[i].account[1]);
    table_freeze(table, findings);
    UNIT_INT(table_is_double(table, second), rows[i].code != NULL, "row %zu", i);
    UNIT_INT((long long)findings_count(findings), rows[i].code != NULL, "row %zu", i);
    if (rows[i].code && findings_count(findings))
      UNIT_STR(findings_at(findings, 0)->code, rows[i].code, "row %zu", i);
  }
}

static bool put_text(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

// As AD takes a new password: in double quotes, UTF-16LE.
static void password(void)
{
  static const struct {
    const char *clear;
    const char *hex;  // NULL: refused
  } rows[] = {
      {"a", "220061002200"},
      {"Ab-9", "2200410062002d0039002200"},
      {"あ𠮷", "2200423042d8b7df2200"},
      {"\"", "220022002200"},
      {"a\xff", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Secret) clear =
        secret_filled(strlen(rows[i].clear), put_text, (void *)rows[i].clear, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Secret) encoded = ad_request_password(clear, &error);
    UNIT_INT(encoded == NULL, rows[i].hex == NULL, "row %zu", i);
    g_autoptr(GString) hex = g_string_new(NULL);
    size_t n_bytes = 0;
    const char *bytes = encoded ? secret_bytes(encoded, &n_bytes) : NULL;
    for (size_t k = 0; k < n_bytes; k++)
      g_string_append_printf(hex, "%02x", (unsigned char)bytes[k]);
    UNIT_STR(hex->str, rows[i].hex ? rows[i].hex : "", "row %zu", i);
  }
}

// What a secret's operation becomes on its way to a domain controller.
static void dressed(void)
{
  static const struct {
    RequestKind kind;
    bool must_change, says_itself;
    const char *want;
  } rows[] = {
      {REQUEST_ADD, true, false, "+unicodePwd +pwdLastSet=0"},
      {REQUEST_ADD, false, false, "+unicodePwd"},
      {REQUEST_MODIFY, true, false, "=unicodePwd =pwdLastSet=0"},
      {REQUEST_MODIFY, true, true, "=unicodePwd +pwdLastSet=-1"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Secret) secret = secret_filled(1, put_text, (void *)"a", NULL);
    g_autoptr(Request) request = request_blank(rows[i].kind, "CN=a,DC=city,DC=example");
    Bytes value = {0};
    value.at = secret_bytes(secret, &value.n);
    if (rows[i].says_itself)
      request_add_value(request, request_add_mod(request, MOD_ADD, "pwdLastSet"), "-1", 2);
    g_array_append_val(request_add_mod(request, MOD_ADD, "unicodePwd")->values, value);
    g_ptr_array_add(request->secrets, secret);
    TargetConfig config = {.must_change = rows[i].must_change};
    UNIT_INT(ad_request_dress(&config, request, NULL), true, "row %zu", i);
    g_autoptr(GString) got = g_string_new(NULL);
    for (guint k = 0; k < request->mods->len; k++) {
      const Mod *mod = &g_array_index(request->mods, Mod, k);
      const Bytes *first = &g_array_index(mod->values, Bytes, 0);
      bool is_password = g_str_equal(mod->attribute, "unicodePwd");
      g_string_append_printf(got, "%s%c%s%s%s", k ? " " : "", "+-="[mod->kind], mod -> attribute,
                             is_password ? "" : "=", is_password ? "" : first->at);
      if (is_password)
        UNIT_INT((long long)first->n, 6, "row %zu", i);
    }
    UNIT_STR(got->str, rows[i].want, "row %zu", i);
  }
  g_autoptr(Request) request = request_blank(REQUEST_ADD, "CN=a,DC=city,DC=example");
  request_add_value(request, request_add_mod(request, MOD_ADD, "unicodePwd"), "x", 1);
  UNIT_INT(ad_request_dress(&(TargetConfig){0}, request, NULL), false, "no text is a password");
}

static void words(void)
{
  static const struct {
    const char *text, *part;  // NULL: nothing better is known
  } rows[] = {
      {"0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n", "policy"},
      {"0000052D: Constraint violation - check_password_restrictions: …", "policy"},
      {"00002098: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", "no right"},
      {"00000562: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS), data 0", "already"},
      {"0000055E: SvcErr", "primary group"},
      {"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error", NULL},
      {"52D: x", NULL},
      {"attribute 'member': no matching attribute value", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *got = ad_words_of(rows[i].text);
    UNIT_INT(got != NULL, rows[i].part != NULL, "row %zu", i);
    if (got && rows[i].part)
      UNIT_INT(strstr(got, rows[i].part) != NULL, true, "row %zu: %s", i, got);
  }
}

static const UnitTest tests[] = {
    {"refused", refused}, {"folded", folded}, {"twice", twice}, {"password", password},
    {"dressed", dressed}, {"words", words},   {NULL, NULL},
};
UNIT_SUITE(limits, tests);
