// SPDX-License-Identifier: GPL-3.0-or-later
//
// One file of a product's description.
#include "csv_p.h"

static const char *const file_keys[] = {
    "out",      "in",      "mode",    "key",      "rows",   "order", "parent",    "fresh",
    "tolerate", "columns", "quoting", "formulas", "header", "clear", "unchanged", NULL};
static const char *const column_keys[] = {
    "header",   "attribute", "fixed",     "id",      "new",     "rename", "always",    "change",
    "split",    "between",   "within",    "headers", "blank",   "max",    "max_bytes", "required",
    "once",     "secret",    "ref",       "match",   "repeat",  "list",   "only",      "optional",
    "formulas", "clear",     "unchanged", "prefix",  "changed", NULL};
static const char *const change_keys[] = {"create", "modify", "delete", NULL};

static const char *const mode_words[] = {"difference", "full", "delete-absent", NULL};
static const char *const only_words[] = {"both", "import", "export", NULL};
static const char *const match_words[] = {"exact",   "ignore", "digits", "integer",
                                          "boolean", "octets", "date",   NULL};
static const MatchRule match_rules[] = {MATCH_EXACT,   MATCH_IGNORE, MATCH_DIGITS, MATCH_INTEGER,
                                        MATCH_BOOLEAN, MATCH_OCTETS, MATCH_DATE};

void csv_choice(ConfigReading *reading, const YamlNode *map, const char *key,
                const char *const *words, int *out)
{
  const char *text = config_text(reading, map, key);
  for (int i = 0; text && words[i]; i++)
    if (g_str_equal(words[i], text)) {
      *out = i;
      return;
    }
  if (!text)
    return;
  g_autofree char *all = g_strjoinv(", ", (char **)words);
  yaml_fault(reading->yaml, yaml_get(map, key), reading->findings, "unknown-value",
             _("“%s” is one of %s, not “%s”"), key, all, text);
}

int csv_number(ConfigReading *reading, const YamlNode *map, const char *key)
{
  int64_t number = 0;
  if (!yaml_read_int(reading->yaml, map, key, reading->findings, &number))
    return 0;
  if (number >= 1 && number <= 1000000)
    return (int)number;
  yaml_fault(reading->yaml, yaml_get(map, key), reading->findings, "number-out-of-range",
             _("%s must be between %d and %d"), key, 1, 1000000);
  return 0;
}

GPtrArray *csv_words(ConfigReading *reading, const YamlNode *map, const char *key)
{
  GPtrArray *words = g_ptr_array_new();
  const YamlNode *node = yaml_get(map, key);
  const char *one = yaml_text(node);
  if (one)
    g_ptr_array_add(words, (void *)config_keep(reading, one));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++) {
    const char *word = yaml_text(yaml_item(node, i));
    if (word)
      g_ptr_array_add(words, (void *)config_keep(reading, word));
    else
      yaml_fault(reading->yaml, yaml_item(node, i), reading->findings, "unknown-value",
                 _("“%s” is a list of words"), key);
  }
  return words;
}

void csv_style_read(ConfigReading *reading, const YamlNode *map, CsvStyle *style)
{
  static const char *const quoting[] = {"needed", "always", "never", NULL};
  static const char *const formulas[] = {"refuse", "apostrophe", "fullwidth", "plain", NULL};
  int which = (int)style->quoting;
  csv_choice(reading, map, "quoting", quoting, &which);
  style->quoting = (CsvQuoting)which;
  which = (int)style->formulas;
  csv_choice(reading, map, "formulas", formulas, &which);
  style->formulas = (CsvFormulas)which;
  // Of a column it is a name.
  if (yaml_kind(yaml_get(map, "columns")) != YAML_NONE ||
      yaml_kind(yaml_get(map, "files")) != YAML_NONE)
    yaml_read_bool(reading->yaml, map, "header", reading->findings, &style->header);
  const char *unchanged = config_text(reading, map, "unchanged"),
             *clear = config_text(reading, map, "clear");
  style->unchanged = unchanged ? unchanged : style->unchanged;
  style->clear = clear ? clear : style->clear;
}

// ---------------------------------------------------------------------------------------------
// Columns

static void column_fault(ConfigReading *reading, const YamlNode *map, const char *key,
                         const char *text)
{
  const YamlNode *node = yaml_get(map, key);
  yaml_fault(reading->yaml, node ? node : map, reading->findings, "column-unclear", "%s", text);
}

static bool is_name(const char *text)
{
  for (const char *at = text; *at; at++)
    if (!g_ascii_isalnum(*at) && *at != '-' && *at != '_')
      return false;
  return g_ascii_isalpha(*text);
}

static void read_name(ConfigReading *reading, const YamlNode *map, const char *key,
                      const char **out)
{
  *out = config_text(reading, map, key);
  if (*out && !is_name(*out))
    column_fault(reading, map, key,
                 _("an attribute's name is made of letters, digits, “-” and “_”, and begins with a "
                   "letter"));
}

static void read_attribute(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  read_name(reading, map, "attribute", &column->attribute);
  column->ref = config_text(reading, map, "ref");
  column->list = config_text(reading, map, "list");
  column->style.prefix = config_text(reading, map, "prefix");
}

static void read_fixed(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  column->text = config_text(reading, map, "fixed");
}

static void read_id(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  column->text = config_text(reading, map, "new");
}

static void read_rename(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  read_name(reading, map, "rename", &column->attribute);
  yaml_read_bool(reading->yaml, map, "always", reading->findings, &column->always);
}

// What changes of a row may be told by a word of its own.
static void read_changed(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  const YamlNode *words = yaml_get(map, "changed"), *node = NULL;
  const char *attribute = NULL;
  if (!words)
    return;
  column->changed = g_array_new(false, false, sizeof(CsvChanged));
  for (size_t i = 0; yaml_pair(words, i, &attribute, NULL, &node); i++) {
    CsvChanged changed = {config_keep(reading, attribute), config_keep(reading, yaml_text(node))};
    if (changed.word)
      g_array_append_val(column->changed, changed);
    else
      column_fault(reading, map, "changed", _("“changed” has a word for each attribute"));
  }
}

static void read_change(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  const YamlNode *words = yaml_get(map, "change");
  if (yaml_kind(words) != YAML_MAP) {
    column_fault(reading, map, "change",
                 _("“change” has words for create, modify and delete below it"));
    return;
  }
  yaml_check_keys(reading->yaml, words, change_keys, reading->findings);
  for (size_t i = 0; change_keys[i]; i++)
    column->words[i] = config_text(reading, words, change_keys[i]);
  read_changed(reading, map, column);
}

static void read_split(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  read_name(reading, map, "split", &column->attribute);
  column->between = config_text(reading, map, "between");
  column->within = config_text(reading, map, "within");
  column->headers = csv_words(reading, map, "headers");
  if (!column->between || !*column->between)
    column_fault(reading, map, "between", _("a split column needs “between”"));
  if (column->headers->len == 0)
    column_fault(reading, map, "headers",
                 _("a split column needs “headers”: one for each column of a part"));
  if (column->headers->len > 1 && (!column->within || !*column->within))
    column_fault(reading, map, "within",
                 _("a part with several columns needs “within”, at which it is cut"));
}

static const struct {
  const char *key;
  void (*read)(ConfigReading *reading, const YamlNode *map, CsvColumn *column);
} kinds[] = {
    [CSV_ATTRIBUTE] = {"attribute", read_attribute},
    [CSV_FIXED] = {"fixed", read_fixed},
    [CSV_ID] = {"id", read_id},
    [CSV_RENAME] = {"rename", read_rename},
    [CSV_CHANGE] = {"change", read_change},
    [CSV_SPLIT] = {"split", read_split},
    [CSV_BLANK] = {"blank", NULL},
};

static bool read_kind(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  size_t n_found = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
    if (!yaml_get(map, kinds[i].key))
      continue;
    column->kind = (CsvKind)i;
    n_found++;
  }
  if (n_found != 1) {
    column_fault(reading, map, "",
                 _("a column is one of attribute, fixed, id, rename, change, split and blank"));
    return false;
  }
  if (kinds[column->kind].read)
    kinds[column->kind].read(reading, map, column);
  return true;
}

static void read_repeat(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  const char *text = yaml_text(yaml_get(map, "repeat"));
  if (g_strcmp0(text, "true") == 0)
    column->repeat = CSV_ENDLESS;
  else if (text)
    column->repeat = csv_number(reading, map, "repeat");
}

static void read_flags(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  const struct {
    const char *key;
    bool *out;
  } flags[] = {{"required", &column->required},
               {"once", &column->once},
               {"secret", &column->secret},
               {"optional", &column->optional}};
  for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
    yaml_read_bool(reading->yaml, map, flags[i].key, reading->findings, flags[i].out);
  // It is of our own making, by chance, and a sign more in front would make it another one.
  if (column->secret)
    column->style.formulas = CSV_PLAIN;
}

static void check_column(ConfigReading *reading, const YamlNode *map, const CsvColumn *column)
{
  if (column->style.header && !column->header && column->kind != CSV_SPLIT)
    column_fault(reading, map, "header", _("a column needs its “header”"));
  if (column->secret && column->attribute && !record_is_secret(column->attribute))
    column_fault(reading, map, "attribute",
                 _("the name of a secret's attribute must end in “password”, so that nothing shows "
                   "or keeps it"));
  if (!column->secret && column->attribute && record_is_secret(column->attribute))
    column_fault(reading, map, "attribute",
                 _("an attribute of this name is a secret: say so with “secret: true”"));
  if (column->list && column->repeat)
    column_fault(reading, map, "list", _("“list” and “repeat” do not go together"));
  if (column->secret && (column->repeat || column->list || column->ref))
    column_fault(reading, map, "secret", _("a secret is one value"));
}

static bool read_column(ConfigReading *reading, const YamlNode *map, CsvColumn *column)
{
  int which = 0;
  if (yaml_kind(map) != YAML_MAP) {
    column_fault(reading, map, "", _("a column is written {header: …, attribute: …}"));
    return false;
  }
  yaml_check_keys(reading->yaml, map, column_keys, reading->findings);
  csv_style_read(reading, map, &column->style);
  column->header = config_text(reading, map, "header");
  if (!read_kind(reading, map, column))
    return false;
  column->max = csv_number(reading, map, "max");
  column->max_bytes = csv_number(reading, map, "max_bytes");
  read_flags(reading, map, column);
  read_repeat(reading, map, column);
  csv_choice(reading, map, "match", match_words, &which);
  column->match = column->ref ? MATCH_DN : match_rules[which];
  which = CSV_BOTH;
  csv_choice(reading, map, "only", only_words, &which);
  column->only = (CsvOnly)which;
  check_column(reading, map, column);
  return column->attribute || column->kind == CSV_FIXED || column->kind == CSV_ID ||
         column->kind == CSV_CHANGE || column->kind == CSV_BLANK;
}

static void clear_column(void *data)
{
  CsvColumn *column = data;
  g_clear_pointer(&column->headers, g_ptr_array_unref);
  g_clear_pointer(&column->changed, g_array_unref);
}

static void read_columns(ConfigReading *reading, const YamlNode *map, CsvFile *file)
{
  const YamlNode *list = yaml_get(map, "columns");
  if (yaml_kind(list) != YAML_LIST || yaml_count(list) == 0)
    yaml_fault(reading->yaml, list ? list : map, reading->findings, "key-missing",
               _("file “%s” needs “columns”, a list"), file->word);
  for (size_t i = 0; yaml_kind(list) == YAML_LIST && i < yaml_count(list); i++) {
    CsvColumn column = {.style = file->style};
    bool read = read_column(reading, yaml_item(list, i), &column);
    if (column.style.prefix && file->mode != CSV_DIFFERENCE)
      column_fault(reading, yaml_item(list, i), "prefix",
                   _("“prefix” goes with “mode: difference”: of all rows those of others would get "
                     "it, too"));
    if (read && column.repeat == CSV_ENDLESS && i + 1 < yaml_count(list))
      column_fault(reading, yaml_item(list, i), "repeat",
                   _("only the last column may be there as often as there are values"));
    if (read)
      g_array_append_val(file->columns, column);
    else
      clear_column(&column);
  }
}

// ---------------------------------------------------------------------------------------------
// The file

void csv_file_free(void *data)
{
  CsvFile *file = data;
  g_ptr_array_unref(file->key);
  g_ptr_array_unref(file->order);
  g_ptr_array_unref(file->tolerate);
  g_array_unref(file->columns);
  g_free(file);
}

const CsvColumn *csv_file_column(const CsvFile *file, const char *attribute)
{
  for (size_t i = 0; i < file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(file->columns, CsvColumn, i);
    if ((column->kind == CSV_ATTRIBUTE || column->kind == CSV_SPLIT) &&
        g_ascii_strcasecmp(column->attribute, attribute) == 0)
      return column;
  }
  return NULL;
}

const CsvColumn *csv_file_kind(const CsvFile *file, CsvKind kind)
{
  for (size_t i = 0; i < file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(file->columns, CsvColumn, i);
    if (column->kind == kind)
      return column;
  }
  return NULL;
}

bool csv_file_deletes(const CsvFile *file)
{
  const CsvColumn *flag = csv_file_kind(file, CSV_CHANGE);
  return file->mode == CSV_DELETE_ABSENT || (flag && flag->words[CSV_DELETE]);
}

static void file_fault(ConfigReading *reading, const YamlNode *map, const char *key,
                       const char *text)
{
  const YamlNode *node = yaml_get(map, key);
  yaml_fault(reading->yaml, node ? node : map, reading->findings, "file-unclear", "%s", text);
}

static void check_known(ConfigReading *reading, const YamlNode *map, const CsvFile *file)
{
  const struct {
    const char *key;
    const GPtrArray *names;
  } lists[] = {{"key", file->key}, {"order", file->order}};
  for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
    for (size_t j = 0; j < lists[i].names->len; j++) {
      const CsvColumn *column = csv_file_column(file, lists[i].names->pdata[j]);
      if (!column || column->secret)
        file_fault(reading, map, lists[i].key, _("it names an attribute that no column holds"));
      else if (i == 0 && (column->kind != CSV_ATTRIBUTE || column->repeat || column->list))
        file_fault(reading, map, lists[i].key, _("a key has one value in one column"));
    }
  if (file->parent && !csv_file_column(file, file->parent))
    file_fault(reading, map, "parent", _("it names an attribute that no column holds"));
}

static void check_file(ConfigReading *reading, const YamlNode *map, const CsvFile *file)
{
  if (!file->out)
    file_fault(reading, map, "", _("a file needs “out”, its name in a set"));
  else if (strchr(file->out, '/') || *file->out == '.')
    file_fault(reading, map, "out", _("a name of a file holds no “/” and begins with no “.”"));
  if (file->key->len == 0)
    file_fault(reading, map, "",
               _("a file needs “key”: the attributes by which the product knows a row"));
  if (file->rows && file->mode != CSV_DIFFERENCE)
    file_fault(
        reading, map, "rows",
        _("a file with all rows cannot be cut: the product would take the rows of the others "
          "for gone"));
  if (file->rows && file->out && !strstr(file->out, "{part}"))
    file_fault(reading, map, "out", _("where there may be several files, “out” needs “{part}”"));
  check_known(reading, map, file);
}

CsvFile *csv_file_read(ConfigReading *reading, const char *word, const YamlNode *map,
                       const CsvStyle *style)
{
  int which = CSV_DIFFERENCE;
  CsvFile *file = g_new0(CsvFile, 1);
  yaml_check_keys(reading->yaml, map, file_keys, reading->findings);
  file->word = config_keep(reading, word);
  file->style = *style;
  csv_style_read(reading, map, &file->style);
  file->out = config_text(reading, map, "out");
  file->in = config_text(reading, map, "in");
  csv_choice(reading, map, "mode", mode_words, &which);
  file->mode = (CsvMode)which;
  file->rows = csv_number(reading, map, "rows");
  file->fresh_days = file->mode == CSV_DIFFERENCE ? 0 : 2;
  yaml_read_days(reading->yaml, map, "fresh", reading->findings, &file->fresh_days);
  file->key = csv_words(reading, map, "key");
  file->order = csv_words(reading, map, "order");
  file->tolerate = csv_words(reading, map, "tolerate");
  file->parent = config_text(reading, map, "parent");
  file->columns = g_array_new(false, false, sizeof(CsvColumn));
  g_array_set_clear_func(file->columns, clear_column);
  read_columns(reading, map, file);
  check_file(reading, map, file);
  return file;
}
