// SPDX-License-Identifier: GPL-3.0-or-later
//
// job: the only place that knows all stages. The site's configuration, the spool, and the whole way from
// HR's files to an applied plan; commands and scheduled runs are thin around it.
#ifndef IDOU_JOB_H
#define IDOU_JOB_H

#include <idou/audit.h>
#include <idou/bundle.h>
#include <idou/dormant.h>
#include <idou/inquiry.h>
#include <idou/mail.h>
#include <idou/notice.h>
#include <idou/planner.h>
#include <idou/report.h>
#include <idou/seal.h>
#include <idou/undo.h>

// ---------------------------------------------------------------------------------------------
// The site: idou.yaml. docs/site.md is the reference. Paths are relative to the file's folder.

typedef struct Spool {
  const char *incoming;         // folder HR delivers into; NULL = none
  const char *done, *rejected;  // folders taken and rejected files are moved to
  const char *const
      *owners;         // user names whose files are taken, NULL-terminated; NULL = ours and root
  int settle_seconds;  // a file without manifest must not have changed for this long
  bool manifest;       // only files with NAME.sha256 are ready
} Spool;

// A network that must not meet ours: bundles are made for it. docs/segments.md.
typedef struct SiteSegment {
  const char *name;
  const char *sign;  // path of our secret key for it
  const char
      *receipts;        // path of the public key of the other side; NULL = receipts cannot be taken
  const char *bundles;  // folder in which they are kept
  int expires_days;
} SiteSegment;

// This site is in such a network: what is wanted comes in bundles.
typedef struct SiteHere {
  const char *name;      // NULL = it is not
  const char *from;      // path of the public key by which bundles are signed
  const char *sign;      // path of our secret key, for receipts
  const char *receipts;  // folder for them
} SiteHere;

// What units and operators are asked, and how they answer. docs/inquiry.md.
typedef struct SiteInquiry {
  Spool replies;      // incoming NULL = lists are taken by hand only
  const char *out;    // folder for the lists; NULL = they are only shown
  bool cp932;         // their encoding
  const char *names;  // path of a CSV of what people call rights; NULL
  int keep_days;      // a keep may be answered for so many days from the day of asking
  int remind_days, escalate_days;
} SiteInquiry;
// Whom the site's letters go to. docs/mail.md.
typedef enum MailWhen { MAIL_ALWAYS, MAIL_CHANGES, MAIL_PROBLEMS } MailWhen;

typedef struct SiteMailUnit {
  const char *code;
  const char *const *to;  // NULL-terminated
} SiteMailUnit;

typedef struct SiteMail {
  MailConfig config;
  const char *const *operators;  // NULL-terminated
  MailWhen when;                 // a run's letter to them
  int repeat_hours;  // one that would say the same as the last is written again after so long
  GArray *units;     // SiteMailUnit
  const char *
      heads;  // template of the address of a unit's head, by the fields of the ledger; NULL = heads get none
  const char *people;  // likewise of anybody; NULL
} SiteMail;

// A job of which a good end must not be longer ago.
typedef struct SiteExpected {
  const char *job;
  int hours;
} SiteExpected;

// What is looked at before a run, and from when on it is a fault. docs/doctor.md.
typedef struct SiteBackup {
  const char *of;    // name of a target; NULL = the ledger
  const char *path;  // a pattern: the newest file that fits is the last backup
  int hours;
} SiteBackup;

typedef struct SiteDoctor {
  int64_t disk_bytes;          // that must be free
  int clock_s;                 // so far may two clocks be apart
  int certificate_days;        // a certificate that ends earlier is told of
  int secret_days;             // a secret's file that is older is told of; 0 = never
  GArray *backups;             // SiteBackup
  const char *const *without;  // targets that a run can do without; NULL-terminated, NULL = none
} SiteDoctor;
// The audit record, and where its head goes. docs/audit.md.
typedef enum AuditLooks { LOOKS_UNNOTED, LOOKS_NOTED, LOOKS_REQUIRED } AuditLooks;

typedef struct SiteAudit {
  const char *socket;  // takes a line with the head; NULL = none does
  bool each;           // after each act; else at the end of a run only
  bool mail;           // the run's letter has it
  AuditLooks looks;    // looks at people and reasons: REQUIRED = refused where they cannot be noted
  int keep_days;       // rows are purged after; 0 = never
  bool exported;       // only what was exported
} SiteAudit;
// What stands on the paper by which a plan is approved.
typedef struct SitePaper {
  const char *title;          // 件名; NULL = the usual one
  const char *const *stamps;  // boxes for seals; NULL-terminated, or NULL = none
  const char *const *
      groups;  // patterns of groups that stand for power; NULL-terminated, or NULL = the usual ones
} SitePaper;

// Whose folders are measured.
typedef struct SiteCapacity {
  const char *target;
  const char *below;  // of each folder in this one; "" = of the share's own
} SiteCapacity;

typedef struct Site {
  Yaml *yaml;
  const char *folder;
  const char *store;         // path of the ledger
  const char *mappings;      // folder
  const char *plans;         // folder plans are kept in
  double shrink_percent;     // for rosters
  int keep_rows_days;        // raw rows are purged after; 0 = never
  ApprovalRules *approvals;  // how plans are approved; NULL = by anybody's word
  Passwords *passwords;      // how they are made and sealed; NULL = nobody learns them
  Spool spool;
  SiteInquiry inquiry;
  Gaiji *gaiji;
  Layout **layouts;        // NULL-terminated
  TargetConfig **targets;  // NULL-terminated
  GuardConfig **guards;    // by index of targets
  TargetConfig **apart;    // those in other segments, NULL-terminated: never opened here
  GArray *segments;        // SiteSegment
  GArray *licences;        // TallyLicence
  GArray *capacities;      // SiteCapacity
  const char *reports;     // folder for monthly reports; NULL = none are kept
  SiteHere here;
  const char *dormant;  // path of dormant.yaml; NULL = nobody's use is looked at
  SiteMail *mail;       // NULL = no letters
  const char *status;   // path of the status file; NULL = none
  const char *metrics;  // path of the metrics; NULL
  const char *journal;  // socket that takes a line at a run's end; NULL = none does
  GArray *expected;     // SiteExpected
  PlannerNight night;
  SiteDoctor doctor;
  SiteAudit audit;
  SitePaper paper;
  const char *const
      *counters;  // codes of units with counters (窓口); NULL-terminated, or NULL = none are named
  GPtrArray *strings;
  GPtrArray *profiles;               // GuardProfile
  const GuardProfile *profile;       // in force for what is planned and applied; NULL = none said
  const char *const *override_only;  // checks that only an override lifts; NULL
} Site;

// Faults are findings; NULL when there are any of level error, or the file cannot be read.
Site *site_load(const char *path, Findings *findings, GError **error);
void site_free(Site *site);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Site, site_free)
// The profile of the name (NULL in *out: normal, of which nothing is said); EXIT_USAGE when there is none.
bool site_profile(const Site *site, const char *name, const GuardProfile **out, GError **error);
// From now on it is in force; NULL leaves all as it is.
bool site_choose_profile(Site *site, const char *name, GError **error);
// The layout a file of this name is for: named, else by its glob. NULL if none or more than one.
const Layout *site_layout(const Site *site, const char *name, const char *file);

// NULL when there is none of the name.
const SiteSegment *site_segment(const Site *site, const char *name);
// That targets in other segments are left out, and which.
void site_note_apart(const Site *site, Findings *findings);

// Names of the policies for passwords, NULL last; NULL when the site has none. The array borrows them.
GPtrArray *site_policies(const Site *site);
// NULL when the site sends no letters; mail_queue() takes that, too.
const MailConfig *site_mail(const Site *site);
// Each target from now on asks the server that was written to lately, as the store remembers. To be called before a
// reader or writer is opened.
void site_servers(const Site *site, Store *store);

// The ledger to write to, of which the site's log is told the head of the audit record after each act.
Store *site_ledger(const Site *site, GError **error);

// Names of the fields that some layout fills, NULL last: what mappings may ask for. The array borrows them.
GPtrArray *site_fields(const Site *site);

// ---------------------------------------------------------------------------------------------
// Intake.

// A file and how it comes.
typedef struct IntakeSource {
  const char *path;
  const char *name;  // as HR sent it; NULL = the last part of the path
  const Layout *layout;
  bool is_copy;  // nobody but us can write to it
  GString
      *returns;  // takes the table of findings for HR, in the layout's encoding; NULL = not wanted
} IntakeSource;

bool job_intake_source(const Site *site, Store *store, const IntakeSource *source,
                       Findings *findings, IntakeReceipt *receipt, GError **error);
// One file. Findings are added; the receipt says what became of it.
bool job_intake_file(const Site *site, Store *store, const char *path, const Layout *layout,
                     Findings *findings, IntakeReceipt *receipt, GError **error);

// One intake at a time: a descriptor to close when it is over; -1 and EXIT_LOCKED when another is at work.
int job_intake_lock(const Site *site, GError **error);

// Takes that lock, and opens the ledger only then: another intake may be making it, or writing to it for longer than
// anybody waits. Everything ready in the spool, in order of layout kind (units, roster, orders) then name. Each file is
// archived or set aside with a receipt NAME.receipt.txt and, where there are findings, NAME.findings.csv. A file that may not be taken (link, owner,
// being written) is a finding or left alone. Worst exit code in *exit. Lines for people go to `out`.
bool job_intake_spool(const Site *site, GString *out, ExitCode *exit, GError **error);

// ---------------------------------------------------------------------------------------------
// Inquiries: lists that units and operators answer.

// The last day that may be answered as the end of a keep, of what is asked on that day.
Date site_keep_limit(const Site *site, Date asked);
// The list as it goes out, to the site's folder: UNIT-ID.csv and UNIT-ID.html (operators-ID of theirs). Without a folder
// nothing is written. `told` takes a line for each file.
bool job_inquiry_write(const Site *site, Store *store, int64_t inquiry, GString *told,
                       GError **error);
// Only if it is not there and something of it is open: whoever asked may have been cut short before.
bool job_inquiry_write_missing(const Site *site, Store *store, int64_t inquiry, GString *told,
                               GError **error);
// Lists named by hand. Worst exit code in *exit; lines for people go to `out`.
typedef struct RepliesRequest {
  const char *const *paths;  // NULL-terminated
  const char *who;           // who answers where a row does not say it; NULL
  const char *unit;          // whose answers they may hold; NULL = that of their first row
} RepliesRequest;
bool job_inquiry_take(const Site *site, const RepliesRequest *request, GString *out, ExitCode *exit,
                      GError **error);
// Letters to units that are asked which rights they need, once for each list, and to those that are late with any list; to the
// operators when they are so for long. Without mail, none. Who is late is a finding; `out` takes a line for each letter.
bool job_inquiry_tell(const Site *site, Findings *findings, GString *out, GError **error);
// Everything ready in the folder for replies; each file is archived or set aside with a receipt. Without a folder, nothing.
// What is answered in part, or not at all, is REJECTED.
bool job_inquiry_spool(const Site *site, GString *out, ExitCode *exit, GError **error);

// ---------------------------------------------------------------------------------------------
// Planning: never writes to a target, nor to the store.

typedef struct PlanRequest {
  Date as_of;
  Instant at;               // a moment of that day; 0 = as the planner takes the day
  Instant known_at;         // INSTANT_OPEN = all
  bool embargoed;           // also what an embargo hides: a what-if
  const char *const *with;  // files overlaid on a copy of the store: a what-if; NULL
  const char *with_layout;  // name of the layout to read them by; NULL = by their names
  bool first_run;           // an empty target is expected
  const char *approval;     // path; NULL = none
  const char *bundle;  // path: what is wanted comes from there; days and knowledge are the bundle's
  const PlannerSurvey *survey;  // told of all that is read; NULL
  const GArray *
      restrictions;  // Restriction, new and lifted: only what comes of these is planned; NULL = all else
  const char *by;  // who makes it, for its envelope; NULL = not said
} PlanRequest;

typedef struct Planned {
  Plan *plan;
  Approvals *approvals;  // that came with the bundle, for this plan; NULL = none
  GuardVerdict *verdict;
  GArray
      *seats;  // TallySeats of the site's licences, as far as their targets were read in full; NULL
  Findings *findings;
  ExitCode exit;  // DONE (empty), PENDING, HELD, REJECTED (people left out) …
} Planned;

bool job_plan(const Site *site, const PlanRequest *request, Planned *out, GError **error);
void planned_clear(Planned *planned);
// Writes the plan, and beside it the approval that came with its bundle; one that somebody gave stays.
bool planned_write(const Planned *planned, const char *path, GError **error);
// Notes in the audit record that it was saved there, where the ledger can be written to.
void planned_note(const Site *site, const Planned *planned, const char *path);
// "PLANS/2027-04-01-1a2b3c4d.plan"; caller frees.
char *job_plan_path(const Site *site, const Plan *plan);

// Restrictions that stand, of one target or (NULL) of all, oldest first. Strings live until restrictions_told_clear.
typedef struct RestrictionsTold {
  GArray *list;  // ReportRestriction
  GStringChunk *texts;
} RestrictionsTold;
bool job_restrictions_told(const Site *site, const char *target, RestrictionsTold *out,
                           GError **error);
void restrictions_told_clear(RestrictionsTold *told);
// Appends the objects ("account/17") that people have in the target by its mappings, of classes for people. Each is told
// by number, SPACE/NUMBER or login; EXIT_USAGE when that is not one person. NULL-terminated.
bool job_person_objects(const Site *site, const char *const *people, const char *target,
                        GPtrArray *objects, GError **error);

// ---------------------------------------------------------------------------------------------
// What targets hold that the records do not explain. Looking writes nowhere.

typedef struct OrphansRequest {
  Date as_of;
  const char *target;  // NULL = all
  bool many;           // more of nobody's than of ours is right
} OrphansRequest;

typedef struct OrphansFound {
  OrphanList *list;
  Findings *findings;
  OrphanSurvey *survey;
  ExitCode exit;  // UNREAD, HELD: of some target nothing is listed
} OrphansFound;

bool job_orphans(const Site *site, const OrphansRequest *request, OrphansFound *out,
                 GError **error);
void orphans_found_clear(OrphansFound *found);

typedef struct OrphansDecide {
  const char *const *objects;  // as the list calls them, or their DNs; NULL-terminated
  const char *target;          // NULL = whichever has them
  OrphanDeed deed;
  Date until;  // of a keep: the first day on which it does not count
  const char *who, *reason;
} OrphansDecide;

// Appends Restriction for a plan of them. EXIT_USAGE when one is not in the list, or not to be decided so. Borrows.
bool job_orphans_restrict(const OrphansFound *found, const OrphansDecide *decide, GArray *out,
                          GError **error);
// All are kept, or none.
bool job_orphans_keep(const Site *site, const OrphansFound *found, const OrphansDecide *decide,
                      GError **error);

typedef struct OrphansAsk {
  const char *title, *who;
  Date due;
} OrphansAsk;
// An inquiry to the operators, of all that can be decided and is not.
bool job_orphans_ask(const Site *site, const OrphansFound *found, const OrphansAsk *ask,
                     InquiryAsked *out, GError **error);
// Appends what was answered and is not in force. What cannot be planned is a finding.
bool job_orphans_answers(const Site *site, OrphansFound *found, GArray *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Dormant accounts: judged, and a plan made of what comes of it. Writes nowhere.

typedef struct DormantRequest {
  Date as_of;
  const char *person;  // number, SPACE/NUMBER or login: listed whatever becomes of them; NULL
  bool judge_only;     // without a plan
  bool first_run;
  const char *approval;  // path; NULL = none
} DormantRequest;

typedef struct DormantDone {
  Dormant *dormant;
  Mapping *mapping;
  Store *store;
  uint32_t person;  // who was asked for; 0
  DormantReport report;
  Planned planned;  // .plan NULL: nothing is to be done
  Findings *findings;
  ExitCode exit;  // UNREAD: a source that a policy needs does not stand well; else as of the plan
} DormantDone;

// `out` is to be cleared in any case.
bool job_dormant(const Site *site, const DormantRequest *request, DormantDone *out, GError **error);
void dormant_done_clear(DormantDone *done);
// Remembers when accounts of nobody, never used, were seen first.
bool job_dormant_seen(const Site *site, const DormantReport *report, GError **error);

// Those concerned are told what entered a stage since they were told last: lists to units and letters, as dormant.yaml
// has it. Once. Lines for people go to `out`.
bool job_dormant_tell(const Site *site, const DormantDone *done, GString *out, GError **error);

// Somebody answers for accounts until a day.
typedef struct DormantClaim {
  const char *whom;    // somebody, or an object ("account/17", "orphan/ID")
  const char *target;  // NULL = in all that policies speak of
  Date until;          // counts before this day
  const char *who, *reason;
} DormantClaim;

typedef struct DormantClaimed {
  size_t n;
  GString *told;  // a line for each
  Findings *findings;
} DormantClaimed;

bool job_dormant_claim(const Site *site, const DormantClaim *claim, DormantClaimed *out,
                       GError **error);
void dormant_claimed_clear(DormantClaimed *claimed);

// ---------------------------------------------------------------------------------------------
// Recertification (権限棚卸): units say which rights are still needed. docs/recertification.md.

typedef struct RecertifyRequest {
  const char *const *units;    // codes, NULL-terminated; NULL = all
  const char *const *targets;  // NULL-terminated; NULL = all
  Date as_of;
  Date due;
  const char *title;  // of the round; NULL = by the year of `due`
  const char *who;
} RecertifyRequest;

typedef struct RecertifyStarted {
  size_t n_lists, n_asked;
  size_t n_open;      // asked before and open still
  size_t n_answered;  // in this round
  GString *told;      // lines for people
  Findings *findings;
  ExitCode exit;  // UNREAD when a target could not be read: it is not asked about
} RecertifyStarted;

// Reads every target in full; then asks each unit, a list at a time. What was asked or answered in this round is not asked
// again, so that one that was cut short is simply started again. `out` is to be cleared in any case.
bool job_recertify_start(const Site *site, const RecertifyRequest *request, RecertifyStarted *out,
                         GError **error);
void recertify_started_clear(RecertifyStarted *started);

// A removal that is not to be carried out: the person is not in the unit any more, or another unit's post gives the right.
typedef struct RecertifyMoot {
  int64_t inquiry, n;
  const char *why;  // static
} RecertifyMoot;

typedef struct RecertifyPlanned {
  Planned planned;  // only when `any`
  bool any;         // something is to be taken away, or given back
  GArray *moot;     // RecertifyMoot
  Findings *findings;
  ExitCode exit;
} RecertifyPlanned;

// Of removals that are not in force, and of what was taken away for a unit in which the person is no more. Writes nothing; `out`
// is to be cleared in any case.
// A list of which a unit needs nothing at all is a mistake until somebody says that it is meant (`everything`).
bool job_recertify_plan(const Site *site, Date as_of, bool everything, RecertifyPlanned *out,
                        GError **error);
// What is moot is closed, so that it is told once: by who applies, not by a plan to look at.
bool job_recertify_close(const Site *site, const RecertifyPlanned *planned, const char *who,
                         GError **error);
void recertify_planned_clear(RecertifyPlanned *planned);

// ---------------------------------------------------------------------------------------------
// Decision tables: reads site, mappings and ledger, and no target.

typedef struct TableRequest {
  const char *path;  // of the table, below the mappings; NULL = all that some class asks
  const char *file;  // read in its place: a draft; NULL = the table itself
  Date as_of;
  bool embargoed;   // also what an embargo hides
  unsigned n_some;  // how many people are named as examples
} TableRequest;

// EXIT_USAGE when something is wrong with the tables on that day, EXIT_REJECTED when people could not be
// judged; the findings say what. People are streamed.
typedef struct TableChecked {
  GPtrArray *checks;  // ReportTableCheck
  Findings *findings;
  ExitCode exit;
  GStringChunk *texts;
} TableChecked;

bool job_table_check(const Site *site, const TableRequest *request, TableChecked *out,
                     GError **error);
void table_checked_clear(TableChecked *checked);

typedef struct TableTried {
  ReportTableTry report;
  Findings *findings;  // of the person
  GStringChunk *texts;
} TableTried;

// `number` is an employee number in any namespace; EXIT_USAGE when nobody has or had it.
bool job_table_try(const Site *site, const char *number, const TableRequest *request,
                   TableTried *out, GError **error);
void table_tried_clear(TableTried *tried);

typedef struct TableCompared {
  ReportTableCompare report;
  Findings *findings;
  ExitCode exit;  // PENDING when somebody gains or loses
  GStringChunk *texts;
} TableCompared;

// Both files in the place of one table: the one that a class asks by the request's path; without that the one
// that either file is, or has the name of, or the only one there is.
bool job_table_compare(const Site *site, const char *const files[2], const TableRequest *request,
                       TableCompared *out, GError **error);
void table_compared_clear(TableCompared *compared);

// ---------------------------------------------------------------------------------------------
// Applying. Takes the site's lock: EXIT_LOCKED when another run has it.

// What came of operations that were only sent.
typedef struct ReceiptsDone {
  ApplyReceipts taken;
  bool any;       // some target gives receipts
  ExitCode exit;  // FAILED: a product did not take something; UNREAD: receipts that cannot be read
} ReceiptsDone;
void receipts_done_clear(ReceiptsDone *done);

// ---------------------------------------------------------------------------------------------
// Approving. docs/approval.md. `site` may be NULL: then no rules of it are known, and nothing is noted.

typedef struct ApproveRequest {
  const char *plan_path;
  const char *output;  // path of the file; NULL = PLAN.approval
  const char *who, *ref, *reason;
  const char *const *allows;    // NULL = all
  const char *only, *except;    // as plan_choose has them; NULL
  Instant not_before, expires;  // INSTANT_NONE = at once, and as long as is usual
  const char *key;              // path of a signing key; NULL = it is not signed
  const Secret *passphrase;     // … of that; NULL = it has none
} ApproveRequest;

// Adds somebody's word. Lines for people go to `out`: what it covers, what the guards would hold with and without it, and what is
// lacking. *enough: no more is needed.
bool job_approve(const Site *site, const ApproveRequest *request, GString *out, bool *enough,
                 GError **error);
bool job_approve_list(const Site *site, const ApproveRequest *request, GString *out, bool *enough,
                      GError **error);
// What `who` said of the plan; *n entries.
bool job_approve_withdraw(const Site *site, const ApproveRequest *request, size_t *n,
                          GError **error);

// For whoever keeps an account of it, so that a large plan is read once. Both are called under the site's lock, the second
// also when it was cut short; neither when it did not begin.
typedef struct ApplyWatch {
  void (*begins)(const Plan *plan, Store *store,
                 void *data);  // the journal knows nothing of it yet
  void (*ended)(const Plan *plan, Store *store, const ApplyReport *report, void *data);
  void *data;
} ApplyWatch;

typedef struct ApplyRequest {
  const char *plan_path;
  const char *approval;       // path; NULL = PLAN.approval if that exists
  const char *only, *except;  // for plan_choose
  bool first_run;
  ReceiptsDone
      *receipts;  // these are taken in first; to be cleared in any case. NULL = they were already
  GString *told;  // takes lines for people: where the receipt of a bundle is, and its code; NULL
  const ApplyWatch *watch;  // NULL
  volatile const int *interrupted;
  bool goes_on;        // with what a run of the plan began with: `only` and `except` are NULL
  const char *who;     // who applies; NULL = the process's user
  PlanChoice *choice;  // what was chosen and left out; to be cleared in any case. NULL = not wanted
  Timer *timer;        // when nothing more may be begun; NULL = whenever it is done
  void (*passes)(void *data);  // as ApplySetup has it
  void *passes_data;
} ApplyRequest;

// The site's targets in which what a person gets goes as one, for plan_choice: NULL last; the array borrows them.
GPtrArray *site_together(const Site *site);

// Begins the timer: until "06:30", the next such moment, or a whole instant; NULL = without end. EXIT_USAGE when it is
// neither, or is over.
bool job_until(const char *text, Timer *out, GError **error);

// Reads the plan once, asks the guards again, applies what is due, remembers the populations.
bool job_apply(const Site *site, const ApplyRequest *request, ApplyReport *report, GError **error);
// ---------------------------------------------------------------------------------------------
// Overrides: a class of what guards hold is lifted for one plan and one run, when two different people say so.

typedef struct OverrideRequest {
  const char *plan_path;
  char **allows;  // classes: "ldap/disable", "ldap/fingerprint", "date"; NULL-terminated
  const char *who, *reason;
  const char *ref;  // number of the decision; NULL
  Instant expires;
  const Signer *signer;  // NULL = not signed
} OverrideRequest;

// Adds it to PLAN.approval. *n_people: so many different people override the first class now.
bool job_override(const Site *site, const OverrideRequest *request, unsigned *n_people,
                  GError **error);

// Before anything of a run is looked up: a ledger of an earlier version is brought up to date, which only writers do.
bool job_ledger_ready(const Site *site, GError **error);
// The last run that is not finished; its plan's path (caller frees) or NULL when nothing is due.
bool job_resume_path(const Site *site, char **plan_path, GError **error);

// ---------------------------------------------------------------------------------------------
// Whether a run may begin: docs/doctor.md. Reads everywhere; writes a note of its own into the ledger, which shows that it
// can be written to, and when a clock was set back.

typedef struct DoctorRequest {
  Date as_of;           // the day that the run is for
  bool clock_is_right;  // it was wrong when idou was at work last, says …
  const char *who;      // … this one; NULL = the process's user
} DoctorRequest;

typedef struct DoctorDone {
  GArray *checks;  // ReportCheck
  GStringChunk *texts;
  ExitCode exit;  // HELD: no go
} DoctorDone;

// `out` is to be cleared in any case.
void job_doctor(const Site *site, const DoctorRequest *request, DoctorDone *out);
void doctor_done_clear(DoctorDone *done);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DoctorDone, doctor_done_clear)
// The site that a job's file names, as a path; caller frees. Faults of the file are findings.
char *job_site_of(const char *path, Findings *findings, GError **error);
// Layouts and mappings against one another and, with `targets`, against each target's own schema.
bool job_check(const Site *site, bool targets, Findings *findings, GError **error);

// ---------------------------------------------------------------------------------------------
// Receipts.

// Looks at each target that gives some, and notes in the journal what they tell, under the site's lock. One target
// whose receipts cannot be read does not keep those of others out: it is a finding.
bool job_receipts_take(const Site *site, ReceiptsDone *out, GError **error);

// What is awaited, by run and number; of one target, or of all for NULL. Strings are borrowed until `func` returns.
typedef void (*JobAwaitedFunc)(const ReportAwaited *awaited, void *data);
bool job_receipts_each(const Site *site, Store *store, const char *target, JobAwaitedFunc func,
                       void *data, GError **error);

typedef struct SettleRequest {
  const char *const
      *numbers;      // "17-3": operation 3 of run 17; "17": all that run 17 awaits; NULL-terminated
  const char *file;  // path of a CSV with more of them; NULL
  const char *target;     // only of this target; NULL = of any
  OutcomeKind kind;       // DONE or FAILED; UNKNOWN = the rows of the CSV say it
  const char *who, *why;  // for the journal; the rows of the CSV may say it, too
} SettleRequest;

// Somebody says what became of them. All or, with EXIT_USAGE, none: when one is not awaited, or a row says too little.
bool job_receipts_settle(const Site *site, const SettleRequest *request, ReceiptsDone *out,
                         GError **error);

// ---------------------------------------------------------------------------------------------
// One person. Reads the ledger, and of the targets what concerns them; writes nowhere.

typedef struct WhoRequest {
  const char *text;  // number, SPACE/NUMBER, login or name
  Date as_of;
  Instant known_at;  // INSTANT_NONE = now; OPEN = with what an embargo hides
  bool no_targets;   // what targets hold is not asked
} WhoRequest;

typedef struct WhoAnswer {
  Who *who;       // NULL unless the text names one person
  WhoList *list;  // whom it may mean
} WhoAnswer;

bool job_who(const Site *site, const WhoRequest *request, Findings *findings, WhoAnswer *out,
             GError **error);
void who_answer_clear(WhoAnswer *answer);

// ---------------------------------------------------------------------------------------------
// Evidence of last use, and who does not use their accounts.

// The site's dormant.yaml; its faults are findings. NULL with EXIT_USAGE when the site names none.
Dormant *job_dormant_load(const Site *site, Findings *findings, GError **error);
// Sources of it that are read: one by its name, all for NULL. How each stands afterwards, the ledger knows. One that cannot
// be believed is a finding, and EXIT_UNREAD in `out`, no error. EXIT_LOCKED when another collects.
bool job_evidence(const Site *site, const char *only, Findings *findings, EvidenceDone *out,
                  GError **error);
// Forgets what the source told, and that it was ever read.
bool job_evidence_forget(const Site *site, const char *source, GError **error);

// ---------------------------------------------------------------------------------------------
// Sealed passwords: the notices of the operator, who has the key.

typedef struct SealChoice {
  int64_t run;          // of this run only; 0 = of any
  Instant since;        // made since then; INSTANT_NONE
  const char *numbers;  // "12,15-20": these; NULL
  bool again;           // also those that were printed before; of `numbers` always
} SealChoice;

typedef struct NoticesRequest {
  SealChoice choice;
  const char *key;           // path of the private key
  const Secret *passphrase;  // NULL unless the key is locked
  const char *output;        // path of the PDF
  bool force;                // over a file that is there
  const char *who;           // who prints, for the journal
} NoticesRequest;

typedef struct NoticesDone {
  size_t n_notices, n_pages;
  Findings *findings;  // what was left out
  ExitCode exit;       // FAILED when something that was asked for is not printed
} NoticesDone;

// The journal has the numbers, who and when before the file is there, so that there is no paper that nobody knows of.
bool job_notices(const Site *site, const NoticesRequest *request, NoticesDone *out, GError **error);
void notices_done_clear(NoticesDone *done);
// Calls `func` for each seal of the choice, whatever became of it.
bool job_seals_each(Store *store, const SealChoice *choice, StoreSealFunc func, void *data,
                    GError **error);
// These were handed over: what is sealed is overwritten. *n_seals: of so many.
bool job_seals_handed(Store *store, const char *numbers, const char *who, size_t *n_seals,
                      GError **error);

// ---------------------------------------------------------------------------------------------
// The service desk: accounts that wrong passwords locked, and passwords that were forgotten. By a small plan of its own
// through guard, apply and journal, with the target's `desk` account, while a night's run may be under way: only the
// accounts that are worked on are locked.

typedef enum DeskDeed { DESK_UNLOCK, DESK_RESET, DESK_N_DEEDS } DeskDeed;

typedef struct DeskRequest {
  DeskDeed deed;
  const char *const *people;  // numbers, SPACE/NUMBER or logins; NULL-terminated
  const char *requests;       // path of a CSV with more of them; NULL
  const char *target;         // NULL = every target that has an account of theirs
  const char *who, *why;      // for the journal; `why` NULL: each row of the CSV says it
  volatile const int *interrupted;
} DeskRequest;

typedef struct DeskResult {
  const char *label, *target, *account;
  const char *state;  // as the journal has it ("done"), "nothing" or "refused"
  const char *detail;
  int64_t seal;  // 封緘番号 of the new password; 0 = none
} DeskResult;

typedef struct DeskDone {
  GArray *results;     // DeskResult
  Findings *findings;  // what was wrong with requests
  ExitCode exit;
  GStringChunk *texts;
} DeskDone;

bool job_desk(const Site *site, const DeskRequest *request, DeskDone *out, GError **error);
void desk_done_clear(DeskDone *done);

// ---------------------------------------------------------------------------------------------
// Holding somebody or something as it is.

typedef struct HoldRequest {
  const char *what;  // a person's number or SPACE/NUMBER, an object, a target
  const char *kind;  // which of them; NULL = as far as that is clear
  const char *who, *reason;
  Date until;  // it stands before this day; DATE_OPEN
} HoldRequest;

typedef struct HoldPlaced {
  int64_t number;
  const char *kind;  // static
  bool stood;        // the same stood already: nothing new was written
} HoldPlaced;

// EXIT_USAGE for what nobody knows, or what may be one or the other.
bool job_hold(const Site *site, Store *store, const HoldRequest *request, HoldPlaced *out,
              GError **error);

typedef struct ReleaseWhat {
  int64_t hold;  // a hold of this number, or …
  bool stop;     // … the stop of that person
} ReleaseWhat;

// EXIT_USAGE when nothing stands by that name, or two things do. `kind`: "hold", "stop"; NULL = either.
bool job_release_what(Store *store, const char *what, const char *kind, ReleaseWhat *out,
                      GError **error);
bool job_hold_release(Store *store, int64_t id, const char *who, const char *why, GError **error);
// All that the plan of this run, one of undoing, placed and that stand, or none of them. `n`: how many.
bool job_holds_release_run(Store *store, int64_t run, const char *who, const char *why, size_t *n,
                           GError **error);
// The entry of an object is gone for good: the next plan may make a new one. EXIT_USAGE: it is not bound there.
bool job_binding_release(Store *store, const char *target, const char *object, const char *who,
                         GError **error);
// Those that stand, with their reasons: that somebody looked is noted first.
bool job_holds_reasons(Store *store, const char *who, StoreHoldFunc func, void *data,
                       GError **error);

// ---------------------------------------------------------------------------------------------
// Stopping somebody everywhere at once. It stands in the ledger before anything is sent, is stronger than limits and holds
// (but for a target's), and does not wait for a night's run, which heeds it.

typedef struct StopRequest {
  const char *person;  // number, SPACE/NUMBER or login
  const char *who, *reason;
  Date until;  // it stands before this day; DATE_OPEN
  bool apply;  // of a release: what they get back is given at once; else by the next run
  volatile const int *interrupted;
} StopRequest;

typedef struct StopDone {
  int64_t number;     // of the stop
  bool stood;         // it was said before: nothing new was written
  const char *label;  // employee number
  const char *who;    // who said so; of a release, who had
  Instant since;
  Date until;
  DeskDone desk;  // what became of each account
} StopDone;

bool job_stop(const Site *site, const StopRequest *request, StopDone *out, GError **error);
// EXIT_USAGE when the person is not stopped.
bool job_stop_release(const Site *site, const StopRequest *request, StopDone *out, GError **error);
void stop_done_clear(StopDone *done);

// ---------------------------------------------------------------------------------------------
// Bringing back what was deleted, where the target can (AD).

typedef struct UndeleteRequest {
  const char *what;    // an object ("account/17"), or the number of a person
  const char *target;  // NULL = wherever the journal knows of one deletion
  const char *place;   // below the target's base; NULL = where it was
  bool no_hold;        // else the object is held: the rule that deleted it would do so again
  const char *who, *why;
} UndeleteRequest;

typedef struct Undeleted {
  char *object, *target;  // NULL: none was found
  Revived revived;
  int64_t hold;  // its number; 0 = none
} Undeleted;

// Journalled as a desk's run; the object's latch is taken. EXIT_HELD when it, its person or the target is held, or the
// target is another system than remembered. `out` is to be cleared in any case.
bool job_undelete(const Site *site, const UndeleteRequest *request, Findings *findings,
                  Undeleted *out, GError **error);
void undeleted_clear(Undeleted *undeleted);

// ---------------------------------------------------------------------------------------------
// Undoing (巻き戻し): docs/undo.md.

typedef struct UndoRequest {
  const char *run;  // a number, or "last"; NULL = of several runs
  Instant since;  // … begun from then on; INSTANT_NONE = the last that did something for the people
  const char *const *people;  // numbers, SPACE/NUMBER or logins; NULL-terminated, NULL = everybody
  const char *target;         // only this one; NULL = all
  const char *only, *except;  // operations of the run
  const char *who, *reason;
  bool no_hold;
  Date until;  // the holds stand before that day; DATE_OPEN
} UndoRequest;

typedef struct Undone {
  Planned planned;
  UndoCounts counts;
  char *runs;  // "12 13"
} Undone;

// Makes the plan, under the site's lock (EXIT_LOCKED while a run is at work), and writes nowhere. `out` is to be cleared in any
// case.
bool job_undo(const Site *site, const UndoRequest *request, Undone *out, GError **error);
// Notes in the ledger who wants it undone, and why, once the plan is saved.
bool job_undo_note(const Site *site, const UndoRequest *request, const Undone *undone,
                   GError **error);
void undone_clear(Undone *undone);

// ---------------------------------------------------------------------------------------------
// Separated networks. On this side: making bundles, and taking in what became of them.

typedef struct BundleRequest {
  const char *segment;
  Date as_of;
  Instant at;  // a moment of that day; 0 = as a plan takes the day
  const char *const
      *allows;  // what is approved: "edu/disable=60" = at most so many; NULL-terminated, or NULL
  const char *who, *reason;  // of the approval
  Instant not_before;        // INSTANT_NONE = at once
  const char *output;        // written there, too; NULL
} BundleRequest;

typedef struct BundleMade {
  char *path;  // where it is kept
  uint32_t sequence;
  char digest[BUNDLE_DIGEST_CHARS + 1];
  size_t n_bytes;
  int64_t n_changes;   // objects that are other than in the one before
  Findings *findings;  // who is left out, and why
  ExitCode exit;       // REJECTED: rules could not handle somebody
} BundleMade;

// Takes the site's lock. The bundle stands in the journal as a run whose operations, one for each object that is other than in
// the bundle before and one for the whole, await a receipt.
bool job_bundle(const Site *site, const BundleRequest *request, BundleMade *out, GError **error);
void bundle_made_clear(BundleMade *made);
// A receipt closes what its bundle, or one before it, left open.
bool job_bundle_take(const Site *site, const char *path, ReceiptsDone *out, GError **error);
// The same by a code that somebody read out. It tells counts only: with any that is not 0 nothing is closed.
bool job_bundle_code(const Site *site, const char *code, CodeCounts *counts, ReceiptsDone *out,
                     GError **error);

// On the other side: the receipt of the last run, written again, and its code. Appends lines for people.
bool job_bundle_receipt(const Site *site, const char *output, GString *told, GError **error);
// A bundle is accepted by hand though the one before it was not: somebody says that it is the one to begin with.
bool job_bundle_accept(const Site *site, const char *path, const char *who, const char *reason,
                       GError **error);

// ---------------------------------------------------------------------------------------------
// Reports: docs/reports.md. They write nowhere. *out is the caller's.

// What a plan counted is kept for the month's report, by jobs that write anyway.
bool job_seats_keep(const Site *site, const GArray *seats, GError **error);

// Measures the shares of which `capacity` names folders, and keeps the figures. One that cannot be read does not keep the
// others out: it is a finding, and EXIT_UNREAD in *exit. Lines for people go to `out`.
bool job_capacity(const Site *site, GString *out, ExitCode *exit, GError **error);
// The last month's report into the folder `reports`, as HTML, PDF and CSV, unless it is there.
bool job_reports_keep(const Site *site, GString *out, GError **error);

// The ledger of accounts. `func` as tally_accounts has it.
typedef struct AccountsRequest {
  const char *number, *target, *unit;  // NULL = all
  TallyAccountFunc func;
  void *data;
} AccountsRequest;
bool job_report_accounts(const Site *site, const AccountsRequest *request, Findings *findings,
                         GError **error);

// What comes within so many days: from ledger, rules, plans that wait, licences and evidence. Faults are findings.
bool job_report_upcoming(const Site *site, int days, Findings *findings, ReportBook **out,
                         GError **error);

// `as_of`: planned anew for that day, with what targets hold now; DATE_NONE: as it was counted last, with the plan at
// `plan` (NULL = the site's newest for today or later). Faults of planning are findings.
typedef struct LicencesRequest {
  Date as_of;
  const char *plan;
  Findings *findings;
} LicencesRequest;
// *exit is EXIT_UNREAD when seats were to be counted and could not be.
bool job_report_licences(const Site *site, const LicencesRequest *request, ReportBook **out,
                         ExitCode *exit, GError **error);

// Who cannot log in now, though they should: what rules and ledger want, against what targets hold now and the journal. Targets
// that cannot be read are rows; *exit is then EXIT_UNREAD, and EXIT_REJECTED when rules could not handle somebody.
bool job_report_logins(const Site *site, Findings *findings, ReportBook **out, ExitCode *exit,
                       GError **error);

// The checklist of a night: of the plan at that path, or (NULL) of those of today and later that are approved or were begun, and
// the newest; with what the journal says of them. Writes nothing.
bool job_report_checklist(const Site *site, const char *plan, ReportBook **out, GError **error);
// The page of the morning: runs since noon of the day before.
bool job_report_morning(const Site *site, ReportBook **out, GError **error);

bool job_report_month(const Site *site, const TallyPeriod *period, Findings *findings,
                      ReportBook **out, GError **error);

// ---------------------------------------------------------------------------------------------
// The audit record. docs/audit.md.

// The rows that say all of this; NULL = whatever. They write nowhere.
typedef struct AuditAsk {
  Instant since, until;  // INSTANT_NONE; until is exclusive
  const char *who;       // a part of who, or of the user
  const char *what;      // the word
  const char *subject;   // a part of the subject, or of a value in the detail
} AuditAsk;
bool job_report_audit(const Site *site, const AuditAsk *ask, ReportBook **out, GError **error);

// With the heads that somebody kept ("812:9f3a…", NULL-terminated) and the one in the status file. `file`: an exported record in
// place of the ledger's; NULL. *exit is EXIT_FAILED when something is at fault.
bool job_audit_verify(const Site *site, const char *file, const char *const *heads,
                      ReportBook **out, ExitCode *exit, GError **error);
// Writes it to a file (mode 0600) and notes that in the record. A line for people goes to `out`.
bool job_audit_export(const Site *site, const char *path, const char *who, GString *out,
                      GError **error);
// What is older than the site keeps; nothing when it keeps all. A line for people goes to `out`, if any.
bool job_audit_purge(const Site *site, GString *out, GError **error);

// What was done outside the ledger is noted in it, where it can be written to; else that is logged.
void job_audit_tell(const Site *site, const AuditNote *note);
// A look at people or reasons, if the site has looks noted. False only where it must be noted and cannot be: EXIT_FAILED. Does not
// wait for a run that is writing.
bool job_audit_look(const Site *site, const char *at, const char *subject, GError **error);

// What became of an operation, from HR's order to the value that is there now. "17-3", "17" (all of the run) or an employee
// number. Reads the ledger, the plan and the targets; writes nowhere.
bool job_report_evidence(const Site *site, const char *text, Findings *findings, ReportBook **out,
                         GError **error);
// The paper by which a plan is approved: docs/paper.md.

// From the ledger, too, and from the approval beside the plan's file (`path`; NULL = it has none). `out` is to be cleared in any
// case; when the ledger cannot be asked it holds what the site says. Faults of the rules leave out what they name.
bool job_paper(const Site *site, const Plan *plan, const char *path, ReportPaper *out,
               GError **error);
void job_paper_clear(ReportPaper *paper);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReportPaper, job_paper_clear)

// ---------------------------------------------------------------------------------------------
// Letters and monitoring. docs/mail.md, docs/monitoring.md.

// Where a unit's letters go on the roster's day: what the site says of it, else its head's address by the site's template.
// Adds to `out` (char *); nothing when it has none. Titles must have been set (roster_set_titles).
bool job_mail_of_unit(const Site *site, Roster *roster, const char *unit, GPtrArray *out,
                      GError **error);
// The same of a person, by `people`. NULL in *out when there is none; caller frees.
bool job_mail_of_person(const Site *site, Roster *roster, uint32_t person, char **out,
                        GError **error);

// How all jobs, letters and sources stand now, by the status file, the queue and the ledger. Without a status file there are
// no jobs in it.
bool job_status(const Site *site, Store *store, ReportStatus **out, GError **error);

// ---------------------------------------------------------------------------------------------
// A scheduled run: jobs/*.yaml. The report goes to `out` and is kept; its last line, "run: NAME (exit N)",
// tells what happened. *exit is set in any case.
typedef struct JobRequest {
  const char *path;    // of the job's file
  const char *bundle;  // to plan from, in place of the job's own; NULL = that, if it names one
  const char *until;   // as job_until has it, likewise
  volatile const int *interrupted;
} JobRequest;
bool job_run(const JobRequest *request, GString *out, ExitCode *exit, GError **error);

#endif
