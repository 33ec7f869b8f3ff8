// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

// No real tree is so deep: parents beyond it are a circle.
#define DEPTH_MAX 100

// For each handle a list of other handles, all in one array.
typedef struct Lists {
  uint32_t *starts;
  uint32_t *items;
} Lists;

static void lists_clear(Lists *lists)
{
  g_free(lists->starts);
  g_free(lists->items);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lists, lists_clear)

// By operation what it waits for, or, reversed, by operation what waits for it.
static Lists lists_of(const GArray *links, uint32_t n_handles, bool reversed)
{
  Lists lists = {.starts = g_new0(uint32_t, n_handles + 3),
                 .items = g_new(uint32_t, links->len + 1)};
  for (size_t i = 0; i < links->len; i++) {
    const Link *link = &g_array_index(links, Link, i);
    lists.starts[(reversed ? link->earlier : link->op) + 2]++;
  }
  for (size_t i = 0; i < n_handles + 2; i++)
    lists.starts[i + 1] += lists.starts[i];
  for (size_t i = 0; i < links->len; i++) {
    const Link *link = &g_array_index(links, Link, i);
    uint32_t from = reversed ? link->earlier : link->op;
    lists.items[lists.starts[from + 1]++] = reversed ? link->op : link->earlier;
  }
  return lists;
}

typedef struct Order {
  Plan *plan;
  Lists needs;        // by handle: handles it waits for
  Lists followers;    // by handle: handles that wait for it
  uint32_t *waits;    // by handle: how many of its section it still waits for
  uint32_t *ranks;    // by handle: position within its section by kind, object, member
  uint32_t *numbers;  // by handle: its number in the plan
  uint32_t n_numbered;
} Order;

static uint32_t section_of(const Order *order, uint32_t handle)
{
  return g_array_index(order->plan->handle_section, uint32_t, handle - 1);
}

// ---------------------------------------------------------------------------------------------
// Sorting.

static int compare_numbers(int64_t a, int64_t b)
{
  return a < b ? -1 : a > b;
}

static const char *first_attribute(const Op *op)
{
  return op->n_changes > 0 ? op->changes[0].attribute : NULL;
}

static int compare_ops(const void *a, const void *b)
{
  const Op *x = a, *y = b;
  int differ = compare_numbers(x->kind, y->kind);
  differ = differ ? differ : strcmp(x->object, y->object);
  differ = differ ? differ : g_strcmp0(x->member, y->member);
  differ = differ ? differ : compare_numbers(x->not_before, y->not_before);
  differ = differ ? differ : g_strcmp0(x->name, y->name);
  differ = differ ? differ : g_strcmp0(first_attribute(x), first_attribute(y));
  return differ ? differ : compare_numbers(x->n, y->n);
}

static int compare_notes(const void *a, const void *b)
{
  const PlanNote *x = a, *y = b;
  int differ = g_strcmp0(x->code, y->code);
  differ = differ ? differ : g_strcmp0(x->object, y->object);
  differ = differ ? differ : g_strcmp0(x->label, y->label);
  return differ ? differ : g_strcmp0(x->text, y->text);
}

static int compare_seen(const void *a, const void *b)
{
  const PlanSeen *x = a, *y = b;
  int differ = strcmp(x->kind, y->kind);
  return differ ? differ : strcmp(x->name, y->name);
}

typedef struct Deep {
  int depth;
  Placed place;
} Deep;

static int compare_deep(const void *a, const void *b)
{
  const Deep *x = a, *y = b;
  return x->depth != y->depth ? compare_numbers(x->depth, y->depth)
                              : strcmp(x->place.object, y->place.object);
}

static void sort_places(GArray *places)
{
  g_autoptr(GHashTable) by_object = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GArray) deep = g_array_new(FALSE, FALSE, sizeof(Deep));
  for (size_t i = 0; i < places->len; i++) {
    Placed *place = &g_array_index(places, Placed, i);
    g_hash_table_insert(by_object, (void *)place->object, place);
  }
  for (size_t i = 0; i < places->len; i++) {
    Deep item = {.place = g_array_index(places, Placed, i)};
    const Placed *at = &item.place;
    while (at->parent && item.depth < DEPTH_MAX &&
           (at = g_hash_table_lookup(by_object, at->parent)))
      item.depth++;
    g_array_append_val(deep, item);
  }
  g_array_sort(deep, compare_deep);
  for (size_t i = 0; i < places->len; i++)
    g_array_index(places, Placed, i) = g_array_index(deep, Deep, i).place;
}

// ---------------------------------------------------------------------------------------------
// Dependencies.

static const Op *op_at(const Order *order, uint32_t handle)
{
  const Part *part = plan_part(order->plan, section_of(order, handle));
  return &g_array_index(part->ops, Op, order->ranks[handle]);
}

static void name_op(const Order *order, uint32_t handle, GString *out)
{
  const Op *op = op_at(order, handle);
  g_string_append_printf(out, "%s %s", op_traits(op->kind)->name, op->object);
}

// Counts what each operation waits for within its section; earlier sections come first anyway.
static bool count_waits(Order *order, GError **error)
{
  for (size_t i = 0; i < order->plan->links->len; i++) {
    const Link *link = &g_array_index(order->plan->links, Link, i);
    uint32_t section = section_of(order, link->op), earlier = section_of(order, link->earlier);
    if (earlier == section)
      order->waits[link->op]++;
    if (earlier <= section)
      continue;
    g_autoptr(GString) op = g_string_new(NULL), needed = g_string_new(NULL);
    name_op(order, link->op, op);
    name_op(order, link->earlier, needed);
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%s depends on %s in a later target: change the order of the targets"), op->str,
                needed->str);
    return false;
  }
  return true;
}

// An operation that was never ready waits for another such one.
static uint32_t waits_for(const Order *order, uint32_t handle)
{
  const uint32_t *at = &order->needs.items[order->needs.starts[handle]];
  while (order->numbers[*at] != 0)
    at++;
  return *at;
}

// Going from one to the next, one comes again: there the circle begins.
static void name_circle(const Order *order, uint32_t handle, GString *out)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  while (g_hash_table_add(seen, GUINT_TO_POINTER(handle)))
    handle = waits_for(order, handle);
  name_op(order, handle, out);
  uint32_t at = handle;
  do {
    at = waits_for(order, at);
    g_string_append(out, " <- ");
    name_op(order, at, out);
  } while (at != handle);
}

static bool fail_circle(const Order *order, const GArray *ops, GError **error)
{
  size_t i = 0;
  while (order->numbers[g_array_index(ops, Op, i).n] != 0)
    i++;
  g_autoptr(GString) names = g_string_new(NULL);
  name_circle(order, g_array_index(ops, Op, i).n, names);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("operations depend on each other in a circle: %s"),
              names->str);
  return false;
}

static int compare_ranks(const void *a, const void *b)
{
  return compare_numbers(GPOINTER_TO_UINT(a), GPOINTER_TO_UINT(b));
}

// Always the ready operation with the smallest rank next.
static bool order_section(Order *order, size_t section, GError **error)
{
  Part *part = plan_part(order->plan, section);
  g_autoptr(GTree) ready = g_tree_new(compare_ranks);
  for (size_t i = 0; i < part->ops->len; i++)
    if (order->waits[g_array_index(part->ops, Op, i).n] == 0)
      g_tree_insert(ready, GUINT_TO_POINTER(i), NULL);
  g_autoptr(GArray) ordered = g_array_sized_new(FALSE, FALSE, sizeof(Op), part->ops->len);
  for (GTreeNode *first; (first = g_tree_node_first(ready));) {
    void *rank = g_tree_node_key(first);
    g_tree_remove(ready, rank);
    const Op *op = &g_array_index(part->ops, Op, GPOINTER_TO_UINT(rank));
    order->numbers[op->n] = ++order->n_numbered;
    g_array_append_vals(ordered, op, 1);
    for (uint32_t i = order->followers.starts[op->n]; i < order->followers.starts[op->n + 1]; i++) {
      uint32_t follower = order->followers.items[i];
      if (section_of(order, follower) == section && --order->waits[follower] == 0)
        g_tree_insert(ready, GUINT_TO_POINTER(order->ranks[follower]), NULL);
    }
  }
  if (ordered->len < part->ops->len)
    return fail_circle(order, part->ops, error);
  g_array_unref(part->ops);
  part->ops = g_steal_pointer(&ordered);
  return true;
}

static int compare_after(const void *a, const void *b)
{
  return compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
}

// From handles to numbers: ascending, each once.
static void number_op(Order *order, Op *op)
{
  uint32_t first = order->needs.starts[op->n];
  size_t n = order->needs.starts[op->n + 1] - first;
  uint32_t *after = plan_alloc(order->plan, n * sizeof *after);
  for (size_t i = 0; i < n; i++)
    after[i] = order->numbers[order->needs.items[first + i]];
  if (n > 1)
    qsort(after, n, sizeof *after, compare_after);
  op->n_after = 0;
  for (size_t i = 0; i < n; i++)
    if (i == 0 || after[i] != after[i - 1])
      after[op->n_after++] = after[i];
  op->after = after;
  op->n = order->numbers[op->n];
}

static void sort_parts(Order *order)
{
  for (size_t s = 0; s < order->plan->parts->len; s++) {
    Part *part = plan_part(order->plan, s);
    sort_places(part->places);
    g_array_sort(part->notes, compare_notes);
    g_array_sort(part->seen, compare_seen);
    g_array_sort(part->ops, compare_ops);
    for (size_t i = 0; i < part->ops->len; i++)
      order->ranks[g_array_index(part->ops, Op, i).n] = i;
  }
}

static bool order_all(Order *order, GError **error)
{
  sort_parts(order);
  if (!count_waits(order, error))
    return false;
  for (size_t s = 0; s < order->plan->parts->len; s++)
    if (!order_section(order, s, error))
      return false;
  for (size_t s = 0; s < order->plan->parts->len; s++) {
    Part *part = plan_part(order->plan, s);
    for (size_t i = 0; i < part->ops->len; i++)
      number_op(order, &g_array_index(part->ops, Op, i));
  }
  return true;
}

bool order_plan(Plan *plan, GError **error)
{
  uint32_t n = plan->handle_section->len;
  g_auto(Lists) needs = lists_of(plan->links, n, false);
  g_auto(Lists) followers = lists_of(plan->links, n, true);
  g_autofree uint32_t *waits = g_new0(uint32_t, n + 1);
  g_autofree uint32_t *ranks = g_new0(uint32_t, n + 1);
  g_autofree uint32_t *numbers = g_new0(uint32_t, n + 1);
  Order order = {.plan = plan,
                 .needs = needs,
                 .followers = followers,
                 .waits = waits,
                 .ranks = ranks,
                 .numbers = numbers};
  return order_all(&order, error);
}
