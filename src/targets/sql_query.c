// SPDX-License-Identifier: GPL-3.0-or-later
//
// Statements: names from the catalogue, values bound; and values in the two forms that they have, the
// database's and the mappings'.
#include "sql_p.h"

#include <sodium.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

typedef struct Param {
  short type;
  size_t size;
  short digits;
  uint16_t *text;  // UTF-16; NULL = NULL
  SQLLEN n_bytes;
  SQLLEN told;  // the same, or that there is none
} Param;

// It may be a password.
static void clear_param(void *data)
{
  Param *param = data;
  if (param->text)
    sodium_memzero(param->text, (size_t)param->n_bytes);
  g_free(param->text);
}

SqlQuery *sql_query_new(const char *text)
{
  SqlQuery *query = g_new(SqlQuery, 1);
  *query = (SqlQuery){g_string_new(text), g_array_new(false, true, sizeof(Param)), false};
  g_array_set_clear_func(query->params, clear_param);
  return query;
}

void sql_query_free(SqlQuery *query)
{
  if (!query)
    return;
  g_string_free(query->text, true);
  g_array_unref(query->params);
  g_free(query);
}

// ---------------------------------------------------------------------------------------------
// Values.

static const struct {
  const char *word;
  bool yes;
} flags[] = {{"1", true},  {"t", true},  {"true", true},   {"y", true},  {"yes", true},
             {"0", false}, {"f", false}, {"false", false}, {"n", false}, {"no", false}};

bool sql_value_read(const SqlField *field, GString *value)
{
  while (field->padded && value->len && value->str[value->len - 1] == ' ')
    g_string_truncate(value, value->len - 1);
  const SqlColumn *said = field->said;
  if (said && said->empty && g_str_equal(value->str, said->empty))
    return false;
  if (field->match != MATCH_BOOLEAN)
    return true;
  if (said && said->yes) {
    if (g_str_equal(value->str, said->yes))
      g_string_assign(value, "TRUE");
    else if (g_str_equal(value->str, said->no))
      g_string_assign(value, "FALSE");
    return true;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
    if (g_ascii_strcasecmp(value->str, flags[i].word) == 0) {
      g_string_assign(value, flags[i].yes ? "TRUE" : "FALSE");
      break;
    }
  return true;
}

// As the database wants it. NULL: it holds nothing.
static const char *value_written(const SqlField *field, const Bytes *value)
{
  const SqlColumn *said = field->said;
  if (!value)
    return said ? said->empty : NULL;
  if (field->match != MATCH_BOOLEAN)
    return value->at;
  const char *yes = said && said->yes ? said->yes : "1", *no = said && said->no ? said->no : "0";
  if (value->n == 4 && g_ascii_strncasecmp(value->at, "TRUE", 4) == 0)
    return yes;
  return value->n == 5 && g_ascii_strncasecmp(value->at, "FALSE", 5) == 0 ? no : value->at;
}

void sql_utf8(const uint16_t *text, size_t n, GString *out)
{
  for (size_t i = 0; i < n; i++) {
    gunichar c = text[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < n && (text[i + 1] & 0xFC00) == 0xDC00)
      c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00u);
    else if (c >= 0xD800 && c < 0xE000)
      c = 0xFFFD;
    if (c < 0x80)
      g_string_append_c(out, (char)c);
    else
      g_string_append_unichar(out, c);
  }
}

// ---------------------------------------------------------------------------------------------
// Putting together.

static void add_param(SqlQuery *query, const SqlField *field, const char *text, size_t n)
{
  glong n_units = 0;
  Param param = {.type = field->type, .size = field->size, .digits = field->digits};
  // Everything beyond our text's characters is the database's to refuse.
  param.text = text ? g_utf8_to_utf16(text, (glong)n, NULL, &n_units, NULL) : NULL;
  param.n_bytes = n_units * (SQLLEN)sizeof *param.text;
  param.told = param.text ? param.n_bytes : SQL_NULL_DATA;
  if (field->is_text)
    param.size = (size_t)MAX(n_units, 1);
  g_array_append_val(query->params, param);
  g_string_append_c(query->text, '?');
}

// Drivers take days in this form only; others become what they like.
static bool day_written(const SqlField *field, const char *text, size_t n, GString *out)
{
  const Attr attr = {.match = field->match};
  if (!text || field->match != MATCH_DATE)
    return false;
  schema_normal(&attr, text, n, out);
  if (out->len != strlen("20270401") || strspn(out->str, "0123456789") != out->len)
    return false;
  g_string_insert_c(out, 6, '-');
  g_string_insert_c(out, 4, '-');
  return true;
}

static size_t length_of(const char *text, const Bytes *value)
{
  return text && value && text == value->at ? value->n : text ? strlen(text) : 0;
}

void sql_query_value(SqlQuery *query, const SqlField *field, const Bytes *value)
{
  const char *text = value_written(field, value);
  size_t n = length_of(text, value);
  g_autoptr(GString) day = g_string_new(NULL);
  query->secret |= sql_field_is_secret(field);
  if (day_written(field, text, n, day))
    add_param(query, field, day->str, day->len);
  else
    add_param(query, field, text, n);
}

void sql_query_equals(SqlQuery *query, const SqlField *field, const Bytes *value)
{
  bool is_written = value_written(field, value) != NULL;
  if (!value)
    g_string_append_printf(query->text, "(%s IS NULL%s", field->quoted, is_written ? " OR " : ")");
  if (!is_written)
    return;
  g_string_append_printf(query->text, "%s = ", field->quoted);
  sql_query_value(query, field, value);
  g_string_append(query->text, value ? "" : ")");
}

void sql_query_only(SqlQuery *query, const SqlShape *shape)
{
  for (guint i = 0; i < shape->table->only->len; i++) {
    const SqlFixed *fixed = &g_array_index(shape->table->only, SqlFixed, i);
    const SqlField *field = sql_shape_field(shape, fixed->column);
    g_string_append_printf(query->text, " AND %s = ", field->quoted);
    add_param(query, field, fixed->value, strlen(fixed->value));
  }
}

void sql_query_append(SqlQuery *query, const SqlQuery *part)
{
  g_string_append(query->text, part->text->str);
  query->secret |= part->secret;
  for (guint i = 0; i < part->params->len; i++) {
    Param param = g_array_index(part->params, Param, i);
    if (param.text) {
      uint16_t *text = g_malloc((size_t)param.n_bytes + sizeof *text);
      memcpy(text, param.text, (size_t)param.n_bytes);
      param.text = text;
    }
    g_array_append_val(query->params, param);
  }
}

bool sql_query_key(SqlQuery *query, const SqlShape *shape, const char *row)
{
  g_auto(GStrv) parts = sql_row_split(shape, row);
  for (guint i = 0; parts && i < shape->key->len; i++) {
    const Bytes part = {strlen(parts[i]), parts[i]};
    if (i)
      g_string_append(query->text, " AND ");
    sql_query_equals(query, shape->key->pdata[i], &part);
  }
  return parts != NULL;
}

// ---------------------------------------------------------------------------------------------
// Names of rows.

char **sql_row_split(const SqlShape *shape, const char *row)
{
  // A key of one column may hold what it likes.
  char **parts = g_strsplit(row, "/", shape->key->len == 1 ? 1 : -1);
  if (g_strv_length(parts) == shape->key->len)
    return parts;
  g_strfreev(parts);
  return NULL;
}

// The value of the place's first name, when it is one of this type; *rest is what stands behind it.
static char *name_of(const char *place, const char *type, const char **rest)
{
  size_t n_rdn = 0, n_type = strlen(type);
  if (!place_split(place, &n_rdn, rest) || n_rdn <= n_type || place[n_type] != '=' ||
      g_ascii_strncasecmp(place, type, n_type) != 0)
    return NULL;
  g_autofree char *value = g_strndup(place + n_type + 1, n_rdn - n_type - 1);
  return place_unescape(value);
}

bool sql_place_split(const TargetConfig *config, const char *dn, char **table, char **row)
{
  const char *rest = dn;
  *row = name_of(dn, "row", &rest);
  const char *below = *row ? rest : dn;
  *table = name_of(below, "table", &rest);
  g_autoptr(GString) base = g_string_new(NULL), is = g_string_new(NULL);
  if (*table && place_key(config->base, strlen(config->base), base) &&
      place_key(rest, strlen(rest), is) && g_string_equal(base, is))
    return true;
  g_clear_pointer(table, g_free);
  g_clear_pointer(row, g_free);
  return false;
}

void sql_place_dn(const TargetConfig *config, const SqlShape *shape, const char *row, GString *out)
{
  g_string_append(out, "row=");
  escape_text(out, row, ESCAPE_DN);
  g_string_append(out, ",table=");
  escape_text(out, shape->table->name, ESCAPE_DN);
  g_string_append_printf(out, ",%s", config->base);
}

// ---------------------------------------------------------------------------------------------
// Running.

static bool bind(SQLHSTMT statement, SqlQuery *query)
{
  for (guint i = 0; i < query->params->len; i++) {
    Param *param = &g_array_index(query->params, Param, i);
    if (!SQL_SUCCEEDED(SQLBindParameter(statement, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT,
                                        SQL_C_WCHAR, param->type, param->size, param->digits,
                                        param->text, param->n_bytes, &param->told)))
      return false;
  }
  return true;
}

void *sql_query_run(SqlLink *link, SqlQuery *query, int *code, GString *words)
{
  SQLHSTMT statement = NULL;
  *code = LDAP_SUCCESS;
  link->hushed = query->secret;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, link->dbc, &statement))) {
    *code = sql_link_code(link, NULL, words);
    return NULL;
  }
  // Not all drivers have it.
  SQLSetStmtAttr(statement, SQL_ATTR_QUERY_TIMEOUT,
                 (SQLPOINTER)(uintptr_t)MAX(link->config->timeout_ms / 1000, 1), 0);
  // Driver managers would convert other text by the locale.
  glong n = 0;
  g_autofree SQLWCHAR *text = g_utf8_to_utf16(query->text->str, -1, NULL, &n, NULL);
  SQLRETURN done =
      bind(statement, query) ? SQLExecDirectW(statement, text, (SQLINTEGER)n) : SQL_ERROR;
  // No row that fits is no fault.
  if (SQL_SUCCEEDED(done) || done == SQL_NO_DATA)
    return statement;
  *code = sql_link_code(link, statement, words);
  sql_query_close(statement);
  return NULL;
}

void sql_query_close(void *statement)
{
  if (statement)
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
}
