// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// A plan for a later day waits for that day, save for what today asks for just as well: that is
// late and due at once. So today is derived too, but only when something differs at all.

Instant side_day(const Side *side)
{
  return roster_when(side->roster)->at;
}

// People whose name this plan proposes bear it today too, for the purpose of comparing.
static bool name_as_proposed(Side *side, GError **error)
{
  size_t n = 0;
  const Unnamed *list = derive_unnamed(side->today_derive, &n);
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  for (size_t i = 0; i < n; i++) {
    const Entry *entry = table_at(side->today_table, unnamed[i].entry);
    uint32_t later = table_find_subject(side->table, entry->klass, entry->subject);
    EntryOps *ops =
        later == ENTRY_NONE ? NULL : g_hash_table_lookup(side->ops, GUINT_TO_POINTER(later));
    if (ops != NULL && ops->proposed != NULL &&
        !derive_name(side->today_derive, &unnamed[i], ops->proposed, error))
      return false;
  }
  return true;
}

bool side_today(Side *side, GError **error)
{
  if (!side->later || side->today_table != NULL)
    return true;
  RosterWhen when = *roster_when(side->roster);
  when.as_of = date_of_instant(side->setup->now);
  when.at = side->setup->now;
  side->today_roster = roster_open(side->setup->store, &when, error);
  if (side->today_roster == NULL)
    return false;
  g_autoptr(Findings) repeated = findings_new();  // the same ones as for the later day
  side->today_table = table_new(side->schema);
  DeriveSetup setup = {side->setup->mapping, side->target->config->name, side->today_roster,
                       side->today_table, repeated};
  side->today_derive = derive_open(&setup, error);
  if (side->today_derive == NULL || !derive_all(side->today_derive, error) ||
      !name_as_proposed(side, error))
    return false;
  table_freeze(side->today_table, repeated);
  return true;
}

uint32_t side_today_entry(Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  return entry->subject != 0 ? table_find_subject(side->today_table, entry->klass, entry->subject)
                             : table_find_key(side->today_table, entry->klass, entry_key(entry));
}
