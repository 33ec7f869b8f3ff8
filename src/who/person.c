// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who the person is: numbers, names given, states, posts, and what HR's records say otherwise.
#include "who_p.h"

#include <string.h>

static bool take_number(const char *space, const char *number, Date from, Date to, void *data)
{
  Page *page = data;
  WhoNumber link = {who_keep(page, space), who_keep(page, number), from, to};
  g_array_append_val(page->who->numbers, link);
  return true;
}

// What is known of a number: only from orders that an embargo still hides, or also otherwise.
typedef struct Hidden {
  const Page *page;
  GHashTable *hidden, *open;  // numbers
} Hidden;

static bool take_hidden(const OrderRow *order, void *data)
{
  Hidden *hidden = data;
  bool later = order->known_from > hidden->page->setup->known_at;
  g_hash_table_add(later ? hidden->hidden : hidden->open, g_strdup(order->person_number));
  return true;
}

// Numbers are not dated by when they came to be known: a new one would tell of a hire before its time.
static bool hide_numbers(Page *page, GError **error)
{
  g_autoptr(GHashTable) later = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Hidden hidden = {page, later, open};
  GArray *numbers = page->who->numbers;
  if (!store_orders_of(page->setup->store, page->who->person, take_hidden, &hidden, error))
    return false;
  for (guint i = numbers->len; i-- > 0;) {
    const WhoNumber *number = &g_array_index(numbers, WhoNumber, i);
    if (number->from > page->setup->as_of && g_hash_table_contains(later, number->number) &&
        !g_hash_table_contains(open, number->number))
      g_array_remove_index(numbers, i);
  }
  return true;
}

static bool take_name(const NameRow *row, void *data)
{
  Page *page = data;
  WhoName name = {who_keep(page, row->kind), who_keep(page, row->name), row->since,
                  row->state == NAME_FORMER};
  g_array_append_val(page->who->names, name);
  return true;
}

static bool fill_states(Page *page, GError **error)
{
  g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(StateSpan));
  if (!roster_states(page->roster, page->who->person, spans, error))
    return false;
  for (guint i = 0; i < spans->len; i++) {
    const StateSpan *span = &g_array_index(spans, StateSpan, i);
    WhoState state = {state_name(span->state), span->from, span->to, who_source(page, span->row)};
    g_array_append_val(page->who->states, state);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Posts.

static const char *field_of(const Post *post, FieldId field)
{
  return post->fields[field] ? post->fields[field] : "";
}

// Of the unit and title as they are on the day asked for, or were on the last one, or will be on the first.
static Date day_of(const Page *page, const Post *post)
{
  Date as_of = page->setup->as_of;
  return post->end <= as_of ? post->end - 1 : MAX(post->begin, as_of);
}

static const char *title_name(Page *page, const Post *post)
{
  const Title *title = roster_title(page->roster, post->title);
  const char *told = field_of(post, FIELD_TITLE_NAME);
  return who_keep(page, *told ? told : title ? title->name : "");
}

static void add_post(Page *page, const Post *post)
{
  Date as_of = page->setup->as_of;
  WhoPost shown = {.when = post->end <= as_of    ? "past"
                           : post->begin > as_of ? "coming"
                                                 : "now",
                   .role = who_keep(page, post->role),
                   .unit = who_keep(page, post->unit),
                   .path = who_unit_path(page, post->unit, day_of(page, post)),
                   .title = who_keep(page, post->title),
                   .title_name = title_name(page, post),
                   .begin = post->begin,
                   .end = post->end,
                   .from_time = who_keep(page, field_of(post, FIELD_FROM_TIME)),
                   .to_time = who_keep(page, field_of(post, FIELD_TO_TIME)),
                   .source = who_source(page, post->row)};
  g_array_append_val(page->who->posts, shown);
}

// ---------------------------------------------------------------------------------------------
// Facts.

// What stands elsewhere on the page, and what is nobody's business here.
static bool is_shown(FieldId field)
{
  static const FieldId elsewhere[] = {FIELD_NUMBER, FIELD_STATE, FIELD_BIRTH};
  for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++)
    if (field == elsewhere[i])
      return false;
  return true;
}

static void fill_facts(Page *page, const Person *person)
{
  Store *store = page->setup->store;
  for (FieldId field = 1; field < store_n_fields(store); field++) {
    const char *name = store_field_name(store, field);
    if (!name || !person->fields[field] || !*person->fields[field] || !is_shown(field))
      continue;
    WhoFact fact = {who_keep(page, name), who_keep(page, person->fields[field]),
                    who_source(page, person->rows[field])};
    g_array_append_val(page->who->facts, fact);
  }
}

// ---------------------------------------------------------------------------------------------

static bool find_person(Page *page, const Person **out, GError **error)
{
  GError *fault = NULL;
  if (roster_person(page->roster, page->who->person, out, &fault))
    return true;
  if (fault)
    g_propagate_error(error, fault);
  else
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("nothing is known of this person at that time"));
  return false;
}

bool who_person(Page *page, GError **error)
{
  Who *who = page->who;
  const Person *person = NULL;
  if (!fill_states(page, error) || !find_person(page, &person, error))
    return false;
  who->number = who_keep(page, person->number);
  who->name = who_keep(page, person->fields[FIELD_NAME]);
  who->kana = who_keep(page, person->fields[FIELD_KANA]);
  who->state = state_name(person->state);
  who->state_since = person->state_since;
  for (size_t i = 0; i < person->n_posts; i++)
    add_post(page, &person->posts[i]);
  fill_facts(page, person);
  return store_links_of(page->setup->store, SUBJECT_PERSON, who->person, take_number, page,
                        error) &&
         hide_numbers(page, error) &&
         store_names_of(page->setup->store, who->person, take_name, page, error);
}

// ---------------------------------------------------------------------------------------------

static void put_line(GHashTable *lines, char *what, char *value)
{
  g_hash_table_replace(lines, what, value);
}

bool who_records_on(Page *page, Date day, GHashTable *out, GError **error)
{
  RosterWhen when = {.as_of = day, .known_at = page->setup->known_at};
  g_autoptr(Roster) roster = roster_open(page->setup->store, &when, error);
  const Person *person = NULL;
  GError *fault = NULL;
  if (!roster)
    return false;
  if (!roster_person(roster, page->who->person, &person, &fault)) {
    if (fault)
      g_propagate_error(error, fault);
    return !fault;
  }
  put_line(out, g_strdup("state"), g_strdup(state_name(person->state)));
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    const Unit *unit = roster_unit(roster, post->unit);
    char *what =
        post->main ? g_strdup("post main") : g_strdup_printf("post %s %s", post->role, post->unit);
    put_line(
        out, what,
        g_strdup_printf("%s %s %s", post->unit, unit && unit->name ? unit->name : "", post->title));
  }
  return true;
}
