// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit: who took in, planned, approved, overrode, held, stopped, applied and looked. A record in the ledger that is only
// added to; each row has a digest (SHA-256) of itself and of the digest before it, so that a row that is changed, taken
// away or put elsewhere is found. That its end was cut off is seen only by whoever has its head from outside.
#ifndef IDOU_AUDIT_H
#define IDOU_AUDIT_H

#include <idou/store.h>

// What a row tells: one word for one act.
#define AUDIT_INTAKE "intake"  // a file of HR's was taken in
#define AUDIT_RETURNS \
  "returns"                // lists or receipts that came back were taken in, or settled by hand
#define AUDIT_PLAN "plan"  // a plan was saved
#define AUDIT_APPROVE "approve"
#define AUDIT_OVERRIDE "override"
#define AUDIT_CHOOSE "choose"  // a part of a plan was left out
#define AUDIT_HOLD "hold"
#define AUDIT_RELEASE "release"
#define AUDIT_STOP "stop"
#define AUDIT_BEGIN "begin"        // a run began, or was gone on with
#define AUDIT_END "end"            // it ended, with the digest of its operations in the journal
#define AUDIT_READBACK "readback"  // what a run changed was read again
#define AUDIT_UNDO "undo"
#define AUDIT_DECIDE "decide"  // a ruling: confirm, keep, extend, link, reserve …
#define AUDIT_DESK "desk"      // unlock, reset, undelete
#define AUDIT_NOTICE "notice"  // first passwords were printed, or handed over
#define AUDIT_BUNDLE "bundle"  // made, taken, accepted
#define AUDIT_LOOK "look"      // personal data or reasons were shown
#define AUDIT_EXPORT "export"  // the record was written out
#define AUDIT_PURGE "purge"    // its beginning was taken away

typedef struct AuditNote {
  const char *what;     // AUDIT_…
  const char *who;      // as they call themselves (--by); NULL: the user whose process this is
  const char *subject;  // what about: a plan's digest, an employee number, a file's name
  const char *const *
      detail;  // key, value, key, value …, NULL: for people and machines, no secrets, no reasons of holds;
               // NULL = nothing
} AuditNote;

// Within the caller's transaction, with that which it tells of: neither is there without the other.
bool audit_note(Store *store, const AuditNote *note, GError **error);
// In a transaction of its own: for what was done outside the ledger.
bool audit_note_alone(Store *store, const AuditNote *note, GError **error);

// Keys of details that are looked for again.
#define AUDIT_RUN "run"          // number of a run
#define AUDIT_AGAIN "again"      // of a begin: the run was gone on with
#define AUDIT_OPS "ops"          // digest of what the journal held of that run then
#define AUDIT_THROUGH "through"  // of a purge: the last number that went …
#define AUDIT_LAST "last"        // … and its digest

// As audit_note, with the run's number and the digest of what the journal now holds of it: whoever changes that later
// is found. To be called as last thing in the transaction.
bool audit_note_run(Store *store, const AuditNote *note, int64_t run, GError **error);
// That digest; caller frees.
bool audit_journal(Store *store, int64_t run, char **out, GError **error);

// ---------------------------------------------------------------------------------------------
// Its head, for keeping it outside: whoever has it finds that later rows were cut off or written anew.

typedef struct AuditHead {
  int64_t id;  // 0 = nothing was recorded yet
  char digest[65];
} AuditHead;

bool audit_head(Store *store, AuditHead *out, GError **error);
void audit_head_format(const AuditHead *head, GString *out);  // "812:9f3a…"
// A digest may be cut to its first 16 digits and more, as it stands on paper. EXIT_USAGE.
bool audit_head_parse(const char *text, AuditHead *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Verifying. What is wrong is a finding of level error whose subject is the number of the row; where a row is gone or was
// changed, all that follows is still looked at. Notes say what cannot be told.

typedef struct AuditVerdict {
  int64_t n_rows;
  int64_t first;  // number of the first row that is kept
  AuditHead head;
  int64_t fault;  // the first number at fault; 0 = none
  Findings *findings;
} AuditVerdict;

void audit_verdict_clear(AuditVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AuditVerdict, audit_verdict_clear)

// The ledger's: its chain, what SQLite counted, its triggers, the journal of every run that ended; and the heads, of which each
// was kept somewhere else. `out` is to be cleared in any case.
bool audit_verify(Store *store, const AuditHead *heads, size_t n_heads, AuditVerdict *out,
                  GError **error);
// Of a file that audit_export wrote: its chain only.
bool audit_verify_file(const char *path, const AuditHead *heads, size_t n_heads, AuditVerdict *out,
                       GError **error);

// JSON Lines: the first says what the row before the first one was, then one line for each row with its digest.
bool audit_export(Store *store, GString *out, AuditHead *through, GError **error);
// Rows from before that moment go, from the beginning on, and a row tells so. `exported`: only what an export has taken. Their
// number in *n. In a transaction of its own.
bool audit_purge(Store *store, Instant before, bool exported, int64_t *n, GError **error);

#endif
