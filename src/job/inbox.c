// SPDX-License-Identifier: GPL-3.0-or-later
//
// Folders that others deliver into. Whoever may write there may swap a file under our hands. So each file is opened once, without
// following links, judged by that descriptor, copied to a private folder, and only the copy is read.
#include "job/job_p.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 30)

static bool owner_allowed(const Spool *spool, uid_t owner)
{
  if (spool->owners == NULL)
    return owner == geteuid() || owner == 0;
  for (const char *const *name = spool->owners; *name != NULL; name++) {
    const struct passwd *user = getpwnam(*name);
    if (user != NULL && user->pw_uid == owner)
      return true;
  }
  return false;
}

bool inbox_passes_over(const char *name)
{
  static const char *const endings[] = {".sha256",   ".tmp", ".part",
                                        ".filepart", "~",    ".crdownload"};
  if (name[0] == '.')
    return true;
  for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
    if (g_str_has_suffix(name, endings[i]))
      return true;
  return false;
}

bool inbox_has(const Inbox *inbox, const char *name)
{
  struct stat status;
  return fstatat(inbox->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

static bool has_manifest(const Inbox *inbox, const char *name)
{
  g_autofree char *manifest = g_strconcat(name, ".sha256", NULL);
  return inbox_has(inbox, manifest);
}

// Ready: with a manifest at once; without one when nobody has written for a while.
Readiness inbox_judge(const Inbox *inbox, const char *name, const char **why)
{
  const Spool *spool = inbox->spool;
  struct stat status;
  if (fstatat(inbox->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    *why = g_strerror(errno);
    return NOT_YET;
  }
  if (S_ISDIR(status.st_mode))
    return NOT_YET;
  if (S_ISLNK(status.st_mode)) {
    *why = _("it is a symbolic link; deliver the file itself");
    return REFUSED;
  }
  if (!S_ISREG(status.st_mode)) {
    *why = _("it is no regular file");
    return REFUSED;
  }
  if (!owner_allowed(spool, status.st_uid)) {
    *why = _("its owner is not among `spool: owners:`");
    return REFUSED;
  }
  bool manifest = has_manifest(inbox, name);
  if (spool->manifest && !manifest)
    return NOT_YET;
  bool settled = instant_now() - (Instant)status.st_mtime >= spool->settle_seconds;
  return manifest || settled ? READY : NOT_YET;
}

// ---------------------------------------------------------------------------------------------
// Moving.

bool inbox_move(const Inbox *inbox, const char *name, const char *folder, GError **error)
{
  g_autofree char *stamp = NULL;
  g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(instant_now());
  stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
  g_autofree char *target = g_strdup_printf("%s/%s-%s", folder, stamp, name);
  if (!file_make_dir(folder, 0700, error))
    return false;
  if (renameat(inbox->folder, name, AT_FDCWD, target) == 0)
    return file_sync_parent(target, error);
  if (errno == ENOENT)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("cannot move %s to %s: %s"), name, target,
              g_strerror(errno));
  return false;
}

bool inbox_receipt(const char *folder, const char *name, const GString *text, GError **error)
{
  g_autofree char *path = g_strdup_printf("%s/%s.receipt.txt", folder, name);
  return file_make_dir(folder, 0700, error) && file_write(path, text->str, text->len, 0600, error);
}

bool inbox_copy(const Inbox *inbox, const char *name, GError **error)
{
  int fd = file_open_at(inbox->folder, name, error);
  if (fd < 0)
    return false;
  g_autofree char *copy = g_build_filename(inbox->private_folder, name, NULL);
  bool done = file_copy(fd, name, copy, FILE_MAX, error);
  close(fd);
  return done;
}

// Copies that a killed run left: personnel data, which nobody would look for there.
static bool clear_private(const Inbox *inbox, GError **error)
{
  if (!file_make_dir(inbox->private_folder, 0700, error))
    return false;
  g_autoptr(GDir) dir = g_dir_open(inbox->private_folder, 0, error);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(inbox->private_folder, name, NULL);
    g_unlink(path);
  }
  return dir != NULL;
}

bool inbox_open(const Spool *spool, const char *private_folder, Inbox *out, GError **error)
{
  *out = (Inbox){.spool = spool, .folder = -1, .private_folder = private_folder};
  if (!clear_private(out, error))
    return false;
  out->folder = open(spool->incoming, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (out->folder >= 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("cannot open the spool %s: %s"), spool->incoming,
              g_strerror(errno));
  return false;
}

void inbox_close(Inbox *inbox)
{
  if (inbox->folder >= 0)
    close(inbox->folder);
}
