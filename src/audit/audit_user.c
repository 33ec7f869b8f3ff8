// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_p.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define LOGIN_UID "/proc/self/loginuid"

// Who logged in, as the kernel remembers it through sudo and su. NULL: it does not. Caller frees.
static char *logged_in(void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents(LOGIN_UID, &text, NULL, NULL))
    return NULL;
  guint64 uid = g_ascii_strtoull(text, NULL, 10);
  const struct passwd *entry = uid < G_MAXUINT32 && uid != getuid() ? getpwuid((uid_t)uid) : NULL;
  return entry ? g_strdup(entry->pw_name) : NULL;
}

// What sudo says stands in the environment: it counts only where somebody of that name is.
static char *through_sudo(void)
{
  const char *name = g_getenv("SUDO_USER");
  const struct passwd *entry = name ? getpwnam(name) : NULL;
  return entry && entry->pw_uid != getuid() ? g_strdup(entry->pw_name) : NULL;
}

char *audit_user(void)
{
  g_autofree char *first = logged_in();
  if (!first)
    first = through_sudo();
  if (!first)
    return g_strdup_printf("%s@%s", g_get_user_name(), g_get_host_name());
  return g_strdup_printf("%s (%s)@%s", g_get_user_name(), first, g_get_host_name());
}
