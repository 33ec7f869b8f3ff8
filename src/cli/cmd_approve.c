// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct ApproveOptions {
  char *who, *reason, *expires, *not_before, *output;
  char **allows;
} ApproveOptions;

static void approve_options_clear(ApproveOptions *options)
{
  g_free(options->who);
  g_free(options->reason);
  g_free(options->expires);
  g_free(options->not_before);
  g_free(options->output);
  g_strfreev(options->allows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ApproveOptions, approve_options_clear)

static bool read_instant(const char *text, Instant standard, Instant *out)
{
  *out = standard;
  Date date;
  if (text == NULL || instant_parse(text, out))
    return true;
  if (date_parse_iso(text, &date)) {
    *out = date_start(date);
    return true;
  }
  fprintf(stderr,
          _("idou approve: \"%s\" is no time; write 2027-04-02 or "
            "2027-04-01T06:00:00+09:00\n"),
          text);
  return false;
}

static int approve(const char *path, const ApproveOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_read(path, &error);
  if (plan == NULL)
    return cli_fail(error);
  char *everything[] = {"all", NULL};
  Approval approval = {.digest = (char *)plan_digest(plan),
                       .who = options->who,
                       .reason = options->reason,
                       .given = instant_now(),
                       .allows = options->allows != NULL ? options->allows : everything};
  const Instant two_days = 2 * 86400;
  if (!read_instant(options->expires, instant_now() + two_days, &approval.expires) ||
      !read_instant(options->not_before, INSTANT_NONE, &approval.not_before))
    return EXIT_USAGE;
  g_autofree char *output =
      options->output != NULL ? g_strdup(options->output) : approvals_path(path);
  if (!approvals_add(output, &approval, &error))
    return cli_fail(error);
  g_autoptr(GString) expires = g_string_new(NULL);
  instant_format(approval.expires, expires);
  printf(_("approved: %.12s until %s, by %s: %s\n"), approval.digest, expires->str, output,
         approval.reason);
  return EXIT_DONE;
}

int cmd_approve(const Cli *cli, int argc, char **argv)
{
  (void)cli;
  g_auto(ApproveOptions) options = {0};
  const GOptionEntry entries[] = {
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.who, N_("who approves"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allows,
       N_("only this class, e.g. ldap/disable; may be repeated (default: all)"), "CLASS"},
      {"expires", 0, 0, G_OPTION_ARG_STRING, &options.expires, N_("until when (default: two days)"),
       "TIME"},
      {"not-before", 0, 0, G_OPTION_ARG_STRING, &options.not_before, N_("from when"), "TIME"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("default: PLAN.approval"),
       "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("approve"), entries, "PLAN", 1, &argc, &argv))
    return EXIT_USAGE;
  if (options.who == NULL || options.reason == NULL) {
    fprintf(stderr, _("idou approve: --who and --reason are needed: they stand in the records\n"));
    return EXIT_USAGE;
  }
  return approve(argv[1], &options);
}
