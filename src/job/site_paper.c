// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is printed: `paper` (the paper by which a plan is approved) and `counters` (units where people wait in line).
#include "job/job_p.h"

#define MOST_STAMPS 8
#define MOST_NAMES 1000
#define STAMP_CHARS 20  // what a box has room for
#define NAME_CHARS 256

static const char *const PAPER_KEYS[] = {"title", "stamps", "groups", NULL};

typedef struct Texts {
  const char *key;
  size_t most;
  glong most_chars;
} Texts;

static bool is_texts(const Site *site, const YamlNode *list, const Texts *what, Findings *findings)
{
  size_t n = yaml_count(list);
  if (yaml_kind(list) != YAML_LIST || n > what->most) {
    yaml_fault(site->yaml, list, findings, "bad-list", _("“%s” is a list of at most %zu texts"),
               what->key, what->most);
    return false;
  }
  for (size_t i = 0; i < n; i++) {
    const char *text = yaml_text(yaml_item(list, i));
    if (text != NULL && *text != '\0' && g_utf8_strlen(text, -1) <= what->most_chars)
      continue;
    yaml_fault(site->yaml, yaml_item(list, i), findings, "bad-list",
               _("“%s” holds texts of at most %ld characters"), what->key, what->most_chars);
    return false;
  }
  return true;
}

// NULL when it is missing, empty or wrong.
static const char *const *read_texts(Site *site, const YamlNode *map, const Texts *what,
                                     Findings *findings)
{
  const YamlNode *list = yaml_get(map, what->key);
  if (yaml_kind(list) == YAML_NONE || !is_texts(site, list, what, findings) ||
      yaml_count(list) == 0)
    return NULL;
  const char **texts = g_new0(const char *, yaml_count(list) + 1);
  g_ptr_array_add(site->strings, texts);
  for (size_t i = 0; i < yaml_count(list); i++)
    texts[i] = yaml_text(yaml_item(list, i));
  return texts;
}

void site_read_paper(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *node = yaml_get(root, "paper");
  site->counters = read_texts(site, root, &(Texts){"counters", MOST_NAMES, NAME_CHARS}, findings);
  if (yaml_kind(node) == YAML_NONE)
    return;
  if (yaml_kind(node) != YAML_MAP) {
    yaml_fault(site->yaml, node, findings, "not-a-map",
               _("“paper” says what stands on it: {title: TEXT, stamps: [起案, 係長, 課長]}"));
    return;
  }
  yaml_check_keys(site->yaml, node, PAPER_KEYS, findings);
  yaml_read_text(site->yaml, node, "title", findings, &site->paper.title);
  site->paper.stamps =
      read_texts(site, node, &(Texts){"stamps", MOST_STAMPS, STAMP_CHARS}, findings);
  site->paper.groups = read_texts(site, node, &(Texts){"groups", MOST_NAMES, NAME_CHARS}, findings);
}
