// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

int cmd_run(const Cli *cli, int argc, char **argv)
{
  const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("run"), entries, "JOB", 1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  ExitCode exit_code = EXIT_DONE;
  if (!job_run(argv[1], cli->interrupted, out, &exit_code, &error))
    cli_fail(error);
  cli_print(out);
  return (int)exit_code;
}
