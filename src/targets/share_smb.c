// SPDX-License-Identifier: GPL-3.0-or-later
//
// The share through libsmbclient: what lies in a folder, identities, room. Contexts are no threads' affair:
// the library has state of its own, so one call at a time goes into it, whatever the thread.
#include "share_p.h"

#include <errno.h>
#include <libsmbclient.h>

#define REPARSE_POINT 0x400  // FILE_ATTRIBUTE_REPARSE_POINT: a link, a mount, a link of a DFS
#define MOST_BYTES 65536

G_LOCK_DEFINE_STATIC(library);

struct ShareSmb {
  const ShareHome *home;
  SMBCCTX *context;
};

static void copy_text(char *out, int n_out, const char *text)
{
  if (n_out > 0)
    g_strlcpy(out, text, (gsize)n_out);
}

static void tell_account(SMBCCTX *context, const char *server, const char *share, char *domain,
                         int n_domain, char *user, int n_user, char *password, int n_password)
{
  (void)server;
  (void)share;
  const ShareHome *home = smbc_getOptionUserData(context);
  if (home->config->gssapi)
    return;
  copy_text(domain, n_domain, home->domain);
  copy_text(user, n_user, home->user);
  copy_text(password, n_password, secret_bytes(home->secret, NULL));
}

static bool set_up(ShareSmb *smb)
{
  const TargetConfig *config = smb->home->config;
  SMBCCTX *context = smb->context;
  g_autofree char *conf = g_strdup_printf("/proc/self/fd/%d", smb->home->conf_fd);
  smbc_setDebug(context, 0);
  smbc_setOptionUserData(context, (void *)smb->home);
  smbc_setFunctionAuthDataWithContext(context, tell_account);
  smbc_setOptionUseKerberos(context, config->gssapi);
  smbc_setOptionFallbackAfterKerberos(context, !config->gssapi);
  smbc_setOptionNoAutoAnonymousLogin(context, true);
  smbc_setOptionOneSharePerServer(context, true);
  smbc_setOptionSmbEncryptionLevel(context, config->encrypt ? SMBC_ENCRYPTLEVEL_REQUIRE
                                                            : SMBC_ENCRYPTLEVEL_REQUEST);
  smbc_setTimeout(context, config->timeout_ms);
  return smbc_init_context(context) && smbc_setConfiguration(context, conf) == 0 &&
         smbc_setOptionProtocols(context, "SMB3", "SMB3_11");
}

ShareSmb *share_smb_open(const ShareHome *home, GError **error)
{
  ShareSmb *smb = g_new0(ShareSmb, 1);
  smb->home = home;
  G_LOCK(library);
  // The library finds a ticket by the environment only.
  if (home->cache)
    g_setenv("KRB5CCNAME", home->cache, true);
  smb->context = smbc_new_context();
  bool up = smb->context && set_up(smb);
  int why = errno;
  G_UNLOCK(library);
  if (up)
    return smb;
  share_fail(home, NULL, g_strerror(why), error);
  share_smb_close(smb);
  return NULL;
}

void share_smb_close(ShareSmb *smb)
{
  if (!smb)
    return;
  G_LOCK(library);
  if (smb->context)
    smbc_free_context(smb->context, true);
  G_UNLOCK(library);
  g_free(smb);
}

static char *url_of(const ShareSmb *smb, const char *path)
{
  g_autofree char *share = g_uri_escape_string(smb->home->share, NULL, false);
  g_autofree char *rest = g_uri_escape_string(path, "/", false);
  return g_strdup_printf("smb://%s/%s/%s", smb->home->server, share, rest);
}

static const struct {
  int number;
  const char *words;
} reasons[] = {
    {EACCES, N_("no right to look into it; grant the account for reading that right")},
    {EPERM, N_("no right to do this, or the account is not let in; is its password right?")},
    {ECONNREFUSED, N_("the server cannot be reached; is it running, and is the address right?")},
    {EHOSTUNREACH, N_("the server cannot be reached; is it running, and is the address right?")},
    {ETIMEDOUT, N_("the server does not answer in time")},
    {ENODEV, N_("the server has no such share")},
};

bool share_smb_fail(const ShareSmb *smb, const char *path, int number, GError **error)
{
  const char *words = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(reasons) && !words; i++)
    if (reasons[i].number == number)
      words = _(reasons[i].words);
  return share_fail(smb->home, path, words ? words : g_strerror(number), error);
}

static void set_id(char **out, uint64_t number, int64_t made_s)
{
  g_free(*out);
  *out = g_strdup_printf("%" G_GUINT64_FORMAT "-%" G_GINT64_FORMAT, number, made_s);
}

static void add_folder(GArray *folders, const struct libsmb_file_info *info,
                       const struct stat *stat)
{
  ShareFolder folder = {.name = g_utf8_normalize(info->name, -1, G_NORMALIZE_NFC),
                        .raw = g_strdup(info->name)};
  set_id(&folder.id, stat->st_ino, info->btime_ts.tv_sec);
  g_array_append_val(folders, folder);
}

static bool is_folder(const struct libsmb_file_info *info)
{
  return (info->attrs & SMBC_DOS_MODE_DIRECTORY) && !(info->attrs & REPARSE_POINT) &&
         !g_str_has_prefix(info->name, SHARE_NEW_PREFIX);
}

static void clear_folder(void *data)
{
  ShareFolder *folder = data;
  g_free(folder->name);
  g_free(folder->raw);
  g_free(folder->id);
}

// A folder tells of itself ("."), too: that something was taken away, but also that it was made, which is no use.
static void add_up(ShareSum *sum, const struct libsmb_file_info *info)
{
  bool file = !(info->attrs & (SMBC_DOS_MODE_DIRECTORY | REPARSE_POINT));
  Instant changed = info->mtime_ts.tv_sec;
  bool own = g_str_equal(info->name, ".") && changed <= (Instant)info->btime_ts.tv_sec + 1;
  sum->bytes += file ? info->size : 0;
  sum->n_files += file;
  if (!own && !g_str_equal(info->name, ".."))
    sum->changed = MAX(sum->changed, changed);
}

// With "." and "..", by which a folder tells its own identity.
static GArray *list_all(ShareSmb *smb, const char *path, ShareSum *sum, int *why)
{
  g_autofree char *url = url_of(smb, path);
  G_LOCK(library);
  SMBCFILE *dir = smbc_getFunctionOpendir(smb->context)(smb->context, url);
  *why = dir ? 0 : errno;
  GArray *folders = NULL;
  if (dir) {
    folders = g_array_new(false, true, sizeof(ShareFolder));
    g_array_set_clear_func(folders, clear_folder);
    struct stat stat;
    const struct libsmb_file_info *info;
    while ((info = smbc_getFunctionReaddirPlus2(smb->context)(smb->context, dir, &stat))) {
      add_up(sum, info);
      if (is_folder(info))
        add_folder(folders, info, &stat);
    }
    smbc_getFunctionClosedir(smb->context)(smb->context, dir);
  }
  G_UNLOCK(library);
  return folders;
}

GArray *share_smb_sum(ShareSmb *smb, const char *path, ShareSum *sum, int *why)
{
  GArray *folders = list_all(smb, path, sum, why);
  for (size_t i = folders ? folders->len : 0; i-- > 0;) {
    const char *name = g_array_index(folders, ShareFolder, i).raw;
    if (g_str_equal(name, ".") || g_str_equal(name, ".."))
      g_array_remove_index(folders, (guint)i);
  }
  return folders;
}

GArray *share_smb_list(ShareSmb *smb, const char *path, int *why)
{
  ShareSum sum = {0};
  return share_smb_sum(smb, path, &sum, why);
}

static char *id_in(const GArray *folders, const char *name)
{
  for (size_t i = 0; folders && i < folders->len; i++) {
    const ShareFolder *folder = &g_array_index(folders, ShareFolder, i);
    if (g_str_equal(folder->name, name))
      return g_strdup(folder->id);
  }
  return NULL;
}

// When something was made is told only in a listing: that of the folder itself has the fewest strangers in
// it, and where we may not look, that of the folder above will do.
char *share_smb_id(ShareSmb *smb, const char *path, int *why)
{
  ShareSum sum = {0};
  g_autoptr(GArray) own = list_all(smb, path, &sum, why);
  char *id = id_in(own, ".");
  if (id || *why != EACCES || !*path)
    return id;
  g_autofree char *parent = share_parent(path);
  g_autoptr(GArray) around = list_all(smb, parent, &sum, why);
  id = id_in(around, share_leaf(path));
  if (!id && !*why)
    *why = ENOENT;
  return id;
}

// *why is an errno. False: could not be read.
static bool attribute(ShareSmb *smb, const char *path, const char *name, GString *out, int *why)
{
  g_autofree char *url = url_of(smb, path), *bytes = g_malloc0(MOST_BYTES);
  G_LOCK(library);
  errno = 0;
  int got = smbc_getFunctionGetxattr(smb->context)(smb->context, url, name, bytes, MOST_BYTES - 1);
  *why = got < 0 ? (errno ? errno : EIO) : 0;
  G_UNLOCK(library);
  g_string_assign(out, bytes);
  return got >= 0;
}

Acl *share_smb_acl(ShareSmb *smb, const char *path, int *why)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (!attribute(smb, path, "system.nt_sec_desc.*", text, why))
    return NULL;
  Acl *acl = acl_of_attribute(text->str);
  *why = acl ? 0 : EIO;
  return acl;
}

// Masks are decimal: of hexadecimal ones the library makes no right at all, and says all is well.
bool share_smb_set(ShareSmb *smb, const char *path, const Acl *acl, int *why)
{
  g_autofree char *url = url_of(smb, path);
  g_autoptr(GString) text = g_string_new("REVISION:1");
  for (size_t i = 0; i < acl->aces->len; i++) {
    const Ace *ace = acl_at(acl, i);
    g_string_append_printf(text, ",ACL:%s:%u/%u/%u", ace->sid, ace->type, ace->flags, ace->mask);
  }
  G_LOCK(library);
  errno = 0;
  bool set = smbc_getFunctionSetxattr(smb->context)(smb->context, url, "system.nt_sec_desc.*",
                                                    text->str, text->len, 0) >= 0;
  *why = set ? 0 : (errno ? errno : EIO);
  G_UNLOCK(library);
  return set;
}

bool share_smb_room(ShareSmb *smb, const char *path, uint64_t *used, uint64_t *all, int *why)
{
  g_autofree char *url = url_of(smb, path);
  struct statvfs room = {0};
  G_LOCK(library);
  bool got = smbc_getFunctionStatVFS(smb->context)(smb->context, url, &room) == 0;
  *why = got ? 0 : errno;
  G_UNLOCK(library);
  uint64_t unit = room.f_frsize ? (uint64_t)room.f_bsize * room.f_frsize : room.f_bsize;
  *all = room.f_blocks * unit;
  *used = (room.f_blocks - room.f_bfree) * unit;
  return got;
}
