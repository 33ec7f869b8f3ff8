// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit: who took in, planned, approved, overrode, held, stopped, applied and looked. A record in the ledger that is only
// added to; each row has a digest (SHA-256) of itself and of the digest before it, so that a row that is changed, taken
// away or put elsewhere is found. That its end was cut off is seen only by whoever has its head from outside.
#ifndef IDOU_AUDIT_H
#define IDOU_AUDIT_H

#include <idou/store.h>

typedef struct AuditNote {
  const char *what;     // "intake", "plan", "approve", "override", "hold", "release", "stop", "apply", "undo", "look" …
  const char *who;      // as they call themselves; NULL: the user whose process this is
  const char *subject;  // what about: a plan's digest, an employee number, a file's name
  const char *const *detail;  // key, value, key, value …, NULL: for people and machines, no secrets; NULL = nothing
} AuditNote;

// Within the caller's transaction, with that which it tells of: neither is there without the other.
bool audit_note(Store *store, const AuditNote *note, GError **error);

#endif
