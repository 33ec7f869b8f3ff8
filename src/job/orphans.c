// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <idou/inquiry.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------
// The last run that planned for everything, and what was left undone since.

typedef struct Before {
  OrphanRun run;  // plan NULL: there is none
  Planned planned;
} Before;

static void before_clear(Before *before)
{
  plan_free((Plan *)before->run.plan);
  g_clear_pointer(&before->run.left, g_hash_table_unref);
  planned_clear(&before->planned);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Before, before_clear)

// Runs of the desk, and those whose plan is gone, tell nothing.
static Plan *plan_of_run(Store *store, int64_t id)
{
  RunRow run;
  if (!store_run_get(store, id, &run) || run.desk || run.plan_path == NULL ||
      *run.plan_path == '\0')
    return NULL;
  g_autofree char *path = g_strdup(run.plan_path);
  return plan_read(path, NULL);
}

// A plan of some restrictions says nothing of what HR has told until then.
static bool find_run(Store *store, Before *out, GError **error)
{
  RunRow last;
  out->run.left = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  bool any = store_run_last(store, &last);
  for (int64_t id = any ? last.id : 0; id > 0 && out->run.plan == NULL; id--) {
    g_autoptr(Plan) plan = plan_of_run(store, id);
    if (plan == NULL)
      continue;
    if (!orphan_left(store, id, plan, out->run.left, error))
      return false;
    if (!plan_head(plan)->restricted)
      out->run.plan = g_steal_pointer(&plan);
  }
  return true;
}

// From what is there now, with the knowledge of that run. That it cannot be made takes nothing from the rest.
static void plan_then(const Site *site, Before *before)
{
  if (before->run.plan == NULL)
    return;
  g_autoptr(GError) fault = NULL;
  const PlanHead *head = plan_head(before->run.plan);
  PlanRequest request = {
      .as_of = head->as_of, .at = head->at, .known_at = plan_envelope(before->run.plan)->made};
  if (!job_plan(site, &request, &before->planned, &fault))
    g_clear_pointer(&before->planned.plan, plan_free);
}

// ---------------------------------------------------------------------------------------------

static ExitCode judge(const OrphansFound *found)
{
  ExitCode exit =
      findings_count_level(found->findings, FINDING_ERROR) > 0 ? EXIT_REJECTED : EXIT_DONE;
  for (guint i = 0; i < found->list->targets->len; i++) {
    const OrphanTarget *target = &g_array_index(found->list->targets, OrphanTarget, i);
    exit = exit_worse(exit, target->held != NULL ? EXIT_HELD : EXIT_DONE);
    exit = exit_worse(exit, target->unread != NULL ? EXIT_UNREAD : EXIT_DONE);
  }
  return exit;
}

static bool list(const Site *site, Store *store, const OrphansRequest *request,
                 const Planned *planned, OrphansFound *out, GError **error)
{
  g_auto(Before) before = {0};
  if (!find_run(store, &before, error))
    return false;
  plan_then(site, &before);
  OrphanSetup setup = {.targets = (const TargetConfig *const *)site->targets,
                       .store = store,
                       .day = request->as_of,
                       .now = instant_now(),
                       .plan = planned->plan,
                       .survey = out->survey,
                       .run = before.run.plan == NULL ? NULL : &before.run,
                       .before = before.planned.plan,
                       .target = request->target,
                       .many = request->many,
                       .findings = out->findings};
  out->list = orphan_list(&setup, error);
  if (out->list == NULL)
    return false;
  out->exit = judge(out);
  return true;
}

static bool is_target(const Site *site, const char *name)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (name == NULL || strcmp(site->targets[i]->name, name) == 0)
      return true;
  return false;
}

bool job_orphans(const Site *site, const OrphansRequest *request, OrphansFound *out, GError **error)
{
  *out = (OrphansFound){.findings = findings_new(),
                        .survey = orphan_survey_new((const TargetConfig *const *)site->targets)};
  if (!is_target(site, request->target)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no target “%s”"), request->target);
    return false;
  }
  PlanRequest plan = {
      .as_of = request->as_of, .known_at = INSTANT_OPEN, .survey = orphan_survey_hook(out->survey)};
  Planned planned;
  bool fine = job_plan(site, &plan, &planned, error);
  if (planned.findings != NULL)
    findings_take(out->findings, planned.findings);
  // One moment of the ledger, whatever a run writes to it meanwhile.
  g_autoptr(Store) store = fine ? store_open(site->store, STORE_READ, error) : NULL;
  fine = store != NULL && list(site, store, request, &planned, out, error);
  planned_clear(&planned);
  return fine;
}

void orphans_found_clear(OrphansFound *found)
{
  g_clear_pointer(&found->list, orphan_list_free);
  g_clear_pointer(&found->survey, orphan_survey_free);
  g_clear_pointer(&found->findings, findings_free);
}
