// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

// `windows: {closed: ["01:00-02:00 backup"], open: ["Mon-Fri 19:00-07:00"]}`, each a list or one text.

static void take_hours(ConfigReading *reading, const YamlNode *node, bool open, Windows *windows)
{
  const char *text = yaml_text(node);
  if (text && windows_add(windows, text, open))
    return;
  yaml_fault(reading->yaml, node, reading->findings, "windows-form",
             _("hours are such as \"01:00-02:00 backup\", \"Sun 03:00-05:00\" or \"Mon-Fri "
               "22:00-06:00\", not \"%s\""),
             text ? text : "");
}

static void read_list(ConfigReading *reading, const YamlNode *node, bool open, Windows *windows)
{
  if (yaml_kind(node) == YAML_LIST)
    for (size_t i = 0; i < yaml_count(node); i++)
      take_hours(reading, yaml_item(node, i), open, windows);
  else if (yaml_kind(node) != YAML_NONE)
    take_hours(reading, node, open, windows);
}

Windows *config_windows(ConfigReading *reading)
{
  static const char *const keys[] = {"closed", "open", NULL};
  const YamlNode *node = yaml_get(reading->node, "windows");
  if (yaml_kind(node) == YAML_NONE)
    return NULL;
  Windows *windows = windows_new();
  if (yaml_kind(node) != YAML_MAP)
    yaml_fault(reading->yaml, node, reading->findings, "windows-form",
               _("“windows” has “closed” or “open”, such as {closed: [\"01:00-02:00 backup\"]}"));
  WindowsState state;
  yaml_check_keys(reading->yaml, node, keys, reading->findings);
  read_list(reading, yaml_get(node, "closed"), false, windows);
  read_list(reading, yaml_get(node, "open"), true, windows);
  windows_look(windows, 0, &state);
  if (state.closed && state.until == INSTANT_OPEN)
    yaml_fault(reading->yaml, node, reading->findings, "windows-never",
               _("by these hours the target is never open"));
  return windows;
}
