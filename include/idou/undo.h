// SPDX-License-Identifier: GPL-3.0-or-later
//
// undo (巻き戻し): what a run did is taken back, by a plan like any other. What an operation replaced, the journal knows;
// what it left, the run's plan. Each is held against what is there now, and it is said beforehand what becomes of it. Writes
// nowhere. docs/undo.md is the reference.
#ifndef IDOU_UNDO_H
#define IDOU_UNDO_H

#include <idou/planner.h>

// ---------------------------------------------------------------------------------------------
// Which operations.

typedef struct UndoChoice {
  int64_t run;  // 0 = of all runs since `since`
  Instant
      since;  // … begun from then on; INSTANT_NONE: the last run that did something for the people
  const char *only,
      *except;  // of one run's plan, as plan_choose has them: with what was built on them; NULL = all
  const uint32_t *people;  // only theirs; surrogate ids
  size_t n_people;         // 0 = everybody's
  const char *target;      // only of this one; NULL = all
} UndoChoice;

typedef struct UndoPick UndoPick;

// EXIT_USAGE with the reason when there is no such run, or it is not to be undone: the service desk's, or one made from a
// bundle, of which the other side decides. Borrows the store and the choice.
UndoPick *undo_pick(Store *store, const UndoChoice *choice, GError **error);
void undo_pick_free(UndoPick *pick);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UndoPick, undo_pick_free)
// Whether something was done there that is to be taken back, so that it must be read.
bool undo_pick_concerns(const UndoPick *pick, const char *target);
Date undo_pick_day(const UndoPick *pick);  // the latest day that one of the runs was for; DATE_NONE
void undo_pick_runs(const UndoPick *pick, GString *out);  // "12 13", oldest first; "" = none

// ---------------------------------------------------------------------------------------------
// The plan.

typedef struct UndoSetup {
  const UndoPick *pick;
  Store *store;
  const PlannerTarget
      *targets;  // those concerned; one that could not be opened says why (`unread`)
  size_t n_targets;
  Date as_of;
  const char *who;  // for the holds
  bool no_hold;     // else whoever is concerned is held, so that the next night does not redo it
  Date until;       // the holds stand before that day; DATE_OPEN
} UndoSetup;

// How many operations of the runs. Those that did nothing are in none of them.
typedef struct UndoCounts {
  int64_t exact;       // what is there is what was left, and all of it is put back
  int64_t partial;     // some of it
  int64_t impossible;  // nothing of it
  int64_t back;        // it is as it was before already: nothing is to be done
  int64_t withdrawn;   // not done yet, and not to be done any more
} UndoCounts;

// Notes of the plan, code UNDO_PARTIAL and UNDO_IMPOSSIBLE, say why. A target that cannot be read in full leaves its
// section empty (`unread`). NULL with EXIT_UNREAD when none could be read.
#define UNDO_PARTIAL "undo-partial"
#define UNDO_IMPOSSIBLE "undo-impossible"
Plan *undo_make(const UndoSetup *setup, UndoCounts *counts, GError **error);

// The same as a plan tells them; of `back` it knows nothing. False: it undoes nothing.
bool undo_counts(const Plan *plan, UndoCounts *out);

#endif
