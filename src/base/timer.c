// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <stdlib.h>

// The wall's clock may be set while work is under way; the other one only ever goes forward, and at its own pace.
#define LEAP_SECONDS 300

// In tests both clocks stand still, and waiting is what moves them (IDOU_NOW, IDOU_STEADY).
#define TEST_SLEEP_US 20000

static bool is_test(void)
{
  const char *now = g_getenv("IDOU_NOW");
  return now && *now;
}

int64_t timer_steady_us(void)
{
  const char *steady = g_getenv("IDOU_STEADY");
  if (!is_test())
    return g_get_monotonic_time();
  return steady ? g_ascii_strtoll(steady, NULL, 10) * G_USEC_PER_SEC : 0;
}

void timer_move(int64_t wall_s, int64_t steady_s)
{
  if (!is_test())
    return;
  g_autoptr(GString) now = g_string_new(NULL);
  g_autofree char *steady =
      g_strdup_printf("%" G_GINT64_FORMAT, timer_steady_us() / G_USEC_PER_SEC + steady_s);
  instant_format(instant_now() + wall_s, now);
  g_setenv("IDOU_NOW", now->str, true);
  g_setenv("IDOU_STEADY", steady, true);
}

void timer_begin(Timer *timer, Instant until)
{
  *timer = (Timer){.until = until, .began = instant_now(), .began_us = timer_steady_us()};
}

// What the wall's clock would say if nobody had touched it since.
static Instant steady_now(const Timer *timer)
{
  return timer->began + (timer_steady_us() - timer->began_us) / G_USEC_PER_SEC;
}

Instant timer_now(const Timer *timer)
{
  return MAX(instant_now(), steady_now(timer));
}

TimerState timer_look(Timer *timer)
{
  if (timer->state != TIMER_RUNS)
    return timer->state;
  Instant wall = instant_now(), steady = steady_now(timer);
  if (llabs(wall - steady) > LEAP_SECONDS) {
    timer->state = TIMER_LEAPT;
    timer->leap_s = wall - steady;
  } else if (MAX(wall, steady) >= timer->until) {
    timer->state = TIMER_OVER;
  }
  return timer->state;
}

void timer_pause(int64_t seconds)
{
  g_usleep(is_test() ? TEST_SLEEP_US : (gulong)CLAMP(seconds, 0, 1) * G_USEC_PER_SEC);
  timer_move(seconds, seconds);
}

void timer_tell_leap(const Timer *timer, GString *out)
{
  int64_t minutes = llabs(timer->leap_s) / 60;
  g_string_append_printf(
      out,
      timer->leap_s > 0
          ? _("the clock was put forward by %" G_GINT64_FORMAT " minutes while idou was at work")
          : _("the clock was put back by %" G_GINT64_FORMAT " minutes while idou was at work"),
      minutes);
}
