// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_TALLY_P_H
#define IDOU_TALLY_P_H

#include <idou/tally.h>

#include <string.h>

// A month being counted.
typedef struct Count {
  const TallyAsk *ask;
  Store *store;
  TallyMonth *out;
  Instant from, until;  // of the month
  GHashTable *runs;     // id -> RunSeen
} Count;

static inline bool count_within(const Count *count, Instant at)
{
  return count->from <= at && at < count->until;
}

const char *count_keep(const Count *count, const char *text);  // NULL becomes ""
void count_hole(const Count *count, TallyGap gap, int64_t run, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
// "000310 山田　太郎"; "" for nobody.
const char *count_label(Count *count, Roster *roster, uint32_t person);

// tally_space.c; callers free. The namespace of somebody's number; and the number, with that in front where others have
// the same: "hospital/000310".
char *space_of(Store *store, const Person *person);
char *number_told(Store *store, const Person *person);

bool count_runs(Count *count, GError **error);  // runs.c: runs, and what is missing of them
bool count_ops(Count *count, GError **error);   // ops.c: operations and cases
bool count_people(Count *count, Roster *roster, GError **error);      // people.c
bool count_stages(Count *count, GError **error);                      // stages.c
bool count_exceptions(Count *count, Roster *roster, GError **error);  // exceptions.c
bool count_measures(Count *count, GError **error);                    // stages.c
bool count_overdue(Count *count, GError **error);                     // stages.c

typedef struct RunSeen {
  int64_t id;
  Instant started, ended;
  bool desk, over;
} RunSeen;

// accounts_past.c: what became of an object.
typedef struct AccountPast {
  Instant created, bound, off, used;  // INSTANT_NONE
  char *used_source;
  GString *restrictions;
} AccountPast;
GHashTable *accounts_past(Store *store, GError **error);
const AccountPast *accounts_past_of(GHashTable *pasts, const char *target,
                                    const char *object);  // NULL

#endif
