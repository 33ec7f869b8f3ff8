// SPDX-License-Identifier: GPL-3.0-or-later
//
// Values of one entry: the class's rules evaluated for what the scope holds.
#include "derive_p.h"

#include <string.h>

Got derive_text(Derive *derive, const Template *template, const char **out)
{
  const Slot *slot = &template->slots[0];
  if (template->n_slots == 1 && !slot->n_literal && !slot->n_calls && slot->name != SLOT_TEXT) {
    *out = scope_get(&derive->scope, slot->name);
    if (*out)
      return GOT_TEXT;
  }
  g_string_truncate(derive->text, 0);
  Got got = template_eval(template, &derive->evaluator, derive->text);
  if (got == GOT_TEXT)
    *out = arena_text(&derive->arena, derive->text->str, derive->text->len);
  return got;
}

G_GNUC_PRINTF(2, 3)
static void problem(Derive *derive, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_string_vprintf(derive->evaluator.problem, format, arguments);
  va_end(arguments);
}

// A character that the target cannot hold would become another there, or a question mark.
static bool check_charset(Derive *derive, const Charset *charset, const char *text)
{
  const char *misfit = charset ? charset_misfit(charset, text) : NULL;
  if (!misfit)
    return true;
  g_autoptr(GString) name = g_string_new(NULL);
  text_name_character(misfit, name);
  problem(derive,
          _("%s in “%s” cannot be held: this takes %s. A filter of the rule (degrade, cp932, nfkc "
            "…) or a row in tables/degrade-site.csv says what is to stand there"),
          name->str, text, charset_name(charset));
  derive->evaluator.code = "character-unheld";
  return false;
}

const char *derive_key(Derive *derive, const Live *live)
{
  const char *key;
  Got got = derive_text(derive, live->rules->key, &key);
  if (got == GOT_TEXT && *key)
    return check_charset(derive, derive->charset, key) ? key : NULL;
  if (got != GOT_FAULT)
    problem(derive, _("the key is empty"));
  return NULL;
}

// What the target's type refuses, whatever its schema says.
static bool check_limits(Derive *derive, const char *attribute, const char *text)
{
  const Limits *limits = schema_limits(table_schema(derive->setup.table));
  const char *const *klass = derive->rules->klass.classes;
  if (!limits || !*klass || !*text)
    return true;
  while (klass[1])
    klass++;
  g_string_truncate(derive->evaluator.problem, 0);
  if (!limits_refuse(limits, &(LimitsQuestion){*klass, attribute, text}, derive->evaluator.problem))
    return true;
  derive->evaluator.code = "value-refused";
  return false;
}

bool derive_rdn(Derive *derive, const Live *live, const char **out)
{
  const char *value;
  derive->rules = live->rules;
  Got got = derive_text(derive, live->rules->name, &value);
  if (got != GOT_TEXT || !*value) {
    if (got != GOT_FAULT)
      problem(derive, _("the name is empty"));
    return false;
  }
  if (!check_charset(derive, derive->charset, value) ||
      !check_limits(derive, live->rules->name_type, value))
    return false;
  g_string_assign(derive->text, live->rules->name_type);
  g_string_append_c(derive->text, '=');
  escape_text(derive->text, value, ESCAPE_DN);
  *out = arena_text(&derive->arena, derive->text->str, derive->text->len);
  return true;
}

// ---------------------------------------------------------------------------------------------
// References.

// Who heads the person's unit; for the head of it, who heads the unit above.
static const UnitNode *head_of(const Derive *derive, const Person *person, const Post *post)
{
  const UnitNode *node = post ? derive_unit(derive, post->unit) : NULL;
  while (node && node->head == person->id)
    node = node->unit->parent ? derive_unit(derive, node->unit->parent->code) : NULL;
  return node;
}

static uint32_t find_head(Derive *derive)
{
  Scope *scope = &derive->scope;
  const UnitNode *node = head_of(derive, scope->person, scope->focus);
  for (unsigned i = 0; node && scope->rows && i < G_N_ELEMENTS(node->head_rows); i++)
    if (node->head_rows[i])
      g_array_append_val(scope->rows, node->head_rows[i]);
  return node ? node->head : 0;
}

static bool is_present(const Derive *derive, uint32_t entry)
{
  return table_at(derive->setup.table, entry)->presence == PRESENCE_PRESENT;
}

Got derive_ref(Derive *derive, const Ref *ref, uint32_t *out)
{
  const Live *live = &derive->lives[ref->klass];
  *out = ENTRY_NONE;
  if (ref->of_head) {
    uint32_t head = find_head(derive);
    uint32_t entry = head ? derive_entry(live, head) : ENTRY_NONE;
    if (entry != ENTRY_NONE && is_present(derive, entry))
      *out = entry;
    return GOT_TEXT;
  }
  const char *key;
  Got got = derive_text(derive, ref->of, &key);
  if (got != GOT_TEXT || !*key)
    return got;
  *out = derive_entry_by_key(live, key);
  // What a unit has may be known by something else, as a folder by its path; its code will always do.
  bool of_unit = *out == ENTRY_NONE && live->rules && live->rules->klass.subject == FOR_UNIT;
  const UnitNode *node = of_unit ? derive_unit(derive, key) : NULL;
  if (node)
    *out = derive_entry(live, node->unit->id);
  if (*out != ENTRY_NONE)
    return GOT_TEXT;
  problem(derive, _("there is no %s “%s”"), ref->object, key);
  return GOT_FAULT;
}

static bool find_parent(Derive *derive, const Live *live, uint32_t *parent)
{
  const Rules *rules = live->rules;
  *parent = live->container;
  if (!rules->home.object)
    return true;
  uint32_t home;
  Got got = derive_ref(derive, &rules->home, &home);
  if (got == GOT_TEXT && home != ENTRY_NONE) {
    // One that ended, or lacks something itself, has no place of its own.
    if (!is_present(derive, home)) {
      problem(derive, _("the %s it belongs into is not there"), rules->home.object);
      return false;
    }
    *parent = home;
  }
  if (*parent != ENTRY_NONE)
    return true;
  if (got != GOT_FAULT)
    problem(derive, _("it has no place: write “below” for those without one"));
  return false;
}

// ---------------------------------------------------------------------------------------------
// Attributes.

typedef struct Values {
  Value *values;
  unsigned n, max;
} Values;

static void add_value(Values *values, const char *text)
{
  size_t n_bytes = strlen(text);
  if (n_bytes == 0 || values->n == values->max)
    return;
  for (unsigned i = 0; i < values->n; i++)
    if (values->values[i].n_bytes == n_bytes && !memcmp(values->values[i].bytes, text, n_bytes))
      return;
  values->values[values->n++] =
      (Value){.kind = VALUE_TEXT, .n_bytes = (uint32_t)n_bytes, .bytes = text};
}

static bool check_length(Derive *derive, AttrId id, const char *text)
{
  const Attr *attr = schema_at(table_schema(derive->setup.table), id);
  if (!attr->max_chars || strlen(text) <= attr->max_chars || text_chars(text) <= attr->max_chars)
    return true;
  problem(derive, _("“%s” is longer than the %u characters that the target takes"), text,
          attr->max_chars);
  return false;
}

static Got add_templates(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  Got all = GOT_NOTHING;
  for (unsigned i = 0; i < rule->n_values; i++) {
    const char *text;
    Got got = derive_text(derive, rule->values[i], &text);
    if (got == GOT_FAULT)
      return GOT_FAULT;
    if (got == GOT_NOTHING)
      continue;
    const Charset *charset = rule->charset ? rule->charset : derive->charset;
    if (!check_length(derive, attr, text) || !check_limits(derive, rule->attribute, text) ||
        !check_charset(derive, charset, text))
      return GOT_FAULT;
    add_value(values, text);
    all = GOT_TEXT;
  }
  return all;
}

static void add_visitor(const char *value, void *data)
{
  add_value(data, value);
}

static Got text_values(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  values->max = rule->n_values + (rule->people ? derive_n_visitors(derive) : 0);
  values->values = arena_alloc(&derive->arena, values->max * sizeof(Value));
  if (rule->policy == POLICY_CLEAR)
    return GOT_TEXT;
  Got got = add_templates(derive, rule, attr, values);
  if (got != GOT_FAULT && rule->people)
    derive_visitors(derive, rule, add_visitor, values);
  // Where only people bring values, and the last of them has gone, there are none: that is not missing.
  bool known = values->n > 0 || (rule->people && rule->n_values == 0);
  return got != GOT_FAULT && known ? GOT_TEXT : got;
}

static Got each_name(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  uint32_t person = derive->scope.person->id;
  const NameRule *names = derive->mapping->names->pdata[rule->name_rule];
  const GPtrArray *former = derive_former_names(derive, person, rule->name_rule);
  unsigned n_former = former ? former->len : 0;
  Got got = GOT_TEXT;
  values->max = (n_former + 1) * rule->n_values;
  values->values = arena_alloc(&derive->arena, values->max * sizeof(Value));
  if (rule->each == names->all) {
    derive->scope.a_name = derive_given_name(derive, person, rule->name_rule);
    got = add_templates(derive, rule, attr, values);
  }
  for (unsigned i = 0; i < n_former && got != GOT_FAULT; i++) {
    derive->scope.a_name = former->pdata[i];
    got = add_templates(derive, rule, attr, values);
  }
  derive->scope.a_name = NULL;
  return got == GOT_FAULT ? got : GOT_TEXT;
}

static Got each_post(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  const Person *person = derive->scope.person;
  const Post *before = derive->scope.post;
  const Post **posts = arena_alloc(&derive->arena, (person->n_posts + 1) * sizeof *posts);
  size_t n = 0;
  Got got = GOT_TEXT;
  values->max = (unsigned)person->n_posts * rule->n_values;
  values->values = arena_alloc(&derive->arena, values->max * sizeof(Value));
  for (size_t i = 0; i < person->n_posts; i++)
    if (derive_in_force(derive, &person->posts[i]))
      posts[n++] = &person->posts[i];
  if (rule->join)
    rank_sort(derive, person, posts, n);
  for (size_t i = 0; i < n && got != GOT_FAULT; i++) {
    derive->scope.post = posts[i];
    got = add_templates(derive, rule, attr, values);
  }
  derive->scope.post = before;
  return got == GOT_FAULT ? got : GOT_TEXT;
}

// One text, compared as one.
static Got join_values(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  g_autoptr(GString) all = g_string_new(NULL);
  for (unsigned i = 0; i < values->n; i++)
    g_string_append_printf(all, "%s%s", i > 0 ? rule->join : "", values->values[i].bytes);
  values->n = 0;
  if (all->len == 0)
    return GOT_TEXT;
  if (!check_length(derive, attr, all->str) || !check_limits(derive, rule->attribute, all->str))
    return GOT_FAULT;
  add_value(values, arena_text(&derive->arena, all->str, all->len));
  return GOT_TEXT;
}

static Got each_values(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  Got got = rule->each != SLOT_TEXT ? each_name(derive, rule, attr, values)
                                    : each_post(derive, rule, attr, values);
  return got == GOT_TEXT && rule->join ? join_values(derive, rule, attr, values) : got;
}

static Got ref_values(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  (void)attr;
  uint32_t entry;
  Got got = derive_ref(derive, &rule->ref, &entry);
  if (got != GOT_TEXT || entry == ENTRY_NONE)
    return got;
  values->values = arena_alloc(&derive->arena, sizeof(Value));
  values->values[values->n++] = (Value){.kind = VALUE_REF,
                                        .n_bytes = (uint32_t)strlen(rule->ref.attribute),
                                        .bytes = rule->ref.attribute,
                                        .ref = entry};
  return got;
}

static Got secret_values(Derive *derive, const Rule *rule, AttrId attr, Values *values)
{
  (void)attr;
  const char *bytes = rule->secret;
  const char *field =
      rule->renewed_by == SLOT_TEXT ? NULL : scope_get(&derive->scope, rule->renewed_by);
  if (field && *field) {
    g_string_printf(derive->text, "%s %s", rule->secret, field);
    bytes = arena_text(&derive->arena, derive->text->str, derive->text->len);
  }
  values->values = arena_alloc(&derive->arena, sizeof(Value));
  values->values[values->n++] =
      (Value){.kind = VALUE_SECRET, .n_bytes = (uint32_t)strlen(bytes), .bytes = bytes};
  return GOT_TEXT;
}

static bool add_attribute(Derive *derive, const Rule *rule, AttrId attr)
{
  static Got (*const make[])(Derive *, const Rule *, AttrId, Values *) = {
      [RULE_TEXT] = text_values,
      [RULE_EACH] = each_values,
      [RULE_REF] = ref_values,
      [RULE_SECRET] = secret_values,
  };
  Values values = {0};
  Got got = make[rule->kind](derive, rule, attr, &values);
  if (got == GOT_FAULT) {
    derive_fault(derive, &rule->spot, "value-missing", rule->attribute);
    return false;
  }
  // Nothing to set: only `force` and `clear` take away what the target has.
  bool clears = rule->policy == POLICY_FORCE || rule->policy == POLICY_CLEAR;
  if (got == GOT_NOTHING || (values.n == 0 && !clears))
    return true;
  Attribute attribute = {attr, rule->policy, (uint16_t)values.n, values.values};
  g_array_append_val(derive->attributes, attribute);
  return true;
}

static void add_key(Derive *derive, const Live *live, const char *key)
{
  Value *value = arena_alloc(&derive->arena, sizeof *value);
  *value = (Value){.kind = VALUE_TEXT, .n_bytes = (uint32_t)strlen(key), .bytes = key};
  Attribute attribute = {live->key, POLICY_FORCE, 1, value};
  g_array_append_val(derive->attributes, attribute);
}

static bool add_rule(Derive *derive, const Rule *rule, AttrId attr)
{
  bool asked = derive_why_asks(derive, rule->attribute);
  derive->scope.rows = asked ? derive->trace->why->rows : NULL;
  bool fine = add_attribute(derive, rule, attr);
  derive->scope.rows = NULL;
  if (asked)
    derive_why_spot(derive, rule->spot.file, rule->spot.line);
  return fine;
}

static bool add_attributes(Derive *derive, const Live *live, const char *key, bool over)
{
  const Rules *rules = live->rules;
  g_array_set_size(derive->attributes, 0);
  if (!live->key_has_rule)
    add_key(derive, live, key);
  for (unsigned i = 0; i < rules->n_rules; i++)
    if (!(over && !klass_rule_uses(derive->mapping->library, &rules->rules[i], "assignment")) &&
        !add_rule(derive, &rules->rules[i], live->attrs[i]))
      return false;
  return true;
}

// What the class says of it gives way.
static bool add_instead(Derive *derive, const Rule *rule)
{
  AttrId attr = schema_attr(table_schema(derive->setup.table), rule->attribute);
  for (unsigned i = 0; i < derive->attributes->len; i++)
    if (g_array_index(derive->attributes, Attribute, i).attr == attr)
      g_array_remove_index(derive->attributes, i--);
  return add_rule(derive, rule, attr);
}

// ---------------------------------------------------------------------------------------------

void derive_strip(Derive *derive, EntryDraft *draft, const char *reason)
{
  draft->presence = PRESENCE_RETAINED;
  draft->enabled = ENABLED_UNMANAGED;
  draft->rdn = "";
  draft->parent = derive->base;
  draft->reason = reason;
  draft->attributes = NULL;
  draft->n_attributes = 0;
}

static bool fill(Derive *derive, Live *live, bool over, EntryDraft *draft)
{
  const Rules *rules = live->rules;
  bool fine = derive_rdn(derive, live, &draft->rdn);
  if (!fine)
    derive_fault(derive, &rules->name->spot, "name-missing", rules->name_type);
  if (fine && !find_parent(derive, live, &draft->parent)) {
    derive_fault(derive, rules->home.object ? &rules->home.spot : &rules->spot, "place-missing",
                 NULL);
    fine = false;
  }
  if (!fine || !add_attributes(derive, live, draft->key, over)) {
    derive_strip(derive, draft, "incomplete");
    return false;
  }
  draft->attributes = (const Attribute *)(const void *)derive->attributes->data;
  draft->n_attributes = derive->attributes->len;
  return true;
}

bool derive_fill(Derive *derive, Live *live, EntryDraft *draft)
{
  return fill(derive, live, false, draft);
}

bool derive_fill_over(Derive *derive, Live *live, EntryDraft *draft)
{
  return fill(derive, live, true, draft);
}

bool derive_fill_life(Derive *derive, const Live *live, const Life *life, EntryDraft *draft)
{
  derive->rules = live->rules;
  // Whoever has none of the class's comes with an empty hand.
  if (!draft->n_attributes)
    g_array_set_size(derive->attributes, 0);
  draft->n_attributes = 0;
  for (unsigned i = 0; i < life->n_rules; i++)
    if (!add_instead(derive, &life->rules[i]))
      return false;
  draft->attributes = (const Attribute *)(const void *)derive->attributes->data;
  draft->n_attributes = derive->attributes->len;
  return true;
}

bool derive_fits(Derive *derive, const Wanted *when, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    const char *value = scope_get(&derive->scope, when[i].name);
    if (!value || !g_strv_contains(when[i].values, value))
      return false;
  }
  return true;
}

bool derive_wanted(Derive *derive, const Rules *rules, const char *state)
{
  for (unsigned i = 0; i < rules->n_when; i++) {
    const Wanted *wanted = &rules->when[i];
    if (wanted->is_state && !state)
      continue;
    const char *value = wanted->is_state ? state : scope_get(&derive->scope, wanted->name);
    if (!value || !g_strv_contains(wanted->values, value))
      return false;
  }
  return true;
}
