// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <idou/base.h>
#include <string.h>

static void decodes(void)
{
  static const struct {
    const char *bytes;
    size_t n_bytes;
    const char *text;  // NULL: it is nothing known
  } cases[] = {
      {"a,b\r\nc\rd\n", 9, "a,b\nc\nd\n"},
      {"\xEF\xBB\xBF\xE5\xB1\xB1\n", 7, "山\n"},
      {"\xE5\xB1\xB1\n", 4, "山\n"},
      {"\x8E\x52\r\n", 4, "山\n"},
      {"\xFF\xFE\x71\x5C\n\0", 6, "山\n"},
      {"\xEF\xBB\xBF\x8E\x52\n", 6, NULL},
      {"a\0b", 3, NULL},
      {"\x8E", 1, NULL},
      {"\xFF\xFE\x71\x5C\0\0\x71\x5C", 8, NULL},
      {"\xFF\xFE\x71\x5C\x71", 5, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *text = filled_decode(cases[i].bytes, cases[i].n_bytes);
    UNIT_STR(text ? text : "(none)", cases[i].text ? cases[i].text : "(none)", "case %zu", i);
  }
}

// What is written can be read, and is what it was as far as the encoding holds it.
static void encodes(void)
{
  static const struct {
    const char *text, *as_cp932;
  } cases[] = {{"山田\n", "山田\n"}, {"𠮷田\n", "〓田\n"}, {"髙﨑\n", "髙﨑\n"}, {"é~\n", "〓~\n"}};
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    for (int cp932 = 0; cp932 < 2; cp932++) {
      g_autoptr(GString) text = g_string_new(cases[i].text);
      g_autoptr(GString) bytes = filled_encode(text, cp932 != 0);
      g_autofree char *back = filled_decode(bytes->str, bytes->len);
      UNIT_STR(back, cp932 ? cases[i].as_cp932 : cases[i].text, "%s", cases[i].text);
    }
}

static void cells(void)
{
  static const char *const cases[][2] = {
      {"", ""},         {" a　b ", "a b"}, {"'=1+1", "=1+1"}, {"'-3", "-3"},
      {"'tis", "'tis"}, {"'", "'"},        {"=1", "=1"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    filled_cell(cases[i][0], out);
    UNIT_STR(out->str, cases[i][1], "%s", cases[i][0]);
  }
  UNIT_INT(filled_separator("a\tb\n"), '\t', "tabs");
  UNIT_INT(filled_separator("a,\tb\n"), ',', "commas");
  UNIT_INT(filled_separator("a\nb\tc"), ',', "only the first line counts");
}

static void days(void)
{
  static const struct {
    const char *cell, *day;
    DateFault fault;
  } cases[] = {
      {"2027/3/31", "2027-03-31", DATE_FINE},
      {"2027-03-31", "2027-03-31", DATE_FINE},
      {"２０２７年３月３１日", "", DATE_UNKNOWN_FORM},
      {"令和9年3月31日", "2027-03-31", DATE_FINE},
      {"R9.3.31", "2027-03-31", DATE_FINE},
      {"46477", "2027-03-31", DATE_FINE},
      {"2027/3/31 0:00", "2027-03-31", DATE_FINE},
      {"3月31日", "", DATE_UNKNOWN_FORM},
      {"27/3/31", "", DATE_TWO_DIGIT_YEAR},
      {"", "", DATE_EMPTY},
      {"2027/2/30", "", DATE_NO_SUCH_DAY},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    Date day = DATE_NONE;
    g_autoptr(GString) text = g_string_new(NULL);
    UNIT_INT(filled_day(cases[i].cell, &day), cases[i].fault, "%s", cases[i].cell);
    date_format(day, text);
    UNIT_STR(text->str, cases[i].day, "%s", cases[i].cell);
  }
}

static const UnitTest tests[] = {
    {"decodes", decodes}, {"encodes", encodes}, {"cells", cells}, {"days", days}, {NULL, NULL},
};
UNIT_SUITE(filled, tests);
