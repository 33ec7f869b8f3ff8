// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "idou/mapping.h"
#include "unit.h"

#include <iconv.h>
#include <string.h>

// Which sets hold a character, as letters: u(tf8) b(mp) c(p932) j(isx0208) l(atin1) a(scii).
static void who_holds_what(void)
{
  static const char *const names[] = {"utf8", "bmp", "cp932", "jisx0208", "latin1", "ascii"};
  static const struct {
    gunichar c;
    const char *holders;
  } rows[] = {
      {'A', "ubcjla"},  {'~', "ubcjla"},  {'\\', "ubcjla"}, {0x00E9, "ubl"},  {U'山', "ubcj"},
      {U'崎', "ubcj"},  {U'﨑', "ubc"},   {U'髙', "ubc"},   {U'①', "ubc"},    {U'㈱', "ubc"},
      {U'ｱ', "ubcj"},   {U'　', "ubcj"},  {0x20BB7, "u"},   {0xE000, "ubc"},  {0xE757, "ubc"},
      {0xE758, "ub"},   {0xFA19, "ubc"},  // 神 as IBM has it
      {0x795E, "ubcj"},                   // 神
      {0xFF5E, "ubcj"}, {0x301C, "ubj"},  // ～ of Windows, 〜 of the standard
      {0x2225, "ubcj"}, {0x2016, "ubj"},  {0xFF0D, "ubcj"}, {0x2212, "ubj"},  {0xFFE0, "ubcj"},
      {0x00A2, "ubjl"}, {0xFFE1, "ubcj"}, {0x00A3, "ubjl"}, {0xFFE2, "ubcj"}, {0x00AC, "ubjl"},
      {0x2015, "ubcj"}, {0x2014, "ub"},   {0x00A5, "ubl"},  {0x203E, "ub"},   {0x2010, "ubcj"},
      {0x2011, "ub"},   {0x3099, "ub"},   {0xE0100, "u"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) holders = g_string_new(NULL);
    for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
      g_autoptr(Charset) charset = charset_new(names[k]);
      UNIT_STR(charset_name(charset), names[k]);
      if (charset_has(charset, rows[i].c))
        g_string_append_c(holders, names[k][0]);
    }
    UNIT_STR(holders->str, rows[i].holders, "U+%04X", rows[i].c);
  }
  UNIT_TRUE(!charset_new("sjis"));
}

static void misfits(void)
{
  static const struct {
    const char *charset, *text;
    int at;  // -1: none
  } rows[] = {{"jisx0208", "山崎", -1}, {"jisx0208", "山﨑", 3}, {"ascii", "abc\n", -1},
              {"ascii", "", -1},        {"latin1", "éあ", 2},    {"bmp", "吉𠮷", 3}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Charset) charset = charset_new(rows[i].charset);
    const char *misfit = charset_misfit(charset, rows[i].text);
    UNIT_INT(misfit ? misfit - rows[i].text : -1, rows[i].at, "%s", rows[i].text);
  }
}

// JIS X 0208 has 6,879 characters, of six of which Windows has another code point, and with them ASCII and
// half-width kana; CP932 has 447 more.
static void sizes(void)
{
  static const struct {
    const char *charset;
    size_t n;
  } rows[] = {{"jisx0208", 6879 + 6 + 95 + 63}, {"cp932", 6879 + 447 + 1880 + 95 + 63}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Charset) charset = charset_new(rows[i].charset);
    size_t n = 0;
    for (gunichar c = 0x20; c < 0x10000; c++)
      n += charset_has(charset, c);
    UNIT_INT(n, rows[i].n, "%s", rows[i].charset);
  }
}

// What is decided comes out in JIS X 0208, what is not is refused by name. Nothing of CP932 is forgotten
// by the shipped table, and nothing comes out as it is.
static void cp932_is_covered(void)
{
  g_autofree char *table = NULL;
  UNIT_TRUE(g_file_get_contents("mappings/tables/degrade.csv", &table, NULL, NULL));
  g_autoptr(Charset) windows = charset_new("cp932"), standard = charset_new("jisx0208");
  size_t n_replaced = 0, n_refused = 0;
  for (gunichar c = 0x80; c < 0x10000; c++) {
    if (!charset_has(windows, c) || charset_has(standard, c) || (c >= 0xE000 && c <= 0xF8FF))
      continue;
    char text[8] = "";
    text[g_unichar_to_utf8(c, text)] = '\0';
    g_autofree char *row = g_strdup_printf("\n%s,", text),
                    *quoted = g_strdup_printf("\n\"%s", text);
    UNIT_TRUE(table && (strstr(table, row) || strstr(table, quoted)), "U+%04X has no row", c);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    EvalField field = {"v", text};
    if (mapping_eval("${v|degrade}", &field, 1, "mappings", out, &error)) {
      n_replaced++;
      UNIT_TRUE(out->len > 0 && !charset_misfit(standard, out->str), "U+%04X: %s", c, out->str);
    } else {
      g_autofree char *code = g_strdup_printf("U+%04X", c);
      n_refused++;
      UNIT_TRUE(error && strstr(error->message, code), "U+%04X", c);
    }
  }
  UNIT_INT(n_replaced + n_refused, 447);
  UNIT_TRUE(n_replaced > 100 && n_refused > 100, "%zu, %zu", n_replaced, n_refused);
}

static const UnitTest tests[] = {
    {"who_holds_what", who_holds_what},     {"misfits", misfits}, {"sizes", sizes},
    {"cp932_is_covered", cp932_is_covered}, {NULL, NULL},
};
UNIT_SUITE(charset, tests);
