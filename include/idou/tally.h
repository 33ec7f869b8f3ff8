// SPDX-License-Identifier: GPL-3.0-or-later
//
// tally: figures for people, counted from journal and ledger. Nothing here reads a target or a plan file, but where it
// is given one; nothing is written. What the journal lacks is told as a gap, and never made up.
//
// A *case* is what somebody asked for once: an order of HR, a request, a row of a list that says something new, a call
// at the service desk. Its operations may be many or none. It counts in the month in which its first operation was done.
#ifndef IDOU_TALLY_H
#define IDOU_TALLY_H

#include <idou/dormant.h>
#include <idou/inquiry.h>
#include <idou/plan.h>
#include <idou/roster.h>

// ---------------------------------------------------------------------------------------------
// A month. It begins and ends at 00:00 here.

typedef struct TallyPeriod {
  Date first, next;  // [first, next)
} TallyPeriod;

bool tally_month_parse(const char *text, TallyPeriod *out);  // "2027-04"
TallyPeriod tally_month_of(Date day);
TallyPeriod tally_month_before(Date day);  // the last one that was over on that day

// How operations ended that were last heard of in the month.
typedef enum TallyEnd {
  TALLY_DONE,
  TALLY_AWAITED,  // sent, and not confirmed yet
  TALLY_HELD,
  TALLY_REFUSED,
  TALLY_FAILED,  // or nobody knows
  TALLY_N_ENDS
} TallyEnd;
const char *tally_end_name(TallyEnd end);  // "done" …; static

typedef struct TallyOps {
  const char *target;
  const char *klass;  // "account" of "account/17"
  const char *kind;   // as the journal has it; of the desk "unlock", "reset-password", "undelete"
  bool desk;
  int64_t n[TALLY_N_ENDS];  // HELD, REFUSED, FAILED: each once, however many nights it was met
} TallyOps;

typedef enum TallyCase {
  TALLY_ORDER,    // of HR
  TALLY_REQUEST,  // or its withdrawal
  TALLY_LIST,     // a row of a roster or table said something new
  TALLY_UNLOCK,
  TALLY_RESET,
  TALLY_DESK,  // anything else that the desk did
  TALLY_N_CASES
} TallyCase;
const char *tally_case_name(TallyCase what);  // "order" …; static

typedef struct TallyCases {
  int64_t came;   // orders and requests that became known in the month
  int64_t done;   // cases whose first operation was done in it
  int64_t n_ops;  // operations done in it, of these and of earlier cases
} TallyCases;

typedef struct TallyPeople {
  int64_t joiners;  // hired by an order, or by their day of hiring
  int64_t listed;   // a list had them first, and says no day
  int64_t again;    // of the joiners: had left before
  int64_t movers;   // to another unit with their main post, each once
  int64_t leavers;
  int64_t leaves, returns;
  int64_t at_end[STATE_FUTURE + 1];  // by state, on the last day
} TallyPeople;

// Restrictions of one kind in one target.
typedef struct TallyStage {
  const char *target, *cause, *what;
  int64_t made, lifted, ended;  // in the month; ended: their day came
  int64_t stand;                // when it was over
} TallyStage;

// What somebody has, or keeps, by way of exception: it was in force in the month.
typedef struct TallyException {
  const char
      *kind;  // "claim", "exemption", "hold", "request", "rule" (a row of a table of exceptions)
  const char *target;  // "" = all
  const char *whom;    // "000310 山田　太郎", an object, a target
  const char *what;    // the right, the cause
  const char *reason, *who;
  Date from;
  Date until;         // the first day on which it does not hold; DATE_OPEN
  bool begun, ended;  // in the month
} TallyException;

// What was measured, first and last in the month.
typedef struct TallyMeasure {
  const char *kind, *target, *name;
  const char *unit;  // whose folder it is: "100 総務課"
  Instant first, last;
  int64_t used_first, used, most, n, unseen;
} TallyMeasure;

typedef struct TallyOverdue {  // units that have not answered by the end of the month
  const char *cause, *unit, *title;
  Date due;
  int64_t n_open;
} TallyOverdue;

// What the journal does not tell.
typedef enum TallyGap {
  TALLY_BEFORE,      // the month, or its beginning, is before the first run
  TALLY_UNFINISHED,  // the month is not over
  TALLY_NO_END,      // a run began and never ended
  TALLY_NO_OPS,      // operations of a run that ended are not there
  TALLY_NO_RUN,      // numbers of runs are missing
  TALLY_CLOCK,       // a run began before the one that had begun before it
  TALLY_UNSIGNED,    // operations of an earlier version, that belong to no case
  TALLY_N_GAPS
} TallyGap;
const char *tally_gap_name(TallyGap gap);  // "before-first-run" …; static

typedef struct TallyHole {
  TallyGap gap;
  int64_t run;       // 0 = none
  const char *text;  // for people
} TallyHole;

typedef struct TallyMonth {
  TallyPeriod period;
  Instant now;  // as counted then
  int64_t n_runs, n_desk_runs;
  GArray *ops;  // TallyOps: by target, class, kind
  TallyCases cases[TALLY_N_CASES];
  TallyPeople people;
  GArray *stages;      // TallyStage
  GArray *exceptions;  // TallyException: by kind and beginning
  GArray *measures;    // TallyMeasure: shares, folders, seats
  GArray *overdue;     // TallyOverdue
  GArray *holes;       // TallyHole
  GStringChunk *texts;
} TallyMonth;

typedef struct TallyAsk {
  Store *store;
  const Mapping *mapping;  // for exceptions that its tables name; NULL = none is known
  const Dormant *dormant;  // for those whom nobody judges; NULL likewise
  TallyPeriod period;
  Instant now;
} TallyAsk;

// EXIT_USAGE for a month that has not begun. `out` is to be cleared in any case.
bool tally_month(const TallyAsk *ask, TallyMonth *out, GError **error);
void tally_month_clear(TallyMonth *month);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TallyMonth, tally_month_clear)

// ---------------------------------------------------------------------------------------------
// Licences: how many seats a product has, and how many a plan will take.

typedef struct TallyLicence {
  const char *target;
  const char *product;
  const char *klass;  // whose entries take seats: "account"
  int64_t seats;
  int64_t reserve;    // of these, to be kept free
  Date until;         // the contract's last day; DATE_OPEN
  int warn_days;      // its end is told from so long before
  bool enabled_only;  // what is switched off takes no seat
  bool hold;          // a plan that needs more has its new accounts held
} TallyLicence;

// What was seen of one target's class while it was read.
typedef struct TallySeen {
  int64_t n_all, n_on;
  GHashTable *on;  // stable ids of those that are on, where they have any
} TallySeen;

typedef struct TallySeats {
  const TallyLicence *licence;
  int64_t n_all;    // accounts there
  int64_t used;     // seats taken
  Instant counted;  // when; INSTANT_NONE = never
  bool unread;      // it was to be counted now, and could not be
  bool planned;     // a plan was looked at:
  int64_t net;      // what it adds in the end
  int64_t peak;     // the most seats taken on any day of it
  Date peak_day;    // the first such day; DATE_NONE: it is now
  int64_t lacking;  // seats too few then, with the reserve; 0 = they are enough
  int64_t free;     // seats left then, without the reserve; may be negative
} TallySeats;

typedef struct TallyCount {  // what to count
  const TallyLicence *licence;
  const TargetConfig *config;
  const Op *ops;  // the target's
  size_t n_ops;
  Date today;  // what is due counts today
} TallyCount;

// `used` and `counted` of `out` are given.
void tally_seats(const TallyCount *count, const TallySeen *seen, TallySeats *out);
// What is to be told of it: "too few seats" (false when they are enough), and the contract's end, from `warn_days` before.
bool tally_seats_tell(const TallySeats *seats, GString *out);
bool tally_licence_ends(const TallyLicence *licence, Date today, GString *out);

// ---------------------------------------------------------------------------------------------
// What comes: known by now, on days from today on.

typedef struct TallyEvent {
  Date day;            // of what is overdue, when it was due
  const char *what;    // "order", "term-ends", "grace-ends" …: docs/reports.md lists them
  const char *target;  // "" = none
  const char *whom;    // "000310 山田　太郎", an object, a product
  const char *text;    // for people
} TallyEvent;

typedef struct TallyComing {
  Date today, until;  // days in [today, until)
  GArray *events;     // TallyEvent; sorted by day by tally_coming_sort
  GStringChunk *texts;
} TallyComing;

void tally_coming_open(TallyComing *coming, Date today, Date until);
void tally_coming_clear(TallyComing *coming);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TallyComing, tally_coming_clear)
// Copied. A day that is outside is passed over, unless it is `late`: then it is told whatever the day.
void tally_coming_add(TallyComing *coming, const TallyEvent *event, bool late);
void tally_coming_sort(TallyComing *coming);
// From ledger and rules: orders, ends of terms, posts, requests, graces, claims, restrictions, exceptions, exemptions, and
// inquiries. ask->period is not looked at. What an embargo hides stays hidden.
bool tally_coming(const TallyAsk *ask, TallyComing *coming, GError **error);

// ---------------------------------------------------------------------------------------------
// The ledger of accounts (アカウント台帳): person × system × ID × rights × dates, as rules, bindings and journal know it. What
// a target holds beyond that is not in it.

typedef enum TallyStanding {
  TALLY_ON,       // bound, and the rules have it on
  TALLY_OFF,      // … switched off
  TALLY_KEPT,     // bound; the rules leave it as it is
  TALLY_LEAVING,  // bound; the rules want it gone
  TALLY_COMING,   // wanted, and not made yet
  TALLY_UNRULED,  // bound, and no rule speaks of it any more
  TALLY_N_STANDINGS
} TallyStanding;
const char *tally_standing_name(TallyStanding standing);  // "on" …; static

// All borrowed until the callback returns; "" where there is nothing.
typedef struct TallyAccount {
  const char *number, *space, *name;  // `space`: whose numbers they are, "city"
  const char *state;  // of the person: "active" …
  const char *unit, *unit_name;
  const char *target, *klass, *object;
  const char *id;            // what is typed to log in; of what somebody is given, its key
  const char *place;         // below the target's base
  const char *rights;        // keys of groups, "|" between them
  const char *reason;        // why it is off, kept or leaving
  const char *restrictions;  // "dormant disable 2027-05-01|…"
  TallyStanding standing;
  Instant created;  // by us; NONE = before the journal, or adopted
  Instant bound;    // made or adopted; NONE likewise
  Instant off;      // switched off last and not on since
  Instant used;     // last, as the best source has it; NONE = no evidence
  const char *used_source;
  Date until;  // last day of the fixed term; NONE
  const char *stable_id;
} TallyAccount;

typedef struct TallyAccounts {
  Store *store;
  const Mapping *mapping;
  Instant now;
  const char *const *targets;  // names, NULL-terminated
  const char *number;          // of one person, "000310" or "hospital/000310"; NULL = all
  const char *target;          // this one only; NULL
  const char *unit;            // people with their main post there (code); NULL
  Findings *findings;          // people whom a rule could not handle
} TallyAccounts;

// By target, class and person. False from `func` stops.
typedef bool (*TallyAccountFunc)(const TallyAccount *account, void *data);
bool tally_accounts(const TallyAccounts *ask, TallyAccountFunc func, void *data, GError **error);

// ---------------------------------------------------------------------------------------------
// One run, by whom, where or which unit its operations concern.

typedef enum TallyBy { TALLY_BY_PERSON, TALLY_BY_TARGET, TALLY_BY_UNIT, TALLY_N_BYS } TallyBy;
bool tally_by_of(const char *word, TallyBy *out);  // "person", "target", "unit"

typedef enum TallyFate {
  TALLY_RUN_DONE,  // or was so already
  TALLY_RUN_AWAITED,
  TALLY_RUN_SCHEDULED,
  TALLY_RUN_HELD,
  TALLY_RUN_REFUSED,
  TALLY_RUN_FAILED,  // or nobody knows
  TALLY_RUN_LEFT,    // not chosen, or it waits for another that came to no good end
  TALLY_RUN_N
} TallyFate;
const char *tally_fate_name(TallyFate fate);  // "done" …; static

typedef struct TallyShare {
  const char *key;    // number, target or code; "" = nobody's
  const char *label;  // for people
  int64_t n[TALLY_RUN_N];
} TallyShare;

typedef struct TallyRun {
  int64_t run;
  Instant started, ended;
  const char *state;
  bool desk;
  TallyBy by;
  GArray *shares;  // TallyShare, by key
  GStringChunk *texts;
} TallyRun;

// `run` 0 = the last one. People's units are those of their main posts on the day of the run. EXIT_USAGE when there is
// no such run. `out` is to be cleared in any case.
bool tally_run(Store *store, int64_t run, TallyBy by, TallyRun *out, GError **error);
void tally_run_clear(TallyRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TallyRun, tally_run_clear)

#endif
