// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_p.h"

// While it waits others may have the lock: the run after midnight, somebody who applies by hand. What they did is done.

#define LOCKED_MINUTES 1

static bool is_signalled(const Job *job)
{
  return job->interrupted != NULL && *job->interrupted;
}

static bool runs(Job *job)
{
  return !is_signalled(job) && timer_look(&job->timer) == TIMER_RUNS;
}

bool run_wait_may(Job *job)
{
  return job->timer.until != INSTANT_OPEN && job->retry_minutes > 0 && runs(job);
}

static void clear_unfinished(void *data)
{
  g_free(((RunUnfinished *)data)->path);
}

static GArray *unfinished_new(void)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(RunUnfinished));
  g_array_set_clear_func(list, clear_unfinished);
  return list;
}

static void add(Job *job, const RunUnfinished *what)
{
  RunUnfinished one = *what;
  one.path = g_strdup(what->path);
  if (job->unfinished == NULL)
    job->unfinished = unfinished_new();
  // Gone on with twice in one run: the later try counts.
  for (guint i = 0; i < job->unfinished->len; i++)
    if (g_array_index(job->unfinished, RunUnfinished, i).run == one.run) {
      g_array_remove_index(job->unfinished, i);
      break;
    }
  g_array_append_val(job->unfinished, one);
}

// Without an end nobody knows how long it may wait.
bool run_wait_takes(Job *job, const char *path, const ApplyReport *report)
{
  job->advanced = report->total.done > 0;
  bool closed = report->opens != INSTANT_NONE && report->opens < job->timer.until;
  bool lost = report->is_lost && job->retry_minutes > 0;
  if (job->timer.until == INSTANT_OPEN || !runs(job) || (!closed && !lost))
    return false;
  Instant opens = closed && !lost ? report->opens : INSTANT_NONE;
  add(job, &(RunUnfinished){(char *)path, report->run, report->exit, opens});
  return true;
}

void run_wait_clear(Job *job)
{
  g_clear_pointer(&job->unfinished, g_array_unref);
}

bool run_is_over(Job *job, const char *step)
{
  TimerState state = timer_look(&job->timer);
  if (state == TIMER_RUNS)
    return false;
  g_autoptr(GString) why = g_string_new(NULL);
  if (state == TIMER_LEAPT) {
    timer_tell_leap(&job->timer, why);
  } else {
    g_string_append(why, _("it is after "));
    instant_format(job->timer.until, why);
  }
  g_string_append_printf(job->out, _("%s is not begun: %s\n"), step, why->str);
  *job->exit = exit_worse(*job->exit, EXIT_INTERRUPTED);
  return true;
}

// ---------------------------------------------------------------------------------------------

// A target could not be read when it was planned for. Who only plans does not apply for that.
static bool is_unread(const Job *job)
{
  return job->unread && job->applied;
}

static Instant next_moment(const Job *job)
{
  Instant next = INSTANT_OPEN;
  Instant retry = timer_now(&job->timer) + (Instant)MAX(job->retry_minutes, LOCKED_MINUTES) * 60;
  for (guint i = 0; job->unfinished != NULL && i < job->unfinished->len; i++) {
    Instant opens = g_array_index(job->unfinished, RunUnfinished, i).opens;
    next = MIN(next, opens == INSTANT_NONE ? retry : opens);
  }
  return is_unread(job) ? MIN(next, retry) : next;
}

static bool wait_for(Job *job, Instant moment)
{
  g_string_append(job->out, _("waits until "));
  instant_format(moment, job->out);
  g_string_append_c(job->out, '\n');
  while (runs(job) && timer_now(&job->timer) < moment)
    timer_pause(moment - timer_now(&job->timer));
  return runs(job);
}

static bool is_locked(const GError *fault)
{
  return g_error_matches(fault, IDOU_ERROR, EXIT_LOCKED);
}

static bool is_unfinished(const Job *job, int64_t run)
{
  for (guint i = 0; job->unfinished != NULL && i < job->unfinished->len; i++)
    if (g_array_index(job->unfinished, RunUnfinished, i).run == run)
      return true;
  return false;
}

// Somebody else may have brought it to its end meanwhile: applied once more it would be a run of its own, and all be sent
// again.
static bool is_due(const Job *job, int64_t id, bool *out, GError **error)
{
  g_autoptr(Store) store = store_open(job->site->store, STORE_READ, error);
  RunRow run;
  *out = store != NULL && store_run_get(store, id, &run) && apply_goes_on(&run);
  return store != NULL;
}

// Of a try that changed nothing only that it was is told, not all again.
static bool go_on(Job *job, const RunUnfinished *one, GError **error)
{
  GError *fault = NULL;
  bool due = false;
  if (!is_due(job, one->run, &due, error))
    return false;
  if (!due) {
    g_string_append_printf(job->out,
                           _("run %" G_GINT64_FORMAT " was brought to its end meanwhile: %s\n"),
                           one->run, one->path);
    return true;
  }
  size_t n_told = job->out->len;
  if (run_apply_file(job, one->path, &fault)) {
    if (is_unfinished(job, one->run) && !job->advanced)
      g_string_truncate(job->out, n_told);
    return true;
  }
  if (is_locked(fault)) {
    g_string_append_printf(job->out, "%s\n", fault->message);
    add(job, &(RunUnfinished){one->path, one->run, one->exit, INSTANT_NONE});
    g_error_free(fault);
    return true;
  }
  g_propagate_error(error, fault);
  return false;
}

static bool plan_again(Job *job, GError **error)
{
  size_t n_told = job->out->len;
  bool fine = run_plan_again(job, error);
  if (fine && job->unread && job->n_planned == 0)
    g_string_truncate(job->out, n_told);
  return fine;
}

static bool try_again(Job *job, GError **error)
{
  bool unread = is_unread(job);
  g_autoptr(GArray) before = job->unfinished != NULL ? job->unfinished : unfinished_new();
  job->unfinished = NULL;
  for (guint i = 0; i < before->len; i++) {
    const RunUnfinished *one = &g_array_index(before, RunUnfinished, i);
    if (go_on(job, one, error))
      continue;
    for (; i < before->len; i++, one++)
      add(job, one);
    return false;
  }
  return !unread || plan_again(job, error);
}

void run_wait_count(const Job *job)
{
  for (guint i = 0; job->unfinished != NULL && i < job->unfinished->len; i++)
    *job->exit = exit_worse(*job->exit, g_array_index(job->unfinished, RunUnfinished, i).exit);
}

static bool is_waiting(const Job *job)
{
  return (job->unfinished != NULL && job->unfinished->len > 0) || is_unread(job);
}

bool run_wait(Job *job, GError **error)
{
  bool fine = true;
  while (fine && job->timer.until != INSTANT_OPEN && is_waiting(job) && runs(job)) {
    Instant next = next_moment(job);
    if (next >= job->timer.until || !wait_for(job, next))
      break;
    fine = try_again(job, error);
  }
  return fine;
}
