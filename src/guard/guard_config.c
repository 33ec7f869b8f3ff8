// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#define SHRINK_PERCENT 10

static void free_canary(void *data)
{
  Canary *canary = data;
  g_free(canary->place);
  g_free(canary->key);
  g_array_unref(canary->pairs);
  g_free(canary);
}

static void free_pairs(void *data)
{
  g_array_unref(data);
}

GuardConfig *guard_config_new(const char *target)
{
  GuardConfig *config = g_new0(GuardConfig, 1);
  config->strings = g_string_chunk_new(1024);
  config->target = g_string_chunk_insert(config->strings, target);
  config->base = "";
  guard_limits_default(config->limits);
  config->shrink_percent = SHRINK_PERCENT;
  config->canaries = g_ptr_array_new_with_free_func(free_canary);
  config->protected_at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  config->protected_below = g_ptr_array_new_with_free_func(g_free);
  config->protected_by = g_ptr_array_new_with_free_func(free_pairs);
  config->attributes = g_ptr_array_new();
  g_ptr_array_add(config->attributes, NULL);
  return config;
}

void guard_config_free(GuardConfig *config)
{
  if (!config)
    return;
  g_ptr_array_unref(config->canaries);
  g_hash_table_unref(config->protected_at);
  g_ptr_array_unref(config->protected_below);
  g_ptr_array_unref(config->protected_by);
  g_ptr_array_unref(config->attributes);
  g_string_chunk_free(config->strings);
  g_free(config);
}

// ---------------------------------------------------------------------------------------------

typedef struct Reading {
  const Yaml *yaml;
  Findings *findings;
  GuardConfig *config;
} Reading;

static const char *keep(Reading *reading, const char *text)
{
  return g_string_chunk_insert_const(reading->config->strings, text);
}

static void read_shrink(Reading *reading, const YamlNode *node)
{
  const char *text = yaml_text(node);
  if (node && !(text && guard_parse_percent(text, &reading->config->shrink_percent)))
    yaml_fault(reading->yaml, node, reading->findings, "guard-shrink",
               _("shrink must be a percentage such as 10%%"));
}

// ---------------------------------------------------------------------------------------------
// Places: a DN is taken as it is when it ends in the base, else as relative to it.

bool guard_is_below(const char *key, const char *above)
{
  size_t n = strlen(key), n_above = strlen(above);
  return n >= n_above && strcmp(key + n - n_above, above) == 0 &&
         (n == n_above || n_above == 0 || key[n - n_above - 1] == ',');
}

static char *key_of(const char *dn)
{
  g_autoptr(GString) key = g_string_new(NULL);
  return place_key(dn, strlen(dn), key) ? g_string_free(g_steal_pointer(&key), FALSE) : NULL;
}

// Key of the whole DN; NULL (and a fault) when it is malformed.
static char *read_place(Reading *reading, const YamlNode *node)
{
  const char *text = yaml_text(node);
  g_autofree char *key = text ? key_of(text) : NULL;
  g_autofree char *base = key_of(reading->config->base);
  if (!key) {
    yaml_fault(reading->yaml, node, reading->findings, "place-malformed",
               _("“%s” is no distinguished name"), text ? text : "");
    return NULL;
  }
  if (!base || guard_is_below(key, base))
    return g_steal_pointer(&key);
  return *key ? g_strdup_printf("%s,%s", key, base) : g_strdup(base);
}

// What of a DN stands before the base; all of it when it does not end there.
static char *relative_to(const char *base, const char *dn)
{
  g_autofree char *base_key = key_of(base);
  size_t n_bytes;
  const char *parent;
  for (const char *at = dn; base_key && *base_key && place_split(at, &n_bytes, &parent);
       at = parent) {
    g_autofree char *key = key_of(parent);
    if (key && strcmp(key, base_key) == 0)
      return g_strndup(dn, at + n_bytes - dn);
  }
  return g_strdup(dn);
}

// ---------------------------------------------------------------------------------------------
// Protected entries and canaries.

static void read_pair(Reading *reading, const char *attribute, const YamlNode *node, GArray *pairs)
{
  const char *text = yaml_text(node);
  if (!text) {
    yaml_fault(reading->yaml, node, reading->findings, "guard-value",
               _("%s must have a value to compare with"), attribute);
    return;
  }
  Pair pair = {.attribute = keep(reading, attribute), .value = keep(reading, text)};
  g_array_append_val(pairs, pair);
}

// attribute: value, or attribute: [value, …]
static GArray *read_pairs(Reading *reading, const YamlNode *map)
{
  GArray *pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
  const char *key;
  const YamlNode *key_node, *value;
  for (size_t i = 0; yaml_pair(map, i, &key, &key_node, &value); i++) {
    if (yaml_kind(value) != YAML_LIST)
      read_pair(reading, key, value, pairs);
    for (size_t k = 0; yaml_kind(value) == YAML_LIST && k < yaml_count(value); k++)
      read_pair(reading, key, yaml_item(value, k), pairs);
  }
  return pairs;
}

static void add_attributes(GuardConfig *config, const GArray *pairs)
{
  for (size_t i = 0; i < pairs->len; i++) {
    const char *name = g_array_index(pairs, Pair, i).attribute;
    g_ptr_array_insert(config->attributes, (int)config->attributes->len - 1, (void *)name);
  }
}

static void read_protected(Reading *reading, const YamlNode *node)
{
  GuardConfig *config = reading->config;
  const YamlNode *at = yaml_kind(node) == YAML_SCALAR ? node : yaml_get(node, "dn");
  const YamlNode *below = yaml_get(node, "below");
  if (at || below) {
    char *key = read_place(reading, at ? at : below);
    if (key && at)
      g_hash_table_add(config->protected_at, key);
    else if (key)
      g_ptr_array_add(config->protected_below, key);
  } else if (yaml_kind(node) == YAML_MAP) {
    GArray *pairs = read_pairs(reading, node);
    add_attributes(config, pairs);
    g_ptr_array_add(config->protected_by, pairs);
  } else {
    yaml_fault(reading->yaml, node, reading->findings, "guard-protected",
               _("write a distinguished name, {below: …} or {attribute: value}"));
  }
}

static void read_canary(Reading *reading, const YamlNode *node)
{
  static const char *const keys[] = {"dn", "attributes", NULL};
  if (yaml_kind(node) != YAML_MAP) {
    yaml_fault(reading->yaml, node, reading->findings, "guard-canary",
               _("write {dn: …, attributes: {attribute: value}}"));
    return;
  }
  yaml_check_keys(reading->yaml, node, keys, reading->findings);
  const YamlNode *dn = yaml_get(node, "dn");
  char *key = read_place(reading, dn ? dn : node);
  if (!key)
    return;
  Canary *canary = g_new0(Canary, 1);
  canary->dn = keep(reading, yaml_text(dn));
  canary->key = key;
  canary->place = relative_to(reading->config->base, canary->dn);
  canary->pairs = read_pairs(reading, yaml_get(node, "attributes"));
  g_ptr_array_add(reading->config->canaries, canary);
}

static void read_list(Reading *reading, const YamlNode *node,
                      void (*read)(Reading *reading, const YamlNode *item))
{
  if (node && yaml_kind(node) != YAML_LIST)
    yaml_fault(reading->yaml, node, reading->findings, "guard-list", _("this must be a list"));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++)
    read(reading, yaml_item(node, i));
}

GuardConfig *guard_config_read(const Yaml *yaml, const YamlNode *node, const TargetConfig *target,
                               Findings *findings)
{
  GuardConfig *config = guard_config_new(target->name);
  Reading reading = {.yaml = yaml, .findings = findings, .config = config};
  const char *fingerprint = NULL;
  config->system = target;
  config->base = target->base ? keep(&reading, target->base) : "";
  guard_limits_read(yaml, yaml_get(node, "guard"), findings, config->limits);
  read_shrink(&reading, yaml_get(node, "shrink"));
  if (yaml_read_text(yaml, node, "fingerprint", findings, &fingerprint))
    config->fingerprint = keep(&reading, fingerprint);
  read_list(&reading, yaml_get(node, "protected"), read_protected);
  read_list(&reading, yaml_get(node, "canaries"), read_canary);
  return config;
}
