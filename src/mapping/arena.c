// SPDX-License-Identifier: GPL-3.0-or-later
#include "derive_p.h"

#include <string.h>

// Larger than what one person needs, so that a second block is hardly ever made.
#define BLOCK_BYTES (64 * 1024)

void arena_init(Arena *arena)
{
  *arena = (Arena){.blocks = g_ptr_array_new_with_free_func(g_free)};
}

void arena_clear(Arena *arena)
{
  g_clear_pointer(&arena->blocks, g_ptr_array_unref);
}

void arena_reset(Arena *arena)
{
  arena->block = arena->used = 0;
}

void *arena_alloc(Arena *arena, size_t n_bytes)
{
  n_bytes = (n_bytes + 7) & ~(size_t)7;
  g_assert(n_bytes <= BLOCK_BYTES);
  if (arena->used + n_bytes > BLOCK_BYTES) {
    arena->block++;
    arena->used = 0;
  }
  if (arena->block == arena->blocks->len)
    g_ptr_array_add(arena->blocks, g_malloc(BLOCK_BYTES));
  char *at = (char *)arena->blocks->pdata[arena->block] + arena->used;
  arena->used += n_bytes;
  return at;
}

const char *arena_text(Arena *arena, const char *text, size_t n_bytes)
{
  // Nothing that HR says is so long; a value cut here would be refused by its target anyway.
  n_bytes = MIN(n_bytes, BLOCK_BYTES - 1);
  char *copy = arena_alloc(arena, n_bytes + 1);
  memcpy(copy, text, n_bytes);
  copy[n_bytes] = '\0';
  return copy;
}
