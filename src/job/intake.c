// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

bool job_intake_staged(const Site *site, Store *store, const StagedFile *file, Findings *findings,
                       IntakeReceipt *receipt, GError **error)
{
  IntakeOptions options = {.layout = file->layout,
                           .gaiji = site->gaiji,
                           .shrink_percent = site->shrink_percent,
                           .known_at = instant_now(),
                           .name = file->name};
  return intake_file(store, file->path, &options, findings, receipt, error);
}

bool job_intake_file(const Site *site, Store *store, const char *path, const Layout *layout,
                     Findings *findings, IntakeReceipt *receipt, GError **error)
{
  StagedFile file = {.path = path, .layout = layout};  // without a name: the path's last part
  return job_intake_staged(site, store, &file, findings, receipt, error);
}
