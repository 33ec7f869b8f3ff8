// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units are there before people come in, and go when the last has left. Nothing is deleted that something is in:
// what is below it or a member of it and stays there keeps it.
#include "planner/planner_p.h"

#include <string.h>

static bool is_unit(const Side *side, uint32_t index)
{
  const Klass *klass = side_klass(side, index);
  return klass != NULL && klass->subject == FOR_UNIT;
}

static bool is_going(const Side *side, uint32_t index)
{
  return (side->flags[index] & SEEN) != 0 && is_unit(side, index) &&
         table_at(side->table, index)->presence == PRESENCE_ABSENT;
}

// Everything that the DN stands below stays with it.
static void occupy_above(Side *side, const char *dn)
{
  size_t n_rdn = 0;
  const char *parent = NULL;
  while (dn != NULL && place_split(dn, &n_rdn, &parent) && parent != NULL && *parent != '\0') {
    uint32_t above = side_find_place(side, parent, strlen(parent));
    if (above != ENTRY_NONE && is_going(side, above))
      side->flags[above] |= OCCUPIED;
    dn = parent;
  }
}

// An entry that no operation takes from where it is.
static bool stays(const Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  uint16_t flags = side->flags[index];
  if ((flags & SEEN) == 0 || entry->klass == KLASS_CONTAINER)
    return false;
  if ((flags & (PROTECTED | AMBIGUOUS | OCCUPIED)) != 0)
    return true;
  return entry->presence != PRESENCE_ABSENT && *entry_rdn(entry) == '\0';
}

static void occupy(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (is_going(side, i) && side_klass(side, i)->member_attribute != NULL &&
        side_staying_members(side, i) > 0)
      side->flags[i] |= OCCUPIED;
  for (guint i = 0; i < side->orphans->len; i++)
    occupy_above(side, ((const Kept *)g_ptr_array_index(side->orphans, i))->observed.dn.at);
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (stays(side, i))
      occupy_above(side, g_hash_table_lookup(side->located, GUINT_TO_POINTER(i)));
}

static void tell(Side *side, uint32_t index)
{
  bool over = side->desired->type->ended(side->desired, index);
  bool present = table_at(side->table, index)->presence == PRESENCE_PRESENT;
  if ((side->flags[index] & OCCUPIED) != 0 || (over && present))
    side_note_left(
        side, "unit-not-empty", index, NULL,
        _("this unit is there no more, but somebody or something is in it still; it stays "
          "until that has gone"));
}

void side_guard_units(Side *side)
{
  bool any = false;
  if (!side->desired->type->any_ended(side->desired))
    return;
  for (uint32_t i = 0; i < table_count(side->table); i++)
    any = any || is_going(side, i);
  if (any)
    occupy(side);
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (is_unit(side, i))
      tell(side, i);
}

uint32_t side_place_holder(Side *side, uint32_t entry)
{
  uint32_t there = side_occupant(side, entry);
  return there != ENTRY_NONE && stays(side, there) ? there : ENTRY_NONE;
}
