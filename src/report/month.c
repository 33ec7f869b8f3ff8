// SPDX-License-Identifier: GPL-3.0-or-later
//
// A month's figures as a book.
#include "report_p.h"

static void put_period(ReportBook *book, const TallyMonth *month)
{
  g_autoptr(GString) days = g_string_new(NULL);
  g_autoptr(GString) made = g_string_new(NULL);
  date_format(month->period.first, days);
  g_autofree char *name = g_strndup(days->str, strlen("2027-04"));
  g_string_append(days, " – ");
  date_format(month->period.next - 1, days);
  columns_instant(made, month->now);
  g_autofree char *runs =
      g_strdup_printf(_("%" G_GINT64_FORMAT ", and %" G_GINT64_FORMAT " of the service desk"),
                      month->n_runs, month->n_desk_runs);
  report_book_fact(book, "month", _("month"), name);
  report_book_fact(book, "days", _("days"), days->str);
  report_book_fact(book, "counted", _("counted"), made->str);
  report_book_fact(book, "runs", _("runs"), runs);
}

// ---------------------------------------------------------------------------------------------
// Cases.

static const struct {
  TallyCase what;
  const char *words;
} case_words[TALLY_N_CASES] = {
    {TALLY_ORDER, N_("orders of HR")},
    {TALLY_REQUEST, N_("requests")},
    {TALLY_LIST, N_("changes that a list told")},
    {TALLY_UNLOCK, N_("unlocked at the desk")},
    {TALLY_RESET, N_("passwords reset at the desk")},
    {TALLY_DESK, N_("other work of the desk")},
};

static void put_cases(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {{"case", N_("case"), false},
                                         {"what", N_("what it is"), false},
                                         {"came", N_("came"), true},
                                         {"done", N_("done"), true},
                                         {"operations", N_("operations"), true}};
  TallyCases all = {0};
  report_book_table(book, "cases", _("Cases"), columns, G_N_ELEMENTS(columns));
  for (size_t i = 0; i < TALLY_N_CASES; i++) {
    const TallyCases *cases = &month->cases[case_words[i].what];
    report_book_text(book, tally_case_name(case_words[i].what));
    report_book_text(book, _(case_words[i].words));
    report_book_number(book, cases->came);
    report_book_number(book, cases->done);
    report_book_number(book, cases->n_ops);
    all.came += cases->came;
    all.done += cases->done;
    all.n_ops += cases->n_ops;
  }
  report_book_text(book, "all");
  report_book_text(book, _("all of them"));
  report_book_number(book, all.came);
  report_book_number(book, all.done);
  report_book_number(book, all.n_ops);
  report_book_tile(book, "cases", _("cases"), all.done);
}

// ---------------------------------------------------------------------------------------------
// Operations.

static void put_ends(ReportBook *book, const int64_t n[TALLY_N_ENDS])
{
  for (TallyEnd end = 0; end < TALLY_N_ENDS; end++)
    report_book_number(book, n[end]);
}

static void put_kinds(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {
      {"target", N_("target"), false}, {"kind", N_("operation"), false},
      {"class", N_("of"), false},      {"by", N_("by"), false},
      {"done", N_("done"), true},      {"awaited", N_("awaited"), true},
      {"held", N_("held"), true},      {"refused", N_("refused"), true},
      {"failed", N_("failed"), true}};
  report_book_table(book, "operations", _("Operations by target and kind"), columns,
                    G_N_ELEMENTS(columns));
  for (guint i = 0; i < month->ops->len; i++) {
    const TallyOps *ops = &g_array_index(month->ops, TallyOps, i);
    report_book_text(book, ops->target);
    report_book_text(book, ops->kind);
    report_book_text(book, ops->klass);
    report_book_text(book, ops->desk ? "desk" : "run");
    put_ends(book, ops->n);
  }
}

// They are sorted by target.
static void put_targets(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {
      {"target", N_("target"), false},  {"done", N_("done"), true},
      {"awaited", N_("awaited"), true}, {"held", N_("held"), true},
      {"refused", N_("refused"), true}, {"failed", N_("failed"), true}};
  int64_t all[TALLY_N_ENDS] = {0};
  report_book_table(book, "targets", _("Operations by target"), columns, G_N_ELEMENTS(columns));
  report_book_bars(book, 1);
  for (guint i = 0; i < month->ops->len;) {
    const TallyOps *first = &g_array_index(month->ops, TallyOps, i);
    int64_t sum[TALLY_N_ENDS] = {0};
    for (; i < month->ops->len; i++) {
      const TallyOps *ops = &g_array_index(month->ops, TallyOps, i);
      if (strcmp(ops->target, first->target) != 0)
        break;
      for (TallyEnd end = 0; end < TALLY_N_ENDS; end++) {
        sum[end] += ops->n[end];
        all[end] += ops->n[end];
      }
    }
    report_book_text(book, first->target);
    put_ends(book, sum);
  }
  report_book_tile(book, "done", _("operations done"), all[TALLY_DONE]);
  report_book_tile(book, "held", _("held back"), all[TALLY_HELD]);
  report_book_tile(book, "failed", _("refused or failed"), all[TALLY_REFUSED] + all[TALLY_FAILED]);
}

// ---------------------------------------------------------------------------------------------
// People.

static void put_people(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {
      {"what", N_("what"), false}, {"words", N_("people"), false}, {"people", N_("number"), true}};
  const TallyPeople *people = &month->people;
  const struct {
    const char *id, *words;
    int64_t n;
  } rows[] = {
      {"joiners", _("joined"), people->joiners},
      {"again", _("… of these, who had left before"), people->again},
      {"listed", _("listed for the first time, without an order"), people->listed},
      {"movers", _("moved to another unit"), people->movers},
      {"leavers", _("left"), people->leavers},
      {"leaves", _("leave, suspension or secondment began"), people->leaves},
      {"returns", _("returned from it"), people->returns},
      {"active", _("in service at the end"), people->at_end[STATE_ACTIVE]},
      {"away", _("away at the end"),
       people->at_end[STATE_LEAVE] + people->at_end[STATE_SUSPENDED] +
           people->at_end[STATE_SECONDED]},
  };
  report_book_table(book, "people", _("People"), columns, G_N_ELEMENTS(columns));
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    report_book_text(book, rows[i].id);
    report_book_text(book, rows[i].words);
    report_book_number(book, rows[i].n);
  }
  report_book_tile(book, "joiners", _("joined"), people->joiners);
  report_book_tile(book, "movers", _("moved"), people->movers);
  report_book_tile(book, "leavers", _("left"), people->leavers);
}

// ---------------------------------------------------------------------------------------------
// Stages, exceptions, who has not answered.

static void put_stages(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {
      {"cause", N_("cause"), false},   {"target", N_("target"), false},
      {"what", N_("stage"), false},    {"entered", N_("entered"), true},
      {"lifted", N_("lifted"), true},  {"ended", N_("ended"), true},
      {"stand", N_("standing"), true},
  };
  report_book_table(book, "stages", _("Dormancy and other restrictions"), columns,
                    G_N_ELEMENTS(columns));
  for (guint i = 0; i < month->stages->len; i++) {
    const TallyStage *stage = &g_array_index(month->stages, TallyStage, i);
    report_book_text(book, stage->cause);
    report_book_text(book, stage->target);
    report_book_text(book, stage->what);
    report_book_number(book, stage->made);
    report_book_number(book, stage->lifted);
    report_book_number(book, stage->ended);
    report_book_number(book, stage->stand);
  }
}

static void put_exceptions(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {{"kind", N_("exception"), false},
                                         {"whom", N_("whose"), false},
                                         {"what", N_("what"), false},
                                         {"target", N_("target"), false},
                                         {"from", N_("from"), false},
                                         {"until", N_("ends"), false},
                                         {"month", N_("this month"), false},
                                         {"reason", N_("reason"), false},
                                         {"who", N_("by"), false}};
  report_book_table(book, "exceptions", _("Exceptions and their ends"), columns,
                    G_N_ELEMENTS(columns));
  for (guint i = 0; i < month->exceptions->len; i++) {
    const TallyException *exception = &g_array_index(month->exceptions, TallyException, i);
    const char *month_words = exception->begun && exception->ended ? _("began, ended")
                              : exception->begun                   ? _("began")
                              : exception->ended                   ? _("ended")
                                                                   : _("goes on");
    report_book_text(book, exception->kind);
    report_book_text(book, exception->whom);
    report_book_text(book, exception->what);
    report_book_text(book, exception->target);
    report_book_date(book, exception->from);
    report_book_date(book, exception->until);
    report_book_text(book, month_words);
    report_book_text(book, exception->reason);
    report_book_text(book, exception->who);
  }
}

static void put_overdue(ReportBook *book, const TallyMonth *month)
{
  static const ReportColumn columns[] = {{"unit", N_("unit"), false},
                                         {"title", N_("asked"), false},
                                         {"cause", N_("cause"), false},
                                         {"due", N_("due"), false},
                                         {"open", N_("not answered"), true}};
  report_book_table(book, "overdue", _("Inquiries that are overdue"), columns,
                    G_N_ELEMENTS(columns));
  for (guint i = 0; i < month->overdue->len; i++) {
    const TallyOverdue *overdue = &g_array_index(month->overdue, TallyOverdue, i);
    report_book_text(book, overdue->unit);
    report_book_text(book, overdue->title);
    report_book_text(book, overdue->cause);
    report_book_date(book, overdue->due);
    report_book_number(book, overdue->n_open);
  }
}

// ---------------------------------------------------------------------------------------------
// What was measured.

static void put_full(ReportBook *book, const TallyMeasure *measure)
{
  if (measure->most > 0)
    report_book_number(book, measure->used * 100 / measure->most);
  else
    report_book_text(book, NULL);
}

static void put_limit(ReportBook *book, const TallyMeasure *measure)
{
  if (measure->most > 0)
    report_book_number(book, measure->most);
  else
    report_book_text(book, NULL);
}

static void put_measures(ReportBook *book, const TallyMonth *month, bool seats)
{
  static const ReportColumn folders[] = {
      {"target", N_("share"), false},       {"folder", N_("folder"), false},
      {"unit", N_("unit"), false},          {"used", N_("bytes"), true},
      {"limit", N_("limit"), true},         {"full", N_("full %"), true},
      {"grown", N_("grown by"), true},      {"files", N_("files"), true},
      {"closed", N_("closed to us"), true}, {"measured", N_("measured"), false}};
  static const ReportColumn licences[] = {
      {"target", N_("target"), false},    {"product", N_("product"), false},
      {"used", N_("used"), true},         {"seats", N_("seats"), true},
      {"full", N_("used %"), true},       {"grown", N_("grown by"), true},
      {"entries", N_("accounts"), true},  {"unseen", N_("unseen"), true},
      {"measured", N_("measured"), false}};
  report_book_table(
      book, seats ? "licences" : "capacity", seats ? _("Licences") : _("How full the shares are"),
      seats ? licences : folders, seats ? G_N_ELEMENTS(licences) : G_N_ELEMENTS(folders));
  for (guint i = 0; i < month->measures->len; i++) {
    const TallyMeasure *measure = &g_array_index(month->measures, TallyMeasure, i);
    if ((strcmp(measure->kind, MEASURE_SEATS) == 0) != seats)
      continue;
    report_book_text(book, measure->target);
    report_book_text(book, measure->name);
    if (!seats)
      report_book_text(book, measure->unit);
    report_book_number(book, measure->used);
    put_limit(book, measure);
    put_full(book, measure);
    report_book_number(book, measure->used - measure->used_first);
    report_book_number(book, measure->n);
    report_book_number(book, measure->unseen);
    report_book_instant(book, measure->last);
  }
}

ReportBook *report_month(const TallyMonth *month)
{
  g_autoptr(GString) title = g_string_new(NULL);
  int year, number, day;
  date_split(month->period.first, &year, &number, &day);
  g_string_printf(title, _("Monthly report %04d-%02d"), year, number);
  ReportBook *book = report_book_new("monthly", title->str);
  put_period(book, month);
  for (guint i = 0; i < month->holes->len; i++) {
    const TallyHole *hole = &g_array_index(month->holes, TallyHole, i);
    report_book_note(book, tally_gap_name(hole->gap), hole->text);
  }
  put_cases(book, month);
  put_targets(book, month);
  put_kinds(book, month);
  put_people(book, month);
  put_stages(book, month);
  put_exceptions(book, month);
  put_overdue(book, month);
  put_measures(book, month, false);
  put_measures(book, month, true);
  return book;
}
