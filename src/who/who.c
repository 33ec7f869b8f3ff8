// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page: its parts, one after the other.
#include "who_p.h"

#include <string.h>

// Further ahead than any order is dated.
#define FAR_DAYS 36500

const char *who_keep(Page *page, const char *text)
{
  return g_string_chunk_insert_const(page->who->strings, text ? text : "");
}

const char *who_source(Page *page, int64_t row)
{
  RowOrigin origin;
  if (row == 0 || !store_row_origin(page->setup->store, row, &origin))
    return "";
  g_autofree char *text = g_strdup_printf("%s:%" G_GINT64_FORMAT, origin.file, origin.line);
  return who_keep(page, text);
}

// ---------------------------------------------------------------------------------------------
// Units.

static Roster *roster_on(Page *page, Date day)
{
  if (day == page->setup->as_of)
    return page->roster;
  Roster *roster = g_hash_table_lookup(page->rosters, GINT_TO_POINTER(day));
  if (roster)
    return roster;
  RosterWhen when = {.as_of = day, .known_at = page->setup->known_at};
  roster = roster_open(page->setup->store, &when, NULL);
  if (roster)
    g_hash_table_insert(page->rosters, GINT_TO_POINTER(day), roster);
  return roster;
}

const char *who_unit_path(Page *page, const char *code, Date day)
{
  Roster *roster = roster_on(page, day);
  g_autoptr(GString) path = g_string_new(NULL);
  for (const Unit *unit = roster ? roster_unit(roster, code) : NULL; unit; unit = unit->parent) {
    if (path->len > 0)
      g_string_prepend(path, " ");
    g_string_prepend(path, unit->name ? unit->name : unit->code);
  }
  return who_keep(page, path->str);
}

// ---------------------------------------------------------------------------------------------

static Instant moment_of(const WhoSetup *setup)
{
  bool today = date_of_instant(setup->now) == setup->as_of;
  return today ? setup->now : date_start(setup->as_of);
}

static Roster *open_roster(const WhoSetup *setup, GError **error)
{
  RosterWhen when = {.at = moment_of(setup),
                     .as_of = setup->as_of,
                     .known_at = setup->known_at,
                     .early_days = FAR_DAYS};
  for (size_t i = 0; i < setup->n_targets; i++) {
    int grace = 0, early = 0;
    mapping_horizon(setup->mapping, setup->targets[i].config->name, &grace, &early);
    when.grace_days = MAX(when.grace_days, grace);
  }
  Roster *roster = roster_open(setup->store, &when, error);
  if (roster)
    mapping_titles(setup->mapping, roster);
  return roster;
}

static Who *new_page(const WhoSetup *setup, uint32_t person)
{
  Who *who = g_new0(Who, 1);
  who->person = person;
  who->as_of = setup->as_of;
  who->known_at = setup->known_at;
  who->strings = g_string_chunk_new(4096);
  who->looks = g_ptr_array_new_with_free_func((GDestroyNotify)look_free);
  who->findings = findings_new();
  who->numbers = g_array_new(FALSE, FALSE, sizeof(WhoNumber));
  who->names = g_array_new(FALSE, FALSE, sizeof(WhoName));
  who->states = g_array_new(FALSE, FALSE, sizeof(WhoState));
  who->posts = g_array_new(FALSE, FALSE, sizeof(WhoPost));
  who->facts = g_array_new(FALSE, FALSE, sizeof(WhoFact));
  who->orders = g_array_new(FALSE, FALSE, sizeof(WhoOrder));
  who->targets = g_array_new(FALSE, FALSE, sizeof(WhoTarget));
  who->bars = g_array_new(FALSE, FALSE, sizeof(WhoBar));
  who->changes = g_array_new(FALSE, FALSE, sizeof(WhoChange));
  who->holds = g_array_new(FALSE, FALSE, sizeof(WhoHold));
  who->restrictions = g_array_new(FALSE, FALSE, sizeof(RestrictionRow));
  who->ops = g_array_new(FALSE, FALSE, sizeof(WhoOp));
  return who;
}

static bool fill(Page *page, GError **error)
{
  if (!who_person(page, error) || !who_looks(page, error) || !who_orders(page, error) ||
      !who_outlook(page, error) || !store_check(page->setup->store, error))
    return false;
  who_bars(page);
  return true;
}

Who *who_collect(const WhoSetup *setup, uint32_t person, GError **error)
{
  g_autoptr(Who) who = new_page(setup, person);
  Page page = {
      .setup = setup, .who = who, .at = moment_of(setup), .roster = open_roster(setup, error)};
  if (!page.roster)
    return NULL;
  page.rosters = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)roster_free);
  bool fine = fill(&page, error);
  g_hash_table_destroy(page.rosters);
  roster_free(page.roster);
  return fine ? g_steal_pointer(&who) : NULL;
}

void who_free(Who *who)
{
  if (!who)
    return;
  GArray *arrays[] = {who->numbers, who->names,  who->states, who->posts,
                      who->facts,   who->orders, who->bars,   who->targets,
                      who->changes, who->holds,  who->ops,    who->restrictions};
  for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
    g_array_unref(arrays[i]);
  g_ptr_array_unref(who->looks);
  findings_free(who->findings);
  g_string_chunk_free(who->strings);
  g_free(who);
}
