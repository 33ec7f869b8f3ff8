// SPDX-License-Identifier: GPL-3.0-or-later
//
// A table of units: code, name, reading, place in the tree, display order.
#include "intake_p.h"

typedef struct Chart {
  Scribe *scribe;
  Date begin;    // new units exist from here on
  Date changed;  // and change from here on
  GHashTable *seen;
} Chart;

static bool put(const Chart *chart, const Known *known, const Fact *what, GError **error)
{
  const Fact *in_force = known_on(known, 0, what->field, chart->changed);
  const char *before = in_force ? in_force->value : "";
  if (g_str_equal(before, what->value))
    return true;
  Scribe *scribe = chart->scribe;
  int64_t seq = scribe->seq;
  Fact fact = *what;
  fact.kind = SUBJECT_UNIT;
  fact.valid_from = known->facts->len ? chart->changed : chart->begin;
  if (in_force && in_force->valid_from == fact.valid_from && in_force->seq >= seq)
    scribe->seq = in_force->seq + 1;
  bool done = scribe_put(scribe, &fact, error);
  scribe->seq = seq;
  return done;
}

static bool take_columns(const Chart *chart, const Known *known, size_t record, uint32_t unit,
                         GError **error)
{
  const Reading *reading = chart->scribe->reading;
  for (size_t i = 0; i < reading->layout->columns->len; i++) {
    const char *value = reading_value(reading, record, i);
    FieldId field = scribe_field(chart->scribe, layout_column(reading->layout, i));
    Fact fact = {.subject = unit, .field = field, .value = value};
    if (value && field != FIELD_NONE && !put(chart, known, &fact, error))
      return false;
  }
  return put(chart, known, &(Fact){.subject = unit, .field = FIELD_HELD, .value = "1"}, error);
}

static bool take_unit(const Chart *chart, size_t record, GError **error)
{
  Scribe *scribe = chart->scribe;
  const Reading *reading = scribe->reading;
  const char *code = reading_word(reading, record, WORD_CODE), *space = reading->layout->space;
  uint32_t unit = store_link_find(scribe->store, SUBJECT_UNIT, space, code, chart->changed);
  if (!unit) {
    unit = store_subject_add(scribe->store, SUBJECT_UNIT, error);
    if (!unit ||
        !store_link_add(scribe->store, SUBJECT_UNIT, space, code, unit, chart->begin, error))
      return false;
  }
  g_autoptr(Known) known = known_load(scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error);
  if (!known)
    return false;
  g_hash_table_add(chart->seen, GUINT_TO_POINTER(unit));
  receipt_count(reading->receipt, "unit");
  scribe_turn(scribe, record,
              scribe_seq(chart->changed, true, NULL, reading_record(reading, record)->line));
  return store_absence_clear(scribe->store, unit, error) &&
         take_columns(chart, known, record, unit, error);
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
  for (size_t i = 0; i < reading->records->len; i++) {
    const Record *record = reading_record(reading, i);
    if (record->bad)
      see_bad_row(&chart, i);
    else if (!record->repeat && !take_unit(&chart, i, error))
      return false;
  }
  return end_missing(&chart, error);
}
