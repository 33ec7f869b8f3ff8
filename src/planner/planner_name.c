// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// Names are proposed here, from what is free in the registry, in all targets and in this plan; they are
// allocated when the plan is applied. A what-if burns no name, and neither does an entry without a place.

#define CANDIDATES_MAX 10000

static const KlassName *find_kind(const Klass *klass, const char *kind)
{
  for (size_t i = 0; klass != NULL && i < klass->n_names; i++)
    if (strcmp(klass->names[i].kind, kind) == 0 && klass->names[i].taken[0] != NULL)
      return &klass->names[i];
  return NULL;
}

// The name that the person's existing entry bears, so that it stays theirs. NULL if there is none.
static const char *name_in_entry(Side *side, const Unnamed *unnamed)
{
  const KlassName *kind = find_kind(side_klass(side, unnamed->entry), unnamed->kind);
  AttrId attr;
  if ((side->flags[unnamed->entry] & SEEN) == 0 || kind == NULL ||
      !schema_find(side->schema, kind->taken[0], &attr))
    return NULL;
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(unnamed->entry));
  const ObservedAttr *names = kept == NULL ? NULL : diff_observed_attr(&kept->observed, attr);
  return names == NULL ? NULL : side_name_value(side, kind, names->values[0]);
}

// Names of entries of nobody, looked up for each who has none: on a first run there may be many of both.
static char *orphan_key(const char *kind, const char *name)
{
  GString *key = g_string_new(kind);
  g_string_append_c(key, ' ');
  text_key(name, key);
  return g_string_free(key, FALSE);
}

static void index_orphans(Side *side)
{
  side->orphan_names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < side->orphans->len; i++) {
    const Kept *orphan = g_ptr_array_index(side->orphans, i);
    const Klass *klass = side_klass_at(side, orphan->klass);
    for (size_t k = 0; k < klass->n_names; k++) {
      const KlassName *kind = &klass->names[k];
      AttrId attr;
      if (kind->taken[0] == NULL || !schema_find(side->schema, kind->taken[0], &attr))
        continue;
      const ObservedAttr *names = diff_observed_attr(&orphan->observed, attr);
      for (size_t j = 0; names != NULL && j < names->n_values; j++)
        g_hash_table_add(side->orphan_names,
                         orphan_key(kind->kind, side_name_value(side, kind, names->values[j])));
    }
  }
}

// Free, this person's, or known only for having been seen: then whoever's entry bears it may have it.
static bool may_keep(const Side *side, const Unnamed *unnamed, const char *name)
{
  NameRow row;
  return !store_name_find(side->setup->store, unnamed->kind, name, &row) ||
         row.subject == unnamed->person || row.state == NAME_SEEN;
}

// An entry of nobody that bears the very name we would give first, where the class adopts by it: it may
// be this person's from before our time, so it is proposed for adoption instead of a second account.
static const char *name_of_orphan(Side *side, const Unnamed *unnamed)
{
  const Klass *klass = side_klass(side, unnamed->entry);
  const KlassName *kind = find_kind(klass, unnamed->kind);
  if (kind == NULL || klass->adopt == NULL ||
      !g_strv_contains((const char *const *)klass->adopt, kind->taken[0]))
    return NULL;
  g_autoptr(GString) name = g_string_new(NULL);
  if (!derive_candidate(side->derive, unnamed, 0, name, NULL) ||
      !may_keep(side, unnamed, name->str))
    return NULL;
  g_autofree char *key = orphan_key(unnamed->kind, name->str);
  return g_hash_table_contains(side->orphan_names, key)
             ? g_string_chunk_insert(side->arena, name->str)
             : NULL;
}

// Free everywhere, or once this person's own.
static bool is_free(const Side *side, const Unnamed *unnamed, const char *name)
{
  uint32_t taker = names_taker(side->names, unnamed->kind, name);
  uint32_t owner = store_name_owner(side->setup->store, unnamed->kind, name);
  return (taker == 0 || taker == unnamed->person) && (owner == 0 || owner == unnamed->person) &&
         !mapping_name_reserved(side->setup->mapping, unnamed->kind, name);
}

static bool propose(Side *side, const Unnamed *unnamed, GString *name, GError **error)
{
  if (side->names->unread != NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("no name is chosen while target %s cannot be read, where it may be taken"),
                side->names->unread);
    return false;
  }
  for (size_t i = 0; i < CANDIDATES_MAX; i++) {
    g_string_truncate(name, 0);
    if (!derive_candidate(side->derive, unnamed, i, name, error))
      return false;
    if (is_free(side, unnamed, name->str))
      return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("no free name after %d candidates"),
              CANDIDATES_MAX);
  return false;
}

// ---------------------------------------------------------------------------------------------
// The operation.

static OpValue text_value(Side *side, const char *text)
{
  const char *kept = g_string_chunk_insert(side->arena, text);
  return (OpValue){.kind = VALUE_TEXT, .bytes = kept, .n = strlen(kept)};
}

typedef struct Choice {
  const char *name;
  const char *confirm;  // NULL = nothing to confirm
  bool stands;          // in an entry of theirs
} Choice;

static void note_allocated(Side *side, const Proposal *proposal, uint32_t op)
{
  EntryOps *ops = side_ops(side, proposal->unnamed.entry);
  if (ops->allocated == NULL)
    ops->allocated = g_array_new(FALSE, FALSE, sizeof(Allocated));
  Allocated allocated = {op, proposal->waits};
  g_array_append_val(ops->allocated, allocated);
}

static uint32_t allocate_op(Side *side, const Proposal *proposal)
{
  const Unnamed *unnamed = &proposal->unnamed;
  OpValue former = text_value(side, unnamed->former != NULL ? unnamed->former : "");
  OpValue basis = text_value(side, unnamed->basis);
  OpValue target = text_value(side, side->target->config->name);
  OpChange changes[3] = {{.attribute = unnamed->kind,
                          .old_values = unnamed->former != NULL ? &former : NULL,
                          .n_old = unnamed->former != NULL}};
  size_t n = 1;
  if (*unnamed->basis != '\0')
    changes[n++] = (OpChange){.attribute = "basis", .new_values = &basis, .n_new = 1};
  if (proposal->stands)
    changes[n++] = (OpChange){.attribute = "seen", .new_values = &target, .n_new = 1};
  Op op = {.kind = OP_ALLOCATE,
           .object = side_object(side, unnamed->entry),
           .person = unnamed->person,
           .name = proposal->name,
           .changes = changes,
           .n_changes = n,
           .not_before = proposal->waits ? side_day(side) : INSTANT_NONE,
           .why = "name",
           .cause = "hire",
           .confirm = proposal->confirm};
  const char *label = side_label(side, unnamed->entry);
  op.label = label;
  uint32_t handle = side_add_op(side, &op);
  side_note_gift(side, unnamed, proposal->name, handle);
  return handle;
}

// The entry may have turned out to be another's double, to lack something now that it has a name, or to
// belong below what is not there.
static bool gets_place(Side *side, uint32_t entry)
{
  if (table_is_double(side->table, entry) || entry_unmanaged(table_at(side->table, entry)))
    return false;
  if (side_is_missing(side, entry))
    return side_has_place(side, entry);
  return (side->flags[entry] & (VANISHED | WITHHELD)) == 0;
}

// Several entries of one person here wait for the same name: it is allocated once.
static void allocate_proposals(Side *side)
{
  g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < side->proposals->len; i++) {
    const Proposal *proposal = &g_array_index(side->proposals, Proposal, i);
    if (!gets_place(side, proposal->unnamed.entry))
      continue;
    char *key = g_strdup_printf("%s %u", proposal->unnamed.kind, proposal->unnamed.person);
    uint32_t handle = GPOINTER_TO_UINT(g_hash_table_lookup(made, key));
    if (handle == 0)
      handle = allocate_op(side, proposal);
    g_hash_table_insert(made, key, GUINT_TO_POINTER(handle));
    note_allocated(side, proposal, handle);
  }
}

void side_allocate(Side *side)
{
  allocate_proposals(side);
  // Of names that another section gives, this one says so, too: what follows waits for that.
  for (guint i = 0; i < side->followers->len; i++) {
    const Proposal *proposal = &g_array_index(side->followers, Proposal, i);
    const Unnamed *unnamed = &proposal->unnamed;
    if (names_of(side->names->allocated, unnamed->kind, unnamed->person) != NULL &&
        side_gift(side, unnamed->kind, unnamed->person) == 0)
      allocate_op(side, proposal);
  }
}

// ---------------------------------------------------------------------------------------------
// One person.

// What there is already: proposed for another target, in their entry here or there, in one of nobody.
static void find_existing(Side *side, const Unnamed *unnamed, Choice *choice)
{
  choice->name = names_of(side->names->proposed, unnamed->kind, unnamed->person);
  if (choice->name != NULL)
    return;
  choice->name = name_in_entry(side, unnamed);
  if (choice->name == NULL)
    choice->name = names_of(side->names->borne, unnamed->kind, unnamed->person);
  if (choice->name == NULL && (choice->name = name_of_orphan(side, unnamed)) != NULL)
    choice->confirm = _("an entry of nobody bears this name: is it theirs?");
  choice->stands = choice->name != NULL;
}

static bool choose(Side *side, const Unnamed *unnamed, GString *made, Choice *choice,
                   GError **error)
{
  *choice = (Choice){0};
  if (unnamed->former == NULL)
    find_existing(side, unnamed, choice);
  else if (unnamed->unsaid)
    choice->name = unnamed->former;
  else
    choice->name = names_of(side->names->proposed, unnamed->kind, unnamed->person);
  if (choice->name == NULL) {
    bool fine = propose(side, unnamed, made, error);
    choice->name = made->str;
    return fine;
  }
  if (!choice->stands || may_keep(side, unnamed, choice->name))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED,
              _("the entry bears the name %s, which is another person's for ever"), choice->name);
  return false;
}

// Who has a name keeps it, whatever is in the way of a new one.
static void leave_unnamed(Side *side, const Unnamed *unnamed, const GError *why)
{
  if (unnamed->former == NULL)
    side->flags[unnamed->entry] |= UNNAMED;
  if (why == NULL)
    return;
  findings_add(side->setup->findings,
               &(Finding){.level = FINDING_ERROR,
                          .code = "no-name",
                          .subject = side_label(side, unnamed->entry),
                          .field = unnamed->kind},
               "%s", why->message);
}

static void note_proposal(Side *side, const Unnamed *unnamed, const Choice *choice)
{
  Proposal proposal = {.unnamed = *unnamed,
                       .name = g_string_chunk_insert(side->arena, choice->name),
                       .confirm = choice->confirm,
                       .stands = choice->stands};
  // The new name comes into use on the day of the change, not when it is planned.
  proposal.waits = unnamed->former != NULL && side->later && !side_today_renews(side, unnamed);
  g_array_append_val(side->proposals, proposal);
}

// True also when the person had to be left out: then a finding or a note says why.
static bool name_person(Side *side, const Unnamed *unnamed, GError **error)
{
  // A name is for ever: not by chance that of one of two entries.
  if ((side->flags[unnamed->entry] & AMBIGUOUS) != 0) {
    leave_unnamed(side, unnamed, NULL);
    return true;
  }
  g_autoptr(GError) local = NULL;
  g_autoptr(GString) made = g_string_new(NULL);
  Choice choice;
  if (!choose(side, unnamed, made, &choice, &local)) {
    leave_unnamed(side, unnamed, local);
    return true;
  }
  bool same = g_strcmp0(choice.name, unnamed->former) == 0;
  if (same && !unnamed->unsaid)
    return true;  // the change makes no other name
  names_take(side->names, unnamed->kind, choice.name, unnamed->person);
  names_put(side->names, side->names->proposed, unnamed->kind, unnamed->person, choice.name);
  note_proposal(side, unnamed, &choice);
  if (!same && !derive_name(side->derive, unnamed, choice.name, error))
    return false;
  side_place_anew(side, unnamed->entry);
  return true;
}

static bool any_renews(const Unnamed *unnamed, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (unnamed[i].former != NULL)
      return true;
  return false;
}

bool side_name_people(Side *side, GError **error)
{
  size_t n = 0;
  const Unnamed *list = derive_unnamed(side->derive, &n);
  index_orphans(side);
  // derive_name may change the list while it is walked.
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  if (any_renews(unnamed, n) && !side_today(side, error))
    return false;
  for (size_t i = 0; i < n; i++)
    if (!unnamed[i].follows && !name_person(side, &unnamed[i], error))
      return false;
  return side_follow_names(side, error) && side_today_names(side, error);
}
