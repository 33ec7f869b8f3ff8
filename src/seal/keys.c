// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal_p.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// "idou-public-key 1 BASE64"; the private one as sign.h has it.
#define PUBLIC_WORD "idou-public-key"
#define PRIVATE_WORD "idou-private-key"
#define LOCKED_WORD "idou-locked-key"
#define VERSION "1"
#define HASH_BYTES 32
#define MOST_PUBLIC_BYTES 4096

static const LockedWords PRIVATE_WORDS = {PRIVATE_WORD, LOCKED_WORD};

static void digest(const unsigned char *public, char out[2 * HASH_BYTES + 1])
{
  unsigned char hash[HASH_BYTES];
  crypto_generichash(hash, sizeof hash, public, crypto_box_PUBLICKEYBYTES, NULL, 0);
  sodium_bin2hex(out, 2 * HASH_BYTES + 1, hash, sizeof hash);
}

static void name_key(PublicKey *key)
{
  char hex[2 * HASH_BYTES + 1];
  digest(key->bytes, hex);
  g_strlcpy(key->id, hex, sizeof key->id);
}

static void encode(const unsigned char *bytes, size_t n_bytes, char *out, size_t n_out)
{
  sodium_bin2base64(out, n_out, bytes, n_bytes, sodium_base64_VARIANT_ORIGINAL);
}

static bool decode(const char *text, unsigned char *out, size_t n_bytes)
{
  size_t n = 0;
  return sodium_base642bin(out, n_bytes, text, strlen(text), NULL, &n, NULL,
                           sodium_base64_VARIANT_ORIGINAL) == 0 &&
         n == n_bytes;
}

static bool fail(const char *path, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s: %s", path, why);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Public keys.

static bool parse_public(const char *line, PublicKey *key)
{
  g_auto(GStrv) words = g_strsplit(line, " ", 4);
  if (g_strv_length(words) < 3 || !g_str_equal(words[0], PUBLIC_WORD) ||
      !g_str_equal(words[1], VERSION) || !decode(words[2], key->bytes, sizeof key->bytes))
    return false;
  name_key(key);
  return true;
}

// Whoever can put another key in its place reads all passwords from then on.
static bool is_ours_alone(const char *path, GError **error)
{
  struct stat status;
  return stat(path, &status) != 0 || (status.st_mode & 022) == 0 ||
         fail(path, _("others can write to it, and so put a key of theirs in its place: chmod 644"),
              error);
}

PublicKey *keys_public(const char *path, GError **error)
{
  if (!is_ours_alone(path, error))
    return NULL;
  g_autoptr(GBytes) bytes = file_read(path, MOST_PUBLIC_BYTES, error);
  if (!bytes)
    return NULL;
  gsize n = 0;
  const char *text = g_bytes_get_data(bytes, &n);
  g_autofree char *whole = g_strndup(text ? text : "", n);
  g_autofree char *line = g_strndup(whole, strcspn(whole, "\r\n"));
  PublicKey *key = g_new0(PublicKey, 1);
  if (parse_public(line, key))
    return key;
  g_free(key);
  fail(path,
       g_str_has_prefix(line, PRIVATE_WORD) || g_str_has_prefix(line, LOCKED_WORD)
           ? _("this is the private key. It does not belong on this machine: name the public one, "
               "operator.pub")
           : _("this is no public key of `idou keys`"),
       error);
  return NULL;
}

void keys_public_free(PublicKey *key)
{
  g_free(key);
}

const char *keys_public_id(const PublicKey *key)
{
  return key->id;
}

// ---------------------------------------------------------------------------------------------
// Private keys.

bool keys_is_locked(const char *path, bool *locked, GError **error)
{
  g_autoptr(Secret) line = secret_load(path, error);
  if (line)
    *locked = g_str_has_prefix(secret_bytes(line, NULL), LOCKED_WORD " ");
  return line != NULL;
}

PrivateKey *keys_private(const char *path, const Secret *passphrase, GError **error)
{
  g_autoptr(Secret) line = secret_load(path, error);
  PrivateKey *key = line ? locked_alloc(sizeof *key) : NULL;
  if (line && !key)
    fail(path, _("no protected memory for it"), error);
  if (!key)
    return NULL;
  memset(key, 0, sizeof *key);
  const char *why = locked_take(&PRIVATE_WORDS, secret_bytes(line, NULL), passphrase, key->secret);
  if (why) {
    keys_private_free(key);
    fail(path, *why ? why : _("this is no private key of `idou keys`"), error);
    return NULL;
  }
  crypto_scalarmult_base(key->own.bytes, key->secret);
  name_key(&key->own);
  return key;
}

void keys_private_free(PrivateKey *key)
{
  sodium_free(key);
}

const char *keys_private_id(const PrivateKey *key)
{
  return key->own.id;
}

// ---------------------------------------------------------------------------------------------
// Making them.

// Not file_write: whatever bears the name stays.
static bool write_new(const char *path, const GString *text, int mode, GError **error)
{
  int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0 && errno == EEXIST)
    return fail(path,
                _("there is a key already; it is not overwritten. What was sealed to it can be "
                  "opened with it only"),
                error);
  if (fd < 0)
    return fail(path, g_strerror(errno), error);
  bool done = write(fd, text->str, text->len) == (ssize_t)text->len &&
              fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
  int reason = errno;
  done = close(fd) == 0 && done;
  if (done)
    return file_sync_parent(path, error);
  unlink(path);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, "%s: %s", path, g_strerror(reason));
  return false;
}

static bool write_private(const char *folder, const PrivateKey *key, const Secret *passphrase,
                          GError **error)
{
  g_autofree char *path = g_build_filename(folder, KEYS_PRIVATE, NULL);
  g_autoptr(GString) text = g_string_sized_new(512);
  if (!locked_put(&PRIVATE_WORDS, key->secret, passphrase, text))
    return fail(path, _("there is not enough memory to lock it"), error);
  bool done = write_new(path, text, 0600, error);
  sodium_memzero(text->str, text->len);
  return done;
}

static bool write_public(const char *folder, const PublicKey *key, GError **error)
{
  g_autofree char *path = g_build_filename(folder, KEYS_PUBLIC, NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  char base64[sodium_base64_ENCODED_LEN(crypto_box_PUBLICKEYBYTES, sodium_base64_VARIANT_ORIGINAL)];
  encode(key->bytes, sizeof key->bytes, base64, sizeof base64);
  g_string_printf(text, "%s %s %s\n", PUBLIC_WORD, VERSION, base64);
  return write_new(path, text, 0644, error);
}

bool keys_make(const char *folder, const Secret *passphrase, GString *fingerprint, GError **error)
{
  char hex[2 * HASH_BYTES + 1];
  if (!file_make_dir(folder, 0700, error))
    return false;
  PrivateKey *key = locked_alloc(sizeof *key);
  if (!key)
    return fail(folder, _("no protected memory for it"), error);
  crypto_box_keypair(key->own.bytes, key->secret);
  // The public one last: while it lacks, nothing can be sealed to a key that nobody has.
  bool done =
      write_private(folder, key, passphrase, error) && write_public(folder, &key->own, error);
  digest(key->own.bytes, hex);
  keys_private_free(key);
  for (size_t i = 0; done && i < sizeof hex - 1; i += 4)
    g_string_append_printf(fingerprint, "%s%.4s", i > 0 ? " " : "", hex + i);
  return done;
}
