// SPDX-License-Identifier: GPL-3.0-or-later
#include "roster_p.h"

#include <string.h>

static const char *const states[] = {
    [STATE_NONE] = "none",           [STATE_ACTIVE] = "active",     [STATE_LEAVE] = "leave",
    [STATE_SUSPENDED] = "suspended", [STATE_SECONDED] = "seconded", [STATE_LEFT] = "left",
    [STATE_FUTURE] = "future",
};

const char *state_name(State state)
{
  return states[state];
}

State state_of(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
    if (g_strcmp0(name, states[i]) == 0)
      return (State)i;
  return STATE_NONE;
}

bool state_in_service(State state)
{
  return state >= STATE_ACTIVE && state <= STATE_SECONDED;
}

static void free_unit(void *data)
{
  Unit *unit = data;
  g_free((void *)unit->fields);
  g_free((void *)unit->former);
  g_free((void *)unit->heirs);
  g_free(unit);
}

Roster *roster_open(Store *store, const RosterWhen *when, GError **error)
{
  g_autoptr(Roster) roster = g_new0(Roster, 1);
  roster->store = store;
  roster->when = *when;
  if (roster->when.at == 0)
    roster->when.at = date_start(when->as_of);
  roster->texts = g_string_chunk_new(4096);
  roster->mains = g_array_new(false, true, sizeof(uint32_t));
  roster_desk_init(&roster->walk);
  roster_desk_init(&roster->one);
  roster_desk_init(&roster->past);
  roster->spans = g_array_new(false, false, sizeof(PostSpan));
  roster->units = g_ptr_array_new_with_free_func(free_unit);
  roster->ended = g_ptr_array_new_with_free_func(free_unit);
  roster->records = g_ptr_array_new_with_free_func(roster_record_free);
  roster->records_by_code =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  roster->record_by_id = g_hash_table_new(NULL, NULL);
  roster->unit_by_code = g_hash_table_new(g_str_hash, g_str_equal);
  roster->any_by_code = g_hash_table_new(g_str_hash, g_str_equal);
  roster->unit_by_id = g_hash_table_new(NULL, NULL);
  roster->titles = g_array_new(false, false, sizeof(Title));
  roster->title_by_code = g_hash_table_new(g_str_hash, g_str_equal);
  return roster_load_units(roster, error) ? g_steal_pointer(&roster) : NULL;
}

void roster_free(Roster *roster)
{
  if (!roster)
    return;
  roster_reader_close(&roster->reader);
  g_clear_pointer(&roster->heads, g_hash_table_destroy);
  g_hash_table_destroy(roster->title_by_code);
  g_array_unref(roster->titles);
  g_hash_table_destroy(roster->unit_by_code);
  g_hash_table_destroy(roster->any_by_code);
  g_hash_table_destroy(roster->unit_by_id);
  g_hash_table_destroy(roster->records_by_code);
  g_hash_table_destroy(roster->record_by_id);
  g_ptr_array_unref(roster->records);
  g_ptr_array_unref(roster->ended);
  g_ptr_array_unref(roster->units);
  roster_desk_clear(&roster->one);
  roster_desk_clear(&roster->past);
  g_array_unref(roster->spans);
  roster_desk_clear(&roster->walk);
  g_array_unref(roster->mains);
  g_string_chunk_free(roster->texts);
  g_free(roster);
}

const RosterWhen *roster_when(const Roster *roster)
{
  return &roster->when;
}

Store *roster_store(const Roster *roster)
{
  return roster->store;
}

// ---------------------------------------------------------------------------------------------

static bool note_main(uint32_t person, uint32_t post, void *data)
{
  GArray *mains = data;
  if (person >= mains->len)
    g_array_set_size(mains, person + 1);
  g_array_index(mains, uint32_t, person) = post;
  return true;
}

bool roster_load_mains(Roster *roster, GError **error)
{
  g_array_set_size(roster->mains, 0);
  return store_posts_each(roster->store, "main", note_main, roster->mains, error);
}

uint32_t roster_main_post(const Roster *roster, uint32_t person)
{
  return person < roster->mains->len ? g_array_index(roster->mains, uint32_t, person) : 0;
}

static bool is_far(const Person *person, const RosterWhen *when)
{
  return person->state == STATE_FUTURE &&
         (int64_t)person->state_since - when->as_of > when->early_days;
}

void roster_rewind(Roster *roster)
{
  roster_reader_close(&roster->reader);
  roster->started = false;
}

static bool start(Roster *roster, GError **error)
{
  roster->started = true;
  return roster_load_mains(roster, error) &&
         roster_reader_open(
             &roster->reader,
             store_facts_scan(roster->store, SUBJECT_PERSON, roster->when.known_at, error), error);
}

bool roster_next(Roster *roster, const Person **out, GError **error)
{
  GError *fault = NULL;
  uint32_t id;
  *out = NULL;
  if (!roster->started && !start(roster, error))
    return false;
  while (roster_reader_take(&roster->reader, &roster->walk, &id, &fault)) {
    roster_assemble(roster, &roster->walk, id, roster_main_post(roster, id));
    if (is_far(&roster->walk.person, &roster->when))
      continue;
    *out = &roster->walk.person;
    return true;
  }
  // The end, unless what links and posts said on the way was not the truth.
  if (fault)
    g_propagate_error(error, fault);
  else
    store_check(roster->store, error);
  return false;
}

bool roster_person(Roster *roster, uint32_t id, const Person **out, GError **error)
{
  *out = NULL;
  if (!roster_desk_person(roster, &roster->one, id, error))
    return false;
  *out = &roster->one.person;
  return true;
}

// On a desk of its own, so that the person handed out last stays as they are.
bool roster_desk_person(Roster *roster, Desk *desk, uint32_t id, GError **error)
{
  Reader reader = {0};
  FactScan *scan = store_facts_of(roster->store, SUBJECT_PERSON, id, roster->when.known_at, error);
  bool found =
      roster_reader_open(&reader, scan, error) && roster_reader_take(&reader, desk, &id, error);
  roster_reader_close(&reader);
  if (found)
    roster_assemble(roster, desk, id, store_post_find(roster->store, id, "main"));
  return found;
}

bool roster_states(Roster *roster, uint32_t id, GArray *out, GError **error)
{
  const Person *person;
  GError *fault = NULL;
  if (!roster_person(roster, id, &person, &fault)) {
    if (fault)
      g_propagate_error(error, fault);
    return !fault;
  }
  roster_states_of(roster, person, out);
  return true;
}

// ---------------------------------------------------------------------------------------------

void person_name_parts(const char *name, GString *family, GString *given)
{
  g_autoptr(GString) squeezed = g_string_new(NULL);
  text_squeeze(name, squeezed);
  const char *space = strchr(squeezed->str, ' ');
  g_string_append_len(family, squeezed->str, space ? space - squeezed->str : (gssize)squeezed->len);
  if (space)
    g_string_append(given, space + 1);
}
