// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <unistd.h>

typedef struct Request {
  char *layout, *findings;  // of the options; NULL when not given
  gboolean check, json;
} Request;

static int write_findings(const Request *request, const GString *returns)
{
  g_autoptr(GError) error = NULL;
  if (returns->len == 0 || !request->findings ||
      file_write(request->findings, returns->str, returns->len, 0600, &error))
    return EXIT_DONE;
  return cli_fail(error);
}

static int intake_one(const Site *site, Store *store, const char *path, const Request *request)
{
  const Layout *layout = site_layout(site, request->layout, path);
  if (layout == NULL) {
    fprintf(stderr, _("idou intake: no single layout is for %s; name one with --layout\n"), path);
    return EXIT_USAGE;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) returns = g_string_new(NULL), text = g_string_new(NULL);
  IntakeReceipt receipt = {0};
  IntakeSource source = {.path = path, .layout = layout, .returns = returns};
  if (!job_intake_source(site, store, &source, findings, &receipt, &error))
    return cli_fail(error);
  report_receipt(path, &receipt, findings, request->json, text);
  cli_print(text);
  bool complete = receipt.verdict == INTAKE_TAKEN || receipt.verdict == INTAKE_KNOWN;
  return (int)exit_worse(complete ? EXIT_DONE : EXIT_REJECTED,
                         (ExitCode)write_findings(request, returns));
}

static int intake_files(const Site *site, char **paths, const Request *request)
{
  g_autoptr(GError) error = NULL;
  // The lock before the ledger, which another intake may be writing to for longer than anybody waits.
  int lock = request->check ? -1 : job_intake_lock(site, &error);
  g_autoptr(Store) store = error            ? NULL
                           : request->check ? store_open(site->store, STORE_WHATIF, &error)
                                            : site_ledger(site, &error);
  if (store == NULL) {
    if (lock >= 0)
      close(lock);
    return cli_fail(error);
  }
  ExitCode worst = EXIT_DONE;
  for (char **path = paths; *path != NULL; path++)
    worst = exit_worse(worst, (ExitCode)intake_one(site, store, *path, request));
  if (lock >= 0)
    close(lock);
  return (int)worst;
}

static int intake_spool(const Site *site)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  ExitCode exit_code = EXIT_DONE;
  if (!job_intake_spool(site, out, &exit_code, &error))
    exit_code = (ExitCode)cli_fail(error);
  cli_print(out);
  return (int)exit_code;
}

static void request_clear(Request *request)
{
  g_free(request->layout);
  g_free(request->findings);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Request, request_clear)

int cmd_intake(const Cli *cli, int argc, char **argv)
{
  g_auto(Request) request = {0};
  const GOptionEntry entries[] = {
      {"layout", 'l', 0, G_OPTION_ARG_STRING, &request.layout, N_("layout to read the files by"),
       "NAME"},
      {"check", 0, 0, G_OPTION_ARG_NONE, &request.check, N_("only say what would happen"), NULL},
      {"findings", 0, 0, G_OPTION_ARG_FILENAME, &request.findings,
       N_("write the findings as a table for HR, if there are any"), "FILE"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &request.json, N_("print receipts as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("intake"), entries, _("[FILE…] (without: the spool)"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  if (request.findings && argc != 2) {
    fputs(_("idou intake: --findings goes with one FILE; the spool writes a table for each\n"),
          stderr);
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  return argc > 1 ? intake_files(site, argv + 1, &request) : intake_spool(site);
}
