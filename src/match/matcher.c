// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/match.h>
#include <sodium.h>
#include <string.h>

// Bindings and keys are compared by a keyed 64-bit hash: nobody outside can choose two entries that
// collide, and by accident one in a million entries collides once in 10^7 runs.
struct Matcher {
  const Klass *klass;
  const Table *table;
  uint16_t table_klass;
  AttrId key;
  uint32_t n_entries;
  uint64_t *bound;        // by entry: hash of the stable id it is bound to; 0 = none
  GHashTable *by_stable;  // hash of stable id -> entry + 1; built when first asked
  uint8_t *seen;          // by entry
  uint8_t *given;         // by entry: we gave it, and the target has no identifier of it
  GHashTable
      *adoptable;  // "attribute\nnormal value" -> entry + 1, 0 = several; built when first asked
  unsigned char hash_key[crypto_shorthash_KEYBYTES];
};

static uint64_t stable_hash(const Matcher *matcher, const char *bytes, size_t n)
{
  uint64_t hash;
  G_STATIC_ASSERT(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)bytes, n, matcher->hash_key);
  return hash == 0 ? 1 : hash;
}

// Entry of "account/17" if it is of the matcher's class; ENTRY_NONE else.
static uint32_t entry_of_object(const Matcher *matcher, const char *object)
{
  const char *slash = strchr(object, '/');
  const char *name = matcher->klass->name;
  if (slash == NULL || strncmp(object, name, (size_t)(slash - object)) != 0 ||
      name[slash - object] != '\0')
    return ENTRY_NONE;
  if (matcher->klass->subject == FOR_GROUP)
    return table_find_key(matcher->table, matcher->table_klass, slash + 1);
  // "role/17/KEY"
  const char *key = matcher->klass->subject == FOR_ASSIGNMENT ? strchr(slash + 1, '/') : NULL;
  if (key != NULL)
    return table_find_key(matcher->table, matcher->table_klass, key + 1);
  guint64 subject = 0;
  if (!g_ascii_string_to_unsigned(slash + 1, 10, 1, UINT32_MAX, &subject, NULL))
    return ENTRY_NONE;
  return table_find_subject(matcher->table, matcher->table_klass, (uint32_t)subject);
}

static bool take_binding(const char *object, const char *stable_id, void *data)
{
  Matcher *matcher = data;
  uint32_t entry = entry_of_object(matcher, object);
  if (entry == ENTRY_NONE)
    return true;
  if (g_str_has_prefix(stable_id, BINDING_GIVEN)) {
    matcher->given[entry] = 1;
    return true;
  }
  uint64_t hash = stable_hash(matcher, stable_id, strlen(stable_id));
  matcher->bound[entry] = hash;
  return true;
}

Matcher *matcher_new(const Klass *klass, uint16_t table_klass, const Table *table, Store *store,
                     GError **error)
{
  g_autoptr(Matcher) matcher = g_new0(Matcher, 1);
  matcher->klass = klass;
  matcher->table = table;
  matcher->table_klass = table_klass;
  matcher->key = schema_attr(table_schema(table), klass->key_attribute);
  matcher->n_entries = (uint32_t)table_count(table);
  matcher->bound = g_new0(uint64_t, matcher->n_entries + 1);
  matcher->seen = g_new0(uint8_t, matcher->n_entries + 1);
  matcher->given = g_new0(uint8_t, matcher->n_entries + 1);
  crypto_shorthash_keygen(matcher->hash_key);
  if (!store_bindings_each(store, klass->target, take_binding, matcher, error))
    return NULL;
  return g_steal_pointer(&matcher);
}

void matcher_free(Matcher *matcher)
{
  if (matcher == NULL)
    return;
  g_free(matcher->bound);
  g_free(matcher->seen);
  g_free(matcher->given);
  g_clear_pointer(&matcher->by_stable, g_hash_table_unref);
  g_clear_pointer(&matcher->adoptable, g_hash_table_unref);
  g_free(matcher);
}

static const ObservedAttr *observed_attr(const Observed *observed, AttrId attr)
{
  for (size_t i = 0; i < observed->n_attributes; i++)
    if (observed->attributes[i].attr == attr)
      return &observed->attributes[i];
  return NULL;
}

// The one object that a value of the key attribute names; *several when values name different ones.
static uint32_t find_by_key(const Matcher *matcher, const Observed *observed, bool *several)
{
  const ObservedAttr *key = observed_attr(observed, matcher->key);
  uint32_t found = ENTRY_NONE;
  for (size_t i = 0; key != NULL && i < key->n_values; i++) {
    char small[1024];  // the path of a folder is the longest key
    const Bytes *value = &key->values[i];
    if (value->n >= sizeof small || memchr(value->at, '\0', value->n) != NULL)
      continue;
    memcpy(small, value->at, value->n);
    small[value->n] = '\0';
    uint32_t entry = table_find_key(matcher->table, matcher->table_klass, small);
    if (entry != ENTRY_NONE && found != ENTRY_NONE && entry != found)
      *several = true;
    if (entry != ENTRY_NONE)
      found = entry;
  }
  return found;
}

// Most entries are found by their key, and bound to it.
static uint32_t find_by_stable(Matcher *matcher, uint64_t hash)
{
  if (matcher->by_stable == NULL) {
    matcher->by_stable = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (uint32_t i = 0; i < matcher->n_entries; i++)
      if (matcher->bound[i] != 0)
        g_hash_table_insert(matcher->by_stable, GSIZE_TO_POINTER(matcher->bound[i]),
                            GUINT_TO_POINTER(i + 1));
  }
  // 0, not found, becomes ENTRY_NONE.
  return GPOINTER_TO_UINT(g_hash_table_lookup(matcher->by_stable, GSIZE_TO_POINTER(hash))) - 1;
}

MatchKind matcher_find(Matcher *matcher, const Observed *observed, uint32_t *entry)
{
  bool several = false;
  uint32_t by_key = find_by_key(matcher, observed, &several);
  uint64_t hash = observed->stable_id.n == 0
                      ? 0
                      : stable_hash(matcher, observed->stable_id.at, observed->stable_id.n);
  uint32_t by_stable = by_key;
  if (hash != 0 && (by_key == ENTRY_NONE || matcher->bound[by_key] != hash))
    by_stable = find_by_stable(matcher, hash);

  bool bound = hash != 0 && by_stable != ENTRY_NONE && matcher->bound[by_stable] == hash;
  *entry = bound ? by_stable : by_key;
  if (*entry == ENTRY_NONE)
    return MATCHED_ORPHAN;
  // Codes of units pass from one to another in a reorganisation, so the key of a bound one tells nothing.
  bool disagree =
      bound && by_key != ENTRY_NONE && by_key != by_stable && matcher->klass->subject != FOR_UNIT;
  bool other_bound = !bound && hash != 0 && matcher->bound[*entry] != 0;
  if (several || disagree || other_bound || matcher->seen[*entry])
    return MATCHED_AMBIGUOUS;
  matcher->seen[*entry] = 1;
  return bound ? MATCHED_BOUND : MATCHED_KEY;
}

bool matcher_knows(Matcher *matcher, const Observed *observed)
{
  bool several = false;
  if (find_by_key(matcher, observed, &several) != ENTRY_NONE)
    return true;
  return observed->stable_id.n > 0 &&
         find_by_stable(matcher, stable_hash(matcher, observed->stable_id.at,
                                             observed->stable_id.n)) != ENTRY_NONE;
}

bool matcher_seen(const Matcher *matcher, uint32_t entry)
{
  return entry < matcher->n_entries && matcher->seen[entry] != 0;
}

bool matcher_bound(const Matcher *matcher, uint32_t entry)
{
  return entry < matcher->n_entries && matcher->bound[entry] != 0;
}

bool matcher_given(const Matcher *matcher, uint32_t entry)
{
  return entry < matcher->n_entries && (matcher->bound[entry] != 0 || matcher->given[entry] != 0);
}

bool matcher_bound_to(const Matcher *matcher, uint32_t entry, const Observed *observed)
{
  return observed->stable_id.n > 0 && matcher_bound(matcher, entry) &&
         matcher->bound[entry] ==
             stable_hash(matcher, observed->stable_id.at, observed->stable_id.n);
}

static bool adopts_by(const Matcher *matcher, const Attr *attr)
{
  for (const char *const *adopt = matcher->klass->adopt; adopt != NULL && *adopt != NULL; adopt++)
    if (g_ascii_strcasecmp(*adopt, attr->name) == 0)
      return true;
  return false;
}

static char *adopt_key(const Attr *attr, const char *bytes, size_t n)
{
  GString *key = g_string_new(attr->name);
  g_string_ascii_down(key);
  g_string_append_c(key, '\n');
  schema_normal(attr, bytes, n, key);
  return g_string_free(key, FALSE);
}

static void index_entry(Matcher *matcher, uint32_t entry)
{
  Schema *schema = table_schema(matcher->table);
  Cursor cursor = entry_cursor(table_at(matcher->table, entry));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    const Attr *attr = schema_at(schema, packed.attr);
    if (!adopts_by(matcher, attr))
      continue;
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind != VALUE_TEXT)
        continue;
      char *key = adopt_key(attr, value.bytes, value.n_bytes);
      bool known = g_hash_table_contains(matcher->adoptable, key);
      g_hash_table_insert(matcher->adoptable, key, known ? NULL : GUINT_TO_POINTER(entry + 1));
    }
  }
}

static void index_adoptable(Matcher *matcher)
{
  matcher->adoptable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (uint32_t i = 0; i < matcher->n_entries; i++) {
    const Entry *entry = table_at(matcher->table, i);
    if (entry->klass == matcher->table_klass && entry->presence == PRESENCE_PRESENT &&
        !matcher->seen[i] && matcher->bound[i] == 0)
      index_entry(matcher, i);
  }
}

uint32_t matcher_candidate(Matcher *matcher, const Observed *orphan, const char **by)
{
  Schema *schema = table_schema(matcher->table);
  if (matcher->adoptable == NULL)
    index_adoptable(matcher);
  uint32_t found = ENTRY_NONE;
  for (size_t i = 0; i < orphan->n_attributes; i++) {
    const ObservedAttr *attribute = &orphan->attributes[i];
    const Attr *attr = schema_at(schema, attribute->attr);
    if (!adopts_by(matcher, attr))
      continue;
    for (size_t j = 0; j < attribute->n_values; j++) {
      g_autofree char *key = adopt_key(attr, attribute->values[j].at, attribute->values[j].n);
      uint32_t entry = GPOINTER_TO_UINT(g_hash_table_lookup(matcher->adoptable, key)) - 1;
      if (entry == ENTRY_NONE)
        continue;
      if (found != ENTRY_NONE && found != entry)
        return ENTRY_NONE;
      found = entry;
      *by = attr->name;
    }
  }
  return found;
}
