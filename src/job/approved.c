// SPDX-License-Identifier: GPL-3.0-or-later
#include "job_p.h"

#include <string.h>

// Somebody approved exactly this plan and it waits for its day. Other nights plan and apply in between; on
// its eve nothing else may take its place, and when its day has begun it goes first.

void job_judge(const Site *site, Approvals *approvals, const Plan *plan, Instant now)
{
  // Where there is no site, its targets are not known, either.
  g_autoptr(GPtrArray) together = site == NULL ? g_ptr_array_new() : site_together(site);
  const char *const *names = site == NULL ? NULL : (const char *const *)together->pdata;
  g_autoptr(Store) store =
      site == NULL || approvals == NULL ? NULL : store_open(site->store, STORE_READ, NULL);
  approvals_judge(approvals, &(ApprovalCase){.plan = plan,
                                             .rules = site == NULL ? NULL : site->approvals,
                                             .together = names,
                                             .now = now,
                                             .worked = store == NULL ? INSTANT_NONE
                                                                     : doctor_at_work_last(store)});
}

// Of overrides that do not count guard_overrides_judge told already.
static bool says_approved(const Approvals *approvals)
{
  for (guint i = 0; approvals != NULL && i < approvals->list->len; i++)
    if (strcmp(((const Approval *)approvals->list->pdata[i])->kind, APPROVAL_GIVEN) == 0)
      return true;
  return approvals == NULL;
}

Approvals *job_approval_beside(const Site *site, Store *store, const char *plan_path,
                               const Plan *plan)
{
  g_autofree char *path = approvals_path(plan_path);
  g_autoptr(GError) error = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return NULL;
  g_autoptr(Approvals) approvals = approvals_read(path, &error);
  job_judge(site, approvals, plan, instant_now());
  guard_overrides_judge(approvals, store);
  if (approvals != NULL && approvals_check(approvals, plan_digest(plan), instant_now(), &error))
    return g_steal_pointer(&approvals);
  if (says_approved(approvals))
    log_note(LOG_NORMAL, _("an approval does not count: %s"), error->message);
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// What has come since a plan was made.

typedef struct Newer {
  Instant made;
  size_t n;
  char *last;
} Newer;

static bool take_newer(const IntakeRow *intake, void *data)
{
  Newer *newer = data;
  if (intake->taken <= newer->made)
    return true;
  newer->n++;
  g_free(newer->last);
  newer->last = g_strdup(intake->name);
  return true;
}

bool job_taken_since(Store *store, const Plan *plan, size_t *n, char **last, GError **error)
{
  Newer newer = {.made = plan_envelope(plan)->made};
  bool fine = store_intakes_each(store, take_newer, &newer, error);
  *n = newer.n;
  *last = newer.last;
  return fine;
}

// ---------------------------------------------------------------------------------------------

// A plan that may be waiting for its day.
typedef struct Waiting {
  char *path;
  char *digest;
  Date as_of;
  bool restricted;
  Instant from;   // its approval counts from then on only; INSTANT_NONE = it does
  Instant given;  // the last word on it
  size_t n_newer;
  char *newer;
  bool over;  // applied, and nobody said more since
} Waiting;

static void clear_waiting(void *data)
{
  Waiting *waiting = data;
  g_free(waiting->path);
  g_free(waiting->digest);
  g_free(waiting->newer);
}

// When all of what was said counts that does not yet; INSTANT_NONE when nothing is still to come.
static Instant latest_begin(const Approvals *approvals, Instant now)
{
  Instant latest = INSTANT_NONE;
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    if (approval->not_before > now && approval->expires > now)
      latest = MAX(latest, approval->not_before);
  }
  return latest;
}

Instant job_approval_given(const Approvals *approvals)
{
  Instant latest = INSTANT_NONE;
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    if (approval->flaw == NULL)
      latest = MAX(latest, approval->given);
  }
  return latest;
}

static bool is_current(const Approvals *approvals, Instant now)
{
  for (guint i = 0; i < approvals->list->len; i++)
    if (((const Approval *)g_ptr_array_index(approvals->list, i))->expires > now)
      return true;
  return false;
}

bool job_approved_when(const Site *site, Approvals *approvals, const Plan *plan, Instant *from,
                       GError **error)
{
  Instant now = instant_now(), later = latest_begin(approvals, now);
  const char *digest = plan_digest(plan);
  g_autoptr(GError) lack = NULL;
  *from = INSTANT_NONE;
  job_judge(site, approvals, plan, now);
  // Overrides count by themselves, and approve nothing.
  if (approvals_check(approvals, digest, now, &lack) &&
      (approvals_enough(approvals) || later == INSTANT_NONE))
    return approvals_enough(approvals);
  if (later != INSTANT_NONE) {
    // What is lacking then, when all that was said counts, is more than that it does not yet.
    g_clear_error(&lack);
    *from = later;
    job_judge(site, approvals, plan, later);
    if (approvals_check(approvals, digest, later, &lack) && approvals_enough(approvals))
      return true;
  }
  g_propagate_error(error, g_steal_pointer(&lack));
  return false;
}

static bool is_approved(const Site *site, Approvals *approvals, const Plan *plan, Instant *from)
{
  g_autoptr(GError) lack = NULL;
  if (job_approved_when(site, approvals, plan, from, &lack))
    return true;
  if (lack != NULL)
    log_note(LOG_NORMAL, _("an approval does not count: %s"), lack->message);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Those that a run began with, and those that nobody applied yet and lie among the site's plans.

typedef struct Looking {
  const Site *site;
  Store *store;
  GArray *waiting;
} Looking;

static bool take_path(const RunRow *run, void *data)
{
  GPtrArray *paths = data;
  if (!g_ptr_array_find_with_equal_func(paths, run->plan_path, g_str_equal, NULL))
    g_ptr_array_add(paths, g_strdup(run->plan_path));
  return true;
}

// A plan that cannot be read any more was taken away by somebody: it is not due.
static Plan *read_plan(const char *path)
{
  g_autoptr(GError) error = NULL;
  Plan *plan = plan_read(path, &error);
  if (plan == NULL)
    log_note(LOG_NORMAL, _("a plan waits for its day, but it is gone or damaged: %s"),
             error->message);
  return plan;
}

// Of several copies of a plan the one that a run began with counts.
static bool knows(const GArray *waiting, const Plan *plan)
{
  for (guint i = 0; i < waiting->len; i++)
    if (strcmp(g_array_index(waiting, Waiting, i).digest, plan_digest(plan)) == 0)
      return true;
  return false;
}

static void look_at(const Looking *looking, const char *path)
{
  g_autofree char *beside = approvals_path(path);
  g_autoptr(GError) error = NULL;
  if (!g_file_test(beside, G_FILE_TEST_EXISTS))
    return;
  g_autoptr(Approvals) approvals = approvals_read(beside, &error);
  if (approvals == NULL)
    log_note(LOG_NORMAL, _("an approval does not count: %s"), error->message);
  if (approvals == NULL || !is_current(approvals, instant_now()))
    return;
  g_autoptr(Plan) plan = read_plan(path);
  if (plan == NULL || plan_head(plan)->whatif || knows(looking->waiting, plan))
    return;
  Waiting one = {.as_of = plan_head(plan)->as_of, .restricted = plan_head(plan)->restricted};
  if (!is_approved(looking->site, approvals, plan, &one.from))
    return;
  // Only told: what cannot be counted keeps no plan from going first.
  job_taken_since(looking->store, plan, &one.n_newer, &one.newer, NULL);
  one.given = job_approval_given(approvals);
  one.path = g_strdup(path);
  one.digest = g_strdup(plan_digest(plan));
  g_array_append_val(looking->waiting, one);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void look_among_plans(const Looking *looking)
{
  static const char ending[] = ".plan.approval";
  g_autoptr(GDir) dir = g_dir_open(looking->site->plans, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;)
    if (g_str_has_suffix(name, ending))
      g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(".approval")));
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path =
        g_build_filename(looking->site->plans, g_ptr_array_index(names, i), NULL);
    look_at(looking, path);
  }
}

// Applied already, and nobody said more since: what is left of it is for the next plan. What was held then, and approved
// since, is done now.
static bool is_over(Store *store, const Waiting *waiting)
{
  static const char *const going_on[] = {"scheduled", "interrupted", "running", NULL};
  RunRow run;
  if (!store_run_by_digest(store, waiting->digest, &run) || g_strv_contains(going_on, run.state))
    return false;
  return strcmp(run.state, "held") != 0 || waiting->given < run.ended;
}

// Of two plans approved for one day the later one is meant: also when it has been done.
static bool is_replaced(Store *store, const Waiting *waiting)
{
  return !waiting->restricted &&
         store_approved_replaced(store, waiting->digest, waiting->as_of, waiting->given);
}

static int by_word(const void *a, const void *b)
{
  const Waiting *one = a, *other = b;
  return one->given < other->given ? -1 : one->given > other->given;
}

// Of two plans approved for one day the later one is meant, also once it is done. One of restrictions alone says nothing of the day.
static bool is_superseded(const GArray *waiting, guint i)
{
  const Waiting *one = &g_array_index(waiting, Waiting, i);
  for (guint k = i + 1; !one->restricted && k < waiting->len; k++) {
    const Waiting *later = &g_array_index(waiting, Waiting, k);
    if (later->as_of == one->as_of && !later->restricted)
      return true;
  }
  return false;
}

// … and keeps nothing from being planned on its eve.
static bool is_early(const Waiting *waiting)
{
  return waiting->restricted &&
         (date_start(waiting->as_of) > instant_now() || waiting->from != INSTANT_NONE);
}

static bool tell_waiting(const GArray *waiting, JobApprovedFunc func, void *data, GError **error)
{
  for (guint i = 0; i < waiting->len; i++) {
    const Waiting *one = &g_array_index(waiting, Waiting, i);
    const JobApproved told = {one->path, one->digest,  one->as_of,
                              one->from, one->n_newer, one->newer};
    if (!one->over && !is_superseded(waiting, i) && !is_early(one) && !func(&told, data, error))
      return false;
  }
  return true;
}

// By the last word on them.
static GArray *gather(const Site *site, GError **error)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
  g_array_set_clear_func(waiting, clear_waiting);
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  // Cut short by its time, or by a target that was closed or down, it is no less approved, whatever ran after it.
  if (store == NULL || !store_runs_each(store, "scheduled", take_path, paths, error) ||
      !store_runs_each(store, "interrupted", take_path, paths, error))
    return NULL;
  const Looking looking = {site, store, waiting};
  for (guint i = 0; i < paths->len; i++)
    look_at(&looking, g_ptr_array_index(paths, i));
  look_among_plans(&looking);
  for (guint i = 0; i < waiting->len; i++) {
    Waiting *one = &g_array_index(waiting, Waiting, i);
    one->over = is_over(store, one) || is_replaced(store, one);
  }
  // Stable: those without a date of their own, of the first format, stand in the order of their runs.
  g_array_sort(waiting, by_word);
  return g_steal_pointer(&waiting);
}

bool job_approved_waiting(const Site *site, JobApprovedFunc func, void *data, GError **error)
{
  // There the bundle that holds is planned from each time, and brings its approval along.
  if (site->here.name != NULL)
    return true;
  g_autoptr(GArray) waiting = gather(site, error);
  return waiting != NULL && tell_waiting(waiting, func, data, error);
}

bool job_approved_superseded(const Site *site, const char *path, bool *out, GError **error)
{
  *out = false;
  if (site->here.name != NULL)
    return true;
  g_autoptr(GArray) waiting = gather(site, error);
  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    if (strcmp(g_array_index(waiting, Waiting, i).path, path) == 0)
      *out = is_superseded(waiting, i);
  return waiting != NULL;
}
