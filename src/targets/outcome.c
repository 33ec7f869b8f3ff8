// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/targets.h>

const char *outcome_name(OutcomeKind kind)
{
  static const char *const names[] = {
      [OUTCOME_DONE] = "done",     [OUTCOME_ALREADY] = "already", [OUTCOME_REFUSED] = "refused",
      [OUTCOME_FAILED] = "failed", [OUTCOME_BUSY] = "busy",       [OUTCOME_UNKNOWN] = "unknown",
      [OUTCOME_SENT] = "sent",
  };
  g_return_val_if_fail((unsigned)kind < G_N_ELEMENTS(names), NULL);
  return names[kind];
}

void outcome_clear(Outcome *outcome)
{
  g_clear_pointer(&outcome->detail, g_free);
  g_clear_pointer(&outcome->stable_id, g_free);
}
