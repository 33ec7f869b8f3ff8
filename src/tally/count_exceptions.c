// SPDX-License-Identifier: GPL-3.0-or-later
//
// What people have or keep by way of exception: claims, holds, and rights that somebody applied for.
#include "tally_p.h"

static void add(const Count *count, TallyException exception)
{
  const TallyPeriod *period = &count->out->period;
  if (exception.from >= period->next || exception.until <= period->first)
    return;
  exception.begun = exception.from >= period->first;
  exception.ended = exception.until < period->next;
  g_array_append_val(count->out->exceptions, exception);
}

typedef struct Walk {
  Count *count;
  Roster *roster;
} Walk;

// Whose the object is: "account/17".
static const char *whose(const Walk *walk, const char *object)
{
  const char *slash = strchr(object, '/');
  uint32_t person = slash && !g_str_has_prefix(object, "orphan/")
                        ? (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10)
                        : 0;
  const char *label = count_label(walk->count, walk->roster, person);
  return *label != '\0' ? label : count_keep(walk->count, object);
}

static bool take_claim(const ClaimRow *claim, void *data)
{
  const Walk *walk = data;
  const Count *count = walk->count;
  Date withdrawn = claim->withdrawn == INSTANT_NONE ? DATE_OPEN : date_of_instant(claim->withdrawn);
  add(count,
      (TallyException){.kind = "claim",
                       .target = count_keep(count, claim->target),
                       .whom = whose(walk, claim->object),
                       .what = count_keep(count, *claim->group ? claim->group : claim->cause),
                       .reason = count_keep(count, claim->reason),
                       .who = count_keep(count, claim->who),
                       .from = date_of_instant(claim->since),
                       .until = MIN(claim->until, withdrawn)});
  return true;
}

static bool take_hold(const HoldRow *hold, void *data)
{
  const Walk *walk = data;
  const Count *count = walk->count;
  add(count, (TallyException){.kind = "hold",
                              .target = "",
                              .whom = count_keep(count, hold->name),
                              .what = count_keep(count, hold->kind),
                              .reason = "",  // why, is for those who must know it
                              .who = count_keep(count, hold->who),
                              .from = date_of_instant(hold->since),
                              .until = hold->released == INSTANT_NONE
                                           ? hold->until
                                           : MIN(hold->until, date_of_instant(hold->released))});
  return true;
}

static void take_posts(const Walk *walk, const Person *person)
{
  const Count *count = walk->count;
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    RowOrigin origin = {0};
    if (!g_str_equal(post->role, "request"))
      continue;
    store_row_origin(count->store, post->row, &origin);
    // Before the store is asked for anything else.
    const char *number = count_keep(count, origin.order);
    add(count, (TallyException){.kind = "request",
                                .target = "",
                                .what = count_keep(count, post->fields[FIELD_DUTY]),
                                .reason = number,
                                .who = "",
                                .whom = count_label(walk->count, walk->roster, person->id),
                                .from = post->begin,
                                .until = post->end});
  }
}

// A row of a table that names somebody by number.
static void take_rule(const MappingException *row, void *data)
{
  const Walk *walk = data;
  const Count *count = walk->count;
  g_autofree char *what = g_strconcat(row->takes ? "-" : "+", row->assignment, NULL);
  add(count, (TallyException){.kind = "rule",
                              .target = count_keep(count, row->target),
                              .whom = count_keep(count, row->number),
                              .what = count_keep(count, what),
                              .reason = count_keep(count, row->reason),
                              .who = count_keep(count, row->by),
                              .from = row->from,
                              .until = row->to});
}

// When they were given stands nowhere: an end is all that is known of them.
static void take_exemptions(const Count *count)
{
  const Dormant *dormant = count->ask->dormant;
  for (size_t i = 0; dormant && i < dormant_n_exemptions(dormant); i++) {
    DormantNamed named = dormant_exemption(dormant, i);
    add(count, (TallyException){.kind = "exemption",
                                .target = count_keep(count, named.target),
                                .whom = count_keep(count, named.who),
                                .what = RESTRICTION_DORMANT,
                                .reason = count_keep(count, named.reason),
                                .who = count_keep(count, named.by),
                                .from = DATE_NONE,
                                .until = named.until});
  }
}

static int compare(const void *a, const void *b)
{
  const TallyException *x = a, *y = b;
  int order = strcmp(x->kind, y->kind);
  order = order != 0 ? order : (x->from > y->from) - (x->from < y->from);
  order = order != 0 ? order : strcmp(x->whom, y->whom);
  return order != 0 ? order : strcmp(x->what, y->what);
}

bool count_exceptions(Count *count, Roster *roster, GError **error)
{
  Walk walk = {count, roster};
  const Person *person = NULL;
  GError *fault = NULL;
  roster_rewind(roster);
  while (roster_next(roster, &person, &fault) && person)
    take_posts(&walk, person);
  if (fault) {
    g_propagate_error(error, fault);
    return false;
  }
  if (!store_claims_ever(count->store, take_claim, &walk, error) ||
      !store_holds_ever(count->store, take_hold, &walk, error))
    return false;
  if (count->ask->mapping)
    mapping_exceptions_each(count->ask->mapping, take_rule, &walk);
  take_exemptions(count);
  g_array_sort(count->out->exceptions, compare);
  return true;
}
