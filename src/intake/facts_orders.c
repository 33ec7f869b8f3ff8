// SPDX-License-Identifier: GPL-3.0-or-later
//
// Personnel orders: each says what changes for one person from a day on. They may refer to each other
// in any order within a file, so they are sorted by HR's own precedence, and 訂正 and 取消 come after
// everything that they could speak of.
#include "intake_p.h"

#include <string.h>

// Under this before its number an order leads to the row that corrected it. The character sorts after
// all others, so that the store names such a row by its own number.
#define CORRECTED "\xf4\x8f\xbf\xbd"
// Before the kind of an order that corrects one of this kind.
#define CORRECTION "correct:"

typedef struct Order {
  size_t record;
  Act act;                // of a correction: that of the order corrected
  const OrderKind *kind;  // last_day and keep_former of the act above
  bool corrects;          // the facts that it replaces do not count in checks
  Date date;
  int64_t seq;
  const char *key;     // under which the order is remembered
  uint32_t person;     // 0 = unknown
  const Known *known;  // NULL when the person is unknown
} Order;

typedef struct Desk {
  Scribe *scribe;
  GStringChunk *text;
} Desk;

static const char *word_of(const Desk *desk, const Order *order, WordId word)
{
  return reading_word(desk->scribe->reading, order->record, word);
}

static const char *space_of(const Desk *desk)
{
  return desk->scribe->reading->layout->space;
}

// The order number, joined with whatever else the layout's key names.
static const char *order_key(const Desk *desk, size_t record, const char *number)
{
  const Reading *reading = desk->scribe->reading;
  const GArray *key = reading->layout->key;
  g_autoptr(GString) out = g_string_new(NULL);
  for (size_t i = 0; i < key->len; i++) {
    WordId word = g_array_index(key, WordId, i);
    if (i)
      g_string_append_c(out, '/');
    g_string_append(out, word == WORD_ORDER_NUMBER ? number : reading_word(reading, record, word));
  }
  return g_string_chunk_insert(desk->text, out->str);
}

static uint32_t find_person(const Desk *desk, const char *number, Date on)
{
  Store *store = desk->scribe->store;
  uint32_t person = store_link_find(store, SUBJECT_PERSON, space_of(desk), number, on);
  // Late orders speak of days before we knew the person.
  return person ? person
                : store_link_find(store, SUBJECT_PERSON, space_of(desk), number, DATE_OPEN - 1);
}

static void refuse(const Desk *desk, const Order *order, WordId word, const char *code,
                   const char *text)
{
  reading_note(desk->scribe->reading, order->record, word,
               &(Finding){.level = FINDING_ERROR, .code = code}, "%s", text);
}

static Date first_day(const Order *order)
{
  return order->kind->last_day ? order->date + 1 : order->date;
}

static const Fact *state_on(const Order *order, Date day)
{
  return order->known ? known_on(order->known, 0, FIELD_STATE, day) : NULL;
}

static bool has_left(const Fact *state)
{
  return state && g_str_equal(state->value, "left");
}

// ---------------------------------------------------------------------------------------------
// Checks: false when the order became a finding.

static bool check_hire(const Desk *desk, const Order *order)
{
  const Fact *state = state_on(order, order->date);
  // A roster of the same day may have named the person first.
  if (!state || has_left(state) || (!state->from_order && state->valid_from == order->date))
    return true;
  refuse(desk, order, WORD_NUMBER, "hired-already",
         _("a hire of somebody who is in service on that day already; ask HR which number is "
           "right"));
  return false;
}

static bool check_known(const Desk *desk, const Order *order)
{
  if (order->person)
    return true;
  refuse(desk, order, WORD_NUMBER, "person-unknown",
         _("an order for somebody whom neither a hire nor a roster has named; take that in first"));
  return false;
}

// Made to leave by an order that is not later than this one. On the very day of a 退職 others may still
// be dated, such as a promotion.
static bool left_before(const Order *order)
{
  const Fact *state = state_on(order, order->date);
  return has_left(state) && !(state->from_order && scribe_day(state->seq) == order->date);
}

static bool check_serving(const Desk *desk, const Order *order)
{
  if (!check_known(desk, order))
    return false;
  if (!left_before(order))
    return true;
  refuse(desk, order, WORD_NUMBER, "person-left",
         _("an order for somebody who has left by that day; ask HR which holds"));
  return false;
}

static bool check_retire(const Desk *desk, const Order *order)
{
  const Fact *state = state_on(order, order->date);
  // Two rosters only concluded that somebody left; the order knows the day.
  if (has_left(state) && !state->from_order)
    return true;
  return check_serving(desk, order);
}

static const char *concurrent_key(const Desk *desk, const Order *order)
{
  g_autofree char *key = g_strconcat("concurrent:", word_of(desk, order, WORD_UNIT), NULL);
  return g_string_chunk_insert(desk->text, key);
}

static bool check_concurrent_end(const Desk *desk, const Order *order)
{
  if (!check_known(desk, order))
    return false;
  uint32_t post = store_post_find(desk->scribe->store, order->person, concurrent_key(desk, order));
  const Fact *held = post ? known_on(order->known, post, FIELD_HELD, order->date) : NULL;
  if (held && g_str_equal(held->value, "1"))
    return true;
  refuse(desk, order, WORD_UNIT, "no-such-post",
         _("the person has no concurrent post in this unit on that day; ask HR which holds"));
  return false;
}

// ---------------------------------------------------------------------------------------------
// Writing.

static bool put(const Desk *desk, const Order *order, const Fact *what, GError **error)
{
  Fact fact = *what;
  fact.kind = SUBJECT_PERSON;
  fact.subject = order->person;
  return scribe_put(desk->scribe, &fact, error);
}

static bool put_columns(const Desk *desk, const Order *order, WordPlace place, uint32_t post,
                        GError **error)
{
  const Reading *reading = desk->scribe->reading;
  const Layout *layout = reading->layout;
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    const char *value = reading_value(reading, order->record, i);
    FieldId field = scribe_field(desk->scribe, column);
    if (!value || !*value || field == FIELD_NONE || column_place(layout, column) != place)
      continue;
    Fact fact = {.post = post, .field = field, .value = value, .valid_from = first_day(order)};
    if (!put(desk, order, &fact, error))
      return false;
  }
  return true;
}

// A post with all that the row says of it, held from that day on.
static bool put_post(const Desk *desk, const Order *order, const char *key, const char *role,
                     GError **error)
{
  uint32_t post = store_post(desk->scribe->store, order->person, key, error);
  if (!post)
    return false;
  Date from = first_day(order);
  return put(desk, order,
             &(Fact){.post = post, .field = FIELD_ROLE, .value = role, .valid_from = from},
             error) &&
         put(desk, order,
             &(Fact){.post = post, .field = FIELD_HELD, .value = "1", .valid_from = from}, error) &&
         put_columns(desk, order, PLACE_POST, post, error);
}

static bool put_state(const Desk *desk, const Order *order, const char *state, GError **error)
{
  return put(desk, order,
             &(Fact){.field = FIELD_STATE, .value = state, .valid_from = first_day(order)}, error);
}

static bool write_hire(const Desk *desk, Order *order, GError **error)
{
  Store *store = desk->scribe->store;
  const char *number = word_of(desk, order, WORD_NUMBER);
  if (!order->person)
    order->person = store_subject_add(store, SUBJECT_PERSON, error);
  if (!order->person || !store_link_add(store, SUBJECT_PERSON, space_of(desk), number,
                                        order->person, first_day(order), error))
    return false;
  if (*word_of(desk, order, WORD_HIRED) == '\0') {
    g_autoptr(GString) hired = g_string_new(NULL);
    date_format(first_day(order), hired);
    Fact fact = {.field = FIELD_HIRED, .value = hired->str, .valid_from = first_day(order)};
    if (!put(desk, order, &fact, error))
      return false;
  }
  return put_columns(desk, order, PLACE_PERSON, 0, error) &&
         put_state(desk, order, "active", error) && put_post(desk, order, "main", "main", error);
}

static bool write_main(const Desk *desk, Order *order, GError **error)
{
  return put_post(desk, order, "main", "main", error);
}

static bool write_concurrent(const Desk *desk, Order *order, GError **error)
{
  return put_post(desk, order, concurrent_key(desk, order), "concurrent", error);
}

static bool write_concurrent_end(const Desk *desk, Order *order, GError **error)
{
  uint32_t post =
      store_post(desk->scribe->store, order->person, concurrent_key(desk, order), error);
  Fact fact = {.post = post, .field = FIELD_HELD, .value = "0", .valid_from = first_day(order)};
  return post && put(desk, order, &fact, error);
}

static bool write_leave(const Desk *desk, Order *order, GError **error)
{
  return put_state(desk, order, "leave", error);
}

static bool write_return(const Desk *desk, Order *order, GError **error)
{
  return put_state(desk, order, "active", error);
}

// Posts beside the main one end too: hired again, the person would otherwise hold them again.
static bool write_retire(const Desk *desk, Order *order, GError **error)
{
  Date left = first_day(order);
  if (!put_state(desk, order, "left", error))
    return false;
  for (size_t i = 0; i < order->known->facts->len; i++) {
    const Fact *role = &g_array_index(order->known->facts, Fact, i);
    if (role->field != FIELD_ROLE || !g_str_equal(role->value, "concurrent") ||
        role != known_on(order->known, role->post, FIELD_ROLE, left))
      continue;
    const Fact *held = known_on(order->known, role->post, FIELD_HELD, left);
    Fact fact = {.post = role->post, .field = FIELD_HELD, .value = "0", .valid_from = left};
    if (held && g_str_equal(held->value, "1") && !put(desk, order, &fact, error))
      return false;
  }
  return true;
}

static size_t family_length(const char *name)
{
  const char *at = name;
  while (*at && !g_unichar_isspace(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  return (size_t)(at - name);
}

static bool keep_former(const Desk *desk, const Order *order, GError **error)
{
  const Fact *old = known_on(order->known, 0, FIELD_NAME, first_day(order) - 1);
  if (!order->kind->keep_former || *word_of(desk, order, WORD_FORMER_NAME) || !old)
    return true;
  g_autofree char *family = g_strndup(old->value, family_length(old->value));
  Fact fact = {.field = FIELD_FORMER_NAME, .value = family, .valid_from = first_day(order)};
  return put(desk, order, &fact, error);
}

static bool write_rename(const Desk *desk, Order *order, GError **error)
{
  static const WordId said[] = {WORD_NAME, WORD_KANA, WORD_FORMER_NAME, WORD_USE_FORMER};
  for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
    const char *value = word_of(desk, order, said[i]);
    Fact fact = {.field = words[said[i]].field, .value = value, .valid_from = first_day(order)};
    if (*value && !put(desk, order, &fact, error))
      return false;
  }
  return keep_former(desk, order, error);
}

typedef struct Deed {
  bool (*check)(const Desk *, const Order *);
  bool (*write)(const Desk *, Order *, GError **);
} Deed;

static const Deed deeds[] = {
    [ACT_HIRE] = {check_hire, write_hire},
    [ACT_TRANSFER] = {check_serving, write_main},
    [ACT_PROMOTE] = {check_serving, write_main},
    [ACT_CONCURRENT] = {check_serving, write_concurrent},
    [ACT_CONCURRENT_END] = {check_concurrent_end, write_concurrent_end},
    [ACT_LEAVE] = {check_serving, write_leave},
    [ACT_RETURN] = {check_serving, write_return},
    [ACT_RETIRE] = {check_retire, write_retire},
    [ACT_RENAME] = {check_serving, write_rename},
};

// ---------------------------------------------------------------------------------------------
// One order.

static bool remember(const Desk *desk, const Order *order, const char *key, const char *kind,
                     GError **error)
{
  OrderRow row = {desk->scribe->row, order->person, kind, order->date};
  return store_order_add(desk->scribe->store, space_of(desk), key, &row, error);
}

// The person of the number; of a hire also the one who had the old number.
static bool know_person(const Desk *desk, Order *order, Known **known, GError **error)
{
  const char *old = word_of(desk, order, WORD_OLD_NUMBER);
  order->person = find_person(desk, word_of(desk, order, WORD_NUMBER), order->date);
  if (!order->person && order->act == ACT_HIRE && *old)
    order->person = find_person(desk, old, order->date);
  if (!order->person)
    return true;
  *known = known_load(desk->scribe->store, SUBJECT_PERSON, order->person, INSTANT_OPEN, error);
  order->known = *known;
  return *known != NULL;
}

// Whether the row says of its person what it said when it was taken. Withdrawn facts are not seen.
static bool says_the_same(const Desk *desk, const Order *order, int64_t row)
{
  const Reading *reading = desk->scribe->reading;
  for (size_t i = 0; i < reading->layout->columns->len; i++) {
    const char *value = reading_value(reading, order->record, i);
    FieldId field = scribe_field(desk->scribe, layout_column(reading->layout, i));
    for (size_t f = 0; value && *value && field != FIELD_NONE && f < order->known->facts->len;
         f++) {
      const Fact *fact = &g_array_index(order->known->facts, Fact, f);
      if (fact->row == row && fact->field == field && !g_str_equal(fact->value, value))
        return false;
    }
  }
  return true;
}

// True when the order was taken from an earlier file: cumulative files repeat them.
static bool is_known(const Desk *desk, const Order *order)
{
  OrderRow row;
  if (!store_order_find(desk->scribe->store, space_of(desk), order->key, &row))
    return false;
  if (row.date != order->date || row.person != order->person || !order->known ||
      !g_str_equal(row.kind, act_names[order->act]) || !says_the_same(desk, order, row.row))
    refuse(desk, order, WORD_ORDER_NUMBER, "order-changed",
           _("an order of this number was taken before and says otherwise; HR must send a "
             "correction (訂正)"));
  return true;
}

static bool write_deed(const Desk *desk, Order *order, GError **error)
{
  const Deed *deed = &deeds[order->act];
  if (!order->corrects && !deed->check(desk, order))
    return true;
  if (!scribe_store_row(desk->scribe, error) || !deed->write(desk, order, error))
    return false;
  receipt_count(desk->scribe->reading->receipt,
                order->corrects ? act_names[ACT_CORRECT] : act_names[order->act]);
  g_autofree char *kind =
      g_strconcat(order->corrects ? CORRECTION : "", act_names[order->act], NULL);
  return remember(desk, order, order->key, kind, error);
}

static bool apply_base(const Desk *desk, Order *order, GError **error)
{
  g_autoptr(Known) known = NULL;
  scribe_turn(desk->scribe, order->record, order->seq);
  if (!know_person(desk, order, &known, error))
    return false;
  return is_known(desk, order) || write_deed(desk, order, error);
}

// ---------------------------------------------------------------------------------------------
// 訂正 and 取消.

// What an amendment speaks of: the row that holds now, after earlier corrections.
typedef struct Target {
  int64_t row;
  uint32_t person;
  Act act;
  bool is_correction;
} Target;

static bool find_row(const Desk *desk, const char *key, Target *target)
{
  OrderRow row;
  if (!store_order_find(desk->scribe->store, space_of(desk), key, &row))
    return false;
  target->row = row.row;
  target->person = row.person;
  target->is_correction = g_str_has_prefix(row.kind, CORRECTION);
  target->act = act_find(row.kind + (target->is_correction ? strlen(CORRECTION) : 0));
  return true;
}

static bool find_corrected(const Desk *desk, const char *key, Target *target)
{
  g_autofree char *corrected = g_strconcat(CORRECTED, key, NULL);
  return find_row(desk, corrected, target);
}

static bool find_present(const Desk *desk, const char *key, Target *target)
{
  if (!find_row(desk, key, target))
    return false;
  Target next = *target;
  g_autofree char *at = g_strdup(key);
  RowOrigin origin;
  // Each correction comes later than what it corrects, so this ends.
  while (find_corrected(desk, at, &next)) {
    target->row = next.row;
    target->act = next.act;
    if (!store_row_origin(desk->scribe->store, next.row, &origin) || !origin.order ||
        g_str_equal(origin.order, at))
      break;
    g_free(at);
    at = g_strdup(origin.order);
  }
  return true;
}

static bool find_target(const Desk *desk, const Order *order, const char *key, Target *target)
{
  const char *text = NULL;
  WordId at = WORD_ORDER_TARGET;
  if (!find_present(desk, key, target))
    text = _("no order of this number has been taken in; nothing to correct or cancel");
  else if (target->act >= ACT_CORRECT)
    text = _("this number is that of a cancellation; issue the order again instead");
  else if (target->is_correction && order->act == ACT_CANCEL)
    text = _("this number is that of a correction; cancel the order itself, or correct it again");
  if (!text &&
      target->person != find_person(desk, word_of(desk, order, WORD_NUMBER), order->date)) {
    text = _("the order of this number is another person's; ask HR which holds");
    at = WORD_NUMBER;
  }
  if (text)
    refuse(desk, order, at, "order-target", text);
  return !text;
}

static bool needs_met(const Desk *desk, const Order *order)
{
  for (WordId word = 0; word < N_WORDS; word++)
    if (order->kind->needs & BIT_OF(word) && *word_of(desk, order, word) == '\0') {
      reading_note(desk->scribe->reading, order->record, word,
                   &(Finding){.level = FINDING_ERROR, .code = "empty-cell"},
                   _("this cell may not be empty in the correction of an order of kind %s"),
                   act_names[order->act]);
      return false;
    }
  return true;
}

// How the layout treats the kind of order that is corrected.
static const OrderKind *kind_of_act(const Desk *desk, const Order *order, Act act)
{
  const Layout *layout = desk->scribe->reading->layout;
  for (size_t i = 0; i < layout->kinds->len; i++)
    if (g_array_index(layout->kinds, OrderKind, i).act == act)
      return &g_array_index(layout->kinds, OrderKind, i);
  refuse(desk, order, WORD_ORDER_TARGET, "order-kind",
         _("the layout knows no order of the kind that is corrected; add it under kinds:"));
  return NULL;
}

static bool apply_correction(const Desk *desk, Order *order, const Target *target, GError **error)
{
  const char *target_key = order_key(desk, order->record, word_of(desk, order, WORD_ORDER_TARGET));
  order->kind = kind_of_act(desk, order, target->act);
  order->act = target->act;
  order->corrects = true;
  if (!order->kind || !needs_met(desk, order))
    return true;
  if (store_fact_withdraw_row(desk->scribe->store, target->row, desk->scribe->known_at, error) < 0)
    return false;
  g_autoptr(Known) known = NULL;
  if (!know_person(desk, order, &known, error) || !write_deed(desk, order, error))
    return false;
  g_autofree char *key = g_strconcat(CORRECTED, target_key, NULL);
  return remember(desk, order, key, act_names[order->act], error);
}

static bool apply_cancellation(const Desk *desk, Order *order, const Target *target, GError **error)
{
  order->person = target->person;
  if (!scribe_store_row(desk->scribe, error) ||
      store_fact_withdraw_row(desk->scribe->store, target->row, desk->scribe->known_at, error) < 0)
    return false;
  receipt_count(desk->scribe->reading->receipt, act_names[ACT_CANCEL]);
  return remember(desk, order, order->key, act_names[ACT_CANCEL], error);
}

static bool apply_amendment(const Desk *desk, Order *order, GError **error)
{
  OrderRow known;
  Target target;
  const char *key = order_key(desk, order->record, word_of(desk, order, WORD_ORDER_TARGET));
  scribe_turn(desk->scribe, order->record, order->seq);
  if (store_order_find(desk->scribe->store, space_of(desk), order->key, &known) ||
      !find_target(desk, order, key, &target))
    return true;
  bool cancels = order->act == ACT_CANCEL;
  return (cancels ? apply_cancellation : apply_correction)(desk, order, &target, error);
}

// ---------------------------------------------------------------------------------------------
// All of them.

static Order order_of(const Desk *desk, size_t record)
{
  const Reading *reading = desk->scribe->reading;
  const Record *at = reading_record(reading, record);
  const char *number = reading_word(reading, record, WORD_ORDER_NUMBER);
  return (Order){.record = record,
                 .act = at->kind->act,
                 .kind = at->kind,
                 .date = at->date,
                 .seq = scribe_seq(at->date, false, number, at->line),
                 .key = order_key(desk, record, number)};
}

// On one day a 退職 comes before the 採用 of the same person, and that before whatever else is said.
static int rank_of(Act act)
{
  return act == ACT_RETIRE ? 0 : act == ACT_HIRE ? 1 : 2;
}

static int by_precedence(const void *a, const void *b)
{
  const Order *left = a, *right = b;
  bool left_amends = left->act >= ACT_CORRECT, right_amends = right->act >= ACT_CORRECT;
  if (left_amends != right_amends)
    return left_amends - right_amends;
  if (left->date != right->date)
    return left->date < right->date ? -1 : 1;
  if (rank_of(left->act) != rank_of(right->act))
    return rank_of(left->act) - rank_of(right->act);
  if (left->seq != right->seq)
    return left->seq < right->seq ? -1 : 1;
  return (left->record > right->record) - (left->record < right->record);
}

bool facts_orders(Scribe *scribe, GError **error)
{
  g_autoptr(GStringChunk) text = g_string_chunk_new(4096);
  g_autoptr(GArray) orders = g_array_new(FALSE, FALSE, sizeof(Order));
  Desk desk = {scribe, text};
  for (size_t i = 0; i < scribe->reading->records->len; i++) {
    const Record *record = reading_record(scribe->reading, i);
    if (record->bad || record->repeat)
      continue;
    Order order = order_of(&desk, i);
    g_array_append_val(orders, order);
  }
  g_array_sort(orders, by_precedence);
  scribe->from_order = true;
  for (size_t i = 0; i < orders->len; i++) {
    Order *order = &g_array_index(orders, Order, i);
    bool (*apply)(const Desk *, Order *, GError **) =
        order->act >= ACT_CORRECT ? apply_amendment : apply_base;
    if (!apply(&desk, order, error))
      return false;
  }
  return true;
}
