// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units of the day: all of them are read when the roster is opened.
#include "roster_p.h"

#include <stdlib.h>
#include <string.h>

// When the unit is there, into `spans`: the times of the records that it is a chain of.
static void chain_spans(const Record *head, GArray *spans)
{
  g_array_set_size(spans, 0);
  for (const Record *record = head; record; record = record->renamed ? record->next : NULL) {
    for (guint i = 0; i < record->spans->len; i++) {
      Span span = g_array_index(record->spans, Span, i);
      span.from = record->origin ? MAX(span.from, record->taken) : span.from;
      span.to = record->next ? MIN(span.to, record->turned) : span.to;
      roster_span_lay(spans, &span);
    }
  }
  roster_span_join(spans);
}

// The time the unit is there on the day, else the last time before it. NULL for one still to come.
static const Span *span_on(const GArray *spans, Date as_of)
{
  const Span *found = NULL;
  for (guint i = 0; i < spans->len && g_array_index(spans, Span, i).from <= as_of; i++)
    found = &g_array_index(spans, Span, i);
  return found;
}

static int order_of(const char *text)
{
  gint64 order;
  bool is_number = text && g_ascii_string_to_signed(text, 10, G_MININT, G_MAXINT, &order, NULL);
  return is_number ? (int)order : G_MAXINT;
}

static const char *or_empty(const char *text)
{
  return text ? text : "";
}

static const Record *record_on(const Record *head, Date day)
{
  while (head->next && head->renamed && day >= head->turned)
    head = head->next;
  return head;
}

static const char *const *end_list(GPtrArray *list)
{
  g_ptr_array_add(list, NULL);
  return (const char *const *)g_ptr_array_free(list, false);
}

static const char *const *former_codes(const Record *record)
{
  GPtrArray *codes = g_ptr_array_new();
  for (const Record *at = record->origin; at; at = at->origin)
    g_ptr_array_add(codes, (void *)at->code);
  return end_list(codes);
}

// Of the last time that it was divided by the day: facts of one day hold side by side.
static const char *const *find_heirs(const Record *record, Date as_of, Date *divided)
{
  GPtrArray *codes = g_ptr_array_new();
  *divided = DATE_NONE;
  for (guint i = 0; i < record->told->len; i++) {
    const Told *told = &g_array_index(record->told, Told, i);
    if (told->field != FIELD_HEIR || told->from > as_of)
      continue;
    if (told->from != *divided)
      g_ptr_array_set_size(codes, 0);
    *divided = told->from;
    g_ptr_array_add(codes, (void *)told->value);
  }
  return end_list(codes);
}

static void fill_fields(Unit *unit, const Record *record, Date day, FieldId n_fields)
{
  const char **values = g_new0(const char *, n_fields);
  for (FieldId field = 0; field < n_fields; field++) {
    const Told *told = roster_record_told(record, field, day);
    values[field] = told ? told->value : NULL;
    if (told && field == FIELD_UNIT_NAME)
      unit->row = told->row;
  }
  values[FIELD_CODE] = roster_code_on(record, day);
  unit->fields = values;
}

// The unit as the facts of its records tell it; NULL for one still to come.
static Unit *make_unit(Roster *roster, Record *head)
{
  GArray *spans = roster->walk.spans;
  chain_spans(head, spans);
  const Span *span = span_on(spans, roster->when.as_of);
  if (!span)
    return NULL;
  Unit *unit = g_new0(Unit, 1);
  Date day = MIN(roster->when.as_of, span->to - 1);
  const Record *record = record_on(head, day);
  unit->begin = span->from;
  unit->end = span->to;
  unit->id = head->id;
  fill_fields(unit, record, day, store_n_fields(roster->store));
  unit->code = unit->fields[FIELD_CODE];
  unit->name = or_empty(unit->fields[FIELD_UNIT_NAME]);
  unit->kana = or_empty(unit->fields[FIELD_UNIT_KANA]);
  unit->order = order_of(unit->fields[FIELD_ORDER]);
  unit->former = former_codes(record);
  unit->heirs = find_heirs(record, roster->when.as_of, &unit->divided);
  const Told *held = roster_record_told(record, FIELD_HELD, unit->end);
  unit->end_row = held && strcmp(held->value, "1") != 0 ? held->row : 0;
  for (Record *at = head; at; at = at->renamed ? at->next : NULL)
    at->unit = unit;
  return unit;
}

// ---------------------------------------------------------------------------------------------
// The tree.

static GHashTable *index_by_code(const GPtrArray *units)
{
  GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
  // Backwards: where two have one code, the older id keeps it.
  for (guint i = units->len; i > 0; i--) {
    const Unit *unit = units->pdata[i - 1];
    g_hash_table_insert(index, (char *)unit->code, (void *)unit);
  }
  return index;
}

// A parent below its own child would make a ring: that one link is left out.
static bool is_above(const Unit *unit, const Unit *below)
{
  while (below && below != unit)
    below = below->parent;
  return below == unit;
}

static const Record *last_record(const Roster *roster, const Unit *unit)
{
  return record_on(g_hash_table_lookup(roster->record_by_id, GUINT_TO_POINTER(unit->id)),
                   MIN(roster->when.as_of, unit->end - 1));
}

static const Unit *unit_told(const Roster *roster, const char *code, Date said)
{
  UnitAt at = roster_unit_at(roster, &(Telling){code, said}, roster->when.as_of);
  return at.record ? at.record->unit : NULL;
}

static const Told *parent_told(const Roster *roster, const Unit *unit)
{
  return roster_record_told(last_record(roster, unit), FIELD_PARENT,
                            MIN(roster->when.as_of, unit->end - 1));
}

// Whether `before` went into the unit, or was divided into it, on the day on which that began.
static bool came_of(const Roster *roster, const Unit *unit, const Unit *before)
{
  const Record *record = last_record(roster, before);
  if (before->end != unit->begin)
    return false;
  if (record->next && !record->renamed)
    return record->next->unit == unit;
  for (const char *const *heir = before->heirs; before->divided == unit->begin && *heir; heir++)
    if (unit_told(roster, *heir, before->divided) == unit)
      return true;
  return false;
}

static const Unit *parent_of(const Roster *roster, const Unit *unit);

// What nobody has placed stands where that stood of which it came, if all of that stood in one place.
static const Unit *parent_inherited(const Roster *roster, const Unit *unit)
{
  const Unit *parent = NULL;
  bool any = false;
  for (guint i = 0; i < roster->ended->len; i++) {
    const Unit *before = roster->ended->pdata[i];
    if (!came_of(roster, unit, before))
      continue;
    const Unit *its = parent_of(roster, before);
    if (any && its != parent)
      return NULL;
    parent = its;
    any = true;
  }
  return parent;
}

// Parents are told by the code they had on the day they were told by, too.
static const Unit *parent_of(const Roster *roster, const Unit *unit)
{
  const Told *told = parent_told(roster, unit);
  if (!told)
    return parent_inherited(roster, unit);
  return *told->value ? unit_told(roster, told->value, told->from) : NULL;
}

static void find_parents(const Roster *roster, GPtrArray *units)
{
  for (guint i = 0; i < units->len; i++) {
    Unit *unit = units->pdata[i];
    const Unit *parent = parent_of(roster, unit);
    if (parent && !is_above(unit, parent))
      unit->parent = parent;
  }
}

static int by_order(const void *a, const void *b)
{
  const Unit *x = *(const Unit *const *)a, *y = *(const Unit *const *)b;
  if (x->order != y->order)
    return x->order < y->order ? -1 : 1;
  int code = strcmp(x->code, y->code);
  return code != 0 ? code : (x->id > y->id) - (x->id < y->id);
}

static GPtrArray *children_of(GHashTable *children, const Unit *parent)
{
  GPtrArray *list = g_hash_table_lookup(children, parent);
  if (!list) {
    list = g_ptr_array_new();
    g_hash_table_insert(children, (void *)parent, list);
  }
  return list;
}

static void push_children(GHashTable *children, const Unit *parent, GPtrArray *stack)
{
  const GPtrArray *list = g_hash_table_lookup(children, parent);
  for (guint i = list ? list->len : 0; i > 0; i--)
    g_ptr_array_add(stack, list->pdata[i - 1]);
}

// Each unit, its children below it, then its sibling. A parent that is not in the list is none.
static void sort_tree(GPtrArray *units)
{
  g_autoptr(GHashTable) here = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) children =
      g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GPtrArray) stack = g_ptr_array_new();
  g_ptr_array_sort(units, by_order);
  for (guint i = 0; i < units->len; i++)
    g_hash_table_add(here, units->pdata[i]);
  for (guint i = 0; i < units->len; i++) {
    Unit *unit = units->pdata[i];
    bool has_parent = unit->parent && g_hash_table_contains(here, unit->parent);
    g_ptr_array_add(children_of(children, has_parent ? unit->parent : NULL), unit);
  }
  push_children(children, NULL, stack);
  for (guint i = 0; stack->len > 0; i++) {
    Unit *unit = g_ptr_array_steal_index(stack, stack->len - 1);
    units->pdata[i] = unit;
    push_children(children, unit, stack);
  }
}

// ---------------------------------------------------------------------------------------------

// A unit that ended must not be taken for the one that has its code now.
static void set_apart(Roster *roster)
{
  for (guint i = 0; i < roster->ended->len; i++) {
    Unit *unit = roster->ended->pdata[i];
    if (!g_hash_table_contains(roster->unit_by_code, unit->code))
      continue;
    g_autoptr(GString) code = g_string_new(unit->code);
    g_string_append_c(code, '@');
    date_format(unit->end - 1, code);
    unit->code = g_string_chunk_insert_const(roster->texts, code->str);
    ((const char **)unit->fields)[FIELD_CODE] = unit->code;
    unit->code_taken = true;
  }
}

static void index_units(Roster *roster, const GPtrArray *units)
{
  for (guint i = 0; i < units->len; i++) {
    const Unit *unit = units->pdata[i];
    g_hash_table_insert(roster->any_by_code, (void *)unit->code, (void *)unit);
    g_hash_table_insert(roster->unit_by_id, GUINT_TO_POINTER(unit->id), (void *)unit);
  }
}

bool roster_load_units(Roster *roster, GError **error)
{
  if (!roster_load_records(roster, error))
    return false;
  for (guint i = 0; i < roster->records->len; i++) {
    Record *record = roster->records->pdata[i];
    Unit *unit = record->origin ? NULL : make_unit(roster, record);
    if (unit)
      g_ptr_array_add(unit->end > roster->when.as_of ? roster->units : roster->ended, unit);
  }
  g_hash_table_destroy(roster->unit_by_code);
  roster->unit_by_code = index_by_code(roster->units);
  set_apart(roster);
  index_units(roster, roster->ended);
  index_units(roster, roster->units);
  find_parents(roster, roster->units);
  find_parents(roster, roster->ended);
  sort_tree(roster->units);
  sort_tree(roster->ended);
  return true;
}

const Unit *roster_unit_by_id(const Roster *roster, uint32_t id)
{
  return g_hash_table_lookup(roster->unit_by_id, GUINT_TO_POINTER(id));
}

const Unit *const *roster_units(const Roster *roster, size_t *n)
{
  *n = roster->units->len;
  return (const Unit *const *)roster->units->pdata;
}

const Unit *const *roster_units_ended(const Roster *roster, size_t *n)
{
  *n = roster->ended->len;
  return (const Unit *const *)roster->ended->pdata;
}

const Unit *roster_unit(const Roster *roster, const char *code)
{
  return g_hash_table_lookup(roster->unit_by_code, code);
}
