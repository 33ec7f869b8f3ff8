// SPDX-License-Identifier: GPL-3.0-or-later
//
// What Samba's library and programs are told: a configuration of our own instead of the machine's, and the
// account. Both lie in memory (memfd) and reach a child as an open file, so that no password stands
// on disk or in a list of arguments.
#include "share_p.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <krb5/krb5.h>
#include <sys/mman.h>
#include <unistd.h>

bool share_fail(const ShareHome *home, const char *path, const char *words, GError **error)
{
  g_autoptr(GString) safe = g_string_new(NULL);
  escape_text(safe, words, ESCAPE_TERMINAL);
  g_set_error(error, IDOU_ERROR, home->writes ? EXIT_FAILED : EXIT_UNREAD,
              _("target %s (%s): %s%s%s"), home->config->name, home->config->uri, path ? path : "",
              path && *path ? ": " : "", safe->str);
  return false;
}

static int make_file(const char *text, GError **error)
{
  int fd = memfd_create("idou", MFD_CLOEXEC);
  size_t n = strlen(text);
  if (fd >= 0 && write(fd, text, n) == (ssize_t)n)
    return fd;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("no memory for a file (%s)"), g_strerror(errno));
  if (fd >= 0)
    close(fd);
  return -1;
}

// SMB 3 only: what is older cannot encrypt. Whatever is not said here is Samba's own default.
static char *configuration(const TargetConfig *config)
{
  return g_strdup_printf("[global]\n"
                         "client min protocol = SMB3\n"
                         "client max protocol = SMB3\n"
                         "client smb encrypt = %s\n"
                         "client use kerberos = %s\n"
                         "client ipc signing = required\n"
                         "unix charset = UTF-8\n"
                         "dos charset = CP932\n"
                         "disable netbios = yes\n"
                         "name resolve order = host\n"
                         "load printers = no\n",
                         config->encrypt ? "required" : "desired",
                         config->gssapi ? "required" : "off");
}

// "CITY\idou", "idou@ad.city.example" or "idou".
static void split_user(ShareHome *home, const char *user)
{
  const char *slash = strchr(user, '\\');
  home->domain = slash ? g_strndup(user, (size_t)(slash - user)) : g_strdup("");
  home->user = g_strdup(slash ? slash + 1 : user);
}

static bool load_secret(ShareHome *home, const char *path, GError **error)
{
  home->secret = secret_load(path, error);
  if (!home->secret) {
    g_prefix_error(error, _("target %s: "), home->config->name);
    return false;
  }
  size_t n = 0;
  const char *bytes = secret_bytes(home->secret, &n);
  if (!n || strpbrk(bytes, "\r\n"))
    return share_fail(home, path, _("it must hold a password, in one line"), error);
  g_autofree char *head =
      g_strdup_printf("username = %s\ndomain = %s\npassword = ", home->user, home->domain);
  home->auth_fd = make_file(head, error);
  return home->auth_fd >= 0 && write(home->auth_fd, bytes, n) == (ssize_t)n &&
         write(home->auth_fd, "\n", 1) == 1;
}

// What Kerberos needs while a ticket is fetched.
typedef struct Fetching {
  krb5_context context;
  krb5_principal principal;
  krb5_keytab keytab;
  krb5_ccache cache;
  krb5_creds creds;
} Fetching;

static krb5_error_code fetch(Fetching *fetching, const ShareHome *home, const char *keytab)
{
  g_autofree char *path = g_strconcat("FILE:", keytab, NULL);
  krb5_error_code code = krb5_parse_name(fetching->context, home->user, &fetching->principal);
  if (!code)
    code = krb5_kt_resolve(fetching->context, path, &fetching->keytab);
  if (!code)
    code = krb5_get_init_creds_keytab(fetching->context, &fetching->creds, fetching->principal,
                                      fetching->keytab, 0, NULL, NULL);
  if (!code)
    code = krb5_cc_resolve(fetching->context, home->cache, &fetching->cache);
  if (!code)
    code = krb5_cc_initialize(fetching->context, fetching->cache, fetching->creds.client);
  return code ? code : krb5_cc_store_cred(fetching->context, fetching->cache, &fetching->creds);
}

static void end_fetching(Fetching *fetching)
{
  krb5_free_cred_contents(fetching->context, &fetching->creds);
  if (fetching->cache)
    krb5_cc_close(fetching->context, fetching->cache);
  if (fetching->keytab)
    krb5_kt_close(fetching->context, fetching->keytab);
  krb5_free_principal(fetching->context, fetching->principal);
  krb5_free_context(fetching->context);
}

// A ticket from the keytab. Other programs are to find it, so it lies on disk, in a folder of its own; it
// ends by itself.
static bool take_ticket(ShareHome *home, const char *keytab, GError **error)
{
  home->folder = g_dir_make_tmp("idou-share-XXXXXX", error);
  if (!home->folder)
    return false;
  home->cache = g_strdup_printf("FILE:%s/ccache", home->folder);
  Fetching fetching = {0};
  krb5_error_code code = krb5_init_context(&fetching.context);
  if (code)
    return share_fail(home, NULL, _("Kerberos cannot be set up on this machine"), error);
  code = fetch(&fetching, home, keytab);
  const char *words = krb5_get_error_message(fetching.context, code);
  g_autofree char *what =
      g_strdup_printf(_("no ticket for %s with the keytab %s: %s"), home->user, keytab, words);
  krb5_free_error_message(fetching.context, words);
  end_fetching(&fetching);
  return !code || share_fail(home, NULL, what, error);
}

ShareHome *share_home_open(const TargetConfig *config, bool writes, GError **error)
{
  g_autoptr(ShareHome) home = g_new0(ShareHome, 1);
  home->config = config;
  home->writes = writes;
  home->auth_fd = -1;
  home->server = share_server(config);
  home->share = share_name(config);
  g_autoptr(GString) base = g_string_new(NULL);
  share_path(config->base, base);
  home->base = g_strdup(base->str);
  g_autofree char *text = configuration(config);
  home->conf_fd = make_file(text, error);
  bool own = writes && config->write_dn;
  const char *user = own ? config->write_dn : config->read_dn;
  const char *path = own ? config->write_secret : config->read_secret;
  if (home->conf_fd < 0)
    return NULL;
  if (config->gssapi)
    home->user = g_strdup(user);
  else
    split_user(home, user);
  bool opened = config->gssapi ? take_ticket(home, path, error) : load_secret(home, path, error);
  return opened ? g_steal_pointer(&home) : NULL;
}

void share_home_close(ShareHome *home)
{
  if (!home)
    return;
  if (home->conf_fd >= 0)
    close(home->conf_fd);
  if (home->auth_fd >= 0)
    close(home->auth_fd);
  if (home->cache)
    g_unlink(home->cache + strlen("FILE:"));
  if (home->folder)
    g_rmdir(home->folder);
  secret_free(home->secret);
  g_free(home->server);
  g_free(home->share);
  g_free(home->base);
  g_free(home->user);
  g_free(home->domain);
  g_free(home->cache);
  g_free(home->folder);
  g_free(home);
}

// ---------------------------------------------------------------------------------------------
// Children

#define CHILD_CONF 8
#define CHILD_AUTH 9

// Of the environment only what a child needs: Samba's programs take names and passwords from there, too.
static char **environment(const ShareHome *home)
{
  static const char *const passed[] = {"PATH", "KRB5_CONFIG", "TMPDIR"};
  char **env = g_environ_setenv(NULL, "LC_ALL", "C", true);
  for (size_t i = 0; i < G_N_ELEMENTS(passed); i++)
    if (g_getenv(passed[i]))
      env = g_environ_setenv(env, passed[i], g_getenv(passed[i]), true);
  return home->cache ? g_environ_setenv(env, "KRB5CCNAME", home->cache, true) : env;
}

// The program, its arguments, then those that all of Samba's programs share.
static GPtrArray *arguments(const ShareHome *home, const char *const *argv)
{
  GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; argv[i]; i++)
    g_ptr_array_add(all, g_strdup(argv[i]));
  g_ptr_array_add(all, g_strdup_printf("--configfile=/dev/fd/%d", CHILD_CONF));
  if (home->auth_fd >= 0)
    g_ptr_array_add(all, g_strdup_printf("--authentication-file=/dev/fd/%d", CHILD_AUTH));
  else
    g_ptr_array_add(all, g_strdup_printf("--use-krb5-ccache=%s", home->cache));
  g_ptr_array_add(all, NULL);
  return all;
}

bool share_spawn(const ShareHome *home, const char *const *argv, const ShareSpawn *how, pid_t *pid,
                 GError **error)
{
  g_autoptr(GPtrArray) all = arguments(home, argv);
  g_auto(GStrv) env = environment(home);
  int sources[] = {home->conf_fd, home->auth_fd}, targets[] = {CHILD_CONF, CHILD_AUTH};
  g_autoptr(GError) why = NULL;
  if (g_spawn_async_with_pipes_and_fds(
          NULL, (const char *const *)all->pdata, (const char *const *)env,
          G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, how->in_fd, how->out_fd,
          how->out_fd, sources, targets, home->auth_fd >= 0 ? 2 : 1, pid, NULL, NULL, NULL, &why))
    return true;
  g_autofree char *what = g_strdup_printf(
      _("%s cannot be started (%s); install Samba's client programs (package smbclient)"), argv[0],
      why->message);
  return share_fail(home, NULL, what, error);
}
