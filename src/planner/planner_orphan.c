// SPDX-License-Identifier: GPL-3.0-or-later
//
// Entries of nobody that somebody said something of. They are found again by their id in the reading of our places;
// nothing happens to one that is protected, or that a rule knows by now.
#include "planner/planner_p.h"

#include <string.h>

// One of them, with all that was said of it.
typedef struct Stray {
  const char *object;     // "orphan/ID"
  GPtrArray *restraints;  // Restraint
  Kept *kept;             // as it was read; NULL = it was not
  uint32_t known;         // the entry that a rule has it as; ENTRY_NONE
  bool is_candidate;      // … if somebody says so: the entry is to be adopted
  bool is_protected;
  uint32_t remove;  // operation that deletes it; 0 = none
} Stray;

static void free_stray(gpointer data)
{
  Stray *stray = data;
  g_ptr_array_unref(stray->restraints);
  g_free(stray->kept);
  g_free(stray);
}

void side_add_stray(Side *side, Restraint *restraint)
{
  const char *id = restraint->row->object + strlen(OBJECT_ORPHAN);
  if (side->strays == NULL)
    side->strays = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_stray);
  Stray *stray = g_hash_table_lookup(side->strays, id);
  if (stray == NULL) {
    stray = g_new0(Stray, 1);
    stray->object = restraint->row->object;
    stray->known = ENTRY_NONE;
    stray->restraints = g_ptr_array_new();
    g_hash_table_insert(side->strays, (gpointer)id, stray);
  }
  g_ptr_array_add(stray->restraints, restraint);
}

// Of a plan of restrictions alone those of which something begins or ends.
static bool is_meant(const Side *side, const Stray *stray)
{
  for (guint i = 0; i < stray->restraints->len; i++)
    if (((const Restraint *)g_ptr_array_index(stray->restraints, i))->what->step !=
        RESTRICTION_STANDS)
      return true;
  return !side->setup->only_restricted;
}

// Hash tables have no order.
static int by_object(const void *a, const void *b)
{
  const Stray *x = *(const Stray *const *)a, *y = *(const Stray *const *)b;
  return strcmp(x->object, y->object);
}

static GPtrArray *list_strays(const Side *side)
{
  GPtrArray *list = g_ptr_array_new();
  GHashTableIter iter;
  gpointer stray;
  if (side->strays == NULL)
    return list;
  g_hash_table_iter_init(&iter, side->strays);
  while (g_hash_table_iter_next(&iter, NULL, &stray))
    if (is_meant(side, stray))
      g_ptr_array_add(list, stray);
  g_ptr_array_sort(list, by_object);
  return list;
}

// ---------------------------------------------------------------------------------------------
// Finding them.

// The stable id; where there is none the DN below the base.
static char *id_of(const Side *side, const Observed *observed)
{
  if (observed->stable_id.n > 0)
    return g_strndup(observed->stable_id.at, observed->stable_id.n);
  size_t n_base = strlen(side->base), n = observed->dn.n;
  bool below = n > n_base + 1 && observed->dn.at[n - n_base - 1] == ',' &&
               g_ascii_strncasecmp(observed->dn.at + n - n_base, side->base, n_base) == 0;
  return g_strndup(observed->dn.at, below ? n - n_base - 1 : n);
}

static Stray *stray_of(const Side *side, const Observed *observed)
{
  if (side->strays == NULL)
    return NULL;
  g_autofree char *id = id_of(side, observed);
  return g_hash_table_lookup(side->strays, id);
}

void side_note_stray(Side *side, const Kept *what, const Observed *observed, bool is_protected)
{
  Stray *stray = stray_of(side, observed);
  // Another class in the same place may know it.
  if (stray == NULL || stray->kept != NULL)
    return;
  stray->kept = g_memdup2(what, sizeof *what);
  stray->kept->observed = side_copy(side, observed);
  stray->is_protected = is_protected;
}

void side_note_known(Side *side, uint32_t entry, const Observed *observed)
{
  Stray *stray = stray_of(side, observed);
  if (stray != NULL)
    stray->known = entry;
}

bool side_is_stray(const Side *side, const Observed *observed)
{
  return stray_of(side, observed) != NULL;
}

static Stray *stray_at(const Side *side, const char *dn)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init(&iter, side->strays);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    Stray *stray = value;
    if (stray->kept != NULL && g_ascii_strcasecmp(stray->kept->observed.dn.at, dn) == 0)
      return stray;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// What is said of one.

static bool is_open(const Stray *stray)
{
  return stray->kept != NULL && !stray->is_protected && stray->known == ENTRY_NONE;
}

static bool counts(const Restraint *restraint, const char *what)
{
  return restraint->takes && !restraint->idle && strcmp(restraint->row->what, what) == 0;
}

static const Restraint *find(const Stray *stray, const char *what)
{
  for (guint i = 0; i < stray->restraints->len; i++) {
    const Restraint *restraint = g_ptr_array_index(stray->restraints, i);
    if (counts(restraint, what))
      return restraint;
  }
  return NULL;
}

static const Restraint *taker_of(const Side *side, const Stray *stray, uint32_t group)
{
  const Restraint *all = find(stray, RESTRICT_RIGHTS);
  if (all == NULL)
    all = find(stray, RESTRICT_ABSENT);
  const char *object = side_object((Side *)side, group);
  for (guint i = 0; all == NULL && i < stray->restraints->len; i++) {
    const Restraint *restraint = g_ptr_array_index(stray->restraints, i);
    if (counts(restraint, RESTRICT_EDGE) && strcmp(restraint->row->group, object) == 0)
      return restraint;
  }
  return all;
}

static const char *label_of(Side *side, const Stray *stray)
{
  if (stray->known != ENTRY_NONE && !stray->is_candidate)
    return side_label(side, stray->known);
  if (stray->kept == NULL)
    return stray->object;
  const char *dn = stray->kept->observed.dn.at;
  size_t n_rdn = 0;
  const char *parent = NULL;
  return place_split(dn, &n_rdn, &parent)
             ? g_string_chunk_insert_len(side->arena, dn, (gssize)n_rdn)
             : dn;
}

static const char *why_not(const Side *side, const Stray *stray, const Restraint *restraint)
{
  if (stray->kept == NULL)
    return _("it is not there");
  if (stray->is_protected)
    return _("it is protected");
  if (stray->known != ENTRY_NONE)
    return stray->is_candidate ? _("whose it may be is to be said first")
                               : _("a rule knows it by now");
  if (!restraint->takes)
    return _("its last day is over");
  if (strcmp(restraint->row->what, RESTRICT_EDGE) == 0 && restraint->group == ENTRY_NONE)
    return _("no rule knows the group");
  bool off = strcmp(restraint->row->what, RESTRICT_DISABLE) == 0;
  return off && side->target->config->disable_attribute == NULL
             ? _("its target knows no switching off")
             : NULL;
}

// ---------------------------------------------------------------------------------------------
// Operations.

static Op op_of(Side *side, const Stray *stray, OpKind kind)
{
  Op op = {.kind = kind,
           .object = stray->object,
           .label = label_of(side, stray),
           .not_before = INSTANT_NONE};
  if (stray->kept != NULL && stray->kept->observed.stable_id.n > 0)
    op.stable_id = stray->kept->observed.stable_id.at;
  return op;
}

static uint32_t add(Side *side, const Stray *stray, const Restraint *restraint, Op *op)
{
  side_place_observed(side, stray->object, &stray->kept->observed);
  side_restrained_why(side, restraint, op);
  uint32_t n = side_add_op(side, op);
  plan_add_after(side->plan, n, restraint->op);
  return n;
}

static void disable(Side *side, const Stray *stray)
{
  const Restraint *restraint = find(stray, RESTRICT_DISABLE);
  if (restraint == NULL || stray->kept->observed.enabled != ENABLED_YES ||
      find(stray, RESTRICT_ABSENT) != NULL)
    return;
  LockChange lock;
  side_lock_change(side, &stray->kept->observed, true, &lock);
  Op op = op_of(side, stray, OP_DISABLE);
  op.changes = &lock.change;
  op.n_changes = 1;
  add(side, stray, restraint, &op);
}

static uint32_t lift(Side *side, const Stray *stray, const Restraint *restraint)
{
  Op op = op_of(side, stray, OP_LIFT);
  return side_restraint_op(side, restraint, &op);
}

// Whose key it has by now, when it comes to it, is looked at once more: somebody may have given it one.
static uint32_t remove_op(Side *side, const Stray *stray, const Restraint *restraint)
{
  const Observed *observed = &stray->kept->observed;
  const char *key = side_klass_at(side, stray->kept->klass)->key_attribute;
  const ObservedAttr *there = diff_observed_attr(observed, schema_attr(side->schema, key));
  OpValue old = {VALUE_TEXT, NULL, 0};
  if (there != NULL)
    old = (OpValue){VALUE_TEXT, there->values[0].at, there->values[0].n};
  OpChange change = {.attribute = key, .old_values = &old, .n_old = there != NULL ? 1 : 0};
  Op op = op_of(side, stray, OP_DELETE);
  op.changes = &change;
  op.n_changes = 1;
  return add(side, stray, restraint, &op);
}

// What was said of it goes with it: an entry that takes its place is another.
static void remove_stray(Side *side, Stray *stray)
{
  const Restraint *restraint = find(stray, RESTRICT_ABSENT);
  if (restraint == NULL)
    return;
  stray->remove = remove_op(side, stray, restraint);
  for (guint i = 0; i < stray->restraints->len; i++) {
    Restraint *one = g_ptr_array_index(stray->restraints, i);
    if (!one->takes || one->idle)
      continue;
    one->gone = true;  // … by then
    plan_add_after(side->plan, lift(side, stray, one), stray->remove);
  }
}

static void begin(Side *side, const Stray *stray, Restraint *restraint)
{
  if (restraint->what->step != RESTRICTION_NEW ||
      side_restraint_stands(stray->restraints, restraint))
    return;
  const char *why = why_not(side, stray, restraint);
  if (why != NULL) {
    side_note_idle(side, restraint, label_of(side, stray), why);
    return;
  }
  Op op = op_of(side, stray, OP_RESTRICT);
  restraint->op = side_restraint_op(side, restraint, &op);
  side_restraint_follows(side, stray->restraints, restraint);
}

// Of what was not read nothing is known where not all of it is.
static bool is_over(const Side *side, const Stray *stray)
{
  bool all = !side->setup->only_restricted && target_tells_orphans(side->target->config);
  return (stray->known != ENTRY_NONE && !stray->is_candidate) || (all && stray->kept == NULL);
}

static void finish(Side *side, const Stray *stray, Restraint *restraint)
{
  if (restraint->what->step == RESTRICTION_STANDS && !restraint->lifts && is_over(side, stray)) {
    restraint->gone = restraint->lifts = true;
    restraint->takes = false;
  }
  if (side_restraint_ends(side, stray->restraints, restraint))
    restraint->op = lift(side, stray, restraint);
}

static void note(Side *side, const Stray *stray)
{
  if (stray->kept == NULL && stray->known == ENTRY_NONE)
    return;
  if (stray->known != ENTRY_NONE) {
    const char *words =
        stray->is_candidate
            ? _("this entry of nobody's may be %s; until somebody has said so, "
                "nothing is taken from it")
            : _("this was nobody's entry, and is %s now: what was said of it is over");
    g_autofree char *text = g_strdup_printf(words, side_object(side, stray->known));
    side_note(side, "restriction", stray->object, "", text);
  } else if (stray->is_protected) {
    side_note(side, "protected", stray->kept->observed.dn.at, "",
              _("something is to be taken from this entry of nobody's, but it is protected"));
  }
}

// Whose it may be, from before our time.
static void look_for_owner(Side *side, Stray *stray)
{
  const char *by = NULL;
  if (stray->kept == NULL || stray->known != ENTRY_NONE)
    return;
  uint32_t candidate =
      matcher_candidate(side->matchers[stray->kept->klass], &stray->kept->observed, &by);
  if (candidate == ENTRY_NONE)
    return;
  stray->known = candidate;
  stray->is_candidate = true;
}

void side_stray_ops(Side *side)
{
  g_autoptr(GPtrArray) strays = list_strays(side);
  for (guint i = 0; i < strays->len; i++) {
    Stray *stray = g_ptr_array_index(strays, i);
    look_for_owner(side, stray);
    note(side, stray);
    for (guint k = 0; k < stray->restraints->len; k++)
      finish(side, stray, g_ptr_array_index(stray->restraints, k));
    for (guint k = 0; k < stray->restraints->len; k++)
      begin(side, stray, g_ptr_array_index(stray->restraints, k));
    if (!is_open(stray))
      continue;
    disable(side, stray);
    remove_stray(side, stray);
  }
}

// ---------------------------------------------------------------------------------------------
// Groups of ours that hold one.

bool side_stray_leaves(Side *side, uint32_t group, const char *dn)
{
  const Stray *stray = side->strays == NULL ? NULL : stray_at(side, dn);
  return stray != NULL && is_meant(side, stray) && is_open(stray) &&
         taker_of(side, stray, group) != NULL;
}

void side_stray_leave(Side *side, uint32_t group, const char *dn, uint32_t filler)
{
  Stray *stray = stray_at(side, dn);
  const Restraint *restraint = taker_of(side, stray, group);
  OpChange attribute = {.attribute = side_klass(side, group)->member_attribute};
  if (restraint == NULL || !is_open(stray))
    return;
  Op op = op_of(side, stray, OP_LEAVE);
  op.object = side_object(side, group);
  op.member = stray->object;
  op.stable_id = NULL;
  op.changes = &attribute;
  op.n_changes = 1;
  side_place(side, group);
  uint32_t n = add(side, stray, restraint, &op);
  plan_add_after(side->plan, n, filler);
  plan_add_after(side->plan, stray->remove, n);
}

// ---------------------------------------------------------------------------------------------
// When only some entries are read.

// A class says nothing of an id: each is asked.
void side_wish_strays(const Side *side, Wishes *wishes)
{
  GPtrArray *ids = wish_keys();
  g_autoptr(GPtrArray) strays = list_strays(side);
  for (guint i = 0; i < strays->len; i++)
    g_ptr_array_add(ids, g_strdup(((const Stray *)g_ptr_array_index(strays, i))->object +
                                  strlen(OBJECT_ORPHAN)));
  wish_for(wishes, NULL, ids, ENTRY_NONE);
}

void side_wish_stray_groups(const Side *side, const Klass *klass, Wishes *wishes)
{
  g_autoptr(GPtrArray) strays = list_strays(side);
  for (guint i = 0; i < strays->len; i++) {
    const Stray *stray = g_ptr_array_index(strays, i);
    if (stray->kept == NULL)
      continue;
    GPtrArray *keys = wish_keys();
    g_ptr_array_add(keys, g_strdup(stray->kept->observed.dn.at));
    wish_for(wishes, klass->member_attribute, keys, ENTRY_NONE);
  }
}
