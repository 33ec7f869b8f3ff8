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

// Two plans side by side: totals by target and kind, then each person with the systems concerned and what
// the plans do differently, then notes that came or went.
typedef struct ReportComparison {
  const Plan *old_plan, *new_plan;
  const PlanComparison *comparison;
  const char *person;            // employee number: show this person only; NULL = all
  bool summary;                  // totals only
  bool colour;
  int width;                     // 0 = 100
} ReportComparison;

void report_comparison(const ReportComparison *what, bool json, GString *out);
// "diff: 3 added, 1 withdrawn, 2 changed; 447 the same"
void report_comparison_line(const PlanComparison *comparison, GString *out);

// Two versions of a file of HR's, row by row, both with file and line.
typedef struct ReportInputs {
  const char *old_file, *new_file;
  const InputChanges *changes;
  const PlanComparison *plans;   // what either would do: the systems concerned; NULL = not asked for
  bool summary;
  bool colour;
  int width;
} ReportInputs;

void report_inputs(const ReportInputs *what, bool json, GString *out);
void report_inputs_line(const InputChanges *changes, GString *out);

// Codes that a layout does not know: column, code, rows, first line.
void report_codes(const char *file, const IntakeCodes *codes, bool json, GString *out);

void report_findings(const Findings *findings, bool json, GString *out);
// Receipt for HR: file, sha256, declared date, verdict, rows, kinds with counts, rejected rows by finding.
void report_receipt(const char *file, const IntakeReceipt *receipt, const Findings *findings,
                    bool json, GString *out);
void report_apply(const ApplyReport *report, bool json, GString *out);
// "apply: done=447 already=0 refused=0 failed=0 unknown=0 scheduled=12 held=3"
void report_apply_line(const ApplyReport *report, GString *out);

#endif
