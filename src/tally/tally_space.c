// SPDX-License-Identifier: GPL-3.0-or-later
//
// Numbers of people: 000310 of the city and 000310 of the hospital are two.
#include "tally_p.h"

typedef struct Search {
  const char *number;
  char *space;
} Search;

static bool take_link(const char *space, const char *number, Date from, Date to, void *data)
{
  Search *search = data;
  (void)from, (void)to;
  if (search->space && strcmp(number, search->number) != 0)
    return true;
  g_free(search->space);
  search->space = g_strdup(space);
  return true;
}

char *space_of(Store *store, const Person *person)
{
  Search search = {person->number ? person->number : "", NULL};
  store_links_of(store, SUBJECT_PERSON, person->id, take_link, &search, NULL);
  return search.space ? search.space : g_strdup("");
}

static bool take_holder(const char *space, uint32_t person, void *data)
{
  (void)space;
  return g_hash_table_add(data, GUINT_TO_POINTER(person)) || true;
}

char *number_told(Store *store, const Person *person)
{
  g_autoptr(GHashTable) holders = g_hash_table_new(NULL, NULL);
  const char *number = person->number ? person->number : "";
  store_links_numbered(store, SUBJECT_PERSON, number, take_holder, holders, NULL);
  if (g_hash_table_size(holders) < 2)
    return g_strdup(number);
  g_autofree char *space = space_of(store, person);
  return g_strjoin("/", space, number, NULL);
}
