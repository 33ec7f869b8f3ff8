// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

#include <time.h>

static const struct {
  int year, month, day;
  Date date;
} days[] = {
    {1970, 1, 1, 0},           {1970, 1, 2, 1},
    {1969, 12, 31, -1},        {2000, 2, 29, 11016},
    {2026, 4, 1, 20544},       {1873, 1, 1, -35428},
    {1, 1, 1, -719162},        {9999, 12, 31, 2932896},
    {1900, 2, 29, DATE_NONE},  {2026, 2, 29, DATE_NONE},
    {2024, 2, 30, DATE_NONE},  {2026, 4, 31, DATE_NONE},
    {2026, 0, 1, DATE_NONE},   {2026, 13, 1, DATE_NONE},
    {2026, 1, 0, DATE_NONE},   {2026, 1, 257, DATE_NONE},
    {2026, 257, 1, DATE_NONE}, {0, 1, 1, DATE_NONE},
    {10000, 1, 1, DATE_NONE},  {65536 + 2026, 1, 1, DATE_NONE},
    {-1, 1, 1, DATE_NONE},
};

static void civil_days(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
    int year = days[i].year, month = days[i].month, day = days[i].day;
    UNIT_INT(date_of(year, month, day), days[i].date, "%d-%d-%d", year, month, day);
  }
}

// Against the C library's own calendar.
static void every_day_splits_and_joins(void)
{
  for (Date date = -35428; date < 80000; date++) {
    time_t seconds = (time_t)date * 86400;
    struct tm tm;
    int year, month, day;
    gmtime_r(&seconds, &tm);
    date_split(date, &year, &month, &day);
    if (year == tm.tm_year + 1900 && month == tm.tm_mon + 1 && day == tm.tm_mday &&
        date_of(year, month, day) == date)
      continue;
    UNIT_TRUE(false, "day %d is split into %d-%d-%d", date, year, month, day);
    return;
  }
}

static void no_day_is_zeros_and_no_text(void)
{
  static const Date none[] = {DATE_NONE, DATE_OPEN, -719163, 2932897};
  for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
    int year = 1, month = 1, day = 1;
    g_autoptr(GString) out = g_string_new(NULL);
    date_split(none[i], &year, &month, &day);
    date_format(none[i], out);
    date_format_wareki(none[i], out);
    UNIT_INT(year + month + day, 0, "%d", none[i]);
    UNIT_STR(out->str, "", "%d", none[i]);
  }
}

static void fiscal_years(void)
{
  UNIT_INT(date_fiscal_year(date_of(2026, 3, 31)), 2025);
  UNIT_INT(date_fiscal_year(date_of(2026, 4, 1)), 2026);
  UNIT_INT(date_fiscal_year(date_of(2027, 1, 1)), 2026);
  UNIT_INT(date_fiscal_year(DATE_NONE), 0);
}

static void written_forms(void)
{
  static const struct {
    int year, month, day;
    const char *iso, *wareki;
  } rows[] = {
      {2027, 4, 1, "2027-04-01", "令和9年4月1日"},
      {2019, 5, 1, "2019-05-01", "令和元年5月1日"},
      {2019, 4, 30, "2019-04-30", "平成31年4月30日"},
      {1989, 1, 8, "1989-01-08", "平成元年1月8日"},
      {1989, 1, 7, "1989-01-07", "昭和64年1月7日"},
      {1926, 12, 25, "1926-12-25", "昭和元年12月25日"},
      {1926, 12, 24, "1926-12-24", "大正15年12月24日"},
      {1912, 7, 30, "1912-07-30", "大正元年7月30日"},
      {1912, 7, 29, "1912-07-29", "明治45年7月29日"},
      {1873, 1, 1, "1873-01-01", "明治6年1月1日"},
      {1872, 12, 31, "1872-12-31", "1872年12月31日"},
      {987, 6, 5, "0987-06-05", "987年6月5日"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Date date = date_of(rows[i].year, rows[i].month, rows[i].day), back;
    g_autoptr(GString) iso = g_string_new("<");
    g_autoptr(GString) wareki = g_string_new("<");
    date_format(date, iso);
    date_format_wareki(date, wareki);
    UNIT_STR(iso->str + 1, rows[i].iso);
    UNIT_STR(wareki->str + 1, rows[i].wareki);
    UNIT_TRUE(date_parse_iso(rows[i].iso, &back) && back == date, "%s", rows[i].iso);
  }
}

static void iso_takes_nothing_else(void)
{
  static const char *const bad[] = {"",
                                    "2026",
                                    "2026-4-1",
                                    "2026/04/01",
                                    "2026-04-1",
                                    "2026-04-01 ",
                                    " 2026-04-01",
                                    "2026-02-30",
                                    "2026-04-0x",
                                    "+026-04-01",
                                    "0000-01-01",
                                    "2026-04-01T00:00:00Z",
                                    "２０２６-04-01"};
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    Date date = 7;
    UNIT_TRUE(!date_parse_iso(bad[i], &date), "%s", bad[i]);
    UNIT_INT(date, DATE_NONE, "%s", bad[i]);
  }
}

// A day of the organisation begins at 15:00 UTC of the day before.
static void days_begin_in_jst(void)
{
  UNIT_INT(date_start(0), -9 * 3600);
  UNIT_INT(date_start(date_of(2027, 4, 1)), 1806505200);
  UNIT_INT(date_start(DATE_NONE), INSTANT_NONE);
  UNIT_INT(date_start(DATE_OPEN), INSTANT_OPEN);
  UNIT_INT(date_of_instant(INSTANT_NONE), DATE_NONE);
  UNIT_INT(date_of_instant(INSTANT_OPEN), DATE_OPEN);
  for (Date date = -40000; date < 40000; date += 7) {
    Instant start = date_start(date);
    bool right = date_of_instant(start) == date && date_of_instant(start - 1) == date - 1 &&
                 date_of_instant(start + 86399) == date &&
                 date_of_instant(start + 86400) == date + 1;
    if (!UNIT_TRUE(right, "day %d", date))
      return;
  }
  UNIT_TRUE(date_of_instant(INSTANT_NONE + 1) > DATE_NONE);
  UNIT_TRUE(date_of_instant(INT64_MAX / 2) < DATE_OPEN);
}

static void instants_are_read_and_written(void)
{
  static const struct {
    const char *text;
    Instant instant;
    const char *written;
  } rows[] = {
      {"2027-04-01T00:00:00+09:00", 1806505200, "2027-04-01T00:00:00+09:00"},
      {"2027-03-31T15:00:00Z", 1806505200, "2027-04-01T00:00:00+09:00"},
      {"2027-03-31T10:00:00-05:00", 1806505200, "2027-04-01T00:00:00+09:00"},
      {"2027-03-31T20:30:00+05:30", 1806505200, "2027-04-01T00:00:00+09:00"},
      {"1970-01-01T00:00:00Z", 0, "1970-01-01T09:00:00+09:00"},
      {"1969-12-31T14:59:59Z", -32401, "1969-12-31T23:59:59+09:00"},
      {"2026-12-31T23:59:59+09:00", 1798729199, "2026-12-31T23:59:59+09:00"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Instant instant;
    g_autoptr(GString) out = g_string_new(NULL);
    if (!UNIT_TRUE(instant_parse(rows[i].text, &instant), "%s", rows[i].text))
      continue;
    UNIT_INT(instant, rows[i].instant, "%s", rows[i].text);
    instant_format(instant, out);
    UNIT_STR(out->str, rows[i].written, "%s", rows[i].text);
  }
  g_autoptr(GString) nothing = g_string_new(NULL);
  instant_format(INSTANT_NONE, nothing);
  instant_format(INSTANT_OPEN, nothing);
  UNIT_STR(nothing->str, "");
}

static void other_instants_are_refused(void)
{
  static const char *const bad[] = {
      "",
      "2027-04-01",
      "2027-04-01T00:00:00",
      "2027-04-01 00:00:00Z",
      "2027-04-01T24:00:00Z",
      "2027-04-01T00:60:00Z",
      "2027-04-01T00:00:60Z",
      "2027-02-29T00:00:00Z",
      "2027-04-01T00:00:00z",
      "2027-04-01T00:00:00Z ",
      "2027-04-01T00:00:00+09",
      "2027-04-01T00:00:00+0900",
      "2027-04-01T00:00:00+24:00",
      "2027-04-01T00:00:00+09:60",
      "2027-04-01T00:00:00+09:00x",
      "2027-04-01T00:00:00.5Z",
      "20270401T000000Z",
      "2027-04-01T00:00:00−09:00",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    Instant instant = 7;
    UNIT_TRUE(!instant_parse(bad[i], &instant), "%s", bad[i]);
    UNIT_INT(instant, INSTANT_NONE, "%s", bad[i]);
  }
}

static void now_can_be_set(void)
{
  g_setenv("IDOU_NOW", "2027-03-31T23:59:00+09:00", TRUE);
  UNIT_INT(instant_now(), 1806505140);
  g_setenv("IDOU_NOW", "2027-04-01", TRUE);
  UNIT_INT(instant_now(), 1806505200);
  g_unsetenv("IDOU_NOW");
  Instant before = time(NULL), now = instant_now();
  UNIT_TRUE(now >= before && now <= time(NULL), "%" G_GINT64_FORMAT, now);
}

static void exit_codes_rank(void)
{
  UNIT_INT(exit_worse(EXIT_PENDING, EXIT_HELD), EXIT_HELD);
  UNIT_INT(exit_worse(EXIT_INTERRUPTED, EXIT_DONE), EXIT_INTERRUPTED);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (int code = EXIT_DONE; code <= EXIT_BUNDLE_GAP;
       code = code == EXIT_INTERRUPTED ? EXIT_BUNDLE_DAMAGED : code + 1)
    UNIT_TRUE(g_hash_table_add(seen, (char *)exit_name((ExitCode)code)), "%d is not one word",
              code);
  UNIT_STR(exit_name(EXIT_PENDING), "pending");
  UNIT_STR(exit_name((ExitCode)99), "unknown");
}

static const UnitTest tests[] = {
    {"civil_days", civil_days},
    {"every_day_splits_and_joins", every_day_splits_and_joins},
    {"no_day_is_zeros_and_no_text", no_day_is_zeros_and_no_text},
    {"fiscal_years", fiscal_years},
    {"written_forms", written_forms},
    {"iso_takes_nothing_else", iso_takes_nothing_else},
    {"days_begin_in_jst", days_begin_in_jst},
    {"instants_are_read_and_written", instants_are_read_and_written},
    {"other_instants_are_refused", other_instants_are_refused},
    {"now_can_be_set", now_can_be_set},
    {"exit_codes_rank", exit_codes_rank},
    {NULL, NULL},
};
UNIT_SUITE(date, tests);
