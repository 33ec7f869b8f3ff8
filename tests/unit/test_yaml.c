// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/base.h"

#include <string.h>

static Yaml *parse(const char *text, Findings *findings, GError **error)
{
  return yaml_parse(text, strlen(text), "t.yaml", findings, error);
}

static void positions(void)
{
  static const struct {
    const char *text;
    int line, column;  // of the value of "b"
    YamlKind kind;
    const char *value;
  } rows[] = {
      {"a: 1\nb: 2\n", 2, 4, YAML_SCALAR, "2"},
      {"\xef\xbb\xbf"
       "b: 2\n",
       1, 4, YAML_SCALAR, "2"},
      {"{あ: 漢字, b: 'x'}\n", 1, 13, YAML_SCALAR, "x"},
      {"b: \"${name|cut:1}\"\n", 1, 5, YAML_SCALAR, "${name|cut:1}"},
      {"b:\n  - 1\n  - 2\n", 2, 3, YAML_LIST, NULL},
      {"b: {c: 1}\n", 1, 4, YAML_MAP, NULL},
      {"a: 1\r\nb: 2\r\n", 2, 4, YAML_SCALAR, "2"},
      {"b: null\n", 1, 4, YAML_NONE, NULL},
      {"b: ~\n", 1, 4, YAML_NONE, NULL},
      {"b: \"\"\n", 1, 5, YAML_SCALAR, ""},
      {"b: 'null'\n", 1, 5, YAML_SCALAR, "null"},
      {"b: 007\n", 1, 4, YAML_SCALAR, "007"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Yaml) yaml = parse(rows[i].text, findings, &error);
    UNIT_NO_ERROR(error, "%s", rows[i].text);
    if (!UNIT_TRUE(yaml != NULL, "%s", rows[i].text))
      continue;
    const YamlNode *node = yaml_get(yaml_root(yaml), "b");
    UNIT_INT(yaml_line(node), rows[i].line, "%s", rows[i].text);
    UNIT_INT(yaml_column(node), rows[i].column, "%s", rows[i].text);
    UNIT_INT(yaml_kind(node), rows[i].kind, "%s", rows[i].text);
    UNIT_STR(yaml_text(node), rows[i].value, "%s", rows[i].text);
  }
}

static void structure(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = parse("list: [a, b, c]\nmap: {x: 1, y: 2}\n", findings, NULL);
  const YamlNode *list = yaml_get(yaml_root(yaml), "list");
  UNIT_INT(yaml_count(list), 3);
  UNIT_STR(yaml_text(yaml_item(list, 2)), "c");
  UNIT_TRUE(yaml_item(list, 3) == NULL);
  const YamlNode *map = yaml_get(yaml_root(yaml), "map"), *key_node, *value;
  const char *key;
  UNIT_INT(yaml_count(map), 2);
  UNIT_TRUE(yaml_pair(map, 1, &key, &key_node, &value));
  UNIT_STR(key, "y");
  UNIT_STR(yaml_text(value), "2");
  UNIT_INT(yaml_column(key_node), 13);
  UNIT_TRUE(!yaml_pair(map, 2, &key, NULL, NULL));
  UNIT_TRUE(yaml_get(list, "x") == NULL);
  UNIT_TRUE(yaml_get(NULL, "x") == NULL);
}

static void empty_file(void)
{
  static const char *const texts[] = {"", "\n", "# only a comment\n", "---\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Yaml) yaml = parse(texts[i], findings, NULL);
    if (UNIT_TRUE(yaml != NULL, "%s", texts[i]))
      UNIT_INT(yaml_kind(yaml_root(yaml)), YAML_NONE, "%s", texts[i]);
  }
}

static void faults(void)
{
  static const struct {
    const char *text, *code;
    int line, column;
  } rows[] = {
      {"a: 1\nb: 2\na: 3\n", "yaml-key-twice", 3, 1},
      {"x: {a: 1, a: 2}\n", "yaml-key-twice", 1, 11},
      {"a: [1, 2\nb: 3\n", "yaml-syntax", 0, 0},
      {"a: 'open\n", "yaml-syntax", 0, 0},
      {"a: b: c\n", "yaml-syntax", 1, 0},
      {"a: &x 1\nb: *x\n", "yaml-anchor", 1, 0},
      {"a: !!str 1\n", "yaml-tag", 1, 0},
      {"a: 1\n---\nb: 2\n", "yaml-documents", 2, 1},
      {"? [a, b]\n: 1\n", "yaml-key", 1, 3},
      {"a: 1\nb: x\xffy\n", "yaml-bytes", 2, 5},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(Yaml) yaml = parse(rows[i].text, findings, &error);
    UNIT_TRUE(yaml == NULL, "%s", rows[i].text);
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "%s", rows[i].text);
    if (!UNIT_TRUE(findings_count(findings) > 0, "%s", rows[i].text))
      continue;
    const Finding *finding = findings_at(findings, 0);
    UNIT_STR(finding->code, rows[i].code, "%s", rows[i].text);
    UNIT_STR(finding->file, "t.yaml", "%s", rows[i].text);
    if (rows[i].line)
      UNIT_INT(finding->line, rows[i].line, "%s", rows[i].text);
    if (rows[i].column)
      UNIT_INT(finding->column, rows[i].column, "%s", rows[i].text);
    UNIT_TRUE(finding->line > 0, "%s: no line", rows[i].text);
  }
}

static void deep_nesting(void)
{
  g_autoptr(GString) text = g_string_new("a: ");
  for (int i = 0; i < 5000; i++)
    g_string_append_c(text, '[');
  g_autoptr(Findings) findings = findings_new();
  UNIT_TRUE(parse(text->str, findings, NULL) == NULL);
  UNIT_TRUE(findings_count(findings) > 0);
}

static void keys(void)
{
  static const char *const allowed[] = {"target", "object", "lifecycle", NULL};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = parse("target: ldap\nobjekt: x\nlife_cycle: 1\n", findings, NULL);
  yaml_check_keys(yaml, yaml_root(yaml), allowed, findings);
  if (!UNIT_INT(findings_count(findings), 2))
    return;
  const Finding *finding = findings_at(findings, 0);
  UNIT_INT(finding->line, 2);
  UNIT_TRUE(strstr(finding->text, "“object”") != NULL, "%s", finding->text);
  UNIT_TRUE(strstr(findings_at(findings, 1)->text, "“lifecycle”") != NULL);
}

static void typed(void)
{
  static const struct {
    const char *text;
    int days;  // -1: a fault, -2: absent
  } rows[] = {
      {"d: 14d", 14}, {"d: 2w", 14},  {"d: 14", 14},     {"d: 0d", 0},
      {"d: -1d", -1}, {"d: 14m", -1}, {"d: d", -1},      {"d: 99999999999999999999d", -1},
      {"d: [1]", -1}, {"e: 14d", -2}, {"d: 36526d", -1}, {"d: ~", -2},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Yaml) yaml = parse(rows[i].text, findings, NULL);
    int days = -7;
    bool read = yaml_read_days(yaml, yaml_root(yaml), "d", findings, &days);
    UNIT_INT(read, rows[i].days >= 0, "%s", rows[i].text);
    UNIT_INT(days, rows[i].days >= 0 ? rows[i].days : -7, "%s", rows[i].text);
    UNIT_INT(findings_count(findings), rows[i].days == -1, "%s", rows[i].text);
  }
}

static void scalars(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml =
      parse("yes: true\nno: false\nodd: yes\nn: -42\nbad: 4x\ntext: あ\n", findings, NULL);
  const YamlNode *root = yaml_root(yaml);
  bool flag = false;
  UNIT_TRUE(yaml_read_bool(yaml, root, "yes", findings, &flag) && flag);
  UNIT_TRUE(yaml_read_bool(yaml, root, "no", findings, &flag) && !flag);
  UNIT_INT(findings_count(findings), 0);
  UNIT_TRUE(!yaml_read_bool(yaml, root, "odd", findings, &flag));
  UNIT_INT(findings_count(findings), 1);
  int64_t number = 0;
  UNIT_TRUE(yaml_read_int(yaml, root, "n", findings, &number) && number == -42);
  UNIT_TRUE(!yaml_read_int(yaml, root, "bad", findings, &number) && number == -42);
  UNIT_INT(findings_count(findings), 2);
  const char *text = NULL;
  UNIT_TRUE(yaml_read_text(yaml, root, "text", findings, &text));
  UNIT_STR(text, "あ");
}

static const UnitTest tests[] = {
    {"positions", positions}, {"structure", structure},       {"empty_file", empty_file},
    {"faults", faults},       {"deep_nesting", deep_nesting}, {"keys", keys},
    {"typed", typed},         {"scalars", scalars},           {NULL, NULL},
};
UNIT_SUITE(yaml, tests);
