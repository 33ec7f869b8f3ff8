// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names that are given once: who lacks one, and what could be given.
#include "mapping_p.h"

#include <string.h>

static int find_rule(const Derive *derive, const char *kind)
{
  for (unsigned i = 0; i < derive->mapping->names->len; i++)
    if (strcmp(((const NameRule *)derive->mapping->names->pdata[i])->kind, kind) == 0)
      return (int)i;
  return -1;
}

// Those named since are taken off here, in one go: a first run names everybody.
const Unnamed *derive_unnamed(const Derive *derive, size_t *n)
{
  GArray *unnamed = derive->unnamed;
  unsigned n_left = 0;
  for (unsigned i = 0; i < unnamed->len; i++) {
    Unnamed at = g_array_index(unnamed, Unnamed, i);
    if (derive_given_name(derive, at.person, (unsigned)find_rule(derive, at.kind)))
      g_hash_table_remove(derive->unnamed_entries, GUINT_TO_POINTER(at.entry));
    else
      g_array_index(unnamed, Unnamed, n_left++) = at;
  }
  g_array_set_size(unnamed, n_left);
  *n = n_left;
  return (const Unnamed *)(const void *)unnamed->data;
}

// A name that begins or ends with a separator lacks a part, one with a space in it is two.
static bool is_fit(const char *name)
{
  static const char separators[] = "-._";
  size_t n_bytes = strlen(name);
  if (n_bytes == 0 || strchr(separators, name[0]) || strchr(separators, name[n_bytes - 1]))
    return false;
  for (const char *at = name; *at; at = g_utf8_next_char(at))
    if (g_unichar_isspace(g_utf8_get_char(at)))
      return false;
  return !text_has_control(name);
}

static void put_suffixed(const NameRule *rule, const char *base, int64_t suffix, GString *out)
{
  char digits[24];
  int n_digits = g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, suffix);
  g_string_append_len(out, base, (gssize)text_cut(base, (size_t)(rule->max_chars - n_digits)));
  g_string_append(out, digits);
}

static bool fail(Derive *derive, const NameRule *rule, GError **error)
{
  const char *problem = derive->evaluator.problem->str;
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s:%d: no %s can be made for %s: %s"),
              rule->spot.file, rule->spot.line, rule->kind, derive->scope.person->number,
              *problem ? problem : _("the templates give nothing that could be a name"));
  return false;
}

bool derive_candidate(Derive *derive, const Unnamed *unnamed, size_t i, GString *out,
                      GError **error)
{
  const NameRule *rule = derive->mapping->names->pdata[find_rule(derive, unnamed->kind)];
  const Person *person;
  if (!roster_person(derive->setup.roster, unnamed->person, &person, error))
    return false;
  arena_reset(&derive->arena);
  scope_person(&derive->scope, person);
  const char *first = NULL;
  size_t n_fit = 0;
  for (unsigned t = 0; t < rule->n_tries; t++) {
    const char *name;
    if (derive_text(derive, rule->tries[t], &name) != GOT_TEXT || !is_fit(name))
      continue;
    if (n_fit++ == i) {
      g_string_append_len(out, name, (gssize)text_cut(name, (size_t)rule->max_chars));
      return true;
    }
    first = first ? first : arena_text(&derive->arena, name, strlen(name));
  }
  if (!first)
    return fail(derive, rule, error);
  put_suffixed(rule, first, rule->first_suffix + (int64_t)(i - n_fit), out);
  return true;
}

bool derive_name(Derive *derive, const Unnamed *unnamed, const char *name, GError **error)
{
  int rule = find_rule(derive, unnamed->kind);
  g_hash_table_insert(derive->names[rule], GUINT_TO_POINTER(unnamed->person),
                      g_string_chunk_insert(derive->texts, name));
  return derive_person(derive, unnamed->person, error);
}
