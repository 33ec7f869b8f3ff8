// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inquiries and their questions.
#include "store_p.h"

int64_t store_inquiry_add(Store *store, const InquiryRow *inquiry, GError **error)
{
  return store_insert(store, SQL_INQUIRY_ADD,
                      ARGS(TEXT(inquiry->cause), TEXT(inquiry->unit), INT(inquiry->unit_id),
                           TEXT(inquiry->unit_name), TEXT(inquiry->title), TEXT(inquiry->who),
                           INT(inquiry->asked), INT(inquiry->due), INT(inquiry->limit),
                           INT(inquiry->terse)),
                      error);
}

typedef const char *(*TextOf)(const Query *query, int column);

static InquiryRow read_inquiry(const Query *query, TextOf text)
{
  return (InquiryRow){
      .id = query_int(query, 0),
      .cause = text(query, 1),
      .unit = text(query, 2),
      .unit_id = (uint32_t)query_int(query, 3),
      .unit_name = text(query, 4),
      .title = text(query, 5),
      .who = text(query, 6),
      .asked = (Date)query_int(query, 7),
      .due = (Date)query_int(query, 8),
      .limit = (Date)query_int(query, 9),
      .terse = query_int(query, 10) != 0,
  };
}

bool store_inquiry_get(Store *store, int64_t id, InquiryRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_INQUIRY_GET, ARGS(INT(id)), &query))
    return false;
  *out = read_inquiry(&query, query_keep);
  return true;
}

bool store_inquiries_each(Store *store, const char *cause, StoreInquiryFunc func, void *data,
                          GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_INQUIRIES_EACH, ARGS(TEXT(cause)), error))
    return false;
  while (query_next(&query, error)) {
    InquiryRow row = read_inquiry(&query, query_text);
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}

// ---------------------------------------------------------------------------------------------

bool store_question_add(Store *store, const QuestionRow *question, GError **error)
{
  return store_run(store, SQL_QUESTION_ADD,
                   ARGS(INT(question->inquiry), INT(question->n), TEXT(question->target),
                        TEXT(question->object), TEXT(question->group), TEXT(question->stable_id),
                        TEXT(question->number), TEXT(question->label), TEXT(question->system),
                        TEXT(question->account), TEXT(question->text), INT(question->used),
                        TEXT(question->proposed), INT(DATE_NONE), INT(INSTANT_NONE)),
                   error);
}

static QuestionRow read_question(const Query *query, TextOf text)
{
  return (QuestionRow){
      .inquiry = query_int(query, 0),
      .n = query_int(query, 1),
      .target = text(query, 2),
      .object = text(query, 3),
      .group = text(query, 4),
      .stable_id = text(query, 5),
      .number = text(query, 6),
      .label = text(query, 7),
      .system = text(query, 8),
      .account = text(query, 9),
      .text = text(query, 10),
      .used = query_int(query, 11),
      .proposed = text(query, 12),
      .state = text(query, 13),
      .until = (Date)query_int(query, 14),
      .reason = text(query, 15),
      .answered_by = text(query, 16),
      .source = text(query, 17),
      .answered = query_int(query, 18),
      .claim = query_int(query, 19),
  };
}

static bool get_question(Store *store, StoreSql id, Args args, QuestionRow *out)
{
  g_auto(Query) query = {0};
  if (!store_get(store, id, args, &query))
    return false;
  *out = read_question(&query, query_keep);
  return true;
}

bool store_question_get(Store *store, int64_t inquiry, int64_t n, QuestionRow *out)
{
  return get_question(store, SQL_QUESTION_GET, ARGS(INT(inquiry), INT(n)), out);
}

bool store_question_open(Store *store, const char *cause, const QuestionRow *key, QuestionRow *out)
{
  return get_question(store, SQL_QUESTION_OPEN,
                      ARGS(TEXT(cause), TEXT(key->target), TEXT(key->object), TEXT(key->group)),
                      out);
}

bool store_question_answer(Store *store, const QuestionRow *question, GError **error)
{
  return store_run(store, SQL_QUESTION_ANSWER,
                   ARGS(INT(question->inquiry), INT(question->n), TEXT(question->state),
                        INT(question->until), TEXT(question->reason), TEXT(question->answered_by),
                        TEXT(question->source), INT(question->answered), INT(question->claim)),
                   error);
}

static bool each_question(Query *query, StoreQuestionFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    QuestionRow row = read_question(query, query_text);
    if (!func(&row, data))
      break;
  }
  return !query->failed;
}

bool store_questions_each(Store *store, int64_t inquiry, StoreQuestionFunc func, void *data,
                          GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_QUESTIONS_EACH, ARGS(INT(inquiry)), error) &&
         each_question(&query, func, data, error);
}

bool store_removals_each(Store *store, const char *cause, StoreQuestionFunc func, void *data,
                         GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_REMOVALS_EACH, ARGS(TEXT(cause)), error) &&
         each_question(&query, func, data, error);
}
