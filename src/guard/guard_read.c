// SPDX-License-Identifier: GPL-3.0-or-later
//
// What guards look at while a target is read.
#include "guard_p.h"

const char *const *guard_attributes(const GuardConfig *config)
{
  return (const char *const *)config->attributes->pdata;
}

// ---------------------------------------------------------------------------------------------
// Protected entries.

static const ObservedAttr *find_attribute(const Observed *entry, const Schema *schema,
                                          const char *name)
{
  AttrId id;
  if (!schema_find(schema, name, &id))
    return NULL;
  for (size_t i = 0; i < entry->n_attributes; i++)
    if (entry->attributes[i].attr == id)
      return &entry->attributes[i];
  return NULL;
}

static bool has_value(const Observed *entry, const Schema *schema, const Pair *pair)
{
  const ObservedAttr *found = find_attribute(entry, schema, pair->attribute);
  if (!found)
    return false;
  const Attr *attr = schema_at((Schema *)schema, found->attr);
  for (size_t i = 0; i < found->n_values; i++)
    if (schema_equal(attr, found->values[i].at, found->values[i].n, pair->value,
                     strlen(pair->value)))
      return true;
  return false;
}

static bool has_all(const Observed *entry, const Schema *schema, const GArray *pairs)
{
  for (size_t i = 0; i < pairs->len; i++)
    if (!has_value(entry, schema, &g_array_index(pairs, Pair, i)))
      return false;
  return pairs->len > 0;
}

static bool protects_place(const GuardConfig *config, const Observed *entry)
{
  if (g_hash_table_size(config->protected_at) == 0 && config->protected_below->len == 0)
    return false;
  g_autoptr(GString) key = g_string_sized_new(entry->dn.n);
  if (!place_key(entry->dn.at, entry->dn.n, key))
    return true;  // cannot be told: better left alone
  if (g_hash_table_contains(config->protected_at, key->str))
    return true;
  for (size_t i = 0; i < config->protected_below->len; i++)
    if (guard_is_below(key->str, config->protected_below->pdata[i]))
      return true;
  return false;
}

bool guard_protects(const Observed *entry, const Schema *schema, void *data)
{
  const GuardConfig *config = data;
  if (protects_place(config, entry))
    return true;
  for (size_t i = 0; i < config->protected_by->len; i++)
    if (has_all(entry, schema, config->protected_by->pdata[i]))
      return true;
  return false;
}

// ---------------------------------------------------------------------------------------------
// Canaries.

typedef struct Watch {
  const Canary *canary;
  Schema *schema;
  bool seen;
} Watch;

static bool watch_entry(const Observed *entry, void *data, GError **error)
{
  Watch *watch = data;
  g_autoptr(GString) key = g_string_sized_new(entry->dn.n);
  if (!place_key(entry->dn.at, entry->dn.n, key) || strcmp(key->str, watch->canary->key) != 0)
    return true;
  watch->seen = true;
  for (size_t i = 0; i < watch->canary->pairs->len; i++) {
    const Pair *pair = &g_array_index(watch->canary->pairs, Pair, i);
    if (has_value(entry, watch->schema, pair))
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("%s cannot be read with the value “%s”: perhaps the account for reading has lost "
                  "a right, or this is another server"),
                pair->attribute, pair->value);
    return false;
  }
  return true;
}

static bool read_canary(const Canary *canary, Reader *reader, GError **error)
{
  g_autoptr(Schema) schema = schema_new();
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (size_t i = 0; i < canary->pairs->len; i++) {
    const char *name = g_array_index(canary->pairs, Pair, i).attribute;
    schema_attr(schema, name);
    g_ptr_array_add(names, (void *)name);
  }
  g_ptr_array_add(names, NULL);
  const char *const places[] = {canary->place, NULL};
  Scope scope = {.places = places, .attributes = (const char *const *)names->pdata, .alone = true};
  Watch watch = {.canary = canary, .schema = schema};
  size_t n_entries;
  if (!reader_schema(reader, schema, NULL, error) ||
      !reader_read(reader, &scope, schema, watch_entry, &watch, &n_entries, error))
    return false;
  if (!watch.seen)
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("it cannot be read"));
  return watch.seen;
}

size_t guard_n_canaries(const GuardConfig *config)
{
  return config->canaries->len;
}

bool guard_canaries(const GuardConfig *config, Reader *reader, GError **error)
{
  for (size_t i = 0; i < config->canaries->len; i++) {
    const Canary *canary = config->canaries->pdata[i];
    if (read_canary(canary, reader, error))
      continue;
    g_prefix_error(error, _("target %s, canary %s: "), config->target, canary->dn);
    return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

bool guard_pinned(const GuardConfig *config, const char *target, Store *store, Reader *reader,
                  GError **error)
{
  g_autoptr(GString) is = g_string_new(NULL);
  g_autofree char *pinned = g_strdup(
      config->fingerprint ? config->fingerprint : store_cursor_get(store, target, "fingerprint"));
  if (!pinned)
    return true;
  if (!reader_fingerprint(reader, is, error))
    return false;
  if (g_str_equal(is->str, pinned))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s is another server than before: it says “%s” where “%s” was pinned"),
              target, is->str, pinned);
  return false;
}

bool guard_shrink(const GuardConfig *config, Store *store, const PlanSection *section,
                  GError **error)
{
  const char *text = store_cursor_get(store, config->target, "n_read");
  gint64 last;
  if (section->unread)
    return true;
  if (!text || !g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &last, NULL) ||
      (double)section->n_read >= (double)last * (1 - config->shrink_percent / 100))
    return store_check(store, error);
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: only %" G_GINT64_FORMAT " entries can be read where %" G_GINT64_FORMAT
                " stood after the last run, more than %g%% fewer. If that is right, raise “shrink” "
                "of this target for one run"),
              config->target, section->n_read, last, config->shrink_percent);
  return false;
}
