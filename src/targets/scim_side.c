// SPDX-License-Identifier: GPL-3.0-or-later
//
// Between resources with their ids and entries with their names.
#include "scim_p.h"

#define ID_PREFIX "<id="
#define MOST_SEARCHES 20  // for one name each, before all names are asked for together

ScimSide *scim_side_open(const TargetConfig *config, bool writes, GError **error)
{
  ScimSetup setup = scim_config_setup(config, writes);
  ScimLink *link = scim_link_open(&setup, error);
  ScimService *service = link ? scim_service_read(link, error) : NULL;
  if (!service) {
    scim_link_close(link);
    return NULL;
  }
  ScimSide *side = g_new(ScimSide, 1);
  *side = (ScimSide){.config = config,
                     .own = config->own,
                     .link = link,
                     .service = service,
                     .dns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                     .ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                     .listed = g_hash_table_new(NULL, NULL)};
  return side;
}

void scim_side_close(ScimSide *side)
{
  if (!side)
    return;
  g_hash_table_unref(side->dns);
  g_hash_table_unref(side->ids);
  g_hash_table_unref(side->listed);
  scim_service_free(side->service);
  scim_link_close(side->link);
  g_free(side);
}

// ---------------------------------------------------------------------------------------------
// Schema.

static bool is_class(const char *name)
{
  return g_ascii_strcasecmp(name, "objectClass") == 0;
}

static void describe(const ScimSide *side, Attr *attr)
{
  Attr known = {.match = MATCH_IGNORE, .known = is_class(attr->name)};
  for (guint i = 0; i < side->service->kinds->len && !known.known; i++) {
    g_autoptr(ScimPath) path = scim_path_new(side->service->kinds->pdata[i], attr->name);
    if (path)
      known = path->attr;
  }
  attr->match = known.match;
  attr->single = known.single;
  attr->readonly = known.readonly;
  attr->known = known.known;
}

void scim_side_schema(const ScimSide *side, Schema *schema, GPtrArray *classes)
{
  for (size_t id = 0; id < schema_count(schema); id++)
    describe(side, schema_at(schema, (AttrId)id));
  for (guint i = 0; classes && i < side->service->kinds->len; i++)
    g_ptr_array_add(classes, g_strdup(((const ScimKind *)side->service->kinds->pdata[i])->name));
}

// ---------------------------------------------------------------------------------------------
// DNs.

void scim_side_spot_clear(ScimSpot *spot)
{
  g_clear_pointer(&spot->id, g_free);
  g_clear_pointer(&spot->name, g_free);
}

// The first relative name, split: *attribute and *value are the caller's.
static bool take_rdn(const char *dn, char **attribute, char **value, const char **parent)
{
  size_t n = 0;
  if (!place_split(dn, &n, parent))
    return false;
  g_autofree char *rdn = g_strndup(dn, n);
  char *equals = strchr(rdn, '=');
  if (!equals)
    return false;
  *attribute = g_strstrip(g_strndup(rdn, (size_t)(equals - rdn)));
  *value = place_unescape(equals + 1);
  return true;
}

static bool is_base(const ScimSide *side, const char *dn)
{
  g_autoptr(GString) a = g_string_new(NULL), b = g_string_new(NULL);
  return place_key(dn, strlen(dn), a) &&
         place_key(side->config->base, strlen(side->config->base), b) && g_string_equal(a, b);
}

bool scim_side_spot(const ScimSide *side, const char *dn, ScimSpot *out)
{
  *out = (ScimSpot){0};
  if (g_str_has_prefix(dn, ID_PREFIX)) {
    size_t n = strcspn(dn + strlen(ID_PREFIX), ">");
    out->id = g_strndup(dn + strlen(ID_PREFIX), n);
    return n > 0;
  }
  g_autofree char *attribute = NULL, *value = NULL, *resource = NULL, *endpoint = NULL;
  const char *above = NULL, *base = NULL;
  if (!take_rdn(dn, &attribute, &value, &above))
    return false;
  bool by_id = g_ascii_strcasecmp(attribute, "id") == 0;
  if (by_id && is_base(side, above)) {
    out->id = g_steal_pointer(&value);
    return true;
  }
  if (!take_rdn(above, &resource, &endpoint, &base) ||
      g_ascii_strcasecmp(resource, "resource") != 0 || !is_base(side, base))
    return false;
  out->kind = scim_service_at(side->service, endpoint);
  if (by_id)
    out->id = g_steal_pointer(&value);
  else if (out->kind && g_ascii_strcasecmp(attribute, out->kind->naming) == 0)
    out->name = g_steal_pointer(&value);
  return out->kind && (out->id || out->name);
}

static const char *text_of(const json_t *resource, const char *key)
{
  const char *text = json_string_value(json_object_get(resource, key));
  return text ? text : "";
}

void scim_side_forget(ScimSide *side)
{
  g_hash_table_remove_all(side->dns);
  g_hash_table_remove_all(side->listed);
}

const char *scim_side_know(ScimSide *side, const ScimKind *kind, const char *id, const char *name)
{
  bool named = name && *name;
  g_autoptr(GString) dn = g_string_new(named ? kind->naming : "id");
  g_autoptr(GString) key = g_string_new(NULL);
  g_string_append_c(dn, '=');
  escape_text(dn, named ? name : id, ESCAPE_DN);
  g_string_append_printf(dn, ",resource=%s,%s", kind->endpoint + 1, side->config->base);
  if (place_key(dn->str, dn->len, key))
    g_hash_table_replace(side->ids, g_string_free(g_steal_pointer(&key), false), g_strdup(id));
  char *kept = g_string_free(g_steal_pointer(&dn), false);
  g_hash_table_replace(side->dns, g_strdup(id), kept);
  return kept;
}

const char *scim_side_dn(ScimSide *side, const ScimKind *kind, const json_t *resource)
{
  return scim_side_know(side, kind, text_of(resource, "id"), text_of(resource, kind->naming));
}

static void begin_names(void *data)
{
  (void)data;
}

typedef struct Naming {
  ScimSide *side;
  const ScimKind *kind;
} Naming;

static void take_name(const json_t *resource, void *data)
{
  const Naming *naming = data;
  scim_side_dn(naming->side, naming->kind, resource);
}

bool scim_side_list(ScimSide *side, GError **error)
{
  for (guint i = 0; i < side->service->kinds->len; i++) {
    const ScimKind *kind = side->service->kinds->pdata[i];
    Naming naming = {side, kind};
    // Users and groups are what can be members and managers.
    if ((!g_str_equal(kind->name, "User") && !g_str_equal(kind->name, "Group")) ||
        g_hash_table_contains(side->listed, kind))
      continue;
    if (!scim_list_read(side->link, &(ScimWish){kind, NULL},
                        &(ScimTaker){begin_names, take_name, &naming}, NULL, error))
      return false;
    g_hash_table_add(side->listed, (void *)kind);
  }
  return true;
}

static char *path_of(const ScimKind *kind, const char *id)
{
  GString *path = g_string_new(kind->endpoint);
  g_string_append_c(path, '/');
  scim_link_encode(id, path);
  return g_string_free(path, false);
}

bool scim_side_dn_of(ScimSide *side, const char *id, GString *out, GError **error)
{
  const char *dn = g_hash_table_lookup(side->dns, id);
  for (guint i = 0; !dn && i < side->service->kinds->len; i++) {
    const ScimKind *kind = side->service->kinds->pdata[i];
    json_auto_t *resource = NULL;
    bool missing = false;
    g_autofree char *path = path_of(kind, id);
    if (g_hash_table_contains(side->listed, kind))
      continue;
    if (!scim_link_get(side->link, path, &resource, &missing, error))
      return false;
    if (resource)
      dn = scim_side_dn(side, kind, resource);
  }
  if (dn) {
    g_string_append(out, dn);
    return true;
  }
  g_string_append(out, "id=");
  escape_text(out, id, ESCAPE_DN);
  g_string_append_printf(out, ",%s", side->config->base);
  return true;
}

// ---------------------------------------------------------------------------------------------
// One resource.

typedef struct Search {
  const ScimPath *path;
  const char *value;
  json_t *found;
  unsigned n_found;
} Search;

static void begin_search(void *data)
{
  Search *search = data;
  json_decref(search->found);
  search->found = NULL;
  search->n_found = 0;
}

// A server that does not filter gives them all.
static void take_found(const json_t *resource, void *data)
{
  Search *search = data;
  g_autoptr(GPtrArray) values = scim_path_values(search->path, resource);
  for (guint i = 0; i < values->len; i++) {
    if (!schema_equal(&search->path->attr, values->pdata[i], strlen(values->pdata[i]),
                      search->value, strlen(search->value)))
      continue;
    if (!search->found)
      search->found = json_incref((json_t *)resource);
    search->n_found++;
    return;
  }
}

char *scim_side_path(const ScimKind *kind, const char *id)
{
  g_autofree char *path = path_of(kind, id);
  return kind->wish ? g_strconcat(path, "?", kind->wish, NULL) : g_steal_pointer(&path);
}

static bool search_name(ScimSide *side, const ScimKind *kind, const char *name, json_t **out,
                        GError **error)
{
  g_autoptr(ScimPath) path = scim_path_new(kind, kind->naming);
  g_autoptr(GString) filter = g_string_new(NULL);
  Search search = {.path = path, .value = name};
  ScimTaker taker = {begin_search, take_found, &search};
  bool refused = !side->service->filter, read = true;
  scim_path_filter(path, name, filter);
  if (!refused)
    read = scim_list_read(side->link, &(ScimWish){kind, filter->str}, &taker, &refused, error);
  if (read && refused)
    read = scim_list_read(side->link, &(ScimWish){kind, NULL}, &taker, NULL, error);
  if (read && search.n_found > 1) {
    g_autofree char *words =
        g_strdup_printf(_("%u resources are called “%s”, and which one is meant "
                          "nobody can tell"),
                        search.n_found, name);
    read = scim_link_fail(side->link, &(ScimAsk){.words = words}, kind->endpoint, error);
  }
  if (!read)
    begin_search(&search);
  *out = search.found;
  return read;
}

bool scim_side_is(const json_t *resource, const char *id)
{
  return g_str_equal(text_of(resource, "id"), id);
}

static bool get_by_id(ScimSide *side, const ScimKind *kind, const char *id, json_t **out,
                      char **etag, GError **error)
{
  g_autofree char *path = scim_side_path(kind, id);
  // By none the server would tell all of them.
  if (*id == '\0')
    return true;
  g_autoptr(ScimAsk) ask = scim_link_ask(side->link, &(ScimQuery){.method = "GET", .path = path});
  if (ask->end == SCIM_ANSWERED && ask->status == 404)
    return true;
  if (ask->end != SCIM_ANSWERED || ask->status != 200 || !ask->answer)
    return scim_link_fail(side->link, ask, path, error);
  if (!scim_side_is(ask->answer, id))
    return scim_link_fail(side->link, &(ScimAsk){.words = (char *)_("it answers another resource")},
                          path, error);
  *out = json_incref(ask->answer);
  if (etag)
    *etag = g_strdup(ask->etag);
  return true;
}

bool scim_side_get(ScimSide *side, const ScimSpot *spot, json_t **out, char **etag, GError **error)
{
  *out = NULL;
  if (etag)
    *etag = NULL;
  if (!spot->kind)
    return true;
  return spot->id ? get_by_id(side, spot->kind, spot->id, out, etag, error)
                  : search_name(side, spot->kind, spot->name, out, error);
}

static const char *known_id(const ScimSide *side, const char *dn)
{
  g_autoptr(GString) key = g_string_new(NULL);
  return place_key(dn, strlen(dn), key) ? g_hash_table_lookup(side->ids, key->str) : NULL;
}

static bool search_id(ScimSide *side, const char *dn, const ScimSpot *spot, char **out,
                      GError **error)
{
  json_auto_t *resource = NULL;
  bool many = !side->service->filter || side->n_searches++ >= MOST_SEARCHES;
  if (many && !scim_side_list(side, error))
    return false;
  *out = g_strdup(known_id(side, dn));
  if (*out)
    return true;
  if (!scim_side_get(side, spot, &resource, NULL, error))
    return false;
  if (resource) {
    scim_side_dn(side, spot->kind, resource);
    *out = g_strdup(text_of(resource, "id"));
  }
  return true;
}

bool scim_side_id(ScimSide *side, const char *dn, char **out, GError **error)
{
  ScimSpot spot;
  bool known = scim_side_spot(side, dn, &spot), read = true;
  *out = g_strdup(spot.id ? spot.id : known_id(side, dn));
  if (known && !*out)
    read = search_id(side, dn, &spot, out, error);
  scim_side_spot_clear(&spot);
  return read;
}

// ---------------------------------------------------------------------------------------------

// SCIM has nothing by which a server, or a tenant on it, could be known. The anchor is a user whose id the server gave
// it: another tenant, or one made anew, has another.
bool scim_side_fingerprint(ScimSide *side, GString *out, GError **error)
{
  const char *anchor = side->own->anchor;
  g_string_append_printf(out, "uri=%s", side->config->uri);
  if (!anchor)
    return true;
  g_autofree char *dn = g_strdup_printf("%s,resource=Users,%s", anchor, side->config->base);
  g_autofree char *id = NULL;
  if (!scim_side_id(side, dn, &id, error))
    return false;
  if (!id)
    return scim_link_fail(side->link,
                          &(ScimAsk){.words = (char *)_("there is no such user; is this the right "
                                                        "tenant?")},
                          anchor, error);
  g_string_append_printf(out, " id=%s", id);
  return true;
}
