// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whose an account is that a product names by a word of its own: by login, employee number, or what the target's own
// accounts hold.
#include "evidence_p.h"

#include <string.h>

// Two accounts with one value: a row of it may be either's.
static void index_value(const AccountValue *value, void *data)
{
  GHashTable *objects = data;
  g_autoptr(GString) key = g_string_new(NULL);
  if (value->value == NULL)
    return;
  text_key(value->value, key);
  const char *other = g_hash_table_lookup(objects, key->str);
  bool twice = other != NULL && strcmp(other, value->object) != 0;
  g_hash_table_replace(objects, g_strdup(key->str), g_strdup(twice ? "" : value->object));
}

static const TargetConfig *target_of(const Gather *gather)
{
  return gather->source->accounts;
}

static bool open_attribute(Naming *naming, GError **error)
{
  const char *const attributes[] = {naming->gather->source->named_word, NULL};
  AccountReading reading = {
      .config = target_of(naming->gather), .attributes = attributes, .func = index_value};
  naming->objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  reading.data = naming->objects;
  return accounts_read(naming->gather, &reading, error);
}

static bool open_key(Naming *naming, GError **error)
{
  static const char *const none[] = {NULL};
  Gather *gather = naming->gather;
  naming->reader = accounts_reader(gather, target_of(gather), error);
  return naming->reader != NULL &&
         gather->setup->objects(gather->klass, naming->reader, none, &naming->found,
                                gather->setup->data, error);
}

static const char *find_person(Naming *naming, uint32_t person)
{
  if (person == 0 || person == STORE_NAME_NOBODY)
    return NULL;
  g_string_printf(naming->object, "%s/%u", naming->gather->klass->name, person);
  return naming->object->str;
}

static const char *find_login(Naming *naming, const char *account)
{
  const Gather *gather = naming->gather;
  return find_person(naming,
                     store_name_owner(gather->setup->store, gather->source->named_word, account));
}

static const char *find_number(Naming *naming, const char *account)
{
  const Gather *gather = naming->gather;
  return find_person(naming, store_link_find(gather->setup->store, SUBJECT_PERSON,
                                             gather->source->named_word, account,
                                             date_of_instant(gather->setup->now)));
}

static const char *find_key(Naming *naming, const char *account)
{
  uint32_t entry = table_find_key(naming->found.table, naming->found.klass, account);
  g_string_truncate(naming->object, 0);
  if (entry == ENTRY_NONE)
    return NULL;
  table_object(naming->found.table, entry, naming->object);
  return naming->object->str;
}

static const char *find_attribute(Naming *naming, const char *account)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(account, key);
  const char *object = g_hash_table_lookup(naming->objects, key->str);
  return object != NULL && *object != '\0' ? object : NULL;
}

static const struct {
  bool (*open)(Naming *naming, GError **error);
  const char *(*find)(Naming *naming, const char *account);
  bool persons;  // only of a class with one account a person
} ways[] = {
    [NAMED_LOGIN] = {NULL, find_login, true},
    [NAMED_NUMBER] = {NULL, find_number, true},
    [NAMED_KEY] = {open_key, find_key, false},
    [NAMED_ATTRIBUTE] = {open_attribute, find_attribute, false},
};

bool naming_open(Naming *naming, Gather *gather, GError **error)
{
  NamedBy by = gather->source->named;
  *naming = (Naming){.gather = gather, .object = g_string_new(NULL)};
  if (ways[by].persons && gather->klass->subject != FOR_PERSON)
    return gather_fail(gather, "failed", error,
                       _("class %s has an account for each post: match its accounts by key or "
                         "attribute"),
                       gather->klass->name);
  return ways[by].open == NULL || ways[by].open(naming, error);
}

void naming_close(Naming *naming)
{
  g_clear_pointer(&naming->objects, g_hash_table_unref);
  reader_close(naming->reader);
  if (naming->object != NULL)
    g_string_free(naming->object, TRUE);
}

const char *naming_find(Naming *naming, const char *account)
{
  return ways[naming->gather->source->named].find(naming, account);
}
