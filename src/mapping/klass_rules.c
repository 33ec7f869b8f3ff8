// SPDX-License-Identifier: GPL-3.0-or-later
//
// The sections `attributes` and `memberships` of a mapping file.
#include "mapping_p.h"

#include <string.h>

G_GNUC_PRINTF(4, 5)
static void fault(Reading *reading, const YamlNode *node, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  yaml_fault(reading->yaml, node, reading->library->findings, code, "%s", text);
}

static void fault_at(Reading *reading, const Spot *spot, const char *code, const char *text)
{
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = spot->file,
                     .line = spot->line,
                     .column = spot->column};
  findings_add(reading->library->findings, &finding, "%s", text);
}

static const char *kept(Reading *reading, const char *text)
{
  return text ? library_text(reading->library, text, strlen(text)) : NULL;
}

bool klass_read_ref(Reading *reading, const YamlNode *node, const char *const *keys, Ref *ref)
{
  Findings *findings = reading->library->findings;
  *ref = (Ref){.klass = -1, .attribute = "", .spot = mapping_spot(reading, node)};
  if (yaml_kind(node) != YAML_MAP || !yaml_get(node, "object") || !yaml_get(node, "of")) {
    fault(reading, node, "mapping-ref",
          _("a reference names an object and which one, as in {object: unit, of: \"${unit}\"}"));
    return false;
  }
  yaml_check_keys(reading->yaml, node, keys, findings);
  const char *object = NULL, *attribute = NULL;
  yaml_read_text(reading->yaml, node, "object", findings, &object);
  yaml_read_text(reading->yaml, node, "attribute", findings, &attribute);
  ref->object = kept(reading, object);
  ref->attribute = attribute ? kept(reading, attribute) : "";
  ref->of = klass_template(reading, yaml_get(node, "of"));
  uint16_t head = library_name(reading->library, "unit.head");
  ref->of_head = ref->of && template_bare(ref->of) == head;
  return ref->object && ref->of;
}

// ---------------------------------------------------------------------------------------------
// Attributes.

static void read_policy(Reading *reading, const YamlNode *map, Rule *rule)
{
  static const struct {
    const char *word;
    Policy policy;
  } words[] = {{"force", POLICY_FORCE},
               {"once", POLICY_ONCE},
               {"keep", POLICY_KEEP},
               {"merge", POLICY_MERGE},
               {"clear", POLICY_CLEAR}};
  const char *word = NULL;
  if (!yaml_read_text(reading->yaml, map, "policy", reading->library->findings, &word))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (strcmp(words[i].word, word) != 0)
      continue;
    rule->policy = words[i].policy;
    return;
  }
  fault(reading, yaml_get(map, "policy"), "mapping-policy",
        _("“policy” is force, once, keep, merge or clear, not “%s”"), word);
}

static void read_values(Reading *reading, const YamlNode *node, Rule *rule)
{
  bool is_list = yaml_kind(node) == YAML_LIST;
  size_t n = is_list ? yaml_count(node) : 1;
  const Template **values = library_alloc(reading->library, MAX(n, 1) * sizeof *values);
  for (size_t i = 0; i < n; i++)
    values[i] = klass_template(reading, is_list ? yaml_item(node, i) : node);
  rule->values = values;
  rule->n_values = (unsigned)n;
}

static void read_each(Reading *reading, const YamlNode *map, Rule *rule)
{
  const char *each = NULL;
  rule->kind = RULE_EACH;
  yaml_read_text(reading->yaml, map, "each", reading->library->findings, &each);
  rule->each_spot = mapping_spot(reading, yaml_get(map, "each"));
  // Whether there is such a kind of names is known when all files are read.
  rule->each =
      each && strcmp(each, "posts") != 0 ? library_name(reading->library, each) : SLOT_TEXT;
  const char *join = NULL;
  yaml_read_text(reading->yaml, map, "join", reading->library->findings, &join);
  rule->join = kept(reading, join);
  read_values(reading, yaml_get(map, "value"), rule);
}

static void read_list(Reading *reading, const YamlNode *map, Rule *rule)
{
  read_values(reading, yaml_get(map, "values"), rule);
}

static void read_value(Reading *reading, const YamlNode *map, Rule *rule)
{
  const YamlNode *value = yaml_get(map, "value");
  if (yaml_kind(value) == YAML_LIST)
    fault(reading, value, "mapping-value", _("several values are written values: […]"));
  else
    read_values(reading, value, rule);
}

static void read_reference(Reading *reading, const YamlNode *map, Rule *rule)
{
  static const char *const keys[] = {"object", "of", "attribute", NULL};
  rule->kind = RULE_REF;
  klass_read_ref(reading, yaml_get(map, "ref"), keys, &rule->ref);
}

// `enable`, a field of the person, or both.
static void read_renew(Reading *reading, const YamlNode *map, Rule *rule)
{
  for (const char *const *word = klass_words(reading, map, "renew"); *word; word++) {
    if (strcmp(*word, "enable") == 0)
      rule->policy = POLICY_RENEW;
    else if (rule->renewed_by == SLOT_TEXT)
      rule->renewed_by = library_name(reading->library, *word);
    else
      fault(reading, yaml_get(map, "renew"), "mapping-renew",
            _("“renew” is enable and one field at most"));
  }
}

static void read_secret(Reading *reading, const YamlNode *map, Rule *rule)
{
  const char *name = NULL;
  rule->kind = RULE_SECRET;
  yaml_read_text(reading->yaml, map, "secret", reading->library->findings, &name);
  rule->secret = kept(reading, name);
  if (rule->policy != POLICY_ONCE)
    fault(reading, map, "mapping-policy", _("a secret is made once: write policy: once"));
  if (yaml_get(map, "renew"))
    read_renew(reading, map, rule);
}

static void read_charset(Reading *reading, const YamlNode *map, Rule *rule)
{
  const char *name = NULL;
  if (!yaml_read_text(reading->yaml, map, "charset", reading->library->findings, &name))
    return;
  rule->charset = library_charset(reading->library, name);
  if (rule->charset)
    return;
  g_autoptr(GString) names = g_string_new(NULL);
  charset_names(names);
  fault(reading, yaml_get(map, "charset"), "mapping-value", _("“charset” is one of %s, not “%s”"),
        names->str, name);
}

static void read_map(Reading *reading, const YamlNode *map, Rule *rule)
{
  static const struct {
    const char *key;
    void (*read)(Reading *reading, const YamlNode *map, Rule *rule);
    const char *keys[6];
  } forms[] = {
      {"each", read_each, {"each", "value", "policy", "charset", "join"}},
      {"values", read_list, {"values", "policy", "charset", "people"}},
      {"value", read_value, {"value", "policy", "charset", "people"}},
      {"ref", read_reference, {"ref", "policy"}},
      {"secret", read_secret, {"secret", "policy", "renew"}},
  };
  read_policy(reading, map, rule);
  read_charset(reading, map, rule);
  for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
    if (!yaml_get(map, forms[i].key))
      continue;
    yaml_check_keys(reading->yaml, map, forms[i].keys, reading->library->findings);
    forms[i].read(reading, map, rule);
    klass_read_people(reading, map, rule);
    return;
  }
  static const char *const bare[] = {"policy", NULL};
  yaml_check_keys(reading->yaml, map, bare, reading->library->findings);
  if (rule->policy != POLICY_CLEAR)
    fault(reading, map, "mapping-value",
          _("an attribute has a value, values, a ref or a secret, or policy: clear"));
}

// NULL after a finding, and when there are none.
static Rule *read_list_of(Reading *reading, const YamlNode *attributes, unsigned *n_rules)
{
  *n_rules = 0;
  if (yaml_kind(attributes) == YAML_NONE)
    return NULL;
  if (yaml_kind(attributes) != YAML_MAP) {
    fault(reading, attributes, "mapping-value", _("“attributes” holds names with values"));
    return NULL;
  }
  size_t n = yaml_count(attributes);
  Rule *rules = library_alloc(reading->library, n * sizeof *rules);
  for (size_t i = 0; i < n; i++) {
    const char *name;
    const YamlNode *key, *value;
    yaml_pair(attributes, i, &name, &key, &value);
    rules[i] = (Rule){.attribute = kept(reading, name),
                      .spot = mapping_spot(reading, key),
                      .ref.klass = -1,
                      .renewed_by = SLOT_TEXT};
    for (size_t j = 0; j < i; j++)
      if (g_ascii_strcasecmp(rules[j].attribute, name) == 0)
        fault(reading, key, "mapping-twice", _("“%s” stands here a second time (line %d)"), name,
              rules[j].spot.line);
    if (yaml_kind(value) == YAML_MAP)
      read_map(reading, value, &rules[i]);
    else
      read_values(reading, value, &rules[i]);
  }
  *n_rules = (unsigned)n;
  return rules;
}

void klass_read_rules(Reading *reading, const YamlNode *attributes)
{
  Rules *rules = reading->rules;
  rules->rules = read_list_of(reading, attributes, &rules->n_rules);
  for (unsigned i = 0; i < rules->n_rules; i++)
    rules->klass.renews |= rules->rules[i].renewed_by != SLOT_TEXT;
}

void klass_read_life(Reading *reading, const YamlNode *attributes, Life *life)
{
  life->rules = read_list_of(reading, attributes, &life->n_rules);
  for (unsigned i = 0; i < life->n_rules; i++)
    if (life->rules[i].kind != RULE_TEXT)
      fault_at(reading, &life->rules[i].spot, "mapping-life",
               _("attributes of “lifecycle” have texts, or policy: clear"));
}

static bool has_rule(const Rules *rules, const char *attribute)
{
  for (unsigned i = 0; i < rules->n_rules; i++)
    if (g_ascii_strcasecmp(rules->rules[i].attribute, attribute) == 0)
      return true;
  return false;
}

// Whoever comes back must get back what the others have.
void klass_check_lives(Reading *reading)
{
  for (LifeKind kind = 0; kind < N_LIVES; kind++) {
    const Life *life = &reading->rules->lives[kind];
    for (unsigned i = 0; i < life->n_rules; i++)
      if (!has_rule(reading->rules, life->rules[i].attribute))
        fault_at(reading, &life->rules[i].spot, "mapping-life",
                 _("write this attribute under “attributes”, too, with what it is for the others: "
                   "else it would stay when the person comes back"));
  }
}

// ---------------------------------------------------------------------------------------------
// Memberships.

static void read_owned(Reading *reading, const YamlNode *owned, Grant *grant)
{
  static const char *const keys[] = {"below", NULL};
  if (yaml_kind(owned) == YAML_NONE)
    return;
  const char *below = NULL;
  yaml_check_keys(reading->yaml, owned, keys, reading->library->findings);
  if (!yaml_read_text(reading->yaml, owned, "below", reading->library->findings, &below)) {
    fault(reading, owned, "mapping-value", _("“owned” is written {below: \"ou=groups\"}"));
    return;
  }
  grant->owned_below = kept(reading, below);
  if (!reading->rules->klass.owned_below)
    reading->rules->klass.owned_below = grant->owned_below;
}

static void read_table(Reading *reading, const YamlNode *map, Grant *grant)
{
  static const char *const keys[] = {"table", "into", "owned", "grace", NULL};
  Findings *findings = reading->library->findings;
  const char *path = NULL, *into = "group";
  yaml_check_keys(reading->yaml, map, keys, findings);
  yaml_read_text(reading->yaml, map, "into", findings, &into);
  grant->ref =
      (Ref){.object = kept(reading, into), .klass = -1, .attribute = "", .spot = grant->spot};
  if (!yaml_read_text(reading->yaml, map, "table", findings, &path))
    return;
  grant->table = decision_parse(reading->library, path);
  if (!grant->table)
    fault(reading, yaml_get(map, "table"), "mapping-table", _("the table %s has faults"), path);
}

static void read_grant(Reading *reading, const YamlNode *map, Grant *grant)
{
  static const char *const keys[] = {"object", "of", "owned", "grace", NULL};
  *grant = (Grant){.spot = mapping_spot(reading, map)};
  if (yaml_kind(map) != YAML_MAP) {
    fault(reading, map, "mapping-value",
          _("memberships come from a table, or from {object: …, of: …}"));
    return;
  }
  if (yaml_get(map, "table"))
    read_table(reading, map, grant);
  else
    klass_read_ref(reading, map, keys, &grant->ref);
  grace_read(reading, map, grant);
  read_owned(reading, yaml_get(map, "owned"), grant);
}

void klass_read_grants(Reading *reading, const YamlNode *memberships)
{
  if (yaml_kind(memberships) == YAML_NONE)
    return;
  MappingFor subject = reading->rules->klass.subject;
  if (subject == FOR_GROUP) {
    fault(reading, memberships, "mapping-value",
          _("only people, posts and units are members of groups"));
    return;
  }
  bool is_list = yaml_kind(memberships) == YAML_LIST;
  size_t n = is_list ? yaml_count(memberships) : 1;
  Grant *grants = library_alloc(reading->library, MAX(n, 1) * sizeof *grants);
  for (size_t i = 0; i < n; i++) {
    const YamlNode *item = is_list ? yaml_item(memberships, i) : memberships;
    read_grant(reading, item, &grants[i]);
    if (subject == FOR_UNIT && (yaml_get(item, "table") || yaml_get(item, "grace")))
      fault(reading, item, "mapping-value",
            _("a unit's group is named by {object: …, of: …}, without table and grace"));
  }
  reading->rules->grants = grants;
  reading->rules->n_grants = (unsigned)n;
}
