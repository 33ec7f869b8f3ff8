// SPDX-License-Identifier: GPL-3.0-or-later
//
// A ledger in a folder of its own, layouts with short headers, and files given as text: for the tests
// of intake and of whatever reads its facts.
#ifndef IDOU_TESTS_INTAKE_KIT_H
#define IDOU_TESTS_INTAKE_KIT_H

#include "idou/intake.h"
#include "unit.h"

// Headers: date no name kana unit title role state phone. Dates YYYY-MM-DD, numbers of six digits,
// role 1 main 2 concurrent, state 1 active 2 leave; it decides phone.
extern const char kit_roster[];
// Headers: o d k no name kana unit title t. Kinds by our names; retire and concurrent_end name the last day;
// away is a retire that names the first day away.
extern const char kit_orders[];
// Headers: code name parent. No date.
extern const char kit_units[];

typedef struct Kit {
  const char *dir;  // unit_dir
  Store *store;
  GStringChunk *texts;
  Findings *findings;     // of all files taken
  IntakeReceipt receipt;  // of the last
  IntakeOptions options;  // layout is set by kit_take; files are taken on 2027-03-01
} Kit;

Kit *kit_new(void);
void kit_free(Kit *kit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kit, kit_free)

// A layout from its text; failing to load is a failed check, then NULL.
Layout *kit_layout(Kit *kit, const char *yaml);
// Writes a file of that name into the kit's folder. Returns its path, borrowed.
const char *kit_write(Kit *kit, const char *name, const char *text);
// Takes a file in by a layout given as text. An error of the system is a failed check.
IntakeVerdict kit_take(Kit *kit, const char *yaml, const char *name, const char *text);
// The value of a field of the person with that number on that day ("2027-04-01"), of `post` ("main",
// "concurrent:1200") or, when it is NULL, of the person. NULL if there is none. Borrowed until the next call.
const char *kit_value(Kit *kit, const char *number, const char *post, FieldId field,
                      const char *day);
// How many findings have the code, and the last of them. NULL when there is none.
size_t kit_count(const Kit *kit, const char *code);
const Finding *kit_finding(const Kit *kit, const char *code);
size_t kit_n_facts(Kit *kit);

#endif
