// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the files of base share.
#ifndef IDOU_BASE_P_H
#define IDOU_BASE_P_H

#include "idou/base.h"

#include <sys/stat.h>

#define SECONDS_OF_DAY 86400

// A day as a number that reads as it is written and compares in order: 20260401.
#define DAY_NUMBER(year, month, day) ((year)*10000 + (month)*100 + (day))

typedef struct Era {
  char letter;       // M T S H R
  const char *name;  // 令和
  gunichar square;   // ㋿
  int year_one;      // the Western year that is its year 1 (元年)
  int first_day;     // DAY_NUMBER from which it is taken
  int next_day;      // first_day of the era after it
} Era;

// Newest first. 明治 begins in 1868 but is taken from 1873-01-01: the calendar before was lunisolar.
extern const Era date_eras[];
extern const size_t date_n_eras;

// Whether `text` begins as `shape` says, in which 0 stands for any digit: "0000-00-00".
bool date_has_shape(const char *text, const char *shape);

// C0, C1, bidi controls, line and paragraph separator, U+FEFF, noncharacters: what must never
// reach a terminal, a log or a page as it is.
bool text_is_control(gunichar c);
// A hyphen or dash that people type for '-'. Not U+30FC, which is a letter after kana.
bool text_is_hyphen(gunichar c);
// U+30FC and U+FF70.
bool text_is_long_mark(gunichar c);
bool text_is_kana(gunichar c);  // hiragana, katakana, iteration and long marks; full width only

// The next character of *text, which must not be at its end, and *text moved behind it. Half-width
// katakana come as full-width ones, and a kana with a voiced mark of any kind (combining, spacing,
// half-width) as the one precomposed character, where there is one.
gunichar kana_next(const char **text);
// か → が, は → ぱ, either script; 0 when the kana has no such form. kana_plain undoes both.
gunichar kana_voiced(gunichar kana);
gunichar kana_semivoiced(gunichar kana);
gunichar kana_plain(gunichar kana);
gunichar kana_to_katakana(gunichar c);  // hiragana become katakana, all else stays
gunichar kana_to_hiragana(gunichar c);
gunichar kana_halfwidth(gunichar full);  // カ → ｶ, also 。「」、・ー゛゜; 0 when there is none

// "PATH: WHAT: WHY", the path escaped.
void file_set_error(GError **error, ExitCode code, const char *path, const char *what,
                    const char *why);
// A regular file, links refused; also what it is. -1 and an error otherwise.
int file_open_regular(int dir_fd, const char *path, struct stat *status, GError **error);

#endif
