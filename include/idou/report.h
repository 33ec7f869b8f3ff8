// SPDX-License-Identifier: GPL-3.0-or-later
//
// report: what people and other programs read. Formats are rows of a table; everything passes the
// one escaper; secrets cannot get here because nothing that comes in holds any.
#ifndef IDOU_REPORT_H
#define IDOU_REPORT_H

#include <idou/apply.h>
#include <idou/guard.h>
#include <idou/intake.h>

typedef struct ReportPlan {
  const Plan *plan;
  const GuardVerdict *verdict;   // NULL = guards were not asked
  const GByteArray *chosen;      // from plan_choose: show only these; NULL = all
  const char *person;            // employee number: show this person only; NULL = all
  bool summary;                  // totals and holds only
  bool colour;                   // terminal colours
  int width;                     // columns of the terminal; 0 = 100
} ReportPlan;

// "text" (for operators: what is held and why first, then totals by target and kind, then per person old and
// new side by side, with the day, the rule and the source line), "json" (one document), "ldif" (what
// ldapmodify takes; secrets left out and said so in a comment; scheduled and held operations as comments).
// False when there is no such format.
bool report_plan(const char *format, const ReportPlan *what, GString *out, GError **error);
const char *const *report_plan_formats(void);  // NULL-terminated

// "plan: 387 modify, 60 disable, …; 3 held; digest 1a2b…": one line, no newline.
void report_plan_line(const Plan *plan, const GuardVerdict *verdict, GString *out);

void report_findings(const Findings *findings, bool json, GString *out);
// Receipt for HR: file, sha256, declared date, verdict, rows, kinds with counts, rejected rows by finding.
void report_receipt(const char *file, const IntakeReceipt *receipt, const Findings *findings,
                    bool json, GString *out);
void report_apply(const ApplyReport *report, bool json, GString *out);
// "apply: done=447 already=0 refused=0 failed=0 unknown=0 scheduled=12 held=3"
void report_apply_line(const ApplyReport *report, GString *out);

#endif
