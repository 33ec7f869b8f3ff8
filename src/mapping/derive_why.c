// SPDX-License-Identifier: GPL-3.0-or-later
//
// Why a value or an edge is as it is: the subject is derived once more, writing nothing, while those
// who read a field or follow a rule note which.
#include "derive_p.h"

#include <string.h>

void why_init(Why *why)
{
  why->rule = g_string_new(NULL);
  why->reason = g_string_new(NULL);
  why->rows = g_array_new(false, false, sizeof(int64_t));
  why->ahead = false;
}

void why_clear(Why *why)
{
  g_string_free(why->rule, true);
  g_string_free(why->reason, true);
  g_array_unref(why->rows);
  *why = (Why){0};
}

bool derive_why_asks(const Derive *derive, const char *attribute)
{
  const Trace *trace = derive->trace;
  return trace && trace->attr && g_ascii_strcasecmp(trace->attr, attribute) == 0;
}

static bool is_told(const GString *rules, const char *rule)
{
  g_auto(GStrv) told = g_strsplit(rules->str, ", ", -1);
  return g_strv_contains((const char *const *)told, rule);
}

void derive_why_spot(Derive *derive, const char *file, int line)
{
  GString *rules = derive->trace->why->rule;
  g_autofree char *rule = g_strdup_printf("%s:%d", file, line);
  derive->trace->found = true;
  if (is_told(rules, rule))
    return;
  if (rules->len)
    g_string_append(rules, ", ");
  g_string_append(rules, rule);
}

static int by_row(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static void join_rows(GArray *rows)
{
  g_array_sort(rows, by_row);
  unsigned n_left = 0;
  for (unsigned i = 0; i < rows->len; i++)
    if (i == 0 || g_array_index(rows, int64_t, i) != g_array_index(rows, int64_t, n_left - 1))
      g_array_index(rows, int64_t, n_left++) = g_array_index(rows, int64_t, i);
  g_array_set_size(rows, n_left);
}

static Live *live_of(Derive *derive, const Entry *entry)
{
  for (size_t i = 0; i < derive->n_lives && entry->klass != KLASS_CONTAINER; i++)
    if (derive->lives[i].rules && derive->lives[i].klass == entry->klass)
      return &derive->lives[i];
  return NULL;
}

// An attribute without a rule of its own may still come from `key` or `name`.
static void ask_frame(Derive *derive, const Rules *rules)
{
  const Template *templates[] = {rules->key, rules->name};
  const char *const attributes[] = {rules->klass.key_attribute, rules->name_type};
  for (unsigned i = 0; i < G_N_ELEMENTS(templates) && !derive->trace->found; i++) {
    const char *text;
    if (!derive_why_asks(derive, attributes[i]))
      continue;
    derive->scope.rows = derive->trace->why->rows;
    derive_text(derive, templates[i], &text);
    derive->scope.rows = NULL;
    derive_why_spot(derive, rules->klass.file, templates[i]->spot.line);
  }
}

// Posts are found through nothing but their person, whom a table does not know: so all are asked, once.
static bool read_post_people(Derive *derive, GError **error)
{
  const Person *person;
  GError *fault = NULL;
  derive->post_people = g_hash_table_new(NULL, NULL);
  roster_rewind(derive->setup.roster);
  while (roster_next(derive->setup.roster, &person, &fault))
    for (size_t i = 0; i < person->n_posts; i++)
      g_hash_table_insert(derive->post_people, GUINT_TO_POINTER(person->posts[i].id),
                          GUINT_TO_POINTER(person->id));
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static bool ask_post(Derive *derive, uint32_t post, GError **error)
{
  if (!derive->post_people && !read_post_people(derive, error))
    return false;
  uint32_t person =
      GPOINTER_TO_UINT(g_hash_table_lookup(derive->post_people, GUINT_TO_POINTER(post)));
  return person == 0 || derive_person(derive, person, error);
}

// Whoever is known no more has nothing but what is withdrawn.
static bool ask_person(Derive *derive, uint32_t person, GError **error)
{
  GError *fault = NULL;
  if (derive_person(derive, person, &fault) || !fault)
    return true;
  g_propagate_error(error, fault);
  return false;
}

static bool ask(Derive *derive, const Entry *entry, GError **error)
{
  Live *live = live_of(derive, entry);
  if (!live)
    return true;
  derive->trace->live = live;
  switch (live->rules->klass.subject) {
  case FOR_UNIT:
    derive_unit_again(derive, live, entry->subject);
    break;
  case FOR_GROUP:
    derive_group_again(derive, live, entry_key(entry));
    break;
  case FOR_POST:
    return ask_post(derive, entry->subject, error);
  case FOR_PERSON:
  case FOR_ASSIGNMENT:
    if (!ask_person(derive, entry->subject, error))
      return false;
    break;
  }
  // What nothing gives any more comes from there all the same.
  if (live->rules->assign && !derive->trace->found)
    derive_why_spot(derive, live->rules->klass.file, live->rules->assign->spot.line);
  else if (derive->trace->attr && !live->rules->assign)
    ask_frame(derive, live->rules);
  return true;
}

static bool run(Derive *derive, Trace *trace, const Entry *entry, GError **error)
{
  derive->trace = trace;
  bool fine = ask(derive, entry, error);
  derive->trace = NULL;
  join_rows(trace->why->rows);
  if (fine && !trace->found)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no rule explains this"));
  return fine && trace->found;
}

bool derive_why(Derive *derive, uint32_t entry, const char *attr, Why *why, GError **error)
{
  Trace trace = {.why = why, .entry = entry, .attr = attr, .group = ENTRY_NONE};
  return run(derive, &trace, table_at(derive->setup.table, entry), error);
}

bool derive_why_edge(Derive *derive, uint32_t group, uint32_t member, Why *why, GError **error)
{
  Trace trace = {.why = why, .entry = member, .group = group};
  return run(derive, &trace, table_at(derive->setup.table, member), error);
}
