// SPDX-License-Identifier: GPL-3.0-or-later
//
// Tasks and entries as lines of the book.
#include "task_p.h"

#include <jansson.h>

static const char *text_of(const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  return value ? json_string_value(value) : NULL;
}

static void put_text(json_t *object, const char *key, const char *text)
{
  if (text)
    json_object_set_new(object, key, json_string(text));
}

static void put_date(json_t *object, const char *key, Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  if (text->len)
    put_text(object, key, text->str);
}

static Date date_of_json(const json_t *object, const char *key)
{
  Date date = DATE_NONE;
  const char *text = text_of(object, key);
  return text && date_parse_iso(text, &date) ? date : DATE_NONE;
}

json_t *task_json_record(const Record *record)
{
  g_autofree char *text = record_json(record);
  return json_loads(text, 0, NULL);
}

static bool read_value(const json_t *value, const char *name, Record *record)
{
  const char *base64 = json_is_object(value) ? text_of(value, "base64") : NULL;
  if (json_is_string(value)) {
    record_add(record, name, json_string_value(value), json_string_length(value));
  } else if (base64) {
    gsize n_bytes = 0;
    g_autofree unsigned char *bytes = g_base64_decode(base64, &n_bytes);
    record_add(record, name, (const char *)bytes, n_bytes);
  }
  return json_is_string(value) || base64;
}

Record *task_json_read_record(const json_t *json)
{
  const char *dn = text_of(json, "dn"), *id = text_of(json, "id");
  json_t *attributes = json_object_get(json, "attributes");
  if (!dn || !id || !*id || !json_is_object(attributes))
    return NULL;
  g_autoptr(Record) record = record_new(dn, strlen(dn));
  record_set_stable_id(record, id, strlen(id));
  const char *name = NULL;
  const json_t *values = NULL;
  json_object_foreach(
      attributes, name,
      values) for (size_t i = 0; i < json_array_size(values);
                   i++) if (!read_value(json_array_get(values, i), name, record)) return NULL;
  return g_steal_pointer(&record);
}

static const struct {
  const char *key;
  size_t at;
} texts[] =
    {
        {"subject", offsetof(Task, subject)}, {"reason", offsetof(Task, reason)},
        {"who", offsetof(Task, who)},         {"evidence", offsetof(Task, evidence)},
        {"remark", offsetof(Task, remark)},
},
  dates[] = {
      {"asked", offsetof(Task, asked)},
      {"due", offsetof(Task, due)},
      {"done", offsetof(Task, done_on)},
      {"changed", offsetof(Task, changed)},
};

static void put_numbers(json_t *object, const char *key, const GArray *numbers)
{
  json_t *list = json_array();
  for (size_t i = 0; i < numbers->len; i++)
    json_array_append_new(list, json_integer(g_array_index(numbers, uint32_t, i)));
  json_object_set_new(object, key, list);
}

static void read_numbers(const json_t *object, const char *key, GArray *out)
{
  const json_t *list = json_object_get(object, key);
  g_array_set_size(out, 0);
  for (size_t i = 0; i < json_array_size(list); i++) {
    uint32_t number = (uint32_t)json_integer_value(json_array_get(list, i));
    g_array_append_val(out, number);
  }
}

json_t *task_json(const Task *task)
{
  json_t *json = json_pack("{s:I, s:s, s:b}", "run", (json_int_t)task->run, "state",
                           task_state_name(task->state), "told", task->told);
  put_numbers(json, "numbers", task->numbers);
  if (task->ended_run) {
    json_object_set_new(json, "ended_run", json_integer(task->ended_run));
    put_numbers(json, "ended", task->ended);
  }
  if (task->before)
    json_object_set_new(json, "before", task_json_record(task->before));
  if (task->after)
    json_object_set_new(json, "after", task_json_record(task->after));
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    put_text(json, texts[i].key, G_STRUCT_MEMBER(char *, task, texts[i].at));
  for (size_t i = 0; i < G_N_ELEMENTS(dates); i++)
    put_date(json, dates[i].key, G_STRUCT_MEMBER(Date, task, dates[i].at));
  if (task->instead_run) {
    json_object_set_new(json, "instead_run", json_integer(task->instead_run));
    json_object_set_new(json, "instead_n", json_integer(task->instead_n));
  }
  return json;
}

static bool read_state(const char *name, TaskState *out)
{
  for (int state = 0; name && state < TASK_N_STATES; state++)
    if (g_str_equal(name, task_state_name((TaskState)state))) {
      *out = (TaskState)state;
      return true;
    }
  return false;
}

static bool read_records(const json_t *json, Task *task)
{
  const json_t *before = json_object_get(json, "before"), *after = json_object_get(json, "after");
  task->before = before ? task_json_read_record(before) : NULL;
  task->after = after ? task_json_read_record(after) : NULL;
  return (before || after) && !before == !task->before && !after == !task->after;
}

Task *task_json_read(const json_t *json)
{
  if (json_array_size(json_object_get(json, "numbers")) == 0)
    return NULL;
  Task *task = task_new(json_integer_value(json_object_get(json, "run")), 0);
  read_numbers(json, "numbers", task->numbers);
  read_numbers(json, "ended", task->ended);
  task->ended_run = json_integer_value(json_object_get(json, "ended_run"));
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    task_set(&G_STRUCT_MEMBER(char *, task, texts[i].at), text_of(json, texts[i].key));
  for (size_t i = 0; i < G_N_ELEMENTS(dates); i++)
    G_STRUCT_MEMBER(Date, task, dates[i].at) = date_of_json(json, dates[i].key);
  task->instead_run = json_integer_value(json_object_get(json, "instead_run"));
  task->instead_n = (uint32_t)json_integer_value(json_object_get(json, "instead_n"));
  task->told = json_is_true(json_object_get(json, "told"));
  if (read_state(text_of(json, "state"), &task->state) && read_records(json, task))
    return task;
  task_free(task);
  return NULL;
}
