// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

// NULL when it is refused; valid until the next call.
static const char *romaji(const char *kana, Romaji scheme)
{
  static char result[256];
  g_autoptr(GString) out = g_string_new("before ");
  const char *bad = NULL;
  bool done = text_romaji(kana, scheme, out, &bad);
  UNIT_TRUE(done ? !bad : bad >= kana && bad < kana + strlen(kana), "%s", kana);
  UNIT_TRUE(g_str_has_prefix(out->str, "before ") && (done || out->len == 7), "%s", kana);
  g_strlcpy(result, out->str + strlen("before "), sizeof result);
  return done ? result : NULL;
}

typedef struct Row {
  const char *kana, *letters;
} Row;

static void check_rows(const Row *rows, size_t n_rows, Romaji scheme)
{
  for (size_t i = 0; i < n_rows; i++)
    UNIT_STR(romaji(rows[i].kana, scheme), rows[i].letters, "%s", rows[i].kana);
}

// As municipal passport offices and their guides print them.
// Pairs as municipal passport offices and their guides publish them (旅券のローマ字表記).
static void published_passport_pairs(void)
{
  static const Row rows[] = {
      {"おおたに", "otani"},
      {"さいとう", "saito"},
      {"ようこ", "yoko"},
      {"しょういち", "shoichi"},
      {"かんだ", "kanda"},
      {"しんや", "shinya"},
      {"なんば", "namba"},
      {"ほんま", "homma"},
      {"はっとり", "hattori"},
      {"てっぺい", "teppei"},
      {"はっちょう", "hatcho"},
      {"おおの", "ono"},
      {"さとう", "sato"},
      {"しんばし", "shimbashi"},
      {"こうの", "kono"},
      {"よこお", "yokoo"},
      {"かのう", "kano"},
      {"みねう", "mineu"},
      {"みねお", "mineo"},
      {"すごう", "sugo"},
      {"すごお", "sugoo"},
      {"さんし", "sanshi"},
      {"しんこ", "shinko"},
      {"おおた", "ota"},
      {"かとう", "kato"},
      {"ゆうき", "yuki"},
      {"しゅうじ", "shuji"},
      {"ジェ", "jie"},
      {"チェ", "chie"},
      {"ティ", "tei"},
      {"デュ", "deyu"},
      {"フィ", "fui"},
      {"フェ", "fue"},
      {"おおにし", "onishi"},
      {"おおかわ", "okawa"},
      {"やまだ", "yamada"},
      {"しばた", "shibata"},
      {"さちこ", "sachiko"},
      {"しゅんすけ", "shunsuke"},
      {"じゅんこ", "junko"},
      {"ディ", "dei"},
      {"ファ", "fua"},
      {"フォ", "fuo"},
      {"ヴァ", "bua"},
      {"ヴィ", "bui"},
      {"ヴ", "bu"},
      {"ヴェ", "bue"},
      {"ヴォ", "buo"},
      {"ウィ", "ui"},
      {"ウェ", "ue"},
      {"ウォ", "uo"},
      {"シェ", "shie"},
      {"クァ", "kua"},
      {"クィ", "kui"},
      {"グァ", "gua"},
      {"ツァ", "tsua"},
      {"ツォ", "tsuo"},
      {"ドゥ", "dou"},
      {"フョ", "fuyo"},
      {"イェ", "ie"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ROMAJI_PASSPORT);
}

// Here the long vowel crosses a morpheme (まつ・うら MATSUURA, い・の・うえ INOUE), which kana do not show: the
// plain rule drops it, and a person's override or the table of exceptions puts it right.
static void kana_alone_cannot_tell(void)
{
  static const Row rows[] = {{"まつうら", "matsura"}, {"いのうえ", "inoe"}};
  check_rows(rows, G_N_ELEMENTS(rows), ROMAJI_PASSPORT);
}

static void passport_rules(void)
{
  static const Row rows[] = {
      {"", ""},
      {"おおおか", "ooka"},  // the third お begins anew
      {"とおお", "too"},
      {"こうお", "koo"},
      {"おう", "o"},
      {"おお", "oo"},
      {"ゆうう", "yuu"},
      {"いい", "ii"},  // only o and u are shortened
      {"けいこ", "keiko"},
      {"ああ", "aa"},
      {"せうち", "seuchi"},
      {"きうち", "kiuchi"},
      {"みきお", "mikio"},
      {"ローマ", "roma"},
      {"あーさー", "asa"},
      {"ー", ""},
      {"ドゥー", "dou"},  // small ゥ is no second vowel
      {"トゥウ", "tou"},
      {"しんいち", "shinichi"},
      {"かんのう", "kanno"},
      {"けんぽう", "kempo"},
      {"さんみゃく", "sammyaku"},
      {"ンヴ", "mbu"},
      {"ほん", "hon"},
      {"んん", "nn"},
      {"まっちゃ", "matcha"},
      {"いっしき", "isshiki"},
      {"はっつ", "hattsu"},
      {"ざっは", "zahha"},
      {"あっ", "a"},  // nothing to double
      {"あっい", "ai"},
      {"おっう", "ou"},
      {"あっっか", "akka"},
      {"っか", "kka"},
      {"あっー", "a"},
      {"んっぽ", "mppo"},
      {"ぢ", "ji"},
      {"づ", "zu"},
      {"ぢゃ", "ja"},
      {"を", "o"},
      {"ゐゑ", "ie"},
      {"みすゞ", "misuzu"},
      {"いすず", "isuzu"},
      {"さゝき", "sasaki"},
      {"かゞみ", "kagami"},
      {"ただゝ", "tadata"},
      {"ｼﾞｭﾝｺ", "junko"},
      {"シ\u3099ュンコ", "junko"},
      {"ヤマタ\u309B", "yamada"},
      {"しやちよう", "shiyachiyo"},
      {"ゎ", "wa"},
      {"カヶ", "kake"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ROMAJI_PASSPORT);
}

static void kunrei_rules(void)
{
  static const Row rows[] = {
      {"しちつふじぢづ", "sitituhuzizizu"},
      {"しゃしゅしょ", "syasyusyo"},
      {"ちゃじゃぢゃ", "tyazyazya"},
      {"しんばし", "sinbasi"},
      {"まっちゃ", "mattya"},
      {"さとう", "satou"},
      {"おおた", "oota"},
      {"よこお", "yokoo"},
      {"ローマ", "rooma"},
      {"シェチェジェ", "syetyezye"},
      {"ティファヴ", "teihuabu"},
      {"しんいち", "siniti"},
      {"まつうら", "matuura"},
      {"あっー", "a"},
      {"ー", ""},
      {"きゃりゅみょ", "kyaryumyo"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ROMAJI_KUNREI);
}

static void hepburn_2025_rules(void)
{
  static const Row rows[] = {
      {"しちつふじぢづ", "shichitsufujijizu"},
      {"しゃちゃじゃ", "shachaja"},
      {"しんばし", "shinbashi"},
      {"ほんま", "honma"},
      {"まっちゃ", "maccha"},
      {"はっちょう", "hacchou"},
      {"いっしき", "isshiki"},
      {"さとう", "satou"},
      {"おおた", "oota"},
      {"まつうら", "matsuura"},
      {"いのうえ", "inoue"},
      {"ローマ", "rooma"},
      {"シェチェジェ", "shecheje"},
      {"ティディデュ", "tididyu"},
      {"トゥドゥ", "tudu"},
      {"ファフィフェフォ", "fafifefo"},
      {"ヴァヴ", "vavu"},
      {"ツァウィ", "tsawi"},
      {"ジェーン", "jeen"},
      {"クァグヮ", "kwagwa"},
      {"しんいち", "shinichi"},
  };
  check_rows(rows, G_N_ELEMENTS(rows), ROMAJI_HEPBURN_2025);
}

static void what_is_no_kana_is_pointed_at(void)
{
  static const struct {
    const char *text;
    size_t bad_at;
  } rows[] = {{"山田", 0},           {"やま田", 6}, {"やまだ たろう", 9},
              {"やまだ　たろう", 9}, {"abc", 0},    {"かA", 3},
              {"か・き", 3},         {"ｶ･ｷ", 3},    {"か。", 3},
              {"゛か", 0},           {"あ゛", 3},   {"か\u0301", 3},
              {"ゝか", 0},           {"ヷ", 0},     {"か-", 3}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    for (int scheme = ROMAJI_PASSPORT; scheme <= ROMAJI_HEPBURN_2025; scheme++) {
      const char *bad = NULL;
      g_autoptr(GString) out = g_string_new("x");
      UNIT_TRUE(!text_romaji(rows[i].text, (Romaji)scheme, out, &bad), "%s", rows[i].text);
      UNIT_INT(bad - rows[i].text, rows[i].bad_at, "%s", rows[i].text);
      UNIT_STR(out->str, "x", "%s", rows[i].text);
    }
  }
  g_autoptr(GString) out = g_string_new(NULL);
  UNIT_TRUE(!text_romaji("山", ROMAJI_PASSPORT, out, NULL));
}

// Every pair of kana, in either script, gives letters and nothing else, the same in both.
static void all_pairs_give_letters(void)
{
  for (int scheme = ROMAJI_PASSPORT; scheme <= ROMAJI_HEPBURN_2025; scheme++) {
    for (gunichar a = 0x30A1; a <= 0x30F6; a++) {
      for (gunichar b = 0x30A1; b <= 0x30F6; b++) {
        char text[16] = "";
        size_t n = (size_t)g_unichar_to_utf8(a, text);
        g_unichar_to_utf8(b, text + n);
        g_autoptr(GString) hiragana = g_string_new(NULL);
        text_hiragana(text, hiragana);
        g_autofree char *letters = g_strdup(romaji(text, (Romaji)scheme));
        bool fine = letters && strspn(letters, "abcdefghijklmnopqrstuvwxyz") == strlen(letters) &&
                    g_strcmp0(romaji(hiragana->str, (Romaji)scheme), letters) == 0;
        if (!UNIT_TRUE(fine, "%s: %s", text, letters))
          return;
      }
    }
  }
}

static const UnitTest tests[] = {
    {"published_passport_pairs", published_passport_pairs},
    {"kana_alone_cannot_tell", kana_alone_cannot_tell},
    {"passport_rules", passport_rules},
    {"kunrei_rules", kunrei_rules},
    {"hepburn_2025_rules", hepburn_2025_rules},
    {"what_is_no_kana_is_pointed_at", what_is_no_kana_is_pointed_at},
    {"all_pairs_give_letters", all_pairs_give_letters},
    {NULL, NULL},
};
UNIT_SUITE(text_romaji, tests);
