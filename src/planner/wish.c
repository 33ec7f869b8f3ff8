// SPDX-License-Identifier: GPL-3.0-or-later
//
// Of a target only some entries are read: which ones, and by what.
#include "planner/planner_p.h"

// With those above it: where it can be depends on them.
void wish_want(Side *side, uint32_t entry)
{
  for (; entry != ENTRY_NONE && table_at(side->table, entry)->klass != KLASS_CONTAINER;
       entry = table_at(side->table, entry)->parent)
    side->flags[entry] |= WANTED;
}

void wish_want_references(Side *side, uint32_t entry)
{
  Cursor cursor = entry_cursor(table_at(side->table, entry));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind == VALUE_REF)
        wish_want(side, value.ref);
    }
  }
}

void wishes_init(Wishes *wishes)
{
  *wishes = (Wishes){g_array_new(FALSE, FALSE, sizeof(Wish)),
                     g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref)};
}

void wishes_clear(Wishes *wishes)
{
  g_array_unref(wishes->list);
  g_ptr_array_unref(wishes->arrays);
}

void wish_for(Wishes *wishes, const char *attribute, GPtrArray *keys, uint32_t member)
{
  if (keys->len == 0) {
    g_ptr_array_unref(keys);
    return;
  }
  g_ptr_array_add(keys, NULL);
  g_ptr_array_add(wishes->arrays, keys);
  Wish wish = {attribute, (const char *const *)keys->pdata, member};
  g_array_append_val(wishes->list, wish);
}

GPtrArray *wish_keys(void)
{
  return g_ptr_array_new_with_free_func(g_free);
}

void wish_by_key(Side *side, const Klass *klass, Wishes *wishes)
{
  GPtrArray *keys = wish_keys();
  GPtrArray *ids = wish_keys();
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    if ((side->flags[i] & WANTED) == 0 || side_klass(side, i) != klass)
      continue;
    g_ptr_array_add(keys, g_strdup(entry_key(table_at(side->table, i))));
    const char *id = store_binding_of(side->setup->store, klass->target, side_object(side, i));
    if (id != NULL && !g_str_has_prefix(id, BINDING_GIVEN))
      g_ptr_array_add(ids, g_strdup(id));
  }
  wish_for(wishes, klass->key_attribute, keys, ENTRY_NONE);
  wish_for(wishes, NULL, ids, ENTRY_NONE);
}

bool wishes_read(Side *side, size_t i, const Wishes *wishes, GError **error)
{
  return side_read_some(side, i, (const Wish *)(const void *)wishes->list->data, wishes->list->len,
                        error);
}
