// SPDX-License-Identifier: GPL-3.0-or-later
//
// An order by itself: what it says, how it stands, and what that means for people.
#include "orders_p.h"

#include <string.h>

const char *const standing_names[] = {
    [STANDING_HOLDS] = "holds",         [STANDING_WAITS] = "waits",
    [STANDING_REFUSED] = "refused",     [STANDING_CORRECTED] = "corrected",
    [STANDING_CANCELLED] = "cancelled", [STANDING_AMENDS] = "amends",
};

const char *order_says(const Order *order, WordId word)
{
  const char *value = json_string_value(json_object_get(order->said, word_traits[word].name));
  return value ? value : "";
}

Date order_first_day(const Order *order)
{
  return order->last_day ? order->is.date + 1 : order->is.date;
}

void order_fault(Order *order, Standing standing, WordId at, const char *code, const char *text)
{
  order->standing = standing;
  order->at = at;
  order->reason = code;
  order->text = text;
}

static size_t series_length(const char *number)
{
  const char *colon = strchr(number, ':');
  return colon ? (size_t)(colon - number) : 0;
}

bool order_same_series(const Order *a, const Order *b)
{
  size_t n = series_length(a->is.number);
  return g_str_equal(a->is.space, b->is.space) && n == series_length(b->is.number) &&
         strncmp(a->is.number, b->is.number, n) == 0;
}

// ---------------------------------------------------------------------------------------------
// Why it waits, and what is doubtful about it.

const char *order_waiting_text(const char *reason)
{
  if (g_str_equal(reason, "person-unknown"))
    return _("an order for somebody whom neither a hire nor a roster has named; it waits for them");
  if (g_str_equal(reason, "maybe-same"))
    return _(
        "somebody of the same kana and birth date is known under another number; it waits until a "
        "person decides: idou link NUMBER OLD_NUMBER, or idou link --different");
  return _("the two numbers are two people in the ledger, and both have accounts; it waits until a "
           "person decides: idou link NUMBER OLD_NUMBER");
}

const char *order_doubt_text(const char *doubt)
{
  static const struct {
    const char *code, *text;
  } doubts[] = {
      {"name-differs",
       N_("the person of this number never bore this name; if the number is a slip, HR "
          "must send a correction")},
      {"roster-disagrees",
       N_("a later roster says otherwise, and the order holds; ask HR which is right")},
      {"order-before-roster", N_("older than the first roster that knows the person, which says "
                                 "otherwise: the roster holds")},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(doubts); i++)
    if (g_str_equal(doubts[i].code, doubt))
      return _(doubts[i].text);
  return "";
}
