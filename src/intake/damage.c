// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a spreadsheet does to text that looks like a number or a date. A value is judged, never repaired.
#include "intake_p.h"

#include <string.h>

static size_t span_digits(const char *text)
{
  return strspn(text, "0123456789");
}

// 1.23E+11
static bool is_scientific(const char *text)
{
  size_t n = span_digits(text);
  if (n != 1)
    return false;
  if (text[n] == '.')
    n += 1 + span_digits(text + n + 1);
  if (text[n] != 'E' || (text[n + 1] != '+' && text[n + 1] != '-'))
    return false;
  size_t n_exponent = span_digits(text + n + 2);
  return n_exponent >= 2 && text[n + 2 + n_exponent] == '\0';
}

// Jan-02, 2-Jan, 1月2日
static bool is_date_like(const char *text)
{
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  size_t n = span_digits(text);
  const char *month = n >= 1 && n <= 2 && text[n] == '-' ? text + n + 1 : text;
  for (size_t i = 0; i < G_N_ELEMENTS(months); i++) {
    if (!g_str_has_prefix(month, months[i]))
      continue;
    const char *rest = month + 3;
    size_t n_rest = *rest == '-' ? span_digits(rest + 1) : 0;
    return month == text ? n_rest == 2 && rest[3] == '\0' : *rest == '\0';
  }
  if (n < 1 || n > 2 || !g_str_has_prefix(text + n, "月"))
    return false;
  const char *day = text + n + strlen("月");
  size_t n_day = span_digits(day);
  return n_day >= 1 && n_day <= 2 && g_str_equal(day + n_day, "日");
}

// (1) becomes -1
static bool is_negative(const char *text)
{
  size_t n = *text == '-' ? span_digits(text + 1) : 0;
  return n > 0 && text[1 + n] == '\0';
}

const char *damage_hint(const char *value, WordType type)
{
  if (is_scientific(value))
    return _("a spreadsheet has made a long number short; its digits are lost, so ask for the file "
             "as HR's system wrote it");
  if (type != TYPE_CODE)
    return NULL;
  if (is_date_like(value))
    return _("a spreadsheet has made a date of a code such as 1-2; ask for the file as HR's system "
             "wrote it");
  if (is_negative(value))
    return _("a spreadsheet makes -1 of (1); ask for the file as HR's system wrote it");
  return NULL;
}
