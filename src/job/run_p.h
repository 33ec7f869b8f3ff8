// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is kept of a scheduled run while it goes on, and what leaves idou when it is over.
#ifndef IDOU_RUN_P_H
#define IDOU_RUN_P_H

#include "job/job_p.h"

// ---------------------------------------------------------------------------------------------
// run_record.c

typedef struct RunRecord {
  ReportRun run;
  GHashTable *index;  // of run.counts
  GStringChunk *texts;
  int64_t began_us;  // of the monotonic clock: the other one is set
  Date as_of;        // of the last plan; DATE_NONE
  bool letters;      // steps that are more than sending letters were done
} RunRecord;

// `job` is the path of its file.
RunRecord *run_record_new(const char *job);
void run_record_free(RunRecord *record);
void run_record_step(RunRecord *record, const char *name, int64_t began_us, ExitCode exit);
void run_record_findings(RunRecord *record, const Findings *findings);
// In place of what was planned before.
void run_record_planned(RunRecord *record, const Planned *planned, const char *path);
void run_record_unplan(RunRecord *record);  // nothing comes of it

// A plan that is about to be applied: what of it was done before does not count again.
typedef struct RunBefore {
  int64_t run;        // 0 = none
  GHashTable *ended;  // numbers of its operations that had ended
} RunBefore;
void run_before(const Site *site, const char *plan_path, RunBefore *out);
void run_before_clear(RunBefore *before);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunBefore, run_before_clear)
void run_record_applied(RunRecord *record, const Site *site, const char *plan_path,
                        const ApplyReport *report, const RunBefore *before);
void run_record_end(RunRecord *record, ExitCode exit, const char *fault);

// ---------------------------------------------------------------------------------------------
// run_mail.c

// Queues the letters of the run. What cannot be is told in `out`, and changes nothing.
void run_mail_queue(const Site *site, const RunRecord *record, GString *out);
// Sends what waits. False, with the reason told, only when nothing can be sent for want of settings or of the queue.
bool run_mail_send(const Site *site, volatile const int *interrupted, MailSent *sent, GString *out);

// ---------------------------------------------------------------------------------------------
// run_status.c

// Held for as long as a run of the job is at work: whoever reads the status file can tell one that was killed.
typedef struct RunMark {
  Latches *latches;  // NULL: there is no status file, or another run of this job is at work
} RunMark;

// Notes that it is running, and in the record whether the one before came to its end. What goes wrong is logged.
void run_status_begin(const Site *site, RunRecord *record, RunMark *mark);
// Status file and metrics; the line for journald or syslog.
void run_status_end(const Site *site, const RunRecord *record, RunMark *mark);

// run_journal.c: one line. `socket`: journald's; when it is the system's and not there, syslog's is tried.
void run_journal(const char *socket, const ReportRun *run);

#endif
