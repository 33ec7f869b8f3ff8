// SPDX-License-Identifier: GPL-3.0-or-later
//
// Exceptions (who has an assignment, or has it not, whatever the posts say) and conflicts (duties that one person
// must not have both): CSV tables that operators keep in Excel, as decision tables are.
#include "mapping_p.h"

#include <string.h>

typedef struct Column {
  const char *words[4];  // headers, the first is the one that messages name; NULL-terminated
  bool needed;           // in the header and in each row
} Column;

typedef struct SheetReading {
  Library *library;
  const Grid *grid;
  const Column *columns;
  int at[8];  // column in the grid; -1 = none
  size_t n_faults;
} SheetReading;

G_GNUC_PRINTF(5, 6)
static void fault(SheetReading *reading, size_t row, unsigned i, const char *code,
                  const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  size_t column = reading->at[i] < 0 ? 0 : (size_t)reading->at[i];
  const char *cell = grid_cell(reading->grid, row, column);
  reading->n_faults++;
  grid_fault(reading->grid, row, column, reading->library->findings,
             &(Finding){.code = code, .value = *cell ? cell : NULL}, "%s", text);
}

static const char *cell_of(const SheetReading *reading, size_t row, unsigned i)
{
  return reading->at[i] < 0 ? "" : grid_cell(reading->grid, row, (size_t)reading->at[i]);
}

// ---------------------------------------------------------------------------------------------
// What both have in common.

static void find_columns(SheetReading *reading, unsigned n, const char *code)
{
  static const char *const remarks[] = {"備考", "remark", "remarks", NULL};
  size_t n_columns = grid_n_columns(reading->grid);
  for (unsigned i = 0; i < n; i++) {
    reading->at[i] = grid_column(reading->grid, reading->columns[i].words);
    if (reading->at[i] < 0 && reading->columns[i].needed)
      fault(reading, 0, i, code, _("there is no column “%s” (%s)"), reading->columns[i].words[0],
            reading->columns[i].words[1]);
  }
  for (size_t column = 0; column < n_columns; column++) {
    const char *header = grid_cell(reading->grid, 0, column);
    bool known = !*header || g_strv_contains(remarks, header);
    for (unsigned i = 0; i < n && !known; i++)
      known = reading->at[i] == (int)column;
    if (known)
      continue;
    reading->n_faults++;
    grid_fault(reading->grid, 0, column, reading->library->findings,
               &(Finding){.code = code, .value = header}, _("“%s” is no column of this table"),
               header);
  }
}

static void check_filled(SheetReading *reading, size_t row, unsigned n, const char *code)
{
  for (unsigned i = 0; i < n; i++)
    if (reading->columns[i].needed && !*cell_of(reading, row, i))
      fault(reading, row, i, code, _("“%s” (%s) is wanted in each row"),
            reading->columns[i].words[0], reading->columns[i].words[1]);
}

// ---------------------------------------------------------------------------------------------
// Exceptions.

enum { EX_NUMBER, EX_ASSIGNMENT, EX_ACTION, EX_FROM, EX_UNTIL, EX_REASON, EX_BY, N_EX };

static const Column exception_columns[N_EX] = {
    [EX_NUMBER] = {{"職員番号", "number", "番号", NULL}, true},
    [EX_ASSIGNMENT] = {{"割当", "assignment", NULL}, true},
    [EX_ACTION] = {{"扱い", "action", NULL}, true},
    [EX_FROM] = {{"開始日", "from", "開始", NULL}, true},
    [EX_UNTIL] = {{"終了日", "until", "終了", NULL}, true},
    [EX_REASON] = {{"理由", "reason", NULL}, true},
    [EX_BY] = {{"決定者", "decided by", "decided_by", NULL}, true},
};

static void read_day(SheetReading *reading, size_t row, unsigned i, Date *out)
{
  static const DateForms forms = {.iso = true, .slash = true, .wareki = true};
  const char *text = cell_of(reading, row, i);
  if (!*text)
    return;
  DateFault why = date_parse(text, &forms, out);
  if (why != DATE_FINE)
    fault(reading, row, i, "exception-day", "%s", date_fault_text(why));
}

static void read_action(SheetReading *reading, size_t row, Exception *exception)
{
  static const struct {
    const char *word;
    bool takes;
  } words[] = {{"付与", false}, {"give", false}, {"除外", true}, {"take", true}};
  const char *text = cell_of(reading, row, EX_ACTION);
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (strcmp(words[i].word, text) != 0)
      continue;
    exception->takes = words[i].takes;
    return;
  }
  if (*text)
    fault(reading, row, EX_ACTION, "exception-action",
          _("付与 (give) or 除外 (take) is wanted here"));
}

static void read_exception(SheetReading *reading, size_t row, Exception *out)
{
  *out = (Exception){.row = row,
                     .number = cell_of(reading, row, EX_NUMBER),
                     .assignment = cell_of(reading, row, EX_ASSIGNMENT),
                     .from = DATE_NONE,
                     .to = DATE_NONE,
                     .reason = cell_of(reading, row, EX_REASON),
                     .by = cell_of(reading, row, EX_BY)};
  check_filled(reading, row, N_EX, "exception-missing");
  read_action(reading, row, out);
  read_day(reading, row, EX_FROM, &out->from);
  read_day(reading, row, EX_UNTIL, &out->to);
  if (out->from == DATE_NONE || out->to == DATE_NONE)
    return;
  if (out->to < out->from)
    fault(reading, row, EX_UNTIL, "exception-day", _("it ends before it begins"));
  out->to++;  // the last day counts
}

static const Exceptions *take_exceptions(SheetReading *reading)
{
  size_t n_rows = grid_n_rows(reading->grid);
  Exception *rows = library_alloc(reading->library, MAX(n_rows, 1) * sizeof *rows);
  unsigned n = 0;
  find_columns(reading, N_EX, "exception-header");
  if (reading->n_faults)
    return NULL;
  for (size_t row = 1; row < n_rows; row++)
    if (!grid_row_empty(reading->grid, row))
      read_exception(reading, row, &rows[n++]);
  if (reading->n_faults)
    return NULL;
  Exceptions *out = library_alloc(reading->library, sizeof *out);
  *out = (Exceptions){grid_name(reading->grid), reading->grid, rows, n};
  return out;
}

const Exceptions *exceptions_parse(Library *library, const char *path)
{
  void *known;
  if (g_hash_table_lookup_extended(library->exceptions, path, NULL, &known))
    return known;
  SheetReading reading = {
      .library = library, .grid = library_sheet(library, path), .columns = exception_columns};
  const Exceptions *exceptions = reading.grid ? take_exceptions(&reading) : NULL;
  g_hash_table_insert(library->exceptions, (void *)library_text(library, path, strlen(path)),
                      (void *)exceptions);
  return exceptions;
}

// ---------------------------------------------------------------------------------------------
// Conflicts.

enum { CO_FIRST, CO_SECOND, CO_REASON, N_CO };

static const Column conflict_columns[N_CO] = {
    [CO_FIRST] = {{"割当1", "first", "割当１", NULL}, true},
    [CO_SECOND] = {{"割当2", "second", "割当２", NULL}, true},
    [CO_REASON] = {{"理由", "reason", NULL}, true},
};

bool conflict_names(const Conflict *conflict, unsigned side, const char *assignment)
{
  const char *word = conflict->sides[side];
  size_t n = strlen(word);
  return n > 0 && word[n - 1] == '*' ? strncmp(word, assignment, n - 1) == 0
                                     : strcmp(word, assignment) == 0;
}

static void read_conflict(SheetReading *reading, size_t row, Conflict *out)
{
  *out = (Conflict){
      .grid = reading->grid,
      .row = row,
      .sides = {cell_of(reading, row, CO_FIRST), cell_of(reading, row, CO_SECOND)},
      .reason = cell_of(reading, row, CO_REASON),
  };
  check_filled(reading, row, N_CO, "conflict-missing");
  if (*out->sides[0] && strcmp(out->sides[0], out->sides[1]) == 0 && !strchr(out->sides[0], '*'))
    fault(reading, row, CO_SECOND, "conflict-self",
          _("an assignment does not conflict with itself"));
}

static const Conflicts *take_conflicts(SheetReading *reading)
{
  size_t n_rows = grid_n_rows(reading->grid);
  Conflict *rows = library_alloc(reading->library, MAX(n_rows, 1) * sizeof *rows);
  unsigned n = 0;
  find_columns(reading, N_CO, "conflict-header");
  if (reading->n_faults)
    return NULL;
  for (size_t row = 1; row < n_rows; row++)
    if (!grid_row_empty(reading->grid, row))
      read_conflict(reading, row, &rows[n++]);
  if (reading->n_faults)
    return NULL;
  Conflicts *out = library_alloc(reading->library, sizeof *out);
  *out = (Conflicts){grid_name(reading->grid), reading->grid, rows, n};
  return out;
}

const Conflicts *conflicts_parse(Library *library, const char *path)
{
  void *known;
  if (g_hash_table_lookup_extended(library->conflicts, path, NULL, &known))
    return known;
  SheetReading reading = {
      .library = library, .grid = library_sheet(library, path), .columns = conflict_columns};
  const Conflicts *conflicts = reading.grid ? take_conflicts(&reading) : NULL;
  g_hash_table_insert(library->conflicts, (void *)library_text(library, path, strlen(path)),
                      (void *)conflicts);
  return conflicts;
}
