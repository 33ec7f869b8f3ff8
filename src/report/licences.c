// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

// Of what nobody counted yet nothing is said but what was bought.
static void put_counted(ReportBook *book, const TallySeats *seats)
{
  if (seats->counted == INSTANT_NONE) {
    for (size_t i = 0; i < 2; i++)
      report_book_text(book, NULL);
    return;
  }
  report_book_number(book, seats->n_all);
  report_book_number(book, seats->used);
}

static void put_planned(ReportBook *book, const TallySeats *seats)
{
  if (!seats->planned) {
    for (size_t i = 0; i < 3; i++)
      report_book_text(book, NULL);
    return;
  }
  report_book_number(book, seats->net);
  report_book_number(book, seats->peak);
  report_book_date(book, seats->peak_day);
}

static void put_free(ReportBook *book, const TallySeats *seats)
{
  if (seats->counted == INSTANT_NONE)
    report_book_text(book, NULL);
  else
    report_book_number(book, seats->free);
}

static void put_row(ReportBook *book, const TallySeats *seats, Date today)
{
  g_autoptr(GString) words = g_string_new(NULL);
  const TallyLicence *licence = seats->licence;
  report_book_text(book, licence->target);
  report_book_text(book, licence->product);
  report_book_number(book, licence->seats);
  put_counted(book, seats);
  put_planned(book, seats);
  report_book_number(book, licence->reserve);
  put_free(book, seats);
  report_book_date(book, licence->until);
  report_book_instant(book, seats->counted);
  if (tally_seats_tell(seats, words))
    report_book_note(book, "licence", words->str);
  if (seats->counted == INSTANT_NONE) {
    g_string_printf(words,
                    seats->unread
                        ? _("%s in %s: its seats could not be counted now")
                        : _("%s in %s: nobody has counted yet. A job that plans and applies keeps "
                            "what it counts; --as-of counts now"),
                    licence->product, licence->target);
    report_book_note(book, "not-counted", words->str);
  }
  g_string_truncate(words, 0);
  if (tally_licence_ends(licence, today, words))
    report_book_note(book, "licence-ends", words->str);
}

ReportBook *report_licences(const GArray *seats, Date today, const char *from)
{
  static const ReportColumn columns[] = {
      {"target", N_("target"), false},    {"product", N_("product"), false},
      {"seats", N_("seats"), true},       {"accounts", N_("accounts"), true},
      {"used", N_("used"), true},         {"planned", N_("planned"), true},
      {"most", N_("at most"), true},      {"on", N_("on"), false},
      {"reserve", N_("kept free"), true}, {"free", N_("free then"), true},
      {"until", N_("contract"), false},   {"counted", N_("counted"), false}};
  ReportBook *book = report_book_new("licences", _("Licences"));
  if (from != NULL)
    report_book_fact(book, "plan", _("plan"), from);
  report_book_table(book, "licences", _("Seats"), columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < seats->len; i++)
    put_row(book, &g_array_index(seats, TallySeats, i), today);
  return book;
}
