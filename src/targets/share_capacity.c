// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full shares are. What a folder holds nobody keeps a sum of, so everything in it is gone through.
#include "share_p.h"

#include <errno.h>

typedef struct Counting {
  ShareSide *side;
  CapacityFunc func;
  void *data;
  uint64_t share_limit;
  GError **error;
} Counting;

static bool add(Counting *counting, const char *path, Capacity *capacity)
{
  int why = 0;
  ShareSum sum = {.changed = capacity->changed};
  g_autoptr(GArray) folders = share_smb_sum(counting->side->smb, path, &sum, &why);
  capacity->used += sum.bytes;
  capacity->n_files += sum.n_files;
  capacity->changed = sum.changed;
  if (!folders && why == EACCES) {
    capacity->n_closed++;
    return true;
  }
  if (!folders)
    return share_smb_fail(counting->side->smb, path, why, counting->error);
  for (size_t i = 0; i < folders->len; i++) {
    const char *name = g_array_index(folders, ShareFolder, i).raw;
    g_autofree char *below = g_strconcat(path, "/", name, NULL);
    if (!add(counting, below, capacity))
      return false;
  }
  return true;
}

// A quota of its own shows as another size of the volume.
static bool tell_folder(Counting *counting, const char *path)
{
  int why = 0;
  uint64_t used = 0;
  const char *relative = share_below(path, counting->side->home->base);
  Capacity capacity = {
      .target = counting->side->config->name, .folder = relative, .changed = INSTANT_NONE};
  if (!share_smb_room(counting->side->smb, path, &used, &capacity.limit, &why))
    return share_smb_fail(counting->side->smb, path, why, counting->error);
  if (capacity.limit == counting->share_limit)
    capacity.limit = 0;
  if (!add(counting, path, &capacity))
    return false;
  counting->func(&capacity, counting->data);
  return true;
}

static bool tell_share(Counting *counting)
{
  int why = 0;
  const ShareHome *home = counting->side->home;
  Capacity capacity = {
      .target = home->config->name, .folder = "", .whole = true, .changed = INSTANT_NONE};
  if (!share_smb_room(counting->side->smb, home->base, &capacity.used, &capacity.limit, &why))
    return share_smb_fail(counting->side->smb, home->base, why, counting->error);
  counting->share_limit = capacity.limit;
  counting->func(&capacity, counting->data);
  return true;
}

bool target_capacity(const TargetConfig *config, const char *below, CapacityFunc func, void *data,
                     GError **error)
{
  ShareSide *side = share_side_open(config, false, error);
  if (!side)
    return false;
  int why = 0;
  Counting counting = {side, func, data, 0, error};
  bool fine = tell_share(&counting);
  const char *base = side->home->base;
  g_autofree char *path = below ? g_strconcat(base, *base && *below ? "/" : "", below, NULL) : NULL;
  g_autoptr(GArray) folders = fine && path ? share_smb_list(side->smb, path, &why) : NULL;
  if (fine && path && !folders)
    fine = share_smb_fail(side->smb, path, why, error);
  for (size_t i = 0; fine && folders && i < folders->len; i++) {
    g_autofree char *folder =
        g_strconcat(path, *path ? "/" : "", g_array_index(folders, ShareFolder, i).raw, NULL);
    fine = tell_folder(&counting, folder);
  }
  share_side_close(side);
  return fine;
}
