// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tables as the database's catalogue has them. Names in statements come from there, and from nowhere else.
#include "sql_p.h"

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#define NAME_BYTES 512

// How values of a type compare. What is not listed cannot be managed.
static const struct {
  SQLSMALLINT type;
  MatchRule match;
  bool is_text, padded;
} types[] = {
    {SQL_CHAR, MATCH_OCTETS, true, true},
    {SQL_WCHAR, MATCH_OCTETS, true, true},
    {SQL_VARCHAR, MATCH_OCTETS, true, false},
    {SQL_WVARCHAR, MATCH_OCTETS, true, false},
    {SQL_LONGVARCHAR, MATCH_OCTETS, true, false},
    {SQL_WLONGVARCHAR, MATCH_OCTETS, true, false},
    {SQL_INTEGER, MATCH_INTEGER, false, false},
    {SQL_SMALLINT, MATCH_INTEGER, false, false},
    {SQL_TINYINT, MATCH_INTEGER, false, false},
    {SQL_BIGINT, MATCH_INTEGER, false, false},
    {SQL_NUMERIC, MATCH_OCTETS, false, false},
    {SQL_DECIMAL, MATCH_OCTETS, false, false},
    {SQL_BIT, MATCH_BOOLEAN, false, false},
    {SQL_TYPE_DATE, MATCH_DATE, false, false},
    {SQL_TYPE_TIMESTAMP, MATCH_OCTETS, false, false},
    {SQL_GUID, MATCH_IGNORE, false, false},
};

static bool set_type(SqlField *field)
{
  for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
    if (types[i].type != field->type)
      continue;
    field->match = types[i].match;
    field->is_text = types[i].is_text;
    field->padded = types[i].padded;
    return true;
  }
  return false;
}

// ---------------------------------------------------------------------------------------------

static void free_field(void *data)
{
  SqlField *field = data;
  g_free(field->name);
  g_free(field->quoted);
  g_free(field);
}

bool sql_field_is_secret(const SqlField *field)
{
  return (field->said && field->said->secret) || record_is_secret(field->name);
}

void sql_shape_free(void *data)
{
  SqlShape *shape = data;
  if (!shape)
    return;
  g_free(shape->quoted);
  g_ptr_array_unref(shape->fields);
  g_ptr_array_unref(shape->key);
  g_free(shape);
}

const SqlField *sql_shape_field(const SqlShape *shape, const char *name)
{
  for (guint i = 0; shape && i < shape->fields->len; i++)
    if (g_ascii_strcasecmp(((const SqlField *)shape->fields->pdata[i])->name, name) == 0)
      return shape->fields->pdata[i];
  return NULL;
}

static char *quote(const SqlLink *link, const char *name)
{
  SQLCHAR mark[8] = "\"";
  SQLSMALLINT n = 0;
  SQLGetInfo(link->dbc, SQL_IDENTIFIER_QUOTE_CHAR, mark, sizeof mark, &n);
  if (*mark == '\0' || *mark == ' ')
    return g_strdup(name);
  g_autoptr(GString) out = g_string_new((char *)mark);
  for (const char *at = name; *at; at++) {
    if (*at == *(char *)mark)
      g_string_append_c(out, *at);
    g_string_append_c(out, *at);
  }
  g_string_append(out, (char *)mark);
  return g_string_free(g_steal_pointer(&out), false);
}

// A column of what a catalogue function answers, as text; "" for NULL.
static void get_text(SQLHSTMT statement, SQLUSMALLINT column, GString *out)
{
  uint16_t text[NAME_BYTES] = {0};
  SQLLEN n = 0;
  g_string_truncate(out, 0);
  if (SQL_SUCCEEDED(SQLGetData(statement, column, SQL_C_WCHAR, text, sizeof text, &n)) && n > 0)
    sql_utf8(text, MIN((size_t)n / sizeof *text, NAME_BYTES - 1), out);
}

static long get_number(SQLHSTMT statement, SQLUSMALLINT column)
{
  SQLINTEGER number = 0;
  SQLLEN n = 0;
  if (!SQL_SUCCEEDED(SQLGetData(statement, column, SQL_C_SLONG, &number, sizeof number, &n)) ||
      n == SQL_NULL_DATA)
    return 0;
  return number;
}

static const SqlColumn *said_of(const SqlTable *table, const char *name)
{
  for (guint i = 0; i < table->columns->len; i++) {
    const SqlColumn *column = &g_array_index(table->columns, SqlColumn, i);
    if (g_ascii_strcasecmp(column->name, name) == 0)
      return column;
  }
  return NULL;
}

static bool is_fixed(const SqlTable *table, const char *name)
{
  for (guint i = 0; i < table->only->len; i++)
    if (g_ascii_strcasecmp(g_array_index(table->only, SqlFixed, i).column, name) == 0)
      return true;
  return false;
}

// Drivers call texts what they have no other word for: a boolean, a network's address, a word of a list.
static bool is_text(const char *type)
{
  static const char *const words[] = {"char", "text", "clob"};
  g_autofree char *lower = g_ascii_strdown(type, -1);
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (strstr(lower, words[i]))
      return true;
  return false;
}

// One row of SQLColumns; its columns are to be taken in order.
static void add_field(const SqlLink *link, SqlShape *shape, SQLHSTMT statement)
{
  g_autoptr(GString) name = g_string_new(NULL), type = g_string_new(NULL),
                     value = g_string_new(NULL);
  get_text(statement, 4, name);
  long kind = get_number(statement, 5);
  get_text(statement, 6, type);
  long size = get_number(statement, 7), digits = get_number(statement, 9),
       nullable = get_number(statement, 11);
  get_text(statement, 13, value);
  SqlField *field = g_new0(SqlField, 1);
  field->name = g_strdup(name->str);
  field->quoted = quote(link, name->str);
  field->type = (short)kind;
  field->size = (size_t)MAX(size, 0);
  field->digits = (short)digits;
  field->said = said_of(shape->table, name->str);
  bool known = set_type(field);
  field->is_text &= is_text(type->str);
  if (g_str_has_prefix(type->str, "bool") || (field->said && field->said->yes))
    field->match = MATCH_BOOLEAN;
  field->needed = nullable == SQL_NO_NULLS && value->len == 0 && field->match != MATCH_INTEGER &&
                  !is_fixed(shape->table, name->str) && !(field->said && field->said->empty);
  if (known)
    g_ptr_array_add(shape->fields, field);
  else
    free_field(field);
}

static SQLWCHAR *wide(const char *name)
{
  return name ? g_utf8_to_utf16(name, -1, NULL, NULL, NULL) : NULL;
}

static bool read_fields(SqlLink *link, SqlShape *shape, GError **error)
{
  const SqlTable *table = shape->table;
  SQLHSTMT statement = NULL;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, link->dbc, &statement)))
    return sql_link_fail(link, NULL, _("the catalogue cannot be read"), error);
  g_autofree SQLWCHAR *schema = wide(table->schema), *name = wide(table->table);
  bool read = SQL_SUCCEEDED(SQLColumnsW(
      statement, NULL, 0, schema, (SQLSMALLINT)(schema ? SQL_NTS : 0), name, SQL_NTS, NULL, 0));
  SQLRETURN got = read ? SQLFetch(statement) : SQL_ERROR;
  for (; SQL_SUCCEEDED(got); got = SQLFetch(statement)) {
    g_autoptr(GString) found = g_string_new(NULL);
    get_text(statement, 3, found);
    // An underscore stands for any sign in the catalogue's patterns.
    if (g_str_equal(found->str, table->table))
      add_field(link, shape, statement);
  }
  read = got == SQL_NO_DATA;
  if (!read)
    sql_link_fail(link, statement, _("the catalogue cannot be read"), error);
  SQLFreeHandle(SQL_HANDLE_STMT, statement);
  return read;
}

// ---------------------------------------------------------------------------------------------

static bool is_faulty(const SqlLink *link, const SqlShape *shape, const char *text,
                      const char *name, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("target %s: table %s: %s (%s)"), link->config->name,
              shape->table->name, text, name);
  return false;
}

static bool need(const SqlLink *link, const SqlShape *shape, const char *name, GError **error)
{
  return sql_shape_field(shape, name) ||
         is_faulty(link, shape,
                   _("the site file names a column that the database does not have or that holds "
                     "no text, number, flag or date"),
                   name, error);
}

// The same table in two schemas shows as columns that are there twice.
static bool is_single(const SqlLink *link, const SqlShape *shape, GError **error)
{
  for (guint i = 0; i < shape->fields->len; i++) {
    const SqlField *field = shape->fields->pdata[i];
    if (sql_shape_field(shape, field->name) != field)
      return is_faulty(link, shape,
                       _("it is there in several schemas, or a column differs from another by case "
                         "alone: say which with “schema”"),
                       field->name, error);
  }
  return true;
}

static bool check(SqlLink *link, SqlShape *shape, GError **error)
{
  const SqlTable *table = shape->table;
  if (shape->fields->len == 0) {
    // It may come back with a right that was taken: other targets go on meanwhile.
    is_faulty(link, shape, _("the database has no such table, or does not show it to this account"),
              table->table, error);
    if (error && *error)
      (*error)->code = link->writes ? EXIT_FAILED : EXIT_UNREAD;
    return false;
  }
  if (!is_single(link, shape, error))
    return false;
  for (guint i = 0; i < table->key->len; i++)
    if (!need(link, shape, table->key->pdata[i], error))
      return false;
  for (guint i = 0; i < table->columns->len; i++)
    if (!need(link, shape, g_array_index(table->columns, SqlColumn, i).name, error))
      return false;
  for (guint i = 0; i < table->only->len; i++)
    if (!need(link, shape, g_array_index(table->only, SqlFixed, i).column, error))
      return false;
  return !table->id || need(link, shape, table->id, error);
}

static char *quoted_table(const SqlLink *link, const SqlTable *table)
{
  g_autofree char *name = quote(link, table->table);
  g_autofree char *schema = table->schema ? quote(link, table->schema) : NULL;
  return schema ? g_strjoin(".", schema, name, NULL) : g_steal_pointer(&name);
}

const SqlShape *sql_shape_of(SqlLink *link, const char *name, GError **error)
{
  SqlShape *shape = g_hash_table_lookup(link->shapes, name);
  const SqlTable *table = sql_config_table(link->own, name);
  if (shape)
    return shape;
  if (!table) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("target %s: a mapping speaks of table “%s”, which is not among “tables” in the "
                  "site file"),
                link->config->name, name);
    return NULL;
  }
  shape = g_new0(SqlShape, 1);
  shape->table = table;
  shape->fields = g_ptr_array_new_with_free_func(free_field);
  shape->key = g_ptr_array_new();
  shape->quoted = quoted_table(link, table);
  if (!read_fields(link, shape, error) || !check(link, shape, error)) {
    sql_shape_free(shape);
    return NULL;
  }
  for (guint i = 0; i < table->key->len; i++)
    g_ptr_array_add(shape->key, (void *)sql_shape_field(shape, table->key->pdata[i]));
  shape->id = table->id ? sql_shape_field(shape, table->id) : NULL;
  g_hash_table_insert(link->shapes, (void *)table->name, shape);
  return shape;
}

// ---------------------------------------------------------------------------------------------
// What the planner is told.

static void describe_field(const SqlField *field, Attr *attr)
{
  // A column that several tables have is the narrowest of them.
  bool measured = field->match == MATCH_OCTETS && field->is_text && field->size < UINT32_MAX;
  uint32_t max_chars = measured ? (uint32_t)field->size : 0;
  attr->match = !attr->known || attr->match == field->match ? field->match : MATCH_OCTETS;
  attr->single = attr->known = true;
  if (max_chars && (!attr->max_chars || max_chars < attr->max_chars))
    attr->max_chars = max_chars;
}

static void describe(SqlLink *link, Attr *attr)
{
  attr->known = false;
  attr->max_chars = 0;
  if (g_ascii_strcasecmp(attr->name, "row") == 0) {
    *attr = (Attr){.name = attr->name,
                   .match = MATCH_OCTETS,
                   .single = true,
                   .known = true,
                   .from_place = true};
    return;
  }
  for (guint i = 0; i < link->own->tables->len; i++) {
    const SqlTable *table = link->own->tables->pdata[i];
    const SqlField *field =
        sql_shape_field(g_hash_table_lookup(link->shapes, table->name), attr->name);
    if (field)
      describe_field(field, attr);
    if (field && field == ((const SqlShape *)g_hash_table_lookup(link->shapes, table->name))->id)
      attr->readonly = true;
  }
}

static char *known_name(const char *table, const char *column)
{
  g_autofree char *lower = g_ascii_strdown(column, -1);
  return g_strjoin("\n", table, lower, NULL);
}

// Whether an entry is on or off nobody has to say of a new one: that is written with it.
static bool is_switch(const SqlLink *link, const SqlField *field)
{
  const char *name = link->config->disable_attribute;
  return name && g_ascii_strcasecmp(name, field->name) == 0;
}

static SqlForm form_of(const SqlField *field)
{
  bool number =
      field->match == MATCH_INTEGER || field->type == SQL_NUMERIC || field->type == SQL_DECIMAL;
  return number ? SQL_FORM_NUMBER : field->match == MATCH_DATE ? SQL_FORM_DAY : SQL_FORM_ANY;
}

static void note_key(const SqlConfig *own, const SqlShape *shape)
{
  SqlForms *key = g_malloc(sizeof *key + shape->key->len * sizeof *key->forms);
  key->n = shape->key->len;
  for (guint i = 0; i < shape->key->len; i++)
    key->forms[i] = form_of(shape->key->pdata[i]);
  g_hash_table_replace(own->keys, (void *)shape->table->name, key);
}

static void note(const SqlLink *link, const SqlShape *shape)
{
  const SqlConfig *own = link->own;
  g_hash_table_add(own->known, g_strdup(shape->table->name));
  note_key(own, shape);
  for (guint i = 0; i < shape->fields->len; i++) {
    const SqlField *field = shape->fields->pdata[i];
    Demand demand = {shape->table->name, g_intern_string(field->name), false};
    g_hash_table_add(own->known, known_name(shape->table->name, field->name));
    if (field->needed && field != shape->id && !is_switch(link, field) &&
        !g_ptr_array_find(shape->key, field, NULL))
      g_array_append_val(own->demands, demand);
  }
}

static bool has(const Limits *limits, const char *klass, const char *attribute)
{
  const SqlConfig *own = limits->own;
  g_autofree char *name = known_name(klass, attribute);
  return g_ascii_strcasecmp(attribute, "row") == 0 || g_hash_table_contains(own->known, name) ||
         !g_hash_table_contains(own->known, klass);
}

static bool has_form(SqlForm form, const char *part)
{
  Date day;
  const char *number = part + (*part == '-');
  switch (form) {
  case SQL_FORM_NUMBER:
    return g_ascii_isdigit(*number) && (*number != '0' || !g_ascii_isdigit(number[1])) &&
           number[strspn(number, "0123456789.")] == '\0';
  case SQL_FORM_DAY:
    return date_parse_iso(part, &day);
  case SQL_FORM_ANY:
    break;
  }
  return *part != '\0';
}

// A row is known again by its name, letter by letter as the database writes it: of another form it would be made,
// and be nobody's from then on.
static bool refuses_row(const SqlForms *key, const char *row, GString *why)
{
  g_auto(GStrv) parts = g_strsplit(row, "/", key->n == 1 ? 1 : -1);
  if (g_strv_length(parts) != key->n) {
    g_string_printf(
        why, _("“%s” has not a part for each column of the table's key, with “/” between"), row);
    return true;
  }
  for (size_t i = 0; i < key->n; i++) {
    if (has_form(key->forms[i], parts[i]))
      continue;
    g_string_printf(
        why,
        _("“%s” in the row's name is not as the database writes it: days as 2027-04-01, "
          "numbers without zeros in front, nothing empty"),
        parts[i]);
    return true;
  }
  return false;
}

static bool refuses(const Limits *limits, const char *klass, const char *attribute,
                    const char *value, GString *why)
{
  const SqlConfig *own = limits->own;
  const SqlForms *key = g_hash_table_lookup(own->keys, klass);
  return key && g_ascii_strcasecmp(attribute, "row") == 0 && refuses_row(key, value, why);
}

static bool is_kind(const char *klass, const char *of)
{
  return g_str_equal(klass, of);
}

bool sql_schema(SqlLink *link, Schema *schema, GPtrArray *classes, GError **error)
{
  const SqlConfig *own = link->own;
  g_hash_table_remove_all(own->known);
  g_array_set_size(own->demands, 0);
  for (guint i = 0; i < own->tables->len; i++) {
    const SqlTable *table = own->tables->pdata[i];
    const SqlShape *shape = sql_shape_of(link, table->name, error);
    if (!shape)
      return false;
    note(link, shape);
    if (classes)
      g_ptr_array_add(classes, g_strdup(table->name));
  }
  for (size_t id = 0; id < schema_count(schema); id++)
    describe(link, schema_at(schema, (AttrId)id));
  *own->limits = (Limits){.refuses_own = refuses,
                          .is_kind = is_kind,
                          .has = has,
                          .own = own,
                          .demands = (const Demand *)(const void *)own->demands->data};
  schema_set_limits(schema, own->limits);
  return true;
}
