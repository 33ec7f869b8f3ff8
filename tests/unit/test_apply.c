// SPDX-License-Identifier: GPL-3.0-or-later
//
// The order of things: dependencies, days, holds, conflicts, runs that go on.
#include "unit.h"

#include "apply_kit.h"

#include <string.h>

typedef struct Expect {
  const char *label;
  const char *state;
} Expect;

static void check_states(Rig *rig, const Expect *rows, const char *scene)
{
  for (; rows->label; rows++)
    UNIT_STR(rig_state(rig, rows->label), rows->state, "%s: %s", scene, rows->label);
}

static const Deed chain[] = {
    {"make", OP_CREATE, "account/1000", .parent = "container/ou=people", .name = "uid=p1000"},
    {"title", OP_MODIFY, "account/1000", .attribute = "title", .new_value = "chief",
     .after = {"make"}},
    {"join", OP_JOIN, "group/1", .member = "account/1000", .after = {"make"}},
    {"last", OP_MODIFY, "account/1", .attribute = "manager", .new_value = "@account/1000",
     .after = {"title", "join"}},
    {"free", OP_MODIFY, "account/2", .attribute = "title", .old_value = "staff",
     .new_value = "head"},
    {NULL},
};

// Where in the log.
static ptrdiff_t at(Rig *rig, const char *words)
{
  const char *found = strstr(rig->log->str, words);
  return UNIT_TRUE(found != NULL, "%s in %s", words, rig->log->str) ? found - rig->log->str : -1;
}

static void order(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  UNIT_TRUE(rig_apply(rig, NULL));
  UNIT_INT(rig->report.exit, EXIT_DONE);
  UNIT_INT(rig->report.total.done, 5);
  UNIT_INT(rig->report.by_kind[OP_MODIFY].done, 3);
  UNIT_INT(findings_count(rig->report.problems), 0);
  UNIT_TRUE(at(rig, "commit;committed;") < at(rig, "submit make"));
  UNIT_TRUE(at(rig, "outcome make") < at(rig, "submit title"));
  UNIT_TRUE(at(rig, "outcome title") < at(rig, "submit last"));
  UNIT_TRUE(at(rig, "outcome join") < at(rig, "submit last"));
  UNIT_TRUE(at(rig, "submit free") < at(rig, "outcome make"));
  UNIT_INT(rig->n_collisions, 0);
  UNIT_TRUE(rig_has(rig, "uid=p1,ou=people", "manager: uid=p1000,ou=people," RIG_BASE));
  UNIT_TRUE(rig_has(rig, "cn=g1,ou=groups", "member: uid=p1000,ou=people," RIG_BASE));
  UNIT_TRUE(rig_has(rig, "uid=p2,ou=people", "title: head"));
  UNIT_TRUE(!rig_has(rig, "uid=p2,ou=people", "title: staff"));
}

// What keeps one operation back, and what becomes of the others.
static void kept_back(void)
{
  static const struct {
    const char *scene;
    const char *fault;
    const char *held;  // label
    const char *day;   // label
    ExitCode exit;
    const char *run;
    Expect states[6];
  } rows[] = {
      {"refused",
       "op 1 refused",
       NULL,
       NULL,
       EXIT_FAILED,
       "failed",
       {{"make", "refused"}, {"title", "blocked"}, {"last", "blocked"}, {"free", "done"}}},
      {"failed",
       "op 1 failed",
       NULL,
       NULL,
       EXIT_FAILED,
       "failed",
       {{"make", "failed"}, {"join", "blocked"}, {"last", "blocked"}, {"free", "done"}}},
      {"held",
       NULL,
       "title",
       NULL,
       EXIT_HELD,
       "held",
       {{"make", "done"}, {"title", "held"}, {"join", "done"}, {"last", "blocked"}}},
      {"day",
       NULL,
       NULL,
       "join",
       EXIT_DONE,
       "scheduled",
       {{"make", "done"}, {"join", "scheduled"}, {"last", "scheduled"}, {"title", "done"}}},
      {"hold and day",
       NULL,
       "make",
       "free",
       EXIT_HELD,
       "scheduled",
       {{"make", "held"}, {"title", "blocked"}, {"last", "blocked"}, {"free", "scheduled"}}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Rig) rig = rig_new(2, 0, 1);
    for (const Deed *deed = chain; deed->label; deed++) {
      Deed own = *deed;
      own.day = g_strcmp0(rows[i].day, deed->label) == 0 ? RIG_NOW + 1 : RIG_NOW;
      rig_add(rig, &own);
    }
    rig_seal(rig);
    if (rows[i].fault)
      rig_fault(rig, rows[i].fault);
    const char *held[6] = {NULL};
    if (rows[i].held)
      held[rig_op(rig, rows[i].held)->n - 1] = "too many";
    rig->setup.held = held;
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.exit, rows[i].exit, "%s", rows[i].scene);
    check_states(rig, rows[i].states, rows[i].scene);
    RunRow run;
    UNIT_TRUE(store_run_last(rig->store, &run));
    UNIT_STR(run.state, rows[i].run, "%s", rows[i].scene);
    UNIT_INT(findings_count(rig->report.problems), rows[i].exit == EXIT_FAILED, "%s",
             rows[i].scene);
  }
}

static void goes_on_after_the_day(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  for (const Deed *deed = chain; deed->label; deed++) {
    Deed own = *deed;
    own.day = g_str_equal(deed->label, "title") ? RIG_NOW + 100 : 0;
    rig_add(rig, &own);
  }
  rig_seal(rig);
  rig_apply(rig, NULL);
  int64_t first = rig->report.run;
  UNIT_INT(rig->report.total.done, 3);
  UNIT_INT(rig->report.total.scheduled, 2);
  RunRow due;
  UNIT_TRUE(apply_due(rig->store, &due));
  UNIT_STR(due.plan_path, "plan.jsonl");

  rig->setup.now = RIG_NOW + 100;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.run, first);
  UNIT_INT(rig->report.total.done, 2);
  UNIT_INT(rig->report.total.already, 3);
  UNIT_INT(rig_count(rig, "submit make"), 0);
  UNIT_INT(rig_count(rig, "submit title"), 1);
  UNIT_TRUE(!apply_due(rig->store, &due));

  rig_apply(rig, NULL);
  UNIT_TRUE(rig->report.run != first);
  UNIT_INT(rig->report.total.done, 0);
  UNIT_INT(rig->report.total.already, 5);
  UNIT_INT(rig->report.exit, EXIT_DONE);
}

// A refused operation is tried again when the run goes on; what was done is not.
static void goes_on_after_a_refusal(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  rig_fault(rig, "op 1 refused");
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.refused, 1);
  rig->faults[0] = NULL;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 4);
  UNIT_INT(rig->report.total.already, 1);
  UNIT_INT(rig_count(rig, "submit free"), 0);
}

static void chosen(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  g_autofree char *only = g_strdup_printf("%u", rig_op(rig, "join")->n);
  g_autoptr(GByteArray) marks = NULL;
  UNIT_TRUE(plan_choose(rig->plan, only, NULL, &marks, NULL));
  rig->setup.chosen = marks;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 2);
  UNIT_INT(rig->report.total.skipped, 3);
  UNIT_STR(rig_state(rig, "join"), "done");
  UNIT_STR(rig_state(rig, "free"), "skipped");
}

// A run that was begun with a part of the plan goes on with that part, whoever resumes it.
static void chosen_goes_on(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  g_autofree char *only = g_strdup_printf("%u", rig_op(rig, "join")->n);
  g_autoptr(GByteArray) marks = NULL;
  UNIT_TRUE(plan_choose(rig->plan, only, NULL, &marks, NULL));
  rig->setup.chosen = marks;
  rig_fault(rig, "op 1 refused");
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 0);
  UNIT_STR(rig_state(rig, "free"), "skipped");
  rig->setup.chosen = NULL;
  rig->faults[0] = NULL;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 2);
  UNIT_INT(rig->report.total.skipped, 3);
}

// Killed before anything was sent: what goes on still leaves out what was left out, and says who did.
static void chosen_and_killed_at_once(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  g_autofree char *except = g_strdup_printf("%u", rig_op(rig, "free")->n);
  g_auto(PlanChoice) choice = {0};
  volatile const int yes = 1;
  UNIT_TRUE(plan_choice(rig->plan, NULL, except, NULL, &choice, NULL));
  rig->setup.chosen = choice.chosen;
  rig->setup.refused = choice.refused;
  rig->setup.chooser = "Sato";
  rig->setup.interrupted = &yes;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 0);
  rig->setup.chosen = rig->setup.refused = NULL;
  rig->setup.interrupted = NULL;
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "free"), "skipped");
  UNIT_STR(rig_detail(rig, "free"), "left out by Sato");
  UNIT_INT(rig_count(rig, "submit free"), 0);
  // Also when the whole plan is applied again after its end, by whoever goes on with it.
  rig_apply(rig, NULL);
  UNIT_INT(rig_count(rig, "submit free"), 0);
  g_autoptr(GByteArray) left = apply_refused(rig->store, rig->plan);
  UNIT_TRUE(left != NULL && left->data[rig_op(rig, "free")->n - 1]);
}

// What those who approved left out is left out whatever is chosen, and stays so when it is gone on with after their word has
// expired.
static void left_and_killed_at_once(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 1);
  rig_add_all(rig, chain);
  rig_seal(rig);
  volatile const int yes = 1;
  uint32_t free_n = rig_op(rig, "free")->n;
  g_autoptr(GByteArray) left = g_byte_array_new();
  g_byte_array_set_size(left, (guint)plan_n_ops(rig->plan));
  memset(left->data, 0, left->len);
  left->data[free_n - 1] = 1;
  rig->setup.left = left;
  rig->setup.left_by = "Sato (R9-12)";
  rig->setup.interrupted = &yes;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 0);
  rig->setup.left = NULL;
  rig->setup.left_by = NULL;
  rig->setup.interrupted = NULL;
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "free"), "skipped");
  UNIT_STR(rig_detail(rig, "free"), "left out by who approved: Sato (R9-12)");
  UNIT_INT(rig_count(rig, "submit free"), 0);
  UNIT_INT(rig->report.total.skipped, 1);
}

// Work for hands is given out once; what waits for it waits on.
static void task(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 0);
  rig_add_all(rig, (const Deed[]){{.label = "task", .kind = OP_TASK, .object = "account/1"},
                                  {"title", OP_MODIFY, "account/1", .attribute = "title",
                                   .new_value = "chief", .old_value = "staff", .after = {"task"}},
                                  {"last", OP_MODIFY, "account/2", .attribute = "manager",
                                   .new_value = "@account/1", .after = {"title"}},
                                  {NULL}});
  rig_seal(rig);
  for (int round = 0; round < 2; round++) {
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.total.sent, 1, "round %d", round);
    UNIT_INT(rig->report.total.scheduled, 2, "round %d", round);
    UNIT_INT(rig->report.exit, EXIT_DONE, "round %d", round);
    UNIT_STR(rig_state(rig, "task"), "receipt", "round %d", round);
    UNIT_STR(rig_state(rig, "last"), "scheduled", "round %d", round);
  }
}

// Many operations that touch each other in every way; the kit looks at each moment.
static void add_crossing(Rig *rig, unsigned i, GRand *dice)
{
  unsigned person = (unsigned)g_rand_int_range(dice, 1, 21);
  unsigned unit = (unsigned)g_rand_int_range(dice, 1, 4);
  g_autofree char *label = g_strdup_printf("op-%u", i);
  g_autofree char *account = g_strdup_printf("account/%u", person);
  g_autofree char *group = g_strdup_printf("group/%u", unit);
  g_autofree char *below = g_strdup_printf("unit/%u", unit);
  g_autofree char *made = g_strdup_printf("account/%u", 1000 + i % 40);
  g_autofree char *name = g_strdup_printf("uid=p%u", 1000 + i % 40);
  g_autofree char *value = g_strdup_printf("v%u", i);
  g_autofree char *renamed = g_strdup_printf("ou=u%u-%u", unit, i);
  const Deed deeds[] = {
      {label, OP_MODIFY, account, .attribute = "description", .new_value = value},
      {label, OP_MODIFY, below, .attribute = "street", .new_value = value},
      {label, OP_JOIN, group, .member = account},
      {label, OP_JOIN, group, .member = account},
      {label, OP_MOVE, account, .parent = below},
      {label, OP_RENAME, below, .name = renamed},
  };
  if (i < 40)
    rig_add(rig, &(Deed){label, OP_CREATE, made, .parent = below, .name = name});
  else
    rig_add(rig, &deeds[g_rand_int_range(dice, 0, G_N_ELEMENTS(deeds))]);
}

static void never_together(void)
{
  static const int windows[] = {1, 2, 32, 200};
  for (size_t w = 0; w < G_N_ELEMENTS(windows); w++) {
    g_autoptr(Rig) rig = rig_new(20, 3, 3);
    GRand *dice = g_rand_new_with_seed(42);
    for (unsigned i = 0; i < 300; i++)
      add_crossing(rig, i, dice);
    g_rand_free(dice);
    rig_seal(rig);
    rig->config.window = windows[w];
    rig_apply(rig, NULL);
    UNIT_INT(rig->n_collisions, 0, "window %d", windows[w]);
    const ApplyCounts *total = &rig->report.total;
    UNIT_INT(total->done + total->already + total->refused, 300, "window %d", windows[w]);
    UNIT_TRUE(total->done > 100, "window %d: %d", windows[w], (int)total->done);
  }
}

// The oracle itself: without locks it would see collisions. Two that touch, asked directly.
static void more_in_flight(void)
{
  g_autoptr(Rig) rig = rig_new(20, 0, 0);
  for (unsigned i = 1; i <= 20; i++) {
    g_autofree char *label = g_strdup_printf("op-%u", i);
    g_autofree char *account = g_strdup_printf("account/%u", i);
    rig_add(rig, &(Deed){label, OP_MODIFY, account, .attribute = "title", .old_value = "staff",
                         .new_value = "chief"});
  }
  rig_seal(rig);
  rig->config.window = 5;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 20);
  // Five go out before the first comes back.
  g_autofree char *start = g_strndup(rig->log->str, (gsize)at(rig, "outcome"));
  unsigned n = 0;
  for (const char *p = start; (p = strstr(p, "submitted")); p++)
    n++;
  UNIT_INT(n, 5);
  UNIT_INT(rig_count(rig, "commit;"), 2);
}

static void close_now(Rig *rig, const ApplyStep *step)
{
  (void)rig;
  if (g_str_equal(step->name, "outcome"))
    timer_move(3600, 3600);
}

// The target closes with the last that goes to it: what is left to do in our own store is not forgotten, either.
static void closes_before_our_own(void)
{
  g_autoptr(Rig) rig = rig_new(1, 0, 0);
  g_autoptr(Windows) windows = windows_new();
  rig_add_all(rig, (const Deed[]){
                       {"title", OP_MODIFY, "account/1", .attribute = "title", .old_value = "staff",
                        .new_value = "chief"},
                       {"release", OP_RELEASE, "account", .attribute = "fax", .after = {"title"}},
                       {NULL}});
  rig_seal(rig);
  windows_add(windows, "01:00-02:00 backup", false);
  rig->config.windows = windows;
  rig->hook = close_now;
  g_setenv("IDOU_NOW", "2027-04-01T00:30:00+09:00", true);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.exit, EXIT_INTERRUPTED);
  UNIT_STR(rig_state(rig, "release"), "scheduled");
  RunRow due;
  UNIT_TRUE(apply_due(rig->store, &due));
  rig->hook = NULL;
  timer_move(3600, 3600);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "release"), "already");
  UNIT_INT(rig_count(rig, "submit title"), 0);
  UNIT_INT(rig->report.exit, EXIT_DONE);
  g_unsetenv("IDOU_NOW");
  g_unsetenv("IDOU_STEADY");
}

static const UnitTest tests[] = {
    {"closes_before_our_own", closes_before_our_own},
    {"order", order},
    {"kept_back", kept_back},
    {"goes_on_after_the_day", goes_on_after_the_day},
    {"goes_on_after_a_refusal", goes_on_after_a_refusal},
    {"chosen", chosen},
    {"chosen_goes_on", chosen_goes_on},
    {"chosen_and_killed_at_once", chosen_and_killed_at_once},
    {"left_and_killed_at_once", left_and_killed_at_once},
    {"task", task},
    {"never_together", never_together},
    {"more_in_flight", more_in_flight},
    {NULL, NULL},
};
UNIT_SUITE(apply, tests);
