// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a target asks beyond its schema, where entries are compared with each other.
#include "model_p.h"

#include <string.h>

void limits_fold(const char *text, GString *out)
{
  g_autoptr(GString) katakana = g_string_new(NULL);
  text_katakana(text, katakana);
  g_autofree char *apart = g_utf8_normalize(katakana->str, -1, G_NORMALIZE_NFKD);
  g_autofree char *folded = apart ? g_utf8_casefold(apart, -1) : NULL;
  if (!folded)
    g_string_append(out, text);
  for (const char *at = folded; at && *at; at = g_utf8_next_char(at))
    if (g_unichar_type(g_utf8_get_char(at)) != G_UNICODE_NON_SPACING_MARK)
      g_string_append_unichar(out, g_utf8_get_char(at));
}

bool limits_refuse(const Limits *limits, const LimitsQuestion *question, GString *why)
{
  const LimitsQuestion *asked = question;
  return (limits->refuses && limits->refuses(asked->klass, asked->attribute, asked->value, why)) ||
         (limits->refuses_own &&
          limits->refuses_own(limits, asked->klass, asked->attribute, asked->value, why));
}

// ---------------------------------------------------------------------------------------------
// Values that no two entries may share.

typedef struct Sharing {
  Table *table;
  Findings *findings;
  GHashTable *takers;  // "ATTRIBUTE NORMAL FORM" -> entry + 1
} Sharing;

static void tell_twice(const Sharing *sharing, uint32_t first, uint32_t second, const Attr *attr,
                       const char *value)
{
  g_autoptr(GString) one = g_string_new(NULL), other = g_string_new(NULL);
  table_object(sharing->table, first, one);
  table_object(sharing->table, second, other);
  Finding finding = {.level = FINDING_ERROR,
                     .code = "value-twice",
                     .subject = entry_key(table_at(sharing->table, second)),
                     .field = attr->name};
  findings_add(sharing->findings, &finding,
               _("%s and %s would both have %s “%s”, which the target takes once, whatever kind of "
                 "entry it is: the second is left out. Give one of them another one."),
               one->str, other->str, attr->name, value);
}

// True when another has it already.
static bool is_taken(const Sharing *sharing, uint32_t index, const Attr *attr, const Value *value)
{
  g_autoptr(GString) key = g_string_new(attr->name);
  g_autofree char *text = g_strndup(value->bytes, value->n_bytes);
  g_string_append_c(key, ' ');
  limits_fold(text, key);
  uint32_t taker = GPOINTER_TO_UINT(g_hash_table_lookup(sharing->takers, key->str));
  if (taker == 0)
    g_hash_table_insert(sharing->takers, g_strdup(key->str), GUINT_TO_POINTER(index + 1));
  else
    tell_twice(sharing, taker - 1, index, attr, text);
  return taker != 0;
}

static bool shares(const Sharing *sharing, uint32_t index, const Limits *limits)
{
  const Schema *schema = table_schema(sharing->table);
  Cursor cursor = entry_cursor(table_at(sharing->table, index));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const Attr *attr = schema_at((Schema *)schema, packed.attr);
    Value value;
    if (packed.n_values == 0 || !limits_is_unique(limits, attr->name))
      continue;
    packed_value(packed.at, &value);
    if (value.kind == VALUE_TEXT && is_taken(sharing, index, attr, &value))
      return true;
  }
  return false;
}

bool limits_is_unique(const Limits *limits, const char *attribute)
{
  for (const char *const *name = limits->unique; name && *name; name++)
    if (g_ascii_strcasecmp(*name, attribute) == 0)
      return true;
  return false;
}

void limits_part(Table *table, GHashTable *doubles, Findings *findings)
{
  const Limits *limits = schema_limits(table_schema(table));
  if (!limits || !limits->unique)
    return;
  g_autoptr(GHashTable) takers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Sharing sharing = {table, findings, takers};
  for (uint32_t i = 0; i < table_count(table); i++)
    if (table_at(table, i)->presence != PRESENCE_ABSENT && !table_is_double(table, i) &&
        shares(&sharing, i, limits))
      g_hash_table_add(doubles, GUINT_TO_POINTER(i));
}
