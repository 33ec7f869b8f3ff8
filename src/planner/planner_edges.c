// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <stdlib.h>
#include <string.h>

// Memberships: desired edges of a group against the members it has. A member that is nobody's we know is
// left alone; one of ours is taken out only where the group is owned and no rule grants it.

// Who is in a group, as observed.
typedef struct Members {
  GArray *ours;       // uint32_t entries, sorted
  GHashTable *fixed;  // … of them those whom the target does not let leave; NULL = none
  GPtrArray *strays;  // char *: DNs of nobody's entries that are taken out; NULL = none
  size_t n_unknown;   // members that are nobody's we know
  bool filler;        // the named filler of an empty group is there
} Members;

void side_free_members(gpointer data)
{
  Members *members = data;
  g_array_unref(members->ours);
  g_clear_pointer(&members->fixed, g_hash_table_unref);
  g_clear_pointer(&members->strays, g_ptr_array_unref);
  g_free(members);
}

static bool is_fixed(const Members *members, uint32_t member)
{
  return members->fixed != NULL && g_hash_table_contains(members->fixed, GUINT_TO_POINTER(member));
}

static void note_fixed(Members *members, uint32_t member)
{
  if (members->fixed == NULL)
    members->fixed = g_hash_table_new(g_direct_hash, g_direct_equal);
  g_hash_table_add(members->fixed, GUINT_TO_POINTER(member));
}

static int compare_entries(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a;
  uint32_t y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

// The edge as today sees it.
static bool edge_today(Side *side, uint32_t group, uint32_t member)
{
  uint32_t today_group = side_today_entry(side, group);
  uint32_t today_member = side_today_entry(side, member);
  if (today_group == ENTRY_NONE || today_member == ENTRY_NONE)
    return false;
  size_t n = 0;
  const Edge *edges = table_edges(side->today_table, today_group, &n);
  for (size_t low = 0, high = n; low < high;) {
    size_t middle = low + (high - low) / 2;
    if (edges[middle].member == today_member)
      return true;
    if (edges[middle].member < today_member)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

static void note_op(GArray **ops, uint32_t n)
{
  if (*ops == NULL)
    *ops = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_array_append_val(*ops, n);
}

// A plan for a later day knows what the rights rest on today: a grace that is over then.
static void leave_why(Side *side, Op *op, uint32_t group, uint32_t member)
{
  Why why;
  why_init(&why);
  if (side->later && edge_today(side, group, member))
    side->today->type->why_edge(side->today, side_today_entry(side, group),
                                side_today_entry(side, member), &why);
  g_autofree char *both = g_strjoin(", ", why.reason->str, *op->why != '\0' ? op->why : NULL, NULL);
  if (why.reason->len > 0)
    op->why = g_string_chunk_insert(side->arena, both);
  else if (*op->why == '\0')
    op->why = _("no rule grants it any more");
  why_clear(&why);
}

// A join is explained by the rule that grants it, a leave by what became of the member.
static void edge_why(Side *side, Op *op, uint32_t group, uint32_t member)
{
  Why why;
  why_init(&why);
  if (op->kind == OP_JOIN && side->desired->type->why_edge(side->desired, group, member, &why)) {
    side_cause(side, op, member, why.rows);
    side_explain(side, op, &why, why.reason->str);
  } else
    side_why(side, op, member, NULL);
  if (op->kind == OP_LEAVE)
    leave_why(side, op, group, member);
  why_clear(&why);
}

static uint32_t edge_op(Side *side, OpKind kind, uint32_t group, uint32_t member)
{
  const char *label = side_label(side, member);
  const Klass *of_member_klass = side_klass(side, member);
  OpChange attribute = {.attribute = side_klass(side, group)->member_attribute};
  Op op = {.kind = kind,
           .object = side_object(side, group),
           .member = side_object(side, member),
           .label = label,
           .changes = &attribute,
           .n_changes = 1,
           .not_before = INSTANT_NONE};
  if (of_member_klass != NULL && of_member_klass->subject == FOR_PERSON)
    op.person = table_at(side->table, member)->subject;
  side_place(side, group);
  side_place(side, member);
  if (side->later && edge_today(side, group, member) != (kind == OP_JOIN))
    op.not_before = side_day(side);
  const Restraint *restraint = side_blame(side, kind, member, group);
  if (restraint == NULL && side->setup->only_restricted)
    return 0;
  Instant before = op.not_before;
  if (restraint == NULL)
    side_night_edge(side, &op, group, member);
  if (restraint == NULL)
    edge_why(side, &op, group, member);
  else
    side_restrained_why(side, restraint, &op);
  uint32_t n = side_add_op(side, &op);
  side_night_note(side, &op, n, before);
  if (restraint != NULL)
    plan_add_after(side->plan, n, restraint->op);
  const EntryOps *of_group = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(group));
  if (of_group != NULL && of_group->create != 0)
    plan_add_after(side->plan, n, of_group->create);
  if (kind == OP_JOIN) {
    const EntryOps *of_member = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(member));
    if (of_member != NULL && of_member->create != 0)
      plan_add_after(side->plan, n, of_member->create);
    uint32_t settled = side_settled_by(side, member);
    if (settled != 0)
      plan_add_after(side->plan, n, settled);
    return n;
  }
  note_op(&side_ops(side, member)->leaves, n);
  note_op(&side_ops(side, group)->outs, n);
  return n;
}

// An entry whose memberships are not to be changed by us.
enum { UNTOUCHABLE = PROTECTED | AMBIGUOUS | VANISHED | UNNAMED | WITHHELD };

static bool member_untouchable(const Side *side, uint32_t member)
{
  return (side->flags[member] & UNTOUCHABLE) != 0 ||
         entry_unmanaged(table_at(side->table, member)) || side_is_alone(side, member);
}

static bool will_exist(const Side *side, uint32_t member)
{
  return (side->flags[member] & SEEN) != 0 ||
         table_at(side->table, member)->presence == PRESENCE_PRESENT;
}

// Where only some were read, nothing is said of others.
static bool is_meant(const Side *side, uint32_t member)
{
  bool some = side->looked != NULL || side->setup->only_restricted;
  return !some || (side->flags[member] & OWN) != 0;
}

static bool join(Side *side, uint32_t group, uint32_t member, GError **error)
{
  if (member_untouchable(side, member) || !will_exist(side, member) ||
      table_is_double(side->table, member) || !is_meant(side, member))
    return true;
  if (!side_today(side, error))
    return false;
  edge_op(side, OP_JOIN, group, member);
  return true;
}

bool side_is_owned(Side *side, const Klass *klass, uint32_t group)
{
  if (klass->owned_below == NULL)
    return false;
  g_autofree char *below = g_strdup_printf("%s,%s", klass->owned_below, side->base);
  g_autoptr(GString) place = g_string_new(NULL);
  g_autoptr(GString) place_normal = g_string_new(NULL);
  g_autoptr(GString) below_normal = g_string_new(NULL);
  // One that is to go has no place of its own any more.
  const char *located = g_hash_table_lookup(side->located, GUINT_TO_POINTER(group));
  if (*entry_rdn(table_at(side->table, group)) == '\0' && located != NULL)
    g_string_append(place, located);
  else
    table_place(side->table, group, side->base, place);
  return place_key(place->str, place->len, place_normal) &&
         place_key(below, strlen(below), below_normal) &&
         g_str_has_suffix(place_normal->str, below_normal->str);
}

void side_read_members(Side *side, uint32_t group, const Klass *klass, const Observed *observed)
{
  AttrId attr = schema_attr(side->schema, klass->member_attribute);
  const ObservedAttr *values = diff_observed_attr(observed, attr);
  g_autofree char *filler =
      klass->filler == NULL ? NULL : g_strdup_printf("%s,%s", klass->filler, side->base);
  Members *members = g_new0(Members, 1);
  members->ours = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  bool owned = side_is_owned(side, klass, group);
  for (size_t i = 0; values != NULL && i < values->n_values; i++) {
    const Bytes *value = &values->values[i];
    if (filler != NULL && strlen(filler) == value->n &&
        g_ascii_strncasecmp(filler, value->at, value->n) == 0) {
      members->filler = true;
      continue;
    }
    uint32_t entry = side_find_place(side, value->at, value->n);
    if (entry != ENTRY_NONE) {
      g_array_append_val(members->ours, entry);
      if (i + values->n_fixed >= values->n_values)
        note_fixed(members, entry);
      continue;
    }
    Unresolved unresolved = {group, owned, side_text(side, *value)};
    g_array_append_val(side->unresolved, unresolved);
  }
  if (members->ours->len > 1)
    qsort(members->ours->data, members->ours->len, sizeof(uint32_t), compare_entries);
  g_hash_table_insert(side->members, GUINT_TO_POINTER(group), members);
}

static void note_stray(Members *members, const char *dn)
{
  if (members->strays == NULL)
    members->strays = g_ptr_array_new();
  g_ptr_array_add(members->strays, (gpointer)dn);
}

// A member may be a group that was read after the one it is in.
void side_resolve_members(Side *side)
{
  for (guint i = 0; i < side->unresolved->len; i++) {
    const Unresolved *one = &g_array_index(side->unresolved, Unresolved, i);
    uint32_t entry = side_find_place(side, one->dn, strlen(one->dn));
    Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(one->group));
    if (entry != ENTRY_NONE) {
      side_note_member(side, one->group, entry);
      continue;
    }
    if (one->owned && side_stray_leaves(side, one->group, one->dn)) {
      note_stray(members, one->dn);
      continue;
    }
    members->n_unknown++;
    if (one->owned && !side->setup->only_restricted)
      side_note(side, "unknown-member", one->dn, entry_key(table_at(side->table, one->group)),
                _("a member of a group of ours that is nobody's we know; it is left alone"));
  }
  g_array_set_size(side->unresolved, 0);
}

void side_note_member(Side *side, uint32_t group, uint32_t member)
{
  Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(group));
  if (members == NULL) {
    members = g_new0(Members, 1);
    members->ours = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    members->filler = true;  // others were not read: it does not count as empty
    g_hash_table_insert(side->members, GUINT_TO_POINTER(group), members);
  }
  if (member == ENTRY_NONE || side_has_member(side, group, member))
    return;
  g_array_append_val(members->ours, member);
  qsort(members->ours->data, members->ours->len, sizeof(uint32_t), compare_entries);
}

bool side_has_member(const Side *side, uint32_t group, uint32_t member)
{
  const Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(group));
  for (guint i = 0; members != NULL && i < members->ours->len; i++)
    if (g_array_index(members->ours, uint32_t, i) == member)
      return true;
  return false;
}

// Who leaves, as far as the group is ours to take people out of.
static bool may_leave(Side *side, uint32_t group, uint32_t member, bool owned)
{
  if ((side->flags[member] & PROTECTED) != 0)
    side_note_left(side, "protected", member, entry_key(table_at(side->table, group)),
                   _("a rule would take this member out of the group, but it is protected"));
  bool untouchable = (side->flags[member] & UNTOUCHABLE) != 0;
  return owned && !untouchable &&
         (!member_untouchable(side, member) || side_is_taken(side, group, member));
}

// Nobody leaves their primary group: it would be refused each night.
static bool keeps(Side *side, uint32_t group, const Members *members, uint32_t member)
{
  if (!is_fixed(members, member))
    return false;
  side_note_left(
      side, "primary-group", member, entry_key(table_at(side->table, group)),
      _("a rule would take this member out of the group, but it is the account's primary "
        "group; give the account another one (primaryGroupID) there first"));
  return true;
}

// A group that must not be empty gets its filler before the last member goes.
static uint32_t filler_op(Side *side, uint32_t group, const Klass *klass)
{
  g_autofree char *dn = g_strdup_printf("%s,%s", klass->filler, side->base);
  const char *label = side_label(side, group);
  OpValue value = {VALUE_TEXT, dn, strlen(dn)};
  OpChange change = {.attribute = klass->member_attribute, .new_values = &value, .n_new = 1};
  Op op = {.kind = OP_MODIFY,
           .object = side_object(side, group),
           .label = label,
           .changes = &change,
           .n_changes = 1,
           .not_before = INSTANT_NONE,
           .why = _("the group would be empty")};
  side_place(side, group);
  return side_add_op(side, &op);
}

// A member that stays while its entry gets another DN: where the server does not follow by itself, the
// group would keep the old one; where it does, this is found done already.
static void follow_member(Side *side, uint32_t group, const Klass *klass, uint32_t member)
{
  const char *dn = g_hash_table_lookup(side->located, GUINT_TO_POINTER(member));
  uint32_t settled = side_settled_by(side, member);
  if (dn == NULL || settled == 0 || member_untouchable(side, member) ||
      target_follows_references(side->target->config) || side->setup->only_restricted)
    return;
  const char *label = side_label(side, member);
  const char *object = side_object(side, member);
  OpValue old_value = {VALUE_TEXT, dn, strlen(dn)};
  OpValue new_value = {VALUE_REF, object, strlen(object)};
  OpChange change = {.attribute = klass->member_attribute,
                     .old_values = &old_value,
                     .n_old = 1,
                     .new_values = &new_value,
                     .n_new = 1};
  Op op = {.kind = OP_MODIFY,
           .object = side_object(side, group),
           .label = label,
           .changes = &change,
           .n_changes = 1,
           .not_before =
               side->later && !side_today_settled(side, member) ? side_day(side) : INSTANT_NONE,
           .why = _("the member's entry gets another name or place")};
  side_place(side, group);
  side_place(side, member);
  plan_add_after(side->plan, side_add_op(side, &op), settled);
}

// Sets: wanted \ there, there \ wanted, and both.
static void split_members(const Edge *wanted, size_t n, const GArray *there, GArray *joins,
                          GArray *leaves, GArray *staying)
{
  size_t i = 0;
  guint j = 0;
  while (i < n || j < there->len) {
    uint32_t want = i < n ? wanted[i].member : ENTRY_NONE;
    uint32_t have = j < there->len ? g_array_index(there, uint32_t, j) : ENTRY_NONE;
    if (want < have)
      g_array_append_val(joins, want);
    if (have < want)
      g_array_append_val(leaves, have);
    if (have == want)
      g_array_append_val(staying, have);
    i += want <= have;
    j += have <= want;
  }
}

// Of a plan of restrictions alone only what comes of these is carried out.
static bool all_leave(const Side *side, uint32_t group, const GArray *leaves)
{
  for (guint i = 0; side->setup->only_restricted && i < leaves->len; i++)
    if (side_blame(side, OP_LEAVE, g_array_index(leaves, uint32_t, i), group) == NULL)
      return false;
  return true;
}

static bool group_edges(Side *side, uint32_t group, const Klass *klass, const Members *members,
                        GError **error)
{
  size_t n = 0;
  const Edge *wanted = table_edges(side->table, group, &n);
  g_autoptr(GArray) joins = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) leaves = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) staying = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  split_members(wanted, n, members->ours, joins, gone, staying);
  for (guint i = 0; i < staying->len; i++) {
    uint32_t member = g_array_index(staying, uint32_t, i);
    follow_member(side, group, klass, member);
    side_survey_given(side, group, member, is_fixed(members, member));
  }
  for (guint i = 0; i < joins->len; i++)
    if (!join(side, group, g_array_index(joins, uint32_t, i), error))
      return false;
  bool owned = side_is_owned(side, klass, group);
  for (guint i = 0; i < gone->len; i++) {
    uint32_t member = g_array_index(gone, uint32_t, i);
    if (is_meant(side, member) && may_leave(side, group, member, owned) &&
        !keeps(side, group, members, member))
      g_array_append_val(leaves, member);
    else
      side_survey_edge(side, group, member, is_fixed(members, member));
  }
  size_t n_strays = members->strays == NULL ? 0 : members->strays->len;
  if (leaves->len + n_strays == 0)
    return true;
  if (!side_today(side, error))
    return false;
  bool empties = klass->filler != NULL && !members->filler && members->n_unknown == 0 &&
                 leaves->len == members->ours->len && all_leave(side, group, leaves);
  uint32_t filler = empties ? filler_op(side, group, klass) : 0;
  for (guint i = 0; i < leaves->len; i++) {
    uint32_t op = edge_op(side, OP_LEAVE, group, g_array_index(leaves, uint32_t, i));
    if (filler != 0)
      plan_add_after(side->plan, op, filler);
  }
  for (size_t i = 0; i < n_strays; i++)
    side_stray_leave(side, group, g_ptr_array_index(members->strays, i), filler);
  return true;
}

size_t side_staying_members(Side *side, uint32_t group)
{
  const Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(group));
  size_t n = 0;
  const Edge *wanted = table_edges(side->table, group, &n);
  size_t n_staying = members == NULL ? 0 : members->n_unknown;
  for (size_t i = 0; i < n; i++)
    n_staying += will_exist(side, wanted[i].member);
  bool owned = side_is_owned(side, side_klass(side, group), group);
  for (guint i = 0; members != NULL && i < members->ours->len; i++) {
    uint32_t member = g_array_index(members->ours, uint32_t, i);
    n_staying += !owned || member_untouchable(side, member) || is_fixed(members, member);
  }
  return n_staying;
}

// Of a group that is never touched: would a rule put somebody in, or take one of ours out?
static void note_protected_group(Side *side, uint32_t group)
{
  const Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(group));
  if ((side->flags[group] & PROTECTED) == 0 || members == NULL || side->looked != NULL ||
      side->setup->only_restricted)
    return;
  size_t n = 0;
  const Edge *wanted = table_edges(side->table, group, &n);
  g_autoptr(GArray) joins = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GArray) staying = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  split_members(wanted, n, members->ours, joins, gone, staying);
  size_t n_differ =
      joins->len + (side_is_owned(side, side_klass(side, group), group) ? gone->len : 0);
  if (n_differ == 0)
    return;
  g_autofree char *text = g_strdup_printf(
      _("rules would change %zu memberships of this group, but it is protected"), n_differ);
  side_note_left(side, "protected", group, NULL, text);
}

bool side_edges(Side *side, GError **error)
{
  g_autoptr(GArray) nobody = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  const Members none = {.ours = nobody, .filler = true};
  for (uint32_t group = 0; group < table_count(side->table); group++) {
    const Klass *klass = side_klass(side, group);
    if (klass == NULL || klass->member_attribute == NULL)
      continue;
    note_protected_group(side, group);
    if (member_untouchable(side, group))
      continue;
    const Members *members = g_hash_table_lookup(side->members, GUINT_TO_POINTER(group));
    const EntryOps *ops = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(group));
    bool made = ops != NULL && ops->create != 0;
    if ((members != NULL || made) &&
        !group_edges(side, group, klass, members != NULL ? members : &none, error))
      return false;
  }
  return true;
}
