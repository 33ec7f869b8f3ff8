// SPDX-License-Identifier: GPL-3.0-or-later
//
// What approved plans did not do: left out by whoever approved, or refused since the entry is not as it was when they
// looked. The journal tells it, killed or not; the plan, if its file is still there, tells what was to come of it.
#include "guard_p.h"

#include <string.h>

// Of one night is what lies between two noons.
#define NOON_SECONDS (12 * 3600)

typedef struct Lost {
  bool left;      // out; else refused
  bool fresh;     // of this night, or of a plan for this day or a later one
  bool approved;  // still: those who approved its plan count
  char *object;
  const Op *op;  // as it was approved; NULL = its plan is gone
  OpRow row;     // borrows from strings
} Lost;

struct Undone {
  const GuardSetup *setup;
  int64_t run;          // of the plan at hand; 0 = none yet
  GHashTable *planned;  // names of what the plan at hand does
  GHashTable *by_name;  // GArray of Lost
  GHashTable *plans;    // path -> Before
  GStringChunk *strings;
};

// A plan that was approved.
typedef struct Before {
  Plan *plan;  // NULL: it is gone
  Approvals *approvals;
} Before;

static void free_before(void *data)
{
  Before *before = data;
  plan_free(before->plan);
  approvals_free(before->approvals);
  g_free(before);
}

static void free_losses(void *data)
{
  g_array_unref(data);
}

void guard_undone_free(Undone *undone)
{
  if (!undone)
    return;
  g_clear_pointer(&undone->planned, g_hash_table_unref);
  g_hash_table_unref(undone->by_name);
  g_hash_table_unref(undone->plans);
  g_string_chunk_free(undone->strings);
  g_free(undone);
}

static char *name_of(const char *target, const char *object, const char *kind)
{
  return g_strjoin("\n", target, object, kind, NULL);
}

static char *name_of_op(const Op *op)
{
  return name_of(op->target, op->object, op_traits(op->kind)->name);
}

// ---------------------------------------------------------------------------------------------
// Whether two operations come to the same.

static bool same_value(const OpValue *a, const OpValue *b)
{
  return a->kind == b->kind && a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

static bool has_value(const OpValue *values, size_t n, const OpValue *value)
{
  for (size_t i = 0; i < n; i++)
    if (same_value(&values[i], value))
      return true;
  return false;
}

static bool has_all(const OpValue *values, size_t n, const OpValue *others, size_t n_others)
{
  for (size_t i = 0; i < n_others; i++)
    if (!has_value(values, n, &others[i]))
      return false;
  return true;
}

static const OpChange *find_change(const Op *op, const char *attribute)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (g_ascii_strcasecmp(op->changes[i].attribute, attribute) == 0)
      return &op->changes[i];
  return NULL;
}

// One value in place of whatever stands there, or of several no others than those that were to come and go.
static bool change_within(const OpChange *change, const OpChange *approved)
{
  if (!approved ||
      !has_all(approved->new_values, approved->n_new, change->new_values, change->n_new))
    return false;
  bool one =
      change->n_new == 1 && approved->n_new == 1 && change->n_old <= 1 && approved->n_old <= 1;
  return one || has_all(approved->old_values, approved->n_old, change->old_values, change->n_old);
}

static bool same_place(const Op *a, const Op *b)
{
  return g_strcmp0(a->member, b->member) == 0 && g_strcmp0(a->parent, b->parent) == 0 &&
         g_strcmp0(a->name, b->name) == 0;
}

// Nothing comes of `op` that does not come of the approved one.
static bool is_within(const Op *op, const Op *approved)
{
  if (!same_place(op, approved))
    return false;
  for (size_t i = 0; i < op->n_changes; i++)
    if (!change_within(&op->changes[i], find_change(approved, op->changes[i].attribute)))
      return false;
  return op->n_changes > 0 || approved->n_changes == 0;
}

// … and it expects what that one expected: not what is there now was in its way, but something else.
static bool is_same(const Op *op, const Op *approved)
{
  if (!is_within(op, approved) || op->n_changes != approved->n_changes ||
      g_strcmp0(op->old_parent, approved->old_parent) != 0 ||
      g_strcmp0(op->old_name, approved->old_name) != 0)
    return false;
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i], *other = find_change(approved, change->attribute);
    if (change->n_old != other->n_old ||
        !has_all(other->old_values, other->n_old, change->old_values, change->n_old))
      return false;
  }
  return true;
}

static bool touches(const Op *op, const Op *approved)
{
  if (g_strcmp0(op->member, approved->member) != 0)
    return false;
  if (op->n_changes == 0 || approved->n_changes == 0)
    return true;
  for (size_t i = 0; i < op->n_changes; i++)
    if (find_change(approved, op->changes[i].attribute))
      return true;
  return false;
}

// ---------------------------------------------------------------------------------------------
// Reading.

static Date night_of(Instant instant)
{
  return date_of_instant(instant - NOON_SECONDS);
}

static const Before *find_before(Undone *undone, const UndoneRow *row)
{
  const char *path = row->plan_path ? row->plan_path : "";
  Before *before = g_hash_table_lookup(undone->plans, path);
  if (before)
    return before;
  before = g_new0(Before, 1);
  g_hash_table_insert(undone->plans, g_strdup(path), before);
  g_autoptr(Plan) plan = plan_read(path, NULL);
  if (!plan || strcmp(plan_digest(plan), row->digest) != 0)
    return before;
  before->plan = g_steal_pointer(&plan);
  g_autofree char *beside = approvals_path(path);
  before->approvals = approvals_read(beside, NULL);
  approvals_judge(before->approvals, &(ApprovalCase){.plan = before->plan,
                                                     .rules = undone->setup->rules,
                                                     .now = undone->setup->now});
  return before;
}

static const char *keep(Undone *undone, const char *text)
{
  return g_string_chunk_insert_const(undone->strings, text);
}

static void add_loss(Undone *undone, const char *name, const UndoneRow *row)
{
  const GuardSetup *setup = undone->setup;
  const Before *before = find_before(undone, row);
  const Op *op = before->plan ? plan_op(before->plan, row->op.n) : NULL;
  bool left = strcmp(row->op.state, "skipped") == 0;
  // Of the same plan, but no class that anybody approved.
  if (op && !left && before->approvals && !approvals_mention(before->approvals, op))
    return;
  Lost lost = {.left = left,
               .fresh = plan_head(setup->plan)->as_of <= row->as_of ||
                        night_of(setup->now) == night_of(row->changed),
               .approved = op && approvals_cover(before->approvals, op, op_traits(op->kind)->name),
               .op = op,
               .row = {.run = row->op.run,
                       .n = row->op.n,
                       .target = keep(undone, row->op.target),
                       .object = keep(undone, row->op.object),
                       .kind = keep(undone, row->op.kind)}};
  GArray *losses = g_hash_table_lookup(undone->by_name, name);
  if (!losses) {
    losses = g_array_new(FALSE, FALSE, sizeof(Lost));
    g_hash_table_insert(undone->by_name, g_strdup(name), losses);
  }
  g_array_append_val(losses, lost);
}

// Most nights nothing was left, and then nobody asks.
static void name_planned(Undone *undone)
{
  const Plan *plan = undone->setup->plan;
  undone->planned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++)
    g_hash_table_add(undone->planned, name_of_op(plan_op(plan, n)));
}

static bool take_row(const UndoneRow *row, void *data)
{
  Undone *undone = data;
  if (!undone->planned)
    name_planned(undone);
  g_autofree char *name = name_of(row->op.target, row->op.object, row->op.kind);
  if (strcmp(row->digest, plan_digest(undone->setup->plan)) != 0 &&
      g_hash_table_contains(undone->planned, name))
    add_loss(undone, name, row);
  return true;
}

Undone *guard_undone_read(const GuardSetup *setup, GError **error)
{
  g_autoptr(Undone) undone = g_new0(Undone, 1);
  RunRow run;
  undone->setup = setup;
  if (store_run_by_digest(setup->store, plan_digest(setup->plan), &run))
    undone->run = run.id;
  undone->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_losses);
  undone->plans = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_before);
  undone->strings = g_string_chunk_new(1024);
  if (!store_undone_each(setup->store, take_row, undone, error))
    return NULL;
  return g_steal_pointer(&undone);
}

// ---------------------------------------------------------------------------------------------
// Asking.

// What people do on their own account does not wait for what a plan left.
static bool is_of_the_day(const Op *op)
{
  return g_strcmp0(op->cause, "undo") != 0 && !restriction_is_cause(op->cause);
}

static bool is_concerned(const Undone *undone, const Lost *lost, const Op *op)
{
  if (lost->left)
    return lost->fresh && (!lost->op || touches(op, lost->op));
  if (lost->op && is_same(op, lost->op))
    return false;
  bool intended = lost->op && is_within(op, lost->op);
  bool near = lost->fresh && (!lost->op || touches(op, lost->op));
  return (intended || near) && !store_op_done_since(undone->setup->store, &lost->row, undone->run);
}

static const Lost *find_loss(const Undone *undone, const Op *op)
{
  if (g_hash_table_size(undone->by_name) == 0)
    return NULL;
  g_autofree char *name = name_of_op(op);
  const GArray *losses = g_hash_table_lookup(undone->by_name, name);
  for (guint i = 0; losses && is_of_the_day(op) && i < losses->len; i++) {
    const Lost *lost = &g_array_index(losses, Lost, i);
    if (is_concerned(undone, lost, op))
      return lost;
  }
  return NULL;
}

bool guard_undone_follows(const Undone *undone, const Op *op)
{
  const Lost *lost = find_loss(undone, op);
  const ApprovalRules *rules = undone->setup->rules;
  return lost && !lost->left && rules && rules->follows && lost->approved &&
         is_within(op, lost->op);
}

bool guard_undone_finds(const Undone *undone, const Op *op, bool left, int64_t *run, uint32_t *n)
{
  const Lost *lost = find_loss(undone, op);
  if (!lost || lost->left != left || guard_undone_follows(undone, op))
    return false;
  *run = lost->row.run;
  *n = lost->row.n;
  return true;
}
