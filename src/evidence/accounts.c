// SPDX-License-Identifier: GPL-3.0-or-later
//
// The accounts of a target, as a plan would find them: by binding, then by key. Those of nobody are objects, too.
#include "evidence_p.h"

#include <string.h>

typedef struct Wanted {
  AttrId attr;
  size_t attribute;  // of AccountReading.attributes
} Wanted;

typedef struct Taking {
  const AccountReading *reading;
  const Klass *klass;
  const EvidenceObjects *objects;
  Matcher *matcher;
  GArray *attrs;          // Wanted: of those that the target knows
  GPtrArray *containers;  // DNs of the class's own places
  GString *object, *label, *value;
} Taking;

static void taking_clear(Taking *taking)
{
  matcher_free(taking->matcher);
  g_array_unref(taking->attrs);
  g_ptr_array_unref(taking->containers);
  g_string_free(taking->object, TRUE);
  g_string_free(taking->label, TRUE);
  g_string_free(taking->value, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Taking, taking_clear)

Reader *accounts_reader(Gather *gather, const TargetConfig *config, GError **error)
{
  const EvidenceSetup *setup = gather->setup;
  g_autoptr(Reader) reader = reader_open(config, error);
  if (reader == NULL ||
      (setup->trusts != NULL && !setup->trusts(config, reader, setup->data, error)))
    return NULL;
  return g_steal_pointer(&reader);
}

static bool is_container(const Taking *taking, const Observed *observed)
{
  for (guint i = 0; i < taking->containers->len; i++) {
    const char *dn = taking->containers->pdata[i];
    if (strlen(dn) == observed->dn.n &&
        g_ascii_strncasecmp(dn, observed->dn.at, observed->dn.n) == 0)
      return true;
  }
  return false;
}

// By its id in the target; where it has none by its DN below the base.
static void name_orphan(const Taking *taking, const Observed *observed)
{
  const char *base = taking->reading->config->base;
  size_t n = observed->dn.n, n_base = strlen(base);
  g_string_assign(taking->object, OBJECT_ORPHAN);
  if (observed->stable_id.n > 0) {
    g_string_append_len(taking->object, observed->stable_id.at, (gssize)observed->stable_id.n);
    return;
  }
  bool below = n > n_base + 1 && observed->dn.at[n - n_base - 1] == ',' &&
               g_ascii_strncasecmp(observed->dn.at + n - n_base, base, n_base) == 0;
  g_string_append_len(taking->object, observed->dn.at, (gssize)(below ? n - n_base - 1 : n));
}

static void name_it(const Taking *taking, const Observed *observed)
{
  uint32_t entry = ENTRY_NONE;
  MatchKind kind = matcher_find(taking->matcher, observed, &entry);
  g_string_truncate(taking->object, 0);
  g_string_truncate(taking->label, 0);
  g_string_append_len(taking->label, observed->dn.at, (gssize)observed->dn.n);
  // Of several that claim one object the latest use counts: it is somebody's.
  if (kind == MATCHED_ORPHAN || entry == ENTRY_NONE)
    name_orphan(taking, observed);
  else
    table_object(taking->objects->table, entry, taking->object);
}

static const ObservedAttr *find_attribute(const Observed *observed, AttrId attr)
{
  for (size_t i = 0; i < observed->n_attributes; i++)
    if (observed->attributes[i].attr == attr && observed->attributes[i].n_values > 0)
      return &observed->attributes[i];
  return NULL;
}

static void take_values(const Taking *taking, const Observed *observed, const Wanted *wanted)
{
  const AccountReading *reading = taking->reading;
  AccountValue value = {taking->object->str, taking->label->str, wanted->attribute, NULL};
  const ObservedAttr *attribute = find_attribute(observed, wanted->attr);
  if (attribute == NULL)
    reading->func(&value, reading->data);
  for (size_t i = 0; attribute != NULL && i < attribute->n_values; i++) {
    g_string_truncate(taking->value, 0);
    g_string_append_len(taking->value, attribute->values[i].at, (gssize)attribute->values[i].n);
    value.value = taking->value->str;
    reading->func(&value, reading->data);
  }
}

static bool take(const Observed *observed, void *data, GError **error)
{
  Taking *taking = data;
  (void)error;
  if (is_container(taking, observed))
    return true;
  name_it(taking, observed);
  for (guint i = 0; i < taking->attrs->len; i++)
    take_values(taking, observed, &g_array_index(taking->attrs, Wanted, i));
  return true;
}

static void list_containers(Taking *taking)
{
  const char *base = taking->reading->config->base;
  taking->containers = g_ptr_array_new_with_free_func(g_free);
  for (const char *const *place = taking->klass->containers; *place != NULL; place++)
    g_ptr_array_add(taking->containers,
                    **place == '\0' ? g_strdup(base) : g_strdup_printf("%s,%s", *place, base));
}

static Interest interest(const Observed *sketch, void *data)
{
  const Taking *taking = data;
  return matcher_knows(taking->matcher, sketch) ? INTEREST_ENTRY : INTEREST_BELOW;
}

static const char *structural_class(const Klass *klass)
{
  const char *last = NULL;
  for (const char *const *name = klass->classes; *name != NULL; name++)
    last = *name;
  return last;
}

static bool read_class(Gather *gather, Taking *taking, Reader *reader, GError **error)
{
  g_autoptr(GPtrArray) attributes = g_ptr_array_new();
  g_ptr_array_add(attributes, (char *)gather->klass->key_attribute);
  for (guint i = 0; i < taking->attrs->len; i++)
    g_ptr_array_add(
        attributes,
        (char *)taking->reading->attributes[g_array_index(taking->attrs, Wanted, i).attribute]);
  g_ptr_array_add(attributes, NULL);
  Scope scope = {.places = gather->klass->containers,
                 .klass = structural_class(gather->klass),
                 .attributes = (const char *const *)attributes->pdata};
  if (!target_tells_orphans(taking->reading->config)) {
    scope.knows = interest;
    scope.knows_data = taking;
  }
  size_t n = 0;
  return reader_read(reader, &scope, table_schema(taking->objects->table), take, taking, &n,
                     error) &&
         (!taking->reading->tells ||
          gather_as_of(gather, reader, gather->klass->containers, error));
}

// What nobody may see, or no overlay writes, looks like accounts that were never used.
static bool find_known(Gather *gather, Taking *taking, GError **error)
{
  const char *const *names = taking->reading->attributes;
  Schema *schema = table_schema(taking->objects->table);
  for (size_t i = 0; names[i] != NULL; i++) {
    Wanted wanted = {.attribute = i};
    if (schema_find(schema, names[i], &wanted.attr) && schema_at(schema, wanted.attr)->known)
      g_array_append_val(taking->attrs, wanted);
    else if (i == 0)
      return gather_fail(gather, "failed", error, _("target %s knows no attribute %s"),
                         taking->reading->config->name, names[i]);
  }
  return true;
}

bool accounts_read(Gather *gather, const AccountReading *reading, GError **error)
{
  const EvidenceSetup *setup = gather->setup;
  EvidenceObjects objects = {0};
  g_autoptr(Reader) reader = accounts_reader(gather, reading->config, error);
  if (reader == NULL ||
      !setup->objects(gather->klass, reader, reading->attributes, &objects, setup->data, error))
    return false;
  g_auto(Taking) taking = {.reading = reading,
                           .klass = gather->klass,
                           .objects = &objects,
                           .attrs = g_array_new(FALSE, FALSE, sizeof(Wanted)),
                           .object = g_string_new(NULL),
                           .label = g_string_new(NULL),
                           .value = g_string_new(NULL)};
  list_containers(&taking);
  if (!find_known(gather, &taking, error))
    return false;
  taking.matcher = matcher_new(gather->klass, objects.klass, objects.table, setup->store, error);
  return taking.matcher != NULL && read_class(gather, &taking, reader, error);
}
