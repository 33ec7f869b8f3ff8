// SPDX-License-Identifier: GPL-3.0-or-later
//
// Why a person's operation comes now: who was moved by an order of their own, and who only finds another name on
// the door. The rows that explain a value tell every event that it rests on, of any age; the latest is the cause.
#include "planner/planner_p.h"

#include <string.h>

// What took effect and was known longer before the day than this is not what an operation comes from.
#define FRESH_DAYS 92

// Of events of one day the one that stands further up counts.
typedef enum Cause {
  CAUSE_HIRE,
  CAUSE_RETIRE,
  CAUSE_RETURN,
  CAUSE_LEAVE,
  CAUSE_MOVE,
  CAUSE_PROMOTE,
  CAUSE_RENAME,
  CAUSE_RELABEL,
  CAUSE_OTHER
} Cause;

static const char *const words[] = {
    [CAUSE_HIRE] = "hire",     [CAUSE_RETIRE] = "retire",   [CAUSE_RETURN] = "return",
    [CAUSE_LEAVE] = "leave",   [CAUSE_MOVE] = "move",       [CAUSE_PROMOTE] = "promote",
    [CAUSE_RENAME] = "rename", [CAUSE_RELABEL] = "relabel", [CAUSE_OTHER] = "other",
};

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
static Cause cause_of_listing(const Person *person, const Op *op, int64_t row, Date from)
{
  bool of_state = person->rows[FIELD_STATE] == row;
  if (of_state && person->state == STATE_LEFT)
    return CAUSE_RETIRE;
  if (of_state && person->state != STATE_ACTIVE && person->state != STATE_FUTURE)
    return CAUSE_LEAVE;
  if (of_state && op->kind == OP_ENABLE)
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

static Cause cause_of_row(const Person *person, const Op *op, int64_t row, const RowKind *kind)
{
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].relabel_row == row)
      return CAUSE_RELABEL;
  if (kind->order != NULL)
    return kind->person == person->id ? cause_of_end(person, row, cause_of_order(kind->order))
                                      : CAUSE_OTHER;
  if (strcmp(kind->file, "units") == 0 || strcmp(kind->file, "reorganisation") == 0)
    return CAUSE_RELABEL;
  return cause_of_listing(person, op, row, kind->from);
}

static bool is_fresh(const Side *side, const RowKind *kind)
{
  Date as_of = side->setup->as_of;
  return kind->from != DATE_NONE && kind->from <= as_of &&
         (kind->from > as_of - FRESH_DAYS || date_of_instant(kind->taken) > as_of - FRESH_DAYS);
}

// Whoever gets an entry now is new to the target: nothing else need be asked, of thousands on a first run. What
// they are given there comes of any order.
static bool is_new(const Side *side, const Op *op, uint32_t entry)
{
  const Klass *klass = side_klass(side, entry);
  if (klass != NULL && klass->subject == FOR_ASSIGNMENT)
    return false;
  const EntryOps *ops = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(entry));
  return op->kind == OP_CREATE || (ops != NULL && ops->create != 0);
}

void side_cause(const Side *side, Op *op, uint32_t entry, const GArray *rows)
{
  const Person *person = NULL;
  Cause cause = CAUSE_OTHER;
  Date latest = DATE_NONE;
  if (op->person != 0 && is_new(side, op, entry)) {
    op->cause = words[CAUSE_HIRE];
    return;
  }
  if (op->person == 0 || !roster_person(side->roster, op->person, &person, NULL))
    return;
  for (guint i = 0; i < rows->len; i++) {
    int64_t row = g_array_index(rows, int64_t, i);
    RowKind kind;
    if (!store_row_kind(side->setup->store, row, &kind) || !is_fresh(side, &kind))
      continue;
    Cause this = cause_of_row(person, op, row, &kind);
    if (kind.from > latest || (kind.from == latest && this < cause)) {
      latest = kind.from;
      cause = this;
    }
  }
  op->cause = words[cause];
}
