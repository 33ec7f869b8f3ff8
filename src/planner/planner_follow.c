// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

// What people are given by tables may speak of their login, which their account brings, here or in a target before
// this one. It is made in the same plan, but only if something gives the name, and after that.

static char *gift_key(const char *kind, uint32_t person)
{
  return g_strdup_printf("%s %" G_GUINT32_FORMAT, kind, person);
}

void side_note_gift(Side *side, const Unnamed *unnamed, const char *name, uint32_t op)
{
  names_put(side->names, side->names->allocated, unnamed->kind, unnamed->person, name);
  g_hash_table_insert(side->gifts, gift_key(unnamed->kind, unnamed->person), GUINT_TO_POINTER(op));
}

uint32_t side_gift(const Side *side, const char *kind, uint32_t person)
{
  g_autofree char *key = gift_key(kind, person);
  return GPOINTER_TO_UINT(g_hash_table_lookup(side->gifts, key));
}

bool side_follow_names(Side *side, GError **error)
{
  size_t n = 0;
  const Unnamed *list = derive_unnamed(side->derive, &n);
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  for (size_t i = 0; i < n; i++) {
    const char *name = names_of(side->names->proposed, unnamed[i].kind, unnamed[i].person);
    if (!unnamed[i].follows || name == NULL)
      continue;
    Proposal proposal = {.unnamed = unnamed[i], .name = name};
    g_array_append_val(side->followers, proposal);
    if (!derive_name(side->derive, &unnamed[i], name, error))
      return false;
  }
  return true;
}

// Somebody who has none yet gets it by this plan, or does not.
static bool is_new_name(Side *side, const char *kind, uint32_t person)
{
  return side->names != NULL && names_of(side->names->proposed, kind, person) != NULL &&
         store_name_of(side->setup->store, kind, person) == NULL;
}

bool side_may_follow(Side *side, uint32_t entry)
{
  const Klass *klass = side_klass(side, entry);
  uint32_t person = table_at(side->table, entry)->subject;
  for (size_t i = 0; klass->subject == FOR_ASSIGNMENT && i < klass->n_names; i++)
    if (is_new_name(side, klass->names[i].kind, person) &&
        side_gift(side, klass->names[i].kind, person) == 0)
      return false;
  return true;
}

void side_follow(Side *side, uint32_t entry, uint32_t create)
{
  const Klass *klass = side_klass(side, entry);
  for (size_t i = 0; klass->subject == FOR_ASSIGNMENT && i < klass->n_names; i++) {
    uint32_t gift = side_gift(side, klass->names[i].kind, table_at(side->table, entry)->subject);
    if (gift != 0)
      plan_add_after(side->plan, create, gift);
  }
}
