// SPDX-License-Identifier: GPL-3.0-or-later
//
// guard: stands before the first write. Checks are rows of a table; what one objects to is held: the
// offending class of operations (target × kind), and what depends on it. An approval lifts holds for
// one plan digest. docs/guards.md is the reference.
#ifndef IDOU_GUARD_H
#define IDOU_GUARD_H

#include <idou/plan.h>
#include <idou/store.h>

// ---------------------------------------------------------------------------------------------
// Configuration: in a target's entry in idou.yaml, keys guard, canaries, protected, shrink.

typedef struct GuardConfig GuardConfig;

// `node` is the target's entry; other keys there are not looked at. Places are relative to the target's base. Faults are
// findings.
GuardConfig *guard_config_read(const Yaml *yaml, const YamlNode *node, const TargetConfig *target,
                               Findings *findings);
void guard_config_free(GuardConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardConfig, guard_config_free)

// ---------------------------------------------------------------------------------------------
// While a target is read.

// A PlannerProtects: `data` is the GuardConfig. By DN, below a DN, or by attribute and value.
bool guard_protects(const Observed *entry, const Schema *schema, void *data);
// The attributes that guard_protects looks at, NULL-terminated: they must be read along.
const char *const *guard_attributes(const GuardConfig *config);
// Every canary must be readable with its attributes and values; else EXIT_UNREAD naming it.
bool guard_canaries(const GuardConfig *config, Reader *reader, GError **error);
// The server must be the one that was pinned (or is configured), if one is: EXIT_UNREAD.
bool guard_pinned(const GuardConfig *config, const char *target, Store *store, Reader *reader,
                  GError **error);
// The population read may not have shrunk beyond the limit since the last run: EXIT_UNREAD.
bool guard_shrink(const GuardConfig *config, Store *store, const PlanSection *section, GError **error);

// ---------------------------------------------------------------------------------------------
// Approvals: a detached file that binds to a plan's body digest.

typedef struct Approval {
  char *digest;         // of the plan's body
  char *who, *reason;
  Instant not_before;   // INSTANT_NONE = at once
  Instant expires;
  char **allows;        // {"all"} or {"ldap/disable", "ldap/confirm", "date", …}; NULL-terminated
} Approval;

Approval *approval_read(const char *path, GError **error);
// For this plan and now? Else EXIT_USAGE that says why not. No approval (NULL) is fine.
bool approval_check(const Approval *approval, const char *digest, Instant now, GError **error);
bool approval_write(const Approval *approval, const char *path, GError **error);  // 0600, atomic
void approval_free(Approval *approval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approval, approval_free)

// ---------------------------------------------------------------------------------------------
// The verdict.

typedef struct GuardSetup {
  const Plan *plan;
  const GuardConfig *const *configs;  // NULL-terminated; found by target name
  Store *store;                       // last run, populations, windows, holds, pinned fingerprints
  const Approval *approval;           // NULL = none. One for another digest or out of date is an error
  bool first_run;                     // --first-run: an empty target is expected
  Instant now;
} GuardSetup;

typedef struct GuardHold {
  const char *check;    // "count", "confirm", "date", "fingerprint", "empty", "hold", "depends" …
  const char *target;   // NULL = the whole plan
  const char *kind;     // NULL = every kind
  int64_t count;        // operations held
  const char *text;     // for people: what, the limit, what to do
} GuardHold;

typedef struct GuardVerdict {
  const char **held;    // by operation number - 1; NULL = free
  size_t n_ops;
  GuardHold *holds;
  size_t n_holds;
  GStringChunk *strings;
} GuardVerdict;

bool guard_check(const GuardSetup *setup, GuardVerdict **out, GError **error);
void guard_verdict_free(GuardVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardVerdict, guard_verdict_free)
size_t guard_n_held(const GuardVerdict *verdict);

// While the plan is applied: the same judgement of what people have come to hold or stop since, for apply's warden.
typedef struct GuardWarden GuardWarden;
// Before guard_check, so that nothing is missed between. What `setup` names must live on.
bool guard_warden_new(const GuardSetup *setup, GuardWarden **out, GError **error);
void guard_warden_free(GuardWarden *warden);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardWarden, guard_warden_free)
// `data` is the GuardWarden. *news: something was written since, and what stands was read anew.
bool guard_warden_looks(void *data, bool *news, GError **error);
// Why the operation may not be sent any more; NULL = it may. Lives as long as the warden.
const char *guard_warden_holds(const Op *op, void *data);

// After the plan was applied, whole or in part: pins the fingerprints that are not pinned yet (or were
// approved), remembers populations, the day, and what an approval or a first run covered, so that it does
// not count in the windows of later runs. `setup` as it was for guard_check; its store is written, within
// a transaction of the caller.
bool guard_remember(const GuardSetup *setup, GError **error);

#endif
