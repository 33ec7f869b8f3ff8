// SPDX-License-Identifier: GPL-3.0-or-later
//
// Why a person's operation comes now: who was moved by an order of their own, and who only finds another name on
// the door. The rows that explain a value tell every event that it rests on, of any age; the latest is the cause.
#include "planner/planner_p.h"

#include <string.h>

// Of events of one day the one that stands further up counts.
static const char *const causes[] = {"hire",
                                     "retire",
                                     "return",
                                     "leave",
                                     "move",
                                     "promote",
                                     "rename",
                                     "relabel",
                                     RESTRICTION_DORMANT,
                                     RESTRICTION_ORPHAN,
                                     RESTRICTION_RECERTIFIED,
                                     "other",
                                     NULL};

const char *const *desired_causes(void)
{
  return causes;
}

static size_t rank_of(const char *cause)
{
  size_t rank = 0;
  while (causes[rank + 1] != NULL && strcmp(causes[rank], cause) != 0)
    rank++;
  return rank;
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
  if (op->person == 0)
    return;
  Desired *desired = side->desired;
  DesiredEvent latest = {DATE_NONE, "other"};
  for (guint i = 0; i < rows->len && !is_new(side, op, entry); i++) {
    DesiredEvent event;
    if (!desired->type->event(desired, op->person, g_array_index(rows, int64_t, i),
                              op->kind == OP_ENABLE, &event))
      continue;
    if (event.from > latest.from ||
        (event.from == latest.from && rank_of(event.cause) < rank_of(latest.cause)))
      latest = event;
  }
  op->cause = is_new(side, op, entry) ? causes[0] : latest.cause;
}
