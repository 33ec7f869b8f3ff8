// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *in(const char *dir, const char *name)
{
  return g_build_filename(dir, name, NULL);
}

static void check_error(GError **error, ExitCode code, const char *part, const char *row)
{
  if (!UNIT_TRUE(g_error_matches(*error, IDOU_ERROR, (int)code), "%s: %s", row,
                 *error ? (*error)->message : "no error"))
    return;
  UNIT_TRUE(strstr((*error)->message, part), "%s: %s", row, (*error)->message);
  g_clear_error(error);
}

static int mode_of(const char *path)
{
  struct stat status;
  return stat(path, &status) == 0 ? (int)(status.st_mode & 07777) : -1;
}

static void check_content(const char *path, const char *want, size_t n_want)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = file_read(path, 1 << 20, &error);
  if (!UNIT_NO_ERROR(error))
    return;
  g_autoptr(GBytes) wanted = g_bytes_new(want, n_want);
  UNIT_TRUE(g_bytes_equal(bytes, wanted), "%s", path);
}

static void written_files_are_read(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = in(unit_dir(), "a");
  UNIT_TRUE(file_write(path, "a\0b\n", 4, 0600, &error));
  check_content(path, "a\0b\n", 4);
  UNIT_TRUE(file_write(path, "", 0, 0600, &error));
  check_content(path, "", 0);
  size_t n_big = 300001;
  g_autofree char *big = g_malloc(n_big);
  memset(big, 'x', n_big);
  UNIT_TRUE(file_write(path, big, n_big, 0600, &error));
  check_content(path, big, n_big);
  UNIT_NO_ERROR(error);
}

static void the_mode_is_exact(void)
{
  static const int modes[] = {0600, 0640, 0644, 0400};
  g_autofree char *path = in(unit_dir(), "a");
  mode_t before = umask(077);
  for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(file_write(path, "a", 1, modes[i], &error), "%o", modes[i]);
    UNIT_INT(mode_of(path), modes[i], "%o", modes[i]);
  }
  umask(before);
}

// The name comes with the content or not at all, and no temporary file stays.
static void a_failed_write_leaves_nothing(void)
{
  g_autoptr(GError) error = NULL;
  const char *dir = unit_dir();
  g_autofree char *folder = in(dir, "folder");
  g_autofree char *inside = in(folder, "x");
  g_autofree char *missing = in(dir, "none/a");
  UNIT_TRUE(file_make_dir(folder, 0700, &error));
  UNIT_TRUE(file_write(inside, "a", 1, 0600, &error));
  UNIT_TRUE(!file_write(folder, "a", 1, 0600, &error));
  check_error(&error, EXIT_FAILED, "folder: cannot write: ", "onto a folder");
  UNIT_TRUE(!file_write(missing, "a", 1, 0600, &error));
  check_error(&error, EXIT_FAILED, "No such file", "in no folder");
  g_autoptr(GDir) listing = g_dir_open(dir, 0, NULL);
  UNIT_STR(g_dir_read_name(listing), "folder");
  UNIT_STR(g_dir_read_name(listing), NULL);
}

// A reader that opened the file before still sees the old content whole.
static void writing_replaces(void)
{
  g_autoptr(GError) error = NULL;
  const char *dir = unit_dir();
  g_autofree char *path = in(dir, "a"), *link_path = in(dir, "link");
  char old[4] = "";
  UNIT_TRUE(file_write(path, "old", 3, 0600, &error));
  int fd = open(path, O_RDONLY);
  UNIT_TRUE(file_write(path, "newer", 5, 0600, &error));
  UNIT_INT(read(fd, old, 3), 3);
  close(fd);
  UNIT_STR(old, "old");
  check_content(path, "newer", 5);
  UNIT_INT(symlink(path, link_path), 0);
  UNIT_TRUE(file_write(link_path, "own", 3, 0600, &error));
  check_content(link_path, "own", 3);
  check_content(path, "newer", 5);
}

// A write that the system cuts short (here by a limit, elsewhere by a full disk) is an error, and
// the old content stays. In a child, since the limit would hold for all that follows.
static void a_full_disk_keeps_the_old_file(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = in(unit_dir(), "a");
  UNIT_TRUE(file_write(path, "old", 3, 0600, &error));
  pid_t pid = fork();
  if (pid == 0) {
    static char big[100000];
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){50000, 50000});
    _exit(file_write(path, big, sizeof big, 0600, &error) ? 0 : error->code);
  }
  int status;
  UNIT_INT(waitpid(pid, &status, 0), pid);
  UNIT_TRUE(WIFEXITED(status));
  UNIT_INT(WEXITSTATUS(status), EXIT_FAILED);
  check_content(path, "old", 3);
}

static void only_regular_files_are_opened(void)
{
  static const struct {
    const char *name, *part;
  } rows[] = {{"link", "symbolic link"},      {"folder", "not a regular file"},
              {"fifo", "not a regular file"}, {"none", "No such file"},
              {"dangling", "symbolic link"},  {"folder/a", "plain file name"},
              {"../a", "plain file name"},    {"..", "not a regular file"},
              {"\x1B[2J", "\\u{1B}[2J"}};
  g_autoptr(GError) error = NULL;
  const char *dir = unit_dir();
  g_autofree char *a = in(dir, "a"), *folder = in(dir, "folder"), *inside = in(dir, "folder/a");
  g_autofree char *fifo = in(dir, "fifo"), *link_path = in(dir, "link"),
                  *dangling = in(dir, "dangling");
  UNIT_TRUE(file_write(a, "a", 1, 0600, &error) && file_make_dir(folder, 0700, &error) &&
            file_write(inside, "a", 1, 0600, &error));
  UNIT_INT(symlink("a", link_path) + symlink("none", dangling) + mkfifo(fifo, 0600), 0);
  int dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
  int fd = file_open_at(dir_fd, "a", &error);
  UNIT_TRUE(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
  close(fd);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    UNIT_INT(file_open_at(dir_fd, rows[i].name, &error), -1, "%zu", i);
    check_error(&error, EXIT_USAGE, rows[i].part, rows[i].name);
    g_autofree char *path = in(dir, rows[i].name);
    if (strchr(rows[i].name, '/'))
      continue;
    UNIT_TRUE(!file_read(path, 100, &error), "%zu", i);
    check_error(&error, EXIT_USAGE, rows[i].part, rows[i].name);
  }
  close(dir_fd);
}

static void too_much_is_refused(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = in(unit_dir(), "a");
  UNIT_TRUE(file_write(path, "0123456789", 10, 0600, &error));
  g_autoptr(GBytes) all = file_read(path, 10, &error);
  UNIT_INT(g_bytes_get_size(all), 10);
  UNIT_TRUE(!file_read(path, 9, &error));
  check_error(&error, EXIT_USAGE, "File too large", "nine of ten");
  UNIT_TRUE(!file_read("/dev/zero", 9, &error));
  check_error(&error, EXIT_USAGE, "not a regular file", "/dev/zero");
}

static void folders_are_made(void)
{
  g_autoptr(GError) error = NULL;
  const char *dir = unit_dir();
  g_autofree char *deep = in(dir, "a/b/c"), *file = in(dir, "file"), *below = in(dir, "file/x");
  UNIT_TRUE(file_make_dir(deep, 0700, &error));
  UNIT_TRUE(file_make_dir(deep, 0700, &error));
  UNIT_INT(mode_of(deep), 0700);
  UNIT_TRUE(file_write(file, "", 0, 0600, &error));
  UNIT_TRUE(!file_make_dir(below, 0700, &error));
  check_error(&error, EXIT_FAILED, "cannot make the folder", "below a file");
  UNIT_TRUE(!file_make_dir(file, 0700, &error));
  g_clear_error(&error);
  UNIT_TRUE(file_sync_parent(deep, &error));
  UNIT_TRUE(!file_sync_parent(below, &error));
  check_error(&error, EXIT_FAILED, "Not a directory", "sync");
}

static void digests_are_sha256(void)
{
  g_autofree char *empty = file_sha256("", 0), *abc = file_sha256("abc", 3);
  UNIT_STR(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  UNIT_STR(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void one_holds_the_lock(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = in(unit_dir(), "lock");
  g_autofree char *pid = g_strdup_printf("process %ld holds it", (long)getpid());
  g_autofree char *line = g_strdup_printf("%ld\n", (long)getpid());
  int fd = file_lock(path, &error);
  UNIT_TRUE(fd >= 0);
  UNIT_INT(mode_of(path), 0600);
  // Also against another part of the same process, and reading the file must not let go of it.
  UNIT_INT(file_lock(path, &error), -1);
  check_error(&error, EXIT_LOCKED, pid, "second");
  check_content(path, line, strlen(line));
  UNIT_INT(file_lock(path, &error), -1);
  check_error(&error, EXIT_LOCKED, pid, "third");
  close(fd);
  fd = file_lock(path, &error);
  UNIT_TRUE(fd >= 0 && UNIT_NO_ERROR(error));
  close(fd);
}

// The lock of a process that was killed is free, and its longer pid does not stay in the file.
static void a_killed_holder_lets_go(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = in(unit_dir(), "lock");
  int ready[2];
  char byte;
  UNIT_INT(pipe(ready), 0);
  pid_t pid = fork();
  if (pid == 0) {
    bool held = file_lock(path, NULL) >= 0;
    if (write(ready[1], held ? "y" : "n", 1) == 1)
      pause();
    _exit(0);
  }
  UNIT_INT(read(ready[0], &byte, 1), 1);
  UNIT_INT(byte, 'y');
  g_autofree char *holder = g_strdup_printf("process %ld holds it", (long)pid);
  UNIT_INT(file_lock(path, &error), -1);
  check_error(&error, EXIT_LOCKED, holder, "held by a child");
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  int fd = open(path, O_WRONLY | O_TRUNC);
  UNIT_INT(write(fd, "123456789012\n", 13), 13);
  close(fd);
  fd = file_lock(path, &error);
  UNIT_TRUE(fd >= 0);
  g_autofree char *line = g_strdup_printf("%ld\n", (long)getpid());
  check_content(path, line, strlen(line));
  close(fd), close(ready[0]), close(ready[1]);
}

static void a_lock_is_no_link(void)
{
  g_autoptr(GError) error = NULL;
  const char *dir = unit_dir();
  g_autofree char *path = in(dir, "link"), *missing = in(dir, "none/lock");
  UNIT_INT(symlink("elsewhere", path), 0);
  UNIT_INT(file_lock(path, &error), -1);
  check_error(&error, EXIT_USAGE, "symbolic link", "link");
  UNIT_INT(file_lock(missing, &error), -1);
  check_error(&error, EXIT_USAGE, "cannot lock", "missing");
}

// What goes to stderr, one escaped line an event.
static void notes_go_to_stderr(void)
{
  g_autofree char *path = in(unit_dir(), "stderr");
  int saved = dup(STDERR_FILENO), fd = open(path, O_CREAT | O_RDWR, 0600);
  fflush(stderr);
  dup2(fd, STDERR_FILENO);
  log_note(LOG_NORMAL, "row %d\n\x1B", 3);
  log_note(LOG_VERBOSE, "unseen");
  log_set_level(LOG_VERBOSE);
  log_note(LOG_VERBOSE, "seen");
  log_set_level(LOG_QUIET);
  log_note(LOG_NORMAL, "unseen");
  log_set_level(LOG_NORMAL);
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved), close(fd);
  static const char want[] = "idou: row 3\\u{A}\\u{1B}\nidou: seen\n";
  check_content(path, want, sizeof want - 1);
}

static const UnitTest tests[] = {
    {"written_files_are_read", written_files_are_read},
    {"the_mode_is_exact", the_mode_is_exact},
    {"a_failed_write_leaves_nothing", a_failed_write_leaves_nothing},
    {"writing_replaces", writing_replaces},
    {"a_full_disk_keeps_the_old_file", a_full_disk_keeps_the_old_file},
    {"only_regular_files_are_opened", only_regular_files_are_opened},
    {"too_much_is_refused", too_much_is_refused},
    {"folders_are_made", folders_are_made},
    {"digests_are_sha256", digests_are_sha256},
    {"one_holds_the_lock", one_holds_the_lock},
    {"a_killed_holder_lets_go", a_killed_holder_lets_go},
    {"a_lock_is_no_link", a_lock_is_no_link},
    {"notes_go_to_stderr", notes_go_to_stderr},
    {NULL, NULL},
};
UNIT_SUITE(file, tests);
