// SPDX-License-Identifier: GPL-3.0-or-later
//
// What was measured.
#include "store_p.h"

bool store_measure_add(Store *store, const MeasureRow *measure, GError **error)
{
  return store_run(store, SQL_MEASURE_ADD,
                   ARGS(TEXT(measure->kind), TEXT(measure->target), TEXT(measure->name),
                        INT(measure->taken), INT(measure->used), INT(measure->most),
                        INT(measure->n), INT(measure->unseen),
                        TEXT(measure->unit ? measure->unit : "")),
                   error);
}

bool store_measures_each(Store *store, const char *kind, const Instant when[2],
                         StoreMeasureFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_MEASURES_EACH, ARGS(TEXT(kind), INT(when[0]), INT(when[1])),
                  error))
    return false;
  while (query_next(&query, error)) {
    MeasureRow row = {
        .kind = query_text(&query, 0),
        .target = query_text(&query, 1),
        .name = query_text(&query, 2),
        .taken = query_int(&query, 3),
        .used = query_int(&query, 4),
        .most = query_int(&query, 5),
        .n = query_int(&query, 6),
        .unseen = query_int(&query, 7),
        .unit = query_text(&query, 8),
    };
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}
