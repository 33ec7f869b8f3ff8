// SPDX-License-Identifier: GPL-3.0-or-later
//
// HR's own precedence as one number.
#include "orders_p.h"

// Bits of a precedence, from the left: day, roster over order, plain over yielding, number or line.
enum { NUMBER_BITS = 39, PLAIN_BIT = NUMBER_BITS, ROSTER_BIT, DAY_SHIFT };

// The digits of an order number as one number, so that R9-0012 comes after R9-0002; the last eleven
// when there are more. -1 when it has none.
static int64_t number_of(const char *text)
{
  int64_t number = -1;
  for (; *text; text++)
    if (g_ascii_isdigit(*text))
      number = (MAX(number, 0) * 10 + (*text - '0')) % INT64_C(100000000000);
  return number;
}

int64_t seq_of(Date day, bool roster, const char *number, int64_t line)
{
  int64_t low = number ? number_of(number) : -1;
  if (low < 0)
    low = line % (INT64_C(1) << NUMBER_BITS);
  return ((int64_t)day * (INT64_C(1) << DAY_SHIFT)) + ((int64_t)roster << ROSTER_BIT) +
         (INT64_C(1) << PLAIN_BIT) + low;
}

int64_t seq_yielding(int64_t seq)
{
  return seq & ~(INT64_C(1) << PLAIN_BIT);
}

Date seq_day(int64_t seq)
{
  return (Date)(seq >> DAY_SHIFT);
}
