// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

#include <idou/audit.h>

// Each returns DONE or ALREADY, or REFUSED with an error. A store that cannot write any more says so
// itself when the operation's row follows.

// What an allocate says beyond its name: the first change is the kind with the name that steps back, others
// go by what they are called (docs/plan-format.md).
static char *said(const Op *op, const char *what)
{
  for (size_t i = 1; i < op->n_changes; i++)
    if (g_str_equal(op->changes[i].attribute, what) && op->changes[i].n_new > 0)
      return g_strndup(op->changes[i].new_values[0].bytes, op->changes[i].new_values[0].n);
  return NULL;
}

static bool is_given(Store *store, const NameGift *gift)
{
  NameRow row;
  return gift->subject && store_name_find(store, gift->kind, gift->name, &row) &&
         row.subject == gift->subject && row.state == NAME_CURRENT &&
         g_str_equal(row.basis, gift->basis ? gift->basis : "");
}

static Stand allocate(Store *store, const Op *op, GError **error)
{
  const OpChange *kind = op->n_changes ? &op->changes[0] : NULL;
  g_autofree char *basis = said(op, "basis"), *seen = said(op, "seen");
  g_autofree char *former =
      kind && kind->n_old ? g_strndup(kind->old_values[0].bytes, kind->old_values[0].n) : NULL;
  NameGift gift = {.kind = kind ? kind->attribute : "login",
                   .name = op->name,
                   .subject = op->person,
                   .former = former,
                   .basis = basis,
                   .seen = seen != NULL};
  if (is_given(store, &gift))
    return STAND_ALREADY;
  return store_name_allocate(store, &gift, error) ? STAND_DONE : STAND_REFUSED;
}

static bool is_class(const Op *op)
{
  return strchr(op->object, '/') == NULL;
}

// Of a class: its attributes are ours again.
static Stand own(Store *store, const Op *op, GError **error)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (!store_ownership_set(store, op->target, op->object, op->changes[i].attribute, true, error))
      return STAND_REFUSED;
  return STAND_DONE;
}

static Stand adopt(Store *store, const Op *op, GError **error)
{
  if (is_class(op))
    return own(store, op, error);
  g_autofree char *given = op_gives(op) ? g_strconcat(BINDING_GIVEN, op->object, NULL) : NULL;
  const char *id = op->stable_id && *op->stable_id ? op->stable_id : given;
  if (!id) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("the target gave no identifier by which the entry could be remembered"));
    return STAND_REFUSED;
  }
  if (g_strcmp0(store_binding_of(store, op->target, op->object), id) == 0)
    return STAND_ALREADY;
  bool set = store_binding_set(store, op->target, op->object, id, error);
  return set ? STAND_DONE : STAND_REFUSED;
}

typedef struct Search {
  const char *klass, *attribute;
  bool found;
} Search;

static bool look_for(const char *klass, const char *attribute, void *data)
{
  Search *search = data;
  search->found = g_str_equal(klass, search->klass) && g_str_equal(attribute, search->attribute);
  return !search->found;
}

// The entry is not ours any more, if it is still the one that was.
static Stand let_go(Store *store, const Op *op, GError **error)
{
  g_autofree char *given = op_gives(op) ? g_strconcat(BINDING_GIVEN, op->object, NULL) : NULL;
  const char *id = op->stable_id && *op->stable_id ? op->stable_id : given;
  const char *bound = store_binding_of(store, op->target, op->object);
  if (!bound)
    return STAND_ALREADY;
  if (g_strcmp0(bound, id) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("another entry has become it since: %s"), bound);
    return STAND_REFUSED;
  }
  return store_binding_drop(store, op->target, op->object, error) ? STAND_DONE : STAND_REFUSED;
}

typedef struct Held {
  const HoldRow *key;  // what it is to be
  int64_t id;          // of one that stands; 0 = none
} Held;

static bool find_hold(const HoldRow *row, void *data)
{
  Held *held = data;
  const HoldRow *key = held->key;
  bool same = key->id != 0
                  ? row->id == key->id
                  : g_str_equal(row->kind, key->kind) && g_str_equal(row->name, key->name) &&
                        g_strcmp0(row->plan, key->plan) == 0;
  // What a person placed, only a person lets go of.
  if (same && row->plan && *row->plan)
    held->id = row->id;
  return held->id == 0;
}

static const char *told(const Op *op, const char *what);

// What a plan of undoing placed, when that is undone.
static Stand release_hold(Store *store, const Op *op, GError **error)
{
  HoldRow key = {.id = g_ascii_strtoll(op->object + strlen("hold/"), NULL, 10)};
  Held held = {.key = &key};
  if (!store_holds_each(store, date_of_instant(instant_now()), find_hold, &held, error))
    return STAND_REFUSED;
  if (held.id == 0)
    return STAND_ALREADY;
  return store_hold_release(store, held.id, told(op, "who"), op->why, error) ? STAND_DONE
                                                                             : STAND_REFUSED;
}

// Its object is a class, of which attributes are let go of; or an object of one, or a hold, of which it is all.
static Stand release(Store *store, const Op *op, GError **error)
{
  if (g_str_has_prefix(op->object, "hold/"))
    return release_hold(store, op, error);
  if (!is_class(op))
    return let_go(store, op, error);
  Stand stand = STAND_ALREADY;
  for (size_t i = 0; i < op->n_changes; i++) {
    Search search = {op->object, op->changes[i].attribute, false};
    if (!store_ownership_each(store, op->target, look_for, &search, error))
      return STAND_REFUSED;
    if (!search.found)
      continue;
    stand = STAND_DONE;
    if (!store_ownership_set(store, op->target, search.klass, search.attribute, false, error))
      return STAND_REFUSED;
  }
  return stand;
}

// ---------------------------------------------------------------------------------------------
// Restrictions: what the operation says in its changes (docs/plan-format.md).

static const char *told(const Op *op, const char *what)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (g_str_equal(op->changes[i].attribute, what) && op->changes[i].n_new > 0)
      return op->changes[i].new_values[0].bytes;
  return "";
}

static RestrictionRow restriction_of(const Op *op)
{
  RestrictionRow row = {.target = op->target,
                        .object = op->object,
                        .cause = told(op, "cause"),
                        .what = told(op, "what"),
                        .group = told(op, "group"),
                        .reason = told(op, "reason"),
                        .source = told(op, "source"),
                        .who = told(op, "who"),
                        .since = instant_now(),
                        .until = DATE_OPEN};
  if (*told(op, "until") != '\0' && !date_parse_iso(told(op, "until"), &row.until))
    row.until = DATE_OPEN;
  return row;
}

// What was answered to a question ("Q12-7") may have been taken back since the plan was made.
static bool is_taken_back(Store *store, const char *source)
{
  char *end = NULL;
  QuestionRow question;
  int64_t inquiry = *source == 'Q' ? g_ascii_strtoll(source + 1, &end, 10) : 0;
  return inquiry > 0 && *end == '-' &&
         store_question_get(store, inquiry, g_ascii_strtoll(end + 1, NULL, 10), &question) &&
         !g_str_equal(question.state, QUESTION_REMOVE);
}

// A run that was killed may have done it: then it stands, under its number.
static Stand restrict_object(Store *store, const Op *op, GError **error)
{
  RestrictionRow row = restriction_of(op);
  if (store_restriction_find(store, &row) != 0)
    return STAND_ALREADY;
  if (is_taken_back(store, row.source)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the answer %s was taken back since"),
                row.source);
    return STAND_REFUSED;
  }
  return store_restriction_add(store, &row, error) != 0 ? STAND_DONE : STAND_REFUSED;
}

typedef struct Standing {
  int64_t id;
  bool found;
} Standing;

static bool find_standing(const RestrictionRow *row, void *data)
{
  Standing *standing = data;
  standing->found = row->id == standing->id;
  return !standing->found;
}

// What was lifted and then said again is another one, and stands: nothing that waits for the lifting may come of it.
static Stand lifted_before(Store *store, const RestrictionRow *row, GError **error)
{
  int64_t again = store_restriction_find(store, row);
  if (again == 0)
    return STAND_ALREADY;
  g_set_error(
      error, IDOU_ERROR, EXIT_FAILED,
      _("it was lifted meanwhile, and the same said again: that is number %lld, and stands"),
      (long long)again);
  return STAND_REFUSED;
}

// By its number, so that what was made for the same since then stays; of one that this plan makes itself by what it is.
static Stand lift(Store *store, const Op *op, GError **error)
{
  RestrictionRow row = restriction_of(op);
  Standing standing = {.id = g_ascii_strtoll(told(op, "number"), NULL, 10)};
  if (standing.id == 0)
    standing.id = store_restriction_find(store, &row);
  if (!store_restrictions_of(store, op->target, op->object, find_standing, &standing, error))
    return STAND_REFUSED;
  if (!standing.found)
    return lifted_before(store, &row, error);
  return store_restriction_lift(store, standing.id, row.who, row.reason, error) ? STAND_DONE
                                                                                : STAND_REFUSED;
}

// ---------------------------------------------------------------------------------------------
// Holds, and what an earlier run has left.

// The hold knows the plan, which it does not keep back when that is gone on with. One that was placed before a kill stands.
static Stand hold(const ApplySetup *setup, const Op *op, GError **error)
{
  HoldRow row = {.kind = told(op, "what"),
                 .name = told(op, "name"),
                 .reason = told(op, "reason"),
                 .who = told(op, "who"),
                 .since = instant_now(),
                 .until = DATE_OPEN,
                 .plan = plan_digest(setup->plan)};
  if (*told(op, "until") != '\0' && !date_parse_iso(told(op, "until"), &row.until))
    row.until = DATE_OPEN;
  Held held = {.key = &row};
  if (!store_holds_each(setup->store, date_of_instant(setup->now), find_hold, &held, error))
    return STAND_REFUSED;
  if (held.id != 0)
    return STAND_ALREADY;
  return store_hold_add(setup->store, &row, error) != 0 ? STAND_DONE : STAND_REFUSED;
}

// "34 disable account/17". Only what is not done: that it was sent and nobody knows what came of it counts as not done.
static bool withdraw_one(Store *store, const OpRow *key, const char *said, Stand *stand,
                         GError **error)
{
  static const char *const rest[] = {"pending", "sent",    "unknown", "scheduled",
                                     "held",    "blocked", "failed",  NULL};
  g_auto(GStrv) parts = g_strsplit(said, " ", 3);
  OpRow row = *key, now;
  if (g_strv_length(parts) != 3)
    return true;
  row.n = (uint32_t)g_ascii_strtoull(parts[0], NULL, 10);
  row.kind = parts[1];
  row.object = parts[2];
  if (store_op_get(store, row.run, row.n, &now) && !g_strv_contains(rest, now.state))
    return true;
  *stand = STAND_DONE;
  return store_op_set(store, &row, error);
}

static bool withdraw_all(Store *store, const OpRow *key, const Op *op, Stand *stand, GError **error)
{
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    bool lists = g_str_equal(change->attribute, "operation");
    for (size_t k = 0; lists && k < change->n_new; k++)
      if (!withdraw_one(store, key, change->new_values[k].bytes, stand, error))
        return false;
  }
  return true;
}

static bool is_due(const char *state)
{
  static const char *const due[] = {"running", "scheduled", "interrupted", "held", NULL};
  return g_strv_contains(due, state);
}

// The journal of an earlier run becomes another by this, and rightly so.
static bool note_withdrawal(const ApplySetup *setup, const Op *op, int64_t run, GError **error)
{
  const char *const detail[] = {"plan", plan_digest(setup->plan), "what", "withdraw", NULL};
  const AuditNote note = {AUDIT_UNDO, setup->by, op->object, detail};
  return audit_note_run(setup->store, &note, run, error);
}

// In the journal, so that nothing goes on with it: what is skipped stays so.
static Stand withdraw(const ApplySetup *setup, const Op *op, GError **error)
{
  RunRow run;
  Stand stand = STAND_ALREADY;
  OpRow key = {.run = g_ascii_strtoll(op->object + strcspn(op->object, "0123456789"), NULL, 10),
               .target = op->target,
               .state = book_word(STAND_SKIPPED),
               .detail = told(op, "reason")};
  if (!store_run_get(setup->store, key.run, &run)) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the journal knows no %s"), op->object);
    return STAND_REFUSED;
  }
  bool ends = is_due(run.state) && *told(op, "ends") != '\0';
  if (!withdraw_all(setup->store, &key, op, &stand, error) ||
      (ends && !store_run_end(setup->store, key.run, "done", error)))
    return STAND_REFUSED;
  stand = ends ? STAND_DONE : stand;
  return stand == STAND_ALREADY || note_withdrawal(setup, op, key.run, error) ? stand
                                                                              : STAND_REFUSED;
}

static Stand (*const handlers[OP_N_KINDS])(Store *store, const Op *op,
                                           GError **error) = {[OP_ALLOCATE] = allocate,
                                                              [OP_ADOPT] = adopt,
                                                              [OP_RELEASE] = release,
                                                              [OP_RESTRICT] = restrict_object,
                                                              [OP_LIFT] = lift};

// Those that must know the plan.
static Stand (*const of_plan[OP_N_KINDS])(const ApplySetup *setup, const Op *op, GError **error) = {
    [OP_HOLD] = hold, [OP_WITHDRAW] = withdraw};

void local_carry_out(const ApplySetup *setup, const Op *op, Ending *out)
{
  g_autoptr(GError) error = NULL;
  // A task is for hands: whoever did it tells.
  out->stand = of_plan[op->kind]    ? of_plan[op->kind](setup, op, &error)
               : handlers[op->kind] ? handlers[op->kind](setup->store, op, &error)
                                    : STAND_RECEIPT;
  out->n_attempts = 1;
  out->detail = error ? g_strdup(error->message) : NULL;
}
