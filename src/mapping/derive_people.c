// SPDX-License-Identifier: GPL-3.0-or-later
//
// People: whether they have an entry, in what condition, and which groups their posts put them into.
#include "derive_p.h"

#include <string.h>

bool derive_in_force(const Derive *derive, const Post *post)
{
  return post_in_force(post, derive->at);
}

// ---------------------------------------------------------------------------------------------
// Standing: what the lifecycle says about somebody.

Enabled derive_usual(const Rules *rules)
{
  return rules->disables ? ENABLED_YES : ENABLED_UNMANAGED;
}

static void stand_otherwise(const Rules *rules, Standing *out)
{
  const Life *life = &rules->lives[LIFE_OTHERWISE];
  *out = (Standing){.presence = PRESENCE_RETAINED,
                    .enabled = life->disable ? ENABLED_NO : ENABLED_UNMANAGED,
                    .member = life->given && life->keep,
                    .life = life->given ? life : NULL,
                    .word = "not eligible",
                    .since = DATE_NONE};
}

static bool stand_active(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  (void)person;
  if (derive_wanted(derive, rules, "active"))
    *out = (Standing){.presence = PRESENCE_PRESENT,
                      .enabled = derive_usual(rules),
                      .whole = true,
                      .member = true};
  else
    stand_otherwise(rules, out);
  return true;
}

// On leave, suspended or seconded. Of the first two only that they are not in service is told: why is nobody's
// business who reads a plan.
static bool stand_away(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  static const struct {
    LifeKind life;
    const char *word;
  } ways[] = {
      [STATE_LEAVE] = {LIFE_LEAVE, "on leave since"},
      [STATE_SUSPENDED] = {LIFE_SUSPENDED, "on leave since"},
      [STATE_SECONDED] = {LIFE_SECONDED, "on secondment since"},
  };
  const Life *life = &rules->lives[ways[person->state].life];
  bool is_wanted = derive_wanted(derive, rules, state_name(person->state));
  if (!is_wanted && (!life->given || !derive_wanted(derive, rules, NULL))) {
    stand_otherwise(rules, out);
    return true;
  }
  *out = (Standing){.presence = is_wanted ? PRESENCE_PRESENT : PRESENCE_RETAINED,
                    .enabled = life->disable ? ENABLED_NO : derive_usual(rules),
                    .whole = true,
                    .member = life->keep,
                    .life = life->given ? life : NULL,
                    .word = life->disable ? ways[person->state].word : NULL,
                    .since = person->state_since};
  return true;
}

static bool stand_left(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  const Life *life = &rules->lives[LIFE_LEFT];
  bool is_over = life->delete_after >= 0 && person->state_since != DATE_NONE &&
                 derive->today >= person->state_since + life->delete_after;
  *out = (Standing){.presence = is_over ? PRESENCE_ABSENT : PRESENCE_RETAINED,
                    .enabled = life->disable ? ENABLED_NO : ENABLED_UNMANAGED,
                    .member = life->given && life->keep && !is_over,
                    .life = life->given ? life : NULL,
                    .word = REASON_LEFT,
                    .since = person->state_since};
  return true;
}

static bool stand_future(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  if (rules->before_days < 0 || person->state_since > derive->today + rules->before_days ||
      !derive_wanted(derive, rules, "active"))
    return false;
  *out = (Standing){.presence = PRESENCE_PRESENT,
                    .enabled = rules->before_disabled ? ENABLED_NO : derive_usual(rules),
                    .whole = true,
                    .word = rules->before_disabled ? "not in service yet" : NULL,
                    .since = DATE_NONE};
  return true;
}

bool derive_stand(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  static bool (*const by_state[])(Derive *, const Rules *, const Person *, Standing *) = {
      [STATE_ACTIVE] = stand_active, [STATE_LEAVE] = stand_away, [STATE_SUSPENDED] = stand_away,
      [STATE_SECONDED] = stand_away, [STATE_LEFT] = stand_left,  [STATE_FUTURE] = stand_future,
  };
  return by_state[person->state] && by_state[person->state](derive, rules, person, out);
}

// A post that ended takes its own entry with it.
static bool stand_post(Derive *derive, const Rules *rules, const Person *person, Standing *out)
{
  const Post *post = derive->scope.post;
  if (!derive_stand(derive, rules, person, out) || post->begins > derive->at)
    return false;
  if (derive->at < post->ends)
    return true;
  const Life *life = &rules->lives[LIFE_ENDED];
  bool is_over = life->delete_after >= 0 && derive->today >= post->end + life->delete_after;
  *out = (Standing){.presence = is_over ? PRESENCE_ABSENT : PRESENCE_RETAINED,
                    .enabled = life->disable ? ENABLED_NO : ENABLED_UNMANAGED,
                    .life = life->given ? life : NULL,
                    .word = "ended",
                    .since = post->end};
  return true;
}

const char *derive_reason(Derive *derive, const Standing *standing)
{
  if (!standing->word)
    return NULL;
  g_string_assign(derive->text, standing->word);
  if (standing->since != DATE_NONE) {
    g_string_append_c(derive->text, ' ');
    date_format(standing->since, derive->text);
  }
  return arena_text(&derive->arena, derive->text->str, derive->text->len);
}

// ---------------------------------------------------------------------------------------------
// Memberships.

typedef struct Membership {
  Derive *derive;
  const Live *live;
  const Grant *grant;
  uint32_t member;
  Ground ground;
  const Choice *choice;  // of a table: the row that applies
} Membership;

// Somebody looks on: what a plan would make of it, told.
static void tell(const Membership *membership, WatchKind kind, uint32_t group)
{
  const Derive *derive = membership->derive;
  const Grant *grant = membership->grant;
  WatchEvent event = {.kind = kind,
                      .klass = (size_t)(membership->live - derive->lives),
                      .post = derive->scope.post,
                      .decision = grant->table,
                      .groups = (size_t)grant->ref.klass,
                      .file = membership->live->rules->klass.file,
                      .line = grant->spot.line};
  if (membership->choice)
    event.row = (size_t)(membership->choice - grant->table->choices);
  if (group != ENTRY_NONE) {
    const Entry *entry = table_at(derive->setup.table, group);
    event.group = entry_key(entry);
    event.counts = entry->presence == PRESENCE_PRESENT;
  }
  derive_tell(membership->derive, &event);
}

// The title, because a rule may have asked for it.
void derive_note_post(const Post *post, GArray *rows)
{
  if (post->row)
    g_array_append_val(rows, post->row);
  if (post->relabel_row)
    g_array_append_val(rows, post->relabel_row);
  if (post->rows[FIELD_TITLE] && post->rows[FIELD_TITLE] != post->row)
    g_array_append_val(rows, post->rows[FIELD_TITLE]);
}

// A grace explains only what no post in force gives.
static void note_ground(Trace *trace, const Ground *ground)
{
  GString *reason = trace->why->reason;
  bool first = reason->len == 0 && !trace->in_force;
  trace->in_force |= ground->kind == GROUND_POST;
  trace->why->ahead = (first || trace->why->ahead) && ground->kind == GROUND_BEFORE;
  if (trace->in_force)
    g_string_truncate(reason, 0);
  else if (reason->len == 0)
    grace_reason(ground, reason);
}

static bool in_grace(const Membership *membership)
{
  return membership->ground.kind != GROUND_POST;
}

// Rights that come ahead may speak of what does not exist yet: that is no fault.
static void group_fault(const Membership *membership, const Spot *spot)
{
  if (membership->ground.kind != GROUND_BEFORE)
    derive_fault(membership->derive, spot, "group-missing", NULL);
}

static void add_edge(Membership *membership, uint32_t group, const char *file, int line)
{
  Derive *derive = membership->derive;
  if (derive->watch) {
    tell(membership, WATCH_GROUP, group);
    return;
  }
  if (!derive->trace) {
    table_add_edge(derive->setup.table, group, membership->member);
    return;
  }
  if (derive->trace->group != group)
    return;
  note_ground(derive->trace, &membership->ground);
  derive_why_spot(derive, file, line);
  derive_note_post(derive->scope.post, derive->trace->why->rows);
}

static void take_choice(const Choice *choice, void *data)
{
  Membership *membership = data;
  Derive *derive = membership->derive;
  const Grant *grant = membership->grant;
  Live *groups = &derive->lives[grant->ref.klass];
  membership->choice = choice;
  if (derive->watch)
    tell(membership, WATCH_HIT, ENTRY_NONE);
  bool other = grant->table->has_grace && in_grace(membership);
  const Template *const *results = other ? choice->grace : choice->results;
  unsigned n_results = other ? choice->n_grace : choice->n_results;
  for (unsigned i = 0; i < n_results; i++) {
    const char *key;
    const Template *result = results[i];
    if (template_is_literal(result)) {
      key = result->slots[0].literal;
    } else {
      Got got = derive_text(derive, result, &key);
      if (got == GOT_FAULT)
        group_fault(membership, &result->spot);
      if (got != GOT_TEXT || !*key)
        continue;
    }
    uint32_t group = derive_group(derive, groups, key);
    if (group != ENTRY_NONE)
      add_edge(membership, group, grant->table->path, (int)choice->row + 1);
  }
}

static void take_outvoted(const Choice *choice, void *data)
{
  Membership *membership = data;
  membership->choice = choice;
  tell(membership, WATCH_OUTVOTED, ENTRY_NONE);
}

static void take_table(Membership *membership, Decider *decider)
{
  Derive *derive = membership->derive;
  if (derive->watch)
    tell(membership, WATCH_ASKED, ENTRY_NONE);
  decider_each(decider, &derive->scope, take_choice, membership);
  if (derive->watch)
    decider_outvoted(decider, take_outvoted, membership);
}

static void take_ref(Membership *membership)
{
  Derive *derive = membership->derive;
  const Grant *grant = membership->grant;
  uint32_t group;
  Ref ref = grant->ref;
  if (grant->grace.of && in_grace(membership))
    ref.of = grant->grace.of;
  Got got = derive_ref(derive, &ref, &group);
  if (got == GOT_FAULT)
    group_fault(membership, &ref.spot);
  if (got == GOT_TEXT && group != ENTRY_NONE)
    add_edge(membership, group, membership->live->rules->klass.file, grant->spot.line);
}

static void join_groups(Derive *derive, const Live *live, const Post *post, uint32_t member)
{
  const Rules *rules = live->rules;
  const Post *focus = derive->scope.focus, *before = derive->scope.post;
  derive->scope.post = derive->scope.focus = post;
  Date ended = grace_ended(derive, post);
  for (unsigned i = 0; i < rules->n_grants; i++) {
    Membership membership = {.derive = derive,
                             .grant = &rules->grants[i],
                             .live = live,
                             .member = member,
                             .ground = grace_ground(derive, post, ended, &rules->grants[i].grace)};
    if (membership.ground.kind == GROUND_NONE)
      continue;
    if (membership.grant->table)
      take_table(&membership, live->deciders[i]);
    else
      take_ref(&membership);
  }
  derive->scope.focus = focus;
  derive->scope.post = before;
}

// Somebody is derived again when a name is given.
static bool is_noted(const GArray *hourly, const Hourly *one)
{
  for (unsigned i = 0; i < hourly->len; i++) {
    const Hourly *other = &g_array_index(hourly, Hourly, i);
    if (other->person == one->person && other->klass == one->klass &&
        other->begins == one->begins && strcmp(other->unit, one->unit) == 0)
      return true;
  }
  return false;
}

static void note_hours(Derive *derive, const Live *live, const Person *person)
{
  for (size_t i = 0; i < person->n_posts && !derive->trace; i++) {
    const Post *post = &person->posts[i];
    if (!post->by_hour || (post->begin != derive->today && post->end != derive->today + 1))
      continue;
    Hourly hourly = {person->id, live->klass, post->unit, post->begins, post->ends};
    if (is_noted(derive->hourly, &hourly))
      continue;
    hourly.unit = g_string_chunk_insert_const(derive->texts, post->unit);
    g_array_append_val(derive->hourly, hourly);
  }
}

static void add_edges(Derive *derive, const Live *live, const Person *person, uint32_t member)
{
  if (live->rules->n_grants == 0 || (derive->trace && derive->trace->group == ENTRY_NONE))
    return;
  if (live->rules->klass.subject == FOR_POST) {
    join_groups(derive, live, derive->scope.post, member);
    return;
  }
  note_hours(derive, live, person);
  for (size_t i = 0; i < person->n_posts; i++)
    join_groups(derive, live, &person->posts[i], member);
}

// ---------------------------------------------------------------------------------------------
// Entries.

// Everything but the name must be in order before one is given: names are given once.
static void emit_unnamed(Derive *derive, Live *live, EntryDraft *draft)
{
  derive->probing = true;
  bool fine = derive_fill(derive, live, draft);
  derive->probing = false;
  if (fine) {
    draft->rdn = "";
    g_array_set_size(derive->attributes, 0);
    draft->n_attributes = 0;
  }
  uint32_t entry = derive_emit(derive, live, draft);
  if (fine)
    derive_note_unnamed(derive, live->rules, entry);
}

// The name and place of somebody who is no longer provided for.
static void place_draft(Derive *derive, const Live *live, const Standing *standing,
                        EntryDraft *draft)
{
  Enabled enabled = draft->enabled;
  Presence presence = draft->presence;
  derive_strip(derive, draft, draft->reason);
  draft->enabled = enabled;
  draft->presence = presence;
  if (standing->life && presence == PRESENCE_RETAINED)
    derive_fill_life(derive, live, standing->life, draft);
  const char *rdn;
  if (!standing->life || !standing->life->move || !derive_rdn(derive, live, &rdn))
    return;
  draft->rdn = rdn;
  draft->parent = live->moves[standing->life - live->rules->lives];
}

static bool fill_whole(Derive *derive, Live *live, const Standing *standing, EntryDraft *draft)
{
  const char *reason = draft->reason;
  const Life *life = standing->life;
  bool fine = derive_fill(derive, live, draft);
  if (fine && life && !derive_fill_life(derive, live, life, draft)) {
    derive_strip(derive, draft, "incomplete");
    fine = false;
  }
  if (fine && life && life->move)
    draft->parent = live->moves[life - live->rules->lives];
  // Whatever else cannot be said of somebody, that the account is to be off can.
  if (!fine && life && life->disable) {
    draft->enabled = ENABLED_NO;
    draft->reason = reason;
  }
  return fine;
}

static void trace_presence(Derive *derive, const Live *live, const Standing *standing)
{
  if (!derive->trace || derive->trace->attr || derive->trace->group != ENTRY_NONE)
    return;
  const Rules *rules = live->rules;
  const Spot *spot = standing->life  ? &standing->life->spot
                     : rules->n_when ? &rules->when[0].spot
                                     : &rules->spot;
  GArray *rows = derive->trace->why->rows;
  const Person *person = derive->scope.person;
  int64_t row = person->rows[FIELD_STATE] ? person->rows[FIELD_STATE] : person->rows[FIELD_HIRED];
  derive_why_spot(derive, rules->klass.file, spot->line);
  if (row)
    g_array_append_val(rows, row);
  if (derive->scope.focus)
    derive_note_post(derive->scope.focus, rows);
}

static void tell_standing(Derive *derive, const Live *live, const Person *person,
                          const Standing *standing)
{
  bool alone = standing->presence == PRESENCE_RETAINED && standing->enabled == ENABLED_UNMANAGED;
  WatchEvent event = {.kind = WATCH_KLASS,
                      .klass = (size_t)(live - derive->lives),
                      .post = derive->scope.post,
                      .counts = standing->member && !alone,
                      .alone = alone,
                      .reason = derive_reason(derive, standing)};
  derive_tell(derive, &event);
  if (event.counts)
    add_edges(derive, live, person, ENTRY_NONE);
}

static void derive_entry_of(Derive *derive, Live *live, const Person *person, uint32_t subject,
                            const Standing *standing)
{
  EntryDraft draft = {.subject = subject,
                      .klass = live->klass,
                      .presence = standing->presence,
                      .enabled = standing->enabled,
                      .reason = derive_reason(derive, standing)};
  draft.key = derive_key(derive, live);
  if (!draft.key) {
    bool asked = derive->trace || derive->watch;
    if (standing->presence == PRESENCE_PRESENT &&
        !derive_key_waits(derive, live->rules, person->id))
      derive_fault(derive, &live->rules->key->spot, "key-missing",
                   live->rules->klass.key_attribute);
    else if (standing->presence == PRESENCE_PRESENT && !asked)
      derive_wait_for_name(derive, live, subject);
    return;
  }
  if (derive->watch) {
    tell_standing(derive, live, person, standing);
    return;
  }
  trace_presence(derive, live, standing);
  bool unnamed = !derive_is_named(derive, live->rules, person->id);
  bool present = standing->presence == PRESENCE_PRESENT;
  if (present && unnamed && !derive->trace) {
    emit_unnamed(derive, live, &draft);
    return;
  }
  bool fine = standing->whole && !unnamed;
  if (fine)
    fine = fill_whole(derive, live, standing, &draft);
  else
    place_draft(derive, live, standing, &draft);
  uint32_t entry = derive_emit(derive, live, &draft);
  if (present && fine && !derive->trace)
    derive_note_unnamed(derive, live->rules, entry);
  if (standing->member && !unnamed)
    add_edges(derive, live, person, entry);
}

// A main post that moved is listed for both places: its entry is that of where it is now.
static bool goes_on(const Derive *derive, const Person *person, size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (person->posts[k].id == person->posts[i].id && derive_in_force(derive, &person->posts[k]))
      return true;
  return false;
}

static void derive_posts(Derive *derive, Live *live, const Person *person)
{
  const Post *focus = derive->scope.focus;
  for (size_t i = 0; i < person->n_posts; i++) {
    Standing standing;
    bool asked = !derive->trace || table_at(derive->setup.table, derive->trace->entry)->subject ==
                                       person->posts[i].id;
    if (!asked || goes_on(derive, person, i))
      continue;
    derive->scope.post = derive->scope.focus = &person->posts[i];
    if (stand_post(derive, live->rules, person, &standing))
      derive_entry_of(derive, live, person, person->posts[i].id, &standing);
  }
  derive->scope.post = NULL;
  derive->scope.focus = focus;
}

bool derive_one(Derive *derive, const Person *person, GError **error)
{
  (void)error;
  arena_reset(&derive->arena);
  if (derive->givers && (!derive->trace || derive->trace->live->rules->assign))
    assign_gather(derive, person);
  scope_person(&derive->scope, person);
  for (size_t i = 0; i < derive->n_lives; i++) {
    Live *live = &derive->lives[i];
    Standing standing;
    if (!live->rules || (derive->trace && derive->trace->live != live))
      continue;
    if (live->rules->klass.subject == FOR_POST)
      derive_posts(derive, live, person);
    else if (live->rules->assign)
      derive_assignments(derive, live, person);
    else if (live->rules->klass.subject == FOR_PERSON &&
             derive_stand(derive, live->rules, person, &standing))
      derive_entry_of(derive, live, person, person->id, &standing);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Heads of units: others refer to them, so that their entries must have a number before the stream of
// people begins. First a stand-in for each, then the entries themselves, which refer to each other.

static bool is_head_klass(const Derive *derive, size_t klass)
{
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Rules *rules = derive->lives[i].rules;
    for (unsigned k = 0; rules && k < rules->n_rules; k++)
      if (rules->rules[k].ref.of_head && (size_t)rules->rules[k].ref.klass == klass)
        return true;
  }
  return false;
}

// Whether the entry will be whole; others must not refer to one that is not.
static bool is_sound(Derive *derive, Live *live, EntryDraft *draft)
{
  derive->quiet = derive->probing = true;
  bool sound = derive_fill(derive, live, draft);
  derive->quiet = derive->probing = false;
  return sound;
}

static void stand_in(Derive *derive, Live *live, const Person *person)
{
  Standing standing;
  arena_reset(&derive->arena);
  scope_person(&derive->scope, person);
  if (!derive_stand(derive, live->rules, person, &standing) ||
      standing.presence != PRESENCE_PRESENT)
    return;
  EntryDraft draft = {.subject = person->id, .klass = live->klass};
  draft.key = derive_key(derive, live);
  if (!draft.key || !is_sound(derive, live, &draft))
    return;
  derive_strip(derive, &draft, NULL);
  draft.presence = PRESENCE_PRESENT;
  derive_emit(derive, live, &draft);
}

static bool stand_in_all(Derive *derive, uint32_t head, GError **error)
{
  const Person *person;
  if (!roster_person(derive->setup.roster, head, &person, error))
    return false;
  for (size_t i = 0; i < derive->n_lives; i++)
    if (derive->lives[i].rules && derive->lives[i].rules->klass.subject == FOR_PERSON &&
        is_head_klass(derive, i))
      stand_in(derive, &derive->lives[i], person);
  return true;
}

bool derive_heads(Derive *derive, GError **error)
{
  g_autoptr(GArray) heads = g_array_new(false, false, sizeof(uint32_t));
  for (unsigned i = 0; i < derive->unit_nodes->len; i++) {
    uint32_t head = ((const UnitNode *)derive->unit_nodes->pdata[i])->head;
    if (!head || !g_hash_table_add(derive->done, GUINT_TO_POINTER(head)))
      continue;
    g_array_append_val(heads, head);
    if (!stand_in_all(derive, head, error))
      return false;
  }
  for (unsigned i = 0; i < heads->len; i++) {
    const Person *person;
    if (!roster_person(derive->setup.roster, g_array_index(heads, uint32_t, i), &person, error) ||
        !derive_one(derive, person, error))
      return false;
  }
  return true;
}
