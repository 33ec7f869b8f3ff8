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
                                     RESTRICTION_STOPPED,
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

// One case, whatever its operations: by the order's number, since HR may send the row again in another file.
static const char *matter_of(const Side *side, int64_t row, bool orders_only)
{
  RowOrigin origin;
  if (!side->desired->type->origin(side->desired, row, &origin) ||
      (orders_only && origin.order == NULL))
    return NULL;
  g_autofree char *text = origin.order == NULL
                              ? g_strdup_printf("%s:%" G_GINT64_FORMAT, origin.file, origin.line)
                          : origin.space == NULL ? g_strdup(origin.order)
                                                 : g_strjoin("/", origin.space, origin.order, NULL);
  return g_string_chunk_insert(side->arena, text);
}

// What is told together with its end (a request, a leave) is no event before that.
static const char *matter_of_order(const Side *side, const GArray *rows)
{
  int64_t last = 0;
  DesiredOrder order;
  for (guint i = 0; i < rows->len; i++) {
    int64_t row = g_array_index(rows, int64_t, i);
    if (row > last && side->desired->type->order(side->desired, row, &order) && order.fresh)
      last = row;
  }
  return last != 0 ? matter_of(side, last, true) : NULL;
}

// Of somebody new to the target: the order that came last, else the row that did.
static const char *matter_of_new(const Side *side, const GArray *rows)
{
  int64_t last = 0;
  const char *matter = NULL;
  for (guint i = rows->len; i > 0 && matter == NULL; i--) {
    int64_t row = g_array_index(rows, int64_t, i - 1);
    last = MAX(last, row);
    matter = matter_of(side, row, true);
  }
  return matter != NULL || last == 0 ? matter : matter_of(side, last, false);
}

void side_cause(const Side *side, Op *op, uint32_t entry, const GArray *rows)
{
  if (op->person == 0)
    return;
  if (is_new(side, op, entry)) {
    op->cause = causes[0];
    op->matter = matter_of_new(side, rows);
    return;
  }
  Desired *desired = side->desired;
  DesiredEvent latest = {DATE_NONE, "other"};
  int64_t row = 0;
  for (guint i = 0; i < rows->len; i++) {
    DesiredEvent event;
    if (!desired->type->event(desired, op->person, g_array_index(rows, int64_t, i),
                              op->kind == OP_ENABLE, &event))
      continue;
    if (event.from < latest.from ||
        (event.from == latest.from && rank_of(event.cause) >= rank_of(latest.cause)))
      continue;
    latest = event;
    row = g_array_index(rows, int64_t, i);
  }
  op->cause = latest.cause;
  op->matter = row != 0 ? matter_of(side, row, false) : matter_of_order(side, rows);
}
