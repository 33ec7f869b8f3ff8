// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of this stage only.
#ifndef IDOU_GUARD_P_H
#define IDOU_GUARD_P_H

#include <idou/guard.h>
#include <idou/store.h>

// What limits look at: the plan at hand, and with it what others did in the last day and the last seven.
typedef enum Span { SPAN_RUN, SPAN_DAY, SPAN_WEEK, N_SPANS } Span;

// So many operations, or so many percent of the section's population: the greater of the two.
typedef struct Limit {
  bool said;  // by idou.yaml; else it gives way to a greater one that was said of a shorter span
  bool none;  // no limit
  int64_t count;
  double percent;
} Limit;

typedef struct Spans {
  Limit of[N_SPANS];
  int days;  // what SPAN_DAY is: one, or `window`
} Spans;

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
  Spans limits[OP_N_KINDS];
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

// guard_limits.c
void guard_limits_default(Spans limits[OP_N_KINDS]);
// The keys of a map of kinds to limits, `window` among them.
void guard_limits_read(const Yaml *yaml, const YamlNode *map, Findings *findings,
                       Spans limits[OP_N_KINDS]);
// Those in force: of the target, or where it says nothing of `standard`, with what the profile says instead.
Spans guard_spans(const GuardSetup *setup, const GuardConfig *standard, const char *target,
                  OpKind kind);
// The one in force for a span, and how many it lets pass; NULL = no limit.
const Limit *guard_limit(const Spans *limits, Span span, int64_t population, int64_t *most);
bool guard_limit_parse(const char *text, Limit *out);     // "10", "5%", "10 or 5%", "none"
bool guard_parse_percent(const char *text, double *out);  // "10%"
void guard_limit_format(const Limit *limit, GString *out);
int guard_limits_days(const Spans *limits, Span span);  // 0 for SPAN_RUN

// guard_profile.c
void guard_profile_overlay(const GuardProfile *profile, const char *target, OpKind kind,
                           Spans *spans);
bool guard_profile_lets(const GuardProfile *profile, OpKind kind);

// guard_override.c: whether the check (a row of the table in docs/guards.md) is lifted of TARGET/WHAT, by an approval or by
// an override.
bool guard_lifts(const GuardSetup *setup, const char *check, const char *target, const char *what);

// Whether only an override lifts the check on this site.
bool guard_is_kept(const GuardSetup *setup, const char *check);
// "approve the plan for", or what it takes where only an override lifts the check.
const char *guard_how_lifted(const GuardSetup *setup, const char *check);

// approval.c
void approvals_take(Approvals *approvals, Approval *approval);
bool approvals_mention(const Approvals *approvals, const Op *op);  // whether it still counts or not
bool approval_is_of(const Approval *approval, const char *who);
bool approval_same_name(const char *a, const char *b);  // as people write them; NULL is nobody's
char *approval_flaw(const Approval *approval, const char *digest, Instant now);  // NULL = none
// approval_file.c: what is signed; caller frees.
char *approval_canonical(const Approval *approval);

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
// Nothing of ours is there yet, and it was said, or begun, that this is as it should be.
bool guard_is_first(const GuardSetup *setup, const Journal *journal, const PlanSection *section);
// More than a week from the day of the last run and from the day it planned for. *last: the latter.
bool guard_date_differs(const GuardSetup *setup, Date *last);
// Pinned or configured, and not that of the section.
bool guard_fingerprint_differs(const GuardSetup *setup, const PlanSection *section, char **pinned);
const GuardConfig *guard_config_of(const GuardSetup *setup, const char *target);  // NULL if none

// guard_undone.c: what approved plans left out, or found drifted.
typedef struct Undone Undone;
Undone *guard_undone_read(const GuardSetup *setup, GError **error);
void guard_undone_free(Undone *undone);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Undone, guard_undone_free)
// Such an operation of this plan: `left` out, or else drifted, in that run, with that number.
bool guard_undone_finds(const Undone *undone, const Op *op, bool left, int64_t *run, uint32_t *n);
// It drifted, comes to what was approved, and the site lets it follow.
bool guard_undone_follows(const Undone *undone, const Op *op);
// An operation that needs nobody's word any more for the check: approved as `what`, overridden, or following.
bool guard_covers(const GuardSetup *setup, const Undone *undone, const char *check, const Op *op,
                  const char *what);

// guard_past.c: what other plans did within the spans and no approval, first run or cover note covered.
typedef struct Past Past;
Past *guard_past_read(const GuardSetup *setup, const GuardConfig *standard, GError **error);
void guard_past_free(Past *past);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Past, guard_past_free)
int64_t guard_past_done(const Past *past, const char *target, const Counted *counted, Span span);
// The same of the plan at hand itself, which is being continued.
int64_t guard_past_own(const Past *past, const char *target, const Counted *counted, Span span);

// What was covered: of plans, by the first characters of their digests.
#define GUARD_DIGEST_CHARS 12
typedef struct Exempt {
  Instant when;
  char digest[GUARD_DIGEST_CHARS + 1];
  int64_t count;
  int64_t week;  // of them those that a week's limit leaves out, too
} Exempt;
GArray *guard_exempts(Store *store, const char *target, const Counted *counted);

// guard_clock.c: the moment so many days ago, whatever the clock was set to since.
Instant guard_clock_since(const GuardSetup *setup, int days);
// Leaves for later runs what the clock is, and that it was set.
bool guard_clock_remember(const GuardSetup *setup, GError **error);

#endif
