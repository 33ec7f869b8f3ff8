// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_SEAL_P_H
#define IDOU_SEAL_P_H

#include <idou/seal.h>
#include <idou/sign.h>
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

#endif
