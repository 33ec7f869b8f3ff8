// SPDX-License-Identifier: GPL-3.0-or-later
//
// What others than HR know: extension numbers, 係, the order in which posts are shown, as a list of people or of
// units. It decides what it tells, from its own date on; who is not in it is not meant, and an empty
// cell is an empty value.
#include "intake_p.h"

typedef struct List {
  Scribe *scribe;
  Date from;
} List;

typedef struct Entry {
  SubjectKind kind;
  uint32_t subject;
  const Known *known;
  uint32_t main;  // post; 0 = none
} Entry;

static bool put(const List *list, const Entry *entry, const Fact *what, GError **error)
{
  Scribe *scribe = list->scribe;
  const Fact *in_force = known_on(entry->known, what->post, what->field, list->from);
  if (in_force && g_str_equal(in_force->value, what->value))
    return true;
  int64_t seq = scribe->seq;
  Fact fact = *what;
  fact.kind = entry->kind;
  fact.subject = entry->subject;
  fact.valid_from = list->from;
  if (in_force && in_force->valid_from == list->from && in_force->seq >= seq)
    scribe->seq = in_force->seq + 1;
  scribe->decided = true;
  bool done = scribe_put(scribe, &fact, error);
  scribe->decided = false;
  scribe->seq = seq;
  return done;
}

static bool take_columns(const List *list, const Entry *entry, size_t record, GError **error)
{
  const Reading *reading = list->scribe->reading;
  for (size_t i = 0; i < reading->layout->columns->len; i++) {
    const Column *column = layout_column(reading->layout, i);
    const char *value = reading_value(reading, record, i);
    FieldId field = scribe_field(list->scribe, column);
    WordPlace place = column_place(reading->layout, column);
    bool is_key = column->word == layout_subject(reading->layout);
    if (!value || is_key || field == FIELD_NONE || (place == PLACE_POST && !entry->main))
      continue;
    Fact fact = {.post = place == PLACE_POST ? entry->main : 0, .field = field, .value = value};
    if (!put(list, entry, &fact, error))
      return false;
  }
  return true;
}

static bool find_entry(const List *list, const char *key, Entry *entry)
{
  Store *store = list->scribe->store;
  const Layout *layout = list->scribe->reading->layout;
  bool of_units = layout_subject(layout) == WORD_CODE;
  entry->kind = of_units ? SUBJECT_UNIT : SUBJECT_PERSON;
  entry->subject = of_units ? store_link_find(store, SUBJECT_UNIT, layout->space, key, list->from)
                            : identity_of_number(store, layout->space, key, list->from);
  entry->main = of_units || !entry->subject ? 0 : store_post_find(store, entry->subject, "main");
  return entry->subject != 0;
}

static bool take_row(const List *list, size_t record, GError **error)
{
  Scribe *scribe = list->scribe;
  Reading *reading = scribe->reading;
  WordId key = layout_subject(reading->layout);
  Entry entry = {0};
  if (!find_entry(list, reading_word(reading, record, key), &entry)) {
    reading_note(
        reading, record, key, &(Finding){.level = FINDING_ERROR, .code = "unknown"},
        _("neither HR nor any other source has named this one; correct the row, or send it "
          "again when they have"));
    return true;
  }
  g_autoptr(Known) known =
      known_load(scribe->store, entry.kind, entry.subject, scribe->known_at, error);
  if (!known)
    return false;
  entry.known = known;
  int64_t line = reading_record(reading, record)->line;
  scribe_turn(scribe, record, scribe_seq(list->from, true, NULL, line));
  receipt_count(reading->receipt, entry.kind == SUBJECT_UNIT ? "unit" : "person");
  return take_columns(list, &entry, record, error);
}

bool facts_details(Scribe *scribe, GError **error)
{
  const Reading *reading = scribe->reading;
  Date declared = reading->receipt->declared;
  List list = {scribe, declared == DATE_NONE ? date_of_instant(scribe->known_at) : declared};
  for (size_t i = 0; i < reading->records->len; i++) {
    const Record *record = reading_record(reading, i);
    if (!record->bad && !record->repeat && !take_row(&list, i, error))
      return false;
  }
  return true;
}
