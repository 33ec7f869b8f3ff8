// SPDX-License-Identifier: GPL-3.0-or-later
//
// Discovery (RFC 7644 4): what the server can, which resources it has, and how their attributes are made.
#include "scim_p.h"

#include <string.h>

#define CORE "urn:ietf:params:scim:schemas:core:2.0:"

static void free_kind(void *data)
{
  ScimKind *kind = data;
  g_ptr_array_unref(kind->extensions);
  g_free((char *)kind->name);
  g_free((char *)kind->endpoint);
  g_free((char *)kind->schema);
  g_free(kind->wish);
  g_free(kind);
}

void scim_service_free(ScimService *service)
{
  if (!service)
    return;
  g_ptr_array_unref(service->kinds);
  json_decref(service->schemas);
  g_free(service);
}

const json_t *scim_service_attribute(const json_t *of, const char *name)
{
  static const char *const keys[] = {"attributes", "subAttributes"};
  size_t i;
  json_t *attribute;
  for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
    json_array_foreach(json_object_get(of, keys[k]), i, attribute)
    {
      const char *its = json_string_value(json_object_get(attribute, "name"));
      if (its && g_ascii_strcasecmp(its, name) == 0)
        return attribute;
    }
  return NULL;
}

const ScimKind *scim_service_kind(const ScimService *service, const char *name)
{
  for (guint i = 0; i < service->kinds->len; i++) {
    const ScimKind *kind = service->kinds->pdata[i];
    if (g_ascii_strcasecmp(kind->name, name) == 0)
      return kind;
  }
  return NULL;
}

const ScimKind *scim_service_at(const ScimService *service, const char *endpoint)
{
  for (guint i = 0; i < service->kinds->len; i++) {
    const ScimKind *kind = service->kinds->pdata[i];
    if (g_ascii_strcasecmp(kind->endpoint + 1, endpoint) == 0)
      return kind;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// From the documents.

static bool supports(const json_t *config, const char *feature)
{
  return json_is_true(json_object_get(json_object_get(config, feature), "supported"));
}

static size_t limit_of(const json_t *config, const char *feature, const char *limit)
{
  json_int_t n = json_integer_value(json_object_get(json_object_get(config, feature), limit));
  return n > 0 ? (size_t)n : 0;
}

// A list of resources, whether in a ListResponse or, as some servers have it, bare.
static const json_t *resources_of(const json_t *document)
{
  return json_is_array(document) ? document : json_object_get(document, "Resources");
}

// The attribute that people know a resource by; without one it is its id.
static void find_naming(const ScimService *service, ScimKind *kind)
{
  static const char *const names[] = {"userName", "displayName"};
  const json_t *schema = json_object_get(service->schemas, kind->schema);
  kind->naming = "id";
  kind->unique = true;
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    const json_t *attribute = scim_service_attribute(schema, names[i]);
    const char *unique = json_string_value(json_object_get(attribute, "uniqueness"));
    if (!attribute)
      continue;
    kind->naming = names[i];
    kind->unique = unique && !g_str_equal(unique, "none");
    return;
  }
}

static bool is_returned(const json_t *attribute, const char *when)
{
  const char *returned = json_string_value(json_object_get(attribute, "returned"));
  return returned && g_ascii_strcasecmp(returned, when) == 0;
}

// Appends the attributes of a schema. Whether one is shown on request only.
static bool list_attributes(const json_t *schema, const char *urn, GString *out)
{
  bool hides = false;
  size_t i;
  json_t *attribute;
  json_array_foreach(json_object_get(schema, "attributes"), i, attribute)
  {
    const char *name = json_string_value(json_object_get(attribute, "name"));
    if (!name || is_returned(attribute, "never"))
      continue;
    hides |= is_returned(attribute, "request");
    g_string_append_printf(out, ",%s%s%s", urn ? urn : "", urn ? ":" : "", name);
  }
  return hides;
}

// RFC 7643 2.4, 7644 3.9: who names any gets only those that are named. A group that came without its members would
// be one that has none, and a PUT of it take them away.
static void find_wish(const ScimService *service, ScimKind *kind)
{
  static const char start[] = "id,schemas,externalId,meta";
  g_autoptr(GString) names = g_string_new(start);
  bool hides = list_attributes(json_object_get(service->schemas, kind->schema), NULL, names);
  for (guint i = 0; i < kind->extensions->len; i++) {
    const char *urn = kind->extensions->pdata[i];
    hides |= list_attributes(json_object_get(service->schemas, urn), urn, names);
  }
  if (!hides)
    return;
  g_autofree char *encoded = g_uri_escape_string(names->str, ",:", false);
  kind->wish = g_strconcat("attributes=", encoded, NULL);
}

static bool add_kind(ScimService *service, const json_t *type)
{
  const char *name = json_string_value(json_object_get(type, "name"));
  const char *endpoint = json_string_value(json_object_get(type, "endpoint"));
  const char *schema = json_string_value(json_object_get(type, "schema"));
  size_t i;
  json_t *extension;
  if (!name || !endpoint || !schema || !json_object_get(service->schemas, schema))
    return false;
  // Some write it with the whole address before it.
  const char *last = strrchr(endpoint, '/');
  if (last && !last[1])
    return false;
  ScimKind *kind = g_new0(ScimKind, 1);
  kind->service = service;
  kind->name = g_strdup(name);
  kind->endpoint = g_strconcat("/", last ? last + 1 : endpoint, NULL);
  kind->schema = g_strdup(schema);
  kind->extensions = g_ptr_array_new();
  json_array_foreach(json_object_get(type, "schemaExtensions"), i, extension)
  {
    const char *urn = json_string_value(json_object_get(extension, "schema"));
    const json_t *known = urn ? json_object_get(service->schemas, urn) : NULL;
    if (known)
      g_ptr_array_add(kind->extensions, (void *)json_string_value(json_object_get(known, "id")));
  }
  find_naming(service, kind);
  find_wish(service, kind);
  g_ptr_array_add(service->kinds, kind);
  return true;
}

// Where a server does not list its types of resources, the two that the standard has.
static json_t *standard_types(void)
{
  return json_pack("[{s:s,s:s,s:s,s:[{s:s}]},{s:s,s:s,s:s}]", "name", "User", "endpoint", "/Users",
                   "schema", CORE "User", "schemaExtensions", "schema",
                   "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "name", "Group",
                   "endpoint", "/Groups", "schema", CORE "Group");
}

static void add_schemas(ScimService *service, const json_t *schemas)
{
  size_t i;
  json_t *schema;
  json_array_foreach(resources_of(schemas), i, schema)
  {
    const char *id = json_string_value(json_object_get(schema, "id"));
    if (id && json_is_array(json_object_get(schema, "attributes")))
      json_object_set(service->schemas, id, schema);
  }
}

ScimService *scim_service_of(const json_t *config, const json_t *types, const json_t *schemas,
                             GString *why)
{
  g_autoptr(ScimService) service = g_new0(ScimService, 1);
  json_auto_t *standard = types ? NULL : standard_types();
  size_t i;
  json_t *type;
  service->kinds = g_ptr_array_new_with_free_func(free_kind);
  service->schemas = json_object();
  service->patch = supports(config, "patch");
  service->filter = supports(config, "filter");
  service->etag = supports(config, "etag");
  service->bulk_operations = limit_of(config, "bulk", "maxOperations");
  service->bulk_bytes = limit_of(config, "bulk", "maxPayloadSize");
  service->bulk = supports(config, "bulk") && service->bulk_operations > 1;
  add_schemas(service, schemas);
  json_array_foreach(resources_of(types ? types : standard), i, type) add_kind(service, type);
  if (service->kinds->len)
    return g_steal_pointer(&service);
  g_string_append(why, json_object_size(service->schemas)
                           ? _("no type of resource has a schema that is described")
                           : _("no schema is described; name a file that does as “schemas”"));
  return NULL;
}

// ---------------------------------------------------------------------------------------------

static json_t *load_schemas(const ScimSetup *setup, GError **error)
{
  json_error_t fault;
  json_t *schemas = json_load_file(setup->schemas_file, 0, &fault);
  if (!schemas)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s:%d:%d: %s", setup->schemas_file, fault.line,
                fault.column, fault.text);
  return schemas;
}

// All of them in one answer, or it is not the whole.
static bool is_whole(const json_t *list)
{
  const json_t *total = json_object_get(list, "totalResults");
  return !total || (size_t)json_integer_value(total) <= json_array_size(resources_of(list));
}

static bool get_whole(ScimLink *link, const char *path, json_t **out, bool *missing, GError **error)
{
  if (!scim_link_get(link, path, out, missing, error))
    return false;
  if (!*out || is_whole(*out))
    return true;
  return scim_link_fail(
      link, &(ScimAsk){.words = (char *)_("it counts more than it tells in one answer")}, path,
      error);
}

ScimService *scim_service_read(ScimLink *link, GError **error)
{
  json_auto_t *config = NULL, *types = NULL, *schemas = NULL;
  const ScimSetup *setup = scim_link_setup(link);
  bool no_types = false;
  if (!scim_link_get(link, "/ServiceProviderConfig", &config, NULL, error) ||
      !get_whole(link, "/ResourceTypes", &types, &no_types, error))
    return NULL;
  if (setup->schemas_file)
    schemas = load_schemas(setup, error);
  else if (!get_whole(link, "/Schemas", &schemas, NULL, error))
    return NULL;
  if (!schemas)
    return NULL;
  g_autoptr(GString) why = g_string_new(NULL);
  ScimService *service = scim_service_of(config, types, schemas, why);
  if (!service)
    scim_link_fail(link, &(ScimAsk){.words = why->str}, "/Schemas", error);
  return service;
}
