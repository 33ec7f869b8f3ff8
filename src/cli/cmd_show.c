// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct ShowOptions {
  char *format, *person, *output;
  CliChoice choice;
  gboolean summary;
} ShowOptions;

static void show_options_clear(ShowOptions *options)
{
  g_free(options->format);
  g_free(options->person);
  cli_choice_clear(&options->choice);
  g_free(options->output);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShowOptions, show_options_clear)

// What the guards of the site would say now. Without a site or a ledger here, a plan can still be read.
static GuardVerdict *verdict_now(const Cli *cli, const Plan *plan, const char *plan_path)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = site_load(cli->site_path, findings, &error);
  g_autoptr(Store) store = site == NULL ? NULL : store_open(site->store, STORE_READ, &error);
  GuardVerdict *verdict = NULL;
  g_autofree char *beside = approvals_path(plan_path);
  g_autoptr(Approvals) approvals =
      g_file_test(beside, G_FILE_TEST_EXISTS) ? approvals_read(beside, NULL) : NULL;
  if (store != NULL) {
    GuardSetup setup = {.plan = plan,
                        .configs = (const GuardConfig *const *)site->guards,
                        .store = store,
                        .approvals = approvals,
                        .rules = site->approvals,
                        .now = instant_now(),
                        .profile = site->profile,
                        .override_only = site->override_only};
    approvals_judge(approvals,
                    &(ApprovalCase){.plan = plan, .rules = site->approvals, .now = setup.now});
    guard_overrides_judge(approvals, store);
    g_autoptr(GError) lack = NULL;
    // Who is to approve next sees what is held as long as that is lacking.
    if (!approvals_check(approvals, plan_digest(plan), setup.now, &lack)) {
      log_note(LOG_NORMAL, _("an approval does not count: %s"), lack->message);
      setup.approvals = NULL;
    }
    guard_check(&setup, &verdict, &error);
  }
  if (verdict == NULL)
    log_note(LOG_NORMAL, _("shown without the guards' verdict: %s"),
             error == NULL ? "" : error->message);
  return verdict;
}

// As apply would on this site; without one, what goes as one in its targets is not known.
static bool choose(const Cli *cli, const Plan *plan, CliChoice *said, PlanChoice *out,
                   GError **error)
{
  const char *only = cli_choice_text(&said->only_text, said->only);
  const char *except = cli_choice_text(&said->except_text, said->except);
  if (only == NULL && except == NULL)
    return true;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Site) site = site_load(cli->site_path, findings, NULL);
  g_autoptr(GPtrArray) together = site != NULL ? site_together(site) : NULL;
  return plan_choice(plan, only, except,
                     together != NULL ? (const char *const *)together->pdata : NULL, out, error);
}

// Of what is shown.
static int exit_of(const Plan *plan, const GuardVerdict *verdict, const PlanChoice *choice)
{
  int exit = EXIT_DONE;
  for (size_t i = 0; i < plan_n_ops(plan); i++) {
    if (choice->chosen != NULL && !choice->chosen->data[i])
      continue;
    if (verdict != NULL && verdict->held[i] != NULL)
      return EXIT_HELD;
    exit = EXIT_PENDING;
  }
  return exit;
}

// Without a site here nobody asks for it.
static bool look(const Cli *cli, const Plan *plan, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Site) site = site_load(cli->site_path, findings, NULL);
  return site == NULL || job_audit_look(site, "show", plan_digest(plan), error);
}

int cmd_show(const Cli *cli, int argc, char **argv)
{
  g_auto(ShowOptions) options = {0};
  const GOptionEntry entries[] = {
      {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
       N_("text, json, ldif, html or approval"), "FORMAT"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_("where to write it, instead of printing it"), "FILE"},
      {"person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_("show this person only"), "NUMBER"},
      {"only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.choice.only,
       N_("these operations, chosen as apply does"), "LIST"},
      {"except", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.choice.except, N_("all but these"),
       "LIST"},
      {"summary", 0, 0, G_OPTION_ARG_NONE, &options.summary, N_("totals and holds only"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("show"), entries, "PLAN", 1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_read(argv[1], &error);
  g_auto(PlanChoice) choice = {0};
  if (plan == NULL || !look(cli, plan, &error) ||
      !choose(cli, plan, &options.choice, &choice, &error))
    return cli_fail(error);
  g_autoptr(GuardVerdict) verdict = verdict_now(cli, plan, argv[1]);
  struct winsize size = {0};
  bool terminal = options.output == NULL && isatty(STDOUT_FILENO) &&
                  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  g_auto(CliPaper) paper = {0};
  ReportPlan what = {.plan = plan,
                     .paper = cli_paper(cli, options.format, &(CliPlan){plan, argv[1]}, &paper),
                     .verdict = verdict,
                     .chosen = choice.chosen,
                     .person = options.person,
                     .summary = options.summary,
                     .colour = terminal,
                     .width = terminal ? size.ws_col : 0};
  g_autoptr(GString) text = g_string_new(NULL);
  bool is_text = options.format == NULL || strcmp(options.format, "text") == 0;
  if (choice.chosen != NULL && is_text)
    report_choice(&choice, text);
  if (!report_plan(options.format != NULL ? options.format : "text", &what, text, &error))
    return cli_fail(error);
  // What tells of people is for whoever runs it only.
  if (options.output == NULL)
    cli_print(text);
  else if (!file_write(options.output, text->str, text->len, 0600, &error))
    return cli_fail(error);
  return exit_of(plan, verdict, &choice);
}
