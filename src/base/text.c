// SPDX-License-Identifier: GPL-3.0-or-later
//
// Hot path: a run folds and compares several texts for each of 100,000 people. What needs no
// normalisation (ASCII, common kanji and kana) is told apart first and costs one pass.
#include "base/base_p.h"

typedef struct Range {
  gunichar first, last;
} Range;

static bool in_ranges(gunichar c, const Range *ranges, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (c >= ranges[i].first && c <= ranges[i].last)
      return true;
  return false;
}

bool text_is_control(gunichar c)
{
  static const Range ranges[] = {
      {0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
      {0x2066, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
  };
  if (c >= 0x20 && c < 0x7F)
    return false;
  return (c & 0xFFFE) == 0xFFFE || in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

bool text_is_hyphen(gunichar c)
{
  return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFF0D;
}

bool text_is_long_mark(gunichar c)
{
  return c == 0x30FC || c == 0xFF70;
}

bool text_is_selector(gunichar c)
{
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
}

bool text_is_kana(gunichar c)
{
  static const Range ranges[] = {
      {0x3041, 0x3096}, {0x309D, 0x309E}, {0x30A1, 0x30FA}, {0x30FC, 0x30FE}};
  return in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

// Whether NFKC leaves this character as it is, whatever stands beside it. Not all such characters,
// but nearly all of a Japanese name, gaiji included: combining marks are not among them.
static bool is_inert(gunichar c)
{
  static const Range ranges[] = {
      {0x4E00, 0x9FFF}, {0x3001, 0x3029}, {0x3400, 0x4DBF}, {0xE000, 0xF8FF}};
  return c < 0x80 || in_ranges(c, ranges, G_N_ELEMENTS(ranges)) || text_is_kana(c);
}

static bool is_space(gunichar c)
{
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && g_unichar_isspace(c));
}

// Calls for each character would cost more than the work: ASCII runs are skipped bytewise.
static const char *skip_ascii(const char *text)
{
  while (*text > 0)
    text++;
  return text;
}

void text_nfkc(const char *text, GString *out)
{
  const char *at = skip_ascii(text);
  while (*at && is_inert(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  g_autofree char *normal = *at ? g_utf8_normalize(text, -1, G_NORMALIZE_NFKC) : NULL;
  g_string_append(out, normal ? normal : text);
}

// Whether append_key alone makes the key: it folds ASCII and its full-width twins.
static bool is_simple(const char *text)
{
  for (text = skip_ascii(text); *text; text = g_utf8_next_char(text)) {
    gunichar c = g_utf8_get_char(text);
    if (!is_inert(c) && c != 0x3000 && !(c >= 0xFF01 && c <= 0xFF5E))
      return false;
  }
  return true;
}

// Kana are put together first: NFKC parts a spacing mark (U+309B) from its kana by a space. Folding
// case can undo the normal form, hence twice.
static char *fold(const char *text)
{
  g_autoptr(GString) composed = g_string_new(NULL);
  while (*text)
    g_string_append_unichar(composed, kana_next(&text));
  g_autofree char *normal = g_utf8_normalize(composed->str, -1, G_NORMALIZE_NFKC);
  g_autofree char *folded = g_utf8_casefold(normal, -1);
  return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}

static gunichar key_character(gunichar c, gunichar before)
{
  if (c < 0x80)
    return (gunichar)g_ascii_tolower((char)c);
  if (c >= 0xFF01 && c <= 0xFF5E)
    return (gunichar)g_ascii_tolower((char)(c - 0xFEE0));
  if (text_is_hyphen(c) || (text_is_long_mark(c) && !text_is_kana(before)))
    return '-';
  return c;
}

static char *put(char *to, gunichar c)
{
  if (c >= 0x80)
    return to + g_unichar_to_utf8(c, to);
  *to = (char)c;
  return to + 1;
}

// A key is never longer than its text, so there is room for it once and for all.
static void append_key(const char *text, GString *out)
{
  size_t start = out->len;
  g_string_set_size(out, start + strlen(text));
  char *first = out->str + start, *to = first;
  gunichar before = ' ';
  for (; *text; text = g_utf8_next_char(text)) {
    gunichar c = g_utf8_get_char(text);
    if (is_space(c)) {
      before = ' ';
      continue;
    }
    if (text_is_selector(c))
      continue;
    if (before == ' ' && to > first)
      *to++ = ' ';
    before = key_character(c, before);
    to = put(to, before);
  }
  g_string_truncate(out, start + (size_t)(to - first));
}

void text_key(const char *text, GString *out)
{
  g_autofree char *folded = is_simple(text) ? NULL : fold(text);
  append_key(folded ? folded : text, out);
}

void text_squeeze(const char *text, GString *out)
{
  size_t start = out->len;
  while (*text) {
    while (*text && is_space(g_utf8_get_char(text)))
      text = g_utf8_next_char(text);
    const char *word = text;
    while (*text && !is_space(g_utf8_get_char(text)))
      text = g_utf8_next_char(text);
    if (text > word && out->len > start)
      g_string_append_c(out, ' ');
    g_string_append_len(out, word, text - word);
  }
}

void text_digits(const char *text, GString *out)
{
  for (; *text; text = g_utf8_next_char(text)) {
    gunichar c = g_utf8_get_char(text);
    if (c >= 0xFF10 && c <= 0xFF19)
      c -= 0xFEE0;
    if (c >= '0' && c <= '9')
      g_string_append_c(out, (char)c);
  }
}

size_t text_chars(const char *text)
{
  return (size_t)g_utf8_strlen(text, -1);
}

size_t text_width(const char *text)
{
  const char *at = skip_ascii(text);
  size_t width = (size_t)(at - text);
  for (; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
  }
  return width;
}

// Half-width voiced marks are letters to Unicode, but ｶ for ｶﾞ is another kana.
static bool is_mark(gunichar c)
{
  return c >= 0x80 && (g_unichar_ismark(c) || c == 0x200D || c == 0xFF9E || c == 0xFF9F);
}

size_t text_cut(const char *text, size_t n_chars)
{
  const char *end = text;
  for (size_t i = 0; i < n_chars && *end; i++)
    end = g_utf8_next_char(end);
  // What the mark belongs to goes as well, so that the limit holds.
  while (end > text && is_mark(g_utf8_get_char(end)))
    end = g_utf8_prev_char(end);
  return (size_t)(end - text);
}

bool text_has_control(const char *text)
{
  for (; *text; text = g_utf8_next_char(text))
    if (text_is_control(g_utf8_get_char(text)))
      return true;
  return false;
}

bool text_valid(const char *bytes, size_t n_bytes, size_t *bad_at)
{
  const char *end = bytes;
  bool valid = g_utf8_validate_len(bytes, n_bytes, &end);
  if (bad_at)
    *bad_at = (size_t)(end - bytes);
  return valid;
}

void text_name_character(const char *text, GString *out)
{
  gunichar c = g_utf8_get_char(text);
  g_string_append(out, "“");
  // Alone a combining mark would sit on the quote.
  if (g_unichar_ismark(c))
    g_string_append_unichar(out, 0x25CC);
  if (!text_is_control(c))
    g_string_append_unichar(out, c);
  g_string_append_printf(out, "” (U+%04X)", c);
}
