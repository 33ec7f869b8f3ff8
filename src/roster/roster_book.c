// SPDX-License-Identifier: GPL-3.0-or-later
//
// Codes of units over time. Whoever says where somebody is says a code, as it was on the day on which it was
// said; what became of it since is worked out here, when it is read. So people are where they are whichever
// file came first: the table of units, the reorganisation or the order.
#include "roster_p.h"

#include <string.h>

#define LONG_AGO INT32_MIN

void roster_record_free(void *data)
{
  Record *record = data;
  g_array_unref(record->told);
  g_array_unref(record->spans);
  g_free(record);
}

static ToldRange told_of(const Record *record, FieldId field)
{
  ToldRange all = {(const Told *)(void *)record->told->data, record->told->len};
  return roster_told_field(all, field);
}

// ---------------------------------------------------------------------------------------------
// Reading.

// When it is there by itself: while it has a code (or a name), whichever, and is not told to be held no more.
static void find_spans(Desk *desk, Record *record)
{
  GArray *spans = record->spans;
  roster_told_lay(told_of(record, FIELD_CODE), spans);
  if (spans->len == 0)
    roster_told_lay(told_of(record, FIELD_UNIT_NAME), spans);
  for (guint i = spans->len; i > 0; i--) {
    Span *span = &g_array_index(spans, Span, i - 1);
    if (*span->value == '\0')
      g_array_remove_index(spans, i - 1);
    else
      span->value = NULL;
  }
  roster_told_lay(told_of(record, FIELD_HELD), desk->helds);
  for (guint i = 0; i < desk->helds->len; i++) {
    const Span *held = &g_array_index(desk->helds, Span, i);
    if (strcmp(held->value, "1") != 0)
      roster_span_cut(spans, held->from, held->to);
  }
  roster_span_join(spans);
}

static Record *add_record(Roster *roster, uint32_t id)
{
  Record *record = g_hash_table_lookup(roster->record_by_id, GUINT_TO_POINTER(id));
  if (record)
    return record;
  record = g_new0(Record, 1);
  record->id = id;
  record->turned = DATE_OPEN;
  record->taken = LONG_AGO;
  record->told = g_array_new(false, false, sizeof(Told));
  record->spans = g_array_new(false, false, sizeof(Span));
  g_ptr_array_add(roster->records, record);
  g_hash_table_insert(roster->record_by_id, GUINT_TO_POINTER(id), record);
  return record;
}

static bool read_facts(Roster *roster, Reader *reader, GError **error)
{
  GError *fault = NULL;
  Desk *desk = &roster->walk;
  uint32_t id;
  while (roster_reader_take(reader, desk, &id, &fault)) {
    Record *record = add_record(roster, id);
    for (guint i = 0; i < desk->told->len; i++) {
      Told told = g_array_index(desk->told, Told, i);
      told.value = g_string_chunk_insert_const(roster->texts, told.value);
      g_array_append_val(record->told, told);
    }
    find_spans(desk, record);
  }
  if (!fault)
    return true;
  g_propagate_error(error, fault);
  return false;
}

static void index_record(Roster *roster, const char *number, Record *record)
{
  GPtrArray *list = g_hash_table_lookup(roster->records_by_code, number);
  if (!list) {
    list = g_ptr_array_new();
    g_hash_table_insert(roster->records_by_code, g_string_chunk_insert_const(roster->texts, number),
                        list);
  }
  if (!g_ptr_array_find(list, record, NULL))
    g_ptr_array_add(list, record);
}

// The number that is no stand-in for a code is the code.
static bool take_link(const LinkRow *link, void *data)
{
  Roster *roster = data;
  Record *record = g_hash_table_lookup(roster->record_by_id, GUINT_TO_POINTER(link->subject));
  if (!record)
    return true;
  index_record(roster, link->number, record);
  if (!record->code && !strchr(link->number, '/'))
    record->code = g_string_chunk_insert_const(roster->texts, link->number);
  return true;
}

// Units that have no code yet, and units nobody linked, go by what is told first.
static void take_codes(Roster *roster)
{
  for (guint i = 0; i < roster->records->len; i++) {
    Record *record = roster->records->pdata[i];
    ToldRange codes = told_of(record, FIELD_CODE);
    if (!record->code)
      record->code = codes.n > 0 ? codes.first->value : "";
    index_record(roster, record->code, record);
  }
}

// ---------------------------------------------------------------------------------------------
// Order in time.

static Date first_day(const Record *record)
{
  if (record->origin)
    return record->taken;
  if (record->spans->len > 0 && g_array_index(record->spans, Span, 0).from < record->turned)
    return g_array_index(record->spans, Span, 0).from;
  return LONG_AGO;  // known only by where it went
}

// The day on which it is there no more; that of its last time.
static Date last_day(const Record *record)
{
  Date end = LONG_AGO;
  for (guint i = 0; i < record->spans->len; i++)
    end = MAX(end, MIN(g_array_index(record->spans, Span, i).to, record->turned));
  return record->next ? MAX(end, record->turned) : end;
}

static bool is_there(const Record *record, Date day)
{
  if (day >= record->turned || (record->origin && day < record->taken))
    return false;
  for (guint i = 0; i < record->spans->len; i++) {
    const Span *span = &g_array_index(record->spans, Span, i);
    if (span->from <= day && day < span->to)
      return true;
  }
  // What nobody has told of but where it went was there before.
  return record->next && first_day(record) == LONG_AGO;
}

// Who had the code on the day; else who had it last before; else who has it first after.
static Record *find_in(const GPtrArray *list, Date day, const Record *but)
{
  Record *there = NULL, *before = NULL, *after = NULL;
  for (guint i = 0; list && i < list->len; i++) {
    Record *record = list->pdata[i];
    if (record == but)
      continue;
    if (is_there(record, day)) {
      if (!there || first_day(record) > first_day(there))
        there = record;
    } else if (first_day(record) > day) {
      if (!after || first_day(record) < first_day(after))
        after = record;
    } else if (!before || last_day(record) > last_day(before)) {
      before = record;
    }
  }
  return there ? there : before ? before : after;
}

static Record *find_record(const Roster *roster, const char *code, Date day, const Record *but)
{
  Record *found = find_in(g_hash_table_lookup(roster->records_by_code, code), day, but);
  if (found)
    return found;
  // One told as PARENT/NAME, or by a code that it only has in the meantime (see unit_book.c of intake).
  g_autoptr(GString) number = g_string_new(NULL);
  if (strchr(code, '/'))
    store_unit_number(code, number);
  else
    g_string_append_printf(number, "//%s", code);
  return find_in(g_hash_table_lookup(roster->records_by_code, number->str), day, but);
}

// ---------------------------------------------------------------------------------------------
// Where units went.

// Facts of one field from the first day on which they name another code than the record's own.
static const Told *first_other(const Record *record, FieldId field)
{
  ToldRange told = told_of(record, field);
  for (size_t i = 0; i < told.n; i++)
    if (*told.first[i].value != '\0' && strcmp(told.first[i].value, record->code) != 0)
      return roster_told_on(told, told.first[i].from);
  return NULL;
}

typedef struct Turn {
  Record *record;
  const Told *told;
  bool renamed;
} Turn;

static void find_turn(Record *record, GArray *turns)
{
  const Told *code = first_other(record, FIELD_CODE);
  const Told *successor = first_other(record, FIELD_SUCCESSOR);
  Turn turn = {record, code, code != NULL};
  if (successor && (!code || successor->from < code->from))
    turn = (Turn){record, successor, false};
  if (turn.told)
    g_array_append_val(turns, turn);
}

static int by_day(const void *a, const void *b)
{
  const Turn *x = a, *y = b;
  if (x->told->from != y->told->from)
    return x->told->from < y->told->from ? -1 : 1;
  int code = strcmp(x->record->code, y->record->code);
  return code != 0 ? code : (x->record->id > y->record->id) - (x->record->id < y->record->id);
}

static bool leads_to(const Record *from, const Record *to)
{
  guint n = 0;
  while (from && from != to && n++ < 1000)
    from = from->next;
  return from == to;
}

// Earlier turns first: who has a code depends on who has given it up by then.
static void take_turn(const Roster *roster, const Turn *turn)
{
  Record *record = turn->record;
  record->turned = turn->told->from;
  Record *next = find_record(roster, turn->told->value, record->turned, record);
  if (!next || leads_to(next, record)) {
    record->turned = DATE_OPEN;
    return;
  }
  record->next = next;
  record->turn_row = turn->told->row;
  record->renamed = turn->renamed && !next->origin;
  if (record->renamed) {
    next->origin = record;
    next->taken = record->turned;
  }
}

static void take_turns(Roster *roster)
{
  g_autoptr(GArray) turns = g_array_new(false, false, sizeof(Turn));
  for (guint i = 0; i < roster->records->len; i++)
    find_turn(roster->records->pdata[i], turns);
  g_array_sort(turns, by_day);
  // All give their codes up before anybody takes one: two may swap theirs.
  for (guint i = 0; i < turns->len; i++) {
    const Turn *turn = &g_array_index(turns, Turn, i);
    if (find_record(roster, turn->told->value, turn->told->from, turn->record))
      turn->record->turned = turn->told->from;
  }
  for (guint i = 0; i < turns->len; i++)
    take_turn(roster, &g_array_index(turns, Turn, i));
}

static int by_first_day(const void *a, const void *b)
{
  const Record *x = *(Record *const *)a, *y = *(Record *const *)b;
  if (first_day(x) != first_day(y))
    return first_day(x) < first_day(y) ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

static void find_elders(Roster *roster)
{
  GHashTableIter iter;
  void *code, *value;
  g_hash_table_iter_init(&iter, roster->records_by_code);
  while (g_hash_table_iter_next(&iter, &code, &value)) {
    GPtrArray *list = value;
    g_ptr_array_sort(list, by_first_day);
    roster->plain = roster->plain && list->len == 1 && !strchr(code, '/');
    for (guint i = 1; i < list->len; i++) {
      Record *record = list->pdata[i];
      if (strcmp(record->code, code) == 0)
        record->elder = list->pdata[i - 1];
    }
  }
}

static bool has_turned(const Roster *roster)
{
  for (guint i = 0; i < roster->records->len; i++)
    if (((const Record *)roster->records->pdata[i])->next)
      return true;
  return false;
}

bool roster_load_records(Roster *roster, GError **error)
{
  Reader reader = {0};
  FactScan *scan = store_facts_scan(roster->store, SUBJECT_UNIT, roster->when.known_at, error);
  bool fine = roster_reader_open(&reader, scan, error) && read_facts(roster, &reader, error);
  roster_reader_close(&reader);
  if (!fine || !store_unit_links_each(roster->store, take_link, roster, error))
    return false;
  take_codes(roster);
  take_turns(roster);
  roster->plain = true;
  find_elders(roster);
  roster->plain = roster->plain && !has_turned(roster);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Asking.

static const Record *back_to(const Record *record, Date day)
{
  while (record->origin && day < record->taken)
    record = record->origin;
  return record;
}

const char *roster_code_on(const Record *record, Date day)
{
  record = back_to(record, day);
  while (record->next && record->renamed && day >= record->turned)
    record = record->next;
  // A unit that ended, and whose code is another's by now, is told apart.
  if (record->unit && record->unit->code_taken && day >= record->unit->end)
    return record->unit->code;
  const Told *told = record->next ? NULL : roster_told_on(told_of(record, FIELD_CODE), day);
  return told && *told->value ? told->value : record->code;
}

UnitAt roster_unit_at(const Roster *roster, const Telling *telling, Date day)
{
  UnitAt at = {find_record(roster, telling->code, telling->said, NULL), telling->code, DATE_NONE,
               0};
  if (!at.record)
    return at;
  at.record = back_to(at.record, day);
  while (at.record->next && day >= at.record->turned) {
    at.relabelled = at.record->turned;
    at.relabel_row = at.record->turn_row;
    at.record = at.record->next;
  }
  at.code = roster_code_on(at.record, day);
  return at;
}

static const Told *own_or_elder(const Record *record, FieldId field, Date day)
{
  const Told *told = roster_told_on(told_of(record, field), day);
  if (told || !record->elder)
    return told;
  // Told of the code while nobody knew that it is another unit's from then on.
  told = roster_told_on(told_of(record->elder, field), day);
  return told && told->from >= first_day(record) ? told : NULL;
}

const Told *roster_record_told(const Record *record, FieldId field, Date day)
{
  for (; record; day = record->taken - 1, record = record->origin) {
    const Told *told = own_or_elder(record, field, day);
    if (told || !record->origin)
      return told;
  }
  return NULL;
}

static bool same_place(const Roster *roster, const Span *a, const Span *b)
{
  if (roster->plain)
    return strcmp(a->value, b->value) == 0;
  UnitAt left = roster_unit_at(roster, &(Telling){a->value, a->said}, b->from);
  UnitAt right = roster_unit_at(roster, &(Telling){b->value, b->said}, b->from);
  if (!left.record || !right.record)
    return strcmp(a->value, b->value) == 0;
  return left.record == right.record;
}

void roster_join_places(const Roster *roster, GArray *spans)
{
  guint n = 0;
  for (guint i = 0; i < spans->len; i++) {
    Span *last = n > 0 ? &g_array_index(spans, Span, n - 1) : NULL;
    const Span *span = &g_array_index(spans, Span, i);
    if (last && last->to == span->from && same_place(roster, last, span)) {
      last->to = span->to;
      // What is told last is what the next one is compared with; who put them there stays.
      last->value = span->value;
      last->said = span->said;
    } else
      g_array_index(spans, Span, n++) = *span;
  }
  g_array_set_size(spans, n);
}
