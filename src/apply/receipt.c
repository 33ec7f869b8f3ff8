// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a receipt does to the ledger. The plan is not needed: it may be gone by then.
#include "apply_p.h"

#include <string.h>

static const struct {
  OutcomeKind kind;
  const char *state;
  size_t count;  // in ApplyReceipts
} rows[] = {
    {OUTCOME_DONE, "done", offsetof(ApplyReceipts, n_done)},
    {OUTCOME_ALREADY, "done", offsetof(ApplyReceipts, n_done)},
    {OUTCOME_REFUSED, "refused", offsetof(ApplyReceipts, n_refused)},
    {OUTCOME_FAILED, "failed", offsetof(ApplyReceipts, n_failed)},
};

static size_t row_of(OutcomeKind kind)
{
  size_t i = 0;
  while (i < G_N_ELEMENTS(rows) && rows[i].kind != kind)
    i++;
  return i;
}

static void tell(Findings *findings, FindingLevel level, const char *code, const OpRow *row,
                 const char *text)
{
  Finding finding = {.level = level, .code = code, .subject = row->object};
  findings_add(findings, &finding, _("operation %" G_GINT64_FORMAT "-%u (%s %s in %s): %s"),
               row->run, row->n, row->kind, row->object, row->target, text);
}

// A receipt for nothing that we know is told and passed over: the product may have been filled by a ledger that is
// no more.
static void tell_unknown(Findings *findings, const char *target, const Settled *settled)
{
  Finding finding = {.level = FINDING_WARNING, .code = "receipt-unknown", .subject = target};
  findings_add(findings, &finding,
               _("%s tells of operation %" G_GINT64_FORMAT
                 "-%u, which the journal does not have as sent there; nothing comes of it"),
               target, settled->run, settled->n);
}

// Also of a run that was killed before it noted that it had sent it.
static bool is_awaited(const OpRow *row)
{
  return g_str_equal(row->state, "receipt") || g_str_equal(row->state, "sent") ||
         g_str_equal(row->state, "unknown");
}

// What hands could not do, and then did.
static bool was_refused(const OpRow *row, const Settled *settled)
{
  return g_str_equal(row->state, "refused") && settled->kind == OUTCOME_DONE;
}

// ---------------------------------------------------------------------------------------------
// Effects.

static void bind(Store *store, const OpRow *row, const Settled *settled, Findings *findings)
{
  g_autoptr(GError) fault = NULL;
  const char *object = settled->object ? settled->object : row->object;
  if (!settled->stable_id ||
      store_binding_set(store, row->target, object, settled->stable_id, &fault))
    return;
  tell(findings, FINDING_ERROR, "apply-binding", row, fault->message);
}

static bool write_done(Store *store, const OpRow *row, const Settled *settled, Findings *findings,
                       GError **error)
{
  bind(store, row, settled, findings);
  bool gone = g_str_equal(row->kind, op_traits(OP_DELETE)->name);
  SealRow seal = {.run = row->run, .n = row->n, .target = row->target, .object = row->object};
  return store_seals_valid(store, &seal, error) &&
         (!gone || (store_binding_drop(store, row->target, row->object, error) &&
                    store_seals_void_object(store, row->target, row->object, error)));
}

static bool take_attribute(const SealRow *seal, void *data)
{
  g_ptr_array_add(data, g_strdup(seal->attribute));
  return true;
}

// The password was never set: the next plan makes another one.
static bool forget_secrets(Store *store, const OpRow *row, GError **error)
{
  g_autoptr(GPtrArray) attributes = g_ptr_array_new_with_free_func(g_free);
  if (!store_seals_of_op(store, row->run, row->n, take_attribute, attributes, error))
    return false;
  for (guint i = 0; i < attributes->len; i++) {
    g_autofree char *name = secret_made_for(row->target, row->object, attributes->pdata[i]);
    if (!store_cursor_set(store, SECRETS_MADE_FOR, name, NULL, error))
      return false;
  }
  return store_seals_void(store, row->run, row->n, error);
}

// What the target still shows, though nobody can do it, keeps its identity.
static bool write_undone(Store *store, const OpRow *row, const Settled *settled, GError **error)
{
  bool never = g_str_equal(row->kind, op_traits(OP_CREATE)->name) && !settled->stable_id;
  return forget_secrets(store, row, error) &&
         (!never || store_binding_drop(store, row->target, row->object, error));
}

// ---------------------------------------------------------------------------------------------

bool apply_receipt(Store *store, const char *target, const Settled *settled, ApplyReceipts *out,
                   GError **error)
{
  OpRow row;
  size_t i = row_of(settled->kind);
  if (i == G_N_ELEMENTS(rows) || !store_op_get(store, settled->run, settled->n, &row) ||
      !g_str_equal(row.target, target)) {
    tell_unknown(out->findings, target, settled);
    return true;
  }
  // It is told again until the target knows that we have it.
  if (!is_awaited(&row) && !was_refused(&row, settled))
    return true;
  g_autofree char *object = g_strdup(row.object), *kind = g_strdup(row.kind);
  OpRow end = {.run = settled->run,
               .n = settled->n,
               .target = target,
               .object = object,
               .kind = kind,
               .state = rows[i].state,
               .detail = settled->detail};
  bool done = g_str_equal(end.state, "done");
  if (!(done ? write_done(store, &end, settled, out->findings, error)
             : write_undone(store, &end, settled, error)) ||
      !store_receipt_settle(store, &end, error))
    return false;
  (*(int64_t *)(void *)((char *)out + rows[i].count))++;
  if (!done)
    tell(out->findings, FINDING_ERROR, "receipt-undone", &end,
         settled->detail ? settled->detail : _("the product did not take it"));
  return true;
}
