// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs, operations, attempts.
#include "store_p.h"

int64_t store_run_add(Store *store, const RunRow *run, GError **error)
{
  return store_insert(store, SQL_RUN_ADD,
                      ARGS(TEXT(run->digest), TEXT(run->plan_path), TEXT(run->host),
                           INT(run->started), INT(run->ended), TEXT(run->state), INT(run->desk)),
                      error);
}

bool store_run_end(Store *store, int64_t run, const char *state, GError **error)
{
  return store_run(store, SQL_RUN_END, ARGS(INT(run), TEXT(state), INT(instant_now())), error);
}

bool store_run_again(Store *store, int64_t run, const char *plan_path, GError **error)
{
  return store_run(store, SQL_RUN_AGAIN, ARGS(INT(run), TEXT(plan_path), INT(instant_now())),
                   error);
}

typedef const char *(*TextFunc)(const Query *query, int column);

static void take_run(const Query *query, TextFunc text, RunRow *out)
{
  *out = (RunRow){
      .id = query_int(query, 0),
      .digest = text(query, 1),
      .plan_path = text(query, 2),
      .host = text(query, 3),
      .started = query_int(query, 4),
      .ended = query_int(query, 5),
      .state = text(query, 6),
      .desk = query_int(query, 7) != 0,
  };
}

static bool read_run(Store *store, StoreSql id, Args args, RunRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  store_forget(store);
  take_run(&query, query_keep, out);
  return true;
}

static bool each_run(Query *query, StoreRunFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    RunRow run;
    take_run(query, query_text, &run);
    if (!func(&run, data))
      break;
  }
  return !query->failed;
}

bool store_runs_each(Store *store, const char *state, StoreRunFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RUNS_EACH, ARGS(TEXT(state)), error) &&
         each_run(&query, func, data, error);
}

bool store_runs_ever(Store *store, StoreRunFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RUNS_EVER, NO_ARGS, error) &&
         each_run(&query, func, data, error);
}

bool store_run_last(Store *store, RunRow *out)
{
  return read_run(store, SQL_RUN_LAST, NO_ARGS, out);
}

bool store_run_get(Store *store, int64_t id, RunRow *out)
{
  return read_run(store, SQL_RUN_GET, ARGS(INT(id)), out);
}

bool store_run_by_digest(Store *store, const char *digest, RunRow *out)
{
  return read_run(store, SQL_RUN_BY_DIGEST, ARGS(TEXT(digest)), out);
}

bool store_run_set_profile(Store *store, int64_t run, const char *profile, GError **error)
{
  return store_run(store, SQL_RUN_PROFILE_SET, ARGS(INT(run), TEXT(profile)), error);
}

const char *store_run_profile(Store *store, int64_t run)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_RUN_PROFILE, ARGS(INT(run)), &query))
    return "";
  store_forget(store);
  return query_keep(&query, 0);
}

bool store_override_spend(Store *store, const char *entry, int64_t run, GError **error)
{
  return store_run(store, SQL_OVERRIDE_SPEND, ARGS(TEXT(entry), INT(run), INT(instant_now())),
                   error);
}

bool store_override_seal(Store *store, const char *entry, GError **error)
{
  return store_run(store, SQL_OVERRIDE_SEAL, ARGS(TEXT(entry)), error);
}

int64_t store_override_spent(Store *store, const char *entry)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_OVERRIDE_SPENT, ARGS(TEXT(entry)), &query) ? query_int(&query, 0) : 0;
}

// ---------------------------------------------------------------------------------------------

bool store_op_set(Store *store, const OpRow *op, GError **error)
{
  return store_run(store, SQL_OP_SET,
                   ARGS(INT(op->run), INT(op->n), TEXT(op->target), TEXT(op->object),
                        TEXT(op->kind), TEXT(op->state), TEXT(op->before), TEXT(op->detail),
                        INT(op->n_attempts), INT(instant_now()), INT(op->person), TEXT(op->cause),
                        TEXT(op->matter)),
                   error);
}

enum { OP_CHANGED = 12 };  // the column behind those of an operation

static void read_op(const Query *query, TextFunc text, OpRow *out)
{
  *out = (OpRow){
      .run = query_int(query, 0),
      .n = (uint32_t)query_int(query, 1),
      .target = text(query, 2),
      .object = text(query, 3),
      .kind = text(query, 4),
      .state = text(query, 5),
      .before = text(query, 6),
      .detail = text(query, 7),
      .n_attempts = (int)query_int(query, 8),
      .person = (uint32_t)query_int(query, 9),
      .cause = text(query, 10),
      .matter = text(query, 11),
  };
}

bool store_op_get(Store *store, int64_t run, uint32_t n, OpRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_OP_GET, ARGS(INT(run), INT(n)), &query))
    return false;
  store_forget(store);
  read_op(&query, query_keep, out);
  return true;
}

bool store_ops_each(Store *store, int64_t run, StoreOpFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_OPS_EACH, ARGS(INT(run)), error))
    return false;
  while (query_next(&query, error)) {
    OpRow op;
    read_op(&query, query_text, &op);
    if (!func(&op, data))
      break;
  }
  return !query.failed;
}

bool store_attempt_add(Store *store, int64_t run, uint32_t n, const char *outcome,
                       const char *detail, GError **error)
{
  return store_run(store, SQL_ATTEMPT_ADD,
                   ARGS(INT(run), INT(n), INT(instant_now()), TEXT(outcome), TEXT(detail)), error);
}

bool store_op_began(Store *store, const char *target, const char *object, OpBegan *out)
{
  *out = (OpBegan){INSTANT_NONE, INSTANT_NONE, INSTANT_NONE};
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_OP_BEGAN, ARGS(TEXT(target), TEXT(object), INT(INSTANT_NONE)), &query))
    return false;
  *out = (OpBegan){query_int(&query, 0), query_int(&query, 1), query_int(&query, 2)};
  return out->known != INSTANT_NONE;
}

Instant store_op_bound(Store *store, const char *target, const char *object)
{
  g_auto(Query) query = {0};
  Args args = ARGS(TEXT(target), TEXT(object), INT(INSTANT_NONE));
  return store_get(store, SQL_OP_BOUND, args, &query) ? query_int(&query, 0) : INSTANT_NONE;
}

bool store_ops_done_each(Store *store, Instant since, StoreOpDoneFunc func, void *data,
                         GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_OPS_DONE_EACH, ARGS(INT(since), INT(INSTANT_NONE)), error))
    return false;
  while (query_next(&query, error)) {
    OpDone done = {
        .digest = query_text(&query, 0),
        .target = query_text(&query, 1),
        .kind = query_text(&query, 2),
        .cause = query_text(&query, 3),
        .at = query_int(&query, 4),
    };
    if (!func(&done, data))
      break;
  }
  return !query.failed;
}

// ---------------------------------------------------------------------------------------------

static bool each_op(Query *query, StoreOpAboutFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    OpRow op;
    read_op(query, query_text, &op);
    if (!func(&op, query_int(query, OP_CHANGED), data))
      break;
  }
  return !query->failed;
}

bool store_receipts_each(Store *store, StoreReceiptFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RECEIPTS_EACH, NO_ARGS, error) &&
         each_op(&query, func, data, error);
}

bool store_journal_ops(Store *store, int64_t run, StoreOpAboutFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_OPS_CHANGED, ARGS(INT(run)), error) &&
         each_op(&query, func, data, error);
}

bool store_ops_about(Store *store, const char *target, const char *object, int64_t at_most,
                     StoreOpAboutFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  g_autofree char *quoted = g_strdup_printf("\"%s\"", object);
  Args args = ARGS(TEXT(target), TEXT(object), TEXT(quoted), INT(at_most));
  return query_open(&query, store, SQL_OPS_ABOUT, args, error) &&
         each_op(&query, func, data, error);
}

bool store_ops_until(Store *store, Instant before, StoreOpAboutFunc func, void *data,
                     GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_OPS_UNTIL, ARGS(INT(before)), error) &&
         each_op(&query, func, data, error);
}

bool store_receipt_settle(Store *store, const OpRow *op, GError **error)
{
  return store_run(store, SQL_RECEIPT_SETTLE,
                   ARGS(INT(op->run), INT(op->n), TEXT(op->state), TEXT(op->detail)), error) &&
         store_attempt_add(store, op->run, op->n, op->state, op->detail, error);
}

bool store_receipt_runs(Store *store, GError **error)
{
  return store_run(store, SQL_RECEIPT_RUNS, NO_ARGS, error);
}

// ---------------------------------------------------------------------------------------------
// What approved plans did not do.

bool store_approved_add(Store *store, const char *digest, Date as_of, Instant given, GError **error)
{
  return store_run(store, SQL_APPROVED_ADD,
                   ARGS(TEXT(digest), INT(as_of), INT(instant_now()), INT(given)), error);
}

bool store_approved_get(Store *store, const char *digest, Date *as_of, Instant *given)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_APPROVED_GET, ARGS(TEXT(digest)), &query))
    return false;
  *as_of = (Date)query_int(&query, 0);
  *given = query_int(&query, 1);
  return true;
}

bool store_approved_replaced(Store *store, const char *digest, Date as_of, Instant given)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_APPROVED_REPLACED, ARGS(TEXT(digest), INT(as_of), INT(given)),
                   &query);
}

bool store_undone_each(Store *store, StoreUndoneFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_UNDONE_EACH, NO_ARGS, error))
    return false;
  while (query_next(&query, error)) {
    UndoneRow row = {.changed = query_int(&query, OP_CHANGED),
                     .as_of = (Date)query_int(&query, OP_CHANGED + 1),
                     .digest = query_text(&query, OP_CHANGED + 2),
                     .plan_path = query_text(&query, OP_CHANGED + 3)};
    read_op(&query, query_text, &row.op);
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}

bool store_op_done_since(Store *store, const OpRow *op, int64_t but)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_OP_DONE_SINCE,
                   ARGS(INT(op->run), TEXT(op->target), TEXT(op->object), TEXT(op->kind), INT(but)),
                   &query);
}
