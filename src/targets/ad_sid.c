// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

#define HEAD_BYTES 8  // revision, number of sub-authorities, 48-bit authority

static uint32_t part(const Bytes *sid, size_t i)
{
  const unsigned char *at = (const unsigned char *)sid->at + HEAD_BYTES + 4 * i;
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static size_t n_parts(const Bytes *sid)
{
  if (sid->n < HEAD_BYTES || sid->at[0] != 1)
    return 0;
  size_t n = (unsigned char)sid->at[1];
  return sid->n == HEAD_BYTES + 4 * n ? n : 0;
}

bool ad_sid_text(const Bytes *sid, GString *out)
{
  size_t n = n_parts(sid);
  if (n == 0)
    return false;
  uint64_t authority = 0;
  for (size_t i = 2; i < HEAD_BYTES; i++)
    authority = authority << 8 | (unsigned char)sid->at[i];
  g_string_append_printf(out, "S-1-%" G_GUINT64_FORMAT, authority);
  for (size_t i = 0; i < n; i++)
    g_string_append_printf(out, "-%" G_GUINT32_FORMAT, part(sid, i));
  return true;
}

uint32_t ad_sid_rid(const Bytes *sid)
{
  size_t n = n_parts(sid);
  return n == 0 ? 0 : part(sid, n - 1);
}
