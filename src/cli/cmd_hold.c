// SPDX-License-Identifier: GPL-3.0-or-later
//
// Commands of the desk that hold, stop and let go: they do not wait for a night's run.
#include "cli/cli_p.h"

#include <string.h>

typedef struct HoldOptions {
  char *kind, *reason, *by, *until, *target;
  gboolean list, reasons, apply;
} HoldOptions;

static void hold_options_clear(HoldOptions *options)
{
  char *const texts[] = {options->kind, options->reason, options->by, options->until,
                         options->target};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HoldOptions, hold_options_clear)

static bool is_empty(const char *text)
{
  return text == NULL || *text == '\0';
}

static bool is_said(const char *command, const HoldOptions *options)
{
  if (!is_empty(options->by) && !is_empty(options->reason))
    return true;
  fprintf(stderr, _("idou %s: --by and --reason are needed: they stand in the records\n"), command);
  return false;
}

// The first day on which it no longer stands.
static bool read_until(const char *command, const HoldOptions *options, Date *out)
{
  *out = DATE_OPEN;
  if (options->until == NULL)
    return true;
  if (!cli_date(options->until, out))
    return false;
  if (*out > date_of_instant(instant_now()))
    return true;
  fprintf(stderr,
          _("idou %s: --until is the first day on which it no longer stands, and %s is not "
            "to come\n"),
          command, options->until);
  return false;
}

void cli_hold(const HoldRow *hold, bool reason)
{
  g_autoptr(GString) out = g_string_new(NULL), day = g_string_new(NULL);
  bool stop = strcmp(hold->kind, HOLD_STOP) == 0;
  g_string_append_printf(
      out, stop ? _("stop %" G_GINT64_FORMAT ": person ") : _("hold %" G_GINT64_FORMAT ": %s "),
      hold->id, hold->kind);
  escape_text(out, hold->name, ESCAPE_TERMINAL);
  g_string_append(out, _(" since "));
  instant_format(hold->since, out);
  date_format(hold->until, day);
  if (day->len > 0)
    g_string_append_printf(out, _(", before %s"), day->str);
  g_string_append(out, reason ? _(" by ") : _("; ask "));
  escape_text(out, hold->who, ESCAPE_TERMINAL);
  if (reason) {
    g_string_append(out, ": ");
    escape_text(out, hold->reason, ESCAPE_TERMINAL);
  }
  printf("%s\n", out->str);
}

// ---------------------------------------------------------------------------------------------

static bool print_hold(const HoldRow *hold, void *data)
{
  cli_hold(hold, *(const bool *)data);
  return true;
}

static int list(const Cli *cli, const HoldOptions *options)
{
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  bool reasons = options->reasons;
  if (!cli_open(cli, reasons ? STORE_WRITE : STORE_READ, &site, &store, &exit_code))
    return exit_code;
  const char *who = options->by != NULL ? options->by : cli_who();
  bool fine = reasons ? job_holds_reasons(store, who, print_hold, &reasons, &error)
                      : store_holds_each(store, date_of_instant(instant_now()), print_hold,
                                         &reasons, &error);
  return fine ? EXIT_DONE : cli_fail(error);
}

static int place(const Cli *cli, const HoldOptions *options, const char *what)
{
  HoldRequest request = {
      .what = what, .kind = options->kind, .who = options->by, .reason = options->reason};
  if (!is_said("hold", options) || !read_until("hold", options, &request.until))
    return EXIT_USAGE;
  int exit_code;
  HoldPlaced placed;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  if (!job_hold(site, store, &request, &placed, &error))
    return cli_fail(error);
  printf(placed.stood ? _("hold %" G_GINT64_FORMAT ": %s %s is held already; nothing new was "
                          "written\n")
                      : _("hold %" G_GINT64_FORMAT ": %s %s stays as it is until `idou release "
                          "NUMBER --by … --reason …`\n"),
         placed.number, placed.kind, what);
  return EXIT_DONE;
}

int cmd_hold(const Cli *cli, int argc, char **argv)
{
  g_auto(HoldOptions) options = {0};
  const GOptionEntry entries[] = {
      {"kind", 0, 0, G_OPTION_ARG_STRING, &options.kind,
       N_("person, object or target, where it is not clear"), "KIND"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who holds"), "NAME"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("the same"), "NAME"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("it stands before this day"), "DATE"},
      {"list", 0, 0, G_OPTION_ARG_NONE, &options.list, N_("show what is held and who is stopped"),
       NULL},
      {"reasons", 0, 0, G_OPTION_ARG_NONE, &options.reasons,
       N_("list: why, too; that you looked is noted"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("hold"), entries, _("NUMBER|OBJECT|TARGET | --list"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  if (options.list && argc == 1)
    return list(cli, &options);
  bool known_kind = options.kind == NULL || strcmp(options.kind, "person") == 0 ||
                    strcmp(options.kind, "object") == 0 || strcmp(options.kind, "target") == 0;
  if (argc == 2 && known_kind && !options.list && !options.reasons)
    return place(cli, &options, argv[1]);
  fprintf(stderr,
          _("idou hold: one person, object or target, or --list; --kind is person, object or "
            "target, and --reasons goes with --list\n"));
  return EXIT_USAGE;
}

// ---------------------------------------------------------------------------------------------

static int tell_stop(const StopDone *done)
{
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(done->until, day);
  printf(done->stood
             ? _("stop %" G_GINT64_FORMAT ": person %s is stopped already%s%s\n")
             : _("stop %" G_GINT64_FORMAT ": person %s has nothing anywhere%s%s until `idou "
                 "release %s --by … --reason …`\n"),
         done->number, done->label, day->len > 0 ? _(", before ") : "", day->str, done->label);
  cli_desk_results(&done->desk);
  if (done->desk.results->len == 0)
    printf(_("there was nothing to switch off where it could be looked\n"));
  printf(_("Sessions that are open go on until they end by themselves: idou cannot end them. "
           "Passwords are as they were\n"));
  return (int)done->desk.exit;
}

int cmd_stop(const Cli *cli, int argc, char **argv)
{
  g_auto(HoldOptions) options = {0};
  const GOptionEntry entries[] = {
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who says so"), "NAME"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("it stands before this day"), "DATE"},
      G_OPTION_ENTRY_NULL};
  StopRequest request = {.interrupted = cli->interrupted};
  if (!cli_options(cli_command("stop"), entries, _("PERSON"), 1, &argc, &argv) ||
      !is_said("stop", &options) || !read_until("stop", &options, &request.until))
    return EXIT_USAGE;
  int exit_code;
  StopDone done;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  request.person = argv[1];
  request.who = options.by;
  request.reason = options.reason;
  bool fine = job_stop(site, &request, &done, &error);
  if (done.number != 0)
    exit_code = tell_stop(&done);
  if (!fine)
    exit_code =
        (int)exit_worse((ExitCode)(done.number != 0 ? exit_code : 0), (ExitCode)cli_fail(error));
  if (!fine && done.number != 0)
    fprintf(stderr,
            _("the stop stands in the ledger: say the same again, or the next run carries it "
              "out\n"));
  stop_done_clear(&done);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------

static int release_hold(Store *store, int64_t id, const HoldOptions *options)
{
  g_autoptr(GError) error = NULL;
  if (!job_hold_release(store, id, options->by, options->reason, &error))
    return cli_fail(error);
  printf(_("hold %" G_GINT64_FORMAT " is released\n"), id);
  return EXIT_DONE;
}

// "run/13".
static bool read_run(const char *what, gint64 *run)
{
  static const char prefix[] = "run/";
  return g_str_has_prefix(what, prefix) &&
         g_ascii_string_to_signed(what + strlen(prefix), 10, 1, G_MAXINT64, run, NULL);
}

static int release_run(Store *store, int64_t run, const HoldOptions *options)
{
  g_autoptr(GError) error = NULL;
  size_t n = 0;
  if (!job_holds_release_run(store, run, options->by, options->reason, &n, &error))
    return cli_fail(error);
  if (n == 0) {
    fprintf(stderr,
            _("idou release: no hold stands that run %" G_GINT64_FORMAT
              " placed. Say the run that undid (`idou status`), not the one that was undone\n"),
            run);
    return EXIT_USAGE;
  }
  printf(ngettext("%zu hold that run %" G_GINT64_FORMAT " placed is released\n",
                  "%zu holds that run %" G_GINT64_FORMAT " placed are released\n", n),
         n, run);
  return EXIT_DONE;
}

static int release_stop(const Cli *cli, const Site *site, const HoldOptions *options,
                        const char *person)
{
  StopDone done;
  g_autoptr(GError) error = NULL;
  const StopRequest request = {.person = person,
                               .who = options->by,
                               .reason = options->reason,
                               .until = DATE_OPEN,
                               .apply = options->apply,
                               .interrupted = cli->interrupted};
  if (!is_said("release", options))
    return EXIT_USAGE;
  bool fine = job_stop_release(site, &request, &done, &error);
  int exit_code = fine ? (int)done.desk.exit : cli_fail(error);
  if (!fine && done.number != 0)
    fprintf(stderr, _("the stop is released: what the rules give comes back with the next run\n"));
  if (fine) {
    printf(options->apply ? _("stop %" G_GINT64_FORMAT " of person %s is released\n")
                          : _("stop %" G_GINT64_FORMAT " of person %s is released; what the rules "
                              "give them comes back with the next run (--apply: now)\n"),
           done.number, done.label);
    cli_desk_results(&done.desk);
  }
  stop_done_clear(&done);
  return exit_code;
}

// The entry is gone for good: forget which it was, so that the next plan may make a new one.
static int release_binding(Store *store, const char *target, const char *object, const char *who)
{
  g_autoptr(GError) error = NULL;
  if (!job_binding_release(store, target, object, who, &error))
    return cli_fail(error);
  printf(_("%s is no longer bound in %s\n"), object, target);
  return EXIT_DONE;
}

static int release(const Cli *cli, const HoldOptions *options, const char *what)
{
  int exit_code;
  gint64 run;
  ReleaseWhat meant;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  if (options->target != NULL)
    return release_binding(store, options->target, what, options->by);
  if (read_run(what, &run))
    return release_run(store, run, options);
  if (!job_release_what(store, what, options->kind, &meant, &error))
    return cli_fail(error);
  if (meant.hold != 0)
    return release_hold(store, meant.hold, options);
  g_clear_pointer(&store, store_close);
  return release_stop(cli, site, options, what);
}

int cmd_release(const Cli *cli, int argc, char **argv)
{
  g_auto(HoldOptions) options = {0};
  const GOptionEntry entries[] = {
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who releases"), "NAME"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("the same"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why; needed for a stop"), "TEXT"},
      {"kind", 0, 0, G_OPTION_ARG_STRING, &options.kind, N_("hold or stop, where it is not clear"),
       "KIND"},
      {"apply", 0, 0, G_OPTION_ARG_NONE, &options.apply,
       N_("of a stop: give back at once what the rules give"), NULL},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target,
       N_("the argument is an object whose entry in this target is gone for good"), "NAME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("release"), entries, _("HOLD|PERSON|OBJECT|run/RUN"), 1, &argc,
                   &argv))
    return EXIT_USAGE;
  bool known_kind = options.kind == NULL || strcmp(options.kind, "hold") == 0 ||
                    strcmp(options.kind, "stop") == 0;
  if (!is_empty(options.by) && known_kind)
    return release(cli, &options, argv[1]);
  fprintf(stderr, _("idou release: --by is needed, and --kind is hold or stop\n"));
  return EXIT_USAGE;
}
