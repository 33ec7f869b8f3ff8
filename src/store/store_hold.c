// SPDX-License-Identifier: GPL-3.0-or-later
//
// Holds: what people, and plans that take something back, keep as it is.
#include "store_p.h"

#include <string.h>

int64_t store_hold_add(Store *store, const HoldRow *hold, GError **error)
{
  return store_insert(store, SQL_HOLD_ADD,
                      ARGS(TEXT(hold->kind), TEXT(hold->name), TEXT(hold->reason), TEXT(hold->who),
                           INT(hold->since), INT(hold->until > 0 ? hold->until : DATE_OPEN),
                           TEXT(hold->plan ? hold->plan : ""), INT(hold->person)),
                      error);
}

bool store_hold_release(Store *store, int64_t id, const char *who, const char *why, GError **error)
{
  int64_t n = store_change(store, SQL_HOLD_RELEASE,
                           ARGS(INT(id), TEXT(who), TEXT(why), INT(instant_now())), error);
  if (n == 0)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("there is no hold number %lld, or it was released before"), (long long)id);
  return n > 0;
}

static bool each_hold(Query *query, StoreHoldFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    HoldRow hold = {
        .id = query_int(query, 0),
        .kind = query_text(query, 1),
        .name = query_text(query, 2),
        .reason = query_text(query, 3),
        .who = query_text(query, 4),
        .since = query_int(query, 5),
        .released_by = query_text(query, 7),
        .until = (Date)query_int(query, 8),
        .plan = query_text(query, 9),
        .person = (uint32_t)query_int(query, 10),
        .released_why = query_text(query, 11),
    };
    hold.released = hold.released_by == NULL ? INSTANT_NONE : query_int(query, 6);
    if (!func(&hold, data))
      break;
  }
  return !query->failed;
}

bool store_holds_each(Store *store, Date on, StoreHoldFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_HOLDS_EACH, ARGS(INT(on)), error) &&
         each_hold(&query, func, data, error);
}

bool store_holds_ever(Store *store, StoreHoldFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_HOLDS_EVER, NO_ARGS, error) &&
         each_hold(&query, func, data, error);
}

// ---------------------------------------------------------------------------------------------
// All of a day, to be asked.

typedef struct Held {
  HoldRow row;
  GArray *people;  // uint32_t: of a hold on a person all who ever bore the number
} Held;

struct Holds {
  GPtrArray *rows;                // Held, by id
  GHashTable *targets, *objects;  // name -> HoldRow: the first
  GHashTable *people;             // subject -> HoldRow: the first
  GHashTable *stopped;            // subject -> HoldRow: of those that are stopped
  GStringChunk *texts;
  const char *plan;
};

static const char *keep(const Holds *holds, const char *text)
{
  return text != NULL ? g_string_chunk_insert(holds->texts, text) : NULL;
}

static bool take_row(const HoldRow *row, void *data)
{
  Holds *holds = data;
  if (holds->plan != NULL && *row->plan != '\0' && strcmp(row->plan, holds->plan) == 0)
    return true;
  Held *held = g_new0(Held, 1);
  held->row = *row;
  held->row.kind = keep(holds, row->kind);
  held->row.name = keep(holds, row->name);
  held->row.reason = keep(holds, row->reason);
  held->row.who = keep(holds, row->who);
  held->row.released_by = NULL;
  held->row.released_why = NULL;
  held->row.plan = keep(holds, row->plan);
  held->people = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_ptr_array_add(holds->rows, held);
  return true;
}

static void free_held(void *data)
{
  Held *held = data;
  g_array_unref(held->people);
  g_free(held);
}

static void add_first(GHashTable *table, gconstpointer key, Held *held)
{
  if (!g_hash_table_contains(table, key))
    g_hash_table_insert(table, (gpointer)key, held);
}

typedef struct Bearing {
  Holds *holds;
  Held *held;
  const char *space;  // NULL = any
} Bearing;

static bool take_bearer(const char *space, uint32_t person, void *data)
{
  const Bearing *bearing = data;
  if (bearing->space != NULL && strcmp(bearing->space, space) != 0)
    return true;
  g_array_append_val(bearing->held->people, person);
  add_first(bearing->holds->people, GUINT_TO_POINTER(person), bearing->held);
  return true;
}

// HR may number a person anew on re-hiring, and the hold stays: so it is the person who is held.
static bool take_person(Store *store, Holds *holds, Held *held, GError **error)
{
  const char *name = held->row.name, *slash = strchr(name, '/');
  g_autofree char *space = slash != NULL ? g_strndup(name, (size_t)(slash - name)) : NULL;
  Bearing bearing = {holds, held, space};
  return store_links_numbered(store, SUBJECT_PERSON, slash != NULL ? slash + 1 : name, take_bearer,
                              &bearing, error);
}

static bool index_rows(Store *store, Holds *holds, GError **error)
{
  for (guint i = 0; i < holds->rows->len; i++) {
    Held *held = holds->rows->pdata[i];
    if (strcmp(held->row.kind, "target") == 0)
      add_first(holds->targets, held->row.name, held);
    else if (strcmp(held->row.kind, "object") == 0)
      add_first(holds->objects, held->row.name, held);
    else if (strcmp(held->row.kind, HOLD_STOP) == 0)
      add_first(holds->stopped, GUINT_TO_POINTER(held->row.person), held);
    else if (!take_person(store, holds, held, error))
      return false;
  }
  return true;
}

bool store_holds_read(Store *store, Date on, const char *plan, Holds **out, GError **error)
{
  g_autoptr(Holds) holds = g_new0(Holds, 1);
  holds->rows = g_ptr_array_new_with_free_func(free_held);
  holds->targets = g_hash_table_new(g_str_hash, g_str_equal);
  holds->objects = g_hash_table_new(g_str_hash, g_str_equal);
  holds->people = g_hash_table_new(NULL, NULL);
  holds->stopped = g_hash_table_new(NULL, NULL);
  holds->texts = g_string_chunk_new(256);
  holds->plan = plan;
  // Numbers are asked of the store, which ends the rows that it handed out: so these are copied first.
  if (!store_holds_each(store, on, take_row, holds, error) || !index_rows(store, holds, error))
    return false;
  holds->plan = NULL;
  *out = g_steal_pointer(&holds);
  return true;
}

void store_holds_free(Holds *holds)
{
  if (holds == NULL)
    return;
  g_ptr_array_unref(holds->rows);
  g_hash_table_unref(holds->targets);
  g_hash_table_unref(holds->objects);
  g_hash_table_unref(holds->people);
  g_hash_table_unref(holds->stopped);
  g_string_chunk_free(holds->texts);
  g_free(holds);
}

static void index_again(Holds *holds, Held *held)
{
  if (strcmp(held->row.kind, "target") == 0)
    add_first(holds->targets, held->row.name, held);
  else if (strcmp(held->row.kind, "object") == 0)
    add_first(holds->objects, held->row.name, held);
  for (guint i = 0; i < held->people->len; i++)
    add_first(holds->people, GUINT_TO_POINTER(g_array_index(held->people, uint32_t, i)), held);
}

void store_holds_drop_placed(Holds *holds)
{
  g_hash_table_remove_all(holds->targets);
  g_hash_table_remove_all(holds->objects);
  g_hash_table_remove_all(holds->people);
  for (guint i = 0; i < holds->rows->len;) {
    Held *held = holds->rows->pdata[i];
    if (*held->row.plan != '\0') {
      g_ptr_array_remove_index(holds->rows, i);
      continue;
    }
    index_again(holds, held);
    i++;
  }
}

size_t store_holds_n(const Holds *holds)
{
  return holds->rows->len;
}

const HoldRow *store_hold_at(const Holds *holds, size_t i)
{
  return &((const Held *)holds->rows->pdata[i])->row;
}

bool store_hold_concerns(const Holds *holds, size_t i, const HeldThing *thing)
{
  const Held *held = holds->rows->pdata[i];
  const HoldRow *row = &held->row;
  if (strcmp(row->kind, HOLD_STOP) == 0)
    return row->person == thing->person;
  if (strcmp(row->kind, "target") == 0)
    return g_strcmp0(thing->target, row->name) == 0;
  if (strcmp(row->kind, "object") == 0)
    return g_strcmp0(thing->object, row->name) == 0 || g_strcmp0(thing->member, row->name) == 0;
  for (guint k = 0; k < held->people->len; k++)
    if (g_array_index(held->people, uint32_t, k) == thing->person)
      return true;
  return false;
}

static const HoldRow *earlier(const HoldRow *one, const HoldRow *other)
{
  return one == NULL || (other != NULL && other->id < one->id) ? other : one;
}

static const HoldRow *look_up(GHashTable *table, gconstpointer key)
{
  const Held *held =
      key != NULL && g_hash_table_size(table) > 0 ? g_hash_table_lookup(table, key) : NULL;
  return held != NULL ? &held->row : NULL;
}

const HoldRow *store_holds_on(const Holds *holds, const HeldThing *thing)
{
  if (holds->rows->len == 0)
    return NULL;
  const HoldRow *found = look_up(holds->targets, thing->target);
  found = earlier(found, look_up(holds->objects, thing->object));
  found = earlier(found, look_up(holds->objects, thing->member));
  return earlier(found, look_up(holds->people, GUINT_TO_POINTER(thing->person)));
}

const HoldRow *store_stop_on(const Holds *holds, uint32_t person)
{
  return look_up(holds->stopped, GUINT_TO_POINTER(person));
}

const HoldRow *store_stop_then(const Holds *holds, uint32_t person, Instant at)
{
  const HoldRow *stop = store_stop_on(holds, person);
  return stop != NULL && date_of_instant(at) < stop->until ? stop : NULL;
}

// ---------------------------------------------------------------------------------------------

bool store_others_wrote(Store *store, int64_t *seen, bool *wrote, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_OTHERS_WROTE, NO_ARGS, error) || !query_next(&query, error))
    return false;
  int64_t now = query_int(&query, 0);
  *wrote = now != *seen;
  *seen = now;
  return true;
}

bool store_ops_sent(Store *store, uint32_t person, int64_t *n, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_OPS_SENT, ARGS(INT(person)), error) ||
      !query_next(&query, error))
    return false;
  *n = query_int(&query, 0);
  return true;
}
