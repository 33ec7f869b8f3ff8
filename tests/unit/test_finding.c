// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

static void add(Findings *findings, FindingLevel level, const char *subject)
{
  Finding finding = {
      .level = level, .code = "a-code", .file = "a.csv", .line = 2, .subject = subject};
  findings_add(findings, &finding, "number %d of %s", 7, subject);
}

static void everything_is_copied(void)
{
  g_autoptr(Findings) findings = findings_new();
  char code[] = "date-out-of-era", file[] = "a.csv", field[] = "発令日", subject[] = "000310";
  char value[] = "平成31.5.1";
  Finding finding = {FINDING_ERROR, code, file, 12, 3, field, subject, value, "ignored"};
  findings_add(findings, &finding, "%s is out", value);
  memset(code, 'x', 3), memset(file, 'x', 3), memset(field, 'x', 3);
  memset(subject, 'x', 3), memset(value, 'x', 3);
  const Finding *kept = findings_at(findings, 0);
  UNIT_INT(kept->level, FINDING_ERROR);
  UNIT_STR(kept->code, "date-out-of-era");
  UNIT_STR(kept->file, "a.csv");
  UNIT_INT(kept->line, 12);
  UNIT_INT(kept->column, 3);
  UNIT_STR(kept->field, "発令日");
  UNIT_STR(kept->subject, "000310");
  UNIT_STR(kept->value, "平成31.5.1");
  UNIT_STR(kept->text, "平成31.5.1 is out");
}

static void levels_are_counted(void)
{
  g_autoptr(Findings) findings = findings_new();
  UNIT_INT(findings_count(findings), 0);
  UNIT_INT(findings_count_level(findings, FINDING_NOTE), 0);
  add(findings, FINDING_NOTE, "a");
  add(findings, FINDING_ERROR, "b");
  add(findings, FINDING_WARNING, "c");
  add(findings, FINDING_ERROR, "d");
  UNIT_INT(findings_count(findings), 4);
  UNIT_INT(findings_count_level(findings, FINDING_NOTE), 4);
  UNIT_INT(findings_count_level(findings, FINDING_WARNING), 3);
  UNIT_INT(findings_count_level(findings, FINDING_ERROR), 2);
}

static void taken_findings_move(void)
{
  g_autoptr(Findings) to = findings_new();
  g_autoptr(Findings) from = findings_new();
  add(to, FINDING_NOTE, "a");
  add(from, FINDING_ERROR, "b");
  add(from, FINDING_NOTE, "c");
  findings_take(to, from);
  UNIT_INT(findings_count(from), 0);
  UNIT_INT(findings_count_level(from, FINDING_NOTE), 0);
  add(from, FINDING_WARNING, "overwrites");
  findings_take(to, from);
  const char *subjects[] = {"a", "b", "c", "overwrites"};
  UNIT_INT(findings_count(to), G_N_ELEMENTS(subjects));
  for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++)
    UNIT_STR(findings_at(to, i)->subject, subjects[i]);
  UNIT_STR(findings_at(to, 1)->text, "number 7 of b");
  UNIT_INT(findings_count_level(to, FINDING_ERROR), 1);
  UNIT_INT(findings_count_level(to, FINDING_WARNING), 2);
}

// A finding that was borrowed stays where it is while others are added.
static void borrowed_findings_stay(void)
{
  g_autoptr(Findings) findings = findings_new();
  add(findings, FINDING_NOTE, "first");
  const Finding *first = findings_at(findings, 0);
  for (int i = 0; i < 5000; i++)
    add(findings, FINDING_NOTE, "another");
  UNIT_TRUE(findings_at(findings, 0) == first);
  UNIT_STR(first->subject, "first");
}

static void written_for_people(void)
{
  static const struct {
    Finding finding;
    const char *text, *written;
  } rows[] = {
      {{FINDING_ERROR, "date-out-of-era", "hr/4.csv", 12, 3, "発令日", "000310", "平成31.5.1",
        NULL},
       "out of era",
       "hr/4.csv:12:3: error: 000310: out of era (発令日, 平成31.5.1) [date-out-of-era]"},
      {{FINDING_WARNING, "w", "a.csv", 12, 0, NULL, NULL, NULL, NULL},
       "t",
       "a.csv:12: warning: t [w]"},
      {{FINDING_NOTE, "n", "a.csv", 0, 3, NULL, NULL, NULL, NULL}, "t", "a.csv: note: t [n]"},
      {{FINDING_NOTE, "n", NULL, 4, 3, NULL, NULL, NULL, NULL}, "t", "note: t [n]"},
      {{FINDING_NOTE, NULL, NULL, 0, 0, "uid", NULL, NULL, NULL}, "t", "note: t (uid)"},
      {{FINDING_NOTE, NULL, NULL, 0, 0, NULL, NULL, "v", NULL}, "t", "note: t (v)"},
      {{FINDING_NOTE, NULL, NULL, 0, 0, "uid", NULL, "", NULL}, "t", "note: t (uid, \"\")"},
      {{FINDING_ERROR, "c", "a\x1B.csv", 1, 1, "f\n", "\u202Es", "v\xFF", NULL},
       "t\r\n",
       "a\\u{1B}.csv:1:1: error: \\u{202E}s: t\\u{D}\\u{A} (f\\u{A}, v\\x{FF}) [c]"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GString) out = g_string_new("before ");
    findings_add(findings, &rows[i].finding, "%s", rows[i].text);
    findings_format(findings_at(findings, 0), out);
    UNIT_STR(out->str + strlen("before "), rows[i].written);
  }
}

static const UnitTest tests[] = {
    {"everything_is_copied", everything_is_copied},
    {"levels_are_counted", levels_are_counted},
    {"taken_findings_move", taken_findings_move},
    {"borrowed_findings_stay", borrowed_findings_stay},
    {"written_for_people", written_for_people},
    {NULL, NULL},
};
UNIT_SUITE(finding, tests);
