// SPDX-License-Identifier: GPL-3.0-or-later
#include "seal_p.h"

// What is sealed: the version, what the secret is for, each with a NUL behind it, then the secret. Padded
// to whole blocks, so that a box does not tell how long the password is.
#define BOX_VERSION "1"
#define BLOCK_BYTES 64

static void append_part(GString *out, const char *part)
{
  g_string_append(out, part ? part : "");
  g_string_append_c(out, '\0');
}

static GString *head_of(const BoxLabel *label)
{
  GString *head = g_string_new(NULL);
  append_part(head, BOX_VERSION);
  append_part(head, label->target);
  append_part(head, label->object);
  append_part(head, label->attribute);
  append_part(head, label->account);
  append_part(head, label->label);
  return head;
}

static bool fail(ExitCode exit, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, exit, "%s", why);
  return false;
}

char *box_seal(const PublicKey *key, const Secret *secret, const BoxLabel *label, GError **error)
{
  size_t n_secret = 0, n_padded = 0;
  const char *bytes = secret_bytes(secret, &n_secret);
  g_autoptr(GString) head = head_of(label);
  size_t n_plain = head->len + n_secret, n_room = n_plain + BLOCK_BYTES;
  unsigned char *plain = locked_alloc(n_room);
  if (!plain) {
    fail(EXIT_FAILED, _("no protected memory for a secret"), error);
    return NULL;
  }
  memcpy(plain, head->str, head->len);
  memcpy(plain + head->len, bytes, n_secret);
  bool padded = sodium_pad(&n_padded, plain, n_plain, BLOCK_BYTES, n_room) == 0;
  g_autofree unsigned char *box = g_malloc(n_room + crypto_box_SEALBYTES);
  bool sealed = padded && crypto_box_seal(box, plain, n_padded, key->bytes) == 0;
  sodium_free(plain);
  if (sealed)
    return g_base64_encode(box, n_padded + crypto_box_SEALBYTES);
  fail(EXIT_FAILED, _("the secret cannot be sealed"), error);
  return NULL;
}

static bool take(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

static Secret *unpack(unsigned char *plain, size_t n_padded, const BoxLabel *label, GError **error)
{
  size_t n = 0;
  g_autoptr(GString) head = head_of(label);
  if (sodium_unpad(&n, plain, n_padded, BLOCK_BYTES) == 0 && n > head->len &&
      memcmp(plain, head->str, head->len) == 0)
    return secret_filled(n - head->len, take, plain + head->len, error);
  fail(
      EXIT_FAILED,
      _("it was not sealed for what the ledger says: somebody changed the ledger. It is not handed "
        "out"),
      error);
  return NULL;
}

Secret *box_open(const PrivateKey *key, const char *box, const BoxLabel *label, GError **error)
{
  gsize n_box = 0;
  g_autofree unsigned char *bytes = g_base64_decode(box, &n_box);
  if (!bytes || n_box <= crypto_box_SEALBYTES) {
    fail(EXIT_FAILED, _("it is damaged"), error);
    return NULL;
  }
  size_t n_plain = n_box - crypto_box_SEALBYTES;
  unsigned char *plain = locked_alloc(n_plain);
  Secret *secret = NULL;
  if (!plain)
    fail(EXIT_FAILED, _("no protected memory for a secret"), error);
  else if (crypto_box_seal_open(plain, bytes, n_box, key->own.bytes, key->secret) != 0)
    fail(EXIT_USAGE, _("this key does not open it"), error);
  else
    secret = unpack(plain, n_plain, label, error);
  sodium_free(plain);
  return secret;
}
