// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

const char *side_text(Side *side, Bytes bytes)
{
  return g_string_chunk_insert_len(side->arena, bytes.n == 0 ? "" : bytes.at, (gssize)bytes.n);
}

// ---------------------------------------------------------------------------------------------
// Copies of the few entries that are kept.

static gpointer arena_array(Side *side, const void *data, size_t n_bytes)
{
  // g_string_chunk aligns nothing: copy with room to align.
  enum { ALIGN = _Alignof(max_align_t) };
  g_autofree char *padded = g_malloc0(n_bytes + ALIGN);
  char *room = g_string_chunk_insert_len(side->arena, padded, (gssize)(n_bytes + ALIGN));
  uintptr_t over = (uintptr_t)room % ALIGN;
  room += over == 0 ? 0 : ALIGN - over;
  if (n_bytes > 0)
    memcpy(room, data, n_bytes);
  return room;
}

Observed side_copy(Side *side, const Observed *observed)
{
  Observed copy = *observed;
  copy.dn.at = side_text(side, observed->dn);
  copy.stable_id.at = side_text(side, observed->stable_id);
  if (observed->protected_by != NULL)
    copy.protected_by = g_string_chunk_insert_const(side->arena, observed->protected_by);
  g_autofree ObservedAttr *attributes = g_new0(ObservedAttr, observed->n_attributes + 1);
  for (size_t i = 0; i < observed->n_attributes; i++) {
    const ObservedAttr *from = &observed->attributes[i];
    g_autofree Bytes *values = g_new0(Bytes, from->n_values + 1);
    for (size_t j = 0; j < from->n_values; j++)
      values[j] = (Bytes){from->values[j].n, side_text(side, from->values[j])};
    attributes[i] = *from;
    attributes[i].values = arena_array(side, values, from->n_values * sizeof *values);
  }
  copy.attributes = arena_array(side, attributes, observed->n_attributes * sizeof *attributes);
  return copy;
}

static Kept *keep(Side *side, GPtrArray *where, const Kept *what, const Observed *observed)
{
  Kept *kept = g_memdup2(what, sizeof *what);
  kept->observed = side_copy(side, observed);
  g_ptr_array_add(where, kept);
  return kept;
}

// ---------------------------------------------------------------------------------------------
// One entry streams by.

typedef struct Reading {
  Side *side;
  size_t i;  // class of the mapping
  const Klass *klass;
  Matcher *matcher;
  AttrId key_attr;
  GPtrArray *containers;  // DNs of the class's own containers
  GString *place;
  const Wish *wish;  // NULL: the whole class
  size_t n_matched;
  size_t n_without_key;      // of the matched ones
  size_t n_without_members;  // of the matched groups, though they hold at least their filler
} Reading;

static bool is_container(const Reading *reading, const Observed *observed)
{
  for (guint i = 0; i < reading->containers->len; i++) {
    const char *dn = g_ptr_array_index(reading->containers, i);
    if (strlen(dn) == observed->dn.n &&
        g_ascii_strncasecmp(dn, observed->dn.at, observed->dn.n) == 0)
      return true;
  }
  return false;
}

// Whether the entry stands where it should; if not, where it is is remembered.
static bool in_place(Reading *reading, uint32_t index, const Observed *observed)
{
  Side *side = reading->side;
  g_string_truncate(reading->place, 0);
  table_place(side->table, index, side->base, reading->place);
  if (reading->place->len == observed->dn.n &&
      memcmp(reading->place->str, observed->dn.at, observed->dn.n) == 0)
    return true;
  g_autoptr(GString) should = g_string_new(NULL);
  g_autoptr(GString) is = g_string_new(NULL);
  if (place_key(reading->place->str, reading->place->len, should) &&
      place_key(observed->dn.at, observed->dn.n, is) && g_string_equal(should, is))
    return true;
  g_hash_table_insert(side->located, GUINT_TO_POINTER(index),
                      (gpointer)side_text(side, observed->dn));
  return false;
}

static void count_shown(Reading *reading, const Observed *observed)
{
  const Klass *klass = reading->klass;
  reading->n_matched++;
  reading->n_without_key += diff_observed_attr(observed, reading->key_attr) == NULL;
  if (klass->filler == NULL)
    return;
  AttrId members = schema_attr(reading->side->schema, klass->member_attribute);
  reading->n_without_members += diff_observed_attr(observed, members) == NULL;
}

// Not left out in silence: perhaps a `when:` fits nobody any more.
static void note_unmanaged(Side *side, uint32_t index, const Observed *observed)
{
  const Klass *klass = side_klass(side, index);
  if (klass != NULL && klass->keeps &&
      g_str_has_prefix(entry_reason(table_at(side->table, index)), REASON_LEFT))
    return;
  side_note(
      side, "unmanaged", side_text(side, observed->dn), side_label(side, index),
      _("no rule says what becomes of this entry now, or its person is incomplete; it is left "
        "alone, with its memberships"));
}

static void look_at(Side *side, const Kept *kept, const Observed *observed)
{
  if (side->looked != NULL)
    g_hash_table_insert(side->looked, GUINT_TO_POINTER(kept->entry),
                        keep(side, side->looks, kept, observed));
}

static void take_members(Reading *reading, uint32_t group, const Observed *observed)
{
  if (reading->klass->member_attribute == NULL)
    return;
  if (reading->side->looked != NULL)
    side_note_member(reading->side, group, reading->wish->member);
  else
    side_read_members(reading->side, group, reading->klass, observed);
}

static void note_stranger(Reading *reading, const Observed *observed)
{
  if (reading->wish == NULL || reading->wish->member == ENTRY_NONE)
    return;
  Stranger stranger = {reading->wish->member, side_text(reading->side, observed->dn)};
  for (guint i = 0; i < reading->side->strangers->len; i++) {
    const Stranger *known = &g_array_index(reading->side->strangers, Stranger, i);
    if (known->member == stranger.member && strcmp(known->dn, stranger.dn) == 0)
      return;
  }
  g_array_append_val(reading->side->strangers, stranger);
}

// The entry's number plus one, 0 when it is not one of ours.
static uint32_t take_entry(Reading *reading, const Observed *observed)
{
  Side *side = reading->side;
  Kept kept = {.klass = (uint16_t)reading->i};
  MatchKind kind = matcher_find(reading->matcher, observed, &kept.entry);
  bool is_ours = kind != MATCHED_ORPHAN && kind != MATCHED_AMBIGUOUS;
  side_take_names(side, reading->klass, observed, is_ours ? kept.entry : ENTRY_NONE);
  bool is_protected = observed->protected_by != NULL ||
                      (side->target->protects != NULL &&
                       side->target->protects(observed, side->schema, side->target->protects_data));
  if (side->strays != NULL && kind != MATCHED_ORPHAN)
    side_note_known(side, kept.entry, observed);
  if (kind == MATCHED_ORPHAN) {
    side_note_stray(side, &kept, observed, is_protected);
    note_stranger(reading, observed);
    side->n_untold += !target_tells_orphans(side->target->config);
    bool spared = is_protected && side->setup->survey != NULL;
    if ((spared || !is_protected) && target_tells_orphans(side->target->config))
      keep(side, spared ? side->spared : side->orphans, &kept, observed);
    return 0;
  }
  if (kind == MATCHED_AMBIGUOUS) {
    side->flags[kept.entry] |= AMBIGUOUS;
    keep(side, side->claims, &kept, observed);
    return 0;
  }
  side->n_ours++;
  count_shown(reading, observed);
  side->flags[kept.entry] |= SEEN | (is_protected ? PROTECTED : 0);
  bool placed = in_place(reading, kept.entry, observed);
  side_remember_place(side, kept.entry, &observed->dn);
  const Entry *entry = table_at(side->table, kept.entry);
  if (entry_unmanaged(entry) && !is_protected)
    note_unmanaged(side, kept.entry, observed);
  // What people are given is to be known as ours even where the target has no identifiers.
  bool bindable = observed->stable_id.n > 0 || (reading->klass->subject == FOR_ASSIGNMENT &&
                                                !matcher_given(reading->matcher, kept.entry));
  kept.adopted = kind == MATCHED_KEY && bindable;
  look_at(side, &kept, observed);
  if (side->setup->survey != NULL) {
    kept.observed = *observed;
    side_survey(side, &kept, is_protected);
  }
  bool same = diff_same(side, entry, observed) &&
              !(reading->klass->renews && side_secret_due(side, kept.entry));
  bool renews = g_hash_table_contains(side->renewing, GUINT_TO_POINTER(kept.entry));
  if (!entry_unmanaged(entry) && (kept.adopted || !placed || !same || renews))
    g_hash_table_insert(side->kept_by, GUINT_TO_POINTER(kept.entry),
                        keep(side, side->kept, &kept, observed));
  take_members(reading, kept.entry, observed);
  return kept.entry + 1;
}

// What is nobody's in one class may be another's that stands in the same place.
static void take_once(Reading *reading, const Observed *observed)
{
  Side *side = reading->side;
  const char *dn = side_text(side, observed->dn);
  g_autofree char *by_klass = g_strdup_printf("%zu %s", reading->i, dn);
  uint32_t before = GPOINTER_TO_UINT(g_hash_table_lookup(side->delivered, dn));
  if (before != 0 && side->looked != NULL)
    take_members(reading, before - 1, observed);
  if (before != 0 || g_hash_table_contains(side->delivered, by_klass))
    return;
  g_hash_table_add(side->delivered, g_string_chunk_insert(side->arena, by_klass));
  uint32_t entry = take_entry(reading, observed);
  if (entry != 0)
    g_hash_table_insert(side->delivered, (gpointer)dn, GUINT_TO_POINTER(entry));
}

static bool read_entry(const Observed *observed, void *data, GError **error)
{
  Reading *reading = data;
  (void)error;
  reading->side->n_read++;
  if (is_container(reading, observed))
    return true;
  const PlannerTarget *target = reading->side->target;
  if (target->sees != NULL)
    target->sees(reading->klass->name, observed, target->sees_data);
  if (reading->side->delivered == NULL)
    take_entry(reading, observed);
  else
    take_once(reading, observed);
  return true;
}

// ---------------------------------------------------------------------------------------------
// One class.

static void add_once(GPtrArray *names, const char *name)
{
  if (name == NULL)
    return;
  for (guint i = 0; i < names->len; i++)
    if (g_ascii_strcasecmp(g_ptr_array_index(names, i), name) == 0)
      return;
  g_ptr_array_add(names, (gpointer)name);
}

static GPtrArray *wanted_attributes(const Side *side, const Klass *klass)
{
  GPtrArray *names = g_ptr_array_new();
  add_once(names, klass->key_attribute);
  for (const char *const *name = klass->attributes; *name != NULL; name++)
    add_once(names, *name);
  for (const char *const *name = klass->adopt; name != NULL && *name != NULL; name++)
    add_once(names, *name);
  for (size_t i = 0; i < klass->n_names; i++)
    for (const char *const *name = klass->names[i].taken; *name != NULL; name++)
      add_once(names, *name);
  // Of a group that one person is in, the others are not read.
  if (side->looked == NULL)
    add_once(names, klass->member_attribute);
  for (const char *const *name = side->extra; name != NULL && *name != NULL; name++)
    add_once(names, *name);
  add_once(names, side->target->config->disable_attribute);
  for (const char *const *name = side->target->protects_attributes; name != NULL && *name != NULL;
       name++)
    add_once(names, *name);
  g_ptr_array_add(names, NULL);
  return names;
}

static GPtrArray *container_places(const Side *side, const Klass *klass)
{
  GPtrArray *places = g_ptr_array_new_with_free_func(g_free);
  for (const char *const *name = klass->containers; *name != NULL; name++)
    g_ptr_array_add(places, **name == '\0' ? g_strdup(side->base)
                                           : g_strdup_printf("%s,%s", *name, side->base));
  return places;
}

const char *side_structural_class(const Klass *klass)
{
  const char *last = NULL;
  for (const char *const *name = klass->classes; *name != NULL; name++)
    last = *name;
  return last;
}

// What most of our entries must show and do not is not gone: the account may not read it any more, and
// the search succeeds all the same. A single one may have lost it by hand.
static bool check_shown(const Reading *reading, const char *attribute, size_t n_without,
                        GError **error)
{
  if (n_without < 2 || n_without * 2 <= reading->n_matched)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_UNREAD,
      _("%zu of %zu entries of ours show no %s: the account for reading has lost the right to "
        "read it; grant it"),
      n_without, reading->n_matched, attribute);
  return false;
}

static bool open_matcher(Side *side, size_t i, GError **error)
{
  const Klass *klass = side_klass_at(side, i);
  uint16_t table_klass = side->desired->type->klass(side->desired, i);
  if (side->matchers[i] == NULL)
    side->matchers[i] = matcher_new(klass, table_klass, side->table, side->setup->store, error);
  return side->matchers[i] != NULL;
}

// The whole class. The scope lives as long as the attributes.
static Scope class_scope(const Klass *klass, const GPtrArray *attributes)
{
  return (Scope){.places = klass->containers,
                 .klass = side_structural_class(klass),
                 .attributes = (const char *const *)attributes->pdata};
}

// A class's folders may lie in those of another.
static Interest interest_in(const Observed *sketch, void *data)
{
  const Reading *reading = data;
  const Side *side = reading->side;
  if (is_container(reading, sketch))
    return INTEREST_BELOW;
  if (matcher_knows(reading->matcher, sketch))
    return INTEREST_ENTRY;
  for (size_t i = 0; i < side->setup->source->n_klasses; i++)
    if (side->matchers[i] != NULL && matcher_knows(side->matchers[i], sketch))
      return INTEREST_BELOW;
  return INTEREST_NONE;
}

static bool open_all_matchers(Side *side, GError **error)
{
  for (size_t i = 0; i < side->setup->source->n_klasses; i++)
    if (strcmp(side_klass_at(side, i)->target, side->target->config->name) == 0 &&
        !open_matcher(side, i, error))
      return false;
  return true;
}

// Those of one wish, or all when it is NULL.
static bool read_scope(Side *side, size_t i, const Wish *wish, GError **error)
{
  const Klass *klass = side_klass_at(side, i);
  g_autoptr(GPtrArray) attributes = wanted_attributes(side, klass);
  g_autoptr(GPtrArray) containers = container_places(side, klass);
  g_autoptr(GString) place = g_string_new(NULL);
  Reading reading = {.side = side,
                     .i = i,
                     .klass = klass,
                     .matcher = side->matchers[i],
                     .key_attr = schema_attr(side->schema, klass->key_attribute),
                     .containers = containers,
                     .place = place,
                     .wish = wish};
  Scope scope = class_scope(klass, attributes);
  // Where entries of nobody are told, all must be seen.
  if (!target_tells_orphans(side->target->config)) {
    if (!open_all_matchers(side, error))
      return false;
    scope.knows = interest_in;
    scope.knows_data = &reading;
  }
  if (wish != NULL) {
    scope.key_attribute = wish->attribute;
    scope.keys = wish->keys;
  }
  size_t n_entries = 0;
  if (!reader_read(side->target->reader, &scope, side->schema, read_entry, &reading, &n_entries,
                   error))
    return false;
  return wish != NULL ||
         (check_shown(&reading, klass->key_attribute, reading.n_without_key, error) &&
          check_shown(&reading, klass->member_attribute, reading.n_without_members, error));
}

bool side_read_some(Side *side, size_t i, const Wish *wishes, size_t n_wishes, GError **error)
{
  if (!open_matcher(side, i, error))
    return false;
  for (size_t k = 0; k < n_wishes; k++)
    if (!read_scope(side, i, &wishes[k], error))
      return false;
  return true;
}

static bool is_read(const Side *side, const Klass *klass, bool groups)
{
  return strcmp(klass->target, side->target->config->name) == 0 &&
         (klass->member_attribute != NULL) == groups;
}

void side_read_ahead(Side *side)
{
  size_t n_klasses = side->setup->source->n_klasses;
  g_autoptr(GArray) scopes = g_array_new(FALSE, FALSE, sizeof(Scope));
  g_autoptr(GPtrArray) held = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  // Groups last, as they are taken.
  for (size_t i = 0; i < 2 * n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i % n_klasses);
    if (!is_read(side, klass, i >= n_klasses))
      continue;
    GPtrArray *attributes = wanted_attributes(side, klass);
    g_ptr_array_add(held, attributes);
    Scope scope = class_scope(klass, attributes);
    g_array_append_val(scopes, scope);
  }
  reader_ahead(side->target->reader, (const Scope *)(const void *)scopes->data, scopes->len,
               side->schema);
}

bool side_read(Side *side, bool groups, GError **error)
{
  for (size_t i = 0; i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (!is_read(side, klass, groups))
      continue;
    if (!open_matcher(side, i, error) || !read_scope(side, i, NULL, error)) {
      g_prefix_error(error, _("target %s, %s: "), klass->target, klass->name);
      return false;
    }
  }
  return true;
}
