// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_p.h"

#include <csv.h>
#include <string.h>

enum {
  COLUMNS_MAX = 1000,
  ROW_BYTES_MAX = 1 << 20,  // longer ones come from a quote that is never closed
  CELL_BLOCK_BYTES = 1 << 12
};

typedef struct Cutter {
  Sheet *sheet;
  const char *file;
  Findings *findings;
  struct csv_parser parser;
  SheetRow row;        // in the making
  size_t at;           // offset of the physical line being fed
  int64_t line;        // its number
  int64_t empty_line;  // the first empty line not yet followed by a row; 0 = none
  bool ended;          // a row ended in the line being fed
} Cutter;

Sheet *sheet_new(void)
{
  Sheet *sheet = g_new0(Sheet, 1);
  sheet->text = g_string_new(NULL);
  sheet->cells = g_string_new(NULL);
  sheet->starts = g_array_new(FALSE, FALSE, sizeof(size_t));
  sheet->rows = g_array_new(FALSE, FALSE, sizeof(SheetRow));
  return sheet;
}

void sheet_free(Sheet *sheet)
{
  if (!sheet)
    return;
  g_string_free(sheet->text, TRUE);
  g_string_free(sheet->cells, TRUE);
  g_array_unref(sheet->starts);
  g_array_unref(sheet->rows);
  g_free(sheet);
}

const SheetRow *sheet_row(const Sheet *sheet, size_t row)
{
  return &g_array_index(sheet->rows, SheetRow, row);
}

size_t sheet_n_rows(const Sheet *sheet)
{
  return sheet->rows->len;
}

const char *sheet_cell(const Sheet *sheet, size_t row, size_t column)
{
  size_t cell = sheet_row(sheet, row)->first + column;
  return sheet->cells->str + g_array_index(sheet->starts, size_t, cell);
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

int64_t sheet_cell_line(const Sheet *sheet, size_t row, size_t column)
{
  int64_t line = sheet_row(sheet, row)->line;
  for (size_t before = 0; before < column; before++)
    line += count_line_ends(sheet_cell(sheet, row, before));
  return line;
}

const char *sheet_raw(const Sheet *sheet, size_t row, size_t *n_bytes)
{
  *n_bytes = sheet_row(sheet, row)->n_bytes;
  return sheet->text->str + sheet_row(sheet, row)->begin;
}

// libcsv takes spaces and tabs off the ends of cells unless told that there are none.
static int no_space(unsigned char c)
{
  (void)c;
  return 0;
}

static void end_cell(void *bytes, size_t n_bytes, void *data)
{
  Cutter *cutter = data;
  Sheet *sheet = cutter->sheet;
  g_array_append_val(sheet->starts, sheet->cells->len);
  g_string_append_len(sheet->cells, bytes, (gssize)n_bytes);
  g_string_append_c(sheet->cells, '\0');
  cutter->row.n_cells++;
}

static void end_row(int terminator, void *data)
{
  (void)terminator;
  ((Cutter *)data)->ended = true;
}

static void fault(const Cutter *cutter, int64_t line, const char *code, const char *text)
{
  Finding at = {FINDING_ERROR, code, cutter->file, line, (int64_t)cutter->row.n_cells + 1,
                NULL,          NULL, NULL,         NULL};
  findings_add(cutter->findings, &at, "%s", text);
}

static bool quote_fault(const Cutter *cutter)
{
  fault(cutter, cutter->line, "csv-quote",
        _("a quotation mark where none can be: a cell that holds one must be quoted, with each "
          "inner mark doubled; or the cell before it was never closed"));
  return false;
}

static bool unclosed(const Cutter *cutter)
{
  fault(cutter, cutter->row.line, "csv-unclosed",
        _("a quotation mark that opens in the row beginning here is never closed; ask for the "
          "file again"));
  return false;
}

static bool keep_row(Cutter *cutter, size_t end)
{
  if (cutter->empty_line) {
    cutter->row.n_cells = 0;
    fault(cutter, cutter->empty_line, "csv-empty-line",
          _("an empty line between rows; ask for the file again"));
    return false;
  }
  if (cutter->row.n_cells > COLUMNS_MAX) {
    fault(cutter, cutter->row.line, "csv-too-wide", _("more than 1000 columns"));
    return false;
  }
  const char *text = cutter->sheet->text->str;
  while (end > cutter->row.begin && (text[end - 1] == '\n' || text[end - 1] == '\r'))
    end--;
  cutter->row.n_bytes = end - cutter->row.begin;
  g_array_append_val(cutter->sheet->rows, cutter->row);
  return true;
}

static void next_row(Cutter *cutter, size_t begin, int64_t line)
{
  cutter->row =
      (SheetRow){.begin = begin, .line = line, .first = cutter->sheet->starts->len, .n_cells = 0};
  cutter->ended = false;
}

// One physical line with its end: so the number of a line and the bytes of a row are known exactly.
static bool feed_line(Cutter *cutter, size_t n_bytes, size_t n_content)
{
  const char *text = cutter->sheet->text->str + cutter->at;
  size_t end = cutter->at + n_bytes;
  if (csv_parse(&cutter->parser, text, n_bytes, end_cell, end_row, cutter) != n_bytes)
    return quote_fault(cutter);
  if (cutter->ended) {
    if (!keep_row(cutter, end))
      return false;
    next_row(cutter, end, cutter->line + 1);
  } else if (n_content == 0 && cutter->row.begin == cutter->at) {
    if (!cutter->empty_line)
      cutter->empty_line = cutter->line;
    next_row(cutter, end, cutter->line + 1);
  } else if (end - cutter->row.begin > ROW_BYTES_MAX) {
    return unclosed(cutter);
  }
  return true;
}

static bool feed_all(Cutter *cutter)
{
  const GString *text = cutter->sheet->text;
  while (cutter->at < text->len) {
    const char *line = text->str + cutter->at;
    size_t n_content = strcspn(line, "\r\n");
    size_t n_end = line[n_content] == '\0' ? 0 : 1;
    if (line[n_content] == '\r' && line[n_content + 1] == '\n')
      n_end = 2;
    if (!feed_line(cutter, n_content + n_end, n_content))
      return false;
    cutter->at += n_content + n_end;
    cutter->line++;
  }
  if (csv_fini(&cutter->parser, end_cell, end_row, cutter) != 0)
    return unclosed(cutter);
  return !cutter->ended || keep_row(cutter, text->len);
}

bool sheet_parse(Sheet *sheet, char separator, const char *file, Findings *findings)
{
  Cutter cutter = {.sheet = sheet, .file = file, .findings = findings, .line = 1};
  if (csv_init(&cutter.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
    g_error("libcsv: cannot start");
  csv_set_space_func(&cutter.parser, no_space);
  csv_set_delim(&cutter.parser, (unsigned char)separator);
  csv_set_blk_size(&cutter.parser, CELL_BLOCK_BYTES);
  next_row(&cutter, 0, 1);
  bool good = feed_all(&cutter);
  csv_free(&cutter.parser);
  return good;
}
