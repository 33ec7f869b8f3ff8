// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/targets.h>

// Sending again: a group's members are a set, and a modification takes old values away that a first
// sending has already taken, so neither can happen twice. Creating, renaming, moving and deleting name
// a place, where by then somebody else may have put something.
static const OpTraits traits[OP_N_KINDS] = {
    [OP_HOLD] = {"hold", true, false, false, true, "exact"},
    [OP_WITHDRAW] = {"withdraw", true, false, false, true, "none"},
    [OP_ALLOCATE] = {"allocate", true, false, false, true, "none"},
    [OP_ADOPT] = {"adopt", true, false, false, true, "exact"},
    [OP_RELEASE] = {"release", true, false, false, true, "exact"},
    [OP_RESTRICT] = {"restrict", true, false, true, true, "exact"},
    [OP_LIFT] = {"lift", true, false, false, true, "exact"},
    [OP_CREATE] = {"create", false, false, false, false, "partial"},
    [OP_RENAME] = {"rename", false, false, false, false, "exact"},
    [OP_MOVE] = {"move", false, false, false, false, "exact"},
    [OP_MODIFY] = {"modify", false, false, false, true, "exact"},
    [OP_ENABLE] = {"enable", false, false, false, true, "exact"},
    [OP_JOIN] = {"join", false, true, false, true, "exact"},
    [OP_LEAVE] = {"leave", false, true, true, true, "exact"},
    [OP_DISABLE] = {"disable", false, false, true, true, "exact"},
    [OP_DELETE] = {"delete", false, false, true, false, "partial"},
    [OP_TASK] = {"task", true, false, false, false, "none"},
};

const OpTraits *op_traits(OpKind kind)
{
  g_return_val_if_fail((unsigned)kind < OP_N_KINDS, NULL);
  return &traits[kind];
}

char *secret_made_for(const char *target, const char *object, const char *attribute)
{
  return g_strjoin(" ", target, object, *attribute ? attribute : NULL, NULL);
}

// The i-th secret; with `i` beyond the last one how many there are is told.
static size_t find_secret(const Op *op, size_t i, OpSecret *out)
{
  size_t n = 0;
  for (size_t c = 0; c < op->n_changes; c++)
    for (size_t v = 0; v < op->changes[c].n_new; v++) {
      if (op->changes[c].new_values[v].kind != VALUE_SECRET)
        continue;
      if (n++ == i)
        *out = (OpSecret){op->changes[c].attribute, op->changes[c].new_values[v].bytes};
    }
  return n;
}

bool op_gives(const Op *op)
{
  const char *slash = strchr(op->object, '/');
  g_autofree char *of_person = g_strdup_printf("/%" G_GUINT32_FORMAT "/", op->person);
  return op->person != 0 && slash && g_str_has_prefix(slash, of_person);
}

bool op_made_off(const TargetConfig *config, const Op *op)
{
  const char *disable = config->disable_attribute;
  for (size_t i = 0; disable && i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    if (g_ascii_strcasecmp(change->attribute, disable) == 0 && change->n_new > 0)
      return target_is_off(config, change->new_values[0].bytes, change->new_values[0].n);
  }
  return false;
}

bool op_grants(const TargetConfig *config, const Op *op)
{
  bool takes = op->kind == OP_DISABLE || op->kind == OP_LEAVE || op->kind == OP_DELETE || op->ends;
  if (op->person == 0 || op_traits(op->kind)->local || takes)
    return false;
  bool on = op->kind == OP_CREATE && !(config && op_made_off(config, op));
  return op->kind == OP_ENABLE || op->kind == OP_JOIN || on || op_gives(op);
}

size_t op_n_secrets(const Op *op)
{
  OpSecret ignored;
  return op_traits(op->kind)->edge ? 0 : find_secret(op, SIZE_MAX, &ignored);
}

OpSecret op_secret(const Op *op, size_t i)
{
  OpSecret found = {0};
  find_secret(op, i, &found);
  return found;
}

bool op_kind_of(const char *name, OpKind *out)
{
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
    if (!g_str_equal(name, traits[kind].name))
      continue;
    *out = kind;
    return true;
  }
  return false;
}
