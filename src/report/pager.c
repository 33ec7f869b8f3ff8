// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define SHEET_MM \
  177.0  // for what stands on a sheet: its foot, and what browsers round, are left over
#define WIDEST_MM 273u
#define CELL_MM 1.8  // of a cell, what is not text
#define PT_MM 0.3528
#define TABLE_PT 7.5
#define TABLE_LINE_MM 3.5
#define ROW_MM 0.9  // of a row, beside its lines
#define TEXT_PT 9.0
#define TEXT_LINE_MM 4.5
#define HEADING_MM 9.0
#define TABLE_END_MM 2.0
#define MOST_LINES 44  // of a row: one of more goes on in the next
// In sizes of the font: letters of the fonts in pager_style.css are narrower than this.
#define NARROW 0.62
#define WIDE 1.02

void pager_open(Pager *pager)
{
  *pager = (Pager){.sheets = g_ptr_array_new()};
  pager_break(pager);
}

void pager_close(Pager *pager)
{
  for (guint i = 0; i < pager->sheets->len; i++)
    g_string_free(pager->sheets->pdata[i], TRUE);
  g_ptr_array_unref(pager->sheets);
}

GString *pager_sheet(const Pager *pager)
{
  return pager->sheets->pdata[pager->sheets->len - 1];
}

void pager_break(Pager *pager)
{
  g_ptr_array_add(pager->sheets, g_string_new(NULL));
  pager->left_mm = SHEET_MM;
}

void pager_take(Pager *pager, double mm)
{
  pager->left_mm -= mm;
}

// ---------------------------------------------------------------------------------------------
// Lines.

static double width_of(gunichar c)
{
  bool half_kana = c >= 0xFF61 && c <= 0xFF9F;
  return c < 0x80 || half_kana ? NARROW : WIDE;
}

// Line ends are ours; other characters that are not seen are written out, before anything is measured.
static char *make_seen(const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  GString *seen = g_string_new(NULL);
  for (char **line = lines; *line; line++) {
    g_string_append(seen, line == lines ? "" : "\n");
    escape_text(seen, *line, ESCAPE_TERMINAL);
  }
  return g_string_free(seen, FALSE);
}

// Appends the text with a line end wherever a line is full. Returns how many lines it takes.
static size_t wrap(const char *text, double width_ems, GString *out)
{
  g_autofree char *seen = make_seen(text);
  size_t n_lines = 1;
  double used = 0;
  for (const char *at = seen; *at != '\0'; at = g_utf8_next_char(at)) {
    double width = width_of(g_utf8_get_char(at));
    if (*at == '\n' || (used > 0 && used + width > width_ems)) {
      g_string_append_c(out, '\n');
      n_lines++;
      used = 0;
    }
    if (*at == '\n')
      continue;
    g_string_append_len(out, at, g_utf8_next_char(at) - at);
    used += width;
  }
  return n_lines;
}

static void put_lines(GString *out, const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    g_string_append(out, line == lines ? "" : "<br>");
    html_text(out, *line);
  }
}

void pager_text(Pager *pager, const char *klass, const char *text)
{
  g_autoptr(GString) lines = g_string_new(NULL);
  size_t n = wrap(text, PAGER_MM / (TEXT_PT * PT_MM) - 2, lines);
  double mm = (double)n * TEXT_LINE_MM + 1;
  pager_need(pager, MIN(mm, SHEET_MM));
  GString *out = pager_sheet(pager);
  g_string_append(out, "<p");
  html_attribute(out, "class", klass);
  g_string_append_c(out, '>');
  put_lines(out, lines->str);
  g_string_append(out, "</p>\n");
  pager_take(pager, mm);
}

// Not alone at the end of a sheet.
void pager_heading(Pager *pager, const char *text)
{
  pager_need(pager, HEADING_MM + 4 * TEXT_LINE_MM);
  html_element(pager_sheet(pager), "h2", NULL, text);
  g_string_append_c(pager_sheet(pager), '\n');
  pager_take(pager, HEADING_MM);
}

// ---------------------------------------------------------------------------------------------
// Tables.

static size_t cell_lines(const PagerColumn *column, const char *text, GString *out)
{
  return wrap(text ? text : "", ((double)column->mm - CELL_MM) / (TABLE_PT * PT_MM), out);
}

static void begin_table(Pager *pager)
{
  GString *out = pager_sheet(pager);
  size_t most = 1;
  unsigned mm = 0;
  for (size_t i = 0; i < pager->n_columns; i++)
    mm += pager->columns[i].mm;
  g_string_append_printf(out, "<table class=\"grid w%u\"><colgroup>", mm);
  for (size_t i = 0; i < pager->n_columns; i++)
    g_string_append_printf(out, "<col class=\"w%u\">", pager->columns[i].mm);
  g_string_append(out, "</colgroup>\n<thead><tr>");
  for (size_t i = 0; i < pager->n_columns; i++) {
    g_autoptr(GString) lines = g_string_new(NULL);
    size_t n = cell_lines(&pager->columns[i], pager->columns[i].head, lines);
    most = MAX(most, n);
    g_string_append(out, "<th scope=\"col\">");
    put_lines(out, lines->str);
    g_string_append(out, "</th>");
  }
  g_string_append(out, "</tr></thead>\n<tbody>\n");
  pager_take(pager, (double)most * TABLE_LINE_MM + ROW_MM);
}

static void end_table(const Pager *pager)
{
  g_string_append(pager_sheet(pager), "</tbody></table>\n");
}

// A table that is open goes on there, under its head.
bool pager_need(Pager *pager, double mm)
{
  if (mm <= pager->left_mm)
    return false;
  if (pager->columns)
    end_table(pager);
  pager_break(pager);
  if (pager->columns)
    begin_table(pager);
  return true;
}

void pager_table(Pager *pager, const PagerColumn *columns, size_t n)
{
  pager_need(pager, 6 * TABLE_LINE_MM);
  pager->columns = columns;
  pager->n_columns = n;
  begin_table(pager);
}

void pager_table_end(Pager *pager)
{
  end_table(pager);
  pager->columns = NULL;
  pager_take(pager, TABLE_END_MM);
}

// At most so many lines of a text that was wrapped; *at goes on to the rest.
static void take_lines(const char **at, size_t n_lines, GString *out)
{
  while (**at != '\0' && n_lines > 0) {
    size_t n = strcspn(*at, "\n");
    g_string_append_len(out, *at, (gssize)n);
    *at += n;
    n_lines--;
    if (**at == '\n') {
      g_string_append(out, n_lines > 0 ? "\n" : "");
      (*at)++;
    }
  }
}

static void put_part(Pager *pager, const char *klass, const char **cells, size_t n_lines)
{
  GString *out = pager_sheet(pager);
  g_string_append(out, "<tr");
  html_attribute(out, "class", klass);
  g_string_append_c(out, '>');
  for (size_t i = 0; i < pager->n_columns; i++) {
    g_autoptr(GString) lines = g_string_new(NULL);
    take_lines(&cells[i], n_lines, lines);
    g_string_append(out, pager->columns[i].number ? "<td class=\"n\">" : "<td>");
    put_lines(out, lines->str);
    g_string_append(out, "</td>");
  }
  g_string_append(out, "</tr>\n");
  pager_take(pager, (double)n_lines * TABLE_LINE_MM + ROW_MM);
}

double pager_height(const Pager *pager, const char *const *cells)
{
  size_t most = 1;
  for (size_t i = 0; i < pager->n_columns; i++) {
    g_autoptr(GString) lines = g_string_new(NULL);
    size_t n = cell_lines(&pager->columns[i], cells[i], lines);
    most = MAX(most, n);
  }
  return (double)MIN(most, MOST_LINES) * TABLE_LINE_MM + ROW_MM;
}

void pager_row(Pager *pager, const char *klass, const char *const *cells)
{
  g_autoptr(GPtrArray) wrapped = g_ptr_array_new_with_free_func(g_free);
  g_autofree const char **rest = g_new0(const char *, pager->n_columns);
  size_t most = 1;
  for (size_t i = 0; i < pager->n_columns; i++) {
    GString *lines = g_string_new(NULL);
    size_t n = cell_lines(&pager->columns[i], cells[i], lines);
    most = MAX(most, n);
    g_ptr_array_add(wrapped, g_string_free(lines, FALSE));
    rest[i] = wrapped->pdata[i];
  }
  for (size_t n; most > 0; most -= n) {
    n = MIN(most, MOST_LINES);
    pager_need(pager, (double)n * TABLE_LINE_MM + ROW_MM);
    put_part(pager, klass, rest, n);
  }
}

// ---------------------------------------------------------------------------------------------

void pager_put(const Pager *pager, const char *foot, GString *out)
{
  for (guint i = 0; i < pager->sheets->len; i++) {
    const GString *sheet = pager->sheets->pdata[i];
    g_string_append(out, "<section class=\"sheet\">\n");
    g_string_append_len(out, sheet->str, (gssize)sheet->len);
    g_string_append(out, "<footer>");
    html_element(out, "span", NULL, foot);
    g_string_append_printf(out, "<b>%u/%u</b></footer>\n</section>\n", i + 1, pager->sheets->len);
  }
}

char *pager_style(void)
{
  GString *style = g_string_new(report_pager_style);
  for (unsigned mm = 1; mm <= WIDEST_MM; mm++)
    g_string_append_printf(style, ".w%u{width:%umm}", mm, mm);
  return g_string_free(style, FALSE);
}
