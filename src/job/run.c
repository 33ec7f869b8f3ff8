// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A scheduled run. Each step is a row; a step that fails ends the run, and the report says where.

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

typedef bool (*JobStep)(Job *job, GError **error);

static void job_clear(Job *job)
{
  site_free(job->site);
  yaml_free(job->yaml);
  g_free(job->folder);
  g_free(job->plan_path);
  g_free(job->bundle);
  run_record_free(job->record);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

static void add_findings(const Job *job, const Findings *findings)
{
  run_record_findings(job->record, findings);
  if (findings_count(findings) > 0)
    report_findings(findings, false, job->out);
}

// ---------------------------------------------------------------------------------------------
// Steps.

// What is kept for so many days only.
static bool purge(const Site *site, GError **error)
{
  int seal_days = site->passwords != NULL ? site->passwords->keep_days : 0;
  Instant now = instant_now();
  if (site->keep_rows_days == 0 && seal_days == 0)
    return true;
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, error);
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
static bool step_receipts(Job *job, GError **error)
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

static bool apply_file(Job *job, const char *path, GError **error)
{
  g_autoptr(GString) told = g_string_new(NULL);
  ApplyRequest request = {.plan_path = path,
                          .approval = job->approval,
                          .first_run = job->first_run,
                          .told = told,
                          .interrupted = job->interrupted};
  ApplyReport report = {0};
  g_auto(RunBefore) before = {0};
  run_before(job->site, path, &before);
  bool fine = job_apply(job->site, &request, &report, error);
  run_record_applied(job->record, job->site, path, &report, &before);
  if (fine) {
    report_apply(&report, false, job->out);
    g_string_append(job->out, told->str);
    *job->exit = exit_worse(*job->exit, report.exit);
  }
  apply_report_clear(&report);
  return fine;
}

// What was approved for a day that has begun goes first; then what the last run left.
static bool apply_begun(const char *path, Date as_of, void *data, GError **error)
{
  return date_start(as_of) > instant_now() || apply_file(data, path, error);
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
  if (!job_resume_path(job->site, &path, error))
    return false;
  GError *fault = NULL;
  if (path == NULL || apply_file(job, path, &fault))
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
  ReportPlan what = {.plan = planned->plan, .verdict = planned->verdict, .summary = true};
  if (!report_plan("text", &what, job->out, error))
    return false;
  report_plan_line(planned->plan, planned->verdict, job->out);
  run_record_planned(job->record, planned, job->plan_path);
  g_string_append_printf(job->out, "\nsaved: %s\n", job->plan_path);
  return true;
}

static bool step_plan(Job *job, GError **error)
{
  PlanRequest request = {.as_of = job->as_of,
                         .known_at = INSTANT_OPEN,
                         .first_run = job->first_run,
                         .approval = job->approval,
                         .bundle = job->bundle};
  Planned planned;
  bool fine = job_plan(job->site, &request, &planned, error);
  add_findings(job, planned.findings);
  fine = fine && save_plan(job, &planned, error) &&
         (!job->received || job_seats_keep(job->site, planned.seats, error));
  if (fine)
    job->planned = planned.exit;
  planned_clear(&planned);
  return fine;
}

static bool apply_eve(const char *path, Date as_of, void *data, GError **error)
{
  Job *job = data;
  if (as_of != job->as_of || date_start(as_of) <= instant_now())
    return true;
  job->eve = true;
  g_string_append_printf(job->out,
                         _("%s is approved for that day and waits for it; the rest is "
                           "planned when it is done\n"),
                         path);
  return apply_file(job, path, error);
}

// Runs that have not come to their end are finished first, with the plans they began with; then the rest is
// planned, anew if something was done meanwhile.
static bool step_apply(Job *job, GError **error)
{
  g_autofree char *due = NULL;
  if (!job_resume_path(job->site, &due, error) ||
      !job_approved_waiting(job->site, apply_begun, job, error) || !finish_last(job, error) ||
      !job_approved_waiting(job->site, apply_eve, job, error))
    return false;
  if (job->eve) {
    // What this run's own plan would change or hold does not count: it is not the one that is applied.
    if (job->planned < EXIT_REJECTED)
      job->planned = EXIT_DONE;
    run_record_unplan(job->record);
    return true;
  }
  if (due != NULL)
    g_clear_pointer(&job->plan_path, g_free);
  if (job->plan_path == NULL && !step_plan(job, error))
    return false;
  // What was pending is about to be applied.
  if (job->planned == EXIT_PENDING)
    job->planned = EXIT_DONE;
  return apply_file(job, job->plan_path, error);
}

// A source that cannot be believed keeps nobody from anything: what depends on it is not judged.
static bool step_evidence(Job *job, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  EvidenceDone done = {0};
  bool fine = job_evidence(job->site, NULL, findings, &done, error);
  add_findings(job, findings);
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
  add_findings(job, done.findings);
  if (fine) {
    report_dormant(&(ReportDormant){.dormant = done.dormant, .report = &done.report}, job->out);
    *job->exit = exit_worse(*job->exit, done.report.exit);
    fine = job_dormant_seen(job->site, &done.report, error);
  }
  if (fine && done.planned.plan != NULL)
    fine = save_plan(job, &done.planned, error) && apply_file(job, job->plan_path, error);
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
  add_findings(job, findings);
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
  add_findings(job, planned->findings);
  bool fine = save_plan(job, planned, error) &&
              (plan_n_ops(planned->plan) == 0 || apply_file(job, job->plan_path, error));
  g_clear_pointer(&job->plan_path, g_free);
  return fine;
}

static bool step_recertify(Job *job, GError **error)
{
  RecertifyPlanned recertified;
  if (!finish_last(job, error))
    return false;
  bool fine = job_recertify_plan(job->site, job->as_of, false, &recertified, error);
  add_findings(job, recertified.findings);
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

static const struct {
  const char *name;
  JobStep run;
  bool sends;  // to targets
} STEPS[] = {
    {"intake", step_intake, false},      {"receipts", step_receipts, false},
    {"plan", step_plan, false},          {"apply", step_apply, true},
    {"continue", step_continue, true},   {"evidence", step_evidence, false},
    {"inquiry", step_inquiry, false},    {"dormant", step_dormant, true},
    {"recertify", step_recertify, true}, {"mail", step_mail, false},
    {"capacity", step_capacity, false},  {"report", step_report, false},
};

// ---------------------------------------------------------------------------------------------
// The file.

static const char *const JOB_KEYS[] = {"site",     "steps",     "as_of",  "log",
                                       "approval", "first_run", "bundle", NULL};

static bool read_as_of(const Job *job, const YamlNode *root, Findings *findings, Date *out)
{
  const char *text = "tomorrow";
  yaml_read_text(job->yaml, root, "as_of", findings, &text);
  Date today = date_of_instant(instant_now());
  // Today is planned for as it is now: the two are one.
  static const char *const words[] = {"today", "now", "tomorrow", NULL};
  if (g_strv_contains(words, text)) {
    *out = today + (strcmp(text, "tomorrow") == 0);
    return true;
  }
  yaml_fault(job->yaml, yaml_get(root, "as_of"), findings, "bad-day",
             _("as_of is today, tomorrow or now, not \"%s\""), text);
  return false;
}

static JobStep step_named(const char *name)
{
  for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(STEPS); i++)
    if (strcmp(STEPS[i].name, name) == 0)
      return STEPS[i].run;
  return NULL;
}

// "intake, receipts, plan …"
static char *step_names(void)
{
  const char *names[G_N_ELEMENTS(STEPS) + 1] = {NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++)
    names[i] = STEPS[i].name;
  return g_strjoinv(", ", (char **)names);
}

static void check_steps(const Job *job, const YamlNode *steps, Findings *findings)
{
  g_autofree char *names = step_names();
  if (yaml_kind(steps) != YAML_LIST || yaml_count(steps) == 0)
    yaml_fault(job->yaml, steps != NULL ? steps : yaml_root(job->yaml), findings, "no-steps",
               _("`steps:` is a list of these: %s"), names);
  for (size_t i = 0; i < yaml_count(steps); i++)
    if (step_named(yaml_text(yaml_item(steps, i))) == NULL)
      yaml_fault(job->yaml, yaml_item(steps, i), findings, "unknown-step", _("a step is one of %s"),
                 names);
}

static char *beside(const Job *job, const char *path)
{
  return g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(job->folder, path, NULL);
}

static bool read_job(Job *job, const char *path, Findings *findings, GError **error)
{
  job->yaml = yaml_load(path, findings, error);
  if (job->yaml == NULL)
    return false;
  const YamlNode *root = yaml_root(job->yaml);
  yaml_check_keys(job->yaml, root, JOB_KEYS, findings);
  job->site_path = "idou.yaml";
  yaml_read_text(job->yaml, root, "site", findings, &job->site_path);
  yaml_read_text(job->yaml, root, "log", findings, &job->log);
  const char *bundle = NULL;
  yaml_read_text(job->yaml, root, "bundle", findings, &bundle);
  if (bundle != NULL && job->bundle == NULL)
    job->bundle = beside(job, bundle);
  yaml_read_text(job->yaml, root, "approval", findings, &job->approval);
  yaml_read_bool(job->yaml, root, "first_run", findings, &job->first_run);
  read_as_of(job, root, findings, &job->as_of);
  check_steps(job, yaml_get(root, "steps"), findings);
  if (findings_count_level(findings, FINDING_ERROR) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has faults: see the findings"), path);
  return false;
}

static bool keep_report(const Job *job, GError **error)
{
  if (job->log == NULL)
    return true;
  g_autofree char *folder = beside(job, job->log);
  g_autoptr(GString) stamp = g_string_new(NULL);
  instant_format(instant_now(), stamp);
  g_autofree char *path = g_strdup_printf("%s/run-%s.txt", folder, stamp->str);
  g_autofree char *json_path = g_strdup_printf("%s/run-%s.json", folder, stamp->str);
  g_autoptr(GString) json = g_string_new(NULL);
  report_run_json(&job->record->run, json);
  return file_make_dir(folder, 0700, error) &&
         file_write(path, job->out->str, job->out->len, 0600, error) &&
         file_write(json_path, json->str, json->len, 0600, error);
}

// A job that only plans is a dry run, and notes nothing.
static bool sends(const YamlNode *steps)
{
  for (size_t i = 0; i < yaml_count(steps); i++)
    for (size_t k = 0; k < G_N_ELEMENTS(STEPS); k++)
      if (STEPS[k].sends && strcmp(STEPS[k].name, yaml_text(yaml_item(steps, i))) == 0)
        return true;
  return false;
}

static bool run_steps(Job *job, GError **error)
{
  const YamlNode *steps = yaml_get(yaml_root(job->yaml), "steps");
  bool receives = sends(steps);
  for (size_t i = 0; i < yaml_count(steps); i++) {
    const char *name = yaml_text(yaml_item(steps, i));
    // Files of HR are taken in while another run is at work; all else waits for it.
    if (receives && !job->received && step_named(name) != step_intake && !step_receipts(job, error))
      return false;
    g_string_append_printf(job->out, "== %s\n", name);
    int64_t began_us = g_get_monotonic_time();
    size_t n_told = job->out->len;
    bool fine = step_named(name)(job, error);
    ReportRunStep step = {name, (g_get_monotonic_time() - began_us) / 1000, *job->exit,
                          job->out->str + n_told};
    run_record_step(job->record, &step);
    if (!fine) {
      g_prefix_error(error, "%s: ", name);
      return false;
    }
  }
  return true;
}

// Of a folder the one whose turn it is.
static bool choose_bundle(Job *job, Findings *findings, GError **error)
{
  if (job->bundle == NULL || !g_file_test(job->bundle, G_FILE_TEST_IS_DIR))
    return true;
  char *chosen = job_bundle_choose(job->site, job->bundle, findings, job->exit, error);
  g_free(job->bundle);
  job->bundle = chosen;
  return chosen != NULL;
}

static bool run(Job *job, const char *path, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  bool fine = read_job(job, path, findings, error);
  if (fine) {
    g_autofree char *site_path = beside(job, job->site_path);
    job->site = site_load(site_path, findings, error);
    if (job->site != NULL)
      run_status_begin(job->site, job->record, &job->mark);
    fine = job->site != NULL && choose_bundle(job, findings, error);
  }
  add_findings(job, findings);
  return fine && run_steps(job, error);
}

static void judge(const Job *job, const GError *error)
{
  *job->exit = exit_worse(*job->exit, job->planned);
  if (error != NULL)
    *job->exit =
        exit_worse(*job->exit, error->domain == IDOU_ERROR ? (ExitCode)error->code : EXIT_USAGE);
  run_record_end(job->record, *job->exit, error != NULL ? error->message : NULL);
}

// Letters about it, and those that wait.
static void write_letters(const Job *job)
{
  MailSent sent;
  if (job->site == NULL)
    return;
  run_mail_queue(job->site, job->record, job->out);
  run_mail_send(job->site, job->interrupted, &sent, job->out);
  mail_sent_clear(&sent);
}

// The last line: what happened, and why it ended early.
static void tell_end(const Job *job)
{
  const ReportRun *run = &job->record->run;
  g_string_append_printf(job->out, _("run: %s (exit %d)"), exit_name(run->exit), (int)run->exit);
  if (run->fault != NULL) {
    g_string_append(job->out, ": ");
    escape_text(job->out, run->fault, ESCAPE_TERMINAL);
  }
  g_string_append_c(job->out, '\n');
}

static void keep_all(Job *job, GError **fault)
{
  g_autoptr(GError) unkept = NULL;
  size_t n_told = job->out->len;
  tell_end(job);
  if (!keep_report(job, &unkept) && *fault == NULL) {
    g_string_truncate(job->out, n_told);
    judge(job, unkept);
    tell_end(job);
    *fault = g_steal_pointer(&unkept);
  }
  if (job->site != NULL)
    run_status_end(job->site, job->record, &job->mark);
}

bool job_run(const char *path, const char *bundle, volatile const int *interrupted, GString *out,
             ExitCode *exit, GError **error)
{
  g_auto(Job)
      job = {.bundle = g_strdup(bundle), .interrupted = interrupted, .out = out, .exit = exit};
  g_autoptr(GError) fault = NULL;
  *exit = EXIT_DONE;
  job.folder = g_path_get_dirname(path);
  job.record = run_record_new(path);
  run(&job, path, &fault);
  judge(&job, fault);
  write_letters(&job);
  keep_all(&job, &fault);
  if (fault == NULL)
    return true;
  g_propagate_error(error, g_steal_pointer(&fault));
  return false;
}
