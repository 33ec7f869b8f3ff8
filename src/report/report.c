// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static const struct {
  const char *name;
  bool (*write)(View *view, GString *out, GError **error);
} formats[] = {
    {"text", report_plan_text}, {"json", report_plan_json},         {"ldif", report_plan_ldif},
    {"html", report_plan_html}, {"approval", report_plan_approval},
};

bool report_plan(const char *format, const ReportPlan *what, GString *out, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
    if (strcmp(formats[i].name, format) != 0)
      continue;
    View view;
    view_open(&view, what);
    bool written = formats[i].write(&view, out, error);
    view_close(&view);
    return written;
  }
  g_autofree char *known = g_strjoinv(", ", (char **)report_plan_formats());
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no format “%s”; there are: %s"), format,
              known);
  return false;
}

const char *const *report_plan_formats(void)
{
  static const char *const names[] = {"text", "json", "ldif", "html", "approval", NULL};
  return names;
}

void report_plan_line(const Plan *plan, const GuardVerdict *verdict, GString *out)
{
  const ReportPlan what = {.plan = plan, .verdict = verdict};
  View view;
  view_open(&view, &what);
  Totals totals = {0};
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    view_count(&view, i, &totals);
  g_string_append(out, "plan:");
  const char *separator = " ";
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
    const int64_t *n = totals.n[kind];
    int64_t all = n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD];
    if (all == 0)
      continue;
    g_string_append_printf(out, "%s%" G_GINT64_FORMAT " %s", separator, all, op_traits(kind)->name);
    separator = ", ";
  }
  if (view.shown->len == 0)
    g_string_append(out, " nothing to do");
  if (view_n_due(&view, DUE_LATER) > 0)
    g_string_append_printf(out, "; %zu scheduled", view_n_due(&view, DUE_LATER));
  if (view_n_due(&view, DUE_HELD) > 0)
    g_string_append_printf(out, "; %zu held", view_n_due(&view, DUE_HELD));
  g_string_append_printf(out, "; digest %.12s", plan_digest(plan));
  view_close(&view);
}

bool report_who(const char *format, const ReportWho *what, GString *out, GError **error)
{
  static const struct {
    const char *name;
    void (*write)(const ReportWho *what, GString *out);
  } pages[] = {{"text", report_who_text}, {"json", report_who_json}};
  for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
    if (strcmp(pages[i].name, format) != 0)
      continue;
    pages[i].write(what, out);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no format “%s”; there are: text, json"),
              format);
  return false;
}
