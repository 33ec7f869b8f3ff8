// SPDX-License-Identifier: GPL-3.0-or-later
//
// Values that people bring into the entry of a unit: of each whose post there gives it, or whose grace does, one.
// They are gathered before the units are derived, since people come after those.
#include "derive_p.h"

#include <string.h>

typedef struct Visitor {
  const Rule *rule;
  const char *value;
  const char *number;  // employee number
  int64_t rows[2];     // what put them there, and where they are now; 0 = none
  Ground ground;
} Visitor;

static bool asks_people(const Derive *derive)
{
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = derive->lives[i].rules;
    for (unsigned k = 0; rules && k < rules->n_rules; k++)
      if (rules->rules[k].people)
        return true;
  }
  return false;
}

static void note_visitor(Derive *derive, const Visitor *visitor, const char *unit)
{
  GArray *visitors = g_hash_table_lookup(derive->visitors, unit);
  if (!visitors) {
    visitors = g_array_new(false, false, sizeof(Visitor));
    g_hash_table_insert(derive->visitors, g_strdup(unit), visitors);
  }
  g_array_append_vals(visitors, visitor, 1);
}

static bool is_meant(Derive *derive, const People *people)
{
  return people->n_when ? derive_fits(derive, people->when, people->n_when)
                        : derive->scope.person->state == STATE_ACTIVE;
}

static void visit(Derive *derive, const Rule *rule, const Post *post)
{
  const People *people = rule->people;
  Ground ground = grace_ground(derive, post, grace_ended(derive, post), &people->grace);
  bool counts = ground.kind != GROUND_NONE && !(people->only_grace && ground.kind == GROUND_POST);
  if (!counts || !is_meant(derive, people))
    return;
  const char *text;
  Got got = derive_text(derive, people->value, &text);
  if (got == GOT_FAULT)
    derive_fault(derive, &people->value->spot, "value-missing", rule->attribute);
  if (got != GOT_TEXT || !*text)
    return;
  const Post *now = scope_main_post(derive, derive->scope.person);
  Visitor visitor = {.rule = rule,
                     .value = g_string_chunk_insert_const(derive->texts, text),
                     .number =
                         g_string_chunk_insert_const(derive->texts, derive->scope.person->number),
                     .rows = {post->row, now ? now->row : 0},
                     .ground = ground};
  note_visitor(derive, &visitor, post->unit);
}

static void visit_all(Derive *derive, const Person *person)
{
  arena_reset(&derive->arena);
  scope_person(&derive->scope, person);
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = derive->lives[i].rules;
    for (unsigned k = 0; rules && k < rules->n_rules; k++)
      for (size_t p = 0; rules->rules[k].people && p < person->n_posts; p++) {
        derive->scope.post = derive->scope.focus = &person->posts[p];
        visit(derive, &rules->rules[k], &person->posts[p]);
      }
  }
  derive->scope.post = NULL;
}

bool derive_visit(Derive *derive, GError **error)
{
  if (!asks_people(derive))
    return true;
  GError *fault = NULL;
  const Person *person;
  roster_rewind(derive->setup.roster);
  while (roster_next(derive->setup.roster, &person, &fault))
    visit_all(derive, person);
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

static const GArray *visitors_here(const Derive *derive)
{
  const UnitNode *node = derive->scope.unit;
  return node ? g_hash_table_lookup(derive->visitors, node->unit->code) : NULL;
}

unsigned derive_n_visitors(const Derive *derive)
{
  const GArray *visitors = visitors_here(derive);
  return visitors ? visitors->len : 0;
}

// "grace until 2027-04-14 (000310)"
static void explain(Derive *derive, const Visitor *visitor)
{
  GString *reason = derive->trace->why->reason;
  for (unsigned i = 0; i < G_N_ELEMENTS(visitor->rows); i++)
    if (visitor->rows[i])
      g_array_append_val(derive->scope.rows, visitor->rows[i]);
  if (visitor->ground.kind == GROUND_POST)
    return;
  if (reason->len)
    g_string_append(reason, ", ");
  grace_reason(&visitor->ground, reason);
  g_string_append_printf(reason, " (%s)", visitor->number);
}

void derive_visitors(Derive *derive, const Rule *rule, VisitorFunc func, void *data)
{
  const GArray *visitors = visitors_here(derive);
  for (unsigned i = 0; visitors && i < visitors->len; i++) {
    const Visitor *visitor = &g_array_index(visitors, Visitor, i);
    if (visitor->rule != rule)
      continue;
    func(visitor->value, data);
    if (derive->scope.rows && derive->trace)
      explain(derive, visitor);
  }
}
