// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <unistd.h>

bool job_intake_source(const Site *site, Store *store, const IntakeSource *source,
                       Findings *findings, IntakeReceipt *receipt, GError **error)
{
  // Beside the ledger, which holds the same data. A what-if may be made by somebody who may not write there.
  g_autofree char *folder = g_path_get_dirname(site->store);
  IntakeOptions options = {.layout = source->layout,
                           .gaiji = site->gaiji,
                           .shrink_percent = site->shrink_percent,
                           .known_at = instant_now(),
                           .name = source->name,
                           .work_folder = access(folder, W_OK) == 0 ? folder : NULL,
                           .is_copy = source->is_copy,
                           .returns = source->returns};
  return intake_file(store, source->path, &options, findings, receipt, error);
}

bool job_intake_file(const Site *site, Store *store, const char *path, const Layout *layout,
                     Findings *findings, IntakeReceipt *receipt, GError **error)
{
  IntakeSource source = {.path = path, .layout = layout};
  return job_intake_source(site, store, &source, findings, receipt, error);
}
