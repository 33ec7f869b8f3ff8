// SPDX-License-Identifier: GPL-3.0-or-later
//
// What tables of units, reorganisations and people's files share: who has a code, what is known of it,
// and units that have none yet.
#include "intake_p.h"

#include <string.h>

// Before a code by which a unit goes while it has none of its own. Numbers of such units, and of no
// others, hold a slash.
#define PROVISIONAL "//"

const Fact *unit_told(const Known *known, FieldId field, Date as_of, bool reorganised)
{
  const Fact *in_force = NULL;
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->field == field && fact->from_order == reorganised && fact->valid_from <= as_of &&
        as_of < fact->valid_to)
      in_force = fact;
  }
  return in_force;
}

bool unit_is_held(const Known *known, Date as_of)
{
  const Fact *held = known_on(known, 0, FIELD_HELD, as_of);
  return held && g_str_equal(held->value, "1");
}

Date unit_ended(const Known *known, Date as_of)
{
  const Fact *held = known_on(known, 0, FIELD_HELD, as_of);
  return held && !g_str_equal(held->value, "1") ? held->valid_from : DATE_NONE;
}

static const char *space_of(const Scribe *scribe)
{
  return scribe->reading->layout->space;
}

static char *provisional_number(const char *code)
{
  return g_strconcat(PROVISIONAL, code, NULL);
}

// Whether anything is known of it. A unit that a table of old and new codes made, and the corrected one did
// not, is a number of nobody.
static bool is_told(Store *store, uint32_t unit)
{
  g_autoptr(Known) known = known_load(store, SUBJECT_UNIT, unit, INSTANT_OPEN, NULL);
  return !known || known->facts->len > 0;
}

typedef struct Holders {
  const Scribe *scribe;
  const char *number;
  Date on, since;
  uint32_t found;
} Holders;

static bool look_for_told(const LinkRow *link, void *data)
{
  Holders *holders = data;
  if (g_str_equal(link->number, holders->number) &&
      g_str_equal(link->space, space_of(holders->scribe)) && link->from <= holders->on &&
      link->from >= holders->since && is_told(holders->scribe->store, link->subject)) {
    holders->found = link->subject;
    holders->since = link->from;
  }
  return true;
}

static uint32_t find_number(const Scribe *scribe, const char *number, Date on)
{
  Store *store = scribe->store;
  uint32_t unit = store_link_find(store, SUBJECT_UNIT, space_of(scribe), number, on);
  if (!unit || is_told(store, unit))
    return unit;
  Holders holders = {scribe, number, on, DATE_NONE, 0};
  store_unit_links_each(store, look_for_told, &holders, NULL);
  return holders.found ? holders.found : unit;
}

uint32_t unit_find(const Scribe *scribe, const char *code, Date on)
{
  g_autoptr(GString) number = g_string_new(NULL);
  store_unit_number(code, number);
  uint32_t unit = find_number(scribe, number->str, on);
  if (unit)
    return unit;
  g_autofree char *provisional = provisional_number(code);
  return find_number(scribe, provisional, on);
}

static bool link_unit(const Scribe *scribe, const char *code, uint32_t unit, Date from,
                      GError **error)
{
  g_autoptr(GString) number = g_string_new(NULL);
  store_unit_number(code, number);
  return store_link_add(scribe->store, SUBJECT_UNIT, space_of(scribe), number->str, unit, from,
                        error);
}

uint32_t unit_add(const Scribe *scribe, const char *code, Date from, GError **error)
{
  uint32_t unit = store_link_find(scribe->store, SUBJECT_UNIT, space_of(scribe), code, from);
  if (unit && !is_told(scribe->store, unit))
    return unit;
  unit = store_subject_add(scribe->store, SUBJECT_UNIT, error);
  return unit && link_unit(scribe, code, unit, from, error) ? unit : 0;
}

bool unit_put(Scribe *scribe, const UnitFact *what, GError **error)
{
  Fact fact = {.kind = SUBJECT_UNIT,
               .subject = what->unit,
               .field = what->field,
               .value = what->value,
               .valid_from = what->from};
  return scribe_put(scribe, &fact, error);
}

bool unit_same_name(const char *a, const char *b)
{
  g_autoptr(GString) left = g_string_new(NULL), right = g_string_new(NULL);
  store_unit_key(a, left);
  store_unit_key(b, right);
  return g_string_equal(left, right);
}

// ---------------------------------------------------------------------------------------------
// Posts beside the main one are known by the code under which they began.

#define CODES_BACK 8  // no unit had more, unless two lead to each other

static uint32_t find_post(Store *store, uint32_t person, const char *role, const char *code)
{
  g_autofree char *key = g_strconcat(role, ":", code, NULL);
  return store_post_find(store, person, key);
}

// Codes of the units that went on as this one, or went into it.
static void add_former(Store *store, const char *code, FieldId field, GPtrArray *codes)
{
  Fact fact;
  g_autoptr(FactScan) scan = store_facts_scan_field(store, SUBJECT_UNIT, field, INSTANT_OPEN, NULL);
  while (scan && fact_scan_next(scan, &fact, NULL)) {
    const char *number =
        g_str_equal(fact.value, code) ? store_link_number(store, SUBJECT_UNIT, fact.subject) : NULL;
    if (number && !g_ptr_array_find_with_equal_func(codes, number, g_str_equal, NULL))
      g_ptr_array_add(codes, g_strdup(number));
  }
}

uint32_t unit_post(Store *store, uint32_t person, const char *role, const char *code)
{
  g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func(g_free);
  uint32_t post = find_post(store, person, role, code);
  g_ptr_array_add(codes, g_strdup(code));
  for (guint i = 0; i < codes->len && i < CODES_BACK && !post; i++) {
    add_former(store, codes->pdata[i], FIELD_CODE, codes);
    add_former(store, codes->pdata[i], FIELD_SUCCESSOR, codes);
    post = i + 1 < codes->len ? find_post(store, person, role, codes->pdata[i + 1]) : 0;
  }
  return post;
}

// ---------------------------------------------------------------------------------------------
// Units without a code yet.

// A unit of the same parent and name.
typedef struct Search {
  Scribe *scribe;
  const char *parent, *name;
  Date on;
  bool coded;  // one that has a code is looked for, else one that has none
  uint32_t last, found;
  size_t n_found;
  GError *error;
} Search;

static bool same_parent(const Search *search, const char *parent)
{
  if (g_str_equal(parent, search->parent))
    return true;
  uint32_t unit = *parent ? unit_find(search->scribe, parent, search->on) : 0;
  return unit && unit == unit_find(search->scribe, search->parent, search->on);
}

static const char *told(const Known *known, FieldId field, Date on)
{
  const Fact *fact = known_on(known, 0, field, on);
  return fact ? fact->value : "";
}

// One without a code that has been bound to one goes by that one's.
static bool is_bound(const Known *known, const char *number)
{
  g_autoptr(GString) text = g_string_new(NULL);
  store_unit_number(told(known, FIELD_CODE, DATE_OPEN - 1), text);
  g_autofree char *provisional = provisional_number(text->str);
  return text->len > 0 && !g_str_equal(text->str, number) && !g_str_equal(provisional, number);
}

static bool look(const LinkRow *link, void *data)
{
  Search *search = data;
  bool has_code = strchr(link->number, '/') == NULL;
  if (has_code != search->coded || link->subject == search->last ||
      !g_str_equal(link->space, space_of(search->scribe)))
    return true;
  g_autofree char *number = g_strdup(link->number);
  search->last = link->subject;
  g_autoptr(Known) known =
      known_load(search->scribe->store, SUBJECT_UNIT, link->subject, INSTANT_OPEN, &search->error);
  if (!known)
    return false;
  // One that begins later still is told as of its first day.
  Date on = search->on;
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->field == FIELD_HELD && !known_on(known, 0, FIELD_HELD, on))
      on = MAX(on, fact->valid_from);
  }
  if (!unit_is_held(known, on) || !unit_same_name(told(known, FIELD_UNIT_NAME, on), search->name) ||
      !same_parent(search, told(known, FIELD_PARENT, on)) || (!has_code && is_bound(known, number)))
    return true;
  search->found = link->subject;
  search->n_found++;
  return true;
}

static bool run_search(Search *search, GError **error)
{
  bool fine = store_unit_links_each(search->scribe->store, look, search, error);
  if (!search->error)
    return fine;
  g_propagate_error(error, search->error);
  return false;
}

static bool tell_ambiguous(const Scribe *scribe, size_t record, const Search *search)
{
  if (search->n_found > 1)
    reading_note(scribe->reading, record, WORD_NONE,
                 &(Finding){.level = FINDING_WARNING, .code = "unit-ambiguous"},
                 _("%zu units have this parent and name, with a code or without one; which are "
                   "the same cannot be told. Give them different names, or end the wrong ones"),
                 search->n_found);
  return search->n_found == 1;
}

bool unit_bind(Scribe *scribe, const NewUnit *what, GError **error)
{
  Search search = {.scribe = scribe, .parent = what->parent, .name = what->name, .on = what->from};
  if (!run_search(&search, error))
    return false;
  if (!tell_ambiguous(scribe, what->record, &search))
    return true;
  reading_note(scribe->reading, what->record, WORD_NONE,
               &(Finding){.level = FINDING_NOTE, .code = "unit-bound"},
               _("this is the unit “%s” that was known without a code; it has this one now"),
               what->name);
  return unit_put(scribe, &(UnitFact){search.found, FIELD_CODE, what->code, what->from}, error);
}

// Facts of a unit without code, as far as it was not there by then.
static bool put_provisional(Scribe *scribe, uint32_t unit, const NewUnit *what, GError **error)
{
  const UnitFact facts[] = {{unit, FIELD_CODE, what->code, what->from},
                            {unit, FIELD_UNIT_NAME, what->name, what->from},
                            {unit, FIELD_PARENT, what->parent, what->from},
                            {unit, FIELD_HELD, "1", what->from}};
  g_autoptr(Known) known = known_load(scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error);
  if (!known)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(facts) && !unit_is_held(known, what->from); i++)
    if (!unit_put(scribe, &facts[i], error))
      return false;
  return true;
}

bool unit_add_provisional(Scribe *scribe, const NewUnit *what, uint32_t *unit, GError **error)
{
  g_autofree char *marked =
      strchr(what->code, '/') ? g_strdup(what->code) : provisional_number(what->code);
  g_autoptr(GString) number = g_string_new(NULL);
  store_unit_number(marked, number);
  const char *space = space_of(scribe);
  *unit = store_link_find(scribe->store, SUBJECT_UNIT, space, number->str, what->from);
  if (*unit)
    return put_provisional(scribe, *unit, what, error);
  *unit = store_link_next(scribe->store, SUBJECT_UNIT, space, number->str, what->from);
  if (!*unit) {
    Search search = {.scribe = scribe,
                     .parent = what->parent,
                     .name = what->name,
                     .on = what->from,
                     .coded = true};
    if (!run_search(&search, error))
      return false;
    // One that has its code by now only gets another name by which it is told.
    if (tell_ambiguous(scribe, what->record, &search)) {
      *unit = search.found;
      return store_link_add(scribe->store, SUBJECT_UNIT, space, number->str, *unit, what->from,
                            error);
    }
  }
  if (!*unit)
    *unit = store_subject_add(scribe->store, SUBJECT_UNIT, error);
  return *unit &&
         store_link_add(scribe->store, SUBJECT_UNIT, space, number->str, *unit, what->from,
                        error) &&
         put_provisional(scribe, *unit, what, error);
}

// ---------------------------------------------------------------------------------------------
// Units that files of people tell of.

typedef struct Mention {
  Scribe *scribe;
  size_t record;
  const char *code;
  Date on;
} Mention;

static const char *heirs_of(const Known *known, Date ended, GString *out)
{
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->field == FIELD_HEIR && fact->valid_from == ended)
      g_string_append_printf(out, "%s%s", out->len ? ", " : "", fact->value);
  }
  return out->len ? out->str : NULL;
}

static void tell_ended(const Mention *mention, const Known *known, Date ended)
{
  g_autoptr(GString) day = g_string_new(NULL), heirs = g_string_new(NULL);
  const Fact *next = known_on(known, 0, FIELD_SUCCESSOR, ended);
  const Fact *code = known_on(known, 0, FIELD_CODE, ended);
  Reading *reading = mention->scribe->reading;
  date_format(ended, day);
  if (!next && code && !g_str_equal(code->value, mention->code))
    next = code;
  if (next)
    reading_note(reading, mention->record, WORD_UNIT,
                 &(Finding){.level = FINDING_NOTE, .code = "unit-old-code"},
                 _("from %s on this unit goes by the code %s; taken as that one"), day->str,
                 next->value);
  else if (heirs_of(known, ended, heirs))
    reading_note(reading, mention->record, WORD_UNIT,
                 &(Finding){.level = FINDING_WARNING, .code = "unit-divided"},
                 _("this unit was divided on %s; HR must say which of %s is meant"), day->str,
                 heirs->str);
  else
    reading_note(reading, mention->record, WORD_UNIT,
                 &(Finding){.level = FINDING_WARNING, .code = "unit-ended"},
                 _("this unit is there no more from %s on; ask HR which one is meant"), day->str);
}

static bool make_mentioned(const Mention *mention, GError **error)
{
  Scribe *scribe = mention->scribe;
  const Reading *reading = scribe->reading;
  const char *slash = strchr(mention->code, '/');
  g_autofree char *parent = g_strndup(mention->code, (gsize)(slash - mention->code));
  NewUnit unit = {mention->record, mention->code, parent, slash + 1, mention->on};
  uint32_t made;
  bool from_order = scribe->from_order;
  scribe->from_order = false;
  scribe_turn(scribe, mention->record,
              scribe_seq(mention->on, true, NULL, reading_record(reading, mention->record)->line));
  bool fine = unit_add_provisional(scribe, &unit, &made, error);
  scribe->from_order = from_order;
  return fine;
}

static bool judge_mention(const Mention *mention, bool has_units, GError **error)
{
  Scribe *scribe = mention->scribe;
  uint32_t unit = unit_find(scribe, mention->code, mention->on);
  const Column *column = layout_word(scribe->reading->layout, WORD_UNIT);
  if (!unit && column->provisional && strchr(mention->code, '/'))
    return make_mentioned(mention, error);
  if (!unit) {
    if (has_units &&
        !store_link_next(scribe->store, SUBJECT_UNIT, space_of(scribe), mention->code, mention->on))
      reading_note(scribe->reading, mention->record, WORD_UNIT,
                   &(Finding){.level = FINDING_NOTE, .code = "unit-unknown"},
                   _("no table of units has this code yet"));
    return true;
  }
  g_autoptr(Known) known = known_load(scribe->store, SUBJECT_UNIT, unit, INSTANT_OPEN, error);
  if (!known)
    return false;
  Date ended = unit_ended(known, mention->on);
  if (ended != DATE_NONE)
    tell_ended(mention, known, ended);
  return true;
}

bool facts_people_units(Scribe *scribe, GError **error)
{
  const Reading *reading = scribe->reading;
  bool people = reading->layout->kind == LAYOUT_ROSTER || reading->layout->kind == LAYOUT_ORDERS;
  if (!people || !reading_has(reading, WORD_UNIT))
    return true;
  IntakeRow units;
  bool has_units = store_intake_last(scribe->store, layout_kind_name(LAYOUT_UNITS),
                                     reading->layout->space, &units);
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GString) key = g_string_new(NULL);
  for (size_t i = 0; i < reading->records->len; i++) {
    const Record *record = reading_record(reading, i);
    Mention mention = {scribe, i, reading_word(reading, i, WORD_UNIT), record->date};
    if (record->date == DATE_NONE)
      mention.on = reading->receipt->declared;
    if (record->bad || record->repeat || *mention.code == '\0' || mention.on == DATE_NONE)
      continue;
    // Everybody in a unit names it: it is looked at once.
    g_string_assign(key, mention.code);
    g_string_append_len(key, "@", 1);
    date_format(mention.on, key);
    if (g_hash_table_contains(seen, key->str))
      continue;
    g_hash_table_add(seen, g_strdup(key->str));
    if (!judge_mention(&mention, has_units, error))
      return false;
  }
  return true;
}
