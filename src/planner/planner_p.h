// SPDX-License-Identifier: GPL-3.0-or-later
//
// The planner's inside: one Side per target, taken through phases in this order:
//   derive (desired) -> read all but groups -> names -> ops of entries -> read groups, edges -> links
// Observed entries stream by; only those that differ are kept.
#ifndef IDOU_PLANNER_P_H
#define IDOU_PLANNER_P_H

#include <idou/planner.h>

// An observed entry that is kept, because it differs or because its object has no name yet.
typedef struct Kept {
  uint32_t entry;
  uint16_t klass;     // index into the mapping's classes
  bool adopted;       // matched by key but not bound yet
  Observed observed;  // deep copy in Side.arena
} Kept;

// Flags of an entry of the desired table, by index.
enum {
  SEEN = 1,       // matched with an observed entry
  PROTECTED = 2,  // matched, and never to be touched
  AMBIGUOUS = 4,  // more than one entry claims it: not touched
  VANISHED = 8,   // bound, yet not there
  UNNAMED = 16    // still waits for a name that no candidate could give
};

// The operations of an entry that others must wait for; numbers as plan_add_op gave them, 0 = none.
typedef struct EntryOps {
  uint32_t allocate, create, place, modify, enable, disable, remove;
  const char *proposed;  // the name this plan allocates
  GArray *leaves;        // uint32_t: edges taken away from this member
  uint32_t old_parent;   // entry it moves or is deleted out of; ENTRY_NONE
} EntryOps;

typedef struct Side {
  const PlannerSetup *setup;
  const PlannerTarget *target;
  const char *base;
  Plan *plan;
  size_t section;
  PlanSection *described;  // the same; borrowed while no other is added
  Schema *schema;
  Roster *roster;
  Table *table;
  Derive *derive;
  // The same for today, derived when a first operation asks what today wants; only if as_of is later.
  Roster *today_roster;
  Table *today_table;
  Derive *today_derive;
  bool later;                 // as_of begins after now
  uint8_t *flags;             // by entry
  Matcher **matchers;         // by class of the mapping; NULL where not this target's
  GHashTable *places;         // hash of a DN as observed -> entry + 1
  GHashTable *normal_places;  // the same by its normal form; NULL until asked for
  GHashTable *located;        // entry -> observed DN, where it is not where it should be
  GHashTable *ops;            // entry -> EntryOps
  GHashTable *placed;         // object -> itself, for the section's places
  GHashTable *taken;         // text_key of names seen in the target; only while somebody is unnamed
  GPtrArray *kept;           // Kept
  GHashTable *kept_by;       // entry -> Kept
  GPtrArray *orphans;        // Kept
  GHashTable *orphan_names;  // normal values of their names; only while somebody is unnamed
  GPtrArray *claims;         // Kept: each claims an entry that is ambiguous for it
  GHashTable *labels;        // entry -> what people call it
  GHashTable *members;       // group entry -> who is in it (planner_edges.c)
  GHashTable *withdrawn;      // person -> why: an order of theirs was withdrawn, and nobody confirmed it
  GStringChunk *arena;
  GString *scratch;  // short-lived; a function that calls others does not rely on it
  size_t n_read, n_ours;
  uint64_t place_seed[2];
} Side;

// planner_read.c
bool side_read(Side *side, bool groups, GError **error);
Observed side_copy(Side *side, const Observed *observed);
const char *side_text(Side *side, Bytes bytes);  // terminated copy in the arena

// planner_place.c
void side_remember_place(Side *side, uint32_t entry, const Bytes *dn);
uint32_t side_find_place(Side *side, const char *dn, size_t n);  // entry that is there, as observed

// planner_name.c
bool side_name_people(Side *side, GError **error);

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
// All values for a new entry, object classes first.
void diff_create(Side *side, uint32_t entry, const Klass *klass, Changes *out);
OpValue diff_value(Side *side, const Value *value);
void changes_init(Changes *changes);
void changes_clear(Changes *changes);
const ObservedAttr *diff_observed_attr(const Observed *observed, AttrId attr);

// planner_ops.c
bool side_entry_ops(Side *side, GError **error);
EntryOps *side_ops(Side *side, uint32_t entry);
uint32_t side_add_op(Side *side, Op *op);  // adds target; places its objects
// The operation after which the entry's DN is what it shall be: its own or that of a place above it; 0 when
// it is so already.
uint32_t side_settled_by(const Side *side, uint32_t entry);
// True when the entry or one above it is not there to be put below or referred to; known once those that
// vanished are.
bool side_unreachable(const Side *side, uint32_t entry);
const Klass *side_klass(const Side *side, uint32_t entry);  // NULL for containers
const char *side_object(Side *side, uint32_t entry);
const char *side_label(Side *side, uint32_t entry);
void side_note(Side *side, const char *code, const char *object, const char *label,
               const char *text);
bool side_today_settled(Side *side, uint32_t entry);  // today wants it in the same place
// Fills why, rule and source: `reason`, then the orders, the rules and the lines they come from.
void side_explain(Side *side, Op *op, const Why *why, const char *reason);
void side_why(Side *side, Op *op, uint32_t entry, const char *attribute);

// planner_order.c
bool side_read_orders(Side *side, GError **error);
// Why an operation on the person needs confirmation; NULL = it does not.
const char *side_unconfirmed(const Side *side, const Op *op);
// The cover note that counts one of the orders among the rows; NULL if none.
const char *side_expected(Side *side, const Op *op, const GArray *rows);

// planner_today.c
bool side_today(Side *side, GError **error);            // makes the tables of today, once
uint32_t side_today_entry(Side *side, uint32_t entry);  // ENTRY_NONE if today wants none
Instant side_day(const Side *side);                     // when as_of begins

// planner_edges.c
void side_read_members(Side *side, uint32_t group, const Klass *klass, const Observed *observed);
bool side_edges(Side *side, GError **error);
void side_free_members(gpointer members);

// planner_link.c
void side_link(Side *side);
void side_place(Side *side, uint32_t entry);  // lists the entry and its parents in the section
const char *side_container(Side *side,
                           const char *dn);  // the same for a place that is no object of ours

static inline bool entry_unmanaged(const Entry *entry)
{
  return entry->presence == PRESENCE_RETAINED && entry->enabled == ENABLED_UNMANAGED;
}

#endif
