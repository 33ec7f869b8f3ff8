// SPDX-License-Identifier: GPL-3.0-or-later
//
//   show FORMAT [summary] [colour] [person NUMBER] [only NUMBERS] [width COLUMNS]
//
// Shows a plan made by hand for a personnel change, with a guard's verdict. The digest, which every
// change of the plan file's form changes, is written as DIGEST.
#include "idou/report.h"

#include <stdlib.h>
#include <string.h>

#define BASE "dc=city,dc=example"
#define RLO "\u202E"  // shows what follows from right to left

// ---------------------------------------------------------------------------------------------
// Places.

static const Placed places[] = {
    {.object = "container/ou=people", .name = "ou=people", .exists = true},
    {.object = "container/ou=retired", .name = "ou=retired", .exists = true},
    {.object = "container/ou=units", .name = "ou=units", .exists = true},
    {.object = "container/ou=groups", .name = "ou=groups", .exists = true},
    {"unit/20", "container/ou=units", "ou=総務課", NULL, true},
    {"unit/21", "container/ou=units", "ou=企画\\, 調整課", NULL, false},
    {"account/1", "container/ou=people", "uid=t-yamada", NULL, true},
    {"account/2", "container/ou=people", "uid=h-takahashi", NULL, true},
    {"account/3", "container/ou=people", "uid=k-suzuki", NULL, true},
    {"account/4", "container/ou=people", "uid=j-sato", NULL, false},
    {"account/5", "container/ou=people", "uid=m-watanabe", NULL, true},
    {"group/g-somu", "container/ou=groups", "cn=g-somu", NULL, true},
    {"group/g-kikaku", "container/ou=groups", "cn=g-kikaku", NULL, false},
    {"group/g-all", "container/ou=groups", "cn=g-all", NULL, true},
};

// ---------------------------------------------------------------------------------------------
// Operations: as many changes of one value each as there are rows before the NULL.

typedef struct Row {
  const char *attribute;
  const char *old;  // NULL = none
  const char *new;
  ValueKind kind;  // of the new one
} Row;

#define MOST_ROWS 10

static const char yamada[] = "000310 山田　太郎";
static const char takahashi[] = "000311 髙橋　花子";
static const char suzuki[] = "000412 鈴木　一";
static const char sato[] = "001201 佐藤" RLO "　純";
static const char watanabe[] = "000500 渡邉　恵";

typedef struct Sample {
  Op op;
  Row rows[MOST_ROWS];
  uint32_t after;  // place in the list below, from 1
} Sample;

#define ORDERS "orders-20270401.csv"
#define LATER .not_before = 1806505200  // 2027-04-01T00:00:00+09:00
#define NOW .not_before = INSTANT_NONE

static const Sample samples[] = {
    {{.kind = OP_ALLOCATE,
      .object = "account/4",
      .label = sato,
      .person = 4,
      .name = "j-sato",
      NOW,
      .why = "name"},
     {{"login", NULL, NULL, VALUE_TEXT}},
     0},
    {{.kind = OP_CREATE,
      .object = "account/4",
      .label = sato,
      .person = 4,
      .name = "uid=j-sato",
      .parent = "container/ou=people",
      NOW,
      .why = "order 40001 hire 2027-04-01",
      .rule = "account.yaml:3, account.yaml:12, account.yaml:9",
      .source = ORDERS ":18"},
     {{"objectClass", NULL, "inetOrgPerson", VALUE_TEXT},
      {"uid", NULL, "j-sato", VALUE_TEXT},
      {"cn", NULL, "佐藤" RLO "　純", VALUE_TEXT},
      {"sn", NULL, "佐藤", VALUE_TEXT},
      {"employeeNumber", NULL, "001201", VALUE_TEXT},
      {"manager", NULL, "account/1", VALUE_REF},
      {"description", NULL, ": begins with a colon", VALUE_TEXT},
      {"userPassword", NULL, "initial", VALUE_SECRET}},
     1},
    {{.kind = OP_RENAME,
      .object = "account/2",
      .label = takahashi,
      .person = 2,
      .parent = "container/ou=people",
      .old_parent = "container/ou=people",
      .name = "uid=h-mori",
      .old_name = "uid=h-takahashi",
      NOW,
      .why = "order 40002 rename 2027-03-20",
      .rule = "account.yaml:8",
      .source = ORDERS ":20"},
     {{0}},
     0},
    {{.kind = OP_MODIFY,
      .object = "account/2",
      .label = takahashi,
      .person = 2,
      NOW,
      .why = "order 40002 rename 2027-03-20",
      .rule = "account.yaml:10",
      .source = ORDERS ":20"},
     {{"cn", "髙橋　花子", "森　花子", VALUE_TEXT},
      {"displayName", "森 花子", "森　花子", VALUE_TEXT},
      {"mail", NULL, "h-mori@city.example", VALUE_TEXT},
      {"telephoneNumber", "075-555-0101", NULL, VALUE_TEXT},
      {"description",
       "A description that goes on for so long that no terminal has room for all of it: Mori",
       "A description that goes on for so long that no terminal has room for all of it: Takahashi",
       VALUE_TEXT}},
     3},
    {{.kind = OP_MODIFY,
      .object = "account/1",
      .label = yamada,
      .person = 1,
      LATER,
      .why = "order 40003 transfer 2027-04-01",
      .rule = "account.yaml:9, account.yaml:11",
      .source = ORDERS ":2"},
     {{"ou", "総務課", "企画, 調整課", VALUE_TEXT}, {"title", "主事", "係長", VALUE_TEXT}},
     0},
    {{.kind = OP_JOIN,
      .object = "group/g-kikaku",
      .member = "account/1",
      .label = yamada,
      .person = 1,
      LATER,
      .rule = "tables/groups.csv:7",
      .source = ORDERS ":2"},
     {{0}},
     10},
    {{.kind = OP_LEAVE,
      .object = "group/g-somu",
      .member = "account/1",
      .label = yamada,
      .person = 1,
      LATER,
      .why = "no rule grants it"},
     {{0}},
     0},
    {{.kind = OP_DISABLE,
      .object = "account/3",
      .label = suzuki,
      .person = 3,
      LATER,
      .why = "order 40004 retire 2027-03-31",
      .rule = "account.yaml:30",
      .source = ORDERS ":3"},
     {{"pwdAccountLockedTime", NULL, "000001010000Z", VALUE_TEXT}},
     0},
    {{.kind = OP_MOVE,
      .object = "account/3",
      .label = suzuki,
      .person = 3,
      LATER,
      .name = "uid=k-suzuki",
      .old_name = "uid=k-suzuki",
      .parent = "container/ou=retired",
      .old_parent = "container/ou=people",
      .why = "order 40004 retire 2027-03-31",
      .rule = "account.yaml:30",
      .source = ORDERS ":3"},
     {{0}},
     0},
    {{.kind = OP_CREATE,
      .object = "group/g-kikaku",
      .label = "g-kikaku",
      .name = "cn=g-kikaku",
      .parent = "container/ou=groups",
      NOW,
      .rule = "tables/groups.csv:7"},
     {{"objectClass", NULL, "groupOfNames", VALUE_TEXT},
      {"cn", NULL, "g-kikaku", VALUE_TEXT},
      {"member", NULL, "cn=nobody," BASE, VALUE_TEXT}},
     0},
    {{.kind = OP_CREATE,
      .object = "unit/21",
      .label = "0210 企画, 調整課",
      .name = "ou=企画\\, 調整課",
      .parent = "container/ou=units",
      NOW,
      .rule = "unit.yaml:2",
      .source = "units.csv:5"},
     {{"objectClass", NULL, "organizationalUnit", VALUE_TEXT},
      {"ou", NULL, "企画, 調整課", VALUE_TEXT}},
     0},
    {{.kind = OP_JOIN,
      .object = "group/g-all",
      .member = "account/4",
      .label = sato,
      .person = 4,
      NOW,
      .rule = "tables/groups.csv:2",
      .source = ORDERS ":18"},
     {{0}},
     2},
    {{.kind = OP_JOIN,
      .object = "group/g-all",
      .member = "account/2",
      .label = takahashi,
      .person = 2,
      NOW,
      .rule = "tables/groups.csv:2",
      .source = ORDERS ":20"},
     {{0}},
     3},
    {{.kind = OP_LEAVE,
      .object = "group/g-all",
      .member = "account/5",
      .label = watanabe,
      .person = 5,
      NOW,
      .why = "no rule grants it"},
     {{0}},
     0},
    {{.kind = OP_DELETE,
      .object = "account/5",
      .label = watanabe,
      .person = 5,
      NOW,
      .why = "left 2026-12-31, 90 days ago",
      .rule = "account.yaml:31"},
     {{0}},
     14},
    {{.kind = OP_RELEASE,
      .object = "account",
      .label = "account.roomNumber",
      NOW,
      .why = "no rule names it any more"},
     {{"roomNumber", NULL, NULL, VALUE_TEXT}},
     0},
    {{.kind = OP_ADOPT,
      .object = "account/3",
      .label = suzuki,
      .person = 3,
      NOW,
      .confirm = "the entry uid=ksuzuki,ou=people carries the same uid: is it theirs?"},
     {{0}},
     0},
};

static void add_sample(Plan *plan, const Sample *sample)
{
  OpChange changes[MOST_ROWS];
  OpValue old_values[MOST_ROWS];
  OpValue new_values[MOST_ROWS];
  Op op = sample->op;
  for (const Row *row = sample->rows; row->attribute; row++) {
    size_t i = op.n_changes++;
    old_values[i] = (OpValue){VALUE_TEXT, row->old, row->old ? strlen(row->old) : 0};
    new_values[i] = (OpValue){row->kind, row->new, row->new ? strlen(row->new) : 0};
    changes[i] = (OpChange){.attribute = row->attribute,
                            .old_values = &old_values[i],
                            .n_old = row->old != NULL,
                            .new_values = &new_values[i],
                            .n_new = row->new != NULL};
  }
  op.changes = changes;
  uint32_t handle = plan_add_op(plan, 0, &op);
  // Not all that they wait for are before them in the list.
  for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
    if (samples[i].after == handle && i + 1 < handle)
      plan_add_after(plan, (uint32_t)i + 1, handle);
  plan_add_after(plan, handle, sample->after <= handle ? sample->after : 0);
}

static void add_notes(Plan *plan)
{
  for (int i = 1; i <= 22; i++) {
    g_autofree char *dn = g_strdup_printf("uid=old%02d,ou=people," BASE, i);
    PlanNote orphan = {
        .code = "orphan",
        .target = "ldap",
        .object = dn,
        .label = "",
        .text = "nobody in the personnel records stands behind this entry; it is left alone"};
    plan_add_note(plan, 0, &orphan);
  }
  PlanNote protected = {.code = "protected",
                        .target = "ldap",
                        .object = "uid=mayor,ou=people," BASE,
                        .label = "000001 市長　" RLO "一",
                        .text = "a rule would change this entry, but it is protected"};
  plan_add_note(plan, 0, &protected);
}

static Plan *make_plan(GError **error)
{
  PlanHead head = {.as_of = date_of(2027, 4, 1),
                   .known_at = INSTANT_OPEN,
                   .mapping_digest = "5d41402abc4b2a76b9719d911017c592",
                   .program = "idou 0.1.0"};
  g_autoptr(Plan) plan = plan_new(&head);
  plan_add_section(plan, "ldap");
  PlanSection section = {
      .fingerprint = "entryUUID=1", .base = BASE, .n_read = 31, .n_ours = 8, .n_desired = 9};
  plan_describe_section(plan, 0, &section);
  plan_count_people(plan, 5);
  plan_count_people(plan, 4);
  for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
    plan_add_place(plan, 0, &places[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
    add_sample(plan, &samples[i]);
  add_notes(plan);
  return plan_seal(plan, error) ? g_steal_pointer(&plan) : NULL;
}

// ---------------------------------------------------------------------------------------------

static GuardHold holds[] = {
    {.check = "count",
     .target = "ldap",
     .kind = "disable",
     .count = 1,
     .text =
         "1 of 5 accounts would be disabled; the limit is 0. Look at each, then approve this plan "
         "with `idou approve`."},
    {.check = "confirm",
     .target = "ldap",
     .kind = "adopt",
     .count = 1,
     .text = "A person has to say whether it is so: `idou approve --allow ldap/confirm`."},
};

static const char *why_held(const Op *op)
{
  return op->kind == OP_DISABLE ? "more would be disabled than the limit allows"
         : op->kind == OP_ADOPT ? "needs confirmation: the entry uid=ksuzuki,ou=people carries the "
                                  "same uid: is it theirs?"
                                : NULL;
}

static const char *argument(char **argv, const char *name)
{
  for (; *argv; argv++)
    if (strcmp(*argv, name) == 0)
      return argv[1];
  return NULL;
}

static void hide_digest(GString *text, const char *digest)
{
  g_autofree char *first = g_strndup(digest, 12);
  g_string_replace(text, digest, "DIGEST", 0);
  g_string_replace(text, first, "DIGEST", 0);
}

int main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = make_plan(&error);
  g_autoptr(GString) text = g_string_new(NULL);
  if (argc < 2 || !plan) {
    fprintf(stderr, "show: %s\n", plan ? "which format?" : error->message);
    return EXIT_USAGE;
  }
  g_autofree const char **held = g_new0(const char *, plan_n_ops(plan));
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++)
    held[n - 1] = why_held(plan_op(plan, n));
  GuardVerdict verdict = {
      .held = held, .n_ops = plan_n_ops(plan), .holds = holds, .n_holds = G_N_ELEMENTS(holds)};
  g_autoptr(GByteArray) chosen = NULL;
  const char *only = argument(argv, "only");
  const char *width = argument(argv, "width");
  ReportPlan what = {.plan = plan,
                     .verdict = &verdict,
                     .person = argument(argv, "person"),
                     .summary = g_strv_contains((const char *const *)argv, "summary"),
                     .colour = g_strv_contains((const char *const *)argv, "colour"),
                     .width = width ? (int)strtol(width, NULL, 10) : 0};
  if (only && plan_choose(plan, only, NULL, &chosen, &error))
    what.chosen = chosen;
  if (error || !report_plan(argv[1], &what, text, &error)) {
    fprintf(stderr, "show: %s\n", error->message);
    return error->code;
  }
  hide_digest(text, plan_digest(plan));
  fputs(text->str, stdout);
  return 0;
}
