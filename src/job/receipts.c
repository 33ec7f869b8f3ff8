// SPDX-License-Identifier: GPL-3.0-or-later
//
// Receipts: what products tell, later, of what was sent to them.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

#define DAY_SECONDS 86400

void receipts_done_clear(ReceiptsDone *done)
{
  g_clear_pointer(&done->taken.findings, findings_free);
}

// ---------------------------------------------------------------------------------------------
// Taking in.

typedef struct Taking {
  Store *store;
  const char *target;
  ApplyReceipts *taken;
  GArray *runs;  // int64_t: of those that were told of
  bool broken;   // the ledger: not the target's fault
} Taking;

static bool take(const Settled *settled, void *data, GError **error)
{
  Taking *taking = data;
  g_array_append_val(taking->runs, settled->run);
  taking->broken = !apply_receipt(taking->store, taking->target, settled, taking->taken, error);
  return !taking->broken;
}

static int64_t n_taken(const ApplyReceipts *taken)
{
  return taken->n_done + taken->n_refused + taken->n_failed;
}

static bool commit(Store *store, const AuditNote *note, const GArray *runs, GError **error)
{
  if (store_receipt_runs(store, error) && job_audit_runs(store, note, runs, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

// Not known what the rest of it says: the counts of what was taken back do not count.
static void leave_unread(const TargetConfig *config, const GError *fault, ReceiptsDone *out)
{
  Finding finding = {.level = FINDING_ERROR, .code = "receipts-unread", .subject = config->name};
  findings_add(out->taken.findings, &finding,
               _("what %s tells of operations that were sent cannot be read, so they still await "
                 "their receipt: %s"),
               config->name, fault->message);
  out->exit = exit_worse(out->exit, EXIT_UNREAD);
}

// What people hand back. Faults in it keep nothing else from being taken in.
static bool take_in(const TargetConfig *config, ReceiptsDone *out)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(Findings) findings = findings_new();
  bool fine = target_take_in(config, findings, &fault);
  if (findings_count_level(findings, FINDING_ERROR) > 0)
    out->exit = exit_worse(out->exit, EXIT_REJECTED);
  findings_take(out->taken.findings, findings);
  if (!fine)
    leave_unread(config, fault, out);
  return fine;
}

// One target is one transaction. It tells so again until it knows that this is on the disk.
static bool take_target(const TargetConfig *config, Store *store, ReceiptsDone *out, GError **error)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(Findings) findings = findings_new();
  ApplyReceipts taken = out->taken;
  g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(int64_t));
  taken.findings = findings;
  Taking taking = {store, config->name, &taken, runs, false};
  if (!take_in(config, out))
    return true;
  if (!store_begin(store, error))
    return false;
  if (!target_receipts(config, take, &taking, &fault)) {
    store_rollback(store);
    if (!taking.broken) {
      leave_unread(config, fault, out);
      return true;
    }
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  // What was told before changes nothing, and is no news.
  if (n_taken(&taken) == n_taken(&out->taken))
    g_array_set_size(runs, 0);
  if (!commit(store, &(AuditNote){.what = AUDIT_RETURNS, .subject = config->name}, runs, error))
    return false;
  findings_take(out->taken.findings, findings);
  taken.findings = out->taken.findings;
  out->taken = taken;
  if (!target_receipts_kept(config, &fault))
    leave_unread(config, fault, out);
  return true;
}

bool job_receipts_note(const Site *site, Store *store, ReceiptsDone *out, GError **error)
{
  *out = (ReceiptsDone){.taken.findings = findings_new()};
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    if (!target_has_receipts(site->targets[i]))
      continue;
    out->any = true;
    if (!take_target(site->targets[i], store, out, error))
      return false;
  }
  if (out->taken.n_refused + out->taken.n_failed > 0)
    out->exit = exit_worse(out->exit, EXIT_FAILED);
  return true;
}

static bool has_receipts(const Site *site)
{
  bool any = false;
  for (size_t i = 0; site->targets[i] != NULL; i++)
    any = any || target_has_receipts(site->targets[i]);
  return any;
}

bool job_receipts_take(const Site *site, ReceiptsDone *out, GError **error)
{
  *out = (ReceiptsDone){.taken.findings = findings_new()};
  if (!has_receipts(site))
    return true;
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  receipts_done_clear(out);
  bool fine = store != NULL && job_receipts_note(site, store, out, error);
  close(lock);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Listing. Who an operation is about its plan tells, if it is still there.

typedef struct Listing {
  const Site *site;
  Store *store;
  const char *target;
  Instant now;
  GHashTable *plans;  // run -> Plan, NULL = gone
  GArray *found;      // ReportAwaited
  GStringChunk *texts;
} Listing;

static int receipt_days(const Site *site, const char *target)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      return site->targets[i]->receipt_days;
  for (size_t i = 0; site->apart[i] != NULL; i++)
    if (strcmp(site->apart[i]->name, target) == 0)
      return site->apart[i]->receipt_days;
  return 0;
}

static bool find(const OpRow *op, Instant since, void *data)
{
  Listing *listing = data;
  if (listing->target != NULL && strcmp(listing->target, op->target) != 0)
    return true;
  Instant days = receipt_days(listing->site, op->target);
  ReportAwaited awaited = {.run = op->run,
                           .n = op->n,
                           .target = g_string_chunk_insert_const(listing->texts, op->target),
                           .object = g_string_chunk_insert(listing->texts, op->object),
                           .kind = g_string_chunk_insert_const(listing->texts, op->kind),
                           .since = since,
                           .overdue = since + days * DAY_SECONDS < listing->now};
  g_array_append_val(listing->found, awaited);
  return true;
}

static Plan *read_plan(Store *store, int64_t id)
{
  RunRow run;
  if (!store_run_get(store, id, &run) || run.plan_path == NULL)
    return NULL;
  g_autofree char *digest = g_strdup(run.digest);
  g_autoptr(Plan) plan = plan_read(run.plan_path, NULL);
  bool same = plan != NULL && strcmp(plan_digest(plan), digest) == 0;
  return same ? g_steal_pointer(&plan) : NULL;
}

static const char *label_of(const Listing *listing, const ReportAwaited *awaited)
{
  gpointer key = GSIZE_TO_POINTER(awaited->run), plan = NULL;
  if (!g_hash_table_lookup_extended(listing->plans, key, NULL, &plan)) {
    plan = read_plan(listing->store, awaited->run);
    g_hash_table_insert(listing->plans, key, plan);
  }
  const Op *op = plan != NULL ? plan_op(plan, awaited->n) : NULL;
  return op != NULL ? op->label : NULL;
}

static void free_plan(gpointer plan)
{
  plan_free(plan);
}

bool job_receipts_each(const Site *site, Store *store, const char *target, JobAwaitedFunc func,
                       void *data, GError **error)
{
  g_autoptr(GHashTable) plans = g_hash_table_new_full(NULL, NULL, NULL, free_plan);
  g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(ReportAwaited));
  g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
  Listing listing = {site, store, target, instant_now(), plans, found, texts};
  if (!store_receipts_each(store, find, &listing, error))
    return false;
  for (guint i = 0; i < found->len; i++) {
    ReportAwaited *awaited = &g_array_index(found, ReportAwaited, i);
    awaited->label = label_of(&listing, awaited);
    func(awaited, data);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// By hand.

typedef struct Settling {
  const Site *site;
  Store *store;
  const SettleRequest *request;
  const SettleSaid *said;  // the one that is looked for
  size_t n_hit;
  bool contradicted;
  GArray *settled;     // Settled: all that are meant
  GPtrArray *targets;  // const char *, of each; of the site or interned
} Settling;

static bool hit(const OpRow *op, Instant since, void *data)
{
  (void)since;
  Settling *settling = data;
  const SettleSaid *said = settling->said;
  const char *target = settling->request->target;
  if (op->run != said->run || (said->n != 0 && op->n != said->n) ||
      (target != NULL && strcmp(target, op->target) != 0))
    return true;
  settling->n_hit++;
  for (guint i = 0; i < settling->settled->len; i++) {
    const Settled *before = &g_array_index(settling->settled, Settled, i);
    if (before->run != op->run || before->n != op->n)
      continue;
    settling->contradicted = before->kind != said->kind;
    return !settling->contradicted;
  }
  Settled settled = {.run = op->run, .n = op->n, .kind = said->kind, .detail = said->detail};
  g_array_append_val(settling->settled, settled);
  g_ptr_array_add(settling->targets, (gpointer)g_intern_string(op->target));
  return true;
}

static bool find_said(Settling *settling, const GArray *said, GError **error)
{
  for (guint i = 0; i < said->len; i++) {
    settling->said = &g_array_index(said, SettleSaid, i);
    settling->n_hit = 0;
    if (!store_receipts_each(settling->store, hit, settling, error))
      return false;
    if (settling->contradicted) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("%s: another place says the opposite of the same operation; nothing was "
                    "settled"),
                  settling->said->where);
      return false;
    }
    if (settling->n_hit > 0)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%s: no such operation awaits a receipt; nothing was settled. `idou receipts` "
                  "lists them"),
                settling->said->where);
    return false;
  }
  return true;
}

static bool settle_target(const Settling *settling, const TargetConfig *config, GError **error)
{
  g_autoptr(GArray) its = g_array_new(FALSE, FALSE, sizeof(Settled));
  for (guint i = 0; i < settling->settled->len; i++)
    if (strcmp(settling->targets->pdata[i], config->name) == 0)
      g_array_append_val(its, g_array_index(settling->settled, Settled, i));
  return its->len == 0 || target_settle(config, its, error);
}

// First what is believed of the product, then the journal: cut off in between, it is still awaited and can be settled
// again; the other way round nobody would put right what is believed.
static bool carry_out(const Settling *settling, ApplyReceipts *out, GError **error)
{
  for (size_t i = 0; settling->site->targets[i] != NULL; i++)
    if (!settle_target(settling, settling->site->targets[i], error))
      return false;
  g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(int64_t));
  const AuditNote note = {
      .what = AUDIT_RETURNS, .who = settling->request->who, .subject = "settled"};
  if (!store_begin(settling->store, error))
    return false;
  for (guint i = 0; i < settling->settled->len; i++)
    g_array_append_val(runs, g_array_index(settling->settled, Settled, i).run);
  for (guint i = 0; i < settling->settled->len; i++)
    if (!apply_receipt(settling->store, settling->targets->pdata[i],
                       &g_array_index(settling->settled, Settled, i), out, error)) {
      store_rollback(settling->store);
      return false;
    }
  return commit(settling->store, &note, runs, error);
}

static bool settle(Settling *settling, const GArray *said, ReceiptsDone *out, GError **error)
{
  settling->settled = g_array_new(FALSE, FALSE, sizeof(Settled));
  settling->targets = g_ptr_array_new();
  bool fine = find_said(settling, said, error) && carry_out(settling, &out->taken, error);
  g_array_unref(settling->settled);
  g_ptr_array_unref(settling->targets);
  return fine;
}

bool job_receipts_settle(const Site *site, const SettleRequest *request, ReceiptsDone *out,
                         GError **error)
{
  *out = (ReceiptsDone){.taken.findings = findings_new()};
  g_autoptr(GArray) said = NULL;
  if (!settle_said_read(request, out->taken.findings, &said, error))
    return false;
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  Settling settling = {.site = site, .store = store, .request = request};
  bool fine = store != NULL && settle(&settling, said, out, error);
  close(lock);
  return fine;
}
