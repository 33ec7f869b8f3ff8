// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a task is about, in the words of its list.
#include "task_p.h"

#define ARROW " → "
#define JOINT "、"

static void clear_change(void *data)
{
  TaskChange *change = data;
  g_free(change->head);
  g_free(change->before);
  g_free(change->after);
}

static bool is_reference(const char *attribute)
{
  Attr attr = {.name = attribute, .match = MATCH_IGNORE};
  rules_attr(attribute, &attr);
  return attr.match == MATCH_DN;
}

bool task_name_of(const char *dn, GString *out)
{
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  if (!place_split(dn, &rdn_bytes, &parent))
    return false;
  g_autofree char *rdn = g_strndup(dn, rdn_bytes);
  const char *equals = strchr(rdn, '=');
  g_autofree char *plain = place_unescape(equals ? equals + 1 : rdn);
  g_string_append(out, plain);
  return true;
}

// Of a reference the name of what it refers to: people know no DNs.
static void append_value(GString *out, const char *attribute, const Bytes *value)
{
  if (!is_reference(attribute) || !task_name_of(value->at, out))
    g_string_append_len(out, value->at, (gssize)value->n);
}

static bool holds(const Field *field, const Bytes *value)
{
  return record_value(field, &(Attr){.match = MATCH_OCTETS}, value->at, value->n) >= 0;
}

// Those that the other side has not; all of them without one.
static char *values_text(const Record *record, const Record *other, const char *attribute)
{
  const Field *field = record ? record_find(record, attribute) : NULL;
  const Field *there = other ? record_find(other, attribute) : NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t i = 0; field && i < field->values->len; i++) {
    const Bytes *value = &g_array_index(field->values, Bytes, i);
    if (holds(there, value))
      continue;
    if (text->len)
      g_string_append(text, JOINT);
    append_value(text, attribute, value);
  }
  return text->len ? g_string_free(g_steal_pointer(&text), false) : NULL;
}

void task_value(const Task *task, const char *attribute, GString *out)
{
  g_autofree char *text = values_text(task->after ? task->after : task->before, NULL, attribute);
  g_string_append(out, text ? text : "");
}

static bool has_several(const Record *record, const char *attribute)
{
  const Field *field = record_find(record, attribute);
  return field && field->values->len > 1;
}

static void add_change(GArray *changes, const Task *task, const char *attribute, const char *head)
{
  const Record *before = task->before, *after = task->after;
  TaskChange change = {.before = values_text(before, after, attribute),
                       .after = values_text(after, before, attribute)};
  if (!change.before && !change.after)
    return;
  if (before && after)
    change.apart = !change.before || !change.after || is_reference(attribute) ||
                   has_several(before, attribute) || has_several(after, attribute);
  change.head = g_strdup(head);
  g_array_append_val(changes, change);
}

static bool is_shown(const TaskList *list, const char *attribute)
{
  for (size_t i = 0; list && i < list->shown->len; i++)
    if (g_ascii_strcasecmp(g_array_index(list->shown, TaskShown, i).attribute, attribute) == 0)
      return true;
  return g_ascii_strcasecmp(attribute, "objectClass") == 0;
}

// Attributes that no list names must not change in silence; of a new or old entry they are left out.
static void add_others(GArray *changes, const Task *task, const TaskList *list)
{
  const Record *sides[] = {task->before, task->after};
  for (size_t side = 0; side < G_N_ELEMENTS(sides); side++)
    for (size_t i = 0; i < sides[side]->fields->len; i++) {
      const char *name = g_array_index(sides[side]->fields, Field, i).name;
      bool told = side == 1 && record_find(task->before, name);
      if (!told && !is_shown(list, name))
        add_change(changes, task, name, name);
    }
}

static void add_place(GArray *changes, const Task *task, const TargetConfig *config)
{
  const TaskConfig *own = task_config_of(config);
  const TaskList *from = task_config_list(own, task->before->dn);
  const TaskList *to = task_config_list(own, task->after->dn);
  if (from == to)
    return;
  TaskChange change = {.head = g_strdup("一覧"),
                       .before = g_strdup(from ? from->title : ""),
                       .after = g_strdup(to ? to->title : "")};
  g_array_append_val(changes, change);
}

GArray *task_changes(const Task *task, const TargetConfig *config)
{
  GArray *changes = g_array_new(false, false, sizeof(TaskChange));
  const TaskList *list = task_config_list(task_config_of(config), task_dn(task));
  g_array_set_clear_func(changes, clear_change);
  for (size_t i = 0; list && i < list->shown->len; i++) {
    const TaskShown *shown = &g_array_index(list->shown, TaskShown, i);
    add_change(changes, task, shown->attribute, shown->head);
  }
  if (task->before && task->after) {
    add_others(changes, task, list);
    add_place(changes, task, config);
  }
  return changes;
}

const char *task_change_sign(const TaskChange *change, bool after)
{
  if (change->apart)
    return after ? (change->before ? JOINT "追加 " : "追加 ") : "削除 ";
  return after && change->before ? ARROW : "";
}

void task_changes_text(const GArray *changes, GString *out)
{
  for (size_t i = 0; i < changes->len; i++) {
    const TaskChange *change = &g_array_index(changes, TaskChange, i);
    g_string_append_printf(out, "%s%s: ", i ? " / " : "", change->head);
    if (change->before)
      g_string_append_printf(out, "%s%s", task_change_sign(change, false), change->before);
    if (change->after)
      g_string_append_printf(out, "%s%s", task_change_sign(change, true), change->after);
  }
}

void task_reason(const Task *task, GString *out)
{
  if (task->state == TASK_WITHDRAWN && task->instead_run) {
    g_string_append(out, "取下げ（");
    task_number_format(task->instead_run, task->instead_n, out);
    g_string_append(out, " に置換え）");
  } else if (task->state == TASK_WITHDRAWN) {
    g_string_append(out, "取下げ（不要になりました）");
  } else if (task->reason) {
    g_string_append(out, task->reason);
  }
}
