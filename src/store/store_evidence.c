// SPDX-License-Identifier: GPL-3.0-or-later
//
// Evidence of last use, and how its sources stand.
#include "store_p.h"

bool store_evidence_set(Store *store, const EvidenceRow *evidence, GError **error)
{
  return store_run(store, SQL_EVIDENCE_SET,
                   ARGS(TEXT(evidence->source), TEXT(evidence->target), TEXT(evidence->object),
                        INT(evidence->moment), INT(evidence->precision), INT(evidence->collected)),
                   error);
}

bool store_evidence_drop(Store *store, const char *source, const char *target, const char *object,
                         GError **error)
{
  return store_run(store, SQL_EVIDENCE_DROP, ARGS(TEXT(source), TEXT(target), TEXT(object)), error);
}

bool store_evidence_forget(Store *store, const char *source, GError **error)
{
  return store_run(store, SQL_EVIDENCE_FORGET, ARGS(TEXT(source)), error) &&
         store_run(store, SQL_EVIDENCE_SOURCE_FORGET, ARGS(TEXT(source)), error);
}

static bool each_evidence(Query *query, StoreEvidenceFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    EvidenceRow row = {
        .source = query_text(query, 0),
        .target = query_text(query, 1),
        .object = query_text(query, 2),
        .moment = query_int(query, 3),
        .precision = query_int(query, 4),
        .collected = query_int(query, 5),
    };
    if (!func(&row, data))
      break;
  }
  return !query->failed;
}

bool store_evidence_each(Store *store, const char *target, StoreEvidenceFunc func, void *data,
                         GError **error)
{
  g_auto(Query) query = {0};
  bool fine = target == NULL
                  ? query_open(&query, store, SQL_EVIDENCE_EACH, NO_ARGS, error)
                  : query_open(&query, store, SQL_EVIDENCE_IN, ARGS(TEXT(target)), error);
  return fine && each_evidence(&query, func, data, error);
}

bool store_evidence_of(Store *store, const char *target, const char *object, StoreEvidenceFunc func,
                       void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_EVIDENCE_OF, ARGS(TEXT(target), TEXT(object)), error) &&
         each_evidence(&query, func, data, error);
}

bool store_evidence_source_set(Store *store, const EvidenceSourceRow *source, GError **error)
{
  return store_run(store, SQL_EVIDENCE_SOURCE_SET,
                   ARGS(TEXT(source->name), INT(source->collected), INT(source->reaches),
                        INT(source->n_accounts), TEXT(source->state), TEXT(source->detail),
                        INT(source->since)),
                   error);
}

bool store_evidence_sources_each(Store *store, StoreEvidenceSourceFunc func, void *data,
                                 GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_EVIDENCE_SOURCES, NO_ARGS, error))
    return false;
  while (query_next(&query, error)) {
    EvidenceSourceRow row = {
        .name = query_text(&query, 0),
        .collected = query_int(&query, 1),
        .reaches = query_int(&query, 2),
        .n_accounts = query_int(&query, 3),
        .state = query_text(&query, 4),
        .detail = query_text(&query, 5),
        .since = query_int(&query, 6),
    };
    if (!func(&row, data))
      break;
  }
  return !query.failed;
}
