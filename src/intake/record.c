// SPDX-License-Identifier: GPL-3.0-or-later
//
// A row of theirs to a record of ours, and what rows say of the file as a whole.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// One row.

static size_t kind_index(const Layout *layout, const OrderKind *kind)
{
  return (size_t)(kind - &g_array_index(layout->kinds, OrderKind, 0));
}

static void judge_order(Reading *reading, size_t record)
{
  const Layout *layout = reading->layout;
  Mark *mark = reading_mark(reading, record);
  Date date;
  if (mark->bad || !date_parse_iso(reading_word(reading, record, WORD_ORDER_DATE), &date))
    return;
  mark->date = date;
  const OrderKind *kind = layout_order_kind(layout, reading_word(reading, record, WORD_ORDER_KIND));
  if (!kind) {
    reading_note(reading, record, WORD_ORDER_KIND,
                 &(Finding){.level = FINDING_ERROR, .code = "order-kind"},
                 _("the layout knows no such kind of order; add it under kinds:"));
    return;
  }
  mark->kind = kind_index(layout, kind) & KIND_NONE;
  for (WordId word = 0; word < N_WORDS; word++)
    if (kind->needs & BIT_OF(word) && *reading_word(reading, record, word) == '\0')
      reading_note(reading, record, word, &(Finding){.level = FINDING_ERROR, .code = "empty-cell"},
                   _("this cell may not be empty in an order of kind %s"),
                   act_traits[kind->act].name);
}

// Whom HR does not know nobody else takes off the list: so their end may not be far.
static void check_term(Reading *reading, size_t record)
{
  int most = reading->layout->max_term_days;
  Date until;
  if (most <= 0 || !date_parse_iso(reading_word(reading, record, WORD_UNTIL), &until))
    return;
  Instant known_at = reading->options->known_at;
  if (until > date_of_instant(known_at == INSTANT_NONE ? instant_now() : known_at) + most)
    reading_note(
        reading, record, WORD_UNTIL, &(Finding){.level = FINDING_ERROR, .code = "term"},
        _("the end is more than %d days ahead, which the layout (max_term) does not allow"), most);
}

// FNV-1a, 64 bits. A hit is confirmed by reading both rows.
static uint64_t hash_of(const GString *key)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < key->len; i++)
    hash = (hash ^ (unsigned char)key->str[i]) * UINT64_C(1099511628211);
  return hash;
}

void record_key(const Reading *reading, size_t record, GString *out)
{
  const Layout *layout = reading->layout;
  g_string_truncate(out, 0);
  if (layout->kind == LAYOUT_ROSTER) {
    g_string_append(out, reading_word(reading, record, WORD_NUMBER));
    return;
  }
  for (size_t i = 0; i < layout->key->len; i++) {
    g_string_append(out, reading_word(reading, record, g_array_index(layout->key, WordId, i)));
    g_string_append_c(out, '\x1f');  // in no cell
  }
}

// Most files come sorted. As long as they do, rows about the same are neighbours.
static void mark_key(Reading *reading, size_t record)
{
  Mark *mark = reading_mark(reading, record);
  if (mark->bad)
    return;
  record_key(reading, record, reading->key);
  mark->key = hash_of(reading->key);
  int order = reading->n_good ? strcmp(reading->last_key->str, reading->key->str) : -1;
  mark->follows = order == 0;
  reading->ascending = reading->ascending && order <= 0;
  reading->n_good++;
  GString *spare = reading->last_key;
  reading->last_key = reading->key;
  reading->key = spare;
}

// A file has one date of its own.
static void note_date(Reading *reading, size_t record)
{
  const char *date = reading_word(reading, record, WORD_FILE_DATE);
  if (*date == '\0' || date == reading->declared)
    return;
  if (!reading->declared) {
    reading->declared = g_string_chunk_insert_const(reading->text, date);
    reading->declared_by = record;
  } else if (reading->denied_by == NO_RECORD && !g_str_equal(date, reading->declared)) {
    reading->denied_by = record;
  }
}

void record_judge(Reading *reading, size_t record)
{
  const Layout *layout = reading->layout;
  window_judge(reading, record);
  if (layout->kind == LAYOUT_ORDERS)
    judge_order(reading, record);
  check_term(reading, record);
  if (layout->slots[WORD_ROLE] >= 0) {
    const char *role = reading_word(reading, record, WORD_ROLE);
    reading_mark(reading, record)->beside = *role && !g_str_equal(role, "main");
  }
  if (layout->dated == DATED_BY_COLUMN)
    note_date(reading, record);
  mark_key(reading, record);
}

// ---------------------------------------------------------------------------------------------
// The file's own date.

static void declare_by_name(Reading *reading)
{
  const Layout *layout = reading->layout;
  Finding at = {.code = "file-date", .value = reading->file};
  size_t n = strlen(reading->file), n_before = strlen(layout->name_before);
  size_t n_after = strlen(layout->name_after);
  if (n <= n_before + n_after || !g_str_has_prefix(reading->file, layout->name_before) ||
      !g_str_has_suffix(reading->file, layout->name_after)) {
    reading_reject(reading, &at, _("the name should be %s{date}%s"), layout->name_before,
                   layout->name_after);
    return;
  }
  g_autofree char *text = g_strndup(reading->file + n_before, n - n_before - n_after);
  DateFault fault = date_parse(text, &layout->forms, &reading->receipt->declared);
  if (fault != DATE_FINE)
    reading_reject(reading, &at, _("the date in the name of the file: %s"), date_fault_text(fault));
}

static void declare_by_column(Reading *reading)
{
  const char *declared = reading->declared;
  if (!declared) {
    reading_reject(reading, &(Finding){.code = "file-date"}, _("no row tells the file's own date"));
    return;
  }
  date_parse_iso(declared, &reading->receipt->declared);
  if (reading->denied_by == NO_RECORD)
    return;
  reading_note(reading, reading->denied_by, WORD_FILE_DATE,
               &(Finding){.level = FINDING_ERROR, .code = "file-date"},
               _("the file's own date must be the same in all rows; line %" G_GINT64_FORMAT
                 " has another one"),
               (int64_t)reading_mark(reading, reading->declared_by)->line);
  reading->rejected = true;
}

void record_declare(Reading *reading)
{
  static void (*const by[])(Reading *) = {
      [DATED_NEVER] = NULL,
      [DATED_BY_COLUMN] = declare_by_column,
      [DATED_BY_NAME] = declare_by_name,
  };
  if (by[reading->layout->dated])
    by[reading->layout->dated](reading);
}
