// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define ELLIPSIS "…"
#define INSTANT_SHOWN_BYTES 16  // "2027-04-01 00:00"
#define LEAD_COLUMNS 4          // of a common beginning that are left, so that its end is seen

// SGR of ECMA-48: few, since a terminal may be white or black.
static const char *const sgr[] = {
    [PAINT_TITLE] = "1", [PAINT_FAINT] = "2", [PAINT_HELD] = "1;31", [PAINT_LATER] = "33"};

void columns_paint(GString *out, bool colour, Paint paint, const char *text)
{
  if (!colour || paint == PAINT_NONE)
    g_string_append(out, text);
  else
    g_string_append_printf(out, "\033[%sm%s\033[0m", sgr[paint], text);
}

void columns_pad(GString *out, size_t from, size_t n)
{
  for (size_t width = text_width(out->str + from); width < n; width++)
    g_string_append_c(out, ' ');
}

void columns_cut(GString *out, const char *text, size_t n)
{
  if (text_width(text) <= n) {
    g_string_append(out, text);
    return;
  }
  // A character is taken with the marks on it; those have no width.
  size_t used = 0;
  const char *end = text;
  while (*end != '\0') {
    const char *next = g_utf8_next_char(end);
    g_autofree char *character = g_strndup(end, (size_t)(next - end));
    used += text_width(character);
    if (used + text_width(ELLIPSIS) > n)
      break;
    end = next;
  }
  g_string_append_len(out, text, end - text);
  g_string_append(out, ELLIPSIS);
}

// Bytes that both begin with, whole characters only.
static size_t common_bytes(const char *a, const char *b)
{
  size_t n = 0;
  while (a[n] != '\0' && a[n] == b[n])
    n++;
  while (n > 0 && ((unsigned char)a[n] & 0xC0) == 0x80)
    n--;
  return n;
}

static void skip_beginning(GString *text, size_t n_bytes)
{
  g_string_erase(text, 0, (gssize)n_bytes);
  g_string_prepend(text, ELLIPSIS);
}

void columns_cut_pair(GString *old_text, GString *new_text, size_t n_old, size_t n_new)
{
  bool fits = text_width(old_text->str) <= n_old && text_width(new_text->str) <= n_new;
  size_t common = fits ? 0 : common_bytes(old_text->str, new_text->str);
  g_autofree char *head = g_strndup(old_text->str, common);
  const char *lead = head;
  while (text_width(lead) > LEAD_COLUMNS)
    lead = g_utf8_next_char(lead);
  if (lead > head && text_width(head) + 1 >= MIN(n_old, n_new)) {
    skip_beginning(old_text, (size_t)(lead - head));
    skip_beginning(new_text, (size_t)(lead - head));
  }
  g_autoptr(GString) cut = g_string_new(NULL);
  columns_cut(cut, old_text->str, n_old);
  g_string_assign(old_text, cut->str);
  g_string_truncate(cut, 0);
  columns_cut(cut, new_text->str, n_new);
  g_string_assign(new_text, cut->str);
}

void columns_instant(GString *out, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  if (text->len < INSTANT_SHOWN_BYTES)
    return;
  text->str[strlen("2027-04-01")] = ' ';
  g_string_append_len(out, text->str, INSTANT_SHOWN_BYTES);
}

void columns_day(GString *out, Instant instant)
{
  static const char midnight[] = " 00:00";
  columns_instant(out, instant);
  if (g_str_has_suffix(out->str, midnight))
    g_string_truncate(out, out->len - strlen(midnight));
}

void columns_text(GString *out, const char *text, size_t n)
{
  size_t from = out->len;
  escape_text(out, text, ESCAPE_TERMINAL);
  columns_pad(out, from, n);
}

void columns_number(GString *out, size_t number, size_t n)
{
  g_string_append_printf(out, "%*zu", (int)n, number);
}
