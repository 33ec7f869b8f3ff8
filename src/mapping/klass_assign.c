// SPDX-License-Identifier: GPL-3.0-or-later
//
// `assignments` of a class for assignments: {table: …, ahead: 30d, exceptions: …, conflicts: …}.
#include "mapping_p.h"

#include <string.h>

G_GNUC_PRINTF(3, 4)
static void fault(Reading *reading, const YamlNode *node, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  yaml_fault(reading->yaml, node, reading->library->findings, "mapping-assignments", "%s", text);
}

static const char *read_path(Reading *reading, const YamlNode *map, const char *key)
{
  const char *path = NULL;
  yaml_read_text(reading->yaml, map, key, reading->library->findings, &path);
  return path;
}

static void read_tables(Reading *reading, const YamlNode *map, Assign *assign)
{
  const char *table = read_path(reading, map, "table");
  const char *exceptions = read_path(reading, map, "exceptions");
  const char *conflicts = read_path(reading, map, "conflicts");
  if (!table)
    fault(reading, map, _("“table” is missing: the decision table that gives assignments"));
  else if (!(assign->table = decision_parse(reading->library, table)))
    fault(reading, yaml_get(map, "table"), _("the table %s has faults"), table);
  if (exceptions && !(assign->exceptions = exceptions_parse(reading->library, exceptions)))
    fault(reading, yaml_get(map, "exceptions"), _("the table %s has faults"), exceptions);
  if (conflicts && !(assign->conflicts = conflicts_parse(reading->library, conflicts)))
    fault(reading, yaml_get(map, "conflicts"), _("the table %s has faults"), conflicts);
  if (assign->table && assign->table->has_grace)
    fault(reading, yaml_get(map, "table"),
          _("assignments have no grace: the table must not have a column of it"));
}

// Whoever writes these believes that they do something.
static void refuse_others(Reading *reading, const YamlNode *root)
{
  static const struct {
    const char *key, *instead;
  } others[] = {{"before", N_("write “ahead” under “assignments”")},
                {"memberships", N_("assignments are in no groups")},
                {"members", N_("assignments have no members")}};
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
    if (yaml_get(root, others[i].key))
      fault(reading, yaml_get(root, others[i].key), "%s", _(others[i].instead));
  const YamlNode *lifecycle = yaml_get(root, "lifecycle");
  if (yaml_get(lifecycle, "left"))
    fault(reading, yaml_get(lifecycle, "left"),
          _("whoever leaves has no posts any more: write “ended”, which speaks of assignments that "
            "are over, whyever"));
  for (LifeKind kind = 0; kind < N_LIVES; kind++)
    if (reading->rules->lives[kind].move)
      fault(reading, lifecycle, _("assignments stay where they are: “move” is not for them"));
}

static bool uses(const Library *library, const Template *template, const char *prefix)
{
  for (unsigned i = 0; template && i < template->n_slots; i++) {
    uint16_t name = template->slots[i].name;
    if (name != SLOT_TEXT && g_str_has_prefix(library->names->pdata[name], prefix))
      return true;
  }
  return false;
}

bool klass_rule_uses(const Library *library, const Rule *rule, const char *prefix)
{
  bool found = false;
  for (unsigned i = 0; i < rule->n_values; i++)
    found |= uses(library, rule->values[i], prefix);
  return found;
}

static const char *name_of(const Library *library, const Slot *slot)
{
  return slot->name == SLOT_TEXT ? "" : library->names->pdata[slot->name];
}

// The key must not change on the last day; and an end that is taken back must go from the target, too.
static void check_until(Reading *reading, const Template *template, bool is_key)
{
  const Library *library = reading->library;
  for (unsigned i = 0; template && i < template->n_slots; i++) {
    const Slot *slot = &template->slots[i];
    bool has_default = false;
    if (strcmp(name_of(library, slot), "assignment.until") != 0)
      continue;
    for (unsigned k = 0; k < slot->n_calls; k++)
      has_default |= strcmp(slot->calls[k].filter->name, "default") == 0;
    Finding finding = {.level = FINDING_ERROR,
                       .code = "mapping-assignments",
                       .file = template->spot.file,
                       .line = template->spot.line,
                       .column = template->spot.column};
    if (is_key)
      findings_add(library->findings, &finding,
                   _("the key cannot hold the last day: it becomes known later"));
    else if (!has_default)
      findings_add(library->findings, &finding,
                   _("write what stands for no end, as in ${assignment.until|default:''}: else an "
                     "end that was taken back would stay"));
  }
}

static void check_templates(Reading *reading)
{
  const Rules *rules = reading->rules;
  check_until(reading, rules->key, true);
  check_until(reading, rules->name, true);
  for (unsigned i = 0; i < rules->n_rules; i++)
    for (unsigned v = 0; v < rules->rules[i].n_values; v++)
      check_until(reading, rules->rules[i].values[v], false);
}

// What is given must be able to end: by a date, by a switch, or by going.
static void check_end(Reading *reading, const YamlNode *node)
{
  const Rules *rules = reading->rules;
  const Life *ended = &rules->lives[LIFE_ENDED];
  bool ends = ended->disable || ended->delete_after == 0;
  for (unsigned i = 0; i < rules->n_rules && !ends; i++)
    ends = klass_rule_uses(reading->library, &rules->rules[i], "assignment.until");
  if (!ends)
    fault(reading, node,
          _("nothing ends these assignments: an attribute has to speak of “assignment.until”, or "
            "“lifecycle: ended” to delete or to disable"));
}

// What is there ahead must say from when it counts: else it counts at once.
static void check_ahead(Reading *reading, const YamlNode *map)
{
  const Rules *rules = reading->rules;
  bool says = rules->assign->ahead_days == 0 ||
              uses(reading->library, rules->key, "assignment.from") ||
              uses(reading->library, rules->name, "assignment.from");
  for (unsigned i = 0; i < rules->n_rules && !says; i++)
    says = klass_rule_uses(reading->library, &rules->rules[i], "assignment.from");
  if (!says)
    fault(reading, yaml_get(map, "ahead"),
          _("nothing tells the target when these assignments begin: whatever is there ahead would "
            "count at once. An attribute has to speak of “assignment.from”, or “ahead” goes"));
}

void klass_read_assign(Reading *reading, const YamlNode *root)
{
  static const char *const keys[] = {"table", "ahead", "exceptions", "conflicts", NULL};
  const YamlNode *map = yaml_get(root, "assignments");
  bool is_meant = reading->rules->klass.subject == FOR_ASSIGNMENT;
  if (!is_meant && map)
    fault(reading, map, _("“assignments” goes with “for: assignment”"));
  if (!is_meant)
    return;
  if (yaml_kind(map) != YAML_MAP) {
    fault(reading, map ? map : root,
          _("“assignments” says what gives them, as in assignments: {table: tables/roles.csv}"));
    return;
  }
  Assign *assign = library_alloc(reading->library, sizeof *assign);
  assign->spot = mapping_spot(reading, map);
  yaml_check_keys(reading->yaml, map, keys, reading->library->findings);
  yaml_read_days(reading->yaml, map, "ahead", reading->library->findings, &assign->ahead_days);
  read_tables(reading, map, assign);
  reading->rules->assign = assign;
  refuse_others(reading, root);
  check_end(reading, map);
  check_ahead(reading, map);
  check_templates(reading);
}
