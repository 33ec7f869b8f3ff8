// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#define HALF_FIRST 0xFF61
#define HALF_LAST 0xFF9F
#define KATAKANA_OFFSET 0x60  // from a hiragana to its katakana

// U+FF61–FF9F in full width, as JIS X 0201 orders them.
static const gunichar full_of_half[] = {
    U'。', U'「', U'」', U'、', U'・', U'ヲ', U'ァ', U'ィ', U'ゥ', U'ェ', U'ォ', U'ャ', U'ュ',
    U'ョ', U'ッ', U'ー', U'ア', U'イ', U'ウ', U'エ', U'オ', U'カ', U'キ', U'ク', U'ケ', U'コ',
    U'サ', U'シ', U'ス', U'セ', U'ソ', U'タ', U'チ', U'ツ', U'テ', U'ト', U'ナ', U'ニ', U'ヌ',
    U'ネ', U'ノ', U'ハ', U'ヒ', U'フ', U'ヘ', U'ホ', U'マ', U'ミ', U'ム', U'メ', U'モ', U'ヤ',
    U'ユ', U'ヨ', U'ラ', U'リ', U'ル', U'レ', U'ロ', U'ワ', U'ン', U'゛', U'゜',
};

// Katakana whose voiced form is not the next code point.
static const struct {
  gunichar plain, voiced;
} odd_voiced[] = {{U'ウ', U'ヴ'}, {U'ワ', U'ヷ'}, {U'ヰ', U'ヸ'}, {U'ヱ', U'ヹ'},
                  {U'ヲ', U'ヺ'}, {U'う', U'ゔ'}, {U'ヽ', U'ヾ'}, {U'ゝ', U'ゞ'}};

gunichar kana_to_katakana(gunichar c)
{
  bool hiragana = (c >= 0x3041 && c <= 0x3096) || c == 0x309D || c == 0x309E;
  return hiragana ? c + KATAKANA_OFFSET : c;
}

gunichar kana_to_hiragana(gunichar c)
{
  bool katakana = (c >= 0x30A1 && c <= 0x30F6) || c == 0x30FD || c == 0x30FE;
  return katakana ? c - KATAKANA_OFFSET : c;
}

gunichar kana_voiced(gunichar kana)
{
  for (size_t i = 0; i < G_N_ELEMENTS(odd_voiced); i++)
    if (odd_voiced[i].plain == kana)
      return odd_voiced[i].voiced;
  gunichar c = kana_to_katakana(kana);
  // カ–ヂ alternate plain and voiced; the small ッ shifts ツ–ド; ハ–ポ go by threes.
  bool voices = (c >= U'カ' && c <= U'ヂ' && (c - U'カ') % 2 == 0) ||
                (c >= U'ツ' && c <= U'ド' && (c - U'ツ') % 2 == 0) ||
                (c >= U'ハ' && c <= U'ポ' && (c - U'ハ') % 3 == 0);
  return voices ? kana + 1 : 0;
}

gunichar kana_semivoiced(gunichar kana)
{
  gunichar c = kana_to_katakana(kana);
  return c >= U'ハ' && c <= U'ポ' && (c - U'ハ') % 3 == 0 ? kana + 2 : 0;
}

gunichar kana_plain(gunichar kana)
{
  for (size_t i = 0; i < G_N_ELEMENTS(odd_voiced); i++)
    if (odd_voiced[i].voiced == kana)
      return odd_voiced[i].plain;
  if (kana_voiced(kana - 1) == kana)
    return kana - 1;
  return kana_semivoiced(kana - 2) == kana ? kana - 2 : kana;
}

static bool is_voiced_mark(gunichar c)
{
  return c == 0x3099 || c == 0x309B || c == 0xFF9E;
}

static bool is_semivoiced_mark(gunichar c)
{
  return c == 0x309A || c == 0x309C || c == 0xFF9F;
}

gunichar kana_next(const char **text)
{
  gunichar c = g_utf8_get_char(*text);
  *text = g_utf8_next_char(*text);
  if (c >= HALF_FIRST && c <= HALF_LAST)
    c = full_of_half[c - HALF_FIRST];
  if (!text_is_kana(c) || (signed char)**text >= 0)
    return c;
  gunichar mark = g_utf8_get_char(*text);
  gunichar marked = is_voiced_mark(mark)       ? kana_voiced(c)
                    : is_semivoiced_mark(mark) ? kana_semivoiced(c)
                                               : 0;
  if (marked)
    *text = g_utf8_next_char(*text);
  return marked ? marked : c;
}

gunichar kana_halfwidth(gunichar full)
{
  for (size_t i = 0; i < G_N_ELEMENTS(full_of_half); i++)
    if (full_of_half[i] == full)
      return HALF_FIRST + i;
  return 0;
}
