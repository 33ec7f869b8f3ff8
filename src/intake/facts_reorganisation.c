// SPDX-License-Identifier: GPL-3.0-or-later
//
// A table of old and new codes (新旧対照表). What becomes of a unit is told of the subject of its old code:
//   rename    code = the new one           it goes on as that subject, as the same unit
//   merge     successor = the new one      whoever is in it belongs to that unit
//   split     heir = each of the new ones  whoever is in it waits for an order
// and held = 0, where nobody bears the old code any more. The rest is told of the subject of the new code.
// Tables are sent again: what one says of a day takes the place of all that was said of that day before.
#include "intake_p.h"

typedef enum Change {
  CHANGE_RENAME,
  CHANGE_MERGE,
  CHANGE_SPLIT,
  CHANGE_TRANSFER,
  CHANGE_NEW,
  CHANGE_ABOLISH,
  CHANGE_WITHDRAW,
  N_CHANGES
} Change;

typedef struct Row {
  size_t record;
  Change change;
  const char *old_code, *new_code, *name, *parent;
  Date day;
  bool ends;  // nobody bears the old code from that day on, unless it is given anew
} Row;

typedef struct Table {
  Scribe *scribe;
  GArray *rows;       // Row, in the order of the file
  GHashTable *ended;  // "CODE@DAY" of old codes that end
} Table;

static const struct {
  const char *name;
  uint64_t needs;   // BIT_OF words
  uint64_t one_of;  // … of which one is enough
} changes[N_CHANGES] = {
    [CHANGE_RENAME] = {"rename", BIT_OF(WORD_OLD_CODE),
                       BIT_OF(WORD_NEW_CODE) | BIT_OF(WORD_NEW_NAME)},
    [CHANGE_MERGE] = {"merge", BIT_OF(WORD_OLD_CODE) | BIT_OF(WORD_NEW_CODE), 0},
    [CHANGE_SPLIT] = {"split", BIT_OF(WORD_OLD_CODE) | BIT_OF(WORD_NEW_CODE), 0},
    [CHANGE_TRANSFER] = {"transfer", BIT_OF(WORD_OLD_CODE) | BIT_OF(WORD_NEW_PARENT), 0},
    [CHANGE_NEW] = {"new", BIT_OF(WORD_NEW_CODE) | BIT_OF(WORD_NEW_NAME), 0},
    [CHANGE_ABOLISH] = {"abolish", BIT_OF(WORD_OLD_CODE), 0},
    [CHANGE_WITHDRAW] = {"withdraw", 0, 0},
};

// ---------------------------------------------------------------------------------------------
// Judging.

static Change change_of(const Reading *reading, size_t record)
{
  const char *name = reading_word(reading, record, WORD_CHANGE);
  Change change = 0;
  while (change < N_CHANGES && !g_str_equal(changes[change].name, name))
    change++;
  return change;
}

static bool is_filled(const Reading *reading, size_t record, WordId word)
{
  return *reading_word(reading, record, word) != '\0';
}

static void check_cells(Reading *reading, size_t record, Change change)
{
  bool any = changes[change].one_of == 0;
  for (WordId word = 0; word < N_WORDS; word++) {
    bool filled = is_filled(reading, record, word);
    any = any || (changes[change].one_of & BIT_OF(word) && filled);
    if (changes[change].needs & BIT_OF(word) && !filled)
      reading_note(reading, record, word, &(Finding){.level = FINDING_ERROR, .code = "empty-cell"},
                   _("this cell may not be empty in a row of kind %s"), changes[change].name);
  }
  if (!any)
    reading_note(reading, record, WORD_NEW_CODE,
                 &(Finding){.level = FINDING_ERROR, .code = "empty-cell"},
                 _("a new code or a new name is wanted in a row of kind %s"), changes[change].name);
}

void reorganisation_judge(Reading *reading)
{
  size_t n_bad = 0;
  if (reading->layout->kind != LAYOUT_REORGANISATION)
    return;
  for (size_t i = 0; i < reading->records->len; i++) {
    Change change = change_of(reading, i);
    if (change < N_CHANGES && !reading_record(reading, i)->bad)
      check_cells(reading, i, change);
    n_bad += reading_record(reading, i)->bad;
  }
  if (n_bad > 0)
    reading_reject(reading, &(Finding){.code = "table-incomplete"},
                   ngettext("%zu row cannot be taken in; a part of a reorganisation would put "
                            "people into the wrong units, so nothing of it is",
                            "%zu rows cannot be taken in; a part of a reorganisation would put "
                            "people into the wrong units, so nothing of it is",
                            n_bad),
                   n_bad);
}

// ---------------------------------------------------------------------------------------------
// Rows.

static char *at_day(const char *code, Date day)
{
  return g_strdup_printf("%s@%d", code, (int)day);
}

// A split may leave one of the parts under the old code.
static bool keeps_code(const Table *table, const Row *row)
{
  if (g_str_equal(row->old_code, row->new_code))
    return true;
  for (size_t i = 0; row->change == CHANGE_SPLIT && i < table->rows->len; i++) {
    const Row *other = &g_array_index(table->rows, Row, i);
    if (other->change == CHANGE_SPLIT && other->day == row->day &&
        g_str_equal(other->old_code, row->old_code) && g_str_equal(other->new_code, row->old_code))
      return true;
  }
  return false;
}

static bool ends_code(const Table *table, const Row *row)
{
  switch (row->change) {
  case CHANGE_ABOLISH:
    return true;
  case CHANGE_RENAME:
  case CHANGE_TRANSFER:
  case CHANGE_MERGE:
  case CHANGE_SPLIT:
    return *row->new_code && !keeps_code(table, row);
  case CHANGE_NEW:
  case CHANGE_WITHDRAW:
  case N_CHANGES:
    break;
  }
  return false;
}

static void read_rows(const Table *table)
{
  const Reading *reading = table->scribe->reading;
  for (size_t i = 0; i < reading->records->len; i++) {
    Row row = {.record = i,
               .change = change_of(reading, i),
               .old_code = reading_keep(reading, i, WORD_OLD_CODE),
               .new_code = reading_keep(reading, i, WORD_NEW_CODE),
               .name = reading_keep(reading, i, WORD_NEW_NAME),
               .parent = reading_keep(reading, i, WORD_NEW_PARENT)};
    if (!reading_record(reading, i)->repeat &&
        date_parse_iso(reading_word(reading, i, WORD_EFFECTIVE), &row.day))
      g_array_append_val(table->rows, row);
  }
  for (size_t i = 0; i < table->rows->len; i++) {
    Row *row = &g_array_index(table->rows, Row, i);
    row->ends = ends_code(table, row);
    if (row->ends)
      g_hash_table_add(table->ended, at_day(row->old_code, row->day));
  }
}

// ---------------------------------------------------------------------------------------------
// What was said of those days before.

static bool note_row(int64_t row, void *data)
{
  g_array_append_val((GArray *)data, row);
  return true;
}

static bool withdraw_day(const Scribe *scribe, Date day, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));
  if (!store_unit_rows_each(scribe->store, layout_kind_name(LAYOUT_REORGANISATION),
                            scribe->reading->layout->space, day, note_row, rows, error))
    return false;
  for (size_t i = 0; i < rows->len; i++)
    if (store_fact_withdraw_row(scribe->store, g_array_index(rows, int64_t, i), scribe->known_at,
                                error) < 0)
      return false;
  return true;
}

static bool withdraw_before(const Table *table, GError **error)
{
  g_autoptr(GHashTable) days = g_hash_table_new(NULL, NULL);
  for (size_t i = 0; i < table->rows->len; i++) {
    Date day = g_array_index(table->rows, Row, i).day;
    if (g_hash_table_add(days, GINT_TO_POINTER(day)) && !withdraw_day(table->scribe, day, error))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Units.

static bool put(const Table *table, const Row *row, UnitFact what, GError **error)
{
  what.from = row->day;
  return unit_put(table->scribe, &what, error);
}

static void note(const Table *table, const Row *row, WordId word, const Finding *finding,
                 const char *text)
{
  reading_note(table->scribe->reading, row->record, word, finding, "%s", text);
}

// Who has the old code up to that day. Where no table of units has told of it yet, one will.
static uint32_t old_unit(const Table *table, const Row *row, GError **error)
{
  uint32_t unit = unit_find(table->scribe, row->old_code, row->day - 1);
  if (unit)
    return unit;
  note(table, row, WORD_OLD_CODE, &(Finding){.level = FINDING_WARNING, .code = "unit-unknown"},
       _("no table of units has told of this code; it holds as soon as one does"));
  return unit_add(table->scribe, row->old_code, date_of(1900, 1, 1), error);
}

// Whether the code is given anew on that day: its unit has ended by then, or does so then.
static bool is_free(const Table *table, const Row *row, uint32_t unit, const Known *known)
{
  g_autofree char *at = at_day(row->new_code, row->day);
  bool leaves = g_hash_table_contains(table->ended, at) &&
                unit == unit_find(table->scribe, row->new_code, row->day - 1);
  return leaves || unit_ended(known, row->day) != DATE_NONE;
}

// The unit of the new code, with what the row says of it. `known` of the new unit is asked anew.
static bool tell_new_unit(const Table *table, const Row *row, uint32_t unit, bool held,
                          GError **error)
{
  if (!held && (!put(table, row, (UnitFact){unit, FIELD_CODE, row->new_code, 0}, error) ||
                !put(table, row, (UnitFact){unit, FIELD_HELD, "1", 0}, error)))
    return false;
  return (!*row->name || put(table, row, (UnitFact){unit, FIELD_UNIT_NAME, row->name, 0}, error)) &&
         (!(*row->parent || row->change == CHANGE_NEW) ||
          put(table, row, (UnitFact){unit, FIELD_PARENT, row->parent, 0}, error));
}

static bool new_unit(const Table *table, const Row *row, GError **error)
{
  Scribe *scribe = table->scribe;
  uint32_t unit = unit_find(scribe, row->new_code, row->day);
  g_autoptr(Known) known =
      unit ? known_load(scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error) : NULL;
  if (unit && !known)
    return false;
  bool free = !unit || is_free(table, row, unit, known);
  if (free && !(unit = unit_add(scribe, row->new_code, row->day, error)))
    return false;
  if (!free && row->change == CHANGE_RENAME && unit_is_held(known, row->day - 1))
    note(table, row, WORD_NEW_CODE, &(Finding){.level = FINDING_NOTE, .code = "unit-exists"},
         _("this code was there before that day; it is the renamed unit's from then on. If both "
           "units were there, it is a merger"));
  return tell_new_unit(table, row, unit, !free && unit_is_held(known, row->day), error);
}

// Name and parent of a unit that keeps its code.
static bool change_unit(const Table *table, const Row *row, uint32_t unit, GError **error)
{
  return (!*row->name || put(table, row, (UnitFact){unit, FIELD_UNIT_NAME, row->name, 0}, error)) &&
         (!*row->parent || put(table, row, (UnitFact){unit, FIELD_PARENT, row->parent, 0}, error));
}

static bool tell_old_unit(const Table *table, const Row *row, uint32_t unit, GError **error)
{
  static const FieldId leads_to[N_CHANGES] = {
      [CHANGE_RENAME] = FIELD_CODE,
      [CHANGE_TRANSFER] = FIELD_CODE,
      [CHANGE_MERGE] = FIELD_SUCCESSOR,
      [CHANGE_SPLIT] = FIELD_HEIR,
  };
  FieldId field = leads_to[row->change];
  bool tells = field != FIELD_NONE && (row->ends || row->change == CHANGE_SPLIT);
  return (!tells || put(table, row, (UnitFact){unit, field, row->new_code, 0}, error)) &&
         (!row->ends || put(table, row, (UnitFact){unit, FIELD_HELD, "0", 0}, error));
}

static bool take_row(const Table *table, const Row *row, GError **error)
{
  Scribe *scribe = table->scribe;
  uint32_t unit = *row->old_code ? old_unit(table, row, error) : 0;
  if (*row->old_code && !unit)
    return false;
  if (row->change != CHANGE_NEW && !tell_old_unit(table, row, unit, error))
    return false;
  if (row->change == CHANGE_ABOLISH)
    return true;
  if (*row->new_code && !g_str_equal(row->new_code, row->old_code))
    return new_unit(table, row, error);
  // It keeps its code; who has that on the day is told of.
  return change_unit(table, row, unit_find(scribe, row->old_code, row->day), error);
}

static void check_parent(const Table *table, const Row *row)
{
  bool known = *row->parent == '\0' || unit_find(table->scribe, row->parent, row->day);
  if (!known)
    note(table, row, WORD_NEW_PARENT,
         &(Finding){.level = FINDING_WARNING, .code = "parent-unknown"},
         _("no unit has this code; the unit stands at the top until one does"));
}

// Orders that end a post held beside by the new code of its unit, and came before this table.
static bool note_refused(const OrderRow *order, void *data)
{
  if (g_str_equal(order->reason, "no-such-post") && order->person)
    g_hash_table_add(data, GUINT_TO_POINTER(order->person));
  return true;
}

static bool try_refused(Scribe *scribe, GError **error)
{
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  scribe->from_order = false;
  return store_orders_in_state(scribe->store, "refused", note_refused, people, error) &&
         facts_replay(scribe, people, error);
}

bool facts_reorganisation(Scribe *scribe, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
  g_autoptr(GHashTable) ended = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Table table = {scribe, rows, ended};
  read_rows(&table);
  if (!withdraw_before(&table, error))
    return false;
  scribe->from_order = true;
  for (size_t i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index(rows, Row, i);
    const Reading *reading = scribe->reading;
    int64_t line = reading_record(reading, row->record)->line;
    scribe_turn(scribe, row->record, scribe_seq(row->day, false, NULL, line));
    receipt_count(reading->receipt, "reorganisation");
    if (row->change != CHANGE_WITHDRAW && !take_row(&table, row, error))
      return false;
  }
  for (size_t i = 0; i < rows->len; i++)
    check_parent(&table, &g_array_index(rows, Row, i));
  return try_refused(scribe, error);
}
