// SPDX-License-Identifier: GPL-3.0-or-later
//
// Finding people by what somebody at a desk has: a number, a login, a name as they heard it.
#include "who_p.h"

#include <string.h>

typedef struct Hunt {
  const WhoSetup *setup;
  GHashTable *people;  // person -> itself
  const char *space;   // NULL = any
} Hunt;

static void add(Hunt *hunt, uint32_t person)
{
  g_hash_table_add(hunt->people, GUINT_TO_POINTER(person));
}

static bool take_holder(const char *space, uint32_t person, void *data)
{
  Hunt *hunt = data;
  if (!hunt->space || strcmp(hunt->space, space) == 0)
    add(hunt, person);
  return true;
}

static bool take_name(const NameRow *name, void *data)
{
  add(data, name->subject);
  return true;
}

static bool find_number(Hunt *hunt, const char *text, GError **error)
{
  g_autoptr(GString) number = g_string_new(NULL);
  text_nfkc(text, number);
  return store_links_numbered(hunt->setup->store, SUBJECT_PERSON, number->str, take_holder, hunt,
                              error);
}

// "hospital/000310". Of a number that passed on, whoever has it on the day.
static bool find_in_space(Hunt *hunt, const char *text, GError **error)
{
  const char *slash = strchr(text, '/');
  if (!slash)
    return true;
  g_autofree char *space = g_strndup(text, (size_t)(slash - text));
  uint32_t holder =
      store_link_find(hunt->setup->store, SUBJECT_PERSON, space, slash + 1, hunt->setup->as_of);
  if (holder) {
    add(hunt, holder);
    return true;
  }
  hunt->space = space;
  bool fine = find_number(hunt, slash + 1, error);
  hunt->space = NULL;
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Names.

// How well a name fits: the best fit wins over all others.
typedef enum Fit { FIT_NONE, FIT_HOLDS, FIT_BEGINS, FIT_SAME } Fit;

typedef struct NameHunt {
  Hunt *hunt;
  GString *key;
  Fit best;
} NameHunt;

// Whoever spells a name on the telephone writes either kana, and spaces anywhere.
static void loose_key(const char *text, GString *out)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(text, key);
  g_string_replace(key, " ", "", 0);
  g_string_truncate(out, 0);
  text_katakana(key->str, out);
}

static Fit fit(const char *key, const char *wanted)
{
  const char *at = strstr(key, wanted);
  return !at ? FIT_NONE : at > key ? FIT_HOLDS : key[strlen(wanted)] ? FIT_BEGINS : FIT_SAME;
}

static void weigh(NameHunt *names, uint32_t person, Fit found)
{
  if (found == FIT_NONE || found < names->best)
    return;
  if (found > names->best)
    g_hash_table_remove_all(names->hunt->people);
  names->best = found;
  add(names->hunt, person);
}

static bool scan_names(NameHunt *names, FieldId field, GError **error)
{
  const WhoSetup *setup = names->hunt->setup;
  g_autoptr(FactScan) scan =
      store_facts_scan_field(setup->store, SUBJECT_PERSON, field, setup->known_at, error);
  g_autoptr(GString) key = g_string_new(NULL);
  GError *fault = NULL;
  Fact fact;
  if (!scan)
    return false;
  while (fact_scan_next(scan, &fact, &fault)) {
    loose_key(fact.value, key);
    weigh(names, fact.subject, fit(key->str, names->key->str));
  }
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static bool find_name(Hunt *hunt, const char *text, GError **error)
{
  static const FieldId fields[] = {FIELD_NAME, FIELD_KANA, FIELD_FORMER_NAME};
  g_autoptr(GString) key = g_string_new(NULL);
  loose_key(text, key);
  NameHunt names = {hunt, key, FIT_NONE};
  for (size_t i = 0; i < G_N_ELEMENTS(fields) && key->len > 0; i++)
    if (!scan_names(&names, fields[i], error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// The list.

static bool take_last(const char *space, const char *number, Date from, Date to, void *data)
{
  void **wanted = data;
  WhoList *list = wanted[0];
  WhoMatch *match = wanted[1];
  (void)from;
  (void)to;
  match->space = g_string_chunk_insert_const(list->strings, space);
  match->number = g_string_chunk_insert_const(list->strings, number);
  return true;
}

static const char *main_unit(Roster *roster, const Person *person, WhoList *list)
{
  for (size_t i = 0; i < person->n_posts; i++) {
    const Unit *unit = person->posts[i].main ? roster_unit(roster, person->posts[i].unit) : NULL;
    if (unit)
      return g_string_chunk_insert_const(list->strings, unit->name ? unit->name : unit->code);
  }
  return "";
}

// A person of whom nothing is known yet, for an embargo, is not told of.
static bool describe(Roster *roster, uint32_t id, WhoList *list, GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  if (!roster_person(roster, id, &person, &fault)) {
    if (fault)
      g_propagate_error(error, fault);
    return !fault;
  }
  const char *name = person->fields[FIELD_NAME], *kana = person->fields[FIELD_KANA];
  WhoMatch match = {.person = id,
                    .space = "",
                    .number = "",
                    .name = g_string_chunk_insert_const(list->strings, name ? name : ""),
                    .kana = g_string_chunk_insert_const(list->strings, kana ? kana : ""),
                    .unit = main_unit(roster, person, list),
                    .state = state_name(person->state)};
  void *wanted[] = {list, &match};
  if (!store_links_of(roster_store(roster), SUBJECT_PERSON, id, take_last, wanted, error))
    return false;
  g_array_append_val(list->matches, match);
  return true;
}

static int by_number(const void *a, const void *b)
{
  const WhoMatch *x = a, *y = b;
  int order = strcmp(x->number, y->number);
  return order ? order : strcmp(x->space, y->space);
}

static bool describe_all(const Hunt *hunt, WhoList *list, GError **error)
{
  RosterWhen when = {.as_of = hunt->setup->as_of, .known_at = hunt->setup->known_at};
  g_autoptr(Roster) roster = roster_open(hunt->setup->store, &when, error);
  if (!roster)
    return false;
  GHashTableIter iter;
  gpointer person;
  g_hash_table_iter_init(&iter, hunt->people);
  while (g_hash_table_iter_next(&iter, &person, NULL))
    if (!describe(roster, GPOINTER_TO_UINT(person), list, error))
      return false;
  g_array_sort(list->matches, by_number);
  return true;
}

WhoList *who_find(const WhoSetup *setup, const char *text, GError **error)
{
  g_autoptr(WhoList) list = g_new0(WhoList, 1);
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  Hunt hunt = {setup, people, NULL};
  list->matches = g_array_new(FALSE, FALSE, sizeof(WhoMatch));
  list->strings = g_string_chunk_new(1024);
  if (!find_in_space(&hunt, text, error) || !find_number(&hunt, text, error) ||
      !store_names_like(setup->store, text, take_name, &hunt, error))
    return NULL;
  if (g_hash_table_size(people) == 0 && !find_name(&hunt, text, error))
    return NULL;
  if (!describe_all(&hunt, list, error) || !store_check(setup->store, error))
    return NULL;
  return g_steal_pointer(&list);
}

void who_list_free(WhoList *list)
{
  if (!list)
    return;
  g_array_unref(list->matches);
  g_string_chunk_free(list->strings);
  g_free(list);
}
