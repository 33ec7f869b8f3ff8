// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

// Deeper than any directory; what goes further walks in a circle.
#define MOST_LEVELS 64

typedef struct Place {
  const char *parent;  // object; NULL = the base
  const char *name;
  const char *stable_id;
} Place;

struct Places {
  char *base;
  const char *id_dn;      // a DN made of an id, "<GUID=%s>"; NULL = the target knows none
  GHashTable *by_object;  // object -> Place
  GStringChunk *strings;
};

Places *places_new(const char *base, const char *id_dn)
{
  Places *places = g_new0(Places, 1);
  places->id_dn = id_dn;
  places->base = g_strdup(base);
  places->by_object = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  places->strings = g_string_chunk_new(4096);
  return places;
}

void places_free(Places *places)
{
  if (!places)
    return;
  g_hash_table_unref(places->by_object);
  g_string_chunk_free(places->strings);
  g_free(places->base);
  g_free(places);
}

static const char *keep(Places *places, const char *text)
{
  return text ? g_string_chunk_insert(places->strings, text) : NULL;
}

void places_add(Places *places, const Placed *placed)
{
  Place *place = g_new(Place, 1);
  *place = (Place){keep(places, placed->parent), keep(places, placed->name),
                   keep(places, placed->stable_id)};
  g_hash_table_replace(places->by_object, (void *)keep(places, placed->object), place);
}

bool places_dn(const Places *places, const char *object, GString *out, GError **error)
{
  for (unsigned level = 0; object; level++) {
    const Place *place = g_hash_table_lookup(places->by_object, object);
    if (!place || !place->name || level > MOST_LEVELS) {
      g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                  place && place->name ? _("%s lies below itself; make the plan anew")
                                       : _("the plan does not say where %s is; make it anew"),
                  object);
      return false;
    }
    g_string_append(out, place->name);
    g_string_append_c(out, ',');
    object = place->parent;
  }
  g_string_append(out, places->base);
  return true;
}

bool places_ref(const Places *places, const char *object, GString *out, GError **error)
{
  const char *id = places->id_dn && object ? places_stable_id(places, object) : NULL;
  if (!id || !*id)
    return places_dn(places, object, out, error);
  const char *at = strstr(places->id_dn, "%s");
  g_string_append_len(out, places->id_dn, at - places->id_dn);
  g_string_append(out, id);
  g_string_append(out, at + 2);
  return true;
}

const char *places_stable_id(const Places *places, const char *object)
{
  const Place *place = g_hash_table_lookup(places->by_object, object);
  return place ? place->stable_id : NULL;
}

static Place *entry_of(Places *places, const char *object)
{
  Place *place = g_hash_table_lookup(places->by_object, object);
  if (place)
    return place;
  place = g_new0(Place, 1);
  g_hash_table_insert(places->by_object, (void *)keep(places, object), place);
  return place;
}

void places_follow(Places *places, const Op *op, const char *stable_id)
{
  if (op->kind != OP_CREATE && op->kind != OP_RENAME && op->kind != OP_MOVE)
    return;
  Place *place = entry_of(places, op->object);
  if (op->name && g_strcmp0(op->name, place->name))
    place->name = keep(places, op->name);
  if (op->kind != OP_RENAME && g_strcmp0(op->parent, place->parent))
    place->parent = keep(places, op->parent);
  if (stable_id && *stable_id)
    place->stable_id = keep(places, stable_id);
}

void places_return(Places *places, const Op *op)
{
  if (op->kind != OP_RENAME && op->kind != OP_MOVE)
    return;
  Place *place = entry_of(places, op->object);
  if (op->old_name)
    place->name = keep(places, op->old_name);
  if (op->kind == OP_MOVE && op->old_parent)
    place->parent = keep(places, op->old_parent);
}

bool places_cover(const char *above, const char *key)
{
  size_t n_above = strlen(above), n_key = strlen(key);
  return n_key >= n_above && g_str_equal(key + n_key - n_above, above) &&
         (n_key == n_above || key[n_key - n_above - 1] == ',');
}
