// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

// Which forms a layout declares, as letters: i iso, s slash, c compact, w wareki, x excel, e era code,
// b beyond era. The codes are 1 明治 … 5 令和.
static DateForms forms_of(const char *letters)
{
  return (DateForms){
      .iso = strchr(letters, 'i'),
      .slash = strchr(letters, 's'),
      .compact = strchr(letters, 'c'),
      .wareki = strchr(letters, 'w'),
      .excel = strchr(letters, 'x'),
      .era_code = strchr(letters, 'e'),
      .beyond_era = strchr(letters, 'b'),
      .era_codes = {[1] = 'M', [2] = 'T', [3] = 'S', [4] = 'H', [5] = 'r', [7] = 'X'},
  };
}

typedef struct Row {
  const char *forms, *text, *day;  // day is ISO; NULL when there is a fault
  DateFault fault;
} Row;

static void check_rows(const Row *rows, size_t n_rows)
{
  for (size_t i = 0; i < n_rows; i++) {
    DateForms forms = forms_of(rows[i].forms);
    Date date = 7, want = DATE_NONE;
    DateFault fault = date_parse(rows[i].text, &forms, &date);
    if (rows[i].day)
      UNIT_TRUE(date_parse_iso(rows[i].day, &want), "%s", rows[i].day);
    UNIT_INT(fault, rows[i].fault, "fault of “%s”", rows[i].text);
    UNIT_INT(date, want, "“%s”", rows[i].text);
  }
}

static void each_form_is_read(void)
{
  static const Row rows[] = {
      {"i", "2026-04-01", "2026-04-01", DATE_FINE},
      {"i", "２０２６－０４－０１", "2026-04-01", DATE_FINE},
      {"i", "2026−04‐01", "2026-04-01", DATE_FINE},
      {"s", "2026/4/1", "2026-04-01", DATE_FINE},
      {"s", "2026/04/01", "2026-04-01", DATE_FINE},
      {"s", "2026/ 4/ 1", "2026-04-01", DATE_FINE},
      {"s", "　2026/4/1 ", "2026-04-01", DATE_FINE},
      {"c", "20260401", "2026-04-01", DATE_FINE},
      {"c", "２０２６０４０１", "2026-04-01", DATE_FINE},
      {"w", "R8.4.1", "2026-04-01", DATE_FINE},
      {"w", "R08.04.01", "2026-04-01", DATE_FINE},
      {"w", "R080401", "2026-04-01", DATE_FINE},
      {"w", "R8/4/1", "2026-04-01", DATE_FINE},
      {"w", "R8-4-1", "2026-04-01", DATE_FINE},
      {"w", "r8.4.1", "2026-04-01", DATE_FINE},
      {"w", "Ｒ８．４．１", "2026-04-01", DATE_FINE},
      {"w", "ｒ０８０４０１", "2026-04-01", DATE_FINE},
      {"w", "R 8. 4. 1", "2026-04-01", DATE_FINE},
      {"w", "R　8年　4月　1日", "2026-04-01", DATE_FINE},
      {"w", "R8年4月1日", "2026-04-01", DATE_FINE},
      {"w", "令和8年4月1日", "2026-04-01", DATE_FINE},
      {"w", "令和 8年 4月 1日", "2026-04-01", DATE_FINE},
      {"w", "令和８年４月１日", "2026-04-01", DATE_FINE},
      {"w", "令和八年四月一日", "2026-04-01", DATE_FINE},
      {"w", "令和8.4.1", "2026-04-01", DATE_FINE},
      {"w", "㋿8.4.1", "2026-04-01", DATE_FINE},
      {"w", "㋿080401", "2026-04-01", DATE_FINE},
      {"w", "㍻31年4月30日", "2019-04-30", DATE_FINE},
      {"w", "㍼64.1.7", "1989-01-07", DATE_FINE},
      {"w", "㍽15.12.24", "1926-12-24", DATE_FINE},
      {"w", "㍾45.7.29", "1912-07-29", DATE_FINE},
      {"w", "令和元年5月1日", "2019-05-01", DATE_FINE},
      {"w", "令和元.5.1", "2019-05-01", DATE_FINE},
      {"w", "R元.5.1", "2019-05-01", DATE_FINE},
      {"w", "令和1年5月1日", "2019-05-01", DATE_FINE},
      {"w", "令和一年五月一日", "2019-05-01", DATE_FINE},
      {"w", "昭和六十三年十二月三十一日", "1988-12-31", DATE_FINE},
      {"w", "昭和六三年一二月三一日", "1988-12-31", DATE_FINE},
      {"w", "平成二〇年一〇月二〇日", "2008-10-20", DATE_FINE},
      {"w", "平成二十年十月廿日", "2008-10-20", DATE_FINE},
      {"w", "平成廿五年十月廿五日", "2013-10-25", DATE_FINE},
      {"w", "平成卅年十月卅一日", "2018-10-31", DATE_FINE},
      {"w", "平成十年〇四月〇一日", "1998-04-01", DATE_FINE},
      {"w", "平成拾弐年参月壱日", "2000-03-01", DATE_FINE},
      {"x", "1", "1900-01-01", DATE_FINE},
      {"x", "59", "1900-02-28", DATE_FINE},
      {"x", "61", "1900-03-01", DATE_FINE},
      {"x", "46113", "2026-04-01", DATE_FINE},
      {"x", "４６１１３", "2026-04-01", DATE_FINE},
      {"x", "2958465", "9999-12-31", DATE_FINE},
      {"e", "5-080401", "2026-04-01", DATE_FINE},
      {"e", "5080401", "2026-04-01", DATE_FINE},
      {"e", "3640107", "1989-01-07", DATE_FINE},
      {"e", "3-640107", "1989-01-07", DATE_FINE},
      {"ex", "5080401", "2026-04-01", DATE_FINE},
      {"iscwx", "20260401", "2026-04-01", DATE_FINE},
  };
  check_rows(rows, G_N_ELEMENTS(rows));
}

static void eras_begin_and_end_on_their_day(void)
{
  static const Row rows[] = {
      {"w", "R1.5.1", "2019-05-01", DATE_FINE},          {"w", "R1.4.30", NULL, DATE_OUT_OF_ERA},
      {"w", "H31.4.30", "2019-04-30", DATE_FINE},        {"w", "平成31.5.1", NULL, DATE_OUT_OF_ERA},
      {"w", "H1.1.8", "1989-01-08", DATE_FINE},          {"w", "H1.1.7", NULL, DATE_OUT_OF_ERA},
      {"w", "S64.1.7", "1989-01-07", DATE_FINE},         {"w", "昭和64.1.8", NULL, DATE_OUT_OF_ERA},
      {"w", "S1.12.25", "1926-12-25", DATE_FINE},        {"w", "S1.12.24", NULL, DATE_OUT_OF_ERA},
      {"w", "T15.12.24", "1926-12-24", DATE_FINE},       {"w", "T15.12.25", NULL, DATE_OUT_OF_ERA},
      {"w", "T1.7.30", "1912-07-30", DATE_FINE},         {"w", "T1.7.29", NULL, DATE_OUT_OF_ERA},
      {"w", "M45.7.29", "1912-07-29", DATE_FINE},        {"w", "M45.7.30", NULL, DATE_OUT_OF_ERA},
      {"w", "M6.1.1", "1873-01-01", DATE_FINE},          {"w", "M5.12.31", NULL, DATE_OUT_OF_ERA},
      {"w", "明治5年1月1日", NULL, DATE_OUT_OF_ERA},     {"w", "R0.4.1", NULL, DATE_OUT_OF_ERA},
      {"wb", "平成32年4月1日", "2020-04-01", DATE_FINE}, {"wb", "H31.5.1", "2019-05-01", DATE_FINE},
      {"wb", "S64.1.8", "1989-01-08", DATE_FINE},        {"wb", "S99.1.1", "2024-01-01", DATE_FINE},
      {"wb", "令和元年4月30日", NULL, DATE_OUT_OF_ERA},  {"wb", "M5.12.31", NULL, DATE_OUT_OF_ERA},
      {"wb", "R00.04.01", NULL, DATE_OUT_OF_ERA},        {"e", "4310501", NULL, DATE_OUT_OF_ERA},
      {"eb", "4310501", "2019-05-01", DATE_FINE},        {"e", "1-050101", NULL, DATE_OUT_OF_ERA},
  };
  check_rows(rows, G_N_ELEMENTS(rows));
}

static void faults_say_what_is_wrong(void)
{
  static const Row rows[] = {
      {"iscwxe", "", NULL, DATE_EMPTY},
      {"iscwxe", " 　\t", NULL, DATE_EMPTY},
      {"i", "2026-02-30", NULL, DATE_NO_SUCH_DAY},
      {"s", "2026/2/29", NULL, DATE_NO_SUCH_DAY},
      {"s", "2026/13/1", NULL, DATE_NO_SUCH_DAY},
      {"c", "00000000", NULL, DATE_NO_SUCH_DAY},
      {"c", "99999999", NULL, DATE_NO_SUCH_DAY},
      {"w", "R8.2.29", NULL, DATE_NO_SUCH_DAY},
      {"w", "R000000", NULL, DATE_NO_SUCH_DAY},
      {"w", "平成31年2月30日", NULL, DATE_NO_SUCH_DAY},
      {"x", "60", NULL, DATE_NO_SUCH_DAY},
      {"x", "0", NULL, DATE_NO_SUCH_DAY},
      {"x", "2958466", NULL, DATE_NO_SUCH_DAY},
      {"e", "5080230", NULL, DATE_NO_SUCH_DAY},
      {"e", "6-080401", NULL, DATE_UNKNOWN_ERA_CODE},
      {"e", "7-080401", NULL, DATE_UNKNOWN_ERA_CODE},
      {"e", "0080401", NULL, DATE_UNKNOWN_ERA_CODE},
      {"s", "26/4/1", NULL, DATE_TWO_DIGIT_YEAR},
      {"i", "26-04-01", NULL, DATE_TWO_DIGIT_YEAR},
      {"w", "26.4.1", NULL, DATE_TWO_DIGIT_YEAR},
      {"w", "8年4月1日", NULL, DATE_TWO_DIGIT_YEAR},
      {"c", "260401", NULL, DATE_TWO_DIGIT_YEAR},
      {"cx", "260401", NULL, DATE_TWO_DIGIT_YEAR},
      {"x", "260401", NULL, DATE_TWO_DIGIT_YEAR},
      {"wb", "260401", NULL, DATE_TWO_DIGIT_YEAR},
  };
  check_rows(rows, G_N_ELEMENTS(rows));
}

// What one layout declares, no other takes; and what nobody declares, nobody takes.
static void undeclared_forms_are_unknown(void)
{
  static const struct {
    const char *form, *text;
  } forms[] = {{"i", "2026-04-01"}, {"s", "2026/4/1"},         {"c", "20260401"},
               {"w", "R8.4.1"},     {"w", "令和八年四月一日"}, {"w", "R080401"},
               {"x", "46113"},      {"e", "5-080401"},         {"e", "5080401"}};
  for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
    for (const char *other = "iscwxe"; *other; other++) {
      char letters[] = {*other, '\0'};
      // Seven digits can be a serial, too, though not these.
      if (*other == *forms[i].form || (*other == 'x' && strlen(forms[i].text) == 7))
        continue;
      Row row = {letters, forms[i].text, NULL, DATE_UNKNOWN_FORM};
      check_rows(&row, 1);
    }
  }
  static const char *const texts[] = {"2026-4-1",
                                      "2026.4.1",
                                      "2026年4月1日",
                                      "2026/4",
                                      "2026",
                                      "4/1/2026",
                                      "2026/4-1",
                                      "R8.4/1",
                                      "R8.4",
                                      "R8",
                                      "R80401",
                                      "R0804011",
                                      "R8.4.1.1",
                                      "R8.4.1日",
                                      "令和8年4月1",
                                      "令和8年4月",
                                      "令和8年4月一1日",
                                      "令和十十年四月一日",
                                      "令和一〇〇年四月一日",
                                      "令和十〇年四月一日",
                                      "令和二廿年四月一日",
                                      "令8.4.1",
                                      "X8.4.1",
                                      "RR8.4.1",
                                      "R8 4 1",
                                      "2026 0401",
                                      "2026/4/1 0:00",
                                      "2026-04-01T00:00:00",
                                      "123456789",
                                      "-46113",
                                      "46113.5",
                                      "1e3",
                                      "未定",
                                      "2026/4/1\x01",
                                      "R8..4.1",
                                      "元年",
                                      "年月日",
                                      "----------------",
                                      "1-1-1-1-1-1-1-1",
                                      "R八4.1",
                                      "R元元.4.1",
                                      "R8.元.1",
                                      "２０２６／４／１／"};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    Row row = {"iscwb", texts[i], NULL, DATE_UNKNOWN_FORM};
    check_rows(&row, 1);
  }
}

static void kanji_of(int number, char *out, size_t size)
{
  static const char *const digits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  int tens = number / 10;
  g_snprintf(out, size, "%s%s%s", tens > 1 ? digits[tens] : "", tens ? "十" : "",
             digits[number % 10]);
}

typedef struct Era {
  char letter;
  int year_one;
} Era;

static const Era eras[] = {{'M', 1868}, {'T', 1912}, {'S', 1926}, {'H', 1989}, {'R', 2019}};

static const Era *era_of(int year, int month, int day)
{
  int number = year * 10000 + month * 100 + day;
  return &eras[(number >= 19120730) + (number >= 19261225) + (number >= 19890108) +
               (number >= 20190501)];
}

// Writes one day in every form that carries an era, and compares what is read.
static bool day_comes_back(Date date, const DateForms *forms)
{
  int y, m, d;
  date_split(date, &y, &m, &d);
  const Era *era = era_of(y, m, d);
  int year = y - era->year_one + 1;
  char texts[6][64], ky[32], km[32], kd[32];
  kanji_of(year, ky, sizeof ky), kanji_of(m, km, sizeof km), kanji_of(d, kd, sizeof kd);
  g_autoptr(GString) wareki = g_string_new(NULL);
  date_format_wareki(date, wareki);
  g_strlcpy(texts[0], wareki->str, sizeof texts[0]);
  g_snprintf(texts[1], sizeof texts[1], "%c%d.%d.%d", g_ascii_tolower(era->letter), year, m, d);
  g_snprintf(texts[2], sizeof texts[2], "%c%02d%02d%02d", era->letter, year, m, d);
  g_snprintf(texts[3], sizeof texts[3], "%c%s年%s月%s日", era->letter, ky, km, kd);
  g_snprintf(texts[4], sizeof texts[4], "%d%02d%02d%02d", (int)(era - eras) + 1, year, m, d);
  g_snprintf(texts[5], sizeof texts[5], "%c%2d/%2d/%2d", era->letter, year, m, d);
  bool right = true;
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    Date back;
    DateFault fault = date_parse(texts[i], forms, &back);
    right &= UNIT_TRUE(fault == DATE_FINE && back == date, "%s: fault %d, day %d", texts[i], fault,
                       back);
  }
  for (const Era *other = eras; other < eras + G_N_ELEMENTS(eras); other++) {
    Date back;
    if (other == era || y < other->year_one || y - other->year_one > 98)
      continue;
    g_snprintf(texts[0], sizeof texts[0], "%c%d.%d.%d", other->letter, y - other->year_one + 1, m,
               d);
    right &= UNIT_INT(date_parse(texts[0], forms, &back), DATE_OUT_OF_ERA, "%s", texts[0]);
  }
  return right;
}

static void every_day_comes_back(void)
{
  DateForms forms = forms_of("we");
  for (Date date = date_of(1873, 1, 1); date <= date_of(2100, 12, 31); date++)
    if (!day_comes_back(date, &forms))
      return;
}

static void every_serial_is_the_day_excel_shows(void)
{
  DateForms forms = forms_of("x");
  for (int serial = 1; serial <= 99999; serial++) {
    char text[16];
    Date date;
    g_snprintf(text, sizeof text, "%d", serial);
    DateFault fault = date_parse(text, &forms, &date);
    // 25569 is 1970-01-01; before March 1900 Excel is a day ahead.
    Date want = serial == 60 ? DATE_NONE : serial - 25569 + (serial < 60);
    if (!UNIT_TRUE(date == want && fault == (serial == 60 ? DATE_NO_SUCH_DAY : DATE_FINE), "%d",
                   serial))
      return;
  }
}

static void every_fault_has_a_text(void)
{
  for (int fault = DATE_FINE; fault <= DATE_UNKNOWN_ERA_CODE; fault++)
    UNIT_TRUE(*date_fault_text((DateFault)fault), "%d", fault);
}

static const UnitTest tests[] = {
    {"each_form_is_read", each_form_is_read},
    {"eras_begin_and_end_on_their_day", eras_begin_and_end_on_their_day},
    {"faults_say_what_is_wrong", faults_say_what_is_wrong},
    {"undeclared_forms_are_unknown", undeclared_forms_are_unknown},
    {"every_day_comes_back", every_day_comes_back},
    {"every_serial_is_the_day_excel_shows", every_serial_is_the_day_excel_shows},
    {"every_fault_has_a_text", every_fault_has_a_text},
    {NULL, NULL},
};
UNIT_SUITE(date_forms, tests);
