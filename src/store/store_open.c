// SPDX-License-Identifier: GPL-3.0-or-later
#include "store_p.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 10000

static bool usage_error(const Store *store, GError **error, const char *reason)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("store %s: %s"), store->path, reason);
  return false;
}

// Makes the file before SQLite does, so that it is never readable for others; SQLite gives the same
// mode to the WAL beside it. An existing file is only looked at: closing a descriptor of it would
// drop the locks of every other connection of this process.
static bool prepare_file(const Store *store, GError **error)
{
  struct stat status;
  if (lstat(store->path, &status) == 0) {
    if (!S_ISREG(status.st_mode))
      return usage_error(store, error, _("it is not a regular file"));
    if (store->mode == STORE_WRITE && (status.st_mode & 077) != 0 && chmod(store->path, 0600) != 0)
      return usage_error(store, error, g_strerror(errno));
    return true;
  }
  if (errno == ENOENT && store->mode != STORE_WRITE)
    return usage_error(store, error,
                       _("there is none yet: take HR's files in first (idou intake)"));
  if (errno != ENOENT)
    return usage_error(store, error, g_strerror(errno));
  int fd = open(store->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return errno == EEXIST || usage_error(store, error, g_strerror(errno));
  close(fd);
  return file_sync_parent(store->path, error);
}

static bool connect_to(Store *store, const char *name, int flags, GError **error)
{
  int code = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (!store->db) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("store %s: out of memory"), store->path);
    return false;
  }
  if (code != SQLITE_OK)
    return store_fail(store, code, error);
  sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return true;
}

static void disconnect(Store *store)
{
  for (size_t i = 0; i < SQL_COUNT; i++)
    g_clear_pointer(&store->ready[i], sqlite3_finalize);
  g_clear_pointer(&store->db, sqlite3_close_v2);
}

// Whose file it is and of which version. A new file has neither and is given both by store_migrate.
static bool check_version(Store *store, GError **error)
{
  int application = 0, version = 0, n_tables = 0;
  // All at one moment: another process may be giving a new file what it needs.
  if (!store_exec(store, "BEGIN", error) ||
      !store_pragma_int(store, "SELECT count(*) FROM sqlite_schema", &n_tables, error) ||
      !store_pragma_int(store, "PRAGMA application_id", &application, error) ||
      !store_pragma_int(store, "PRAGMA user_version", &version, error) ||
      !store_exec(store, "COMMIT", error))
    return false;
  bool empty = application == 0 && version == 0 && n_tables == 0;
  if (!empty && application != STORE_APPLICATION_ID)
    return usage_error(store, error, _("this is not a store of idou"));
  int newest = store_version_newest();
  if (version == newest)
    return true;
  if (version < newest && store->mode != STORE_READ)
    return store_migrate(store, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              version > newest
                  ? _("store %s: it has version %d, made by a newer idou; this one knows up to %d. "
                      "Update idou on this machine")
                  : _("store %s: it has version %d, this idou needs %d, and it is opened for "
                      "reading only. Run a job or `idou intake` once to bring it up to date"),
              store->path, version, newest);
  return false;
}

static bool open_read(Store *store, GError **error)
{
  g_autoptr(GError) fault = NULL;
  int application = 0;
  if (connect_to(store, store->path, SQLITE_OPEN_READONLY, &fault) &&
      store_pragma_int(store, "PRAGMA application_id", &application, &fault))
    return true;
  // In a folder that we may not write to, SQLite cannot make the shared memory that a WAL file
  // needs. When there is no WAL, no writer is alive and nothing waits to be merged into the file:
  // only then may it be read as what it is, without any locks.
  int code = store->db ? sqlite3_errcode(store->db) : SQLITE_NOMEM;
  bool cannot_open = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
  g_autofree char *wal = g_strconcat(store->path, "-wal", NULL);
  if (!cannot_open || g_file_test(wal, G_FILE_TEST_EXISTS)) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  disconnect(store);
  g_autofree char *absolute = g_canonicalize_filename(store->path, NULL);
  g_autofree char *uri = g_filename_to_uri(absolute, NULL, error);
  if (!uri)
    return false;
  g_autofree char *immutable = g_strconcat(uri, "?immutable=1", NULL);
  return connect_to(store, immutable, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
}

static Store *store_new(const char *path, StoreMode mode)
{
  Store *store = g_new0(Store, 1);
  store->mode = mode;
  store->path = g_strdup(path);
  store->texts = g_string_chunk_new(1024);
  store->site_fields = g_ptr_array_new_with_free_func(g_free);
  store->fields = g_hash_table_new(g_str_hash, g_str_equal);
  return store;
}

// What is read once, from end to end, gains nothing from being kept: the system keeps the file. What is
// written to in many places does.
static const char *const caches[] = {[STORE_READ] = "PRAGMA cache_size = -2048",
                                     [STORE_WRITE] = "PRAGMA cache_size = -32768",
                                     [STORE_WHATIF] = "PRAGMA cache_size = -2048"};

// The source's version does not matter: the copy is migrated, the file stays as it is.
static bool copy_to_memory(Store *store, GError **error)
{
  g_autoptr(Store) source = store_new(store->path, STORE_READ);
  if (!open_read(source, error) || !connect_to(store, ":memory:", SQLITE_OPEN_READWRITE, error))
    return false;
  sqlite3_backup *backup = sqlite3_backup_init(store->db, "main", source->db, "main");
  if (!backup)
    return store_fail(store, sqlite3_errcode(store->db), error);
  sqlite3_backup_step(backup, -1);
  int code = sqlite3_backup_finish(backup);
  return code == SQLITE_OK || store_fail(store, code, error);
}

static bool open_write(Store *store, GError **error)
{
  if (!connect_to(store, store->path, SQLITE_OPEN_READWRITE, error) || !check_version(store, error))
    return false;
  // FULL: a commit is on disk when it returns. secure_delete: purged rows are overwritten.
  if (!store_exec(store,
                  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA secure_delete = ON",
                  error))
    return false;
  int is_wal = 0;
  if (!store_pragma_int(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal,
                        error))
    return false;
  return is_wal || usage_error(store, error,
                               _("this file system does not support a write-ahead log. Put the "
                                 "store on a local disk"));
}

static bool open_whatif(Store *store, GError **error)
{
  return copy_to_memory(store, error) && check_version(store, error);
}

static bool open_readonly(Store *store, GError **error)
{
  // One moment of the file for as long as it is open, so that a plan never mixes two.
  return open_read(store, error) && check_version(store, error) &&
         store_exec(store, "BEGIN; SELECT count(*) FROM sqlite_schema", error);
}

static bool (*const openers[])(Store *store, GError **error) = {
    [STORE_READ] = open_readonly, [STORE_WRITE] = open_write, [STORE_WHATIF] = open_whatif};

Store *store_open(const char *path, StoreMode mode, GError **error)
{
  g_autoptr(Store) store = store_new(path, mode);
  if (!prepare_file(store, error) || !openers[mode](store, error) ||
      !store_exec(store, "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY", error) ||
      !store_exec(store, caches[mode], error) || !store_fields_load(store, error))
    return NULL;
  return g_steal_pointer(&store);
}

void store_close(Store *store)
{
  if (!store)
    return;
  disconnect(store);
  g_clear_error(&store->fault);
  g_hash_table_destroy(store->fields);
  g_ptr_array_unref(store->site_fields);
  g_string_chunk_free(store->texts);
  g_free(store->path);
  g_free(store);
}

// ---------------------------------------------------------------------------------------------

bool store_check(Store *store, GError **error)
{
  if (!store->fault)
    return true;
  g_propagate_error(error, g_steal_pointer(&store->fault));
  return false;
}

bool store_is_whole(Store *store, GError **error)
{
  int n_faults = 0;
  return store_pragma_int(store,
                          "SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check <> 'ok'",
                          &n_faults, error) &&
         (n_faults == 0 ||
          usage_error(store, error, _("the file is damaged. Put the last backup in its place")));
}

bool store_begin(Store *store, GError **error)
{
  store->in_transaction = false;
  store->audited = false;
  if (!store_check(store, error))
    return false;
  if (store->mode == STORE_READ)
    return store_fail(store, SQLITE_READONLY, error);
  store->n_known_fields = store->site_fields->len;
  store->in_transaction = store_run(store, SQL_BEGIN, NO_ARGS, error);
  return store->in_transaction;
}

// What was added to the record is told once it is on the disk.
static void tell_audited(Store *store)
{
  AuditRow head;
  if (store->audited && store->on_audited && store_audit_last(store, &head))
    store->on_audited(&head, store->audited_data);
  store->audited = false;
}

void store_patience(Store *store, int ms)
{
  sqlite3_busy_timeout(store->db, ms);
}

bool store_commit(Store *store, GError **error)
{
  if (store_check(store, error) && store_run(store, SQL_COMMIT, NO_ARGS, error)) {
    store->in_transaction = false;
    tell_audited(store);
    return true;
  }
  store_rollback(store);
  return false;
}

void store_rollback(Store *store)
{
  if (store->in_transaction)
    store_fields_forget(store, store->n_known_fields);
  store->in_transaction = false;
  if (store->mode != STORE_READ && !sqlite3_get_autocommit(store->db))
    store_run(store, SQL_ROLLBACK, NO_ARGS, NULL);
}
