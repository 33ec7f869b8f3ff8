// SPDX-License-Identifier: GPL-3.0-or-later
//
// SQL databases: what sql_*.c share.
#ifndef IDOU_TARGETS_SQL_P_H
#define IDOU_TARGETS_SQL_P_H

#include "targets_p.h"

// ---------------------------------------------------------------------------------------------
// SQL databases, through ODBC. An entry is a row, "row=KEY,table=TABLE,sql=TARGET"; a key of several columns
// is joined with "/". Column NULL = no value; an empty text is a value.

typedef struct SqlColumn {  // what the site says of a column
  const char *name;
  const char *empty;     // what it holds when there is no value; NULL = NULL
  const char *yes, *no;  // the words of a flag; NULL = as the database has them
  bool secret;           // never read
} SqlColumn;

typedef struct SqlFixed {
  const char *column, *value;
} SqlFixed;

typedef struct SqlTable {
  const char *name;    // as mappings call it
  const char *table;   // as the database does
  const char *schema;  // NULL = where the database looks first
  GPtrArray *key;      // const char *: columns
  const char *id;      // column that stays whatever happens to the row; NULL = none
  GArray *columns;     // SqlColumn
  GArray *only;        // SqlFixed: other rows are none of ours, and for us they are not there
} SqlTable;

typedef enum SqlForm { SQL_FORM_ANY, SQL_FORM_NUMBER, SQL_FORM_DAY } SqlForm;

typedef struct SqlForms {
  size_t n;
  SqlForm forms[];
} SqlForms;

typedef struct SqlConfig {
  const char *connection;  // without passwords
  GPtrArray *tables;       // SqlTable
  // What the catalogue says, once a schema has been asked for: it is the configuration's, as the schema's limits are.
  GHashTable *known;  // "TABLE\nCOLUMN" in lower case, and "TABLE", as a set
  GHashTable *keys;   // table -> SqlForms: how the columns of its key are written
  GArray *demands;    // Demand
  Limits *limits;
} SqlConfig;

extern const char *const sql_keys[];
void *sql_configure(ConfigReading *reading);
void sql_unconfigure(void *own);
const SqlConfig *sql_config(const TargetConfig *config);
const SqlTable *sql_config_table(const SqlConfig *own, const char *name);
int sql_config_rank(const SqlConfig *own,
                    const char *name);  // position in `tables`; -1: there is none

// A column as the catalogue has it.
typedef struct SqlField {
  char *name;    // as written there
  char *quoted;  // as statements want it
  short type;    // of ODBC
  size_t size;   // characters or digits
  short digits;  // behind the point
  MatchRule match;
  bool is_text;
  bool padded;  // with spaces, which mean nothing
  bool needed;  // a row cannot be without
  const SqlColumn *said;
} SqlField;

typedef struct SqlShape {
  const SqlTable *table;
  char *quoted;
  GPtrArray *fields;  // SqlField
  GPtrArray *key;     // of them
  const SqlField *id;
} SqlShape;
void sql_shape_free(void *shape);
bool sql_field_is_secret(const SqlField *field);
const SqlField *sql_shape_field(const SqlShape *shape, const char *name);  // NULL = none

typedef struct SqlLink {
  const TargetConfig *config;
  const SqlConfig *own;
  bool writes;         // with the account for writing; its errors are EXIT_FAILED, else EXIT_UNREAD
  bool lost;           // the connection
  bool hushed;         // the statement on its way binds a secret: words about it may hold that
  void *env, *dbc;     // ODBC's handles
  GHashTable *shapes;  // table -> SqlShape
} SqlLink;

SqlLink *sql_link_open(const TargetConfig *config, bool writes, GError **error);
void sql_link_close(SqlLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SqlLink, sql_link_close)
bool sql_link_reconnect(SqlLink *link, GError **error);
bool sql_link_fingerprint(SqlLink *link, GString *out, GError **error);
// Of a table that the site names; what it says of columns is held against the catalogue.
const SqlShape *sql_shape_of(SqlLink *link, const char *table, GError **error);
bool sql_link_end(SqlLink *link, bool commit);  // the transaction
// What the database said last of the statement (NULL: of the connection), as a code of LDAP; LDAP_SERVER_DOWN when the
// connection is lost.
int sql_link_code(SqlLink *link, void *statement, GString *words);
// "target NAME: WHAT: words". Always false.
bool sql_link_fail(SqlLink *link, void *statement, const char *what, GError **error);

// A statement being put together: identifiers are the catalogue's, values are bound.
typedef struct SqlQuery {
  GString *text;
  GArray *params;  // private
  bool secret;     // binds one
} SqlQuery;

SqlQuery *sql_query_new(const char *text);
void sql_query_free(SqlQuery *query);  // wipes the values
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SqlQuery, sql_query_free)
// Appends "?" for the value, as mappings have it.
void sql_query_value(SqlQuery *query, const SqlField *field, const Bytes *value);
// "COLUMN = ?", or "COLUMN IS NULL" for no value (NULL).
void sql_query_equals(SqlQuery *query, const SqlField *field, const Bytes *value);
void sql_query_only(SqlQuery *query, const SqlShape *shape);  // " AND …" of rows that are ours
// The key's columns, from a row's name. False: it has not as many parts.
bool sql_query_key(SqlQuery *query, const SqlShape *shape, const char *row);
void sql_query_append(SqlQuery *query, const SqlQuery *part);  // copies text and values
// The statement, open; NULL: *code and words say why. Freed by sql_query_close.
void *sql_query_run(SqlLink *link, SqlQuery *query, int *code, GString *words);
void sql_query_close(void *statement);

// What a column holds, as mappings have it. False: no value.
bool sql_value_read(const SqlField *field, GString *value);
// The parts of a row's name, one for each column of the key; NULL: there are not as many. Free with g_strfreev.
char **sql_row_split(const SqlShape *shape, const char *row);
// The table and the row of "row=KEY,table=TABLE,sql=TARGET"; *row NULL: the table itself. Caller frees both.
bool sql_place_split(const TargetConfig *config, const char *dn, char **table, char **row);
void sql_place_dn(const TargetConfig *config, const SqlShape *shape, const char *row, GString *out);
void sql_utf8(const uint16_t *text, size_t n, GString *out);  // appends

// Rows of a table, one after the other.
typedef struct SqlRows SqlRows;

typedef struct SqlChoice {
  const SqlShape *shape;
  GPtrArray *fields;  // SqlField: what is read beside key and id
  SqlQuery *where;    // "… AND …", or NULL = all that are ours
} SqlChoice;

typedef struct SqlRow {
  GString *name;      // the key, joined
  const char *unfit;  // why nobody can speak of it by its key; NULL = all is well
  GString *id;
  GString **values;  // by field; NULL = no value
} SqlRow;
typedef bool (*SqlRowFunc)(const SqlRow *row, void *data, GError **error);

// All of them, or an error (EXIT_UNREAD, EXIT_FAILED when writing): they are counted before.
bool sql_rows_each(SqlLink *link, const SqlChoice *choice, SqlRowFunc func, void *data,
                   GError **error);

bool sql_schema(SqlLink *link, Schema *schema, GPtrArray *classes, GError **error);
bool sql_reader_read(SqlLink *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                     void *data, size_t *n_entries, GError **error);
bool sql_fetch(SqlLink *link, const char *dn, const char *stable_id, const char *attribute,
               Record **out, GError **error);

typedef struct SqlSender SqlSender;

SqlSender *sql_writer_open(const TargetConfig *config, GError **error);
void sql_writer_close(SqlSender *sender);
SqlLink *sql_writer_link(SqlSender *sender);
bool sql_writer_send(SqlSender *sender, Request *const *requests, size_t n_requests, uint64_t token,
                     GError **error);
bool sql_writer_receive(SqlSender *sender, Answer *out);

#endif
