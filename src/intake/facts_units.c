// SPDX-License-Identifier: GPL-3.0-or-later
//
// A table of units: code, name, reading, place in the tree, display order, and since when and until when
// it is so. A row for a day to come acts on that day.
#include "intake_p.h"

#include <string.h>

typedef struct Chart {
  Scribe *scribe;
  Date begin;    // new units exist from here on
  Date changed;  // and change from here on
  GHashTable *seen;
  GArray *rows;  // Row, by code and day
} Chart;

// One row, and how long it speaks.
typedef struct Row {
  size_t record;
  const char
      *code;  // that it goes by; of a unit without code the one in the meantime, or PARENT/NAME
  bool provisional;
  Date from, to;  // as the row says; DATE_NONE when it does not
  Date next;      // when the next row of this code begins; DATE_NONE
  size_t rank;    // the first record of this code
} Row;

static const Row *row_at(const Chart *chart, size_t i)
{
  return &g_array_index(chart->rows, Row, i);
}

// ---------------------------------------------------------------------------------------------
// Rows and their days.

static Date date_word(const Reading *reading, size_t record, WordId word)
{
  Date date;
  return date_parse_iso(reading_word(reading, record, word), &date) ? date : DATE_NONE;
}

static const char *code_of(Reading *reading, size_t record, bool *provisional)
{
  const char *code = reading_keep(reading, record, WORD_CODE);
  const char *meanwhile = reading_keep(reading, record, WORD_PROVISIONAL);
  *provisional = *code == '\0';
  if (!*provisional || *meanwhile)
    return *provisional ? meanwhile : code;
  g_autofree char *path = g_strconcat(reading_word(reading, record, WORD_PARENT), "/",
                                      reading_word(reading, record, WORD_UNIT_NAME), NULL);
  return g_string_chunk_insert(reading->text, path);
}

static int by_code(const void *a, const void *b)
{
  const Row *left = a, *right = b;
  int order = strcmp(left->code, right->code);
  if (order)
    return order;
  if (left->from != right->from)
    return left->from < right->from ? -1 : 1;  // DATE_NONE is the least
  return (left->record > right->record) - (left->record < right->record);
}

static int by_rank(const void *a, const void *b)
{
  const Row *left = a, *right = b;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  return by_code(a, b);
}

static int64_t line_of(const Reading *reading, size_t record)
{
  return reading_record(reading, record)->line;
}

// A unit is told of once for each day.
static void check_days(Reading *reading, GArray *rows)
{
  for (size_t i = 0; i < rows->len; i++) {
    Row *row = &g_array_index(rows, Row, i);
    Row *next = i + 1 < rows->len ? row + 1 : NULL;
    if (next && !g_str_equal(next->code, row->code))
      next = NULL;
    if (row->from != DATE_NONE && row->to != DATE_NONE && row->to <= row->from)
      reading_note(reading, row->record, WORD_VALID_TO,
                   &(Finding){.level = FINDING_ERROR, .code = "unit-dates"},
                   _("the unit ends before it begins; ask HR which date holds"));
    if (!next)
      continue;
    row->next = next->from;
    if (next->from == DATE_NONE || next->from == row->from ||
        (row->to != DATE_NONE && row->to > next->from))
      reading_note(reading, next->record, WORD_VALID_FROM,
                   &(Finding){.level = FINDING_ERROR, .code = "unit-overlap"},
                   _("line %" G_GINT64_FORMAT " tells of the same code at the same time; ask HR "
                     "which holds"),
                   line_of(reading, row->record));
  }
}

// Units in the order of the file, the rows of each by their days.
static void rank_rows(GArray *rows)
{
  for (size_t first = 0, n; first < rows->len; first += n) {
    Row *group = &g_array_index(rows, Row, first);
    size_t rank = group->record;
    for (n = 1; first + n < rows->len && g_str_equal(group[n].code, group->code); n++)
      rank = MIN(rank, group[n].record);
    for (size_t i = 0; i < n; i++)
      group[i].rank = rank;
  }
  g_array_sort(rows, by_rank);
}

static GArray *read_rows(Reading *reading)
{
  GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));
  const Column *to = layout_word(reading->layout, WORD_VALID_TO);
  for (size_t i = 0; i < reading->records->len; i++) {
    const Record *record = reading_record(reading, i);
    if (record->bad || record->repeat)
      continue;
    Row row = {.record = i,
               .from = date_word(reading, i, WORD_VALID_FROM),
               .to = date_word(reading, i, WORD_VALID_TO),
               .next = DATE_NONE};
    if (row.to != DATE_NONE && to->last_day)
      row.to++;
    row.code = code_of(reading, i, &row.provisional);
    g_array_append_val(rows, row);
  }
  g_array_sort(rows, by_code);
  check_days(reading, rows);
  rank_rows(rows);
  return rows;
}

// ---------------------------------------------------------------------------------------------
// The tree that the file tells.

static const Row *row_on(const Chart *chart, const char *code, Date day)
{
  const Row *found = NULL;
  for (size_t i = 0; i < chart->rows->len; i++) {
    const Row *row = row_at(chart, i);
    if (g_str_equal(row->code, code) && (!found || row->from <= day))
      found = row;
  }
  return found;
}

static void tell_parent(const Chart *chart, const Row *row, const char *code, const char *text)
{
  reading_note(chart->scribe->reading, row->record, WORD_PARENT,
               &(Finding){.level = FINDING_WARNING, .code = code}, "%s", text);
}

static const char *parent_of(const Chart *chart, const Row *row)
{
  return reading_keep(chart->scribe->reading, row->record, WORD_PARENT);
}

static bool is_below_itself(const Chart *chart, GHashTable *by_code_index, const Row *row)
{
  const Row *at = row;
  for (size_t i = 0; at && i <= chart->rows->len; i++) {
    at = g_hash_table_lookup(by_code_index, parent_of(chart, at));
    if (at == row)
      return true;
  }
  return false;
}

static bool check_parent(const Chart *chart, GHashTable *index, const Row *row, GError **error)
{
  const char *parent = parent_of(chart, row);
  Date day = row->from == DATE_NONE ? chart->changed : MAX(row->from, chart->changed);
  if (*parent == '\0')
    return true;
  if (is_below_itself(chart, index, row)) {
    tell_parent(chart, row, "parent-ring",
                _("going up from this unit leads back to it; one of the units above is left out"));
    return true;
  }
  const Row *above = g_hash_table_lookup(index, parent) ? row_on(chart, parent, day) : NULL;
  Date end = above && above->next == DATE_NONE ? above->to : DATE_NONE;
  if (!above) {
    uint32_t unit = unit_find(chart->scribe, parent, day);
    g_autoptr(Known) known =
        unit ? known_load(chart->scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error) : NULL;
    if (unit && !known)
      return false;
    end = known ? unit_ended(known, day) : DATE_NONE;
    if (!unit)
      tell_parent(chart, row, "parent-unknown",
                  _("no unit has this code; the unit stands at the top until one does"));
  }
  bool is_over = row->to != DATE_NONE && row->to <= day;
  if (end != DATE_NONE && !is_over && (row->to == DATE_NONE || end < row->to))
    tell_parent(chart, row, "parent-ended",
                _("the unit above ends before this one; ask HR where it belongs then"));
  return true;
}

static bool check_tree(const Chart *chart, GError **error)
{
  g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < chart->rows->len; i++)
    g_hash_table_insert(index, (void *)row_at(chart, i)->code, (void *)row_at(chart, i));
  for (size_t i = 0; i < chart->rows->len; i++)
    if (!reading_record(chart->scribe->reading, row_at(chart, i)->record)->bad &&
        !check_parent(chart, index, row_at(chart, i), error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// What a row says.

// The row that holds on the day of the file.
static bool is_current(const Chart *chart, const Row *row)
{
  return (row->from == DATE_NONE || row->from <= chart->changed) &&
         (row->next == DATE_NONE || row->next > chart->changed) &&
         (row->to == DATE_NONE || row->to > chart->changed);
}

// The day as of which the row is compared with what is known.
static Date day_of(const Chart *chart, const Row *row)
{
  return row->from == DATE_NONE || (row->from < chart->changed && is_current(chart, row))
             ? chart->changed
             : row->from;
}

static bool was_told_by(const Known *known, Date day)
{
  for (size_t i = 0; i < known->facts->len; i++)
    if (!g_array_index(known->facts, Fact, i).from_order &&
        g_array_index(known->facts, Fact, i).valid_from <= day)
      return true;
  return false;
}

static bool put_at(const Chart *chart, const Fact *told, UnitFact *what, GError **error)
{
  Scribe *scribe = chart->scribe;
  int64_t seq = scribe->seq;
  if (told && told->valid_from == what->from && told->seq >= seq)
    scribe->seq = told->seq + 1;
  bool done = unit_put(scribe, what, error);
  scribe->seq = seq;
  return done;
}

static bool put(const Chart *chart, const Known *known, const Row *row, UnitFact what,
                GError **error)
{
  Date day = day_of(chart, row);
  const Fact *told = unit_told(known, what.field, day, false);
  if (g_str_equal(told ? told->value : "", what.value))
    return true;
  what.from = day;
  // A row with a day of its own says since when, as far as nothing newer is known.
  if (row->from != DATE_NONE && (!told || told->valid_from < row->from))
    what.from = row->from;
  else if (!told && !was_told_by(known, day))
    what.from = chart->begin;
  return put_at(chart, told, &what, error);
}

static bool take_columns(const Chart *chart, const Known *known, const Row *row, uint32_t unit,
                         GError **error)
{
  const Reading *reading = chart->scribe->reading;
  for (size_t i = 0; i < reading->layout->columns->len; i++) {
    const char *value = reading_value(reading, row->record, i);
    FieldId field = scribe_field(chart->scribe, layout_column(reading->layout, i));
    if (field == FIELD_CODE)
      value = row->code;
    if (value && field != FIELD_NONE &&
        !put(chart, known, row, (UnitFact){unit, field, value, 0}, error))
      return false;
  }
  return put(chart, known, row, (UnitFact){unit, FIELD_HELD, "1", 0}, error);
}

// An end that is told, or was and is not any more.
static bool take_end(const Chart *chart, const Known *known, const Row *row, uint32_t unit,
                     GError **error)
{
  bool goes_on = row->next != DATE_NONE && (row->to == DATE_NONE || row->next <= row->to);
  if (goes_on)
    return true;
  if (row->to != DATE_NONE) {
    const Fact *told = unit_told(known, FIELD_HELD, row->to, false);
    return (told && g_str_equal(told->value, "0")) ||
           put_at(chart, told, &(UnitFact){unit, FIELD_HELD, "0", row->to}, error);
  }
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *held = &g_array_index(known->facts, Fact, i);
    if (held->field == FIELD_HELD && !held->from_order && held->valid_from > day_of(chart, row) &&
        held == unit_told(known, FIELD_HELD, held->valid_from, false) &&
        g_str_equal(held->value, "0") &&
        !put_at(chart, held, &(UnitFact){unit, FIELD_HELD, "1", held->valid_from}, error))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Whose row it is.

static const char *name_on(const Known *known, Date day)
{
  const Fact *name = known_on(known, 0, FIELD_UNIT_NAME, day);
  return name ? name->value : NULL;
}

// A code whose unit has ended and that comes with another name, or later than the end, is another unit's.
static bool is_reuse(const Chart *chart, const Known *known, const Row *row, Date ended)
{
  const char *before = name_on(known, ended - 1);
  const char *name = reading_word(chart->scribe->reading, row->record, WORD_UNIT_NAME);
  if (row->from != DATE_NONE && row->from > ended)
    return true;
  return before && !unit_same_name(before, name);
}

// HR's table lists a unit that its own reorganisation has ended.
static bool is_listed_still(const Chart *chart, const Known *known, const Row *row, Date day)
{
  const Fact *held = unit_told(known, FIELD_HELD, day, true);
  if (!held || g_str_equal(held->value, "1") || held != known_on(known, 0, FIELD_HELD, day))
    return false;
  g_autoptr(GString) since = g_string_new(NULL);
  date_format(held->valid_from, since);
  reading_note(chart->scribe->reading, row->record, WORD_CODE,
               &(Finding){.level = FINDING_WARNING, .code = "unit-listed-still"},
               _("the reorganisation of %s has ended this unit, and the table still has it; the "
                 "row is passed over"),
               since->str);
  return true;
}

static uint32_t add_unit(const Chart *chart, const Row *row, Date from, GError **error)
{
  Store *store = chart->scribe->store;
  const char *space = chart->scribe->reading->layout->space;
  uint32_t later = store_link_next(store, SUBJECT_UNIT, space, row->code, from);
  if (!later)
    return unit_add(chart->scribe, row->code, from, error);
  // It was known from a later day on: an older table says that it was there before.
  g_autoptr(Known) known = known_load(store, SUBJECT_UNIT, later, INSTANT_OPEN, error);
  if (!known)
    return 0;
  const char *name = reading_word(chart->scribe->reading, row->record, WORD_UNIT_NAME);
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->field == FIELD_UNIT_NAME && unit_same_name(fact->value, name))
      return store_link_add(store, SUBJECT_UNIT, space, row->code, later, from, error) ? later : 0;
  }
  return unit_add(chart->scribe, row->code, from, error);
}

// *unit is 0 for a row that is passed over.
static bool find_unit(const Chart *chart, const Row *row, uint32_t *unit, GError **error)
{
  Scribe *scribe = chart->scribe;
  Date day = day_of(chart, row), begin = row->from == DATE_NONE ? chart->begin : row->from;
  *unit = unit_find(scribe, row->code, day);
  if (!*unit) {
    *unit = add_unit(chart, row, begin, error);
    return *unit != 0;
  }
  g_autoptr(Known) known = known_load(scribe->store, SUBJECT_UNIT, *unit, INSTANT_OPEN, error);
  if (!known)
    return false;
  Date ended = unit_ended(known, day);
  if (ended != DATE_NONE && is_reuse(chart, known, row, ended)) {
    *unit = unit_add(scribe, row->code, day, error);
    return *unit != 0;
  }
  if (ended != DATE_NONE && is_listed_still(chart, known, row, day)) {
    g_hash_table_add(chart->seen, GUINT_TO_POINTER(*unit));
    *unit = 0;
  }
  return true;
}

// A unit without code. One that has got it by now is told of by that.
static bool take_provisional(const Chart *chart, const Row *row, GError **error)
{
  Reading *reading = chart->scribe->reading;
  uint32_t unit;
  NewUnit what = {row->record, row->code, parent_of(chart, row),
                  reading_keep(reading, row->record, WORD_UNIT_NAME),
                  row->from == DATE_NONE ? chart->changed : row->from};
  if (!unit_add_provisional(chart->scribe, &what, &unit, error))
    return false;
  g_hash_table_add(chart->seen, GUINT_TO_POINTER(unit));
  return true;
}

static bool take_coded(const Chart *chart, const Row *row, GError **error)
{
  Scribe *scribe = chart->scribe;
  uint32_t unit;
  if (!find_unit(chart, row, &unit, error))
    return false;
  if (!unit)
    return true;
  g_autoptr(Known) known = known_load(scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error);
  if (!known)
    return false;
  g_hash_table_add(chart->seen, GUINT_TO_POINTER(unit));
  NewUnit what = {row->record, row->code, parent_of(chart, row),
                  reading_keep(scribe->reading, row->record, WORD_UNIT_NAME),
                  row->from == DATE_NONE ? chart->changed : row->from};
  return store_absence_clear(scribe->store, unit, error) &&
         take_columns(chart, known, row, unit, error) && take_end(chart, known, row, unit, error) &&
         (was_told_by(known, DATE_OPEN - 1) || unit_bind(scribe, &what, error));
}

static bool take_row(const Chart *chart, const Row *row, GError **error)
{
  Reading *reading = chart->scribe->reading;
  if (reading_record(reading, row->record)->bad)
    return true;
  receipt_count(reading->receipt, "unit");
  scribe_turn(chart->scribe, row->record,
              scribe_seq(chart->changed, true, NULL, line_of(reading, row->record)));
  return row->provisional ? take_provisional(chart, row, error) : take_coded(chart, row, error);
}

// ---------------------------------------------------------------------------------------------
// Units that are gone.

// Ids of units that exist on the day, whatever their source.
static GArray *units_held(const Chart *chart, GError **error)
{
  g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
  g_autoptr(FactScan) scan =
      store_facts_scan(chart->scribe->store, SUBJECT_UNIT, INSTANT_OPEN, error);
  g_autoptr(GError) fault = NULL;
  if (!scan)
    return NULL;
  Fact fact;
  while (fact_scan_next(scan, &fact, &fault)) {
    if (fact.field != FIELD_HELD || fact.valid_from > chart->changed ||
        chart->changed >= fact.valid_to)
      continue;
    if (g_str_equal(fact.value, "1"))
      g_hash_table_add(held, GUINT_TO_POINTER(fact.subject));
    else
      g_hash_table_remove(held, GUINT_TO_POINTER(fact.subject));
  }
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return NULL;
  }
  GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  GHashTableIter iter;
  void *id;
  g_hash_table_iter_init(&iter, held);
  while (g_hash_table_iter_next(&iter, &id, NULL))
    g_array_append_vals(ids, &(uint32_t){GPOINTER_TO_UINT(id)}, 1);
  return ids;
}

static bool end_unit(const Chart *chart, uint32_t unit, GError **error)
{
  Scribe *scribe = chart->scribe;
  const Reading *reading = scribe->reading;
  const char *code = store_link_number(scribe->store, SUBJECT_UNIT, unit);
  g_autofree char *number = g_strdup(code ? code : "");
  // One that has no code yet is not in the table because of that.
  if (strchr(number, '/'))
    return true;
  if (store_link_find(scribe->store, SUBJECT_UNIT, reading->layout->space, number,
                      chart->changed) != unit)
    return true;
  bool confirmed = false;
  if (!store_absence_note(scribe->store, unit, chart->changed, &confirmed, error))
    return false;
  Finding at = {.level = FINDING_WARNING,
                .code = confirmed ? "unit-absent-twice" : "unit-absent-once",
                .file = reading->file,
                .subject = number};
  if (confirmed)
    findings_add(reading->findings, &at,
                 _("this unit is not in two files of different dates: taken as abolished"));
  else
    findings_add(reading->findings, &at,
                 _("this unit is not in the file; left as is until another file confirms it"));
  Fact ended = {.kind = SUBJECT_UNIT,
                .subject = unit,
                .field = FIELD_HELD,
                .value = "0",
                .valid_from = chart->changed};
  return !confirmed || scribe_put(scribe, &ended, error);
}

static int by_id(const void *a, const void *b)
{
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static bool end_missing(const Chart *chart, GError **error)
{
  Scribe *scribe = chart->scribe;
  if (!scribe->reading->layout->full || scribe->reading->number_unread || scribe->to != DATE_OPEN)
    return true;
  g_autoptr(GArray) held = units_held(chart, error);
  if (!held)
    return false;
  g_array_sort(held, by_id);
  scribe_turn(scribe, SCRIBE_HEADER, scribe_seq(chart->changed, true, NULL, 0));
  for (size_t i = 0; i < held->len; i++) {
    uint32_t unit = g_array_index(held, uint32_t, i);
    if (!g_hash_table_contains(chart->seen, GUINT_TO_POINTER(unit)) &&
        !end_unit(chart, unit, error))
      return false;
  }
  return true;
}

// A row with a fault still shows that its unit is there.
static void see_bad_row(const Chart *chart, size_t record)
{
  const Reading *reading = chart->scribe->reading;
  uint32_t unit = store_link_find(chart->scribe->store, SUBJECT_UNIT, reading->layout->space,
                                  reading_word(reading, record, WORD_CODE), chart->changed);
  if (unit)
    g_hash_table_add(chart->seen, GUINT_TO_POINTER(unit));
}

bool facts_units(Scribe *scribe, GError **error)
{
  const Reading *reading = scribe->reading;
  Date declared = reading->receipt->declared, today = date_of_instant(scribe->known_at);
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  Chart chart = {
      .scribe = scribe, .changed = declared == DATE_NONE ? today : declared, .seen = seen};
  // What the first file lists, and what an undated one adds, was there before: rosters and orders of
  // earlier days name it.
  chart.begin = scribe->is_first || declared == DATE_NONE ? date_of(1900, 1, 1) : declared;
  g_autoptr(GArray) rows = read_rows(scribe->reading);
  chart.rows = rows;
  for (size_t i = 0; i < reading->records->len; i++)
    if (reading_record(reading, i)->bad)
      see_bad_row(&chart, i);
  if (!check_tree(&chart, error))
    return false;
  for (size_t i = 0; i < rows->len; i++)
    if (!take_row(&chart, row_at(&chart, i), error))
      return false;
  return end_missing(&chart, error);
}

// ---------------------------------------------------------------------------------------------
// A code means one unit, whoever tells it; another source's has to be told apart.

typedef struct Elsewhere {
  const char *own, *code;
  char *space;  // of the other source; NULL = none
} Elsewhere;

static bool match_link(const char *space, const char *number, Date from, Date to, void *data)
{
  Elsewhere *elsewhere = data;
  (void)from;
  if (to == DATE_OPEN && g_str_equal(number, elsewhere->code) &&
      !g_str_equal(space, elsewhere->own) && !elsewhere->space)
    elsewhere->space = g_strdup(space);
  return true;
}

typedef struct Asking {
  Store *store;
  Elsewhere elsewhere;
} Asking;

static bool ask_bearer(uint32_t unit, void *data)
{
  Asking *asking = data;
  return store_links_of(asking->store, SUBJECT_UNIT, unit, match_link, &asking->elsewhere, NULL);
}

void units_judge(Reading *reading, Store *store)
{
  for (size_t i = 0; i < reading->records->len && !reading->rejected; i++) {
    const char *code = reading_word(reading, i, WORD_CODE);
    Asking asking = {store, {reading->layout->space, code, NULL}};
    if (*code)
      store_link_bearers(store, SUBJECT_UNIT, code, ask_bearer, &asking, NULL);
    if (asking.elsewhere.space)
      reading_reject(
          reading,
          &(Finding){
              .code = "unit-elsewhere", .line = reading_record(reading, i)->line, .subject = code},
          _("“%s” has a unit of this code, too: give the codes of one of the two a prefix "
            "(unit_prefix in its layouts)"),
          asking.elsewhere.space);
    g_free(asking.elsewhere.space);
  }
}
