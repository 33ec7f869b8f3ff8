// SPDX-License-Identifier: GPL-3.0-or-later
//
// Codes to be read out and typed: 100 bits in 20 characters.
#include "bundle/bundle_p.h"

#include <sodium.h>
#include <string.h>

// Without I, L, O and U, which look like others.
static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
#define N_COUNTS 3
#define MOST 1023  // in 10 bits
#define N_MAC 12   // 60 bits
#define N_MARKED (2 * N_COUNTS + N_MAC)
#define N_ALL (N_MARKED + 2)
// A prime below 1024: any one wrong character and any two neighbours that change places are found.
#define PRIME 1021

typedef struct Digits {
  uint8_t at[N_ALL];  // of base 32
} Digits;

static void put_check(Digits *digits)
{
  uint32_t rest = 0;
  for (size_t i = 0; i < N_MARKED; i++)
    rest = (rest * 32 + digits->at[i]) % PRIME;
  digits->at[N_MARKED] = (uint8_t)(rest / 32);
  digits->at[N_MARKED + 1] = (uint8_t)(rest % 32);
}

static void put_counts(Digits *digits, const CodeCounts *counts)
{
  const uint32_t all[N_COUNTS] = {counts->failed, counts->held, counts->waiting};
  for (size_t i = 0; i < N_COUNTS; i++) {
    uint32_t n = MIN(all[i], MOST);
    digits->at[2 * i] = (uint8_t)(n / 32);
    digits->at[2 * i + 1] = (uint8_t)(n % 32);
  }
}

static void take_counts(const Digits *digits, CodeCounts *out)
{
  uint32_t all[N_COUNTS];
  for (size_t i = 0; i < N_COUNTS; i++)
    all[i] = digits->at[2 * i] * 32u + digits->at[2 * i + 1];
  *out = (CodeCounts){all[0], all[1], all[2]};
}

static void put_mac(Digits *digits, const Signer *mine, const Verifier *theirs,
                    const PlanBundle *bundle)
{
  unsigned char key[SIGNER_SHARED_BYTES], whole[crypto_generichash_BYTES];
  g_autofree char *text =
      g_strdup_printf("%s %u %s ", bundle->segment, bundle->sequence, bundle->digest);
  signer_shared(mine, theirs, key);
  crypto_generichash_state state;
  crypto_generichash_init(&state, key, sizeof key, sizeof whole);
  crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
  crypto_generichash_update(&state, digits->at, 2 * N_COUNTS);
  crypto_generichash_final(&state, whole, sizeof whole);
  sodium_memzero(key, sizeof key);
  for (size_t i = 0; i < N_MAC; i++)
    digits->at[2 * N_COUNTS + i] = whole[i] % 32;
}

void code_write(const Signer *mine, const Verifier *theirs, const PlanBundle *bundle,
                const CodeCounts *counts, GString *out)
{
  Digits digits;
  put_counts(&digits, counts);
  put_mac(&digits, mine, theirs, bundle);
  put_check(&digits);
  for (size_t i = 0; i < N_ALL; i++) {
    if (i > 0 && i % 4 == 0)
      g_string_append_c(out, '-');
    g_string_append_c(out, symbols[digits.at[i]]);
  }
}

static int digit_of(char c)
{
  c = g_ascii_toupper(c);
  c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
  const char *found = c == '\0' ? NULL : strchr(symbols, c);
  return found == NULL ? -1 : (int)(found - symbols);
}

static bool read_digits(const char *text, Digits *out)
{
  size_t n = 0;
  for (; *text != '\0'; text++) {
    if (*text == ' ' || *text == '-')
      continue;
    int digit = digit_of(*text);
    if (digit < 0 || n == N_ALL)
      return false;
    out->at[n++] = (uint8_t)digit;
  }
  Digits checked = *out;
  if (n == N_ALL)
    put_check(&checked);
  return n == N_ALL && memcmp(&checked, out, sizeof checked) == 0;
}

bool code_read(const char *text, CodeCounts *counts, GError **error)
{
  Digits digits = {0};
  if (read_digits(text, &digits)) {
    take_counts(&digits, counts);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("the code is mistyped: %d letters and digits in groups of four, without I, L, O "
                "and U. Have it read out again"),
              N_ALL);
  return false;
}

bool code_fits(const char *text, const Signer *mine, const Verifier *theirs,
               const PlanBundle *bundle)
{
  Digits digits = {0}, made;
  if (!read_digits(text, &digits))
    return false;
  made = digits;
  put_mac(&made, mine, theirs, bundle);
  return sodium_memcmp(made.at, digits.at, N_MARKED) == 0;
}
