// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same key twice in a file: equal rows are repeats, others contradict each other. Sorting brings
// rows of one key together; a hash table over a million rows would cost more than the rows.
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

static bool is_concurrent(const Reading *reading, size_t record)
{
  return g_str_equal(reading_word(reading, record, WORD_ROLE), "concurrent");
}

static int compare_numbers(const Reading *reading, size_t a, size_t b)
{
  return g_strcmp0(reading_word(reading, a, WORD_NUMBER), reading_word(reading, b, WORD_NUMBER));
}

// The main post of a person first: the others are compared with it.
static int by_person(const void *a, const void *b, void *data)
{
  const Reading *reading = data;
  size_t left = *(const size_t *)a, right = *(const size_t *)b;
  int order = compare_numbers(reading, left, right);
  if (order == 0)
    order = is_concurrent(reading, left) - is_concurrent(reading, right);
  return order ? order : (left > right) - (left < right);
}

static int64_t line_of(const Reading *reading, size_t record)
{
  return sheet_row(reading->sheet, reading_record(reading, record)->row)->line;
}

static void reject_pair(Reading *reading, size_t first, size_t second, size_t column)
{
  const Column *at = layout_column(reading->layout, column);
  int place = g_array_index(reading->places, int, column);
  size_t row = reading_record(reading, second)->row;
  WordId key = layout_subject(reading->layout);
  reading_reject(reading,
                 &(Finding){.code = "conflict",
                            .line = sheet_cell_line(reading->sheet, row, (size_t)place),
                            .column = place + 1,
                            .field = at->header,
                            .subject = reading_word(reading, second, key),
                            .value = sheet_cell(reading->sheet, row, (size_t)place)},
                 _("line %" G_GINT64_FORMAT " says otherwise of the same key; ask HR which holds"),
                 line_of(reading, first));
}

// The first column in which two records differ, or the number of columns.
static size_t first_difference(const Reading *reading, size_t a, size_t b)
{
  size_t n = reading->layout->columns->len;
  for (size_t i = 0; i < n; i++)
    if (g_strcmp0(reading_value(reading, a, i), reading_value(reading, b, i)) != 0)
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
  reading_record_mut(reading, second)->repeat = true;
  reading_note(reading, second, WORD_NONE, &(Finding){.level = FINDING_NOTE, .code = "repeat"},
               _("the same as line %" G_GINT64_FORMAT "; taken once"), line_of(reading, first));
}

// Rows of one person may differ in their posts; what is said of the person must agree.
static void check_person(Reading *reading, size_t first, size_t second)
{
  const Layout *layout = reading->layout;
  if (!is_concurrent(reading, first) && !is_concurrent(reading, second)) {
    reject_pair(reading, first, second, (size_t)layout->slots[WORD_UNIT]);
    return;
  }
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    if (column->ignored || column_place(layout, column) != PLACE_PERSON)
      continue;
    const char *left = reading_value(reading, first, i), *right = reading_value(reading, second, i);
    // A row of a concurrent post may leave out what the main one says.
    if (left && right && *left && *right && !g_str_equal(left, right)) {
      reject_pair(reading, first, second, i);
      return;
    }
  }
}

static GArray *good_records(const Reading *reading)
{
  GArray *order = g_array_sized_new(FALSE, FALSE, sizeof(size_t), reading->records->len);
  for (size_t i = 0; i < reading->records->len; i++)
    if (!reading_record(reading, i)->bad)
      g_array_append_val(order, i);
  return order;
}

static bool same_key(const Reading *reading, size_t a, size_t b)
{
  return compare_words(reading, reading->layout->key, a, b) == 0;
}

static bool same_person(const Reading *reading, size_t a, size_t b)
{
  return compare_numbers(reading, a, b) == 0;
}

typedef struct Grouping {
  int (*order)(const void *, const void *, void *);
  bool (*same)(const Reading *, size_t, size_t);
  void (*check)(Reading *, size_t, size_t);
} Grouping;

// Compares each record with the first of its group.
static void check_groups(Reading *reading, const Grouping *grouping)
{
  g_autoptr(GArray) order = good_records(reading);
  size_t n_before = findings_count_level(reading->findings, FINDING_ERROR), first = 0;
  g_array_sort_with_data(order, grouping->order, reading);
  for (size_t i = 1; i < order->len; i++) {
    size_t a = g_array_index(order, size_t, first), b = g_array_index(order, size_t, i);
    if (!grouping->same(reading, a, b))
      first = i;
    else if (!reading_record(reading, b)->repeat)
      grouping->check(reading, a, b);
    if (reading->rejected &&
        findings_count_level(reading->findings, FINDING_ERROR) >= n_before + CONFLICTS_SHOWN)
      return;
  }
}

void conflict_check(Reading *reading)
{
  static const Grouping by_their_key = {by_key, same_key, check_pair};
  static const Grouping by_their_person = {by_person, same_person, check_person};
  check_groups(reading, &by_their_key);
  if (reading->layout->kind == LAYOUT_ROSTER)
    check_groups(reading, &by_their_person);
}
