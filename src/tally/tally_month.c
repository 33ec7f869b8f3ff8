// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally_p.h"

bool tally_month_parse(const char *text, TallyPeriod *out)
{
  Date first;
  g_autofree char *day = g_strconcat(text, "-01", NULL);
  if (strlen(text) != strlen("2027-04") || !date_parse_iso(day, &first))
    return false;
  *out = tally_month_of(first);
  return true;
}

TallyPeriod tally_month_of(Date day)
{
  int year, month, of_month;
  date_split(day, &year, &month, &of_month);
  Date first = date_of(year, month, 1);
  return (TallyPeriod){first, month == 12 ? date_of(year + 1, 1, 1) : date_of(year, month + 1, 1)};
}

TallyPeriod tally_month_before(Date day)
{
  return tally_month_of(tally_month_of(day).first - 1);
}

// ---------------------------------------------------------------------------------------------

const char *count_keep(const Count *count, const char *text)
{
  return text && *text ? g_string_chunk_insert_const(count->out->texts, text) : "";
}

void count_hole(const Count *count, TallyGap gap, int64_t run, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  TallyHole hole = {gap, run, g_string_chunk_insert(count->out->texts, text)};
  g_array_append_val(count->out->holes, hole);
}

const char *count_label(Count *count, Roster *roster, uint32_t id)
{
  const Person *person = NULL;
  if (id == 0 || !roster_person(roster, id, &person, NULL) || !person)
    return "";
  const char *name = person->fields[FIELD_NAME];
  g_autofree char *label =
      g_strjoin(name ? " " : "", person->number ? person->number : "", name ? name : "", NULL);
  return count_keep(count, label);
}

static void open_month(TallyMonth *out, const TallyAsk *ask)
{
  *out = (TallyMonth){.period = ask->period,
                      .now = ask->now,
                      .ops = g_array_new(false, false, sizeof(TallyOps)),
                      .stages = g_array_new(false, false, sizeof(TallyStage)),
                      .exceptions = g_array_new(false, false, sizeof(TallyException)),
                      .measures = g_array_new(false, false, sizeof(TallyMeasure)),
                      .overdue = g_array_new(false, false, sizeof(TallyOverdue)),
                      .holes = g_array_new(false, false, sizeof(TallyHole)),
                      .texts = g_string_chunk_new(4096)};
}

void tally_month_clear(TallyMonth *month)
{
  GArray **arrays[] = {&month->ops,      &month->stages,  &month->exceptions,
                       &month->measures, &month->overdue, &month->holes};
  for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
    g_clear_pointer(arrays[i], g_array_unref);
  g_clear_pointer(&month->texts, g_string_chunk_free);
}

// On the last day of the month that has come, with what ended in it. What an embargo hides stays hidden.
static Roster *open_roster(const Count *count, GError **error)
{
  const TallyPeriod *period = &count->out->period;
  Date last = MIN(period->next - 1, date_of_instant(count->out->now));
  RosterWhen when = {.as_of = last,
                     .known_at = store_known_by(count->store, count->out->now),
                     .grace_days = last - period->first + 1};
  return roster_open(count->store, &when, error);
}

static bool count_all(Count *count, GError **error)
{
  g_autoptr(Roster) roster = open_roster(count, error);
  return roster && count_runs(count, error) && count_ops(count, error) &&
         count_people(count, roster, error) && count_stages(count, error) &&
         count_exceptions(count, roster, error) && count_measures(count, error) &&
         count_overdue(count, error) && store_check(count->store, error);
}

bool tally_month(const TallyAsk *ask, TallyMonth *out, GError **error)
{
  open_month(out, ask);
  if (date_start(ask->period.first) > ask->now) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("this month has not begun"));
    return false;
  }
  g_autoptr(GHashTable) runs = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
  Count count = {.ask = ask,
                 .store = ask->store,
                 .out = out,
                 .from = date_start(ask->period.first),
                 .until = date_start(ask->period.next),
                 .runs = runs};
  return count_all(&count, error);
}
