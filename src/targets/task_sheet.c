// SPDX-License-Identifier: GPL-3.0-or-later
//
// A team's list as a table for Excel, to be filled in and handed back.
#include "task_p.h"

#define LINE_END "\r\n"

// Heads of the columns that lists of this team have of their own, each once.
static GPtrArray *own_columns(const TaskConfig *own, const TaskTeam *team)
{
  GPtrArray *heads = g_ptr_array_new();
  for (size_t i = 0; i < own->lists->len; i++) {
    const TaskList *list = own->lists->pdata[i];
    for (size_t j = 0; list->team == team && j < list->shown->len; j++) {
      const TaskShown *shown = &g_array_index(list->shown, TaskShown, j);
      if (shown->column && !g_ptr_array_find_with_equal_func(heads, shown->head, g_str_equal, NULL))
        g_ptr_array_add(heads, (void *)shown->head);
    }
  }
  return heads;
}

static void put_cell(GString *out, const char *text)
{
  if (out->len && out->str[out->len - 1] != '\n')
    g_string_append_c(out, ',');
  escape_text(out, text, ESCAPE_CSV);
}

static void put_rest(GString *out, const char *text)
{
  g_string_append_c(out, ',');
  escape_text(out, text, ESCAPE_CSV);
}

static void put_date(GString *out, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  put_rest(out, text->str);
}

static void put_own(GString *out, const Task *task, const TaskList *list, const GPtrArray *heads)
{
  for (size_t i = 0; i < heads->len; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t j = 0; j < list->shown->len; j++) {
      const TaskShown *shown = &g_array_index(list->shown, TaskShown, j);
      if (shown->column && g_str_equal(shown->head, heads->pdata[i]))
        task_value(task, shown->attribute, text);
    }
    put_rest(out, text->str);
  }
}

static void put_row(GString *out, const Task *task, const TargetConfig *config,
                    const GPtrArray *heads)
{
  const TaskList *list = task_config_list(task_config_of(config), task_dn(task));
  g_autoptr(GString) number = g_string_new(NULL), content = g_string_new(NULL);
  g_autoptr(GString) reason = g_string_new(NULL);
  g_autoptr(GArray) changes = task_changes(task, config);
  task_number_format(task->run, task_n(task), number);
  task_changes_text(changes, content);
  task_reason(task, reason);
  put_cell(out, number->str);
  put_date(out, task->due);
  put_rest(out, list->title);
  put_rest(out, list->verbs[task_deed(task, config)]);
  put_rest(out, task->subject);
  put_own(out, task, list, heads);
  put_rest(out, content->str);
  put_rest(out, reason->str);
  put_rest(out, task->who);
  put_rest(out, task_state_word(task->state));
  put_date(out, task->done_on);
  put_rest(out, task->evidence);
  put_rest(out, task->remark);
  g_string_append(out, LINE_END);
}

void task_sheet_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                      GString *out)
{
  static const char *const first[] = {"作業番号", "期限", "一覧", "種別", "対象者"};
  static const char *const last[] = {"内容", "理由", "担当", "状態", "完了日", "確認", "備考"};
  g_autoptr(GPtrArray) heads = own_columns(task_config_of(config), team);
  for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
    put_cell(out, first[i]);
  for (size_t i = 0; i < heads->len; i++)
    put_rest(out, heads->pdata[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(last); i++)
    put_rest(out, last[i]);
  g_string_append(out, LINE_END);
  for (size_t i = 0; i < tasks->len; i++)
    put_row(out, tasks->pdata[i], config, heads);
}
