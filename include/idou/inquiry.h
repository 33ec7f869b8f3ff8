// SPDX-License-Identifier: GPL-3.0-or-later
//
// inquiry: questions to units (or the operators) about accounts and rights: out as CSV and as a page to print, back as
// CSV. What is answered with *keep* becomes a claim in the ledger; *remove* stays a decision until whoever asked has
// made a restriction of it by a plan. This stage decides nothing by itself: no answer is no answer.
// docs/inquiry.md tells it to people.
#ifndef IDOU_INQUIRY_H
#define IDOU_INQUIRY_H

#include <idou/store.h>

typedef InquiryRow Inquiry;
typedef QuestionRow Question;

// A row of a list is known by "Q12-7": question 7 of inquiry 12. With its letter Excel takes it for no date. It is the
// `source` of the restriction that comes of the answer.
void inquiry_number(int64_t inquiry, int64_t n, GString *out);
// In any width and case, with or without the letter. False: it is none.
bool inquiry_number_parse(const char *text, int64_t *inquiry, int64_t *n);

// ---------------------------------------------------------------------------------------------
// Asking.

typedef struct InquiryAsked {
  int64_t id;  // of the new inquiry; 0 = there was nothing new to ask
  size_t n_asked;
  size_t n_open;   // asked before and not answered yet: not asked again
  size_t n_moved;  // of n_asked: another unit was asked before; that question is closed
} InquiryAsked;

// One inquiry of all questions that are not open yet, by cause, target, object and group. Its id and theirs, and what
// belongs to the answer, are not looked at. In a transaction of its own: all of it, or nothing.
bool inquiry_ask(Store *store, const Inquiry *inquiry, const Question *questions,
                 size_t n_questions, InquiryAsked *out, GError **error);
// What was asked is not to be answered any more, such as of somebody who moved: an open one is closed, any other state
// stays. Within the caller's transaction.
bool inquiry_close(Store *store, int64_t inquiry, int64_t n, const char *who, const char *why,
                   GError **error);
// The same of a removal that is not in force.
bool inquiry_void(Store *store, int64_t inquiry, int64_t n, const char *who, const char *why,
                  GError **error);
// An answer that was a mistake: open again, and its claim is withdrawn. EXIT_USAGE when it is not answered, or when its
// removal is in force already (lift that). Within the caller's transaction.
bool inquiry_reopen(Store *store, int64_t inquiry, int64_t n, GError **error);

// ---------------------------------------------------------------------------------------------
// Out.

typedef enum InquiryCode {
  INQUIRY_UTF8,
  INQUIRY_CP932
} InquiryCode;  // UTF-8 with a BOM, as Excel needs it

// As a table for Excel; questions that are closed are left out. What CP932 does not hold becomes 〓.
bool inquiry_sheet(Store *store, int64_t inquiry, InquiryCode code, GString *out, GError **error);
// As a page (HTML) that needs nothing from elsewhere, for A4.
bool inquiry_page(Store *store, int64_t inquiry, GString *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Back.

typedef struct InquiryReply {
  const char *name;  // of the file, for findings and as source of answers
  GBytes *bytes;
  const char
      *unit;        // whose answers it may hold; NULL = those of the unit that its first row is for
  const char *who;  // who answers where the column is empty; NULL = then the row is refused
} InquiryReply;

typedef struct InquiryTaken {
  bool read;  // false: it is no list of ours, or cannot be read; nothing was taken
  size_t n_kept, n_removed;
  size_t n_already;  // answered so before
  size_t n_blank;    // not decided yet
  size_t n_refused;  // rows, each a finding
} InquiryTaken;

// Rows that are sound are taken, the others are findings with line and column; a row that is missing says nothing. All
// of one file is taken in one transaction, and taken again changes nothing. An answer that differs from one that was
// given before is refused, and while they differ nothing is taken away: a removal that is not in force yet is open again.
bool inquiry_take(Store *store, const InquiryReply *reply, Findings *findings, InquiryTaken *out,
                  GError **error);

// ---------------------------------------------------------------------------------------------
// What came of it.

// Removals that are answered and not in force (store_removals_each), of one cause.
typedef bool (*InquiryDecisionFunc)(const Inquiry *inquiry, const Question *question, void *data);
bool inquiry_decisions_each(Store *store, const char *cause, InquiryDecisionFunc func, void *data,
                            GError **error);

typedef struct InquiryCount {
  Inquiry inquiry;
  size_t n_questions;  // without those that are closed
  size_t n_open, n_kept, n_removed, n_closed;
  size_t n_due;  // of n_removed: not in force yet
  bool overdue;  // something is open, and `due` is over
} InquiryCount;

typedef bool (*InquiryCountFunc)(const InquiryCount *count, void *data);  // false stops
// Each inquiry of the cause (NULL = of all), by id.
bool inquiry_counts_each(Store *store, const char *cause, Date today, InquiryCountFunc func,
                         void *data, GError **error);

// One unit that has not answered in time, over all of its inquiries.
typedef struct InquiryReminder {
  const char *unit, *unit_name;
  size_t n_open;   // questions of inquiries that are overdue
  Date due;        // the earliest
  bool escalated;  // the operators are told, too
  // For a queue of letters: the same until it is time to remind them again: "inquiry-overdue/1040/2027-03-01/2".
  const char *key;
} InquiryReminder;

typedef struct InquiryPatience {
  Date today;
  int remind_days;    // a reminder each so many days
  int escalate_days;  // so long after it was due the operators are told
} InquiryPatience;

typedef bool (*InquiryReminderFunc)(const InquiryReminder *reminder, void *data);  // false stops
// By unit.
bool inquiry_reminders_each(Store *store, const InquiryPatience *patience, InquiryReminderFunc func,
                            void *data, GError **error);

#endif
