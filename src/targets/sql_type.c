// SPDX-License-Identifier: GPL-3.0-or-later
#include "sql_p.h"

static void *open_reader(const TargetConfig *config, GError **error)
{
  return sql_link_open(config, false, error);
}

static void close_reader(void *link)
{
  sql_link_close(link);
}

static bool reader_fingerprint_sql(void *link, GString *out, GError **error)
{
  return sql_link_fingerprint(link, out, error);
}

static bool reader_schema_sql(void *link, Schema *schema, GPtrArray *classes, GError **error)
{
  return sql_schema(link, schema, classes, error);
}

static bool reader_read_sql(void *link, const Scope *scope, const Schema *schema, ObservedFunc func,
                            void *data, size_t *n_entries, GError **error)
{
  return sql_reader_read(link, scope, schema, func, data, n_entries, error);
}

static void *open_writer(const TargetConfig *config, GError **error)
{
  return sql_writer_open(config, error);
}

static void close_writer(void *writer)
{
  sql_writer_close(writer);
}

static bool writer_fingerprint_sql(void *writer, GString *out, GError **error)
{
  return sql_link_fingerprint(sql_writer_link(writer), out, error);
}

static bool writer_schema_sql(void *writer, Schema *schema, GError **error)
{
  return sql_schema(sql_writer_link(writer), schema, NULL, error);
}

static bool send_sql(void *writer, const Request *request, uint64_t token, GError **error)
{
  Request *const one[] = {(Request *)request};
  return sql_writer_send(writer, one, 1, token, error);
}

static bool send_all_sql(void *writer, Request *const *requests, size_t n_requests, uint64_t token,
                         GError **error)
{
  return sql_writer_send(writer, requests, n_requests, token, error);
}

static bool receive_sql(void *writer, int timeout_ms, Answer *out, bool *got, GError **error)
{
  (void)timeout_ms;
  (void)error;
  *got = sql_writer_receive(writer, out);
  return true;
}

// Nothing is in flight.
static void forget_sql(void *writer, uint64_t token)
{
  (void)writer;
  (void)token;
}

static bool reconnect_sql(void *writer, GError **error)
{
  return sql_link_reconnect(sql_writer_link(writer), error);
}

static bool fetch_sql(void *writer, const char *dn, const char *stable_id, const char *attribute,
                      Record **out, GError **error)
{
  return sql_fetch(sql_writer_link(writer), dn, stable_id, attribute, out, error);
}

// Rows have no members: who belongs to what is a row of its own.
static bool compare_sql(void *writer, const char *dn, const char *attribute, const char *value,
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

static bool finish_sql(void *writer, GError **error)
{
  (void)writer;
  (void)error;
  return true;
}

// A row that others refer to is made before them, and goes after them.
static int rank_sql(const TargetConfig *config, const char *klass)
{
  return sql_config_rank(sql_config(config), klass);
}

static bool has_ids_sql(const TargetConfig *config, const char *parent)
{
  g_autofree char *table = NULL, *row = NULL;
  const SqlTable *known = sql_place_split(config, parent, &table, &row)
                              ? sql_config_table(sql_config(config), table)
                              : NULL;
  return known && known->id;
}

const TargetType sql_type = {.name = "sql",
                             .keys = sql_keys,
                             .configure = sql_configure,
                             .unconfigure = sql_unconfigure,
                             .reader_open = open_reader,
                             .reader_close = close_reader,
                             .reader_fingerprint = reader_fingerprint_sql,
                             .reader_schema = reader_schema_sql,
                             .reader_read = reader_read_sql,
                             .writer_open = open_writer,
                             .writer_close = close_writer,
                             .writer_fingerprint = writer_fingerprint_sql,
                             .writer_schema = writer_schema_sql,
                             .writer_send = send_sql,
                             .writer_send_all = send_all_sql,
                             .writer_receive = receive_sql,
                             .writer_forget = forget_sql,
                             .writer_reconnect = reconnect_sql,
                             .writer_fetch = fetch_sql,
                             .writer_compare = compare_sql,
                             .writer_finish = finish_sql,
                             .vitals = sql_vitals,
                             .rank = rank_sql,
                             .has_ids = has_ids_sql};
