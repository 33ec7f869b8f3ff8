// SPDX-License-Identifier: GPL-3.0-or-later
//
// apply: carries out a plan. It needs the plan, what the guards hold and the targets'
// configuration, never ledger or mappings. Intent is durable in the journal before an operation is sent,
// the outcome after; killed anywhere, `resume` loses nothing and does nothing twice.
#ifndef IDOU_APPLY_H
#define IDOU_APPLY_H

#include <idou/plan.h>
#include <idou/seal.h>
#include <idou/store.h>

// A point that applying passes. In this order: intents go into the journal ("commit", "committed"), an
// operation or the edges of a group go to the target ("submit", "submitted"), an outcome comes back
// ("outcome"), and joins the next commit. "probe" is a look at what an earlier run left.
typedef struct ApplyStep {
  const char *name;
  const Op *const *ops;  // those that go or came together; NULL for commits
  size_t n_ops;
} ApplyStep;

// What comes to be held while the run is at work: asked in the transaction that makes intents durable, and before each
// sending.
typedef struct ApplyWarden {
  // *news: something was said since it was asked last. A few microseconds, as long as there is nothing.
  bool (*looks)(void *data, bool *news, GError **error);
  // Why an operation that was not sent yet is not to be sent; NULL = it may be. Lives as long as `data`.
  const char *(*holds)(const Op *op, void *data);
  void *data;
} ApplyWarden;

typedef struct ApplySetup {
  Store *store;                        // writable: the journal
  const Plan *plan;
  const char *plan_path;               // remembered for resume and continue
  const char *const *held;             // by number - 1: why the guards hold it; NULL = free
  const TargetConfig *const *targets;  // by name as the plan's sections say; NULL-terminated
  const Passwords *passwords;          // how secrets are made and sealed; NULL = random, and nobody learns them
  const char *object_locks;            // file of the locks that keep off the desk from what is in flight, and us from
                                       // what the desk is at; NULL = nobody else is there
  bool desk;                           // a run of the service desk
  const GByteArray *chosen;            // from plan_choose; NULL = all, or those a run that goes on began with
  const GByteArray *refused;           // … of the others, those that --except left out: see apply_refused; NULL = none
  const char *chooser;                 // who left them out, for the journal; NULL = not told
  Instant now;                         // what has not_before later than this stays scheduled
  volatile const int *interrupted;     // set by a signal handler: finish what is in flight, then stop
  void (*watch)(const ApplyStep *step, void *data);  // called at each step; NULL = nobody looks
  void *watch_data;
  // Within the transaction that begins the run, or goes on with it: what shall stand in the ledger along with it; NULL.
  bool (*begins)(Store *store, const Plan *plan, void *data, GError **error);
  void *begins_data;
  // Told which server of a target a section was written to, as server_written has it: whoever asks that target next
  // in this run (a share, for its groups) must ask the same one. NULL = nobody wants to know.
  void (*wrote)(const char *target, const char *written, void *data);
  void *wrote_data;
  const GByteArray *left;    // by number - 1: those who approved left it out, whatever is chosen; NULL = none
  const char *left_by;       // … they
  const char *by;            // who applies, for the audit record; NULL = the user whose process this is
  const char *const *noted;  // key, value …, NULL: for the record of its beginning, such as who approved; NULL
  // When nothing more may be begun; NULL = no such moment. A clock that is set meanwhile ends the run in any case.
  Timer *timer;
  void (*passes)(void *data);  // after a commit, but not more than twice a minute: how far it is has changed; NULL
  void *passes_data;
  const ApplyWarden *warden;           // keeps back what comes to be held meanwhile; NULL = nothing does
} ApplySetup;

// How far a run is with one target, as it notes it with its journal. Cursors of the store, by target.
#define APPLY_PROGRESS "progress"
#define APPLY_PACE "pace"  // what it took the last times, in milliseconds for 1,000 operations

typedef struct ApplyProgress {
  int64_t run;
  int64_t n_ops;       // that are due
  int64_t n_ended;     // of them, also by earlier parts of the run
  int64_t n_now;       // of them by this part, in …
  int64_t elapsed_ms;  // … so long
  Instant at;          // when this was noted
  Instant until;       // INSTANT_OPEN = it has no end
} ApplyProgress;

bool apply_progress_parse(const char *value, ApplyProgress *out);  // false for NULL, too

typedef struct ApplyCounts {
  int64_t done, already, refused, failed, unknown, scheduled, held, blocked, sent, skipped;
  // blocked: something it depends on did not succeed, or its target was left alone after failures
  // skipped: not chosen; already: was so, or this run's earlier part did it
  // What an interrupted run did not come to is in none of them.
} ApplyCounts;

typedef struct ApplyReport {
  int64_t run;
  ApplyCounts total;
  ApplyCounts by_kind[OP_N_KINDS];
  int64_t n_sealed;      // passwords that are now valid, sealed for the operator
  Findings *problems;    // one finding per operation that was refused, failed or is unknown; borrowed by nobody: free with apply_report_clear
  // EXIT_DONE, EXIT_HELD (something was held), EXIT_FAILED, EXIT_INTERRUPTED (by a signal, its time was over, a target was
  // closed, or could not be reached, or not to the end: the run is due, see apply_due)
  ExitCode exit;
  const PlanChoice *choice;  // what was chosen, to be told with it: set by whoever asked; NULL = all
  char *profile;         // the guards' profile in force, set by whoever asked them; NULL = not told
  TimerState stopped;    // why it ended early, if it did for that
  int64_t n_left;        // operations that are due and were not begun, when the run was interrupted
  bool is_lost;          // some target could not be reached, or not to the end
  Instant opens;         // a closed target that operations wait for opens then; INSTANT_NONE = none is closed
} ApplyReport;

void apply_report_clear(ApplyReport *report);

// A new run of the plan, or the continuation of the last run with the same plan digest if that run
// was scheduled in part, interrupted or killed: operations that ended done or already are never sent
// again; those that were sent without an outcome are probed first: done counts as done, not done is
// sent, drifted is refused, unknown is sent again only where that is harmless, else stays unknown.
// EXIT_USAGE when the plan cannot be applied (what-if, no such target); EXIT_INTERRUPTED when the journal
// could not be written: nothing more was sent, and the report counts what had been done until then.
bool apply_plan(const ApplySetup *setup, ApplyReport *report, GError **error);

// What became of operations that were only sent.
typedef struct ApplyReceipts {
  int64_t n_done, n_refused, n_failed;
  Findings *findings;  // of those refused or failed, and of receipts for what was never sent; the caller's
} ApplyReceipts;

// One receipt into the ledger: the operation's state, who or what said so (settled->detail), bindings and seals. Within
// the caller's transaction; store_receipt_runs when all are in. What was told before changes nothing. `kind` is
// DONE, ALREADY, REFUSED or FAILED.
bool apply_receipt(Store *store, const char *target, const Settled *settled, ApplyReceipts *out,
                   GError **error);

// The operations of this very plan that somebody left out by name (--except), and what needs them: so they stay, whoever
// applies it again, until --only asks for them or another plan is made. A byte for each; NULL: none. Caller frees.
GByteArray *apply_refused(Store *store, const Plan *plan);
// … and that those left out who approved it last, for when no approval counts any more. Likewise.
GByteArray *apply_unapproved(Store *store, const Plan *plan);

// What `object_locks` calls an object; caller frees.
char *apply_latch(const char *target, const char *object);

bool apply_goes_on(const RunRow *run);  // it did not come to its end
// The last run, if it did not come to its end: its plan is to be applied again with apply_plan.
bool apply_due(Store *store, RunRow *out);

#endif
