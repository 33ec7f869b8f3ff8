// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

static void *open_reader(const TargetConfig *config, GError **error)
{
  return scim_side_open(config, false, error);
}

static void close_reader(void *side)
{
  scim_side_close(side);
}

static bool fingerprint_of_reader(void *side, GString *out, GError **error)
{
  return scim_side_fingerprint(side, out, error);
}

static bool schema_of_reader(void *side, Schema *schema, GPtrArray *classes, GError **error)
{
  (void)error;
  scim_side_schema(side, schema, classes);
  return true;
}

static bool read_scim(void *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error)
{
  return scim_reader_read(side, scope, schema, func, data, n_entries, error);
}

static bool traces_scim(void *side, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  return scim_reader_traces(side, ask, func, data, error);
}

static void *open_writer(const TargetConfig *config, GError **error)
{
  return scim_writer_open(config, error);
}

static void close_writer(void *writer)
{
  scim_writer_close(writer);
}

static bool fingerprint_of_writer(void *writer, GString *out, GError **error)
{
  return scim_side_fingerprint(scim_writer_side(writer), out, error);
}

static bool schema_of_writer(void *writer, Schema *schema, GError **error)
{
  (void)error;
  scim_side_schema(scim_writer_side(writer), schema, NULL);
  return true;
}

static bool send_scim(void *writer, const Request *request, uint64_t token, GError **error)
{
  return scim_writer_send(writer, request, token, error);
}

static bool receive_scim(void *writer, int timeout_ms, Answer *out, bool *got, GError **error)
{
  return scim_writer_receive(writer, timeout_ms, out, got, error);
}

static void forget_scim(void *writer, uint64_t token)
{
  scim_writer_forget(writer, token);
}

// There is no connection that could be lost: only whether the server is there again.
static bool reconnect_scim(void *writer, GError **error)
{
  json_auto_t *config = NULL;
  return scim_link_get(scim_writer_side(writer)->link, "/ServiceProviderConfig", &config, NULL,
                       error);
}

static bool fetch_scim(void *writer, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error)
{
  ScimSide *side = scim_writer_side(writer);
  ScimSpot spot;
  json_auto_t *resource = NULL;
  *out = NULL;
  scim_side_forget(side);
  bool read = true;
  if (scim_side_spot(side, dn, &spot)) {
    if (stable_id) {
      g_free(spot.id);
      spot.id = g_strdup(stable_id);
    }
    read = scim_side_get(side, &spot, &resource, NULL, error);
  }
  if (read && resource)
    read =
        scim_reader_record(side, spot.kind, resource, g_strcmp0(attribute, "*") == 0, out, error);
  scim_side_spot_clear(&spot);
  return read;
}

// The kind that has the attribute, where a name by id does not tell it.
static const ScimKind *kind_with(const ScimSide *side, const char *attribute)
{
  for (guint i = 0; i < side->service->kinds->len; i++) {
    const ScimKind *kind = side->service->kinds->pdata[i];
    g_autoptr(ScimPath) path = scim_path_new(kind, attribute);
    if (path && path->reference)
      return kind;
  }
  return NULL;
}

static bool has_value(const ScimKind *kind, const json_t *resource, const char *attribute,
                      const char *value)
{
  g_autoptr(ScimPath) path = scim_path_new(kind, attribute);
  g_autoptr(GPtrArray) values = path ? scim_path_values(path, resource) : NULL;
  Attr attr = path ? path->attr : (Attr){0};
  if (path && path->reference)
    attr.match = MATCH_EXACT;
  for (guint i = 0; values && i < values->len; i++)
    if (schema_equal(&attr, values->pdata[i], strlen(values->pdata[i]), value, strlen(value)))
      return true;
  return false;
}

static bool compare_scim(void *writer, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error)
{
  ScimSide *side = scim_writer_side(writer);
  ScimSpot spot;
  json_auto_t *resource = NULL;
  g_autofree char *id = NULL;
  *out = false;
  if (!scim_side_spot(side, dn, &spot)) {
    scim_side_spot_clear(&spot);
    return true;
  }
  if (!spot.kind)
    spot.kind = kind_with(side, attribute);
  g_autoptr(ScimPath) path = spot.kind ? scim_path_new(spot.kind, attribute) : NULL;
  bool reference = path && path->reference;
  bool read = scim_side_get(side, &spot, &resource, NULL, error) &&
              (!reference || scim_side_id(side, value, &id, error));
  if (read && resource && (!reference || id))
    *out = has_value(spot.kind, resource, attribute, reference ? id : value);
  scim_side_spot_clear(&spot);
  return read;
}

// Each change is the server's as soon as it has answered.
static bool finish_scim(void *writer, GError **error)
{
  (void)writer;
  (void)error;
  return true;
}

const TargetType scim_type = {.name = "scim",
                              .keys = scim_config_keys,
                              .configure = scim_config_read,
                              .unconfigure = g_free,
                              .reader_open = open_reader,
                              .reader_close = close_reader,
                              .reader_fingerprint = fingerprint_of_reader,
                              .reader_schema = schema_of_reader,
                              .reader_read = read_scim,
                              .reader_traces = traces_scim,
                              .writer_open = open_writer,
                              .writer_close = close_writer,
                              .writer_fingerprint = fingerprint_of_writer,
                              .writer_schema = schema_of_writer,
                              .writer_send = send_scim,
                              .writer_receive = receive_scim,
                              .writer_forget = forget_scim,
                              .writer_reconnect = reconnect_scim,
                              .writer_fetch = fetch_scim,
                              .writer_compare = compare_scim,
                              .writer_finish = finish_scim,
                              .vitals = scim_vitals};
