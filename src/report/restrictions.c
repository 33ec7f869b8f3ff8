// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

json_t *report_json_restriction(const ReportRestriction *restriction)
{
  const RestrictionRow *row = &restriction->row;
  json_t *object = json_object();
  json_object_set_new(object, "number", json_integer(row->id));
  json_object_set_new(object, "target", report_json_text(row->target));
  json_object_set_new(object, "object", report_json_text(row->object));
  json_object_set_new(object, "label", report_json_text(restriction->label));
  json_object_set_new(object, "cause", report_json_text(row->cause));
  json_object_set_new(object, "what", report_json_text(row->what));
  json_object_set_new(object, "group",
                      *row->group != '\0' ? report_json_text(row->group) : json_null());
  json_object_set_new(object, "since", report_json_instant(row->since));
  json_object_set_new(object, "until",
                      row->until == DATE_OPEN ? json_null() : report_json_date(row->until));
  json_object_set_new(object, "reason", report_json_text(row->reason));
  json_object_set_new(object, "source", report_json_text(row->source));
  json_object_set_new(object, "who", report_json_text(row->who));
  return object;
}

// "rights", "edge group/g-zei"
static char *words_of(const RestrictionRow *row)
{
  return *row->group != '\0' ? g_strdup_printf("%s %s", row->what, row->group)
                             : g_strdup(row->what);
}

static void add_row(Sheet *sheet, const ReportRestriction *restriction)
{
  const RestrictionRow *row = &restriction->row;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
  g_autofree char *what = words_of(row);
  g_autoptr(GString) days = g_string_new(NULL);
  date_format(date_of_instant(row->since), days);
  if (row->until != DATE_OPEN) {
    g_string_append(days, _(" until "));
    date_format(row->until, days);
  }
  sheet_add(sheet, number);
  sheet_add(sheet, row->target);
  sheet_add(sheet, restriction->label != NULL ? restriction->label : row->object);
  sheet_add(sheet, row->cause);
  sheet_add(sheet, what);
  sheet_add(sheet, days->str);
  sheet_add(sheet, row->who);
  sheet_add(sheet, row->reason);
}

#define N_COLUMNS 8

void report_restrictions_sheet(const GArray *restrictions, size_t indent, GString *out)
{
  Sheet sheet;
  sheet_open(&sheet, N_COLUMNS);
  for (guint i = 0; i < restrictions->len; i++)
    add_row(&sheet, &g_array_index(restrictions, ReportRestriction, i));
  sheet_put(&sheet, indent, out);
  sheet_close(&sheet);
}

void report_restrictions(const GArray *restrictions, bool json, GString *out)
{
  if (!json) {
    report_restrictions_sheet(restrictions, 0, out);
    return;
  }
  json_t *list = json_array(), *document = json_object();
  for (guint i = 0; i < restrictions->len; i++)
    json_array_append_new(
        list, report_json_restriction(&g_array_index(restrictions, ReportRestriction, i)));
  json_object_set_new(document, "restrictions", list);
  report_json_dump(document, out);
}
