// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

bool job_until(const char *text, Timer *out, GError **error)
{
  Instant now = instant_now(), until = INSTANT_OPEN;
  if (text != NULL && !instant_parse_next(text, now, &until)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“until” is a time of day such as 06:30, or a moment such as "
                  "2027-04-01T06:30:00+09:00, not “%s”"),
                text);
    return false;
  }
  if (until <= now) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s is over: nothing was begun"), text);
    return false;
  }
  timer_begin(out, until);
  return true;
}
