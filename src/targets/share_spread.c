// SPDX-License-Identifier: GPL-3.0-or-later
//
// What lies in a folder follows its list: a server hands rights down only to what is made later, so whoever
// changes a list changes what inherits from it, too, as Windows' own programs do. A folder's turn comes
// after all that is in it, so that one that is as it should be needs no further look.
#include "share_p.h"

typedef struct Inside {
  ShareSide *side;
  ShareJob *job;
  const ShareItem *above;
  GPtrArray *folders;  // ShareItem, to be looked into
} Inside;

static ShareStep fail(ShareJob *job, const char *path, const char *words)
{
  g_autofree char *text =
      g_strdup_printf(_("%s, in the folder: %s; rights were not changed everywhere"), path, words);
  job->code = LDAP_INSUFFICIENT_ACCESS;
  g_free(job->text);
  job->text = g_steal_pointer(&text);
  return STEP_DONE;
}

static void look_into(Inside *inside, const char *path, Acl *acl)
{
  ShareItem *item = g_new0(ShareItem, 1);
  acl_inherit(acl, inside->above->acl, false);
  acl_sort(acl);
  item->path = g_strdup(path);
  item->acl = acl;
  g_ptr_array_add(inside->folders, item);
}

static ShareStep set_file(Inside *inside, const char *path, Acl *acl)
{
  int why = 0;
  acl_inherit(acl, inside->above->acl, true);
  acl_sort(acl);
  return share_smb_set(inside->side->smb, path, acl, &why)
             ? STEP_AGAIN
             : fail(inside->job, path, g_strerror(why));
}

// One thing in the folder, from "NAME\nMODE:…" on.
static ShareStep take_block(Inside *inside, const char *block)
{
  const char *end = strchr(block, '\n');
  g_autofree char *name = g_strndup(block, end ? (size_t)(end - block) : strlen(block));
  const char *mode = end ? end + 1 : "";
  size_t n_mode = strcspn(mode, "\n");
  bool folder = memchr(mode + MIN(5, n_mode), 'D', n_mode - MIN(5, n_mode));
  bool link = memchr(mode + MIN(5, n_mode), 'r', n_mode - MIN(5, n_mode));
  if (link || g_str_has_prefix(name, SHARE_NEW_PREFIX))
    return STEP_AGAIN;
  g_autofree char *path = g_strdup_printf("%s/%s", inside->above->path, name);
  g_autoptr(Acl) acl = acl_of_listing(block);
  if (!acl)
    return fail(inside->job, path, _("its rights cannot be read"));
  if (acl->control & SD_PROTECTED || !acl_is_plain(acl) ||
      !acl_is_stale(acl, inside->above->acl, !folder))
    return STEP_AGAIN;
  if (!folder)
    return set_file(inside, path, acl);
  look_into(inside, path, g_steal_pointer(&acl));
  return STEP_AGAIN;
}

static ShareStep take_blocks(Inside *inside, const char *answer)
{
  static const char mark[] = "FILENAME:";
  ShareStep step = STEP_AGAIN;
  const char *at = g_str_has_prefix(answer, mark) ? answer : strstr(answer, "\nFILENAME:");
  while (at && step == STEP_AGAIN) {
    at += *at == '\n';
    const char *next = strstr(at, "\nFILENAME:");
    g_autofree char *block = g_strndup(at + strlen(mark), next ? (size_t)(next - at) - strlen(mark)
                                                               : strlen(at) - strlen(mark));
    step = take_block(inside, block);
    at = next;
  }
  return step;
}

static ShareStep visit(ShareSide *side, ShareJob *job, const ShareItem *item, GError **error)
{
  g_autofree char *all = g_strdup_printf("%s/*", item->path), *quoted = share_quote(all);
  g_autofree char *command = g_strdup_printf("ls %s", quoted);
  g_autoptr(GString) answer = g_string_new(NULL), status = g_string_new(NULL);
  g_autoptr(GPtrArray) folders = g_ptr_array_new();
  if (!share_shell_tell(side->shell, command, answer, error))
    return STEP_LOST;
  share_status(answer->str, status);
  if (share_is_lost(status->str))
    return STEP_LOST;
  if (status->len && !g_str_equal(status->str, "NT_STATUS_NO_SUCH_FILE"))
    return fail(job, item->path, status->str);
  Inside inside = {side, job, item, folders};
  ShareStep step = take_blocks(&inside, answer->str);
  for (size_t i = 0; i < folders->len; i++)
    g_ptr_array_add(job->inside, folders->pdata[i]);
  return step;
}

ShareStep share_spread(ShareSide *side, ShareJob *job, GError **error)
{
  guint last = job->inside->len - 1;
  ShareItem *item = job->inside->pdata[last];
  if (!item->visited) {
    item->visited = true;
    return visit(side, job, item, error);
  }
  // The folder itself is the job's own affair.
  if (last > 0 && !item->is_set) {
    item->is_set = true;
    return STEP_SET;
  }
  g_ptr_array_remove_index(job->inside, last);
  return STEP_AGAIN;
}
