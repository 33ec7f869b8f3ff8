// SPDX-License-Identifier: GPL-3.0-or-later
//
// One folder as an entry, for those who look what became of an operation.
#include "share_p.h"

#include <errno.h>

// A folder that is not where it was is looked for this far down.
#define LEVELS_SEARCHED 6

static char *archive_of(const ShareSide *side)
{
  g_autofree char *dn = g_strdup_printf("%s,%s", side->config->archive, side->config->base);
  g_autoptr(GString) path = g_string_new(NULL);
  return share_path(dn, path) ? g_strdup(path->str) : NULL;
}

static bool in_archive(const ShareSide *side, const char *path)
{
  g_autofree char *archive = archive_of(side);
  return archive && *archive && share_below(path, archive) && !g_str_equal(path, archive);
}

// A server knows no way from an identity to a folder, so all are gone through. What cannot be looked into does
// not hold it as far as anybody can tell.
static char *search(ShareSide *side, const char *above, const char *id, unsigned level)
{
  int why = 0;
  g_autoptr(GArray) folders = share_smb_list(side->smb, above, &why);
  char *found = NULL;
  for (size_t i = 0; folders && i < folders->len && !found; i++) {
    const ShareFolder *folder = &g_array_index(folders, ShareFolder, i);
    if (g_str_equal(folder->id, id))
      found = g_strconcat(above, *above ? "/" : "", folder->raw, NULL);
  }
  for (size_t i = 0; folders && i < folders->len && !found && level < LEVELS_SEARCHED; i++) {
    g_autofree char *path =
        g_strconcat(above, *above ? "/" : "", g_array_index(folders, ShareFolder, i).raw, NULL);
    if (!in_archive(side, path))
      found = search(side, path, id, level + 1);
  }
  return found;
}

// *out NULL: it is nowhere. False: cannot be told.
static bool find(ShareSide *side, const char *path, const char *stable_id, char **out, char **id,
                 GError **error)
{
  int why = 0;
  *id = share_smb_id(side->smb, path, &why);
  if (!*id && why != ENOENT && why != ENOTDIR)
    return share_smb_fail(side->smb, path, why, error);
  if (!stable_id || !*stable_id || g_strcmp0(*id, stable_id) == 0) {
    *out = *id ? g_strdup(path) : NULL;
    return true;
  }
  g_free(*id);
  *id = g_strdup(stable_id);
  // Renamed in its place, most often.
  g_autofree char *above = share_parent(path);
  *out = search(side, above, stable_id, LEVELS_SEARCHED);
  if (!*out)
    *out = search(side, side->home->base, stable_id, 0);
  return true;
}

static void add_text(Record *record, const char *name, const char *text)
{
  record_add(record, name, text, strlen(text));
}

static bool add_acl(ShareSide *side, const char *path, Record *record, GError **error)
{
  int why = 0;
  g_autofree char *above = share_parent(path);
  g_autoptr(Acl) acl = share_acl(side, path, &why, error);
  if (!acl)
    return why == ECONNRESET ? false : share_smb_fail(side->smb, path, why, error);
  g_autoptr(Acl) parent = share_acl(side, above, &why, error);
  if (!parent)
    return why == ECONNRESET ? false : share_smb_fail(side->smb, above, why, error);
  g_autoptr(GPtrArray) sids = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) access = g_ptr_array_new_with_free_func(g_free);
  share_sids(acl, sids);
  if (!share_names_learn(side->names, sids, error))
    return false;
  share_access(acl, side->names, access);
  for (size_t i = 0; i < access->len; i++)
    add_text(record, "access", access->pdata[i]);
  add_text(record, "inherit", share_inherit(acl, parent));
  g_autoptr(GString) owner = g_string_new(NULL);
  share_owner(acl, side->names, owner);
  add_text(record, "owner", owner->str);
  return true;
}

bool share_fetch(ShareSide *side, const char *dn, const char *stable_id, const char *attribute,
                 Record **out, GError **error)
{
  g_autoptr(GString) path = g_string_new(NULL), place = g_string_new(NULL);
  g_autofree char *found = NULL, *id = NULL;
  *out = NULL;
  if (!share_path(dn, path))
    return share_fail(side->home, dn, _("it is no folder's name"), error);
  if (!find(side, path->str, stable_id, &found, &id, error))
    return false;
  if (!found || in_archive(side, found))
    return true;
  share_dn(side->config, found, place);
  g_autoptr(Record) record = record_new(place->str, place->len);
  record_set_stable_id(record, id, strlen(id));
  if (g_strcmp0(attribute, "1.1") != 0) {
    const char *relative = share_below(found, side->home->base);
    add_text(record, "objectClass", "folder");
    add_text(record, "folder", share_leaf(found));
    add_text(record, "path", relative ? relative : found);
    if (!add_acl(side, found, record, error))
      return false;
  }
  *out = g_steal_pointer(&record);
  return true;
}
