// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/sign.h>

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// "idou-verify-key 1 BASE64"; of the secret one it is the seed that is kept.
#define SECRET_WORD "idou-signing-key"
#define LOCKED_WORD "idou-locked-signing-key"
#define PUBLIC_WORD "idou-verify-key"
#define VERSION "1"
#define MOST_BYTES 4096
#define HASH_BYTES 32
#define BASE64 sodium_base64_VARIANT_ORIGINAL

static const LockedWords SECRET_WORDS = {SECRET_WORD, LOCKED_WORD};

struct Verifier {
  unsigned char bytes[crypto_sign_PUBLICKEYBYTES];
  char id[SIGNER_ID_CHARS + 1];
};

struct Signer {
  unsigned char *secret;  // crypto_sign_SECRETKEYBYTES, in locked memory
  Verifier public;
};

static bool fail(const char *path, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s: %s", path, why);
  return false;
}

static void fingerprint_of(const unsigned char *public, char hex[2 * HASH_BYTES + 1])
{
  unsigned char hash[HASH_BYTES];
  crypto_generichash(hash, sizeof hash, public, crypto_sign_PUBLICKEYBYTES, NULL, 0);
  sodium_bin2hex(hex, 2 * HASH_BYTES + 1, hash, sizeof hash);
}

static void name_key(Verifier *verifier)
{
  char hex[2 * HASH_BYTES + 1];
  fingerprint_of(verifier->bytes, hex);
  g_strlcpy(verifier->id, hex, sizeof verifier->id);
}

// ---------------------------------------------------------------------------------------------
// Making.

static bool put_secret(const char *path, const Signer *signer, const Secret *passphrase,
                       GError **error)
{
  unsigned char seed[crypto_sign_SEEDBYTES];
  g_autoptr(GString) line = g_string_sized_new(512);
  crypto_sign_ed25519_sk_to_seed(seed, signer->secret);
  bool fine = locked_put(&SECRET_WORDS, seed, passphrase, line)
                  ? file_write(path, line->str, line->len, 0600, error)
                  : fail(path, _("there is not enough memory to lock it"), error);
  sodium_memzero(seed, sizeof seed);
  sodium_memzero(line->str, line->len);
  return fine;
}

static bool put_public(const char *path, const Signer *signer, GError **error)
{
  char base64[sodium_base64_ENCODED_LEN(crypto_sign_PUBLICKEYBYTES, BASE64)];
  sodium_bin2base64(base64, sizeof base64, signer->public.bytes, crypto_sign_PUBLICKEYBYTES,
                    BASE64);
  g_autofree char *told = g_strdup_printf(PUBLIC_WORD " " VERSION " %s\n", base64);
  return file_write(path, told, strlen(told), 0644, error);
}

static Signer *new_signer(void)
{
  Signer *signer = g_new0(Signer, 1);
  signer->secret = locked_alloc(crypto_sign_SECRETKEYBYTES);
  if (signer->secret == NULL)
    g_clear_pointer(&signer, g_free);
  return signer;
}

bool signer_make(const char *folder, const char *name, const Secret *passphrase,
                 GString *fingerprint, GError **error)
{
  g_autofree char *secret = g_strdup_printf("%s/%s.key", folder, name);
  g_autofree char *public = g_strdup_printf("%s/%s.pub", folder, name);
  if (g_file_test(secret, G_FILE_TEST_EXISTS) || g_file_test(public, G_FILE_TEST_EXISTS))
    return fail(secret, _("there is a key of this name; a new one takes another name"), error);
  g_autoptr(Signer) signer = new_signer();
  if (signer == NULL)
    return fail(secret, _("no memory that can be locked is left"), error);
  crypto_sign_keypair(signer->public.bytes, signer->secret);
  if (!file_make_dir(folder, 0700, error) || !put_secret(secret, signer, passphrase, error) ||
      !put_public(public, signer, error))
    return false;
  char hex[2 * HASH_BYTES + 1];
  fingerprint_of(signer->public.bytes, hex);
  g_string_append(fingerprint, hex);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Loading.

static bool decode(const char *line, const char *word, unsigned char *out, size_t n_bytes)
{
  size_t n_word = strlen(word), n = 0;
  if (strncmp(line, word, n_word) != 0 || strncmp(line + n_word, " " VERSION " ", 3) != 0)
    return false;
  const char *text = line + n_word + 3;
  return sodium_base642bin(out, n_bytes, text, strlen(text), NULL, &n, NULL, BASE64) == 0 &&
         n == n_bytes;
}

bool signer_is_locked(const char *path, bool *locked, GError **error)
{
  g_autoptr(Secret) line = secret_load(path, error);
  if (line != NULL)
    *locked = g_str_has_prefix(secret_bytes(line, NULL), LOCKED_WORD " ");
  return line != NULL;
}

// NULL when it was read.
static const char *take_secret(const Secret *line, const Secret *passphrase, Signer *signer)
{
  unsigned char *seed = locked_alloc(crypto_sign_SEEDBYTES);
  if (seed == NULL)
    return _("no memory that can be locked is left");
  const char *why = locked_take(&SECRET_WORDS, secret_bytes(line, NULL), passphrase, seed);
  if (why == NULL && crypto_sign_seed_keypair(signer->public.bytes, signer->secret, seed) != 0)
    why = "";
  sodium_free(seed);
  return why == NULL || *why != '\0'
             ? why
             : _("this is no signing key of `idou approve --new-key` or `idou bundle --new-key`");
}

Signer *signer_load(const char *path, const Secret *passphrase, GError **error)
{
  g_autoptr(Secret) line = secret_load(path, error);
  if (line == NULL)
    return NULL;
  g_autoptr(Signer) signer = new_signer();
  const char *why = signer == NULL ? _("no memory that can be locked is left")
                                   : take_secret(line, passphrase, signer);
  if (why != NULL) {
    fail(path, why, error);
    return NULL;
  }
  name_key(&signer->public);
  return g_steal_pointer(&signer);
}

void signer_free(Signer *signer)
{
  if (signer == NULL)
    return;
  sodium_free(signer->secret);
  g_free(signer);
}

Verifier *signer_verifier(const Signer *signer)
{
  return g_memdup2(&signer->public, sizeof signer->public);
}

// Whoever can put another key in its place signs what is believed from then on.
static bool is_ours_alone(const char *path, GError **error)
{
  struct stat status;
  if (stat(path, &status) != 0)
    return true;  // it cannot be read either
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return fail(path, _("it must belong to you or to root: whose it is can put another key in it"),
                error);
  return (status.st_mode & 022) == 0 ||
         fail(path, _("others can write to it, and so put a key of theirs in its place: chmod 644"),
              error);
}

Verifier *verifier_load(const char *path, GError **error)
{
  if (!is_ours_alone(path, error))
    return NULL;
  g_autoptr(GBytes) bytes = file_read(path, MOST_BYTES, error);
  if (bytes == NULL)
    return NULL;
  gsize n = 0;
  const char *text = g_bytes_get_data(bytes, &n);
  g_autofree char *whole = g_strndup(text != NULL ? text : "", n);
  g_autofree char *line = g_strndup(whole, strcspn(whole, "\r\n"));
  Verifier *verifier = g_new0(Verifier, 1);
  if (decode(line, PUBLIC_WORD, verifier->bytes, sizeof verifier->bytes)) {
    name_key(verifier);
    return verifier;
  }
  g_free(verifier);
  fail(path,
       g_str_has_prefix(line, SECRET_WORD) || g_str_has_prefix(line, LOCKED_WORD)
           ? _("this is the secret key: name the other side's public one, NAME.pub")
           : _("this is no public key of `idou approve --new-key` or `idou bundle --new-key`"),
       error);
  return NULL;
}

void verifier_free(Verifier *verifier)
{
  g_free(verifier);
}

const char *verifier_id(const Verifier *verifier)
{
  return verifier->id;
}

const char *signer_id(const Signer *signer)
{
  return signer->public.id;
}

// ---------------------------------------------------------------------------------------------
// Using.

void signer_sign(const Signer *signer, const char *message, GString *out)
{
  unsigned char signature[crypto_sign_BYTES];
  char base64[sodium_base64_ENCODED_LEN(crypto_sign_BYTES, BASE64)];
  crypto_sign_detached(signature, NULL, (const unsigned char *)message, strlen(message),
                       signer->secret);
  sodium_bin2base64(base64, sizeof base64, signature, sizeof signature, BASE64);
  g_string_append(out, base64);
}

bool verifier_accepts(const Verifier *verifier, const char *message, const char *signature)
{
  unsigned char bytes[crypto_sign_BYTES];
  size_t n = 0;
  return sodium_base642bin(bytes, sizeof bytes, signature, strlen(signature), NULL, &n, NULL,
                           BASE64) == 0 &&
         n == sizeof bytes &&
         crypto_sign_verify_detached(bytes, (const unsigned char *)message, strlen(message),
                                     verifier->bytes) == 0;
}

// What both know is hashed with both public keys, in an order that both find.
void signer_shared(const Signer *mine, const Verifier *theirs, unsigned char *out)
{
  unsigned char secret[crypto_scalarmult_SCALARBYTES], public[crypto_scalarmult_BYTES],
      point[crypto_scalarmult_BYTES];
  bool fine = crypto_sign_ed25519_sk_to_curve25519(secret, mine->secret) == 0 &&
              crypto_sign_ed25519_pk_to_curve25519(public, theirs->bytes) == 0 &&
              crypto_scalarmult(point, secret, public) == 0;
  if (!fine)  // a key that is no point: nobody else's code fits then
    randombytes_buf(point, sizeof point);
  const unsigned char *a = mine->public.bytes, *b = theirs->bytes;
  bool first = memcmp(a, b, crypto_sign_PUBLICKEYBYTES) < 0;
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, SIGNER_SHARED_BYTES);
  crypto_generichash_update(&state, (const unsigned char *)"idou-code", 9);
  crypto_generichash_update(&state, point, sizeof point);
  crypto_generichash_update(&state, first ? a : b, crypto_sign_PUBLICKEYBYTES);
  crypto_generichash_update(&state, first ? b : a, crypto_sign_PUBLICKEYBYTES);
  crypto_generichash_final(&state, out, SIGNER_SHARED_BYTES);
  sodium_memzero(secret, sizeof secret);
  sodium_memzero(point, sizeof point);
}
