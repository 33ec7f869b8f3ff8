// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where our entries were observed. A server writes one DN the same way wherever it names it, so bytes
// are looked up first; normal forms are indexed only when somebody asks for a DN these do not have.
#include "planner/planner_p.h"

#include <sodium.h>

static gpointer hash_bytes(const Side *side, const char *bytes, size_t n)
{
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)bytes, n,
                   (const unsigned char *)side->place_seed);
  return GSIZE_TO_POINTER(hash);
}

static void index_normal(Side *side, uint32_t entry, const char *dn, size_t n)
{
  g_autoptr(GString) key = g_string_sized_new(n + 16);
  if (place_key(dn, n, key))
    g_hash_table_insert(side->normal_places, hash_bytes(side, key->str, key->len),
                        GUINT_TO_POINTER(entry + 1));
}

static void index_all_normal(Side *side)
{
  g_autoptr(GString) place = g_string_new(NULL);
  side->normal_places = g_hash_table_new(g_direct_hash, g_direct_equal);
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    if ((side->flags[i] & SEEN) == 0 && table_at(side->table, i)->klass != KLASS_CONTAINER)
      continue;
    const char *elsewhere = g_hash_table_lookup(side->located, GUINT_TO_POINTER(i));
    g_string_truncate(place, 0);
    if (elsewhere != NULL)
      g_string_append(place, elsewhere);
    else
      table_place(side->table, i, side->base, place);
    index_normal(side, i, place->str, place->len);
  }
}

void side_place_anew(Side *side, uint32_t entry)
{
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(entry));
  if (kept == NULL || g_hash_table_contains(side->located, GUINT_TO_POINTER(entry)))
    return;
  g_autoptr(GString) place = g_string_new(NULL), should = g_string_new(NULL),
                     is = g_string_new(NULL);
  table_place(side->table, entry, side->base, place);
  if (place->len > 0 && place_key(place->str, place->len, should) &&
      place_key(kept->observed.dn.at, kept->observed.dn.n, is) && !g_string_equal(should, is))
    g_hash_table_insert(side->located, GUINT_TO_POINTER(entry), (gpointer)kept->observed.dn.at);
}

void side_remember_place(Side *side, uint32_t entry, const Bytes *dn)
{
  g_hash_table_insert(side->places, hash_bytes(side, dn->at, dn->n), GUINT_TO_POINTER(entry + 1));
  if (side->normal_places != NULL)
    index_normal(side, entry, dn->at, dn->n);
}

uint32_t side_find_place(Side *side, const char *dn, size_t n)
{
  gpointer found = g_hash_table_lookup(side->places, hash_bytes(side, dn, n));
  if (found != NULL)
    return GPOINTER_TO_UINT(found) - 1;
  if (side->normal_places == NULL)
    index_all_normal(side);
  g_autoptr(GString) key = g_string_sized_new(n + 16);
  if (!place_key(dn, n, key))
    return ENTRY_NONE;
  // 0, not found, becomes ENTRY_NONE.
  return GPOINTER_TO_UINT(
             g_hash_table_lookup(side->normal_places, hash_bytes(side, key->str, key->len))) -
         1;
}
