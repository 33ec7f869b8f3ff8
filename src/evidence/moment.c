// SPDX-License-Identifier: GPL-3.0-or-later
//
// Moments as products write them: counts since some day, and days in all the forms that dates have here, with or
// without a time behind them. What says less than the second says so by its grain.
#include "evidence_p.h"

#include <string.h>

#define DAY_S 86400
#define FILETIME_A_SECOND 10000000
#define FILETIME_EPOCH_S 11644473600  // from 1601 to 1970
#define JST_S (9 * 3600)
// 1990: nothing that is asked here was used before. What a wrong form makes of a number, and the days by which products
// mean "never" (1601, 1900, 1970), must not look like accounts that nobody has used for decades.
#define EARLIEST ((Instant)631152000)

typedef struct Reading {
  const MomentForms *forms;
  const char *text;
  Instant *moment;
  int64_t *grain_s;
} Reading;

static bool read_number(const char *text, int64_t *out)
{
  char *end = NULL;
  *out = g_ascii_strtoll(text, &end, 10);
  return end != text && *end == '\0';
}

// AD: 0 and the greatest number mean never (MS-ADA1, lastLogon).
static MomentSaid read_filetime(const Reading *reading)
{
  int64_t ticks = 0;
  if (!read_number(reading->text, &ticks) || ticks < 0)
    return MOMENT_UNCLEAR;
  if (ticks == 0 || ticks == INT64_MAX)
    return MOMENT_NEVER;
  *reading->moment = ticks / FILETIME_A_SECOND - FILETIME_EPOCH_S;
  *reading->grain_s = 1;
  return MOMENT_USED;
}

static MomentSaid read_unix(const Reading *reading)
{
  if (!read_number(reading->text, reading->moment) || *reading->moment < 0)
    return MOMENT_UNCLEAR;
  *reading->grain_s = 1;
  return *reading->moment == 0 ? MOMENT_NEVER : MOMENT_USED;
}

static MomentSaid read_unix_ms(const Reading *reading)
{
  MomentSaid said = read_unix(reading);
  *reading->moment /= 1000;
  return said;
}

static int two(const char *text)
{
  return g_ascii_isdigit(text[0]) && g_ascii_isdigit(text[1]) ? (text[0] - '0') * 10 + text[1] - '0'
                                                              : -1;
}

// "Z", "+0900", "+09:00", " JST"; nothing is the source's own zone.
static bool read_zone(const Reading *reading, const char *text, int *seconds)
{
  *seconds = reading->forms->zone_s;
  while (*text == ' ')
    text++;
  return *text == '\0' || moment_zone(text, seconds);
}

static int64_t next_number(const char **text, bool *has)
{
  int64_t number = 0;
  *has = g_ascii_isdigit(**text);
  for (int n = 0; g_ascii_isdigit(**text) && n < 2; n++)
    number = number * 10 + *(*text)++ - '0';
  return number;
}

static bool pass(const char **text, const char *mark)
{
  if (!g_str_has_prefix(*text, mark))
    return false;
  *text += strlen(mark);
  return true;
}

// A part of a time and what stands behind it, a colon or its word.
static bool read_part(const char **text, const char *word, int64_t *out)
{
  bool has = false;
  *out = next_number(text, &has);
  if (has && !pass(text, word))
    pass(text, ":");
  return has;
}

static void pass_fraction(const char **text)
{
  if (**text != '.' && **text != ',')
    return;
  ++*text;
  while (g_ascii_isdigit(**text))
    ++*text;
}

// "9:05", "09:05:30.25+09:00", "午後3時5分". Seconds since midnight in the source's zone, or in that which it says.
static bool read_time(const Reading *reading, const char *text, int64_t *seconds, int *zone_s)
{
  int64_t hours = 0, minutes = 0, rest = 0;
  bool later = pass(&text, "午後");
  if (!later)
    pass(&text, "午前");
  if (!read_part(&text, "時", &hours) || !read_part(&text, "分", &minutes))
    return false;
  *reading->grain_s = read_part(&text, "秒", &rest) ? 1 : 60;
  pass_fraction(&text);
  hours += later && hours < 12 ? 12 : 0;
  *seconds = hours * 3600 + minutes * 60 + rest;
  return minutes < 60 && rest <= 60 && *seconds <= DAY_S && read_zone(reading, text, zone_s);
}

// `n_day` bytes of the text are the day; what follows, behind one sign, is the time.
static MomentSaid read_day_and_time(const Reading *reading, const DateForms *dates, size_t n_day)
{
  g_autofree char *day = g_strndup(reading->text, n_day);
  const char *time = reading->text + n_day;
  Date date = DATE_NONE;
  int64_t seconds = 0;
  int zone_s = reading->forms->zone_s;
  *reading->grain_s = DAY_S;
  if (*time == 'T' || *time == ' ')
    time++;
  if (date_parse(day, dates, &date) != DATE_FINE ||
      (*time != '\0' && !read_time(reading, time, &seconds, &zone_s)))
    return MOMENT_UNCLEAR;
  *reading->moment = (Instant)date * DAY_S + seconds - zone_s;
  return MOMENT_USED;
}

static MomentSaid read_in(const Reading *reading, const DateForms *dates)
{
  return read_day_and_time(reading, dates, strcspn(reading->text, " T"));
}

static MomentSaid read_iso(const Reading *reading)
{
  return read_in(reading, &(DateForms){.iso = true});
}

static MomentSaid read_slash(const Reading *reading)
{
  return read_in(reading, &(DateForms){.slash = true});
}

static MomentSaid read_wareki(const Reading *reading)
{
  return read_in(reading, &(DateForms){.wareki = true});
}

// RFC 4517 3.3.13, and without seconds, minutes or zone: 202611200305Z, 20261120.
static MomentSaid read_compact(const Reading *reading)
{
  size_t n = strspn(reading->text, "0123456789");
  const char *rest = reading->text + n;
  int parts[3] = {0};
  if (n != 8 && n != 10 && n != 12 && n != 14)
    return MOMENT_UNCLEAR;
  for (size_t i = 8; i + 1 < n; i += 2)
    parts[(i - 8) / 2] = two(reading->text + i);
  g_autofree char *day = g_strndup(reading->text, 8);
  Date date = DATE_NONE;
  int zone_s = 0;
  pass_fraction(&rest);
  if (date_parse(day, &(DateForms){.compact = true}, &date) != DATE_FINE || parts[0] > 24 ||
      parts[1] > 59 || parts[2] > 60 || !read_zone(reading, rest, &zone_s))
    return MOMENT_UNCLEAR;
  static const int64_t grains[] = {DAY_S, 3600, 60, 1};
  *reading->grain_s = grains[(n - 8) / 2];
  *reading->moment = (Instant)date * DAY_S + parts[0] * 3600 + parts[1] * 60 + parts[2] - zone_s;
  return MOMENT_USED;
}

// Days, and the part of one behind the point.
static MomentSaid read_excel(const Reading *reading)
{
  size_t n = strspn(reading->text, "0123456789");
  g_autofree char *day = g_strndup(reading->text, n);
  const char *rest = reading->text + n;
  Date date = DATE_NONE;
  if (*rest != '\0' && (*rest != '.' || rest[1 + strspn(rest + 1, "0123456789")] != '\0'))
    return MOMENT_UNCLEAR;
  if (date_parse(day, &(DateForms){.excel = true}, &date) != DATE_FINE)
    return MOMENT_UNCLEAR;
  double part = *rest == '\0' ? 0 : g_ascii_strtod(rest, NULL);
  // As much as the digits leave open: 46346.5 may be any of two hours.
  double open = DAY_S;
  for (const char *digit = rest; open > 60 && *digit != '\0' && digit[1] != '\0'; digit++)
    open /= 10;
  *reading->grain_s = MAX((int64_t)open, 60);
  *reading->moment = (Instant)date * DAY_S + (int64_t)(part * DAY_S) - reading->forms->zone_s;
  return MOMENT_USED;
}

static const struct {
  const char *word;
  MomentSaid (*read)(const Reading *reading);
} forms_known[] = {
    {"filetime", read_filetime}, {"generalizedtime", read_compact},
    {"iso", read_iso},           {"slash", read_slash},
    {"compact", read_compact},   {"wareki", read_wareki},
    {"excel", read_excel},       {"unix", read_unix},
    {"unix-ms", read_unix_ms},
};

bool moment_form_add(MomentForms *forms, const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS(forms_known); i++)
    if (strcmp(forms_known[i].word, word) == 0) {
      forms->set |= 1u << i;
      return true;
    }
  return false;
}

void moment_form_words(GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS(forms_known); i++)
    g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", forms_known[i].word);
}

bool moment_zone(const char *text, int *seconds)
{
  static const struct {
    const char *word;
    int seconds;
  } zones[] = {{"Z", 0}, {"UTC", 0}, {"GMT", 0}, {"JST", JST_S}};
  for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
    if (strcmp(zones[i].word, text) == 0) {
      *seconds = zones[i].seconds;
      return true;
    }
  if (*text != '+' && *text != '-')
    return false;
  size_t colon = strlen(text) > 3 && text[3] == ':';
  int hours = two(text + 1);
  int minutes = strlen(text) == 3 ? 0 : strlen(text) == 5 + colon ? two(text + 3 + colon) : -1;
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
    return false;
  *seconds = (*text == '-' ? -60 : 60) * (hours * 60 + minutes);
  return true;
}

static bool is_never(const MomentForms *forms, const char *text)
{
  for (guint i = 0; forms->never != NULL && i < forms->never->len; i++)
    if (strcmp(forms->never->pdata[i], text) == 0)
      return true;
  return *text == '\0';
}

void moment_plain(const char *text, GString *out)
{
  g_autoptr(GString) narrow = g_string_new(NULL);
  text_nfkc(text, narrow);
  text_squeeze(narrow->str, out);
}

MomentSaid moment_read(const MomentForms *forms, const char *text, Instant *moment,
                       int64_t *grain_s)
{
  g_autoptr(GString) plain = g_string_new(NULL);
  moment_plain(text, plain);
  *moment = INSTANT_NONE;
  if (is_never(forms, plain->str))
    return MOMENT_NEVER;
  const Reading reading = {forms, plain->str, moment, grain_s};
  for (size_t i = 0; i < G_N_ELEMENTS(forms_known); i++) {
    MomentSaid said = forms->set & 1u << i ? forms_known[i].read(&reading) : MOMENT_UNCLEAR;
    if (said == MOMENT_NEVER || (said == MOMENT_USED && *moment >= EARLIEST))
      return said;
  }
  return MOMENT_UNCLEAR;
}
