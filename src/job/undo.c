// SPDX-License-Identifier: GPL-3.0-or-later
//
// Undoing: whose operations, of which runs; the targets as they are now; and what guards say of the plan.
#include "job/job_p.h"

#include <idou/audit.h>

#include <string.h>
#include <unistd.h>

typedef struct Undoing {
  const Site *site;
  const UndoRequest *request;
  Undone *out;
  Store *store;
  UndoChoice choice;
  GArray *people;  // uint32_t
} Undoing;

// ---------------------------------------------------------------------------------------------
// What is asked for.

static bool find_run(Undoing *undoing, GError **error)
{
  const char *text = undoing->request->run;
  RunRow last;
  gint64 run = 0;
  if (text == NULL)
    return true;
  bool found = strcmp(text, "last") == 0
                   ? store_run_last(undoing->store, &last)
                   : g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &run, NULL);
  undoing->choice.run = strcmp(text, "last") == 0 && found ? last.id : run;
  if (!found)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                strcmp(text, "last") == 0
                    ? _("there was no run yet")
                    : _("“%s” is no run: say its number (`idou status`), or last"),
                text);
  return found;
}

static bool find_people(Undoing *undoing, GError **error)
{
  for (const char *const *text = undoing->request->people; text != NULL && *text != NULL; text++) {
    uint32_t person = 0;
    if (!job_person_find(undoing->store, *text, &person, error))
      return false;
    g_array_append_val(undoing->people, person);
  }
  undoing->choice.people = (const uint32_t *)(const void *)undoing->people->data;
  undoing->choice.n_people = undoing->people->len;
  return true;
}

static bool knows_target(const Undoing *undoing, GError **error)
{
  const char *target = undoing->request->target;
  for (size_t i = 0; target != NULL && undoing->site->targets[i] != NULL; i++)
    if (strcmp(undoing->site->targets[i]->name, target) == 0)
      return true;
  if (target != NULL)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("the site file knows no target “%s”"), target);
  return target == NULL;
}

// There the bundle says what shall be, and would do it again.
static bool is_here(const Site *site, GError **error)
{
  if (site->here.name == NULL)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_USAGE,
      _("this site is in segment %s: undo it where its bundles are made, then take a new one"),
      site->here.name);
  return false;
}

// ---------------------------------------------------------------------------------------------
// The plan.

static bool wants(const char *target, const void *data)
{
  return undo_pick_concerns(data, target);
}

static bool judge(Undoing *undoing, GError **error)
{
  Planned *planned = &undoing->out->planned;
  const GuardSetup guard = {.plan = planned->plan,
                            .configs = (const GuardConfig *const *)undoing->site->guards,
                            .store = undoing->store,
                            .rules = undoing->site->approvals,
                            .now = instant_now()};
  if (!guard_check(&guard, &planned->verdict, error))
    return false;
  planned->exit = plan_n_ops(planned->plan) > 0 ? EXIT_PENDING : EXIT_DONE;
  if (guard_n_held(planned->verdict) > 0)
    planned->exit = exit_worse(planned->exit, EXIT_HELD);
  for (size_t i = 0; i < plan_n_sections(planned->plan); i++)
    if (plan_section(planned->plan, i)->unread != NULL)
      planned->exit = exit_worse(planned->exit, EXIT_UNREAD);
  return true;
}

static bool plan(Undoing *undoing, const UndoPick *pick, GError **error)
{
  const UndoRequest *request = undoing->request;
  Undone *out = undoing->out;
  g_auto(Readers) readers = {0};
  g_autoptr(GString) runs = g_string_new(NULL);
  undo_pick_runs(pick, runs);
  out->runs = g_strdup(runs->str);
  if (!job_readers(undoing->site, undoing->store, &(ReadersAsk){wants, pick}, &readers, error))
    return false;
  Date today = date_of_instant(instant_now()), day = undo_pick_day(pick);
  const UndoSetup setup = {.pick = pick,
                           .store = undoing->store,
                           .targets = (const PlannerTarget *)(const void *)readers.targets->data,
                           .n_targets = readers.targets->len,
                           .as_of = day != DATE_NONE && day > today ? day : today,
                           .who = request->who,
                           .no_hold = request->no_hold,
                           .until = request->until};
  out->planned.plan = undo_make(&setup, &out->counts, error);
  return out->planned.plan != NULL && judge(undoing, error);
}

static bool work(Undoing *undoing, GError **error)
{
  const UndoRequest *request = undoing->request;
  undoing->choice = (UndoChoice){.since = request->since,
                                 .only = request->only,
                                 .except = request->except,
                                 .target = request->target};
  undoing->store = store_open(undoing->site->store, STORE_READ, error);
  if (undoing->store == NULL || !knows_target(undoing, error) || !find_run(undoing, error) ||
      !find_people(undoing, error))
    return false;
  site_servers(undoing->site, undoing->store);
  g_autoptr(UndoPick) pick = undo_pick(undoing->store, &undoing->choice, error);
  return pick != NULL && plan(undoing, pick, error);
}

bool job_undo(const Site *site, const UndoRequest *request, Undone *out, GError **error)
{
  *out = (Undone){.planned.findings = findings_new()};
  // What a run at work does next would be neither undone nor withdrawn.
  int lock = is_here(site, error) ? job_lock(site, error) : -1;
  if (lock < 0)
    return false;
  g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  Undoing undoing = {.site = site, .request = request, .out = out, .people = people};
  bool fine = job_ledger_ready(site, error) && work(&undoing, error);
  store_close(undoing.store);
  close(lock);
  return fine;
}

// ---------------------------------------------------------------------------------------------

static bool note(Store *store, const UndoRequest *request, const Undone *undone, GError **error)
{
  const char *digest = plan_digest(undone->planned.plan);
  const char *const detail[] = {"runs", undone->runs, NULL};
  const Ruling ruling = {.what = "undo",
                         .subject = undone->runs,
                         .who = request->who,
                         .reason = request->reason,
                         .when = instant_now()};
  return store_ruling_add(store, &ruling, error) &&
         audit_note(store, &(AuditNote){AUDIT_UNDO, request->who, digest, detail}, error);
}

bool job_undo_note(const Site *site, const UndoRequest *request, const Undone *undone,
                   GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL || !store_begin(store, error))
    return false;
  if (note(store, request, undone, error) && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

void undone_clear(Undone *undone)
{
  planned_clear(&undone->planned);
  g_clear_pointer(&undone->runs, g_free);
}
