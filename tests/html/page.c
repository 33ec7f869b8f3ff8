// SPDX-License-Identifier: GPL-3.0-or-later
//
//   page FORMAT PEOPLE
//
// A plan for so many people with every kind of operation in two targets, units, notes and a verdict, in which every text
// is one that a page might take for more than text. A third target could not be read.
#include "idou/report.h"

#include <stdlib.h>
#include <string.h>

#define LATER 1806505200  // 2027-04-01T00:00:00+09:00
#define BASE "dc=city,dc=example"

// tests/html/drive looks for what these look like.
static const char *const hostile[] = {
    "<script>hit('script')</script>",
    "\"><img src=x onerror=\"hit('img')\">",
    "' onmouseover='hit(1)' autofocus onfocus='hit(2)",
    "</script><script>hit('end')</script>",
    "</style></title></textarea></details></table><b>bold",
    "<!-- --> ]]> &amp;&lt;&#60; {0} %s \\u0041",
    "javascript:hit('link')",
    "山\u202E田\u2066 \u2028 \x01\x1B[2J\xEF\xBB\xBF",
};

static const char *hostile_at(size_t i)
{
  return hostile[i % G_N_ELEMENTS(hostile)];
}

static OpValue value_of(const char *text)
{
  return (OpValue){VALUE_TEXT, text, strlen(text)};
}

// ---------------------------------------------------------------------------------------------
// One person: what a mover has, or one of the other things that become of people.

typedef struct Maker {
  Plan *plan;
  size_t section;
  size_t i;  // the person
  const char *label, *object;
} Maker;

static const struct {
  OpKind kind;
  const char *cause;
  bool later, confirm;
} deeds[] = {
    {OP_MODIFY, "move", true, false},       {OP_CREATE, "hire", false, false},
    {OP_DISABLE, "retire", true, false},    {OP_RENAME, "rename", false, false},
    {OP_MOVE, "retire", true, false},       {OP_ADOPT, "other", false, true},
    {OP_ENABLE, "return", false, false},    {OP_DELETE, "other", false, false},
    {OP_TASK, "move", true, false},         {OP_ALLOCATE, "hire", false, false},
    {OP_RELEASE, "other", false, false},    {OP_RESTRICT, "dormant", false, false},
    {OP_LIFT, "recertified", false, false}, {OP_RESTRICT, "stopped", false, false},
    {OP_DISABLE, "stopped", false, false},
};

static uint32_t add_op(const Maker *maker, Op *op, bool later)
{
  static const char *const units[] = {"1010 市役所\u3000総務部\u3000総務課",
                                      "1020 市役所\u3000総務部\u3000人事課",
                                      "2010 市役所\u3000<b>税\"務'部</b>\u3000市民税課"};
  op->label = maker->label;
  op->person = (uint32_t)maker->i + 1;
  op->unit = units[maker->i % G_N_ELEMENTS(units)];
  op->unit_before = maker->i % 5 == 0 ? units[(maker->i + 1) % G_N_ELEMENTS(units)] : NULL;
  op->not_before = later ? LATER : INSTANT_NONE;
  op->why = g_strcmp0(op->cause, "stopped") == 0 ? "not for paper" : hostile_at(maker->i + 1);
  op->rule = "account.yaml:5, account.yaml:19";
  op->source = "orders-20270401.csv:2";
  return plan_add_op(maker->plan, maker->section, op);
}

// Both for the same reasons, which are told once.
static void add_edge(const Maker *maker, OpKind kind, const char *cause, uint32_t after)
{
  const OpChange member = {.attribute = "member"};
  Op edge = {.kind = kind,
             .object = kind == OP_JOIN ? "group/g" : "group/h",
             .member = maker->object,
             .cause = cause,
             .changes = &member,
             .n_changes = 1};
  plan_add_after(maker->plan, add_op(maker, &edge, true), after);
}

static void add_restriction(const Maker *maker, OpKind kind, const char *cause)
{
  static const char *const told[] = {"number", "what",   "group", "cause",
                                     "reason", "source", "who",   "until"};
  OpValue values[G_N_ELEMENTS(told)];
  OpChange changes[G_N_ELEMENTS(told)];
  for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
    bool silent = strcmp(cause, "stopped") == 0 && strcmp(told[i], "reason") == 0;
    values[i] = value_of(silent ? "not for paper" : hostile_at(maker->i + i));
    changes[i] = (OpChange){.attribute = told[i], .new_values = &values[i], .n_new = 1};
  }
  Op op = {.kind = kind,
           .object = maker->object,
           .cause = cause,
           .changes = changes,
           .n_changes = G_N_ELEMENTS(changes)};
  add_op(maker, &op, false);
}

// Of nobody: the entry has no name but its own.
static void add_orphan(Plan *plan, size_t section, size_t i)
{
  g_autofree char *object = g_strdup_printf("orphan/%s", hostile_at(i));
  const Placed placed = {object, "container/ou=people", "uid=guest", NULL, true};
  OpValue secret = {VALUE_SECRET, hostile_at(i), strlen(hostile_at(i))};
  const OpChange change = {.attribute = "userPassword", .new_values = &secret, .n_new = 1};
  const Op op = {.kind = OP_DISABLE,
                 .object = object,
                 .cause = "orphan",
                 .not_before = INSTANT_NONE,
                 .changes = &change,
                 .n_changes = 1};
  plan_add_place(plan, section, &placed);
  plan_add_op(plan, section, &op);
}

static void add_change(const Maker *maker)
{
  size_t deed = maker->i % G_N_ELEMENTS(deeds);
  if (deeds[deed].kind == OP_RESTRICT || deeds[deed].kind == OP_LIFT) {
    add_restriction(maker, deeds[deed].kind, deeds[deed].cause);
    return;
  }
  OpValue texts[] = {value_of(hostile_at(maker->i)), value_of(hostile_at(maker->i + 3))};
  const OpChange changes[] = {
      {.attribute = "description",
       .old_values = deeds[deed].kind == OP_CREATE ? NULL : &texts[0],
       .n_old = deeds[deed].kind != OP_CREATE,
       .new_values = &texts[1],
       .n_new = 1},
      {.attribute = hostile_at(maker->i + 2), .new_values = &texts[0], .n_new = 1}};
  Op op = {.kind = deeds[deed].kind,
           .object = maker->object,
           .name = "uid=new",
           .old_name = "uid=old",
           .parent = "container/ou=people",
           .old_parent = "container/ou=retired",
           .cause = deeds[deed].cause,
           .confirm = deeds[deed].confirm ? hostile_at(maker->i + 1) : NULL,
           .changes = changes,
           .n_changes = G_N_ELEMENTS(changes)};
  uint32_t handle = add_op(maker, &op, deeds[deed].later);
  if (op.kind == OP_DELETE)
    return;
  add_edge(maker, OP_JOIN, deeds[deed].cause, handle);
  add_edge(maker, OP_LEAVE, deeds[deed].cause, handle);
}

static void add_person(Plan *plan, size_t section, size_t i)
{
  g_autofree char *label = g_strdup_printf("%06zu %s", i + 1, hostile_at(i));
  g_autofree char *object = g_strdup_printf("account/%zu", i + 1);
  g_autofree char *name = g_strdup_printf("uid=u%zu", i + 1);
  const Placed placed = {object, "container/ou=people", name, NULL, true};
  plan_add_place(plan, section, &placed);
  add_change(&(Maker){plan, section, i, label, object});
}

// ---------------------------------------------------------------------------------------------

static void add_target(Plan *plan, size_t section, const char *name, size_t n_people)
{
  static const Placed places[] = {
      {.object = "container/ou=people", .name = "ou=people", .exists = true},
      {.object = "container/ou=retired", .name = "ou=retired", .exists = true},
      {"group/g", "container/ou=people", "cn=g</th>", NULL, true},
      {"group/h", "container/ou=people", "cn=h", NULL, true},
      {"unit/1", "container/ou=people", "ou=<i>unit", NULL, true}};
  plan_add_section(plan, name);
  const PlanSection counts = {.base = BASE, .n_read = 31, .n_ours = 8, .n_desired = 9};
  plan_describe_section(plan, section, &counts);
  for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
    plan_add_place(plan, section, &places[i]);
  for (size_t i = section; i < n_people; i += section + 1)
    add_person(plan, section, i);
  for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++)
    add_orphan(plan, section, i);
  const Op unit = {.kind = OP_RENAME,
                   .object = "unit/1",
                   .label = "1010 <i>総務課",
                   .unit = n_people == 0 ? NULL : "1010 市役所\u3000<i>総務課",
                   .name = "ou=b",
                   .old_name = "ou=<i>unit",
                   .not_before = INSTANT_NONE};
  plan_add_op(plan, section, &unit);
  for (size_t i = 0; i < G_N_ELEMENTS(hostile) * 2; i++) {
    const PlanNote note = {.code = i % 2 ? "orphan" : "protected",
                           .target = name,
                           .object = hostile_at(i),
                           .label = hostile_at(i + 1),
                           .text = i % 2 ? hostile[0] : hostile[1]};
    plan_add_note(plan, section, &note);
  }
}

static Plan *make_plan(size_t n_people, GError **error)
{
  const PlanHead head = {.as_of = date_of(2027, 4, 1),
                         .known_at = INSTANT_OPEN,
                         .mapping_digest = "5d41402abc4b2a76b9719d911017c592",
                         .program = hostile[0],
                         .whatif = true,
                         .restricted = true};
  g_autoptr(Plan) plan = plan_new(&head);
  add_target(plan, 0, "ldap", n_people);
  add_target(plan, 1, "\"><script>hit('t')</script>", n_people);
  plan_add_section(plan, "ad");
  plan_abandon_section(plan, 2, hostile[0]);
  plan_count_people(plan, (int64_t)n_people);
  return plan_seal(plan, error) ? g_steal_pointer(&plan) : NULL;
}

static void make_verdict(const Plan *plan, GuardVerdict *out)
{
  static GuardHold holds[] = {
      {.check = "count", .target = "ldap", .kind = "disable", .count = 1, .text = hostile[0]},
      {.check = "date", .count = 2, .text = hostile[1]},
      {.check = "hold", .target = "ldap", .count = 1, .text = "not for paper", .number = 12}};
  *out = (GuardVerdict){.n_ops = plan_n_ops(plan), .holds = holds, .n_holds = G_N_ELEMENTS(holds)};
  out->held = g_new0(const char *, out->n_ops);
  for (uint32_t n = 1; n <= out->n_ops; n++) {
    OpKind kind = plan_op(plan, n)->kind;
    out->held[n - 1] = kind == OP_DISABLE || kind == OP_ADOPT ? hostile[3] : NULL;
  }
}

int main(int argc, char **argv)
{
  base_init();
  if (argc != 3)
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(Plan) plan = make_plan((size_t)strtoul(argv[2], NULL, 10), &error);
  if (!plan) {
    fprintf(stderr, "%s\n", error->message);
    return EXIT_USAGE;
  }
  GuardVerdict verdict;
  make_verdict(plan, &verdict);
  const ReportPlan what = {.plan = plan, .verdict = &verdict};
  if (!report_plan(argv[1], &what, out, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return EXIT_USAGE;
  }
  fwrite(out->str, 1, out->len, stdout);
  g_free(verdict.held);
  return EXIT_DONE;
}
