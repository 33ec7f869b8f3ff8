// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

#define MOST_FAILURES 10  // in a row; then the target is left alone for this run
#define LOOK_UP_MS 200    // how long a signal may go unnoticed while waiting for an answer

static Op const *const *span_ops(const Parcel *parcel)
{
  return &parcel->ops[parcel->now.from];
}

// Nothing more is sent to the target in this run.
static void leave_alone(Executor *executor, const char *reason)
{
  if (executor->left_alone)
    return;
  executor->left_alone = g_strdup(reason);
  tell_target(executor->course->report->problems, "apply-target", executor->section->target,
              reason);
}

// Of requests, however many operations they hold.
static void count_failures(Executor *executor, Stand stand)
{
  bool fails = stand == STAND_FAILED || stand == STAND_UNKNOWN;
  executor->n_failures = fails ? executor->n_failures + 1 : 0;
  if (executor->n_failures < MOST_FAILURES)
    return;
  g_autofree char *reason =
      g_strdup_printf(_("%d operations failed one after the other; nothing more is sent to this "
                        "target in this run. Find out why, then apply the plan again"),
                      MOST_FAILURES);
  executor->course->refuses = true;
  leave_alone(executor, reason);
}

// ---------------------------------------------------------------------------------------------
// The end of operations, of spans and of parcels.

static void note_attempt(Executor *executor, const Parcel *parcel, const char *outcome,
                         const char *detail)
{
  for (size_t i = 0; i < parcel->now.n; i++)
    journal_attempt(executor->course->journal, span_ops(parcel)[i]->n, outcome, detail);
}

static void settle(Executor *executor, const Parcel *parcel, const Op *op, const Ending *ending)
{
  Ending whole = *ending;
  whole.n = op->n;
  whole.n_attempts = (int)parcel->attempt;
  whole.doubted = parcel->doubted;
  whole.detail = g_strdup(ending->detail);
  whole.stable_id = g_strdup(ending->stable_id);
  apply_settle(executor->course, &whole);
}

static char *latch_of(const Parcel *parcel, size_t i)
{
  return apply_latch(parcel->ops[i]->target, parcel->ops[i]->object);
}

// An operation of the same entry stands before it.
static bool is_latched_before(const Parcel *parcel, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (g_str_equal(parcel->ops[j]->object, parcel->ops[i]->object))
      return true;
  return false;
}

static void unlatch(const Executor *executor, Parcel *parcel)
{
  while (parcel->n_latched > 0) {
    size_t i = --parcel->n_latched;
    g_autofree char *name = latch_of(parcel, i);
    if (!is_latched_before(parcel, i))
      latches_drop(executor->latches, name);
  }
}

// All of the parcel's entries, or none of them.
bool flight_latch(Executor *executor, Parcel *parcel, bool *got, GError **error)
{
  *got = true;
  // The desk touches no groups.
  if (!executor->latches || parcel->n_latched || op_traits(parcel->ops[0]->kind)->edge)
    return true;
  for (size_t i = 0; i < parcel->n_ops; i++) {
    g_autofree char *name = latch_of(parcel, i);
    bool tried = is_latched_before(parcel, i) || latches_try(executor->latches, name, got, error);
    if (tried && *got) {
      parcel->n_latched++;
      continue;
    }
    unlatch(executor, parcel);
    return tried;
  }
  return true;
}

static void end_parcel(Executor *executor, Parcel *parcel)
{
  unlatch(executor, parcel);
  locks_drop(executor->locks, parcel->claims, executor->course->book);
  for (size_t i = 0; i < parcel->n_ops; i++)
    if (book_took_effect(book_stand(executor->course->book, parcel->ops[i]->n)))
      locks_follow(executor->locks, parcel->ops[i]);
  for (size_t i = 0; i < parcel->n_ops; i++)
    persons_drop(executor->persons, parcel->ops[i]);
  group_free(parcel);
}

// The span has been dealt with: on to the next, or the parcel ends.
static void end_span(Executor *executor, Parcel *parcel)
{
  if (group_next(parcel))
    g_queue_push_head(executor->prepared, parcel);
  else
    end_parcel(executor, parcel);
}

static void settle_span(Executor *executor, Parcel *parcel, const Ending *ending)
{
  if (parcel->attempt > 1 || !book_took_effect(ending->stand))
    note_attempt(executor, parcel, book_word(ending->stand), ending->detail);
  for (size_t i = 0; i < parcel->now.n; i++) {
    const Op *op = span_ops(parcel)[i];
    Ending own = *ending;
    // Of several made as one, each has an identity of its own.
    if (parcel->together && (ending->stand == STAND_DONE || ending->stand == STAND_ALREADY) &&
        op->kind == OP_CREATE)
      own.stable_id = (char *)writer_identity(executor->writer, op->object);
    settle(executor, parcel, op, &own);
  }
  count_failures(executor, ending->stand);
  end_span(executor, parcel);
}

static bool is_exhausted(const Executor *executor, const Parcel *parcel)
{
  return parcel->attempt > (unsigned)executor->config->retries;
}

static void put_off(Executor *executor, Parcel *parcel)
{
  parcel->due_us = g_get_monotonic_time() + retry_delay_ms(parcel->attempt) * 1000;
  parcel->attempt++;
  g_ptr_array_add(executor->later, parcel);
}

void flight_again(Executor *executor, Parcel *parcel, const char *detail)
{
  if (is_exhausted(executor, parcel)) {
    g_autofree char *text =
        g_strdup_printf(_("given up after %u attempts: %s"), parcel->attempt, detail);
    settle_span(executor, parcel, &(Ending){.stand = STAND_FAILED, .detail = text});
    return;
  }
  if (parcel->intended)
    note_attempt(executor, parcel, outcome_name(OUTCOME_BUSY), detail);
  put_off(executor, parcel);
}

void flight_fail(Executor *executor, Parcel *parcel, const char *detail)
{
  settle_span(executor, parcel, &(Ending){.stand = STAND_FAILED, .detail = (char *)detail});
}

// ---------------------------------------------------------------------------------------------
// Outcomes.

static bool waits_for(const Op *op, const Op *other)
{
  for (size_t i = 0; i < op->n_after; i++)
    if (op->after[i] == other->n)
      return true;
  return false;
}

// What takes a right away is done, whatever else of the person's is not taken: unless that has to come before.
static bool goes_alone(const Parcel *parcel, size_t at, uint32_t culprit)
{
  const Op *op = span_ops(parcel)[at];
  bool takes_away = op->ends || op->kind == OP_DISABLE || op->kind == OP_DELETE;
  if (!takes_away || op->n == culprit)
    return false;
  for (size_t i = 0; i < parcel->now.n; i++)
    if (waits_for(op, span_ops(parcel)[i]))
      return false;
  return true;
}

static size_t choose_alone(const Parcel *parcel, uint32_t culprit, bool *alone)
{
  size_t n_alone = 0;
  for (size_t i = 0; i < parcel->now.n; i++)
    n_alone += alone[i] = goes_alone(parcel, i, culprit);
  // Nothing less would be sent than was refused.
  if (n_alone < parcel->now.n)
    return n_alone;
  memset(alone, 0, n_alone * sizeof *alone);
  return 0;
}

// Nobody says which was not taken, and each may be done without the others.
static bool all_go_alone(const Parcel *parcel)
{
  for (size_t i = 0; i < parcel->now.n; i++)
    if (!goes_alone(parcel, i, 0))
      return false;
  return parcel->now.n > 1;
}

// Of operations that were to be done as one, none was: one was not taken, and the others with it; n = 0: nobody says
// which.
static void fail_together(Executor *executor, Parcel *parcel, const Ending *culprit)
{
  g_autofree char *detail = g_strdup_printf(
      _("undone with operation %u of the same person, which is %s: all of them are done, or none"),
      culprit->n, book_word(culprit->stand));
  const Ending blocked = {.stand = STAND_BLOCKED, .detail = detail};
  g_autofree bool *alone = g_new0(bool, parcel->now.n);
  size_t n_alone = choose_alone(parcel, culprit->n, alone);
  note_attempt(executor, parcel, book_word(culprit->stand), culprit->detail);
  for (size_t i = 0; i < parcel->now.n; i++) {
    const Op *op = span_ops(parcel)[i];
    bool is_culprit = culprit->n == 0 || op->n == culprit->n;
    if (!alone[i])
      settle(executor, parcel, op, is_culprit ? culprit : &blocked);
  }
  count_failures(executor, culprit->stand);
  group_part(parcel, alone);
  parcel->now.n = n_alone;
  if (n_alone > 0)
    g_queue_push_head(executor->prepared, parcel);
  else
    end_span(executor, parcel);
}

// It was so before, so the others go without it.
static void go_without(Executor *executor, Parcel *parcel, const Outcome *outcome)
{
  g_autofree bool *stays = g_new0(bool, parcel->now.n);
  for (size_t i = 0; i < parcel->now.n; i++)
    stays[i] = span_ops(parcel)[i]->n != outcome->culprit;
  group_part(parcel, stays);
  parcel->now.n--;
  const Op *op = span_ops(parcel)[parcel->now.n];
  const char *identity =
      op->kind == OP_CREATE ? writer_identity(executor->writer, op->object) : NULL;
  settle(
      executor, parcel, op,
      &(Ending){.stand = STAND_ALREADY, .detail = outcome->detail, .stable_id = (char *)identity});
  if (parcel->now.n > 0)
    g_queue_push_head(executor->prepared, parcel);
  else
    end_span(executor, parcel);
}

static void on_end(Executor *executor, Parcel *parcel, const Outcome *outcome)
{
  if (outcome->culprit && outcome->kind == OUTCOME_ALREADY) {
    go_without(executor, parcel, outcome);
    return;
  }
  static const Stand stands[] = {
      [OUTCOME_DONE] = STAND_DONE,       [OUTCOME_ALREADY] = STAND_ALREADY,
      [OUTCOME_REFUSED] = STAND_REFUSED, [OUTCOME_FAILED] = STAND_FAILED,
      [OUTCOME_SENT] = STAND_RECEIPT,
  };
  settle_span(executor, parcel,
              &(Ending){.stand = stands[outcome->kind],
                        .detail = outcome->detail,
                        .stable_id = outcome->stable_id});
}

// One edge that the server does not take must not keep the others out.
static void on_refusal(Executor *executor, Parcel *parcel, const Outcome *outcome)
{
  if (!outcome->culprit && parcel->together && all_go_alone(parcel)) {
    note_attempt(executor, parcel, outcome_name(outcome->kind), outcome->detail);
    group_split(parcel);
    g_queue_push_head(executor->prepared, parcel);
    return;
  }
  if ((outcome->culprit || parcel->together) && parcel->now.n > 1) {
    fail_together(
        executor, parcel,
        &(Ending){.n = outcome->culprit,
                  .stand = outcome->kind == OUTCOME_REFUSED ? STAND_REFUSED : STAND_FAILED,
                  .detail = outcome->detail});
    return;
  }
  if (parcel->now.n == 1 || parcel->together) {
    on_end(executor, parcel, outcome);
    return;
  }
  note_attempt(executor, parcel, outcome_name(outcome->kind), outcome->detail);
  group_split(parcel);
  g_queue_push_head(executor->prepared, parcel);
}

static void on_busy(Executor *executor, Parcel *parcel, const Outcome *outcome)
{
  flight_again(executor, parcel, outcome->detail ? outcome->detail : _("the target is busy"));
}

static void on_silence(Executor *executor, Parcel *parcel, const Outcome *outcome)
{
  note_attempt(executor, parcel, outcome_name(outcome->kind), outcome->detail);
  parcel->doubted = true;
  g_free(parcel->detail);
  parcel->detail = g_strdup(outcome->detail);
  g_ptr_array_add(executor->doubtful, parcel);
}

static void (*const handlers[])(Executor *executor, Parcel *parcel, const Outcome *outcome) = {
    [OUTCOME_DONE] = on_end,       [OUTCOME_ALREADY] = on_end, [OUTCOME_REFUSED] = on_refusal,
    [OUTCOME_FAILED] = on_refusal, [OUTCOME_BUSY] = on_busy,   [OUTCOME_UNKNOWN] = on_silence,
    [OUTCOME_SENT] = on_end,
};

static void take(Executor *executor, const Outcome *outcome)
{
  Parcel *parcel = g_hash_table_lookup(executor->flying, &outcome->token);
  if (!parcel)
    return;  // given up on before
  g_hash_table_remove(executor->flying, &outcome->token);
  apply_watch(executor->course->setup, "outcome", span_ops(parcel), parcel->now.n);
  handlers[outcome->kind](executor, parcel, outcome);
}

static void lose_all(Executor *executor, const char *detail)
{
  g_autoptr(GPtrArray) parcels = g_ptr_array_new();
  GHashTableIter iter;
  Parcel *parcel = NULL;
  g_hash_table_iter_init(&iter, executor->flying);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&parcel))
    g_ptr_array_add(parcels, parcel);
  for (guint i = 0; i < parcels->len; i++) {
    parcel = parcels->pdata[i];
    g_autofree char *text = g_strdup(detail);
    take(executor, &(Outcome){.token = parcel->token, .kind = OUTCOME_UNKNOWN, .detail = text});
  }
  executor->lost = true;
}

void flight_collect(Executor *executor)
{
  int64_t wait_ms = flight_wait_ms(executor);
  bool got = true;
  while (got && g_hash_table_size(executor->flying) > 0) {
    g_autoptr(GError) fault = NULL;
    Outcome outcome = {0};
    if (!writer_collect(executor->writer, (int)wait_ms, &outcome, &got, &fault)) {
      lose_all(executor, fault->message);
      return;
    }
    if (got)
      take(executor, &outcome);
    outcome_clear(&outcome);
    wait_ms = 0;
  }
}

// ---------------------------------------------------------------------------------------------
// Sending.

static GPtrArray *span_secrets(const Parcel *parcel)
{
  GPtrArray *all = g_ptr_array_new();
  for (size_t i = 0; i < parcel->now.n; i++) {
    const GPtrArray *secrets = parcel->cargo[parcel->now.from + i].secrets;
    for (guint j = 0; secrets && j < secrets->len; j++)
      g_ptr_array_add(all, secrets->pdata[j]);
  }
  return all;
}

static void submit(Executor *executor, Parcel *parcel)
{
  g_autoptr(GError) fault = NULL;
  const ApplySetup *setup = executor->course->setup;
  parcel->token = ++executor->last_token;
  apply_watch(setup, "submit", span_ops(parcel), parcel->now.n);
  g_autoptr(GPtrArray) secrets = span_secrets(parcel);
  const Sending sending = {span_ops(parcel), parcel->now.n, secrets, executor->course->report->run,
                           parcel->together};
  if (!writer_submit(executor->writer, &sending, parcel->token, &fault)) {
    executor->lost = true;
    flight_again(executor, parcel, fault->message);
    return;
  }
  g_hash_table_insert(executor->flying, &parcel->token, parcel);
  apply_watch(setup, "submitted", span_ops(parcel), parcel->now.n);
}

static bool may_send(Executor *executor)
{
  return executor->prepared->length > 0 && !executor->lost && executor->doubtful->len == 0 &&
         !executor_is_stopping(executor) &&
         g_hash_table_size(executor->flying) < (guint)MAX(executor->config->window, 1);
}

bool flight_send(Executor *executor, GError **error)
{
  while (may_send(executor)) {
    bool news = false;
    if (!heed_look(executor->course->setup, &news, error))
      return false;
    if (news)
      heed_all(executor);
    Parcel *parcel = g_queue_pop_head(executor->prepared);
    if (!heed_parcel(executor, parcel))
      submit(executor, parcel);
  }
  return true;
}

int64_t flight_wait_ms(const Executor *executor)
{
  int64_t wait_us = LOOK_UP_MS * 1000, now_us = g_get_monotonic_time();
  for (guint i = 0; i < executor->later->len; i++)
    wait_us = MIN(wait_us, ((Parcel *)executor->later->pdata[i])->due_us - now_us);
  return MAX(wait_us, 0) / 1000 + 1;
}

void flight_revive(Executor *executor)
{
  int64_t now_us = g_get_monotonic_time();
  for (guint i = 0; i < executor->later->len;) {
    Parcel *parcel = executor->later->pdata[i];
    if (parcel->due_us > now_us) {
      i++;
      continue;
    }
    g_ptr_array_remove_index(executor->later, i);
    g_queue_push_tail(parcel->intended ? executor->prepared : executor->loaded, parcel);
  }
}

void flight_give_up(Executor *executor, Parcel *parcel)
{
  Book *book = executor->course->book;
  for (size_t i = 0; i < parcel->n_ops; i++) {
    uint32_t n = parcel->ops[i]->n;
    if (book_stand(book, n) != STAND_SENT)
      continue;
    book_put(book, n, STAND_WAITING);
    journal_end(executor->course->journal, &(Ending){.n = n, .stand = STAND_WAITING});
  }
  end_parcel(executor, parcel);
}

void flight_recall(Executor *executor)
{
  Parcel *parcel = NULL;
  while ((parcel = g_queue_pop_head(executor->loaded)))
    flight_give_up(executor, parcel);
  while ((parcel = g_queue_pop_head(executor->prepared)))
    flight_give_up(executor, parcel);
  for (guint i = 0; i < executor->later->len; i++)
    flight_give_up(executor, executor->later->pdata[i]);
  g_ptr_array_set_size(executor->later, 0);
}

// ---------------------------------------------------------------------------------------------
// No answer came: was it done?

static bool probe_span(Executor *executor, const Parcel *parcel, Probe *found)
{
  for (size_t i = 0; i < parcel->now.n; i++) {
    g_autoptr(GError) fault = NULL;
    const Op *op = span_ops(parcel)[i];
    apply_watch(executor->course->setup, "probe", &op, 1);
    if (writer_probe(executor->writer, op, &found[i], &fault))
      continue;
    log_note(LOG_VERBOSE, _("target %s: it does not tell what became of operation %u: %s"),
             executor->section->target, op->n, fault->message);
    return false;
  }
  return true;
}

// True when the operation is to be sent again.
static bool resolve_one(Executor *executor, const Parcel *parcel, const Op *op, Probe found)
{
  bool harmless = found == PROBE_NOT_DONE || op_traits(op->kind)->resend_harmless;
  static const Stand stands[] = {[PROBE_NOT_DONE] = STAND_FAILED,
                                 [PROBE_DRIFTED] = STAND_REFUSED,
                                 [PROBE_UNKNOWN] = STAND_UNKNOWN};
  if (found != PROBE_DONE && found != PROBE_DRIFTED && harmless && !is_exhausted(executor, parcel))
    return true;
  // Nobody knows: that is what resume is for.
  executor->course->is_lost |= found == PROBE_UNKNOWN;
  const char *identity =
      op->kind == OP_CREATE ? writer_identity(executor->writer, op->object) : NULL;
  settle(executor, parcel, op,
         &(Ending){.stand = found == PROBE_DONE ? recover_found(executor->config) : stands[found],
                   .detail = parcel->detail,
                   .stable_id = found == PROBE_DONE ? (char *)identity : NULL});
  return false;
}

// The span shrinks to what is to be sent again.
static void resolve_span(Executor *executor, Parcel *parcel, const Probe *found)
{
  g_autofree bool *again = g_new0(bool, parcel->now.n);
  size_t n_again = 0;
  Stand worst = STAND_DONE;
  for (size_t i = 0; i < parcel->now.n; i++) {
    const Op *op = span_ops(parcel)[i];
    again[i] = resolve_one(executor, parcel, op, found[i]);
    n_again += again[i];
    if (!again[i])
      worst = MAX(worst, book_stand(executor->course->book, op->n));
  }
  if (n_again < parcel->now.n)
    count_failures(executor, worst);
  group_part(parcel, again);
  parcel->now.n = n_again;
}

static size_t count_found(const Probe *found, size_t n, Probe what)
{
  size_t n_such = 0;
  for (size_t i = 0; i < n; i++)
    n_such += found[i] == what;
  return n_such;
}

// All of them were done, or none: what one cannot tell by itself the others tell. False: it was none, and one can
// no longer be done, so the others are not, either.
static bool resolve_together(Executor *executor, Parcel *parcel, Probe *found)
{
  size_t n = parcel->now.n, n_not = count_found(found, n, PROBE_NOT_DONE);
  Probe told = n_not ? PROBE_NOT_DONE : PROBE_DONE;
  for (size_t i = 0; i < n; i++)
    if (found[i] == PROBE_UNKNOWN && (n_not || count_found(found, n, PROBE_DONE)))
      found[i] = told;
  if (!n_not || !count_found(found, n, PROBE_DRIFTED))
    return true;
  size_t culprit = 0;
  while (found[culprit] != PROBE_DRIFTED)
    culprit++;
  fail_together(executor, parcel,
                &(Ending){.n = span_ops(parcel)[culprit]->n,
                          .stand = STAND_REFUSED,
                          .detail = parcel->detail});
  return false;
}

static void resolve(Executor *executor, Parcel *parcel)
{
  g_autofree Probe *found = g_new0(Probe, parcel->now.n);
  if (!probe_span(executor, parcel, found)) {
    executor->lost = true;
    if (is_exhausted(executor, parcel)) {
      executor->course->is_lost = true;
      settle_span(executor, parcel, &(Ending){.stand = STAND_UNKNOWN, .detail = parcel->detail});
      return;
    }
    parcel->attempt++;
    g_ptr_array_add(executor->doubtful, parcel);
    return;
  }
  if (parcel->together && !resolve_together(executor, parcel, found))
    return;
  resolve_span(executor, parcel, found);
  if (parcel->now.n > 0)
    put_off(executor, parcel);
  else
    end_span(executor, parcel);
}

static void give_up(Executor *executor, const char *why)
{
  g_autofree char *reason =
      g_strdup_printf(_("the connection was lost and does not come back: %s"), why);
  executor->course->is_lost = true;
  leave_alone(executor, reason);
  for (guint i = 0; i < executor->doubtful->len; i++) {
    Parcel *parcel = executor->doubtful->pdata[i];
    settle_span(executor, parcel, &(Ending){.stand = STAND_UNKNOWN, .detail = parcel->detail});
  }
  g_ptr_array_set_size(executor->doubtful, 0);
}

void flight_mend(Executor *executor)
{
  g_autoptr(GError) fault = NULL;
  const ApplySetup *setup = executor->course->setup;
  if (executor->lost && !retry_reconnect(setup, executor->config, executor->writer, &fault)) {
    give_up(executor, fault->message);
    return;
  }
  executor->lost = false;
  g_autoptr(GPtrArray) doubtful = g_steal_pointer(&executor->doubtful);
  executor->doubtful = g_ptr_array_new();
  for (guint i = 0; i < doubtful->len; i++) {
    if (executor->lost)
      g_ptr_array_add(executor->doubtful, doubtful->pdata[i]);
    else
      resolve(executor, doubtful->pdata[i]);
  }
}
