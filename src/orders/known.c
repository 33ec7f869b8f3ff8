// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the ledger knows of a subject, at hand for comparing.
#include "orders_p.h"

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
