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

static bool find_approval(const Site *site, Store *store, const ApplyRequest *request,
                          const Plan *plan, Approvals **out, GError **error)
{
  if (request->approval == NULL) {
    *out = job_approval_beside(site, store, request->plan_path, plan);
    return true;
  }
  *out = approvals_read(request->approval, error);
  job_judge(site, *out, plan, instant_now());
  guard_overrides_judge(*out, store);
  return *out != NULL;
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

// Along with the run's row.
typedef struct Beginning {
  const ApplyRequest *request;
  const PlanChoice *choice;
  const Approvals *approvals;
  bool approved;
  Instant given;  // the approval; INSTANT_NONE = it says nothing of the day as a whole
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
  if (!guard_overrides_take(beginning->approvals, store, plan, error))
    return false;
  const PlanBundle *bundle = &plan_head(plan)->bundle;
  if (bundle->segment != NULL && !bundle_accept(bundle, store, error))
    return false;
  if (beginning->approved && !store_approved_add(store, plan_digest(plan), plan_head(plan)->as_of,
                                                 beginning->given, error))
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

static void add_giver(GString *out, const Approval *one)
{
  g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", one->who);
  if (one->ref != NULL)
    g_string_append_printf(out, " %s", one->ref);
  if (one->key != NULL)
    g_string_append_printf(out, " (%s)", one->key);
}

// "山田 R9-12 (key), 佐藤": whose entries of the kind count; nobody's unless they are enough.
static char *given_by(const Approvals *approvals, const char *kind)
{
  g_autoptr(GString) out = g_string_new(NULL);
  bool given = strcmp(kind, APPROVAL_GIVEN) == 0;
  bool enough = approvals != NULL && (!given || approvals_enough(approvals));
  for (guint i = 0; enough && i < approvals->list->len; i++) {
    const Approval *one = approvals->list->pdata[i];
    if (one->flaw == NULL && strcmp(one->kind, kind) == 0 &&
        (given || guard_override_lifts(approvals, one)))
      add_giver(out, one);
  }
  return g_string_free(g_steal_pointer(&out), FALSE);
}

// One of restrictions alone takes no other's place.
static Instant given_when(const Approvals *approvals, const Plan *plan)
{
  return approvals == NULL || plan_head(plan)->restricted ? INSTANT_NONE
                                                          : job_approval_given(approvals);
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

// A plan, and what there is to say about it, until it is carried out.
typedef struct Applying {
  const Site *site;
  const ApplyRequest *request;
  Plan *plan;
  Approvals *approvals;
  GuardSetup guard;
  GuardWarden *warden;
  GuardVerdict *verdict;
  PlanChoice own, *choice;
} Applying;

static void applying_clear(Applying *applying)
{
  plan_choice_clear(&applying->own);
  guard_verdict_free(applying->verdict);
  guard_warden_free(applying->warden);
  approvals_free(applying->approvals);
  plan_free(applying->plan);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Applying, applying_clear)

static bool read_plan(Applying *applying, Store *store, GError **error)
{
  const ApplyRequest *request = applying->request;
  applying->plan = plan_read(request->plan_path, error);
  return applying->plan != NULL && job_bundle_may(applying->site, store, applying->plan, error) &&
         find_approval(applying->site, store, request, applying->plan, &applying->approvals, error);
}

// The verdict asks again what has changed since the plan was made: holds, windows, fingerprints, the clock.
static bool judge(Applying *applying, Store *store, GError **error)
{
  const Site *site = applying->site;
  GuardSetup *guard = &applying->guard;
  *guard = (GuardSetup){.plan = applying->plan,
                        .configs = (const GuardConfig *const *)site->guards,
                        .store = store,
                        .approvals = applying->approvals,
                        .rules = site->approvals,
                        .first_run = applying->request->first_run,
                        .now = instant_now(),
                        .override_only = site->override_only};
  return find_profile(site, store, applying->request, applying->plan, &guard->profile, error) &&
         guard_warden_new(guard, &applying->warden, error) &&
         guard_check(guard, &applying->verdict, error) &&
         choose(site, applying->request, guard, applying->choice, error);
}

static bool carry_out(const Applying *applying, ApplyReport *report, GError **error)
{
  const Site *site = applying->site;
  const ApplyRequest *request = applying->request;
  const GuardSetup *guard = &applying->guard;
  const ApplyWarden heeds = {guard_warden_looks, guard_warden_holds, applying->warden};
  // A run that goes on may be started from another folder.
  g_autofree char *full_path = g_canonicalize_filename(request->plan_path, NULL);
  g_autofree char *object_locks = job_object_locks(site);
  g_autoptr(GByteArray) left = approvals_left(guard->approvals, guard->plan);
  g_autofree char *approved = given_by(guard->approvals, APPROVAL_GIVEN);
  if (left == NULL && *approved == '\0')
    left = apply_unapproved(guard->store, guard->plan);
  g_autofree char *overridden = given_by(guard->approvals, APPROVAL_OVERRIDE);
  g_autofree char *held = held_count(applying->verdict);
  const char *const noted[] = {
      "approved", approved, "overridden", overridden,
      "held",     held,     "profile",    guard_profile_name(guard->profile),
      NULL};
  Beginning beginning = {request,
                         applying->choice,
                         guard->approvals,
                         *approved != '\0',
                         given_when(guard->approvals, guard->plan),
                         guard->profile};
  ApplySetup setup = {.store = guard->store,
                      .plan = guard->plan,
                      .plan_path = full_path,
                      .held = applying->verdict->held,
                      .targets = (const TargetConfig *const *)site->targets,
                      .passwords = site->passwords,
                      .object_locks = object_locks,
                      .chosen = applying->choice->chosen,
                      .refused = applying->choice->refused,
                      .chooser = request->who,
                      .left = left,
                      .left_by = approved,
                      .begins = begins,
                      .begins_data = &beginning,
                      .noted = noted,
                      .wrote = keep_to,
                      .wrote_data = (void *)site,
                      .by = request->who,
                      .now = guard->now,
                      .warden = &heeds,
                      .interrupted = request->interrupted,
                      .timer = request->timer,
                      .passes = request->passes,
                      .passes_data = request->passes_data};
  return apply_watched(&setup, request->watch, report, error);
}

static bool apply(const Site *site, Store *store, const ApplyRequest *request, ApplyReport *report,
                  GError **error)
{
  g_auto(Applying) applying = {.site = site, .request = request};
  applying.choice = request->choice != NULL ? request->choice : &applying.own;
  if (!read_plan(&applying, store, error) || !judge(&applying, store, error))
    return false;
  site_servers(site, store);
  bool fine = carry_out(&applying, report, error);
  report->profile = g_strdup(guard_profile_name(applying.guard.profile));
  return fine && remember(&applying.guard, error) &&
         (report->exit == EXIT_INTERRUPTED ||
          job_bundle_receipt_of(site, store, applying.plan, report->run, NULL, request->told,
                                error));
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
