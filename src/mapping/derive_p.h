// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the files that derive share: from the rules of mapping_p.h and people to entries.
#ifndef IDOU_DERIVE_P_H
#define IDOU_DERIVE_P_H

#include "mapping_p.h"

// ---------------------------------------------------------------------------------------------
// Deriving. An arena for the values of one entry; what names mean; tables at work; classes at work.

typedef struct Arena {
  GPtrArray *blocks;
  size_t block, used;
} Arena;

void arena_init(Arena *arena);
void arena_clear(Arena *arena);
void arena_reset(Arena *arena);  // everything handed out is void; the memory is used again
void *arena_alloc(Arena *arena, size_t n_bytes);
const char *arena_text(Arena *arena, const char *text, size_t n_bytes);

typedef struct UnitNode {
  const Unit *unit;
  bool ended;
  const char *path;  // names from the top, "/" between
  const char *order;
  uint32_t head;         // person; 0 = nobody, or nobody asked
  int64_t head_rows[2];  // source rows of their post and title there; 0 = none
  bool occupied;  // it ended, and somebody or a unit is in it still: its entry stays as it was
} UnitNode;

// Parts of a person's name, made once a person and only when asked for.
enum {
  PART_NAME,
  PART_KANA,
  PART_FAMILY,
  PART_GIVEN,
  PART_FAMILY_KANA,
  PART_GIVEN_KANA,
  PART_FAMILY_ROMAJI,
  PART_GIVEN_ROMAJI,
  PART_RANK,
  PART_POST_RANK,
  N_PARTS
};

// A decision table at work. For each value seen in a column it remembers the rows that take it, as
// bits; a lookup is then one AND for each column.
typedef struct Decider Decider;

// What a person is given by tables, by one post or several, over one unbroken time (derive_assign.c).
typedef struct Piece {  // by one row for one time
  uint16_t klass;       // index of the mapping
  const char *assignment;
  Date from, to;         // [from, to)
  Instant begins, ends;  // the same to the minute
  bool by_hour;
  const Post *post;            // NULL: of an exception
  const Choice *choice;        // the row; NULL: of an exception
  const Exception *exception;  // the one that gives it, or that takes away what lies behind its end
} Piece;

typedef struct Assignment {
  uint16_t klass;
  const char *name;
  Date from, to;
  Instant begins, ends;
  bool by_hour;
  bool conflicts;
  const Piece *pieces;  // in order of time
  unsigned n_pieces;
  const char *first_day, *last_day;  // "2027-04-01"; last NULL = open
} Assignment;

// A class at work that gives assignments, be it of another target: conflicts are looked for among all.
typedef struct Giver {
  const Rules *rules;
  Decider *decider;        // NULL: nobody asks this class
  GHashTable *exceptions;  // person -> GPtrArray of Exception
} Giver;

// What names in templates mean at the moment.
typedef struct Scope {
  Derive *derive;
  const Person *person;
  const Post *post;              // the one at hand, of `each`, memberships and classes for posts
  const Post *focus;             // whose unit and title `unit` and `title` are
  const UnitNode *unit;          // of classes for units
  const char *group;             // of classes for groups
  const char *a_name;            // the one at hand, of `each` over names
  const Assignment *assignment;  // of classes for assignments
  GArray *rows;                  // source rows of what is read; NULL = nobody asks
  bool is_split;
  GString *parts[N_PARTS];
} Scope;

typedef const char *(*GetFunc)(Scope *scope, unsigned arg);

typedef struct Binding {
  GetFunc get;
  unsigned arg;
} Binding;

typedef enum Context {
  CONTEXT_PERSON,
  CONTEXT_UNIT,
  CONTEXT_GROUP,
  CONTEXT_ASSIGNMENT,  // of a person, and what they are given
  N_CONTEXTS
} Context;

Context context_of(MappingFor subject);
// The order in which a post is shown, as digits (rank.c). Appends.
void rank_put(const Derive *derive, const Person *person, const Post *post, GString *out);
// The main one, then the others in that order.
void rank_sort(const Derive *derive, const Person *person, const Post **posts, size_t n);
// Fills bindings[context][name] for every name of the library.
void scope_bind(Derive *derive);
// Whether the name means something; `fields` are those that layouts fill (NULL: any field is taken).
bool scope_knows(const Mapping *mapping, Context context, const char *name,
                 const char *const *fields);
void scope_init(Scope *scope, Derive *derive);
void scope_clear(Scope *scope);
void scope_person(Scope *scope, const Person *person);
void scope_unit(Scope *scope, const UnitNode *unit);
void scope_group(Scope *scope, const char *group);
const char *scope_get(Scope *scope, uint16_t name);
const char *scope_name(Scope *scope);  // of the person, as at work; "" if nobody told it
// The post whose unit and title stand for the person: the main one in force, else another in force (when
// the main one has ended), else the main one to come, else the last. NULL if none.
const Post *scope_main_post(const Derive *derive, const Person *person);

Decider *decider_new(const Decision *decision, Derive *derive);
void decider_free(Decider *decider);
// Calls for each row that applies, in order.
typedef void (*ChoiceFunc)(const Choice *choice, void *data);
void decider_each(Decider *decider, Scope *scope, ChoiceFunc func, void *data);
// After decider_each: the rows that match as well, where only the first applies.
void decider_outvoted(const Decider *decider, ChoiceFunc func, void *data);
// Whether the cell takes the value (a code where the condition is one of units or titles).
bool decider_takes(const Derive *derive, const Condition *condition, const Cell *cell,
                   const char *value);

typedef struct Live {  // a class at work
  const Rules *rules;  // NULL: of another target
  uint16_t klass;      // in the table
  AttrId key;
  bool key_has_rule;
  AttrId *attrs;       // of each rule
  GArray *by_subject;  // uint32_t by surrogate id; ENTRY_NONE = none
  GHashTable *by_key;  // units and groups: key -> entry + 1
  Decider **deciders;  // of each grant; NULL = no table
  uint32_t container;  // entry of the class's own place
  uint32_t moves[N_LIVES];
} Live;

typedef struct Trace {  // somebody asks why: nothing is written to the table
  Why *why;
  uint32_t entry;    // asked about
  const Live *live;  // its class
  const char *attr;  // NULL: its presence
  uint32_t group;    // an edge is asked about; ENTRY_NONE = no
  bool found;
  bool in_force;  // a post in force gives the edge: no grace does
} Trace;

typedef struct Watch {  // somebody asks which rows apply: nothing is written to the table
  WatchFunc func;
  void *data;
} Watch;

struct Derive {
  DeriveSetup setup;
  const Mapping *mapping;
  Store *store;
  Date today;
  Instant at;   // the moment of it
  Live *lives;  // by class of the mapping
  size_t n_lives;
  Binding *bindings[N_CONTEXTS];
  Charset *charset;  // NULL = anything
  Scope scope;
  Evaluator evaluator;
  Arena arena;
  GString *text;
  const Rules *rules;  // of the class whose values are being made
  GArray *attributes;  // Attribute, of the draft at hand
  GHashTable *units;   // code -> UnitNode
  GPtrArray *unit_nodes;
  GStringChunk *texts;
  // By NameRule: person -> the name in use; earlier ones (GPtrArray), of those who have any; what the one in
  // use was made for, where the kind renews.
  GHashTable **names, **formers, **bases;
  GArray *unnamed;              // Unnamed
  GArray *hourly;               // Hourly
  GHashTable *unnamed_entries;  // entry and kind of those noted
  bool quiet;                   // findings were told, or will be
  bool probing;                 // names that are still to be given count as given
  uint32_t base;                // entry of the target's base
  GHashTable *done;             // people derived before the stream reaches them
  GHashTable *visitors;         // code of a unit -> what people bring (derive_visit.c)
  // Of assignments: NULL givers when no class here is for them. The rest is of the person at hand.
  Giver *givers;  // by class of the mapping
  bool *asked;    // by FieldId: some table looks at it
  size_t n_asked;
  GArray *pieces;       // Piece
  GArray *assignments;  // Assignment, by class, name and time
  GHashTable
      *doubtful;  // people of whom something could not be told: nothing of theirs is withdrawn
  Trace *trace;   // NULL: nobody asks
  GHashTable *post_people;  // post -> person; NULL until somebody asks why
  const Watch *watch;       // NULL: nobody looks on
};

const UnitNode *derive_unit(const Derive *derive, const char *code);
const char *derive_given_name(const Derive *derive, uint32_t person, unsigned name_rule);
// Earlier ones; NULL = none.
const GPtrArray *derive_former_names(const Derive *derive, uint32_t person, unsigned name_rule);
bool derive_read_names(Derive *derive, GError **error);
void derive_free_names(Derive *derive);
// Whether the person at hand has every name that the class speaks of.
bool derive_is_named(const Derive *derive, const Rules *rules, uint32_t person);
// Whether the key speaks of a name that the person will get with another entry: this one waits for that.
bool derive_key_waits(const Derive *derive, const Rules *rules, uint32_t person);
// Who has no name yet gets one by another entry, and is derived again then; here somebody only has to ask for it.
void derive_wait_for_name(Derive *derive, Live *live, uint32_t subject);
// Notes the names that the person at hand lacks, or has and should have anew.
void derive_note_unnamed(Derive *derive, const Rules *rules, uint32_t entry);
uint32_t derive_entry(const Live *live, uint32_t subject);
uint32_t derive_entry_by_key(const Live *live, const char *key);
// To the table, replacing an earlier entry of the subject (or key, where there is no subject).
uint32_t derive_emit(Derive *derive, Live *live, const EntryDraft *draft);
// A finding about what the scope holds; the evaluator's `problem` says why.
void derive_fault(Derive *derive, const Spot *spot, const char *code, const char *field);
// Each target derives by itself; people are told once.
bool derive_is_told(const Findings *findings, const Finding *what);

// Values (derive_values.c). GOT_TEXT: *out lives until the arena is reset or the scope changes.
Got derive_text(Derive *derive, const Template *template, const char **out);
// The key of what the scope holds; NULL, with `problem` said, when it has none.
const char *derive_key(Derive *derive, const Live *live);
// Its name: false, with `problem` said.
bool derive_rdn(Derive *derive, const Live *live, const char **out);
// The entry that the reference names: ENTRY_NONE = none on purpose; GOT_NOTHING = optional, missing.
Got derive_ref(Derive *derive, const Ref *ref, uint32_t *out);
// Name, place and attributes into the draft. False after a finding; the draft is then stripped.
bool derive_fill(Derive *derive, Live *live, EntryDraft *draft);
// Name and place, and of the attributes only those that speak of the assignment: what is over is not written anew.
bool derive_fill_over(Derive *derive, Live *live, EntryDraft *draft);
// What is otherwise while that rule of `lifecycle` holds. False after a finding; the draft has then no attributes.
bool derive_fill_life(Derive *derive, const Live *live, const Life *life, EntryDraft *draft);
// Whether `when` holds; `state` stands for the person's, NULL = whatever it is.
bool derive_wanted(Derive *derive, const Rules *rules, const char *state);
bool derive_fits(Derive *derive, const Wanted *when, unsigned n);
// Takes name, place and attributes from a draft: what is left says only that the object is known.
void derive_strip(Derive *derive, EntryDraft *draft, const char *reason);

// Units and groups (derive_units.c).
bool derive_read_units(Derive *derive, GError **error);
// Marks units that ended and are still needed, before anything is derived.
void derive_occupy(Derive *derive);
void derive_occupy_unit(Derive *derive, const Unit *unit);
bool derive_left_behind(Derive *derive, GError **error);  // derive_left.c
bool derive_units(Derive *derive, GError **error);
void derive_groups(Derive *derive);
// The entry of the group; made if it is not there yet.
uint32_t derive_group(Derive *derive, Live *live, const char *key);
// Once more, for somebody who asks why.
void derive_group_again(Derive *derive, Live *live, const char *key);
void derive_unit_again(Derive *derive, Live *live, uint32_t unit);

// What people bring into the entries of units (derive_visit.c): gathers it, before units are derived.
bool derive_visit(Derive *derive, GError **error);
typedef void (*VisitorFunc)(const char *value, void *data);
unsigned derive_n_visitors(const Derive *derive);  // at most, of the unit in the scope
void derive_visitors(Derive *derive, const Rule *rule, VisitorFunc func, void *data);

// People (derive_people.c).
bool derive_in_force(const Derive *derive, const Post *post);

// What a post's rights rest on at the moment (grace.c).
typedef struct Ground {
  enum { GROUND_NONE, GROUND_POST, GROUND_BEFORE, GROUND_AFTER } kind;
  Date day;  // BEFORE: when the post begins; AFTER: the last day of the grace
} Ground;

// The day after the last on which the post gives rights by itself: its own end, or that of its unit.
Date grace_ended(const Derive *derive, const Post *post);
Date grace_end(const Grace *grace, Date ended);  // the first day without it
// Of the person in the scope; `ended` as above.
Ground grace_ground(const Derive *derive, const Post *post, Date ended, const Grace *grace);
void grace_reason(const Ground *ground, GString *out);  // nothing for a post in force

// What the lifecycle says about somebody.
typedef struct Standing {
  Presence presence;
  Enabled enabled;
  bool whole;        // attributes as for the active
  bool member;       // memberships count
  const Life *life;  // the rule that decides; NULL = `when`
  const char *word;  // for the reason; NULL = none
  Date since;        // … and the day it began; DATE_NONE = of no interest
} Standing;

// False when the person has no place in the table at all.
bool derive_stand(Derive *derive, const Rules *rules, const Person *person, Standing *out);
Enabled derive_usual(const Rules *rules);  // of whoever no rule switches off
const char *derive_reason(Derive *derive, const Standing *standing);
// What put the person there, what gave the unit another code since, and what gave the title.
void derive_note_post(const Post *post, GArray *rows);

// Assignments (derive_assign.c, assign_pieces.c).
bool derive_open_assign(Derive *derive, GError **error);
void derive_close_assign(Derive *derive);
// What the tables and exceptions give the person, over all time, into derive->assignments.
void assign_gather(Derive *derive, const Person *person);
void assign_judge(Derive *derive,
                  const Person *person);  // marks those that conflict, and tells of them
void derive_assignments(Derive *derive, Live *live, const Person *person);
// Entries of ours that nothing gives any more are to end.
bool derive_withdrawn(Derive *derive, GError **error);
// Of the draft's attributes only the last day, where the target has none or a later one.
void derive_fill_ends(Derive *derive, const Live *live, const char *day, EntryDraft *draft);

bool derive_one(Derive *derive, const Person *person, GError **error);
bool derive_heads(Derive *derive, GError **error);

// Why (derive_why.c): notes where a rule stands while somebody asks.
void derive_why_spot(Derive *derive, const char *file, int line);
bool derive_why_asks(const Derive *derive, const char *attribute);

// Watching (derive_watch.c): told where a membership would be written, or a class says who is a member.
void derive_tell(Derive *derive, const WatchEvent *event);

// Exceptions and conflicts that speak of what no table gives, and rows that give what conflicts
// (mapping_check_assign.c).
void mapping_check_assign(const Mapping *mapping, const Assign *assign, Findings *findings);

// Rows of decision tables that never apply (mapping_check_tables.c). `roster` may be NULL.
void mapping_check_table(const Decision *table, const Mapping *mapping, Roster *roster,
                         Findings *findings);

#endif
