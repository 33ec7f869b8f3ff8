// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"
#include "unit.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *write_secret(const void *bytes, size_t n_bytes, int mode)
{
  g_autoptr(GError) error = NULL;
  char *path = g_build_filename(unit_dir(), "secret", NULL);
  UNIT_TRUE(file_write(path, bytes, n_bytes, mode, &error));
  UNIT_NO_ERROR(error);
  return path;
}

static void the_first_line_is_taken(void)
{
  static const struct {
    const char *file, *secret;
  } rows[] = {{"geheim", "geheim"},
              {"geheim\n", "geheim"},
              {"geheim\r\n", "geheim"},
              {"geheim\nmore\n", "geheim"},
              {" spaces stay ", " spaces stay "},
              {"秘密\n", "秘密"},
              {"a\rb\n", "a\rb"},
              {"x", "x"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = write_secret(rows[i].file, strlen(rows[i].file), i % 2 ? 0400 : 0600);
    g_autoptr(Secret) secret = secret_load(path, &error);
    size_t n_bytes = 0;
    if (!UNIT_NO_ERROR(error, "%zu", i))
      continue;
    UNIT_STR(secret_bytes(secret, &n_bytes), rows[i].secret);
    UNIT_INT(n_bytes, strlen(rows[i].secret), "%zu", i);
    UNIT_STR(secret_bytes(secret, NULL), rows[i].secret);
  }
}

static void check_refused(const char *path, const char *why)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(!secret_load(path, &error), "%s", why);
  if (!UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "%s", why))
    return;
  UNIT_TRUE(strstr(error->message, why), "%s: %s", why, error->message);
  UNIT_TRUE(!strstr(error->message, "geheim"), "%s", error->message);
}

static void unusable_content_is_refused(void)
{
  static const struct {
    const char *bytes;
    size_t n_bytes;
    const char *why;
  } rows[] = {{"", 0, "empty"},         {"\n", 1, "empty"},        {"\r\n", 2, "empty"},
              {"\ngeheim", 7, "empty"}, {"geheim\0x\n", 9, "NUL"}, {"\0", 1, "NUL"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *path = write_secret(rows[i].bytes, rows[i].n_bytes, 0600);
    check_refused(path, rows[i].why);
  }
}

static void long_lines(void)
{
  char bytes[10000];
  memset(bytes, 'x', sizeof bytes);
  g_autofree char *path = write_secret(bytes, sizeof bytes, 0600);
  check_refused(path, "too long");
  bytes[4095] = '\n';
  g_autoptr(GError) error = NULL;
  g_autofree char *fits = write_secret(bytes, sizeof bytes, 0600);
  g_autoptr(Secret) secret = secret_load(fits, &error);
  size_t n_bytes = 0;
  if (UNIT_NO_ERROR(error))
    secret_bytes(secret, &n_bytes);
  UNIT_INT(n_bytes, 4095);
}

static void exposed_files_are_refused(void)
{
  static const int modes[] = {0644, 0640, 0620, 0604, 0601, 0700, 04600};
  for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
    g_autofree char *path = write_secret("geheim", 6, modes[i]);
    check_refused(path, "0600");
  }
}

static void only_a_file_of_ours_is_read(void)
{
  g_autofree char *path = write_secret("geheim", 6, 0600);
  g_autofree char *link_path = g_strconcat(path, "-link", NULL);
  g_autofree char *missing = g_strconcat(path, "-none", NULL);
  g_autofree char *dir = g_path_get_dirname(path);
  UNIT_INT(symlink(path, link_path), 0);
  check_refused(link_path, "symbolic link");
  check_refused(missing, "No such file");
  check_refused(dir, "not a regular file");
  // Only root can give a file away.
  if (geteuid() == 0 && chown(path, 12345, 12345) == 0)
    check_refused(path, "belong");
}

static void random_secrets(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Secret) a = secret_random(16, &error);
  g_autoptr(Secret) b = secret_random(16, &error);
  if (!UNIT_NO_ERROR(error))
    return;
  size_t n_bytes = 0;
  UNIT_INT(strlen(secret_bytes(a, &n_bytes)), 16);
  UNIT_INT(n_bytes, 16);
  UNIT_TRUE(strcmp(secret_bytes(a, NULL), secret_bytes(b, NULL)) != 0);
  UNIT_TRUE(!secret_random(0, &error));
  g_clear_error(&error);
  UNIT_TRUE(!secret_random(100000, &error));
  secret_free(NULL);
}

// All of the alphabet, none of what looks alike.
static void random_letters(void)
{
  bool seen[256] = {false};
  size_t n_seen = 0;
  for (int round = 0; round < 10; round++) {
    g_autoptr(Secret) secret = secret_random(4096, NULL);
    for (const char *at = secret_bytes(secret, NULL); *at; at++) {
      UNIT_TRUE(g_ascii_isalnum(*at) && !strchr("0Oo1lI", *at), "%c", *at);
      n_seen += !seen[(unsigned char)*at];
      seen[(unsigned char)*at] = true;
    }
  }
  UNIT_INT(n_seen, 62 - 6);
}

// In a child: the limits stay with the process.
static void the_process_starts_guarded(void)
{
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit core = {1, 1};
    base_init();
    getrlimit(RLIMIT_CORE, &core);
    _exit(umask(0) == 077 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1);
  }
  int status = 0;
  UNIT_INT(waitpid(pid, &status, 0), pid);
  UNIT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static const UnitTest tests[] = {
    {"the_first_line_is_taken", the_first_line_is_taken},
    {"unusable_content_is_refused", unusable_content_is_refused},
    {"long_lines", long_lines},
    {"exposed_files_are_refused", exposed_files_are_refused},
    {"only_a_file_of_ours_is_read", only_a_file_of_ours_is_read},
    {"random_secrets", random_secrets},
    {"random_letters", random_letters},
    {"the_process_starts_guarded", the_process_starts_guarded},
    {NULL, NULL},
};
UNIT_SUITE(secret, tests);
