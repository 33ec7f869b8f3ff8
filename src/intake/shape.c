// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whether the file is whole: trailer, counts, rows as wide as the header; and what was passed over.
#include "intake_p.h"

enum { RAGGED_SHOWN = 10 };

static void compare_count(Reading *reading, int64_t announced, const Finding *at)
{
  int64_t n_rows = reading->receipt->n_rows;
  g_autofree char *count_file = layout_count_file(reading->layout, reading->file);
  const char *by = g_str_equal(at->code, "trailer") ? _("its last row") : count_file;
  if (announced != n_rows)
    reading_reject(reading, at,
                   _("%" G_GINT64_FORMAT
                     " rows are announced by %s, but there are %" G_GINT64_FORMAT
                     "; ask for the file again"),
                   announced, by, n_rows);
}

void shape_trailer(Reading *reading, const SheetRow *row)
{
  const Trailer *trailer = &reading->layout->trailer;
  Finding at = {.code = "trailer", .line = row ? row->line : 1, .column = 1};
  if (!row || !g_str_equal(row_cell(row, 0), trailer->match)) {
    reading->receipt->n_rows += row != NULL;
    reading_reject(reading, &at,
                   _("the last row should begin with “%s”: the file was cut off, or the layout is "
                     "not its own"),
                   trailer->match);
    return;
  }
  gint64 announced;
  at.column = trailer->count_column;
  if ((size_t)trailer->count_column > row->n_cells ||
      !g_ascii_string_to_signed(row_cell(row, (size_t)trailer->count_column - 1), 10, 0, G_MAXINT64,
                                &announced, NULL)) {
    reading_reject(reading, &at, _("the trailer tells no number of rows in this column"));
    return;
  }
  compare_count(reading, announced, &at);
}

void shape_count(Reading *reading)
{
  Finding at = {.code = "empty", .line = reading->header->line};
  if (reading->n_expected >= 0)
    compare_count(reading, reading->n_expected, &(Finding){.code = "count-file"});
  if (reading->receipt->n_rows == 0)
    reading_reject(reading, &at, _("the file has a header and no rows"));
}

// ---------------------------------------------------------------------------------------------
// Width.

// The first cell beyond the header that says something; the number of cells if none does.
static size_t first_beyond(const Reading *reading, const SheetRow *row)
{
  size_t column = MIN(reading->n_columns, row->n_cells);
  while (column < row->n_cells && *row_cell(row, column) == '\0')
    column++;
  return column;
}

static void reject_width(Reading *reading, const SheetRow *row, size_t column)
{
  size_t n_wanted = reading->n_columns + reading->n_extra;
  Finding at = {.code = "csv-ragged",
                .line = row_cell_line(row, MIN(column, row->n_cells)),
                .column = (int64_t)column + 1};
  if (column < row->n_cells && column < n_wanted)
    reading_reject(reading, &at, _("a cell under no header; ask for the file again"));
  else if (row->n_cells >= reading->n_columns && first_beyond(reading, row) == row->n_cells)
    reading_reject(reading, &at,
                   _("the row has %zu cells, the header %zu; those beyond are empty: write "
                     "trailing_commas: true in the layout, or ask for the file again"),
                   row->n_cells, n_wanted);
  else
    reading_reject(reading, &at, _("the row has %zu cells, the header %zu; ask for the file again"),
                   row->n_cells, n_wanted);
}

// Where every row has the same empty cells at its end as the header, nothing is to be decided.
bool shape_fits(Reading *reading, const SheetRow *row)
{
  size_t n = row->n_cells, n_wanted = reading->n_columns + reading->n_extra;
  bool wide = n == n_wanted || (reading->layout->trailing && n >= reading->n_columns);
  size_t beyond = first_beyond(reading, row);
  if (wide && (n == reading->n_columns || beyond == n))
    return true;
  if (reading->n_ragged++ < RAGGED_SHOWN)
    reject_width(reading, row, wide ? beyond : MIN(n, n_wanted));
  return false;
}

// ---------------------------------------------------------------------------------------------
// What a reader of the receipt should know.

static void tell(Reading *reading, const Finding *finding, const char *text)
{
  Finding at = *finding;
  at.level = FINDING_NOTE;
  at.file = reading->file;
  findings_add(reading->findings, &at, "%s", text);
}

static void tell_line_ends(Reading *reading)
{
  const int64_t *n = reading->sheet->n_ends;
  if ((n[LINE_CRLF] > 0) + (n[LINE_LF] > 0) + (n[LINE_CR] > 0) < 2)
    return;
  g_autofree char *text = g_strdup_printf(
      _("rows end in different ways: %" G_GINT64_FORMAT " with CR LF, %" G_GINT64_FORMAT
        " with LF, %" G_GINT64_FORMAT " with CR; the file was put together or edited by hand"),
      n[LINE_CRLF], n[LINE_LF], n[LINE_CR]);
  tell(reading, &(Finding){.code = "line-ends-mixed"}, text);
}

static void tell_passed_over(Reading *reading)
{
  int64_t n_above = reading->layout->header_line - 1;
  int64_t n_empty = reading->sheet->n_empty + reading->n_empty_rows;
  if (n_above > 0) {
    g_autofree char *text = g_strdup_printf(
        ngettext("%" G_GINT64_FORMAT " line above the header was passed over",
                 "%" G_GINT64_FORMAT " lines above the header were passed over", (gulong)n_above),
        n_above);
    tell(reading, &(Finding){.code = "header-above", .line = 1}, text);
  }
  if (n_empty > 0 && reading->layout->skip_empty) {
    g_autofree char *text = g_strdup_printf(
        ngettext("%" G_GINT64_FORMAT " empty line was passed over",
                 "%" G_GINT64_FORMAT " empty lines were passed over", (gulong)n_empty),
        n_empty);
    tell(reading, &(Finding){.code = "empty-lines"}, text);
  }
}

static void tell_restored(Reading *reading)
{
  for (size_t i = 0; i < reading->layout->columns->len; i++) {
    int place = g_array_index(reading->places, int, i);
    const Tally *tally = place < 0 ? NULL : &g_array_index(reading->tallies, Tally, place);
    if (!tally || tally->n_restored == 0)
      continue;
    g_autofree char *text = g_strdup_printf(
        ngettext("%" G_GINT64_FORMAT " number had lost the zeros at its beginning; they were put "
                 "back as the layout says",
                 "%" G_GINT64_FORMAT
                 " numbers had lost the zeros at their beginning; they were put "
                 "back as the layout says",
                 (gulong)tally->n_restored),
        tally->n_restored);
    tell(reading,
         &(Finding){.code = "zeros-restored",
                    .line = tally->restored_line,
                    .column = place + 1,
                    .field = layout_column(reading->layout, i)->header},
         text);
  }
}

void shape_tell(Reading *reading)
{
  tell_passed_over(reading);
  tell_line_ends(reading);
  tell_restored(reading);
}
