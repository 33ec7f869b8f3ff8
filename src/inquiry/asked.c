// SPDX-License-Identifier: GPL-3.0-or-later
#include "inquiry_p.h"

static const char *keep(Asked *asked, const char *text)
{
  return g_string_chunk_insert_const(asked->texts, text);
}

static bool add(const Question *question, void *data)
{
  Asked *asked = data;
  Question copy = *question;
  const char **const texts[] = {
      &copy.target, &copy.object, &copy.group,       &copy.stable_id, &copy.number,
      &copy.label,  &copy.system, &copy.account,     &copy.text,      &copy.proposed,
      &copy.state,  &copy.reason, &copy.answered_by, &copy.source,
  };
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(asked, *texts[i]);
  g_array_append_val(asked->questions, copy);
  return true;
}

Asked *asked_load(Store *store, int64_t inquiry, GError **error)
{
  Inquiry row;
  if (!store_inquiry_get(store, inquiry, &row)) {
    if (store_check(store, error))
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no inquiry number %lld"),
                  (long long)inquiry);
    return NULL;
  }
  g_autoptr(Asked) asked = g_new0(Asked, 1);
  asked->texts = g_string_chunk_new(4096);
  asked->questions = g_array_new(false, false, sizeof(Question));
  asked->inquiry = row;
  asked->inquiry.cause = keep(asked, row.cause);
  asked->inquiry.unit = keep(asked, row.unit);
  asked->inquiry.unit_name = keep(asked, row.unit_name);
  asked->inquiry.title = keep(asked, row.title);
  asked->inquiry.who = keep(asked, row.who);
  return store_questions_each(store, inquiry, add, asked, error) ? g_steal_pointer(&asked) : NULL;
}

void asked_free(Asked *asked)
{
  if (!asked)
    return;
  g_array_unref(asked->questions);
  g_string_chunk_free(asked->texts);
  g_free(asked);
}

const Question *asked_question(const Asked *asked, int64_t n)
{
  for (guint i = 0; i < asked->questions->len; i++) {
    const Question *question = &g_array_index(asked->questions, Question, i);
    if (question->n == n)
      return question;
  }
  return NULL;
}
