// SPDX-License-Identifier: GPL-3.0-or-later
//
// guard: stands before the first write. Checks are rows of a table; what one objects to is held: the
// offending class of operations (target × kind), and what depends on it. An approval lifts holds for
// one plan digest. docs/guards.md is the reference.
#ifndef IDOU_GUARD_H
#define IDOU_GUARD_H

#include <idou/plan.h>
#include <idou/sign.h>
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
size_t guard_n_canaries(const GuardConfig *config);
// The server must be the one that was pinned (or is configured), if one is: EXIT_UNREAD.
bool guard_pinned(const GuardConfig *config, const char *target, Store *store, Reader *reader,
                  GError **error);
// The population read may not have shrunk beyond the limit since the last run: EXIT_UNREAD.
bool guard_shrink(const GuardConfig *config, Store *store, const PlanSection *section,
                  GError **error);

// ---------------------------------------------------------------------------------------------
// Approvals: a detached file, PLAN.approval, of what people said of a plan. Each entry is one person's word and binds to
// the plan's body digest. docs/approval.md is the reference.

#define APPROVAL_GIVEN "approval"
#define APPROVAL_OVERRIDE "override"  // of a limit, for one plan and once (limits)

typedef struct Approval {
  char *kind;    // APPROVAL_GIVEN | APPROVAL_OVERRIDE
  char *digest;  // of the plan's body
  char *who;     // as they call themselves; with a signature, as the site's keys call them
  char *ref;     // number of the decision (決裁番号); NULL
  char *reason;
  char *user;          // the account that they logged in with; NULL: of format 1
  Instant given;       // INSTANT_NONE: of format 1
  Instant not_before;  // INSTANT_NONE = at once
  Instant expires;
  char **allows;        // {"all"} or {"ldap/disable", "ldap/confirm", "date", …}; NULL-terminated
  char *only, *except;  // as plan_choose has them; NULL
  char *key, *signature;  // id of the key, base64; NULL = not signed
  // Not in the file. Set by approvals_judge, of which docs/approval.md tells the rules:
  char *flaw;          // why it does not count; NULL = it counts
  GByteArray *chosen;  // by number - 1, of only and except; NULL = all
  unsigned person;     // those of one person have the same number
  bool own;            // by whoever made the plan: never counts alone
  bool spent;          // an override that had its run: set by guard_overrides_judge
} Approval;

Approval *approval_copy(
    const Approval
        *approval);  // what is in the file; texts may be NULL, `kind` then is APPROVAL_GIVEN
void approval_free(Approval *approval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approval, approval_free)

// All entries of a file. Every function here takes NULL for "nobody approved".
typedef struct Approvals {
  GPtrArray *list;  // Approval *, oldest first
  char *path;       // of the file; NULL = of none
  unsigned
      n_needed;  // so many different people must say the same; 1 until approvals_judge knows better
  char *why;     // … why more than one
} Approvals;

Approvals *approvals_new(void);
Approvals *approvals_of(const Approval *approval);  // a copy of one alone
void approvals_free(Approvals *approvals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approvals, approvals_free)
char *approvals_path(const char *plan_path);  // "PLAN.approval"; caller frees
// Formats 1 and 2. EXIT_USAGE when it cannot be read or is malformed.
Approvals *approvals_read(const char *path, GError **error);
// Adds the entry to the file, under its lock and atomically (mode 0600): of two who approve at one moment neither is lost.
// Another entry of the same person and kind is replaced; those for another digest are dropped.
bool approvals_add(const char *path, const Approval *approval, GError **error);
// Takes back what `who` said of this plan, of either kind; *n entries. The last one takes the file with it.
bool approvals_withdraw(const char *path, const char *digest, const char *who, size_t *n,
                        GError **error);
// For this plan and now? Else EXIT_USAGE that says why not, file and person: none of the entries counts.
bool approvals_check(const Approvals *approvals, const char *digest, Instant now, GError **error);
// Whether the class "TARGET/WHAT" (WHAT alone when target is NULL) is allowed, by so many different people as are needed.
bool approvals_allow(const Approvals *approvals, const char *target, const char *what);
// The same of one operation: the class, by people who did not leave the operation out.
bool approvals_cover(const Approvals *approvals, const Op *op, const char *what);

// How many different people said so in entries of the kind that count; 0 unless one of them is not the plan's maker.
typedef struct ApprovalAsk {
  const char *kind;    // APPROVAL_GIVEN | APPROVAL_OVERRIDE
  const char *target;  // NULL = the class is `what` alone
  const char *what;
  uint32_t n;  // the operation; 0 = of none
} ApprovalAsk;
unsigned approvals_people(const Approvals *approvals, const ApprovalAsk *ask);

// ---------------------------------------------------------------------------------------------
// How a site wants plans to be approved: its key `approvals`.

typedef enum ApprovalNeed {
  APPROVAL_HELD,   // only what guards hold
  APPROVAL_ABOVE,  // plans above the level at which two people are needed, too
  APPROVAL_ALWAYS  // every plan
} ApprovalNeed;

typedef struct ApprovalRules {
  bool is_signed;  // who did not sign does not count
  bool own;        // who made the plan may approve it alone
  bool follows;  // what was approved and found drifted is done all the same when it is planned anew
  ApprovalNeed needed;
  GPtrArray *
      shared;  // char *: accounts that several people log in with, and which therefore tell nobody's identity
  GHashTable *keys;   // name as text_key has it -> path of the public key
  GArray *levels;     // of approval_rules.c: above which two people are needed
} ApprovalRules;

// `node` is the value of `approvals:`; relative paths are taken from `folder`. Faults are findings. NULL when there is no
// node: then one person's word is enough, whoever it is, signed or not.
ApprovalRules *approval_rules_read(const Yaml *yaml, const YamlNode *node, const char *folder,
                                   Findings *findings);
void approval_rules_free(ApprovalRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ApprovalRules, approval_rules_free)
typedef struct ApprovalLevel {
  const char *name;  // "people", "revoking", "operations" or a kind; NULL = the plan is above none
  int64_t n, most;
} ApprovalLevel;
// The first level above which the plan is. False: none.
bool approval_rules_above(const ApprovalRules *rules, const Plan *plan, ApprovalLevel *out);
// Why two different people must approve the plan, for people; NULL = one is enough. Caller frees.
char *approval_rules_two(const ApprovalRules *rules, const Plan *plan);

// What entries are judged by.
typedef struct ApprovalCase {
  const Plan *plan;
  const ApprovalRules *rules;   // NULL = none
  const char *const *together;  // as plan_choice has them; NULL = none
  Instant now;
  Instant worked;  // when idou was at work last, which a clock that was set back makes to come; 0 = not known
} ApprovalCase;

// Looks at each entry: digest, time, choice, key and signature, and who is who; fills what is not in the file.
void approvals_judge(Approvals *approvals, const ApprovalCase *of);
// How many different people's approvals count; no override does.
unsigned approvals_n_people(const Approvals *approvals);
// The plan is approved: by as many as are needed, one of whom did not make it.
bool approvals_enough(const Approvals *approvals);
// The entry's signature, by who has the key. EXIT_USAGE when the site knows another key of that person, or none.
bool approval_sign(Approval *approval, const Signer *signer, const ApprovalRules *rules,
                   GError **error);
// A byte for each operation that those who approved left out by only and except; NULL = none. Caller frees.
GByteArray *approvals_left(const Approvals *approvals, const Plan *plan);

// ---------------------------------------------------------------------------------------------
// Profiles: other limits, for a personnel change or an emergency (docs/guards.md).

typedef struct GuardProfile GuardProfile;

#define GUARD_PROFILE_NORMAL "normal"  // the one in force where nobody chose any

// `node` is its entry below `profiles` of idou.yaml. Faults are findings.
GuardProfile *guard_profile_read(const Yaml *yaml, const YamlNode *node, const char *name,
                                 Findings *findings);
void guard_profile_free(GuardProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuardProfile, guard_profile_free)
const char *guard_profile_name(const GuardProfile *profile);  // NULL is the normal one

// ---------------------------------------------------------------------------------------------
// Overrides: entries of kind APPROVAL_OVERRIDE. Two different people must have given one; it counts for one run.

#define GUARD_OVERRIDE_PEOPLE 2

// Checks that a site may keep for overrides; NULL-terminated.
const char *const *guard_overridable(void);
// Gives those that had their run a flaw, so that they do not count. To be called once approvals are judged.
void guard_overrides_judge(Approvals *approvals, Store *store);
// Before it is added to what is there (NULL = nothing): whoever gave it has given none of this plan yet, and it would count.
// Else EXIT_USAGE.
bool guard_override_may(const Approvals *there, Store *store, const Approval *one,
                        const ApprovalCase *judged, GError **error);
// How many different people override the class ("ldap/disable", "date") now.
unsigned guard_override_people(const Approvals *approvals, const char *class);
// An override that counts, and so do enough others for one of its classes.
bool guard_override_lifts(const Approvals *approvals, const Approval *approval);
// Within the transaction in which the plan's run begins or goes on: those that lift something are that run's from now on.
bool guard_overrides_take(const Approvals *approvals, Store *store, const Plan *plan,
                          GError **error);

// ---------------------------------------------------------------------------------------------
// The verdict.

typedef struct GuardSetup {
  const Plan *plan;
  const GuardConfig *const *configs;  // NULL-terminated; found by target name
  Store *store;                       // last run, populations, windows, holds, pinned fingerprints
  const Approvals *approvals;         // NULL = none. For another digest or out of date is an error
  bool first_run;                     // --first-run: an empty target is expected
  Instant now;
  const GuardProfile *profile;       // NULL = none was chosen
  const char *const *override_only;  // checks that an approval does not lift but an override; NULL
  const ApprovalRules
      *rules;  // whether the plan must be approved at all, and what drifted is; NULL = no
} GuardSetup;

typedef struct GuardHold {
  const char *
      check;  // "count", "confirm", "date", "fingerprint", "empty", "hold", "left-out", "drifted", "depends" …
  const char *target;  // NULL = the whole plan
  const char *kind;    // NULL = every kind
  int64_t count;       // operations held
  const char *text;    // for people: what, the limit, what to do
  int64_t number;      // of the hold that somebody placed; 0 = none was
  bool overridden;     // only two people's override lifts it, no approval
  int64_t planned, done, most;  // of a limit
  int days;                     // … its span; 0 = one run
} GuardHold;

typedef struct GuardVerdict {
  const char **held;  // by operation number - 1; NULL = free
  size_t n_ops;
  GuardHold *holds;
  size_t n_holds;
  GStringChunk *strings;
  const char *profile;  // that was in force
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

// ---------------------------------------------------------------------------------------------
// How full the windows are now. `setup` has no plan.

#define GUARD_NO_LIMIT (-1)

typedef struct GuardUse {
  const char *target, *kind;
  bool restricted;   // what comes of restrictions, which counts by itself
  int64_t run_most;  // GUARD_NO_LIMIT where there is none; likewise below
  int days;          // what a “day” is: 1, or the target's window
  int64_t day_done, day_most;
  int64_t week_done, week_most;
  int64_t left;  // so many more a plan may hold now
} GuardUse;

// Of every kind of operation in every target of `setup`. A share is taken of what was ours there after the last run.
typedef void (*GuardUseFunc)(const GuardUse *use, void *data);
bool guard_use(const GuardSetup *setup, GuardUseFunc func, void *data, GError **error);

#endif
