// SPDX-License-Identifier: GPL-3.0-or-later
//
// The queue of letters, for whoever looks after it.
#include "cli/cli_p.h"

#include <string.h>

typedef struct MailOptions {
  char *to;
  gboolean now, json;
} MailOptions;

static void mail_options_clear(MailOptions *options)
{
  g_free(options->to);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailOptions, mail_options_clear)

// Somebody shall look: a letter that will not arrive by itself.
static ExitCode judge(const MailQueue *queue)
{
  if (queue->n_late + queue->n_refused + queue->n_aside > 0)
    return EXIT_FAILED;
  return queue->n_waiting > 0 ? EXIT_PENDING : EXIT_DONE;
}

static int list(const MailConfig *config, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  MailQueue queue;
  bool fine = mail_look(config, instant_now(), &queue, &error);
  ExitCode exit = fine ? judge(&queue) : EXIT_FAILED;
  if (fine)
    report_letters(&queue, json, text);
  mail_queue_clear(&queue);
  cli_print(text);
  return fine ? (int)exit : cli_fail(error);
}

static int send_now(const Cli *cli, const MailConfig *config, bool force)
{
  g_autoptr(GError) error = NULL;
  MailSent sent;
  MailSend how = {.now = instant_now(), .force = force, .interrupted = cli->interrupted};
  bool fine = mail_send(config, &how, &sent, &error);
  cli_findings(sent.findings, false);
  if (fine)
    printf(_("mail: sent=%" G_GINT64_FORMAT " waiting=%" G_GINT64_FORMAT
             " refused=%" G_GINT64_FORMAT " given_up=%" G_GINT64_FORMAT "\n"),
           sent.n_sent, sent.n_waiting, sent.n_refused, sent.n_aside);
  ExitCode exit = sent.n_waiting > 0 ? EXIT_PENDING : EXIT_DONE;
  if (sent.n_refused + sent.n_aside > 0)
    exit = EXIT_FAILED;
  mail_sent_clear(&sent);
  return fine ? (int)exit : cli_fail(error);
}

static int test(const MailConfig *config, const char *to)
{
  g_autoptr(GError) error = NULL;
  if (to == NULL) {
    fprintf(stderr, _("idou mail: --to says where the test goes\n"));
    return EXIT_USAGE;
  }
  if (!mail_test(config, to, &error))
    return cli_fail(error);
  printf(_("%s took a letter for %s\n"), config->server, to);
  return EXIT_DONE;
}

static int forget(const MailConfig *config, const char *id)
{
  g_autoptr(GError) error = NULL;
  int64_t n = 0;
  if (id == NULL) {
    fprintf(stderr, _("idou mail: forget names a letter, or says all\n"));
    return EXIT_USAGE;
  }
  if (!mail_forget(config, strcmp(id, "all") == 0 ? NULL : id, &n, &error))
    return cli_fail(error);
  printf(_("%" G_GINT64_FORMAT " letters are no longer told\n"), n);
  return n > 0 || strcmp(id, "all") == 0 ? EXIT_DONE : EXIT_USAGE;
}

int cmd_mail(const Cli *cli, int argc, char **argv)
{
  g_auto(MailOptions) options = {0};
  const GOptionEntry entries[] = {
      {"to", 0, 0, G_OPTION_ARG_STRING, &options.to, N_("of a test: the address"), "ADDRESS"},
      {"now", 0, 0, G_OPTION_ARG_NONE, &options.now, N_("send also what waits for its next try"),
       NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("mail"), entries, _("[send | test | forget ID|all]"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  const MailConfig *config = site_mail(site);
  const char *verb = argc > 1 ? argv[1] : "";
  if (config == NULL) {
    fprintf(stderr, _("idou mail: the site file has no “mail”\n"));
    return EXIT_USAGE;
  }
  if (argc == 1)
    return list(config, options.json);
  if (argc == 2 && strcmp(verb, "send") == 0)
    return send_now(cli, config, options.now);
  if (argc == 2 && strcmp(verb, "test") == 0)
    return test(config, options.to);
  if (argc <= 3 && strcmp(verb, "forget") == 0)
    return forget(config, argc == 3 ? argv[2] : NULL);
  fprintf(stderr, _("idou mail: send, test or forget; without any, the queue is listed\n"));
  return EXIT_USAGE;
}
