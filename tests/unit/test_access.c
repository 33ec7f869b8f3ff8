// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/model.h"

#include <string.h>

static void meaning(void)
{
  static const struct {
    const char *text, *shown;  // NULL = refused
  } rows[] = {
      {"allow modify CITY\\g-0101", "allow modify CITY\\g-0101"},
      {"Allow 0x1301bf  CITY\\g-0101 ", "allow modify CITY\\g-0101"},
      {"allow modify/all CITY\\g", "allow modify CITY\\g"},
      {"allow read/folders CITY\\g", "allow list CITY\\g"},
      {"allow list CITY\\g", "allow list CITY\\g"},
      {"allow list/all CITY\\g", "allow read CITY\\g"},
      {"allow traverse CITY\\g", "allow traverse CITY\\g"},
      {"allow 0x1200a0/this CITY\\g", "allow traverse CITY\\g"},
      {"allow read+write CITY\\g", "allow 0x1201bf CITY\\g"},
      {"allow modify/below CITY\\g", "allow modify/below CITY\\g"},
      {"allow modify/0x0b CITY\\g", "allow modify/below CITY\\g"},
      {"allow modify/0x0f CITY\\g", "allow modify/0x0f CITY\\g"},
      {"allow full CREATOR OWNER", "allow full CREATOR OWNER"},
      {"allow full CITY\\Domain Admins (S-1-5-21-1-2-3-512)",
       "allow full CITY\\Domain Admins (S-1-5-21-1-2-3-512)"},
      {"allow full S-1-5-21-1-2-3-1105", "allow full S-1-5-21-1-2-3-1105"},
      {"allow full CITY\\a (b)", "allow full CITY\\a (b)"},
      {"allow full CITY\\総務 課", "allow full CITY\\総務 課"},
      // Denied, the right to be told so stays.
      {"deny write CITY\\g", "deny write CITY\\g"},
      {"deny 0x116 CITY\\g", "deny write CITY\\g"},
      {"deny read CITY\\g", "deny read CITY\\g"},
      {"deny full CITY\\g", "deny full CITY\\g"},
      // Generic rights are what a file system makes of them.
      {"allow 0x10000000 CITY\\g", "allow full CITY\\g"},
      {"allow 0xA0000000 CITY\\g", "allow read CITY\\g"},
      {"modify CITY\\g", NULL},
      {"allow modify", NULL},
      {"allow modify ", NULL},
      {"allow modfy CITY\\g", NULL},
      {"allow modify+ CITY\\g", NULL},
      {"allow 0x0 CITY\\g", NULL},
      {"allow 0x1ffffffff CITY\\g", NULL},
      {"allow modify/nowhere CITY\\g", NULL},
      {"allow modify/0x1b CITY\\g", NULL},
      {"allow modify CITY\\", NULL},
      {"allow modify CITY\\\"g", NULL},
      {"permit modify CITY\\g", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Access access;
    g_autoptr(GString) why = g_string_new(NULL), shown = g_string_new(NULL);
    bool parsed = access_parse(rows[i].text, strlen(rows[i].text), &access, why);
    if (parsed)
      access_format(&access, shown);
    UNIT_TRUE(parsed == (rows[i].shown != NULL), "%s: %s", rows[i].text, why->str);
    UNIT_TRUE(!rows[i].shown || g_str_equal(shown->str, rows[i].shown), "%s: %s", rows[i].text,
              shown->str);
    UNIT_TRUE(parsed || why->len, "%s: no reason", rows[i].text);
  }
}

static void equality(void)
{
  static const struct {
    const char *a, *b;
    bool equal;
  } rows[] = {
      {"allow modify CITY\\g-0101", "allow modify CITY\\G-0101 (S-1-5-21-1-2-3-1105)", true},
      {"allow modify g-0101", "allow modify CITY\\g-0101 (S-1-5-21-1-2-3-1105)", true},
      {"allow modify CITY\\g-0101", "allow modify OTHER\\g-0101", false},
      {"allow modify CITY\\g-0101", "allow modify/this CITY\\g-0101", false},
      {"allow modify CITY\\g-0101", "deny modify CITY\\g-0101", false},
      {"allow modify CITY\\g-0101", "allow read CITY\\g-0101", false},
      // Somebody made a group of that name anew: the old one's right is not his.
      {"allow modify CITY\\g-0101", "allow modify S-1-5-21-1-2-3-1105", false},
      {"allow modify S-1-5-21-1-2-3-1105", "allow modify CITY\\g-0101 (S-1-5-21-1-2-3-1105)", true},
      {"allow modify S-1-5-21-1-2-3-1106", "allow modify CITY\\g-0101 (S-1-5-21-1-2-3-1105)", false},
      {"allow full SYSTEM", "allow full NT AUTHORITY\\SYSTEM (S-1-5-18)", true},
      {"allow full S-1-5-18", "allow full NT AUTHORITY\\SYSTEM (S-1-5-18)", true},
      {"allow full Administrators", "allow full BUILTIN\\Administrators", true},
      {"allow full CITY\\Administrators", "allow full BUILTIN\\Administrators", false},
      {"allow 0x1200a9 everyone", "allow read Everyone (S-1-1-0)", true},
      {"nonsense", "Nonsense", false},
  };
  const Attr attr = {.match = MATCH_ACCESS};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    size_t n_a = strlen(rows[i].a), n_b = strlen(rows[i].b);
    UNIT_TRUE(schema_equal(&attr, rows[i].a, n_a, rows[i].b, n_b) == rows[i].equal, "%s / %s",
              rows[i].a, rows[i].b);
    UNIT_TRUE(schema_equal(&attr, rows[i].b, n_b, rows[i].a, n_a) == rows[i].equal, "%s / %s",
              rows[i].b, rows[i].a);
  }
}

static void owners(void)
{
  const Attr attr = {.match = MATCH_PRINCIPAL};
  UNIT_TRUE(schema_equal(&attr, "city\\yamada", 11, "CITY\\yamada (S-1-5-21-1-2-3-9)", 30));
  UNIT_TRUE(schema_equal(&attr, "BUILTIN\\Administrators", 22, "S-1-5-32-544", 12));
  UNIT_TRUE(!schema_equal(&attr, "CITY\\yamada", 11, "CITY\\suzuki", 11));
}

static const UnitTest tests[] = {
    {"meaning", meaning}, {"equality", equality}, {"owners", owners}, {NULL, NULL}};
UNIT_SUITE(access, tests);
