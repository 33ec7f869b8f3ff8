// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a source row tells of a person: which event it was, as far as it is fresh.
#include "planner/planner_p.h"

#include <string.h>

typedef enum Cause {
  CAUSE_HIRE,
  CAUSE_RETIRE,
  CAUSE_RETURN,
  CAUSE_LEAVE,
  CAUSE_MOVE,
  CAUSE_PROMOTE,
  CAUSE_RENAME,
  CAUSE_RELABEL,
  CAUSE_DORMANT,  // what these four say comes of no source row: restrictions
  CAUSE_ORPHAN,
  CAUSE_RECERTIFIED,
  CAUSE_STOPPED,
  CAUSE_OTHER
} Cause;  // indices of desired_causes()

// Kinds of order, as intake names them.
static const struct {
  const char *order;
  Cause cause;
} by_order[] = {
    {"hire", CAUSE_HIRE},       {"take_over", CAUSE_MOVE},  {"hand_over", CAUSE_MOVE},
    {"transfer", CAUSE_MOVE},   {"change", CAUSE_MOVE},     {"relabel", CAUSE_RELABEL},
    {"promote", CAUSE_PROMOTE}, {"concurrent", CAUSE_MOVE}, {"concurrent_end", CAUSE_MOVE},
    {"joint", CAUSE_MOVE},      {"joint_end", CAUSE_MOVE},  {"acting", CAUSE_MOVE},
    {"acting_end", CAUSE_MOVE}, {"assist", CAUSE_MOVE},     {"assist_end", CAUSE_MOVE},
    {"seat", CAUSE_MOVE},       {"seat_end", CAUSE_MOVE},   {"leave", CAUSE_LEAVE},
    {"suspend", CAUSE_LEAVE},   {"second", CAUSE_LEAVE},    {"return", CAUSE_RETURN},
    {"retire", CAUSE_RETIRE},   {"rename", CAUSE_RENAME},
};

static Cause cause_of_order(const char *order)
{
  for (size_t i = 0; i < G_N_ELEMENTS(by_order); i++)
    if (strcmp(by_order[i].order, order) == 0)
      return by_order[i].cause;
  return CAUSE_OTHER;
}

// A row of a roster says all of a person; what of it is new is seen by what it is the source of.
static Cause cause_of_listing(const Person *person, bool enables, int64_t row, Date from)
{
  bool of_state = person->rows[FIELD_STATE] == row;
  if (of_state && person->state == STATE_LEFT)
    return CAUSE_RETIRE;
  if (of_state && person->state != STATE_ACTIVE && person->state != STATE_FUTURE)
    return CAUSE_LEAVE;
  if (of_state && enables)
    return CAUSE_RETURN;
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].row == row && person->posts[i].begin == from && from > person->hired)
      return CAUSE_MOVE;
  return CAUSE_OTHER;
}

// An order may have told the end of what it began: of a term, of a leave.
static Cause cause_of_end(const Person *person, int64_t row, Cause began)
{
  if (person->rows[FIELD_STATE] != row)
    return began;
  if (person->state == STATE_LEFT)
    return CAUSE_RETIRE;
  return began == CAUSE_LEAVE && person->state == STATE_ACTIVE ? CAUSE_RETURN : began;
}

static Cause cause_of_row(const Person *person, bool enables, int64_t row, const RowKind *kind)
{
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].relabel_row == row)
      return CAUSE_RELABEL;
  if (kind->order != NULL && kind->person != person->id)
    return CAUSE_OTHER;
  // What it corrected is seen by what it is the source of.
  if (kind->order != NULL && strcmp(kind->order, "correct") == 0)
    return kind->from == person->hired ? CAUSE_HIRE
                                       : cause_of_listing(person, enables, row, kind->from);
  if (kind->order != NULL)
    return cause_of_end(person, row, cause_of_order(kind->order));
  if (strcmp(kind->file, "units") == 0 || strcmp(kind->file, "reorganisation") == 0)
    return CAUSE_RELABEL;
  return cause_of_listing(person, enables, row, kind->from);
}

static bool is_fresh(Date as_of, const RowKind *kind)
{
  return kind->from != DATE_NONE && kind->from <= as_of &&
         (kind->from > as_of - FRESH_DAYS || date_of_instant(kind->taken) > as_of - FRESH_DAYS);
}

bool desired_event(const Derived *derived, uint32_t id, int64_t row, bool enables,
                   DesiredEvent *out)
{
  const Person *person = NULL;
  RowKind kind;
  if (!roster_person(derived->roster, id, &person, NULL) ||
      !store_row_kind(derived->store, row, &kind) || !is_fresh(derived->day, &kind))
    return false;
  *out = (DesiredEvent){kind.from, desired_causes()[cause_of_row(person, enables, row, &kind)]};
  return true;
}
