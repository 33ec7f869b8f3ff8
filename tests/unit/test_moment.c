// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "evidence/evidence_p.h"

#include <string.h>

static MomentForms forms_of(const char *words, const char *zone)
{
  MomentForms forms = {0};
  g_auto(GStrv) list = g_strsplit(words, " ", -1);
  for (char **word = list; *word != NULL; word++)
    UNIT_TRUE(moment_form_add(&forms, *word), "%s", *word);
  UNIT_TRUE(moment_zone(zone, &forms.zone_s), "%s", zone);
  return forms;
}

// What is read, as the moment and how much it leaves open; "never" and "unclear".
static void read_one(const MomentForms *forms, const char *text, GString *out)
{
  Instant moment = INSTANT_NONE;
  int64_t grain_s = 0;
  static const char *const others[] = {[MOMENT_UNCLEAR] = "unclear", [MOMENT_NEVER] = "never"};
  MomentSaid said = moment_read(forms, text, &moment, &grain_s);
  if (said != MOMENT_USED) {
    g_string_append(out, others[said]);
    return;
  }
  instant_format(moment, out);
  g_string_append_printf(out, " %d", (int)grain_s);
}

static void forms(void)
{
  static const struct {
    const char *form, *zone, *text, *read;
  } rows[] = {
      {"filetime", "JST", "134401723714309930", "2026-11-26T22:12:51+09:00 1"},
      {"filetime", "JST", "116444736000000000", "unclear"},
      {"filetime", "JST", "0", "never"},
      {"filetime", "JST", "9223372036854775807", "never"},
      {"filetime", "JST", "9223372036854775808", "never"},
      {"filetime", "JST", "-1", "unclear"},
      {"filetime", "JST", "2026-11-20", "unclear"},
      {"generalizedtime", "JST", "20261120030509Z", "2026-11-20T12:05:09+09:00 1"},
      {"generalizedtime", "JST", "20261120030509.123456Z", "2026-11-20T12:05:09+09:00 1"},
      {"generalizedtime", "JST", "202611201205+0900", "2026-11-20T12:05:00+09:00 60"},
      {"generalizedtime", "JST", "20261320030509Z", "unclear"},
      {"generalizedtime", "JST", "2026112003050Z", "unclear"},
      {"generalizedtime", "JST", "20261120036009Z", "unclear"},
      {"iso", "JST", "2026-11-20T03:05:09Z", "2026-11-20T12:05:09+09:00 1"},
      {"iso", "JST", "2026-11-20T12:05:09.5+09:00", "2026-11-20T12:05:09+09:00 1"},
      {"iso", "JST", "2026-11-20 12:05", "2026-11-20T12:05:00+09:00 60"},
      {"iso", "UTC", "2026-11-20 03:05:09", "2026-11-20T12:05:09+09:00 1"},
      {"iso", "JST", "2026-11-20", "2026-11-20T00:00:00+09:00 86400"},
      {"iso", "UTC", "2026-11-20", "2026-11-20T09:00:00+09:00 86400"},
      {"iso", "JST", " ２０２６-11-20 ", "2026-11-20T00:00:00+09:00 86400"},
      {"iso", "JST", "2026-02-30", "unclear"},
      {"iso", "JST", "2026-11-20 24:00", "2026-11-21T00:00:00+09:00 60"},
      {"iso", "JST", "2026-11-20 24:01", "unclear"},
      {"iso", "JST", "2026-11-20 25:00", "unclear"},
      {"iso", "JST", "2026-11-20 12:05 nonsense", "unclear"},
      {"iso", "JST", "2026/11/20", "unclear"},
      {"slash", "JST", "2026/1/2 9:05", "2026-01-02T09:05:00+09:00 60"},
      {"slash", "JST", "2026/1/2 午後3時5分", "2026-01-02T15:05:00+09:00 60"},
      {"slash", "JST", "2026/1/2 午前9時5分7秒", "2026-01-02T09:05:07+09:00 1"},
      {"wareki", "JST", "R8.11.20", "2026-11-20T00:00:00+09:00 86400"},
      {"wareki", "JST", "令和8年11月20日 12:05:09", "2026-11-20T12:05:09+09:00 1"},
      {"wareki", "JST", "㋿8年11月20日", "2026-11-20T00:00:00+09:00 86400"},
      {"wareki", "JST", "平成40年1月1日", "unclear"},
      {"compact", "JST", "20261120", "2026-11-20T00:00:00+09:00 86400"},
      {"excel", "JST", "46346", "2026-11-20T00:00:00+09:00 86400"},
      {"excel", "JST", "46346.5", "2026-11-20T12:00:00+09:00 8640"},
      {"excel", "JST", "46346.503472", "2026-11-20T12:04:59+09:00 60"},
      {"excel", "JST", "46346.5.1", "unclear"},
      {"unix", "JST", "1795143909", "2026-11-20T12:05:09+09:00 1"},
      {"unix", "JST", "0", "never"},
      {"unix-ms", "JST", "1795143909000", "2026-11-20T12:05:09+09:00 1"},
      {"unix", "JST", "1795143909x", "unclear"},
      // The wrong form is no use in 1970, and the day by which a product means never none in 1900.
      {"unix-ms", "JST", "1795143909", "unclear"},
      {"filetime", "JST", "1795143909000", "unclear"},
      {"slash", "JST", "1900/01/01", "unclear"},
      {"compact unix", "JST", "1791010100", "2026-10-03T15:48:20+09:00 1"},
      {"iso", "JST", "2026-11-20 12:05:09.25+09", "2026-11-20T12:05:09+09:00 1"},
      {"slash", "JST", "11/20/2026", "unclear"},
      {"slash", "JST", "26/11/20", "unclear"},
      {"slash", "JST", "2026/11/20 3:05 PM", "unclear"},
      {"generalizedtime", "JST", "2026112003.5Z", "2026-11-20T12:00:00+09:00 3600"},
      {"slash wareki", "JST", "R8.11.20", "2026-11-20T00:00:00+09:00 86400"},
      {"slash wareki", "JST", "yesterday", "unclear"},
      {"slash", "JST", "", "never"},
      {"slash", "JST", "　", "never"},
      {"slash", "JST", "0", "unclear"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    MomentForms set = forms_of(rows[i].form, rows[i].zone);
    g_autoptr(GString) out = g_string_new(NULL);
    read_one(&set, rows[i].text, out);
    UNIT_STR(out->str, rows[i].read, "%s %s", rows[i].form, rows[i].text);
  }
}

static void words_for_never(void)
{
  g_autoptr(GPtrArray) never = g_ptr_array_new();
  MomentForms set = forms_of("slash", "JST");
  g_ptr_array_add(never, "-");
  g_ptr_array_add(never, "未使用");
  set.never = never;
  static const struct {
    const char *text, *read;
  } rows[] = {{"-", "never"}, {"－", "never"}, {" 未使用 ", "never"}, {"使用", "unclear"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    read_one(&set, rows[i].text, out);
    UNIT_STR(out->str, rows[i].read, "%s", rows[i].text);
  }
}

static void zones(void)
{
  static const struct {
    const char *text;
    int seconds;  // -1 = none
  } rows[] = {{"JST", 32400},   {"UTC", 0},         {"Z", 0},          {"+09:00", 32400},
              {"+0530", 19800}, {"-05:00", -18000}, {"+15:00", -1},    {"+09", 32400},
              {"+9", -1},       {"09:00", -1},      {"Asia/Tokyo", -1}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    int seconds = -1;
    bool read = moment_zone(rows[i].text, &seconds);
    UNIT_INT(read, rows[i].seconds != -1, "%s", rows[i].text);
    UNIT_INT(seconds, rows[i].seconds, "%s", rows[i].text);
  }
}

static const UnitTest tests[] = {
    {"forms", forms},
    {"words_for_never", words_for_never},
    {"zones", zones},
    {NULL, NULL},
};
UNIT_SUITE(moment, tests);
