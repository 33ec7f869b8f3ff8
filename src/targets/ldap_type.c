// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

static void *open_reader(const TargetConfig *config, GError **error)
{
  return ldap_link_open(config, false, error);
}

static void close_reader(void *link)
{
  ldap_link_close(link);
}

static bool reader_fingerprint_ldap(void *link, GString *out, GError **error)
{
  return ldap_link_fingerprint(link, out, error);
}

static bool reader_schema_ldap(void *link, Schema *schema, GPtrArray *classes, GError **error)
{
  const LdapSchema *known = ldap_schema_of(link, error);
  if (!known)
    return false;
  ldap_schema_fill(known, schema);
  if (classes)
    ldap_schema_classes(known, classes);
  return true;
}

static bool reader_read_ldap(void *link, const Scope *scope, const Schema *schema,
                             ObservedFunc func, void *data, size_t *n_entries, GError **error)
{
  return ldap_reader_read(link, scope, schema, func, data, n_entries, error);
}

static void *open_writer(const TargetConfig *config, GError **error)
{
  return ldap_writer_open(config, error);
}

static void close_writer(void *sender)
{
  ldap_writer_close(sender);
}

static bool writer_fingerprint_ldap(void *sender, GString *out, GError **error)
{
  return ldap_link_fingerprint(ldap_writer_link(sender), out, error);
}

static bool writer_schema_ldap(void *sender, Schema *schema, GError **error)
{
  return reader_schema_ldap(ldap_writer_link(sender), schema, NULL, error);
}

static bool send_ldap(void *sender, const Request *request, uint64_t token, GError **error)
{
  return ldap_writer_send(sender, request, token, error);
}

static bool receive_ldap(void *sender, int timeout_ms, Answer *out, bool *got, GError **error)
{
  return ldap_writer_receive(sender, timeout_ms, out, got, error);
}

static void forget_ldap(void *sender, uint64_t token)
{
  ldap_writer_forget(sender, token);
}

static bool reconnect_ldap(void *sender, GError **error)
{
  return ldap_writer_reconnect(sender, error);
}

static bool fetch_ldap(void *sender, const char *dn, const char *stable_id, const char *attribute,
                       Record **out, GError **error)
{
  return ldap_writer_fetch(sender, dn, stable_id, attribute, out, error);
}

static bool compare_ldap(void *sender, const char *dn, const char *attribute, const char *value,
                         bool *out, GError **error)
{
  return ldap_writer_compare(sender, dn, attribute, value, out, error);
}

// Each change is the server's as soon as it has answered.
static bool finish_ldap(void *sender, GError **error)
{
  (void)sender;
  (void)error;
  return true;
}

static bool traces_ldap(void *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  return ldap_trace(link, ask, func, data, error);
}

static bool traces_ad(void *link, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  return ad_trace(link, ask, func, data, error);
}

static const char *reader_server_ad(void *link)
{
  return ((const Link *)link)->uri;
}

static const char *reader_name_ad(void *link)
{
  return ((const Link *)link)->server;
}

static void server_ad(void *sender, GString *out)
{
  const Link *link = ldap_writer_link(sender);
  g_string_append(out, link->uri);
  if (link->server)
    g_string_append_printf(out, " %s", link->server);
}

static bool is_primary_ad(void *sender, const char *group, const char *member, bool *out,
                          GError **error)
{
  return ad_writer_is_primary(sender, group, member, out, error);
}

static bool revive_ad(void *sender, const Revival *revival, Revived *out, GError **error)
{
  return ad_revive(sender, revival, out, error);
}

// A domain controller speaks LDAP, too; in what it differs, its dialect says.
#define SPEAKS_LDAP                                                                               \
  .reader_open = open_reader, .reader_close = close_reader,                                       \
  .reader_fingerprint = reader_fingerprint_ldap, .reader_schema = reader_schema_ldap,             \
  .reader_read = reader_read_ldap, .writer_open = open_writer, .writer_close = close_writer,      \
  .writer_fingerprint = writer_fingerprint_ldap, .writer_schema = writer_schema_ldap,             \
  .writer_send = send_ldap, .writer_receive = receive_ldap, .writer_forget = forget_ldap,         \
  .writer_reconnect = reconnect_ldap, .writer_fetch = fetch_ldap, .writer_compare = compare_ldap, \
  .writer_finish = finish_ldap, .vitals = ldap_vitals

const TargetType ldap_type = {.name = "ldap", SPEAKS_LDAP, .reader_traces = traces_ldap};
const TargetType ad_type = {.name = "ad",
                            .nests = true,
                            SPEAKS_LDAP,
                            .reader_server = reader_server_ad,
                            .reader_name = reader_name_ad,
                            .reader_traces = traces_ad,
                            .writer_server = server_ad,
                            .dress = ad_request_dress,
                            .explain = ad_words_of,
                            .writer_is_primary = is_primary_ad,
                            .writer_revive = revive_ad};
