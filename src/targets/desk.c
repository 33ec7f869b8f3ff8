// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/targets.h>

// A file stands for a directory.
static const DeskTraits rows[] = {
    {"ldap", "userPassword", "pwdAccountLockedTime", "000001010000Z", NULL, "pwdReset", "TRUE"},
    {"ldif", "userPassword", "pwdAccountLockedTime", "000001010000Z", NULL, "pwdReset", "TRUE"},
    {"fake", "userPassword", "pwdAccountLockedTime", "000001010000Z", NULL, "pwdReset", "TRUE"},
    // pwdLastSet goes with unicodePwd, see `must_change` of the target.
    {"ad", "unicodePwd", "lockoutTime", NULL, "0", NULL, NULL},
};

const DeskTraits *desk_traits(const char *type)
{
  for (size_t i = 0; type && i < G_N_ELEMENTS(rows); i++)
    if (g_str_equal(rows[i].type, type))
      return &rows[i];
  return NULL;
}
