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
              {OP_MODIFY, true, false},  {OP_DISABLE, true, true},  {OP_ENABLE, true, false},
              {OP_RESTRICT, true, true}, {OP_LIFT, true, false}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const OpTraits *traits = op_traits(rows[i].kind);
    UNIT_INT(traits->resend_harmless, rows[i].harmless, "%s", traits->name);
    UNIT_INT(traits->revokes, rows[i].revokes, "%s", traits->name);
  }
}

// What begins or ends in the ledger comes before whatever comes of it.
static void the_ledger_first(void)
{
  static const OpKind local[] = {OP_ALLOCATE, OP_ADOPT, OP_RELEASE, OP_RESTRICT, OP_LIFT};
  for (size_t i = 0; i < G_N_ELEMENTS(local); i++) {
    UNIT_TRUE(op_traits(local[i])->local, "%s", op_traits(local[i])->name);
    UNIT_TRUE(local[i] < OP_DISABLE, "%s", op_traits(local[i])->name);
  }
}

static void what_is_replaced(void)
{
  const OpValue title = {VALUE_TEXT, "主事", 6};
  const OpValue octets = {VALUE_TEXT, "\xff", 1};
  const OpValue secret = {VALUE_TEXT, "{SSHA}x", 7};
  const OpChange changes[] = {{.attribute = "title", .old_values = &title, .n_old = 1},
                              {.attribute = "photo", .old_values = &octets, .n_old = 1},
                              {.attribute = "userPassword", .old_values = &secret, .n_old = 1},
                              {.attribute = "mail", .new_values = &title, .n_new = 1}};
  const struct {
    const char *name;
    Op op;
    const char *json;
  } rows[] = {
      {"modify",
       {.kind = OP_MODIFY, .changes = changes, .n_changes = 4},
       "{\"attributes\":{\"photo\":[{\"base64\":\"/w==\"}],\"title\":[\"主事\"]}}"},
      {"only new values", {.kind = OP_CREATE, .changes = changes + 3, .n_changes = 1}, NULL},
      {"only a secret", {.kind = OP_MODIFY, .changes = changes + 2, .n_changes = 1}, NULL},
      {"move",
       {.kind = OP_MOVE, .old_parent = "container/ou=people", .old_name = "uid=a"},
       "{\"name\":\"uid=a\",\"parent\":\"container/ou=people\"}"},
      {"edge", {.kind = OP_LEAVE, .member = "account/17"}, "{\"member\":\"account/17\"}"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *json = op_old_json(&rows[i].op);
    UNIT_STR(json, rows[i].json, "%s", rows[i].name);
  }
}

static const UnitTest tests[] = {
    {"names_lead_back", names_lead_back},
    {"the_ledger_first", the_ledger_first},
    {"only_harmless_ones_are_sent_again", only_harmless_ones_are_sent_again},
    {"what_is_replaced", what_is_replaced},
    {NULL, NULL},
};
UNIT_SUITE(op, tests);
