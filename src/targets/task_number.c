// SPDX-License-Identifier: GPL-3.0-or-later
//
// Numbers of tasks. The T keeps Excel from taking them for a date.
#include "task_p.h"

#define MARK 'T'

// A quasigroup of order 10 without fixed points under exchange (H. M. Damm, 2004).
static const unsigned char damm[10][10] = {
    {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3}, {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
    {1, 7, 5, 0, 9, 8, 3, 4, 2, 6}, {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
    {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7}, {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
    {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};

static unsigned char digit_of(int64_t run, uint32_t n)
{
  // How many digits the run has goes in as well: 12-3 and 1-23 have different ones.
  g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, run);
  g_autofree char *all = g_strdup_printf("%zu%s%u", strlen(digits) % 10, digits, n);
  unsigned char check = 0;
  for (const char *at = all; *at; at++)
    check = damm[check][*at - '0'];
  return check;
}

void task_number_format(int64_t run, uint32_t n, GString *out)
{
  g_string_append_printf(out, "%c%" G_GINT64_FORMAT "-%u-%u", MARK, run, n, digit_of(run, n));
}

static bool take_number(const char **at, int64_t most, int64_t *out)
{
  if (!g_ascii_isdigit(**at))
    return false;
  for (*out = 0; g_ascii_isdigit(**at); ++*at) {
    *out = *out * 10 + (**at - '0');
    if (*out > most)
      return false;
  }
  return true;
}

bool task_number_parse(const char *text, int64_t *run, uint32_t *n)
{
  // Width, hyphens and spaces as people and Excel write them.
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(text, key);
  g_string_replace(key, " ", "", 0);
  const char *at = key->str;
  int64_t number = 0, check = 0;
  if (g_ascii_toupper(*at) == MARK)
    at++;
  if (!take_number(&at, INT64_MAX / 100, run) || *at++ != '-' ||
      !take_number(&at, UINT32_MAX, &number) || *at++ != '-' || !take_number(&at, 9, &check) || *at)
    return false;
  *n = (uint32_t)number;
  return digit_of(*run, *n) == check;
}
