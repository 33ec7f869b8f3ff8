// SPDX-License-Identifier: GPL-3.0-or-later
//
// Requests to the service desk, from the command line and from a CSV.
#include "job/job_p.h"

#include <string.h>

#define MOST_BYTES (4 * 1024 * 1024)

typedef struct Asking {
  const Site *site;
  const DeskRequest *request;
  DeskDone *done;
  GArray *out;
} Asking;

static const char *keep(const Asking *asking, const char *text)
{
  return g_string_chunk_insert_const(asking->done->texts, text);
}

// ---------------------------------------------------------------------------------------------
// The CSV.

enum { COLUMN_PERSON, COLUMN_TARGET, COLUMN_REQUESTER, COLUMN_WHY, N_COLUMNS };

static const char *const headers[N_COLUMNS][6] = {
    [COLUMN_PERSON] = {"職員番号", "番号", "number", "person", NULL},
    [COLUMN_TARGET] = {"システム", "系統", "system", "target", NULL},
    [COLUMN_REQUESTER] = {"依頼者", "申請者", "requester", NULL},
    [COLUMN_WHY] = {"理由", "事由", "reason", "why", NULL},
};

static bool find_columns(const Grid *grid, int columns[N_COLUMNS], GError **error)
{
  for (int i = 0; i < N_COLUMNS; i++)
    columns[i] = grid_column(grid, headers[i]);
  if (columns[COLUMN_PERSON] >= 0)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_USAGE,
      _("%s: its first row has no column “職員番号” (or “number”); the others are システム, "
        "依頼者 and 理由"),
      grid_name(grid));
  return false;
}

static bool knows_target(const Site *site, const char *name)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, name) == 0)
      return true;
  return false;
}

static const char *cell(const Grid *grid, size_t row, int column)
{
  return column < 0 ? "" : grid_cell(grid, row, (size_t)column);
}

static void take_row(Asking *asking, const Grid *grid, size_t row, const int columns[N_COLUMNS])
{
  Findings *findings = asking->done->findings;
  const char *person = cell(grid, row, columns[COLUMN_PERSON]);
  const char *target = cell(grid, row, columns[COLUMN_TARGET]);
  const char *why = cell(grid, row, columns[COLUMN_WHY]);
  why = *why == '\0' ? asking->request->why : why;
  const Finding empty = {.code = "desk-row", .subject = person};
  if (*person == '\0') {
    grid_fault(grid, row, (size_t)columns[COLUMN_PERSON], findings, &empty,
               _("the row names nobody"));
  } else if (*target != '\0' && !knows_target(asking->site, target)) {
    grid_fault(grid, row, (size_t)columns[COLUMN_TARGET], findings, &empty,
               _("there is no target “%s” in the site file"), target);
  } else if (why == NULL) {
    grid_fault(grid, row, (size_t)MAX(columns[COLUMN_WHY], 0), findings, &empty,
               _("the row gives no reason, and there is no --why"));
  } else {
    DeskAsk ask = {.person = keep(asking, person),
                   .target = *target != '\0' ? keep(asking, target) : asking->request->target,
                   .requester = keep(asking, cell(grid, row, columns[COLUMN_REQUESTER])),
                   .why = keep(asking, why),
                   .file = keep(asking, grid_name(grid)),
                   .line = (int64_t)row + 1};
    g_array_append_val(asking->out, ask);
  }
}

static bool read_csv(Asking *asking, GError **error)
{
  const char *path = asking->request->requests;
  g_autoptr(GBytes) bytes = file_read(path, MOST_BYTES, error);
  if (bytes == NULL)
    return false;
  gsize n = 0;
  const char *at = g_bytes_get_data(bytes, &n);
  g_autofree char *name = g_path_get_basename(path);
  g_autoptr(Grid) grid = grid_parse(at != NULL ? at : "", n, name, asking->done->findings);
  int columns[N_COLUMNS];
  if (grid == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_REJECTED, _("%s cannot be read: see the findings"), path);
    return false;
  }
  if (!find_columns(grid, columns, error))
    return false;
  for (size_t row = 1; row < grid_n_rows(grid); row++)
    if (!grid_row_empty(grid, row))
      take_row(asking, grid, row, columns);
  return true;
}

// ---------------------------------------------------------------------------------------------

bool desk_asks_read(const Site *site, const DeskRequest *request, DeskDone *done, GArray *out,
                    GError **error)
{
  Asking asking = {site, request, done, out};
  if (request->target != NULL && !knows_target(site, request->target)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no target “%s” in the site file"),
                request->target);
    return false;
  }
  for (const char *const *person = request->people; *person != NULL; person++) {
    DeskAsk ask = {
        .person = *person, .target = request->target, .requester = "", .why = request->why};
    g_array_append_val(out, ask);
  }
  return request->requests == NULL || read_csv(&asking, error);
}
