// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_p.h"

#include <string.h>

// Each step of a run is a row; one that fails ends the run, and the report says where.

void run_findings(const Job *job, const Findings *findings)
{
  run_record_findings(job->record, findings);
  if (findings_count(findings) > 0)
    report_findings(findings, false, job->out);
}

// What is kept for so many days only.
static bool purge(const Site *site, GError **error)
{
  if (!job_audit_purge(site, NULL, error))
    return false;
  int seal_days = site->passwords != NULL ? site->passwords->keep_days : 0;
  Instant now = instant_now();
  if (site->keep_rows_days == 0 && seal_days == 0)
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  return store != NULL &&
         (site->keep_rows_days == 0 ||
          store_rows_purge(store, now - (Instant)site->keep_rows_days * 86400, error) >= 0) &&
         (seal_days == 0 || store_seals_purge(store, now - (Instant)seal_days * 86400, error) >= 0);
}

static bool step_intake(Job *job, GError **error)
{
  if (!job_intake_spool(job->site, job->out, job->exit, error))
    return false;
  return purge(job->site, error);
}

// Before anything is planned or sent, so that nothing waits any longer for what has come.
bool run_receipts(Job *job, GError **error)
{
  ReceiptsDone done;
  bool fine = job_receipts_take(job->site, &done, error);
  if (fine && done.any)
    report_receipts_taken(&done.taken, job->out);
  if (fine)
    run_record_findings(job->record, done.taken.findings);
  *job->exit = exit_worse(*job->exit, done.exit);
  job->received = fine;
  receipts_done_clear(&done);
  return fine;
}

bool run_apply_file(Job *job, const char *path, GError **error)
{
  g_autoptr(GString) told = g_string_new(NULL);
  g_auto(RunApplying) applying = {.record = job->record, .path = path};
  RunNoted noted = {job->site, job->record, &job->mark};
  ApplyWatch watch = {run_record_begins, run_record_applied, &applying};
  ApplyRequest request = {.plan_path = path,
                          .watch = &watch,
                          .approval = job->approval,
                          .first_run = job->first_run,
                          .told = told,
                          .interrupted = job->interrupted,
                          .goes_on = true,
                          .timer = &job->timer,
                          .passes = run_status_note,
                          .passes_data = &noted};
  ApplyReport report = {0};
  bool fine = job_apply(job->site, &request, &report, error);
  if (fine) {
    report_apply(&report, false, job->out);
    g_string_append(job->out, told->str);
    if (!run_wait_takes(job, path, &report))
      *job->exit = exit_worse(*job->exit, report.exit);
  }
  apply_report_clear(&report);
  return fine;
}

// Who approved knew nothing of what HR has sent since; they may still leave somebody out, or approve another plan.
static void tell_newer(const Job *job, const JobApproved *approved)
{
  g_autoptr(Findings) findings = findings_new();
  if (approved->n_newer == 0)
    return;
  findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "approved-before"},
               ngettext("%s was made before %zu file was taken in (%s): it goes first as it was "
                        "approved, and what has come since is planned after it",
                        "%s was made before %zu files were taken in (the last: %s): it goes first "
                        "as it was approved, and what has come since is planned after it",
                        approved->n_newer),
               approved->path, approved->n_newer, approved->newer);
  run_findings(job, findings);
}

// What was approved for a day that has begun goes first; then what the last run left.
static bool apply_begun(const JobApproved *approved, void *data, GError **error)
{
  Job *job = data;
  if (date_start(approved->as_of) > instant_now() || approved->from != INSTANT_NONE)
    return true;
  job->went_ahead = true;
  tell_newer(job, approved);
  return run_apply_file(job, approved->path, error);
}

// In a segment a run that was cut short is over when its bundle holds no more: the next one says what shall be.
static bool is_over(const Job *job, const GError *fault)
{
  return job->bundle != NULL && fault->domain == IDOU_ERROR &&
         (fault->code == EXIT_BUNDLE_EXPIRED || fault->code == EXIT_BUNDLE_REPLAYED);
}

static bool finish_last(Job *job, GError **error)
{
  g_autofree char *path = NULL;
  bool superseded = false;
  if (!job_resume_path(job->site, &path, error) ||
      (path != NULL && !job_approved_superseded(job->site, path, &superseded, error)))
    return false;
  if (superseded) {
    g_string_append_printf(
        job->out, _("%s is not gone on with: another plan was approved for its day since\n"), path);
    return true;
  }
  GError *fault = NULL;
  if (path == NULL || run_apply_file(job, path, &fault))
    return true;
  if (!is_over(job, fault)) {
    g_propagate_error(error, fault);
    return false;
  }
  g_string_append_printf(job->out, _("%s is not gone on with: %s\n"), path, fault->message);
  g_error_free(fault);
  return true;
}

static bool step_continue(Job *job, GError **error)
{
  return job_approved_waiting(job->site, apply_begun, job, error) && finish_last(job, error);
}

static bool save_plan(Job *job, const Planned *planned, GError **error)
{
  g_free(job->plan_path);
  job->plan_path = job_plan_path(job->site, planned->plan);
  if (!planned_write(planned, job->plan_path, error))
    return false;
  planned_note(job->site, planned, job->plan_path);
  ReportPlan what = {.plan = planned->plan, .verdict = planned->verdict, .summary = true};
  if (!report_plan("text", &what, job->out, error))
    return false;
  report_plan_line(planned->plan, planned->verdict, job->out);
  run_record_planned(job->record, planned, job->plan_path);
  g_string_append_printf(job->out, "\nsaved: %s\n", job->plan_path);
  return true;
}

static bool plan(Job *job, GError **error)
{
  PlanRequest request = {.as_of = job->as_of,
                         .known_at = INSTANT_OPEN,
                         .first_run = job->first_run,
                         .approval = job->approval,
                         .bundle = job->bundle};
  Planned planned;
  bool fine = job_plan(job->site, &request, &planned, error);
  run_findings(job, planned.findings);
  fine = fine && save_plan(job, &planned, error) &&
         (!job->received || job_seats_keep(job->site, planned.seats, error));
  if (fine) {
    job->planned = planned.exit;
    job->n_planned = plan_n_ops(planned.plan);
  }
  planned_clear(&planned);
  return fine;
}

// With time left a target that is down is waited for; when it is the only one there is no plan until then.
static bool step_plan(Job *job, GError **error)
{
  GError *fault = NULL;
  bool fine = plan(job, &fault);
  bool down = !fine && g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD) && run_wait_may(job);
  if (!fine && !down) {
    g_propagate_error(error, fault);
    return false;
  }
  if (down) {
    g_string_append_printf(job->out, "%s\n", fault->message);
    job->planned = EXIT_UNREAD;
    job->n_planned = 0;
    g_clear_pointer(&job->plan_path, g_free);
    g_error_free(fault);
  }
  job->unread = job->planned == EXIT_UNREAD && run_wait_may(job);
  return true;
}

bool run_plan_again(Job *job, GError **error)
{
  if (!step_plan(job, error))
    return false;
  if (job->planned == EXIT_PENDING)
    job->planned = EXIT_DONE;
  return job->n_planned == 0 || run_apply_file(job, job->plan_path, error);
}

// Of the latest run of the plan, a part waits for its day.
static bool waits(const Job *job, const char *digest, bool *out, GError **error)
{
  g_autoptr(Store) store = store_open(job->site->store, STORE_READ, error);
  RunRow run;
  if (store == NULL)
    return false;
  *out = store_run_by_digest(store, digest, &run) && strcmp(run.state, "done") != 0 &&
         strcmp(run.state, "held") != 0 && strcmp(run.state, "failed") != 0;
  return true;
}

static bool apply_eve(const JobApproved *approved, void *data, GError **error)
{
  Job *job = data;
  bool later = approved->from != INSTANT_NONE;
  if (approved->as_of != job->as_of || (date_start(approved->as_of) <= instant_now() && !later))
    return true;
  job->eve = true;
  tell_newer(job, approved);
  if (later) {
    g_autoptr(GString) from = g_string_new(NULL);
    instant_format(approved->from, from);
    g_string_append_printf(job->out,
                           _("%s is approved for that day from %s on and waits for it; the rest "
                             "is planned when it is done\n"),
                           approved->path, from->str);
    return true;
  }
  g_string_append_printf(job->out, _("%s is approved for that day and goes first\n"),
                         approved->path);
  job->went_ahead = true;
  if (!run_apply_file(job, approved->path, error) ||
      !waits(job, approved->digest, &job->eve, error))
    return false;
  if (job->eve)
    g_string_append(job->out, _("it waits for its day; the rest is planned when it is done\n"));
  return true;
}

// Runs that have not come to their end are finished first, with the plans they began with; then the rest is
// planned, anew if something was done meanwhile.
static bool step_apply(Job *job, GError **error)
{
  g_autofree char *path = NULL;
  // One whose file was moved, with its approval, is found where it is now; one that is gone, finish_last tells.
  bool due = !job_resume_path(job->site, &path, NULL) || path != NULL;
  if (!job_approved_waiting(job->site, apply_begun, job, error) || !finish_last(job, error) ||
      !job_approved_waiting(job->site, apply_eve, job, error))
    return false;
  if (job->eve) {
    // What this run's own plan would change or hold does not count: it is not the one that is applied.
    if (job->planned < EXIT_REJECTED)
      job->planned = EXIT_DONE;
    run_record_unplan(job->record);
    return true;
  }
  if (due || job->went_ahead)
    g_clear_pointer(&job->plan_path, g_free);
  if (job->plan_path == NULL && !step_plan(job, error))
    return false;
  // What was pending is about to be applied.
  if (job->planned == EXIT_PENDING)
    job->planned = EXIT_DONE;
  job->applied = true;
  return job->plan_path == NULL || run_apply_file(job, job->plan_path, error);
}

// A source that cannot be believed keeps nobody from anything: what depends on it is not judged.
static bool step_evidence(Job *job, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  EvidenceDone done = {0};
  bool fine = job_evidence(job->site, NULL, findings, &done, error);
  run_findings(job, findings);
  if (fine)
    g_string_append_printf(job->out, _("evidence: %zu of %zu sources, %zu accounts\n"),
                           done.n_sources - done.n_bad, done.n_sources, done.n_rows);
  *job->exit = exit_worse(*job->exit, done.exit);
  return fine;
}

// Judged by today, whatever day the job plans for: a use is known or not known by now. Letters go out when it is done.
static bool step_dormant(Job *job, GError **error)
{
  DormantRequest request = {.as_of = date_of_instant(instant_now()),
                            .first_run = job->first_run,
                            .approval = job->approval};
  DormantDone done;
  if (!finish_last(job, error))
    return false;
  bool fine = job_dormant(job->site, &request, &done, error);
  run_findings(job, done.findings);
  if (fine) {
    report_dormant(&(ReportDormant){.dormant = done.dormant, .report = &done.report}, job->out);
    *job->exit = exit_worse(*job->exit, done.report.exit);
    fine = job_dormant_seen(job->site, &done.report, error);
  }
  if (fine && done.planned.plan != NULL)
    fine = save_plan(job, &done.planned, error) && run_apply_file(job, job->plan_path, error);
  g_clear_pointer(&job->plan_path, g_free);
  fine = fine && job_dormant_tell(job->site, &done, job->out, error);
  dormant_done_clear(&done);
  return fine;
}

// Answers of units and operators; what they mean is planned by the step that asked.
static bool step_inquiry(Job *job, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  bool fine = job_inquiry_spool(job->site, job->out, job->exit, error) &&
              job_inquiry_tell(job->site, findings, job->out, error);
  run_findings(job, findings);
  return fine;
}

// Letters that wait. One that cannot be sent now waits on, which is no failure; one that somebody shall never get is.
static bool step_mail(Job *job, GError **error)
{
  MailSent sent;
  if (site_mail(job->site) == NULL) {
    g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, _("the site file has no “mail”"));
    return false;
  }
  bool fine = run_mail_send(job->site, job->interrupted, &sent, job->out);
  if (!fine || sent.n_refused + sent.n_aside > 0)
    *job->exit = exit_worse(*job->exit, EXIT_FAILED);
  run_record_findings(job->record, sent.findings);
  mail_sent_clear(&sent);
  return true;
}

// What units answered, and what their answers no longer hold for, by a plan of its own: the night's plan then finds it so.
static bool apply_recertified(Job *job, const RecertifyPlanned *recertified, GError **error)
{
  const Planned *planned = &recertified->planned;
  if (!job_recertify_close(job->site, recertified, "idou run", error))
    return false;
  if (!recertified->any)
    return true;
  run_findings(job, planned->findings);
  bool fine = save_plan(job, planned, error) &&
              (plan_n_ops(planned->plan) == 0 || run_apply_file(job, job->plan_path, error));
  g_clear_pointer(&job->plan_path, g_free);
  return fine;
}

static bool step_recertify(Job *job, GError **error)
{
  RecertifyPlanned recertified;
  if (!finish_last(job, error))
    return false;
  bool fine = job_recertify_plan(job->site, job->as_of, false, &recertified, error);
  run_findings(job, recertified.findings);
  if (fine)
    fine = apply_recertified(job, &recertified, error);
  if (fine && recertified.exit >= EXIT_REJECTED)
    *job->exit = exit_worse(*job->exit, recertified.exit);
  recertify_planned_clear(&recertified);
  return fine;
}

static bool step_capacity(Job *job, GError **error)
{
  return job_capacity(job->site, job->out, job->exit, error);
}

static bool step_report(Job *job, GError **error)
{
  return job_reports_keep(job->site, job->out, error);
}

// Before anything is sent. What is no go is a finding, so that the letter says it.
static bool step_doctor(Job *job, GError **error)
{
  g_auto(DoctorDone) done = {0};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) names = g_string_new(NULL);
  job_doctor(job->site, &(DoctorRequest){.as_of = job->as_of}, &done);
  report_checks(done.checks, false, job->out);
  for (guint i = 0; i < done.checks->len; i++) {
    const ReportCheck *check = &g_array_index(done.checks, ReportCheck, i);
    if (check->state != CHECK_NO_GO && check->state != CHECK_WARN)
      continue;
    bool no_go = check->state == CHECK_NO_GO;
    Finding finding = {.level = no_go ? FINDING_ERROR : FINDING_WARNING,
                       .code = no_go ? "doctor-no-go" : "doctor-warn",
                       .subject = check->target};
    findings_add(findings, &finding, "%s: %s", check->name, check->text);
    if (no_go)
      g_string_append_printf(names, "%s%s%s%s", names->len > 0 ? ", " : "", check->name,
                             check->target != NULL ? " " : "",
                             check->target != NULL ? check->target : "");
  }
  run_record_findings(job->record, findings);
  if (done.exit == EXIT_DONE)
    return true;
  g_set_error(error, IDOU_ERROR, done.exit, _("no go: %s. Nothing was sent"), names->str);
  return false;
}

// What this run has done is read again, as far as targets tell it.
static bool step_readback(Job *job, GError **error)
{
  const GArray *plans = job->record->run.plans;
  bool fine = true;
  for (guint i = 0; fine && i < plans->len; i++) {
    const ReportRunPlan *plan = &g_array_index(plans, ReportRunPlan, i);
    g_autoptr(Findings) findings = findings_new();
    ReadbackCounts counts;
    if (plan->run == 0)
      continue;
    fine = readback_run(job->site, plan->path, plan->run, findings, &counts, error);
    run_findings(job, findings);
    g_string_append_printf(job->out,
                           _("readback of run %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT
                             " of %" G_GINT64_FORMAT
                             " operations are as executed, %" G_GINT64_FORMAT " cannot be told\n"),
                           plan->run, counts.n_so, counts.n, counts.n_unknown);
    if (fine && counts.n_so + counts.n_unknown < counts.n)
      *job->exit = exit_worse(*job->exit, EXIT_FAILED);
  }
  return fine;
}

static const RunStep STEPS[] = {
    {"intake", step_intake, false},      {"receipts", run_receipts, false},
    {"plan", step_plan, false},          {"apply", step_apply, true},
    {"continue", step_continue, true},   {"evidence", step_evidence, false},
    {"inquiry", step_inquiry, false},    {"dormant", step_dormant, true},
    {"recertify", step_recertify, true}, {"mail", step_mail, false},
    {"capacity", step_capacity, false},  {"report", step_report, false},
    {"doctor", step_doctor, false},      {"readback", step_readback, false},
};

const RunStep *run_step(const char *name)
{
  for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(STEPS); i++)
    if (strcmp(STEPS[i].name, name) == 0)
      return &STEPS[i];
  return NULL;
}

char *run_step_names(void)
{
  const char *names[G_N_ELEMENTS(STEPS) + 1] = {NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++)
    names[i] = STEPS[i].name;
  return g_strjoinv(", ", (char **)names);
}
