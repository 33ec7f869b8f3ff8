// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

#define FIRST_DELAY_MS 100
#define MOST_DELAY_MS 10000
#define LOOK_UP_MS 50  // how long a signal may go unnoticed

int64_t retry_delay_ms(unsigned attempt)
{
  unsigned doublings = MIN(attempt > 0 ? attempt - 1 : 0, 16);
  return MIN((int64_t)FIRST_DELAY_MS << doublings, MOST_DELAY_MS);
}

bool retry_interrupted(const ApplySetup *setup)
{
  return (setup->interrupted && *setup->interrupted) ||
         (setup->timer && timer_look(setup->timer) != TIMER_RUNS);
}

bool retry_sleep(const ApplySetup *setup, int64_t delay_ms)
{
  int64_t until_us = g_get_monotonic_time() + delay_ms * 1000;
  for (int64_t left_us = delay_ms * 1000; left_us > 0;
       left_us = until_us - g_get_monotonic_time()) {
    if (retry_interrupted(setup))
      return false;
    g_usleep((gulong)MIN(left_us, LOOK_UP_MS * 1000));
  }
  return !retry_interrupted(setup);
}

bool retry_reconnect(const ApplySetup *setup, const TargetConfig *config, Writer *writer,
                     GError **error)
{
  for (unsigned attempt = 1;; attempt++) {
    g_autoptr(GError) fault = NULL;
    if (writer_reconnect(writer, &fault))
      return true;
    if (attempt > (unsigned)config->retries || !retry_sleep(setup, retry_delay_ms(attempt))) {
      g_propagate_error(error, g_steal_pointer(&fault));
      return false;
    }
    log_note(LOG_VERBOSE, _("target %s: still not connected: %s"), config->name, fault->message);
  }
}
