// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

// GDate counts days from 0001-01-01 as 1; a Date counts from 1970-01-01 as 0.
#define JULIAN_OF_EPOCH 719163
#define LAST_YEAR 9999
#define JST_OFFSET (9 * 3600)

const Era date_eras[] = {
    {'R', "令和", U'㋿', 2019, 20190501, 99991231}, {'H', "平成", U'㍻', 1989, 19890108, 20190501},
    {'S', "昭和", U'㍼', 1926, 19261225, 19890108},  {'T', "大正", U'㍽', 1912, 19120730, 19261225},
    {'M', "明治", U'㍾', 1868, 18730101, 19120730},
};
const size_t date_n_eras = G_N_ELEMENTS(date_eras);

Date date_of(int year, int month, int day)
{
  // The ranges first: GDate's types are narrower than int and would wrap.
  if (year < 1 || year > LAST_YEAR || month < 1 || month > 12 || day < 1 || day > 31)
    return DATE_NONE;
  if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
    return DATE_NONE;
  GDate civil;
  g_date_clear(&civil, 1);
  g_date_set_dmy(&civil, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
  return (Date)g_date_get_julian(&civil) - JULIAN_OF_EPOCH;
}

void date_split(Date date, int *year, int *month, int *day)
{
  int64_t julian = (int64_t)date + JULIAN_OF_EPOCH;
  GDate civil;
  g_date_clear(&civil, 1);
  if (julian > 0 && julian <= UINT32_MAX)
    g_date_set_julian(&civil, (guint32)julian);
  bool known = g_date_valid(&civil) && date != DATE_OPEN && g_date_get_year(&civil) <= LAST_YEAR;
  *year = known ? g_date_get_year(&civil) : 0;
  *month = known ? (int)g_date_get_month(&civil) : 0;
  *day = known ? g_date_get_day(&civil) : 0;
}

int date_fiscal_year(Date date)
{
  int year, month, day;
  date_split(date, &year, &month, &day);
  return month >= 4 || year == 0 ? year : year - 1;
}

void date_format(Date date, GString *out)
{
  int year, month, day;
  date_split(date, &year, &month, &day);
  if (year)
    g_string_append_printf(out, "%04d-%02d-%02d", year, month, day);
}

void date_format_wareki(Date date, GString *out)
{
  int year, month, day;
  date_split(date, &year, &month, &day);
  if (!year)
    return;
  int number = DAY_NUMBER(year, month, day);
  const Era *era = date_eras, *end = date_eras + date_n_eras;
  while (era < end && number < era->first_day)
    era++;
  int in_era = era < end ? year - era->year_one + 1 : year;
  if (era < end)
    g_string_append(out, era->name);
  if (in_era == 1)
    g_string_append(out, "元");
  else
    g_string_append_printf(out, "%d", in_era);
  g_string_append_printf(out, "年%d月%d日", month, day);
}

bool date_has_shape(const char *text, const char *shape)
{
  while (*shape && (*shape == '0' ? g_ascii_isdigit(*text) : *text == *shape))
    text++, shape++;
  return !*shape;
}

bool date_parse_iso(const char *text, Date *out)
{
  *out = DATE_NONE;
  if (!date_has_shape(text, "0000-00-00") || text[10])
    return false;
  *out = date_of((int)g_ascii_strtoll(text, NULL, 10), (int)g_ascii_strtoll(text + 5, NULL, 10),
                 (int)g_ascii_strtoll(text + 8, NULL, 10));
  return *out != DATE_NONE;
}

Instant date_start(Date date)
{
  if (date == DATE_NONE)
    return INSTANT_NONE;
  if (date == DATE_OPEN)
    return INSTANT_OPEN;
  return (Instant)date * SECONDS_OF_DAY - JST_OFFSET;
}

Date date_of_instant(Instant instant)
{
  if (instant == INSTANT_NONE)
    return DATE_NONE;
  if (instant > INT64_MAX - JST_OFFSET)
    return DATE_OPEN;
  Instant local = instant + JST_OFFSET;
  int64_t days = local / SECONDS_OF_DAY - (local % SECONDS_OF_DAY < 0);
  return (Date)CLAMP(days, (int64_t)DATE_NONE + 1, (int64_t)DATE_OPEN - 1);
}
