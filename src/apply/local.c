// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// Each returns DONE or ALREADY, or REFUSED with an error. A store that cannot write any more says so
// itself when the operation's row follows.

static Stand allocate(Store *store, const Op *op, GError **error)
{
  const char *kind = op->n_changes ? op->changes[0].attribute : "login";
  if (op->person && store_name_owner(store, kind, op->name) == op->person)
    return STAND_ALREADY;
  return store_name_allocate(store, kind, op->name, op->person, error) ? STAND_DONE : STAND_REFUSED;
}

static Stand adopt(Store *store, const Op *op, GError **error)
{
  if (!op->stable_id || !*op->stable_id) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the target gave no identifier by which the entry could be remembered"));
    return STAND_REFUSED;
  }
  if (g_strcmp0(store_binding_of(store, op->target, op->object), op->stable_id) == 0)
    return STAND_ALREADY;
  bool set = store_binding_set(store, op->target, op->object, op->stable_id, error);
  return set ? STAND_DONE : STAND_REFUSED;
}

static Stand release(Store *store, const Op *op, GError **error)
{
  const char *slash = strchr(op->object, '/');
  g_autofree char *klass =
      slash ? g_strndup(op->object, (size_t)(slash - op->object)) : g_strdup(op->object);
  for (size_t i = 0; i < op->n_changes; i++)
    if (!store_ownership_set(store, op->target, klass, op->changes[i].attribute, false, error))
      return STAND_REFUSED;
  return STAND_DONE;
}

static Stand (*const handlers[OP_N_KINDS])(Store *store, const Op *op, GError **error) = {
    [OP_ALLOCATE] = allocate, [OP_ADOPT] = adopt, [OP_RELEASE] = release};

void local_carry_out(Store *store, const Op *op, Ending *out)
{
  g_autoptr(GError) error = NULL;
  // A task is for hands: whoever did it tells.
  out->stand = handlers[op->kind] ? handlers[op->kind](store, op, &error) : STAND_RECEIPT;
  out->n_attempts = 1;
  out->detail = error ? g_strdup(error->message) : NULL;
}
