// SPDX-License-Identifier: GPL-3.0-or-later
//
// The judge: what becomes of one account. Pure, so that it can be tried with any day and any evidence.
//
// Days of no use are counted to where the evidence reaches, never to the clock. What stands is lifted only when the
// count of the stage no longer holds for the day on which it began: a clock that is set back lifts nothing.
#include "dormant_p.h"

static const char *const EXEMPTS[DORMANT_N_EXEMPTS] = {
    [DORMANT_NOT_EXEMPT] = "",    [DORMANT_HELD] = "held",       [DORMANT_LEFT] = "left",
    [DORMANT_AWAY] = "away",      [DORMANT_COMING] = "coming",   [DORMANT_UNKNOWN] = "unknown",
    [DORMANT_NAMED] = "exempted", [DORMANT_CLAIMED] = "claimed",
};

const char *dormant_exempt_name(DormantExempt exempt)
{
  return EXEMPTS[exempt];
}

static bool stands(const DormantCase *what, int stage)
{
  return what->stands[stage] != INSTANT_NONE;
}

// Somebody answers for the account: not only does it not go on, what was taken comes back.
static bool restores(DormantExempt exempt)
{
  return exempt == DORMANT_NAMED || exempt == DORMANT_CLAIMED;
}

static bool lifts(const DormantPolicy *policy, const DormantCase *what, Instant from, int stage)
{
  if (!stands(what, stage) || (what->exempt != DORMANT_NOT_EXEMPT && !restores(what->exempt)))
    return false;
  if (restores(what->exempt))
    return true;
  // What its unit said holds until somebody surely uses the account, or it begins anew.
  if (what->decided[stage])
    return MAX(what->told, what->began) > what->stands[stage];
  if (from == INSTANT_NONE || !policy->steps[stage].given)
    return false;
  Date day = MAX(date_of_instant(what->now), date_of_instant(what->stands[stage]));
  return date_of_instant(from) + policy->steps[stage].after_days > day;
}

static int highest(const DormantCase *what)
{
  int stage = DORMANT_N_STAGES - 1;
  while (stage >= 0 && !stands(what, stage))
    stage--;
  return stage;
}

static int following(const DormantPolicy *policy, int stage)
{
  do
    stage++;
  while (stage < DORMANT_N_STAGES && !policy->steps[stage].given);
  return stage;
}

// Whether the unit's word leads to the stage: not beyond switching off, and only while nobody used the account since.
static bool is_removed(const DormantCase *what, int stage)
{
  return what->removal != INSTANT_NONE && stage <= DORMANT_DISABLE &&
         MAX(what->told, what->began) < what->removal;
}

static Date day_of(const DormantPolicy *policy, const DormantCase *what, Instant from, int last,
                   int next)
{
  Date day = date_of_instant(from) + policy->steps[next].after_days;
  if (last < 0)
    return day;
  return MAX(day, date_of_instant(what->stands[last]) + policy->steps[next].grace_days);
}

static void go_on(const DormantPolicy *policy, const DormantCase *what, Instant from,
                  DormantVerdict *out)
{
  int last = highest(what);
  int next = following(policy, last);
  out->ended = next >= DORMANT_N_STAGES;
  if (out->ended)
    return;
  out->next = (DormantStage)next;
  if (is_removed(what, next)) {
    out->goes = out->decided = true;
    out->due = date_of_instant(what->now);
    return;
  }
  if (from == INSTANT_NONE)
    return;
  out->due = day_of(policy, what, from, last, next);
  Date today = date_of_instant(what->now), known = date_of_instant(what->unused_to);
  out->goes = !what->suspended && what->unused_to != INSTANT_NONE && out->due <= today &&
              date_of_instant(from) + policy->steps[next].after_days <= known;
}

void dormant_judge(const DormantPolicy *policy, const DormantCase *what, DormantVerdict *out)
{
  *out = (DormantVerdict){.due = DATE_NONE};
  Instant from = MAX(what->used, what->began);
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    out->lifted |= out->lifts[i] = lifts(policy, what, from, i);
  if (out->lifted || what->exempt != DORMANT_NOT_EXEMPT)
    return;
  // Never used, as far as the sources know: it goes on from where they begin, but what stands is not lifted for that.
  go_on(policy, what, from == INSTANT_NONE ? from : MAX(from, what->known_from), out);
}
