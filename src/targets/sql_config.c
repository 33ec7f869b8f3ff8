// SPDX-License-Identifier: GPL-3.0-or-later
//
// The settings of an SQL target. Names of columns are only held against the catalogue when it is read.
#include "sql_p.h"

const char *const sql_keys[] = {"connection", "schema", "tables", NULL};
static const char *const table_keys[] = {"table", "schema", "key", "id", "only", "columns", NULL};
static const char *const column_keys[] = {"empty", "flag", "secret", NULL};

static void free_table(void *data)
{
  SqlTable *table = data;
  g_ptr_array_unref(table->key);
  g_array_unref(table->columns);
  g_array_unref(table->only);
  g_free(table);
}

// The words of a list; of a single text the one.
static void read_words(ConfigReading *reading, const YamlNode *node, GPtrArray *out)
{
  const char *one = yaml_text(node);
  if (one)
    g_ptr_array_add(out, (void *)config_keep(reading, one));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++) {
    const char *word = yaml_text(yaml_item(node, i));
    if (word)
      g_ptr_array_add(out, (void *)config_keep(reading, word));
  }
}

static void read_flag(ConfigReading *reading, const YamlNode *node, SqlColumn *column)
{
  g_autoptr(GPtrArray) words = g_ptr_array_new();
  read_words(reading, node, words);
  if (words->len == 2) {
    column->yes = words->pdata[0];
    column->no = words->pdata[1];
  } else if (node) {
    yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
               _("“flag” names two words, first the one that means yes: [\"1\", \"0\"]"));
  }
}

static void read_columns(ConfigReading *reading, const YamlNode *map, SqlTable *table)
{
  const YamlNode *columns = yaml_get(map, "columns"), *node = NULL;
  const char *name = NULL;
  for (size_t i = 0; yaml_pair(columns, i, &name, NULL, &node); i++) {
    SqlColumn column = {.name = config_keep(reading, name)};
    yaml_check_keys(reading->yaml, node, column_keys, reading->findings);
    column.empty = config_text(reading, node, "empty");
    yaml_read_bool(reading->yaml, node, "secret", reading->findings, &column.secret);
    read_flag(reading, yaml_get(node, "flag"), &column);
    g_array_append_val(table->columns, column);
  }
}

static void read_only(ConfigReading *reading, const YamlNode *map, SqlTable *table)
{
  const YamlNode *only = yaml_get(map, "only"), *node = NULL;
  const char *name = NULL;
  for (size_t i = 0; yaml_pair(only, i, &name, NULL, &node); i++) {
    SqlFixed fixed = {config_keep(reading, name), config_keep(reading, yaml_text(node))};
    if (fixed.value)
      g_array_append_val(table->only, fixed);
    else
      yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
                 _("“only” names columns and the value that rows of ours have in each"));
  }
}

static void read_table(ConfigReading *reading, const char *name, const YamlNode *map,
                       SqlConfig *own)
{
  SqlTable *table = g_new0(SqlTable, 1);
  table->name = config_keep(reading, name);
  table->key = g_ptr_array_new();
  table->columns = g_array_new(false, false, sizeof(SqlColumn));
  table->only = g_array_new(false, false, sizeof(SqlFixed));
  g_ptr_array_add(own->tables, table);
  yaml_check_keys(reading->yaml, map, table_keys, reading->findings);
  table->table = config_text(reading, map, "table");
  if (!table->table)
    table->table = table->name;
  table->schema = config_text(reading, map, "schema");
  if (!table->schema)
    table->schema = config_text(reading, reading->node, "schema");
  table->id = config_text(reading, map, "id");
  read_words(reading, yaml_get(map, "key"), table->key);
  if (table->key->len == 0)
    yaml_fault(reading->yaml, map, reading->findings, "key-missing",
               _("table “%s” needs “key”: the columns that tell its rows apart"), name);
  read_columns(reading, map, table);
  read_only(reading, map, table);
}

// A password in there would stand in clear in the site file, and in every list of processes or logs of drivers.
static void check_connection(ConfigReading *reading, const char *connection)
{
  g_auto(GStrv) parts = g_strsplit(connection, ";", -1);
  for (char **part = parts; *part; part++) {
    g_autofree char *key = g_strndup(*part, strcspn(*part, "="));
    g_strstrip(key);
    if (g_ascii_strcasecmp(key, "pwd") == 0 || g_ascii_strcasecmp(key, "password") == 0)
      yaml_fault(reading->yaml, yaml_get(reading->node, "connection"), reading->findings,
                 "secret-in-clear",
                 _("no password belongs into “connection”: name a file as “secret” of “read” and "
                   "“write”"));
  }
}

static void read_tables(ConfigReading *reading, SqlConfig *own)
{
  const YamlNode *tables = yaml_get(reading->node, "tables"), *node = NULL;
  const char *name = NULL;
  for (size_t i = 0; yaml_pair(tables, i, &name, NULL, &node); i++)
    read_table(reading, name, node, own);
  if (own->tables->len == 0)
    yaml_fault(reading->yaml, tables ? tables : reading->node, reading->findings, "key-missing",
               _("a target of type %s needs “tables”: the tables of ours, each with its “key”"),
               reading->config->type);
}

void *sql_configure(ConfigReading *reading)
{
  static const char *const ways[] = {"simple", "external", NULL};
  TargetConfig *config = reading->config;
  SqlConfig *own = g_new0(SqlConfig, 1);
  own->tables = g_ptr_array_new_with_free_func(free_table);
  own->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  own->keys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  own->demands = g_array_new(true, true, sizeof(Demand));
  own->limits = g_new0(Limits, 1);
  g_autoptr(GString) base = g_string_new("sql=");
  escape_text(base, config->name, ESCAPE_DN);
  config->base = config_keep(reading, base->str);
  own->connection = config_text(reading, reading->node, "connection");
  config_need(reading, own->connection, "connection");
  config->uri = own->connection;
  if (own->connection)
    check_connection(reading, own->connection);
  config->external = g_str_equal(config_word(reading, "auth", ways), "external");
  config_accounts(reading);
  read_tables(reading, own);
  return own;
}

void sql_unconfigure(void *data)
{
  SqlConfig *own = data;
  if (!own)
    return;
  g_ptr_array_unref(own->tables);
  g_hash_table_unref(own->known);
  g_hash_table_unref(own->keys);
  g_array_unref(own->demands);
  g_free(own->limits);
  g_free(own);
}

const SqlConfig *sql_config(const TargetConfig *config)
{
  return config->own;
}

int sql_config_rank(const SqlConfig *own, const char *name)
{
  for (guint i = 0; i < own->tables->len; i++)
    if (g_str_equal(((const SqlTable *)own->tables->pdata[i])->name, name))
      return (int)i;
  return -1;
}

const SqlTable *sql_config_table(const SqlConfig *own, const char *name)
{
  int rank = sql_config_rank(own, name);
  return rank < 0 ? NULL : own->tables->pdata[rank];
}
