// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// So few edges are tried one by one, instead of being halved again.
#define GROUP_SINGLES 4

Parcel *group_parcel(const Op *const *ops, size_t n_ops, GArray *claims)
{
  Parcel *parcel = g_malloc0(sizeof *parcel + n_ops * sizeof *ops);
  parcel->attempt = 1;
  parcel->claims = claims;
  parcel->now = (Span){0, n_ops};
  parcel->n_ops = n_ops;
  parcel->cargo = g_new0(Cargo, n_ops);
  for (size_t i = 0; i < n_ops; i++)
    parcel->ops[i] = ops[i];
  return parcel;
}

void group_free(Parcel *parcel)
{
  if (!parcel)
    return;
  for (size_t i = 0; i < parcel->n_ops; i++) {
    g_free(parcel->cargo[i].before);
    g_clear_pointer(&parcel->cargo[i].secrets, g_ptr_array_unref);
    g_clear_pointer(&parcel->cargo[i].boxes, g_ptr_array_unref);
  }
  g_free(parcel->cargo);
  g_free(parcel->detail);
  g_array_unref(parcel->claims);
  g_clear_pointer(&parcel->rest, g_array_unref);
  g_free(parcel);
}

// ---------------------------------------------------------------------------------------------

// One group's edges on their way into a parcel.
typedef struct Gathering {
  GPtrArray *ops;  // const Op
  GArray *claims;
} Gathering;

static bool begin_gathering(Locks *locks, const Op *op, Gathering *gathering, uint32_t *blocker)
{
  gathering->claims = g_array_new(false, false, sizeof(Claim));
  Claim group = {locks_thing(locks, op->object), true};
  g_array_append_val(gathering->claims, group);
  gathering->ops = g_ptr_array_new();
  return locks_free_for(locks, gathering->claims, 0, blocker);
}

// Takes the edge in, unless its member is busy.
static void gather(Locks *locks, Gathering *gathering, const Op *op)
{
  guint n_before = gathering->claims->len;
  uint32_t blocker = 0;
  locks_claims(locks, op, gathering->claims);
  if (locks_free_for(locks, gathering->claims, n_before, &blocker)) {
    g_ptr_array_add(gathering->ops, (void *)op);
    return;
  }
  g_array_set_size(gathering->claims, n_before);
  locks_wait(locks, op->n, blocker);
}

static void end_gathering(Locks *locks, Gathering *gathering, GPtrArray *parcels)
{
  if (gathering->ops->len) {
    locks_take(locks, gathering->claims);
    g_ptr_array_add(parcels, group_parcel((const Op *const *)gathering->ops->pdata,
                                          gathering->ops->len, g_array_ref(gathering->claims)));
  }
  g_array_unref(gathering->claims);
  g_ptr_array_unref(gathering->ops);
}

// The edges of one group, from `at` on; returns how many there are.
static size_t gather_group(Locks *locks, const GPtrArray *ops, size_t at, GPtrArray *parcels)
{
  const Op *first = ops->pdata[at];
  Gathering gathering;
  uint32_t blocker = 0;
  bool is_free = begin_gathering(locks, first, &gathering, &blocker);
  uint32_t group = locks_thing(locks, first->object);
  size_t n = 0;
  for (; at + n < ops->len; n++) {
    const Op *op = ops->pdata[at + n];
    if (!g_str_equal(op->object, first->object))
      break;
    if (!is_free)
      locks_wait(locks, op->n, blocker);
    else if (gathering.ops->len == GROUP_EDGES)
      locks_wait(locks, op->n, group);
    else
      gather(locks, &gathering, op);
  }
  end_gathering(locks, &gathering, parcels);
  return n;
}

static int by_group(const void *a, const void *b)
{
  const Op *left = *(const Op *const *)a, *right = *(const Op *const *)b;
  int order = strcmp(left->object, right->object);
  return order ? order : (left->n > right->n) - (left->n < right->n);
}

void group_edges(Locks *locks, Book *book, const GArray *edges, GPtrArray *parcels)
{
  g_autoptr(GPtrArray) ops = g_ptr_array_new();
  for (guint i = 0; i < edges->len; i++)
    g_ptr_array_add(ops, (void *)plan_op(book->plan, g_array_index(edges, uint32_t, i)));
  g_ptr_array_sort(ops, by_group);
  for (size_t at = 0; at < ops->len;)
    at += gather_group(locks, ops, at, parcels);
}

// ---------------------------------------------------------------------------------------------

static void put_aside(Parcel *parcel, size_t from, size_t n)
{
  if (!parcel->rest)
    parcel->rest = g_array_new(false, false, sizeof(Span));
  Span span = {from, n};
  g_array_append_val(parcel->rest, span);
}

void group_part(Parcel *parcel, const bool *chosen)
{
  Span span = parcel->now;
  g_autofree const Op **ops = g_memdup2(&parcel->ops[span.from], span.n * sizeof *ops);
  g_autofree Cargo *cargo = g_memdup2(&parcel->cargo[span.from], span.n * sizeof *cargo);
  size_t at = span.from;
  for (int side = 0; side < 2; side++)
    for (size_t i = 0; i < span.n; i++) {
      if (chosen[i] != (side == 0))
        continue;
      parcel->ops[at] = ops[i];
      parcel->cargo[at++] = cargo[i];
    }
}

bool group_split(Parcel *parcel)
{
  Span whole = parcel->now;
  if (whole.n < 2)
    return false;
  size_t part = whole.n <= GROUP_SINGLES ? 1 : (whole.n + 1) / 2;
  // The last part first, for they are taken from the end.
  for (size_t n_left = whole.n; n_left > part;) {
    size_t n = (n_left - 1) % part + 1;
    n_left -= n;
    put_aside(parcel, whole.from + n_left, n);
  }
  parcel->now.n = part;
  parcel->attempt = 1;
  return true;
}

bool group_next(Parcel *parcel)
{
  if (!parcel->rest || parcel->rest->len == 0)
    return false;
  parcel->now = g_array_index(parcel->rest, Span, parcel->rest->len - 1);
  g_array_set_size(parcel->rest, parcel->rest->len - 1);
  parcel->attempt = 1;
  return true;
}
