// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

// Decision tables, asked without any target: check, try, compare.

typedef struct TableOptions {
  char *as_of, *as;
  int n_some;
  gboolean json, summary, embargoed;
} TableOptions;

static void table_options_clear(TableOptions *options)
{
  g_free(options->as_of);
  g_free(options->as);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TableOptions, table_options_clear)

static int table_check(const Site *site, const TableOptions *options, const TableRequest *asked,
                       const char *const *arguments)
{
  // With --as the argument is a draft in that table's place.
  TableRequest request = *asked;
  if (request.path == NULL)
    request.path = arguments[0];
  else
    request.file = arguments[0];
  g_autoptr(GError) error = NULL;
  TableChecked checked;
  bool fine = job_table_check(site, &request, &checked, &error);
  int exit_code = (int)checked.exit;
  if (fine) {
    g_autoptr(GString) text = g_string_new(NULL);
    report_table_check((const ReportTableCheck *const *)checked.checks->pdata, checked.checks->len,
                       request.as_of, checked.findings, options->json, text);
    cli_print(text);
  } else {
    cli_findings(checked.findings, false);
    exit_code = cli_fail(error);
  }
  table_checked_clear(&checked);
  return exit_code;
}

static int table_try(const Site *site, const TableOptions *options, const TableRequest *asked,
                     const char *const *arguments)
{
  g_autoptr(GError) error = NULL;
  TableTried tried;
  bool fine = job_table_try(site, arguments[0], asked, &tried, &error);
  int exit_code = EXIT_DONE;
  if (fine) {
    g_autoptr(GString) text = g_string_new(NULL);
    report_table_try(&tried.report, tried.findings, options->json, text);
    cli_print(text);
  } else {
    cli_findings(tried.findings, false);
    exit_code = cli_fail(error);
  }
  table_tried_clear(&tried);
  return exit_code;
}

static int table_compare(const Site *site, const TableOptions *options, const TableRequest *asked,
                         const char *const *arguments)
{
  g_autoptr(GError) error = NULL;
  TableCompared compared;
  bool fine = job_table_compare(site, arguments, asked, &compared, &error);
  int exit_code = (int)compared.exit;
  if (fine) {
    g_autoptr(GString) text = g_string_new(NULL);
    report_table_compare(&compared.report, options->summary, options->json, text);
    cli_print(text);
  }
  if (!fine || !options->json)
    cli_findings(compared.findings, false);
  if (!fine)
    exit_code = cli_fail(error);
  table_compared_clear(&compared);
  return exit_code;
}

// What the first argument says is to be done.
static const struct {
  const char *name;
  int min_arguments, max_arguments;
  const char *usage;  // untranslated, N_()
  int (*run)(const Site *site, const TableOptions *options, const TableRequest *asked,
             const char *const *arguments);
} ASPECTS[] = {
    {"check", 0, 1, N_("table check [TABLE]"), table_check},
    {"try", 1, 1, N_("table try NUMBER"), table_try},
    {"compare", 2, 2, N_("table compare OLD NEW"), table_compare},
};

static int wrong_usage(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ASPECTS); i++)
    fprintf(stderr, "%s idou %s\n", i == 0 ? _("usage:") : _("   or:"), _(ASPECTS[i].usage));
  return EXIT_USAGE;
}

int cmd_table(const Cli *cli, int argc, char **argv)
{
  g_auto(TableOptions) options = {.n_some = 3};
  const GOptionEntry entries[] = {
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day to ask for (default: tomorrow)"), "DATE"},
      {"as", 0, 0, G_OPTION_ARG_STRING, &options.as,
       N_("the files stand in the place of this table"), "TABLE"},
      {"embargoed", 0, 0, G_OPTION_ARG_NONE, &options.embargoed,
       N_("with what an embargo still hides"), NULL},
      {"some", 'n', 0, G_OPTION_ARG_INT, &options.n_some,
       N_("check: how many people to name for each row (default: 3)"), "N"},
      {"summary", 0, 0, G_OPTION_ARG_NONE, &options.summary, N_("compare: totals only"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("print JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  TableRequest asked = {0};
  if (!cli_options(cli_command("table"), entries, "check [TABLE] | try NUMBER | compare OLD NEW",
                   -1, &argc, &argv) ||
      !cli_date(options.as_of, &asked.as_of))
    return EXIT_USAGE;
  asked.path = options.as;
  asked.embargoed = options.embargoed;
  asked.n_some = (unsigned)CLAMP(options.n_some, 0, 1000);
  int n_arguments = argc - 2, exit_code;
  for (size_t i = 0; i < G_N_ELEMENTS(ASPECTS); i++) {
    if (argc < 2 || strcmp(ASPECTS[i].name, argv[1]) != 0 ||
        n_arguments < ASPECTS[i].min_arguments || n_arguments > ASPECTS[i].max_arguments)
      continue;
    g_autoptr(Site) site = cli_site(cli, &exit_code);
    return site == NULL ? exit_code
                        : ASPECTS[i].run(site, &options, &asked, (const char *const *)argv + 2);
  }
  return wrong_usage();
}
