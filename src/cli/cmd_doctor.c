// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

static int doctor(const Site *site, const DoctorRequest *request, bool json)
{
  g_auto(DoctorDone) done = {0};
  g_autoptr(GString) text = g_string_new(NULL);
  job_doctor(site, request, &done);
  report_checks(done.checks, json, text);
  cli_print(text);
  return (int)done.exit;
}

int cmd_doctor(const Cli *cli, int argc, char **argv)
{
  g_autofree char *job = NULL;
  g_autofree char *as_of = NULL;
  gboolean clock_is_right = FALSE;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"job", 0, 0, G_OPTION_ARG_FILENAME, &job, N_("for the site that this job's file names"),
       "FILE"},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of, N_("the day that the run is for"), "DATE"},
      {"clock-is-right", 0, 0, G_OPTION_ARG_NONE, &clock_is_right,
       N_("the clock was wrong before, and is right now"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print the checks as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("doctor"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  DoctorRequest request = {.clock_is_right = clock_is_right, .who = cli_who()};
  if (!cli_date(as_of != NULL ? as_of : "tomorrow", &request.as_of))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autofree char *path = job != NULL ? job_site_of(job, findings, &error) : NULL;
  if (error != NULL) {
    cli_findings(findings, false);
    return cli_fail(error);
  }
  Cli here = *cli;
  here.site_path = path != NULL ? path : cli->site_path;
  int exit_code;
  g_autoptr(Site) site = cli_site(&here, &exit_code);
  return site != NULL ? doctor(site, &request, json) : exit_code;
}
