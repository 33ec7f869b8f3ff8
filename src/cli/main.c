// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_p.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const CliCommand COMMANDS[] = {
    {"check", N_("check the site, its layouts and mappings"), cmd_check},
    {"eval", N_("evaluate one template"), cmd_eval},
    {"table", N_("ask decision tables: check, try, compare"), cmd_table},
    {"layout", N_("propose a layout for a file of HR, list its codes"), cmd_layout},
    {"intake", N_("take in HR's files"), cmd_intake},
    {"plan", N_("work out what has to change, and save it as a plan"), cmd_plan},
    {"show", N_("show a plan"), cmd_show},
    {"diff", N_("compare two plans, or two versions of a file of HR"), cmd_diff},
    {"approve", N_("approve a plan, or show who did"), cmd_approve},
    {"override", N_("lift a limit for one plan and one run; it takes two people"), cmd_override},
    {"guard", N_("show how full the windows of the limits are"), cmd_guard},
    {"apply", N_("apply what is due of a plan"), cmd_apply},
    {"resume", N_("finish a run that was interrupted or has become due"), cmd_resume},
    {"run", N_("do what a job file says"), cmd_run},
    {"doctor", N_("check whether a run may begin: targets, rights, disk, clock, backup"),
     cmd_doctor},
    {"status", N_("show the last run and what is due"), cmd_status},
    {"mail", N_("list letters that wait, send them, try the mail server"), cmd_mail},
    {"bundle", N_("write what a separated network needs, and take its receipts"), cmd_bundle},
    {"receipts", N_("list what products have still to answer, or say what became of it"),
     cmd_receipts},
    {"tasks", N_("list what people have to do by hand, or say what became of it"), cmd_tasks},
    {"inquiry", N_("show what units are asked, take in what they answer"), cmd_inquiry},
    {"recertify", N_("ask units which rights are still needed, and plan what they answered"),
     cmd_recertify},
    {"orders", N_("list orders that wait for somebody's word, confirm or keep them"), cmd_orders},
    {"link", N_("say that two numbers are one person's, or two people's"), cmd_link},
    {"extend", N_("let fixed terms of a unit go on while HR's renewals are late"), cmd_extend},
    {"who", N_("show everything about one person"), cmd_who},
    {"orphans", N_("list what the records do not explain, and decide about it"), cmd_orphans},
    {"hold", N_("keep a person, an object or a target as it is"), cmd_hold},
    {"stop", N_("switch somebody off everywhere at once"), cmd_stop},
    {"release", N_("let go of a hold or a stop, or of the binding of an entry that is gone"),
     cmd_release},
    {"restrictions", N_("list what is taken from accounts beyond HR's rules, and lift it"),
     cmd_restrictions},
    {"undo", N_("take back what a run did, by a plan like any other"), cmd_undo},
    {"undelete", N_("bring back an entry that was deleted"), cmd_undelete},
    {"report", N_("figures: monthly, licences, upcoming, accounts, run"), cmd_report},
    {"dormant", N_("plan what becomes of accounts that nobody uses; answer for some"), cmd_dormant},
    {"evidence", N_("show when accounts were used last, and how the sources of that stand"),
     cmd_evidence},
    {"capacity", N_("show how full the shares are"), cmd_capacity},
    {"names", N_("show names given once, and keep some from everybody"), cmd_names},
    {"unlock", N_("unlock accounts that wrong passwords locked"), cmd_unlock},
    {"reset-password", N_("give people a new password, sealed"), cmd_reset_password},
    {"keys", N_("make the operator's keys, to which passwords are sealed"), cmd_keys},
    {"notices", N_("print notices of sealed passwords, list them, purge them"), cmd_notices},
};

// The one flag that a signal handler may set.
static volatile int interrupted;

static void on_signal(int signal_number)
{
  (void)signal_number;
  interrupted = 1;
}

static void catch_signals(void)
{
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

const CliCommand *cli_command(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
    if (strcmp(COMMANDS[i].name, name) == 0)
      return &COMMANDS[i];
  return NULL;
}

static void print_usage(FILE *out)
{
  fprintf(out, _("Usage: idou [--site FILE] COMMAND [OPTION…] [ARGUMENT…]\n\n"));
  for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
    fprintf(out, "  %-14s %s\n", COMMANDS[i].name, _(COMMANDS[i].summary));
  fprintf(out, _("\n`idou COMMAND --help` shows a command's options. idou(1) is the manual.\n"
                 "Exit codes: 0 done, 1 usage, 2 changes pending, 3 held, 4 some failed, 5 source "
                 "rejected,\n6 target not read in full, 7 locked, 8 interrupted.\n"));
}

// Options before the command. Returns the index of the command in argv, 0 = stop with *exit.
static int global_options(int argc, char **argv, Cli *cli, int *exit)
{
  *exit = EXIT_USAGE;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--version") == 0) {
      printf("idou %s\n", IDOU_VERSION);
      *exit = EXIT_DONE;
      return 0;
    }
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      print_usage(stdout);
      *exit = EXIT_DONE;
      return 0;
    }
    if (strcmp(argv[i], "--verbose") == 0 || strcmp(argv[i], "-v") == 0) {
      log_set_level(LOG_VERBOSE);
    } else if (g_str_has_prefix(argv[i], "--site=")) {
      cli->site_path = argv[i] + strlen("--site=");
    } else if (strcmp(argv[i], "--site") == 0 && i + 1 < argc) {
      cli->site_path = argv[++i];
    } else if (argv[i][0] == '-') {
      fprintf(stderr, _("idou: unknown option %s; `idou --help` lists what there is\n"), argv[i]);
      return 0;
    } else {
      return i;
    }
  }
  print_usage(stderr);
  return 0;
}

static const char *standard_site(void)
{
  const char *named = g_getenv("IDOU_SITE");
  if (named != NULL)
    return named;
  return access("idou.yaml", F_OK) == 0 ? "idou.yaml" : "/etc/idou/idou.yaml";
}

int main(int argc, char **argv)
{
  base_init();
  catch_signals();
  Cli cli = {.site_path = standard_site(), .interrupted = &interrupted};
  int exit_code;
  int at = global_options(argc, argv, &cli, &exit_code);
  if (at == 0)
    return exit_code;
  const CliCommand *command = cli_command(argv[at]);
  if (command == NULL) {
    fprintf(stderr, _("idou: there is no command \"%s\"; `idou --help` lists them\n"), argv[at]);
    return EXIT_USAGE;
  }
  exit_code = command->run(&cli, argc - at, argv + at);
  if (fflush(stdout) != 0 || ferror(stdout) != 0) {
    fprintf(stderr, _("idou: cannot write the output: %s\n"), g_strerror(errno));
    exit_code = (int)exit_worse((ExitCode)exit_code, EXIT_FAILED);
  }
  return exit_code;
}
