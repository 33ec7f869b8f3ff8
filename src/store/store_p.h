// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inside the store: the handle, the statements' names and the few helpers through which every bind
// and every step goes.
#ifndef IDOU_STORE_P_H
#define IDOU_STORE_P_H

#include <idou/store.h>
#include <sqlite3.h>

// Names of the statements in store_sql.c.
typedef enum StoreSql {
  SQL_BEGIN,
  SQL_COMMIT,
  SQL_ROLLBACK,
  SQL_FIELDS,
  SQL_FIELD_ADD,
  SQL_SUBJECT_ADD,
  SQL_LINK_HOLDERS,
  SQL_LINK_ADD,
  SQL_LINK_END,
  SQL_LINK_BEGIN,
  SQL_LINK_FIND,
  SQL_LINK_NUMBER,
  SQL_UNIT_LINKS,
  SQL_LINKS_OF,
  SQL_LINKS_PASS_ON,
  SQL_LINK_BEARERS,
  SQL_POST_ADD,
  SQL_POST_FIND,
  SQL_POST_KEY,
  SQL_POST_PERSON,
  SQL_POSTS_WITH_KEY,
  SQL_INTAKE_ADD,
  SQL_INTAKE_COUNTS,
  SQL_INTAKE_BY_SHA256,
  SQL_INTAKE_LATEST,
  SQL_INTAKE_LAST,
  SQL_INTAKES_EACH,
  SQL_ROW_ADD,
  SQL_ROW_ORIGIN,
  SQL_ROW_KIND,
  SQL_UNIT_ROWS,
  SQL_ROWS_PURGE,
  SQL_ORDER_ADD,
  SQL_ORDER_FIND,
  SQL_ORDER_AT,
  SQL_ORDERS_OF,
  SQL_ORDERS_WAITING,
  SQL_ORDERS_IN_STATE,
  SQL_ORDER_SET_PERSON,
  SQL_ORDER_SET_STATE,
  SQL_ORDER_END,
  SQL_ORDERS_PASS_ON,
  SQL_SET_ADD,
  SQL_SET_AT,
  SQL_SET_LATEST,
  SQL_SET_ORDERS,
  SQL_FACT_ADD,
  SQL_FACT_END,
  SQL_FACT_WITHDRAW_ROW,
  SQL_FACT_ON,
  SQL_FACTS_SCAN,
  SQL_FACTS_SCAN_FIELD,
  SQL_FACTS_OF,
  SQL_NEXT_CHANGE,
  SQL_PERSONS_BORN,
  SQL_EXTENSION_ADD,
  SQL_EXTENSION_OF,
  SQL_RULING_ADD,
  SQL_RULINGS_EACH,
  SQL_ABSENCE_NOTE,
  SQL_ABSENCE_OTHER,
  SQL_ABSENCE_CLEAR,
  SQL_PERSONS_PRESENT,
  SQL_NAME_FIND,
  SQL_NAME_OF,
  SQL_NAME_RETIRE,
  SQL_NAME_GIVE,
  SQL_NAME_KEEP,
  SQL_NAME_FREE,
  SQL_NAMES_HAS,
  SQL_NAMES_EACH,
  SQL_BINDING_SET,
  SQL_BINDING_DROP,
  SQL_BINDING_OF,
  SQL_BINDING_OBJECT,
  SQL_BINDING_HAS,
  SQL_BINDINGS_EACH,
  SQL_OWNERSHIP_ADD,
  SQL_OWNERSHIP_DROP,
  SQL_OWNERSHIP_EACH,
  SQL_CURSOR_SET,
  SQL_CURSOR_DROP,
  SQL_CURSOR_GET,
  SQL_HOLD_ADD,
  SQL_HOLD_RELEASE,
  SQL_HOLDS_PASS_ON,
  SQL_HOLDS_EACH,
  SQL_HOLDS_EVER,
  SQL_APPROVED_ADD,
  SQL_APPROVED_GET,
  SQL_APPROVED_REPLACED,
  SQL_UNDONE_EACH,
  SQL_OP_DONE_SINCE,
  SQL_OTHERS_WROTE,
  SQL_OPS_SENT,
  SQL_RUN_ADD,
  SQL_RUN_AGAIN,
  SQL_RUN_END,
  SQL_RUN_LAST,
  SQL_RUN_GET,
  SQL_RUNS_EACH,
  SQL_RUNS_EVER,
  SQL_RUN_BY_DIGEST,
  SQL_OP_SET,
  SQL_OP_GET,
  SQL_OPS_EACH,
  SQL_ATTEMPT_ADD,
  SQL_OPS_DONE_EACH,
  SQL_RUN_PROFILE_SET,
  SQL_RUN_PROFILE,
  SQL_OVERRIDE_SPEND,
  SQL_OVERRIDE_SEAL,
  SQL_OVERRIDE_SPENT,
  SQL_OP_BEGAN,
  SQL_OP_BOUND,
  SQL_RECEIPTS_EACH,
  SQL_RECEIPT_SETTLE,
  SQL_RECEIPT_RUNS,
  SQL_LINKS_NUMBERED,
  SQL_NAMES_OF,
  SQL_NAMES_LIKE,
  SQL_ABSENCES_OF,
  SQL_OPS_ABOUT,
  SQL_OPS_UNTIL,
  SQL_MEASURE_ADD,
  SQL_MEASURES_EACH,
  SQL_AUDIT_ADD,
  SQL_AUDIT_LAST,
  SQL_AUDIT_COUNTED,
  SQL_AUDIT_EACH,
  SQL_AUDIT_LATEST,
  SQL_AUDIT_GUARDS,
  SQL_AUDIT_BEFORE,
  SQL_AUDIT_PURGE,
  SQL_OPS_CHANGED,
  SQL_JOURNAL_RUN,
  SQL_JOURNAL_OPS,
  SQL_JOURNAL_ATTEMPTS,
  SQL_ORDERS_CAME,
  SQL_ORDERS_DATED,
  SQL_SEAL_ADD,
  SQL_SEALS_VOID_OP,
  SQL_SEALS_VOID_OLDER,
  SQL_SEALS_VALID,
  SQL_SEALS_OF_OP,
  SQL_SEALS_VOID_OBJECT,
  SQL_SEALS_EACH,
  SQL_SEAL_AT,
  SQL_SEAL_EVENT,
  SQL_SEAL_EVENTS,
  SQL_SEAL_PURGE,
  SQL_SEALS_PURGE,
  SQL_RESTRICTION_ADD,
  SQL_RESTRICTION_STANDS,
  SQL_RESTRICTION_LIFT,
  SQL_RESTRICTIONS_EACH,
  SQL_RESTRICTIONS_OF,
  SQL_RESTRICTIONS_EVER,
  SQL_EVIDENCE_SET,
  SQL_EVIDENCE_EACH,
  SQL_EVIDENCE_IN,
  SQL_EVIDENCE_OF,
  SQL_EVIDENCE_DROP,
  SQL_EVIDENCE_FORGET,
  SQL_EVIDENCE_SOURCE_FORGET,
  SQL_EVIDENCE_SOURCE_SET,
  SQL_EVIDENCE_SOURCES,
  SQL_CLAIM_ADD,
  SQL_CLAIM_WITHDRAW,
  SQL_CLAIMS_EACH,
  SQL_CLAIMS_EVER,
  SQL_INQUIRY_ADD,
  SQL_INQUIRY_GET,
  SQL_INQUIRIES_EACH,
  SQL_QUESTION_ADD,
  SQL_QUESTION_GET,
  SQL_QUESTION_OPEN,
  SQL_QUESTION_ANSWER,
  SQL_QUESTIONS_EACH,
  SQL_REMOVALS_EACH,
  SQL_COUNT
} StoreSql;

const char *store_sql(StoreSql id);

struct Store {
  sqlite3 *db;
  StoreMode mode;
  char *path;
  bool in_transaction;             // between store_begin and store_commit or store_rollback
  sqlite3_stmt *ready[SQL_COUNT];  // prepared and at rest
  GStringChunk *texts;             // strings of the row handed out last
  GPtrArray *site_fields;          // names of the fields from FIELD_SITE on
  guint n_known_fields;            // of site_fields, when the transaction began
  GHashTable *fields;              // name -> FieldId, built-in ones too
  bool audited;                    // the transaction has added to the audit record
  StoreAuditedFunc on_audited;     // NULL
  void *audited_data;
  GError *fault;  // a getter without GError met it: the next store_check tells
};

// ---------------------------------------------------------------------------------------------
// Values bound to the ?1, ?2, … of a statement.

typedef enum ArgKind { ARG_INT, ARG_TEXT, ARG_BYTES } ArgKind;

typedef struct Arg {
  ArgKind kind;
  int64_t number;    // the number, or how many bytes
  const char *text;  // NULL binds NULL
} Arg;

typedef struct Args {
  const Arg *at;
  size_t n;
} Args;

#define INT(value)                     \
  {                                    \
    .kind = ARG_INT, .number = (value) \
  }
#define TEXT(value)                   \
  {                                   \
    .kind = ARG_TEXT, .text = (value) \
  }
#define BYTES(value, n_bytes)                                        \
  {                                                                  \
    .kind = ARG_BYTES, .text = (value), .number = (int64_t)(n_bytes) \
  }
#define ARGS(...) \
  ((Args){(const Arg[]){__VA_ARGS__}, sizeof((const Arg[]){__VA_ARGS__}) / sizeof(Arg)})
#define NO_ARGS ((Args){NULL, 0})

// ---------------------------------------------------------------------------------------------
// A statement under way. It has its prepared statement for itself, so that a callback may run the
// same query again. `g_auto(Query) query = {0};` puts it back.

typedef struct Query {
  Store *store;
  StoreSql id;
  sqlite3_stmt *stmt;
  bool failed;  // the last query_next returned false for an error
} Query;

bool query_open(Query *query, Store *store, StoreSql id, Args args, GError **error);
// True when there is a row. False at the end, or with `failed` and `error` set.
bool query_next(Query *query, GError **error);
void query_close(Query *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Query, query_close)
int64_t query_int(const Query *query, int column);
// Borrowed until the query moves. NULL for NULL.
const char *query_text(const Query *query, int column);
// A copy that lives until the next store_forget. NULL for NULL.
const char *query_keep(const Query *query, int column);

// A statement that gives no rows.
bool store_run(Store *store, StoreSql id, Args args, GError **error);
// As above, and what it inserted or how many rows it changed. 0 and -1 on error.
int64_t store_insert(Store *store, StoreSql id, Args args, GError **error);
int64_t store_change(Store *store, StoreSql id, Args args, GError **error);
// The first row, for getters that have no GError: an error is kept for store_check.
bool store_get(Store *store, StoreSql id, Args args, Query *query);
// Drops the strings handed out last. Arguments may be among them, so only after binding.
void store_forget(Store *store);

// Sets `error` from the connection's state and rolls back when the disk is full or broken. Always
// false.
bool store_fail(Store *store, int code, GError **error);

// ---------------------------------------------------------------------------------------------
// Opening.

#define STORE_APPLICATION_ID 0x69646f75  // "idou"

int store_version_newest(void);
// Brings a file from `version` to the newest one, in one transaction.
bool store_migrate(Store *store, GError **error);
bool store_pragma_int(Store *store, const char *sql, int *out, GError **error);
bool store_exec(Store *store, const char *sql, GError **error);
bool store_fields_load(Store *store, GError **error);
// After a rollback: only the first `n_known` of the site's fields are in the file.
void store_fields_forget(Store *store, guint n_known);

// A day or moment that "greater than" can be asked of: all we know, and the last day of all.
static inline int64_t store_known(Instant known_at)
{
  return known_at == INSTANT_OPEN ? INSTANT_OPEN - 1 : known_at;
}

static inline int64_t store_day(Date day)
{
  return day == DATE_OPEN ? DATE_OPEN - 1 : day;
}

#endif
