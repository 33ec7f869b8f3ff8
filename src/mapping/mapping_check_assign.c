// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tables about assignments that do not fit together. Warnings, as of decision tables: the night's run must go on, and
// whom it concerns is told then, too.
#include "derive_p.h"

#include <string.h>

// The assignments that the table names literally into the set; whether these are all that it can give.
static bool names_of(const Decision *table, GHashTable *names)
{
  bool all = true;
  for (unsigned row = 0; row < table->n_choices; row++)
    for (unsigned i = 0; i < table->choices[row].n_results; i++) {
      const Template *result = table->choices[row].results[i];
      if (template_is_literal(result))
        g_hash_table_add(names, (void *)result->slots[0].literal);
      else
        all = false;
    }
  return all;
}

static bool names_of_all(const Mapping *mapping, GHashTable *names)
{
  bool all = true;
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Assign *assign = ((const Rules *)mapping->klasses->pdata[i])->assign;
    all &= !assign || names_of(assign->table, names);
  }
  return all;
}

static bool is_known(GHashTable *names, const Conflict *conflict, unsigned side)
{
  GHashTableIter iter;
  void *name;
  g_hash_table_iter_init(&iter, names);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    if (conflict_names(conflict, side, name))
      return true;
  return false;
}

static void check_exceptions(const Assign *assign, Findings *findings)
{
  g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
  if (!names_of(assign->table, names))
    return;
  for (unsigned i = 0; i < assign->exceptions->n; i++) {
    const Exception *exception = &assign->exceptions->rows[i];
    if (!g_hash_table_contains(names, exception->assignment))
      grid_fault(assign->exceptions->grid, exception->row, 1, findings,
                 &(Finding){.level = FINDING_WARNING,
                            .code = "exception-unknown",
                            .subject = exception->number,
                            .value = exception->assignment},
                 _("no row of %s gives “%s”: mistyped, or gone from there"), assign->table->path,
                 exception->assignment);
  }
}

static void check_conflicts(const Mapping *mapping, const Conflicts *conflicts, Findings *findings)
{
  g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
  if (!names_of_all(mapping, names))
    return;
  for (unsigned i = 0; i < conflicts->n; i++)
    for (unsigned side = 0; side < 2; side++) {
      const Conflict *conflict = &conflicts->rows[i];
      if (!is_known(names, conflict, side))
        grid_fault(conflicts->grid, conflict->row, side, findings,
                   &(Finding){.level = FINDING_WARNING,
                              .code = "conflict-unknown",
                              .value = conflict->sides[side]},
                   _("no table gives “%s”: mistyped, or gone from there"), conflict->sides[side]);
    }
}

// ---------------------------------------------------------------------------------------------
// A row that gives both.

static bool gives(const Choice *choice, const Conflict *conflict, unsigned side)
{
  for (unsigned i = 0; i < choice->n_results; i++)
    if (template_is_literal(choice->results[i]) &&
        conflict_names(conflict, side, choice->results[i]->slots[0].literal))
      return true;
  return false;
}

static void check_choice(const Decision *table, const Choice *choice, const Conflict *conflict,
                         Findings *findings)
{
  if (!gives(choice, conflict, 0) || !gives(choice, conflict, 1))
    return;
  grid_fault(table->grid, choice->row, (size_t)choice->results[0]->spot.column - 1, findings,
             &(Finding){.level = FINDING_WARNING, .code = "duties-row"},
             _("this row gives both “%s” and “%s”, which must not be one person's (%s:%zu: %s)"),
             conflict->sides[0], conflict->sides[1], grid_name(conflict->grid), conflict->row + 1,
             conflict->reason);
}

static void check_rows(const Mapping *mapping, const Decision *table, Findings *findings)
{
  for (unsigned i = 0; i < mapping->conflicts->len; i++) {
    const Conflicts *conflicts = mapping->conflicts->pdata[i];
    for (unsigned k = 0; k < conflicts->n; k++)
      for (unsigned row = 0; row < table->n_choices; row++)
        check_choice(table, &table->choices[row], &conflicts->rows[k], findings);
  }
}

void mapping_check_assign(const Mapping *mapping, const Assign *assign, Findings *findings)
{
  if (assign->exceptions)
    check_exceptions(assign, findings);
  if (assign->conflicts)
    check_conflicts(mapping, assign->conflicts, findings);
  check_rows(mapping, assign->table, findings);
}
