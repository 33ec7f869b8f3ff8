// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_RUN_P_H
#define IDOU_RUN_P_H

#include "job/job_p.h"

// A run between its file (run.c) and its steps (run_steps.c).

typedef struct Job {
  Yaml *yaml;
  char *folder;
  const char *site_path;
  const char *log;  // folder for reports; NULL = none
  const char *approval;
  char *bundle;  // to plan from; NULL = from our own records
  Date as_of;
  bool first_run;
  Site *site;
  char *plan_path;   // made by this run and not applied yet; NULL = none
  ExitCode planned;  // what that plan alone would end the run with
  bool received;     // receipts were taken in
  bool eve;          // an approved plan is for this very day, and it has not begun
  volatile const int *interrupted;
  GString *out;
  ExitCode *exit;
  RunRecord *record;
  RunMark mark;
} Job;

// run_steps.c

typedef bool (*JobStep)(Job *job, GError **error);

typedef struct RunStep {
  const char *name;
  JobStep run;
  bool sends;  // to targets
} RunStep;

const RunStep *run_step(const char *name);  // NULL if there is none, or for NULL
char *run_step_names(void);                 // "intake, receipts, plan …"; caller frees
// For the record, and told.
void run_findings(const Job *job, const Findings *findings);
bool run_receipts(Job *job, GError **error);  // the step of that name

#endif
