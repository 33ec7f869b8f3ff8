// SPDX-License-Identifier: GPL-3.0-or-later
//
// Large files that nobody else can change while they are read. The hash is nettle's, which uses the processor's
// own instructions for it: GLib's takes three times as long, a quarter of all that a file costs.
#include "base/base_p.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16, FORGET_BYTES = 1 << 22 };

static void set_errno(GError **error, ExitCode code, const char *path, const char *what)
{
  file_set_error(error, code, path, what, g_strerror(errno));
}

// A file without a name: it goes with its descriptor, however the program ends.
static int open_nameless(const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename(folder, "idou-XXXXXX", NULL);
  int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    set_errno(error, EXIT_FAILED, folder, _("cannot make a file in the folder"));
  else
    g_unlink(path);
  return fd;
}

// `sum` may be NULL.
static bool copy(int from, int to, const char *path, size_t max_bytes, struct sha256_ctx *sum,
                 GError **error)
{
  char block[BLOCK_BYTES];
  for (size_t done = 0;;) {
    ssize_t n = read(from, block, sizeof block);
    if (n < 0 && errno == EINTR)
      continue;
    if (n == 0)
      return true;
    done += n > 0 ? (size_t)n : 0;
    if (done > max_bytes)
      errno = EFBIG;
    if (n < 0 || done > max_bytes) {
      set_errno(error, EXIT_USAGE, path, _("cannot read"));
      return false;
    }
    if (sum)
      sha256_update(sum, (size_t)n, (const uint8_t *)block);
    if (!file_write_all(to, block, (size_t)n)) {
      set_errno(error, EXIT_FAILED, path, _("cannot copy"));
      return false;
    }
  }
}

// Puts a copy in the place of `fd`, which is closed.
static int copy_nameless(int fd, const char *path, const FileMapping *how, struct sha256_ctx *sum,
                         GError **error)
{
  int to = open_nameless(how->copy_to, error);
  bool done = to >= 0 && copy(fd, to, path, how->max_bytes, sum, error);
  close(fd);
  if (to >= 0 && !done) {
    close(to);
    to = -1;
  }
  return to;
}

bool file_copy(int fd, const char *name, const char *to, size_t max_bytes, GError **error)
{
  int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (out < 0) {
    set_errno(error, EXIT_FAILED, to, _("cannot make"));
    return false;
  }
  bool done = copy(fd, out, name, max_bytes, NULL, error);
  close(out);
  if (!done)
    g_unlink(to);
  return done;
}

static FileMap *map_fd(int fd, const char *path, size_t max_bytes, GError **error)
{
  struct stat status;
  if (fstat(fd, &status) != 0 || (uint64_t)status.st_size > max_bytes) {
    errno = EFBIG;
    set_errno(error, EXIT_USAGE, path, _("cannot read"));
    return NULL;
  }
  FileMap *map = g_new0(FileMap, 1);
  map->n_bytes = (size_t)status.st_size;
  map->bytes = "";
  if (map->n_bytes == 0)
    return map;
  void *bytes = mmap(NULL, map->n_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) {
    set_errno(error, EXIT_FAILED, path, _("cannot map"));
    g_free(map);
    return NULL;
  }
  map->bytes = bytes;
  return map;
}

void file_map_forget(const FileMap *map)
{
  // They are the file's own and come again when they are wanted.
  if (map->n_bytes > 0)
    madvise((void *)map->bytes, map->n_bytes, MADV_DONTNEED);
}

static void hash(const FileMap *map, struct sha256_ctx *sum)
{
  for (size_t at = 0; at < map->n_bytes; at += FORGET_BYTES) {
    sha256_update(sum, MIN(map->n_bytes - at, FORGET_BYTES), (const uint8_t *)map->bytes + at);
    file_map_forget(map);
  }
}

static void finish_hash(struct sha256_ctx *sum, char hex[65])
{
  uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_digest(sum, sizeof digest, digest);
  sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest);
}

FileMap *file_map(const char *path, const FileMapping *how, GError **error)
{
  struct stat status;
  struct sha256_ctx sum;
  sha256_init(&sum);
  int fd = file_open_regular(AT_FDCWD, path, &status, error);
  if (fd >= 0 && how->copy_to)
    fd = copy_nameless(fd, path, how, &sum, error);
  FileMap *map = fd < 0 ? NULL : map_fd(fd, path, how->max_bytes, error);
  if (fd >= 0)
    close(fd);
  if (map && !how->copy_to)
    hash(map, &sum);
  if (map)
    finish_hash(&sum, map->sha256);
  return map;
}

void file_map_free(FileMap *map)
{
  if (!map)
    return;
  if (map->n_bytes > 0)
    munmap((void *)map->bytes, map->n_bytes);
  g_free(map);
}
