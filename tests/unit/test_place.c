// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/model.h"

#include <string.h>

static void keys(void)
{
  static const struct {
    const char *dn, *key;  // NULL: malformed
  } rows[] = {
      {"", ""},
      {"  ", ""},
      {"UID=K-Yamada,OU=People,DC=City,DC=Example", "uid=k-yamada,ou=people,dc=city,dc=example"},
      {" uid = a , ou = b ", "uid=a,ou=b"},
      {"cn=山田　太郎", "cn=山田 太郎"},
      {"cn=a  b", "cn=a b"},
      {"cn=", "cn="},
      {"cn=a\\2Cb", "cn=a\\2cb"},
      {"cn=a\\,b", "cn=a\\2cb"},
      {"cn=a，b", "cn=a\\2cb"},
      {"cn=\\41bc", "cn=abc"},
      {"cn=\\E5\\B1\\B1", "cn=山"},
      {"cn=\\ a\\ ", "cn=a"},
      {"cn=a\\20\\20b", "cn=a b"},
      {"cn=\\#1", "cn=\\231"},
      {"cn=＃1", "cn=\\231"},
      {"cn=a#1", "cn=a#1"},
      {"cn=a=b", "cn=a=b"},
      {"cn=\\\"q\\\"\\<\\>\\;\\+\\=\\\\", "cn=\\22q\\22\\3c\\3e\\3b\\2b=\\5c"},
      {"cn=\\ff", "cn=\\ff"},
      {"cn=\\ff\\20", "cn=\\ff\\20"},
      {"cn=*()", "cn=*()"},
      {"cn=#04024869", "cn=#04024869"},
      {"cn=#0402486A", "cn=#0402486a"},
      {"uid=a+cn=b", "cn=b+uid=a"},
      {"CN=b + UID=a,ou=x", "cn=b+uid=a,ou=x"},
      {"cn=b+cn=a\\+c", "cn=a\\2bc+cn=b"},
      {"2.5.4.3=A,0.9.2342.19200300.100.1.25=b", "cn=a,dc=b"},
      {"userid=a,organizationalUnitName=b", "uid=a,ou=b"},
      {"uid", NULL},
      {"=a", NULL},
      {"uid=a,", NULL},
      {",uid=a", NULL},
      {"uid=a,,ou=b", NULL},
      {"uid=a+", NULL},
      {"uid=a\\", NULL},
      {"uid=a\\zz", NULL},
      {"uid=a\\4", NULL},
      {"uid=a;ou=b", NULL},
      {"uid=\"a\"", NULL},
      {"uid=<a>", NULL},
      {"uid=#0", NULL},
      {"uid=#", NULL},
      {"uid=#xx", NULL},
      {"u id=a", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new("kept:");
    bool fine = place_key(rows[i].dn, strlen(rows[i].dn), out);
    UNIT_INT(fine, rows[i].key != NULL, "%s", rows[i].dn);
    UNIT_STR(out->str + strlen("kept:"), rows[i].key ? rows[i].key : "", "%s", rows[i].dn);
    g_autoptr(GString) again = g_string_new(NULL);
    if (rows[i].key && UNIT_TRUE(place_key(rows[i].key, strlen(rows[i].key), again)))
      UNIT_STR(again->str, rows[i].key, "a key is its own key: %s", rows[i].dn);
  }
}

static void embedded_nul(void)
{
  g_autoptr(GString) out = g_string_new(NULL);
  UNIT_TRUE(!place_key("uid=a\0b", 7, out));
  UNIT_INT(out->len, 0);
  UNIT_TRUE(place_key("uid=\xc3", 5, out));  // cut within a character: octets
  UNIT_STR(out->str, "uid=\\c3");
}

static void split(void)
{
  static const struct {
    const char *dn, *rdn, *parent;  // NULL: malformed
  } rows[] = {
      {"uid=a,ou=b,dc=c", "uid=a", "ou=b,dc=c"},
      {"uid=a , ou=b", "uid=a", "ou=b"},
      {"uid=a", "uid=a", ""},
      {"cn=a\\,b,ou=c", "cn=a\\,b", "ou=c"},
      {"cn=a\\2C,ou=c", "cn=a\\2C", "ou=c"},
      {"cn=a\\\\,ou=c", "cn=a\\\\", "ou=c"},
      {"cn=a+uid=b,ou=c", "cn=a+uid=b", "ou=c"},
      {"cn=a\\ ,ou=c", "cn=a\\ ", "ou=c"},
      {"", NULL, NULL},
      {"uid=a,", NULL, NULL},
      {"uid=a, ", NULL, NULL},
      {"a,ou=b", NULL, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    size_t n;
    const char *parent;
    bool fine = place_split(rows[i].dn, &n, &parent);
    if (!UNIT_INT(fine, rows[i].rdn != NULL, "%s", rows[i].dn) || !fine)
      continue;
    g_autofree char *rdn = g_strndup(rows[i].dn, n);
    UNIT_STR(rdn, rows[i].rdn, "%s", rows[i].dn);
    UNIT_STR(parent, rows[i].parent, "%s", rows[i].dn);
  }
}

// Whatever comes, nothing is read beyond its end (the sanitizers look), and what was taken once is
// taken again. A small generator with a fixed seed: every run sees the same texts.
static void noise(void)
{
  static const char letters[] = "aA=,+\\\"#; <>02fF\xe5\xb1\xb1\xe3\x80\x80\xff";
  uint32_t state = 1;
  size_t n_taken = 0;
  for (int round = 0; round < 200000; round++) {
    char text[12] = "cn=";
    size_t n = round % 2 ? 3 : 0;
    for (size_t stop = n + (state >> 8) % 9; n < stop; n++) {
      state = state * 1664525 + 1013904223;
      text[n] = letters[(state >> 16) % (sizeof letters - 1)];
    }
    g_autofree char *exact = g_memdup2(text, MAX(n, 1));
    g_autoptr(GString) key = g_string_new(NULL);
    if (!place_key(exact, n, key))
      continue;
    n_taken++;
    g_autoptr(GString) again = g_string_new(NULL);
    if (!place_key(key->str, key->len, again) || !g_string_equal(key, again))
      UNIT_STR(again->str, key->str, "%.*s", (int)n, text);
  }
  UNIT_TRUE(n_taken > 1000);
}

static const UnitTest tests[] = {
    {"keys", keys}, {"embedded_nul", embedded_nul}, {"split", split}, {"noise", noise},
    {NULL, NULL},
};
UNIT_SUITE(place, tests);
