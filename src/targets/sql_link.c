// SPDX-License-Identifier: GPL-3.0-or-later
//
// A connection to a database.
#include "sql_p.h"

#include <sodium.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#define LOGIN_S 15

// ---------------------------------------------------------------------------------------------
// What the database says when it does not do something.

typedef struct StateRow {
  const char *state;  // SQLSTATE, or how it begins
  int code;
} StateRow;

// The first row that fits. ISO/IEC 9075-2 table 33, PostgreSQL appendix A, ODBC appendix A.
static const StateRow states[] = {
    {"23505", LDAP_ALREADY_EXISTS},
    {"23", LDAP_CONSTRAINT_VIOLATION},
    {"22001", LDAP_CONSTRAINT_VIOLATION},
    {"22", LDAP_INVALID_SYNTAX},
    {"40001", LDAP_BUSY},
    {"40P01", LDAP_BUSY},
    {"40003", LDAP_SERVER_DOWN},
    {"55P03", LDAP_BUSY},
    {"57014", LDAP_TIMELIMIT_EXCEEDED},
    {"57P", LDAP_SERVER_DOWN},
    {"53", LDAP_UNAVAILABLE},
    {"08", LDAP_SERVER_DOWN},
    {"HYT", LDAP_TIMELIMIT_EXCEEDED},
    {"42501", LDAP_INSUFFICIENT_ACCESS},
    {"25006", LDAP_INSUFFICIENT_ACCESS},
    {"28", LDAP_INVALID_CREDENTIALS},
    {"42", LDAP_UNDEFINED_TYPE},
    {"IM", LDAP_UNWILLING_TO_PERFORM},
};

// SQLite's driver says HY000 of everything; the words are SQLite's own, in English everywhere.
static const StateRow words_of_sqlite[] = {
    {"UNIQUE constraint failed", LDAP_ALREADY_EXISTS},
    {"PRIMARY KEY must be unique", LDAP_ALREADY_EXISTS},
    {"constraint failed", LDAP_CONSTRAINT_VIOLATION},
    {"is locked", LDAP_BUSY},
    {"readonly database", LDAP_INSUFFICIENT_ACCESS},
    {"disk is full", LDAP_UNAVAILABLE},
    {"no such", LDAP_UNDEFINED_TYPE},
};

static int code_of(const char *state, const char *text)
{
  for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
    if (g_str_has_prefix(state, states[i].state))
      return states[i].code;
  for (size_t i = 0; i < G_N_ELEMENTS(words_of_sqlite); i++)
    if (strstr(text, words_of_sqlite[i].state))
      return words_of_sqlite[i].code;
  return LDAP_OTHER;
}

// Drivers say of a lost connection whatever they like: so they are asked.
static bool is_dead(const SqlLink *link)
{
  SQLUINTEGER dead = SQL_CD_FALSE;
  return SQLGetConnectAttr(link->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL) == SQL_SUCCESS &&
         dead == SQL_CD_TRUE;
}

// The first line says what is wrong; what follows may show the whole row, and a password in it ("DETAIL: Failing row
// contains (…)").
static void add_words(const SqlLink *link, const char *text, const char *state, GString *out)
{
  size_t n = strcspn(text, "\r\n");
  while (n && strchr("; ", text[n - 1]))
    n--;
  if (link->hushed)
    g_string_append(out, _("what it says may hold a password, and stands in its own log only"));
  else
    g_string_append_len(out, text, (gssize)n);
  g_string_append_printf(out, " (SQLSTATE %s)", state);
}

int sql_link_code(SqlLink *link, void *statement, GString *words)
{
  SQLSMALLINT kind = statement ? SQL_HANDLE_STMT : SQL_HANDLE_DBC;
  int code = LDAP_OTHER;
  for (SQLSMALLINT i = 1; i < 4; i++) {
    SQLWCHAR wide_state[6] = {0}, wide[1024] = {0};
    SQLSMALLINT n = 0;
    SQLINTEGER native = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRecW(kind, statement ? statement : link->dbc, i, wide_state,
                                      &native, wide, G_N_ELEMENTS(wide), &n)))
      break;
    g_autoptr(GString) state = g_string_new(NULL), text = g_string_new(NULL);
    sql_utf8(wide_state, 5, state);
    sql_utf8(wide, (size_t)CLAMP(n, 0, (int)G_N_ELEMENTS(wide) - 1), text);
    if (i == 1)
      code = code_of(state->str, text->str);
    g_string_append(words, i > 1 ? "; " : "");
    add_words(link, text->str, state->str, words);
  }
  if (is_dead(link))
    code = LDAP_SERVER_DOWN;
  link->lost |= code == LDAP_SERVER_DOWN;
  g_strdelimit(words->str, "\t", ' ');
  return code;
}

static bool fail(const SqlLink *link, const char *what, const char *words, GError **error)
{
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, words, ESCAPE_TERMINAL);
  g_set_error(error, IDOU_ERROR, link->writes ? EXIT_FAILED : EXIT_UNREAD, _("target %s: %s: %s"),
              link->config->name, what, shown->str);
  return false;
}

bool sql_link_fail(SqlLink *link, void *statement, const char *what, GError **error)
{
  g_autoptr(GString) words = g_string_new(NULL);
  sql_link_code(link, statement, words);
  return fail(link, what, words->str, error);
}

// ---------------------------------------------------------------------------------------------
// Opening.

// What drivers want in braces, as the ODBC programmer's reference has it, and "+" and "%", which PostgreSQL's would take
// for an encoded form. That one takes braces of no other value than a password: of a user's name only where it must be.
#define PASSWORD_SIGNS "[]{}(),;?*=!@ +%"
#define USER_SIGNS "{};"

static void add_setting(GString *text, const char *key, const char *value, const char *signs)
{
  bool plain = !strpbrk(value, signs);
  g_string_append_printf(text, "%s%s=%s", g_str_has_suffix(text->str, ";") ? "" : ";", key,
                         plain ? "" : "{");
  for (const char *at = value; *at; at++) {
    if (*at == '}')
      g_string_append_c(text, '}');
    g_string_append_c(text, *at);
  }
  g_string_append(text, plain ? ";" : "};");
}

// Exactly as large as it becomes, so that nothing of a password is left behind by growing.
static GString *connection_text(const SqlLink *link, GError **error)
{
  const TargetConfig *config = link->config;
  bool own = link->writes && config->write_dn;
  const char *user = own ? config->write_dn : config->read_dn;
  const char *file = own ? config->write_secret : config->read_secret;
  g_autoptr(Secret) secret = file ? secret_load(file, error) : NULL;
  if (file && !secret)
    return NULL;
  const char *password = secret ? secret_bytes(secret, NULL) : "";
  GString *text = g_string_sized_new(strlen(link->own->connection) +
                                     2 * (strlen(password) + (user ? strlen(user) : 0)) + 64);
  g_string_append(text, link->own->connection);
  if (user)
    add_setting(text, "UID", user, USER_SIGNS);
  if (secret)
    add_setting(text, "PWD", password, PASSWORD_SIGNS);
  return text;
}

static bool connect_now(SqlLink *link, GError **error)
{
  GString *text = connection_text(link, error);
  if (!text)
    return false;
  SQLSetConnectAttr(link->dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)(uintptr_t)LOGIN_S, 0);
  if (!link->writes)
    SQLSetConnectAttr(link->dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)(uintptr_t)SQL_MODE_READ_ONLY,
                      0);
  bool connected = SQL_SUCCEEDED(SQLDriverConnect(link->dbc, NULL, (SQLCHAR *)text->str, SQL_NTS,
                                                  NULL, 0, NULL, SQL_DRIVER_NOPROMPT));
  sodium_memzero(text->str, text->allocated_len);
  g_string_free(text, true);
  return connected || sql_link_fail(link, NULL, _("the database cannot be reached"), error);
}

// What a reading sees must not change while it is read; a writer guards each row itself.
static void isolate(const SqlLink *link)
{
  static const SQLUINTEGER levels[] = {SQL_TXN_REPEATABLE_READ, SQL_TXN_SERIALIZABLE};
  SQLUINTEGER able = 0;
  if (link->writes ||
      !SQL_SUCCEEDED(SQLGetInfo(link->dbc, SQL_TXN_ISOLATION_OPTION, &able, sizeof able, NULL)))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
    if ((able & levels[i]) && SQL_SUCCEEDED(SQLSetConnectAttr(link->dbc, SQL_ATTR_TXN_ISOLATION,
                                                              (SQLPOINTER)(uintptr_t)levels[i], 0)))
      return;
}

static void drop(SqlLink *link)
{
  if (link->dbc) {
    SQLEndTran(SQL_HANDLE_DBC, link->dbc, SQL_ROLLBACK);
    SQLDisconnect(link->dbc);
    SQLFreeHandle(SQL_HANDLE_DBC, link->dbc);
  }
  link->dbc = NULL;
  link->hushed = false;
}

static bool open_now(SqlLink *link, GError **error)
{
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, link->env, &link->dbc)))
    return fail(link, _("ODBC does not begin"), "", error);
  if (!connect_now(link, error))
    return false;
  if (!SQL_SUCCEEDED(SQLSetConnectAttr(link->dbc, SQL_ATTR_AUTOCOMMIT,
                                       (SQLPOINTER)(uintptr_t)SQL_AUTOCOMMIT_OFF, 0)))
    return sql_link_fail(link, NULL, _("the database knows no transactions"), error);
  isolate(link);
  link->lost = false;
  return true;
}

SqlLink *sql_link_open(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(SqlLink) link = g_new0(SqlLink, 1);
  link->config = config;
  link->own = sql_config(config);
  link->writes = writes;
  link->shapes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sql_shape_free);
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &link->env)) ||
      !SQL_SUCCEEDED(SQLSetEnvAttr(link->env, SQL_ATTR_ODBC_VERSION,
                                   (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0))) {
    fail(link, _("ODBC does not begin"), "", error);
    return NULL;
  }
  return open_now(link, error) ? g_steal_pointer(&link) : NULL;
}

void sql_link_close(SqlLink *link)
{
  if (!link)
    return;
  drop(link);
  if (link->env)
    SQLFreeHandle(SQL_HANDLE_ENV, link->env);
  g_hash_table_unref(link->shapes);
  g_free(link);
}

bool sql_link_reconnect(SqlLink *link, GError **error)
{
  drop(link);
  link->lost = true;
  return open_now(link, error);
}

bool sql_link_end(SqlLink *link, bool commit)
{
  link->hushed = false;
  return SQL_SUCCEEDED(
      SQLEndTran(SQL_HANDLE_DBC, link->dbc, (SQLSMALLINT)(commit ? SQL_COMMIT : SQL_ROLLBACK)));
}

// ---------------------------------------------------------------------------------------------
// Which database it is.

static void add_info(const SqlLink *link, const char *what, SQLUSMALLINT type, GString *out)
{
  SQLCHAR text[256] = "";
  SQLSMALLINT n = 0;
  if (SQL_SUCCEEDED(SQLGetInfo(link->dbc, type, text, sizeof text, &n)) && *text)
    g_string_append_printf(out, "%s%s=%s", out->len ? " " : "", what, (char *)text);
}

// What tells one cluster of PostgreSQL from another, and in it a database from one that was made anew from a dump.
static const char *const postgres_ids[] = {
    "SELECT CAST(system_identifier AS varchar) FROM pg_control_system()",
    "SELECT CAST(oid AS varchar) FROM pg_database WHERE datname = current_database()"};

static void ask(SqlLink *link, const char *text, GString *out)
{
  SQLCHAR value[64] = "";
  SQLLEN n = 0;
  int code = 0;
  g_autoptr(SqlQuery) query = sql_query_new(text);
  g_autoptr(GString) words = g_string_new(NULL);
  void *statement = sql_query_run(link, query, &code, words);
  if (statement && SQL_SUCCEEDED(SQLFetch(statement)) &&
      SQL_SUCCEEDED(SQLGetData(statement, 1, SQL_C_CHAR, value, sizeof value, &n)))
    g_string_append_printf(out, " id=%s", (char *)value);
  sql_query_close(statement);
  sql_link_end(link, false);
}

bool sql_link_fingerprint(SqlLink *link, GString *out, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  add_info(link, "dbms", SQL_DBMS_NAME, text);
  bool postgres = strstr(text->str, "PostgreSQL") != NULL;
  add_info(link, "database", SQL_DATABASE_NAME, text);
  if (text->len == 0)
    return sql_link_fail(link, NULL, _("it does not tell which database it is"), error);
  for (size_t i = 0; postgres && i < G_N_ELEMENTS(postgres_ids); i++)
    ask(link, postgres_ids[i], text);
  g_string_append(out, text->str);
  return true;
}
