// SPDX-License-Identifier: GPL-3.0-or-later
//
// The planner's inside: one Side per target, taken through phases in this order:
//   derive (desired) -> read all but groups -> names -> ops of entries -> read groups, edges -> links
// Observed entries stream by; only those that differ are kept.
#ifndef IDOU_PLANNER_P_H
#define IDOU_PLANNER_P_H

#include <idou/planner.h>

// desired.c: what is wanted, derived: a Desired over roster and rules.
typedef struct Derived {
  Desired desired;
  const DesiredSource *source;
  Store *store;
  Date day;
  Roster *roster;
  Derive *derive;
  GHashTable
      *withdrawn;  // person -> why: an order of theirs was withdrawn, and nobody confirmed it
  GStringChunk *texts;
  Roster *past;       // opened when a person's units are first asked for
  GHashTable *units;  // person -> PersonUnits
} Derived;

// NULL when it comes from elsewhere: then there are no names to be given either.
Derive *desired_derive(Desired *desired);
Roster *desired_roster(Desired *desired);

// desired_cause.c
// What took effect and was known longer before the day than this is not what an operation comes from.
#define FRESH_DAYS 92

bool desired_event(const Derived *derived, uint32_t person, int64_t row, bool enables,
                   DesiredEvent *out);

// desired_unit.c
void desired_units(Desired *desired, uint32_t person, PersonUnits *out);
const char *desired_unit(Desired *desired, uint32_t id);

// An observed entry that is kept, because it differs or because its object has no name yet.
typedef struct Kept {
  uint32_t entry;
  uint16_t klass;     // index into the mapping's classes
  bool adopted;       // matched by key but not bound yet
  Observed observed;  // deep copy in Side.arena
} Kept;

// Flags of an entry of the desired table, by index.
enum {
  SEEN = 1,        // matched with an observed entry
  PROTECTED = 2,   // matched, and never to be touched
  AMBIGUOUS = 4,   // more than one entry claims it: not touched
  VANISHED = 8,    // bound, yet not there
  UNNAMED = 16,    // still waits for a name that no candidate could give
  WANTED = 32,     // when only some are read: this one; all others pass for seen and in their place
  OWN = 64,        // an entry of the person looked at, or with a restriction that begins or ends
  OCCUPIED = 128,  // a unit that is to go, and something is in it still: not deleted
  WITHHELD =
      256  // not there, and not made: its person is stopped, and it could not be made switched off
};

// A name that this plan allocates.
typedef struct Allocated {
  uint32_t op;
  bool waits;  // comes into use on the day that is planned for
} Allocated;

// The operations of an entry that others must wait for; numbers as plan_add_op gave them, 0 = none.
typedef struct EntryOps {
  uint32_t create, place, modify, enable, disable, remove;
  uint32_t aside;       // before `place`: out of the way of the one that takes its place
  bool modify_waits;    // for the day that is planned for
  GArray *allocated;    // Allocated; NULL = none
  GArray *leaves;       // uint32_t: edges taken away from this member
  GArray *outs;         // uint32_t: edges taken out of this group
  uint32_t old_parent;  // entry it moves or is deleted out of; ENTRY_NONE
} EntryOps;

// Names as the targets have them, over all targets of a plan: one that is free here may be somebody's there.
// Filled only when somebody has no name.
typedef struct Names {
  GStringChunk *texts;
  GHashTable *taken;      // "KIND KEY" -> the person of ours who bears it, else STORE_NAME_NOBODY
  GHashTable *borne;      // "KIND PERSON" -> name that stands in an entry of theirs
  GHashTable *proposed;   // "KIND PERSON" -> name
  GHashTable *allocated;  // likewise, of those that some operation of the plan allocates
  uint8_t *read;          // by target
  const char *unread;     // a target that could not be read; NULL = none
} Names;

// A name for somebody; allocated once it is sure that their entry gets a place.
typedef struct Proposal {
  Unnamed unnamed;
  const char *name;
  const char *confirm;  // what a person has to confirm first; NULL
  bool stands;          // in an entry of theirs
  bool waits;           // comes into use on the day that is planned for
} Proposal;

// A group that nobody of ours made and that holds an entry of the person looked at.
typedef struct Stranger {
  uint32_t member;
  const char *dn;
} Stranger;

// What operations of one target wait for in others (planner_across.c).
typedef struct Across Across;

// A member of a group that was nobody's we knew when the group was read.
typedef struct Unresolved {
  uint32_t group;
  bool owned;  // the group, to take people out of
  const char *dn;
} Unresolved;

// A restriction of this target, as it touches what the rules want (planner_restrict.c).
typedef struct Restraint {
  const Restriction *what;
  const RestrictionRow *row;  // the same's
  bool is_orphan;
  uint32_t entry;    // ENTRY_NONE: an orphan's, or no rule knows it
  uint32_t group;    // of an edge
  bool takes;        // it counts on the day that is planned for …
  bool takes_today;  // … and today
  bool lifts;        // it ends with this plan
  bool bites;        // on that day the rules wanted what it takes
  bool gone;         // the rules themselves let its object go
  bool backed;       // of cause orphan: the rules want it, so somebody stands behind it
  bool idle;         // it is not planned: a note says why
  uint32_t op;       // in the ledger; 0 = none
} Restraint;

typedef struct Side {
  const PlannerSetup *setup;
  const PlannerTarget *target;
  const char *base;
  Plan *plan;
  size_t section;
  GString *fingerprint;
  bool unread;  // it could not be read: nothing is planned for it
  Schema *schema;
  Table *table;
  Desired *desired;
  Derive *derive;         // the same, where names may have to be given; NULL = all have theirs
  const Klass **klasses;  // by class of the table
  // The same for today, told when a first operation asks what today wants; only if as_of is later.
  Table *today_table;
  Desired *today;
  Derive *today_derive;
  Findings *untold;           // today's: the same ones as for the later day
  bool later;                 // the moment planned for is after now
  GArray *pasts;              // Past: what days gone by wanted (planner_night.c)
  GHashTable *postponed;      // handle -> Postponed
  uint16_t *flags;            // by entry
  Matcher **matchers;         // by class of the mapping; NULL where not this target's
  GHashTable *places;         // hash of a DN as observed -> entry + 1
  GHashTable *normal_places;  // the same by its normal form; NULL until asked for
  GHashTable *located;        // entry -> observed DN, where it is not where it should be
  GHashTable *renewing;       // entries with a name to be made anew: kept however they are
  GArray *unresolved;         // Unresolved: to be looked for when all groups are read
  GHashTable *ops;            // entry -> EntryOps
  GHashTable *placed;         // object -> itself, for the section's places
  Names *names;               // of the plan
  Across *across;             // of the plan; NULL when one person is looked at
  size_t n_unnamed;           // who have no name, or are to have another, when it was derived
  bool reads_names;     // somebody here, or whoever reads this for another target, needs to know
  GHashTable *seen;     // "KIND NAME" of entries that are nobody's
  GPtrArray *kept;      // Kept
  GHashTable *kept_by;  // entry -> Kept
  GPtrArray *orphans;   // Kept
  GHashTable *orphan_names;  // normal values of their names; only while somebody is unnamed
  GPtrArray *claims;         // Kept: each claims an entry that is ambiguous for it
  GPtrArray *spared;         // Kept: entries of nobody that are protected; only with a survey
  GArray *proposals;         // Proposal: names proposed, in that order
  GArray *followers;         // Proposal: of what only follows a name that another entry brings
  GHashTable *gifts;         // "KIND PERSON" -> the operation here that allocates the name
  GHashTable *labels;        // entry -> what people call it
  GHashTable *members;       // group entry -> who is in it (planner_edges.c)
  GStringChunk *arena;
  GString *scratch;  // short-lived; a function that calls others does not rely on it
  // When one person is looked at (look.c); NULL in a plan.
  GHashTable *looked;  // entry -> Kept, of all that were read
  GPtrArray *looks;    // Kept: owns those
  // DN -> entry + 1 of ours, and "CLASS DN" of all, since an entry may be asked for in several ways.
  GHashTable *delivered;
  GArray *strangers;         // Stranger
  const char *const *extra;  // attributes to read along; NULL-terminated
  GArray *restraints;        // Restraint; NULL until the first table is there
  GHashTable *restrained;    // entry -> GPtrArray of its Restraints
  GHashTable *ended;         // entry of what is given -> Restraint that ends it, or gives it back
  GHashTable *alone;         // entries that are off by a restriction and keep their memberships
  GHashTable *taken;         // "group << 32 | member" -> Restraint
  GHashTable *strays;        // id -> Stray (planner_orphan.c); NULL = none
  GArray *withheld;          // Withheld (planner_stop.c); NULL = nothing
  size_t n_read, n_ours;
  size_t n_untold;  // entries of nobody that are not told one by one
  uint64_t place_seed[2];
} Side;

// planner.c
void side_init(Side *side, const PlannerSetup *setup, size_t target, Plan *plan);
void side_clear(Side *side);
bool side_learn(Side *side, GError **error);   // the target's schema
bool side_derive(Side *side, GError **error);  // the desired table
// planner_few.c: the people of whom alone something must be known; NULL = everybody. Caller unrefs.
GArray *side_few(const Side *side);
// How many objects, and of people, we have in the target, though few of them were derived.
bool side_count_bound(const Side *side, int64_t *n_objects, int64_t *n_people, GError **error);
void side_place_containers(Side *side);
bool side_settle_names(Side *side, GError **error);

// planner_read.c
// Entries with one of these values of the attribute; NULL = with these stable ids.
typedef struct Wish {
  const char *attribute;
  const char *const *keys;  // NULL-terminated
  uint32_t member;          // of groups: the keys are DNs of this entry; else ENTRY_NONE
} Wish;
// Of class i only these; what was read before is passed over.
bool side_read_some(Side *side, size_t i, const Wish *wishes, size_t n_wishes, GError **error);
bool side_read(Side *side, bool groups, GError **error);
void side_read_ahead(Side *side);  // begins what side_read will ask for
Observed side_copy(Side *side, const Observed *observed);
const char *side_text(Side *side, Bytes bytes);  // terminated copy in the arena

// wish.c: what is asked for when only some entries are read.
typedef struct Wishes {
  GArray *list;       // Wish
  GPtrArray *arrays;  // their keys
} Wishes;
void wishes_init(Wishes *wishes);
void wishes_clear(Wishes *wishes);
// Marks the entry WANTED, with those above it: where it can be depends on them.
void wish_want(Side *side, uint32_t entry);
void wish_want_references(Side *side, uint32_t entry);  // what its values refer to
GPtrArray *wish_keys(void);
// Takes the keys.
void wish_for(Wishes *wishes, const char *attribute, GPtrArray *keys, uint32_t member);
void wish_by_key(Side *side, const Klass *klass, Wishes *wishes);  // those WANTED, by key and id
bool wishes_read(Side *side, size_t i, const Wishes *wishes, GError **error);

// planner_place.c
// Its name was made anew since it was read: is it still where it should be?
void side_place_anew(Side *side, uint32_t entry);
void side_remember_place(Side *side, uint32_t entry, const Bytes *dn);
uint32_t side_find_place(Side *side, const char *dn, size_t n);  // entry that is there, as observed

// planner_name.c
bool side_name_people(Side *side, GError **error);
// Once it is known which entries have a place: allocates the names of those.
void side_allocate(Side *side);

// planner_follow.c: what people are given by tables waits for a name that their account brings, here or elsewhere.
bool side_follow_names(Side *side, GError **error);  // takes names that were proposed
void side_note_gift(Side *side, const Unnamed *unnamed, const char *name, uint32_t op);
uint32_t side_gift(const Side *side, const char *kind, uint32_t person);  // 0 = none
bool side_may_follow(Side *side,
                     uint32_t entry);  // every name that it needs is given, or is by this plan
void side_follow(Side *side, uint32_t entry,
                 uint32_t create);  // after the operations that give them

// planner_names.c: names in the targets.
Names *names_new(size_t n_targets);
void names_free(Names *names);
bool names_known_by(const PlannerSetup *setup, size_t target);  // it holds names of ours
// Notes the names that an entry bears. `entry`: whose it is; ENTRY_NONE: nobody's, or not clear.
void side_take_names(Side *side, const Klass *klass, const Observed *observed, uint32_t entry);
// What stands in the attribute, as a name of the kind.
const char *side_name_value(Side *side, const KlassName *name, Bytes value);
void names_take(Names *names, const char *kind, const char *name, uint32_t person);
uint32_t names_taker(const Names *names, const char *kind, const char *name);  // 0 = free
// By kind and person.
const char *names_of(GHashTable *by_person, const char *kind, uint32_t person);
void names_put(Names *names, GHashTable *by_person, const char *kind, uint32_t person,
               const char *name);
// Reads those of all other targets that know the kinds; nothing else comes of it.
bool side_read_names_elsewhere(Side *side, GError **error);
// Those that are nobody's, into the plan, so that they are remembered.
void side_note_seen(Side *side);

// planner_survey.c: tells whoever wants to know all that is read.
void side_survey(Side *side, const Kept *kept, bool is_protected);
void side_survey_orphan(Side *side, const Kept *kept, uint32_t candidate, const char *by);
void side_survey_spared(
    Side *side);  // entries of nobody that are protected, and those that several claim
void side_survey_edge(Side *side, uint32_t group, uint32_t member, bool fixed);
void side_survey_given(Side *side, uint32_t group, uint32_t member, bool fixed);

// planner_receipts.c: notes of what was sent here and has no receipt for too long.
bool side_note_receipts(Side *side, GError **error);

// diff.c: pure.
typedef struct Changes {
  GArray *changes;  // OpChange
  GArray *attrs;    // AttrId of each change
} Changes;
// True when the entry is where and what it should be, going only by bytes and simple rules: the fast
// path of a night when nothing happened. False says nothing yet.
bool diff_same(const Side *side, const Entry *entry, const Observed *observed);
// Exact comparison. Values belong to side->arena.
void diff_entry(Side *side, const Entry *entry, const Observed *observed, Changes *out);
// Appends the entries of access lists that no rule gives and a rule's policy keeps (merge), with commas between.
void diff_rights_of_others(Side *side, const Entry *entry, const Observed *observed, GString *out);
// All values for a new entry, object classes first.
void diff_create(Side *side, uint32_t entry, const Klass *klass, Changes *out);
OpValue diff_value(Side *side, const Value *value);
// A secret in place of whatever there is.
void diff_renew(Side *side, AttrId attr, const Value *value, Changes *out);
void changes_init(Changes *changes);
void changes_clear(Changes *changes);
const ObservedAttr *diff_observed_attr(const Observed *observed, AttrId attr);

// planner_ops.c
// Where entries of several classes of ours stand in one place, what is nobody's in one is another's.
bool side_is_of_other_class(Side *side, const Kept *kept);
bool side_entry_ops(Side *side, GError **error);
EntryOps *side_ops(Side *side, uint32_t entry);
bool side_is_planned(const Side *side,
                     uint32_t index);      // an entry of which this plan may say something
uint32_t side_add_op(Side *side, Op *op);  // adds target; places its objects
// The operation after which the entry's DN is what it shall be: its own or that of a place above it; 0 when
// it is so already.
uint32_t side_settled_by(const Side *side, uint32_t entry);
// What makes an entry switched off, or on, given how it is. Points into itself.
typedef struct LockChange {
  OpChange change;
  OpValue there, wanted;
} LockChange;
void side_lock_change(Side *side, const Observed *observed, bool off, LockChange *out);
// True when the entry or one above it is not there to be put below or referred to; known once those that
// vanished are.
bool side_unreachable(const Side *side, uint32_t entry);
// Whether an entry that is not there can be made; false after a note, and marks it, when what it belongs
// below is not there.
bool side_has_place(Side *side, uint32_t entry);
// Whether the entry should be there and is not.
bool side_is_missing(const Side *side, uint32_t entry);
const char *side_structural_class(const Klass *klass);      // the last one; NULL = it has none
const Klass *side_klass(const Side *side, uint32_t entry);  // NULL for containers
const char *side_object(Side *side, uint32_t entry);
const char *side_label(Side *side, uint32_t entry);
void side_note(Side *side, const char *code, const char *object, const char *label,
               const char *text);
// … of an entry that is other than it should be, and is left so: a receipt must not tell that it is done.
// `object` NULL: the entry's.
void side_note_left(Side *side, const char *code, uint32_t index, const char *object,
                    const char *text);
bool side_today_settled(Side *side, uint32_t entry);  // today wants it in the same place
// Fills why, rule and source: `reason`, then the orders, the rules and the lines they come from.
void side_explain(Side *side, Op *op, const Why *why, const char *reason);
void side_why(Side *side, Op *op, uint32_t entry, const char *attribute);

// planner_restrict.c
bool side_restrict(Side *side, GError **error);        // whenever the table was frozen
bool side_restrict_today(Side *side, GError **error);  // the same of today's
void side_free_restraints(Side *side);
bool side_has_restraints(const Side *side);
// Its memberships are left alone, though it is switched off.
bool side_is_alone(const Side *side, uint32_t entry);
bool side_is_taken(const Side *side, uint32_t group, uint32_t member);  // by a restriction
// The one that an operation comes of; `group` ENTRY_NONE unless it joins or leaves. NULL: of the rules.
const Restraint *side_blame(const Side *side, OpKind kind, uint32_t entry, uint32_t group);
void side_restrained_why(Side *side, const Restraint *restraint, Op *op);
void side_restrict_ops(Side *side);  // what begins and ends, in the ledger

// planner_stop.c
bool side_withholds(
    Side *side, const Op *op);  // it is not planned, since its person is stopped; told at the end
void side_withhold_missing(Side *side);  // marks entries WITHHELD
void side_tell_withheld(Side *side);
// OP_RESTRICT or OP_LIFT: fills in what it says; label and person are the caller's.
uint32_t side_restraint_op(Side *side, const Restraint *restraint, Op *op);
void side_note_idle(Side *side, Restraint *restraint, const char *label, const char *why);
// Those of its object, `list`: one for the same stands and stays, or is begun; it ends with this plan, in the ledger, too;
// it begins after those for the same that end.
bool side_restraint_stands(const GPtrArray *list, const Restraint *restraint);
bool side_restraint_ends(const Side *side, const GPtrArray *list, const Restraint *restraint);
void side_restraint_follows(Side *side, const GPtrArray *list, const Restraint *restraint);

// planner_orphan.c
void side_add_stray(Side *side, Restraint *restraint);
// While entries are read: one of nobody's, and one of ours, by whatever class.
void side_note_stray(Side *side, const Kept *what, const Observed *observed, bool is_protected);
void side_note_known(Side *side, uint32_t entry, const Observed *observed);
bool side_is_stray(const Side *side, const Observed *observed);
void side_stray_ops(Side *side);
bool side_stray_leaves(Side *side, uint32_t group, const char *dn);  // it is taken out of the group
void side_stray_leave(Side *side, uint32_t group, const char *dn, uint32_t filler);
void side_wish_strays(const Side *side, Wishes *wishes);
void side_wish_stray_groups(const Side *side, const Klass *klass, Wishes *wishes);

// planner_some.c
bool side_read_restricted(Side *side,
                          GError **error);  // what concerns entries with new or lifted ones

// planner_units.c
// Marks units that are to go and cannot yet, and tells of those that have ended and stay.
void side_guard_units(Side *side);
// Who stays for now where the entry shall be; ENTRY_NONE if nobody does.
uint32_t side_place_holder(Side *side, uint32_t entry);

// planner_cause.c
// What in the records a person's operation comes from, by the source rows that explain it. For others nothing.
void side_cause(const Side *side, Op *op, uint32_t entry, const GArray *rows);
// planner_order.c
// Why an operation on the person needs confirmation; NULL = it does not.
const char *side_unconfirmed(const Side *side, const Op *op);
// The cover note that counts one of the orders among the rows; NULL if none.
const char *side_expected(Side *side, const Op *op, const GArray *rows);

// planner_secret.c
// What the bearer of the entry types to log in, when the operation gives them a password; else NULL.
const char *side_account(Side *side, uint32_t entry, const Op *op);
bool side_secret_due(const Side *side, uint32_t entry);  // it was made for something that is over
// Adds the secrets to be made anew, because of that or because the entry is switched on again.
void side_renew_secrets(Side *side, uint32_t entry, bool enables, Changes *out);

// planner_today.c
bool side_today(Side *side, GError **error);        // makes the tables of today, once
bool side_today_names(Side *side, GError **error);  // gives proposed names there, too
// Whether today asks for that name anew just as well.
bool side_today_renews(const Side *side, const Unnamed *unnamed);
uint32_t side_today_entry(Side *side, uint32_t entry);  // ENTRY_NONE if today wants none
Instant side_day(const Side *side);                     // the moment planned for

// planner_night.c: when in a night an operation that a rule wants is done. What comes of a restriction is done at once.
void side_night_entry(Side *side, Op *op, uint32_t entry);
void side_night_edge(Side *side, Op *op, uint32_t group, uint32_t member);
// `op` was added as `handle`; without the night it would be done at `before`.
void side_night_note(Side *side, const Op *op, uint32_t handle, Instant before);
void side_night_settle(Side *side);  // when all waits are known: what others need is not put off
void side_night_clear(Side *side);

// planner_edges.c
void side_read_members(Side *side, uint32_t group, const Klass *klass, const Observed *observed);
bool side_edges(Side *side, GError **error);
// What is known of a group that was not read whole: that it is there and, unless ENTRY_NONE, who is in it.
void side_resolve_members(Side *side);  // when all groups are read
void side_note_member(Side *side, uint32_t group, uint32_t member);
bool side_has_member(const Side *side, uint32_t group, uint32_t member);
void side_free_members(gpointer members);

bool side_is_owned(Side *side, const Klass *klass, uint32_t group);
size_t side_staying_members(Side *side, uint32_t group);  // members that nobody takes out

// planner_link.c
uint32_t
side_occupant(Side *side,
              uint32_t entry);  // who is where it shall be; ENTRY_NONE if nobody, or itself
void side_link(Side *side);
// The same for an entry that no rule knows.
void side_place_observed(Side *side, const char *object, const Observed *observed);
void side_place(Side *side, uint32_t entry);  // lists the entry and its parents in the section
const char *side_container(Side *side,
                           const char *dn);  // the same for a place that is no object of ours

// planner_across.c
Across *across_new(void);
void across_free(Across *across);
// An operation was added: links it with those of targets before this one, and notes what later ones may wait for.
void side_across(Side *side, const Op *op, uint32_t handle);
void side_across_unread(Side *side);  // the target could not be read
// Whether what somebody leaves behind stays for now, since a domain cannot be read; then a note says so.
bool side_waits(Side *side, uint32_t entry);

// look.c, look_show.c: one person.
typedef struct Looking {
  Side side;
  uint32_t person;
  GArray *posts;          // uint32_t: ids of the person's posts
  GArray *own;            // uint32_t: entries of the person and of the posts
  GHashTable *elsewhere;  // entry -> DN outside of our places
  GArray *nested;         // Nested
  Names *names;
} Looking;

// A group that the target counts an own entry into, whichever way. Strings are in Side.arena.
typedef struct Nested {
  uint32_t member;
  const char *dn;
  const char *
      through;  // DN of a group in between; NULL = it holds the entry itself, or that is not to be seen
  bool primary;
  const char *const *above;  // DNs of the groups that hold this one, NULL-terminated
} Nested;

bool look_edge(const Side *side, uint32_t group, uint32_t member);  // the rules put it there
void look_show(Looking *looking, Look *out);
const char *const *look_locks(void);  // NULL-terminated
// Groups in groups, for each own entry that was found. Where the target cannot say, there are none.
bool look_nested(Looking *looking, GError **error);
#define LOOK_NESTED_BY "memberOf", "primaryGroupID"  // what is read of own entries for it

static inline const Klass *side_klass_at(const Side *side, size_t i)
{
  return side->setup->source->klass(side->setup->source, i);
}

static inline bool entry_unmanaged(const Entry *entry)
{
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  return entry->presence == PRESENCE_RETAINED && entry->enabled == ENABLED_UNMANAGED &&
         !cursor_next(&cursor, &packed);
}

#endif
