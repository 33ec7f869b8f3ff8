// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/orders.h"
#include "job/job_p.h"

#include <string.h>

void job_readers_clear(Readers *readers)
{
  g_clear_pointer(&readers->readers, g_ptr_array_unref);
  g_clear_pointer(&readers->targets, g_array_unref);
  g_clear_pointer(&readers->texts, g_ptr_array_unref);
}

static void close_reader(gpointer data)
{
  reader_close(data);
}

// What a shrunken target is compared with.
typedef struct Trust {
  const GuardConfig *guard;
  Store *store;
} Trust;

static bool trusts(const PlanSection *section, void *data, GError **error)
{
  const Trust *trust = data;
  return guard_shrink(trust->guard, trust->store, section, error);
}

// NULL: it could not be opened, or its canaries are not seen.
static Reader *open_reader(const TargetConfig *config, const GuardConfig *guard, GError **error)
{
  g_autoptr(Reader) reader = reader_open(config, error);
  if (reader == NULL || !guard_canaries(guard, reader, error))
    return NULL;
  return g_steal_pointer(&reader);
}

// A target that cannot be reached does not keep the others from being planned for.
bool job_readers(const Site *site, Store *store, const ReadersAsk *ask, Readers *out,
                 GError **error)
{
  out->readers = g_ptr_array_new_with_free_func(close_reader);
  out->texts = g_ptr_array_new_with_free_func(g_free);
  out->targets = g_array_new(FALSE, TRUE, sizeof(PlannerTarget));
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    if (!ask->wants(site->targets[i]->name, ask->data))
      continue;
    g_autoptr(GError) fault = NULL;
    Trust trust = {site->guards[i], store};
    PlannerTarget target = {.config = site->targets[i],
                            .protects = guard_protects,
                            .protects_data = site->guards[i],
                            .protects_attributes = guard_attributes(site->guards[i]),
                            .trusts = trusts,
                            .trusts_data = g_memdup2(&trust, sizeof trust)};
    g_ptr_array_add(out->texts, target.trusts_data);
    target.reader = open_reader(site->targets[i], site->guards[i], &fault);
    if (target.reader != NULL) {
      // What was read there is written there, if the plan is carried out in this very run.
      site->targets[i]->first = reader_server(target.reader);
      g_ptr_array_add(out->readers, target.reader);
    } else if (g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
      target.unread = g_strdup(fault->message);
      g_ptr_array_add(out->texts, (gpointer)target.unread);
    } else {
      g_propagate_error(error, g_steal_pointer(&fault));
      return false;
    }
    g_array_append_val(out->targets, target);
  }
  return true;
}

static bool is_wanted(const char *target, const void *data)
{
  return restrictions_concern(data, target);
}

// A what-if: the store is copied, and the files are taken into the copy.
static bool overlay(const Site *site, Store *store, const PlanRequest *request, Findings *findings,
                    GError **error)
{
  for (const char *const *path = request->with; path != NULL && *path != NULL; path++) {
    const Layout *layout = site_layout(site, request->with_layout, *path);
    if (layout == NULL) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no single layout is for %s"), *path);
      return false;
    }
    IntakeReceipt receipt = {0};
    if (!job_intake_file(site, store, *path, layout, findings, &receipt, error))
      return false;
    if (receipt.verdict == INTAKE_REJECTED) {
      g_set_error(error, IDOU_ERROR, EXIT_REJECTED, _("%s was rejected: see the findings"), *path);
      return false;
    }
  }
  return true;
}

static ExitCode judge(const Planned *planned)
{
  ExitCode exit = plan_n_ops(planned->plan) > 0 ? EXIT_PENDING : EXIT_DONE;
  if (guard_n_held(planned->verdict) > 0)
    exit = exit_worse(exit, EXIT_HELD);
  if (findings_count_level(planned->findings, FINDING_ERROR) > 0)
    exit = exit_worse(exit, EXIT_REJECTED);
  for (size_t i = 0; i < plan_n_sections(planned->plan); i++)
    if (plan_section(planned->plan, i)->unread != NULL)
      exit = exit_worse(exit, EXIT_UNREAD);
  return exit;
}

static bool note_open_orders(Store *store, Instant now, Findings *findings, GError **error)
{
  g_autoptr(Findings) open = findings_new();
  if (!orders_tell_open(store, store_known_by(store, now), open, error))
    return false;
  if (findings_count(open) > 0)
    findings_add(findings, &(Finding){.level = FINDING_NOTE, .code = "open-orders"},
                 ngettext("%zu order waits for something or for somebody's word: idou orders",
                          "%zu orders wait for something or for somebody's word: idou orders",
                          findings_count(open)),
                 findings_count(open));
  return true;
}

static bool count_one(const OpRow *op, Instant since, void *data)
{
  (void)op, (void)since;
  (*(size_t *)data)++;
  return true;
}

// What is sent counts as done in a plan: who reads it shall know.
static bool note_receipts(Store *store, Findings *findings, GError **error)
{
  size_t n = 0;
  if (!store_receipts_each(store, count_one, &n, error))
    return false;
  if (n > 0)
    findings_add(findings, &(Finding){.level = FINDING_NOTE, .code = "receipts-awaited"},
                 ngettext("%zu operation was sent and awaits its receipt: idou receipts",
                          "%zu operations were sent and await their receipts: idou receipts", n),
                 n);
  return true;
}

// What the plan is made from.
typedef struct Origin {
  Mapping *mapping;  // NULL: from the bundle
  Bundle *bundle;
  DesiredSource *source;
} Origin;

static void origin_clear(Origin *origin)
{
  desired_source_close(origin->source);
  bundle_free(origin->bundle);
  mapping_free(origin->mapping);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Origin, origin_clear)

static bool open_origin(const Site *site, Store *store, const PlanRequest *request,
                        Findings *findings, Origin *out, GError **error)
{
  if (request->bundle != NULL) {
    out->bundle = job_bundle_open(site, store, request->bundle, error);
    out->source = out->bundle == NULL ? NULL : bundle_source(out->bundle);
    return out->bundle != NULL;
  }
  if (site->here.name != NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("this site is in segment %s: what it shall hold comes in a bundle (--bundle)"),
                site->here.name);
    return false;
  }
  out->mapping = mapping_load(site->mappings, findings, error);
  return out->mapping != NULL && overlay(site, store, request, findings, error);
}

static bool check_plan(const Site *site, Store *store, const PlanRequest *request, Instant now,
                       Planned *out, GError **error)
{
  g_autoptr(Approvals) given = NULL;
  if (request->approval != NULL && (given = approvals_read(request->approval, error)) == NULL)
    return false;
  job_judge(site, given, out->plan, now);
  GuardSetup guard = {.plan = out->plan,
                      .configs = (const GuardConfig *const *)site->guards,
                      .store = store,
                      .approvals = given != NULL ? given : out->approvals,
                      .rules = site->approvals,
                      .first_run = request->first_run,
                      .now = now,
                      .profile = site->profile,
                      .override_only = site->override_only};
  guard_overrides_judge(given, store);
  return guard_check(&guard, &out->verdict, error);
}

static void set_origin(PlannerSetup *setup, const Origin *origin)
{
  setup->mapping = origin->mapping;
  if (origin->bundle == NULL)
    return;
  const BundleHead *head = bundle_head(origin->bundle);
  setup->source = origin->source;
  setup->bundle = head->id;
  setup->as_of = head->as_of;
  // What it says of a moment that has gone by is due.
  setup->at = head->at > setup->now ? head->at : 0;
  setup->known_at = INSTANT_OPEN;
}

static void watch_licences(Licences *licences, const Readers *readers, PlannerSetup *setup)
{
  for (guint i = 0; i < readers->targets->len; i++)
    licences_watch(licences, &g_array_index(readers->targets, PlannerTarget, i));
  licences_finish(licences, setup);
}

static bool make(const Site *site, Store *store, const PlanRequest *request, Planned *out,
                 GError **error)
{
  site_servers(site, store);
  g_auto(Origin) origin = {0};
  g_auto(Readers) readers = {0};
  g_auto(Restrictions) restrictions = {0};
  if (!open_origin(site, store, request, out->findings, &origin, error) ||
      !job_restrictions(site, store, origin.mapping, request, out->findings, &restrictions,
                        error) ||
      !job_readers(site, store, &(ReadersAsk){is_wanted, request}, &readers, error))
    return false;
  g_autoptr(GPtrArray) fields = site_fields(site);
  g_autoptr(GPtrArray) policies = site_policies(site);
  g_autoptr(Licences) licences = licences_new(site);
  // A moment gone by would give back what has ended since.
  Instant now = instant_now();
  PlannerSetup setup = {.store = store,
                        .as_of = request->as_of,
                        .at = request->at,
                        .known_at = request->known_at,
                        .embargoed = request->embargoed,
                        .now = now,
                        .targets = (const PlannerTarget *)(const void *)readers.targets->data,
                        .n_targets = readers.targets->len,
                        .whatif = request->with != NULL || request->embargoed ||
                                  request->known_at != INSTANT_OPEN ||
                                  (request->at != 0 && request->at < now),
                        .fields = (const char *const *)fields->pdata,
                        .survey = request->survey,
                        .restrictions = (const Restriction *)(const void *)restrictions.list->data,
                        .n_restrictions = restrictions.list->len,
                        .stops = restrictions.stops,
                        .only_restricted = request->restrictions != NULL,
                        .policies = policies != NULL ? (const char *const *)policies->pdata : NULL,
                        .findings = out->findings,
                        .night = site->night};
  set_origin(&setup, &origin);
  // Where only some entries are read nothing can be counted.
  if (request->restrictions == NULL)
    watch_licences(licences, &readers, &setup);
  site_note_apart(site, out->findings);
  if (!note_open_orders(store, setup.now, out->findings, error) ||
      !note_receipts(store, out->findings, error))
    return false;
  out->plan = planner_make(&setup, error);
  if (out->plan != NULL)
    plan_set_by(out->plan, request->by);
  out->seats = licences_seats(licences);
  licences_tell(licences, out->findings);
  if (out->plan != NULL && origin.bundle != NULL)
    out->approvals = job_bundle_approval(origin.bundle, out->plan, out->findings);
  return out->plan != NULL && check_plan(site, store, request, now, out, error);
}

// In a segment nothing is taken in that would have made the ledger.
static bool make_ledger(const Site *site, GError **error)
{
  if (site->here.name == NULL || g_file_test(site->store, G_FILE_TEST_EXISTS))
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  return store != NULL;
}

bool job_plan(const Site *site, const PlanRequest *request, Planned *out, GError **error)
{
  *out = (Planned){.findings = findings_new()};
  g_autoptr(Store) store = NULL;
  if (make_ledger(site, error))
    store = store_open(site->store, request->with != NULL ? STORE_WHATIF : STORE_READ, error);
  if (store == NULL || !make(site, store, request, out, error))
    return false;
  out->exit = judge(out);
  return true;
}

// Somebody's own word about this very plan is left; one about another plan that had the same name counts for nothing. What
// cannot be read any more is left, too: then nothing counts, and the guards hold.
static bool keeps_approval(const Planned *planned, const char *path)
{
  g_autoptr(GError) damage = NULL;
  g_autoptr(Approvals) there =
      g_file_test(path, G_FILE_TEST_EXISTS) ? approvals_read(path, &damage) : NULL;
  if (damage != NULL)
    log_note(LOG_NORMAL, _("an approval does not count: %s"), damage->message);
  if (damage != NULL)
    return true;
  for (guint i = 0; there != NULL && i < there->list->len; i++) {
    const Approval *approval = g_ptr_array_index(there->list, i);
    if (strcmp(approval->digest, plan_digest(planned->plan)) == 0)
      return true;
  }
  return false;
}

void planned_note(const Site *site, const Planned *planned, const char *path)
{
  const PlanHead *head = plan_head(planned->plan);
  // Nothing comes of a what-if, and it changes nothing.
  if (head->whatif)
    return;
  g_autofree char *name = g_path_get_basename(path);
  g_autofree char *n = g_strdup_printf("%zu", plan_n_ops(planned->plan));
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(head->as_of, day);
  const char *const detail[] = {"day", day->str, "file", name, "operations", n, NULL};
  const char *by = plan_envelope(planned->plan)->by;
  job_audit_tell(site, &(AuditNote){AUDIT_PLAN, by, plan_digest(planned->plan), detail});
}

bool planned_write(const Planned *planned, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(path);
  g_autofree char *approval = approvals_path(path);
  return file_make_dir(folder, 0700, error) && plan_write(planned->plan, path, error) &&
         (planned->approvals == NULL || keeps_approval(planned, approval) ||
          approvals_add(approval, g_ptr_array_index(planned->approvals->list, 0), error));
}

void planned_clear(Planned *planned)
{
  g_clear_pointer(&planned->plan, plan_free);
  g_clear_pointer(&planned->seats, g_array_unref);
  g_clear_pointer(&planned->verdict, guard_verdict_free);
  g_clear_pointer(&planned->approvals, approvals_free);
  g_clear_pointer(&planned->findings, findings_free);
}

char *job_plan_path(const Site *site, const Plan *plan)
{
  g_autoptr(GString) path = g_string_new(site->plans);
  g_string_append_c(path, '/');
  date_format(plan_head(plan)->as_of, path);
  g_string_append_printf(path, "-%.8s.plan", plan_digest(plan));
  return g_string_free(g_steal_pointer(&path), FALSE);
}
