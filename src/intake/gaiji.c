// SPDX-License-Identifier: GPL-3.0-or-later
//
// The table of a site's own characters.
#include "intake_p.h"

#include <string.h>

#define GAIJI_FIRST 0xE000u
#define N_GAIJI 1880u  // U+E000–U+E757: ten rows of 188 cells, F040–F9FC
#define CELLS_OF_ROW 188u
#define CELLS_BEFORE_7F 63u
#define EUC_CELLS 94u
enum { GAIJI_FILE_MAX = 1 << 20 };

struct Gaiji {
  char *texts[N_GAIJI];
};

Gaiji *gaiji_empty(void)
{
  return g_new0(Gaiji, 1);
}

void gaiji_free(Gaiji *gaiji)
{
  if (!gaiji)
    return;
  for (size_t i = 0; i < N_GAIJI; i++)
    g_free(gaiji->texts[i]);
  g_free(gaiji);
}

bool gaiji_is(gunichar code)
{
  return code >= GAIJI_FIRST && code < GAIJI_FIRST + N_GAIJI;
}

const char *gaiji_find(const Gaiji *gaiji, gunichar code)
{
  return gaiji && gaiji_is(code) ? gaiji->texts[code - GAIJI_FIRST] : NULL;
}

unsigned gaiji_cp932(gunichar code)
{
  unsigned n = code - GAIJI_FIRST, cell = n % CELLS_OF_ROW;
  return (0xF0u + n / CELLS_OF_ROW) << 8 | (0x40u + cell + (cell >= CELLS_BEFORE_7F));
}

// Ten rows of 94 cells from row 85 on in each of two planes.
unsigned gaiji_eucjp(gunichar code)
{
  unsigned n = code - GAIJI_FIRST, plane = n / (10 * EUC_CELLS);
  unsigned row = n / EUC_CELLS % 10, cell = n % EUC_CELLS;
  return (plane ? 0x8F0000u : 0) | (0xF5u + row) << 8 | (0xA1u + cell);
}

// "E000" and "F040" are the same cell.
static bool parse_code(const char *text, gunichar *code)
{
  guint64 number;
  if (!g_ascii_string_to_unsigned(text, 16, 0, 0xFFFF, &number, NULL))
    return false;
  *code = (gunichar)number;
  if (gaiji_is(*code))
    return true;
  unsigned row = (unsigned)number >> 8, trail = number & 0xFF;
  if (row < 0xF0 || row > 0xF9 || trail < 0x40 || trail > 0xFC || trail == 0x7F)
    return false;
  *code = GAIJI_FIRST + (row - 0xF0) * CELLS_OF_ROW + trail - 0x40 - (trail > 0x7F);
  return true;
}

// "U+9089 U+E0100"
static bool parse_text(const char *text, GString *out)
{
  g_auto(GStrv) parts = g_strsplit(text, " ", -1);
  for (char **part = parts; *part; part++) {
    guint64 code;
    if (!g_str_has_prefix(*part, "U+") ||
        !g_ascii_string_to_unsigned(*part + 2, 16, 0x20, 0x10FFFF, &code, NULL) ||
        !g_unichar_validate((gunichar)code) || gaiji_is((gunichar)code))
      return false;
    g_string_append_unichar(out, (gunichar)code);
  }
  return out->len > 0 && !text_has_control(out->str);
}

static bool read_row(Gaiji *gaiji, const SheetRow *row, const char *path, Findings *findings)
{
  Finding at = {FINDING_ERROR, "gaiji-table",    path, row->line, 1, "code",
                NULL,          row_cell(row, 0), NULL};
  gunichar code;
  g_autoptr(GString) text = g_string_new(NULL);
  if (row->n_cells < 2) {
    findings_add(findings, &at, _("the row has no column unicode"));
    return false;
  }
  if (!parse_code(at.value, &code)) {
    findings_add(findings, &at, _("no code of a gaiji: write E000–E757 or F040–F9FC"));
    return false;
  }
  at.column = 2, at.field = "unicode", at.value = row_cell(row, 1);
  if (!parse_text(at.value, text)) {
    findings_add(findings, &at, _("write the character as U+9089, or several as U+9089 U+E0100"));
    return false;
  }
  char **slot = &gaiji->texts[code - GAIJI_FIRST];
  if (*slot && !g_str_equal(*slot, text->str)) {
    findings_add(findings, &at, _("this gaiji has another character in a row above"));
    return false;
  }
  g_free(*slot);
  *slot = g_string_free(g_steal_pointer(&text), FALSE);
  return true;
}

static bool read_table(Gaiji *gaiji, Sheet *sheet)
{
  Finding at = {FINDING_ERROR, "gaiji-table", sheet->file, 1, 1, NULL, NULL, NULL, NULL};
  g_autoptr(SheetRow) row = row_new();
  SheetStep step = sheet_next(sheet, row);
  if (step == SHEET_FAULT)
    return false;
  if (step == SHEET_END || row->n_cells < 2 || !g_str_equal(row_cell(row, 0), "code") ||
      !g_str_equal(row_cell(row, 1), "unicode")) {
    findings_add(sheet->findings, &at, _("the first line must be code,unicode,remark"));
    return false;
  }
  bool good = true;
  while ((step = sheet_next(sheet, row)) == SHEET_ROW)
    good = read_row(gaiji, row, sheet->file, sheet->findings) && good;
  return good && step == SHEET_END;
}

Gaiji *gaiji_load(const char *path, Findings *findings, GError **error)
{
  g_autoptr(GBytes) bytes = file_read(path, GAIJI_FILE_MAX, error);
  if (!bytes)
    return NULL;
  size_t n_bytes;
  const void *data = g_bytes_get_data(bytes, &n_bytes);
  g_autoptr(Sheet) sheet = sheet_new(data, n_bytes, ENCODING_UTF8, ',');
  g_autoptr(Gaiji) gaiji = gaiji_empty();
  sheet->file = path;
  sheet->findings = findings;
  if (read_table(gaiji, sheet))
    return g_steal_pointer(&gaiji);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s: faults in the table of gaiji"), path);
  return NULL;
}
