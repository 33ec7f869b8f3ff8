// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading rows, many at a time. How many there are and how long their texts are is asked first, in the same
// snapshot: so a reading that is cut short or a text that is cut off is noticed.
#include "sql_p.h"

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#define OTHER_CHARS 64             // numbers, dates and flags as text
#define BLOCK_BYTES (1024 * 1024)  // of what is fetched at a time
#define MOST_ROWS 1000

typedef struct Column {
  const SqlField *field;
  size_t n_units;  // of one value, with the zero at its end
  uint16_t *block;
  SQLLEN *lengths;
} Column;

typedef struct Fetching {
  SqlLink *link;
  const SqlChoice *choice;
  GArray *columns;       // Column: key, id, then those asked for
  size_t n_rows;         // in a block
  SQLUSMALLINT *states;  // of each of them
  int64_t n_expected, n_seen;
  SqlRow row;
  GPtrArray *parts;  // GString, by column
} Fetching;

static void clear_column(void *data)
{
  Column *column = data;
  g_free(column->block);
  g_free(column->lengths);
}

static void add_column(Fetching *fetching, const SqlField *field)
{
  Column column = {.field = field, .n_units = OTHER_CHARS};
  g_array_append_val(fetching->columns, column);
  g_ptr_array_add(fetching->parts, g_string_new(NULL));
}

static Column *column_at(const Fetching *fetching, guint i)
{
  return &g_array_index(fetching->columns, Column, i);
}

static void free_text(void *text)
{
  g_string_free(text, true);
}

static void fetching_init(Fetching *fetching, SqlLink *link, const SqlChoice *choice)
{
  *fetching = (Fetching){.link = link, .choice = choice};
  fetching->columns = g_array_new(false, false, sizeof(Column));
  g_array_set_clear_func(fetching->columns, clear_column);
  fetching->parts = g_ptr_array_new_with_free_func(free_text);
  for (guint i = 0; i < choice->shape->key->len; i++)
    add_column(fetching, choice->shape->key->pdata[i]);
  if (choice->shape->id)
    add_column(fetching, choice->shape->id);
  for (guint i = 0; i < choice->fields->len; i++)
    add_column(fetching, choice->fields->pdata[i]);
  fetching->row.name = g_string_new(NULL);
  fetching->row.id = g_string_new(NULL);
  fetching->row.values = g_new0(GString *, choice->fields->len + 1);
}

static void fetching_clear(Fetching *fetching)
{
  g_array_unref(fetching->columns);
  g_ptr_array_unref(fetching->parts);
  g_string_free(fetching->row.name, true);
  g_string_free(fetching->row.id, true);
  g_free(fetching->row.values);
  g_free(fetching->states);
}

static bool short_of(const Fetching *fetching, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, fetching->link->writes ? EXIT_FAILED : EXIT_UNREAD,
              _("target %s: table %s: %s"), fetching->link->config->name,
              fetching->choice->shape->table->name, why);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Statements.

// Each has values of its own: a choice is asked twice.
static void add_where(SqlQuery *query, const Fetching *fetching)
{
  g_string_append_printf(query->text, " FROM %s WHERE 1 = 1", fetching->choice->shape->quoted);
  sql_query_only(query, fetching->choice->shape);
  if (fetching->choice->where)
    sql_query_append(query, fetching->choice->where);
}

static void *run(const Fetching *fetching, SqlQuery *query, GError **error)
{
  int code = 0;
  g_autoptr(GString) words = g_string_new(NULL);
  void *statement = sql_query_run(fetching->link, query, &code, words);
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, words->str, ESCAPE_TERMINAL);
  if (!statement)
    short_of(fetching, shown->str, error);
  return statement;
}

static int64_t number_at(SQLHSTMT statement, SQLUSMALLINT column)
{
  SQLBIGINT number = 0;
  SQLLEN n = 0;
  bool told =
      SQL_SUCCEEDED(SQLGetData(statement, column, SQL_C_SBIGINT, &number, sizeof number, &n));
  return told && n != SQL_NULL_DATA ? number : told ? 0 : -1;
}

static bool measure(Fetching *fetching, GError **error)
{
  g_autoptr(SqlQuery) query = sql_query_new("SELECT COUNT(*)");
  for (guint i = 0; i < fetching->columns->len; i++)
    if (column_at(fetching, i)->field->is_text)
      g_string_append_printf(query->text, ", MAX({fn LENGTH(%s)})",
                             column_at(fetching, i)->field->quoted);
  add_where(query, fetching);
  void *statement = run(fetching, query, error);
  if (!statement)
    return false;
  bool told = SQL_SUCCEEDED(SQLFetch(statement));
  SQLUSMALLINT at = 1;
  fetching->n_expected = told ? number_at(statement, at) : -1;
  for (guint i = 0; told && i < fetching->columns->len; i++) {
    Column *column = column_at(fetching, i);
    int64_t n_chars = column->field->is_text ? number_at(statement, ++at) : 0;
    told = n_chars >= 0;
    // A character beyond the first 65536 takes two; padding does not count as length.
    if (column->field->is_text)
      column->n_units =
          2 * (size_t)MAX(n_chars, column->field->padded ? (int64_t)column->field->size : 0) + 1;
  }
  if (!told || fetching->n_expected < 0)
    sql_link_fail(fetching->link, statement, _("the table's size cannot be told"), error);
  sql_query_close(statement);
  return told && fetching->n_expected >= 0;
}

static void allot(Fetching *fetching)
{
  size_t n_bytes = 1;
  for (guint i = 0; i < fetching->columns->len; i++)
    n_bytes += column_at(fetching, i)->n_units * sizeof(uint16_t) + sizeof(SQLLEN);
  fetching->n_rows = CLAMP(BLOCK_BYTES / n_bytes, 1, MOST_ROWS);
  fetching->n_rows = MIN(fetching->n_rows, (size_t)fetching->n_expected + 1);
  fetching->states = g_new0(SQLUSMALLINT, fetching->n_rows);
  for (guint i = 0; i < fetching->columns->len; i++) {
    Column *column = column_at(fetching, i);
    column->block = g_new0(uint16_t, column->n_units * fetching->n_rows);
    column->lengths = g_new0(SQLLEN, fetching->n_rows);
  }
}

static bool bind(Fetching *fetching, SQLHSTMT statement, SQLULEN *n_fetched)
{
  if (!SQL_SUCCEEDED(
          SQLSetStmtAttr(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)fetching->n_rows, 0)) ||
      !SQL_SUCCEEDED(SQLSetStmtAttr(statement, SQL_ATTR_ROW_STATUS_PTR, fetching->states, 0)) ||
      !SQL_SUCCEEDED(SQLSetStmtAttr(statement, SQL_ATTR_ROWS_FETCHED_PTR, n_fetched, 0)))
    return false;
  for (guint i = 0; i < fetching->columns->len; i++) {
    Column *column = column_at(fetching, i);
    if (!SQL_SUCCEEDED(SQLBindCol(statement, (SQLUSMALLINT)(i + 1), SQL_C_WCHAR, column->block,
                                  (SQLLEN)(column->n_units * sizeof(uint16_t)), column->lengths)))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// A row.

// *value NULL: the column holds none. False: it did not fit.
static bool take_value(const Fetching *fetching, guint i, size_t row, GString **value)
{
  const Column *column = column_at(fetching, i);
  SQLLEN n_bytes = column->lengths[row];
  GString *text = fetching->parts->pdata[i];
  *value = NULL;
  if (n_bytes == SQL_NULL_DATA)
    return true;
  if (n_bytes < 0 || (size_t)n_bytes / sizeof(uint16_t) >= column->n_units)
    return false;
  g_string_truncate(text, 0);
  sql_utf8(column->block + row * column->n_units, (size_t)n_bytes / sizeof(uint16_t), text);
  *value = sql_value_read(column->field, text) ? text : NULL;
  return true;
}

static bool take_key(Fetching *fetching, size_t at)
{
  SqlRow *row = &fetching->row;
  guint n_key = fetching->choice->shape->key->len;
  row->unfit = NULL;
  g_string_truncate(row->name, 0);
  for (guint i = 0; i < n_key; i++) {
    GString *value = NULL;
    if (!take_value(fetching, i, at, &value))
      return false;
    if (!value || value->len == 0)
      row->unfit = N_("a column of its key is empty");
    else if (n_key > 1 && strchr(value->str, '/'))
      row->unfit = N_("a column of its key holds “/”");
    if (i)
      g_string_append_c(row->name, '/');
    g_string_append(row->name, value ? value->str : "");
  }
  return true;
}

static bool take_row(Fetching *fetching, size_t at)
{
  SqlRow *row = &fetching->row;
  guint i = fetching->choice->shape->key->len;
  GString *id = NULL;
  if (!take_key(fetching, at) ||
      (fetching->choice->shape->id && !take_value(fetching, i++, at, &id)))
    return false;
  g_string_assign(row->id, id ? id->str : "");
  for (guint j = 0; j < fetching->choice->fields->len; j++)
    if (!take_value(fetching, i + j, at, &row->values[j]))
      return false;
  return true;
}

static bool take_block(Fetching *fetching, size_t n_fetched, SqlRowFunc func, void *data,
                       GError **error)
{
  for (size_t at = 0; at < n_fetched; at++) {
    if (fetching->states[at] == SQL_ROW_ERROR || !take_row(fetching, at))
      return short_of(fetching,
                      _("a value changed while it was read, or its column's type is not what the "
                        "catalogue says; read again"),
                      error);
    fetching->n_seen++;
    if (!func(&fetching->row, data, error))
      return false;
  }
  return true;
}

static bool fetch_all(Fetching *fetching, SqlRowFunc func, void *data, GError **error)
{
  g_autoptr(SqlQuery) query = sql_query_new("SELECT ");
  for (guint i = 0; i < fetching->columns->len; i++)
    g_string_append_printf(query->text, "%s%s", i ? ", " : "",
                           column_at(fetching, i)->field->quoted);
  add_where(query, fetching);
  void *statement = run(fetching, query, error);
  SQLULEN n_fetched = 0;
  if (!statement)
    return false;
  SQLRETURN got = bind(fetching, statement, &n_fetched) ? SQL_SUCCESS : SQL_ERROR;
  bool fine = true;
  while (fine && SQL_SUCCEEDED(got)) {
    got = SQLFetchScroll(statement, SQL_FETCH_NEXT, 0);
    if (SQL_SUCCEEDED(got))
      fine = take_block(fetching, n_fetched, func, data, error);
  }
  if (fine && got != SQL_NO_DATA)
    fine = sql_link_fail(fetching->link, statement, _("the reading was cut short"), error);
  sql_query_close(statement);
  return fine;
}

static bool read_all(Fetching *fetching, SqlRowFunc func, void *data, GError **error)
{
  if (!measure(fetching, error))
    return false;
  allot(fetching);
  if (!fetch_all(fetching, func, data, error))
    return false;
  if (fetching->n_seen == fetching->n_expected)
    return true;
  g_autofree char *why = g_strdup_printf(
      _("%" G_GINT64_FORMAT " rows were counted and %" G_GINT64_FORMAT " read; read again"),
      fetching->n_expected, fetching->n_seen);
  return short_of(fetching, why, error);
}

bool sql_rows_each(SqlLink *link, const SqlChoice *choice, SqlRowFunc func, void *data,
                   GError **error)
{
  Fetching fetching;
  fetching_init(&fetching, link, choice);
  bool read = read_all(&fetching, func, data, error);
  fetching_clear(&fetching);
  return read;
}
