// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which tasks a team's list has, in which order, and where it is put. Lists follow from the book alone, so they can
// be written anew at any time.
#include "task_p.h"

#include <errno.h>
#include <grp.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>

static Date today(void)
{
  return date_of_instant(instant_now());
}

bool task_lists_is_late(const Task *task)
{
  return task_is_waiting(task) && task->due != DATE_NONE && task->due < today();
}

const char *task_state_word(TaskState state)
{
  static const char *const words[TASK_N_STATES] = {
      [TASK_OPEN] = "未着手",         [TASK_ASSIGNED] = "対応中",  [TASK_DONE] = "完了",
      [TASK_IMPOSSIBLE] = "実施不可", [TASK_WITHDRAWN] = "取下げ",
  };
  return words[state];
}

bool task_state_of(const char *word, TaskState *out)
{
  static const struct {
    const char *word;
    TaskState state;
  } words[] = {
      {"", TASK_OPEN},           {"未着手", TASK_OPEN},
      {"未", TASK_OPEN},         {"未対応", TASK_OPEN},
      {"対応中", TASK_ASSIGNED}, {"着手", TASK_ASSIGNED},
      {"着手中", TASK_ASSIGNED}, {"作業中", TASK_ASSIGNED},
      {"完了", TASK_DONE},       {"済", TASK_DONE},
      {"済み", TASK_DONE},       {"完", TASK_DONE},
      {"○", TASK_DONE},          {"〇", TASK_DONE},
      {"◯", TASK_DONE},          {"実施不可", TASK_IMPOSSIBLE},
      {"不可", TASK_IMPOSSIBLE}, {"取下げ", TASK_WITHDRAWN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_equal(words[i].word, word)) {
      *out = words[i].state;
      return true;
    }
  for (int state = 0; state < TASK_N_STATES; state++)
    if (g_ascii_strcasecmp(task_state_name((TaskState)state), word) == 0) {
      *out = (TaskState)state;
      return true;
    }
  return false;
}

// ---------------------------------------------------------------------------------------------
// Order

static int rank_of(const Task *task)
{
  static const int ranks[TASK_N_STATES] = {[TASK_OPEN] = 0,
                                           [TASK_ASSIGNED] = 0,
                                           [TASK_IMPOSSIBLE] = 1,
                                           [TASK_WITHDRAWN] = 2,
                                           [TASK_DONE] = 3};
  return ranks[task->state];
}

#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int by_urgency(const void *a, const void *b)
{
  const Task *x = *(const Task *const *)a, *y = *(const Task *const *)b;
  int order = COMPARE(rank_of(x), rank_of(y));
  if (order == 0)
    order = task_is_waiting(x) ? COMPARE(x->due, y->due) : COMPARE(y->changed, x->changed);
  if (order == 0)
    order = COMPARE(x->run, y->run);
  return order ? order : COMPARE(task_n(x), task_n(y));
}

GPtrArray *task_lists_sorted(const TaskBook *book, const TargetConfig *config, const TaskTeam *team)
{
  const TaskConfig *own = task_config_of(config);
  const GPtrArray *all = task_book_tasks(book);
  GPtrArray *tasks = g_ptr_array_new();
  Date since = today() - own->shown_days;
  for (size_t i = 0; i < all->len; i++) {
    Task *task = all->pdata[i];
    const TaskList *list = task_config_list(own, task_dn(task));
    bool is_meant =
        !team || (list && list->team == team && (task_is_live(task) || task->changed >= since));
    if (is_meant)
      g_ptr_array_add(tasks, task);
  }
  g_ptr_array_sort(tasks, by_urgency);
  return tasks;
}

// ---------------------------------------------------------------------------------------------
// Files

static bool give(const char *path, const TaskTeam *team, GError **error)
{
  const struct group *group = team->readers ? getgrnam(team->readers) : NULL;
  if (!team->readers)
    return true;
  // The group first: until then nobody but us may read it.
  if (!group)
    errno = ENOENT;
  if (group && chown(path, (uid_t)-1, group->gr_gid) == 0 && chmod(path, 0640) == 0)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_FAILED,
      _("%s: cannot be given to the group %s of team %s: %s. Put the account that idou runs "
        "as into that group"),
      path, team->readers, team->word, g_strerror(errno));
  return false;
}

static bool put(const char *path, const GString *text, const TaskTeam *team, GError **error)
{
  return file_write(path, text->str, text->len, 0600, error) && give(path, team, error);
}

static bool write_team(const TaskBook *book, const TargetConfig *config, const TaskTeam *team,
                       GError **error)
{
  const TaskConfig *own = task_config_of(config);
  g_autoptr(GPtrArray) tasks = task_lists_sorted(book, config, team);
  g_autoptr(GString) sheet = g_string_new(NULL);
  g_autoptr(GString) page = g_string_new(NULL);
  task_sheet_write(tasks, config, team, sheet);
  task_page_write(tasks, config, team, page);
  // The page beside the list has what CP932 lacks.
  g_autoptr(GString) encoded = filled_encode(sheet, own->cp932);
  if (!encoded) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the list of team %s cannot be written"),
                team->word);
    return false;
  }
  g_autofree char *sheet_path = g_strdup_printf("%s/%s.csv", own->out, team->word);
  g_autofree char *page_path = g_strdup_printf("%s/%s.html", own->out, team->word);
  return put(page_path, page, team, error) && put(sheet_path, encoded, team, error);
}

// Whoever may read a list must be let through to it; what else lies there stays closed.
static bool open_folders(const TaskConfig *own, GError **error)
{
  const char *const folders[] = {own->path, own->out};
  bool any = false;
  for (size_t i = 0; i < own->teams->len; i++)
    any |= g_array_index(own->teams, TaskTeam, i).readers != NULL;
  for (size_t i = 0; any && i < G_N_ELEMENTS(folders); i++) {
    struct stat status;
    if (stat(folders[i], &status) == 0 &&
        ((status.st_mode & 0011) == 0011 || chmod(folders[i], status.st_mode | 0011) == 0))
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be opened to the lists' readers: %s"),
                folders[i], g_strerror(errno));
    return false;
  }
  return true;
}

bool task_lists_write(const TaskBook *book, const TargetConfig *config, GError **error)
{
  const TaskConfig *own = task_config_of(config);
  if (!open_folders(own, error))
    return false;
  for (size_t i = 0; i < own->teams->len; i++)
    if (!write_team(book, config, &g_array_index(own->teams, TaskTeam, i), error))
      return false;
  return true;
}
