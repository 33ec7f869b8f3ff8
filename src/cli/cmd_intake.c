// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <unistd.h>

static int intake_one(const Site *site, Store *store, const char *path, const char *layout_name,
                      bool json)
{
  const Layout *layout = site_layout(site, layout_name, path);
  if (layout == NULL) {
    fprintf(stderr, _("idou intake: no single layout is for %s; name one with --layout\n"), path);
    return EXIT_USAGE;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  IntakeReceipt receipt = {0};
  if (!job_intake_file(site, store, path, layout, findings, &receipt, &error))
    return cli_fail(error);
  g_autoptr(GString) text = g_string_new(NULL);
  report_receipt(path, &receipt, findings, json, text);
  cli_print(text);
  bool complete = receipt.verdict == INTAKE_TAKEN || receipt.verdict == INTAKE_KNOWN;
  return complete ? EXIT_DONE : EXIT_REJECTED;
}

static int intake_files(const Site *site, char **paths, const char *layout, bool check, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(site->store, check ? STORE_WHATIF : STORE_WRITE, &error);
  int lock = store == NULL || check ? -1 : job_intake_lock(site, &error);
  if (error != NULL)
    return cli_fail(error);
  ExitCode worst = EXIT_DONE;
  for (char **path = paths; *path != NULL; path++)
    worst = exit_worse(worst, (ExitCode)intake_one(site, store, *path, layout, json));
  if (lock >= 0)
    close(lock);
  return (int)worst;
}

static int intake_spool(const Site *site)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, &error);
  g_autoptr(GString) out = g_string_new(NULL);
  ExitCode exit_code = EXIT_DONE;
  if (store == NULL || !job_intake_spool(site, store, out, &exit_code, &error))
    exit_code = (ExitCode)cli_fail(error);
  cli_print(out);
  return (int)exit_code;
}

int cmd_intake(const Cli *cli, int argc, char **argv)
{
  g_autofree char *layout = NULL;
  gboolean check = FALSE;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"layout", 'l', 0, G_OPTION_ARG_STRING, &layout, N_("layout to read the files by"), "NAME"},
      {"check", 0, 0, G_OPTION_ARG_NONE, &check, N_("only say what would happen"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print receipts as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("intake"), entries, _("[FILE…] (without: the spool)"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  return argc > 1 ? intake_files(site, argv + 1, layout, check, json) : intake_spool(site);
}
