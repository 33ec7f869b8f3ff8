// SPDX-License-Identifier: GPL-3.0-or-later
//
// Kinds of order. A layout maps a city's own codes to them; docs/layouts.md explains each.
#include "orders_p.h"

// On one day somebody leaves, comes, and only then is whatever else said of them.
enum { RANK_LEAVE, RANK_COME, RANK_REST };

const ActTraits act_traits[N_ACTS] = {
    [ACT_HIRE] = {"hire", RANK_COME, BIT_OF(WORD_NAME) | BIT_OF(WORD_UNIT), "active"},
    [ACT_TAKE_OVER] = {"take_over", RANK_COME, BIT_OF(WORD_UNIT), "active"},
    [ACT_RENEW] = {"renew", RANK_COME, BIT_OF(WORD_UNTIL), "active"},
    [ACT_TRANSFER] = {"transfer", RANK_REST, BIT_OF(WORD_UNIT), NULL},
    [ACT_RELABEL] = {"relabel", RANK_REST, BIT_OF(WORD_UNIT), NULL},
    [ACT_PROMOTE] = {"promote", RANK_REST, BIT_OF(WORD_TITLE), NULL},
    [ACT_CHANGE] = {"change", RANK_REST, 0, NULL},
    [ACT_CONCURRENT] = {"concurrent", RANK_REST, BIT_OF(WORD_UNIT), "concurrent"},
    [ACT_JOINT] = {"joint", RANK_REST, BIT_OF(WORD_UNIT), "joint"},
    [ACT_ACTING] = {"acting", RANK_REST, BIT_OF(WORD_UNIT), "acting"},
    [ACT_ASSIST] = {"assist", RANK_REST, BIT_OF(WORD_UNIT), "assist"},
    [ACT_SEAT] = {"seat", RANK_REST, BIT_OF(WORD_UNIT), "seat"},
    [ACT_CONCURRENT_END] = {"concurrent_end", RANK_REST, BIT_OF(WORD_UNIT), "concurrent"},
    [ACT_JOINT_END] = {"joint_end", RANK_REST, BIT_OF(WORD_UNIT), "joint"},
    [ACT_ACTING_END] = {"acting_end", RANK_REST, BIT_OF(WORD_UNIT), "acting"},
    [ACT_ASSIST_END] = {"assist_end", RANK_REST, BIT_OF(WORD_UNIT), "assist"},
    [ACT_SEAT_END] = {"seat_end", RANK_REST, BIT_OF(WORD_UNIT), "seat"},
    [ACT_LEAVE] = {"leave", RANK_REST, 0, "leave"},
    [ACT_SUSPEND] = {"suspend", RANK_REST, 0, "suspended"},
    [ACT_SECOND] = {"second", RANK_REST, 0, "seconded"},
    [ACT_RETURN] = {"return", RANK_REST, 0, "active"},
    [ACT_HAND_OVER] = {"hand_over", RANK_REST, 0, NULL},
    [ACT_RETIRE] = {"retire", RANK_LEAVE, 0, "left"},
    [ACT_RENAME] = {"rename", RANK_REST, BIT_OF(WORD_NAME), NULL},
    [ACT_LOAN] = {"loan", RANK_REST, BIT_OF(WORD_OWNER) | BIT_OF(WORD_END_DATE), NULL},
    [ACT_REQUEST] = {"request", RANK_REST, BIT_OF(WORD_DUTY) | BIT_OF(WORD_END_DATE), "request"},
    [ACT_REQUEST_END] = {"request_end", RANK_REST, BIT_OF(WORD_ORDER_TARGET), "request"},
    [ACT_IGNORE] = {"ignore", RANK_REST, 0, NULL},
    [ACT_CORRECT] = {"correct", RANK_REST, BIT_OF(WORD_ORDER_TARGET), NULL},
    [ACT_CANCEL] = {"cancel", RANK_REST, BIT_OF(WORD_ORDER_TARGET), NULL},
};

Act act_find(const char *name)
{
  for (Act act = 0; act < N_ACTS; act++)
    if (g_str_equal(act_traits[act].name, name))
      return act;
  return N_ACTS;
}

bool act_amends(Act act)
{
  return act == ACT_CORRECT || act == ACT_CANCEL;
}

bool act_begins_post(Act act)
{
  return act >= ACT_CONCURRENT && act <= ACT_SEAT;
}

bool act_ends_post(Act act)
{
  return act >= ACT_CONCURRENT_END && act <= ACT_SEAT_END;
}

bool act_absents(Act act)
{
  return act >= ACT_LEAVE && act <= ACT_SECOND;
}
