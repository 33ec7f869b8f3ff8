// SPDX-License-Identifier: GPL-3.0-or-later
//
// What people say of entries of nobody: a claim, or a restriction that a plan makes.
#include "job/job_p.h"

#include <idou/inquiry.h>
#include <string.h>

static bool is_called(const OrphanItem *item, const char *object, const char *target)
{
  return (target == NULL || strcmp(item->target, target) == 0) &&
         (strcmp(item->object, object) == 0 || strcmp(item->entry, object) == 0);
}

// What is decided of an entry is decided of all that is listed of it.
static const OrphanItem *find(const OrphanList *list, const char *object, const char *target,
                              bool *several)
{
  const OrphanItem *found = NULL;
  *several = false;
  for (guint i = 0; i < list->items->len; i++) {
    const OrphanItem *item = &g_array_index(list->items, OrphanItem, i);
    if (!is_called(item, object, target))
      continue;
    *several |= found != NULL && (strcmp(found->target, item->target) != 0 ||
                                  strcmp(found->object, item->object) != 0);
    if (found == NULL || item->kind < found->kind)
      found = item;
  }
  return found;
}

static bool refuse(const char *object, const char *why, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s: %s"), object, why);
  return false;
}

// Of those that are kept only claims have a day.
static bool is_claimed(const OrphanItem *item)
{
  return item->action == ORPHAN_KEEP && item->when != DATE_NONE;
}

static bool may_be_taken(const OrphanItem *item, const char **why)
{
  *why = NULL;
  if (item->op != 0)
    *why = _("the ordinary plan settles it already");
  else if (is_claimed(item))
    *why = _(
        "somebody answers for it; `idou dormant withdraw` takes that back, by the claim's number");
  else if (item->is_protected)
    *why = _("it is protected: take it out of “protected” first");
  else if (item->shares_key)
    *why = _("another entry has the same key: take it from the one that is not theirs first");
  else if (!item->is_account || item->kind > ORPHAN_DOUBLE)
    *why =
        _("only accounts of nobody, of somebody who left and second ones are decided so; the list "
          "says what to do about it");
  return *why == NULL;
}

static const OrphanItem *find_one(const OrphansFound *found, const OrphansDecide *decide,
                                  const char *object, GError **error)
{
  bool several = false;
  const OrphanItem *item = find(found->list, object, decide->target, &several);
  if (item == NULL)
    refuse(object, _("it is not in the list (idou orphans)"), error);
  else if (several)
    refuse(object, _("several targets have it; say --target"), error);
  return several ? NULL : item;
}

// Said twice, for example by its DN and by its identifier.
static bool is_decided(const GArray *restrictions, const OrphanItem *item)
{
  for (guint i = 0; i < restrictions->len; i++) {
    const RestrictionRow *row = &g_array_index(restrictions, Restriction, i).row;
    if (strcmp(row->target, item->target) == 0 && strcmp(row->object, item->object) == 0)
      return true;
  }
  return false;
}

bool job_orphans_restrict(const OrphansFound *found, const OrphansDecide *decide, GArray *out,
                          GError **error)
{
  for (const char *const *object = decide->objects; *object != NULL; object++) {
    const char *why = NULL;
    const OrphanItem *item = find_one(found, decide, *object, error);
    if (item == NULL)
      return false;
    if (!may_be_taken(item, &why))
      return refuse(*object, why, error);
    if (is_decided(out, item))
      continue;
    OrphanDecision decision = {item, decide->deed, decide->reason, "", decide->who};
    Restriction one = orphan_restriction(&decision, instant_now());
    g_array_append_val(out, one);
  }
  return true;
}

static bool claim_one(Store *store, const OrphanItem *item, const OrphansDecide *decide,
                      GError **error)
{
  ClaimRow claim = {.target = item->target,
                    .object = item->object,
                    .cause = RESTRICTION_ORPHAN,
                    .group = item->kind == ORPHAN_RIGHT ? item->group : "",
                    .until = decide->until,
                    .reason = decide->reason,
                    .source = "",
                    .who = decide->who,
                    .since = instant_now()};
  return store_claim_add(store, &claim, error) != 0;
}

// Of who is listed for rights alone, each of these is kept, and no later one.
static bool keep_one(Store *store, const OrphanList *list, const OrphanItem *found,
                     const OrphansDecide *decide, GError **error)
{
  if (found->kind == ORPHAN_CHANGED)
    return refuse(found->object,
                  _("a change by hand is not kept; the list says what to do about it"), error);
  for (guint i = 0; i < list->items->len; i++) {
    const OrphanItem *item = &g_array_index(list->items, OrphanItem, i);
    bool meant = item->kind == found->kind && strcmp(item->target, found->target) == 0 &&
                 strcmp(item->object, found->object) == 0;
    if (meant && !claim_one(store, item, decide, error))
      return false;
  }
  return true;
}

bool job_orphans_keep(const Site *site, const OrphansFound *found, const OrphansDecide *decide,
                      GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  bool fine = store != NULL && store_begin(store, error);
  for (const char *const *object = decide->objects; fine && *object != NULL; object++) {
    const OrphanItem *item = find_one(found, decide, *object, error);
    const char *const detail[] = {"ruling", "keep", "target", item != NULL ? item->target : "",
                                  NULL};
    fine = item != NULL && keep_one(store, found->list, item, decide, error) &&
           audit_note(store, &(AuditNote){AUDIT_DECIDE, decide->who, *object, detail}, error);
  }
  if (fine)
    return store_commit(store, error);
  if (store != NULL)
    store_rollback(store);
  return false;
}

// ---------------------------------------------------------------------------------------------
// By an inquiry to the operators.

static const char *proposed(const OrphanItem *item)
{
  bool removes = item->action == ORPHAN_DISABLE || item->action == ORPHAN_DELETE;
  return removes ? QUESTION_REMOVE : "";
}

static bool is_asked(const OrphanItem *item)
{
  const char *why = NULL;
  return may_be_taken(item, &why) && *item->standing == '\0';
}

static Question question_of(const OrphanItem *item)
{
  return (Question){.target = item->target,
                    .object = item->object,
                    .group = "",
                    .stable_id = "",
                    .number = item->number,
                    .label = *item->label != '\0' ? item->label : item->entry,
                    .system = item->target,
                    .account = item->entry,
                    .text = item->found,
                    .used = item->used,
                    .proposed = proposed(item),
                    .state = QUESTION_OPEN,
                    .until = DATE_NONE,
                    .reason = "",
                    .answered_by = "",
                    .source = "",
                    .answered = INSTANT_NONE};
}

bool job_orphans_ask(const Site *site, const OrphansFound *found, const OrphansAsk *ask,
                     InquiryAsked *out, GError **error)
{
  g_autoptr(GArray) questions = g_array_new(FALSE, FALSE, sizeof(Question));
  for (guint i = 0; i < found->list->items->len; i++) {
    const OrphanItem *item = &g_array_index(found->list->items, OrphanItem, i);
    Question question = question_of(item);
    if (is_asked(item))
      g_array_append_val(questions, question);
  }
  g_autoptr(Store) store = site_ledger(site, error);
  Inquiry inquiry = {.cause = RESTRICTION_ORPHAN,
                     .unit = "",
                     .unit_name = _("operators"),
                     .title = ask->title,
                     .who = ask->who,
                     .asked = date_of_instant(instant_now()),
                     .due = ask->due,
                     .limit = DATE_OPEN};
  return store != NULL &&
         inquiry_ask(store, &inquiry, (const Question *)(const void *)questions->data,
                     questions->len, out, error);
}

typedef struct Answers {
  OrphansFound *found;
  GArray *out;  // Restriction
} Answers;

static const char *keep_text(const Answers *answers, const char *text)
{
  return g_string_chunk_insert(answers->found->list->strings, text == NULL ? "" : text);
}

static void pass_over(const Answers *answers, const Question *question, const char *number,
                      const char *why)
{
  findings_add(answers->found->findings,
               &(Finding){.level = FINDING_WARNING,
                          .code = "answer-passed-over",
                          .subject = question->object,
                          .value = number},
               _("the answer is not planned: %s"), why);
}

// What is switched off already is to go, when its time has come; anything else is switched off first.
static const char *why_not_yet(const Answers *answers, const Question *question,
                               const OrphanItem *item)
{
  if (item->made != INSTANT_NONE && item->made > question->answered)
    return _("the entry was made later than the answer: it is another one");
  if (item->enabled != ENABLED_NO)
    return NULL;
  if (item->action != ORPHAN_DELETE)
    return _("it is off already; to delete it is a decision of its own (idou orphans decide)");
  return item->when > answers->found->list->day
             ? _("it is off already, and may be switched on again for a while before it is deleted")
             : NULL;
}

static bool take_answer(const Inquiry *inquiry, const Question *question, void *data)
{
  Answers *answers = data;
  bool several = false;
  const char *why = NULL;
  g_autoptr(GString) number = g_string_new(NULL);
  inquiry_number(inquiry->id, question->n, number);
  const OrphanItem *item = find(answers->found->list, question->object, question->target, &several);
  if (item == NULL || !may_be_taken(item, &why) ||
      (why = why_not_yet(answers, question, item)) != NULL) {
    pass_over(answers, question, number->str,
              why != NULL ? why : _("it is not in the list any more"));
    return true;
  }
  OrphanDecision decision = {item,
                             item->enabled == ENABLED_NO ? ORPHAN_DEED_DELETE : ORPHAN_DEED_DISABLE,
                             keep_text(answers, question->reason), keep_text(answers, number->str),
                             keep_text(answers, question->answered_by)};
  Restriction one = orphan_restriction(&decision, instant_now());
  g_array_append_val(answers->out, one);
  return true;
}

bool job_orphans_answers(const Site *site, OrphansFound *found, GArray *out, GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  Answers answers = {found, out};
  return store != NULL &&
         inquiry_decisions_each(store, RESTRICTION_ORPHAN, take_answer, &answers, error);
}
