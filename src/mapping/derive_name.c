// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names that are given once: who lacks one, and what could be given.
#include "derive_p.h"

#include <string.h>

#define SEPARATORS "-._"

// ---------------------------------------------------------------------------------------------
// What the registry holds.

static void add_former(Derive *derive, unsigned rule, uint32_t person, const char *name)
{
  void *key = GUINT_TO_POINTER(person);
  GPtrArray *former = g_hash_table_lookup(derive->formers[rule], key);
  if (!former) {
    former = g_ptr_array_new();
    g_hash_table_insert(derive->formers[rule], key, former);
  }
  g_ptr_array_add(former, (void *)name);
}

typedef struct Registry {
  Derive *derive;
  unsigned rule;
} Registry;

static bool note_name(const NameRow *row, void *data)
{
  const Registry *registry = data;
  Derive *derive = registry->derive;
  const NameRule *rule = derive->mapping->names->pdata[registry->rule];
  void *key = GUINT_TO_POINTER(row->subject);
  if (row->state == NAME_FORMER)
    add_former(derive, registry->rule, row->subject,
               g_string_chunk_insert(derive->texts, row->name));
  if (row->state != NAME_CURRENT)
    return true;
  g_hash_table_insert(derive->names[registry->rule], key,
                      g_string_chunk_insert(derive->texts, row->name));
  if (rule->n_renews)
    g_hash_table_insert(derive->bases[registry->rule], key,
                        g_string_chunk_insert(derive->texts, row->basis));
  return true;
}

static void release_former(void *former)
{
  g_ptr_array_unref(former);
}

bool derive_read_names(Derive *derive, GError **error)
{
  const GPtrArray *rules = derive->mapping->names;
  derive->names = g_new0(GHashTable *, rules->len + 1);
  derive->formers = g_new0(GHashTable *, rules->len + 1);
  derive->bases = g_new0(GHashTable *, rules->len + 1);
  for (unsigned i = 0; i < rules->len; i++) {
    Registry registry = {derive, i};
    derive->names[i] = g_hash_table_new(NULL, NULL);
    derive->formers[i] = g_hash_table_new_full(NULL, NULL, NULL, release_former);
    derive->bases[i] = g_hash_table_new(NULL, NULL);
    if (!store_names_each(derive->store, ((const NameRule *)rules->pdata[i])->kind, note_name,
                          &registry, error))
      return false;
  }
  return true;
}

void derive_free_names(Derive *derive)
{
  GHashTable **const all[] = {derive->names, derive->formers, derive->bases};
  for (unsigned k = 0; k < G_N_ELEMENTS(all); k++) {
    for (unsigned i = 0; all[k] && i < derive->mapping->names->len; i++)
      g_clear_pointer(&all[k][i], g_hash_table_unref);
    g_free(all[k]);
  }
}

const char *derive_given_name(const Derive *derive, uint32_t person, unsigned name_rule)
{
  const char *name = g_hash_table_lookup(derive->names[name_rule], GUINT_TO_POINTER(person));
  return name || !derive->probing ? name : "x";
}

const GPtrArray *derive_former_names(const Derive *derive, uint32_t person, unsigned name_rule)
{
  return g_hash_table_lookup(derive->formers[name_rule], GUINT_TO_POINTER(person));
}

// ---------------------------------------------------------------------------------------------
// Who lacks one.

static int find_rule(const Derive *derive, const char *kind)
{
  for (unsigned i = 0; i < derive->mapping->names->len; i++)
    if (strcmp(((const NameRule *)derive->mapping->names->pdata[i])->kind, kind) == 0)
      return (int)i;
  return -1;
}

bool derive_is_named(const Derive *derive, const Rules *rules, uint32_t person)
{
  for (unsigned i = 0; i < rules->n_uses; i++)
    if (!derive_given_name(derive, person, rules->uses[i]))
      return false;
  return true;
}

bool derive_key_waits(const Derive *derive, const Rules *rules, uint32_t person)
{
  for (unsigned i = 0; i < rules->n_uses; i++) {
    const NameRule *rule = derive->mapping->names->pdata[rules->uses[i]];
    if (rule->is_given && template_uses(rules->key, rule->name) &&
        !derive_given_name(derive, person, rules->uses[i]))
      return true;
  }
  return false;
}

// What a name that renews is made for: the values as keys, so that another spelling is no change.
static const char *basis_now(Derive *derive, const NameRule *rule)
{
  g_autoptr(GString) basis = g_string_new(NULL);
  for (unsigned i = 0; i < rule->n_renews; i++) {
    const char *value = scope_get(&derive->scope, rule->renews[i]);
    g_string_append(basis, i > 0 ? " " : "");
    if (value)
      text_key(value, basis);
  }
  return g_string_chunk_insert_const(derive->texts, basis->str);
}

void derive_note_unnamed(Derive *derive, const Rules *rules, uint32_t entry)
{
  uint32_t person = derive->scope.person->id;
  for (unsigned i = 0; i < rules->n_uses; i++) {
    unsigned k = rules->uses[i];
    const NameRule *rule = derive->mapping->names->pdata[k];
    Unnamed unnamed = {.person = person,
                       .entry = entry,
                       .kind = rule->kind,
                       .follows = rules->assign != NULL,
                       .former = derive_given_name(derive, person, k),
                       .basis = rule->n_renews ? basis_now(derive, rule) : ""};
    const char *basis =
        unnamed.former ? g_hash_table_lookup(derive->bases[k], GUINT_TO_POINTER(person)) : NULL;
    unnamed.unsaid = basis && !*basis;
    bool wanted = !unnamed.former || (basis && strcmp(basis, unnamed.basis) != 0);
    uintptr_t note = (uintptr_t)entry * derive->mapping->names->len + k;
    if (wanted && g_hash_table_add(derive->unnamed_entries, (void *)note))
      g_array_append_val(derive->unnamed, unnamed);
  }
}

void derive_wait_for_name(Derive *derive, Live *live, uint32_t subject)
{
  const Person *person = derive->scope.person;
  g_autofree char *key = subject == person->id
                             ? g_strdup_printf("(%s)", person->number)
                             : g_strdup_printf("(%s/%u)", person->number, subject);
  EntryDraft draft = {.subject = subject, .klass = live->klass, .key = key};
  derive_strip(derive, &draft, "unnamed");
  derive_note_unnamed(derive, live->rules, derive_emit(derive, live, &draft));
}

// Those named since are taken off here, in one go: a first run names everybody.
const Unnamed *derive_unnamed(const Derive *derive, size_t *n)
{
  GArray *unnamed = derive->unnamed;
  unsigned n_left = 0;
  for (unsigned i = 0; i < unnamed->len; i++) {
    Unnamed at = g_array_index(unnamed, Unnamed, i);
    unsigned rule = (unsigned)find_rule(derive, at.kind);
    const char *name = derive_given_name(derive, at.person, rule);
    if (name == at.former)
      g_array_index(unnamed, Unnamed, n_left++) = at;
    else
      g_hash_table_remove(derive->unnamed_entries,
                          (void *)((uintptr_t)at.entry * derive->mapping->names->len + rule));
  }
  g_array_set_size(unnamed, n_left);
  *n = n_left;
  return (const Unnamed *)(const void *)unnamed->data;
}

// ---------------------------------------------------------------------------------------------
// Candidates.

static bool is_space(const char *at)
{
  return g_unichar_isspace(g_utf8_get_char(at));
}

// A name that begins or ends with a separator lacks a part, one with a space in it is two.
static bool is_fit(const NameCase *how, const char *name)
{
  size_t n_bytes = strlen(name);
  if (n_bytes == 0 || strchr(SEPARATORS, name[0]) || strchr(SEPARATORS, name[n_bytes - 1]) ||
      is_space(name) || is_space(g_utf8_prev_char(name + n_bytes)))
    return false;
  for (const char *at = name; *at && !how->spaces; at = g_utf8_next_char(at))
    if (is_space(at))
      return false;
  return !text_has_control(name) && pattern_match(how->form, name, n_bytes) > 0;
}

// Cutting must not leave a separator at the end, either.
static void put_cut(const char *name, size_t n_chars, GString *out)
{
  size_t n_bytes = text_cut(name, n_chars);
  while (n_bytes > 1 && strchr(SEPARATORS, name[n_bytes - 1]))
    n_bytes--;
  g_string_append_len(out, name, (gssize)n_bytes);
}

static void put_suffixed(const NameCase *how, const char *base, int64_t suffix, GString *out)
{
  char digits[24];
  int n_digits = g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, suffix);
  put_cut(base, (size_t)(how->max_chars - n_digits), out);
  g_string_append(out, digits);
}

static const NameCase *find_case(Derive *derive, const NameRule *rule)
{
  for (unsigned i = 0; i < rule->n_cases; i++)
    if (derive_fits(derive, rule->cases[i].when, rule->cases[i].n_when))
      return &rule->cases[i];
  g_string_assign(derive->evaluator.problem,
                  _("no rule fits: write one without “when” behind the others"));
  return NULL;
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
  const NameCase *how = find_case(derive, rule);
  const char *first = NULL;
  size_t n_fit = 0;
  for (unsigned t = 0; how && t < how->n_tries; t++) {
    const char *name;
    if (derive_text(derive, how->tries[t], &name) != GOT_TEXT || !is_fit(how, name))
      continue;
    if (n_fit++ == i) {
      put_cut(name, (size_t)how->max_chars, out);
      return true;
    }
    first = first ? first : arena_text(&derive->arena, name, strlen(name));
  }
  if (!first)
    return fail(derive, rule, error);
  put_suffixed(how, first, how->first_suffix + (int64_t)(i - n_fit), out);
  return true;
}

bool derive_name(Derive *derive, const Unnamed *unnamed, const char *name, GError **error)
{
  unsigned rule = (unsigned)find_rule(derive, unnamed->kind);
  void *person = GUINT_TO_POINTER(unnamed->person);
  GPtrArray *former = g_hash_table_lookup(derive->formers[rule], person);
  guint i;
  // One of their own that comes back is no longer an earlier one.
  if (former && g_ptr_array_find_with_equal_func(former, name, g_str_equal, &i))
    g_ptr_array_remove_index(former, i);
  if (unnamed->former && strcmp(unnamed->former, name) != 0)
    add_former(derive, rule, unnamed->person, unnamed->former);
  g_hash_table_insert(derive->names[rule], person, g_string_chunk_insert(derive->texts, name));
  if (unnamed->former)
    g_hash_table_insert(derive->bases[rule], person,
                        g_string_chunk_insert(derive->texts, unnamed->basis));
  return derive_person(derive, unnamed->person, error);
}
