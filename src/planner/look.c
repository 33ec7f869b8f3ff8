// SPDX-License-Identifier: GPL-3.0-or-later
//
// One person: the planner's phases, but of the target only what concerns them is read, and whatever is not
// read passes for being there and in its place. So the plan that comes of it is what a whole plan says of
// this person. look_show.c writes it down side by side.
#include "planner/planner_p.h"

#include <string.h>

#define CANDIDATES_ASKED 10

// Attributes by which directories keep people out, besides the one that we disable by. The last line is Active
// Directory's.
#define LOCKS                                                                            \
  "pwdAccountLockedTime", "pwdFailureTime", "pwdReset", "pwdStartTime", "pwdEndTime",    \
      "shadowExpire", "loginDisabled", "nsAccountLock", "lockoutTime", "accountExpires", \
      "pwdLastSet", "msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed"
static const char *const locks[] = {LOCKS, NULL};
static const char *const extra[] = {LOCKS, LOOK_NESTED_BY, NULL};

const char *const *look_locks(void)
{
  return locks;
}

// ---------------------------------------------------------------------------------------------
// Which entries matter.

static bool is_own(const Looking *looking, uint32_t index)
{
  const Entry *entry = table_at(looking->side.table, index);
  const Klass *klass = side_klass(&looking->side, index);
  if (klass == NULL)
    return false;
  if (klass->subject == FOR_PERSON || klass->subject == FOR_ASSIGNMENT)
    return entry->subject == looking->person;
  for (guint i = 0; klass->subject == FOR_POST && i < looking->posts->len; i++)
    if (g_array_index(looking->posts, uint32_t, i) == entry->subject)
      return true;
  return false;
}

static bool list_posts(Looking *looking, GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  if (!roster_person(desired_roster(looking->side.desired), looking->person, &person, &fault)) {
    if (fault != NULL)
      g_propagate_error(error, fault);
    return fault == NULL;
  }
  for (size_t i = 0; i < person->n_posts; i++)
    g_array_append_val(looking->posts, person->posts[i].id);
  return true;
}

static void pass_over_others(Side *side, uint32_t from)
{
  for (uint32_t i = from; i < table_count(side->table); i++)
    if ((side->flags[i] & WANTED) == 0)
      side->flags[i] |= SEEN;
}

static bool choose_entries(Looking *looking, GError **error)
{
  Side *side = &looking->side;
  if (!list_posts(looking, error))
    return false;
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    if (!is_own(looking, i))
      continue;
    side->flags[i] |= OWN;
    g_array_append_val(looking->own, i);
    wish_want(side, i);
    wish_want_references(side, i);
  }
  pass_over_others(side, 0);
  return true;
}

bool look_edge(const Side *side, uint32_t group, uint32_t member)
{
  size_t n = 0;
  const Edge *edges = table_edges(side->table, group, &n);
  for (size_t i = 0; i < n; i++)
    if (edges[i].member == member)
      return true;
  return false;
}

// Known only when the person has a name.
static void choose_groups(Looking *looking, uint32_t first_new)
{
  Side *side = &looking->side;
  for (guint k = 0; k < looking->own->len; k++)
    wish_want_references(side, g_array_index(looking->own, uint32_t, k));
  pass_over_others(side, first_new);
  for (uint32_t group = 0; group < table_count(side->table); group++) {
    const Klass *klass = side_klass(side, group);
    if (klass == NULL || klass->member_attribute == NULL)
      continue;
    for (guint k = 0; k < looking->own->len; k++)
      if (look_edge(side, group, g_array_index(looking->own, uint32_t, k)))
        wish_want(side, group);
    if ((side->flags[group] & WANTED) != 0)
      side->flags[group] &= (uint16_t)~SEEN;
  }
}

// ---------------------------------------------------------------------------------------------
// Reading them.

static void add_values(const Side *side, uint32_t entry, const char *attribute, GPtrArray *keys)
{
  Cursor cursor = entry_cursor(table_at(side->table, entry));
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    if (g_ascii_strcasecmp(schema_at(side->schema, packed.attr)->name, attribute) != 0)
      continue;
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (value.kind == VALUE_TEXT)
        g_ptr_array_add(keys, g_strndup(value.bytes, value.n_bytes));
    }
  }
}

// Entries that may be theirs from before our time.
static void wish_to_adopt(const Looking *looking, const Klass *klass, Wishes *wishes)
{
  for (const char *const *name = klass->adopt; name != NULL && *name != NULL; name++) {
    GPtrArray *keys = wish_keys();
    for (guint k = 0; k < looking->own->len; k++) {
      uint32_t entry = g_array_index(looking->own, uint32_t, k);
      if (side_klass(&looking->side, entry) == klass)
        add_values(&looking->side, entry, *name, keys);
    }
    wish_for(wishes, *name, keys, ENTRY_NONE);
  }
}

// Names of a kind that they might get and that others may have.
static void wish_for_kind(const Looking *looking, const Klass *klass, const KlassName *kind,
                          Wishes *wishes)
{
  size_t n = 0;
  const Side *side = &looking->side;
  const Unnamed *unnamed = derive_unnamed(side->derive, &n);
  GPtrArray *keys = wish_keys();
  for (size_t i = 0; i < n; i++) {
    if ((side->flags[unnamed[i].entry] & OWN) == 0 || side_klass(side, unnamed[i].entry) != klass ||
        strcmp(unnamed[i].kind, kind->kind) != 0)
      continue;
    for (size_t k = 0; k < CANDIDATES_ASKED; k++) {
      g_autoptr(GString) name = g_string_new(NULL);
      if (!derive_candidate(side->derive, &unnamed[i], k, name, NULL))
        break;
      g_ptr_array_add(keys, g_strdup(name->str));
    }
  }
  wish_for(wishes, kind->taken[0], keys, ENTRY_NONE);
}

static void wish_for_names(const Looking *looking, const Klass *klass, Wishes *wishes)
{
  for (size_t i = 0; i < klass->n_names; i++)
    if (klass->names[i].taken[0] != NULL)
      wish_for_kind(looking, klass, &klass->names[i], wishes);
}

// Groups that hold an entry of theirs, under the name that it has now.
static void wish_for_groups(const Looking *looking, const Klass *klass, Wishes *wishes)
{
  const Side *side = &looking->side;
  for (guint k = 0; k < looking->own->len; k++) {
    uint32_t entry = g_array_index(looking->own, uint32_t, k);
    const Kept *kept = g_hash_table_lookup(side->looked, GUINT_TO_POINTER(entry));
    if (kept == NULL)
      continue;
    GPtrArray *keys = wish_keys();
    g_ptr_array_add(keys, g_strdup(kept->observed.dn.at));
    wish_for(wishes, klass->member_attribute, keys, entry);
  }
}

static bool read_klass(Looking *looking, size_t i, GError **error)
{
  Side *side = &looking->side;
  const Klass *klass = side_klass_at(side, i);
  Wishes wishes;
  wishes_init(&wishes);
  if (klass->member_attribute != NULL)
    wish_for_groups(looking, klass, &wishes);
  wish_by_key(side, klass, &wishes);
  wish_to_adopt(looking, klass, &wishes);
  wish_for_names(looking, klass, &wishes);
  bool fine = wishes_read(side, i, &wishes, error);
  wishes_clear(&wishes);
  return fine;
}

static bool read_some(Looking *looking, bool groups, GError **error)
{
  Side *side = &looking->side;
  for (size_t i = 0; i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (strcmp(klass->target, side->target->config->name) != 0 ||
        (klass->member_attribute != NULL) != groups)
      continue;
    if (!read_klass(looking, i, error)) {
      g_prefix_error(error, _("target %s, %s: "), klass->target, klass->name);
      return false;
    }
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// What was ours and is not in our places may have been moved away by hand.

typedef struct Search {
  Looking *looking;
  uint32_t entry;
} Search;

static bool found_elsewhere(const Observed *observed, void *data, GError **error)
{
  Search *search = data;
  (void)error;
  Side *side = &search->looking->side;
  g_hash_table_insert(search->looking->elsewhere, GUINT_TO_POINTER(search->entry),
                      (gpointer)side_text(side, observed->dn));
  return true;
}

static bool search_vanished(Looking *looking, GError **error)
{
  static const char *const everywhere[] = {"", NULL};
  static const char *const nothing[] = {NULL};
  Side *side = &looking->side;
  for (guint k = 0; k < looking->own->len; k++) {
    Search search = {looking, g_array_index(looking->own, uint32_t, k)};
    if ((side->flags[search.entry] & VANISHED) == 0)
      continue;
    g_autofree char *id = g_strdup(store_binding_of(side->setup->store, side->target->config->name,
                                                    side_object(side, search.entry)));
    const char *const keys[] = {id, NULL};
    Scope scope = {.places = everywhere, .attributes = nothing, .keys = keys};
    if (id != NULL && !reader_read(side->target->reader, &scope, side->schema, found_elsewhere,
                                   &search, NULL, error))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool read_and_compare(Looking *looking, GError **error)
{
  Side *side = &looking->side;
  if (!read_some(looking, false, error))
    return false;
  uint32_t n_before = (uint32_t)table_count(side->table);
  if (!side_settle_names(side, error))
    return false;
  choose_groups(looking, n_before);
  if (!read_some(looking, true, error) || !side_entry_ops(side, error) ||
      !side_edges(side, error) || !search_vanished(looking, error) || !look_nested(looking, error))
    return false;
  side_link(side);
  side_night_settle(side);
  side_tell_withheld(side);
  return true;
}

static bool look(Looking *looking, Look *out, GError **error)
{
  Side *side = &looking->side;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  bool reads = side->target->reader != NULL;
  if (reads &&
      (!reader_fingerprint(side->target->reader, fingerprint, error) || !side_learn(side, error)))
    return false;
  if (!side_derive(side, error) || !choose_entries(looking, error))
    return false;
  side_place_containers(side);
  if (reads && !read_and_compare(looking, error))
    return false;
  if (!store_check(side->setup->store, error) || !plan_seal(side->plan, error))
    return false;
  out->read = reads;
  out->fingerprint = reads ? g_string_chunk_insert(out->strings, fingerprint->str) : NULL;
  look_show(looking, out);
  return true;
}

static void looking_init(Looking *looking, const PlannerSetup *setup, size_t target, Plan *plan)
{
  Side *side = &looking->side;
  side_init(side, setup, target, plan);
  side->names = looking->names = names_new(setup->n_targets);
  side->extra = extra;
  side->looked = g_hash_table_new(g_direct_hash, g_direct_equal);
  side->looks = g_ptr_array_new_with_free_func(g_free);
  side->delivered = g_hash_table_new(g_str_hash, g_str_equal);
  side->strangers = g_array_new(FALSE, FALSE, sizeof(Stranger));
  looking->own = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  looking->posts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  looking->elsewhere = g_hash_table_new(g_direct_hash, g_direct_equal);
  looking->nested = g_array_new(FALSE, FALSE, sizeof(Nested));
}

static void looking_clear(Looking *looking)
{
  side_clear(&looking->side);
  names_free(looking->names);
  g_array_unref(looking->own);
  g_array_unref(looking->posts);
  g_hash_table_unref(looking->elsewhere);
  g_array_unref(looking->nested);
}

static Look *look_at(const PlannerSetup *setup, size_t target, uint32_t person, GError **error)
{
  PlanHead head = {.as_of = setup->as_of,
                   .known_at = setup->known_at,
                   .mapping_digest = setup->source->digest,
                   .program = "idou " IDOU_VERSION,
                   .whatif = true};
  g_autoptr(Look) out = g_new0(Look, 1);
  out->strings = g_string_chunk_new(4096);
  out->arrays = g_ptr_array_new_with_free_func(g_free);
  out->target = g_string_chunk_insert(out->strings, setup->targets[target].config->name);
  out->base = g_string_chunk_insert(out->strings, setup->targets[target].config->base);
  out->plan = plan_new(&head);
  Looking looking = {.person = person};
  looking_init(&looking, setup, target, out->plan);
  bool fine = look(&looking, out, error);
  looking_clear(&looking);
  return fine ? g_steal_pointer(&out) : NULL;
}

Look *planner_look(const PlannerSetup *setup, size_t target, uint32_t person, GError **error)
{
  PlannerSetup ruled = *setup;
  g_autoptr(DesiredSource) rules = planner_derives(&ruled);
  ruled.source = rules;
  return look_at(&ruled, target, person, error);
}

void look_free(Look *look)
{
  if (look == NULL)
    return;
  plan_free(look->plan);
  g_clear_pointer(&look->arrays, g_ptr_array_unref);
  g_clear_pointer(&look->strings, g_string_chunk_free);
  g_free(look);
}
