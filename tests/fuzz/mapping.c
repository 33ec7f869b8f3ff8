// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same bytes as a mapping file, as a decision table and as a template.
#include "mapping/mapping_p.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_mapping(Library *library, const char *text, size_t size)
{
  g_autoptr(Yaml) yaml = yaml_parse(text, size, "f.yaml", library->findings, NULL);
  const char *const *targets = yaml ? klass_targets(library, yaml) : NULL;
  for (; targets && *targets; targets++)
    klass_parse(library, yaml, *targets);
}

static void as_table(Library *library, const char *text, size_t size)
{
  Grid *grid = grid_parse(text, size, "f.csv", library->findings);
  if (!grid)
    return;
  g_hash_table_insert(library->sheets, g_strdup("f.csv"), grid);
  decision_parse(library, "f.csv");
}

// Every name means its own text; those that begin with x are missing.
static const char *get(void *scope, uint16_t name)
{
  const Library *library = scope;
  const char *text = library->names->pdata[name];
  return *text == 'x' ? NULL : text;
}

static void as_template(Library *library, const char *text, size_t size)
{
  size_t bad_at;
  if (size > 4096 || memchr(text, '\0', size) || !text_valid(text, size, &bad_at))
    return;
  g_autofree char *whole = g_strndup(text, size);
  const Template *template = template_parse(library, whole, &(Spot){"f", 1, 1});
  if (!template)
    return;
  Evaluator evaluator;
  evaluator_init(&evaluator, library, get, library);
  g_autoptr(GString) out = g_string_new(NULL);
  template_eval(template, &evaluator, out);
  evaluator_clear(&evaluator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Library) library = library_new(NULL, findings);
  as_mapping(library, (const char *)data, size);
  as_table(library, (const char *)data, size);
  as_template(library, (const char *)data, size);
  return 0;
}
