// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whose orders are: employee numbers to people. A hire names somebody new, or links another number to
// somebody known; every other order is for whoever bears the number.
#include "orders_p.h"

#include <string.h>

uint32_t identity_of_number(Store *store, const char *space, const char *number, Date on)
{
  uint32_t person = store_link_find(store, SUBJECT_PERSON, space, number, on);
  // Late orders speak of days before we knew the person.
  return person ? person : store_link_find(store, SUBJECT_PERSON, space, number, DATE_OPEN - 1);
}

static const char *text_of(const json_t *said, WordId word)
{
  const char *value = json_string_value(json_object_get(said, word_traits[word].name));
  return value ? value : "";
}

static Date first_day(const OrderRow *order)
{
  return order->last_day ? order->date + 1 : order->date;
}

// Long before anybody was hired: an old number is linked from then on.
static Date long_ago(void)
{
  return date_of(1900, 1, 1);
}

static bool refuse(OrderRow *order, const char *state, const char *reason)
{
  order->state = state;
  order->reason = reason;
  return true;
}

// ---------------------------------------------------------------------------------------------
// The same person under another number, whom nobody has told us of.

typedef struct Likeness {
  Store *store;
  const char *kana, *birth;
  uint32_t person;
} Likeness;

static bool same_key(const char *a, const char *b)
{
  g_autoptr(GString) left = g_string_new(NULL), right = g_string_new(NULL);
  text_key(a, left);
  text_key(b, right);
  return left->len > 0 && g_string_equal(left, right);
}

static bool compare_likeness(uint32_t person, void *data)
{
  Likeness *like = data;
  Fact fact, key = {.kind = SUBJECT_PERSON, .subject = person, .field = FIELD_KANA};
  if (store_fact_on(like->store, &key, DATE_OPEN - 1, INSTANT_OPEN, &fact) &&
      same_key(fact.value, like->kana))
    like->person = person;
  return like->person == 0;
}

bool identity_like(Store *store, const char *kana, const char *birth, uint32_t *person,
                   GError **error)
{
  Likeness like = {store, kana, birth, 0};
  *person = 0;
  if (!*kana || !*birth)
    return true;
  if (!store_persons_born(store, birth, compare_likeness, &like, error))
    return false;
  *person = like.person;
  return true;
}

// ---------------------------------------------------------------------------------------------
// One person with two numbers that we took for two people.

// A person of whom nothing has been made yet may still become another.
static bool is_fresh(Store *store, uint32_t person)
{
  return !store_names_has(store, person) && !store_binding_has(store, person);
}

static bool pass_fact(Store *store, const Fact *fact, uint32_t to, Instant now, GError **error)
{
  Fact copy = *fact;
  copy.subject = to;
  copy.known_from = now;
  if (fact->post) {
    g_autofree char *key = g_strdup(store_post_key(store, fact->post));
    copy.post = store_post(store, to, key ? key : "main", error);
    if (!copy.post)
      return false;
  }
  return store_fact_end(store, fact, now, error) && store_fact_add(store, &copy, error);
}

bool identity_merge(Store *store, uint32_t from, uint32_t to, Instant now, GError **error)
{
  g_autoptr(Known) known = known_load(store, SUBJECT_PERSON, from, INSTANT_OPEN, error);
  if (!known || !store_links_pass_on(store, from, to, error) ||
      !store_orders_pass_on(store, from, to, error))
    return false;
  for (guint i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    // What orders say is computed anew.
    bool done = fact->from_order ? store_fact_end(store, fact, now, error)
                                 : pass_fact(store, fact, to, now, error);
    if (!done)
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Numbers.

typedef struct Found {
  GArray *rows;  // int64_t
} Found;

static bool note_row(const OrderRow *order, void *data)
{
  g_array_append_val(((Found *)data)->rows, order->row);
  return true;
}

bool identity_found(Store *store, const char *space, const char *number, uint32_t person,
                    GHashTable *people, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));
  Found found = {rows};
  if (!store_orders_waiting(store, space, number, note_row, &found, error))
    return false;
  for (guint i = 0; i < rows->len; i++)
    if (!store_order_set_person(store, g_array_index(rows, int64_t, i), person, error))
      return false;
  if (rows->len > 0)
    g_hash_table_add(people, GUINT_TO_POINTER(person));
  return true;
}

typedef struct Search {
  Store *store;
  Instant now;
  GHashTable *people;  // ids of those to be replayed
} Search;

static bool link_number(const Search *search, const char *space, const char *number, Date from,
                        uint32_t person, GError **error)
{
  Store *store = search->store;
  if (identity_of_number(store, space, number, from) == person)
    return store_link_add(store, SUBJECT_PERSON, space, number, person, from, error);
  return store_link_add(store, SUBJECT_PERSON, space, number, person, from, error) &&
         identity_found(store, space, number, person, search->people, error);
}

static bool link_both(const Search *search, OrderRow *order, const char *old_space, uint32_t person,
                      GError **error)
{
  order->person = person;
  if (!link_number(search, order->space, order->person_number, first_day(order), person, error))
    return false;
  return !*order->old_number ||
         identity_of_number(search->store, old_space, order->old_number, order->date) == person ||
         link_number(search, old_space, order->old_number, long_ago(), person, error);
}

// The number is somebody's already, and the old one somebody else's.
static bool join_two(const Search *search, OrderRow *order, uint32_t by_number, uint32_t by_old,
                     GError **error)
{
  if (!is_fresh(search->store, by_number))
    return refuse(order, "waits", "two-people");
  if (!identity_merge(search->store, by_number, by_old, search->now, error))
    return false;
  g_hash_table_remove(search->people, GUINT_TO_POINTER(by_number));
  order->person = by_old;
  return true;
}

static bool brings_in(const OrderRow *order)
{
  Act act = act_find(order->kind);
  return act == ACT_HIRE || act == ACT_TAKE_OVER;
}

static bool find_hired(const Search *search, OrderRow *order, GError **error)
{
  Store *store = search->store;
  json_t *said = json_loads(order->said, 0, NULL);
  g_autofree char *old_space = g_strdup(text_of(said, WORD_OLD_SPACE));
  const char *space = *old_space ? old_space : order->space;
  uint32_t by_number = identity_of_number(store, order->space, order->person_number, order->date);
  uint32_t by_old =
      *order->old_number ? identity_of_number(store, space, order->old_number, order->date) : 0;
  uint32_t like = 0;
  bool fine = true;
  if (!brings_in(order) && !by_number && !by_old) {
    json_decref(said);
    return refuse(order, "waits", "person-unknown");
  }
  if (!by_number && !by_old && !*order->old_number)
    fine = identity_like(store, text_of(said, WORD_KANA), text_of(said, WORD_BIRTH), &like, error);
  json_decref(said);
  if (!fine)
    return false;
  if (like)
    return refuse(order, "waits", "maybe-same");
  if (by_number && by_old && by_number != by_old)
    return join_two(search, order, by_number, by_old, error);
  uint32_t person = by_number ? by_number
                    : by_old  ? by_old
                              : store_subject_add(store, SUBJECT_PERSON, error);
  return person && link_both(search, order, space, person, error);
}

bool identity_find(Store *store, Instant now, OrderRow *order, GHashTable *people, GError **error)
{
  Search search = {store, now, people};
  if (brings_in(order) || *order->old_number) {
    if (!find_hired(&search, order, error))
      return false;
  } else {
    order->person = identity_of_number(store, order->space, order->person_number, order->date);
    if (!order->person)
      refuse(order, "waits", "person-unknown");
  }
  if (order->person)
    g_hash_table_add(people, GUINT_TO_POINTER(order->person));
  return true;
}
