// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

struct Reader {
  const TargetType *type;
  void *self;
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
  *reader = (Reader){type, self};
  return reader;
}

void reader_close(Reader *reader)
{
  if (!reader)
    return;
  reader->type->reader_close(reader->self);
  g_free(reader);
}

bool reader_fingerprint(Reader *reader, GString *out, GError **error)
{
  return reader->type->reader_fingerprint(reader->self, out, error);
}

bool reader_schema(Reader *reader, Schema *schema, GPtrArray *classes, GError **error)
{
  return reader->type->reader_schema(reader->self, schema, classes, error);
}

bool reader_read(Reader *reader, const Scope *scope, const Schema *schema, ObservedFunc func,
                 void *data, size_t *n_entries, GError **error)
{
  size_t n_read = 0;
  bool read = reader->type->reader_read(reader->self, scope, schema, func, data, &n_read, error);
  if (n_entries)
    *n_entries = n_read;
  return read;
}
