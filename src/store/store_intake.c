// SPDX-License-Identifier: GPL-3.0-or-later
//
// Files and their raw rows.
#include "store_p.h"

int64_t store_intake_add(Store *store, const IntakeRow *intake, GError **error)
{
  return store_insert(store, SQL_INTAKE_ADD,
                      ARGS(TEXT(intake->name), TEXT(intake->sha256), TEXT(intake->layout),
                           TEXT(intake->kind), TEXT(intake->space), INT(intake->declared),
                           INT(intake->taken), INT(intake->n_rows), INT(intake->n_findings)),
                      error);
}

bool store_intake_counts(Store *store, int64_t intake, int64_t n_rows, int64_t n_findings,
                         GError **error)
{
  return store_run(store, SQL_INTAKE_COUNTS, ARGS(INT(intake), INT(n_rows), INT(n_findings)),
                   error);
}

static IntakeRow intake_of(Query *query)
{
  return (IntakeRow){
      .id = query_int(query, 0),
      .name = query_keep(query, 1),
      .sha256 = query_keep(query, 2),
      .layout = query_keep(query, 3),
      .kind = query_keep(query, 4),
      .space = query_keep(query, 5),
      .declared = (Date)query_int(query, 6),
      .taken = query_int(query, 7),
      .n_rows = query_int(query, 8),
      .n_findings = query_int(query, 9),
  };
}

static bool read_intake(Store *store, StoreSql id, Args args, IntakeRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  store_forget(store);
  *out = intake_of(&query);
  return true;
}

bool store_intakes_each(Store *store, StoreIntakeFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_INTAKES_EACH, NO_ARGS, error))
    return false;
  while (query_next(&query, error)) {
    store_forget(store);
    const IntakeRow row = intake_of(&query);
    if (!func(&row, data))
      return true;
  }
  return !query.failed;
}

bool store_intake_by_sha256(Store *store, const char *sha256, IntakeRow *out)
{
  return read_intake(store, SQL_INTAKE_BY_SHA256, ARGS(TEXT(sha256)), out);
}

bool store_intake_last(Store *store, const char *kind, const char *space, IntakeRow *out)
{
  return read_intake(store, SQL_INTAKE_LAST, ARGS(TEXT(kind), TEXT(space)), out);
}

Instant store_known_by(Store *store, Instant now)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_INTAKE_LATEST, NO_ARGS, &query) || !query_text(&query, 0))
    return now;
  return MAX(now, query_int(&query, 0));
}

int64_t store_row_add(Store *store, int64_t intake, int64_t line, const char *raw, size_t n_bytes,
                      GError **error)
{
  return store_insert(store, SQL_ROW_ADD, ARGS(INT(intake), INT(line), BYTES(raw, n_bytes)), error);
}

bool store_row_origin(Store *store, int64_t row, RowOrigin *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_ROW_ORIGIN, ARGS(INT(row)), &query))
    return false;
  store_forget(store);
  *out = (RowOrigin){
      .file = query_keep(&query, 0),
      .line = query_int(&query, 1),
      .raw = query_keep(&query, 2),
      .order = query_keep(&query, 3),
      .order_kind = query_keep(&query, 4),
      .order_set = query_int(&query, 5),
      .space = query_keep(&query, 6),
  };
  return true;
}

bool store_row_kind(Store *store, int64_t row, RowKind *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_ROW_KIND, ARGS(INT(row), INT(INSTANT_OPEN)), &query))
    return false;
  store_forget(store);
  *out = (RowKind){
      .file = query_keep(&query, 0),
      .order = query_keep(&query, 1),
      .person = (uint32_t)query_int(&query, 2),
      .from = query_text(&query, 3) ? (Date)query_int(&query, 3) : DATE_NONE,
      .taken = query_int(&query, 4),
  };
  return true;
}

bool store_unit_rows_each(Store *store, const char *kind, const char *space, Date from,
                          StoreRowFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_UNIT_ROWS,
                  ARGS(INT(SUBJECT_UNIT), TEXT(kind), TEXT(space), INT(from), INT(INSTANT_OPEN)),
                  error))
    return false;
  while (query_next(&query, error))
    if (!func(query_int(&query, 0), data))
      break;
  return !query.failed;
}

int64_t store_rows_purge(Store *store, Instant before, GError **error)
{
  return store_change(store, SQL_ROWS_PURGE, ARGS(INT(before)), error);
}
