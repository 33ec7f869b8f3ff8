// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading ahead: a thread reads scopes one after the other into blocks of memory, while whoever asked works on
// something else, or on another target. A handful of blocks may wait; then the thread does.
#include "targets_p.h"

#define BLOCK_BYTES ((size_t)256 << 10)
#define BLOCKS_MOST 32
#define ALIGNMENT _Alignof(max_align_t)

// Entries lie one behind the other, with all that they point to.
typedef struct Node {
  struct Node *next;
  Observed entry;
} Node;

typedef struct Block {
  Node *first, *last;
  size_t scope;      // index
  bool ends;         // the scope ends with this block
  size_t n_entries;  // of the whole scope, when it ends
  GError *error;     // … and why it ended early
  size_t used, size;
  char bytes[] __attribute__((aligned(16)));
} Block;

struct Ahead {
  const TargetType *type;
  void *self;  // the type's reader: the thread's alone until it has ended
  Schema *schema;
  GPtrArray *scopes;  // Scope, copies
  size_t next;        // scope to be taken
  GThread *thread;
  GMutex mutex;
  GCond changed;
  GQueue blocks;   // Block, finished
  bool boundless;  // nobody takes blocks any more before all is read
  bool cancelled;
  Block *block;  // the thread's, being filled
};

// ---------------------------------------------------------------------------------------------
// Scopes.

static void free_scope(void *data)
{
  Scope *scope = data;
  g_strfreev((char **)scope->places);
  g_strfreev((char **)scope->attributes);
  g_free((char *)scope->klass);
  g_free(scope);
}

static Scope *copy_scope(const Scope *from)
{
  Scope *scope = g_new0(Scope, 1);
  scope->places = (const char *const *)g_strdupv((char **)from->places);
  scope->attributes = (const char *const *)g_strdupv((char **)from->attributes);
  scope->klass = g_strdup(from->klass);
  return scope;
}

static bool same_scope(const Scope *a, const Scope *b)
{
  return !b->keys && !b->alone && g_strcmp0(a->klass, b->klass) == 0 &&
         g_strv_equal(a->places, b->places) && g_strv_equal(a->attributes, b->attributes);
}

// ---------------------------------------------------------------------------------------------
// The thread: fills blocks.

static void free_block(void *data)
{
  Block *block = data;
  g_clear_error(&block->error);
  g_free(block);
}

static Block *new_block(size_t scope, size_t least)
{
  size_t size = MAX(least, BLOCK_BYTES - sizeof(Block));
  Block *block = g_malloc(sizeof(Block) + size);
  *block = (Block){.scope = scope, .size = size};
  return block;
}

static size_t aligned(size_t n_bytes)
{
  return (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void *take_room(Block *block, size_t n_bytes)
{
  void *room = block->bytes + block->used;
  block->used += aligned(n_bytes);
  return room;
}

static size_t size_of(const Observed *entry)
{
  size_t n = aligned(sizeof(Node)) + aligned(entry->dn.n + 1) + aligned(entry->stable_id.n + 1) +
             aligned(entry->n_attributes * sizeof(ObservedAttr));
  n += entry->protected_by ? aligned(strlen(entry->protected_by) + 1) : 0;
  for (size_t i = 0; i < entry->n_attributes; i++) {
    const ObservedAttr *attr = &entry->attributes[i];
    size_t n_bytes = 0;
    for (size_t k = 0; k < attr->n_values; k++)
      n_bytes += attr->values[k].n + 1;
    n += aligned(attr->n_values * sizeof(Bytes)) + aligned(n_bytes);
  }
  return n;
}

static Bytes copy_bytes(Block *block, const Bytes *from)
{
  char *at = take_room(block, from->n + 1);
  if (from->n)
    memcpy(at, from->at, from->n);
  at[from->n] = '\0';
  return (Bytes){from->n, at};
}

static void copy_attribute(Block *block, const ObservedAttr *from, ObservedAttr *to)
{
  size_t n_bytes = 0;
  for (size_t k = 0; k < from->n_values; k++)
    n_bytes += from->values[k].n + 1;
  Bytes *values = take_room(block, from->n_values * sizeof *values);
  char *at = take_room(block, n_bytes);
  for (size_t k = 0; k < from->n_values; k++) {
    values[k] = (Bytes){from->values[k].n, at};
    if (values[k].n)
      memcpy(at, from->values[k].at, values[k].n);
    at += values[k].n;
    *at++ = '\0';
  }
  *to = (ObservedAttr){from->attr, from->n_values, values, from->n_fixed};
}

static void copy_entry(Block *block, const Observed *from)
{
  Node *node = take_room(block, sizeof *node);
  ObservedAttr *attributes = take_room(block, from->n_attributes * sizeof *attributes);
  *node = (Node){.entry = *from};
  node->entry.dn = copy_bytes(block, &from->dn);
  node->entry.stable_id = copy_bytes(block, &from->stable_id);
  if (from->protected_by) {
    Bytes words = {strlen(from->protected_by), from->protected_by};
    node->entry.protected_by = copy_bytes(block, &words).at;
  }
  for (size_t i = 0; i < from->n_attributes; i++)
    copy_attribute(block, &from->attributes[i], &attributes[i]);
  node->entry.attributes = attributes;
  if (block->last)
    block->last->next = node;
  else
    block->first = node;
  block->last = node;
}

// False when nobody wants it any more.
static bool hand_over(Ahead *ahead)
{
  g_mutex_lock(&ahead->mutex);
  while (!ahead->cancelled && !ahead->boundless && ahead->blocks.length >= BLOCKS_MOST)
    g_cond_wait(&ahead->changed, &ahead->mutex);
  bool wanted = !ahead->cancelled;
  if (wanted)
    g_queue_push_tail(&ahead->blocks, g_steal_pointer(&ahead->block));
  g_cond_broadcast(&ahead->changed);
  g_mutex_unlock(&ahead->mutex);
  return wanted;
}

static bool keep_entry(const Observed *entry, void *data, GError **error)
{
  Ahead *ahead = data;
  size_t size = size_of(entry), scope = ahead->block->scope;
  if (ahead->block->used + size > ahead->block->size) {
    if (!hand_over(ahead)) {
      g_set_error_literal(error, IDOU_ERROR, EXIT_UNREAD, _("the reading was given up"));
      return false;
    }
    ahead->block = new_block(scope, size);
  }
  copy_entry(ahead->block, entry);
  return true;
}

static void *read_scopes(void *data)
{
  Ahead *ahead = data;
  bool fine = true;
  for (size_t i = 0; fine && i < ahead->scopes->len; i++) {
    GError *fault = NULL;
    size_t n_entries = 0;
    ahead->block = new_block(i, 0);
    fine = ahead->type->reader_read(ahead->self, ahead->scopes->pdata[i], ahead->schema, keep_entry,
                                    ahead, &n_entries, &fault);
    if (!ahead->block) {
      g_clear_error(&fault);
      break;
    }
    ahead->block->ends = true;
    ahead->block->n_entries = n_entries;
    ahead->block->error = fault;
    fine = hand_over(ahead) && fine;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Who takes.

static Schema *copy_names(const Schema *schema)
{
  Schema *copy = schema_new();
  for (size_t id = 0; id < schema_count(schema); id++)
    schema_attr(copy, schema_at((Schema *)schema, (AttrId)id)->name);
  return copy;
}

Ahead *ahead_new(const TargetType *type, void *self, const Schema *schema)
{
  Ahead *ahead = g_new0(Ahead, 1);
  ahead->type = type;
  ahead->self = self;
  ahead->schema = copy_names(schema);
  ahead->scopes = g_ptr_array_new_with_free_func(free_scope);
  g_mutex_init(&ahead->mutex);
  g_cond_init(&ahead->changed);
  g_queue_init(&ahead->blocks);
  return ahead;
}

void ahead_add(Ahead *ahead, const Scope *scope)
{
  g_ptr_array_add(ahead->scopes, copy_scope(scope));
}

void ahead_start(Ahead *ahead)
{
  ahead->thread = g_thread_new("read", read_scopes, ahead);
}

static void wait_for_end(Ahead *ahead, bool cancel)
{
  g_mutex_lock(&ahead->mutex);
  ahead->cancelled |= cancel;
  ahead->boundless = true;
  g_cond_broadcast(&ahead->changed);
  g_mutex_unlock(&ahead->mutex);
  if (ahead->thread)
    g_thread_join(g_steal_pointer(&ahead->thread));
}

void ahead_free(Ahead *ahead)
{
  if (!ahead)
    return;
  wait_for_end(ahead, true);
  g_clear_pointer(&ahead->block, free_block);
  g_queue_clear_full(&ahead->blocks, free_block);
  g_ptr_array_unref(ahead->scopes);
  schema_free(ahead->schema);
  g_mutex_clear(&ahead->mutex);
  g_cond_clear(&ahead->changed);
  g_free(ahead);
}

void ahead_wait(Ahead *ahead)
{
  if (ahead)
    wait_for_end(ahead, false);
}

bool ahead_has(const Ahead *ahead, const Scope *scope)
{
  return ahead && ahead->next < ahead->scopes->len &&
         same_scope(ahead->scopes->pdata[ahead->next], scope);
}

static Block *next_block(Ahead *ahead)
{
  g_mutex_lock(&ahead->mutex);
  while (g_queue_is_empty(&ahead->blocks))
    g_cond_wait(&ahead->changed, &ahead->mutex);
  Block *block = g_queue_pop_head(&ahead->blocks);
  g_cond_broadcast(&ahead->changed);
  g_mutex_unlock(&ahead->mutex);
  return block;
}

bool ahead_take(Ahead *ahead, const AheadTaker *taker, size_t *n_entries, GError **error)
{
  bool fine = true, ended = false;
  while (fine && !ended) {
    Block *block = next_block(ahead);
    for (const Node *node = block->first; fine && node; node = node->next)
      fine = taker->func(&node->entry, taker->data, error);
    ended = block->ends;
    *n_entries = block->n_entries;
    if (fine && block->error) {
      g_propagate_error(error, g_steal_pointer(&block->error));
      fine = false;
    }
    free_block(block);
  }
  // After a failure nothing more can be taken in order.
  ahead->next = fine ? ahead->next + 1 : ahead->scopes->len;
  return fine;
}
