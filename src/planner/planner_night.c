// SPDX-License-Identifier: GPL-3.0-or-later
//
// When in a night something is done. Days are the rules' business and are as they are without this: here a moment of
// the day is put to it, and a deletion is put off until what else belongs to it has stood for a while.
#include "planner/planner_p.h"

#include <string.h>

#define MINUTE_SECONDS 60
#define DAY_SECONDS 86400

// What the rules wanted on a day gone by.
typedef struct Past {
  Date day;
  Table *table;  // NULL: it could not be told
  Desired *desired;
} Past;

typedef struct Postponed {
  OpKind kind;
  Instant before;  // when it would be done without the night
  bool hastened;   // it is done then
} Postponed;

static void clear_past(void *data)
{
  Past *past = data;
  desired_close(past->desired);
  table_free(past->table);
}

void side_night_clear(Side *side)
{
  g_clear_pointer(&side->pasts, g_array_unref);
  g_clear_pointer(&side->postponed, g_hash_table_unref);
}

// ---------------------------------------------------------------------------------------------
// Taking away: so long after midnight. What is late waits no longer than that of today.

static Instant planned_day(const Side *side, const Op *op)
{
  Instant when = op->not_before == INSTANT_NONE ? side->setup->now : op->not_before;
  return date_start(date_of_instant(when));
}

// What a plan puts to a moment of the day other than its beginning, posts by the hour, is left there.
static bool is_of_midnight(const Side *side, const Op *op)
{
  return op->not_before == INSTANT_NONE || op->not_before == planned_day(side, op);
}

static void put_to(const Side *side, Op *op, Instant moment)
{
  if (moment > side->setup->now)
    op->not_before = moment;
}

static void put_revocation(const Side *side, Op *op)
{
  int minutes = side->setup->night.revocations_minutes;
  if (minutes > 0 && is_of_midnight(side, op))
    put_to(side, op, planned_day(side, op) + (Instant)minutes * MINUTE_SECONDS);
}

// ---------------------------------------------------------------------------------------------
// Deleting: as the rules wanted it so many days ago.

static const Past *past_of(Side *side, Date day)
{
  if (side->pasts == NULL) {
    side->pasts = g_array_new(FALSE, FALSE, sizeof(Past));
    g_array_set_clear_func(side->pasts, clear_past);
  }
  for (guint i = 0; i < side->pasts->len; i++)
    if (g_array_index(side->pasts, Past, i).day == day)
      return &g_array_index(side->pasts, Past, i);
  Past past = {.day = day, .table = table_new(side->schema)};
  DesiredAsk ask = {.config = side->target->config,
                    .table = past.table,
                    .day = day,
                    .at = date_start(day),
                    .findings = side->untold};
  past.desired = side->setup->source->open(side->setup->source, &ask, NULL);
  if (past.desired != NULL)
    table_freeze(past.table, side->untold);
  else
    g_clear_pointer(&past.table, table_free);
  g_array_append_val(side->pasts, past);
  return &g_array_index(side->pasts, Past, side->pasts->len - 1);
}

static bool is_absent_in(const Side *side, const Table *table, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  bool by_key = entry->subject == 0 || table_shares_subjects(side->table, entry->klass);
  uint32_t there = by_key ? table_find_key(table, entry->klass, entry_key(entry))
                          : table_find_subject(table, entry->klass, entry->subject);
  return there != ENTRY_NONE && table_at(table, there)->presence == PRESENCE_ABSENT;
}

// Of a day that could not be told nobody says that it was wanted: it is put off.
static bool was_absent(Side *side, uint32_t index, Date day)
{
  Date today = date_of_instant(side->setup->now);
  if (day >= date_of_instant(side_day(side)))
    return true;
  if (day == today && side->today_table != NULL)
    return is_absent_in(side, side->today_table, index);
  const Past *past = past_of(side, day);
  return past->table != NULL && is_absent_in(side, past->table, index);
}

// From which day on it is wanted, as far as that matters.
static void put_deletion(Side *side, Op *op, uint32_t index)
{
  const PlannerNight *night = &side->setup->night;
  Instant delay = (Instant)night->deletions_days * DAY_SECONDS +
                  (Instant)night->deletions_minutes * MINUTE_SECONDS;
  Date last = date_of_instant(side_day(side));
  Date day = date_of_instant(side->setup->now - delay);
  if (delay == 0)
    return;
  while (day < last && !was_absent(side, index, day))
    day++;
  if (date_start(day) + delay > side->setup->now)
    op->not_before = date_start(day) + delay;
}

// What has no switch is taken away by its deletion; so is an assignment, which is a right itself.
static bool is_cleanup(const Side *side, uint32_t entry)
{
  const Klass *klass = side_klass(side, entry);
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(entry));
  if (klass == NULL || klass->subject == FOR_UNIT || klass->subject == FOR_GROUP)
    return true;
  return klass->subject != FOR_ASSIGNMENT && side->target->config->disable_attribute != NULL &&
         kept != NULL && kept->observed.enabled != ENABLED_UNMANAGED;
}

void side_night_entry(Side *side, Op *op, uint32_t entry)
{
  if (op->kind == OP_DELETE && is_cleanup(side, entry))
    put_deletion(side, op, entry);
  else if (op->kind == OP_DELETE || op->kind == OP_DISABLE)
    put_revocation(side, op);
}

// ---------------------------------------------------------------------------------------------
// Giving ahead of its day, where a rule says so: from the evening on.

static bool is_ahead(Side *side, const Op *op, uint32_t group, uint32_t member)
{
  Why why;
  why_init(&why);
  if (op->not_before == INSTANT_NONE && side->later)
    side->today->type->why_edge(side->today, side_today_entry(side, group),
                                side_today_entry(side, member), &why);
  else
    side->desired->type->why_edge(side->desired, group, member, &why);
  bool ahead = why.ahead;
  why_clear(&why);
  return ahead;
}

void side_night_edge(Side *side, Op *op, uint32_t group, uint32_t member)
{
  int minutes = side->setup->night.grants_minutes;
  if (op->kind == OP_LEAVE)
    put_revocation(side, op);
  else if (minutes > 0 && is_of_midnight(side, op) && is_ahead(side, op, group, member))
    put_to(side, op, planned_day(side, op) + (Instant)minutes * MINUTE_SECONDS);
}

// ---------------------------------------------------------------------------------------------
// What others need.

void side_night_note(Side *side, const Op *op, uint32_t handle, Instant before)
{
  if (op->not_before == before || op->kind == OP_JOIN)
    return;
  if (side->postponed == NULL)
    side->postponed = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  Postponed postponed = {op->kind, before, false};
  g_hash_table_insert(side->postponed, GUINT_TO_POINTER(handle),
                      g_memdup2(&postponed, sizeof postponed));
}

static const Op *find_op(const Side *side, uint32_t handle)
{
  size_t n = 0, low = 0;
  const Op *ops = plan_ops_so_far(side->plan, side->section, &n);
  while (low < n) {
    size_t middle = low + (n - low) / 2;
    if (ops[middle].n == handle)
      return &ops[middle];
    if (ops[middle].n < handle)
      low = middle + 1;
    else
      n = middle;
  }
  return NULL;
}

// A place must be free before another has it, and rights go before an account is switched on again.
static bool needs(const Op *waiting, OpKind earlier)
{
  bool gives = waiting->kind == OP_CREATE || waiting->kind == OP_ENABLE || waiting->kind == OP_JOIN;
  return gives || (earlier == OP_DELETE && waiting->kind != OP_DELETE);
}

typedef struct Settling {
  Side *side;
  bool changed;
} Settling;

static void settle(uint32_t handle, uint32_t earlier, void *data)
{
  Settling *settling = data;
  Side *side = settling->side;
  Postponed *put_off = g_hash_table_lookup(side->postponed, GUINT_TO_POINTER(earlier));
  if (put_off == NULL || put_off->hastened)
    return;
  const Postponed *self = g_hash_table_lookup(side->postponed, GUINT_TO_POINTER(handle));
  const Op *waiting = find_op(side, handle);
  if (waiting == NULL || !(self != NULL ? self->hastened : needs(waiting, put_off->kind)))
    return;
  plan_set_not_before(side->plan, earlier, put_off->before);
  put_off->hastened = settling->changed = true;
}

void side_night_settle(Side *side)
{
  Settling settling = {side, side->postponed != NULL};
  while (settling.changed) {
    settling.changed = false;
    plan_each_after(side->plan, settle, &settling);
  }
}
