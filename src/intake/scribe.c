// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writing facts: what is known of a subject, and where each new fact comes from.
#include "intake_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// What is known.

Known *known_new(void)
{
  Known *known = g_new0(Known, 1);
  known->facts = g_array_new(FALSE, FALSE, sizeof(Fact));
  known->text = g_string_chunk_new(256);
  return known;
}

Known *known_load(Store *store, SubjectKind kind, uint32_t subject, Instant known_at,
                  GError **error)
{
  g_autoptr(Known) known = known_new();
  g_autoptr(GError) fault = NULL;
  g_autoptr(FactScan) scan = store_facts_of(store, kind, subject, known_at, error);
  if (!scan)
    return NULL;
  Fact fact;
  while (fact_scan_next(scan, &fact, &fault)) {
    fact.value = g_string_chunk_insert(known->text, fact.value);
    g_array_append_val(known->facts, fact);
  }
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return NULL;
  }
  return g_steal_pointer(&known);
}

void known_free(Known *known)
{
  if (!known)
    return;
  g_array_unref(known->facts);
  g_string_chunk_free(known->text);
  g_free(known);
}

// Facts come ordered by (post, field, valid_from, seq), so the last that holds is the one in force.
const Fact *known_on(const Known *known, uint32_t post, FieldId field, Date as_of)
{
  const Fact *in_force = NULL;
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->post == post && fact->field == field && fact->valid_from <= as_of &&
        as_of < fact->valid_to)
      in_force = fact;
  }
  return in_force;
}

bool known_by_order(const Known *known, uint32_t post, FieldId field)
{
  for (size_t i = 0; i < known->facts->len; i++) {
    const Fact *fact = &g_array_index(known->facts, Fact, i);
    if (fact->post == post && fact->field == field && fact->from_order)
      return true;
  }
  return false;
}

// ---------------------------------------------------------------------------------------------
// What is new.

// Bits of a precedence, from the left: day, roster over order, plain over yielding, number or line.
enum { NUMBER_BITS = 39, PLAIN_BIT = NUMBER_BITS, ROSTER_BIT, DAY_SHIFT };

// The digits of an order number as one number, so that R9-0012 comes after R9-0002; the last eleven
// when there are more. -1 when it has none.
static int64_t number_of(const char *text)
{
  int64_t number = -1;
  for (; *text; text++)
    if (g_ascii_isdigit(*text))
      number = (MAX(number, 0) * 10 + (*text - '0')) % INT64_C(100000000000);
  return number;
}

int64_t scribe_seq(Date day, bool roster, const char *number, int64_t line)
{
  int64_t low = number ? number_of(number) : -1;
  if (low < 0)
    low = line % (INT64_C(1) << NUMBER_BITS);
  return ((int64_t)day * (INT64_C(1) << DAY_SHIFT)) + ((int64_t)roster << ROSTER_BIT) +
         (INT64_C(1) << PLAIN_BIT) + low;
}

int64_t scribe_seq_yielding(int64_t seq)
{
  return seq & ~(INT64_C(1) << PLAIN_BIT);
}

bool scribe_yields(const Scribe *scribe, const Column *column, const Fact *in_force)
{
  const Layout *layout = scribe->reading->layout;
  RowOrigin origin;
  return column->word != WORD_NONE && layout->yields & BIT_OF(column->word) && in_force &&
         *in_force->value && in_force->row &&
         store_row_origin(scribe->store, in_force->row, &origin) &&
         !g_str_equal(origin.space, layout->space);
}

Date scribe_day(int64_t seq)
{
  return (Date)(seq >> DAY_SHIFT);
}

void scribe_turn(Scribe *scribe, size_t record, int64_t seq)
{
  scribe->record = record;
  scribe->row = 0;
  scribe->seq = seq;
}

bool scribe_store_row(Scribe *scribe, GError **error)
{
  if (scribe->row)
    return true;
  const Reading *reading = scribe->reading;
  const SheetRow *row =
      scribe->record == SCRIBE_HEADER ? reading->header : reading_row(reading, scribe->record);
  scribe->row = store_row_add(scribe->store, scribe->intake, row->line, row->text->str,
                              row->text->len, error);
  return scribe->row != 0;
}

bool scribe_put(Scribe *scribe, const Fact *fact, GError **error)
{
  if (!scribe_store_row(scribe, error))
    return false;
  Fact whole = *fact;
  whole.valid_to = scribe->to;
  whole.known_from = scribe->known_at;
  whole.known_to = INSTANT_OPEN;
  whole.seq = scribe->seq;
  whole.row = scribe->row;
  whole.from_order = scribe->from_order;
  whole.decided = scribe->decided;
  return store_fact_add(scribe->store, &whole, error);
}

FieldId scribe_field(const Scribe *scribe, const Column *column)
{
  if (column->own >= 0)
    return g_array_index(scribe->own, FieldId, column->own);
  return column->word == WORD_NONE ? FIELD_NONE : words[column->word].field;
}

WordPlace column_place(const Layout *layout, const Column *column)
{
  if (column->own >= 0)
    return g_array_index(layout->own, OwnField, column->own).place;
  return column->word == WORD_NONE ? PLACE_FILE : words[column->word].place;
}

void receipt_count(IntakeReceipt *receipt, const char *kind)
{
  for (size_t i = 0; i < receipt->n_kinds; i++)
    if (g_str_equal(receipt->kinds[i].kind, kind)) {
      receipt->kinds[i].n++;
      return;
    }
  if (receipt->n_kinds == INTAKE_KINDS_MAX)
    return;
  receipt->kinds[receipt->n_kinds].kind = kind;
  receipt->kinds[receipt->n_kinds++].n = 1;
}
