// SPDX-License-Identifier: GPL-3.0-or-later
//
// A list of questions as a table for Excel, to be filled in and handed back.
#include "inquiry_p.h"

#include <string.h>

#define LINE_END "\r\n"

static void put_row(GString *out, const Asked *asked, const Question *question)
{
  for (size_t i = 0; i < N_COLUMNS; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    column_text(&asked->inquiry, question, (Column)i, text);
    g_string_append(out, i ? "," : "");
    escape_text(out, text->str, ESCAPE_CSV);
  }
  g_string_append(out, LINE_END);
}

bool inquiry_sheet(Store *store, int64_t inquiry, InquiryCode code, GString *out, GError **error)
{
  g_autoptr(Asked) asked = asked_load(store, inquiry, error);
  g_autoptr(GString) text = g_string_new(NULL);
  if (!asked)
    return false;
  for (size_t i = 0; i < N_COLUMNS; i++)
    g_string_append_printf(text, "%s%s", i ? "," : "", column_head((Column)i));
  g_string_append(text, LINE_END);
  for (guint i = 0; i < asked->questions->len; i++) {
    const Question *question = &g_array_index(asked->questions, Question, i);
    if (strcmp(question->state, QUESTION_CLOSED) != 0)
      put_row(text, asked, question);
  }
  g_autoptr(GString) bytes = filled_encode(text, code == INQUIRY_CP932);
  if (!bytes) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("list %lld cannot be written in this encoding"),
                (long long)inquiry);
    return false;
  }
  g_string_append_len(out, bytes->str, (gssize)bytes->len);
  return true;
}
