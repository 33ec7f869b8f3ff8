// SPDX-License-Identifier: GPL-3.0-or-later
//
// Commands of the desk that look and hold: they do not wait for a night's run.
#include "cli/cli_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------

static bool print_hold(const HoldRow *hold, void *data)
{
  (void)data;
  g_autoptr(GString) since = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(hold->since, since);
  escape_text(text, hold->reason, ESCAPE_TERMINAL);
  printf(_("hold %" G_GINT64_FORMAT ": %s %s since %s by %s: %s\n"), hold->id, hold->kind,
         hold->name, since->str, hold->who, text->str);
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

// ---------------------------------------------------------------------------------------------

typedef struct HoldOptions {
  char *kind, *reason, *who;
} HoldOptions;

static void hold_options_clear(HoldOptions *options)
{
  g_free(options->kind);
  g_free(options->reason);
  g_free(options->who);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HoldOptions, hold_options_clear)

static bool take_bearer(uint32_t person, void *data)
{
  (void)person;
  *(bool *)data = true;
  return false;
}

// A hold with a slip of the pen would hold nothing, and nobody would know before the night.
static bool is_known(const Site *site, Store *store, const char *kind, const char *name,
                     GError **error)
{
  bool known = kind != NULL && strcmp(kind, "object") == 0;
  if (kind == NULL || strcmp(kind, "person") == 0) {
    if (!store_link_bearers(store, SUBJECT_PERSON, name, take_bearer, &known, error))
      return false;
  }
  for (size_t i = 0; !known && kind != NULL && site->targets[i] != NULL; i++)
    known = strcmp(kind, "target") == 0 && strcmp(site->targets[i]->name, name) == 0;
  if (!known)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no %s “%s”: nothing is held"),
                kind == NULL ? "person" : kind, name);
  return known;
}

static int place_hold(const Site *site, Store *store, const char *name, const HoldOptions *options)
{
  g_autoptr(GError) error = NULL;
  HoldRow hold = {.kind = options->kind != NULL ? options->kind : "person",
                  .name = name,
                  .reason = options->reason,
                  .who = options->who,
                  .since = instant_now()};
  int64_t id =
      is_known(site, store, options->kind, name, &error) ? store_hold_add(store, &hold, &error) : 0;
  if (id == 0)
    return cli_fail(error);
  printf(_("hold %" G_GINT64_FORMAT ": %s %s stays as it is until `idou release %" G_GINT64_FORMAT
           " --who …`\n"),
         id, hold.kind, name, id);
  return EXIT_DONE;
}

int cmd_hold(const Cli *cli, int argc, char **argv)
{
  g_auto(HoldOptions) options = {0};
  const GOptionEntry entries[] = {
      {"kind", 0, 0, G_OPTION_ARG_STRING, &options.kind, N_("person (default), object or target"),
       "KIND"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.who, N_("who holds"), "NAME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("hold"), entries, _("NUMBER|OBJECT|TARGET"), 1, &argc, &argv))
    return EXIT_USAGE;
  bool known_kind = options.kind == NULL || strcmp(options.kind, "person") == 0 ||
                    strcmp(options.kind, "object") == 0 || strcmp(options.kind, "target") == 0;
  if (options.who == NULL || options.reason == NULL || !known_kind) {
    fprintf(stderr, _("idou hold: --who and --reason are needed, and --kind is person, object or "
                      "target\n"));
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  return place_hold(site, store, argv[1], &options);
}

// ---------------------------------------------------------------------------------------------

static int release_hold(Store *store, const char *text, const char *who)
{
  g_autoptr(GError) error = NULL;
  guint64 id = 0;
  if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &id, &error) ||
      !store_hold_release(store, (int64_t)id, who, NULL, &error))
    return cli_fail(error);
  printf(_("hold %s is released\n"), text);
  return EXIT_DONE;
}

// The entry is gone for good: forget which it was, so that the next plan may make a new one.
static int release_binding(Store *store, const char *target, const char *object)
{
  g_autoptr(GError) error = NULL;
  if (store_binding_of(store, target, object) == NULL) {
    fprintf(stderr, _("idou release: %s is not bound in %s\n"), object, target);
    return EXIT_USAGE;
  }
  if (!store_binding_drop(store, target, object, &error))
    return cli_fail(error);
  printf(_("%s is no longer bound in %s\n"), object, target);
  return EXIT_DONE;
}

int cmd_release(const Cli *cli, int argc, char **argv)
{
  g_autofree char *who = NULL;
  g_autofree char *target = NULL;
  const GOptionEntry entries[] = {
      {"who", 0, 0, G_OPTION_ARG_STRING, &who, N_("who releases"), "NAME"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &target,
       N_("the argument is an object whose entry in this target is gone for good"), "NAME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("release"), entries, _("HOLD|OBJECT"), 1, &argc, &argv))
    return EXIT_USAGE;
  if (who == NULL) {
    fprintf(stderr, _("idou release: --who is needed\n"));
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  return target == NULL ? release_hold(store, argv[1], who)
                        : release_binding(store, target, argv[1]);
}
