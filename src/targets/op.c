// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/targets.h>

// Sending again: a group's members are a set, and a modification takes old values away that a first
// sending has already taken, so neither can happen twice. Creating, renaming, moving and deleting name
// a place, where by then somebody else may have put something.
static const OpTraits traits[OP_N_KINDS] = {
    [OP_ALLOCATE] = {"allocate", true, false, false, true, "none"},
    [OP_ADOPT] = {"adopt", true, false, false, true, "exact"},
    [OP_RELEASE] = {"release", true, false, false, true, "exact"},
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
