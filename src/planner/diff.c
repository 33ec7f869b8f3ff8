// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

void changes_init(Changes *changes)
{
  changes->changes = g_array_new(FALSE, TRUE, sizeof(OpChange));
  changes->attrs = g_array_new(FALSE, TRUE, sizeof(AttrId));
}

void changes_clear(Changes *changes)
{
  g_clear_pointer(&changes->changes, g_array_unref);
  g_clear_pointer(&changes->attrs, g_array_unref);
}

const ObservedAttr *diff_observed_attr(const Observed *observed, AttrId attr)
{
  for (size_t i = 0; i < observed->n_attributes; i++)
    if (observed->attributes[i].attr == attr)
      return &observed->attributes[i];
  return NULL;
}

// The DN a reference stands for when everything is in its place.
static void ref_place(const Side *side, const Value *value, GString *out)
{
  table_place(side->table, value->ref, side->base, out);
}

static bool value_same_bytes(const Side *side, const Value *value, const Bytes *observed)
{
  if (value->kind == VALUE_TEXT)
    return value->n_bytes == observed->n && memcmp(value->bytes, observed->at, observed->n) == 0;
  g_string_truncate(side->scratch, 0);
  ref_place(side, value, side->scratch);
  return side->scratch->len == observed->n &&
         memcmp(side->scratch->str, observed->at, observed->n) == 0;
}

// Whether every value of one side has an equal on the other, by bytes, in any order.
static bool values_same_bytes(const Side *side, const Packed *packed, const ObservedAttr *observed)
{
  if (packed->n_values != observed->n_values)
    return false;
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values; i++) {
    Value value;
    at = packed_value(at, &value);
    size_t j = i;  // servers keep the order in which values were added: look there first
    size_t tried = 0;
    while (tried < observed->n_values && !value_same_bytes(side, &value, &observed->values[j])) {
      j = (j + 1) % observed->n_values;
      tried++;
    }
    if (tried == observed->n_values)
      return false;
  }
  return true;
}

// Nothing, or only what means the same.
static bool is_nothing(const Side *side, const Packed *packed, const ObservedAttr *observed)
{
  const Attr *attr = schema_at(side->schema, packed->attr);
  for (size_t i = 0; observed != NULL && i < observed->n_values; i++)
    if (!schema_is_nothing(attr, observed->values[i].at, observed->values[i].n))
      return false;
  return true;
}

// What stands for no end is there to be compared with.
static uint16_t n_wanted(const Packed *packed)
{
  return packed->policy == POLICY_END ? MIN(packed->n_values, 1) : packed->n_values;
}

// "2027-04-01" and "2027-03-31", "20270401" and "99999999": digits in the same places.
static bool same_shape(const GString *a, const GString *b)
{
  if (a->len != b->len)
    return false;
  for (size_t i = 0; i < a->len; i++)
    if (g_ascii_isdigit(a->str[i]) ? !g_ascii_isdigit(b->str[i]) : a->str[i] != b->str[i])
      return false;
  return true;
}

// Whether the target has a last day that is not after the wanted one: then it is over there already. What stands
// for no end is none.
static bool has_ended(const Side *side, const Packed *packed, const ObservedAttr *observed)
{
  const Attr *attr = schema_at(side->schema, packed->attr);
  if (observed == NULL || observed->n_values != 1 || packed->n_values == 0)
    return false;
  g_autoptr(GString) there = g_string_new(NULL), day = g_string_new(NULL),
                     never = g_string_new(NULL);
  GString *const wanted[] = {day, never};
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < MIN(packed->n_values, G_N_ELEMENTS(wanted)); i++) {
    Value value;
    at = packed_value(at, &value);
    schema_normal(attr, value.bytes, value.n_bytes, wanted[i]);
  }
  schema_normal(attr, observed->values[0].at, observed->values[0].n, there);
  return same_shape(there, day) && strcmp(there->str, day->str) <= 0 &&
         !(packed->n_values > 1 && g_string_equal(there, never));
}

static bool attribute_same(const Side *side, const Packed *packed, const ObservedAttr *observed)
{
  switch (packed->policy) {
  case POLICY_ONCE:
  case POLICY_RENEW:
    return true;
  case POLICY_KEEP:
    return observed != NULL || packed->n_values == 0;
  case POLICY_CLEAR:
    return is_nothing(side, packed, observed);
  case POLICY_END:
    return has_ended(side, packed, observed);
  case POLICY_MERGE:
  case POLICY_FORCE:
    break;
  }
  if (packed->n_values == 0)
    return is_nothing(side, packed, observed);
  return observed != NULL && values_same_bytes(side, packed, observed);
}

bool diff_same(const Side *side, const Entry *entry, const Observed *observed)
{
  if (entry->presence == PRESENCE_ABSENT || *entry_rdn(entry) == '\0')
    return false;
  if (entry->enabled != ENABLED_UNMANAGED && observed->enabled != ENABLED_UNMANAGED &&
      entry->enabled != observed->enabled)
    return false;
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed))
    if (!attribute_same(side, &packed, diff_observed_attr(observed, packed.attr)))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

OpValue diff_value(Side *side, const Value *value)
{
  OpValue out = {.kind = value->kind, .n = value->n_bytes};
  if (value->kind == VALUE_REF) {
    side_place(side, value->ref);
    out.bytes = side_object(side, value->ref);
    out.n = strlen(out.bytes);
    return out;
  }
  out.bytes = g_string_chunk_insert_len(side->arena, value->bytes, (gssize)value->n_bytes);
  return out;
}

static OpValue observed_value(Side *side, const Bytes *bytes)
{
  return (OpValue){.kind = VALUE_TEXT,
                   .bytes = g_string_chunk_insert_len(side->arena, bytes->at, (gssize)bytes->n),
                   .n = bytes->n};
}

// What is to be taken away. Where the target follows entries that move, one that refers to an entry of ours is named
// by that: its DN may be another when its turn comes.
static OpValue outgoing_value(Side *side, const Attr *attr, const Bytes *bytes)
{
  bool follows = attr->match == MATCH_DN && target_follows_references(side->target->config);
  uint32_t there = follows ? side_find_place(side, bytes->at, bytes->n) : ENTRY_NONE;
  if (there == ENTRY_NONE)
    return observed_value(side, bytes);
  side_place(side, there);
  const char *object = side_object(side, there);
  return (OpValue){.kind = VALUE_REF, .bytes = object, .n = strlen(object)};
}

// A reference to an entry that is about to have another DN is not equal to its present one: servers
// without referential integrity leave it behind, and for the others the change is already so.
static bool value_equal(Side *side, const Attr *attr, const Value *value, const Bytes *observed)
{
  switch (value->kind) {
  case VALUE_SECRET:
    return true;
  case VALUE_TEXT:
    return schema_equal(attr, value->bytes, value->n_bytes, observed->at, observed->n);
  case VALUE_REF:
    break;
  }
  uint32_t there = side_find_place(side, observed->at, observed->n);
  if (there != ENTRY_NONE)
    return there == value->ref &&
           (target_follows_references(side->target->config) ||
            !g_hash_table_contains(side->located, GUINT_TO_POINTER(value->ref)));
  g_autoptr(GString) place = g_string_new(NULL);
  ref_place(side, value, place);
  return schema_equal(attr, place->str, place->len, observed->at, observed->n);
}

typedef struct ValueSets {
  GArray *old_values, *new_values;  // OpValue
} ValueSets;

static void compare_values(Side *side, const Packed *packed, const ObservedAttr *observed,
                           ValueSets *sets)
{
  const Attr *attr = schema_at(side->schema, packed->attr);
  size_t n_observed = observed == NULL ? 0 : observed->n_values;
  g_autofree uint8_t *matched = g_new0(uint8_t, n_observed + 1);
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < n_wanted(packed) && packed->policy != POLICY_CLEAR; i++) {
    Value value;
    at = packed_value(at, &value);
    size_t j = 0;
    while (j < n_observed && !value_equal(side, attr, &value, &observed->values[j]))
      j++;
    if (j < n_observed) {
      matched[j] = 1;
    } else if (n_observed > 0 || value.kind != VALUE_TEXT ||
               !schema_is_nothing(attr, value.bytes, value.n_bytes)) {
      OpValue wanted = diff_value(side, &value);
      g_array_append_val(sets->new_values, wanted);
    }
  }
  bool wants_none = packed->n_values == 0 || packed->policy == POLICY_CLEAR;
  if (packed->policy == POLICY_MERGE || (wants_none && is_nothing(side, packed, observed)))
    return;
  for (size_t j = 0; j < n_observed; j++) {
    if (matched[j])
      continue;
    OpValue there = outgoing_value(side, attr, &observed->values[j]);
    g_array_append_val(sets->old_values, there);
  }
}

static bool is_wanted(Side *side, const Packed *packed, const Bytes *there)
{
  const Attr *attr = schema_at(side->schema, packed->attr);
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values; i++) {
    Value value;
    at = packed_value(at, &value);
    if (value_equal(side, attr, &value, there))
      return true;
  }
  return false;
}

void diff_rights_of_others(Side *side, const Entry *entry, const Observed *observed, GString *out)
{
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const ObservedAttr *there = diff_observed_attr(observed, packed.attr);
    if (packed.policy != POLICY_MERGE || there == NULL ||
        schema_at(side->schema, packed.attr)->match != MATCH_ACCESS)
      continue;
    for (size_t i = 0; i < there->n_values; i++) {
      if (is_wanted(side, &packed, &there->values[i]))
        continue;
      g_string_append(out, out->len > 0 ? ", " : "");
      g_string_append_len(out, there->values[i].at, (gssize)there->values[i].n);
    }
  }
}

// An attribute without an equality rule is replaced whole, so all values stand on both sides.
static void whole_values(Side *side, const Packed *packed, const ObservedAttr *observed,
                         ValueSets *sets)
{
  g_array_set_size(sets->old_values, 0);
  g_array_set_size(sets->new_values, 0);
  for (size_t j = 0; observed != NULL && j < observed->n_values; j++) {
    OpValue there = observed_value(side, &observed->values[j]);
    g_array_append_val(sets->old_values, there);
  }
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < n_wanted(packed); i++) {
    Value value;
    at = packed_value(at, &value);
    OpValue wanted = diff_value(side, &value);
    g_array_append_val(sets->new_values, wanted);
  }
}

static const OpValue *keep_values(Side *side, GArray *values)
{
  size_t n_bytes = values->len * sizeof(OpValue);
  if (n_bytes == 0)
    return NULL;
  // The chunk aligns nothing: reserve enough to align here.
  char *room = g_string_chunk_insert_len(side->arena, values->data, (gssize)n_bytes);
  uintptr_t misaligned = (uintptr_t)room % _Alignof(OpValue);
  if (misaligned == 0)
    return (const OpValue *)(void *)room;
  g_autofree char *padded = g_malloc0(n_bytes + _Alignof(OpValue));
  room = g_string_chunk_insert_len(side->arena, padded, (gssize)(n_bytes + _Alignof(OpValue)));
  misaligned = (uintptr_t)room % _Alignof(OpValue);
  room += misaligned == 0 ? 0 : _Alignof(OpValue) - misaligned;
  memcpy(room, values->data, n_bytes);
  return (const OpValue *)(void *)room;
}

static void add_change(Side *side, AttrId attr, const ValueSets *sets, Changes *out)
{
  const Attr *info = schema_at(side->schema, attr);
  OpChange change = {.attribute = info->name,
                     .old_values = keep_values(side, sets->old_values),
                     .n_old = sets->old_values->len,
                     .new_values = keep_values(side, sets->new_values),
                     .n_new = sets->new_values->len,
                     .replace = info->no_equality};
  g_array_append_val(out->changes, change);
  g_array_append_val(out->attrs, attr);
}

// The old one cannot be told, and need not be: whatever it is, it goes.
void diff_renew(Side *side, AttrId attr, const Value *value, Changes *out)
{
  OpValue wanted = diff_value(side, value);
  g_autoptr(GArray) one = g_array_new(FALSE, FALSE, sizeof(OpValue));
  g_array_append_val(one, wanted);
  OpChange change = {.attribute = schema_at(side->schema, attr)->name,
                     .new_values = keep_values(side, one),
                     .n_new = 1,
                     .replace = true};
  g_array_append_val(out->changes, change);
  g_array_append_val(out->attrs, attr);
}

// The attribute of the relative name follows the name: a rename carries it.
static bool names_entry(const Entry *entry, const Attr *attr)
{
  const char *rdn = entry_rdn(entry);
  size_t n = strlen(attr->name);
  return g_ascii_strncasecmp(rdn, attr->name, n) == 0 && rdn[n] == '=';
}

// What refers to an entry that is not there keeps its values until that one is clear: its note says so.
static bool refers_to_nothing(const Side *side, const Packed *packed)
{
  const uint8_t *at = packed->at;
  for (uint16_t i = 0; i < packed->n_values; i++) {
    Value value;
    at = packed_value(at, &value);
    if (value.kind == VALUE_REF && side_unreachable(side, value.ref))
      return true;
  }
  return false;
}

static bool policy_asks(const Side *side, const Packed *packed, const ObservedAttr *observed)
{
  return packed->policy != POLICY_ONCE && packed->policy != POLICY_RENEW &&
         !(packed->policy == POLICY_KEEP && observed != NULL) &&
         !(packed->policy == POLICY_END && has_ended(side, packed, observed));
}

void diff_entry(Side *side, const Entry *entry, const Observed *observed, Changes *out)
{
  ValueSets sets = {g_array_new(FALSE, FALSE, sizeof(OpValue)),
                    g_array_new(FALSE, FALSE, sizeof(OpValue))};
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const Attr *attr = schema_at(side->schema, packed.attr);
    const ObservedAttr *there = diff_observed_attr(observed, packed.attr);
    if (!policy_asks(side, &packed, there) || attr->from_place || names_entry(entry, attr) ||
        refers_to_nothing(side, &packed))
      continue;
    g_array_set_size(sets.old_values, 0);
    g_array_set_size(sets.new_values, 0);
    compare_values(side, &packed, there, &sets);
    if (sets.old_values->len + sets.new_values->len == 0)
      continue;
    if (attr->no_equality)
      whole_values(side, &packed, there, &sets);
    add_change(side, packed.attr, &sets, out);
  }
  g_array_unref(sets.old_values);
  g_array_unref(sets.new_values);
}

// ---------------------------------------------------------------------------------------------

static void add_text(Side *side, GArray *values, const char *text)
{
  Bytes bytes = {strlen(text), text};
  OpValue value = observed_value(side, &bytes);
  g_array_append_val(values, value);
}

static void add_classes(Side *side, const Klass *klass, ValueSets *sets, Changes *out)
{
  g_array_set_size(sets->new_values, 0);
  for (const char *const *name = klass->classes; *name != NULL; name++)
    add_text(side, sets->new_values, *name);
  add_change(side, schema_attr(side->schema, "objectClass"), sets, out);
}

// The attribute of the relative name, where no rule gives it: servers want it in the entry.
static void add_name_value(Side *side, const Entry *entry, ValueSets *sets, Changes *out)
{
  for (guint i = 0; i < out->attrs->len; i++)
    if (names_entry(entry, schema_at(side->schema, g_array_index(out->attrs, AttrId, i))))
      return;
  const char *rdn = entry_rdn(entry);
  const char *equals = strchr(rdn, '=');
  if (equals == NULL)
    return;
  g_autofree char *name = g_strndup(rdn, (gsize)(equals - rdn));
  g_autofree char *value = place_unescape(equals + 1);
  g_array_set_size(sets->new_values, 0);
  add_text(side, sets->new_values, value);
  add_change(side, schema_attr(side->schema, name), sets, out);
}

void diff_create(Side *side, uint32_t index, const Klass *klass, Changes *out)
{
  const Entry *entry = table_at(side->table, index);
  ValueSets sets = {g_array_new(FALSE, FALSE, sizeof(OpValue)),
                    g_array_new(FALSE, FALSE, sizeof(OpValue))};
  add_classes(side, klass, &sets, out);
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    if (schema_at(side->schema, packed.attr)->from_place)
      continue;
    g_array_set_size(sets.new_values, 0);
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values && packed.policy != POLICY_CLEAR; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind == VALUE_REF && side_unreachable(side, value.ref))
        continue;
      OpValue wanted = diff_value(side, &value);
      g_array_append_val(sets.new_values, wanted);
    }
    if (sets.new_values->len > 0)
      add_change(side, packed.attr, &sets, out);
  }
  add_name_value(side, entry, &sets, out);
  g_array_unref(sets.old_values);
  g_array_unref(sets.new_values);
}
