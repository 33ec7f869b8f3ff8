// SPDX-License-Identifier: GPL-3.0-or-later
//
// What tables and exceptions give a person, over all time: each row of each post for as long as it applies, then
// what touches or overlaps made one. So nothing begins or ends because one post follows another that gives the same.
#include "derive_p.h"

#include <string.h>

typedef struct Gathering {
  Derive *derive;
  unsigned giver;
  const PostSpan *segment;
  Date to;  // of what the segment gives
} Gathering;

// ---------------------------------------------------------------------------------------------
// Posts.

static bool is_away(const Rules *rules, State state)
{
  switch (state) {
  case STATE_LEAVE:
    return rules->lives[LIFE_LEAVE].ends;
  case STATE_SUSPENDED:
    return rules->lives[LIFE_SUSPENDED].ends;
  case STATE_SECONDED:
    return rules->lives[LIFE_SECONDED].ends;
  default:
    return false;
  }
}

static void add_piece(const Gathering *gathering, const Choice *choice, const char *assignment)
{
  const PostSpan *segment = gathering->segment;
  const Post *post = &segment->post;
  Piece piece = {.klass = (uint16_t)gathering->giver,
                 .assignment = assignment,
                 .from = segment->from,
                 .to = gathering->to,
                 .begins = MAX(date_start(segment->from), post->begins),
                 .ends = MIN(date_start(gathering->to), post->ends),
                 .by_hour = post->by_hour,
                 .post = post,
                 .choice = choice};
  g_array_append_val(gathering->derive->pieces, piece);
}

static void take_choice(const Choice *choice, void *data)
{
  const Gathering *gathering = data;
  Derive *derive = gathering->derive;
  for (unsigned i = 0; i < choice->n_results; i++) {
    const Template *result = choice->results[i];
    const char *text;
    if (template_is_literal(result)) {
      add_piece(gathering, choice, result->slots[0].literal);
      continue;
    }
    Got got = derive_text(derive, result, &text);
    // What was is told by what is: who lacks a value today is named once, not for each time past. Nor does what
    // cannot be told of the past keep a right that nothing gives today.
    bool is_now = gathering->segment->from <= derive->today && derive->today < gathering->to;
    bool is_here = derive->lives[gathering->giver].rules != NULL;
    if (got == GOT_FAULT && is_now && is_here) {
      g_hash_table_add(derive->doubtful, GUINT_TO_POINTER(gathering->segment->person.id));
      derive_fault(derive, &result->spot, "assignment-missing", NULL);
    }
    if (got == GOT_TEXT && *text)
      add_piece(gathering, choice, text);
  }
}

static void ask_tables(Derive *derive, const PostSpan *segment)
{
  Gathering gathering = {.derive = derive, .segment = segment};
  scope_person(&derive->scope, &segment->person);
  derive->scope.post = derive->scope.focus = &segment->post;
  gathering.to = MIN(segment->to, grace_ended(derive, &segment->post));
  if (segment->from >= gathering.to)
    return;
  for (size_t i = 0; i < derive->n_lives; i++) {
    const Giver *giver = &derive->givers[i];
    gathering.giver = (unsigned)i;
    if (giver->decider && !is_away(giver->rules, segment->person.state))
      decider_each(giver->decider, &derive->scope, take_choice, &gathering);
  }
}

// ---------------------------------------------------------------------------------------------
// Exceptions.

static void give_within(Derive *derive, unsigned giver, const Exception *exception, Date from,
                        Date to)
{
  Piece piece = {.klass = (uint16_t)giver,
                 .assignment = exception->assignment,
                 .from = MAX(from, exception->from),
                 .to = MIN(to, exception->to),
                 .exception = exception};
  piece.begins = date_start(piece.from);
  piece.ends = date_start(piece.to);
  if (piece.from < piece.to)
    g_array_append_val(derive->pieces, piece);
}

// Nobody is given anything while they are not in service.
static void give(Derive *derive, unsigned giver, const Exception *exception, const GArray *states)
{
  for (unsigned i = 0; i < states->len; i++) {
    const StateSpan *span = &g_array_index(states, StateSpan, i);
    if (state_in_service(span->state) && !is_away(derive->givers[giver].rules, span->state))
      give_within(derive, giver, exception, span->from, span->to);
  }
}

static void take_from(GArray *pieces, unsigned i, const Exception *exception)
{
  Piece *piece = &g_array_index(pieces, Piece, i);
  Piece rest = *piece;
  if (piece->to <= exception->from || piece->from >= exception->to)
    return;
  piece->to = exception->from;
  piece->ends = MIN(piece->ends, date_start(piece->to));
  piece->exception = exception;
  rest.from = exception->to;
  rest.begins = MAX(rest.begins, date_start(rest.from));
  if (rest.from < rest.to)
    g_array_append_val(pieces, rest);
}

static void take(Derive *derive, unsigned giver, const Exception *exception)
{
  unsigned n = derive->pieces->len;
  for (unsigned i = 0; i < n; i++) {
    const Piece *piece = &g_array_index(derive->pieces, Piece, i);
    if (piece->klass == giver && strcmp(piece->assignment, exception->assignment) == 0)
      take_from(derive->pieces, i, exception);
  }
}

static void drop_empty(GArray *pieces)
{
  unsigned n = 0;
  for (unsigned i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index(pieces, Piece, i);
    if (piece->from < piece->to)
      g_array_index(pieces, Piece, n++) = *piece;
  }
  g_array_set_size(pieces, n);
}

static const GPtrArray *exceptions_of(const Giver *giver, uint32_t person)
{
  return giver->exceptions && giver->decider
             ? g_hash_table_lookup(giver->exceptions, GUINT_TO_POINTER(person))
             : NULL;
}

static void apply_exceptions(Derive *derive, unsigned giver, const Person *person)
{
  const GPtrArray *list = exceptions_of(&derive->givers[giver], person->id);
  if (!list)
    return;
  g_autoptr(GArray) states = g_array_new(false, false, sizeof(StateSpan));
  roster_states_of(derive->setup.roster, person, states);
  for (unsigned i = 0; i < list->len; i++) {
    const Exception *exception = list->pdata[i];
    if (!exception->takes)
      give(derive, giver, exception, states);
  }
  for (unsigned i = 0; i < list->len; i++) {
    const Exception *exception = list->pdata[i];
    if (exception->takes)
      take(derive, giver, exception);
  }
  drop_empty(derive->pieces);
}

// ---------------------------------------------------------------------------------------------
// One of what belongs together.

static int by_assignment(const void *a, const void *b)
{
  const Piece *x = a, *y = b;
  if (x->klass != y->klass)
    return x->klass < y->klass ? -1 : 1;
  int name = strcmp(x->assignment, y->assignment);
  if (name != 0)
    return name;
  if (x->begins != y->begins)
    return x->begins < y->begins ? -1 : 1;
  return (x->ends > y->ends) - (x->ends < y->ends);
}

// By the hour there is no day between, but hours.
static bool is_joined(const Assignment *assignment, const Piece *piece)
{
  return assignment->klass == piece->klass && strcmp(assignment->name, piece->assignment) == 0 &&
         piece->begins <= assignment->ends;
}

static void join(GArray *assignments, const Piece *piece)
{
  Assignment *last =
      assignments->len ? &g_array_index(assignments, Assignment, assignments->len - 1) : NULL;
  if (last && is_joined(last, piece)) {
    last->to = MAX(last->to, piece->to);
    last->ends = MAX(last->ends, piece->ends);
    last->by_hour &= piece->by_hour;
    last->n_pieces++;
    return;
  }
  Assignment fresh = {.klass = piece->klass,
                      .name = piece->assignment,
                      .from = piece->from,
                      .to = piece->to,
                      .begins = piece->begins,
                      .ends = piece->ends,
                      .by_hour = piece->by_hour,
                      .pieces = piece,
                      .n_pieces = 1};
  g_array_append_val(assignments, fresh);
}

static const char *day_text(Derive *derive, Date day)
{
  g_string_truncate(derive->text, 0);
  date_format(day, derive->text);
  return arena_text(&derive->arena, derive->text->str, derive->text->len);
}

static void unite(Derive *derive)
{
  g_array_set_size(derive->assignments, 0);
  if (derive->pieces->len > 1)
    g_array_sort(derive->pieces, by_assignment);
  for (unsigned i = 0; i < derive->pieces->len; i++)
    join(derive->assignments, &g_array_index(derive->pieces, Piece, i));
  for (unsigned i = 0; i < derive->assignments->len; i++) {
    Assignment *assignment = &g_array_index(derive->assignments, Assignment, i);
    assignment->first_day = day_text(derive, assignment->from);
    assignment->last_day =
        assignment->to == DATE_OPEN ? NULL : day_text(derive, assignment->to - 1);
  }
}

void assign_gather(Derive *derive, const Person *person)
{
  size_t n;
  const PostSpan *segments =
      roster_post_spans(derive->setup.roster, person, derive->asked, derive->n_asked, &n);
  g_array_set_size(derive->pieces, 0);
  for (size_t i = 0; i < n; i++)
    ask_tables(derive, &segments[i]);
  for (size_t i = 0; i < derive->n_lives; i++)
    apply_exceptions(derive, (unsigned)i, person);
  unite(derive);
  assign_judge(derive, person);
}

// ---------------------------------------------------------------------------------------------
// Conflicts.

// "税入力 (tables/roles.csv:12)"
static void put_rules(const Derive *derive, const Assignment *assignment, GString *out)
{
  const Assign *assign = derive->givers[assignment->klass].rules->assign;
  g_string_append_printf(out, "%s (", assignment->name);
  size_t start = out->len;
  for (unsigned i = 0; i < assignment->n_pieces; i++) {
    const Piece *piece = &assignment->pieces[i];
    g_autofree char *at =
        piece->choice
            ? g_strdup_printf("%s:%zu", assign->table->path, piece->choice->row + 1)
            : g_strdup_printf("%s:%zu", assign->exceptions->path, piece->exception->row + 1);
    if (!strstr(out->str + start, at))
      g_string_append_printf(out, "%s%s", out->len > start ? ", " : "", at);
  }
  g_string_append_c(out, ')');
}

static void tell_conflict(Derive *derive, const Person *person, const Conflict *conflict,
                          const Assignment *const sides[2])
{
  if (derive->trace || derive->quiet || derive->watch)
    return;
  g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
  put_rules(derive, sides[0], first);
  put_rules(derive, sides[1], second);
  g_autofree char *both = g_strdup_printf("%s, %s", sides[0]->name, sides[1]->name);
  Finding finding = {.level = FINDING_ERROR,
                     .code = "duties-conflict",
                     .file = grid_name(conflict->grid),
                     .line = (int64_t)conflict->row + 1,
                     .subject = person->number,
                     .value = both};
  if (derive_is_told(derive->setup.findings, &finding))
    return;
  findings_add(
      derive->setup.findings, &finding,
      _("would have both %s and %s, which must not be one person's: %s. Neither is given; what "
        "stands there is left. Change the posts, the tables, or take one away by an exception"),
      first->str, second->str, conflict->reason);
}

// In force, or so near that its entry is there already.
static bool is_shown(Derive *derive, const Assignment *assignment)
{
  const Giver *giver = &derive->givers[assignment->klass];
  return derive->at < assignment->ends &&
         assignment->from <= derive->today + giver->rules->assign->ahead_days &&
         derive_wanted(derive, giver->rules, "active");
}

static void judge_pair(Derive *derive, const Person *person, Assignment *a, Assignment *b)
{
  if (a->begins >= b->ends || b->begins >= a->ends)
    return;
  for (unsigned i = 0; i < derive->mapping->conflicts->len; i++) {
    const Conflicts *conflicts = derive->mapping->conflicts->pdata[i];
    for (unsigned k = 0; k < conflicts->n; k++) {
      const Conflict *conflict = &conflicts->rows[k];
      bool straight = conflict_names(conflict, 0, a->name) && conflict_names(conflict, 1, b->name);
      bool crossed = conflict_names(conflict, 1, a->name) && conflict_names(conflict, 0, b->name);
      if (!straight && !crossed)
        continue;
      a->conflicts = b->conflicts = true;
      tell_conflict(derive, person, conflict, (const Assignment *const[]){a, b});
    }
  }
}

void assign_judge(Derive *derive, const Person *person)
{
  if (derive->mapping->conflicts->len == 0 || derive->assignments->len < 2)
    return;
  scope_person(&derive->scope, person);
  g_autoptr(GPtrArray) shown = g_ptr_array_new();
  for (unsigned i = 0; i < derive->assignments->len; i++) {
    Assignment *assignment = &g_array_index(derive->assignments, Assignment, i);
    if (is_shown(derive, assignment))
      g_ptr_array_add(shown, assignment);
  }
  for (unsigned i = 0; i < shown->len; i++)
    for (unsigned k = i + 1; k < shown->len; k++)
      if (strcmp(((Assignment *)shown->pdata[i])->name, ((Assignment *)shown->pdata[k])->name))
        judge_pair(derive, person, shown->pdata[i], shown->pdata[k]);
}
