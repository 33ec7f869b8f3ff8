// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_JOB_P_H
#define IDOU_JOB_P_H

#include <idou/job.h>

// The approval in PLAN.approval if it holds for this plan now; NULL, said in the log, if not.
Approval *job_approval_beside(const char *plan_path, const Plan *plan);

// Approved plans of which a part waits for its day, oldest first; of several for one day only the one
// applied last. A false of the function stops with its error.
typedef bool (*JobApprovedFunc)(const char *plan_path, Date as_of, void *data, GError **error);
bool job_approved_waiting(const Site *site, JobApprovedFunc func, void *data, GError **error);

#endif
