// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// So few operations say nothing about a pace.
#define LEAST_OPS 20
#define OLD_US (10 * G_USEC_PER_SEC)
#define NOTED_US (30 * G_USEC_PER_SEC)

struct Progress {
  const Course *course;
  ApplyProgress *sections;  // by section of the plan
  size_t n_sections, now;
  int64_t began_us;  // the section
  int64_t noted_us, written_us;
  bool written;  // all of them
  bool last;
};

bool progress_counts(Stand stand)
{
  return book_took_effect(stand) || stand == STAND_REFUSED || stand == STAND_FAILED ||
         stand == STAND_UNKNOWN;
}

static bool is_due(const Course *course, const Op *op)
{
  const ApplySetup *setup = course->setup;
  return (op->not_before == INSTANT_NONE || op->not_before <= setup->now) &&
         !(setup->held && setup->held[op->n - 1]) &&
         book_stand(course->book, op->n) != STAND_SKIPPED;
}

static void count(const Course *course, const PlanSection *section, ApplyProgress *out)
{
  *out = (ApplyProgress){.run = course->report->run, .until = course->setup->timer->until};
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    bool ended = book_took_effect(book_stand(course->book, op->n));
    out->n_ops += ended || is_due(course, op);
    out->n_ended += ended;
  }
}

Progress *progress_new(const Course *course)
{
  const Plan *plan = course->setup->plan;
  Progress *progress = g_new0(Progress, 1);
  progress->course = course;
  progress->n_sections = plan_n_sections(plan);
  progress->sections = g_new0(ApplyProgress, progress->n_sections + 1);
  for (size_t i = 0; i < progress->n_sections; i++)
    count(course, plan_section(plan, i), &progress->sections[i]);
  progress->began_us = progress->noted_us = progress->written_us = timer_steady_us();
  return progress;
}

void progress_free(Progress *progress)
{
  if (!progress)
    return;
  g_free(progress->sections);
  g_free(progress);
}

void progress_begin(Progress *progress, const PlanSection *section)
{
  const Plan *plan = progress->course->setup->plan;
  progress->now = 0;
  while (plan_section(plan, progress->now) != section)
    progress->now++;
  progress->began_us = timer_steady_us();
  progress->last = false;
}

bool progress_is_old(const Progress *progress)
{
  return timer_steady_us() - progress->written_us >= OLD_US;
}

void progress_last(Progress *progress)
{
  progress->last = true;
}

// ---------------------------------------------------------------------------------------------

static char *format(const ApplyProgress *all)
{
  return g_strdup_printf(
      "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
      " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
      all->run, all->n_ops, all->n_ended, all->n_now, all->elapsed_ms, all->at, all->until);
}

bool apply_progress_parse(const char *value, ApplyProgress *out)
{
  int64_t *const fields[] = {&out->run,        &out->n_ops, &out->n_ended, &out->n_now,
                             &out->elapsed_ms, &out->at,    &out->until};
  g_auto(GStrv) words = g_strsplit(value ? value : "", " ", -1);
  bool fine = g_strv_length(words) == G_N_ELEMENTS(fields);
  for (size_t i = 0; fine && i < G_N_ELEMENTS(fields); i++)
    fine = g_ascii_string_to_signed(words[i], 10, G_MININT64, G_MAXINT64, fields[i], NULL);
  return fine;
}

static bool write_section(const Progress *progress, size_t i, const ApplyProgress *what,
                          Store *store, GError **error)
{
  const char *target = plan_section(progress->course->setup->plan, i)->target;
  g_autofree char *value = format(what);
  return store_cursor_set(store, APPLY_PROGRESS, target, value, error);
}

static ApplyProgress next(const Progress *progress, size_t n_ended)
{
  ApplyProgress now = progress->sections[progress->now];
  now.n_ended = MIN(now.n_ended + (int64_t)n_ended, now.n_ops);
  now.n_now += (int64_t)n_ended;
  now.elapsed_ms = (timer_steady_us() - progress->began_us) / 1000;
  now.at = instant_now();
  return now;
}

static bool write_pace(const Progress *progress, const ApplyProgress *now, Store *store,
                       GError **error)
{
  if (now->n_now < LEAST_OPS)
    return true;
  const char *target = plan_section(progress->course->setup->plan, progress->now)->target;
  g_autofree char *pace = g_strdup_printf("%" G_GINT64_FORMAT, now->elapsed_ms * 1000 / now->n_now);
  return store_cursor_set(store, APPLY_PACE, target, pace, error);
}

bool progress_write(Progress *progress, size_t n_ended, Store *store, GError **error)
{
  if (!progress || (n_ended == 0 && progress->written))
    return true;
  for (size_t i = 0; !progress->written && i < progress->n_sections; i++) {
    progress->sections[i].at = instant_now();
    if (!write_section(progress, i, &progress->sections[i], store, error))
      return false;
  }
  ApplyProgress now = next(progress, n_ended);
  return write_section(progress, progress->now, &now, store, error) &&
         (!progress->last || write_pace(progress, &now, store, error));
}

void progress_written(Progress *progress, size_t n_ended)
{
  if (!progress)
    return;
  const ApplySetup *setup = progress->course->setup;
  progress->sections[progress->now] = next(progress, n_ended);
  progress->written = true;
  progress->written_us = timer_steady_us();
  if (!setup->passes || timer_steady_us() - progress->noted_us < NOTED_US)
    return;
  progress->noted_us = timer_steady_us();
  setup->passes(setup->passes_data);
}
