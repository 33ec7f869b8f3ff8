// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/sign.h>

#include <sodium.h>
#include <string.h>

#define VERSION "1"
#define BOXED_BYTES                                                                    \
  (crypto_pwhash_SALTBYTES + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + \
   LOCKED_KEY_BYTES)
#define BASE64 sodium_base64_VARIANT_ORIGINAL

void *locked_alloc(size_t n_bytes)
{
  return sodium_init() >= 0 ? sodium_malloc(n_bytes) : NULL;
}

static bool decode(const char *text, unsigned char *out, size_t n_bytes)
{
  size_t n = 0;
  return sodium_base642bin(out, n_bytes, text, strlen(text), NULL, &n, NULL, BASE64) == 0 &&
         n == n_bytes;
}

typedef struct Lock {
  guint64 ops, mem;
  unsigned char *salt, *nonce, *box;  // within one buffer
} Lock;

static void split_lock(unsigned char *bytes, Lock *out)
{
  out->salt = bytes;
  out->nonce = out->salt + crypto_pwhash_SALTBYTES;
  out->box = out->nonce + crypto_secretbox_NONCEBYTES;
}

// The key that the passphrase makes. False: out of memory.
static bool stretch(const Secret *passphrase, const Lock *lock, unsigned char *out)
{
  size_t n = 0;
  const char *bytes = secret_bytes(passphrase, &n);
  return crypto_pwhash(out, crypto_secretbox_KEYBYTES, bytes, n, lock->salt, lock->ops,
                       (size_t)lock->mem, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static bool put_locked(const char *word, const unsigned char *key, const Secret *passphrase,
                       GString *out)
{
  unsigned char bytes[BOXED_BYTES];
  char base64[sodium_base64_ENCODED_LEN(BOXED_BYTES, BASE64)];
  Lock lock = {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE, NULL, NULL, NULL};
  split_lock(bytes, &lock);
  randombytes_buf(lock.salt, crypto_pwhash_SALTBYTES);
  randombytes_buf(lock.nonce, crypto_secretbox_NONCEBYTES);
  unsigned char *stretched = locked_alloc(crypto_secretbox_KEYBYTES);
  bool done = stretched && stretch(passphrase, &lock, stretched) &&
              crypto_secretbox_easy(lock.box, key, LOCKED_KEY_BYTES, lock.nonce, stretched) == 0;
  sodium_free(stretched);
  sodium_bin2base64(base64, sizeof base64, bytes, sizeof bytes, BASE64);
  g_string_printf(out, "%s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n", word, VERSION,
                  lock.ops, lock.mem, base64);
  return done;
}

bool locked_put(const LockedWords *words, const unsigned char *key, const Secret *passphrase,
                GString *out)
{
  if (passphrase)
    return put_locked(words->locked, key, passphrase, out);
  char base64[sodium_base64_ENCODED_LEN(LOCKED_KEY_BYTES, BASE64)];
  sodium_bin2base64(base64, sizeof base64, key, LOCKED_KEY_BYTES, BASE64);
  g_string_printf(out, "%s %s %s\n", words->open, VERSION, base64);
  sodium_memzero(base64, sizeof base64);
  return true;
}

static const char *unlock(char *const *words, const Secret *passphrase, unsigned char *key)
{
  unsigned char bytes[BOXED_BYTES];
  Lock lock = {0};
  if (g_strv_length((char **)words) < 5 ||
      !g_ascii_string_to_unsigned(words[2], 10, 1, 1000, &lock.ops, NULL) ||
      !g_ascii_string_to_unsigned(words[3], 10, 8192, G_MAXINT64, &lock.mem, NULL) ||
      !decode(words[4], bytes, sizeof bytes))
    return _("the file is damaged");
  if (!passphrase)
    return _("it is locked with a passphrase");
  split_lock(bytes, &lock);
  unsigned char *stretched = locked_alloc(crypto_secretbox_KEYBYTES);
  const char *why = NULL;
  if (!stretched || !stretch(passphrase, &lock, stretched))
    why = _("there is not enough memory to unlock it");
  else if (crypto_secretbox_open_easy(key, lock.box, crypto_secretbox_MACBYTES + LOCKED_KEY_BYTES,
                                      lock.nonce, stretched) != 0)
    why = _("the passphrase is wrong, or the file is damaged");
  sodium_free(stretched);
  return why;
}

const char *locked_take(const LockedWords *words, const char *line, const Secret *passphrase,
                        unsigned char *key)
{
  g_auto(GStrv) parts = g_strsplit(line, " ", 6);
  size_t n_parts = g_strv_length(parts);
  const char *why = "";
  if (n_parts >= 3 && g_str_equal(parts[0], words->locked) && g_str_equal(parts[1], VERSION))
    why = unlock(parts, passphrase, key);
  else if (n_parts >= 3 && g_str_equal(parts[0], words->open) && g_str_equal(parts[1], VERSION) &&
           decode(parts[2], key, LOCKED_KEY_BYTES))
    why = NULL;
  for (char **part = parts; *part; part++)
    sodium_memzero(*part, strlen(*part));
  return why;
}
