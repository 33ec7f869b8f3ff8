// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

struct Persons {
  GHashTable *by_person;  // person -> GPtrArray of const Op, in the plan's order
  GHashTable *taken;      // numbers of those in a parcel, as a set
};

static void free_ops(void *ops)
{
  g_ptr_array_unref(ops);
}

Persons *persons_new(const PlanSection *section)
{
  Persons *persons = g_new(Persons, 1);
  persons->by_person = g_hash_table_new_full(NULL, NULL, NULL, free_ops);
  persons->taken = g_hash_table_new(NULL, NULL);
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    void *key = GUINT_TO_POINTER(op->person);
    GPtrArray *ops = op->person ? g_hash_table_lookup(persons->by_person, key) : NULL;
    if (op->person && !ops) {
      ops = g_ptr_array_new();
      g_hash_table_insert(persons->by_person, key, ops);
    }
    if (ops)
      g_ptr_array_add(ops, (void *)op);
  }
  return persons;
}

void persons_free(Persons *persons)
{
  if (!persons)
    return;
  g_hash_table_unref(persons->by_person);
  g_hash_table_unref(persons->taken);
  g_free(persons);
}

void persons_take(Persons *persons, const Op *op)
{
  g_hash_table_add(persons->taken, GUINT_TO_POINTER(op->n));
}

void persons_drop(Persons *persons, const Op *op)
{
  if (persons)
    g_hash_table_remove(persons->taken, GUINT_TO_POINTER(op->n));
}

bool persons_has(const Persons *persons, uint32_t n)
{
  return persons && g_hash_table_contains(persons->taken, GUINT_TO_POINTER(n));
}

// What it waits for has been done, or goes along: those stand before it in the plan.
static bool can_go(const Book *book, const Op *op, const GPtrArray *along)
{
  size_t n_along = 0;
  for (size_t i = 0; i < op->n_after; i++)
    for (guint j = 0; j < along->len; j++)
      n_along += ((const Op *)along->pdata[j])->n == op->after[i];
  return n_along == book->n_missing[op->n - 1];
}

void persons_gather(Persons *persons, const Book *book, const Op *op, GPtrArray *out, bool *later)
{
  const GPtrArray *ops = g_hash_table_lookup(persons->by_person, GUINT_TO_POINTER(op->person));
  *later = false;
  for (guint i = 0; i < ops->len; i++) {
    const Op *other = ops->pdata[i];
    if (book_stand(book, other->n) != STAND_WAITING || persons_has(persons, other->n) ||
        op_traits(other->kind)->edge || !can_go(book, other, out))
      continue;
    if (op_traits(other->kind)->local)
      *later |= book->n_missing[other->n - 1] == 0;
    else
      g_ptr_array_add(out, (void *)other);
  }
}
