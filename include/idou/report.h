// SPDX-License-Identifier: GPL-3.0-or-later
//
// report: what people and other programs read. Formats are rows of a table; everything passes the
// one escaper; secrets cannot get here because nothing that comes in holds any.
#ifndef IDOU_REPORT_H
#define IDOU_REPORT_H

#include <idou/apply.h>
#include <idou/audit.h>
#include <idou/dormant.h>
#include <idou/evidence.h>
#include <idou/guard.h>
#include <idou/inquiry.h>
#include <idou/intake.h>
#include <idou/mail.h>
#include <idou/orphan.h>
#include <idou/tally.h>
#include <idou/who.h>

// What the ledger and the site know besides, for the paper by which a plan is approved.
typedef struct ReportIntake {     // a file that HR sent
  int64_t number;                 // its receipt number (受付番号); 0 = the ledger does not have it, and nothing is told but
                                  // name and n_ops
  const char *name, *kind;        // kind: "orders"
  Date declared;
  Instant taken;
  int64_t n_rows, n_findings;
  int64_t n_ops;                  // operations of the plan that come from a file of this name
} ReportIntake;

typedef struct ReportTitles {     // 職 of somebody
  const char *before, *now;       // NULL = not told; before: NULL, too, when it is the same
} ReportTitles;

typedef struct ReportPaper {
  const char *title;              // 件名; NULL = the usual one
  const char *const *stamps;      // who puts a seal on it: "係長" …; NULL-terminated, or NULL = nobody
  const char *const *privileged;  // patterns of groups that stand for power: "*admin*"; NULL = the usual ones
  Approvals *approvals;           // given so far, judged; NULL = that is not known
  ApprovalLevel two;              // the level above which the plan is
  bool has_ledger;                // the rest is known:
  GArray *intakes;                // ReportIntake, by number
  GHashTable *titles;             // person -> ReportTitles *
  GStringChunk *texts;
} ReportPaper;

typedef struct ReportPlan {
  const Plan *plan;
  const GuardVerdict *verdict;   // NULL = guards were not asked
  const GByteArray *chosen;      // from plan_choose: show only these; NULL = all
  const char *person;            // employee number: show this person only; NULL = all
  bool summary;                  // totals and holds only
  bool colour;                   // terminal colours
  int width;                     // columns of the terminal; 0 = 100
  const ReportPaper *paper;      // for "approval"; NULL = nothing is known besides the plan
} ReportPlan;

// "text" (for operators: what is held and why first, then totals by target and kind, then per person old and
// new side by side, with the day, the rule and the source line), "json" (one document), "ldif" (what
// ldapmodify takes; secrets left out and said so in a comment; scheduled and held operations as comments), "html"
// (a page that is one file: docs/plan-html.md), "approval" (the same, as sheets of A4 to be approved: docs/paper.md).
// False when there is no such format.
bool report_plan(const char *format, const ReportPlan *what, GString *out, GError **error);
const char *const *report_plan_formats(void);  // NULL-terminated

// The files that an operation comes from, each once: of "units.csv:5, orders.csv:17, orders.csv:18" two. Caller frees.
char **report_files(const Op *op);

// "plan: 387 modify, 60 disable, …; 3 held; digest 1a2b…": one line, no newline.
void report_plan_line(const Plan *plan, const GuardVerdict *verdict, GString *out);

// Two plans side by side: totals by target and kind, then each person with the systems concerned and what
// the plans do differently, then notes that came or went.
typedef struct ReportComparison {
  const Plan *old_plan, *new_plan;
  const PlanComparison *comparison;
  const char *person;            // employee number: show this person only; NULL = all
  bool summary;                  // totals only
  bool colour;
  int width;                     // 0 = 100
} ReportComparison;

void report_comparison(const ReportComparison *what, bool json, GString *out);
// "diff: 3 added, 1 withdrawn, 2 changed; 447 the same"
void report_comparison_line(const PlanComparison *comparison, GString *out);

// Two versions of a file of HR's, row by row, both with file and line.
typedef struct ReportInputs {
  const char *old_file, *new_file;
  const InputChanges *changes;
  const PlanComparison *plans;   // what either would do: the systems concerned; NULL = not asked for
  bool summary;
  bool colour;
  int width;
} ReportInputs;

void report_inputs(const ReportInputs *what, bool json, GString *out);
void report_inputs_line(const InputChanges *changes, GString *out);

// Codes that a layout does not know: column, code, rows, first line.
void report_codes(const char *file, const IntakeCodes *codes, bool json, GString *out);

void report_findings(const Findings *findings, bool json, GString *out);
// Receipt for HR: file, sha256, declared date, verdict, rows, kinds with counts, rejected rows by finding.
void report_receipt(const char *file, const IntakeReceipt *receipt, const Findings *findings,
                    bool json, GString *out);

typedef struct ReportWho {
  const Who *who;
  bool colour;
  int width;                     // columns of the terminal; 0 = 100
} ReportWho;

// The page about one person, "text" or "json". False when there is no such format.
bool report_who(const char *format, const ReportWho *what, GString *out, GError **error);
// Several whom somebody may have meant.
void report_who_list(const WhoList *list, bool json, GString *out);

// ---------------------------------------------------------------------------------------------
// What targets hold that the records do not explain: "text", "json", "csv", "html". False when there is no such format.
bool report_orphans(const char *format, const OrphanList *list, GString *out);
// "orphans: 2 nobody, 1 changed; 1 target not read"
void report_orphans_line(const OrphanList *list, GString *out);

// ---------------------------------------------------------------------------------------------
// Restrictions.

typedef struct ReportRestriction {
  RestrictionRow row;
  const char *label;  // "000310 山田　太郎"; NULL = the object says it
} ReportRestriction;

// Of ReportRestriction: a line each, or a JSON document.
void report_restrictions(const GArray *restrictions, bool json, GString *out);

typedef struct ReportAwaited {   // an operation that was sent and awaits its receipt
  int64_t run;
  uint32_t n;
  const char *target, *object, *kind;
  const char *label;             // "000310 山田　太郎"; NULL = the plan is gone
  Instant since;
  bool overdue;                  // for longer than the target's receipt_days
} ReportAwaited;

// How many there are, by target.
typedef struct ReportAwaiting {
  const char *target;
  int64_t n, n_overdue;
  Instant since;                 // of the oldest
} ReportAwaiting;

// How the sources of evidence stand: a table, and why some do not count.
void report_evidence_sources(const EvidenceSources *sources, const EvidenceView *view, bool json,
                             GString *out);
// What a source told of an account.
typedef struct ReportEvidence {
  const EvidenceSource *source;
  const char *object;
  EvidenceTold told;
} ReportEvidence;
void report_evidence_told(const GArray *rows /* ReportEvidence */, bool json, GString *out);


void report_receipts(const GArray *awaited /* ReportAwaited */, bool json, GString *out);
// "csv1: 12 operations await their receipt, the oldest since 2027-04-01 00:10; 3 of them for too long"
void report_awaiting(const ReportAwaiting *awaiting, GString *out);
// What came: findings, and "receipts: done=12 refused=0 failed=1".
void report_receipts_taken(const ApplyReceipts *taken, GString *out);

// Dormant accounts: counts by policy, and who enters or leaves a stage.
typedef struct ReportDormant {
  const Dormant *dormant;
  const DormantReport *report;
  const char *plan_path;         // where the plan is; NULL = there is none
  bool all;                      // also those in which nothing happens
  bool explains;                 // of `person` only, with all that led there
  uint32_t person;
  bool json;
} ReportDormant;
void report_dormant(const ReportDormant *what, GString *out);

// Tasks for hands, one by one, as a table or JSON.
typedef struct ReportTasks ReportTasks;
ReportTasks *report_tasks_new(bool json);
void report_tasks_add(ReportTasks *tasks, const TaskView *task);
void report_tasks_end(ReportTasks *tasks, GString *out);  // and frees it

void report_apply(const ApplyReport *report, bool json, GString *out);
// Checks before a run.
typedef enum CheckState {
  CHECK_OK,
  CHECK_UNKNOWN,  // it cannot be told
  CHECK_WARN,
  CHECK_NO_GO,
  CHECK_N_STATES
} CheckState;

typedef struct ReportCheck {
  const char *name;    // "ledger", "write" …
  const char *target;  // NULL = of the site
  CheckState state;
  const char *text;    // what was found
  const char *advice;  // what to do; NULL = nothing
} ReportCheck;

// In the order in which they were made; the last line says go or no-go.
void report_checks(const GArray *checks, bool json, GString *out);
bool report_checks_go(const GArray *checks);

// What of a plan was chosen, taken along and left out; nothing when all is.
void report_choice(const PlanChoice *choice, GString *out);
// "apply: done=447 already=0 refused=0 failed=0 unknown=0 scheduled=12 held=3"
void report_apply_line(const ApplyReport *report, GString *out);

// ---------------------------------------------------------------------------------------------
// Books: reports that are tables under a heading, each in every format.

typedef struct ReportColumn {
  const char *id;     // in JSON and as the header of CSV: "target"
  const char *title;  // for people, translated
  bool number;
} ReportColumn;

typedef struct ReportBook ReportBook;

// Strings are copied, but ids and columns (program text). What is added goes to the table that was begun last.
ReportBook *report_book_new(const char *id, const char *title);
void report_book_free(ReportBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportBook, report_book_free)
void report_book_fact(ReportBook *book, const char *id, const char *label, const char *text);
void report_book_tile(ReportBook *book, const char *id, const char *label, int64_t number);
// What whoever reads the figures must know: stands before them.
void report_book_note(ReportBook *book, const char *code, const char *text);
void report_book_table(ReportBook *book, const char *id, const char *title,
                       const ReportColumn *columns, size_t n_columns);
// Pages show the numbers of this column as bars, labelled by the first column.
void report_book_bars(ReportBook *book, size_t column);
// The next cell; NULL = empty. Rows are as many cells as there are columns.
void report_book_text(ReportBook *book, const char *text);
void report_book_number(ReportBook *book, int64_t number);
void report_book_date(ReportBook *book, Date date);           // NONE and OPEN are empty
void report_book_instant(ReportBook *book, Instant instant);  // to the minute; likewise
// "text", "json", "csv" (each table with a line above that names it), "html", "pdf". EXIT_USAGE when there is no such
// format, or no table of the name `only` (NULL = all); for a PDF also when no font has Japanese characters.
bool report_book_write(const ReportBook *book, const char *format, const char *only, GString *out,
                       GError **error);

// The audit record: rows are added one after the other.
ReportBook *report_audit(const AuditHead *head);
void report_audit_row(ReportBook *book, const AuditRow *row);
// What became of an operation.
typedef struct ReportProofValue {
  const char *attribute, *before, *after;
} ReportProofValue;

typedef struct ReportProof {
  int64_t run;
  uint32_t n;
  const char *plan;                   // digest
  const char *target, *object, *member, *kind, *label;
  const char *why, *rule, *source;    // as the plan says; NULL = the plan is gone
  GArray *values;                     // ReportProofValue; NULL likewise
  uint32_t person;                    // 0 = nobody's
  const char *state, *detail;         // of the journal
  int n_attempts;
  Instant changed;
  const char *now;                    // read back: "as executed" …; NULL = not asked
  const char *later;                  // what was done to the object after it: "21-4 modify"
} ReportProof;
// Rows of the record about them may follow, by report_audit_row.
ReportBook *report_proofs(const GArray *proofs);
ReportBook *report_audit_verdict(const AuditVerdict *verdict, size_t n_heads);
// Texts for Excel and elder systems: "utf8", "excel" (with the mark by which Excel knows it), "cp932". What CP932 lacks
// is 〓, and a finding. Replaces what `text` holds. EXIT_USAGE when there is no such encoding.
bool report_encode(GString *text, const char *encoding, Findings *findings, GError **error);

// How full the windows of limits are, row by row; what nothing was done of and nothing limits is left out, unless `all`.
ReportBook *report_guard(const char *profile);
void report_guard_row(ReportBook *book, const GuardUse *use, bool all);
// One run as a book.
ReportBook *report_shares(const TallyRun *run);
// The ledger of accounts, row by row: CSV ("csv", ids of columns first) or a JSON document ("json"), so that no more than
// a row is in memory. False when there is no such format.
typedef struct ReportAccounts {
  bool json;
  size_t n;
} ReportAccounts;
bool report_accounts_begin(ReportAccounts *accounts, const char *format, GString *out,
                           GError **error);
void report_accounts_row(ReportAccounts *accounts, const TallyAccount *account, GString *out);
void report_accounts_end(const ReportAccounts *accounts, GString *out);
// What comes as a book, by day.
ReportBook *report_coming(const TallyComing *coming);
// Seats of licences as a book. `from`: what was counted and planned, for people; may be NULL.
ReportBook *report_licences(const GArray *seats /* TallySeats */, Date today, const char *from);
// Somebody who cannot log in where they should, or of whom that cannot be told.
typedef enum ReportLoginState {
  LOGIN_STOPPED,  // at once, by somebody's word: why is told nowhere
  LOGIN_UNKNOWN,  // the target could not be read, or it is not clear which entry is theirs
  LOGIN_MISSING,
  LOGIN_OFF,
  LOGIN_LOCKED,   // after wrong passwords
  LOGIN_AWAITED,  // sent, and not confirmed yet
  LOGIN_UNPRINTED,  // nobody has their password yet
  LOGIN_N
} ReportLoginState;

typedef struct ReportLogin {
  bool counter;      // their unit has a counter, or is in one that has
  const char *unit;  // "101002 総務部　総務課"
  const char *phone, *number, *name;  // NULL = of all who are in the target
  const char *target;
  ReportLoginState state;
  const char *cause;
  const char *deed;  // NULL = what is usual for the state
} ReportLogin;
ReportBook *report_logins(const GArray *logins /* ReportLogin */, Instant at);
// What is to be done in a night, step by step.
typedef struct ReportDuty {
  Instant when;        // not before; INSTANT_NONE = as soon as the work begins
  const char *plan;    // its digest; NULL = of no plan
  const char *work;
  const char *target;  // NULL = no target's
  int64_t expected;    // -1 = nothing is counted
  int64_t actual;      // -1 = it has not begun
  const char *stop;    // 中止基準
} ReportDuty;
ReportBook *report_checklist(const GArray *checks /* ReportDuty */, Instant at);

// A morning after: what the night's runs came to.
typedef struct ReportNightRun {
  int64_t run;
  Instant started, ended;
  const char *state, *digest;
} ReportNightRun;

typedef struct ReportNightCount {  // operations that ended alike
  const char *target, *kind;
  const char *state;   // as the journal has it
  const char *detail;  // NULL = there is none, or it is not to be told
  const char *label;   // whose the first is; NULL = nobody's
  int64_t n;
} ReportNightCount;

typedef struct ReportNightItem {  // something to decide, or to do next
  const char *what, *command;     // command: to be typed; NULL = none
} ReportNightItem;

typedef struct ReportNight {
  Instant since, at;
  GArray *runs;    // ReportNightRun
  GArray *counts;  // ReportNightCount, by state
  GArray *decide;  // ReportNightItem
  GArray *next;    // ReportNightItem
} ReportNight;
ReportBook *report_morning(const ReportNight *night);
// The month's figures as a book.
ReportBook *report_month(const TallyMonth *month);

// ---------------------------------------------------------------------------------------------
// Inquiries, one by one, as a table or JSON.

typedef struct ReportInquiries ReportInquiries;

ReportInquiries *report_inquiries_new(bool json);
void report_inquiries_add(ReportInquiries *inquiries, const InquiryCount *count);
// Appends what was added, with a line of totals, and frees.
void report_inquiries_end(ReportInquiries *inquiries, GString *out);

// ---------------------------------------------------------------------------------------------
// Decision tables, for the desk before a personnel change. Whoever fills these owns all they point to.

typedef struct ReportTablePerson {  // somebody as an example
  const char *number, *name;
  const char *post;                 // "総務課 課長"; "" = none
} ReportTablePerson;

typedef struct ReportTableRow {
  size_t line;                      // as Excel counts
  int64_t priority;
  const char *wants;                // "所属=総務課 職位=課長"; "" = everybody
  const char *results;              // as written; "" = none
  const char *remark;
  size_t n_people;                  // whom it hits
  GArray *some;                     // ReportTablePerson: the first of them
} ReportTableRow;

typedef struct ReportTableUnit {
  const char *code, *name;
  size_t n_people;                  // with a post there
} ReportTableUnit;

typedef struct ReportTableCheck {
  const char *path;
  bool first_match;                 // has priorities
  GPtrArray *uses;                  // char *: "ldap account (account.yaml:28), grace 7 days"
  size_t n_people;                  // for whom the table is asked
  GArray *rows;                     // ReportTableRow, as they are asked
  size_t n_without;                 // people whom no row hits
  GArray *without;                  // ReportTablePerson: the first of them
  GArray *units_without;            // ReportTableUnit: nobody there is hit, or no row could
  GArray *units_unnamed;            // … hit by rows for everybody only
} ReportTableCheck;

void report_table_check(const ReportTableCheck *const *checks, size_t n, Date as_of,
                        const Findings *findings, bool json, GString *out);

typedef enum ReportTableFate {
  TABLE_HIT,
  TABLE_OUTVOTED,   // would apply, but an earlier row won
  TABLE_MISSED,
  TABLE_NOT_ASKED   // comes after the row that won, with another priority
} ReportTableFate;

typedef struct ReportTableTried {   // a row and one post
  size_t line;
  int64_t priority;
  ReportTableFate fate;
  const char *results, *remark;
  const char *groups;               // HIT: what the results became, "|" between them
  const char *header, *cell, *value;  // MISSED: the first column that did not match; what the post has
} ReportTableTried;

typedef struct ReportTableAsked {   // a table and one post
  const char *path;
  const char *by;                   // the class: "ldap account"
  bool first_match;
  GArray *rows;                     // ReportTableTried, as they are asked
} ReportTableAsked;

typedef struct ReportTablePost {
  const char *role;                 // 本務 …
  const char *unit, *unit_name, *title, *title_name;
  Date begin, end;
  const char *note;                 // "ended: counts for the grace"; "" = in force
  GArray *tables;                   // ReportTableAsked
} ReportTablePost;

typedef struct ReportTableGroup {
  const char *name;
  const char *klass;                // of the group
  const char *from;                 // "tables/groups.csv:12, account.yaml:30"
  bool counts;                      // the group can be made
} ReportTableGroup;

typedef struct ReportTableMember {  // what a class makes of the person, or of one post
  const char *klass;                // "ldap account"
  const char *post;                 // of a class for posts: which; "" otherwise
  const char *reason;               // "left 2027-04-01"; "" = none
  const char *note;                 // why memberships do not count, or stay as they are; "" = they count
  bool assignments;                 // the class is for assignments: these are what `groups` holds
  GArray *groups;                   // ReportTableGroup, by name
} ReportTableMember;

typedef struct ReportTableTry {
  const char *number, *name, *state;
  Date as_of;
  GArray *posts;                    // ReportTablePost
  GArray *members;                  // ReportTableMember
} ReportTableTry;

void report_table_try(const ReportTableTry *tried, const Findings *findings, bool json, GString *out);

typedef struct ReportTableChange {  // a group that somebody gains or loses
  const char *group;
  const char *klass;                // whose entry: "ldap account"
  bool gain;
  const char *from;                 // "12 (総務課 課長)": the rows of the table that gives it, each with its post
} ReportTableChange;

typedef struct ReportTableMover {
  ReportTablePerson person;
  GArray *changes;                  // ReportTableChange: gains first, by name
} ReportTableMover;

typedef struct ReportTableTotal {   // of a group
  const char *group;
  const char *klass;                // whose members are counted: "ldap account"
  size_t n_old, n_new, n_gain, n_loss;
} ReportTableTotal;

typedef struct ReportTableCompare {
  const char *path;                 // the table whose place both take
  const char *old_file, *new_file;
  Date as_of;
  size_t n_asked;                   // people for whom the table is asked
  size_t n_people, n_posts;         // whose groups differ
  size_t n_even;                    // people with posts that differ, who hold the same groups all the same
  GArray *totals;                   // ReportTableTotal of groups that differ, by name
  GArray *movers;                   // ReportTableMover, in the order of the ledger
} ReportTableCompare;

// `summary`: totals only.
void report_table_compare(const ReportTableCompare *compare, bool summary, bool json, GString *out);

// ---------------------------------------------------------------------------------------------
// A scheduled run, and how all of them stand: for people, programs and the site's monitoring. Whoever fills these owns all
// they point to.

typedef struct ReportRunStep {
  const char *name;
  int64_t ms;
  ExitCode exit;                    // the worst until its end
  const char *text;                 // what it printed, if the letter shall say it; NULL
} ReportRunStep;

typedef struct ReportRunPlan {
  const char *digest, *path;
  Date as_of;
  int64_t run;                      // of the journal; 0 = it was only planned
} ReportRunPlan;

typedef struct ReportRunCount {
  const char *target, *kind;
  const char *outcome;              // as the journal has it; "planned" of what was only planned
  int64_t n;
} ReportRunCount;

typedef struct ReportRunItem {      // one operation
  const char *target, *kind, *outcome;
  const char *object;
  const char *label;                // "000310 山田　太郎"; NULL = nobody's, or the plan is gone
  const char *detail;               // why; NULL
  uint32_t person;                  // 0 = nobody's
  int64_t run;                      // of the journal; 0 = none
  uint32_t n;                       // number in the plan
} ReportRunItem;

typedef struct ReportRun {
  const char *job, *host, *version;
  Instant began, ended;
  int64_t ms;
  ExitCode exit;
  const char *fault;                // why it ended early; NULL
  Instant killed;                   // when the job's run before this one began, which came to no end; INSTANT_NONE
  GArray *steps;                    // ReportRunStep
  GArray *plans;                    // ReportRunPlan
  GArray *counts;                   // ReportRunCount, by target, kind and outcome
  GArray *items;                    // ReportRunItem, in the order of the plans
  GPtrArray *holds;                 // char *: what the guards say
  Findings *findings;
  const char *profile;              // of limits, that its file names; NULL
  const char *audit;                // head of the audit record at its end, "812:9f3a…"; NULL = none
  bool audit_mail;                  // the letter has it
} ReportRun;

void report_run_json(const ReportRun *run, GString *out);
// "[idou] nightly: held (exit 3): 12 done, 3 held"
void report_run_subject(const ReportRun *run, GString *out);
// The letter to the operators.
void report_run_letter(const ReportRun *run, GString *out);
// Operations of one unit's people, `items` of ReportRunItem; what they change is not told.
void report_run_unit(const ReportRun *run, const char *unit, const GArray *items, GString *out);
// Whether an operation that ended so wants somebody to look: held, refused, failed, unknown, blocked.
bool report_run_is_trouble(const char *outcome);
int64_t report_run_count(const GArray *counts, const char *outcome);  // NULL = all
// Whether a job that ends so has done what it is for: done, or changes are pending.
bool report_run_is_good(ExitCode exit);

// The queue of letters.
void report_letters(const MailQueue *queue, bool json, GString *out);

typedef struct ReportJob {
  const char *name;
  Instant began, ended;             // the last run that told its end; INSTANT_NONE = never
  int64_t ms;
  ExitCode exit;
  const char *plan;                 // digest of its last plan; NULL = none
  Instant good;                     // end of the last run that was good; INSTANT_NONE
  Instant running;                  // one is at work since; INSTANT_NONE
  Instant killed;                   // one that began then came to no end; INSTANT_NONE
  int expect_hours;                 // a good end must not be longer ago; 0 = not said
  const char *said;                 // mark of what its last letter to the operators said; NULL = nothing was to be said
  Instant told;                     // when; INSTANT_NONE
  GArray *counts;                   // ReportRunCount of the last run
  int64_t n_errors, n_warnings;     // of its findings
} ReportJob;

typedef struct ReportSource {       // of evidence
  const char *name, *state;
  Instant collected;                // INSTANT_NONE = never
} ReportSource;

typedef struct ReportProgressTarget {
  const char *target;
  int64_t n_ops, n_ended;
  Instant end;                      // when it is expected to be done; INSTANT_NONE = nobody can tell yet
} ReportProgressTarget;

typedef struct ReportProgress {     // of the run that is at work
  int64_t run;                      // 0 = none is
  int64_t n_ops, n_ended;           // operations that are due, and those of them that came to an end
  Instant began, end;               // the end that is expected; INSTANT_NONE = nobody can tell yet
  Instant until;                    // when nothing more is begun; INSTANT_OPEN
  GArray *targets;                  // ReportProgressTarget, in the order in which they are written to
} ReportProgress;

typedef struct ReportStatus {
  Instant at;
  const char *host, *version;
  GArray *jobs;                     // ReportJob, by name
  bool has_mail;
  int64_t n_waiting, n_late, n_refused, n_aside;  // letters
  Instant oldest, down_since;       // INSTANT_NONE
  int64_t n_receipts, n_overdue;    // operations that were sent and await a receipt
  GArray *sources;                  // ReportSource
  ReportProgress progress;
  const char *audit;                // the highest head of the audit record that was seen; NULL
  GStringChunk *texts;
} ReportStatus;

ReportStatus *report_status_new(void);
void report_status_free(ReportStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportStatus, report_status_free)
// The job of that name, added if there is none.
ReportJob *report_status_job(ReportStatus *status, const char *name);
void report_status_json(const ReportStatus *status, GString *out);
// The jobs of a status file. False when it is none, or of another format.
bool report_status_parse(const char *text, size_t n_bytes, ReportStatus *status);
void report_status_metrics(const ReportStatus *status, GString *out);  // the Prometheus text format
// A line for each job, letters, receipts.
void report_status_text(const ReportStatus *status, GString *out);
// The worst of what they say at `status->at`: a job's last exit, FAILED when its good end is too long ago or letters do not
// arrive, INTERRUPTED when a run was killed.
// When it last did its work, as far as that can be believed; INSTANT_NONE.
Instant report_status_good(const ReportJob *job, Instant at);
ExitCode report_status_exit(const ReportStatus *status);

#endif
