// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_p.h"

// Items lie in buckets chosen by the top bits of the hash; an item is the low half of its hash and
// the entry. A look-up touches one bucket, that is, mostly one cache line.
struct Index {
  int shift;         // hash >> shift = bucket
  uint32_t *starts;  // of each bucket, and one more
  uint64_t *items;
};

#define ITEMS_PER_BUCKET 4

static uint64_t item_of(const IndexItem *item)
{
  return item->hash << 32 | item->entry;
}

Index *index_new(const IndexItem *items, size_t n_items)
{
  int bits = 1;
  while (((size_t)ITEMS_PER_BUCKET << bits) < n_items)
    bits++;
  size_t n_buckets = (size_t)1 << bits;
  Index *index = g_new(Index, 1);
  index->shift = 64 - bits;
  index->starts = g_new0(uint32_t, n_buckets + 1);
  index->items = g_new(uint64_t, n_items);
  for (size_t i = 0; i < n_items; i++)
    index->starts[(items[i].hash >> index->shift) + 1]++;
  for (size_t i = 0; i < n_buckets; i++)
    index->starts[i + 1] += index->starts[i];
  // Filling moves each start to its bucket's end, which is where the next one starts.
  for (size_t i = 0; i < n_items; i++)
    index->items[index->starts[items[i].hash >> index->shift]++] = item_of(&items[i]);
  memmove(index->starts + 1, index->starts, n_buckets * sizeof *index->starts);
  index->starts[0] = 0;
  return index;
}

void index_free(Index *index)
{
  if (!index)
    return;
  g_free(index->starts);
  g_free(index->items);
  g_free(index);
}

bool index_next(const Index *index, uint64_t hash, uint32_t *at, uint32_t *entry)
{
  size_t bucket = hash >> index->shift;
  for (uint32_t i = index->starts[bucket] + *at; i < index->starts[bucket + 1]; i++) {
    if (index->items[i] >> 32 != (hash & UINT32_MAX))
      continue;
    *entry = (uint32_t)index->items[i];
    *at = i + 1 - index->starts[bucket];
    return true;
  }
  return false;
}
