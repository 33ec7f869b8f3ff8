// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a bundle wants other than the one before. Words that explain do not count.
#include "bundle/bundle_p.h"

#include <string.h>

typedef struct Pair {
  const Bundle *bundle, *before;
  const NoteEntry *entry, *old;
} Pair;

static bool same_value(const NoteValue *a, const NoteValue *b)
{
  return a->kind == b->kind && a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0 &&
         g_strcmp0(a->object, b->object) == 0;
}

static bool same_attributes(const Pair *pair)
{
  if (pair->entry->n_attrs != pair->old->n_attrs)
    return false;
  for (guint i = 0; i < pair->entry->n_attrs; i++) {
    const NoteAttr *a = &g_array_index(pair->bundle->attrs, NoteAttr, pair->entry->attr + i);
    const NoteAttr *b = &g_array_index(pair->before->attrs, NoteAttr, pair->old->attr + i);
    if (strcmp(a->name, b->name) != 0 || a->policy != b->policy || a->n_values != b->n_values)
      return false;
    for (guint k = 0; k < a->n_values; k++)
      if (!same_value(&g_array_index(pair->bundle->values, NoteValue, a->value + k),
                      &g_array_index(pair->before->values, NoteValue, b->value + k)))
        return false;
  }
  return true;
}

static bool is_in(const Bundle *bundle, const NoteEntry *entry, const char *group)
{
  for (guint i = 0; i < entry->n_edges; i++)
    if (strcmp(g_array_index(bundle->edges, NoteEdge, entry->edge + i).group, group) == 0)
      return true;
  return false;
}

static bool same_edges(const Pair *pair)
{
  for (guint i = 0; i < pair->entry->n_edges; i++)
    if (!is_in(pair->before, pair->old,
               g_array_index(pair->bundle->edges, NoteEdge, pair->entry->edge + i).group))
      return false;
  return pair->entry->n_edges == pair->old->n_edges;
}

static bool same_frame(const NoteEntry *a, const NoteEntry *b)
{
  return a->presence == b->presence && strcmp(a->key, b->key) == 0 &&
         strcmp(a->parent, b->parent) == 0 && strcmp(a->rdn, b->rdn) == 0;
}

// NULL: nothing is to be done.
static const char *kind_of(const Pair *pair)
{
  const NoteEntry *entry = pair->entry, *old = pair->old;
  bool was = old != NULL && old->presence == PRESENCE_PRESENT;
  if (entry->presence == PRESENCE_ABSENT)
    return old == NULL || old->presence != PRESENCE_ABSENT ? "delete" : NULL;
  if (entry->presence == PRESENCE_PRESENT && !was)
    return "create";
  if (old == NULL)
    return entry->enabled == ENABLED_UNMANAGED ? NULL : "modify";
  if (entry->enabled != old->enabled && entry->enabled != ENABLED_UNMANAGED)
    return entry->enabled == ENABLED_NO ? "disable" : "enable";
  return same_frame(entry, old) && same_attributes(pair) && same_edges(pair) ? NULL : "modify";
}

static GHashTable *index_before(const Bundle *before, const char *target)
{
  GHashTable *entries = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; before != NULL && i < before->sections->len; i++) {
    const Section *section = &g_array_index(before->sections, Section, i);
    for (guint k = 0; strcmp(section->target, target) == 0 && k < section->entries->len; k++) {
      NoteEntry *entry = &g_array_index(section->entries, NoteEntry, k);
      g_hash_table_insert(entries, (gpointer)entry->object, entry);
    }
  }
  return entries;
}

void bundle_changes(const Bundle *bundle, const Bundle *before, BundleChangeFunc func, void *data)
{
  for (guint i = 0; i < bundle->sections->len; i++) {
    const Section *section = &g_array_index(bundle->sections, Section, i);
    g_autoptr(GHashTable) old = index_before(before, section->target);
    for (guint k = 0; k < section->entries->len; k++) {
      const NoteEntry *entry = &g_array_index(section->entries, NoteEntry, k);
      Pair pair = {bundle, before, entry, g_hash_table_lookup(old, entry->object)};
      BundleChange change = {section->target, entry->object, kind_of(&pair)};
      if (change.kind != NULL)
        func(&change, data);
    }
  }
}

void bundle_objects(const Bundle *bundle, const char *target, BundleObjectFunc func, void *data)
{
  for (guint i = 0; i < bundle->sections->len; i++) {
    const Section *section = &g_array_index(bundle->sections, Section, i);
    if (strcmp(section->target, target) != 0)
      continue;
    for (guint k = 0; k < section->entries->len; k++)
      func(g_array_index(section->entries, NoteEntry, k).object, data);
    for (guint k = 0; k < section->now->len; k++)
      func(g_array_index(section->now, NoteEntry, k).object, data);
  }
}
