// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_JOB_P_H
#define IDOU_JOB_P_H

#include <idou/job.h>

// A file of the spool, copied to where nobody else can write.
typedef struct StagedFile {
  const char *path;  // the private copy
  const char *name;  // as it came
  const Layout *layout;
} StagedFile;

bool job_intake_staged(const Site *site, Store *store, const StagedFile *file, Findings *findings,
                       IntakeReceipt *receipt, GError **error);

#endif
