// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

#define CHANGING (KIND(OP_MODIFY) | KIND(OP_ENABLE) | KIND(OP_DISABLE))
#define PLACING (KIND(OP_RENAME) | KIND(OP_MOVE))
#define ANYTHING \
  (CHANGING | PLACING | KIND(OP_CREATE) | KIND(OP_DELETE) | KIND(OP_JOIN) | KIND(OP_LEAVE))

static void *scratch(Judge *judge, size_t n_bytes)
{
  void *at = g_malloc0(n_bytes + 1);
  g_ptr_array_add(judge->scratch, at);
  return at;
}

// Why nothing can be done to the entry; said already. True: it can.
static bool is_there(Judge *judge, Thing *thing)
{
  const char *planned = judge->done->op->stable_id;
  Since gone = {judge->done->object, NULL, NULL, KIND(OP_DELETE) | KIND(OP_CREATE)};
  if (!thing || !thing->exists) {
    int64_t run = judge_since(judge, &gone);
    if (run)
      judge_say(judge, VERDICT_IMPOSSIBLE, _("the entry is gone since run %" G_GINT64_FORMAT), run);
    else
      judge_say(judge, VERDICT_IMPOSSIBLE, _("the entry is gone"));
    return false;
  }
  if (!thing->anew && planned && *planned && thing->read_id &&
      !g_str_equal(planned, thing->read_id)) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("another entry has taken its place since"));
    return false;
  }
  if (thing->protected_by)
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the entry is protected: %s"), thing->protected_by);
  else if (thing->outside)
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the entry is outside of the target's base: %s"),
              thing->dn);
  return !thing->protected_by && !thing->outside;
}

static const char *id_of(const Thing *thing)
{
  return thing->anew ? NULL : thing->read_id;
}

// ---------------------------------------------------------------------------------------------
// Values.

typedef struct Back {
  OpValue *away, *again;
  size_t n_away, n_again;
  bool whole;
} Back;

static size_t count_there(Judge *judge, Thing *thing, const char *attribute, const OpValue *values,
                          size_t n)
{
  size_t n_there = 0;
  for (size_t i = 0; i < n; i++)
    n_there += picture_find(judge->picture, thing, attribute, &values[i]) >= 0;
  return n_there;
}

// Whom a value refers to must be there to be referred to again.
static bool can_refer(Judge *judge, const OpValue *value)
{
  return value->kind != VALUE_REF || picture_exists(judge->picture, value->bytes);
}

// The values that are there (or, without `there`, not) of those given.
static size_t take(Judge *judge, Thing *thing, const OpChange *change, bool there, OpValue *out)
{
  const OpValue *values = there ? change->new_values : change->old_values;
  size_t n = there ? change->n_new : change->n_old, n_taken = 0;
  for (size_t i = 0; i < n; i++) {
    ssize_t at = picture_find(judge->picture, thing, change->attribute, &values[i]);
    if (there ? at < 0 : at >= 0 || !can_refer(judge, &values[i]))
      continue;
    // What is taken away goes by what it is called now.
    GArray *held = picture_values(thing, change->attribute);
    out[n_taken++] =
        there && values[i].kind == VALUE_REF && !picture_exists(judge->picture, values[i].bytes)
            ? g_array_index(held, Held, at).value
            : values[i];
  }
  return n_taken;
}

static void set_values(Judge *judge, Thing *thing, const char *attribute, const Back *back)
{
  GArray *values = picture_values(thing, attribute);
  for (size_t i = 0; i < back->n_away; i++) {
    ssize_t at = picture_find(judge->picture, thing, attribute, &back->away[i]);
    if (at >= 0)
      g_array_remove_index(values, (guint)at);
  }
  for (size_t i = 0; i < back->n_again; i++) {
    Held held = {back->again[i]};
    char *copy =
        g_string_chunk_insert_len(judge->picture->texts, held.value.bytes, (gssize)held.value.n);
    held.value.bytes = copy;
    g_array_append_val(values, held);
  }
}

static bool is_back(Judge *judge, Thing *thing, const OpChange *change)
{
  size_t n = picture_values(thing, change->attribute)->len;
  size_t n_old = count_there(judge, thing, change->attribute, change->old_values, change->n_old);
  size_t n_new = count_there(judge, thing, change->attribute, change->new_values, change->n_new);
  // Of one that holds a single value, somebody else's in place of ours is not what was before.
  bool all = change->replace || picture_attr(judge->picture, change->attribute)->single;
  return n_old == change->n_old && (all ? n == change->n_old : n_new == 0);
}

static void say_overwritten(Judge *judge, Verdict verdict, const char *attribute)
{
  Since since = {judge->done->object, NULL, attribute, CHANGING};
  int64_t run = judge_since(judge, &since);
  if (run)
    judge_say(judge, verdict, _("%s was changed since by run %" G_GINT64_FORMAT), attribute, run);
  else
    judge_say(judge, verdict, _("%s was changed since"), attribute);
}

// Of a number that means many things only our bit is turned back.
static bool turn_back(Judge *judge, Thing *thing, const OpChange *change, Back *out)
{
  const TargetConfig *config = judge->picture->target->config;
  const GArray *values = picture_values(thing, change->attribute);
  if (!config->disable_bit || change->n_old != 1 || change->n_new != 1 || values->len != 1 ||
      g_ascii_strcasecmp(change->attribute, config->disable_attribute) != 0)
    return false;
  const OpValue *now = &g_array_index(values, Held, 0).value;
  bool before = target_is_off(config, change->old_values[0].bytes, change->old_values[0].n);
  bool after = target_is_off(config, change->new_values[0].bytes, change->new_values[0].n);
  if (before == after || target_is_off(config, now->bytes, now->n) != after)
    return false;
  g_autoptr(GString) value = g_string_new(NULL);
  target_lock_value(config, now->bytes, before, value);
  out->away[0] = *now;
  char *bytes = scratch(judge, value->len);
  memcpy(bytes, value->str, value->len);
  out->again[0] = (OpValue){VALUE_TEXT, bytes, value->len};
  out->n_away = out->n_again = 1;
  out->whole = true;
  return true;
}

// The part of a change that is still ours. What is there in place of it is somebody else's.
static void find_ours(Judge *judge, Thing *thing, const OpChange *change, Back *out)
{
  const char *attribute = change->attribute;
  size_t n_now = picture_values(thing, attribute)->len;
  out->away = scratch(judge, (change->n_new + 1) * sizeof(OpValue));
  out->again = scratch(judge, (change->n_old + 1) * sizeof(OpValue));
  if (turn_back(judge, thing, change, out))
    return;
  out->n_away = take(judge, thing, change, true, out->away);
  bool untouched = change->n_new == out->n_away && (!change->replace || n_now == change->n_new);
  bool room = !picture_attr(judge->picture, attribute)->single || n_now == out->n_away;
  if (change->replace && !untouched)
    out->n_away = 0;
  if ((out->n_away > 0 || change->n_new == 0) && room && (!change->replace || untouched))
    out->n_again = take(judge, thing, change, false, out->again);
  out->whole = untouched && out->n_again == change->n_old;
}

static bool has_secret(const OpChange *change)
{
  for (size_t i = 0; i < change->n_new; i++)
    if (change->new_values[i].kind == VALUE_SECRET)
      return true;
  return record_is_secret(change->attribute);
}

// How many of the changes are as they were; the others that are ours stand in `out`.
typedef struct Changes {
  OpChange *list;
  size_t n, n_back, n_secret;
} Changes;

static void change_one(Judge *judge, Thing *thing, const OpChange *change, Changes *out)
{
  Back back = {0};
  Since since = {judge->done->object, NULL, change->attribute, CHANGING};
  if (has_secret(change)) {
    out->n_secret++;
    return;
  }
  if (is_back(judge, thing, change)) {
    out->n_back++;
    return;
  }
  // Whoever put the same value there since wants it so.
  if (judge_since(judge, &since)) {
    say_overwritten(judge, VERDICT_PARTIAL, change->attribute);
    return;
  }
  find_ours(judge, thing, change, &back);
  if (!back.whole)
    say_overwritten(judge, VERDICT_PARTIAL, change->attribute);
  if (back.n_away + back.n_again == 0)
    return;
  out->list[out->n++] = (OpChange){.attribute = change->attribute,
                                   .old_values = back.away,
                                   .n_old = back.n_away,
                                   .new_values = back.again,
                                   .n_new = back.n_again,
                                   .replace = change->replace};
  set_values(judge, thing, change->attribute, &back);
}

static bool has_lock(const TargetConfig *config, const Changes *changes)
{
  for (size_t i = 0; config->disable_attribute && i < changes->n; i++)
    if (g_ascii_strcasecmp(changes->list[i].attribute, config->disable_attribute) == 0)
      return true;
  return false;
}

static OpKind kind_back(const Judge *judge, const Changes *changes)
{
  OpKind kind = judge->done->kind;
  if (kind == OP_MODIFY || !has_lock(judge->picture->target->config, changes))
    return OP_MODIFY;
  return kind == OP_ENABLE ? OP_DISABLE : OP_ENABLE;
}

// After what was said of each of them.
static void judge_changes(Judge *judge, const Changes *changes)
{
  bool overwritten = judge->done->verdict == VERDICT_PARTIAL;
  if (changes->n == 0 && !overwritten && changes->n_back > 0) {
    judge_say(judge, VERDICT_BACK, NULL);
    return;
  }
  judge_say(judge, changes->n == 0 ? VERDICT_IMPOSSIBLE : VERDICT_EXACT, NULL);
  if (changes->n_secret > 0)
    judge_say(judge, VERDICT_PARTIAL,
              _("the password that was made stays: the one before is not known"));
}

void back_changed(Judge *judge)
{
  const Op *done = judge->done->op;
  Thing *thing = picture_thing(judge->picture, done->object);
  if (!is_there(judge, thing))
    return;
  Changes changes = {.list = scratch(judge, done->n_changes * sizeof(OpChange))};
  for (size_t i = 0; i < done->n_changes; i++)
    change_one(judge, thing, &done->changes[i], &changes);
  if (changes.n > 0) {
    Op op = judge_op(judge, kind_back(judge, &changes));
    op.stable_id = id_of(thing);
    op.changes = changes.list;
    op.n_changes = changes.n;
    judge_add(judge, &op);
  }
  judge_changes(judge, &changes);
}

// ---------------------------------------------------------------------------------------------
// Places.

// Of an entry that is renamed the attribute of its name follows.
static void follow_name(Judge *judge, Thing *thing, const char *before, const char *after)
{
  const char *equals = strchr(before, '=');
  size_t n = equals ? (size_t)(equals - before) : 0;
  if (!equals || strncmp(before, after, n + 1) != 0)
    return;
  g_autofree char *attribute = g_strndup(before, n);
  g_autofree char *old = place_unescape(equals + 1), *new = place_unescape(after + n + 1);
  OpValue away = {VALUE_TEXT, old, old ? strlen(old) : 0},
          again = {VALUE_TEXT, new, new ? strlen(new) : 0};
  Back back = {&away, &again, 1, 1, true};
  if (old && new &&picture_find(judge->picture, thing, attribute, &away) >= 0)
    set_values(judge, thing, attribute, &back);
}

static void add_placing(Judge *judge, Thing *thing, const Spot *to)
{
  Op op = judge_op(judge, judge->done->kind);
  op.old_parent = thing->at.parent;
  op.old_name = thing->at.name;
  op.parent = to->parent;
  op.name = to->name;
  op.stable_id = id_of(thing);
  judge_add(judge, &op);
  follow_name(judge, thing, op.old_name, op.name);
  picture_put(judge->picture, thing, to);
  judge_say(judge, VERDICT_EXACT, NULL);
}

void back_placed(Judge *judge)
{
  const Op *done = judge->done->op;
  Picture *picture = judge->picture;
  Thing *thing = picture_thing(picture, done->object);
  if (!is_there(judge, thing))
    return;
  bool moves = done->kind == OP_MOVE;
  Spot from = {moves ? done->parent : thing->at.parent, done->name ? done->name : thing->at.name};
  Spot to = {moves ? done->old_parent : thing->at.parent,
             done->old_name ? done->old_name : thing->at.name};
  Since since = {done->object, NULL, NULL, PLACING};
  int64_t run = judge_since(judge, &since);
  if (picture_same_spot(picture, &thing->at, &to))
    judge_say(judge, VERDICT_BACK, NULL);
  else if (run)
    judge_say(judge, VERDICT_IMPOSSIBLE, _("it was moved since by run %" G_GINT64_FORMAT), run);
  else if (!picture_same_spot(picture, &thing->at, &from))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("it was moved since: %s"), thing->dn ? thing->dn : "");
  else if (!picture_exists(picture, to.parent))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the place where it was is gone"));
  else if (picture_taken(picture, &to, thing))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("another entry stands where it was"));
  else
    add_placing(judge, thing, &to);
}

// ---------------------------------------------------------------------------------------------
// What was made.

// Values that it was made with and has no more, or that stand there beside them.
static void list_drift(Judge *judge, Thing *thing, GString *out)
{
  const Op *done = judge->done->op;
  for (size_t i = 0; i < done->n_changes; i++) {
    const OpChange *change = &done->changes[i];
    if (has_secret(change) || !picture_attr(judge->picture, change->attribute)->known ||
        count_there(judge, thing, change->attribute, change->new_values, change->n_new) ==
            change->n_new)
      continue;
    g_string_append_printf(out, "%s%s", out->len ? ", " : "", change->attribute);
  }
}

static void add_unmaking(Judge *judge, Thing *thing)
{
  g_autoptr(GString) drift = g_string_new(NULL), confirm = g_string_new(NULL);
  list_drift(judge, thing, drift);
  Op op = judge_op(judge, OP_DELETE);
  op.stable_id = id_of(thing);
  if (drift->len) {
    judge_say(judge, VERDICT_PARTIAL, _("it was changed since it was made: %s"), drift->str);
    g_string_printf(confirm, _("it was changed since it was made: %s"), drift->str);
    op.confirm = confirm->str;
  }
  judge_add(judge, &op);
  thing->exists = false;
  judge_say(judge, VERDICT_EXACT, NULL);
}

bool back_made(Judge *judge)
{
  Picture *picture = judge->picture;
  Thing *thing = picture_thing(picture, judge->done->object);
  Since since = {judge->done->object, NULL, NULL, ANYTHING};
  size_t n_below = 0;
  if (!thing || !thing->exists) {
    judge_say(judge, VERDICT_BACK, NULL);
    return true;
  }
  if (!is_there(judge, thing))
    return true;
  int64_t run = judge_since(judge, &since);
  if (run) {
    judge_say(judge, VERDICT_IMPOSSIBLE,
              _("run %" G_GINT64_FORMAT " has worked on the entry since: undo that first"), run);
    return true;
  }
  // Only what is nobody's own is a place for others.
  if (judge->done->op->person == 0 && !thing->anew &&
      !picture_has_below(picture, thing, &n_below, judge->error))
    return false;
  if (n_below > 0)
    judge_say(
        judge, VERDICT_IMPOSSIBLE,
        ngettext("%zu other entry stands below it", "%zu other entries stand below it", n_below),
        n_below);
  else
    add_unmaking(judge, thing);
  return true;
}

// ---------------------------------------------------------------------------------------------
// What was deleted.

static bool is_settable(Judge *judge, const OpChange *change)
{
  const Attr *attr = picture_attr(judge->picture, change->attribute);
  static const char *const never[] = {"memberOf", "entryUUID", "row", NULL};
  for (size_t i = 0; never[i]; i++)
    if (g_ascii_strcasecmp(change->attribute, never[i]) == 0)
      return false;
  return !attr->readonly && !attr->from_place && !record_is_secret(change->attribute);
}

// It comes back switched off, wherever that is no value of its own among the others.
static bool add_lock(Judge *judge, GArray *changes)
{
  const TargetConfig *config = judge->picture->target->config;
  if (!config->disable_attribute || judge->done->op->person == 0)
    return false;
  for (guint i = 0; i < changes->len; i++)
    if (g_ascii_strcasecmp(g_array_index(changes, OpChange, i).attribute,
                           config->disable_attribute) == 0)
      return false;
  g_autoptr(GString) off = g_string_new(NULL);
  if (!target_lock_value(config, NULL, true, off))
    return false;
  OpValue *value = scratch(judge, sizeof *value);
  char *bytes = scratch(judge, off->len);
  memcpy(bytes, off->str, off->len);
  *value = (OpValue){VALUE_TEXT, bytes, off->len};
  OpChange lock = {.attribute = config->disable_attribute, .new_values = value, .n_new = 1};
  g_array_append_val(changes, lock);
  return true;
}

static void settle_anew(Judge *judge, Thing *thing, const Spot *spot, const GArray *changes)
{
  thing->exists = thing->anew = true;
  thing->now = *spot;
  picture_put(judge->picture, thing, spot);
  g_hash_table_remove_all(thing->values);
  for (guint i = 0; i < changes->len; i++) {
    const OpChange *change = &g_array_index(changes, OpChange, i);
    set_values(judge, thing, change->attribute,
               &(Back){NULL, (OpValue *)change->new_values, 0, change->n_new, true});
  }
}

static void add_remaking(Judge *judge, Thing *thing, const Spot *spot, const Buried *buried)
{
  const TargetConfig *config = judge->picture->target->config;
  g_autoptr(GArray) changes = g_array_new(false, false, sizeof(OpChange));
  bool revives = target_revives(config) && *buried->id != '\0';
  for (guint i = 0; i < buried->changes->len; i++) {
    const OpChange *change = &g_array_index(buried->changes, OpChange, i);
    if (is_settable(judge, change))
      g_array_append_vals(changes, change, 1);
  }
  if (!revives)
    add_lock(judge, changes);
  Op op = judge_op(judge, OP_CREATE);
  op.parent = spot->parent;
  op.name = spot->name;
  op.stable_id = revives ? buried->id : NULL;
  op.changes = (const OpChange *)(const void *)changes->data;
  op.n_changes = changes->len;
  judge_add(judge, &op);
  settle_anew(judge, thing, spot, changes);
  if (revives)
    judge_say(judge, VERDICT_PARTIAL,
              _("the server brings the same entry back, switched off, without password and groups, "
                "and what "
                "it does not keep comes from the journal"));
  else if (*buried->id != '\0' || judge->done->op->person != 0)
    judge_say(judge, VERDICT_PARTIAL,
              _("the entry is made anew from the journal: with another identity, switched off "
                "where the target "
                "can, without password, and in no group that the run did not take it out of"));
  else
    judge_say(judge, VERDICT_EXACT, NULL);
}

bool back_deleted(Judge *judge)
{
  Picture *picture = judge->picture;
  Thing *thing = picture_thing(picture, judge->done->object);
  g_auto(Buried) buried = {0};
  Spot spot = {0};
  bool told = told_buried(judge->done->before, &buried);
  if (thing && thing->exists)
    judge_say(judge, VERDICT_BACK, NULL);
  else if (!thing || !told || !picture_spot(picture, buried.dn, &spot))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the journal did not keep what the entry was"));
  else if (!picture_exists(picture, spot.parent))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the place where it was is gone"));
  else if (picture_taken(picture, &spot, thing))
    judge_say(judge, VERDICT_IMPOSSIBLE, _("another entry stands where it was"));
  else if (!picture_learn(picture, buried.changes, judge->error))
    return false;
  else
    add_remaking(judge, thing, &spot, &buried);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Memberships.

void back_edge(Judge *judge)
{
  const Op *done = judge->done->op;
  Picture *picture = judge->picture;
  Thing *group = picture_thing(picture, done->object),
        *member = picture_thing(picture, done->member);
  const char *attribute = done->n_changes ? done->changes[0].attribute : "member";
  OpValue value = {VALUE_REF, done->member, done->member ? strlen(done->member) : 0};
  Since since = {done->object, done->member, NULL, KIND(OP_JOIN) | KIND(OP_LEAVE)};
  if (!is_there(judge, group))
    return;
  bool is_in = done->member && picture_find(picture, group, attribute, &value) >= 0;
  int64_t run = judge_since(judge, &since);
  if (is_in == (done->kind == OP_LEAVE)) {
    judge_say(judge, VERDICT_BACK, NULL);
  } else if (run) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("run %" G_GINT64_FORMAT " has decided about this since"),
              run);
  } else if (!member || !member->exists) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("whoever was in it is gone"));
  } else {
    Op op = judge_op(judge, is_in ? OP_LEAVE : OP_JOIN);
    Back back = {&value, &value, is_in ? 1 : 0, is_in ? 0 : 1, true};
    op.changes = done->changes;
    op.n_changes = done->n_changes;
    judge_add(judge, &op);
    set_values(judge, group, attribute, &back);
    judge_say(judge, VERDICT_EXACT, NULL);
  }
}
