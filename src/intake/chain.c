// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which rows are about the same person, unit or order. Four bytes a row: a chain from each to the next.
#include "intake_p.h"

#include <string.h>

#define UNLINKED (CHAIN_END - 1)

static uint32_t *next_of(const Reading *reading, size_t record)
{
  return &g_array_index(reading->nexts, uint32_t, record);
}

size_t chain_next(const Reading *reading, size_t record)
{
  return *next_of(reading, record);
}

static void begin_chain(Reading *reading, size_t record)
{
  reading_mark(reading, record)->heads = true;
  *next_of(reading, record) = CHAIN_END;
}

static void link_record(Reading *reading, size_t last, size_t record)
{
  *next_of(reading, last) = (uint32_t)record;
  *next_of(reading, record) = CHAIN_END;
}

// Rows about the same are neighbours.
static void link_neighbours(Reading *reading)
{
  size_t last = NO_RECORD;
  for (size_t i = 0; i < reading->records->len; i++) {
    const Mark *mark = reading_mark(reading, i);
    if (mark->bad)
      continue;
    if (mark->follows)
      link_record(reading, last, i);
    else
      begin_chain(reading, i);
    last = i;
  }
}

// ---------------------------------------------------------------------------------------------
// In any order.

static int by_hash(const void *a, const void *b, void *data)
{
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  uint64_t left_key = reading_mark(data, left)->key, right_key = reading_mark(data, right)->key;
  if (left_key != right_key)
    return left_key < right_key ? -1 : 1;
  return (left > right) - (left < right);
}

static GArray *sort_by_hash(Reading *reading)
{
  GArray *order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (uint32_t i = 0; i < reading->records->len; i++) {
    *next_of(reading, i) = UNLINKED;
    if (!reading_mark(reading, i)->bad)
      g_array_append_val(order, i);
  }
  g_array_sort_with_data(order, by_hash, reading);
  return order;
}

// Links those of a run of one hash that are about the same as its first; others only share the hash.
static void link_run(Reading *reading, const uint32_t *run, size_t n)
{
  g_autoptr(GString) key = g_string_new(NULL), other = g_string_new(NULL);
  for (size_t i = 0; i < n; i++) {
    if (*next_of(reading, run[i]) != UNLINKED)
      continue;
    size_t last = run[i];
    begin_chain(reading, last);
    if (i + 1 < n)
      record_key(reading, run[i], key);
    for (size_t j = i + 1; j < n; j++) {
      if (*next_of(reading, run[j]) != UNLINKED)
        continue;
      record_key(reading, run[j], other);
      if (!g_string_equal(key, other))
        continue;
      link_record(reading, last, run[j]);
      last = run[j];
    }
  }
}

static void link_anywhere(Reading *reading)
{
  g_autoptr(GArray) order = sort_by_hash(reading);
  const uint32_t *records = (const uint32_t *)(void *)order->data;
  for (size_t first = 0, n; first < order->len; first += n) {
    uint64_t key = reading_mark(reading, records[first])->key;
    for (n = 1; first + n < order->len; n++)
      if (reading_mark(reading, records[first + n])->key != key)
        break;
    link_run(reading, records + first, n);
  }
}

void chain_records(Reading *reading)
{
  g_array_set_size(reading->nexts, reading->records->len);
  (reading->ascending ? link_neighbours : link_anywhere)(reading);
}
