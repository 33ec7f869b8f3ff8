// SPDX-License-Identifier: GPL-3.0-or-later
//
// who: everything about one person, for people who look: what HR said, who they are, what each target should
// hold and holds, why they cannot log in, what comes next. It only reads. What an embargo hides (known later
// than `known_at`), reasons of leave, dates of birth and secrets are never on the page.
#ifndef IDOU_WHO_H
#define IDOU_WHO_H

#include <idou/planner.h>

typedef struct WhoSetup {
  const Mapping *mapping;
  Store *store;
  Date as_of;
  Instant known_at;              // facts known later are not shown; OPEN: nor does an embargo hide any
  Instant now;
  const PlannerTarget *targets;  // a reader that is NULL is not asked
  const char *const *unread;     // by target: why there is no reader; NULL = it is not to be asked
  size_t n_targets;
  const Restriction *restrictions;  // that stand, of anybody
  size_t n_restrictions;
  const Holds *stops;               // who is stopped; NULL = nobody
  const char *const *fields;     // that layouts fill, NULL-terminated; NULL = any
} WhoSetup;

// ---------------------------------------------------------------------------------------------
// Finding.

typedef struct WhoMatch {
  uint32_t person;
  const char *space, *number;   // the latest
  const char *name, *kana;      // "" if unknown
  const char *unit;             // path of the main post's unit, "" if none
  const char *state;
} WhoMatch;

typedef struct WhoList {
  GArray *matches;              // WhoMatch, by number
  GStringChunk *strings;
} WhoList;

// By number in any space, SPACE/NUMBER, or login, each exact; if there is none, by name, kana and former
// name of any time as text_key compares them, without spaces and either kana for the other: the same, else
// those that begin so, else those that hold it.
WhoList *who_find(const WhoSetup *setup, const char *text, GError **error);
void who_list_free(WhoList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WhoList, who_list_free)

// ---------------------------------------------------------------------------------------------
// The page. Arrays are of the struct named beside them; texts are never NULL unless said so. `source` is
// "orders-20270401.csv:17", "" if there is none.

typedef struct WhoNumber {
  const char *space, *number;
  Date from, to;                // [from, to)
} WhoNumber;

typedef struct WhoName {
  const char *kind, *name;      // "login", "k-yamada"
  Instant given;
  bool former;  // an earlier one, theirs all the same
} WhoName;

typedef struct WhoState {
  const char *state;
  Date from, to;
  const char *source;
} WhoState;

typedef struct WhoPost {
  const char *when;             // "now", "past" (within the grace), "coming"
  const char *role;             // "main", "concurrent", …
  const char *unit, *path;      // code; names from the top
  const char *title, *title_name;
  Date begin, end;              // [begin, end)
  const char *from_time, *to_time;  // "HH:MM" on the first and last day; "" = the whole day
  const char *source;
} WhoPost;

typedef struct WhoFact {
  const char *field, *value;
  const char *source;
} WhoFact;

typedef struct WhoOrder {
  const char *space, *number, *kind;
  const char *target;           // of 訂正 and 取消: the order they speak of; "" else
  const char *says;             // unit, title, who has borrowed it, until when: what there is of it; "" if nothing
  const char *set;              // "regular transfer v2"; "" if of none
  Date date;
  const char *state;            // as the ledger has it: "holds", "waits", "refused", "corrected", …
  bool later;                   // it holds, but its day has not come
  const char *reason;           // code of the finding that says why; "" if none
  const char *source;
} WhoOrder;

typedef struct WhoTarget {
  const char *target;
  const char *unread;           // why it could not be read; NULL = it was, or was not to be
  const Look *look;
} WhoTarget;

typedef struct WhoBar {         // what keeps them from logging in
  const char *target, *object;
  const char *text;
} WhoBar;

typedef struct WhoChange {
  Date day;
  const char *target;           // NULL: in the personnel records
  const char *what;             // "state", "post main", "account", "account.title", "group g-zei"
  const char *old_value, *new_value;  // NULL = nothing
} WhoChange;

typedef struct WhoHold {
  int64_t id;
  const char *kind, *name, *who;
  Instant since;
  Date until;  // DATE_OPEN = until somebody releases it
} WhoHold;

typedef struct WhoOp {
  int64_t run;
  uint32_t n;
  const char *target, *object, *kind, *state;
  const char *detail;           // "" if none
  Instant when;
} WhoOp;

typedef struct Who {
  uint32_t person;
  Date as_of;
  Instant known_at;
  const char *number, *name, *kana;
  const char *state;
  Date state_since;
  GArray *numbers, *names, *states, *posts, *facts, *orders;  // WhoNumber, WhoName, …
  GArray *targets;              // WhoTarget
  GArray *bars;                 // WhoBar; empty: nothing that can be known keeps them out
  GArray *changes;              // WhoChange, by day
  GArray *holds, *ops;          // WhoHold; WhoOp, newest first
  GArray *restrictions;         // RestrictionRow: those that stand
  Findings *findings;
  bool unread;                  // a target that should have been read could not
  GStringChunk *strings;
  GPtrArray *looks;             // Look
} Who;

// NULL with EXIT_USAGE when nobody of that number is known at that time.
Who *who_collect(const WhoSetup *setup, uint32_t person, GError **error);
void who_free(Who *who);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Who, who_free)

#endif
