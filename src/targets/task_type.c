// SPDX-License-Identifier: GPL-3.0-or-later
//
// Work for hands as a target. An operation becomes a task on a team's list; a plan sees what stands when all tasks
// are done, so that nothing is asked for twice.
#include "task_p.h"

typedef struct Hands {
  const TargetConfig *config;
  TaskBook *book;
  Dit *now;
  GQueue *unanswered;  // Answer, of what is not on disk yet
  GQueue *answers;     // Answer
} Hands;

static Date today(void)
{
  return date_of_instant(instant_now());
}

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

static void hands_close(void *data)
{
  Hands *hands = data;
  if (!hands)
    return;
  g_clear_pointer(&hands->now, dit_free);
  task_book_close(hands->book);
  g_queue_free_full(hands->unanswered, free_answer);
  g_queue_free_full(hands->answers, free_answer);
  g_free(hands);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hands, hands_close)

static Hands *hands_open(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(Hands) hands = g_new0(Hands, 1);
  hands->config = config;
  hands->unanswered = g_queue_new();
  hands->answers = g_queue_new();
  hands->book = task_book_open(config, writes, error);
  if (!hands->book || !(hands->now = task_book_now(hands->book, error)))
    return NULL;
  return g_steal_pointer(&hands);
}

static bool fingerprint(void *data, GString *out, GError **error)
{
  const Hands *hands = data;
  (void)error;
  g_string_append_printf(out, "book=%s suffix=%s", task_book_id(hands->book), hands->config->base);
  return true;
}

// A list takes whatever a mapping says of an entry.
static bool describe(void *data, Schema *schema, GError **error)
{
  (void)data;
  (void)error;
  for (size_t id = 0; id < schema_count(schema); id++) {
    Attr *attr = schema_at(schema, (AttrId)id);
    rules_attr(attr->name, attr);
    attr->known = true;
    attr->no_equality = false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Reading

static void *reader_open_task(const TargetConfig *config, GError **error)
{
  return hands_open(config, false, error);
}

static bool reader_schema_task(void *data, Schema *schema, GPtrArray *classes, GError **error)
{
  if (classes)
    g_ptr_array_add(classes, g_strdup("task"));
  return describe(data, schema, error);
}

static bool reader_read_task(void *data, const Scope *scope, const Schema *schema,
                             ObservedFunc func, void *func_data, size_t *n_entries, GError **error)
{
  const Hands *hands = data;
  return dit_read(hands->now, &(DitReading){hands->config, scope, schema, func, func_data},
                  n_entries, error);
}

// ---------------------------------------------------------------------------------------------
// Writing

static void *writer_open_task(const TargetConfig *config, GError **error)
{
  Hands *hands = hands_open(config, true, error);
  if (!hands && error && *error && (*error)->code == EXIT_UNREAD)
    (*error)->code = EXIT_FAILED;
  return hands;
}

// The plan's words are the operators'; those who work with their hands read their own language.
static char *reason_of(const Op *op)
{
  static const struct {
    const char *cause, *words;
  } causes[] =
      {
          {"hire", "採用"},       {"retire", "退職"},
          {"return", "復帰"},     {"leave", "休業等"},
          {"move", "異動"},       {"promote", "昇任等"},
          {"rename", "氏名変更"}, {"relabel", "組織の名称・コード変更"},
      },
    starts[] = {{"on leave since ", "休業等 "},
                {"on secondment since ", "派遣 "},
                {"ended ", "終了 "},
                {"left ", "退職 "},
                {"order ", "発令 "}};
  for (size_t i = 0; op->cause && i < G_N_ELEMENTS(causes); i++)
    if (g_str_equal(causes[i].cause, op->cause))
      return g_strdup(causes[i].words);
  const char *why = op->why ? op->why : "";
  for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
    if (g_str_has_prefix(why, starts[i].cause)) {
      g_autofree char *clause = g_strndup(why, strcspn(why, ","));
      return g_strconcat(starts[i].words, strrchr(clause, ' ') + 1, NULL);
    }
  return g_strdup(why);
}

// What it is about: of members that come and go the list that they are in.
static void set_subject(Task *task, const Op *op)
{
  g_autoptr(GString) name = g_string_new(NULL);
  bool named = op_traits(op->kind)->edge && task_name_of(task_dn(task), name);
  task_set(&task->subject, named ? name->str : op->label ? op->label : op->object);
}

static Task *make_task(const Hands *hands, const Request *request, Record *before, Record *after)
{
  const Op *op = request->op;
  Task *task = task_new(request->run, g_array_index(request->numbers, uint32_t, 0));
  g_array_set_size(task->numbers, 0);
  g_array_append_vals(task->numbers, request->numbers->data, request->numbers->len);
  task->before = before;
  task->after = after;
  set_subject(task, op);
  g_autofree char *reason = reason_of(op);
  task_set(&task->reason, reason);
  task->asked = task->changed = today();
  const TaskList *list = task_config_list(task_config_of(hands->config), task_dn(task));
  Date day = op->not_before == INSTANT_NONE ? today() : date_of_instant(op->not_before);
  task->due = day + (list ? list->days[task_deed(task, hands->config)] : 0);
  return task;
}

// The new one takes the place of the one before, and who was at it goes on; a deadline does not move away.
static void replace(const Hands *hands, Task *live, Task *task)
{
  bool same = task_deed(live, hands->config) == task_deed(task, hands->config);
  if (live->state == TASK_ASSIGNED) {
    task->state = TASK_ASSIGNED;
    task_set(&task->who, live->who);
  }
  if (same && task_is_waiting(live))
    task->due = MIN(task->due, live->due);
  live->instead_run = task->run;
  live->instead_n = task_n(task);
}

static void withdraw(Task *live)
{
  // Of what was impossible the journal has an end already, or gets that of now.
  if (live->state != TASK_IMPOSSIBLE)
    live->told = false;
  live->state = TASK_WITHDRAWN;
  live->changed = today();
}

// Nobody is asked for what takes it back: a run that is killed before it knows so hears of it as of a task.
static void take_back(Hands *hands, Task *live, const Request *request)
{
  live->ended_run = request->run;
  g_array_append_vals(live->ended, request->numbers->data, request->numbers->len);
  live->told = false;
  withdraw(live);
  task_book_step(hands->book, &live, 1);
}

// What one run wants of an entry in several operations, nobody having seen the first yet, is one task.
static void go_on(Hands *hands, Task *task, const Request *request, Record *after)
{
  g_array_append_vals(task->numbers, request->numbers->data, request->numbers->len);
  record_free(task->after);
  task->after = after;
  task_book_step(hands->book, &task, 1);
}

static void ask_anew(Hands *hands, Task *task, Task *live)
{
  if (live) {
    replace(hands, live, task);
    withdraw(live);
  }
  task_book_add(hands->book, task);
  Task *tasks[] = {task, live};
  task_book_step(hands->book, tasks, live ? 2 : 1);
}

// *sent false: nothing is left for anybody to do. Takes the records.
static void ask(Hands *hands, const Request *request, Record *before, Record *after, bool *sent)
{
  Task *live = task_book_live(hands->book, after ? after->stable_id : before->stable_id);
  if (live) {
    record_free(before);
    before = live->before ? record_copy(live->before) : NULL;
  }
  *sent = !task_same(before, after);
  if (*sent && live && live->run == request->run && task_is_waiting(live)) {
    go_on(hands, live, request, after);
    record_free(before);
  } else if (*sent) {
    ask_anew(hands, make_task(hands, request, before, after), live);
  } else {
    record_free(before);
    record_free(after);
    if (live)
      take_back(hands, live, request);
  }
}

// A list is read by many.
static const char *unfit(const Hands *hands, const Request *request)
{
  if (!task_config_list(task_config_of(hands->config), request->dn))
    return _("the place is in none of the target's lists");
  for (size_t i = 0; i < request->mods->len; i++)
    if (record_is_secret(g_array_index(request->mods, Mod, i).attribute))
      return _("a list for hands takes no passwords");
  return request->op ? NULL : _("it is no operation of a plan");
}

static const Record *entry_of(const Hands *hands, const Request *request)
{
  return request->kind == REQUEST_ADD ? NULL : dit_at_dn(hands->now, request->dn);
}

static void carry_out(Hands *hands, const Request *request, Answer *answer)
{
  const char *text = unfit(hands, request);
  if (text) {
    answer->code = LDAP_UNWILLING_TO_PERFORM;
    answer->text = g_strdup(text);
    return;
  }
  const Record *touched = NULL, *there = entry_of(hands, request);
  g_autoptr(Record) before = there ? record_copy(there) : NULL;
  answer->code = dit_execute(hands->now, request, &text, &touched);
  answer->text = g_strdup(text);
  if (answer->code != LDAP_SUCCESS)
    return;
  const Record *now = touched ? touched : dit_with_id(hands->now, before->stable_id);
  if (touched)
    answer->stable_id = g_strdup(touched->stable_id);
  ask(hands, request, g_steal_pointer(&before), now ? record_copy(now) : NULL, &answer->sent);
  if (!answer->sent)
    answer->text = g_strdup(_("taken back before anybody did it"));
}

static bool writer_send_task(void *data, const Request *request, uint64_t token, GError **error)
{
  Hands *hands = data;
  (void)error;
  Answer *answer = g_new0(Answer, 1);
  answer->token = token;
  carry_out(hands, request, answer);
  g_queue_push_tail(hands->unanswered, answer);
  return true;
}

// One writing for all that were sent together.
static void answer_all(Hands *hands)
{
  g_autoptr(GError) failure = NULL;
  bool written = task_book_flush(hands->book, &failure);
  for (Answer *answer = NULL; (answer = g_queue_pop_head(hands->unanswered));) {
    answer->lost = !written;
    g_queue_push_tail(hands->answers, answer);
  }
  if (failure)
    log_note(LOG_NORMAL, "%s", failure->message);
}

static bool writer_receive_task(void *data, int timeout_ms, Answer *out, bool *got, GError **error)
{
  Hands *hands = data;
  (void)timeout_ms;
  (void)error;
  if (g_queue_is_empty(hands->answers) && !g_queue_is_empty(hands->unanswered))
    answer_all(hands);
  g_autofree Answer *answer = g_queue_pop_head(hands->answers);
  *got = answer != NULL;
  if (answer)
    *out = *answer;
  return true;
}

static void writer_forget_task(void *data, uint64_t token)
{
  (void)data;
  (void)token;
}

// What is in memory only never was.
static bool writer_reconnect_task(void *data, GError **error)
{
  Hands *hands = data;
  g_queue_clear_full(hands->unanswered, free_answer);
  g_clear_pointer(&hands->now, dit_free);
  return task_book_reload(hands->book, error) &&
         (hands->now = task_book_now(hands->book, error)) != NULL;
}

static bool writer_fetch_task(void *data, const char *dn, const char *stable_id,
                              const char *attribute, Record **out, GError **error)
{
  const Hands *hands = data;
  (void)attribute;
  (void)error;
  const Record *record = stable_id ? dit_with_id(hands->now, stable_id) : dit_at_dn(hands->now, dn);
  *out = record ? record_copy(record) : NULL;
  return true;
}

static bool writer_compare_task(void *data, const char *dn, const char *attribute,
                                const char *value, bool *out, GError **error)
{
  const Hands *hands = data;
  (void)error;
  const Record *record = dit_at_dn(hands->now, dn);
  *out = record && dit_has_value(hands->now, record, attribute, value);
  return true;
}

static bool writer_finish_task(void *data, GError **error)
{
  Hands *hands = data;
  return task_book_compact(hands->book, error) &&
         task_lists_write(hands->book, hands->config, error);
}

// ---------------------------------------------------------------------------------------------
// What came back

static void note_late(const TaskBook *book, const TargetConfig *config, Findings *findings)
{
  const TaskConfig *own = task_config_of(config);
  for (size_t i = 0; i < own->teams->len; i++) {
    const TaskTeam *team = &g_array_index(own->teams, TaskTeam, i);
    g_autoptr(GPtrArray) tasks = task_lists_sorted(book, config, team);
    g_autoptr(GString) first = g_string_new(NULL);
    size_t n_late = 0;
    for (size_t j = 0; j < tasks->len; j++)
      n_late += task_lists_is_late(tasks->pdata[j]);
    if (n_late == 0)
      continue;
    const Task *task = tasks->pdata[0];
    task_number_format(task->run, task_n(task), first);
    g_string_append_printf(first, " (%s, ", task->subject);
    date_format(task->due, first);
    g_string_append_c(first, ')');
    findings_add(findings,
                 &(Finding){.level = FINDING_WARNING, .code = "task-late", .subject = team->title},
                 ngettext("%zu task of team %s in %s is over its deadline: %s",
                          "%zu tasks of team %s in %s are over their deadline, first %s",
                          (unsigned long)n_late),
                 n_late, team->word, config->name, first->str);
  }
}

static bool take_in_task(const TargetConfig *config, Findings *findings, GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, true, error);
  if (!book || !task_return_take(book, config, findings, error) ||
      !task_book_compact(book, error) || !task_lists_write(book, config, error))
    return false;
  note_late(book, config, findings);
  return true;
}

// Who says so, when, and what there is to see of it.
static char *detail_of(const Task *task)
{
  g_autoptr(GString) text = g_string_new(NULL);
  task_number_format(task->run, task_n(task), text);
  if (task->state == TASK_WITHDRAWN) {
    g_string_append(text, _(": taken back before anybody did it"));
    if (task->instead_run) {
      g_string_append(text, _("; in its place stands "));
      task_number_format(task->instead_run, task->instead_n, text);
    }
    return g_string_free(g_steal_pointer(&text), false);
  }
  g_string_append_printf(text, ": %s", task_state_name(task->state));
  if (task->state == TASK_DONE && task->done_on != DATE_NONE) {
    g_string_append_c(text, ' ');
    date_format(task->done_on, text);
  }
  if (task->who)
    g_string_append_printf(text, _(" by %s"), task->who);
  const char *words = task->evidence ? task->evidence : task->remark;
  if (words)
    g_string_append_printf(text, ": %s", words);
  return g_string_free(g_steal_pointer(&text), false);
}

static bool is_over(const Task *task)
{
  return !task_is_waiting(task);
}

static bool tell_each(const GArray *numbers, Settled *settled, SettledFunc func, void *data,
                      GError **error)
{
  for (size_t i = 0; i < numbers->len; i++) {
    settled->n = g_array_index(numbers, uint32_t, i);
    if (!func(settled, data, error))
      return false;
  }
  return true;
}

// What was taken back counts as settled: nothing is left to do of it, and nobody failed. What cannot be done stays in
// what a plan sees, so its entry keeps its identity.
static bool tell(const Task *task, SettledFunc func, void *data, GError **error)
{
  static const OutcomeKind kinds[TASK_N_STATES] = {
      [TASK_DONE] = OUTCOME_DONE,
      [TASK_IMPOSSIBLE] = OUTCOME_REFUSED,
      [TASK_WITHDRAWN] = OUTCOME_ALREADY,
  };
  g_autofree char *detail = detail_of(task);
  Settled settled = {.run = task->run, .kind = kinds[task->state], .detail = detail};
  Settled ended = {.run = task->ended_run, .kind = OUTCOME_DONE, .detail = detail};
  if (task->after && task->state != TASK_WITHDRAWN && !task->before)
    settled.stable_id = task->after->stable_id;
  return tell_each(task->numbers, &settled, func, data, error) &&
         tell_each(task->ended, &ended, func, data, error);
}

static bool receipts_task(const TargetConfig *config, SettledFunc func, void *data, GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, false, error);
  if (!book)
    return false;
  const GPtrArray *tasks = task_book_tasks(book);
  for (size_t i = 0; i < tasks->len; i++) {
    const Task *task = tasks->pdata[i];
    if (is_over(task) && !task->told && !tell(task, func, data, error))
      return false;
  }
  return true;
}

static bool receipts_kept_task(const TargetConfig *config, GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, true, error);
  if (!book)
    return false;
  const GPtrArray *tasks = task_book_tasks(book);
  bool any = false;
  for (size_t i = 0; i < tasks->len; i++) {
    Task *task = tasks->pdata[i];
    if (!is_over(task) || task->told)
      continue;
    task->told = any = true;
    task_book_step(book, &task, 1);
  }
  return !any || task_book_compact(book, error);
}

static void settle_one(TaskBook *book, const Settled *settled)
{
  Task *task = task_book_find(book, settled->run, settled->n);
  const TaskTold told = {.state = TASK_DONE, .day = today(), .evidence = "idou receipts settle"};
  bool changed = false;
  if (!task || !task_is_live(task))
    return;
  if (settled->kind == OUTCOME_DONE)
    task_report_take(book, task, &told, &changed);
  else
    task_report_drop(book, task);
}

static bool settle_task(const TargetConfig *config, const GArray *settled, GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, true, error);
  for (size_t i = 0; book && i < settled->len; i++)
    settle_one(book, &g_array_index(settled, Settled, i));
  return book && task_book_compact(book, error) && task_lists_write(book, config, error);
}

const TargetType task_type = {
    .name = "task",
    .keys = task_config_keys,
    .configure = task_config_read,
    .unconfigure = task_config_free,
    .reader_open = reader_open_task,
    .reader_close = hands_close,
    .reader_fingerprint = fingerprint,
    .reader_schema = reader_schema_task,
    .reader_read = reader_read_task,
    .writer_open = writer_open_task,
    .writer_close = hands_close,
    .writer_fingerprint = fingerprint,
    .writer_schema = describe,
    .writer_send = writer_send_task,
    .writer_receive = writer_receive_task,
    .writer_forget = writer_forget_task,
    .writer_reconnect = writer_reconnect_task,
    .writer_fetch = writer_fetch_task,
    .writer_compare = writer_compare_task,
    .writer_finish = writer_finish_task,
    .take_in = take_in_task,
    .receipts = receipts_task,
    .receipts_kept = receipts_kept_task,
    .settle = settle_task,
};
