// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

int cmd_run(const Cli *cli, int argc, char **argv)
{
  g_autofree char *bundle = NULL;
  g_autofree char *until = NULL;
  const GOptionEntry entries[] = {
      {"bundle", 0, 0, G_OPTION_ARG_FILENAME, &bundle,
       N_("in a segment: what is wanted comes from there (default: the job's)"), "FILE"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &until,
       N_("nothing is sent after this moment, e.g. 06:30 (default: the job's)"), "TIME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("run"), entries, "JOB", 1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  ExitCode exit_code = EXIT_DONE;
  if (!job_run(&(JobRequest){argv[1], bundle, until, cli->interrupted}, out, &exit_code, &error))
    cli_fail(error);
  cli_print(out);
  return (int)exit_code;
}
