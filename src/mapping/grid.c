// SPDX-License-Identifier: GPL-3.0-or-later
//
// CSV tables that operators keep in Excel.
#include "mapping_p.h"

#include <csv.h>
#include <string.h>

#define MAX_COLUMNS 256

struct Grid {
  char *name;
  GStringChunk *texts;
  GPtrArray *cells;  // of all rows, one after the other
  GArray *ends;      // size_t: where in `cells` each row ends
  size_t n_columns;
};

void grid_free(Grid *sheet)
{
  if (!sheet)
    return;
  g_ptr_array_unref(sheet->cells);
  g_array_unref(sheet->ends);
  g_string_chunk_free(sheet->texts);
  g_free(sheet->name);
  g_free(sheet);
}

// ---------------------------------------------------------------------------------------------
// Reading.

// Spaces around a cell are never meant, whatever their width: Excel does not show them.
static const char *trimmed(Grid *sheet, const char *text, size_t n_bytes)
{
  const char *end = text + n_bytes;
  while (text < end && g_unichar_isspace(g_utf8_get_char(text)))
    text = g_utf8_next_char(text);
  while (end > text) {
    const char *last = g_utf8_find_prev_char(text, end);
    if (!last || !g_unichar_isspace(g_utf8_get_char(last)))
      break;
    end = last;
  }
  return end == text ? "" : g_string_chunk_insert_len(sheet->texts, text, end - text);
}

static void take_cell(void *bytes, size_t n_bytes, void *data)
{
  Grid *sheet = data;
  g_ptr_array_add(sheet->cells, (void *)trimmed(sheet, bytes ? bytes : "", n_bytes));
}

static void take_row(int end, void *data)
{
  (void)end;
  Grid *sheet = data;
  size_t n_cells = sheet->cells->len;
  g_array_append_val(sheet->ends, n_cells);
}

static int never(unsigned char c)
{
  (void)c;
  return 0;
}

static int is_newline(unsigned char c)
{
  return c == '\n';
}

static Finding fault(const Grid *sheet, size_t row, const char *code)
{
  return (Finding){
      .level = FINDING_ERROR, .code = code, .file = sheet->name, .line = (int64_t)row + 1};
}

// One kind of line end, so that each row is told to us once, empty ones too: Excel counts those.
static GString *unix_lines(const char *bytes, size_t n_bytes)
{
  GString *text = g_string_sized_new(n_bytes + 1);
  for (size_t i = 0; i < n_bytes; i++) {
    bool before_newline = i + 1 < n_bytes && bytes[i + 1] == '\n';
    if (bytes[i] == '\r' && before_newline)
      continue;
    g_string_append_c(text, bytes[i] == '\r' ? '\n' : bytes[i]);
  }
  return text;
}

static bool parse(Grid *sheet, const GString *text, Findings *findings)
{
  struct csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
    g_error("libcsv: cannot start");
  csv_set_space_func(&parser, never);
  csv_set_term_func(&parser, is_newline);
  bool whole = csv_parse(&parser, text->str, text->len, take_cell, take_row, sheet) == text->len &&
               csv_fini(&parser, take_cell, take_row, sheet) == 0;
  csv_free(&parser);
  if (whole)
    return true;
  Finding finding = fault(sheet, sheet->ends->len, "table-quote");
  findings_add(findings, &finding,
               _("the quotes of this row or of a cell in it do not match: the table ends nowhere"));
  return false;
}

static bool check_widths(Grid *sheet, Findings *findings)
{
  sheet->n_columns = sheet->ends->len ? g_array_index(sheet->ends, size_t, 0) : 0;
  while (sheet->n_columns && !*grid_cell(sheet, 0, sheet->n_columns - 1))
    sheet->n_columns--;
  if (sheet->n_columns == 0 || sheet->n_columns > MAX_COLUMNS) {
    Finding finding = fault(sheet, 0, "table-header");
    findings_add(findings, &finding, _("the first row must name the columns"));
    return false;
  }
  bool fine = true;
  size_t start = 0;
  for (size_t row = 0; row < sheet->ends->len; row++) {
    size_t end = g_array_index(sheet->ends, size_t, row);
    for (size_t i = start + sheet->n_columns; i < end && fine; i++) {
      if (!*(const char *)sheet->cells->pdata[i])
        continue;
      grid_fault(sheet, row, i - start, findings, &(Finding){.code = "table-cell-extra"},
                 _("this cell is to the right of the last header"));
      fine = false;
    }
    start = end;
  }
  return fine;
}

static bool check_bytes(const Grid *sheet, const char *bytes, size_t n_bytes, Findings *findings)
{
  size_t bad_at;
  if (text_valid(bytes, n_bytes, &bad_at))
    return true;
  size_t row = 0;
  for (size_t i = 0; i < bad_at; i++)
    row += bytes[i] == '\n';
  Finding finding = fault(sheet, row, "table-bytes");
  findings_add(findings, &finding, _("not UTF-8: save the table as “CSV UTF-8”"));
  return false;
}

Grid *grid_parse(const char *bytes, size_t n_bytes, const char *name, Findings *findings)
{
  g_autoptr(Grid) sheet = g_new0(Grid, 1);
  sheet->name = g_strdup(name);
  sheet->texts = g_string_chunk_new(4096);
  sheet->cells = g_ptr_array_new();
  sheet->ends = g_array_new(false, false, sizeof(size_t));
  if (n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
    bytes += 3;
    n_bytes -= 3;
  }
  if (!check_bytes(sheet, bytes, n_bytes, findings))
    return NULL;
  GString *text = unix_lines(bytes, n_bytes);
  bool fine = parse(sheet, text, findings) && check_widths(sheet, findings);
  g_string_free(text, true);
  return fine ? g_steal_pointer(&sheet) : NULL;
}

// ---------------------------------------------------------------------------------------------
// Looking at it.

const char *grid_name(const Grid *sheet)
{
  return sheet->name;
}

size_t grid_n_rows(const Grid *sheet)
{
  return sheet->ends->len;
}

size_t grid_n_columns(const Grid *sheet)
{
  return sheet->n_columns;
}

const char *grid_cell(const Grid *sheet, size_t row, size_t column)
{
  if (row >= sheet->ends->len)
    return "";
  size_t start = row ? g_array_index(sheet->ends, size_t, row - 1) : 0;
  size_t end = g_array_index(sheet->ends, size_t, row);
  return start + column < end ? sheet->cells->pdata[start + column] : "";
}

bool grid_row_empty(const Grid *sheet, size_t row)
{
  for (size_t column = 0; column < sheet->n_columns; column++)
    if (*grid_cell(sheet, row, column))
      return false;
  return true;
}

void grid_fault(const Grid *sheet, size_t row, size_t column, Findings *findings,
                const Finding *what, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding finding = *what;
  finding.level = what->level == FINDING_WARNING ? FINDING_WARNING : FINDING_ERROR;
  finding.file = sheet->name;
  finding.line = (int64_t)row + 1;
  finding.column = (int64_t)column + 1;
  findings_add(findings, &finding, "%s", text);
}

int grid_column(const Grid *sheet, const char *const *words)
{
  for (size_t column = 0; column < sheet->n_columns; column++)
    if (g_strv_contains(words, grid_cell(sheet, 0, column)))
      return (int)column;
  return -1;
}
