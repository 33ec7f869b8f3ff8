// SPDX-License-Identifier: GPL-3.0-or-later
//
// A plan of restrictions alone: of a target is read what those that begin or end speak of, what these entries refer to or
// stand below, and their groups. Whatever is not read passes for being there and in its place. Where that is more
// work than reading all of it, all is read; what is planned is the same.
#include "planner/planner_p.h"

#include <string.h>

// Groups are asked for member by member.
#define MEMBERS_ASKED 200
// Of so many entries one is asked for by key.
#define SHARE_ASKED 100

typedef struct Some {
  size_t n_own;
  GArray *members;  // uint32_t: entries whose memberships matter
  bool whole;       // all is read
} Some;

// ---------------------------------------------------------------------------------------------
// Which entries matter.

static void own(Side *side, uint32_t entry, Some *some)
{
  if ((side->flags[entry] & OWN) != 0)
    return;
  some->n_own++;
  side->flags[entry] |= OWN;
  g_hash_table_add(side->renewing, GUINT_TO_POINTER(entry));  // kept, however it is
  wish_want(side, entry);
  wish_want_references(side, entry);
}

static void note_members(const Restraint *restraint, Some *some)
{
  uint32_t entry = restraint->entry;
  if (strcmp(restraint->row->what, RESTRICT_DISABLE) == 0 ||
      strcmp(restraint->row->what, RESTRICT_NOTICE) == 0)
    return;
  g_array_append_val(some->members, entry);
}

// What people are given ends, or comes back, with their rights.
static void own_given(Side *side, Some *some)
{
  GHashTableIter iter;
  gpointer entry, restraint;
  g_hash_table_iter_init(&iter, side->ended);
  while (g_hash_table_iter_next(&iter, &entry, &restraint))
    if (((const Restraint *)restraint)->what->step != RESTRICTION_STANDS)
      own(side, GPOINTER_TO_UINT(entry), some);
}

// Nobody is given a name here.
static void leave_unnamed(Side *side)
{
  size_t n = 0;
  const Unnamed *unnamed = side->derive == NULL ? NULL : derive_unnamed(side->derive, &n);
  for (size_t i = 0; i < n; i++)
    if (unnamed[i].former == NULL)
      side->flags[unnamed[i].entry] |= UNNAMED;
}

static void choose(Side *side, Some *some)
{
  for (guint i = 0; i < side->restraints->len; i++) {
    const Restraint *restraint = &g_array_index(side->restraints, Restraint, i);
    if (restraint->what->step == RESTRICTION_STANDS)
      continue;
    some->whole |= restraint->is_orphan && strchr(restraint->row->object, '=') != NULL;
    if (restraint->entry == ENTRY_NONE)
      continue;
    own(side, restraint->entry, some);
    note_members(restraint, some);
  }
  own_given(side, some);
  leave_unnamed(side);
  some->whole |= some->members->len > MEMBERS_ASKED ||
                 some->n_own > table_count(side->table) / SHARE_ASKED + MEMBERS_ASKED;
}

static void pass_over_others(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if ((side->flags[i] & WANTED) == 0)
      side->flags[i] |= SEEN;
}

// Nothing is made for others: what belongs below one that is not there waits for a plan of all.
static void note_missing(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if ((side->flags[i] & OWN) == 0 && side_is_missing(side, i))
      side->flags[i] |= VANISHED;
}

// ---------------------------------------------------------------------------------------------
// Reading them.

// Groups that the rules put somebody into who gets it back.
static void want_groups(Side *side, const Some *some)
{
  g_autoptr(GHashTable) members = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < some->members->len; i++)
    g_hash_table_add(members, GUINT_TO_POINTER(g_array_index(some->members, uint32_t, i)));
  for (uint32_t group = 0; group < table_count(side->table); group++) {
    size_t n = 0;
    const Edge *edges = table_edges(side->table, group, &n);
    for (size_t i = 0; i < n; i++)
      if (g_hash_table_contains(members, GUINT_TO_POINTER(edges[i].member))) {
        wish_want(side, group);
        side->flags[group] &= (uint16_t)~SEEN;
      }
  }
}

static void wish_for_members(const Side *side, const Klass *klass, const Some *some, Wishes *wishes)
{
  for (guint i = 0; i < some->members->len; i++) {
    uint32_t entry = g_array_index(some->members, uint32_t, i);
    const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(entry));
    if (kept == NULL)
      continue;
    GPtrArray *keys = wish_keys();
    g_ptr_array_add(keys, g_strdup(kept->observed.dn.at));
    wish_for(wishes, klass->member_attribute, keys, ENTRY_NONE);
  }
}

static bool read_klass(Side *side, size_t i, const Some *some, GError **error)
{
  const Klass *klass = side_klass_at(side, i);
  Wishes wishes;
  wishes_init(&wishes);
  if (klass->member_attribute != NULL) {
    wish_for_members(side, klass, some, &wishes);
    side_wish_stray_groups(side, klass, &wishes);
  }
  side_wish_strays(side, &wishes);
  wish_by_key(side, klass, &wishes);
  bool fine = wishes_read(side, i, &wishes, error);
  wishes_clear(&wishes);
  return fine;
}

static bool read_some(Side *side, bool groups, const Some *some, GError **error)
{
  for (size_t i = 0; i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (strcmp(klass->target, side->target->config->name) == 0 &&
        (klass->member_attribute != NULL) == groups && !read_klass(side, i, some, error)) {
      g_prefix_error(error, _("target %s, %s: "), klass->target, klass->name);
      return false;
    }
  }
  return true;
}

static bool read_asked(Side *side, const Some *some, GError **error)
{
  pass_over_others(side);
  side->delivered = g_hash_table_new(g_str_hash, g_str_equal);
  if (!read_some(side, false, some, error))
    return false;
  want_groups(side, some);
  return read_some(side, true, some, error);
}

bool side_read_restricted(Side *side, GError **error)
{
  g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  Some some = {.members = members};
  choose(side, &some);
  side_place_containers(side);
  bool fine = some.whole ? side_read(side, false, error) && side_read(side, true, error)
                         : read_asked(side, &some, error);
  if (fine)
    note_missing(side);
  return fine;
}
