// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <idou/base.h>

static Instant moment(const char *text)
{
  Instant instant = INSTANT_NONE;
  g_autofree char *whole = g_strconcat(text, ":00+09:00", NULL);
  UNIT_TRUE(instant_parse(whole, &instant), "%s", text);
  return instant;
}

// 2027-04-01 is a Thursday.
static void states(void)
{
  static const struct {
    const char *closed, *open, *at, *said;  // "open" or "closed WHY", and until when
  } rows[] = {
      {"01:00-02:00 backup", NULL, "2027-04-01T00:59", "open until 2027-04-01T01:00:00+09:00"},
      {"01:00-02:00 backup", NULL, "2027-04-01T01:00",
       "closed backup until 2027-04-01T02:00:00+09:00"},
      {"01:00-02:00 backup", NULL, "2027-04-01T01:59",
       "closed backup until 2027-04-01T02:00:00+09:00"},
      {"01:00-02:00 backup", NULL, "2027-04-01T02:00", "open until 2027-04-02T01:00:00+09:00"},
      {"22:00-06:00", NULL, "2027-04-01T05:59", "closed  until 2027-04-01T06:00:00+09:00"},
      {"22:00-06:00", NULL, "2027-04-01T06:00", "open until 2027-04-01T22:00:00+09:00"},
      // Over midnight it is of the day on which it begins.
      {"Thu 22:00-06:00", NULL, "2027-04-01T05:00", "open until 2027-04-01T22:00:00+09:00"},
      {"Thu 22:00-06:00", NULL, "2027-04-02T05:00", "closed  until 2027-04-02T06:00:00+09:00"},
      {"Sun 22:00-06:00", NULL, "2027-04-05T05:59", "closed  until 2027-04-05T06:00:00+09:00"},
      {"日 03:00-05:00 保守", NULL, "2027-04-04T04:00",
       "closed 保守 until 2027-04-04T05:00:00+09:00"},
      {"Sat-Mon 00:00-24:00", NULL, "2027-04-03T12:00", "closed  until 2027-04-06T00:00:00+09:00"},
      {"金,木 10:00-11:00", NULL, "2027-04-02T11:00", "open until 2027-04-08T10:00:00+09:00"},
      {NULL, "19:00-07:00", "2027-04-01T12:00", "closed  until 2027-04-01T19:00:00+09:00"},
      {NULL, "19:00-07:00", "2027-04-01T19:00", "open until 2027-04-02T07:00:00+09:00"},
      {"01:00-02:00 backup", "19:00-07:00", "2027-04-01T19:00",
       "open until 2027-04-02T01:00:00+09:00"},
      {"06:00-08:00 start", "19:00-07:00", "2027-04-01T06:30",
       "closed start until 2027-04-01T19:00:00+09:00"},
      {NULL, NULL, "2027-04-01T12:00", "open"},
      {NULL, "00:00-24:00", "2027-04-01T12:00", "open"},
      {"00:00-24:00 never", NULL, "2027-04-01T12:00", "closed never"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Windows) windows = windows_new();
    g_autoptr(GString) said = g_string_new(NULL);
    WindowsState state;
    UNIT_TRUE(!rows[i].closed || windows_add(windows, rows[i].closed, false), "%zu", i);
    UNIT_TRUE(!rows[i].open || windows_add(windows, rows[i].open, true), "%zu", i);
    windows_look(windows, moment(rows[i].at), &state);
    g_string_append_printf(said, state.closed ? "closed %s" : "open", state.why);
    if (state.until != INSTANT_OPEN) {
      g_string_append(said, " until ");
      instant_format(state.until, said);
    }
    UNIT_STR(said->str, rows[i].said, "%s / %s at %s", rows[i].closed, rows[i].open, rows[i].at);
  }
  WindowsState state;
  windows_look(NULL, moment("2027-04-01T12:00"), &state);
  UNIT_TRUE(!state.closed && state.until == INSTANT_OPEN);
}

static void other_forms_are_refused(void)
{
  static const char *const rows[] = {"",
                                     "backup",
                                     "01:00",
                                     "1:00-2:00",
                                     "01:00-01:00",
                                     "25:00-2:00",
                                     "24:00-02:00",
                                     "01:00–02:00",
                                     "01:00-02:00backup",
                                     "Sun",
                                     "Sun,",
                                     "Sun03:00-5",
                                     "Sund 1:00-2:00",
                                     "Sun- 01:00-02:00",
                                     "木金 01:00-02:00",
                                     "01:00-02:60",
                                     "01:00-24:01",
                                     " 01:00-02:00x",
                                     "Sun-Foo 01:00-02:00"};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Windows) windows = windows_new();
    UNIT_TRUE(!windows_add(windows, rows[i], false), "%s", rows[i]);
  }
}

static void next_moments(void)
{
  static const struct {
    const char *text, *now, *next;  // NULL = it is none
  } rows[] = {
      {"06:30", "2027-03-31T19:00", "2027-04-01T06:30"},
      {"06:30", "2027-04-01T00:05", "2027-04-01T06:30"},
      {"06:30", "2027-04-01T06:30", "2027-04-02T06:30"},
      {"24:00", "2027-03-31T19:00", "2027-04-01T00:00"},
      {"00:00", "2027-03-31T19:00", "2027-04-01T00:00"},
      {"2027-04-01T06:30:00+09:00", "2027-03-01T19:00", "2027-04-01T06:30"},
      {"6:30", "2027-03-31T19:00", NULL},
      {"06:30:00", "2027-03-31T19:00", NULL},
      {"24:01", "2027-03-31T19:00", NULL},
      {"2027-04-01", "2027-03-31T19:00", NULL},
      {"", "2027-03-31T19:00", NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Instant next;
    bool read = instant_parse_next(rows[i].text, moment(rows[i].now), &next);
    UNIT_TRUE(read == (rows[i].next != NULL), "%s", rows[i].text);
    if (rows[i].next)
      UNIT_INT(next, moment(rows[i].next), "%s", rows[i].text);
  }
}

// A timer of an hour, and what then happens to the two clocks.
static void timers(void)
{
  static const struct {
    int64_t wall_s, steady_s;
    TimerState state;
    int64_t leap_s;
  } rows[] = {
      {3599, 3599, TIMER_RUNS, 0},
      {3600, 3600, TIMER_OVER, 0},
      // Corrected a little: whichever comes first.
      {3600, 3400, TIMER_OVER, 0},
      {3400, 3600, TIMER_OVER, 0},
      {3400, 3500, TIMER_RUNS, 0},
      {400, 60, TIMER_LEAPT, 340},
      {-3600, 0, TIMER_LEAPT, -3600},
      {9 * 3600, 60, TIMER_LEAPT, 9 * 3600 - 60},
      // It stood still, as that of a machine that was stopped does.
      {7200, 0, TIMER_LEAPT, 7200},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Timer timer;
    g_setenv("IDOU_NOW", "2027-03-31T23:30:00+09:00", true);
    g_unsetenv("IDOU_STEADY");
    timer_begin(&timer, instant_now() + 3600);
    UNIT_INT(timer_look(&timer), TIMER_RUNS);
    timer_move(rows[i].wall_s, rows[i].steady_s);
    UNIT_INT(timer_look(&timer), rows[i].state, "%zu", i);
    UNIT_INT(timer.leap_s, rows[i].leap_s, "%zu", i);
    // What it was it stays, though the clock be set right.
    timer_move(-rows[i].wall_s, 0);
    if (rows[i].state != TIMER_RUNS)
      UNIT_INT(timer_look(&timer), rows[i].state, "%zu", i);
  }
  g_unsetenv("IDOU_NOW");
  g_unsetenv("IDOU_STEADY");
  Timer real;
  timer_begin(&real, INSTANT_OPEN);
  UNIT_INT(timer_look(&real), TIMER_RUNS);
  timer_move(7200, 0);  // nothing without the tests' clock
  UNIT_INT(timer_look(&real), TIMER_RUNS);
}

static const UnitTest tests[] = {
    {"states", states},
    {"other_forms_are_refused", other_forms_are_refused},
    {"next_moments", next_moments},
    {"timers", timers},
    {NULL, NULL},
};
UNIT_SUITE(windows, tests);
