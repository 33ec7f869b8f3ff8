// SPDX-License-Identifier: GPL-3.0-or-later
//
// How things stand.
#include "cli/cli_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------

static bool print_hold(const HoldRow *hold, void *data)
{
  (void)data;
  cli_hold(hold, false);
  return true;
}

static void print_run(const RunRow *run)
{
  g_autoptr(GString) started = g_string_new(NULL);
  instant_format(run->started, started);
  printf(_("last run: %" G_GINT64_FORMAT ", %s, started %s, plan %s (%.12s)\n"), run->id,
         run->state, started->str, run->plan_path, run->digest);
}

static bool has_state(Store *store, int64_t run, uint32_t n, const char *state)
{
  OpRow row;
  return store_op_get(store, run, n, &row) && strcmp(row.state, state) == 0;
}

// It was left for later, and nothing that it waited for is missing any more: receipts have come.
static bool is_released(Store *store, int64_t run, const Op *op)
{
  bool released = has_state(store, run, op->n, "scheduled") &&
                  (op->not_before == INSTANT_NONE || op->not_before <= instant_now());
  for (size_t i = 0; released && i < op->n_after; i++)
    released = !has_state(store, run, op->after[i], "scheduled") &&
               !has_state(store, run, op->after[i], "receipt");
  return released;
}

// What was left for later is due when its day has come since the run ended, or the receipt that it waited for.
static bool time_has_come(Store *store, const RunRow *run)
{
  g_autoptr(Plan) plan = plan_read(run->plan_path, NULL);
  int64_t id = run->id;
  Instant now = instant_now(), ended = run->ended;
  for (uint32_t n = 1; plan != NULL && n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    if ((op->not_before > ended && op->not_before <= now) || is_released(store, id, op))
      return true;
  }
  return plan == NULL;  // it cannot be told: somebody must look
}

// Whether something has to be done now: of a run that did not come to its end.
static bool print_due(Store *store)
{
  RunRow run;
  if (!apply_due(store, &run))
    return false;
  bool waits = strcmp(run.state, "scheduled") == 0 && !time_has_come(store, &run);
  store_run_last(store, &run);
  printf(waits ? _("waiting: the rest of %s is for a later day, or waits for a receipt\n")
               : _("due: `idou resume` goes on with %s\n"),
         run.plan_path);
  return !waits;
}

static void count_awaited(const ReportAwaited *awaited, void *data)
{
  GArray *all = data;
  guint i = 0;
  while (i < all->len && strcmp(g_array_index(all, ReportAwaiting, i).target, awaited->target) != 0)
    i++;
  if (i == all->len) {
    ReportAwaiting fresh = {.target = g_intern_string(awaited->target), .since = awaited->since};
    g_array_append_val(all, fresh);
  }
  ReportAwaiting *one = &g_array_index(all, ReportAwaiting, i);
  one->n++;
  one->n_overdue += awaited->overdue;
  one->since = MIN(one->since, awaited->since);
}

static bool print_awaited(const Site *site, Store *store, GError **error)
{
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(ReportAwaiting));
  g_autoptr(GString) text = g_string_new(NULL);
  if (!job_receipts_each(site, store, NULL, count_awaited, all, error))
    return false;
  for (guint i = 0; i < all->len; i++)
    report_awaiting(&g_array_index(all, ReportAwaiting, i), text);
  cli_print(text);
  return true;
}

static int print_all(const Site *site, Store *store)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ReportStatus) status = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  RunRow run;
  if (store_run_last(store, &run))
    print_run(&run);
  else
    printf(_("no run yet\n"));
  if (!job_status(site, store, &status, &error))
    return cli_fail(error);
  // What is at work is not to be gone on with by somebody else.
  bool due = status->progress.run == 0 && print_due(store);
  if (!print_awaited(site, store, &error) ||
      !store_holds_each(store, date_of_instant(instant_now()), print_hold, NULL, &error))
    return cli_fail(error);
  report_status_text(status, text);
  cli_print(text);
  return (int)exit_worse(due ? EXIT_INTERRUPTED : EXIT_DONE, report_status_exit(status));
}

// What the status file says, as it is now.
static int print_status(const Site *site, Store *store, bool metrics)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ReportStatus) status = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  if (!job_status(site, store, &status, &error))
    return cli_fail(error);
  (metrics ? report_status_metrics : report_status_json)(status, text);
  cli_print(text);
  return (int)report_status_exit(status);
}

int cmd_status(const Cli *cli, int argc, char **argv)
{
  gboolean json = FALSE, metrics = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("the status file as it would be now"), NULL},
      {"metrics", 0, 0, G_OPTION_ARG_NONE, &metrics, N_("the same for Prometheus"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("status"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  return json || metrics ? print_status(site, store, metrics) : print_all(site, store);
}
