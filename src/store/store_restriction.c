// SPDX-License-Identifier: GPL-3.0-or-later
//
// Restrictions, and claims against them.
#include "store_p.h"

bool restriction_is_cause(const char *cause)
{
  static const char *const causes[] = {RESTRICTION_DORMANT, RESTRICTION_ORPHAN,
                                       RESTRICTION_RECERTIFIED, RESTRICTION_STOPPED, NULL};
  return cause != NULL && g_strv_contains(causes, cause);
}

int64_t store_restriction_find(Store *store, const RestrictionRow *key)
{
  g_auto(Query) query = {0};
  Args args = ARGS(TEXT(key->target), TEXT(key->object), TEXT(key->cause), TEXT(key->what),
                   TEXT(key->group));
  return store_get(store, SQL_RESTRICTION_STANDS, args, &query) ? query_int(&query, 0) : 0;
}

int64_t store_restriction_add(Store *store, const RestrictionRow *restriction, GError **error)
{
  int64_t id = store_restriction_find(store, restriction);
  if (id != 0)
    return id;
  return store_insert(store, SQL_RESTRICTION_ADD,
                      ARGS(TEXT(restriction->target), TEXT(restriction->object),
                           TEXT(restriction->cause), TEXT(restriction->what),
                           TEXT(restriction->group), TEXT(restriction->reason),
                           TEXT(restriction->source), TEXT(restriction->who),
                           INT(restriction->since), INT(restriction->until)),
                      error);
}

bool store_restriction_lift(Store *store, int64_t id, const char *who, const char *why,
                            GError **error)
{
  int64_t n = store_change(store, SQL_RESTRICTION_LIFT,
                           ARGS(INT(id), TEXT(who), TEXT(why), INT(instant_now())), error);
  if (n == 0)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("there is no restriction number %lld, or it was lifted before"), (long long)id);
  return n > 0;
}

static bool each_restriction(Query *query, StoreRestrictionFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    RestrictionRow row = {
        .id = query_int(query, 0),
        .target = query_text(query, 1),
        .object = query_text(query, 2),
        .cause = query_text(query, 3),
        .what = query_text(query, 4),
        .group = query_text(query, 5),
        .reason = query_text(query, 6),
        .source = query_text(query, 7),
        .who = query_text(query, 8),
        .since = query_int(query, 9),
        .until = (Date)query_int(query, 10),
        .lifted = query_int(query, 11),
        .lifted_by = query_text(query, 12),
        .lifted_why = query_text(query, 13),
    };
    if (row.lifted_by == NULL)
      row.lifted = INSTANT_NONE;
    if (!func(&row, data))
      break;
  }
  return !query->failed;
}

bool store_restrictions_each(Store *store, const char *target, StoreRestrictionFunc func,
                             void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RESTRICTIONS_EACH, ARGS(TEXT(target)), error) &&
         each_restriction(&query, func, data, error);
}

bool store_restrictions_of(Store *store, const char *target, const char *object,
                           StoreRestrictionFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RESTRICTIONS_OF, ARGS(TEXT(target), TEXT(object)), error) &&
         each_restriction(&query, func, data, error);
}

bool store_restrictions_ever(Store *store, StoreRestrictionFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_RESTRICTIONS_EVER, NO_ARGS, error) &&
         each_restriction(&query, func, data, error);
}

// ---------------------------------------------------------------------------------------------

int64_t store_claim_add(Store *store, const ClaimRow *claim, GError **error)
{
  return store_insert(store, SQL_CLAIM_ADD,
                      ARGS(TEXT(claim->target), TEXT(claim->object), TEXT(claim->cause),
                           TEXT(claim->group), INT(claim->until), TEXT(claim->reason),
                           TEXT(claim->source), TEXT(claim->who), INT(claim->since)),
                      error);
}

bool store_claim_withdraw(Store *store, int64_t id, GError **error)
{
  int64_t n = store_change(store, SQL_CLAIM_WITHDRAW, ARGS(INT(id), INT(instant_now())), error);
  if (n == 0)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("there is no claim number %lld, or it was withdrawn before"), (long long)id);
  return n > 0;
}

static bool each_claim(Query *query, StoreClaimFunc func, void *data, GError **error)
{
  while (query_next(query, error)) {
    ClaimRow row = {
        .id = query_int(query, 0),
        .target = query_text(query, 1),
        .object = query_text(query, 2),
        .cause = query_text(query, 3),
        .group = query_text(query, 4),
        .until = (Date)query_int(query, 5),
        .reason = query_text(query, 6),
        .source = query_text(query, 7),
        .who = query_text(query, 8),
        .since = query_int(query, 9),
        .withdrawn = query_text(query, 10) == NULL ? INSTANT_NONE : query_int(query, 10),
    };
    if (!func(&row, data))
      break;
  }
  return !query->failed;
}

bool store_claims_each(Store *store, const char *target, StoreClaimFunc func, void *data,
                       GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_CLAIMS_EACH, ARGS(TEXT(target)), error) &&
         each_claim(&query, func, data, error);
}

bool store_claims_ever(Store *store, StoreClaimFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  return query_open(&query, store, SQL_CLAIMS_EVER, NO_ARGS, error) &&
         each_claim(&query, func, data, error);
}
