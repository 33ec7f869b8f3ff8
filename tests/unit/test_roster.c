// SPDX-License-Identifier: GPL-3.0-or-later
//
// Facts in, people out. A scenario is a few facts of one person, one a line:
//
//   FROM[..TO] WHERE FIELD=VALUE [seq=N] [known=N[..N]]     WHERE is self, main, the unit of a concurrent post,
//                                                           or ROLE:UNIT
//
// and what the roster says of them on a day: state, since when, posts as UNIT/TITLE.
#include "unit.h"

#include "idou/roster.h"

#include <stdlib.h>
#include <string.h>

static Store *make_store(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  g_autoptr(GError) error = NULL;
  Store *store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  return store;
}

static Date day(const char *text)
{
  Date date = DATE_NONE;
  UNIT_TRUE(date_parse_iso(text, &date), "%s", text);
  return date;
}

static void read_option(Fact *fact, const char *option)
{
  if (g_str_has_prefix(option, "seq="))
    fact->seq = strtoll(option + strlen("seq="), NULL, 10);
  else if (g_str_has_prefix(option, "known=")) {
    char *end;
    fact->known_from = strtoll(option + strlen("known="), &end, 10);
    if (*end == '.')
      fact->known_to = strtoll(end + strlen(".."), NULL, 10);
  } else
    UNIT_TRUE(false, "unknown option %s", option);
}

static uint32_t post_named(Store *store, uint32_t person, const char *name)
{
  if (strcmp(name, "self") == 0)
    return 0;
  g_autofree char *concurrent = g_strconcat("concurrent:", name, NULL);
  bool whole = strcmp(name, "main") == 0 || strchr(name, ':');
  return store_post(store, person, whole ? name : concurrent, NULL);
}

static void add_fact(Store *store, SubjectKind kind, uint32_t subject, const char *line,
                     int64_t row)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) words = g_strsplit(line, " ", -1);
  g_auto(GStrv) days = g_strsplit(words[0], "..", 2);
  char *value = strchr(words[2], '=');
  *value++ = '\0';
  Fact fact = {.kind = kind,
               .subject = subject,
               .post = kind == SUBJECT_UNIT ? 0 : post_named(store, subject, words[1]),
               .field = store_field(store, words[2]),
               .value = g_strdelimit(value, "_", ' '),
               .valid_from = day(days[0]),
               .valid_to = days[1] ? day(days[1]) : DATE_OPEN,
               .known_to = INSTANT_OPEN,
               .row = row};
  for (size_t i = 3; words[i]; i++)
    read_option(&fact, words[i]);
  UNIT_TRUE(fact.field != FIELD_NONE, "%s", line);
  store_fact_add(store, &fact, &error);
  UNIT_NO_ERROR(error, "%s", line);
}

// Rows are numbered 1, 2, … as the lines are.
static uint32_t add_subject(Store *store, SubjectKind kind, const char *facts)
{
  uint32_t subject = store_subject_add(store, kind, NULL);
  g_auto(GStrv) lines = g_strsplit(facts, "\n", -1);
  for (size_t i = 0; lines[i]; i++)
    if (*lines[i])
      add_fact(store, kind, subject, lines[i], (int64_t)i + 1);
  return subject;
}

static void show_date(Date date, GString *out)
{
  if (date != DATE_OPEN && date != DATE_NONE)
    date_format(date, out);
}

static void show_hours(const Post *post, Instant at, GString *out)
{
  g_autoptr(GString) begins = g_string_new(NULL), ends = g_string_new(NULL);
  instant_format(post->begins, begins);
  instant_format(post->ends, ends);
  g_string_append_printf(out, " %.5s-%.5s%s", begins->str + 11, ends->len ? ends->str + 11 : "",
                         post_in_force(post, at) ? " now" : "");
}

// "active 2020-04-01 | 0101/30 2020-04-01..2027-04-01 | +0201 2027-04-01..", a + before concurrent posts,
// other roles by their name; of posts by the hour the times, and whether they are in force.
static void show(const Person *person, Instant at, GString *out)
{
  g_string_append_printf(out, "%s ", state_name(person->state));
  show_date(person->state_since, out);
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    bool beside = strcmp(post->role, "concurrent") == 0;
    g_string_append_printf(out, " | %s%s", post->main ? "" : "+", beside ? "" : post->role);
    if (post->main)
      g_string_truncate(out, out->len - strlen(post->role));
    g_string_append_printf(out, "%s%s", post->main || beside ? "" : ":", post->unit);
    if (*post->title)
      g_string_append_printf(out, "/%s", post->title);
    g_string_append_c(out, ' ');
    show_date(post->begin, out);
    g_string_append(out, "..");
    show_date(post->end, out);
    if (post->by_hour)
      show_hours(post, at, out);
  }
}

// "2027-04-25", or a moment of it, "2027-04-25 07:00".
static void read_moment(const char *text, RosterWhen *when)
{
  int minutes;
  g_auto(GStrv) words = g_strsplit(text, " ", 2);
  when->as_of = day(words[0]);
  if (words[1] && UNIT_TRUE(instant_parse_minutes(words[1], &minutes), "%s", text))
    when->at = date_start(when->as_of) + minutes * 60;
}

typedef struct Scenario {
  const char *name, *facts, *as_of, *people;
  Instant known_at;  // 0 = all we know
} Scenario;

static void run_scenario(const Scenario *scenario)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t id = add_subject(store, SUBJECT_PERSON, scenario->facts);
  RosterWhen when = {.known_at = scenario->known_at ? scenario->known_at : INSTANT_OPEN,
                     .grace_days = 30,
                     .early_days = 14};
  read_moment(scenario->as_of, &when);
  g_autoptr(Roster) roster = roster_open(store, &when, &error);
  UNIT_NO_ERROR(error, "%s", scenario->name);
  g_autoptr(GString) got = g_string_new(NULL);
  const Person *person;
  while (roster_next(roster, &person, &error))
    show(person, roster_when(roster)->at, got);
  UNIT_NO_ERROR(error, "%s", scenario->name);
  UNIT_STR(got->str, scenario->people, "%s", scenario->name);
  if (!*scenario->people)
    return;
  g_string_truncate(got, 0);
  UNIT_TRUE(roster_person(roster, id, &person, &error), "%s", scenario->name);
  show(person, roster_when(roster)->at, got);
  UNIT_STR(got->str, scenario->people, "%s, asked for alone", scenario->name);
}

static void run_all(const Scenario *scenarios, size_t n)
{
  for (size_t i = 0; i < n; i++)
    run_scenario(&scenarios[i]);
}

// ---------------------------------------------------------------------------------------------

#define HIRED                      \
  "2020-04-01 self state=active\n" \
  "2020-04-01 main unit=0101\n"    \
  "2020-04-01 main title=30\n"

static void moves(void)
{
  static const Scenario scenarios[] = {
      {"fifteen days before the move", HIRED "2027-04-01 main unit=0201\n", "2027-03-17",
       "active 2020-04-01 | 0101/30 2020-04-01..2027-04-01", 0},
      {"fourteen days before: the new post is listed", HIRED "2027-04-01 main unit=0201\n",
       "2027-03-18", "active 2020-04-01 | 0101/30 2020-04-01..2027-04-01 | 0201/30 2027-04-01..",
       0},
      {"the day of the move: the old post in grace", HIRED "2027-04-01 main unit=0201\n",
       "2027-04-01", "active 2020-04-01 | 0201/30 2027-04-01.. | 0101/30 2020-04-01..2027-04-01",
       0},
      {"the last day of grace", HIRED "2027-04-01 main unit=0201\n", "2027-04-30",
       "active 2020-04-01 | 0201/30 2027-04-01.. | 0101/30 2020-04-01..2027-04-01", 0},
      {"grace is over", HIRED "2027-04-01 main unit=0201\n", "2027-05-01",
       "active 2020-04-01 | 0201/30 2027-04-01..", 0},
      {"a new title is no new post", HIRED "2027-04-01 main title=20\n", "2027-04-01",
       "active 2020-04-01 | 0101/20 2020-04-01..", 0},
      {"the old post keeps the title of its last day",
       HIRED "2027-04-01 main unit=0201\n2027-04-01 main title=20\n", "2027-04-01",
       "active 2020-04-01 | 0201/20 2027-04-01.. | 0101/30 2020-04-01..2027-04-01", 0},
      {"a roster that says the same moves nobody", HIRED "2026-10-01 main unit=0101\n",
       "2026-10-02", "active 2020-04-01 | 0101/30 2020-04-01..", 0},
      {"a roster of 3/31 that arrives on 4/10 moves nobody back",
       HIRED
       "2027-04-01 main unit=0201 seq=7 known=10\n2027-03-31 main unit=0101 seq=99 known=20\n",
       "2027-04-10", "active 2020-04-01 | 0201/30 2027-04-01.. | 0101/30 2020-04-01..2027-04-01",
       0},
      {"a late order takes its place in the past",
       HIRED "2027-04-01 main unit=0201 known=10\n2026-10-01 main unit=0102 known=20\n",
       "2027-04-01", "active 2020-04-01 | 0201/30 2027-04-01.. | 0102/30 2026-10-01..2027-04-01",
       0},
      {"two orders of one day: HR's sequence decides, not arrival",
       HIRED "2027-04-01 main unit=0201 seq=2 known=10\n2027-04-01 main unit=0102 seq=1 known=20\n",
       "2027-05-01", "active 2020-04-01 | 0201/30 2027-04-01..", 0},
      {"out and back the same day is no move",
       HIRED "2027-04-01 main unit=0201 seq=1\n2027-04-01 main unit=0101 seq=2\n", "2027-04-02",
       "active 2020-04-01 | 0101/30 2020-04-01..", 0},
      {"away for a time, then back", HIRED "2027-04-01..2027-04-11 main unit=0201\n", "2027-04-20",
       "active 2020-04-01 | 0101/30 2027-04-11.. | 0101/30 2020-04-01..2027-04-01"
       " | 0201/30 2027-04-01..2027-04-11",
       0},
      {"no unit is no post", HIRED "2027-04-01 main unit=\n", "2027-05-01", "active 2020-04-01", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void knowledge(void)
{
#define CORRECTED \
  HIRED "2027-04-01 main unit=0201 known=10..20\n2027-04-01 main unit=0301 known=20\n"
#define CANCELLED HIRED "2027-04-01 main unit=0201 known=10..20\n"
  static const Scenario scenarios[] = {
      {"not known yet", CORRECTED, "2027-05-01", "active 2020-04-01 | 0101/30 2020-04-01..", 9},
      {"as first ordered", CORRECTED, "2027-05-01", "active 2020-04-01 | 0201/30 2027-04-01..", 10},
      {"as corrected", CORRECTED, "2027-05-01", "active 2020-04-01 | 0301/30 2027-04-01..", 20},
      {"before it is cancelled", CANCELLED, "2027-05-01",
       "active 2020-04-01 | 0201/30 2027-04-01..", 19},
      {"cancelled: as if it had never been", CANCELLED, "2027-04-02",
       "active 2020-04-01 | 0101/30 2020-04-01..", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void service(void)
{
#define LEAVER HIRED "2027-04-01 self state=left\n"
#define BACK \
  LEAVER "2027-04-11 self state=active\n2027-04-11 main unit=0501\n2027-04-11 main title=40\n"
#define JOINER \
  "2027-04-01 self state=active\n2027-04-01 main unit=0101\n2027-04-01 self name=山田　太郎\n"
  static const Scenario scenarios[] = {
      {"a leaver works through 3/31", LEAVER, "2027-03-31",
       "active 2020-04-01 | 0101/30 2020-04-01..2027-04-01", 0},
      {"and has left on 4/1, the post in grace", LEAVER, "2027-04-01",
       "left 2027-04-01 | 0101/30 2020-04-01..2027-04-01", 0},
      {"left long ago, and still listed", LEAVER, "2030-04-01", "left 2027-04-01", 0},
      {"left, to return", BACK, "2027-04-05",
       "left 2027-04-01 | 0101/30 2020-04-01..2027-04-01 | 0501/40 2027-04-11..", 0},
      {"back in another unit", BACK, "2027-04-11",
       "active 2027-04-11 | 0501/40 2027-04-11.. | 0101/30 2020-04-01..2027-04-01", 0},
      {"back where they were", LEAVER "2027-04-11 self state=active\n", "2027-04-11",
       "active 2027-04-11 | 0101/30 2027-04-11.. | 0101/30 2020-04-01..2027-04-01", 0},
      {"retired on 3/31 and hired again on 4/1: no night without an account",
       HIRED "2027-04-01 self state=left seq=1\n2027-04-01 self state=active seq=2\n", "2027-04-01",
       "active 2020-04-01 | 0101/30 2020-04-01..", 0},
      {"leave is not leaving", HIRED "2027-04-01 self state=leave\n", "2027-05-01",
       "leave 2027-04-01 | 0101/30 2020-04-01..", 0},
      {"suspended is not leaving", HIRED "2027-04-01 self state=suspended\n", "2027-05-01",
       "suspended 2027-04-01 | 0101/30 2020-04-01..", 0},
      {"nor is seconded", HIRED "2027-04-01 self state=seconded\n", "2027-05-01",
       "seconded 2027-04-01 | 0101/30 2020-04-01..", 0},
      {"hired into a secondment: in service from then on", "2027-04-01 self state=seconded\n",
       "2027-03-20", "future 2027-04-01", 0},
      {"back from leave", HIRED "2026-04-01 self state=leave\n2027-04-01 self state=active\n",
       "2027-05-01", "active 2027-04-01 | 0101/30 2020-04-01..", 0},
      {"a roster repeats the state: since when stays", HIRED "2026-10-01 self state=active\n",
       "2027-05-01", "active 2020-04-01 | 0101/30 2020-04-01..", 0},
      {"a joiner fourteen days ahead", JOINER, "2027-03-18",
       "future 2027-04-01 | 0101 2027-04-01..", 0},
      {"fifteen days ahead: nobody yet", JOINER, "2027-03-17", "", 0},
      {"the first day", JOINER, "2027-04-01", "active 2027-04-01 | 0101 2027-04-01..", 0},
      {"without a state", "2020-04-01 self name=山田\n", "2027-04-01", "none ", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void concurrent(void)
{
#define WITH HIRED "2027-04-01 0501 unit=0501\n2027-04-01 0501 held=1\n2027-04-01 0501 title=35\n"
#define OVER WITH "2027-10-01 0501 held=0\n"
  static const Scenario scenarios[] = {
      {"before it begins", WITH, "2027-03-31",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501/35 2027-04-01..", 0},
      {"while it is held", WITH, "2027-06-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501/35 2027-04-01..", 0},
      {"its last day", OVER, "2027-09-30",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501/35 2027-04-01..2027-10-01", 0},
      {"in grace", OVER, "2027-10-30",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501/35 2027-04-01..2027-10-01", 0},
      {"over", OVER, "2027-11-01", "active 2020-04-01 | 0101/30 2020-04-01..", 0},
      {"held again", OVER "2028-04-01 0501 held=1\n", "2028-05-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501/35 2028-04-01..", 0},
      {"the main post moves, the concurrent one stays", WITH "2027-10-01 main unit=0201\n",
       "2027-12-01", "active 2020-04-01 | 0201/30 2027-10-01.. | +0501/35 2027-04-01..", 0},
      {"into the unit where they were concurrent", OVER "2027-10-01 main unit=0501\n", "2027-10-01",
       "active 2020-04-01 | 0501/30 2027-10-01.. | 0101/30 2020-04-01..2027-10-01"
       " | +0501/35 2027-04-01..2027-10-01",
       0},
      {"leaving ends all", WITH "2027-06-01 self state=left\n", "2027-06-01",
       "left 2027-06-01 | 0101/30 2020-04-01..2027-06-01 | +0501/35 2027-04-01..2027-06-01", 0},
      {"and a return brings back only the main post",
       WITH "2027-06-01 self state=left\n2028-04-01 self state=active\n", "2028-04-01",
       "active 2028-04-01 | 0101/30 2028-04-01..", 0},
      {"unless given anew",
       WITH "2027-06-01 self state=left\n2028-04-01 self state=active\n2028-04-01 0501 held=1\n",
       "2028-04-01", "active 2028-04-01 | 0101/30 2028-04-01.. | +0501/35 2028-04-01..", 0},
      {"the unit is told later than the post begins",
       HIRED "2027-04-01 0501 held=1\n2027-05-01 0501 unit=0501\n", "2027-04-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +0501 2027-04-01..", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void roles(void)
{
#define BESIDE(role)                                                              \
  HIRED "2027-04-01 " role ":0501 unit=0501\n2027-04-01 " role ":0501 role=" role \
        "\n2027-04-01 " role ":0501 held=1\n"
  static const Scenario scenarios[] = {
      {"併任", BESIDE("joint"), "2027-04-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +joint:0501 2027-04-01..", 0},
      {"事務取扱", BESIDE("acting"), "2027-04-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +acting:0501 2027-04-01..", 0},
      {"two roles in one unit are two posts", BESIDE("joint") BESIDE("assist"), "2027-04-01",
       "active 2020-04-01 | 0101/30 2020-04-01.. | +joint:0501 2027-04-01.. | +assist:0501 "
       "2027-04-01..",
       0},
      {"the main post ends, the joint one stays", BESIDE("joint") "2027-10-01 main unit=\n",
       "2027-12-01", "active 2020-04-01 | +joint:0501 2027-04-01..", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void hours(void)
{
#define ELECTION                                                           \
  HIRED                                                                    \
  "2027-04-25 assist:0900 unit=0900\n2027-04-25 assist:0900 role=assist\n" \
  "2027-04-25 assist:0900 held=1\n2027-04-26 assist:0900 held=0\n"         \
  "2027-04-25 assist:0900 from_time=07:00\n2027-04-25 assist:0900 to_time=20:00\n"
#define MAIN "active 2020-04-01 | 0101/30 2020-04-01.."
#define STAFF " | +assist:0900 2027-04-25..2027-04-26 07:00-20:00"
  static const Scenario scenarios[] = {
      {"as the day begins", ELECTION, "2027-04-25", MAIN STAFF, 0},
      {"a minute before", ELECTION, "2027-04-25 06:59", MAIN STAFF, 0},
      {"the moment it begins", ELECTION, "2027-04-25 07:00", MAIN STAFF " now", 0},
      {"its last minute", ELECTION, "2027-04-25 19:59", MAIN STAFF " now", 0},
      {"the moment it ends", ELECTION, "2027-04-25 20:00", MAIN STAFF, 0},
      {"through the night: two days",
       HIRED "2027-04-25 assist:0900 unit=0900\n2027-04-25 assist:0900 role=assist\n"
             "2027-04-25 assist:0900 held=1\n2027-04-27 assist:0900 held=0\n"
             "2027-04-25 assist:0900 from_time=19:30\n2027-04-26 assist:0900 to_time=02:00\n",
       "2027-04-26 01:00", MAIN " | +assist:0900 2027-04-25..2027-04-27 19:30-02:00 now", 0},
      {"the second time without times: whole days",
       ELECTION "2027-05-09 assist:0900 held=1\n2027-05-10 assist:0900 held=0\n", "2027-05-09",
       MAIN " | +assist:0900 2027-05-09..2027-05-10" STAFF, 0},
      {"what is no time counts for nothing",
       HIRED "2027-04-25 0501 unit=0501\n2027-04-25 0501 held=1\n2027-04-25 0501 from_time=7\n",
       "2027-04-25", MAIN " | +0501 2027-04-25..", 0},
  };
  run_all(scenarios, G_N_ELEMENTS(scenarios));
}

static void values(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t id = add_subject(store, SUBJECT_PERSON,
                            "2020-04-01 self state=active\n"
                            "2020-04-01 self name=山田_花子\n"
                            "2027-04-01 self name=佐藤_花子\n"
                            "2027-04-01 self former_name=山田\n"
                            "2027-04-01 self phone=\n"
                            "2020-04-01 self hired=2019-10-01\n"
                            "2020-04-01 main unit=0101\n"
                            "2020-04-01 main duty=窓口\n"
                            "2027-04-01 main duty=\n");
  store_link_add(store, SUBJECT_PERSON, "city", "000310", id, 0, NULL);
  RosterWhen when = {.as_of = day("2027-03-31"), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) before = roster_open(store, &when, &error);
  const Person *person;
  UNIT_TRUE(roster_person(before, id, &person, &error));
  UNIT_STR(person->fields[FIELD_NAME], "山田 花子");
  UNIT_STR(person->fields[FIELD_PHONE], NULL, "missing");
  UNIT_STR(person->posts[0].fields[FIELD_DUTY], "窓口");
  UNIT_INT(person->rows[FIELD_NAME], 2);
  UNIT_INT(person->rows[FIELD_PHONE], 0);
  when.as_of = day("2027-04-01");
  g_autoptr(Roster) roster = roster_open(store, &when, &error);
  UNIT_TRUE(roster_person(roster, id, &person, &error));
  UNIT_STR(person->fields[FIELD_NAME], "佐藤 花子");
  UNIT_STR(person->fields[FIELD_FORMER_NAME], "山田");
  UNIT_STR(person->fields[FIELD_PHONE], "", "empty is not missing");
  UNIT_STR(person->fields[FIELD_UNIT], NULL, "the post's, not the person's");
  UNIT_INT(person->rows[FIELD_NAME], 3);
  UNIT_STR(person->number, "000310", "by the link");
  UNIT_STR(person->fields[FIELD_NUMBER], "000310");
  UNIT_INT(person->hired, day("2019-10-01"));
  UNIT_INT(person->n_posts, 1);
  UNIT_STR(person->posts[0].fields[FIELD_UNIT], "0101");
  UNIT_STR(person->posts[0].fields[FIELD_DUTY], "");
  UNIT_STR(person->posts[0].title, "");
  UNIT_STR(person->posts[0].fields[FIELD_TITLE], NULL);
  UNIT_INT(person->posts[0].row, 7);
  add_fact(store, SUBJECT_PERSON, id, "2020-04-01 self number=900310", 10);
  UNIT_TRUE(roster_person(roster, id, &person, &error));
  UNIT_STR(person->number, "900310", "by the fact");
  UNIT_TRUE(!roster_person(roster, id + 1, &person, &error), "nobody");
  UNIT_NO_ERROR(error);
}

static void joiner_is_shown_as_on_the_first_day(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t id = add_subject(store, SUBJECT_PERSON, JOINER);
  RosterWhen when = {.as_of = day("2027-01-01"), .known_at = INSTANT_OPEN, .early_days = 14};
  g_autoptr(Roster) roster = roster_open(store, &when, &error);
  const Person *person;
  UNIT_TRUE(!roster_next(roster, &person, &error));
  UNIT_TRUE(roster_person(roster, id, &person, &error), "yet known to who asks");
  UNIT_INT(person->state, STATE_FUTURE);
  UNIT_STR(person->fields[FIELD_NAME], "山田　太郎");
  UNIT_INT(person->hired, day("2027-04-01"));
  UNIT_INT(person->n_posts, 0);
}

// What was handed out stays while others are looked up, and the walk goes on where it was.
static void walk_and_look_up(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  for (int i = 0; i < 3; i++)
    add_subject(store, SUBJECT_PERSON, HIRED);
  RosterWhen when = {.as_of = day("2027-04-01"), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) roster = roster_open(store, &when, &error);
  const Person *person, *other;
  uint32_t head;
  for (int round = 0; round < 2; round++) {
    uint32_t n = 0;
    while (roster_next(roster, &person, &error)) {
      n++;
      UNIT_TRUE(roster_person(roster, 4 - n, &other, &error));
      UNIT_TRUE(roster_head(roster, "0101", &head, &error));
      UNIT_INT(other->id, 4 - n);
      UNIT_INT(person->id, n);
      UNIT_STR(person->posts[0].unit, "0101");
    }
    UNIT_INT(n, 3, "round %d", round);
    UNIT_TRUE(!roster_next(roster, &person, &error), "the end stays the end");
    roster_rewind(roster);
  }
  UNIT_NO_ERROR(error);
}

// ---------------------------------------------------------------------------------------------

static void show_units(const Unit *const *units, size_t n, GString *out)
{
  for (size_t i = 0; i < n; i++)
    g_string_append_printf(out, "%s<%s ", units[i]->code,
                           units[i]->parent ? units[i]->parent->code : "");
}

static void units(void)
{
  static const struct {
    const char *facts;
  } given[] = {
      {"2020-04-01 self code=0201\n2020-04-01 self parent=02\n2020-04-01 self order=2\n"},
      {"2020-04-01 self code=0101\n2020-04-01 self parent=01\n2020-04-01 self order=20\n"
       "2020-04-01 self unit_name=財政課\n2027-04-01 self unit_name=財政企画課\n"},
      {"2020-04-01 self code=0102\n2020-04-01 self parent=01\n2020-04-01 self order=3\n"},
      {"2020-04-01 self code=02\n2020-04-01 self order=2\n2020-04-01 self parent=\n"},
      {"2020-04-01 self code=01\n2020-04-01 self order=1\n"},
      {"2020-04-01 self code=0103\n2020-04-01 self parent=01\n"},  // no order: last
      {"2020-04-01 self code=09\n2020-04-01 self held=1\n2027-04-01 self held=0\n"},
      {"2020-04-01 self code=0901\n2020-04-01 self parent=09\n2027-04-01 self held=0\n"},
      {"2028-04-01 self code=10\n"},                           // to come
      {"2020-04-01 self code=A\n2020-04-01 self parent=B\n"},  // a ring
      {"2020-04-01 self code=B\n2020-04-01 self parent=C\n"},
      {"2020-04-01 self code=C\n2020-04-01 self parent=A\n"},
      {"2020-04-01 self code=D\n2020-04-01 self parent=D\n"},
      {"2020-04-01 self code=E\n2020-04-01 self parent=nowhere\n"},
  };
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
    add_subject(store, SUBJECT_UNIT, given[i].facts);
  RosterWhen when = {.as_of = day("2027-04-01"), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) roster = roster_open(store, &when, &error);
  UNIT_NO_ERROR(error);
  size_t n;
  g_autoptr(GString) got = g_string_new(NULL);
  const Unit *const *list = roster_units(roster, &n);
  show_units(list, n, got);
  UNIT_STR(got->str, "01< 0102<01 0101<01 0103<01 02< 0201<02 C< B<C A<B D< E< ");
  g_string_truncate(got, 0);
  list = roster_units_ended(roster, &n);
  show_units(list, n, got);
  UNIT_STR(got->str, "09< 0901<09 ");
  UNIT_INT(list[0]->end, day("2027-04-01"));
  const Unit *unit = roster_unit(roster, "0101");
  UNIT_STR(unit->name, "財政企画課");
  UNIT_STR(unit->fields[FIELD_UNIT_NAME], "財政企画課");
  UNIT_INT(unit->row, 5);
  UNIT_INT(unit->begin, day("2020-04-01"), "a new name is no new unit");
  UNIT_INT(unit->end, DATE_OPEN);
  UNIT_TRUE(!roster_unit(roster, "09") && !roster_unit(roster, "10") && !roster_unit(roster, "X"));
}

static void heads(void)
{
  static const char *const tree[] = {
      "2020-04-01 self code=01\n", "2020-04-01 self code=0101\n2020-04-01 self parent=01\n",
      "2020-04-01 self code=010101\n2020-04-01 self parent=0101\n", "2020-04-01 self code=02\n"};
  static const char *const people[] = {
      HIRED,  // 1: no head's title
      "2020-04-01 self state=active\n2020-04-01 main unit=01\n2020-04-01 main title=10\n",   // 2
      "2020-04-01 self state=leave\n2020-04-01 main unit=0101\n2020-04-01 main title=20\n",  // 3
      "2020-04-01 self state=active\n2020-04-01 main unit=02\n2020-04-01 main title=20\n"    // 4
      "2020-04-01 0101 unit=0101\n2020-04-01 0101 held=1\n2020-04-01 0101 title=20\n",
      "2027-04-01 self state=active\n2027-04-01 main unit=02\n2027-04-01 main title=10\n",    // 5
      "2020-04-01 self state=active\n2020-04-01 main unit=0101\n2020-04-01 main title=20\n",  // 6
  };
  static const Title titles[] = {
      {"10", "部長", 1, true}, {"20", "課長", 2, true}, {"30", "係員", 9, false}};
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t ids[G_N_ELEMENTS(people) + 1] = {0};
  for (size_t i = 0; i < G_N_ELEMENTS(tree); i++)
    add_subject(store, SUBJECT_UNIT, tree[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(people); i++)
    ids[i + 1] = add_subject(store, SUBJECT_PERSON, people[i]);
  static const struct {
    const char *as_of, *unit;
    int head;
  } asked[] = {
      {"2027-03-31", "01", 2},
      {"2027-03-31", "0101", 6},    // main before concurrent; who is on leave does not head
      {"2027-03-31", "010101", 6},  // nobody: the unit above
      {"2027-03-31", "02", 4},
      {"2027-04-01", "02", 5},  // a higher rank arrives
      {"2027-04-01", "99", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
    RosterWhen when = {.as_of = day(asked[i].as_of), .known_at = INSTANT_OPEN, .early_days = 14};
    g_autoptr(Roster) roster = roster_open(store, &when, &error);
    uint32_t head = 4711;
    UNIT_TRUE(roster_head(roster, asked[i].unit, &head, &error));
    UNIT_INT(head, 0, "no titles, no heads");
    roster_set_titles(roster, titles, G_N_ELEMENTS(titles));
    UNIT_TRUE(roster_head(roster, asked[i].unit, &head, &error));
    UNIT_INT(head, ids[asked[i].head], "row %zu", i);
    UNIT_STR(roster_title(roster, "20")->name, "課長");
    UNIT_TRUE(!roster_title(roster, "99"));
  }
}

static void name_parts(void)
{
  static const struct {
    const char *name, *family, *given;
  } rows[] = {
      {"山田 太郎", "山田", "太郎"},
      {"山田　太郎", "山田", "太郎"},
      {"山田　 　太郎", "山田", "太郎"},
      {"　山田 太郎 ", "山田", "太郎"},
      {"山田太郎", "山田太郎", ""},
      {"", "", ""},
      {"Maria da Silva", "Maria", "da Silva"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) family = g_string_new(NULL), given = g_string_new(NULL);
    person_name_parts(rows[i].name, family, given);
    UNIT_STR(family->str, rows[i].family, "%s", rows[i].name);
    UNIT_STR(given->str, rows[i].given, "%s", rows[i].name);
  }
}

static void state_names(void)
{
  for (State state = STATE_NONE; state <= STATE_FUTURE; state++)
    UNIT_INT(state_of(state_name(state)), state);
  UNIT_INT(state_of("retired"), STATE_NONE);
}

static const UnitTest tests[] = {
    {"moves", moves},
    {"knowledge", knowledge},
    {"service", service},
    {"concurrent", concurrent},
    {"roles", roles},
    {"hours", hours},
    {"values", values},
    {"joiner_is_shown_as_on_the_first_day", joiner_is_shown_as_on_the_first_day},
    {"walk_and_look_up", walk_and_look_up},
    {"units", units},
    {"heads", heads},
    {"name_parts", name_parts},
    {"state_names", state_names},
    {NULL, NULL},
};
UNIT_SUITE(roster, tests);
