// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/base.h>

#include <pwd.h>
#include <unistd.h>

#define LOGIN_UID "/proc/self/loginuid"
#define NO_UID G_MAXUINT32  // nobody logged in: started by systemd or cron

// As the kernel remembers it: nobody can set it anew for themselves.
static char *of_kernel(void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents(LOGIN_UID, &text, NULL, NULL))
    return NULL;
  guint64 uid = g_ascii_strtoull(text, NULL, 10);
  const struct passwd *entry = uid < NO_UID ? getpwuid((uid_t)uid) : NULL;
  return entry ? g_strdup(entry->pw_name) : NULL;
}

// What sudo says stands in the environment: it counts only where somebody of that name is.
static char *of_sudo(void)
{
  const char *name = g_getenv("SUDO_USER");
  return name && getpwnam(name) ? g_strdup(name) : NULL;
}

char *user_login(void)
{
  char *name = of_kernel();
  if (!name)
    name = of_sudo();
  return name ? name : g_strdup(g_get_user_name());
}
