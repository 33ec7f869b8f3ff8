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

// ---------------------------------------------------------------------------------------------
// What stands beside the password on the notice.

static const char *text_of(Side *side, const Entry *entry, const char *attribute)
{
  AttrId attr = 0;
  Packed packed;
  Value value;
  if (!schema_find(side->schema, attribute, &attr))
    return NULL;
  Cursor cursor = entry_cursor(entry);
  while (cursor_next(&cursor, &packed)) {
    if (packed.attr != attr || packed.n_values == 0)
      continue;
    packed_value(packed.at, &value);
    return value.kind == VALUE_TEXT
               ? g_string_chunk_insert_len(side->arena, (const char *)value.bytes, value.n_bytes)
               : NULL;
  }
  return NULL;
}

const char *side_account(Side *side, uint32_t index, const Op *op)
{
  static const char *const attributes[] = {"sAMAccountName", "uid", "userPrincipalName", "mail"};
  const Entry *entry = table_at(side->table, index);
  if (op_n_secrets(op) == 0)
    return NULL;
  // The key of a table of accounts is what one logs in with; an address beside it is not.
  bool is_row = g_str_has_prefix(entry_rdn(entry), "row=");
  for (size_t i = 0; !is_row && i < G_N_ELEMENTS(attributes); i++) {
    const char *text = text_of(side, entry, attributes[i]);
    if (text != NULL && *text != '\0')
      return text;
  }
  const char *value = strchr(entry_rdn(entry), '=');
  return value != NULL ? value + 1 : NULL;
}
