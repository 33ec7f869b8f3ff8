// SPDX-License-Identifier: GPL-3.0-or-later
//
// The status file: read, changed and written again under a lock, since several jobs may end at one moment. It is also what
// the metrics are made from.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

#define LOCK_TRIES 100
// Whoever looks at the status has a mark for a moment.
#define MARK_TRIES 10
#define LOCK_PAUSE_US 50000
#define MAX_FILE_BYTES (16u << 20)

// A moment is enough for whoever has it; and it ends with its process.
static int lock_status(const Site *site, GError **error)
{
  g_autofree char *path = g_strconcat(site->status, ".lock", NULL);
  // The folder is the administrator's: one that we made would be ours alone.
  for (int i = 1;; i++) {
    g_autoptr(GError) local = NULL;
    int lock = file_lock(path, &local);
    if (lock >= 0)
      return lock;
    if (!g_error_matches(local, IDOU_ERROR, EXIT_LOCKED) || i == LOCK_TRIES) {
      g_propagate_error(error, g_steal_pointer(&local));
      return -1;
    }
    g_usleep(LOCK_PAUSE_US);
  }
}

static Latches *open_marks(const Site *site)
{
  g_autofree char *path = g_strconcat(site->status, ".running", NULL);
  g_autoptr(GError) error = NULL;
  Latches *latches = latches_open(path, &error);
  if (latches == NULL)
    log_note(LOG_NORMAL, "%s", error->message);
  return latches;
}

// A run notes that it began; nobody has its mark: it was killed.
static void find_killed(const Site *site, ReportStatus *status)
{
  g_autoptr(Latches) latches = NULL;
  for (guint i = 0; i < status->jobs->len; i++) {
    ReportJob *job = &g_array_index(status->jobs, ReportJob, i);
    bool got = false;
    if (job->running == INSTANT_NONE)
      continue;
    if (latches == NULL && (latches = open_marks(site)) == NULL)
      return;
    if (!latches_try(latches, job->name, &got, NULL) || !got)
      continue;
    latches_drop(latches, job->name);
    job->killed = job->running;
    job->running = INSTANT_NONE;
  }
}

// A damaged file is made anew: it holds nothing that the next runs do not tell again.
static void read_jobs(const Site *site, ReportStatus *status)
{
  g_autoptr(GError) error = NULL;
  if (site->status == NULL || !g_file_test(site->status, G_FILE_TEST_EXISTS))
    return;
  g_autoptr(GBytes) bytes = file_read(site->status, MAX_FILE_BYTES, &error);
  gsize n = 0;
  const char *text = bytes != NULL ? g_bytes_get_data(bytes, &n) : NULL;
  if (text == NULL)
    log_note(LOG_NORMAL, "%s", error->message);
  else if (!report_status_parse(text, n, status))
    log_note(LOG_NORMAL, _("%s is no status file of idou, and is made anew"), site->status);
}

static void expect_jobs(const Site *site, ReportStatus *status)
{
  for (guint i = 0; i < site->expected->len; i++) {
    const SiteExpected *expected = &g_array_index(site->expected, SiteExpected, i);
    report_status_job(status, expected->job)->expect_hours = expected->hours;
  }
}

static bool read_mail(const Site *site, ReportStatus *status, GError **error)
{
  MailQueue queue;
  status->has_mail = site->mail != NULL;
  bool fine = mail_look(site_mail(site), status->at, &queue, error);
  if (fine) {
    status->n_waiting = queue.n_waiting;
    status->n_late = queue.n_late;
    status->n_refused = queue.n_refused;
    status->n_aside = queue.n_aside;
    status->oldest = queue.oldest;
    status->down_since = queue.down_since;
  }
  mail_queue_clear(&queue);
  return fine;
}

static void count_awaited(const ReportAwaited *awaited, void *data)
{
  ReportStatus *status = data;
  status->n_receipts++;
  status->n_overdue += awaited->overdue;
}

static bool take_source(const EvidenceSourceRow *row, void *data)
{
  ReportStatus *status = data;
  ReportSource source = {g_string_chunk_insert(status->texts, row->name),
                         g_string_chunk_insert(status->texts, row->state), row->collected};
  g_array_append_val(status->sources, source);
  return true;
}

AuditHead run_status_head(const Site *site)
{
  AuditHead head = {.id = 0};
  g_autoptr(ReportStatus) status = report_status_new();
  read_jobs(site, status);
  if (status->audit != NULL)
    audit_head_parse(status->audit, &head, NULL);
  return head;
}

static bool is_kept(const AuditRow *row, void *data)
{
  AuditHead *kept = data;
  // Where it has been purged there is nothing to hold against it.
  if (row->id > kept->id || g_str_has_prefix(row->digest, kept->digest))
    kept->id = 0;
  return false;
}

// One that the record does not hold any more is kept: by it a record that was cut off and written on is found.
static bool has_gone(Store *store, AuditHead kept)
{
  return kept.id != 0 && (!store_audit_each(store, kept.id, is_kept, &kept, NULL) || kept.id != 0);
}

static void take_audit(Store *store, ReportStatus *status)
{
  AuditHead kept = {.id = 0}, head = {.id = 0};
  g_autoptr(GString) text = g_string_new(NULL);
  if (status->audit != NULL)
    audit_head_parse(status->audit, &kept, NULL);
  if (!audit_head(store, &head, NULL) || head.id == 0 || has_gone(store, kept))
    return;
  audit_head_format(&head, text);
  status->audit = g_string_chunk_insert(status->texts, text->str);
}

bool job_status(const Site *site, Store *store, ReportStatus **out, GError **error)
{
  g_autoptr(ReportStatus) status = report_status_new();
  status->at = instant_now();
  status->version = IDOU_VERSION;
  status->host = g_string_chunk_insert(status->texts, g_get_host_name());
  read_jobs(site, status);
  expect_jobs(site, status);
  if (site->status != NULL)
    find_killed(site, status);
  if (!read_mail(site, status, error) ||
      (store != NULL && (!job_receipts_each(site, store, NULL, count_awaited, status, error) ||
                         !store_evidence_sources_each(store, take_source, status, error))))
    return false;
  if (store != NULL) {
    job_progress(site, store, status);
    take_audit(store, status);
  }
  *out = g_steal_pointer(&status);
  return true;
}

// ---------------------------------------------------------------------------------------------

// 0644: whoever watches is another account.
static bool write_files(const Site *site, const ReportStatus *status, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  report_status_json(status, text);
  if (!file_write(site->status, text->str, text->len, 0644, error))
    return false;
  if (site->metrics == NULL)
    return true;
  g_string_truncate(text, 0);
  report_status_metrics(status, text);
  return file_write(site->metrics, text->str, text->len, 0644, error);
}

typedef void (*StatusChange)(ReportJob *job, RunRecord *record, const RunMark *mark);

// The ledger may be locked, or not there yet: what it tells is then left out.
static void change(const Site *site, RunRecord *record, const RunMark *mark, StatusChange func)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(ReportStatus) status = NULL;
  int lock = lock_status(site, &error);
  g_autoptr(Store) store = lock >= 0 && g_file_test(site->store, G_FILE_TEST_EXISTS)
                               ? store_open(site->store, STORE_READ, NULL)
                               : NULL;
  bool fine = lock >= 0 && (job_status(site, store, &status, &error) ||
                            (store != NULL && job_status(site, NULL, &status, NULL)));
  if (fine) {
    func(report_status_job(status, record->run.job), record, mark);
    g_clear_error(&error);
    fine = write_files(site, status, &error);
  }
  if (!fine)
    log_note(LOG_NORMAL, _("the status file: %s"), error->message);
  if (lock >= 0)
    close(lock);
}

static void begin(ReportJob *job, RunRecord *record, const RunMark *mark)
{
  if (mark->latches == NULL)
    return;
  if (job->killed != INSTANT_NONE)
    record->run.killed = job->killed;
  job->killed = record->run.killed;
  job->running = record->run.began;
}

static void note(ReportJob *job, RunRecord *record, const RunMark *mark)
{
  (void)job, (void)record, (void)mark;
}

void run_status_note(void *noted)
{
  const RunNoted *what = noted;
  if (what->site->status != NULL)
    change(what->site, what->record, what->mark, note);
}

static void end(ReportJob *job, RunRecord *record, const RunMark *mark)
{
  const ReportRun *run = &record->run;
  if (mark->latches != NULL)
    job->running = job->killed = INSTANT_NONE;
  job->began = run->began;
  job->ended = run->ended;
  job->ms = run->ms;
  job->exit = run->exit;
  if (report_run_is_good(run->exit))
    job->good = run->ended;
  job->plan = run->plans->len > 0
                  ? g_array_index(run->plans, ReportRunPlan, run->plans->len - 1).digest
                  : NULL;
  job->said = record->said;
  job->told = record->told;
  job->n_errors = (int64_t)findings_count_level(run->findings, FINDING_ERROR);
  job->n_warnings = (int64_t)findings_count_level(run->findings, FINDING_WARNING) - job->n_errors;
  g_array_set_size(job->counts, 0);
  g_array_append_vals(job->counts, run->counts->data, run->counts->len);
}

// The mark is taken before the file says that a run is at work, and let go of after it says that it ended: in between
// nobody may think that it was killed.
void run_status_begin(const Site *site, RunRecord *record, RunMark *mark)
{
  bool got = false;
  if (site->status == NULL)
    return;
  // Whether the one before was killed can be told only as long as nobody has the mark.
  g_autoptr(ReportStatus) before = NULL;
  if (job_status(site, NULL, &before, NULL)) {
    const ReportJob *job = report_status_job(before, record->run.job);
    record->run.killed = job->killed;
    run_record_said(record, job->said, job->told);
  }
  mark->latches = open_marks(site);
  for (int i = 0; mark->latches != NULL && !got && i < MARK_TRIES; i++) {
    if (i > 0)
      g_usleep(LOCK_PAUSE_US);
    if (!latches_try(mark->latches, record->run.job, &got, NULL))
      break;
  }
  if (!got)
    g_clear_pointer(&mark->latches, latches_close);
  change(site, record, mark, begin);
}

void run_status_end(const Site *site, const RunRecord *record, RunMark *mark)
{
  if (site->status != NULL)
    change(site, (RunRecord *)record, mark, end);
  g_clear_pointer(&mark->latches, latches_close);
  if (site->journal != NULL)
    run_journal(site->journal, &record->run);
}
