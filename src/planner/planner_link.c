// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Places: where each object that the section speaks of is now, parents before children.

static const char *located_parent(Side *side, const char *parent)
{
  uint32_t entry = side_find_place(side, parent, strlen(parent));
  if (entry == ENTRY_NONE)
    return NULL;
  side_place(side, entry);
  return side_object(side, entry);
}

const char *side_container(Side *side, const char *dn)
{
  size_t n = strlen(dn);
  size_t n_base = strlen(side->base);
  size_t n_relative = n > n_base + 1 ? n - n_base - 1 : 0;
  g_autofree char *object = g_strdup_printf("container/%.*s", (int)n_relative, dn);
  const char *kept = g_string_chunk_insert_const(side->arena, object);
  if (g_hash_table_add(side->placed, (gpointer)kept)) {
    Placed placed = {.object = kept, .name = kept + strlen("container/"), .exists = true};
    plan_add_place(side->plan, side->section, &placed);
  }
  return kept;
}

static Placed observed_place(Side *side, const char *object, const char *dn)
{
  size_t n_rdn = 0;
  const char *parent = "";
  place_split(dn, &n_rdn, &parent);
  Placed placed = {.object = object,
                   .parent = located_parent(side, parent),
                   .name = g_string_chunk_insert_len(side->arena, dn, (gssize)n_rdn),
                   .exists = true};
  if (placed.parent == NULL)
    placed.parent = side_container(side, parent);
  return placed;
}

void side_place_observed(Side *side, const char *object, const Observed *observed)
{
  if (!g_hash_table_add(side->placed, (gpointer)object))
    return;
  Placed placed = observed_place(side, object, observed->dn.at);
  if (observed->stable_id.n > 0)
    placed.stable_id = observed->stable_id.at;
  plan_add_place(side->plan, side->section, &placed);
}

void side_place(Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  const char *object = side_object(side, index);
  if (!g_hash_table_add(side->placed, (gpointer)object))
    return;
  const char *dn = g_hash_table_lookup(side->located, GUINT_TO_POINTER(index));
  Placed placed;
  if (dn != NULL) {
    placed = observed_place(side, object, dn);
  } else {
    placed =
        (Placed){.object = object,
                 .name = entry_rdn(entry),
                 .exists = entry->klass == KLASS_CONTAINER || (side->flags[index] & SEEN) != 0};
    if (entry->parent != ENTRY_NONE) {
      side_place(side, entry->parent);
      placed.parent = side_object(side, entry->parent);
    }
  }
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(index));
  if (kept != NULL && kept->observed.stable_id.n > 0)
    placed.stable_id = kept->observed.stable_id.at;
  plan_add_place(side->plan, side->section, &placed);
}

// ---------------------------------------------------------------------------------------------
// Dependencies: what must have succeeded before.

static void after(Side *side, uint32_t op, uint32_t earlier)
{
  if (op != 0 && earlier != 0 && op != earlier)
    plan_add_after(side->plan, op, earlier);
}

static const EntryOps *ops_of(const Side *side, uint32_t entry)
{
  return entry == ENTRY_NONE ? NULL : g_hash_table_lookup(side->ops, GUINT_TO_POINTER(entry));
}

uint32_t side_settled_by(const Side *side, uint32_t entry)
{
  for (uint32_t at = entry; at != ENTRY_NONE; at = table_at(side->table, at)->parent) {
    const EntryOps *ops = ops_of(side, at);
    if (ops != NULL && ops->place != 0)
      return ops->place;
  }
  return 0;
}

// References of a new entry to others that are made too. Where they go round in a circle no order helps;
// directories take a reference to what is about to be, so the circle is simply left open there.
enum { WHITE, GREY, BLACK };

static void link_references(Side *side, uint32_t index, uint8_t *colours)
{
  const EntryOps *own = ops_of(side, index);
  if (own == NULL || colours[index] != WHITE)
    return;
  colours[index] = GREY;
  uint32_t mine = own->create != 0 ? own->create : own->modify;
  Cursor cursor = entry_cursor(table_at(side->table, index));
  Packed packed;
  while (mine != 0 && cursor_next(&cursor, &packed)) {
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind != VALUE_REF)
        continue;
      side_place(side, value.ref);
      link_references(side, value.ref, colours);
      const EntryOps *other = ops_of(side, value.ref);
      if (other != NULL && colours[value.ref] == BLACK)
        after(side, mine, other->create);
      after(side, mine, side_settled_by(side, value.ref));
    }
  }
  colours[index] = BLACK;
}

// ---------------------------------------------------------------------------------------------
// Places that another entry gives up: the old name of a unit may be the new one's from the same day. Who
// takes a place waits until it is empty. Of two that swap their places one steps aside first. Where it goes
// round in another circle (one that takes the place of what moves below it), the wait is left out, and the
// target refuses.

typedef struct Takeover {
  Side *side;
  uint8_t *colours;
  GHashTable *movers;  // entry that is removed -> GArray of those that move out of it before
} Takeover;

static Takeover takeover_new(Side *side)
{
  Takeover takeover = {side, g_new0(uint8_t, table_count(side->table) + 1),
                       g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref)};
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    const EntryOps *ops = ops_of(side, i);
    const EntryOps *of_old = ops == NULL ? NULL : ops_of(side, ops->old_parent);
    if (of_old == NULL || of_old->remove == 0)
      continue;
    gpointer key = GUINT_TO_POINTER(ops->old_parent);
    GArray *movers = g_hash_table_lookup(takeover.movers, key);
    if (movers == NULL) {
      movers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
      g_hash_table_insert(takeover.movers, key, movers);
    }
    g_array_append_val(movers, i);
  }
  return takeover;
}

uint32_t side_occupant(Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  if (entry->parent == ENTRY_NONE || *entry_rdn(entry) == '\0')
    return ENTRY_NONE;
  const char *parent = g_hash_table_lookup(side->located, GUINT_TO_POINTER(entry->parent));
  g_autoptr(GString) above = g_string_new(parent);
  if (parent == NULL)
    table_place(side->table, entry->parent, side->base, above);
  g_autoptr(GString) dn = g_string_new(entry_rdn(entry));
  g_string_append_printf(dn, ",%s", above->str);
  uint32_t there = side_find_place(side, dn->str, dn->len);
  return there == index ? ENTRY_NONE : there;
}

// Whether the entry, or what it stands below, is being looked at: waiting for it would close a circle.
static bool is_open(const Takeover *takeover, uint32_t entry)
{
  for (uint32_t at = entry; at != ENTRY_NONE; at = table_at(takeover->side->table, at)->parent)
    if (takeover->colours[at] == GREY)
      return true;
  return false;
}

static bool may_wait_for(const Takeover *takeover, uint32_t entry)
{
  const GArray *movers = g_hash_table_lookup(takeover->movers, GUINT_TO_POINTER(entry));
  bool open = is_open(takeover, entry);
  for (guint i = 0; !open && movers != NULL && i < movers->len; i++)
    open = is_open(takeover, g_array_index(movers, uint32_t, i));
  return !open;
}

static bool swaps_with(Side *side, uint32_t index, uint32_t there)
{
  const EntryOps *own = ops_of(side, index), *other = ops_of(side, there);
  return own->create == 0 && own->place != 0 && other->place != 0 && other->aside == 0 &&
         table_at(side->table, index)->parent == table_at(side->table, there)->parent &&
         side_occupant(side, there) == index;
}

static void step_aside(Side *side, uint32_t index)
{
  EntryOps *ops = side_ops(side, index);
  const char *dn = g_hash_table_lookup(side->located, GUINT_TO_POINTER(index));
  g_autofree char *object = g_strdelimit(g_strdup(side_object(side, index)), "/", '-');
  g_autofree char *name = g_strdup_printf("%.*s=idou-%s", (int)strcspn(dn, "="), dn, object);
  ops->aside = plan_add_aside(side->plan, ops->place, name,
                              _("two change places: this one makes room for the other"));
  for (guint i = 0; ops->leaves != NULL && i < ops->leaves->len; i++)
    after(side, ops->aside, g_array_index(ops->leaves, uint32_t, i));
}

// The operation after which the entry is no longer where it was.
static uint32_t vacated_by(const EntryOps *ops)
{
  return ops->aside != 0 ? ops->aside : ops->place != 0 ? ops->place : ops->remove;
}

static void take_over(Takeover *takeover, uint32_t index)
{
  Side *side = takeover->side;
  if (index == ENTRY_NONE || takeover->colours[index] != WHITE)
    return;
  takeover->colours[index] = GREY;
  take_over(takeover, table_at(side->table, index)->parent);
  const GArray *movers = g_hash_table_lookup(takeover->movers, GUINT_TO_POINTER(index));
  for (guint i = 0; movers != NULL && i < movers->len; i++)
    take_over(takeover, g_array_index(movers, uint32_t, i));
  const EntryOps *own = ops_of(side, index);
  uint32_t mine = own == NULL ? 0 : own->create != 0 ? own->create : own->place;
  uint32_t there = mine == 0 ? ENTRY_NONE : side_occupant(side, index);
  const EntryOps *other = ops_of(side, there);
  if (other != NULL && may_wait_for(takeover, there)) {
    take_over(takeover, there);
    after(side, mine, vacated_by(other));
  } else if (other != NULL && swaps_with(side, index, there)) {
    step_aside(side, index);
    after(side, mine, other->place);
  }
  takeover->colours[index] = BLACK;
}

static void link_takeovers(Side *side)
{
  Takeover takeover = takeover_new(side);
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (ops_of(side, i) != NULL)
      take_over(&takeover, i);
  g_hash_table_unref(takeover.movers);
  g_free(takeover.colours);
}

// ---------------------------------------------------------------------------------------------

static void link_parent(Side *side, uint32_t index, const EntryOps *ops)
{
  uint32_t parent = table_at(side->table, index)->parent;
  const EntryOps *of_parent = ops_of(side, parent);
  if (of_parent != NULL) {
    after(side, ops->create, of_parent->create);
    after(side, ops->create, of_parent->place);
    after(side, ops->place, of_parent->create);
    after(side, ops->place, of_parent->place);
  }
  const EntryOps *of_old = ops_of(side, ops->old_parent);
  if (of_old != NULL) {
    after(side, of_old->remove, ops->place);
    after(side, of_old->remove, ops->remove);
  }
}

// Rights go before the entry moves away or is removed (a group may hold its old DN), and before an account
// is switched on again. A group goes when all have left it.
static void link_leaves(Side *side, const EntryOps *ops)
{
  for (guint i = 0; ops->leaves != NULL && i < ops->leaves->len; i++) {
    uint32_t leave = g_array_index(ops->leaves, uint32_t, i);
    after(side, ops->place, leave);
    after(side, ops->remove, leave);
    after(side, ops->enable, leave);
  }
  for (guint i = 0; ops->outs != NULL && i < ops->outs->len; i++)
    after(side, ops->remove, g_array_index(ops->outs, uint32_t, i));
}

// What is due does not wait for a name that comes into use on a later day.
static void link_names(Side *side, const EntryOps *ops)
{
  for (guint i = 0; ops->allocated != NULL && i < ops->allocated->len; i++) {
    const Allocated *name = &g_array_index(ops->allocated, Allocated, i);
    after(side, ops->create, name->op);
    after(side, ops->place, name->op);
    if (!name->waits || ops->modify_waits)
      after(side, ops->modify, name->op);
  }
}

// Where the target makes a person's entries in an order, each waits for those before it; in the reverse order when
// they are removed.
typedef struct Ranked {
  uint32_t person;
  int rank;
  const EntryOps *ops;
} Ranked;

static int compare_ranked(const void *a, const void *b)
{
  const Ranked *x = a, *y = b;
  return x->person != y->person ? (x->person < y->person ? -1 : 1) : x->rank - y->rank;
}

static GArray *ranked_entries(Side *side)
{
  GArray *out = g_array_new(FALSE, FALSE, sizeof(Ranked));
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    const EntryOps *ops = ops_of(side, i);
    const Klass *klass = ops == NULL ? NULL : side_klass(side, i);
    if (klass == NULL || (klass->subject != FOR_PERSON && klass->subject != FOR_ASSIGNMENT))
      continue;
    const char *name = side_structural_class(klass);
    Ranked ranked = {table_at(side->table, i)->subject,
                     name == NULL ? -1 : target_rank(side->target->config, name), ops};
    if (ranked.rank >= 0)
      g_array_append_val(out, ranked);
  }
  g_array_sort(out, compare_ranked);
  return out;
}

static void link_ranks(Side *side)
{
  g_autoptr(GArray) all = ranked_entries(side);
  for (guint i = 0; i < all->len; i++) {
    const Ranked *one = &g_array_index(all, Ranked, i);
    for (guint j = i + 1; j < all->len; j++) {
      const Ranked *next = &g_array_index(all, Ranked, j);
      if (next->person != one->person)
        break;
      if (next->rank == one->rank)
        continue;
      after(side, next->ops->create, one->ops->create);
      after(side, one->ops->remove, next->ops->remove);
    }
  }
}

void side_link(Side *side)
{
  g_autofree uint8_t *colours = g_new0(uint8_t, table_count(side->table) + 1);
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    const EntryOps *ops = ops_of(side, i);
    if (ops == NULL)
      continue;
    link_names(side, ops);
    after(side, ops->enable, ops->modify);
    link_parent(side, i, ops);
    link_leaves(side, ops);
    link_references(side, i, colours);
  }
  link_ranks(side);
  link_takeovers(side);
}
