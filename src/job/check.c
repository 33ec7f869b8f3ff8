// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

// Everything that can be known before a run: the site file, layouts, mappings against the fields that
// layouts fill, and, with --targets, against each target's own schema.

static bool check_target(const Mapping *mapping, const TargetConfig *config, MappingWorld *world,
                         Findings *findings, GError **error)
{
  g_autoptr(Reader) reader = reader_open(config, error);
  if (reader == NULL)
    return false;
  g_autoptr(Schema) schema = schema_new();
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    for (const char *const *name = klass->attributes; *name != NULL; name++)
      schema_attr(schema, *name);
    schema_attr(schema, klass->key_attribute);
  }
  g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(g_free);
  if (!reader_schema(reader, schema, classes, error))
    return false;
  g_ptr_array_add(classes, NULL);
  MappingWorld here = *world;
  here.target = config->name;
  here.schema = schema;
  here.object_classes = (const char *const *)classes->pdata;
  mapping_check(mapping, &here, findings);
  return true;
}

static bool check_targets(const Site *site, const Mapping *mapping, MappingWorld *world,
                          Findings *findings, GError **error)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (!check_target(mapping, site->targets[i], world, findings, error))
      return false;
  return true;
}

static void note_untold(const Site *site, const Mapping *mapping, Findings *findings)
{
  if (site->passwords == NULL && mapping_n_secrets(mapping) > 0)
    findings_add(
        findings, &(Finding){.level = FINDING_NOTE, .code = "passwords-untold"},
        _("mappings make passwords, and the site file has no “passwords”: they are random, "
          "and nobody learns them (docs/passwords.md)"));
}

static bool check_dormant(const Site *site, const Mapping *mapping, Store *store,
                          Findings *findings, GError **error)
{
  if (site->dormant == NULL)
    return true;
  g_autoptr(Dormant) dormant = job_dormant_load(site, findings, error);
  if (dormant != NULL)
    dormant_check(dormant, mapping, store, findings);
  return dormant != NULL;
}

bool job_check(const Site *site, bool targets, Findings *findings, GError **error)
{
  // In a segment the rules are held against its targets when a plan is made from a bundle.
  if (site->here.name != NULL)
    return true;
  site_note_apart(site, findings);
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, findings, error);
  if (mapping == NULL)
    return false;
  g_autoptr(GPtrArray) fields = site_fields(site);
  g_autoptr(Store) store = NULL;
  g_autoptr(Roster) roster = NULL;
  if (g_file_test(site->store, G_FILE_TEST_EXISTS)) {
    store = store_open(site->store, STORE_READ, error);
    RosterWhen when = {.as_of = date_of_instant(instant_now()), .known_at = INSTANT_OPEN};
    roster = store == NULL ? NULL : roster_open(store, &when, error);
    if (roster == NULL)
      return false;
  }
  g_autoptr(GPtrArray) policies = site_policies(site);
  MappingWorld world = {.fields = (const char *const *)fields->pdata,
                        .policies = policies != NULL ? (const char *const *)policies->pdata : NULL,
                        .roster = roster};
  note_untold(site, mapping, findings);
  if (!check_dormant(site, mapping, store, findings, error))
    return false;
  if (!targets) {
    mapping_check(mapping, &world, findings);
    return true;
  }
  return check_targets(site, mapping, &world, findings, error);
}
