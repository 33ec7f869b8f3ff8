// SPDX-License-Identifier: GPL-3.0-or-later
//
// Watching the walk: which classes make somebody a member, which rows apply to each post, which groups
// follow. The rules run as they do for a plan; where they would write, they tell.
#include "derive_p.h"

#include <string.h>

void derive_tell(Derive *derive, const WatchEvent *event)
{
  derive->watch->func(event, derive->watch->data);
}

bool derive_watch(Derive *derive, const Person *person, WatchFunc func, void *data, GError **error)
{
  Watch watch = {func, data};
  derive->watch = &watch;
  derive->probing = true;
  bool fine = derive_one(derive, person, error);
  derive->probing = false;
  derive->watch = NULL;
  return fine;
}

bool derive_miss(Derive *derive, const Person *person, const Post *post, const Decision *decision,
                 size_t row, size_t *condition, const char **value)
{
  Scope *scope = &derive->scope;
  scope_person(scope, person);
  scope->post = scope->focus = post;
  derive->probing = true;
  bool missed = false;
  for (unsigned i = 0; i < decision->n_conditions && !missed; i++) {
    const char *got = scope_get(scope, decision->conditions[i].name);
    *condition = i;
    *value = got ? got : "";
    missed =
        !decider_takes(derive, &decision->conditions[i], &decision->choices[row].cells[i], *value);
  }
  derive->probing = false;
  return missed;
}

// ---------------------------------------------------------------------------------------------
// Units.

static bool unit_cells_take(const Derive *derive, const Decision *decision, const Choice *choice,
                            const char *code)
{
  for (unsigned i = 0; i < decision->n_conditions; i++)
    if (decision->conditions[i].kind == CONDITION_UNIT &&
        !decider_takes(derive, &decision->conditions[i], &choice->cells[i], code))
      return false;
  return true;
}

bool derive_takes_unit(Derive *derive, const Decision *decision, const char *code)
{
  for (unsigned row = 0; row < decision->n_choices; row++)
    if (unit_cells_take(derive, decision, &decision->choices[row], code))
      return true;
  return false;
}

// Whether the row speaks of units at all; what it excludes does not name the rest.
static bool asks_for_unit(const Decision *decision, const Choice *choice)
{
  for (unsigned i = 0; i < decision->n_conditions; i++)
    if (decision->conditions[i].kind == CONDITION_UNIT && choice->cells[i].kind != CELL_ANY &&
        !choice->cells[i].negated)
      return true;
  return false;
}

bool derive_names_unit(Derive *derive, const Decision *decision, const char *code)
{
  bool any = false;
  for (unsigned row = 0; row < decision->n_choices; row++) {
    const Choice *choice = &decision->choices[row];
    if (!asks_for_unit(decision, choice))
      continue;
    any = true;
    if (unit_cells_take(derive, decision, choice, code))
      return true;
  }
  return !any;
}

// ---------------------------------------------------------------------------------------------

// Whoever watches may ask in the middle of the walk.
const char *derive_person_name(Derive *derive, const Person *person)
{
  Scope before = derive->scope;
  scope_person(&derive->scope, person);
  const char *name = scope_name(&derive->scope);
  derive->scope = before;
  derive->scope.is_split = false;
  return name;
}
