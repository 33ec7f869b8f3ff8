// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>
#include <unistd.h>

bool cli_options(const CliCommand *command, const GOptionEntry *entries, const char *arguments,
                 int n_arguments, int *argc, char ***argv)
{
  g_autoptr(GError) error = NULL;
  GOptionContext *context = g_option_context_new(arguments);
  g_autofree char *name = g_strdup_printf("idou %s", command->name);
  g_set_prgname(name);
  g_option_context_set_summary(context, _(command->summary));
  g_option_context_add_main_entries(context, entries, NULL);
  bool fine = g_option_context_parse(context, argc, argv, &error);
  g_option_context_free(context);
  if (!fine) {
    fprintf(stderr, "idou %s: %s\n", command->name, error->message);
    return false;
  }
  // Leave out "--".
  if (*argc > 1 && strcmp((*argv)[1], "--") == 0) {
    (*argv)++;
    (*argc)--;
  }
  if (n_arguments >= 0 && *argc - 1 != n_arguments) {
    fprintf(stderr, _("idou %s: expected %d arguments (%s), got %d\n"), command->name, n_arguments,
            arguments, *argc - 1);
    return false;
  }
  return true;
}

int cli_fail(const GError *error)
{
  g_autoptr(GString) text = g_string_new("idou: ");
  escape_text(text, error->message, ESCAPE_TERMINAL);
  fprintf(stderr, "%s\n", text->str);
  return error->domain == IDOU_ERROR ? error->code : EXIT_USAGE;
}

void cli_choice_clear(CliChoice *choice)
{
  g_strfreev(choice->only);
  g_strfreev(choice->except);
  g_free(choice->only_text);
  g_free(choice->except_text);
}

const char *cli_choice_text(char **text, char **said)
{
  g_free(*text);
  *text = said != NULL ? g_strjoinv(",", said) : NULL;
  return *text;
}

const char *cli_who(void)
{
  const char *caller = g_getenv("SUDO_USER");
  return caller != NULL && *caller != '\0' ? caller : g_get_user_name();
}

void cli_print(const GString *text)
{
  fwrite(text->str, 1, text->len, stdout);
}

void cli_findings(const Findings *findings, bool json)
{
  if (findings_count(findings) == 0 && !json)
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  report_findings(findings, json, text);
  fwrite(text->str, 1, text->len, json ? stdout : stderr);
}

Site *cli_site(const Cli *cli, int *exit)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  Site *site = site_load(cli->site_path, findings, &error);
  cli_findings(findings, false);
  if (site == NULL)
    *exit = cli_fail(error);
  return site;
}

bool cli_open(const Cli *cli, StoreMode mode, Site **site, Store **store, int *exit)
{
  g_autoptr(GError) error = NULL;
  *site = cli_site(cli, exit);
  if (*site == NULL)
    return false;
  *store =
      mode == STORE_WRITE ? site_ledger(*site, &error) : store_open((*site)->store, mode, &error);
  if (*store == NULL)
    *exit = cli_fail(error);
  return *store != NULL;
}

bool cli_layout_file(const char *named, Layout **layout, int *exit)
{
  *layout = NULL;
  if (named == NULL || (strchr(named, '/') == NULL && !g_str_has_suffix(named, ".yaml")))
    return true;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  *layout = layout_load(named, findings, &error);
  cli_findings(findings, false);
  if (*layout == NULL)
    *exit = cli_fail(error);
  return *layout != NULL;
}

const Layout *cli_layout(const Site *site, const Layout *layout, const char *named,
                         const char *path)
{
  const Layout *found = layout != NULL ? layout : site_layout(site, named, path);
  if (found == NULL)
    fprintf(stderr, _("idou: no single layout is for %s; name one with --layout\n"), path);
  return found;
}

bool cli_date(const char *text, Date *out)
{
  Date today = date_of_instant(instant_now());
  if (text == NULL || strcmp(text, "tomorrow") == 0) {
    *out = today + 1;
    return true;
  }
  if (strcmp(text, "today") == 0) {
    *out = today;
    return true;
  }
  if (date_parse_iso(text, out))
    return true;
  fprintf(stderr, _("idou: \"%s\" is no date; write 2027-04-01, today or tomorrow\n"), text);
  return false;
}

bool cli_moment(const char *text, Date *day, Instant *at)
{
  const char *time = text != NULL ? strchr(text, 'T') : NULL;
  g_autofree char *date = time != NULL ? g_strndup(text, (gsize)(time - text)) : g_strdup(text);
  int minutes;
  *at = 0;
  if (text != NULL && strcmp(text, "now") == 0)
    return cli_date("today", day);
  if (!cli_date(date, day))
    return false;
  if (time == NULL)
    return true;
  if (!instant_parse_minutes(time + 1, &minutes) || minutes == 24 * 60) {
    fprintf(stderr, _("idou: \"%s\" is no moment; write 2027-04-25T07:00\n"), text);
    return false;
  }
  *at = date_start(*day) + (Instant)minutes * 60;
  return true;
}

// ---------------------------------------------------------------------------------------------
// A plan of what somebody decided.

static int apply(const Cli *cli, const Site *site, const char *path, const char *who)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  ApplyReport done = {0};
  ReceiptsDone receipts = {0};
  ApplyRequest request = {
      .plan_path = path, .receipts = &receipts, .interrupted = cli->interrupted, .who = who};
  bool fine = job_apply(site, &request, &done, &error);
  if (fine || done.run != 0)
    report_apply(&done, false, text);
  cli_print(text);
  int exit_code = fine ? (int)exit_worse(done.exit, receipts.exit) : cli_fail(error);
  receipts_done_clear(&receipts);
  apply_report_clear(&done);
  return exit_code;
}

static bool show(const Planned *planned, const char *path, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const ReportPlan what = {
      .plan = planned->plan, .verdict = planned->verdict, .colour = isatty(STDOUT_FILENO)};
  if (!report_plan("text", &what, text, error))
    return false;
  report_plan_line(planned->plan, planned->verdict, text);
  cli_print(text);
  printf("\nsaved: %s\n", path);
  return true;
}

int cli_planned(const Cli *cli, const Site *site, const Planned *planned, const CliSave *save)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path =
      save->output != NULL ? g_strdup(save->output) : job_plan_path(site, planned->plan);
  if (!planned_write(planned, path, &error))
    return cli_fail(error);
  planned_note(site, planned, path);
  if (!show(planned, path, &error))
    return cli_fail(error);
  return save->apply && plan_n_ops(planned->plan) > 0 ? apply(cli, site, path, save->who)
                                                      : (int)planned->exit;
}
