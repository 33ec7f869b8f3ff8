// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

// What an operation of each kind must say beyond its object.
typedef struct Need {
  bool name;
  bool old_name;
  bool member;
  bool changes;
} Need;

static const Need needs[OP_N_KINDS] = {
    [OP_HOLD] = {.changes = true},
    [OP_WITHDRAW] = {.changes = true},
    [OP_ALLOCATE] = {.name = true},
    [OP_RESTRICT] = {.changes = true},
    [OP_LIFT] = {.changes = true},
    [OP_CREATE] = {.name = true, .changes = true},
    [OP_RENAME] = {.name = true, .old_name = true},
    [OP_MODIFY] = {.changes = true},
    [OP_JOIN] = {.member = true},
    [OP_LEAVE] = {.member = true},
};

static bool fail(const Op *op, const char *what, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("operation %u (%s %s): %s"), op->n,
              op_traits(op->kind)->name, op->object, what);
  return false;
}

bool check_place(GHashTable *places, const Placed *place, GError **error)
{
  if (place->parent && !g_hash_table_contains(places, place->parent)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the place of %s comes without that of %s, which is above it"), place->object,
                place->parent);
    return false;
  }
  if (g_hash_table_add(places, (void *)place->object))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has two places"), place->object);
  return false;
}

static bool check_object(GHashTable *places, const Op *op, const char *object, GError **error)
{
  if (!object || g_hash_table_contains(places, object))
    return true;
  g_autofree char *what = g_strdup_printf(_("the plan does not say where %s is"), object);
  return fail(op, what, error);
}

static bool check_values(GHashTable *places, const Op *op, const OpValue *values, size_t n,
                         GError **error)
{
  for (size_t i = 0; i < n; i++)
    if (values[i].kind == VALUE_REF && !check_object(places, op, values[i].bytes, error))
      return false;
  return true;
}

static bool check_places(GHashTable *places, const Op *op, GError **error)
{
  const char *const objects[] = {op->object, op->member, op->parent, op->old_parent};
  for (size_t i = 0; i < G_N_ELEMENTS(objects); i++)
    if (!check_object(places, op, objects[i], error))
      return false;
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    if (!check_values(places, op, change->old_values, change->n_old, error) ||
        !check_values(places, op, change->new_values, change->n_new, error))
      return false;
  }
  return true;
}

bool check_op(GHashTable *places, const Op *op, GError **error)
{
  const Need *need = &needs[op->kind];
  if (need->name && !op->name)
    return fail(op, _("it names no name"), error);
  if (need->old_name && !op->old_name)
    return fail(op, _("it does not say the old name"), error);
  if (need->member != (op->member != NULL))
    return fail(op, need->member ? _("it names no member") : _("it cannot have a member"), error);
  if (need->changes && op->n_changes == 0)
    return fail(op, _("it changes nothing"), error);
  return op_traits(op->kind)->local || check_places(places, op, error);
}

static bool check_section(const PlanSection *section, GError **error)
{
  g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < section->n_places; i++)
    if (!check_place(places, &section->places[i], error))
      return false;
  for (size_t i = 0; i < section->n_ops; i++)
    if (!check_op(places, &section->ops[i], error))
      return false;
  return true;
}

bool check_plan(const Plan *plan, GError **error)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    if (!check_section(plan_section(plan, i), error))
      return false;
  return true;
}
