// SPDX-License-Identifier: GPL-3.0-or-later
//
// Asking, and taking back what was asked.
#include "inquiry_p.h"

#include <string.h>

void inquiry_number(int64_t inquiry, int64_t n, GString *out)
{
  g_string_append_printf(out, "Q%lld-%lld", (long long)inquiry, (long long)n);
}

bool inquiry_number_parse(const char *text, int64_t *inquiry, int64_t *n)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(text, key);
  g_auto(GStrv) parts = g_strsplit(key->str + (key->str[0] == 'q'), "-", 2);
  gint64 first = 0, second = 0;
  if (parts[0] == NULL || parts[1] == NULL ||
      !g_ascii_string_to_signed(parts[0], 10, 1, G_MAXINT64, &first, NULL) ||
      !g_ascii_string_to_signed(parts[1], 10, 1, G_MAXINT64, &second, NULL))
    return false;
  *inquiry = first;
  *n = second;
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool close_question(Store *store, const Question *question, const char *who, const char *why,
                           GError **error)
{
  Question closed = {.inquiry = question->inquiry,
                     .n = question->n,
                     .state = QUESTION_CLOSED,
                     .until = DATE_NONE,
                     .reason = why,
                     .answered_by = who,
                     .source = "",
                     .answered = instant_now()};
  return store_question_answer(store, &closed, error);
}

// Another unit has the question now: who had it before need not answer.
static bool move(Store *store, const Question *open, const Inquiry *inquiry, GError **error)
{
  g_autofree char *why = g_strdup_printf(_("asked of unit %s since"), inquiry->unit);
  return close_question(store, open, inquiry->who, why, error);
}

typedef enum Standing { NEW, OPEN_HERE, OPEN_ELSEWHERE } Standing;

static Standing standing_of(Store *store, const Inquiry *inquiry, const Question *question,
                            Question *open)
{
  Inquiry other;
  if (!store_question_open(store, inquiry->cause, question, open))
    return NEW;
  int64_t id = open->inquiry, n = open->n;
  bool here = store_inquiry_get(store, id, &other) && strcmp(other.unit, inquiry->unit) == 0;
  *open = (Question){.inquiry = id, .n = n};
  return here ? OPEN_HERE : OPEN_ELSEWHERE;
}

static bool ask_one(Store *store, const Inquiry *inquiry, const Question *question,
                    InquiryAsked *out, GError **error)
{
  Question open, copy = *question;
  Standing standing = standing_of(store, inquiry, question, &open);
  if (standing == OPEN_HERE) {
    out->n_open++;
    return true;
  }
  if (standing == OPEN_ELSEWHERE && !move(store, &open, inquiry, error))
    return false;
  if (out->id == 0 && (out->id = store_inquiry_add(store, inquiry, error)) == 0)
    return false;
  out->n_moved += standing == OPEN_ELSEWHERE;
  copy.inquiry = out->id;
  copy.n = (int64_t)++out->n_asked;
  return store_question_add(store, &copy, error);
}

static bool note_asked(Store *store, const Inquiry *inquiry, const InquiryAsked *asked,
                       GError **error)
{
  if (asked->id == 0)
    return true;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, asked->id);
  const char *const detail[] = {"ruling", "ask", "inquiry", number, "cause", inquiry->cause, NULL};
  return audit_note(
      store,
      &(AuditNote){
          .what = AUDIT_DECIDE, .who = inquiry->who, .subject = inquiry->unit, .detail = detail},
      error);
}

bool inquiry_ask(Store *store, const Inquiry *inquiry, const Question *questions,
                 size_t n_questions, InquiryAsked *out, GError **error)
{
  *out = (InquiryAsked){0};
  if (!store_begin(store, error))
    return false;
  for (size_t i = 0; i < n_questions; i++)
    if (!ask_one(store, inquiry, &questions[i], out, error)) {
      store_rollback(store);
      return false;
    }
  if (note_asked(store, inquiry, out, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

// ---------------------------------------------------------------------------------------------

static bool find(Store *store, int64_t inquiry, int64_t n, Question *out, GError **error)
{
  if (store_question_get(store, inquiry, n, out))
    return true;
  if (store_check(store, error))
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no question Q%lld-%lld"),
                (long long)inquiry, (long long)n);
  return false;
}

bool inquiry_close(Store *store, int64_t inquiry, int64_t n, const char *who, const char *why,
                   GError **error)
{
  Question question;
  if (!find(store, inquiry, n, &question, error))
    return false;
  return strcmp(question.state, QUESTION_OPEN) != 0 ||
         close_question(store, &question, who, why, error);
}

bool inquiry_void(Store *store, int64_t inquiry, int64_t n, const char *who, const char *why,
                  GError **error)
{
  Question question;
  if (!find(store, inquiry, n, &question, error))
    return false;
  return strcmp(question.state, QUESTION_REMOVE) != 0 ||
         close_question(store, &question, who, why, error);
}

typedef struct Waiting {
  int64_t inquiry, n;
  bool found;
} Waiting;

static bool is_it(const Question *question, void *data)
{
  Waiting *waiting = data;
  waiting->found = question->inquiry == waiting->inquiry && question->n == waiting->n;
  return !waiting->found;
}

// A removal that nothing came of yet.
static bool is_waiting(Store *store, const Asked *asked, int64_t n, bool *out, GError **error)
{
  Waiting waiting = {asked->inquiry.id, n, false};
  bool fine = store_removals_each(store, asked->inquiry.cause, is_it, &waiting, error);
  *out = waiting.found;
  return fine;
}

static bool is_asked_again(Store *store, const Asked *asked, const Question *question,
                           GError **error)
{
  Question again;
  if (!store_question_open(store, asked->inquiry.cause, question, &again))
    return !store_check(store, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("Q%lld-%lld was asked again since: answer Q%lld-%lld"),
              (long long)question->inquiry, (long long)question->n, (long long)again.inquiry,
              (long long)again.n);
  return true;
}

static bool may_reopen(Store *store, const Asked *asked, const Question *question, GError **error)
{
  bool waiting = true;
  if (strcmp(question->state, QUESTION_REMOVE) == 0 &&
      !is_waiting(store, asked, question->n, &waiting, error))
    return false;
  if (*column_word(question->state) != '\0' && waiting)
    return !is_asked_again(store, asked, question, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              waiting ? _("Q%lld-%lld is not answered, so that it cannot be opened again")
                      : _("what was answered to Q%lld-%lld is in force and can only be lifted, or "
                          "was answered anew on a later list"),
              (long long)question->inquiry, (long long)question->n);
  return false;
}

bool inquiry_reopen(Store *store, int64_t inquiry, int64_t n, GError **error)
{
  Question there;
  if (!find(store, inquiry, n, &there, error))
    return false;
  g_autoptr(Asked) asked = asked_load(store, inquiry, error);
  const Question *question = asked ? asked_question(asked, n) : NULL;
  if (!question || !may_reopen(store, asked, question, error))
    return false;
  if (question->claim != 0 && !store_claim_withdraw(store, question->claim, error))
    return false;
  Question open = {.inquiry = inquiry,
                   .n = n,
                   .state = QUESTION_OPEN,
                   .until = DATE_NONE,
                   .reason = "",
                   .answered_by = "",
                   .source = "",
                   .answered = INSTANT_NONE};
  return store_question_answer(store, &open, error);
}
