// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/mapping.h"

static const EvalField fields[] = {
    {"name", "山田　太郎"}, {"kana", "ヤマダ タロウ"},
    {"number", "000310"},   {"unit.name", "総務課"},
    {"empty", ""},          {"内線", "1234"},
};

static void texts(void)
{
  static const struct {
    const char *template, *want;
  } rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"${number}", "000310"},
      {"uid=${number},x", "uid=000310,x"},
      {"${family}／${given}", "山田／太郎"},
      {"${given_kana|hepburn|cut:1}-${family_kana|hepburn}", "t-yamada"},
      {"${unit.name}長", "総務課長"},
      {"$", "$"},
      {"$5 and $$", "$5 and $$"},
      {"$${number}", "${number}"},
      {"$$${number}", "$${number}"},
      {"{number}", "{number}"},
      {"${empty}", ""},
      {"a${none?}b", ""},
      {"a${none?|default:-}b", "a-b"},
      {"${内線}", "1234"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    UNIT_TRUE(mapping_eval(rows[i].template, fields, G_N_ELEMENTS(fields), NULL, out, &error), "%s",
              rows[i].template);
    UNIT_NO_ERROR(error, "%s", rows[i].template);
    UNIT_STR(out->str, rows[i].want, "%s", rows[i].template);
  }
}

static void many_values(void)
{
  g_autoptr(GString) text = g_string_new(NULL), out = g_string_new(NULL);
  for (int i = 0; i < 65; i++)
    g_string_append(text, "${number}");
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(!mapping_eval(text->str, fields, G_N_ELEMENTS(fields), NULL, out, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
}

static const UnitTest tests[] = {{"texts", texts}, {"many_values", many_values}, {NULL, NULL}};
UNIT_SUITE(template, tests);
