// SPDX-License-Identifier: GPL-3.0-or-later
//
// Somebody holds, or stops, while a run is at work: at every step of it.
#include "unit.h"

#include <idou/guard.h>

#include "apply_kit.h"
#include "store/store_p.h"

#include <string.h>

// What is said, and at which step.
typedef struct Word {
  HoldRow row;
  unsigned at;
} Word;

typedef struct Scene {
  Rig *rig;
  const Word *word;
  GuardSetup guard;
  GuardWarden *warden;
  ApplyWarden heeds;
  bool ends;  // time is over at the same step
  unsigned n_steps;
  GHashTable *sent;  // Op: before it was said
} Scene;

static Scene *now;  // the hook is told the rig alone

static void say(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) other = store_open(scene->rig->store->path, STORE_WRITE, &error);
  UNIT_TRUE(other != NULL && store_hold_add(other, &scene->word->row, &error) > 0);
  UNIT_NO_ERROR(error);
}

static void hook(Rig *rig, const ApplyStep *step)
{
  (void)rig;
  bool sends = strcmp(step->name, "submit") == 0;
  if (++now->n_steps == now->word->at) {
    say(now);
    if (now->ends)
      timer_move(3600, 3600);
  }
  for (size_t i = 0; sends && i < step->n_ops && now->n_steps <= now->word->at; i++)
    g_hash_table_add(now->sent, (gpointer)step->ops[i]);
}

static void add_deeds(Rig *rig)
{
  for (unsigned i = 1; i <= 6; i++) {
    g_autofree char *title = g_strdup_printf("title-%u", i), *join = g_strdup_printf("join-%u", i);
    g_autofree char *off = g_strdup_printf("off-%u", i), *on = g_strdup_printf("on-%u", i);
    g_autofree char *account = g_strdup_printf("account/%u", i);
    rig_add(rig, &(Deed){title, OP_MODIFY, account, .attribute = "title", .old_value = "staff",
                         .new_value = "chief", .person = i});
    rig_add(rig,
            &(Deed){join, OP_JOIN, "group/1", .member = account, .after = {title}, .person = i});
    rig_add(rig, &(Deed){on, OP_ENABLE, account, .attribute = "loginShell", .new_value = "/bin/sh",
                         .after = {title}, .person = i});
    rig_add(rig, &(Deed){off, OP_DISABLE, account, .attribute = "description", .new_value = "away",
                         .after = {title}, .person = i});
  }
}

static void scene_begin(Scene *scene)
{
  g_autoptr(GError) error = NULL;
  scene->rig = rig_new(20, 0, 1);
  scene->rig->config.window = 4;
  scene->rig->hook = hook;
  add_deeds(scene->rig);
  rig_seal(scene->rig);
  scene->sent = g_hash_table_new(NULL, NULL);
  scene->guard = (GuardSetup){
      .plan = scene->rig->plan, .store = scene->rig->store, .now = RIG_NOW, .configs = NULL};
  for (uint32_t person = 0; person < 6;)
    person = store_subject_add(scene->rig->store, SUBJECT_PERSON, &error);
  store_link_add(scene->rig->store, SUBJECT_PERSON, "city", "000005", 5, 0, &error);
  UNIT_TRUE(guard_warden_new(&scene->guard, &scene->warden, &error));
  UNIT_NO_ERROR(error);
  scene->heeds = (ApplyWarden){guard_warden_looks, guard_warden_holds, scene->warden};
  scene->rig->setup.warden = &scene->heeds;
  now = scene;
}

static void scene_end(Scene *scene)
{
  guard_warden_free(scene->warden);
  g_hash_table_unref(scene->sent);
  rig_free(scene->rig);
}

// Nothing that concerns the held goes after the word; all else is done.
static void judge(Scene *scene, const char *const *held, const char *words)
{
  Rig *rig = scene->rig;
  for (uint32_t n = 1; n <= plan_n_ops(rig->plan); n++) {
    const Op *op = plan_op(rig->plan, n);
    bool concerned = held == NULL || g_strv_contains(held, op->label);
    bool sent = g_hash_table_contains(scene->sent, op);
    const char *state = rig_state(rig, op->label);
    if (!concerned || sent)
      UNIT_STR(state, "done", "%s at %u: %s", words, scene->word->at, op->label);
    else
      UNIT_TRUE(strcmp(state, "held") == 0 || strcmp(state, "blocked") == 0, "%s at %u: %s is %s",
                words, scene->word->at, op->label, state);
    if (concerned && strcmp(state, "held") == 0)
      UNIT_TRUE(strstr(rig_detail(rig, op->label), "ask desk") != NULL &&
                    strstr(rig_detail(rig, op->label), "secret") == NULL,
                "%s", rig_detail(rig, op->label));
  }
}

static void at_every_step(void)
{
  static const struct {
    const char *kind, *name;
    uint32_t person;
    const char *held[5];  // NULL first: all
  } rows[] = {
      {"person", "000005", 0, {"title-5", "join-5", "on-5", "off-5", NULL}},
      {"object", "account/5", 0, {"title-5", "join-5", "on-5", "off-5", NULL}},
      {"target", "t", 0, {NULL}},
      // What describes and what takes goes on; what gives does not.
      {HOLD_STOP, "000005", 5, {"join-5", "on-5", NULL}},
      {"object", "account/17", 0, {"", NULL}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    unsigned n_steps = 30, n_held = 0;  // early ones end the run early
    // A step is a run with its syncs: what goes like the first goes by threes.
    for (unsigned at = 1; at <= n_steps; at += i == 0 || rows[i].person != 0 ? 1 : 3) {
      Word word = {{.kind = rows[i].kind,
                    .name = rows[i].name,
                    .reason = "secret",
                    .who = "desk",
                    .since = RIG_NOW,
                    .person = rows[i].person},
                   at};
      Scene scene = {.word = &word};
      scene_begin(&scene);
      rig_apply(scene.rig, NULL);
      judge(&scene, rows[i].held[0] != NULL ? rows[i].held : NULL, rows[i].kind);
      n_held += scene.rig->report.total.held > 0;
      UNIT_TRUE(scene.rig->report.exit ==
                    (scene.rig->report.total.held > 0 ? EXIT_HELD : EXIT_DONE),
                "%s at %u", rows[i].kind, at);
      n_steps = MAX(n_steps, scene.n_steps);
      scene_end(&scene);
    }
    UNIT_TRUE(n_steps > 20 && (n_held > 2) == (rows[i].held[0] == NULL || *rows[i].held[0] != '\0'),
              "%s: %u of %u", rows[i].kind, n_held, n_steps);
  }
}

// Either an operation has come to its end, or the run is due and goes on with it.
static void judge_left(Scene *scene)
{
  Rig *rig = scene->rig;
  unsigned n_open = 0, at = scene->word->at;
  for (uint32_t n = 1; n <= plan_n_ops(rig->plan); n++) {
    const Op *op = plan_op(rig->plan, n);
    const char *state = rig_state(rig, op->label);
    bool concerned = strcmp(op->object, "account/5") == 0 || g_str_has_suffix(op->label, "-5");
    bool done = strcmp(state, "done") == 0;
    n_open += !done && strcmp(state, "held") != 0 && strcmp(state, "blocked") != 0;
    UNIT_TRUE(!concerned || !done || g_hash_table_contains(scene->sent, op), "at %u: %s is %s", at,
              op->label, state);
    UNIT_TRUE(strcmp(state, "sent") != 0, "at %u: %s is %s", at, op->label, state);
  }
  RunRow due;
  UNIT_INT(rig->report.n_left, n_open, "at %u", at);
  UNIT_TRUE(apply_due(rig->store, &due) == (n_open > 0), "at %u", at);
  UNIT_TRUE((rig->report.exit == EXIT_INTERRUPTED) == (n_open > 0), "at %u", at);
}

static void as_time_is_over(void)
{
  Timer timer;
  unsigned n_steps = 1, n_left = 0;
  for (unsigned at = 1; at <= n_steps; at++) {
    Word word = {{.kind = "object",
                  .name = "account/5",
                  .reason = "secret",
                  .who = "desk",
                  .since = RIG_NOW},
                 at};
    Scene scene = {.word = &word, .ends = true};
    g_setenv("IDOU_NOW", "2027-04-01T06:00:00+09:00", true);
    timer_begin(&timer, instant_now() + 1800);
    scene_begin(&scene);
    scene.rig->setup.timer = &timer;
    rig_apply(scene.rig, NULL);
    judge_left(&scene);
    n_left += scene.rig->report.n_left > 0;
    n_steps = MAX(n_steps, scene.n_steps + (scene.n_steps >= at));
    scene_end(&scene);
  }
  UNIT_TRUE(n_steps > 20 && n_left > 10, "%u of %u", n_left, n_steps);
  g_unsetenv("IDOU_NOW");
  g_unsetenv("IDOU_STEADY");
}

static const UnitTest tests[] = {
    {"as_time_is_over", as_time_is_over},
    {"at_every_step", at_every_step},
    {NULL, NULL},
};
UNIT_SUITE(apply_heed, tests);
