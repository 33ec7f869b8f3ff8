// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake/intake_p.h"
#include "unit.h"

static Sheet *cut(const char *text, Findings *findings, bool *good)
{
  Sheet *sheet = sheet_new();
  g_string_append(sheet->text, text);
  *good = sheet_parse(sheet, ',', "a.csv", findings);
  return sheet;
}

// "a|b/c|d": cells of a row parted by |, rows by /, each row led by its line.
static char *shown(const Sheet *sheet)
{
  GString *out = g_string_new(NULL);
  for (size_t row = 0; row < sheet_n_rows(sheet); row++) {
    g_string_append_printf(out, "%s%d:", row ? "/" : "", (int)sheet_row(sheet, row)->line);
    for (size_t column = 0; column < sheet_row(sheet, row)->n_cells; column++)
      g_string_append_printf(out, "%s%s", column ? "|" : "", sheet_cell(sheet, row, column));
  }
  return g_string_free(out, FALSE);
}

static void cells(void)
{
  static const struct {
    const char *text, *cells;
  } rows[] = {
      {"", ""},
      {"a,b\r\nc,d\r\n", "1:a|b/2:c|d"},
      {"a,b\nc,d", "1:a|b/2:c|d"},
      {"a,b\rc,d\r", "1:a|b/2:c|d"},
      {"a,b\n\r\nc\n", NULL},  // an empty line between rows
      {"a,b\n\n\n", "1:a|b"},  // at the end they say nothing
      {",\n", "1:|"},
      {"\"\"\n", "1:"},
      {" a , b \n", "1: a | b "},  // spaces are part of a cell
      {"\ta\t,\t\n", "1:\ta\t|\t"},
      {"\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d"},
      {"\"a\r\nb\",c\r\nd,e\r\n", "1:a\r\nb|c/3:d|e"},
      {"\"a\rb\nc\r\nd\",x\ny\n", "1:a\rb\nc\r\nd|x/5:y"},
      {"\"\n\n\n\",x\ny\n", "1:\n\n\n|x/5:y"},
      {"山,田\n", "1:山|田"},
      {"a,b,\n", "1:a|b|"},
      {"=1+1,@x\n", "1:=1+1|@x"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    bool good;
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Sheet) sheet = cut(rows[i].text, findings, &good);
    g_autofree char *got = shown(sheet);
    UNIT_INT(good, rows[i].cells != NULL, "row %zu", i);
    if (good)
      UNIT_STR(got, rows[i].cells, "row %zu", i);
  }
}

static void faults(void)
{
  static const struct {
    const char *text, *code;
    int64_t line, column;
  } rows[] = {
      {"a,b\nc,\"d\n", "csv-unclosed", 2, 2},
      {"a,b\nc,\"d\ne,f\ng,h\n", "csv-unclosed", 2, 2},
      {"\"", "csv-unclosed", 1, 1},
      {"a,b\"c\n", "csv-quote", 1, 2},
      {"a,b\n\"x\ny\",\"c\"d\n", "csv-quote", 3, 2},
      {"a\n\"b\" ,c\n", "csv-quote", 2, 1},
      {"a,b\n\nc,d\n", "csv-empty-line", 2, 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    bool good;
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Sheet) sheet = cut(rows[i].text, findings, &good);
    UNIT_TRUE(!good, "row %zu", i);
    if (!UNIT_INT(findings_count(findings), 1, "row %zu", i))
      continue;
    const Finding *finding = findings_at(findings, 0);
    UNIT_STR(finding->code, rows[i].code, "row %zu", i);
    UNIT_STR(finding->file, "a.csv");
    UNIT_INT(finding->line, rows[i].line, "row %zu: line", i);
    UNIT_INT(finding->column, rows[i].column, "row %zu: column", i);
  }
}

static void lines_of_cells(void)
{
  bool good;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Sheet) sheet = cut("h,i,j\r\n\"a\r\nb\",\"c\rd\ne\",f\r\ng,h,i", findings, &good);
  UNIT_TRUE(good);
  UNIT_INT(sheet_cell_line(sheet, 1, 0), 2);
  UNIT_INT(sheet_cell_line(sheet, 1, 1), 3);
  UNIT_INT(sheet_cell_line(sheet, 1, 2), 5);
  UNIT_INT(sheet_cell_line(sheet, 2, 2), 6);
  size_t n_bytes;
  const char *raw = sheet_raw(sheet, 1, &n_bytes);
  g_autofree char *row = g_strndup(raw, n_bytes);
  UNIT_STR(row, "\"a\r\nb\",\"c\rd\ne\",f");
}

// A quote that is never closed does not swallow a large file before it is noticed.
static void long_row(void)
{
  bool good;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) text = g_string_new("a\n\"");
  for (size_t i = 0; i < 300000; i++)
    g_string_append(text, "abcdefgh\n");
  g_autoptr(Sheet) sheet = cut(text->str, findings, &good);
  UNIT_TRUE(!good);
  UNIT_STR(findings_at(findings, 0)->code, "csv-unclosed");
  UNIT_INT(findings_at(findings, 0)->line, 2);
}

static void too_wide(void)
{
  bool good;
  g_autoptr(Findings) findings = findings_new();
  g_autofree char *commas = g_strnfill(1000, ',');
  g_autoptr(Sheet) sheet = cut(commas, findings, &good);
  UNIT_TRUE(!good);
  UNIT_STR(findings_at(findings, 0)->code, "csv-too-wide");
}

static const UnitTest tests[] = {
    {"cells", cells},       {"faults", faults},     {"lines_of_cells", lines_of_cells},
    {"long_row", long_row}, {"too_wide", too_wide}, {NULL, NULL},
};
UNIT_SUITE(csv, tests);
