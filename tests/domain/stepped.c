// SPDX-License-Identifier: GPL-3.0-or-later
//
// stepped SITE PLAN AT [COMMAND]: applies a plan as `idou apply` does, without guards. At the AT-th point that applying
// passes it is killed; or COMMAND is run there, and it goes on. Prints how many points it passed, and ends with apply's
// exit code.
#include <idou/job.h>
#include <signal.h>
#include <stdlib.h>

typedef struct Trigger {
  long at, n_passed;
  const char *command;
} Trigger;

static int fail(const GError *error)
{
  fprintf(stderr, "stepped: %s\n", error ? error->message : "?");
  return 99;
}

static void watch(const ApplyStep *step, void *data)
{
  Trigger *trigger = data;
  if (++trigger->n_passed != trigger->at)
    return;
  printf("at %s\n", step->name);
  fflush(stdout);
  if (!trigger->command)
    raise(SIGKILL);
  else if (system(trigger->command) != 0)
    exit(98);
}

static int apply(const Site *site, const char *plan_path, Trigger *trigger)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(site->store, STORE_WRITE, &error);
  g_autoptr(Plan) plan = store ? plan_read(plan_path, &error) : NULL;
  if (!plan)
    return fail(error);
  const ApplySetup setup = {.store = store,
                            .plan = plan,
                            .plan_path = plan_path,
                            .targets = (const TargetConfig *const *)site->targets,
                            .passwords = site->passwords,
                            .now = instant_now(),
                            .watch = watch,
                            .watch_data = trigger};
  ApplyReport report = {0};
  if (!apply_plan(&setup, &report, &error))
    return fail(error);
  for (size_t i = 0; i < findings_count(report.problems); i++)
    printf("%s\n", findings_at(report.problems, i)->text);
  int code = (int)report.exit;
  apply_report_clear(&report);
  return code;
}

int main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  if (argc < 4)
    return 97;
  base_init();
  g_autoptr(Site) site = site_load(argv[1], findings, &error);
  if (!site)
    return fail(error);
  Trigger trigger = {strtol(argv[3], NULL, 10), 0, argc > 4 ? argv[4] : NULL};
  int code = apply(site, argv[2], &trigger);
  printf("passed %ld\n", trigger.n_passed);
  return code;
}
