// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define N_COLUMNS 8

struct ReportInquiries {
  json_t *list;  // NULL: as a table
  Sheet sheet;
  size_t n, n_overdue, n_open, n_kept, n_removed, n_due;
};

static void add_heads(Sheet *sheet)
{
  static const char *const heads[N_COLUMNS] = {N_("list"), N_("cause"), N_("unit"),   N_("due"),
                                               N_("open"), N_("kept"),  N_("remove"), ""};
  for (size_t i = 0; i < N_COLUMNS; i++)
    sheet_add(sheet, *heads[i] ? _(heads[i]) : "");
}

ReportInquiries *report_inquiries_new(bool json)
{
  ReportInquiries *inquiries = g_new0(ReportInquiries, 1);
  inquiries->list = json ? json_array() : NULL;
  sheet_open(&inquiries->sheet, N_COLUMNS);
  add_heads(&inquiries->sheet);
  return inquiries;
}

static void put_date(json_t *object, const char *key, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  json_object_set_new(object, key, json_string(text->str));
}

static json_t *count_json(const InquiryCount *count)
{
  const Inquiry *inquiry = &count->inquiry;
  json_t *object = json_object();
  json_object_set_new(object, "list", json_integer(inquiry->id));
  json_object_set_new(object, "cause", json_string(inquiry->cause));
  json_object_set_new(object, "unit", report_json_text(inquiry->unit));
  json_object_set_new(object, "unit_name", report_json_text(inquiry->unit_name));
  json_object_set_new(object, "title", report_json_text(inquiry->title));
  put_date(object, "asked", inquiry->asked);
  put_date(object, "due", inquiry->due);
  const struct {
    const char *key;
    size_t n;
  } counts[] = {
      {"questions", count->n_questions}, {"answered", count->n_kept + count->n_removed},
      {"open", count->n_open},           {"kept", count->n_kept},
      {"removed", count->n_removed},     {"not_in_force", count->n_due},
      {"closed", count->n_closed},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    json_object_set_new(object, counts[i].key, json_integer((json_int_t)counts[i].n));
  json_object_set_new(object, "overdue", json_boolean(count->overdue));
  return object;
}

static void add_number(Sheet *sheet, size_t n)
{
  g_autofree char *text = g_strdup_printf("%zu", n);
  sheet_add(sheet, text);
}

static void add_row(Sheet *sheet, const InquiryCount *count)
{
  const Inquiry *inquiry = &count->inquiry;
  g_autoptr(GString) due = g_string_new(NULL);
  g_autofree char *unit = g_strdup_printf("%s %s", inquiry->unit, inquiry->unit_name);
  date_format(inquiry->due, due);
  add_number(sheet, (size_t)inquiry->id);
  sheet_add(sheet, inquiry->cause);
  sheet_add(sheet, *inquiry->unit ? unit : _("(operators)"));
  sheet_add(sheet, due->str);
  add_number(sheet, count->n_open);
  add_number(sheet, count->n_kept);
  add_number(sheet, count->n_removed);
  sheet_add(sheet, count->overdue ? _("overdue") : count->n_due ? _("to be planned") : "");
}

void report_inquiries_add(ReportInquiries *inquiries, const InquiryCount *count)
{
  inquiries->n++;
  inquiries->n_overdue += count->overdue;
  inquiries->n_open += count->n_open;
  inquiries->n_kept += count->n_kept;
  inquiries->n_removed += count->n_removed;
  inquiries->n_due += count->n_due;
  if (inquiries->list != NULL)
    json_array_append_new(inquiries->list, count_json(count));
  else
    add_row(&inquiries->sheet, count);
}

void report_inquiries_end(ReportInquiries *inquiries, GString *out)
{
  if (inquiries->list != NULL) {
    json_t *document = json_object();
    json_object_set_new(document, "inquiries", inquiries->list);
    report_json_dump(document, out);
  } else if (inquiries->n > 0) {
    sheet_put(&inquiries->sheet, 0, out);
    g_string_append_printf(out,
                           "inquiries: lists=%zu overdue=%zu open=%zu kept=%zu removed=%zu "
                           "not-in-force=%zu\n",
                           inquiries->n, inquiries->n_overdue, inquiries->n_open, inquiries->n_kept,
                           inquiries->n_removed, inquiries->n_due);
  } else {
    g_string_append(out, _("nobody is asked anything\n"));
  }
  sheet_close(&inquiries->sheet);
  g_free(inquiries);
}
