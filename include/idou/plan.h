// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan: the file that is read, approved and applied. Canonical JSON Lines: the first line is the
// envelope (time, host, user: not digested), then the body: a head, and for each target a section
// line, its places, its operations, its notes and its digest; a last line holds the body digest.
// docs/plan-format.md is the reference.
#ifndef IDOU_PLAN_H
#define IDOU_PLAN_H

#include <idou/targets.h>

#define PLAN_FORMAT 1

// An entry or person somebody must know about though no operation speaks of it. "What is held,
// skipped or protected is listed, not left out."
typedef struct PlanNote {
  const char *code;    // "orphan" | "protected" | "ambiguous" | "vanished" | "unconfirmed" | "hold" …
  const char *target;
  const char *object;  // object name or DN
  const char *label;
  const char *text;
  const char *left;    // object that is other than it should be and stays so; NULL = none
} PlanNote;

// A name that stands in the target and is nobody's of ours: once the plan was applied it is remembered, and
// never given to anybody (store.h, NAME_SEEN).
typedef struct PlanSeen {
  const char *kind;  // "login"
  const char *name;
} PlanSeen;

// One target's part.
typedef struct PlanSection {
  const char *target;
  const char *fingerprint;   // of the target when read
  const char *base;          // what all places are relative to; NULL when not told
  int64_t n_read;            // entries read
  int64_t n_ours;            // of them matched with an object of ours
  int64_t n_desired;         // objects that shall exist
  const char *unread;        // why the target could not be read in full: nothing is planned for it; NULL = it was read
  const char *digest;        // SHA-256 of the section's lines; filled by plan_seal and plan_read
  const Placed *places;
  size_t n_places;
  const Op *ops;             // in an order that satisfies `after`
  size_t n_ops;
  const PlanNote *notes;
  size_t n_notes;
  const PlanSeen *seen;      // by kind and name
  size_t n_seen;
} PlanSection;

typedef struct Plan Plan;

// What a plan was made from on the other side of a separated network (bundle.h).
typedef struct PlanBundle {
  const char *segment;       // NULL: the plan was made from a ledger
  uint32_t sequence;
  const char *digest;        // of the bundle …
  const char *previous;      // … and of the one before it
  Instant expires;
} PlanBundle;

typedef struct PlanHead {
  Date as_of;
  Instant at;                // a moment of that day that was asked for; 0 = none was
  Instant known_at;          // INSTANT_OPEN = all that was known
  const char *mapping_digest;
  const char *program;       // "idou 0.1.0"
  bool whatif;               // made with --with or from other data: cannot be applied
  bool restricted;           // only what comes of new and lifted restrictions: little was read, and populations are not told
  int64_t people;            // people who have an account on the day, in the target that has most
  PlanBundle bundle;
} PlanHead;

typedef struct PlanEnvelope {
  Instant made;
  const char *host;
  const char *user;   // whose process made it
  const char *login;  // who had logged in there; NULL = the same, or not known
  const char *by;     // as they call themselves; NULL = not said
} PlanEnvelope;

// Building: strings are copied into the plan; what is no UTF-8 in them becomes U+FFFD (values of
// operations are kept as they are). The envelope is made here: now, this host, this user.
Plan *plan_new(const PlanHead *head);
// Who made it, as they call themselves.
void plan_set_by(Plan *plan, const char *by);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
const char *plan_intern(Plan *plan, const char *text);   // NULL stays NULL
PlanSection *plan_add_section(Plan *plan, const char *target);  // borrowed until the next is added
// Fingerprint, base and counts; the rest of `what` is not looked at.
void plan_describe_section(Plan *plan, size_t section, const PlanSection *what);
// What was added to the section is taken back, and it says why: its target could not be read in full. It must be
// the last one that operations were added to, and none of another section may depend on them.
void plan_abandon_section(Plan *plan, size_t section, const char *why);
// At least so many people (see PlanHead.people).
void plan_count_people(Plan *plan, int64_t people);
void plan_add_place(Plan *plan, size_t section, const Placed *place);
// Deep copy. op->n and op->after are temporary handles (1-based per plan, in order of adding) until plan_seal.
uint32_t plan_add_op(Plan *plan, size_t section, const Op *op);
void plan_add_after(Plan *plan, uint32_t op, uint32_t earlier);  // 0 for either is passed over
void plan_set_not_before(Plan *plan, uint32_t op, Instant not_before);
// Each wait that was added so far.
void plan_each_after(const Plan *plan, void (*func)(uint32_t op, uint32_t earlier, void *data),
                     void *data);
// Before `op`, a rename or move, its object goes by `name` for a moment, so that another can have its place: adds
// that operation and returns it; `op` goes on from there.
uint32_t plan_add_aside(Plan *plan, uint32_t op, const char *name, const char *why);
void plan_add_note(Plan *plan, size_t section, const PlanNote *note);
void plan_add_seen(Plan *plan, size_t section, const PlanSeen *seen);
// What was added to the section so far, as it was added: its numbers are handles.
const Op *plan_ops_so_far(const Plan *plan, size_t section, size_t *n);
// Orders every section by dependency and then by (kind, object, member) so that equal inputs give
// equal bytes, numbers the operations through all sections, and computes the digests. An error: a cycle,
// an operation that waits for one of a later section, or one whose objects have no place.
bool plan_seal(Plan *plan, GError **error);

const PlanHead *plan_head(const Plan *plan);
const PlanEnvelope *plan_envelope(const Plan *plan);
const char *plan_digest(const Plan *plan);       // 64 hex digits, after seal or read
size_t plan_n_sections(const Plan *plan);
const PlanSection *plan_section(const Plan *plan, size_t i);
size_t plan_n_ops(const Plan *plan);             // over all sections
const Op *plan_op(const Plan *plan, uint32_t n);  // by number; NULL if none

bool plan_write(const Plan *plan, const char *path, GError **error);  // 0600, atomic
// Reads once into memory and verifies form, numbers, references and every digest on those bytes.
Plan *plan_read(const char *path, GError **error);
Plan *plan_parse(const char *bytes, size_t n_bytes, const char *name, GError **error);

// What --only and --except say: operations by number ("3", "1-20"), and those of a person ("person:000310"), of a unit and
// those below it ("unit:101002"; also who left it), of a target ("target:ad") or of a kind ("kind:delete"), with commas
// between them; "/" stands between what must apply together ("person:000310/target:ad"). docs/choosing.md.
// Either may be NULL. *out has a byte per operation (index n-1), 1 = chosen: with what the chosen ones depend on (only),
// without what depends on the others (except). What the plan does not have is an error, EXIT_USAGE. Caller frees.
bool plan_choose(const Plan *plan, const char *only, const char *except, GByteArray **out,
                 GError **error);

// The same, and what nobody named: so that people see what their choice comes to.
typedef struct PlanChoice {
  GByteArray *chosen;   // as plan_choose has it; NULL = nothing was chosen or left out: all
  GByteArray *refused;  // of the others, those that --except names, and what needs them
  int64_t n_chosen, n_left;
  int64_t n_along;      // of the chosen: only since others need them
  int64_t n_besides;    // of those left out: only since they need others that are
  int64_t n_before;     // of those left out: an earlier part of the run did so
  int64_t n_referring;  // of the chosen: they refer to people whom --except names, such as their new manager
  GPtrArray *along, *besides, *referring;  // char *: some of them, "#12 create 総務課 in ldap"
} PlanChoice;

// `together`: targets in which what a person gets goes as one, all or none, NULL-terminated; there nobody is chosen or
// left out by half, but what ends a right may be done alone. NULL: in none.
bool plan_choice(const Plan *plan, const char *only, const char *except,
                 const char *const *together, PlanChoice *out, GError **error);
// Leaves out those, too, that have a byte there, as an earlier part of the run did; but not what --only asks for
// (`asked`: there is one). NULL: none.
void plan_choice_leave(PlanChoice *choice, const GByteArray *left, bool asked);
void plan_choice_clear(PlanChoice *choice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanChoice, plan_choice_clear)

// ---------------------------------------------------------------------------------------------
// Two plans against each other, wherever they were made. What an operation does counts; its number,
// dependencies and the words that explain it do not.

typedef enum PlanChange { PLAN_ADDED, PLAN_WITHDRAWN, PLAN_CHANGED, PLAN_N_CHANGES } PlanChange;

typedef struct OpDifference {
  PlanChange change;
  const Op *old_op, *new_op;            // NULL = only in the other plan
  size_t old_section, new_section;      // … then meaningless
} OpDifference;

typedef struct PlanComparison {
  GArray *ops;        // OpDifference: people by label first, then by target, kind, object, member
  GPtrArray *came;    // const PlanNote *, in the new plan only
  GPtrArray *went;    // … in the old one only
  int64_t n_same;     // operations that both have
  int64_t n_reasons;  // … of them with another reason in words
} PlanComparison;

// Operations are the same by (target, kind, object, member); of several such pairs those are taken that
// have most in common. Borrows from both plans.
void plan_compare(const Plan *old_plan, const Plan *new_plan, PlanComparison *out);
void plan_comparison_clear(PlanComparison *comparison);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanComparison, plan_comparison_clear)
// Whoever the difference is about: the operation of the new plan where there is one, else of the old.
const Op *plan_difference_op(const OpDifference *difference);
// By the employee number that their labels begin with; false when one of them concerns nobody.
bool plan_same_person(const Op *a, const Op *b);

#endif
