// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <idou/audit.h>

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

static bool find_approval(const Site *site, const ApplyRequest *request, const Plan *plan,
                          Approvals **out, GError **error)
{
  if (request->approval == NULL) {
    *out = job_approval_beside(site, request->plan_path, plan);
    return true;
  }
  *out = approvals_read(request->approval, error);
  job_judge(site, *out, plan, instant_now());
  return *out != NULL;
}

static bool remember(const GuardSetup *guard, GError **error)
{
  if (!store_begin(guard->store, error))
    return false;
  if (guard_remember(guard, error) &&
      guard_overrides_spend(guard->approvals, guard->store, guard->plan, error) &&
      store_commit(guard->store, error))
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

// Along with the run's row.
typedef struct Beginning {
  const ApplyRequest *request;
  const PlanChoice *choice;
  bool approved;
  const GuardProfile *profile;
} Beginning;

// A run that ended is not gone on with: its plan, made again, is another night's.
static bool goes_on(const ApplyRequest *request, Store *store, const Plan *plan, RunRow *run)
{
  static const char *const going_on[] = {"running", "interrupted", "scheduled", NULL};
  return request->goes_on && store_run_by_digest(store, plan_digest(plan), run) &&
         g_strv_contains(going_on, run->state);
}

// Whoever goes on with a run goes on under the limits that it began with.
static bool find_profile(const Site *site, Store *store, const ApplyRequest *request,
                         const Plan *plan, const GuardProfile **out, GError **error)
{
  RunRow run;
  *out = site->profile;
  if (!goes_on(request, store, plan, &run))
    return true;
  g_autofree char *name = g_strdup(store_run_profile(store, run.id));
  return *name == '\0' || site_profile(site, name, out, error);
}

static bool note_choice(const Beginning *beginning, Store *store, const Plan *plan, GError **error)
{
  const ApplyRequest *request = beginning->request;
  g_autofree char *n_chosen = g_strdup_printf("%" G_GINT64_FORMAT, beginning->choice->n_chosen);
  g_autofree char *n_left = g_strdup_printf("%" G_GINT64_FORMAT, beginning->choice->n_left);
  const char *detail[] = {"chosen", n_chosen,
                          "left",   n_left,
                          "only",   request->only != NULL ? request->only : "",
                          "except", request->except != NULL ? request->except : "",
                          NULL};
  AuditNote note = {
      .what = AUDIT_CHOOSE, .who = request->who, .subject = plan_digest(plan), .detail = detail};
  return audit_note(store, &note, error);
}

static bool begins(Store *store, const Plan *plan, void *data, GError **error)
{
  const Beginning *beginning = data;
  RunRow run;
  if (store_run_by_digest(store, plan_digest(plan), &run) &&
      !store_run_set_profile(store, run.id, guard_profile_name(beginning->profile), error))
    return false;
  const PlanBundle *bundle = &plan_head(plan)->bundle;
  if (bundle->segment != NULL && !bundle_accept(bundle, store, error))
    return false;
  if (beginning->approved &&
      !store_approved_add(store, plan_digest(plan), plan_head(plan)->as_of, error))
    return false;
  return beginning->choice->n_left == 0 || note_choice(beginning, store, plan, error);
}

GPtrArray *site_together(const Site *site)
{
  GPtrArray *names = g_ptr_array_new();
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (target_has_transactions(site->targets[i]))
      g_ptr_array_add(names, (char *)site->targets[i]->name);
  g_ptr_array_add(names, NULL);
  return names;
}

// Whoever goes on with a run chooses nothing: what it began with counts.
static bool choose(const Site *site, const ApplyRequest *request, const GuardSetup *guard,
                   PlanChoice *out, GError **error)
{
  const Plan *plan = guard->plan;
  RunRow run;
  *out = (PlanChoice){0};
  if (goes_on(request, guard->store, plan, &run))
    return true;
  g_autoptr(GPtrArray) together = site_together(site);
  if (!plan_choice(plan, request->only, request->except, (const char *const *)together->pdata, out,
                   error))
    return false;
  g_autoptr(GByteArray) left = apply_refused(guard->store, plan);
  plan_choice_leave(out, left, request->only != NULL);
  return true;
}

// "山田 R9-12 (key), 佐藤": whose entries of the kind count; no approvals unless they are enough.
static char *given_by(const Approvals *approvals, const char *kind)
{
  g_autoptr(GString) out = g_string_new(NULL);
  bool enough = approvals != NULL && (strcmp(kind, APPROVAL_GIVEN) != 0 ||
                                      approvals_n_people(approvals) >= approvals->n_needed);
  for (guint i = 0; enough && i < approvals->list->len; i++) {
    const Approval *one = approvals->list->pdata[i];
    if (one->flaw != NULL || strcmp(one->kind, kind) != 0)
      continue;
    g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", one->who);
    if (one->ref != NULL)
      g_string_append_printf(out, " %s", one->ref);
    if (one->key != NULL)
      g_string_append_printf(out, " (%s)", one->key);
  }
  return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *held_count(const GuardVerdict *verdict)
{
  size_t n = 0;
  for (size_t i = 0; i < verdict->n_ops; i++)
    n += verdict->held[i] != NULL;
  return g_strdup_printf("%zu", n);
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
  g_auto(PlanChoice) own = {0};
  PlanChoice *choice = request->choice != NULL ? request->choice : &own;
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  g_autoptr(Approvals) approvals = NULL;
  if (plan == NULL || !job_bundle_may(site, store, plan, error) ||
      !find_approval(site, request, plan, &approvals, error))
    return false;
  g_autoptr(GuardVerdict) verdict = NULL;
  // The verdict asks again what has changed since the plan was made: holds, windows, fingerprints, the clock.
  GuardSetup guard = {.plan = plan,
                      .configs = (const GuardConfig *const *)site->guards,
                      .store = store,
                      .approvals = approvals,
                      .rules = site->approvals,
                      .first_run = request->first_run,
                      .now = instant_now(),
                      .override_only = site->override_only};
  guard_overrides_judge(approvals, store);
  g_autoptr(GuardWarden) warden = NULL;
  if (!find_profile(site, store, request, plan, &guard.profile, error) ||
      !guard_warden_new(&guard, &warden, error) || !guard_check(&guard, &verdict, error))
    return false;
  const ApplyWarden heeds = {guard_warden_looks, guard_warden_holds, warden};
  if (!choose(site, request, &guard, choice, error))
    return false;
  site_servers(site, store);
  // A run that goes on may be started from another folder.
  g_autofree char *full_path = g_canonicalize_filename(request->plan_path, NULL);
  g_autofree char *object_locks = job_object_locks(site);
  g_autofree char *approved = given_by(approvals, APPROVAL_GIVEN);
  g_autoptr(GByteArray) left = approvals_left(approvals, plan);
  if (left == NULL && *approved == '\0')
    left = apply_unapproved(store, plan);
  g_autofree char *overridden = given_by(approvals, APPROVAL_OVERRIDE);
  g_autofree char *held = held_count(verdict);
  const char *const noted[] = {
      "approved", approved, "overridden", overridden,
      "held",     held,     "profile",    guard_profile_name(guard.profile),
      NULL};
  ApplySetup setup = {.store = store,
                      .plan = plan,
                      .plan_path = full_path,
                      .held = verdict->held,
                      .targets = (const TargetConfig *const *)site->targets,
                      .passwords = site->passwords,
                      .object_locks = object_locks,
                      .chosen = choice->chosen,
                      .refused = choice->refused,
                      .chooser = request->who,
                      .left = left,
                      .left_by = approved,
                      .begins = begins,
                      .begins_data =
                          &(Beginning){request, choice, *approved != '\0', guard.profile},
                      .noted = noted,
                      .wrote = keep_to,
                      .wrote_data = (void *)site,
                      .by = request->who,
                      .now = guard.now,
                      .warden = &heeds,
                      .interrupted = request->interrupted,
                      .timer = request->timer,
                      .passes = request->passes,
                      .passes_data = request->passes_data};
  bool fine = apply_watched(&setup, request->watch, report, error);
  report->profile = g_strdup(guard_profile_name(guard.profile));
  return fine && remember(&guard, error) &&
         (report->exit == EXIT_INTERRUPTED ||
          job_bundle_receipt_of(site, store, plan, report->run, NULL, request->told, error));
}

bool job_apply(const Site *site, const ApplyRequest *request, ApplyReport *report, GError **error)
{
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
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
  g_autoptr(Store) store = site_ledger(site, error);
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
