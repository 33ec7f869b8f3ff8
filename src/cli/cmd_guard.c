// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

typedef struct Telling {
  ReportBook *book;
  bool all;
} Telling;

static void tell(const GuardUse *use, void *data)
{
  const Telling *telling = data;
  report_guard_row(telling->book, use, telling->all);
}

static int show(const Site *site, Store *store, bool all, const char *format)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(ReportBook) book = report_guard(guard_profile_name(site->profile));
  const GuardSetup setup = {.configs = (const GuardConfig *const *)site->guards,
                            .store = store,
                            .now = instant_now(),
                            .profile = site->profile};
  if (!guard_use(&setup, tell, &(Telling){book, all}, &error) ||
      !report_book_write(book, format, NULL, text, &error))
    return cli_fail(error);
  cli_print(text);
  return EXIT_DONE;
}

int cmd_guard(const Cli *cli, int argc, char **argv)
{
  gboolean json = FALSE, all = FALSE;
  g_autofree char *profile = NULL;
  const GOptionEntry entries[] = {
      {"profile", 0, 0, G_OPTION_ARG_STRING, &profile, N_("by these limits (default: normal)"),
       "NAME"},
      {"all", 0, 0, G_OPTION_ARG_NONE, &all, N_("also kinds of which nothing was done"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print all of it as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("guard"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  if (!site_choose_profile(site, profile, &error))
    return cli_fail(error);
  return show(site, store, all || json, json ? "json" : "text");
}
