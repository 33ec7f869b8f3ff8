// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <idou/base.h>
#include <string.h>

static bool take(const CellRow *row, void *data)
{
  GString *out = data;
  g_string_append_printf(out, "%d:", (int)row->line);
  for (size_t i = 0; i < row->n_cells; i++)
    g_string_append_printf(out, "[%s]", row->cells[i]);
  g_string_append(out, row->ended ? "\n" : "");
  return !strstr(row->cells[0], "stop");
}

// Rows as "LINE:[cell][cell]", a line each; what has no end has none here.
static void rows(void)
{
  static const struct {
    const char *text, *rows;
    int fault;  // line; 0 = none, -1 = stopped
  } cases[] = {
      {"", "", 0},
      {"a,b\r\nc,\r\n", "1:[a][b]\n2:[c][]\n", 0},
      {"a\nb", "1:[a]\n2:[b]", 0},
      {"\n\na\n", "3:[a]\n", 0},
      {"a,\"b\r\nc\"\r\nd,e\r\n", "1:[a][b\r\nc]\n3:[d][e]\n", 0},
      {"\"say \"\"x\"\"\", y \n", "1:[say \"x\"][ y ]\n", 0},
      {"a\nb\"c\n", "1:[a]\n", 2},
      {"a\n\"b\nc\n", "1:[a]\n", 2},
      {"a\nstop\nb\n", "1:[a]\n2:[stop]\n", -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    CellTaker taker = {take, out};
    int64_t line = 0;
    bool read = cells_read(cases[i].text, strlen(cases[i].text), ',', &taker, &line);
    UNIT_INT(read, cases[i].fault == 0, "%s", cases[i].text);
    UNIT_INT(line, cases[i].fault > 0 ? cases[i].fault : 0, "%s", cases[i].text);
    UNIT_STR(out->str, cases[i].rows, "%s", cases[i].text);
  }
}

static const UnitTest tests[] = {
    {"rows", rows},
    {NULL, NULL},
};
UNIT_SUITE(cells, tests);
