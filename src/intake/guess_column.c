// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the values of a column tell. Values are kept for columns of codes only, and no more than a few.
#include "intake_p.h"

#include <string.h>

enum { VALUES_MAX = 64, VALUE_BYTES_MAX = 60, LAST_YEAR = 2060 };

// Before these years no date of that kind is meant: whoever is on a roster is alive, and systems that
// write era codes hold orders of this century.
enum { FIRST_YEAR = 1910, FIRST_ORDER_YEAR = 2001, ORDER_YEARS_AHEAD = 5 };

static const struct {
  const char *name;
  size_t offset;
} forms[GUESS_N_FORMS] = {
    {"iso", offsetof(DateForms, iso)},           {"slash", offsetof(DateForms, slash)},
    {"compact", offsetof(DateForms, compact)},   {"wareki", offsetof(DateForms, wareki)},
    {"era_code", offsetof(DateForms, era_code)}, {"excel", offsetof(DateForms, excel)},
};

const char *guess_form_name(size_t form)
{
  return forms[form].name;
}

bool *guess_form(DateForms *dates, size_t form)
{
  return (bool *)((char *)dates + forms[form].offset);
}

GuessColumn *guess_column(const Guess *guess, size_t i)
{
  return guess->columns->pdata[i];
}

const GuessColumn *guess_find(const Guess *guess, WordId word)
{
  for (size_t i = 0; i < guess->columns->len; i++)
    if (guess_column(guess, i)->word == word)
      return guess_column(guess, i);
  return NULL;
}

static void free_value(void *data)
{
  GuessValue *value = data;
  g_free(value->code);
  g_free(value->name);
  g_free(value);
}

GuessColumn *guess_column_new(const char *header, const Heading *heading)
{
  GuessColumn *column = g_new0(GuessColumn, 1);
  column->header = g_strdup(header);
  column->heading = heading;
  column->word = WORD_NONE;
  column->names = column->coded = -1;
  column->values = g_ptr_array_new_with_free_func(free_value);
  return column;
}

void guess_column_free(void *data)
{
  GuessColumn *column = data;
  g_free(column->header);
  g_ptr_array_unref(column->values);
  g_free(column);
}

// ---------------------------------------------------------------------------------------------
// Digits.

static void note_digits(GuessColumn *column, const char *value)
{
  size_t n = strlen(value);
  if (strspn(value, "0123456789") != n)
    return;
  column->n_digits++;
  column->has_zero = column->has_zero || *value == '0';
  column->n_widths += column->width != (int64_t)n;
  column->width = (int64_t)n;
}

// ---------------------------------------------------------------------------------------------
// Dates. A form that leads out of the years of people alive is none.

static bool is_plausible(Date date)
{
  int year, month, day;
  date_split(date, &year, &month, &day);
  return (year >= FIRST_YEAR && year <= LAST_YEAR) || year == 9999;
}

// Nobody is born later than now, and no order is dated long ahead.
static bool is_meant(const GuessColumn *column, Date date)
{
  int year, month, day, this_year;
  Date today = date_of_instant(instant_now());
  date_split(today, &this_year, &month, &day);
  date_split(date, &year, &month, &day);
  if (column->word == WORD_BIRTH)
    return is_plausible(date) && date <= today;
  if (column->word == WORD_ORDER_DATE || column->word == WORD_FILE_DATE)
    return year >= FIRST_ORDER_YEAR && year <= this_year + ORDER_YEARS_AHEAD;
  return is_plausible(date);
}

// Letters of eras that the code can stand for in this date.
static unsigned possible_eras(const GuessColumn *column, const char *value, int code)
{
  unsigned possible = 0;
  for (size_t i = 0; i < strlen(GUESS_ERAS); i++) {
    DateForms dates = {.era_code = true};
    Date date;
    dates.era_codes[code] = GUESS_ERAS[i];
    if (date_parse(value, &dates, &date) == DATE_FINE && is_meant(column, date))
      possible |= 1u << i;
  }
  return possible;
}

static bool fits_era_code(GuessColumn *column, const char *value)
{
  g_autoptr(GString) plain = g_string_new(NULL);
  text_digits(value, plain);
  int code = plain->len ? plain->str[0] - '0' : 0;
  unsigned possible = possible_eras(column, value, code);
  if (!possible)
    return false;
  column->eras[code] = column->eras[code] ? column->eras[code] & possible : possible;
  return true;
}

static unsigned forms_of(GuessColumn *column, const char *value, Date *date)
{
  unsigned fitting = 0;
  for (size_t i = 0; i < GUESS_N_FORMS; i++) {
    DateForms dates = {0};
    Date read;
    *guess_form(&dates, i) = true;
    bool fits = dates.era_code
                    ? fits_era_code(column, value)
                    : date_parse(value, &dates, &read) == DATE_FINE && is_plausible(read);
    if (fits && !dates.era_code)
      *date = read;
    fitting |= fits ? 1u << i : 0;
  }
  return fitting;
}

static void note_date(GuessColumn *column, const GuessRow *row, const char *value)
{
  Date date = DATE_NONE;
  unsigned fitting = forms_of(column, value, &date);
  column->masks[fitting]++;
  if (!fitting && column->misfit_line == 0)
    column->misfit_line = row->line;
}

DateForms guess_forms(const GuessColumn *column, int64_t *n_misfits)
{
  DateForms chosen = {0};
  bool covered[GUESS_N_MASKS] = {true};
  for (;;) {
    size_t best = 0;
    int64_t n_best = 0;
    for (size_t form = 0; form < GUESS_N_FORMS; form++) {
      int64_t n = 0;
      for (size_t mask = 1; mask < GUESS_N_MASKS; mask++)
        n += !covered[mask] && mask & (1u << form) ? column->masks[mask] : 0;
      if (n > n_best) {
        n_best = n;
        best = form;
      }
    }
    if (n_best == 0)
      break;
    *guess_form(&chosen, best) = true;
    for (size_t mask = 1; mask < GUESS_N_MASKS; mask++)
      covered[mask] = covered[mask] || mask & (1u << best);
  }
  *n_misfits = column->masks[0];
  return chosen;
}

// ---------------------------------------------------------------------------------------------
// Codes.

static GuessValue *find_value(GuessColumn *column, const char *code, int64_t line)
{
  for (size_t i = 0; i < column->values->len; i++) {
    GuessValue *value = column->values->pdata[i];
    if (g_str_equal(value->code, code))
      return value;
  }
  if (column->values->len == VALUES_MAX || strlen(code) > VALUE_BYTES_MAX) {
    column->many = true;
    g_ptr_array_set_size(column->values, 0);
    return NULL;
  }
  GuessValue *value = g_new0(GuessValue, 1);
  value->code = g_strdup(code);
  value->line = line;
  g_ptr_array_add(column->values, value);
  return value;
}

static const char *cell_at(const GuessRow *row, int column)
{
  return column >= 0 && (size_t)column < row->cells->len ? row->cells->pdata[column] : "";
}

static void note_name(GuessValue *value, const char *name)
{
  if (*name == '\0')
    return;
  if (!value->name)
    value->name = g_strdup(name);
  else if (!g_str_equal(value->name, name))
    value->varies = true;
}

// Of an order: whether its day is the first of a month.
static void note_day(GuessValue *value, const char *text)
{
  GuessColumn scratch = {0};
  Date date = DATE_NONE;
  int year, month, day;
  if (*text == '\0' || !forms_of(&scratch, text, &date) || date == DATE_NONE)
    return;
  date_split(date, &year, &month, &day);
  value->n_dated++;
  value->n_firsts += day == 1;
}

static void note_code(const Guess *guess, GuessColumn *column, const GuessRow *row,
                      const char *text)
{
  GuessValue *value = column->many ? NULL : find_value(column, text, row->line);
  if (!value)
    return;
  value->n++;
  note_name(value, cell_at(row, column->names));
  if (column->word == WORD_ORDER_KIND)
    note_day(value, cell_at(row, guess->date_column));
}

// ---------------------------------------------------------------------------------------------

bool guess_has_codes(WordId word)
{
  return word == WORD_ORDER_KIND || word == WORD_EMPLOYMENT ||
         (word != WORD_NONE && words[word].type == TYPE_CHOICE);
}

// Without the spaces around it, of any width. Caller frees.
static char *bare(const char *cell)
{
  size_t n_bytes;
  const char *inner = cell_bare(cell, &n_bytes);
  return g_strndup(inner, n_bytes);
}

bool guess_is_date(const GuessColumn *column)
{
  return column->day_of || (column->word != WORD_NONE && words[column->word].type == TYPE_DATE);
}

void guess_note_value(const Guess *guess, GuessColumn *column, const GuessRow *row,
                      const char *cell)
{
  g_autofree char *value = bare(cell);
  if (guess_has_codes(column->word))
    note_code(guess, column, row, value);
  if (*value == '\0')
    return;
  column->n_filled++;
  column->n_padded += !g_str_equal(value, cell);
  column->n_mynumber += mynumber_valid(value);
  note_digits(column, value);
  if (guess_is_date(column))
    note_date(column, row, value);
}
