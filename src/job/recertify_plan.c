// SPDX-License-Identifier: GPL-3.0-or-later
//
// What units answered becomes restrictions, by a plan. A unit's word holds as long as the right is its to give: of whom it
// does not have any more nothing is taken away, and what was taken away for it ends.
#include "job/job_p.h"

#include <string.h>

// So many rights of one list may well all be needless.
#define FEW 3

typedef struct Decided {
  Inquiry inquiry;
  Question question;
} Decided;

typedef struct Planning {
  const Site *site;
  Store *store;
  Date as_of;
  bool everything;
  RecertifyPlanned *out;
  GArray *decided;  // Decided
  GArray *asked;    // Restriction: new and lifted
  GStringChunk *texts;
} Planning;

static const char *keep(const Planning *planning, const char *text)
{
  return g_string_chunk_insert_const(planning->texts, text);
}

// ---------------------------------------------------------------------------------------------
// Removals

static bool take_decision(const Inquiry *inquiry, const Question *question, void *data)
{
  const Planning *planning = data;
  Decided decided = {*inquiry, *question};
  const char **const texts[] = {
      &decided.inquiry.unit,         &decided.inquiry.unit_name, &decided.question.target,
      &decided.question.object,      &decided.question.group,    &decided.question.number,
      &decided.question.label,       &decided.question.text,     &decided.question.reason,
      &decided.question.answered_by, &decided.question.source};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(planning, *texts[i]);
  g_array_append_val(planning->decided, decided);
  return true;
}

typedef struct Whole {
  size_t n, n_removed;
} Whole;

static bool add_whole(const Question *question, void *data)
{
  Whole *whole = data;
  whole->n += strcmp(question->state, QUESTION_CLOSED) != 0;
  whole->n_removed += strcmp(question->state, QUESTION_REMOVE) == 0;
  return true;
}

// Somebody filled the column down, or took the question the other way round.
static bool is_everything(const Planning *planning, const Inquiry *inquiry, bool *out,
                          GError **error)
{
  Whole whole = {0, 0};
  if (!store_questions_each(planning->store, inquiry->id, add_whole, &whole, error))
    return false;
  *out = !planning->everything && whole.n > FEW && whole.n_removed == whole.n;
  if (!*out)
    return true;
  g_autofree char *subject = g_strdup_printf("%s %s", inquiry->unit, inquiry->unit_name);
  findings_add(
      planning->out->findings,
      &(Finding){.level = FINDING_ERROR, .code = "recertify-everything", .subject = subject},
      _("of list %lld the unit needs none of %zu rights: nothing is taken away. Ask whether that "
        "is meant; if it is: idou recertify plan --everything"),
      (long long)inquiry->id, whole.n);
  return true;
}

// Decisions are by list.
static bool drop_everything(const Planning *planning, GError **error)
{
  bool drop = false;
  int64_t last = 0;
  guint n = 0;
  for (guint i = 0; i < planning->decided->len; i++) {
    const Decided decided = g_array_index(planning->decided, Decided, i);
    if (decided.inquiry.id != last && !is_everything(planning, &decided.inquiry, &drop, error))
      return false;
    last = decided.inquiry.id;
    if (!drop)
      g_array_index(planning->decided, Decided, n++) = decided;
  }
  g_array_set_size(planning->decided, n);
  return true;
}

static char *number_of(const Question *question)
{
  g_autoptr(GString) number = g_string_new(NULL);
  inquiry_number(question->inquiry, question->n, number);
  return g_string_free(g_steal_pointer(&number), FALSE);
}

static RestrictionRow removal_of(const Decided *decided)
{
  const Question *question = &decided->question;
  return (RestrictionRow){.target = question->target,
                          .object = question->object,
                          .cause = RESTRICTION_RECERTIFIED,
                          .what = *question->group != '\0' ? RESTRICT_EDGE : RESTRICT_ABSENT,
                          .group = question->group,
                          .who = question->answered_by,
                          .until = DATE_OPEN,
                          .lifted = INSTANT_NONE};
}

static void add_removal(const Planning *planning, const Decided *decided)
{
  const Question *question = &decided->question;
  g_autofree char *number = number_of(question);
  g_autofree char *reason = g_strdup_printf(
      _("%s %s does not need it: %s%s%s"), decided->inquiry.unit, decided->inquiry.unit_name,
      question->text, *question->reason != '\0' ? ": " : "", question->reason);
  Restriction restriction = {RESTRICTION_NEW, removal_of(decided)};
  restriction.row.reason = keep(planning, reason);
  restriction.row.source = keep(planning, number);
  g_array_append_val(planning->asked, restriction);
}

static void tell_undone(const Planning *planning, const Decided *decided, const char *code,
                        const char *why)
{
  const Question *question = &decided->question;
  g_autofree char *number = number_of(question);
  g_autofree char *subject = g_strdup_printf("%s %s", question->number, question->label);
  findings_add(planning->out->findings,
               &(Finding){.level = FINDING_WARNING, .code = code, .subject = subject},
               _("%s: %s: %s, so that the answer of %s %s is not carried out"), number,
               question->text, why, decided->inquiry.unit, decided->inquiry.unit_name);
}

static void add_moot(const Planning *planning, const Decided *decided, const char *code,
                     const char *why)
{
  const RecertifyMoot moot = {decided->question.inquiry, decided->question.n, why};
  g_array_append_val(planning->out->moot, moot);
  tell_undone(planning, decided, code, why);
}

static bool person_of(const DecisionDesk *desk, uint32_t id, const Person **out, GError **error)
{
  GError *fault = NULL;
  *out = NULL;
  if (id == 0 || roster_person(desk->roster, id, out, &fault) || fault == NULL)
    return true;
  g_propagate_error(error, fault);
  return false;
}

// By a clock that was set back nobody may be there yet.
static bool is_too_early(const Planning *planning, const Decided *decided)
{
  const Question *question = &decided->question;
  if (planning->as_of >= date_of_instant(question->answered))
    return false;
  g_autofree char *number = number_of(question);
  findings_add(planning->out->findings,
               &(Finding){.level = FINDING_ERROR, .code = "recertify-clock", .subject = number},
               _("it was answered later than the day that is planned for: the clock was set back, "
                 "or another day is meant. Nothing is done"));
  return true;
}

// What the rules or the target do not have on one day is not over: a mapping may be mistaken on that day, or somebody
// may have taken it away by hand, and it comes back the next. Only posts say that a unit's word is over.
static void judge_one(const Planning *planning, const Decided *decided, bool held,
                      const RightsGiven *given)
{
  if (given->elsewhere)
    add_moot(planning, decided, "recertify-shared",
             _("the post in another unit gives the right as well"));
  else if (!given->here)
    add_moot(planning, decided, "recertify-moved", _("the person is not in that unit any more"));
  else if (!held)
    tell_undone(planning, decided, "recertify-waits",
                _("the rules do not give the right now, or the target does not hold it"));
  else
    add_removal(planning, decided);
}

static bool judge(const Planning *planning, const DecisionDesk *desk, const Rights *rights,
                  GError **error)
{
  for (guint i = 0; i < planning->decided->len; i++) {
    const Decided *decided = &g_array_index(planning->decided, Decided, i);
    const Question *question = &decided->question;
    const Person *person = NULL;
    RightsGiven given;
    RestrictionRow row = removal_of(decided);
    Right told = rights_of(&row, planning->texts);
    if (!rights_read_of(rights, question->target) || is_too_early(planning, decided))
      continue;
    uint32_t id = restrictions_person(desk->mapping, question->target, question->object);
    const Right *held = rights_find(rights, id, row.target, row.object, row.group);
    if (!person_of(desk, id, &person, error) ||
        !rights_given(desk, person, held != NULL ? held : &told, &decided->inquiry, &given, error))
      return false;
    given.here = given.here || id == 0;  // no mapping of this class now
    judge_one(planning, decided, held != NULL, &given);
  }
  return true;
}

static bool plan_removals(const Planning *planning, const DecisionDesk *desk, GError **error)
{
  g_auto(Rights) rights = {0};
  if (!drop_everything(planning, error))
    return false;
  if (planning->decided->len > 0 &&
      (!rights_collect(planning->site, planning->store, planning->as_of, planning->out->findings,
                       &rights, error) ||
       !judge(planning, desk, &rights, error)))
    return false;
  if (findings_count_level(planning->out->findings, FINDING_ERROR) > 0)
    planning->out->exit = EXIT_REJECTED;
  if (rights.unread != NULL && rights.unread->len > 0)
    planning->out->exit = EXIT_UNREAD;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Ends

// The unit whose word it was; false: it does not come from a list, such as what somebody took by hand.
static bool unit_of(Store *store, const RestrictionRow *row, Inquiry *out)
{
  int64_t inquiry = 0, n = 0;
  return inquiry_number_parse(row->source, &inquiry, &n) &&
         store_inquiry_get(store, inquiry, out) && *out->unit != '\0';
}

static void lift(const Planning *planning, const RestrictionRow *row, const char *unit)
{
  g_autofree char *why = g_strdup_printf(_("not in unit %s any more, which did not need it"), unit);
  Restriction lifted = {RESTRICTION_LIFTED, *row};
  lifted.row.lifted_by = "idou recertify";
  lifted.row.lifted_why = keep(planning, why);
  g_array_append_val(planning->asked, lifted);
}

// Not as long as the unit's post may give it, be it in grace: the right would come back.
static bool end_one(const Planning *planning, const DecisionDesk *desk, const RestrictionRow *row,
                    GError **error)
{
  Inquiry inquiry;
  RightsGiven given;
  const Person *person = NULL;
  uint32_t id = restrictions_person(desk->mapping, row->target, row->object);
  if (strcmp(row->cause, RESTRICTION_RECERTIFIED) != 0 || id == 0 ||
      planning->as_of < date_of_instant(row->since) || !unit_of(planning->store, row, &inquiry))
    return true;
  inquiry.unit = keep(planning, inquiry.unit);
  Right right = rights_of(row, planning->texts);
  if (!person_of(desk, id, &person, error) ||
      !rights_given(desk, person, &right, &inquiry, &given, error))
    return false;
  if (given.elsewhere || !given.here)
    lift(planning, row, inquiry.unit);
  return true;
}

static bool plan_ends(const Planning *planning, const DecisionDesk *desk,
                      const Restrictions *standing, GError **error)
{
  for (guint i = 0; i < standing->list->len; i++)
    if (!end_one(planning, desk, &g_array_index(standing->list, Restriction, i).row, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool plan_both(const Planning *planning, const Restrictions *standing, GError **error)
{
  const TableRequest request = {.as_of = planning->as_of};
  g_autoptr(Findings) told = findings_new();  // plans tell them
  g_autoptr(Mapping) mapping = mapping_load(planning->site->mappings, told, error);
  g_autoptr(Roster) roster =
      mapping != NULL ? decisions_roster(planning->store, mapping, &request, error) : NULL;
  g_auto(DecisionDesk) desk = {0};
  return roster != NULL && decisions_open(&desk, mapping, roster, told, error) &&
         plan_removals(planning, &desk, error) && plan_ends(planning, &desk, standing, error);
}

static bool make(Planning *planning, GError **error)
{
  g_auto(Restrictions) standing = {0};
  RecertifyPlanned *out = planning->out;
  planning->store = store_open(planning->site->store, STORE_READ, error);
  if (planning->store == NULL || !job_restrictions_read(planning->store, &standing, error) ||
      !inquiry_decisions_each(planning->store, RESTRICTION_RECERTIFIED, take_decision, planning,
                              error))
    return false;
  if (planning->decided->len + standing.list->len > 0 && !plan_both(planning, &standing, error))
    return false;
  if (planning->asked->len == 0)
    return true;
  const PlanRequest request = {
      .as_of = planning->as_of, .known_at = INSTANT_OPEN, .restrictions = planning->asked};
  out->any = job_plan(planning->site, &request, &out->planned, error);
  if (out->any)
    out->exit = exit_worse(out->exit, out->planned.exit);
  return out->any;
}

bool job_recertify_plan(const Site *site, Date as_of, bool everything, RecertifyPlanned *out,
                        GError **error)
{
  *out = (RecertifyPlanned){.findings = findings_new(),
                            .moot = g_array_new(FALSE, FALSE, sizeof(RecertifyMoot))};
  g_autoptr(GArray) decided = g_array_new(FALSE, FALSE, sizeof(Decided));
  g_autoptr(GArray) asked = g_array_new(FALSE, FALSE, sizeof(Restriction));
  Planning planning = {.site = site,
                       .as_of = as_of,
                       .everything = everything,
                       .out = out,
                       .decided = decided,
                       .asked = asked,
                       .texts = g_string_chunk_new(4096)};
  bool fine = make(&planning, error);
  store_close(planning.store);
  g_string_chunk_free(planning.texts);
  return fine;
}

bool job_recertify_close(const Site *site, const RecertifyPlanned *planned, const char *who,
                         GError **error)
{
  if (planned->moot->len == 0)
    return true;
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL || !store_begin(store, error))
    return false;
  for (guint i = 0; i < planned->moot->len; i++) {
    const RecertifyMoot *moot = &g_array_index(planned->moot, RecertifyMoot, i);
    if (!inquiry_void(store, moot->inquiry, moot->n, who, moot->why, error)) {
      store_rollback(store);
      return false;
    }
  }
  const char *const detail[] = {"ruling", "void", NULL};
  if (!audit_note(store, &(AuditNote){AUDIT_DECIDE, who, "recertify", detail}, error)) {
    store_rollback(store);
    return false;
  }
  return store_commit(store, error);
}

void recertify_planned_clear(RecertifyPlanned *planned)
{
  planned_clear(&planned->planned);
  g_clear_pointer(&planned->findings, findings_free);
  g_clear_pointer(&planned->moot, g_array_unref);
}
