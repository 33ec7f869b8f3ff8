// SPDX-License-Identifier: GPL-3.0-or-later
#include "orphan_p.h"

#include <string.h>

Restriction orphan_restriction(const OrphanDecision *decision, Instant now)
{
  static const char *const what[] = {
      [ORPHAN_DEED_DISABLE] = RESTRICT_DISABLE, [ORPHAN_DEED_DELETE] = RESTRICT_ABSENT};
  return (Restriction){.step = RESTRICTION_NEW,
                       .row = {.target = decision->item->target,
                               .object = decision->item->object,
                               .cause = RESTRICTION_ORPHAN,
                               .what = what[decision->deed],
                               .group = "",
                               .reason = decision->reason,
                               .source = decision->source,
                               .who = decision->who,
                               .since = now,
                               .until = DATE_OPEN,
                               .lifted = INSTANT_NONE}};
}
