// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_JOB_P_H
#define IDOU_JOB_P_H

#include <idou/job.h>

// The path of a key, from the site's folder on; `standard` when it is not said.
const char *site_read_path(Site *site, const YamlNode *map, const char *key, const char *standard,
                           Findings *findings);
// site_profiles.c: the keys `profiles` and `overrides`; after the targets.
void site_read_profiles(Site *site, const YamlNode *root, Findings *findings);
// site_segments.c: the keys `segments` and `segment`.
void site_read_segments(Site *site, const YamlNode *root, Findings *findings);
// Whoever has or had this number, SPACE/NUMBER or login; EXIT_USAGE unless it is one person.
bool job_dormant_person(Store *store, const char *text, uint32_t *person, GError **error);

// site_paper.c: the keys `paper` and `counters`.
void site_read_paper(Site *site, const YamlNode *root, Findings *findings);
// site_inquiry.c: the key `inquiry`.
void site_read_inquiry(Site *site, const YamlNode *root, Findings *findings);
// Who may deliver into the folder, and when what they deliver is ready.
void site_read_folder(Site *site, const YamlNode *node, Spool *spool, Findings *findings);

// inbox.c: a folder that others deliver into, and we only take away.
typedef struct Inbox {
  const Spool *spool;
  int folder;                  // descriptor of spool->incoming
  const char *private_folder;  // for copies that nobody else can change
} Inbox;
typedef enum Readiness { READY, NOT_YET, REFUSED } Readiness;
// Clears the private folder of what a killed run left.
bool inbox_open(const Spool *spool, const char *private_folder, Inbox *out, GError **error);
void inbox_close(Inbox *inbox);
bool inbox_passes_over(const char *name);  // nothing that is delivered: hidden, or being written
bool inbox_has(const Inbox *inbox, const char *name);
Readiness inbox_judge(const Inbox *inbox, const char *name, const char **why);  // why it is refused
bool inbox_copy(const Inbox *inbox, const char *name, GError **error);
bool inbox_move(const Inbox *inbox, const char *name, const char *folder, GError **error);
// NAME.receipt.txt in the folder, before the file goes there: one that is gone without would be a riddle.
bool inbox_receipt(const char *folder, const char *name, const GString *text, GError **error);
// site_night.c: the key `night`.
void site_read_night(Site *site, const YamlNode *root, Findings *findings);
// site_doctor.c: the key `doctor`. After the targets.
void site_read_doctor(Site *site, const YamlNode *root, Findings *findings);

// doctor.c: a check's result. `format` is what was found.
typedef struct Doctor {
  const Site *site;
  const DoctorRequest *request;
  DoctorDone *out;
} Doctor;
void doctor_say(const Doctor *doctor, const ReportCheck *check, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
// doctor_targets.c
void doctor_targets(const Doctor *doctor);

// readback.c: what operations did, read again.
#define READBACK_SO "as executed"
#define READBACK_BEFORE "as before it"
#define READBACK_CHANGED "changed since"
#define READBACK_UNKNOWN "not to be told"
#define READBACK_LEDGER "in the ledger"

typedef struct Readback {
  const Site *site;
  Store *store;
  const GByteArray *done;  // by number - 1: it took effect
  uint32_t only;           // this operation only; 0
  uint32_t person;         // this person's only; 0
  void (*func)(const Op *op, const char *word, void *data);
  void *data;
  Findings *findings;  // of targets that cannot be read
} Readback;

// Of what took effect. Targets that tell by receipts are passed over.
void readback_plan(const Readback *readback, const Plan *plan);
// Which operations of a run took effect; NULL on error.
GByteArray *readback_done(Store *store, int64_t run, const Plan *plan, GError **error);

typedef struct ReadbackCounts {
  int64_t n, n_so, n_unknown;
} ReadbackCounts;
// All of a run, and a row in the audit record. What differs is a finding.
bool readback_run(const Site *site, const char *plan_path, int64_t run, Findings *findings,
                  ReadbackCounts *counts, GError **error);
// site_audit.c: the key `audit`.
void site_read_approvals(Site *site, const YamlNode *root, Findings *findings);
void site_read_audit(Site *site, const YamlNode *root, Findings *findings);
// The number of the record's last row and its digest, for a run's letter and JSON; NULL when there is none. Caller frees.
char *job_audit_head(const Site *site);
// A row for each of these runs (int64_t), of which the journal has just been changed. Within the caller's transaction.
bool job_audit_runs(Store *store, const AuditNote *note, const GArray *runs, GError **error);
// The head that the status file remembers; id 0 = none.
AuditHead run_status_head(const Site *site);
// run_journal.c: fields and a line, to journald or syslog. `priority` as syslog numbers them. False with errno.
typedef struct JournalLine {
  int priority;
  const char *text;
  const char *const *fields;  // NAME, value …, NULL
} JournalLine;
bool journal_line(const char *socket_path, const JournalLine *line);
// site_mail.c: the keys `mail`, `status`, `metrics` and `journal`.
void site_read_mail(Site *site, const YamlNode *root, Findings *findings);
void site_free_mail(Site *site);

// bundle_here.c: in a segment. The bundle, checked against what was accepted so far. `from` is its source.
Bundle *job_bundle_open(const Site *site, Store *store, const char *path, GError **error);
// The bundle of the folder that follows the one accepted last, else that one itself; caller frees. One that was refused
// though it is not older is a finding, and its code in `exit`.
char *job_bundle_choose(const Site *site, const char *folder, Findings *findings, ExitCode *exit,
                        GError **error);
// The approval that came with it, as one of this plan: classes of which the plan has more than was approved are left out, with a
// finding. NULL when none holds now.
Approvals *job_bundle_approval(const Bundle *bundle, const Plan *plan, Findings *findings);
// Before a plan is applied: whether it may be here, and is of the bundle that holds or follows.
bool job_bundle_may(const Site *site, Store *store, const Plan *plan, GError **error);
// After a run of such a plan: its receipt into the site's folder.
bool job_bundle_receipt_of(const Site *site, Store *store, const Plan *plan, int64_t run,
                           const char *output, GString *told, GError **error);

// plan.c: readers and what guards ask of them, opened with the accounts for reading. To be cleared in any case.
typedef struct Readers {
  GPtrArray *readers;
  GPtrArray *texts;
  GArray *targets;  // PlannerTarget; one that cannot be read says why
} Readers;
typedef struct ReadersAsk {
  bool (*wants)(const char *target, const void *data);
  const void *data;
} ReadersAsk;
bool job_readers(const Site *site, Store *store, const ReadersAsk *ask, Readers *out,
                 GError **error);
void job_readers_clear(Readers *readers);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Readers, job_readers_clear)

// restrictions.c
typedef struct Restrictions {
  GArray *list;  // Restriction
  GStringChunk *texts;
  Holds *stops;  // NULL: they were not asked for
} Restrictions;
bool job_restrictions_read(Store *store, Restrictions *out, GError **error);  // those that stand
// With those that the request begins or ends. To be cleared in any case.
// `mapping` NULL: what is wanted comes in a bundle, which heeds stops.
bool job_restrictions(const Site *site, Store *store, const Mapping *mapping,
                      const PlanRequest *request, Findings *findings, Restrictions *out,
                      GError **error);
void restrictions_clear(Restrictions *all);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Restrictions, restrictions_clear)
bool restrictions_concern(const PlanRequest *request,
                          const char *target);  // it is to be planned for

// The lock of a run: a descriptor to close when it is over; -1 and EXIT_LOCKED when another is at work.
int job_lock(const Site *site, GError **error);
// job_receipts_take by who has the lock.
bool job_receipts_note(const Site *site, Store *store, ReceiptsDone *out, GError **error);

// Numbers of operations that somebody settles, from words and from a CSV (receipts_said.c).
typedef struct SettleSaid {
  int64_t run;
  uint32_t n;  // 0 = all of the run
  OutcomeKind kind;
  char *detail;       // "by Tanaka: their import says so"
  const char *where;  // of a CSV "FILE:LINE"; else the word itself
} SettleSaid;
// False with EXIT_USAGE when one says too little; the faults of a CSV are findings.
bool settle_said_read(const SettleRequest *request, Findings *findings, GArray **out,
                      GError **error);

// The approvals in PLAN.approval if they hold for this plan now, judged; NULL, said in the log, if not.
// What people say of a plan stands in the records: who and why are there, and each is one line. Else EXIT_USAGE.
bool job_check_words(const char *who, const char *reason, const char *ref, GError **error);
void job_judge(const Site *site, Approvals *approvals, const Plan *plan, Instant now);
Instant job_approval_given(const Approvals *approvals);  // the last word of those that count
// Whether they are enough: now, or (*from) from a moment on that is still to come. False with an error that says what is
// lacking, or without when nobody said anything. Judges them for that moment.
bool job_approved_when(const Site *site, Approvals *approvals, const Plan *plan, Instant *from,
                       GError **error);
Approvals *job_approval_beside(const Site *site, Store *store, const char *plan_path,
                               const Plan *plan);

// When a run began last, or idou doctor looked; the times of runs of which somebody said that the clock was wrong do not
// count. INSTANT_NONE = never.
Instant doctor_at_work_last(Store *store);

// How many files were taken in since the plan was made, and the last one's name (caller frees; NULL = none).
bool job_taken_since(Store *store, const Plan *plan, size_t *n, char **last, GError **error);

// Approved plans of which a part waits for its day, or that nobody applied yet, by the last word on them; of several for one
// day only the last. A false of the function stops with its error.
typedef struct JobApproved {
  const char *path, *digest;  // of the plan
  Date as_of;
  Instant from;       // its approval counts from then on only; INSTANT_NONE = it does
  size_t n_newer;     // files that were taken in since it was made …
  const char *newer;  // … and the last one; NULL = none
} JobApproved;
typedef bool (*JobApprovedFunc)(const JobApproved *approved, void *data, GError **error);
bool job_approved_waiting(const Site *site, JobApprovedFunc func, void *data, GError **error);
// Whether another plan was approved for the day of the one at `path` since that was.
bool job_approved_superseded(const Site *site, const char *path, bool *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Decision tables (decisions*.c): what deriving needs, for every target that mappings name, without
// asking the target itself.

typedef struct DecisionSide {
  const char *target;
  Schema *schema;
  Table *table;  // stays empty of people
  Derive *derive;
} DecisionSide;

typedef struct DecisionDesk {
  const Mapping *mapping;
  Roster *roster;  // the caller's
  GArray *sides;   // DecisionSide
} DecisionDesk;

// On the request's day, with the horizon of all targets.
Roster *decisions_roster(Store *store, const Mapping *mapping, const TableRequest *request,
                         GError **error);
// What is wrong with units and groups is no matter of tables and not told.
bool decisions_open(DecisionDesk *desk, const Mapping *mapping, Roster *roster, Findings *findings,
                    GError **error);
void decisions_close(DecisionDesk *desk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DecisionDesk, decisions_close)
bool decisions_watch(const DecisionDesk *desk, const Person *person, WatchFunc func, void *data,
                     GError **error);
// One that asks the table; any for NULL.
Derive *decisions_derive(const DecisionDesk *desk, const Decision *decision);
// Texts that live in the chunk.
const char *decisions_klass(const Mapping *mapping, size_t klass, GStringChunk *texts);
const char *decisions_post(const DecisionDesk *desk, const Post *post, GStringChunk *texts);
ReportTablePerson decisions_person(const DecisionDesk *desk, const Person *person, const Post *post,
                                   GStringChunk *texts);
// A value of the column for people: "010100 総務課", "main 本務"; "" when there is none.
const char *decisions_value(const DecisionDesk *desk, const Decision *decision, size_t condition,
                            const char *value, GStringChunk *texts);
const char *decisions_wants(const Decision *decision, size_t row, GStringChunk *texts);
const char *decisions_header(const Decision *decision, size_t condition);  // "所属" of "条件:所属"
// The table that a class asks by the name `as` (or the path of that file); with NULL the one that a file of
// the list is, the only one there is, or the one with the last part of a file's name. Caller frees.
// EXIT_USAGE with a list of them when that is none.
char *decisions_resolve(const Site *site, const Mapping *mapping, const char *as,
                        const char *const *files, GError **error);
// The mappings with `file` in the place of the table; NULL or the table's own file: as they are.
Mapping *decisions_load(const Site *site, const char *table, const char *file, Findings *findings,
                        GError **error);
// The unit on that day, or the last of that code that ended; NULL if unknown.
const Unit *decisions_unit(const Roster *roster, const char *code);

// ---------------------------------------------------------------------------------------------
// Rights for recertification (rights.c): memberships and assignments that rules give and targets hold.

typedef struct Right {
  const char *target;
  const char *object;  // the member, "account/17"; of an assignment itself, "role/17/KEY"
  const char *group;   // the group's object; "" of an assignment
  const char *klass;   // of the group, or of the assignment
  const char *name;    // the group's key; of an assignment its own
  const char *said;    // as a decision table says it; else `name`
  const char *shown;   // the same for people: "100 総務課" of a unit's code
  uint32_t person;
  const char *number, *label, *account, *stable_id;  // NULL: the person is not in service
  // Codes of the units whose posts give it, present and former ones, the main post's first; empty: none does.
  GPtrArray *units;
  uint32_t unit_id;  // of the first; 0 if unknown
  const char *unit_name;
} Right;

typedef struct Rights {
  GPtrArray *list;  // Right, by number, target and name
  GHashTable *by_person;
  GPtrArray *unread;  // targets that could not be read in full: no right of theirs is in the list
  GStringChunk *texts;
} Rights;

// Reads every target in full.
bool rights_collect(const Site *site, Store *store, Date as_of, Findings *findings, Rights *out,
                    GError **error);
void rights_clear(Rights *rights);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rights, rights_clear)
bool rights_read_of(const Rights *rights, const char *target);
const Right *rights_find(const Rights *rights, uint32_t person, const char *target,
                         const char *object, const char *group);  // NULL: they have it not

// As far as the ledger tells by itself: of a unit's group it has no name, by which rules know it.
Right rights_of(const RestrictionRow *row, GStringChunk *texts);

// Of the right that a restriction takes or is to take: whether the person has a post in the unit that was asked, be it in
// grace, and whether a post in force elsewhere gives it by the rules. That no rule of the unit gives it any more says
// nothing: rules are mistaken at times, and what was taken away would come back with their correction.
typedef struct RightsGiven {
  bool here, elsewhere;
} RightsGiven;
// `person` may be NULL: who is not known has no post.
bool rights_given(const DecisionDesk *desk, const Person *person, const Right *right,
                  const Inquiry *inquiry, RightsGiven *out, GError **error);

// Who is meant by a number, SPACE/NUMBER or login; EXIT_USAGE when nobody or several are (restrictions_told.c).
bool job_person_find(Store *store, const char *text, uint32_t *out, GError **error);
// What a stop takes from a person, class by class; strings live while `func` runs (stop.c).
void stop_restrictions(const Site *site, const Mapping *mapping, uint32_t person,
                       void (*func)(const RestrictionRow *row, void *data), void *data);
// Whose object it is by the mappings; 0 = nobody's (restrictions_told.c).
uint32_t restrictions_person(const Mapping *mapping, const char *target, const char *object);

// ---------------------------------------------------------------------------------------------

// What the desk is asked for: somebody, in one target or all.
typedef struct DeskAsk {
  const char *person;     // as it was typed
  const char *target;     // NULL = all
  const char *requester;  // "" = not said
  const char *why;
  const char *file;  // of a CSV, else NULL
  int64_t line;
} DeskAsk;
// Those of the command line and of the CSV; the faults of its rows are findings, which leave the row out.
bool desk_asks_read(const Site *site, const DeskRequest *request, DeskDone *done, GArray *out,
                    GError **error);

// An account of somebody's, as it was read.
typedef struct DeskAccount {
  const TargetConfig *config;
  const DeskTraits *traits;
  char *object, *dn, *id;
  char *account;      // what is typed to log in
  char *lock, *must;  // values of the traits' attributes; NULL = none
  bool knows_must;    // the target knows the attribute
  Enabled enabled;
  char *protected_by;  // NULL = it may be touched
  bool found;
} DeskAccount;
void desk_account_clear(DeskAccount *account);

// Readers of targets, opened when they are asked for.
typedef struct DeskDoor {
  const TargetConfig *config;
  const GuardConfig *guard;
  Reader *reader;
  Schema *schema;
  GString *fingerprint;
} DeskDoor;
void desk_door_close(DeskDoor *door);
bool desk_door_open(DeskDoor *door, GError **error);
// Looks at the entry with account->id.
bool desk_account_read(DeskDoor *door, DeskAccount *account, GError **error);

// "12,15-20" as JobSpan; NULL with EXIT_USAGE when it is none.
typedef struct JobSpan {
  int64_t from, to;
} JobSpan;
GArray *job_numbers(const char *text, GError **error);
bool job_has_number(const GArray *spans, int64_t number);

// The file in which the desk and a night's run keep off each other from one object; caller frees.
char *job_object_locks(const Site *site);

// ---------------------------------------------------------------------------------------------
// Licences (licences.c): counted while a plan is made, told in its notes and its findings.

void site_read_licences(Site *site, const YamlNode *root, Findings *findings);

typedef struct Licences Licences;
Licences *licences_new(const Site *site);
void licences_free(Licences *licences);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Licences, licences_free)
void licences_watch(Licences *licences, PlannerTarget *target);
void licences_finish(Licences *licences, PlannerSetup *setup);
void licences_tell(const Licences *licences, Findings *findings);
GArray *licences_seats(Licences *licences);  // TallySeats; the caller's
// ---------------------------------------------------------------------------------------------
// A scheduled run: what is kept of it while it goes on, and what leaves idou when it is over.

// run_record.c

typedef struct RunRecord {
  ReportRun run;
  GHashTable *index;  // of run.counts
  GHashTable *
      goes;  // run -> numbers of its operations that had ended before this job; of one it goes on with again
  GHashTable *noted;  // findings of no file: one that is tried again and again is told once
  GStringChunk *texts;
  int64_t began_us;  // of the monotonic clock: the other one is set
  Date as_of;        // of the last plan; DATE_NONE
  const char *
      said;  // mark of what the job's last letter said, and when; NULL = the run before had none to write
  Instant told;
  bool letters;  // steps that are more than sending letters were done
} RunRecord;

// `job` is the path of its file.
RunRecord *run_record_new(const char *job);
void run_record_free(RunRecord *record);
void run_record_step(RunRecord *record, const ReportRunStep *step);
void run_record_findings(RunRecord *record, const Findings *findings);
// In place of what was planned before.
void run_record_planned(RunRecord *record, const Planned *planned, const char *path);
void run_record_unplan(RunRecord *record);  // nothing comes of it

void run_record_audit(RunRecord *record, const Site *site);  // its head, as it is now
void run_record_said(RunRecord *record, const char *said, Instant told);

// A plan that is being applied: what of it was done before does not count again. For ApplyWatch, as its data.
typedef struct RunApplying {
  RunRecord *record;
  const char *path;   // of the plan
  int64_t run;        // that it goes on with; 0 = none
  GHashTable *ended;  // numbers of its operations that had ended
} RunApplying;
void run_record_begins(const Plan *plan, Store *store, void *applying);
void run_record_applied(const Plan *plan, Store *store, const ApplyReport *report, void *applying);
void run_applying_clear(RunApplying *applying);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunApplying, run_applying_clear)
void run_record_end(RunRecord *record, ExitCode exit, const char *fault);

// run_mail.c

// Queues the letters of the run. What cannot be is told in `out`, and changes nothing.
void run_mail_queue(const Site *site, RunRecord *record, GString *out);
// Sends what waits. False, with the reason told, only when nothing can be sent for want of settings or of the queue.
bool run_mail_send(const Site *site, volatile const int *interrupted, MailSent *sent, GString *out);

// run_progress.c: into the status, when a run is at work.
void job_progress(const Site *site, Store *store, ReportStatus *status);

// run_status.c

// Held for as long as a run of the job is at work: whoever reads the status file can tell one that was killed.
typedef struct RunMark {
  Latches *latches;  // NULL: there is no status file, or another run of this job is at work
} RunMark;

// A run is further than the file says: it is written again, so that whoever watches sees when it will be done.
typedef struct RunNoted {
  const Site *site;
  RunRecord *record;
  const RunMark *mark;
} RunNoted;
void run_status_note(void *noted);
// Notes that it is running, and in the record whether the one before came to its end. What goes wrong is logged.
void run_status_begin(const Site *site, RunRecord *record, RunMark *mark);
// Status file and metrics; the line for journald or syslog.
void run_status_end(const Site *site, const RunRecord *record, RunMark *mark);

// run_journal.c: one line. `socket`: journald's; when it is the system's and not there, syslog's is tried.
void run_journal(const char *socket, const ReportRun *run);

// ---------------------------------------------------------------------------------------------
// The site's rules for reports (reports.c): each NULL where there are none, or they have faults (findings).

typedef struct SiteRules {
  Mapping *mapping;
  Dormant *dormant;
} SiteRules;
void rules_load(const Site *site, Findings *findings, SiteRules *out);
void rules_clear(SiteRules *rules);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SiteRules, rules_clear)

// addresses.c
void job_mail_of_operators(const Site *site, GPtrArray *out);  // adds char *
// Queues the letter to these (char *; gets its NULL here), if there are any; a line for people when it is new.
bool job_mail_letter(const Site *site, Letter *letter, GPtrArray *to, GString *told,
                     GError **error);

#endif
