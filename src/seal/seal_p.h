// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_SEAL_P_H
#define IDOU_SEAL_P_H

#include <idou/seal.h>
#include <sodium.h>

struct PublicKey {
  unsigned char bytes[crypto_box_PUBLICKEYBYTES];
  char id[KEYS_ID_CHARS + 1];
};

// In memory of libsodium's.
struct PrivateKey {
  unsigned char secret[crypto_box_SECRETKEYBYTES];
  PublicKey own;
};

// Locked, left out of cores, wiped when freed (sodium_free); NULL: there is none.
static inline void *seal_alloc(size_t n_bytes)
{
  return sodium_init() >= 0 ? sodium_malloc(n_bytes) : NULL;
}

#endif
