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
  size_t n_planned;  // operations of the last plan
  bool unread;       // … some target could not be read for it, and it is worth trying again
  bool applied;      // … it was the one to be applied
  bool
      went_ahead;  // an approved plan was applied by this run, so what was planned before is planned anew
  bool eve;        // an approved plan is for this very day, and it has not begun
  const char *until;  // as job_until has it; NULL = no end
  int retry_minutes;  // how often what was lost is tried again before then; 0 = not
  Timer timer;
  bool advanced;       // the last try did something
  GArray *unfinished;  // RunUnfinished: plans that this run is to go on with
  volatile const int *interrupted;
  GString *out;
  ExitCode *exit;
  RunRecord *record;
  RunMark mark;
} Job;

// run_wait.c: a target that is closed or down now may be written to before the run's time is over.

typedef struct RunUnfinished {
  char *path;
  int64_t run;    // that began with it
  ExitCode exit;  // how its last try ended
  Instant opens;  // a closed target does; INSTANT_NONE = none is closed
} RunUnfinished;

// Whether the plan is to be gone on with: then what its try ended with does not count yet.
bool run_wait_takes(Job *job, const char *path, const ApplyReport *report);
// Goes on with them until they are at their end or time is over.
bool run_wait(Job *job, GError **error);
void run_wait_count(const Job *job);  // what the others ended with counts now
void run_wait_clear(Job *job);
bool run_wait_may(Job *job);  // what is lost may be tried again in this run
// Says so, when a step is not to be begun.
bool run_is_over(Job *job, const char *step);

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
bool run_apply_file(Job *job, const char *path, GError **error);
// Plans anew and applies it, if it holds anything.
bool run_plan_again(Job *job, GError **error);

#endif
