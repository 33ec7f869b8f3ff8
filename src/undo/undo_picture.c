// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

#define CONTAINER "container/"
#define KEYS_AT_ONCE 200

// ---------------------------------------------------------------------------------------------
// Things.

static void free_thing(void *data)
{
  Thing *thing = data;
  g_hash_table_unref(thing->values);
  g_array_unref(thing->touched);
  g_free(thing);
}

void picture_init(Picture *picture, const UndoSetup *setup, const PlannerTarget *target)
{
  *picture = (Picture){
      .setup = setup,
      .target = target,
      .schema = schema_new(),
      .things = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_thing),
      .by_place = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
      .strangers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
      .by_name =
          g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref),
      .containers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, NULL),
      .edges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
      .placed = g_hash_table_new(g_str_hash, g_str_equal),
      .attributes = g_ptr_array_new(),
      .texts = g_string_chunk_new(16 * 1024),
  };
}

void picture_clear(Picture *picture)
{
  g_hash_table_unref(picture->things);
  g_hash_table_unref(picture->by_place);
  g_hash_table_unref(picture->strangers);
  g_hash_table_unref(picture->by_name);
  g_hash_table_unref(picture->containers);
  g_hash_table_unref(picture->edges);
  g_hash_table_unref(picture->placed);
  g_ptr_array_unref(picture->attributes);
  schema_free(picture->schema);
  g_string_chunk_free(picture->texts);
}

static const char *keep(Picture *picture, const char *text)
{
  return text ? g_string_chunk_insert_const(picture->texts, text) : NULL;
}

static bool is_container(const char *object)
{
  return g_str_has_prefix(object, CONTAINER);
}

Thing *picture_thing(Picture *picture, const char *object)
{
  return object ? g_hash_table_lookup(picture->things, object) : NULL;
}

static char *fold(const char *attribute)
{
  return g_ascii_strdown(attribute, -1);
}

GArray *picture_values(Thing *thing, const char *attribute)
{
  g_autofree char *name = fold(attribute);
  GArray *values = g_hash_table_lookup(thing->values, name);
  if (!values) {
    values = g_array_new(false, false, sizeof(Held));
    g_hash_table_insert(thing->values, g_steal_pointer(&name), values);
  }
  return values;
}

// ---------------------------------------------------------------------------------------------
// What is to be looked at.

static const Placed *placed_of(const PickRun *run, const char *target, const char *object)
{
  g_autofree char *key = g_strjoin("\n", target, object, NULL);
  return g_hash_table_lookup(run->places, key);
}

// The binding knows better than the plan: what it made has its id since.
static const char *id_of(Picture *picture, const char *object, const Placed *placed)
{
  const char *bound =
      store_binding_of(picture->setup->store, picture->target->config->name, object);
  if (bound && !g_str_has_prefix(bound, BINDING_GIVEN))
    return keep(picture, bound);
  if (g_str_has_prefix(object, OBJECT_ORPHAN) && !strchr(object + strlen(OBJECT_ORPHAN), '='))
    return keep(picture, object + strlen(OBJECT_ORPHAN));
  return placed && placed->stable_id && *placed->stable_id ? keep(picture, placed->stable_id)
                                                           : NULL;
}

static void want_object(Picture *picture, const Done *done, const char *object)
{
  if (!object || is_container(object) || picture_thing(picture, object))
    return;
  const Placed *placed = placed_of(done->run, picture->target->config->name, object);
  Thing *thing = g_new0(Thing, 1);
  *thing = (Thing){.object = keep(picture, object),
                   .id = id_of(picture, object, placed),
                   .touched = g_array_new(false, false, sizeof(uint32_t)),
                   .values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                   (GDestroyNotify)g_array_unref)};
  if (placed)
    thing->planned = (Spot){keep(picture, placed->parent), keep(picture, placed->name)};
  g_hash_table_insert(picture->things, (void *)thing->object, thing);
  if (placed)
    want_object(picture, done, placed->parent);
}

static void want_attribute(Picture *picture, const char *name)
{
  if (!record_is_secret(name))
    schema_attr(picture->schema, name);
}

static void want_values(Picture *picture, const Done *done, const OpValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (values[i].kind == VALUE_REF)
      want_object(picture, done, values[i].bytes);
}

// Where it stands when nobody has moved it since: the last of its operations comes first.
static void settle_planned(Picture *picture, const Op *op)
{
  Thing *thing = picture_thing(picture, op->object);
  if (!thing || thing->settled || op_traits(op->kind)->edge)
    return;
  thing->settled = true;
  if (op->name && op->kind != OP_RENAME)
    thing->planned.parent = keep(picture, op->parent);
  if (op->name)
    thing->planned.name = keep(picture, op->name);
}

void picture_want(Picture *picture, const Done *done)
{
  const Op *op = done->op;
  if (op_traits(op->kind)->local && op->kind != OP_ADOPT)
    return;
  const char *const objects[] = {op->object, op->member, op->parent, op->old_parent};
  for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
    want_object(picture, done, objects[i]);
  if (op_traits(op->kind)->edge)
    want_attribute(picture, op->n_changes ? op->changes[0].attribute : "member");
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    want_attribute(picture, change->attribute);
    want_values(picture, done, change->old_values, change->n_old);
    want_values(picture, done, change->new_values, change->n_new);
  }
  settle_planned(picture, op);
}

// ---------------------------------------------------------------------------------------------
// Names.

static bool put_container(const Picture *picture, const char *object, GString *out)
{
  const char *base = picture->target->config->base;
  const char *name = object ? object + strlen(CONTAINER) : "";
  g_string_append_printf(out, "%s%s%s", name, *name && base && *base ? "," : "", base ? base : "");
  return true;
}

bool picture_dn(const Picture *picture, const char *object, GString *out)
{
  if (!object || is_container(object))
    return put_container(picture, object, out);
  const Thing *thing = g_hash_table_lookup(picture->things, object);
  if (thing && thing->read)
    g_string_append(out, thing->dn);
  return thing && thing->read;
}

bool picture_spot_dn(const Picture *picture, const Spot *spot, GString *out)
{
  g_string_append_printf(out, "%s,", spot->name);
  return picture_dn_at(picture, spot->parent, out);
}

bool picture_dn_at(const Picture *picture, const char *object, GString *out)
{
  if (!object || is_container(object))
    return put_container(picture, object, out);
  const Thing *thing = g_hash_table_lookup(picture->things, object);
  return thing && thing->exists && thing->at.name && picture_spot_dn(picture, &thing->at, out);
}

// NULL: it is no name.
static char *key_of(const char *dn)
{
  g_autoptr(GString) key = g_string_new(NULL);
  return place_key(dn, strlen(dn), key) ? g_string_free(g_steal_pointer(&key), false) : NULL;
}

// What of the name is below the base, as it is spelled: "" = the base itself. NULL: it is elsewhere. The site file may spell
// the base otherwise than the server.
static char *within_base(const Picture *picture, const char *dn)
{
  const char *base = picture->target->config->base ? picture->target->config->base : "";
  g_autofree char *base_key = *base ? key_of(base) : NULL;
  const char *rest = dn;
  size_t n = 0;
  if (!*base)
    return g_strdup(dn);
  while (rest && *rest) {
    g_autofree char *key = key_of(rest);
    size_t n_rdn = 0;
    const char *parent = NULL;
    if (key && g_strcmp0(key, base_key) == 0)
      return g_strndup(dn, n);
    if (!place_split(rest, &n_rdn, &parent))
      return NULL;
    n = (size_t)(rest - dn) + n_rdn;
    rest = parent;
  }
  return NULL;
}

bool picture_spot(Picture *picture, const char *dn, Spot *out)
{
  size_t n_rdn = 0;
  const char *parent = NULL;
  if (!place_split(dn, &n_rdn, &parent))
    return false;
  g_autofree char *name = g_strndup(dn, n_rdn), *key = key_of(parent);
  g_autofree char *within = within_base(picture, parent);
  const char *above = key ? g_hash_table_lookup(picture->by_place, key) : NULL;
  g_autofree char *container = within && *within ? g_strconcat(CONTAINER, within, NULL) : NULL;
  *out = (Spot){above ? above : keep(picture, container), keep(picture, name)};
  return above || within;
}

bool picture_same_spot(const Picture *picture, const Spot *a, const Spot *b)
{
  g_autoptr(GString) dn_a = g_string_new(NULL), dn_b = g_string_new(NULL);
  if (!a->name || !b->name || !picture_spot_dn(picture, a, dn_a) ||
      !picture_spot_dn(picture, b, dn_b))
    return false;
  g_autofree char *key_a = key_of(dn_a->str), *key_b = key_of(dn_b->str);
  return key_a && g_strcmp0(key_a, key_b) == 0;
}

void picture_put(Picture *picture, Thing *thing, const Spot *at)
{
  g_autofree char *key = at->name ? key_of(at->name) : NULL;
  thing->at = *at;
  if (!key)
    return;
  GPtrArray *list = g_hash_table_lookup(picture->by_name, key);
  if (!list) {
    list = g_ptr_array_new();
    g_hash_table_insert(picture->by_name, g_steal_pointer(&key), list);
  }
  g_ptr_array_add(list, thing);
}

bool picture_taken(Picture *picture, const Spot *spot, const Thing *by)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!picture_spot_dn(picture, spot, dn))
    return false;
  g_autofree char *key = key_of(dn->str), *name = key_of(spot->name);
  const GPtrArray *list = name ? g_hash_table_lookup(picture->by_name, name) : NULL;
  for (guint i = 0; list && i < list->len; i++) {
    const Thing *other = list->pdata[i];
    if (other != by && other->exists && picture_same_spot(picture, &other->at, spot))
      return true;
  }
  return key && g_hash_table_contains(picture->strangers, key);
}

bool picture_exists(Picture *picture, const char *object)
{
  const Thing *thing = picture_thing(picture, object);
  return !object || is_container(object) || (thing && thing->exists);
}

// ---------------------------------------------------------------------------------------------
// Reading.

static bool of_tables(const Picture *picture)
{
  return target_has_transactions(picture->target->config);
}

// Where a search begins: of a database a table, else the whole.
static const char *root_of(Picture *picture, const Spot *spot)
{
  if (!of_tables(picture))
    return "";
  const char *above = spot->parent;
  for (const Thing *thing = NULL; above && (thing = picture_thing(picture, above));)
    above = thing->planned.parent;
  return above && is_container(above) ? above + strlen(CONTAINER) : NULL;
}

static void take_values(Picture *picture, Thing *thing, const Observed *entry)
{
  for (size_t i = 0; i < entry->n_attributes; i++) {
    const ObservedAttr *attr = &entry->attributes[i];
    GArray *values = picture_values(thing, schema_at(picture->schema, attr->attr)->name);
    g_array_set_size(values, 0);
    for (size_t k = 0; k < attr->n_values; k++) {
      const Bytes *bytes = &attr->values[k];
      Held held = {{VALUE_TEXT,
                    g_string_chunk_insert_len(picture->texts, bytes->at, (gssize)bytes->n),
                    bytes->n}};
      g_array_append_val(values, held);
    }
  }
}

static const char *protection(Picture *picture, const Observed *entry)
{
  const PlannerTarget *target = picture->target;
  if (entry->protected_by)
    return keep(picture, entry->protected_by);
  bool is = target->protects && target->protects(entry, picture->schema, target->protects_data);
  return is ? _("“protected” in the site file") : NULL;
}

typedef struct Taking {
  Picture *picture;
  GHashTable *expected;  // id -> Thing, or key of a DN -> Thing
  bool by_id;
} Taking;

static bool take_entry(const Observed *entry, void *data, GError **error)
{
  (void)error;
  const Taking *taking = data;
  Picture *picture = taking->picture;
  g_autofree char *dn = g_strndup(entry->dn.at, entry->dn.n), *key = key_of(dn);
  g_autofree char *id = g_strndup(entry->stable_id.at, entry->stable_id.n);
  Thing *thing = g_hash_table_lookup(taking->expected, taking->by_id ? id : key ? key : "");
  if (!thing && key && !taking->by_id && !g_hash_table_contains(picture->by_place, key))
    g_hash_table_add(picture->strangers, g_steal_pointer(&key));
  if (!thing || thing->read)
    return true;
  // Of two that have a name the one with the id is meant; the other stands in its way.
  if (!taking->by_id && thing->id && *id && !g_str_equal(thing->id, id)) {
    if (key && !g_hash_table_contains(picture->by_place, key))
      g_hash_table_add(picture->strangers, g_steal_pointer(&key));
    return true;
  }
  thing->read = thing->exists = true;
  thing->dn = keep(picture, dn);
  thing->read_id = *id ? keep(picture, id) : NULL;
  thing->protected_by = protection(picture, entry);
  take_values(picture, thing, entry);
  if (key)
    g_hash_table_insert(picture->by_place, g_steal_pointer(&key), (void *)thing->object);
  picture->n_read++;
  return true;
}

// What the target knows of what is asked for.
static GPtrArray *attributes_of(Picture *picture)
{
  GPtrArray *names = g_ptr_array_new();
  for (size_t i = 0; i < schema_count(picture->schema); i++) {
    const Attr *attr = schema_at(picture->schema, (AttrId)i);
    if (attr->known && !record_is_secret(attr->name))
      g_ptr_array_add(names, (void *)attr->name);
  }
  g_ptr_array_add(names, NULL);
  return names;
}

typedef struct Asking {
  Taking taking;
  const char *root;
  const char *attribute;  // NULL = ids
} Asking;

static bool ask(Picture *picture, const Asking *asking, const GPtrArray *keys, GError **error)
{
  g_autoptr(GPtrArray) names = attributes_of(picture);
  const char *const places[] = {asking->root, NULL};
  for (guint i = 0; i < keys->len; i += KEYS_AT_ONCE) {
    const char *some[KEYS_AT_ONCE + 1] = {NULL};
    for (guint k = i; k < MIN(i + KEYS_AT_ONCE, keys->len); k++)
      some[k - i] = keys->pdata[k];
    const Scope scope = {.places = places,
                         .attributes = (const char *const *)names->pdata,
                         .key_attribute = asking->attribute,
                         .keys = some};
    if (!reader_read(picture->target->reader, &scope, picture->schema, take_entry,
                     (void *)&asking->taking, NULL, error))
      return false;
  }
  return true;
}

// Those of one root and one way of asking, together.
typedef struct Batch {
  const char *root;
  const char *attribute;
  GPtrArray *keys;
} Batch;

static void clear_batch(void *data)
{
  g_ptr_array_unref(((Batch *)data)->keys);
}

static void add_key(GArray *batches, const Batch *of, char *key)
{
  for (guint i = 0; i < batches->len; i++) {
    const Batch *batch = &g_array_index(batches, Batch, i);
    if (g_strcmp0(batch->root, of->root) == 0 && g_strcmp0(batch->attribute, of->attribute) == 0) {
      g_ptr_array_add(batch->keys, key);
      return;
    }
  }
  Batch batch = {of->root, of->attribute, g_ptr_array_new_with_free_func(g_free)};
  g_ptr_array_add(batch.keys, key);
  g_array_append_val(batches, batch);
}

static bool ask_all(Picture *picture, const GArray *batches, const Taking *taking, GError **error)
{
  for (guint i = 0; i < batches->len; i++) {
    const Batch *batch = &g_array_index(batches, Batch, i);
    const Asking asking = {*taking, batch->root, batch->attribute};
    if (!ask(picture, &asking, batch->keys, error))
      return false;
  }
  return true;
}

static bool read_by_id(Picture *picture, GError **error)
{
  g_autoptr(GArray) batches = g_array_new(false, false, sizeof(Batch));
  g_array_set_clear_func(batches, clear_batch);
  g_autoptr(GHashTable) expected = g_hash_table_new(g_str_hash, g_str_equal);
  GHashTableIter iter;
  Thing *thing = NULL;
  g_hash_table_iter_init(&iter, picture->things);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&thing)) {
    const char *root = root_of(picture, &thing->planned);
    if (!thing->id || !root)
      continue;
    g_hash_table_insert(expected, (void *)thing->id, thing);
    add_key(batches, &(Batch){root, NULL, NULL}, g_strdup(thing->id));
  }
  return ask_all(picture, batches, &(Taking){picture, expected, true}, error);
}

// By name: those without id, and whoever stands where something is to come back to.
static void ask_spot(Picture *picture, const Spot *spot, GArray *batches)
{
  const char *root = root_of(picture, spot), *equals = spot->name ? strchr(spot->name, '=') : NULL;
  if (!root || !equals)
    return;
  g_autofree char *attribute = g_strndup(spot->name, (size_t)(equals - spot->name));
  const char *name = keep(picture, attribute);
  // Of several assertions the first one will do: who is found is compared by the whole name.
  g_autofree char *first = g_strndup(equals + 1, strcspn(equals + 1, "+"));
  char *value = place_unescape(first);
  schema_attr(picture->schema, name);
  if (value)
    add_key(batches, &(Batch){root, name, NULL}, value);
}

static void expect_spot(Picture *picture, Thing *thing, GHashTable *expected)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  g_string_append_printf(dn, "%s,", thing->planned.name);
  const char *above = thing->planned.parent;
  for (const Thing *parent = NULL; (parent = picture_thing(picture, above));) {
    if (parent->read) {
      g_string_append(dn, parent->dn);
      above = NULL;
      break;
    }
    g_string_append_printf(dn, "%s,", parent->planned.name ? parent->planned.name : "");
    above = parent->planned.parent;
  }
  if (!picture_thing(picture, thing->planned.parent) || above)
    put_container(picture, above, dn);
  char *key = key_of(dn->str);
  if (key)
    g_hash_table_insert(expected, key, thing);
}

static bool read_by_name(Picture *picture, const GPtrArray *spots, GError **error)
{
  g_autoptr(GArray) batches = g_array_new(false, false, sizeof(Batch));
  g_array_set_clear_func(batches, clear_batch);
  g_autoptr(GHashTable) expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  Thing *thing = NULL;
  g_hash_table_iter_init(&iter, picture->things);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&thing)) {
    if (thing->read || !thing->planned.name)
      continue;
    ask_spot(picture, &thing->planned, batches);
    expect_spot(picture, thing, expected);
  }
  for (guint i = 0; i < spots->len; i++)
    ask_spot(picture, spots->pdata[i], batches);
  return reader_schema(picture->target->reader, picture->schema, NULL, error) &&
         ask_all(picture, batches, &(Taking){picture, expected, false}, error);
}

static void settle_places(Picture *picture)
{
  GHashTableIter iter;
  Thing *thing = NULL;
  g_hash_table_iter_init(&iter, picture->things);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&thing)) {
    if (thing->read)
      thing->outside = !picture_spot(picture, thing->dn, &thing->now);
    picture_put(picture, thing, &thing->now);
  }
}

bool picture_read(Picture *picture, GError **error)
{
  const UndoPick *pick = picture->setup->pick;
  const TargetConfig *config = picture->target->config;
  const char *const *protects = picture->target->protects_attributes;
  g_autoptr(GPtrArray) spots = g_ptr_array_new_with_free_func(g_free);
  if (config->disable_attribute)
    want_attribute(picture, config->disable_attribute);
  for (; protects && *protects; protects++)
    want_attribute(picture, *protects);
  for (guint i = 0; i < pick->done->len; i++) {
    const Done *done = pick->done->pdata[i];
    Spot spot = {done->op->old_parent, done->op->old_name};
    if (g_str_equal(done->target, config->name) && spot.name)
      g_ptr_array_add(spots, g_memdup2(&spot, sizeof spot));
  }
  if (!reader_schema(picture->target->reader, picture->schema, NULL, error) ||
      !read_by_id(picture, error) || !read_by_name(picture, spots, error))
    return false;
  settle_places(picture);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Values.

bool picture_learn(Picture *picture, const GArray *changes, GError **error)
{
  for (guint i = 0; i < changes->len; i++)
    schema_attr(picture->schema, g_array_index(changes, OpChange, i).attribute);
  return reader_schema(picture->target->reader, picture->schema, NULL, error);
}

const Attr *picture_attr(Picture *picture, const char *name)
{
  return schema_at(picture->schema, schema_attr(picture->schema, name));
}

// An entry's name as it was read, for what refers to it; one that is not there goes by what its plan said.
static bool ref_equals(Picture *picture, const OpValue *ref, const OpValue *text)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  g_autofree char *key = NULL, *other = NULL, *copy = g_strndup(text->bytes, text->n);
  const Thing *thing = picture_thing(picture, ref->bytes);
  bool known = picture_dn(picture, ref->bytes, dn);
  if (!known && thing && thing->planned.name)
    known = picture_spot_dn(picture, &thing->planned, dn);
  key = known ? key_of(dn->str) : NULL;
  other = key_of(copy);
  return key && g_strcmp0(key, other) == 0;
}

static bool same_value(Picture *picture, const Attr *attr, const OpValue *a, const OpValue *b)
{
  if (a->kind == VALUE_REF && b->kind == VALUE_REF)
    return g_str_equal(a->bytes, b->bytes);
  if (a->kind == VALUE_REF || b->kind == VALUE_REF)
    return ref_equals(picture, a->kind == VALUE_REF ? a : b, a->kind == VALUE_REF ? b : a);
  return schema_equal(attr, a->bytes, a->n, b->bytes, b->n);
}

ssize_t picture_find(Picture *picture, Thing *thing, const char *attribute, const OpValue *value)
{
  const Attr *attr = picture_attr(picture, attribute);
  const GArray *values = picture_values(thing, attribute);
  for (guint i = 0; i < values->len; i++)
    if (same_value(picture, attr, &g_array_index(values, Held, i).value, value))
      return (ssize_t)i;
  return -1;
}

// ---------------------------------------------------------------------------------------------
// What stands below.

typedef struct Below {
  Picture *picture;
  const Thing *thing;
  size_t n;
} Below;

static bool count_below(const Observed *entry, void *data, GError **error)
{
  Below *below = data;
  (void)error;
  g_autofree char *dn = g_strndup(entry->dn.at, entry->dn.n), *key = key_of(dn);
  const char *object = key ? g_hash_table_lookup(below->picture->by_place, key) : NULL;
  const Thing *other = picture_thing(below->picture, object);
  if (other == below->thing)
    return true;
  // One that is gone or elsewhere by then is not in the way.
  bool stays =
      !other || (other->exists && picture_same_spot(below->picture, &other->at, &other->now));
  below->n += stays;
  return true;
}

bool picture_has_below(Picture *picture, const Thing *thing, size_t *n, GError **error)
{
  static const char *const nothing[] = {NULL};
  g_autofree char *place = within_base(picture, thing->dn);
  const char *const places[] = {place, NULL};
  const Scope scope = {.places = places, .attributes = nothing};
  Below below = {picture, thing, 0};
  *n = 0;
  if (of_tables(picture) || thing->outside || !place)
    return true;
  if (!reader_read(picture->target->reader, &scope, picture->schema, count_below, &below, NULL,
                   error))
    return false;
  *n = below.n;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Places of the plan.

static void put_place(Picture *picture, Plan *plan, const char *object)
{
  if (!object || !g_hash_table_add(picture->containers, (void *)object))
    return;
  if (is_container(object)) {
    plan_add_place(plan, picture->section,
                   &(Placed){.object = object, .name = object + strlen(CONTAINER), .exists = true});
    return;
  }
  const Thing *thing = picture_thing(picture, object);
  const Spot spot = thing->now.name ? thing->now : thing->planned;
  put_place(picture, plan, spot.parent);
  plan_add_place(plan, picture->section,
                 &(Placed){.object = object,
                           .parent = spot.parent,
                           .name = spot.name,
                           .stable_id = thing->read ? thing->read_id : NULL,
                           .exists = thing->read});
}

void picture_places(Picture *picture, Plan *plan)
{
  GHashTableIter iter;
  const char *object = NULL;
  g_hash_table_iter_init(&iter, picture->placed);
  while (g_hash_table_iter_next(&iter, (void **)&object, NULL))
    put_place(picture, plan, object);
}
