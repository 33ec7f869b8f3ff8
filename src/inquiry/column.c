// SPDX-License-Identifier: GPL-3.0-or-later
#include "inquiry_p.h"

#include <string.h>

#define HEADS 3

// The first is written, any is read.
static const char *const heads[N_COLUMNS][HEADS] = {
    [COLUMN_NUMBER] = {"番号", "number"},
    [COLUMN_UNIT] = {"所属", "unit"},
    [COLUMN_PERSON] = {"職員番号", "person"},
    [COLUMN_NAME] = {"氏名", "name"},
    [COLUMN_SYSTEM] = {"系統", "system"},
    [COLUMN_ACCOUNT] = {"アカウント", "account"},
    [COLUMN_TEXT] = {"内容", "about"},
    [COLUMN_USED] = {"最終利用", "used"},
    [COLUMN_PROPOSED] = {"提案", "proposed"},
    [COLUMN_ANSWER] = {"回答(継続/不要)", "回答", "answer"},
    [COLUMN_UNTIL] = {"期限", "until"},
    [COLUMN_REASON] = {"理由", "reason"},
    [COLUMN_WHO] = {"回答者", "by"},
};

static const struct {
  const char *word;
  Answer answer;
} words[] = {
    {"継続", ANSWER_KEEP},       {"継続利用", ANSWER_KEEP}, {"必要", ANSWER_KEEP},
    {"要", ANSWER_KEEP},         {"keep", ANSWER_KEEP},     {"不要", ANSWER_REMOVE},
    {"必要なし", ANSWER_REMOVE}, {"削除", ANSWER_REMOVE},   {"remove", ANSWER_REMOVE},
};

const char *column_head(Column column)
{
  return heads[column][0];
}

static bool same_key(const char *a, const char *b)
{
  g_autoptr(GString) x = g_string_new(NULL), y = g_string_new(NULL);
  text_key(a, x);
  text_key(b, y);
  return strcmp(x->str, y->str) == 0;
}

bool column_is_head(Column column, const char *cell)
{
  for (size_t i = 0; i < HEADS && heads[column][i]; i++)
    if (same_key(cell, heads[column][i]))
      return true;
  return false;
}

const char *column_word(const char *state)
{
  return strcmp(state, QUESTION_KEEP) == 0     ? "継続"
         : strcmp(state, QUESTION_REMOVE) == 0 ? "不要"
                                               : "";
}

Answer column_answer(const char *cell)
{
  if (*cell == '\0')
    return ANSWER_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (same_key(cell, words[i].word))
      return words[i].answer;
  return strstr(cell, "継続") && strstr(cell, "不要") ? ANSWER_BOTH : ANSWER_UNREAD;
}

static void put_used(const Question *question, GString *out)
{
  if (question->used == INSTANT_NONE)
    g_string_append(out, "不明");
  else
    date_format(date_of_instant(question->used), out);
}

static void put_unit(const Inquiry *inquiry, GString *out)
{
  if (*inquiry->unit == '\0')
    g_string_append(out, "運用担当");
  else
    g_string_append_printf(out, "%s %s", inquiry->unit, inquiry->unit_name);
}

static void put_until(const Question *question, GString *out)
{
  if (question->until != DATE_NONE)
    date_format(question->until - 1, out);
}

void column_text(const Inquiry *inquiry, const Question *question, Column column, GString *out)
{
  bool answered = *column_word(question->state) != '\0';
  const char *const texts[N_COLUMNS] = {
      [COLUMN_PERSON] = question->number,
      [COLUMN_NAME] = question->label,
      [COLUMN_SYSTEM] = question->system,
      [COLUMN_ACCOUNT] = question->account,
      [COLUMN_TEXT] = question->text,
      [COLUMN_PROPOSED] = column_word(question->proposed),
      [COLUMN_ANSWER] = column_word(question->state),
      [COLUMN_REASON] = answered ? question->reason : "",
      [COLUMN_WHO] = answered ? question->answered_by : "",
  };
  if (column == COLUMN_NUMBER)
    inquiry_number(question->inquiry, question->n, out);
  else if (column == COLUMN_UNIT)
    put_unit(inquiry, out);
  else if (column == COLUMN_USED)
    put_used(question, out);
  else if (column == COLUMN_UNTIL)
    put_until(question, out);
  else
    g_string_append(out, texts[column]);
}
