// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is known of one person, for people who look.
#include "store_p.h"

bool store_links_numbered(Store *store, SubjectKind kind, const char *number, StoreHolderFunc func,
                          void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_LINKS_NUMBERED, ARGS(INT(kind), TEXT(number)), error))
    return false;
  while (query_next(&query, error))
    if (!func(query_text(&query, 0), (uint32_t)query_int(&query, 1), data))
      break;
  return !query.failed;
}

// ---------------------------------------------------------------------------------------------

bool store_absences_of(Store *store, uint32_t person, StoreDateFunc func, void *data,
                       GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_ABSENCES_OF, ARGS(INT(person)), error))
    return false;
  while (query_next(&query, error))
    if (!func((Date)query_int(&query, 0), data))
      break;
  return !query.failed;
}
