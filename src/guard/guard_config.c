// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#define WINDOW_DAYS 1
#define SHRINK_PERCENT 10

// Where idou.yaml says nothing. What writes nothing to the target has no limit; adopting by anything but
// the key needs confirmation anyway.
static const Limit defaults[OP_N_KINDS] = {
    [OP_ALLOCATE] = {.none = true},
    [OP_ADOPT] = {.none = true},
    [OP_RELEASE] = {.none = true},
    [OP_RESTRICT] = {.count = 20, .percent = 3},
    [OP_LIFT] = {.none = true},
    [OP_CREATE] = {.count = 50, .percent = 5},
    [OP_RENAME] = {.count = 10, .percent = 1},
    [OP_MOVE] = {.count = 50, .percent = 5},
    [OP_MODIFY] = {.count = 100, .percent = 20},
    [OP_ENABLE] = {.count = 50, .percent = 5},
    [OP_JOIN] = {.count = 200, .percent = 20},
    [OP_LEAVE] = {.count = 100, .percent = 10},
    [OP_DISABLE] = {.count = 20, .percent = 3},
    [OP_DELETE] = {.count = 10, .percent = 1},
    [OP_TASK] = {.none = true},
};

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
  memcpy(config->limits, defaults, sizeof defaults);
  config->window_days = WINDOW_DAYS;
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

int64_t guard_limit(const Limit *limit, int64_t population)
{
  return MAX(limit->count, (int64_t)((double)population * limit->percent / 100));
}

void guard_limit_format(const Limit *limit, GString *out)
{
  if (limit->count > 0 || limit->percent == 0)
    g_string_append_printf(out, "%" G_GINT64_FORMAT, limit->count);
  if (limit->count > 0 && limit->percent > 0)
    g_string_append(out, _(" or "));
  if (limit->percent > 0)
    g_string_append_printf(out, "%g%%", limit->percent);
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

static bool parse_percent(const char *text, double *out)
{
  char *end;
  double value = g_ascii_strtod(text, &end);
  if (end == text || strcmp(end, "%") != 0 || !(value >= 0 && value <= 100))
    return false;
  *out = value;
  return true;
}

// "10", "5%", "10 or 5%", "none"
static bool parse_limit(const char *text, Limit *out)
{
  *out = (Limit){.none = strcmp(text, "none") == 0};
  if (out->none)
    return true;
  g_auto(GStrv) parts = g_strsplit(text, " or ", 2);
  for (size_t i = 0; parts[i]; i++) {
    guint64 count;
    const char *part = g_strstrip(parts[i]);
    if (g_ascii_string_to_unsigned(part, 10, 0, INT64_MAX, &count, NULL))
      out->count = (int64_t)count;
    else if (!parse_percent(part, &out->percent))
      return false;
  }
  return true;
}

static void read_limit(Reading *reading, const YamlNode *map, OpKind kind)
{
  const YamlNode *node = yaml_get(map, op_traits(kind)->name);
  if (!node)
    return;
  const char *text = yaml_text(node);
  Limit limit;
  if (text && parse_limit(text, &limit))
    reading->config->limits[kind] = limit;
  else
    yaml_fault(reading->yaml, node, reading->findings, "guard-limit",
               _("“%s” is no limit: write 10, 5%%, “10 or 5%%” (the greater of the two) or none"),
               text ? text : "");
}

static void read_limits(Reading *reading, const YamlNode *map)
{
  const char *keys[OP_N_KINDS + 2] = {0};
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++)
    keys[kind] = op_traits(kind)->name;
  keys[OP_N_KINDS] = "window";
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    yaml_fault(reading->yaml, map, reading->findings, "guard-limit",
               _("guard must be a map of kinds of operations to limits"));
    return;
  }
  yaml_check_keys(reading->yaml, map, keys, reading->findings);
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++)
    read_limit(reading, map, kind);
  yaml_read_days(reading->yaml, map, "window", reading->findings, &reading->config->window_days);
}

static void read_shrink(Reading *reading, const YamlNode *node)
{
  const char *text = yaml_text(node);
  if (node && !(text && parse_percent(text, &reading->config->shrink_percent)))
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
  read_limits(&reading, yaml_get(node, "guard"));
  read_shrink(&reading, yaml_get(node, "shrink"));
  if (yaml_read_text(yaml, node, "fingerprint", findings, &fingerprint))
    config->fingerprint = keep(&reading, fingerprint);
  read_list(&reading, yaml_get(node, "protected"), read_protected);
  read_list(&reading, yaml_get(node, "canaries"), read_canary);
  return config;
}
