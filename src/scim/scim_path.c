// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

#include <string.h>

void scim_path_free(ScimPath *path)
{
  if (!path)
    return;
  g_free((char *)path->attribute);
  g_free((char *)path->choice);
  g_free((char *)path->part);
  g_free(path);
}

// ---------------------------------------------------------------------------------------------
// From a mapping's word.

// RFC 7643 2.3.
static const struct {
  const char *type;
  MatchRule match;
} types[] = {{"boolean", MATCH_BOOLEAN}, {"integer", MATCH_INTEGER}, {"decimal", MATCH_EXACT},
             {"dateTime", MATCH_EXACT},  {"reference", MATCH_EXACT}, {"binary", MATCH_OCTETS}};

static const char *word_of(const json_t *of, const char *key)
{
  const char *text = json_string_value(json_object_get(of, key));
  return text ? text : "";
}

static void describe(ScimPath *path, const json_t *attribute, const json_t *part)
{
  const json_t *leaf = part ? part : attribute;
  const char *mutability = word_of(leaf, "mutability");
  path->type = word_of(leaf, "type");
  path->attr.match = json_is_true(json_object_get(leaf, "caseExact")) ? MATCH_EXACT : MATCH_IGNORE;
  for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
    if (g_str_equal(path->type, types[i].type))
      path->attr.match = types[i].match;
  if (path->reference)
    path->attr.match = MATCH_DN;
  path->attr.known = true;
  path->attr.single = !path->many || path->choice;
  path->attr.readonly = g_str_equal(mutability, "readOnly") ||
                        g_str_equal(word_of(attribute, "mutability"), "readOnly");
}

// "value" beside a "$ref" to other resources is the id of one (RFC 7643 2.4, 4.2, 4.3).
static bool is_reference(const ScimKind *kind, const json_t *attribute, const char *part)
{
  const json_t *ref = scim_service_attribute(attribute, "$ref");
  size_t i;
  json_t *type;
  if (!part || !g_str_equal(part, "value") ||
      g_str_equal(word_of(attribute, "mutability"), "readOnly"))
    return false;
  json_array_foreach(json_object_get(ref, "referenceTypes"), i, type)
  {
    const char *name = json_string_value(type);
    if (name && scim_service_kind(kind->service, name))
      return true;
  }
  return false;
}

static char *proper_name(const json_t *attribute)
{
  return g_strdup(word_of(attribute, "name"));
}

// Behind the attribute's name: ".familyName", ".work", ".work.primary", "[type eq \"work\"].value".
static bool read_rest(const json_t *attribute, const char *rest, ScimPath *path)
{
  static const char open[] = "[type eq \"", close[] = "\"]";
  g_auto(GStrv) parts = NULL;
  size_t n = 0;
  if (g_str_has_prefix(rest, open)) {
    const char *from = rest + sizeof open - 1, *to = strstr(from, close);
    if (!to || to == from || !path->many)
      return false;
    path->choice = g_strndup(from, (size_t)(to - from));
    rest = to + sizeof close - 1;
  }
  if (*rest && *rest != '.')
    return false;
  parts = g_strsplit(*rest ? rest + 1 : "", ".", -1);
  n = g_strv_length(parts);
  for (size_t i = 0; i < n; i++) {
    const json_t *part = scim_service_attribute(attribute, parts[i]);
    if (!*parts[i] || path->part)
      return false;
    if (part)
      path->part = proper_name(part);
    else if (path->many && !path->choice && scim_service_attribute(attribute, "type"))
      path->choice = g_strdup(parts[i]);
    else
      return false;
  }
  return true;
}

// False: it is no value of this schema.
static bool read_within(const ScimKind *kind, const json_t *schema, const char *text,
                        ScimPath *path)
{
  size_t n = strcspn(text, ".[");
  g_autofree char *name = g_strndup(text, n);
  const json_t *attribute = scim_service_attribute(schema, name), *part = NULL;
  if (!attribute)
    return false;
  path->attribute = proper_name(attribute);
  path->many = json_is_true(json_object_get(attribute, "multiValued"));
  bool complex = g_str_equal(word_of(attribute, "type"), "complex");
  if (complex ? !read_rest(attribute, text + n, path) : text[n] != '\0')
    return false;
  if (complex && !path->part && scim_service_attribute(attribute, "value"))
    path->part = g_strdup("value");
  if (complex && !path->part)
    return false;
  part = path->part ? scim_service_attribute(attribute, path->part) : NULL;
  path->reference = is_reference(kind, attribute, path->part);
  describe(path, attribute, part);
  return true;
}

// The rest of the text behind "URN:"; NULL = it does not begin so.
static const char *behind(const char *text, const char *urn)
{
  size_t n = strlen(urn);
  return g_ascii_strncasecmp(text, urn, n) == 0 && text[n] == ':' ? text + n + 1 : NULL;
}

static ScimPath *read_in(const ScimKind *kind, const char *urn, const char *text)
{
  g_autoptr(ScimPath) path = g_new0(ScimPath, 1);
  const json_t *schema = json_object_get(kind->service->schemas, urn);
  path->urn = g_str_equal(urn, kind->schema) ? NULL : urn;
  return read_within(kind, schema, text, path) ? g_steal_pointer(&path) : NULL;
}

// Every resource has them, and no schema describes them (RFC 7643 3.1).
static ScimPath *common(const char *name)
{
  static const char *const names[] = {"id", "externalId"};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    if (g_ascii_strcasecmp(names[i], name) != 0)
      continue;
    ScimPath *path = g_new0(ScimPath, 1);
    *path = (ScimPath){.attribute = g_strdup(names[i]), .type = "string"};
    path->attr = (Attr){.match = MATCH_EXACT, .single = true, .known = true, .readonly = i == 0};
    return path;
  }
  return NULL;
}

ScimPath *scim_path_new(const ScimKind *kind, const char *name)
{
  ScimPath *found = common(name);
  const char *rest = behind(name, kind->schema);
  if (found || rest)
    return found ? found : read_in(kind, kind->schema, rest);
  for (guint i = 0; i < kind->extensions->len; i++)
    if ((rest = behind(name, kind->extensions->pdata[i])))
      return read_in(kind, kind->extensions->pdata[i], rest);
  found = read_in(kind, kind->schema, name);
  // The short name of what an extension has, if only one has it.
  size_t n_found = 0;
  bool own = found != NULL;
  for (guint i = 0; !own && i < kind->extensions->len; i++) {
    ScimPath *path = read_in(kind, kind->extensions->pdata[i], name);
    n_found += path != NULL;
    if (path) {
      scim_path_free(found);
      found = path;
    }
  }
  if (n_found > 1)
    g_clear_pointer(&found, scim_path_free);
  return found;
}

// ---------------------------------------------------------------------------------------------
// Values as texts.

json_t *scim_path_member(const json_t *object, const char *name)
{
  const char *key;
  json_t *value = json_object_get(object, name);
  if (value)
    return value;
  json_object_foreach((json_t *)object, key,
                      value) if (g_ascii_strcasecmp(key, name) == 0) return value;
  return NULL;
}

static void add_text(GPtrArray *out, const json_t *value)
{
  if (json_is_string(value))
    g_ptr_array_add(out, g_strdup(json_string_value(value)));
  else if (json_is_boolean(value))
    g_ptr_array_add(out, g_strdup(json_is_true(value) ? "true" : "false"));
  else if (json_is_integer(value))
    g_ptr_array_add(out, g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value)));
  else if (json_is_real(value)) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ptr_array_add(out, g_strdup(g_ascii_dtostr(text, sizeof text, json_real_value(value))));
  }
}

static bool is_chosen(const ScimPath *path, const json_t *element)
{
  const char *type = json_string_value(scim_path_member(element, "type"));
  return !path->choice || (type && g_ascii_strcasecmp(type, path->choice) == 0);
}

// Elements of a simple list, or complex ones.
static void add_element(const ScimPath *path, const json_t *element, GPtrArray *out)
{
  if (is_chosen(path, element))
    add_text(out, path->part && json_is_object(element) ? scim_path_member(element, path->part)
                                                        : element);
}

GPtrArray *scim_path_values(const ScimPath *path, const json_t *resource)
{
  GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
  const json_t *holder = path->urn ? scim_path_member(resource, path->urn) : resource;
  const json_t *value = scim_path_member(holder, path->attribute);
  size_t i;
  json_t *element;
  if (!json_is_array(value))
    add_element(path, value, out);
  json_array_foreach(value, i, element) add_element(path, element, out);
  // Empty and missing are one (RFC 7643 2.5).
  for (guint k = out->len; k > 0; k--)
    if (!*(char *)out->pdata[k - 1])
      g_ptr_array_remove_index(out, k - 1);
  return out;
}

static json_t *integer(const char *text)
{
  int64_t number = 0;
  return g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &number, NULL)
             ? json_integer(number)
             : NULL;
}

static json_t *decimal(const char *text)
{
  char *end = NULL;
  double number = g_ascii_strtod(text, &end);
  return *text && !*end ? json_real(number) : NULL;
}

static json_t *boolean(const char *text)
{
  if (g_ascii_strcasecmp(text, "true") == 0)
    return json_true();
  return g_ascii_strcasecmp(text, "false") == 0 ? json_false() : NULL;
}

json_t *scim_path_json(const ScimPath *path, const char *text)
{
  static const struct {
    const char *type;
    json_t *(*make)(const char *text);
  } makers[] = {{"boolean", boolean}, {"integer", integer}, {"decimal", decimal}};
  for (size_t i = 0; i < G_N_ELEMENTS(makers); i++)
    if (g_str_equal(path->type, makers[i].type))
      return makers[i].make(text);
  return json_string(text);
}

// ---------------------------------------------------------------------------------------------
// Setting them.

static void remove_member(json_t *object, const char *name)
{
  const char *key;
  json_t *value;
  void *next;
  json_object_foreach_safe(object, next, key, value) if (g_ascii_strcasecmp(key, name) == 0)
      json_object_del(object, key);
}

// What stands there instead, such as null, gives way; one element is a list of one.
static json_t *made(json_t *holder, const char *name, json_t *(*make)(void))
{
  json_t *there = scim_path_member(holder, name), *fresh = make();
  bool fits = there && json_typeof(there) == json_typeof(fresh);
  if (fits) {
    json_decref(fresh);
    return there;
  }
  if (json_is_array(fresh) && there && !json_is_null(there))
    json_array_append(fresh, there);
  remove_member(holder, name);
  json_object_set_new(holder, name, fresh);
  return fresh;
}

// An element with nothing but its type says nothing.
static bool is_hollow(const json_t *element)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)element, key, value)
  {
    if (g_ascii_strcasecmp(key, "type") != 0 && g_ascii_strcasecmp(key, "primary") != 0)
      return false;
  }
  return true;
}

// The list's elements that are not chosen stay; of the others the part is set, or taken away.
static bool set_chosen(const ScimPath *path, json_t *list, const GPtrArray *values)
{
  json_t *value = values->len ? scim_path_json(path, values->pdata[0]) : NULL;
  bool found = false;
  if (values->len > 1 || (values->len && !value))
    return false;
  for (size_t i = json_array_size(list); i > 0; i--) {
    json_t *element = json_array_get(list, i - 1);
    if (!is_chosen(path, element))
      continue;
    remove_member(element, path->part);
    found = true;
    if (value)
      json_object_set(element, path->part, value);
    else if (is_hollow(element))
      json_array_remove(list, i - 1);
  }
  if (value && !found)
    json_array_append_new(list, json_pack("{s:s,s:O}", "type", path->choice, path->part, value));
  json_decref(value);
  return true;
}

// The element's value as a text; NULL = it has none. Caller frees.
static char *text_of(const ScimPath *path, const json_t *element)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  add_element(path, element, texts);
  return texts->len ? g_strdup(texts->pdata[0]) : NULL;
}

// Takes away what is not wanted. Elements that stay keep what else is in them, and those without a value are not ours.
// The texts of what has stayed; a group may have thousands of members.
static GHashTable *sift(const ScimPath *path, json_t *list, const GPtrArray *values)
{
  GHashTable *held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < values->len; i++)
    g_hash_table_add(wanted, values->pdata[i]);
  for (size_t i = json_array_size(list); i > 0; i--) {
    const json_t *element = json_array_get(list, i - 1);
    g_autofree char *text = text_of(path, element);
    if (text && g_hash_table_contains(wanted, text))
      g_hash_table_add(held, g_steal_pointer(&text));
    else if (text || json_is_null(element))
      json_array_remove(list, i - 1);
  }
  return held;
}

static bool set_list(const ScimPath *path, json_t *list, const GPtrArray *values)
{
  g_autoptr(GHashTable) held = sift(path, list, values);
  for (guint i = 0; i < values->len; i++) {
    if (!g_hash_table_add(held, g_strdup(values->pdata[i])))
      continue;
    json_t *value = scim_path_json(path, values->pdata[i]);
    if (!value)
      return false;
    json_array_append_new(list, path->part ? json_pack("{s:o}", path->part, value) : value);
  }
  return true;
}

static bool set_single(const ScimPath *path, json_t *holder, const GPtrArray *values)
{
  json_t *value = values->len ? scim_path_json(path, values->pdata[0]) : NULL;
  if (values->len > 1 || (values->len && !value))
    return false;
  if (path->part && (value || scim_path_member(holder, path->attribute))) {
    json_t *complex = made(holder, path->attribute, json_object);
    // What else is told of another resource, its address and name, is not true of the next one.
    if (path->reference)
      json_object_clear(complex);
    remove_member(complex, path->part);
    if (value)
      json_object_set(complex, path->part, value);
    if (!json_object_size(complex))
      remove_member(holder, path->attribute);
  } else if (!path->part) {
    remove_member(holder, path->attribute);
    if (value)
      json_object_set(holder, path->attribute, value);
  }
  json_decref(value);
  return true;
}

bool scim_path_set(const ScimPath *path, json_t *resource, const GPtrArray *values)
{
  json_t *holder = resource;
  bool set = true;
  if (path->urn)
    holder = made(resource, path->urn, json_object);
  if (!path->many) {
    set = set_single(path, holder, values);
  } else {
    json_t *list = made(holder, path->attribute, json_array);
    set = path->choice ? set_chosen(path, list, values) : set_list(path, list, values);
    if (!json_array_size(list))
      remove_member(holder, path->attribute);
  }
  if (path->urn && !json_object_size(holder))
    remove_member(resource, path->urn);
  return set;
}

// ---------------------------------------------------------------------------------------------
// As texts for the server (RFC 7644 3.5.2, 3.4.2.2).

static void append_attribute(const ScimPath *path, GString *out)
{
  if (path->urn)
    g_string_append_printf(out, "%s:", path->urn);
  g_string_append(out, path->attribute);
}

void scim_path_text(const ScimPath *path, bool whole, GString *out)
{
  append_attribute(path, out);
  if (path->choice) {
    g_string_append(out, "[type eq ");
    scim_link_quote(path->choice, out);
    g_string_append_c(out, ']');
  }
  if (path->part && !whole)
    g_string_append_printf(out, ".%s", path->part);
}

// Numbers and booleans stand bare.
static void append_literal(const ScimPath *path, const char *value, GString *out)
{
  json_auto_t *literal = scim_path_json(path, value);
  if (literal && !json_is_string(literal)) {
    char *dumped = json_dumps(literal, JSON_ENCODE_ANY);
    g_string_append(out, dumped);
    free(dumped);
  } else {
    scim_link_quote(value, out);
  }
}

void scim_path_filter(const ScimPath *path, const char *value, GString *out)
{
  append_attribute(path, out);
  if (path->choice) {
    g_string_append(out, "[type eq ");
    scim_link_quote(path->choice, out);
    g_string_append_printf(out, " and %s eq ", path->part);
    append_literal(path, value, out);
    g_string_append_c(out, ']');
    return;
  }
  if (path->part)
    g_string_append_printf(out, ".%s", path->part);
  g_string_append(out, " eq ");
  append_literal(path, value, out);
}

// ---------------------------------------------------------------------------------------------
// Everything that a resource holds.

typedef struct Walk {
  const ScimKind *kind;
  const json_t *resource;
  const char *urn;  // NULL = the resource's own schema
  bool brief;
  ScimValueFunc func;
  void *data;
} Walk;

static void tell(const Walk *walk, const char *name, bool brief)
{
  g_autofree char *full = walk->urn ? g_strconcat(walk->urn, ":", name, NULL) : g_strdup(name);
  g_autoptr(ScimPath) path = scim_path_new(walk->kind, full);
  g_autoptr(ScimPath) shorter = walk->urn ? scim_path_new(walk->kind, name) : NULL;
  if (!path)
    return;
  bool short_is_it = shorter && g_strcmp0(shorter->urn, path->urn) == 0;
  g_autoptr(GPtrArray) values = scim_path_values(path, walk->resource);
  for (guint i = 0; i < values->len; i++) {
    if (walk->urn && short_is_it)
      walk->func(name, path, values->pdata[i], walk->data);
    if (!walk->urn || !short_is_it || !brief)
      walk->func(full, path, values->pdata[i], walk->data);
  }
}

// "emails.work", "emails[type eq \"work\"].value", "emails.work.primary" …
static void tell_chosen(const Walk *walk, const char *attribute, const char *type, const char *part)
{
  bool is_value = g_str_equal(part, "value");
  g_autofree char *brief = is_value ? g_strdup_printf("%s.%s", attribute, type)
                                    : g_strdup_printf("%s.%s.%s", attribute, type, part);
  g_autofree char *full = g_strdup_printf("%s[type eq \"%s\"].%s", attribute, type, part);
  tell(walk, brief, walk->brief);
  if (walk->brief)
    return;
  tell(walk, full, false);
  if (is_value) {
    g_autofree char *value = g_strconcat(brief, ".value", NULL);
    tell(walk, value, false);
  }
}

static void walk_list(const Walk *walk, const json_t *attribute, const json_t *list)
{
  const char *name = word_of(attribute, "name");
  g_autoptr(GHashTable) types_told = g_hash_table_new(g_str_hash, g_str_equal);
  size_t i, j;
  json_t *element, *part;
  tell(walk, name, walk->brief);
  json_array_foreach(list, i, element)
  {
    const char *type = json_string_value(scim_path_member(element, "type"));
    if (!type || !g_hash_table_add(types_told, (void *)type))
      continue;
    json_array_foreach(json_object_get(attribute, "subAttributes"), j, part)
    {
      const char *its = word_of(part, "name");
      if (!g_str_equal(its, "type"))
        tell_chosen(walk, name, type, its);
    }
  }
}

static void walk_complex(const Walk *walk, const json_t *attribute)
{
  const char *name = word_of(attribute, "name");
  size_t i;
  json_t *part;
  if (scim_service_attribute(attribute, "value"))
    tell(walk, name, walk->brief);
  json_array_foreach(json_object_get(attribute, "subAttributes"), i, part)
  {
    g_autofree char *full = g_strdup_printf("%s.%s", name, word_of(part, "name"));
    tell(walk, full, walk->brief);
  }
}

static void walk_schema(const Walk *walk, const json_t *schema)
{
  const json_t *holder = walk->urn ? scim_path_member(walk->resource, walk->urn) : walk->resource;
  size_t i;
  json_t *attribute;
  json_array_foreach(json_object_get(schema, "attributes"), i, attribute)
  {
    const json_t *value = scim_path_member(holder, word_of(attribute, "name"));
    if (!value)
      continue;
    if (json_is_true(json_object_get(attribute, "multiValued")))
      walk_list(walk, attribute, value);
    else if (g_str_equal(word_of(attribute, "type"), "complex"))
      walk_complex(walk, attribute);
    else
      tell(walk, word_of(attribute, "name"), walk->brief);
  }
}

void scim_path_each(const ScimKind *kind, const json_t *resource, bool brief, ScimValueFunc func,
                    void *data)
{
  Walk walk = {kind, resource, NULL, brief, func, data};
  tell(&walk, "externalId", brief);
  walk_schema(&walk, json_object_get(kind->service->schemas, kind->schema));
  for (guint i = 0; i < kind->extensions->len; i++) {
    walk.urn = kind->extensions->pdata[i];
    walk_schema(&walk, json_object_get(kind->service->schemas, walk.urn));
  }
}
