// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reports of single things; a whole plan in every format is in tests/report.
#include "unit.h"

#include "report/report_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Text in columns.

static void columns_cut_to_width(void)
{
  static const struct {
    const char *text;
    size_t n;
    const char *want;
  } rows[] = {
      {"総務課", 6, "総務課"},
      {"総務課", 5, "総務…"},
      {"総務課", 4, "総…"},
      {"総務課", 1, "…"},
      {"abc", 3, "abc"},
      {"abcd", 3, "ab…"},
      {"が\u3099ab", 4, "が\u3099ab"},
      {"ｶﾞｽ課", 4, "ｶﾞｽ…"},
      {"", 0, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    columns_cut(out, rows[i].text, rows[i].n);
    UNIT_STR(out->str, rows[i].want, "%s", rows[i].text);
  }
}

static void columns_pair_shows_the_difference(void)
{
  static const struct {
    const char *old_text, *new_text;
    size_t n_old, n_new;
    const char *want_old, *want_new;
  } rows[] = {
      {"総務課", "財政課", 10, 10, "総務課", "財政課"},
      {"a very long beginning: one", "a very long beginning: two", 12, 12, "…ng: one", "…ng: two"},
      {"総務部総務課総務係一", "総務部総務課総務係二", 10, 10, "…務係一", "…務係二"},
      {"short", "longer than that", 5, 8, "short", "longer …"},
      {"abcdefgh1", "abcdefgh2", 20, 20, "abcdefgh1", "abcdefgh2"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) old_text = g_string_new(rows[i].old_text);
    g_autoptr(GString) new_text = g_string_new(rows[i].new_text);
    columns_cut_pair(old_text, new_text, rows[i].n_old, rows[i].n_new);
    UNIT_STR(old_text->str, rows[i].want_old, "%s", rows[i].old_text);
    UNIT_STR(new_text->str, rows[i].want_new, "%s", rows[i].old_text);
  }
}

// ---------------------------------------------------------------------------------------------
// Plans of one operation.

#define BASE "dc=city,dc=example"

static Plan *plan_of(const char *base, const Op *op)
{
  g_autoptr(GError) error = NULL;
  PlanHead head = {.as_of = 20909, .known_at = INSTANT_OPEN, .program = "idou 0"};
  Plan *plan = plan_new(&head);
  PlanSection *section = plan_add_section(plan, "ldap");
  section->base = plan_intern(plan, base);
  Placed people = {.object = "container/ou=people", .name = "ou=people", .exists = true};
  Placed account = {"account/1", "container/ou=people", "uid=x", NULL, true};
  plan_add_place(plan, 0, &people);
  plan_add_place(plan, 0, &account);
  if (op)
    plan_add_op(plan, 0, op);
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  return plan;
}

static Plan *plan_with_value(const OpValue *old_value, const OpValue *new_value)
{
  OpChange change = {.attribute = "cn",
                     .old_values = old_value,
                     .n_old = old_value != NULL,
                     .new_values = new_value,
                     .n_new = new_value != NULL};
  Op op = {.kind = OP_MODIFY,
           .object = "account/1",
           .label = "000310 x",
           .person = 1,
           .changes = &change,
           .n_changes = 1,
           .not_before = INSTANT_NONE};
  return plan_of(BASE, &op);
}

static void values_in_text(void)
{
  static const struct {
    OpValue old_value, new_value;
    const char *want;
  } rows[] = {
      {{VALUE_TEXT, "a", 1}, {VALUE_TEXT, "b", 1}, "cn  a → b\n"},
      {{VALUE_TEXT, "a ", 2}, {VALUE_TEXT, "a", 1}, "cn  \"a \" → a\n"},
      {{VALUE_TEXT, "a　", 4}, {VALUE_TEXT, "　a", 4}, "cn  \"a　\" → \"　a\"\n"},
      {{VALUE_TEXT, "", 0}, {VALUE_TEXT, "a\nb", 3}, "cn  \"\" → a\\u{A}b\n"},
      {{VALUE_TEXT, "\xE3\x81", 2}, {VALUE_TEXT, "a\0b", 3}, "cn  \\x{E3}\\x{81} → a\\u{0}b\n"},
      {{VALUE_TEXT, "a\u202Eb", 5}, {VALUE_REF, "account/1", 9}, "cn  a\\u{202E}b → uid=x\n"},
      {{VALUE_TEXT, "\033[1m", 4},
       {VALUE_SECRET, "initial", 7},
       "cn  \\u{1B}[1m → (a new secret)\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Plan) plan = plan_with_value(&rows[i].old_value, &rows[i].new_value);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    ReportPlan what = {.plan = plan};
    UNIT_TRUE(report_plan("text", &what, out, &error));
    UNIT_TRUE(strstr(out->str, rows[i].want) != NULL, "%s in %s", rows[i].want, out->str);
  }
}

static void values_in_ldif(void)
{
  static const char long_value[] =
      "0123456789012345678901234567890123456789012345678901234567890123"
      "0123456789012345678901234567890123456789012345678901234567890123"
      "0123456789012345678901234567890123456789";
  static const struct {
    OpValue value;
    const char *want;
  } rows[] = {
      {{VALUE_TEXT, "b", 1}, "add: cn\ncn: b\n-\n"},
      {{VALUE_TEXT, "b c:<d", 6}, "\ncn: b c:<d\n"},
      {{VALUE_TEXT, "b ", 2}, "\ncn:: YiA=\n"},
      {{VALUE_TEXT, " b", 2}, "\ncn:: IGI=\n"},
      {{VALUE_TEXT, ":b", 2}, "\ncn:: OmI=\n"},
      {{VALUE_TEXT, "<b", 2}, "\ncn:: PGI=\n"},
      {{VALUE_TEXT, "a\nb", 3}, "\ncn:: YQpi\n"},
      {{VALUE_TEXT, "a\0b", 3}, "\ncn:: YQBi\n"},
      {{VALUE_TEXT, "髙", 3}, "\ncn:: 6auZ\n"},
      {{VALUE_TEXT, "", 0}, "\ncn:\n"},
      {{VALUE_REF, "account/1", 9}, "\ncn: uid=x,ou=people," BASE "\n"},
      {{VALUE_TEXT, long_value, 72},
       "\ncn: 01234567890123456789012345678901234567890123456789"
       "0123456789012301234567\n-\n"},
      {{VALUE_TEXT, long_value, 73}, "0123456789012301234567\n 8\n-\n"},
      {{VALUE_TEXT, long_value, 148},
       "0123456789012301234567\n 8901234567890123456789012345678901"
       "23456789012345678901230123456789012345678\n 9\n-\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Plan) plan = plan_with_value(NULL, &rows[i].value);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    ReportPlan what = {.plan = plan};
    UNIT_TRUE(report_plan("ldif", &what, out, &error));
    UNIT_TRUE(strstr(out->str, rows[i].want) != NULL, "%s in %s", rows[i].want, out->str);
  }
}

// Reasons of a block's operations, each once, with their numbers.
static void held_for_several_reasons(void)
{
  g_autoptr(GError) error = NULL;
  Op op = {.kind = OP_DISABLE,
           .object = "account/1",
           .label = "000310 x",
           .person = 1,
           .not_before = INSTANT_NONE};
  PlanHead head = {.as_of = 20909, .program = "idou 0"};
  g_autoptr(Plan) plan = plan_new(&head);
  plan_add_section(plan, "ldap");
  Placed account = {"account/1", NULL, "uid=x", NULL, true};
  plan_add_place(plan, 0, &account);
  for (size_t i = 0; i < 3; i++)
    plan_add_op(plan, 0, &op);
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  const char *held[] = {"too many", "depends on 1", "too many"};
  GuardVerdict verdict = {.held = held, .n_ops = 3};
  ReportPlan what = {.plan = plan, .verdict = &verdict};
  g_autoptr(GString) out = g_string_new(NULL);
  UNIT_TRUE(report_plan("text", &what, out, NULL));
  UNIT_TRUE(strstr(out->str, "000310 x  ldap\n"
                             "    HELD: too many (#1, #3)\n"
                             "    HELD: depends on 1 (#2)\n"
                             "    #1 disable  account uid=x\n"
                             "    #2 disable") != NULL,
            "%s", out->str);
}

// A record of which only a secret would be left is none.
static void secret_in_ldif(void)
{
  OpValue secret = {VALUE_SECRET, "initial", 7};
  g_autoptr(Plan) plan = plan_with_value(NULL, &secret);
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  ReportPlan what = {.plan = plan};
  UNIT_TRUE(report_plan("ldif", &what, out, &error));
  UNIT_TRUE(g_str_has_suffix(out->str, "\n# #1 modify 000310 x\n# cn: secret left out\n"), "%s",
            out->str);
}

static void json_is_a_document(void)
{
  OpValue binary = {VALUE_TEXT, "\xFF\xD8", 2};
  OpValue text = {VALUE_TEXT, "a\u202E\U000E0001\x7F", 9};
  g_autoptr(Plan) plan = plan_with_value(&binary, &text);
  g_autoptr(GString) out = g_string_new(NULL);
  const char *held[] = {"too many"};
  GuardVerdict verdict = {.held = held, .n_ops = 1};
  ReportPlan what = {.plan = plan, .verdict = &verdict};
  UNIT_TRUE(report_plan("json", &what, out, NULL));
  UNIT_TRUE(strstr(out->str, "\\u202E") != NULL && strstr(out->str, "\\u007F") != NULL);
  UNIT_TRUE(strstr(out->str, "\u202E") == NULL);
  json_error_t fault;
  json_t *document = json_loads(out->str, 0, &fault);
  const char *state = NULL, *reason = NULL, *base64 = NULL, *value = NULL;
  int failed = json_unpack_ex(document, &fault, 0, "{s[{s[{s:s,s:s,s[{s[{s:s}],s[s]}]}]}]}",
                              "targets", "operations", "state", &state, "held", &reason, "changes",
                              "old", "b64", &base64, "new", &value);
  UNIT_INT(failed, 0, "%s", fault.text);
  UNIT_STR(state, "held");
  UNIT_STR(reason, "too many");
  UNIT_STR(base64, "/9g=");
  UNIT_STR(value, text.bytes);
  json_decref(document);
}

static void formats_that_are_not(void)
{
  g_autoptr(Plan) plan = plan_of(NULL, NULL);
  ReportPlan what = {.plan = plan};
  static const struct {
    const char *format, *part;
  } rows[] = {{"xml", "there are: text, json, ldif"}, {"ldif", "base of target ldap"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!report_plan(rows[i].format, &what, out, &error));
    if (UNIT_TRUE(error != NULL, "%s", rows[i].format))
      UNIT_TRUE(strstr(error->message, rows[i].part) != NULL, "%s", error->message);
  }
  for (const char *const *name = report_plan_formats(); *name; name++) {
    g_autoptr(Plan) empty = plan_of(BASE, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    ReportPlan its = {.plan = empty};
    UNIT_TRUE(report_plan(*name, &its, out, NULL), "%s", *name);
  }
}

static void plan_line(void)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GString) want = g_string_new(NULL);
  g_autoptr(Plan) empty = plan_of(BASE, NULL);
  report_plan_line(empty, NULL, out);
  g_string_printf(want, "plan: nothing to do; digest %.12s", plan_digest(empty));
  UNIT_STR(out->str, want->str);

  Op op = {
      .kind = OP_DISABLE, .object = "account/1", .not_before = date_start(date_of(9999, 1, 1))};
  g_autoptr(Plan) plan = plan_of(BASE, &op);
  g_string_truncate(out, 0);
  report_plan_line(plan, NULL, out);
  g_string_printf(want, "plan: 1 disable; 1 scheduled; digest %.12s", plan_digest(plan));
  UNIT_STR(out->str, want->str);

  const char *held[] = {"too many"};
  GuardVerdict verdict = {.held = held, .n_ops = 1};
  g_string_truncate(out, 0);
  report_plan_line(plan, &verdict, out);
  g_string_printf(want, "plan: 1 disable; 1 held; digest %.12s", plan_digest(plan));
  UNIT_STR(out->str, want->str);
}

// ---------------------------------------------------------------------------------------------
// Findings, receipts, what apply did.

static Findings *two_findings(void)
{
  Findings *findings = findings_new();
  Finding row = {.level = FINDING_ERROR,
                 .code = "no-such-day",
                 .file = "orders.csv",
                 .line = 3,
                 .column = 5,
                 .field = "発令日付",
                 .subject = "000310",
                 .value = "R9.2.30"};
  Finding note = {.level = FINDING_NOTE, .code = "odd-name", .value = "a\u202Eb"};
  findings_add(findings, &row, "there is no such day");
  findings_add(findings, &note, "look at it");
  return findings;
}

static void findings(void)
{
  g_autoptr(Findings) list = two_findings();
  g_autoptr(GString) text = g_string_new(NULL);
  report_findings(list, false, text);
  g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
  UNIT_INT(g_strv_length(lines), 3);
  UNIT_TRUE(g_str_has_prefix(lines[0], "orders.csv:3:5: error: 000310: there is no such day"), "%s",
            lines[0]);
  g_autoptr(GString) json = g_string_new(NULL);
  report_findings(list, true, json);
  json_t *document = json_loads(json->str, 0, NULL);
  UNIT_INT(json_array_size(document), 2);
  const json_t *first = json_array_get(document, 0);
  UNIT_STR(json_string_value(json_object_get(first, "level")), "error");
  UNIT_INT(json_integer_value(json_object_get(first, "line")), 3);
  UNIT_STR(json_string_value(json_object_get(first, "field")), "発令日付");
  const json_t *second = json_array_get(document, 1);
  UNIT_TRUE(json_is_null(json_object_get(second, "line")));
  UNIT_STR(json_string_value(json_object_get(second, "value")), "a\u202Eb");
  json_decref(document);
}

static void receipt(void)
{
  IntakeReceipt its = {.verdict = INTAKE_TAKEN_IN_PART,
                       .sha256 = "abc",
                       .n_rows = 3,
                       .n_taken = 2,
                       .n_rejected = 1,
                       .declared = date_of(2027, 3, 20),
                       .n_kinds = 1,
                       .kinds = {{"transfer", 2}}};
  g_autoptr(Findings) list = two_findings();
  g_autoptr(GString) text = g_string_new(NULL);
  report_receipt("orders.csv", &its, list, false, text);
  UNIT_TRUE(g_str_has_prefix(text->str,
                             "File              orders.csv\n"
                             "SHA-256           abc\n"
                             "Date              2027-03-20\n"
                             "Result            taken in part: the rows below were left out\n"
                             "Rows              3\n"
                             "  taken           2\n"
                             "  rejected        1\n"
                             "Kinds\n"
                             "  transfer        2\n"
                             "\n"
                             "Findings: 2\n"
                             "orders.csv:3:5: error: "),
            "%s", text->str);
  g_autoptr(GString) json = g_string_new(NULL);
  report_receipt("orders.csv", &its, list, true, json);
  json_t *document = json_loads(json->str, 0, NULL);
  const char *verdict = NULL;
  int n_transfer = 0;
  UNIT_INT(
      json_unpack(document, "{s:s,s:{s:i}}", "verdict", &verdict, "kinds", "transfer", &n_transfer),
      0);
  UNIT_STR(verdict, "taken-in-part");
  UNIT_INT(n_transfer, 2);
  json_decref(document);
}

static void apply(void)
{
  ApplyReport its = {.total = {.done = 447, .scheduled = 12, .held = 3, .blocked = 1},
                     .exit = EXIT_HELD};
  its.by_kind[OP_MODIFY] = (ApplyCounts){.done = 447, .scheduled = 11};
  its.by_kind[OP_DISABLE] = (ApplyCounts){.scheduled = 1, .held = 3, .blocked = 1};
  g_autoptr(GString) line = g_string_new(NULL);
  report_apply_line(&its, line);
  UNIT_STR(line->str,
           "apply: done=447 already=0 refused=0 failed=0 unknown=0 scheduled=12 held=3 blocked=1");
  g_autoptr(GString) text = g_string_new(NULL);
  report_apply(&its, false, text);
  g_autofree char *want = g_strconcat("                  done scheduled      held   blocked\n"
                                      "disable              -         1         3         1\n"
                                      "modify             447        11         -         -\n",
                                      line->str, "\n", NULL);
  UNIT_STR(text->str, want);
  g_autoptr(GString) json = g_string_new(NULL);
  report_apply(&its, true, json);
  json_t *document = json_loads(json->str, 0, NULL);
  const char *ended = NULL;
  int n_held = 0;
  UNIT_INT(json_unpack(document, "{s:s,s:{s:{s:i}}}", "exit", &ended, "kinds", "disable", "held",
                       &n_held),
           0);
  UNIT_STR(ended, "held");
  UNIT_INT(n_held, 3);
  json_decref(document);
}

static const UnitTest tests[] = {
    {"columns_cut_to_width", columns_cut_to_width},
    {"columns_pair_shows_the_difference", columns_pair_shows_the_difference},
    {"values_in_text", values_in_text},
    {"values_in_ldif", values_in_ldif},
    {"held_for_several_reasons", held_for_several_reasons},
    {"secret_in_ldif", secret_in_ldif},
    {"json_is_a_document", json_is_a_document},
    {"formats_that_are_not", formats_that_are_not},
    {"plan_line", plan_line},
    {"findings", findings},
    {"receipt", receipt},
    {"apply", apply},
    {NULL, NULL},
};
UNIT_SUITE(report, tests);
