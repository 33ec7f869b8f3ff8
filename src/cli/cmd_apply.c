// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#define UNTIL_TEXT N_("nothing is begun after this moment, e.g. 06:30")

static void report_receipts_of(const ReceiptsDone *done, bool json)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const ApplyReceipts *taken = &done->taken;
  if (!taken->findings)
    return;
  if (json)
    cli_findings(taken->findings, false);
  else if (findings_count(taken->findings) > 0 ||
           taken->n_done + taken->n_refused + taken->n_failed > 0)
    report_receipts_taken(taken, text);
  cli_print(text);
}

static int report(const ApplyReport *done, bool json)
{
  g_autoptr(GString) text = g_string_new(NULL);
  report_apply(done, json, text);
  cli_print(text);
  return (int)done->exit;
}

static int apply(const Site *site, const ApplyRequest *asked, bool json)
{
  g_autoptr(GError) error = NULL;
  ApplyReport done = {0};
  ReceiptsDone receipts = {0};
  g_autoptr(GString) told = g_string_new(NULL);
  ApplyRequest request = *asked;
  g_auto(PlanChoice) choice = {0};
  request.receipts = &receipts;
  request.choice = &choice;
  request.told = json ? NULL : told;
  bool fine = job_apply(site, &request, &done, &error);
  done.choice = choice.chosen != NULL ? &choice : NULL;
  report_receipts_of(&receipts, json);
  // Cut off by a journal that could not be written, it did something, too.
  int exit_code = fine || done.run != 0 ? report(&done, json) : EXIT_DONE;
  exit_code = (int)exit_worse((ExitCode)exit_code, receipts.exit);
  receipts_done_clear(&receipts);
  cli_print(told);
  if (!fine)
    exit_code = (int)exit_worse((ExitCode)exit_code, (ExitCode)cli_fail(error));
  apply_report_clear(&done);
  return exit_code;
}

static int apply_until(const Site *site, const ApplyRequest *asked, const char *until, bool json)
{
  g_autoptr(GError) error = NULL;
  Timer timer;
  ApplyRequest request = *asked;
  if (!job_until(until, &timer, &error))
    return cli_fail(error);
  request.timer = &timer;
  return apply(site, &request, json);
}

int cmd_apply(const Cli *cli, int argc, char **argv)
{
  g_autofree char *approval = NULL;
  g_auto(CliChoice) choice = {0};
  g_autofree char *by = NULL;
  g_autofree char *profile = NULL;
  g_autofree char *until = NULL;
  gboolean first_run = FALSE;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"approval", 0, 0, G_OPTION_ARG_FILENAME, &approval,
       N_("default: PLAN.approval if it exists"), "FILE"},
      {"only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choice.only,
       N_("these operations and what they need: 3, 1-20, person:, unit:, target:, kind:"), "LIST"},
      {"except", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choice.except,
       N_("all but these and what needs them"), "LIST"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &by, N_("who applies, for the records"), "NAME"},
      {"profile", 0, 0, G_OPTION_ARG_STRING, &profile,
       N_("by these limits (default: normal); needs --by"), "NAME"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &until, UNTIL_TEXT, "TIME"},
      {"first-run", 0, 0, G_OPTION_ARG_NONE, &first_run,
       N_("the target is expected to hold nothing of ours yet"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print the report as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("apply"), entries, "PLAN", 1, &argc, &argv))
    return EXIT_USAGE;
  if (profile != NULL && by == NULL) {
    fprintf(stderr, _("idou apply: who chooses a profile by hand says --by: it stands in the "
                      "record\n"));
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  g_autoptr(GError) error = NULL;
  if (!site_choose_profile(site, profile, &error))
    return cli_fail(error);
  ApplyRequest request = {.plan_path = argv[1],
                          .approval = approval,
                          .only = cli_choice_text(&choice.only_text, choice.only),
                          .except = cli_choice_text(&choice.except_text, choice.except),
                          .first_run = first_run,
                          .interrupted = cli->interrupted,
                          .who = by != NULL ? by : cli_who()};
  return apply_until(site, &request, until, json);
}

int cmd_resume(const Cli *cli, int argc, char **argv)
{
  g_autofree char *until = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"until", 0, 0, G_OPTION_ARG_STRING, &until, UNTIL_TEXT, "TIME"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print the report as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("resume"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  if (!job_resume_path(site, &path, &error))
    return cli_fail(error);
  if (path == NULL) {
    printf(_("nothing to resume\n"));
    return EXIT_DONE;
  }
  ApplyRequest request = {.plan_path = path, .interrupted = cli->interrupted, .goes_on = true};
  return apply_until(site, &request, until, json);
}
