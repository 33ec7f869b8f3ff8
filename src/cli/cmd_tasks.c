// SPDX-License-Identifier: GPL-3.0-or-later
//
// What people have to do by hand.
#include "cli/cli_p.h"

#include <string.h>

typedef struct TasksOptions {
  char *team, *list, *target;
  char *by, *on, *evidence, *reason;
  gboolean all, json;
} TasksOptions;

static void tasks_options_clear(TasksOptions *options)
{
  g_free(options->team);
  g_free(options->list);
  g_free(options->target);
  g_free(options->by);
  g_free(options->on);
  g_free(options->evidence);
  g_free(options->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TasksOptions, tasks_options_clear)

typedef bool (*TaskTargetFunc)(const TargetConfig *config, void *data, GError **error);

static bool each_target(const Site *site, const char *name, TaskTargetFunc func, void *data,
                        GError **error)
{
  bool any = false;
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    const TargetConfig *config = site->targets[i];
    if (!tasks_are(config) || (name != NULL && strcmp(config->name, name) != 0))
      continue;
    any = true;
    if (!func(config, data, error))
      return false;
  }
  if (!any)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no target of type task%s%s"),
                name != NULL ? " called " : "", name != NULL ? name : "");
  return any;
}

// ---------------------------------------------------------------------------------------------
// Listing

typedef struct Listing {
  const TasksOptions *options;
  ReportTasks *report;
  size_t n_waiting;
} Listing;

static bool is_waiting(const TaskView *task)
{
  return task->state == TASK_OPEN || task->state == TASK_ASSIGNED;
}

static bool is_meant(const TaskView *task, const TasksOptions *options)
{
  return (options->team == NULL || strcmp(task->team, options->team) == 0) &&
         (options->list == NULL || strcmp(task->list, options->list) == 0);
}

static void show(const TaskView *task, void *data)
{
  Listing *listing = data;
  if (!is_meant(task, listing->options))
    return;
  listing->n_waiting += is_waiting(task);
  if (listing->options->all || is_waiting(task) || task->state == TASK_IMPOSSIBLE)
    report_tasks_add(listing->report, task);
}

static bool show_target(const TargetConfig *config, void *data, GError **error)
{
  return tasks_each(config, show, data, error);
}

static int list(const Site *site, const TasksOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  Listing listing = {options, report_tasks_new(options->json), 0};
  bool fine = each_target(site, options->target, show_target, &listing, &error);
  report_tasks_end(listing.report, text);
  if (!fine)
    return cli_fail(error);
  cli_print(text);
  return listing.n_waiting > 0 ? EXIT_PENDING : EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// Telling

typedef struct Telling {
  const TasksOptions *options;
  TaskReport report;
  GHashTable *wanted;  // numbers that are still to be found; NULL = all that wait of a list
  GPtrArray *found;    // char *: of the target at hand
  size_t n_told;
} Telling;

static void find(const TaskView *task, void *data)
{
  Telling *telling = data;
  bool meant = telling->wanted != NULL ? g_hash_table_remove(telling->wanted, task->number)
                                       : is_waiting(task) && is_meant(task, telling->options);
  if (meant)
    g_ptr_array_add(telling->found, g_strdup(task->number));
}

static bool find_in(const TargetConfig *config, void *data, GError **error)
{
  return tasks_each(config, find, data, error);
}

static bool tell_target(const TargetConfig *config, void *data, GError **error)
{
  Telling *telling = data;
  g_ptr_array_set_size(telling->found, 0);
  if (!tasks_each(config, find, telling, error))
    return false;
  telling->n_told += telling->found->len;
  g_ptr_array_add(telling->found, NULL);
  return telling->found->len == 1 ||
         tasks_report(config, (const char *const *)telling->found->pdata, &telling->report, error);
}

static bool read_numbers(GHashTable *wanted, char **numbers, GError **error)
{
  for (; *numbers != NULL; numbers++) {
    g_autoptr(GString) number = g_string_new(NULL);
    if (!tasks_number(*numbers, number)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("“%s” is no number of a task, or a digit of it is wrong; nothing was changed"),
                  *numbers);
      return false;
    }
    g_hash_table_add(wanted, g_strdup(number->str));
  }
  return true;
}

// Nothing is told before all of them are known, wherever they are.
static bool are_known(const Site *site, Telling *telling, char **numbers, GError **error)
{
  g_autoptr(GHashTable) missing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
  Telling looking = {.options = telling->options, .wanted = missing, .found = found};
  GHashTableIter iter;
  gpointer number = NULL;
  if (!read_numbers(missing, numbers, error) ||
      !each_target(site, telling->options->target, find_in, &looking, error))
    return false;
  g_hash_table_iter_init(&iter, missing);
  if (!g_hash_table_iter_next(&iter, &number, NULL))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("there is no task %s; nothing was changed. `idou tasks --all` lists them"),
              (const char *)number);
  return false;
}

static bool tell_all(const Site *site, Telling *telling, char **numbers, GError **error)
{
  g_autoptr(GHashTable) wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
  if (*numbers != NULL) {
    if (!are_known(site, telling, numbers, error) || !read_numbers(wanted, numbers, error))
      return false;
    telling->wanted = wanted;
  }
  telling->found = found;
  return each_target(site, telling->options->target, tell_target, telling, error);
}

static int tell(const Site *site, const TasksOptions *options, char **numbers, TaskState state)
{
  g_autoptr(GError) error = NULL;
  Telling telling = {
      .options = options,
      .report = {.state = state,
                 .day = DATE_NONE,
                 .who = options->by,
                 .evidence = options->evidence ? options->evidence : options->reason}};
  if (state == TASK_DONE && !cli_date(options->on ? options->on : "today", &telling.report.day))
    return EXIT_USAGE;
  if (!tell_all(site, &telling, numbers, &error))
    return cli_fail(error);
  printf(ngettext("%zu task: %s\n", "%zu tasks: %s\n", (gulong)telling.n_told), telling.n_told,
         task_state_name(state));
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

static const struct {
  const char *word;
  TaskState state;
  bool by, reason;  // what must be said
  const char *needs;
} deeds[] = {
    {"done", TASK_DONE, true, false, N_("--by WHO is needed: who did it")},
    {"assign", TASK_ASSIGNED, true, false, N_("--to WHO is needed: who is to do it")},
    {"impossible", TASK_IMPOSSIBLE, true, true,
     N_("--by WHO and --reason TEXT are needed: they stand in the records and on the list")},
    {"reopen", TASK_OPEN, false, false, NULL},
};

static int begin(const Site *site, const char *name)
{
  g_autoptr(GError) error = NULL;
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, name) == 0 && tasks_are(site->targets[i]))
      return tasks_begin(site->targets[i], &error) ? EXIT_DONE : cli_fail(error);
  fprintf(stderr, _("idou tasks: there is no target “%s” of type task in the site file\n"), name);
  return EXIT_USAGE;
}

static int complain(const char *word, const char *needs)
{
  fprintf(stderr, "idou tasks %s: %s\n", word, needs);
  return EXIT_USAGE;
}

static int act(const Site *site, const TasksOptions *options, char **words)
{
  if (strcmp(words[0], "begin") == 0 && words[1] != NULL && words[2] == NULL)
    return begin(site, words[1]);
  for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++) {
    if (strcmp(words[0], deeds[i].word) != 0)
      continue;
    if ((deeds[i].by && options->by == NULL) || (deeds[i].reason && options->reason == NULL))
      return complain(words[0], _(deeds[i].needs));
    if (words[1] == NULL && (deeds[i].state != TASK_DONE || options->list == NULL))
      return complain(words[0], _("which tasks? Numbers stand on the lists, such as T12-7-4"));
    return tell(site, options, words + 1, deeds[i].state);
  }
  return complain(words[0], _("say done, assign, impossible, reopen or begin, or nothing to list"));
}

int cmd_tasks(const Cli *cli, int argc, char **argv)
{
  g_auto(TasksOptions) options = {0};
  const GOptionEntry entries[] = {
      {"team", 0, 0, G_OPTION_ARG_STRING, &options.team, N_("only those of this team"), "TEAM"},
      {"list", 0, 0, G_OPTION_ARG_STRING, &options.list,
       N_("only those of this list; with done and no number: all of it"), "LIST"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("only those of this target"),
       "NAME"},
      {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_("also those that are over"), NULL},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who did it, or says so"), "WHO"},
      {"to", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who is to do it"), "WHO"},
      {"on", 0, 0, G_OPTION_ARG_STRING, &options.on, N_("the day it was done; default: today"),
       "DAY"},
      {"evidence", 0, 0, G_OPTION_ARG_STRING, &options.evidence,
       N_("what there is to see of it: a receipt's number, a signature"), "TEXT"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why it cannot be done"), "TEXT"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  int exit_code;
  if (!cli_options(cli_command("tasks"), entries,
                   _("[done|assign|impossible|reopen NUMBER… | begin TARGET]"), -1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  return argc > 1 ? act(site, &options, argv + 1) : list(site, &options);
}
