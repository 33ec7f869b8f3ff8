// SPDX-License-Identifier: GPL-3.0-or-later
//
// notice: what people are handed with their password: a page of A4 for each person and system, in Japanese, and a
// cover sheet for each section, which serves as the list of receipts (受領簿) and never holds a password.
#ifndef IDOU_NOTICE_H
#define IDOU_NOTICE_H

#include <idou/base.h>

typedef struct Notice {
  int64_t number;          // 封緘番号
  const char *section;     // 所属, as it stands on the cover: "総務部 総務課"; "" when none is known
  const char *name;
  const char *person;      // 職員番号
  const char *system;
  const char *account;     // what is typed to log in
  const Secret *password;
  const char *text;        // instructions; NULL = the usual ones
  int64_t reissue;         // how often it was printed before
} Notice;

typedef struct NoticeBook {
  const Notice *notices;   // in the order in which they are printed; those of a section stand together
  size_t n_notices;
  Date issued;
  const char *issuer;      // may be NULL
} NoticeBook;

// Whether this machine has fonts to print with: EXIT_USAGE when it has none for Japanese. A name with a character that
// no font has is a warning.
bool notice_check(const NoticeBook *book, Findings *findings, GError **error);
// A PDF, to a file that is open. *n_pages may be NULL.
bool notice_write(const NoticeBook *book, int fd, size_t *n_pages, GError **error);

#endif
