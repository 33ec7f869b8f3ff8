// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES 4096

struct Secret {
  size_t n_bytes;
  char bytes[];  // terminated
};

// Read aloud and typed by hand: no 0 O o, 1 l I.
static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";

// Memory of libsodium is locked, left out of cores, fenced by guard pages and wiped when freed. Room for
// so many bytes; each page more is asked of the system several times.
static Secret *secret_new(size_t n_most, GError **error)
{
  // It begins so that it ends with its page: aligned only if its size is.
  size_t n_all = sizeof(Secret) + (n_most / sizeof(size_t) + 1) * sizeof(size_t);
  Secret *secret = sodium_init() >= 0 ? sodium_malloc(n_all) : NULL;
  if (secret)
    sodium_memzero(secret, n_all);
  else
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("no protected memory for a secret"));
  return secret;
}

void secret_free(Secret *secret)
{
  sodium_free(secret);
}

static Secret *seal(Secret *secret)
{
  sodium_mprotect_readonly(secret);
  return secret;
}

// What is wrong with who may read the file, or NULL.
static const char *exposure(const struct stat *status)
{
  if (status->st_uid != geteuid() && status->st_uid != 0)
    return _("it must belong to you or to root");
  if (status->st_mode & 07177)
    return _("its mode must be 0600 or stricter");
  return NULL;
}

bool secret_check(const char *path, GError **error)
{
  struct stat status;
  int fd = file_open_regular(AT_FDCWD, path, &status, error);
  if (fd < 0)
    return false;
  close(fd);
  const char *why = exposure(&status);
  if (why)
    file_set_error(error, EXIT_USAGE, path, _("cannot take the secret"), why);
  return !why;
}

// Keeps the first line. The reason when there is none that can be taken, else NULL.
static const char *cut_line(Secret *secret, size_t n_read)
{
  size_t n = strcspn(secret->bytes, "\n");
  if (memchr(secret->bytes, '\0', MIN(n + 1, n_read)))
    return _("it holds a NUL byte");
  if (n > MAX_BYTES - 1)
    return _("its first line is too long");
  if (n > 0 && secret->bytes[n - 1] == '\r')
    n--;
  sodium_memzero(secret->bytes + n, MAX_BYTES + 1 - n);
  secret->n_bytes = n;
  return n ? NULL : _("its first line is empty");
}

// Straight into protected memory; returns like cut_line. What lies behind MAX_BYTES is not of the first line anyhow.
static const char *read_line(int fd, Secret *secret)
{
  size_t n_read = 0;
  while (n_read < MAX_BYTES) {
    ssize_t n = read(fd, secret->bytes + n_read, MAX_BYTES - n_read);
    if (n < 0 && errno != EINTR)
      return g_strerror(errno);
    if (n == 0)
      break;
    n_read += n > 0 ? (size_t)n : 0;
  }
  return cut_line(secret, n_read);
}

Secret *secret_load(const char *path, GError **error)
{
  g_autoptr(Secret) secret = secret_new(MAX_BYTES, error);
  struct stat status;
  int fd = secret ? file_open_regular(AT_FDCWD, path, &status, error) : -1;
  if (fd < 0)
    return NULL;
  const char *why = exposure(&status);
  if (!why)
    why = read_line(fd, secret);
  close(fd);
  if (!why)
    return seal(g_steal_pointer(&secret));
  file_set_error(error, EXIT_USAGE, path, _("cannot take the secret"), why);
  return NULL;
}

// Bytes come many at a time, since libsodium asks the system for each number by itself. Those beyond the
// last whole alphabet are left out, so that all characters are as likely.
static void fill_random(Secret *secret, size_t n_chars)
{
  enum { N_LETTERS = sizeof alphabet - 1, N_FAIR = 256 / N_LETTERS * N_LETTERS };
  unsigned char bytes[64];
  while (secret->n_bytes < n_chars) {
    randombytes_buf(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes && secret->n_bytes < n_chars; i++)
      if (bytes[i] < N_FAIR)
        secret->bytes[secret->n_bytes++] = alphabet[bytes[i] % N_LETTERS];
  }
  sodium_memzero(bytes, sizeof bytes);
}

Secret *secret_random(size_t n_chars, GError **error)
{
  if (n_chars == 0 || n_chars > MAX_BYTES) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("a secret has 1 to %d characters"), MAX_BYTES);
    return NULL;
  }
  Secret *secret = secret_new(n_chars, error);
  if (!secret)
    return NULL;
  fill_random(secret, n_chars);
  return seal(secret);
}

Secret *secret_filled(size_t n_bytes, SecretFill fill, void *data, GError **error)
{
  if (n_bytes == 0 || n_bytes > MAX_BYTES) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("a secret has 1 to %d characters"), MAX_BYTES);
    return NULL;
  }
  g_autoptr(Secret) secret = secret_new(n_bytes, error);
  if (!secret)
    return NULL;
  secret->n_bytes = n_bytes;
  if (fill(secret->bytes, n_bytes, data))
    return seal(g_steal_pointer(&secret));
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, "%s", _("the secret cannot be made"));
  return NULL;
}

const char *secret_bytes(const Secret *secret, size_t *n_bytes)
{
  if (n_bytes)
    *n_bytes = secret->n_bytes;
  return secret->bytes;
}
