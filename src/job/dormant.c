// SPDX-License-Identifier: GPL-3.0-or-later
//
// Dormant accounts: judged, and what comes of it planned like anything else.
#include "job/job_p.h"

#include <string.h>

static bool note_bearer(uint32_t person, void *data)
{
  g_hash_table_add(data, GUINT_TO_POINTER(person));
  return true;
}

static bool note_named(const NameRow *row, void *data)
{
  if (row->subject != 0 && row->subject != STORE_NAME_NOBODY)
    g_hash_table_add(data, GUINT_TO_POINTER(row->subject));
  return true;
}

bool job_dormant_person(Store *store, const char *text, uint32_t *person, GError **error)
{
  g_autoptr(GHashTable) found = g_hash_table_new(NULL, NULL);
  *person = 0;
  const char *slash = strchr(text, '/');
  g_autofree char *space = slash == NULL ? NULL : g_strndup(text, (size_t)(slash - text));
  if (space != NULL)
    *person = store_link_next(store, SUBJECT_PERSON, space, slash + 1, DATE_NONE);
  if (*person != 0)
    return true;
  if (!store_link_bearers(store, SUBJECT_PERSON, text, note_bearer, found, error) ||
      (g_hash_table_size(found) == 0 && !store_names_like(store, text, note_named, found, error)))
    return false;
  GHashTableIter each;
  gpointer only = NULL;
  g_hash_table_iter_init(&each, found);
  if (g_hash_table_size(found) == 1 && g_hash_table_iter_next(&each, &only, NULL)) {
    *person = GPOINTER_TO_UINT(only);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              g_hash_table_size(found) == 0
                  ? _("nobody has or had the number or login “%s”")
                  : _("several people have or had the number “%s”: say SPACE/NUMBER"),
              text);
  return false;
}

static bool judge(const Site *site, const DormantRequest *request, DormantDone *out, GError **error)
{
  out->dormant = job_dormant_load(site, out->findings, error);
  if (out->dormant == NULL)
    return false;
  // What a plan tells of the mappings, too, is told once.
  g_autoptr(Findings) twice = findings_new();
  out->mapping = mapping_load(site->mappings, twice, error);
  if (out->mapping == NULL || request->judge_only)
    findings_take(out->findings, twice);
  out->store = out->mapping == NULL ? NULL : store_open(site->store, STORE_READ, error);
  if (out->store == NULL || (request->person != NULL &&
                             !job_dormant_person(out->store, request->person, &out->person, error)))
    return false;
  dormant_check(out->dormant, out->mapping, out->store, out->findings);
  if (findings_count_level(out->findings, FINDING_ERROR) > 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has faults: see the findings"), site->dormant);
    return false;
  }
  DormantAsk ask = {.dormant = out->dormant,
                    .mapping = out->mapping,
                    .store = out->store,
                    .as_of = request->as_of,
                    .now = instant_now(),
                    .person = out->person,
                    .findings = out->findings};
  if (!dormant_run(&ask, &out->report, error))
    return false;
  out->exit = exit_worse(out->exit, out->report.exit);
  return true;
}

static bool plan(const Site *site, const DormantRequest *request, DormantDone *out, GError **error)
{
  if (request->judge_only || out->report.restrictions->len == 0)
    return true;
  PlanRequest what = {.as_of = request->as_of,
                      .known_at = INSTANT_OPEN,
                      .first_run = request->first_run,
                      .approval = request->approval,
                      .restrictions = out->report.restrictions};
  bool fine = job_plan(site, &what, &out->planned, error);
  if (out->planned.findings != NULL)
    findings_take(out->findings, out->planned.findings);
  if (fine)
    out->exit = exit_worse(out->exit, out->planned.exit);
  return fine;
}

bool job_dormant(const Site *site, const DormantRequest *request, DormantDone *out, GError **error)
{
  *out = (DormantDone){.findings = findings_new()};
  return judge(site, request, out, error) && plan(site, request, out, error);
}

void dormant_done_clear(DormantDone *done)
{
  planned_clear(&done->planned);
  dormant_report_clear(&done->report);
  store_close(done->store);
  mapping_free(done->mapping);
  dormant_free(done->dormant);
  g_clear_pointer(&done->findings, findings_free);
}

bool job_dormant_seen(const Site *site, const DormantReport *report, GError **error)
{
  if (report->unbegun->len == 0)
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  g_autoptr(GString) now = g_string_new(NULL);
  instant_format(instant_now(), now);
  if (store == NULL || !store_begin(store, error))
    return false;
  bool fine = true;
  for (guint i = 0; i < report->unbegun->len && fine; i++) {
    const char *name = g_ptr_array_index(report->unbegun, i);
    if (store_cursor_get(store, DORMANT_SEEN, name) == NULL)
      fine = store_cursor_set(store, DORMANT_SEEN, name, now->str, error);
  }
  if (fine && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Claims.

typedef struct Claiming {
  Store *store;
  const DormantClaim *claim;
  DormantClaimed *out;
} Claiming;

static bool knows(const Claiming *claiming, const char *target, const char *object)
{
  bool any = store_binding_of(claiming->store, target, object) != NULL;
  static const char *const whats[] = {RESTRICT_NOTICE, RESTRICT_DISABLE, RESTRICT_RIGHTS,
                                      RESTRICT_ABSENT};
  for (size_t i = 0; i < G_N_ELEMENTS(whats) && !any; i++)
    any = store_restriction_find(claiming->store, &(RestrictionRow){.target = target,
                                                                    .object = object,
                                                                    .cause = RESTRICTION_DORMANT,
                                                                    .what = whats[i],
                                                                    .group = ""}) != 0;
  return any;
}

static bool add_claim(Claiming *claiming, const char *target, const char *object, GError **error)
{
  const DormantClaim *claim = claiming->claim;
  ClaimRow row = {.target = target,
                  .object = object,
                  .cause = RESTRICTION_DORMANT,
                  .group = "",
                  .until = claim->until,
                  .reason = claim->reason,
                  .source = "",
                  .who = claim->who,
                  .since = instant_now()};
  int64_t id = store_claim_add(claiming->store, &row, error);
  if (id == 0)
    return false;
  claiming->out->n++;
  g_string_append_printf(claiming->out->told, _("claim %" G_GINT64_FORMAT ": %s %s\n"), id, target,
                         object);
  return true;
}

static bool was_claimed(const Dormant *dormant, size_t policy)
{
  const DormantPolicy *it = dormant_policy(dormant, policy);
  for (size_t i = 0; i < policy; i++) {
    const DormantPolicy *earlier = dormant_policy(dormant, i);
    if (strcmp(earlier->target, it->target) == 0 && g_strcmp0(earlier->klass, it->klass) == 0)
      return true;
  }
  return false;
}

static bool add_claims(Claiming *claiming, const Dormant *dormant, uint32_t person, GError **error)
{
  const DormantClaim *claim = claiming->claim;
  for (size_t i = 0; i < dormant_n_policies(dormant); i++) {
    const DormantPolicy *policy = dormant_policy(dormant, i);
    g_autofree char *object =
        person == 0 ? g_strdup(claim->whom) : g_strdup_printf("%s/%u", policy->klass, person);
    if ((claim->target != NULL && strcmp(claim->target, policy->target) != 0) ||
        (person != 0 && policy->klass == NULL) || was_claimed(dormant, i) ||
        !knows(claiming, policy->target, object))
      continue;
    if (!add_claim(claiming, policy->target, object, error))
      return false;
  }
  if (claiming->out->n > 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no policy speaks of an account of “%s”"),
              claim->whom);
  return false;
}

bool job_dormant_claim(const Site *site, const DormantClaim *claim, DormantClaimed *out,
                       GError **error)
{
  *out = (DormantClaimed){.findings = findings_new(), .told = g_string_new(NULL)};
  g_autoptr(Dormant) dormant = job_dormant_load(site, out->findings, error);
  g_autoptr(Store) store = dormant == NULL ? NULL : site_ledger(site, error);
  uint32_t person = 0;
  bool object = g_str_has_prefix(claim->whom, "orphan/") || strchr(claim->whom, '/') != NULL;
  if (store == NULL)
    return false;
  // "account/17" is an object, "hospital/000310" somebody: the space is looked at first.
  g_autoptr(GError) nobody = NULL;
  if (!job_dormant_person(store, claim->whom, &person, &nobody) && !object) {
    g_propagate_error(error, g_steal_pointer(&nobody));
    return false;
  }
  Claiming claiming = {store, claim, out};
  if (!store_begin(store, error))
    return false;
  const char *const detail[] = {"ruling", "claim", NULL};
  if (add_claims(&claiming, dormant, person, error) &&
      audit_note(store, &(AuditNote){AUDIT_DECIDE, claim->who, claim->whom, detail}, error) &&
      store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

void dormant_claimed_clear(DormantClaimed *claimed)
{
  g_clear_pointer(&claimed->findings, findings_free);
  if (claimed->told != NULL)
    g_string_free(claimed->told, TRUE);
}
