// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_p.h"

#include <inttypes.h>
#include <sodium.h>

#define ARENA_BLOCK_BYTES (64 * 1024)
// No real tree is so deep: parents beyond it are a circle.
#define DEPTH_MAX 100

struct Table {
  Schema *schema;
  GPtrArray *klasses;      // names
  GArray *shared;          // bool by class: a subject has several entries
  GHashTable *containers;  // normal form of the place -> entry
  GArray *entries;         // of Entry
  GArray *edges;           // of Edge
  GStringChunk *arena;
  GByteArray *scratch;
  Index *by_key;  // NULL until frozen
  Index *by_subject;
  GHashTable *doubles;                                // entries left out of the indexes
  unsigned char hash_key[crypto_shorthash_KEYBYTES];  // random: nobody can choose keys that collide
};

Table *table_new(Schema *schema)
{
  Table *table = g_new0(Table, 1);
  table->schema = schema;
  table->klasses = g_ptr_array_new_with_free_func(g_free);
  table->shared = g_array_new(FALSE, TRUE, sizeof(bool));
  table->containers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  table->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
  table->edges = g_array_new(FALSE, FALSE, sizeof(Edge));
  table->arena = g_string_chunk_new(ARENA_BLOCK_BYTES);
  table->scratch = g_byte_array_new();
  table->doubles = g_hash_table_new(NULL, NULL);
  randombytes_buf(table->hash_key, sizeof table->hash_key);
  table_add_klass(table, "container");
  return table;
}

void table_free(Table *table)
{
  if (!table)
    return;
  g_ptr_array_unref(table->klasses);
  g_array_unref(table->shared);
  g_hash_table_unref(table->containers);
  g_array_unref(table->entries);
  g_array_unref(table->edges);
  g_string_chunk_free(table->arena);
  g_byte_array_unref(table->scratch);
  index_free(table->by_key);
  index_free(table->by_subject);
  g_hash_table_unref(table->doubles);
  g_free(table);
}

Schema *table_schema(const Table *table)
{
  return table->schema;
}

uint16_t table_add_klass(Table *table, const char *name)
{
  g_assert(table->klasses->len < UINT16_MAX);
  g_ptr_array_add(table->klasses, g_strdup(name));
  g_array_set_size(table->shared, table->klasses->len);
  return table->klasses->len - 1;
}

void table_share_subjects(Table *table, uint16_t klass)
{
  g_array_index(table->shared, bool, klass) = true;
}

bool table_shares_subjects(const Table *table, uint16_t klass)
{
  return g_array_index(table->shared, bool, klass);
}

const char *table_klass_name(const Table *table, uint16_t klass)
{
  return table->klasses->pdata[klass];
}

size_t table_n_klasses(const Table *table)
{
  return table->klasses->len;
}

size_t table_count(const Table *table)
{
  return table->entries->len;
}

const Entry *table_at(const Table *table, uint32_t index)
{
  return &g_array_index(table->entries, Entry, index);
}

static Entry keep(Table *table, const EntryDraft *draft)
{
  g_assert(draft->klass < table->klasses->len);
  g_byte_array_set_size(table->scratch, 0);
  entry_pack(draft, table->scratch);
  return (Entry){
      .data = (const uint8_t *)g_string_chunk_insert_len(
          table->arena, (const char *)table->scratch->data, table->scratch->len),
      .subject = draft->subject,
      .parent = draft->parent,
      .klass = draft->klass,
      .presence = (uint8_t)draft->presence,
      .enabled = (uint8_t)draft->enabled,
  };
}

uint32_t table_add(Table *table, const EntryDraft *draft)
{
  g_assert(table->entries->len < ENTRY_NONE);
  Entry entry = keep(table, draft);
  g_array_append_val(table->entries, entry);
  return table->entries->len - 1;
}

void table_replace(Table *table, uint32_t index, const EntryDraft *draft)
{
  g_array_index(table->entries, Entry, index) = keep(table, draft);
}

static GArray *attributes_of(const Entry *entry, GPtrArray *values)
{
  GArray *attributes = g_array_new(FALSE, FALSE, sizeof(Attribute));
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    Value *list = g_new0(Value, packed.n_values + 1);
    g_ptr_array_add(values, list);
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++)
      at = packed_value(at, &list[i]);
    Attribute attribute = {packed.attr, packed.policy, packed.n_values, list};
    g_array_append_val(attributes, attribute);
  }
  return attributes;
}

void table_lessen(Table *table, uint32_t index, const Loss *loss)
{
  const Entry entry = *table_at(table, index);
  bool absent = loss->presence == PRESENCE_ABSENT;
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) attributes = attributes_of(&entry, values);
  EntryDraft draft = {.subject = entry.subject,
                      .parent = entry.parent,
                      .klass = entry.klass,
                      .presence = loss->presence,
                      .enabled = loss->enabled,
                      .rdn = absent ? "" : entry_rdn(&entry),
                      .key = entry_key(&entry),
                      .reason = loss->reason,
                      .attributes = (const Attribute *)(const void *)attributes->data,
                      .n_attributes = absent ? 0 : attributes->len};
  table_replace(table, index, &draft);
}

uint32_t table_container(Table *table, const char *relative)
{
  g_autoptr(GString) place = g_string_new(NULL);
  if (!place_key(relative, strlen(relative), place))
    g_string_assign(place, relative);
  void *known;
  if (g_hash_table_lookup_extended(table->containers, place->str, NULL, &known))
    return GPOINTER_TO_UINT(known);
  EntryDraft draft = {.parent = ENTRY_NONE,
                      .klass = KLASS_CONTAINER,
                      .presence = PRESENCE_GIVEN,
                      .rdn = relative,
                      .key = relative};
  uint32_t index = table_add(table, &draft);
  g_hash_table_insert(table->containers, g_string_free(g_steal_pointer(&place), FALSE),
                      GUINT_TO_POINTER(index));
  return index;
}

// ---------------------------------------------------------------------------------------------
// Indexes.

static uint64_t hash_bytes(const Table *table, const void *bytes, size_t n_bytes, uint32_t salt)
{
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, bytes, n_bytes, table->hash_key);
  // Odd multiplier (2^64 / golden ratio): spreads the salt over all bits.
  return hash ^ salt * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t hash_key(const Table *table, uint16_t klass, const char *key)
{
  return hash_bytes(table, key, strlen(key), klass);
}

static uint64_t hash_subject(const Table *table, uint16_t klass, uint32_t subject)
{
  return hash_bytes(table, &subject, sizeof subject, klass);
}

bool table_is_double(const Table *table, uint32_t index)
{
  return g_hash_table_contains(table->doubles, GUINT_TO_POINTER(index));
}

uint32_t table_find_key(const Table *table, uint16_t klass, const char *key)
{
  if (!table->by_key)
    return ENTRY_NONE;
  uint64_t hash = hash_key(table, klass, key);
  uint32_t at = 0, index;
  while (index_next(table->by_key, hash, &at, &index)) {
    const Entry *entry = table_at(table, index);
    if (entry->klass == klass && strcmp(entry_key(entry), key) == 0 &&
        !table_is_double(table, index))
      return index;
  }
  return ENTRY_NONE;
}

uint32_t table_find_subject(const Table *table, uint16_t klass, uint32_t subject)
{
  if (!table->by_subject || subject == 0)
    return ENTRY_NONE;
  uint64_t hash = hash_subject(table, klass, subject);
  uint32_t at = 0, index;
  while (index_next(table->by_subject, hash, &at, &index)) {
    const Entry *entry = table_at(table, index);
    if (entry->klass == klass && entry->subject == subject && !table_is_double(table, index))
      return index;
  }
  return ENTRY_NONE;
}

// Something that no two entries of a table may share.
typedef struct Unique {
  const char *code;
  const char *text;  // takes the two objects and what they share
  const char *(*shared)(const Entry *entry);
  // False when the entry has no such thing.
  bool (*hash)(const Table *table, const Entry *entry, GString *scratch, uint64_t *out);
  bool (*same)(const Table *table, const Entry *a, const Entry *b);
} Unique;

static bool key_hash(const Table *table, const Entry *entry, GString *scratch, uint64_t *out)
{
  (void)scratch;
  *out = hash_key(table, entry->klass, entry_key(entry));
  return true;
}

static bool key_same(const Table *table, const Entry *a, const Entry *b)
{
  (void)table;
  return a->klass == b->klass && strcmp(entry_key(a), entry_key(b)) == 0;
}

static bool subject_hash(const Table *table, const Entry *entry, GString *scratch, uint64_t *out)
{
  (void)scratch;
  *out = hash_subject(table, entry->klass, entry->subject);
  return entry->subject != 0 && !table_shares_subjects(table, entry->klass);
}

static bool subject_same(const Table *table, const Entry *a, const Entry *b)
{
  (void)table;
  return a->klass == b->klass && a->subject == b->subject;
}

static void rdn_normal(const Table *table, const Entry *entry, GString *out)
{
  g_string_truncate(out, 0);
  const char *rdn = entry_rdn(entry);
  if (!place_key(rdn, strlen(rdn), out))
    g_string_assign(out, rdn);
  const Limits *limits = schema_limits(table->schema);
  if (!limits || !limits->folds_names)
    return;
  g_autofree char *normal = g_strdup(out->str);
  g_string_truncate(out, 0);
  limits_fold(normal, out);
}

// Containers may be named twice over; an unnamed entry has no place yet, an absent one none any more.
static bool place_hash(const Table *table, const Entry *entry, GString *scratch, uint64_t *out)
{
  if (entry->klass == KLASS_CONTAINER || entry->presence == PRESENCE_ABSENT || !*entry_rdn(entry))
    return false;
  rdn_normal(table, entry, scratch);
  *out = hash_bytes(table, scratch->str, scratch->len, entry->parent);
  return true;
}

static bool place_same(const Table *table, const Entry *a, const Entry *b)
{
  if (a->parent != b->parent)
    return false;
  g_autoptr(GString) place_a = g_string_new(NULL);
  g_autoptr(GString) place_b = g_string_new(NULL);
  rdn_normal(table, a, place_a);
  rdn_normal(table, b, place_b);
  return g_string_equal(place_a, place_b);
}

static const Unique unique_key = {
    .code = "key-twice",
    .text =
        N_("%s and %s have one key, %s: the second is left out. Correct the source, or the rule "
           "for the key."),
    .shared = entry_key,
    .hash = key_hash,
    .same = key_same,
};

static const Unique unique_subject = {
    .code = "subject-twice",
    .text = N_("%s and %s are made for one subject (key %s): the second is left out. Correct the "
               "rule for the key."),
    .shared = entry_key,
    .hash = subject_hash,
    .same = subject_same,
};

static const Unique unique_place = {
    .code = "place-twice",
    .text = N_("%s and %s would stand in one place, %s: the second is left out. Give one of them "
               "another name."),
    .shared = entry_rdn,
    .hash = place_hash,
    .same = place_same,
};

static void add_double(Table *table, const Unique *unique, const uint32_t pair[2],
                       Findings *findings)
{
  g_autoptr(GString) first = g_string_new(NULL);
  g_autoptr(GString) second = g_string_new(NULL);
  table_object(table, pair[0], first);
  table_object(table, pair[1], second);
  const Entry *entry = table_at(table, pair[1]);
  Finding finding = {.level = FINDING_ERROR, .code = unique->code, .subject = entry_key(entry)};
  findings_add(findings, &finding, _(unique->text), first->str, second->str, unique->shared(entry));
  g_hash_table_add(table->doubles, GUINT_TO_POINTER(pair[1]));
}

// Indexes every entry that is no double so far, then marks those that an earlier one excludes.
static Index *index_build(Table *table, const Unique *unique, Findings *findings)
{
  g_autoptr(GString) scratch = g_string_new(NULL);
  g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(IndexItem));
  for (uint32_t i = 0; i < table->entries->len; i++) {
    IndexItem item = {.entry = i};
    if (unique->hash(table, table_at(table, i), scratch, &item.hash) && !table_is_double(table, i))
      g_array_append_val(items, item);
  }
  Index *index = index_new((const IndexItem *)items->data, items->len);
  for (size_t i = 0; i < items->len; i++) {
    const IndexItem *item = &g_array_index(items, IndexItem, i);
    uint32_t at = 0, earlier;
    // Items of one hash come in the order of the entries: look at those before this one.
    while (index_next(index, item->hash, &at, &earlier) && earlier < item->entry) {
      if (table_is_double(table, earlier) ||
          !unique->same(table, table_at(table, earlier), table_at(table, item->entry)))
        continue;
      add_double(table, unique, (uint32_t[]){earlier, item->entry}, findings);
      break;
    }
  }
  return index;
}

// ---------------------------------------------------------------------------------------------
// Edges.

static uint32_t edge_group(const Edge *edge)
{
  return edge->group;
}

static uint32_t edge_member(const Edge *edge)
{
  return edge->member;
}

// Counting sort: stable, so that sorting by member and then by group sorts by both.
static GArray *sort_edges(GArray *edges, uint32_t (*side)(const Edge *), size_t n_entries)
{
  g_autoptr(GArray) from = edges;
  g_autofree uint32_t *starts = g_new0(uint32_t, n_entries + 1);
  GArray *to = g_array_sized_new(FALSE, FALSE, sizeof(Edge), from->len);
  g_array_set_size(to, from->len);
  for (size_t i = 0; i < from->len; i++)
    starts[side(&g_array_index(from, Edge, i)) + 1]++;
  for (size_t i = 0; i < n_entries; i++)
    starts[i + 1] += starts[i];
  for (size_t i = 0; i < from->len; i++) {
    const Edge *edge = &g_array_index(from, Edge, i);
    g_array_index(to, Edge, starts[side(edge)]++) = *edge;
  }
  return to;
}

static void drop_repeats(GArray *edges)
{
  size_t n = 0;
  for (size_t i = 0; i < edges->len; i++) {
    Edge edge = g_array_index(edges, Edge, i);
    const Edge *last = n > 0 ? &g_array_index(edges, Edge, n - 1) : NULL;
    if (!last || last->group != edge.group || last->member != edge.member)
      g_array_index(edges, Edge, n++) = edge;
  }
  g_array_set_size(edges, n);
}

void table_add_edge(Table *table, uint32_t group, uint32_t member)
{
  g_assert(group < table->entries->len && member < table->entries->len);
  Edge edge = {.group = group, .member = member};
  g_array_append_val(table->edges, edge);
}

// The first edge whose group is not below `group`.
static size_t edge_find(const GArray *edges, uint64_t group)
{
  size_t low = 0, high = edges->len;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (g_array_index(edges, Edge, middle).group < group)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const Edge *table_edges(const Table *table, uint32_t group, size_t *n)
{
  size_t first = edge_find(table->edges, group);
  *n = edge_find(table->edges, (uint64_t)group + 1) - first;
  return *n > 0 ? &g_array_index(table->edges, Edge, first) : NULL;
}

size_t table_n_edges(const Table *table)
{
  return table->edges->len;
}

void table_drop_edges(Table *table, EdgeFunc func, void *data)
{
  guint n = 0;
  for (guint i = 0; i < table->edges->len; i++) {
    Edge edge = g_array_index(table->edges, Edge, i);
    if (!func(&edge, data))
      g_array_index(table->edges, Edge, n++) = edge;
  }
  g_array_set_size(table->edges, n);
}

void table_freeze(Table *table, Findings *findings)
{
  g_hash_table_remove_all(table->doubles);
  index_free(table->by_key);
  index_free(table->by_subject);
  table->by_key = index_build(table, &unique_key, findings);
  table->by_subject = index_build(table, &unique_subject, findings);
  index_free(index_build(table, &unique_place, findings));
  limits_part(table, table->doubles, findings);
  size_t n_entries = table->entries->len;
  table->edges = sort_edges(table->edges, edge_member, n_entries);
  table->edges = sort_edges(table->edges, edge_group, n_entries);
  drop_repeats(table->edges);
}

// ---------------------------------------------------------------------------------------------
// Names of entries.

void table_object(const Table *table, uint32_t index, GString *out)
{
  const Entry *entry = table_at(table, index);
  const char *klass = table_klass_name(table, entry->klass);
  if (table_shares_subjects(table, entry->klass))
    g_string_append_printf(out, "%s/%" PRIu32 "/%s", klass, entry->subject, entry_key(entry));
  else if (entry->subject != 0)
    g_string_append_printf(out, "%s/%" PRIu32, klass, entry->subject);
  else
    g_string_append_printf(out, "%s/%s", klass, entry_key(entry));
}

static bool is_object(const Table *table, uint32_t index, const char *object)
{
  g_autoptr(GString) name = g_string_new(NULL);
  if (index == ENTRY_NONE)
    return false;
  table_object(table, index, name);
  return strcmp(name->str, object) == 0;
}

// What stands behind the class: a subject, a key, or both.
static uint32_t find_in_klass(const Table *table, uint16_t klass, const char *rest)
{
  char *end = NULL;
  guint64 subject = g_ascii_strtoull(rest, &end, 10);
  if (table_shares_subjects(table, klass) && *end == '/')
    return table_find_key(table, klass, end + 1);
  uint32_t found = *end == '\0' && subject <= UINT32_MAX
                       ? table_find_subject(table, klass, (uint32_t)subject)
                       : ENTRY_NONE;
  return found != ENTRY_NONE ? found : table_find_key(table, klass, rest);
}

uint32_t table_find_object(const Table *table, const char *object)
{
  const char *slash = strchr(object, '/');
  for (uint16_t klass = KLASS_CONTAINER + 1; slash && klass < table_n_klasses(table); klass++) {
    const char *name = table_klass_name(table, klass);
    size_t n = strlen(name);
    if (n != (size_t)(slash - object) || strncmp(name, object, n) != 0)
      continue;
    uint32_t found = find_in_klass(table, klass, slash + 1);
    if (is_object(table, found, object))
      return found;
  }
  return ENTRY_NONE;
}

static void append_part(GString *out, size_t start, const char *part)
{
  if (*part && out->len > start)
    g_string_append_c(out, ',');
  g_string_append(out, part);
}

void table_place(const Table *table, uint32_t index, const char *base, GString *out)
{
  size_t start = out->len;
  for (int depth = 0; index != ENTRY_NONE && depth < DEPTH_MAX; depth++) {
    const Entry *entry = table_at(table, index);
    if (!*entry_rdn(entry) && entry->klass != KLASS_CONTAINER) {
      g_string_truncate(out, start);
      return;
    }
    append_part(out, start, entry_rdn(entry));
    index = entry->parent;
  }
  append_part(out, start, base);
}
