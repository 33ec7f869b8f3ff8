// SPDX-License-Identifier: GPL-3.0-or-later
//
// Licences while a plan is made: what is read anyway is counted, and the plan's own operations are laid over it.
#include "job/job_p.h"

#include <string.h>

struct Licences {
  const Site *site;
  GPtrArray *seens;        // Watched, by target with a licence
  GArray *seats;           // TallySeats, by licence; filled when the plan is made
  const Mapping *mapping;  // while it is made; NULL = from elsewhere
  Date today;
};

// One target, being read.
typedef struct Watched {
  const char *target;
  GPtrArray *klasses;  // WatchedClass
} Watched;

typedef struct WatchedClass {
  const char *name;
  TallySeen seen;
} WatchedClass;

static void class_free(void *data)
{
  g_hash_table_unref(((WatchedClass *)data)->seen.on);
  g_free(data);
}

static void watched_free(void *data)
{
  g_ptr_array_unref(((Watched *)data)->klasses);
  g_free(data);
}

static WatchedClass *class_of(const Watched *watched, const char *name)
{
  for (guint i = 0; i < watched->klasses->len; i++) {
    WatchedClass *klass = watched->klasses->pdata[i];
    if (strcmp(klass->name, name) == 0)
      return klass;
  }
  return NULL;
}

static Watched *watched_of(const Licences *licences, const char *target)
{
  for (guint i = 0; i < licences->seens->len; i++) {
    Watched *watched = licences->seens->pdata[i];
    if (strcmp(watched->target, target) == 0)
      return watched;
  }
  return NULL;
}

static void watch(Licences *licences, const TallyLicence *licence)
{
  Watched *watched = watched_of(licences, licence->target);
  if (watched == NULL) {
    watched = g_new0(Watched, 1);
    watched->target = licence->target;
    watched->klasses = g_ptr_array_new_with_free_func(class_free);
    g_ptr_array_add(licences->seens, watched);
  }
  if (class_of(watched, licence->klass) != NULL)
    return;
  WatchedClass *klass = g_new0(WatchedClass, 1);
  klass->name = licence->klass;
  klass->seen.on = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_ptr_array_add(watched->klasses, klass);
}

Licences *licences_new(const Site *site)
{
  Licences *licences = g_new0(Licences, 1);
  licences->site = site;
  licences->today = date_of_instant(instant_now());
  licences->seens = g_ptr_array_new_with_free_func(watched_free);
  licences->seats = g_array_new(FALSE, FALSE, sizeof(TallySeats));
  for (guint i = 0; i < site->licences->len; i++)
    watch(licences, &g_array_index(site->licences, TallyLicence, i));
  return licences;
}

void licences_free(Licences *licences)
{
  if (licences == NULL)
    return;
  g_ptr_array_unref(licences->seens);
  g_array_unref(licences->seats);
  g_free(licences);
}

static void see(const char *name, const Observed *entry, void *data)
{
  WatchedClass *klass = class_of(data, name);
  if (klass == NULL)
    return;
  klass->seen.n_all++;
  if (entry->enabled == ENABLED_NO)
    return;
  klass->seen.n_on++;
  if (entry->stable_id.n > 0)
    g_hash_table_add(klass->seen.on, g_strndup(entry->stable_id.at, entry->stable_id.n));
}

void licences_watch(Licences *licences, PlannerTarget *target)
{
  target->sees_data = watched_of(licences, target->config->name);
  target->sees = target->sees_data != NULL ? see : NULL;
}

// ---------------------------------------------------------------------------------------------
// The plan is made, and not sealed yet.

static const TargetConfig *config_of(const Site *site, const char *target)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      return site->targets[i];
  return NULL;
}

static bool find_section(const Plan *plan, const char *target, size_t *out)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    if (strcmp(plan_section(plan, i)->target, target) == 0) {
      *out = i;
      return true;
    }
  return false;
}

static void add_note(Plan *plan, size_t section, const TallyLicence *licence, const char *code,
                     const GString *text)
{
  const PlanNote note = {.code = code,
                         .target = licence->target,
                         .object = licence->klass,
                         .label = licence->product,
                         .text = text->str};
  plan_add_note(plan, section, &note);
}

// Of a class that no rule makes nothing was seen, which is not none.
static bool is_seen(const Licences *licences, const TallyLicence *licence)
{
  const Mapping *mapping = licences->mapping;
  for (size_t i = 0; mapping != NULL && i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (strcmp(klass->target, licence->target) == 0 && strcmp(klass->name, licence->klass) == 0)
      return true;
  }
  return mapping == NULL;
}

static void count(Licences *licences, Plan *plan, const TallyLicence *licence)
{
  size_t section;
  const TargetConfig *config = config_of(licences->site, licence->target);
  g_autoptr(GString) lacks = g_string_new(NULL);
  g_autoptr(GString) ends = g_string_new(NULL);
  if (config == NULL || !find_section(plan, licence->target, &section))
    return;
  if (plan_section(plan, section)->unread != NULL || !is_seen(licences, licence)) {
    const TallySeats none = {
        .licence = licence, .counted = INSTANT_NONE, .unread = true, .peak_day = DATE_NONE};
    g_array_append_val(licences->seats, none);
    return;
  }
  const TallySeen *seen = &class_of(watched_of(licences, licence->target), licence->klass)->seen;
  TallyCount what = {.licence = licence, .config = config, .today = licences->today};
  TallySeats seats = {.n_all = seen->n_all,
                      .used = licence->enabled_only ? seen->n_on : seen->n_all,
                      .counted = instant_now()};
  what.ops = plan_ops_so_far(plan, section, &what.n_ops);
  tally_seats(&what, seen, &seats);
  g_array_append_val(licences->seats, seats);
  if (tally_seats_tell(&seats, lacks))
    add_note(plan, section, licence, licence->hold ? "licence-hold" : "licence", lacks);
  if (tally_licence_ends(licence, licences->today, ends))
    add_note(plan, section, licence, "licence-ends", ends);
}

static void finish(Plan *plan, void *data)
{
  Licences *licences = data;
  for (guint i = 0; i < licences->site->licences->len; i++)
    count(licences, plan, &g_array_index(licences->site->licences, TallyLicence, i));
}

void licences_finish(Licences *licences, PlannerSetup *setup)
{
  licences->mapping = setup->mapping;
  setup->finishes = finish;
  setup->finishes_data = licences;
}

static void tell_uncounted(const TallyLicence *licence, Findings *findings)
{
  findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "licence-uncounted"},
               _("the seats of %s in %s are not counted: the target could not be read, or no rule "
                 "is about its %s"),
               licence->product, licence->target, licence->klass);
}

// Notes are in the plan; whoever only sees the run's messages is told as well.
void licences_tell(const Licences *licences, Findings *findings)
{
  for (guint i = 0; i < licences->seats->len; i++) {
    const TallySeats *seats = &g_array_index(licences->seats, TallySeats, i);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) ends = g_string_new(NULL);
    if (seats->unread)
      tell_uncounted(seats->licence, findings);
    if (tally_seats_tell(seats, text))
      findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "licence"}, "%s",
                   text->str);
    if (tally_licence_ends(seats->licence, licences->today, ends))
      findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "licence-ends"}, "%s",
                   ends->str);
  }
}

GArray *licences_seats(Licences *licences)
{
  return g_array_ref(licences->seats);
}

bool job_seats_keep(const Site *site, const GArray *seats, GError **error)
{
  if (seats == NULL || seats->len == 0)
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL || !store_begin(store, error))
    return false;
  for (guint i = 0; i < seats->len; i++) {
    const TallySeats *one = &g_array_index(seats, TallySeats, i);
    const MeasureRow row = {.kind = MEASURE_SEATS,
                            .target = one->licence->target,
                            .name = one->licence->product,
                            .taken = one->counted,
                            .used = one->used,
                            .most = one->licence->seats,
                            .n = one->n_all};
    if (!one->unread && !store_measure_add(store, &row, error)) {
      store_rollback(store);
      return false;
    }
  }
  return store_commit(store, error);
}
