// SPDX-License-Identifier: GPL-3.0-or-later
//
// What somebody says became of operations: words of the command line, and a CSV.
#include "job/job_p.h"

#include <string.h>

#define MOST_BYTES (4 * 1024 * 1024)

static void clear_said(void *data)
{
  SettleSaid *said = data;
  g_free(said->detail);
  g_free((gpointer)said->where);
}

static bool parse_number(const char *text, SettleSaid *out)
{
  g_auto(GStrv) parts = g_strsplit(text, "-", 2);
  gint64 run = 0;
  guint64 n = 0;
  if (parts[0] == NULL || !g_ascii_string_to_signed(parts[0], 10, 1, G_MAXINT64, &run, NULL) ||
      (parts[1] != NULL && !g_ascii_string_to_unsigned(parts[1], 10, 1, G_MAXUINT32, &n, NULL)))
    return false;
  out->run = run;
  out->n = (uint32_t)n;
  return true;
}

static char *detail_of(const char *who, const char *why)
{
  return g_strdup_printf(_("by %s: %s"), who, why);
}

static bool take_word(const SettleRequest *request, const char *word, GArray *out, GError **error)
{
  SettleSaid said = {.kind = request->kind};
  if (!parse_number(word, &said)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“%s” is no operation such as 17-3, the third of run 17, or 17 for all of it"),
                word);
    return false;
  }
  if (request->kind == OUTCOME_UNKNOWN || request->who == NULL || request->why == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("say --done or --failed, and who says so (--by) and why (--why)"));
    return false;
  }
  said.detail = detail_of(request->who, request->why);
  said.where = g_strdup(word);
  g_array_append_val(out, said);
  return true;
}

// ---------------------------------------------------------------------------------------------
// The CSV. What its rows do not say, the command line does.

enum { COLUMN_OPERATION, COLUMN_RESULT, COLUMN_WHO, COLUMN_WHY, N_COLUMNS };

static const char *const headers[N_COLUMNS][5] = {
    [COLUMN_OPERATION] = {"操作", "operation", "number", NULL},
    [COLUMN_RESULT] = {"結果", "result", NULL},
    [COLUMN_WHO] = {"担当", "確認者", "by", "who", NULL},
    [COLUMN_WHY] = {"理由", "根拠", "why", "reason", NULL},
};

static const struct {
  const char *word;
  OutcomeKind kind;
} results[] = {{"done", OUTCOME_DONE},     {"完了", OUTCOME_DONE},   {"済", OUTCOME_DONE},
               {"failed", OUTCOME_FAILED}, {"失敗", OUTCOME_FAILED}, {"不可", OUTCOME_FAILED}};

static OutcomeKind result_of(const char *text, OutcomeKind standard)
{
  for (size_t i = 0; i < G_N_ELEMENTS(results); i++)
    if (strcmp(text, results[i].word) == 0)
      return results[i].kind;
  return *text == '\0' ? standard : OUTCOME_UNKNOWN;
}

// Of the row, else of the command line; "" when neither says it.
static const char *cell(const Grid *grid, size_t row, int column, const char *standard)
{
  const char *text = column < 0 ? "" : grid_cell(grid, row, (size_t)column);
  return *text == '\0' && standard != NULL ? standard : text;
}

typedef struct Saying {
  const SettleRequest *request;
  Findings *findings;
  GArray *out;  // SettleSaid
  int columns[N_COLUMNS];
} Saying;

static void take_row(const Saying *saying, const Grid *grid, size_t row)
{
  const SettleRequest *request = saying->request;
  const int *columns = saying->columns;
  Findings *findings = saying->findings;
  const char *number = cell(grid, row, columns[COLUMN_OPERATION], NULL);
  const char *who = cell(grid, row, columns[COLUMN_WHO], request->who);
  const char *why = cell(grid, row, columns[COLUMN_WHY], request->why);
  const Finding fault = {.code = "settle-row", .subject = number};
  SettleSaid said = {.kind =
                         result_of(cell(grid, row, columns[COLUMN_RESULT], NULL), request->kind)};
  if (!parse_number(number, &said)) {
    grid_fault(grid, row, (size_t)columns[COLUMN_OPERATION], findings, &fault,
               _("“%s” is no operation such as 17-3"), number);
  } else if (said.kind == OUTCOME_UNKNOWN) {
    grid_fault(grid, row, (size_t)MAX(columns[COLUMN_RESULT], 0), findings, &fault,
               _("the result is neither done (完了) nor failed (失敗)"));
  } else if (*who == '\0' || *why == '\0') {
    grid_fault(grid, row, (size_t)MAX(columns[COLUMN_WHY], 0), findings, &fault,
               _("the row does not tell who says so, or why"));
  } else {
    said.detail = detail_of(who, why);
    said.where = g_strdup_printf("%s:%zu: %s", grid_name(grid), row + 1, number);
    g_array_append_val(saying->out, said);
  }
}

static bool take_grid(Saying *saying, const Grid *grid, GError **error)
{
  for (int i = 0; i < N_COLUMNS; i++)
    saying->columns[i] = grid_column(grid, headers[i]);
  if (saying->columns[COLUMN_OPERATION] < 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%s: its first row has no column “操作” (or “operation”); the others are 結果, "
                  "担当 and 理由"),
                grid_name(grid));
    return false;
  }
  for (size_t row = 1; row < grid_n_rows(grid); row++)
    if (!grid_row_empty(grid, row))
      take_row(saying, grid, row);
  return true;
}

static bool take_file(const SettleRequest *request, Findings *findings, GArray *out, GError **error)
{
  g_autoptr(GBytes) bytes = file_read(request->file, MOST_BYTES, error);
  if (bytes == NULL)
    return false;
  gsize n = 0;
  const char *at = g_bytes_get_data(bytes, &n);
  g_autofree char *name = g_path_get_basename(request->file);
  g_autoptr(Grid) grid = grid_parse(at != NULL ? at : "", n, name, findings);
  Saying saying = {.request = request, .findings = findings, .out = out};
  if (grid != NULL && !take_grid(&saying, grid, error))
    return false;
  if (grid != NULL && findings_count_level(findings, FINDING_ERROR) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("%s has faults: see the findings. Nothing was settled"), request->file);
  return false;
}

bool settle_said_read(const SettleRequest *request, Findings *findings, GArray **out,
                      GError **error)
{
  g_autoptr(GArray) said = g_array_new(FALSE, FALSE, sizeof(SettleSaid));
  g_array_set_clear_func(said, clear_said);
  for (const char *const *word = request->numbers; *word != NULL; word++)
    if (!take_word(request, *word, said, error))
      return false;
  if (request->file != NULL && !take_file(request, findings, said, error))
    return false;
  *out = g_steal_pointer(&said);
  return true;
}
