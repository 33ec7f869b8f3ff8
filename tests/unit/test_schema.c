// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/model.h"

#include <string.h>

static void equality(void)
{
  static const struct {
    MatchRule match;
    const char *a, *b;
    bool equal;
  } rows[] = {
      {MATCH_IGNORE, "K-Yamada", "k-yamada", true},
      {MATCH_IGNORE, "k-yamada", "k-yamadb", false},
      {MATCH_IGNORE, "山田 太郎", "山田　太郎", true},
      {MATCH_IGNORE, "  山田  太郎　", "山田 太郎", true},
      {MATCH_IGNORE, "山田太郎", "山田 太郎", false},
      {MATCH_IGNORE, "ﾔﾏﾀﾞ", "ヤマダ", true},
      {MATCH_IGNORE, "ＡＢＣ", "abc", true},
      {MATCH_IGNORE, "ÉCOLE", "école", true},
      {MATCH_IGNORE, "㎒", "MHZ", true},
      {MATCH_IGNORE, "高橋", "髙橋", false},
      {MATCH_IGNORE, "神", "神", true},        // U+FA19, which every NFC makes U+795E
      {MATCH_IGNORE, "邉󠄀", "邉", false},  // an ideographic variation is another character
      {MATCH_IGNORE, "a\u200bb", "ab", true},
      {MATCH_IGNORE, "a\u00a0b", "a b", true},
      {MATCH_IGNORE, "   ", "", true},
      {MATCH_IGNORE, "\xff", "\xfe", false},
      {MATCH_IGNORE, "A\xff", "a\xff", false},
      {MATCH_EXACT, "Abc", "abc", false},
      {MATCH_EXACT, " Abc  d", "Abc d", true},
      {MATCH_OCTETS, "a ", "a", false},
      {MATCH_DIGITS, "03-1234-5678", "0312345678", true},
      {MATCH_DIGITS, "０３−１２３４", "03 1234", true},
      {MATCH_DIGITS, "031234", "031235", false},
      {MATCH_INTEGER, "007", "7", true},
      {MATCH_INTEGER, "-0", "0", true},
      {MATCH_INTEGER, "-7", "7", false},
      {MATCH_INTEGER, "07a", "7a", false},
      {MATCH_INTEGER, "-", "", false},
      {MATCH_NEVER, "0", "9223372036854775807", true},
      {MATCH_NEVER, "00", "0", true},
      {MATCH_NEVER, "130000000000000000", "0", false},
      {MATCH_NEVER, "130000000000000000", "0130000000000000000", true},
      {MATCH_NEVER, "0x0", "0", false},
      {MATCH_DATE, "2027-04-01", "20270401", true},
      {MATCH_DATE, "2027/04/01", "2027.04.01", true},
      {MATCH_DATE, "2027-04-01", "2027-04-02", false},
      {MATCH_DATE, "2027-04/01", "2027-04-01", false},
      {MATCH_DATE, "2027-04-01 00:00", "2027-04-01", false},
      {MATCH_BOOLEAN, "true", "TRUE", true},
      {MATCH_BOOLEAN, "TRUE", "FALSE", false},
      {MATCH_TIME, "20270331150000Z", "202703311500Z", true},
      {MATCH_TIME, "20270331150000Z", "20270401000000+0900", true},
      {MATCH_TIME, "20270331150000Z", "2027040100+09", true},
      {MATCH_TIME, "20270331150000Z", "20270331100000-0500", true},
      {MATCH_TIME, "20270301000000+0900", "20270228150000.000Z", true},
      {MATCH_TIME, "20270331150000.5Z", "20270331150000,50Z", true},
      {MATCH_TIME, "20270331150000.5Z", "20270331150000Z", false},
      {MATCH_TIME, "000001010000Z", "00000101000000Z", true},
      {MATCH_TIME, "20271331150000Z", "202713311500Z", false},
      {MATCH_TIME, "20270331", "2027033100Z", false},
      {MATCH_DN, "UID=a, ou=People", "uid=A,OU=people", true},
      {MATCH_DN, "uid=a,ou=people", "uid=a,ou=retired", false},
      {MATCH_DN, "not a dn", "Not a dn", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Attr attr = {.match = rows[i].match};
    const char *a = rows[i].a, *b = rows[i].b;
    UNIT_INT(schema_equal(&attr, a, strlen(a), b, strlen(b)), rows[i].equal, "%s | %s", a, b);
    UNIT_INT(schema_equal(&attr, b, strlen(b), a, strlen(a)), rows[i].equal, "%s | %s", b, a);
    UNIT_TRUE(schema_equal(&attr, a, strlen(a), a, strlen(a)), "%s", a);
  }
}

static void embedded_nul(void)
{
  Attr octets = {.match = MATCH_OCTETS}, ignore = {.match = MATCH_IGNORE};
  UNIT_TRUE(!schema_equal(&octets, "a\0b", 3, "a\0c", 3));
  UNIT_TRUE(!schema_equal(&ignore, "a\0b", 3, "a\0c", 3));
  UNIT_TRUE(!schema_equal(&ignore, "\xff\0b", 3, "\xff\0c", 3));
  UNIT_TRUE(!schema_equal(&ignore, "山\0b", 5, "山\0c", 5));
}

// What two values have as normal form decides whether a diff by hashing finds them equal.
static void normal_forms(void)
{
  static const struct {
    MatchRule match;
    const char *value, *normal;
  } rows[] = {
      {MATCH_IGNORE, " Ｋ-Ｙamada  X", "k-yamada x"},
      {MATCH_EXACT, "　山田　太郎", "山田 太郎"},
      {MATCH_TIME, "2027040100+09", "20270331150000Z"},
      {MATCH_TIME, "soon", "soon"},
      {MATCH_INTEGER, "-007", "-7"},
      {MATCH_DN, "CN=A+UID=b,DC=x", "cn=a+uid=b,dc=x"},
      {MATCH_DN, "nonsense", "nonsense"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Attr attr = {.match = rows[i].match};
    g_autoptr(GString) out = g_string_new("kept:");
    schema_normal(&attr, rows[i].value, strlen(rows[i].value), out);
    UNIT_STR(out->str + strlen("kept:"), rows[i].normal, "%s", rows[i].value);
  }
}

static void names(void)
{
  g_autoptr(Schema) schema = schema_new();
  AttrId mail = schema_attr(schema, "Mail"), lang = schema_attr(schema, "cn;lang-ja");
  const Attr *borrowed = schema_at(schema, mail);
  UNIT_INT(schema_attr(schema, "mAIL"), mail);
  UNIT_TRUE(schema_attr(schema, "cn") != lang);
  UNIT_STR(schema_at(schema, mail)->name, "Mail");
  UNIT_INT(schema_at(schema, mail)->match, MATCH_IGNORE);
  AttrId found;
  UNIT_TRUE(schema_find(schema, "CN;LANG-JA", &found) && found == lang);
  UNIT_TRUE(!schema_find(schema, "uid", &found));
  for (int i = 0; i < 1000; i++) {
    g_autofree char *name = g_strdup_printf("x-%d", i);
    schema_attr(schema, name);
  }
  UNIT_INT(schema_count(schema), 1003);
  UNIT_TRUE(schema_at(schema, mail) == borrowed);
}

static const UnitTest tests[] = {
    {"equality", equality},
    {"embedded_nul", embedded_nul},
    {"normal_forms", normal_forms},
    {"names", names},
    {NULL, NULL},
};
UNIT_SUITE(schema, tests);
