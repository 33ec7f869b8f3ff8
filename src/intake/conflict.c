// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same key twice in a file: equal rows are repeats, others contradict each other.
#include "intake_p.h"

enum { CONFLICTS_SHOWN = 10 };

static int compare_words(const Reading *reading, const GArray *key, size_t a, size_t b)
{
  for (size_t i = 0; i < key->len; i++) {
    WordId word = g_array_index(key, WordId, i);
    int order = g_strcmp0(reading_word(reading, a, word), reading_word(reading, b, word));
    if (order)
      return order;
  }
  return 0;
}

static int by_key(const void *a, const void *b, void *data)
{
  const Reading *reading = data;
  size_t left = *(const size_t *)a, right = *(const size_t *)b;
  int order = compare_words(reading, reading->layout->key, left, right);
  return order ? order : (left > right) - (left < right);
}

static bool is_beside(const Reading *reading, size_t record)
{
  return reading_mark(reading, record)->beside;
}

// The main post of a person first: the others are compared with it.
static int by_post(const void *a, const void *b, void *data)
{
  size_t left = *(const size_t *)a, right = *(const size_t *)b;
  int order = is_beside(data, left) - is_beside(data, right);
  return order ? order : (left > right) - (left < right);
}

static int64_t line_of(const Reading *reading, size_t record)
{
  return reading_mark(reading, record)->line;
}

static void reject_pair(Reading *reading, size_t first, size_t second, size_t column)
{
  const Column *at = layout_column(reading->layout, column);
  int place = g_array_index(reading->places, int, column);
  const SheetRow *row = reading_row(reading, second);
  reading_reject(
      reading,
      &(Finding){.code = "conflict",
                 .line = row_cell_line(row, (size_t)place),
                 .column = place + 1,
                 .field = at->header,
                 .subject = reading_word(reading, second, layout_subject(reading->layout)),
                 .value = row_cell(row, (size_t)place)},
      _("line %" G_GINT64_FORMAT " says otherwise of the same key; ask HR which holds"),
      line_of(reading, first));
}

// Equal cells need not be worked out.
static bool same_cell(const Reading *reading, size_t a, size_t b, size_t column)
{
  int place = g_array_index(reading->places, int, column);
  if (place < 0 || layout_column(reading->layout, column)->ignored)
    return true;
  const SheetRow *left = reading_row(reading, a), *right = reading_row(reading, b);
  return g_str_equal(row_cell(left, (size_t)place), row_cell(right, (size_t)place));
}

// The first column in which two records differ, or the number of columns.
static size_t first_difference(const Reading *reading, size_t a, size_t b)
{
  size_t n = reading->layout->columns->len;
  for (size_t i = 0; i < n; i++)
    if (!same_cell(reading, a, b, i) &&
        g_strcmp0(reading_value(reading, a, i), reading_value(reading, b, i)) != 0)
      return i;
  return n;
}

static void check_pair(Reading *reading, size_t first, size_t second)
{
  size_t column = first_difference(reading, first, second);
  if (column < reading->layout->columns->len) {
    reject_pair(reading, first, second, column);
    return;
  }
  reading_mark(reading, second)->repeat = true;
  reading_note(reading, second, WORD_NONE, &(Finding){.level = FINDING_NOTE, .code = "repeat"},
               _("the same as line %" G_GINT64_FORMAT "; taken once"), line_of(reading, first));
}

// Rows of one person may differ in their posts; what is said of the person must agree.
static void check_person(Reading *reading, size_t first, size_t second)
{
  const Layout *layout = reading->layout;
  if (!is_beside(reading, first) && !is_beside(reading, second)) {
    reject_pair(reading, first, second, (size_t)layout->slots[WORD_UNIT]);
    return;
  }
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    if (column_place(layout, column) != PLACE_PERSON || same_cell(reading, first, second, i))
      continue;
    const char *left = reading_value(reading, first, i), *right = reading_value(reading, second, i);
    // A row of a concurrent post may leave out what the main one says.
    if (left && right && *left && *right && !g_str_equal(left, right)) {
      reject_pair(reading, first, second, i);
      return;
    }
  }
}

static bool same_key(const Reading *reading, size_t a, size_t b)
{
  return compare_words(reading, reading->layout->key, a, b) == 0;
}

static void check_keys(Reading *reading, GArray *group)
{
  size_t first = 0;
  g_array_sort_with_data(group, by_key, reading);
  for (size_t i = 1; i < group->len; i++) {
    size_t a = g_array_index(group, size_t, first), b = g_array_index(group, size_t, i);
    if (same_key(reading, a, b))
      check_pair(reading, a, b);
    else
      first = i;
  }
}

static void check_persons(Reading *reading, GArray *group)
{
  g_array_sort_with_data(group, by_post, reading);
  for (size_t i = 1; i < group->len; i++) {
    size_t record = g_array_index(group, size_t, i);
    if (!reading_mark(reading, record)->repeat)
      check_person(reading, g_array_index(group, size_t, 0), record);
  }
}

void conflict_check(Reading *reading)
{
  g_autoptr(GArray) group = g_array_new(FALSE, FALSE, sizeof(size_t));
  size_t n_before = findings_count_level(reading->findings, FINDING_ERROR);
  chain_records(reading);
  for (size_t i = 0; i < reading->records->len; i++) {
    if (!reading_mark(reading, i)->heads || chain_next(reading, i) == CHAIN_END)
      continue;
    g_array_set_size(group, 0);
    for (size_t at = i; at != CHAIN_END; at = chain_next(reading, at))
      g_array_append_val(group, at);
    check_keys(reading, group);
    if (reading->layout->kind == LAYOUT_ROSTER)
      check_persons(reading, group);
    if (reading->rejected &&
        findings_count_level(reading->findings, FINDING_ERROR) >= n_before + CONFLICTS_SHOWN)
      return;
  }
}
