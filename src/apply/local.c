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

typedef struct Search {
  const char *klass, *attribute;
  bool found;
} Search;

static bool look_for(const char *klass, const char *attribute, void *data)
{
  Search *search = data;
  search->found = g_str_equal(klass, search->klass) && g_str_equal(attribute, search->attribute);
  return !search->found;
}

// Its object is a class, not an object of one.
static Stand release(Store *store, const Op *op, GError **error)
{
  Stand stand = STAND_ALREADY;
  for (size_t i = 0; i < op->n_changes; i++) {
    Search search = {op->object, op->changes[i].attribute, false};
    if (!store_ownership_each(store, op->target, look_for, &search, error))
      return STAND_REFUSED;
    if (!search.found)
      continue;
    stand = STAND_DONE;
    if (!store_ownership_set(store, op->target, search.klass, search.attribute, false, error))
      return STAND_REFUSED;
  }
  return stand;
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
