// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <sys/ioctl.h>
#include <unistd.h>

typedef struct WhoOptions {
  char *as_of, *known_at;
  gboolean json, no_targets, embargoed;
} WhoOptions;

static void who_options_clear(WhoOptions *options)
{
  g_free(options->as_of);
  g_free(options->known_at);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WhoOptions, who_options_clear)

static bool read_request(const WhoOptions *options, WhoRequest *request)
{
  request->known_at = options->embargoed ? INSTANT_OPEN : INSTANT_NONE;
  request->no_targets = options->no_targets;
  if (options->known_at != NULL && !instant_parse(options->known_at, &request->known_at)) {
    fprintf(stderr, _("idou who: \"%s\" is no instant; write 2027-03-20T18:00:00+09:00\n"),
            options->known_at);
    return false;
  }
  return cli_date(options->as_of != NULL ? options->as_of : "today", &request->as_of);
}

static int show_page(const Who *who, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  struct winsize size = {0};
  bool terminal = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  ReportWho what = {.who = who, .colour = terminal, .width = terminal ? size.ws_col : 0};
  if (!report_who(json ? "json" : "text", &what, text, &error))
    return cli_fail(error);
  cli_print(text);
  return who->unread ? EXIT_UNREAD : EXIT_DONE;
}

static int show_list(const WhoList *list, const char *wanted, bool json)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, wanted, ESCAPE_TERMINAL);
  if (json || list->matches->len > 0)
    report_who_list(list, json, text);
  if (list->matches->len == 0)
    fprintf(stderr, _("idou who: nobody is known by “%s”\n"), name->str);
  else
    fprintf(stderr, _("idou who: “%s” may be any of %u people; ask by SPACE/NUMBER\n"), name->str,
            list->matches->len);
  cli_print(text);
  return EXIT_USAGE;
}

int cmd_who(const Cli *cli, int argc, char **argv)
{
  g_auto(WhoOptions) options = {0};
  const GOptionEntry entries[] = {
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day to look at (default: today)"), "DATE"},
      {"known-at", 0, 0, G_OPTION_ARG_STRING, &options.known_at,
       N_("as known at that time (default: now)"), "INSTANT"},
      {"embargoed", 0, 0, G_OPTION_ARG_NONE, &options.embargoed,
       N_("show also what an embargo hides"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("print the page as JSON"), NULL},
      {"no-targets", 0, 0, G_OPTION_ARG_NONE, &options.no_targets,
       N_("do not ask the targets what they hold"), NULL},
      G_OPTION_ENTRY_NULL};
  WhoRequest request = {0};
  if (!cli_options(cli_command("who"), entries, _("NUMBER|SPACE/NUMBER|LOGIN|NAME"), 1, &argc,
                   &argv) ||
      !read_request(&options, &request))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  request.text = argv[1];
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  WhoAnswer answer = {.who = NULL};
  bool fine = job_audit_look(site, "who", argv[1], &error) &&
              job_who(site, &request, findings, &answer, &error);
  cli_findings(findings, false);
  exit_code = !fine                ? cli_fail(error)
              : answer.who != NULL ? show_page(answer.who, options.json)
                                   : show_list(answer.list, argv[1], options.json);
  who_answer_clear(&answer);
  return exit_code;
}
