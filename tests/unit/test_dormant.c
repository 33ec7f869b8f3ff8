// SPDX-License-Identifier: GPL-3.0-or-later
//
// The judge of dormant accounts: a table of cases, and what holds for every case.
#include "unit.h"

#include "idou/dormant.h"

#include <string.h>

#define NEVER -1  // a day that is none

static Date day(int n)
{
  return date_of(2027, 1, 1) + n;
}

// In the middle of the day, so that a slip of a few hours changes nothing.
static Instant at(int n)
{
  return n == NEVER ? INSTANT_NONE : date_start(day(n)) + 12 * 3600;
}

static const DormantPolicy STAFF = {.name = "staff",
                                    .steps = {[DORMANT_NOTICE] = {true, 60, 0},
                                              [DORMANT_DISABLE] = {true, 90, 14},
                                              [DORMANT_RIGHTS] = {true, 120, 30},
                                              [DORMANT_DELETE] = {true, 400, 180}}};
static const DormantPolicy SHORT = {
    .name = "short",
    .steps = {[DORMANT_DISABLE] = {true, 30, 0}, [DORMANT_DELETE] = {true, 60, 30}}};

typedef struct Row {
  const char *name;
  const DormantPolicy *policy;
  int now, used, began, known;   // days
  int stands[DORMANT_N_STAGES];  // days
  DormantExempt exempt;
  bool suspended;
  const char *says;  // "", "-> notice", "lift notice disable", "due 60"
} Row;

#define NONE                   \
  {                            \
    NEVER, NEVER, NEVER, NEVER \
  }
#define NOTICED(n)         \
  {                        \
    n, NEVER, NEVER, NEVER \
  }
#define DISABLED(n, d) \
  {                    \
    n, d, NEVER, NEVER \
  }

static const Row ROWS[] = {
    {"in use", &STAFF, 59, 0, NEVER, 59, NONE, 0, false, "due notice 60"},
    {"the day has come", &STAFF, 60, 0, NEVER, 60, NONE, 0, false, "-> notice"},
    {"evidence ends the day before", &STAFF, 60, 0, NEVER, 59, NONE, 0, false, "due notice 60"},
    {"evidence ends long before", &STAFF, 300, 0, NEVER, 40, NONE, 0, false, "due notice 60"},
    {"not judged", &STAFF, 300, 0, NEVER, 300, NONE, 0, true, "due notice 60"},
    {"never used, made long ago", &STAFF, 300, NEVER, 10, 300, NONE, 0, false, "-> notice"},
    {"never used, made lately", &STAFF, 300, NEVER, 250, 300, NONE, 0, false, "due notice 310"},
    {"nothing tells when it was made", &STAFF, 300, NEVER, NEVER, 300, NONE, 0, false, ""},
    {"returned since its last use", &STAFF, 300, 0, 280, 300, NONE, 0, false, "due notice 340"},
    {"long past all stages is told first", &STAFF, 900, 0, NEVER, 900, NONE, 0, false, "-> notice"},
    {"noticed, the grace runs", &STAFF, 105, 0, NEVER, 105, NOTICED(100), 0, false,
     "due disable 114"},
    {"noticed, the grace is over", &STAFF, 114, 0, NEVER, 114, NOTICED(100), 0, false,
     "-> disable"},
    {"noticed, the days are not over", &STAFF, 80, 0, NEVER, 80, NOTICED(60), 0, false,
     "due disable 90"},
    {"noticed, and used", &STAFF, 70, 65, NEVER, 70, NOTICED(60), 0, false, "lift notice"},
    {"noticed, and used, seen late", &STAFF, 80, 10, NEVER, 80, NOTICED(60), 0, false,
     "due disable 100"},
    {"disabled, a use before it is told late", &STAFF, 100, 41, NEVER, 100, DISABLED(60, 90), 0,
     false, "lift notice disable"},
    {"disabled, a late use takes back one stage only", &STAFF, 100, 20, NEVER, 100,
     DISABLED(60, 90), 0, false, "lift disable"},
    {"disabled, rights wait for the grace", &STAFF, 121, 0, NEVER, 121, DISABLED(60, 100), 0, false,
     "due rights 130"},
    {"all stages stand", &STAFF, 900, 0, NEVER, 900, {60, 90, 120, 400}, 0, false, ""},
    {"the clock is set back", &STAFF, 10, 0, NEVER, 10, DISABLED(60, 90), 0, false,
     "due rights 120"},
    {"on leave", &STAFF, 300, 0, NEVER, 300, NONE, DORMANT_AWAY, false, ""},
    {"on leave, noticed before", &STAFF, 300, 0, NEVER, 300, NOTICED(60), DORMANT_AWAY, false, ""},
    {"on leave, used meanwhile", &STAFF, 300, 299, NEVER, 300, NOTICED(60), DORMANT_AWAY, false,
     ""},
    {"returned from leave", &STAFF, 300, 0, 300, 300, DISABLED(60, 90), 0, false,
     "lift notice disable"},
    {"left", &STAFF, 300, 0, NEVER, 300, DISABLED(60, 90), DORMANT_LEFT, false, ""},
    {"held", &STAFF, 300, 0, NEVER, 300, NOTICED(60), DORMANT_HELD, false, ""},
    {"claimed before anything", &STAFF, 300, 0, NEVER, 300, NONE, DORMANT_CLAIMED, false, ""},
    {"claimed when disabled", &STAFF, 300, 0, NEVER, 300, DISABLED(60, 90), DORMANT_CLAIMED, false,
     "lift notice disable"},
    {"claimed when deleted",
     &STAFF,
     500,
     0,
     NEVER,
     500,
     {60, 90, 120, 400},
     DORMANT_CLAIMED,
     false,
     "lift notice disable rights delete"},
    {"claimed though a source fails", &STAFF, 300, 0, NEVER, 300, DISABLED(60, 90), DORMANT_CLAIMED,
     true, "lift notice disable"},
    {"exempted", &STAFF, 300, 0, NEVER, 300, NOTICED(60), DORMANT_NAMED, false, "lift notice"},
    {"a source fails, another tells of a use", &STAFF, 100, 95, NEVER, 100, NOTICED(60), 0, true,
     "lift notice"},
    {"stages left out", &SHORT, 30, 0, NEVER, 30, NONE, 0, false, "-> disable"},
    {"stages left out, the last",
     &SHORT,
     60,
     0,
     NEVER,
     60,
     {NEVER, 30, NEVER, NEVER},
     0,
     false,
     "-> delete"},
    {"a stage that the policy has no more", &SHORT, 20, 0, NEVER, 20, NOTICED(10), 0, false,
     "due disable 30"},
};

static DormantCase case_of(const Row *row)
{
  DormantCase what = {.now = at(row->now),
                      .told = at(row->used),
                      .used = at(row->used),
                      .began = at(row->began),
                      .unused_to = at(row->known),
                      .suspended = row->suspended,
                      .exempt = row->exempt,
                      .removal = INSTANT_NONE};
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    what.stands[i] = at(row->stands[i]);
  return what;
}

static void tell(const DormantVerdict *verdict, GString *out)
{
  g_string_truncate(out, 0);
  if (verdict->goes)
    g_string_append_printf(out, "-> %s", dormant_stage_name(verdict->next));
  else if (verdict->due != DATE_NONE)
    g_string_append_printf(out, "due %s %d", dormant_stage_name(verdict->next),
                           verdict->due - day(0));
  if (verdict->lifted)
    g_string_append(out, "lift");
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (verdict->lifts[i])
      g_string_append_printf(out, " %s", dormant_stage_name((DormantStage)i));
}

static void cases(void)
{
  g_autoptr(GString) said = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    DormantCase what = case_of(&ROWS[i]);
    DormantVerdict verdict;
    dormant_judge(ROWS[i].policy, &what, &verdict);
    tell(&verdict, said);
    UNIT_STR(said->str, ROWS[i].says, "%s", ROWS[i].name);
  }
}

// Who has never been seen by a source that was asked since yesterday may have come each day until then. It gives nothing
// back, either: of what stands the source says nothing.
static void known_from(void)
{
  static const struct {
    int known_from;
    int stands[DORMANT_N_STAGES];
    const char *says;
  } rows[] = {{NEVER, NONE, "-> notice"},    {10, NONE, "-> notice"},
              {299, NONE, "due notice 359"}, {240, NONE, "-> notice"},
              {241, NONE, "due notice 301"}, {299, DISABLED(60, 90), "due rights 419"}};
  g_autoptr(GString) said = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Row row = {"never used", &STAFF, 300, NEVER, 10, 300, NONE, 0, false, ""};
    memcpy(row.stands, rows[i].stands, sizeof row.stands);
    DormantCase what = case_of(&row);
    DormantVerdict verdict;
    what.known_from = at(rows[i].known_from);
    dormant_judge(&STAFF, &what, &verdict);
    tell(&verdict, said);
    UNIT_STR(said->str, rows[i].says, "%zu", i);
  }
}

// ---------------------------------------------------------------------------------------------
// A unit's word.

static void removals(void)
{
  DormantVerdict verdict;
  Row row = {
      .policy = &STAFF, .now = 70, .used = 0, .began = NEVER, .known = 70, .stands = NOTICED(60)};
  DormantCase what = case_of(&row);
  what.removal = at(65);
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.goes && verdict.decided && verdict.next == DORMANT_DISABLE, true, "at once");
  what.suspended = true;
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.goes, true, "its word needs no evidence");
  what.suspended = false;
  what.told = what.used = at(66);
  what.stands[DORMANT_NOTICE] = INSTANT_NONE;
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.goes, false, "used after it was said");

  // Switched off by that word on day 70, which is before its 90 days: it stays so …
  what = case_of(&row);
  what.stands[DORMANT_DISABLE] = at(70);
  what.decided[DORMANT_DISABLE] = true;
  what.now = what.unused_to = at(71);
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.lifted, false, "stays");
  // … though the last use may have been as late as tomorrow by the source's precision …
  what.used = at(75);
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.lifts[DORMANT_DISABLE], false, "what may have been is no use");
  // … and ends when somebody surely uses it.
  what.told = at(71);
  dormant_judge(&STAFF, &what, &verdict);
  UNIT_INT(verdict.lifts[DORMANT_DISABLE], true, "used");
}

// ---------------------------------------------------------------------------------------------
// What holds for every case.

static int chance(GRand *rand, int n)
{
  return g_rand_int_range(rand, 0, n);
}

static DormantCase any_case(GRand *rand)
{
  Row row = {.now = chance(rand, 700),
             .used = chance(rand, 3) == 0 ? NEVER : chance(rand, 700),
             .began = chance(rand, 3) == 0 ? NEVER : chance(rand, 700),
             .known = chance(rand, 700),
             .suspended = chance(rand, 4) == 0,
             .exempt = chance(rand, 2) == 0 ? 0 : (DormantExempt)chance(rand, DORMANT_N_EXEMPTS),
             .stands = NONE};
  int n_stages = chance(rand, DORMANT_N_STAGES + 1), since = 0;
  for (int i = 0; i < n_stages; i++)
    row.stands[i] = since += chance(rand, 200);
  return case_of(&row);
}

static int highest(const DormantCase *what)
{
  int stage = DORMANT_N_STAGES - 1;
  while (stage >= 0 && what->stands[stage] == INSTANT_NONE)
    stage--;
  return stage;
}

static void nobody_skips_a_stage(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(1);
  size_t n_gone = 0;
  for (int i = 0; i < 200000; i++) {
    DormantCase what = any_case(rand);
    DormantVerdict verdict;
    dormant_judge(&STAFF, &what, &verdict);
    if (!verdict.goes)
      continue;
    n_gone++;
    UNIT_INT((int)verdict.next, highest(&what) + 1, "case %d", i);
    UNIT_INT(what.exempt == DORMANT_NOT_EXEMPT && !what.suspended && !verdict.lifted, true,
             "case %d", i);
  }
  UNIT_INT(n_gone > 1000, true, "some go on");
}

// A later use, a later beginning, evidence that ends earlier: none of them takes what was not taken without, or keeps
// what was given back without.
static void more_evidence_takes_no_more(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(2);
  for (int i = 0; i < 200000; i++) {
    DormantCase less = any_case(rand), more;
    more = less;
    Instant use = at(chance(rand, 700)), begin = at(chance(rand, 700)), end = at(chance(rand, 700));
    if (chance(rand, 2) == 0)
      more.told = more.used = MAX(less.used, use);
    if (chance(rand, 2) == 0)
      more.began = MAX(less.began, begin);
    if (chance(rand, 2) == 0)
      more.unused_to = MIN(less.unused_to, end);
    if (less.used == INSTANT_NONE && less.began == INSTANT_NONE)
      continue;
    DormantVerdict a, b;
    dormant_judge(&STAFF, &less, &a);
    dormant_judge(&STAFF, &more, &b);
    UNIT_INT(b.goes && !a.goes && !a.lifted, false, "case %d goes on", i);
    for (int k = 0; k < DORMANT_N_STAGES; k++)
      UNIT_INT(a.lifts[k] && !b.lifts[k], false, "case %d stage %d", i, k);
  }
}

// Whatever the clock says: what was rightly made is not lifted by it, and made only when the day has come.
static void the_clock_lifts_nothing(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(3);
  for (int i = 0; i < 200000; i++) {
    DormantCase what = any_case(rand);
    what.exempt = DORMANT_NOT_EXEMPT;
    DormantVerdict verdict;
    dormant_judge(&STAFF, &what, &verdict);
    if (!verdict.goes)
      continue;
    what.stands[verdict.next] = what.now;
    what.now = at(chance(rand, 700));
    DormantStage made = verdict.next;
    dormant_judge(&STAFF, &what, &verdict);
    UNIT_INT(verdict.lifts[made], false, "case %d", i);
  }
}

static const UnitTest tests[] = {
    {"cases", cases},
    {"known_from", known_from},
    {"removals", removals},
    {"nobody_skips_a_stage", nobody_skips_a_stage},
    {"more_evidence_takes_no_more", more_evidence_takes_no_more},
    {"the_clock_lifts_nothing", the_clock_lifts_nothing},
    {NULL, NULL},
};
UNIT_SUITE(dormant, tests);
