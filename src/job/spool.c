// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct SpoolRun {
  const Site *site;
  Store *store;
  Inbox inbox;
  GString *out;
  ExitCode *exit;
} SpoolRun;

// ---------------------------------------------------------------------------------------------
// Files that go together.

// The small files that come with a file and go where it goes: manifest, count, cover note. NULL-terminated.
static char **companions(const SpoolRun *run, const char *name)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  g_autofree char *manifest = g_strconcat(name, ".sha256", NULL);
  const Layout *layout = site_layout(run->site, NULL, name);
  g_autofree char *count = layout == NULL ? NULL : layout_count_file(layout, name);
  g_autofree char *cover = layout == NULL ? NULL : layout_cover_file(layout, name);
  if (inbox_has(&run->inbox, manifest))
    g_strv_builder_add(builder, manifest);
  if (count != NULL && inbox_has(&run->inbox, count))
    g_strv_builder_add(builder, count);
  if (cover != NULL && inbox_has(&run->inbox, cover))
    g_strv_builder_add(builder, cover);
  return g_strv_builder_end(builder);
}

static bool move_all(const SpoolRun *run, const char *name, const char *folder, GError **error)
{
  g_auto(GStrv) with = companions(run, name);
  if (!inbox_move(&run->inbox, name, folder, error))
    return false;
  for (char **companion = with; *companion != NULL; companion++)
    if (!inbox_move(&run->inbox, *companion, folder, error))
      return false;
  return true;
}

// My Numbers have no place on this machine: such a file is not kept, HR has it.
static bool destroy(const SpoolRun *run, const char *name, GError **error)
{
  if (unlinkat(run->inbox.folder, name, 0) == 0 || errno == ENOENT)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("cannot delete %s: %s"), name, g_strerror(errno));
  return false;
}

static bool holds_my_numbers(const Findings *findings)
{
  for (size_t i = 0; i < findings_count(findings); i++)
    if (strcmp(findings_at(findings, i)->code, "my-number") == 0)
      return true;
  return false;
}

// A table of an earlier file of that name would be taken for this one's.
static bool write_returns(const char *name, const char *folder, const GString *returns,
                          GError **error)
{
  g_autofree char *path = g_strdup_printf("%s/%s.findings.csv", folder, name);
  if (returns->len > 0)
    return file_write(path, returns->str, returns->len, 0600, error);
  g_unlink(path);
  return true;
}

// ---------------------------------------------------------------------------------------------
// One file.

typedef struct Taken {
  IntakeReceipt receipt;
  Findings *findings;
  GString *returns;  // the findings as a table; empty if there are none
} Taken;

static bool finish(const SpoolRun *run, const char *name, const Taken *result, GError **error)
{
  const IntakeReceipt *receipt = &result->receipt;
  const Findings *findings = result->findings;
  g_autoptr(GString) text = g_string_new(NULL);
  report_receipt(name, receipt, findings, false, text);
  g_string_append(run->out, text->str);
  bool taken = receipt->verdict != INTAKE_REJECTED;
  if (receipt->verdict == INTAKE_REJECTED || receipt->verdict == INTAKE_TAKEN_IN_PART)
    *run->exit = exit_worse(*run->exit, EXIT_REJECTED);
  const char *folder = taken ? run->site->spool.done : run->site->spool.rejected;
  // The receipt first: a file that is gone without one would be a riddle.
  if (!inbox_receipt(folder, name, text, error) ||
      !write_returns(name, folder, result->returns, error))
    return false;
  if (!taken && holds_my_numbers(findings))
    return destroy(run, name, error);
  return move_all(run, name, folder, error);
}

static void remove_copies(const SpoolRun *run, const char *name, char **with)
{
  g_autofree char *path = g_build_filename(run->inbox.private_folder, name, NULL);
  g_unlink(path);
  for (char **companion = with; *companion != NULL; companion++) {
    g_autofree char *copy = g_build_filename(run->inbox.private_folder, *companion, NULL);
    g_unlink(copy);
  }
}

static bool take_ready(const SpoolRun *run, const char *name, const Layout *layout, GError **error)
{
  g_auto(GStrv) with = companions(run, name);
  g_autofree char *path = g_build_filename(run->inbox.private_folder, name, NULL);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) returns = g_string_new(NULL);
  Taken result = {.findings = findings, .returns = returns};
  IntakeSource source = {
      .path = path, .name = name, .layout = layout, .is_copy = true, .returns = returns};
  bool fine = inbox_copy(&run->inbox, name, error);
  for (char **companion = with; fine && *companion != NULL; companion++)
    fine = inbox_copy(&run->inbox, *companion, error);
  fine =
      fine && job_intake_source(run->site, run->store, &source, findings, &result.receipt, error);
  remove_copies(run, name, with);
  return fine && finish(run, name, &result, error);
}

static bool refuse(const SpoolRun *run, const char *name, const char *why, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, name, ESCAPE_TERMINAL);
  g_string_append_printf(text, _("%s: refused: %s\n"), shown->str, why);
  g_string_append(run->out, text->str);
  *run->exit = exit_worse(*run->exit, EXIT_REJECTED);
  return inbox_receipt(run->site->spool.rejected, name, text, error) &&
         move_all(run, name, run->site->spool.rejected, error);
}

// ---------------------------------------------------------------------------------------------
// The folder.

typedef struct Waiting {
  char *name;
  const Layout *layout;
} Waiting;

static void free_waiting(gpointer data)
{
  g_free(((Waiting *)data)->name);
}

// Units before people, the state of things before what changes it.
static int kind_rank(LayoutKind kind)
{
  switch (kind) {
  case LAYOUT_UNITS:
    return 0;
  case LAYOUT_REORGANISATION:
    return 1;
  case LAYOUT_ROSTER:
    return 2;
  case LAYOUT_ORDERS:
    return 3;
  case LAYOUT_DETAILS:
    return 4;
  }
  return 5;
}

static int compare_waiting(const void *a, const void *b)
{
  const Waiting *x = a;
  const Waiting *y = b;
  int by_kind = kind_rank(layout_kind(x->layout)) - kind_rank(layout_kind(y->layout));
  return by_kind != 0 ? by_kind : strcmp(x->name, y->name);
}

static bool look_at(const SpoolRun *run, const char *name, GArray *waiting, GError **error)
{
  const char *why = NULL;
  Readiness readiness = inbox_passes_over(name) ? NOT_YET : inbox_judge(&run->inbox, name, &why);
  if (readiness == REFUSED)
    return refuse(run, name, why, error);
  if (readiness == NOT_YET)
    return true;
  Waiting file = {g_strdup(name), site_layout(run->site, NULL, name)};
  if (file.layout != NULL) {
    g_array_append_val(waiting, file);
    return true;
  }
  g_free(file.name);
  return refuse(run, name, _("no single layout's `files:` fits its name"), error);
}

static bool run_folder(SpoolRun *run, GError **error)
{
  g_autoptr(GDir) dir = g_dir_open(run->site->spool.incoming, 0, error);
  if (dir == NULL)
    return false;
  g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
  g_array_set_clear_func(waiting, free_waiting);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GHashTable) followers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const char *name;
  while ((name = g_dir_read_name(dir)) != NULL) {
    g_ptr_array_add(names, g_strdup(name));
    g_auto(GStrv) with = companions(run, name);
    for (char **companion = with; *companion != NULL; companion++)
      g_hash_table_add(followers, g_strdup(*companion));
  }
  for (guint i = 0; i < names->len; i++) {
    name = g_ptr_array_index(names, i);
    if (!g_hash_table_contains(followers, name) && !look_at(run, name, waiting, error))
      return false;
  }
  if (waiting->len > 1)
    qsort(waiting->data, waiting->len, sizeof(Waiting), compare_waiting);
  for (guint i = 0; i < waiting->len; i++) {
    const Waiting *file = &g_array_index(waiting, Waiting, i);
    if (!take_ready(run, file->name, file->layout, error))
      return false;
  }
  return true;
}

bool job_intake_spool(const Site *site, GString *out, ExitCode *exit, GError **error)
{
  if (site->spool.incoming == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("the site has no `spool: incoming:`"));
    return false;
  }
  int lock = job_intake_lock(site, error);
  if (lock < 0)
    return false;
  g_autofree char *private_folder = g_build_filename(site->plans, "intake", NULL);
  g_autoptr(Store) store = site_ledger(site, error);
  SpoolRun run = {.site = site, .store = store, .out = out, .exit = exit};
  bool fine = store != NULL && inbox_open(&site->spool, private_folder, &run.inbox, error);
  if (fine) {
    fine = run_folder(&run, error);
    inbox_close(&run.inbox);
  }
  close(lock);
  return fine;
}
