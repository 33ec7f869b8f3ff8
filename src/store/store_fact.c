// SPDX-License-Identifier: GPL-3.0-or-later
//
// Facts and absences.
#include "store_p.h"

struct FactScan {
  Query query;
  void (*read)(const Query *query, Fact *out);
};

// What the column from_order holds.
enum { BASIS_ROSTER, BASIS_ORDER, BASIS_DECIDED };

static int basis_of(const Fact *fact)
{
  return fact->from_order ? BASIS_ORDER : fact->decided ? BASIS_DECIDED : BASIS_ROSTER;
}

bool store_fact_add(Store *store, const Fact *fact, GError **error)
{
  return store_run(store, SQL_FACT_ADD,
                   ARGS(INT(fact->kind), INT(fact->subject), INT(fact->post), INT(fact->field),
                        TEXT(fact->value), INT(fact->valid_from), INT(fact->valid_to),
                        INT(fact->known_from), INT(fact->known_to), INT(fact->seq), INT(fact->row),
                        INT(basis_of(fact))),
                   error);
}

bool store_fact_end(Store *store, const Fact *fact, Instant known_to, GError **error)
{
  return store_run(store, SQL_FACT_END,
                   ARGS(INT(fact->kind), INT(fact->subject), INT(fact->post), INT(fact->field),
                        INT(fact->valid_from), INT(fact->seq), INT(fact->row), INT(known_to),
                        INT(fact->known_from)),
                   error);
}

int64_t store_fact_withdraw_row(Store *store, int64_t row, Instant known_to, GError **error)
{
  return store_change(store, SQL_FACT_WITHDRAW_ROW, ARGS(INT(row), INT(known_to)), error);
}

// The value is borrowed from the query.
static void read_fact(const Query *query, Fact *out)
{
  *out = (Fact){
      .kind = (SubjectKind)query_int(query, 0),
      .subject = (uint32_t)query_int(query, 1),
      .post = (uint32_t)query_int(query, 2),
      .field = (FieldId)query_int(query, 3),
      .value = query_text(query, 4),
      .valid_from = (Date)query_int(query, 5),
      .valid_to = (Date)query_int(query, 6),
      .known_from = query_int(query, 7),
      .known_to = query_int(query, 8),
      .seq = query_int(query, 9),
      .row = query_int(query, 10),
      .from_order = query_int(query, 11) == BASIS_ORDER,
      .decided = query_int(query, 11) == BASIS_DECIDED,
  };
}

// Columns cost as much as rows, where there are many rows.
static void read_brief_fact(const Query *query, Fact *out)
{
  *out = (Fact){
      .kind = (SubjectKind)query_int(query, 0),
      .subject = (uint32_t)query_int(query, 1),
      .post = (uint32_t)query_int(query, 2),
      .field = (FieldId)query_int(query, 3),
      .value = query_text(query, 4),
      .valid_from = (Date)query_int(query, 5),
      .valid_to = (Date)query_int(query, 6),
      .row = query_int(query, 7),
  };
}

static bool read_one_fact(Store *store, StoreSql id, Args args, Fact *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  store_forget(store);
  read_fact(&query, out);
  out->value = query_keep(&query, 4);
  return true;
}

bool store_fact_on(Store *store, const Fact *key, Date as_of, Instant known_at, Fact *out)
{
  return read_one_fact(store, SQL_FACT_ON,
                       ARGS(INT(key->kind), INT(key->subject), INT(key->post), INT(key->field),
                            INT(store_day(as_of)), INT(store_known(known_at))),
                       out);
}

static FactScan *scan_facts(Store *store, StoreSql id, Args args, GError **error)
{
  g_autoptr(FactScan) scan = g_new0(FactScan, 1);
  scan->read = id == SQL_FACTS_OF ? read_fact : read_brief_fact;
  return query_open(&scan->query, store, id, args, error) ? g_steal_pointer(&scan) : NULL;
}

FactScan *store_facts_scan(Store *store, SubjectKind kind, Instant known_at, GError **error)
{
  return scan_facts(store, SQL_FACTS_SCAN, ARGS(INT(kind), INT(store_known(known_at))), error);
}

FactScan *store_facts_scan_field(Store *store, SubjectKind kind, FieldId field, Instant known_at,
                                 GError **error)
{
  return scan_facts(store, SQL_FACTS_SCAN_FIELD,
                    ARGS(INT(kind), INT(store_known(known_at)), INT(field)), error);
}

FactScan *store_facts_of(Store *store, SubjectKind kind, uint32_t subject, Instant known_at,
                         GError **error)
{
  return scan_facts(store, SQL_FACTS_OF, ARGS(INT(kind), INT(store_known(known_at)), INT(subject)),
                    error);
}

bool fact_scan_next(FactScan *scan, Fact *out, GError **error)
{
  if (!query_next(&scan->query, error))
    return false;
  scan->read(&scan->query, out);
  return true;
}

void fact_scan_free(FactScan *scan)
{
  if (!scan)
    return;
  query_close(&scan->query);
  g_free(scan);
}

Date store_next_change(Store *store, Date after, Instant known_at)
{
  g_auto(Query) query = {0};
  // An aggregate always gives a row: NULL, read as 0, when nothing is left to happen.
  if (!store_get(store, SQL_NEXT_CHANGE, ARGS(INT(after), INT(store_known(known_at))), &query) ||
      !query_text(&query, 0))
    return DATE_OPEN;
  return (Date)query_int(&query, 0);
}

bool store_persons_born(Store *store, const char *birth, StoreSubjectFunc func, void *data,
                        GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_PERSONS_BORN, ARGS(TEXT(birth)), error))
    return false;
  while (query_next(&query, error))
    if (!func((uint32_t)query_int(&query, 0), data))
      break;
  return !query.failed;
}

int64_t store_extension_add(Store *store, const Extension *extension, GError **error)
{
  return store_insert(store, SQL_EXTENSION_ADD,
                      ARGS(TEXT(extension->unit), INT(extension->from), INT(extension->until),
                           TEXT(extension->who), TEXT(extension->reason), INT(extension->since)),
                      error);
}

Date store_extension_of(Store *store, const char *unit, Date last, Instant known_at)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_EXTENSION_OF, ARGS(TEXT(unit), INT(last), INT(store_known(known_at))),
                 &query) ||
      !query_text(&query, 0))
    return last;
  return (Date)query_int(&query, 0);
}

// ---------------------------------------------------------------------------------------------

bool store_absence_note(Store *store, uint32_t person, Date declared, bool *confirmed,
                        GError **error)
{
  if (!store_run(store, SQL_ABSENCE_NOTE, ARGS(INT(person), INT(declared)), error))
    return false;
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_ABSENCE_OTHER, ARGS(INT(person), INT(declared)), error))
    return false;
  *confirmed = query_next(&query, error);
  return !query.failed;
}

bool store_absence_clear(Store *store, uint32_t person, GError **error)
{
  return store_run(store, SQL_ABSENCE_CLEAR, ARGS(INT(person)), error);
}

bool store_persons_present(Store *store, const char *space, Date on, StorePersonFunc func,
                           void *data, GError **error)
{
  g_auto(Query) query = {0};
  Args args = ARGS(TEXT(space), INT(store_day(on)), INT(SUBJECT_PERSON), INT(FIELD_STATE),
                   INT(store_known(INSTANT_OPEN)));
  if (!query_open(&query, store, SQL_PERSONS_PRESENT, args, error))
    return false;
  while (query_next(&query, error))
    if (!func((uint32_t)query_int(&query, 0), query_text(&query, 1), data))
      break;
  return !query.failed;
}
