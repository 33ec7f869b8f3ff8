// SPDX-License-Identifier: GPL-3.0-or-later
//
// The text format of Prometheus, version 0.0.4, as node_exporter's textfile collector takes it: one HELP and one TYPE line
// for each metric, all its samples together, no timestamps.
#include "report_p.h"

#include <string.h>

static void put_metric(GString *out, const char *name, const char *help)
{
  g_string_append_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

// A label's value: \, " and line ends are escaped, as the format has it; what a terminal would obey is shown.
static void put_label(GString *out, const char *name, const char *value)
{
  g_autoptr(GString) clean = g_string_new(NULL);
  escape_text(clean, value, ESCAPE_TERMINAL);
  g_string_append_printf(out, "%s=\"", name);
  for (const char *at = clean->str; *at != '\0'; at++) {
    if (*at == '\\' || *at == '"')
      g_string_append_c(out, '\\');
    g_string_append_c(out, *at);
  }
  g_string_append_c(out, '"');
}

static void put_sample(GString *out, const char *name, const char *label, const char *value,
                       int64_t n)
{
  g_string_append_printf(out, "%s{", name);
  put_label(out, label, value);
  g_string_append_printf(out, "} %" G_GINT64_FORMAT "\n", n);
}

// ---------------------------------------------------------------------------------------------
// Of jobs. A value that is not known has no sample: 0 would be 1970, or a success.

typedef bool (*JobValue)(const ReportJob *job, Instant at, int64_t *out);

static bool known(Instant instant, int64_t *out)
{
  *out = instant;
  return instant != INSTANT_NONE;
}

static bool last_ended(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  return known(job->ended, out);
}

static bool last_good(const ReportJob *job, Instant at, int64_t *out)
{
  return known(report_status_good(job, at), out);
}

static bool last_exit(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  *out = job->exit;
  return job->ended != INSTANT_NONE;
}

static bool running_since(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  return known(job->running, out);
}

static bool killed(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  *out = job->killed != INSTANT_NONE;
  return true;
}

static bool expected(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  *out = (int64_t)job->expect_hours * 3600;
  return job->expect_hours > 0;
}

static bool held(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  *out = report_run_count(job->counts, "held");
  return job->ended != INSTANT_NONE;
}

static bool errors(const ReportJob *job, Instant at, int64_t *out)
{
  (void)at;
  *out = job->n_errors;
  return job->ended != INSTANT_NONE;
}

static const struct {
  const char *name, *help;
  JobValue value;
} JOB_METRICS[] = {
    {"idou_run_last_timestamp_seconds", "When the job's last run ended.", last_ended},
    {"idou_run_good_timestamp_seconds", "When the job's last run that did its work ended.",
     last_good},
    {"idou_run_exit_code", "Exit code of the job's last run.", last_exit},
    {"idou_run_running_since_seconds", "When the run that is at work began.", running_since},
    {"idou_run_killed", "1 if a run of the job came to no end and none has followed.", killed},
    {"idou_run_expected_seconds", "A run that did its work must not be longer ago.", expected},
    {"idou_held", "Operations that the job's last run left held.", held},
    {"idou_findings_errors", "Findings of level error in the job's last run.", errors},
};

static void put_jobs(const ReportStatus *status, GString *out)
{
  for (size_t m = 0; m < G_N_ELEMENTS(JOB_METRICS); m++) {
    put_metric(out, JOB_METRICS[m].name, JOB_METRICS[m].help);
    for (guint i = 0; i < status->jobs->len; i++) {
      const ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
      int64_t n;
      if (JOB_METRICS[m].value(job, status->at, &n))
        put_sample(out, JOB_METRICS[m].name, "job", job->name, n);
    }
  }
}

static void put_durations(const ReportStatus *status, GString *out)
{
  const char *name = "idou_run_duration_seconds";
  put_metric(out, name, "How long the job's last run took.");
  for (guint i = 0; i < status->jobs->len; i++) {
    const ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
    if (job->ended == INSTANT_NONE)
      continue;
    g_string_append_printf(out, "%s{", name);
    put_label(out, "job", job->name);
    g_string_append_printf(out, "} %" G_GINT64_FORMAT ".%03d\n", job->ms / 1000,
                           (int)(job->ms % 1000));
  }
}

static void put_operations(const ReportStatus *status, GString *out)
{
  put_metric(out, "idou_operations", "Operations of the job's last run.");
  for (guint i = 0; i < status->jobs->len; i++) {
    const ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
    for (guint k = 0; k < job->counts->len; k++) {
      const ReportRunCount *count = &g_array_index(job->counts, ReportRunCount, k);
      g_string_append(out, "idou_operations{");
      put_label(out, "job", job->name);
      g_string_append_c(out, ',');
      put_label(out, "target", count->target);
      g_string_append_c(out, ',');
      put_label(out, "kind", count->kind);
      g_string_append_c(out, ',');
      put_label(out, "outcome", count->outcome);
      g_string_append_printf(out, "} %" G_GINT64_FORMAT "\n", count->n);
    }
  }
}

// ---------------------------------------------------------------------------------------------

static void put_number(GString *out, const char *name, const char *help, int64_t n)
{
  put_metric(out, name, help);
  g_string_append_printf(out, "%s %" G_GINT64_FORMAT "\n", name, n);
}

static void put_mail(const ReportStatus *status, GString *out)
{
  const char *name = "idou_mail_queue";
  const struct {
    const char *state;
    int64_t n;
  } rows[] = {{"waiting", status->n_waiting},
              {"late", status->n_late},
              {"refused", status->n_refused},
              {"aside", status->n_aside}};
  if (!status->has_mail)
    return;
  put_metric(out, name, "Letters by state; those that are late wait, too.");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    put_sample(out, name, "state", rows[i].state, rows[i].n);
  put_number(out, "idou_mail_oldest_seconds", "How long the oldest letter has been waiting.",
             status->oldest == INSTANT_NONE ? 0 : MAX(status->at - status->oldest, 0));
}

static void put_sources(const ReportStatus *status, GString *out)
{
  if (status->sources->len == 0)
    return;
  put_metric(out, "idou_evidence_ok", "1 if the source of evidence was read in full last time.");
  for (guint i = 0; i < status->sources->len; i++) {
    const ReportSource *source = &g_array_index(status->sources, ReportSource, i);
    put_sample(out, "idou_evidence_ok", "source", source->name, strcmp(source->state, "ok") == 0);
  }
  put_metric(out, "idou_evidence_age_seconds",
             "How long ago the source of evidence was read in full.");
  for (guint i = 0; i < status->sources->len; i++) {
    const ReportSource *source = &g_array_index(status->sources, ReportSource, i);
    if (source->collected != INSTANT_NONE)
      put_sample(out, "idou_evidence_age_seconds", "source", source->name,
                 MAX(status->at - source->collected, 0));
  }
}

// Of the run that is at work.
static void put_progress(const ReportStatus *status, GString *out)
{
  const ReportProgress *progress = &status->progress;
  if (progress->run == 0)
    return;
  put_metric(out, "idou_progress_operations", "Operations of the run at work that are due.");
  for (guint i = 0; i < progress->targets->len; i++) {
    const ReportProgressTarget *one = &g_array_index(progress->targets, ReportProgressTarget, i);
    put_sample(out, "idou_progress_operations", "target", one->target, one->n_ops);
  }
  put_metric(out, "idou_progress_ended", "Those of them that came to an end.");
  for (guint i = 0; i < progress->targets->len; i++) {
    const ReportProgressTarget *one = &g_array_index(progress->targets, ReportProgressTarget, i);
    put_sample(out, "idou_progress_ended", "target", one->target, one->n_ended);
  }
  if (progress->end != INSTANT_NONE)
    put_number(out, "idou_progress_expected_end_timestamp_seconds",
               "When the run at work is expected to be done.", progress->end);
  if (progress->until != INSTANT_OPEN)
    put_number(out, "idou_progress_until_timestamp_seconds", "When it begins nothing more.",
               progress->until);
}

void report_status_metrics(const ReportStatus *status, GString *out)
{
  put_metric(out, "idou_build_info", "The version that wrote this.");
  put_sample(out, "idou_build_info", "version", status->version, 1);
  put_jobs(status, out);
  put_durations(status, out);
  put_operations(status, out);
  put_mail(status, out);
  put_number(out, "idou_receipts_open", "Operations that were sent and await a receipt.",
             status->n_receipts);
  put_number(out, "idou_receipts_overdue", "Those that have been waiting for too long.",
             status->n_overdue);
  put_sources(status, out);
  put_progress(status, out);
}
