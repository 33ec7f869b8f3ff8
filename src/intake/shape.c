// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whether the file is whole: trailer, counts, rows as wide as the header.
#include "intake_p.h"

enum { RAGGED_SHOWN = 10 };

static void compare_count(Reading *reading, int64_t announced, int64_t n_rows, const Finding *at)
{
  g_autofree char *count_file = layout_count_file(reading->layout, reading->file);
  const char *by = g_str_equal(at->code, "trailer") ? _("its last row") : count_file;
  if (announced != n_rows)
    reading_reject(reading, at,
                   _("%" G_GINT64_FORMAT
                     " rows are announced by %s, but there are %" G_GINT64_FORMAT
                     "; ask for the file again"),
                   announced, by, n_rows);
}

static void take_trailer(Reading *reading)
{
  const Trailer *trailer = &reading->layout->trailer;
  Sheet *sheet = reading->sheet;
  size_t last = sheet_n_rows(sheet) - 1;
  Finding at = {.code = "trailer", .line = sheet_row(sheet, last)->line, .column = 1};
  if (last == 0 || !g_str_equal(sheet_cell(sheet, last, 0), trailer->match)) {
    reading_reject(reading, &at,
                   _("the last row should begin with “%s”: the file was cut off, or the layout is "
                     "not its own"),
                   trailer->match);
    return;
  }
  gint64 announced;
  at.column = trailer->count_column;
  if ((size_t)trailer->count_column > sheet_row(sheet, last)->n_cells ||
      !g_ascii_string_to_signed(sheet_cell(sheet, last, (size_t)trailer->count_column - 1), 10, 0,
                                G_MAXINT64, &announced, NULL)) {
    reading_reject(reading, &at, _("the trailer tells no number of rows in this column"));
    return;
  }
  g_array_set_size(sheet->rows, (guint)last);
  compare_count(reading, announced, (int64_t)last - 1, &at);
}

static void check_width(Reading *reading)
{
  const Sheet *sheet = reading->sheet;
  size_t n_columns = sheet_row(sheet, 0)->n_cells, n_shown = 0;
  for (size_t row = 1; row < sheet_n_rows(sheet) && n_shown < RAGGED_SHOWN; row++) {
    size_t n_cells = sheet_row(sheet, row)->n_cells;
    if (n_cells == n_columns)
      continue;
    n_shown++;
    reading_reject(reading,
                   &(Finding){.code = "csv-ragged",
                              .line = sheet_row(sheet, row)->line,
                              .column = (int64_t)MIN(n_cells, n_columns) + 1},
                   _("the row has %zu cells, the header %zu; ask for the file again"), n_cells,
                   n_columns);
  }
}

void shape_check(Reading *reading)
{
  const Sheet *sheet = reading->sheet;
  Finding at = {.code = "empty", .line = 1};
  if (sheet_n_rows(sheet) == 0) {
    reading_reject(reading, &at, _("the file is empty"));
    return;
  }
  if (reading->layout->trailer.match)
    take_trailer(reading);
  if (reading->rejected)
    return;
  reading->receipt->n_rows = (int64_t)sheet_n_rows(sheet) - 1;
  if (reading->n_expected >= 0)
    compare_count(reading, reading->n_expected, reading->receipt->n_rows,
                  &(Finding){.code = "count-file"});
  check_width(reading);
  if (sheet_n_rows(sheet) == 1)
    reading_reject(reading, &at, _("the file has a header and no rows"));
}
