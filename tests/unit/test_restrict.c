// SPDX-License-Identifier: GPL-3.0-or-later
//
// Restrictions over what the rules want, for a directory that is as the rules have it: what a plan of them alone and a
// night's plan make of each, and that none of them ever gives anything.
#include "mapping_kit.h"

#include <idou/planner.h>
#include <string.h>

#define LOCK "000001010000Z"
#define TODAY "2027-04-01"

static const char files[] =
    "== account.yaml\ntarget: t\nobject: account\nfor: person\nwhen: {state: [active, leave]}\n"
    "key: {employeeNumber: \"${number}\"}\nin: \"ou=people\"\nname: \"cn=${number}\"\n"
    "classes: [inetOrgPerson]\nattributes:\n  sn: \"${number}\"\n  title: \"${unit}\"\n"
    "memberships: {table: t.csv, owned: {below: \"ou=groups\"}}\n"
    "lifecycle:\n  leave: {disable: true, memberships: keep}\n"
    "  left: {disable: true, memberships: drop, delete_after: 30d}\n"
    "== group.yaml\ntarget: t\nobject: group\nfor: group\nkey: {cn: \"${group}\"}\nin: "
    "\"ou=groups\"\nname: \"cn=${group}\"\nclasses: [groupOfNames]\n"
    "members: {attribute: member, filler: \"cn=filler\"}\n"
    "== t.csv\nif:unit,then:group\n01,a\n02,b\n";

// One is there, one is on leave, one has left and is to be deleted in April.
static const char people[] =
    "unit 01 総務課\nunit 02 市民課\n"
    "person 1\n2020-04-01 self state=active\n2020-04-01 main unit=01\n"
    "person 2\n2020-04-01 self state=active\n2020-04-01 main unit=02\n2027-03-01 self state=leave\n"
    "person 3\n2020-04-01 self state=active\n2020-04-01 main unit=01\n2027-03-20 self state=left\n";

#define ENTRY(n, unit, lock)                                                      \
  "dn: cn=" n ",ou=people,dc=city\nobjectClass: inetOrgPerson\ncn: " n "\nsn: " n \
  "\nemployeeNumber: " n "\ntitle: " unit "\n" lock "entryUUID: 0000000" n        \
  "-0000-0000-0000-000000000000\n\n"
#define GROUP(name, members)                                                             \
  "dn: cn=" name ",ou=groups,dc=city\nobjectClass: groupOfNames\ncn: " name "\n" members \
  "entryUUID: 0000000" name "-0000-0000-0000-000000000000\n\n"

static const char content[] =
    "version: 1\n\ndn: dc=city\nobjectClass: dcObject\nobjectClass: organization\ndc: city\no: "
    "C\n\n"
    "dn: ou=people,dc=city\nobjectClass: organizationalUnit\nou: people\n\n"
    "dn: ou=groups,dc=city\nobjectClass: organizationalUnit\nou: groups\n\n" ENTRY("1", "01", "")
        ENTRY("2", "02", "pwdAccountLockedTime: " LOCK "\n")
            ENTRY("3", "01", "pwdAccountLockedTime: " LOCK "\n")
                GROUP("a", "member: cn=1,ou=people,dc=city\n")
                    GROUP("b", "member: cn=2,ou=people,dc=city\n");

// What is said of an account, and what a plan makes of it: "KIND OBJECT[<MEMBER] [@ = not today]", one behind the other.
typedef struct Case {
  RestrictionStep step;
  const char *object, *what, *group;
  Date until;
  const char *as_of;
  const char *ops;
} Case;

static Date day(const char *text)
{
  Date date = DATE_NONE;
  UNIT_TRUE(date_parse_iso(text, &date), "%s", text);
  return date;
}

// The directory as it is but for one place, in the file.
static MappingKit *world_new(const char *changed_from, const char *changed_to, const char *path)
{
  MappingKit *kit = mapping_kit_new(files, people);
  g_autoptr(GString) text = g_string_new(content);
  if (changed_from != NULL)
    UNIT_INT(g_string_replace(text, changed_from, changed_to, 1), 1);
  UNIT_TRUE(g_file_set_contents(path, text->str, -1, NULL));
  static const char *const bound[][2] = {{"account/3", "1"},
                                         {"account/4", "2"},
                                         {"account/5", "3"},
                                         {"group/a", "a"},
                                         {"group/b", "b"}};
  for (size_t i = 0; i < G_N_ELEMENTS(bound); i++) {
    g_autofree char *id = g_strdup_printf("0000000%s-0000-0000-0000-000000000000", bound[i][1]);
    store_binding_set(kit->store, "t", bound[i][0], id, NULL);
  }
  return kit;
}

static Restriction restriction_of(const Case *row)
{
  return (Restriction){row->step,
                       {.id = row->step == RESTRICTION_NEW ? 0 : 7,
                        .target = "t",
                        .object = row->object,
                        .cause = RESTRICTION_DORMANT,
                        .what = row->what,
                        .group = row->group != NULL ? row->group : "",
                        .reason = "unused",
                        .source = "",
                        .who = "test",
                        .until = row->until != 0 ? row->until : DATE_OPEN,
                        .lifted = INSTANT_NONE}};
}

static Plan *make(MappingKit *kit, const char *path, const Case *row)
{
  g_autoptr(GError) error = NULL;
  const TargetConfig config = {.name = "t",
                               .type = "ldif",
                               .path = path,
                               .base = "dc=city",
                               .disable_attribute = "pwdAccountLockedTime",
                               .disable_value = LOCK,
                               .timeout_ms = 5000};
  g_autoptr(Reader) reader = reader_open(&config, &error);
  UNIT_NO_ERROR(error);
  const PlannerTarget target = {.config = &config, .reader = reader};
  const Restriction restriction = restriction_of(row);
  const PlannerSetup setup = {.mapping = kit->mapping,
                              .store = kit->store,
                              .as_of = day(row->as_of != NULL ? row->as_of : TODAY),
                              .known_at = INSTANT_OPEN,
                              .now = date_start(day(TODAY)),
                              .targets = &target,
                              .n_targets = 1,
                              .restrictions = &restriction,
                              .n_restrictions = *row->what != '\0' ? 1 : 0,
                              .only_restricted = row->step != RESTRICTION_STANDS,
                              .findings = kit->findings};
  Plan *plan = planner_make(&setup, &error);
  g_autofree char *faults = mapping_kit_findings(kit);
  UNIT_NO_ERROR(error, "%s", faults);
  return plan;
}

static char *ops_of(const Plan *plan)
{
  GString *out = g_string_new(NULL);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    g_string_append_printf(out, "%s%s %s%s%s%s", n > 1 ? ", " : "", op_traits(op->kind)->name,
                           op->object, op->member != NULL ? "<" : "",
                           op->member != NULL ? op->member : "",
                           op->not_before != INSTANT_NONE ? " @" : "");
  }
  return g_string_free(out, false);
}

static void check(const char *from, const char *to, const Case *row, size_t i)
{
  g_autofree char *path = g_build_filename(unit_dir(), "system.ldif", NULL);
  g_autoptr(MappingKit) kit = world_new(from, to, path);
  g_autoptr(Plan) plan = make(kit, path, row);
  g_autofree char *got = plan != NULL ? ops_of(plan) : NULL;
  UNIT_STR(got, row->ops, "row %zu", i);
}

// Over a directory that is as the rules have it: nothing is ever given, and nothing else happens.
static void taken(void)
{
  const Date over = day(TODAY), tomorrow = over + 1;
  const Case rows[] = {
      {RESTRICTION_STANDS, "", "", .ops = ""},
      {RESTRICTION_STANDS, "account/3", RESTRICT_NOTICE, .ops = ""},
      {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .ops = "disable account/3"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_RIGHTS,
       .ops = "modify group/a, leave group/a<account/3"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_EDGE, "group/a",
       .ops = "modify group/a, leave group/a<account/3"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_EDGE, "group/b", .ops = ""},
      {RESTRICTION_STANDS, "account/3", RESTRICT_ABSENT,
       .ops = "modify group/a, leave group/a<account/3, delete account/3"},
      // Off by the rules: it stays so, with the memberships that its leave keeps.
      {RESTRICTION_STANDS, "account/4", RESTRICT_DISABLE, .ops = ""},
      {RESTRICTION_STANDS, "account/4", RESTRICT_RIGHTS,
       .ops = "modify group/b, leave group/b<account/4"},
      {RESTRICTION_STANDS, "account/5", RESTRICT_DISABLE, .ops = ""},
      {RESTRICTION_STANDS, "account/5", RESTRICT_ABSENT, .ops = "delete account/5"},
      // Units and groups belong to many.
      {RESTRICTION_STANDS, "group/a", RESTRICT_ABSENT, .ops = ""},
      {RESTRICTION_STANDS, "group/a", RESTRICT_DISABLE, .ops = ""},
      {RESTRICTION_STANDS, "account/99", RESTRICT_ABSENT, .ops = ""},
      {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .until = over, .ops = "lift account/3"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .until = tomorrow,
       .ops = "disable account/3"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .until = tomorrow, .as_of = "2027-04-02",
       .ops = "lift account/3 @"},
      {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .as_of = "2027-04-02",
       .ops = "disable account/3"},
      {RESTRICTION_NEW, "account/3", RESTRICT_NOTICE, .ops = "restrict account/3"},
      {RESTRICTION_NEW, "account/3", RESTRICT_DISABLE,
       .ops = "restrict account/3, disable account/3"},
      {RESTRICTION_NEW, "account/3", RESTRICT_DISABLE, .until = over, .ops = ""},
      {RESTRICTION_NEW, "account/3", RESTRICT_RIGHTS,
       .ops = "restrict account/3, modify group/a, leave group/a<account/3"},
      {RESTRICTION_NEW, "account/3", RESTRICT_EDGE, "group/nobody", .ops = ""},
      {RESTRICTION_NEW, "account/3", RESTRICT_ABSENT,
       .ops = "restrict account/3, modify group/a, leave group/a<account/3, delete account/3"},
      {RESTRICTION_NEW, "account/4", RESTRICT_DISABLE, .ops = "restrict account/4"},
      {RESTRICTION_NEW, "group/a", RESTRICT_ABSENT, .ops = ""},
      {RESTRICTION_NEW, "account/99", RESTRICT_DISABLE, .ops = ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    check(NULL, NULL, &rows[i], i);
}

// Lifted, what it took comes back, and nothing that it did not take; what is otherwise not as the rules have it waits for
// the night.
static void given_back(void)
{
  static const struct {
    const char *from, *to;  // in the directory
    Case row;
  } rows[] = {
      {ENTRY("1", "01", ""),
       ENTRY("1", "99", "pwdAccountLockedTime: " LOCK "\n"),
       {RESTRICTION_LIFTED, "account/3", RESTRICT_DISABLE,
        .ops = "lift account/3, enable account/3"}},
      {ENTRY("1", "01", ""),
       ENTRY("1", "99", "pwdAccountLockedTime: " LOCK "\n"),
       {RESTRICTION_LIFTED, "account/3", RESTRICT_NOTICE, .ops = "lift account/3"}},
      {ENTRY("1", "01", ""),
       ENTRY("1", "99", "pwdAccountLockedTime: " LOCK "\n"),
       {RESTRICTION_STANDS, "account/3", RESTRICT_DISABLE, .ops = "modify account/3"}},
      {ENTRY("1", "01", ""),
       ENTRY("1", "99", ""),
       {RESTRICTION_NEW, "account/3", RESTRICT_NOTICE, .ops = "restrict account/3"}},
      {"member: cn=1,ou=people,dc=city\n",
       "member: cn=filler,dc=city\n",
       {RESTRICTION_LIFTED, "account/3", RESTRICT_RIGHTS,
        .ops = "lift account/3, join group/a<account/3"}},
      {"member: cn=1,ou=people,dc=city\n",
       "member: cn=filler,dc=city\n",
       {RESTRICTION_LIFTED, "account/3", RESTRICT_EDGE, "group/b", .ops = "lift account/3"}},
      {"member: cn=1,ou=people,dc=city\n",
       "member: cn=filler,dc=city\n",
       {RESTRICTION_STANDS, "account/3", RESTRICT_EDGE, "group/a", .ops = ""}},
      // What no rule gives is taken by the night, not by what only tells its bearer.
      {"member: cn=2,ou=people,dc=city\n",
       "member: cn=1,ou=people,dc=city\n",
       {RESTRICTION_NEW, "account/3", RESTRICT_DISABLE,
        .ops = "restrict account/3, disable account/3"}},
      {"member: cn=2,ou=people,dc=city\n",
       "member: cn=1,ou=people,dc=city\n",
       {RESTRICTION_LIFTED, "account/3", RESTRICT_RIGHTS, .ops = "lift account/3"}},
      // Of somebody who has left nothing comes back.
      {NULL, NULL, {RESTRICTION_LIFTED, "account/5", RESTRICT_DISABLE, .ops = "lift account/5"}},
      {ENTRY("3", "01", "pwdAccountLockedTime: " LOCK "\n"),
       "",
       {RESTRICTION_LIFTED, "account/5", RESTRICT_ABSENT, .ops = "lift account/5"}},
      // By then the rules have let go of it: not before.
      {ENTRY("3", "01", "pwdAccountLockedTime: " LOCK "\n"),
       "",
       {RESTRICTION_STANDS, "account/5", RESTRICT_ABSENT, .as_of = "2027-05-01",
        .ops = "lift account/5 @"}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    check(rows[i].from, rows[i].to, &rows[i].row, i);
}

static const UnitTest tests[] = {{"taken", taken}, {"given_back", given_back}, {NULL, NULL}};
UNIT_SUITE(restrict, tests);
