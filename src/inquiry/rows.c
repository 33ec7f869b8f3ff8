// SPDX-License-Identifier: GPL-3.0-or-later
#include "inquiry_p.h"

#include <string.h>

static void clear_row(void *data)
{
  g_strfreev(((Row *)data)->cells);
}

static bool add(const CellRow *cells, void *data)
{
  GArray *rows = data;
  Row row = {.line = cells->line, .ended = cells->ended};
  row.cells = g_new0(char *, cells->n_cells + 1);
  for (size_t i = 0; i < cells->n_cells; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    filled_cell(cells->cells[i], text);
    row.cells[i] = g_strdup(text->str);
  }
  g_array_append_val(rows, row);
  return true;
}

// What stands before a fault was read in full, and counts.
bool rows_read(const char *text, Rows *out)
{
  *out = (Rows){.rows = g_array_new(false, false, sizeof(Row))};
  g_array_set_clear_func(out->rows, clear_row);
  CellTaker taker = {add, out->rows};
  return cells_read(text, strlen(text), filled_separator(text), &taker, &out->cut);
}

void rows_clear(Rows *rows)
{
  g_clear_pointer(&rows->rows, g_array_unref);
}
