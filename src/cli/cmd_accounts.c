// SPDX-License-Identifier: GPL-3.0-or-later
//
// The service desk: unlock accounts, give new passwords.
#include "cli/cli_p.h"

#include <string.h>

static void print_result(const DeskResult *result)
{
  g_autoptr(GString) out = g_string_new(NULL);
  const char *const cells[] = {result->label, result->target, result->account, result->state};
  for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
    g_string_append(out, i > 0 ? "  " : "");
    escape_text(out, cells[i], ESCAPE_TERMINAL);
  }
  if (result->seal != 0)
    g_string_append_printf(out, _("  sealed as %06" G_GINT64_FORMAT), result->seal);
  if (*result->detail != '\0' && strcmp(result->state, "done") != 0) {
    g_string_append(out, "  ");
    escape_text(out, result->detail, ESCAPE_TERMINAL);
  }
  printf("%s\n", out->str);
}

void cli_desk_results(const DeskDone *done)
{
  cli_findings(done->findings, false);
  for (guint i = 0; i < done->results->len; i++)
    print_result(&g_array_index(done->results, DeskResult, i));
}

static int report(const DeskDone *done)
{
  cli_desk_results(done);
  return (int)done->exit;
}

typedef struct AccountOptions {
  char *target, *why, *requests;
} AccountOptions;

static void account_options_clear(AccountOptions *options)
{
  g_free(options->target);
  g_free(options->why);
  g_free(options->requests);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AccountOptions, account_options_clear)

static int run(const Cli *cli, DeskDeed deed, const AccountOptions *options, char **people)
{
  int exit_code;
  DeskDone done = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  const DeskRequest request = {.deed = deed,
                               .people = (const char *const *)people,
                               .requests = options->requests,
                               .target = options->target,
                               .who = cli_who(),
                               .why = options->why,
                               .interrupted = cli->interrupted};
  bool fine = job_desk(site, &request, &done, &error);
  // Cut off in the midst, it did something, too.
  exit_code = done.results != NULL ? report(&done) : EXIT_DONE;
  if (!fine)
    exit_code = (int)exit_worse((ExitCode)exit_code, (ExitCode)cli_fail(error));
  desk_done_clear(&done);
  return exit_code;
}

static int desk(const Cli *cli, DeskDeed deed, const char *name, int argc, char **argv)
{
  g_auto(AccountOptions) options = {0};
  const GOptionEntry entries[] = {
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target,
       N_("in this target only; default: wherever they have an account"), "NAME"},
      {"why", 0, 0, G_OPTION_ARG_STRING, &options.why, N_("the reason, for the records"), "TEXT"},
      {"requests", 0, 0, G_OPTION_ARG_FILENAME, &options.requests,
       N_("a CSV of requests: 職員番号, システム, 依頼者, 理由"), "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command(name), entries, _("[PERSON…]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc < 2 && options.requests == NULL) {
    fprintf(stderr, _("idou %s: whose? A number, SPACE/NUMBER or login, or --requests FILE\n"),
            name);
    return EXIT_USAGE;
  }
  if (argc > 1 && (options.why == NULL || *options.why == '\0')) {
    fprintf(stderr, _("idou %s: --why is needed: it stands in the records\n"), name);
    return EXIT_USAGE;
  }
  return run(cli, deed, &options, argv + 1);
}

int cmd_unlock(const Cli *cli, int argc, char **argv)
{
  return desk(cli, DESK_UNLOCK, "unlock", argc, argv);
}

int cmd_reset_password(const Cli *cli, int argc, char **argv)
{
  return desk(cli, DESK_RESET, "reset-password", argc, argv);
}
