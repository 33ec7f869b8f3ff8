// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Two plans, or two versions of a file of HR's. Plans need neither site nor ledger: they may have been
// carried here.

#define FILE_MAX_BYTES ((size_t)1 << 30)

typedef struct DiffOptions {
  gboolean plans, inputs, systems, json, summary;
  char *layout, *as_of, *person;
} DiffOptions;

static void diff_options_clear(DiffOptions *options)
{
  g_free(options->layout);
  g_free(options->as_of);
  g_free(options->person);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DiffOptions, diff_options_clear)

static int terminal_width(void)
{
  struct winsize size;
  return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static ReportComparison shown_as(const DiffOptions *options)
{
  return (ReportComparison){.person = options->person,
                            .summary = options->summary,
                            .colour = isatty(STDOUT_FILENO),
                            .width = terminal_width()};
}

static bool differs(const PlanComparison *comparison)
{
  return comparison->ops->len > 0 || comparison->came->len > 0 || comparison->went->len > 0;
}

static int diff_plans(const Cli *cli, char **paths, const DiffOptions *options)
{
  (void)cli;
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) old_plan = plan_read(paths[0], &error);
  g_autoptr(Plan) new_plan = old_plan == NULL ? NULL : plan_read(paths[1], &error);
  if (new_plan == NULL)
    return cli_fail(error);
  g_auto(PlanComparison) comparison = {0};
  g_autoptr(GString) out = g_string_new(NULL);
  plan_compare(old_plan, new_plan, &comparison);
  ReportComparison what = shown_as(options);
  what.old_plan = old_plan;
  what.new_plan = new_plan;
  what.comparison = &comparison;
  report_comparison(&what, options->json, out);
  if (!options->json) {
    report_comparison_line(&comparison, out);
    g_string_append_c(out, '\n');
  }
  cli_print(out);
  return differs(&comparison) ? EXIT_PENDING : EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// Files of HR's.

typedef struct Versions {
  const Cli *cli;
  const DiffOptions *options;
  char **paths;
  Site *site;      // NULL when the layout's own file was named
  Layout *layout;  // … then this
  Planned planned[2];
  PlanComparison plans;  // of what either version would do
} Versions;

static void versions_clear(Versions *versions)
{
  for (size_t i = 0; i < G_N_ELEMENTS(versions->planned); i++)
    planned_clear(&versions->planned[i]);
  plan_comparison_clear(&versions->plans);
  layout_free(versions->layout);
  site_free(versions->site);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Versions, versions_clear)

static bool read_version(Versions *versions, const char *path, InputVersion *out, int *exit)
{
  g_autoptr(GError) error = NULL;
  const Layout *layout =
      cli_layout(versions->site, versions->layout, versions->options->layout, path);
  *exit = EXIT_USAGE;
  if (layout == NULL)
    return false;
  const char *slash = strrchr(path, '/');
  *out = (InputVersion){.options = {.layout = layout,
                                    .gaiji = versions->site != NULL ? versions->site->gaiji : NULL,
                                    .name = slash != NULL ? slash + 1 : path}};
  out->bytes = file_read(path, FILE_MAX_BYTES, &error);
  if (out->bytes == NULL)
    *exit = cli_fail(error);
  return out->bytes != NULL;
}

// What either version would do to the systems, on top of what has been taken in.
static bool plan_versions(Versions *versions, int *exit)
{
  Date as_of;
  *exit = EXIT_USAGE;
  if (!cli_date(versions->options->as_of, &as_of))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(versions->planned); i++) {
    g_autoptr(GError) error = NULL;
    const char *with[] = {versions->paths[i], NULL};
    PlanRequest request = {.as_of = as_of,
                           .known_at = INSTANT_OPEN,
                           .with = with,
                           .with_layout = versions->options->layout};
    bool planned = job_plan(versions->site, &request, &versions->planned[i], &error);
    if (findings_count(versions->planned[i].findings) > 0)
      fprintf(stderr, _("With %s:\n"), versions->paths[i]);
    cli_findings(versions->planned[i].findings, false);
    if (!planned) {
      *exit = cli_fail(error);
      return false;
    }
  }
  plan_compare(versions->planned[0].plan, versions->planned[1].plan, &versions->plans);
  return true;
}

static void show_versions(Versions *versions, const InputChanges *changes)
{
  const DiffOptions *options = versions->options;
  g_autoptr(GString) out = g_string_new(NULL);
  ReportInputs what = {.old_file = versions->paths[0],
                       .new_file = versions->paths[1],
                       .changes = changes,
                       .plans = options->systems ? &versions->plans : NULL,
                       .summary = options->summary,
                       .colour = isatty(STDOUT_FILENO),
                       .width = terminal_width()};
  report_inputs(&what, options->json, out);
  if (options->systems && !options->json) {
    ReportComparison plans = shown_as(options);
    plans.old_plan = versions->planned[0].plan;
    plans.new_plan = versions->planned[1].plan;
    plans.comparison = &versions->plans;
    report_comparison(&plans, false, out);
  }
  if (!options->json) {
    report_inputs_line(changes, out);
    g_string_append_c(out, '\n');
  }
  cli_print(out);
}

static int compare_versions(Versions *versions, const InputVersion *read)
{
  int exit_code = EXIT_DONE;
  g_auto(InputChanges) changes = {0};
  g_autoptr(Findings) findings = findings_new();
  bool compared = intake_compare(&read[0], &read[1], findings, &changes);
  cli_findings(findings, false);
  if (!compared)
    return EXIT_REJECTED;
  if (versions->options->systems && !plan_versions(versions, &exit_code))
    return exit_code;
  show_versions(versions, &changes);
  if (changes.n_unread > 0)
    return EXIT_REJECTED;
  return changes.changes->len > 0 ? EXIT_PENDING : EXIT_DONE;
}

static int diff_inputs(const Cli *cli, char **paths, const DiffOptions *options)
{
  g_auto(Versions) versions = {.cli = cli, .options = options, .paths = paths};
  InputVersion read[2] = {0};
  int exit_code;
  if (!cli_layout_file(options->layout, &versions.layout, &exit_code))
    return exit_code;
  if (versions.layout != NULL && options->systems) {
    fprintf(stderr, _("idou diff: --systems needs a layout of the site, not a file\n"));
    return EXIT_USAGE;
  }
  if (versions.layout == NULL && (versions.site = cli_site(cli, &exit_code)) == NULL)
    return exit_code;
  if (read_version(&versions, paths[0], &read[0], &exit_code) &&
      read_version(&versions, paths[1], &read[1], &exit_code))
    exit_code = compare_versions(&versions, read);
  g_clear_pointer(&read[0].bytes, g_bytes_unref);
  g_clear_pointer(&read[1].bytes, g_bytes_unref);
  return exit_code;
}

int cmd_diff(const Cli *cli, int argc, char **argv)
{
  g_auto(DiffOptions) options = {0};
  const GOptionEntry entries[] = {
      {"plans", 0, 0, G_OPTION_ARG_NONE, &options.plans, N_("compare two plans"), NULL},
      {"inputs", 0, 0, G_OPTION_ARG_NONE, &options.inputs,
       N_("compare two versions of a file of HR, row by row"), NULL},
      {"layout", 'l', 0, G_OPTION_ARG_STRING, &options.layout,
       N_("inputs: layout to read them by, a name or a file"), "NAME"},
      {"systems", 0, 0, G_OPTION_ARG_NONE, &options.systems,
       N_("inputs: what either would do to the systems"), NULL},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("systems: the day to plan for (default: tomorrow)"), "DATE"},
      {"person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_("plans: show this person only"),
       "NUMBER"},
      {"summary", 0, 0, G_OPTION_ARG_NONE, &options.summary, N_("totals only"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("print JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("diff"), entries, "OLD NEW", 2, &argc, &argv))
    return EXIT_USAGE;
  if (options.plans == options.inputs) {
    fprintf(stderr, _("idou diff: say what to compare, --plans or --inputs\n"));
    return EXIT_USAGE;
  }
  return options.plans ? diff_plans(cli, argv + 1, &options) : diff_inputs(cli, argv + 1, &options);
}
