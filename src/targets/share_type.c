// SPDX-License-Identifier: GPL-3.0-or-later
#include "share_p.h"

static void *open_reader(const TargetConfig *config, GError **error)
{
  return share_side_open(config, false, error);
}

static void close_reader(void *side)
{
  share_side_close(side);
}

static bool reader_fingerprint_share(void *side, GString *out, GError **error)
{
  return share_side_fingerprint(side, out, error);
}

static bool reader_schema_share(void *side, Schema *schema, GPtrArray *classes, GError **error)
{
  (void)side;
  (void)error;
  share_schema(schema);
  if (classes)
    g_ptr_array_add(classes, g_strdup("folder"));
  return true;
}

static bool reader_read_share(void *side, const Scope *scope, const Schema *schema,
                              ObservedFunc func, void *data, size_t *n_entries, GError **error)
{
  return share_reader_read(side, scope, schema, func, data, n_entries, error);
}

static void *open_writer(const TargetConfig *config, GError **error)
{
  return share_writer_open(config, error);
}

static void close_writer(void *writer)
{
  share_writer_close(writer);
}

static bool writer_fingerprint_share(void *writer, GString *out, GError **error)
{
  return share_side_fingerprint(share_writer_side(writer), out, error);
}

static bool writer_schema_share(void *writer, Schema *schema, GError **error)
{
  (void)writer;
  (void)error;
  share_schema(schema);
  return true;
}

static bool send_share(void *writer, const Request *request, uint64_t token, GError **error)
{
  return share_writer_send(writer, request, token, error);
}

static bool receive_share(void *writer, int timeout_ms, Answer *out, bool *got, GError **error)
{
  return share_writer_receive(writer, timeout_ms, out, got, error);
}

static void forget_share(void *writer, uint64_t token)
{
  share_writer_forget(writer, token);
}

static bool reconnect_share(void *writer, GError **error)
{
  return share_side_reconnect(share_writer_side(writer), error);
}

static bool fetch_share(void *writer, const char *dn, const char *stable_id, const char *attribute,
                        Record **out, GError **error)
{
  return share_fetch(share_writer_side(writer), dn, stable_id, attribute, out, error);
}

// Folders have no members.
static bool compare_share(void *writer, const char *dn, const char *attribute, const char *value,
                          bool *out, GError **error)
{
  (void)writer;
  (void)dn;
  (void)attribute;
  (void)value;
  (void)error;
  *out = false;
  return true;
}

// Each change is the server's as soon as it has answered.
static bool finish_share(void *writer, GError **error)
{
  (void)writer;
  (void)error;
  return true;
}

const TargetType share_type = {.name = "share",
                               .asks = true,
                               .reader_open = open_reader,
                               .reader_close = close_reader,
                               .reader_fingerprint = reader_fingerprint_share,
                               .reader_schema = reader_schema_share,
                               .reader_read = reader_read_share,
                               .writer_open = open_writer,
                               .writer_close = close_writer,
                               .writer_fingerprint = writer_fingerprint_share,
                               .writer_schema = writer_schema_share,
                               .writer_send = send_share,
                               .writer_receive = receive_share,
                               .writer_forget = forget_share,
                               .writer_reconnect = reconnect_share,
                               .writer_fetch = fetch_share,
                               .writer_compare = compare_share,
                               .writer_finish = finish_share};
