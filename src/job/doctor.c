// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <idou/audit.h>

#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// Whether a run may begin, asked while somebody can still do something about it. Each check looks by the same way as
// the run will: what it cannot tell it says so, and never "ok".

#define NIGHT_SECONDS (6 * 3600)

// Cursors: "at", when it looked last; "run", the last run whose time was wrong, as somebody said.
#define SCOPE "doctor"

static bool is_dispensable(const Site *site, const char *target)
{
  return target != NULL && site->doctor.without != NULL &&
         g_strv_contains(site->doctor.without, target);
}

static const char *keep(const Doctor *doctor, const char *text)
{
  return text != NULL ? g_string_chunk_insert(doctor->out->texts, text) : NULL;
}

void doctor_say(const Doctor *doctor, const ReportCheck *check, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  g_autofree char *text = g_strdup_vprintf(format, list);
  va_end(list);
  ReportCheck copy = {.name = check->name,
                      .target = keep(doctor, check->target),
                      .state = check->state,
                      .text = keep(doctor, text),
                      .advice = keep(doctor, check->advice)};
  if (check->state == CHECK_NO_GO && is_dispensable(doctor->site, check->target)) {
    copy.state = CHECK_WARN;
    copy.advice = keep(doctor, _("the run goes on without this target (doctor: without)"));
  }
  g_array_append_val(doctor->out->checks, copy);
}

static Instant machine_now(void)
{
  return g_get_real_time() / G_USEC_PER_SEC;
}

// ---------------------------------------------------------------------------------------------
// The ledger, and the clock by what it remembers.

static Instant remembered(Store *store, const char *name)
{
  const char *text = store_cursor_get(store, SCOPE, name);
  gint64 number = 0;
  return text != NULL && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL)
             ? number
             : INSTANT_NONE;
}

static bool remember(Store *store, const char *name, int64_t number, GError **error)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
  return store_cursor_set(store, SCOPE, name, text, error);
}

static void judge_clock(const Doctor *doctor, Store *store)
{
  ReportCheck check = {.name = "clock"};
  RunRow run;
  Instant last = remembered(store, "at");
  if (store_run_last(store, &run) && run.id > remembered(store, "run"))
    last = MAX(last, run.started);
  g_autoptr(GString) when = g_string_new(NULL);
  if (last == INSTANT_NONE) {
    doctor_say(doctor, &check, _("nothing was done before that it could be compared with"));
    return;
  }
  instant_format(last, when);
  if (instant_now() + doctor->site->doctor.clock_s >= last) {
    doctor_say(doctor, &check, _("it goes on from the last time, %s"), when->str);
    return;
  }
  check.state = CHECK_NO_GO;
  check.advice = _("set the clock right. If it is right, and was wrong then: idou doctor "
                   "--clock-is-right");
  doctor_say(doctor, &check, _("it was set back: idou was at work at %s, which is to come"),
             when->str);
}

// Of runs until now the time does not count any more, either, when somebody says that the clock is right now.
static bool note_ruling(const DoctorRequest *request, Store *store, GError **error)
{
  const AuditNote ruling = {.what = AUDIT_DECIDE,
                            .who = request->who,
                            .subject = "clock",
                            .detail = (const char *const[]){"clock", "is right now", NULL}};
  RunRow run;
  return (!store_run_last(store, &run) || remember(store, "run", run.id, error)) &&
         audit_note(store, &ruling, error);
}

static bool note_look(const DoctorRequest *request, Store *store, GError **error)
{
  if (!store_begin(store, error))
    return false;
  if (remember(store, "at", instant_now(), error) &&
      (!request->clock_is_right || note_ruling(request, store, error)) &&
      store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

static void fail_ledger(const Doctor *doctor, const GError *fault)
{
  ReportCheck check = {.name = "ledger", .state = CHECK_NO_GO};
  check.advice = fault->code == EXIT_LOCKED ? _("wait until whoever writes to it has done")
                                            : _("without it nothing can be planned or noted");
  doctor_say(doctor, &check, "%s", fault->message);
}

static void check_ledger(const Doctor *doctor)
{
  g_autoptr(GError) error = NULL;
  ReportCheck check = {.name = "ledger"};
  if (!g_file_test(doctor->site->store, G_FILE_TEST_EXISTS)) {
    check.state = CHECK_NO_GO;
    check.advice = _("take in HR's files first (idou intake), or look at “store”");
    doctor_say(doctor, &check, _("there is none: %s"), doctor->site->store);
    return;
  }
  g_autoptr(Store) store = site_ledger(doctor->site, &error);
  if (store == NULL || !store_is_whole(store, &error)) {
    fail_ledger(doctor, error);
    return;
  }
  guint n_before = doctor->out->checks->len;
  if (!doctor->request->clock_is_right)
    judge_clock(doctor, store);
  bool is_right = doctor->out->checks->len == n_before ||
                  g_array_index(doctor->out->checks, ReportCheck, n_before).state != CHECK_NO_GO;
  // A time that is perhaps wrong is not noted: the next look would find nothing wrong any more.
  if (is_right && !note_look(doctor->request, store, &error))
    fail_ledger(doctor, error);
  else
    doctor_say(doctor, &check, is_right ? _("whole, and can be written to: %s") : _("whole: %s"),
               doctor->site->store);
}

// ---------------------------------------------------------------------------------------------
// Disks, backups and secrets.

static void look_at_disk(const Doctor *doctor, const char *folder)
{
  struct statvfs disk;
  ReportCheck check = {.name = "disk"};
  if (statvfs(folder, &disk) != 0)
    return;
  int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
  bool few = free_bytes < doctor->site->doctor.disk_bytes || (disk.f_files > 0 && !disk.f_favail);
  bool closed = access(folder, W_OK | X_OK) != 0;
  check.state = few || closed ? CHECK_NO_GO : CHECK_OK;
  check.advice = closed ? _("let the account that runs idou write there")
                        : _("make room: a run that cannot write its journal sends nothing more");
  g_autofree char *size = g_format_size_full((guint64)free_bytes, G_FORMAT_SIZE_IEC_UNITS);
  doctor_say(doctor, &check, closed ? _("cannot be written to: %s (%s free)") : _("%s: %s free"),
             folder, size);
}

// The folder, or the one above it that it will be made in.
static char *existing(const char *path)
{
  char *folder = g_strdup(path);
  while (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
    char *above = g_path_get_dirname(folder);
    g_free(folder);
    folder = above;
  }
  return folder;
}

static void check_disk(const Doctor *doctor)
{
  const Site *site = doctor->site;
  g_autofree char *ledger = g_path_get_dirname(site->store);
  g_autofree char *status = site->status != NULL ? g_path_get_dirname(site->status) : NULL;
  const char *const paths[] = {
      ledger,        site->plans,       status,
      site->reports, site->inquiry.out, site_mail(site) != NULL ? site_mail(site)->queue : NULL};
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autofree char *folder = paths[i] != NULL ? existing(paths[i]) : NULL;
    if (folder != NULL && g_hash_table_add(seen, g_strdup(folder)))
      look_at_disk(doctor, folder);
  }
}

static time_t newest(const char *pattern)
{
  glob_t found = {0};
  time_t last = 0;
  if (glob(pattern, 0, NULL, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++) {
      struct stat status;
      if (stat(found.gl_pathv[i], &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        last = MAX(last, status.st_mtime);
    }
  globfree(&found);
  return last;
}

static void look_at_backup(const Doctor *doctor, const SiteBackup *backup)
{
  ReportCheck check = {
      .name = "backup", .target = backup->of, .advice = _("make one, and look why there was none")};
  time_t last = newest(backup->path);
  int64_t hours = (machine_now() - (Instant)last) / 3600;
  check.state = last == 0 || hours >= backup->hours ? CHECK_NO_GO : CHECK_OK;
  if (last == 0)
    doctor_say(doctor, &check, _("no file %s that holds anything"), backup->path);
  else
    doctor_say(doctor, &check,
               _("the last one is %" G_GINT64_FORMAT " hours old (%d are allowed): %s"), hours,
               backup->hours, backup->path);
}

static void check_backup(const Doctor *doctor)
{
  const GArray *backups = doctor->site->doctor.backups;
  bool own = false;
  for (guint i = 0; i < backups->len; i++) {
    const SiteBackup *backup = &g_array_index(backups, SiteBackup, i);
    own |= backup->of == NULL;
    look_at_backup(doctor, backup);
  }
  if (own)
    return;
  ReportCheck check = {.name = "backup",
                       .state = CHECK_UNKNOWN,
                       .advice = _("say in the site file where backups are: doctor: {backup: "
                                   "{path: PATTERN, hours: 26}}")};
  doctor_say(doctor, &check, _("nobody said where backups of the ledger are"));
}

static void look_at_secret(const Doctor *doctor, const TargetConfig *target, const char *path)
{
  g_autoptr(GError) error = NULL;
  ReportCheck check = {.name = "secret", .target = target->name, .state = CHECK_NO_GO};
  struct stat status = {0};
  bool there = stat(path, &status) == 0;
  bool open = there && (status.st_mode & 077) != 0;
  check.advice = _("the file belongs to the account that runs idou, with mode 0600");
  // A keytab is no text.
  g_autoptr(Secret) secret = target->gssapi ? NULL : secret_load(path, &error);
  if (!there || open || (secret == NULL && !target->gssapi)) {
    doctor_say(doctor, &check, "%s",
               error != NULL ? error->message
                             : _("the keytab is not there, or others may read it"));
    return;
  }
  int64_t days = (machine_now() - (Instant)status.st_mtime) / 86400;
  int most = doctor->site->doctor.secret_days;
  check.state = most > 0 && days > most ? CHECK_WARN : CHECK_OK;
  check.advice = _("give the account a new password");
  doctor_say(doctor, &check, _("%s is for us alone, and %" G_GINT64_FORMAT " days old"), path,
             days);
}

static void check_secrets(const Doctor *doctor)
{
  for (size_t i = 0; doctor->site->targets[i] != NULL; i++) {
    const TargetConfig *target = doctor->site->targets[i];
    const char *const paths[] = {target->read_secret, target->write_secret, target->desk_secret};
    for (size_t k = 0; k < G_N_ELEMENTS(paths); k++)
      if (paths[k] != NULL && (k == 0 || g_strcmp0(paths[k], paths[k - 1]) != 0))
        look_at_secret(doctor, target, paths[k]);
  }
}

// ---------------------------------------------------------------------------------------------
// Rules, runs, approvals and holds.

static void check_mappings(const Doctor *doctor)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  ReportCheck check = {.name = "mappings", .advice = _("idou check tells them all")};
  bool fine = job_check(doctor->site, false, findings, &error);
  size_t n_errors = findings_count_level(findings, FINDING_ERROR);
  size_t n_warnings = findings_count_level(findings, FINDING_WARNING) - n_errors;
  check.state = !fine || n_errors > 0 ? CHECK_NO_GO : n_warnings > 0 ? CHECK_WARN : CHECK_OK;
  if (fine)
    doctor_say(doctor, &check, _("%zu errors, %zu warnings"), n_errors, n_warnings);
  else
    doctor_say(doctor, &check, "%s", error->message);
}

static void check_runs(const Doctor *doctor)
{
  g_autoptr(GError) error = NULL;
  ReportCheck check = {.name = "runs"};
  int lock = job_lock(doctor->site, &error);
  if (lock < 0) {
    check.state = CHECK_NO_GO;
    check.advice = _("wait for its end");
    doctor_say(doctor, &check, "%s", error->message);
    return;
  }
  close(lock);
  g_autofree char *path = NULL;
  bool fine = job_resume_path(doctor->site, &path, &error);
  check.state = !fine ? CHECK_NO_GO : path != NULL ? CHECK_WARN : CHECK_OK;
  check.advice = path != NULL ? _("the next run goes on with it first; or idou resume")
                              : _("bring the plan back, or make a new one");
  if (!fine)
    doctor_say(doctor, &check, "%s", error->message);
  else if (path != NULL)
    doctor_say(doctor, &check, _("a run has not come to its end: %s"), path);
  else
    doctor_say(doctor, &check, _("none is at work, and none is due"));
}

// Of several people's words the one that ends first.
static Instant first_end(const char *plan_path)
{
  g_autofree char *path = approvals_path(plan_path);
  g_autoptr(Approvals) approvals = approvals_read(path, NULL);
  Instant first = INSTANT_OPEN;
  for (guint i = 0; approvals != NULL && i < approvals->list->len; i++) {
    const Approval *approval = approvals->list->pdata[i];
    if (approval->expires > instant_now())
      first = MIN(first, approval->expires);
  }
  return first;
}

static bool look_at_approval(const JobApproved *approved, void *data, GError **error)
{
  (void)error;
  const Doctor *doctor = data;
  ReportCheck check = {.name = "approval", .advice = _("approve the plan again, for longer")};
  g_autoptr(GString) until = g_string_new(NULL);
  Instant ends = first_end(approved->path);
  // It must hold until the day has begun and the run of that night is over.
  bool late = ends < date_start(approved->as_of) + NIGHT_SECONDS;
  check.state = late ? CHECK_NO_GO : CHECK_OK;
  if (ends == INSTANT_OPEN)
    g_string_append(until, "?");
  else
    instant_format(ends, until);
  doctor_say(doctor, &check, _("%s waits for its day; approved until %s"), approved->path,
             until->str);
  return true;
}

static void check_approvals(const Doctor *doctor)
{
  g_autoptr(GError) error = NULL;
  ReportCheck check = {.name = "approval"};
  guint n = doctor->out->checks->len;
  if (!g_file_test(doctor->site->store, G_FILE_TEST_EXISTS))
    return;
  if (!job_approved_waiting(doctor->site, look_at_approval, (void *)doctor, &error)) {
    check.state = CHECK_UNKNOWN;
    doctor_say(doctor, &check, "%s", error->message);
  } else if (doctor->out->checks->len == n) {
    doctor_say(doctor, &check, _("no approved plan waits for its day"));
  }
}

// The reason is not told: who need not know it reads this, too.
static bool look_at_hold(const HoldRow *hold, void *data)
{
  const Doctor *doctor = data;
  if (hold->until > doctor->request->as_of + 1)
    return true;
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(hold->until, day);
  ReportCheck check = {.name = "hold",
                       .state = CHECK_WARN,
                       .advice = _("if it shall go on, place another one (idou hold)")};
  doctor_say(doctor, &check, _("hold %" G_GINT64_FORMAT " of %s ends on %s"), hold->id, hold->name,
             day->str);
  return true;
}

static void check_holds(const Doctor *doctor)
{
  g_autoptr(GError) error = NULL;
  ReportCheck check = {.name = "hold"};
  guint n = doctor->out->checks->len;
  g_autoptr(Store) store = g_file_test(doctor->site->store, G_FILE_TEST_EXISTS)
                               ? store_open(doctor->site->store, STORE_READ, &error)
                               : NULL;
  if (store == NULL)
    return;
  Date today = date_of_instant(instant_now());
  if (!store_holds_each(store, today, look_at_hold, (void *)doctor, &error)) {
    check.state = CHECK_UNKNOWN;
    doctor_say(doctor, &check, "%s", error->message);
  } else if (doctor->out->checks->len == n) {
    doctor_say(doctor, &check, _("none ends by the day after"));
  }
}

static void (*const CHECKS[])(const Doctor *doctor) = {
    check_ledger, check_disk,      check_backup, check_secrets,  check_mappings,
    check_runs,   check_approvals, check_holds,  doctor_targets,
};

void job_doctor(const Site *site, const DoctorRequest *request, DoctorDone *out)
{
  *out = (DoctorDone){.checks = g_array_new(FALSE, FALSE, sizeof(ReportCheck)),
                      .texts = g_string_chunk_new(1024)};
  const Doctor doctor = {site, request, out};
  for (size_t i = 0; i < G_N_ELEMENTS(CHECKS); i++)
    CHECKS[i](&doctor);
  out->exit = report_checks_go(out->checks) ? EXIT_DONE : EXIT_HELD;
}

void doctor_done_clear(DoctorDone *done)
{
  g_clear_pointer(&done->checks, g_array_unref);
  g_clear_pointer(&done->texts, g_string_chunk_free);
}
