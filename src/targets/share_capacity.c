// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full shares are. What a folder holds nobody keeps a sum of, so everything in it is gone through.
#include "share_p.h"

#include <errno.h>

typedef struct Counting {
  ShareSide *side;
  const CapacityAsk *ask;
  uint64_t share_limit;
  GError **error;
} Counting;

static Capacity folder_of(const Counting *counting, const char *path, const char *id)
{
  return (Capacity){.target = counting->side->config->name,
                    .folder = share_below(path, counting->side->home->base),
                    .stable_id = id,
                    .changed = INSTANT_NONE};
}

static void add_up(const Capacity *part, Capacity *sum)
{
  sum->used += part->used;
  sum->n_files += part->n_files;
  sum->n_closed += part->n_closed;
  sum->changed = MAX(sum->changed, part->changed);
}

// A quota of its own shows as another size of the volume.
static bool tell(Counting *counting, const char *path, Capacity *capacity)
{
  int why = 0;
  uint64_t used = 0;
  if (!share_smb_room(counting->side->smb, path, &used, &capacity->limit, &why))
    return share_smb_fail(counting->side->smb, path, why, counting->error);
  if (capacity->limit == counting->share_limit)
    capacity->limit = 0;
  counting->ask->func(capacity, counting->ask->data);
  return true;
}

static bool is_wanted(const Counting *counting, const Capacity *capacity)
{
  return counting->ask->wants &&
         counting->ask->wants(capacity->target, capacity->stable_id, counting->ask->data);
}

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
    const ShareFolder *folder = &g_array_index(folders, ShareFolder, i);
    g_autofree char *below = g_strconcat(path, "/", folder->raw, NULL);
    Capacity part = folder_of(counting, below, folder->id);
    if (!add(counting, below, &part))
      return false;
    add_up(&part, capacity);
    if (is_wanted(counting, &part) && !tell(counting, below, &part))
      return false;
  }
  return true;
}

static bool tell_share(Counting *counting)
{
  int why = 0;
  const ShareHome *home = counting->side->home;
  Capacity capacity = {.target = home->config->name,
                       .folder = "",
                       .stable_id = "",
                       .whole = true,
                       .changed = INSTANT_NONE};
  if (!share_smb_room(counting->side->smb, home->base, &capacity.used, &capacity.limit, &why))
    return share_smb_fail(counting->side->smb, home->base, why, counting->error);
  counting->share_limit = capacity.limit;
  counting->ask->func(&capacity, counting->ask->data);
  return true;
}

static bool tell_below(Counting *counting)
{
  int why = 0;
  const char *below = counting->ask->below, *base = counting->side->home->base;
  g_autofree char *path = g_strconcat(base, *base && *below ? "/" : "", below, NULL);
  g_autoptr(GArray) folders = share_smb_list(counting->side->smb, path, &why);
  if (!folders)
    return share_smb_fail(counting->side->smb, path, why, counting->error);
  for (size_t i = 0; i < folders->len; i++) {
    const ShareFolder *folder = &g_array_index(folders, ShareFolder, i);
    g_autofree char *whole = g_strconcat(path, *path ? "/" : "", folder->raw, NULL);
    Capacity capacity = folder_of(counting, whole, folder->id);
    if (!add(counting, whole, &capacity) || !tell(counting, whole, &capacity))
      return false;
  }
  return true;
}

bool target_capacity(const TargetConfig *config, const CapacityAsk *ask, GError **error)
{
  ShareSide *side = share_side_open(config, false, error);
  if (!side)
    return false;
  Counting counting = {side, ask, 0, error};
  bool fine = tell_share(&counting) && (!ask->below || tell_below(&counting));
  share_side_close(side);
  return fine;
}
