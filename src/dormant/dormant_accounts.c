// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which accounts there are: what we made or took over (bindings), what sources tell of, and what has a stage.
#include "dormant_p.h"

#include <stdlib.h>
#include <string.h>

#define ORPHAN "orphan/"

size_t dormant_side_of(const DormantSides *sides, const char *target)
{
  size_t i = 0;
  while (i < sides->sides->len &&
         strcmp(g_array_index(sides->sides, DormantSide, i).target, target) != 0)
    i++;
  return i;
}

static bool add_side(DormantSides *sides, const DormantAsk *ask, const char *target, GError **error)
{
  if (dormant_side_of(sides, target) < sides->sides->len)
    return true;
  DormantSide side = {.target = target};
  side.view =
      evidence_view_open(ask->store, ask->dormant->sources, target, dormant_moment(ask), error);
  if (side.view != NULL)
    g_array_append_val(sides->sides, side);
  return side.view != NULL;
}

static bool add_sides(DormantSides *sides, const DormantAsk *ask, GError **error)
{
  for (size_t i = 0; i < dormant_n_policies(ask->dormant); i++) {
    const DormantPolicy *policy = dormant_policy(ask->dormant, i);
    if (!add_side(sides, ask, policy->target, error))
      return false;
    for (size_t k = 0; k < policy->n_also; k++)
      if (!add_side(sides, ask, evidence_source_at(ask->dormant->sources, policy->also[k])->target,
                    error))
        return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

// The classes of one target that policies speak of.
typedef struct Wanted {
  DormantSides *sides;
  uint16_t side;
  GArray *klasses;  // uint16_t, of mapping_klass
  GArray *n_found;  // size_t, likewise: how many objects of it there are
  const Mapping *mapping;
  bool orphans;
  bool bound;
} Wanted;

static void find_klasses(Wanted *wanted, const DormantAsk *ask)
{
  const char *target = g_array_index(wanted->sides->sides, DormantSide, wanted->side).target;
  for (size_t i = 0; i < mapping_n_klasses(ask->mapping); i++) {
    const Klass *klass = mapping_klass(ask->mapping, i);
    bool asked = false;
    for (size_t k = 0; k < dormant_n_policies(ask->dormant); k++) {
      const DormantPolicy *policy = dormant_policy(ask->dormant, k);
      bool here = strcmp(policy->target, target) == 0;
      wanted->orphans = wanted->orphans || (here && policy->klass == NULL);
      asked = asked || (here && policy->klass != NULL && strcmp(policy->klass, klass->name) == 0);
    }
    if (!asked || klass->subject != FOR_PERSON || strcmp(klass->target, target) != 0)
      continue;
    uint16_t index = (uint16_t)i;
    size_t none = 0;
    g_array_append_val(wanted->klasses, index);
    g_array_append_val(wanted->n_found, none);
  }
}

// "account/17": the class, and whose it is. False: no object of a person's in a class that is asked for.
static bool read_object(const Wanted *wanted, const char *object, DormantEntry *out, guint *at)
{
  const char *slash = strchr(object, '/');
  if (slash == NULL)
    return false;
  size_t n = (size_t)(slash - object);
  for (guint i = 0; i < wanted->klasses->len; i++) {
    out->klass = g_array_index(wanted->klasses, uint16_t, i);
    const char *name = mapping_klass(wanted->mapping, out->klass)->name;
    if (strncmp(name, object, n) != 0 || name[n] != '\0')
      continue;
    char *end = NULL;
    out->person = (uint32_t)strtoul(slash + 1, &end, 10);
    *at = i;
    return *end == '\0' && out->person != 0;
  }
  return false;
}

static void add_entry(const Wanted *wanted, DormantEntry *entry, const char *object)
{
  entry->side = wanted->side;
  entry->bound = wanted->bound;
  entry->object = g_string_chunk_insert(wanted->sides->texts, object);
  g_array_append_vals(wanted->sides->entries, entry, 1);
}

static bool take_binding(const char *object, const char *stable_id, void *data)
{
  (void)stable_id;
  Wanted *wanted = data;
  DormantEntry entry = {0};
  guint at;
  if (read_object(wanted, object, &entry, &at)) {
    g_array_index(wanted->n_found, size_t, at)++;
    add_entry(wanted, &entry, object);
  }
  return true;
}

// Some targets have no identifiers, and so no bindings: there is what sources tell of. Nor have accounts of nobody.
static void take_told(Wanted *wanted, const EvidenceView *view, GHashTable *told)
{
  wanted->bound = false;
  for (size_t i = 0; i < evidence_view_n_objects(view); i++) {
    const char *object = evidence_view_object(view, i);
    DormantEntry entry = {.klass = G_MAXUINT16};
    guint at;
    bool orphan = g_str_has_prefix(object, ORPHAN);
    if (orphan ? !wanted->orphans
               : !read_object(wanted, object, &entry, &at) ||
                     g_array_index(wanted->n_found, size_t, at) > 0)
      continue;
    g_hash_table_add(told, (gpointer)object);
    add_entry(wanted, &entry, object);
  }
}

// What was deleted for it has no entry, and can come back.
static void take_standing(Wanted *wanted, const DormantLedger *ledger, GHashTable *told)
{
  const char *target = g_array_index(wanted->sides->sides, DormantSide, wanted->side).target;
  size_t n = strlen(target);
  GHashTableIter each;
  gpointer key, value;
  g_hash_table_iter_init(&each, ledger->standing);
  while (g_hash_table_iter_next(&each, &key, &value)) {
    const char *object = (const char *)key + n + 1;
    DormantStanding *standing = value;
    DormantEntry entry = {.klass = G_MAXUINT16};
    guint at;
    if (strncmp(key, target, n) != 0 || ((const char *)key)[n] != ' ' ||
        (!read_object(wanted, object, &entry, &at) &&
         !(wanted->orphans && g_str_has_prefix(object, ORPHAN))))
      continue;
    standing->asked = true;
    if (!g_hash_table_contains(told, object) &&
        store_binding_of(ledger->store, target, object) == NULL)
      add_entry(wanted, &entry, object);
  }
}

static bool take_side(DormantSides *sides, uint16_t side, const DormantAsk *ask,
                      const DormantLedger *ledger, GError **error)
{
  g_autoptr(GArray) klasses = g_array_new(FALSE, FALSE, sizeof(uint16_t));
  g_autoptr(GArray) n_found = g_array_new(FALSE, FALSE, sizeof(size_t));
  g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
  const DormantSide *it = &g_array_index(sides->sides, DormantSide, side);
  Wanted wanted = {sides, side, klasses, n_found, ask->mapping, false, true};
  find_klasses(&wanted, ask);
  if (klasses->len > 0 &&
      !store_bindings_each(ask->store, it->target, take_binding, &wanted, error))
    return false;
  take_told(&wanted, it->view, told);
  take_standing(&wanted, ledger, told);
  return true;
}

// ---------------------------------------------------------------------------------------------

static int by_person(const void *a, const void *b)
{
  const DormantEntry *x = a, *y = b;
  if (x->person != y->person)
    return x->person < y->person ? -1 : 1;
  if (x->side != y->side)
    return x->side < y->side ? -1 : 1;
  return strcmp(x->object, y->object);
}

bool dormant_sides_open(DormantSides *sides, const DormantAsk *ask, const DormantLedger *ledger,
                        GError **error)
{
  *sides = (DormantSides){.sides = g_array_new(FALSE, TRUE, sizeof(DormantSide)),
                          .entries = g_array_new(FALSE, FALSE, sizeof(DormantEntry)),
                          .texts = g_string_chunk_new(65536)};
  if (!add_sides(sides, ask, error))
    return false;
  for (guint i = 0; i < sides->sides->len; i++)
    if (!take_side(sides, (uint16_t)i, ask, ledger, error))
      return false;
  g_array_sort(sides->entries, by_person);
  return true;
}

static bool asks_members(const DormantAsk *ask, const char *target)
{
  for (size_t i = 0; i < dormant_n_policies(ask->dormant); i++) {
    const DormantPolicy *policy = dormant_policy(ask->dormant, i);
    if (strcmp(policy->target, target) == 0 && policy->members[0] != NULL)
      return true;
  }
  return false;
}

// What is wrong with units and groups there is told by plans.
bool dormant_sides_watch(DormantSides *sides, const DormantAsk *ask, Roster *roster, GError **error)
{
  for (guint i = 0; i < sides->sides->len; i++) {
    DormantSide *side = &g_array_index(sides->sides, DormantSide, i);
    if (!asks_members(ask, side->target))
      continue;
    side->schema = schema_new();
    side->table = table_new(side->schema);
    side->findings = findings_new();
    DeriveSetup setup = {.mapping = ask->mapping,
                         .target = side->target,
                         .roster = roster,
                         .table = side->table,
                         .findings = side->findings};
    side->derive = derive_open(&setup, error);
    if (side->derive == NULL || !derive_frame(side->derive, error))
      return false;
  }
  return true;
}

void dormant_sides_close(DormantSides *sides)
{
  for (guint i = 0; sides->sides != NULL && i < sides->sides->len; i++) {
    DormantSide *side = &g_array_index(sides->sides, DormantSide, i);
    evidence_view_free(side->view);
    derive_free(side->derive);
    table_free(side->table);
    schema_free(side->schema);
    findings_free(side->findings);
  }
  g_clear_pointer(&sides->sides, g_array_unref);
  g_clear_pointer(&sides->entries, g_array_unref);
  g_clear_pointer(&sides->texts, g_string_chunk_free);
}
