// SPDX-License-Identifier: GPL-3.0-or-later
//
// In which unit somebody is, and which one they left for it: so that a plan can be read by unit.
#include "planner/planner_p.h"

#define WIDE_SPACE "\u3000"
#define MOST_LEVELS 16   // deeper than any organisation; what goes further walks in a circle
#define BEFORE_DAYS 31   // who left a unit longer before the day is not looked for there any more
#define PAST_DAYS 36525  // far enough back for the last unit of whoever left

// The roster that people are derived from knows ended posts as far as the rules ask for them.
static Roster *open_past(Derived *derived)
{
  RosterWhen when = *roster_when(derived->roster);
  when.grace_days = PAST_DAYS;
  if (derived->past == NULL)
    derived->past = roster_open(derived->store, &when, NULL);
  return derived->past;
}

static void put_path(const Unit *unit, unsigned level, GString *out)
{
  if (unit->parent != NULL && level < MOST_LEVELS) {
    put_path(unit->parent, level + 1, out);
    g_string_append(out, WIDE_SPACE);
  }
  g_string_append(out, unit->name);
}

static const char *tell(Derived *derived, const Unit *unit)
{
  g_autoptr(GString) text = g_string_new(unit->code);
  g_string_append_c(text, ' ');
  put_path(unit, 0, text);
  return g_string_chunk_insert_const(derived->texts, text->str);
}

const char *desired_unit(Desired *desired, uint32_t id)
{
  Derived *derived = (Derived *)desired;
  const Unit *unit = roster_unit_by_id(derived->roster, id);
  return unit != NULL ? tell(derived, unit) : NULL;
}

static const char *name_of(Derived *derived, const Post *post)
{
  const Unit *unit = roster_unit_by_id(derived->past, post->unit_id);
  return unit != NULL ? tell(derived, unit)
                      : g_string_chunk_insert_const(derived->texts, post->unit);
}

static bool is_over(const Post *post, Instant at)
{
  return post->ends <= at;
}

static bool is_to_come(const Post *post, Instant at)
{
  return post->begins > at;
}

// The main post that began last; posts of one time do not overlap, but HR's records may.
static const Post *latest(const Person *person, Instant at,
                          bool (*is_so)(const Post *post, Instant at))
{
  const Post *found = NULL;
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    if (post->main && is_so(post, at) && (found == NULL || post->begins > found->begins))
      found = post;
  }
  return found;
}

static void find_units(Derived *derived, uint32_t id, PersonUnits *out)
{
  const Person *person = NULL;
  Roster *past = open_past(derived);
  if (past == NULL || !roster_person(past, id, &person, NULL) || person == NULL)
    return;
  Instant at = roster_when(past)->at;
  const Post *before = latest(person, at, is_over);
  const Post *now = latest(person, at, post_in_force);
  if (now == NULL)
    now = latest(person, at, is_to_come);
  if (now == NULL && before == NULL)
    return;
  out->unit = name_of(derived, now != NULL ? now : before);
  if (now == NULL || before == NULL || derived->day - before->end >= BEFORE_DAYS)
    return;
  const char *left = name_of(derived, before);
  out->before = left != out->unit ? left : NULL;
}

void desired_units(Desired *desired, uint32_t person, PersonUnits *out)
{
  Derived *derived = (Derived *)desired;
  PersonUnits *known = g_hash_table_lookup(derived->units, GUINT_TO_POINTER(person));
  if (known == NULL) {
    known = g_new0(PersonUnits, 1);
    find_units(derived, person, known);
    g_hash_table_insert(derived->units, GUINT_TO_POINTER(person), known);
  }
  *out = *known;
}
