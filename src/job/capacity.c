// SPDX-License-Identifier: GPL-3.0-or-later
//
// How full the shares are, kept for the month's report: afterwards nobody can tell.
#include "job/job_p.h"

#include <string.h>

typedef struct Measuring {
  Instant taken;
  GArray *rows;  // MeasureRow
  GStringChunk *texts;
} Measuring;

static void take(const Capacity *capacity, void *data)
{
  Measuring *measuring = data;
  MeasureRow row = {.kind = capacity->whole ? MEASURE_SHARE : MEASURE_FOLDER,
                    .target = g_string_chunk_insert_const(measuring->texts, capacity->target),
                    .name = g_string_chunk_insert_const(measuring->texts, capacity->folder),
                    .taken = measuring->taken,
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
  if (config == NULL || target_capacity(config, what->below, take, measuring, &fault))
    return;
  g_array_set_size(measuring->rows, before);
  findings_add(findings, &(Finding){.level = FINDING_ERROR, .code = "capacity-unread"},
               _("%s was not measured: %s"), what->target, fault->message);
}

static bool keep(const Site *site, const Measuring *measuring, GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, error);
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
  g_autoptr(Findings) findings = findings_new();
  Measuring measuring = {instant_now(), rows, g_string_chunk_new(4096)};
  for (guint i = 0; i < site->capacities->len; i++)
    measure(site, &g_array_index(site->capacities, SiteCapacity, i), &measuring, findings);
  bool fine = rows->len == 0 || keep(site, &measuring, error);
  if (findings_count(findings) > 0) {
    report_findings(findings, false, out);
    *exit = exit_worse(*exit, EXIT_UNREAD);
  }
  g_string_append_printf(out, _("capacity: %u folders and shares measured\n"), rows->len);
  g_string_chunk_free(measuring.texts);
  return fine;
}
