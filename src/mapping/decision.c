// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables: a CSV whose columns are headed 条件:… and 結果:… becomes rows of cells.
#include "mapping_p.h"

#include <string.h>

#define MAX_CONDITIONS 32
#define MAX_RESULTS 64

// A word as operators write it, and what it stands for.
typedef struct Word {
  const char *written, *means;
} Word;

static const Word fields[] = {
    {"所属", "unit"}, {"職位", "title"},    {"職名", "title"}, {"職員種別", "employment"},
    {"区分", "role"}, {"兼務区分", "role"}, {"状態", "state"}, {"在職区分", "state"},
    {"分担", "duty"}, {"duty", "duty"},     {"unit", "unit"},  {"title", "title"},
};

// These belong to the post that is looked at, all others to the person.
static const struct {
  const char *field, *name;
  ConditionKind kind;
} of_post[] = {
    {"unit", "post.unit", CONDITION_UNIT},
    {"title", "post.title", CONDITION_TITLE},
    {"role", "post.role", CONDITION_TEXT},
    {"duty", "post.duty", CONDITION_TEXT},
};

static const struct {
  const char *field;
  Word word;
} values[] = {
    {"role", {"本務", "main"}},       {"role", {"兼務", "concurrent"}},
    {"role", {"併任", "joint"}},      {"role", {"事務取扱", "acting"}},
    {"role", {"応援", "assist"}},     {"role", {"事務従事", "assist"}},
    {"role", {"充て職", "seat"}},     {"role", {"申請", "request"}},
    {"state", {"在職", "active"}},    {"state", {"休職", "leave"}},
    {"state", {"停職", "suspended"}}, {"state", {"派遣", "seconded"}},
    {"state", {"退職", "left"}},
};

static const char *const remarks[] = {"備考", "remark", "remarks", NULL};

typedef struct TableReading {
  Library *library;
  const Grid *grid;
  Condition conditions[MAX_CONDITIONS];
  const char *fields[MAX_CONDITIONS];
  unsigned n_conditions;
  unsigned results[MAX_RESULTS];  // columns
  unsigned n_results;
  unsigned graces[MAX_RESULTS];  // columns, likewise
  unsigned n_graces;
  int priority;  // column, -1 = none
  size_t n_faults;
} TableReading;

G_GNUC_PRINTF(5, 6)
static void fault(TableReading *reading, size_t row, size_t column, const char *code,
                  const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  reading->n_faults++;
  grid_fault(reading->grid, row, column, reading->library->findings,
             &(Finding){.code = code, .value = grid_cell(reading->grid, row, column)}, "%s", text);
}

// What follows one of the words and a colon of either width; NULL when none stands there.
static const char *after_prefix(const char *text, const char *const *words)
{
  for (; *words; words++) {
    if (!g_str_has_prefix(text, *words))
      continue;
    const char *rest = text + strlen(*words);
    if (*rest == ':')
      return rest + 1;
    if (g_str_has_prefix(rest, "："))
      return rest + strlen("：");
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Header.

static void take_condition(TableReading *reading, unsigned column, const char *header)
{
  if (reading->n_conditions == MAX_CONDITIONS) {
    fault(reading, 0, column, "table-header", _("too many conditions"));
    return;
  }
  const char *field = header;
  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
    if (strcmp(fields[i].written, header) == 0)
      field = fields[i].means;
  const char *name = field;
  ConditionKind kind = CONDITION_TEXT;
  for (size_t i = 0; i < G_N_ELEMENTS(of_post); i++) {
    if (strcmp(of_post[i].field, field) != 0)
      continue;
    name = of_post[i].name;
    kind = of_post[i].kind;
  }
  reading->fields[reading->n_conditions] = field;
  reading->conditions[reading->n_conditions++] =
      (Condition){.name = library_name(reading->library, name),
                  .field = library_text(reading->library, field, strlen(field)),
                  .kind = kind,
                  .column = column};
}

static void take_result(TableReading *reading, unsigned column, const char *header)
{
  static const char *const groups[] = {"グループ", "group", "割当", "assignment", NULL};
  static const char *const graces[] = {"猶予グループ", "grace", NULL};
  bool is_grace = g_strv_contains(graces, header);
  unsigned *n = is_grace ? &reading->n_graces : &reading->n_results;
  if (!is_grace && !g_strv_contains(groups, header))
    fault(reading, 0, column, "table-header",
          _("a table results in “結果:グループ” and “結果:猶予グループ”, or in “結果:割当”"));
  else if (*n == MAX_RESULTS)
    fault(reading, 0, column, "table-header", _("too many results"));
  else
    (is_grace ? reading->graces : reading->results)[(*n)++] = column;
}

static void take_header(TableReading *reading, unsigned column)
{
  static const char *const conditions[] = {"条件", "if", NULL}, *const results[] = {"結果", "then",
                                                                                    NULL};
  static const char *const priorities[] = {"優先順", "priority", NULL};
  const char *header = grid_cell(reading->grid, 0, column);
  const char *rest;
  if ((rest = after_prefix(header, conditions)))
    take_condition(reading, column, rest);
  else if ((rest = after_prefix(header, results)))
    take_result(reading, column, rest);
  else if (g_strv_contains(priorities, header))
    reading->priority = (int)column;
  else if (*header && !g_strv_contains(remarks, header))
    fault(reading, 0, column, "table-header",
          _("“%s” is no column of a decision table: 条件:…, 結果:…, 優先順, 備考 (if:…, then:…, "
            "priority, remark)"),
          header);
}

static bool take_headers(TableReading *reading)
{
  for (unsigned column = 0; column < grid_n_columns(reading->grid); column++)
    take_header(reading, column);
  if (!reading->n_results && !reading->n_faults)
    fault(reading, 0, 0, "table-header",
          _("no column “結果:グループ” (then:group) or “結果:割当” (then:assignment)"));
  return reading->n_faults == 0;
}

// ---------------------------------------------------------------------------------------------
// Cells.

static const char *meaning(const char *field, const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
    if (strcmp(values[i].field, field) == 0 && strcmp(values[i].word.written, word) == 0)
      return values[i].word.means;
  return word;
}

static const char *const *take_words(TableReading *reading, const char *text, const char *field)
{
  g_auto(GStrv) parts = g_strsplit(text, "|", -1);
  unsigned n = g_strv_length(parts);
  const char **words = library_alloc(reading->library, (n + 1) * sizeof *words);
  for (unsigned i = 0; i < n; i++) {
    const char *word = meaning(field, g_strstrip(parts[i]));
    words[i] = library_text(reading->library, word, strlen(word));
  }
  return strcmp(field, "state") == 0 ? klass_states(reading->library, words) : words;
}

static void take_cell(TableReading *reading, size_t row, unsigned i, Cell *cell)
{
  static const char *const nots[] = {"以外", "not", NULL}, *const belows[] = {"所属以下", "以下",
                                                                              "below", NULL};
  static const char *const patterns[] = {"正規表現", "regex", NULL};
  const Condition *condition = &reading->conditions[i];
  const char *text = grid_cell(reading->grid, row, condition->column);
  const char *rest;
  *cell = (Cell){.kind = CELL_ANY};
  if (!*text || strcmp(text, "*") == 0 || strcmp(text, "＊") == 0)
    return;
  if ((rest = after_prefix(text, nots))) {
    cell->negated = true;
    text = rest;
  }
  if ((rest = after_prefix(text, patterns))) {
    const char *reason;
    cell->kind = CELL_PATTERN;
    cell->pattern = pattern_new(reading->library, rest, &reason);
    if (!cell->pattern)
      fault(reading, row, condition->column, "table-pattern", "%s", reason);
    return;
  }
  cell->kind = CELL_WORDS;
  if ((rest = after_prefix(text, belows))) {
    cell->kind = CELL_BELOW;
    text = rest;
    if (condition->kind != CONDITION_UNIT)
      fault(reading, row, condition->column, "table-cell", _("only units have others below them"));
  }
  if (!*text)
    fault(reading, row, condition->column, "table-cell", _("nothing follows the colon"));
  cell->words = take_words(reading, text, reading->fields[i]);
}

// "a|b", but not the bar inside ${…|…}.
static size_t result_bytes(const char *text)
{
  size_t n = 0;
  for (bool inside = false; text[n] && (inside || text[n] != '|'); n++) {
    if (strncmp(text + n, "${", 2) == 0)
      inside = true;
    else if (text[n] == '}')
      inside = false;
  }
  return n;
}

static void take_results_of(TableReading *reading, size_t row, unsigned column, GPtrArray *results)
{
  const char *text = grid_cell(reading->grid, row, column);
  Spot spot = {grid_name(reading->grid), (int)row + 1, (int)column + 1};
  while (*text) {
    size_t n_bytes = result_bytes(text);
    g_autofree char *part = g_strstrip(g_strndup(text, n_bytes));
    const Template *template = *part ? template_parse(reading->library, part, &spot) : NULL;
    if (template)
      g_ptr_array_add(results, (void *)template);
    else
      reading->n_faults++;
    text += n_bytes + (text[n_bytes] == '|');
  }
}

static const Template *const *take_results(TableReading *reading, size_t row,
                                           const unsigned *columns, unsigned n_columns, unsigned *n)
{
  g_autoptr(GPtrArray) results = g_ptr_array_new();
  for (unsigned i = 0; i < n_columns; i++)
    take_results_of(reading, row, columns[i], results);
  const Template **kept = library_alloc(reading->library, (results->len + 1) * sizeof *kept);
  for (unsigned i = 0; i < results->len; i++)
    kept[i] = results->pdata[i];
  *n = results->len;
  return kept;
}

static void take_choice(TableReading *reading, size_t row, Choice *choice)
{
  Cell *cells = library_alloc(reading->library, MAX(reading->n_conditions, 1) * sizeof *cells);
  for (unsigned i = 0; i < reading->n_conditions; i++)
    take_cell(reading, row, i, &cells[i]);
  *choice = (Choice){.row = row, .cells = cells};
  choice->results =
      take_results(reading, row, reading->results, reading->n_results, &choice->n_results);
  choice->grace = take_results(reading, row, reading->graces, reading->n_graces, &choice->n_grace);
  if (reading->priority < 0)
    return;
  const char *order = grid_cell(reading->grid, row, (size_t)reading->priority);
  gint64 number;
  if (g_ascii_string_to_signed(order, 10, INT32_MIN, INT32_MAX, &number, NULL))
    choice->order = number;
  else
    fault(reading, row, (size_t)reading->priority, "table-priority",
          _("the order must be a whole number"));
}

static int by_order(const void *a, const void *b)
{
  const Choice *x = a, *y = b;
  if (x->order != y->order)
    return x->order < y->order ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static Decision *take_rows(TableReading *reading)
{
  size_t n_rows = grid_n_rows(reading->grid);
  Choice *choices = library_alloc(reading->library, n_rows * sizeof *choices);
  unsigned n_choices = 0;
  for (size_t row = 1; row < n_rows; row++)
    if (!grid_row_empty(reading->grid, row))
      take_choice(reading, row, &choices[n_choices++]);
  if (reading->n_faults)
    return NULL;
  if (n_choices > 1)
    qsort(choices, n_choices, sizeof *choices, by_order);
  size_t n_bytes = reading->n_conditions * sizeof(Condition);
  Condition *conditions = library_alloc(reading->library, MAX(n_bytes, 1));
  memcpy(conditions, reading->conditions, n_bytes);
  Decision *decision = library_alloc(reading->library, sizeof *decision);
  *decision = (Decision){.path = grid_name(reading->grid),
                         .grid = reading->grid,
                         .conditions = conditions,
                         .n_conditions = reading->n_conditions,
                         .choices = choices,
                         .n_choices = n_choices,
                         .first_match = reading->priority >= 0,
                         .has_grace = reading->n_graces > 0};
  return decision;
}

const Decision *decision_parse(Library *library, const char *path)
{
  void *known;
  if (g_hash_table_lookup_extended(library->decisions, path, NULL, &known))
    return known;
  TableReading reading = {.library = library, .priority = -1};
  reading.grid = library_sheet(library, path);
  Decision *decision = reading.grid && take_headers(&reading) ? take_rows(&reading) : NULL;
  g_hash_table_insert(library->decisions, (void *)library_text(library, path, strlen(path)),
                      decision);
  return decision;
}

// ---------------------------------------------------------------------------------------------
// Looking at it.

const char *decision_path(const Decision *decision)
{
  return decision->path;
}

bool decision_first_match(const Decision *decision)
{
  return decision->first_match;
}

size_t decision_n_rows(const Decision *decision)
{
  return decision->n_choices;
}

size_t decision_line(const Decision *decision, size_t row)
{
  return decision->choices[row].row + 1;
}

int64_t decision_priority(const Decision *decision, size_t row)
{
  return decision->choices[row].order;
}

void decision_results(const Decision *decision, size_t row, GString *out)
{
  const Choice *choice = &decision->choices[row];
  for (unsigned i = 0; i < choice->n_results; i++)
    g_string_append_printf(out, "%s%s", i ? "|" : "", choice->results[i]->text);
}

const char *decision_remark(const Decision *decision, size_t row)
{
  int column = grid_column(decision->grid, remarks);
  return column < 0 ? "" : grid_cell(decision->grid, decision->choices[row].row, (size_t)column);
}

size_t decision_n_conditions(const Decision *decision)
{
  return decision->n_conditions;
}

const char *decision_header(const Decision *decision, size_t condition)
{
  return grid_cell(decision->grid, 0, decision->conditions[condition].column);
}

const char *decision_field(const Decision *decision, size_t condition)
{
  return decision->conditions[condition].field;
}

const char *decision_cell(const Decision *decision, size_t row, size_t condition)
{
  return grid_cell(decision->grid, decision->choices[row].row,
                   decision->conditions[condition].column);
}

const char *decision_word(const char *field, const char *value)
{
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
    if (strcmp(values[i].field, field) == 0 && strcmp(values[i].word.means, value) == 0)
      return values[i].word.written;
  return value;
}
