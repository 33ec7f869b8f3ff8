// SPDX-License-Identifier: GPL-3.0-or-later
//
// What plans did within the spans of the limits, that at hand by itself. It is read once, run by run: of each run that is
// left which no approval, no first run and no cover note covered.
#include "guard_p.h"

#include <string.h>

typedef struct Run {
  char digest[GUARD_DIGEST_CHARS + 1];
  int64_t n[N_SPANS];
} Run;

// One kind in one target, by itself or of restrictions.
typedef struct Class {
  char *target;
  Counted counted;
  Instant since[N_SPANS];
  GArray *runs;  // Run
  int64_t n[N_SPANS];
  int64_t own[N_SPANS];  // of the plan at hand
} Class;

struct Past {
  const GuardSetup *setup;
  const GuardConfig *standard;
  GPtrArray *classes;
  char *target, *kind, *cause;  // of the row before, whose class is `last`
  Class *last;
};

static void free_class(void *data)
{
  Class *class = data;
  g_free(class->target);
  g_clear_pointer(&class->runs, g_array_unref);
  g_free(class);
}

void guard_past_free(Past *past)
{
  if (!past)
    return;
  g_ptr_array_unref(past->classes);
  g_free(past->target);
  g_free(past->kind);
  g_free(past->cause);
  g_free(past);
}

static Class *find_class(const Past *past, const char *target, const Counted *counted)
{
  for (size_t i = 0; i < past->classes->len; i++) {
    Class *class = past->classes->pdata[i];
    if (class->counted.kind == counted->kind && class->counted.restricted == counted->restricted &&
        strcmp(class->target, target) == 0)
      return class;
  }
  return NULL;
}

static Class *make_class(Past *past, const char *target, const Counted *counted)
{
  Class *class = g_new0(Class, 1);
  class->target = g_strdup(target);
  class->counted = *counted;
  class->runs = g_array_new(FALSE, TRUE, sizeof(Run));
  const Spans limits = guard_spans(past->setup, past->standard, target, counted->kind);
  for (unsigned span = 0; span < N_SPANS; span++)
    class->since[span] = guard_clock_since(past->setup, guard_limits_days(&limits, span));
  class->since[SPAN_RUN] = INSTANT_OPEN;
  g_ptr_array_add(past->classes, class);
  return class;
}

static void set_text(char **at, const char *text)
{
  g_free(*at);
  *at = g_strdup(text);
}

// Rows of one class come in a row, mostly.
static Class *class_of(Past *past, const OpDone *done)
{
  if (past->last && strcmp(past->target, done->target) == 0 &&
      strcmp(past->kind, done->kind) == 0 && strcmp(past->cause, done->cause) == 0)
    return past->last;
  Counted counted = {.restricted = restriction_is_cause(done->cause)};
  // What came of a stop waited for no limit, and uses up none.
  if (!op_kind_of(done->kind, &counted.kind) || strcmp(done->cause, RESTRICTION_STOPPED) == 0)
    return NULL;
  set_text(&past->target, done->target);
  set_text(&past->kind, done->kind);
  set_text(&past->cause, done->cause);
  past->last = find_class(past, done->target, &counted);
  if (!past->last)
    past->last = make_class(past, done->target, &counted);
  return past->last;
}

static Run *run_of(Class *class, const char *digest)
{
  for (guint i = class->runs->len; i-- > 0;) {
    Run *run = &g_array_index(class->runs, Run, i);
    if (strncmp(run->digest, digest, GUARD_DIGEST_CHARS) == 0)
      return run;
  }
  Run run = {0};
  g_strlcpy(run.digest, digest, sizeof run.digest);
  g_array_append_val(class->runs, run);
  return &g_array_index(class->runs, Run, class->runs->len - 1);
}

static bool take_op(const OpDone *done, void *data)
{
  Past *past = data;
  // Whom somebody stopped counts for nothing, at once or later.
  Class *class = strcmp(done->cause, RESTRICTION_STOPPED) == 0 ? NULL : class_of(past, done);
  if (!class)
    return true;
  Run *run = run_of(class, done->digest);
  for (unsigned span = 0; span < N_SPANS; span++)
    run->n[span] += done->at >= class->since[span];
  return true;
}

static int64_t exempt_of(const GArray *exempts, const char *digest, Span span)
{
  int64_t n = 0;
  for (size_t i = 0; i < exempts->len; i++) {
    const Exempt *exempt = &g_array_index(exempts, Exempt, i);
    if (strncmp(exempt->digest, digest, GUARD_DIGEST_CHARS) == 0)
      n += span == SPAN_WEEK ? exempt->week : exempt->count;
  }
  return n;
}

static bool is_own(const Past *past, const char *digest)
{
  const Plan *plan = past->setup->plan;
  return plan && strncmp(digest, plan_digest(plan), GUARD_DIGEST_CHARS) == 0;
}

static void add_up(const Past *past, Class *class)
{
  g_autoptr(GArray) exempts = guard_exempts(past->setup->store, class->target, &class->counted);
  for (guint i = 0; i < class->runs->len; i++) {
    const Run *run = &g_array_index(class->runs, Run, i);
    int64_t *sums = is_own(past, run->digest) ? class->own : class->n;
    for (unsigned span = 0; span < N_SPANS; span++)
      sums[span] += MAX(run->n[span] - exempt_of(exempts, run->digest, span), 0);
  }
  g_clear_pointer(&class->runs, g_array_unref);
}

static int longest_days(const GuardSetup *setup, const GuardConfig *standard, const char *target)
{
  int days = 0;
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
    const Spans limits = guard_spans(setup, standard, target, kind);
    for (unsigned span = 0; span < N_SPANS; span++)
      days = MAX(days, guard_limits_days(&limits, span));
  }
  return days;
}

Past *guard_past_read(const GuardSetup *setup, const GuardConfig *standard, GError **error)
{
  g_autoptr(Past) past = g_new0(Past, 1);
  past->setup = setup;
  past->standard = standard;
  past->classes = g_ptr_array_new_with_free_func(free_class);
  int days = longest_days(setup, standard, "");
  for (const GuardConfig *const *config = setup->configs; config && *config; config++)
    days = MAX(days, longest_days(setup, standard, (*config)->target));
  if (!store_ops_done_each(setup->store, guard_clock_since(setup, days), take_op, past, error))
    return NULL;
  for (size_t i = 0; i < past->classes->len; i++)
    add_up(past, past->classes->pdata[i]);
  return g_steal_pointer(&past);
}

int64_t guard_past_done(const Past *past, const char *target, const Counted *counted, Span span)
{
  const Class *class = find_class(past, target, counted);
  return class ? class->n[span] : 0;
}

int64_t guard_past_own(const Past *past, const char *target, const Counted *counted, Span span)
{
  const Class *class = find_class(past, target, counted);
  return class ? class->own[span] : 0;
}
