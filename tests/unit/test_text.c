// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

typedef void TextFn(const char *text, GString *out);

// The result of a text function, valid until the next call.
static const char *of(TextFn *function, const char *text)
{
  static char result[512];
  // What is there already must stay.
  g_autoptr(GString) out = g_string_new("before ");
  function(text, out);
  UNIT_TRUE(g_str_has_prefix(out->str, "before "), "%s", text);
  g_strlcpy(result, out->str + strlen("before "), sizeof result);
  return result;
}

typedef struct Pair {
  const char *from, *to;
} Pair;

static void check_pairs(TextFn *function, const Pair *pairs, size_t n_pairs)
{
  for (size_t i = 0; i < n_pairs; i++)
    UNIT_STR(of(function, pairs[i].from), pairs[i].to, "%s", pairs[i].from);
}

static void keys(void)
{
  static const Pair pairs[] = {
      {"", ""},
      {"  ", ""},
      {"Yamada  TARO ", "yamada taro"},
      {"山田　太郎", "山田 太郎"},
      {"　山田\t 　太郎\n", "山田 太郎"},
      {"山田\u00A0太郎", "山田 太郎"},
      {"山田\u2003太郎", "山田 太郎"},
      {"ＡＢＣ１２３！", "abc123!"},
      {"ｶﾅ", "カナ"},
      {"ｶﾞｷﾞﾊﾟ", "ガギパ"},
      {"カ\u3099ハ\u309A", "ガパ"},
      {"カ\u309Bハ\u309C", "ガパ"},
      {"ｶ\u3099", "ガ"},
      {"う\u3099", "ゔ"},
      {"㈱①Ⅳ", "(株)1iv"},
      {"Straße", "strasse"},
      {"ÉCOLE", "école"},
      {"E\u0301cole", "école"},
      {"髙", "髙"},
      {"高", "高"},
      {"﨑", "﨑"},
      {"\uFA19", "神"},
      {"𠮷田", "𠮷田"},
      {"渡邉\U000E0100　\uFE00太\U000E0101", "渡邉 太"},  // which form of the character
      {"1\u20102\u20113\u20124\u20135\u20146\u20157\u22128\uFF0D9-0", "1-2-3-4-5-6-7-8-9-0"},
      {"Ａー１", "a-1"},
      {"090ｰ1234ー5678", "090-1234-5678"},
      {"東京ー大阪", "東京-大阪"},
      {"ー", "-"},
      {"サーバー", "サーバー"},
      {"ｻｰﾊﾞｰ", "サーバー"},
      {"らーめん", "らーめん"},
      {"あーー", "あーー"},
      {"カ ー", "カ -"},
      {"カ-ー", "カ--"},
  };
  check_pairs(text_key, pairs, G_N_ELEMENTS(pairs));
}

static void keys_keep_apart_what_differs(void)
{
  static const Pair pairs[] = {
      {"髙橋", "高橋"},          {"山崎", "山﨑"},     {"渡邉", "渡邊"}, {"カナ", "かな"},
      {"山田太郎", "山田 太郎"}, {"ハ", "バ"},         {"ハ", "パ"},     {"斉藤", "斎藤"},
      {"課長(1)", "課長1"},      {"オオノ", "オーノ"}, {"01", "1"}};
  for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
    g_autofree char *key = g_strdup(of(text_key, pairs[i].from));
    UNIT_TRUE(strcmp(key, of(text_key, pairs[i].to)) != 0, "%s %s", pairs[i].from, pairs[i].to);
  }
}

static bool is_character(gunichar c)
{
  return c != 0 && (c < 0xD800 || c > 0xDFFF);
}

// GLib folds Cherokee capitals to small letters and back.
static bool is_cherokee(gunichar c)
{
  return (c >= 0x13A0 && c <= 0x13FD) || (c >= 0xAB70 && c <= 0xABBF);
}

// A key of a key is the key, for every character alone, and after a kana and a letter.
static void keys_are_stable(void)
{
  static const char *const before[] = {"", "カ", "a", "は "};
  for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
    for (gunichar c = 1; c < 0x30000; c++) {
      if (!is_character(c) || is_cherokee(c))
        continue;
      char text[16] = "";
      g_strlcpy(text, before[i], sizeof text);
      text[strlen(text) + (size_t)g_unichar_to_utf8(c, text + strlen(text))] = '\0';
      g_autofree char *once = g_strdup(of(text_key, text));
      if (!UNIT_STR(of(text_key, once), once, "after “%s”: U+%04X", before[i], c))
        return;
    }
  }
}

static const gunichar companions[] = {0x20, 0x3099, 0x309A, 0x309B, 0xFF9E, 0x0301, 0x0308, 0x1175};

static void nfkc_is_what_unicode_says(void)
{
  for (gunichar c = 1; c < 0x30000; c++) {
    for (size_t i = 0; i < G_N_ELEMENTS(companions) && is_character(c); i++) {
      char text[16] = "";
      size_t n = (size_t)g_unichar_to_utf8(c, text);
      text[n + (size_t)g_unichar_to_utf8(companions[i], text + n)] = '\0';
      g_autofree char *want = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);
      if (!UNIT_STR(of(text_nfkc, text), want, "U+%04X U+%04X", c, companions[i]))
        return;
    }
  }
}

static void squeezed(void)
{
  static const Pair pairs[] = {{"", ""},
                               {" 　", ""},
                               {"a", "a"},
                               {" a  b ", "a b"},
                               {"Ａ　　Ｂ", "Ａ Ｂ"},
                               {"\ta\r\n\u2003b", "a b"},
                               {"山田　太郎　", "山田 太郎"}};
  check_pairs(text_squeeze, pairs, G_N_ELEMENTS(pairs));
}

static void widths_are_changed(void)
{
  static const Pair half[] = {{"ＡＢＣａｂｃ０１９", "ABCabc019"},
                              {"！～－", "!~-"},
                              {"カナ", "ｶﾅ"},
                              {"ガギパヴ", "ｶﾞｷﾞﾊﾟｳﾞ"},
                              {"カ\u3099", "ｶﾞ"},
                              {"　", " "},
                              {"サーバー・「。、」", "ｻｰﾊﾞｰ･｢｡､｣"},
                              {"漢字かながぱ", "漢字かながぱ"},
                              {"ヰヱヮヵヶ", "ヰヱヮヵヶ"},
                              {"ヷヺ", "ﾜﾞｦﾞ"},
                              {"゛゜", "ﾞﾟ"},
                              {"ｶﾞA 1", "ｶﾞA 1"},
                              {"￥", "￥"},
                              {"ァィゥェォャュョッ", "ｧｨｩｪｫｬｭｮｯ"}};
  static const Pair full[] = {{"ABCabc019", "ＡＢＣａｂｃ０１９"},
                              {"!~-", "！～－"},
                              {"ｶﾅ", "カナ"},
                              {"ｶﾞｷﾞﾊﾟｳﾞ", "ガギパヴ"},
                              {" ", "　"},
                              {"ｱﾞ", "ア゛"},
                              {"ﾞ", "゛"},
                              {"ｻｰﾊﾞｰ･｢｡､｣", "サーバー・「。、」"},
                              {"漢字", "漢字"},
                              {"カﾞ", "ガ"},
                              {"ｶﾟ", "カ゜"},
                              {"ﾊ\u309A", "パ"}};
  check_pairs(text_halfwidth, half, G_N_ELEMENTS(half));
  check_pairs(text_fullwidth, full, G_N_ELEMENTS(full));
}

// Full and half width are each other's inverse, as far as the half-width set goes.
static void widths_come_back(void)
{
  for (gunichar c = 0x20; c <= 0xFF9F; c = c == 0x7E ? 0xFF61 : c + 1) {
    char text[8] = "";
    g_unichar_to_utf8(c, text);
    g_autofree char *full = g_strdup(of(text_fullwidth, text));
    UNIT_INT(g_utf8_strlen(full, -1), 1, "U+%04X", c);
    UNIT_TRUE(strcmp(full, text) != 0, "U+%04X", c);
    UNIT_STR(of(text_halfwidth, full), text, "U+%04X", c);
  }
  for (gunichar c = 0x30A1; c <= 0x30FA; c++) {
    char text[8] = "";
    g_unichar_to_utf8(c, text);
    g_autofree char *half = g_strdup(of(text_halfwidth, text));
    UNIT_STR(of(text_fullwidth, half), text, "U+%04X", c);
    g_autofree char *hiragana = g_strdup(of(text_hiragana, text));
    UNIT_STR(of(text_katakana, hiragana), text, "U+%04X", c);
    UNIT_TRUE(c > 0x30F6 || strcmp(hiragana, text) != 0, "U+%04X", c);
  }
}

static void kana_change_script(void)
{
  static const Pair hiragana[] = {
      {"カナ", "かな"}, {"ｶﾞﾂﾞﾊﾟ", "がづぱ"},   {"ヴヵヶ", "ゔゕゖ"}, {"サーバ", "さーば"},
      {"ヽヾ", "ゝゞ"}, {"漢字ABC", "漢字ABC"}, {"ヷ", "ヷ"},         {"カ\u309B", "が"}};
  static const Pair katakana[] = {
      {"かな", "カナ"}, {"ｶﾞ", "ガ"},           {"ゔゕゖ", "ヴヵヶ"}, {"らーめん", "ラーメン"},
      {"ゝゞ", "ヽヾ"}, {"漢字ABC", "漢字ABC"}, {"か\u3099", "ガ"}};
  check_pairs(text_hiragana, hiragana, G_N_ELEMENTS(hiragana));
  check_pairs(text_katakana, katakana, G_N_ELEMENTS(katakana));
}

static void digits_are_kept(void)
{
  static const Pair pairs[] = {{"", ""},
                               {"03-1234-5678", "0312345678"},
                               {"内線（１２３）", "123"},
                               {"①二٣½", ""},
                               {"０９０ー００", "09000"}};
  check_pairs(text_digits, pairs, G_N_ELEMENTS(pairs));
}

static void characters_and_columns(void)
{
  static const struct {
    const char *text;
    size_t chars, width;
  } rows[] = {{"", 0, 0},        {"abc", 3, 3}, {"山田", 2, 4},     {"ｶﾞ", 2, 2},
              {"aあｱ", 3, 4},    {"が", 1, 2},  {"か\u3099", 2, 2}, {"𠮷", 1, 2},
              {"e\u0301", 2, 1}, {"　", 1, 2},  {"é", 1, 1},        {"😀", 1, 2}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    UNIT_INT(text_chars(rows[i].text), rows[i].chars, "%s", rows[i].text);
    UNIT_INT(text_width(rows[i].text), rows[i].width, "%s", rows[i].text);
  }
}

static void cuts_keep_marks(void)
{
  static const struct {
    const char *text;
    size_t n_chars;
    const char *kept;
  } rows[] = {{"", 3, ""},
              {"abc", 0, ""},
              {"abc", 2, "ab"},
              {"abc", 3, "abc"},
              {"abc", 9, "abc"},
              {"山田太郎", 3, "山田太"},
              {"𠮷田", 1, "𠮷"},
              {"あか\u3099き", 2, "あ"},
              {"あか\u3099き", 3, "あか\u3099"},
              {"ｱｶﾞｷ", 2, "ｱ"},
              {"ﾊﾟ", 1, ""},
              {"e\u0301\u0308x", 2, ""},
              {"e\u0301\u0308x", 3, "e\u0301\u0308"},
              {"\u0301x", 0, ""},
              {"葛\U000E0100城", 1, ""},
              {"葛\U000E0100城", 2, "葛\U000E0100"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *kept = g_strndup(rows[i].text, text_cut(rows[i].text, rows[i].n_chars));
    UNIT_STR(kept, rows[i].kept, "%s to %zu", rows[i].text, rows[i].n_chars);
  }
}

static void control_characters_are_seen(void)
{
  static const char *const fine[] = {"",       "abc ~", "山田　太郎", "髙﨑", "\u200B",
                                     "\uE000", "é",     "\u00A0",     "😀"};
  static const char *const bad[] = {"a\nb",    "\t",        "\x7F",   "\xC2\x80",   "\xC2\x9F",
                                    "\u061C",  "\u200E",    "\u200F", "\u202A",     "x\u202Ey",
                                    "\u2066",  "\u2069",    "\u2028", "\u2029",     "\uFEFFa",
                                    "\uFFFE",  "\uFFFF",    "\uFDD0", "\U0001FFFE", "\U0010FFFF",
                                    "\x1B[2J", "\U000E0041"};
  for (size_t i = 0; i < G_N_ELEMENTS(fine); i++)
    UNIT_TRUE(!text_has_control(fine[i]), "%s", fine[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
    UNIT_TRUE(text_has_control(bad[i]), "%zu", i);
}

static void bad_bytes_are_found(void)
{
  static const struct {
    const char *bytes;
    size_t n_bytes, bad_at;  // bad_at == n_bytes: none
  } rows[] = {{"", 0, 0},
              {"abc", 3, 3},
              {"山", 3, 3},
              {"a\xFFz", 3, 1},
              {"山\xE5\xB1", 5, 3},
              {"\xC0\xAF", 2, 0},
              {"a\xED\xA0\x80", 4, 1},
              {"a\0b", 3, 1},
              {"\x8E\xAB", 2, 0},
              {"\xF4\x90\x80\x80", 4, 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    size_t bad_at = 99;
    bool valid = text_valid(rows[i].bytes, rows[i].n_bytes, &bad_at);
    UNIT_INT(valid, rows[i].bad_at == rows[i].n_bytes, "%zu", i);
    UNIT_INT(bad_at, rows[i].bad_at, "%zu", i);
  }
}

static const UnitTest tests[] = {
    {"keys", keys},
    {"keys_keep_apart_what_differs", keys_keep_apart_what_differs},
    {"keys_are_stable", keys_are_stable},
    {"nfkc_is_what_unicode_says", nfkc_is_what_unicode_says},
    {"squeezed", squeezed},
    {"widths_are_changed", widths_are_changed},
    {"widths_come_back", widths_come_back},
    {"kana_change_script", kana_change_script},
    {"digits_are_kept", digits_are_kept},
    {"characters_and_columns", characters_and_columns},
    {"cuts_keep_marks", cuts_keep_marks},
    {"control_characters_are_seen", control_characters_are_seen},
    {"bad_bytes_are_found", bad_bytes_are_found},
    {NULL, NULL},
};
UNIT_SUITE(text, tests);
