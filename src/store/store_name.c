// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names given once. The row of a name that somebody bears or bore is never deleted nor given to another.
#include "store_p.h"

static char *key_of(const char *name)
{
  GString *key = g_string_new(NULL);
  text_key(name, key);
  return g_string_free(key, FALSE);
}

static NameRow read_row(const Query *query, const char *(*text)(const Query *, int))
{
  return (NameRow){.kind = text(query, 0),
                   .name = text(query, 1),
                   .subject = (uint32_t)query_int(query, 2),
                   .state = (NameState)query_int(query, 3),
                   .since = query_int(query, 4),
                   .basis = text(query, 5),
                   .note = text(query, 6)};
}

bool store_name_find(Store *store, const char *kind, const char *name, NameRow *out)
{
  g_autofree char *key = key_of(name);
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_NAME_FIND, ARGS(TEXT(kind), TEXT(key)), &query))
    return false;
  store_forget(store);
  *out = read_row(&query, query_keep);
  return true;
}

uint32_t store_name_owner(Store *store, const char *kind, const char *name)
{
  g_autofree char *key = key_of(name);
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_NAME_FIND, ARGS(TEXT(kind), TEXT(key)), &query))
    return 0;
  uint32_t subject = (uint32_t)query_int(&query, 2);
  return subject ? subject : STORE_NAME_NOBODY;
}

const char *store_name_of(Store *store, const char *kind, uint32_t subject)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_NAME_OF, ARGS(TEXT(kind), INT(subject), INT(NAME_CURRENT)), &query))
    return NULL;
  store_forget(store);
  return query_keep(&query, 0);
}

// Whether the name's row, if it has one, may become the subject's.
static bool may_have(const NameGift *gift, const NameRow *row, GError **error)
{
  if (row->subject == gift->subject || (!row->subject && row->state == NAME_SEEN && gift->seen))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED,
              row->subject ? _("the %s “%s” was given to somebody else. Make a new plan")
                           : _("the %s “%s” is not to be given to anybody. Make a new plan"),
              gift->kind, gift->name);
  return false;
}

// The name in use steps back, but only for one that was proposed to take its place.
static bool retire_current(Store *store, const NameGift *gift, GError **error)
{
  g_autofree char *current = g_strdup(store_name_of(store, gift->kind, gift->subject));
  if (!current)
    return true;
  if (g_strcmp0(current, gift->former) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the %s “%s” cannot be given: its person has “%s” already and keeps it"),
                gift->kind, gift->name, current);
    return false;
  }
  g_autofree char *key = key_of(current);
  return store_run(store, SQL_NAME_RETIRE, ARGS(TEXT(gift->kind), TEXT(key), INT(NAME_FORMER)),
                   error);
}

bool store_name_allocate(Store *store, const NameGift *gift, GError **error)
{
  NameRow row = {0};
  bool known = store_name_find(store, gift->kind, gift->name, &row);
  if (known && !may_have(gift, &row, error))
    return false;
  bool in_use = known && row.subject == gift->subject && row.state == NAME_CURRENT;
  if (!in_use && !retire_current(store, gift, error))
    return false;
  g_autofree char *key = key_of(gift->name);
  return store_run(store, SQL_NAME_GIVE,
                   ARGS(TEXT(gift->kind), TEXT(key), TEXT(gift->name), INT(gift->subject),
                        INT(NAME_CURRENT), INT(instant_now()),
                        TEXT(gift->basis ? gift->basis : "")),
                   error);
}

bool store_name_keep(Store *store, const NameRow *row, GError **error)
{
  g_autofree char *key = key_of(row->name);
  return store_run(store, SQL_NAME_KEEP,
                   ARGS(TEXT(row->kind), TEXT(key), TEXT(row->name), INT(row->state),
                        INT(instant_now()), TEXT(row->note ? row->note : "")),
                   error);
}

bool store_name_free(Store *store, const char *kind, const char *name, GError **error)
{
  g_autofree char *key = key_of(name);
  return store_run(store, SQL_NAME_FREE, ARGS(TEXT(kind), TEXT(key)), error);
}

static bool each_row(Store *store, StoreSql id, Args args, StoreNameFunc func, void *data,
                     GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, id, args, error))
    return false;
  while (query_next(&query, error)) {
    NameRow row = read_row(&query, query_text);
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}

bool store_names_each(Store *store, const char *kind, StoreNameFunc func, void *data,
                      GError **error)
{
  return each_row(store, SQL_NAMES_EACH, ARGS(TEXT(kind)), func, data, error);
}

bool store_names_of(Store *store, uint32_t subject, StoreNameFunc func, void *data, GError **error)
{
  return each_row(store, SQL_NAMES_OF, ARGS(INT(subject)), func, data, error);
}

bool store_names_like(Store *store, const char *name, StoreNameFunc func, void *data,
                      GError **error)
{
  g_autofree char *key = key_of(name);
  return each_row(store, SQL_NAMES_LIKE, ARGS(TEXT(key)), func, data, error);
}

bool store_names_has(Store *store, uint32_t subject)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_NAMES_HAS, ARGS(INT(subject)), &query);
}
