// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// A plan for a later day waits for that day, save for what today asks for just as well: that is
// late and due at once. So today is derived too, but only when something differs at all.

Instant side_day(const Side *side)
{
  return side->desired->at;
}

// People whose name this plan proposes bear it today too, for the purpose of comparing.
bool side_today_names(Side *side, GError **error)
{
  if (side->today_derive == NULL)
    return true;
  size_t n = 0;
  const Unnamed *list = derive_unnamed(side->today_derive, &n);
  g_autofree Unnamed *unnamed = g_memdup2(list, n * sizeof *list);
  for (size_t i = 0; i < n; i++) {
    const char *name = names_of(side->names->proposed, unnamed[i].kind, unnamed[i].person);
    if (name != NULL && !derive_name(side->today_derive, &unnamed[i], name, error))
      return false;
  }
  table_freeze(side->today_table, side->untold);
  return side_restrict_today(side, error);
}

bool side_today_renews(const Side *side, const Unnamed *unnamed)
{
  size_t n = 0;
  const Unnamed *today = derive_unnamed(side->today_derive, &n);
  for (size_t i = 0; i < n; i++)
    if (today[i].person == unnamed->person && strcmp(today[i].kind, unnamed->kind) == 0 &&
        strcmp(today[i].basis, unnamed->basis) == 0)
      return true;
  return false;
}

bool side_today(Side *side, GError **error)
{
  if (!side->later || side->today_table != NULL)
    return true;
  const PlannerSetup *setup = side->setup;
  side->today_table = table_new(side->schema);
  g_autoptr(GArray) few = side_few(side);
  DesiredAsk ask = {.config = side->target->config,
                    .table = side->today_table,
                    .day = date_of_instant(setup->now),
                    .at = setup->now,
                    .findings = side->untold,
                    .few = few};
  side->today = setup->source->open(setup->source, &ask, error);
  if (side->today == NULL)
    return false;
  side->today_derive = desired_derive(side->today);
  if (side->today_derive != NULL)
    return side_today_names(side, error);
  table_freeze(side->today_table, side->untold);
  return side_restrict_today(side, error);
}

uint32_t side_today_entry(Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  bool by_key = entry->subject == 0 || table_shares_subjects(side->table, entry->klass);
  return by_key ? table_find_key(side->today_table, entry->klass, entry_key(entry))
                : table_find_subject(side->today_table, entry->klass, entry->subject);
}
