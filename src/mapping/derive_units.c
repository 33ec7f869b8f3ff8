// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units, and the groups that decision tables name.
#include "derive_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Units as templates see them.

// Deeper is a circle that the roster did not notice.
#define MAX_DEPTH 32

static void put_path(const Unit *unit, unsigned depth, GString *out)
{
  if (unit->parent && depth < MAX_DEPTH)
    put_path(unit->parent, depth + 1, out);
  if (out->len)
    g_string_append_c(out, '/');
  g_string_append(out, unit->name);
}

static void add_node(Derive *derive, const Unit *unit, bool ended)
{
  UnitNode *node = g_new0(UnitNode, 1);
  g_autoptr(GString) text = g_string_new(NULL);
  put_path(unit, 0, text);
  node->unit = unit;
  node->ended = ended;
  node->path = g_string_chunk_insert_len(derive->texts, text->str, (gssize)text->len);
  g_string_printf(text, "%d", unit->order);
  node->order = g_string_chunk_insert_len(derive->texts, text->str, (gssize)text->len);
  g_ptr_array_add(derive->unit_nodes, node);
  g_hash_table_insert(derive->units, (void *)unit->code, node);
}

static bool needs_heads(const Derive *derive)
{
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = derive->lives[i].rules;
    for (unsigned k = 0; rules && k < rules->n_rules; k++)
      if (rules->rules[k].ref.of_head)
        return true;
  }
  return false;
}

// Units that are there, below one that is not: HR has not said yet where they go.
void derive_occupy(Derive *derive)
{
  for (unsigned i = 0; i < derive->unit_nodes->len; i++) {
    const UnitNode *node = derive->unit_nodes->pdata[i];
    const Unit *above = node->ended ? NULL : node->unit->parent;
    for (; above; above = above->parent)
      derive_occupy_unit(derive, above);
  }
}

void derive_occupy_unit(Derive *derive, const Unit *unit)
{
  UnitNode *node = g_hash_table_lookup(derive->units, unit->code);
  if (node && node->ended)
    node->occupied = true;
}

bool derive_read_units(Derive *derive, GError **error)
{
  Roster *roster = derive->setup.roster;
  size_t n_units, n_ended;
  const Unit *const *units = roster_units(roster, &n_units);
  const Unit *const *ended = roster_units_ended(roster, &n_ended);
  // A code may have been used again: what is in force counts.
  for (size_t i = 0; i < n_ended; i++)
    add_node(derive, ended[i], true);
  for (size_t i = 0; i < n_units; i++)
    add_node(derive, units[i], false);
  derive_occupy(derive);
  if (!derive_left_behind(derive, error))
    return false;
  if (!needs_heads(derive))
    return true;
  for (unsigned i = 0; i < derive->unit_nodes->len; i++) {
    UnitNode *node = derive->unit_nodes->pdata[i];
    if ((!node->ended || node->occupied) &&
        !(roster_head(roster, node->unit->code, &node->head, error) &&
          roster_head_rows(roster, node->unit->code, node->head_rows, error)))
      return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Entries of units.

static const char *ended_reason(Derive *derive, const Unit *unit)
{
  g_string_assign(derive->text, "ended ");
  date_format(unit->end, derive->text);
  return arena_text(&derive->arena, derive->text->str, derive->text->len);
}

static void end_draft(Derive *derive, const Live *live, const Unit *unit, EntryDraft *draft)
{
  const Life *life = &live->rules->lives[LIFE_ENDED];
  derive_strip(derive, draft, ended_reason(derive, unit));
  if (life->given && life->delete_after >= 0 && derive->today >= unit->end + life->delete_after)
    draft->presence = PRESENCE_ABSENT;
  else if (life->given)  // not left alone: whoever is in it no more leaves it before it goes
    draft->enabled = ENABLED_YES;
}

static void trace_presence(Derive *derive, const Live *live, const UnitNode *node)
{
  if (!derive->trace || derive->trace->attr || derive->trace->group != ENTRY_NONE)
    return;
  const Rules *rules = live->rules;
  const Spot *spot =
      node->ended && rules->lives[LIFE_ENDED].given ? &rules->lives[LIFE_ENDED].spot : &rules->spot;
  derive_why_spot(derive, rules->klass.file, spot->line);
  int64_t row = node->ended && node->unit->end_row ? node->unit->end_row : node->unit->row;
  if (row)
    g_array_append_val(derive->trace->why->rows, row);
}

// Groups in groups: that of a unit in that of the one above it.
static void join_groups(Derive *derive, const Live *live, uint32_t member)
{
  for (unsigned i = 0; i < live->rules->n_grants; i++) {
    const Grant *grant = &live->rules->grants[i];
    uint32_t group;
    Got got = derive_ref(derive, &grant->ref, &group);
    if (got == GOT_FAULT)
      derive_fault(derive, &grant->ref.spot, "group-missing", NULL);
    if (got != GOT_TEXT || group == ENTRY_NONE || group == member)
      continue;
    if (!derive->trace)
      table_add_edge(derive->setup.table, group, member);
    else if (derive->trace->group == group)
      derive_why_spot(derive, live->rules->klass.file, grant->spot.line);
  }
}

static void derive_unit_entry(Derive *derive, Live *live, const UnitNode *node)
{
  bool over = node->ended && !node->occupied;
  arena_reset(&derive->arena);
  scope_unit(&derive->scope, node);
  if (!over && !derive_wanted(derive, live->rules, NULL))
    return;
  EntryDraft draft = {.subject = node->unit->id,
                      .klass = live->klass,
                      .presence = PRESENCE_PRESENT,
                      .key = derive_key(derive, live)};
  if (!draft.key) {
    derive_fault(derive, &live->rules->key->spot, "key-missing", live->rules->klass.key_attribute);
    return;
  }
  trace_presence(derive, live, node);
  if (over)
    end_draft(derive, live, node->unit, &draft);
  else
    derive_fill(derive, live, &draft);
  if (node->ended && node->occupied)
    draft.reason = ended_reason(derive, node->unit);
  uint32_t entry = derive_emit(derive, live, &draft);
  if (!over && entry != ENTRY_NONE)
    join_groups(derive, live, entry);
}

// One whose code is another's by now: its entry is taken over by that one, unless somebody is in it still.
static bool lives_on(const UnitNode *node)
{
  return node->unit->code_taken && !node->occupied;
}

// Those that ended and stay first: others may be below them, or want their name.
static void derive_ended(Derive *derive, Live *live, bool occupied)
{
  size_t n;
  const Unit *const *ended = roster_units_ended(derive->setup.roster, &n);
  for (size_t i = 0; i < n; i++) {
    const UnitNode *node = derive_unit(derive, ended[i]->code);
    if (node->ended && node->occupied == occupied && !lives_on(node))
      derive_unit_entry(derive, live, node);
  }
}

static void derive_living(Derive *derive, Live *live)
{
  size_t n;
  const Unit *const *units = roster_units(derive->setup.roster, &n);
  for (size_t i = 0; i < n; i++)
    derive_unit_entry(derive, live, derive_unit(derive, units[i]->code));
}

bool derive_units(Derive *derive, GError **error)
{
  (void)error;
  for (size_t i = 0; i < derive->n_lives; i++) {
    Live *live = &derive->lives[i];
    if (!live->rules || live->rules->klass.subject != FOR_UNIT)
      continue;
    derive_ended(derive, live, true);
    derive_living(derive, live);
    derive_ended(derive, live, false);
  }
  return true;
}

void derive_unit_again(Derive *derive, Live *live, uint32_t unit)
{
  for (unsigned i = 0; i < derive->unit_nodes->len; i++) {
    const UnitNode *node = derive->unit_nodes->pdata[i];
    if (node->unit->id == unit)
      derive_unit_entry(derive, live, node);
  }
}

// ---------------------------------------------------------------------------------------------
// Groups.

static void trace_group(Derive *derive, const Live *live)
{
  if (derive->trace && !derive->trace->attr)
    derive_why_spot(derive, live->rules->klass.file, live->rules->spot.line);
}

void derive_group_again(Derive *derive, Live *live, const char *key)
{
  Scope before = derive->scope;
  scope_group(&derive->scope, key);
  EntryDraft draft = {.klass = live->klass, .presence = PRESENCE_PRESENT};
  draft.key = derive_key(derive, live);
  trace_group(derive, live);
  if (!draft.key)
    derive_fault(derive, &live->rules->key->spot, "key-missing", live->rules->klass.key_attribute);
  else
    derive_fill(derive, live, &draft);
  uint32_t entry = draft.key ? derive_emit(derive, live, &draft) : ENTRY_NONE;
  // Tables name a group by what is in them, which need not be its key.
  if (!derive->trace && entry != ENTRY_NONE && strcmp(draft.key, key) != 0)
    g_hash_table_insert(live->by_key, g_strdup(key), GUINT_TO_POINTER(entry + 1));
  derive->scope = before;
}

uint32_t derive_group(Derive *derive, Live *live, const char *key)
{
  uint32_t entry = derive_entry_by_key(live, key);
  if (entry != ENTRY_NONE || derive->trace)
    return entry;
  derive_group_again(derive, live, key);
  return derive_entry_by_key(live, key);
}

static void derive_results(Derive *derive, Live *live, const Template *const *results, unsigned n)
{
  for (unsigned i = 0; i < n; i++) {
    arena_reset(&derive->arena);
    if (template_is_literal(results[i]))
      derive_group(derive, live, results[i]->slots[0].literal);
  }
}

static void derive_table(Derive *derive, Live *live, const Decision *table)
{
  for (unsigned row = 0; row < table->n_choices; row++) {
    const Choice *choice = &table->choices[row];
    derive_results(derive, live, choice->results, choice->n_results);
    derive_results(derive, live, choice->grace, choice->n_grace);
  }
}

void derive_groups(Derive *derive)
{
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = derive->lives[i].rules;
    for (unsigned k = 0; rules && k < rules->n_grants; k++)
      if (rules->grants[k].table)
        derive_table(derive, &derive->lives[rules->grants[k].ref.klass], rules->grants[k].table);
  }
}
