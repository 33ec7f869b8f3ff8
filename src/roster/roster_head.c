// SPDX-License-Identifier: GPL-3.0-or-later
//
// Titles, and who heads a unit.
#include "roster_p.h"

typedef struct Head {
  uint32_t person;
  int rank;
  bool main;
  int64_t rows[2];
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
    bool in_force = post_in_force(post, roster->when.at);
    const Title *title = in_force ? roster_title(roster, post->title) : NULL;
    if (title && title->head)
      propose(roster, post->unit,
              &(Head){person->id, title->rank, post->main, {post->row, post->rows[FIELD_TITLE]}});
  }
}

// Whoever ever had a title that heads a unit. They are few: reading them one by one is faster than
// putting everybody together.
static bool find_candidates(Roster *roster, GArray *people, GError **error)
{
  GError *fault = NULL;
  Fact fact;
  g_autoptr(FactScan) scan = store_facts_scan_field(roster->store, SUBJECT_PERSON, FIELD_TITLE,
                                                    roster->when.known_at, error);
  if (!scan)
    return false;
  while (fact_scan_next(scan, &fact, &fault)) {
    const Title *title = roster_title(roster, fact.value);
    bool is_new =
        people->len == 0 || g_array_index(people, uint32_t, people->len - 1) != fact.subject;
    if (title && title->head && is_new)
      g_array_append_val(people, fact.subject);
  }
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static bool propose_one(Roster *roster, Desk *desk, uint32_t id, GError **error)
{
  if (!roster_desk_person(roster, desk, id, error))
    return false;
  propose_person(roster, &desk->person);
  return true;
}

static bool find_heads(Roster *roster, GError **error)
{
  g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  Desk desk;
  roster_desk_init(&desk);
  roster->heads = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  bool fine = find_candidates(roster, people, error);
  for (guint i = 0; i < people->len && fine; i++)
    fine = propose_one(roster, &desk, g_array_index(people, uint32_t, i), error);
  roster_desk_clear(&desk);
  if (!fine)
    g_clear_pointer(&roster->heads, g_hash_table_destroy);
  return fine;
}

static bool find_head(Roster *roster, const char *unit, const Head **out, GError **error)
{
  *out = NULL;
  if (!roster->heads && !find_heads(roster, error))
    return false;
  *out = g_hash_table_lookup(roster->heads, unit);
  for (const Unit *at = g_hash_table_lookup(roster->any_by_code, unit); at && !*out;
       at = at->parent)
    *out = g_hash_table_lookup(roster->heads, at->code);
  return true;
}

bool roster_head(Roster *roster, const char *unit, uint32_t *person, GError **error)
{
  const Head *head;
  *person = 0;
  if (!find_head(roster, unit, &head, error))
    return false;
  *person = head ? head->person : 0;
  return true;
}

bool roster_head_rows(Roster *roster, const char *unit, int64_t rows[2], GError **error)
{
  const Head *head;
  if (!find_head(roster, unit, &head, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(head->rows); i++)
    rows[i] = head ? head->rows[i] : 0;
  return true;
}
