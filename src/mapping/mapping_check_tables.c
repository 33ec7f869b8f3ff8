// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows of a decision table that never apply. Warnings, not errors: a table may be right for the day
// before a reorganisation or the day after, and the night's run must go on.
#include "mapping_p.h"

#include <string.h>

typedef struct TableCheck {
  const Decision *table;
  const Mapping *mapping;
  Roster *roster;
  Findings *findings;
} TableCheck;

G_GNUC_PRINTF(5, 6)
static void warn(const TableCheck *check, size_t row, unsigned column, const char *code,
                 const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  const char *cell = grid_cell(check->table->grid, row, column);
  grid_fault(check->table->grid, row, column, check->findings,
             &(Finding){.level = FINDING_WARNING, .code = code, .value = *cell ? cell : NULL}, "%s",
             text);
}

// ---------------------------------------------------------------------------------------------
// Words that name nothing.

static const Unit *find_unit(const Unit *const *units, size_t n, const char *word)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(units[i]->code, word) == 0 || strcmp(units[i]->name, word) == 0)
      return units[i];
  // A row for a code goes on for the unit that had it (see decider.c).
  for (size_t i = 0; i < n; i++)
    if (g_strv_contains(units[i]->former, word))
      return units[i];
  return NULL;
}

static bool is_unit(const TableCheck *check, const char *word)
{
  size_t n;
  const Unit *const *units = roster_units(check->roster, &n);
  return n == 0 || find_unit(units, n, word);
}

static bool is_title(const TableCheck *check, const char *word)
{
  const GArray *titles = check->mapping->titles;
  for (unsigned i = 0; i < titles->len; i++) {
    const Title *title = &g_array_index(titles, Title, i);
    if (strcmp(title->code, word) == 0 || strcmp(title->name, word) == 0)
      return true;
  }
  return titles->len == 0;
}

static bool is_word_of(const TableCheck *check, const Condition *condition, const char *word)
{
  static const char *const roles[] = {"main", "concurrent", NULL};
  const char *name = check->mapping->library->names->pdata[condition->name];
  if (condition->kind == CONDITION_UNIT)
    return !check->roster || is_unit(check, word);
  if (condition->kind == CONDITION_TITLE)
    return is_title(check, word);
  if (strcmp(name, "post.role") == 0)
    return g_strv_contains(roles, word);
  return strcmp(name, "state") != 0 || state_of(word) != STATE_NONE;
}

static void check_words(const TableCheck *check, const Choice *choice, unsigned i)
{
  const Cell *cell = &choice->cells[i];
  const Condition *condition = &check->table->conditions[i];
  if (cell->kind != CELL_WORDS && cell->kind != CELL_BELOW)
    return;
  for (const char *const *word = cell->words; *word; word++)
    if (!is_word_of(check, condition, *word))
      warn(check, choice->row, condition->column, "table-word-unknown",
           _("“%s” is neither a code nor a name that exists: this never matches"), *word);
}

// ---------------------------------------------------------------------------------------------
// Rows that an earlier one takes all matches from.

static bool all_among(const char *const *words, const char *const *among)
{
  for (; *words; words++)
    if (!g_strv_contains(among, *words))
      return false;
  return true;
}

static bool none_among(const char *const *words, const char *const *among)
{
  for (; *words; words++)
    if (g_strv_contains(among, *words))
      return false;
  return true;
}

static bool all_below(const TableCheck *check, const char *const *words, const char *const *tops)
{
  size_t n;
  const Unit *const *units = check->roster ? roster_units(check->roster, &n) : NULL;
  for (; *words; words++) {
    bool is_below = g_strv_contains(tops, *words);
    for (const Unit *at = units ? find_unit(units, n, *words) : NULL; at; at = at->parent)
      is_below |= g_strv_contains(tops, at->code) || g_strv_contains(tops, at->name);
    if (!is_below)
      return false;
  }
  return true;
}

// Whether `a` takes everything that `b` takes. When in doubt, no.
static bool covers(const TableCheck *check, const Cell *a, const Cell *b)
{
  if (a->kind == CELL_ANY)
    return true;
  if (b->kind == CELL_ANY || a->kind == CELL_PATTERN || b->kind == CELL_PATTERN)
    return false;
  if (a->negated && b->negated)
    return a->kind == b->kind && all_among(a->words, b->words);
  if (a->negated)
    return a->kind == CELL_WORDS && b->kind == CELL_WORDS && none_among(b->words, a->words);
  if (b->negated)
    return false;
  if (a->kind == CELL_BELOW)
    return all_below(check, b->words, a->words);
  return b->kind == CELL_WORDS && all_among(b->words, a->words);
}

static bool row_covers(const TableCheck *check, const Choice *a, const Choice *b)
{
  const Decision *table = check->table;
  for (unsigned i = 0; i < table->n_conditions; i++) {
    unsigned column = table->conditions[i].column;
    bool is_same =
        strcmp(grid_cell(table->grid, a->row, column), grid_cell(table->grid, b->row, column)) == 0;
    if (!is_same && !covers(check, &a->cells[i], &b->cells[i]))
      return false;
  }
  return true;
}

static bool same_results(const Choice *a, const Choice *b)
{
  if (a->n_results != b->n_results)
    return false;
  for (unsigned i = 0; i < a->n_results; i++)
    if (strcmp(a->results[i]->text, b->results[i]->text) != 0)
      return false;
  return true;
}

static void check_shadow(const TableCheck *check, unsigned i)
{
  const Decision *table = check->table;
  const Choice *choice = &table->choices[i];
  for (unsigned k = 0; k < i; k++) {
    const Choice *earlier = &table->choices[k];
    if (!row_covers(check, earlier, choice))
      continue;
    if (table->first_match)
      warn(check, choice->row, 0, "table-row-shadowed",
           _("this row never applies: row %zu takes everything it would match"), earlier->row + 1);
    else if (same_results(earlier, choice))
      warn(check, choice->row, 0, "table-row-idle", _("this row adds nothing to row %zu"),
           earlier->row + 1);
    else
      continue;
    return;
  }
}

void mapping_check_table(const Decision *table, const Mapping *mapping, Roster *roster,
                         Findings *findings)
{
  TableCheck check = {table, mapping, roster, findings};
  for (unsigned row = 0; row < table->n_choices; row++) {
    for (unsigned i = 0; i < table->n_conditions; i++)
      check_words(&check, &table->choices[row], i);
    check_shadow(&check, row);
  }
}
