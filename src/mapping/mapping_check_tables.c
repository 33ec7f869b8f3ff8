// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows of a decision table that never apply. Warnings, not errors: a table may be right for the day
// before a reorganisation or the day after, and the night's run must go on.
#include "derive_p.h"

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

// A unit of that code or name that is no more, or NULL. Of several, the last.
static const Unit *ended_unit(const TableCheck *check, const char *word)
{
  size_t n;
  const Unit *const *units = roster_units_ended(check->roster, &n);
  const Unit *last = NULL;
  for (size_t i = 0; i < n; i++)
    if ((strcmp(units[i]->code, word) == 0 || strcmp(units[i]->name, word) == 0) &&
        (!last || units[i]->end > last->end))
      last = units[i];
  return last;
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
  static const char *const roles[] = {"main",   "concurrent", "joint",   "acting",
                                      "assist", "seat",       "request", NULL};
  const char *name = check->mapping->library->names->pdata[condition->name];
  if (condition->kind == CONDITION_UNIT)
    return !check->roster || is_unit(check, word);
  if (condition->kind == CONDITION_TITLE)
    return is_title(check, word);
  if (strcmp(name, "post.role") == 0)
    return g_strv_contains(roles, word);
  return strcmp(name, "state") != 0 || state_of(word) != STATE_NONE;
}

static void warn_ended(const TableCheck *check, const Choice *choice, unsigned column,
                       const char *word, const Unit *unit)
{
  const char *successor = unit->fields[FIELD_SUCCESSOR];
  g_autoptr(GString) last = g_string_new(NULL);
  date_format(unit->end - 1, last);
  if (successor && *successor)
    warn(check, choice->row, column, "table-unit-ended",
         _("“%s” ended on %s and went on as “%s”: this matches nobody once the move grace is over"),
         word, last->str, successor);
  else
    warn(check, choice->row, column, "table-unit-ended",
         _("“%s” ended on %s: this matches nobody once the move grace is over"), word, last->str);
}

static void check_word(const TableCheck *check, const Choice *choice, unsigned i, const char *word)
{
  const Condition *condition = &check->table->conditions[i];
  if (is_word_of(check, condition, word))
    return;
  const Unit *unit = condition->kind == CONDITION_UNIT ? ended_unit(check, word) : NULL;
  if (unit)
    warn_ended(check, choice, condition->column, word, unit);
  else
    warn(check, choice->row, condition->column, "table-word-unknown",
         _("“%s” is neither a code nor a name that exists: this never matches"), word);
}

static void check_words(const TableCheck *check, const Choice *choice, unsigned i)
{
  const Cell *cell = &choice->cells[i];
  if (cell->kind != CELL_WORDS && cell->kind != CELL_BELOW)
    return;
  for (const char *const *word = cell->words; *word; word++)
    check_word(check, choice, i, *word);
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

bool mapping_rows_differ(const Mapping *mapping, Roster *roster, const Decision *decision, size_t a,
                         size_t b)
{
  TableCheck check = {.table = decision, .mapping = mapping, .roster = roster};
  const Choice *x = &decision->choices[a], *y = &decision->choices[b];
  return !same_results(x, y) && !row_covers(&check, x, y) && !row_covers(&check, y, x);
}

// ---------------------------------------------------------------------------------------------
// Groups that the tables of their class do not know: a name mistyped, or a row forgotten there.

typedef struct GroupCheck {
  const TableCheck *check;
  const Template *result;
  const Choice *choice;
} GroupCheck;

static bool has_default(const Slot *slot)
{
  for (unsigned i = 0; i < slot->n_calls; i++)
    if (strcmp(slot->calls[i].filter->name, "default") == 0)
      return true;
  return false;
}

static bool check_lookup(const Template *template, const char *attribute, void *data)
{
  const GroupCheck *group = data;
  const TableCheck *check = group->check;
  const char *name = group->result->slots[0].literal;
  for (unsigned i = 0; i < template->n_slots; i++) {
    const Slot *slot = &template->slots[i];
    const Call *call = slot->n_calls ? &slot->calls[0] : NULL;
    if (!call || slot->name == SLOT_TEXT || strcmp(call->filter->name, "lookup") != 0 ||
        strcmp(check->mapping->library->names->pdata[slot->name], "group") != 0 ||
        g_hash_table_contains(call->table, name) || has_default(slot))
      continue;
    warn(check, group->choice->row, (unsigned)group->result->spot.column - 1, "table-group-unknown",
         _("the group “%s” has no row in %s, where %s:%d looks for its “%s”: mistyped, or "
           "forgotten there"),
         name, call->args[0], template->spot.file, template->spot.line, attribute);
    return false;
  }
  return true;
}

static void check_groups(const TableCheck *check, const Choice *choice)
{
  for (unsigned i = 0; i < choice->n_results; i++) {
    GroupCheck group = {check, choice->results[i], choice};
    for (size_t k = 0; k < mapping_n_uses(check->mapping); k++) {
      DecisionUse use = mapping_use(check->mapping, k);
      if (use.decision == check->table && template_is_literal(group.result))
        klass_templates(check->mapping->klasses->pdata[use.groups], check_lookup, &group);
    }
  }
}

// ---------------------------------------------------------------------------------------------

void mapping_check_table(const Decision *table, const Mapping *mapping, Roster *roster,
                         Findings *findings)
{
  TableCheck check = {table, mapping, roster, findings};
  for (unsigned row = 0; row < table->n_choices; row++) {
    for (unsigned i = 0; i < table->n_conditions; i++)
      check_words(&check, &table->choices[row], i);
    check_shadow(&check, row);
    check_groups(&check, &table->choices[row]);
  }
}
