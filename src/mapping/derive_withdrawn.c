// SPDX-License-Identifier: GPL-3.0-or-later
//
// Assignments that were given and that nothing gives any more, of which no post tells a last day: a row was taken
// out of a table, an order was corrected. What we made is known by its binding; it ends with the day before.
#include "derive_p.h"

#include <string.h>

#define WITHDRAWN "no rule gives it any more"

typedef struct Withdrawing {
  Derive *derive;
  Live *live;
  GPtrArray *objects;  // of the class, that nobody has any more
} Withdrawing;

// "role/17/KEY"; false when the object is none of the class's.
static bool split_object(const Live *live, const char *object, uint32_t *person, const char **key)
{
  const char *name = live->rules->klass.name;
  size_t n = strlen(name);
  if (strncmp(object, name, n) != 0 || object[n] != '/')
    return false;
  const char *slash = strchr(object + n + 1, '/');
  guint64 id = 0;
  g_autofree char *digits =
      slash ? g_strndup(object + n + 1, (gsize)(slash - object) - n - 1) : NULL;
  if (!slash || !g_ascii_string_to_unsigned(digits, 10, 1, UINT32_MAX, &id, NULL))
    return false;
  *person = (uint32_t)id;
  *key = slash + 1;
  return true;
}

static bool note_object(const char *object, const char *stable_id, void *data)
{
  (void)stable_id;
  const Withdrawing *withdrawing = data;
  uint32_t person;
  const char *key;
  if (split_object(withdrawing->live, object, &person, &key) &&
      derive_entry_by_key(withdrawing->live, key) == ENTRY_NONE &&
      !g_hash_table_contains(withdrawing->derive->doubtful, GUINT_TO_POINTER(person)))
    g_ptr_array_add(withdrawing->objects, g_strdup(object));
  return true;
}

// ---------------------------------------------------------------------------------------------
// How it ends.

static bool end_text(Derive *derive, const Rule *rule, const char *day, Value *out)
{
  const Assignment nothing = {.last_day = day}, *before = derive->scope.assignment;
  const char *text;
  derive->scope.assignment = &nothing;
  Got got = derive_text(derive, rule->values[0], &text);
  derive->scope.assignment = before;
  if (got != GOT_TEXT || !*text)
    return false;
  text = arena_text(&derive->arena, text, strlen(text));
  *out = (Value){.kind = VALUE_TEXT, .n_bytes = (uint32_t)strlen(text), .bytes = text};
  return true;
}

static void add_end(Derive *derive, const Rule *rule, AttrId attr, const char *day)
{
  Value *values = arena_alloc(&derive->arena, 2 * sizeof *values);
  if (!end_text(derive, rule, day, &values[0]))
    return;
  bool has_never = end_text(derive, rule, NULL, &values[1]);
  Attribute attribute = {attr, POLICY_END, has_never ? 2 : 1, values};
  g_array_append_val(derive->attributes, attribute);
}

void derive_fill_ends(Derive *derive, const Live *live, const char *day, EntryDraft *draft)
{
  const Rules *rules = live->rules;
  g_array_set_size(derive->attributes, 0);
  for (unsigned i = 0; i < rules->n_rules; i++)
    if (rules->rules[i].kind == RULE_TEXT && rules->rules[i].n_values == 1 &&
        klass_rule_uses(derive->mapping->library, &rules->rules[i], "assignment.until"))
      add_end(derive, &rules->rules[i], live->attrs[i], day);
  draft->attributes = (const Attribute *)(const void *)derive->attributes->data;
  draft->n_attributes = derive->attributes->len;
}

// The first day, where the key holds it as it is: "yamada/税照会/2027-04-12".
static Date first_day_in(const Derive *derive, const Template *template, const char *key)
{
  static const char form[] = "0000-00-00";
  Date day = DATE_NONE;
  bool holds = false;
  for (unsigned i = 0; i < template->n_slots; i++) {
    const Slot *slot = &template->slots[i];
    holds |= slot->name != SLOT_TEXT && slot->n_calls == 0 &&
             strcmp(derive->mapping->library->names->pdata[slot->name], "assignment.from") == 0;
  }
  for (size_t n = strlen(key), i = n; holds && i >= strlen(form) && day == DATE_NONE; i--) {
    char text[sizeof form];
    g_strlcpy(text, key + i - strlen(form), sizeof text);
    if (!date_parse_iso(text, &day))
      day = DATE_NONE;
  }
  return day;
}

// Of whom nothing is known any more, since the order that hired them was cancelled: what was given ends all the same.
static const Person *nobody(Derive *derive, uint32_t id)
{
  size_t n_bytes = store_n_fields(derive->store) * sizeof(const char *);
  const char **fields = arena_alloc(&derive->arena, n_bytes);
  Person *person = arena_alloc(&derive->arena, sizeof *person);
  memset(fields, 0, n_bytes);
  *person = (Person){
      .id = id, .state_since = DATE_NONE, .hired = DATE_NONE, .number = "", .fields = fields};
  return person;
}

// On which day it was closed the target knows. But nothing outlives its person: what refers to them would keep them.
static bool is_gone(const Derive *derive, const Life *life, const Person *person)
{
  bool left = person->state == STATE_LEFT && person->state_since != DATE_NONE;
  return life->delete_after == 0 || (left && life->delete_after > 0 &&
                                     derive->today >= person->state_since + life->delete_after);
}

static bool withdraw(Derive *derive, Live *live, const char *object, const char *reason,
                     GError **error)
{
  const Life *life = &live->rules->lives[LIFE_ENDED];
  const Person *person;
  const char *key = NULL;
  GError *fault = NULL;
  uint32_t id = 0;
  split_object(live, object, &id, &key);
  arena_reset(&derive->arena);
  if (!roster_person(derive->setup.roster, id, &person, &fault)) {
    if (fault) {
      g_propagate_error(error, fault);
      return false;
    }
    person = nobody(derive, id);
  }
  scope_person(&derive->scope, person);
  EntryDraft draft = {.subject = id, .klass = live->klass, .key = key};
  derive_strip(derive, &draft, reason);
  // What never began leaves nothing to be closed.
  bool begun = first_day_in(derive, live->rules->key, key) < derive->today;
  draft.presence = is_gone(derive, life, person) || !begun ? PRESENCE_ABSENT : PRESENCE_CLOSED;
  draft.enabled = life->disable ? ENABLED_NO : ENABLED_UNMANAGED;
  g_autoptr(GString) yesterday = g_string_new(NULL);
  date_format(derive->today - 1, yesterday);
  derive_fill_ends(derive, live, yesterday->str, &draft);
  derive_emit(derive, live, &draft);
  return true;
}

static bool withdraw_all(Derive *derive, Live *live, GError **error)
{
  g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
  Withdrawing withdrawing = {derive, live, objects};
  if (!store_bindings_each(derive->store, derive->setup.target, note_object, &withdrawing, error))
    return false;
  for (unsigned i = 0; i < objects->len; i++)
    if (!withdraw(derive, live, objects->pdata[i], WITHDRAWN, error))
      return false;
  return true;
}

bool derive_withdrawn(Derive *derive, GError **error)
{
  for (size_t i = 0; i < derive->n_lives; i++)
    if (derive->lives[i].rules && derive->lives[i].rules->assign &&
        !withdraw_all(derive, &derive->lives[i], error))
      return false;
  return true;
}

bool derive_end(Derive *derive, uint32_t entry, const char *reason, GError **error)
{
  g_autoptr(GString) object = g_string_new(NULL);
  table_object(derive->setup.table, entry, object);
  for (size_t i = 0; i < derive->n_lives; i++)
    if (derive->lives[i].rules && derive->lives[i].rules->assign &&
        derive->lives[i].klass == table_at(derive->setup.table, entry)->klass)
      return withdraw(derive, &derive->lives[i], object->str, reason, error);
  return true;
}
