// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct ApproveOptions {
  char *by, *ref, *reason, *expires, *not_before, *only, *except;
  char *key, *passphrase_file, *new_key, *output;
  char **allows;
  gboolean list, withdraw, no_passphrase;
} ApproveOptions;

static void approve_options_clear(ApproveOptions *options)
{
  char *const texts[] = {
      options->by,         options->ref,    options->reason,         options->expires,
      options->not_before, options->only,   options->except,         options->key,
      options->new_key,    options->output, options->passphrase_file};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
  g_strfreev(options->allows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ApproveOptions, approve_options_clear)

static bool read_instant(const char *text, Instant *out)
{
  Date date;
  *out = INSTANT_NONE;
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

// A key may be made, and a plan approved, where there is no site: then no rules of it are known.
static bool find_site(const Cli *cli, Site **site, int *exit_code)
{
  *site = NULL;
  if (!g_file_test(cli->site_path, G_FILE_TEST_EXISTS)) {
    log_note(LOG_NORMAL,
             _("%s is not there: approved without the site's rules, and not noted in its "
               "records"),
             cli->site_path);
    return true;
  }
  *site = cli_site(cli, exit_code);
  return *site != NULL;
}

static int new_key(const ApproveOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(Secret) passphrase = NULL;
  g_autofree char *folder = g_path_get_dirname(options->new_key);
  g_autofree char *name = g_path_get_basename(options->new_key);
  bool fine =
      options->no_passphrase || cli_new_passphrase(options->passphrase_file, &passphrase, &error);
  if (!fine || !signer_make(folder, name, passphrase, fingerprint, &error))
    return cli_fail(error);
  printf(_("%s/%s.key: secret, and yours alone\n"
           "%s/%s.pub: for the site file (approvals: keys:)\n"
           "fingerprint: %s\n"
           "Whoever puts it there compares this with you by telephone or on paper.\n"),
         folder, name, folder, name, fingerprint->str);
  return EXIT_DONE;
}

static int list(const Site *site, const ApproveRequest *request)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  bool enough = false;
  if (!job_approve_list(site, request, out, &enough, &error))
    return cli_fail(error);
  cli_print(out);
  return enough ? EXIT_DONE : EXIT_HELD;
}

static int withdraw(const Site *site, const ApproveRequest *request)
{
  g_autoptr(GError) error = NULL;
  size_t n = 0;
  if (!job_approve_withdraw(site, request, &n, &error))
    return cli_fail(error);
  if (n == 0) {
    fprintf(stderr, _("idou approve: %s has not approved this plan\n"), request->who);
    return EXIT_USAGE;
  }
  printf(_("withdrawn: what %s said of this plan\n"), request->who);
  return EXIT_DONE;
}

static int approve(const Site *site, ApproveRequest *request, const ApproveOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(Secret) passphrase = NULL;
  bool locked = false, enough = false;
  if (!read_instant(options->expires, &request->expires) ||
      !read_instant(options->not_before, &request->not_before))
    return EXIT_USAGE;
  bool fine = options->key == NULL ||
              (signer_is_locked(options->key, &locked, &error) &&
               (!locked || cli_passphrase(options->passphrase_file, &passphrase, &error)));
  request->passphrase = passphrase;
  if (!fine || !job_approve(site, request, out, &enough, &error))
    return cli_fail(error);
  cli_print(out);
  return EXIT_DONE;
}

static int run(const Cli *cli, const char *path, const ApproveOptions *options)
{
  int exit_code = EXIT_USAGE;
  g_autoptr(Site) site = NULL;
  if (!find_site(cli, &site, &exit_code))
    return exit_code;
  ApproveRequest request = {.plan_path = path,
                            .output = options->output,
                            .who = options->by,
                            .ref = options->ref,
                            .reason = options->reason,
                            .allows = (const char *const *)options->allows,
                            .only = options->only,
                            .except = options->except,
                            .key = options->key};
  if (options->list)
    return list(site, &request);
  if (options->by == NULL || (options->reason == NULL && !options->withdraw)) {
    fprintf(stderr, _("idou approve: --by and --reason are needed: they stand in the records\n"));
    return EXIT_USAGE;
  }
  return options->withdraw ? withdraw(site, &request) : approve(site, &request, options);
}

int cmd_approve(const Cli *cli, int argc, char **argv)
{
  g_auto(ApproveOptions) options = {0};
  const GOptionEntry entries[] = {
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who approves"), "NAME"},
      {"who", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &options.by, NULL, NULL},
      {"ref", 0, 0, G_OPTION_ARG_STRING, &options.ref, N_("number of the decision"), "TEXT"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allows,
       N_("only this class, e.g. ldap/disable; may be repeated (default: all)"), "CLASS"},
      {"only", 0, 0, G_OPTION_ARG_STRING, &options.only,
       N_("these operations and what they need; the others are left out"), "CHOICE"},
      {"except", 0, 0, G_OPTION_ARG_STRING, &options.except,
       N_("leave these out, and what needs them"), "CHOICE"},
      {"expires", 0, 0, G_OPTION_ARG_STRING, &options.expires,
       N_("until when (default: two days, or two days after the plan's day has begun)"), "TIME"},
      {"not-before", 0, 0, G_OPTION_ARG_STRING, &options.not_before, N_("from when"), "TIME"},
      {"key", 0, 0, G_OPTION_ARG_FILENAME, &options.key, N_("sign with this key of yours"), "FILE"},
      {"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options.passphrase_file,
       N_("its passphrase is the first line of this file (default: asked for)"), "FILE"},
      {"list", 0, 0, G_OPTION_ARG_NONE, &options.list,
       N_("show who approved it, and what is still lacking"), NULL},
      {"withdraw", 0, 0, G_OPTION_ARG_NONE, &options.withdraw,
       N_("take back what you (--by) said of it"), NULL},
      {"new-key", 0, 0, G_OPTION_ARG_FILENAME, &options.new_key,
       N_("make a key for signing, FOLDER/NAME.key and .pub"), "FOLDER/NAME"},
      {"no-passphrase", 0, 0, G_OPTION_ARG_NONE, &options.no_passphrase,
       N_("… that no passphrase locks"), NULL},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("default: PLAN.approval"),
       "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("approve"), entries, "PLAN", -1, &argc, &argv))
    return EXIT_USAGE;
  if (options.new_key != NULL && argc == 1)
    return new_key(&options);
  if (argc != 2) {
    fprintf(stderr, _("idou approve: one plan is needed\n"));
    return EXIT_USAGE;
  }
  return run(cli, argv[1], &options);
}
