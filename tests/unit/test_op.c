// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <idou/targets.h>
#include <string.h>

static void names_lead_back(void)
{
  for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
    OpKind found = OP_N_KINDS;
    const OpTraits *traits = op_traits(kind);
    UNIT_TRUE(op_kind_of(traits->name, &found), "%s", traits->name);
    UNIT_INT(found, kind, "%s", traits->name);
    UNIT_TRUE(strstr("exact partial none", traits->undo) != NULL, "%s", traits->name);
  }
  OpKind found = OP_N_KINDS;
  UNIT_TRUE(!op_kind_of("explode", &found));
}

static void only_harmless_ones_are_sent_again(void)
{
  static const struct {
    OpKind kind;
    bool harmless, revokes;
  } rows[] = {{OP_CREATE, false, false}, {OP_RENAME, false, false}, {OP_MOVE, false, false},
              {OP_DELETE, false, true},  {OP_JOIN, true, false},    {OP_LEAVE, true, true},
              {OP_MODIFY, true, false},  {OP_DISABLE, true, true},  {OP_ENABLE, true, false}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const OpTraits *traits = op_traits(rows[i].kind);
    UNIT_INT(traits->resend_harmless, rows[i].harmless, "%s", traits->name);
    UNIT_INT(traits->revokes, rows[i].revokes, "%s", traits->name);
  }
}

static const UnitTest tests[] = {
    {"names_lead_back", names_lead_back},
    {"only_harmless_ones_are_sent_again", only_harmless_ones_are_sent_again},
    {NULL, NULL},
};
UNIT_SUITE(op, tests);
