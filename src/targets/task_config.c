// SPDX-License-Identifier: GPL-3.0-or-later
//
// Settings of a target of type task: teams, and the lists that they work on.
#include "task_p.h"

#include <grp.h>

const char *const task_config_keys[] = {"path", "encoding", "shown", "teams", "lists", NULL};
static const char *const team_keys[] = {"title", "readers", NULL};
static const char *const list_keys[] = {"title", "team",    "words", "deadline",
                                        "shown", "columns", NULL};

static const struct {
  const char *key, *verb;
} deeds[] = {
    [DEED_CREATE] = {"create", "登録"}, [DEED_MODIFY] = {"modify", "変更"},
    [DEED_MOVE] = {"move", "移動"},     [DEED_DISABLE] = {"disable", "停止"},
    [DEED_ENABLE] = {"enable", "再開"}, [DEED_DELETE] = {"delete", "削除"},
};
static const char *const deed_keys[] = {"create", "modify", "move", "disable",
                                        "enable", "delete", NULL};

#define SHOWN_DAYS 14
#define RECEIPT_DAYS 14  // people are no import

static void clear_list(void *data)
{
  TaskList *list = data;
  g_array_unref(list->shown);
  g_free(list);
}

void task_config_free(void *data)
{
  TaskConfig *own = data;
  if (!own)
    return;
  g_array_unref(own->teams);
  g_ptr_array_unref(own->lists);
  g_free(own);
}

const TaskConfig *task_config_of(const TargetConfig *config)
{
  return config->own;
}

// ---------------------------------------------------------------------------------------------
// Reading

// False: it is there and is none.
static bool is_map(ConfigReading *reading, const YamlNode *node, const char *key)
{
  if (!node || yaml_kind(node) == YAML_MAP)
    return node != NULL;
  yaml_fault(reading->yaml, node, reading->findings, "not-a-map",
             _("“%s” needs words with settings below it; docs/tasks.md has an example"), key);
  return false;
}

// A word becomes a file's name and part of a place.
static void check_word(ConfigReading *reading, const YamlNode *node, const char *word)
{
  for (const char *at = word; *at; at++)
    if (!g_ascii_isalnum(*at) && !strchr("-_", *at)) {
      yaml_fault(reading->yaml, node, reading->findings, "unknown-value",
                 _("“%s” becomes the name of a file: letters a-z, digits, - and _ only"), word);
      return;
    }
}

static void read_team(ConfigReading *reading, const char *word, const YamlNode *node, GArray *teams)
{
  yaml_check_keys(reading->yaml, node, team_keys, reading->findings);
  TaskTeam team = {.word = config_keep(reading, word),
                   .title = config_text(reading, node, "title"),
                   .readers = config_text(reading, node, "readers")};
  if (!team.title)
    team.title = team.word;
  if (team.readers && !getgrnam(team.readers))
    yaml_fault(reading->yaml, yaml_get(node, "readers"), reading->findings, "unknown-value",
               _("there is no group “%s” on this machine to give the lists to"), team.readers);
  g_array_append_val(teams, team);
}

static void read_teams(ConfigReading *reading, TaskConfig *own)
{
  const YamlNode *map = yaml_get(reading->node, "teams");
  config_need(reading, NULL, "teams");
  if (!is_map(reading, map, "teams"))
    return;
  for (size_t i = 0; i < yaml_count(map); i++) {
    const char *word = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(map, i, &word, &key, &value) || !is_map(reading, value, word))
      continue;
    check_word(reading, key, word);
    read_team(reading, word, value, own->teams);
  }
}

static void read_words(ConfigReading *reading, const YamlNode *node, TaskList *list)
{
  const YamlNode *map = yaml_get(node, "words");
  if (!is_map(reading, map, "words"))
    return;
  yaml_check_keys(reading->yaml, map, deed_keys, reading->findings);
  for (size_t i = 0; i < DEED_N; i++) {
    const char *verb = config_text(reading, map, deeds[i].key);
    list->verbs[i] = verb ? verb : list->verbs[i];
  }
}

static void read_deadlines(ConfigReading *reading, const YamlNode *node, TaskList *list)
{
  const YamlNode *map = yaml_get(node, "deadline");
  if (!is_map(reading, map, "deadline"))
    return;
  yaml_check_keys(reading->yaml, map, deed_keys, reading->findings);
  for (size_t i = 0; i < DEED_N; i++)
    yaml_read_days(reading->yaml, map, deeds[i].key, reading->findings, &list->days[i]);
}

static void read_shown(ConfigReading *reading, const YamlNode *node, TaskList *list)
{
  const YamlNode *map = yaml_get(node, "shown");
  if (!is_map(reading, map, "shown"))
    return;
  for (size_t i = 0; i < yaml_count(map); i++) {
    const char *attribute = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(map, i, &attribute, &key, &value))
      continue;
    const char *head = yaml_text(value);
    if (!head) {
      yaml_fault(reading->yaml, key, reading->findings, "key-missing",
                 _("“%s” needs the word by which people call it"), attribute);
      continue;
    }
    TaskShown shown = {config_keep(reading, attribute), config_keep(reading, head), false};
    g_array_append_val(list->shown, shown);
  }
}

static void read_columns(ConfigReading *reading, const YamlNode *node, TaskList *list)
{
  const YamlNode *columns = yaml_get(node, "columns");
  for (size_t i = 0; i < yaml_count(columns); i++) {
    const char *attribute = yaml_text(yaml_item(columns, i));
    bool found = false;
    for (size_t j = 0; attribute && j < list->shown->len; j++) {
      TaskShown *shown = &g_array_index(list->shown, TaskShown, j);
      if (g_ascii_strcasecmp(shown->attribute, attribute) == 0)
        found = shown->column = true;
    }
    if (!found)
      yaml_fault(reading->yaml, yaml_item(columns, i), reading->findings, "unknown-value",
                 _("a column must be one of “shown” of its list, which gives it a head"));
  }
}

static const TaskTeam *find_team(const TaskConfig *own, const char *word)
{
  for (size_t i = 0; word && i < own->teams->len; i++) {
    const TaskTeam *team = &g_array_index(own->teams, TaskTeam, i);
    if (g_str_equal(team->word, word))
      return team;
  }
  return NULL;
}

static void read_list(ConfigReading *reading, const char *word, const YamlNode *node,
                      TaskConfig *own)
{
  TaskList *list = g_new0(TaskList, 1);
  list->shown = g_array_new(false, false, sizeof(TaskShown));
  list->word = config_keep(reading, word);
  list->title = config_text(reading, node, "title");
  if (!list->title)
    list->title = list->word;
  for (size_t i = 0; i < DEED_N; i++)
    list->verbs[i] = deeds[i].verb;
  g_ptr_array_add(own->lists, list);
  yaml_check_keys(reading->yaml, node, list_keys, reading->findings);
  const char *team = config_text(reading, node, "team");
  list->team = find_team(own, team);
  if (!list->team)
    yaml_fault(reading->yaml, team ? yaml_get(node, "team") : node, reading->findings,
               "unknown-value", _("list “%s” needs “team”, one of those under “teams”"), word);
  read_words(reading, node, list);
  read_deadlines(reading, node, list);
  read_shown(reading, node, list);
  read_columns(reading, node, list);
}

static void read_lists(ConfigReading *reading, TaskConfig *own)
{
  const YamlNode *map = yaml_get(reading->node, "lists");
  config_need(reading, NULL, "lists");
  if (!is_map(reading, map, "lists"))
    return;
  for (size_t i = 0; i < yaml_count(map); i++) {
    const char *word = NULL;
    const YamlNode *key = NULL, *value = NULL;
    if (!yaml_pair(map, i, &word, &key, &value) || !is_map(reading, value, word))
      continue;
    check_word(reading, key, word);
    read_list(reading, word, value, own);
  }
}

static const char *below(ConfigReading *reading, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  return config_keep(reading, path);
}

void *task_config_read(ConfigReading *reading)
{
  static const char *const encodings[] = {"utf8", "cp932", NULL};
  TaskConfig *own = g_new0(TaskConfig, 1);
  own->teams = g_array_new(false, false, sizeof(TaskTeam));
  own->lists = g_ptr_array_new_with_free_func(clear_list);
  own->shown_days = SHOWN_DAYS;
  g_autofree char *base = g_strconcat("task=", reading->config->name, NULL);
  reading->config->base = config_keep(reading, base);
  reading->config->receipt_days = RECEIPT_DAYS;
  own->path = config_path(reading, reading->node, "path");
  config_need(reading, own->path, "path");
  own->path = own->path ? own->path : "";
  own->in = below(reading, own->path, "in");
  own->out = below(reading, own->path, "out");
  own->state = below(reading, own->path, "state");
  own->book = below(reading, own->state, "book.jsonl");
  own->cp932 = g_str_equal(config_word(reading, "encoding", encodings), "cp932");
  yaml_read_days(reading->yaml, reading->node, "shown", reading->findings, &own->shown_days);
  read_teams(reading, own);
  read_lists(reading, own);
  return own;
}

// ---------------------------------------------------------------------------------------------

static const TaskList *list_called(const TaskConfig *own, const char *rdn, size_t n_bytes)
{
  static const char type[] = "list=";
  if (n_bytes < strlen(type) || g_ascii_strncasecmp(rdn, type, strlen(type)) != 0)
    return NULL;
  g_autofree char *word = g_strndup(rdn + strlen(type), n_bytes - strlen(type));
  for (size_t i = 0; i < own->lists->len; i++) {
    const TaskList *list = own->lists->pdata[i];
    if (g_ascii_strcasecmp(list->word, word) == 0)
      return list;
  }
  return NULL;
}

const TaskList *task_config_list(const TaskConfig *own, const char *dn)
{
  size_t rdn_bytes = 0;
  const char *parent = NULL;
  for (const char *at = dn; *at && place_split(at, &rdn_bytes, &parent); at = parent) {
    const TaskList *list = list_called(own, at, rdn_bytes);
    if (list)
      return list;
  }
  return NULL;
}
