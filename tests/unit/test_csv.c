// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake/intake_p.h"
#include "unit.h"

#include <string.h>

#define BYTES(literal) literal, sizeof literal - 1

typedef struct Cut {
  Sheet *sheet;
  SheetRow *row;
  GString *shown;  // "1:a|b/2:c|d": cells of a row parted by |, rows by /, each row led by its line
  bool good;
} Cut;

static void show(const SheetRow *row, GString *out)
{
  g_string_append_printf(out, "%s%d:", out->len ? "/" : "", (int)row->line);
  for (size_t column = 0; column < row->n_cells; column++)
    g_string_append_printf(out, "%s%s", column ? "|" : "", row_cell(row, column));
}

static Cut cut(const char *text, Findings *findings)
{
  Cut cut = {sheet_new(text, strlen(text), ENCODING_UTF8, ','), row_new(), g_string_new(NULL),
             true};
  cut.sheet->file = "a.csv";
  cut.sheet->findings = findings;
  SheetStep step;
  while ((step = sheet_next(cut.sheet, cut.row)) == SHEET_ROW)
    show(cut.row, cut.shown);
  cut.good = step == SHEET_END;
  return cut;
}

static void cut_clear(Cut *cut)
{
  sheet_free(cut->sheet);
  row_free(cut->row);
  g_string_free(cut->shown, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Cut, cut_clear)

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
    g_autoptr(Findings) findings = findings_new();
    g_auto(Cut) got = cut(rows[i].text, findings);
    UNIT_INT(got.good, rows[i].cells != NULL, "row %zu", i);
    if (got.good)
      UNIT_STR(got.shown->str, rows[i].cells, "row %zu", i);
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
    g_autoptr(Findings) findings = findings_new();
    g_auto(Cut) got = cut(rows[i].text, findings);
    UNIT_TRUE(!got.good, "row %zu", i);
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
  g_autoptr(Findings) findings = findings_new();
  g_auto(Cut) got = cut("h,i,j\r\n\"a\r\nb\",\"c\rd\ne\",f\r\ng,h,i", findings);
  UNIT_TRUE(got.good);
  sheet_seek(got.sheet, 7, 2);
  UNIT_INT(sheet_next(got.sheet, got.row), SHEET_ROW);
  UNIT_INT(row_cell_line(got.row, 0), 2);
  UNIT_INT(row_cell_line(got.row, 1), 3);
  UNIT_INT(row_cell_line(got.row, 2), 5);
  UNIT_STR(got.row->text->str, "\"a\r\nb\",\"c\rd\ne\",f");
  UNIT_INT(sheet_next(got.sheet, got.row), SHEET_ROW);
  UNIT_INT(row_cell_line(got.row, 2), 6);
}

// A row is the same whenever it is read, whatever was read before, a fault included.
static void read_again(void)
{
  static const struct {
    Encoding encoding;
    const char *bytes;
    size_t n_bytes, begin;
    const char *row;
  } rows[] = {
      {ENCODING_UTF8, BYTES("a,b\n\"c\nd\",e\nf,g\n"), 4, "2:c\nd|e"},
      {ENCODING_UTF8,
       BYTES("\xef\xbb\xbf"
             "a,b\nc,d\ne,f\n"),
       4, "2:c|d"},
      {ENCODING_UTF8, BYTES("a,b\rc,d\re,f\rg"), 4, "2:c|d"},
      {ENCODING_UTF8, BYTES("a,b\nc,d\ne,\"f\n"), 4, "2:c|d"},
      {ENCODING_UTF8, BYTES("a,b\nc,\"d\"\ne,f\"\n"), 4, "2:c|d"},
      {ENCODING_CP932, BYTES("a,b\r\n\x8e\x52,\xb6\r\ne,f"), 5, "2:山|ｶ"},
      {ENCODING_UTF16LE,
       BYTES("\xff\xfe"
             "a\0\r\0\n\0q\\,\0b\0\n\0"),
       6, "2:\xe5\xb1\xb1|b"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Sheet) sheet = sheet_new(rows[i].bytes, rows[i].n_bytes, rows[i].encoding, ',');
    g_autoptr(SheetRow) row = row_new();
    sheet->findings = findings;
    while (sheet_next(sheet, row) == SHEET_ROW)
      ;
    for (size_t n = 0; n < 2; n++) {
      g_autoptr(GString) got = g_string_new(NULL);
      sheet_seek(sheet, rows[i].begin, 2);
      UNIT_INT(sheet_next(sheet, row), SHEET_ROW, "row %zu", i);
      show(row, got);
      UNIT_STR(got->str, rows[i].row, "row %zu", i);
      UNIT_INT(row->begin, rows[i].begin, "row %zu", i);
    }
  }
}

// With and without quotation marks, by libcsv and without it, cells are the same.
static void quoted_or_not(void)
{
  static const char *const rows[] = {"a,b", ",", "a", " a , b ", "山,田", "a,,,b,"};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autofree char *plain = g_strconcat(rows[i], ",x\n", NULL);
    g_autofree char *quoted = g_strconcat(rows[i], ",\"x\"\n", NULL);
    g_auto(Cut) left = cut(plain, findings);
    g_auto(Cut) right = cut(quoted, findings);
    UNIT_STR(left.shown->str, right.shown->str, "row %zu", i);
  }
}

static void line_ends(void)
{
  static const struct {
    const char *text;
    int64_t n[N_LINE_ENDS];
  } rows[] = {
      {"a\r\nb\nc\rd", {1, 1, 1}},
      {"a\r\n\"b\nc\"\r\n", {2, 0, 0}},  // within a cell is no row's end
      {"a\rb\r", {0, 0, 2}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_auto(Cut) got = cut(rows[i].text, findings);
    for (LineEnd end = 0; end < N_LINE_ENDS; end++)
      UNIT_INT(got.sheet->n_ends[end], rows[i].n[end], "row %zu: %d", i, (int)end);
  }
}

// A quote that is never closed does not swallow a large file before it is noticed.
static void long_row(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) text = g_string_new("a\n\"");
  for (size_t i = 0; i < 300000; i++)
    g_string_append(text, "abcdefgh\n");
  g_auto(Cut) got = cut(text->str, findings);
  UNIT_TRUE(!got.good);
  UNIT_STR(findings_at(findings, 0)->code, "csv-unclosed");
  UNIT_INT(findings_at(findings, 0)->line, 2);
}

static void too_wide(void)
{
  g_autoptr(Findings) findings = findings_new();
  g_autofree char *commas = g_strnfill(1000, ',');
  g_auto(Cut) got = cut(commas, findings);
  UNIT_TRUE(!got.good);
  UNIT_STR(findings_at(findings, 0)->code, "csv-too-wide");
}

static const UnitTest tests[] = {
    {"cells", cells},
    {"faults", faults},
    {"lines_of_cells", lines_of_cells},
    {"read_again", read_again},
    {"quoted_or_not", quoted_or_not},
    {"line_ends", line_ends},
    {"long_row", long_row},
    {"too_wide", too_wide},
    {NULL, NULL},
};
UNIT_SUITE(csv, tests);
