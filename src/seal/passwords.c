// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal_p.h"

#define LEAST_CHARS 8
#define MOST_CHARS 127  // AD takes no longer ones at its tools
#define STANDARD_CHARS 12
#define STANDARD_SIGNS "!#$%&*+=?@"
// Signs that a keyboard, a print and a telephone all have without doubt, and no shell word or CSV cell cuts.
#define ALL_SIGNS "!#$%&()*+-/:;<=>?@[]^_{}~"

// Without what looks alike in print: no I l 1, no O o 0.
static const struct {
  const char *name, *characters;
} classes[] = {{"upper", "ABCDEFGHJKLMNPQRSTUVWXYZ"},
               {"lower", "abcdefghijkmnpqrstuvwxyz"},
               {"digit", "23456789"},
               {"sign", STANDARD_SIGNS}};

static const char *const passwords_keys[] = {"seal_to", "policies", "keep", "issuer",
                                             "desk",    "systems",  NULL};
static const char *const policy_keys[] = {"length", "classes", "signs", NULL};
static const char *const system_keys[] = {"name", "text", NULL};

typedef struct Reading {
  const Yaml *yaml;
  const char *folder;
  Findings *findings;
  Passwords *passwords;
} Reading;

static const char *keep(Reading *reading, const char *text)
{
  char *copy = g_strdup(text);
  g_ptr_array_add(reading->passwords->strings, copy);
  return copy;
}

static const char *read_text(Reading *reading, const YamlNode *map, const char *key)
{
  const char *text = NULL;
  yaml_read_text(reading->yaml, map, key, reading->findings, &text);
  return text ? keep(reading, text) : NULL;
}

static bool is_map(Reading *reading, const YamlNode *node, const char *what)
{
  if (yaml_kind(node) == YAML_MAP)
    return true;
  yaml_fault(reading->yaml, node, reading->findings, "not-a-map", "%s", what);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Policies.

static bool take_class(Reading *reading, const YamlNode *node, SecretRule *rule, size_t *n_classes)
{
  const char *name = yaml_text(node);
  for (size_t i = 0; name && i < G_N_ELEMENTS(classes); i++) {
    if (!g_str_equal(name, classes[i].name))
      continue;
    for (size_t k = 0; k < *n_classes; k++)
      if (rule->classes[k] == classes[i].characters)
        return true;
    rule->classes[(*n_classes)++] = classes[i].characters;
    return true;
  }
  yaml_fault(reading->yaml, node, reading->findings, "password-class",
             _("there is no class “%s” of characters; there are upper, lower, digit and sign"),
             name ? name : "");
  return false;
}

static void read_classes(Reading *reading, const YamlNode *list, SecretRule *rule)
{
  size_t n = 0;
  if (list && (yaml_kind(list) != YAML_LIST || yaml_count(list) == 0))
    yaml_fault(reading->yaml, list, reading->findings, "password-class",
               _("“classes” is a list such as [upper, lower, digit, sign]"));
  for (size_t i = 0; i < yaml_count(list); i++)
    take_class(reading, yaml_item(list, i), rule, &n);
  for (size_t i = 0; n == 0 && i < G_N_ELEMENTS(classes); i++)
    rule->classes[i] = classes[i].characters;
}

static bool signs_are_sound(const char *signs)
{
  for (const char *at = signs; *at; at++)
    if (!strchr(ALL_SIGNS, *at) || strchr(at + 1, *at))
      return false;
  return *signs != '\0';
}

static void read_signs(Reading *reading, const YamlNode *map, SecretRule *rule)
{
  const char *signs = read_text(reading, map, "signs");
  if (!signs)
    return;
  if (!signs_are_sound(signs)) {
    yaml_fault(reading->yaml, yaml_get(map, "signs"), reading->findings, "password-signs",
               _("“signs” are some of %s, each once"), ALL_SIGNS);
    return;
  }
  for (size_t i = 0; i < SECRET_CLASSES; i++)
    if (rule->classes[i] && g_str_equal(rule->classes[i], STANDARD_SIGNS))
      rule->classes[i] = signs;
}

static void read_policy(Reading *reading, const char *name, const YamlNode *key,
                        const YamlNode *map)
{
  PasswordsPolicy policy = {.name = keep(reading, name), .rule = {.n_chars = STANDARD_CHARS}};
  int64_t length = STANDARD_CHARS;
  if (*name == '\0' || strpbrk(name, " \t"))
    yaml_fault(reading->yaml, key, reading->findings, "password-policy",
               _("the name of a policy is one word"));
  if (!is_map(reading, map ? map : key, _("a policy is a map such as {length: 12}")))
    return;
  yaml_check_keys(reading->yaml, map, policy_keys, reading->findings);
  yaml_read_int(reading->yaml, map, "length", reading->findings, &length);
  if (length < LEAST_CHARS || length > MOST_CHARS)
    yaml_fault(reading->yaml, yaml_get(map, "length"), reading->findings, "password-length",
               _("a password has %d to %d characters"), LEAST_CHARS, MOST_CHARS);
  policy.rule.n_chars = (size_t)CLAMP(length, LEAST_CHARS, MOST_CHARS);
  read_classes(reading, yaml_get(map, "classes"), &policy.rule);
  read_signs(reading, map, &policy.rule);
  g_array_append_val(reading->passwords->policies, policy);
}

static void read_policies(Reading *reading, const YamlNode *root)
{
  const YamlNode *map = yaml_get(root, "policies");
  if (yaml_count(map) == 0) {
    yaml_fault(reading->yaml, map ? map : root, reading->findings, "key-missing",
               _("“passwords” needs “policies”, by the names that mappings use: "
                 "{initial: {length: 12}}"));
    return;
  }
  if (!is_map(reading, map, _("“policies” is a map of names and policies")))
    return;
  for (size_t i = 0; i < yaml_count(map); i++) {
    const char *name;
    const YamlNode *key, *value;
    if (yaml_pair(map, i, &name, &key, &value))
      read_policy(reading, name, key, yaml_kind(value) == YAML_NONE ? NULL : value);
  }
}

// ---------------------------------------------------------------------------------------------
// The rest.

static void read_systems(Reading *reading, const YamlNode *root)
{
  const YamlNode *map = yaml_get(root, "systems");
  if (!map || !is_map(reading, map, _("“systems” is a map of targets, with name and text of each")))
    return;
  for (size_t i = 0; i < yaml_count(map); i++) {
    const char *name;
    const YamlNode *key, *value;
    if (!yaml_pair(map, i, &name, &key, &value) ||
        !is_map(reading, value, _("a system has “name” and “text”, for its notices")))
      continue;
    yaml_check_keys(reading->yaml, value, system_keys, reading->findings);
    PasswordsSystem system = {keep(reading, name), read_text(reading, value, "name"),
                              read_text(reading, value, "text")};
    g_array_append_val(reading->passwords->systems, system);
  }
}

static void read_key(Reading *reading, const YamlNode *root)
{
  Passwords *passwords = reading->passwords;
  const YamlNode *node = yaml_get(root, "seal_to");
  const char *path = read_text(reading, root, "seal_to");
  if (!path) {
    yaml_fault(
        reading->yaml, node ? node : root, reading->findings, "key-missing",
        _("“passwords” needs “seal_to”: the operator's public key, as `idou keys` makes it"));
    return;
  }
  g_autoptr(GError) error = NULL;
  g_autofree char *full =
      g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(reading->folder, path, NULL);
  passwords->seal_to = keep(reading, full);
  passwords->key = keys_public(full, &error);
  if (!passwords->key)
    yaml_fault(reading->yaml, node, reading->findings, "seal-key", "%s", error->message);
}

static void read_desk(Reading *reading, const YamlNode *root)
{
  Passwords *passwords = reading->passwords;
  const char *name = read_text(reading, root, "desk");
  passwords->desk_policy = name ? name : "initial";
  if (name && !passwords_rule(passwords, name))
    yaml_fault(reading->yaml, yaml_get(root, "desk"), reading->findings, "password-policy",
               _("there is no policy “%s” under “policies”"), name);
}

Passwords *passwords_read(const Yaml *yaml, const YamlNode *node, const char *folder,
                          Findings *findings)
{
  if (!node)
    return NULL;
  Passwords *passwords = g_new0(Passwords, 1);
  passwords->policies = g_array_new(FALSE, FALSE, sizeof(PasswordsPolicy));
  passwords->systems = g_array_new(FALSE, FALSE, sizeof(PasswordsSystem));
  passwords->strings = g_ptr_array_new_with_free_func(g_free);
  Reading reading = {yaml, folder, findings, passwords};
  if (!is_map(&reading, node, _("“passwords” needs “seal_to” and “policies” below it")))
    return passwords;
  yaml_check_keys(yaml, node, passwords_keys, findings);
  read_key(&reading, node);
  read_policies(&reading, node);
  read_desk(&reading, node);
  read_systems(&reading, node);
  passwords->issuer = read_text(&reading, node, "issuer");
  yaml_read_days(yaml, node, "keep", findings, &passwords->keep_days);
  return passwords;
}

void passwords_free(Passwords *passwords)
{
  if (!passwords)
    return;
  keys_public_free(passwords->key);
  g_array_unref(passwords->policies);
  g_array_unref(passwords->systems);
  g_ptr_array_unref(passwords->strings);
  g_free(passwords);
}

const SecretRule *passwords_rule(const Passwords *passwords, const char *value)
{
  size_t n = strcspn(value, " ");
  for (guint i = 0; passwords && i < passwords->policies->len; i++) {
    const PasswordsPolicy *policy = &g_array_index(passwords->policies, PasswordsPolicy, i);
    if (strncmp(policy->name, value, n) == 0 && policy->name[n] == '\0')
      return &policy->rule;
  }
  return NULL;
}

const PasswordsSystem *passwords_system(const Passwords *passwords, const char *target)
{
  for (guint i = 0; passwords && i < passwords->systems->len; i++) {
    const PasswordsSystem *system = &g_array_index(passwords->systems, PasswordsSystem, i);
    if (g_str_equal(system->target, target))
      return system;
  }
  return NULL;
}
