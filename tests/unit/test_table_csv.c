// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "mapping/mapping_p.h"

#include <string.h>

static void cells(void)
{
  static const struct {
    const char *text;
    size_t row, column, n_rows, n_columns;
    const char *want;
  } rows[] = {
      {"a,b\n1,2\n", 1, 1, 2, 2, "2"},
      {"\xef\xbb\xbf"
       "a,b\r\n1,2\r\n",
       0, 0, 2, 2, "a"},
      {"a,b\r\n1,2", 1, 1, 2, 2, "2"},
      {"a,b\n\n1,2\n", 2, 0, 3, 2, "1"},
      {"a,b\n\"x\ny\",2\n3,4\n", 2, 0, 3, 2, "3"},
      {"a,b\n\"x\r\ny\",2\n", 1, 0, 2, 2, "x\ny"},
      {"a,b\n 1 ,　2　\n", 1, 1, 2, 2, "2"},
      {"a,b\n 1 ,2\n", 1, 0, 2, 2, "1"},
      {"a,b,,\n1,2,,\n", 1, 3, 2, 2, ""},
      {"a,b\n1\n", 1, 1, 2, 2, ""},
      {"a,b\n\"he said \"\"x\"\"\",2\n", 1, 0, 2, 2, "he said \"x\""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Grid) sheet = grid_parse(rows[i].text, strlen(rows[i].text), "t.csv", findings);
    if (!UNIT_TRUE(sheet != NULL, "%s", rows[i].text))
      continue;
    UNIT_INT(findings_count(findings), 0, "%s", rows[i].text);
    UNIT_INT(grid_n_rows(sheet), rows[i].n_rows, "%s", rows[i].text);
    UNIT_INT(grid_n_columns(sheet), rows[i].n_columns, "%s", rows[i].text);
    UNIT_STR(grid_cell(sheet, rows[i].row, rows[i].column), rows[i].want, "%s", rows[i].text);
  }
}

static void faults(void)
{
  static const struct {
    const char *text, *code;
    int line, column;
  } rows[] = {
      {"", "table-header", 1, 0},
      {"\n", "table-header", 1, 0},
      {",,\n", "table-header", 1, 0},
      {"a,b\n1,2,3\n", "table-cell-extra", 2, 3},
      {"a,b\n1,\"2\n", "table-quote", 2, 0},
      {"a,b\n1,x\"2\n", "table-quote", 2, 0},
      {"a,b\n1,\xff\n", "table-bytes", 2, 0},
      {"\x93\xfa\x96{,b\n", "table-bytes", 1, 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Grid) sheet = grid_parse(rows[i].text, strlen(rows[i].text), "t.csv", findings);
    UNIT_TRUE(sheet == NULL, "%s", rows[i].text);
    if (!UNIT_INT(findings_count(findings), 1, "%s", rows[i].text))
      continue;
    const Finding *finding = findings_at(findings, 0);
    UNIT_STR(finding->code, rows[i].code, "%s", rows[i].text);
    UNIT_INT(finding->line, rows[i].line, "%s", rows[i].text);
    UNIT_INT(finding->column, rows[i].column, "%s", rows[i].text);
  }
}

static const UnitTest tests[] = {{"cells", cells}, {"faults", faults}, {NULL, NULL}};
UNIT_SUITE(table_csv, tests);
