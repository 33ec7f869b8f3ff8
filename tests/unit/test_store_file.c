// SPDX-License-Identifier: GPL-3.0-or-later
//
// The store as a file: who may read it, versions, a dry run, a what-if, a full disk, a killed process.
#include "unit.h"

#include "store/store_p.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *new_path(void)
{
  return g_build_filename(unit_dir(), "idou.db", NULL);
}

static Store *open_store(const char *path, StoreMode mode)
{
  g_autoptr(GError) error = NULL;
  Store *store = store_open(path, mode, &error);
  UNIT_NO_ERROR(error);
  return store;
}

static bool refuses(const char *path, StoreMode mode, ExitCode code, const char *word)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(path, mode, &error);
  return !store && g_error_matches(error, IDOU_ERROR, (int)code) && strstr(error->message, word);
}

static void set_cursor(Store *store, const char *value)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(store_cursor_set(store, "test", "value", value, &error));
  UNIT_NO_ERROR(error);
}

static const char *get_cursor(Store *store)
{
  return store_cursor_get(store, "test", "value");
}

static int mode_of(const char *path, const char *suffix)
{
  g_autofree char *name = g_strconcat(path, suffix, NULL);
  struct stat status;
  return stat(name, &status) == 0 ? (int)(status.st_mode & 0777) : -1;
}

// ---------------------------------------------------------------------------------------------

static void private_to_us(void)
{
  g_autofree char *path = new_path();
  mode_t mask = umask(0);
  {
    g_autoptr(Store) store = open_store(path, STORE_WRITE);
    set_cursor(store, "1");
    UNIT_INT(mode_of(path, ""), 0600);
    UNIT_INT(mode_of(path, "-wal"), 0600);
    UNIT_INT(mode_of(path, "-shm"), 0600);
  }
  chmod(path, 0644);
  store_close(open_store(path, STORE_WRITE));
  UNIT_INT(mode_of(path, ""), 0600, "tightened");
  umask(mask);
}

static void refused(void)
{
  g_autofree char *path = new_path();
  g_autofree char *link = g_strconcat(path, ".link", NULL);
  UNIT_TRUE(refuses(path, STORE_READ, EXIT_USAGE, "there is none yet"));
  UNIT_TRUE(refuses(path, STORE_WHATIF, EXIT_USAGE, "there is none yet"));
  UNIT_TRUE(refuses("/proc/idou/x.db", STORE_WRITE, EXIT_USAGE, "No such file"));
  store_close(open_store(path, STORE_WRITE));
  UNIT_INT(symlink(path, link), 0);
  UNIT_TRUE(refuses(link, STORE_WRITE, EXIT_USAGE, "regular"));
  UNIT_TRUE(refuses(unit_dir(), STORE_READ, EXIT_USAGE, "regular"));
  static const char text[] = "personnel orders, in no way a database, and longer than its header "
                             "of a hundred bytes would be if it were one";
  UNIT_TRUE(g_file_set_contents(path, text, -1, NULL));
  UNIT_TRUE(refuses(path, STORE_WRITE, EXIT_USAGE, "not a store"));
}

// Runs SQL on the file behind the store's back.
static void meddle(const char *path, const char *sql)
{
  sqlite3 *db = NULL;
  UNIT_INT(sqlite3_open(path, &db), SQLITE_OK);
  UNIT_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sql);
  sqlite3_close(db);
}

static void versions(void)
{
  g_autofree char *path = new_path();
  meddle(path, "CREATE TABLE somebody_elses (x)");
  UNIT_TRUE(refuses(path, STORE_WRITE, EXIT_USAGE, "not a store"));
  meddle(path, "DROP TABLE somebody_elses");
  UNIT_TRUE(refuses(path, STORE_READ, EXIT_USAGE, "version 0"),
            "an old one, and no right to migrate");
  {
    g_autoptr(Store) copy = open_store(path, STORE_WHATIF);
    set_cursor(copy, "migrated in memory");
    UNIT_TRUE(refuses(path, STORE_READ, EXIT_USAGE, "version 0"));
  }
  store_close(open_store(path, STORE_WRITE));
  store_close(open_store(path, STORE_READ));
  g_autofree char *newer = g_strdup_printf("PRAGMA user_version = %d", store_version_newest() + 1);
  meddle(path, newer);
  for (StoreMode mode = STORE_READ; mode <= STORE_WHATIF; mode++)
    UNIT_TRUE(refuses(path, mode, EXIT_USAGE, "newer idou"), "mode %d", mode);
}

static void statements_prepare(void)
{
  g_autofree char *path = new_path();
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  for (StoreSql id = 0; id < SQL_COUNT; id++) {
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(store->db, store_sql(id), -1, &stmt, NULL);
    UNIT_INT(code, SQLITE_OK, "%s: %s", store_sql(id), sqlite3_errmsg(store->db));
    sqlite3_finalize(stmt);
  }
}

// Whether SQLite needs to sort, or to read all of a table, for what is asked for every person.
static void statements_use_indexes(void)
{
  static const StoreSql keyed[] = {
      SQL_LINK_FIND,  SQL_LINK_NUMBER,    SQL_POST_FIND,  SQL_INTAKE_BY_SHA256,  SQL_ROW_ORIGIN,
      SQL_ORDER_FIND, SQL_FACT_ON,        SQL_FACTS_OF,   SQL_FACT_WITHDRAW_ROW, SQL_FACTS_SCAN,
      SQL_NAME_FIND,  SQL_NAME_OF,        SQL_BINDING_OF, SQL_BINDING_OBJECT,    SQL_OP_GET,
      SQL_ORDERS_OF,  SQL_ORDERS_WAITING, SQL_LINKS_OF,   SQL_PERSONS_BORN,      SQL_FACT_END,
  };
  g_autofree char *path = new_path();
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  for (size_t i = 0; i < G_N_ELEMENTS(keyed); i++) {
    g_autofree char *sql = g_strconcat("EXPLAIN QUERY PLAN ", store_sql(keyed[i]), NULL);
    sqlite3_stmt *stmt = NULL;
    UNIT_INT(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
      const char *step = (const char *)sqlite3_column_text(stmt, 3);
      UNIT_TRUE(!strstr(step, "SCAN") && !strstr(step, "TEMP B-TREE"), "%s: %s", sql, step);
    }
    sqlite3_finalize(stmt);
  }
}

// ---------------------------------------------------------------------------------------------

static void dry_run_cannot_write(void)
{
  g_autofree char *path = new_path();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) writer = open_store(path, STORE_WRITE);
  set_cursor(writer, "before");
  g_autoptr(Store) reader = open_store(path, STORE_READ);
  UNIT_STR(get_cursor(reader), "before");
  UNIT_TRUE(!store_cursor_set(reader, "test", "value", "changed", &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_FAILED) &&
            strstr(error->message, "reading only"));
  g_clear_error(&error);
  UNIT_TRUE(!store_begin(reader, &error));
  g_clear_error(&error);
  UNIT_TRUE(!store_subject_add(reader, SUBJECT_PERSON, &error));
  g_clear_error(&error);
  set_cursor(writer, "after");
  UNIT_STR(get_cursor(reader), "before", "one moment of the file");
  g_autoptr(Store) later = open_store(path, STORE_READ);
  UNIT_STR(get_cursor(later), "after");
}

static void read_without_a_writer(void)
{
  g_autofree char *path = new_path();
  {
    g_autoptr(Store) writer = open_store(path, STORE_WRITE);
    set_cursor(writer, "kept");
  }
  g_autoptr(Store) reader = open_store(path, STORE_READ);
  UNIT_STR(get_cursor(reader), "kept");
}

// Runs `child` in a process of its own; 0 when it was content.
static int in_child(int (*child)(const char *path), const char *path)
{
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0)
    _exit(child(path));
  int status = -1;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// Root may write to any folder, unless it gives that up.
static bool give_up_override(void)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
  if (syscall(SYS_capget, &header, data) != 0)
    return false;
  data[0].effective &= ~(1u << CAP_DAC_OVERRIDE);
  return syscall(SYS_capset, &header, data) == 0;
}

static int read_here(const char *path)
{
  g_autofree char *folder = g_path_get_dirname(path);
  if (!give_up_override() || faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) == 0)
    return 2;
  g_autoptr(Store) store = store_open(path, STORE_READ, NULL);
  return !store || g_strcmp0(get_cursor(store), "kept") != 0;
}

static void read_in_a_folder_not_ours(void)
{
  g_autofree char *path = new_path();
  {
    g_autoptr(Store) writer = open_store(path, STORE_WRITE);
    set_cursor(writer, "kept");
  }
  g_autofree char *folder = g_path_get_dirname(path);
  chmod(folder, 0555);
  UNIT_INT(in_child(read_here, path), 0);
  chmod(folder, 0700);
}

static void whatif_goes_nowhere(void)
{
  g_autofree char *path = new_path();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) writer = open_store(path, STORE_WRITE);
  set_cursor(writer, "real");
  FieldId field = store_field_add(writer, "extension", &error);
  g_autoptr(Store) copy = open_store(path, STORE_WHATIF);
  UNIT_STR(get_cursor(copy), "real");
  UNIT_INT(store_field(copy, "extension"), field);
  UNIT_TRUE(store_begin(copy, &error));
  set_cursor(copy, "imagined");
  UNIT_TRUE(store_commit(copy, &error));
  UNIT_STR(get_cursor(copy), "imagined");
  UNIT_STR(get_cursor(writer), "real");
}

// ---------------------------------------------------------------------------------------------

static void transactions(void)
{
  g_autofree char *path = new_path();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  UNIT_TRUE(store_begin(store, &error));
  set_cursor(store, "kept");
  UNIT_TRUE(store_commit(store, &error));
  UNIT_TRUE(store_begin(store, &error));
  UNIT_TRUE(!store_begin(store, &error), "they do not nest");
  g_clear_error(&error);
  store_rollback(store);
  UNIT_TRUE(store_begin(store, &error));
  set_cursor(store, "dropped");
  store_rollback(store);
  store_rollback(store);
  UNIT_STR(get_cursor(store), "kept");
}

static bool fill(Store *store, GError **error)
{
  IntakeRow intake = {.name = "f", .sha256 = "s", .layout = "l", .kind = "roster", .space = "city"};
  int64_t id = store_intake_add(store, &intake, error);
  g_autofree char *raw = g_strnfill(5000, 'x');
  for (int i = 0; id > 0 && i < 100000; i++)
    if (store_row_add(store, id, i, raw, 5000, error) == 0)
      return false;
  return id > 0;
}

static void check_full(Store *store)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(store_begin(store, &error));
  UNIT_TRUE(!fill(store, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_FAILED), "%s", error ? error->message : "");
  UNIT_TRUE(error && strstr(error->message, "disk"), "%s", error ? error->message : "");
  g_clear_error(&error);
  // Whoever overlooks it keeps no half of the transaction.
  UNIT_TRUE(!store_cursor_set(store, "test", "value", "half", &error));
  g_clear_error(&error);
  UNIT_TRUE(!store_commit(store, &error));
  IntakeRow found;
  UNIT_TRUE(!store_intake_by_sha256(store, "s", &found), "nothing of it was kept");
  UNIT_STR(get_cursor(store), "before");
}

static void disk_full(void)
{
  g_autofree char *path = new_path();
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  set_cursor(store, "before");
  UNIT_INT(sqlite3_exec(store->db, "PRAGMA max_page_count = 100", NULL, NULL, NULL), SQLITE_OK);
  check_full(store);
  UNIT_INT(sqlite3_exec(store->db, "PRAGMA max_page_count = 1000000", NULL, NULL, NULL), SQLITE_OK);
  set_cursor(store, "room again");
  UNIT_STR(get_cursor(store), "room again");
}

// The same with a disk that really refuses: a limit on the size of files stands in for it.
static int fill_limited(const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(path, STORE_WRITE, NULL);
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = {1 << 20, 1 << 20};
  if (!store || setrlimit(RLIMIT_FSIZE, &limit) != 0 || !store_begin(store, NULL))
    return 1;
  // So that it writes before the commit.
  sqlite3_exec(store->db, "PRAGMA cache_size = 10", NULL, NULL, NULL);
  if (fill(store, &error) || !g_error_matches(error, IDOU_ERROR, EXIT_FAILED) ||
      !strstr(error->message, "disk"))
    return 2;
  return store_commit(store, NULL) ? 3 : 0;
}

static void disk_refuses(void)
{
  g_autofree char *path = new_path();
  UNIT_INT(in_child(fill_limited, path), 0);
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  IntakeRow found;
  UNIT_TRUE(!store_intake_by_sha256(store, "s", &found), "nothing of it was kept");
}

// Ends without a word in the middle of a transaction that has spilled into the WAL.
static int die_in_transaction(const char *path)
{
  g_autoptr(Store) store = store_open(path, STORE_WRITE, NULL);
  if (!store || !store_cursor_set(store, "test", "value", "committed", NULL) ||
      !store_begin(store, NULL) || !store_cursor_set(store, "test", "value", "torn", NULL))
    return 1;
  sqlite3_exec(store->db, "PRAGMA cache_size = 10", NULL, NULL, NULL);
  IntakeRow intake = {.name = "f", .sha256 = "s", .layout = "l", .kind = "roster", .space = "city"};
  int64_t id = store_intake_add(store, &intake, NULL);
  for (int i = 0; i < 20000; i++)
    store_row_add(store, id, i, "a row that fills the cache", 26, NULL);
  return kill(getpid(), SIGKILL);
}

static void killed_before_commit(void)
{
  g_autofree char *path = new_path();
  UNIT_INT(in_child(die_in_transaction, path), -SIGKILL);
  g_autofree char *wal = g_strconcat(path, "-wal", NULL);
  UNIT_TRUE(g_file_test(wal, G_FILE_TEST_EXISTS), "it had written");
  IntakeRow found;
  {
    g_autoptr(Store) reader = open_store(path, STORE_READ);
    UNIT_STR(get_cursor(reader), "committed");
    UNIT_TRUE(!store_intake_by_sha256(reader, "s", &found));
  }
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  UNIT_STR(get_cursor(store), "committed");
  UNIT_TRUE(!store_intake_by_sha256(store, "s", &found));
  set_cursor(store, "goes on");
}

// A getter has no GError: its fault must not be taken for "there is none" by what follows.
static void fault_of_a_getter(void)
{
  g_autofree char *path = new_path();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = open_store(path, STORE_WRITE);
  UNIT_TRUE(store_begin(store, &error));
  set_cursor(store, "built on nothing");
  UNIT_INT(sqlite3_exec(store->db, "ALTER TABLE name RENAME TO mislaid", NULL, NULL, NULL),
           SQLITE_OK);
  log_set_level(LOG_QUIET);
  UNIT_INT(store_name_owner(store, "login", "k-yamada"), 0);
  UNIT_TRUE(!store_commit(store, &error));
  UNIT_TRUE(error && strstr(error->message, "name"));
  UNIT_STR(get_cursor(store), NULL);
  g_clear_error(&error);
  UNIT_TRUE(store_check(store, &error), "told once");
  UNIT_INT(sqlite3_exec(store->db, "ALTER TABLE name RENAME TO mislaid", NULL, NULL, NULL),
           SQLITE_OK);
  UNIT_STR(store_name_of(store, "login", 1), NULL);
  UNIT_TRUE(!store_check(store, &error));
  UNIT_TRUE(error && strstr(error->message, "name"));
}

static const UnitTest tests[] = {
    {"private_to_us", private_to_us},
    {"refused", refused},
    {"versions", versions},
    {"statements_prepare", statements_prepare},
    {"statements_use_indexes", statements_use_indexes},
    {"dry_run_cannot_write", dry_run_cannot_write},
    {"read_without_a_writer", read_without_a_writer},
    {"read_in_a_folder_not_ours", read_in_a_folder_not_ours},
    {"whatif_goes_nowhere", whatif_goes_nowhere},
    {"transactions", transactions},
    {"disk_full", disk_full},
    {"disk_refuses", disk_refuses},
    {"killed_before_commit", killed_before_commit},
    {"fault_of_a_getter", fault_of_a_getter},
    {NULL, NULL},
};
UNIT_SUITE(store_file, tests);
