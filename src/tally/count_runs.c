// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs, and what of them is missing.
#include "tally_p.h"

typedef struct Walk {
  Count *count;
  RunSeen last;     // the one before; id 0 = none yet
  Instant highest;  // the latest beginning so far
  Instant first;    // of the first run of all
} Walk;

static char *moment(Instant at)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(at, text);
  char *moment = g_strndup(text->str, strlen("2027-04-01T00:00"));
  return g_strdelimit(moment, "T", ' ');
}

// A run that a clock set back crosses the month's beginning is of both.
static bool touches(const Count *count, const RunSeen *run)
{
  Instant ended = run->ended == INSTANT_NONE ? run->started : run->ended;
  return MIN(run->started, ended) < count->until && MAX(run->started, ended) >= count->from;
}

static void look_at_number(const Walk *walk, const RunSeen *run)
{
  int64_t before = walk->last.id;
  if (run->id == before + 1 || !(touches(walk->count, run) || touches(walk->count, &walk->last)))
    return;
  count_hole(walk->count, TALLY_NO_RUN, 0,
             run->id == before + 2
                 ? _("run %" G_GINT64_FORMAT " is not in the journal")
                 : _("runs %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " are not in the journal"),
             before + 1, run->id - 1);
}

static void look_at_clock(const Walk *walk, const RunSeen *run)
{
  g_autofree char *began = moment(run->started);
  g_autofree char *before = moment(walk->highest);
  if (run->started < walk->highest)
    count_hole(walk->count, TALLY_CLOCK, run->id,
               _("run %" G_GINT64_FORMAT
                 " began %s, after one of %s: the clock was set back in between, so what was done "
                 "near the month's ends may stand in the wrong month"),
               run->id, began, before);
  if (run->ended != INSTANT_NONE && run->ended < run->started)
    count_hole(
        walk->count, TALLY_CLOCK, run->id,
        _("run %" G_GINT64_FORMAT " ended before it began (%s): the clock was set back meanwhile"),
        run->id, began);
}

static void look_at_end(const Walk *walk, const RunSeen *run)
{
  if (run->over)
    return;
  g_autofree char *began = moment(run->started);
  count_hole(walk->count, TALLY_NO_END, run->id,
             _("run %" G_GINT64_FORMAT
               " began %s and has no end: it is under way, or was cut short (idou resume)"),
             run->id, began);
}

static bool take_run(const RunRow *row, void *data)
{
  static const char *const unfinished[] = {"running", "interrupted", NULL};
  Walk *walk = data;
  const RunSeen run = {row->id, row->started, row->ended, row->desk,
                       !g_strv_contains(unfinished, row->state)};
  RunSeen *seen = g_memdup2(&run, sizeof run);
  g_hash_table_insert(walk->count->runs, &seen->id, seen);
  walk->first = walk->last.id == 0 ? run.started : MIN(walk->first, run.started);
  look_at_number(walk, &run);
  if (touches(walk->count, &run)) {
    if (walk->last.id != 0)
      look_at_clock(walk, &run);
    look_at_end(walk, &run);
    walk->count->out->n_runs += !run.desk;
    walk->count->out->n_desk_runs += run.desk;
  }
  walk->highest = walk->last.id == 0 ? run.started : MAX(walk->highest, run.started);
  walk->last = run;
  return true;
}

static void look_at_beginning(const Walk *walk)
{
  const Count *count = walk->count;
  if (walk->last.id == 0) {
    count_hole(count, TALLY_BEFORE, 0, "%s", _("the journal holds no run at all"));
    return;
  }
  g_autofree char *first = moment(walk->first);
  if (walk->first >= count->until)
    count_hole(count, TALLY_BEFORE, 0,
               _("the journal begins %s, after this month: nothing is known of it"), first);
  else if (walk->first > count->from)
    count_hole(count, TALLY_BEFORE, 0,
               _("the journal begins %s: nothing is known of the days before"), first);
}

bool count_runs(Count *count, GError **error)
{
  Walk walk = {.count = count};
  if (!store_runs_ever(count->store, take_run, &walk, error))
    return false;
  look_at_beginning(&walk);
  if (count->out->now < count->until)
    count_hole(count, TALLY_UNFINISHED, 0, "%s", _("the month is not over: figures up to now"));
  return true;
}
