// SPDX-License-Identifier: GPL-3.0-or-later
//
// Personnel orders: each says what changes for one person from a day on. They go into the ledger as they
// are, and what they say together of each person is computed anew (orders/replay.c).
#include "intake_p.h"

#include <string.h>

typedef struct Desk {
  Scribe *scribe;
  GStringChunk *text;
  GHashTable *people;   // ids of those whose orders changed
  GHashTable *records;  // row in the ledger -> record of this file + 1
  GArray *again;        // Again: orders known already that cannot hold
  Edition edition;
} Desk;

typedef struct Again {
  size_t record;
  int64_t row;
} Again;

static const char *word_of(const Desk *desk, size_t record, WordId word)
{
  return reading_word(desk->scribe->reading, record, word);
}

// ---------------------------------------------------------------------------------------------
// A row as an order.

// HR's number, joined with whatever else the layout's key names, behind the name of its series.
static const char *order_key(const Desk *desk, size_t record, const char *number)
{
  const Layout *layout = desk->scribe->reading->layout;
  g_autoptr(GString) out = g_string_new(NULL);
  if (*layout->series)
    g_string_printf(out, "%s:", layout->series);
  for (size_t i = 0; i < layout->key->len; i++) {
    WordId word = g_array_index(layout->key, WordId, i);
    if (i)
      g_string_append_c(out, '/');
    g_string_append(out, word == WORD_ORDER_NUMBER ? number : word_of(desk, record, word));
  }
  return g_string_chunk_insert(desk->text, out->str);
}

static bool is_told(const Column *column, WordPlace place)
{
  if (column->ignored)
    return false;
  return column->own >= 0 || place == PLACE_PERSON || place == PLACE_POST ||
         column->word == WORD_END_DATE || column->word == WORD_OLD_SPACE;
}

static void tell_value(const Desk *desk, size_t record, size_t i, json_t *said)
{
  const Layout *layout = desk->scribe->reading->layout;
  const Column *column = layout_column(layout, i);
  WordPlace place = column_place(layout, column);
  const char *value = reading_value(desk->scribe->reading, record, i);
  if (!value || !*value || !is_told(column, place))
    return;
  g_autofree char *name =
      column->own < 0 ? g_strdup(word_traits[column->word].name)
                      : g_strconcat(place == PLACE_POST ? "post." : "",
                                    g_array_index(layout->own, OwnField, column->own).name, NULL);
  json_object_set_new(said, name, json_string(value));
  const char *day = column->dated_by < 0
                        ? NULL
                        : reading_value(desk->scribe->reading, record, (size_t)column->dated_by);
  if (!day || !*day)
    return;
  g_autofree char *own_day = g_strconcat(name, "@", NULL);
  json_object_set_new(said, own_day, json_string(day));
}

// All that the row says, in one form for equal rows.
static const char *said_of(const Desk *desk, size_t record)
{
  json_t *said = json_object();
  for (size_t i = 0; i < desk->scribe->reading->layout->columns->len; i++)
    tell_value(desk, record, i, said);
  char *text = json_dumps(said, JSON_COMPACT | JSON_SORT_KEYS);
  const char *kept = g_string_chunk_insert(desk->text, text);
  free(text);
  json_decref(said);
  return kept;
}

static OrderRow order_of(const Desk *desk, size_t record)
{
  const Scribe *scribe = desk->scribe;
  const Reading *reading = scribe->reading;
  const Record *at = reading_record(reading, record);
  const OrderKind *kind = at->kind;
  const char *number = word_of(desk, record, WORD_ORDER_NUMBER);
  int64_t line = at->line;
  int64_t seq = seq_of(at->date, false, *number ? number : NULL, line);
  bool amends = act_amends(kind->act) || kind->act == ACT_REQUEST_END;
  return (OrderRow){
      .space = reading->layout->space,
      .number = order_key(desk, record, number),
      .person_number = g_string_chunk_insert(desk->text, word_of(desk, record, WORD_NUMBER)),
      .old_number = g_string_chunk_insert(desk->text, word_of(desk, record, WORD_OLD_NUMBER)),
      .target = amends ? order_key(desk, record, word_of(desk, record, WORD_ORDER_TARGET)) : "",
      .kind = act_traits[kind->act].name,
      .last_day = kind->last_day,
      .keep_former = kind->keep_former,
      .date = at->date,
      .seq = reading->layout->yields_all ? seq_yielding(seq) : seq,
      .said = said_of(desk, record),
      .set = desk->edition.set,
      .known_from = MAX(scribe->known_at, desk->edition.embargo),
      .known_to = INSTANT_OPEN,
      .state = standing_names[STANDING_HOLDS],
      .reason = ""};
}

// ---------------------------------------------------------------------------------------------
// What was taken before.

static bool says_the_same(const OrderRow *a, const OrderRow *b)
{
  return a->date == b->date && g_str_equal(a->kind, b->kind) && g_str_equal(a->said, b->said) &&
         g_str_equal(a->person_number, b->person_number) &&
         g_str_equal(a->old_number, b->old_number) && g_str_equal(a->target, b->target);
}

static OrderRow kept(const Desk *desk, const OrderRow *row)
{
  OrderRow copy = *row;
  const char **texts[] = {&copy.space,      &copy.number, &copy.person_number,
                          &copy.old_number, &copy.target, &copy.kind,
                          &copy.said,       &copy.state,  &copy.reason};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = g_string_chunk_insert_const(desk->text, *texts[i]);
  return copy;
}

static void refuse_changed(const Desk *desk, size_t record, const OrderRow *before)
{
  RowOrigin origin = {0};
  store_row_origin(desk->scribe->store, before->row, &origin);
  reading_note(desk->scribe->reading, record, WORD_ORDER_NUMBER,
               &(Finding){.level = FINDING_ERROR, .code = "order-changed"},
               _("an order of this number was taken before (%s:%" G_GINT64_FORMAT
                 ") and says otherwise; HR must send a correction (訂正), or a version that "
                 "replaces the former one"),
               origin.file ? origin.file : "?", origin.line);
}

static bool add_order(Desk *desk, size_t record, OrderRow *order, GError **error)
{
  Scribe *scribe = desk->scribe;
  scribe_turn(scribe, record, order->seq);
  if (!scribe_store_row(scribe, error))
    return false;
  order->row = scribe->row;
  if (!identity_find(scribe->store, scribe->known_at, order, desk->people, error) ||
      !store_order_add(scribe->store, order, error))
    return false;
  g_hash_table_insert(desk->records, GSIZE_TO_POINTER(order->row), GSIZE_TO_POINTER(record + 1));
  return true;
}

// Of a number that was taken before: the same again says nothing new.
static bool take_again(Desk *desk, size_t record, OrderRow *order, const OrderRow *before,
                       GError **error)
{
  bool is_live = before->known_to == INSTANT_OPEN;
  bool replaces = desk->edition.replaces || desk->scribe->reading->layout->resend_replaces;
  if (is_live && says_the_same(before, order)) {
    edition_saw(&desk->edition, before->row);
    if (*before->reason)
      g_array_append_vals(desk->again, &(Again){record, before->row}, 1);
    return true;
  }
  // A later version, which came first, says what holds.
  if (edition_is_late(&desk->edition))
    return true;
  if (is_live && !replaces) {
    refuse_changed(desk, record, before);
    return true;
  }
  if (is_live && !store_order_end(desk->scribe->store, before->row, order->known_from, error))
    return false;
  if (is_live && !store_order_set_state(desk->scribe->store, before->row, "replaced", "", error))
    return false;
  if (is_live && before->person)
    g_hash_table_add(desk->people, GUINT_TO_POINTER(before->person));
  // One that was withdrawn before is there again.
  return add_order(desk, record, order, error);
}

static bool take_order(Desk *desk, size_t record, GError **error)
{
  OrderRow order = order_of(desk, record), row;
  if (store_order_find(desk->scribe->store, order.space, order.number, &row)) {
    OrderRow before = kept(desk, &row);
    return take_again(desk, record, &order, &before, error);
  }
  // A later version, which came first, lacks it.
  if (edition_is_late(&desk->edition)) {
    order.known_to = order.known_from;
    order.state = "missing";
  }
  return add_order(desk, record, &order, error);
}

// ---------------------------------------------------------------------------------------------
// Replaying, and telling what came of it.

typedef struct Teller {
  Scribe *scribe;
  GHashTable *records;  // NULL: none is of this file
} Teller;

static size_t record_of(const Teller *teller, int64_t row)
{
  return teller->records
             ? GPOINTER_TO_SIZE(g_hash_table_lookup(teller->records, GSIZE_TO_POINTER(row)))
             : 0;
}

// An order of an earlier file: it stands as it stood, or comes right or wrong by what is new.
static void tell_earlier(const Teller *teller, const Order *order)
{
  RowOrigin origin;
  if (!store_row_origin(teller->scribe->store, order->is.row, &origin))
    return;
  bool bad = *order->reason != '\0';
  if (!bad && !*order->is.reason)
    return;
  Finding at = {.level = bad ? FINDING_WARNING : FINDING_NOTE,
                .code = bad ? order->reason : "order-holds-now",
                .file = origin.file,
                .line = origin.line,
                .subject = order->is.person_number};
  findings_add(teller->scribe->reading->findings, &at, "%s",
               bad ? order->text : _("this order could not hold before and does now"));
}

static void tell(const Order *order, bool changed, void *data)
{
  const Teller *teller = data;
  size_t record = record_of(teller, order->is.row);
  if (record == 0) {
    if (changed)
      tell_earlier(teller, order);
    return;
  }
  if (!*order->reason && order->doubt)
    reading_note(
        teller->scribe->reading, record - 1, WORD_NUMBER,
        &(Finding){.level = FINDING_WARNING, .code = order->doubt, .value = order->doubt_value},
        "%s", order_doubt_text(order->doubt));
  if (*order->reason && changed)
    reading_note(teller->scribe->reading, record - 1, order->at,
                 &(Finding){.level = FINDING_ERROR, .code = order->reason}, "%s", order->text);
}

static int by_id(const void *a, const void *b)
{
  uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
  return (left > right) - (left < right);
}

static GArray *sorted_ids(GHashTable *people)
{
  GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  GHashTableIter iter;
  void *id;
  g_hash_table_iter_init(&iter, people);
  while (g_hash_table_iter_next(&iter, &id, NULL))
    g_array_append_vals(ids, &(uint32_t){GPOINTER_TO_UINT(id)}, 1);
  g_array_sort(ids, by_id);
  return ids;
}

static bool replay_all(const Teller *teller, GHashTable *people, GError **error)
{
  g_autoptr(GArray) ids = sorted_ids(people);
  for (guint i = 0; i < ids->len; i++)
    if (!replay_person(teller->scribe->store, g_array_index(ids, uint32_t, i),
                       teller->scribe->known_at, tell, (void *)teller, error))
      return false;
  return true;
}

bool facts_replay(Scribe *scribe, GHashTable *people, GError **error)
{
  return replay_all(&(Teller){scribe, NULL}, people, error);
}

// ---------------------------------------------------------------------------------------------
// All of them.

static void count(const Desk *desk, const GArray *records)
{
  for (guint i = 0; i < records->len; i++) {
    const Record *record = reading_record(desk->scribe->reading, g_array_index(records, size_t, i));
    if (!record->bad)
      receipt_count(desk->scribe->reading->receipt, act_traits[record->kind->act].name);
  }
}

// Orders of the file that no replay speaks of: nobody is known by their number.
static void tell_waiting(const Desk *desk)
{
  GHashTableIter iter;
  void *row, *record;
  g_hash_table_iter_init(&iter, desk->records);
  while (g_hash_table_iter_next(&iter, &row, &record)) {
    OrderRow order;
    if (!store_order_at(desk->scribe->store, (int64_t)GPOINTER_TO_SIZE(row), &order) ||
        order.person || !*order.reason)
      continue;
    g_autofree char *code = g_strdup(order.reason);
    reading_note(desk->scribe->reading, GPOINTER_TO_SIZE(record) - 1, WORD_NUMBER,
                 &(Finding){.level = FINDING_ERROR, .code = code}, "%s", order_waiting_text(code));
  }
}

// Sent again as they were, and still not right: HR is told again.
static void tell_again(const Desk *desk)
{
  for (guint i = 0; i < desk->again->len; i++) {
    const Again *again = &g_array_index(desk->again, Again, i);
    OrderRow order;
    if (!store_order_at(desk->scribe->store, again->row, &order) || !*order.reason)
      continue;
    g_autofree char *code = g_strdup(order.reason);
    bool waits = g_str_equal(order.state, standing_names[STANDING_WAITS]);
    reading_note(desk->scribe->reading, again->record, WORD_NUMBER,
                 &(Finding){.level = FINDING_ERROR, .code = code}, "%s",
                 waits ? order_waiting_text(code)
                       : _("sent before, and it cannot hold as things stand; ask HR"));
  }
}

static int rank_of(const Reading *reading, size_t record)
{
  const Record *at = reading_record(reading, record);
  return act_amends(at->kind->act) ? 3 : act_traits[at->kind->act].rank;
}

// Hires before what they make possible: whoever comes first names the person.
static int by_rank(const void *a, const void *b, void *data)
{
  size_t left = *(const size_t *)a, right = *(const size_t *)b;
  int order = rank_of(data, left) - rank_of(data, right);
  return order ? order : (left > right) - (left < right);
}

static GArray *good_records(Reading *reading)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(size_t));
  for (size_t i = 0; i < reading->records->len; i++)
    if (!reading_record(reading, i)->bad && !reading_record(reading, i)->repeat)
      g_array_append_val(list, i);
  g_array_sort_with_data(list, by_rank, reading);
  return list;
}

bool facts_orders(Scribe *scribe, GError **error)
{
  g_autoptr(GStringChunk) text = g_string_chunk_new(4096);
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) records = g_hash_table_new(NULL, NULL);
  g_autoptr(GArray) list = good_records(scribe->reading);
  g_autoptr(GArray) again = g_array_new(FALSE, FALSE, sizeof(Again));
  Desk desk = {
      .scribe = scribe, .text = text, .people = people, .records = records, .again = again};
  bool fine = edition_open(scribe, &desk.edition, error);
  for (guint i = 0; fine && i < list->len; i++)
    fine = take_order(&desk, g_array_index(list, size_t, i), error);
  fine = fine && edition_close(&desk.edition, people, error);
  edition_clear(&desk.edition);
  if (!fine || !replay_all(&(Teller){scribe, records}, people, error))
    return false;
  tell_again(&desk);
  count(&desk, list);
  tell_waiting(&desk);
  return true;
}
