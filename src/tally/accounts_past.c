// SPDX-License-Identifier: GPL-3.0-or-later
//
// What became of each object, by "TARGET\nOBJECT": from the journal, evidence and restrictions.
#include "tally_p.h"

static char *key_of(const char *target, const char *object)
{
  return g_strjoin("\n", target, object, NULL);
}

static void past_free(void *data)
{
  AccountPast *past = data;
  if (past->restrictions)
    g_string_free(past->restrictions, true);
  g_free(past->used_source);
  g_free(past);
}

static AccountPast *past_of(GHashTable *pasts, const char *target, const char *object)
{
  g_autofree char *key = key_of(target, object);
  AccountPast *past = g_hash_table_lookup(pasts, key);
  if (past)
    return past;
  past = g_new0(AccountPast, 1);
  past->created = past->bound = past->off = past->used = INSTANT_NONE;
  g_hash_table_insert(pasts, g_steal_pointer(&key), past);
  return past;
}

const AccountPast *accounts_past_of(GHashTable *pasts, const char *target, const char *object)
{
  g_autofree char *key = key_of(target, object);
  return g_hash_table_lookup(pasts, key);
}

// By run and number, so that what came later is met later.
static bool take_op(const OpRow *op, Instant changed, void *data)
{
  static const char *const kinds[] = {"create", "adopt", "disable", "enable", "delete", NULL};
  if (!g_str_equal(op->state, "done") || !g_strv_contains(kinds, op->kind))
    return true;
  AccountPast *past = past_of(data, op->target, op->object);
  if (g_str_equal(op->kind, "create"))
    past->created = past->bound = changed;
  else if (g_str_equal(op->kind, "adopt"))
    past->bound = changed;
  else if (g_str_equal(op->kind, "disable"))
    past->off = changed;
  else if (g_str_equal(op->kind, "enable"))
    past->off = INSTANT_NONE;
  else
    past->created = past->bound = past->off = INSTANT_NONE;
  return true;
}

static bool take_evidence(const EvidenceRow *row, void *data)
{
  if (row->moment == INSTANT_NONE)
    return true;
  AccountPast *past = past_of(data, row->target, row->object);
  if (past->used != INSTANT_NONE && past->used >= row->moment)
    return true;
  past->used = row->moment;
  g_free(past->used_source);
  past->used_source = g_strdup(row->source);
  return true;
}

static bool take_restriction(const RestrictionRow *row, void *data)
{
  AccountPast *past = past_of(data, row->target, row->object);
  if (!past->restrictions)
    past->restrictions = g_string_new(NULL);
  g_string_append_printf(past->restrictions, "%s%s %s ", past->restrictions->len > 0 ? "|" : "",
                         row->cause, row->what);
  date_format(date_of_instant(row->since), past->restrictions);
  return true;
}

GHashTable *accounts_past(Store *store, GError **error)
{
  g_autoptr(GHashTable) pasts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, past_free);
  if (!store_ops_until(store, INSTANT_OPEN, take_op, pasts, error) ||
      !store_evidence_each(store, NULL, take_evidence, pasts, error) ||
      !store_restrictions_each(store, NULL, take_restriction, pasts, error))
    return NULL;
  return g_steal_pointer(&pasts);
}
