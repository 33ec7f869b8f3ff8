// SPDX-License-Identifier: GPL-3.0-or-later
//
// Dormant accounts: judging and planning, and who answers for them.
#include "cli/cli_p.h"

#include <string.h>
#include <unistd.h>

typedef struct DormantOptions {
  char *as_of, *explain, *output, *approval, *until, *by, *reason, *target;
  gboolean json, all, first_run;
} DormantOptions;

static void dormant_options_clear(DormantOptions *options)
{
  char *texts[] = {options->as_of, options->explain, options->output, options->approval,
                   options->until, options->by,      options->reason, options->target};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DormantOptions, dormant_options_clear)

// ---------------------------------------------------------------------------------------------
// Claims.

static int claim(const Cli *cli, const DormantOptions *options, int argc, char **argv)
{
  DormantClaim what = {.target = options->target, .who = options->by, .reason = options->reason};
  if (argc != 3 || options->until == NULL || options->by == NULL || options->reason == NULL) {
    fprintf(stderr, _("idou dormant claim: a number, login or object, --until, --by and --reason "
                      "are needed\n"));
    return EXIT_USAGE;
  }
  if (!cli_date(options->until, &what.until))
    return EXIT_USAGE;
  what.until++;  // the last day counts
  what.whom = argv[2];
  if (what.until <= date_of_instant(instant_now())) {
    fprintf(stderr, _("idou dormant claim: that day is over\n"));
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  g_autoptr(GError) error = NULL;
  DormantClaimed claimed;
  bool fine = job_dormant_claim(site, &what, &claimed, &error);
  cli_findings(claimed.findings, false);
  if (fine)
    cli_print(claimed.told);
  exit_code = fine ? EXIT_DONE : cli_fail(error);
  dormant_claimed_clear(&claimed);
  return exit_code;
}

static int withdraw(const Cli *cli, char **numbers, int n)
{
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  int exit_code;
  if (n == 0) {
    fprintf(stderr, _("idou dormant withdraw: the number of a claim is needed\n"));
    return EXIT_USAGE;
  }
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  bool fine = store_begin(store, &error);
  for (int i = 0; i < n && fine; i++) {
    gint64 id = 0;
    fine = g_ascii_string_to_signed(numbers[i], 10, 1, G_MAXINT64, &id, &error) &&
           store_claim_withdraw(store, id, &error) &&
           audit_note(store,
                      &(AuditNote){AUDIT_DECIDE, NULL, numbers[i],
                                   (const char *const[]){"ruling", "withdraw-claim", NULL}},
                      &error);
  }
  if (!fine || !store_commit(store, &error)) {
    store_rollback(store);
    return cli_fail(error);
  }
  printf(_("withdrawn: the next run counts as if they had not been said\n"));
  return EXIT_DONE;
}

static bool print_claim(const ClaimRow *claim, void *data)
{
  (void)data;
  g_autoptr(GString) line = g_string_new(NULL);
  if (strcmp(claim->cause, RESTRICTION_DORMANT) != 0)
    return true;
  g_string_append_printf(line, "%" G_GINT64_FORMAT "  %s %s  ", claim->id, claim->target,
                         claim->object);
  date_format(claim->until - 1, line);
  g_string_append(line, "  ");
  escape_text(line, claim->who, ESCAPE_TERMINAL);
  g_string_append(line, ": ");
  escape_text(line, claim->reason, ESCAPE_TERMINAL);
  printf("%s\n", line->str);
  return true;
}

static int claims(const Cli *cli)
{
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  int exit_code;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  return store_claims_each(store, NULL, print_claim, NULL, &error) ? EXIT_DONE : cli_fail(error);
}

// ---------------------------------------------------------------------------------------------
// Judging.

static bool save(const Site *site, const DormantOptions *options, const DormantDone *done,
                 char **path, GError **error)
{
  if (done->planned.plan == NULL)
    return true;
  *path =
      options->output != NULL ? g_strdup(options->output) : job_plan_path(site, done->planned.plan);
  return planned_write(&done->planned, *path, error);
}

static bool show(const DormantOptions *options, const DormantDone *done, const char *path,
                 GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  ReportDormant what = {.dormant = done->dormant,
                        .report = &done->report,
                        .plan_path = path,
                        .all = options->all,
                        .explains = options->explain != NULL,
                        .person = done->person,
                        .json = options->json};
  report_dormant(&what, text);
  bool fine = true;
  if (!options->json && options->explain == NULL && done->planned.plan != NULL) {
    ReportPlan plan = {
        .plan = done->planned.plan, .verdict = done->planned.verdict, .summary = true};
    fine = report_plan("text", &plan, text, error);
    report_plan_line(done->planned.plan, done->planned.verdict, text);
    g_string_append_printf(text, _("\nsaved: %s\n"), path);
  } else if (!options->json && options->explain == NULL) {
    g_string_append(text, _("plan: nothing to do\n"));
  }
  cli_print(text);
  return fine;
}

static int judge(const Cli *cli, const DormantOptions *options)
{
  DormantRequest request = {.person = options->explain,
                            .judge_only = options->explain != NULL,
                            .first_run = options->first_run,
                            .approval = options->approval,
                            .as_of = date_of_instant(instant_now())};
  if (options->as_of != NULL && !cli_date(options->as_of, &request.as_of))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  DormantDone done;
  bool fine = job_dormant(site, &request, &done, &error);
  cli_findings(done.findings, false);
  fine = fine && save(site, options, &done, &path, &error) && show(options, &done, path, &error);
  exit_code = fine ? (int)done.exit : cli_fail(error);
  dormant_done_clear(&done);
  return exit_code;
}

int cmd_dormant(const Cli *cli, int argc, char **argv)
{
  g_auto(DormantOptions) options = {0};
  const GOptionEntry entries[] = {
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of, N_("the day to judge (default: today)"),
       "DATE"},
      {"explain", 0, 0, G_OPTION_ARG_STRING, &options.explain,
       N_("why one person's accounts are where they are; makes no plan"), "PERSON"},
      {"all", 0, 0, G_OPTION_ARG_NONE, &options.all,
       N_("list those with a stage in which nothing happens, too"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("as JSON"), NULL},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      {"approval", 0, 0, G_OPTION_ARG_FILENAME, &options.approval, N_("approval to count in"),
       "FILE"},
      {"first-run", 0, 0, G_OPTION_ARG_NONE, &options.first_run,
       N_("the target is expected to hold nothing of ours yet"), NULL},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("claim: the last day"), "DATE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("claim: who answers for it"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("claim: why"), "TEXT"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("claim: only there"), "TARGET"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("dormant"), entries,
                   _("[claim PERSON|OBJECT | withdraw CLAIM… | claims]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc == 1)
    return judge(cli, &options);
  if (strcmp(argv[1], "claim") == 0)
    return claim(cli, &options, argc, argv);
  if (strcmp(argv[1], "withdraw") == 0)
    return withdraw(cli, argv + 2, argc - 2);
  if (strcmp(argv[1], "claims") == 0 && argc == 2)
    return claims(cli);
  fprintf(stderr, _("idou dormant: say claim, withdraw, claims, or nothing to judge\n"));
  return EXIT_USAGE;
}
