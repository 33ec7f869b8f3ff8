// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who is in a unit that is there no more, or that was divided and whose parts wait to be told who goes where.
#include "roster_p.h"

// Where one part of a divided unit keeps its code, those without an order of their own most likely stay; they are
// told of for as long as HR may still be expected to say so.
#define DIVIDED_DAYS 31

static bool is_over(const Roster *roster, const Unit *unit)
{
  return unit && unit->end <= roster->when.as_of;
}

static bool is_divided(const Roster *roster, const Unit *unit)
{
  return unit && unit->divided != DATE_NONE && roster->when.as_of - unit->divided < DIVIDED_DAYS;
}

static bool any_unit(const Roster *roster)
{
  bool any = roster->ended->len > 0;
  for (guint i = 0; i < roster->units->len && !any; i++)
    any = is_divided(roster, roster->units->pdata[i]);
  return any;
}

// Whoever was ever told to be in such a unit. They are few: reading them one by one is faster than putting
// everybody together.
static bool find_candidates(const Roster *roster, GArray *people, GError **error)
{
  GError *fault = NULL;
  Fact fact;
  g_autoptr(FactScan) scan = store_facts_scan_field(roster->store, SUBJECT_PERSON, FIELD_UNIT,
                                                    roster->when.known_at, error);
  if (!scan)
    return false;
  while (fact_scan_next(scan, &fact, &fault)) {
    bool is_new =
        people->len == 0 || g_array_index(people, uint32_t, people->len - 1) != fact.subject;
    Date as_of = roster->when.as_of;
    if (!is_new || fact.valid_from > as_of || as_of >= fact.valid_to)
      continue;
    UnitAt at = roster_unit_at(roster, &(Telling){fact.value, fact.valid_from}, as_of);
    const Unit *unit = at.record ? at.record->unit : NULL;
    if (is_over(roster, unit) || is_divided(roster, unit))
      g_array_append_val(people, fact.subject);
  }
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static bool is_left(const Roster *roster, const Post *post)
{
  const Unit *unit = roster_unit_by_id(roster, post->unit_id);
  if (!unit || !post_in_force(post, roster->when.at))
    return false;
  return is_over(roster, unit) || (is_divided(roster, unit) && post->told < unit->divided);
}

bool roster_left_behind(Roster *roster, RosterLeftFunc func, void *data, GError **error)
{
  g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  if (!any_unit(roster))
    return true;
  Desk desk;
  roster_desk_init(&desk);
  bool fine = find_candidates(roster, people, error), more = true;
  for (guint i = 0; i < people->len && fine && more; i++) {
    fine = roster_desk_person(roster, &desk, g_array_index(people, uint32_t, i), error);
    const Person *person = &desk.person;
    for (size_t k = 0; k < person->n_posts && fine && more && state_in_service(person->state); k++)
      if (is_left(roster, &person->posts[k]))
        more = func(person, &person->posts[k], roster_unit_by_id(roster, person->posts[k].unit_id),
                    data);
  }
  roster_desk_clear(&desk);
  return fine;
}
