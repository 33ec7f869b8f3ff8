// SPDX-License-Identifier: GPL-3.0-or-later
//
// Absence is not evidence, unless two full rosters of different dates agree on it.
#include "intake_p.h"

typedef struct Missing {
  uint32_t subject;
  const char *number;
} Missing;

typedef struct Search {
  GHashTable *seen;
  GStringChunk *text;
  GArray *missing;  // Missing
} Search;

static bool look(uint32_t person, const char *number, void *data)
{
  Search *search = data;
  if (!g_hash_table_contains(search->seen, GUINT_TO_POINTER(person))) {
    Missing missing = {person, g_string_chunk_insert(search->text, number)};
    g_array_append_val(search->missing, missing);
    // Somebody with two numbers comes twice.
    g_hash_table_add(search->seen, GUINT_TO_POINTER(person));
  }
  return true;
}

static void tell(const Scribe *scribe, const char *number, const char *code, const char *text)
{
  Finding at = {
      .level = FINDING_WARNING, .code = code, .file = scribe->reading->file, .subject = number};
  findings_add(scribe->reading->findings, &at, "%s", text);
}

// An order makes the person leave with the roster's own day: HR may have taken the name out already.
static bool leaves_by_order(const Scribe *scribe, uint32_t person, Date day)
{
  Fact key = {.kind = SUBJECT_PERSON, .subject = person, .field = FIELD_STATE}, state;
  return store_fact_on(scribe->store, &key, day, INSTANT_OPEN, &state) &&
         g_str_equal(state.value, "left");
}

// Handed over (出向): another source's rosters list the person now.
static bool another_speaks(const Scribe *scribe, uint32_t person, Date day)
{
  Fact key = {.kind = SUBJECT_PERSON, .subject = person, .field = FIELD_AUTHORITY}, authority;
  return store_fact_on(scribe->store, &key, day, INSTANT_OPEN, &authority) && *authority.value &&
         !g_str_equal(authority.value, scribe->reading->layout->space);
}

static bool note_missing(Scribe *scribe, const Missing *missing, GError **error)
{
  Date declared = scribe->reading->receipt->declared;
  bool confirmed = false;
  if (leaves_by_order(scribe, missing->subject, declared + 1) ||
      another_speaks(scribe, missing->subject, declared))
    return true;
  if (!store_absence_note(scribe->store, missing->subject, declared, &confirmed, error))
    return false;
  if (!confirmed) {
    tell(scribe, missing->number, "absent-once",
         _("not in this roster; left as is until a roster of another date confirms it"));
    return true;
  }
  Fact left = {.kind = SUBJECT_PERSON,
               .subject = missing->subject,
               .field = FIELD_STATE,
               .value = "left",
               .valid_from = declared + 1};
  tell(scribe, missing->number, "absent-twice",
       _("not in two rosters of different dates: taken as having left from the day after this "
         "roster; ask HR for the order"));
  scribe->decided = true;
  bool done = scribe_put(scribe, &left, error);
  scribe->decided = false;
  return done;
}

static bool clear_seen(const Scribe *scribe, GHashTable *seen, GError **error)
{
  GHashTableIter iter;
  void *person;
  g_hash_table_iter_init(&iter, seen);
  while (g_hash_table_iter_next(&iter, &person, NULL))
    if (!store_absence_clear(scribe->store, GPOINTER_TO_UINT(person), error))
      return false;
  return true;
}

bool facts_absence(Scribe *scribe, GHashTable *seen, GError **error)
{
  const Reading *reading = scribe->reading;
  Date declared = reading->receipt->declared;
  // A roster older than one we know says nothing about who is there now.
  if (scribe->to != DATE_OPEN)
    return true;
  if (!clear_seen(scribe, seen, error))
    return false;
  if (!reading->layout->full)
    return true;
  if (reading->number_unread) {
    tell(scribe, NULL, "absence-unjudged",
         _("some employee numbers could not be read, so this roster is no evidence of absence"));
    return true;
  }
  g_autoptr(GStringChunk) text = g_string_chunk_new(1024);
  g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(Missing));
  Search search = {seen, text, missing};
  if (!store_persons_present(scribe->store, reading->layout->space, declared, look, &search, error))
    return false;
  // The header stands for the file as a whole: what follows from a missing row has no row.
  scribe_turn(scribe, SCRIBE_HEADER, seq_of(declared, true, NULL, 0));
  for (size_t i = 0; i < missing->len; i++)
    if (!note_missing(scribe, &g_array_index(missing, Missing, i), error))
      return false;
  return true;
}
