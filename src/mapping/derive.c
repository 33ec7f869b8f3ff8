// SPDX-License-Identifier: GPL-3.0-or-later
//
// Deriving: opens what the rules need, and walks units, groups and people.
#include "derive_p.h"

#include <string.h>

static const char *get_name(void *scope, uint16_t name)
{
  return scope_get(scope, name);
}

// ---------------------------------------------------------------------------------------------
// Opening.

static void open_live(Derive *derive, Live *live, const Rules *rules)
{
  Table *table = derive->setup.table;
  Schema *schema = table_schema(table);
  const uint32_t none = ENTRY_NONE;
  live->rules = rules;
  live->klass = table_add_klass(table, rules->klass.name);
  if (rules->assign)
    table_share_subjects(table, live->klass);
  live->key = schema_attr(schema, rules->klass.key_attribute);
  live->attrs = g_new0(AttrId, rules->n_rules + 1);
  for (unsigned i = 0; i < rules->n_rules; i++) {
    live->attrs[i] = schema_attr(schema, rules->rules[i].attribute);
    live->key_has_rule |= live->attrs[i] == live->key;
  }
  live->by_subject = g_array_new(false, false, sizeof none);
  live->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  live->deciders = g_new0(Decider *, rules->n_grants + 1);
  for (unsigned i = 0; i < rules->n_grants; i++)
    if (rules->grants[i].table)
      live->deciders[i] = decider_new(rules->grants[i].table, derive);
  live->container = rules->container ? table_container(table, rules->container) : ENTRY_NONE;
  for (unsigned i = 0; i < N_LIVES; i++)
    live->moves[i] = rules->lives[i].move ? table_container(table, rules->lives[i].move) : none;
}

static void close_live(Live *live)
{
  if (!live->rules)
    return;
  for (unsigned i = 0; i < live->rules->n_grants; i++)
    decider_free(live->deciders[i]);
  g_free(live->deciders);
  g_free(live->attrs);
  g_array_unref(live->by_subject);
  g_hash_table_unref(live->by_key);
}

void derive_free(Derive *derive)
{
  if (!derive)
    return;
  derive_close_assign(derive);
  for (size_t i = 0; i < derive->n_lives; i++)
    close_live(&derive->lives[i]);
  g_free(derive->lives);
  for (unsigned i = 0; i < N_CONTEXTS; i++)
    g_free(derive->bindings[i]);
  derive_free_names(derive);
  scope_clear(&derive->scope);
  evaluator_clear(&derive->evaluator);
  arena_clear(&derive->arena);
  charset_free(derive->charset);
  g_string_free(derive->text, true);
  g_array_unref(derive->attributes);
  g_array_unref(derive->unnamed);
  g_array_unref(derive->hourly);
  g_hash_table_unref(derive->unnamed_entries);
  g_hash_table_unref(derive->done);
  g_hash_table_unref(derive->visitors);
  g_clear_pointer(&derive->post_people, g_hash_table_unref);
  g_hash_table_unref(derive->units);
  g_ptr_array_unref(derive->unit_nodes);
  g_string_chunk_free(derive->texts);
  g_free(derive);
}

static Derive *new_derive(const DeriveSetup *setup)
{
  Derive *derive = g_new0(Derive, 1);
  derive->setup = *setup;
  derive->mapping = setup->mapping;
  derive->store = roster_store(setup->roster);
  derive->today = roster_when(setup->roster)->as_of;
  derive->at = roster_when(setup->roster)->at;
  derive->text = g_string_sized_new(256);
  derive->attributes = g_array_new(false, false, sizeof(Attribute));
  derive->unnamed = g_array_new(false, false, sizeof(Unnamed));
  derive->hourly = g_array_new(false, false, sizeof(Hourly));
  derive->unnamed_entries = g_hash_table_new(NULL, NULL);
  derive->done = g_hash_table_new(NULL, NULL);
  derive->visitors =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
  derive->units = g_hash_table_new(g_str_hash, g_str_equal);
  derive->unit_nodes = g_ptr_array_new_with_free_func(g_free);
  derive->texts = g_string_chunk_new(16 * 1024);
  arena_init(&derive->arena);
  scope_init(&derive->scope, derive);
  evaluator_init(&derive->evaluator, derive->mapping->library, get_name, &derive->scope);
  return derive;
}

Derive *derive_open(const DeriveSetup *setup, GError **error)
{
  g_autoptr(Derive) derive = new_derive(setup);
  const Mapping *mapping = setup->mapping;
  derive->base = table_container(setup->table, "");
  derive->n_lives = mapping->klasses->len;
  derive->lives = g_new0(Live, derive->n_lives + 1);
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    if (strcmp(rules->klass.target, setup->target) == 0)
      open_live(derive, &derive->lives[i], rules);
  }
  // Nothing is outside utf8: that need not be looked for.
  if (setup->charset && strcmp(setup->charset, "utf8") != 0)
    derive->charset = charset_new(setup->charset);
  scope_bind(derive);
  mapping_titles(mapping, setup->roster);
  if (!derive_read_names(derive, error) || !derive_read_units(derive, error) ||
      !derive_open_assign(derive, error))
    return NULL;
  return g_steal_pointer(&derive);
}

uint16_t derive_klass(const Derive *derive, size_t i)
{
  return i < derive->n_lives ? derive->lives[i].klass : 0;
}

const Hourly *derive_hourly(const Derive *derive, size_t *n)
{
  *n = derive->hourly->len;
  return (const Hourly *)(const void *)derive->hourly->data;
}

// ---------------------------------------------------------------------------------------------
// What others of this stage ask.

const UnitNode *derive_unit(const Derive *derive, const char *code)
{
  return g_hash_table_lookup(derive->units, code);
}

uint32_t derive_entry(const Live *live, uint32_t subject)
{
  return subject < live->by_subject->len ? g_array_index(live->by_subject, uint32_t, subject)
                                         : ENTRY_NONE;
}

uint32_t derive_entry_by_key(const Live *live, const char *key)
{
  uint32_t found = GPOINTER_TO_UINT(g_hash_table_lookup(live->by_key, key));
  return found ? found - 1 : ENTRY_NONE;
}

static void note_entry(Live *live, const EntryDraft *draft, uint32_t entry)
{
  MappingFor subject = live->rules->klass.subject;
  if (subject == FOR_UNIT || subject == FOR_GROUP || subject == FOR_ASSIGNMENT)
    g_hash_table_insert(live->by_key, g_strdup(draft->key), GUINT_TO_POINTER(entry + 1));
  if (!draft->subject || subject == FOR_ASSIGNMENT)
    return;
  unsigned n_before = live->by_subject->len;
  if (draft->subject >= n_before) {
    g_array_set_size(live->by_subject, draft->subject + draft->subject / 2 + 64);
    memset(&g_array_index(live->by_subject, uint32_t, n_before), 0xff,
           (live->by_subject->len - n_before) * sizeof(uint32_t));
  }
  g_array_index(live->by_subject, uint32_t, draft->subject) = entry;
}

uint32_t derive_emit(Derive *derive, Live *live, const EntryDraft *draft)
{
  bool by_subject = draft->subject && !live->rules->assign;
  uint32_t entry =
      by_subject ? derive_entry(live, draft->subject) : derive_entry_by_key(live, draft->key);
  if (derive->trace)
    return entry;
  // Two people with one key are told apart, and told of, when the table is frozen.
  if (entry != ENTRY_NONE && table_at(derive->setup.table, entry)->subject == draft->subject) {
    table_replace(derive->setup.table, entry, draft);
    return entry;
  }
  entry = table_add(derive->setup.table, draft);
  note_entry(live, draft, entry);
  return entry;
}

void derive_fault(Derive *derive, const Spot *spot, const char *code, const char *field)
{
  const Scope *scope = &derive->scope;
  const char *own = derive->evaluator.code;
  derive->evaluator.code = NULL;  // the next fault may be of another kind
  if (derive->trace || derive->quiet)
    return;
  Finding finding = {.level = FINDING_ERROR,
                     .code = own ? own : code,
                     .file = spot->file,
                     .line = spot->line,
                     .column = spot->column,
                     .field = field,
                     .subject = scope->person ? scope->person->number
                                : scope->unit ? scope->unit->unit->code
                                              : scope->group};
  findings_add(derive->setup.findings, &finding, "%s", derive->evaluator.problem->str);
}

// ---------------------------------------------------------------------------------------------
// The walk.

bool derive_frame(Derive *derive, GError **error)
{
  if (!derive_visit(derive, error) || !derive_units(derive, error))
    return false;
  derive_groups(derive);
  return derive_heads(derive, error);
}

bool derive_all(Derive *derive, GError **error)
{
  if (!derive_frame(derive, error))
    return false;
  GError *fault = NULL;
  const Person *person;
  roster_rewind(derive->setup.roster);
  while (roster_next(derive->setup.roster, &person, &fault)) {
    if (g_hash_table_contains(derive->done, GUINT_TO_POINTER(person->id)))
      continue;
    if (!derive_one(derive, person, error))
      return false;
  }
  if (!fault)
    return derive_withdrawn(derive, error);
  g_propagate_error(error, fault);
  return false;
}

bool derive_person(Derive *derive, uint32_t person, GError **error)
{
  const Person *found;
  return roster_person(derive->setup.roster, person, &found, error) &&
         derive_one(derive, found, error);
}
