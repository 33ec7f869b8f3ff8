// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_p.h"

#include <string.h>

enum { HEADER_LINE_MAX = 100 };

static const char *const kind_names[] = {
    [LAYOUT_ROSTER] = "roster",   [LAYOUT_ORDERS] = "orders",
    [LAYOUT_UNITS] = "units",     [LAYOUT_REORGANISATION] = "reorganisation",
    [LAYOUT_DETAILS] = "details",
};

// Columns without which a kind of file says nothing.
static const WordId must_have[][5] = {
    [LAYOUT_ROSTER] = {WORD_NUMBER, WORD_NAME, WORD_UNIT, WORD_NONE},
    [LAYOUT_ORDERS] = {WORD_ORDER_DATE, WORD_ORDER_KIND, WORD_NUMBER, WORD_NONE},
    [LAYOUT_UNITS] = {WORD_CODE, WORD_UNIT_NAME, WORD_NONE},
    [LAYOUT_REORGANISATION] = {WORD_OLD_CODE, WORD_NEW_CODE, WORD_CHANGE, WORD_EFFECTIVE,
                               WORD_NONE},
    [LAYOUT_DETAILS] = {WORD_NONE},
};

static const WordId usual_keys[][6] = {
    [LAYOUT_ROSTER] = {WORD_NUMBER, WORD_ROLE, WORD_UNIT, WORD_NONE},
    [LAYOUT_ORDERS] = {WORD_ORDER_NUMBER, WORD_NONE},
    [LAYOUT_UNITS] = {WORD_CODE, WORD_VALID_FROM, WORD_PROVISIONAL, WORD_NONE},
    [LAYOUT_REORGANISATION] = {WORD_OLD_CODE, WORD_NEW_CODE, WORD_EFFECTIVE, WORD_NONE},
    [LAYOUT_DETAILS] = {WORD_NUMBER, WORD_CODE, WORD_NONE},
};

// Units without code are told apart by what else names them.
static const WordId provisional_key[] = {WORD_CODE,   WORD_VALID_FROM, WORD_PROVISIONAL,
                                         WORD_PARENT, WORD_UNIT_NAME,  WORD_NONE};

static const char *const keys[] = {
    "layout",    "kind",       "space",       "files",        "encoding",        "separator",
    "full",      "trim",       "dates",       "date_in_name", "columns",         "ignore",
    "own",       "key",        "decides",     "trailer",      "count_file",      "kinds",
    "era_codes", "beyond_era", "header_line", "empty_lines",  "trailing_commas", "line_breaks",
    "series",    "resend",     "mode",        "set_in_name",  "cover_note",      "needs",
    "max_term",  "yields",     "unit_prefix", NULL,
};

static const struct {
  const char *name;
  size_t offset;
} form_names[] = {
    {"iso", offsetof(DateForms, iso)},         {"slash", offsetof(DateForms, slash)},
    {"compact", offsetof(DateForms, compact)}, {"wareki", offsetof(DateForms, wareki)},
    {"excel", offsetof(DateForms, excel)},     {"era_code", offsetof(DateForms, era_code)},
};

const char *layout_kind_name(LayoutKind kind)
{
  return kind_names[kind];
}

const WordId *layout_must_have(LayoutKind kind)
{
  return must_have[kind];
}

const Column *layout_word(const Layout *layout, WordId word)
{
  int slot = layout->slots[word];
  return slot < 0 ? NULL : layout_column(layout, (size_t)slot);
}

const OrderKind *layout_order_kind(const Layout *layout, const char *code)
{
  for (size_t i = 0; i < layout->kinds->len; i++)
    if (g_str_equal(g_array_index(layout->kinds, OrderKind, i).code, code))
      return &g_array_index(layout->kinds, OrderKind, i);
  return NULL;
}

const char *layout_name(const Layout *layout)
{
  return layout->name;
}

WordId layout_subject(const Layout *layout)
{
  return layout->slots[WORD_OLD_CODE] >= 0 ? WORD_OLD_CODE
         : layout->slots[WORD_CODE] >= 0   ? WORD_CODE
                                           : WORD_NUMBER;
}

LayoutKind layout_kind(const Layout *layout)
{
  return layout->kind;
}

const char *layout_space(const Layout *layout)
{
  return layout->space;
}

const char *layout_files(const Layout *layout)
{
  return layout->files;
}

const char *const *layout_fields(const Layout *layout)
{
  return (const char *const *)layout->fields->pdata;
}

// The index of the word, 0 when the key is missing or wrong.
static int read_choice(const Layout *layout, const YamlNode *root, const char *key,
                       const char *const *choices, Findings *findings)
{
  const char *text = NULL;
  if (!yaml_read_text(layout->yaml, root, key, findings, &text))
    return 0;
  for (int i = 0; choices[i]; i++)
    if (g_str_equal(choices[i], text))
      return i;
  g_autofree char *all = g_strjoinv(", ", (char **)choices);
  yaml_fault(layout->yaml, yaml_get(root, key), findings, "layout-choice",
             _("%s: “%s” is none of %s"), key, text, all);
  return 0;
}

void layout_read_forms(const Layout *layout, const YamlNode *node, Findings *findings,
                       DateForms *forms)
{
  for (size_t i = 0; i < G_N_ELEMENTS(form_names); i++)
    *(bool *)((char *)forms + form_names[i].offset) = false;
  if (yaml_kind(node) != YAML_LIST)
    yaml_fault(layout->yaml, node, findings, "layout-dates",
               _("dates: a list of forms is wanted, as [compact, wareki]"));
  for (size_t n = 0; n < yaml_count(node) && yaml_kind(node) == YAML_LIST; n++) {
    const char *name = yaml_text(yaml_item(node, n));
    size_t i = 0;
    while (i < G_N_ELEMENTS(form_names) && g_strcmp0(name, form_names[i].name) != 0)
      i++;
    if (i < G_N_ELEMENTS(form_names))
      *(bool *)((char *)forms + form_names[i].offset) = true;
    else
      yaml_fault(layout->yaml, yaml_item(node, n), findings, "layout-dates",
                 _("no form of dates is called that; there are iso, slash, compact, wareki, "
                   "excel and era_code"));
  }
}

static void read_era_codes(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *map = yaml_get(root, "era_codes"), *value, *key_node;
  const char *key;
  for (size_t i = 0; map && yaml_pair(map, i, &key, &key_node, &value); i++) {
    const char *era = yaml_text(value);
    if (strlen(key) == 1 && g_ascii_isdigit(*key) && era && strlen(era) == 1 &&
        strchr("MTSHR", *era))
      layout->forms.era_codes[*key - '0'] = *era;
    else
      yaml_fault(layout->yaml, key_node, findings, "layout-era-code",
                 _("era_codes: a digit and the letter of its era are wanted, as 5: R (M T S H R)"));
  }
}

static void read_dates(Layout *layout, const YamlNode *root, Findings *findings)
{
  const char *pattern = NULL;
  read_era_codes(layout, root, findings);
  yaml_read_bool(layout->yaml, root, "beyond_era", findings, &layout->forms.beyond_era);
  if (yaml_get(root, "dates"))
    layout_read_forms(layout, yaml_get(root, "dates"), findings, &layout->forms);
  if (!yaml_read_text(layout->yaml, root, "date_in_name", findings, &pattern))
    return;
  const char *hole = strstr(pattern, "{date}");
  if (!hole) {
    yaml_fault(layout->yaml, yaml_get(root, "date_in_name"), findings, "layout-date-in-name",
               _("{date} must stand where the file name has its date"));
    return;
  }
  layout->dated = DATED_BY_NAME;
  layout->name_before = g_string_chunk_insert_len(layout->text, pattern, hole - pattern);
  layout->name_after = g_string_chunk_insert(layout->text, hole + strlen("{date}"));
}

static void read_count_file(Layout *layout, const YamlNode *root, Findings *findings)
{
  static const char *const count_keys[] = {"name", "required", NULL};
  const YamlNode *node = yaml_get(root, "count_file");
  if (!node)
    return;
  if (yaml_kind(node) == YAML_MAP) {
    yaml_check_keys(layout->yaml, node, count_keys, findings);
    yaml_read_text(layout->yaml, node, "name", findings, &layout->count_file);
    yaml_read_bool(layout->yaml, node, "required", findings, &layout->count_required);
  } else {
    layout->count_file = yaml_text(node);
  }
  if (!layout->count_file || !strstr(layout->count_file, "{name}") ||
      strchr(layout->count_file, '/'))
    yaml_fault(layout->yaml, node, findings, "layout-count-file",
               _("count_file: a file name is wanted, as {name}.count or {name}.csv.count; {name} "
                 "stands for the name of the file without .csv"));
}

static void read_trailer(Layout *layout, const YamlNode *root, Findings *findings)
{
  static const char *const trailer_keys[] = {"match", "count_column", NULL};
  const YamlNode *node = yaml_get(root, "trailer");
  int64_t column = 0;
  read_count_file(layout, root, findings);
  if (!node)
    return;
  yaml_check_keys(layout->yaml, node, trailer_keys, findings);
  yaml_read_text(layout->yaml, node, "match", findings, &layout->trailer.match);
  yaml_read_int(layout->yaml, node, "count_column", findings, &column);
  layout->trailer.count_column = (int)CLAMP(column, 0, 1000);
  if (!layout->trailer.match || column < 1)
    yaml_fault(layout->yaml, node, findings, "layout-trailer",
               _("trailer: match (what its first cell says) and count_column (2 is the second "
                 "cell) are wanted"));
}

static WordId read_word(const Layout *layout, const YamlNode *node, Findings *findings)
{
  const char *name = yaml_text(node);
  WordId word = name ? word_find(name) : WORD_NONE;
  if (word == WORD_NONE || layout->slots[word] < 0)
    yaml_fault(layout->yaml, node, findings, "layout-no-column",
               _("no column of this layout has this field"));
  return word != WORD_NONE && layout->slots[word] >= 0 ? word : WORD_NONE;
}

static void read_key(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *list = yaml_get(root, "key");
  // Orders that nobody numbers have a key of their own.
  bool found = layout->kind == LAYOUT_ORDERS ? list || layout->slots[WORD_ORDER_NUMBER] >= 0
                                             : !list || layout->kind == LAYOUT_DETAILS;
  for (size_t i = 0; list && i < yaml_count(list); i++) {
    WordId word = read_word(layout, yaml_item(list, i), findings);
    found = found || word == *usual_keys[layout->kind];
    if (word != WORD_NONE)
      g_array_append_val(layout->key, word);
  }
  if (!found)
    yaml_fault(layout->yaml, list ? list : root, findings, "layout-key",
               _("the key must have the field “%s”"), word_traits[*usual_keys[layout->kind]].name);
  if (list)
    return;
  const Column *code = layout_word(layout, WORD_CODE);
  const WordId *usual = code && code->provisional ? provisional_key : usual_keys[layout->kind];
  for (const WordId *word = usual; *word != WORD_NONE; word++)
    // Without a role a person has one row.
    if (layout->slots[*word] >= 0 && (*word != WORD_UNIT || layout->slots[WORD_ROLE] >= 0))
      g_array_append_val(layout->key, *word);
}

static int find_own(const Layout *layout, const char *name)
{
  for (size_t i = 0; name && i < layout->own->len; i++)
    if (g_str_equal(g_array_index(layout->own, OwnField, i).name, name))
      return (int)i;
  return -1;
}

static void read_decides(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *list = yaml_get(root, "decides");
  if (list && layout->kind != LAYOUT_ROSTER)
    yaml_fault(layout->yaml, list, findings, "layout-decides",
               _("only a roster decides fields; an order decides all that its row says"));
  for (size_t i = 0; list && i < yaml_count(list); i++) {
    int own = find_own(layout, yaml_text(yaml_item(list, i)));
    if (own >= 0) {
      layout->own_decides |= UINT64_C(1) << own;
      continue;
    }
    WordId word = read_word(layout, yaml_item(list, i), findings);
    if (word != WORD_NONE)
      layout->decides |= BIT_OF(word);
  }
}

static void read_own(Layout *layout, const YamlNode *root, Findings *findings)
{
  static const char *const places[] = {
      [PLACE_PERSON] = "person", [PLACE_POST] = "post", [PLACE_UNIT] = "unit"};
  const YamlNode *map = yaml_get(root, "own"), *value, *key_node;
  const char *key;
  for (size_t i = 0; map && yaml_pair(map, i, &key, &key_node, &value); i++) {
    WordPlace place = PLACE_PERSON;
    while (place <= PLACE_UNIT && g_strcmp0(places[place], yaml_text(value)) != 0)
      place++;
    bool fits =
        (place == PLACE_UNIT) == (layout->kind == LAYOUT_UNITS) || layout->kind == LAYOUT_DETAILS;
    if (place > PLACE_UNIT || !fits || i >= 64)
      yaml_fault(layout->yaml, value, findings, "layout-own",
                 _("a field of your own belongs to a person or a post (in a layout of units: to a "
                   "unit)"));
    else if (word_find(key) != WORD_NONE)
      yaml_fault(layout->yaml, key_node, findings, "layout-own", _("this field exists already"));
    else
      g_array_append_vals(layout->own, &(OwnField){key, place}, 1);
  }
}

static void read_needs(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *list = yaml_get(root, "needs");
  for (size_t i = 0; list && i < yaml_count(list); i++) {
    WordId word = read_word(layout, yaml_item(list, i), findings);
    if (word != WORD_NONE)
      layout->needs |= BIT_OF(word);
  }
  const YamlNode *yields = yaml_get(root, "yields");
  if (yaml_kind(yields) == YAML_SCALAR)
    yaml_read_bool(layout->yaml, root, "yields", findings, &layout->yields_all);
  for (size_t i = 0; yaml_kind(yields) == YAML_LIST && i < yaml_count(yields); i++) {
    WordId word = read_word(layout, yaml_item(yields, i), findings);
    if (word != WORD_NONE)
      layout->yields |= BIT_OF(word);
  }
  yaml_read_days(layout->yaml, root, "max_term", findings, &layout->max_term_days);
}

static void require_text(const Layout *layout, const YamlNode *root, const char *key,
                         Findings *findings, const char **out)
{
  if (!yaml_get(root, key))
    yaml_fault(layout->yaml, root, findings, "layout-missing", _("the key “%s” is missing"), key);
  else
    yaml_read_text(layout->yaml, root, key, findings, out);
  if (!*out)
    *out = "";
}

static void read_head(Layout *layout, const YamlNode *root, Findings *findings)
{
  static const char *const kinds[] = {"roster",         "orders",  "units",
                                      "reorganisation", "details", NULL};
  static const char *const encodings[] = {"utf8", "cp932", "utf16le", "eucjp", NULL};
  static const char *const separators[] = {"comma", "tab", NULL};
  const char *unused = NULL;
  require_text(layout, root, "layout", findings, &layout->name);
  require_text(layout, root, "space", findings, &layout->space);
  require_text(layout, root, "files", findings, &layout->files);
  require_text(layout, root, "kind", findings, &unused);
  require_text(layout, root, "encoding", findings, &unused);
  layout->kind = (LayoutKind)read_choice(layout, root, "kind", kinds, findings);
  layout->encoding = (Encoding)read_choice(layout, root, "encoding", encodings, findings);
  layout->separator = read_choice(layout, root, "separator", separators, findings) ? '	' : ',';
  yaml_read_text(layout->yaml, root, "unit_prefix", findings, &layout->unit_prefix);
  yaml_read_bool(layout->yaml, root, "full", findings, &layout->full);
  yaml_read_bool(layout->yaml, root, "trim", findings, &layout->trim);
}

// What a file's shape may be beyond a header on line 1 and a row a line.
static void read_shape(Layout *layout, const YamlNode *root, Findings *findings)
{
  static const char *const empty_lines[] = {"reject", "skip", NULL};
  static const char *const line_breaks[] = {"reject", "space", NULL};
  int64_t header_line = 1;
  yaml_read_int(layout->yaml, root, "header_line", findings, &header_line);
  if (header_line < 1 || header_line > HEADER_LINE_MAX)
    yaml_fault(layout->yaml, yaml_get(root, "header_line"), findings, "layout-header-line",
               _("header_line: the number of the line on which the header stands, 1 to %d"),
               HEADER_LINE_MAX);
  layout->header_line = (int)CLAMP(header_line, 1, HEADER_LINE_MAX);
  layout->skip_empty = read_choice(layout, root, "empty_lines", empty_lines, findings) == 1;
  layout->breaks_as_space = read_choice(layout, root, "line_breaks", line_breaks, findings) == 1;
  yaml_read_bool(layout->yaml, root, "trailing_commas", findings, &layout->trailing);
}

static void check_whole(Layout *layout, const YamlNode *root, Findings *findings)
{
  for (const WordId *word = must_have[layout->kind]; *word != WORD_NONE; word++)
    if (layout->slots[*word] < 0)
      yaml_fault(layout->yaml, root, findings, "layout-no-column",
                 _("no column has the field “%s”, without which this kind of file says nothing"),
                 word_traits[*word].name);
  if (layout->slots[WORD_FILE_DATE] >= 0 && layout->dated == DATED_BY_NAME)
    yaml_fault(layout->yaml, yaml_get(root, "date_in_name"), findings, "layout-date-in-name",
               _("the file's date comes from the column of file_date already"));
  if (layout->slots[WORD_FILE_DATE] >= 0)
    layout->dated = DATED_BY_COLUMN;
  if (layout->kind == LAYOUT_DETAILS &&
      (layout->slots[WORD_NUMBER] >= 0) == (layout->slots[WORD_CODE] >= 0))
    yaml_fault(layout->yaml, root, findings, "layout-no-column",
               _("details are of people (number) or of units (code): one of the two"));
  if (layout->kind == LAYOUT_ROSTER && layout->dated == DATED_NEVER)
    yaml_fault(layout->yaml, root, findings, "layout-no-date",
               _("a roster holds as of a day: name a column of file_date, or date_in_name"));
}

static void add_field(Layout *layout, const char *name)
{
  if (!g_ptr_array_find_with_equal_func(layout->fields, name, g_str_equal, NULL))
    g_ptr_array_add(layout->fields, (void *)name);
}

// What a kind of order says though no column does.
static void add_fields_of_kinds(Layout *layout)
{
  static const struct {
    Act act;
    const char *name;
  } said[] = {
      {ACT_RENAME, "former_name"}, {ACT_RENAME, "former_kana"},  {ACT_LOAN, "loan"},
      {ACT_LOAN, "owner"},         {ACT_HAND_OVER, "authority"}, {ACT_TAKE_OVER, "authority"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
    for (size_t k = 0; k < layout->kinds->len; k++)
      if (g_array_index(layout->kinds, OrderKind, k).act == said[i].act)
        add_field(layout, said[i].name);
}

static void list_fields(Layout *layout)
{
  bool of_people = layout->kind == LAYOUT_ROSTER || layout->kind == LAYOUT_ORDERS;
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    if (column->own >= 0)
      g_ptr_array_add(layout->fields,
                      (void *)g_array_index(layout->own, OwnField, column->own).name);
    else if (column->word != WORD_NONE && word_traits[column->word].field != FIELD_NONE)
      g_ptr_array_add(layout->fields, (void *)word_traits[column->word].name);
  }
  if (of_people) {
    add_field(layout, "state");
    add_field(layout, "role");
  }
  add_field(layout, "held");
  if (layout->kind == LAYOUT_ORDERS)
    add_field(layout, "hired");
  add_fields_of_kinds(layout);
  g_ptr_array_add(layout->fields, NULL);
}

static Layout *layout_new(Yaml *yaml)
{
  Layout *layout = g_new0(Layout, 1);
  layout->yaml = yaml;
  layout->text = g_string_chunk_new(256);
  layout->columns = g_array_new(FALSE, TRUE, sizeof(Column));
  layout->own = g_array_new(FALSE, FALSE, sizeof(OwnField));
  layout->kinds = g_array_new(FALSE, TRUE, sizeof(OrderKind));
  layout->key = g_array_new(FALSE, FALSE, sizeof(WordId));
  layout->unit_prefix = "";
  layout->cover_words = g_array_new(FALSE, FALSE, sizeof(CoverWord));
  layout->fields = g_ptr_array_new();
  for (WordId word = 0; word < N_WORDS; word++)
    layout->slots[word] = -1;
  return layout;
}

void layout_free(Layout *layout)
{
  if (!layout)
    return;
  for (size_t i = 0; i < layout->columns->len; i++)
    if (layout_column(layout, i)->codes)
      g_array_unref(layout_column(layout, i)->codes);
  g_array_unref(layout->columns);
  g_array_unref(layout->own);
  g_array_unref(layout->kinds);
  g_array_unref(layout->key);
  g_array_unref(layout->cover_words);
  g_ptr_array_unref(layout->fields);
  g_string_chunk_free(layout->text);
  yaml_free(layout->yaml);
  g_free(layout);
}

Layout *layout_load(const char *path, Findings *findings, GError **error)
{
  size_t n_before = findings_count_level(findings, FINDING_ERROR);
  Yaml *yaml = yaml_load(path, findings, error);
  if (!yaml)
    return NULL;
  g_autoptr(Layout) layout = layout_new(yaml);
  const YamlNode *root = yaml_root(yaml);
  if (yaml_kind(root) != YAML_MAP) {
    yaml_fault(yaml, root, findings, "layout-missing", _("a layout is a map of keys to values"));
  } else {
    yaml_check_keys(yaml, root, keys, findings);
    read_head(layout, root, findings);
    read_shape(layout, root, findings);
    read_own(layout, root, findings);
    read_dates(layout, root, findings);
    read_trailer(layout, root, findings);
    layout_read_columns(layout, root, findings);
    layout_read_kinds(layout, root, findings);
    layout_read_edition(layout, root, findings);
    read_key(layout, root, findings);
    read_decides(layout, root, findings);
    read_needs(layout, root, findings);
    check_whole(layout, root, findings);
    list_fields(layout);
  }
  size_t n_faults = findings_count_level(findings, FINDING_ERROR) - n_before;
  if (n_faults == 0)
    return g_steal_pointer(&layout);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              ngettext("%s: %zu fault in the layout", "%s: %zu faults in the layout", n_faults),
              path, n_faults);
  return NULL;
}
