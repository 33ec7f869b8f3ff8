// SPDX-License-Identifier: GPL-3.0-or-later
//
// What HR said of the orders that an operation comes from: withdrawn without anybody's word, or announced
// and counted.
#include "planner/planner_p.h"

#include <string.h>

// Whoever is switched off by another order is switched off.
const char *side_unconfirmed(const Side *side, const Op *op)
{
  bool local = op->kind == OP_RESTRICT || op->kind == OP_LIFT;
  if (op->person == 0 || op->kind == OP_DISABLE || local)
    return NULL;
  return side->desired->type->doubt(side->desired, op->person);
}

// ---------------------------------------------------------------------------------------------

#define KIND(kind) (1u << (kind))
#define CHANGES (KIND(OP_MODIFY) | KIND(OP_MOVE) | KIND(OP_RENAME) | KIND(OP_JOIN) | KIND(OP_LEAVE))

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

// Each spring hundreds of terms are renewed, many under new numbers: nobody comes or goes by it.
static const char *cover_of_row(Side *side, const Op *op, int64_t row)
{
  DesiredOrder order;
  if (!side->desired->type->order(side->desired, row, &order))
    return NULL;
  if (order.renews && (op->kind == OP_MODIFY || op->kind == OP_RENAME))
    return "renewal";
  return order.cover != NULL && brings_about(order.kind, op->kind)
             ? g_string_chunk_insert_const(side->arena, order.cover)
             : NULL;
}

const char *side_expected(Side *side, const Op *op, const GArray *rows)
{
  const char *cover = NULL;
  for (guint i = 0; i < rows->len && !cover; i++)
    cover = cover_of_row(side, op, g_array_index(rows, int64_t, i));
  return cover;
}
