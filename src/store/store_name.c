// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names given once. A row is never changed or deleted.
#include "store_p.h"

uint32_t store_name_owner(Store *store, const char *kind, const char *name)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  g_auto(Query) query = {0};
  Args args = ARGS(TEXT(kind), TEXT(key->str));
  return store_get(store, SQL_NAME_OWNER, args, &query) ? (uint32_t)query_int(&query, 0) : 0;
}

const char *store_name_of(Store *store, const char *kind, uint32_t subject)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_NAME_OF, ARGS(TEXT(kind), INT(subject)), &query))
    return NULL;
  store_forget(store);
  return query_keep(&query, 0);
}

bool store_name_allocate(Store *store, const char *kind, const char *name, uint32_t subject,
                         GError **error)
{
  uint32_t owner = store_name_owner(store, kind, name);
  if (owner == subject)
    return true;
  if (owner) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the %s “%s” was given to somebody else. Make a new plan"), kind, name);
    return false;
  }
  const char *other = store_name_of(store, kind, subject);
  if (other) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the %s “%s” cannot be given: its person has “%s” already and keeps it"), kind,
                name, other);
    return false;
  }
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  return store_run(store, SQL_NAME_ADD,
                   ARGS(TEXT(kind), TEXT(key->str), TEXT(name), INT(subject), INT(instant_now())),
                   error);
}

bool store_names_each(Store *store, const char *kind, StoreNameFunc func, void *data,
                      GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_NAMES_EACH, ARGS(TEXT(kind)), error))
    return false;
  while (query_next(&query, error))
    if (!func((uint32_t)query_int(&query, 0), query_text(&query, 1), data))
      break;
  return !query.failed;
}

bool store_names_has(Store *store, uint32_t subject)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_NAMES_HAS, ARGS(INT(subject)), &query);
}
