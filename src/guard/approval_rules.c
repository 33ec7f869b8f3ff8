// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <string.h>

// The site's key `approvals`.

static const char *const KEYS[] = {"signed", "keys",   "two_above", "own",
                                   "shared", "needed", "drifted",   NULL};

// ---------------------------------------------------------------------------------------------
// The level above which two people are needed: what a plan is counted by.

// What takes something away from somebody.
static bool is_revoking(const Op *op)
{
  return op->kind == OP_DISABLE || op->kind == OP_DELETE || op->kind == OP_LEAVE ||
         op->kind == OP_RESTRICT;
}

static int64_t count_people(const Plan *plan)
{
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++)
    if (plan_op(plan, n)->person != 0)
      g_hash_table_add(people, GUINT_TO_POINTER(plan_op(plan, n)->person));
  return g_hash_table_size(people);
}

static int64_t count_revoking(const Plan *plan)
{
  int64_t n = 0;
  for (uint32_t i = 1; i <= plan_n_ops(plan); i++)
    n += is_revoking(plan_op(plan, i));
  return n;
}

static int64_t count_operations(const Plan *plan)
{
  return (int64_t)plan_n_ops(plan);
}

static int64_t count_kind(const Plan *plan, OpKind kind)
{
  int64_t n = 0;
  for (uint32_t i = 1; i <= plan_n_ops(plan); i++)
    n += plan_op(plan, i)->kind == kind;
  return n;
}

static const struct {
  const char *name;
  int64_t (*count)(const Plan *plan);
} MEASURES[] = {
    {"people", count_people}, {"revoking", count_revoking}, {"operations", count_operations}};

typedef struct Level {
  const char *name;
  int64_t (*count)(const Plan *plan);  // NULL: of the kind
  OpKind kind;
  Limit limit;
} Level;

static bool find_measure(const char *name, Level *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(MEASURES); i++)
    if (strcmp(MEASURES[i].name, name) == 0) {
      *out = (Level){.name = MEASURES[i].name, .count = MEASURES[i].count};
      return true;
    }
  if (!op_kind_of(name, &out->kind))
    return false;
  out->name = op_traits(out->kind)->name;
  return true;
}

bool approval_rules_above(const ApprovalRules *rules, const Plan *plan, ApprovalLevel *out)
{
  *out = (ApprovalLevel){0};
  for (guint i = 0; rules && i < rules->levels->len; i++) {
    const Level *level = &g_array_index(rules->levels, Level, i);
    int64_t n = level->count ? level->count(plan) : count_kind(plan, level->kind);
    int64_t most = MAX(level->limit.count,
                       (int64_t)((double)plan_head(plan)->people * level->limit.percent / 100));
    if (level->limit.none || n <= most)
      continue;
    *out = (ApprovalLevel){level->name, n, most};
    return true;
  }
  return false;
}

char *approval_rules_two(const ApprovalRules *rules, const Plan *plan)
{
  ApprovalLevel above;
  if (!approval_rules_above(rules, plan, &above))
    return NULL;
  return g_strdup_printf(_("it takes two: %s %" G_GINT64_FORMAT ", more than %" G_GINT64_FORMAT),
                         above.name, above.n, above.most);
}

// ---------------------------------------------------------------------------------------------
// Reading.

typedef struct Reading {
  const Yaml *yaml;
  Findings *findings;
  const char *folder;
  ApprovalRules *rules;
} Reading;

static char *path_in(const Reading *reading, const char *path)
{
  return g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(reading->folder, path, NULL);
}

// Takes the path. Which of two keys of one name counts would be left to chance.
static void add_key(const Reading *reading, const YamlNode *node, const char *name, char *path)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  if (g_hash_table_contains(reading->rules->keys, key->str))
    yaml_fault(reading->yaml, node, reading->findings, "approval-keys",
               _("there are two keys of “%s”: width, case and spaces make no other name"), name);
  g_hash_table_replace(reading->rules->keys, g_strdup(key->str), path);
}

static void read_key_folder(const Reading *reading, const YamlNode *node)
{
  static const char ending[] = ".pub";
  g_autoptr(GError) fault = NULL;
  g_autofree char *folder = path_in(reading, yaml_text(node));
  g_autoptr(GDir) dir = g_dir_open(folder, 0, &fault);
  if (!dir) {
    yaml_fault(reading->yaml, node, reading->findings, "approval-keys",
               _("the folder of keys cannot be read: %s"), fault->message);
    return;
  }
  for (const char *file; (file = g_dir_read_name(dir));) {
    if (!g_str_has_suffix(file, ending))
      continue;
    g_autofree char *name = g_strndup(file, strlen(file) - strlen(ending));
    add_key(reading, node, name, g_build_filename(folder, file, NULL));
  }
}

static void read_keys(const Reading *reading, const YamlNode *node)
{
  if (yaml_kind(node) == YAML_SCALAR)
    read_key_folder(reading, node);
  else if (node && yaml_kind(node) != YAML_MAP)
    yaml_fault(reading->yaml, node, reading->findings, "approval-keys",
               _("“keys” is a folder with NAME.pub in it, or a list NAME: FILE"));
  for (size_t i = 0; yaml_kind(node) == YAML_MAP && i < yaml_count(node); i++) {
    const char *name = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(node, i, &name, &key, &value))
      continue;
    if (yaml_text(value))
      add_key(reading, key, name, path_in(reading, yaml_text(value)));
    else
      yaml_fault(reading->yaml, key, reading->findings, "approval-keys",
                 _("the file of this person's public key is missing here"));
  }
}

static void read_levels(const Reading *reading, const YamlNode *node)
{
  if (node && yaml_kind(node) != YAML_MAP)
    yaml_fault(reading->yaml, node, reading->findings, "approval-level",
               _("“two_above” is a list such as {people: 100, revoking: 50, delete: 0}"));
  for (size_t i = 0; yaml_kind(node) == YAML_MAP && i < yaml_count(node); i++) {
    const char *name = NULL;
    const YamlNode *key = NULL, *value = NULL;
    Level level = {0};
    if (!yaml_pair(node, i, &name, &key, &value))
      continue;
    const char *text = yaml_text(value);
    if (!find_measure(name, &level))
      yaml_fault(reading->yaml, key, reading->findings, "approval-level",
                 _("a plan is counted by people, operations, revoking or a kind such as delete, "
                   "not by “%s”"),
                 name);
    else if (!text || !guard_limit_parse(text, &level.limit))
      yaml_fault(reading->yaml, value, reading->findings, "approval-level",
                 _("“%s” is no level: write 10, 5%%, “10 or 5%%” (the greater of the two) or none"),
                 text ? text : "");
    else
      g_array_append_val(reading->rules->levels, level);
  }
}

static void read_shared(const Reading *reading, const YamlNode *node)
{
  if (node && yaml_kind(node) != YAML_LIST)
    yaml_fault(reading->yaml, node, reading->findings, "approval-shared",
               _("“shared” is a list of accounts, such as [idou]"));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++)
    if (yaml_text(yaml_item(node, i)))
      g_ptr_array_add(reading->rules->shared, g_strdup(yaml_text(yaml_item(node, i))));
}

// The place of the word that is said; that of the first when none is.
static unsigned read_word(const Reading *reading, const YamlNode *map, const char *key,
                          const char *const *words)
{
  const char *text = words[0];
  yaml_read_text(reading->yaml, map, key, reading->findings, &text);
  for (unsigned i = 0; words[i]; i++)
    if (strcmp(words[i], text) == 0)
      return i;
  g_autofree char *all = g_strjoinv(", ", (char **)words);
  yaml_fault(reading->yaml, yaml_get(map, key), reading->findings, "approval-word",
             _("“%s” is one of %s, not “%s”"), key, all, text);
  return 0;
}

ApprovalRules *approval_rules_read(const Yaml *yaml, const YamlNode *node, const char *folder,
                                   Findings *findings)
{
  static const char *const signings[] = {"optional", "required", NULL};
  static const char *const needs[] = {"held", "above", "always", NULL};
  static const char *const drifts[] = {"refuse", "follow", NULL};
  if (yaml_kind(node) == YAML_NONE)
    return NULL;
  ApprovalRules *rules = g_new0(ApprovalRules, 1);
  rules->shared = g_ptr_array_new_with_free_func(g_free);
  rules->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  rules->levels = g_array_new(FALSE, TRUE, sizeof(Level));
  const Reading reading = {yaml, findings, folder, rules};
  yaml_check_keys(yaml, node, KEYS, findings);
  rules->is_signed = read_word(&reading, node, "signed", signings) == 1;
  rules->needed = read_word(&reading, node, "needed", needs);
  rules->follows = read_word(&reading, node, "drifted", drifts) == 1;
  yaml_read_bool(yaml, node, "own", findings, &rules->own);
  read_keys(&reading, yaml_get(node, "keys"));
  read_levels(&reading, yaml_get(node, "two_above"));
  read_shared(&reading, yaml_get(node, "shared"));
  if (rules->is_signed && g_hash_table_size(rules->keys) == 0)
    yaml_fault(yaml, yaml_get(node, "signed"), findings, "approval-keys",
               _("nobody could sign: “keys” names nobody's public key"));
  return rules;
}

void approval_rules_free(ApprovalRules *rules)
{
  if (!rules)
    return;
  g_ptr_array_unref(rules->shared);
  g_hash_table_unref(rules->keys);
  g_array_unref(rules->levels);
  g_free(rules);
}
