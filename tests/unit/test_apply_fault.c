// SPDX-License-Identifier: GPL-3.0-or-later
//
// Targets that refuse, fail, keep silent and go away, and journals that cannot be written.
#include "unit.h"

#include "apply_kit.h"

#include <string.h>

static void add_titles(Rig *rig, unsigned n)
{
  for (unsigned i = 1; i <= n; i++) {
    g_autofree char *label = g_strdup_printf("t%u", i);
    g_autofree char *account = g_strdup_printf("account/%u", i);
    rig_add(rig, &(Deed){label, OP_MODIFY, account, .attribute = "title", .old_value = "staff",
                         .new_value = "chief"});
  }
}

static unsigned count_chiefs(Rig *rig, unsigned n)
{
  unsigned n_chiefs = 0;
  for (unsigned i = 1; i <= n; i++) {
    g_autofree char *dn = g_strdup_printf("uid=p%u,ou=people", i);
    n_chiefs += rig_has(rig, dn, "title: chief");
  }
  return n_chiefs;
}

static int attempts(Rig *rig, const char *label)
{
  OpRow row = {0};
  store_op_get(rig->store, rig->report.run, rig_op(rig, label)->n, &row);
  return row.n_attempts;
}

// One modify, up to three sendings.
static void sent_again(void)
{
  static const struct {
    const char *faults[4];
    const char *state;
    unsigned n_sent, n_probes;
    bool takes_effect;
  } rows[] = {
      {{NULL}, "done", 1, 0, true},
      {{"op 1 busy"}, "done", 2, 0, true},
      {{"op 1 busy", "op 2 busy", "op 3 busy"}, "failed", 3, 0, false},
      {{"op 1 unknown"}, "done", 2, 1, true},
      {{"op 1 unknown done"}, "done", 1, 1, true},
      // The fake target can be looked at without a connection: the second sending finds it lost.
      {{"op 1 lost"}, "done", 3, 1, true},
      {{"op 1 lost done"}, "done", 1, 1, true},
      {{"op 1 busy", "op 2 unknown", "op 3 busy"}, "failed", 3, 1, false},
      {{"op 1 unknown", "op 2 unknown", "op 3 unknown"}, "failed", 3, 3, false},
      {{"op 1 refused"}, "refused", 1, 0, false},
      {{"op 1 failed"}, "failed", 1, 0, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Rig) rig = rig_new(1, 0, 0);
    rig->config.retries = 2;
    add_titles(rig, 1);
    rig_seal(rig);
    for (size_t j = 0; j < 4 && rows[i].faults[j]; j++)
      rig_fault(rig, rows[i].faults[j]);
    g_autofree char *scene = g_strjoinv(", ", (char **)(void *)rows[i].faults);
    rig_apply(rig, NULL);
    UNIT_STR(rig_state(rig, "t1"), rows[i].state, "%s", scene);
    UNIT_INT(rig_count(rig, "submit t1"), rows[i].n_sent, "%s", scene);
    UNIT_INT(rig_count(rig, "probe t1"), rows[i].n_probes, "%s", scene);
    UNIT_INT(attempts(rig, "t1"), rows[i].n_sent, "%s", scene);
    UNIT_INT(count_chiefs(rig, 1), rows[i].takes_effect, "%s", scene);
    bool done = g_str_equal(rows[i].state, "done");
    UNIT_INT(rig->report.exit, done ? EXIT_DONE : EXIT_FAILED, "%s", scene);
    UNIT_INT(findings_count(rig->report.problems), !done, "%s", scene);
  }
}

// The connection goes while many are in flight; each is done once, whatever had arrived.
static void lost_midway(void)
{
  static const char *const faults[] = {"op 7 lost", "op 7 lost done", "op 20 lost done"};
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
    g_autoptr(Rig) rig = rig_new(40, 0, 0);
    add_titles(rig, 40);
    rig_seal(rig);
    rig_fault(rig, faults[i]);
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.total.done + rig->report.total.already, 40, "%s", faults[i]);
    UNIT_INT(count_chiefs(rig, 40), 40, "%s", faults[i]);
    UNIT_INT(rig->report.exit, EXIT_DONE, "%s", faults[i]);
  }
}

static void changed_meanwhile(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 0);
  rig_add_all(rig, (const Deed[]){{"drifted", OP_MODIFY, "account/1", .attribute = "title",
                                   .old_value = "other", .new_value = "chief"},
                                  {"so already", OP_MODIFY, "account/2", .attribute = "title",
                                   .old_value = "other", .new_value = "staff"},
                                  {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "drifted"), "refused");
  UNIT_STR(rig_state(rig, "so already"), "already");
  if (!UNIT_INT(findings_count(rig->report.problems), 1))
    return;
  const Finding *finding = findings_at(rig->report.problems, 0);
  UNIT_STR(finding->code, "apply-refused");
  UNIT_STR(finding->subject, "drifted");
  UNIT_TRUE(strstr(finding->text, "staff") != NULL, "%s", finding->text);
}

// ---------------------------------------------------------------------------------------------

static void add_edges(Rig *rig, OpKind kind, const char *group, unsigned from, unsigned n)
{
  for (unsigned i = from; i < from + n; i++) {
    g_autofree char *label = g_strdup_printf("%s-%u", op_traits(kind)->name, i);
    g_autofree char *account = g_strdup_printf("account/%u", i);
    rig_add(rig, &(Deed){label, kind, group, .member = account});
  }
}

static void edges_go_together(void)
{
  g_autoptr(Rig) rig = rig_new(20, 0, 2);
  add_edges(rig, OP_JOIN, "group/1", 1, 20);
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 20);
  UNIT_INT(rig_count(rig, "submit "), 1);
  UNIT_TRUE(rig_has(rig, "cn=g1,ou=groups", "member: uid=p20,ou=people," RIG_BASE));
}

static void joins_and_leaves(void)
{
  g_autoptr(Rig) rig = rig_new(20, 0, 1);
  add_edges(rig, OP_JOIN, "group/1", 1, 10);
  rig_seal(rig);
  rig_apply(rig, NULL);
  g_autoptr(Rig) next = rig_new(20, 0, 1);
  g_autofree char *text = NULL;
  gsize n = 0;
  UNIT_TRUE(g_file_get_contents(rig->path, &text, &n, NULL));
  UNIT_TRUE(g_file_set_contents(next->path, text, (gssize)n, NULL));
  add_edges(next, OP_LEAVE, "group/1", 1, 10);
  add_edges(next, OP_JOIN, "group/1", 11, 10);
  rig_seal(next);
  rig_apply(next, NULL);
  UNIT_INT(next->report.total.done, 20);
  UNIT_INT(rig_count(next, "submit "), 1);
  UNIT_TRUE(!rig_has(next, "cn=g1,ou=groups", "member: uid=p1,ou=people," RIG_BASE));
  UNIT_TRUE(rig_has(next, "cn=g1,ou=groups", "member: uid=p11,ou=people," RIG_BASE));
}

// Edges that hold already make the server refuse all of a request; the others must not suffer.
static void split(void)
{
  static const struct {
    unsigned n, already[4];
  } rows[] = {{2, {1}}, {4, {4}}, {20, {1, 2, 20}}, {20, {7}}, {5, {1, 2, 3, 4}}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Rig) rig = rig_new(20, 0, 1);
    g_autofree char *text = NULL;
    UNIT_TRUE(g_file_get_contents(rig->path, &text, NULL, NULL));
    g_autoptr(GString) changed = g_string_new(text);
    unsigned n_already = 0;
    for (; n_already < 4 && rows[i].already[n_already]; n_already++) {
      g_autofree char *member = g_strdup_printf(
          "member: uid=p%u,ou=people," RIG_BASE "\nmember: cn=filler", rows[i].already[n_already]);
      g_string_replace(changed, "member: cn=filler", member, 1);
    }
    UNIT_TRUE(g_file_set_contents(rig->path, changed->str, -1, NULL));
    add_edges(rig, OP_JOIN, "group/1", 1, rows[i].n);
    rig_seal(rig);
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.total.already, n_already, "row %zu", i);
    UNIT_INT(rig->report.total.done, rows[i].n - n_already, "row %zu", i);
    UNIT_INT(rig->n_collisions, 0, "row %zu", i);
    UNIT_INT(rig->report.exit, EXIT_DONE, "row %zu", i);
    UNIT_STR(rig_state(rig, "join-1"), rows[i].already[0] == 1 ? "already" : "done", "row %zu", i);
  }
}

// A fault of its own for each sending: the refused single stays refused.
static void split_refused(void)
{
  g_autoptr(Rig) rig = rig_new(3, 0, 1);
  add_edges(rig, OP_JOIN, "group/1", 1, 3);
  rig_seal(rig);
  rig_fault(rig, "op 1 refused");
  rig_fault(rig, "op 3 refused");
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 2);
  UNIT_STR(rig_state(rig, "join-1"), "done");
  UNIT_STR(rig_state(rig, "join-2"), "refused");
  UNIT_STR(rig_state(rig, "join-3"), "done");
}

// Half of a group's edges took effect before the connection went.
static void group_without_answer(void)
{
  static const char *const faults[] = {"op 1 unknown", "op 1 unknown done", "op 1 lost",
                                       "op 1 lost done"};
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
    g_autoptr(Rig) rig = rig_new(6, 0, 1);
    add_edges(rig, OP_JOIN, "group/1", 1, 6);
    rig_seal(rig);
    rig_fault(rig, faults[i]);
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.total.done, 6, "%s", faults[i]);
    UNIT_TRUE(rig_has(rig, "cn=g1,ou=groups", "member: uid=p6,ou=people," RIG_BASE), "%s",
              faults[i]);
  }
}

// ---------------------------------------------------------------------------------------------

static void left_alone(void)
{
  static const char *const faults[] = {"op 1 failed", "op 2 failed", "op 3 failed", "op 4 failed",
                                       "op 5 failed", "op 6 failed", "op 7 failed", "op 8 failed",
                                       "op 9 failed", "op 10 failed"};
  g_autoptr(Rig) rig = rig_new(60, 0, 0);
  rig->config.window = 4;
  add_titles(rig, 60);
  rig_seal(rig);
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
    rig_fault(rig, faults[i]);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.failed, 10);
  UNIT_TRUE(rig->report.total.blocked >= 40, "%d", (int)rig->report.total.blocked);
  UNIT_INT(rig->report.total.failed + rig->report.total.blocked + rig->report.total.done, 60);
  UNIT_INT(rig->report.exit, EXIT_FAILED);
  UNIT_INT(findings_count(rig->report.problems), 11);
  UNIT_STR(rig_state(rig, "t9"), "blocked");
  UNIT_TRUE(strstr(rig_detail(rig, "t9"), "one after the other") != NULL);

  memset(rig->faults, 0, sizeof rig->faults);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.exit, EXIT_DONE);
  UNIT_INT(count_chiefs(rig, 60), 60);
}

static void not_to_be_applied(void)
{
  static const struct {
    const char *scene;
    bool whatif, unknown_target;
  } rows[] = {{"what-if", true, false}, {"no such target", false, true}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Rig) rig = rig_new(1, 0, 0);
    add_titles(rig, 1);
    rig_seal(rig);
    ((PlanHead *)plan_head(rig->plan))->whatif = rows[i].whatif;
    if (rows[i].unknown_target)
      rig->config.name = "other";
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!rig_apply(rig, &error), "%s", rows[i].scene);
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "%s", rows[i].scene);
    RunRow run;
    UNIT_TRUE(!store_run_last(rig->store, &run), "%s", rows[i].scene);
  }
}

static void another_system(void)
{
  g_autoptr(Rig) rig = rig_new(3, 0, 0);
  add_titles(rig, 3);
  rig_seal(rig);
  g_autofree char *text = NULL;
  g_file_get_contents(rig->path, &text, NULL, NULL);
  g_autoptr(GString) cloned = g_string_new(text);
  g_string_replace(cloned, "-0000-000000000001", "-0000-000000000002", 1);
  g_file_set_contents(rig->path, cloned->str, -1, NULL);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.refused, 3);
  UNIT_INT(rig->report.exit, EXIT_FAILED);
  UNIT_INT(count_chiefs(rig, 3), 0);
  if (UNIT_INT(findings_count(rig->report.problems), 1))
    UNIT_STR(findings_at(rig->report.problems, 0)->code, "apply-fingerprint");
}

static void no_system(void)
{
  g_autoptr(Rig) rig = rig_new(3, 0, 0);
  add_titles(rig, 3);
  rig_seal(rig);
  rig->config.path = "/nonexistent/system.ldif";
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.blocked, 3);
  UNIT_INT(rig->report.exit, EXIT_INTERRUPTED);
  RunRow due;
  UNIT_TRUE(apply_due(rig->store, &due));
  rig->config.path = rig->path;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 3);
}

// ---------------------------------------------------------------------------------------------
// Faults and interrupts at random, as often as it takes: everything is done, and nothing twice.

#define N_CHAOS 120

static void add_chaos(Rig *rig, unsigned i)
{
  g_autofree char *label = g_strdup_printf("op-%u", i);
  g_autofree char *account = g_strdup_printf("account/%u", 1 + i % 15);
  g_autofree char *group = g_strdup_printf("group/%u", 1 + i % 3);
  g_autofree char *made = g_strdup_printf("account/%u", 1000 + i / 4);
  g_autofree char *name = g_strdup_printf("uid=p%u", 1000 + i / 4);
  g_autofree char *value = g_strdup_printf("v%u", i);
  g_autofree char *maker = g_strdup_printf("op-%u", i - i % 4);
  const Deed deeds[] = {
      {label, OP_CREATE, made, .parent = "unit/1", .name = name},
      {label, OP_JOIN, group, .member = made, .after = {maker}},
      {label, OP_MODIFY, account, .attribute = "description", .new_value = value},
      {label, OP_MODIFY, "unit/1", .attribute = "description", .new_value = value},
  };
  rig_add(rig, &deeds[i % 4]);
}

static bool chaos_took_effect(Rig *rig, unsigned i)
{
  g_autofree char *made = g_strdup_printf("uid=p%u,ou=u1,ou=units", 1000 + i / 4);
  g_autofree char *group = g_strdup_printf("cn=g%u,ou=groups", 1 + i % 3);
  g_autofree char *account = g_strdup_printf("uid=p%u,ou=people", 1 + i % 15);
  g_autofree char *member = g_strdup_printf("member: %s," RIG_BASE, made);
  g_autofree char *value = g_strdup_printf("description: v%u", i);
  const char *const dns[] = {made, group, account, "ou=u1,ou=units"};
  const char *const lines[] = {"cn: New", member, value, value};
  return rig_has(rig, dns[i % 4], lines[i % 4]);
}

static void interrupt_at_random(Rig *rig, const ApplyStep *step)
{
  if (step->n_ops && g_random_int_range(0, 150) == 0)
    *(int *)(void *)rig->setup.interrupted = 1;
}

static void throw_faults(Rig *rig)
{
  static const char *const words[] = {"busy", "unknown", "unknown done", "lost", "lost done"};
  static char texts[8][40];
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_snprintf(texts[i], sizeof texts[i], "op %d %s", g_random_int_range(1, 60),
               words[g_random_int_range(0, G_N_ELEMENTS(words))]);
    rig->faults[i] = texts[i];
  }
}

static void chaos(void)
{
  for (unsigned seed = 1; seed <= 10; seed++) {
    g_random_set_seed(seed);
    g_autoptr(Rig) rig = rig_new(15, 1, 3);
    for (unsigned i = 0; i < N_CHAOS; i++)
      add_chaos(rig, i);
    rig_seal(rig);
    int stop_now = 0, n_rounds = 0;
    rig->setup.interrupted = &stop_now;
    rig->hook = interrupt_at_random;
    rig->config.window = g_random_int_range(1, 20);
    int64_t n_done = 0;
    do {
      stop_now = 0;
      throw_faults(rig);
      rig_apply(rig, NULL);
      n_done += rig->report.total.done;
      UNIT_INT(rig->report.total.refused + rig->report.total.unknown, 0, "seed %u", seed);
    } while (rig->report.exit != EXIT_DONE && ++n_rounds < 50);
    UNIT_INT(rig->report.exit, EXIT_DONE, "seed %u", seed);
    UNIT_INT(n_done, N_CHAOS, "seed %u", seed);
    UNIT_INT(rig->n_collisions, 0, "seed %u", seed);
    unsigned n_took_effect = 0;
    for (unsigned i = 0; i < N_CHAOS; i++)
      n_took_effect += chaos_took_effect(rig, i);
    UNIT_INT(n_took_effect, N_CHAOS, "seed %u", seed);
  }
}

// ---------------------------------------------------------------------------------------------

static void stop_at_third(Rig *rig, const ApplyStep *step)
{
  (void)step;
  if (rig_count(rig, "submitted") == 3)
    *(int *)(void *)rig->setup.interrupted = 1;
}

static void interrupted(void)
{
  g_autoptr(Rig) rig = rig_new(20, 0, 0);
  add_titles(rig, 20);
  rig_seal(rig);
  int stop_now = 0;
  rig->config.window = 2;
  rig->setup.interrupted = &stop_now;
  rig->hook = stop_at_third;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.exit, EXIT_INTERRUPTED);
  int64_t n_done = rig->report.total.done;
  UNIT_TRUE(n_done >= 3 && n_done <= 5, "%d", (int)n_done);
  UNIT_STR(rig_state(rig, "t9"), "pending");
  RunRow run;
  UNIT_TRUE(apply_due(rig->store, &run));
  UNIT_STR(run.state, "interrupted");

  stop_now = 0;
  rig->hook = NULL;
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.run, run.id);
  UNIT_INT(rig->report.total.already, n_done);
  UNIT_INT(rig->report.total.done, 20 - n_done);
  UNIT_INT(rig_count(rig, "probe"), 0);
  UNIT_INT(count_chiefs(rig, 20), 20);
}

static const UnitTest tests[] = {
    {"sent_again", sent_again},
    {"lost_midway", lost_midway},
    {"changed_meanwhile", changed_meanwhile},
    {"edges_go_together", edges_go_together},
    {"joins_and_leaves", joins_and_leaves},
    {"split", split},
    {"split_refused", split_refused},
    {"group_without_answer", group_without_answer},
    {"left_alone", left_alone},
    {"not_to_be_applied", not_to_be_applied},
    {"another_system", another_system},
    {"no_system", no_system},
    {"interrupted", interrupted},
    {"chaos", chaos},
    {NULL, NULL},
};
UNIT_SUITE(apply_fault, tests);
