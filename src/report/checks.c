// SPDX-License-Identifier: GPL-3.0-or-later
//
// Checks before a run, as a table or JSON.
#include "report_p.h"

#define STATE_COLUMNS 9
#define NAME_COLUMNS 14
#define TARGET_COLUMNS 12

static const char *const states[CHECK_N_STATES] = {
    [CHECK_OK] = "ok", [CHECK_UNKNOWN] = "unknown", [CHECK_WARN] = "warn", [CHECK_NO_GO] = "no-go"};

static const ReportCheck *at(const GArray *checks, guint i)
{
  return &g_array_index(checks, ReportCheck, i);
}

static void count(const GArray *checks, int64_t out[CHECK_N_STATES])
{
  memset(out, 0, CHECK_N_STATES * sizeof *out);
  for (guint i = 0; i < checks->len; i++)
    out[at(checks, i)->state]++;
}

bool report_checks_go(const GArray *checks)
{
  int64_t n[CHECK_N_STATES];
  count(checks, n);
  return n[CHECK_NO_GO] == 0;
}

static void put_json(const GArray *checks, GString *out)
{
  json_t *object = json_object(), *list = json_array(), *counts = json_object();
  int64_t n[CHECK_N_STATES];
  count(checks, n);
  for (guint i = 0; i < checks->len; i++) {
    const ReportCheck *check = at(checks, i);
    json_t *row = json_object();
    json_object_set_new(row, "check", report_json_text(check->name));
    json_object_set_new(row, "target", report_json_text(check->target));
    json_object_set_new(row, "state", json_string(states[check->state]));
    json_object_set_new(row, "text", report_json_text(check->text));
    json_object_set_new(row, "advice", report_json_text(check->advice));
    json_array_append_new(list, row);
  }
  for (CheckState state = 0; state < CHECK_N_STATES; state++)
    json_object_set_new(counts, states[state], json_integer(n[state]));
  json_object_set_new(object, "go", json_boolean(n[CHECK_NO_GO] == 0));
  json_object_set_new(object, "counts", counts);
  json_object_set_new(object, "checks", list);
  report_json_dump(object, out);
}

static void put_cell(GString *out, const char *text, size_t columns)
{
  size_t from = out->len;
  escape_text(out, text, ESCAPE_TERMINAL);
  columns_pad(out, from, columns);
}

static void put_row(const ReportCheck *check, GString *out)
{
  put_cell(out, states[check->state], STATE_COLUMNS);
  put_cell(out, check->name, NAME_COLUMNS);
  put_cell(out, check->target ? check->target : "", TARGET_COLUMNS);
  escape_text(out, check->text, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  if (!check->advice || check->state == CHECK_OK)
    return;
  put_cell(out, "", STATE_COLUMNS);
  g_string_append(out, "→ ");
  escape_text(out, check->advice, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

void report_checks(const GArray *checks, bool json, GString *out)
{
  int64_t n[CHECK_N_STATES];
  if (json) {
    put_json(checks, out);
    return;
  }
  for (guint i = 0; i < checks->len; i++)
    put_row(at(checks, i), out);
  count(checks, n);
  g_string_append_printf(out, "doctor: %s:", n[CHECK_NO_GO] == 0 ? "go" : "no-go");
  for (CheckState state = 0; state < CHECK_N_STATES; state++)
    g_string_append_printf(out, " %s=%" G_GINT64_FORMAT, states[state], n[state]);
  g_string_append_c(out, '\n');
}
