// SPDX-License-Identifier: GPL-3.0-or-later
//
// A domain controller answers every login that it refuses with the same result code, and puts the reason as
// a Windows error code into the words: "… AcceptSecurityContext error, data 52e, v4f7c" (MS-ERREF 2.2).
#include "ldap_p.h"

#include <stdlib.h>

static const struct {
  unsigned long code;
  const char *words;
} rows[] = {
    {0x525, N_("the domain knows no such account; is it spelled rightly?")},
    {0x52e, N_("the password is wrong, or the account is spelled wrongly")},
    {0x530, N_("its logon hours forbid this time")},
    {0x531, N_("it may not log in from this machine")},
    {0x532, N_("its password has expired; give it one that does not expire")},
    {0x533, N_("the account is disabled; enable it")},
    {0x568, N_("it belongs to too many groups")},
    {0x701, N_("the account has expired; set its end later")},
    {0x773, N_("it must choose a new password first; give it one that stays")},
    {0x775, N_("it is locked after wrong passwords; unlock it, and find out who tried them")},
};

const char *ad_refusal(const char *words)
{
  const char *data = words ? strstr(words, "data ") : NULL;
  if (!data)
    return NULL;
  char *end = NULL;
  unsigned long code = strtoul(data + strlen("data "), &end, 16);
  for (size_t i = 0; end && *end == ',' && i < G_N_ELEMENTS(rows); i++)
    if (rows[i].code == code)
      return _(rows[i].words);
  return NULL;
}
