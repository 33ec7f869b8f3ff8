// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

void file_set_error(GError **error, ExitCode code, const char *path, const char *what,
                    const char *why)
{
  g_autoptr(GString) shown = g_string_new(NULL);
  escape_text(shown, path, ESCAPE_TERMINAL);
  g_set_error(error, IDOU_ERROR, (int)code, "%s: %s: %s", shown->str, what, why);
}

// The same with the system's reason. To O_NOFOLLOW a link is a loop, which helps nobody.
static void set_errno(GError **error, ExitCode code, const char *path, const char *what)
{
  const char *why = errno == ELOOP ? _("it is a symbolic link") : g_strerror(errno);
  file_set_error(error, code, path, what, why);
}

// O_NONBLOCK: opening a FIFO that somebody put there would otherwise wait for a writer.
int file_open_regular(int dir_fd, const char *path, struct stat *status, GError **error)
{
  const char *what = _("cannot open");
  int fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    set_errno(error, EXIT_USAGE, path, what);
    return -1;
  }
  if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
    return fd;
  file_set_error(error, EXIT_USAGE, path, what, _("it is not a regular file"));
  close(fd);
  return -1;
}

int file_open_at(int dir_fd, const char *name, GError **error)
{
  struct stat status;
  // O_NOFOLLOW guards the last part of a path only.
  if (strchr(name, '/')) {
    file_set_error(error, EXIT_USAGE, name, _("cannot open"), _("it is not a plain file name"));
    return -1;
  }
  return file_open_regular(dir_fd, name, &status, error);
}

// Reads to the end; false when there is more than `max_bytes` (errno EFBIG) or on an error.
static bool read_all(int fd, size_t max_bytes, GByteArray *bytes)
{
  guint8 block[16384];
  for (;;) {
    ssize_t n = read(fd, block, sizeof block);
    if (n == 0)
      return true;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    if ((size_t)n > max_bytes - bytes->len) {
      errno = EFBIG;
      return false;
    }
    g_byte_array_append(bytes, block, (guint)n);
  }
}

GBytes *file_read(const char *path, size_t max_bytes, GError **error)
{
  struct stat status;
  int fd = file_open_regular(AT_FDCWD, path, &status, error);
  if (fd < 0)
    return NULL;
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  bool done = read_all(fd, MIN(max_bytes, G_MAXUINT - 1), bytes);
  if (!done)
    set_errno(error, EXIT_USAGE, path, _("cannot read"));
  close(fd);
  return done ? g_byte_array_free_to_bytes(g_steal_pointer(&bytes)) : NULL;
}

// The folder's entry for a renamed file is on disk only once the folder is.
bool file_sync_parent(const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname(path);
  int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool done = fd >= 0 && fsync(fd) == 0;
  if (!done)
    set_errno(error, EXIT_FAILED, parent, _("cannot write the folder to disk"));
  if (fd >= 0)
    close(fd);
  return done;
}

bool file_write_all(int fd, const char *bytes, size_t n_bytes)
{
  for (size_t done = 0; done < n_bytes;) {
    ssize_t n = write(fd, bytes + done, n_bytes - done);
    if (n < 0 && errno != EINTR)
      return false;
    done += n > 0 ? (size_t)n : 0;
  }
  return true;
}

// Not g_file_set_contents_full: it makes the file by the umask, not by the mode asked for.
bool file_write(const char *path, const void *bytes, size_t n_bytes, int mode, GError **error)
{
  g_autofree char *temporary = g_strconcat(path, ".XXXXXX", NULL);
  int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    set_errno(error, EXIT_FAILED, path, _("cannot write"));
    return false;
  }
  // Synced before the rename, or a crash could leave the new name with nothing in it.
  bool done = file_write_all(fd, bytes, n_bytes) && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
  int reason = errno;
  bool closed = close(fd) == 0;
  if (done && closed && rename(temporary, path) == 0)
    return file_sync_parent(path, error);
  errno = done ? errno : reason;
  set_errno(error, EXIT_FAILED, path, _("cannot write"));
  unlink(temporary);
  return false;
}

char *file_sha256(const void *bytes, size_t n_bytes)
{
  return g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, n_bytes);
}

static void set_locked(int fd, const char *path, GError **error)
{
  char pid[16] = "";
  ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
  pid[MAX(n, 0)] = '\0';
  g_autofree char *why = g_strdup_printf(_("process %s holds it"), g_strstrip(pid));
  file_set_error(error, EXIT_LOCKED, path, _("cannot lock"), why);
}

// An open-file-description lock: unlike a POSIX lock it does not go when some other part of the
// program closes the same file, and unlike flock it works over NFS.
bool file_is_locked(const char *path)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
  bool locked = fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  if (fd >= 0)
    close(fd);
  return locked;
}

int file_lock(const char *path, GError **error)
{
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fd < 0) {
    set_errno(error, EXIT_USAGE, path, _("cannot lock"));
    return -1;
  }
  g_autofree char *pid = g_strdup_printf("%ld\n", (long)getpid());
  if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES)
      set_locked(fd, path, error);
    else
      set_errno(error, EXIT_USAGE, path, _("cannot lock"));
  } else if (ftruncate(fd, 0) != 0 || !file_write_all(fd, pid, strlen(pid))) {
    set_errno(error, EXIT_FAILED, path, _("cannot lock"));
  } else {
    return fd;
  }
  close(fd);
  return -1;
}

bool file_make_dir(const char *path, int mode, GError **error)
{
  if (g_mkdir_with_parents(path, mode) == 0)
    return true;
  set_errno(error, EXIT_FAILED, path, _("cannot make the folder"));
  return false;
}
