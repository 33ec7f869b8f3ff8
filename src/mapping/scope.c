// SPDX-License-Identifier: GPL-3.0-or-later
//
// What names in templates mean. The tables below are the only list of those that are no plain fields;
// docs/mapping.md repeats them.
#include "derive_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Fields.

static void note_row(Scope *scope, int64_t row)
{
  if (scope->rows && row)
    g_array_append_val(scope->rows, row);
}

static const char *get_missing(Scope *scope, unsigned arg)
{
  (void)scope, (void)arg;
  return NULL;
}

static const char *get_person_field(Scope *scope, unsigned field)
{
  note_row(scope, scope->person->rows[field]);
  return scope->person->fields[field];
}

static const char *field_of_post(Scope *scope, const Post *post, unsigned field)
{
  if (!post)
    return NULL;
  note_row(scope, post->rows[field]);
  return post->fields[field];
}

static const char *get_post_field(Scope *scope, unsigned field)
{
  return field_of_post(scope, scope->post, field);
}

static const char *field_of_unit(Scope *scope, const UnitNode *node, unsigned field)
{
  if (!node)
    return NULL;
  note_row(scope, node->unit->row);
  return node->unit->fields[field];
}

// ---------------------------------------------------------------------------------------------
// Units.

typedef enum UnitPart {
  UNIT_CODE,
  UNIT_NAME,
  UNIT_KANA,
  UNIT_PARENT,
  UNIT_PATH,
  UNIT_ORDER
} UnitPart;

static const char *part_of_unit(Scope *scope, const UnitNode *node, unsigned part)
{
  if (!node)
    return NULL;
  note_row(scope, node->unit->row);
  switch ((UnitPart)part) {
  case UNIT_CODE:
    return node->unit->code;
  case UNIT_NAME:
    return node->unit->name;
  case UNIT_KANA:
    return node->unit->kana;
  case UNIT_PARENT:
    return node->unit->parent ? node->unit->parent->code : "";
  case UNIT_PATH:
    return node->path;
  case UNIT_ORDER:
    return node->order;
  }
  return NULL;
}

// What put the person there, and what gave the unit another code since.
static void note_place(Scope *scope, const Post *post)
{
  note_row(scope, post->row);
  note_row(scope, post->relabel_row);
}

static const UnitNode *unit_of(Scope *scope, const Post *post)
{
  if (!post)
    return NULL;
  note_place(scope, post);
  return derive_unit(scope->derive, post->unit);
}

static const char *get_unit(Scope *scope, unsigned arg)
{
  (void)arg;
  if (!scope->focus)
    return NULL;
  note_place(scope, scope->focus);
  return scope->focus->unit;
}

static const char *get_post_unit(Scope *scope, unsigned arg)
{
  (void)arg;
  if (!scope->post)
    return NULL;
  note_place(scope, scope->post);
  return scope->post->unit;
}

static const char *get_unit_part(Scope *scope, unsigned part)
{
  return part_of_unit(scope, unit_of(scope, scope->focus), part);
}

static const char *get_post_unit_part(Scope *scope, unsigned part)
{
  return part_of_unit(scope, unit_of(scope, scope->post), part);
}

static const char *get_unit_field(Scope *scope, unsigned field)
{
  return field_of_unit(scope, unit_of(scope, scope->focus), field);
}

static const char *get_own_part(Scope *scope, unsigned part)
{
  return part_of_unit(scope, scope->unit, part);
}

static const char *get_own_field(Scope *scope, unsigned field)
{
  return field_of_unit(scope, scope->unit, field);
}

static const char *get_group(Scope *scope, unsigned arg)
{
  (void)arg;
  return scope->group;
}

// ---------------------------------------------------------------------------------------------
// Titles and posts.

static const char *title_name(Scope *scope, const Post *post)
{
  if (!post)
    return NULL;
  note_row(scope, post->rows[FIELD_TITLE]);
  const char *printed = post->fields[FIELD_TITLE_NAME];
  if (printed && *printed)
    return printed;
  const Title *title = roster_title(scope->derive->setup.roster, post->title);
  if (title)
    return title->name;
  return *post->title ? NULL : "";
}

static const char *get_title(Scope *scope, unsigned arg)
{
  (void)arg;
  if (!scope->focus)
    return NULL;
  note_row(scope, scope->focus->rows[FIELD_TITLE]);
  return scope->focus->title;
}

static const char *get_title_name(Scope *scope, unsigned arg)
{
  (void)arg;
  return title_name(scope, scope->focus);
}

static const char *get_post_title(Scope *scope, unsigned arg)
{
  (void)arg;
  if (!scope->post)
    return NULL;
  note_row(scope, scope->post->rows[FIELD_TITLE]);
  return scope->post->title;
}

static const char *get_post_title_name(Scope *scope, unsigned arg)
{
  (void)arg;
  return title_name(scope, scope->post);
}

static const char *get_post_role(Scope *scope, unsigned arg)
{
  (void)arg;
  if (!scope->post)
    return NULL;
  note_row(scope, scope->post->row);
  return scope->post->role;
}

// ---------------------------------------------------------------------------------------------
// Assignments.

static const char *get_assignment(Scope *scope, unsigned arg)
{
  (void)arg;
  return scope->assignment->name;
}

// What began it, and what ended it.
static const char *get_first_day(Scope *scope, unsigned arg)
{
  (void)arg;
  const Assignment *it = scope->assignment;
  const Post *post = it->n_pieces ? it->pieces[0].post : NULL;
  if (post)
    note_row(scope, post->row);
  return scope->assignment->first_day;
}

static const char *get_last_day(Scope *scope, unsigned arg)
{
  (void)arg;
  const Assignment *it = scope->assignment;
  const Post *post = it->n_pieces ? it->pieces[it->n_pieces - 1].post : NULL;
  if (post)
    note_row(scope, post->end_row);
  return it->last_day;
}

// ---------------------------------------------------------------------------------------------
// The person.

static const char *get_number(Scope *scope, unsigned arg)
{
  (void)arg;
  note_row(scope, scope->person->rows[FIELD_NUMBER]);
  return scope->person->number;
}

static const char *get_state(Scope *scope, unsigned arg)
{
  (void)arg;
  note_row(scope, scope->person->rows[FIELD_STATE]);
  return state_name(scope->person->state);
}

static const char *get_given_name(Scope *scope, unsigned name_rule)
{
  return derive_given_name(scope->derive, scope->person->id, name_rule);
}

static const char *get_each_name(Scope *scope, unsigned arg)
{
  (void)arg;
  return scope->a_name;
}

// The name with another family name in front, the space as HR wrote it.
static void put_renamed(const char *whole, const char *family, GString *out)
{
  const char *at = whole;
  while (*at && !g_unichar_isspace(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  g_string_append(out, family);
  g_string_append(out, at);
}

static void split(Scope *scope, const char *whole, const char *former, unsigned name,
                  unsigned family)
{
  GString *own = scope->parts[family], *given = scope->parts[family + 1];
  if (whole)
    person_name_parts(whole, own, given);
  if (whole && former) {
    // Some sources write 旧姓 with the given name behind it.
    g_string_truncate(own, 0);
    g_autoptr(GString) rest = g_string_new(NULL);
    person_name_parts(former, own, rest);
    put_renamed(whole, own->str, scope->parts[name]);
  } else if (whole) {
    g_string_append(scope->parts[name], whole);
  }
}

static void split_names(Scope *scope)
{
  const Person *person = scope->person;
  const char *use = person->fields[FIELD_USE_FORMER];
  const char *former = person->fields[FIELD_FORMER_NAME];
  bool is_used = use && strcmp(use, "1") == 0 && former && *former;
  const char *former_kana = is_used ? person->fields[FIELD_FORMER_KANA] : NULL;
  for (unsigned i = 0; i < N_PARTS; i++)
    g_string_truncate(scope->parts[i], 0);
  split(scope, person->fields[FIELD_NAME], is_used ? former : NULL, PART_NAME, PART_FAMILY);
  split(scope, person->fields[FIELD_KANA], former_kana && *former_kana ? former_kana : NULL,
        PART_KANA, PART_FAMILY_KANA);
  scope->is_split = true;
}

// Spelled anew each time: few ask, and each once. What cannot be spelled says why.
static const char *get_romaji(Scope *scope, unsigned part)
{
  const Person *person = scope->person;
  bool given = part == PART_GIVEN_ROMAJI;
  if (!scope->is_split)
    split_names(scope);
  note_row(scope, person->rows[FIELD_KANA]);
  note_row(scope, person->rows[FIELD_ROMAJI]);
  GString *out = scope->parts[part];
  g_string_truncate(out, 0);
  const char *kana = scope->parts[given ? PART_GIVEN_KANA : PART_FAMILY_KANA]->str;
  Got got = spell_part(&scope->derive->mapping->spelling, person->fields[FIELD_ROMAJI], kana, given,
                       out, scope->derive->evaluator.problem);
  return got == GOT_TEXT ? out->str : NULL;
}

static const char *get_rank(Scope *scope, unsigned part)
{
  const Post *post = part == PART_RANK ? scope->focus : scope->post;
  if (!post)
    return NULL;
  if (!scope->is_split)
    split_names(scope);
  note_place(scope, post);
  note_row(scope, post->rows[FIELD_TITLE]);
  g_string_truncate(scope->parts[part], 0);
  rank_put(scope->derive, scope->person, post, scope->parts[part]);
  return scope->parts[part]->str;
}

static const char *get_part(Scope *scope, unsigned part)
{
  bool is_kana = part == PART_KANA || part == PART_FAMILY_KANA || part == PART_GIVEN_KANA;
  FieldId whole = is_kana ? FIELD_KANA : FIELD_NAME;
  if (!scope->person->fields[whole])
    return NULL;
  if (!scope->is_split)
    split_names(scope);
  note_row(scope, scope->person->rows[whole]);
  if (scope->rows && !is_kana)
    note_row(scope, scope->person->rows[FIELD_FORMER_NAME]);
  return scope->parts[part]->str;
}

const char *scope_name(Scope *scope)
{
  const char *name = get_part(scope, PART_NAME);
  return name ? name : "";
}

// ---------------------------------------------------------------------------------------------
// The tables.

typedef struct Named {
  const char *name;
  GetFunc get;
  unsigned arg;
} Named;

static const Named person_names[] = {
    {"number", get_number, 0},
    {"state", get_state, 0},
    {"name", get_part, PART_NAME},
    {"kana", get_part, PART_KANA},
    {"family", get_part, PART_FAMILY},
    {"given", get_part, PART_GIVEN},
    {"family_kana", get_part, PART_FAMILY_KANA},
    {"given_kana", get_part, PART_GIVEN_KANA},
    {"family_romaji", get_romaji, PART_FAMILY_ROMAJI},
    {"given_romaji", get_romaji, PART_GIVEN_ROMAJI},
    {"legal_name", get_person_field, FIELD_NAME},
    {"legal_kana", get_person_field, FIELD_KANA},
    {"unit", get_unit, 0},
    {"unit.name", get_unit_part, UNIT_NAME},
    {"unit.kana", get_unit_part, UNIT_KANA},
    {"unit.parent", get_unit_part, UNIT_PARENT},
    {"unit.path", get_unit_part, UNIT_PATH},
    {"unit.order", get_unit_part, UNIT_ORDER},
    {"unit.head", get_missing, 0},
    {"rank", get_rank, PART_RANK},
    {"post.rank", get_rank, PART_POST_RANK},
    {"title", get_title, 0},
    {"title.name", get_title_name, 0},
    {"post.unit", get_post_unit, 0},
    {"post.unit.name", get_post_unit_part, UNIT_NAME},
    {"post.unit.kana", get_post_unit_part, UNIT_KANA},
    {"post.unit.parent", get_post_unit_part, UNIT_PARENT},
    {"post.unit.path", get_post_unit_part, UNIT_PATH},
    {"post.unit.order", get_post_unit_part, UNIT_ORDER},
    {"post.title", get_post_title, 0},
    {"post.title.name", get_post_title_name, 0},
    {"post.role", get_post_role, 0},
};

static const Named assignment_names[] = {
    {"assignment", get_assignment, 0},
    {"assignment.from", get_first_day, 0},
    {"assignment.until", get_last_day, 0},
};

static const Named unit_names[] = {
    {"code", get_own_part, UNIT_CODE}, {"name", get_own_part, UNIT_NAME},
    {"kana", get_own_part, UNIT_KANA}, {"parent", get_own_part, UNIT_PARENT},
    {"path", get_own_part, UNIT_PATH}, {"order", get_own_part, UNIT_ORDER},
};

static const Named group_names[] = {{"group", get_group, 0}};

// Names that begin with the prefix are fields of the unit, the post or, without one, the subject.
typedef struct Prefix {
  const char *prefix;
  GetFunc get;
} Prefix;

static const Prefix person_prefixes[] = {
    {"unit.", get_unit_field}, {"post.", get_post_field}, {"", get_person_field}};
static const Prefix unit_prefixes[] = {{"", get_own_field}};

static const struct {
  const Named *names;
  size_t n_names;
  const Prefix *prefixes;
  size_t n_prefixes;
} contexts[N_CONTEXTS] = {
    [CONTEXT_PERSON] = {person_names, G_N_ELEMENTS(person_names), person_prefixes,
                        G_N_ELEMENTS(person_prefixes)},
    [CONTEXT_UNIT] = {unit_names, G_N_ELEMENTS(unit_names), unit_prefixes,
                      G_N_ELEMENTS(unit_prefixes)},
    [CONTEXT_GROUP] = {group_names, G_N_ELEMENTS(group_names), NULL, 0},
    [CONTEXT_ASSIGNMENT] = {assignment_names, G_N_ELEMENTS(assignment_names), person_prefixes,
                            G_N_ELEMENTS(person_prefixes)},
};

static bool is_of_person(Context context)
{
  return context == CONTEXT_PERSON || context == CONTEXT_ASSIGNMENT;
}

Context context_of(MappingFor subject)
{
  switch (subject) {
  case FOR_UNIT:
    return CONTEXT_UNIT;
  case FOR_GROUP:
    return CONTEXT_GROUP;
  case FOR_ASSIGNMENT:
    return CONTEXT_ASSIGNMENT;
  default:
    return CONTEXT_PERSON;
  }
}

static const Named *find_named(Context context, const char *name)
{
  for (size_t i = 0; i < contexts[context].n_names; i++)
    if (strcmp(contexts[context].names[i].name, name) == 0)
      return &contexts[context].names[i];
  return context == CONTEXT_ASSIGNMENT ? find_named(CONTEXT_PERSON, name) : NULL;
}

// The prefix of a name that is a field, and the field's name.
static const Prefix *find_prefix(Context context, const char *name, const char **field)
{
  for (size_t i = 0; i < contexts[context].n_prefixes; i++) {
    const Prefix *prefix = &contexts[context].prefixes[i];
    *field = name + strlen(prefix->prefix);
    if (g_str_has_prefix(name, prefix->prefix) && !strchr(*field, '.'))
      return prefix;
  }
  return NULL;
}

static int find_name_rule(const Mapping *mapping, Context context, const char *name)
{
  for (unsigned i = 0; i < mapping->names->len && is_of_person(context); i++)
    if (strcmp(((const NameRule *)mapping->names->pdata[i])->kind, name) == 0)
      return (int)i;
  return -1;
}

// "mail.former", "mail.all": the one at hand, where names of a kind are gone over.
static bool is_each_name(const Mapping *mapping, Context context, const char *name)
{
  const GPtrArray *called = mapping->library->names;
  for (unsigned i = 0; i < mapping->names->len && is_of_person(context); i++) {
    const NameRule *rule = mapping->names->pdata[i];
    if (strcmp(called->pdata[rule->former], name) == 0 ||
        strcmp(called->pdata[rule->all], name) == 0)
      return true;
  }
  return false;
}

static Binding bind(Derive *derive, Context context, const char *name)
{
  const Named *named = find_named(context, name);
  if (named)
    return (Binding){named->get, named->arg};
  int rule = find_name_rule(derive->mapping, context, name);
  if (rule >= 0)
    return (Binding){get_given_name, (unsigned)rule};
  if (is_each_name(derive->mapping, context, name))
    return (Binding){get_each_name, 0};
  const char *field;
  const Prefix *prefix = find_prefix(context, name, &field);
  FieldId id = prefix ? store_field(derive->store, field) : FIELD_NONE;
  return id ? (Binding){prefix->get, id} : (Binding){get_missing, 0};
}

void scope_bind(Derive *derive)
{
  const GPtrArray *names = derive->mapping->library->names;
  for (unsigned context = 0; context < N_CONTEXTS; context++) {
    derive->bindings[context] = g_new0(Binding, names->len + 1);
    for (unsigned i = 0; i < names->len; i++)
      derive->bindings[context][i] = bind(derive, (Context)context, names->pdata[i]);
  }
}

bool scope_knows(const Mapping *mapping, Context context, const char *name,
                 const char *const *fields)
{
  if (find_named(context, name) || find_name_rule(mapping, context, name) >= 0 ||
      is_each_name(mapping, context, name))
    return true;
  const char *field;
  if (!find_prefix(context, name, &field))
    return false;
  return !fields || g_strv_contains(fields, field);
}

// ---------------------------------------------------------------------------------------------

void scope_init(Scope *scope, Derive *derive)
{
  *scope = (Scope){.derive = derive};
  for (unsigned i = 0; i < N_PARTS; i++)
    scope->parts[i] = g_string_sized_new(64);
}

void scope_clear(Scope *scope)
{
  for (unsigned i = 0; i < N_PARTS && scope->parts[i]; i++)
    g_string_free(scope->parts[i], true);
}

static void forget(Scope *scope)
{
  scope->person = NULL;
  scope->post = scope->focus = NULL;
  scope->unit = NULL;
  scope->group = NULL;
  scope->a_name = NULL;
  scope->assignment = NULL;
  scope->is_split = false;
}

// Those in force come first, the main one before others, then the older; so what is in force and counts by
// the day is the first.
static const Post *first_in_force(const Derive *derive, const Person *person)
{
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    bool stands = !post->by_hour && strcmp(post->role, "request") != 0;
    if (derive_in_force(derive, post) && (post->main || stands))
      return post;
  }
  return NULL;
}

const Post *scope_main_post(const Derive *derive, const Person *person)
{
  const Post *best = first_in_force(derive, person);
  for (size_t i = 0; i < person->n_posts && !(best && derive_in_force(derive, best)); i++) {
    const Post *post = &person->posts[i];
    if (!post->main)
      continue;
    bool comes = post->begins > derive->at;
    bool best_comes = best && best->begins > derive->at;
    if (!best || (comes && (!best_comes || post->begin < best->begin)) ||
        (!comes && !best_comes && post->end > best->end))
      best = post;
  }
  return best;
}

void scope_person(Scope *scope, const Person *person)
{
  forget(scope);
  scope->person = person;
  scope->focus = scope_main_post(scope->derive, person);
}

void scope_unit(Scope *scope, const UnitNode *unit)
{
  forget(scope);
  scope->unit = unit;
}

void scope_group(Scope *scope, const char *group)
{
  forget(scope);
  scope->group = group;
}

const char *scope_get(Scope *scope, uint16_t name)
{
  Context context = scope->assignment ? CONTEXT_ASSIGNMENT
                    : scope->person   ? CONTEXT_PERSON
                    : scope->unit     ? CONTEXT_UNIT
                                      : CONTEXT_GROUP;
  const Binding *binding = &scope->derive->bindings[context][name];
  return binding->get(scope, binding->arg);
}
