// SPDX-License-Identifier: GPL-3.0-or-later
//
// Mapping files: what loading and checking say about faults, and the order of what is sound.
#include "mapping_kit.h"

#include <string.h>

#define FRAME                                                                       \
  "== a.yaml\ntarget: t\nobject: account\nfor: person\nkey: {uid: \"${number}\"}\n" \
  "in: \"ou=people\"\nname: \"uid=${number}\"\nclasses: [account]\n"
#define GROUP                                                                      \
  "== g.yaml\ntarget: t\nobject: group\nfor: group\nkey: {cn: \"${group}\"}\nin: " \
  "\"ou=groups\"\nname: \"cn=${group}\"\nclasses: [groupOfNames]\n"                \
  "members: {attribute: member, filler: \"cn=f\"}\n"
#define UNIT                                                                              \
  "== u.yaml\ntarget: t\nobject: unit\nfor: unit\nkey: {businessCategory: \"${code}\"}\n" \
  "in: {object: unit, of: \"${parent}\"}\nbelow: \"ou=units\"\nname: \"ou=${name}\"\n"    \
  "classes: [organizationalUnit]\n"
// A group class that looks its groups up.
#define NAMED(value)                                                                  \
  "== n.csv\ngroup,name\ng,G\nh,H\n== g.yaml\ntarget: t\nobject: group\nfor: group\n" \
  "key: {cn: \"${group}\"}\nin: \"ou=groups\"\nname: \"cn=${group}\"\n"               \
  "classes: [groupOfNames]\nmembers: {attribute: member, filler: \"cn=f\"}\n"         \
  "attributes: {cn: " value "}\n"
#define TABLE(text) GROUP FRAME "memberships: {table: t.csv}\n== t.csv\n" text

#define NAMED_BY(how) FRAME "== n.yaml\nnames:\n  login: {" how ", for: account, taken: uid}\n"

static void loading(void)
{
  static const struct {
    const char *files, *findings;
  } rows[] = {
      {FRAME, ""},
      {UNIT FRAME GROUP, ""},
      {FRAME "atributes: {}\n", "a.yaml:8:1 yaml-key-unknown\n"},
      {"== a.yaml\n- x\n", "a.yaml:1:1 mapping-value\n"},
      {"== a.yaml\ntarget: [t\n", "a.yaml:2:1 yaml-syntax\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: nobody\nkey: {uid: x}\nin: o\nname: "
       "\"uid=x\"\nclasses: c\n",
       "a.yaml:3:6 mapping-value\n"},
      {"== a.yaml\nobject: x\nfor: person\nkey: {uid: x}\nin: o\nname: \"uid=x\"\nclasses: c\n",
       "a.yaml:1:1 mapping-missing\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: person\nkey: x\nin: o\nname: \"uid=x\"\nclasses: c\n",
       "a.yaml:4:6 mapping-key\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: person\nkey: {uid: x}\nname: \"uid=x\"\nclasses: c\n",
       "a.yaml:1:1 mapping-place\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: person\nkey: {uid: x}\nin: o\nname: x\nclasses: c\n",
       "a.yaml:6:7 mapping-name\n"},
      {FRAME "attributes:\n  sn: \"${name|uper}\"\n", "a.yaml:9:15 filter-unknown\n"},
      {FRAME "attributes:\n  sn: あ${name|cut}\n", "a.yaml:9:15 filter-arguments\n"},
      {FRAME "attributes: {sn: {value: x, policy: always}}\n", "a.yaml:8:37 mapping-policy\n"},
      {FRAME "attributes: {sn: {value: x, polcy: once}}\n", "a.yaml:8:29 yaml-key-unknown\n"},
      {FRAME "attributes: {sn: {value: [a, b]}}\n", "a.yaml:8:26 mapping-value\n"},
      {FRAME "attributes: {sn: {}}\n", "a.yaml:8:18 mapping-value\n"},
      {FRAME "attributes: {sn: x, SN: y}\n", "a.yaml:8:21 mapping-twice\n"},
      {FRAME "attributes: {p: {secret: initial}}\n", "a.yaml:8:17 mapping-policy\n"},
      {FRAME "attributes: {m: {ref: {object: unit}}}\n", "a.yaml:8:23 mapping-ref\n"},
      {FRAME "attributes: {m: {ref: {object: nix, of: x}}}\n", "a.yaml:8:23 mapping-object\n"},
      {FRAME "attributes: {m: {ref: {object: account, of: \"${number}\"}}}\n",
       "a.yaml:8:23 mapping-ref\n"},
      {FRAME "attributes: {o: {each: units, value: x}}\n", "a.yaml:8:24 mapping-value\n"},
      {FRAME "when: {state: [activ]}\n", "a.yaml:8:15 mapping-value\n"},
      {FRAME "lifecycle: {gone: {}}\n", "a.yaml:8:13 yaml-key-unknown\n"},
      {FRAME "lifecycle: {left: {disable: ja}}\n", "a.yaml:8:29 yaml-value\n"},
      {FRAME "lifecycle: {left: {disable: true, memberships: some}}\n",
       "a.yaml:8:48 mapping-value\n"},
      {FRAME "lifecycle: {left: {move: \"ou=x\"}}\n", "a.yaml:8:19 mapping-life\n"},
      {FRAME "lifecycle: {leave: {delete_after: 90d}}\n", "a.yaml:8:20 mapping-life\n"},
      {FRAME "memberships: {object: g, of: x, grace: {until: \"02-30\"}}\n",
       "a.yaml:8:49 mapping-grace\n"},
      {FRAME "memberships: {object: g, of: x, grace: {after: 7d, choose: later}}\n",
       "a.yaml:8:60 mapping-grace\n"},
      {FRAME
       "memberships: {object: g, of: x, grace: {after: 7d, until: \"05-31\", choose: both}}\n",
       "a.yaml:8:76 mapping-grace\n"},
      {FRAME "attributes: {p: {secret: s, policy: once, renew: [loan, until]}}\n",
       "a.yaml:8:50 mapping-renew\n"},
      {FRAME "before: {create: soon}\n", "a.yaml:8:18 yaml-value\n"},
      {FRAME "memberships: {table: none.csv}\n",
       "none.csv:0:0 table-unreadable\na.yaml:8:22 mapping-table\n"},
      {FRAME "memberships: {table: t.csv}\n== t.csv\nif:unit,then:group\n,g\n",
       "a.yaml:8:14 mapping-object\n"},
      {UNIT FRAME "memberships: {object: unit, of: x}\n", "a.yaml:8:14 mapping-members\n"},
      {FRAME "== b.yaml\ntarget: t\nobject: account\nfor: person\nkey: {uid: x}\nin: o\nname: "
             "\"uid=x\"\nclasses: c\n",
       "b.yaml:1:1 mapping-twice\n"},
      {UNIT "== v.yaml\ntarget: t\nobject: v\nfor: unit\nkey: {x: x}\nin: {object: w, of: "
            "x}\nname: \"x=x\"\nclasses: c\n"
            "== w.yaml\ntarget: t\nobject: w\nfor: unit\nkey: {x: x}\nin: {object: v, of: "
            "x}\nname: \"x=x\"\nclasses: c\n",
       "w.yaml:5:5 mapping-cycle\n"},
      {"== n.yaml\nnames: {login: {max: 20, for: account, taken: uid}}\n",
       "n.yaml:1:16 names-try\n"},
      {FRAME "attributes: {o: {value: x, charset: sjis}}\n", "a.yaml:8:37 mapping-value\n"},
      {NAMED_BY("rules: [{try: [x]}, {when: {state: left}, try: [y]}]"),
       "n.yaml:2:31 names-rule-unreached\n"},
      {NAMED_BY("rules: [{when: {state: lft}, try: [y]}]"), "n.yaml:2:34 mapping-value\n"},
      {NAMED_BY("rules: [{when: {state: left}}]"), "n.yaml:2:19 names-try\n"},
      {NAMED_BY("rules: []"), "n.yaml:2:18 names-try\n"},
      {NAMED_BY("rules: [{try: [x]}], try: [y]"), "n.yaml:2:32 yaml-key-unknown\n"},
      {NAMED_BY("try: [x], form: \"(\""), "n.yaml:2:28 names-form\n"},
      {NAMED_BY("try: [x], reserved: tables/no.csv"),
       "tables/no.csv:0:0 table-unreadable\nn.yaml:2:31 mapping-table\n"},
      {NAMED_BY("try: [x], reserved: [a, b], renews: [kana, name]"), ""},
      {FRAME "== n.yaml\nromaji: {scheme: hepburn}\n", "n.yaml:1:18 mapping-value\n"},
      {FRAME "== n.yaml\nromaji: {scheme: kunrei, exceptions: no.csv}\n",
       "no.csv:0:0 table-unreadable\nn.yaml:1:38 mapping-table\n"},
      {FRAME "== n.yaml\nromaji: {scheme: kunrei}\n== o.yaml\nromaji: {}\n",
       "o.yaml:1:9 mapping-twice\n"},
      {"== n.yaml\nnames: {login: {try: [\"x\"], max: 2, for: account, taken: uid}}\n",
       "n.yaml:1:34 names-max\n"},
      {TABLE("if:unit,than:group\n,g\n"), "t.csv:1:2 table-header\na.yaml:8:22 mapping-table\n"},
      {TABLE("if:unit\n,\n"), "t.csv:1:1 table-header\na.yaml:8:22 mapping-table\n"},
      {TABLE("if:unit,then:group\nregex:(,g\n"),
       "t.csv:2:1 table-pattern\na.yaml:8:22 mapping-table\n"},
      {TABLE("if:title,then:group\nbelow:1,g\n"),
       "t.csv:2:1 table-cell\na.yaml:8:22 mapping-table\n"},
      {TABLE("if:unit,then:group\nnot:,g\n"), "t.csv:2:1 table-cell\na.yaml:8:22 mapping-table\n"},
      {TABLE("priority,then:group\nx,g\n"),
       "t.csv:2:1 table-priority\na.yaml:8:22 mapping-table\n"},
      {TABLE("if:unit,then:group\n,${\n"),
       "t.csv:2:4 template-syntax\na.yaml:8:22 mapping-table\n"},
      {FRAME "== tables/titles.csv\ncode,name\n1,x\n", "tables/titles.csv:1:1 titles-header\n"},
      {FRAME "== tables/titles.csv\ncode,name,rank,head\n1,x,high,0\n",
       "tables/titles.csv:2:3 titles-rank\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(rows[i].files, "");
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(findings, rows[i].findings, "row %zu: %s", i, rows[i].files);
    UNIT_INT(kit->mapping != NULL, *rows[i].findings == '\0', "row %zu: %s", i, rows[i].files);
  }
}

static void unreadable(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(mapping_load("/nonexistent/mappings", findings, &error) == NULL);
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
}

static void order(void)
{
  // By name a comes first, but it lives in units and its people join groups.
  g_autoptr(MappingKit) kit = mapping_kit_new(
      "== a.yaml\ntarget: t\nobject: account\nfor: person\nkey: {uid: x}\nin: {object: unit, of: "
      "\"${unit}\"}\n"
      "name: \"uid=x\"\nclasses: [top, account]\nattributes: {sn: x, UID: y}\n"
      "lifecycle: {left: {disable: true, move: \"ou=retired\"}}\nbefore: {create: 14d}\n"
      "memberships: {table: t.csv, grace: 1w, owned: {below: \"ou=groups\"}}\n"
      "== t.csv\nif:unit,then:group\n,g\n" GROUP UNIT,
      "");
  if (!UNIT_TRUE(kit->mapping != NULL))
    return;
  UNIT_INT(mapping_n_klasses(kit->mapping), 3);
  static const char *const names[] = {"unit", "group", "account"};
  for (size_t i = 0; i < 3; i++)
    UNIT_STR(mapping_klass(kit->mapping, i)->name, names[i]);
  const Klass *account = mapping_klass(kit->mapping, 2), *group = mapping_klass(kit->mapping, 1);
  g_autofree char *containers = g_strjoinv(" ", (char **)account->containers);
  g_autofree char *attributes = g_strjoinv(" ", (char **)account->attributes);
  UNIT_STR(containers, "ou=retired ou=units");
  UNIT_STR(attributes, "uid sn UID");
  UNIT_STR(account->owned_below, "ou=groups");
  UNIT_STR(group->owned_below, "ou=groups");
  UNIT_STR(group->member_attribute, "member");
  UNIT_STR(group->filler, "cn=f");
  int grace, early;
  mapping_horizon(kit->mapping, "t", &grace, &early);
  UNIT_INT(grace, 7);
  UNIT_INT(early, 14);
  mapping_horizon(kit->mapping, "other", &grace, &early);
  UNIT_INT(grace + early, 0);
}

static void digest(void)
{
  static const char table[] = "if:unit,then:group\n,g\n", other[] = "if:unit,then:group\n,h\n";
  g_autofree char *first = g_strconcat(TABLE(""), table, NULL);
  g_autofree char *second = g_strconcat(TABLE(""), other, NULL);
  g_autoptr(MappingKit) a = mapping_kit_new(first, "");
  g_autoptr(MappingKit) same = mapping_kit_new(first, "");
  g_autoptr(MappingKit) b = mapping_kit_new(second, "");
  UNIT_INT(strlen(mapping_digest(a->mapping)), 64);
  UNIT_STR(mapping_digest(a->mapping), mapping_digest(same->mapping));
  UNIT_TRUE(strcmp(mapping_digest(a->mapping), mapping_digest(b->mapping)) != 0);
}

// ---------------------------------------------------------------------------------------------

#define UNITS "unit 01 総務部\nunit 0101 総務課 01\nunit 02 市民部\nunit 0199 旧課 01 2020-03-31\n"

static void set_attr(Schema *schema, const char *name, uint32_t max_chars)
{
  Attr *attr = schema_at(schema, schema_attr(schema, name));
  attr->known = true;
  attr->max_chars = max_chars;
  attr->single = strcmp(name, "employeeNumber") == 0;
  attr->readonly = strcmp(name, "entryUUID") == 0;
}

static void checks(void)
{
#define A(text) FRAME "attributes:\n  " text "\n"
  static const struct {
    const char *files, *findings;
  } rows[] = {
      {A("sn: \"${family} ${phone?} ${unit.path} ${post.duty}\""), ""},
      {A("sn: \"x${fone}\""), "a.yaml:9:11 field-unknown\n"},
      {A("sn: \"${unit.nam}\""), "a.yaml:9:10 field-unknown\n"},
      {A("sn: \"${login}\"") "== n.yaml\nnames: {login: {try: [\"${kana}\"], for: account, taken: "
                             "uid}}\n",
       ""},
      {A("sn: \"${login}\"") "== n.yaml\nnames: {login: {try: [\"${login}\"], for: account, taken: "
                             "uid}}\n",
       "n.yaml:1:24 names-self\n"},
      {A("sn: x") "== n.yaml\nnames: {login: {try: [\"${kana}\"], for: acount, taken: uid}}\n",
       "n.yaml:1:16 mapping-object\n"},
      {A("sn: x") "when: {employment: x, colour: red}\n", "a.yaml:10:23 field-unknown\n"},
      {A("sn: \"${unit.head}\""), "a.yaml:9:8 mapping-ref\n"},
      {A("sn: \"${login.former}\"") "== n.yaml\nnames: {login: {try: [\"${kana}\"], for: account, "
                                    "taken: uid}}\n",
       "a.yaml:9:8 mapping-value\n"},
      {A("sn: {value: \"あ${family}\", charset: ascii}"), "a.yaml:9:16 character-unheld\n"},
      {A("surname: x"), "a.yaml:9:3 attribute-unknown\n"},
      {A("entryUUID: x"), "a.yaml:9:3 attribute-readonly\n"},
      {A("employeeNumber: {values: [a, b]}"), "a.yaml:9:3 attribute-single\n"},
      {A("sn: 1234567"), "a.yaml:9:7 value-long\n"},
      {A("sn: あいうえおか"), ""},
      {A("sn: \"1234567${family}\""), "a.yaml:9:8 value-long\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: person\nkey: {uid: x}\nin: o\nname: "
       "\"uid=x\"\nclasses: [acount]\n",
       "a.yaml:1:1 class-unknown\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: person\nkey: {uid: x}\nin: o\nname: \"uid=x\"\n"
       "classes: [inetOrgPerson]\nattributes: {sn: x}\n",
       "a.yaml:1:1 attribute-required\n"},
      {"== a.yaml\ntarget: t\nobject: x\nfor: group\nkey: {cn: x}\nin: o\nname: \"cn=x\"\n"
       "classes: [groupOfNames]\nmembers: {attribute: member}\n",
       "a.yaml:1:1 attribute-required\n"},
      {"== a.yaml\ntarget: other\nobject: x\nfor: person\nkey: {uid: \"${nix}\"}\nin: o\nname: "
       "\"uid=x\"\nclasses: [c]\n",
       ""},
      {TABLE("if:unit,then:group\n0101|総務部,g\n"), ""},
      {TABLE("if:unit,then:group\n0101|0103,g\n"), "t.csv:2:1 table-word-unknown\n"},
      {TABLE("if:unit,then:group\nbelow:03,g\n"), "t.csv:2:1 table-word-unknown\n"},
      {TABLE("if:role,then:group\n本務|extra,g\n"), "t.csv:2:1 table-word-unknown\n"},
      {TABLE("if:title,then:group\n99,g\n") "== "
                                            "tables/titles.csv\ncode,name,rank,head\n20,課長,2,1\n",
       "t.csv:2:1 table-word-unknown\n"},
      {TABLE("if:colour,then:group\nred,g\n"), "t.csv:1:1 field-unknown\n"},
      {TABLE("if:unit,then:group\n,g-${nix}\n"), "t.csv:2:2 field-unknown\n"},
      {TABLE("priority,if:unit,if:title,then:group\n1,,,g\n2,0101,30,h\n"),
       "t.csv:3:1 table-row-shadowed\n"},
      {TABLE("priority,if:unit,then:group\n1,below:01,g\n2,0101,h\n"),
       "t.csv:3:1 table-row-shadowed\n"},
      {TABLE("priority,if:unit,then:group\n1,below:02,g\n2,0101,h\n"), ""},
      {TABLE("priority,if:unit,then:group\n1,0101|02,g\n2,02,h\n"),
       "t.csv:3:1 table-row-shadowed\n"},
      {TABLE("priority,if:unit,then:group\n2,02,h\n1,0101|02,g\n"),
       "t.csv:2:1 table-row-shadowed\n"},
      {TABLE("priority,if:unit,then:group\n1,not:02,g\n2,0101,h\n"),
       "t.csv:3:1 table-row-shadowed\n"},
      {TABLE("priority,if:unit,then:group\n1,not:02,g\n2,02,h\n"), ""},
      {TABLE("priority,if:unit,then:group\n1,regex:x,g\n2,regex:x,h\n"),
       "t.csv:3:1 table-row-shadowed\n"},
      {TABLE("if:unit,then:group\n,g\n0101,g\n0101,h\n"), "t.csv:3:1 table-row-idle\n"},
      {TABLE("if:unit,then:group\n0199,g\n旧課|0101,h\n"),
       "t.csv:2:1 table-unit-ended\nt.csv:3:1 table-unit-ended\n"},
      {TABLE("then:group\ng\nnix|h\n${number}\n") NAMED("\"${group?|lookup:n.csv}\""),
       "t.csv:3:1 table-group-unknown\n"},
      {TABLE("then:group\nnix\n") NAMED("\"${group|lookup:n.csv|default:''}\""), ""},
  };
  static const char *const fields[] = {"phone", "employment", "duty", NULL};
  static const char *const classes[] = {"account", "inetOrgPerson", "groupOfNames", NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(MappingKit) kit = mapping_kit_new(rows[i].files, UNITS);
    if (!UNIT_TRUE(kit->mapping != NULL, "%s", rows[i].files))
      continue;
    RosterWhen when = {.as_of = 20000, .known_at = INSTANT_OPEN};
    kit->roster = roster_open(kit->store, &when, NULL);
    kit->schema = schema_new();
    static const char *const known[] = {"uid", "cn", "sn", "member", "employeeNumber", "entryUUID"};
    for (size_t k = 0; k < G_N_ELEMENTS(known); k++)
      set_attr(kit->schema, known[k], strcmp(known[k], "sn") == 0 ? 6 : 0);
    MappingWorld world = {.target = "t",
                          .fields = fields,
                          .schema = kit->schema,
                          .object_classes = classes,
                          .roster = kit->roster};
    mapping_check(kit->mapping, &world, kit->findings);
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_STR(findings, rows[i].findings, "row %zu: %s", i, rows[i].files);
    for (size_t k = 0; k < findings_count(kit->findings); k++) {
      const Finding *finding = findings_at(kit->findings, k);
      bool mild = g_str_has_prefix(finding->code, "table-");
      UNIT_INT(finding->level, mild ? FINDING_WARNING : FINDING_ERROR, "%s", finding->code);
    }
  }
}

// What we ship has no faults, not even warnings, as far as that can be seen without a site.
static void shipped(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Mapping) mapping = mapping_load("mappings", findings, &error);
  if (!UNIT_NO_ERROR(error) || !mapping)
    return;
  MappingWorld world = {0};
  mapping_check(mapping, &world, findings);
  for (size_t i = 0; i < findings_count(findings); i++)
    UNIT_STR(findings_at(findings, i)->text, NULL);
  UNIT_INT(mapping_n_klasses(mapping), 3);
}

static const UnitTest tests[] = {
    {"loading", loading}, {"unreadable", unreadable}, {"order", order}, {"digest", digest},
    {"checks", checks},   {"shipped", shipped},       {NULL, NULL},
};
UNIT_SUITE(mapping, tests);
