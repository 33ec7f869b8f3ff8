// SPDX-License-Identifier: GPL-3.0-or-later
//
// The first reading of a file: each row is judged in turn, and hardly anything is kept of it.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Rows.

static bool is_empty(const Reading *reading, const SheetRow *row)
{
  for (size_t i = reading->returned ? RETURN_COLUMNS : 0; i < row->n_cells; i++)
    if (*row_cell(row, i))
      return false;
  return true;
}

static size_t add_mark(Reading *reading, const SheetRow *row)
{
  Mark mark = {.begin = row->begin,
               .kind = KIND_NONE,
               .line = (int32_t)MIN(row->line, G_MAXINT32),
               .date = DATE_NONE};
  g_array_append_val(reading->records, mark);
  return reading->records->len - 1;
}

// Spreadsheets leave rows behind whose cells were cleared. In a table of findings the second of a row has none.
static bool passes_over(Reading *reading, const SheetRow *row)
{
  if (!(reading->layout->skip_empty || reading->returned) || !is_empty(reading, row))
    return false;
  reading->n_empty_rows += !reading->returned;
  return true;
}

static void note_empty(Reading *reading, size_t record)
{
  reading_note(reading, record, WORD_NONE, &(Finding){.level = FINDING_ERROR, .code = "empty-row"},
               _("a row of empty cells; have it taken out, or write empty_lines: skip in the "
                 "layout"));
}

// Returns the row to read the next one into.
static SheetRow *take_row(Reading *reading, SheetRow *row)
{
  if (passes_over(reading, row))
    return row;
  mynumber_count(reading, row);
  reading->receipt->n_rows++;
  if (!reading->bound)
    return row;
  size_t record = add_mark(reading, row);
  if (!shape_fits(reading, row) || reading->rejected)
    return row;
  bool empty = is_empty(reading, row);
  SheetRow *next = window_put(reading, record, row);
  if (empty)
    note_empty(reading, record);
  else
    record_judge(reading, record);
  return next;
}

static void read_rows(Reading *reading)
{
  bool has_trailer = reading->layout->trailer.match != NULL, waits = false;
  SheetRow *row = row_new(), *last = row_new();  // the last row is held back: it may be the trailer
  SheetStep step;
  for (size_t n = 1; (step = sheet_next(reading->sheet, row)) == SHEET_ROW; n++) {
    reading_forget(reading, n);
    if (!has_trailer) {
      row = take_row(reading, row);
      continue;
    }
    if (waits)
      last = take_row(reading, last);
    SheetRow *spare = last;
    last = row;
    row = spare;
    waits = true;
  }
  if (step == SHEET_FAULT) {
    reading->rejected = true;
    reading->receipt->n_rows = 0;
  } else if (has_trailer && reading->bound) {
    shape_trailer(reading, waits ? last : NULL);
  }
  row_free(row);
  row_free(last);
}

// ---------------------------------------------------------------------------------------------

// What was found goes to the caller. A column of My Numbers is judged also in a file that is rejected for
// something else, as far as it could be read, since such a file is not kept; other findings might show some
// of it, and the file as it is will not come again. Findings of rows say nothing where the rows cannot be
// trusted.
static void release(Reading *reading, Findings *findings)
{
  g_autoptr(Findings) of_file = reading->findings;
  g_autoptr(Findings) of_rows = g_steal_pointer(&reading->held);
  bool rejected = reading->rejected;
  reading->findings = findings;
  reading->sheet->findings = findings;
  if (mynumber_judge(reading))
    return;
  findings_take(findings, of_file);
  if (!rejected)
    findings_take(findings, of_rows);
}

static bool is_foreign(Reading *reading, const void *bytes, size_t n_bytes)
{
  const char *name = foreign_name(bytes, n_bytes);
  if (name)
    reading_reject(reading, &(Finding){.code = "no-text"}, _("this is %s, not a text file; %s"),
                   name, foreign_advice(reading->layout));
  return name;
}

void judge_file(Reading *reading, const void *bytes, size_t n_bytes)
{
  const Layout *layout = reading->layout;
  if (is_foreign(reading, bytes, n_bytes))
    return;
  Findings *findings = reading->findings;
  reading->findings = findings_new();
  reading->held = findings_new();
  reading->sheet = sheet_new(bytes, n_bytes, layout->encoding, layout->separator);
  reading->sheet->file = reading->file;
  reading->sheet->findings = reading->findings;
  reading->sheet->skip_empty = layout->skip_empty;
  if (header_read(reading))
    read_rows(reading);
  if (!reading->rejected)
    shape_count(reading);
  release(reading, findings);
  static void (*const steps[])(Reading *) = {shape_tell, record_declare, conflict_check,
                                             reorganisation_judge, cover_check};
  for (size_t i = 0; i < G_N_ELEMENTS(steps) && !reading->rejected; i++)
    steps[i](reading);
}
