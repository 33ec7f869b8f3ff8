// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake/intake_p.h"
#include "unit.h"

#include <string.h>

#define BYTES(literal) literal, sizeof literal - 1

// The rows say what domain.md §3 says of CP932: Windows' table, not that of JIS.
static void texts(void)
{
  static const struct {
    Encoding encoding;
    const char *bytes;
    size_t n_bytes;
    const char *text;
  } rows[] = {
      {ENCODING_CP932, BYTES("\x8e\x52\x93\x63"), "山田"},
      {ENCODING_CP932, BYTES("\xb6\xc5"), "ｶﾅ"},
      {ENCODING_CP932, BYTES("\xfb\xfc\xed\x95"), "髙﨑"},  // IBM's row and NEC's
      {ENCODING_CP932, BYTES("\x81\x60\x81\x7c"), "～－"},  // U+FF5E U+FF0D, not U+301C U+2212
      {ENCODING_CP932, BYTES("\x87\x40\x87\x8a"), "①㈱"},
      {ENCODING_CP932, BYTES("\x5c\x7e"), "\\~"},
      {ENCODING_CP932, BYTES("\xf0\x40\xf9\xfc"), "\xee\x80\x80\xee\x9d\x97"},  // U+E000, U+E757
      {ENCODING_CP932, BYTES("a\x1a"), "a"},
      {ENCODING_CP932, BYTES(""), ""},
      {ENCODING_UTF8, BYTES("山田"), "山田"},
      {ENCODING_UTF8, BYTES("\xef\xbb\xbf山田"), "山田"},
      {ENCODING_UTF8, BYTES("\xef\xbb\xbf"), ""},
      {ENCODING_UTF8, BYTES("𠮷野"), "𠮷野"},
      {ENCODING_UTF16LE, BYTES("\x71\x5c\x30\x75"), "山田"},
      {ENCODING_UTF16LE, BYTES("\xff\xfe\x71\x5c"), "山"},
      {ENCODING_UTF16LE, BYTES("\x42\xd8\xb7\xdf\xce\x91"), "𠮷野"},  // a surrogate pair
      {ENCODING_UTF16LE, BYTES("a\0\x1a\0"), "a"},
      {ENCODING_UTF16LE, BYTES("\xff\xfe"), ""},
      {ENCODING_UTF16LE, BYTES("\0\xe0\x57\xe7"), "\xee\x80\x80\xee\x9d\x97"},
      {ENCODING_EUCJP, BYTES("\xbb\xb3\xc5\xc4"), "山田"},
      {ENCODING_EUCJP, BYTES("\x8e\xb6\x8e\xc5"), "ｶﾅ"},
      {ENCODING_EUCJP, BYTES("\xad\xa1\xad\xea"), "①㈱"},                       // NEC's row
      {ENCODING_EUCJP, BYTES("\x8f\xf4\xfb\xb9\xe2"), "髙高"},                  // IBM's
      {ENCODING_EUCJP, BYTES("\x8f\xb0\xa1\x8f\xed\xe3"), "丂龥"},              // JIS X 0212
      {ENCODING_EUCJP, BYTES("\xa1\xc1\xa1\xdd"), "～－"},                      // as CP932 has them
      {ENCODING_EUCJP, BYTES("\xf5\xa1\xfe\xfe"), "\xee\x80\x80\xee\x8e\xab"},  // U+E000, U+E3AB
      {ENCODING_EUCJP, BYTES("\x8f\xf5\xa1\x8f\xfe\xfe"), "\xee\x8e\xac\xee\x9d\x97"},
      {ENCODING_EUCJP, BYTES("\x5c\x7e\x1a"), "\\~"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].bytes, rows[i].n_bytes);
    g_autoptr(GString) out = g_string_new(NULL), bad = g_string_new(NULL);
    UNIT_INT(decode_text(bytes, rows[i].encoding, out, bad), DECODE_FINE, "%s", rows[i].text);
    UNIT_STR(out->str, rows[i].text);
  }
}

static void faults(void)
{
  static const struct {
    Encoding encoding;
    const char *bytes;
    size_t n_bytes;
    DecodeFault fault;
    const char *bad;
    Place place;
  } rows[] = {
      {ENCODING_CP932, BYTES("a,b\r\n\x8e\x52,\x80"), DECODE_BYTES, "80", {2, 2, 3}},
      {ENCODING_CP932, BYTES("\xa0"), DECODE_BYTES, "A0", {1, 1, 1}},
      {ENCODING_CP932, BYTES("a\xfd"), DECODE_BYTES, "FD", {1, 1, 2}},
      {ENCODING_CP932, BYTES("a\xfe"), DECODE_BYTES, "FE", {1, 1, 2}},
      {ENCODING_CP932, BYTES("a\xff"), DECODE_BYTES, "FF", {1, 1, 2}},
      {ENCODING_CP932, BYTES("a,\x8e"), DECODE_BYTES, "8E", {1, 2, 3}},  // cut in a character
      {ENCODING_CP932, BYTES("\xe5\xb1\xb1\xe7\x94\xb0\xff"), DECODE_BYTES, "FF", {1, 1, 5}},
      {ENCODING_CP932,
       BYTES("\xef\xbb\xbf"
             "a"),
       DECODE_UTF8_MARK,
       "",
       {1, 1, 1}},
      {ENCODING_CP932,
       BYTES("\xff\xfe"
             "a\0"),
       DECODE_UTF16,
       "",
       {1, 1, 1}},
      {ENCODING_UTF8, BYTES("\xfe\xff\0a"), DECODE_UTF16BE, "", {1, 1, 1}},
      {ENCODING_UTF8, BYTES("a\nb\0c"), DECODE_NUL, "00", {2, 1, 2}},
      {ENCODING_CP932, BYTES("a\0\x80"), DECODE_NUL, "00", {1, 1, 2}},
      {ENCODING_UTF8, BYTES("山,\xe5\xb1"), DECODE_BYTES, "E5 B1", {1, 2, 3}},
      {ENCODING_UTF8, BYTES("\x8e\x52"), DECODE_BYTES, "8E 52", {1, 1, 1}},
      {ENCODING_UTF8, BYTES("\xed\xa0\x80"), DECODE_BYTES, "ED A0", {1, 1, 1}},  // a surrogate
      {ENCODING_UTF8, BYTES("\xc0\x80"), DECODE_BYTES, "C0 80", {1, 1, 1}},      // NUL made longer
      // A comma and a line break within quotes begin no column and no row.
      {ENCODING_UTF8, BYTES("a,\"x,y\r\nz\",\xff"), DECODE_BYTES, "FF", {2, 3, 4}},
      {ENCODING_UTF8, BYTES("a\rb\rc\xff"), DECODE_BYTES, "FF", {3, 1, 2}},
      {ENCODING_UTF16LE, BYTES("a\0,\0\n\0b\0,\0\x42\xd8,\0"), DECODE_BYTES, "42 D8", {2, 2, 3}},
      {ENCODING_UTF16LE, BYTES("a\0\xb7\xdf"), DECODE_BYTES, "B7 DF", {1, 1, 2}},
      {ENCODING_UTF16LE, BYTES("a\0b"), DECODE_BYTES, "62", {1, 1, 2}},  // cut in a character
      {ENCODING_UTF16LE, BYTES("a\0\0\0b\0"), DECODE_NUL, "00", {1, 1, 2}},
      {ENCODING_UTF16LE,
       BYTES("\xef\xbb\xbf"
             "a"),
       DECODE_UTF8_MARK,
       "",
       {1, 1, 1}},
      {ENCODING_UTF16LE, BYTES("\xfe\xff\0a"), DECODE_UTF16BE, "", {1, 1, 1}},
      {ENCODING_CP932, BYTES("a\0b\0"), DECODE_NUL, "00", {1, 1, 2}},  // UTF-16 without its mark
      {ENCODING_EUCJP, BYTES("a,\xbb\xb3\r\n\xbb\xb3,\x8e\x52"), DECODE_BYTES, "8E 52", {2, 2, 3}},
      {ENCODING_EUCJP, BYTES("\x8f\xa1\xa1"), DECODE_BYTES, "8F A1", {1, 1, 1}},  // no character
      {ENCODING_EUCJP, BYTES("a\x8f\xb0"), DECODE_BYTES, "8F B0", {1, 1, 2}},
      {ENCODING_EUCJP, BYTES("\xbb\xb3\xff"), DECODE_BYTES, "FF", {1, 1, 2}},
      {ENCODING_EUCJP, BYTES("a\0"), DECODE_NUL, "00", {1, 1, 2}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].bytes, rows[i].n_bytes);
    g_autoptr(GString) out = g_string_new(NULL), bad = g_string_new(NULL);
    UNIT_INT(decode_text(bytes, rows[i].encoding, out, bad), rows[i].fault, "row %zu", i);
    UNIT_STR(bad->str, rows[i].bad, "row %zu", i);
    Place place = decode_place(out, ',');
    UNIT_INT(place.line, rows[i].place.line, "row %zu: line", i);
    UNIT_INT(place.column, rows[i].place.column, "row %zu: column", i);
    UNIT_INT(place.character, rows[i].place.character, "row %zu: character", i);
  }
}

// Each character of two and three bytes is what glibc says, and nothing else is one.
static void as_iconv(void)
{
  static const struct {
    Encoding encoding;
    const char *name, *before;
  } rows[] = {{ENCODING_CP932, "CP932", ""},
              {ENCODING_EUCJP, "EUC-JP-MS", ""},
              {ENCODING_EUCJP, "EUC-JP-MS", "\x8f"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Decoder) decoder = decoder_new(rows[i].encoding);
    g_autoptr(GString) out = g_string_new(NULL);
    for (int pair = 0x8001; pair < 0x10000; pair++) {
      g_autofree char *bytes = g_strdup_printf("%s%c%c", rows[i].before, pair >> 8, pair & 0xFF);
      g_autofree char *want = g_convert(bytes, -1, "UTF-8", rows[i].name, NULL, NULL, NULL);
      Decoded decoded = {.text = g_string_truncate(out, 0)};
      bool good = decoder_append(decoder, bytes, strlen(bytes), &decoded) == DECODE_FINE;
      if ((pair & 0xFF) && (good != (want != NULL) || (good && !g_str_equal(out->str, want))))
        UNIT_TRUE(false, "%s: %s%04X is not %s", rows[i].name, i == 2 ? "8F" : "", pair, want);
    }
  }
}

// Blocks end in the middle of characters: none is lost or doubled.
static void blocks(void)
{
  for (size_t shift = 0; shift < 2; shift++) {
    g_autoptr(GString) in = g_string_new(shift ? "x" : ""), want = g_string_new(in->str);
    for (size_t i = 0; i < 100000; i++) {
      g_string_append(in, "\x8e\x52");
      g_string_append(want, "山");
    }
    g_autoptr(GBytes) bytes = g_bytes_new_static(in->str, in->len);
    g_autoptr(GString) out = g_string_new(NULL), bad = g_string_new(NULL);
    UNIT_INT(decode_text(bytes, ENCODING_CP932, out, bad), DECODE_FINE);
    UNIT_TRUE(g_string_equal(out, want), "shift %zu", shift);
  }
}

static void gaiji_codes(void)
{
  static const struct {
    gunichar code;
    unsigned cp932;
  } rows[] = {{0xE000, 0xF040}, {0xE03E, 0xF07E}, {0xE03F, 0xF080},
              {0xE0BB, 0xF0FC}, {0xE0BC, 0xF140}, {0xE757, 0xF9FC}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    UNIT_INT(gaiji_cp932(rows[i].code), rows[i].cp932, "U+%04X", rows[i].code);
  UNIT_INT(gaiji_eucjp(0xE000), 0xF5A1);
  UNIT_INT(gaiji_eucjp(0xE3AB), 0xFEFE);
  UNIT_INT(gaiji_eucjp(0xE3AC), 0x8FF5A1);
  UNIT_INT(gaiji_eucjp(0xE757), 0x8FFEFE);
  UNIT_TRUE(!gaiji_is(0xE758));
  UNIT_TRUE(!gaiji_is(0xDFFF));
}

static Gaiji *load(const char *text, Findings *findings, GError **error)
{
  g_autofree char *path = g_build_filename(unit_dir(), "gaiji.csv", NULL);
  UNIT_TRUE(g_file_set_contents(path, text, -1, NULL));
  return gaiji_load(path, findings, error);
}

static void gaiji_table(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Gaiji) gaiji = load(
      "code,unicode,remark\r\nE000,U+9089 U+E0100,なべ\r\nF9FC,U+20BB7,\r\n", findings, &error);
  UNIT_NO_ERROR(error);
  UNIT_STR(gaiji_find(gaiji, 0xE000), "\xe9\x82\x89\xf3\xa0\x84\x80");
  UNIT_STR(gaiji_find(gaiji, 0xE757), "𠮷");
  UNIT_STR(gaiji_find(gaiji, 0xE001), NULL);
  UNIT_STR(gaiji_find(NULL, 0xE000), NULL);
}

static void gaiji_faults(void)
{
  static const struct {
    const char *text;
    int64_t line, column;
  } rows[] = {
      {"kode,unicode\nE000,U+9089\n", 1, 1}, {"code,unicode\nE758,U+9089\n", 2, 1},
      {"code,unicode\nF07F,U+9089\n", 2, 1}, {"code,unicode\nE000\n", 2, 1},
      {"code,unicode\nE000,9089\n", 2, 2},   {"code,unicode\nE000,U+E001\n", 2, 2},
      {"code,unicode\nE000,U+202E\n", 2, 2}, {"code,unicode\nE000,U+9089\nF040,U+908A\n", 3, 2},
      {"code,unicode\nE000,\xff\n", 2, 2},   {"code,unicode\nE000,\"U+9089\n", 2, 2},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Gaiji) gaiji = load(rows[i].text, findings, &error);
    UNIT_TRUE(!gaiji && error, "row %zu", i);
    if (!UNIT_INT(findings_count(findings), 1, "row %zu", i))
      continue;
    UNIT_INT(findings_at(findings, 0)->line, rows[i].line, "row %zu: line", i);
    UNIT_INT(findings_at(findings, 0)->column, rows[i].column, "row %zu: column", i);
  }
}

static const UnitTest tests[] = {
    {"texts", texts},
    {"faults", faults},
    {"as_iconv", as_iconv},
    {"blocks", blocks},
    {"gaiji_codes", gaiji_codes},
    {"gaiji_table", gaiji_table},
    {"gaiji_faults", gaiji_faults},
    {NULL, NULL},
};
UNIT_SUITE(decode, tests);
