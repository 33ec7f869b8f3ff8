// SPDX-License-Identifier: GPL-3.0-or-later
//
// Named exemptions: a CSV that operators keep in Excel. Each has a reason, somebody who approved it, and an end.
#include "dormant_p.h"

#include <string.h>

#define MOST_BYTES ((size_t)16 * 1024 * 1024)

enum { COLUMN_WHO, COLUMN_TARGET, COLUMN_REASON, COLUMN_BY, COLUMN_UNTIL, N_COLUMNS };

static const char *const columns[N_COLUMNS][6] = {
    [COLUMN_WHO] = {"対象", "account", "職員番号", "ログインID", "who", NULL},
    [COLUMN_TARGET] = {"システム", "target", NULL},
    [COLUMN_REASON] = {"理由", "reason", NULL},
    [COLUMN_BY] = {"承認者", "approved by", "approver", NULL},
    [COLUMN_UNTIL] = {"期限", "until", NULL},
};

static bool find_columns(const Grid *grid, int at[N_COLUMNS], Findings *findings)
{
  bool all = true;
  for (size_t i = 0; i < N_COLUMNS; i++) {
    at[i] = grid_column(grid, columns[i]);
    if (at[i] >= 0)
      continue;
    all = false;
    grid_fault(grid, 0, 0, findings, &(Finding){.code = "exemption-header"},
               _("there is no column “%s” (%s)"), columns[i][0], columns[i][1]);
  }
  return all;
}

// A row that lacks something is an error of the whole file: passed over, it would cost somebody the account.
static void take_row(Dormant *dormant, size_t row, const int at[N_COLUMNS], Findings *findings)
{
  static const DateForms forms = {.iso = true, .slash = true, .wareki = true};
  const char *cells[N_COLUMNS];
  for (size_t i = 0; i < N_COLUMNS; i++) {
    cells[i] = grid_cell(dormant->grid, row, (size_t)at[i]);
    if (*cells[i] == '\0')
      grid_fault(dormant->grid, row, (size_t)at[i], findings,
                 &(Finding){.code = "exemption-missing"}, _("“%s” (%s) is wanted in each row"),
                 columns[i][0], columns[i][1]);
  }
  DormantExemption exemption = {row,       cells[COLUMN_WHO],    cells[COLUMN_TARGET],
                                DATE_NONE, cells[COLUMN_REASON], cells[COLUMN_BY]};
  if (*cells[COLUMN_UNTIL] != '\0') {
    DateFault why = date_parse(cells[COLUMN_UNTIL], &forms, &exemption.until);
    if (why != DATE_FINE)
      grid_fault(dormant->grid, row, (size_t)at[COLUMN_UNTIL], findings,
                 &(Finding){.code = "exemption-day", .value = cells[COLUMN_UNTIL]}, "%s",
                 date_fault_text(why));
    else
      exemption.until++;  // the last day counts
  }
  g_array_append_val(dormant->exempt, exemption);
}

// One for a target that is none would exempt nobody, and nobody would know before the account is off.
static void check_target(Dormant *dormant, size_t row, size_t column, const EvidenceWorld *world,
                         Findings *findings)
{
  const char *target = grid_cell(dormant->grid, row, column);
  bool known = *target == '\0' || strcmp(target, "*") == 0;
  for (size_t i = 0; !known && world->targets[i] != NULL; i++)
    known = strcmp(world->targets[i]->name, target) == 0;
  if (!known)
    grid_fault(dormant->grid, row, column, findings,
               &(Finding){.code = "exemption-target", .value = target},
               _("there is no target “%s” in the site file"), target);
}

// Excel ends each line, the last one too. A file that was cut short lacks rows, and so people.
static void check_end(const Dormant *dormant, const char *text, size_t n, Findings *findings)
{
  if (n > 0 && text[n - 1] != '\n' && text[n - 1] != '\r')
    grid_fault(dormant->grid, grid_n_rows(dormant->grid) - 1, 0, findings,
               &(Finding){.code = "exemption-short"},
               _("the last line has no end: the file was cut short, or is still being written"));
}

bool dormant_exemptions_read(Dormant *dormant, const char *path, const EvidenceWorld *world,
                             Findings *findings, GError **error)
{
  g_autofree char *full =
      g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(dormant->folder, path, NULL);
  g_autoptr(GBytes) bytes = file_read(full, MOST_BYTES, error);
  if (bytes == NULL)
    return false;
  gsize n = 0;
  const char *text = g_bytes_get_data(bytes, &n);
  dormant->grid = grid_parse(text != NULL ? text : "", n, path, findings);
  int at[N_COLUMNS];
  if (dormant->grid == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s cannot be read: see the findings"), full);
    return false;
  }
  bool found = find_columns(dormant->grid, at, findings);
  for (size_t row = 1; found && row < grid_n_rows(dormant->grid); row++) {
    if (grid_row_empty(dormant->grid, row))
      continue;
    take_row(dormant, row, at, findings);
    check_target(dormant, row, (size_t)at[COLUMN_TARGET], world, findings);
  }
  if (found)
    check_end(dormant, text, n, findings);
  return true;
}

size_t dormant_n_exemptions(const Dormant *dormant)
{
  return dormant->exempt != NULL ? dormant->exempt->len : 0;
}

DormantNamed dormant_exemption(const Dormant *dormant, size_t i)
{
  const DormantExemption *row = &g_array_index(dormant->exempt, DormantExemption, i);
  return (DormantNamed){row->who, row->target, row->until, row->reason, row->by};
}
