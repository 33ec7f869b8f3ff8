// SPDX-License-Identifier: GPL-3.0-or-later
//
// Seats: as they were counted last and the plan at hand takes them, or planned anew.
#include "job/job_p.h"

#include <string.h>

typedef struct Found {
  char *path;
  Instant made;
  Plan *plan;
} Found;

static void look_at(const char *path, Date today, Found *newest)
{
  g_autoptr(Plan) plan = plan_read(path, NULL);
  if (plan == NULL || plan_head(plan)->as_of < today || plan_head(plan)->whatif ||
      plan_head(plan)->restricted || plan_envelope(plan)->made <= newest->made)
    return;
  g_free(newest->path);
  plan_free(newest->plan);
  *newest = (Found){g_strdup(path), plan_envelope(plan)->made, g_steal_pointer(&plan)};
}

// Files of days gone by need not be read: the day stands in their names.
static void find_newest(const Site *site, Date today, Found *newest)
{
  const char *name;
  g_autoptr(GString) least = g_string_new(NULL);
  g_autoptr(GDir) dir = g_dir_open(site->plans, 0, NULL);
  date_format(today, least);
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
    g_autofree char *path = g_build_filename(site->plans, name, NULL);
    if (g_str_has_suffix(name, ".plan") && strcmp(name, least->str) >= 0)
      look_at(path, today, newest);
  }
}

// ---------------------------------------------------------------------------------------------

typedef struct Last {
  const TallyLicence *licence;
  TallySeats seats;
} Last;

static bool take_measure(const MeasureRow *row, void *data)
{
  Last *last = data;
  if (strcmp(row->target, last->licence->target) != 0 ||
      strcmp(row->name, last->licence->product) != 0 || row->taken < last->seats.counted)
    return true;
  last->seats.counted = row->taken;
  last->seats.used = row->used;
  last->seats.n_all = row->n;
  return true;
}

static const TargetConfig *config_of(const Site *site, const char *target)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      return site->targets[i];
  return NULL;
}

// What was deleted since is not known to have been on: then it is not taken for a seat that comes free.
static void lay_plan(const Site *site, const Plan *plan, TallySeats *seats, Date today)
{
  const TargetConfig *config = config_of(site, seats->licence->target);
  g_autoptr(GHashTable) on = g_hash_table_new(g_str_hash, g_str_equal);
  const TallySeen seen = {.on = on};
  for (size_t i = 0; config != NULL && i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    TallyCount count = {seats->licence, config, section->ops, section->n_ops, today};
    if (strcmp(section->target, seats->licence->target) == 0 && section->unread == NULL)
      tally_seats(&count, &seen, seats);
  }
}

static bool add_last(const Site *site, Store *store, const Plan *plan, GArray *out, GError **error)
{
  static const Instant ever[] = {INSTANT_NONE + 1, INSTANT_OPEN};
  Date today = date_of_instant(instant_now());
  for (guint i = 0; i < site->licences->len; i++) {
    const TallyLicence *licence = &g_array_index(site->licences, TallyLicence, i);
    Last last = {licence, {.licence = licence, .counted = INSTANT_NONE, .peak_day = DATE_NONE}};
    if (!store_measures_each(store, MEASURE_SEATS, ever, take_measure, &last, error))
      return false;
    last.seats.free = licence->seats - last.seats.used;
    if (plan != NULL && last.seats.counted != INSTANT_NONE)
      lay_plan(site, plan, &last.seats, today);
    g_array_append_val(out, last.seats);
  }
  return true;
}

static bool from_last(const Site *site, const char *path, ReportBook **out, GError **error)
{
  Date today = date_of_instant(instant_now());
  Found newest = {.made = INSTANT_NONE};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(GArray) seats = g_array_new(FALSE, FALSE, sizeof(TallySeats));
  bool fine = store != NULL;
  if (fine && path != NULL) {
    newest.plan = plan_read(path, error);
    newest.path = g_strdup(path);
    fine = newest.plan != NULL;
  } else if (fine)
    find_newest(site, today, &newest);
  fine = fine && add_last(site, store, newest.plan, seats, error);
  if (fine)
    *out = report_licences(seats, today, newest.path != NULL ? newest.path : _("none at hand"));
  plan_free(newest.plan);
  g_free(newest.path);
  return fine;
}

static bool from_plan(const Site *site, const LicencesRequest *asked, ReportBook **out,
                      ExitCode *exit, GError **error)
{
  Planned planned;
  Date as_of = asked->as_of;
  PlanRequest request = {.as_of = as_of, .known_at = INSTANT_OPEN};
  bool fine = job_plan(site, &request, &planned, error);
  findings_take(asked->findings, planned.findings);
  for (guint i = 0; fine && i < planned.seats->len; i++)
    if (g_array_index(planned.seats, TallySeats, i).unread)
      *exit = exit_worse(*exit, EXIT_UNREAD);
  if (fine) {
    g_autoptr(GString) day = g_string_new(_("made now for "));
    date_format(as_of, day);
    *out = report_licences(planned.seats, date_of_instant(instant_now()), day->str);
  }
  planned_clear(&planned);
  return fine;
}

bool job_report_licences(const Site *site, const LicencesRequest *request, ReportBook **out,
                         ExitCode *exit, GError **error)
{
  if (request->as_of != DATE_NONE)
    return from_plan(site, request, out, exit, error);
  return from_last(site, request->plan, out, error);
}
