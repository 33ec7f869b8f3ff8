// SPDX-License-Identifier: GPL-3.0-or-later
//
// Evidence of last use: the sources of dormant.yaml, read with the accounts for reading and the site's canaries.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

// What a target shall hold, derived once for all sources that speak of its accounts.
typedef struct Side {
  const char *target;
  Schema *schema;
  Table *table;
  Desired *desired;
} Side;

typedef struct Collecting {
  const Site *site;
  Store *store;
  Mapping *mapping;
  PlannerSetup setup;
  DesiredSource *rules;
  Findings *untold;  // of people who cannot be derived: plans tell of them
  GArray *sides;     // Side
} Collecting;

static void collecting_clear(Collecting *collecting)
{
  for (guint i = 0; collecting->sides != NULL && i < collecting->sides->len; i++) {
    Side *side = &g_array_index(collecting->sides, Side, i);
    desired_close(side->desired);
    table_free(side->table);
    schema_free(side->schema);
  }
  g_clear_pointer(&collecting->sides, g_array_unref);
  desired_source_close(collecting->rules);
  findings_free(collecting->untold);
  mapping_free(collecting->mapping);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Collecting, collecting_clear)

Dormant *job_dormant_load(const Site *site, Findings *findings, GError **error)
{
  const EvidenceWorld world = {site->folder, (const TargetConfig *const *)site->targets};
  if (site->dormant != NULL)
    return dormant_load(site->dormant, &world, findings, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("the site names no “dormant: dormant.yaml”, which says how last uses are known"));
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// What evidence_collect asks.

static size_t target_index(const Site *site, const char *name)
{
  size_t i = 0;
  while (site->targets[i] != NULL && strcmp(site->targets[i]->name, name) != 0)
    i++;
  return i;
}

static bool trusts(const TargetConfig *config, Reader *reader, void *data, GError **error)
{
  const Collecting *collecting = data;
  const GuardConfig *guard = collecting->site->guards[target_index(collecting->site, config->name)];
  return guard_pinned(guard, config->name, collecting->store, reader, error) &&
         guard_canaries(guard, reader, error);
}

static bool derive(Collecting *collecting, Side *side, Reader *reader, GError **error)
{
  const TargetConfig *config =
      collecting->site->targets[target_index(collecting->site, side->target)];
  const DesiredAsk ask = {.config = config,
                          .table = side->table,
                          .day = collecting->setup.as_of,
                          .at = collecting->setup.now,
                          .findings = collecting->untold};
  if (!reader_schema(reader, side->schema, NULL, error))
    return false;
  side->desired = collecting->rules->open(collecting->rules, &ask, error);
  if (side->desired == NULL)
    return false;
  table_freeze(side->table, collecting->untold);
  return true;
}

static Side *side_of(Collecting *collecting, const char *target)
{
  for (guint i = 0; i < collecting->sides->len; i++) {
    Side *side = &g_array_index(collecting->sides, Side, i);
    if (strcmp(side->target, target) == 0)
      return side;
  }
  Side side = {.target = target, .schema = schema_new()};
  side.table = table_new(side.schema);
  g_array_append_val(collecting->sides, side);
  return &g_array_index(collecting->sides, Side, collecting->sides->len - 1);
}

static bool objects(const Klass *klass, Reader *reader, const char *const *attributes,
                    EvidenceObjects *out, void *data, GError **error)
{
  Collecting *collecting = data;
  Side *side = side_of(collecting, klass->target);
  schema_attr(side->schema, klass->key_attribute);
  for (size_t i = 0; attributes[i] != NULL; i++)
    schema_attr(side->schema, attributes[i]);
  if (side->desired == NULL ? !derive(collecting, side, reader, error)
                            : !reader_schema(reader, side->schema, NULL, error))
    return false;
  for (size_t i = 0; i < collecting->rules->n_klasses; i++)
    if (collecting->rules->klass(collecting->rules, i) == klass)
      *out = (EvidenceObjects){side->table, side->desired->type->klass(side->desired, i)};
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool open_rules(Collecting *collecting, Findings *findings, GError **error)
{
  Instant now = instant_now();
  collecting->mapping = mapping_load(collecting->site->mappings, findings, error);
  if (collecting->mapping == NULL)
    return false;
  collecting->untold = findings_new();
  collecting->sides = g_array_new(FALSE, TRUE, sizeof(Side));
  collecting->setup = (PlannerSetup){.mapping = collecting->mapping,
                                     .store = collecting->store,
                                     .as_of = date_of_instant(now),
                                     .known_at = INSTANT_OPEN,
                                     .now = now,
                                     .findings = collecting->untold};
  collecting->rules = planner_derives(&collecting->setup);
  return true;
}

static bool collect(const Site *site, Store *store, const char *only, Findings *findings,
                    EvidenceDone *out, GError **error)
{
  g_auto(Collecting) collecting = {.site = site, .store = store};
  g_autoptr(Dormant) dormant = job_dormant_load(site, findings, error);
  if (dormant == NULL || !open_rules(&collecting, findings, error))
    return false;
  const EvidenceSources *sources = dormant_sources(dormant);
  if (only != NULL && evidence_source_named(sources, only) == EVIDENCE_NO_SOURCE) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has no source “%s”"), site->dormant, only);
    return false;
  }
  site_servers(site, store);
  const EvidenceSetup setup = {.sources = sources,
                               .only = only,
                               .mapping = collecting.mapping,
                               .store = store,
                               .now = collecting.setup.now,
                               .findings = findings,
                               .trusts = trusts,
                               .objects = objects,
                               .data = &collecting};
  return evidence_collect(&setup, out, error);
}

// Two at a time would take each other's last word for an older one.
static int lock_evidence(const Site *site, GError **error)
{
  g_autofree char *path = g_strconcat(site->store, ".evidence.lock", NULL);
  return file_lock(path, error);
}

bool job_evidence(const Site *site, const char *only, Findings *findings, EvidenceDone *out,
                  GError **error)
{
  *out = (EvidenceDone){0};
  int lock = lock_evidence(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  bool fine = store != NULL && collect(site, store, only, findings, out, error);
  close(lock);
  return fine;
}

bool job_evidence_forget(const Site *site, const char *source, GError **error)
{
  int lock = lock_evidence(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  bool fine = store != NULL && store_begin(store, error);
  const char *const detail[] = {"ruling", "forget-evidence", NULL};
  if (fine && !(store_evidence_forget(store, source, error) &&
                audit_note(store, &(AuditNote){AUDIT_DECIDE, NULL, source, detail}, error) &&
                store_commit(store, error))) {
    store_rollback(store);
    fine = false;
  }
  close(lock);
  return fine;
}
