// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writing facts: where each new fact comes from.
#include "intake_p.h"

#include <string.h>

bool scribe_yields(const Scribe *scribe, const Column *column, const Fact *in_force)
{
  const Layout *layout = scribe->reading->layout;
  RowOrigin origin;
  return column->word != WORD_NONE && layout->yields & BIT_OF(column->word) && in_force &&
         *in_force->value && in_force->row &&
         store_row_origin(scribe->store, in_force->row, &origin) &&
         !g_str_equal(origin.space, layout->space);
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
  return column->word == WORD_NONE ? FIELD_NONE : word_traits[column->word].field;
}

WordPlace column_place(const Layout *layout, const Column *column)
{
  if (column->own >= 0)
    return g_array_index(layout->own, OwnField, column->own).place;
  return column->word == WORD_NONE ? PLACE_FILE : word_traits[column->word].place;
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
