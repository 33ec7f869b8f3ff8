// SPDX-License-Identifier: GPL-3.0-or-later
//
// My Numbers (個人番号) have no place here. One random number in ten passes the check digit, so a
// column is judged, never a cell; and no value is ever shown.
#include "intake_p.h"

#include <string.h>

enum { N_DIGITS = 12, FULL_COLUMN = 5, FEW_ROWS = 2 };

// The check digit of the ordinance on My Numbers: P1 is the lowest of the first eleven digits,
// Q = n + 1 up to n = 6, then n - 5; 11 - (sum of P * Q mod 11), and 0 when the remainder is below 2.
static bool passes(const int digits[N_DIGITS])
{
  int sum = 0;
  for (int n = 1; n < N_DIGITS; n++)
    sum += digits[N_DIGITS - 1 - n] * (n <= 6 ? n + 1 : n - 5);
  int rest = sum % 11;
  return digits[N_DIGITS - 1] == (rest <= 1 ? 0 : 11 - rest);
}

static gunichar plain_digit(gunichar c)
{
  return c >= 0xFF10 && c <= 0xFF19 ? '0' + (c - 0xFF10) : c;
}

// How people group digits: by spaces of any kind, by what looks like a hyphen, over the lines of a cell.
static bool is_separator(gunichar c)
{
  return c == '-' || c == 0xFF0D || c == 0x2212 || (c >= 0x2010 && c <= 0x2015) ||
         g_unichar_isspace(c);
}

bool mynumber_within(const char *text)
{
  int digits[N_DIGITS];
  size_t n = 0;
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar c = plain_digit(g_utf8_get_char(at));
    if (c >= '0' && c <= '9') {
      if (n < N_DIGITS)
        digits[n] = (int)(c - '0');
      n++;
    } else if (!is_separator(c)) {
      if (n == N_DIGITS && passes(digits))
        return true;
      n = 0;
    }
  }
  return n == N_DIGITS && passes(digits);
}

bool mynumber_valid(const char *text)
{
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    gunichar c = plain_digit(g_utf8_get_char(at));
    if (!is_separator(c) && (c < '0' || c > '9'))
      return false;
  }
  return mynumber_within(text);
}

static bool named_so(const char *header)
{
  static const char *const names[] = {"個人番号", "マイナンバー", "mynumber", "my number"};
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(header, key);
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (strstr(key->str, names[i]))
      return true;
  return false;
}

bool mynumber_fills(const char *header, size_t n_filled, size_t n_valid)
{
  if (n_valid == 0)
    return false;
  if (named_so(header))
    return 2 * n_valid >= n_filled;
  if (n_filled < FULL_COLUMN)
    return n_filled >= FEW_ROWS && n_valid == n_filled;
  return 10 * n_valid >= 9 * n_filled;
}

// Hardly any cell can be one: most are told by their first byte.
static bool may_begin(unsigned char c)
{
  return c < 0x80 ? g_ascii_isdigit(c) || c <= ' ' || c == '-'
                  : c == 0xC2 || c == 0xE2 || c == 0xE3 || c == 0xEF;
}

void mynumber_count(Reading *reading, const SheetRow *row)
{
  Tally *tallies = (Tally *)(void *)reading->tallies->data;
  size_t n = MIN(row->n_cells, reading->tallies->len);
  for (size_t i = 0; i < n; i++) {
    const char *cell = row_cell(row, i);
    if (*cell == '\0')
      continue;
    tallies[i].n_filled++;
    size_t end = i + 1 < row->n_cells ? row->starts[i + 1] : row->cells->len;
    if (end - row->starts[i] > N_DIGITS && may_begin((unsigned char)*cell))
      tallies[i].n_my_numbers += mynumber_valid(cell);
  }
}

static bool column_holds_them(const Reading *reading, size_t column)
{
  const Tally *tally = &g_array_index(reading->tallies, Tally, column);
  return mynumber_fills(row_cell(reading->header, column), (size_t)tally->n_filled,
                        (size_t)tally->n_my_numbers);
}

bool mynumber_judge(Reading *reading)
{
  bool found = false;
  for (size_t column = 0; column < reading->tallies->len; column++) {
    if (!column_holds_them(reading, column))
      continue;
    const char *header = row_cell(reading->header, column);
    found = true;
    reading_reject(reading,
                   &(Finding){.code = "my-number",
                              .line = row_cell_line(reading->header, column),
                              .column = (int64_t)column + 1,
                              .field = mynumber_within(header) ? NULL : header},
                   _("this column holds My Numbers (個人番号); they have no place in a file for "
                     "accounts: destroy it as the rules say, and ask HR for one without them"));
  }
  return found;
}
