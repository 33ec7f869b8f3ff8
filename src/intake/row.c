// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_p.h"

#include <string.h>

SheetRow *row_new(void)
{
  SheetRow *row = g_new0(SheetRow, 1);
  row->text = g_string_new(NULL);
  row->cells = g_string_new(NULL);
  return row;
}

void row_free(SheetRow *row)
{
  if (!row)
    return;
  g_string_free(row->text, TRUE);
  g_string_free(row->cells, TRUE);
  g_free(row->starts);
  g_free(row);
}

static int64_t count_line_ends(const char *text)
{
  int64_t n = 0;
  for (const char *at = text; *(at += strcspn(at, "\r\n")); at++) {
    if (at[0] == '\r' && at[1] == '\n')
      at++;
    n++;
  }
  return n;
}

int64_t row_cell_line(const SheetRow *row, size_t column)
{
  int64_t line = row->line;
  for (size_t before = 0; before < column; before++)
    line += count_line_ends(row_cell(row, before));
  return line;
}
