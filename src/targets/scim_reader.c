// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading resources as entries. Nothing is delivered before a list has been read to its end and holds what the server
// counts, since a page that was wrong is only known then.
#include "scim_p.h"

#define MOST_KEYS 20  // in one filter: it stands in an address, which servers limit

typedef struct Wanted {
  const char *name;  // as the scope has it
  ScimPath *path;    // NULL = the kind has no such attribute
} Wanted;

typedef struct Reading {
  ScimSide *side;
  const Scope *scope;
  const Schema *schema;
  const ScimKind *kind;
  GArray *wanted;     // Wanted
  ScimPath *key;      // of the scope's keys; NULL = none, or ids
  GHashTable *ids;    // keys that are references, as ids
  GPtrArray *rows;    // Record
  GHashTable *taken;  // ids of those in rows, where several questions bring them
  guint n_before;     // rows that earlier questions brought
  bool whole;         // all of the kind pass by
  ObservedFunc func;
  void *data;
} Reading;

static void clear_wanted(void *wanted)
{
  scim_path_free(((Wanted *)wanted)->path);
}

static void reading_clear(Reading *reading)
{
  g_array_unref(reading->wanted);
  scim_path_free(reading->key);
  g_hash_table_unref(reading->ids);
  g_ptr_array_unref(reading->rows);
  g_hash_table_unref(reading->taken);
}

static void add_wanted(Reading *reading, const char *name)
{
  Wanted wanted = {name, scim_path_new(reading->kind, name)};
  g_array_append_val(reading->wanted, wanted);
}

static Reading reading_of(ScimSide *side, const Scope *scope, const ScimKind *kind)
{
  Reading reading = {.side = side, .scope = scope, .kind = kind};
  reading.wanted = g_array_new(false, false, sizeof(Wanted));
  g_array_set_clear_func(reading.wanted, clear_wanted);
  reading.rows = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
  reading.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  reading.taken = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; scope->attributes[i]; i++)
    add_wanted(&reading, scope->attributes[i]);
  return reading;
}

// ---------------------------------------------------------------------------------------------
// Taking them.

static bool equals_key(const Reading *reading, const char *value)
{
  if (reading->key->reference)
    return g_hash_table_contains(reading->ids, value);
  for (size_t i = 0; reading->scope->keys[i]; i++)
    if (schema_equal(&reading->key->attr, value, strlen(value), reading->scope->keys[i],
                     strlen(reading->scope->keys[i])))
      return true;
  return false;
}

// A server may give more than the filter asks for, or have none.
static bool is_wanted(const Reading *reading, const json_t *resource)
{
  if (!reading->key)
    return true;
  g_autoptr(GPtrArray) values = scim_path_values(reading->key, resource);
  for (guint i = 0; i < values->len; i++)
    if (equals_key(reading, values->pdata[i]))
      return true;
  return false;
}

// Rows of earlier questions stay.
static void begin_rows(void *data)
{
  Reading *reading = data;
  for (guint i = reading->rows->len; i > reading->n_before; i--) {
    g_hash_table_remove(reading->taken, ((Record *)reading->rows->pdata[i - 1])->stable_id);
    g_ptr_array_set_size(reading->rows, (gint)i - 1);
  }
}

// References are ids as yet.
static void take_row(const json_t *resource, void *data)
{
  Reading *reading = data;
  const char *id = json_string_value(json_object_get(resource, "id"));
  const char *dn = scim_side_dn(reading->side, reading->kind, resource);
  if (!is_wanted(reading, resource) || g_hash_table_contains(reading->taken, id))
    return;
  Record *record = record_new(dn, strlen(dn));
  record_set_stable_id(record, id, strlen(id));
  for (guint i = 0; i < reading->wanted->len; i++) {
    const Wanted *wanted = &g_array_index(reading->wanted, Wanted, i);
    if (g_ascii_strcasecmp(wanted->name, "objectClass") == 0)
      record_add(record, wanted->name, reading->kind->name, strlen(reading->kind->name));
    g_autoptr(GPtrArray) values = wanted->path ? scim_path_values(wanted->path, resource) : NULL;
    for (guint k = 0; values && k < values->len; k++)
      record_add(record, wanted->name, values->pdata[k], strlen(values->pdata[k]));
  }
  g_ptr_array_add(reading->rows, record);
  g_hash_table_add(reading->taken, record->stable_id);
}

// ---------------------------------------------------------------------------------------------
// Asking for them.

static bool read_all(Reading *reading, GError **error)
{
  ScimTaker taker = {begin_rows, take_row, reading};
  reading->n_before = 0;
  if (!scim_list_read(reading->side->link, &(ScimWish){reading->kind, NULL}, &taker, NULL, error))
    return false;
  reading->whole = true;
  g_hash_table_add(reading->side->listed, (void *)reading->kind);
  return true;
}

// Keys that are DNs become the ids that the server knows; one that is nobody's finds nothing.
static bool resolve_keys(Reading *reading, GPtrArray *values, GError **error)
{
  for (size_t i = 0; reading->scope->keys[i]; i++) {
    const char *key = reading->scope->keys[i];
    char *id = NULL;
    if (!reading->key->reference) {
      g_ptr_array_add(values, g_strdup(key));
      continue;
    }
    if (!scim_side_id(reading->side, key, &id, error))
      return false;
    if (id && g_hash_table_add(reading->ids, g_strdup(id)))
      g_ptr_array_add(values, g_steal_pointer(&id));
    g_free(id);
  }
  return true;
}

static bool read_some(Reading *reading, const GPtrArray *values, guint from, bool *refused,
                      GError **error)
{
  g_autoptr(GString) filter = g_string_new(NULL);
  reading->n_before = reading->rows->len;
  for (guint i = from; i < values->len && i < from + MOST_KEYS; i++) {
    if (filter->len)
      g_string_append(filter, " or ");
    scim_path_filter(reading->key, values->pdata[i], filter);
  }
  return scim_list_read(reading->side->link, &(ScimWish){reading->kind, filter->str},
                        &(ScimTaker){begin_rows, take_row, reading}, refused, error);
}

static bool read_keys(Reading *reading, GError **error)
{
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  reading->key = scim_path_new(reading->kind, reading->scope->key_attribute);
  if (!reading->key)
    return true;
  if (!resolve_keys(reading, values, error))
    return false;
  bool refused = !reading->side->service->filter;
  for (guint i = 0; i < values->len && !refused; i += MOST_KEYS)
    if (!read_some(reading, values, i, &refused, error))
      return false;
  return !refused || read_all(reading, error);
}

static bool take_resource(Reading *reading, const ScimSpot *spot, GError **error)
{
  json_auto_t *resource = NULL;
  if (!scim_side_get(reading->side, spot, &resource, NULL, error))
    return false;
  if (resource)
    take_row(resource, reading);
  return true;
}

static bool read_ids(Reading *reading, GError **error)
{
  for (size_t i = 0; reading->scope->keys[i]; i++) {
    ScimSpot spot = {reading->kind, (char *)reading->scope->keys[i], NULL};
    if (!take_resource(reading, &spot, error))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Delivering them.

static bool has_references(const Reading *reading)
{
  for (guint i = 0; i < reading->wanted->len; i++) {
    const Wanted *wanted = &g_array_index(reading->wanted, Wanted, i);
    if (wanted->path && wanted->path->reference)
      return true;
  }
  return false;
}

// A list may hold a value twice (members that were added again); an entry's values are a set.
static bool is_repeated(const Field *field, guint i)
{
  const Bytes *value = &g_array_index(field->values, Bytes, i);
  for (guint k = 0; k < i; k++) {
    const Bytes *other = &g_array_index(field->values, Bytes, k);
    if (other->n == value->n && memcmp(other->at, value->at, value->n) == 0)
      return true;
  }
  return false;
}

static bool add_values(Reading *reading, const Field *field, bool reference, GArray *values,
                       GPtrArray *owned, GError **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < field->values->len; i++) {
    Bytes value = g_array_index(field->values, Bytes, i);
    if (reference ? !g_hash_table_add(seen, (void *)value.at) : is_repeated(field, i))
      continue;
    if (reference) {
      g_autoptr(GString) dn = g_string_new(NULL);
      if (!scim_side_dn_of(reading->side, value.at, dn, error))
        return false;
      value.n = dn->len;
      value.at = g_string_free(g_steal_pointer(&dn), false);
      g_ptr_array_add(owned, (void *)value.at);
    }
    g_array_append_val(values, value);
  }
  return true;
}

static Enabled enabled_of(const Reading *reading, const Record *record)
{
  const TargetConfig *config = reading->side->config;
  if (!config->disable_attribute ||
      !scim_service_attribute(
          json_object_get(reading->side->service->schemas, reading->kind->schema),
          config->disable_attribute))
    return ENABLED_UNMANAGED;
  const Field *field = record_find(record, config->disable_attribute);
  const Bytes *value = field ? &g_array_index(field->values, Bytes, 0) : NULL;
  return value && target_is_off(config, value->at, value->n) ? ENABLED_NO : ENABLED_YES;
}

static bool deliver(Reading *reading, const Record *record, GError **error)
{
  g_autoptr(GArray) attributes = g_array_new(false, false, sizeof(ObservedAttr));
  g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
  g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < reading->wanted->len; i++) {
    const Wanted *wanted = &g_array_index(reading->wanted, Wanted, i);
    const Field *field = record_find(record, wanted->name);
    AttrId id = 0;
    if (!field || !schema_find(reading->schema, wanted->name, &id))
      continue;
    GArray *values = g_array_new(false, false, sizeof(Bytes));
    g_ptr_array_add(lists, values);
    if (!add_values(reading, field, wanted->path && wanted->path->reference, values, owned, error))
      return false;
    ObservedAttr attr = {
        .attr = id, .n_values = values->len, .values = (const Bytes *)(void *)values->data};
    g_array_append_val(attributes, attr);
  }
  Observed observed = {.dn = {strlen(record->dn), record->dn},
                       .stable_id = {strlen(record->stable_id), record->stable_id},
                       .enabled = enabled_of(reading, record),
                       .attributes = (const ObservedAttr *)(void *)attributes->data,
                       .n_attributes = attributes->len};
  return reading->func(&observed, reading->data, error);
}

static bool read_kind(Reading *reading, size_t *n_entries, GError **error)
{
  const Scope *scope = reading->scope;
  bool read = !scope->keys           ? read_all(reading, error)
              : scope->key_attribute ? read_keys(reading, error)
                                     : read_ids(reading, error);
  // Of a whole list all whom it refers to are asked for together.
  if (!read || (reading->whole && has_references(reading) && !scim_side_list(reading->side, error)))
    return false;
  for (guint i = 0; i < reading->rows->len; i++)
    if (!deliver(reading, reading->rows->pdata[i], error))
      return false;
  *n_entries += reading->rows->len;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Places.

static bool fail_place(ScimSide *side, const char *place, GError **error)
{
  g_autoptr(GString) known = g_string_new(NULL);
  for (guint i = 0; i < side->service->kinds->len; i++)
    g_string_append_printf(known, "%sresource=%s", i ? ", " : "",
                           ((const ScimKind *)side->service->kinds->pdata[i])->endpoint + 1);
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("target %s: there is no place “%s”; the server has %s"), side->config->name, place,
              known->str);
  return false;
}

static const ScimKind *kind_at(ScimSide *side, const char *place)
{
  static const char prefix[] = "resource=";
  size_t n = sizeof prefix - 1;
  return g_ascii_strncasecmp(place, prefix, n) == 0 ? scim_service_at(side->service, place + n)
                                                    : NULL;
}

// One resource, by its place.
static bool read_alone(Reading *reading, const char *place, size_t *n_entries, GError **error)
{
  g_autofree char *dn = g_strdup_printf("%s,%s", place, reading->side->config->base);
  ScimSpot spot;
  if (!scim_side_spot(reading->side, dn, &spot) || spot.kind != reading->kind) {
    scim_side_spot_clear(&spot);
    return true;
  }
  bool read = take_resource(reading, &spot, error);
  scim_side_spot_clear(&spot);
  for (guint i = 0; read && i < reading->rows->len; i++)
    read = deliver(reading, reading->rows->pdata[i], error);
  *n_entries += reading->rows->len;
  return read;
}

static bool read_place(Reading *reading, const char *place, size_t *n_entries, GError **error)
{
  const char *klass = reading->scope->klass;
  if (klass && g_ascii_strcasecmp(klass, reading->kind->name) != 0)
    return true;
  return reading->scope->alone ? read_alone(reading, place, n_entries, error)
                               : read_kind(reading, n_entries, error);
}

bool scim_reader_read(ScimSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error)
{
  *n_entries = 0;
  for (size_t i = 0; scope->places[i]; i++) {
    const char *place = scope->places[i];
    bool known = !*place || kind_at(side, place) || scope->alone;
    if (!known)
      return fail_place(side, place, error);
    for (guint k = 0; k < side->service->kinds->len; k++) {
      const ScimKind *kind = side->service->kinds->pdata[k];
      if (*place && !scope->alone && kind != kind_at(side, place))
        continue;
      Reading reading = reading_of(side, scope, kind);
      reading.schema = schema;
      reading.func = func;
      reading.data = data;
      bool read = read_place(&reading, place, n_entries, error);
      reading_clear(&reading);
      if (!read)
        return false;
    }
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// What the server says of a resource's times (RFC 7643 3.1): never who.

// "2027-04-01T00:10:00.123Z": parts of a second are of no interest.
static Instant time_in(const json_t *meta, const char *name)
{
  Instant when = INSTANT_NONE;
  const char *text = json_string_value(json_object_get(meta, name));
  const char *dot = text ? strchr(text, '.') : NULL;
  size_t n_digits = dot ? strspn(dot + 1, "0123456789") : 0;
  g_autofree char *whole =
      dot ? g_strdup_printf("%.*s%s", (int)(dot - text), text, dot + 1 + n_digits) : g_strdup(text);
  return whole && instant_parse(whole, &when) ? when : INSTANT_NONE;
}

bool scim_reader_traces(ScimSide *side, const TraceAsk *ask, TraceFunc func, void *data,
                        GError **error)
{
  ScimSpot spot;
  json_auto_t *resource = NULL;
  bool known = scim_side_spot(side, ask->dn, &spot), read = true;
  if (known && *ask->stable_id) {
    g_free(spot.id);
    spot.id = g_strdup(ask->stable_id);
  }
  if (known)
    read = scim_side_get(side, &spot, &resource, NULL, error);
  scim_side_spot_clear(&spot);
  const json_t *meta = resource ? json_object_get(resource, "meta") : NULL;
  if (!meta)
    return read;
  func(&(Trace){.created = true, .when = time_in(meta, "created")}, data);
  func(&(Trace){.when = time_in(meta, "lastModified")}, data);
  return read;
}

// ---------------------------------------------------------------------------------------------
// A single entry, for who wants to look at it.

typedef struct Making {
  ScimSide *side;
  Record *record;
  GError *fault;
} Making;

static void add_value(const char *name, const ScimPath *path, const char *value, void *data)
{
  Making *making = data;
  g_autoptr(GString) dn = g_string_new(NULL);
  if (making->fault)
    return;
  // Members of a group may be many: whoever looks for one asks for it by its id.
  if (!path->reference)
    record_add(making->record, name, value, strlen(value));
  else if (path->many || scim_side_dn_of(making->side, value, dn, &making->fault)) {
    if (path->many)
      g_string_append_printf(dn, "id=%s,%s", value, making->side->config->base);
    record_add(making->record, name, dn->str, dn->len);
  }
}

bool scim_reader_record(ScimSide *side, const ScimKind *kind, const json_t *resource, bool brief,
                        Record **out, GError **error)
{
  const char *dn = scim_side_dn(side, kind, resource);
  const char *id = json_string_value(json_object_get(resource, "id"));
  Making making = {side, record_new(dn, strlen(dn)), NULL};
  record_set_stable_id(making.record, id ? id : "", id ? strlen(id) : 0);
  record_add(making.record, "objectClass", kind->name, strlen(kind->name));
  scim_path_each(kind, resource, brief, add_value, &making);
  if (making.fault) {
    record_free(making.record);
    g_propagate_error(error, making.fault);
    return false;
  }
  *out = making.record;
  return true;
}
