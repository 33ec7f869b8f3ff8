// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inside who: what the parts of the page are made with.
#ifndef IDOU_WHO_P_H
#define IDOU_WHO_P_H

#include <idou/who.h>

typedef struct Page {
  const WhoSetup *setup;
  Who *who;
  Instant at;           // the moment of the day: now, of today; else when it begins
  Roster *roster;       // as of the day, with every post that is still in sight or to come
  GHashTable *rosters;  // of other days, for units as they were or will be: day -> Roster
} Page;

const char *who_keep(Page *page, const char *text);  // NULL becomes ""
const char *who_source(Page *page, int64_t row);     // "orders.csv:17"
// Names from the top down to the unit, as on that day; the code where it is not known.
const char *who_unit_path(Page *page, const char *code, Date day);
// The state and posts on the day as lines for comparing days: what -> value, both the caller's to free.
bool who_records_on(Page *page, Date day, GHashTable *out, GError **error);

// Parts of the page, each into its own arrays.
bool who_person(Page *page, GError **error);   // numbers, names, states, posts, facts (person.c)
bool who_orders(Page *page, GError **error);   // orders, holds, operations, absences (said.c)
bool who_looks(Page *page, GError **error);    // targets (targets.c)
bool who_outlook(Page *page, GError **error);  // changes (outlook.c)
void who_bars(Page *page);                     // from all of these (bars.c)

#endif
