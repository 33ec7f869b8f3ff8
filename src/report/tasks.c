// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define N_COLUMNS 8

struct ReportTasks {
  json_t *list;  // NULL: as a table
  Sheet sheet;
  size_t n;
};

ReportTasks *report_tasks_new(bool json)
{
  ReportTasks *tasks = g_new0(ReportTasks, 1);
  tasks->list = json ? json_array() : NULL;
  sheet_open(&tasks->sheet, N_COLUMNS);
  return tasks;
}

static void put_date(json_t *object, const char *key, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  if (text->len > 0)
    json_object_set_new(object, key, json_string(text->str));
}

static json_t *task_json(const TaskView *task)
{
  const struct {
    const char *key, *text;
  } texts[] = {
      {"number", task->number},
      {"target", task->target},
      {"team", task->team},
      {"list", task->list},
      {"list_title", task->list_title},
      {"state", task_state_name(task->state)},
      {"verb", task->verb},
      {"subject", task->subject},
      {"content", task->content},
      {"reason", task->reason},
      {"who", task->who},
      {"evidence", task->evidence},
      {"remark", task->remark},
      {"instead", task->instead},
  };
  json_t *object = json_object();
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    if (*texts[i].text != '\0')
      json_object_set_new(object, texts[i].key, report_json_text(texts[i].text));
  put_date(object, "asked", task->asked);
  put_date(object, "due", task->due);
  put_date(object, "done", task->done_on);
  json_object_set_new(object, "late", json_boolean(task->late));
  return object;
}

static void add_row(Sheet *sheet, const TaskView *task)
{
  g_autoptr(GString) due = g_string_new(NULL);
  g_autofree char *what = g_strdup_printf("%s %s", task->list_title, task->verb);
  date_format(task->due, due);
  sheet_add(sheet, task->number);
  sheet_add(sheet, due->str);
  sheet_add(sheet, task->late ? _("late") : task_state_name(task->state));
  sheet_add(sheet, what);
  sheet_add(sheet, task->subject);
  sheet_add(sheet, task->content);
  sheet_add(sheet, task->who);
  sheet_add(sheet, *task->remark ? task->remark : task->evidence);
}

void report_tasks_add(ReportTasks *tasks, const TaskView *task)
{
  tasks->n++;
  if (tasks->list != NULL)
    json_array_append_new(tasks->list, task_json(task));
  else
    add_row(&tasks->sheet, task);
}

void report_tasks_end(ReportTasks *tasks, GString *out)
{
  if (tasks->list != NULL) {
    json_t *document = json_object();
    json_object_set_new(document, "tasks", tasks->list);
    report_json_dump(document, out);
  } else if (tasks->n > 0) {
    sheet_put(&tasks->sheet, 0, out);
  } else {
    g_string_append(out, _("there is nothing to do by hand\n"));
  }
  sheet_close(&tasks->sheet);
  g_free(tasks);
}
