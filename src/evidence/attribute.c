// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sources that are an attribute of a target's entries: of the accounts themselves, or of rows elsewhere in it that name
// accounts.
#include "evidence_p.h"

#include <string.h>

// Bits of userAccountControl (MS-ADTS 2.2.16).
#define SERVER_TRUST 0x2000
#define READ_ONLY_CONTROLLER 0x04000000

static void say(const AccountValue *value, void *data)
{
  gather_say(data, value->object, &(Said){.text = value->value, .account = value->label});
}

static bool read_entries(Gather *gather, const TargetConfig *config, GError **error)
{
  const char *const attributes[] = {gather->source->attribute, NULL};
  AccountReading reading = {config, attributes, true, say, gather};
  return accounts_read(gather, &reading, error);
}

// ---------------------------------------------------------------------------------------------
// Every domain controller.

static TargetConfig only_at(const TargetConfig *config, const char *const *uri)
{
  TargetConfig one = *config;
  one.uri = uri[0];
  one.uris = uri;
  one.first = one.prefer = one.prefer_server = NULL;
  one.prefer_until = INSTANT_NONE;
  return one;
}

typedef struct Controllers {
  AttrId name, control;
  GHashTable *all;  // names, in lower case
} Controllers;

static char *value_of(const Observed *observed, AttrId attr)
{
  for (size_t i = 0; i < observed->n_attributes; i++)
    if (observed->attributes[i].attr == attr && observed->attributes[i].n_values > 0)
      return g_strndup(observed->attributes[i].values[0].at, observed->attributes[i].values[0].n);
  return NULL;
}

static bool take_controller(const Observed *observed, void *data, GError **error)
{
  Controllers *controllers = data;
  g_autofree char *name = value_of(observed, controllers->name);
  g_autofree char *control = value_of(observed, controllers->control);
  guint64 bits = control == NULL ? 0 : g_ascii_strtoull(control, NULL, 10);
  (void)error;
  if (name != NULL && (bits & (SERVER_TRUST | READ_ONLY_CONTROLLER)) != 0)
    g_hash_table_add(controllers->all, g_ascii_strdown(name, -1));
  return true;
}

// Those that the domain has. A place for accounts may lie deeper; its controllers stand below the domain's own root.
static bool list_controllers(Gather *gather, const TargetConfig *config, GHashTable *all,
                             GError **error)
{
  static const char *const places[] = {"OU=Domain Controllers", NULL};
  static const char *const attributes[] = {"dNSHostName", "userAccountControl", NULL};
  TargetConfig domain = *config;
  while (strchr(domain.base, ',') != NULL && g_ascii_strncasecmp(domain.base, "DC=", 3) != 0)
    domain.base = strchr(domain.base, ',') + 1;
  g_autoptr(Reader) reader = reader_open(&domain, error);
  g_autoptr(Schema) schema = schema_new();
  Controllers controllers = {schema_attr(schema, attributes[0]), schema_attr(schema, attributes[1]),
                             all};
  const Scope scope = {.places = places, .klass = "computer", .attributes = attributes};
  size_t n = 0;
  if (reader == NULL || !reader_schema(reader, schema, NULL, error) ||
      !reader_read(reader, &scope, schema, take_controller, &controllers, &n, error))
    return false;
  return g_hash_table_size(all) > 0 ||
         gather_fail(gather, "failed", error,
                     _("target %s: the domain shows no controllers below %s; grant the account for "
                       "reading the right to see them"),
                     config->name, places[0]);
}

static bool read_controller(Gather *gather, const char *const *uri, GHashTable *asked,
                            GError **error)
{
  TargetConfig one = only_at(gather->source->of, uri);
  g_autoptr(Reader) reader = reader_open(&one, error);
  const char *name = reader == NULL ? NULL : reader_name(reader);
  if (reader == NULL)
    return false;
  if (name != NULL && !g_hash_table_add(asked, g_ascii_strdown(name, -1)))
    return true;
  return read_entries(gather, &one, error);
}

static void list_missing(GHashTable *from, GHashTable *in, GString *out)
{
  GHashTableIter iter;
  gpointer name = NULL;
  g_hash_table_iter_init(&iter, from);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    if (!g_hash_table_contains(in, name))
      g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", (const char *)name);
}

// One that is not asked may be where somebody logs in. Where one that is asked does not stand among the others, the list
// is not whole, and says nothing of those that were not asked.
static bool check_all_asked(Gather *gather, GHashTable *all, GHashTable *asked, GError **error)
{
  const char *target = gather->source->of->name;
  g_autoptr(GString) unasked = g_string_new(NULL);
  g_autoptr(GString) unlisted = g_string_new(NULL);
  list_missing(all, asked, unasked);
  list_missing(asked, all, unlisted);
  if (unasked->len > 0)
    return gather_fail(
        gather, "failed", error,
        _("target %s: %s of the domain's controllers is not asked, as “uri” does not "
          "list it; what was used there is not known"),
        target, unasked->str);
  return unlisted->len == 0 ||
         gather_fail(
             gather, "failed", error,
             _("target %s: %s answers, and is not among the controllers that the account for "
               "reading sees below OU=Domain Controllers; there may be others that it does "
               "not see"),
             target, unlisted->str);
}

static bool read_controllers(Gather *gather, GError **error)
{
  const TargetConfig *config = gather->source->of;
  g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; config->uris[i] != NULL; i++) {
    const char *const uri[] = {config->uris[i], NULL};
    if (!read_controller(gather, uri, asked, error))
      return false;
  }
  return list_controllers(gather, config, all, error) && check_all_asked(gather, all, asked, error);
}

// ---------------------------------------------------------------------------------------------
// Rows that name accounts.

typedef struct Rows {
  Gather *gather;
  Naming *naming;
  AttrId account, moment;
} Rows;

static bool take_row(const Observed *observed, void *data, GError **error)
{
  Rows *rows = data;
  g_autofree char *account = value_of(observed, rows->account);
  g_autofree char *moment = value_of(observed, rows->moment);
  const char *object = account == NULL ? NULL : naming_find(rows->naming, account);
  (void)error;
  if (account != NULL && object == NULL)
    gather_stranger(rows->gather, account);
  if (object != NULL)
    gather_say(rows->gather, object, &(Said){.text = moment, .account = account});
  return true;
}

static bool describe(Gather *gather, Reader *reader, Schema *schema, GError **error)
{
  const Source *source = gather->source;
  const char *const names[] = {source->account, source->attribute};
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    schema_attr(schema, names[i]);
  if (!reader_schema(reader, schema, NULL, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (!schema_at(schema, schema_attr(schema, names[i]))->known)
      return gather_fail(gather, "failed", error, _("target %s knows no attribute %s"),
                         source->of->name, names[i]);
  return true;
}

static bool read_rows(Gather *gather, GError **error)
{
  const Source *source = gather->source;
  const char *const places[] = {source->in, NULL};
  const char *const attributes[] = {source->account, source->attribute, NULL};
  g_autoptr(Reader) reader = accounts_reader(gather, source->of, error);
  g_autoptr(Schema) schema = schema_new();
  if (reader == NULL || !describe(gather, reader, schema, error))
    return false;
  g_auto(Naming) naming = {0};
  if (!naming_open(&naming, gather, error))
    return false;
  Rows rows = {gather, &naming, schema_attr(schema, source->account),
               schema_attr(schema, source->attribute)};
  const Scope scope = {.places = places, .attributes = attributes};
  size_t n = 0;
  return reader_read(reader, &scope, schema, take_row, &rows, &n, error) &&
         gather_as_of(gather, reader, places, error);
}

bool attribute_read(Gather *gather, GError **error)
{
  const Source *source = gather->source;
  if (source->in != NULL)
    return read_rows(gather, error);
  return source->all_controllers ? read_controllers(gather, error) : shelf_read(gather, error);
}
