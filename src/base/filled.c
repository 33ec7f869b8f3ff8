// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tables that went through Excel and the hands of people.
#include "base/base_p.h"

#include <string.h>

#define BOM8 "\xEF\xBB\xBF"
#define BOM16 "\xFF\xFE"
#define GETA 0x3013  // 〓: what printers set where they had no type for a character

static GString *to_cp932(const GString *text)
{
  g_autoptr(Charset) charset = charset_new("cp932");
  g_autoptr(GString) held = g_string_sized_new(text->len);
  for (const char *at = text->str; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    // The cells of a city's own differ from city to city.
    bool fits = c < 0x80 || (charset_has(charset, c) && (c < 0xE000 || c > 0xF8FF));
    g_string_append_unichar(held, fits ? c : GETA);
  }
  gsize n_bytes = 0;
  g_autofree char *bytes =
      g_convert(held->str, (gssize)held->len, "CP932", "UTF-8", NULL, &n_bytes, NULL);
  return bytes ? g_string_new_len(bytes, (gssize)n_bytes) : NULL;
}

GString *filled_encode(const GString *text, bool cp932)
{
  if (!text_valid(text->str, text->len, NULL))
    return NULL;
  if (cp932)
    return to_cp932(text);
  GString *marked = g_string_new(BOM8);
  return g_string_append_len(marked, text->str, (gssize)text->len);
}

// ---------------------------------------------------------------------------------------------

// A NUL within would end the text there, and what follows would be lost unseen.
static char *from_utf16(const char *bytes, size_t n_bytes)
{
  gsize n = 0;
  char *text = g_convert(bytes, (gssize)n_bytes, "UTF-8", "UTF-16LE", NULL, &n, NULL);
  if (text && strlen(text) == n)
    return text;
  g_free(text);
  return NULL;
}

static char *to_utf8(const char *bytes, size_t n_bytes)
{
  if (n_bytes >= 2 && memcmp(bytes, BOM16, 2) == 0)
    return from_utf16(bytes + 2, n_bytes - 2);
  bool marked = n_bytes >= 3 && memcmp(bytes, BOM8, 3) == 0;
  size_t n_mark = marked ? 3 : 0;
  if (text_valid(bytes + n_mark, n_bytes - n_mark, NULL))
    return g_strndup(bytes + n_mark, n_bytes - n_mark);
  return marked || memchr(bytes, '\0', n_bytes)
             ? NULL
             : g_convert(bytes, (gssize)n_bytes, "UTF-8", "CP932", NULL, NULL, NULL);
}

char *filled_decode(const char *bytes, size_t n_bytes)
{
  g_autofree char *text = to_utf8(bytes, n_bytes);
  if (!text)
    return NULL;
  g_auto(GStrv) windows = g_strsplit(text, "\r\n", -1);
  g_autofree char *joined = g_strjoinv("\n", windows);
  return g_strdelimit(g_steal_pointer(&joined), "\r", '\n');
}

char filled_separator(const char *text)
{
  size_t n_first = strcspn(text, "\r\n");
  return memchr(text, '\t', n_first) && !memchr(text, ',', n_first) ? '\t' : ',';
}

void filled_cell(const char *cell, GString *out)
{
  g_autoptr(GString) plain = g_string_new(NULL);
  text_squeeze(cell, plain);
  bool guarded = plain->str[0] == '\'' && plain->str[1] && strchr("=+-@", plain->str[1]);
  g_string_append(out, plain->str + (guarded ? 1 : 0));
}

DateFault filled_day(const char *cell, Date *out)
{
  static const DateForms forms = {
      .iso = true, .slash = true, .compact = true, .wareki = true, .excel = true};
  g_autoptr(GString) plain = g_string_new(NULL);
  text_nfkc(cell, plain);
  char *colon = strchr(plain->str, ':'), *space = colon ? strchr(plain->str, ' ') : NULL;
  if (space)
    *space = '\0';
  g_auto(GStrv) words = g_strsplit(plain->str, " ", -1);
  g_autofree char *joined = g_strjoinv("", words);
  return date_parse(joined, &forms, out);
}
