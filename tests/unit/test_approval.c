// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/guard.h"

#include <glib/gstdio.h>
#include <string.h>

#define NOW 1806505200  // 2027-04-01 00:00 in Japan

// Five people, each of whom is switched off, the first two deleted, too.
static Plan *make_plan(const char *by)
{
  const PlanHead head = {.as_of = date_of(2027, 4, 1), .known_at = INSTANT_OPEN, .program = "test"};
  Plan *plan = plan_new(&head);
  plan_count_people(plan, 20);
  plan_add_section(plan, "ldap");
  for (uint32_t i = 1; i <= 5; i++) {
    g_autofree char *object = g_strdup_printf("account/%u", i);
    plan_add_place(plan, 0, &(Placed){.object = object, .name = object, .exists = true});
    Op op = {.kind = OP_DISABLE, .object = object, .person = i, .not_before = INSTANT_NONE};
    plan_add_op(plan, 0, &op);
    op.kind = OP_DELETE;
    if (i <= 2)
      plan_add_op(plan, 0, &op);
  }
  plan_set_by(plan, by);
  plan_seal(plan, NULL);
  return plan;
}

static ApprovalRules *read_rules(const char *text, const char *folder, Findings *findings)
{
  g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  return approval_rules_read(yaml, yaml_root(yaml), folder, findings);
}

// What is said of a plan: name, account, classes, what is left out.
typedef struct Word {
  const char *who, *user, *allows, *except;
} Word;

static Approvals *say(const Plan *plan, const Word *words)
{
  Approvals *approvals = NULL;
  g_autofree char *path = g_build_filename(unit_dir(), "words.approval", NULL);
  for (const Word *word = words; word->who != NULL; word++) {
    g_auto(GStrv) allows = g_strsplit(word->allows, " ", -1);
    const Approval approval = {.digest = (char *)plan_digest(plan),
                               .who = (char *)word->who,
                               .reason = (char *)"looked through",
                               .user = (char *)word->user,
                               .given = NOW,
                               .not_before = INSTANT_NONE,
                               .expires = NOW + 60,
                               .except = (char *)word->except,
                               .allows = allows};
    UNIT_TRUE(approvals_add(path, &approval, NULL));
  }
  approvals = approvals_read(path, NULL);
  g_remove(path);
  return approvals;
}

static void describe(const Approvals *approvals, const Plan *plan, GString *out)
{
  g_autoptr(GByteArray) left = approvals_left(approvals, plan);
  int n[2] = {0}, n_left = 0;
  for (uint32_t i = 1; i <= plan_n_ops(plan); i++) {
    const Op *op = plan_op(plan, i);
    n[op->kind == OP_DELETE] += approvals_cover(approvals, op, op_traits(op->kind)->name);
    n_left += left != NULL && left->data[i - 1];
  }
  g_string_append_printf(out, "disable %d delete %d left %d", n[0], n[1], n_left);
}

// What is covered by whom, and why not more.
static void two_and_own(void)
{
  static const struct {
    const char *rules, *by;
    Word words[4];
    const char *covered, *lack;
  } rows[] = {
      {"{own: true}", NULL, {{"山田", "a", "all", NULL}}, "disable 5 delete 2 left 0", ""},
      {"{own: true}", NULL, {{"山田", "a", "ldap/disable", NULL}}, "disable 5 delete 0 left 0", ""},
      {"{own: true}", NULL, {{"山田", "a", "ad/disable", NULL}}, "disable 0 delete 0 left 0", ""},
      // Two say more than one, where one is enough.
      {"{own: true}",
       NULL,
       {{"山田", "a", "ldap/disable", "1"}, {"佐藤", "b", "ldap/delete", "2"}},
       "disable 4 delete 2 left 0",
       ""},
      {"{own: true}", NULL, {{"山田", "a", "all", "1-3"}}, "disable 2 delete 2 left 3", ""},
      // Above a level both must say the same.
      {"{own: true, two_above: {delete: 1}}",
       NULL,
       {{"山田", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "only 山田 approved it so far, and it takes two: delete 2, more than 1: somebody else must, "
       "too"},
      {"{own: true, two_above: {delete: 2, people: 4 or 25%, operations: 7, revoking: 7}}",
       NULL,
       {{"山田", "a", "all", NULL}},
       "disable 5 delete 2 left 0",
       ""},
      {"{own: true, two_above: {people: 20%}}",
       NULL,
       {{"山田", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "only 山田 approved it so far, and it takes two: people 5, more than 4: somebody else must, "
       "too"},
      {"{own: true, two_above: {revoking: 0}}",
       NULL,
       {{"山田", "a", "ldap/disable", NULL}, {"佐藤", "b", "all", "1"}},
       "disable 4 delete 0 left 1",
       ""},
      // Of one who leaves something out before the second has looked, nothing more is done.
      {"{own: true, two_above: {revoking: 0}}",
       NULL,
       {{"山田", "a", "all", "1"}},
       "disable 0 delete 0 left 1",
       "only 山田 approved it so far, and it takes two: revoking 7, more than 0: somebody else "
       "must, too"},
      // One person under two names, or one name from two accounts.
      {"{own: true, two_above: {revoking: 0}}",
       NULL,
       {{"山田", "a", "all", NULL}, {"Ｙａｍａｄａ", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "only 山田 approved it so far, and it takes two: revoking 7, more than 0: somebody else "
       "must, too"},
      {"{own: true, shared: [a], two_above: {revoking: 0}}",
       NULL,
       {{"山田", "a", "all", NULL}, {"佐藤", "a", "all", NULL}},
       "disable 5 delete 2 left 0",
       ""},
      {"{own: true, two_above: {revoking: 0}}",
       NULL,
       {{"山田", "a", "all", NULL}, {"佐藤", "b", "all", NULL}, {"鈴木", "c", "ldap/delete", NULL}},
       "disable 5 delete 2 left 0",
       ""},
      // The maker is the second, never the only one.
      {"{}",
       "YAMADA",
       {{"ｙａｍａｄａ", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "ｙａｍａｄａ made this plan: somebody else must approve it, too"},
      {"{own: true}", "YAMADA", {{"yamada", "a", "all", NULL}}, "disable 5 delete 2 left 0", ""},
      {"{}", "山田", {{"佐藤", "a", "all", NULL}}, "disable 5 delete 2 left 0", ""},
      {"{two_above: {revoking: 0}}",
       "山田",
       {{"山田", "a", "all", NULL}, {"佐藤", "b", "all", NULL}},
       "disable 5 delete 2 left 0",
       ""},
      // … also when the other one has the maker's account.
      {"{two_above: {revoking: 0}}",
       "山田",
       {{"山田", "a", "all", NULL}, {"佐藤", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "山田 made this plan: somebody else must approve it, too"},
      {"{signed: required, keys: {山田: x.pub}}",
       NULL,
       {{"山田", "a", "all", NULL}},
       "disable 0 delete 0 left 0",
       "the approval of 山田: it is not signed, and this site asks for that (approvals: signed)"},
      {"{own: true}",
       NULL,
       {{"山田", "a", "all", "9-12"}},
       "disable 0 delete 0 left 0",
       "the approval of 山田: "},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(ApprovalRules) rules = read_rules(rows[i].rules, "/", findings);
    g_autoptr(Plan) plan = make_plan(rows[i].by);
    g_autoptr(Approvals) approvals = say(plan, rows[i].words);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) got = g_string_new(NULL);
    UNIT_INT(findings_count(findings), 0, "%zu", i);
    approvals_judge(approvals, &(ApprovalCase){.plan = plan, .rules = rules, .now = NOW});
    describe(approvals, plan, got);
    UNIT_STR(got->str, rows[i].covered, "%zu", i);
    UNIT_TRUE(approvals_check(approvals, plan_digest(plan), NOW, &error) == (*rows[i].lack == 0),
              "%zu", i);
    UNIT_TRUE(error == NULL || strstr(error->message, rows[i].lack) != NULL, "%zu: %s", i,
              error != NULL ? error->message : "");
  }
}

// A signature is of one entry of one plan.
static void signatures(void)
{
  const char *folder = unit_dir();
  g_autofree char *path = g_build_filename(folder, "signed.approval", NULL);
  g_autofree char *key = g_build_filename(folder, "yamada.key", NULL);
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(Findings) findings = findings_new();
  UNIT_TRUE(signer_make(folder, "yamada", NULL, fingerprint, NULL));
  g_autoptr(Signer) signer = signer_load(key, NULL, NULL);
  g_autoptr(ApprovalRules) rules =
      read_rules("{signed: required, own: true, keys: {山田: yamada.pub}}", folder, findings);
  g_autoptr(Plan) plan = make_plan(NULL);
  static const char *const changes[][2] = {
      {"", ""},
      {"looked through", "looked at"},
      {"\"all\"", "\"date\", \"all\""},
      {"R9-12", "R9-13"},
      {"2027-04-01T00:01:00", "2027-04-02T00:01:00"},
      {"\"kind\": \"approval\"", "\"kind\": \"override\""},
      {"\"except\": \"1\",", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
    char *allows[] = {"all", NULL};
    const Approval said = {.digest = (char *)plan_digest(plan),
                           .who = "山田",
                           .ref = "R9-12",
                           .reason = "looked through",
                           .given = NOW,
                           .not_before = INSTANT_NONE,
                           .expires = NOW + 60,
                           .except = "1",
                           .allows = allows};
    g_autoptr(Approval) approval = approval_copy(&said);
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(approval_sign(approval, signer, rules, &error));
    UNIT_NO_ERROR(error);
    UNIT_TRUE(approvals_add(path, approval, NULL));
    g_autofree char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    g_autoptr(GString) changed = g_string_new(text);
    if (i > 0)
      UNIT_INT(g_string_replace(changed, changes[i][0], changes[i][1], 0), 1, "%zu", i);
    g_file_set_contents(path, changed->str, -1, NULL);
    g_autoptr(Approvals) approvals = approvals_read(path, NULL);
    CU_ASSERT_FATAL(approvals != NULL);
    approvals_judge(approvals, &(ApprovalCase){.plan = plan, .rules = rules, .now = NOW});
    const Approval *read = g_ptr_array_index(approvals->list, 0);
    UNIT_TRUE((read->flaw == NULL) == (i == 0), "%s: %s", changes[i][0], read->flaw);
    UNIT_TRUE(i == 0 || strstr(read->flaw, "its signature is wrong"), "%s", changes[i][0]);
    g_remove(path);
  }
}

// What lifts something by itself makes nothing of one person's word; nor does a clock that is set back.
static void overridden_and_late(void)
{
  static const struct {
    const char *rules, *maker, *second;
    Instant worked;
    bool enough;
    unsigned n_people;
  } rows[] = {
      {"{own: true}", NULL, "override", INSTANT_NONE, true, 1},
      {"{own: true, two_above: {revoking: 0}}", NULL, "override", INSTANT_NONE, false, 1},
      {"{own: true, two_above: {revoking: 0}}", NULL, "approval", INSTANT_NONE, true, 2},
      {"{}", "山田", "override", INSTANT_NONE, false, 1},
      {"{}", "山田", "approval", INSTANT_NONE, true, 2},
      {"{own: true}", NULL, "approval", NOW + 59, true, 2},
      {"{own: true}", NULL, "approval", NOW + 60, false, 0},
  };
  g_autofree char *path = g_build_filename(unit_dir(), "overridden.approval", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(ApprovalRules) rules = read_rules(rows[i].rules, "/", findings);
    g_autoptr(Plan) plan = make_plan(rows[i].maker);
    char *allows[] = {"all", NULL};
    Approval said = {.digest = (char *)plan_digest(plan),
                     .who = "山田",
                     .reason = "looked through",
                     .given = NOW,
                     .not_before = INSTANT_NONE,
                     .expires = NOW + 60,
                     .allows = allows};
    UNIT_TRUE(approvals_add(path, &said, NULL));
    said.who = "佐藤";
    said.kind = (char *)rows[i].second;
    UNIT_TRUE(approvals_add(path, &said, NULL));
    g_autoptr(Approvals) approvals = approvals_read(path, NULL);
    g_remove(path);
    approvals_judge(
        approvals,
        &(ApprovalCase){.plan = plan, .rules = rules, .now = NOW, .worked = rows[i].worked});
    UNIT_TRUE(approvals_enough(approvals) == rows[i].enough, "%zu", i);
    UNIT_INT(approvals_n_people(approvals), rows[i].n_people, "%zu", i);
  }
}

static const UnitTest tests[] = {
    {"two_and_own", two_and_own},
    {"overridden_and_late", overridden_and_late},
    {"signatures", signatures},
    {NULL, NULL},
};
UNIT_SUITE(approval, tests);
