// SPDX-License-Identifier: GPL-3.0-or-later
//
// For tests of apply: a small system in a file, a store, and a plan whose operations are written on one
// line each.
#ifndef IDOU_TESTS_APPLY_KIT_H
#define IDOU_TESTS_APPLY_KIT_H

#include <idou/apply.h>

#define RIG_BASE "dc=city,dc=example"
#define RIG_NOW 1000000
#define RIG_MOST_AFTER 3

// A line of a plan. Objects: account/N is uid=pN below ou=people (title: staff), unit/N is ou=uN below
// ou=units, group/N is cn=gN below ou=groups with a filler as its only member. Accounts from 1,000 on
// are not there yet.
typedef struct Deed {
  const char *label;
  OpKind kind;
  const char *object;
  const char *member;
  const char *parent, *name;
  const char *attribute, *old_value, *new_value;  // "@account/2" is a reference
  const char *after[RIG_MOST_AFTER];              // labels
  Instant day;                                    // 0 = due
  const char *stable_id;                          // adopt
  uint32_t person;                                // allocate
  const char *secret;  // "*initial L-7": a secret that is made with it, and what for
} Deed;

typedef struct Rig Rig;

struct Rig {
  char *path;  // the system
  Store *store;
  TargetConfig config;  // type fake, timeout 1 s, window 32, retries 3; change it before applying
  const TargetConfig *configs[2];
  const char *faults[16];
  Plan *plan;
  ApplySetup setup;
  ApplyReport report;     // of the last rig_apply
  GHashTable *handles;    // label -> handle
  GString *log;           // "submit a,b;outcome a,b;" by labels, since rig_apply began
  GHashTable *flying;     // Op, in flight, as a set
  GHashTable *parents;    // object -> parent, of what was made or moved
  unsigned n_collisions;  // of operations that must not be in flight together
  void (*hook)(Rig *rig, const ApplyStep *step);  // called at each step; may be NULL
};

Rig *rig_new(unsigned n_people, unsigned n_units, unsigned n_groups);
void rig_free(Rig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)
void rig_add(Rig *rig, const Deed *deed);
void rig_add_all(Rig *rig, const Deed *deeds);  // up to one without a label
void rig_seal(Rig *rig);
void rig_fault(Rig *rig, const char *fault);
const Op *rig_op(Rig *rig, const char *label);
// True when apply_plan is; the error is a failure of the test unless `error` is given.
bool rig_apply(Rig *rig, GError **error);
const char *rig_state(Rig *rig, const char *label);   // as the journal has it; "" when it has none
const char *rig_detail(Rig *rig, const char *label);  // likewise
// Whether the system's file, once finished, has the line in the entry whose DN begins so.
bool rig_has(Rig *rig, const char *dn, const char *line);
unsigned rig_count(Rig *rig, const char *words);  // how often they are in the log

#endif
