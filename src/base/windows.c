// SPDX-License-Identifier: GPL-3.0-or-later
//
// Hours of the week at which a system may be written to. A week has few minutes: each is looked at, so nothing has to
// be worked out about midnight or Sunday.
#include "base/base_p.h"

#include <string.h>

#define DAY_MINUTES (24 * 60)
#define WEEK_MINUTES (7 * DAY_MINUTES)
#define EPOCH_WEEKDAY 3  // 1970-01-01 was a Thursday; Monday is 0

struct Windows {
  GPtrArray *words;  // why it is closed; the first is of those hours that no `open` names
  uint8_t closed[WEEK_MINUTES];  // 1 + index into words; 0 = open
  bool opens[WEEK_MINUTES];
  bool has_open;
};

static const struct {
  const char *name;
  unsigned weekday;
} days[] = {{"Mon", 0}, {"Tue", 1}, {"Wed", 2}, {"Thu", 3}, {"Fri", 4}, {"Sat", 5}, {"Sun", 6},
            {"月", 0},  {"火", 1},  {"水", 2},  {"木", 3},  {"金", 4},  {"土", 5},  {"日", 6}};

Windows *windows_new(void)
{
  Windows *windows = g_new0(Windows, 1);
  windows->words = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(windows->words, g_strdup(""));
  return windows;
}

void windows_free(Windows *windows)
{
  if (!windows)
    return;
  g_ptr_array_unref(windows->words);
  g_free(windows);
}

// ---------------------------------------------------------------------------------------------
// "Sat,Sun 22:00-06:00 backup".

static bool read_day(const char **text, unsigned *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
    size_t n = strlen(days[i].name);
    if (g_ascii_strncasecmp(*text, days[i].name, n) != 0)
      continue;
    *text += n;
    *out = days[i].weekday;
    return true;
  }
  return false;
}

// "Mon-Fri,Sun " as a bit for each day; all of them when the text begins with an hour.
static bool read_days(const char **text, unsigned *out)
{
  *out = g_ascii_isdigit(**text) ? 0x7f : 0;
  while (!g_ascii_isdigit(**text)) {
    unsigned first, last;
    if (!read_day(text, &first))
      return false;
    last = first;
    if (**text == '-' && (++*text, !read_day(text, &last)))
      return false;
    for (unsigned day = first;; day = (day + 1) % 7) {
      *out |= 1u << day;
      if (day == last)
        break;
    }
    if (**text != ',' && **text != ' ')
      return false;
    while (**text == ',' || **text == ' ')
      ++*text;
  }
  return *out != 0;
}

static bool read_minute(const char **text, int *out)
{
  g_autofree char *part = g_strndup(*text, 5);
  *text += strlen(part);
  return instant_parse_minutes(part, out);
}

static bool read_hours(const char **text, int *from, int *n)
{
  int to;
  if (!read_minute(text, from) || **text != '-' || (++*text, !read_minute(text, &to)) ||
      *from == to || *from == DAY_MINUTES || (**text != '\0' && **text != ' '))
    return false;
  *n = to > *from ? to - *from : to + DAY_MINUTES - *from;
  return true;
}

bool windows_add(Windows *windows, const char *text, bool open)
{
  unsigned on;
  int from, n;
  if (!read_days(&text, &on) || !read_hours(&text, &from, &n) || windows->words->len > 250)
    return false;
  g_ptr_array_add(windows->words, g_strstrip(g_strdup(text)));
  windows->has_open |= open;
  for (int day = 0; day < 7; day++)
    for (int i = 0; i < n && (on >> day & 1); i++) {
      int minute = (day * DAY_MINUTES + from + i) % WEEK_MINUTES;
      if (open)
        windows->opens[minute] = true;
      else
        windows->closed[minute] = (uint8_t)windows->words->len;
    }
  return true;
}

// ---------------------------------------------------------------------------------------------

static unsigned closed_at(const Windows *windows, int64_t minute)
{
  int64_t at = minute % WEEK_MINUTES;
  if (windows->closed[at])
    return windows->closed[at];
  return windows->has_open && !windows->opens[at];
}

void windows_look(const Windows *windows, Instant at, WindowsState *out)
{
  *out = (WindowsState){.until = INSTANT_OPEN, .why = ""};
  if (!windows)
    return;
  Date day = date_of_instant(at);
  int64_t weekday = ((int64_t)day + EPOCH_WEEKDAY) % 7;
  int64_t now = weekday * DAY_MINUTES + (at - date_start(day)) / 60;
  unsigned why = closed_at(windows, now);
  out->closed = why != 0;
  if (why)
    out->why = g_ptr_array_index(windows->words, why - 1);
  for (int64_t i = 1; i <= WEEK_MINUTES; i++)
    if ((closed_at(windows, now + i) != 0) != out->closed) {
      out->until = date_start(day) + (now + i - weekday * DAY_MINUTES) * 60;
      return;
    }
}
