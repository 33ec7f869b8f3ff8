// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/report.h"
#include "unit.h"

#include <string.h>

#define NOW 1806490800  // 2027-03-31T20:00:00+09:00

static ReportStatus *status_with(const char *job)
{
  ReportStatus *status = report_status_new();
  status->at = NOW;
  status->version = "1.0";
  ReportJob *row = report_status_job(status, job);
  ReportRunCount count = {"dir", "create", "done", 3};
  row->began = NOW - 10;
  row->ended = row->good = NOW;
  row->ms = 1234;
  g_array_append_val(row->counts, count);
  return status;
}

// Label values as the format wants them: \ and " with a backslash, no line end.
static void labels(void)
{
  static const struct {
    const char *job, *written;
  } rows[] = {
      {"nightly", "{job=\"nightly\"}"}, {"a\"b", "{job=\"a\\\"b\"}"}, {"a\\b", "{job=\"a\\\\b\"}"},
      {"a\nb", "{job=\"a\\\\u{A}b\"}"}, {"夜間", "{job=\"夜間\"}"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ReportStatus) status = status_with(rows[i].job);
    g_autoptr(GString) out = g_string_new(NULL);
    report_status_metrics(status, out);
    g_autofree char *line = g_strdup_printf("\nidou_run_exit_code%s 0\n", rows[i].written);
    UNIT_TRUE(strstr(out->str, line) != NULL, "row %zu", i);
  }
}

static bool is_name(const char *text, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!g_ascii_islower(text[i]) && text[i] != '_')
      return false;
  return n > 0;
}

// Each metric: HELP, TYPE gauge, then its samples and nobody else's, once; the file ends with a line end.
static void form(void)
{
  g_autoptr(ReportStatus) status = status_with("nightly");
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GString) out = g_string_new(NULL);
  ReportSource source = {"ad", "stale", NOW - 7200};
  status->has_mail = true;
  status->oldest = NOW - 60;
  g_array_append_val(status->sources, source);
  report_status_metrics(status, out);
  g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
  g_autofree char *name = g_strdup("");
  size_t i = 0;
  for (; lines[i] != NULL && *lines[i] != '\0'; i++) {
    const char *line = lines[i];
    if (g_str_has_prefix(line, "# HELP ")) {
      g_free(name);
      name = g_strndup(line + 7, strcspn(line + 7, " "));
      UNIT_TRUE(is_name(name, strlen(name)), "%s", name);
      UNIT_TRUE(g_hash_table_add(seen, g_strdup(name)), "%s twice", name);
      g_autofree char *type = g_strdup_printf("# TYPE %s gauge", name);
      UNIT_STR(lines[++i], type);
      continue;
    }
    size_t n = strcspn(line, "{ ");
    UNIT_TRUE(n == strlen(name) && strncmp(line, name, n) == 0, "%s below %s", line, name);
    char *end = NULL;
    g_ascii_strtod(strrchr(line, ' ') + 1, &end);
    UNIT_TRUE(*end == '\0' && end != strrchr(line, ' ') + 1, "%s", line);
  }
  UNIT_TRUE(i > 20 && lines[i] != NULL && lines[i + 1] == NULL);
  UNIT_TRUE(strstr(out->str, "\nidou_evidence_ok{source=\"ad\"} 0\n") != NULL);
  UNIT_TRUE(strstr(out->str, "\nidou_evidence_age_seconds{source=\"ad\"} 7200\n") != NULL);
  UNIT_TRUE(strstr(out->str, "\nidou_mail_oldest_seconds 60\n") != NULL);
  UNIT_TRUE(strstr(out->str, "\nidou_run_duration_seconds{job=\"nightly\"} 1.234\n") != NULL);
}

// What is written is read again as it was.
static void round_trip(void)
{
  g_autoptr(ReportStatus) status = status_with("nightly");
  g_autoptr(ReportStatus) again = report_status_new();
  g_autoptr(GString) first = g_string_new(NULL);
  g_autoptr(GString) second = g_string_new(NULL);
  ReportJob *never = report_status_job(status, "monthly");
  never->running = NOW - 5;
  status->host = "h";
  report_status_json(status, first);
  UNIT_TRUE(report_status_parse(first->str, first->len, again));
  again->at = NOW;
  again->host = "h";
  again->version = "1.0";
  report_status_json(again, second);
  UNIT_STR(second->str, first->str);
}

static void damaged(void)
{
  static const char *const rows[] = {
      "",
      "{",
      "[]",
      "{}",
      "{\"format\": 2}",
      "{\"format\": 1, \"jobs\": 3}",
      "{\"format\": 1, \"jobs\": {\"a\": 3}}",
      "{\"format\": 1, \"jobs\": {\"a\": {\"operations\": [3, {}]}}}"};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ReportStatus) status = report_status_new();
    bool fine = report_status_parse(rows[i], strlen(rows[i]), status);
    UNIT_INT(fine, i >= 5, "row %zu", i);
  }
}

static void exits(void)
{
  static const struct {
    ExitCode last;
    int64_t good_ago_s;  // -1 = never
    int expect_hours;
    bool killed;
    int64_t n_refused;
    ExitCode exit;
  } rows[] = {
      {EXIT_DONE, 0, 0, false, 0, EXIT_DONE},
      {EXIT_PENDING, 0, 26, false, 0, EXIT_DONE},
      {EXIT_HELD, 0, 26, false, 0, EXIT_HELD},
      {EXIT_UNREAD, 0, 26, false, 0, EXIT_UNREAD},
      {EXIT_DONE, 26 * 3600, 26, false, 0, EXIT_DONE},
      {EXIT_DONE, 26 * 3600 + 1, 26, false, 0, EXIT_FAILED},
      {EXIT_DONE, 26 * 3600 + 1, 0, false, 0, EXIT_DONE},
      {EXIT_HELD, -1, 26, false, 0, EXIT_FAILED},
      {EXIT_DONE, 0, 26, true, 0, EXIT_INTERRUPTED},
      {EXIT_DONE, 0, 26, false, 1, EXIT_FAILED},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(ReportStatus) status = status_with("nightly");
    ReportJob *job = report_status_job(status, "nightly");
    job->exit = rows[i].last;
    job->good = rows[i].good_ago_s < 0 ? INSTANT_NONE : NOW - rows[i].good_ago_s;
    job->expect_hours = rows[i].expect_hours;
    job->killed = rows[i].killed ? NOW - 100 : INSTANT_NONE;
    status->n_refused = rows[i].n_refused;
    UNIT_INT(report_status_exit(status), rows[i].exit, "row %zu", i);
  }
}

static const UnitTest tests[] = {
    {"labels", labels},   {"form", form},   {"round_trip", round_trip},
    {"damaged", damaged}, {"exits", exits}, {NULL, NULL},
};
UNIT_SUITE(status, tests);
