// SPDX-License-Identifier: GPL-3.0-or-later
//
// Recertification: which rights units still need.
#include "cli/cli_p.h"

#include <string.h>

typedef struct RecertifyOptions {
  char **units, **targets;
  char *due, *as_of, *title, *output;
  gboolean all, everything, apply, json;
} RecertifyOptions;

static void recertify_options_clear(RecertifyOptions *options)
{
  g_strfreev(options->units);
  g_strfreev(options->targets);
  g_free(options->due);
  g_free(options->as_of);
  g_free(options->title);
  g_free(options->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RecertifyOptions, recertify_options_clear)

static int complain(const char *text)
{
  fprintf(stderr, "idou recertify: %s\n", text);
  return EXIT_USAGE;
}

// ---------------------------------------------------------------------------------------------

static bool read_start(const RecertifyOptions *options, RecertifyRequest *out)
{
  *out = (RecertifyRequest){.units = (const char *const *)options->units,
                            .targets = (const char *const *)options->targets,
                            .title = options->title,
                            .who = cli_who()};
  if (options->due == NULL || (options->units != NULL) == (bool)options->all) {
    complain(_("say whom to ask (--unit or --all) and until when they are to answer (--due)"));
    return false;
  }
  if (!cli_date(options->as_of != NULL ? options->as_of : "today", &out->as_of) ||
      !cli_date(options->due, &out->due))
    return false;
  if (out->due >= date_of_instant(instant_now()))
    return true;
  complain(_("the day until which to answer is over already"));
  return false;
}

static int start(const Cli *cli, const RecertifyOptions *options)
{
  int exit_code;
  RecertifyRequest request;
  RecertifyStarted started;
  g_autoptr(GError) error = NULL;
  if (!read_start(options, &request))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  bool fine = job_recertify_start(site, &request, &started, &error);
  cli_findings(started.findings, false);
  cli_print(started.told);
  if (fine)
    printf("recertify: lists=%zu asked=%zu open-before=%zu answered-before=%zu\n", started.n_lists,
           started.n_asked, started.n_open, started.n_answered);
  exit_code = fine ? (int)started.exit : cli_fail(error);
  recertify_started_clear(&started);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------

static int carry_out(const Cli *cli, const Site *site, const RecertifyOptions *options,
                     const RecertifyPlanned *planned)
{
  g_autoptr(GError) error = NULL;
  const CliSave save = {options->output, options->apply, NULL};
  if (options->apply && !job_recertify_close(site, planned, cli_who(), &error))
    return cli_fail(error);
  if (planned->any) {
    int exit_code = cli_planned(cli, site, &planned->planned, &save);
    return (int)exit_worse((ExitCode)exit_code,
                           planned->exit == EXIT_PENDING ? EXIT_DONE : planned->exit);
  }
  printf(_("nothing that units answered is left to be done\n"));
  return (int)planned->exit;
}

static int plan(const Cli *cli, const RecertifyOptions *options)
{
  int exit_code;
  Date as_of;
  RecertifyPlanned planned;
  g_autoptr(GError) error = NULL;
  if (!cli_date(options->as_of != NULL ? options->as_of : "today", &as_of))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  bool fine = job_recertify_plan(site, as_of, options->everything, &planned, &error);
  cli_findings(planned.findings, false);
  if (planned.planned.findings != NULL)
    cli_findings(planned.planned.findings, false);
  exit_code = fine ? carry_out(cli, site, options, &planned) : cli_fail(error);
  recertify_planned_clear(&planned);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------

static int status(const Cli *cli, const RecertifyOptions *options)
{
  const CliInquiries ask = {.cause = RESTRICTION_RECERTIFIED,
                            .unit = options->units != NULL ? options->units[0] : NULL,
                            .all = true,
                            .json = options->json};
  return cli_inquiries(cli, &ask);
}

int cmd_recertify(const Cli *cli, int argc, char **argv)
{
  g_auto(RecertifyOptions) options = {0};
  const GOptionEntry entries[] = {
      {"unit", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.units,
       N_("ask this unit; may be given more than once"), "CODE"},
      {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_("ask every unit"), NULL},
      {"target", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.targets,
       N_("only about rights in this target; may be given more than once"), "NAME"},
      {"due", 0, 0, G_OPTION_ARG_STRING, &options.due, N_("the last day for answers"), "DATE"},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day on which rights and posts are looked at; default: today"), "DATE"},
      {"title", 0, 0, G_OPTION_ARG_STRING, &options.title, N_("of the round, for people"), "TEXT"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      {"everything", 0, 0, G_OPTION_ARG_NONE, &options.everything,
       N_("plan: also of lists of which the unit needs nothing at all"), NULL},
      {"apply", 0, 0, G_OPTION_ARG_NONE, &options.apply, N_("apply the plan at once"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("show the status as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("recertify"), entries, _("start | plan | status"), 1, &argc, &argv))
    return EXIT_USAGE;
  static const struct {
    const char *word;
    int (*run)(const Cli *cli, const RecertifyOptions *options);
  } deeds[] = {{"start", start}, {"plan", plan}, {"status", status}};
  for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
    if (strcmp(argv[1], deeds[i].word) == 0)
      return deeds[i].run(cli, &options);
  return complain(_("say start, plan or status"));
}
