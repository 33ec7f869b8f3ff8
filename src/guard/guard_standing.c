// SPDX-License-Identifier: GPL-3.0-or-later
//
// What people hold, and whom they stopped: asked before a plan is applied, and again while it is, by the same rules.
#include "guard_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// The rules.

// Whether all that the plan does is to take back what was done.
static bool is_undoing(const Plan *plan)
{
  uint32_t n = 1;
  while (n <= plan_n_ops(plan) && g_strcmp0(plan_op(plan, n)->cause, UNDO_CAUSE) == 0)
    n++;
  return n > 1 && n > plan_n_ops(plan);
}

// What an undo placed is against the next night. The next undo it does not hold: of another target, of the rest after a kill,
// or of the undo itself. What a person placed holds that, too.
bool guard_standing_read(const GuardSetup *setup, Standing *out, GError **error)
{
  const Plan *plan = setup->plan;
  if (!store_holds_read(setup->store, date_of_instant(setup->now), plan_digest(plan), &out->holds,
                        error))
    return false;
  if (is_undoing(plan))
    store_holds_drop_placed(out->holds);
  return true;
}

void guard_standing_clear(Standing *standing)
{
  g_clear_pointer(&standing->holds, store_holds_free);
}

// What a stop takes is taken whoever holds the person; only a target that is held is left alone. What its release gives
// back is like all else.
bool guard_is_of_stop(const Op *op)
{
  bool gives_back =
      op->kind == OP_LIFT || op->kind == OP_ENABLE || op->kind == OP_JOIN || op->kind == OP_CREATE;
  return op->cause != NULL && strcmp(op->cause, RESTRICTION_STOPPED) == 0 && !gives_back;
}

const HoldRow *guard_hold_on(const GuardSetup *setup, const Standing *standing, const Op *op)
{
  (void)setup;
  const HeldThing thing = {op->target, op->object, op->member, op->person};
  const HeldThing of_stop = {.target = op->kind == OP_RESTRICT ? NULL : op->target};
  return store_holds_on(standing->holds, guard_is_of_stop(op) ? &of_stop : &thing);
}

// A plan that was made before they were stopped knows nothing of it. What takes, and what only describes them, goes on, and
// what waits for a day on which the stop is over waits.
const HoldRow *guard_stop_on(const GuardSetup *setup, const Standing *standing, const Op *op)
{
  const GuardConfig *config = guard_config_of(setup, op->target);
  if (!op_grants(config != NULL ? config->system : NULL, op))
    return NULL;
  return store_stop_then(standing->holds, op->person, MAX(setup->now, op->not_before));
}

// Its reason is for those who must know it (`idou hold --list --reasons`): what people read here says whom to ask.
char *guard_standing_reason(const HoldRow *row)
{
  return g_strdup_printf(strcmp(row->kind, HOLD_STOP) == 0
                             ? _("stopped (stop %" G_GINT64_FORMAT "); ask %s")
                             : _("hold %" G_GINT64_FORMAT "; ask %s"),
                         row->id, row->who);
}

// ---------------------------------------------------------------------------------------------
// While a plan is applied.

struct GuardWarden {
  GuardSetup setup;
  Standing standing;
  int64_t seen;
  GStringChunk *reasons;
};

bool guard_warden_new(const GuardSetup *setup, GuardWarden **out, GError **error)
{
  g_autoptr(GuardWarden) warden = g_new0(GuardWarden, 1);
  bool wrote = false;
  warden->setup = *setup;
  warden->reasons = g_string_chunk_new(256);
  // In this order: what is said in between is read twice rather than not at all.
  if (!store_others_wrote(setup->store, &warden->seen, &wrote, error) ||
      !guard_standing_read(setup, &warden->standing, error))
    return false;
  *out = g_steal_pointer(&warden);
  return true;
}

void guard_warden_free(GuardWarden *warden)
{
  if (warden == NULL)
    return;
  guard_standing_clear(&warden->standing);
  g_string_chunk_free(warden->reasons);
  g_free(warden);
}

bool guard_warden_looks(void *data, bool *news, GError **error)
{
  GuardWarden *warden = data;
  int64_t seen = warden->seen;
  *news = false;
  if (!store_others_wrote(warden->setup.store, &seen, news, error))
    return false;
  if (!*news)
    return true;
  Standing now = {NULL};
  if (!guard_standing_read(&warden->setup, &now, error))
    return false;
  guard_standing_clear(&warden->standing);
  warden->standing = now;
  warden->seen = seen;
  return true;
}

const char *guard_warden_holds(const Op *op, void *data)
{
  GuardWarden *warden = data;
  const HoldRow *row = guard_hold_on(&warden->setup, &warden->standing, op);
  row = row != NULL ? row : guard_stop_on(&warden->setup, &warden->standing, op);
  if (row == NULL)
    return NULL;
  g_autofree char *reason = guard_standing_reason(row);
  return g_string_chunk_insert_const(warden->reasons, reason);
}
