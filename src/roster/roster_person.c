// SPDX-License-Identifier: GPL-3.0-or-later
//
// One person from their facts.
//
// The posts are not in the store: they are read from timelines. The main post's `unit` says where
// somebody is, and each change of it ends one post and begins the next. A concurrent post is there
// from `held` = 1 to `held` = 0. Nobody who has left holds any.
#include "roster_p.h"

#include <string.h>

typedef enum Phase { PHASE_NOW, PHASE_ENDED, PHASE_BEGINNING, PHASE_FAR } Phase;

// A spell that is shown, and the day as of which its fields are asked.
typedef struct Stay {
  Phase phase;
  Spell spell;
  Date day;
} Stay;

void roster_desk_init(Desk *desk)
{
  *desk = (Desk){
      .told = g_array_new(false, false, sizeof(Told)),
      .text = g_string_new(NULL),
      .states = g_array_new(false, false, sizeof(Span)),
      .spans = g_array_new(false, false, sizeof(Span)),
      .helds = g_array_new(false, false, sizeof(Span)),
      .stays = g_array_new(false, false, sizeof(Stay)),
      .posts = g_array_new(false, false, sizeof(Post)),
      .fields = g_ptr_array_new(),
      .rows = g_array_new(false, true, sizeof(int64_t)),
      .number = g_string_new(NULL),
  };
}

void roster_desk_clear(Desk *desk)
{
  GArray *arrays[] = {desk->told,  desk->states, desk->spans, desk->helds,
                      desk->stays, desk->posts,  desk->rows};
  for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
    g_array_unref(arrays[i]);
  g_string_free(desk->text, true);
  g_string_free(desk->number, true);
  g_ptr_array_unref(desk->fields);
}

// ---------------------------------------------------------------------------------------------
// State.

static bool in_service(const Span *span)
{
  return state_in_service(state_of(span->value));
}

static void find_state(Person *person, const GArray *states, Date as_of)
{
  const Span *first = NULL;
  bool begun = false;
  for (guint i = 0; i < states->len; i++) {
    const Span *span = &g_array_index(states, Span, i);
    begun |= span->from <= as_of;
    if (!first && in_service(span))
      first = span;
    if (span->from <= as_of && as_of < span->to) {
      person->state = state_of(span->value);
      person->state_since = span->from;
    }
  }
  if (first)
    person->hired = first->from;
  if (first && !begun) {
    person->state = STATE_FUTURE;
    person->state_since = first->from;
  }
}

// ---------------------------------------------------------------------------------------------
// Posts.

// A main post goes on after a break, where the record still says so; a concurrent one has to be
// given anew, so these spans are not joined yet.
static void cut_where_left(const GArray *states, bool main, GArray *spans)
{
  for (guint i = 0; i < states->len; i++) {
    const Span *state = &g_array_index(states, Span, i);
    if (state_of(state->value) != STATE_LEFT)
      continue;
    Date until = state->to;
    for (guint j = 0; j < spans->len && !main; j++) {
      const Span *span = &g_array_index(spans, Span, j);
      if (span->from < state->from && span->to > until)
        until = span->to;
    }
    roster_span_cut(spans, state->from, until);
  }
}

// When the post is there, into desk->spans. What is not held is a gap.
static void find_spans(const Roster *roster, Desk *desk, ToldRange facts, bool main)
{
  GArray *spans = desk->spans, *helds = desk->helds;
  roster_told_lay(roster_told_field(facts, FIELD_UNIT), spans);
  roster_told_lay(roster_told_field(facts, FIELD_HELD), helds);
  for (guint i = spans->len; i > 0; i--)
    if (*g_array_index(spans, Span, i - 1).value == '\0')
      g_array_remove_index(spans, i - 1);
  // A concurrent post is as long as it is held, whatever else is told of it.
  if (!main && helds->len > 0) {
    g_array_set_size(spans, 0);
    g_array_append_vals(spans, helds->data, helds->len);
  }
  for (guint i = 0; i < helds->len; i++) {
    const Span *held = &g_array_index(helds, Span, i);
    if (strcmp(held->value, "1") != 0)
      roster_span_cut(spans, held->from, held->to);
  }
  cut_where_left(desk->states, main, spans);
  if (main)
    roster_join_places(roster, spans);
  else
    roster_span_join(spans);
}

// The time told for the first or the last day of a post; `otherwise` if none is. One that was told before
// this stay began belongs to an earlier one.
static Instant moment_on(ToldRange facts, FieldId field, Date day, const Span *span,
                         Instant otherwise)
{
  const Told *told = roster_told_on(roster_told_field(facts, field), day);
  int minutes;
  if (!told || told->from < span->from || !instant_parse_minutes(told->value, &minutes))
    return otherwise;
  return date_start(day) + (Instant)minutes * 60;
}

static void find_moments(ToldRange facts, const Span *span, Post *post)
{
  Instant begins = date_start(span->from), ends = date_start(span->to);
  post->begins = moment_on(facts, FIELD_FROM_TIME, span->from, span, begins);
  post->ends = ends;
  if (span->to != DATE_OPEN)
    post->ends = moment_on(facts, FIELD_TO_TIME, span->to - 1, span, ends);
  post->by_hour = post->begins != begins || post->ends != ends;
}

// Days are counted wide: DATE_OPEN minus a day of long ago does not fit a Date.
static Phase phase_of(const Post *post, const RosterWhen *when, Date *day)
{
  int64_t as_of = when->as_of;
  *day = when->as_of;
  if (post_in_force(post, when->at))
    return PHASE_NOW;
  if (post->ends <= when->at) {
    *day = post->end - 1;
    return as_of - post->end < when->grace_days ? PHASE_ENDED : PHASE_FAR;
  }
  *day = post->begin;
  return post->begin - as_of <= when->early_days ? PHASE_BEGINNING : PHASE_FAR;
}

// The row of whatever begins on the day on which the post ends: of the main one the next place, of others that it
// is not held any more; of all, that the person left.
static int64_t end_row(const Desk *desk, guint i, bool main)
{
  Date end = g_array_index(desk->spans, Span, i).to;
  const GArray *all[] = {desk->states, main ? desk->spans : desk->helds};
  for (size_t k = 0; k < G_N_ELEMENTS(all); k++)
    for (guint j = 0; j < all[k]->len; j++) {
      const Span *span = &g_array_index(all[k], Span, j);
      if (span->from == end && (k > 0 || state_of(span->value) == STATE_LEFT))
        return span->row;
    }
  return 0;
}

static void add_spells(const Roster *roster, Desk *desk, ToldRange facts, uint32_t main_post,
                       SpellFunc func, void *data)
{
  bool main = facts.first->post == main_post;
  find_spans(roster, desk, facts, main);
  for (guint i = 0; i < desk->spans->len; i++) {
    const Span *span = &g_array_index(desk->spans, Span, i);
    Spell spell = {.facts = facts};
    spell.post = (Post){.id = facts.first->post,
                        .main = main,
                        .begin = span->from,
                        .end = span->to,
                        .row = span->row,
                        .end_row = end_row(desk, i, main)};
    find_moments(facts, span, &spell.post);
    func(&spell, data);
  }
}

// The person's own facts, and behind them those of posts.
static ToldRange take_own(const Desk *desk, ToldRange *rest)
{
  *rest = (ToldRange){(const Told *)(void *)desk->told->data, desk->told->len};
  ToldRange own = {rest->first, 0};
  if (rest->n > 0 && rest->first->post == 0)
    roster_told_next_post(rest, &own);
  return own;
}

void roster_each_spell(const Roster *roster, Desk *desk, uint32_t main_post, SpellFunc func,
                       void *data)
{
  ToldRange rest, facts;
  take_own(desk, &rest);
  while (roster_told_next_post(&rest, &facts))
    add_spells(roster, desk, facts, main_post, func, data);
}

typedef struct Stays {
  const Roster *roster;
  GArray *stays;
} Stays;

static void add_stay(const Spell *spell, void *data)
{
  const Stays *stays = data;
  Stay stay = {.spell = *spell};
  stay.phase = phase_of(&spell->post, &stays->roster->when, &stay.day);
  if (stay.phase != PHASE_FAR)
    g_array_append_val(stays->stays, stay);
}

// Those in force, those ended, those to come; in each the main post first, then the older, then by id.
static int by_phase(const void *a, const void *b)
{
  const Stay *x = a, *y = b;
  const Post *p = &x->spell.post, *q = &y->spell.post;
  if (x->phase != y->phase)
    return x->phase < y->phase ? -1 : 1;
  if (p->main != q->main)
    return p->main ? -1 : 1;
  if (p->begin != q->begin)
    return p->begin < q->begin ? -1 : 1;
  return (p->id > q->id) - (p->id < q->id);
}

// ---------------------------------------------------------------------------------------------
// Fields.

void roster_fill_fields(ToldRange facts, Date day, const char **values, int64_t *rows)
{
  ToldRange field;
  while (roster_told_next_field(&facts, &field)) {
    const Told *told = roster_told_on(field, day);
    if (!told)
      continue;
    values[told->field] = told->value;
    if (rows)
      rows[told->field] = told->row;
  }
}

// HR says the new code of a unit in which somebody is already.
static UnitAt told_anew(const UnitAt *at, ToldRange units, const Told *told, const Post *post)
{
  UnitAt anew = *at;
  const Record *before = at->record->origin;
  const Told *first = roster_told_on(units, post->begin);
  if (before && at->record->taken > post->begin) {
    anew.relabelled = at->record->taken;
    anew.relabel_row = before->turn_row;
  } else if (first && told->from > post->begin && strcmp(first->value, told->value) != 0) {
    anew.relabelled = told->from;
    anew.relabel_row = told->row;
  }
  return anew;
}

// The unit of the post as it is on the day asked for, whatever its code was when it was told. Where the post has
// ended or is to come, the unit is that of its last or first day, by the code that this one has now.
static void find_unit(const Roster *roster, const Spell *spell, Date day, Post *post)
{
  ToldRange units = roster_told_field(spell->facts, FIELD_UNIT);
  const Told *told = roster_told_on(units, day);
  if (!told && units.n > 0)
    told = units.first;  // told only for a later day than its begin
  post->unit = told ? told->value : "";
  post->told = told ? told->from : post->begin;
  post->relabelled = DATE_NONE;
  if (!told)
    return;
  UnitAt at = roster_unit_at(roster, &(Telling){told->value, told->from}, day);
  if (!at.record)
    return;
  post->unit_id = at.record->unit ? at.record->unit->id : 0;
  post->unit = roster_code_on(at.record, roster->when.as_of);
  if (at.relabelled == DATE_NONE || at.relabelled <= post->begin)
    at = told_anew(&at, units, told, post);
  if (at.relabelled != DATE_NONE && at.relabelled > post->begin) {
    post->relabelled = at.relabelled;
    post->relabel_row = at.relabel_row;
  }
}

// A main post is known by its key; what else is said of it does not make it another's.
static const char *role_of(const Post *post, const char *told)
{
  if (post->main)
    return "main";
  return told && *told && strcmp(told, "main") != 0 ? told : "concurrent";
}

void roster_fill_post(const Roster *roster, const Spell *spell, Date unit_day, const char **values,
                      int64_t *rows, Post *post)
{
  *post = spell->post;
  find_unit(roster, spell, unit_day, post);
  values[FIELD_UNIT] = post->unit;
  post->title = values[FIELD_TITLE] ? values[FIELD_TITLE] : "";
  post->role = role_of(post, values[FIELD_ROLE]);
  post->fields = values;
  post->rows = rows;
}

static void add_post(const Roster *roster, Desk *desk, const Stay *stay, const char **values,
                     int64_t *rows)
{
  Post post;
  roster_fill_fields(stay->spell.facts, stay->day, values, rows);
  roster_fill_post(roster, &stay->spell, stay->day, values, rows, &post);
  g_array_append_val(desk->posts, post);
}

// A field that another process registered after this store was opened would be beyond the arrays.
FieldId roster_n_fields(const Roster *roster, const Desk *desk)
{
  FieldId n = store_n_fields(roster->store);
  for (guint i = 0; i < desk->told->len; i++)
    n = MAX(n, (FieldId)(g_array_index(desk->told, Told, i).field + 1));
  return n;
}

static void find_number(const Roster *roster, Person *person, const char **values, GString *number)
{
  if (!values[FIELD_NUMBER]) {
    const char *linked = store_link_number(roster->store, SUBJECT_PERSON, person->id);
    g_string_assign(number, linked ? linked : "");
    values[FIELD_NUMBER] = linked ? number->str : NULL;
  }
  person->number = values[FIELD_NUMBER] ? values[FIELD_NUMBER] : "";
}

void roster_assemble(const Roster *roster, Desk *desk, uint32_t id, uint32_t main_post)
{
  Person *person = &desk->person;
  *person = (Person){.id = id, .state_since = DATE_NONE, .hired = DATE_NONE};
  g_array_set_size(desk->stays, 0);
  g_array_set_size(desk->posts, 0);
  g_array_set_size(desk->states, 0);
  ToldRange rest;
  ToldRange own = take_own(desk, &rest);
  roster_told_lay(roster_told_field(own, FIELD_STATE), desk->states);
  roster_span_join(desk->states);
  find_state(person, desk->states, roster->when.as_of);
  Stays stays = {roster, desk->stays};
  roster_each_spell(roster, desk, main_post, add_stay, &stays);
  if (desk->stays->len > 1)
    g_array_sort(desk->stays, by_phase);

  size_t n_fields = roster_n_fields(roster, desk), n_blocks = desk->stays->len + 1;
  g_ptr_array_set_size(desk->fields, 0);
  g_ptr_array_set_size(desk->fields, (gint)(n_fields * n_blocks));
  g_array_set_size(desk->rows, 0);
  g_array_set_size(desk->rows, (guint)(n_fields * n_blocks));
  const char **values = (const char **)(void *)desk->fields->pdata;
  int64_t *rows = (int64_t *)(void *)desk->rows->data;
  // A joiner is shown as on the first day: before it nothing is in force.
  Date day = person->state == STATE_FUTURE ? person->state_since : roster->when.as_of;
  roster_fill_fields(own, day, values, rows);
  for (guint i = 0; i < desk->stays->len; i++)
    add_post(roster, desk, &g_array_index(desk->stays, Stay, i), values + n_fields * (i + 1),
             rows + n_fields * (i + 1));

  Date hired;
  if (values[FIELD_HIRED] && date_parse_iso(values[FIELD_HIRED], &hired))
    person->hired = hired;
  find_number(roster, person, values, desk->number);
  person->fields = values;
  person->rows = rows;
  person->posts = (const Post *)(void *)desk->posts->data;
  person->n_posts = desk->posts->len;
}
