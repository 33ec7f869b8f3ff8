// SPDX-License-Identifier: GPL-3.0-or-later
//
// What each kind of order checks before it may hold, and what it then says.
#include "orders_p.h"

#include <string.h>

static const Fact *state_on(const Replay *replay, Date day)
{
  return replay_on(replay, 0, FIELD_STATE, day);
}

static bool has_left(const Fact *state)
{
  return state && g_str_equal(state->value, "left");
}

static bool refuse(Order *order, WordId at, const char *code, const char *text)
{
  order_fault(order, STANDING_REFUSED, at, code, text);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Checks: false when the order became a fault.

// The source that speaks for the person on the day; NULL = the one that named them first.
static const char *authority_on(const Replay *replay, Date day)
{
  const Fact *authority = replay_on(replay, 0, FIELD_AUTHORITY, day);
  return authority && *authority->value ? authority->value : NULL;
}

static bool check_hire(Replay *replay, Order *order)
{
  Date day = order->is.date;
  const Fact *state = state_on(replay, day);
  // A roster of the same day may have named the person first.
  if (!state || has_left(state) || (!state->from_order && state->valid_from == day))
    return true;
  // From another source: 出向 and 転任 leave no gap, and HR's row takes over from a section's request.
  if (state->from_order && !replay_gave(replay, state->row, order->is.space))
    return true;
  return refuse(order, WORD_NUMBER, "hired-already",
                _("a hire of somebody who is in service on that day already; ask HR which number "
                  "is right"));
}

// Made to leave by an order that is not later than this one. On the very day of a 退職 others may still
// be dated, such as a promotion.
static bool check_serving(Replay *replay, Order *order)
{
  const Fact *state = state_on(replay, order->is.date);
  if (!has_left(state) || (state->from_order && seq_day(state->seq) == order->is.date))
    return true;
  return refuse(order, WORD_NUMBER, "person-left",
                _("an order for somebody who has left by that day; ask HR which holds"));
}

static bool check_retire(Replay *replay, Order *order)
{
  const Fact *state = state_on(replay, order->is.date);
  // Two rosters, or the end of a term, only concluded that somebody left; the order knows the day.
  if (has_left(state) && (!state->from_order || replay_on(replay, 0, FIELD_UNTIL, order->is.date)))
    return true;
  return check_serving(replay, order);
}

static uint32_t find_post(const Replay *replay, const char *role, const char *unit)
{
  return post_find(replay->store, replay->person, role, unit);
}

static bool check_post_end(Replay *replay, Order *order)
{
  uint32_t post = find_post(replay, act_traits[order->act].value, order_says(order, WORD_UNIT));
  const Fact *held = post ? replay_on(replay, post, FIELD_HELD, order->is.date) : NULL;
  if (held && g_str_equal(held->value, "1"))
    return true;
  return refuse(order, WORD_UNIT, "no-such-post",
                _("the person has no such post in this unit on that day; ask HR which holds"));
}

// A renewal may come after the term has run out.
static bool check_renew(Replay *replay, Order *order)
{
  const Fact *until = replay_on(replay, 0, FIELD_UNTIL, order->is.date);
  return (until && *until->value) || check_serving(replay, order);
}

// A pool account is lent to one at a time.
static bool check_loan(Replay *replay, Order *order)
{
  Date end;
  for (Date day = order->is.date;
       date_parse_iso(order_says(order, WORD_END_DATE), &end) && day <= end; day++) {
    const Fact *loan = replay_on(replay, 0, FIELD_LOAN, day);
    if (loan && *loan->value)
      return refuse(
          order, WORD_NUMBER, "lent-already",
          _("this account is lent to somebody else in that time; take another, or end the "
            "first loan earlier"));
  }
  return check_serving(replay, order);
}

static bool check_request_end(Replay *replay, Order *order)
{
  g_autofree char *key = g_strconcat("request:", order->is.target, NULL);
  uint32_t post = store_post_find(replay->store, replay->person, key);
  const Fact *held = post ? replay_on(replay, post, FIELD_HELD, order->is.date) : NULL;
  if (held && g_str_equal(held->value, "1"))
    return true;
  return refuse(order, WORD_ORDER_TARGET, "no-such-post",
                _("no request of this number holds on that day"));
}

static bool check_nothing(Replay *replay, Order *order)
{
  (void)replay, (void)order;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Writing.

static bool say(Replay *replay, const Order *order, uint32_t post, FieldId field, const char *value)
{
  Fact fact = {.post = post, .field = field, .value = value, .valid_from = order_first_day(order)};
  return replay_say(replay, order, &fact);
}

// Where a value of the row belongs: to the person or to the post.
static FieldId field_of(Store *store, const char *name, WordPlace *place)
{
  WordId word = word_find(name);
  *place = PLACE_PERSON;
  if (word != WORD_NONE) {
    *place = word_traits[word].place;
    return word_traits[word].field;
  }
  if (g_str_has_prefix(name, "post.")) {
    *place = PLACE_POST;
    name += strlen("post.");
  }
  return store_field(store, name);
}

// The day from which a value holds: its own, where the row tells one for this column.
static Date day_of_value(const Order *order, const char *name)
{
  g_autofree char *key = g_strconcat(name, "@", NULL);
  const char *own = json_string_value(json_object_get(order->said, key));
  Date day;
  return own && date_parse_iso(own, &day) ? day : order_first_day(order);
}

static void say_columns(Replay *replay, const Order *order, WordPlace place, uint32_t post)
{
  const char *name;
  json_t *value;
  json_object_foreach(order->said, name, value)
  {
    WordPlace where;
    FieldId field = field_of(replay->store, name, &where);
    if (field == FIELD_NONE || where != place || strchr(name, '@'))
      continue;
    Fact fact = {.post = post,
                 .field = field,
                 .value = json_string_value(value),
                 .valid_from = day_of_value(order, name)};
    replay_say(replay, order, &fact);
  }
}

// A post with all that the row says of it, held from that day on, to the end that the row may tell.
static bool say_post(Replay *replay, const Order *order, const char *key, const char *role,
                     GError **error)
{
  uint32_t post = store_post(replay->store, replay->person, key, error);
  Date end;
  if (!post)
    return false;
  say(replay, order, post, FIELD_ROLE, role);
  say(replay, order, post, FIELD_HELD, "1");
  say_columns(replay, order, PLACE_POST, post);
  if (strcmp(role, "main") != 0 && date_parse_iso(order_says(order, WORD_END_DATE), &end)) {
    Fact fact = {.post = post, .field = FIELD_HELD, .value = "0", .valid_from = end + 1};
    replay_say(replay, order, &fact);
  }
  return true;
}

static bool write_main(Replay *replay, const Order *order, GError **error)
{
  // Where the unit has a day of its own, the post is not held from the day of the order.
  return say_post(replay, order, "main", "main", error);
}

static bool write_state(Replay *replay, const Order *order, GError **error)
{
  (void)error;
  return say(replay, order, 0, FIELD_STATE, act_traits[order->act].value);
}

static void end_absences(Replay *replay, const Order *order, Date day, bool silent)
{
  for (guint i = 0; i < replay->absences->len; i++) {
    Absence *absence = &g_array_index(replay->absences, Absence, i);
    if (absence->to <= day)
      continue;
    absence->to = MAX(day, absence->from);
    absence->ended_by = order;
    absence->silent = silent;
  }
}

static bool write_hire(Replay *replay, const Order *order, GError **error)
{
  if (!*order_says(order, WORD_HIRED)) {
    g_autoptr(GString) hired = g_string_new(NULL);
    date_format(order_first_day(order), hired);
    say(replay, order, 0, FIELD_HIRED, hired->str);
  }
  const Fact *until = replay_on(replay, 0, FIELD_UNTIL, order->is.date);
  if (until && *until->value && !*order_says(order, WORD_UNTIL))
    say(replay, order, 0, FIELD_UNTIL, "");
  if (authority_on(replay, order->is.date) || *order_says(order, WORD_OLD_SPACE))
    say(replay, order, 0, FIELD_AUTHORITY, order->is.space);
  end_absences(replay, order, order_first_day(order), true);
  say_columns(replay, order, PLACE_PERSON, 0);
  return write_state(replay, order, error) && write_main(replay, order, error);
}

static bool write_renew(Replay *replay, const Order *order, GError **error)
{
  // Asked first: what is said moves the facts.
  bool was_over = has_left(state_on(replay, order_first_day(order)));
  say_columns(replay, order, PLACE_PERSON, 0);
  if (was_over && !write_state(replay, order, error))
    return false;
  return *order_says(order, WORD_UNIT) || *order_says(order, WORD_TITLE)
             ? write_main(replay, order, error)
             : true;
}

static bool write_change(Replay *replay, const Order *order, GError **error)
{
  say_columns(replay, order, PLACE_PERSON, 0);
  uint32_t post = store_post(replay->store, replay->person, "main", error);
  if (post)
    say_columns(replay, order, PLACE_POST, post);
  return post != 0;
}

// Coming back to a source ends what made another one speak for the person.
static bool write_transfer(Replay *replay, const Order *order, GError **error)
{
  const char *authority = authority_on(replay, order->is.date);
  if (authority && !g_str_equal(authority, order->is.space))
    say(replay, order, 0, FIELD_AUTHORITY, order->is.space);
  return write_main(replay, order, error);
}

static bool write_post(Replay *replay, const Order *order, GError **error)
{
  const char *role = act_traits[order->act].value;
  g_autofree char *key = g_strconcat(role, ":", order_says(order, WORD_UNIT), NULL);
  return say_post(replay, order, key, role, error);
}

static bool write_post_end(Replay *replay, const Order *order, GError **error)
{
  (void)error;
  uint32_t post = find_post(replay, act_traits[order->act].value, order_says(order, WORD_UNIT));
  return say(replay, order, post, FIELD_HELD, "0");
}

static bool write_absence(Replay *replay, const Order *order, GError **error)
{
  (void)error;
  Date end;
  Absence absence = {.order = order, .from = order_first_day(order), .to = DATE_OPEN};
  if (date_parse_iso(order_says(order, WORD_END_DATE), &end))
    absence.to = MAX(end + 1, absence.from);
  g_array_append_val(replay->absences, absence);
  return true;
}

// Ends the absences of its own series; one that another office keeps the book of goes on.
static bool write_return(Replay *replay, const Order *order, GError **error)
{
  Date day = order_first_day(order);
  bool others = false;
  for (guint i = 0; i < replay->absences->len; i++) {
    Absence *absence = &g_array_index(replay->absences, Absence, i);
    if (absence->to <= day || absence->from > day)
      continue;
    if (!order_same_series(absence->order, order)) {
      others = true;
      continue;
    }
    absence->to = day;
    absence->ended_by = order;
  }
  return others || write_state(replay, order, error);
}

static bool write_hand_over(Replay *replay, const Order *order, GError **error)
{
  (void)error;
  const char *to = order_says(order, WORD_OLD_SPACE);
  say_columns(replay, order, PLACE_PERSON, 0);
  return say(replay, order, 0, FIELD_AUTHORITY, *to ? to : "*");
}

// Posts beside the main one end too, those that another source gave excepted: then only the main post
// ends, and the person serves on. Hired again, one would otherwise hold them again.
static bool end_posts(Replay *replay, const Order *order, Date left)
{
  bool remains = false;
  for (guint post = 1; post < replay->posts->len; post++) {
    const char *key = replay->posts->pdata[post];
    const Fact *held = replay_on(replay, post, FIELD_HELD, left);
    if (!key || g_str_equal(key, "main") || !held || !g_str_equal(held->value, "1"))
      continue;
    if (held->from_order && !replay_gave(replay, held->row, order->is.space))
      remains = true;
    else
      say(replay, order, post, FIELD_HELD, "0");
  }
  return remains;
}

// What a source says of somebody whom another one has taken over ends only what it gave itself.
static bool is_elsewhere(const Replay *replay, const Order *order)
{
  const char *authority = authority_on(replay, order->is.date);
  return authority && *order->is.space && !g_str_equal(authority, order->is.space) &&
         !g_str_equal(authority, "*");
}

static bool write_retire(Replay *replay, const Order *order, GError **error)
{
  Date left = order_first_day(order);
  bool remains = end_posts(replay, order, left);
  if (is_elsewhere(replay, order))
    return true;
  if (remains) {
    uint32_t main = store_post(replay->store, replay->person, "main", error);
    return main && say(replay, order, main, FIELD_HELD, "0");
  }
  end_absences(replay, order, left, true);
  return write_state(replay, order, error);
}

bool deed_expire(Replay *replay, Date day, GError **error)
{
  const Fact *until = replay_on(replay, 0, FIELD_UNTIL, day);
  Date last;
  if (!until || !date_parse_iso(until->value, &last))
    return true;
  last = replay_extended(replay, last);
  const Fact *state = state_on(replay, last + 1);
  if (last >= day || last + 1 < until->valid_from || !state || has_left(state))
    return true;
  // As if there were an order to leave; its source is the row that told the end.
  const Order *said_by = replay_order_of(replay, until->row);
  Order order = {.act = ACT_RETIRE, .last_day = true};
  order.is = (OrderRow){.row = until->row, .seq = until->seq, .date = last, .space = ""};
  if (said_by)
    order.is.space = said_by->is.space;
  return write_retire(replay, &order, error);
}

static size_t family_length(const char *name)
{
  const char *at = name;
  while (*at && !g_unichar_isspace(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  return (size_t)(at - name);
}

// The old family name, or its reading, where the row gives none itself.
static void keep_former(Replay *replay, const Order *order, FieldId whole, WordId former)
{
  const Fact *old = replay_on(replay, 0, whole, order_first_day(order) - 1);
  if (!order->keep_former || *order_says(order, former) || !old)
    return;
  g_autofree char *family = g_strndup(old->value, family_length(old->value));
  say(replay, order, 0, word_traits[former].field, family);
}

static bool write_rename(Replay *replay, const Order *order, GError **error)
{
  static const WordId said[] = {WORD_NAME,        WORD_KANA,       WORD_FORMER_NAME,
                                WORD_FORMER_KANA, WORD_USE_FORMER, WORD_ROMAJI};
  (void)error;
  keep_former(replay, order, FIELD_NAME, WORD_FORMER_NAME);
  keep_former(replay, order, FIELD_KANA, WORD_FORMER_KANA);
  for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
    const char *value = order_says(order, said[i]);
    if (*value)
      say(replay, order, 0, word_traits[said[i]].field, value);
  }
  return true;
}

// The account works while it is lent, and only then; who has it is its owner.
static bool write_loan(Replay *replay, const Order *order, GError **error)
{
  static const struct {
    FieldId field;
    const char *value;
  } after[] = {{FIELD_LOAN, ""}, {FIELD_OWNER, ""}, {FIELD_STATE, "leave"}};
  Date end = DATE_NONE;
  (void)error;
  date_parse_iso(order_says(order, WORD_END_DATE), &end);
  say(replay, order, 0, FIELD_LOAN, order->is.number);
  say(replay, order, 0, FIELD_OWNER, order_says(order, WORD_OWNER));
  say(replay, order, 0, FIELD_STATE, "active");
  for (size_t i = 0; i < G_N_ELEMENTS(after); i++) {
    // Another loan may begin that very day, and comes later.
    Order back = *order;
    back.is.seq = seq_of(end, false, NULL, 0);
    replay_say(replay, &back,
               &(Fact){.field = after[i].field, .value = after[i].value, .valid_from = end + 1});
  }
  return true;
}

// A right by way of exception is a post of its own, in the unit of the main post if the row names none.
static bool write_request(Replay *replay, const Order *order, GError **error)
{
  g_autofree char *key = g_strconcat("request:", order->is.number, NULL);
  uint32_t main = store_post_find(replay->store, replay->person, "main");
  const Fact *fact = main ? replay_on(replay, main, FIELD_UNIT, order_first_day(order)) : NULL;
  const char *unit = fact ? fact->value : NULL;  // what is said moves the facts, not their values
  if (!say_post(replay, order, key, "request", error))
    return false;
  uint32_t post = store_post_find(replay->store, replay->person, key);
  return *order_says(order, WORD_UNIT) || !unit || say(replay, order, post, FIELD_UNIT, unit);
}

static bool write_request_end(Replay *replay, const Order *order, GError **error)
{
  (void)error;
  g_autofree char *key = g_strconcat("request:", order->is.target, NULL);
  return say(replay, order, store_post_find(replay->store, replay->person, key), FIELD_HELD, "0");
}

static bool write_nothing(Replay *replay, const Order *order, GError **error)
{
  (void)replay, (void)order, (void)error;
  return true;
}

typedef struct Deed {
  bool (*check)(Replay *, Order *);
  bool (*write)(Replay *, const Order *, GError **);
} Deed;

static const Deed deeds[N_ACTS] = {
    [ACT_HIRE] = {check_hire, write_hire},
    [ACT_TAKE_OVER] = {check_nothing, write_hire},
    [ACT_RENEW] = {check_renew, write_renew},
    [ACT_TRANSFER] = {check_serving, write_transfer},
    [ACT_RELABEL] = {check_serving, write_main},
    [ACT_PROMOTE] = {check_serving, write_main},
    [ACT_CHANGE] = {check_serving, write_change},
    [ACT_CONCURRENT] = {check_serving, write_post},
    [ACT_JOINT] = {check_serving, write_post},
    [ACT_ACTING] = {check_serving, write_post},
    [ACT_ASSIST] = {check_serving, write_post},
    [ACT_SEAT] = {check_serving, write_post},
    [ACT_CONCURRENT_END] = {check_post_end, write_post_end},
    [ACT_JOINT_END] = {check_post_end, write_post_end},
    [ACT_ACTING_END] = {check_post_end, write_post_end},
    [ACT_ASSIST_END] = {check_post_end, write_post_end},
    [ACT_SEAT_END] = {check_post_end, write_post_end},
    [ACT_LEAVE] = {check_serving, write_absence},
    [ACT_SUSPEND] = {check_serving, write_absence},
    [ACT_SECOND] = {check_serving, write_absence},
    [ACT_RETURN] = {check_serving, write_return},
    [ACT_HAND_OVER] = {check_serving, write_hand_over},
    [ACT_RETIRE] = {check_retire, write_retire},
    [ACT_RENAME] = {check_serving, write_rename},
    [ACT_LOAN] = {check_loan, write_loan},
    [ACT_REQUEST] = {check_serving, write_request},
    [ACT_REQUEST_END] = {check_request_end, write_request_end},
    [ACT_IGNORE] = {check_nothing, write_nothing},
};

bool deed_check(Replay *replay, Order *order)
{
  return deeds[order->act].check(replay, order);
}

bool deed_write(Replay *replay, const Order *order, GError **error)
{
  return deeds[order->act].write(replay, order, error);
}
