// SPDX-License-Identifier: GPL-3.0-or-later
//
// What two plans do differently. Each is put in one order, by (target, kind, object, member); then the
// two are walked side by side, and where one has several operations of a key they are paired.
#include "plan_p.h"

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

typedef struct Item {
  const Op *op;
  size_t section;
} Item;

static int compare_keys(const Op *a, const Op *b)
{
  int order = strcmp(a->target, b->target);
  if (order == 0)
    order = COMPARE(a->kind, b->kind);
  if (order == 0)
    order = g_strcmp0(a->object, b->object);
  return order != 0 ? order : g_strcmp0(a->member, b->member);
}

static gint compare_items(gconstpointer a, gconstpointer b)
{
  const Op *x = ((const Item *)a)->op, *y = ((const Item *)b)->op;
  int order = compare_keys(x, y);
  return order != 0 ? order : COMPARE(x->n, y->n);
}

static GArray *sorted_ops(const Plan *plan)
{
  GArray *items = g_array_new(FALSE, FALSE, sizeof(Item));
  for (size_t s = 0; s < plan_n_sections(plan); s++) {
    const PlanSection *section = plan_section(plan, s);
    for (size_t i = 0; i < section->n_ops; i++)
      g_array_append_vals(items, &(Item){&section->ops[i], s}, 1);
  }
  g_array_sort(items, compare_items);
  return items;
}

// ---------------------------------------------------------------------------------------------
// Whether two operations do the same.

static bool same_values(const OpValue *a, size_t n_a, const OpValue *b, size_t n_b)
{
  bool same = n_a == n_b;
  for (size_t i = 0; i < n_a && same; i++)
    same = a[i].kind == b[i].kind && a[i].n == b[i].n &&
           (a[i].n == 0 || memcmp(a[i].bytes, b[i].bytes, a[i].n) == 0);
  return same;
}

static bool same_change(const OpChange *a, const OpChange *b)
{
  return strcmp(a->attribute, b->attribute) == 0 && a->replace == b->replace &&
         same_values(a->old_values, a->n_old, b->old_values, b->n_old) &&
         same_values(a->new_values, a->n_new, b->new_values, b->n_new);
}

static bool same_texts(const Op *a, const Op *b, const size_t *offsets, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const char *x = *(const char *const *)(const void *)((const char *)a + offsets[i]);
    const char *y = *(const char *const *)(const void *)((const char *)b + offsets[i]);
    if (g_strcmp0(x, y) != 0)
      return false;
  }
  return true;
}

static size_t n_common(const Op *a, const Op *b)
{
  size_t n = 0;
  for (size_t i = 0; i < a->n_changes; i++)
    for (size_t k = 0; k < b->n_changes; k++)
      n += same_change(&a->changes[i], &b->changes[k]);
  return n;
}

static bool same_effect(const Op *a, const Op *b)
{
  static const size_t places[] = {offsetof(Op, parent), offsetof(Op, name),
                                  offsetof(Op, old_parent), offsetof(Op, old_name),
                                  offsetof(Op, confirm)};
  return a->not_before == b->not_before && same_texts(a, b, places, G_N_ELEMENTS(places)) &&
         a->n_changes == b->n_changes && n_common(a, b) == a->n_changes;
}

// In words: places of rules and rows move with every line that is put in before them.
static bool same_reason(const Op *a, const Op *b)
{
  return g_strcmp0(a->why, b->why) == 0;
}

// How much two operations of one key have in common: the effect, then the day, then attributes.
static size_t likeness(const Op *a, const Op *b)
{
  if (same_effect(a, b))
    return SIZE_MAX;
  size_t n = 2 * n_common(a, b) + (a->not_before == b->not_before);
  for (size_t i = 0; i < a->n_changes; i++)
    for (size_t k = 0; k < b->n_changes; k++)
      n += strcmp(a->changes[i].attribute, b->changes[k].attribute) == 0;
  return n;
}

// ---------------------------------------------------------------------------------------------
// Pairs of one key. There are seldom more than two of a side: one that is due, one for the day.

static void take_pair(PlanComparison *out, const Item *old_item, const Item *new_item)
{
  if (old_item && new_item && same_effect(old_item->op, new_item->op)) {
    out->n_same++;
    out->n_reasons += !same_reason(old_item->op, new_item->op);
    return;
  }
  OpDifference difference = {.change = !old_item   ? PLAN_ADDED
                                       : !new_item ? PLAN_WITHDRAWN
                                                   : PLAN_CHANGED,
                             .old_op = old_item ? old_item->op : NULL,
                             .new_op = new_item ? new_item->op : NULL,
                             .old_section = old_item ? old_item->section : 0,
                             .new_section = new_item ? new_item->section : 0};
  g_array_append_val(out->ops, difference);
}

// The likest pair that is left, taken out of both. False when one side is empty.
static bool take_likest(GArray *left, GArray *right, PlanComparison *out)
{
  guint best_left = 0, best_right = 0;
  size_t best = 0;
  if (left->len == 0 || right->len == 0)
    return false;
  for (guint i = 0; i < left->len; i++)
    for (guint k = 0; k < right->len; k++) {
      size_t like = likeness(g_array_index(left, Item, i).op, g_array_index(right, Item, k).op);
      if (like <= best)
        continue;
      best = like;
      best_left = i;
      best_right = k;
    }
  take_pair(out, &g_array_index(left, Item, best_left), &g_array_index(right, Item, best_right));
  g_array_remove_index(left, best_left);
  g_array_remove_index(right, best_right);
  return true;
}

static void pair_all(GArray *left, GArray *right, PlanComparison *out)
{
  while (take_likest(left, right, out))
    continue;
  for (guint i = 0; i < left->len; i++)
    take_pair(out, &g_array_index(left, Item, i), NULL);
  for (guint i = 0; i < right->len; i++)
    take_pair(out, NULL, &g_array_index(right, Item, i));
  g_array_set_size(left, 0);
  g_array_set_size(right, 0);
}

// Takes the run of `key` that begins at *at.
static void take_run(const GArray *items, guint *at, const Op *key, GArray *out)
{
  while (*at < items->len && compare_keys(g_array_index(items, Item, *at).op, key) == 0) {
    g_array_append_vals(out, &g_array_index(items, Item, *at), 1);
    ++*at;
  }
}

static void compare_ops(const Plan *old_plan, const Plan *new_plan, PlanComparison *out)
{
  g_autoptr(GArray) old_ops = sorted_ops(old_plan);
  g_autoptr(GArray) new_ops = sorted_ops(new_plan);
  g_autoptr(GArray) left = g_array_new(FALSE, FALSE, sizeof(Item));
  g_autoptr(GArray) right = g_array_new(FALSE, FALSE, sizeof(Item));
  for (guint i = 0, k = 0; i < old_ops->len || k < new_ops->len;) {
    const Op *x = i < old_ops->len ? g_array_index(old_ops, Item, i).op : NULL;
    const Op *y = k < new_ops->len ? g_array_index(new_ops, Item, k).op : NULL;
    const Op *key = !y || (x && compare_keys(x, y) <= 0) ? x : y;
    take_run(old_ops, &i, key, left);
    take_run(new_ops, &k, key, right);
    pair_all(left, right, out);
  }
}

// ---------------------------------------------------------------------------------------------
// Notes: those of which the other plan has as many are the same.

static gint compare_notes(gconstpointer a, gconstpointer b)
{
  static const size_t texts[] = {offsetof(PlanNote, code), offsetof(PlanNote, target),
                                 offsetof(PlanNote, label), offsetof(PlanNote, object),
                                 offsetof(PlanNote, text)};
  int order = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(texts) && order == 0; i++)
    order = g_strcmp0(*(const char *const *)(*(const char *const *)a + texts[i]),
                      *(const char *const *)(*(const char *const *)b + texts[i]));
  return order;
}

static GPtrArray *sorted_notes(const Plan *plan)
{
  GPtrArray *notes = g_ptr_array_new();
  for (size_t s = 0; s < plan_n_sections(plan); s++)
    for (size_t i = 0; i < plan_section(plan, s)->n_notes; i++)
      g_ptr_array_add(notes, (void *)&plan_section(plan, s)->notes[i]);
  g_ptr_array_sort(notes, compare_notes);
  return notes;
}

static void compare_all_notes(const Plan *old_plan, const Plan *new_plan, PlanComparison *out)
{
  g_autoptr(GPtrArray) old_notes = sorted_notes(old_plan);
  g_autoptr(GPtrArray) new_notes = sorted_notes(new_plan);
  for (guint i = 0, k = 0; i < old_notes->len || k < new_notes->len;) {
    int order = i == old_notes->len   ? 1
                : k == new_notes->len ? -1
                                      : compare_notes(&old_notes->pdata[i], &new_notes->pdata[k]);
    if (order < 0)
      g_ptr_array_add(out->went, old_notes->pdata[i]);
    if (order > 0)
      g_ptr_array_add(out->came, new_notes->pdata[k]);
    i += order <= 0;
    k += order >= 0;
  }
}

// ---------------------------------------------------------------------------------------------

const Op *plan_difference_op(const OpDifference *difference)
{
  return difference->new_op ? difference->new_op : difference->old_op;
}

// By the number that a label begins with: the name behind it may be what differs.
static int compare_people(const Op *a, const Op *b)
{
  const char *x = a->label ? a->label : "", *y = b->label ? b->label : "";
  size_t n_x = strcspn(x, " "), n_y = strcspn(y, " ");
  int order = strncmp(x, y, MIN(n_x, n_y));
  return order != 0 ? order : COMPARE(n_x, n_y);
}

bool plan_same_person(const Op *a, const Op *b)
{
  return a->person != 0 && b->person != 0 && compare_people(a, b) == 0;
}

// The surrogate id is a ledger's own: two plans may come from two, so the label tells who somebody is.
static gint compare_differences(gconstpointer a, gconstpointer b)
{
  const Op *x = plan_difference_op(a), *y = plan_difference_op(b);
  int order = COMPARE(x->person == 0, y->person == 0);
  if (order == 0 && x->person != 0)
    order = compare_people(x, y);
  if (order == 0)
    order = compare_keys(x, y);
  return order != 0 ? order : COMPARE(x->n, y->n);
}

void plan_compare(const Plan *old_plan, const Plan *new_plan, PlanComparison *out)
{
  *out = (PlanComparison){.ops = g_array_new(FALSE, FALSE, sizeof(OpDifference)),
                          .came = g_ptr_array_new(),
                          .went = g_ptr_array_new()};
  compare_ops(old_plan, new_plan, out);
  g_array_sort(out->ops, compare_differences);
  compare_all_notes(old_plan, new_plan, out);
}

void plan_comparison_clear(PlanComparison *comparison)
{
  g_clear_pointer(&comparison->ops, g_array_unref);
  g_clear_pointer(&comparison->came, g_ptr_array_unref);
  g_clear_pointer(&comparison->went, g_ptr_array_unref);
}
