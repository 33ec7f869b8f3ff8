// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

int cmd_check(const Cli *cli, int argc, char **argv)
{
  gboolean json = FALSE;
  gboolean targets = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print the findings as JSON"), NULL},
      {"targets", 0, 0, G_OPTION_ARG_NONE, &targets, N_("ask the targets for their schema, too"),
       NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("check"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Site) site = site_load(cli->site_path, findings, &error);
  bool fine = site != NULL && job_check(site, targets, findings, &error);
  cli_findings(findings, json);
  if (!fine)
    return cli_fail(error);
  size_t faults = findings_count_level(findings, FINDING_ERROR);
  if (!json)
    printf(_("check: %zu errors, %zu warnings\n"), faults,
           findings_count_level(findings, FINDING_WARNING) - faults);
  return faults > 0 ? EXIT_USAGE : EXIT_DONE;
}
