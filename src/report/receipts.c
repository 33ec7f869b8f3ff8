// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static json_t *awaited_json(const ReportAwaited *awaited)
{
  json_t *object = json_object();
  json_object_set_new(object, "run", json_integer(awaited->run));
  json_object_set_new(object, "n", json_integer(awaited->n));
  json_object_set_new(object, "target", report_json_text(awaited->target));
  json_object_set_new(object, "kind", report_json_text(awaited->kind));
  json_object_set_new(object, "object", report_json_text(awaited->object));
  json_object_set_new(object, "label", report_json_text(awaited->label));
  json_object_set_new(object, "since", report_json_instant(awaited->since));
  json_object_set_new(object, "overdue", json_boolean(awaited->overdue));
  return object;
}

static void add_row(Sheet *sheet, const ReportAwaited *awaited)
{
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT "-%u", awaited->run, awaited->n);
  g_autoptr(GString) since = g_string_new(NULL);
  columns_instant(since, awaited->since);
  sheet_add(sheet, number);
  sheet_add(sheet, awaited->target);
  sheet_add(sheet, awaited->kind);
  sheet_add(sheet, awaited->label ? awaited->label : awaited->object);
  sheet_add(sheet, since->str);
  sheet_add(sheet, awaited->overdue ? _("overdue") : NULL);
}

#define N_COLUMNS 6

void report_receipts(const GArray *awaited, bool json, GString *out)
{
  json_t *list = json ? json_array() : NULL;
  Sheet sheet;
  sheet_open(&sheet, N_COLUMNS);
  for (guint i = 0; i < awaited->len; i++) {
    const ReportAwaited *row = &g_array_index(awaited, ReportAwaited, i);
    if (json)
      json_array_append_new(list, awaited_json(row));
    else
      add_row(&sheet, row);
  }
  if (!json)
    sheet_put(&sheet, 0, out);
  sheet_close(&sheet);
  if (!json)
    return;
  json_t *document = json_object();
  json_object_set_new(document, "awaited", list);
  report_json_dump(document, out);
}

void report_awaiting(const ReportAwaiting *awaiting, GString *out)
{
  g_autoptr(GString) since = g_string_new(NULL);
  columns_instant(since, awaiting->since);
  escape_text(out, awaiting->target, ESCAPE_TERMINAL);
  g_string_append_printf(
      out,
      g_dngettext(NULL, ": %" G_GINT64_FORMAT " operation awaits its receipt, sent %s",
                  ": %" G_GINT64_FORMAT " operations await their receipts, the oldest sent %s",
                  (gulong)awaiting->n),
      awaiting->n, since->str);
  if (awaiting->n_overdue > 0)
    g_string_append_printf(out, _("; %" G_GINT64_FORMAT " for too long: idou receipts"),
                           awaiting->n_overdue);
  g_string_append_c(out, '\n');
}

void report_receipts_taken(const ApplyReceipts *taken, GString *out)
{
  if (findings_count(taken->findings) > 0)
    report_findings(taken->findings, false, out);
  g_string_append_printf(out,
                         "receipts: done=%" G_GINT64_FORMAT " refused=%" G_GINT64_FORMAT
                         " failed=%" G_GINT64_FORMAT "\n",
                         taken->n_done, taken->n_refused, taken->n_failed);
}
