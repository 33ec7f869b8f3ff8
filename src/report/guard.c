// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full the windows of limits are: what bleeds is seen before it is held.
#include "report_p.h"

#define NEARLY_FULL 80  // percent

ReportBook *report_guard(const char *profile)
{
  static const ReportColumn columns[] = {
      {"target", N_("Target"), false},       {"kind", N_("Kind"), false},
      {"from", N_("Comes of"), false},       {"run_limit", N_("A run"), true},
      {"day_done", N_("Day: done"), true},   {"day_limit", N_("of"), true},
      {"week_done", N_("Week: done"), true}, {"week_limit", N_("of"), true},
      {"left", N_("Left now"), true},
  };
  ReportBook *book = report_book_new("guard", _("Limits, and what counts towards them"));
  report_book_fact(book, "profile", _("Profile"), profile);
  report_book_table(book, "limits", _("Limits"), columns, G_N_ELEMENTS(columns));
  return book;
}

static void put_limit(ReportBook *book, int64_t most)
{
  if (most == GUARD_NO_LIMIT)
    report_book_text(book, NULL);
  else
    report_book_number(book, most);
}

static void warn(ReportBook *book, const GuardUse *use)
{
  if (use->week_most <= 0 || use->week_done * 100 < use->week_most * NEARLY_FULL)
    return;
  g_autofree char *text =
      g_strdup_printf(_("%s: %" G_GINT64_FORMAT " × %s within a week, of %" G_GINT64_FORMAT
                        ": look whether that is right before the rest is held"),
                      use->target, use->week_done, use->kind, use->week_most);
  report_book_note(book, "nearly-full", text);
}

void report_guard_row(ReportBook *book, const GuardUse *use, bool all)
{
  if (use->week_done == 0 && use->day_done == 0 && !(all && use->left != GUARD_NO_LIMIT))
    return;
  warn(book, use);
  report_book_text(book, use->target);
  report_book_text(book, use->kind);
  report_book_text(book, use->restricted ? _("restrictions") : NULL);
  put_limit(book, use->run_most);
  report_book_number(book, use->day_done);
  put_limit(book, use->day_most);
  report_book_number(book, use->week_done);
  put_limit(book, use->week_most);
  put_limit(book, use->left);
}
