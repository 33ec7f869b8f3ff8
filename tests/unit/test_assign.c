// SPDX-License-Identifier: GPL-3.0-or-later
//
// What tables give to posts, as entries of their own: for which days, what comes of exceptions and of duties that
// one person must not have both, and which faults of such mappings are told.
#include "mapping_kit.h"

#include <string.h>

#define HEAD                                                                 \
  "== role.yaml\ntarget: t\nobject: role\nfor: assignment\n"                 \
  "key: {k: \"${number}/${assignment}/${assignment.from}\"}\nin: \"ou=r\"\n" \
  "name: \"cn=${number} ${assignment} ${assignment.from}\"\nclasses: [role]\n"
#define REST "attributes:\n  u: \"${assignment.until|default:open}\"\n  w: \"${unit} ${title}\"\n"
#define BY(assignments) HEAD "assignments: {table: t.csv" assignments "}\n" REST
#define TABLE \
  "== t.csv\nif:unit,if:title,then:assignment\n0101,,ask\n0201,,tax\n0201,20,sign\n0301,,ask\n"
#define FILES BY("") TABLE
#define UNITS "unit 0101 総務課\nunit 0201 税務課\nunit 0301 市民課\n"
#define YAMADA                                                                          \
  "person 000310\n2020-04-01 self name=山田　太郎\n2020-04-01 self state=active\n" \
  "2020-04-01 main unit=0101\n2020-04-01 main title=30\n"
#define MOVE "2027-04-01 main unit=0201\n"
#define HELD(unit, from) from " " unit " unit=" unit "\n" from " " unit " held=1\n"
#define KEY(assignment, from) "000310/" assignment "/" from
#define AT(assignment, from) "cn=000310 " assignment " " from ",ou=r key=" KEY(assignment, from)
#define ID "role/4/"
#define OPEN(assignment, from, post)                                              \
  ID KEY(assignment, from) " present " AT(assignment, from) " k=" KEY(assignment, \
                                                                      from) " u=open w=" post "\n"
#define UNTIL(assignment, from, until, post)                           \
  ID KEY(assignment, from) " present " AT(assignment, from) " k=" KEY( \
      assignment, from) " u=" until " w=" post "\n"
#define OVER(assignment, from, until, ended)                                              \
  ID KEY(assignment, from) " closed " AT(assignment, from) " \"ended " ended "\" k=" KEY( \
      assignment, from) " u=" until "\n"

typedef struct Scenario {
  const char *name, *files, *facts, *day, *table;
  const char *findings;  // NULL = none
} Scenario;

static void run(const Scenario *scenarios, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(scenarios[i].files, scenarios[i].facts);
    mapping_kit_derive(kit, scenarios[i].day);
    g_autofree char *table = mapping_kit_show(kit, "role");
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(table, scenarios[i].table, "%s", scenarios[i].name);
    UNIT_STR(findings, scenarios[i].findings ? scenarios[i].findings : "", "%s", scenarios[i].name);
  }
}

// ---------------------------------------------------------------------------------------------

static void days(void)
{
  static const Scenario scenarios[] = {
      {"a post's own", FILES, UNITS YAMADA, "2027-03-01", OPEN("ask", "2020-04-01", "0101 30"),
       NULL},
      {"its last day is told as soon as it is known", FILES, UNITS YAMADA MOVE, "2027-03-31",
       UNTIL("ask", "2020-04-01", "2027-03-31", "0101 30"), NULL},
      {"the next one on its day", FILES, UNITS YAMADA MOVE, "2027-04-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01") OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"ahead", BY(", ahead: 30d") TABLE, UNITS YAMADA MOVE, "2027-03-02",
       OPEN("tax", "2027-04-01", "0201 30") UNTIL("ask", "2020-04-01", "2027-03-31", "0101 30"),
       NULL},
      {"not so early", BY(", ahead: 30d") TABLE, UNITS YAMADA MOVE, "2027-03-01",
       UNTIL("ask", "2020-04-01", "2027-03-31", "0101 30"), NULL},
      {"years later it is still known", FILES, UNITS YAMADA MOVE, "2040-04-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01") OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"the same by the next post goes on", FILES, UNITS YAMADA "2027-04-01 main unit=0301\n",
       "2027-04-01", OPEN("ask", "2020-04-01", "0301 30"), NULL},
      {"and by one that overlaps", FILES, UNITS YAMADA HELD("0301", "2026-01-01") MOVE,
       "2027-05-01", OPEN("ask", "2020-04-01", "0301 ") OPEN("tax", "2027-04-01", "0201 30"), NULL},
      {"with a day between it is another", FILES, UNITS YAMADA MOVE HELD("0301", "2027-04-02"),
       "2027-05-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01") OPEN("ask", "2027-04-02", "0301 ")
           OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"a promotion on the spot", FILES,
       UNITS YAMADA "2021-04-01 main unit=0201\n2023-10-01 main title=20\n2024-04-01 main "
                    "title=10\n",
       "2027-05-01",
       OVER("ask", "2020-04-01", "2021-03-31", "2021-04-01") OVER(
           "sign", "2023-10-01", "2024-03-31", "2024-04-01") OPEN("tax", "2021-04-01", "0201 10"),
       NULL},
      {"who left", FILES, UNITS YAMADA "2027-04-01 self state=left\n", "2027-04-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01"), NULL},
      {"who comes", BY(", ahead: 30d") TABLE,
       UNITS "person 000310\n2027-04-01 self name=山田　太郎\n2027-04-01 self state=active\n"
             "2027-04-01 main unit=0101\n2027-04-01 main title=30\n",
       "2027-03-05", OPEN("ask", "2027-04-01", "0101 30"), NULL},
      {"by the hour: not before", BY(", ahead: 30d") TABLE,
       UNITS YAMADA HELD("0201",
                         "2027-04-25") "2027-04-25 0201 from_time=07:00\n"
                                       "2027-04-25 0201 to_time=20:00\n2027-04-26 0201 held=0\n",
       "2027-04-25 06:59", OPEN("ask", "2020-04-01", "0101 30"), NULL},
      {"by the hour: not after", FILES,
       UNITS YAMADA HELD("0201",
                         "2027-04-25") "2027-04-25 0201 from_time=07:00\n"
                                       "2027-04-25 0201 to_time=20:00\n2027-04-26 0201 held=0\n",
       "2027-04-25 20:00",
       OVER("tax", "2027-04-25", "2027-04-25", "2027-04-26") OPEN("ask", "2020-04-01", "0101 30"),
       NULL},
      {"a unit that ended takes it along", FILES,
       "unit 0101 総務課 - 2027-03-31\nunit 0201 税務課\nunit 0301 市民課\n" YAMADA, "2027-04-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01"), "-:0:0 unit-ended\n"},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------

#define LIFE(lifecycle) BY("") "lifecycle: {" lifecycle "}\n" TABLE

static void lives(void)
{
  static const char leave[] =
      UNITS YAMADA "2027-04-01 self state=leave\n2027-10-01 self state=active\n";
  static const Scenario scenarios[] = {
      {"on leave it stays", FILES, leave, "2027-05-01", OPEN("ask", "2020-04-01", "0101 30"), NULL},
      {"or is switched off", LIFE("leave: {disable: true}"), leave, "2027-05-01",
       ID KEY("ask", "2020-04-01") " present off " AT(
           "ask", "2020-04-01") " \"on leave since "
                                "2027-04-01\" k=" KEY("ask", "2020-04-01") " u=open w=0101 30\n",
       NULL},
      {"or ends", LIFE("leave: {end: true}"), leave, "2027-05-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01"), NULL},
      {"and begins anew", LIFE("leave: {end: true}"), leave, "2027-10-01",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01") OPEN("ask", "2027-10-01", "0101 30"),
       NULL},
      {"what is over goes", LIFE("ended: {delete_after: 0d}"), UNITS YAMADA MOVE, "2027-04-01",
       ID KEY("ask", "2020-04-01") " absent - key=" KEY(
           "ask", "2020-04-01") " \"ended 2027-04-01\"\n" OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"or later", LIFE("ended: {delete_after: 10d}"), UNITS YAMADA MOVE, "2027-04-10",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01") OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"then", LIFE("ended: {delete_after: 10d}"), UNITS YAMADA MOVE, "2027-04-11",
       ID KEY("ask", "2020-04-01") " absent - key=" KEY(
           "ask", "2020-04-01") " \"ended 2027-04-01\"\n" OPEN("tax", "2027-04-01", "0201 30"),
       NULL},
      {"whom “when” excludes is left alone",
       HEAD "when: {employment: [regular]}\nassignments: {table: t.csv}\n" REST TABLE, UNITS YAMADA,
       "2027-03-01",
       ID KEY("ask", "2020-04-01") " retained - key=" KEY("ask",
                                                          "2020-04-01") " \"not eligible\"\n",
       NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------

#define WITH(rows)          \
  BY(", exceptions: e.csv") \
  TABLE "== e.csv\nnumber,assignment,action,from,until,reason,decided by\n" rows

static void exceptions(void)
{
  static const Scenario scenarios[] = {
      {"given", WITH("000310,tax,give,2027-03-01,2027-03-31,help,chief\n"), UNITS YAMADA,
       "2027-03-15",
       OPEN("ask", "2020-04-01", "0101 30") ID KEY("tax", "2027-03-01") " present " AT(
           "tax",
           "2027-03-01") " \"exception until 2027-03-31: help\" k=" KEY("tax",
                                                                        "2027-03-01") " u=2027-03-"
                                                                                      "31 w=0101 "
                                                                                      "30\n",
       NULL},
      {"over", WITH("000310,tax,give,2027-03-01,2027-03-31,help,chief\n"), UNITS YAMADA,
       "2027-04-01",
       ID KEY("tax", "2027-03-01") " closed " AT(
           "tax",
           "2027-03-01") " \"ended 2027-04-01\" k=" KEY("tax",
                                                        "2027-03-01") " u=2027-03-31\n" OPEN("ask",
                                                                                             "2020-"
                                                                                             "04-"
                                                                                             "01",
                                                                                             "0101 "
                                                                                             "30"),
       NULL},
      {"longer than the post", WITH("000310,ask,give,2027-04-01,2027-04-30,handover,chief\n"),
       UNITS YAMADA MOVE, "2027-04-15",
       ID KEY("ask", "2020-04-01") " present " AT(
           "ask", "2020-04-01") " \"exception until "
                                "2027-04-30: handover\" k=" KEY(
                                    "ask",
                                    "2020-04-01") " u=2027-04-30 w=0201 30\n" OPEN("tax",
                                                                                   "2027-04-01",
                                                                                   "0201 30"),
       NULL},
      {"not after somebody left", WITH("000310,tax,give,2027-03-01,2027-06-30,help,chief\n"),
       UNITS YAMADA "2027-04-01 self state=left\n", "2027-04-15",
       OVER("ask", "2020-04-01", "2027-03-31", "2027-04-01")
           OVER("tax", "2027-03-01", "2027-03-31", "2027-04-01"),
       NULL},
      {"taken", WITH("000310,ask,take,2027-03-10,2027-03-20,inquiry,chief\n"), UNITS YAMADA,
       "2027-03-15",
       ID KEY("ask", "2020-04-01") " closed " AT(
           "ask", "2020-04-01") " \"ended 2027-03-10, taken "
                                "away by exception until 2027-03-20: inquiry\" k=" KEY(
                                    "ask", "2020-04-01") " u=2027-03-09\n",
       NULL},
      {"back", WITH("000310,ask,take,2027-03-10,2027-03-20,inquiry,chief\n"), UNITS YAMADA,
       "2027-03-21",
       ID KEY("ask", "2020-04-01") " closed " AT(
           "ask", "2020-04-01") " \"ended 2027-03-10, taken "
                                "away by exception until 2027-03-20: inquiry\" k=" KEY(
                                    "ask", "2020-04-01") " u=2027-03-09\n" OPEN("ask", "2027-03-21",
                                                                                "0101 30"),
       NULL},
      {"nobody's", WITH("000999,ask,give,2027-03-10,2027-03-20,who,chief\n"), UNITS YAMADA,
       "2027-03-15", OPEN("ask", "2020-04-01", "0101 30"), "e.csv:2:1 exception-person\n"},
      {"nobody's, and over", WITH("000999,ask,give,2026-03-10,2026-03-20,who,chief\n"),
       UNITS YAMADA, "2027-03-15", OPEN("ask", "2020-04-01", "0101 30"), NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------

#define PAIRS(rows) BY(", ahead: 5d, conflicts: c.csv") TABLE "== c.csv\nfirst,second,reason\n" rows
#define LEFT_AS_IS(assignment, from) \
  ID KEY(assignment, from) " retained - key=" KEY(assignment, from) " \"conflicting duties\"\n"

static void conflicts(void)
{
  static const char other[] =
      PAIRS("ask,t*,both sides\n") "== other.yaml\ntarget: u\nobject: right\n"
                                   "for: assignment\nkey: {k: \"${number}/${assignment}\"}\nin: "
                                   "\"ou=r\"\n"
                                   "name: \"cn=${number}\"\nclasses: [role]\nlifecycle: {ended: "
                                   "{delete_after: 0d}}\n"
                                   "assignments: {table: u.csv}\n== "
                                   "u.csv\nif:unit,then:assignment\n0101,tell\n";
  static const Scenario scenarios[] = {
      {"neither", PAIRS("tax,ask,both sides\n"), UNITS YAMADA HELD("0201", "2027-03-01"),
       "2027-03-15", LEFT_AS_IS("ask", "2020-04-01") LEFT_AS_IS("tax", "2027-03-01"),
       "c.csv:2:0 duties-conflict\n"},
      {"one after the other is none", PAIRS("tax,ask,both sides\n"), UNITS YAMADA MOVE,
       "2027-03-31",
       OPEN("tax", "2027-04-01", "0201 30") UNTIL("ask", "2020-04-01", "2027-03-31", "0101 30"),
       NULL},
      {"not before it is near", PAIRS("tax,ask,both sides\n"),
       UNITS YAMADA HELD("0201", "2027-03-21"), "2027-03-15", OPEN("ask", "2020-04-01", "0101 30"),
       NULL},
      {"over", PAIRS("tax,ask,both sides\n"),
       UNITS YAMADA HELD("0201", "2027-03-01") "2027-03-11 0201 held=0\n", "2027-03-15",
       OVER("tax", "2027-03-01", "2027-03-10", "2027-03-11") OPEN("ask", "2020-04-01", "0101 30"),
       NULL},
      {"with what another target gives", other, UNITS YAMADA, "2027-03-15",
       LEFT_AS_IS("ask", "2020-04-01"), "c.csv:2:0 duties-conflict\n"},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------
// Ranks and joined lists.

static void ranks(void)
{
  static const char files[] =
      "== account.yaml\ntarget: t\nobject: role\nfor: person\nkey: {k: \"${number}\"}\nin: "
      "\"ou=r\"\n"
      "name: \"cn=${number}\"\nclasses: [person]\nattributes:\n  r: \"${rank}\"\n"
      "  p: {each: posts, value: \"${post.rank|cut:5}\"}\n"
      "  j: {each: posts, value: \"${post.unit}:${post.title}\", join: \";\"}\n"
      "== tables/titles.csv\ncode,name,rank,head\n20,課長,2,1\n";
  static const Scenario scenarios[] = {
      {"main first, then by rank", files,
       "unit 0301 税務課\nunit 0201 市民課\nunit 0101 総務課\n" YAMADA HELD("0301", "2026-01-01")
           HELD("0201", "2027-01-01") "2027-01-01 0201 title=20\n",
       "2027-03-15",
       "role/4 present cn=000310,ou=r key=000310 k=000310 "
       "r=90101000000000000000000000000099990000000310 p=90101;90301;90201 "
       "j=0101:30;0201:20;0301:\n",
       NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------

static void faults(void)
{
#define BAD(text) HEAD text
  static const struct {
    const char *name, *files, *findings;
  } rows[] = {
      {"no table", BAD("assignments: {ahead: 3d}\n") REST, "role.yaml:8:14 mapping-assignments\n"},
      {"not said", BAD("") REST, "role.yaml:1:1 mapping-assignments\n"},
      {"nothing ends it", BAD("assignments: {table: t.csv}\n") TABLE,
       "role.yaml:8:14 mapping-assignments\n"},
      {"ahead, but from when?",
       "== role.yaml\ntarget: t\nobject: role\nfor: assignment\n"
       "key: {k: \"${number}/${assignment}\"}\nin: \"ou=r\"\n"
       "name: \"cn=${number} ${assignment}\"\nclasses: [role]\n"
       "assignments: {table: t.csv, ahead: 3d}\n" REST TABLE,
       "role.yaml:8:36 mapping-assignments\n"},
      {"an end that would stay",
       BAD("assignments: {table: t.csv}\n"
           "attributes: {u: \"${assignment.until?}\"}\n") TABLE,
       "role.yaml:9:18 mapping-assignments\n"},
      {"not for assignments", BAD("assignments: {table: t.csv}\nbefore: {create: 1d}\n") REST TABLE,
       "role.yaml:9:9 mapping-assignments\n"},
      {"left", BAD("assignments: {table: t.csv}\nlifecycle: {left: {disable: true}}\n") REST TABLE,
       "role.yaml:9:19 mapping-assignments\n"},
      {"no reason, no end",
       BAD("assignments: {table: t.csv, exceptions: e.csv}\n") REST TABLE
       "== e.csv\nnumber,assignment,action,from,until,reason,decided "
       "by\n1,ask,give,2027-04-01,,,x\n"
       "1,ask,maybe,2027-04-01,2027-03-01,r,x\n",
       "e.csv:2:5 exception-missing\ne.csv:2:6 exception-missing\ne.csv:3:3 exception-action\n"
       "e.csv:3:5 exception-day\nrole.yaml:8:41 mapping-assignments\n"},
      {"no column",
       BAD("assignments: {table: t.csv, exceptions: e.csv}\n") REST TABLE
       "== e.csv\n職員番号,割当,扱い,開始日,終了日,理由,誰\n",
       "e.csv:1:1 exception-header\ne.csv:1:7 exception-header\nrole.yaml:8:41 "
       "mapping-assignments\n"},
      {"conflicts",
       BAD("assignments: {table: t.csv, conflicts: c.csv}\n") REST TABLE
       "== c.csv\n割当1,割当2,理由\nask,,r\nask,ask,r\n",
       "c.csv:2:2 conflict-missing\nc.csv:3:2 conflict-self\nrole.yaml:8:40 mapping-assignments\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(rows[i].files, UNITS);
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(findings, rows[i].findings, "%s", rows[i].name);
  }
}

// What `idou check` says beyond that.
static void checks(void)
{
  static const struct {
    const char *name, *files, *findings;
  } rows[] = {
      {"fine", FILES, ""},
      {"unknown to the table", WITH("1,taxx,give,2027-04-01,2027-04-30,r,x\n"),
       "e.csv:2:2 exception-unknown\n"},
      {"a conflict with nothing", PAIRS("tax,s*,r\ntax,ask it,r\n"),
       "c.csv:3:2 conflict-unknown\n"},
      {"one row gives both",
       PAIRS("tax,s*,r\n") "== t.csv\nif:unit,then:assignment\n0101,sign|tax\n0201,tax\n",
       "t.csv:2:2 duties-row\n"},
      {"of assignments only",
       BY("") "== t.csv\nif:assignment,then:assignment\n,${assignment.from}\n",
       "t.csv:1:1 field-unknown\nt.csv:2:2 field-unknown\n"},
      {"a row that adds nothing", BY("") "== t.csv\nif:unit,then:assignment\n,ask\n0101,ask\n",
       "t.csv:3:1 table-row-idle\n"},
  };
  static const char *const fields[] = {"name", "unit", "title", "state", NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(rows[i].files, UNITS);
    MappingWorld world = {.fields = fields};
    if (kit->mapping)
      mapping_check(kit->mapping, &world, kit->findings);
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(findings, rows[i].findings, "%s", rows[i].name);
  }
}

// A list of targets is the class in each of them.
static void targets(void)
{
  static const char files[] =
      "== a.yaml\ntarget: [t, new]\nobject: a\nfor: person\nkey: {k: \"${number}\"}\nin: \"ou=r\"\n"
      "name: \"cn=${number}\"\nclasses: [person]\n";
  g_autoptr(MappingKit) kit = mapping_kit_new(files, UNITS YAMADA);
  g_autofree char *findings = mapping_kit_findings(kit);
  if (!UNIT_STR(findings, "") || !UNIT_INT(mapping_n_klasses(kit->mapping), 2))
    return;
  UNIT_STR(mapping_klass(kit->mapping, 0)->target, "t");
  UNIT_STR(mapping_klass(kit->mapping, 1)->target, "new");
  mapping_kit_derive(kit, "2027-03-01");
  g_autofree char *table = mapping_kit_show(kit, "a");
  UNIT_STR(table, "a/4 present cn=000310,ou=r key=000310 k=000310\n");
}

static const UnitTest tests[] = {
    {"days", days},           {"lives", lives},     {"exceptions", exceptions},
    {"conflicts", conflicts}, {"ranks", ranks},     {"faults", faults},
    {"checks", checks},       {"targets", targets}, {NULL, NULL},
};
UNIT_SUITE(assign, tests);
