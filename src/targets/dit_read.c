// SPDX-License-Identifier: GPL-3.0-or-later
//
// A directory in memory, read as the system that it stands for.
#include "targets_p.h"

// One reading.
typedef struct Walk {
  const Dit *dit;
  const DitReading *reading;
  GPtrArray *place_keys;
  GArray *attributes;  // ObservedAttr, of the entry at hand
} Walk;

static bool find_places(Walk *walk, GError **error)
{
  const TargetConfig *config = walk->reading->config;
  for (size_t i = 0; walk->reading->scope->places[i]; i++) {
    const char *place = walk->reading->scope->places[i];
    g_autofree char *dn = g_strdup_printf("%s%s%s", place, *place ? "," : "", config->base);
    g_autoptr(GString) key = g_string_new(NULL);
    if (!place_key(dn, strlen(dn), key) || !dit_at_dn(walk->dit, dn)) {
      g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                  _("target %s: there is no %s; make it, or correct the mapping's place"),
                  config->name, dn);
      return false;
    }
    g_ptr_array_add(walk->place_keys, g_string_free(g_steal_pointer(&key), false));
  }
  return true;
}

static bool lies_in(const char *key, const char *place, bool alone)
{
  size_t n_key = strlen(key), n_place = strlen(place);
  return n_key >= n_place && g_str_equal(key + n_key - n_place, place) &&
         (n_key == n_place || (!alone && key[n_key - n_place - 1] == ','));
}

static bool in_places(const Walk *walk, const Record *record)
{
  g_autoptr(GString) key = g_string_new(NULL);
  place_key(record->dn, strlen(record->dn), key);
  for (size_t i = 0; i < walk->place_keys->len; i++)
    if (lies_in(key->str, walk->place_keys->pdata[i], walk->reading->scope->alone))
      return true;
  return false;
}

static bool is_wanted(const Walk *walk, const Record *record)
{
  const Scope *scope = walk->reading->scope;
  if (!in_places(walk, record) ||
      (scope->klass && !dit_has_value(walk->dit, record, "objectClass", scope->klass)))
    return false;
  if (!scope->keys)
    return true;
  for (size_t i = 0; scope->keys[i]; i++)
    if (scope->key_attribute
            ? dit_has_value(walk->dit, record, scope->key_attribute, scope->keys[i])
            : g_str_equal(record->stable_id, scope->keys[i]))
      return true;
  return false;
}

static Enabled enabled_of(const Walk *walk, const Record *record)
{
  const TargetConfig *config = walk->reading->config;
  if (!config->disable_attribute)
    return ENABLED_UNMANAGED;
  return dit_has_value(walk->dit, record, config->disable_attribute, config->disable_value)
             ? ENABLED_NO
             : ENABLED_YES;
}

static bool deliver(Walk *walk, const Record *record, GError **error)
{
  const DitReading *reading = walk->reading;
  g_array_set_size(walk->attributes, 0);
  for (size_t i = 0; reading->scope->attributes[i]; i++) {
    const Field *field = record_find(record, reading->scope->attributes[i]);
    AttrId id = 0;
    if (!field || !schema_find(reading->schema, reading->scope->attributes[i], &id))
      continue;
    ObservedAttr attr = {
        .attr = id, .n_values = field->values->len, .values = (const Bytes *)field->values->data};
    g_array_append_val(walk->attributes, attr);
  }
  Observed observed = {.dn = {strlen(record->dn), record->dn},
                       .stable_id = {strlen(record->stable_id), record->stable_id},
                       .enabled = enabled_of(walk, record),
                       .attributes = (const ObservedAttr *)walk->attributes->data,
                       .n_attributes = walk->attributes->len};
  return reading->func(&observed, reading->data, error);
}

static bool walk_all(Walk *walk, size_t *n_entries, GError **error)
{
  if (!find_places(walk, error))
    return false;
  g_autoptr(GPtrArray) all = dit_sorted(walk->dit);
  for (size_t i = 0; i < all->len; i++) {
    if (!is_wanted(walk, all->pdata[i]))
      continue;
    if (!deliver(walk, all->pdata[i], error))
      return false;
    ++*n_entries;
  }
  return true;
}

bool dit_read(const Dit *dit, const DitReading *reading, size_t *n_entries, GError **error)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) attributes = g_array_new(false, false, sizeof(ObservedAttr));
  Walk walk = {dit, reading, keys, attributes};
  return walk_all(&walk, n_entries, error);
}
