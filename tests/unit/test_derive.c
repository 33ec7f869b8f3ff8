// SPDX-License-Identifier: GPL-3.0-or-later
//
// People and units in, the desired table out. Each scenario is a small mapping, a few facts, a day, and
// what the table then holds (mapping_kit.h says how it is written).
#include "mapping_kit.h"

#include <string.h>

#define FRAME "target: t\nobject: account\nfor: person\nkey: {employeeNumber: \"${number}\"}\n"
#define PLACE "in: \"ou=people\"\nname: \"cn=${number}\"\nclasses: [person]\n"
#define UNIT_FILE                                                                            \
  "== unit.yaml\ntarget: t\nobject: unit\nfor: unit\nkey: {businessCategory: \"${code}\"}\n" \
  "in: {object: unit, of: \"${parent}\"}\nbelow: \"ou=units\"\nname: \"ou=${name}\"\n"       \
  "classes: [organizationalUnit]\n"
#define GROUP_FILE                                                                     \
  "== group.yaml\ntarget: t\nobject: group\nfor: group\nkey: {cn: \"${group}\"}\nin: " \
  "\"ou=groups\"\nname: \"cn=${group}\"\nclasses: [groupOfNames]\n"                    \
  "members: {attribute: member, filler: \"cn=filler\"}\n"
#define UNITS "unit 01 総務部\nunit 0101 総務課 01\nunit 02 市民部\nunit 0201 市民課 02\n"
#define YAMADA                                                                                        \
  "person 000310\n2020-04-01 self name=山田　太郎\n2020-04-01 self kana=ヤマダ　タロウ\n" \
  "2020-04-01 self state=active\n2020-04-01 main unit=0101\n2020-04-01 main title=30\n"
#define MOVE "2027-04-01 main unit=0201\n"
#define SATO                                                                                          \
  "person 000777\n2020-04-01 self name=佐藤　花子\n2020-04-01 self kana=サトウ　ハナコ\n" \
  "2020-04-01 self state=active\n2020-04-01 main unit=0101\n2020-04-01 main title=20\n"

typedef struct Scenario {
  const char *name, *files, *facts, *day, *klass, *table;
  const char *findings;  // "" or what mapping_kit_findings shows
} Scenario;

static void run(const Scenario *scenarios, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(scenarios[i].files, scenarios[i].facts);
    mapping_kit_derive(kit, scenarios[i].day);
    g_autofree char *table = mapping_kit_show(kit, scenarios[i].klass);
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(table, scenarios[i].table, "%s", scenarios[i].name);
    UNIT_STR(findings, scenarios[i].findings ? scenarios[i].findings : "", "%s", scenarios[i].name);
  }
}

// ---------------------------------------------------------------------------------------------

#define WITH(attributes) "== account.yaml\n" FRAME PLACE "attributes:\n" attributes
#define HEAD "account/5 present cn=000310,ou=people key=000310 employeeNumber=000310"

static void values(void)
{
  static const Scenario scenarios[] = {
      {"text", WITH("  sn: \"${family}\"\n  givenName: \"${given}\"\n"), UNITS YAMADA, "2027-03-01",
       "account", HEAD " sn=山田 givenName=太郎\n", NULL},
      {"policies",
       WITH("  a: {value: x, policy: once}\n  b: {value: x, policy: keep}\n"
            "  c: {value: x, policy: merge}\n  d: {policy: clear}\n  e: {value: x}\n"),
       UNITS YAMADA, "2027-03-01", "account", HEAD " once:a=x keep:b=x merge:c=x clear:d= e=x\n",
       NULL},
      {"several values, each once",
       WITH("  a: {values: [\"${family}\", x, \"${family}\", \"${no?}\"]}\n"), UNITS YAMADA,
       "2027-03-01", "account", HEAD " a=山田;x\n", NULL},
      {"empty is cleared by force only",
       WITH("  a: \"${phone}\"\n  b: {value: \"${phone}\", policy: keep}\n"),
       UNITS YAMADA "2020-04-01 self phone=\n", "2027-03-01", "account", HEAD " a=\n", NULL},
      {"missing with ? is not managed", WITH("  a: \"${phone?}\"\n  b: x${phone?}\n"), UNITS YAMADA,
       "2027-03-01", "account", HEAD "\n", NULL},
      {"missing with a default", WITH("  a: \"${phone|default:none}\"\n"), UNITS YAMADA,
       "2027-03-01", "account", HEAD " a=none\n", NULL},
      {"missing: nothing half-made", WITH("  sn: \"${family}\"\n  a: \"${phone}\"\n"), UNITS YAMADA,
       "2027-03-01", "account", "account/5 retained - key=000310 \"incomplete\"\n",
       "account.yaml:10:3 value-missing\n"},
      {"a filter that fails", WITH("  a: \"${name|hepburn}\"\n"), UNITS YAMADA, "2027-03-01",
       "account", "account/5 retained - key=000310 \"incomplete\"\n",
       "account.yaml:9:3 value-missing\n"},
      {"secret", WITH("  userPassword: {secret: initial, policy: once}\n"), UNITS YAMADA,
       "2027-03-01", "account", HEAD " once:userPassword=secret:initial\n", NULL},
      {"units and titles",
       WITH("  a: \"${unit} ${unit.name} ${unit.parent} ${unit.path}\"\n"
            "  b: \"${title} ${title.name}\"\n") "== "
                                                 "tables/"
                                                 "titles.csv\ncode,name,rank,head\n30,主事,3,0\n",
       UNITS YAMADA, "2027-03-01", "account", HEAD " a=0101 総務課 01 総務部/総務課 b=30 主事\n",
       NULL},
      {"HR's own words for the title win", WITH("  a: \"${title.name}\"\n"),
       UNITS YAMADA "2020-04-01 main title_name=参事（兼）\n", "2027-03-01", "account",
       HEAD " a=参事（兼）\n", NULL},
      {"旧姓 at work", WITH("  a: \"${name}/${family}/${given}/${legal_name}/${family_kana}\"\n"),
       UNITS YAMADA "2020-04-01 self former_name=旧田\n2020-04-01 self use_former=1\n",
       "2027-03-01", "account", HEAD " a=旧田　太郎/旧田/太郎/山田　太郎/ヤマダ\n", NULL},
      {"旧姓 not in use", WITH("  a: \"${name}\"\n"),
       UNITS YAMADA "2020-04-01 self former_name=旧田\n2020-04-01 self use_former=0\n",
       "2027-03-01", "account", HEAD " a=山田　太郎\n", NULL},
      {"旧姓 with its reading", WITH("  a: \"${family_kana}\"\n"),
       UNITS YAMADA "2020-04-01 self former_name=旧田_太郎\n2020-04-01 self use_former=1\n"
                    "2020-04-01 self former_kana=キュウタ\n",
       "2027-03-01", "account", HEAD " a=キュウタ\n", NULL},
      {"each post in force", WITH("  ou: {each: posts, value: \"${post.unit.name}\"}\n"),
       UNITS YAMADA "2026-04-01 0201 unit=0201\n2026-04-01 0201 held=1\n2026-04-01 02 unit=02\n"
                    "2026-04-01 02 held=1\n2026-10-01 02 held=0\n",
       "2027-03-01", "account", HEAD " ou=総務課;市民課\n", NULL},
      {"special characters in the name",
       "== account.yaml\n" FRAME "in: \"ou=people\"\nname: \"cn=${name}\"\nclasses: [person]\n",
       "person 000310\n2020-04-01 self name=a,+\"<>;#=\\b\n2020-04-01 self state=active\n",
       "2027-03-01", "account",
       "account/1 present cn=a\\,\\+\\\"\\<\\>\\;#\\=\\\\b,ou=people key=000310 "
       "employeeNumber=000310\n",
       NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// Somebody with a character that not every target holds, under rules of which each says otherwise.
static void charsets(void)
{
  static const struct {
    const char *name, *target, *attributes;
    const char *findings;
  } rows[] = {
      {"utf8 holds all", NULL, "  sn: \"${family}\"\n", ""},
      {"cp932 has it", "cp932", "  sn: \"${family}\"\n", ""},
      {"jisx0208 has not", "jisx0208", "  sn: \"${family}\"\n",
       "account.yaml:9:3 character-unheld\n"},
      {"a rule asks for less", NULL, "  sn: {value: \"${family}\", charset: jisx0208}\n",
       "account.yaml:9:3 character-unheld\n"},
      {"a rule allows more", "jisx0208", "  sn: {value: \"${family}\", charset: cp932}\n", ""},
      {"of several values", "jisx0208", "  sn: [\"a\", \"${family}\"]\n",
       "account.yaml:9:3 character-unheld\n"},
      {"each", "ascii", "  ou: {each: posts, value: \"${post.unit.name}\"}\n",
       "account.yaml:9:3 character-unheld\n"},
      {"degraded", "jisx0208", "  sn: \"${family|degrade}\"\n", ""},
      {"undecided", NULL, "  sn: \"${given|degrade}\"\n", "account.yaml:9:3 character-undecided\n"},
      {"an attribute that is not there", "ascii", "  sn: \"${number}\"\n", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *files =
        g_strconcat("== account.yaml\n" FRAME PLACE "attributes:\n", rows[i].attributes,
                    "== tables/degrade.csv\nfrom,to\n﨑,崎\n罇,墫|樽\n", NULL);
    g_autoptr(MappingKit) kit = mapping_kit_new(
        files,
        UNITS "person 000310\n2020-04-01 self name=山﨑　罇太\n2020-04-01 self state=active\n"
              "2020-04-01 main unit=0101\n");
    kit->charset = rows[i].target;
    mapping_kit_derive(kit, "2027-03-01");
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(findings, rows[i].findings, "%s", rows[i].name);
    uint32_t entry = mapping_kit_entry(kit, "account/5");
    bool whole = table_at(kit->table, entry)->presence == PRESENCE_PRESENT;
    UNIT_INT(whole, !*rows[i].findings, "%s", rows[i].name);
  }
}

// The name of an entry and its key go to the target as well.
static void charset_of_places(void)
{
  g_autoptr(MappingKit) kit = mapping_kit_new(UNIT_FILE, "unit 01 髙田部\nunit 髙 総務部\n");
  kit->charset = "jisx0208";
  mapping_kit_derive(kit, "2027-03-01");
  g_autofree char *findings = mapping_kit_findings(kit);
  UNIT_STR(findings, "unit.yaml:7:11 character-unheld\nunit.yaml:4:26 character-unheld\n");
}

#define LIFE                                                         \
  "== account.yaml\n" FRAME PLACE "when: {state: [active, leave]}\n" \
  "attributes:\n  sn: \"${family}\"\nlifecycle:\n"                   \
  "  leave: {disable: true, memberships: keep}\n"                    \
  "  left: {disable: true, move: \"ou=retired\", memberships: drop, delete_after: 90d}\n"
#define WHOLE " cn=000310,ou=people key=000310"
#define SN " employeeNumber=000310 sn=山田\n"

static void lifecycle(void)
{
  static const Scenario scenarios[] = {
      {"active", LIFE, UNITS YAMADA, "2027-03-01", "account", "account/5 present on" WHOLE SN,
       NULL},
      {"on leave", LIFE, UNITS YAMADA "2027-01-01 self state=leave\n", "2027-03-01", "account",
       "account/5 present off" WHOLE " \"on leave since 2027-01-01\"" SN, NULL},
      {"works through the last day", LIFE, UNITS YAMADA "2027-04-01 self state=left\n",
       "2027-03-31", "account", "account/5 present on" WHOLE SN, NULL},
      {"left", LIFE, UNITS YAMADA "2027-04-01 self state=left\n", "2027-04-01", "account",
       "account/5 retained off cn=000310,ou=retired key=000310 \"left 2027-04-01\"\n", NULL},
      {"the last day before deletion", LIFE, UNITS YAMADA "2027-04-01 self state=left\n",
       "2027-06-29", "account",
       "account/5 retained off cn=000310,ou=retired key=000310 \"left 2027-04-01\"\n", NULL},
      {"to be deleted", LIFE, UNITS YAMADA "2027-04-01 self state=left\n", "2027-06-30", "account",
       "account/5 absent off cn=000310,ou=retired key=000310 \"left 2027-04-01\"\n", NULL},
      {"no rule: left alone", "== account.yaml\n" FRAME PLACE "when: {state: active}\n",
       UNITS YAMADA "2027-01-01 self state=leave\n", "2027-03-01", "account",
       "account/5 retained - key=000310 \"not eligible\"\n", NULL},
      {"not eligible by another field",
       "== account.yaml\n" FRAME PLACE "when: {employment: [regular]}\nlifecycle: {otherwise: "
       "{disable: true}}\n",
       UNITS YAMADA "2020-04-01 self employment=fiscal\n", "2027-03-01", "account",
       "account/5 retained off - key=000310 \"not eligible\"\n", NULL},
      {"on leave and not otherwise eligible stays as described",
       "== account.yaml\n" FRAME PLACE
       "when: {state: active}\nlifecycle: {leave: {disable: true}}\n",
       UNITS YAMADA "2027-01-01 self state=leave\n", "2027-03-01", "account",
       "account/5 retained off" WHOLE " \"on leave since 2027-01-01\" employeeNumber=000310\n",
       NULL},
      {"suspended: as on leave, and nobody is told which", LIFE,
       UNITS YAMADA "2027-01-01 self state=suspended\n", "2027-03-01", "account",
       "account/5 present off" WHOLE " \"on leave since 2027-01-01\"" SN, NULL},
      {"seconded: as on leave where nothing else is said", LIFE,
       UNITS YAMADA "2027-01-01 self state=seconded\n", "2027-03-01", "account",
       "account/5 present off" WHOLE " \"on secondment since 2027-01-01\"" SN, NULL},
      {"seconded, with a rule that leaves the account on", LIFE "  seconded: {disable: false}\n",
       UNITS YAMADA "2027-01-01 self state=seconded\n", "2027-03-01", "account",
       "account/5 present on" WHOLE SN, NULL},
      {"suspended, with a rule of its own",
       LIFE "  suspended: {disable: true, move: \"ou=away\", memberships: drop}\n",
       UNITS YAMADA "2027-01-01 self state=suspended\n", "2027-03-01", "account",
       "account/5 present off cn=000310,ou=away key=000310 \"on leave since 2027-01-01\"" SN, NULL},
      {"on leave, and nobody knows where the account belongs: off all the same",
       UNIT_FILE "== account.yaml\n" FRAME
                 "in: {object: unit, of: \"${unit}\"}\nname: \"cn=${number}\"\nclasses: [person]\n"
                 "lifecycle: {leave: {disable: true}}\n",
       YAMADA "2027-01-01 self state=leave\n", "2027-03-01", "account",
       "account/1 retained off - key=000310 \"on leave since 2027-01-01\"\n",
       "account.yaml:5:5 place-missing\n"},
      {"suspended, not wanted, no rule: left alone",
       "== account.yaml\n" FRAME PLACE "when: {state: active}\n",
       UNITS YAMADA "2027-01-01 self state=suspended\n", "2027-03-01", "account",
       "account/5 retained - key=000310 \"not eligible\"\n", NULL},
      {"a joiner without `before`", LIFE,
       UNITS "person 000310\n2027-04-01 self state=active\n2027-04-01 self name=山田　太郎\n",
       "2027-03-31", "account", "", NULL},
      {"a joiner fourteen days ahead", LIFE "before: {create: 14d, disabled: true}\n",
       UNITS "person 000310\n2027-04-01 self state=active\n2027-04-01 self name=山田　太郎\n",
       "2027-03-18", "account", "account/5 present off" WHOLE " \"not in service yet\"" SN, NULL},
      {"fifteen days ahead", LIFE "before: {create: 14d, disabled: true}\n",
       UNITS "person 000310\n2027-04-01 self state=active\n2027-04-01 self name=山田　太郎\n",
       "2027-03-17", "account", "", NULL},
      {"the first day", LIFE "before: {create: 14d, disabled: true}\n",
       UNITS "person 000310\n2027-04-01 self state=active\n2027-04-01 self name=山田　太郎\n",
       "2027-04-01", "account", "account/5 present on" WHOLE SN, NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// Who was suspended must not come out by the line that explains it.
static void suspended_is_not_told(void)
{
  static const char *const states[] = {"leave", "suspended"};
  static const char *const rules[] = {LIFE,
                                      LIFE "  suspended: {disable: true, memberships: drop}\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
    g_autofree char *first = NULL;
    for (size_t k = 0; k < G_N_ELEMENTS(states); k++) {
      g_autofree char *facts =
          g_strconcat(UNITS YAMADA "2027-01-01 self state=", states[k], "\n", NULL);
      g_autoptr(MappingKit) kit = mapping_kit_new(rules[i], facts);
      mapping_kit_derive(kit, "2027-03-01");
      Why answer;
      why_init(&answer);
      uint32_t entry = mapping_kit_entry(kit, "account/5");
      UNIT_TRUE(derive_why(kit->derive, entry, NULL, &answer, NULL));
      g_autofree char *told =
          g_strconcat(answer.rule->str, " ", entry_reason(table_at(kit->table, entry)), NULL);
      why_clear(&answer);
      if (first)
        UNIT_STR(told, first, "mapping %zu", i);
      else
        first = g_steal_pointer(&told);
    }
  }
}

static void units(void)
{
  static const Scenario scenarios[] = {
      {"nested", UNIT_FILE "attributes: {description: \"${path}\"}\n",
       "unit 01 総務部\nunit 0101 総務課 01\n", "2027-03-01", NULL,
       "unit/1 present ou=総務部,ou=units key=01 businessCategory=01 description=総務部\n"
       "unit/2 present ou=総務課,ou=総務部,ou=units key=0101 businessCategory=0101 "
       "description=総務部/総務課\n",
       NULL},
      {"ended", UNIT_FILE "lifecycle: {ended: {delete_after: 30d}}\n",
       "unit 01 総務部 - 2027-03-31\n", "2027-04-01", NULL,
       "unit/1 retained on - key=01 \"ended 2027-04-01\"\n", NULL},
      {"ended, to be deleted", UNIT_FILE "lifecycle: {ended: {delete_after: 30d}}\n",
       "unit 01 総務部 - 2027-03-31\n", "2027-05-01", NULL,
       "unit/1 absent - key=01 \"ended 2027-04-01\"\n", NULL},
      {"people in units",
       UNIT_FILE "== account.yaml\n" FRAME
                 "in: {object: unit, of: \"${unit}\"}\nname: \"cn=${number}\"\nclasses: [person]\n",
       UNITS YAMADA, "2027-03-01", "account",
       "account/5 present cn=000310,ou=総務課,ou=総務部,ou=units key=000310 "
       "employeeNumber=000310\n",
       NULL},
      {"no such unit",
       UNIT_FILE "== account.yaml\n" FRAME
                 "in: {object: unit, of: \"${unit}\"}\nname: \"cn=${number}\"\nclasses: [person]\n",
       YAMADA, "2027-03-01", "account", "account/1 retained - key=000310 \"incomplete\"\n",
       "account.yaml:5:5 place-missing\n"},
      {"the unit has ended, and somebody is still in it",
       UNIT_FILE "== account.yaml\n" FRAME
                 "in: {object: unit, of: \"${unit}\"}\nname: \"cn=${number}\"\nclasses: [person]\n",
       "unit 0101 総務課 - 2027-01-31\n" YAMADA, "2027-03-01", "account",
       "account/2 present cn=000310,ou=総務課,ou=units key=000310 employeeNumber=000310\n",
       "-:0:0 unit-ended\n"},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

#define TITLES "== tables/titles.csv\ncode,name,rank,head\n20,課長,2,1\n30,主事,3,0\n"
#define MANAGER                   \
  "== account.yaml\n" FRAME PLACE \
  "attributes: {manager: {ref: {object: account, of: \"${unit.head}\"}}}\n" TITLES

static void heads(void)
{
  static const Scenario scenarios[] = {
      {"a head", MANAGER, UNITS YAMADA SATO, "2027-03-01", "account",
       "account/6 present cn=000777,ou=people key=000777 employeeNumber=000777 manager=\n"
       "account/5 present cn=000310,ou=people key=000310 employeeNumber=000310 "
       "manager=@account/6\n",
       NULL},
      {"the head's own head is above", MANAGER,
       UNITS YAMADA SATO
       "person 000999\n2020-04-01 self state=active\n2020-04-01 main unit=01\n2020-04-01 main "
       "title=20\n",
       "2027-03-01", "account",
       "account/7 present cn=000999,ou=people key=000999 employeeNumber=000999 manager=\n"
       "account/6 present cn=000777,ou=people key=000777 employeeNumber=000777 manager=@account/7\n"
       "account/5 present cn=000310,ou=people key=000310 employeeNumber=000310 "
       "manager=@account/6\n",
       NULL},
      {"a head who is not whole is nobody's",
       "== account.yaml\n" FRAME PLACE "attributes: {sn: \"${family}\", manager: {ref: {object: "
       "account, of: \"${unit.head}\"}}}\n" TITLES,
       UNITS YAMADA "person 000777\n2020-04-01 self state=active\n2020-04-01 main unit=0101\n"
                    "2020-04-01 main title=20\n",
       "2027-03-01", "account",
       "account/6 retained - key=000777 \"incomplete\"\n"
       "account/5 present cn=000310,ou=people key=000310 employeeNumber=000310 sn=山田 manager=\n",
       "account.yaml:8:14 value-missing\n"},
      {"nobody", MANAGER, UNITS YAMADA, "2027-03-01", "account",
       "account/5 present cn=000310,ou=people key=000310 employeeNumber=000310 manager=\n", NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

#define MEMBER(table, more)                                                                       \
  GROUP_FILE "== account.yaml\n" FRAME PLACE                                                      \
             "memberships: {table: tables/g.csv, owned: {below: \"ou=groups\"}" more "}\n" TITLES \
             "== tables/g.csv\n" table
#define BOTH UNITS YAMADA SATO
#define CONCURRENT "2026-04-01 0201 unit=0201\n2026-04-01 0201 held=1\n2026-04-01 0201 title=20\n"

static void memberships(void)
{
  static const Scenario scenarios[] = {
      {"everybody", MEMBER("条件:所属,結果:グループ\n,all\n", ""), BOTH, "2027-03-01", "edge",
       "group/all<account/5\ngroup/all<account/6\n", NULL},
      {"a unit by code", MEMBER("条件:所属,結果:グループ\n0101,g\n", ""), BOTH, "2027-03-01",
       "edge", "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"a unit by name", MEMBER("if:unit,then:group\n総務課,g\n", ""), BOTH, "2027-03-01", "edge",
       "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"another unit", MEMBER("if:unit,then:group\n0201,g\n", ""), BOTH, "2027-03-01", "edge", "",
       NULL},
      {"a title by name", MEMBER("条件:職位,結果:グループ\n課長,g\n", ""), BOTH, "2027-03-01",
       "edge", "group/g<account/6\n", NULL},
      {"one of two", MEMBER("条件:職位,結果:グループ\n課長|30,g\n", ""), BOTH, "2027-03-01", "edge",
       "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"not", MEMBER("条件:職位,結果:グループ\n以外:課長,g\n", ""), BOTH, "2027-03-01", "edge",
       "group/g<account/5\n", NULL},
      {"below", MEMBER("条件:所属,結果:グループ\n所属以下:総務部,g\nbelow:02,h\n", ""), BOTH,
       "2027-03-01", "edge", "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"not below", MEMBER("条件:所属,結果:グループ\n以外:所属以下：02,g\n", ""), BOTH,
       "2027-03-01", "edge", "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"a pattern on the name", MEMBER("条件:所属,結果:グループ\n正規表現:^総務,g\n", ""), BOTH,
       "2027-03-01", "edge", "group/g<account/5\ngroup/g<account/6\n", NULL},
      {"brackets are no pattern", MEMBER("条件:職位,結果:グループ\n課長(兼),g\n,all\n", ""), YAMADA,
       "2027-03-01", "edge", "group/all<account/1\n", NULL},
      {"two conditions", MEMBER("条件:所属,条件:職位,結果:グループ\n0101,30,g\n0201,30,h\n", ""),
       BOTH, "2027-03-01", "edge", "group/g<account/5\n", NULL},
      {"all rows that match", MEMBER("条件:所属,結果:グループ\n0101,a|b\n*,c\n", ""), UNITS YAMADA,
       "2027-03-01", "edge", "group/a<account/5\ngroup/b<account/5\ngroup/c<account/5\n", NULL},
      {"the first row by priority",
       MEMBER("優先順,条件:所属,結果:グループ,備考\n20,,rest,x\n10,0101,first,y\n", ""),
       UNITS YAMADA, "2027-03-01", "edge", "group/first<account/5\n", NULL},
      {"a row without groups stops the search",
       MEMBER("優先順,条件:所属,結果:グループ\n20,,rest\n10,0101,\n", ""), UNITS YAMADA,
       "2027-03-01", "edge", "", NULL},
      {"a field of the person",
       MEMBER("条件:職員種別,結果:グループ\nregular,g\n以外:regular,h\n", ""),
       UNITS YAMADA "2020-04-01 self employment=regular\n", "2027-03-01", "edge",
       "group/g<account/5\n", NULL},
      {"a template", MEMBER("条件:職位,結果:グループ\n*,g-${unit}\n", ""), BOTH, "2027-03-01",
       "edge", "group/g-0101<account/5\ngroup/g-0101<account/6\n", NULL},
      {"concurrent posts count",
       MEMBER("条件:区分,条件:所属,結果:グループ\n兼務,*,side\n本務,*,main\n,0201,g\n", ""),
       UNITS YAMADA CONCURRENT, "2027-03-01", "edge",
       "group/side<account/5\ngroup/main<account/5\ngroup/g<account/5\n", NULL},
      {"moved, without grace", MEMBER("条件:所属,結果:グループ\n0101,old\n0201,new\n", ""),
       UNITS YAMADA MOVE, "2027-04-01", "edge", "group/new<account/5\n", NULL},
      {"moved, in grace", MEMBER("条件:所属,結果:グループ\n0101,old\n0201,new\n", ", grace: 7d"),
       UNITS YAMADA MOVE, "2027-04-07", "edge", "group/old<account/5\ngroup/new<account/5\n", NULL},
      {"moved, grace over", MEMBER("条件:所属,結果:グループ\n0101,old\n0201,new\n", ", grace: 7d"),
       UNITS YAMADA MOVE, "2027-04-08", "edge", "group/new<account/5\n", NULL},
      {"groups without members exist", MEMBER("条件:所属,結果:グループ\n0101,a\n0201,b\n", ""),
       UNITS, "2027-03-01", "group",
       "group/a present cn=a,ou=groups key=a cn=a\ngroup/b present cn=b,ou=groups key=b cn=b\n",
       NULL},
      {"who left is in none", MEMBER("条件:所属,結果:グループ\n,all\n", ", grace: 7d"),
       UNITS YAMADA "2027-04-01 self state=left\n", "2027-04-01", "edge", "", NULL},
      {"a joiner is in none yet",
       MEMBER("条件:所属,結果:グループ\n,all\n", "") "== z.yaml\nnames: {}\n",
       UNITS "person 1\n2027-04-01 self state=active\n2027-04-01 main unit=0101\n", "2027-03-31",
       "edge", "", NULL},
      {"groups of units",
       "== unitgroup.yaml\ntarget: t\nobject: unitgroup\nfor: unit\nkey: {cn: \"g${code}\"}\nin: "
       "\"ou=groups\"\nname: \"cn=g${code}\"\nclasses: [groupOfNames]\nmembers: {attribute: "
       "member}\n"
       "== account.yaml\n" FRAME PLACE
       "memberships: [{object: unitgroup, of: \"g${post.unit}\", grace: 7d}]\n",
       UNITS YAMADA MOVE, "2027-04-01", "edge", "unitgroup/2<account/5\nunitgroup/4<account/5\n",
       NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

#define MOVES(grace) MEMBER("条件:所属,結果:グループ\n0101,old\n0201,new\n", ", grace: " grace)
#define OLD "group/old<account/5\n"
#define NEW "group/new<account/5\n"
#define AGAIN "2027-05-01 main unit=0101\n"

static void grace(void)
{
  static const Scenario scenarios[] = {
      {"eight days before", MOVES("{before: 7d, after: 14d}"), UNITS YAMADA MOVE, "2027-03-24",
       "edge", OLD, NULL},
      {"seven days before: the new rights, too", MOVES("{before: 7d, after: 14d}"),
       UNITS YAMADA MOVE, "2027-03-25", "edge", OLD NEW, NULL},
      {"the last day of fourteen", MOVES("{before: 7d, after: 14d}"), UNITS YAMADA MOVE,
       "2027-04-14", "edge", OLD NEW, NULL},
      {"over", MOVES("{before: 7d, after: 14d}"), UNITS YAMADA MOVE, "2027-04-15", "edge", NEW,
       NULL},
      {"none before for who is on leave", MOVES("{before: 7d}"),
       UNITS YAMADA MOVE "2027-01-01 self state=leave\n2027-04-01 self state=active\n",
       "2027-03-31", "edge", OLD, NULL},
      {"none before for who is not there yet", MOVES("{before: 7d}") "before: {create: 14d}\n",
       UNITS "person 1\n2027-04-01 self state=active\n2027-04-01 main unit=0101\n", "2027-03-31",
       "edge", "", NULL},
      {"a fixed day outlasts the days", MOVES("{after: 14d, until: \"05-31\"}"), UNITS YAMADA MOVE,
       "2027-05-31", "edge", OLD NEW, NULL},
      {"and is the last", MOVES("{after: 14d, until: \"05-31\"}"), UNITS YAMADA MOVE, "2027-06-01",
       "edge", NEW, NULL},
      {"the earlier of the two", MOVES("{after: 14d, until: \"05-31\", choose: earlier}"),
       UNITS YAMADA MOVE, "2027-04-15", "edge", NEW, NULL},
      {"the fixed day is of the year that began with the move: not for one of October",
       MOVES("{after: 14d, until: \"05-31\"}"), UNITS YAMADA "2027-10-01 main unit=0201\n",
       "2027-10-15", "edge", NEW, NULL},
      {"who has moved in October has only the days", MOVES("{after: 14d, until: \"05-31\"}"),
       UNITS YAMADA "2027-10-01 main unit=0201\n", "2027-10-14", "edge", OLD NEW, NULL},
      {"a fixed day alone, before spring", MOVES("{until: \"03-31\"}"),
       UNITS YAMADA "2027-10-01 main unit=0201\n", "2028-03-31", "edge", OLD NEW, NULL},
      {"two moves, each with its own end: 4/1 and 5/1", MOVES("45d"),
       UNITS YAMADA MOVE "2027-05-01 main unit=02\n", "2027-05-15", "edge", OLD NEW, NULL},
      {"the first is over, the second runs", MOVES("45d"),
       UNITS YAMADA MOVE "2027-05-01 main unit=02\n", "2027-05-16", "edge", NEW, NULL},
      {"its last day", MOVES("45d"), UNITS YAMADA MOVE "2027-05-01 main unit=02\n", "2027-06-14",
       "edge", NEW, NULL},
      {"both are over", MOVES("45d"), UNITS YAMADA MOVE "2027-05-01 main unit=02\n", "2027-06-15",
       "edge", "", NULL},
      {"back before it ended: as if never gone", MOVES("45d"), UNITS YAMADA MOVE AGAIN,
       "2027-07-01", "edge", OLD, NULL},
      {"no grace at all", MOVES("0d"), UNITS YAMADA MOVE, "2027-04-01", "edge", NEW, NULL},
      {"to read only: the table says which",
       MEMBER("条件:所属,結果:グループ,結果:猶予グループ\n0101,old,old-read\n0201,new,\n",
              ", grace: {before: 7d, after: 14d}"),
       UNITS YAMADA MOVE, "2027-04-14", "edge", "group/old-read<account/5\n" NEW, NULL},
      {"and an empty cell gives nothing ahead",
       MEMBER("if:unit,then:group,then:grace\n0101,old,old-read\n0201,new,\n",
              ", grace: {before: 7d, after: 14d}"),
       UNITS YAMADA MOVE, "2027-03-31", "edge", OLD, NULL},
      {"a unit that ended gives nothing but its grace", MOVES("7d"),
       "unit 0101 総務課 - 2027-03-31\n" YAMADA, "2027-04-07", "edge", "group/old<account/2\n",
       "-:0:0 unit-ended\n"},
      {"whatever the records still say of its people", MOVES("7d"),
       "unit 0101 総務課 - 2027-03-31\n" YAMADA, "2027-04-08", "edge", "", "-:0:0 unit-ended\n"},
      {"back from leave, the unit gone meanwhile", MOVES("7d"),
       "unit 0101 総務課 - 2027-03-31\nunit 0201 市民課\n" YAMADA
       "2027-01-01 self state=leave\n2027-10-01 self state=active\n2027-10-01 main unit=0201\n",
       "2027-10-01", "edge", "group/new<account/3\n", NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// A group of the unit is not there before the unit is: rights that come ahead wait for it in silence.
static void grace_of_units(void)
{
#define BY_UNIT                                                                              \
  "== unitgroup.yaml\ntarget: t\nobject: unitgroup\nfor: unit\nkey: {cn: \"${code}\"}\nin: " \
  "\"ou=groups\"\nname: \"cn=${code}\"\nclasses: [groupOfNames]\nmembers: {attribute: "      \
  "member}\n== account.yaml\n" FRAME PLACE                                                   \
  "memberships: [{object: unitgroup, of: \"${unit}\", grace: {before: 7d, after: 7d, of: "   \
  "\"${unit|cut:2}\"}}]\n"
  static const Scenario scenarios[] = {
      {"ahead: the group of the division", BY_UNIT, UNITS YAMADA MOVE, "2027-03-31", "edge",
       "unitgroup/2<account/5\nunitgroup/3<account/5\n", NULL},
      {"after it likewise", BY_UNIT, UNITS YAMADA MOVE, "2027-04-01", "edge",
       "unitgroup/1<account/5\nunitgroup/4<account/5\n", NULL},
      {"no such group yet: no finding", BY_UNIT, UNITS YAMADA "2027-04-01 main unit=9901\n",
       "2027-03-31", "edge", "unitgroup/2<account/5\n", NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

static void grace_is_explained(void)
{
  static const struct {
    const char *day, *group, *reason;
  } rows[] = {
      {"2027-03-31", "group/old", ""},
      {"2027-03-31", "group/new", "ahead of the post that begins 2027-04-01"},
      {"2027-04-01", "group/old", "grace until 2027-04-14"},
      {"2027-04-01", "group/new", ""},
      {"2027-05-01", "group/old", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(MappingKit) kit =
        mapping_kit_new(MOVES("{before: 7d, after: 14d}"), UNITS YAMADA MOVE AGAIN);
    mapping_kit_derive(kit, rows[i].day);
    Why answer;
    why_init(&answer);
    UNIT_TRUE(derive_why_edge(kit->derive, mapping_kit_entry(kit, rows[i].group),
                              mapping_kit_entry(kit, "account/5"), &answer, NULL));
    UNIT_STR(answer.reason->str, rows[i].reason, "row %zu", i);
    why_clear(&answer);
  }
}

// ---------------------------------------------------------------------------------------------
// Posts beside the main one.

#define ROLES \
  MEMBER("条件:区分,条件:所属,結果:グループ\n併任|事務取扱,*,other\n応援,*,help\n本務,*,main\n", "")
#define JOINT                                                           \
  "2026-04-01 joint:0201 unit=0201\n2026-04-01 joint:0201 role=joint\n" \
  "2026-04-01 joint:0201 held=1\n"
#define ASSIST                                                             \
  "2027-04-25 assist:0201 unit=0201\n2027-04-25 assist:0201 role=assist\n" \
  "2027-04-25 assist:0201 held=1\n2027-04-26 assist:0201 held=0\n"         \
  "2027-04-25 assist:0201 from_time=07:00\n2027-04-25 assist:0201 to_time=20:00\n"

static void roles_and_hours(void)
{
  static const Scenario scenarios[] = {
      {"a joint post", ROLES, UNITS YAMADA JOINT, "2027-03-01", "edge",
       "group/other<account/5\ngroup/main<account/5\n", NULL},
      {"the main post ended: what the joint one gives", ROLES,
       UNITS YAMADA JOINT "2027-04-01 main unit=\n", "2027-04-01", "edge",
       "group/other<account/5\n", NULL},
      {"and its unit stands for the person", WITH("  ou: \"${unit}\"\n"),
       UNITS YAMADA JOINT "2027-04-01 main unit=\n", "2027-04-01", "account", HEAD " ou=0201\n",
       NULL},
      {"before the hour", ROLES, UNITS YAMADA ASSIST, "2027-04-25 06:59", "edge",
       "group/main<account/5\n", NULL},
      {"from the hour", ROLES, UNITS YAMADA ASSIST, "2027-04-25 07:00", "edge",
       "group/help<account/5\ngroup/main<account/5\n", NULL},
      {"until the hour", ROLES, UNITS YAMADA ASSIST, "2027-04-25 20:00", "edge",
       "group/main<account/5\n", NULL},
      {"no grace for who was there by the hour",
       MEMBER("条件:区分,結果:グループ\n応援,help\n", ", grace: {before: 7d, after: 7d}"),
       UNITS YAMADA ASSIST, "2027-04-26", "edge", "", NULL},
      {"nor ahead",
       MEMBER("条件:区分,結果:グループ\n応援,help\n", ", grace: {before: 7d, after: 7d}"),
       UNITS YAMADA ASSIST, "2027-04-24", "edge", "", NULL},
      {"a state in a table: who says leave means the suspended, too",
       MEMBER("条件:状態,結果:グループ\n休職,away\n以外:休職,here\n停職,none\n", ""),
       UNITS YAMADA "2027-01-01 self state=suspended\n", "2027-03-01", "edge",
       "group/away<account/5\ngroup/none<account/5\n", NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

static void hours_are_noted(void)
{
  g_autoptr(MappingKit) kit = mapping_kit_new(ROLES, UNITS YAMADA ASSIST);
  static const struct {
    const char *day;
    size_t n;
  } rows[] = {{"2027-04-24", 0}, {"2027-04-25", 1}, {"2027-04-25 21:00", 1}, {"2027-04-26", 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    size_t n;
    mapping_kit_derive(kit, rows[i].day);
    const Hourly *hourly = derive_hourly(kit->derive, &n);
    if (UNIT_INT(n, rows[i].n, "%s", rows[i].day) && n > 0)
      UNIT_STR(hourly[0].unit, "0201");
  }
}

static void secrets(void)
{
  static const Scenario scenarios[] = {
      {"renewed when switched on", WITH("  p: {secret: initial, policy: once, renew: [enable]}\n"),
       UNITS YAMADA, "2027-03-01", "account", HEAD " renew:p=secret:initial\n", NULL},
      {"and for each loan", WITH("  p: {secret: initial, policy: once, renew: [enable, loan]}\n"),
       UNITS YAMADA "2020-04-01 self loan=R9-12\n", "2027-03-01", "account",
       HEAD " renew:p=secret:initial R9-12\n", NULL},
      {"no loan runs", WITH("  p: {secret: initial, policy: once, renew: loan}\n"),
       UNITS YAMADA "2020-04-01 self loan=\n", "2027-03-01", "account",
       HEAD " once:p=secret:initial\n", NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

static void posts(void)
{
  static const char files[] =
      "== post.yaml\ntarget: t\nobject: seat\nfor: post\nkey: {uid: \"${number}-${post.unit}\"}\n"
      "in: \"ou=seats\"\nname: \"uid=${number}-${post.unit}\"\nclasses: [account]\n"
      "attributes: {a: \"${post.role} ${unit.name} ${title}\"}\nlifecycle: {ended: {delete_after: "
      "10d}}\n";
  static const Scenario scenarios[] = {
      {"one for each", files, UNITS YAMADA CONCURRENT, "2027-03-01", "seat",
       "seat/1 present uid=000310-0101,ou=seats key=000310-0101 uid=000310-0101 a=main 総務課 30\n"
       "seat/2 present uid=000310-0201,ou=seats key=000310-0201 uid=000310-0201 a=concurrent "
       "市民課 20\n",
       NULL},
      {"the main post moves", files, UNITS YAMADA MOVE, "2027-04-05", "seat",
       "seat/1 present uid=000310-0201,ou=seats key=000310-0201 uid=000310-0201 a=main 市民課 30\n",
       NULL},
      {"ended", files, UNITS YAMADA CONCURRENT "2027-03-01 0201 held=0\n", "2027-03-05", "seat",
       "seat/1 present uid=000310-0101,ou=seats key=000310-0101 uid=000310-0101 a=main 総務課 30\n"
       "seat/2 retained - key=000310-0201 \"ended 2027-03-01\"\n",
       NULL},
      {"ended long ago", files, UNITS YAMADA CONCURRENT "2027-03-01 0201 held=0\n", "2027-03-11",
       "seat",
       "seat/1 present uid=000310-0101,ou=seats key=000310-0101 uid=000310-0101 a=main 総務課 30\n"
       "seat/2 absent - key=000310-0201 \"ended 2027-03-01\"\n",
       NULL},
  };
  run(scenarios, G_N_ELEMENTS(scenarios));
}

// ---------------------------------------------------------------------------------------------
// Names.

#define NAMES                                                                                  \
  "== names.yaml\nnames:\n  login:\n    try: "                                                 \
  "[\"${given_kana|hepburn|cut:1}-${family_kana|hepburn}\", "                                  \
  "\"${family_kana|hepburn}\"]\n    max: 8\n    suffix_from: 2\n    for: account\n    taken: " \
  "[uid]\n"
#define NAMED                                                                          \
  NAMES "== account.yaml\n" FRAME                                                      \
        "in: \"ou=people\"\nname: \"uid=${login}\"\nclasses: [inetOrgPerson]\n"        \
        "attributes: {mail: \"${login}@x\", sn: \"${family}\"}\nmemberships: {table: " \
        "tables/g.csv}\n" GROUP_FILE "== tables/g.csv\nif:unit,then:group\n,all\n"

static void names(void)
{
  g_autoptr(MappingKit) kit = mapping_kit_new(NAMED, UNITS YAMADA SATO "login hanako\n");
  g_autoptr(GError) error = NULL;
  mapping_kit_derive(kit, "2027-03-01");
  const Klass *klass = mapping_klass(kit->mapping, 1);
  UNIT_INT(klass->n_names, 1);
  UNIT_STR(klass->names[0].kind, "login");
  UNIT_STR(klass->names[0].taken[0], "uid");
  size_t n = 0;
  const Unnamed *unnamed = derive_unnamed(kit->derive, &n);
  if (!UNIT_INT(n, 1, "who has a name needs none"))
    return;
  Unnamed yamada = unnamed[0];
  UNIT_STR(yamada.kind, "login");
  g_autofree char *before = mapping_kit_show(kit, NULL);
  UNIT_STR(before,
           "group/all present cn=all,ou=groups key=all cn=all\n"
           "account/5 present - key=000310\n"
           "account/6 present uid=hanako,ou=people key=000777 employeeNumber=000777 mail=hanako@x "
           "sn=佐藤\ngroup/all<account/6\n");
  static const char *const candidates[] = {"t-yamada", "yamada", "t-yamad2", "t-yamad3"};
  for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
    g_autoptr(GString) candidate = g_string_new(NULL);
    UNIT_TRUE(derive_candidate(kit->derive, &yamada, i, candidate, &error));
    UNIT_STR(candidate->str, candidates[i]);
  }
  g_autoptr(GString) ninth = g_string_new(NULL);
  UNIT_TRUE(derive_candidate(kit->derive, &yamada, 10, ninth, &error));
  UNIT_STR(ninth->str, "t-yama10", "the suffix is counted");
  UNIT_TRUE(derive_name(kit->derive, &yamada, "yamada", &error));
  derive_unnamed(kit->derive, &n);
  UNIT_INT(n, 0);
  g_autofree char *after = mapping_kit_show(kit, NULL);
  UNIT_STR(after,
           "group/all present cn=all,ou=groups key=all cn=all\n"
           "account/5 present uid=yamada,ou=people key=000310 employeeNumber=000310 mail=yamada@x "
           "sn=山田\n"
           "account/6 present uid=hanako,ou=people key=000777 employeeNumber=000777 mail=hanako@x "
           "sn=佐藤\ngroup/all<account/5\ngroup/all<account/6\n");
}

#define MAILED                                                                              \
  "== names.yaml\nnames:\n  mail: {try: [\"${family_romaji}\"], renews: family_kana, for: " \
  "account, "                                                                               \
  "taken: mail}\n== account.yaml\n" FRAME                                                   \
  "in: \"ou=people\"\nname: \"cn=${number}\"\nclasses: [inetOrgPerson]\n"                   \
  "attributes:\n  a: {each: mail.all, value: \"${mail.all}@x\"}\n"                          \
  "  f: {each: mail.former, value: \"${mail.former}@x\"}\n  m: \"${mail}@x\"\n"

// Whose name is to be renewed goes on with the one in use until another is given.
static void renewals(void)
{
  static const struct {
    const char *name, *given;    // the registry's
    const char *former, *table;  // NULL: nothing to renew
    bool unsaid;
  } rows[] = {
      {"as it was", "mail yamada ヤマダ\n", NULL, "a=yamada@x f= m=yamada@x", false},
      {"another", "mail tanaka タナカ\n", "tanaka", "a=tanaka@x f= m=tanaka@x", false},
      {"with an earlier one", "mail sato サトウ\nmail tanaka タナカ\n", "tanaka",
       "a=tanaka@x;sato@x f=sato@x m=tanaka@x", false},
      {"nobody noted what for", "mail tanaka\n", "tanaka", "a=tanaka@x f= m=tanaka@x", true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *facts = g_strconcat(UNITS YAMADA, rows[i].given, NULL);
    g_autofree char *want = g_strdup_printf(HEAD " %s\n", rows[i].table);
    g_autoptr(MappingKit) kit = mapping_kit_new(MAILED, facts);
    g_autoptr(GError) error = NULL;
    mapping_kit_derive(kit, "2027-03-01");
    g_autofree char *table = mapping_kit_show(kit, "account");
    UNIT_STR(table, want, "%s", rows[i].name);
    size_t n;
    const Unnamed *unnamed = derive_unnamed(kit->derive, &n);
    UNIT_INT(n, rows[i].former != NULL, "%s", rows[i].name);
    if (n == 0 || !rows[i].former)
      continue;
    UNIT_STR(unnamed->former, rows[i].former, "%s", rows[i].name);
    UNIT_STR(unnamed->basis, "ヤマダ", "%s", rows[i].name);
    UNIT_INT(unnamed->unsaid, rows[i].unsaid, "%s", rows[i].name);
    Unnamed yamada = *unnamed;
    UNIT_TRUE(derive_name(kit->derive, &yamada, "yamada", &error), "%s", rows[i].name);
    derive_unnamed(kit->derive, &n);
    UNIT_INT(n, 0, "%s", rows[i].name);
  }
}

static void no_candidate(void)
{
  static const struct {
    const char *kana, *want;  // NULL: none can be made
  } rows[] = {{"ヤマダ", "yamada"}, {"山田", NULL}, {"", NULL}, {"ヤマダ　タロウ", "t-yamada"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *facts = g_strdup_printf(
        "person 1\n2020-04-01 self state=active\n2020-04-01 self name=x\n2020-04-01 self kana=%s\n",
        rows[i].kana);
    g_autoptr(MappingKit) kit = mapping_kit_new(NAMED, facts);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) candidate = g_string_new(NULL);
    mapping_kit_derive(kit, "2027-03-01");
    size_t n;
    const Unnamed *unnamed = derive_unnamed(kit->derive, &n);
    if (!UNIT_INT(n, 1, "%s", rows[i].kana))
      continue;
    bool made = derive_candidate(kit->derive, unnamed, 0, candidate, &error);
    UNIT_INT(made, rows[i].want != NULL, "%s", rows[i].kana);
    UNIT_INT(error == NULL, made, "%s", rows[i].kana);
    if (made)
      UNIT_STR(candidate->str, rows[i].want, "%s", rows[i].kana);
  }
}

static void no_name_for_the_incomplete(void)
{
  g_autoptr(MappingKit) kit = mapping_kit_new(
      NAMED, "person 1\n2020-04-01 self state=active\n2020-04-01 self kana=ヤマダ　タロウ\n");
  mapping_kit_derive(kit, "2027-03-01");
  size_t n;
  derive_unnamed(kit->derive, &n);
  UNIT_INT(n, 0, "a name would be burnt");
  g_autofree char *findings = mapping_kit_findings(kit);
  UNIT_STR(findings, "account.yaml:8:34 value-missing\n");
}

// ---------------------------------------------------------------------------------------------
// Why.

static void why(void)
{
  static const struct {
    const char *entry, *attr, *group, *rule, *rows;  // attr NULL and group NULL: presence
  } questions[] = {
      {"account/5", "sn", NULL, "account.yaml:10", "6"},
      {"account/5", "SN", NULL, "account.yaml:10", "6"},
      {"account/5", "ou", NULL, "account.yaml:11", "2,9"},
      {"account/5", "employeeNumber", NULL, "account.yaml:4", ""},
      {"account/5", "cn", NULL, "account.yaml:6", ""},
      {"account/5", NULL, NULL, "account.yaml:8", "8,9"},
      {"account/6", NULL, NULL, "account.yaml:12", "14,15"},
      {"account/5", NULL, "group/g", "tables/g.csv:2, tables/g.csv:4", "9"},
      {"account/5", "mail", NULL, NULL, NULL},
      {"group/g", NULL, NULL, "group.yaml:1", ""},
  };
  g_autoptr(MappingKit) kit = mapping_kit_new(
      "== account.yaml\n" FRAME PLACE
      "when: {state: [active, leave]}\nattributes:\n  sn: \"${family}\"\n  ou: \"${unit.name}\"\n"
      "lifecycle: {leave: {disable: true}}\nmemberships: {table: tables/g.csv}\n" GROUP_FILE
      "== tables/g.csv\nif:unit,then:group\n0101,g\n0201,h\n*,g\n",
      UNITS "person 000310\n2020-04-01 self name=山田　太郎\n2020-04-01 self kana=ヤマダ\n"
            "2020-04-01 self state=active\n2020-04-01 main unit=0101\n"
            "person 2\n2020-04-01 self name=佐藤\n2020-04-01 self x=y\n2020-04-01 self kana=サ\n"
            "2020-04-01 self state=leave\n2020-04-01 main unit=0101\n");
  mapping_kit_derive(kit, "2027-03-01");
  g_autofree char *before = mapping_kit_show(kit, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
    Why answer;
    g_autoptr(GError) error = NULL;
    why_init(&answer);
    uint32_t entry = mapping_kit_entry(kit, questions[i].entry);
    bool known = questions[i].group
                     ? derive_why_edge(kit->derive, mapping_kit_entry(kit, questions[i].group),
                                       entry, &answer, &error)
                     : derive_why(kit->derive, entry, questions[i].attr, &answer, &error);
    UNIT_INT(known, questions[i].rule != NULL, "question %zu", i);
    UNIT_INT(error != NULL, !known, "question %zu", i);
    g_autoptr(GString) rows = g_string_new(NULL);
    for (unsigned k = 0; k < answer.rows->len; k++)
      g_string_append_printf(rows, "%s%d", k ? "," : "",
                             (int)g_array_index(answer.rows, int64_t, k));
    if (known) {
      UNIT_STR(answer.rule->str, questions[i].rule, "question %zu", i);
      UNIT_STR(rows->str, questions[i].rows, "question %zu", i);
    }
    why_clear(&answer);
  }
  g_autofree char *after = mapping_kit_show(kit, NULL);
  UNIT_STR(after, before, "asking changes nothing");
}

static const UnitTest tests[] = {
    {"values", values},
    {"charsets", charsets},
    {"charset_of_places", charset_of_places},
    {"lifecycle", lifecycle},
    {"units", units},
    {"heads", heads},
    {"suspended_is_not_told", suspended_is_not_told},
    {"memberships", memberships},
    {"grace", grace},
    {"grace_of_units", grace_of_units},
    {"grace_is_explained", grace_is_explained},
    {"roles_and_hours", roles_and_hours},
    {"hours_are_noted", hours_are_noted},
    {"secrets", secrets},
    {"posts", posts},
    {"names", names},
    {"renewals", renewals},
    {"no_candidate", no_candidate},
    {"no_name_for_the_incomplete", no_name_for_the_incomplete},
    {"why", why},
    {NULL, NULL},
};
UNIT_SUITE(derive, tests);
