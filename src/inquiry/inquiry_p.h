// SPDX-License-Identifier: GPL-3.0-or-later
//
// Inside inquiry: the list's columns and words, out and back.
#ifndef IDOU_INQUIRY_P_H
#define IDOU_INQUIRY_P_H

#include <idou/audit.h>
#include <idou/inquiry.h>

typedef enum Column {
  COLUMN_NUMBER,
  COLUMN_UNIT,
  COLUMN_PERSON,
  COLUMN_NAME,
  COLUMN_SYSTEM,
  COLUMN_ACCOUNT,
  COLUMN_TEXT,
  COLUMN_USED,
  COLUMN_PROPOSED,
  COLUMN_ANSWER,
  COLUMN_UNTIL,
  COLUMN_REASON,
  COLUMN_WHO,
  N_COLUMNS
} Column;

// As the list has it.
const char *column_head(Column column);
bool column_is_head(Column column, const char *cell);
// What stands in that column of the question's row.
void column_text(const Inquiry *inquiry, const Question *question, Column column, GString *out);

// "継続", "不要" of QUESTION_KEEP, QUESTION_REMOVE; "" of any other state.
const char *column_word(const char *state);
typedef enum Answer { ANSWER_NONE, ANSWER_KEEP, ANSWER_REMOVE, ANSWER_BOTH, ANSWER_UNREAD } Answer;
Answer column_answer(const char *cell);

// Every question of an inquiry; the strings live until it is freed.
typedef struct Asked {
  Inquiry inquiry;
  GArray *questions;  // Question, by number
  GStringChunk *texts;
} Asked;
// NULL with EXIT_USAGE when there is no inquiry of this id.
Asked *asked_load(Store *store, int64_t inquiry, GError **error);
void asked_free(Asked *asked);
const Question *asked_question(const Asked *asked, int64_t n);  // NULL: there is none
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Asked, asked_free)

// The rows of a file that came back.
typedef struct Row {
  int64_t line;
  GStrv cells;  // squeezed
  bool ended;
} Row;

typedef struct Rows {
  GArray *rows;  // Row; the first one is the head
  int64_t
      cut;  // line of a row that could not be read, from which on there are none; 0 = all were read
} Rows;
bool rows_read(const char *text, Rows *out);  // `text`: decoded
void rows_clear(Rows *rows);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rows, rows_clear)

#endif
