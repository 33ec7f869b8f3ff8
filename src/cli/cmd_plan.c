// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <sys/ioctl.h>
#include <unistd.h>

typedef struct PlanOptions {
  char *as_of, *known_at, *output, *approval, *format, *person, *bundle, *profile, *by;
  char **with;
  gboolean first_run, summary, quiet, embargoed;
} PlanOptions;

static void plan_options_clear(PlanOptions *options)
{
  g_free(options->as_of);
  g_free(options->known_at);
  g_free(options->output);
  g_free(options->approval);
  g_free(options->format);
  g_free(options->person);
  g_free(options->bundle);
  g_free(options->profile);
  g_free(options->by);
  g_strfreev(options->with);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanOptions, plan_options_clear)

static int terminal_width(void)
{
  struct winsize size;
  return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static bool read_request(const PlanOptions *options, PlanRequest *request)
{
  *request = (PlanRequest){.known_at = INSTANT_OPEN,
                           .with = (const char *const *)options->with,
                           .embargoed = options->embargoed,
                           .first_run = options->first_run,
                           .approval = options->approval,
                           .by = options->by,
                           .bundle = options->bundle};
  if (options->bundle != NULL && (options->as_of != NULL || options->known_at != NULL ||
                                  options->with != NULL || options->embargoed)) {
    fprintf(stderr, _("idou plan: a bundle says itself for which day it is and what was known\n"));
    return false;
  }
  if (options->known_at != NULL && !instant_parse(options->known_at, &request->known_at)) {
    fprintf(stderr, _("idou plan: \"%s\" is no instant; write 2027-03-20T18:00:00+09:00\n"),
            options->known_at);
    return false;
  }
  return cli_moment(options->as_of, &request->as_of, &request->at);
}

static int show_planned(const Cli *cli, const Planned *planned, const PlanOptions *options,
                        const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  g_auto(CliPaper) paper = {0};
  ReportPlan what = {.plan = planned->plan,
                     .paper =
                         cli_paper(cli, options->format, &(CliPlan){planned->plan, NULL}, &paper),
                     .verdict = planned->verdict,
                     .person = options->person,
                     .summary = options->summary,
                     .colour = isatty(STDOUT_FILENO),
                     .width = terminal_width()};
  const char *format = options->format != NULL ? options->format : "text";
  if (!options->quiet && !report_plan(format, &what, text, &error))
    return cli_fail(error);
  cli_print(text);
  if (options->format == NULL) {
    g_autoptr(GString) line = g_string_new(NULL);
    report_plan_line(planned->plan, planned->verdict, line);
    printf("%s\nsaved: %s\n", line->str, path);
  }
  return (int)planned->exit;
}

int cmd_plan(const Cli *cli, int argc, char **argv)
{
  g_auto(PlanOptions) options = {0};
  const GOptionEntry entries[] = {
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day accounts shall be right for (default: tomorrow), or a moment of it"), "DATE"},
      {"known-at", 0, 0, G_OPTION_ARG_STRING, &options.known_at,
       N_("as known at that time; such a plan cannot be applied"), "INSTANT"},
      {"embargoed", 0, 0, G_OPTION_ARG_NONE, &options.embargoed,
       N_("with what an embargo still hides; such a plan cannot be applied"), NULL},
      {"with", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.with,
       N_("what if this file came in; such a plan cannot be applied"), "FILE"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by,
       N_("who makes it: not to be who alone approves it"), "NAME"},
      {"approval", 0, 0, G_OPTION_ARG_FILENAME, &options.approval, N_("approval to count in"),
       "FILE"},
      {"bundle", 0, 0, G_OPTION_ARG_FILENAME, &options.bundle,
       N_("in a segment: what is wanted comes from there"), "FILE"},
      {"profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
       N_("judge by these limits (default: normal)"), "NAME"},
      {"first-run", 0, 0, G_OPTION_ARG_NONE, &options.first_run,
       N_("the target is expected to hold nothing of ours yet"), NULL},
      {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
       N_("text, json, ldif, html or approval"), "FORMAT"},
      {"person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_("show this person only"), "NUMBER"},
      {"summary", 0, 0, G_OPTION_ARG_NONE, &options.summary, N_("totals and holds only"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options.quiet, N_("the last line only"), NULL},
      G_OPTION_ENTRY_NULL};
  PlanRequest request;
  if (!cli_options(cli_command("plan"), entries, "", 0, &argc, &argv) ||
      !read_request(&options, &request))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  g_autoptr(GError) error = NULL;
  if (!site_choose_profile(site, options.profile, &error))
    return cli_fail(error);
  Planned planned;
  bool fine = job_plan(site, &request, &planned, &error);
  cli_findings(planned.findings, false);
  g_autofree char *path = NULL;
  if (fine) {
    path = options.output != NULL ? g_strdup(options.output) : job_plan_path(site, planned.plan);
    fine = planned_write(&planned, path, &error);
    if (fine)
      planned_note(site, &planned, path);
  }
  exit_code = fine ? show_planned(cli, &planned, &options, path) : cli_fail(error);
  planned_clear(&planned);
  return exit_code;
}
