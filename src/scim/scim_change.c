// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a change makes of a resource, and how a PATCH says it (RFC 7644 3.5.2). Both come from the same place, so that a
// server with PATCH and one without end with the same.
#include "scim_p.h"

#include <string.h>

static void free_wiped(void *text)
{
  explicit_bzero(text, strlen(text));
  g_free(text);
}

void scim_change_free(void *data)
{
  ScimChange *change = data;
  g_free(change->attribute);
  g_ptr_array_unref(change->gone);
  g_ptr_array_unref(change->come);
  g_free(change);
}

ScimChange *scim_change_in(GPtrArray *changes, const char *attribute)
{
  for (guint i = 0; i < changes->len; i++) {
    ScimChange *change = changes->pdata[i];
    if (g_ascii_strcasecmp(change->attribute, attribute) == 0)
      return change;
  }
  ScimChange *change = g_new0(ScimChange, 1);
  change->attribute = g_strdup(attribute);
  change->gone = g_ptr_array_new_with_free_func(free_wiped);
  change->come = g_ptr_array_new_with_free_func(free_wiped);
  g_ptr_array_add(changes, change);
  return change;
}

void scim_change_add(GPtrArray *values, const char *bytes, size_t n_bytes)
{
  g_ptr_array_add(values, g_strndup(bytes, n_bytes));
}

// ---------------------------------------------------------------------------------------------

// Ids are compared as they are: here no one stands for a distinguished name.
static bool same(const ScimPath *path, const char *a, const char *b)
{
  Attr attr = path->attr;
  if (path->reference)
    attr.match = MATCH_EXACT;
  return schema_equal(&attr, a, strlen(a), b, strlen(b));
}

static ssize_t find(const ScimPath *path, const GPtrArray *values, const char *text)
{
  for (guint i = 0; i < values->len; i++)
    if (same(path, values->pdata[i], text))
      return i;
  return -1;
}

typedef struct Step {  // one attribute's
  const ScimPath *path;
  GPtrArray *before, *after;  // values
  GPtrArray *removed;         // as the resource had them
  GPtrArray *added;
} Step;

static Step step_of(const ScimPath *path, const json_t *resource)
{
  Step step = {.path = path, .before = scim_path_values(path, resource)};
  step.after = scim_path_values(path, resource);
  step.removed = g_ptr_array_new_with_free_func(g_free);
  step.added = g_ptr_array_new_with_free_func(g_free);
  return step;
}

static void step_clear(Step *step)
{
  g_ptr_array_unref(step->before);
  g_ptr_array_unref(step->after);
  g_ptr_array_unref(step->removed);
  g_ptr_array_unref(step->added);
}

static void remove_at(Step *step, guint i)
{
  g_ptr_array_add(step->removed, g_strdup(step->after->pdata[i]));
  g_ptr_array_remove_index(step->after, i);
}

// Those of a list that a server has twice go together.
static ScimFault take_away(const ScimChange *change, Step *step)
{
  while (change->all && step->after->len)
    remove_at(step, 0);
  for (guint i = 0; !change->all && i < change->gone->len; i++) {
    ssize_t at = find(step->path, step->after, change->gone->pdata[i]);
    if (at < 0)
      return SCIM_GONE;
    for (; at >= 0; at = find(step->path, step->after, change->gone->pdata[i]))
      remove_at(step, (guint)at);
  }
  return SCIM_FINE;
}

static ScimFault put_in(const ScimChange *change, Step *step)
{
  for (guint i = 0; i < change->come->len; i++) {
    const char *text = change->come->pdata[i];
    if (find(step->path, step->after, text) >= 0 || (step->path->attr.single && step->after->len))
      return SCIM_THERE;
    g_ptr_array_add(step->after, g_strdup(text));
    g_ptr_array_add(step->added, g_strdup(text));
  }
  return SCIM_FINE;
}

// ---------------------------------------------------------------------------------------------
// As operations of a PATCH.

static void add_operation(json_t *operations, const char *op, const char *path, json_t *value)
{
  json_t *operation = json_pack("{s:s,s:s}", "op", op, "path", path);
  if (value)
    json_object_set_new(operation, "value", value);
  json_array_append_new(operations, operation);
}

static void tell_single(const Step *step, json_t *operations)
{
  const ScimPath *path = step->path;
  g_autoptr(GString) text = g_string_new(NULL);
  // Of another resource all that is told goes: its name and address.
  scim_path_text(path, path->reference, text);
  if (!step->after->len) {
    add_operation(operations, "remove", text->str, NULL);
    return;
  }
  json_t *value = scim_path_json(path, step->after->pdata[0]);
  if (path->reference)
    value = json_pack("{s:o}", path->part, value);
  add_operation(operations, "replace", text->str, value);
}

static void tell_list(const Step *step, json_t *operations)
{
  const ScimPath *path = step->path;
  g_autoptr(GString) name = g_string_new(NULL);
  scim_path_text(path, true, name);
  for (guint i = 0; i < step->removed->len; i++) {
    g_autoptr(GString) one = g_string_new(name->str);
    g_string_append_printf(one, "[%s eq ", path->part ? path->part : "value");
    scim_link_quote(step->removed->pdata[i], one);
    g_string_append_c(one, ']');
    add_operation(operations, "remove", one->str, NULL);
  }
  if (!step->added->len)
    return;
  json_t *values = json_array();
  for (guint i = 0; i < step->added->len; i++) {
    json_t *value = scim_path_json(path, step->added->pdata[i]);
    json_array_append_new(values, path->part ? json_pack("{s:o}", path->part, value) : value);
  }
  add_operation(operations, "add", name->str, values);
}

// The element of this type, as the resource has it now.
static json_t *chosen(const ScimPath *path, const json_t *resource)
{
  const json_t *holder = path->urn ? scim_path_member(resource, path->urn) : resource;
  size_t i;
  json_t *element;
  json_array_foreach(scim_path_member(holder, path->attribute), i, element)
  {
    const char *type = json_string_value(scim_path_member(element, "type"));
    if (type && g_ascii_strcasecmp(type, path->choice) == 0)
      return element;
  }
  return NULL;
}

// One whose element is not there yet is told with the whole of it, once all changes are made.
static void tell_chosen(const Step *step, bool existed, const json_t *resource, json_t *operations)
{
  const ScimPath *path = step->path;
  g_autoptr(GString) text = g_string_new(NULL);
  if (!existed)
    return;
  // With its last value goes the element.
  scim_path_text(path, !chosen(path, resource), text);
  if (step->after->len)
    add_operation(operations, "replace", text->str, scim_path_json(path, step->after->pdata[0]));
  else
    add_operation(operations, "remove", text->str, NULL);
}

static void tell(const Step *step, bool existed, const json_t *resource, json_t *operations)
{
  if (!step->removed->len && !step->added->len)
    return;
  if (step->path->choice)
    tell_chosen(step, existed, resource, operations);
  else if (step->path->many)
    tell_list(step, operations);
  else
    tell_single(step, operations);
}

// ---------------------------------------------------------------------------------------------

typedef struct Work {
  const ScimKind *kind;
  json_t *resource, *operations;
  GPtrArray
      *fresh;  // ScimPath: elements that were not there before; one for each attribute and type
} Work;

static void note_fresh(Work *work, ScimPath *path)
{
  for (guint i = 0; i < work->fresh->len; i++) {
    const ScimPath *other = work->fresh->pdata[i];
    if (g_strcmp0(other->urn, path->urn) == 0 && g_str_equal(other->attribute, path->attribute) &&
        g_ascii_strcasecmp(other->choice, path->choice) == 0) {
      scim_path_free(path);
      return;
    }
  }
  g_ptr_array_add(work->fresh, path);
}

static bool is_fresh(const Work *work, const ScimPath *path)
{
  for (guint i = 0; i < work->fresh->len; i++) {
    const ScimPath *other = work->fresh->pdata[i];
    if (g_strcmp0(other->urn, path->urn) == 0 && g_str_equal(other->attribute, path->attribute) &&
        g_ascii_strcasecmp(other->choice, path->choice) == 0)
      return true;
  }
  return false;
}

static ScimFault apply(Work *work, const ScimChange *change)
{
  ScimPath *path = scim_path_new(work->kind, change->attribute);
  if (!path)
    return SCIM_UNKNOWN;
  Step step = step_of(path, work->resource);
  bool existed = path->choice && chosen(path, work->resource) && !is_fresh(work, path);
  ScimFault fault = path->attr.readonly ? SCIM_READONLY : take_away(change, &step);
  if (!fault)
    fault = put_in(change, &step);
  if (!fault && !scim_path_set(path, work->resource, step.after))
    fault = SCIM_MALFORMED;
  if (!fault && work->operations)
    tell(&step, existed, work->resource, work->operations);
  step_clear(&step);
  if (!fault && path->choice && !existed)
    note_fresh(work, path);
  else
    scim_path_free(path);
  return fault;
}

static void tell_fresh(const Work *work)
{
  for (guint i = 0; work->operations && i < work->fresh->len; i++) {
    const ScimPath *path = work->fresh->pdata[i];
    const json_t *element = chosen(path, work->resource);
    g_autofree char *name = path->urn ? g_strdup_printf("%s:%s", path->urn, path->attribute)
                                      : g_strdup(path->attribute);
    if (element)
      add_operation(work->operations, "add", name, json_pack("[o]", json_deep_copy(element)));
  }
}

ScimFault scim_change_apply(const ScimKind *kind, const GPtrArray *changes, json_t *resource,
                            json_t *operations, const char **attribute)
{
  Work work = {kind, resource, operations,
               g_ptr_array_new_with_free_func((GDestroyNotify)scim_path_free)};
  ScimFault fault = SCIM_FINE;
  for (guint i = 0; !fault && i < changes->len; i++) {
    const ScimChange *change = changes->pdata[i];
    *attribute = change->attribute;
    fault = apply(&work, change);
  }
  if (!fault)
    tell_fresh(&work);
  g_ptr_array_unref(work.fresh);
  return fault;
}

json_t *scim_change_patch(json_t *operations)
{
  return json_pack("{s:[s],s:o}", "schemas", "urn:ietf:params:scim:api:messages:2.0:PatchOp",
                   "Operations", operations);
}

json_t *scim_change_blank(const ScimKind *kind)
{
  return json_pack("{s:[s]}", "schemas", kind->schema);
}

static bool is_extension(const ScimKind *kind, const char *urn)
{
  for (guint i = 0; i < kind->extensions->len; i++)
    if (g_ascii_strcasecmp(kind->extensions->pdata[i], urn) == 0)
      return true;
  return false;
}

// The URNs of what the resource holds. Those of extensions that no schema describes stay, since what they hold would
// go with them.
static json_t *schemas_of(const ScimKind *kind, const json_t *resource)
{
  json_t *schemas = json_pack("[s]", kind->schema), *urn;
  size_t i;
  for (i = 0; i < kind->extensions->len; i++)
    if (scim_path_member(resource, kind->extensions->pdata[i]))
      json_array_append_new(schemas, json_string(kind->extensions->pdata[i]));
  json_array_foreach(scim_path_member(resource, "schemas"), i, urn)
  {
    const char *text = json_string_value(urn);
    if (text && g_ascii_strcasecmp(text, kind->schema) != 0 && !is_extension(kind, text))
      json_array_append(schemas, urn);
  }
  return schemas;
}

// What only the server writes stays away, and its own id for the resource it knows from the address.
void scim_change_dress(const ScimKind *kind, json_t *resource)
{
  const json_t *schema = json_object_get(kind->service->schemas, kind->schema);
  size_t i;
  json_t *attribute;
  json_object_del(resource, "meta");
  json_array_foreach(json_object_get(schema, "attributes"), i, attribute)
  {
    const char *mutability = json_string_value(json_object_get(attribute, "mutability"));
    const char *name = json_string_value(json_object_get(attribute, "name"));
    if (mutability && g_str_equal(mutability, "readOnly") && name && !g_str_equal(name, "id"))
      json_object_del(resource, name);
  }
  json_object_set_new(resource, "schemas", schemas_of(kind, resource));
}
