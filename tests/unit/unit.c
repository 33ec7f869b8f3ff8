// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <ftw.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const UnitSuite *const __start_unit_suites[];
extern const UnitSuite *const __stop_unit_suites[];

// Folders of the running test. CUnit's callbacks take no argument to carry them.
static GPtrArray *dirs;

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
  (void)status, (void)flag, (void)walk;
  return remove(path);
}

static void remove_dir(void *path)
{
  nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_free(path);
}

const char *unit_dir(void)
{
  GError *error = NULL;
  char *dir = g_dir_make_tmp("idou-unit-XXXXXX", &error);
  if (!dir)
    g_error("%s", error->message);
  g_ptr_array_add(dirs, dir);
  return dir;
}

static bool check(bool passed, const char *what, const UnitPlace *place, const char *format,
                  va_list arguments)
{
  g_autofree char *row = g_strstrip(g_strdup_vprintf(format, arguments));
  g_autofree char *text = *row ? g_strdup_printf("%s [%s]", what, row) : g_strdup(what);
  CU_assertImplementation(passed, place->line, text, place->file, place->function, CU_FALSE);
  return passed;
}

bool unit_true(bool passed, const char *condition, const UnitPlace *place, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  check(passed, condition, place, format, arguments);
  va_end(arguments);
  return passed;
}

bool unit_int(long long got, long long want, const UnitPlace *place, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *what = g_strdup_printf("got %lld, want %lld", got, want);
  check(got == want, what, place, format, arguments);
  va_end(arguments);
  return got == want;
}

static const char *shown(const char *text)
{
  return text ? text : "(null)";
}

bool unit_str(const char *got, const char *want, const UnitPlace *place, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *what = g_strdup_printf("got “%s”, want “%s”", shown(got), shown(want));
  bool equal = check(g_strcmp0(got, want) == 0, what, place, format, arguments);
  va_end(arguments);
  return equal;
}

bool unit_no_error(const GError *error, const UnitPlace *place, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  check(!error, error ? error->message : "no error", place, format, arguments);
  va_end(arguments);
  return !error;
}

static void before(const CU_pTest test, const CU_pSuite suite)
{
  (void)test, (void)suite;
  dirs = g_ptr_array_new_with_free_func(remove_dir);
}

static void after(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failures)
{
  g_ptr_array_unref(g_steal_pointer(&dirs));
  if (!failures) {
    printf("ok %s.%s\n", suite->pName, test->pName);
    fflush(stdout);
    return;
  }
  for (CU_pFailureRecord at = failures; at; at = at->pNext) {
    if (at == failures)
      printf("not ok %s.%s: ", suite->pName, test->pName);
    else
      printf("  ");
    printf("%s:%u: %s\n", at->strFileName, at->uiLineNumber, at->strCondition);
  }
  fflush(stdout);
}

// Whether "SUITE" or "SUITE.TEST" is among the names; no names mean all.
static bool wanted(char **names, const char *suite, const char *test)
{
  if (!*names)
    return true;
  g_autofree char *full = g_strdup_printf("%s.%s", suite, test);
  return g_strv_contains((const char *const *)names, suite) ||
         g_strv_contains((const char *const *)names, full);
}

static int by_name(const void *a, const void *b)
{
  const UnitSuite *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

static unsigned add_suite(const UnitSuite *suite, char **names)
{
  unsigned n_added = 0;
  CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);
  for (const UnitTest *test = suite->tests; test->name; test++) {
    if (!wanted(names, suite->name, test->name))
      continue;
    if (!CU_add_test(added, test->name, test->run))
      g_error("%s.%s: %s", suite->name, test->name, CU_get_error_msg());
    n_added++;
  }
  return n_added;
}

int main(int argc, char **argv)
{
  (void)argc;
  setlocale(LC_ALL, "C.UTF-8");
  if (CU_initialize_registry() != CUE_SUCCESS)
    return EXIT_FAILURE;
  g_autoptr(GPtrArray) suites = g_ptr_array_new();
  for (const UnitSuite *const *at = __start_unit_suites; at < __stop_unit_suites; at++)
    g_ptr_array_add(suites, (void *)*at);
  g_ptr_array_sort(suites, by_name);
  unsigned n_tests = 0;
  for (size_t i = 0; i < suites->len; i++)
    n_tests += add_suite(suites->pdata[i], argv + 1);
  if (n_tests == 0) {
    fprintf(stderr, "unit: no such test\n");
    return EXIT_FAILURE;
  }
  CU_set_test_start_handler(before);
  CU_set_test_complete_handler(after);
  CU_run_all_tests();
  unsigned n_failed = CU_get_number_of_tests_failed();
  CU_cleanup_registry();
  return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
