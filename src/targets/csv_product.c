// SPDX-License-Identifier: GPL-3.0-or-later
//
// The description of a product, and the settings of the target that names it.
#include "csv_p.h"

#include <stdlib.h>

#define SHRINK_PERCENT 5

const char *const csv_keys[] = {"product", NULL};
static const char *const product_keys[] = {
    "product",   "encoding", "line_end", "separator", "quoting", "header",  "formulas",
    "unchanged", "clear",    "files",    "steps",     "disable", "receipt", NULL};
static const char *const step_keys[] = {"file", "part", NULL};
static const char *const receipt_keys[] = {"taken", "results", NULL};
static const char *const result_keys[] = {"name",    "file", "header",   "key",  "result",
                                          "message", "ok",   "unlisted", "says", NULL};

static const char *const encoding_words[] = {"utf8", "utf8-bom", "cp932", "utf16le", NULL};
static const char *const part_words[] = {"whole", "grow", "shrink", NULL};

static void clear_result(void *data)
{
  CsvResult *result = data;
  g_ptr_array_unref(result->key);
  g_ptr_array_unref(result->ok);
}

static CsvProduct *product_new(void)
{
  CsvProduct *product = g_new0(CsvProduct, 1);
  product->files = g_ptr_array_new_with_free_func(csv_file_free);
  product->steps = g_array_new(false, false, sizeof(CsvStep));
  product->results = g_array_new(false, false, sizeof(CsvResult));
  g_array_set_clear_func(product->results, clear_result);
  product->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  product->demands = g_array_new(true, true, sizeof(Demand));
  product->shrink_percent = SHRINK_PERCENT;
  product->separator = ',';
  product->crlf = true;
  return product;
}

void csv_unconfigure(void *data)
{
  CsvProduct *product = data;
  if (!product)
    return;
  g_ptr_array_unref(product->files);
  g_array_unref(product->steps);
  g_array_unref(product->results);
  g_hash_table_unref(product->rules);
  g_array_unref(product->demands);
  charset_free(product->charset);
  g_free(product);
}

const CsvFile *csv_product_file(const CsvProduct *product, const char *word)
{
  for (size_t i = 0; word && i < product->files->len; i++) {
    const CsvFile *file = product->files->pdata[i];
    if (g_ascii_strcasecmp(file->word, word) == 0)
      return file;
  }
  return NULL;
}

// The file that a key names; a fault when there is none.
static const CsvFile *named_file(ConfigReading *reading, const YamlNode *node,
                                 const CsvProduct *product)
{
  const CsvFile *file = csv_product_file(product, yaml_text(node));
  if (!file && node)
    yaml_fault(reading->yaml, node, reading->findings, "file-unclear",
               _("there is no file “%s” under “files”"), yaml_text(node) ? yaml_text(node) : "");
  return file;
}

// ---------------------------------------------------------------------------------------------

static void read_form(ConfigReading *reading, CsvProduct *product)
{
  static const char *const ends[] = {"crlf", "lf", NULL};
  static const char *const separators[] = {"comma", "tab", "semicolon", NULL};
  int which = CSV_UTF8, end = 0, separator = 0;
  product->name = config_text(reading, reading->node, "product");
  if (!product->name)
    yaml_fault(reading->yaml, reading->node, reading->findings, "key-missing",
               _("the description needs “product”, its name"));
  csv_choice(reading, reading->node, "encoding", encoding_words, &which);
  csv_choice(reading, reading->node, "line_end", ends, &end);
  csv_choice(reading, reading->node, "separator", separators, &separator);
  product->encoding = (CsvEncoding)which;
  product->crlf = end == 0;
  product->separator = ",\t;"[separator];
  reading->config->charset = product->encoding == CSV_CP932 ? "cp932" : "utf8";
  product->charset = charset_new(reading->config->charset);
}

static void read_files(ConfigReading *reading, CsvProduct *product)
{
  CsvStyle style = {.header = true};
  const YamlNode *files = yaml_get(reading->node, "files"), *node = NULL;
  const char *word = NULL;
  csv_style_read(reading, reading->node, &style);
  for (size_t i = 0; yaml_pair(files, i, &word, NULL, &node); i++)
    g_ptr_array_add(product->files, csv_file_read(reading, word, node, &style));
  if (product->files->len == 0)
    yaml_fault(reading->yaml, files ? files : reading->node, reading->findings, "key-missing",
               _("the description needs “files”"));
}

static void read_steps(ConfigReading *reading, CsvProduct *product)
{
  const YamlNode *list = yaml_get(reading->node, "steps");
  for (size_t i = 0; !list && i < product->files->len; i++) {
    CsvStep step = {product->files->pdata[i], CSV_WHOLE};
    g_array_append_val(product->steps, step);
  }
  for (size_t i = 0; i < yaml_count(list); i++) {
    const YamlNode *node = yaml_item(list, i);
    bool is_map = yaml_kind(node) == YAML_MAP;
    int part = CSV_WHOLE;
    if (is_map) {
      yaml_check_keys(reading->yaml, node, step_keys, reading->findings);
      csv_choice(reading, node, "part", part_words, &part);
    }
    CsvStep step = {named_file(reading, is_map ? yaml_get(node, "file") : node, product),
                    (CsvPart)part};
    if (step.file)
      g_array_append_val(product->steps, step);
  }
}

// Each file stands there whole, or once to grow and later once to shrink.
static void check_steps(ConfigReading *reading, const CsvProduct *product)
{
  const YamlNode *list = yaml_get(reading->node, "steps");
  for (size_t i = 0; i < product->files->len; i++) {
    size_t n[3] = {0}, at[3] = {0};
    for (size_t j = 0; j < product->steps->len; j++) {
      const CsvStep *step = &g_array_index(product->steps, CsvStep, j);
      if (step->file != product->files->pdata[i])
        continue;
      n[step->part]++;
      at[step->part] = j;
    }
    bool whole = n[CSV_WHOLE] == 1 && !n[CSV_GROW] && !n[CSV_SHRINK];
    bool parts =
        !n[CSV_WHOLE] && n[CSV_GROW] == 1 && n[CSV_SHRINK] == 1 && at[CSV_GROW] < at[CSV_SHRINK];
    if (!whole && !parts)
      yaml_fault(reading->yaml, list ? list : reading->node, reading->findings, "steps-unclear",
                 _("file “%s” stands in the steps once, or first with “part: grow” and later with "
                   "“part: shrink”"),
                 ((const CsvFile *)product->files->pdata[i])->word);
  }
}

// ---------------------------------------------------------------------------------------------
// Receipts

static void check_result(ConfigReading *reading, const YamlNode *node, const CsvResult *result)
{
  bool rows = result->key->len > 0 && result->result && result->ok->len > 0;
  bool listed = result->key->len > 0 && result->unlisted_done;
  if (!result->name)
    yaml_fault(reading->yaml, node, reading->findings, "result-unclear",
               _("a result needs “name”"));
  if (result->says ? result->key->len > 0 : !rows && !listed)
    yaml_fault(reading->yaml, node, reading->findings, "result-unclear",
               _("a result has either “says”, or “key” with “result” and “ok” (which may be "
                 "missing where only failures are listed: “unlisted: done”)"));
}

static void read_result(ConfigReading *reading, const YamlNode *node, CsvProduct *product)
{
  static const char *const unlisted[] = {"open", "done", NULL}, *const says[] = {"done", "failed",
                                                                                 NULL};
  int open = 0, said = -1;
  CsvResult result = {
      .header = true, .key = csv_words(reading, node, "key"), .ok = csv_words(reading, node, "ok")};
  yaml_check_keys(reading->yaml, node, result_keys, reading->findings);
  result.name = config_text(reading, node, "name");
  result.file = named_file(reading, yaml_get(node, "file"), product);
  yaml_read_bool(reading->yaml, node, "header", reading->findings, &result.header);
  result.result = config_text(reading, node, "result");
  result.message = config_text(reading, node, "message");
  csv_choice(reading, node, "unlisted", unlisted, &open);
  csv_choice(reading, node, "says", says, &said);
  result.unlisted_done = open == 1;
  result.says = said >= 0 ? says[said] : NULL;
  check_result(reading, node, &result);
  g_array_append_val(product->results, result);
}

static void read_receipt(ConfigReading *reading, CsvProduct *product)
{
  static const char *const taken[] = {"removed", "export", NULL};
  const YamlNode *map = yaml_get(reading->node, "receipt");
  int which = 0;
  if (!map)
    return;
  yaml_check_keys(reading->yaml, map, receipt_keys, reading->findings);
  csv_choice(reading, map, "taken", taken, &which);
  product->taken_by_export = which == 1;
  const YamlNode *results = yaml_get(map, "results");
  for (size_t i = 0; i < yaml_count(results); i++)
    read_result(reading, yaml_item(results, i), product);
}

// ---------------------------------------------------------------------------------------------

static void check_refs(ConfigReading *reading, const CsvProduct *product)
{
  for (size_t i = 0; i < product->files->len; i++) {
    const CsvFile *file = product->files->pdata[i];
    for (size_t j = 0; j < file->columns->len; j++) {
      const CsvColumn *column = &g_array_index(file->columns, CsvColumn, j);
      if (column->ref && !csv_product_file(product, column->ref))
        yaml_fault(reading->yaml, reading->node, reading->findings, "file-unclear",
                   _("file “%s”: there is no file “%s” for “ref”"), file->word, column->ref);
    }
  }
}

static void read_description(ConfigReading *reading, CsvProduct *product)
{
  yaml_check_keys(reading->yaml, reading->node, product_keys, reading->findings);
  read_form(reading, product);
  read_files(reading, product);
  read_steps(reading, product);
  check_steps(reading, product);
  check_refs(reading, product);
  config_disable(reading);
  read_receipt(reading, product);
  csv_rules_make(reading, product);
}

static void load_description(ConfigReading *reading, CsvProduct *product)
{
  g_autoptr(GError) error = NULL;
  const char *path = config_path(reading, reading->node, "product");
  config_need(reading, path, "product");
  g_autoptr(Yaml) yaml = path ? yaml_load(path, reading->findings, &error) : NULL;
  if (!yaml) {
    if (error)
      yaml_fault(reading->yaml, yaml_get(reading->node, "product"), reading->findings,
                 "product-unread", "%s", error->message);
    return;
  }
  ConfigReading inner = {yaml, yaml_root(yaml), reading->folder, reading->findings,
                         reading->config};
  if (yaml_kind(inner.node) == YAML_MAP)
    read_description(&inner, product);
  else
    yaml_fault(yaml, inner.node, reading->findings, "not-a-map",
               _("a product's description has “product”, “files” and more at its top"));
}

// The guards say what is wrong with it.
static void read_shrink(ConfigReading *reading, CsvProduct *product)
{
  const char *text = yaml_text(yaml_get(reading->node, "shrink"));
  char *end = NULL;
  double percent = text ? strtod(text, &end) : 0;
  if (text && end != text && percent >= 0 && percent <= 100)
    product->shrink_percent = percent;
}

void *csv_configure(ConfigReading *reading)
{
  CsvProduct *product = product_new();
  g_autofree char *base = g_strconcat("csv=", reading->config->name, NULL);
  reading->config->base = config_keep(reading, base);
  product->folder = config_path(reading, reading->node, "path");
  config_need(reading, product->folder, "path");
  reading->config->path = product->folder;
  read_shrink(reading, product);
  load_description(reading, product);
  // The target's own stands above the product's.
  if (yaml_get(reading->node, "disable"))
    reading->config->disable_attribute = NULL;
  return product;
}
