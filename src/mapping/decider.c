// SPDX-License-Identifier: GPL-3.0-or-later
//
// A decision table at work. What a value matches is worked out once for each value that occurs, by
// looking at every cell of the column; after that it is a lookup, whatever kind the cells are of.
#include "derive_p.h"

#include <string.h>

// A column with more different values than this (an employee number, say) is not worth remembering.
#define MAX_REMEMBERED 8192
#define WORD_BITS 64

struct Decider {
  const Decision *decision;
  Derive *derive;
  size_t n_words;
  GHashTable **seen;  // by condition: value -> bits of the rows that take it
  uint64_t *bits;     // of the lookup at hand
  uint64_t *fresh;    // of a value not remembered
};

Decider *decider_new(const Decision *decision, Derive *derive)
{
  Decider *decider = g_new0(Decider, 1);
  decider->decision = decision;
  decider->derive = derive;
  decider->n_words = decision->n_choices / WORD_BITS + 1;
  decider->bits = g_new0(uint64_t, decider->n_words);
  decider->fresh = g_new0(uint64_t, decider->n_words);
  decider->seen = g_new0(GHashTable *, decision->n_conditions + 1);
  for (unsigned i = 0; i < decision->n_conditions; i++)
    decider->seen[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return decider;
}

void decider_free(Decider *decider)
{
  if (!decider)
    return;
  for (unsigned i = 0; i < decider->decision->n_conditions; i++)
    g_hash_table_unref(decider->seen[i]);
  g_free(decider->seen);
  g_free(decider->bits);
  g_free(decider->fresh);
  g_free(decider);
}

// ---------------------------------------------------------------------------------------------
// One cell.

// A unit or title goes by its code or its name.
typedef struct Aliases {
  const char *code, *name;
  const char *const
      *former;  // codes that the unit had before, as long as they are nobody else's; NULL = none
} Aliases;

static Aliases aliases_of(const Derive *derive, const Condition *condition, const char *value)
{
  Aliases aliases = {value, NULL, NULL};
  if (condition->kind == CONDITION_UNIT) {
    const UnitNode *node = derive_unit(derive, value);
    aliases.name = node ? node->unit->name : NULL;
    aliases.former = node ? node->unit->former : NULL;
  } else if (condition->kind == CONDITION_TITLE) {
    const Title *title = roster_title(derive->setup.roster, value);
    aliases.name = title ? title->name : NULL;
  }
  return aliases;
}

// A row for a code goes on for the unit that had it, unless the code is another's by now.
static bool was_named(const Derive *derive, const Cell *cell, const Aliases *aliases)
{
  for (const char *const *code = aliases->former; code && *code; code++)
    if (!derive_unit(derive, *code) && g_strv_contains(cell->words, *code))
      return true;
  return false;
}

static bool is_named(const Derive *derive, const Cell *cell, const Aliases *aliases)
{
  return g_strv_contains(cell->words, aliases->code) ||
         (aliases->name && g_strv_contains(cell->words, aliases->name)) ||
         was_named(derive, cell, aliases);
}

static bool is_below(const Derive *derive, const Cell *cell, const char *value)
{
  const UnitNode *node = derive_unit(derive, value);
  if (!node)
    return g_strv_contains(cell->words, value);
  for (const Unit *unit = node->unit; unit; unit = unit->parent)
    if (is_named(derive, cell, &(Aliases){unit->code, unit->name, unit->former}))
      return true;
  return false;
}

static bool is_like(const Cell *cell, const Aliases *aliases)
{
  return pattern_match(cell->pattern, aliases->code, strlen(aliases->code)) > 0 ||
         (aliases->name && pattern_match(cell->pattern, aliases->name, strlen(aliases->name)) > 0);
}

bool decider_takes(const Derive *derive, const Condition *condition, const Cell *cell,
                   const char *value)
{
  if (cell->kind == CELL_ANY)
    return true;
  Aliases aliases = aliases_of(derive, condition, value);
  bool takes = cell->kind == CELL_WORDS   ? is_named(derive, cell, &aliases)
               : cell->kind == CELL_BELOW ? is_below(derive, cell, value)
                                          : is_like(cell, &aliases);
  return takes != cell->negated;
}

// ---------------------------------------------------------------------------------------------
// Rows.

static void fill_bits(Decider *decider, unsigned i, const char *value, uint64_t *bits)
{
  const Decision *decision = decider->decision;
  memset(bits, 0, decider->n_words * sizeof *bits);
  for (unsigned row = 0; row < decision->n_choices; row++)
    if (decider_takes(decider->derive, &decision->conditions[i], &decision->choices[row].cells[i],
                      value))
      bits[row / WORD_BITS] |= UINT64_C(1) << (row % WORD_BITS);
}

static const uint64_t *bits_of(Decider *decider, unsigned i, const char *value)
{
  uint64_t *bits = g_hash_table_lookup(decider->seen[i], value);
  if (bits)
    return bits;
  if (g_hash_table_size(decider->seen[i]) >= MAX_REMEMBERED) {
    fill_bits(decider, i, value, decider->fresh);
    return decider->fresh;
  }
  bits = g_new(uint64_t, decider->n_words);
  fill_bits(decider, i, value, bits);
  g_hash_table_insert(decider->seen[i], g_strdup(value), bits);
  return bits;
}

static void look_up(Decider *decider, Scope *scope)
{
  const Decision *decision = decider->decision;
  memset(decider->bits, 0xff, decider->n_words * sizeof *decider->bits);
  for (unsigned i = 0; i < decision->n_conditions; i++) {
    const char *value = scope_get(scope, decision->conditions[i].name);
    const uint64_t *bits = bits_of(decider, i, value ? value : "");
    for (size_t word = 0; word < decider->n_words; word++)
      decider->bits[word] &= bits[word];
  }
}

void decider_each(Decider *decider, Scope *scope, ChoiceFunc func, void *data)
{
  const Decision *decision = decider->decision;
  look_up(decider, scope);
  for (size_t word = 0; word < decider->n_words; word++) {
    for (uint64_t left = decider->bits[word]; left; left &= left - 1) {
      size_t row = word * WORD_BITS + (size_t)__builtin_ctzll(left);
      if (row >= decision->n_choices)
        return;
      func(&decision->choices[row], data);
      if (decision->first_match)
        return;
    }
  }
}

void decider_outvoted(const Decider *decider, ChoiceFunc func, void *data)
{
  const Decision *decision = decider->decision;
  bool won = false;
  for (unsigned row = 0; row < decision->n_choices && decision->first_match; row++) {
    if (!(decider->bits[row / WORD_BITS] >> (row % WORD_BITS) & 1))
      continue;
    if (won)
      func(&decision->choices[row], data);
    won = true;
  }
}
