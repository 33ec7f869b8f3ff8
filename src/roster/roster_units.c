// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units: all of them are read when the roster is opened.
#include "roster_p.h"

#include <stdlib.h>
#include <string.h>

// When the unit is there, into desk->spans: while it has a code (or a name), whichever, and is not
// told to be held no more.
static void find_spans(Desk *desk, ToldRange facts)
{
  roster_told_lay(roster_told_field(facts, FIELD_CODE), desk->spans);
  if (desk->spans->len == 0)
    roster_told_lay(roster_told_field(facts, FIELD_UNIT_NAME), desk->spans);
  for (guint i = desk->spans->len; i > 0; i--) {
    Span *span = &g_array_index(desk->spans, Span, i - 1);
    if (*span->value == '\0')
      g_array_remove_index(desk->spans, i - 1);
    else
      span->value = NULL;
  }
  roster_told_lay(roster_told_field(facts, FIELD_HELD), desk->helds);
  for (guint i = 0; i < desk->helds->len; i++) {
    const Span *held = &g_array_index(desk->helds, Span, i);
    if (strcmp(held->value, "1") != 0)
      roster_span_cut(desk->spans, held->from, held->to);
  }
  roster_span_join(desk->spans);
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

// The unit as the desk's facts tell it; NULL for one still to come.
static Unit *make_unit(Roster *roster, uint32_t id)
{
  Desk *desk = &roster->walk;
  ToldRange facts = {(const Told *)(void *)desk->told->data, desk->told->len};
  find_spans(desk, facts);
  const Span *span = span_on(desk->spans, roster->when.as_of);
  if (!span)
    return NULL;
  Unit *unit = g_new0(Unit, 1);
  FieldId n_fields = store_n_fields(roster->store);
  const char **values = g_new0(const char *, n_fields);
  Date day = MIN(roster->when.as_of, span->to - 1);
  ToldRange field;
  while (roster_told_next_field(&facts, &field)) {
    const Told *told = roster_told_on(field, day);
    if (told && told->field < n_fields)
      values[told->field] = g_string_chunk_insert_const(roster->texts, told->value);
    if (told && told->field == FIELD_UNIT_NAME)
      unit->row = told->row;
  }
  if (!values[FIELD_CODE]) {
    const char *linked = store_link_number(roster->store, SUBJECT_UNIT, id);
    values[FIELD_CODE] = g_string_chunk_insert_const(roster->texts, or_empty(linked));
  }
  unit->id = id;
  unit->code = values[FIELD_CODE];
  unit->name = or_empty(values[FIELD_UNIT_NAME]);
  unit->kana = or_empty(values[FIELD_UNIT_KANA]);
  unit->order = order_of(values[FIELD_ORDER]);
  unit->begin = span->from;
  unit->end = span->to;
  unit->fields = values;
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

static void find_parents(GPtrArray *units, GHashTable *index, GHashTable *fallback)
{
  for (guint i = 0; i < units->len; i++) {
    Unit *unit = units->pdata[i];
    const char *code = or_empty(unit->fields[FIELD_PARENT]);
    const Unit *parent = *code ? g_hash_table_lookup(index, code) : NULL;
    if (!parent && *code)
      parent = g_hash_table_lookup(fallback, code);
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

static bool read_units(Roster *roster, Reader *reader, GError **error)
{
  GError *fault = NULL;
  uint32_t id;
  while (roster_reader_take(reader, &roster->walk, &id, &fault)) {
    Unit *unit = make_unit(roster, id);
    if (unit)
      g_ptr_array_add(unit->end > roster->when.as_of ? roster->units : roster->ended, unit);
  }
  if (!fault)
    return true;
  g_propagate_error(error, fault);
  return false;
}

bool roster_load_units(Roster *roster, GError **error)
{
  Reader reader = {0};
  FactScan *scan = store_facts_scan(roster->store, SUBJECT_UNIT, roster->when.known_at, error);
  bool fine = roster_reader_open(&reader, scan, error) && read_units(roster, &reader, error);
  roster_reader_close(&reader);
  if (!fine)
    return false;
  g_autoptr(GHashTable) ended = index_by_code(roster->ended);
  g_hash_table_destroy(roster->unit_by_code);
  roster->unit_by_code = index_by_code(roster->units);
  g_autoptr(GHashTable) none = g_hash_table_new(g_str_hash, g_str_equal);
  find_parents(roster->units, roster->unit_by_code, none);
  find_parents(roster->ended, roster->unit_by_code, ended);
  sort_tree(roster->units);
  sort_tree(roster->ended);
  return true;
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
