// SPDX-License-Identifier: GPL-3.0-or-later
//
// How the scheduled jobs stand. It goes to other people's monitoring: names of jobs, targets and sources, and numbers, but
// nobody's name.
#include "report_p.h"

#include <string.h>

#define STATUS_FORMAT 1
#define AHEAD_MOST_S 3600

static void job_clear(void *data)
{
  ReportJob *job = data;
  g_clear_pointer(&job->counts, g_array_unref);
}

ReportStatus *report_status_new(void)
{
  ReportStatus *status = g_new0(ReportStatus, 1);
  status->texts = g_string_chunk_new(1024);
  status->host = status->version = "";
  status->jobs = g_array_new(FALSE, FALSE, sizeof(ReportJob));
  g_array_set_clear_func(status->jobs, job_clear);
  status->sources = g_array_new(FALSE, FALSE, sizeof(ReportSource));
  status->progress.targets = g_array_new(FALSE, FALSE, sizeof(ReportProgressTarget));
  status->oldest = status->down_since = INSTANT_NONE;
  return status;
}

void report_status_free(ReportStatus *status)
{
  if (status == NULL)
    return;
  g_array_unref(status->jobs);
  g_array_unref(status->sources);
  g_array_unref(status->progress.targets);
  g_string_chunk_free(status->texts);
  g_free(status);
}

ReportJob *report_status_job(ReportStatus *status, const char *name)
{
  guint i = 0;
  while (i < status->jobs->len && strcmp(g_array_index(status->jobs, ReportJob, i).name, name) < 0)
    i++;
  if (i == status->jobs->len || strcmp(g_array_index(status->jobs, ReportJob, i).name, name) != 0) {
    ReportJob fresh = {.name = g_string_chunk_insert(status->texts, name),
                       .began = INSTANT_NONE,
                       .ended = INSTANT_NONE,
                       .good = INSTANT_NONE,
                       .running = INSTANT_NONE,
                       .killed = INSTANT_NONE,
                       .told = INSTANT_NONE,
                       .counts = g_array_new(FALSE, FALSE, sizeof(ReportRunCount))};
    g_array_insert_val(status->jobs, i, fresh);
  }
  return &g_array_index(status->jobs, ReportJob, i);
}

// ---------------------------------------------------------------------------------------------
// The file.

static json_t *job_json(const ReportJob *job)
{
  json_t *object = json_object();
  bool ran = job->ended != INSTANT_NONE;
  json_object_set_new(object, "began", report_json_instant(job->began));
  json_object_set_new(object, "ended", report_json_instant(job->ended));
  json_object_set_new(object, "ms", ran ? json_integer(job->ms) : json_null());
  json_object_set_new(object, "exit", ran ? json_integer(job->exit) : json_null());
  json_object_set_new(object, "result", ran ? json_string(exit_name(job->exit)) : json_null());
  json_object_set_new(object, "good", report_json_instant(job->good));
  json_object_set_new(object, "running", report_json_instant(job->running));
  json_object_set_new(object, "killed", report_json_instant(job->killed));
  json_object_set_new(object, "expect_hours",
                      job->expect_hours > 0 ? json_integer(job->expect_hours) : json_null());
  json_object_set_new(object, "plan", report_json_text(job->plan));
  json_object_set_new(object, "told", report_json_instant(job->told));
  json_object_set_new(object, "said", report_json_text(job->said));
  json_object_set_new(object, "errors", json_integer(job->n_errors));
  json_object_set_new(object, "warnings", json_integer(job->n_warnings));
  json_object_set_new(object, "operations", report_run_counts_json(job->counts));
  return object;
}

static json_t *mail_json(const ReportStatus *status)
{
  if (!status->has_mail)
    return json_null();
  json_t *object = json_object();
  json_object_set_new(object, "waiting", json_integer(status->n_waiting));
  json_object_set_new(object, "late", json_integer(status->n_late));
  json_object_set_new(object, "refused", json_integer(status->n_refused));
  json_object_set_new(object, "aside", json_integer(status->n_aside));
  json_object_set_new(object, "oldest", report_json_instant(status->oldest));
  json_object_set_new(object, "down_since", report_json_instant(status->down_since));
  return object;
}

static json_t *sources_json(const ReportStatus *status)
{
  json_t *object = json_object();
  for (guint i = 0; i < status->sources->len; i++) {
    const ReportSource *source = &g_array_index(status->sources, ReportSource, i);
    json_t *row = json_object();
    json_object_set_new(row, "state", report_json_text(source->state));
    json_object_set_new(row, "collected", report_json_instant(source->collected));
    json_object_set_new(object, source->name, row);
  }
  return object;
}

void report_status_json(const ReportStatus *status, GString *out)
{
  json_t *object = json_object(), *jobs = json_object(), *receipts = json_object();
  for (guint i = 0; i < status->jobs->len; i++) {
    const ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
    json_object_set_new(jobs, job->name, job_json(job));
  }
  json_object_set_new(receipts, "open", json_integer(status->n_receipts));
  json_object_set_new(receipts, "overdue", json_integer(status->n_overdue));
  json_object_set_new(object, "format", json_integer(STATUS_FORMAT));
  json_object_set_new(object, "written", report_json_instant(status->at));
  json_object_set_new(object, "host", report_json_text(status->host));
  json_object_set_new(object, "program", report_json_text(status->version));
  json_object_set_new(object, "exit", json_integer(report_status_exit(status)));
  json_object_set_new(object, "jobs", jobs);
  json_object_set_new(object, "mail", mail_json(status));
  json_object_set_new(object, "receipts", receipts);
  json_object_set_new(object, "sources", sources_json(status));
  json_object_set_new(object, "progress", report_progress_json(&status->progress));
  json_object_set_new(object, "audit", report_json_text(status->audit));
  report_json_dump(object, out);
}

static Instant instant_of(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  Instant instant = INSTANT_NONE;
  return text != NULL && instant_parse(text, &instant) ? instant : INSTANT_NONE;
}

static int64_t number_of(const json_t *object, const char *key)
{
  return json_integer_value(json_object_get(object, key));
}

static const char *text_of(ReportStatus *status, const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text != NULL ? g_string_chunk_insert_const(status->texts, text) : NULL;
}

static void parse_counts(ReportStatus *status, const json_t *array, GArray *out)
{
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *row = json_array_get(array, i);
    ReportRunCount count = {text_of(status, row, "target"), text_of(status, row, "kind"),
                            text_of(status, row, "outcome"), number_of(row, "n")};
    if (count.target != NULL && count.kind != NULL && count.outcome != NULL)
      g_array_append_val(out, count);
  }
}

static void parse_job(ReportStatus *status, const char *name, const json_t *object)
{
  ReportJob *job = report_status_job(status, name);
  job->began = instant_of(object, "began");
  job->ended = instant_of(object, "ended");
  job->ms = MAX(number_of(object, "ms"), 0);
  job->exit = (ExitCode)number_of(object, "exit");
  job->good = instant_of(object, "good");
  job->running = instant_of(object, "running");
  job->killed = instant_of(object, "killed");
  job->plan = text_of(status, object, "plan");
  job->told = instant_of(object, "told");
  job->said = text_of(status, object, "said");
  job->n_errors = number_of(object, "errors");
  job->n_warnings = number_of(object, "warnings");
  parse_counts(status, json_object_get(object, "operations"), job->counts);
}

bool report_status_parse(const char *text, size_t n_bytes, ReportStatus *status)
{
  json_t *object = json_loadb(text, n_bytes, 0, NULL);
  bool fine = json_is_object(object) && number_of(object, "format") == STATUS_FORMAT;
  const char *name;
  json_t *job;
  json_object_foreach(json_object_get(fine ? object : NULL, "jobs"), name, job)
      parse_job(status, name, job);
  if (fine)
    status->audit = text_of(status, object, "audit");
  json_decref(object);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// What it says.

// A good end that is still to come was noted by a clock that went wrong: until then it would look fresh, whatever happens.
Instant report_status_good(const ReportJob *job, Instant at)
{
  return job->good != INSTANT_NONE && job->good - at > AHEAD_MOST_S ? INSTANT_NONE : job->good;
}

// A job whose good end is further ago than it may be, or that never had one.
static bool is_stale(const ReportJob *job, Instant at)
{
  Instant good = report_status_good(job, at);
  return job->expect_hours > 0 &&
         (good == INSTANT_NONE || at - good > (Instant)job->expect_hours * 3600);
}

ExitCode report_status_exit(const ReportStatus *status)
{
  ExitCode exit = EXIT_DONE;
  for (guint i = 0; i < status->jobs->len; i++) {
    const ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
    if (job->ended != INSTANT_NONE && !report_run_is_good(job->exit))
      exit = exit_worse(exit, job->exit);
    if (is_stale(job, status->at))
      exit = exit_worse(exit, EXIT_FAILED);
    if (job->killed != INSTANT_NONE)
      exit = exit_worse(exit, EXIT_INTERRUPTED);
  }
  if (status->n_late + status->n_refused + status->n_aside > 0)
    exit = exit_worse(exit, EXIT_FAILED);
  return exit;
}

static void put_time(GString *out, const char *words, Instant instant)
{
  if (instant == INSTANT_NONE)
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  g_string_append_printf(out, words, text->str);
}

static void put_job(const ReportJob *job, Instant at, GString *out)
{
  g_string_append_printf(out, _("job %s: "), job->name);
  if (job->ended == INSTANT_NONE)
    g_string_append(out, _("no run yet"));
  else
    g_string_append_printf(out, _("%s (exit %d)"), exit_name(job->exit), (int)job->exit);
  put_time(out, _(", ended %s"), job->ended);
  put_time(out, _(", running since %s"), job->running);
  put_time(out, _(", a run that began %s came to no end"), job->killed);
  if (is_stale(job, at))
    g_string_append_printf(out, _(": TOO LONG AGO: a good end is expected every %d hours"),
                           job->expect_hours);
  g_string_append_c(out, '\n');
}

void report_status_text(const ReportStatus *status, GString *out)
{
  for (guint i = 0; i < status->jobs->len; i++)
    put_job(&g_array_index(status->jobs, ReportJob, i), status->at, out);
  report_progress_text(&status->progress, out);
  if (status->n_waiting + status->n_refused + status->n_aside > 0)
    g_string_append_printf(out,
                           _("mail: %" G_GINT64_FORMAT " wait, %" G_GINT64_FORMAT
                             " of them for too long; %" G_GINT64_FORMAT
                             " refused, %" G_GINT64_FORMAT " given up: `idou mail`\n"),
                           status->n_waiting, status->n_late, status->n_refused, status->n_aside);
  put_time(out, _("mail: the server cannot be reached since %s\n"), status->down_since);
  for (guint i = 0; i < status->sources->len; i++) {
    const ReportSource *source = &g_array_index(status->sources, ReportSource, i);
    if (strcmp(source->state, "ok") != 0)
      g_string_append_printf(out, _("evidence %s: %s\n"), source->name, source->state);
  }
}
