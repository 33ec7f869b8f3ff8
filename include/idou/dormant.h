// SPDX-License-Identifier: GPL-3.0-or-later
//
// dormant: accounts that nobody uses, taken through stages by policy. Evidence of last use, the ledger and a day in;
// restrictions to make and to lift out, for a plan like any other. Decides nothing without evidence, writes nowhere.
// docs/dormant.md is the reference.
#ifndef IDOU_DORMANT_H
#define IDOU_DORMANT_H

#include <idou/evidence.h>
#include <idou/planner.h>

// ---------------------------------------------------------------------------------------------
// dormant.yaml.

// In the order in which an account goes through them; a policy may leave some out.
typedef enum DormantStage {
  DORMANT_NOTICE,
  DORMANT_DISABLE,
  DORMANT_RIGHTS,
  DORMANT_DELETE,
  DORMANT_N_STAGES
} DormantStage;
const char *dormant_stage_name(DormantStage stage);  // "notice" …; static
const char *dormant_stage_what(DormantStage stage);  // RESTRICT_…; static

typedef struct DormantStep {
  bool given;
  int after_days;  // of no use
  int grace_days;  // not sooner than so long after the stage before took effect
} DormantStep;

typedef struct DormantPolicy {
  const char *name;
  int line;
  const char *target;
  const char *klass;      // of the mapping; NULL = accounts of nobody: "orphan/ID"
  const size_t *sources;  // of use in this target
  size_t n_sources;
  const size_t *also;  // … of the same person in another one, which counts, too
  size_t n_also;
  const char *const *
      members;  // keys of groups: for those who are in one by the rules; NULL-terminated, may be none
  bool restricted;  // `where` or `members`: not for everybody of the class
  DormantStep steps[DORMANT_N_STAGES];
} DormantPolicy;

// Who is told when accounts enter a stage. Addresses are the site's (`mail`).
typedef struct DormantTell {
  bool person;     // their bearers, of notice and disable
  bool heads;      // units: a list that they answer
  bool operators;  // everything; and they answer for accounts of nobody, or of nobody's unit
  int reply_days;  // units answer within
} DormantTell;

typedef struct Dormant Dormant;

// Faults are findings; NULL when any is of level error (EXIT_USAGE), or a file cannot be read. `world->folder` is not
// looked at: paths are relative to the file's own.
Dormant *dormant_load(const char *path, const EvidenceWorld *world, Findings *findings,
                      GError **error);
void dormant_free(Dormant *dormant);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dormant, dormant_free)
const EvidenceSources *dormant_sources(const Dormant *dormant);
const DormantTell *dormant_tell(const Dormant *dormant);
size_t dormant_n_policies(const Dormant *dormant);
const DormantPolicy *dormant_policy(const Dormant *dormant, size_t i);
// Accounts that nobody judges until a day, by name. `who` is an employee number, login or object; `target` "*" = all.
typedef struct DormantNamed {
  const char *who, *target;
  Date until;  // counts before this day
  const char *reason, *by;
} DormantNamed;
size_t dormant_n_exemptions(const Dormant *dormant);
DormantNamed dormant_exemption(const Dormant *dormant, size_t i);
// Classes, groups and fields that the mapping and the ledger do not have; sources included. `store` may be NULL.
void dormant_check(Dormant *dormant, const Mapping *mapping, Store *store, Findings *findings);

// ---------------------------------------------------------------------------------------------
// One account: the judge. Pure.

// What keeps an account from going on, the strongest first.
typedef enum DormantExempt {
  DORMANT_NOT_EXEMPT,
  DORMANT_HELD,     // a hold
  DORMANT_LEFT,     // the rules for leavers have it
  DORMANT_AWAY,     // leave, suspended, seconded: the clock begins again on return
  DORMANT_COMING,   // not in service yet
  DORMANT_UNKNOWN,  // the ledger has no state for its bearer
  DORMANT_NAMED,    // exemptions: what it lost is given back
  DORMANT_CLAIMED,  // somebody answers for it: likewise
  DORMANT_N_EXEMPTS
} DormantExempt;
const char *dormant_exempt_name(DormantExempt exempt);  // "held" …; static

typedef struct DormantCase {
  Instant now;
  Instant told;  // last use as it is told; INSTANT_NONE = none is known
  Instant used;  // … and as late as it may have been
  Instant
      began;  // the clock begins here at the earliest: made, switched on again, returned; INSTANT_NONE = not known
  Instant
      known_from;  // never used: what was used before may not be known; INSTANT_NONE = all is known
  Instant unused_to;  // no use after `used` up to here
  bool suspended;     // evidence lets nothing be concluded
  DormantExempt exempt;
  Instant stands
      [DORMANT_N_STAGES];  // since when the restriction of the stage stands; INSTANT_NONE = it does not
  bool decided[DORMANT_N_STAGES];  // … and its unit said so
  Instant removal;                 // its unit said "remove" then; INSTANT_NONE
} DormantCase;

typedef struct DormantVerdict {
  bool goes;          // on to …
  DormantStage next;  // … or, when not now, the one that comes next, if any does (`due`)
  bool decided;       // because its unit said so
  bool lifts[DORMANT_N_STAGES];
  bool lifted;  // any of them
  bool ended;   // its last stage stands
  Date due;     // the day on which `next` comes when nobody uses it; DATE_NONE = none comes
} DormantVerdict;

// Never skips a stage of the policy, one a run. More evidence never takes more.
void dormant_judge(const DormantPolicy *policy, const DormantCase *what, DormantVerdict *out);

// ---------------------------------------------------------------------------------------------
// All accounts that a policy speaks of.

typedef struct DormantAccount {
  const char *target, *object;
  uint32_t person;            // 0 = nobody's
  const char *number, *name;  // "" where there is none
  const char *login;          // "" where there is none
  const char *unit;           // code of the main post; ""
  const DormantPolicy *policy;
  bool contested;  // another policy speaks of it, too: the stricter one counts
  DormantCase what;
  DormantVerdict verdict;
  bool never;              // no use is known
  size_t source;           // that tells of the last use; EVIDENCE_NO_SOURCE
  size_t fault;            // suspended: which one says nothing; EVIDENCE_NO_SOURCE
  const char *why;         // suspended, for people; NULL
  const char *exempt_why;  // exempt, where there is more to say; NULL
  int stage;               // the highest that stands; -1 = none
} DormantAccount;

typedef struct DormantCount {  // of one policy
  const DormantPolicy *policy;
  size_t n_accounts, n_contested;
  size_t n_used;       // … not so long ago that a stage would come
  size_t n_new;        // never used, and not there for so long
  size_t n_suspended;  // nothing can be concluded
  size_t n_exempt[DORMANT_N_EXEMPTS];
  size_t n_stands[DORMANT_N_STAGES];  // by the highest stage, before this plan
  size_t n_goes[DORMANT_N_STAGES];
  size_t n_lifted;  // accounts
} DormantCount;

typedef struct DormantWhy {  // accounts that a policy does not judge for one source
  const DormantPolicy *policy;
  const char *source;  // its name; "" = none
  const char *why;
  bool bad;  // the source does not stand well; else it does not know the accounts
  size_t n;
} DormantWhy;

typedef struct DormantAsk {
  const Dormant *dormant;
  const Mapping *mapping;
  Store *store;
  Date as_of;
  Instant now;
  uint32_t person;  // only this one's accounts are listed; 0 = of all those that are not in use
  Findings *findings;
} DormantAsk;

// Texts live as long as the report, and what was asked with.
typedef struct DormantReport {
  Date as_of;
  GArray *
      accounts;  // DormantAccount: with a stage that stands, comes or ends, or asked for; by person and target
  GArray *upcoming;      // DormantAccount that goes on within the next 31 days, when nobody uses it
  GArray *counts;        // DormantCount, by policy
  GArray *whys;          // DormantWhy
  GArray *restrictions;  // Restriction: new and lifted, for PlanRequest
  GPtrArray *
      unbegun;  // "TARGET OBJECT" of accounts never used of which nothing tells since when they are there
  ExitCode exit;  // UNREAD: a source that a policy needs does not stand well
  GStringChunk *texts;
} DormantReport;

bool dormant_run(const DormantAsk *ask, DormantReport *out, GError **error);
void dormant_report_clear(DormantReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DormantReport, dormant_report_clear)

// Why an account is where it is: "last used 2026-05-02 (ad-logon)", "never used since 2026-04-01". Appends.
void dormant_tell_use(const Dormant *dormant, const DormantAccount *account, GString *out);

// The scope of cursors that say when an account of nobody was first seen (unbegun): by "TARGET OBJECT".
#define DORMANT_SEEN "dormant-seen"

#endif
