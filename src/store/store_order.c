// SPDX-License-Identifier: GPL-3.0-or-later
//
// Orders and the sets that they come in.
#include "store_p.h"

bool store_order_add(Store *store, const OrderRow *order, GError **error)
{
  return store_run(store, SQL_ORDER_ADD,
                   ARGS(INT(order->row), TEXT(order->space), TEXT(order->number),
                        INT(order->person), TEXT(order->person_number), TEXT(order->old_number),
                        TEXT(order->target), TEXT(order->kind), INT(order->last_day),
                        INT(order->keep_former), INT(order->date), INT(order->seq),
                        TEXT(order->said), INT(order->set), INT(order->known_from),
                        INT(order->known_to), TEXT(order->state), TEXT(order->reason)),
                   error);
}

typedef const char *(*TextFunc)(const Query *query, int column);

// Texts are borrowed from the query, or kept until the next call.
static OrderRow read_order(const Query *query, TextFunc text)
{
  return (OrderRow){
      .row = query_int(query, 0),
      .space = text(query, 1),
      .number = text(query, 2),
      .person = (uint32_t)query_int(query, 3),
      .person_number = text(query, 4),
      .old_number = text(query, 5),
      .target = text(query, 6),
      .kind = text(query, 7),
      .last_day = query_int(query, 8) != 0,
      .keep_former = query_int(query, 9) != 0,
      .date = (Date)query_int(query, 10),
      .seq = query_int(query, 11),
      .said = text(query, 12),
      .set = query_int(query, 13),
      .known_from = query_int(query, 14),
      .known_to = query_int(query, 15),
      .state = text(query, 16),
      .reason = text(query, 17),
  };
}

static bool read_one(Store *store, StoreSql id, Args args, OrderRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  store_forget(store);
  *out = read_order(&query, query_keep);
  return true;
}

bool store_order_find(Store *store, const char *space, const char *number, OrderRow *out)
{
  return read_one(store, SQL_ORDER_FIND, ARGS(TEXT(space), TEXT(number)), out);
}

bool store_order_at(Store *store, int64_t row, OrderRow *out)
{
  return read_one(store, SQL_ORDER_AT, ARGS(INT(row)), out);
}

// A walk over orders: who is told of each.
typedef struct Walk {
  StoreOrderFunc func;
  void *data;
} Walk;

static bool each_order(Store *store, StoreSql id, Args args, const Walk *walk, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, id, args, error))
    return false;
  while (query_next(&query, error)) {
    OrderRow order = read_order(&query, query_text);
    if (!walk->func(&order, walk->data))
      break;
  }
  return !query.failed;
}

bool store_orders_of(Store *store, uint32_t person, StoreOrderFunc func, void *data, GError **error)
{
  return each_order(store, SQL_ORDERS_OF, ARGS(INT(person)), &(Walk){func, data}, error);
}

bool store_orders_waiting(Store *store, const char *space, const char *person_number,
                          StoreOrderFunc func, void *data, GError **error)
{
  return each_order(store, SQL_ORDERS_WAITING, ARGS(TEXT(space), TEXT(person_number)),
                    &(Walk){func, data}, error);
}

bool store_orders_in_state(Store *store, const char *state, StoreOrderFunc func, void *data,
                           GError **error)
{
  return each_order(store, SQL_ORDERS_IN_STATE, ARGS(TEXT(state)), &(Walk){func, data}, error);
}

bool store_order_set_person(Store *store, int64_t row, uint32_t person, GError **error)
{
  return store_run(store, SQL_ORDER_SET_PERSON, ARGS(INT(row), INT(person)), error);
}

bool store_order_set_state(Store *store, int64_t row, const char *state, const char *reason,
                           GError **error)
{
  return store_run(store, SQL_ORDER_SET_STATE, ARGS(INT(row), TEXT(state), TEXT(reason)), error);
}

bool store_order_end(Store *store, int64_t row, Instant known_to, GError **error)
{
  return store_run(store, SQL_ORDER_END, ARGS(INT(row), INT(known_to)), error);
}

bool store_orders_pass_on(Store *store, uint32_t from, uint32_t to, GError **error)
{
  return store_run(store, SQL_ORDERS_PASS_ON, ARGS(INT(from), INT(to)), error);
}

// ---------------------------------------------------------------------------------------------

int64_t store_set_add(Store *store, const OrderSet *set, GError **error)
{
  return store_insert(store, SQL_SET_ADD,
                      ARGS(INT(set->intake), TEXT(set->space), TEXT(set->name), INT(set->version),
                           INT(set->replaces), TEXT(set->covered), INT(set->embargo)),
                      error);
}

static bool read_set(Store *store, StoreSql id, Args args, OrderSet *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  store_forget(store);
  *out = (OrderSet){
      .id = query_int(&query, 0),
      .intake = query_int(&query, 1),
      .space = query_keep(&query, 2),
      .name = query_keep(&query, 3),
      .version = query_int(&query, 4),
      .replaces = query_int(&query, 5) != 0,
      .covered = query_keep(&query, 6),
      .embargo = query_int(&query, 7),
  };
  return true;
}

bool store_set_at(Store *store, int64_t id, OrderSet *out)
{
  return read_set(store, SQL_SET_AT, ARGS(INT(id)), out);
}

bool store_set_latest(Store *store, const char *space, const char *name, OrderSet *out)
{
  return read_set(store, SQL_SET_LATEST, ARGS(TEXT(space), TEXT(name)), out);
}

bool store_orders_came(Store *store, Instant from, Instant until, StoreOrderFunc func, void *data,
                       GError **error)
{
  return each_order(store, SQL_ORDERS_CAME, ARGS(INT(from), INT(until)), &(Walk){func, data},
                    error);
}

bool store_orders_dated(Store *store, const OrderTime *when, StoreOrderFunc func, void *data,
                        GError **error)
{
  return each_order(store, SQL_ORDERS_DATED,
                    ARGS(INT(when->from), INT(when->until), INT(store_known(when->known_at))),
                    &(Walk){func, data}, error);
}

bool store_set_orders(Store *store, const char *space, const char *name, StoreOrderFunc func,
                      void *data, GError **error)
{
  return each_order(store, SQL_SET_ORDERS, ARGS(TEXT(space), TEXT(name)), &(Walk){func, data},
                    error);
}

// ---------------------------------------------------------------------------------------------

bool store_ruling_add(Store *store, const Ruling *ruling, GError **error)
{
  return store_run(store, SQL_RULING_ADD,
                   ARGS(TEXT(ruling->what), TEXT(ruling->subject), TEXT(ruling->who),
                        TEXT(ruling->reason), INT(ruling->when)),
                   error);
}

bool store_rulings_each(Store *store, StoreRulingFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_RULINGS_EACH, NO_ARGS, error))
    return false;
  while (query_next(&query, error)) {
    Ruling ruling = {.what = query_text(&query, 0),
                     .subject = query_text(&query, 1),
                     .who = query_text(&query, 2),
                     .reason = query_text(&query, 3),
                     .when = query_int(&query, 4)};
    if (!func(&ruling, data))
      break;
  }
  return !query.failed;
}
