// SPDX-License-Identifier: GPL-3.0-or-later
//
// Everybody HR ever knew, by what an entry may turn out to be theirs. Nothing here decides: a person does, who is
// told by what.
#include "orphan_p.h"

#include <string.h>

struct People {
  Store *store;
  GArray *faces;          // Face
  GHashTable *by_id;      // id -> index + 1
  GHashTable *by_number;  // without leading zeros -> id; 0 = several
  GHashTable *by_login;   // key -> id
  GHashTable *by_name;    // "NAME\nUNIT" keys -> id; 0 = several
  GStringChunk *strings;
};

// Names are written with a space, with a wide one, or with none.
static char *name_key(const char *text)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(text, key);
  GString *out = g_string_sized_new(key->len);
  for (const char *at = key->str; *at != '\0'; at++)
    if (*at != ' ')
      g_string_append_c(out, *at);
  return g_string_free(out, FALSE);
}

static char *login_key(const char *text)
{
  GString *key = g_string_new(NULL);
  text_key(text, key);
  return g_string_free(key, FALSE);
}

// The same key of two people names neither.
static void put(GHashTable *table, char *key, uint32_t person)
{
  gpointer known = NULL;
  bool there = g_hash_table_lookup_extended(table, key, NULL, &known);
  bool other = there && GPOINTER_TO_UINT(known) != person;
  g_hash_table_insert(table, key, GUINT_TO_POINTER(other ? 0 : person));
}

static void put_name(People *people, const char *name, const char *unit, uint32_t person)
{
  if (name == NULL || *name == '\0' || unit == NULL || *unit == '\0')
    return;
  g_autofree char *one = name_key(name), *two = name_key(unit);
  put(people->by_name, g_strdup_printf("%s\n%s", one, two), person);
}

static const char *keep(People *people, const char *text)
{
  return g_string_chunk_insert_const(people->strings, text == NULL ? "" : text);
}

static const char *without_zeros(const char *number)
{
  while (*number == '0' && number[1] != '\0')
    number++;
  return number;
}

static void add_person(People *people, const Roster *roster, const Person *person)
{
  const Post *main = person->n_posts > 0 ? &person->posts[0] : NULL;
  const Unit *unit = main != NULL ? roster_unit(roster, main->unit) : NULL;
  Face face = {.id = person->id,
               .number = keep(people, person->number),
               .name = keep(people, person->fields[FIELD_NAME]),
               .unit = keep(people, main != NULL ? main->unit : NULL),
               .unit_name = keep(people, unit != NULL ? unit->name : NULL),
               .state = person->state,
               .since = person->state_since};
  g_array_append_val(people->faces, face);
  g_hash_table_insert(people->by_id, GUINT_TO_POINTER(person->id),
                      GUINT_TO_POINTER(people->faces->len));
  if (*face.number != '\0')
    put(people->by_number, g_strdup(without_zeros(face.number)), person->id);
  const char *const names[] = {face.name, person->fields[FIELD_FORMER_NAME]};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    put_name(people, names[i], face.unit, person->id);
    put_name(people, names[i], face.unit_name, person->id);
  }
}

static bool take_login(const NameRow *row, void *data)
{
  People *people = data;
  if (row->subject != 0 && row->subject != STORE_NAME_NOBODY)
    put(people->by_login, login_key(row->name), row->subject);
  return true;
}

static bool fill(People *people, Date day, Instant now, GError **error)
{
  RosterWhen when = {.as_of = day, .known_at = store_known_by(people->store, now)};
  g_autoptr(Roster) roster = roster_open(people->store, &when, error);
  const Person *person = NULL;
  GError *fault = NULL;
  if (roster == NULL)
    return false;
  while (roster_next(roster, &person, &fault))
    add_person(people, roster, person);
  if (fault != NULL) {
    g_propagate_error(error, fault);
    return false;
  }
  return store_names_each(people->store, NULL, take_login, people, error);
}

People *people_new(Store *store, Date day, Instant now, GError **error)
{
  g_autoptr(People) people = g_new0(People, 1);
  people->store = store;
  people->faces = g_array_new(FALSE, FALSE, sizeof(Face));
  people->by_id = g_hash_table_new(NULL, NULL);
  people->by_number = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  people->by_login = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  people->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  people->strings = g_string_chunk_new(64 * 1024);
  return fill(people, day, now, error) ? g_steal_pointer(&people) : NULL;
}

void people_free(People *people)
{
  if (people == NULL)
    return;
  g_array_unref(people->faces);
  g_hash_table_unref(people->by_id);
  g_hash_table_unref(people->by_number);
  g_hash_table_unref(people->by_login);
  g_hash_table_unref(people->by_name);
  g_string_chunk_free(people->strings);
  g_free(people);
}

// ---------------------------------------------------------------------------------------------

const Face *people_face(const People *people, uint32_t person)
{
  guint at = GPOINTER_TO_UINT(g_hash_table_lookup(people->by_id, GUINT_TO_POINTER(person)));
  return at == 0 ? NULL : &g_array_index(people->faces, Face, at - 1);
}

static bool take_bearer(uint32_t subject, void *data)
{
  uint32_t *person = data;
  *person = *person == 0 || *person == subject ? subject : STORE_NAME_NOBODY;
  return true;
}

static uint32_t lookup(GHashTable *table, const char *key)
{
  return GPOINTER_TO_UINT(g_hash_table_lookup(table, key));
}

uint32_t people_by_number(const People *people, const char *number, bool *padded)
{
  uint32_t person = 0;
  *padded = false;
  // What they bore once is theirs for ever.
  if (!store_link_bearers(people->store, SUBJECT_PERSON, number, take_bearer, &person, NULL))
    return 0;
  if (person != 0)
    return person == STORE_NAME_NOBODY ? 0 : person;
  *padded = true;
  return lookup(people->by_number, without_zeros(number));
}

uint32_t people_by_login(const People *people, const char *login, bool *pattern)
{
  g_autofree char *key = login_key(login);
  *pattern = false;
  uint32_t person = lookup(people->by_login, key);
  if (person != 0)
    return person;
  size_t n = strlen(key);
  while (n > 0 && g_ascii_isdigit(key[n - 1]))
    n--;
  if (key[n] == '\0' || n == 0)
    return 0;
  while (n > 1 && strchr("-._", key[n - 1]) != NULL)
    n--;
  key[n] = '\0';
  *pattern = true;
  return lookup(people->by_login, key);
}

uint32_t people_by_name(const People *people, const char *name, const char *unit)
{
  g_autofree char *one = name_key(name), *two = name_key(unit);
  g_autofree char *key = g_strdup_printf("%s\n%s", one, two);
  return lookup(people->by_name, key);
}

// Names of ASCII letters may be anything: a description, a login, a spelling of the same.
bool people_other_name(const Face *face, const char *text)
{
  if (*face->name == '\0' || g_str_is_ascii(text))
    return false;
  g_autofree char *own = name_key(face->name), *there = name_key(text);
  return strstr(there, own) == NULL;
}

void people_label(const Face *face, GString *out)
{
  g_string_append_printf(out, "%s%s%s", face->number, *face->name != '\0' ? " " : "", face->name);
}
