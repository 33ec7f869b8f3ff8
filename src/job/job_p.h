// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_JOB_P_H
#define IDOU_JOB_P_H

#include <idou/job.h>

// A file of the spool, copied to where nobody else can write.
typedef struct StagedFile {
  const char *path;  // the private copy
  const char *name;  // as it came; NULL = the last part of the path
  const Layout *layout;
} StagedFile;

bool job_intake_staged(const Site *site, Store *store, const StagedFile *file, Findings *findings,
                       IntakeReceipt *receipt, GError **error);

// The approval in PLAN.approval if it holds for this plan now; NULL, said in the log, if not.
Approval *job_approval_beside(const char *plan_path, const Plan *plan);

// Approved plans of which a part waits for its day, oldest first; of several for one day only the one
// applied last. A false of the function stops with its error.
typedef bool (*JobApprovedFunc)(const char *plan_path, Date as_of, void *data, GError **error);
bool job_approved_waiting(const Site *site, JobApprovedFunc func, void *data, GError **error);

#endif
