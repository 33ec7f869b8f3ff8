// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a database tells without being written to. PostgreSQL says what an account may do, and what time it is; others
// are asked for nothing but the login.
#include "sql_p.h"

#include <sql.h>
#include <sqlext.h>

// One number; false when the database does not know the question.
static bool ask_number(SqlLink *link, SqlQuery *query, int64_t *out)
{
  int code;
  g_autoptr(GString) words = g_string_new(NULL);
  SQLHSTMT statement = sql_query_run(link, query, &code, words);
  SQLBIGINT number = 0;
  SQLLEN n = 0;
  bool told = statement && SQL_SUCCEEDED(SQLFetch(statement)) &&
              SQL_SUCCEEDED(SQLGetData(statement, 1, SQL_C_SBIGINT, &number, sizeof number, &n)) &&
              n != SQL_NULL_DATA;
  sql_query_close(statement);
  // What failed has ended the transaction for PostgreSQL.
  sql_link_end(link, false);
  *out = number;
  return told;
}

static bool is_postgres(SqlLink *link)
{
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  return sql_link_fingerprint(link, fingerprint, NULL) && strstr(fingerprint->str, "PostgreSQL");
}

static void look_at_table(SqlLink *link, const SqlShape *shape, Vitals *out)
{
  static const char *const rights[] = {"SELECT", "INSERT", "UPDATE"};
  g_autoptr(GString) name = g_string_new(shape->quoted);
  g_string_replace(name, "'", "''", 0);
  for (size_t i = 0; i < G_N_ELEMENTS(rights); i++) {
    g_autofree char *text =
        g_strdup_printf("SELECT CASE WHEN has_any_column_privilege('%s', '%s') THEN 1 ELSE 0 END",
                        name->str, rights[i]);
    g_autoptr(SqlQuery) query = sql_query_new(text);
    int64_t may = 0;
    if (!ask_number(link, query, &may))
      out->tells_rights = false;
    else if (!may)
      vitals_lack(out, _("%s in table %s"), rights[i], shape->quoted);
  }
}

bool sql_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                Vitals *out, GError **error)
{
  (void)classes;
  (void)n_classes;
  const SqlConfig *own = sql_config(config);
  g_autoptr(SqlLink) link = sql_link_open(config, true, error);
  if (!link)
    return false;
  bool tells = is_postgres(link);
  out->tells_rights = tells;
  for (guint i = 0; i < own->tables->len; i++) {
    const SqlTable *table = own->tables->pdata[i];
    const SqlShape *shape = sql_shape_of(link, table->name, error);
    if (!shape)
      return false;
    if (tells)
      look_at_table(link, shape, out);
  }
  int64_t seconds = 0;
  g_autoptr(SqlQuery) query = sql_query_new("SELECT extract(epoch FROM clock_timestamp())::bigint");
  if (tells && ask_number(link, query, &seconds))
    vitals_clock(out, seconds);
  return true;
}
