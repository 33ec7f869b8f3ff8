// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sealed passwords, and what was done with them.
#include "store_p.h"

bool store_seals_void(Store *store, int64_t run, uint32_t n, GError **error)
{
  return store_run(store, SQL_SEALS_VOID_OP, ARGS(INT(run), INT(n), INT(instant_now())), error);
}

bool store_seal_add(Store *store, const SealRow *seal, GError **error)
{
  return store_run(store, SQL_SEAL_ADD,
                   ARGS(INT(seal->run), INT(seal->n), TEXT(seal->target), TEXT(seal->object),
                        TEXT(seal->attribute), INT(seal->person), TEXT(seal->label),
                        TEXT(seal->account), INT(seal->as_of), INT(instant_now()),
                        TEXT(seal->key_id), TEXT(seal->box)),
                   error);
}

bool store_seals_valid(Store *store, const SealRow *seal, GError **error)
{
  Instant now = instant_now();
  return store_run(
             store, SQL_SEALS_VOID_OLDER,
             ARGS(INT(seal->run), INT(seal->n), INT(now), TEXT(seal->target), TEXT(seal->object)),
             error) &&
         store_run(store, SQL_SEALS_VALID, ARGS(INT(seal->run), INT(seal->n), INT(now)), error);
}

bool store_seals_void_object(Store *store, const char *target, const char *object, GError **error)
{
  return store_run(store, SQL_SEALS_VOID_OBJECT,
                   ARGS(TEXT(target), TEXT(object), INT(instant_now())), error);
}

// ---------------------------------------------------------------------------------------------

typedef const char *(*TextFunc)(const Query *query, int column);

static void take_seal(const Query *query, TextFunc text, SealRow *out)
{
  *out = (SealRow){
      .number = query_int(query, 0),
      .run = query_int(query, 1),
      .n = (uint32_t)query_int(query, 2),
      .target = text(query, 3),
      .object = text(query, 4),
      .attribute = text(query, 5),
      .person = (uint32_t)query_int(query, 6),
      .label = text(query, 7),
      .account = text(query, 8),
      .as_of = (Date)query_int(query, 9),
      .made = query_int(query, 10),
      .state = text(query, 11),
      .changed = query_int(query, 12),
      .key_id = text(query, 13),
      .box = text(query, 14),
      .n_printed = query_int(query, 15),
  };
}

static bool read_seals(Query *query, StoreSealFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    SealRow seal;
    take_seal(query, query_text, &seal);
    if (!func(&seal, data))
      break;
  }
  return !query->failed;
}

bool store_seals_each(Store *store, StoreSealFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_SEALS_EACH, NO_ARGS, error) &&
         read_seals(&query, func, data, error);
}

bool store_seals_of_op(Store *store, int64_t run, uint32_t n, StoreSealFunc func, void *data,
                       GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_SEALS_OF_OP, ARGS(INT(run), INT(n)), error) &&
         read_seals(&query, func, data, error);
}

bool store_seal_at(Store *store, int64_t number, SealRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_SEAL_AT, ARGS(INT(number)), &query))
    return false;
  store_forget(store);
  take_seal(&query, query_keep, out);
  return true;
}

// ---------------------------------------------------------------------------------------------

bool store_seal_event(Store *store, int64_t number, const char *what, const char *who,
                      GError **error)
{
  return store_run(store, SQL_SEAL_EVENT,
                   ARGS(INT(number), INT(instant_now()), TEXT(what), TEXT(who)), error);
}

bool store_seal_events(Store *store, int64_t number, StoreSealEventFunc func, void *data,
                       GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_SEAL_EVENTS, ARGS(INT(number)), error))
    return false;
  while (query_next(&query, error))
    if (!func(query_int(&query, 0), query_text(&query, 1), query_text(&query, 2), data))
      break;
  return !query.failed;
}

int64_t store_seal_purge(Store *store, int64_t number, GError **error)
{
  return store_change(store, SQL_SEAL_PURGE, ARGS(INT(number)), error);
}

int64_t store_seals_purge(Store *store, Instant before, GError **error)
{
  return store_change(store, SQL_SEALS_PURGE, ARGS(INT(before)), error);
}
