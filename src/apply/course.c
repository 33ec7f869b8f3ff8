// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// Due, nothing holds it, and it was not begun, or nobody asked yet what became of it.
static bool is_left(const Course *course, const Op *op)
{
  const ApplySetup *setup = course->setup;
  Stand stand = book_stand(course->book, op->n);
  return (stand == STAND_WAITING || stand == STAND_SENT) &&
         (op->not_before == INSTANT_NONE || op->not_before <= setup->now) &&
         !(setup->held && setup->held[op->n - 1]);
}

static void tell_over(const Course *course)
{
  ApplyReport *report = course->report;
  g_autoptr(GString) until = g_string_new(NULL);
  instant_format(course->setup->timer->until, until);
  g_autofree char *text = g_strdup_printf(
      ngettext("%" G_GINT64_FORMAT " operation was not begun before %s; `idou resume` goes on",
               "%" G_GINT64_FORMAT " operations were not begun before %s; `idou resume` goes on",
               (gulong)report->n_left),
      report->n_left, until->str);
  tell_left(report->problems, "apply-until", NULL, text);
}

static void tell_leapt(const Course *course)
{
  g_autoptr(GString) text = g_string_new(NULL);
  timer_tell_leap(course->setup->timer, text);
  g_string_append_printf(text,
                         _(", so what is due is not to be believed: nothing more was sent, and "
                           "%" G_GINT64_FORMAT " operations were not begun. See that the clock is "
                           "right, then `idou resume`"),
                         course->report->n_left);
  tell_target(course->report->problems, "apply-clock", NULL, text->str);
}

void course_tell_left(Course *course)
{
  ApplyReport *report = course->report;
  report->stopped = timer_look(course->setup->timer);
  report->is_lost = course->is_lost;
  for (uint32_t n = 1; retry_interrupted(course->setup) && n <= course->book->n_ops; n++)
    report->n_left += is_left(course, plan_op(course->setup->plan, n));
  if (report->stopped == TIMER_LEAPT)
    tell_leapt(course);
  else if (report->stopped == TIMER_OVER && report->n_left > 0)
    tell_over(course);
}
