// SPDX-License-Identifier: GPL-3.0-or-later
//
// A full roster: who is there, as of its own date. It decides the fields that the layout names; of what
// orders have said it only tells when it disagrees.
#include "intake_p.h"

typedef struct Visit {
  Scribe *scribe;
  uint32_t person;
  const Known *known;      // empty for somebody new
  const GArray *rows;      // the person's records, main post first
  bool whole;              // none of the person's rows became a finding
  GString *disagreements;  // one finding a person
  GHashTable *woken;       // people whose orders are to be gone through again
  GHashTable *late;  // employee numbers of those whose newest orders the roster does not show yet
} Visit;

static Date declared_of(const Visit *visit)
{
  return visit->scribe->reading->receipt->declared;
}

// Spaces and widths differ between two prints of one name; that is no disagreement.
static bool means_the_same(const char *a, const char *b)
{
  g_autoptr(GString) left = g_string_new(NULL), right = g_string_new(NULL);
  text_key(a, left);
  text_key(b, right);
  return g_string_equal(left, right);
}

static void disagree(const Visit *visit, const Fact *what, const char *orders)
{
  GString *out = visit->disagreements;
  const Fact *unit =
      what->post ? known_on(visit->known, what->post, FIELD_UNIT, declared_of(visit)) : NULL;
  if (out->len)
    g_string_append(out, "; ");
  g_string_append(out, store_field_name(visit->scribe->store, what->field));
  // Of several posts, which one.
  if (what->field == FIELD_HELD && unit)
    g_string_append_printf(out, " (%s)", unit->value);
  g_string_append_printf(out, _(": roster “%s”, orders “%s”"), what->value, orders);
}

static bool put(const Visit *visit, const Fact *what, const Fact *in_force, GError **error)
{
  Scribe *scribe = visit->scribe;
  int64_t seq = scribe->seq;
  Fact fact = *what;
  fact.kind = SUBJECT_PERSON;
  fact.subject = visit->person;
  fact.valid_from = declared_of(visit);
  // A second roster of the same day stands for the first, wherever the line stands in it.
  if (in_force && in_force->valid_from == fact.valid_from && in_force->seq >= seq)
    scribe->seq = in_force->seq + 1;
  scribe->decided = what->decided;
  bool done = scribe_put(scribe, &fact, error);
  scribe->decided = false;
  scribe->seq = seq;
  return done;
}

// What the roster says was so until an order of the last days: it was extracted before HR entered that.
enum { DAYS_LATE = 14 };

static bool is_merely_late(const Visit *visit, const Fact *what, const Fact *in_force)
{
  if (!in_force || in_force->valid_from <= declared_of(visit) - DAYS_LATE)
    return false;
  Date before = in_force->valid_from - 1;
  const Fact *earlier = known_on(visit->known, what->post, what->field, before);
  // Of somebody who was there already, nothing known is as good as an empty cell.
  bool was_empty = !earlier && known_on(visit->known, 0, FIELD_STATE, before);
  return (earlier || was_empty) && means_the_same(earlier ? earlier->value : "", what->value);
}

// `what`: post, field and value as the roster says it; `decided` where it decides.
static bool compare(const Visit *visit, const Fact *what, GError **error)
{
  const Fact *in_force = known_on(visit->known, what->post, what->field, declared_of(visit));
  const char *before = in_force ? in_force->value : "";
  if (g_str_equal(before, what->value))
    return true;
  // What a roster said a roster may change, also that somebody left. Where nothing is known on its day,
  // an order of a later day keeps the field.
  bool by_order =
      in_force ? in_force->from_order : known_by_order(visit->known, what->post, what->field);
  if (what->decided || !by_order)
    return put(visit, what, in_force, error);
  if (means_the_same(before, what->value))
    return true;
  if (is_merely_late(visit, what, in_force))
    g_hash_table_add(visit->late, GUINT_TO_POINTER(visit->person));
  else
    disagree(visit, what, before);
  return true;
}

static bool decides(const Layout *layout, const Column *column)
{
  if (column->own >= 0)
    return layout->own_decides & (UINT64_C(1) << column->own);
  return layout->decides & BIT_OF(column->word);
}

static bool compare_columns(const Visit *visit, size_t record, WordPlace place, uint32_t post,
                            GError **error)
{
  const Reading *reading = visit->scribe->reading;
  const Layout *layout = reading->layout;
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *column = layout_column(layout, i);
    const char *value = reading_value(reading, record, i);
    FieldId field = scribe_field(visit->scribe, column);
    if (!value || field == FIELD_NONE || column_place(layout, column) != place)
      continue;
    Fact what = {.post = post, .field = field, .value = value, .decided = decides(layout, column)};
    if (scribe_yields(visit->scribe, column,
                      known_on(visit->known, post, field, declared_of(visit))))
      continue;
    if (!compare(visit, &what, error))
      return false;
  }
  return true;
}

static const char *role_of(const Reading *reading, size_t record)
{
  const char *role = reading_word(reading, record, WORD_ROLE);
  return *role ? role : "main";
}

static char *post_key(const Reading *reading, size_t record)
{
  if (g_str_equal(role_of(reading, record), "main"))
    return g_strdup("main");
  return g_strconcat("concurrent:", reading_word(reading, record, WORD_UNIT), NULL);
}

static bool compare_post(const Visit *visit, size_t record, GError **error)
{
  const Reading *reading = visit->scribe->reading;
  g_autofree char *key = post_key(reading, record);
  uint32_t post = store_post(visit->scribe->store, visit->person, key, error);
  if (!post)
    return false;
  Fact held = {.post = post, .field = FIELD_HELD, .value = "1"};
  Fact role = {.post = post, .field = FIELD_ROLE, .value = "main"};
  bool said = reading_has(reading, WORD_ROLE);  // then it is one of the columns
  return compare(visit, &held, error) && (said || compare(visit, &role, error)) &&
         compare_columns(visit, record, PLACE_POST, post, error);
}

static size_t record_at(const Visit *visit, size_t i)
{
  return g_array_index(visit->rows, size_t, i);
}

static bool lists_post(const Visit *visit, uint32_t post)
{
  for (size_t i = 0; i < visit->rows->len; i++) {
    g_autofree char *key = post_key(visit->scribe->reading, record_at(visit, i));
    if (store_post_find(visit->scribe->store, visit->person, key) == post)
      return true;
  }
  return false;
}

// Concurrent posts that the roster has no row for any more.
static bool end_posts(const Visit *visit, GError **error)
{
  const Reading *reading = visit->scribe->reading;
  if (!visit->whole || !reading->layout->full || !reading_has(reading, WORD_ROLE))
    return true;
  for (size_t i = 0; i < visit->known->facts->len; i++) {
    const Fact *role = &g_array_index(visit->known->facts, Fact, i);
    if (role->field != FIELD_ROLE || !g_str_equal(role->value, "concurrent") ||
        role != known_on(visit->known, role->post, FIELD_ROLE, declared_of(visit)) ||
        lists_post(visit, role->post))
      continue;
    Fact ended = {.post = role->post, .field = FIELD_HELD, .value = "0"};
    if (!compare(visit, &ended, error))
      return false;
  }
  return true;
}

static uint32_t find_person(const Scribe *scribe, const char *number)
{
  return identity_of_number(scribe->store, scribe->reading->layout->space, number,
                            scribe->reading->receipt->declared);
}

static uint32_t add_person(const Scribe *scribe, size_t record, GError **error)
{
  const Reading *reading = scribe->reading;
  Date from = reading->receipt->declared, hired;
  if (date_parse_iso(reading_word(reading, record, WORD_HIRED), &hired))
    from = MIN(from, hired);
  uint32_t person = store_subject_add(scribe->store, SUBJECT_PERSON, error);
  if (!person || !store_link_add(scribe->store, SUBJECT_PERSON, reading->layout->space,
                                 reading_word(reading, record, WORD_NUMBER), person, from, error))
    return 0;
  return person;
}

static bool compare_state(const Visit *visit, GError **error)
{
  Fact active = {.field = FIELD_STATE, .value = "active"};
  return reading_has(visit->scribe->reading, WORD_STATE) || compare(visit, &active, error);
}

static void tell_disagreement(const Visit *visit)
{
  Reading *reading = visit->scribe->reading;
  if (visit->disagreements->len)
    reading_note(reading, record_at(visit, 0), WORD_NUMBER,
                 &(Finding){.level = FINDING_WARNING, .code = "roster-disagrees"},
                 _("the roster disagrees with the orders as of its date, and the orders hold: %s"),
                 visit->disagreements->str);
}

static bool visit_rows(Visit *visit, GError **error)
{
  Scribe *scribe = visit->scribe;
  const Reading *reading = scribe->reading;
  for (size_t i = 0; i < visit->rows->len; i++) {
    size_t record = record_at(visit, i);
    scribe_turn(scribe, record,
                seq_of(declared_of(visit), true, NULL, reading_record(reading, record)->line));
    // The main row comes first and speaks for the person.
    if (i == 0 && !(compare_columns(visit, record, PLACE_PERSON, 0, error) &&
                    compare_state(visit, error) && end_posts(visit, error)))
      return false;
    if (!compare_post(visit, record, error))
      return false;
  }
  return true;
}

// Orders that were waiting for somebody of this number, and the end of a term that the roster tells.
static bool wake_orders(const Visit *visit, const char *number, bool is_new, GError **error)
{
  Scribe *scribe = visit->scribe;
  const char *until = reading_word(scribe->reading, record_at(visit, 0), WORD_UNTIL);
  bool term = *until || known_on(visit->known, 0, FIELD_UNTIL, declared_of(visit));
  if (term)
    g_hash_table_add(visit->woken, GUINT_TO_POINTER(visit->person));
  return !is_new || identity_found(scribe->store, scribe->reading->layout->space, number,
                                   visit->person, visit->woken, error);
}

// Where nobody orders anything, a renewal under another number is somebody new and somebody missing.
static bool tell_likeness(const Visit *visit, const char *number, GError **error)
{
  Scribe *scribe = visit->scribe;
  Reading *reading = scribe->reading;
  size_t record = record_at(visit, 0);
  uint32_t like = 0;
  // The first roster makes everybody known.
  if (scribe->is_first)
    return true;
  if (!identity_like(scribe->store, reading_word(reading, record, WORD_KANA),
                     reading_word(reading, record, WORD_BIRTH), &like, error))
    return false;
  g_autofree char *known =
      like ? g_strdup(store_link_number(scribe->store, SUBJECT_PERSON, like)) : NULL;
  if (known)
    reading_note(
        reading, record, WORD_NUMBER, &(Finding){.level = FINDING_WARNING, .code = "maybe-same"},
        _("somebody of the same kana and birth date is known as %s. If it is one person, say so "
          "before the next plan is applied, and the account is kept: idou link %s %s"),
        known, number, known);
  return true;
}

static bool visit_person(Visit *visit, GHashTable *seen, GError **error)
{
  Scribe *scribe = visit->scribe;
  size_t record = record_at(visit, 0);
  g_autofree char *number = g_strdup(reading_word(scribe->reading, record, WORD_NUMBER));
  visit->person = find_person(scribe, number);
  bool is_new = !visit->person;
  if (is_new && (!tell_likeness(visit, number, error) ||
                 !(visit->person = add_person(scribe, record, error))))
    return false;
  g_autoptr(Known) known =
      known_load(scribe->store, SUBJECT_PERSON, visit->person, scribe->known_at, error);
  g_autoptr(GString) disagreements = g_string_new(NULL);
  if (!known)
    return false;
  visit->known = known;
  visit->disagreements = disagreements;
  g_hash_table_add(seen, GUINT_TO_POINTER(visit->person));
  receipt_count(scribe->reading->receipt, "person");
  if (!visit_rows(visit, error))
    return false;
  tell_disagreement(visit);
  return wake_orders(visit, number, is_new, error);
}

// ---------------------------------------------------------------------------------------------

static int by_post(const void *a, const void *b, void *data)
{
  size_t left = *(const size_t *)a, right = *(const size_t *)b;
  bool left_main = g_str_equal(role_of(data, left), "main");
  bool right_main = g_str_equal(role_of(data, right), "main");
  return left_main != right_main ? right_main - left_main : (left > right) - (left < right);
}

// The rows of a person whose first one it is, main before others.
static void collect_rows(Reading *reading, size_t head, GArray *rows)
{
  g_array_set_size(rows, 0);
  for (size_t i = head; i != CHAIN_END; i = chain_next(reading, i))
    if (!reading_mark(reading, i)->repeat)
      g_array_append_val(rows, i);
  if (rows->len > 1)
    g_array_sort_with_data(rows, by_post, reading);
}

// A row with a fault still shows that its person is there.
static void see_bad_rows(const Scribe *scribe, GHashTable *seen)
{
  const Reading *reading = scribe->reading;
  for (size_t i = 0; i < reading->records->len; i++) {
    if (!reading_mark(reading, i)->bad)
      continue;
    const char *number = reading_word(reading, i, WORD_NUMBER);
    uint32_t person = *number ? find_person(scribe, number) : 0;
    if (person)
      g_hash_table_add(seen, GUINT_TO_POINTER(person));
  }
}

static GHashTable *numbers_of_bad_rows(const Reading *reading)
{
  GHashTable *numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < reading->records->len; i++)
    if (reading_mark(reading, i)->bad)
      g_hash_table_add(numbers, g_strdup(reading_word(reading, i, WORD_NUMBER)));
  return numbers;
}

// One word for all of them: there may be hundreds after a big change.
static void tell_late(const Scribe *scribe, guint n)
{
  if (n > 0)
    findings_add(
        scribe->reading->findings,
        &(Finding){.level = FINDING_WARNING, .code = "roster-late", .file = scribe->reading->file},
        ngettext("%u person is as before an order of the last days: the roster was made too "
                 "early; the order holds",
                 "%u people are as before orders of the last days: the roster was made too "
                 "early; the orders hold",
                 n),
        n);
}

bool facts_roster(Scribe *scribe, GError **error)
{
  Reading *reading = scribe->reading;
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(size_t));
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) bad = numbers_of_bad_rows(reading);
  g_autoptr(GHashTable) woken = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) late = g_hash_table_new(NULL, NULL);
  for (size_t head = 0; head < reading->records->len; head++) {
    if (!reading_mark(reading, head)->heads)
      continue;
    collect_rows(reading, head, rows);
    Visit visit = {.scribe = scribe, .rows = rows, .woken = woken, .late = late};
    visit.whole = !g_hash_table_contains(bad, reading_word(reading, head, WORD_NUMBER));
    if (!visit_person(&visit, seen, error))
      return false;
  }
  tell_late(scribe, g_hash_table_size(late));
  see_bad_rows(scribe, seen);
  return facts_replay(scribe, woken, error) && facts_absence(scribe, seen, error);
}
