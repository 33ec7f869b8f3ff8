// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is remembered of a target: bindings, ownership, cursors.
#include "store_p.h"

static bool is_bound_elsewhere(Store *store, const char *target, const char *object,
                               const char *stable_id)
{
  g_auto(Query) query = {0};
  return store_get(store, SQL_BINDING_OBJECT, ARGS(TEXT(target), TEXT(stable_id)), &query) &&
         g_strcmp0(query_text(&query, 0), object) != 0;
}

bool store_binding_set(Store *store, const char *target, const char *object, const char *stable_id,
                       GError **error)
{
  if (is_bound_elsewhere(store, target, object, stable_id)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("%s: the entry %s of target %s is bound to another object already"), object,
                stable_id, target);
    return false;
  }
  return store_run(store, SQL_BINDING_SET, ARGS(TEXT(target), TEXT(object), TEXT(stable_id)),
                   error);
}

bool store_binding_drop(Store *store, const char *target, const char *object, GError **error)
{
  return store_run(store, SQL_BINDING_DROP, ARGS(TEXT(target), TEXT(object)), error);
}

// The one text of the one row, or NULL.
static const char *get_text(Store *store, StoreSql id, Args args)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return NULL;
  store_forget(store);
  return query_keep(&query, 0);
}

const char *store_binding_of(Store *store, const char *target, const char *object)
{
  return get_text(store, SQL_BINDING_OF, ARGS(TEXT(target), TEXT(object)));
}

const char *store_binding_object(Store *store, const char *target, const char *stable_id)
{
  return get_text(store, SQL_BINDING_OBJECT, ARGS(TEXT(target), TEXT(stable_id)));
}

// Rows of two texts.
typedef bool (*PairFunc)(const char *first, const char *second, void *data);

static bool each_pair(Query *query, PairFunc func, void *data, GError **error)
{
  while (query_next(query, error))
    if (!func(query_text(query, 0), query_text(query, 1), data))
      break;
  return !query->failed;
}

bool store_binding_has(Store *store, uint32_t subject)
{
  g_autofree char *like = g_strdup_printf("%%/%" G_GUINT32_FORMAT, subject);
  g_auto(Query) query = {0};
  return store_get(store, SQL_BINDING_HAS, ARGS(TEXT(like)), &query);
}

bool store_bindings_each(Store *store, const char *target, StoreBindingFunc func, void *data,
                         GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_BINDINGS_EACH, ARGS(TEXT(target)), error) &&
         each_pair(&query, func, data, error);
}

// ---------------------------------------------------------------------------------------------

bool store_ownership_set(Store *store, const char *target, const char *klass, const char *attribute,
                         bool owned, GError **error)
{
  return store_run(store, owned ? SQL_OWNERSHIP_ADD : SQL_OWNERSHIP_DROP,
                   ARGS(TEXT(target), TEXT(klass), TEXT(attribute)), error);
}

bool store_ownership_each(Store *store, const char *target, StoreOwnershipFunc func, void *data,
                          GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_OWNERSHIP_EACH, ARGS(TEXT(target)), error) &&
         each_pair(&query, func, data, error);
}

bool store_cursor_set(Store *store, const char *scope, const char *name, const char *value,
                      GError **error)
{
  if (!value)
    return store_run(store, SQL_CURSOR_DROP, ARGS(TEXT(scope), TEXT(name)), error);
  return store_run(store, SQL_CURSOR_SET, ARGS(TEXT(scope), TEXT(name), TEXT(value)), error);
}

const char *store_cursor_get(Store *store, const char *scope, const char *name)
{
  return get_text(store, SQL_CURSOR_GET, ARGS(TEXT(scope), TEXT(name)));
}
