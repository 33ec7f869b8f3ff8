// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

struct Reader {
  const TargetType *type;
  void *self;
  Ahead *ahead;     // NULL: nothing is read ahead
  GString *remark;  // of reader_remark
};

Reader *reader_open(const TargetConfig *config, GError **error)
{
  const TargetType *type = registry_find(config->type);
  if (!type) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no type of target “%s”"), config->type);
    return NULL;
  }
  void *self = type->reader_open(config, error);
  if (!self)
    return NULL;
  Reader *reader = g_new(Reader, 1);
  *reader = (Reader){type, self, NULL, g_string_new(NULL)};
  return reader;
}

void reader_close(Reader *reader)
{
  if (!reader)
    return;
  ahead_free(reader->ahead);
  reader->type->reader_close(reader->self);
  g_string_free(reader->remark, true);
  g_free(reader);
}

bool reader_fingerprint(Reader *reader, GString *out, GError **error)
{
  ahead_wait(reader->ahead);
  return reader->type->reader_fingerprint(reader->self, out, error);
}

const char *reader_server(const Reader *reader)
{
  return reader->type->reader_server ? reader->type->reader_server(reader->self) : NULL;
}

const char *reader_name(const Reader *reader)
{
  return reader->type->reader_name ? reader->type->reader_name(reader->self) : NULL;
}

Instant reader_as_of(Reader *reader, const char *place)
{
  ahead_wait(reader->ahead);
  return reader->type->reader_as_of ? reader->type->reader_as_of(reader->self, place)
                                    : INSTANT_OPEN;
}

const char *reader_remark(Reader *reader)
{
  ahead_wait(reader->ahead);
  g_string_truncate(reader->remark, 0);
  if (reader->type->reader_remark)
    reader->type->reader_remark(reader->self, reader->remark);
  return reader->remark->len ? reader->remark->str : NULL;
}

bool reader_schema(Reader *reader, Schema *schema, GPtrArray *classes, GError **error)
{
  ahead_wait(reader->ahead);
  schema_set_limits(schema, target_limits(reader->type->name));
  return reader->type->reader_schema(reader->self, schema, classes, error);
}

void reader_ahead(Reader *reader, const Scope *scopes, size_t n_scopes, const Schema *schema)
{
  g_clear_pointer(&reader->ahead, ahead_free);
  if (reader->type->asks)
    return;
  reader->ahead = ahead_new(reader->type, reader->self, schema);
  for (size_t i = 0; i < n_scopes; i++)
    ahead_add(reader->ahead, &scopes[i]);
  ahead_start(reader->ahead);
}

bool reader_read(Reader *reader, const Scope *scope, const Schema *schema, ObservedFunc func,
                 void *data, size_t *n_entries, GError **error)
{
  size_t n_read = 0;
  bool read = true;
  if (n_entries)
    *n_entries = 0;
  // Few targets can say who belongs to a group through another.
  if (scope->nested && !reader->type->nests)
    return true;
  if (ahead_has(reader->ahead, scope)) {
    read = ahead_take(reader->ahead, &(AheadTaker){func, data}, &n_read, error);
  } else {
    ahead_wait(reader->ahead);
    read = reader->type->reader_read(reader->self, scope, schema, func, data, &n_read, error);
  }
  if (n_entries)
    *n_entries = n_read;
  return read;
}

bool reader_traces(Reader *reader, const TraceAsk *ask, TraceFunc func, void *data, GError **error)
{
  ahead_wait(reader->ahead);
  return !reader->type->reader_traces ||
         reader->type->reader_traces(reader->self, ask, func, data, error);
}
