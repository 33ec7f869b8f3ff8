// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tasks as commands see them.
#include "task_p.h"

bool tasks_are(const TargetConfig *config)
{
  return g_str_equal(config->type, task_type.name);
}

bool tasks_begin(const TargetConfig *config, GError **error)
{
  if (!task_book_make(config, error))
    return false;
  g_autoptr(TaskBook) book = task_book_open(config, true, error);
  return book && task_lists_write(book, config, error);
}

// Owned texts of a view.
typedef struct Texts {
  GString *number, *instead, *content, *reason;
} Texts;

static const char *or_empty(const char *text)
{
  return text ? text : "";
}

static void fill_texts(const Task *task, const TargetConfig *config, Texts *texts)
{
  g_autoptr(GArray) changes = task_changes(task, config);
  GString *const all[] = {texts->number, texts->instead, texts->content, texts->reason};
  for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
    g_string_truncate(all[i], 0);
  task_number_format(task->run, task_n(task), texts->number);
  if (task->instead_run)
    task_number_format(task->instead_run, task->instead_n, texts->instead);
  task_changes_text(changes, texts->content);
  task_reason(task, texts->reason);
}

static void view(const Task *task, const TargetConfig *config, const Texts *texts, TaskView *out)
{
  const TaskList *list = task_config_list(task_config_of(config), task_dn(task));
  const TaskTeam *team = list ? list->team : NULL;
  *out = (TaskView){
      .number = texts->number->str,
      .target = config->name,
      .team = team ? team->word : "",
      .team_title = team ? team->title : "",
      .list = list ? list->word : "",
      .list_title = list ? list->title : "",
      .state = task->state,
      .late = task_lists_is_late(task),
      .asked = task->asked,
      .due = task->due,
      .done_on = task->done_on,
      .verb = list ? list->verbs[task_deed(task, config)] : "",
      .subject = or_empty(task->subject),
      .content = texts->content->str,
      .reason = texts->reason->str,
      .who = or_empty(task->who),
      .evidence = or_empty(task->evidence),
      .remark = or_empty(task->remark),
      .instead = texts->instead->str,
  };
}

bool tasks_each(const TargetConfig *config, TaskFunc func, void *data, GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, false, error);
  if (!book)
    return false;
  g_autoptr(GPtrArray) tasks = task_lists_sorted(book, config, NULL);
  g_autoptr(GString) number = g_string_new(NULL), instead = g_string_new(NULL);
  g_autoptr(GString) content = g_string_new(NULL), reason = g_string_new(NULL);
  Texts texts = {number, instead, content, reason};
  for (size_t i = 0; i < tasks->len; i++) {
    TaskView seen;
    fill_texts(tasks->pdata[i], config, &texts);
    view(tasks->pdata[i], config, &texts, &seen);
    func(&seen, data);
  }
  return true;
}

bool tasks_number(const char *text, GString *out)
{
  int64_t run = 0;
  uint32_t n = 0;
  if (!task_number_parse(text, &run, &n))
    return false;
  task_number_format(run, n, out);
  return true;
}

static bool refuse(const char *number, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s: %s. Nothing was changed"), number, why);
  return false;
}

static bool report_one(TaskBook *book, const char *number, const TaskReport *report, GError **error)
{
  int64_t run = 0;
  uint32_t n = 0;
  bool changed = false;
  if (!task_number_parse(number, &run, &n))
    return refuse(number, _("this is no number of a task, or a digit of it is wrong"), error);
  Task *task = task_book_find(book, run, n);
  if (!task)
    return refuse(number, _("there is no task of this number"), error);
  if (report->state == TASK_OPEN)
    return task_report_reopen(book, task) ||
           refuse(number, _("it is neither impossible nor done, or a later task builds on it"),
                  error);
  bool cannot = report->state == TASK_IMPOSSIBLE;
  const TaskTold told = {.state = report->state,
                         .day = report->day,
                         .who = report->who,
                         .evidence = cannot ? NULL : report->evidence,
                         .remark = cannot ? report->evidence : NULL};
  TaskFault fault = task_report_take(book, task, &told, &changed);
  return fault == TASK_FINE || refuse(number, _(task_fault(fault)->text), error);
}

// Nothing is written before all have been found right.
bool tasks_report(const TargetConfig *config, const char *const *numbers, const TaskReport *report,
                  GError **error)
{
  g_autoptr(TaskBook) book = task_book_open(config, true, error);
  if (!book)
    return false;
  for (size_t i = 0; numbers[i]; i++)
    if (!report_one(book, numbers[i], report, error))
      return false;
  return task_book_compact(book, error) && task_lists_write(book, config, error);
}
