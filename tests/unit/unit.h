// SPDX-License-Identifier: GPL-3.0-or-later
//
// Unit tests. A file tests/unit/test_dates.c holds the suite `dates`; no list elsewhere names it:
//
//   #include "unit.h"
//   #include "idou/base.h"
//
//   static void era_boundaries(void)
//   {
//     static const struct { const char *text; Date date; } rows[] = { ... };
//     for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
//       ...
//       UNIT_INT(got, rows[i].date, "%s", rows[i].text);    // the row's name, shown when it fails
//     }
//   }
//
//   static const UnitTest tests[] = {
//     {"era_boundaries", era_boundaries},
//     {NULL, NULL},
//   };
//   UNIT_SUITE(dates, tests);
//
//   make unit T=dates                this file alone, with what it needs of libidou
//   make unit T=dates MODE=asan      … with sanitizers
//   make unit                        all files; build/debug/tests/unit/unit dates roster: some suites
//   build/debug/tests/unit/test_dates dates.era_boundaries    one test
//
// Each test prints `ok dates.era_boundaries`, or `not ok dates.era_boundaries: FILE:LINE: WHAT` and
// further failures indented below. A failing check does not end the test; CUnit's own CU_ASSERT…
// macros work too, and those ending in _FATAL leave the test.
#ifndef IDOU_TESTS_UNIT_H
#define IDOU_TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct UnitTest {
  const char *name;
  void (*run)(void);
} UnitTest;

typedef struct UnitSuite {
  const char *name;
  const UnitTest *tests;  // ends with a NULL name
} UnitSuite;

// Puts a pointer into a section of its own; the linker joins them to one array that unit.c walks.
#define UNIT_SUITE(topic, its_tests)                                                               \
  static const UnitSuite unit_suite_##topic = {#topic, its_tests};                                 \
  __attribute__((used, section("unit_suites"))) static const UnitSuite *const unit_entry_##topic = \
      &unit_suite_##topic

// Checks. After the values may come a printf format (a literal) and its arguments, saying which row
// failed. Each is true when it passed, so that `if (!UNIT_TRUE(...)) return;` works.
#define UNIT_TRUE(condition, ...) \
  unit_true(condition, #condition, &(UnitPlace){__FILE__, __func__, __LINE__}, " " __VA_ARGS__)
#define UNIT_INT(got, want, ...) \
  unit_int(got, want, &(UnitPlace){__FILE__, __func__, __LINE__}, " " __VA_ARGS__)
#define UNIT_STR(got, want, ...) \
  unit_str(got, want, &(UnitPlace){__FILE__, __func__, __LINE__}, " " __VA_ARGS__)
// The error is NULL; otherwise its message is shown.
#define UNIT_NO_ERROR(error, ...) \
  unit_no_error(error, &(UnitPlace){__FILE__, __func__, __LINE__}, " " __VA_ARGS__)

// A new empty folder (mode 0700) that is removed with all it holds when the test ends. Borrowed.
const char *unit_dir(void);

// For the macros above.
typedef struct UnitPlace {
  const char *file;
  const char *function;
  unsigned line;
} UnitPlace;

bool unit_true(bool passed, const char *condition, const UnitPlace *place, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
bool unit_int(long long got, long long want, const UnitPlace *place, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
// Either may be NULL; two NULLs are equal.
bool unit_str(const char *got, const char *want, const UnitPlace *place, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
bool unit_no_error(const GError *error, const UnitPlace *place, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
