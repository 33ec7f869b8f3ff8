// SPDX-License-Identifier: GPL-3.0-or-later
//
// A deleted entry is brought back, from what the journal kept of it. A desk's run of its own: intent before the
// target is asked, outcome after; done again after a kill, it completes what is missing.
#include "job/job_p.h"

#include <string.h>

#define OPS_LOOKED_AT 200  // of one object, newest first

typedef struct Undelete {
  const Site *site;
  const UndeleteRequest *request;
  Undeleted *done;
  Store *store;
  const TargetConfig *config;  // of the entry that was found
  char *before;                // what the journal kept
  uint32_t person;             // whose it is; 0 = nobody's
  size_t n_found;
} Undelete;

// ---------------------------------------------------------------------------------------------
// Which entry.

typedef struct Trail {
  const char *object;
  char *before;
  bool ended;
} Trail;

static bool is_done(const OpRow *op)
{
  return strcmp(op->state, "done") == 0 || strcmp(op->state, "already") == 0;
}

// Newest first: a deletion counts unless the object has been made anew since.
static bool follow_trail(const OpRow *op, Instant changed, void *data)
{
  Trail *trail = data;
  (void)changed;
  if (strcmp(op->object, trail->object) != 0 || !is_done(op))
    return true;
  bool deleted = strcmp(op->kind, op_traits(OP_DELETE)->name) == 0 && op->before != NULL;
  if (deleted)
    trail->before = g_strdup(op->before);
  trail->ended = deleted || strcmp(op->kind, op_traits(OP_CREATE)->name) == 0;
  return !trail->ended;
}

static bool look_for(Undelete *undelete, const TargetConfig *config, const char *object,
                     GError **error)
{
  Trail trail = {.object = object};
  if (!store_ops_about(undelete->store, config->name, object, OPS_LOOKED_AT, follow_trail, &trail,
                       error))
    return false;
  if (trail.before == NULL)
    return true;
  undelete->n_found++;
  g_free(undelete->before);
  g_free(undelete->done->object);
  undelete->before = trail.before;
  undelete->config = config;
  undelete->done->object = g_strdup(object);
  return true;
}

static bool look_for_person(Undelete *undelete, const Mapping *mapping, uint32_t person,
                            const TargetConfig *config, GError **error)
{
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (strcmp(klass->target, config->name) != 0 || klass->subject != FOR_PERSON)
      continue;
    g_autofree char *object = g_strdup_printf("%s/%u", klass->name, person);
    if (!look_for(undelete, config, object, error))
      return false;
  }
  return true;
}

static bool take_holder(const char *space, uint32_t person, void *data)
{
  (void)space;
  g_hash_table_add(data, GUINT_TO_POINTER(person));
  return true;
}

// Who bears or bore the number; a text with a slash is an object, as plans and journal name it.
static bool look_in(Undelete *undelete, const Mapping *mapping, const TargetConfig *config,
                    GError **error)
{
  const char *what = undelete->request->what;
  if (strchr(what, '/') != NULL)
    return look_for(undelete, config, what, error);
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  if (!store_links_numbered(undelete->store, SUBJECT_PERSON, what, take_holder, people, error))
    return false;
  GHashTableIter iter;
  gpointer person = NULL;
  g_hash_table_iter_init(&iter, people);
  while (g_hash_table_iter_next(&iter, &person, NULL))
    if (!look_for_person(undelete, mapping, GPOINTER_TO_UINT(person), config, error))
      return false;
  return true;
}

static bool find(Undelete *undelete, const Mapping *mapping, GError **error)
{
  const UndeleteRequest *request = undelete->request;
  for (size_t i = 0; undelete->site->targets[i] != NULL; i++) {
    const TargetConfig *config = undelete->site->targets[i];
    if ((request->target == NULL || strcmp(config->name, request->target) == 0) &&
        !look_in(undelete, mapping, config, error))
      return false;
  }
  if (undelete->n_found == 1)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              undelete->n_found == 0
                  ? _("the journal knows of no deletion of %s%s%s that still stands")
                  : _("several entries of %s were deleted: name the object (`idou who`), and the "
                      "target with --target%s%s"),
              request->what, request->target && undelete->n_found == 0 ? _(" in ") : "",
              request->target && undelete->n_found == 0 ? request->target : "");
  return false;
}

// "account/17" of a class for people is that of person 17.
static void find_bearer(Undelete *undelete, const Mapping *mapping)
{
  const char *object = undelete->done->object, *slash = strchr(object, '/');
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (klass->subject == FOR_PERSON && strlen(klass->name) == (size_t)(slash - object) &&
        g_str_has_prefix(object, klass->name))
      undelete->person = (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10);
  }
}

// ---------------------------------------------------------------------------------------------
// What may keep us from it.

static char *held(const Undelete *undelete, const Holds *holds)
{
  const char *target = undelete->config->name, *object = undelete->done->object;
  const HoldRow *hold = store_holds_on(holds, &(HeldThing){target, object, NULL, undelete->person});
  return hold == NULL
             ? NULL
             : g_strdup_printf(_("%s %s is held (hold %" G_GINT64_FORMAT "); ask %s. Let go of it "
                                 "first: `idou release %" G_GINT64_FORMAT "`"),
                               hold->kind, hold->name, hold->id, hold->who, hold->id);
}

static bool is_free(const Undelete *undelete, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(undelete->store, date_of_instant(instant_now()), NULL, &holds, error))
    return false;
  g_autofree char *obstacle = held(undelete, holds);
  const char *bound =
      store_binding_of(undelete->store, undelete->config->name, undelete->done->object);
  if (obstacle != NULL)
    g_set_error(error, IDOU_ERROR, EXIT_HELD, "%s", obstacle);
  else if (bound != NULL)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s has an entry in %s already"),
                undelete->done->object, undelete->config->name);
  bool is_bound = bound != NULL;
  return obstacle == NULL && !is_bound;
}

// The wrong server, or one that was restored, is not touched by hand either.
static bool is_known(const Undelete *undelete, Writer *writer, GError **error)
{
  g_autoptr(GString) now = g_string_new(NULL);
  if (!writer_fingerprint(writer, now, error))
    return false;
  const char *pinned = store_cursor_get(undelete->store, undelete->config->name, "fingerprint");
  if (pinned == NULL || strcmp(pinned, now->str) == 0)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_HELD,
      _("target %s is not the system that it was: it says “%s”, remembered is “%s”. Nothing "
        "is sent to it"),
      undelete->config->name, now->str, pinned);
  return false;
}

// ---------------------------------------------------------------------------------------------
// The journal.

static bool write_op(const Undelete *undelete, int64_t run, const char *state, const char *detail,
                     GError **error)
{
  return store_op_set(undelete->store,
                      &(OpRow){.run = run,
                               .n = 1,
                               .target = undelete->config->name,
                               .object = undelete->done->object,
                               .kind = "undelete",
                               .cause = "undelete",
                               .state = state,
                               .detail = detail,
                               .n_attempts = 1},
                      error);
}

// Whoever asks next must ask the controller that the change went to.
static bool note_server(const Undelete *undelete, Writer *writer, GError **error)
{
  const char *server = writer_server(writer);
  g_autofree char *written = server ? server_written(server, instant_now()) : NULL;
  return !written ||
         store_cursor_set(undelete->store, SERVER_WRITTEN, undelete->config->name, written, error);
}

static bool note_begin(const Undelete *undelete, int64_t run, GError **error)
{
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, run);
  const char *const detail[] = {
      AUDIT_RUN, number, "deed", "undelete", "target", undelete->config->name, NULL};
  return audit_note(
      undelete->store,
      &(AuditNote){AUDIT_BEGIN, undelete->request->who, undelete->done->object, detail}, error);
}

static bool note_end(const Undelete *undelete, int64_t run, const char *state, GError **error)
{
  const char *const detail[] = {"deed", "undelete", "state", state, NULL};
  return audit_note_run(
      undelete->store,
      &(AuditNote){AUDIT_END, undelete->request->who, undelete->done->object, detail}, run, error);
}

static int64_t begin_run(const Undelete *undelete, Writer *writer, GError **error)
{
  const UndeleteRequest *request = undelete->request;
  g_autofree char *subject =
      g_strdup_printf("%s %s", undelete->config->name, undelete->done->object);
  const Ruling ruling = {.what = "undelete",
                         .subject = subject,
                         .who = request->who,
                         .reason = request->why,
                         .when = instant_now()};
  const RunRow row = {.digest = subject,
                      .plan_path = "",
                      .host = g_get_host_name(),
                      .started = ruling.when,
                      .state = "running",
                      .desk = true};
  if (!store_begin(undelete->store, error))
    return 0;
  int64_t run = store_run_add(undelete->store, &row, error);
  if (run != 0 && write_op(undelete, run, "sent", NULL, error) &&
      note_server(undelete, writer, error) && store_ruling_add(undelete->store, &ruling, error) &&
      note_begin(undelete, run, error) && store_commit(undelete->store, error))
    return run;
  store_rollback(undelete->store);
  return 0;
}

// Until somebody lets go: else the rule that deleted it would do so again in the next night.
static bool place_hold(const Undelete *undelete, GError **error)
{
  const UndeleteRequest *request = undelete->request;
  if (request->no_hold)
    return true;
  g_autofree char *reason = g_strdup_printf(_("brought back: %s"), request->why);
  undelete->done->hold = store_hold_add(undelete->store,
                                        &(HoldRow){.kind = "object",
                                                   .name = undelete->done->object,
                                                   .reason = reason,
                                                   .who = request->who,
                                                   .since = instant_now()},
                                        error);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, undelete->done->hold);
  const char *const detail[] = {"number", number, "kind", "object", NULL};
  return undelete->done->hold != 0 &&
         audit_note(undelete->store,
                    &(AuditNote){AUDIT_HOLD, request->who, undelete->done->object, detail}, error);
}

static bool end_run(const Undelete *undelete, int64_t run, const GError *fault, GError **error)
{
  const Revived *revived = &undelete->done->revived;
  bool back = fault == NULL;
  if (!store_begin(undelete->store, error))
    return false;
  if (write_op(undelete, run, back ? "done" : "failed", back ? NULL : fault->message, error) &&
      (revived->stable_id == NULL ||
       store_binding_set(undelete->store, undelete->config->name, undelete->done->object,
                         revived->stable_id, error)) &&
      (!back || place_hold(undelete, error)) &&
      store_run_end(undelete->store, run, back ? "done" : "failed", error) &&
      note_end(undelete, run, back ? "done" : "failed", error) &&
      store_commit(undelete->store, error))
    return true;
  store_rollback(undelete->store);
  return false;
}

// ---------------------------------------------------------------------------------------------

static bool revive(Undelete *undelete, Writer *writer, GError **error)
{
  const char *place = undelete->request->place;
  g_autofree char *parent = place ? g_strconcat(place, ",", undelete->config->base, NULL) : NULL;
  const Revival revival = {undelete->before, parent};
  int64_t run = begin_run(undelete, writer, error);
  if (run == 0)
    return false;
  GError *fault = NULL;
  bool fine = writer_revive(writer, &revival, &undelete->done->revived, &fault);
  bool noted = end_run(undelete, run, fault, fine ? error : NULL);
  if (!fine)
    g_propagate_error(error, fault);
  return fine && noted;
}

static bool work(Undelete *undelete, GError **error)
{
  g_autofree char *locks = job_object_locks(undelete->site);
  g_autofree char *name = apply_latch(undelete->config->name, undelete->done->object);
  g_autoptr(Latches) latches = latches_open(locks, error);
  bool got = false;
  if (latches == NULL || !latches_try(latches, name, &got, error))
    return false;
  if (!got) {
    g_set_error(error, IDOU_ERROR, EXIT_LOCKED,
                _("a run, or another desk, is at work on %s; try again in a moment"),
                undelete->done->object);
    return false;
  }
  g_autoptr(Writer) writer = NULL;
  return is_free(undelete, error) && (writer = writer_open(undelete->config, error)) != NULL &&
         is_known(undelete, writer, error) && revive(undelete, writer, error);
}

bool job_undelete(const Site *site, const UndeleteRequest *request, Findings *findings,
                  Undeleted *out, GError **error)
{
  *out = (Undeleted){.object = NULL};
  revived_init(&out->revived);
  g_autoptr(Store) store = site_ledger(site, error);
  g_autoptr(Mapping) mapping = store == NULL ? NULL : mapping_load(site->mappings, findings, error);
  if (mapping == NULL)
    return false;
  site_servers(site, store);
  Undelete undelete = {.site = site, .request = request, .done = out, .store = store};
  bool fine = find(&undelete, mapping, error);
  if (fine)
    find_bearer(&undelete, mapping);
  fine = fine && work(&undelete, error);
  if (undelete.config != NULL)
    out->target = g_strdup(undelete.config->name);
  g_free(undelete.before);
  return fine;
}

void undeleted_clear(Undeleted *undeleted)
{
  g_free(undeleted->object);
  g_free(undeleted->target);
  revived_clear(&undeleted->revived);
}
