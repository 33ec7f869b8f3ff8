// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

static int lock_beside(const Site *site, const char *ending, const char *words, GError **error)
{
  g_autofree char *path = g_strconcat(site->store, ending, NULL);
  int lock = file_lock(path, error);
  if (lock < 0 && error != NULL && g_error_matches(*error, IDOU_ERROR, EXIT_LOCKED))
    g_prefix_error(error, "%s: ", words);
  return lock;
}

// One run at a time. Desk commands have locks of their own and do not wait here.
int job_lock(const Site *site, GError **error)
{
  return lock_beside(site, ".lock", _("another run is at work; wait for its end"), error);
}

// Whether a file is known is asked before it is taken in.
int job_intake_lock(const Site *site, GError **error)
{
  return lock_beside(site, ".intake.lock", _("files are being taken in; wait for its end"), error);
}

char *job_object_locks(const Site *site)
{
  return g_strconcat(site->store, ".objects", NULL);
}

static bool find_approval(const ApplyRequest *request, const Plan *plan, Approval **out,
                          GError **error)
{
  *out = request->approval != NULL ? approval_read(request->approval, error)
                                   : job_approval_beside(request->plan_path, plan);
  return *out != NULL || request->approval == NULL;
}

static bool remember(const GuardSetup *guard, GError **error)
{
  if (!store_begin(guard->store, error))
    return false;
  if (guard_remember(guard, error) && store_commit(guard->store, error))
    return true;
  store_rollback(guard->store);
  return false;
}

static void keep_to(const char *target, const char *written, void *data)
{
  const Site *site = data;
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      target_config_prefer(site->targets[i], written);
}

static bool accept_bundle(Store *store, const Plan *plan, GError **error)
{
  return bundle_accept(&plan_head(plan)->bundle, store, error);
}

static bool apply_watched(const ApplySetup *setup, const ApplyWatch *watch, ApplyReport *report,
                          GError **error)
{
  if (watch != NULL)
    watch->begins(setup->plan, setup->store, watch->data);
  bool fine = apply_plan(setup, report, error);
  if (watch != NULL)
    watch->ended(setup->plan, setup->store, report, watch->data);
  return fine;
}

static bool apply(const Site *site, Store *store, const ApplyRequest *request, ApplyReport *report,
                  GError **error)
{
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  g_autoptr(Approval) approval = NULL;
  if (plan == NULL || !job_bundle_may(site, store, plan, error) ||
      !find_approval(request, plan, &approval, error))
    return false;
  g_autoptr(GuardVerdict) verdict = NULL;
  g_autoptr(GByteArray) chosen = NULL;
  // The verdict asks again what has changed since the plan was made: holds, windows, fingerprints, the clock.
  GuardSetup guard = {.plan = plan,
                      .configs = (const GuardConfig *const *)site->guards,
                      .store = store,
                      .approval = approval,
                      .first_run = request->first_run,
                      .now = instant_now()};
  if (!guard_check(&guard, &verdict, error))
    return false;
  if ((request->only != NULL || request->except != NULL) &&
      !plan_choose(plan, request->only, request->except, &chosen, error))
    return false;
  site_servers(site, store);
  // A run that goes on may be started from another folder.
  g_autofree char *full_path = g_canonicalize_filename(request->plan_path, NULL);
  g_autofree char *object_locks = job_object_locks(site);
  ApplySetup setup = {.store = store,
                      .plan = plan,
                      .plan_path = full_path,
                      .held = verdict->held,
                      .targets = (const TargetConfig *const *)site->targets,
                      .passwords = site->passwords,
                      .object_locks = object_locks,
                      .chosen = chosen,
                      .begins = plan_head(plan)->bundle.segment != NULL ? accept_bundle : NULL,
                      .wrote = keep_to,
                      .wrote_data = (void *)site,
                      .now = guard.now,
                      .interrupted = request->interrupted,
                      .timer = request->timer,
                      .noted = request->noted,
                      .noted_data = request->noted_data};
  return apply_watched(&setup, request->watch, report, error) && remember(&guard, error) &&
         (report->exit == EXIT_INTERRUPTED ||
          job_bundle_receipt_of(site, store, plan, report->run, NULL, request->told, error));
}

bool job_apply(const Site *site, const ApplyRequest *request, ApplyReport *report, GError **error)
{
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, error);
  bool fine =
      store != NULL &&
      (request->receipts == NULL || job_receipts_note(site, store, request->receipts, error)) &&
      apply(site, store, request, report, error);
  close(lock);
  return fine;
}

bool job_ledger_ready(const Site *site, GError **error)
{
  if (!g_file_test(site->store, G_FILE_TEST_EXISTS))
    return true;
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, error);
  return store != NULL;
}

bool job_resume_path(const Site *site, char **plan_path, GError **error)
{
  *plan_path = NULL;
  if (!job_ledger_ready(site, error))
    return false;
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  RunRow run;
  if (!apply_due(store, &run))
    return true;
  if (!g_file_test(run.plan_path, G_FILE_TEST_EXISTS)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("a run is due, but its plan is gone: %s. Bring it back; or make a new plan and "
                  "apply that"),
                run.plan_path);
    return false;
  }
  *plan_path = g_strdup(run.plan_path);
  return true;
}
