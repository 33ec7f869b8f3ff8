// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows as entries.
#include "sql_p.h"

#define KEYS_AT_ONCE 100

typedef struct Reading {
  SqlLink *link;
  const Scope *scope;
  const Schema *schema;
  ObservedFunc func;
  void *data;
  size_t *n_entries;
  const SqlShape *shape;
  const char *row;     // the place is this row alone; NULL = it is the table
  GPtrArray *fields;   // SqlField
  GArray *attributes;  // AttrId, by field
  AttrId row_attr;
  bool with_row;  // the attribute is asked for
  GString *dn;
} Reading;

static void wrong_place(const Reading *reading, const char *place, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("target %s: “%s” is no place of tables; write table=NAME"),
              reading->link->config->name, place);
}

// What is asked for and the table has. A password is never read, not even as a hash.
static void choose_fields(Reading *reading)
{
  for (const char *const *name = reading->scope->attributes; name && *name; name++) {
    AttrId id = 0;
    const SqlField *field = sql_shape_field(reading->shape, *name);
    if (!schema_find(reading->schema, *name, &id))
      continue;
    if (g_ascii_strcasecmp(*name, "row") == 0) {
      reading->with_row = true;
      reading->row_attr = id;
    } else if (field && !sql_field_is_secret(field)) {
      g_ptr_array_add(reading->fields, (void *)field);
      g_array_append_val(reading->attributes, id);
    }
  }
}

// "0" of the site file and FALSE of the database are the same.
static bool is_off(const TargetConfig *config, const SqlField *field, const GString *value)
{
  if (config->disable_bit)
    return target_is_off(config, value->str, value->len);
  const Attr attr = {.match = field->match};
  g_autoptr(GString) off = g_string_new(config->disable_value);
  return sql_value_read(field, off) &&
         schema_equal(&attr, off->str, off->len, value->str, value->len);
}

static Enabled enabled_of(const Reading *reading, const SqlRow *row)
{
  const TargetConfig *config = reading->link->config;
  for (guint i = 0; config->disable_attribute && i < reading->fields->len; i++) {
    const SqlField *field = reading->fields->pdata[i];
    if (g_ascii_strcasecmp(field->name, config->disable_attribute) != 0)
      continue;
    const GString *value = row->values[i];
    return value && is_off(config, field, value) ? ENABLED_NO : ENABLED_YES;
  }
  return ENABLED_UNMANAGED;
}

static bool deliver(const SqlRow *row, void *data, GError **error)
{
  Reading *reading = data;
  guint n = reading->fields->len, n_told = 0;
  g_autofree Bytes *values = g_new(Bytes, n + 1);
  g_autofree ObservedAttr *attributes = g_new(ObservedAttr, n + 1);
  if (reading->with_row) {
    values[n] = (Bytes){row->name->len, row->name->str};
    attributes[n_told++] = (ObservedAttr){reading->row_attr, 1, &values[n], 0};
  }
  for (guint i = 0; i < n; i++) {
    if (!row->values[i])
      continue;
    values[i] = (Bytes){row->values[i]->len, row->values[i]->str};
    attributes[n_told++] =
        (ObservedAttr){g_array_index(reading->attributes, AttrId, i), 1, &values[i], 0};
  }
  g_string_truncate(reading->dn, 0);
  sql_place_dn(reading->link->config, reading->shape, row->name->str, reading->dn);
  Observed observed = {.dn = {reading->dn->len, reading->dn->str},
                       .stable_id = {row->id->len, row->id->str},
                       .enabled = enabled_of(reading, row),
                       .protected_by = row->unfit ? _(row->unfit) : NULL,
                       .attributes = attributes,
                       .n_attributes = n_told};
  ++*reading->n_entries;
  return reading->func(&observed, reading->data, error);
}

// ---------------------------------------------------------------------------------------------
// Which rows.

// Of a number or a day nobody wrote as one the database would make an error, and of all that is asked with it.
static bool is_of_type(const SqlField *field, const char *value)
{
  static const char *const signs[] = {[MATCH_INTEGER] = "-0123456789", [MATCH_DATE] = "0123456789"};
  Attr attr = {.match = field->match};
  g_autoptr(GString) normal = g_string_new(NULL);
  if (field->match != MATCH_INTEGER && field->match != MATCH_DATE)
    return true;
  schema_normal(&attr, value, strlen(value), normal);
  return normal->len && normal->str[strspn(normal->str, signs[field->match])] == '\0';
}

static bool add_row(const Reading *reading, const char *row, SqlQuery *query)
{
  g_auto(GStrv) parts = sql_row_split(reading->shape, row);
  for (guint i = 0; parts && i < reading->shape->key->len; i++)
    if (!is_of_type(reading->shape->key->pdata[i], parts[i]))
      return false;
  return parts && sql_query_key(query, reading->shape, row);
}

static bool add_key(const Reading *reading, const SqlField *field, const char *value,
                    SqlQuery *query)
{
  const Bytes bytes = {strlen(value), value};
  if (!field)
    return add_row(reading, value, query);
  if (!is_of_type(field, value))
    return false;
  sql_query_equals(query, field, &bytes);
  return true;
}

// Of keys that no row can have nothing is asked.
static bool add_keys(const Reading *reading, const SqlField *field, const char *const *keys,
                     SqlQuery *query)
{
  bool any = false;
  g_string_append(query->text, " AND (");
  for (size_t i = 0; i < KEYS_AT_ONCE && keys[i]; i++) {
    size_t n_before = query->text->len;
    g_string_append(query->text, any ? " OR (" : "(");
    bool added = add_key(reading, field, keys[i], query);
    if (added)
      g_string_append_c(query->text, ')');
    else
      g_string_truncate(query->text, n_before);
    any |= added;
  }
  g_string_append_c(query->text, ')');
  return any;
}

static bool read_rows(Reading *reading, SqlQuery *where, GError **error)
{
  const SqlChoice choice = {reading->shape, reading->fields, where};
  return sql_rows_each(reading->link, &choice, deliver, reading, error);
}

static bool read_keys(Reading *reading, GError **error)
{
  const char *name = reading->scope->key_attribute;
  bool by_row = name && g_ascii_strcasecmp(name, "row") == 0;
  const SqlField *field = name ? sql_shape_field(reading->shape, name) : reading->shape->id;
  if (!by_row && !field)
    return true;
  for (const char *const *keys = reading->scope->keys; *keys;) {
    g_autoptr(SqlQuery) where = sql_query_new("");
    if (add_keys(reading, by_row ? NULL : field, keys, where) && !read_rows(reading, where, error))
      return false;
    for (size_t i = 0; i < KEYS_AT_ONCE && *keys; i++)
      keys++;
  }
  return true;
}

static bool read_one(Reading *reading, GError **error)
{
  g_autoptr(SqlQuery) where = sql_query_new(" AND ");
  size_t n_before = *reading->n_entries;
  if (sql_query_key(where, reading->shape, reading->row) && !read_rows(reading, where, error))
    return false;
  if (*reading->n_entries > n_before)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s: table %s has no row %s"),
              reading->link->config->name, reading->shape->table->name, reading->row);
  return false;
}

static bool is_of_class(const Reading *reading, GError **error)
{
  const char *klass = reading->scope->klass;
  if (!klass || g_str_equal(klass, reading->shape->table->name))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("target %s: entries of table %s are of the class “%s”; “classes” says “%s”"),
              reading->link->config->name, reading->shape->table->name, reading->shape->table->name,
              klass);
  return false;
}

static bool read_from(Reading *reading, GError **error)
{
  g_ptr_array_set_size(reading->fields, 0);
  g_array_set_size(reading->attributes, 0);
  reading->with_row = false;
  choose_fields(reading);
  if (reading->row)
    return read_one(reading, error);
  if (reading->scope->alone)
    return true;
  if (reading->scope->keys)
    return read_keys(reading, error);
  return read_rows(reading, NULL, error);
}

static bool read_place(Reading *reading, const char *place, GError **error)
{
  g_autofree char *dn =
      g_strdup_printf("%s%s%s", place, *place ? "," : "", reading->link->config->base);
  g_autofree char *table = NULL, *row = NULL;
  if (!sql_place_split(reading->link->config, dn, &table, &row)) {
    // The base itself has nothing but tables.
    if (!*place && reading->scope->alone)
      return true;
    wrong_place(reading, place, error);
    return false;
  }
  reading->shape = sql_shape_of(reading->link, table, error);
  reading->row = row;
  return reading->shape && is_of_class(reading, error) && read_from(reading, error);
}

bool sql_reader_read(SqlLink *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                     void *data, size_t *n_entries, GError **error)
{
  g_autoptr(GPtrArray) fields = g_ptr_array_new();
  g_autoptr(GArray) attributes = g_array_new(false, false, sizeof(AttrId));
  g_autoptr(GString) dn = g_string_new(NULL);
  Reading reading = {.link = link,
                     .scope = scope,
                     .schema = schema,
                     .func = func,
                     .data = data,
                     .n_entries = n_entries,
                     .fields = fields,
                     .attributes = attributes,
                     .dn = dn};
  bool read = true;
  for (const char *const *place = scope->places; read && *place; place++)
    read = read_place(&reading, *place, error);
  sql_link_end(link, false);  // and with it the snapshot
  return read;
}

// ---------------------------------------------------------------------------------------------
// One row, whole, for the writer.

typedef struct Fetch {
  const SqlLink *link;
  const SqlChoice *choice;
  Record *record;
  size_t n;
} Fetch;

static bool take(const SqlRow *row, void *data, GError **error)
{
  Fetch *fetch = data;
  (void)error;
  g_autoptr(GString) dn = g_string_new(NULL);
  sql_place_dn(fetch->link->config, fetch->choice->shape, row->name->str, dn);
  g_clear_pointer(&fetch->record, record_free);
  fetch->record = record_new(dn->str, dn->len);
  record_set_stable_id(fetch->record, row->id->str, row->id->len);
  const char *klass = fetch->choice->shape->table->name;
  record_add(fetch->record, "objectClass", klass, strlen(klass));
  record_add(fetch->record, "row", row->name->str, row->name->len);
  for (guint i = 0; i < fetch->choice->fields->len; i++) {
    const SqlField *field = fetch->choice->fields->pdata[i];
    if (row->values[i])
      record_add(fetch->record, field->name, row->values[i]->str, row->values[i]->len);
  }
  fetch->n++;
  return true;
}

static GPtrArray *fields_of(const SqlShape *shape, const char *attribute)
{
  GPtrArray *fields = g_ptr_array_new();
  for (guint i = 0; g_strcmp0(attribute, "1.1") != 0 && i < shape->fields->len; i++)
    if (!sql_field_is_secret(shape->fields->pdata[i]))
      g_ptr_array_add(fields, shape->fields->pdata[i]);
  return fields;
}

bool sql_fetch(SqlLink *link, const char *dn, const char *stable_id, const char *attribute,
               Record **out, GError **error)
{
  g_autofree char *table = NULL, *row = NULL;
  *out = NULL;
  if (!sql_place_split(link->config, dn, &table, &row) || !row)
    return true;
  const SqlShape *shape = sql_shape_of(link, table, error);
  if (!shape)
    return false;
  g_autoptr(GPtrArray) fields = fields_of(shape, attribute);
  g_autoptr(SqlQuery) where = sql_query_new(" AND ");
  const SqlChoice choice = {shape, fields, where};
  Fetch fetch = {link, &choice, NULL, 0};
  if (stable_id && *stable_id && shape->id) {
    const Bytes id = {strlen(stable_id), stable_id};
    sql_query_equals(where, shape->id, &id);
  } else if (!sql_query_key(where, shape, row)) {
    return true;
  }
  bool read = sql_rows_each(link, &choice, take, &fetch, error);
  sql_link_end(link, false);
  if (read && fetch.n > 1) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("target %s: table %s has %zu rows with one key; “key” must tell them apart"),
                link->config->name, table, fetch.n);
    read = false;
  }
  if (read)
    *out = g_steal_pointer(&fetch.record);
  record_free(fetch.record);
  return read;
}
