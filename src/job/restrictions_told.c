// SPDX-License-Identifier: GPL-3.0-or-later
//
// Restrictions as people see them: whose the object is, and which objects are a person's.
#include "job/job_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Whose.

static const Klass *klass_of(const Mapping *mapping, const char *target, const char *object)
{
  size_t n = strcspn(object, "/");
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (strcmp(klass->target, target) == 0 && strlen(klass->name) == n &&
        strncmp(klass->name, object, n) == 0)
      return klass;
  }
  return NULL;
}

uint32_t restrictions_person(const Mapping *mapping, const char *target, const char *object)
{
  const Klass *klass = klass_of(mapping, target, object);
  const char *slash = strchr(object, '/');
  if (klass == NULL || slash == NULL ||
      (klass->subject != FOR_PERSON && klass->subject != FOR_ASSIGNMENT))
    return 0;
  guint64 subject = g_ascii_strtoull(slash + 1, NULL, 10);
  return subject <= UINT32_MAX ? (uint32_t)subject : 0;
}

static bool label(Roster *roster, uint32_t id, RestrictionsTold *told, const char **out,
                  GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  if (id == 0)
    return true;
  if (!roster_person(roster, id, &person, &fault)) {
    if (fault != NULL)
      g_propagate_error(error, fault);
    return fault == NULL;
  }
  const char *name = person->fields[FIELD_NAME];
  g_autofree char *text = g_strdup_printf("%s %s", person->number != NULL ? person->number : "",
                                          name != NULL ? name : "");
  *out = g_string_chunk_insert(told->texts, text);
  return true;
}

// In a segment nobody's records are.
static bool label_all(const Site *site, Store *store, RestrictionsTold *told, GError **error)
{
  Instant now = instant_now();
  if (site->here.name != NULL || told->list->len == 0)
    return true;
  const RosterWhen when = {.as_of = date_of_instant(now), .known_at = INSTANT_OPEN, .at = now};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, findings, error);
  g_autoptr(Roster) roster = mapping == NULL ? NULL : roster_open(store, &when, error);
  if (roster == NULL)
    return false;
  for (guint i = 0; i < told->list->len; i++) {
    ReportRestriction *one = &g_array_index(told->list, ReportRestriction, i);
    uint32_t person = restrictions_person(mapping, one->row.target, one->row.object);
    if (!label(roster, person, told, &one->label, error))
      return false;
  }
  return true;
}

bool job_restrictions_told(const Site *site, const char *target, RestrictionsTold *out,
                           GError **error)
{
  g_auto(Restrictions) all = {0};
  *out = (RestrictionsTold){g_array_new(FALSE, TRUE, sizeof(ReportRestriction)), NULL};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !job_restrictions_read(store, &all, error))
    return false;
  out->texts = g_steal_pointer(&all.texts);
  for (guint i = 0; i < all.list->len; i++) {
    ReportRestriction one = {.row = g_array_index(all.list, Restriction, i).row};
    if (target == NULL || strcmp(one.row.target, target) == 0)
      g_array_append_val(out->list, one);
  }
  return label_all(site, store, out, error);
}

void restrictions_told_clear(RestrictionsTold *told)
{
  g_clear_pointer(&told->list, g_array_unref);
  g_clear_pointer(&told->texts, g_string_chunk_free);
}

// ---------------------------------------------------------------------------------------------
// Which objects.

// Who is meant; STORE_NAME_NOBODY: several people may be.
static void mean(uint32_t *meant, uint32_t person)
{
  *meant = *meant == 0 || *meant == person ? person : STORE_NAME_NOBODY;
}

static bool take_holder(const char *space, uint32_t person, void *data)
{
  (void)space;
  mean(data, person);
  return true;
}

static bool take_login(const NameRow *name, void *data)
{
  if (name->subject != 0 && name->subject != STORE_NAME_NOBODY)
    mean(data, name->subject);
  return true;
}

bool job_person_find(Store *store, const char *text, uint32_t *out, GError **error)
{
  const char *slash = strchr(text, '/');
  g_autofree char *space = slash != NULL ? g_strndup(text, (size_t)(slash - text)) : NULL;
  uint32_t meant = slash != NULL ? store_link_find(store, SUBJECT_PERSON, space, slash + 1,
                                                   date_of_instant(instant_now()))
                                 : 0;
  if (meant == 0 && !store_links_numbered(store, SUBJECT_PERSON, text, take_holder, &meant, error))
    return false;
  if (meant == 0 && !store_names_like(store, text, take_login, &meant, error))
    return false;
  *out = meant;
  if (meant != 0 && meant != STORE_NAME_NOBODY)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              meant == 0 ? _("nobody is known by “%s”")
                         : _("“%s” may be any of several people; say SPACE/NUMBER"),
              text);
  return false;
}

static bool add_objects(const Mapping *mapping, uint32_t person, const char *target,
                        GPtrArray *objects, GError **error)
{
  guint n_before = objects->len;
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (klass->subject == FOR_PERSON && strcmp(klass->target, target) == 0)
      g_ptr_array_add(objects, g_strdup_printf("%s/%u", klass->name, person));
  }
  if (objects->len > n_before)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no mapping gives people anything in “%s”"), target);
  return false;
}

bool job_person_objects(const Site *site, const char *const *people, const char *target,
                        GPtrArray *objects, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(Mapping) mapping = store == NULL ? NULL : mapping_load(site->mappings, findings, error);
  if (mapping == NULL)
    return false;
  for (; *people != NULL; people++) {
    uint32_t person = 0;
    if (!job_person_find(store, *people, &person, error) ||
        !add_objects(mapping, person, target, objects, error))
      return false;
  }
  return true;
}
