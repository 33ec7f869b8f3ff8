// SPDX-License-Identifier: GPL-3.0-or-later
//
// A site of a few people for tests of mappings: files and facts as text in, the desired table as text
// out.
#ifndef IDOU_TESTS_MAPPING_KIT_H
#define IDOU_TESTS_MAPPING_KIT_H

#include "idou/mapping.h"
#include "unit.h"

typedef struct MappingKit {
  const char *folder;  // of the mappings
  Findings *findings;
  Mapping *mapping;  // NULL when it has faults
  Store *store;
  Schema *schema;
  Roster *roster;
  Table *table;
  Derive *derive;
  const char *charset;  // of the target; NULL = utf8
} MappingKit;

// A folder of files. Text: "== NAME" begins each. Borrowed.
const char *mapping_kit_folder(const char *files);

// `facts`, a line each; rows are numbered 1, 2, … as the lines are:
//   unit CODE NAME [PARENT [LAST-DAY]]     since 2000-01-01
//   person NUMBER                          those that follow are theirs; spaces in values are written _
//   DATE self FIELD=VALUE                  DATE main|UNIT|ROLE:UNIT FIELD=VALUE
//   login|mail NAME [BASIS]                given to them for ever; the last of a kind is in use
MappingKit *mapping_kit_new(const char *files, const char *facts);
void mapping_kit_free(MappingKit *kit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MappingKit, mapping_kit_free)
// Derives target "t" for the day, or a moment of it ("2027-04-25 07:00"). Errors are failed checks.
void mapping_kit_derive(MappingKit *kit, const char *day);
// Freezes the table and shows it, but for containers: a line for each entry of the class (NULL = all), in
// order: OBJECT PRESENCE ENABLED PLACE key=KEY "REASON" ATTR=VALUE;VALUE … and for each edge GROUP<MEMBER.
char *mapping_kit_show(MappingKit *kit, const char *klass);
// The entry by its object name, e.g. "account/2".
uint32_t mapping_kit_entry(const MappingKit *kit, const char *object);
// "FILE:LINE:COLUMN CODE" of every finding, a line each.
char *mapping_kit_findings(const MappingKit *kit);

#endif
