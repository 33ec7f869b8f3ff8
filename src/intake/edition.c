// SPDX-License-Identifier: GPL-3.0-or-later
//
// Versions of an order set. HR sends the regular transfer of 4/1 in three versions; a row that is taken back is
// simply missing from the next. It is withdrawn then, and listed until HR or somebody here confirms it.
#include "intake_p.h"

static const Cover *cover_of(const Edition *edition)
{
  return &edition->scribe->reading->cover;
}

bool edition_open(Scribe *scribe, Edition *edition, GError **error)
{
  *edition = (Edition){.scribe = scribe, .embargo = INSTANT_NONE};
  edition->seen = g_hash_table_new(NULL, NULL);
  const Cover *cover = cover_of(edition);
  const char *space = scribe->reading->layout->space;
  edition->embargo = cover->embargo;
  if (!*cover->set && !cover->covered)
    return true;
  OrderSet last;
  bool has_last = *cover->set && store_set_latest(scribe->store, space, cover->set, &last);
  edition->replaces = *cover->set && cover->mode == EDITION_REPLACES;
  edition->late = has_last && last.replaces && last.version > cover->version;
  OrderSet set = {.intake = scribe->intake,
                  .space = space,
                  .name = cover->set,
                  .version = cover->version,
                  .replaces = edition->replaces,
                  .covered = cover->covered ? cover->covered : "",
                  .embargo = cover->embargo};
  if (edition->late)
    findings_add(
        scribe->reading->findings,
        &(Finding){.level = FINDING_WARNING, .code = "version-late", .file = scribe->reading->file},
        _("version %" G_GINT64_FORMAT " of “%s” comes after version %" G_GINT64_FORMAT
          ", which replaces it: what that one lacks stays withdrawn"),
        cover->version, cover->set, last.version);
  edition->set = store_set_add(scribe->store, &set, error);
  return edition->set != 0;
}

void edition_saw(Edition *edition, int64_t row)
{
  g_hash_table_add(edition->seen, GSIZE_TO_POINTER(row));
}

bool edition_is_late(const Edition *edition)
{
  return edition->late;
}

void edition_clear(Edition *edition)
{
  g_clear_pointer(&edition->seen, g_hash_table_unref);
}

// ---------------------------------------------------------------------------------------------
// What it lacks.

typedef struct Lacking {
  const Edition *edition;
  GArray *rows;     // int64_t
  GArray *people;   // uint32_t
  GPtrArray *text;  // employee number, order number by row
} Lacking;

static bool note_lacking(const OrderRow *order, void *data)
{
  Lacking *lacking = data;
  if (order->known_to != INSTANT_OPEN || order->set == lacking->edition->set ||
      g_hash_table_contains(lacking->edition->seen, GSIZE_TO_POINTER(order->row)))
    return true;
  g_array_append_val(lacking->rows, order->row);
  g_array_append_val(lacking->people, order->person);
  g_ptr_array_add(lacking->text, g_strdup(order->person_number));
  g_ptr_array_add(lacking->text, g_strdup(order->number));
  return true;
}

static void tell_withdrawn(const Lacking *lacking, guint i, bool confirmed)
{
  Reading *reading = lacking->edition->scribe->reading;
  RowOrigin origin = {0};
  store_row_origin(lacking->edition->scribe->store, g_array_index(lacking->rows, int64_t, i),
                   &origin);
  Finding at = {.level = confirmed ? FINDING_NOTE : FINDING_WARNING,
                .code = confirmed ? "order-withdrawn" : "order-missing",
                .file = origin.file,
                .line = origin.line,
                .subject = lacking->text->pdata[2 * i],
                .value = lacking->text->pdata[2 * i + 1]};
  if (confirmed)
    findings_add(
        reading->findings, &at,
        _("not in version %" G_GINT64_FORMAT " of “%s”, as HR's cover note says: withdrawn"),
        reading->cover.version, reading->cover.set);
  else
    findings_add(reading->findings, &at,
                 _("not in version %" G_GINT64_FORMAT
                   " of “%s”: withdrawn. Ask HR, then confirm: idou "
                   "orders confirm NUMBER, or take it back: idou orders keep NUMBER"),
                 reading->cover.version, reading->cover.set);
}

static bool withdraw(const Lacking *lacking, GHashTable *people, GError **error)
{
  const Edition *edition = lacking->edition;
  Store *store = edition->scribe->store;
  bool confirmed = cover_of(edition)->n_withdrawn == (int64_t)lacking->rows->len;
  Instant at = MAX(edition->scribe->known_at, edition->embargo);
  for (guint i = 0; i < lacking->rows->len; i++) {
    int64_t row = g_array_index(lacking->rows, int64_t, i);
    uint32_t person = g_array_index(lacking->people, uint32_t, i);
    if (!store_order_end(store, row, at, error) ||
        !store_order_set_state(store, row, confirmed ? "withdrawn" : "missing", "", error))
      return false;
    if (person)
      g_hash_table_add(people, GUINT_TO_POINTER(person));
    tell_withdrawn(lacking, i, confirmed);
  }
  return true;
}

bool edition_close(Edition *edition, GHashTable *people, GError **error)
{
  if (!edition->set || !edition->replaces || edition->late)
    return true;
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));
  g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  g_autoptr(GPtrArray) text = g_ptr_array_new_with_free_func(g_free);
  Lacking lacking = {edition, rows, ids, text};
  const char *space = edition->scribe->reading->layout->space;
  return store_set_orders(edition->scribe->store, space, cover_of(edition)->set, note_lacking,
                          &lacking, error) &&
         withdraw(&lacking, people, error);
}
