// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// What every operation carries.

EntryOps *side_ops(Side *side, uint32_t entry)
{
  EntryOps *ops = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(entry));
  if (ops == NULL) {
    ops = g_new0(EntryOps, 1);
    ops->old_parent = ENTRY_NONE;
    g_hash_table_insert(side->ops, GUINT_TO_POINTER(entry), ops);
  }
  return ops;
}

const char *side_object(Side *side, uint32_t entry)
{
  g_autoptr(GString) name = g_string_new(NULL);
  table_object(side->table, entry, name);
  return g_string_chunk_insert_const(side->arena, name->str);
}

const Klass *side_klass(const Side *side, uint32_t index)
{
  return side->klasses[table_at(side->table, index)->klass];
}

static char *make_label(Side *side, uint32_t index)
{
  GString *label = g_string_new(NULL);
  side->desired->type->label(side->desired, index, label);
  return g_string_free(label, FALSE);
}

// A person has many memberships: who it is is read once.
const char *side_label(Side *side, uint32_t index)
{
  const char *known = g_hash_table_lookup(side->labels, GUINT_TO_POINTER(index));
  if (known != NULL)
    return known;
  g_autofree char *label = make_label(side, index);
  known = g_string_chunk_insert(side->arena, label);
  g_hash_table_insert(side->labels, GUINT_TO_POINTER(index), (gpointer)known);
  return known;
}

void side_note(Side *side, const char *code, const char *object, const char *label,
               const char *text)
{
  PlanNote note = {.code = code,
                   .target = side->target->config->name,
                   .object = object,
                   .label = label,
                   .text = text};
  plan_add_note(side->plan, side->section, &note);
}

void side_note_left(Side *side, const char *code, uint32_t index, const char *object,
                    const char *text)
{
  PlanNote note = {.code = code,
                   .target = side->target->config->name,
                   .object = object != NULL ? object : side_object(side, index),
                   .label = side_label(side, index),
                   .text = text,
                   .left = side->setup->bundle.segment != NULL ? side_object(side, index) : NULL};
  plan_add_note(side->plan, side->section, &note);
}

static void side_units(Side *side, Op *op)
{
  const DesiredType *type = side->desired->type;
  PersonUnits units = {NULL, NULL};
  if (op->person == 0 || type->units == NULL)
    return;
  type->units(side->desired, op->person, &units);
  op->unit = units.unit;
  op->unit_before = units.before;
}

uint32_t side_add_op(Side *side, Op *op)
{
  op->target = side->target->config->name;
  if (side_withholds(side, op))
    return 0;
  side_units(side, op);
  if (op->confirm == NULL)
    op->confirm = side_unconfirmed(side, op);
  uint32_t handle = plan_add_op(side->plan, side->section, op);
  side_across(side, op, handle);
  return handle;
}

// Adds file:line of source rows, and the order that a row was, to the operation's words.
static void describe_rows(Desired *desired, const GArray *rows, GString *source, GString *why)
{
  for (guint i = 0; i < rows->len; i++) {
    RowOrigin origin;
    if (!desired->type->origin(desired, g_array_index(rows, int64_t, i), &origin))
      continue;
    g_autofree char *at = g_strdup_printf("%s:%" G_GINT64_FORMAT, origin.file, origin.line);
    if (strstr(source->str, at) == NULL)
      g_string_append_printf(source, "%s%s", source->len > 0 ? ", " : "", at);
    if (origin.order == NULL)
      continue;
    g_autofree char *order = g_strdup_printf("order %s", origin.order);
    if (strstr(why->str, order) == NULL)
      g_string_append_printf(why, "%s%s", why->len > 0 ? ", " : "", order);
  }
}

void side_explain(Side *side, Op *op, const Why *why, const char *reason)
{
  g_autoptr(GString) source = g_string_new(NULL);
  g_autoptr(GString) words = g_string_new(reason);
  describe_rows(side->desired, why->rows, source, words);
  op->why = g_string_chunk_insert(side->arena, words->str);
  op->rule = g_string_chunk_insert(side->arena, why->rule->str);
  op->source = g_string_chunk_insert(side->arena, source->str);
  op->expected = side_expected(side, op, why->rows);
}

static int compare_rows(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a;
  int64_t y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

// The rules of `more` behind those of `why`, each once.
static void join_why(Why *why, const Why *more)
{
  g_auto(GStrv) rules = g_strsplit(more->rule->str, ", ", -1);
  for (char **rule = rules; *rule != NULL; rule++) {
    g_auto(GStrv) told = g_strsplit(why->rule->str, ", ", -1);
    if (!g_strv_contains((const char *const *)told, *rule))
      g_string_append_printf(why->rule, "%s%s", why->rule->len > 0 ? ", " : "", *rule);
  }
  g_array_append_vals(why->rows, more->rows->data, more->rows->len);
  g_array_sort(why->rows, compare_rows);
}

// What the values rest on today that a later day takes away: a grace that is over then.
static void today_reason(Side *side, const Op *op, uint32_t entry, Why *changes)
{
  uint32_t today = side->today_table == NULL ? ENTRY_NONE : side_today_entry(side, entry);
  if (op->not_before == INSTANT_NONE || today == ENTRY_NONE || changes->reason->len > 0)
    return;
  Why why;
  why_init(&why);
  for (size_t i = 0; i < op->n_changes; i++)
    side->today->type->why(side->today, today, op->changes[i].attribute, &why);
  g_string_assign(changes->reason, why.reason->str);
  why_clear(&why);
}

void side_why(Side *side, Op *op, uint32_t entry, const char *attribute)
{
  Why why;
  Why changes;
  bool modifies = attribute == NULL && op->kind == OP_MODIFY;
  why_init(&why);
  why_init(&changes);
  side->desired->type->why(side->desired, entry, attribute, &why);
  for (size_t i = 0; modifies && i < op->n_changes; i++)
    side->desired->type->why(side->desired, entry, op->changes[i].attribute, &changes);
  if (modifies)
    today_reason(side, op, entry, &changes);
  side_cause(side, op, entry, modifies ? changes.rows : why.rows);
  join_why(&why, &changes);
  const char *reason = attribute == NULL ? entry_reason(table_at(side->table, entry)) : "";
  g_autofree char *both = g_strjoin(*reason != '\0' && changes.reason->len > 0 ? ", " : "", reason,
                                    changes.reason->str, NULL);
  side_explain(side, op, &why, both);
  why_clear(&why);
  why_clear(&changes);
}

static Op entry_op(Side *side, OpKind kind, uint32_t index, const Kept *kept)
{
  const char *label = side_label(side, index);
  Op op = {
      .kind = kind, .object = side_object(side, index), .label = label, .not_before = INSTANT_NONE};
  op.person = side->desired->type->person(side->desired, index);
  const Klass *klass = side_klass(side, index);
  if (klass != NULL && klass->subject == FOR_UNIT && side->desired->type->unit != NULL)
    op.unit = side->desired->type->unit(side->desired, table_at(side->table, index)->subject);
  if (kept != NULL && kept->observed.stable_id.n > 0)
    op.stable_id = kept->observed.stable_id.at;
  side_place(side, index);
  return op;
}

static uint32_t add_entry_op(Side *side, Op *op, uint32_t index)
{
  const Restraint *restraint = side_blame(side, op->kind, index, ENTRY_NONE);
  Instant before = op->not_before;
  if (restraint == NULL && side->setup->only_restricted)
    return 0;
  if (restraint == NULL)
    side_night_entry(side, op, index);
  if (restraint == NULL)
    side_why(side, op, index, NULL);
  else
    side_restrained_why(side, restraint, op);
  op->account = side_account(side, index, op);
  uint32_t n = side_add_op(side, op);
  side_night_note(side, op, n, before);
  if (restraint != NULL)
    plan_add_after(side->plan, n, restraint->op);
  return n;
}

// Of a plan of restrictions alone only entries with new or lifted ones.
bool side_is_planned(const Side *side, uint32_t index)
{
  return !side->setup->only_restricted || (side->flags[index] & OWN) != 0;
}

static bool is_today(const Side *side, uint32_t today, Presence presence)
{
  return today != ENTRY_NONE && table_at(side->today_table, today)->presence == presence;
}

// ---------------------------------------------------------------------------------------------
// Enabled and disabled.

// The switch, and with it in one operation the secrets to be made anew: the old ones must not work again.
static uint32_t switch_op(Side *side, uint32_t index, const Kept *kept, const OpChange *change)
{
  const Entry *entry = table_at(side->table, index);
  bool enable = entry->enabled == ENABLED_YES;
  Changes changes;
  changes_init(&changes);
  g_array_append_val(changes.changes, *change);
  if (enable)
    side_renew_secrets(side, index, true, &changes);
  Op op = entry_op(side, enable ? OP_ENABLE : OP_DISABLE, index, kept);
  op.changes = (const OpChange *)(const void *)changes.changes->data;
  op.n_changes = changes.changes->len;
  if (side->later) {
    uint32_t today = side_today_entry(side, index);
    if (today == ENTRY_NONE || table_at(side->today_table, today)->enabled != entry->enabled)
      op.not_before = side_day(side);
  }
  uint32_t n = add_entry_op(side, &op, index);
  changes_clear(&changes);
  return n;
}

// How many values the disable attribute shall have, none or the one that is put into *out.
static size_t lock_value(Side *side, const char *before, bool off, OpValue *out)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (!target_lock_value(side->target->config, before, off, text))
    return 0;
  *out = (OpValue){VALUE_TEXT, g_string_chunk_insert(side->arena, text->str), text->len};
  return 1;
}

void side_lock_change(Side *side, const Observed *observed, bool off, LockChange *out)
{
  const TargetConfig *config = side->target->config;
  AttrId attr = schema_attr(side->schema, config->disable_attribute);
  const ObservedAttr *there = diff_observed_attr(observed, attr);
  *out = (LockChange){.change = {.attribute = config->disable_attribute,
                                 .replace = schema_at(side->schema, attr)->no_equality}};
  if (there != NULL)
    out->there = (OpValue){VALUE_TEXT, there->values[0].at, there->values[0].n};
  out->change.old_values = there == NULL ? NULL : &out->there;
  out->change.n_old = there == NULL ? 0 : 1;
  out->change.n_new = lock_value(side, out->there.bytes, off, &out->wanted);
  out->change.new_values = out->change.n_new == 0 ? NULL : &out->wanted;
}

static void enabled_op(Side *side, uint32_t index, const Kept *kept)
{
  const Entry *entry = table_at(side->table, index);
  const TargetConfig *config = side->target->config;
  if (entry->enabled == ENABLED_UNMANAGED || config->disable_attribute == NULL ||
      entry->enabled == kept->observed.enabled)
    return;
  bool enable = entry->enabled == ENABLED_YES;
  LockChange lock;
  side_lock_change(side, &kept->observed, !enable, &lock);
  uint32_t n = switch_op(side, index, kept, &lock.change);
  EntryOps *ops = side_ops(side, index);
  *(enable ? &ops->enable : &ops->disable) = n;
}

// ---------------------------------------------------------------------------------------------
// Place.

static bool same_rdn(const char *a, const char *b, size_t n_b)
{
  g_autoptr(GString) key_a = g_string_new(NULL);
  g_autoptr(GString) key_b = g_string_new(NULL);
  return place_key(a, strlen(a), key_a) && place_key(b, n_b, key_b) && g_string_equal(key_a, key_b);
}

bool side_today_settled(Side *side, uint32_t index)
{
  uint32_t today = side_today_entry(side, index);
  if (today == ENTRY_NONE)
    return false;
  g_autoptr(GString) later = g_string_new(NULL);
  g_autoptr(GString) now = g_string_new(NULL);
  table_place(side->table, index, side->base, later);
  table_place(side->today_table, today, side->base, now);
  return g_string_equal(later, now);
}

bool side_unreachable(const Side *side, uint32_t entry)
{
  for (uint32_t at = entry; at != ENTRY_NONE && (side->flags[at] & SEEN) == 0;
       at = table_at(side->table, at)->parent)
    if ((side->flags[at] & (AMBIGUOUS | VANISHED | UNNAMED | WITHHELD)) != 0)
      return true;
  return false;
}

// Nothing is put below what is not there: it would be refused each night.
static bool has_place(Side *side, uint32_t index)
{
  if (side_place_holder(side, index) != ENTRY_NONE) {
    side_note_left(side, "place-taken", index, NULL,
                   _("another entry of ours stays for now where this one shall be; it waits until "
                     "that one has gone or has another name"));
    return false;
  }
  if (!side_unreachable(side, table_at(side->table, index)->parent))
    return true;
  side_note_left(
      side, "no-parent", index, NULL,
      _("it belongs below an entry that is not there or not clear; it is left as it is until "
        "that one is"));
  return false;
}

static void place_op(Side *side, uint32_t index, const Kept *kept)
{
  const char *dn = g_hash_table_lookup(side->located, GUINT_TO_POINTER(index));
  const Entry *entry = table_at(side->table, index);
  size_t n_rdn = 0;
  const char *parent = NULL;
  if (*entry_rdn(entry) == '\0')
    return;  // nothing says where it shall be
  if (dn == NULL || !place_split(dn, &n_rdn, &parent))
    return;
  uint32_t old_parent = side_find_place(side, parent, strlen(parent));
  bool moved = old_parent != entry->parent;
  if (!moved && same_rdn(entry_rdn(entry), dn, n_rdn))
    return;  // only a place above it has another name
  if (side_waits(side, index) || !has_place(side, index))
    return;
  Op op = entry_op(side, moved ? OP_MOVE : OP_RENAME, index, kept);
  op.name = entry_rdn(entry);
  op.parent = side_object(side, entry->parent);
  side_place(side, entry->parent);
  op.old_parent =
      old_parent == ENTRY_NONE ? side_container(side, parent) : side_object(side, old_parent);
  op.old_name = g_string_chunk_insert_len(side->arena, dn, (gssize)n_rdn);
  if (side->later && !side_today_settled(side, index))
    op.not_before = side_day(side);
  uint32_t n = add_entry_op(side, &op, index);
  EntryOps *ops = side_ops(side, index);
  ops->place = n;
  ops->old_parent = old_parent;
}

// ---------------------------------------------------------------------------------------------
// Attributes.

static bool same_wish(Side *side, const Packed *later, const Packed *now)
{
  if (later->policy != now->policy || later->n_values != now->n_values)
    return false;
  // Over is over: which day stands there is of no interest.
  if (later->policy == POLICY_END)
    return true;
  const uint8_t *at_later = later->at;
  const uint8_t *at_now = now->at;
  for (uint16_t i = 0; i < later->n_values; i++) {
    Value a, b;
    at_later = packed_value(at_later, &a);
    at_now = packed_value(at_now, &b);
    if (a.kind != b.kind)
      return false;
    if (a.kind == VALUE_REF) {
      g_autoptr(GString) object_a = g_string_new(NULL);
      g_autoptr(GString) object_b = g_string_new(NULL);
      table_object(side->table, a.ref, object_a);
      table_object(side->today_table, b.ref, object_b);
      if (!g_string_equal(object_a, object_b))
        return false;
    } else if (a.n_bytes != b.n_bytes || memcmp(a.bytes, b.bytes, a.n_bytes) != 0) {
      return false;
    }
  }
  return true;
}

static bool find_packed(const Entry *entry, AttrId attr, Packed *out)
{
  Cursor cursor = entry_cursor(entry);
  while (cursor_next(&cursor, out))
    if (out->attr == attr)
      return true;
  return false;
}

// Whether today asks for the same values of the attribute.
static bool wanted_today(Side *side, uint32_t index, AttrId attr)
{
  if (!side->later)
    return true;
  uint32_t today = side_today_entry(side, index);
  Packed later, now;
  return today != ENTRY_NONE && find_packed(table_at(side->table, index), attr, &later) &&
         find_packed(table_at(side->today_table, today), attr, &now) &&
         same_wish(side, &later, &now);
}

static uint32_t modify_op(Side *side, uint32_t index, const Kept *kept, const Changes *all,
                          bool due)
{
  g_autoptr(GArray) changes = g_array_new(FALSE, TRUE, sizeof(OpChange));
  for (guint i = 0; i < all->changes->len; i++)
    if (wanted_today(side, index, g_array_index(all->attrs, AttrId, i)) == due)
      g_array_append_val(changes, g_array_index(all->changes, OpChange, i));
  if (changes->len == 0)
    return 0;
  Op op = entry_op(side, OP_MODIFY, index, kept);
  op.changes = (const OpChange *)(const void *)changes->data;
  op.n_changes = changes->len;
  op.not_before = due ? INSTANT_NONE : side_day(side);
  op.ends = side_klass(side, index)->subject == FOR_ASSIGNMENT;
  return add_entry_op(side, &op, index);
}

// Kept by the rule's policy, and shown: who has more rights than the rules give.
static void note_rights_of_others(Side *side, uint32_t index, const Kept *kept)
{
  g_autoptr(GString) rights = g_string_new(NULL);
  diff_rights_of_others(side, table_at(side->table, index), &kept->observed, rights);
  if (rights->len == 0)
    return;
  g_autofree char *text = g_strdup_printf(
      _("rights that no rule gives are kept here (policy: merge): %s"), rights->str);
  side_note(side, "rights-of-others", side_object(side, index), side_label(side, index), text);
}

static void modify_ops(Side *side, uint32_t index, const Kept *kept)
{
  note_rights_of_others(side, index, kept);
  Changes changes;
  changes_init(&changes);
  diff_entry(side, table_at(side->table, index), &kept->observed, &changes);
  const EntryOps *before = g_hash_table_lookup(side->ops, GUINT_TO_POINTER(index));
  if (before == NULL || before->enable == 0)
    side_renew_secrets(side, index, false, &changes);
  uint32_t first = modify_op(side, index, kept, &changes, true);
  uint32_t second = modify_op(side, index, kept, &changes, false);
  changes_clear(&changes);
  if (first != 0 && second != 0)
    plan_add_after(side->plan, second, first);
  if (first == 0 && second == 0)
    return;
  EntryOps *ops = side_ops(side, index);
  ops->modify = second != 0 ? second : first;
  ops->modify_waits = second != 0;
}

// ---------------------------------------------------------------------------------------------
// Entries that exist.

static void adopt_op(Side *side, uint32_t index, const Kept *kept, const char *confirm)
{
  Op op = entry_op(side, OP_ADOPT, index, kept);
  op.confirm = confirm;
  add_entry_op(side, &op, index);
}

// A deletion that the night puts off leaves nobody with an account that is on.
static uint32_t off_op(Side *side, uint32_t index, const Kept *kept, Instant not_before)
{
  if (side->target->config->disable_attribute == NULL)
    return 0;
  LockChange lock;
  side_lock_change(side, &kept->observed, true, &lock);
  Op op = entry_op(side, OP_DISABLE, index, kept);
  op.changes = &lock.change;
  op.n_changes = 1;
  op.not_before = not_before;
  return side_ops(side, index)->disable = add_entry_op(side, &op, index);
}

static void delete_op(Side *side, uint32_t index, const Kept *kept)
{
  if (side_waits(side, index))
    return;
  Op op = entry_op(side, OP_DELETE, index, kept);
  if (side->later && !is_today(side, side_today_entry(side, index), PRESENCE_ABSENT))
    op.not_before = side_day(side);
  Instant before = op.not_before;
  uint32_t n = add_entry_op(side, &op, index);
  EntryOps *ops = side_ops(side, index);
  ops->remove = n;
  if (op.not_before != before && kept->observed.enabled == ENABLED_YES)
    plan_add_after(side->plan, n, off_op(side, index, kept, before));
  size_t n_rdn = 0;
  const char *parent = NULL;
  if (place_split(kept->observed.dn.at, &n_rdn, &parent))
    ops->old_parent = side_find_place(side, parent, strlen(parent));
}

static void kept_ops(Side *side, const Kept *kept)
{
  const Entry *entry = table_at(side->table, kept->entry);
  uint16_t flags = side->flags[kept->entry];
  if ((flags & (AMBIGUOUS | UNNAMED)) != 0)
    return;
  if ((flags & PROTECTED) != 0) {
    const char *by = kept->observed.protected_by;
    g_autofree char *text =
        by == NULL
            ? g_strdup(_("a rule would change this entry, but it is protected"))
            : g_strdup_printf(_("a rule would change this entry, but it is protected (%s)"), by);
    side_note_left(side, "protected", kept->entry, kept->observed.dn.at, text);
    return;
  }
  if (kept->adopted)
    adopt_op(side, kept->entry, kept, NULL);
  if ((flags & OCCUPIED) != 0)
    return;
  if (entry->presence == PRESENCE_ABSENT) {
    delete_op(side, kept->entry, kept);
    return;
  }
  enabled_op(side, kept->entry, kept);
  place_op(side, kept->entry, kept);
  modify_ops(side, kept->entry, kept);
}

// ---------------------------------------------------------------------------------------------
// Entries that do not exist.

// An account that is made before its day is made disabled and switched on by an operation of its own.
static void create_enabled(Side *side, const Entry *entry, Changes *changes, bool disabled)
{
  const TargetConfig *config = side->target->config;
  OpValue lock;
  if (entry->enabled == ENABLED_UNMANAGED || config->disable_attribute == NULL ||
      lock_value(side, NULL, disabled, &lock) == 0)
    return;
  OpChange change = {.attribute = config->disable_attribute,
                     .new_values = g_memdup2(&lock, sizeof lock),
                     .n_new = 1};
  g_array_append_val(changes->changes, change);
}

static void enable_later(Side *side, uint32_t index, uint32_t create)
{
  const TargetConfig *config = side->target->config;
  AttrId attr = schema_attr(side->schema, config->disable_attribute);
  OpValue lock, free;
  lock_value(side, NULL, true, &lock);
  size_t n_new = lock_value(side, NULL, false, &free);
  OpChange change = {.attribute = config->disable_attribute,
                     .replace = schema_at(side->schema, attr)->no_equality,
                     .old_values = &lock,
                     .n_old = 1,
                     .new_values = n_new == 0 ? NULL : &free,
                     .n_new = n_new};
  Op op = entry_op(side, OP_ENABLE, index, NULL);
  op.changes = &change;
  op.n_changes = 1;
  op.not_before = side_day(side);
  uint32_t n = add_entry_op(side, &op, index);
  plan_add_after(side->plan, n, create);
  side_ops(side, index)->enable = n;
}

static void add_filler(Side *side, const Klass *klass, Changes *changes)
{
  if (klass->member_attribute == NULL || klass->filler == NULL)
    return;
  g_autofree char *dn = g_strdup_printf("%s,%s", klass->filler, side->base);
  OpValue filler = {VALUE_TEXT, g_string_chunk_insert(side->arena, dn), strlen(dn)};
  OpChange change = {.attribute = klass->member_attribute,
                     .new_values = g_memdup2(&filler, sizeof filler),
                     .n_new = 1};
  g_array_append_val(changes->changes, change);
}

static void create_op(Side *side, uint32_t index, const Klass *klass)
{
  const Entry *entry = table_at(side->table, index);
  uint32_t today = side->later ? side_today_entry(side, index) : index;
  bool early = side->later && is_today(side, today, PRESENCE_PRESENT);
  bool disabled = entry->enabled == ENABLED_NO;
  bool switched_on_later = early && entry->enabled == ENABLED_YES &&
                           table_at(side->today_table, today)->enabled == ENABLED_NO;
  Changes changes;
  changes_init(&changes);
  diff_create(side, index, klass, &changes);
  guint n_own = changes.changes->len;
  create_enabled(side, entry, &changes, disabled || switched_on_later);
  add_filler(side, klass, &changes);

  Op op = entry_op(side, OP_CREATE, index, NULL);
  op.parent = side_object(side, entry->parent);
  op.name = entry_rdn(entry);
  op.changes = (const OpChange *)(const void *)changes.changes->data;
  op.n_changes = changes.changes->len;
  if (side->later && !early)
    op.not_before = side_day(side);
  uint32_t n = add_entry_op(side, &op, index);
  side_ops(side, index)->create = n;
  side_follow(side, index, n);
  if (switched_on_later && side->target->config->disable_attribute != NULL)
    enable_later(side, index, n);
  for (guint i = n_own; i < changes.changes->len; i++)
    g_free((gpointer)g_array_index(changes.changes, OpChange, i).new_values);
  changes_clear(&changes);
}

static void vanished(Side *side, uint32_t index)
{
  side->flags[index] |= VANISHED;
  side_note_left(
      side, "vanished", index, NULL,
      _("the entry we made or adopted is gone; it is not made anew in silence. Restore it, or "
        "let go of it with `idou release`."));
}

bool side_is_missing(const Side *side, uint32_t index)
{
  const Entry *entry = table_at(side->table, index);
  return (side->flags[index] & (SEEN | UNNAMED | AMBIGUOUS | VANISHED | WITHHELD)) == 0 &&
         entry->klass != KLASS_CONTAINER && entry->presence == PRESENCE_PRESENT &&
         !table_is_double(side->table, index);
}

static void vanished_entries(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    if (!side_is_missing(side, i) || !side_is_planned(side, i))
      continue;
    const Klass *klass = side_klass(side, i);
    for (size_t k = 0; k < side->setup->source->n_klasses; k++)
      if (side_klass_at(side, k) == klass && matcher_bound(side->matchers[k], i))
        vanished(side, i);
  }
}

bool side_has_place(Side *side, uint32_t index)
{
  if (has_place(side, index))
    return true;
  side->flags[index] |= VANISHED;
  return false;
}

static void missing_entries(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (side_is_missing(side, i) && side_is_planned(side, i) && side_may_follow(side, i) &&
        side_has_place(side, i))
      create_op(side, i, side_klass(side, i));
}

// ---------------------------------------------------------------------------------------------
// Entries of nobody.

bool side_is_of_other_class(Side *side, const Kept *kept)
{
  const Bytes *dn = &kept->observed.dn;
  uint32_t there = side_find_place(side, dn->at, dn->n);
  return there != ENTRY_NONE && (side->flags[there] & SEEN) != 0 &&
         side_klass(side, there) != side_klass_at(side, kept->klass);
}

static void orphan(Side *side, const Kept *kept)
{
  const char *by = NULL;
  if (side_is_of_other_class(side, kept))
    return;
  uint32_t candidate = matcher_candidate(side->matchers[kept->klass], &kept->observed, &by);
  side_survey_orphan(side, kept, candidate, by);
  if (candidate == ENTRY_NONE || (side->flags[candidate] & SEEN) != 0) {
    if (side_is_stray(side, &kept->observed))
      return;
    side_note(side, "orphan", kept->observed.dn.at, "",
              _("nobody in the personnel records stands behind this entry; it is left alone"));
    return;
  }
  g_autofree char *confirm =
      g_strdup_printf(_("the entry %s carries the same %s, but not the key: is it theirs?"),
                      kept->observed.dn.at, by);
  side->flags[candidate] |= SEEN | AMBIGUOUS;  // until a person has said so, nothing else happens
  side->flags[candidate] &= (uint16_t)~UNNAMED;
  g_hash_table_insert(side->located, GUINT_TO_POINTER(candidate), (gpointer)kept->observed.dn.at);
  adopt_op(side, candidate, kept, g_string_chunk_insert(side->arena, confirm));
}

// Either there are two for one, or the one that was ours has been replaced, for example by a restore.
static void claim(Side *side, const Kept *kept)
{
  const Matcher *matcher = side->matchers[kept->klass];
  bool own = matcher_bound_to(matcher, kept->entry, &kept->observed);
  bool replaced =
      (side->flags[kept->entry] & SEEN) == 0 && matcher_bound(matcher, kept->entry) && !own;
  const char *text =
      _("more than one entry claims to be this; none of them is touched. Remove the key "
        "attribute from the wrong one.");
  if (own)
    text =
        _("this entry is bound to one person or object and carries the key of another; it is not "
          "touched. Look whose it is, and put its key right.");
  if (replaced)
    text = _(
        "the entry we made or adopted is gone, and this one has its key; it is not touched. If it "
        "shall take the place of ours, let go of that with `idou release`.");
  side_note_left(side, replaced ? "replaced" : "ambiguous", kept->entry, kept->observed.dn.at,
                 text);
}

// There the findings of a plan are not the plan's: what does not fit is told in it.
static void note_misfits(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++)
    if (strcmp(entry_reason(table_at(side->table, i)), DESIRED_MISFIT) == 0)
      side_note_left(side, "too-long", i, NULL,
                     _("a value is longer than this target takes; the entry is left as it is"));
}

static void tell_of_others(Side *side)
{
  if (side->setup->bundle.segment != NULL)
    note_misfits(side);
  for (guint i = 0; i < side->claims->len; i++)
    claim(side, g_ptr_array_index(side->claims, i));
  side_survey_spared(side);
  for (guint i = 0; i < side->orphans->len; i++)
    orphan(side, g_ptr_array_index(side->orphans, i));
  if (side->n_untold > 0) {
    g_autofree char *text = g_strdup_printf(
        _("%zu entries here are nobody's of ours; they are left alone"), side->n_untold);
    side_note(side, "others", side->base, "", text);
  }
}

bool side_entry_ops(Side *side, GError **error)
{
  if (!side->setup->only_restricted)
    tell_of_others(side);
  bool any = side->kept->len > 0;
  for (uint32_t i = 0; !any && i < table_count(side->table); i++)
    any = (side->flags[i] & SEEN) == 0 && table_at(side->table, i)->presence == PRESENCE_PRESENT;
  if (any && !side_today(side, error))
    return false;
  if (!side->setup->only_restricted)
    side_guard_units(side);
  vanished_entries(side);
  side_withhold_missing(side);
  side_allocate(side);
  side_stray_ops(side);
  side_restrict_ops(side);
  for (guint i = 0; i < side->kept->len; i++) {
    const Kept *kept = g_ptr_array_index(side->kept, i);
    if (side_is_planned(side, kept->entry))
      kept_ops(side, kept);
  }
  missing_entries(side);
  return true;
}
