// SPDX-License-Identifier: GPL-3.0-or-later
//
// For tests of guards: a plan, a ledger, and what is asked of the guards.
#ifndef IDOU_TESTS_GUARD_KIT_H
#define IDOU_TESTS_GUARD_KIT_H

#include "unit.h"

#include "idou/guard.h"
#include "idou/store.h"

#define DAY 86400

// A store, a plan for target "ldap" and what is asked of the guards.
typedef struct Scene {
  Store *store;
  Plan *plan;
  GuardConfig *config;
  const GuardConfig *configs[2];
  GuardSetup setup;
} Scene;

typedef struct Many {
  OpKind kind;
  int n;
} Many;

// What a target of idou.yaml says of its guards.
GuardConfig *scene_config(const char *text);
void scene_now(Instant now);
// `salt` makes plans that are otherwise equal different.
Plan *scene_plan(const Many *many, int64_t n_ours, const char *salt);
void scene_add(Plan *plan, const Many *many);
void scene_seal(Scene *scene);
void scene_set_plan(Scene *scene, Plan *plan);
Scene scene_open(const Many *many);
void scene_set_config(Scene *scene, const char *text);
void scene_close(Scene *scene);
// "count ldap/disable 21; depends ldap 2"; caller frees.
char *scene_judged(Scene *scene);
void scene_remember(Scene *scene);
// As if apply had carried out the operations up to `n_done`.
void scene_apply_until(Scene *scene, uint32_t n_done);

#define JUDGED(scene, want, ...)                \
  do {                                          \
    g_autofree char *got = scene_judged(scene); \
    UNIT_STR(got, want, " " __VA_ARGS__);       \
  } while (0)

#endif
