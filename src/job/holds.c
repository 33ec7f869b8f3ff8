// SPDX-License-Identifier: GPL-3.0-or-later
//
// Holding, letting go, and who may know why.
#include "job/job_p.h"

#include <idou/audit.h>

#include <string.h>

// ---------------------------------------------------------------------------------------------
// What is meant. A hold with a slip of the pen would hold nothing, and nobody would know before the night.

typedef struct Search {
  const char *space;  // NULL = any
  bool found;
} Search;

static bool take_holder(const char *space, uint32_t person, void *data)
{
  Search *search = data;
  (void)person;
  search->found = search->space == NULL || strcmp(search->space, space) == 0;
  return !search->found;
}

static bool is_person(const Site *site, Store *store, const char *name, bool *known, GError **error)
{
  (void)site;
  const char *slash = strchr(name, '/');
  g_autofree char *space = slash != NULL ? g_strndup(name, (size_t)(slash - name)) : NULL;
  Search search = {space, false};
  bool fine = store_links_numbered(store, SUBJECT_PERSON, slash != NULL ? slash + 1 : name,
                                   take_holder, &search, error);
  *known = search.found;
  return fine;
}

static bool take_op(const OpRow *op, Instant changed, void *data)
{
  (void)op, (void)changed;
  *(bool *)data = true;
  return false;
}

static bool is_object(const Site *site, Store *store, const char *name, bool *known, GError **error)
{
  bool fine = true;
  for (size_t i = 0; strchr(name, '/') != NULL && site->targets[i] != NULL && fine && !*known;
       i++) {
    const char *target = site->targets[i]->name;
    *known = store_binding_of(store, target, name) != NULL;
    fine = *known || store_ops_about(store, target, name, 1, take_op, known, error);
  }
  return fine;
}

static bool is_target(const Site *site, Store *store, const char *name, bool *known, GError **error)
{
  (void)store, (void)error;
  for (size_t i = 0; site->targets[i] != NULL; i++)
    *known |= strcmp(site->targets[i]->name, name) == 0;
  return true;
}

static const struct {
  const char *kind;
  bool (*is)(const Site *site, Store *store, const char *name, bool *known, GError **error);
} kinds[] = {{"person", is_person}, {"object", is_object}, {"target", is_target}};

static const char *find_kind(const Site *site, Store *store, const HoldRequest *request,
                             GError **error)
{
  const char *found = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
    bool known = false;
    if (request->kind != NULL && strcmp(kinds[i].kind, request->kind) != 0)
      continue;
    if (!kinds[i].is(site, store, request->what, &known, error))
      return NULL;
    if (known && found != NULL) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("“%s” may be a %s or a %s: say which with --kind"), request->what, found,
                  kinds[i].kind);
      return NULL;
    }
    found = known ? kinds[i].kind : found;
  }
  if (found == NULL)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("no %s is known by “%s”: nothing is held. People go by their number (or "
                  "SPACE/NUMBER), objects as `idou who` shows them (account/17)"),
                request->kind != NULL ? request->kind : _("person, object or target"),
                request->what);
  return found;
}

// ---------------------------------------------------------------------------------------------
// Placing.

static const HoldRow *find_same(const Holds *holds, const HoldRow *hold)
{
  for (size_t i = 0; i < store_holds_n(holds); i++) {
    const HoldRow *row = store_hold_at(holds, i);
    if (strcmp(row->kind, hold->kind) == 0 && strcmp(row->name, hold->name) == 0 &&
        *row->plan == '\0' && row->until == hold->until)
      return row;
  }
  return NULL;
}

static bool place(Store *store, const HoldRow *hold, HoldPlaced *out, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(store, date_of_instant(hold->since), NULL, &holds, error))
    return false;
  const HoldRow *same = find_same(holds, hold);
  out->stood = same != NULL;
  out->number = same != NULL ? same->id : store_hold_add(store, hold, error);
  if (same != NULL || out->number == 0)
    return same != NULL;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, out->number);
  g_autoptr(GString) until = g_string_new(NULL);
  date_format(hold->until, until);
  const char *const detail[] = {"number", number, "kind", hold->kind, "until", until->str, NULL};
  return audit_note(
      store,
      &(AuditNote){.what = AUDIT_HOLD, .who = hold->who, .subject = hold->name, .detail = detail},
      error);
}

bool job_hold(const Site *site, Store *store, const HoldRequest *request, HoldPlaced *out,
              GError **error)
{
  *out = (HoldPlaced){.kind = find_kind(site, store, request, error)};
  if (out->kind == NULL)
    return false;
  const HoldRow hold = {.kind = out->kind,
                        .name = request->what,
                        .reason = request->reason,
                        .who = request->who,
                        .since = instant_now(),
                        .until = request->until};
  if (!store_begin(store, error))
    return false;
  if (place(store, &hold, out, error) && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Letting go.

typedef struct Hunt {
  int64_t id;
  bool found, stop;
  char *subject;
  uint32_t person;
} Hunt;

static bool find_number(const HoldRow *row, void *data)
{
  Hunt *hunt = data;
  hunt->found = row->id == hunt->id;
  if (!hunt->found)
    return true;
  hunt->stop = strcmp(row->kind, HOLD_STOP) == 0;
  hunt->subject = g_strdup(row->name);
  hunt->person = row->person;
  return false;
}

static bool hunt_number(Store *store, Hunt *hunt, GError **error)
{
  return store_holds_each(store, DATE_NONE, find_number, hunt, error);
}

static bool find_stopped(Store *store, const char *what, uint32_t *person, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  uint32_t found = 0;
  *person = 0;
  if (!store_holds_read(store, date_of_instant(instant_now()), NULL, &holds, error))
    return false;
  // Nobody, or several people: then a number of a hold is meant, or nothing.
  if (job_person_find(store, what, &found, NULL) && store_stop_on(holds, found) != NULL)
    *person = found;
  return true;
}

bool job_release_what(Store *store, const char *what, const char *kind, ReleaseWhat *out,
                      GError **error)
{
  uint32_t person = 0;
  guint64 id = 0;
  Hunt hunt = {0};
  *out = (ReleaseWhat){0};
  bool stop = kind == NULL || strcmp(kind, HOLD_STOP) == 0, hold = kind == NULL || !stop;
  // Numbers of holds have no zeros in front, those of people often have.
  bool number =
      hold && *what != '0' && g_ascii_string_to_unsigned(what, 10, 1, G_MAXINT64, &id, NULL);
  hunt.id = number ? (int64_t)id : 0;
  if ((stop && !find_stopped(store, what, &person, error)) ||
      (number && !hunt_number(store, &hunt, error)))
    return false;
  g_free(hunt.subject);
  out->stop = person != 0;
  out->hold = hunt.found && !hunt.stop ? hunt.id : 0;
  if (person != 0 && out->hold != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“%s” is the number of a hold, and of somebody who is stopped: say which with "
                  "--kind hold or --kind stop"),
                what);
    return false;
  }
  if (person == 0 && out->hold == 0)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                hunt.found ? _("“%s” is a stop: release it by the person's number")
                           : _("“%s” is neither the number of a hold that stands nor somebody who "
                               "is stopped"),
                what);
  return person != 0 || out->hold != 0;
}

static bool let_go(Store *store, int64_t id, const char *who, const char *why, GError **error)
{
  Hunt hunt = {.id = id};
  bool fine = hunt_number(store, &hunt, error);
  g_autofree char *subject = hunt.subject;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, id);
  const char *const detail[] = {"number", number, NULL};
  return fine && store_hold_release(store, id, who, why, error) &&
         audit_note(
             store,
             &(AuditNote){.what = AUDIT_RELEASE, .who = who, .subject = subject, .detail = detail},
             error);
}

bool job_hold_release(Store *store, int64_t id, const char *who, const char *why, GError **error)
{
  if (!store_begin(store, error))
    return false;
  if (let_go(store, id, who, why, error) && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

static bool unbind(Store *store, const char *target, const char *object, const char *who,
                   GError **error)
{
  const char *const detail[] = {"binding", target, NULL};
  if (store_binding_of(store, target, object) != NULL)
    return store_binding_drop(store, target, object, error) &&
           audit_note(store, &(AuditNote){AUDIT_RELEASE, who, object, detail}, error);
  if (store_check(store, error))
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s is not bound in %s"), object, target);
  return false;
}

bool job_binding_release(Store *store, const char *target, const char *object, const char *who,
                         GError **error)
{
  if (!store_begin(store, error))
    return false;
  if (unbind(store, target, object, who, error) && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

// All that the plan of a run placed.
typedef struct OfRun {
  const char *digest;
  GArray *ids;  // int64_t
} OfRun;

static bool take_placed(const HoldRow *row, void *data)
{
  const OfRun *placed = data;
  if (strcmp(row->plan, placed->digest) == 0)
    g_array_append_val(placed->ids, row->id);
  return true;
}

static bool let_go_all(Store *store, const OfRun *placed, const char *who, const char *why,
                       GError **error)
{
  for (guint i = 0; i < placed->ids->len; i++)
    if (!let_go(store, g_array_index(placed->ids, int64_t, i), who, why, error))
      return false;
  return true;
}

bool job_holds_release_run(Store *store, int64_t run, const char *who, const char *why, size_t *n,
                           GError **error)
{
  RunRow row;
  g_autofree char *digest = store_run_get(store, run, &row) ? g_strdup(row.digest) : NULL;
  g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
  const OfRun placed = {digest, ids};
  if (!store_begin(store, error))
    return false;
  if ((digest == NULL || store_holds_each(store, DATE_NONE, take_placed, (void *)&placed, error)) &&
      let_go_all(store, &placed, who, why, error) && store_commit(store, error)) {
    *n = ids->len;
    return true;
  }
  store_rollback(store);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Looking.

bool job_holds_reasons(Store *store, const char *who, StoreHoldFunc func, void *data,
                       GError **error)
{
  if (!store_begin(store, error))
    return false;
  // Before anything is shown.
  if (audit_note(store, &(AuditNote){.what = AUDIT_LOOK, .who = who, .subject = "holds"}, error) &&
      store_commit(store, error))
    return store_holds_each(store, date_of_instant(instant_now()), func, data, error);
  store_rollback(store);
  return false;
}
