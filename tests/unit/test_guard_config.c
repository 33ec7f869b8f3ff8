// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/guard.h"

#include <string.h>

static GuardConfig *read_config(const char *text, Findings *findings)
{
  g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  const TargetConfig target = {.name = "ldap",
                               .base = yaml_text(yaml_get(yaml_root(yaml), "base"))};
  return guard_config_read(yaml, yaml_root(yaml), &target, findings);
}

static void faults(void)
{
  static const struct {
    const char *text, *finding;  // NULL: none
  } rows[] = {
      {"uri: ldap://x\nguard: {create: 100, leave: 10%, modify: 5 or 2.5%, window: 2w}", NULL},
      {"guard: {create: many}", "idou.yaml:1:17: error: “many” is no limit: write 10, 5%, “10 or "
                                "5%” (the greater of the two) "
                                "or none; or {run: …, day: …, week: …} of these [guard-limit]"},
      {"guard: {create: -1}", "idou.yaml:1:17: error: “-1” is no limit: write 10, 5%, “10 or 5%” "
                              "(the greater of the two) or "
                              "none; or {run: …, day: …, week: …} of these [guard-limit]"},
      {"guard: {create: 101%}", "idou.yaml:1:17: error: “101%” is no limit: write 10, 5%, “10 or "
                                "5%” (the greater of the two) "
                                "or none; or {run: …, day: …, week: …} of these [guard-limit]"},
      {"guard: {create: {run: 5, day: 10 or 2%, week: none}}", NULL},
      {"guard: {create: {run: 5, night: 10}}",
       "idou.yaml:1:26: error: “night” means nothing here: is “run” meant? [yaml-key-unknown]"},
      {"guard: {create: {week: [1]}}",
       "idou.yaml:1:24: error: “” is no limit: write 10, 5%, “10 or 5%” (the greater of the two) "
       "or none; or {run: …, day: …, week: …} of these [guard-limit]"},
      {"guard: 5",
       "idou.yaml:1:8: error: guard must be a map of kinds of operations to limits [guard-limit]"},
      {"shrink: little",
       "idou.yaml:1:9: error: shrink must be a percentage such as 10% [guard-shrink]"},
      {"protected: uid=a", "idou.yaml:1:12: error: this must be a list [guard-list]"},
      {"protected: [nobody]",
       "idou.yaml:1:13: error: “nobody” is no distinguished name [place-malformed]"},
      {"protected: [{below: x}]",
       "idou.yaml:1:21: error: “x” is no distinguished name [place-malformed]"},
      {"protected: [{uid: [a, {b: c}]}]",
       "idou.yaml:1:23: error: uid must have a value to compare with [guard-value]"},
      {"canaries: [uid=a]",
       "idou.yaml:1:12: error: write {dn: …, attributes: {attribute: value}} [guard-canary]"},
      {"canaries: [{attributes: {uid: a}}]",
       "idou.yaml:1:12: error: “” is no distinguished name [place-malformed]"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GuardConfig) config = read_config(rows[i].text, findings);
    UNIT_TRUE(config != NULL);
    UNIT_INT(findings_count(findings), rows[i].finding != NULL, "%s", rows[i].text);
    g_autoptr(GString) got = g_string_new(NULL);
    if (findings_count(findings) > 0)
      findings_format(findings_at(findings, 0), got);
    UNIT_STR(got->str, rows[i].finding ? rows[i].finding : "", "%s", rows[i].text);
  }
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GuardConfig) config = read_config("guard: {creat: 5}", findings);
  UNIT_INT(findings_count(findings), 1, "an unknown kind is a fault");
}

static void protection(void)
{
  static const struct {
    const char *protected, *dn, *uid, *type;
    bool want;
  } rows[] = {
      {"[]", "uid=admin,ou=people,dc=x", "admin", NULL, false},
      {"['uid=admin,ou=people']", "UID=Admin, ou=people,dc=x", NULL, NULL, true},
      {"['uid=admin,ou=people,dc=x']", "uid=admin,ou=people,dc=x", NULL, NULL, true},
      {"[{dn: 'uid=admin,ou=people'}]", "uid=admin,ou=people,dc=x", NULL, NULL, true},
      {"['uid=admin,ou=people']", "uid=b,uid=admin,ou=people,dc=x", NULL, NULL, false},
      {"['uid=admin,ou=people']", "uid=admin,ou=retired,dc=x", NULL, NULL, false},
      {"[{below: ou=system}]", "uid=a,ou=system,dc=x", NULL, NULL, true},
      {"[{below: ou=system}]", "ou=system,dc=x", NULL, NULL, true},
      {"[{below: ou=system}]", "uid=a,ou=subsystem,dc=x", NULL, NULL, false},
      {"[{below: ou=system}]", "uid=a,cn=ou\\=system,dc=x", NULL, NULL, false},
      {"[{below: ou=system}]", "malformed", NULL, NULL, true},
      {"[{uid: admin}]", "uid=z,dc=x", "ADMIN", NULL, true},
      {"[{uid: admin}]", "uid=z,dc=x", "admin2", NULL, false},
      {"[{uid: admin}]", "uid=z,dc=x", NULL, NULL, false},
      {"[{uid: a, employeeType: system}]", "uid=z,dc=x", "a", "system", true},
      {"[{uid: a, employeeType: system}]", "uid=z,dc=x", "a", "staff", false},
      {"[{uid: b}, {employeeType: system}]", "uid=z,dc=x", "a", "System", true},
  };
  g_autoptr(Schema) schema = schema_new();
  AttrId uid = schema_attr(schema, "uid"), type = schema_attr(schema, "employeeType");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *text = g_strdup_printf("base: dc=x\nprotected: %s\n", rows[i].protected);
    g_autoptr(GuardConfig) config = read_config(text, findings);
    UNIT_INT(findings_count(findings), 0, "%s", text);
    Bytes values[] = {{rows[i].uid ? strlen(rows[i].uid) : 0, rows[i].uid},
                      {rows[i].type ? strlen(rows[i].type) : 0, rows[i].type}};
    ObservedAttr attributes[] = {{uid, rows[i].uid != NULL, &values[0], 0},
                                 {type, rows[i].type != NULL, &values[1], 0}};
    Observed entry = {
        .dn = {strlen(rows[i].dn), rows[i].dn}, .attributes = attributes, .n_attributes = 2};
    UNIT_INT(guard_protects(&entry, schema, config), rows[i].want, "%s %s", rows[i].protected,
             rows[i].dn);
  }
}

static void attributes_to_read(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GuardConfig) config =
      read_config("protected: ['uid=a', {uid: b, employeeType: c}, {mail: [d, e]}]", findings);
  g_autofree char *names = g_strjoinv(" ", (char **)guard_attributes(config));
  UNIT_STR(names, "uid employeeType mail mail");
}

// ---------------------------------------------------------------------------------------------

static const char directory[] =
    "dn: dc=x\nobjectClass: domain\ndc: x\n\n"
    "dn: ou=people,dc=x\nobjectClass: organizationalUnit\nou: people\n\n"
    "dn: uid=canary,ou=people,dc=x\nobjectClass: inetOrgPerson\n"
    "uid: canary\ncn: Canary  Bird\nsn: Bird\nemployeeNumber: 000000\n\n";

static void canaries(void)
{
  static const struct {
    const char *canary, *message;  // NULL: it sings
  } rows[] = {
      {"{dn: 'uid=canary,ou=people', attributes: {employeeNumber: '000000', cn: canary bird}}",
       NULL},
      {"{dn: 'uid=canary,ou=people,dc=x', attributes: {objectClass: [inetOrgPerson]}}", NULL},
      {"{dn: 'uid=canary,ou=people'}", NULL},
      {"{dn: 'uid=canary,ou=people', attributes: {employeeNumber: '000001'}}",
       "target ldap, canary uid=canary,ou=people: employeeNumber cannot be read with the value "
       "“000001”: perhaps the account for reading has lost a right, or this is another server"},
      {"{dn: 'uid=canary,ou=people', attributes: {mail: a}}",
       "target ldap, canary uid=canary,ou=people: mail cannot be read with the value “a”: perhaps "
       "the "
       "account for reading has lost a right, or this is another server"},
      {"{dn: 'uid=gone,ou=people'}", "target ldap, canary uid=gone,ou=people: "},
  };
  const char *dir = unit_dir();
  g_autofree char *path = g_build_filename(dir, "directory.ldif", NULL);
  g_file_set_contents(path, directory, -1, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *text = g_strdup_printf(
        "type: ldif\npath: directory.ldif\nbase: dc=x\ncanaries: [%s]\n", rows[i].canary);
    g_autoptr(Yaml) yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
    g_autoptr(TargetConfig) target =
        target_config_read(yaml, yaml_root(yaml), "ldap", dir, findings);
    g_autoptr(GuardConfig) config = guard_config_read(yaml, yaml_root(yaml), target, findings);
    UNIT_INT(findings_count(findings), 0, "%s", text);
    g_autoptr(Reader) reader = reader_open(target, &error);
    UNIT_NO_ERROR(error);
    UNIT_INT(guard_canaries(config, reader, &error), rows[i].message == NULL, "%s", rows[i].canary);
    UNIT_TRUE(error ? g_str_has_prefix(error->message, rows[i].message) : !rows[i].message,
              "%s: %s", rows[i].canary, error ? error->message : "fine");
    UNIT_INT(error ? error->code : EXIT_UNREAD, EXIT_UNREAD, "%s", rows[i].canary);
  }
}

static const UnitTest tests[] = {
    {"faults", faults},
    {"protection", protection},
    {"attributes_to_read", attributes_to_read},
    {"canaries", canaries},
    {NULL, NULL},
};
UNIT_SUITE(guard_config, tests);
