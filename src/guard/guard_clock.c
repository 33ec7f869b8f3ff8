// SPDX-License-Identifier: GPL-3.0-or-later
//
// A clock that is set forth would empty the windows of the limits. Since it was started a machine counts time by itself: by
// that it is noticed, unless it was started anew meanwhile. In the store's cursors:
//   guard  clock  "TIME BOOT SECONDS": when a run ended, by the clock and by the machine's own count
//   guard  jumps  "TIME:SECONDS …": the clock was set forth by so much, to that time
// A clock set back empties nothing: what was done is then still to come, and counts.
#include "guard_p.h"

#include <time.h>

#define DAY_SECONDS 86400
#define NOTICED_SECONDS 600  // less is the drift of clocks that are set right
#define DAYS_KEPT 366

typedef struct Jump {
  Instant at;
  int64_t seconds;
} Jump;

// IDOU_BOOT is for tests, "BOOT SECONDS"; with IDOU_NOW alone nothing is known of the machine's own count.
static char *boot_time(void)
{
  const char *given = g_getenv("IDOU_BOOT");
  if (given || g_getenv("IDOU_NOW"))
    return g_strdup(given);
  g_autofree char *boot = NULL;
  struct timespec time;
  if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL) ||
      clock_gettime(CLOCK_BOOTTIME, &time) != 0)
    return NULL;
  return g_strdup_printf("%s %" G_GINT64_FORMAT, g_strstrip(boot), (int64_t)time.tv_sec);
}

// How far the clock has run ahead of the machine's own count since the last run; 0 when that is not known.
static int64_t set_forth(const GuardSetup *setup)
{
  g_autofree char *now = boot_time();
  const char *before = store_cursor_get(setup->store, "guard", "clock");
  g_auto(GStrv) is = g_strsplit(now ? now : "", " ", -1);
  g_auto(GStrv) was = g_strsplit(before ? before : "", " ", -1);
  if (g_strv_length(is) != 2 || g_strv_length(was) != 3 || strcmp(is[0], was[1]) != 0)
    return 0;
  int64_t by_clock = setup->now - g_ascii_strtoll(was[0], NULL, 10);
  int64_t counted = g_ascii_strtoll(is[1], NULL, 10) - g_ascii_strtoll(was[2], NULL, 10);
  int64_t seconds = by_clock - counted;
  return seconds > NOTICED_SECONDS ? seconds : 0;
}

// Oldest first, the one that was not remembered yet last.
static GArray *read_jumps(const GuardSetup *setup)
{
  GArray *jumps = g_array_new(FALSE, FALSE, sizeof(Jump));
  const char *text = store_cursor_get(setup->store, "guard", "jumps");
  g_auto(GStrv) items = g_strsplit(text ? text : "", " ", -1);
  for (size_t i = 0; items[i]; i++) {
    Jump jump;
    char *end;
    jump.at = g_ascii_strtoll(items[i], &end, 10);
    jump.seconds = *end == ':' ? g_ascii_strtoll(end + 1, NULL, 10) : 0;
    if (jump.seconds > 0)
      g_array_append_val(jumps, jump);
  }
  Jump last = {setup->now, set_forth(setup)};
  if (last.seconds > 0)
    g_array_append_val(jumps, last);
  return jumps;
}

Instant guard_clock_since(const GuardSetup *setup, int days)
{
  Instant since = setup->now - (Instant)days * DAY_SECONDS;
  g_autoptr(GArray) jumps = read_jumps(setup);
  for (guint i = jumps->len; i-- > 0;) {
    const Jump *jump = &g_array_index(jumps, Jump, i);
    if (since < jump->at)
      since -= jump->seconds;
  }
  return since;
}

bool guard_clock_remember(const GuardSetup *setup, GError **error)
{
  g_autofree char *boot = boot_time();
  if (!boot)
    return true;
  g_autoptr(GArray) jumps = read_jumps(setup);
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < jumps->len; i++) {
    const Jump *jump = &g_array_index(jumps, Jump, i);
    if (jump->at > setup->now - (Instant)DAYS_KEPT * DAY_SECONDS)
      g_string_append_printf(text, "%s%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
                             text->len > 0 ? " " : "", jump->at, jump->seconds);
  }
  g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT " %s", instant_now(), boot);
  return store_cursor_set(setup->store, "guard", "jumps", text->str, error) &&
         store_cursor_set(setup->store, "guard", "clock", clock, error);
}
