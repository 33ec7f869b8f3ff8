// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

void instant_format(Instant instant, GString *out)
{
  size_t before = out->len;
  Date date = date_of_instant(instant);
  date_format(date, out);
  if (out->len == before)
    return;
  int seconds = (int)(instant - date_start(date));
  g_string_append_printf(out, "T%02d:%02d:%02d+09:00", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

// "08:30" within `limit` hours, as minutes; -1 when it is none.
static int read_minutes(const char *text, int limit)
{
  int hours = (int)g_ascii_strtoll(text, NULL, 10);
  int minutes = (int)g_ascii_strtoll(text + 3, NULL, 10);
  return hours < limit && minutes < 60 ? hours * 60 + minutes : -1;
}

// "Z", "+09:00" or "-05:00", as seconds east of Greenwich.
static bool read_offset(const char *text, int *seconds)
{
  *seconds = 0;
  if (strcmp(text, "Z") == 0)
    return true;
  bool west = *text == '-';
  if (!date_has_shape(text, west ? "-00:00" : "+00:00") || text[6])
    return false;
  int minutes = read_minutes(text + 1, 24);
  *seconds = (west ? -60 : 60) * minutes;
  return minutes >= 0;
}

bool instant_parse(const char *text, Instant *out)
{
  char day[11];
  Date date;
  int offset;
  *out = INSTANT_NONE;
  if (!date_has_shape(text, "0000-00-00T00:00:00") || !read_offset(text + 19, &offset))
    return false;
  g_strlcpy(day, text, sizeof day);
  int minutes = read_minutes(text + 11, 24);
  int seconds = (int)g_ascii_strtoll(text + 17, NULL, 10);
  if (!date_parse_iso(day, &date) || minutes < 0 || seconds > 59)
    return false;
  *out = (Instant)date * SECONDS_OF_DAY + minutes * 60 + seconds - offset;
  return true;
}

bool instant_parse_minutes(const char *text, int *minutes)
{
  *minutes = date_has_shape(text, "00:00") && !text[5] ? read_minutes(text, 25) : -1;
  return *minutes >= 0 && *minutes <= 24 * 60;
}

bool instant_parse_next(const char *text, Instant now, Instant *out)
{
  int minutes;
  if (!instant_parse_minutes(text, &minutes))
    return instant_parse(text, out);
  *out = date_start(date_of_instant(now)) + minutes * 60;
  if (*out <= now)
    *out += SECONDS_OF_DAY;
  return true;
}

Instant instant_now(void)
{
  const char *set = g_getenv("IDOU_NOW");
  Instant instant;
  Date date;
  if (set && instant_parse(set, &instant))
    return instant;
  if (set && date_parse_iso(set, &date))
    return date_start(date);
  if (set && *set)
    log_note(LOG_NORMAL, _("IDOU_NOW is neither a date nor an instant and is ignored: %s"), set);
  return g_get_real_time() / G_USEC_PER_SEC;
}
