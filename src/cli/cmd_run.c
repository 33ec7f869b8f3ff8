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
  bool fine = job_run(argv[1], cli->interrupted, out, &exit_code, &error);
  if (!fine)
    exit_code = exit_worse(exit_code, (ExitCode)cli_fail(error));
  g_string_append_printf(out, _("run: %s (exit %d)%s%s\n"), exit_name(exit_code), (int)exit_code,
                         fine ? "" : ": ", fine ? "" : error->message);
  cli_print(out);
  return (int)exit_code;
}
