// SPDX-License-Identifier: GPL-3.0-or-later
//
// Posts over time, cut where something that is asked about changes: a promotion on the spot is no new post, but
// what is given for the title begins on its day.
#include "roster_p.h"

#include <stdlib.h>

typedef struct Cutting {
  Roster *roster;
  const Desk *desk;  // where the person was put together
  ToldRange own;     // the person's facts
  const bool *asked;
  size_t n_asked;
  GArray *days;    // Date
  GArray *spells;  // Spell
} Cutting;

static const Desk *desk_of(const Roster *roster, const Person *person)
{
  return person == &roster->walk.person ? &roster->walk : &roster->one;
}

void roster_states_of(const Roster *roster, const Person *person, GArray *out)
{
  const GArray *states = desk_of(roster, person)->states;
  for (guint i = 0; i < states->len; i++) {
    const Span *span = &g_array_index(states, Span, i);
    StateSpan told = {state_of(span->value), span->from, span->to, span->row};
    g_array_append_val(out, told);
  }
}

// ---------------------------------------------------------------------------------------------
// The days on which something changes.

static void add_day(const Cutting *cutting, const Post *post, Date day)
{
  if (post->begin < day && day < post->end)
    g_array_append_val(cutting->days, day);
}

static void add_changes(const Cutting *cutting, const Post *post, ToldRange facts)
{
  for (size_t i = 0; i < facts.n; i++) {
    const Told *told = &facts.first[i];
    if (told->field >= cutting->n_asked || !cutting->asked[told->field])
      continue;
    add_day(cutting, post, told->from);
    add_day(cutting, post, told->to);
  }
}

static int by_day(const void *a, const void *b)
{
  Date x = *(const Date *)a, y = *(const Date *)b;
  return (x > y) - (x < y);
}

static void find_days(const Cutting *cutting, const Spell *spell)
{
  const Post *post = &spell->post;
  g_array_set_size(cutting->days, 0);
  g_array_append_val(cutting->days, post->begin);
  add_changes(cutting, post, cutting->own);
  add_changes(cutting, post, spell->facts);
  g_array_sort(cutting->days, by_day);
  guint n = 0;
  for (guint i = 0; i < cutting->days->len; i++) {
    Date day = g_array_index(cutting->days, Date, i);
    if (n == 0 || day != g_array_index(cutting->days, Date, n - 1))
      g_array_index(cutting->days, Date, n++) = day;
  }
  g_array_set_size(cutting->days, n);
}

static void note_segment(const Cutting *cutting, const Spell *spell, guint i)
{
  const Post *post = &spell->post;
  Date from = g_array_index(cutting->days, Date, i);
  bool last = i + 1 == cutting->days->len;
  PostSpan segment = {.from = from,
                      .to = last ? post->end : g_array_index(cutting->days, Date, i + 1)};
  g_array_append_val(cutting->roster->spans, segment);
  g_array_append_vals(cutting->spells, spell, 1);
}

static void cut_spell(const Spell *spell, void *data)
{
  const Cutting *cutting = data;
  find_days(cutting, spell);
  for (guint i = 0; i < cutting->days->len; i++)
    note_segment(cutting, spell, i);
}

// ---------------------------------------------------------------------------------------------
// Who and what they were then.

static Date unit_day(const Post *post, const RosterWhen *when)
{
  if (post->begin > when->as_of)
    return post->begin;
  return post->end <= when->as_of ? post->end - 1 : when->as_of;
}

static State state_on(const GArray *states, Date day, Date *since)
{
  for (guint i = 0; i < states->len; i++) {
    const Span *span = &g_array_index(states, Span, i);
    if (span->from <= day && day < span->to) {
      *since = span->from;
      return state_of(span->value);
    }
  }
  *since = DATE_NONE;
  return STATE_NONE;
}

static void fill_segment(const Cutting *cutting, guint i, const char **values, int64_t *rows,
                         size_t n_fields)
{
  Roster *roster = cutting->roster;
  PostSpan *segment = &g_array_index(roster->spans, PostSpan, i);
  const Spell *spell = &g_array_index(cutting->spells, Spell, i);
  const Person *now = &cutting->desk->person;
  roster_fill_fields(cutting->own, segment->from, values, rows);
  segment->person = *now;
  segment->person.state =
      state_on(cutting->desk->states, segment->from, &segment->person.state_since);
  segment->person.posts = NULL;
  segment->person.n_posts = 0;
  // Numbers are links, not told by the day.
  values[FIELD_NUMBER] = now->fields[FIELD_NUMBER];
  segment->person.fields = values;
  segment->person.rows = rows;
  values += n_fields;
  rows += n_fields;
  roster_fill_fields(spell->facts, segment->from, values, rows);
  roster_fill_post(roster, spell, unit_day(&spell->post, &roster->when), values, rows,
                   &segment->post);
}

static int by_from(const void *a, const void *b)
{
  const PostSpan *x = a, *y = b;
  if (x->from != y->from)
    return x->from < y->from ? -1 : 1;
  if (x->post.main != y->post.main)
    return x->post.main ? -1 : 1;
  return (x->post.id > y->post.id) - (x->post.id < y->post.id);
}

static ToldRange own_facts(const Desk *desk)
{
  ToldRange rest = {(const Told *)(void *)desk->told->data, desk->told->len};
  ToldRange own = {rest.first, 0};
  if (rest.n > 0 && rest.first->post == 0)
    roster_told_next_post(&rest, &own);
  return own;
}

const PostSpan *roster_post_spans(Roster *roster, const Person *person, const bool *asked,
                                  size_t n_asked, size_t *n)
{
  Desk *desk = (Desk *)desk_of(roster, person);
  Desk *past = &roster->past;
  bool walking = desk == &roster->walk;
  uint32_t main_post = walking ? roster_main_post(roster, person->id)
                               : store_post_find(roster->store, person->id, "main");
  g_autoptr(GArray) days = g_array_new(false, false, sizeof(Date));
  g_autoptr(GArray) spells = g_array_new(false, false, sizeof(Spell));
  Cutting cutting = {roster, desk, own_facts(desk), asked, n_asked, days, spells};
  g_array_set_size(roster->spans, 0);
  roster_each_spell(roster, desk, main_post, cut_spell, &cutting);

  guint n_segments = roster->spans->len;
  size_t n_fields = roster_n_fields(roster, desk), n_cells = n_fields * 2 * n_segments;
  g_ptr_array_set_size(past->fields, 0);
  g_ptr_array_set_size(past->fields, (gint)n_cells);
  g_array_set_size(past->rows, 0);
  g_array_set_size(past->rows, (guint)n_cells);
  for (guint i = 0; i < n_segments; i++)
    fill_segment(&cutting, i, (const char **)(void *)past->fields->pdata + n_fields * 2 * i,
                 (int64_t *)(void *)past->rows->data + n_fields * 2 * i, n_fields);
  g_array_sort(roster->spans, by_from);
  *n = n_segments;
  return (const PostSpan *)(const void *)roster->spans->data;
}
