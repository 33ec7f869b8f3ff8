// SPDX-License-Identifier: GPL-3.0-or-later
//
// planner: derive, read, match, compare, and write down the difference as a plan. It writes nowhere,
// neither to the store nor to a target. A stage of its own, so that what reads plans (guard, apply,
// report) knows neither ledger nor mappings.
#ifndef IDOU_PLANNER_H
#define IDOU_PLANNER_H

#include <idou/match.h>
#include <idou/plan.h>

// ---------------------------------------------------------------------------------------------
// Where what is wanted comes from: rules over the ledger, or what somebody with ledger and rules wrote down and
// signed (bundle.h). Everything below works from either.

// What in the records made the values of a person what they are.
typedef struct DesiredEvent {
  Date from;          // since when
  const char *cause;  // "move" …, one of desired_causes(); static
} DesiredEvent;

// The order that a source row is.
typedef struct DesiredOrder {
  const char *kind;   // "transfer"
  const char *cover;  // the cover note that counts it; NULL = none, or long ago
  bool renews;        // it renews a term, and is not long ago
  bool
      fresh;  // it came or took effect within three months: what it brings about now counts as its own
} DesiredOrder;

typedef struct Desired Desired;

// The reason of an entry that the target cannot hold, so that it is left as it is.
#define DESIRED_MISFIT "too long for the target"

// Source rows are numbers that mean something to one Desired only. Strings live until the same function is called
// again.
typedef struct PersonUnits {
  const char *unit, *before;  // as in Op; NULL = not told
} PersonUnits;

typedef struct DesiredType {
  uint16_t (*klass)(const Desired *desired,
                    size_t i);  // in its table, of class i of the source; 0 = another target's
  // Appends to `out`. `attribute` NULL asks about presence and state. False: nothing explains it.
  bool (*why)(Desired *desired, uint32_t entry, const char *attribute, Why *out);
  bool (*why_edge)(Desired *desired, uint32_t group, uint32_t member, Why *out);
  bool (*origin)(Desired *desired, int64_t row, RowOrigin *out);  // file, line and order
  bool (*order)(Desired *desired, int64_t row, DesiredOrder *out);
  // `enables`: for an operation that switches on. False: nothing that an operation comes from.
  bool (*event)(Desired *desired, uint32_t person, int64_t row, bool enables, DesiredEvent *out);
  uint32_t (*person)(Desired *desired, uint32_t entry);           // whose it is; 0 = nobody's
  void (*label)(Desired *desired, uint32_t entry, GString *out);  // what people call it
  // In which units somebody is and was; the texts live as long as `desired`. May be NULL: it cannot be told.
  void (*units)(Desired *desired, uint32_t person, PersonUnits *out);
  const char *(*unit)(Desired *desired, uint32_t id);  // the same of a unit itself
  bool (*ended)(Desired *desired, uint32_t entry);     // of a unit: it is there no more
  bool (*any_ended)(Desired *desired);
  const char *(*doubt)(Desired *desired,
                       uint32_t person);  // what of theirs must be confirmed, and why; NULL
  // What somebody is given ends, as if nothing gave it any more. NULL: it is told only that it is over.
  bool (*end)(Desired *desired, uint32_t entry, const char *reason, GError **error);
  void (*close)(Desired *desired);
} DesiredType;

// What one target shall hold at one moment, and why.
struct Desired {
  const DesiredType *type;
  Table *table;  // the caller's
  Instant at;
};

typedef struct DesiredAsk {
  const TargetConfig *config;
  Table *table;  // to be filled
  Date day;
  Instant at;          // the moment of that day
  Findings *findings;  // people and entries that could not be handled
  const GArray
      *few;  // uint32_t: of people these are enough, as of units and groups all; NULL = everybody
} DesiredAsk;

typedef struct DesiredSource DesiredSource;
struct DesiredSource {
  const char *digest;  // of all that it says
  size_t n_klasses;    // in order of dependency: a class comes after those it refers to or lives in
  const Klass *(*klass)(const DesiredSource *source, size_t i);
  // Holds the classes against what the target knows; what does not fit is a finding of level error.
  void (*fits)(const DesiredSource *source, const MappingWorld *world, Findings *findings);
  Desired *(*open)(const DesiredSource *source, const DesiredAsk *ask, GError **error);
  void (*close)(DesiredSource *source);
};

void desired_close(Desired *desired);
void desired_source_close(DesiredSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desired, desired_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DesiredSource, desired_source_close)
// From the most to the least that it says; NULL-terminated.
const char *const *desired_causes(void);

// True when the entry must never be touched; it is then listed as a note.
typedef bool (*PlannerProtects)(const Observed *entry, const Schema *schema, void *data);

// Whether what was read can be believed; EXIT_UNREAD if not. Counts and fingerprint of the section are set.
typedef bool (*PlannerTrusts)(const PlanSection *section, void *data, GError **error);

// Told of every entry that is read as one of a class, whosever it is.
typedef void (*PlannerSees)(const char *klass, const Observed *entry, void *data);

typedef struct PlannerTarget {
  const TargetConfig *config;
  Reader *reader;            // NULL: it could not be opened
  PlannerProtects protects;  // may be NULL
  void *protects_data;
  const char *const
      *protects_attributes;  // what `protects` looks at: read along; NULL-terminated, or NULL
  PlannerSees sees;          // may be NULL
  void *sees_data;
  const char *unread;    // why there is no reader; NULL = there is one
  PlannerTrusts trusts;  // may be NULL
  void *trusts_data;
} PlannerTarget;

// A restriction (store.h) as a plan heeds it. New and lifted ones are operations of the plan (OP_RESTRICT, OP_LIFT), and
// what comes of them waits for these: the ledger says it first, so that no other plan undoes it.
typedef enum RestrictionStep {
  RESTRICTION_STANDS,  // in the ledger
  RESTRICTION_NEW,     // begins with this plan
  RESTRICTION_LIFTED   // ends with this plan
} RestrictionStep;

// An object that the rules know ("account/17", "role/17/KEY"), or an entry that they do not: "orphan/ID", by its stable
// id in the target, where it has none by its DN below the base. An orphan can be switched off, taken out of groups of
// ours, and deleted; it stays nobody's.
typedef struct Restriction {
  RestrictionStep step;
  RestrictionRow row;  // id 0 when new
} Restriction;

// Everything that is read, for whoever wants to know more than a plan says of it (idou orphans). Told while it is
// planned for, target after target; what was told of a target whose section is `unread` counts for nothing.
typedef struct PlannerSeen {  // borrowed until the callback returns
  size_t target;              // of setup->targets
  const Klass *klass;
  const Observed *observed;
  Schema *schema;
  const char *object;  // "account/17"; NULL = nobody's we know
  bool doubled;        // more than one entry claims to be the object: this is one of them
  uint32_t person;     // whose it is, or of nobody's whose it may be by an adopt rule; 0 = nobody's
  const char *adopt;   // … that rule's attribute; NULL = no rule says so
  Presence presence;   // of one that is ours, what the rules want …
  const char *reason;  // … and why: "left 2027-04-01"; "" = as usual
  Enabled enabled;
  bool is_protected;  // never touched: by the site, or observed->protected_by
} PlannerSeen;

// Somebody is in a group that we know, by no rule, and no plan takes them out of it.
typedef struct PlannerEdge {
  size_t target;
  const char *group, *group_name;  // object and key
  const char *member, *label;      // likewise
  uint32_t person;
  bool fixed;                      // it is their primary group
  bool owned;                      // the group is ours to take people out of; of one by no rule: this one is not to be touched
} PlannerEdge;

typedef struct PlannerSurvey {
  const char *const *attributes;  // to be read along; NULL-terminated
  void (*seen)(const PlannerSeen *seen, void *data);
  void (*edge)(const PlannerEdge *edge, void *data);
  void (*given)(const PlannerEdge *edge,
                void *data);  // somebody is in a group that a rule gives; NULL
  void *data;
} PlannerSurvey;

// The order of a night: what is given ahead of its day from the evening on, what is taken away a while after midnight, and
// what is deleted when all else has stood for a while. docs/night.md.
typedef struct PlannerNight {
  int grants_minutes;       // of the day on which a rule gives a membership ahead; 0 = when it begins
  int revocations_minutes;  // after midnight; 0 = at midnight
  int deletions_days;       // after the day on which the rules want it, and …
  int deletions_minutes;    // … of that day
} PlannerNight;

typedef struct PlannerSetup {
  const Mapping *mapping;       // may be NULL when there is a source
  const DesiredSource *source;  // NULL = the mapping's rules over the store's ledger
  PlanBundle bundle;            // for the plan's head
  Store *store;
  Date as_of;  // the day the accounts shall be right for
  Instant
      at;  // the moment of that day; 0 = when it begins or, of today, `now`. It decides about posts by
           // the hour only
  Instant known_at;  // INSTANT_OPEN = all we know
  bool embargoed;    // also what an embargo hides until later
  Instant now;       // decides what is due and what waits for the day
  const PlannerTarget *targets;
  size_t n_targets;
  bool whatif;
  const char *const *fields;  // that layouts fill, NULL-terminated; NULL = mappings may ask for any
  const Restriction *restrictions;  // those of the ledger are not looked for: the caller reads them
  size_t n_restrictions;
  // Who is stopped gets nothing new, and a note `stopped` says so: their restrictions are the caller's. NULL = nobody is.
  const Holds *stops;
  bool
      only_restricted;  // only objects with new or lifted ones are planned for, and only what concerns these is read
  const PlannerSurvey *survey;               // NULL = nobody wants to know
  void (*finishes)(Plan *plan, void *data);  // before the plan is sealed: may add notes; NULL
  void *finishes_data;
  const char *const *policies;  // for secrets, NULL-terminated; NULL = mappings may name any
  Findings *findings;           // people and entries that could not be handled
  PlannerNight night;
} PlannerSetup;

// The mapping's rules over the ledger of setup->store; borrows from `setup`.
DesiredSource *planner_derives(const PlannerSetup *setup);

// Targets are read at the same time. One that cannot be read in full leaves its section empty (`unread`); the
// others are planned for all the same, but for names that may be taken there. NULL with EXIT_UNREAD when no
// target could be read, EXIT_USAGE when the mapping does not fit a target's schema or asks for fields that
// nobody fills (findings say where).
Plan *planner_make(const PlannerSetup *setup, GError **error);

// ---------------------------------------------------------------------------------------------
// One person in one target: what a plan would be made of, side by side. By the planner's own comparing,
// so that what no plan would touch does not count as differing.

typedef struct LookAttr {
  const char *name;
  const OpValue
      *should;  // REF values as the DN they stand for; SECRET: "a new one when it is made"
  size_t n_should;
  const OpValue *has;  // of secrets: kind SECRET, no bytes
  size_t n_has;
  bool managed;        // a rule speaks of it for this entry as it stands now
  bool differs;        // the plan changes it …
  Instant from;        // … when; INSTANT_NONE = at once
  const char *rule;    // "account.yaml:14"; "" when none
  const char *source;  // "orders-20270401.csv:17"
  const char *order;   // "order 000123"
} LookAttr;

typedef struct LookGroup {
  const char *name;     // its key; of a group that is not ours, its DN
  bool ours;            // a mapping knows it
  const char *through;  // another group that makes them a member of this one; NULL = none is needed
  bool primary;         // it is the entry's primary group
  bool should, has;
  bool differs;  // the plan joins or leaves it
  Instant from;
  const char *rule, *source, *order;
} LookGroup;

typedef struct LookEntry {
  const char *klass;   // "account"
  const char *object;  // "account/17"
  bool of_post;        // one of the person's posts, not the person
  Presence presence;   // what the rules want: present, retained or absent,
  const char *reason;  // why, for instance "left 2027-04-01"; "" = as usual
  Enabled enabled;
  const char *name;  // its name there, "uid=k-yamada"; "" while it has none
  const char
      *proposed;      // the name that a plan would allocate; NULL = it has one, or none can be told
  const char *place;  // DN that it shall have; "" if none is wanted
  const char *rule, *source, *order;  // of presence and state
  bool found;
  const char *dn;  // where it is; NULL unless found
  Enabled is_enabled;
  bool is_protected;  // never touched
  bool unclear;       // several claim it, or a person must say whether it is theirs: not touched
  bool vanished;      // it was ours and is gone
  // What the plan would do about the entry itself; NULL = nothing. Modifying is told by attribute.
  const Op *create, *adopt, *move, *enable, *remove;  // move: or rename; enable: or disable
  const char *elsewhere;       // vanished: outside of our places, here; NULL = nowhere
  const LookAttr *attributes;  // managed ones, then those that the class manages at other times
  size_t n_attributes;
  const LookAttr *locks;  // attributes by which a target keeps people out: `has` only
  size_t n_locks;
  const LookGroup *groups;
  size_t n_groups;
} LookEntry;

typedef struct Look {
  const char *target;
  const char *base;         // what places are below
  bool read;                // false: nothing is known of what the target holds
  const char *fingerprint;  // NULL unless read
  const LookEntry *entries;
  size_t n_entries;
  const Op *const *ops;          // what a plan would do about the person; NULL-terminated
  const PlanNote *const *notes;  // what it would note; NULL-terminated
  Plan *plan;                    // owns ops and notes
  GStringChunk *strings;
  GPtrArray *arrays;
} Look;

// `target`: index in setup->targets; its reader may be NULL. Reads the person's own entries, what these
// refer to or stand below, and their groups, each by key, identifier or member. Derives everybody, for what
// one person may have depends on what others have. Errors as planner_make's.
Look *planner_look(const PlannerSetup *setup, size_t target, uint32_t person, GError **error);
void look_free(Look *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Look, look_free)

#endif
