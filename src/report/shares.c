// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static void put_head(ReportBook *book, const TallyRun *run)
{
  g_autoptr(GString) when = g_string_new(NULL);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, run->run);
  columns_instant(when, run->started);
  if (run->ended != INSTANT_NONE) {
    g_string_append(when, " – ");
    columns_instant(when, run->ended);
  }
  report_book_fact(book, "run", _("run"), number);
  report_book_fact(book, "when", _("when"), when->str);
  report_book_fact(book, "state", _("state"), run->state);
}

ReportBook *report_shares(const TallyRun *run)
{
  static const char *const titles[] = {[TALLY_BY_PERSON] = N_("By person"),
                                       [TALLY_BY_TARGET] = N_("By target"),
                                       [TALLY_BY_UNIT] = N_("By unit")};
  static const char *const ids[] = {"people", "targets", "units"};
  static const ReportColumn columns[] = {
      {"key", N_("key"), false},          {"name", N_("name"), false},
      {"done", N_("done"), true},         {"awaited", N_("awaited"), true},
      {"scheduled", N_("waiting"), true}, {"held", N_("held"), true},
      {"refused", N_("refused"), true},   {"failed", N_("failed"), true},
      {"left", N_("left out"), true}};
  g_autofree char *title = g_strdup_printf(_("Run %" G_GINT64_FORMAT), run->run);
  ReportBook *book = report_book_new("run", title);
  put_head(book, run);
  report_book_table(book, ids[run->by], _(titles[run->by]), columns, G_N_ELEMENTS(columns));
  report_book_bars(book, 2);
  for (guint i = 0; i < run->shares->len; i++) {
    const TallyShare *share = &g_array_index(run->shares, TallyShare, i);
    report_book_text(book, share->key);
    report_book_text(book, share->label);
    for (TallyFate fate = 0; fate < TALLY_RUN_N; fate++)
      report_book_number(book, share->n[fate]);
  }
  return book;
}
