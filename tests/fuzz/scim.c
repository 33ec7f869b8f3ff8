// SPDX-License-Identifier: GPL-3.0-or-later
//
// Any JSON as what a SCIM server says of itself, {"config": …, "types": …, "schemas": …}, and of its resources,
// {"list": …}: each value that is told is found again under its name, and each change that is taken holds afterwards,
// however the values stood before.
#include <idou/scim.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Look {
  const ScimKind *kind;
  const json_t *resource;
  GPtrArray *names;  // char *
} Look;

static bool holds(const ScimPath *path, const json_t *resource, const char *value)
{
  g_autoptr(GPtrArray) values = scim_path_values(path, resource);
  for (guint i = 0; i < values->len; i++)
    if (strcmp(values->pdata[i], value) == 0)
      return true;
  return false;
}

static void note(const char *name, const ScimPath *told, const char *value, void *data)
{
  (void)told;
  Look *look = data;
  g_autoptr(ScimPath) path = scim_path_new(look->kind, name);
  g_assert(path && holds(path, look->resource, value));
  g_ptr_array_add(look->names, g_strdup(name));
}

// Whatever is there gives way to one value, as a text that fits its type; then to none.
static void change(const ScimKind *kind, const json_t *before, const char *name)
{
  static const char *const texts[] = {"true", "7", "a \"b\" \\ 山"};
  g_autoptr(ScimPath) path = scim_path_new(kind, name);
  for (size_t i = 0; path && i <= G_N_ELEMENTS(texts); i++) {
    json_auto_t *resource = json_deep_copy(before), *operations = json_array();
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(scim_change_free);
    ScimChange *one = scim_change_in(changes, name);
    const char *text = i < G_N_ELEMENTS(texts) ? texts[i] : NULL, *attribute = NULL;
    one->all = true;
    if (text)
      scim_change_add(one->come, text, strlen(text));
    if (scim_change_apply(kind, changes, resource, operations, &attribute) != SCIM_FINE)
      continue;
    g_autoptr(GPtrArray) values = scim_path_values(path, resource);
    if ((values->len > 0) != (text != NULL))
      g_error("%s: %u values after %s", name, values->len, text ? text : "none");
    scim_change_dress(kind, resource);
  }
}

static void look_at(const ScimKind *kind, const json_t *resource)
{
  static const char *const names[] = {"emails.work", "members", "active", "name.familyName",
                                      "manager"};
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
  Look look = {kind, resource, found};
  scim_path_each(kind, resource, false, note, &look);
  for (guint i = 0; i < found->len && i < 50; i++)
    change(kind, resource, found->pdata[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    change(kind, resource, names[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GString) why = g_string_new(NULL);
  json_auto_t *root = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
  const json_t *list = json_object_get(json_object_get(root, "list"), "Resources");
  g_autoptr(ScimService) service =
      scim_service_of(json_object_get(root, "config"), json_object_get(root, "types"),
                      json_object_get(root, "schemas"), why);
  g_assert(service || why->len);
  for (guint i = 0; service && i < service->kinds->len; i++)
    for (size_t k = 0; k < json_array_size(list) && k < 20; k++)
      // Without an id a list is refused.
      if (json_string_length(json_object_get(json_array_get(list, k), "id")))
        look_at(service->kinds->pdata[i], json_array_get(list, k));
  return 0;
}
