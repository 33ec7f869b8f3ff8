// SPDX-License-Identifier: GPL-3.0-or-later
//
// How far the run at work is, and when it will be done: from what it notes with its journal, and its pace.
#include "job/job_p.h"

#include <string.h>

// Milliseconds for so many operations at the pace of this part of the run, else of the last ones; -1: neither is known.
static int64_t expect_ms(Store *store, const char *target, const ApplyProgress *noted)
{
  int64_t n_left = noted->n_ops - noted->n_ended, pace = 0;
  if (n_left <= 0)
    return 0;
  if (noted->n_now > 0)
    return noted->elapsed_ms * n_left / noted->n_now;
  const char *before = store_cursor_get(store, APPLY_PACE, target);
  if (before == NULL || !g_ascii_string_to_signed(before, 10, 0, G_MAXINT32, &pace, NULL))
    return -1;
  return pace * n_left / 1000;
}

// Targets are written to one after the other: where one's end is not known, no later one's is.
static void add(ReportStatus *status, Store *store, const char *target, const ApplyProgress *noted)
{
  ReportProgress *progress = &status->progress;
  int64_t ms = expect_ms(store, target, noted);
  ReportProgressTarget one = {g_string_chunk_insert(status->texts, target), noted->n_ops,
                              noted->n_ended, INSTANT_NONE};
  // What is being written to has been at it since.
  Instant from = noted->n_now > 0 ? noted->at : progress->end;
  if (ms < 0 || progress->end == INSTANT_NONE)
    progress->end = INSTANT_NONE;
  else
    progress->end = one.end = MAX(from + (ms + 999) / 1000, progress->end);
  progress->n_ops += noted->n_ops;
  progress->n_ended += noted->n_ended;
  progress->until = noted->until;
  g_array_append_val(progress->targets, one);
}

void job_progress(const Site *site, Store *store, ReportStatus *status)
{
  RunRow run;
  g_autofree char *lock = g_strconcat(site->store, ".lock", NULL);
  if (!store_run_last(store, &run) || strcmp(run.state, "running") != 0 || !file_is_locked(lock))
    return;
  status->progress.run = run.id;
  status->progress.began = run.started;
  status->progress.end = status->at;
  status->progress.until = INSTANT_OPEN;
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    ApplyProgress noted;
    const char *target = site->targets[i]->name;
    if (apply_progress_parse(store_cursor_get(store, APPLY_PROGRESS, target), &noted) &&
        noted.run == status->progress.run && noted.n_ops > 0)
      add(status, store, target, &noted);
  }
}
