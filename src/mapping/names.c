// SPDX-License-Identifier: GPL-3.0-or-later
//
// names.yaml: kinds of names that are given once, and how names are written in Latin letters.
#include "mapping_p.h"

#include <string.h>

#define USUAL_FORM "^[a-z0-9][a-z0-9._-]*$"
#define READ_FORM "."  // of names that people read
#define READ_CHARS 64

// Never given, whatever a site says: mailboxes that stand for an office (RFC 2142), accounts of systems, and what
// a message from them would be believed to be.
static const char *const always_reserved[] = {
    "abuse",         "admin",   "administrator", "anonymous", "backup",   "bin",
    "daemon",        "default", "ftp",           "guest",     "help",     "helpdesk",
    "hostmaster",    "info",    "ldap",          "localhost", "lp",       "mail",
    "mailer-daemon", "manager", "marketing",     "news",      "no-reply", "nobody",
    "noc",           "noreply", "null",          "operator",  "owner",    "postgres",
    "postmaster",    "proxy",   "public",        "root",      "sales",    "security",
    "service",       "staff",   "support",       "sync",      "sys",      "sysadmin",
    "system",        "test",    "undefined",     "user",      "usenet",   "uucp",
    "webmaster",     "www",     "www-data",
};

G_GNUC_PRINTF(4, 5)
static void fault(Reading *reading, const YamlNode *node, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  yaml_fault(reading->yaml, node, reading->library->findings, code, "%s", text);
}

// ---------------------------------------------------------------------------------------------
// Of whom a name is made, and how.

static void read_tries(Reading *reading, const YamlNode *map, NameCase *out)
{
  const YamlNode *list = yaml_get(map, "try");
  size_t n = yaml_kind(list) == YAML_LIST ? yaml_count(list) : 0;
  if (n == 0) {
    fault(reading, list ? list : map, "names-try",
          _("“try” lists the templates of the name, the best first"));
    return;
  }
  const Template **tries = library_alloc(reading->library, n * sizeof *tries);
  for (size_t i = 0; i < n; i++)
    tries[i] = klass_template(reading, yaml_item(list, i));
  out->tries = tries;
  out->n_tries = (unsigned)n;
}

static void read_form(Reading *reading, const YamlNode *map, NameCase *out)
{
  const char *form = NULL, *why;
  if (!yaml_read_text(reading->yaml, map, "form", reading->library->findings, &form))
    return;
  out->form = pattern_new(reading->library, form, &why);
  if (!out->form)
    fault(reading, yaml_get(map, "form"), "names-form", "%s", why);
}

// What the case, or all cases, say of limits; what is not said stays as it is.
static void read_limits(Reading *reading, const YamlNode *map, NameCase *out)
{
  Findings *findings = reading->library->findings;
  yaml_read_int(reading->yaml, map, "max", findings, &out->max_chars);
  yaml_read_int(reading->yaml, map, "suffix_from", findings, &out->first_suffix);
  read_form(reading, map, out);
  if (out->max_chars < 4 || out->max_chars > 255)
    fault(reading, yaml_get(map, "max"), "names-max", _("“max” is from 4 to 255 characters"));
  if (out->first_suffix < 0 || out->first_suffix > 1000)
    fault(reading, yaml_get(map, "suffix_from"), "names-suffix",
          _("“suffix_from” is from 0 to 1000"));
}

static void read_case(Reading *reading, const YamlNode *map, NameCase *out)
{
  static const char *const keys[] = {"when", "try", "max", "suffix_from", "form", NULL};
  out->spot = mapping_spot(reading, map);
  if (yaml_kind(map) != YAML_MAP) {
    fault(reading, map, "names-try", _("a rule of names holds when, try, max …"));
    return;
  }
  yaml_check_keys(reading->yaml, map, keys, reading->library->findings);
  out->when = klass_read_wanted(reading, yaml_get(map, "when"), &out->n_when);
  read_limits(reading, map, out);
  read_tries(reading, map, out);
}

static void read_cases(Reading *reading, const YamlNode *list, const NameCase *usual,
                       NameRule *rule)
{
  size_t n = yaml_kind(list) == YAML_LIST ? yaml_count(list) : 0;
  NameCase *cases = library_alloc(reading->library, MAX(n, 1) * sizeof *cases);
  if (n == 0)
    fault(reading, list, "names-try", _("“rules” lists rules, the first that fits counts"));
  for (size_t i = 0; i < n; i++) {
    cases[i] = *usual;
    read_case(reading, yaml_item(list, i), &cases[i]);
    if (i > 0 && cases[i - 1].n_when == 0)
      fault(reading, yaml_item(list, i), "names-rule-unreached",
            _("this rule is never reached: the one before it fits everybody"));
  }
  rule->cases = cases;
  rule->n_cases = (unsigned)n;
}

static void read_whom(Reading *reading, const YamlNode *map, NameRule *rule)
{
  static const char *const with_rules[] = {"rules", "max",      "suffix_from", "form",   "for",
                                           "taken", "reserved", "renews",      "spaces", NULL};
  static const char *const alone[] = {"try",   "max",      "suffix_from", "form",   "for",
                                      "taken", "reserved", "renews",      "spaces", NULL};
  const YamlNode *rules = yaml_get(map, "rules");
  NameCase *usual = library_alloc(reading->library, sizeof *usual);
  const char *why;
  bool spaces = false;
  yaml_read_bool(reading->yaml, map, "spaces", reading->library->findings, &spaces);
  *usual = (NameCase){.max_chars = spaces ? READ_CHARS : 20,
                      .first_suffix = 2,
                      .form = pattern_new(reading->library, spaces ? READ_FORM : USUAL_FORM, &why),
                      .spaces = spaces,
                      .spot = rule->spot};
  yaml_check_keys(reading->yaml, map, rules ? with_rules : alone, reading->library->findings);
  read_limits(reading, map, usual);
  if (rules) {
    read_cases(reading, rules, usual, rule);
    return;
  }
  read_tries(reading, map, usual);
  rule->cases = usual;
  rule->n_cases = 1;
}

// ---------------------------------------------------------------------------------------------
// What is not to be given.

static void reserve(NameRule *rule, const char *name)
{
  GString *key = g_string_new(NULL);
  text_key(name, key);
  g_hash_table_add(rule->reserved, g_string_free(key, FALSE));
}

static void reserve_table(Reading *reading, NameRule *rule, const YamlNode *node, const char *path)
{
  const Grid *grid = library_sheet(reading->library, path);
  if (!grid) {
    fault(reading, node, "mapping-table", _("the table %s has faults"), path);
    return;
  }
  for (size_t row = 1; row < grid_n_rows(grid); row++)
    if (*grid_cell(grid, row, 0))
      reserve(rule, grid_cell(grid, row, 0));
}

static void read_reserved(Reading *reading, const YamlNode *map, NameRule *rule)
{
  rule->reserved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add(reading->library->sets, rule->reserved);
  for (size_t i = 0; i < G_N_ELEMENTS(always_reserved); i++)
    reserve(rule, always_reserved[i]);
  if (!yaml_get(map, "reserved"))
    return;
  for (const char *const *word = klass_words(reading, map, "reserved"); *word; word++) {
    if (g_str_has_suffix(*word, ".csv"))
      reserve_table(reading, rule, yaml_get(map, "reserved"), *word);
    else
      reserve(rule, *word);
  }
}

bool mapping_name_reserved(const Mapping *mapping, const char *kind, const char *name)
{
  const NameRule *rule = mapping_name_rule(mapping, kind);
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  return rule && g_hash_table_contains(rule->reserved, key->str);
}

// ---------------------------------------------------------------------------------------------

static uint16_t name_in(Reading *reading, const char *kind, const char *part)
{
  g_autofree char *name = g_strconcat(kind, part, NULL);
  return library_name(reading->library, name);
}

static void read_renews(Reading *reading, const YamlNode *map, NameRule *rule)
{
  if (!yaml_get(map, "renews"))
    return;
  const char *const *words = klass_words(reading, map, "renews");
  unsigned n = g_strv_length((char **)words);
  uint16_t *names = library_alloc(reading->library, MAX(n, 1) * sizeof *names);
  for (unsigned i = 0; i < n; i++)
    names[i] = library_name(reading->library, words[i]);
  rule->renews = names;
  rule->n_renews = n;
}

// Names with a domain are whole addresses; of others, what stands in the target may be one with a domain.
static bool makes_addresses(const NameRule *rule)
{
  for (unsigned i = 0; i < rule->n_cases; i++)
    for (unsigned t = 0; t < rule->cases[i].n_tries; t++)
      if (rule->cases[i].tries[t] && strchr(rule->cases[i].tries[t]->text, '@'))
        return true;
  return false;
}

static void read_name_rule(Reading *reading, const char *kind, const YamlNode *map, NameRule *rule)
{
  static const char *const none[] = {NULL};
  *rule = (NameRule){.kind = library_text(reading->library, kind, strlen(kind)),
                     .name = library_name(reading->library, kind),
                     .former = name_in(reading, kind, ".former"),
                     .all = name_in(reading, kind, ".all"),
                     .klasses = none,
                     .taken = none,
                     .spot = mapping_spot(reading, map)};
  read_reserved(reading, map, rule);
  if (yaml_kind(map) != YAML_MAP) {
    fault(reading, map, "names-try", _("“%s” holds try, max, for …"), kind);
    return;
  }
  read_whom(reading, map, rule);
  rule->klasses = klass_words(reading, map, "for");
  rule->taken = klass_words(reading, map, "taken");
  rule->addresses = makes_addresses(rule);
  read_renews(reading, map, rule);
}

static void read_kinds(Mapping *mapping, Reading *reading, const YamlNode *names)
{
  const char *kind;
  const YamlNode *key, *map;
  for (size_t i = 0; yaml_pair(names, i, &kind, &key, &map); i++) {
    if (mapping_name_rule(mapping, kind))
      fault(reading, key, "mapping-twice", _("names “%s” are described in another file, too"),
            kind);
    NameRule *rule = library_alloc(reading->library, sizeof *rule);
    read_name_rule(reading, kind, map, rule);
    g_ptr_array_add(mapping->names, rule);
  }
}

// ---------------------------------------------------------------------------------------------
// Latin letters.

static void read_scheme(Reading *reading, const YamlNode *map, Spelling *spelling)
{
  static const struct {
    const char *word;
    Romaji scheme;
  } words[] = {{"passport", ROMAJI_PASSPORT},
               {"kunrei", ROMAJI_KUNREI},
               {"hepburn2025", ROMAJI_HEPBURN_2025}};
  const char *word = NULL;
  if (!yaml_read_text(reading->yaml, map, "scheme", reading->library->findings, &word))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (strcmp(words[i].word, word) != 0)
      continue;
    spelling->scheme = words[i].scheme;
    return;
  }
  fault(reading, yaml_get(map, "scheme"), "mapping-value",
        _("“scheme” is passport, kunrei or hepburn2025, not “%s”"), word);
}

static void read_spelling(Mapping *mapping, Reading *reading, const YamlNode *map)
{
  static const char *const keys[] = {"scheme", "exceptions", NULL};
  Findings *findings = reading->library->findings;
  const char *path = NULL, *why = NULL;
  if (yaml_kind(map) != YAML_MAP || mapping->has_spelling) {
    fault(reading, map, mapping->has_spelling ? "mapping-twice" : "mapping-value",
          _("“romaji” holds scheme and exceptions, and stands in one file"));
    return;
  }
  mapping->has_spelling = true;
  yaml_check_keys(reading->yaml, map, keys, findings);
  read_scheme(reading, map, &mapping->spelling);
  if (!yaml_read_text(reading->yaml, map, "exceptions", findings, &path))
    return;
  mapping->spelling.exceptions = library_lookup(reading->library, path, NULL, &why);
  if (!mapping->spelling.exceptions)
    fault(reading, yaml_get(map, "exceptions"), "mapping-table", "%s: %s", path, why);
}

bool names_is_file(const YamlNode *root)
{
  return yaml_get(root, "names") || yaml_get(root, "romaji");
}

void names_read(Mapping *mapping, Reading *reading)
{
  static const char *const keys[] = {"names", "romaji", NULL};
  const YamlNode *root = yaml_root(reading->yaml);
  yaml_check_keys(reading->yaml, root, keys, reading->library->findings);
  if (yaml_get(root, "romaji"))
    read_spelling(mapping, reading, yaml_get(root, "romaji"));
  if (yaml_get(root, "names"))
    read_kinds(mapping, reading, yaml_get(root, "names"));
}

// ---------------------------------------------------------------------------------------------
// Which classes use which names.

typedef struct NameUse {
  const NameRule *rule;
  bool found;
} NameUse;

static bool note_use(const Template *template, const char *attribute, void *data)
{
  (void)attribute;
  NameUse *use = data;
  const NameRule *rule = use->rule;
  use->found |= template_uses(template, rule->name) || template_uses(template, rule->former) ||
                template_uses(template, rule->all);
  return !use->found;
}

// A class of the rule's `for` is looked at for names that are taken, whether it uses them or not.
static void link_klass(const Mapping *mapping, Rules *rules)
{
  KlassName *names = library_alloc(mapping->library, (mapping->names->len + 1) * sizeof *names);
  uint16_t *uses = library_alloc(mapping->library, (mapping->names->len + 1) * sizeof *uses);
  static const char *const none[] = {NULL};
  rules->klass.names = names;
  rules->uses = uses;
  for (unsigned i = 0; i < mapping->names->len; i++) {
    const NameRule *rule = mapping->names->pdata[i];
    NameUse use = {rule, false};
    klass_templates(rules, note_use, &use);
    bool listed = g_strv_contains(rule->klasses, rules->klass.name);
    if (use.found)
      uses[rules->n_uses++] = (uint16_t)i;
    if (use.found && !template_uses(rules->key, rule->name))
      ((NameRule *)mapping->names->pdata[i])->is_given = true;
    if (use.found || listed)
      names[rules->klass.n_names++] =
          (KlassName){rule->kind, listed ? rule->taken : none, rule->addresses};
  }
}

static void link_each(const Mapping *mapping, Rule *each)
{
  if (each->kind != RULE_EACH || each->each == SLOT_TEXT)
    return;
  for (unsigned i = 0; i < mapping->names->len; i++) {
    const NameRule *rule = mapping->names->pdata[i];
    if (each->each == rule->former || each->each == rule->all) {
      each->name_rule = i;
      return;
    }
  }
  mapping_fault(mapping, &each->each_spot, "mapping-value",
                _("“each” goes over posts, or over the names of a kind: mail.former (earlier "
                  "ones), mail.all"));
}

// What somebody is given is known by its key alone: with another key it would be another thing.
static void check_stable_key(const Mapping *mapping, const Rules *rules)
{
  for (unsigned i = 0; i < rules->n_uses && rules->assign; i++) {
    const NameRule *rule = mapping->names->pdata[rules->uses[i]];
    if (rule->n_renews && template_uses(rules->key, rule->name))
      mapping_fault(mapping, &rules->key->spot, "mapping-key",
                    _("the key must stay the same for years, and this name may be made anew: "
                      "write ${number}"));
  }
}

void names_link(const Mapping *mapping)
{
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    Rules *rules = mapping->klasses->pdata[i];
    link_klass(mapping, rules);
    for (unsigned k = 0; k < rules->n_rules; k++)
      link_each(mapping, (Rule *)&rules->rules[k]);
    check_stable_key(mapping, rules);
    if (rules->n_uses > 0 &&
        (rules->klass.subject == FOR_UNIT || rules->klass.subject == FOR_GROUP))
      mapping_fault(mapping, &rules->spot, "names-subject", _("only people have allocated names"));
  }
}
