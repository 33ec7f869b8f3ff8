// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// Secrets that are made anew: when an account is switched on again, so that who knew the old one does not
// come in with it, and when a field that stands for it changes (the loan of a pool account). What the
// present one was made for is remembered when it is made (apply), not here.

// What the value says it is for; NULL = nothing in particular.
static const char *purpose_of(const char *bytes, size_t n_bytes)
{
  const char *space = memchr(bytes, ' ', n_bytes);
  return space == NULL ? NULL : space + 1;
}

static bool is_for_another(const Side *side, uint32_t entry, AttrId attr, const Value *value)
{
  g_autofree char *bytes = g_strndup(value->bytes, value->n_bytes);
  const char *purpose = purpose_of(bytes, value->n_bytes);
  if (purpose == NULL)
    return false;
  g_autoptr(GString) object = g_string_new(NULL);
  table_object(side->table, entry, object);
  g_autofree char *name =
      secret_made_for(side->target->config->name, object->str, schema_at(side->schema, attr)->name);
  return g_strcmp0(store_cursor_get(side->setup->store, SECRETS_MADE_FOR, name), purpose) != 0;
}

// Made switched off and never on yet: nobody knows its secret.
static bool is_unused(Side *side, uint32_t entry)
{
  g_autofree char *name = secret_made_for(side->target->config->name, side_object(side, entry), "");
  return store_cursor_get(side->setup->store, SECRETS_UNUSED, name) != NULL;
}

static bool secret_at(const Packed *packed, Value *out)
{
  if (packed->n_values == 0)
    return false;
  packed_value(packed->at, out);
  return out->kind == VALUE_SECRET;
}

bool side_secret_due(const Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  Value value;
  while (entry->enabled != ENABLED_NO && cursor_next(&cursor, &packed))
    if (secret_at(&packed, &value) && is_for_another(side, index, packed.attr, &value))
      return true;
  return false;
}

void side_renew_secrets(Side *side, uint32_t index, bool enables, Changes *out)
{
  const Entry *entry = table_at(side->table, index);
  bool again = enables && !is_unused(side, index);
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  Value value;
  while (entry->enabled != ENABLED_NO && cursor_next(&cursor, &packed)) {
    if (!secret_at(&packed, &value) || !((again && packed.policy == POLICY_RENEW) ||
                                         is_for_another(side, index, packed.attr, &value)))
      continue;
    diff_renew(side, packed.attr, &value, out);
  }
}
