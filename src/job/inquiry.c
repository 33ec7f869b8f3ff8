// SPDX-License-Identifier: GPL-3.0-or-later
//
// Lists of questions: out into a folder, back from one, or by hand.
#include "job/job_p.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES ((size_t)16 << 20)

// ---------------------------------------------------------------------------------------------
// Out

// A unit's code may hold what a file's name must not.
static char *list_stem(const Inquiry *inquiry)
{
  g_autofree char *unit = g_strdup(*inquiry->unit ? inquiry->unit : "operators");
  for (char *at = unit; *at; at++)
    if (!g_ascii_isalnum(*at) && *at != '-' && *at != '_')
      *at = '_';
  return g_strdup_printf("%s-%lld", unit, (long long)inquiry->id);
}

static bool write_list(const char *path, const GString *text, GString *told, GError **error)
{
  if (!file_write(path, text->str, text->len, 0600, error))
    return false;
  g_string_append_printf(told, _("written: %s\n"), path);
  return true;
}

bool job_inquiry_write(const Site *site, Store *store, int64_t inquiry, GString *told,
                       GError **error)
{
  Inquiry row;
  if (site->inquiry.out == NULL)
    return true;
  InquiryCode code = site->inquiry.cp932 ? INQUIRY_CP932 : INQUIRY_UTF8;
  g_autoptr(GString) sheet = g_string_new(NULL), page = g_string_new(NULL);
  if (!inquiry_sheet(store, inquiry, code, sheet, error) ||
      !inquiry_page(store, inquiry, page, error) ||
      !file_make_dir(site->inquiry.out, 0700, error) || !store_inquiry_get(store, inquiry, &row))
    return false;
  g_autofree char *stem = list_stem(&row);
  g_autofree char *csv = g_strdup_printf("%s/%s.csv", site->inquiry.out, stem);
  g_autofree char *html = g_strdup_printf("%s/%s.html", site->inquiry.out, stem);
  return write_list(csv, sheet, told, error) && write_list(html, page, told, error);
}

static bool find_open(const Question *question, void *data)
{
  bool *open = data;
  *open = strcmp(question->state, QUESTION_OPEN) == 0;
  return !*open;
}

bool job_inquiry_write_missing(const Site *site, Store *store, int64_t inquiry, GString *told,
                               GError **error)
{
  Inquiry row;
  bool open = false;
  if (site->inquiry.out == NULL || !store_inquiry_get(store, inquiry, &row))
    return store_check(store, error);
  g_autofree char *stem = list_stem(&row);
  g_autofree char *html =
      g_strdup_printf("%s/%s.html", site->inquiry.out, stem);  // the last of both
  if (g_file_test(html, G_FILE_TEST_EXISTS))
    return true;
  return store_questions_each(store, inquiry, find_open, &open, error) &&
         (!open || job_inquiry_write(site, store, inquiry, told, error));
}

// ---------------------------------------------------------------------------------------------
// Back

// Takes one file in, and says what became of it.
static bool take_bytes(Store *store, const InquiryReply *reply, GString *text, ExitCode *exit,
                       GError **error, bool *read)
{
  InquiryTaken taken;
  g_autoptr(Findings) findings = findings_new();
  if (!inquiry_take(store, reply, findings, &taken, error))
    return false;
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, reply->name, ESCAPE_TERMINAL);
  if (taken.read)
    g_string_append_printf(text,
                           _("%s: kept %zu, to be removed %zu, answered so before %zu, not decided "
                             "%zu, refused %zu\n"),
                           name->str, taken.n_kept, taken.n_removed, taken.n_already, taken.n_blank,
                           taken.n_refused);
  else
    g_string_append_printf(text, _("%s: rejected\n"), name->str);
  if (findings_count(findings) > 0)
    report_findings(findings, false, text);
  if (!taken.read || findings_count_level(findings, FINDING_ERROR) > 0)
    *exit = exit_worse(*exit, EXIT_REJECTED);
  *read = taken.read;
  return true;
}

static bool take_path(Store *store, const RepliesRequest *request, const char *path, GString *out,
                      ExitCode *exit, GError **error)
{
  bool read = false;
  g_autofree char *name = g_path_get_basename(path);
  g_autoptr(GBytes) bytes = file_read(path, MOST_BYTES, error);
  InquiryReply reply = {.name = name, .bytes = bytes, .unit = request->unit, .who = request->who};
  return bytes != NULL && take_bytes(store, &reply, out, exit, error, &read);
}

bool job_inquiry_take(const Site *site, const RepliesRequest *request, GString *out, ExitCode *exit,
                      GError **error)
{
  int lock = job_intake_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  bool fine = store != NULL;
  for (const char *const *path = request->paths; fine && *path != NULL; path++)
    fine = take_path(store, request, *path, out, exit, error);
  close(lock);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The folder

typedef struct Replies {
  Store *store;
  Inbox inbox;
  GString *out;
  ExitCode *exit;
} Replies;

static bool put_away(const Replies *replies, const char *name, bool read, const GString *text,
                     GError **error)
{
  const Spool *spool = replies->inbox.spool;
  const char *folder = read ? spool->done : spool->rejected;
  g_autofree char *manifest = g_strconcat(name, ".sha256", NULL);
  g_string_append(replies->out, text->str);
  return inbox_receipt(folder, name, text, error) &&
         inbox_move(&replies->inbox, name, folder, error) &&
         (!inbox_has(&replies->inbox, manifest) ||
          inbox_move(&replies->inbox, manifest, folder, error));
}

static bool refuse(const Replies *replies, const char *name, const char *why, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL), shown = g_string_new(NULL);
  escape_text(shown, name, ESCAPE_TERMINAL);
  g_string_append_printf(text, _("%s: refused: %s\n"), shown->str, why);
  *replies->exit = exit_worse(*replies->exit, EXIT_REJECTED);
  return put_away(replies, name, false, text, error);
}

// The ledger has it before the file goes: taken again after a kill it changes nothing.
static bool take_ready(const Replies *replies, const char *name, GError **error)
{
  bool read = false;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *path = g_build_filename(replies->inbox.private_folder, name, NULL);
  if (!inbox_copy(&replies->inbox, name, error))
    return false;
  g_autoptr(GError) unread = NULL;
  g_autoptr(GBytes) bytes = file_read(path, MOST_BYTES, &unread);
  g_unlink(path);
  if (bytes == NULL)
    return refuse(replies, name, unread->message, error);
  InquiryReply reply = {.name = name, .bytes = bytes};
  return take_bytes(replies->store, &reply, text, replies->exit, error, &read) &&
         put_away(replies, name, read, text, error);
}

static bool take_named(const Replies *replies, const char *name, GError **error)
{
  const char *why = NULL;
  Readiness readiness =
      inbox_passes_over(name) ? NOT_YET : inbox_judge(&replies->inbox, name, &why);
  if (readiness == REFUSED)
    return refuse(replies, name, why, error);
  return readiness == NOT_YET || take_ready(replies, name, error);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool take_folder(const Replies *replies, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GDir) dir = g_dir_open(replies->inbox.spool->incoming, 0, error);
  if (dir == NULL)
    return false;
  for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
    g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  for (guint i = 0; i < names->len; i++)
    if (!take_named(replies, names->pdata[i], error))
      return false;
  return true;
}

static bool take_locked(const Site *site, Replies *replies, GError **error)
{
  g_autofree char *private_folder = g_build_filename(site->plans, "replies", NULL);
  if (replies->store == NULL ||
      !inbox_open(&site->inquiry.replies, private_folder, &replies->inbox, error))
    return false;
  bool fine = take_folder(replies, error);
  inbox_close(&replies->inbox);
  return fine;
}

bool job_inquiry_spool(const Site *site, GString *out, ExitCode *exit, GError **error)
{
  if (site->inquiry.replies.incoming == NULL)
    return true;
  int lock = job_intake_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  Replies replies = {.store = store, .out = out, .exit = exit};
  bool fine = take_locked(site, &replies, error);
  close(lock);
  return fine;
}
