// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct OverrideOptions {
  char *by, *reason, *ref, *expires, *key;
  char **allows;
} OverrideOptions;

static void override_options_clear(OverrideOptions *options)
{
  g_free(options->by);
  g_free(options->reason);
  g_free(options->ref);
  g_free(options->expires);
  g_free(options->key);
  g_strfreev(options->allows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OverrideOptions, override_options_clear)

// A word that two people give one after the other holds for a day where nothing is said.
static bool read_expires(const char *text, Instant *out)
{
  Date date;
  *out = instant_now() + 86400;
  if (text == NULL || (instant_parse(text, out) && *out > instant_now()))
    return true;
  if (date_parse_iso(text, &date) && date_start(date) > instant_now()) {
    *out = date_start(date);
    return true;
  }
  fprintf(stderr,
          _("idou override: \"%s\" is no time that is still to come; write 2027-04-02 or "
            "2027-04-01T06:00:00+09:00\n"),
          text);
  return false;
}

static bool load_signer(const char *path, Signer **out, GError **error)
{
  bool locked = false;
  g_autoptr(Secret) passphrase = NULL;
  if (path == NULL)
    return true;
  if (!signer_is_locked(path, &locked, error))
    return false;
  if (locked && (passphrase = secret_ask(_("passphrase of the key: "), error)) == NULL)
    return false;
  *out = signer_load(path, passphrase, error);
  return *out != NULL;
}

static int override(const Site *site, const char *path, const OverrideOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Signer) signer = NULL;
  OverrideRequest request = {.plan_path = path,
                             .allows = options->allows,
                             .who = options->by,
                             .reason = options->reason,
                             .ref = options->ref};
  unsigned n_people = 0;
  if (!read_expires(options->expires, &request.expires))
    return EXIT_USAGE;
  if (!load_signer(options->key, &signer, &error))
    return cli_fail(error);
  request.signer = signer;
  if (!job_override(site, &request, &n_people, &error))
    return cli_fail(error);
  g_autofree char *classes = g_strjoinv(", ", options->allows);
  g_autoptr(GString) expires = g_string_new(NULL);
  instant_format(request.expires, expires);
  printf(_("overridden by %s until %s: %s\n"), options->by, expires->str, classes);
  if (n_people < GUARD_OVERRIDE_PEOPLE)
    printf(_("it does not count yet: somebody else must say the same, who is not only the plan's "
             "maker\n"));
  else
    printf(_("it counts, for one run of this plan\n"));
  return EXIT_DONE;
}

int cmd_override(const Cli *cli, int argc, char **argv)
{
  g_auto(OverrideOptions) options = {0};
  const GOptionEntry entries[] = {
      {"allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allows,
       N_("this class, e.g. ldap/disable; may be repeated"), "CLASS"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who overrides"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"ref", 0, 0, G_OPTION_ARG_STRING, &options.ref, N_("number of the decision"), "TEXT"},
      {"expires", 0, 0, G_OPTION_ARG_STRING, &options.expires, N_("until when (default: a day)"),
       "TIME"},
      {"key", 0, 0, G_OPTION_ARG_FILENAME, &options.key, N_("sign it with this key"), "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("override"), entries, "PLAN", 1, &argc, &argv))
    return EXIT_USAGE;
  if (options.by == NULL || options.reason == NULL || options.allows == NULL) {
    fprintf(stderr, _("idou override: --allow, --by and --reason are needed: they stand in the "
                      "record\n"));
    return EXIT_USAGE;
  }
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  return site == NULL ? exit_code : override(site, argv[1], &options);
}
