// SPDX-License-Identifier: GPL-3.0-or-later
//
// Any bytes as a list of tasks that is handed back: none may break the program or the book, none is done without
// its day, and what is not taken is told.
#include "targets/task_p.h"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RUN 7
#define N_TASKS 3

static const char settings[] =
    "type: task\npath: .\nteams: {desk: {title: 窓口}}\n"
    "lists: {card: {title: カード, team: desk, shown: {holder: 氏名}}}\n";

// The target, and its book as it was at first.
static struct {
  char *dir;
  Yaml *yaml;
  TargetConfig *config;
  char *book;
  size_t n_book;
} bench;

static void remove_all(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *below = g_build_filename(path, name, NULL);
    remove_all(below);
  }
  if (remove(path) != 0)
    abort();
}

static void clear(void)
{
  target_config_free(bench.config);
  yaml_free(bench.yaml);
  remove_all(bench.dir);
  g_free(bench.dir);
  g_free(bench.book);
}

static void add_task(TaskBook *book, uint32_t n)
{
  g_autofree char *dn = g_strdup_printf("task=%u,list=card,task=hands", n);
  g_autofree char *id = g_strdup_printf("id-%u", n);
  Task *task = task_new(RUN, n);
  task->after = record_new(dn, strlen(dn));
  record_set_stable_id(task->after, id, strlen(id));
  record_add(task->after, "holder", "山田", strlen("山田"));
  task->asked = task->due = task->changed = date_of_instant(instant_now());
  task_book_add(book, task);
  task_book_step(book, &task, 1);
}

static void begin(void)
{
  g_autoptr(Findings) findings = findings_new();
  char model[] = "/dev/shm/idou-fuzz-XXXXXX";
  bench.dir = access("/dev/shm", W_OK) == 0 ? g_strdup(g_mkdtemp(model))
                                            : g_dir_make_tmp("idou-fuzz-XXXXXX", NULL);
  bench.yaml = yaml_parse(settings, strlen(settings), "hands.yaml", findings, NULL);
  bench.config =
      target_config_read(bench.yaml, yaml_root(bench.yaml), "hands", bench.dir, findings);
  atexit(clear);
  if (!tasks_begin(bench.config, NULL))
    abort();
  g_autoptr(TaskBook) book = task_book_open(bench.config, true, NULL);
  for (uint32_t n = 1; n <= N_TASKS; n++)
    add_task(book, n);
  const TaskConfig *own = task_config_of(bench.config);
  if (!task_book_compact(book, NULL) ||
      !g_file_get_contents(own->book, &bench.book, &bench.n_book, NULL))
    abort();
}

static void check(void)
{
  g_autoptr(TaskBook) book = task_book_open(bench.config, false, NULL);
  if (!book || task_book_tasks(book)->len != N_TASKS)
    abort();
  for (uint32_t n = 1; n <= N_TASKS; n++) {
    const Task *task = task_book_find(book, RUN, n);
    if (!task || (task->state == TASK_DONE) != (task->done_on != DATE_NONE))
      abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(Findings) findings = findings_new();
  if (!bench.dir)
    begin();
  const TaskConfig *own = task_config_of(bench.config);
  g_autofree char *path = g_build_filename(own->in, "a.csv", NULL);
  if (!g_file_set_contents(own->book, bench.book, (gssize)bench.n_book, NULL) ||
      !g_file_set_contents(path, (const char *)data, (gssize)size, NULL) ||
      !target_take_in(bench.config, findings, NULL))
    abort();
  // What is not taken stays, and is told.
  if (access(path, F_OK) == 0 && findings_count_level(findings, FINDING_ERROR) == 0)
    abort();
  check();
  return 0;
}
