// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

// Figures for people. Each kind is a row of ASPECTS; formats are the report stage's.

typedef struct ReportOptions {
  char *month, *format, *output, *table, *encoding, *as_of;
  char *person, *target, *unit, *by;
  char *since, *until, *who, *what, *subject, *export;
  char **heads;
  gboolean verify;
  int days;
  ExitCode exit;  // of what was reported all the same
} ReportOptions;

static void report_options_clear(ReportOptions *options)
{
  char *const texts[] = {options->month,    options->format, options->output,  options->table,
                         options->encoding, options->as_of,  options->person,  options->target,
                         options->unit,     options->by,     options->since,   options->until,
                         options->who,      options->what,   options->subject, options->export};
  g_strfreev(options->heads);
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReportOptions, report_options_clear)

static bool deliver(const ReportOptions *options, GString *text, GError **error)
{
  if (options->output != NULL)
    return file_write(options->output, text->str, text->len, 0600, error);
  cli_print(text);
  return true;
}

static bool print_book(const ReportOptions *options, const ReportBook *book, GError **error)
{
  const char *format = options->format != NULL ? options->format : "text";
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(Findings) findings = findings_new();
  bool fine = report_book_write(book, format, options->table, text, error);
  bool paper = strcmp(format, "csv") == 0 || strcmp(format, "text") == 0;
  if (fine && options->encoding != NULL && !paper) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("--encoding is for text and csv"));
    return false;
  }
  fine = fine &&
         (options->encoding == NULL || report_encode(text, options->encoding, findings, error));
  cli_findings(findings, false);
  return fine && deliver(options, text, error);
}

// ---------------------------------------------------------------------------------------------

static bool report_monthly(const Site *site, ReportOptions *options, const char *argument,
                           GError **error)
{
  (void)argument;
  TallyPeriod period = tally_month_before(date_of_instant(instant_now()));
  if (options->month != NULL && !tally_month_parse(options->month, &period)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("\"%s\" is no month; write 2027-04"),
                options->month);
    return false;
  }
  ReportBook *made = NULL;
  g_autoptr(Findings) findings = findings_new();
  bool fine = job_report_month(site, &period, findings, &made, error);
  g_autoptr(ReportBook) book = made;
  cli_findings(findings, false);
  return fine && print_book(options, book, error);
}

static bool report_seats(const Site *site, ReportOptions *options, const char *argument,
                         GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  LicencesRequest request = {.as_of = DATE_NONE, .plan = argument, .findings = findings};
  if (options->as_of != NULL && !cli_date(options->as_of, &request.as_of)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("--as-of is a day"));
    return false;
  }
  ReportBook *made = NULL;
  bool fine = job_report_licences(site, &request, &made, &options->exit, error);
  g_autoptr(ReportBook) book = made;
  cli_findings(findings, false);
  return fine && print_book(options, book, error);
}

static bool report_upcoming(const Site *site, ReportOptions *options, const char *argument,
                            GError **error)
{
  (void)argument;
  g_autoptr(Findings) findings = findings_new();
  if (options->days < 1 || options->days > 3660) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("--days is a number from 1 on"));
    return false;
  }
  ReportBook *made = NULL;
  bool fine = job_report_upcoming(site, options->days, findings, &made, error);
  g_autoptr(ReportBook) book = made;
  cli_findings(findings, false);
  return fine && print_book(options, book, error);
}

static bool report_logins_now(const Site *site, ReportOptions *options, const char *argument,
                              GError **error)
{
  (void)argument;
  ReportBook *made = NULL;
  g_autoptr(Findings) findings = findings_new();
  bool fine = job_report_logins(site, findings, &made, &options->exit, error);
  g_autoptr(ReportBook) book = made;
  cli_findings(findings, false);
  return fine && print_book(options, book, error);
}

static bool report_checklist_now(const Site *site, ReportOptions *options, const char *argument,
                                 GError **error)
{
  ReportBook *made = NULL;
  bool fine = job_report_checklist(site, argument, &made, error);
  g_autoptr(ReportBook) book = made;
  return fine && print_book(options, book, error);
}

static bool report_morning_now(const Site *site, ReportOptions *options, const char *argument,
                               GError **error)
{
  (void)argument;
  ReportBook *made = NULL;
  bool fine = job_report_morning(site, &made, error);
  g_autoptr(ReportBook) book = made;
  return fine && print_book(options, book, error);
}

static bool report_run(const Site *site, ReportOptions *options, const char *argument,
                       GError **error)
{
  TallyBy by = TALLY_BY_TARGET;
  g_auto(TallyRun) run = {0};
  int64_t number = argument != NULL ? g_ascii_strtoll(argument, NULL, 10) : 0;
  if ((options->by != NULL && !tally_by_of(options->by, &by)) || (argument != NULL && number < 1)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("a run is a number, and --by is person, target or unit"));
    return false;
  }
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !tally_run(store, number, by, &run, error))
    return false;
  g_autoptr(ReportBook) book = report_shares(&run);
  return print_book(options, book, error);
}

// Rows go out as they come; only for another encoding, or a file, are they kept.
typedef struct Accounts {
  ReportAccounts rows;
  GString *text;
  bool streams;
} Accounts;

static bool take_account(const TallyAccount *account, void *data)
{
  Accounts *accounts = data;
  report_accounts_row(&accounts->rows, account, accounts->text);
  if (accounts->streams) {
    cli_print(accounts->text);
    g_string_truncate(accounts->text, 0);
  }
  return true;
}

static bool report_accounts(const Site *site, ReportOptions *options, const char *argument,
                            GError **error)
{
  (void)argument;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(Findings) findings = findings_new();
  Accounts accounts = {.text = text,
                       .streams = options->output == NULL && options->encoding == NULL};
  const AccountsRequest request = {options->person, options->target, options->unit, take_account,
                                   &accounts};
  const char *format = options->format != NULL ? options->format : "csv";
  bool fine = report_accounts_begin(&accounts.rows, format, text, error) &&
              job_report_accounts(site, &request, findings, error);
  if (fine)
    report_accounts_end(&accounts.rows, text);
  fine = fine &&
         (options->encoding == NULL || report_encode(text, options->encoding, findings, error));
  cli_findings(findings, false);
  return fine && deliver(options, text, error);
}

// ---------------------------------------------------------------------------------------------
// The audit record.

// A day or a moment; of `until` the day itself is meant, too.
static bool read_moment(const char *text, bool until, Instant *out, GError **error)
{
  Date day;
  Instant at = 0;
  *out = INSTANT_NONE;
  if (text == NULL)
    return true;
  if (instant_parse(text, out))
    return true;
  if (cli_moment(text, &day, &at)) {
    *out = at != 0 ? at : date_start(day + until);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("“%s” is no day and no moment"), text);
  return false;
}

static bool verify_audit(const Site *site, ReportOptions *options, const char *file, GError **error)
{
  ReportBook *made = NULL;
  bool fine = job_audit_verify(site, file, (const char *const *)options->heads, &made,
                               &options->exit, error);
  g_autoptr(ReportBook) book = made;
  return fine && print_book(options, book, error);
}

static bool export_audit(const Site *site, const ReportOptions *options, GError **error)
{
  g_autoptr(GString) told = g_string_new(NULL);
  bool fine = job_audit_export(site, options->export, options->who, told, error);
  cli_print(told);
  return fine;
}

static bool report_record(const Site *site, ReportOptions *options, const char *argument,
                          GError **error)
{
  if (options->verify || options->heads != NULL)
    return verify_audit(site, options, argument, error);
  if (argument != NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("a FILE goes with --verify"));
    return false;
  }
  if (options->export != NULL)
    return export_audit(site, options, error);
  AuditAsk ask = {.who = options->who, .what = options->what, .subject = options->subject};
  ReportBook *made = NULL;
  bool fine = read_moment(options->since, false, &ask.since, error) &&
              read_moment(options->until, true, &ask.until, error) &&
              job_report_audit(site, &ask, &made, error);
  g_autoptr(ReportBook) book = made;
  return fine && print_book(options, book, error);
}

static bool report_proof(const Site *site, ReportOptions *options, const char *argument,
                         GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  ReportBook *made = NULL;
  if (argument == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("say an operation (17-3), a run (17) or an employee number"));
    return false;
  }
  bool fine = job_report_evidence(site, argument, findings, &made, error);
  g_autoptr(ReportBook) book = made;
  cli_findings(findings, false);
  if (findings_count_level(findings, FINDING_WARNING) > 0)
    options->exit = EXIT_UNREAD;
  return fine && print_book(options, book, error);
}

static const struct {
  const char *name;
  int max_arguments;
  bool people;        // it tells of single people: looks are noted
  const char *usage;  // untranslated, N_()
  bool (*run)(const Site *site, ReportOptions *options, const char *argument, GError **error);
} ASPECTS[] = {
    {"monthly", 0, false, N_("report monthly [--month 2027-04]"), report_monthly},
    {"upcoming", 0, true, N_("report upcoming [--days 31]"), report_upcoming},
    {"accounts", 0, true, N_("report accounts [--person NUMBER] [--target NAME] [--unit CODE]"),
     report_accounts},
    {"run", 1, true, N_("report run [N] [--by person|target|unit]"), report_run},
    {"audit", 1, true,
     N_("report audit [--since DAY] [--until DAY] [--who NAME] [--what WORD] "
        "[--subject TEXT] | --export FILE | --verify [--head NUMBER:DIGEST] [FILE]"),
     report_record},
    {"checklist", 1, false, N_("report checklist [PLAN]"), report_checklist_now},
    {"morning", 0, true, N_("report morning"), report_morning_now},
    {"logins", 0, true, N_("report logins"), report_logins_now},
    {"evidence", 1, true, N_("report evidence RUN-N | RUN | NUMBER"), report_proof},
    {"licences", 1, false, N_("report licences [PLAN | --as-of DATE]"), report_seats},
};

static bool look(const Site *site, const char *name, const ReportOptions *options,
                 const char *argument, GError **error)
{
  // Whoever verifies a record adds nothing to it; an export has a row of its own.
  if (options->verify || options->heads != NULL || options->export != NULL)
    return true;
  g_autofree char *at = g_strdup_printf("report %s", name);
  const char *const about[] = {argument, options->person, options->subject, options->unit};
  const char *subject = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(about) && subject == NULL; i++)
    subject = about[i];
  return job_audit_look(site, at, subject, error);
}

static int wrong_usage(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ASPECTS); i++)
    fprintf(stderr, "%s idou %s\n", i == 0 ? _("usage:") : _("   or:"), _(ASPECTS[i].usage));
  return EXIT_USAGE;
}

int cmd_report(const Cli *cli, int argc, char **argv)
{
  g_auto(ReportOptions) options = {.days = 31};
  const GOptionEntry entries[] = {
      {"month", 0, 0, G_OPTION_ARG_STRING, &options.month,
       N_("monthly: the month (default: the last one)"), "MONTH"},
      {"person", 0, 0, G_OPTION_ARG_STRING, &options.person, N_("accounts: this person only"),
       "NUMBER"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("accounts: this target only"),
       "NAME"},
      {"unit", 0, 0, G_OPTION_ARG_STRING, &options.unit,
       N_("accounts: people with their main post there"), "CODE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by,
       N_("run: person, target or unit (default: target)"), "WHAT"},
      {"days", 0, 0, G_OPTION_ARG_INT, &options.days,
       N_("upcoming: for so many days (default: 31)"), "N"},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("licences: planned anew for this day"), "DATE"},
      {"since", 0, 0, G_OPTION_ARG_STRING, &options.since, N_("audit: from this day or moment on"),
       "TIME"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until,
       N_("audit: up to this day, or before this moment"), "TIME"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.who, N_("audit: who did it, or a part of that"),
       "NAME"},
      {"what", 0, 0, G_OPTION_ARG_STRING, &options.what, N_("audit: acts of this kind only"),
       "WORD"},
      {"subject", 0, 0, G_OPTION_ARG_STRING, &options.subject,
       N_("audit: about this, or a part of it"), "TEXT"},
      {"verify", 0, 0, G_OPTION_ARG_NONE, &options.verify,
       N_("audit: whether anything was changed, of the ledger's record or of an exported one"),
       NULL},
      {"head", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.heads,
       N_("audit: verify with a head that was kept outside; may be repeated"), "NUMBER:DIGEST"},
      {"export", 0, 0, G_OPTION_ARG_FILENAME, &options.export,
       N_("audit: write the record to this file, which can be verified alone"), "FILE"},
      {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
       N_("text, json, csv, html or pdf (default: text)"), "FORMAT"},
      {"table", 0, 0, G_OPTION_ARG_STRING, &options.table, N_("this table only"), "NAME"},
      {"encoding", 0, 0, G_OPTION_ARG_STRING, &options.encoding,
       N_("of text and csv: utf8, excel or cp932"), "NAME"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_("write to this file, in place of standard output"), "FILE"},
      G_OPTION_ENTRY_NULL};
  int exit = EXIT_DONE;
  if (!cli_options(cli_command("report"), entries,
                   "monthly | licences | upcoming | accounts | run [N] | checklist [PLAN] | "
                   "morning | logins | audit | evidence NUMBER",
                   -1, &argc, &argv))
    return EXIT_USAGE;
  for (size_t i = 0; i < G_N_ELEMENTS(ASPECTS); i++) {
    if (argc < 2 || strcmp(ASPECTS[i].name, argv[1]) != 0 || argc - 2 > ASPECTS[i].max_arguments)
      continue;
    g_autoptr(GError) error = NULL;
    g_autoptr(Site) site = cli_site(cli, &exit);
    if (site == NULL)
      return exit;
    const char *argument = argc > 2 ? argv[2] : NULL;
    bool fine = (!ASPECTS[i].people || look(site, ASPECTS[i].name, &options, argument, &error)) &&
                ASPECTS[i].run(site, &options, argument, &error);
    return fine ? (int)options.exit : cli_fail(error);
  }
  return wrong_usage();
}
