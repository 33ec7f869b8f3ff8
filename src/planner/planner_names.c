// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names that stand in the targets: whose they are, over all targets of a plan, and which are nobody's.
#include "planner/planner_p.h"

#include <string.h>

Names *names_new(size_t n_targets)
{
  Names *names = g_new0(Names, 1);
  names->texts = g_string_chunk_new(16 * 1024);
  names->taken = g_hash_table_new(g_str_hash, g_str_equal);
  names->borne = g_hash_table_new(g_str_hash, g_str_equal);
  names->proposed = g_hash_table_new(g_str_hash, g_str_equal);
  names->allocated = g_hash_table_new(g_str_hash, g_str_equal);
  names->read = g_new0(uint8_t, n_targets + 1);
  return names;
}

void names_free(Names *names)
{
  if (names == NULL)
    return;
  g_hash_table_unref(names->taken);
  g_hash_table_unref(names->borne);
  g_hash_table_unref(names->proposed);
  g_hash_table_unref(names->allocated);
  g_string_chunk_free(names->texts);
  g_free(names->read);
  g_free(names);
}

static char *taken_key(const char *kind, const char *name)
{
  GString *key = g_string_new(kind);
  g_string_append_c(key, ' ');
  text_key(name, key);
  return g_string_free(key, FALSE);
}

void names_take(Names *names, const char *kind, const char *name, uint32_t person)
{
  g_autofree char *key = taken_key(kind, name);
  uint32_t taker = GPOINTER_TO_UINT(g_hash_table_lookup(names->taken, key));
  if (taker == person)
    return;
  // Two bear it: whose it is cannot be told.
  g_hash_table_insert(names->taken, g_string_chunk_insert(names->texts, key),
                      GUINT_TO_POINTER(taker == 0 ? person : STORE_NAME_NOBODY));
}

uint32_t names_taker(const Names *names, const char *kind, const char *name)
{
  g_autofree char *key = taken_key(kind, name);
  return GPOINTER_TO_UINT(g_hash_table_lookup(names->taken, key));
}

const char *names_of(GHashTable *by_person, const char *kind, uint32_t person)
{
  g_autofree char *key = g_strdup_printf("%s %u", kind, person);
  return g_hash_table_lookup(by_person, key);
}

void names_put(Names *names, GHashTable *by_person, const char *kind, uint32_t person,
               const char *name)
{
  g_autofree char *key = g_strdup_printf("%s %u", kind, person);
  g_hash_table_insert(by_person, g_string_chunk_insert(names->texts, key),
                      g_string_chunk_insert(names->texts, name));
}

// ---------------------------------------------------------------------------------------------
// While a target is read.

const char *side_name_value(Side *side, const KlassName *name, Bytes value)
{
  const char *at = name->addresses ? NULL : memchr(value.at, '@', value.n);
  return side_text(side, (Bytes){at == NULL ? value.n : (size_t)(at - value.at), value.at});
}

// The person behind an entry; of posts it is not said, so that the name counts as somebody's.
static uint32_t person_of(const Side *side, const Klass *klass, uint32_t entry)
{
  bool known = entry != ENTRY_NONE && klass->subject == FOR_PERSON;
  uint32_t subject = known ? table_at(side->table, entry)->subject : 0;
  return subject == 0 ? STORE_NAME_NOBODY : subject;
}

static void take_name(Side *side, const KlassName *kind, const char *name, uint32_t person,
                      bool first)
{
  if (side->reads_names) {
    names_take(side->names, kind->kind, name, person);
    if (first && person != STORE_NAME_NOBODY)
      names_put(side->names, side->names->borne, kind->kind, person, name);
  }
}

void side_take_names(Side *side, const Klass *klass, const Observed *observed, uint32_t entry)
{
  if (!side->reads_names && entry != ENTRY_NONE)
    return;
  uint32_t person = person_of(side, klass, entry);
  for (size_t i = 0; i < klass->n_names; i++) {
    const KlassName *kind = &klass->names[i];
    for (size_t k = 0; kind->taken[k] != NULL; k++) {
      AttrId attr;
      const ObservedAttr *values = schema_find(side->schema, kind->taken[k], &attr)
                                       ? diff_observed_attr(observed, attr)
                                       : NULL;
      for (size_t v = 0; values != NULL && v < values->n_values; v++) {
        const char *name = side_name_value(side, kind, values->values[v]);
        take_name(side, kind, name, person, k == 0 && v == 0);
        if (entry == ENTRY_NONE)
          g_hash_table_add(side->seen, g_strdup_printf("%s %s", kind->kind, name));
      }
    }
  }
}

// ---------------------------------------------------------------------------------------------
// The other targets.

bool names_known_by(const PlannerSetup *setup, size_t target)
{
  for (size_t i = 0; i < setup->source->n_klasses; i++) {
    const Klass *klass = setup->source->klass(setup->source, i);
    if (strcmp(klass->target, setup->targets[target].config->name) == 0 && klass->n_names > 0)
      return true;
  }
  return false;
}

// It will be planned for later, or was before nobody asked for names: what comes of it there is told there.
static bool read_names_of(const Side *side, size_t target, GError **error)
{
  g_autoptr(Findings) untold = findings_new();
  g_autoptr(Plan) unused = plan_new(&(PlanHead){.as_of = side->setup->as_of});
  PlannerSetup setup = *side->setup;
  setup.findings = untold;
  Side other;
  side_init(&other, &setup, target, unused);
  other.names = side->names;
  if (other.target->reader == NULL) {
    side_clear(&other);
    g_set_error_literal(error, IDOU_ERROR, EXIT_UNREAD, setup.targets[target].unread);
    return false;
  }
  bool fine = side_learn(&other, error) && side_derive(&other, error);
  other.reads_names = true;
  if (fine) {
    side_place_containers(&other);
    fine = side_read(&other, false, error);
  }
  side_clear(&other);
  return fine;
}

bool side_read_names_elsewhere(Side *side, GError **error)
{
  const PlannerSetup *setup = side->setup;
  // Whoever looks at one person reads no target whole: what is proposed is then only likely.
  if (side->looked != NULL)
    return true;
  for (size_t i = 0; i < setup->n_targets; i++) {
    if (side->names->read[i] || !names_known_by(setup, i))
      continue;
    side->names->read[i] = 1;
    GError *fault = NULL;
    if (&setup->targets[i] == side->target || read_names_of(side, i, &fault))
      continue;
    if (!g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
      g_propagate_error(error, fault);
      return false;
    }
    // It is told when it is its turn to be planned for.
    side->names->unread = setup->targets[i].config->name;
    g_error_free(fault);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// What is remembered.

void side_note_seen(Side *side)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init(&iter, side->seen);
  while (g_hash_table_iter_next(&iter, &key, NULL)) {
    const char *name = strchr(key, ' ') + 1;
    g_autofree char *kind = g_strndup(key, (gsize)(name - 1 - (const char *)key));
    uint32_t taker = names_taker(side->names, kind, name);
    bool is_proposed = taker != 0 && taker != STORE_NAME_NOBODY;
    if (*name != '\0' && !is_proposed && store_name_owner(side->setup->store, kind, name) == 0)
      plan_add_seen(side->plan, side->section, &(PlanSeen){kind, name});
  }
}
