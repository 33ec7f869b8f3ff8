// SPDX-License-Identifier: GPL-3.0-or-later
#include "job_p.h"

#include <string.h>

// Somebody approved exactly this plan and it waits for its day. Other nights plan and apply in between; on
// its eve nothing else may take its place, and when its day has begun it goes first.

Approvals *job_approval_beside(const Site *site, const char *plan_path, const Plan *plan)
{
  g_autofree char *path = approvals_path(plan_path);
  g_autoptr(GError) error = NULL;
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return NULL;
  g_autoptr(Approvals) approvals = approvals_read(path, &error);
  job_judge(site, approvals, plan);
  if (approvals != NULL && approvals_check(approvals, plan_digest(plan), instant_now(), &error))
    return g_steal_pointer(&approvals);
  log_note(LOG_NORMAL, _("%s does not count: %s"), path, error->message);
  return NULL;
}

void job_judge(const Site *site, Approvals *approvals, const Plan *plan)
{
  g_autoptr(GPtrArray) together = site_together(site);
  approvals_judge(approvals, &(ApprovalCase){.plan = plan,
                                             .rules = site->approvals,
                                             .together = (const char *const *)together->pdata,
                                             .now = instant_now()});
}

static bool take_path(const RunRow *run, void *data)
{
  GPtrArray *paths = data;
  if (!g_ptr_array_find_with_equal_func(paths, run->plan_path, g_str_equal, NULL))
    g_ptr_array_add(paths, g_strdup(run->plan_path));
  return true;
}

typedef struct Waiting {
  const char *path;
  Date as_of;
  bool restricted;
} Waiting;

// A plan that cannot be read any more was taken away by somebody: it is not due.
static bool is_approved(const Site *site, Waiting *waiting)
{
  const char *path = waiting->path;
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_read(path, &error);
  if (plan == NULL) {
    log_note(LOG_NORMAL, _("a run waits for its day, but its plan is gone: %s"), error->message);
    return false;
  }
  g_autoptr(Approvals) approvals = job_approval_beside(site, path, plan);
  waiting->as_of = plan_head(plan)->as_of;
  waiting->restricted = plan_head(plan)->restricted;
  return approvals != NULL;
}

// Of two plans approved for one day the later one is meant. One of restrictions alone says nothing of the day.
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
  return waiting->restricted && date_start(waiting->as_of) > instant_now();
}

bool job_approved_waiting(const Site *site, JobApprovedFunc func, void *data, GError **error)
{
  // There the bundle that holds is planned from each time, and brings its approval along.
  if (site->here.name != NULL)
    return true;
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !store_runs_each(store, "scheduled", take_path, paths, error))
    return false;
  g_clear_pointer(&store, store_close);
  for (guint i = 0; i < paths->len; i++) {
    Waiting one = {.path = g_ptr_array_index(paths, i)};
    if (is_approved(site, &one))
      g_array_append_val(waiting, one);
  }
  for (guint i = 0; i < waiting->len; i++) {
    const Waiting *one = &g_array_index(waiting, Waiting, i);
    if (!is_superseded(waiting, i) && !is_early(one) && !func(one->path, one->as_of, data, error))
      return false;
  }
  return true;
}
