// SPDX-License-Identifier: GPL-3.0-or-later
//
// orphan: what the targets hold that the personnel records do not explain: entries of nobody, or of people who left; second
// ones of one person; rights that no rule gives; what somebody changed by hand. It lists, and proposes what to do;
// nothing happens to anything but by a plan. Everything is made from plans: there is no second comparing.
// docs/orphans.md is the reference.
#ifndef IDOU_ORPHAN_H
#define IDOU_ORPHAN_H

#include <idou/planner.h>

typedef enum OrphanKind {
  ORPHAN_NOBODY,   // nobody in the personnel records stands behind it
  ORPHAN_LEFT,     // its person left, and the rules have not settled it
  ORPHAN_DOUBLE,   // another entry stands for the same person already
  ORPHAN_RIGHT,    // a right that no rule gives
  ORPHAN_CHANGED,  // by hand, since the last run
  ORPHAN_N_KINDS
} OrphanKind;
const char *orphan_kind_name(OrphanKind kind);  // "nobody", "left" …; static

// What is proposed; a person decides.
typedef enum OrphanAction {
  ORPHAN_KEEP,  // somebody answers for it, or the site protects it
  ORPHAN_ASK,   // the unit, or the operators
  ORPHAN_LINK,  // give the entry the person's key, so that it becomes theirs
  ORPHAN_DISABLE,
  ORPHAN_DELETE,
  ORPHAN_PUT_BACK,  // by the ordinary plan, which says so already
  ORPHAN_N_ACTIONS
} OrphanAction;
const char *orphan_action_name(OrphanAction action);  // "keep" …; static

// Strings are never NULL; "" where there is nothing.
typedef struct OrphanItem {
  OrphanKind kind;
  const char *target;
  const char *object;          // "orphan/ID", "account/17": what decisions call it
  const char *klass;           // "account"
  const char *entry;           // its DN
  const char *group;           // of a right: where, or what
  uint32_t person;             // 0 = nobody is known
  const char *number, *label;  // of the person: "000310", "000310 山田　太郎"
  const char *unit;            // of their main post, "100 総務課"
  const char *found;           // why it is listed
  const char *should, *has;    // changed: what the rules want, and what is there
  Enabled enabled;
  bool is_account;  // of a class for people: it can be switched off and deleted by decision
  bool is_protected;
  bool shares_key;         // another entry has the same key: which of the two is theirs is to be said first
  const char *privileged;  // "adminCount=1", a watched group
  Instant made, changed;   // INSTANT_NONE = not told
  const char *made_by, *changed_by, *where;
  bool exact;  // … it is this very change that is told, not just the last one of the whole entry
  const char *traced;  // DN of what was changed: of a membership the group; "" = the entry itself
  Instant used;  // last, as evidence has it; NONE = nobody knows: that is no proof of anything
  const char *used_by;  // the source
  uint32_t op;          // number of the plan's operation that settles it; 0 = none
  OrphanAction action;
  Date when;             // of a deletion: not before this day; DATE_NONE
  const char *proposal;  // the action, in words
  const char *standing;  // what was decided of it and holds
  Date decided;          // … since; DATE_NONE
} OrphanItem;

// One target, as it was read.
typedef struct OrphanTarget {
  const char *name;
  const char *unread;      // why nothing is listed; NULL = it was read in full
  const char *held;        // why what was found is not to be believed, and is not listed; NULL
  size_t n_accounts;       // entries of people: ours …
  size_t n_nobody;         // … and of nobody
  bool compared;           // whether changes by hand could be told
  const char *uncompared;  // why not; NULL
} OrphanTarget;

typedef struct OrphanList {
  Date day;
  Instant now;
  const char *digest;  // of the plan that operations are numbered in
  GArray *targets;     // OrphanTarget
  GArray *items;       // OrphanItem: by target, kind, entry
  GStringChunk *strings;
} OrphanList;

void orphan_list_free(OrphanList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OrphanList, orphan_list_free)

// ---------------------------------------------------------------------------------------------
// What is gathered while a plan is made.

typedef struct OrphanSurvey OrphanSurvey;

// In the planner's order; NULL-terminated, and outliving the survey.
OrphanSurvey *orphan_survey_new(const TargetConfig *const *targets);
void orphan_survey_free(OrphanSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OrphanSurvey, orphan_survey_free)
const PlannerSurvey *orphan_survey_hook(const OrphanSurvey *survey);  // for PlannerSetup.survey

// What stood when idou last planned for everything, and what runs have left undone since.
typedef struct OrphanRun {
  const Plan *plan;  // of the last run whose plan was made from all rules
  GHashTable *left;  // from orphan_left
} OrphanRun;
// Adds what the run did not do of its plan: that it differs is nobody's doing.
bool orphan_left(Store *store, int64_t run, const Plan *plan, GHashTable *left, GError **error);

typedef struct OrphanSetup {
  const TargetConfig *const *targets;  // NULL-terminated
  Store *store;
  Date day;
  Instant now;
  const Plan *plan;            // of that day, with what is known now
  const OrphanSurvey *survey;  // of its making
  const OrphanRun *run;        // NULL = there was none, or its plan is gone
  const Plan
      *before;  // as of the run's day and with what was known by then, from what is there now; NULL
  const char *target;  // only this one; NULL = all
  bool many;           // that most of what is there is nobody's is right
  Findings *findings;
} OrphanSetup;

// Looks again at single entries: who changed them, who is in watched groups. EXIT_UNREAD when what a watched group holds
// cannot be read; that a server does not tell who changed something is only a finding.
OrphanList *orphan_list(const OrphanSetup *setup, GError **error);

// ---------------------------------------------------------------------------------------------
// Decisions.

typedef enum OrphanDeed { ORPHAN_DEED_DISABLE, ORPHAN_DEED_DELETE } OrphanDeed;

// The restriction that somebody's word comes to (row.id 0, RESTRICTION_NEW). Strings are borrowed from the arguments.
typedef struct OrphanDecision {
  const OrphanItem *item;
  OrphanDeed deed;
  const char *reason, *source, *who;
} OrphanDecision;
Restriction orphan_restriction(const OrphanDecision *decision, Instant now);

#endif
