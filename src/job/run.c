// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_p.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A scheduled run: its file, its steps one after the other, and what is kept of it.

static void job_clear(Job *job)
{
  site_free(job->site);
  yaml_free(job->yaml);
  g_free(job->folder);
  g_free(job->plan_path);
  g_free(job->bundle);
  run_record_free(job->record);
  run_wait_clear(job);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

// ---------------------------------------------------------------------------------------------
// The file.

static const char *const JOB_KEYS[] = {"site",          "steps",     "as_of",  "log",
                                       "approval",      "first_run", "bundle", "until",
                                       "retry_targets", "profile",   NULL};

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

static void check_steps(const Job *job, const YamlNode *steps, Findings *findings)
{
  g_autofree char *names = run_step_names();
  if (yaml_kind(steps) != YAML_LIST || yaml_count(steps) == 0)
    yaml_fault(job->yaml, steps != NULL ? steps : yaml_root(job->yaml), findings, "no-steps",
               _("`steps:` is a list of these: %s"), names);
  for (size_t i = 0; i < yaml_count(steps); i++)
    if (run_step(yaml_text(yaml_item(steps, i))) == NULL)
      yaml_fault(job->yaml, yaml_item(steps, i), findings, "unknown-step", _("a step is one of %s"),
                 names);
}

// "10m": how often a target that is down is tried again until the time is over.
static void read_retry(Job *job, const YamlNode *root, Findings *findings)
{
  const char *text = NULL;
  char *end = NULL;
  if (!yaml_read_text(job->yaml, root, "retry_targets", findings, &text))
    return;
  gint64 minutes = g_ascii_strtoll(text, &end, 10);
  bool fine = end != text && strcmp(end, "m") == 0 && minutes >= 1 && minutes <= 24 * 60;
  job->retry_minutes = fine ? (int)minutes : 0;
  if (!fine)
    yaml_fault(job->yaml, yaml_get(root, "retry_targets"), findings, "bad-minutes",
               _("“retry_targets” is a time such as 10m"));
  else if (job->until == NULL)
    yaml_fault(job->yaml, yaml_get(root, "retry_targets"), findings, "retry-without-end",
               _("“retry_targets” needs “until”: else nobody knows how long it may wait"));
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
  // What the command line says is stronger.
  if (job->until == NULL)
    yaml_read_text(job->yaml, root, "until", findings, &job->until);
  read_retry(job, root, findings);
  read_as_of(job, root, findings, &job->as_of);
  check_steps(job, yaml_get(root, "steps"), findings);
  if (findings_count_level(findings, FINDING_ERROR) == 0)
    return job_until(job->until, &job->timer, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has faults: see the findings"), path);
  return false;
}

char *job_site_of(const char *path, Findings *findings, GError **error)
{
  g_auto(Job) job = {0};
  job.folder = g_path_get_dirname(path);
  return read_job(&job, path, findings, error) ? beside(&job, job.site_path) : NULL;
}

// Several jobs may end in one second, and a clock may be set back: none takes the place of another's.
static char *report_name(const char *folder, GError **error)
{
  g_autoptr(GString) stamp = g_string_new(NULL);
  instant_format(instant_now(), stamp);
  for (int n = 1;; n++) {
    g_autofree char *more = n > 1 ? g_strdup_printf("-%d", n) : g_strdup("");
    g_autofree char *name = g_strdup_printf("%s/run-%s%s", folder, stamp->str, more);
    g_autofree char *path = g_strconcat(name, ".txt", NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
      close(fd);
      return g_steal_pointer(&name);
    }
    if (errno != EEXIST) {
      g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot write: %s"), path,
                  g_strerror(errno));
      return NULL;
    }
  }
}

static bool keep_report(const Job *job, GError **error)
{
  if (job->log == NULL)
    return true;
  g_autofree char *folder = beside(job, job->log);
  g_autofree char *name = file_make_dir(folder, 0700, error) ? report_name(folder, error) : NULL;
  if (name == NULL)
    return false;
  g_autofree char *path = g_strconcat(name, ".txt", NULL);
  g_autofree char *json_path = g_strconcat(name, ".json", NULL);
  g_autoptr(GString) json = g_string_new(NULL);
  report_run_json(&job->record->run, json);
  return file_write(path, job->out->str, job->out->len, 0600, error) &&
         file_write(json_path, json->str, json->len, 0600, error);
}

// A job that only plans is a dry run, and notes nothing.
static bool sends(const YamlNode *steps)
{
  for (size_t i = 0; i < yaml_count(steps); i++)
    if (run_step(yaml_text(yaml_item(steps, i)))->sends)
      return true;
  return false;
}

// Files of HR are taken in while another run is at work, and go or no go is asked before anything is noted; all else waits
// for what has come from products.
static bool needs_receipts(const Job *job, const RunStep *row)
{
  static const char *const before[] = {"intake", "doctor", NULL};
  return !job->received && !g_strv_contains(before, row->name);
}

static bool run_steps(Job *job, GError **error)
{
  const YamlNode *steps = yaml_get(yaml_root(job->yaml), "steps");
  bool receives = sends(steps);
  if (receives && !job_ledger_ready(job->site, error))
    return false;
  for (size_t i = 0; i < yaml_count(steps); i++) {
    const RunStep *row = run_step(yaml_text(yaml_item(steps, i)));
    if (row->sends && run_is_over(job, row->name))
      continue;
    if (receives && needs_receipts(job, row) && !run_receipts(job, error))
      return false;
    g_string_append_printf(job->out, "== %s\n", row->name);
    int64_t began_us = g_get_monotonic_time();
    size_t n_told = job->out->len;
    bool fine = row->run(job, error);
    ReportRunStep step = {row->name, (g_get_monotonic_time() - began_us) / 1000, *job->exit,
                          job->out->str + n_told};
    run_record_step(job->record, &step);
    if (!fine) {
      g_prefix_error(error, "%s: ", row->name);
      return false;
    }
  }
  return run_wait(job, error);
}

// The limits that the job goes by.
static bool choose_profile(const Job *job, Findings *findings, GError **error)
{
  const YamlNode *root = yaml_root(job->yaml);
  const char *name = NULL;
  g_autoptr(GError) fault = NULL;
  yaml_read_text(job->yaml, root, "profile", findings, &name);
  job->record->run.profile = name;
  if (name == NULL || site_choose_profile(job->site, name, &fault))
    return true;
  yaml_fault(job->yaml, yaml_get(root, "profile"), findings, "unknown-profile", "%s",
             fault->message);
  g_propagate_error(error, g_steal_pointer(&fault));
  return false;
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

static void load_site(Job *job, GError **error)
{
  g_autofree char *path = beside(job, job->site_path);
  g_autoptr(Findings) findings = findings_new();
  job->site = site_load(path, findings, error);
  if (job->site != NULL)
    run_status_begin(job->site, job->record, &job->mark);
  run_findings(job, findings);
}

static bool run(Job *job, const char *path, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  bool fine = read_job(job, path, findings, error);
  // Faults of the job, too, are told by the site's letters and its status.
  if (job->yaml != NULL)
    load_site(job, fine ? error : NULL);
  fine = fine && job->site != NULL && choose_profile(job, findings, error) &&
         choose_bundle(job, findings, error);
  run_findings(job, findings);
  return fine && run_steps(job, error);
}

static void judge(const Job *job, const GError *error)
{
  run_wait_count(job);
  *job->exit = exit_worse(*job->exit, job->planned);
  if (error != NULL)
    *job->exit =
        exit_worse(*job->exit, error->domain == IDOU_ERROR ? (ExitCode)error->code : EXIT_USAGE);
  run_record_end(job->record, *job->exit, error != NULL ? error->message : NULL);
}

// Where the record stands when all is done: it goes out with the run's letter, its JSON and its line in the log.
static void note_audit(const Job *job)
{
  ReportRun *run = &job->record->run;
  if (job->site == NULL)
    return;
  run_record_audit(job->record, job->site);
  if (run->audit == NULL || job->site->audit.socket == NULL)
    return;
  g_autofree char *text = g_strdup_printf("audit head %s, job %s", run->audit, run->job);
  const char *const fields[] = {"IDOU_AUDIT_HEAD", run->audit, "IDOU_JOB", run->job, NULL};
  if (!journal_line(job->site->audit.socket, &(JournalLine){5, text, fields}))
    log_note(LOG_NORMAL, _("%s does not take the head of the audit record: %s"),
             job->site->audit.socket, g_strerror(errno));
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

bool job_run(const JobRequest *request, GString *out, ExitCode *exit, GError **error)
{
  const char *path = request->path;
  g_auto(Job) job = {.bundle = g_strdup(request->bundle),
                     .until = request->until,
                     .interrupted = request->interrupted,
                     .out = out,
                     .exit = exit};
  g_autoptr(GError) fault = NULL;
  *exit = EXIT_DONE;
  job.folder = g_path_get_dirname(path);
  job.record = run_record_new(path);
  run(&job, path, &fault);
  judge(&job, fault);
  note_audit(&job);
  write_letters(&job);
  keep_all(&job, &fault);
  if (fault == NULL)
    return true;
  g_propagate_error(error, g_steal_pointer(&fault));
  return false;
}
