// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a product's description says of attributes: how they compare, and what they may hold.
#include "csv_p.h"

static CsvRule *add_rule(CsvProduct *product, const char *attribute, const CsvRule *rule)
{
  CsvRule *made = g_memdup2(rule, sizeof *rule);
  g_hash_table_replace(product->rules, g_ascii_strdown(attribute, -1), made);
  return made;
}

const CsvRule *csv_rule(const CsvProduct *product, const char *attribute)
{
  g_autofree char *lower = g_ascii_strdown(attribute, -1);
  return g_hash_table_lookup(product->rules, lower);
}

static bool is_key(const CsvFile *file, const char *attribute)
{
  for (size_t i = 0; i < file->key->len; i++)
    if (g_ascii_strcasecmp(file->key->pdata[i], attribute) == 0)
      return true;
  return false;
}

static void make_rule(ConfigReading *reading, CsvProduct *product, const CsvFile *file,
                      const CsvColumn *column)
{
  CsvRule rule = {column->match, column->repeat != 0 && column->kind == CSV_ATTRIBUTE,
                  is_key(file, column->attribute), column->only == CSV_EXPORT};
  rule.several |= column->list != NULL;
  const CsvRule *there = csv_rule(product, column->attribute);
  if (!there) {
    add_rule(product, column->attribute, &rule);
    return;
  }
  if (there->match != rule.match || there->several != rule.several || there->key != rule.key ||
      there->readonly != rule.readonly)
    yaml_fault(reading->yaml, reading->node, reading->findings, "column-unclear",
               _("attribute “%s” of file “%s” compares in another way than in a file before it, or "
                 "is a key in one of them only: give it a name of its own"),
               column->attribute, file->word);
}

// Whether an entry is on no rule writes: it follows from its lifecycle.
static void make_demand(const ConfigReading *reading, CsvProduct *product, const CsvFile *file,
                        const CsvColumn *column)
{
  Demand demand = {file->word, column->attribute, column->secret};
  const char *disable = reading->config->disable_attribute;
  if (column->required && !is_key(file, column->attribute) &&
      (!disable || g_ascii_strcasecmp(column->attribute, disable) != 0))
    g_array_append_val(product->demands, demand);
}

static bool is_kind(const char *klass, const char *of)
{
  return !of || g_ascii_strcasecmp(klass, of) == 0;
}

static bool has(const Limits *limits, const char *klass, const char *attribute)
{
  const CsvFile *file = csv_product_file(limits->own, klass);
  return !file || g_ascii_strcasecmp(attribute, CSV_ROW) == 0 || csv_file_column(file, attribute);
}

static bool refuses_own(const Limits *limits, const char *klass, const char *attribute,
                        const char *value, GString *why)
{
  const CsvProduct *product = limits->own;
  const CsvFile *file = csv_product_file(product, klass);
  if (file && g_ascii_strcasecmp(attribute, CSV_ROW) == 0)
    return csv_refuses_row(product, file, value, why);
  const CsvColumn *column = file ? csv_file_column(file, attribute) : NULL;
  return column && csv_refuses(product, column, value, why);
}

void csv_rules_make(ConfigReading *reading, CsvProduct *product)
{
  add_rule(product, CSV_ROW, &(CsvRule){MATCH_EXACT, false, true, false});
  add_rule(product, "objectClass", &(CsvRule){MATCH_IGNORE, true, false, false});
  for (size_t i = 0; i < product->files->len; i++) {
    const CsvFile *file = product->files->pdata[i];
    for (size_t j = 0; j < file->columns->len; j++) {
      const CsvColumn *column = &g_array_index(file->columns, CsvColumn, j);
      if (column->kind != CSV_ATTRIBUTE && column->kind != CSV_SPLIT)
        continue;
      make_rule(reading, product, file, column);
      make_demand(reading, product, file, column);
    }
  }
  product->limits = (Limits){.refuses_own = refuses_own,
                             .is_kind = is_kind,
                             .has = has,
                             .own = product,
                             .demands = (const Demand *)product->demands->data};
}

bool csv_rules(const char *name, Attr *attr, const void *product)
{
  const CsvRule *rule = csv_rule(product, name);
  if (!rule)
    return false;
  attr->match = rule->match;
  attr->single = !rule->several;
  return true;
}

void csv_schema(const CsvProduct *product, Schema *schema, GPtrArray *classes)
{
  schema_set_limits(schema, &product->limits);
  for (size_t id = 0; id < schema_count(schema); id++) {
    Attr *attr = schema_at(schema, (AttrId)id);
    const CsvRule *rule = csv_rule(product, attr->name);
    attr->known = rule != NULL;
    if (!rule)
      continue;
    attr->match = rule->match;
    attr->single = !rule->several;
    attr->from_place = rule->key;
    attr->readonly = rule->readonly;
  }
  for (size_t i = 0; classes && i < product->files->len; i++)
    g_ptr_array_add(classes, g_strdup(((const CsvFile *)product->files->pdata[i])->word));
}
