// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

void apply_report_clear(ApplyReport *report)
{
  g_clear_pointer(&report->problems, findings_free);
  g_clear_pointer(&report->profile, g_free);
}

bool apply_goes_on(const RunRow *run)
{
  static const char *const due[] = {"running", "scheduled", "interrupted", NULL};
  return g_strv_contains(due, run->state);
}

bool apply_due(Store *store, RunRow *out)
{
  return store_run_last(store, out) && apply_goes_on(out);
}

char *apply_latch(const char *target, const char *object)
{
  return g_strjoin(" ", target, object, NULL);
}

const TargetConfig *apply_config(const ApplySetup *setup, const char *target)
{
  for (const TargetConfig *const *config = setup->targets; config && *config; config++)
    if (g_str_equal((*config)->name, target))
      return *config;
  return NULL;
}

void apply_watch(const ApplySetup *setup, const char *name, const Op *const *ops, size_t n_ops)
{
  if (setup->watch)
    setup->watch(&(ApplyStep){name, ops, n_ops}, setup->watch_data);
}

void apply_settle(Course *course, const Ending *ending)
{
  const Op *op = plan_op(course->setup->plan, ending->n);
  tell_ending(course->report->problems, op, ending);
  if (course->setup->passwords && seals_are_valid(ending))
    course->report->n_sealed += (int64_t)op_n_secrets(op);
  book_settle(course->book, ending);
}

// ---------------------------------------------------------------------------------------------
// The run.

static bool check(const ApplySetup *setup, GError **error)
{
  if (plan_head(setup->plan)->whatif) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("this plan answers a “what if” and cannot be applied; make one without --with"));
    return false;
  }
  for (size_t i = 0; i < plan_n_sections(setup->plan); i++) {
    const char *target = plan_section(setup->plan, i)->target;
    if (apply_config(setup, target))
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the plan has a part for target “%s”, which the site file does not know"),
                target);
    return false;
  }
  return true;
}

static bool add_run(const ApplySetup *setup, int64_t *run, GError **error)
{
  RunRow row = {.digest = plan_digest(setup->plan),
                .plan_path = setup->plan_path,
                .host = g_get_host_name(),
                .started = instant_now(),
                .ended = INSTANT_NONE,
                .state = "running",
                .desk = setup->desk};
  *run = store_run_add(setup->store, &row, error);
  return *run != 0;
}

static void note_count(GPtrArray *detail, const char *key, int64_t n)
{
  if (n == 0)
    return;
  g_ptr_array_add(detail, g_strdup(key));
  g_ptr_array_add(detail, g_strdup_printf("%" G_GINT64_FORMAT, n));
}

static bool note_begin(const ApplySetup *setup, int64_t run, bool goes_on, GError **error)
{
  g_autoptr(GPtrArray) detail = g_ptr_array_new_with_free_func(g_free);
  note_count(detail, AUDIT_RUN, run);
  note_count(detail, "operations", plan_n_ops(setup->plan));
  note_count(detail, AUDIT_AGAIN, goes_on);
  for (const char *const *at = setup->noted; at && at[0] && at[1]; at += 2) {
    if (*at[1] == '\0')
      continue;
    g_ptr_array_add(detail, g_strdup(at[0]));
    g_ptr_array_add(detail, g_strdup(at[1]));
  }
  g_ptr_array_add(detail, NULL);
  return audit_note(setup->store,
                    &(AuditNote){.what = AUDIT_BEGIN,
                                 .who = setup->by,
                                 .subject = plan_digest(setup->plan),
                                 .detail = (const char *const *)detail->pdata},
                    error);
}

// Within a transaction that stays open when all is well.
static bool begin_run(const ApplySetup *setup, int64_t *run, GError **error)
{
  RunRow last = {0};
  bool goes_on = store_run_by_digest(setup->store, plan_digest(setup->plan), &last) &&
                 !g_str_equal(last.state, "done");
  *run = goes_on ? last.id : 0;
  if (!store_begin(setup->store, error))
    return false;
  // It runs again: killed now, it is due. Of several copies of a plan the one applied last counts, since an
  // approval may lie beside that one only.
  bool begun = goes_on ? store_run_again(setup->store, *run, setup->plan_path, error)
                       : add_run(setup, run, error);
  if (begun && setup->begins)
    begun = setup->begins(setup->store, setup->plan, setup->begins_data, error);
  begun = begun && note_begin(setup, *run, goes_on, error);
  if (!begun)
    store_rollback(setup->store);
  return begun;
}

// What the run's earlier part came to. What failed then is tried again; what was left out only by whoever chooses anew,
// for the approval that said so may have ended since.
static bool remember(const OpRow *row, void *data)
{
  const Course *course = data;
  Book *book = course->book;
  Stand stand = STAND_WAITING;
  if (row->n == 0 || row->n > book->n_ops || !book_stand_of(row->state, &stand))
    return true;
  if (stand == STAND_DONE || stand == STAND_ALREADY)
    book_follow(book, row->n, STAND_ALREADY);
  else if (stand == STAND_SENT || stand == STAND_UNKNOWN)
    book_put(book, row->n, STAND_SENT);
  else if (stand == STAND_RECEIPT)
    book_follow(book, row->n, stand);
  else if (stand == STAND_SKIPPED && !course->setup->chosen)
    book_put(book, row->n, stand);
  return true;
}

// Who was at the end when the time was over is done.
static bool is_interrupted(const Course *course)
{
  const ApplyReport *report = course->report;
  const ApplySetup *setup = course->setup;
  return (setup->interrupted && *setup->interrupted) || report->stopped == TIMER_LEAPT ||
         (report->stopped == TIMER_OVER && report->n_left > 0) || course->is_lost ||
         report->opens != INSTANT_NONE;
}

static const char *judge_state(const Course *course)
{
  const ApplyCounts *total = &course->report->total;
  if (is_interrupted(course))
    return "interrupted";
  if (total->scheduled)
    return "scheduled";
  if (total->held)
    return "held";
  if (total->refused || total->failed || total->unknown || total->blocked || course->refuses)
    return "failed";
  return total->sent ? "receipts" : "done";
}

static ExitCode judge_exit(const Course *course)
{
  const ApplyCounts *total = &course->report->total;
  ExitCode exit = total->held ? EXIT_HELD : EXIT_DONE;
  if (total->refused || total->failed || total->unknown || course->refuses)
    exit = exit_worse(exit, EXIT_FAILED);
  return is_interrupted(course) ? exit_worse(exit, EXIT_INTERRUPTED) : exit;
}

// What it came to, and a digest of what the journal has of it.
static bool note_end(const ApplySetup *setup, const Course *course, GError **error)
{
  const ApplyCounts *total = &course->report->total;
  const struct {
    const char *key;
    int64_t n;
  } counts[] = {{"done", total->done},
                {"already", total->already},
                {"refused", total->refused},
                {"failed", total->failed},
                {"unknown", total->unknown},
                {"scheduled", total->scheduled},
                {"held", total->held},
                {"blocked", total->blocked},
                {"receipt", total->sent},
                {"skipped", total->skipped},
                {"sealed", course->report->n_sealed}};
  g_autoptr(GPtrArray) detail = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(detail, g_strdup("state"));
  g_ptr_array_add(detail, g_strdup(judge_state(course)));
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    note_count(detail, counts[i].key, counts[i].n);
  g_ptr_array_add(detail, NULL);
  return audit_note_run(setup->store,
                        &(AuditNote){.what = AUDIT_END,
                                     .who = setup->by,
                                     .subject = plan_digest(setup->plan),
                                     .detail = (const char *const *)detail->pdata},
                        course->report->run, error);
}

static bool end_run(const ApplySetup *setup, const Course *course, GError **error)
{
  if (!store_begin(setup->store, error))
    return false;
  if (store_run_end(setup->store, course->report->run, judge_state(course), error) &&
      note_end(setup, course, error))
    return store_commit(setup->store, error);
  store_rollback(setup->store);
  return false;
}

// What is left out is on disk before anything is sent: killed at once, the run goes on without it.
static bool leave_out(Course *course, GError **error)
{
  const GByteArray *chosen = course->chosen, *left = course->setup->left;
  g_autofree char *words = choice_words(course->setup);
  g_autofree char *left_words = choice_approved_words(course->setup);
  for (uint32_t n = 1; (chosen || left) && n <= course->book->n_ops; n++) {
    bool is_left = left && left->data[n - 1];
    if ((!is_left && (!chosen || chosen->data[n - 1])) ||
        book_stand(course->book, n) != STAND_WAITING)
      continue;
    book_put(course->book, n, STAND_SKIPPED);
    if (!journal_skip(course->journal, n, is_left ? left_words : words, error))
      return false;
  }
  return true;
}

// Ends the transaction in which the run began.
static bool take_up(Course *course, GByteArray **chosen, GError **error)
{
  Store *store = course->setup->store;
  bool taken = choice_keep(course->setup, chosen, error);
  course->chosen = *chosen ? *chosen : course->setup->chosen;
  if (taken && store_ops_each(store, course->report->run, remember, course, error) &&
      leave_out(course, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

static bool run_sections(Course *course, GError **error)
{
  const ApplySetup *setup = course->setup;
  course->progress = progress_new(course);
  journal_progress(course->journal, course->progress);
  for (size_t i = 0; i < plan_n_sections(setup->plan); i++)
    if (!executor_run(course, plan_section(setup->plan, i), error))
      return false;
  return true;
}

static void explain_journal(GError **error)
{
  g_prefix_error(error,
                 _("the journal cannot be written, so nothing more is sent; `idou resume` goes "
                   "on when it can: "));
  if (error && *error)
    (*error)->code = EXIT_INTERRUPTED;
}

bool apply_plan(const ApplySetup *asked, ApplyReport *report, GError **error)
{
  *report = (ApplyReport){.problems = findings_new(), .exit = EXIT_USAGE, .opens = INSTANT_NONE};
  if (!check(asked, error) || !begin_run(asked, &report->run, error))
    return false;
  // A clock that is set meanwhile is noticed in any case.
  Timer timer;
  timer_begin(&timer, INSTANT_OPEN);
  ApplySetup own = *asked;
  if (!own.timer)
    own.timer = &timer;
  const ApplySetup *setup = &own;
  g_autoptr(Journal) journal = journal_new(setup, report);
  g_autoptr(Book) book = book_new(setup->plan, journal);
  g_autoptr(GByteArray) chosen = NULL;
  Course course = {.setup = setup, .report = report, .book = book, .journal = journal};
  if (!take_up(&course, &chosen, error)) {
    report->run = 0;
    return false;
  }
  bool ended = run_sections(&course, error);
  course_tell_left(&course);
  book_count(book, &report->total, report->by_kind);
  ended = ended && end_run(setup, &course, error);
  report->exit = ended ? judge_exit(&course) : EXIT_INTERRUPTED;
  if (!ended)
    explain_journal(error);
  progress_free(course.progress);
  return ended;
}
