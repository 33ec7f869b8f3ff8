// SPDX-License-Identifier: GPL-3.0-or-later
//
// journal FILE: what it costs in CPU to journal an operation, its intent and its outcome, with as many in
// one transaction as the executor has in flight. Prints microseconds an operation. FILE in memory, please:
// the wait for a disk is not CPU.
#include <idou/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { N_OPS = 100000, WINDOW = 32 };

static double cpu_seconds(void)
{
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static bool set_ops(Store *store, int64_t run, uint32_t from, const char *state, GError **error)
{
  for (uint32_t n = from; n < from + WINDOW && n <= N_OPS; n++) {
    char object[32];
    g_snprintf(object, sizeof object, "account/%u", n);
    OpRow row = {.run = run,
                 .n = n,
                 .target = "ldap",
                 .object = object,
                 .kind = "modify",
                 .state = state,
                 .n_attempts = 1};
    if (!store_op_set(store, &row, error))
      return false;
  }
  return true;
}

// A transaction as the executor makes them: outcomes of one window, intents of the next.
static bool journal_window(Store *store, int64_t run, uint32_t from, GError **error)
{
  return store_begin(store, error) &&
         (from == 1 || set_ops(store, run, from - WINDOW, "done", error)) &&
         set_ops(store, run, from, "sent", error) && store_commit(store, error);
}

static bool measure(const char *path, GError **error)
{
  g_autoptr(Store) store = store_open(path, STORE_WRITE, error);
  if (store == NULL)
    return false;
  RunRow row = {.digest = "0",
                .plan_path = "p",
                .host = "h",
                .started = 1,
                .ended = INSTANT_NONE,
                .state = "running"};
  int64_t run = store_run_add(store, &row, error);
  if (run == 0)
    return false;
  double before = cpu_seconds();
  for (uint32_t from = 1; from <= N_OPS; from += WINDOW)
    if (!journal_window(store, run, from, error))
      return false;
  printf("%.3f\n", (cpu_seconds() - before) * 1e6 / N_OPS);
  return true;
}

int main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  base_init();
  if (argc == 2 && measure(argv[1], &error))
    return EXIT_SUCCESS;
  fprintf(stderr, "journal: %s\n", error != NULL ? error->message : "one file is to be named");
  return EXIT_FAILURE;
}
