// SPDX-License-Identifier: GPL-3.0-or-later
//
// Titles, and who heads a unit.
#include "roster_p.h"

typedef struct Head {
  uint32_t person;
  int rank;
  bool main;
} Head;

void roster_set_titles(Roster *roster, const Title *titles, size_t n)
{
  g_clear_pointer(&roster->heads, g_hash_table_destroy);
  g_hash_table_remove_all(roster->title_by_code);
  g_array_set_size(roster->titles, 0);
  for (size_t i = 0; i < n; i++) {
    Title copy = titles[i];
    copy.code = g_string_chunk_insert_const(roster->texts, copy.code);
    copy.name = g_string_chunk_insert_const(roster->texts, copy.name ? copy.name : "");
    g_array_append_val(roster->titles, copy);
  }
  for (size_t i = 0; i < n; i++) {
    Title *title = &g_array_index(roster->titles, Title, i);
    g_hash_table_insert(roster->title_by_code, (char *)title->code, title);
  }
}

const Title *roster_title(const Roster *roster, const char *code)
{
  return g_hash_table_lookup(roster->title_by_code, code);
}

// People come by ascending id, so an equal one who comes later does not replace the first.
static bool is_above(const Head *head, const Head *other)
{
  if (head->rank != other->rank)
    return head->rank < other->rank;
  return head->main && !other->main;
}

static void propose(Roster *roster, const char *unit, const Head *head)
{
  Head *best = g_hash_table_lookup(roster->heads, unit);
  if (!best)
    g_hash_table_insert(roster->heads, g_string_chunk_insert_const(roster->texts, unit),
                        g_memdup2(head, sizeof *head));
  else if (is_above(head, best))
    *best = *head;
}

static void propose_person(Roster *roster, const Person *person)
{
  for (size_t i = 0; i < person->n_posts && person->state == STATE_ACTIVE; i++) {
    const Post *post = &person->posts[i];
    bool in_force = post->begin <= roster->when.as_of && roster->when.as_of < post->end;
    const Title *title = in_force ? roster_title(roster, post->title) : NULL;
    if (title && title->head)
      propose(roster, post->unit, &(Head){person->id, title->rank, post->main});
  }
}

// On a desk of its own, so that the person handed out last stays as they are.
static bool find_heads(Roster *roster, GError **error)
{
  GError *fault = NULL;
  Reader reader = {0};
  Desk desk;
  uint32_t id;
  FactScan *scan = NULL;
  roster_desk_init(&desk);
  roster->heads = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  if (roster_load_mains(roster, &fault))
    scan = store_facts_scan(roster->store, SUBJECT_PERSON, roster->when.known_at, &fault);
  bool open = scan && roster_reader_open(&reader, scan, &fault);
  while (open && roster_reader_take(&reader, &desk, &id, &fault)) {
    roster_assemble(roster, &desk, id, roster_main_post(roster, id));
    propose_person(roster, &desk.person);
  }
  roster_reader_close(&reader);
  roster_desk_clear(&desk);
  if (!fault)
    return true;
  g_clear_pointer(&roster->heads, g_hash_table_destroy);
  g_propagate_error(error, fault);
  return false;
}

bool roster_head(Roster *roster, const char *unit, uint32_t *person, GError **error)
{
  *person = 0;
  if (!roster->heads && !find_heads(roster, error))
    return false;
  const Head *head = g_hash_table_lookup(roster->heads, unit);
  for (const Unit *at = roster_unit(roster, unit); at && !head; at = at->parent)
    head = g_hash_table_lookup(roster->heads, at->code);
  *person = head ? head->person : 0;
  return true;
}
