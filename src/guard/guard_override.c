// SPDX-License-Identifier: GPL-3.0-or-later
//
// Overrides: two people lift a check for one plan and one run.
#include "guard_p.h"

#include <string.h>

static const char *const OVERRIDABLE[] = {"count", "week",    "date",    "fingerprint",
                                          "empty", "confirm", "licence", NULL};

const char *const *guard_overridable(void)
{
  return OVERRIDABLE;
}

static bool is_overridden(const Approvals *approvals, const char *target, const char *what)
{
  const ApprovalAsk ask = {.kind = APPROVAL_OVERRIDE, .target = target, .what = what};
  return approvals_people(approvals, &ask) >= GUARD_OVERRIDE_PEOPLE;
}

unsigned guard_override_people(const Approvals *approvals, const char *class)
{
  const ApprovalAsk ask = {.kind = APPROVAL_OVERRIDE, .what = class};
  return approvals_people(approvals, &ask);
}

bool guard_is_kept(const GuardSetup *setup, const char *check)
{
  return setup->override_only && g_strv_contains(setup->override_only, check);
}

const char *guard_how_lifted(const GuardSetup *setup, const char *check)
{
  return guard_is_kept(setup, check) ? _("let two people override (idou override)")
                                     : _("approve the plan for");
}

bool guard_lifts(const GuardSetup *setup, const char *check, const char *target, const char *what)
{
  return (!guard_is_kept(setup, check) && approvals_allow(setup->approvals, target, what)) ||
         is_overridden(setup->approvals, target, what);
}

bool guard_covers(const GuardSetup *setup, const Undone *undone, const char *check, const Op *op,
                  const char *what)
{
  return (!guard_is_kept(setup, check) && approvals_cover(setup->approvals, op, what)) ||
         is_overridden(setup->approvals, op->target, what) || guard_undone_follows(undone, op);
}

// ---------------------------------------------------------------------------------------------
// Once.

// The signature is left out of it: who signs the same word again says nothing new.
static char *entry_of(const Approval *approval)
{
  g_autofree char *canonical = approval_canonical(approval);
  return g_compute_checksum_for_string(G_CHECKSUM_SHA256, canonical, -1);
}

static bool is_override(const Approval *approval)
{
  return !approval->flaw && strcmp(approval->kind, APPROVAL_OVERRIDE) == 0;
}

static bool refuse(GError **error, const char *format, const char *who)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, format, who);
  return false;
}

bool guard_override_may(const Approvals *there, Store *store, const Approval *one,
                        const ApprovalCase *judged, GError **error)
{
  g_autoptr(Approvals) all = approvals_new();
  for (guint i = 0; there && i < there->list->len; i++)
    approvals_take(all, approval_copy(g_ptr_array_index(there->list, i)));
  Approval *added = approval_copy(one);
  approvals_take(all, added);
  approvals_judge(all, judged);
  if (added->flaw)
    return refuse(error, "%s", added->flaw);
  for (guint i = 0; i + 1 < all->list->len; i++) {
    const Approval *other = g_ptr_array_index(all->list, i);
    g_autofree char *entry = entry_of(other);
    if (is_override(other) && other->person == added->person &&
        store_override_spent(store, entry) == 0)
      return refuse(error,
                    _("%s has overridden this plan already, and is the same person (name, key or "
                      "account; approvals: shared names accounts of several): somebody else must"),
                    other->who);
  }
  return true;
}

void guard_overrides_judge(Approvals *approvals, Store *store)
{
  for (guint i = 0; approvals && i < approvals->list->len; i++) {
    Approval *approval = g_ptr_array_index(approvals->list, i);
    if (strcmp(approval->kind, APPROVAL_OVERRIDE) != 0)
      continue;
    g_autofree char *entry = entry_of(approval);
    int64_t run = approval->flaw ? 0 : store_override_spent(store, entry);
    approval->spent = run > 0;
    if (run > 0)
      approval->flaw = g_strdup_printf(
          _("the override of %s was used by run %" G_GINT64_FORMAT ": it counts once"),
          approval->who, run);
    if (approval->flaw)
      log_note(LOG_NORMAL, _("an override does not count: %s"), approval->flaw);
  }
}

// One person's word alone lifts nothing, and stays.
bool guard_override_lifts(const Approvals *approvals, const Approval *approval)
{
  for (char **class = approval->allows; is_override(approval) && *class; class ++)
    if (is_overridden(approvals, NULL, *class))
      return true;
  return false;
}

// With the run's beginning and not with its end: killed in between, the run has it, and no other can.
bool guard_overrides_take(const Approvals *approvals, Store *store, const Plan *plan,
                          GError **error)
{
  RunRow run;
  if (!approvals || !store_run_by_digest(store, plan_digest(plan), &run))
    return true;
  int64_t id = run.id;
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    g_autofree char *entry = entry_of(approval);
    if (approval->spent && !store_override_seal(store, entry, error))
      return false;
    if (guard_override_lifts(approvals, approval) && !store_override_spend(store, entry, id, error))
      return false;
  }
  return true;
}
