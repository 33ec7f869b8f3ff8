// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static void put_days(ReportBook *book, const TallyComing *coming)
{
  g_autoptr(GString) days = g_string_new(NULL);
  date_format(coming->today, days);
  g_string_append(days, " – ");
  date_format(coming->until - 1, days);
  report_book_fact(book, "days", _("days"), days->str);
}

static void put_event(ReportBook *book, const TallyEvent *event)
{
  report_book_date(book, event->day);
  report_book_text(book, event->what);
  report_book_text(book, event->target);
  report_book_text(book, event->whom);
  report_book_text(book, event->text);
}

// They are sorted by day: what is overdue comes first.
static void put_table(ReportBook *book, const TallyComing *coming, bool late)
{
  static const ReportColumn columns[] = {{"day", N_("day"), false},
                                         {"what", N_("what"), false},
                                         {"target", N_("target"), false},
                                         {"whom", N_("whose"), false},
                                         {"text", N_("what it is"), false}};
  int64_t n = 0;
  report_book_table(book, late ? "overdue" : "upcoming", late ? _("Overdue") : _("Upcoming"),
                    columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < coming->events->len; i++) {
    const TallyEvent *event = &g_array_index(coming->events, TallyEvent, i);
    if ((event->day < coming->today) != late)
      continue;
    put_event(book, event);
    n++;
  }
  report_book_tile(book, late ? "overdue" : "upcoming", late ? _("overdue") : _("upcoming"), n);
}

ReportBook *report_coming(const TallyComing *coming)
{
  ReportBook *book = report_book_new("upcoming", _("What comes"));
  put_days(book, coming);
  put_table(book, coming, true);
  put_table(book, coming, false);
  return book;
}
