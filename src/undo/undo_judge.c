// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

#include <stdarg.h>

void judge_say(Judge *judge, Verdict verdict, const char *format, ...)
{
  va_list arguments;
  judge->done->verdict = MAX(judge->done->verdict, verdict);
  if (!format)
    return;
  if (judge->text->len)
    g_string_append(judge->text, "; ");
  va_start(arguments, format);
  g_string_append_vprintf(judge->text, format, arguments);
  va_end(arguments);
}

// ---------------------------------------------------------------------------------------------
// What other runs did since.

static bool touches(const Done *done, const char *attribute)
{
  if (!attribute || done->poor)
    return true;
  for (size_t i = 0; i < done->op->n_changes; i++)
    if (g_ascii_strcasecmp(done->op->changes[i].attribute, attribute) == 0)
      return true;
  return false;
}

// What is taken back itself stands no more.
static bool still_stands(const Done *done)
{
  return done->effective &&
         !(done->picked && (done->verdict == VERDICT_EXACT || done->verdict == VERDICT_BACK));
}

static bool is_since(const Judge *judge, const Done *other, const Since *since)
{
  bool about = g_str_equal(other->object, since->object) ||
               (!since->member && g_strcmp0(other->member, since->object) == 0);
  return about && other->run->id > judge->done->run->id && (since->kinds & KIND(other->kind)) &&
         (!since->member || g_strcmp0(other->member, since->member) == 0) && still_stands(other) &&
         touches(other, since->attribute);
}

int64_t judge_since(const Judge *judge, const Since *since)
{
  g_autofree char *key = g_strjoin("\n", judge->done->target, since->object, NULL);
  const GPtrArray *list = g_hash_table_lookup(judge->setup->pick->after, key);
  int64_t latest = 0;
  for (guint i = 0; list && i < list->len; i++) {
    const Done *other = list->pdata[i];
    if (is_since(judge, other, since))
      latest = MAX(latest, other->run->id);
  }
  return latest;
}

// ---------------------------------------------------------------------------------------------
// The operation that takes it back.

Op judge_op(const Judge *judge, OpKind kind)
{
  const Op *op = judge->done->op;
  return (Op){.kind = kind,
              .object = op->object,
              .member = op_traits(kind)->edge ? op->member : NULL,
              .label = op->label,
              .person = op->person,
              .unit = op->unit,
              .not_before = INSTANT_NONE,
              .cause = UNDO_CAUSE};
}

static void need_place(Picture *picture, const char *object)
{
  if (object)
    g_hash_table_add(picture->placed, g_string_chunk_insert_const(picture->texts, object));
}

static void need_values(Picture *picture, const OpValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (values[i].kind == VALUE_REF)
      need_place(picture, values[i].bytes);
}

// Making, moving or deleting an entry waits for all before that speaks of it, and all after waits for that; what changes one
// entry goes in turn. Edges of a group do not wait for each other, but for the same one.
static void link_thing(Judge *judge, Thing *thing, bool own, bool places)
{
  uint32_t handle = judge->done->handle;
  if (!thing)
    return;
  plan_add_after(judge->plan, handle, thing->placed);
  if (own)
    plan_add_after(judge->plan, handle, thing->changed);
  for (guint i = 0; places && own && i < thing->touched->len; i++)
    plan_add_after(judge->plan, handle, g_array_index(thing->touched, uint32_t, i));
  g_array_append_val(thing->touched, handle);
  if (own)
    thing->changed = handle;
  if (own && places)
    thing->placed = handle;
}

static void link_edge(Judge *judge, const Op *op)
{
  char *key = g_strjoin("\n", op->object, op->member, NULL);
  gpointer before = g_hash_table_lookup(judge->picture->edges, key);
  plan_add_after(judge->plan, judge->done->handle, GPOINTER_TO_UINT(before));
  g_hash_table_replace(judge->picture->edges, key, GUINT_TO_POINTER(judge->done->handle));
}

static void link_values(Judge *judge, const OpValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (values[i].kind == VALUE_REF)
      link_thing(judge, picture_thing(judge->picture, values[i].bytes), false, false);
}

static void link_op(Judge *judge, const Op *op)
{
  static const unsigned placing =
      KIND(OP_CREATE) | KIND(OP_RENAME) | KIND(OP_MOVE) | KIND(OP_DELETE);
  bool edge = op_traits(op->kind)->edge;
  const char *const others[] = {op->member, op->parent, op->old_parent};
  link_thing(judge, picture_thing(judge->picture, op->object), !edge,
             (placing & KIND(op->kind)) != 0);
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
    if (others[i] && !g_str_equal(others[i], op->object))
      link_thing(judge, picture_thing(judge->picture, others[i]), false, false);
  for (size_t i = 0; i < op->n_changes; i++) {
    link_values(judge, op->changes[i].old_values, op->changes[i].n_old);
    link_values(judge, op->changes[i].new_values, op->changes[i].n_new);
  }
  if (edge)
    link_edge(judge, op);
}

void judge_add(Judge *judge, const Op *op)
{
  Picture *picture = judge->picture;
  Op whole = *op;
  g_autofree char *why = g_strdup_printf(_("undo of run %" G_GINT64_FORMAT " operation %u"),
                                         judge->done->run->id, judge->done->n);
  whole.why = why;
  judge->done->handle = plan_add_op(judge->plan, picture->section, &whole);
  if (op_traits(op->kind)->local)
    return;
  link_op(judge, op);
  const char *const objects[] = {op->object, op->member, op->parent, op->old_parent};
  for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
    need_place(picture, objects[i]);
  for (size_t i = 0; i < op->n_changes; i++) {
    need_values(picture, op->changes[i].old_values, op->changes[i].n_old);
    need_values(picture, op->changes[i].new_values, op->changes[i].n_new);
  }
}

// ---------------------------------------------------------------------------------------------

static bool change_back(Judge *judge)
{
  back_changed(judge);
  return true;
}

static bool place_back(Judge *judge)
{
  back_placed(judge);
  return true;
}

static bool join_or_leave(Judge *judge)
{
  back_edge(judge);
  return true;
}

static bool own(Judge *judge)
{
  static void (*const ways[OP_N_KINDS])(Judge * judge) = {
      [OP_ADOPT] = own_adopted, [OP_RELEASE] = own_released, [OP_RESTRICT] = own_restricted,
      [OP_LIFT] = own_lifted,   [OP_HOLD] = own_held,        [OP_ALLOCATE] = own_none,
      [OP_WITHDRAW] = own_none, [OP_TASK] = own_none,
  };
  ways[judge->done->kind](judge);
  return true;
}

static bool (*const ways[OP_N_KINDS])(Judge *judge) = {
    [OP_MODIFY] = change_back,  [OP_ENABLE] = change_back, [OP_DISABLE] = change_back,
    [OP_RENAME] = place_back,   [OP_MOVE] = place_back,    [OP_CREATE] = back_made,
    [OP_DELETE] = back_deleted, [OP_JOIN] = join_or_leave, [OP_LEAVE] = join_or_leave,
};

// Of what only the journal is left it knows what was before, not what was left.
static bool is_told(Judge *judge)
{
  static const unsigned told = KIND(OP_DELETE) | KIND(OP_JOIN) | KIND(OP_LEAVE);
  if (!judge->done->poor || ((told & KIND(judge->done->kind)) && judge->done->before))
    return true;
  judge_say(judge, VERDICT_IMPOSSIBLE,
            _("the plan of its run is gone or was changed, so it is not known what it left"));
  return false;
}

bool judge_done(Judge *judge)
{
  if (!is_told(judge))
    return true;
  return ways[judge->done->kind] ? ways[judge->done->kind](judge) : own(judge);
}
