// SPDX-License-Identifier: GPL-3.0-or-later
//
// The only code that prepares, binds and steps.
#include "store_p.h"

#include <string.h>

// What a result code of SQLite means to whoever runs the program. Others: as SQLite words them.
static const struct {
  int code;
  ExitCode exit;
  bool lost;  // nothing more can be written: the transaction is rolled back
  const char *text;
} faults[] = {
    {SQLITE_FULL, EXIT_FAILED, true,
     N_("the disk is full; nothing of this step was kept. Make room and run again")},
    {SQLITE_IOERR, EXIT_FAILED, true,
     N_("the disk cannot be read or written; nothing of this step was kept")},
    {SQLITE_NOMEM, EXIT_FAILED, true, N_("out of memory; nothing of this step was kept")},
    {SQLITE_CORRUPT, EXIT_FAILED, true,
     N_("the file is damaged. Restore it from a backup; do not go on with it")},
    {SQLITE_NOTADB, EXIT_USAGE, true, N_("this is not a store of idou")},
    {SQLITE_CANTOPEN, EXIT_USAGE, true,
     N_("it cannot be opened. Look at its folder and permissions")},
    {SQLITE_READONLY, EXIT_FAILED, false,
     N_("it is open for reading only, so nothing can be "
        "written to it")},
    {SQLITE_BUSY, EXIT_LOCKED, false, N_("another process is writing to it. Try again later")},
};

bool store_fail(Store *store, int code, GError **error)
{
  ExitCode exit = EXIT_FAILED;
  bool lost = false;
  const char *text = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
    if (faults[i].code != (code & 0xff))
      continue;
    exit = faults[i].exit;
    lost = faults[i].lost;
    text = _(faults[i].text);
  }
  // Before the rollback, which overwrites it. SQLite's messages name columns and never values.
  bool told = sqlite3_errcode(store->db) == code;
  g_autofree char *message = g_strdup(told ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
  if (text)
    g_set_error(error, IDOU_ERROR, exit, _("store %s: %s (%s)"), store->path, text, message);
  else
    g_set_error(error, IDOU_ERROR, exit, _("store %s: %s"), store->path, message);
  if (lost && !sqlite3_get_autocommit(store->db))
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  return false;
}

bool store_exec(Store *store, const char *sql, GError **error)
{
  int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
  return code == SQLITE_OK || store_fail(store, code, error);
}

bool store_pragma_int(Store *store, const char *sql, int *out, GError **error)
{
  sqlite3_stmt *stmt = NULL;
  int code = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_step(stmt);
  if (code == SQLITE_ROW)
    *out = sqlite3_column_int(stmt, 0);
  sqlite3_finalize(stmt);
  return code == SQLITE_ROW || store_fail(store, code, error);
}

// ---------------------------------------------------------------------------------------------

static int bind_one(sqlite3_stmt *stmt, int at, const Arg *arg)
{
  if (arg->kind == ARG_INT)
    return sqlite3_bind_int64(stmt, at, arg->number);
  if (!arg->text)
    return sqlite3_bind_null(stmt, at);
  // The caller's text outlives the statement's run: no copy.
  int64_t n_bytes = arg->kind == ARG_BYTES ? arg->number : (int64_t)strlen(arg->text);
  return sqlite3_bind_text64(stmt, at, arg->text, (uint64_t)n_bytes, SQLITE_STATIC, SQLITE_UTF8);
}

bool query_open(Query *query, Store *store, StoreSql id, Args args, GError **error)
{
  *query = (Query){.store = store, .id = id, .stmt = g_steal_pointer(&store->ready[id])};
  int code = SQLITE_OK;
  if (!query->stmt)
    code = sqlite3_prepare_v3(store->db, store_sql(id), -1, SQLITE_PREPARE_PERSISTENT, &query->stmt,
                              NULL);
  for (size_t i = 0; i < args.n && code == SQLITE_OK; i++)
    code = bind_one(query->stmt, (int)i + 1, &args.at[i]);
  if (code == SQLITE_OK)
    return true;
  query->failed = true;
  return store_fail(store, code, error);
}

// After a full disk SQLite is back in autocommit. What the caller still sends then would be kept
// alone, without the transaction's first half.
static bool torn(const Store *store)
{
  return store->in_transaction && sqlite3_get_autocommit(store->db);
}

bool query_next(Query *query, GError **error)
{
  if (torn(query->store) && !sqlite3_stmt_readonly(query->stmt)) {
    query->failed = true;
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("store %s: the transaction was rolled back after an error, nothing more is "
                  "written in it"),
                query->store->path);
    return false;
  }
  int code = sqlite3_step(query->stmt);
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE) {
    query->failed = true;
    store_fail(query->store, code, error);
  }
  return false;
}

void query_close(Query *query)
{
  if (!query->stmt)
    return;
  // At once: a statement that stays open would hold its moment of the file against checkpoints.
  sqlite3_reset(query->stmt);
  if (query->store->ready[query->id])
    sqlite3_finalize(query->stmt);
  else
    query->store->ready[query->id] = query->stmt;
  query->stmt = NULL;
}

int64_t query_int(const Query *query, int column)
{
  return sqlite3_column_int64(query->stmt, column);
}

const char *query_text(const Query *query, int column)
{
  return (const char *)sqlite3_column_text(query->stmt, column);
}

const char *query_keep(const Query *query, int column)
{
  const char *text = query_text(query, column);
  return text ? g_string_chunk_insert(query->store->texts, text) : NULL;
}

void store_forget(Store *store)
{
  g_string_chunk_clear(store->texts);
}

bool store_run(Store *store, StoreSql id, Args args, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, id, args, error))
    return false;
  query_next(&query, error);
  return !query.failed;
}

int64_t store_insert(Store *store, StoreSql id, Args args, GError **error)
{
  return store_run(store, id, args, error) ? sqlite3_last_insert_rowid(store->db) : 0;
}

int64_t store_change(Store *store, StoreSql id, Args args, GError **error)
{
  return store_run(store, id, args, error) ? sqlite3_changes64(store->db) : -1;
}

bool store_get(Store *store, StoreSql id, Args args, Query *query)
{
  GError *fault = NULL;
  if (query_open(query, store, id, args, &fault) && query_next(query, &fault))
    return true;
  if (fault)
    log_note(LOG_QUIET, "%s", fault->message);
  if (fault && !store->fault)
    store->fault = g_steal_pointer(&fault);
  g_clear_error(&fault);
  return false;
}
