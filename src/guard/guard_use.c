// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full the windows are: what a plan would be judged by, without one.
#include "guard_p.h"

// As it was after the last run; 0 when none was yet.
static int64_t population(Store *store, const char *target)
{
  gint64 n;
  const char *text = store_cursor_get(store, target, "n_ours");
  return text && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &n, NULL) ? n : 0;
}

static int64_t most_of(const Spans *limits, Span span, int64_t n_ours)
{
  int64_t most;
  return guard_limit(limits, span, n_ours, &most) ? most : GUARD_NO_LIMIT;
}

static int64_t less(int64_t left, int64_t most, int64_t done)
{
  int64_t here = MAX(most - done, 0);
  if (most == GUARD_NO_LIMIT)
    return left;
  return left == GUARD_NO_LIMIT ? here : MIN(left, here);
}

static void tell(const Past *past, const Spans *limits, int64_t n_ours, GuardUse *use,
                 const Counted *counted)
{
  use->kind = op_traits(counted->kind)->name;
  use->restricted = counted->restricted;
  use->days = guard_limits_days(limits, SPAN_DAY);
  use->run_most = most_of(limits, SPAN_RUN, n_ours);
  use->day_most = most_of(limits, SPAN_DAY, n_ours);
  use->week_most = most_of(limits, SPAN_WEEK, n_ours);
  use->day_done = guard_past_done(past, use->target, counted, SPAN_DAY);
  use->week_done = guard_past_done(past, use->target, counted, SPAN_WEEK);
  use->left = less(GUARD_NO_LIMIT, use->run_most, 0);
  use->left = less(use->left, use->day_most, use->day_done);
  use->left = less(use->left, use->week_most, use->week_done);
}

bool guard_use(const GuardSetup *setup, GuardUseFunc func, void *data, GError **error)
{
  g_autoptr(GuardConfig) standard = guard_config_new("");
  g_autoptr(Past) past = guard_past_read(setup, standard, error);
  if (!past)
    return false;
  for (const GuardConfig *const *config = setup->configs; *config; config++) {
    int64_t n_ours = population(setup->store, (*config)->target);
    for (unsigned k = 0; k < 2 * OP_N_KINDS; k++) {
      const Counted counted = {k / 2, k % 2 == 1};
      GuardUse use = {.target = (*config)->target};
      const Spans limits = guard_spans(setup, standard, use.target, counted.kind);
      tell(past, &limits, n_ours, &use, &counted);
      func(&use, data);
    }
  }
  return store_check(setup->store, error);
}
