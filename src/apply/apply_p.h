// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of the stage share. An operation goes this way:
//
//   book (ready) -> group, locks (a parcel) -> journal (intent durable) -> prepared -> flying -> outcome
//        ^                                                                   ^            |
//        |                                                                   +-- later ---+-- doubtful
//        +--------- dependents become ready, locks are dropped, journal notes the end ----+
#ifndef IDOU_APPLY_P_H
#define IDOU_APPLY_P_H

#include <idou/apply.h>
#include <idou/audit.h>

// ---------------------------------------------------------------------------------------------
// How an operation stands: book.c.

typedef enum Stand {
  STAND_WAITING,  // for its turn or for others
  STAND_SENT,     // its intent is in the journal
  STAND_DONE,
  STAND_ALREADY,
  STAND_REFUSED,
  STAND_FAILED,
  STAND_UNKNOWN,
  STAND_SCHEDULED,
  STAND_HELD,
  STAND_BLOCKED,
  STAND_RECEIPT,  // sent; what became of it another process will tell
  STAND_SKIPPED,  // not chosen
  N_STANDS
} Stand;

// How an operation came to its end in this run.
typedef struct Ending {
  uint32_t n;
  Stand stand;
  int n_attempts;
  bool doubted;     // it was sent before without an answer, by this process
  char *detail;     // freed by whoever the ending is given to
  char *stable_id;  // the same
} Ending;

typedef struct Journal Journal;

// The standing of all operations of a plan, and which of them are ready.
typedef struct Book {
  const Plan *plan;
  Journal *journal;  // told of every ending
  uint32_t n_ops;
  uint8_t *stands;      // Stand by number - 1
  uint32_t *n_missing;  // by number - 1: dependencies that have not succeeded
  uint32_t *first;      // those that wait for n: waiting[first[n - 1]] up to waiting[first[n]]
  uint32_t *waiting;
  GArray *ready;  // uint32_t: a heap, the least number on top
} Book;

Book *book_new(const Plan *plan, Journal *journal);
void book_free(Book *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Book, book_free)
const char *book_word(Stand stand);  // as the journal writes it
bool book_stand_of(const char *word, Stand *out);
bool book_took_effect(
    Stand stand);  // as far as the target tells: later operations go on from there
Stand book_stand(const Book *book, uint32_t n);
void book_put(Book *book, uint32_t n, Stand stand);  // without any consequence
// Of an operation whose end is in the journal already. Success makes dependents ready; anything else
// blocks all that wait for it, or schedules them when it is only not due yet. One that was only sent
// does the first for some and the second for others.
void book_follow(Book *book, uint32_t n, Stand stand);
// The same, and the journal notes it. Takes the ending's strings.
void book_settle(Book *book, const Ending *ending);
// Blocks or schedules an operation that waits for something that came to no good end earlier.
void book_bar(Book *book, uint32_t n);
void book_push(Book *book, uint32_t n);  // is ready, once more
uint32_t book_pop(Book *book);           // the least that is ready; 0 = none
void book_count(const Book *book, ApplyCounts *total, ApplyCounts *by_kind);

// ---------------------------------------------------------------------------------------------
// What must not be in flight together: locks.c. An operation claims its object, for itself alone; what
// else it names (the new parent, an edge's member, references) it shares with others that name it. A
// claim also keeps everything above the object in its place.

typedef struct Claim {
  uint32_t thing;
  bool alone;
} Claim;

typedef struct Locks Locks;

Locks *locks_new(const PlanSection *section);
void locks_free(Locks *locks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Locks, locks_free)
uint32_t locks_thing(Locks *locks, const char *object);
// Appends what the operation claims; of an edge only the member, since the group is claimed once.
void locks_claims(Locks *locks, const Op *op, GArray *claims);
// Whether all can be had, from `from` on. If not, *blocker is a thing that must become free first.
bool locks_free_for(const Locks *locks, const GArray *claims, size_t from, uint32_t *blocker);
void locks_take(Locks *locks, const GArray *claims);
// Operations that waited for what becomes free are pushed into the book.
void locks_drop(Locks *locks, const GArray *claims, Book *book);
void locks_wait(Locks *locks, uint32_t n, uint32_t blocker);
void locks_follow(Locks *locks,
                  const Op *op);  // it has taken effect: its object may be elsewhere now

// ---------------------------------------------------------------------------------------------
// Operations that travel together: group.c. One operation; edges of one group, after a refusal only a span of
// them at a time; or those of one person, where the target does all of them or none.

#define GROUP_EDGES 500  // at most, in one request

typedef struct Span {
  size_t from, n;
} Span;

// What goes along with one of them.
typedef struct Cargo {
  char *before;  // what it will overwrite, for the journal; NULL = it says so itself
  GPtrArray *
      secrets;  // Secret, made before its intent; a sending again within this run has the same. NULL = none
  GPtrArray *boxes;  // char *, of each secret; NULL = they are not sealed
} Cargo;

typedef struct Parcel {
  uint64_t token;
  unsigned attempt;  // of this span; the first is 1
  int64_t due_us;    // monotonic; not before
  bool intended;     // its intent is durable
  bool together;     // a person's: all or none
  size_t n_latched;  // other processes are kept off the objects of so many, from the first on
  bool doubted;      // no answer came to a sending before
  char *detail;      // why it has to be sent again
  GArray *claims;    // Claim
  Span now;
  GArray *rest;  // Span: still to be sent after this one; NULL = none
  size_t n_ops;
  Cargo *cargo;  // by operation
  const Op *ops[];
} Parcel;

Parcel *group_parcel(const Op *const *ops, size_t n_ops, GArray *claims);  // takes the claims
void group_free(Parcel *parcel);
// The chosen ones (by index) first, in their order.
void group_part(Parcel *parcel, const bool *chosen);
// Makes parcels of ready edges (uint32_t), as far as locks allow; the others wait.
void group_edges(Locks *locks, Book *book, const GArray *edges, GPtrArray *parcels);
bool group_split(Parcel *parcel);  // false when the span is a single operation
bool group_next(Parcel *parcel);   // the next span; false when all have been

// ---------------------------------------------------------------------------------------------
// Sending again: retry.c.

int64_t retry_delay_ms(
    unsigned attempt);  // after that many attempts: 100 ms, doubled each time, at most 10 s
// False when interrupted before the time was over.
bool retry_sleep(const ApplySetup *setup, int64_t delay_ms);
bool retry_reconnect(const ApplySetup *setup, const TargetConfig *config, Writer *writer,
                     GError **error);
bool retry_interrupted(const ApplySetup *setup);  // by a signal, or its time is over

// ---------------------------------------------------------------------------------------------
// The journal: journal.c. Endings gather and go to disk together with the next intents.

typedef struct Progress Progress;

Journal *journal_new(const ApplySetup *setup, ApplyReport *report);
void journal_progress(Journal *journal, Progress *progress);  // is written along; must live as long
void journal_free(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)
void journal_end(Journal *journal, const Ending *ending);  // takes its strings
// Where the operations go that are committed from now on: see writer_server. `target` must live on.
void journal_server(Journal *journal, const char *target, const char *server);
// Noted only if there is more to say than the ending does: a first attempt that succeeded is not.
void journal_attempt(Journal *journal, uint32_t n, const char *outcome, const char *detail);
size_t journal_backlog(const Journal *journal);
// An operation that is left out, within the caller's transaction.
bool journal_skip(Journal *journal, uint32_t n, const char *detail, GError **error);
// One transaction: all endings so far, the local operations (their Endings' n given, the rest filled in
// here) and the parcels' intents. What is in it is on disk when this returns true; otherwise none of it.
// *news: the warden has heard something, and nothing was written: what is held now is to be taken out first.
bool journal_commit(Journal *journal, const GPtrArray *parcels, GArray *locals, bool *news,
                    GError **error);

// ---------------------------------------------------------------------------------------------
// local.c: operations that concern our own store. Inside the journal's transaction.

void local_carry_out(const ApplySetup *setup, const Op *op, Ending *out);

// ---------------------------------------------------------------------------------------------
// seals.c: secrets are made, and sealed to the operator's key, before the intent; the seals go to disk with it.

// Once for each parcel. False: it cannot be sent, and why.
bool seals_make(const ApplySetup *setup, Parcel *parcel, GError **error);
bool seals_write(const ApplySetup *setup, int64_t run, const Parcel *parcel, GError **error);
bool seals_are_valid(const Ending *ending);  // they open what they are for
// What an ending means for the operation's seals.
bool seals_end(Store *store, int64_t run, const Op *op, const Ending *ending, GError **error);

// ---------------------------------------------------------------------------------------------
// tell.c: what people are told.

// Of an operation that was refused, failed or is unknown; of others nothing.
void tell_ending(Findings *problems, const Op *op, const Ending *ending);
void tell_target(Findings *problems, const char *code, const char *target, const char *text);
// Nothing went wrong, but it is not at its end.
void tell_left(Findings *problems, const char *code, const char *target, const char *text);

// ---------------------------------------------------------------------------------------------
// A whole apply: apply.c.

typedef struct Course {
  const ApplySetup *setup;
  ApplyReport *report;
  Book *book;
  Journal *journal;
  Progress *progress;
  const GByteArray *chosen;  // NULL = all
  bool refuses;  // some target is not the planned one, or failed too often
  bool is_lost;  // some target could not be reached, or not to the end
  bool heeds;    // the warden has had news: each operation is asked about before it goes
} Course;

// ---------------------------------------------------------------------------------------------
// progress.c: how far the run is, for whoever asks meanwhile. Written in the journal's transactions.

Progress *progress_new(const Course *course);  // of all sections, as the book stands
void progress_free(Progress *progress);
void progress_begin(Progress *progress, const PlanSection *section);
void progress_last(Progress *progress);  // what is written now is the section's last, and its pace is kept
// That so many operations came to an end.
bool progress_write(Progress *progress, size_t n_ended, Store *store, GError **error);
void progress_written(Progress *progress, size_t n_ended);  // it is on disk
bool progress_counts(Stand stand);  // as an end
bool progress_is_old(const Progress *progress);  // what ended since the last writing should be written

// Of a run that ended before it was at its end: what is due and was not begun, and why, into the report.
void course_tell_left(Course *course);

const TargetConfig *apply_config(const ApplySetup *setup, const char *target);  // NULL = none
void apply_watch(const ApplySetup *setup, const char *name, const Op *const *ops, size_t n_ops);
// Into the book; and people are told when it went wrong.
void apply_settle(Course *course, const Ending *ending);

// ---------------------------------------------------------------------------------------------
// choice.c: what is left out of a plan, by its digest. It stands in the ledger before anything is sent, so that whoever goes
// on leaves it out, too.

// Remembers what the setup says; if that says nothing, what is remembered goes to *out, NULL = all is chosen. Within the
// caller's transaction.
bool choice_keep(const ApplySetup *setup, GByteArray **out, GError **error);
// "left out by Sato"; caller frees.
char *choice_words(const ApplySetup *setup);
char *choice_approved_words(const ApplySetup *setup);  // "left out by who approved: Sato R9-12"; caller frees

// ---------------------------------------------------------------------------------------------
// recover.c: what an earlier run sent without learning what became of it.

bool recover_is_due(const Course *course, const PlanSection *section);
// How an operation stands that a probe found in effect.
Stand recover_found(const TargetConfig *config);
// Tells the writer what earlier runs did, then probes. False when the target cannot be asked.
bool recover_section(Course *course, const PlanSection *section, Writer *writer, GError **error);

// ---------------------------------------------------------------------------------------------
// persons.c: which operations of a person go together.

typedef struct Persons Persons;

Persons *persons_new(const PlanSection *section);
void persons_free(Persons *persons);
// The person's operations that can go with this one, itself among them: those that wait for nothing, or only for
// others of these. Empty when something of our own store is to be done for the person first; then *later is set.
void persons_gather(Persons *persons, const Book *book, const Op *op, GPtrArray *out, bool *later);
void persons_take(Persons *persons, const Op *op);  // it is in a parcel
void persons_drop(Persons *persons, const Op *op);
bool persons_has(const Persons *persons, uint32_t n);

// ---------------------------------------------------------------------------------------------
// One section of the plan: executor.c decides what goes next, flight.c sends it and takes the outcomes.

typedef struct Executor {
  Course *course;
  const PlanSection *section;
  const TargetConfig *config;
  Writer *writer;  // NULL until something is to be sent
  Locks *locks;
  Latches *latches;     // NULL = there are no others to keep off
  GQueue *loaded;       // Parcel: has its locks; its intent is not durable yet
  GQueue *prepared;     // Parcel: to be sent now
  GHashTable *flying;   // token -> Parcel
  GPtrArray *doubtful;  // Parcel: no answer came
  GPtrArray *later;     // Parcel: to be sent again
  Persons *persons;     // NULL = each operation goes by itself
  uint64_t last_token;
  unsigned n_failures;  // in a row
  bool lost;            // the connection
  char *left_alone;     // why nothing more goes to this target; NULL = all is well
  char *closed;         // why it may not be written to now; NULL = it may
  Instant open_until;   // it may until then
} Executor;

// False only when the journal cannot be written.
bool executor_run(Course *course, const PlanSection *section, GError **error);

bool executor_is_stopping(Executor *executor);  // nothing more is to be sent to the target

// Of each parcel it is asked first whether it may go. False: that could not be asked.
bool flight_send(Executor *executor, GError **error);
bool flight_latch(Executor *executor, Parcel *parcel, bool *got, GError **error);
void flight_fail(Executor *executor, Parcel *parcel,
                 const char *detail);     // it cannot be sent at all
void flight_collect(Executor *executor);  // at least one outcome, or a while
void flight_mend(Executor *executor);     // connects anew, and probes what is doubtful
void flight_revive(Executor *executor);   // what is due again
void flight_give_up(Executor *executor,
                    Parcel *parcel);     // it was not sent: what of it is open waits again
void flight_recall(Executor *executor);  // what was not sent yet waits again, without its locks
void flight_again(Executor *executor, Parcel *parcel,
                  const char *detail);             // was certainly not done
int64_t flight_wait_ms(const Executor *executor);  // until something is due, at most a while

// ---------------------------------------------------------------------------------------------
// What comes to be held while the run is at work: heed.c.

// Why the operation is held, from the beginning or since; NULL = it is free.
const char *heed_why(const ApplySetup *setup, const Op *op);
// Asks the warden. False: it could not look, and nothing more may be sent.
bool heed_look(const ApplySetup *setup, bool *news, GError **error);
// What is held of a parcel that was not sent ends so, and its rest waits anew. False: nothing of it is held.
bool heed_parcel(Executor *executor, Parcel *parcel);
void heed_parcels(Executor *executor, GPtrArray *parcels);  // takes out those of which something is
void heed_locals(Executor *executor, GArray *locals);       // of Ending; likewise
// There were news: all of the section but what is in a batch or prepared, which is asked about on its way.
void heed_all(Executor *executor);

#endif
