// SPDX-License-Identifier: GPL-3.0-or-later
//
// seal: passwords that idou makes. By which rules, and how they are closed in so that only the operator, who has the
// private key, can open them. docs/passwords.md is the reference.
#ifndef IDOU_SEAL_H
#define IDOU_SEAL_H

#include <idou/base.h>

// ---------------------------------------------------------------------------------------------
// Keys (X25519, libsodium's sealed boxes). Files of one line each.

#define KEYS_PUBLIC "operator.pub"
#define KEYS_PRIVATE "operator.key"
#define KEYS_ID_CHARS 16

typedef struct PublicKey PublicKey;
typedef struct PrivateKey PrivateKey;

// Makes both files in the folder, the private one with mode 0600, under the passphrase unless that is NULL. Never over
// files that are there. The fingerprint goes to `fingerprint`.
bool keys_make(const char *folder, const Secret *passphrase, GString *fingerprint, GError **error);

PublicKey *keys_public(const char *path, GError **error);
void keys_public_free(PublicKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublicKey, keys_public_free)
const char *keys_public_id(const PublicKey *key);  // the first 16 digits of its fingerprint

// Whether a passphrase must be given.
bool keys_is_locked(const char *path, bool *locked, GError **error);
// `passphrase` may be NULL when the file is not locked. EXIT_USAGE when it is the wrong one.
PrivateKey *keys_private(const char *path, const Secret *passphrase, GError **error);
void keys_private_free(PrivateKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateKey, keys_private_free)
const char *keys_private_id(const PrivateKey *key);

// ---------------------------------------------------------------------------------------------
// Boxes.

// What a secret is for. It is sealed along with it, so that nobody can hand out one person's as another's.
typedef struct BoxLabel {
  const char *target, *object, *attribute;
  const char *account;  // what its bearer types to log in
  const char *label;    // "000310 山田　太郎"
} BoxLabel;

// Base64; caller frees.
char *box_seal(const PublicKey *key, const Secret *secret, const BoxLabel *label, GError **error);
// EXIT_USAGE when it was sealed to another key; EXIT_FAILED when it is damaged or was sealed for something else.
Secret *box_open(const PrivateKey *key, const char *box, const BoxLabel *label, GError **error);

// ---------------------------------------------------------------------------------------------
// The site's key `passwords:`.

// What a notice says of a system.
typedef struct PasswordsSystem {
  const char *target;
  const char *name;   // 「庁内ポータル」
  const char *text;   // instructions
} PasswordsSystem;

typedef struct PasswordsPolicy {
  const char *name;
  SecretRule rule;
} PasswordsPolicy;

typedef struct Passwords {
  const char *seal_to;        // path of the operator's public key
  PublicKey *key;
  int keep_days;              // boxes are purged after so many days; 0 = when somebody says so
  const char *issuer;         // who hands the notices out
  const char *desk_policy;    // of passwords that the service desk sets
  GArray *policies;           // PasswordsPolicy
  GArray *systems;            // PasswordsSystem
  GPtrArray *strings;
} Passwords;

// `node` is the value of `passwords:`; relative paths are taken from `folder`. Faults are findings. NULL when there is
// no node.
Passwords *passwords_read(const Yaml *yaml, const YamlNode *node, const char *folder,
                          Findings *findings);
void passwords_free(Passwords *passwords);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Passwords, passwords_free)
// The rule that a value of a plan names: "POLICY" or "POLICY PURPOSE". NULL if there is none.
const SecretRule *passwords_rule(const Passwords *passwords, const char *value);
const PasswordsSystem *passwords_system(const Passwords *passwords, const char *target);  // or NULL

#endif
