// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_p.h"

// RFC 4518 §2.2 beyond ASCII, in ascending order.
typedef struct Range {
  gunichar first;
  gunichar last;
  bool space;  // to a space, else to nothing
} Range;

static const Range ranges[] = {
    {0x0080, 0x0084, false},   {0x0085, 0x0085, true},    {0x0086, 0x009F, false},
    {0x00A0, 0x00A0, true},    {0x00AD, 0x00AD, false},   {0x034F, 0x034F, false},
    {0x06DD, 0x06DD, false},   {0x070F, 0x070F, false},   {0x1680, 0x1680, true},
    {0x1806, 0x1806, false},   {0x180B, 0x180E, false},   {0x2000, 0x200A, true},
    {0x200B, 0x200F, false},   {0x2028, 0x2029, true},    {0x202A, 0x202E, false},
    {0x202F, 0x202F, true},    {0x205F, 0x205F, true},    {0x2060, 0x2063, false},
    {0x206A, 0x206F, false},   {0x3000, 0x3000, true},    {0xFE00, 0xFE0F, false},
    {0xFEFF, 0xFEFF, false},   {0xFFF9, 0xFFFC, false},   {0x1D173, 0x1D17A, false},
    {0xE0001, 0xE0001, false}, {0xE0020, 0xE007F, false},
};

static const Range *range_of(gunichar c)
{
  size_t low = 0, high = G_N_ELEMENTS(ranges);
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (c > ranges[middle].last)
      low = middle + 1;
    else
      high = middle;
  }
  return low < G_N_ELEMENTS(ranges) && c >= ranges[low].first ? &ranges[low] : NULL;
}

static bool is_ascii(const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; i++)
    if (bytes[i] & 0x80)
      return false;
  return true;
}

// The ASCII part of the mapping, and the spaces, in one go.
static void squeeze(const char *bytes, size_t n_bytes, bool fold, GString *out)
{
  size_t start = out->len;
  bool space = false;
  for (size_t i = 0; i < n_bytes; i++) {
    unsigned char c = bytes[i];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      space = true;
      continue;
    }
    if (c < ' ' || c == 0x7F)
      continue;
    if (space && out->len > start)
      g_string_append_c(out, ' ');
    space = false;
    g_string_append_c(out, fold ? g_ascii_tolower(c) : (char)c);
  }
}

static bool map(const char *bytes, size_t n_bytes, GString *out)
{
  for (const char *at = bytes, *end = bytes + n_bytes; at < end;) {
    if (!(*at & 0x80)) {
      if (*at)
        g_string_append_c(out, *at);
      at++;
      continue;
    }
    gunichar c = g_utf8_get_char_validated(at, end - at);
    if (c & 0x80000000)
      return false;
    const Range *range = range_of(c);
    size_t n = g_utf8_skip[*(const unsigned char *)at];
    if (!range)
      g_string_append_len(out, at, n);
    else if (range->space)
      g_string_append_c(out, ' ');
    at += n;
  }
  return true;
}

// NFKC comes first, too, because it makes capitals (㎒ becomes MHz).
static char *normalise(const char *text, size_t n_bytes, bool fold)
{
  char *normal = g_utf8_normalize(text, n_bytes, G_NORMALIZE_NFKC);
  if (!fold)
    return normal;
  g_autofree char *first = normal;
  g_autofree char *folded = g_utf8_casefold(first, -1);
  return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}

bool prepare_text(const char *bytes, size_t n_bytes, bool fold, GString *out)
{
  if (is_ascii(bytes, n_bytes)) {
    squeeze(bytes, n_bytes, fold, out);
    return true;
  }
  g_autoptr(GString) mapped = g_string_sized_new(n_bytes);
  if (!map(bytes, n_bytes, mapped))
    return false;
  g_autofree char *normal = normalise(mapped->str, mapped->len, fold);
  squeeze(normal, strlen(normal), false, out);
  return true;
}
