// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

// Nothing of it is needed to read a plan: what cannot be had is left out, and the paper says so.
const ReportPaper *cli_paper(const Cli *cli, const char *format, const CliPlan *plan, CliPaper *out)
{
  if (g_strcmp0(format, "approval") != 0)
    return NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  out->site = site_load(cli->site_path, findings, &error);
  if (out->site == NULL || !job_paper(out->site, plan->plan, plan->path, &out->paper, &error))
    log_note(LOG_NORMAL, _("without receipt numbers and titles: %s"),
             error != NULL ? error->message : "");
  return &out->paper;
}

void cli_paper_clear(CliPaper *paper)
{
  job_paper_clear(&paper->paper);
  site_free(paper->site);
}
