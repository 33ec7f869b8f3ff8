// SPDX-License-Identifier: GPL-3.0-or-later
//
// All orders of a person, as facts. First 訂正 and 取消 find what they speak of; then the orders that hold
// are gone through in HR's precedence, each checked against what rosters and the orders before it say; and
// what comes of it is compared with what the ledger has: what is not said any more is known no longer.
#include "orders_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Facts so far.

// Whether `a` comes after `b` where both are valid.
static bool is_later(const Fact *a, const Fact *b)
{
  return !b || a->valid_from > b->valid_from ||
         (a->valid_from == b->valid_from && a->seq >= b->seq);
}

static bool is_of(const Fact *fact, uint32_t post, FieldId field, Date day)
{
  return fact->post == post && fact->field == field && fact->valid_from <= day &&
         day < fact->valid_to;
}

const Fact *replay_on(const Replay *replay, uint32_t post, FieldId field, Date day)
{
  const GArray *sources[] = {replay->told->facts, replay->made};
  const Fact *best = NULL;
  for (size_t s = 0; s < G_N_ELEMENTS(sources); s++)
    for (guint i = 0; i < sources[s]->len; i++) {
      const Fact *fact = &g_array_index(sources[s], Fact, i);
      if (is_of(fact, post, field, day) && is_later(fact, best))
        best = fact;
    }
  return best;
}

static void note_post(Replay *replay, uint32_t post)
{
  if (post >= replay->posts->len)
    g_ptr_array_set_size(replay->posts, (gint)post + 1);
  if (replay->posts->pdata[post] || !post)
    return;
  const char *key = store_post_key(replay->store, post);
  replay->posts->pdata[post] = g_string_chunk_insert(replay->text, key ? key : "main");
}

bool replay_say(Replay *replay, const Order *order, const Fact *what)
{
  Fact fact = *what;
  fact.kind = SUBJECT_PERSON;
  fact.subject = replay->person;
  fact.value = g_string_chunk_insert_const(replay->text, fact.value);
  fact.valid_to = DATE_OPEN;
  fact.known_from = replay->at;
  fact.known_to = INSTANT_OPEN;
  fact.seq = order->is.seq;
  fact.row = order->is.row;
  fact.from_order = true;
  note_post(replay, fact.post);
  g_array_append_val(replay->made, fact);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Orders.

const Order *replay_order_of(const Replay *replay, int64_t row)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    const Order *order = replay->orders->pdata[i];
    if (order->is.row == row)
      return order;
  }
  return NULL;
}

bool replay_gave(const Replay *replay, int64_t row, const char *space)
{
  const Order *order = replay_order_of(replay, row);
  return !order || g_str_equal(order->is.space, space);
}

Date replay_extended(const Replay *replay, Date last)
{
  const Fact *main = NULL;
  for (guint post = 1; post < replay->posts->len && !main; post++)
    if (g_strcmp0(replay->posts->pdata[post], "main") == 0)
      main = replay_on(replay, post, FIELD_UNIT, last);
  return main ? store_extension_of(replay->store, main->value, last, replay->at) : last;
}

static void free_order(void *data)
{
  Order *order = data;
  json_decref(order->said);
  g_free(order);
}

static const char *keep(Replay *replay, const char *text)
{
  return g_string_chunk_insert_const(replay->text, text);
}

static bool take_order(const OrderRow *row, void *data)
{
  Replay *replay = data;
  if (row->known_from > replay->at || row->known_to <= replay->at)
    return true;
  Order *order = g_new0(Order, 1);
  order->is = *row;
  const char **texts[] = {&order->is.space,      &order->is.number, &order->is.person_number,
                          &order->is.old_number, &order->is.target, &order->is.kind,
                          &order->is.said,       &order->is.state,  &order->is.reason};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(replay, *texts[i]);
  order->act = act_find(row->kind);
  order->last_day = row->last_day;
  order->keep_former = row->keep_former;
  order->said = json_loads(row->said, 0, NULL);
  order->reason = "";
  order->at = WORD_NONE;
  g_ptr_array_add(replay->orders, order);
  return true;
}

// ---------------------------------------------------------------------------------------------
// 訂正 and 取消.

// The series of a number stands before it, also of the one that an amendment speaks of.
static Order *find_target(const Replay *replay, const Order *amendment)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    Order *order = replay->orders->pdata[i];
    if (order != amendment && g_str_equal(order->is.space, amendment->is.space) &&
        g_str_equal(order->is.number, amendment->is.target))
      return order;
  }
  return NULL;
}

static bool explain_missing(const Replay *replay, Order *order)
{
  OrderRow row;
  if (store_order_find(replay->store, order->is.space, order->is.target, &row) &&
      row.person != replay->person && row.person)
    order_fault(order, STANDING_REFUSED, WORD_NUMBER, "order-target",
                _("the order of this number is another person's; ask HR which holds"));
  else
    order_fault(order, STANDING_WAITS, WORD_ORDER_TARGET, "order-target",
                _("no order of this number has been taken in; nothing to correct or cancel until "
                  "it comes"));
  return false;
}

static bool check_words(Order *order)
{
  uint64_t needs = act_traits[order->act].needs;
  for (WordId word = 0; word < N_WORDS; word++)
    if (needs & BIT_OF(word) && !*order_says(order, word)) {
      order_fault(order, STANDING_REFUSED, word, "empty-cell",
                  _("this cell may not be empty in the correction of an order of its kind"));
      return false;
    }
  return true;
}

static bool check_target(const Replay *replay, Order *order, const Order *target)
{
  if (!target)
    return explain_missing(replay, order);
  const char *text = NULL;
  if (target->is.kind && g_str_equal(target->is.kind, act_traits[ACT_CANCEL].name))
    text = _("this number is that of a cancellation; issue the order again instead");
  else if (target->standing == STANDING_REFUSED || target->standing == STANDING_WAITS)
    text = target->root ? NULL : target->text;
  else if (act_amends(act_find(target->is.kind)) && order->act == ACT_CANCEL)
    text = _("this number is that of a correction; cancel the order itself, or correct it again");
  if (text)
    order_fault(order, STANDING_REFUSED, WORD_ORDER_TARGET, "order-target", text);
  return !text;
}

static void correct(Order *order, Order *root)
{
  order->act = act_find(root->is.kind);
  order->last_day = root->is.last_day;
  order->keep_former = root->is.keep_former;
  order->root = root;
  if (!check_words(order))
    return;
  if (root->holds)
    root->holds->standing = STANDING_CORRECTED;
  root->standing = STANDING_CORRECTED;
  root->holds = order;
  order->standing = STANDING_AMENDS;
}

static void cancel(Order *order, Order *root)
{
  order->root = root;
  order->standing = STANDING_AMENDS;
  if (root->holds)
    root->holds->standing = STANDING_CANCELLED;
  root->standing = STANDING_CANCELLED;
  root->holds = NULL;
}

// In their own precedence, so that the last one that speaks of an order decides.
static void amend(Replay *replay)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    Order *order = replay->orders->pdata[i];
    if (!act_amends(order->act))
      order->holds = order;
  }
  for (guint i = 0; i < replay->orders->len; i++) {
    Order *order = replay->orders->pdata[i];
    if (!act_amends(act_find(order->is.kind)))
      continue;
    Order *target = find_target(replay, order);
    if (!check_target(replay, order, target))
      continue;
    Order *root = target->root ? target->root : target;
    (order->act == ACT_CANCEL ? cancel : correct)(order, root);
  }
}

// ---------------------------------------------------------------------------------------------
// In HR's precedence.

static int by_precedence(const void *a, const void *b)
{
  const Order *left = *(const Order *const *)a, *right = *(const Order *const *)b;
  if (left->is.date != right->is.date)
    return left->is.date < right->is.date ? -1 : 1;
  if (act_traits[left->act].rank != act_traits[right->act].rank)
    return act_traits[left->act].rank - act_traits[right->act].rank;
  if (left->is.seq != right->is.seq)
    return left->is.seq < right->is.seq ? -1 : 1;
  return (left->is.row > right->is.row) - (left->is.row < right->is.row);
}

static GPtrArray *holding(const Replay *replay)
{
  GPtrArray *list = g_ptr_array_new();
  for (guint i = 0; i < replay->orders->len; i++) {
    Order *order = replay->orders->pdata[i];
    if (!act_amends(act_find(order->is.kind)) && order->holds)
      g_ptr_array_add(list, order->holds);
  }
  g_ptr_array_sort(list, by_precedence);
  return list;
}

static bool go_through(Replay *replay, GError **error)
{
  g_autoptr(GPtrArray) list = holding(replay);
  for (guint i = 0; i < list->len; i++) {
    Order *order = list->pdata[i];
    if (!deed_expire(replay, order->is.date, error))
      return false;
    if (deed_check(replay, order) && !deed_write(replay, order, error))
      return false;
  }
  return deed_expire(replay, DATE_OPEN - 1, error);
}

// ---------------------------------------------------------------------------------------------
// Absences lie over each other: on each day on which one begins or ends, the strongest holds.

static int weight_of(const Absence *absence)
{
  return absence->order->act == ACT_SUSPEND ? 3 : absence->order->act == ACT_LEAVE ? 2 : 1;
}

static const Absence *strongest_on(const Replay *replay, Date day)
{
  const Absence *best = NULL;
  for (guint i = 0; i < replay->absences->len; i++) {
    const Absence *absence = &g_array_index(replay->absences, Absence, i);
    if (absence->from <= day && day < absence->to &&
        (!best || weight_of(absence) > weight_of(best)))
      best = absence;
  }
  return best;
}

static void say_absence(Replay *replay, const Order *by, Date day)
{
  const Absence *holds = strongest_on(replay, day);
  const Fact *state = replay_on(replay, 0, FIELD_STATE, day);
  if (state && g_str_equal(state->value, "left"))
    return;
  Order order = *by;
  if (state && state->valid_from == day && state->seq >= order.is.seq)
    order.is.seq = state->seq + 1;
  Fact fact = {.field = FIELD_STATE,
               .value = holds ? act_traits[holds->order->act].value : "active",
               .valid_from = day};
  replay_say(replay, &order, &fact);
}

static void lay_absences(Replay *replay)
{
  for (guint i = 0; i < replay->absences->len; i++) {
    const Absence *absence = &g_array_index(replay->absences, Absence, i);
    if (absence->from < absence->to)
      say_absence(replay, absence->order, absence->from);
  }
  for (guint i = 0; i < replay->absences->len; i++) {
    const Absence *absence = &g_array_index(replay->absences, Absence, i);
    const Order *by = absence->ended_by ? absence->ended_by : absence->order;
    if (absence->from < absence->to && absence->to != DATE_OPEN && !absence->silent)
      say_absence(replay, by, absence->to);
  }
}

// ---------------------------------------------------------------------------------------------
// Orders over rosters: where an order has spoken of a field, a later roster that says otherwise does not
// move it, whichever of the two was taken in first. Nor does an order move what the first roster of somebody
// says, unless it follows from the day the person was hired by order: earlier orders may be missing.

static int by_time(const void *a, const void *b)
{
  const Fact *left = *(const Fact *const *)a, *right = *(const Fact *const *)b;
  if (left->valid_from != right->valid_from)
    return left->valid_from < right->valid_from ? -1 : 1;
  return (left->seq > right->seq) - (left->seq < right->seq);
}

static GPtrArray *facts_of_field(const Replay *replay, const Fact *like)
{
  const GArray *sources[] = {replay->told->facts, replay->made};
  GPtrArray *list = g_ptr_array_new();
  for (size_t s = 0; s < G_N_ELEMENTS(sources); s++)
    for (guint i = 0; i < sources[s]->len; i++) {
      Fact *fact = &g_array_index(sources[s], Fact, i);
      if (fact->post == like->post && fact->field == like->field)
        g_ptr_array_add(list, fact);
    }
  g_ptr_array_sort(list, by_time);
  return list;
}

static bool hired_by_order(const Replay *replay, Date by)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    const Order *order = replay->orders->pdata[i];
    const Order *holds = order->holds;
    if (holds && (holds->act == ACT_HIRE || holds->act == ACT_TAKE_OVER) &&
        holds->standing != STANDING_REFUSED && holds->is.date <= by)
      return true;
  }
  return false;
}

static void doubt(Replay *replay, int64_t row, const char *code, const char *value)
{
  Order *order = (Order *)replay_order_of(replay, row);
  if (!order || order->doubt)
    return;
  order->doubt = code;
  order->doubt_value = keep(replay, value);
}

static void reassert(Replay *replay, const Fact *order, const Fact *roster, GArray *out)
{
  Fact fact = *order;
  fact.valid_from = roster->valid_from;
  fact.valid_to = roster->valid_to;
  fact.seq = roster->seq + 1;
  g_array_append_val(out, fact);
  doubt(replay, order->row, "roster-disagrees", roster->value);
}

static void assert_field(Replay *replay, const Fact *like, GArray *out)
{
  g_autoptr(GPtrArray) list = facts_of_field(replay, like);
  const Fact *holds = NULL;
  bool roster_spoke = false;
  for (guint i = 0; i < list->len; i++) {
    const Fact *fact = list->pdata[i];
    bool is_roster = !fact->from_order && !fact->decided;
    bool is_base = is_roster && !roster_spoke && !hired_by_order(replay, fact->valid_from);
    roster_spoke |= is_roster;
    if (is_roster && !is_base && holds && holds->from_order &&
        holds->valid_from < fact->valid_from) {
      if (strcmp(holds->value, fact->value) != 0)
        reassert(replay, holds, fact, out);
      continue;
    }
    if (is_base && holds && holds->from_order && strcmp(holds->value, fact->value) != 0)
      doubt(replay, holds->row, "order-before-roster", fact->value);
    holds = fact;
  }
}

static bool is_first_of_field(const GArray *made, guint at)
{
  const Fact *fact = &g_array_index(made, Fact, at);
  for (guint i = 0; i < at; i++) {
    const Fact *other = &g_array_index(made, Fact, i);
    if (other->post == fact->post && other->field == fact->field)
      return false;
  }
  return true;
}

static void assert_orders(Replay *replay)
{
  g_autoptr(GArray) more = g_array_new(FALSE, FALSE, sizeof(Fact));
  if (replay->told->facts->len == 0)
    return;
  for (guint i = 0; i < replay->made->len; i++)
    if (is_first_of_field(replay->made, i))
      assert_field(replay, &g_array_index(replay->made, Fact, i), more);
  g_array_append_vals(replay->made, more->data, more->len);
}

// ---------------------------------------------------------------------------------------------
// A slip in the number makes an order somebody else's; the name in its row tells.

static bool same_name(const char *a, const char *b)
{
  g_autoptr(GString) left = g_string_new(NULL), right = g_string_new(NULL);
  text_key(a, left);
  text_key(b, right);
  return g_string_equal(left, right);
}

// Any name the person ever bore: a row may still have the old one, or already the new.
static bool bore_name(const Replay *replay, const char *name)
{
  const GArray *sources[] = {replay->told->facts, replay->made};
  bool any = false;
  for (size_t s = 0; s < G_N_ELEMENTS(sources); s++)
    for (guint i = 0; i < sources[s]->len; i++) {
      const Fact *fact = &g_array_index(sources[s], Fact, i);
      if (fact->post || fact->field != FIELD_NAME)
        continue;
      any = true;
      if (same_name(fact->value, name))
        return true;
    }
  return !any;
}

static void doubt_names(Replay *replay)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    const Order *order = replay->orders->pdata[i];
    const char *name = order_says(order, WORD_NAME);
    if (order->standing == STANDING_HOLDS && *name && !bore_name(replay, name))
      doubt(replay, order->is.row, "name-differs", name);
  }
}

// ---------------------------------------------------------------------------------------------
// Into the ledger.

static bool same_fact(const Fact *a, const Fact *b)
{
  return a->post == b->post && a->field == b->field && a->valid_from == b->valid_from &&
         a->valid_to == b->valid_to && a->seq == b->seq && a->row == b->row &&
         strcmp(a->value, b->value) == 0;
}

static bool has_fact(const GArray *facts, const Fact *fact)
{
  for (guint i = 0; i < facts->len; i++)
    if (same_fact(&g_array_index(facts, Fact, i), fact))
      return true;
  return false;
}

static bool same_slot(const Fact *a, const Fact *b)
{
  return a->post == b->post && a->field == b->field && a->valid_from == b->valid_from &&
         a->seq == b->seq && a->row == b->row;
}

// One row says one thing of a field and day; what it says last counts.
static void drop_repeats(GArray *made)
{
  for (guint i = 0; i < made->len; i++)
    for (guint j = i + 1; j < made->len; j++)
      if (same_slot(&g_array_index(made, Fact, i), &g_array_index(made, Fact, j))) {
        g_array_remove_index(made, i--);
        break;
      }
}

static bool write_difference(Replay *replay, GError **error)
{
  drop_repeats(replay->made);
  for (guint i = 0; i < replay->before->facts->len; i++) {
    const Fact *fact = &g_array_index(replay->before->facts, Fact, i);
    if (!has_fact(replay->made, fact) && !store_fact_end(replay->store, fact, replay->at, error))
      return false;
  }
  for (guint i = 0; i < replay->made->len; i++) {
    const Fact *fact = &g_array_index(replay->made, Fact, i);
    if (!has_fact(replay->before->facts, fact) && !store_fact_add(replay->store, fact, error))
      return false;
  }
  return true;
}

static bool tell_standings(const Replay *replay, ReplayFunc func, void *data, GError **error)
{
  for (guint i = 0; i < replay->orders->len; i++) {
    const Order *order = replay->orders->pdata[i];
    const char *state = standing_names[order->standing];
    bool changed =
        !g_str_equal(state, order->is.state) || !g_str_equal(order->reason, order->is.reason);
    if (changed &&
        !store_order_set_state(replay->store, order->is.row, state, order->reason, error))
      return false;
    if (func && (changed || *order->reason || order->doubt))
      func(order, changed, data);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

static void split_known(Replay *replay)
{
  GArray *facts = replay->told->facts;
  for (guint i = 0; i < facts->len;) {
    Fact *fact = &g_array_index(facts, Fact, i);
    note_post(replay, fact->post);
    if (!fact->from_order) {
      i++;
      continue;
    }
    fact->value = keep(replay, fact->value);
    g_array_append_val(replay->before->facts, *fact);
    g_array_remove_index(facts, i);
  }
}

static void replay_clear(Replay *replay)
{
  g_clear_pointer(&replay->orders, g_ptr_array_unref);
  g_clear_pointer(&replay->posts, g_ptr_array_unref);
  g_clear_pointer(&replay->made, g_array_unref);
  g_clear_pointer(&replay->absences, g_array_unref);
  known_free(replay->told);
  known_free(replay->before);
  g_string_chunk_free(replay->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replay, replay_clear)

static bool replay_at(const Replay *like, ReplayFunc func, void *data, GError **error)
{
  g_auto(Replay) replay = *like;
  replay.text = g_string_chunk_new(1024);
  replay.orders = g_ptr_array_new_with_free_func(free_order);
  replay.posts = g_ptr_array_new();
  replay.made = g_array_new(FALSE, FALSE, sizeof(Fact));
  replay.absences = g_array_new(FALSE, FALSE, sizeof(Absence));
  replay.before = known_new();
  replay.told = known_load(replay.store, SUBJECT_PERSON, replay.person, replay.at, error);
  if (!replay.told || !store_orders_of(replay.store, replay.person, take_order, &replay, error))
    return false;
  split_known(&replay);
  amend(&replay);
  if (!go_through(&replay, error))
    return false;
  lay_absences(&replay);
  assert_orders(&replay);
  doubt_names(&replay);
  return write_difference(&replay, error) && tell_standings(&replay, func, data, error);
}

// Moments after `now` at which what is known of the person changes.
typedef struct Moments {
  Instant now;
  GArray *later;  // Instant, ascending
} Moments;

static void note_moment(Moments *moments, Instant at)
{
  if (at <= moments->now || at == INSTANT_OPEN)
    return;
  guint i = 0;
  while (i < moments->later->len && g_array_index(moments->later, Instant, i) < at)
    i++;
  if (i == moments->later->len || g_array_index(moments->later, Instant, i) != at)
    g_array_insert_val(moments->later, i, at);
}

static bool note_moments(const OrderRow *row, void *data)
{
  note_moment(data, row->known_from);
  note_moment(data, row->known_to);
  return true;
}

bool replay_person(Store *store, uint32_t person, Instant now, ReplayFunc func, void *data,
                   GError **error)
{
  g_autoptr(GArray) later = g_array_new(FALSE, FALSE, sizeof(Instant));
  Moments moments = {now, later};
  Replay like = {.store = store, .person = person, .at = now};
  if (!store_orders_of(store, person, note_moments, &moments, error) ||
      !replay_at(&like, func, data, error))
    return false;
  for (guint i = 0; i < later->len; i++) {
    like.at = g_array_index(later, Instant, i);
    if (!replay_at(&like, func, data, error))
      return false;
  }
  return true;
}
