// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct UndoOptions {
  char **people;
  char *target, *only, *except, *since, *by, *reason, *until, *output;
  gboolean apply, no_hold;
} UndoOptions;

static void undo_options_clear(UndoOptions *options)
{
  char *const texts[] = {options->target, options->only,   options->except, options->since,
                         options->by,     options->reason, options->until,  options->output};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
  g_strfreev(options->people);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UndoOptions, undo_options_clear)

static bool fail(const char *text)
{
  fprintf(stderr, "idou undo: %s\n", text);
  return false;
}

static bool is_whole(const UndoOptions *options, const char *run)
{
  if (options->by == NULL || *options->by == '\0' || options->reason == NULL ||
      *options->reason == '\0')
    return fail(_("--by and --reason are needed"));
  if (run == NULL && options->people == NULL)
    return fail(_("say which run, or whose operations (--person)"));
  if (run != NULL && options->since != NULL)
    return fail(_("--since is about several runs: leave out the run"));
  if (run == NULL && (options->only != NULL || options->except != NULL))
    return fail(_("--only and --except are numbers of one run's plan: say which run"));
  if (options->no_hold && options->until != NULL)
    return fail(_("--until is about holds, of which --no-hold places none"));
  return true;
}

static bool read_days(const UndoOptions *options, UndoRequest *request)
{
  Date day;
  request->until = DATE_OPEN;
  request->since = INSTANT_NONE;
  if (options->until != NULL && !cli_date(options->until, &request->until))
    return false;
  if (options->until != NULL && request->until <= date_of_instant(instant_now()))
    return fail(_("--until: that day is over"));
  if (options->since == NULL || instant_parse(options->since, &request->since))
    return true;
  if (!cli_moment(options->since, &day, &request->since))
    return false;
  if (request->since == 0)
    request->since = date_start(day);
  return true;
}

static void tell(const UndoRequest *request, const Undone *undone)
{
  const UndoCounts *counts = &undone->counts;
  if (*undone->runs == '\0') {
    printf(_("no run did anything for them\n"));
    return;
  }
  printf(_("undo of run %s: %" G_GINT64_FORMAT " exact, %" G_GINT64_FORMAT
           " partial, %" G_GINT64_FORMAT " impossible, %" G_GINT64_FORMAT
           " are as they were before, %" G_GINT64_FORMAT " withdrawn\n"),
         undone->runs, counts->exact, counts->partial, counts->impossible, counts->back,
         counts->withdrawn);
  if (request->no_hold)
    fprintf(stderr, _("idou undo: warning: nothing is held, so the next plan does it again unless "
                      "HR's data or the "
                      "rules are other by then\n"));
}

static int show(const Cli *cli, const Site *site, const UndoRequest *request, const Undone *undone,
                const CliSave *save)
{
  const Planned *planned = &undone->planned;
  g_autoptr(GError) error = NULL;
  tell(request, undone);
  if (plan_n_ops(planned->plan) == 0 && planned->exit == EXIT_DONE) {
    g_autoptr(GString) text = g_string_new(NULL);
    const ReportPlan what = {.plan = planned->plan, .verdict = planned->verdict, .summary = true};
    if (undone->counts.impossible > 0 && report_plan("text", &what, text, NULL))
      cli_print(text);
    printf(_("nothing is left to be undone\n"));
    return EXIT_DONE;
  }
  if (!job_undo_note(site, request, undone, &error))
    return cli_fail(error);
  return cli_planned(cli, site, planned, save);
}

static int undo(const Cli *cli, const UndoOptions *options, const char *run)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  UndoRequest request = {.run = run,
                         .people = (const char *const *)options->people,
                         .target = options->target,
                         .only = options->only,
                         .except = options->except,
                         .who = options->by,
                         .reason = options->reason,
                         .no_hold = options->no_hold};
  const CliSave save = {options->output, options->apply, options->by};
  if (!is_whole(options, run) || !read_days(options, &request))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  Undone undone;
  if (site == NULL)
    return exit_code;
  bool fine = job_undo(site, &request, &undone, &error);
  exit_code = fine ? show(cli, site, &request, &undone, &save) : cli_fail(error);
  undone_clear(&undone);
  return exit_code;
}

int cmd_undo(const Cli *cli, int argc, char **argv)
{
  g_auto(UndoOptions) options = {0};
  const GOptionEntry entries[] = {
      {"person", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.people,
       N_("only what was done for this person: number, SPACE/NUMBER or login; may be said again"),
       "NUMBER"},
      {"since", 0, 0, G_OPTION_ARG_STRING, &options.since,
       N_("of all runs begun from then on; without, of the last that did something for them"),
       "TIME"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("only in this target"), "NAME"},
      {"only", 0, 0, G_OPTION_ARG_STRING, &options.only,
       N_("these operations of the run and what was built on them"), "NUMBERS"},
      {"except", 0, 0, G_OPTION_ARG_STRING, &options.except,
       N_("all but these and what they were built on"), "NUMBERS"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who wants it undone"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"no-hold", 0, 0, G_OPTION_ARG_NONE, &options.no_hold,
       N_("hold nobody: the next plan may do it again"), NULL},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until,
       N_("the holds stand before this day (default: until released)"), "DATE"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      {"apply", 0, 0, G_OPTION_ARG_NONE, &options.apply, N_("apply the plan at once"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("undo"), entries, _("[RUN|last]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc > 2) {
    fprintf(stderr, _("idou undo: one run at a time\n"));
    return EXIT_USAGE;
  }
  return undo(cli, &options, argc == 2 ? argv[1] : NULL);
}
