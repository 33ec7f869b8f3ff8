// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

void text_hiragana(const char *text, GString *out)
{
  while (*text)
    g_string_append_unichar(out, kana_to_hiragana(kana_next(&text)));
}

void text_katakana(const char *text, GString *out)
{
  while (*text)
    g_string_append_unichar(out, kana_to_katakana(kana_next(&text)));
}

void text_compose_combined(const char **text, GString *out)
{
  const char *next = g_utf8_next_char(*text);
  gunichar mark = (signed char)*next < 0 ? g_utf8_get_char(next) : 0;
  if (mark == 0x3099 || mark == 0x309A) {
    g_string_append_unichar(out, kana_next(text));
    return;
  }
  g_string_append_len(out, *text, next - *text);
  *text = next;
}

void text_fullwidth(const char *text, GString *out)
{
  while (*text) {
    gunichar c = kana_next(&text);
    if (c == ' ')
      c = 0x3000;
    else if (c > ' ' && c < 0x7F)
      c += 0xFEE0;
    g_string_append_unichar(out, c);
  }
}

// ガ becomes ｶﾞ; kana without a half-width form (ヰ ヱ ヮ ヵ ヶ, hiragana) stay.
static void append_half_kana(gunichar c, GString *out)
{
  gunichar plain = kana_plain(c);
  gunichar half = kana_halfwidth(plain);
  if (!half) {
    g_string_append_unichar(out, c);
    return;
  }
  g_string_append_unichar(out, half);
  if (plain != c)
    g_string_append_unichar(out, kana_voiced(plain) == c ? 0xFF9E : 0xFF9F);
}

void text_halfwidth(const char *text, GString *out)
{
  while (*text) {
    gunichar c = kana_next(&text);
    if (c == 0x3000)
      g_string_append_c(out, ' ');
    else if (c >= 0xFF01 && c <= 0xFF5E)
      g_string_append_c(out, (char)(c - 0xFEE0));
    else if (c >= 0x3001 && c <= 0x30FC)
      append_half_kana(c, out);
    else
      g_string_append_unichar(out, c);
  }
}
