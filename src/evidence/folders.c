// SPDX-License-Identifier: GPL-3.0-or-later
//
// Activity on a share: the last change of anything in a person's own folder. Reading leaves no trace there.
#include "evidence_p.h"

typedef struct Folders {
  Gather *gather;
  Naming *naming;
} Folders;

static void take(const Capacity *capacity, void *data)
{
  Folders *folders = data;
  if (capacity->whole)
    return;
  g_autofree char *name = g_path_get_basename(capacity->folder);
  const char *object = naming_find(folders->naming, name);
  if (object == NULL) {
    gather_stranger(folders->gather, name);
    return;
  }
  // What is closed to us may have changed since: then this is no last use.
  const Said said = {.account = name};
  gather_at(folders->gather, object, capacity->changed, &said);
  if (capacity->n_closed > 0)
    gather_closed(folders->gather, object, &said);
}

bool folders_read(Gather *gather, GError **error)
{
  const Source *source = gather->source;
  g_auto(Naming) naming = {0};
  if (!naming_open(&naming, gather, error))
    return false;
  Folders folders = {gather, &naming};
  const CapacityAsk ask = {source->below, NULL, take, &folders};
  return target_capacity(source->of, &ask, error);
}
