// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

#define NO_THING UINT32_MAX
// Deeper than any directory; what goes further walks in a circle.
#define MOST_LEVELS 64

typedef struct Thing {
  uint32_t parent;
  uint32_t n_below;  // claims on what is below it
  uint32_t n_shared;
  bool alone;
  GArray *waiters;  // uint32_t: numbers of operations; NULL = nobody
} Thing;

struct Locks {
  GHashTable *by_object;  // object -> thing + 1; the names are the plan's
  GArray *things;
};

static Thing *at(const Locks *locks, uint32_t thing)
{
  return &g_array_index(locks->things, Thing, thing);
}

static void clear_thing(void *data)
{
  g_clear_pointer(&((Thing *)data)->waiters, g_array_unref);
}

uint32_t locks_thing(Locks *locks, const char *object)
{
  uint32_t known = GPOINTER_TO_UINT(g_hash_table_lookup(locks->by_object, object));
  if (known)
    return known - 1;
  Thing thing = {.parent = NO_THING};
  g_array_append_val(locks->things, thing);
  g_hash_table_insert(locks->by_object, (void *)object, GUINT_TO_POINTER(locks->things->len));
  return locks->things->len - 1;
}

static void set_parent(Locks *locks, const char *object, const char *parent)
{
  uint32_t above = parent ? locks_thing(locks, parent) : NO_THING;
  uint32_t thing = locks_thing(locks, object);
  at(locks, thing)->parent = above;
}

Locks *locks_new(const PlanSection *section)
{
  Locks *locks = g_new(Locks, 1);
  locks->by_object = g_hash_table_new(g_str_hash, g_str_equal);
  locks->things = g_array_new(false, false, sizeof(Thing));
  g_array_set_clear_func(locks->things, clear_thing);
  for (size_t i = 0; i < section->n_places; i++)
    set_parent(locks, section->places[i].object, section->places[i].parent);
  return locks;
}

void locks_free(Locks *locks)
{
  if (!locks)
    return;
  g_hash_table_unref(locks->by_object);
  g_array_unref(locks->things);
  g_free(locks);
}

// ---------------------------------------------------------------------------------------------

static void claim_shared(Locks *locks, const Op *op, const char *object, GArray *claims)
{
  if (!object || g_str_equal(object, op->object))
    return;
  Claim claim = {locks_thing(locks, object), false};
  g_array_append_val(claims, claim);
}

static void claim_values(Locks *locks, const Op *op, const OpValue *values, size_t n_values,
                         GArray *claims)
{
  for (size_t i = 0; i < n_values; i++)
    if (values[i].kind == VALUE_REF)
      claim_shared(locks, op, values[i].bytes, claims);
}

void locks_claims(Locks *locks, const Op *op, GArray *claims)
{
  if (op_traits(op->kind)->edge) {
    claim_shared(locks, op, op->member, claims);
    return;
  }
  Claim own = {locks_thing(locks, op->object), true};
  if (op->kind == OP_CREATE)
    set_parent(locks, op->object, op->parent);
  g_array_append_val(claims, own);
  claim_shared(locks, op, op->parent, claims);
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    claim_values(locks, op, change->old_values, change->n_old, claims);
    claim_values(locks, op, change->new_values, change->n_new, claims);
  }
}

// The thing that is in the way of a claim, or NO_THING.
static uint32_t in_the_way(const Locks *locks, const Claim *claim)
{
  const Thing *thing = at(locks, claim->thing);
  if (thing->alone || (claim->alone && (thing->n_shared || thing->n_below)))
    return claim->thing;
  uint32_t above = thing->parent;
  for (unsigned level = 0; above != NO_THING && level < MOST_LEVELS; level++) {
    if (at(locks, above)->alone)
      return above;
    above = at(locks, above)->parent;
  }
  return NO_THING;
}

bool locks_free_for(const Locks *locks, const GArray *claims, size_t from, uint32_t *blocker)
{
  for (size_t i = from; i < claims->len; i++) {
    *blocker = in_the_way(locks, &g_array_index(claims, Claim, i));
    if (*blocker != NO_THING)
      return false;
  }
  return true;
}

void locks_take(Locks *locks, const GArray *claims)
{
  for (guint i = 0; i < claims->len; i++) {
    const Claim *claim = &g_array_index(claims, Claim, i);
    Thing *thing = at(locks, claim->thing);
    thing->alone |= claim->alone;
    thing->n_shared += !claim->alone;
    uint32_t above = thing->parent;
    for (unsigned level = 0; above != NO_THING && level < MOST_LEVELS; level++) {
      at(locks, above)->n_below++;
      above = at(locks, above)->parent;
    }
  }
}

static void wake(Thing *thing, Book *book)
{
  g_autoptr(GArray) waiters = g_steal_pointer(&thing->waiters);
  for (guint i = 0; waiters && i < waiters->len; i++)
    book_push(book, g_array_index(waiters, uint32_t, i));
}

static void drop(Locks *locks, const Claim *claim, Book *book)
{
  Thing *thing = at(locks, claim->thing);
  if (claim->alone)
    thing->alone = false;
  else
    thing->n_shared--;
  if (!thing->alone && thing->n_shared == 0)
    wake(thing, book);
  uint32_t above = thing->parent;
  for (unsigned level = 0; above != NO_THING && level < MOST_LEVELS; level++) {
    Thing *higher = at(locks, above);
    if (--higher->n_below == 0)
      wake(higher, book);
    above = higher->parent;
  }
}

void locks_drop(Locks *locks, const GArray *claims, Book *book)
{
  for (guint i = 0; i < claims->len; i++)
    drop(locks, &g_array_index(claims, Claim, i), book);
}

void locks_wait(Locks *locks, uint32_t n, uint32_t blocker)
{
  Thing *thing = at(locks, blocker);
  if (!thing->waiters)
    thing->waiters = g_array_new(false, false, sizeof(uint32_t));
  g_array_append_val(thing->waiters, n);
}

void locks_follow(Locks *locks, const Op *op)
{
  if (op->kind == OP_MOVE || op->kind == OP_CREATE)
    set_parent(locks, op->object, op->parent);
}
