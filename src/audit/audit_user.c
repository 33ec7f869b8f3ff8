// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_p.h"

#include <string.h>

char *audit_user(void)
{
  g_autofree char *first = user_login();
  if (strcmp(first, g_get_user_name()) == 0)
    return g_strdup_printf("%s@%s", first, g_get_host_name());
  return g_strdup_printf("%s (%s)@%s", g_get_user_name(), first, g_get_host_name());
}
