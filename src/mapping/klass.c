// SPDX-License-Identifier: GPL-3.0-or-later
//
// One mapping file: for whom, where, under which name, with which life. Attributes and memberships
// are read by klass_rules.c.
#include "mapping_p.h"

#include <string.h>

Spot mapping_spot(const Reading *reading, const YamlNode *node)
{
  return (Spot){reading->file, yaml_line(node), yaml_column(node)};
}

const Template *klass_template(Reading *reading, const YamlNode *node)
{
  const char *text = yaml_text(node);
  if (!text) {
    yaml_fault(reading->yaml, node, reading->library->findings, "mapping-value",
               _("a text is wanted here"));
    return NULL;
  }
  Spot spot = mapping_spot(reading, node);
  return template_parse(reading->library, text, &spot);
}

const char *const *klass_words(Reading *reading, const YamlNode *map, const char *key)
{
  const YamlNode *node = yaml_get(map, key);
  bool is_list = yaml_kind(node) == YAML_LIST;
  size_t n = is_list ? yaml_count(node) : yaml_kind(node) == YAML_SCALAR;
  const char **words = library_alloc(reading->library, (n + 1) * sizeof *words);
  for (size_t i = 0; i < n; i++) {
    const YamlNode *item = is_list ? yaml_item(node, i) : node;
    const char *text = yaml_text(item);
    if (!text)
      yaml_fault(reading->yaml, item, reading->library->findings, "mapping-value",
                 _("a word is wanted here"));
    words[i] = library_text(reading->library, text ? text : "", text ? strlen(text) : 0);
  }
  if (n == 0)
    yaml_fault(reading->yaml, node ? node : map, reading->library->findings, "mapping-value",
               _("“%s” wants a word or a list of words"), key);
  return words;
}

const char *const *klass_states(Library *library, const char *const *words)
{
  static const char *const like_leave[] = {"suspended", "seconded"};
  size_t n = 0;
  if (!g_strv_contains(words, "leave"))
    return words;
  while (words[n])
    n++;
  const char **all = library_alloc(library, (n + G_N_ELEMENTS(like_leave) + 1) * sizeof *all);
  memcpy(all, words, n * sizeof *all);
  for (size_t i = 0; i < G_N_ELEMENTS(like_leave); i++)
    if (!g_strv_contains(words, like_leave[i]))
      all[n++] = like_leave[i];
  return all;
}

// A text that lives as long as the library; NULL when missing (a fault if needed).
static const char *read_text(Reading *reading, const YamlNode *map, const char *key, bool needed)
{
  const char *text = NULL;
  Findings *findings = reading->library->findings;
  yaml_read_text(reading->yaml, map, key, findings, &text);
  if (!text && needed && yaml_kind(yaml_get(map, key)) == YAML_NONE)
    yaml_fault(reading->yaml, map, findings, "mapping-missing", _("“%s” is missing"), key);
  return text ? library_text(reading->library, text, strlen(text)) : NULL;
}

static bool is_map(Reading *reading, const YamlNode *node, const char *what)
{
  if (yaml_kind(node) == YAML_MAP)
    return true;
  if (yaml_kind(node) != YAML_NONE)
    yaml_fault(reading->yaml, node, reading->library->findings, "mapping-value",
               _("“%s” holds names with values"), what);
  return false;
}

// ---------------------------------------------------------------------------------------------
// For whom.

static void read_subject(Reading *reading, const YamlNode *root)
{
  static const struct {
    const char *word;
    MappingFor subject;
  } words[] = {
      {"person", FOR_PERSON}, {"post", FOR_POST},   {"assignment", FOR_ASSIGNMENT},
      {"unit", FOR_UNIT},     {"group", FOR_GROUP},
  };
  const char *word = read_text(reading, root, "for", true);
  if (!word)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (strcmp(words[i].word, word) != 0)
      continue;
    reading->rules->klass.subject = words[i].subject;
    return;
  }
  yaml_fault(reading->yaml, yaml_get(root, "for"), reading->library->findings, "mapping-value",
             _("“for” is person, post, assignment, unit or group, not “%s”"), word);
}

static void check_states(Reading *reading, const Wanted *wanted, const YamlNode *node)
{
  for (const char *const *value = wanted->values; *value; value++)
    if (state_of(*value) == STATE_NONE)
      yaml_fault(reading->yaml, node, reading->library->findings, "mapping-value",
                 _("there is no state “%s”: active, leave, suspended, seconded or left"), *value);
}

const Wanted *klass_read_wanted(Reading *reading, const YamlNode *when, unsigned *n)
{
  *n = 0;
  if (!is_map(reading, when, "when"))
    return NULL;
  *n = (unsigned)yaml_count(when);
  Wanted *wanted = library_alloc(reading->library, *n * sizeof *wanted);
  for (size_t i = 0; i < *n; i++) {
    const char *field;
    const YamlNode *key, *value;
    yaml_pair(when, i, &field, &key, &value);
    wanted[i] = (Wanted){.name = library_name(reading->library, field),
                         .is_state = strcmp(field, "state") == 0,
                         .values = klass_words(reading, when, field),
                         .spot = mapping_spot(reading, key)};
    if (!wanted[i].is_state)
      continue;
    check_states(reading, &wanted[i], value);
    wanted[i].values = klass_states(reading->library, wanted[i].values);
  }
  return wanted;
}

// ---------------------------------------------------------------------------------------------
// Key, place and name.

static void read_key(Reading *reading, const YamlNode *root)
{
  const YamlNode *key = yaml_get(root, "key"), *value;
  const char *attribute;
  if (yaml_kind(key) != YAML_MAP || yaml_count(key) != 1) {
    yaml_fault(reading->yaml, key ? key : root, reading->library->findings, "mapping-key",
               _("“key” names one attribute and its value, as in key: {employeeNumber: "
                 "\"${number}\"}"));
    return;
  }
  yaml_pair(key, 0, &attribute, NULL, &value);
  reading->rules->klass.key_attribute =
      library_text(reading->library, attribute, strlen(attribute));
  reading->rules->key = klass_template(reading, value);
}

// "uid=${login}": the type stays as it is, the value is escaped when it is known.
static void read_name(Reading *reading, const YamlNode *root)
{
  const char *text = read_text(reading, root, "name", true);
  if (!text)
    return;
  const YamlNode *node = yaml_get(root, "name");
  size_t n_type = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");
  if (n_type == 0 || text[n_type] != '=') {
    yaml_fault(reading->yaml, node, reading->library->findings, "mapping-name",
               _("“name” is an attribute and its value, as in name: \"uid=${login}\""));
    return;
  }
  Spot spot = mapping_spot(reading, node);
  spot.column += (int)n_type + 1;
  reading->rules->name_type = library_text(reading->library, text, n_type);
  reading->rules->name = template_parse(reading->library, text + n_type + 1, &spot);
}

static void read_place(Reading *reading, const YamlNode *root)
{
  static const char *const keys[] = {"object", "of", NULL};
  Rules *rules = reading->rules;
  const YamlNode *in = yaml_get(root, "in");
  const char *below = read_text(reading, root, "below", false);
  switch (yaml_kind(in)) {
  case YAML_SCALAR:
    rules->container = library_text(reading->library, yaml_text(in), strlen(yaml_text(in)));
    break;
  case YAML_MAP:
    klass_read_ref(reading, in, keys, &rules->home);
    rules->container = below;
    break;
  default:
    yaml_fault(reading->yaml, in ? in : root, reading->library->findings, "mapping-place",
               _("“in” says where: a place below the target's base, or {object: unit, of: …}"));
  }
}

// ---------------------------------------------------------------------------------------------
// Life.

static void read_life(Reading *reading, const YamlNode *node, Life *life)
{
  static const char *const keys[] = {"disable",    "move", "memberships", "delete_after",
                                     "attributes", "end",  NULL};
  Findings *findings = reading->library->findings;
  *life = (Life){
      .given = true, .keep = life->keep, .delete_after = -1, .spot = mapping_spot(reading, node)};
  if (!is_map(reading, node, "lifecycle"))
    return;
  yaml_check_keys(reading->yaml, node, keys, findings);
  yaml_read_bool(reading->yaml, node, "disable", findings, &life->disable);
  yaml_read_bool(reading->yaml, node, "end", findings, &life->ends);
  life->move = read_text(reading, node, "move", false);
  yaml_read_days(reading->yaml, node, "delete_after", findings, &life->delete_after);
  // What is neither active nor disabled is left alone altogether.
  klass_read_life(reading, yaml_get(node, "attributes"), life);
  if ((life->move || life->n_rules || yaml_get(node, "memberships")) && !life->disable)
    yaml_fault(reading->yaml, node, findings, "mapping-life",
               _("“move”, “memberships” and “attributes” go with disable: true"));
  const char *memberships = read_text(reading, node, "memberships", false);
  if (!memberships)
    return;
  life->keep = strcmp(memberships, "keep") == 0;
  if (!life->keep && strcmp(memberships, "drop") != 0)
    yaml_fault(reading->yaml, yaml_get(node, "memberships"), findings, "mapping-value",
               _("“memberships” is keep or drop, not “%s”"), memberships);
}

// Without a rule of their own the suspended and the seconded are as those on leave. Where the suspended have
// one, both are explained by the line above them: the line of one alone would tell who is suspended.
static void read_like_leave(Reading *reading, const YamlNode *lifecycle)
{
  Life *lives = reading->rules->lives;
  bool own = lives[LIFE_SUSPENDED].given;
  for (LifeKind kind = LIFE_SUSPENDED; kind <= LIFE_SECONDED; kind++)
    if (!lives[kind].given)
      lives[kind] = lives[LIFE_LEAVE];
  if (!own)
    return;
  lives[LIFE_SUSPENDED].spot = mapping_spot(reading, lifecycle);
  if (lives[LIFE_LEAVE].given)
    lives[LIFE_LEAVE].spot = lives[LIFE_SUSPENDED].spot;
}

static void read_lives(Reading *reading, const YamlNode *lifecycle)
{
  static const char *const names[] = {
      [LIFE_LEAVE] = "leave", [LIFE_SUSPENDED] = "suspended", [LIFE_SECONDED] = "seconded",
      [LIFE_LEFT] = "left",   [LIFE_OTHERWISE] = "otherwise", [LIFE_ENDED] = "ended",
      [N_LIVES] = NULL};
  Rules *rules = reading->rules;
  for (unsigned i = 0; i < N_LIVES; i++)
    rules->lives[i] = (Life){.keep = i <= LIFE_SECONDED, .delete_after = -1, .spot = rules->spot};
  if (!is_map(reading, lifecycle, "lifecycle"))
    return;
  yaml_check_keys(reading->yaml, lifecycle, names, reading->library->findings);
  for (unsigned i = 0; i < N_LIVES; i++) {
    const YamlNode *node = yaml_get(lifecycle, names[i]);
    if (node)
      read_life(reading, node, &rules->lives[i]);
    rules->disables |= rules->lives[i].disable;
    if (rules->lives[i].delete_after >= 0 && i != LIFE_LEFT && i != LIFE_ENDED)
      yaml_fault(reading->yaml, node, reading->library->findings, "mapping-life",
                 _("only who left and what ended is deleted after a time"));
    if (rules->lives[i].ends &&
        (i == LIFE_LEFT || i == LIFE_ENDED || rules->klass.subject != FOR_ASSIGNMENT))
      yaml_fault(
          reading->yaml, node, reading->library->findings, "mapping-life",
          _("“end” is for assignments, of who is on leave, suspended, seconded or not eligible"));
  }
  rules->klass.disables = rules->disables;
  const Life *left = &rules->lives[LIFE_LEFT];
  rules->klass.keeps = left->given && !left->disable && left->delete_after >= 0;
  read_like_leave(reading, lifecycle);
}

static void read_before(Reading *reading, const YamlNode *before)
{
  static const char *const keys[] = {"create", "disabled", NULL};
  Rules *rules = reading->rules;
  rules->before_days = -1;
  if (!is_map(reading, before, "before"))
    return;
  yaml_check_keys(reading->yaml, before, keys, reading->library->findings);
  yaml_read_days(reading->yaml, before, "create", reading->library->findings, &rules->before_days);
  yaml_read_bool(reading->yaml, before, "disabled", reading->library->findings,
                 &rules->before_disabled);
  rules->disables |= rules->before_disabled;
  rules->klass.disables = rules->disables;
}

static void read_members(Reading *reading, const YamlNode *members)
{
  static const char *const keys[] = {"attribute", "filler", NULL};
  Klass *klass = &reading->rules->klass;
  if (!is_map(reading, members, "members"))
    return;
  yaml_check_keys(reading->yaml, members, keys, reading->library->findings);
  klass->member_attribute = read_text(reading, members, "attribute", true);
  klass->filler = read_text(reading, members, "filler", false);
}

// ---------------------------------------------------------------------------------------------

static void add_word(Library *library, GPtrArray *words, const char *word)
{
  if (word && !g_ptr_array_find_with_equal_func(words, word, g_str_equal, NULL))
    g_ptr_array_add(words, (void *)library_text(library, word, strlen(word)));
}

static const char *const *kept_words(Library *library, GPtrArray *words)
{
  const char **kept = library_alloc(library, (words->len + 1) * sizeof *kept);
  for (unsigned i = 0; i < words->len; i++)
    kept[i] = words->pdata[i];
  return kept;
}

static void list_attributes(Library *library, Rules *rules)
{
  g_autoptr(GPtrArray) attributes = g_ptr_array_new();
  add_word(library, attributes, rules->klass.key_attribute);
  add_word(library, attributes, rules->name_type);
  for (unsigned i = 0; i < rules->n_rules; i++)
    add_word(library, attributes, rules->rules[i].attribute);
  rules->klass.attributes = kept_words(library, attributes);
}

static void list_containers(Library *library, Rules *rules)
{
  g_autoptr(GPtrArray) containers = g_ptr_array_new();
  add_word(library, containers, rules->container);
  for (unsigned i = 0; i < N_LIVES; i++)
    add_word(library, containers, rules->lives[i].move);
  rules->klass.containers = kept_words(library, containers);
}

static void read_frame(Reading *reading, const YamlNode *root)
{
  static const char *const keys[] = {
      "target",      "object",    "for",     "when",        "key",    "adopt",
      "in",          "below",     "name",    "classes",     "before", "attributes",
      "memberships", "lifecycle", "members", "assignments", NULL};
  Rules *rules = reading->rules;
  yaml_check_keys(reading->yaml, root, keys, reading->library->findings);
  rules->klass.name = read_text(reading, root, "object", true);
  read_subject(reading, root);
  rules->when = klass_read_wanted(reading, yaml_get(root, "when"), &rules->n_when);
  read_key(reading, root);
  read_name(reading, root);
  read_place(reading, root);
  read_lives(reading, yaml_get(root, "lifecycle"));
  read_before(reading, yaml_get(root, "before"));
  read_members(reading, yaml_get(root, "members"));
  static const char *const none[] = {NULL};
  rules->klass.adopt = yaml_get(root, "adopt") ? klass_words(reading, root, "adopt") : none;
  rules->klass.classes = klass_words(reading, root, "classes");
}

const char *const *klass_targets(Library *library, const Yaml *yaml)
{
  const char *file = library_text(library, yaml_name(yaml), strlen(yaml_name(yaml)));
  Reading reading = {library, yaml, file, NULL};
  const YamlNode *root = yaml_root(yaml), *node = yaml_get(root, "target");
  static const char *const none[] = {NULL};
  if (yaml_kind(root) == YAML_MAP && yaml_kind(node) == YAML_NONE)
    yaml_fault(yaml, root, library->findings, "mapping-missing", _("“%s” is missing"), "target");
  else if (yaml_kind(root) == YAML_MAP)
    return klass_words(&reading, root, "target");
  else
    yaml_fault(yaml, root, library->findings, "mapping-value", _("this file holds no mapping"));
  return none;
}

Rules *klass_parse(Library *library, const Yaml *yaml, const char *target)
{
  const YamlNode *root = yaml_root(yaml);
  size_t n_before = findings_count_level(library->findings, FINDING_ERROR);
  Rules *rules = library_alloc(library, sizeof *rules);
  const char *file = library_text(library, yaml_name(yaml), strlen(yaml_name(yaml)));
  Reading reading = {library, yaml, file, rules};
  rules->klass.file = file;
  rules->spot = (Spot){rules->klass.file, 1, 1};
  rules->home.klass = -1;
  rules->klass.target = target;
  read_frame(&reading, root);
  klass_read_rules(&reading, yaml_get(root, "attributes"));
  klass_check_lives(&reading);
  klass_read_grants(&reading, yaml_get(root, "memberships"));
  klass_read_assign(&reading, root);
  if (findings_count_level(library->findings, FINDING_ERROR) > n_before)
    return NULL;
  list_attributes(library, rules);
  list_containers(library, rules);
  return rules;
}

static bool each_value(const Rule *rules, unsigned n_rules, TemplateFunc func, void *data)
{
  bool more = true;
  for (unsigned i = 0; i < n_rules && more; i++) {
    for (unsigned v = 0; v < rules[i].n_values && more; v++)
      more = func(rules[i].values[v], rules[i].attribute, data);
    if (more && rules[i].ref.of)
      more = func(rules[i].ref.of, rules[i].attribute, data);
  }
  return more;
}

void klass_templates(const Rules *rules, TemplateFunc func, void *data)
{
  bool more = func(rules->key, rules->klass.key_attribute, data) &&
              func(rules->name, rules->name_type, data) &&
              (!rules->home.of || func(rules->home.of, "in", data));
  more = more && each_value(rules->rules, rules->n_rules, func, data);
  for (LifeKind kind = 0; kind < N_LIVES && more; kind++)
    more = each_value(rules->lives[kind].rules, rules->lives[kind].n_rules, func, data);
  for (unsigned i = 0; i < rules->n_grants && more; i++) {
    const Grant *grant = &rules->grants[i];
    if (grant->ref.of)
      more = func(grant->ref.of, "memberships", data);
    if (more && grant->grace.of)
      more = func(grant->grace.of, "memberships", data);
  }
}
