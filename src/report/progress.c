// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

// Whether it is expected to be at work when its time is over.
static bool is_late(const ReportProgress *progress)
{
  return progress->end != INSTANT_NONE && progress->until != INSTANT_OPEN &&
         progress->end > progress->until;
}

static json_t *until_json(Instant until)
{
  return until == INSTANT_OPEN ? json_null() : report_json_instant(until);
}

json_t *report_progress_json(const ReportProgress *progress)
{
  if (progress->run == 0)
    return json_null();
  json_t *object = json_object(), *targets = json_object();
  for (guint i = 0; i < progress->targets->len; i++) {
    const ReportProgressTarget *one = &g_array_index(progress->targets, ReportProgressTarget, i);
    json_t *row = json_object();
    json_object_set_new(row, "operations", json_integer(one->n_ops));
    json_object_set_new(row, "ended", json_integer(one->n_ended));
    json_object_set_new(row, "expected_end", report_json_instant(one->end));
    json_object_set_new(targets, one->target, row);
  }
  json_object_set_new(object, "run", json_integer(progress->run));
  json_object_set_new(object, "began", report_json_instant(progress->began));
  json_object_set_new(object, "operations", json_integer(progress->n_ops));
  json_object_set_new(object, "ended", json_integer(progress->n_ended));
  json_object_set_new(object, "expected_end", report_json_instant(progress->end));
  json_object_set_new(object, "until", until_json(progress->until));
  json_object_set_new(object, "late", json_boolean(is_late(progress)));
  json_object_set_new(object, "targets", targets);
  return object;
}

static void put_count(GString *out, const char *words, int64_t n_ended, int64_t n_ops)
{
  g_string_append_printf(out, words, n_ended, n_ops);
}

static void put_end(const ReportProgress *progress, GString *out)
{
  if (progress->end == INSTANT_NONE) {
    g_string_append(out, _(", when it will be done cannot be told yet"));
  } else {
    g_string_append(out, _(", expected end "));
    instant_format(progress->end, out);
  }
  if (progress->until == INSTANT_OPEN)
    return;
  g_string_append(out, is_late(progress) ? _(": TOO LATE, nothing is begun after ")
                                         : _("; nothing is begun after "));
  instant_format(progress->until, out);
}

void report_progress_text(const ReportProgress *progress, GString *out)
{
  if (progress->run == 0)
    return;
  g_string_append_printf(out, _("at work: run %" G_GINT64_FORMAT ", "), progress->run);
  put_count(out, _("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " operations"), progress->n_ended,
            progress->n_ops);
  put_end(progress, out);
  g_string_append_c(out, '\n');
  for (guint i = 0; i < progress->targets->len; i++) {
    const ReportProgressTarget *one = &g_array_index(progress->targets, ReportProgressTarget, i);
    g_string_append_printf(out, "  %-10s ", one->target);
    put_count(out, _("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT), one->n_ended, one->n_ops);
    if (one->end != INSTANT_NONE && one->n_ended < one->n_ops) {
      g_string_append(out, _(", expected end "));
      instant_format(one->end, out);
    }
    g_string_append_c(out, '\n');
  }
}
