// SPDX-License-Identifier: GPL-3.0-or-later
//
// The rows of a CSV file, one at a time, in turn or again by their place: nothing is kept of them.
#include "intake_p.h"

#include <csv.h>
#include <string.h>

enum {
  COLUMNS_MAX = 1000,
  ROW_BYTES_MAX = 1 << 20,  // longer ones come from a quote that is never closed
  CELL_BLOCK_BYTES = 1 << 12
};

// ---------------------------------------------------------------------------------------------
// Physical lines.

static void begin_row(const Sheet *sheet, SheetRow *row)
{
  g_string_truncate(row->text, 0);
  g_string_truncate(row->cells, 0);
  row->n_cells = 0;
  row->begin = sheet->at;
  row->line = sheet->line;
  row->odd = row->quote = false;
}

// Where the next CR or LF is in a text of two bytes a character.
static size_t find_wide_end(const Sheet *sheet)
{
  size_t at = sheet->at;
  for (; at + 1 < sheet->n_bytes; at += 2)
    if (!sheet->bytes[at + 1] && (sheet->bytes[at] == '\n' || sheet->bytes[at] == '\r'))
      return at;
  return sheet->n_bytes;
}

static size_t find_end(Sheet *sheet)
{
  const char *bytes = sheet->bytes;
  if (sheet->encoding == ENCODING_UTF16LE)
    return find_wide_end(sheet);
  // A file whose lines end in CR alone is searched for its next LF once, not at each line.
  if (sheet->at < sheet->lf_from || sheet->at > sheet->lf) {
    const char *lf = memchr(bytes + sheet->at, '\n', sheet->n_bytes - sheet->at);
    sheet->lf_from = sheet->at;
    sheet->lf = lf ? (size_t)(lf - bytes) : sheet->n_bytes;
  }
  const char *cr = memchr(bytes + sheet->at, '\r', sheet->lf - sheet->at);
  return cr ? (size_t)(cr - bytes) : sheet->lf;
}

typedef struct Line {
  size_t n_content;
  size_t n_end;  // bytes of its end; 0 at the end of the file
  LineEnd end;
} Line;

static Line next_line(Sheet *sheet)
{
  size_t width = sheet->encoding == ENCODING_UTF16LE ? 2 : 1, end = find_end(sheet);
  Line line = {.n_content = end - sheet->at, .end = LINE_LF};
  if (end == sheet->n_bytes)
    return line;
  line.n_end = width;
  if (sheet->bytes[end] == '\n')
    return line;
  line.end = LINE_CR;
  if (end + 2 * width <= sheet->n_bytes && sheet->bytes[end + width] == '\n' &&
      (width == 1 || !sheet->bytes[end + 3])) {
    line.end = LINE_CRLF;
    line.n_end += width;
  }
  return line;
}

static void tell_undecodable(const Sheet *sheet, const SheetRow *row, DecodeFault fault,
                             size_t bad_at)
{
  Place place = decode_place(row->text, sheet->separator);
  g_autoptr(GString) bad = g_string_new(NULL);
  if (fault == DECODE_NUL)
    g_string_append(bad, "00");
  else if (fault == DECODE_BYTES)
    decode_show(sheet->bytes + bad_at, sheet->n_bytes - bad_at, bad);
  Finding at = {.level = FINDING_ERROR,
                .code = "undecodable",
                .file = sheet->file,
                .line = row->line + place.line - 1,
                .column = place.column,
                .value = bad->len ? bad->str : NULL};
  findings_add(sheet->findings, &at, _("character %" G_GINT64_FORMAT " of the line: %s"),
               place.character, decode_fault_text(fault));
}

// Decodes a line with its end to the end of the row's text.
static bool decode_line(Sheet *sheet, SheetRow *row, const Line *line)
{
  Decoded decoded = {.text = row->text, .odd = row->odd};
  DecodeFault fault = decoder_append(sheet->decoder, sheet->bytes + sheet->at,
                                     line->n_content + line->n_end, &decoded);
  // A tab is a character like others where it parts cells, else a control character.
  row->odd = decoded.odd || (decoded.tab && sheet->separator != '\t');
  row->quote = row->quote || decoded.quote;
  if (fault != DECODE_FINE)
    tell_undecodable(sheet, row, fault, sheet->at + decoded.bad_at);
  return fault == DECODE_FINE;
}

static void pass_line(Sheet *sheet, const Line *line)
{
  sheet->at += line->n_content + line->n_end;
  sheet->line++;
}

// ---------------------------------------------------------------------------------------------
// Cells.

// libcsv takes spaces and tabs off the ends of cells unless told that there are none.
static int no_space(unsigned char c)
{
  (void)c;
  return 0;
}

static void end_cell(void *bytes, size_t n_bytes, void *data)
{
  SheetRow *row = ((Sheet *)data)->row;
  row_begin_cell(row, row->cells->len);
  g_string_append_len(row->cells, bytes, (gssize)n_bytes);
  g_string_append_c(row->cells, '\0');
}

static void end_row(int terminator, void *data)
{
  (void)terminator;
  ((Sheet *)data)->ended = true;
}

static SheetStep fault(Sheet *sheet, int64_t line, const char *code, const char *text)
{
  sheet->stuck = true;
  Finding at = {.level = FINDING_ERROR,
                .code = code,
                .file = sheet->file,
                .line = line,
                .column = (int64_t)sheet->row->n_cells + 1};
  findings_add(sheet->findings, &at, "%s", text);
  return SHEET_FAULT;
}

static SheetStep unclosed(Sheet *sheet)
{
  return fault(sheet, sheet->row->line, "csv-unclosed",
               _("a quotation mark that opens in the row beginning here is never closed; ask for "
                 "the file again"));
}

static void strip_line_end(GString *text)
{
  size_t n = text->len;
  while (n > 0 && (text->str[n - 1] == '\n' || text->str[n - 1] == '\r'))
    n--;
  g_string_truncate(text, n);
}

// A row without quotation marks is what stands between its separators.
static void cut_plain(const Sheet *sheet, SheetRow *row)
{
  strip_line_end(row->text);
  g_string_append_len(row->cells, row->text->str, (gssize)row->text->len + 1);
  char *begin = row->cells->str, *end = begin + row->text->len;
  for (char *cell = begin; cell;) {
    row_begin_cell(row, (size_t)(cell - begin));
    char *separator = memchr(cell, sheet->separator, (size_t)(end - cell));
    if (separator)
      *separator = '\0';
    cell = separator ? separator + 1 : NULL;
  }
}

static SheetStep finish_row(Sheet *sheet, const Line *line)
{
  SheetRow *row = sheet->row;
  if (line->n_end)
    sheet->n_ends[line->end]++;
  if (sheet->empty_line && !sheet->skip_empty) {
    row->n_cells = 0;
    return fault(sheet, sheet->empty_line, "csv-empty-line",
                 _("an empty line between rows; ask for the file again, or write empty_lines: skip "
                   "in the layout"));
  }
  if (row->n_cells > COLUMNS_MAX)
    return fault(sheet, row->line, "csv-too-wide", _("more than 1000 columns"));
  return SHEET_ROW;
}

// Rows with quotation marks go through libcsv, a physical line after the other: so the number of a line
// and the bytes of a row are known exactly.
static SheetStep cut_quoted(Sheet *sheet, Line line)
{
  SheetRow *row = sheet->row;
  size_t n_fed = 0;
  sheet->ended = false;
  for (;;) {
    size_t n = row->text->len - n_fed;
    if (csv_parse(sheet->parser, row->text->str + n_fed, n, end_cell, end_row, sheet) != n)
      return fault(sheet, sheet->line, "csv-quote",
                   _("a quotation mark where none can be: a cell that holds one must be quoted, "
                     "with each inner mark doubled; or the cell before it was never closed"));
    n_fed += n;
    pass_line(sheet, &line);
    if (sheet->ended || sheet->at >= sheet->n_bytes)
      break;
    if (n_fed > ROW_BYTES_MAX)
      return unclosed(sheet);
    row->odd = true;  // it has line ends within
    line = next_line(sheet);
    if (!decode_line(sheet, row, &line))
      return SHEET_FAULT;
  }
  if (!sheet->ended && csv_fini(sheet->parser, end_cell, end_row, sheet) != 0)
    return unclosed(sheet);
  strip_line_end(row->text);
  return finish_row(sheet, &line);
}

static SheetStep cut_row(Sheet *sheet, const Line *line)
{
  SheetRow *row = sheet->row;
  if (row->quote)
    return cut_quoted(sheet, *line);
  cut_plain(sheet, row);
  pass_line(sheet, line);
  return finish_row(sheet, line);
}

// ---------------------------------------------------------------------------------------------
// The file.

static void start_parser(Sheet *sheet)
{
  if (csv_init(sheet->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
    g_error("libcsv: cannot start");
  csv_set_space_func(sheet->parser, no_space);
  csv_set_delim(sheet->parser, (unsigned char)sheet->separator);
  csv_set_blk_size(sheet->parser, CELL_BLOCK_BYTES);
}

Sheet *sheet_new(const void *bytes, size_t n_bytes, Encoding encoding, char separator)
{
  Sheet *sheet = g_new0(Sheet, 1);
  sheet->bytes = bytes;
  sheet->n_bytes = n_bytes;
  sheet->encoding = encoding;
  sheet->separator = separator;
  sheet->line = 1;
  sheet->lf_from = SIZE_MAX;
  sheet->fault = decode_body(&sheet->bytes, &sheet->n_bytes, encoding);
  sheet->decoder = decoder_new(encoding);
  sheet->parser = g_new0(struct csv_parser, 1);
  start_parser(sheet);
  return sheet;
}

void sheet_free(Sheet *sheet)
{
  if (!sheet)
    return;
  csv_free(sheet->parser);
  g_free(sheet->parser);
  decoder_free(sheet->decoder);
  g_free(sheet);
}

static bool can_begin(Sheet *sheet, SheetRow *row)
{
  begin_row(sheet, row);
  sheet->row = row;
  if (sheet->fault != DECODE_FINE)
    tell_undecodable(sheet, row, sheet->fault, 0);
  return sheet->fault == DECODE_FINE;
}

SheetStep sheet_skip_line(Sheet *sheet, SheetRow *row)
{
  if (!can_begin(sheet, row))
    return SHEET_FAULT;
  if (sheet->at >= sheet->n_bytes)
    return SHEET_END;
  Line line = next_line(sheet);
  if (!decode_line(sheet, row, &line))
    return SHEET_FAULT;
  pass_line(sheet, &line);
  return SHEET_ROW;
}

SheetStep sheet_next(Sheet *sheet, SheetRow *row)
{
  if (!can_begin(sheet, row))
    return SHEET_FAULT;
  sheet->empty_line = 0;
  while (sheet->at < sheet->n_bytes) {
    Line line = next_line(sheet);
    if (line.n_content > 0) {
      sheet->n_empty += sheet->empty_line ? sheet->line - sheet->empty_line : 0;
      begin_row(sheet, row);
      return decode_line(sheet, row, &line) ? cut_row(sheet, &line) : SHEET_FAULT;
    }
    if (!sheet->empty_line)
      sheet->empty_line = sheet->line;
    pass_line(sheet, &line);
  }
  return SHEET_END;
}

void sheet_seek(Sheet *sheet, size_t begin, int64_t line)
{
  if (sheet->stuck) {
    csv_free(sheet->parser);
    start_parser(sheet);
  }
  sheet->stuck = false;
  sheet->at = begin;
  sheet->line = line;
}
