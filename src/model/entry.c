// SPDX-License-Identifier: GPL-3.0-or-later
//
// The packed form of an entry: rdn, key and reason, each with its NUL; the number of attributes; and
// for each its id, policy and number of values, then the values. Numbers are varints, seven bits a
// byte, the lowest first.
#include "model_p.h"

#define KIND_BITS 2
#define POLICY_BITS 3

static void put_number(GByteArray *out, uint64_t number)
{
  uint8_t bytes[10];
  unsigned n = 0;
  do {
    bytes[n++] = (uint8_t)((number & 0x7F) | (number > 0x7F ? 0x80 : 0));
    number >>= 7;
  } while (number);
  g_byte_array_append(out, bytes, n);
}

static const uint8_t *get_number(const uint8_t *at, uint64_t *out)
{
  uint64_t number = 0;
  int shift = 0;
  do {
    number |= (uint64_t)(*at & 0x7F) << shift;
    shift += 7;
  } while (*at++ & 0x80);
  *out = number;
  return at;
}

static void put_text(GByteArray *out, const char *text)
{
  text = text ? text : "";
  g_byte_array_append(out, (const uint8_t *)text, strlen(text) + 1);
}

static void put_value(GByteArray *out, const Value *value)
{
  put_number(out, (uint64_t)value->n_bytes << KIND_BITS | value->kind);
  if (value->n_bytes > 0)
    g_byte_array_append(out, (const uint8_t *)value->bytes, value->n_bytes);
  g_byte_array_append(out, (const uint8_t *)"", 1);
  if (value->kind == VALUE_REF)
    put_number(out, value->ref);
}

void entry_pack(const EntryDraft *draft, GByteArray *out)
{
  g_assert(draft->n_attributes <= UINT16_MAX);
  put_text(out, draft->rdn);
  put_text(out, draft->key);
  put_text(out, draft->reason);
  put_number(out, draft->n_attributes);
  for (size_t i = 0; i < draft->n_attributes; i++) {
    const Attribute *attribute = &draft->attributes[i];
    put_number(out, attribute->attr);
    put_number(out, (uint64_t)attribute->n_values << POLICY_BITS | attribute->policy);
    for (size_t v = 0; v < attribute->n_values; v++)
      put_value(out, &attribute->values[v]);
  }
}

const char *entry_rdn(const Entry *entry)
{
  return (const char *)entry->data;
}

static const char *after_text(const char *text)
{
  return text + strlen(text) + 1;
}

const char *entry_key(const Entry *entry)
{
  return after_text(entry_rdn(entry));
}

const char *entry_reason(const Entry *entry)
{
  return after_text(entry_key(entry));
}

Cursor entry_cursor(const Entry *entry)
{
  uint64_t n_attributes;
  const uint8_t *at = get_number((const uint8_t *)after_text(entry_reason(entry)), &n_attributes);
  return (Cursor){.at = at, .left = (uint16_t)n_attributes};
}

bool cursor_next(Cursor *cursor, Packed *out)
{
  if (cursor->left == 0)
    return false;
  cursor->left--;
  uint64_t attr, values;
  out->at = get_number(get_number(cursor->at, &attr), &values);
  out->attr = (AttrId)attr;
  out->policy = (Policy)(values & ((1 << POLICY_BITS) - 1));
  out->n_values = (uint16_t)(values >> POLICY_BITS);
  cursor->at = out->at;
  Value skipped;
  for (size_t i = 0; i < out->n_values; i++)
    cursor->at = packed_value(cursor->at, &skipped);
  return true;
}

const uint8_t *packed_value(const uint8_t *at, Value *out)
{
  uint64_t head, ref = 0;
  at = get_number(at, &head);
  out->kind = (ValueKind)(head & ((1 << KIND_BITS) - 1));
  out->n_bytes = (uint32_t)(head >> KIND_BITS);
  out->bytes = (const char *)at;
  at += out->n_bytes + 1;
  if (out->kind == VALUE_REF)
    at = get_number(at, &ref);
  out->ref = (uint32_t)ref;
  return at;
}
