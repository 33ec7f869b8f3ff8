// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#define NOT_UTF8 ((gunichar)-1)

// How one mode writes.
typedef struct Style {
  const char *special;  // ASCII characters with a meaning in this output
  void (*write_special)(GString *out, char c);
  const char *kept;  // control characters that are data here
  // Other control characters, and bytes that are no UTF-8, one at a time, `c` being NOT_UTF8.
  void (*write_control)(GString *out, const char *bytes, size_t n, gunichar c);
} Style;

static void write_backslash(GString *out, char c)
{
  g_string_append_c(out, '\\');
  g_string_append_c(out, c);
}

static void write_twice(GString *out, char c)
{
  g_string_append_c(out, c);
  g_string_append_c(out, c);
}

static void write_entity(GString *out, char c)
{
  static const struct {
    char c;
    const char *entity;
  } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
    if (entities[i].c == c)
      g_string_append(out, entities[i].entity);
}

static void write_hex(GString *out, const char *bytes, size_t n, gunichar c)
{
  (void)c;
  for (size_t i = 0; i < n; i++)
    g_string_append_printf(out, "\\%02x", (unsigned char)bytes[i]);
}

static void write_special_hex(GString *out, char c)
{
  write_hex(out, &c, 1, 0);
}

// A byte that is no UTF-8 shows as \x{E3}, so that it is not taken for a character.
static void write_visible(GString *out, const char *bytes, size_t n, gunichar c)
{
  (void)n;
  if (c == NOT_UTF8)
    g_string_append_printf(out, "\\x{%02X}", (unsigned char)*bytes);
  else
    g_string_append_printf(out, "\\u{%X}", c);
}

// CSS Syntax 3, 4.3.7: a hexadecimal escape ends with a blank.
static void write_css(GString *out, char c)
{
  g_string_append_printf(out, "\\%x ", (unsigned char)c);
}

// As visible as in HTML: the backslash is one that shows.
static void write_visible_css(GString *out, const char *bytes, size_t n, gunichar c)
{
  g_string_append_c(out, '\\');
  write_visible(out, bytes, n, c);
}

static void write_verbatim(GString *out, const char *bytes, size_t n, gunichar c)
{
  (void)c;
  g_string_append_len(out, bytes, (gssize)n);
}

static const Style styles[] = {
    [ESCAPE_TERMINAL] = {"", NULL, "", write_visible},
    [ESCAPE_CSV] = {"\"", write_twice, "\t\r\n", write_visible},
    [ESCAPE_CSV_RAW] = {"\"", write_twice, "", write_verbatim},
    [ESCAPE_HTML] = {"&<>\"'", write_entity, "", write_visible},
    [ESCAPE_CSS] = {"\"'\\<>&{}", write_css, "", write_visible_css},
    [ESCAPE_DN] = {"\"+,;<>\\=", write_backslash, "", write_hex},
    [ESCAPE_FILTER] = {"*()\\", write_special_hex, "", write_hex},
};

static bool is_one_of(char c, const char *set)
{
  return c && strchr(set, c);
}

// Writes the character at `at` and returns its length.
static size_t write_one(GString *out, const char *at, size_t n_left, const Style *style)
{
  if ((signed char)*at > 0 && is_one_of(*at, style->special)) {
    style->write_special(out, *at);
    return 1;
  }
  gunichar c = *at ? g_utf8_get_char_validated(at, (gssize)n_left) : 0;
  if (c >= (gunichar)-2) {
    style->write_control(out, at, 1, NOT_UTF8);
    return 1;
  }
  size_t n = *at ? (size_t)(g_utf8_next_char(at) - at) : 1;
  if (text_is_control(c) && !(n == 1 && is_one_of(*at, style->kept)))
    style->write_control(out, at, n, c);
  else
    g_string_append_len(out, at, (gssize)n);
  return n;
}

static bool is_plain(char c, const Style *style)
{
  return c >= ' ' && c < 0x7F && !is_one_of(c, style->special);
}

static void write_body(GString *out, const char *bytes, size_t n_bytes, const Style *style)
{
  size_t i = 0;
  while (i < n_bytes) {
    size_t run = i;
    while (i < n_bytes && is_plain(bytes[i], style))
      i++;
    g_string_append_len(out, bytes + run, (gssize)(i - run));
    if (i < n_bytes)
      i += write_one(out, bytes + i, n_bytes - i, style);
  }
}

static void write_cell(GString *out, const char *bytes, size_t n_bytes, EscapeMode mode)
{
  bool formula = mode == ESCAPE_CSV && n_bytes > 0 && is_one_of(bytes[0], "=+-@\t\r");
  // Many readers trim a cell that is not quoted.
  bool quoted = n_bytes > 0 && (is_one_of(bytes[0], " \t") || is_one_of(bytes[n_bytes - 1], " \t"));
  for (size_t i = 0; i < n_bytes && !quoted; i++)
    quoted = is_one_of(bytes[i], "\",\r\n");
  if (quoted)
    g_string_append_c(out, '"');
  if (formula)
    g_string_append_c(out, '\'');
  write_body(out, bytes, n_bytes, &styles[mode]);
  if (quoted)
    g_string_append_c(out, '"');
}

// RFC 4514, 2.4: also a space at either end, and a # at the beginning.
static void write_dn_value(GString *out, const char *bytes, size_t n_bytes)
{
  const Style *style = &styles[ESCAPE_DN];
  bool first = n_bytes > 0 && (bytes[0] == ' ' || bytes[0] == '#');
  bool last = n_bytes > 1 && bytes[n_bytes - 1] == ' ';
  if (first)
    write_backslash(out, bytes[0]);
  write_body(out, bytes + first, n_bytes - first - last, style);
  if (last)
    write_backslash(out, ' ');
}

void escape_append(GString *out, const char *bytes, size_t n_bytes, EscapeMode mode)
{
  if (mode == ESCAPE_CSV || mode == ESCAPE_CSV_RAW)
    write_cell(out, bytes, n_bytes, mode);
  else if (mode == ESCAPE_DN)
    write_dn_value(out, bytes, n_bytes);
  else
    write_body(out, bytes, n_bytes, &styles[mode]);
}

void escape_text(GString *out, const char *text, EscapeMode mode)
{
  if (text)
    escape_append(out, text, strlen(text), mode);
}
