// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a spreadsheet does to text that looks like a number or a date. A value is judged, never repaired.
#include "intake_p.h"

#include <string.h>

size_t damage_digits(const char *text)
{
  size_t n = 0;
  while (g_ascii_isdigit(text[n]))
    n++;
  return n;
}

// 1.23E+11
static bool is_scientific(const char *text)
{
  size_t n = damage_digits(text);
  if (n != 1)
    return false;
  if (text[n] == '.')
    n += 1 + damage_digits(text + n + 1);
  if (text[n] != 'E' || (text[n + 1] != '+' && text[n + 1] != '-'))
    return false;
  size_t n_exponent = damage_digits(text + n + 2);
  return n_exponent >= 2 && text[n + 2 + n_exponent] == '\0';
}

// Jan-02, 2-Jan, 1月2日
static bool is_date_like(const char *text)
{
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  size_t n = damage_digits(text);
  const char *month = n >= 1 && n <= 2 && text[n] == '-' ? text + n + 1 : text;
  for (size_t i = 0; i < G_N_ELEMENTS(months); i++) {
    if (!g_str_has_prefix(month, months[i]))
      continue;
    const char *rest = month + 3;
    size_t n_rest = *rest == '-' ? damage_digits(rest + 1) : 0;
    return month == text ? n_rest == 2 && rest[3] == '\0' : *rest == '\0';
  }
  if (n < 1 || n > 2 || !g_str_has_prefix(text + n, "月"))
    return false;
  const char *day = text + n + strlen("月");
  size_t n_day = damage_digits(day);
  return n_day >= 1 && n_day <= 2 && g_str_equal(day + n_day, "日");
}

// 2027/1/2, 2027年1月2日: what is shown of 1-2 once it is a date. Not 2027-1-2, which may be a number.
static bool is_full_date(const char *text)
{
  static const char *const separators[][3] = {{"/", "/", ""}, {"年", "月", "日"}};
  if (damage_digits(text) != 4)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(separators); i++) {
    const char *at = text + 4;
    size_t part = 0;
    for (; part < 3 && g_str_has_prefix(at, separators[i][part]); part++) {
      at += strlen(separators[i][part]);
      size_t n = damage_digits(at);
      if (part < 2 && (n < 1 || n > 2))
        break;
      at += part < 2 ? n : 0;
    }
    if (part == 3 && *at == '\0')
      return true;
  }
  return false;
}

// (1) becomes -1
static bool is_negative(const char *text)
{
  size_t n = *text == '-' ? damage_digits(text + 1) : 0;
  return n > 0 && text[1 + n] == '\0';
}

// #NAME?, #REF!, #N/A …
static bool is_error(const char *text)
{
  static const char *const errors[] = {"#NAME?", "#REF!",  "#VALUE!", "#DIV/0!", "#N/A",
                                       "#NUM!",  "#NULL!", "#SPILL!", "#CALC!"};
  for (size_t i = 0; i < G_N_ELEMENTS(errors); i++)
    if (g_str_equal(text, errors[i]))
      return true;
  return false;
}

// ######## is what is shown of a number in a column that is too narrow.
static bool is_hidden(const char *text)
{
  size_t n = strspn(text, "#");
  return n >= 3 && text[n] == '\0';
}

static bool is_truth(const char *text)
{
  return g_str_equal(text, "TRUE") || g_str_equal(text, "FALSE");
}

static bool is_any_date(const char *text)
{
  return is_date_like(text) || is_full_date(text);
}

static const struct {
  bool (*is)(const char *text);
  bool codes_only;  // in a text it may be meant so
  const char *hint;
} damages[] = {
    {is_scientific, false,
     N_("a spreadsheet has made a long number short; its digits are lost, so ask for the file as "
        "HR's "
        "system wrote it")},
    {is_error, false,
     N_("an error of a spreadsheet's formula in place of the value; have it corrected there and "
        "ask for the file again")},
    {is_hidden, false,
     N_("a spreadsheet saved the signs that stand for a number in a column too narrow for it; ask "
        "for "
        "the file as HR's system wrote it")},
    {is_any_date, true,
     N_("a spreadsheet has made a date of a code such as 1-2; ask for the file as HR's system "
        "wrote it")},
    {is_negative, true,
     N_("a spreadsheet makes -1 of (1); ask for the file as HR's system wrote it")},
    {is_truth, true,
     N_("a spreadsheet's TRUE or FALSE in place of a code; ask for the file as HR's system wrote "
        "it")},
};

// What is damaged begins so; most cells do not.
static bool may_be_damaged(unsigned char c)
{
  return g_ascii_isdigit(c) || g_ascii_isupper(c) || c == '#' || c == '-';
}

const char *damage_hint(const char *value, WordType type)
{
  if (!may_be_damaged((unsigned char)*value))
    return NULL;
  // Nothing but digits is as it should be.
  if (value[damage_digits(value)] == '\0')
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(damages); i++)
    if ((!damages[i].codes_only || type == TYPE_CODE || type == TYPE_CHOICE) &&
        damages[i].is(value))
      return _(damages[i].hint);
  return NULL;
}
