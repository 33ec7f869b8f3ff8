// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/intake.h"
#include "unit.h"

#include <string.h>

static Layout *load(const char *text, Findings *findings)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(unit_dir(), "a.yaml", NULL);
  UNIT_TRUE(g_file_set_contents(path, text, -1, NULL));
  Layout *layout = layout_load(path, findings, &error);
  UNIT_TRUE(!layout == !!error);
  return layout;
}

static void show(const Findings *findings, const char *what)
{
  for (size_t i = 0; i < findings_count(findings); i++) {
    g_autoptr(GString) line = g_string_new(NULL);
    findings_format(findings_at(findings, i), line);
    UNIT_STR(line->str, NULL, "%s", what);
  }
}

static void shipped(void)
{
  static const struct {
    const char *path, *name, *files;
    LayoutKind kind;
  } rows[] = {
      {"mappings/layouts/roster.yaml", "roster", "roster-*.csv", LAYOUT_ROSTER},
      {"mappings/layouts/orders.yaml", "orders", "orders-*.csv", LAYOUT_ORDERS},
      {"mappings/layouts/units.yaml", "units", "units*.csv", LAYOUT_UNITS},
      {"mappings/layouts/reorganisation.yaml", "reorganisation", "shinkyu*.csv",
       LAYOUT_REORGANISATION},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Layout) layout = layout_load(rows[i].path, findings, &error);
    UNIT_NO_ERROR(error);
    show(findings, rows[i].path);
    if (!layout)
      continue;
    UNIT_STR(layout_name(layout), rows[i].name);
    UNIT_STR(layout_files(layout), rows[i].files);
    UNIT_STR(layout_space(layout), "city");
    UNIT_INT(layout_kind(layout), rows[i].kind);
  }
}

static void fields(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = load(
      "layout: a\nkind: orders\nspace: s\nfiles: a\nencoding: utf8\ndates: [iso]\n"
      "own: {shift: post}\n"
      "columns: {o: order_number, d: order_date, k: order_kind, n: number, s: shift}\nkinds: {}\n",
      findings);
  show(findings, "fields");
  g_autofree char *all = layout ? g_strjoinv(" ", (char **)layout_fields(layout)) : NULL;
  UNIT_STR(all, "number shift state role held hired");
}

#define HEAD "layout: a\nkind: roster\nspace: s\nfiles: a\nencoding: utf8\ndates: [iso]\n"
#define COLUMNS "columns:\n  d: file_date\n  n: number\n  x: name\n  u: unit\n"
#define ORDERS "layout: a\nkind: orders\nspace: s\nfiles: a\nencoding: utf8\ndates: [iso]\n"
#define ORDER_COLUMNS "columns: {o: order_number, d: order_date, k: order_kind, n: number}\n"

// Each is one fault in a layout that is right otherwise.
static void faults(void)
{
  static const struct {
    const char *text, *code;
    int line, column;
  } rows[] = {
      {HEAD COLUMNS "fulll: true\n", NULL, 12, 1},
      {"kind: roster\nspace: s\nfiles: a\nencoding: utf8\ndates: [iso]\n" COLUMNS, "layout-missing",
       1, 1},
      {"layout: a\nkind: rooster\nspace: s\nfiles: a\nencoding: utf8\ndates: [iso]\n" COLUMNS,
       "layout-choice", 2, 7},
      {"layout: a\nkind: roster\nspace: s\nfiles: a\nencoding: sjis\ndates: [iso]\n" COLUMNS,
       "layout-choice", 5, 11},
      {HEAD COLUMNS "separator: semicolon\n", "layout-choice", 12, 12},
      {HEAD COLUMNS "full: perhaps\n", NULL, 12, 7},
      {HEAD COLUMNS "  y: nmae\n", "layout-field", 12, 6},
      {HEAD COLUMNS "  y: name\n", "layout-field", 12, 6},
      {HEAD COLUMNS "  y: order_number\n", "layout-field", 12, 6},
      {HEAD COLUMNS "  y: {digits: 6}\n", "layout-field", 12, 6},
      {HEAD COLUMNS "  y: {field: kana, digit: 6}\n", NULL, 12, 20},
      {HEAD COLUMNS "  n: kana\n", NULL, 12, 3},
      {HEAD COLUMNS "  y: {field: state, codes: {1: here}}\n", "layout-codes", 12, 32},
      {HEAD COLUMNS "  y: {field: state, codes: active}\n", "layout-codes", 12, 28},
      {HEAD COLUMNS "  y: {field: birth, dates: [kanji]}\n", "layout-dates", 12, 29},
      {HEAD COLUMNS "  y: {field: birth, dates: []}\n", "layout-dates", 12, 6},
      {HEAD COLUMNS "ignore: [n]\n", "layout-ignore", 12, 10},
      {HEAD COLUMNS "own: {name: person}\n", "layout-own", 12, 7},
      {HEAD COLUMNS "own: {shift: unit}\n", "layout-own", 12, 14},
      {HEAD COLUMNS "era_codes: {5: X}\n", "layout-era-code", 12, 13},
      {HEAD COLUMNS "key: [number, title]\n", "layout-no-column", 12, 15},
      {HEAD COLUMNS "key: [name]\n", "layout-key", 12, 6},
      {HEAD COLUMNS "decides: [phone]\n", "layout-no-column", 12, 11},
      {HEAD COLUMNS "trailer: {match: T}\n", "layout-trailer", 12, 10},
      {HEAD COLUMNS "count_file: rows.txt\n", "layout-count-file", 12, 13},
      {HEAD COLUMNS "date_in_name: roster.csv\n", "layout-date-in-name", 12, 15},
      {HEAD COLUMNS "date_in_name: r-{date}.csv\n", "layout-date-in-name", 12, 15},
      {HEAD COLUMNS "kinds: {1: hire}\n", "layout-kind", 12, 8},
      {HEAD "columns:\n  d: file_date\n  n: number\n  x: name\n", "layout-no-column", 1, 1},
      {HEAD "columns:\n  n: number\n  x: name\n  u: unit\n", "layout-no-date", 1, 1},
      {HEAD "columns: [a, b]\n", NULL, 7, 10},
      {ORDERS ORDER_COLUMNS, "layout-missing", 1, 1},
      {ORDERS ORDER_COLUMNS "kinds: {1: fire}\n", "layout-kind", 8, 12},
      {ORDERS ORDER_COLUMNS "kinds: {1: transfer}\n", "layout-no-column", 8, 12},
      {ORDERS ORDER_COLUMNS "kinds: {1: {kind: leave, last: true}}\n", NULL, 8, 26},
      {ORDERS ORDER_COLUMNS "kinds: {1: {kind: leave, needs: [nmae]}}\n", "layout-field", 8, 34},
      {ORDERS ORDER_COLUMNS "kinds: {}\ndecides: [number]\n", "layout-decides", 9, 10},
      {"- a\n", "layout-missing", 1, 1},
      {"layout: [\n", NULL, 0, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Layout) layout = load(rows[i].text, findings);
    UNIT_TRUE(!layout, "row %zu", i);
    if (!UNIT_TRUE(findings_count(findings) > 0, "row %zu", i))
      continue;
    const Finding *finding = findings_at(findings, 0);
    if (rows[i].code)
      UNIT_STR(finding->code, rows[i].code, "row %zu: %s", i, finding->text);
    if (!rows[i].line)
      continue;
    UNIT_INT(finding->line, rows[i].line, "row %zu: line: %s", i, finding->text);
    UNIT_INT(finding->column, rows[i].column, "row %zu: column: %s", i, finding->text);
  }
}

// Every whole layout that docs/layouts.md shows loads.
static void documented(void)
{
  g_autofree char *text = NULL;
  size_t n_loaded = 0;
  if (!UNIT_TRUE(g_file_get_contents("docs/layouts.md", &text, NULL, NULL)))
    return;
  for (char *at = text; (at = strstr(at, "```yaml\n"));) {
    at += strlen("```yaml\n");
    char *end = strstr(at, "```");
    if (!UNIT_TRUE(end != NULL))
      return;
    *end = '\0';
    if (g_str_has_prefix(at, "layout:")) {
      g_autoptr(Findings) findings = findings_new();
      g_autoptr(Layout) layout = load(at, findings);
      show(findings, at);
      n_loaded++;
    }
    at = end + 1;
  }
  UNIT_TRUE(n_loaded >= 3);
}

static const UnitTest tests[] = {
    {"shipped", shipped},       {"fields", fields}, {"faults", faults},
    {"documented", documented}, {NULL, NULL},
};
UNIT_SUITE(layout, tests);
