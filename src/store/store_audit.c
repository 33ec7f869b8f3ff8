// SPDX-License-Identifier: GPL-3.0-or-later
//
// The audit record's rows. What their digests are of, audit.h knows.
#include "store_p.h"

static AuditRow row_of(const Query *query)
{
  return (AuditRow){
      .id = query_int(query, 0),
      .at = query_int(query, 1),
      .who = query_text(query, 2),
      .user = query_text(query, 3),
      .what = query_text(query, 4),
      .subject = query_text(query, 5),
      .detail = query_text(query, 6),
      .digest = query_text(query, 7),
  };
}

// For those that close the query.
static AuditRow kept_row(Store *store, const Query *query)
{
  store_forget(store);
  AuditRow row = row_of(query);
  const char **texts[] = {&row.who, &row.user, &row.what, &row.subject, &row.detail, &row.digest};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = query_keep(query, (int)i + 2);
  return row;
}

bool store_audit_add(Store *store, const AuditRow *row, GError **error)
{
  store->audited = true;
  return store_run(store, SQL_AUDIT_ADD,
                   ARGS(INT(row->id), INT(row->at), TEXT(row->who), TEXT(row->user),
                        TEXT(row->what), TEXT(row->subject), TEXT(row->detail), TEXT(row->digest)),
                   error);
}

static bool get_row(Store *store, StoreSql id, Args args, AuditRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  *out = kept_row(store, &query);
  return true;
}

bool store_audit_last(Store *store, AuditRow *out)
{
  return get_row(store, SQL_AUDIT_LAST, NO_ARGS, out);
}

bool store_audit_latest(Store *store, const char *what, AuditRow *out)
{
  return get_row(store, SQL_AUDIT_LATEST, ARGS(TEXT(what)), out);
}

bool store_audit_guarded(Store *store)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_AUDIT_GUARDS, NO_ARGS, &query) && query_int(&query, 0) == 3;
}

int64_t store_audit_before(Store *store, Instant before)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_AUDIT_BEFORE, ARGS(INT(before)), &query) ? query_int(&query, 0) : 0;
}

// The trigger lets go of what the cursor says.
bool store_audit_purge(Store *store, int64_t through, GError **error)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, through);
  return store_cursor_set(store, "audit", "purged", text, error) &&
         store_run(store, SQL_AUDIT_PURGE, ARGS(INT(through)), error);
}

void store_on_audited(Store *store, StoreAuditedFunc func, void *data)
{
  store->on_audited = func;
  store->audited_data = data;
}

int64_t store_audit_counted(Store *store)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_AUDIT_COUNTED, NO_ARGS, &query) ? query_int(&query, 0) : 0;
}

int64_t store_audit_next(Store *store)
{
  AuditRow last;
  int64_t counted = store_audit_counted(store);
  return MAX(counted, store_audit_last(store, &last) ? last.id : 0) + 1;
}

bool store_audit_each(Store *store, int64_t from, StoreAuditFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_AUDIT_EACH, ARGS(INT(from)), error))
    return false;
  while (query_next(&query, error)) {
    AuditRow row = row_of(&query);
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}

// ---------------------------------------------------------------------------------------------
// The journal as texts.

#define JOURNAL_COLUMNS 12

static bool each_texts(Query *query, size_t n, StoreTextsFunc func, void *data, GError **error)
{
  const char *texts[JOURNAL_COLUMNS];
  while (query_next(query, error)) {
    for (size_t i = 0; i < n; i++)
      texts[i] = query_text(query, (int)i);
    func(texts, n, data);
  }
  return !query->failed;
}

bool store_journal_each(Store *store, int64_t run, StoreTextsFunc func, void *data, GError **error)
{
  static const struct {
    StoreSql id;
    size_t n;
  } parts[] = {{SQL_JOURNAL_RUN, 8}, {SQL_JOURNAL_OPS, JOURNAL_COLUMNS}, {SQL_JOURNAL_ATTEMPTS, 5}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
    g_auto(Query) query = {0};
    if (!query_open(&query, store, parts[i].id, ARGS(INT(run)), error) ||
        !each_texts(&query, parts[i].n, func, data, error))
      return false;
  }
  return true;
}
