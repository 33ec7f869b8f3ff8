// SPDX-License-Identifier: GPL-3.0-or-later
//
// What HR said of the orders that an operation comes from: withdrawn without anybody's word, or announced
// and counted.
#include "planner/planner_p.h"

#include <string.h>

static bool note_withdrawn(const OrderRow *order, void *data)
{
  Side *side = data;
  if (order->person == 0 || order->known_to > roster_when(side->roster)->known_at)
    return true;
  g_autofree char *text = g_strdup_printf(
      _("a later version of HR's orders lacks order %s; idou orders confirm or keep"),
      order->number);
  g_hash_table_insert(side->withdrawn, GUINT_TO_POINTER(order->person),
                      g_string_chunk_insert(side->arena, text));
  return true;
}

bool side_read_orders(Side *side, GError **error)
{
  return store_orders_in_state(side->setup->store, "missing", note_withdrawn, side, error);
}

// Whoever is switched off by another order is switched off.
const char *side_unconfirmed(const Side *side, const Op *op)
{
  if (op->person == 0 || op->kind == OP_DISABLE)
    return NULL;
  return g_hash_table_lookup(side->withdrawn, GUINT_TO_POINTER(op->person));
}

// ---------------------------------------------------------------------------------------------

#define KIND(kind) (1u << (kind))
#define CHANGES (KIND(OP_MODIFY) | KIND(OP_MOVE) | KIND(OP_RENAME) | KIND(OP_JOIN) | KIND(OP_LEAVE))
// An order explains operations of its day; afterwards it only explains why things are as they are.
enum { DAYS_EXPECTED = 7 };

// The kinds of operation that an order of the kind can bring about.
static const struct {
  const char *order;
  unsigned ops;
} effects[] = {
    {"hire", CHANGES | KIND(OP_ALLOCATE) | KIND(OP_CREATE) | KIND(OP_ADOPT) | KIND(OP_ENABLE)},
    {"take_over", CHANGES | KIND(OP_ALLOCATE) | KIND(OP_CREATE) | KIND(OP_ADOPT) | KIND(OP_ENABLE)},
    {"renew", CHANGES | KIND(OP_ENABLE)},
    {"leave", CHANGES | KIND(OP_DISABLE)},
    {"suspend", CHANGES | KIND(OP_DISABLE)},
    {"second", CHANGES | KIND(OP_DISABLE)},
    {"return", CHANGES | KIND(OP_ENABLE)},
    {"retire", CHANGES | KIND(OP_DISABLE)},
};

static bool brings_about(const char *order, OpKind kind)
{
  for (size_t i = 0; i < G_N_ELEMENTS(effects); i++)
    if (strcmp(effects[i].order, order) == 0)
      return effects[i].ops & KIND(kind);
  return CHANGES & KIND(kind);
}

static bool counts(const char *covered, const char *kind)
{
  g_auto(GStrv) kinds = g_strsplit(covered, " ", -1);
  return g_strv_contains((const char *const *)kinds, kind);
}

static const char *cover_of_row(Side *side, const Op *op, int64_t row)
{
  OrderRow order;
  OrderSet set;
  if (!store_order_at(side->setup->store, row, &order) || order.set == 0 ||
      order.date < side->setup->as_of - DAYS_EXPECTED || !brings_about(order.kind, op->kind))
    return NULL;
  g_autofree char *kind = g_strdup(order.kind);
  if (!store_set_at(side->setup->store, order.set, &set) || !counts(set.covered, kind))
    return NULL;
  g_autofree char *text = *set.name
                              ? g_strdup_printf("%s v%" G_GINT64_FORMAT, set.name, set.version)
                              : g_strdup_printf("intake %" G_GINT64_FORMAT, set.intake);
  return g_string_chunk_insert_const(side->arena, text);
}

const char *side_expected(Side *side, const Op *op, const GArray *rows)
{
  const char *cover = NULL;
  for (guint i = 0; i < rows->len && !cover; i++)
    cover = cover_of_row(side, op, g_array_index(rows, int64_t, i));
  return cover;
}
