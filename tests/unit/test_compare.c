// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two plans, and two versions of a file.
#include "intake_kit.h"

#include "idou/report.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Plans.

static Plan *new_plan(void)
{
  PlanHead head = {.as_of = 20909, .known_at = INSTANT_OPEN, .program = "idou 0"};
  Plan *plan = plan_new(&head);
  static const Placed places[] = {{"container/ou=p", NULL, "ou=p", NULL, true},
                                  {"account/1", "container/ou=p", "uid=a", NULL, true},
                                  {"account/2", "container/ou=p", "uid=b", NULL, true},
                                  {"group/g", "container/ou=p", "cn=g", NULL, true}};
  plan_add_section(plan, "ldap");
  plan_add_section(plan, "mail");
  for (size_t section = 0; section < 2; section++)
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
      plan_add_place(plan, section, &places[i]);
  return plan;
}

static void add_join(Plan *plan, size_t section, const char *member, uint32_t person,
                     const char *label)
{
  Op op = {.kind = OP_JOIN,
           .object = "group/g",
           .member = member,
           .person = person,
           .label = label,
           .not_before = INSTANT_NONE};
  plan_add_op(plan, section, &op);
}

typedef struct Modify {
  const char *attribute, *old_value, *new_value;
  Instant day;
  const char *why;
} Modify;

static void add_modify(Plan *plan, const Modify *modify)
{
  OpValue old_value = {.bytes = modify->old_value, .n = strlen(modify->old_value)};
  OpValue new_value = {.bytes = modify->new_value, .n = strlen(modify->new_value)};
  OpChange change = {modify->attribute, &old_value, 1, &new_value, 1, false};
  Op op = {.kind = OP_MODIFY,
           .object = "account/1",
           .person = 1,
           .label = "000001 甲",
           .not_before = modify->day,
           .changes = &change,
           .n_changes = 1,
           .why = modify->why};
  plan_add_op(plan, 0, &op);
}

static void add_note(Plan *plan, const char *code, const char *object)
{
  PlanNote note = {.code = code, .target = "ldap", .object = object, .text = "look"};
  plan_add_note(plan, 0, &note);
}

static void seal(Plan *plan)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
}

// "added ldap join group/g account/2; …"
static char *described(const PlanComparison *comparison)
{
  static const char *const names[] = {"added", "withdrawn", "changed"};
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < comparison->ops->len; i++) {
    const OpDifference *difference = &g_array_index(comparison->ops, OpDifference, i);
    const Op *op = plan_difference_op(difference);
    g_string_append_printf(out, "%s%s %s %s %s", i > 0 ? "; " : "", names[difference->change],
                           op->target, op_traits(op->kind)->name,
                           op->member ? op->member : op->object);
  }
  return g_string_free(out, FALSE);
}

static void same_plans(void)
{
  static const Modify modify = {"ou", "x", "y", INSTANT_NONE, "order 1"};
  static const Modify renumbered = {"ou", "x", "y", INSTANT_NONE, "order 2"};
  g_autoptr(Plan) a = new_plan();
  g_autoptr(Plan) b = new_plan();
  add_modify(a, &modify);
  add_join(a, 0, "account/1", 1, "000001 甲");
  add_join(b, 0, "account/1", 9, "000001 甲");  // from another ledger
  add_modify(b, &renumbered);
  add_note(a, "orphan", "uid=z");
  add_note(b, "orphan", "uid=z");
  seal(a);
  seal(b);
  g_auto(PlanComparison) comparison = {0};
  plan_compare(a, b, &comparison);
  UNIT_INT(comparison.ops->len, 0);
  UNIT_INT(comparison.n_same, 2);
  UNIT_INT(comparison.n_reasons, 1);
  UNIT_INT(comparison.came->len + comparison.went->len, 0);
}

static void differing_plans(void)
{
  static const Modify old_modify = {"ou", "x", "y", INSTANT_NONE, NULL};
  static const Modify new_modify = {"ou", "x", "z", INSTANT_NONE, NULL};
  g_autoptr(Plan) a = new_plan();
  g_autoptr(Plan) b = new_plan();
  add_modify(a, &old_modify);
  add_modify(b, &new_modify);
  add_join(a, 0, "account/2", 2, "000002 乙");
  add_join(b, 1, "account/2", 2, "000002 乙");
  add_join(a, 1, "account/1", 1, "000001 甲");
  add_join(b, 1, "account/1", 1, "000001 甲");
  add_note(a, "orphan", "uid=z");
  add_note(b, "orphan", "uid=y");
  add_note(b, "orphan", "uid=z");
  seal(a);
  seal(b);
  g_auto(PlanComparison) comparison = {0};
  plan_compare(a, b, &comparison);
  g_autofree char *got = described(&comparison);
  UNIT_STR(got, "changed ldap modify account/1; withdrawn ldap join account/2; "
                "added mail join account/2");
  UNIT_INT(comparison.n_same, 1);
  UNIT_INT(comparison.went->len, 0);
  if (UNIT_INT(comparison.came->len, 1))
    UNIT_STR(((const PlanNote *)comparison.came->pdata[0])->object, "uid=y");
  g_autoptr(GString) line = g_string_new(NULL);
  report_comparison_line(&comparison, line);
  UNIT_STR(line->str, "diff: 1 added, 1 withdrawn, 1 changed; 1 the same");
}

// One person may have two changes of one kind: what is due, and what waits for the day.
static void pairs_of_one_key(void)
{
  static const Modify due = {"ou", "x", "y", INSTANT_NONE, NULL};
  static const Modify later = {"title", "1", "2", 1806505200, NULL};
  static const Modify later_still = {"title", "1", "2", 1809097200, NULL};
  g_autoptr(Plan) a = new_plan();
  g_autoptr(Plan) b = new_plan();
  add_modify(a, &due);
  add_modify(a, &later);
  add_modify(b, &later_still);
  add_modify(b, &due);
  seal(a);
  seal(b);
  g_auto(PlanComparison) comparison = {0};
  plan_compare(a, b, &comparison);
  if (!UNIT_INT(comparison.ops->len, 1))
    return;
  const OpDifference *difference = &g_array_index(comparison.ops, OpDifference, 0);
  UNIT_INT(difference->change, PLAN_CHANGED);
  UNIT_STR(difference->old_op->changes[0].attribute, "title");
  UNIT_INT(difference->new_op->not_before, later_still.day);
  UNIT_INT(comparison.n_same, 1);
}

static void shown_side_by_side(void)
{
  static const Modify old_modify = {"ou", "x", "y", INSTANT_NONE, NULL};
  static const Modify new_modify = {"ou", "x", "z\u202E", 1806505200, NULL};
  g_autoptr(Plan) a = new_plan();
  g_autoptr(Plan) b = new_plan();
  add_modify(a, &old_modify);
  add_modify(b, &new_modify);
  seal(a);
  seal(b);
  g_auto(PlanComparison) comparison = {0};
  plan_compare(a, b, &comparison);
  ReportComparison what = {.old_plan = a, .new_plan = b, .comparison = &comparison};
  g_autoptr(GString) text = g_string_new(NULL);
  report_comparison(&what, false, text);
  static const char *const wanted[] = {"000001 甲  ldap\n", "x → y", "│ x → z\\u{202E}", "at once",
                                       "│ 2027-04-01 00:00"};
  for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
    UNIT_TRUE(strstr(text->str, wanted[i]) != NULL, "%s: %s", wanted[i], text->str);
  what.person = "000002";
  g_string_truncate(text, 0);
  report_comparison(&what, false, text);
  UNIT_TRUE(strstr(text->str, "000001") == NULL, "%s", text->str);
}

// ---------------------------------------------------------------------------------------------
// Versions of a file.

#define HEADER "o,d,k,no,name,unit,title\n"
#define ROSTER "date,no,name,unit,title,role,state\n"

typedef struct Case {
  const char *name, *layout, *old_text, *new_text;
  const char *want;
  int64_t n_same, n_unread;
} Case;

static const Case cases[] = {
    {"the same", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "1,2027-04-01,transfer,000001,甲,10,1\n", "", 1, 0},
    {"columns in another order", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     "d,o,k,no,name,title,unit\n2027-04-01,1,transfer,000001,甲,1,10\n", "", 1, 0},
    {"a row is missing", kit_orders,
     HEADER "1,2027-04-01,transfer,000001,甲,10,1\n2,2027-04-01,retire,000002,乙,10,1\n",
     HEADER "1,2027-04-01,transfer,000001,甲,10,1\n", "- 2 000002 乙 3:0 retire", 1, 0},
    {"a row came", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "2,2027-04-01,retire,000002,乙,10,1\n1,2027-04-01,transfer,000001,甲,10,1\n",
     "+ 2 000002 乙 0:2 retire", 1, 0},
    {"a value changed", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "1,2027-05-01,transfer,000001,甲,20,1\n",
     "~ 1 000001 甲 2:2 transfer d 2027-04-01>2027-05-01 unit 10>20", 0, 0},
    {"renumbered", kit_orders,
     HEADER "1,2027-04-01,retire,000002,乙,10,1\n2,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     "- 1 000002 乙 2:0 retire; ~ 1 000001 甲 3:2 transfer o 2>1", 0, 0},
    {"another number", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "7,2027-04-01,transfer,000001,甲,10,1\n", "~ 7 000001 甲 2:2 transfer o 1>7", 0, 0},
    {"a row that cannot be read", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "1,2027-04-01,transfer,1,甲,10,1\n", "- 1 000001 甲 2:0 transfer", 0, 1},
    {"a cell that cannot be read", kit_orders, HEADER "1,2027-04-01,transfer,000001,甲,10,1\n",
     HEADER "1,2027-04-31,transfer,000001,甲,10,1\n",
     "~ 1 000001 甲 2:2 transfer d 2027-04-01>NULL", 0, 0},
    {"a post moved", kit_roster,
     ROSTER "2027-03-01,000001,甲,10,1,1,1\n2027-03-01,000001,甲,30,1,2,1\n",
     ROSTER "2027-03-01,000001,甲,20,1,1,1\n2027-03-01,000001,甲,30,1,2,1\n",
     "~ 000001 main 20 000001 甲 2:2 unit 10>20", 1, 0},
};

static void describe(const InputChange *change, GString *out)
{
  static const char signs[] = "+-~";
  g_string_append_printf(out, "%s%c %s %s %" G_GINT64_FORMAT ":%" G_GINT64_FORMAT "%s%s",
                         out->len ? "; " : "", signs[change->change], change->key, change->label,
                         change->old_line, change->new_line, change->order_kind ? " " : "",
                         change->order_kind ? change->order_kind : "");
  for (size_t i = 0; i < change->n_columns && change->change == LINE_CHANGED; i++)
    g_string_append_printf(out, " %s %s>%s", change->columns[i].header,
                           change->columns[i].old_value ? change->columns[i].old_value : "NULL",
                           change->columns[i].new_value ? change->columns[i].new_value : "NULL");
}

static void versions(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    const Case *at = &cases[i];
    g_autoptr(Kit) kit = kit_new();
    g_autoptr(Layout) layout = kit_layout(kit, at->layout);
    g_autoptr(GBytes) old_bytes = g_bytes_new_static(at->old_text, strlen(at->old_text));
    g_autoptr(GBytes) new_bytes = g_bytes_new_static(at->new_text, strlen(at->new_text));
    InputVersion old_version = {old_bytes, {.layout = layout, .name = "old"}};
    InputVersion new_version = {new_bytes, {.layout = layout, .name = "new"}};
    g_auto(InputChanges) changes = {0};
    g_autoptr(GString) got = g_string_new(NULL);
    UNIT_TRUE(intake_compare(&old_version, &new_version, kit->findings, &changes), "%s", at->name);
    for (guint k = 0; k < changes.changes->len; k++)
      describe(&g_array_index(changes.changes, InputChange, k), got);
    UNIT_STR(got->str, at->want, "%s", at->name);
    UNIT_INT(changes.n_same, at->n_same, "%s", at->name);
    UNIT_INT(changes.n_unread, at->n_unread, "%s", at->name);
  }
}

static void rejected_version(void)
{
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(kit, kit_orders);
  static const char good[] = HEADER "1,2027-04-01,transfer,000001,甲,10,1\n";
  static const char bad[] = "nonsense\n1\n";
  g_autoptr(GBytes) old_bytes = g_bytes_new_static(good, strlen(good));
  g_autoptr(GBytes) new_bytes = g_bytes_new_static(bad, strlen(bad));
  InputVersion old_version = {old_bytes, {.layout = layout, .name = "old"}};
  InputVersion new_version = {new_bytes, {.layout = layout, .name = "new"}};
  g_auto(InputChanges) changes = {0};
  UNIT_TRUE(!intake_compare(&old_version, &new_version, kit->findings, &changes));
  UNIT_INT(changes.changes->len, 0);
  UNIT_TRUE(kit_finding(kit, "header-unknown") != NULL);
}

static const UnitTest tests[] = {
    {"same_plans", same_plans},
    {"differing_plans", differing_plans},
    {"pairs_of_one_key", pairs_of_one_key},
    {"shown_side_by_side", shown_side_by_side},
    {"versions", versions},
    {"rejected_version", rejected_version},
    {NULL, NULL},
};
UNIT_SUITE(compare, tests);
