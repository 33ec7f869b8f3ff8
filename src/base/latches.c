// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

struct Latches {
  int fd;
  char *path;
};

Latches *latches_open(const char *path, GError **error)
{
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    file_set_error(error, EXIT_USAGE, path, _("cannot lock"), g_strerror(errno));
    return NULL;
  }
  Latches *latches = g_new(Latches, 1);
  *latches = (Latches){fd, g_strdup(path)};
  return latches;
}

void latches_close(Latches *latches)
{
  if (!latches)
    return;
  close(latches->fd);
  g_free(latches->path);
  g_free(latches);
}

// A name is a byte of the file, somewhere in its 2^62: the file stays empty. That two names fall on one byte is
// less likely than a disk that lies, and would make one of them wait.
static struct flock byte_of(const char *name, short type)
{
  uint64_t hash = 0;
  unsigned char digest[crypto_generichash_BYTES_MIN];
  crypto_generichash(digest, sizeof digest, (const unsigned char *)name, strlen(name), NULL, 0);
  memcpy(&hash, digest, sizeof hash);
  return (struct flock){
      .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)(hash >> 2), .l_len = 1};
}

bool latches_try(const Latches *latches, const char *name, bool *got, GError **error)
{
  struct flock byte = byte_of(name, F_WRLCK);
  *got = fcntl(latches->fd, F_OFD_SETLK, &byte) == 0;
  if (*got || errno == EAGAIN || errno == EACCES)
    return true;
  file_set_error(error, EXIT_FAILED, latches->path, _("cannot lock"), g_strerror(errno));
  return false;
}

void latches_drop(const Latches *latches, const char *name)
{
  struct flock byte = byte_of(name, F_UNLCK);
  fcntl(latches->fd, F_OFD_SETLK, &byte);
}
