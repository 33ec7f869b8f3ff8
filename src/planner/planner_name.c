// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// Names are proposed here, from what is free in the registry, in the target and in this plan; they are
// allocated when the plan is applied. A what-if burns no name, and neither does an entry without a place.

#define CANDIDATES_MAX 10000

// The name that the person's existing entry bears, so that it stays theirs. NULL if there is none.
static const char *name_in_target(Side *side, const Unnamed *unnamed)
{
  const Klass *klass = side_klass(side, unnamed->entry);
  AttrId attr;
  if ((side->flags[unnamed->entry] & SEEN) == 0 || klass == NULL || klass->name_attribute == NULL ||
      !schema_find(side->schema, klass->name_attribute, &attr))
    return NULL;
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(unnamed->entry));
  const ObservedAttr *names = kept == NULL ? NULL : diff_observed_attr(&kept->observed, attr);
  return names == NULL ? NULL : side_text(side, names->values[0]);
}

// Names of entries of nobody, looked up for each who has none: on a first run there may be many of both.
static char *orphan_key(const Side *side, AttrId attr, const char *bytes, size_t n)
{
  GString *key = g_string_new(NULL);
  g_string_printf(key, "%u ", (unsigned)attr);
  schema_normal(schema_at(side->schema, attr), bytes, n, key);
  return g_string_free(key, FALSE);
}

static void index_orphans(Side *side)
{
  side->orphan_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < side->orphans->len; i++) {
    const Kept *orphan = g_ptr_array_index(side->orphans, i);
    const Klass *klass = mapping_klass(side->setup->mapping, orphan->klass);
    AttrId attr;
    if (klass->name_attribute == NULL || !schema_find(side->schema, klass->name_attribute, &attr))
      continue;
    const ObservedAttr *names = diff_observed_attr(&orphan->observed, attr);
    for (size_t j = 0; names != NULL && j < names->n_values; j++)
      g_hash_table_add(side->orphan_names,
                       orphan_key(side, attr, names->values[j].at, names->values[j].n));
  }
}

// An entry of nobody that bears the very name we would give first, where the class adopts by it: it may
// be this person's from before our time, so it is proposed for adoption instead of a second account.
static const char *name_of_orphan(Side *side, const Unnamed *unnamed)
{
  const Klass *klass = side_klass(side, unnamed->entry);
  if (klass == NULL || klass->adopt == NULL || klass->name_attribute == NULL ||
      !g_strv_contains((const char *const *)klass->adopt, klass->name_attribute))
    return NULL;
  g_autoptr(GString) name = g_string_new(NULL);
  if (!derive_candidate(side->derive, unnamed, 0, name, NULL) ||
      store_name_owner(side->setup->store, unnamed->kind, name->str) != 0)
    return NULL;
  g_autofree char *key =
      orphan_key(side, schema_attr(side->schema, klass->name_attribute), name->str, name->len);
  return g_hash_table_contains(side->orphan_names, key)
             ? g_string_chunk_insert(side->arena, name->str)
             : NULL;
}

static bool is_free(const Side *side, const char *kind, const char *name)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  return !g_hash_table_contains(side->taken, key->str) &&
         store_name_owner(side->setup->store, kind, name) == 0;
}

static void take(Side *side, const char *name)
{
  GString *key = g_string_new(NULL);
  text_key(name, key);
  g_hash_table_add(side->taken, g_string_free(key, FALSE));
}

static bool propose(Side *side, const Unnamed *unnamed, GString *name, GError **error)
{
  for (size_t i = 0; i < CANDIDATES_MAX; i++) {
    g_string_truncate(name, 0);
    if (!derive_candidate(side->derive, unnamed, i, name, error))
      return false;
    if (is_free(side, unnamed->kind, name->str))
      return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("no free name after %d candidates"),
              CANDIDATES_MAX);
  return false;
}

static void allocate_op(Side *side, const Proposal *proposal)
{
  const Unnamed *unnamed = &proposal->unnamed;
  OpChange kind = {.attribute = unnamed->kind};
  Op op = {.kind = OP_ALLOCATE,
           .object = side_object(side, unnamed->entry),
           .person = unnamed->person,
           .name = proposal->name,
           .changes = &kind,
           .n_changes = 1,
           .not_before = INSTANT_NONE,
           .why = "name",
           .cause = "hire",
           .confirm = proposal->confirm};
  const char *label = side_label(side, unnamed->entry);
  op.label = label;
  side_ops(side, unnamed->entry)->allocate = side_add_op(side, &op);
}

// The entry may have turned out to be another's double, to lack something now that it has a name, or to
// belong below what is not there.
static bool gets_place(Side *side, uint32_t entry)
{
  if (table_is_double(side->table, entry) || entry_unmanaged(table_at(side->table, entry)))
    return false;
  if (side_is_missing(side, entry))
    return side_has_place(side, entry);
  return (side->flags[entry] & VANISHED) == 0;
}

void side_allocate(Side *side)
{
  for (guint i = 0; i < side->proposals->len; i++) {
    const Proposal *proposal = &g_array_index(side->proposals, Proposal, i);
    if (gets_place(side, proposal->unnamed.entry))
      allocate_op(side, proposal);
  }
}

// True also when the person had to be left out: then a finding or a note says why.
static bool name_person(Side *side, const Unnamed *unnamed, GError **error)
{
  // A name is for ever: not by chance that of one of two entries.
  if ((side->flags[unnamed->entry] & AMBIGUOUS) != 0) {
    side->flags[unnamed->entry] |= UNNAMED;
    return true;
  }
  const char *label = side_label(side, unnamed->entry);
  const char *existing = name_in_target(side, unnamed);
  const char *confirm = NULL;
  if (existing == NULL && (existing = name_of_orphan(side, unnamed)) != NULL)
    confirm = _("an entry of nobody bears this name: is it theirs?");
  g_autoptr(GString) name = g_string_new(existing);
  g_autoptr(GError) local = NULL;
  if (existing != NULL) {
    uint32_t owner = store_name_owner(side->setup->store, unnamed->kind, existing);
    if (owner != 0 && owner != unnamed->person)
      g_set_error(&local, IDOU_ERROR, EXIT_FAILED,
                  _("the entry bears the name %s, which is another person's for ever"), existing);
  } else {
    propose(side, unnamed, name, &local);
  }
  if (local != NULL) {
    findings_add(
        side->setup->findings,
        &(Finding){
            .level = FINDING_ERROR, .code = "no-name", .subject = label, .field = unnamed->kind},
        "%s", local->message);
    side->flags[unnamed->entry] |= UNNAMED;
    return true;
  }
  take(side, name->str);
  if (!derive_name(side->derive, unnamed, name->str, error))
    return false;
  Proposal proposal = {*unnamed, g_string_chunk_insert(side->arena, name->str), confirm};
  g_array_append_val(side->proposals, proposal);
  side_ops(side, unnamed->entry)->proposed = proposal.name;
  return true;
}

bool side_name_people(Side *side, GError **error)
{
  size_t n = 0;
  const Unnamed *list = derive_unnamed(side->derive, &n);
  index_orphans(side);
  // derive_name may change the list while it is walked.
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  for (size_t i = 0; i < n; i++)
    if (!name_person(side, &unnamed[i], error))
      return false;
  return true;
}
