// SPDX-License-Identifier: GPL-3.0-or-later
//
// The header: which column of the file is which of the layout.
#include "intake_p.h"

#include <string.h>

enum { SEARCH_ROWS = 20 };

static int find_column(const Layout *layout, const char *header)
{
  for (size_t i = 0; i < layout->columns->len; i++)
    if (g_str_equal(layout_column(layout, i)->header, header))
      return (int)i;
  return -1;
}

static const char *header_cell(const Reading *reading, const SheetRow *row, size_t column)
{
  const char *cell = row_cell(row, column);
  return reading->layout->trim ? cell_trim(reading->text, cell) : cell;
}

// A first row that is no header holds data: what could be a My Number is not shown.
static const char *shown_header(const char *header)
{
  g_autoptr(GString) digits = g_string_new(NULL);
  text_digits(header, digits);
  return digits->len >= 12 ? NULL : header;
}

// Every column that the layout cannot do without is in the row.
static bool is_header(const Reading *reading, const SheetRow *row)
{
  const Layout *layout = reading->layout;
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    bool found = column->optional;
    for (size_t n = 0; n < row->n_cells && !found; n++)
      found = g_str_equal(header_cell(reading, row, n), column->header);
    if (!found)
      return false;
  }
  return true;
}

// The line of a header below the row where it should be; 0 if there is none near.
static int64_t search_below(Reading *reading)
{
  Sheet *sheet = reading->sheet;
  size_t at = sheet->at;
  int64_t line = sheet->line, found = 0;
  Findings *findings = sheet->findings;
  g_autoptr(Findings) unused = findings_new();
  g_autoptr(SheetRow) row = row_new();
  sheet->findings = unused;
  for (size_t n = 0; n < SEARCH_ROWS && !found && sheet_next(sheet, row) == SHEET_ROW; n++)
    if (is_header(reading, row))
      found = row->line;
  sheet->findings = findings;
  sheet_seek(sheet, at, line);
  return found;
}

static void bind_cell(Reading *reading, size_t column)
{
  const char *header = header_cell(reading, reading->header, column);
  Finding at = {.code = "header-unknown",
                .line = row_cell_line(reading->header, column),
                .column = (int64_t)column + 1,
                .field = shown_header(header)};
  int slot = find_column(reading->layout, header);
  if (slot < 0) {
    reading_reject(reading, &at,
                   _("the layout “%s” knows no column with this header; add it under columns: or "
                     "ignore:, or use the file's own layout"),
                   reading->layout->name);
    return;
  }
  int *place = &g_array_index(reading->places, int, slot);
  at.code = "header-twice";
  if (*place >= 0)
    reading_reject(reading, &at, _("column %d has this header already"), *place + 1);
  *place = (int)column;
}

static void bind(Reading *reading)
{
  const Layout *layout = reading->layout;
  for (size_t i = 0; i < layout->columns->len; i++)
    g_array_index(reading->places, int, i) = -1;
  for (size_t column = reading->returned ? RETURN_COLUMNS : 0; column < reading->n_columns;
       column++)
    bind_cell(reading, column);
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    if (g_array_index(reading->places, int, i) < 0 && !column->optional)
      reading_reject(reading,
                     &(Finding){.code = "header-missing",
                                .line = reading->header->line,
                                .field = column->header},
                     _("the file has no column with this header"));
  }
}

// What a title above the header looks like: it is told once, not cell by cell.
static bool stands_below(Reading *reading)
{
  int64_t line = is_header(reading, reading->header) ? 0 : search_below(reading);
  if (line)
    reading_reject(reading, &(Finding){.code = "header-line", .line = line},
                   _("the header is on line %" G_GINT64_FORMAT
                     "; write header_line: %" G_GINT64_FORMAT " in the layout"),
                   line, line);
  return line != 0;
}

static SheetStep skip_above(Reading *reading)
{
  SheetStep step = SHEET_ROW;
  for (int line = 1; line < reading->layout->header_line && step == SHEET_ROW; line++)
    step = sheet_skip_line(reading->sheet, reading->header);
  return step;
}

static void count_columns(Reading *reading)
{
  const SheetRow *header = reading->header;
  size_t n = header->n_cells;
  while (n > 0 && *row_cell(header, n - 1) == '\0')
    n--;
  reading->n_columns = n;
  reading->n_extra = header->n_cells - n;
  g_array_set_size(reading->tallies, (guint)header->n_cells);
}

// Our own table of findings, corrected. A roster that lists everyone cannot come in parts.
static void take_back(Reading *reading)
{
  reading->returned = returns_is_header(reading->header);
  if (reading->returned && reading->layout->full)
    reading_reject(
        reading, &(Finding){.code = "returned-part", .line = reading->header->line},
        _("a table of findings has only some of the rows, and a file of this layout lists "
          "everyone: have the rows corrected in the whole file"));
}

bool header_read(Reading *reading)
{
  SheetStep step = skip_above(reading);
  if (step == SHEET_ROW)
    step = sheet_next(reading->sheet, reading->header);
  if (step == SHEET_END)
    reading_reject(reading, &(Finding){.code = "empty", .line = 1},
                   reading->layout->header_line > 1
                       ? _("the file ends above the line of its header")
                       : _("the file is empty"));
  if (step != SHEET_ROW) {
    reading->rejected = true;
    return false;
  }
  count_columns(reading);
  take_back(reading);
  if (!stands_below(reading))
    bind(reading);
  reading->bound = !reading->rejected;
  return true;
}
