// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli: commands as rows of a table, each thin around job.
#ifndef IDOU_CLI_P_H
#define IDOU_CLI_P_H

#include <idou/job.h>

typedef struct Cli {
  const char *site_path;            // --site
  volatile const int *interrupted;  // set by SIGINT and SIGTERM
} Cli;

// argv[0] is the command's name. Returns an exit code; prints to stdout (results) and stderr (errors).
typedef int (*CliFunc)(const Cli *cli, int argc, char **argv);

typedef struct CliCommand {
  const char *name;
  const char *summary;  // untranslated, N_()
  CliFunc run;
} CliCommand;

// Parses GNU options. False after printing what is wrong (then return EXIT_USAGE). `n_arguments` is
// checked when it is not negative.
bool cli_options(const CliCommand *command, const GOptionEntry *entries, const char *arguments,
                 int n_arguments, int *argc, char ***argv);
const CliCommand *cli_command(const char *name);

// Prints the error and returns its exit code (EXIT_USAGE for codes of other domains).
int cli_fail(const GError *error);
// Prints findings to stderr, or as JSON to stdout.
void cli_findings(const Findings *findings, bool json);
// Loads the site; prints findings and errors. NULL: return *exit.
Site *cli_site(const Cli *cli, int *exit);
// The site and its ledger. False: return *exit.
bool cli_open(const Cli *cli, StoreMode mode, Site **site, Store **store, int *exit);
// Loads the layout when a file is named ("a.yaml", "x/y.yaml") and not one of the site's; *layout stays NULL when a
// name is, or nothing. False after printing: return *exit.
bool cli_layout_file(const char *named, Layout **layout, int *exit);
// That layout, else the site's for `path`. NULL after printing.
const Layout *cli_layout(const Site *site, const Layout *layout, const char *named,
                         const char *path);
// "2027-04-01", "today", "tomorrow". False after printing.
bool cli_date(const char *text, Date *out);
// The same, or `now`, or a moment here, 2027-04-25T07:00; without one *at is 0.
bool cli_moment(const char *text, Date *day, Instant *at);
void cli_print(const GString *text);
// Who sits there, for the records: whoever called sudo, else the account.
const char *cli_who(void);

// What site and ledger know for the paper by which a plan is approved; NULL for other formats.
typedef struct CliPaper {
  ReportPaper paper;
  Site *site;  // which it borrows from
} CliPaper;
// `path`: of the plan; NULL = it has none yet.
typedef struct CliPlan {
  const Plan *plan;
  const char *path;
} CliPlan;
const ReportPaper *cli_paper(const Cli *cli, const char *format, const CliPlan *plan,
                             CliPaper *out);
void cli_paper_clear(CliPaper *paper);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliPaper, cli_paper_clear)

// --only and --except, which may be said several times.
typedef struct CliChoice {
  char **only, **except;
  char *only_text, *except_text;
} CliChoice;
void cli_choice_clear(CliChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CliChoice, cli_choice_clear)
// All of them as one list, for plan_choice, kept in *text; NULL when none was said.
const char *cli_choice_text(char **text, char **said);

// A key's passphrase: the first line of the file, or asked for when that is NULL; a new one is asked for twice
// (cmd_notices.c).
bool cli_passphrase(const char *file, Secret **out, GError **error);
bool cli_new_passphrase(const char *file, Secret **out, GError **error);

// Saves a plan of what somebody decided, shows it and, when asked to, applies it. An exit code.
typedef struct CliSave {
  const char *output;  // path; NULL = among the site's plans
  bool apply;
  const char *who;  // who applies it; NULL = the user
} CliSave;
int cli_planned(const Cli *cli, const Site *site, const Planned *planned, const CliSave *save);

// A hold or stop that stands, as a line; why, only for those who must know it (cmd_hold.c).
void cli_hold(const HoldRow *hold, bool reason);
// Accounts that were worked on, line by line (cmd_accounts.c).
void cli_desk_results(const DeskDone *done);

// Lists of questions, how they stand: PENDING when something is open, HELD when it is overdue (cmd_inquiry.c).
typedef struct CliInquiries {
  const char *cause, *unit;  // NULL = all
  bool all, json;            // also those that are answered
} CliInquiries;
int cli_inquiries(const Cli *cli, const CliInquiries *ask);

int cmd_check(const Cli *cli, int argc, char **argv);
int cmd_doctor(const Cli *cli, int argc, char **argv);
int cmd_eval(const Cli *cli, int argc, char **argv);
int cmd_layout(const Cli *cli, int argc, char **argv);
int cmd_intake(const Cli *cli, int argc, char **argv);
int cmd_plan(const Cli *cli, int argc, char **argv);
int cmd_bundle(const Cli *cli, int argc, char **argv);
int cmd_diff(const Cli *cli, int argc, char **argv);
int cmd_show(const Cli *cli, int argc, char **argv);
int cmd_approve(const Cli *cli, int argc, char **argv);
int cmd_override(const Cli *cli, int argc, char **argv);
int cmd_guard(const Cli *cli, int argc, char **argv);
int cmd_apply(const Cli *cli, int argc, char **argv);
int cmd_resume(const Cli *cli, int argc, char **argv);
int cmd_run(const Cli *cli, int argc, char **argv);
int cmd_status(const Cli *cli, int argc, char **argv);
int cmd_mail(const Cli *cli, int argc, char **argv);
int cmd_who(const Cli *cli, int argc, char **argv);
int cmd_hold(const Cli *cli, int argc, char **argv);
int cmd_table(const Cli *cli, int argc, char **argv);
int cmd_tasks(const Cli *cli, int argc, char **argv);
int cmd_inquiry(const Cli *cli, int argc, char **argv);
int cmd_recertify(const Cli *cli, int argc, char **argv);
int cmd_receipts(const Cli *cli, int argc, char **argv);
int cmd_orders(const Cli *cli, int argc, char **argv);
int cmd_link(const Cli *cli, int argc, char **argv);
int cmd_extend(const Cli *cli, int argc, char **argv);
int cmd_stop(const Cli *cli, int argc, char **argv);
int cmd_release(const Cli *cli, int argc, char **argv);
int cmd_restrictions(const Cli *cli, int argc, char **argv);
int cmd_orphans(const Cli *cli, int argc, char **argv);
int cmd_undo(const Cli *cli, int argc, char **argv);
int cmd_undelete(const Cli *cli, int argc, char **argv);
int cmd_names(const Cli *cli, int argc, char **argv);
int cmd_report(const Cli *cli, int argc, char **argv);
int cmd_dormant(const Cli *cli, int argc, char **argv);
int cmd_evidence(const Cli *cli, int argc, char **argv);
int cmd_capacity(const Cli *cli, int argc, char **argv);
int cmd_keys(const Cli *cli, int argc, char **argv);
int cmd_notices(const Cli *cli, int argc, char **argv);
int cmd_unlock(const Cli *cli, int argc, char **argv);
int cmd_reset_password(const Cli *cli, int argc, char **argv);

#endif
