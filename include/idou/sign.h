// SPDX-License-Identifier: GPL-3.0-or-later
//
// sign: keys that sign (Ed25519), for bundles and for approvals, and the one form in which private keys lie on disk, under a
// passphrase or not. Files of one line: NAME.key is secret, NAME.pub is what the others believe.
#ifndef IDOU_SIGN_H
#define IDOU_SIGN_H

#include <idou/base.h>

#define SIGNER_ID_CHARS 16

typedef struct Signer Signer;      // the secret half
typedef struct Verifier Verifier;  // the public half

// Makes both files in the folder, never over files that are there, the secret one under the passphrase unless that is NULL.
// What people compare goes to `fingerprint`.
bool signer_make(const char *folder, const char *name, const Secret *passphrase,
                 GString *fingerprint, GError **error);
// Whether a passphrase must be given.
bool signer_is_locked(const char *path, bool *locked, GError **error);
// As guarded as secret_load asks. `passphrase` may be NULL when the file is not locked.
Signer *signer_load(const char *path, const Secret *passphrase, GError **error);
void signer_free(Signer *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Signer, signer_free)
const char *signer_id(const Signer *signer);
Verifier *signer_verifier(const Signer *signer);
Verifier *verifier_load(const char *path, GError **error);  // refused when others can write to it
void verifier_free(Verifier *verifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verifier, verifier_free)
const char *verifier_id(const Verifier *verifier);  // the first 16 digits of its fingerprint

void signer_sign(const Signer *signer, const char *message, GString *out);  // base64
bool verifier_accepts(const Verifier *verifier, const char *message, const char *signature);
// The same on both sides, and nobody else's: X25519 of the two keys.
#define SIGNER_SHARED_BYTES 32
void signer_shared(const Signer *mine, const Verifier *theirs, unsigned char *out);

// ---------------------------------------------------------------------------------------------
// A private key of 32 bytes as a line: "OPEN 1 BASE64", or "LOCKED 1 OPS MEM BASE64", of which the bytes are salt, nonce and
// encrypted key. The passphrase is hashed with argon2id at libsodium's "moderate" cost: some 0.7 s for each guess.

#define LOCKED_KEY_BYTES 32

typedef struct LockedWords {
  const char *open, *locked;
} LockedWords;

// Locked memory, left out of cores, wiped when freed (sodium_free); NULL: there is none.
void *locked_alloc(size_t n_bytes);
// Replaces `out`, which is the caller's to wipe. False: out of memory.
bool locked_put(const LockedWords *words, const unsigned char *key, const Secret *passphrase,
                GString *out);
// NULL when it was read; else why not, translated; "" when it is no such line at all.
const char *locked_take(const LockedWords *words, const char *line, const Secret *passphrase,
                        unsigned char *key);

#endif
