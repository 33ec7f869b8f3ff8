// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define GAP 2

void sheet_open(Sheet *sheet, size_t n_columns)
{
  *sheet = (Sheet){.cells = g_ptr_array_new_with_free_func(g_free), .n_columns = n_columns};
}

void sheet_close(Sheet *sheet)
{
  g_clear_pointer(&sheet->cells, g_ptr_array_unref);
}

void sheet_add(Sheet *sheet, const char *text)
{
  g_autoptr(GString) cell = g_string_new(NULL);
  escape_text(cell, text, ESCAPE_TERMINAL);
  g_ptr_array_add(sheet->cells, g_strdup(cell->str));
}

static size_t width_of(const Sheet *sheet, size_t column)
{
  size_t width = 0;
  for (size_t i = column; i < sheet->cells->len; i += sheet->n_columns)
    width = MAX(width, text_width(sheet->cells->pdata[i]));
  return sheet->most[column] ? MIN(width, sheet->most[column]) : width;
}

static void put_row(const Sheet *sheet, size_t row, const size_t *widths, GString *out)
{
  size_t at = out->len;
  for (size_t i = 0; i < sheet->n_columns; i++) {
    const char *cell = sheet->cells->pdata[row * sheet->n_columns + i];
    if (widths[i] == 0)
      continue;
    size_t from = out->len;
    columns_cut(out, cell, widths[i]);
    columns_pad(out, from, widths[i] + GAP);
  }
  while (out->len > at && out->str[out->len - 1] == ' ')
    g_string_truncate(out, out->len - 1);
  g_string_append_c(out, '\n');
}

void sheet_put(const Sheet *sheet, size_t indent, GString *out)
{
  size_t widths[SHEET_COLUMNS];
  for (size_t i = 0; i < sheet->n_columns; i++)
    widths[i] = width_of(sheet, i);
  for (size_t row = 0; row < sheet->cells->len / sheet->n_columns; row++) {
    g_string_append_printf(out, "%*s", (int)indent, "");
    put_row(sheet, row, widths, out);
  }
}
