// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of the stage share. Operations are gone through from the last to the first, over a picture of what
// the targets hold now; what is put back is put back in the picture, too, so that each is held against what its
// run had before it.
#ifndef IDOU_UNDO_P_H
#define IDOU_UNDO_P_H

#include <idou/undo.h>

// ---------------------------------------------------------------------------------------------
// What was done: undo_pick.c.

typedef enum Verdict {
  VERDICT_NONE,  // not judged: its target cannot be read
  VERDICT_EXACT,
  VERDICT_PARTIAL,
  VERDICT_IMPOSSIBLE,
  VERDICT_BACK,
  VERDICT_N
} Verdict;

typedef struct PickRun {
  int64_t id;
  char *digest, *path;
  bool is_read;  // rows and plan are
  Instant started;
  Plan *plan;          // NULL: it is gone, or not the one that was applied
  GHashTable *places;  // "target\nobject" -> Placed of the plan
  bool due;            // it may be gone on with
  GPtrArray *rows;     // Done, by number - 1; NULL where the journal has none
} PickRun;

// One operation of a run.
typedef struct Done {
  const PickRun *run;
  uint32_t n;
  OpKind kind;
  const Op *op;  // of the plan; where that is gone, what the journal tells
  bool poor;     // … and no more
  char *before;  // as the journal has it; NULL
  char *target, *object, *member;
  bool effective;  // it took effect, as far as the journal tells
  bool rest;       // it is not done, and may be
  bool picked;     // to be taken back; or, of the rest, withdrawn
  bool undo;       // it was itself one of undoing
  Verdict verdict;
  uint32_t handle;  // of the operation that takes it back; 0 = none
} Done;

struct UndoPick {
  Store *store;
  const UndoChoice *choice;
  GPtrArray *runs;     // PickRun: those to be undone, newest first
  GPtrArray *later;    // PickRun: others since, newest first
  GPtrArray *done;     // Done, picked: in the order in which they are taken back
  GPtrArray *rest;     // Done: not done yet
  GPtrArray *targets;  // char *: in the order in which they are written to
  GHashTable
      *after;  // "target\nobject" -> GPtrArray of Done, effective, of runs and later, newest first
  GStringChunk *texts;
  GPtrArray *owned;  // made from the journal
};

// ---------------------------------------------------------------------------------------------
// What the journal alone tells: undo_told.c.

// Of an operation whose plan is gone, as far as `before` tells it. Lives as long as `pick`.
const Op *told_op(UndoPick *pick, const Done *done);
// What an entry was that was deleted.
typedef struct Buried {
  char *dn, *id;
  GArray *changes;  // OpChange with new values, objectClass first
  GPtrArray *owned;
} Buried;
bool told_buried(const char *before, Buried *out);  // false: it does not tell
void buried_clear(Buried *buried);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Buried, buried_clear)

// ---------------------------------------------------------------------------------------------
// What targets hold: undo_picture.c. Strings live as long as the picture.

typedef struct Held {  // one value
  OpValue value;       // TEXT as it was read, or REF that was put back
} Held;

typedef struct Spot {
  const char *parent;  // object; NULL = the base
  const char *name;
} Spot;

typedef struct Thing {
  const char *object;
  const char *id;  // by which it is looked for; NULL = none
  Spot planned;    // where the run's plan had it, for those without id
  bool settled;    // … after the last of its operations
  bool read;       // it is there now:
  const char *dn;  // … here
  const char *read_id;
  const char *protected_by;
  bool outside;  // not below the target's base
  Spot now;      // where it is; of one that is made anew, where that is done
  // As it is once all so far is put back:
  bool exists;
  bool anew;  // it was made anew
  Spot at;
  uint32_t placed,
      changed;         // the last operation that made, moved or deleted it, and the last of its own
  GArray *touched;     // uint32_t: all that speak of it
  GHashTable *values;  // attribute in lower case -> GArray of Held
} Thing;

typedef struct Picture {
  const UndoSetup *setup;
  const PlannerTarget *target;
  size_t section;
  Schema *schema;
  GHashTable *things;      // object -> Thing
  GHashTable *by_place;    // key of a DN -> object: as read
  GHashTable *strangers;   // key of a DN: somebody's who is no Thing
  GHashTable *by_name;     // key of a name -> GPtrArray of Thing that are called so, or were
  GHashTable *containers;  // relative DN -> object
  GHashTable *edges;       // "group\nmember" -> the last operation about it
  GHashTable *placed;      // objects that the plan must say the place of
  GPtrArray *attributes;   // to be read
  GStringChunk *texts;
  size_t n_read;
} Picture;

void picture_init(Picture *picture, const UndoSetup *setup, const PlannerTarget *target);
void picture_clear(Picture *picture);
Thing *picture_thing(Picture *picture, const char *object);  // NULL = it is not one
// What the operation speaks of is to be looked at.
void picture_want(Picture *picture, const Done *done);
bool picture_read(Picture *picture, GError **error);
// As read; false: it is nowhere.
bool picture_dn(const Picture *picture, const char *object, GString *out);
// In the picture; a container is where its name says.
bool picture_dn_at(const Picture *picture, const char *object, GString *out);
bool picture_spot_dn(const Picture *picture, const Spot *spot, GString *out);
// Splits a DN into the object above and the name. False: it is not below the base.
bool picture_spot(Picture *picture, const char *dn, Spot *out);
void picture_put(Picture *picture, Thing *thing,
                 const Spot *at);  // it is there now, in the picture
bool picture_taken(Picture *picture, const Spot *spot,
                   const Thing *by);  // another stands there, in the picture
bool picture_same_spot(const Picture *picture, const Spot *a, const Spot *b);
// What the target says of the attributes of these changes (OpChange).
bool picture_learn(Picture *picture, const GArray *changes, GError **error);
const Attr *picture_attr(Picture *picture, const char *name);
GArray *picture_values(Thing *thing, const char *attribute);  // of Held; never NULL
ssize_t picture_find(Picture *picture, Thing *thing, const char *attribute, const OpValue *value);
bool picture_exists(Picture *picture,
                    const char *object);  // an object or container that something can stand in
bool picture_has_below(Picture *picture, const Thing *thing, size_t *n, GError **error);
void picture_places(Picture *picture, Plan *plan);

// ---------------------------------------------------------------------------------------------
// How each is taken back: undo_judge.c, undo_back.c, undo_own.c.

typedef struct Judge {
  const UndoSetup *setup;
  Picture *picture;
  Plan *plan;
  Done *done;
  GString *text;       // why it is not exact
  GPtrArray *scratch;  // of the operation at hand
  GError **error;
} Judge;

// Sets verdict and text, and adds the operation. False: the target could not be read.
bool judge_done(Judge *judge);
void judge_say(Judge *judge, Verdict verdict, const char *format, ...) G_GNUC_PRINTF(3, 4);
// The number of a run that did something since and still stands: of these kinds (a bit each), about the object, the member or
// (NULL) any, the attribute or (NULL) any. 0 = none.
typedef struct Since {
  const char *object, *member, *attribute;
  unsigned kinds;
} Since;
#define KIND(kind) (1U << (kind))
int64_t judge_since(const Judge *judge, const Since *since);
Op judge_op(const Judge *judge, OpKind kind);  // with what all have in common
void judge_add(Judge *judge, const Op *op);

void back_changed(Judge *judge);
void back_placed(Judge *judge);
bool back_made(Judge *judge);
bool back_deleted(Judge *judge);
void back_edge(Judge *judge);

void own_none(Judge *judge);
void own_adopted(Judge *judge);
void own_released(Judge *judge);
void own_restricted(Judge *judge);
void own_lifted(Judge *judge);
void own_held(Judge *judge);

// ---------------------------------------------------------------------------------------------
// What comes before: undo_hold.c.

typedef struct Holding Holding;
Holding *holding_new(const UndoSetup *setup, Plan *plan);
void holding_free(Holding *holds);
// The operation that holds whom it is about, in this section or an earlier one; 0 = none is to be placed.
uint32_t holding_of(Holding *holds, size_t section, const Done *done);
void holding_forget(Holding *holds, size_t section);  // what was placed in it is not

#endif
