// SPDX-License-Identifier: GPL-3.0-or-later
//
// Entries for what people are given by tables (for: assignment): present while a post gives it, or ahead of its
// first day; closed when it is over. What is over is never made and never written anew but for its days.
#include "derive_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Opening.

static void ask_for(Derive *derive, FieldId field)
{
  if (field == FIELD_NONE)
    return;
  if (field >= derive->n_asked) {
    derive->asked = g_renew(bool, derive->asked, field + 1);
    memset(derive->asked + derive->n_asked, 0, (field + 1 - derive->n_asked) * sizeof(bool));
    derive->n_asked = field + 1;
  }
  derive->asked[field] = true;
}

// What a table looks at: where it changes, something else may be given.
static void ask_for_name(Derive *derive, uint16_t name)
{
  const char *text = derive->mapping->library->names->pdata[name];
  const char *field = g_str_has_prefix(text, "post.") ? text + strlen("post.") : text;
  if (strcmp(field, "title.name") == 0) {
    ask_for(derive, FIELD_TITLE);
    field = "title_name";
  }
  if (!strchr(field, '.'))
    ask_for(derive, store_field(derive->store, field));
}

static void ask_for_table(Derive *derive, const Decision *table)
{
  for (unsigned i = 0; i < table->n_conditions; i++)
    ask_for_name(derive, table->conditions[i].name);
  for (unsigned row = 0; row < table->n_choices; row++)
    for (unsigned i = 0; i < table->choices[row].n_results; i++) {
      const Template *result = table->choices[row].results[i];
      for (unsigned s = 0; s < result->n_slots; s++)
        if (result->slots[s].name != SLOT_TEXT)
          ask_for_name(derive, result->slots[s].name);
    }
}

static bool note_bearer(uint32_t subject, void *data)
{
  g_array_append_val((GArray *)data, subject);
  return true;
}

// Of several who had the number, the one who has it now.
static uint32_t bearer_of(Derive *derive, const char *number, GArray *bearers)
{
  uint32_t found = bearers->len == 1 ? g_array_index(bearers, uint32_t, 0) : 0;
  unsigned n_now = 0;
  for (unsigned i = 0; i < bearers->len && bearers->len > 1; i++) {
    uint32_t bearer = g_array_index(bearers, uint32_t, i);
    if (g_strcmp0(store_link_number(derive->store, SUBJECT_PERSON, bearer), number) != 0)
      continue;
    found = bearer;
    n_now++;
  }
  return n_now > 1 ? 0 : found;
}

static void tell_nobody(Derive *derive, const Exceptions *exceptions, const Exception *exception,
                        bool several)
{
  Finding finding = {.level = FINDING_ERROR,
                     .code = "exception-person",
                     .file = exceptions->path,
                     .line = (int64_t)exception->row + 1,
                     .column = 1,
                     .subject = exception->number,
                     .value = exception->number};
  if (exception->to <= derive->today || derive_is_told(derive->setup.findings, &finding))
    return;
  findings_add(derive->setup.findings, &finding,
               several ? _("several people have or had this number: this exception is nobody's")
                       : _("nobody has or had this number: this exception is nobody's"));
}

static bool open_exceptions(Derive *derive, Giver *giver, bool tells, GError **error)
{
  const Exceptions *exceptions = giver->rules->assign->exceptions;
  giver->exceptions = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  for (unsigned i = 0; exceptions && i < exceptions->n; i++) {
    const Exception *exception = &exceptions->rows[i];
    g_autoptr(GArray) bearers = g_array_new(false, false, sizeof(uint32_t));
    if (!store_link_bearers(derive->store, SUBJECT_PERSON, exception->number, note_bearer, bearers,
                            error))
      return false;
    uint32_t person = bearer_of(derive, exception->number, bearers);
    if (!person && tells)
      tell_nobody(derive, exceptions, exception, bearers->len > 1);
    if (!person)
      continue;
    void *key = GUINT_TO_POINTER(person);
    GPtrArray *list = g_hash_table_lookup(giver->exceptions, key);
    if (!list) {
      list = g_ptr_array_new();
      g_hash_table_insert(giver->exceptions, key, list);
    }
    g_ptr_array_add(list, (void *)exception);
  }
  return true;
}

static bool open_giver(Derive *derive, size_t i, GError **error)
{
  const Rules *rules = derive->mapping->klasses->pdata[i];
  bool is_here = derive->lives[i].rules != NULL;
  Giver *giver = &derive->givers[i];
  giver->rules = rules;
  if (!rules->assign || !(is_here || derive->mapping->conflicts->len > 0))
    return true;
  giver->decider = decider_new(rules->assign->table, derive);
  ask_for_table(derive, rules->assign->table);
  for (LifeKind kind = 0; kind < N_LIVES; kind++)
    if (rules->lives[kind].ends)
      ask_for(derive, FIELD_STATE);
  return open_exceptions(derive, giver, is_here, error);
}

bool derive_open_assign(Derive *derive, GError **error)
{
  bool any = false;
  for (size_t i = 0; i < derive->n_lives; i++)
    any |= derive->lives[i].rules && derive->lives[i].rules->assign;
  if (!any)
    return true;
  derive->pieces = g_array_new(false, false, sizeof(Piece));
  derive->assignments = g_array_new(false, false, sizeof(Assignment));
  derive->doubtful = g_hash_table_new(NULL, NULL);
  derive->givers = g_new0(Giver, derive->n_lives + 1);
  for (size_t i = 0; i < derive->n_lives; i++)
    if (!open_giver(derive, i, error))
      return false;
  return true;
}

void derive_close_assign(Derive *derive)
{
  for (size_t i = 0; derive->givers && i < derive->n_lives; i++) {
    decider_free(derive->givers[i].decider);
    g_clear_pointer(&derive->givers[i].exceptions, g_hash_table_unref);
  }
  g_free(derive->givers);
  g_free(derive->asked);
  g_clear_pointer(&derive->pieces, g_array_unref);
  g_clear_pointer(&derive->assignments, g_array_unref);
  g_clear_pointer(&derive->doubtful, g_hash_table_unref);
}

// ---------------------------------------------------------------------------------------------
// The post that stands for an assignment.

typedef enum Time { TIME_OVER, TIME_TO_COME, TIME_NOW, N_TIMES } Time;

static Time time_of(const Derive *derive, const Assignment *assignment)
{
  if (derive->at >= assignment->ends)
    return TIME_OVER;
  return derive->at < assignment->begins ? TIME_TO_COME : TIME_NOW;
}

// The one in force, of several the main one; else the last, of what is to come the first.
static const Piece *face_of(const Derive *derive, const Assignment *assignment)
{
  const Piece *face = NULL, *last = &assignment->pieces[0];
  for (unsigned i = 0; i < assignment->n_pieces; i++) {
    const Piece *piece = &assignment->pieces[i];
    bool in_force = piece->begins <= derive->at && derive->at < piece->ends;
    if (in_force && (!face || (piece->post && piece->post->main)))
      face = piece;
    if (piece->ends > last->ends)
      last = piece;
  }
  if (face)
    return face;
  return derive->at < assignment->begins ? &assignment->pieces[0] : last;
}

// As of the day where the person's own posts tell it, else as it was.
static const Post *post_of(const Derive *derive, const Person *person, const Assignment *assignment)
{
  const Post *post = face_of(derive, assignment)->post;
  if (!post)
    return scope_main_post(derive, person);
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].id == post->id && person->posts[i].begin == post->begin)
      return &person->posts[i];
  return post;
}

static void look_at(Derive *derive, const Person *person, const Assignment *assignment)
{
  Scope *scope = &derive->scope;
  scope->post = scope->focus = post_of(derive, person, assignment);
  scope->assignment = assignment;
}

// ---------------------------------------------------------------------------------------------
// What becomes of it.

static void put_exception(const Exception *exception, GString *out)
{
  g_string_append_printf(out, "%s until ",
                         exception->takes ? "taken away by exception" : "exception");
  date_format(exception->to - 1, out);
  g_string_append_printf(out, ": %s", exception->reason);
}

static const char *reason_of(Derive *derive, const Assignment *assignment, const Standing *standing)
{
  const Exception *exception = face_of(derive, assignment)->exception;
  bool over = time_of(derive, assignment) == TIME_OVER;
  const char *reason = derive_reason(derive, standing);
  if (!exception || exception->takes != over)
    return reason;
  GString *text = derive->text;
  g_string_assign(text, reason ? reason : "");
  g_string_append(text, reason ? ", " : "");
  put_exception(exception, text);
  return arena_text(&derive->arena, text->str, text->len);
}

static void stand_over(Derive *derive, const Rules *rules, const Assignment *assignment,
                       Standing *out)
{
  const Life *life = &rules->lives[LIFE_ENDED];
  bool is_gone = life->delete_after >= 0 && derive->today >= assignment->to + life->delete_after;
  // By the hour it is over before its day is.
  is_gone |= life->delete_after == 0;
  *out = (Standing){.presence = is_gone ? PRESENCE_ABSENT : PRESENCE_CLOSED,
                    .enabled = life->disable ? ENABLED_NO : ENABLED_UNMANAGED,
                    .life = life->given ? life : NULL,
                    .word = "ended",
                    .since = assignment->to};
}

// Who is to come is, of what is given ahead, as who is there.
static bool stand_lasting(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  if (person->state != STATE_FUTURE)
    return derive_stand(derive, rules, person, out);
  *out = (Standing){.presence = PRESENCE_PRESENT, .enabled = derive_usual(rules), .whole = true};
  return derive_wanted(derive, rules, "active");
}

// Nothing is given, but what takes away goes on.
static void stand_in_conflict(Standing *out)
{
  bool off = out->enabled == ENABLED_NO;
  *out = (Standing){.presence = PRESENCE_RETAINED,
                    .enabled = off ? ENABLED_NO : ENABLED_UNMANAGED,
                    .word = off ? out->word : "conflicting duties",
                    .since = off ? out->since : DATE_NONE};
}

// False when nothing is to be said of it.
static bool stand(Derive *derive, const Rules *rules, const Person *person,
                  const Assignment *assignment, Standing *out)
{
  Time time = time_of(derive, assignment);
  if (time == TIME_OVER) {
    stand_over(derive, rules, assignment, out);
    return true;
  }
  if (time == TIME_TO_COME &&
      (assignment->by_hour || assignment->from > derive->today + rules->assign->ahead_days))
    return false;
  if (!stand_lasting(derive, rules, person, out))
    return false;
  // Then it is as if nothing gave it (derive_withdrawn.c).
  if (out->life && out->life->ends)
    return false;
  if (assignment->conflicts)
    stand_in_conflict(out);
  return true;
}

static void trace_presence(Derive *derive, const Live *live, const Assignment *assignment,
                           const Standing *standing)
{
  const Assign *assign = live->rules->assign;
  if (!derive->trace || derive->trace->attr)
    return;
  if (standing->life)
    derive_why_spot(derive, live->rules->klass.file, standing->life->spot.line);
  for (unsigned i = 0; i < assignment->n_pieces; i++) {
    const Piece *piece = &assignment->pieces[i];
    if (piece->choice)
      derive_why_spot(derive, assign->table->path, (int)piece->choice->row + 1);
    if (piece->exception)
      derive_why_spot(derive, assign->exceptions->path, (int)piece->exception->row + 1);
    if (piece->post)
      derive_note_post(piece->post, derive->trace->why->rows);
    if (piece->post && piece->post->end_row && piece->post->end == assignment->to)
      g_array_append_val(derive->trace->why->rows, piece->post->end_row);
  }
}

// ---------------------------------------------------------------------------------------------
// Entries.

typedef struct Emission {
  Derive *derive;
  Live *live;
  const Person *person;
  GPtrArray *keys;  // of what was emitted, and behind each the assignment
} Emission;

// One key for two things that are given: the rule for it lacks the name, and one would hide the other.
static bool is_taken(const Emission *emission, const char *key, const Assignment *assignment)
{
  Derive *derive = emission->derive;
  for (unsigned i = 0; i < emission->keys->len; i += 2) {
    const Assignment *other = emission->keys->pdata[i + 1];
    if (strcmp(emission->keys->pdata[i], key) != 0 || strcmp(other->name, assignment->name) == 0)
      continue;
    g_string_printf(derive->evaluator.problem,
                    _("%s and %s would have one key, %s: the rule for it must tell them apart, by "
                      "${assignment}"),
                    other->name, assignment->name, key);
    derive_fault(derive, &emission->live->rules->key->spot, "key-twice",
                 emission->live->rules->klass.key_attribute);
    return true;
  }
  g_ptr_array_add(emission->keys, (void *)key);
  g_ptr_array_add(emission->keys, (void *)assignment);
  return false;
}

static bool fill_whole(Derive *derive, Live *live, const Standing *standing, EntryDraft *draft)
{
  const Life *life = standing->life;
  if (draft->presence == PRESENCE_CLOSED)
    return derive_fill_over(derive, live, draft);
  return standing->whole && derive_fill(derive, live, draft) &&
         (!life || derive_fill_life(derive, live, life, draft));
}

// Of what cannot be described, it can still be said that it ends, or is off.
static void fill(Derive *derive, Live *live, const Standing *standing, const char *last_day,
                 EntryDraft *draft)
{
  const EntryDraft wanted = *draft;
  bool goes_on = standing->whole && wanted.presence != PRESENCE_CLOSED;
  if (fill_whole(derive, live, standing, draft))
    return;
  derive_strip(derive, draft, goes_on ? "incomplete" : wanted.reason);
  if (!goes_on)
    draft->presence = wanted.presence;
  if (!goes_on || wanted.enabled == ENABLED_NO)
    draft->enabled = wanted.enabled;
  if (last_day && draft->presence != PRESENCE_ABSENT)
    derive_fill_ends(derive, live, last_day, draft);
}

static void emit(const Emission *emission, const Assignment *assignment)
{
  Derive *derive = emission->derive;
  Live *live = emission->live;
  const Person *person = emission->person;
  Standing standing;
  look_at(derive, person, assignment);
  if (!stand(derive, live->rules, person, assignment, &standing))
    return;
  if (!derive_is_named(derive, live->rules, person->id)) {
    if (standing.presence == PRESENCE_PRESENT && !derive->trace)
      derive_wait_for_name(derive, live, person->id);
    return;
  }
  EntryDraft draft = {.subject = person->id,
                      .klass = live->klass,
                      .presence = standing.presence,
                      .enabled = standing.enabled};
  draft.key = derive_key(derive, live);
  if (!draft.key) {
    if (time_of(derive, assignment) != TIME_OVER)
      g_hash_table_add(derive->doubtful, GUINT_TO_POINTER(person->id));
    if (standing.presence == PRESENCE_PRESENT)
      derive_fault(derive, &live->rules->key->spot, "key-missing",
                   live->rules->klass.key_attribute);
    return;
  }
  if (derive->trace && derive_entry_by_key(live, draft.key) != derive->trace->entry)
    return;
  if (is_taken(emission, draft.key, assignment))
    return;
  draft.reason = reason_of(derive, assignment, &standing);
  trace_presence(derive, live, assignment, &standing);
  fill(derive, live, &standing, assignment->last_day, &draft);
  derive_emit(derive, live, &draft);
}

// ---------------------------------------------------------------------------------------------
// Looking on.

typedef struct Watching {
  Derive *derive;
  const Live *live;
  const Post *post;
  WatchEvent event;
} Watching;

// What a row gives, whether or not an exception or a conflict is in the way.
static bool is_given(const Watching *watching, const char *name)
{
  const Derive *derive = watching->derive;
  for (unsigned i = 0; i < derive->assignments->len; i++) {
    const Assignment *assignment = &g_array_index(derive->assignments, Assignment, i);
    if (assignment->klass == watching->event.klass && strcmp(assignment->name, name) == 0 &&
        time_of(derive, assignment) != TIME_OVER && !assignment->conflicts)
      return true;
  }
  return false;
}

static void tell_row(Watching *watching, const Choice *choice, WatchKind kind)
{
  watching->event.kind = kind;
  watching->event.row = (size_t)(choice - watching->live->rules->assign->table->choices);
  derive_tell(watching->derive, &watching->event);
}

static void tell_hit(const Choice *choice, void *data)
{
  Watching *watching = data;
  tell_row(watching, choice, WATCH_HIT);
  for (unsigned i = 0; i < choice->n_results; i++) {
    const char *text;
    if (derive_text(watching->derive, choice->results[i], &text) != GOT_TEXT || !*text)
      continue;
    watching->event.group = text;
    watching->event.counts = is_given(watching, text);
    tell_row(watching, choice, WATCH_GROUP);
  }
}

static void tell_outvoted(const Choice *choice, void *data)
{
  tell_row(data, choice, WATCH_OUTVOTED);
}

static void tell_post(Watching *watching, const Post *post)
{
  Derive *derive = watching->derive;
  Decider *decider = derive->givers[watching->event.klass].decider;
  int ahead = watching->live->rules->assign->ahead_days;
  bool counts = derive_in_force(derive, post) ||
                (post->begins > derive->at && post->begin <= derive->today + ahead);
  if (!counts || derive->today >= grace_ended(derive, post))
    return;
  derive->scope.post = derive->scope.focus = post;
  watching->event.post = post;
  watching->event.kind = WATCH_ASKED;
  derive_tell(derive, &watching->event);
  decider_each(decider, &derive->scope, tell_hit, watching);
  decider_outvoted(decider, tell_outvoted, watching);
}

static void tell_exceptions(Watching *watching)
{
  Derive *derive = watching->derive;
  WatchEvent event = watching->event;
  event.kind = WATCH_GROUP;
  event.decision = NULL;
  event.counts = true;
  for (unsigned i = 0; i < derive->assignments->len; i++) {
    const Assignment *assignment = &g_array_index(derive->assignments, Assignment, i);
    const Piece *face = face_of(derive, assignment);
    if (assignment->klass != event.klass || face->choice || time_of(derive, assignment) != TIME_NOW)
      continue;
    event.group = assignment->name;
    event.counts = !assignment->conflicts;
    event.file = watching->live->rules->assign->exceptions->path;
    event.line = (int)face->exception->row + 1;
    derive_tell(derive, &event);
  }
}

static void tell_assignments(Derive *derive, Live *live, const Person *person)
{
  Standing standing;
  if (!derive_stand(derive, live->rules, person, &standing))
    return;
  size_t klass = (size_t)(live - derive->lives);
  bool alone = standing.presence == PRESENCE_RETAINED && standing.enabled == ENABLED_UNMANAGED;
  bool left = person->state == STATE_LEFT;
  Watching watching = {derive,
                       live,
                       NULL,
                       {.kind = WATCH_KLASS,
                        .klass = klass,
                        .groups = klass,
                        .counts = standing.whole,
                        .alone = alone && !left,
                        .reason = derive_reason(derive, &standing)}};
  derive_tell(derive, &watching.event);
  if (!standing.whole)
    return;
  watching.event.reason = NULL;
  watching.event.decision = live->rules->assign->table;
  for (size_t i = 0; i < person->n_posts; i++)
    tell_post(&watching, &person->posts[i]);
  watching.event.post = NULL;
  tell_exceptions(&watching);
}

// ---------------------------------------------------------------------------------------------

// Where a key does not hold the first day, what is in force stands before what is to come, and both before what
// is over; so it comes last.
void derive_assignments(Derive *derive, Live *live, const Person *person)
{
  uint16_t klass = (uint16_t)(live - derive->lives);
  scope_person(&derive->scope, person);
  if (derive->watch) {
    tell_assignments(derive, live, person);
    scope_person(&derive->scope, person);
    return;
  }
  g_autoptr(GPtrArray) keys = g_ptr_array_new();
  Emission emission = {derive, live, person, keys};
  for (Time time = 0; time < N_TIMES; time++)
    for (unsigned i = 0; i < derive->assignments->len; i++) {
      unsigned at = time == TIME_TO_COME ? derive->assignments->len - 1 - i : i;
      const Assignment *assignment = &g_array_index(derive->assignments, Assignment, at);
      if (assignment->klass == klass && time_of(derive, assignment) == time)
        emit(&emission, assignment);
    }
  scope_person(&derive->scope, person);
}
