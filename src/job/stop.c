// SPDX-License-Identifier: GPL-3.0-or-later
//
// Stopping somebody everywhere at once, and letting go of it. What is said stands in the ledger before anything is sent: a
// run that is at work heeds it, and the next one carries out what we could not.
#include "job/job_p.h"

#include <idou/audit.h>

#include <string.h>
#include <unistd.h>

#define WAIT_TRIES 300
#define WAIT_PAUSE_US 100000

typedef struct Stopping {
  const Site *site;
  const StopRequest *request;
  StopDone *out;
  Store *store;
  Mapping *mapping;
  uint32_t person;
  GArray *asked;  // Restriction
} Stopping;

static void stopping_clear(Stopping *stopping)
{
  store_close(stopping->store);
  mapping_free(stopping->mapping);
  g_clear_pointer(&stopping->asked, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stopping, stopping_clear)

static const char *keep(const Stopping *stopping, const char *text)
{
  return g_string_chunk_insert_const(stopping->out->desk.texts, text != NULL ? text : "");
}

// ---------------------------------------------------------------------------------------------
// What of whom.

// What is said of a stop where people read: why, is for those who must know it.
static char *words_of(int64_t stop, const char *who)
{
  return g_strdup_printf(_("ask %s (stop %" G_GINT64_FORMAT ")"), who, stop);
}

static bool has_people(const Mapping *mapping, const char *target)
{
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (klass->subject == FOR_PERSON && strcmp(klass->target, target) == 0)
      return true;
  }
  return false;
}

// Where the rules never switch an account nothing would switch it on again: there it loses its rights.
static const char *taken_from(const Klass *klass, const TargetConfig *config,
                              const Mapping *mapping)
{
  if (strcmp(klass->target, config->name) != 0)
    return NULL;
  if (klass->subject == FOR_ASSIGNMENT)
    return has_people(mapping, config->name) ? NULL : RESTRICT_RIGHTS;
  if (klass->subject != FOR_PERSON)
    return NULL;
  return klass->disables && config->disable_attribute != NULL ? RESTRICT_DISABLE : RESTRICT_RIGHTS;
}

void stop_restrictions(const Site *site, const Mapping *mapping, uint32_t person,
                       void (*func)(const RestrictionRow *row, void *data), void *data)
{
  for (size_t t = 0; site->targets[t] != NULL; t++)
    for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
      const Klass *klass = mapping_klass(mapping, i);
      const char *what = taken_from(klass, site->targets[t], mapping);
      if (what == NULL)
        continue;
      g_autofree char *object = g_strdup_printf("%s/%u", klass->name, person);
      func(&(RestrictionRow){.target = site->targets[t]->name,
                             .object = object,
                             .cause = RESTRICTION_STOPPED,
                             .what = what,
                             .group = "",
                             .reason = "",
                             .source = "",
                             .who = "",
                             .until = DATE_OPEN,
                             .lifted = INSTANT_NONE},
           data);
    }
}

static void ask_for(const RestrictionRow *row, void *data)
{
  const Stopping *stopping = data;
  const StopDone *out = stopping->out;
  g_autofree char *reason = words_of(out->number, out->who);
  Restriction one = {RESTRICTION_NEW, *row};
  one.row.object = keep(stopping, row->object);
  one.row.reason = keep(stopping, reason);
  one.row.who = out->who;
  one.row.until = out->until;
  g_array_append_val(stopping->asked, one);
}

// ---------------------------------------------------------------------------------------------
// Into the ledger.

static void take_standing(const Stopping *stopping, const HoldRow *row)
{
  StopDone *out = stopping->out;
  out->number = row->id;
  out->since = row->since;
  out->who = keep(stopping, row->who);
  out->until = row->until;
}

static bool find_standing(const Stopping *stopping, bool *found, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(stopping->store, date_of_instant(instant_now()), NULL, &holds, error))
    return false;
  const HoldRow *row = store_stop_on(holds, stopping->person);
  *found = row != NULL;
  if (row != NULL)
    take_standing(stopping, row);
  return true;
}

static bool add_stop(const Stopping *stopping, GError **error)
{
  const StopRequest *request = stopping->request;
  const HoldRow row = {.kind = HOLD_STOP,
                       .name = stopping->out->label,
                       .reason = request->reason,
                       .who = request->who,
                       .since = instant_now(),
                       .until = request->until,
                       .person = stopping->person};
  int64_t id = store_hold_add(stopping->store, &row, error);
  if (id == 0)
    return false;
  HoldRow placed = row;
  placed.id = id;
  take_standing(stopping, &placed);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, id);
  g_autoptr(GString) until = g_string_new(NULL);
  date_format(request->until, until);
  const char *const detail[] = {"number", number, "until", until->str, NULL};
  return audit_note(stopping->store,
                    &(AuditNote){.what = AUDIT_STOP,
                                 .who = request->who,
                                 .subject = stopping->out->label,
                                 .detail = detail},
                    error);
}

// Of what they are known to have; whatever else the rules give, plans withhold as long as the stop stands.
static bool add_restrictions(const Stopping *stopping, GError **error)
{
  for (guint i = 0; i < stopping->asked->len; i++) {
    RestrictionRow row = g_array_index(stopping->asked, Restriction, i).row;
    row.since = instant_now();
    if (store_binding_of(stopping->store, row.target, row.object) != NULL &&
        store_restriction_add(stopping->store, &row, error) == 0)
      return false;
  }
  return true;
}

static bool write_stop(const Stopping *stopping, GError **error)
{
  if (!find_standing(stopping, &stopping->out->stood, error) ||
      (!stopping->out->stood && !add_stop(stopping, error)))
    return false;
  stop_restrictions(stopping->site, stopping->mapping, stopping->person, ask_for, (void *)stopping);
  return add_restrictions(stopping, error);
}

static bool in_transaction(const Stopping *stopping,
                           bool (*write)(const Stopping *stopping, GError **error), GError **error)
{
  if (!store_begin(stopping->store, error))
    return false;
  if (write(stopping, error) && store_commit(stopping->store, error))
    return true;
  store_rollback(stopping->store);
  stopping->out->number = 0;  // nothing of it stands
  return false;
}

// ---------------------------------------------------------------------------------------------
// In the targets.

static bool is_run_at_work(const Site *site)
{
  int lock = job_lock(site, NULL);
  if (lock >= 0)
    close(lock);
  return lock < 0;
}

// What a run had sent when it was told may still arrive: whatever we do comes after that.
static bool wait_for_run(const Stopping *stopping, GError **error)
{
  int64_t n = 1;
  for (unsigned try = 0; n > 0 && try < WAIT_TRIES; try++) {
    if (!store_ops_sent(stopping->store, stopping->person, &n, error))
      return false;
    if (n == 0 || !is_run_at_work(stopping->site))
      return true;
    g_usleep(WAIT_PAUSE_US);
  }
  findings_add(stopping->out->desk.findings,
               &(Finding){.level = FINDING_WARNING, .code = "stop-run"},
               _("the run that is at work has sent something of theirs and does not say yet what "
                 "became of it; once it has ended, say the same again"));
  stopping->out->desk.exit = exit_worse(stopping->out->desk.exit, EXIT_FAILED);
  return true;
}

static void tell_unread(const Stopping *stopping, const Plan *plan)
{
  DeskDone *desk = &stopping->out->desk;
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    if (section->unread == NULL)
      continue;
    findings_add(
        desk->findings,
        &(Finding){.level = FINDING_ERROR, .code = "stop-unread", .subject = section->target},
        _("%s could not be read (%s): nothing is changed there. The next run does it, or "
          "the same command again"),
        section->target, section->unread);
    desk->exit = exit_worse(desk->exit, EXIT_UNREAD);
  }
}

static void tell_ops(const Stopping *stopping, const Plan *plan, int64_t run)
{
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    OpRow row;
    if (op->kind == OP_RESTRICT || op->kind == OP_LIFT)
      continue;
    bool known = store_op_get(stopping->store, run, n, &row);
    g_autofree char *what = g_strdup_printf("%s %s", op_traits(op->kind)->name,
                                            op->account != NULL ? op->account : op->object);
    const DeskResult result = {.label = keep(stopping, op->label),
                               .target = keep(stopping, op->target),
                               .account = keep(stopping, what),
                               .state = keep(stopping, known ? row.state : "pending"),
                               .detail = keep(stopping, known ? row.detail : NULL)};
    g_array_append_val(stopping->out->desk.results, result);
  }
}

static bool carry_out(const Stopping *stopping, const Plan *plan, GError **error)
{
  const Site *site = stopping->site;
  g_autofree char *path = g_strdup_printf("%s/stop-%.16s.plan", site->plans, plan_digest(plan));
  g_autofree char *locks = job_object_locks(site);
  g_autoptr(GuardVerdict) verdict = NULL;
  g_autoptr(GuardWarden) warden = NULL;
  // Today is today, whichever day the last plan was for.
  char *const allows[] = {(char *)"date", NULL};
  const Approval approval = {.digest = (char *)plan_digest(plan),
                             .who = (char *)stopping->out->who,
                             .reason = (char *)RESTRICTION_STOPPED,
                             .not_before = INSTANT_NONE,
                             .expires = instant_now() + 3600,
                             .allows = (char **)allows};
  g_autoptr(Approvals) approvals = approvals_of(&approval);
  const GuardSetup guard = {.plan = plan,
                            .configs = (const GuardConfig *const *)site->guards,
                            .store = stopping->store,
                            .approvals = approvals,
                            .now = instant_now()};
  if (!file_make_dir(site->plans, 0700, error) || !plan_write(plan, path, error) ||
      !guard_warden_new(&guard, &warden, error) || !guard_check(&guard, &verdict, error))
    return false;
  const ApplyWarden heeds = {guard_warden_looks, guard_warden_holds, warden};
  const ApplySetup setup = {.store = stopping->store,
                            .plan = plan,
                            .plan_path = path,
                            .held = verdict->held,
                            .targets = (const TargetConfig *const *)site->targets,
                            .passwords = site->passwords,
                            .object_locks = locks,
                            .desk = true,
                            .by = stopping->out->who,
                            .now = guard.now,
                            .interrupted = stopping->request->interrupted,
                            .warden = &heeds};
  ApplyReport report = {0};
  bool fine = apply_plan(&setup, &report, error);
  if (fine)
    tell_ops(stopping, plan, report.run);
  stopping->out->desk.exit = exit_worse(stopping->out->desk.exit, report.exit);
  apply_report_clear(&report);
  return fine;
}

// What only says again what stands in the ledger is no reason for a run.
static bool says_more(const Stopping *stopping, const Plan *plan)
{
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++)
    if (plan_op(plan, n)->kind != OP_RESTRICT)
      return true;
  for (guint i = 0; i < stopping->asked->len; i++) {
    const Restriction *asked = &g_array_index(stopping->asked, Restriction, i);
    bool planned = false;
    for (uint32_t n = 1; n <= plan_n_ops(plan) && !planned; n++) {
      const Op *op = plan_op(plan, n);
      planned =
          strcmp(op->target, asked->row.target) == 0 && strcmp(op->object, asked->row.object) == 0;
    }
    if (planned && store_restriction_find(stopping->store, &asked->row) == 0)
      return true;
  }
  return false;
}

static bool plan_and_apply(const Stopping *stopping, GError **error)
{
  const PlanRequest request = {.as_of = date_of_instant(instant_now()),
                               .known_at = INSTANT_OPEN,
                               .restrictions = stopping->asked};
  Planned planned;
  site_servers(stopping->site, stopping->store);
  bool fine = stopping->asked->len == 0 || job_plan(stopping->site, &request, &planned, error);
  if (stopping->asked->len == 0)
    return true;
  if (fine) {
    tell_unread(stopping, planned.plan);
    fine = !says_more(stopping, planned.plan) || carry_out(stopping, planned.plan, error);
  }
  planned_clear(&planned);
  return fine;
}

// ---------------------------------------------------------------------------------------------

static bool open_stopping(Stopping *stopping, GError **error)
{
  *stopping->out = (StopDone){.desk = {.results = g_array_new(FALSE, FALSE, sizeof(DeskResult)),
                                       .findings = findings_new(),
                                       .exit = EXIT_DONE,
                                       .texts = g_string_chunk_new(1024)},
                              .until = DATE_OPEN};
  if (stopping->site->here.name != NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("nobody's records are in this segment: stop them where the bundle is made, and "
                  "bring the next one"));
    return false;
  }
  stopping->asked = g_array_new(FALSE, FALSE, sizeof(Restriction));
  stopping->store = site_ledger(stopping->site, error);
  stopping->mapping = stopping->store == NULL ? NULL
                                              : mapping_load(stopping->site->mappings,
                                                             stopping->out->desk.findings, error);
  if (stopping->mapping == NULL ||
      !job_person_find(stopping->store, stopping->request->person, &stopping->person, error))
    return false;
  stopping->out->label =
      keep(stopping, store_link_number(stopping->store, SUBJECT_PERSON, stopping->person));
  return true;
}

bool job_stop(const Site *site, const StopRequest *request, StopDone *out, GError **error)
{
  g_auto(Stopping) stopping = {.site = site, .request = request, .out = out};
  return open_stopping(&stopping, error) && in_transaction(&stopping, write_stop, error) &&
         wait_for_run(&stopping, error) && plan_and_apply(&stopping, error);
}

// ---------------------------------------------------------------------------------------------
// Letting go.

static bool write_release(const Stopping *stopping, GError **error)
{
  const StopRequest *request = stopping->request;
  StopDone *out = stopping->out;
  bool found = false;
  if (!find_standing(stopping, &found, error))
    return false;
  if (!found) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s is not stopped"), out->label);
    return false;
  }
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, out->number);
  const char *const detail[] = {"number", number, "kind", HOLD_STOP, NULL};
  return store_hold_release(stopping->store, out->number, request->who, request->reason, error) &&
         audit_note(stopping->store,
                    &(AuditNote){.what = AUDIT_RELEASE,
                                 .who = request->who,
                                 .subject = out->label,
                                 .detail = detail},
                    error);
}

static bool take_lifted(const RestrictionRow *row, void *data)
{
  const Stopping *stopping = data;
  if (strcmp(row->cause, RESTRICTION_STOPPED) != 0 ||
      restrictions_person(stopping->mapping, row->target, row->object) != stopping->person)
    return true;
  g_autofree char *why =
      g_strdup_printf(_("stop %" G_GINT64_FORMAT " was released"), stopping->out->number);
  Restriction one = {RESTRICTION_LIFTED, *row};
  const char **const texts[] = {&one.row.target, &one.row.object, &one.row.cause,  &one.row.what,
                                &one.row.group,  &one.row.reason, &one.row.source, &one.row.who};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(stopping, *texts[i]);
  one.row.lifted_by = stopping->request->who;
  one.row.lifted_why = keep(stopping, why);
  g_array_append_val(stopping->asked, one);
  return true;
}

bool job_stop_release(const Site *site, const StopRequest *request, StopDone *out, GError **error)
{
  g_auto(Stopping) stopping = {.site = site, .request = request, .out = out};
  if (!open_stopping(&stopping, error) || !in_transaction(&stopping, write_release, error))
    return false;
  return !request->apply ||
         (store_restrictions_each(stopping.store, NULL, take_lifted, &stopping, error) &&
          plan_and_apply(&stopping, error));
}

void stop_done_clear(StopDone *done)
{
  desk_done_clear(&done->desk);
}
