// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// Intents that go to disk together. More than a window, so that many share a sync; what was not sent when
// a run is killed is probed and found not done.
#define INTENTS 512

// Asked of the hours only when they may have changed.
static bool is_closed(Executor *executor)
{
  const ApplySetup *setup = executor->course->setup;
  Instant now = timer_now(setup->timer);
  WindowsState state;
  if (executor->closed || now < executor->open_until || setup->desk)
    return executor->closed;
  windows_look(executor->config->windows, now, &state);
  executor->open_until = state.until;
  if (!state.closed)
    return false;
  g_autoptr(GString) closed = g_string_new(_("the target is closed until "));
  instant_format(state.until, closed);
  if (*state.why)
    g_string_append_printf(closed, " (%s)", state.why);
  executor->closed = g_string_free(g_steal_pointer(&closed), false);
  return true;
}

bool executor_is_stopping(Executor *executor)
{
  // What concerns our own store needs no target.
  return executor->left_alone || retry_interrupted(executor->course->setup) ||
         (executor->writer && is_closed(executor));
}

static uint32_t last_number(const PlanSection *section)
{
  return section->ops[section->n_ops - 1].n;
}

// An operation of a later section may be ready already; its turn comes then.
static bool has_ready(const Executor *executor)
{
  const Book *book = executor->course->book;
  return book->ready->len > 0 &&
         g_array_index(book->ready, uint32_t, 0) <= last_number(executor->section);
}

// ---------------------------------------------------------------------------------------------
// What is to be done at all.

static void settle_now(Executor *executor, uint32_t n, Stand stand, const char *detail)
{
  Ending ending = {.n = n, .stand = stand, .detail = g_strdup(detail)};
  book_settle(executor->course->book, &ending);
}

// What was sent before it was left out, and is found not done. The others were noted when the run began.
static void mark_skipped(Executor *executor)
{
  const GByteArray *chosen = executor->course->chosen;
  for (size_t i = 0; chosen && i < executor->section->n_ops; i++) {
    uint32_t n = executor->section->ops[i].n;
    if (chosen->data[n - 1] || book_stand(executor->course->book, n) != STAND_WAITING)
      continue;
    book_put(executor->course->book, n, STAND_SKIPPED);
    Ending ending = {
        .n = n, .stand = STAND_SKIPPED, .detail = choice_words(executor->course->setup)};
    journal_end(executor->course->journal, &ending);
  }
}

// Those that nothing but their own hold or day keeps back, in this order: a hold is stronger.
static void mark_held(Executor *executor)
{
  const ApplySetup *setup = executor->course->setup;
  for (size_t i = 0; i < executor->section->n_ops; i++) {
    const Op *op = &executor->section->ops[i];
    const char *why =
        book_stand(executor->course->book, op->n) == STAND_WAITING ? heed_why(setup, op) : NULL;
    if (why)
      settle_now(executor, op->n, STAND_HELD, why);
  }
}

static void mark_scheduled(Executor *executor)
{
  for (size_t i = 0; i < executor->section->n_ops; i++) {
    const Op *op = &executor->section->ops[i];
    if (op->not_before == INSTANT_NONE || op->not_before <= executor->course->setup->now ||
        book_stand(executor->course->book, op->n) != STAND_WAITING)
      continue;
    g_autoptr(GString) detail = g_string_new(_("not before "));
    instant_format(op->not_before, detail);
    settle_now(executor, op->n, STAND_SCHEDULED, detail->str);
  }
}

static void mark(Executor *executor)
{
  mark_skipped(executor);
  mark_held(executor);
  mark_scheduled(executor);
  Book *book = executor->course->book;
  g_array_set_size(book->ready, 0);
  for (size_t i = 0; i < executor->section->n_ops; i++) {
    uint32_t n = executor->section->ops[i].n;
    book_bar(book, n);
    if (book_stand(book, n) == STAND_WAITING && book->n_missing[n - 1] == 0)
      book_push(book, n);
  }
}

static bool needs_target(const Executor *executor)
{
  for (size_t i = 0; i < executor->section->n_ops; i++) {
    const Op *op = &executor->section->ops[i];
    if (!op_traits(op->kind)->local && book_stand(executor->course->book, op->n) == STAND_WAITING)
      return true;
  }
  return false;
}

// All that still waits, last first: so each gets this reason, and not that it waits for another.
static void settle_waiting(Executor *executor, Stand stand, const char *detail)
{
  Book *book = executor->course->book;
  for (size_t i = executor->section->n_ops; i > 0; i--) {
    uint32_t n = executor->section->ops[i - 1].n;
    if (book_stand(book, n) == STAND_SENT)
      book_put(book, n, STAND_UNKNOWN);  // the journal keeps it as sent
    else if (book_stand(book, n) == STAND_WAITING)
      settle_now(executor, n, stand, detail);
  }
}

// A closed target's operations are due, and wait for it to open; what was sent before and never answered does, too. So does
// what of our own store is left when it closes under way: only a target that was never opened keeps none of that back.
static void settle_closed(Executor *executor)
{
  ApplyReport *report = executor->course->report;
  uint32_t n_waiting = 0;
  for (size_t i = executor->section->n_ops; i > 0; i--) {
    const Op *op = &executor->section->ops[i - 1];
    Stand stand = book_stand(executor->course->book, op->n);
    bool can_go_on = op_traits(op->kind)->local && !executor->writer;
    if (can_go_on || (stand != STAND_WAITING && stand != STAND_SENT))
      continue;
    n_waiting++;
    if (stand == STAND_WAITING)
      settle_now(executor, op->n, STAND_SCHEDULED, executor->closed);
  }
  if (n_waiting == 0)
    return;
  report->opens = report->opens == INSTANT_NONE ? executor->open_until
                                                : MIN(report->opens, executor->open_until);
  g_autofree char *text = g_strdup_printf(
      ngettext("%s: %u operation waits for it", "%s: %u operations wait for it", n_waiting),
      executor->closed, n_waiting);
  tell_left(report->problems, "apply-closed", executor->section->target, text);
}

// ---------------------------------------------------------------------------------------------
// The target.

static bool check_fingerprint(Executor *executor, GError **error)
{
  g_autoptr(GString) now = g_string_new(NULL);
  if (!writer_fingerprint(executor->writer, now, error))
    return false;
  const char *planned = executor->section->fingerprint;
  if (g_strcmp0(now->str, planned) == 0)
    return true;
  g_autofree char *reason = g_strdup_printf(
      _("this is not the system that the plan was made from: it says “%s”, the plan "
        "“%s”. Nothing is sent to it. Look whether it was restored, cloned or "
        "replaced, then make a new plan"),
      now->str, planned ? planned : "");
  tell_target(executor->course->report->problems, "apply-fingerprint", executor->section->target,
              reason);
  executor->course->refuses = true;
  settle_waiting(executor, STAND_REFUSED, reason);
  executor->left_alone = g_steal_pointer(&reason);
  return true;
}

static bool open_target(Executor *executor, GError **error)
{
  const PlanSection *section = executor->section;
  const char *locks = executor->course->setup->object_locks;
  if (locks && !(executor->latches = latches_open(locks, error)))
    return false;
  executor->writer = writer_open(executor->config, error);
  if (!executor->writer || !check_fingerprint(executor, error))
    return false;
  if (executor->left_alone)
    return true;
  journal_server(executor->course->journal, section->target, writer_server(executor->writer));
  return writer_begin(executor->writer, section->places, section->n_places, error) &&
         recover_section(executor->course, section, executor->writer, error);
}

static void lose(Executor *executor, const char *what, const char *why)
{
  g_autofree char *reason = g_strdup_printf("%s: %s", what, why);
  tell_target(executor->course->report->problems, "apply-target", executor->section->target,
              reason);
  executor->course->is_lost = true;
  if (!executor->left_alone)
    executor->left_alone = g_steal_pointer(&reason);
}

// When the target cannot be had, nothing of the section is done. When time is over it is only noted what waits for its day
// or is held, so that the run goes on with it.
static void begin(Executor *executor)
{
  g_autoptr(GError) fault = NULL;
  mark(executor);
  if (retry_interrupted(executor->course->setup) ||
      (!recover_is_due(executor->course, executor->section) && !needs_target(executor)))
    return;
  if (is_closed(executor)) {
    settle_closed(executor);
    return;
  }
  if (open_target(executor, &fault)) {
    mark(executor);  // once more, for those that were found not done
    return;
  }
  executor->lost = true;
  lose(executor, _("the target cannot be written to"), fault->message);
}

static void finish(Executor *executor)
{
  g_autoptr(GError) fault = NULL;
  if (executor->writer && !executor->lost && !writer_finish(executor->writer, &fault))
    lose(executor, _("the target could not be brought to its end"), fault->message);
  if (executor->left_alone)
    settle_waiting(executor, STAND_BLOCKED, executor->left_alone);
  else if (executor->closed && executor->writer)
    settle_closed(executor);
}

// ---------------------------------------------------------------------------------------------
// What goes next.

typedef struct Batch {
  GArray *locals;      // Ending
  GArray *edges;       // uint32_t
  GArray *later;       // uint32_t: ready, but not yet
  GPtrArray *parcels;  // Parcel
} Batch;

static void batch_clear(Batch *batch)
{
  g_array_unref(batch->locals);
  g_array_unref(batch->edges);
  g_array_unref(batch->later);
  g_ptr_array_unref(batch->parcels);
}

static void load_single(Executor *executor, const Op *op, GPtrArray *parcels)
{
  g_autoptr(GArray) claims = g_array_new(false, false, sizeof(Claim));
  uint32_t blocker = 0;
  locks_claims(executor->locks, op, claims);
  if (!locks_free_for(executor->locks, claims, 0, &blocker)) {
    locks_wait(executor->locks, op->n, blocker);
    return;
  }
  locks_take(executor->locks, claims);
  g_ptr_array_add(parcels, group_parcel(&op, 1, g_steal_pointer(&claims)));
}

// The person's operations that go with this one. False: it comes later, when what concerns our store is done.
static bool load_person(Executor *executor, const Op *op, GPtrArray *parcels)
{
  g_autoptr(GArray) claims = g_array_new(false, false, sizeof(Claim));
  g_autoptr(GPtrArray) ops = g_ptr_array_new();
  uint32_t blocker = 0;
  bool later = false;
  persons_gather(executor->persons, executor->course->book, op, ops, &later);
  for (guint i = 0; i < ops->len; i++)
    locks_claims(executor->locks, ops->pdata[i], claims);
  if (later)
    return false;
  if (!locks_free_for(executor->locks, claims, 0, &blocker)) {
    locks_wait(executor->locks, op->n, blocker);
    return true;
  }
  locks_take(executor->locks, claims);
  Parcel *parcel = group_parcel((const Op *const *)ops->pdata, ops->len, g_steal_pointer(&claims));
  parcel->together = true;
  for (guint i = 0; i < ops->len; i++)
    persons_take(executor->persons, ops->pdata[i]);
  g_ptr_array_add(parcels, parcel);
  return true;
}

static void load_op(Executor *executor, const Op *op, Batch *batch)
{
  Ending local = {.n = op->n};
  if (op_traits(op->kind)->local)
    g_array_append_val(batch->locals, local);
  else if (op_traits(op->kind)->edge)
    g_array_append_val(batch->edges, op->n);
  else if (!executor->persons || !op->person)
    load_single(executor, op, batch->parcels);
  else if (!load_person(executor, op, batch->parcels))
    g_array_append_val(batch->later, op->n);
}

// What several people's entries refer to (a unit's, a group's) is made before theirs, and goes after them.
static unsigned phase_of(const Executor *executor, const Op *op)
{
  if (!executor->persons || op_traits(op->kind)->local)
    return 0;
  return op->person ? 1 : op->kind == OP_DELETE ? 2 : 0;
}

static unsigned least_phase(const Executor *executor)
{
  const Book *book = executor->course->book;
  unsigned least = UINT_MAX;
  for (guint i = 0; executor->persons && i < book->ready->len; i++) {
    uint32_t n = g_array_index(book->ready, uint32_t, i);
    if (n <= last_number(executor->section) && book_stand(book, n) == STAND_WAITING &&
        !persons_has(executor->persons, n))
      least = MIN(least, phase_of(executor, plan_op(book->plan, n)));
  }
  return least;
}

static void load_ready(Executor *executor, Batch *batch)
{
  Book *book = executor->course->book;
  unsigned phase = least_phase(executor);
  for (unsigned n_loaded = 0; n_loaded < INTENTS && has_ready(executor);) {
    uint32_t n = book_pop(book);
    if (book_stand(book, n) != STAND_WAITING || persons_has(executor->persons, n))
      continue;
    const Op *op = plan_op(book->plan, n);
    if (phase_of(executor, op) > phase) {
      g_array_append_val(batch->later, n);
      continue;
    }
    load_op(executor, op, batch);
    n_loaded++;
  }
  for (guint i = 0; i < batch->later->len; i++)
    book_push(book, g_array_index(batch->later, uint32_t, i));
  group_edges(executor->locks, book, batch->edges, batch->parcels);
}

// What the desk is at waits a little; it is quick.
static void latch(Executor *executor, Batch *batch)
{
  for (guint i = 0; i < batch->parcels->len;) {
    g_autoptr(GError) fault = NULL;
    Parcel *parcel = batch->parcels->pdata[i];
    bool got = false;
    if (flight_latch(executor, parcel, &got, &fault) && got) {
      i++;
      continue;
    }
    g_ptr_array_remove_index(batch->parcels, i);
    flight_again(executor, parcel,
                 fault ? fault->message : _("the service desk is at work on this entry"));
  }
}

static bool read_parcel(Executor *executor, Parcel *parcel, GError **error)
{
  for (size_t i = 0; i < parcel->n_ops; i++) {
    g_clear_pointer(&parcel->cargo[i].before, g_free);
    if (!writer_before(executor->writer, parcel->ops[i], &parcel->cargo[i].before, error))
      return false;
  }
  return true;
}

// What a deletion takes away is kept, so that it can be given back; without that it is not sent.
static void read_before(Executor *executor, Batch *batch)
{
  for (guint i = 0; i < batch->parcels->len;) {
    g_autoptr(GError) fault = NULL;
    Parcel *parcel = batch->parcels->pdata[i];
    if (read_parcel(executor, parcel, &fault)) {
      i++;
      continue;
    }
    g_ptr_array_remove_index(batch->parcels, i);
    if (g_error_matches(fault, IDOU_ERROR, EXIT_HELD)) {
      flight_fail(executor, parcel, fault->message);
      continue;
    }
    executor->lost = true;
    flight_again(executor, parcel, fault->message);
  }
}

// Before the intent, with which they go to disk.
static void make_secrets(Executor *executor, Batch *batch)
{
  for (guint i = 0; i < batch->parcels->len;) {
    g_autoptr(GError) fault = NULL;
    Parcel *parcel = batch->parcels->pdata[i];
    if (seals_make(executor->course->setup, parcel, &fault)) {
      i++;
      continue;
    }
    g_ptr_array_remove_index(batch->parcels, i);
    flight_fail(executor, parcel, fault->message);
  }
}

static void send_batch(Executor *executor, const Batch *batch)
{
  Book *book = executor->course->book;
  for (guint i = 0; i < batch->locals->len; i++) {
    Ending *ending = &g_array_index(batch->locals, Ending, i);
    tell_ending(executor->course->report->problems, plan_op(book->plan, ending->n), ending);
    book_follow(book, ending->n, ending->stand);
    g_free(ending->detail);
  }
  for (guint i = 0; i < batch->parcels->len; i++) {
    Parcel *parcel = batch->parcels->pdata[i];
    parcel->intended = true;
    for (size_t j = 0; j < parcel->n_ops; j++)
      book_put(book, parcel->ops[j]->n, STAND_SENT);
    g_queue_push_tail(executor->prepared, parcel);
  }
}

static void give_back(Executor *executor, const Batch *batch)
{
  for (guint i = 0; i < batch->locals->len; i++)
    g_free(g_array_index(batch->locals, Ending, i).detail);
  for (guint i = 0; i < batch->parcels->len; i++)
    g_queue_push_tail(executor->loaded, batch->parcels->pdata[i]);
}

// Those of which something came to be held go out of it.
static void heed(Executor *executor, Batch *batch)
{
  heed_parcels(executor, batch->parcels);
  heed_locals(executor, batch->locals);
}

static bool commit(Executor *executor, Batch *batch, GError **error)
{
  bool news = true;
  while (news) {
    heed(executor, batch);
    if (!journal_commit(executor->course->journal, batch->parcels, batch->locals, &news, error))
      return false;
    executor->course->heeds |= news;
    heed(executor, batch);
    if (news)
      heed_all(executor);
  }
  return true;
}

static bool fill(Executor *executor, GError **error)
{
  Batch batch = {g_array_new(false, false, sizeof(Ending)),
                 g_array_new(false, false, sizeof(uint32_t)),
                 g_array_new(false, false, sizeof(uint32_t)), g_ptr_array_new()};
  Parcel *parcel = NULL;
  while ((parcel = g_queue_pop_head(executor->loaded)))
    g_ptr_array_add(batch.parcels, parcel);
  load_ready(executor, &batch);
  latch(executor, &batch);
  read_before(executor, &batch);
  make_secrets(executor, &batch);
  bool idle = batch.parcels->len == 0 && batch.locals->len == 0 &&
              journal_backlog(executor->course->journal) < INTENTS;
  bool written = idle || commit(executor, &batch, error);
  if (written)
    send_batch(executor, &batch);
  else
    give_back(executor, &batch);
  batch_clear(&batch);
  return written;
}

// ---------------------------------------------------------------------------------------------

// Early, so that the target has work while the journal syncs; but not for a few operations at a time,
// such as a chain lets out one by one.
static bool may_fill(const Executor *executor)
{
  guint window = (guint)MAX(executor->config->window, 1);
  return executor->prepared->length == 0 && !executor->lost && executor->doubtful->len == 0 &&
         (g_hash_table_size(executor->flying) <= window / 2 ||
          executor->course->book->ready->len >= window);
}

static bool has_parcels(const Executor *executor)
{
  return executor->loaded->length || executor->prepared->length || executor->later->len;
}

// A slow target's outcomes do not wait until there are many of them.
static bool keep_up(Executor *executor, GError **error)
{
  Course *course = executor->course;
  return journal_backlog(course->journal) == 0 || !progress_is_old(course->progress) ||
         journal_commit(course->journal, NULL, NULL, NULL, error);
}

// Until nothing is left to do, or nothing more may be sent.
static bool carry_out(Executor *executor, GError **error)
{
  bool written = true;
  for (;;) {
    flight_revive(executor);
    written = written && keep_up(executor, error);
    if (written && !executor_is_stopping(executor) && may_fill(executor))
      written = fill(executor, error);
    bool stopping = !written || executor_is_stopping(executor);
    if (stopping)
      flight_recall(executor);
    if (written)
      written = flight_send(executor, error);
    if (g_hash_table_size(executor->flying) > 0)
      flight_collect(executor);
    else if (executor->doubtful->len || (executor->lost && !stopping))
      flight_mend(executor);
    else if (stopping || (!has_parcels(executor) && !has_ready(executor)))
      return written;
    else if (executor->later->len && !executor->prepared->length && !has_ready(executor))
      retry_sleep(executor->course->setup, flight_wait_ms(executor));
  }
}

static Executor *executor_new(Course *course, const PlanSection *section)
{
  Executor *executor = g_new0(Executor, 1);
  executor->course = course;
  executor->section = section;
  executor->config = apply_config(course->setup, section->target);
  executor->open_until = INSTANT_NONE;
  executor->locks = locks_new(section);
  if (executor->config && target_has_transactions(executor->config))
    executor->persons = persons_new(section);
  executor->loaded = g_queue_new();
  executor->prepared = g_queue_new();
  executor->flying = g_hash_table_new(g_int64_hash, g_int64_equal);
  executor->doubtful = g_ptr_array_new();
  executor->later = g_ptr_array_new();
  return executor;
}

static void executor_free(Executor *executor)
{
  writer_close(executor->writer);
  latches_close(executor->latches);
  locks_free(executor->locks);
  persons_free(executor->persons);
  g_queue_free(executor->loaded);
  g_queue_free(executor->prepared);
  g_hash_table_unref(executor->flying);
  g_ptr_array_unref(executor->doubtful);
  g_ptr_array_unref(executor->later);
  g_free(executor->left_alone);
  g_free(executor->closed);
  g_free(executor);
}

static void tell_server(Executor *executor)
{
  const ApplySetup *setup = executor->course->setup;
  const char *server = executor->writer ? writer_server(executor->writer) : NULL;
  g_autofree char *written = server ? server_written(server, instant_now()) : NULL;
  if (written && setup->wrote)
    setup->wrote(executor->section->target, written, setup->wrote_data);
}

bool executor_run(Course *course, const PlanSection *section, GError **error)
{
  if (section->n_ops == 0)
    return true;
  Executor *executor = executor_new(course, section);
  progress_begin(course->progress, section);
  begin(executor);
  bool written = executor->left_alone || carry_out(executor, error);
  finish(executor);
  progress_last(course->progress);
  // The last outcomes; also after a disk was full, which may have room again.
  g_autoptr(GError) fault = NULL;
  if (!journal_commit(course->journal, NULL, NULL, NULL, &fault) && written) {
    g_propagate_error(error, g_steal_pointer(&fault));
    written = false;
  }
  journal_server(course->journal, NULL, NULL);
  tell_server(executor);
  executor_free(executor);
  return written;
}
