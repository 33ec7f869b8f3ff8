// SPDX-License-Identifier: GPL-3.0-or-later
//
// The audit record: where its head goes, what is noted that is not done in the ledger, and reports of it.
#include "job/job_p.h"

#include <errno.h>
#include <string.h>

#define NOTICE 5  // as syslog numbers it
// Who only looks does not wait for a run that is writing; a deed should have its row.
#define LOOK_PATIENCE_MS 250
#define DEED_PATIENCE_MS 3000

// ---------------------------------------------------------------------------------------------
// Its head, outside.

// Neither whom an act was about nor who did it: a log has other readers.
static void tell_head(const AuditRow *row, void *data)
{
  const Site *site = data;
  AuditHead head = {.id = row->id};
  g_autoptr(GString) text = g_string_new(NULL);
  g_strlcpy(head.digest, row->digest, sizeof head.digest);
  audit_head_format(&head, text);
  g_autofree char *line = g_strdup_printf("audit head %s, %s", text->str, row->what);
  const char *const fields[] = {"IDOU_AUDIT_HEAD", text->str, "IDOU_AUDIT_WHAT", row->what, NULL};
  if (!journal_line(site->audit.socket, &(JournalLine){NOTICE, line, fields}))
    log_note(LOG_NORMAL, _("%s does not take the head of the audit record: %s"), site->audit.socket,
             g_strerror(errno));
}

Store *site_ledger(const Site *site, GError **error)
{
  Store *store = store_open(site->store, STORE_WRITE, error);
  if (store != NULL && site->audit.socket != NULL && site->audit.each)
    store_on_audited(store, tell_head, (void *)site);
  return store;
}

char *job_audit_head(const Site *site)
{
  AuditHead head;
  g_autoptr(Store) store = g_file_test(site->store, G_FILE_TEST_EXISTS)
                               ? store_open(site->store, STORE_READ, NULL)
                               : NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  if (store == NULL || !audit_head(store, &head, NULL) || head.id == 0)
    return NULL;
  audit_head_format(&head, text);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

// ---------------------------------------------------------------------------------------------
// What is not done in the ledger.

static bool note_apart(const Site *site, const AuditNote *note, int patience_ms, GError **error)
{
  // Writing would make one where there is none, and bring an older one up to date, which is no look's business.
  g_autoptr(Store) there = store_open(site->store, STORE_READ, error);
  g_autoptr(Store) store = there != NULL ? site_ledger(site, error) : NULL;
  if (store == NULL)
    return false;
  store_patience(store, patience_ms);
  return audit_note_alone(store, note, error);
}

bool job_audit_runs(Store *store, const AuditNote *note, const GArray *runs, GError **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
  for (guint i = 0; i < runs->len; i++) {
    RunRow row;
    int64_t *run = &g_array_index(runs, int64_t, i);
    if (g_hash_table_add(seen, run) && store_run_get(store, *run, &row) &&
        !audit_note_run(store, note, *run, error))
      return false;
  }
  return true;
}

// In place of the record, which could not take it: by whom and what, not about whom.
static void tell_elsewhere(const Site *site, const AuditNote *note)
{
  g_autofree char *line = g_strdup_printf("audit unrecorded: %s by %s", note->what,
                                          note->who != NULL ? note->who : g_get_user_name());
  const char *const fields[] = {"IDOU_AUDIT_WHAT", note->what, NULL};
  if (site->audit.socket != NULL)
    journal_line(site->audit.socket, &(JournalLine){NOTICE, line, fields});
}

void job_audit_tell(const Site *site, const AuditNote *note)
{
  g_autoptr(GError) fault = NULL;
  if (note_apart(site, note, DEED_PATIENCE_MS, &fault))
    return;
  tell_elsewhere(site, note);
  log_note(LOG_NORMAL, _("the audit record has no row of this (%s): %s"), note->what,
           fault->message);
}

bool job_audit_look(const Site *site, const char *at, const char *subject, GError **error)
{
  const char *const detail[] = {"at", at, NULL};
  const AuditNote note = {.what = AUDIT_LOOK, .subject = subject, .detail = detail};
  g_autoptr(GError) fault = NULL;
  if (site->audit.looks == LOOKS_UNNOTED || note_apart(site, &note, LOOK_PATIENCE_MS, &fault))
    return true;
  if (site->audit.looks == LOOKS_REQUIRED) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("this look cannot be noted in the audit record, and the site requires that: %s"),
                fault->message);
    return false;
  }
  tell_elsewhere(site, &note);
  log_note(LOG_NORMAL, _("this look is not noted in the audit record: %s"), fault->message);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Reports.

typedef struct Asking {
  const AuditAsk *ask;
  ReportBook *book;
} Asking;

static bool has(const char *text, const char *part)
{
  return part == NULL || strstr(text, part) != NULL;
}

static bool take_row(const AuditRow *row, void *data)
{
  const Asking *asking = data;
  const AuditAsk *ask = asking->ask;
  if ((ask->since == INSTANT_NONE || row->at >= ask->since) &&
      (ask->until == INSTANT_NONE || row->at < ask->until) &&
      (has(row->who, ask->who) || has(row->user, ask->who)) &&
      (ask->what == NULL || strcmp(row->what, ask->what) == 0) &&
      (has(row->subject, ask->subject) || has(row->detail, ask->subject)))
    report_audit_row(asking->book, row);
  return true;
}

bool job_report_audit(const Site *site, const AuditAsk *ask, ReportBook **out, GError **error)
{
  AuditHead head;
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !audit_head(store, &head, error))
    return false;
  g_autoptr(ReportBook) book = report_audit(&head);
  Asking asking = {.ask = ask, .book = book};
  if (!store_audit_each(store, 1, take_row, &asking, error))
    return false;
  *out = g_steal_pointer(&book);
  return true;
}

// An exported file ends where the record ended then: the status file knows of what came later.
static bool read_heads(const Site *site, bool file, const char *const *heads, GArray *out,
                       GError **error)
{
  AuditHead head;
  for (; heads != NULL && *heads != NULL; heads++) {
    if (!audit_head_parse(*heads, &head, error))
      return false;
    g_array_append_val(out, head);
  }
  head = file ? (AuditHead){.id = 0} : run_status_head(site);
  if (head.id != 0)
    g_array_append_val(out, head);
  return true;
}

static bool verify(const Site *site, const char *file, const GArray *heads, AuditVerdict *out,
                   GError **error)
{
  const AuditHead *known = (const AuditHead *)(const void *)heads->data;
  if (file != NULL)
    return audit_verify_file(file, known, heads->len, out, error);
  *out = (AuditVerdict){.findings = NULL};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  return store != NULL && audit_verify(store, known, heads->len, out, error);
}

// Of a row that was purged a head tells nothing.
static size_t n_telling(const GArray *heads, const AuditVerdict *verdict)
{
  size_t n = 0;
  for (guint i = 0; i < heads->len; i++)
    n += g_array_index(heads, AuditHead, i).id >= verdict->first;
  return n;
}

bool job_audit_verify(const Site *site, const char *file, const char *const *heads,
                      ReportBook **out, ExitCode *exit, GError **error)
{
  g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(AuditHead));
  g_auto(AuditVerdict) verdict = {0};
  if (!read_heads(site, file != NULL, heads, known, error) ||
      !verify(site, file, known, &verdict, error))
    return false;
  *out = report_audit_verdict(&verdict, n_telling(known, &verdict));
  if (verdict.fault != 0)
    *exit = EXIT_FAILED;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Export and purge.

bool job_audit_export(const Site *site, const char *path, const char *who, GString *out,
                      GError **error)
{
  AuditHead through;
  g_autoptr(GString) text = g_string_new(NULL);
  // An earlier export may be all that is left of rows that were purged since.
  if (g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%s: there is a file of this name, and the record is never written over one"),
                path);
    return false;
  }
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !audit_export(store, text, &through, error) ||
      !file_write(path, text->str, text->len, 0600, error))
    return false;
  g_clear_pointer(&store, store_close);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, through.id);
  g_autofree char *sha256 = file_sha256(text->str, text->len);
  const char *const detail[] = {AUDIT_THROUGH, number, AUDIT_LAST, through.digest,
                                "sha256",      sha256, NULL};
  // After the file: what it does not hold is never purged.
  job_audit_tell(site, &(AuditNote){AUDIT_EXPORT, who, path, detail});
  g_string_append_printf(out, _("%s: the record up to %" G_GINT64_FORMAT ":%s\n"), path, through.id,
                         through.digest);
  return true;
}

bool job_audit_purge(const Site *site, GString *out, GError **error)
{
  int64_t n = 0;
  if (site->audit.keep_days == 0)
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  Instant before = instant_now() - (Instant)site->audit.keep_days * 86400;
  if (store == NULL || !audit_purge(store, before, site->audit.exported, &n, error))
    return false;
  if (n > 0 && out != NULL)
    g_string_append_printf(out, _("audit: %" G_GINT64_FORMAT " rows were purged\n"), n);
  return true;
}
