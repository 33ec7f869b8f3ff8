// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct OrphansOptions {
  char *target, *as_of, *until, *reason, *by, *due, *title, *output;
  gboolean json, csv, html, many, disable, remove, keep;
} OrphansOptions;

static void orphans_options_clear(OrphansOptions *options)
{
  char **const texts[] = {&options->target, &options->as_of, &options->until, &options->reason,
                          &options->by,     &options->due,   &options->title, &options->output};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_clear_pointer(texts[i], g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OrphansOptions, orphans_options_clear)

// What a command works on. False after printing: return *exit.
typedef struct Desk {
  Site *site;
  OrphansFound found;
} Desk;

static void desk_clear(Desk *desk)
{
  orphans_found_clear(&desk->found);
  site_free(desk->site);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_clear)

static bool look(const Cli *cli, const OrphansOptions *options, Desk *out, int *exit)
{
  g_autoptr(GError) error = NULL;
  OrphansRequest request = {.target = options->target, .many = options->many};
  *exit = EXIT_USAGE;
  if (!cli_date(options->as_of != NULL ? options->as_of : "today", &request.as_of))
    return false;
  out->site = cli_site(cli, exit);
  if (out->site == NULL)
    return false;
  bool fine = job_orphans(out->site, &request, &out->found, &error);
  cli_findings(out->found.findings, false);
  *exit = fine ? (int)out->found.exit : cli_fail(error);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The list.

static int list(const Cli *cli, const OrphansOptions *options)
{
  int exit_code;
  g_auto(Desk) desk = {0};
  g_autoptr(GString) text = g_string_new(NULL);
  const char *format = options->json   ? "json"
                       : options->csv  ? "csv"
                       : options->html ? "html"
                                       : "text";
  if (options->json + options->csv + options->html > 1) {
    fprintf(stderr, _("idou orphans: one of --json, --csv and --html\n"));
    return EXIT_USAGE;
  }
  if (!look(cli, options, &desk, &exit_code))
    return exit_code;
  report_orphans(format, desk.found.list, text);
  if (strcmp(format, "text") == 0) {
    report_orphans_line(desk.found.list, text);
    g_string_append_c(text, '\n');
  }
  cli_print(text);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------
// A plan of decisions.

static int plan(const Cli *cli, const Desk *desk, const OrphansOptions *options,
                const GArray *restrictions)
{
  g_autoptr(GError) error = NULL;
  if (restrictions->len == 0) {
    printf("%s\n", _("nothing was decided that is not in force"));
    return EXIT_DONE;
  }
  const PlanRequest request = {.as_of = date_of_instant(instant_now()),
                               .known_at = INSTANT_OPEN,
                               .restrictions = restrictions,
                               .by = options->by};
  const CliSave save = {options->output, false, NULL};
  Planned planned;
  bool fine = job_plan(desk->site, &request, &planned, &error);
  cli_findings(planned.findings, false);
  int exit_code = fine ? cli_planned(cli, desk->site, &planned, &save) : cli_fail(error);
  planned_clear(&planned);
  return exit_code;
}

static bool is_whole(const OrphansOptions *options, char **objects)
{
  if (options->disable + options->remove + options->keep != 1) {
    fprintf(stderr, _("idou orphans: one of --disable, --delete and --keep\n"));
    return false;
  }
  if (options->by == NULL || options->reason == NULL || *objects == NULL) {
    fprintf(stderr, _("idou orphans: say of what it is decided, --by and --reason\n"));
    return false;
  }
  if (options->keep == (options->until != NULL))
    return true;
  fprintf(stderr, _("idou orphans: --keep needs --until, a last day; nothing else has one\n"));
  return false;
}

static int keep(const Desk *desk, const OrphansDecide *decide)
{
  g_autoptr(GError) error = NULL;
  if (!job_orphans_keep(desk->site, &desk->found, decide, &error))
    return cli_fail(error);
  for (const char *const *object = decide->objects; *object != NULL; object++) {
    g_autoptr(GString) line = g_string_new(NULL);
    escape_text(line, *object, ESCAPE_TERMINAL);
    g_string_append(line, _(": kept until "));
    date_format(decide->until - 1, line);
    printf("%s\n", line->str);
  }
  return EXIT_DONE;
}

static int decide(const Cli *cli, const OrphansOptions *options, char **objects)
{
  int exit_code;
  g_auto(Desk) desk = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) restrictions = g_array_new(FALSE, FALSE, sizeof(Restriction));
  OrphansDecide said = {.objects = (const char *const *)objects,
                        .target = options->target,
                        .deed = options->remove ? ORPHAN_DEED_DELETE : ORPHAN_DEED_DISABLE,
                        .who = options->by,
                        .reason = options->reason};
  if (!is_whole(options, objects) ||
      (options->until != NULL && !cli_date(options->until, &said.until)))
    return EXIT_USAGE;
  said.until++;  // the last day counts
  if (!look(cli, options, &desk, &exit_code))
    return exit_code;
  if (options->keep)
    return keep(&desk, &said);
  if (!job_orphans_restrict(&desk.found, &said, restrictions, &error))
    return cli_fail(error);
  return plan(cli, &desk, options, restrictions);
}

static int answers(const Cli *cli, const OrphansOptions *options)
{
  int exit_code;
  g_auto(Desk) desk = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) restrictions = g_array_new(FALSE, FALSE, sizeof(Restriction));
  if (!look(cli, options, &desk, &exit_code))
    return exit_code;
  g_autoptr(Findings) told = g_steal_pointer(&desk.found.findings);
  desk.found.findings = findings_new();
  bool fine = job_orphans_answers(desk.site, &desk.found, restrictions, &error);
  cli_findings(desk.found.findings, false);
  return fine ? (int)exit_worse((ExitCode)plan(cli, &desk, options, restrictions),
                                (ExitCode)exit_code)
              : cli_fail(error);
}

// ---------------------------------------------------------------------------------------------

static int ask(const Cli *cli, const OrphansOptions *options)
{
  int exit_code;
  g_auto(Desk) desk = {0};
  g_autoptr(GError) error = NULL;
  OrphansAsk what = {.title = options->title != NULL ? options->title : _("accounts of nobody"),
                     .who = options->by != NULL ? options->by : cli_who()};
  if (options->due == NULL) {
    fprintf(stderr, _("idou orphans: --due, the last day for an answer, is needed\n"));
    return EXIT_USAGE;
  }
  if (!cli_date(options->due, &what.due))
    return EXIT_USAGE;
  if (!look(cli, options, &desk, &exit_code))
    return exit_code;
  InquiryAsked asked;
  if (!job_orphans_ask(desk.site, &desk.found, &what, &asked, &error))
    return cli_fail(error);
  if (asked.id != 0)
    printf(_("inquiry %" G_GINT64_FORMAT ": %zu asked\n"), asked.id, asked.n_asked);
  else
    printf("%s\n", _("nothing new to ask"));
  return exit_code;
}

// ---------------------------------------------------------------------------------------------

static int choose(const Cli *cli, const OrphansOptions *options, char **arguments)
{
  if (arguments[0] == NULL)
    return list(cli, options);
  // Whoever leaves only then is somebody now.
  if (options->as_of != NULL) {
    fprintf(stderr, _("idou orphans: another day can be looked at; decided is of today\n"));
    return EXIT_USAGE;
  }
  if (strcmp(arguments[0], "decide") == 0)
    return decide(cli, options, arguments + 1);
  if (strcmp(arguments[0], "ask") == 0 && arguments[1] == NULL)
    return ask(cli, options);
  if (strcmp(arguments[0], "plan") == 0 && arguments[1] == NULL)
    return answers(cli, options);
  fprintf(stderr, _("idou orphans: nothing, or decide OBJECT…, ask, or plan\n"));
  return EXIT_USAGE;
}

int cmd_orphans(const Cli *cli, int argc, char **argv)
{
  g_auto(OrphansOptions) options = {0};
  const GOptionEntry entries[] = {
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("of this target only"), "NAME"},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day to look at (default: today)"), "DATE"},
      {"many", 0, 0, G_OPTION_ARG_NONE, &options.many, N_("more of nobody's than of ours is right"),
       NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("list as a table for Excel"), NULL},
      {"html", 0, 0, G_OPTION_ARG_NONE, &options.html, N_("list as a page"), NULL},
      {"disable", 0, 0, G_OPTION_ARG_NONE, &options.disable, N_("decide: switch it off"), NULL},
      {"delete", 0, 0, G_OPTION_ARG_NONE, &options.remove, N_("decide: delete it"), NULL},
      {"keep", 0, 0, G_OPTION_ARG_NONE, &options.keep, N_("decide: somebody answers for it"), NULL},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("keep: the last day"), "DATE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who says so, or asks"), "WHO"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("decide: why"), "TEXT"},
      {"due", 0, 0, G_OPTION_ARG_STRING, &options.due, N_("ask: the last day for an answer"),
       "DATE"},
      {"title", 0, 0, G_OPTION_ARG_STRING, &options.title, N_("ask: title of the list"), "TEXT"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("orphans"), entries, _("[decide OBJECT…|ask|plan]"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  return choose(cli, &options, argv + 1);
}
