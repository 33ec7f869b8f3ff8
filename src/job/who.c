// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

// Each target by itself: one that cannot be read, or that lies, keeps no other from being asked.
typedef struct Doors {
  GArray *targets;    // PlannerTarget
  GPtrArray *unread;  // char *, NULL = none
  GPtrArray *readers;
} Doors;

static void close_reader(gpointer data)
{
  reader_close(data);
}

static Reader *open_door(const Site *site, size_t i, char **unread)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(site->targets[i], &error);
  if (reader != NULL && guard_canaries(site->guards[i], reader, &error))
    return g_steal_pointer(&reader);
  *unread = g_strdup(error->message);
  return NULL;
}

static void doors_open(const Site *site, bool none, Doors *out)
{
  *out =
      (Doors){g_array_new(FALSE, TRUE, sizeof(PlannerTarget)),
              g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(close_reader)};
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    char *unread = NULL;
    PlannerTarget target = {.config = site->targets[i],
                            .reader = none ? NULL : open_door(site, i, &unread),
                            .protects = guard_protects,
                            .protects_data = site->guards[i],
                            .protects_attributes = guard_attributes(site->guards[i])};
    g_ptr_array_add(out->unread, unread);
    g_array_append_val(out->targets, target);
    if (target.reader != NULL)
      g_ptr_array_add(out->readers, target.reader);
  }
}

static void doors_close(Doors *doors)
{
  g_array_unref(doors->targets);
  g_ptr_array_unref(doors->unread);
  g_ptr_array_unref(doors->readers);
}

static bool find(const WhoSetup *setup, const char *text, WhoAnswer *out, uint32_t *person,
                 GError **error)
{
  *person = 0;
  out->list = who_find(setup, text, error);
  if (out->list == NULL)
    return false;
  if (out->list->matches->len == 1)
    *person = g_array_index(out->list->matches, WhoMatch, 0).person;
  return true;
}

bool job_who(const Site *site, const WhoRequest *request, Findings *findings, WhoAnswer *out,
             GError **error)
{
  *out = (WhoAnswer){0};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (site->here.name != NULL) {
    g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE,
                        _("nobody's records are in this segment: ask where its bundles are made"));
    return false;
  }
  site_note_apart(site, findings);
  g_autoptr(Mapping) mapping = store == NULL ? NULL : mapping_load(site->mappings, findings, error);
  uint32_t person = 0;
  if (mapping == NULL)
    return false;
  g_autoptr(GPtrArray) fields = site_fields(site);
  g_auto(Restrictions) restrictions = {0};
  if (!job_restrictions(site, store, mapping, &(PlanRequest){0}, findings, &restrictions, error))
    return false;
  WhoSetup setup = {.mapping = mapping,
                    .store = store,
                    .as_of = request->as_of,
                    .known_at = request->known_at,
                    .now = instant_now(),
                    .restrictions = (const Restriction *)(const void *)restrictions.list->data,
                    .n_restrictions = restrictions.list->len,
                    .stops = restrictions.stops,
                    .fields = (const char *const *)fields->pdata};
  if (setup.known_at == INSTANT_NONE)
    setup.known_at = store_known_by(store, setup.now);
  if (!find(&setup, request->text, out, &person, error) || person == 0)
    return out->list != NULL;
  Doors doors;
  site_servers(site, store);
  doors_open(site, request->no_targets, &doors);
  setup.targets = (const PlannerTarget *)(const void *)doors.targets->data;
  setup.n_targets = doors.targets->len;
  setup.unread = (const char *const *)doors.unread->pdata;
  out->who = who_collect(&setup, person, error);
  doors_close(&doors);
  return out->who != NULL;
}

void who_answer_clear(WhoAnswer *answer)
{
  g_clear_pointer(&answer->who, who_free);
  g_clear_pointer(&answer->list, who_list_free);
}
