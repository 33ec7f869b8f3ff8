// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full the shares are, kept for the month's report: afterwards nobody can tell.
#include "job/job_p.h"

#include <string.h>

typedef struct Measuring {
  Instant taken;
  GArray *rows;  // MeasureRow
  GHashTable
      *units;  // "TARGET\nSTABLE ID" of a folder that the rules made for a unit -> "100 総務課"
  GStringChunk *texts;
} Measuring;

// ---------------------------------------------------------------------------------------------
// Folders of units, as the ledger has bound them.

typedef struct Binding {
  const Measuring *measuring;
  const Roster *roster;
  const char *target;
} Binding;

static bool take_binding(const char *object, const char *stable_id, void *data)
{
  const Binding *binding = data;
  const char *slash = strchr(object, '/');
  const Unit *unit =
      slash != NULL
          ? roster_unit_by_id(binding->roster, (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10))
          : NULL;
  if (unit != NULL)
    g_hash_table_insert(binding->measuring->units,
                        g_strjoin("\n", binding->target, stable_id, NULL),
                        g_strjoin(" ", unit->code, unit->name, NULL));
  return true;
}

static bool find_units(const Site *site, const Measuring *measuring, GError **error)
{
  if (!g_file_test(site->store, G_FILE_TEST_EXISTS))
    return true;
  if (!job_ledger_ready(site, error))
    return false;
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  RosterWhen when = {.as_of = date_of_instant(measuring->taken),
                     .known_at = store_known_by(store, measuring->taken)};
  g_autoptr(Roster) roster = roster_open(store, &when, error);
  bool fine = roster != NULL;
  for (guint i = 0; fine && i < site->capacities->len; i++) {
    Binding binding = {measuring, roster, g_array_index(site->capacities, SiteCapacity, i).target};
    fine = store_bindings_each(store, binding.target, take_binding, &binding, error);
  }
  return fine;
}

static const char *unit_of(const Measuring *measuring, const char *target, const char *stable_id)
{
  g_autofree char *key = g_strjoin("\n", target, stable_id, NULL);
  return g_hash_table_lookup(measuring->units, key);
}

static bool is_of_unit(const char *target, const char *stable_id, void *data)
{
  return unit_of(data, target, stable_id) != NULL;
}

// ---------------------------------------------------------------------------------------------

static void take(const Capacity *capacity, void *data)
{
  Measuring *measuring = data;
  MeasureRow row = {.kind = capacity->whole ? MEASURE_SHARE : MEASURE_FOLDER,
                    .target = g_string_chunk_insert_const(measuring->texts, capacity->target),
                    .name = g_string_chunk_insert_const(measuring->texts, capacity->folder),
                    .taken = measuring->taken,
                    .unit = unit_of(measuring, capacity->target, capacity->stable_id),
                    .used = (int64_t)capacity->used,
                    .most = (int64_t)capacity->limit,
                    .n = (int64_t)capacity->n_files,
                    .unseen = (int64_t)capacity->n_closed};
  g_array_append_val(measuring->rows, row);
}

static const TargetConfig *config_of(const Site *site, const char *target)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      return site->targets[i];
  return NULL;
}

// Half of a share is no measure of it.
static void measure(const Site *site, const SiteCapacity *what, Measuring *measuring,
                    Findings *findings)
{
  const TargetConfig *config = config_of(site, what->target);
  guint before = measuring->rows->len;
  g_autoptr(GError) fault = NULL;
  const CapacityAsk ask = {what->below, is_of_unit, take, measuring};
  if (config == NULL || target_capacity(config, &ask, &fault))
    return;
  g_array_set_size(measuring->rows, before);
  findings_add(findings, &(Finding){.level = FINDING_ERROR, .code = "capacity-unread"},
               _("%s was not measured: %s"), what->target, fault->message);
}

static bool keep(const Site *site, const Measuring *measuring, GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL || !store_begin(store, error))
    return false;
  for (guint i = 0; i < measuring->rows->len; i++)
    if (!store_measure_add(store, &g_array_index(measuring->rows, MeasureRow, i), error)) {
      store_rollback(store);
      return false;
    }
  return store_commit(store, error);
}

bool job_capacity(const Site *site, GString *out, ExitCode *exit, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(MeasureRow));
  g_autoptr(GHashTable) units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(Findings) findings = findings_new();
  Measuring measuring = {instant_now(), rows, units, g_string_chunk_new(4096)};
  bool fine = find_units(site, &measuring, error);
  for (guint i = 0; fine && i < site->capacities->len; i++)
    measure(site, &g_array_index(site->capacities, SiteCapacity, i), &measuring, findings);
  fine = fine && (rows->len == 0 || keep(site, &measuring, error));
  if (findings_count(findings) > 0) {
    report_findings(findings, false, out);
    *exit = exit_worse(*exit, EXIT_UNREAD);
  }
  g_string_append_printf(out, _("capacity: %u folders and shares measured\n"), rows->len);
  g_string_chunk_free(measuring.texts);
  return fine;
}
