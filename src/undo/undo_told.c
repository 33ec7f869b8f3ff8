// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

#include <jansson.h>

// ---------------------------------------------------------------------------------------------
// An operation of which only the journal is left.

static const char *text_of(UndoPick *pick, const json_t *root, const char *key)
{
  const char *text = json_string_value(json_object_get(root, key));
  return text ? g_string_chunk_insert(pick->texts, text) : NULL;
}

const Op *told_op(UndoPick *pick, const Done *done)
{
  Op *op = g_new0(Op, 1);
  OpRow row;
  g_ptr_array_add(pick->owned, op);
  *op = (Op){.n = done->n, .kind = done->kind, .target = done->target, .object = done->object};
  if (store_op_get(pick->store, done->run->id, done->n, &row)) {
    op->person = row.person;
    op->cause = row.cause ? g_string_chunk_insert(pick->texts, row.cause) : NULL;
  }
  json_t *root = done->before ? json_loads(done->before, 0, NULL) : NULL;
  op->member = text_of(pick, root, "member");
  op->old_parent = text_of(pick, root, "parent");
  op->old_name = text_of(pick, root, "name");
  json_decref(root);
  return op;
}

// ---------------------------------------------------------------------------------------------
// An entry that was deleted.

static bool take_value(Buried *out, const json_t *json, OpValue *value)
{
  const char *base64 = json_string_value(json_object_get(json, "base64"));
  gsize n = json_string_length(json);
  char *bytes = base64                 ? (char *)g_base64_decode(base64, &n)
                : json_is_string(json) ? g_memdup2(json_string_value(json), n + 1)
                                       : NULL;
  if (!bytes)
    return false;
  g_ptr_array_add(out->owned, bytes);
  *value = (OpValue){VALUE_TEXT, bytes, n};
  return true;
}

static bool take_attribute(Buried *out, const char *name, const json_t *values)
{
  size_t n = json_array_size(values);
  OpValue *copy = g_new0(OpValue, n + 1);
  g_ptr_array_add(out->owned, copy);
  for (size_t i = 0; i < n; i++)
    if (!take_value(out, json_array_get(values, i), &copy[i]))
      return false;
  char *attribute = g_strdup(name);
  g_ptr_array_add(out->owned, attribute);
  OpChange change = {.attribute = attribute, .new_values = copy, .n_new = n};
  // The class first, as in every plan.
  guint at = g_ascii_strcasecmp(name, "objectClass") == 0 ? 0 : out->changes->len;
  if (n > 0)
    g_array_insert_val(out->changes, at, change);
  return true;
}

bool told_buried(const char *before, Buried *out)
{
  *out = (Buried){.changes = g_array_new(false, false, sizeof(OpChange)),
                  .owned = g_ptr_array_new_with_free_func(g_free)};
  json_t *root = before ? json_loads(before, 0, NULL) : NULL, *values;
  const char *name;
  out->dn = g_strdup(json_string_value(json_object_get(root, "dn")));
  out->id = g_strdup(json_string_value(json_object_get(root, "id")));
  bool told = out->dn != NULL && json_is_object(json_object_get(root, "attributes"));
  json_object_foreach(json_object_get(root, "attributes"), name, values) told =
      told && take_attribute(out, name, values);
  json_decref(root);
  return told;
}

void buried_clear(Buried *buried)
{
  g_free(buried->dn);
  g_free(buried->id);
  g_clear_pointer(&buried->changes, g_array_unref);
  g_clear_pointer(&buried->owned, g_ptr_array_unref);
}
