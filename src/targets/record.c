// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <jansson.h>

static void clear_value(void *value)
{
  g_free((char *)((Bytes *)value)->at);
}

static void clear_field(void *field)
{
  g_array_unref(((Field *)field)->values);
}

Record *record_new(const char *dn, size_t n_bytes)
{
  Record *record = g_new0(Record, 1);
  record->dn = g_strndup(dn, n_bytes);
  record->stable_id = g_strdup("");
  record->fields = g_array_new(false, false, sizeof(Field));
  g_array_set_clear_func(record->fields, clear_field);
  return record;
}

Record *record_copy(const Record *record)
{
  Record *copy = record_new(record->dn, strlen(record->dn));
  record_set_stable_id(copy, record->stable_id, strlen(record->stable_id));
  for (size_t i = 0; i < record->fields->len; i++) {
    const Field *field = &g_array_index(record->fields, Field, i);
    for (size_t j = 0; j < field->values->len; j++) {
      const Bytes *value = &g_array_index(field->values, Bytes, j);
      record_add(copy, field->name, value->at, value->n);
    }
  }
  return copy;
}

void record_free(Record *record)
{
  if (!record)
    return;
  g_array_unref(record->fields);
  g_free(record->dn);
  g_free(record->stable_id);
  g_free(record);
}

void record_set_dn(Record *record, const char *dn)
{
  g_free(record->dn);
  record->dn = g_strdup(dn);
}

void record_set_stable_id(Record *record, const char *id, size_t n_bytes)
{
  g_free(record->stable_id);
  record->stable_id = g_strndup(id, n_bytes);
}

Field *record_find(const Record *record, const char *name)
{
  for (size_t i = 0; i < record->fields->len; i++) {
    Field *field = &g_array_index(record->fields, Field, i);
    if (g_ascii_strcasecmp(field->name, name) == 0)
      return field;
  }
  return NULL;
}

Field *record_field(Record *record, const char *name)
{
  Field *found = record_find(record, name);
  if (found)
    return found;
  Field field = {g_intern_string(name), g_array_new(false, false, sizeof(Bytes))};
  g_array_set_clear_func(field.values, clear_value);
  g_array_append_val(record->fields, field);
  return &g_array_index(record->fields, Field, record->fields->len - 1);
}

void record_add(Record *record, const char *name, const char *bytes, size_t n_bytes)
{
  char *copy = g_malloc(n_bytes + 1);
  memcpy(copy, bytes, n_bytes);
  copy[n_bytes] = '\0';
  Bytes value = {n_bytes, copy};
  g_array_append_val(record_field(record, name)->values, value);
}

static void remove_field(Record *record, const Field *field)
{
  g_array_remove_index(record->fields, (unsigned)(field - (Field *)record->fields->data));
}

void record_remove_value(Record *record, const char *name, size_t i)
{
  Field *field = record_find(record, name);
  if (!field)
    return;
  g_array_remove_index(field->values, (unsigned)i);
  if (!field->values->len)
    remove_field(record, field);
}

void record_remove(Record *record, const char *name)
{
  Field *field = record_find(record, name);
  if (field)
    remove_field(record, field);
}

ssize_t record_value(const Field *field, const Attr *attr, const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; field && i < field->values->len; i++) {
    const Bytes *value = &g_array_index(field->values, Bytes, i);
    if (schema_equal(attr, value->at, value->n, bytes, n_bytes))
      return (ssize_t)i;
  }
  return -1;
}

bool record_is_secret(const char *attribute)
{
  static const char *const names[] = {"authPassword", "sambaNTPassword", "sambaLMPassword",
                                      "pwdHistory",   "unicodePwd",      "userPKCS12"};
  g_autofree char *lower = g_ascii_strdown(attribute, -1);
  size_t bare = strcspn(lower, ";");
  lower[bare] = '\0';
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (g_ascii_strcasecmp(lower, names[i]) == 0)
      return true;
  return g_str_has_suffix(lower, "password") ||
         (g_str_has_prefix(lower, "krb") && strstr(lower, "key"));
}

static json_t *value_json(const Bytes *value)
{
  json_t *text = json_stringn(value->at, value->n);
  if (text)
    return text;
  g_autofree char *base64 = g_base64_encode((const unsigned char *)value->at, value->n);
  return json_pack("{s:s}", "base64", base64);
}

static char *dump(json_t *root)
{
  char *dumped = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
  json_decref(root);
  char *text = g_strdup(dumped);
  free(dumped);
  return text;
}

char *record_json(const Record *record)
{
  json_t *attributes = json_object();
  for (size_t i = 0; i < record->fields->len; i++) {
    const Field *field = &g_array_index(record->fields, Field, i);
    if (record_is_secret(field->name))
      continue;
    json_t *values = json_array();
    for (size_t j = 0; j < field->values->len; j++)
      json_array_append_new(values, value_json(&g_array_index(field->values, Bytes, j)));
    json_object_set_new(attributes, field->name, values);
  }
  json_t *root = json_pack("{s:s, s:s, s:o}", "dn", record->dn, "id", record->stable_id,
                           "attributes", attributes);
  return dump(root);
}

static json_t *old_attributes(const Op *op)
{
  json_t *attributes = json_object();
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    if (change->n_old == 0 || record_is_secret(change->attribute))
      continue;
    json_t *values = json_array();
    for (size_t j = 0; j < change->n_old; j++) {
      Bytes value = {change->old_values[j].n, change->old_values[j].bytes};
      json_array_append_new(values, value_json(&value));
    }
    json_object_set_new(attributes, change->attribute, values);
  }
  return attributes;
}

static void set_text(json_t *object, const char *key, const char *text)
{
  if (text)
    json_object_set_new(object, key, json_string(text));
}

char *op_old_json(const Op *op)
{
  json_t *root = json_object();
  json_t *attributes = old_attributes(op);
  set_text(root, "member", op->member);
  set_text(root, "parent", op->old_parent);
  set_text(root, "name", op->old_name);
  if (json_object_size(attributes) > 0)
    json_object_set(root, "attributes", attributes);
  json_decref(attributes);
  if (json_object_size(root) > 0)
    return dump(root);
  json_decref(root);
  return NULL;
}
