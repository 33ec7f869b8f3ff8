// SPDX-License-Identifier: GPL-3.0-or-later
//
// One template with fields given by name: what `idou eval` shows.
#include "mapping_p.h"

#include <string.h>

typedef struct Given {
  const Library *library;
  const EvalField *fields;
  size_t n_fields;
  GString *family, *given, *spelled;
  GString *problem;  // the evaluator's
} Given;

// Fields that are parts of others, as they are when deriving.
typedef struct Part {
  const char *name, *of;
  bool is_given;
} Part;

static const char *field(const Given *given, const char *name)
{
  for (size_t i = 0; i < given->n_fields; i++)
    if (strcmp(given->fields[i].name, name) == 0)
      return given->fields[i].value;
  return NULL;
}

// As passports spell it; what names.yaml says of schemes and exceptions is not read here.
static const char *spelled(Given *given, const char *wanted)
{
  static const Spelling usual = {ROMAJI_PASSPORT, NULL};
  bool is_given = strcmp(wanted, "given_romaji") == 0;
  if (!is_given && strcmp(wanted, "family_romaji") != 0)
    return NULL;
  const char *kana = field(given, "kana");
  g_string_truncate(given->family, 0);
  g_string_truncate(given->given, 0);
  g_string_truncate(given->spelled, 0);
  if (kana)
    person_name_parts(kana, given->family, given->given);
  Got got =
      spell_part(&usual, field(given, "romaji"), is_given ? given->given->str : given->family->str,
                 is_given, given->spelled, given->problem);
  return got == GOT_TEXT ? given->spelled->str : NULL;
}

static const char *get(void *scope, uint16_t name)
{
  static const Part parts[] = {
      {"family", "name", false},
      {"given", "name", true},
      {"family_kana", "kana", false},
      {"given_kana", "kana", true},
  };
  Given *given = scope;
  const char *wanted = given->library->names->pdata[name];
  const char *value = field(given, wanted);
  for (size_t i = 0; i < G_N_ELEMENTS(parts) && !value; i++) {
    const char *whole = field(given, parts[i].of);
    if (strcmp(parts[i].name, wanted) != 0 || !whole)
      continue;
    g_string_truncate(given->family, 0);
    g_string_truncate(given->given, 0);
    person_name_parts(whole, given->family, given->given);
    value = parts[i].is_given ? given->given->str : given->family->str;
  }
  return value ? value : spelled(given, wanted);
}

static bool fail(const Findings *findings, GError **error)
{
  const Finding *finding = findings_at(findings, 0);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT ": %s",
              finding->line, finding->column, finding->text);
  return false;
}

bool mapping_eval(const char *template_text, const EvalField *fields, size_t n_fields,
                  const char *tables_folder, GString *out, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Library) library = library_new(tables_folder, findings);
  Spot spot = {.line = 1, .column = 1};
  const Template *template = template_parse(library, template_text, &spot);
  if (!template || findings_count_level(findings, FINDING_ERROR))
    return fail(findings, error);
  g_autoptr(GString) family = g_string_new(NULL);
  g_autoptr(GString) given_name = g_string_new(NULL);
  g_autoptr(GString) letters = g_string_new(NULL);
  Given given = {library, fields, n_fields, family, given_name, letters, NULL};
  Evaluator evaluator;
  evaluator_init(&evaluator, library, get, &given);
  given.problem = evaluator.problem;
  size_t before = out->len;
  Got got = template_eval(template, &evaluator, out);
  if (got != GOT_TEXT)
    g_string_truncate(out, before);
  if (got == GOT_FAULT)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", evaluator.problem->str);
  evaluator_clear(&evaluator);
  return got != GOT_FAULT;
}
