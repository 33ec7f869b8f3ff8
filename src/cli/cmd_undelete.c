// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

static void print_texts(const char *head, const GPtrArray *texts)
{
  if (texts->len == 0)
    return;
  printf("%s\n", head);
  for (guint i = 0; i < texts->len; i++)
    printf("  %s\n", (const char *)g_ptr_array_index(texts, i));
}

static void report(const Undeleted *undeleted)
{
  const Revived *revived = &undeleted->revived;
  g_autoptr(GString) dn = g_string_new(NULL);
  if (revived->dn == NULL)
    return;
  escape_text(dn, revived->dn, ESCAPE_TERMINAL);
  printf(_("%s is back in %s: %s\n"), undeleted->object, undeleted->target, dn->str);
  printf(_("it is switched off and nobody knows a password of it: a plan switches it on and gives "
           "it a new one, as the rules say\n"));
  print_texts(_("has its old values again:"), revived->restored);
  print_texts(_("could not be put back:"), revived->missing);
  print_texts(_("not put back; a plan gives the groups that the rules say. Before, it had:"),
              revived->rights);
  if (undeleted->hold != 0)
    printf(_("hold %" G_GINT64_FORMAT ": it stays as it is until `idou release %" G_GINT64_FORMAT
             " --who …`. See before that the records no longer ask for its deletion\n"),
           undeleted->hold, undeleted->hold);
}

typedef struct UndeleteOptions {
  char *target, *why, *place;
  gboolean no_hold;
} UndeleteOptions;

static void undelete_options_clear(UndeleteOptions *options)
{
  g_free(options->target);
  g_free(options->why);
  g_free(options->place);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UndeleteOptions, undelete_options_clear)

static int undelete(const Cli *cli, const char *what, const UndeleteOptions *options)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  const UndeleteRequest request = {.what = what,
                                   .target = options->target,
                                   .place = options->place,
                                   .no_hold = options->no_hold,
                                   .who = cli_who(),
                                   .why = options->why};
  Undeleted undeleted = {0};
  bool fine = job_undelete(site, &request, findings, &undeleted, &error);
  cli_findings(findings, false);
  report(&undeleted);
  exit_code = undeleted.revived.missing->len > 0 ? EXIT_FAILED : EXIT_DONE;
  if (!fine)
    exit_code = (int)exit_worse((ExitCode)exit_code, (ExitCode)cli_fail(error));
  undeleted_clear(&undeleted);
  return exit_code;
}

int cmd_undelete(const Cli *cli, int argc, char **argv)
{
  g_auto(UndeleteOptions) options = {0};
  const GOptionEntry entries[] = {
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target,
       N_("in this target; default: wherever one of theirs was deleted"), "NAME"},
      {"place", 0, 0, G_OPTION_ARG_STRING, &options.place,
       N_("below the target's base, e.g. OU=retired; default: where it was"), "PLACE"},
      {"why", 0, 0, G_OPTION_ARG_STRING, &options.why, N_("the reason, for the records"), "TEXT"},
      {"no-hold", 0, 0, G_OPTION_ARG_NONE, &options.no_hold,
       N_("let the next plan do with it what the rules say"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("undelete"), entries, _("NUMBER|OBJECT"), 1, &argc, &argv))
    return EXIT_USAGE;
  if (options.why != NULL && *options.why != '\0')
    return undelete(cli, argv[1], &options);
  fprintf(stderr, _("idou undelete: --why is needed: it stands in the records\n"));
  return EXIT_USAGE;
}
