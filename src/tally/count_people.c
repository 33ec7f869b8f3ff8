// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who came, moved, left: as the ledger has it now, not as it was known then.
#include "tally_p.h"

typedef struct Walk {
  Count *count;
  Roster *roster;
  GArray *spans;  // StateSpan of the person looked at
} Walk;

static bool is_of_month(const Walk *walk, Date day)
{
  return walk->count->out->period.first <= day && day < walk->count->out->period.next;
}

static bool is_away(State state)
{
  return state_in_service(state) && state != STATE_ACTIVE;
}

static bool by_order(const Walk *walk, int64_t row)
{
  RowKind kind;
  return store_row_kind(walk->count->store, row, &kind) && kind.order != NULL;
}

// The first list of all has everybody, and hires nobody.
static void count_joiner(Walk *walk, const Person *person, const StateSpan *span, bool again)
{
  Date hired = DATE_NONE;
  const char *told = person->fields[FIELD_HIRED];
  TallyPeople *people = &walk->count->out->people;
  bool known = told && date_parse_iso(told, &hired);
  if (again || by_order(walk, span->row) || (known && is_of_month(walk, hired)))
    people->joiners++;
  else if (!known || hired >= walk->count->out->period.first)
    people->listed++;
  people->again += again;
}

static void count_state(Walk *walk, const Person *person, guint i)
{
  TallyPeople *people = &walk->count->out->people;
  const StateSpan *span = &g_array_index(walk->spans, StateSpan, i);
  State before = i > 0 ? span[-1].state : STATE_NONE;
  if (i > 0 && span[-1].to < span->from)
    before = STATE_NONE;
  if (!is_of_month(walk, span->from) || before == span->state)
    return;
  if (state_in_service(span->state) && !state_in_service(before))
    count_joiner(walk, person, span, before == STATE_LEFT);
  people->leavers += span->state == STATE_LEFT && state_in_service(before);
  people->leaves += is_away(span->state) && before == STATE_ACTIVE;
  people->returns += span->state == STATE_ACTIVE && is_away(before);
}

// A new code of the unit, or a merger, is no move: the roster makes no second post of it.
static bool has_moved(const Walk *walk, const Person *person)
{
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *now = &person->posts[i];
    for (size_t k = 0; now->main && is_of_month(walk, now->begin) && k < person->n_posts; k++)
      if (person->posts[k].main && person->posts[k].end == now->begin)
        return true;
  }
  return false;
}

static void count_person(Walk *walk, const Person *person)
{
  g_array_set_size(walk->spans, 0);
  roster_states_of(walk->roster, person, walk->spans);
  for (guint i = 0; i < walk->spans->len; i++)
    count_state(walk, person, i);
  walk->count->out->people.movers += has_moved(walk, person);
  walk->count->out->people.at_end[person->state]++;
}

bool count_people(Count *count, Roster *roster, GError **error)
{
  const Person *person = NULL;
  g_autoptr(GArray) spans = g_array_new(false, false, sizeof(StateSpan));
  g_autoptr(GError) fault = NULL;
  Walk walk = {count, roster, spans};
  while (roster_next(roster, &person, &fault) && person)
    count_person(&walk, person);
  if (!fault)
    return true;
  g_propagate_error(error, g_steal_pointer(&fault));
  return false;
}
