// SPDX-License-Identifier: GPL-3.0-or-later
//
// `people` of an attribute of units: {value: "…", grace: {after: 14d}, only: grace, when: {…}}.
#include "mapping_p.h"

#include <string.h>

static void read_only(Reading *reading, const YamlNode *map, People *people)
{
  const char *word = NULL;
  if (!yaml_read_text(reading->yaml, map, "only", reading->library->findings, &word))
    return;
  people->only_grace = strcmp(word, "grace") == 0;
  if (!people->only_grace)
    yaml_fault(reading->yaml, yaml_get(map, "only"), reading->library->findings, "mapping-value",
               _("“only” is grace, for people whose post there has ended, not “%s”"), word);
  else if (!yaml_get(map, "grace"))
    yaml_fault(reading->yaml, yaml_get(map, "only"), reading->library->findings, "mapping-grace",
               _("“only: grace” needs a “grace”: without, it means nobody"));
}

void klass_read_people(Reading *reading, const YamlNode *map, Rule *rule)
{
  static const char *const keys[] = {"value", "grace", "only", "when", NULL};
  const YamlNode *node = yaml_get(map, "people");
  Findings *findings = reading->library->findings;
  if (!node)
    return;
  if (reading->rules->klass.subject != FOR_UNIT || yaml_kind(node) != YAML_MAP ||
      !yaml_get(node, "value")) {
    yaml_fault(reading->yaml, node, findings, "mapping-value",
               _("“people” stands in objects for units, and says what each of its people brings: "
                 "people: {value: \"…\", grace: {after: 14d}, only: grace}"));
    return;
  }
  yaml_check_keys(reading->yaml, node, keys, findings);
  People *people = library_alloc(reading->library, sizeof *people);
  people->value = klass_template(reading, yaml_get(node, "value"));
  Grant grant = {.spot = mapping_spot(reading, node)};
  grace_read(reading, node, &grant);
  people->grace = grant.grace;
  people->grace_days = grant.grace_days;
  read_only(reading, node, people);
  people->when = klass_read_wanted(reading, yaml_get(node, "when"), &people->n_when);
  rule->people = people->value ? people : NULL;
}
