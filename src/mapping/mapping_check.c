// SPDX-License-Identifier: GPL-3.0-or-later
//
// The static check: everything about a mapping that can be known before it runs. Faults of syntax were
// found while loading.
#include "derive_p.h"

#include <string.h>

typedef struct Check {
  const Mapping *mapping;
  const MappingWorld *world;
  Findings *findings;
  const Rules *rules;  // the class at hand
} Check;

G_GNUC_PRINTF(5, 6)
static void fault(const Check *check, const Spot *spot, const char *code, const char *field,
                  const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = spot->file,
                     .line = spot->line,
                     .column = spot->column,
                     .field = field};
  findings_add(check->findings, &finding, "%s", text);
}

// ---------------------------------------------------------------------------------------------
// Names.

static void check_name(const Check *check, uint16_t name, Context context, const Spot *spot)
{
  const char *text = check->mapping->library->names->pdata[name];
  if (!scope_knows(check->mapping, context, text, check->world->fields))
    fault(check, spot, "field-unknown", NULL,
          _("there is no field “%s”: no layout fills it and it is none of ours"), text);
}

static void check_template(const Check *check, const Template *template, Context context)
{
  bool is_table = check->rules && template->spot.file != check->rules->klass.file;
  for (unsigned i = 0; i < template->n_slots; i++) {
    const Slot *slot = &template->slots[i];
    if (slot->name == SLOT_TEXT)
      continue;
    Spot spot = template->spot;
    spot.column += is_table ? 0 : slot->column - 1;  // a table's column is that of its cell
    check_name(check, slot->name, context, &spot);
  }
}

static bool check_rule_template(const Template *template, const char *attribute, void *data)
{
  (void)attribute;
  const Check *check = data;
  check_template(check, template, context_of(check->rules->klass.subject));
  return true;
}

static void check_head(const Check *check)
{
  const Rules *rules = check->rules;
  uintptr_t head = (uintptr_t)g_hash_table_lookup(check->mapping->library->name_ids, "unit.head");
  for (unsigned i = 0; i < rules->n_rules && head; i++)
    for (unsigned v = 0; v < rules->rules[i].n_values; v++)
      if (template_uses(rules->rules[i].values[v], (uint16_t)(head - 1)))
        fault(check, &rules->rules[i].values[v]->spot, "mapping-ref", rules->rules[i].attribute,
              _("“unit.head” is a person: write {ref: {object: …, of: \"${unit.head}\"}}"));
}

static void check_when(const Check *check)
{
  const Rules *rules = check->rules;
  for (unsigned i = 0; i < rules->n_when; i++)
    check_name(check, rules->when[i].name, context_of(rules->klass.subject), &rules->when[i].spot);
}

// ---------------------------------------------------------------------------------------------
// The target's schema.

static const char *structural(const Rules *rules)
{
  const char *const *klass = rules->klass.classes;
  while (klass[0] && klass[1])
    klass++;
  return *klass ? *klass : "";
}

static void check_attribute(const Check *check, const char *name, const Spot *spot)
{
  AttrId id;
  const Schema *schema = check->world->schema;
  if (!name || !schema)
    return;
  const Attr *attr = schema_find(schema, name, &id) ? schema_at((Schema *)schema, id) : NULL;
  const Limits *limits = schema_limits(schema);
  if (!attr || !attr->known)
    fault(check, spot, "attribute-unknown", name, _("the target knows no attribute “%s”"), name);
  else if (attr->readonly)
    fault(check, spot, "attribute-readonly", name, _("the target sets “%s” itself"), name);
  else if (limits && limits->has && !limits->has(limits, structural(check->rules), name))
    fault(check, spot, "attribute-unknown", name,
          _("entries of the class “%s” have no “%s” in the target"), structural(check->rules),
          name);
}

// Names and members are no values of a rule: whoever made the schema need not have asked for them.
static void check_frame(const Check *check, const char *name, const Spot *spot)
{
  AttrId id;
  if (name && check->world->schema && schema_find(check->world->schema, name, &id))
    check_attribute(check, name, spot);
}

static void check_values(const Check *check, const Rule *rule)
{
  AttrId id;
  const Schema *schema = check->world->schema;
  if (!schema || !schema_find(schema, rule->attribute, &id))
    return;
  const Attr *attr = schema_at((Schema *)schema, id);
  if (attr->single && (rule->n_values > 1 || (rule->kind == RULE_EACH && !rule->join)))
    fault(check, &rule->spot, "attribute-single", rule->attribute,
          _("the target takes one value of “%s”"), rule->attribute);
  for (unsigned i = 0; i < rule->n_values; i++) {
    const Template *value = rule->values[i];
    size_t n_chars = 0;
    for (unsigned s = 0; s < value->n_slots; s++)
      n_chars += text_chars(value->slots[s].literal);
    if (attr->max_chars && n_chars > attr->max_chars)
      fault(check, &value->spot, "value-long", rule->attribute,
            _("%zu characters, and the target takes %u of “%s”"), n_chars, attr->max_chars,
            rule->attribute);
  }
}

// A literal that cannot be held is a fault of the rule, not of each person.
static void check_literals(const Check *check, const Rule *rule)
{
  g_autoptr(Charset) of_target =
      charset_new(check->world->charset ? check->world->charset : "utf8");
  const Charset *charset = rule->charset ? rule->charset : of_target;
  for (unsigned i = 0; i < rule->n_values; i++) {
    const Template *value = rule->values[i];
    for (unsigned s = 0; s < value->n_slots; s++) {
      const char *misfit = charset_misfit(charset, value->slots[s].literal);
      if (!misfit)
        continue;
      g_autoptr(GString) name = g_string_new(NULL);
      text_name_character(misfit, name);
      fault(check, &value->spot, "character-unheld", rule->attribute,
            _("%s cannot be held: “%s” takes %s"), name->str, rule->attribute,
            charset_name(charset));
      return;
    }
  }
}

static bool has_class(const char *const *known, const char *name)
{
  for (; *known; known++)
    if (g_ascii_strcasecmp(*known, name) == 0)
      return true;
  return false;
}

static void check_classes(const Check *check)
{
  const char *const *known = check->world->object_classes;
  for (const char *const *at = check->rules->klass.classes; *at && known; at++)
    if (!has_class(known, *at))
      fault(check, &check->rules->spot, "class-unknown", "objectClass",
            _("the target knows no object class “%s”"), *at);
}

// ---------------------------------------------------------------------------------------------
// What the usual classes require (RFC 4519, RFC 2798, RFC 2307).

static bool provides(const Rules *rules, const char *attribute)
{
  const char *const frame[] = {rules->klass.key_attribute, rules->name_type,
                               rules->klass.filler ? rules->klass.member_attribute : NULL};
  for (unsigned i = 0; i < G_N_ELEMENTS(frame); i++)
    if (frame[i] && g_ascii_strcasecmp(frame[i], attribute) == 0)
      return true;
  for (unsigned i = 0; i < rules->n_rules; i++)
    if (rules->rules[i].policy != POLICY_CLEAR &&
        g_ascii_strcasecmp(rules->rules[i].attribute, attribute) == 0)
      return true;
  return false;
}

static void check_required(const Check *check)
{
  static const struct {
    const char *klass, *attribute;
  } required[] = {
      {"person", "cn"},
      {"person", "sn"},
      {"organizationalPerson", "cn"},
      {"organizationalPerson", "sn"},
      {"inetOrgPerson", "cn"},
      {"inetOrgPerson", "sn"},
      {"organizationalUnit", "ou"},
      {"organizationalRole", "cn"},
      {"groupOfNames", "cn"},
      {"groupOfNames", "member"},
      {"groupOfUniqueNames", "cn"},
      {"groupOfUniqueNames", "uniqueMember"},
      {"account", "uid"},
      {"posixAccount", "cn"},
      {"posixAccount", "uid"},
      {"posixAccount", "uidNumber"},
      {"posixAccount", "gidNumber"},
      {"posixAccount", "homeDirectory"},
      {"posixGroup", "cn"},
      {"posixGroup", "gidNumber"},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS(required); i++) {
    if (!has_class(check->rules->klass.classes, required[i].klass) ||
        provides(check->rules, required[i].attribute))
      continue;
    fault(check, &check->rules->spot, "attribute-required", required[i].attribute,
          _("object class %s requires “%s”"), required[i].klass, required[i].attribute);
  }
}

// A password by a rule that nobody wrote could not be made on the day.
static void check_secret(const Check *check, const Rule *rule)
{
  const char *const *policies = check->world->policies;
  if (rule->kind != RULE_SECRET || !policies || g_strv_contains(policies, rule->secret))
    return;
  g_autofree char *known = g_strjoinv(", ", (char **)policies);
  fault(check, &rule->spot, "password-policy", rule->attribute,
        _("there is no policy “%s” under “passwords” in the site file; there are %s"), rule->secret,
        known);
}

size_t mapping_n_secrets(const Mapping *mapping)
{
  size_t n = 0;
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    for (unsigned k = 0; k < rules->n_rules; k++)
      n += rules->rules[k].kind == RULE_SECRET;
  }
  return n;
}

// ---------------------------------------------------------------------------------------------
// What the target's type asks beyond its schema.

// A value, or as much of it as the rule itself says.
static bool is_refused(const Check *check, const Limits *limits, const Rule *rule,
                       const Template *value, GString *why)
{
  if (template_is_literal(value))
    return limits_refuse(
        limits,
        &(LimitsQuestion){structural(check->rules), rule->attribute, value->slots[0].literal}, why);
  if (!limits->refuses_shape)
    return false;
  g_autoptr(GString) shape = g_string_new(NULL);
  for (unsigned s = 0; s < value->n_slots; s++) {
    g_string_append(shape, value->slots[s].literal);
    g_string_append(shape, value->slots[s].name == SLOT_TEXT ? "" : LIMITS_GAP);
  }
  return limits->refuses_shape(rule->attribute, shape->str, why);
}

static void check_refused(const Check *check, const Limits *limits, const Rule *rule)
{
  bool is_secret = limits->secret && g_ascii_strcasecmp(rule->attribute, limits->secret) == 0;
  if (rule->kind == RULE_SECRET && limits->secret && !is_secret)
    fault(check, &rule->spot, "secret-attribute", rule->attribute,
          _("the target takes a new password as “%s” and in no other attribute"), limits->secret);
  if (rule->kind != RULE_SECRET && is_secret && rule->policy != POLICY_CLEAR)
    fault(check, &rule->spot, "secret-attribute", rule->attribute,
          _("“%s” takes {secret: …} and no text"), rule->attribute);
  for (unsigned i = 0; i < rule->n_values && !is_secret; i++) {
    g_autoptr(GString) why = g_string_new(NULL);
    if (is_refused(check, limits, rule, rule->values[i], why))
      fault(check, &rule->values[i]->spot, "value-refused", rule->attribute, "%s", why->str);
  }
}

static void check_demands(const Check *check, const Limits *limits)
{
  for (const Demand *demand = limits->demands; demand && demand->klass; demand++)
    if (limits->is_kind(structural(check->rules), demand->klass) &&
        !provides(check->rules, demand->attribute))
      fault(check, &check->rules->spot, "attribute-required", demand->attribute,
            demand->secret
                ? _("the target wants “%s” of each new %s: write {secret: …, policy: once}")
                : _("the target wants “%s” of each %s"),
            demand->attribute, demand->klass);
}

static void check_limits(const Check *check)
{
  const Limits *limits = check->world->schema ? schema_limits(check->world->schema) : NULL;
  if (!limits)
    return;
  check_demands(check, limits);
  for (unsigned i = 0; i < check->rules->n_rules; i++)
    check_refused(check, limits, &check->rules->rules[i]);
  for (LifeKind kind = 0; kind < N_LIVES; kind++)
    for (unsigned i = 0; i < check->rules->lives[kind].n_rules; i++)
      check_refused(check, limits, &check->rules->lives[kind].rules[i]);
}

// ---------------------------------------------------------------------------------------------

static void check_table(const Check *check, const Decision *table)
{
  for (unsigned i = 0; i < table->n_conditions; i++) {
    Spot spot = {table->path, 1, (int)table->conditions[i].column + 1};
    check_name(check, table->conditions[i].name, CONTEXT_PERSON, &spot);
  }
  for (unsigned row = 0; row < table->n_choices; row++) {
    const Choice *choice = &table->choices[row];
    for (unsigned i = 0; i < choice->n_results; i++)
      check_template(check, choice->results[i], CONTEXT_PERSON);
    for (unsigned i = 0; i < choice->n_grace; i++)
      check_template(check, choice->grace[i], CONTEXT_PERSON);
  }
  mapping_check_table(table, check->mapping, check->world->roster, check->findings);
}

// Which of several names is meant is known only where they are gone over.
static void check_each(const Check *check, const Rule *rule)
{
  for (unsigned i = 0; i < check->mapping->names->len; i++) {
    const NameRule *names = check->mapping->names->pdata[i];
    const uint16_t several[] = {names->former, names->all};
    for (unsigned k = 0; k < G_N_ELEMENTS(several); k++)
      for (unsigned v = 0; v < rule->n_values; v++)
        if (template_uses(rule->values[v], several[k]) &&
            (rule->kind != RULE_EACH || rule->each != several[k])) {
          const char *name = check->mapping->library->names->pdata[several[k]];
          fault(check, &rule->values[v]->spot, "mapping-value", rule->attribute,
                _("“%s” may be several names: write {each: %s, value: …}"), name, name);
        }
  }
}

void mapping_check_decision(const Mapping *mapping, const Decision *decision,
                            const MappingWorld *world, Findings *findings)
{
  Check check = {mapping, world, findings, NULL};
  for (size_t i = 0; i < mapping_n_uses(mapping) && !check.rules; i++) {
    DecisionUse use = mapping_use(mapping, i);
    if (use.decision == decision)
      check.rules = mapping->klasses->pdata[use.klass];
  }
  check_table(&check, decision);
}

// Attributes of rules of `lifecycle`: each is one of the class's, too.
static void check_lives(const Check *check)
{
  for (LifeKind kind = 0; kind < N_LIVES; kind++)
    for (unsigned i = 0; i < check->rules->lives[kind].n_rules; i++) {
      check_values(check, &check->rules->lives[kind].rules[i]);
      check_literals(check, &check->rules->lives[kind].rules[i]);
    }
}

static void check_people(const Check *check, const People *people)
{
  check_template(check, people->value, CONTEXT_PERSON);
  for (unsigned i = 0; i < people->n_when; i++)
    check_name(check, people->when[i].name, CONTEXT_PERSON, &people->when[i].spot);
}

static void check_klass(const Check *check, GHashTable *tables)
{
  const Rules *rules = check->rules;
  klass_templates(rules, check_rule_template, (void *)check);
  check_head(check);
  check_when(check);
  check_classes(check);
  check_required(check);
  check_lives(check);
  check_limits(check);
  check_attribute(check, rules->klass.key_attribute, &rules->key->spot);
  check_frame(check, rules->name_type, &rules->name->spot);
  check_frame(check, rules->klass.member_attribute, &rules->spot);
  for (unsigned i = 0; i < rules->n_rules; i++) {
    check_attribute(check, rules->rules[i].attribute, &rules->rules[i].spot);
    check_values(check, &rules->rules[i]);
    check_literals(check, &rules->rules[i]);
    check_each(check, &rules->rules[i]);
    check_secret(check, &rules->rules[i]);
    if (rules->rules[i].people)
      check_people(check, rules->rules[i].people);
    if (rules->rules[i].renewed_by != SLOT_TEXT)
      check_name(check, rules->rules[i].renewed_by, context_of(rules->klass.subject),
                 &rules->rules[i].spot);
  }
  for (unsigned i = 0; i < rules->n_grants; i++)
    if (rules->grants[i].table && g_hash_table_add(tables, (void *)rules->grants[i].table))
      check_table(check, rules->grants[i].table);
  if (rules->assign && g_hash_table_add(tables, (void *)rules->assign->table))
    check_table(check, rules->assign->table);
  if (rules->assign)
    mapping_check_assign(check->mapping, rules->assign, check->findings);
}

static void check_case(const Check *check, const NameRule *rule, const NameCase *how)
{
  for (unsigned i = 0; i < how->n_when; i++)
    check_name(check, how->when[i].name, CONTEXT_PERSON, &how->when[i].spot);
  for (unsigned t = 0; t < how->n_tries; t++) {
    check_template(check, how->tries[t], CONTEXT_PERSON);
    if (template_uses(how->tries[t], rule->name))
      fault(check, &how->tries[t]->spot, "names-self", NULL,
            _("a name cannot be made from itself"));
  }
}

static void check_names(const Check *check)
{
  for (unsigned i = 0; i < check->mapping->names->len; i++) {
    const NameRule *rule = check->mapping->names->pdata[i];
    for (unsigned k = 0; k < rule->n_cases; k++)
      check_case(check, rule, &rule->cases[k]);
    for (unsigned k = 0; k < rule->n_renews; k++)
      check_name(check, rule->renews[k], CONTEXT_PERSON, &rule->spot);
    for (const char *const *name = rule->klasses; *name; name++) {
      bool is_used = false;
      for (unsigned k = 0; k < check->mapping->klasses->len; k++)
        is_used |= strcmp(mapping_klass(check->mapping, k)->name, *name) == 0;
      if (!is_used)
        fault(check, &rule->spot, "mapping-object", NULL, _("no mapping makes objects “%s”"),
              *name);
    }
  }
}

void mapping_check(const Mapping *mapping, const MappingWorld *world, Findings *findings)
{
  Check check = {mapping, world, findings, NULL};
  if (world->roster)
    roster_set_titles(world->roster, (const Title *)(const void *)mapping->titles->data,
                      mapping->titles->len);
  g_autoptr(GHashTable) tables = g_hash_table_new(NULL, NULL);
  check_names(&check);
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    check.rules = mapping->klasses->pdata[i];
    if (!world->target || strcmp(world->target, check.rules->klass.target) == 0)
      check_klass(&check, tables);
  }
}
