// SPDX-License-Identifier: GPL-3.0-or-later
//
// Restrictions that began and ended, what was measured, and who has not answered.
#include "tally_p.h"

static TallyStage *stage_of(Count *count, const RestrictionRow *row)
{
  GArray *stages = count->out->stages;
  for (guint i = 0; i < stages->len; i++) {
    TallyStage *stage = &g_array_index(stages, TallyStage, i);
    if (g_str_equal(stage->target, row->target) && g_str_equal(stage->cause, row->cause) &&
        g_str_equal(stage->what, row->what))
      return stage;
  }
  TallyStage stage = {.target = count_keep(count, row->target),
                      .cause = count_keep(count, row->cause),
                      .what = count_keep(count, row->what)};
  g_array_append_val(stages, stage);
  return &g_array_index(stages, TallyStage, stages->len - 1);
}

static bool take_restriction(const RestrictionRow *row, void *data)
{
  Count *count = data;
  Instant over = row->until == DATE_OPEN ? INSTANT_OPEN : date_start(row->until);
  bool lifted = row->lifted != INSTANT_NONE && row->lifted < over;
  Instant end = lifted ? row->lifted : over;
  if (row->since >= count->until || end < count->from)
    return true;
  TallyStage *stage = stage_of(count, row);
  stage->made += count_within(count, row->since);
  stage->lifted += lifted && count_within(count, end);
  stage->ended += !lifted && count_within(count, end);
  stage->stand += end >= count->until;
  return true;
}

static int compare_stages(const void *a, const void *b)
{
  const TallyStage *x = a, *y = b;
  int order = strcmp(x->cause, y->cause);
  order = order != 0 ? order : strcmp(x->target, y->target);
  return order != 0 ? order : strcmp(x->what, y->what);
}

bool count_stages(Count *count, GError **error)
{
  if (!store_restrictions_ever(count->store, take_restriction, count, error))
    return false;
  g_array_sort(count->out->stages, compare_stages);
  return true;
}

// ---------------------------------------------------------------------------------------------

// They come by target, name and time.
static bool take_measure(const MeasureRow *row, void *data)
{
  Count *count = data;
  GArray *measures = count->out->measures;
  TallyMeasure *last =
      measures->len > 0 ? &g_array_index(measures, TallyMeasure, measures->len - 1) : NULL;
  if (!last || !g_str_equal(last->kind, row->kind) || !g_str_equal(last->target, row->target) ||
      !g_str_equal(last->name, row->name)) {
    TallyMeasure measure = {.kind = count_keep(count, row->kind),
                            .target = count_keep(count, row->target),
                            .name = count_keep(count, row->name),
                            .first = row->taken,
                            .used_first = row->used};
    g_array_append_val(measures, measure);
    last = &g_array_index(measures, TallyMeasure, measures->len - 1);
  }
  last->last = row->taken;
  last->unit = count_keep(count, row->unit);
  last->used = row->used;
  last->most = row->most;
  last->n = row->n;
  last->unseen = row->unseen;
  return true;
}

bool count_measures(Count *count, GError **error)
{
  static const char *const kinds[] = {MEASURE_SHARE, MEASURE_FOLDER, MEASURE_SEATS};
  const Instant when[] = {count->from, count->until};
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
    if (!store_measures_each(count->store, kinds[i], when, take_measure, count, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

typedef struct Asked {
  Count *count;
  int64_t n_open;
  GError *fault;
} Asked;

// As it stood when the month, as far as it has come, was over.
static bool take_question(const QuestionRow *question, void *data)
{
  Asked *asked = data;
  Instant end = MIN(asked->count->until, asked->count->out->now + 1);
  asked->n_open += g_str_equal(question->state, QUESTION_OPEN) || question->answered >= end;
  return true;
}

static bool take_inquiry(const InquiryRow *inquiry, void *data)
{
  Asked *asked = data;
  Count *count = asked->count;
  Date last = MIN(count->out->period.next - 1, date_of_instant(count->out->now));
  asked->n_open = 0;
  if (inquiry->asked > last || inquiry->due >= last)
    return true;
  TallyOverdue overdue = {
      .cause = count_keep(count, inquiry->cause),
      .unit = count_keep(count, *inquiry->unit_name ? inquiry->unit_name : inquiry->unit),
      .title = count_keep(count, inquiry->title),
      .due = inquiry->due};
  if (!store_questions_each(count->store, inquiry->id, take_question, asked, &asked->fault))
    return false;
  overdue.n_open = asked->n_open;
  if (overdue.n_open > 0)
    g_array_append_val(count->out->overdue, overdue);
  return true;
}

bool count_overdue(Count *count, GError **error)
{
  Asked asked = {.count = count};
  if (store_inquiries_each(count->store, NULL, take_inquiry, &asked, error) && !asked.fault)
    return true;
  if (asked.fault)
    g_propagate_error(error, asked.fault);
  return false;
}
