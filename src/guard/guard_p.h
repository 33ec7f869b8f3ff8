// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of this stage only.
#ifndef IDOU_GUARD_P_H
#define IDOU_GUARD_P_H

#include <idou/guard.h>
#include <idou/store.h>

// So many operations, or so many percent of the section's population: the greater of the two.
typedef struct Limit {
  bool none;  // no limit
  int64_t count;
  double percent;
} Limit;

typedef struct Pair {
  const char *attribute;
  const char *value;
} Pair;

typedef struct Canary {
  const char *dn;  // as written, for messages
  char *place;     // relative to the base
  char *key;       // place_key of the whole DN
  GArray *pairs;   // of Pair
} Canary;

struct GuardConfig {
  const char *target;
  const TargetConfig *system;  // NULL: nothing is known of it
  const char *base;
  Limit limits[OP_N_KINDS];
  int window_days;
  double shrink_percent;
  const char *fingerprint;     // NULL: the one pinned by the first run
  GPtrArray *canaries;         // of Canary
  GHashTable *protected_at;    // place keys
  GPtrArray *protected_below;  // place keys, and places themselves
  GPtrArray *protected_by;     // of GArray of Pair, all of which must hold
  GPtrArray *attributes;       // names in protected_by, NULL-terminated
  GStringChunk *strings;
};

// With the limits that hold where nothing is said.
GuardConfig *guard_config_new(const char *target);
// Of two place keys: the first is the second or stands below it.
bool guard_is_below(const char *key, const char *above);
int64_t guard_limit(const Limit *limit, int64_t population);
void guard_limit_format(const Limit *limit, GString *out);

// Whether the approval allows the class "TARGET/WHAT", or WHAT alone when there is no target.
bool approval_allows(const Approval *approval, const char *target, const char *what);

// What people hold, and whom they stopped.
typedef struct Standing {
  Holds *holds;
} Standing;

bool guard_standing_read(const GuardSetup *setup, Standing *out, GError **error);
void guard_standing_clear(Standing *standing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Standing, guard_standing_clear)
// The first hold that keeps the operation back; NULL = none.
const HoldRow *guard_hold_on(const GuardSetup *setup, const Standing *standing, const Op *op);
// The stop against which it would give its person something; NULL = none.
const HoldRow *guard_stop_on(const GuardSetup *setup, const Standing *standing, const Op *op);
bool guard_is_of_stop(const Op *op);  // it comes of a stop
char *guard_standing_reason(const HoldRow *row);

// What the journal says of the plan at hand, which may have been applied in part before.
typedef struct Journal {
  const Plan *plan;
  uint8_t *ended;    // by number - 1: done, or was so already
  uint8_t *carried;  // by number - 1: done by us
} Journal;

bool guard_journal_read(const GuardSetup *setup, Journal *out, GError **error);
void guard_journal_clear(Journal *journal);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Journal, guard_journal_clear)
int64_t guard_journal_carried(const Journal *journal, const PlanSection *section, OpKind kind);

// One kind of operation, and of it what comes of restrictions or what does not: each has the limit for itself, so that
// what is taken from accounts that nobody uses holds no leaver back, and the other way round.
typedef struct Counted {
  OpKind kind;
  bool restricted;
} Counted;

bool guard_counts(const Counted *counted, const Op *op);
// Of those what the plan at hand has carried out.
int64_t guard_counted_carried(const Journal *journal, const PlanSection *section,
                              const Counted *counted);

// An operation that the counts leave out: approved, or part of a target's first run.
bool guard_is_exempt(const GuardSetup *setup, const Journal *journal, const PlanSection *section,
                     OpKind kind);
// Nothing of ours is there yet, and it was said, or begun, that this is as it should be.
bool guard_is_first(const GuardSetup *setup, const Journal *journal, const PlanSection *section);
// More than a week from the day of the last run and from the day it planned for. *last: the latter.
bool guard_date_differs(const GuardSetup *setup, Date *last);
// Pinned or configured, and not that of the section.
bool guard_fingerprint_differs(const GuardSetup *setup, const PlanSection *section, char **pinned);
const GuardConfig *guard_config_of(const GuardSetup *setup, const char *target);  // NULL if none

// How many operations of the class other plans did since then, that an approval or a first run covered.
int64_t guard_exempt_since(const GuardSetup *setup, const char *target, const Counted *counted,
                           Instant since);

#endif
