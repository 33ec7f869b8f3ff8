// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of orders share. replay.c goes through the orders of one person; deed.c knows what each kind of
// order checks and says.
#ifndef IDOU_ORDERS_P_H
#define IDOU_ORDERS_P_H

#include <idou/audit.h>
#include <idou/orders.h>
#include <jansson.h>

typedef struct Absence {
  const Order *order, *ended_by;
  Date from, to;
  bool silent;  // ended by leaving, which says so itself
} Absence;

typedef struct Replay {
  Store *store;
  uint32_t person;
  Instant at;  // what was known then
  GStringChunk *text;
  GPtrArray *orders;  // Order, by precedence
  GPtrArray *posts;   // key of a post by its id
  Known *told;        // facts that rosters told
  Known *before;      // facts from orders, as the ledger has them
  GArray *made;       // Fact: what the orders say
  GArray *absences;   // Absence
} Replay;

// Deeds: what a kind of order checks and says.
bool deed_check(Replay *replay, Order *order);  // false: the order's fault is filled in
bool deed_write(Replay *replay, const Order *order, GError **error);
// The fixed term that ran out before `day`: what it says.
bool deed_expire(Replay *replay, Date day, GError **error);
// For both: the fact in force by rosters and orders so far; what the row says ("" = nothing); adding one.
const Fact *replay_on(const Replay *replay, uint32_t post, FieldId field, Date day);
const char *order_says(const Order *order, WordId word);
Date order_first_day(const Order *order);
bool replay_say(Replay *replay, const Order *order, const Fact *fact);
// The order of a row, NULL when a roster told it; whether an order of that source gave a post.
const Order *replay_order_of(const Replay *replay, int64_t row);
bool replay_gave(const Replay *replay, int64_t row, const char *space);
// Both are entered in one book: in one namespace, under one series of numbers.
bool order_same_series(const Order *a, const Order *b);
// The last day of a term that ends on `last`, with what the unit was granted meanwhile.
Date replay_extended(const Replay *replay, Date last);
void order_fault(Order *order, Standing standing, WordId at, const char *code, const char *text);

// The person's post of that role in the unit, which may have had another code when the post began. 0 = none.
uint32_t post_find(Store *store, uint32_t person, const char *role, const char *code);

#endif
