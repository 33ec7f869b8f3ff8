// SPDX-License-Identifier: GPL-3.0-or-later
#include "task_p.h"

Task *task_new(int64_t run, uint32_t n)
{
  Task *task = g_new0(Task, 1);
  task->run = run;
  task->numbers = g_array_new(false, false, sizeof(uint32_t));
  g_array_append_val(task->numbers, n);
  task->ended = g_array_new(false, false, sizeof(uint32_t));
  task->asked = task->due = task->done_on = task->changed = DATE_NONE;
  return task;
}

void task_free(void *data)
{
  Task *task = data;
  if (!task)
    return;
  g_array_unref(task->numbers);
  g_array_unref(task->ended);
  record_free(task->before);
  record_free(task->after);
  g_free(task->subject);
  g_free(task->reason);
  g_free(task->who);
  g_free(task->evidence);
  g_free(task->remark);
  g_free(task);
}

uint32_t task_n(const Task *task)
{
  return g_array_index(task->numbers, uint32_t, 0);
}

static const Record *one_of(const Task *task)
{
  return task->after ? task->after : task->before;
}

const char *task_id(const Task *task)
{
  return one_of(task)->stable_id;
}

const char *task_dn(const Task *task)
{
  return one_of(task)->dn;
}

bool task_is_waiting(const Task *task)
{
  return task->state == TASK_OPEN || task->state == TASK_ASSIGNED;
}

bool task_is_live(const Task *task)
{
  return task_is_waiting(task) || task->state == TASK_IMPOSSIBLE;
}

const char *task_state_name(TaskState state)
{
  static const char *const names[TASK_N_STATES] = {
      [TASK_OPEN] = "open",           [TASK_ASSIGNED] = "assigned",
      [TASK_DONE] = "done",           [TASK_IMPOSSIBLE] = "impossible",
      [TASK_WITHDRAWN] = "withdrawn",
  };
  return names[state];
}

static bool same_place(const char *a, const char *b)
{
  g_autoptr(GString) key_a = g_string_new(NULL), key_b = g_string_new(NULL);
  return place_key(a, strlen(a), key_a) && place_key(b, strlen(b), key_b) &&
         g_string_equal(key_a, key_b);
}

static bool has_all(const Record *a, const Record *b)
{
  Attr exact = {.match = MATCH_OCTETS};
  for (size_t i = 0; i < a->fields->len; i++) {
    const Field *field = &g_array_index(a->fields, Field, i);
    const Field *other = record_find(b, field->name);
    if (!other || other->values->len != field->values->len)
      return false;
    for (size_t j = 0; j < field->values->len; j++) {
      const Bytes *value = &g_array_index(field->values, Bytes, j);
      if (record_value(other, &exact, value->at, value->n) < 0)
        return false;
    }
  }
  return true;
}

bool task_same(const Record *a, const Record *b)
{
  if (!a || !b)
    return a == b;
  return a->fields->len == b->fields->len && g_str_equal(a->dn, b->dn) && has_all(a, b);
}

static bool is_off(const Record *record, const TargetConfig *config)
{
  const Field *field = record_find(record, config->disable_attribute);
  return field && record_value(field, &(Attr){.match = MATCH_IGNORE}, config->disable_value,
                               strlen(config->disable_value)) >= 0;
}

TaskDeed task_deed(const Task *task, const TargetConfig *config)
{
  if (!task->before || !task->after)
    return task->before ? DEED_DELETE : DEED_CREATE;
  if (config->disable_attribute && config->disable_value) {
    bool before = is_off(task->before, config), after = is_off(task->after, config);
    if (before != after)
      return after ? DEED_DISABLE : DEED_ENABLE;
  }
  return same_place(task->before->dn, task->after->dn) ? DEED_MODIFY : DEED_MOVE;
}

void task_set(char **text, const char *value)
{
  char *copy = value && *value ? g_strdup(value) : NULL;
  g_free(*text);
  *text = copy;
}
