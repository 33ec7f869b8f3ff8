// SPDX-License-Identifier: GPL-3.0-or-later
//
// In a segment: plans are made from bundles, and receipts go back.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

// Clocks of two networks are never quite the same.
#define CLOCK_SECONDS 3600

static bool check_here(const Site *site, GError **error)
{
  if (site->here.name != NULL)
    return true;
  g_set_error_literal(
      error, IDOU_ERROR, EXIT_USAGE,
      _("this site is in no segment: what its targets shall hold comes from its own "
        "records (key “segment” of the site file)"));
  return false;
}

static bool check_clock(const BundleHead *head, Instant now, GError **error)
{
  if (head->created <= now + CLOCK_SECONDS)
    return true;
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(head->created, text);
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_EXPIRED,
              _("bundle %u was made at %s, which is not yet: set the clock of one of the two"),
              head->id.sequence, text->str);
  return false;
}

// What it says of a target must not be left undone in silence.
static bool check_targets(const Site *site, const Bundle *bundle, GError **error)
{
  const char *name;
  for (size_t i = 0; (name = bundle_target(bundle, i)) != NULL; i++) {
    size_t k = 0;
    while (site->targets[k] != NULL && strcmp(site->targets[k]->name, name) != 0)
      k++;
    if (site->targets[k] != NULL)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the bundle speaks of target %s, which the site file does not have"), name);
    return false;
  }
  return true;
}

Bundle *job_bundle_open(const Site *site, Store *store, const char *path, GError **error)
{
  if (!check_here(site, error))
    return NULL;
  g_autoptr(Verifier) from = verifier_load(site->here.from, error);
  g_autoptr(Bundle) bundle = from == NULL ? NULL : bundle_read(path, from, error);
  Instant now = instant_now();
  if (bundle == NULL || !check_clock(bundle_head(bundle), now, error) ||
      !bundle_check(&bundle_head(bundle)->id, site->here.name, store, now, error) ||
      !check_targets(site, bundle, error))
    return NULL;
  return g_steal_pointer(&bundle);
}

// Those of a folder, one after the other.
typedef struct Choosing {
  const Site *site;
  Store *store;
  char *chosen;
  bool follows;       // … and it is not the one accepted last
  GPtrArray *names;   // of those that were refused, but for being older
  GPtrArray *faults;  // GError *
  GError *older;      // of the first that is
} Choosing;

static void free_fault(gpointer fault)
{
  g_error_free(fault);
}

static void choosing_clear(Choosing *choosing)
{
  store_close(choosing->store);
  g_free(choosing->chosen);
  g_clear_error(&choosing->older);
  g_clear_pointer(&choosing->names, g_ptr_array_unref);
  g_clear_pointer(&choosing->faults, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Choosing, choosing_clear)

static void refuse(Choosing *choosing, const char *name, GError *fault)
{
  if (!g_error_matches(fault, IDOU_ERROR, EXIT_BUNDLE_REPLAYED)) {
    g_ptr_array_add(choosing->names, g_strdup(name));
    g_ptr_array_add(choosing->faults, fault);
  } else if (choosing->older == NULL) {
    choosing->older = fault;
  } else {
    g_error_free(fault);
  }
}

static void consider(Choosing *choosing, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  GError *fault = NULL;
  g_autoptr(Bundle) bundle = job_bundle_open(choosing->site, choosing->store, path, &fault);
  if (bundle == NULL) {
    refuse(choosing, name, fault);
    return;
  }
  bool follows = !bundle_is_current(&bundle_head(bundle)->id, choosing->store);
  if (choosing->chosen != NULL && !follows)
    return;
  g_free(choosing->chosen);
  choosing->chosen = g_steal_pointer(&path);
  choosing->follows = follows;
}

// Going on with the one that holds is right, but somebody must know that another came and was not taken. What comes behind
// the one whose turn it is only waits.
static void tell_refused(const Choosing *choosing, Findings *findings, ExitCode *exit)
{
  for (guint i = 0; i < choosing->faults->len; i++) {
    const GError *fault = g_ptr_array_index(choosing->faults, i);
    const char *name = g_ptr_array_index(choosing->names, i);
    if (choosing->follows && g_error_matches(fault, IDOU_ERROR, EXIT_BUNDLE_GAP))
      continue;
    *exit = exit_worse(*exit, fault->domain == IDOU_ERROR ? (ExitCode)fault->code : EXIT_USAGE);
    findings_add(findings,
                 &(Finding){.level = FINDING_ERROR, .code = "bundle-refused", .subject = name},
                 "%s", fault->message);
  }
}

static char *take_chosen(Choosing *choosing, const char *folder, Findings *findings, ExitCode *exit,
                         GError **error)
{
  if (choosing->chosen != NULL)
    tell_refused(choosing, findings, exit);
  else if (choosing->faults->len > 0)
    g_propagate_error(error, g_error_copy(g_ptr_array_index(choosing->faults, 0)));
  else if (choosing->older != NULL)
    g_propagate_error(error, g_steal_pointer(&choosing->older));
  else
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s: there is no bundle (*.bundle)"), folder);
  return g_steal_pointer(&choosing->chosen);
}

char *job_bundle_choose(const Site *site, const char *folder, Findings *findings, ExitCode *exit,
                        GError **error)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_auto(Choosing) choosing = {.site = site,
                               .names = g_ptr_array_new_with_free_func(g_free),
                               .faults = g_ptr_array_new_with_free_func(free_fault)};
  choosing.store = dir == NULL ? NULL : site_ledger(site, error);
  if (dir != NULL && choosing.store == NULL)
    return NULL;
  const char *name;
  while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
    if (g_str_has_suffix(name, ".bundle"))
      consider(&choosing, folder, name);
  return take_chosen(&choosing, folder, findings, exit, error);
}

bool job_bundle_may(const Site *site, Store *store, const Plan *plan, GError **error)
{
  const PlanBundle *bundle = &plan_head(plan)->bundle;
  if (site->here.name == NULL && bundle->segment == NULL)
    return true;
  if (bundle->segment == NULL || site->here.name == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_SEGMENT,
                bundle->segment == NULL
                    ? _("this site is in segment %s: it applies plans that were made from its "
                        "bundles only")
                    : _("the plan was made in segment %s, and this site is in none"),
                bundle->segment == NULL ? site->here.name : bundle->segment);
    return false;
  }
  return bundle_check(bundle, site->here.name, store, instant_now(), error);
}

// ---------------------------------------------------------------------------------------------
// The approval that came along.

// How many operations the class has: those of a kind, or those that somebody has to confirm.
static int64_t count_ops(const Plan *plan, const char *what)
{
  int64_t n = 0;
  for (uint32_t i = 1; i <= plan_n_ops(plan); i++) {
    const Op *op = plan_op(plan, i);
    g_autofree char *kind = g_strdup_printf("%s/%s", op->target, op_traits(op->kind)->name);
    g_autofree char *confirm = g_strdup_printf("%s/confirm", op->target);
    n += strcmp(kind, what) == 0 || (op->confirm != NULL && strcmp(confirm, what) == 0);
  }
  return n;
}

static void take_allows(const BundleApproval *from, const Plan *plan, GPtrArray *out,
                        Findings *findings)
{
  for (size_t i = 0; i < from->n_allows; i++) {
    const BundleAllows *allows = &from->allows[i];
    int64_t n = count_ops(plan, allows->what);
    if (n <= allows->at_most)
      g_ptr_array_add(out, g_strdup(allows->what));
    else
      findings_add(findings, &(Finding){.level = FINDING_WARNING, .code = "approved-fewer"},
                   _("the bundle approves %" G_GINT64_FORMAT
                     " of %s, and the plan has %" G_GINT64_FORMAT
                     ": none of them passes the guards by it"),
                   allows->at_most, allows->what, n);
  }
}

Approvals *job_bundle_approval(const Bundle *bundle, const Plan *plan, Findings *findings)
{
  const BundleApproval *from = &bundle_head(bundle)->approval;
  Instant now = instant_now();
  if (from->who == NULL || now < from->not_before || now >= from->expires)
    return NULL;
  g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(g_free);
  take_allows(from, plan, classes, findings);
  if (classes->len == 0)
    return NULL;
  g_ptr_array_add(classes, NULL);
  g_autofree char *who =
      g_strdup_printf("%s (bundle %u)", from->who, bundle_head(bundle)->id.sequence);
  const Approval approval = {.digest = (char *)plan_digest(plan),
                             .who = who,
                             .reason = (char *)from->reason,
                             .given = now,
                             .not_before = from->not_before,
                             .expires = from->expires,
                             .allows = (char **)classes->pdata};
  return approvals_of(&approval);
}

// ---------------------------------------------------------------------------------------------
// Receipts.

// What a receipt does not speak of is taken for done where it goes: so it speaks of all that is not.
typedef struct Gathering {
  const Plan *plan;
  int64_t run;
  GArray *ops;        // ReceiptOp
  GPtrArray *unread;  // const char *
  GByteArray *noted;  // by operation: it is in the journal
  GStringChunk *texts;
  CodeCounts counts;
} Gathering;

static void gathering_clear(Gathering *gathering)
{
  g_array_unref(gathering->ops);
  g_ptr_array_unref(gathering->unread);
  g_byte_array_unref(gathering->noted);
  g_string_chunk_free(gathering->texts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Gathering, gathering_clear)

static void gathering_init(Gathering *gathering, const Plan *plan, int64_t run)
{
  *gathering = (Gathering){.plan = plan,
                           .run = run,
                           .ops = g_array_new(FALSE, FALSE, sizeof(ReceiptOp)),
                           .unread = g_ptr_array_new(),
                           .noted = g_byte_array_new(),
                           .texts = g_string_chunk_new(4096)};
  g_byte_array_set_size(gathering->noted, (guint)plan_n_ops(plan) + 1);
  memset(gathering->noted->data, 0, gathering->noted->len);
}

static void count(CodeCounts *counts, const char *state)
{
  static const char *const failed[] = {"refused", "failed", "unknown", "blocked", NULL};
  static const char *const fine[] = {"done", "already", NULL};
  if (g_strv_contains(failed, state))
    counts->failed++;
  else if (strcmp(state, "held") == 0)
    counts->held++;
  else if (!g_strv_contains(fine, state))
    counts->waiting++;
}

static void add(Gathering *gathering, const ReceiptOp *op)
{
  g_array_append_vals(gathering->ops, op, 1);
  count(&gathering->counts, op->state);
}

static void add_op(Gathering *gathering, const Op *op, const char *state)
{
  add(gathering,
      &(ReceiptOp){op->target, op_traits(op->kind)->name, op->object, op->member, state});
}

static bool gather(const OpRow *row, void *data)
{
  Gathering *gathering = data;
  const Op *op = plan_op(gathering->plan, row->n);
  if (op == NULL)
    return true;
  gathering->noted->data[row->n] = 1;
  add_op(gathering, op, g_string_chunk_insert_const(gathering->texts, row->state));
  return true;
}

// What the run did not come to is not in the journal.
static void gather_rest(Gathering *gathering)
{
  for (uint32_t n = 1; n <= plan_n_ops(gathering->plan); n++)
    if (gathering->noted->data[n] == 0)
      add_op(gathering, plan_op(gathering->plan, n), "pending");
}

static void add_unread(Gathering *gathering, const char *target)
{
  if (g_ptr_array_find_with_equal_func(gathering->unread, target, g_str_equal, NULL))
    return;
  g_ptr_array_add(gathering->unread, (gpointer)target);
  // A target that was not read is not as it should be, whatever the counts say.
  gathering->counts.waiting++;
}

// What earlier runs sent counts as done in later plans, and is not known to be.
static bool gather_awaited(const OpRow *row, Instant since, void *data)
{
  Gathering *gathering = data;
  OpKind kind;
  (void)since;
  if (row->run == gathering->run || !op_kind_of(row->kind, &kind))
    return true;
  const char *target = g_string_chunk_insert_const(gathering->texts, row->target);
  const char *object = g_string_chunk_insert_const(gathering->texts, row->object);
  // Whose membership it is does not stand there.
  if (op_traits(kind)->edge)
    add_unread(gathering, target);
  else
    add(gathering, &(ReceiptOp){target, op_traits(kind)->name, object, NULL, "receipt"});
  return true;
}

// Entries that are other than they should be, though no operation speaks of them.
static void gather_notes(Gathering *gathering, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_notes; i++) {
    const PlanNote *note = &section->notes[i];
    if (note->left != NULL)
      add(gathering, &(ReceiptOp){section->target, note->code, note->left, NULL, "held"});
  }
}

static bool gather_all(Gathering *gathering, Store *store, GError **error)
{
  if (!store_ops_each(store, gathering->run, gather, gathering, error) ||
      !store_receipts_each(store, gather_awaited, gathering, error))
    return false;
  gather_rest(gathering);
  for (size_t i = 0; i < plan_n_sections(gathering->plan); i++) {
    const PlanSection *section = plan_section(gathering->plan, i);
    if (section->unread != NULL)
      add_unread(gathering, section->target);
    gather_notes(gathering, section);
  }
  g_ptr_array_add(gathering->unread, NULL);
  return true;
}

static bool write_receipt(const Site *site, const Receipt *receipt, const Signer *signer,
                          const char *output, GString *told, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *kept =
      g_strdup_printf("%s/%s-%04u-%" G_GINT64_FORMAT ".receipt", site->here.receipts,
                      receipt->head.segment, receipt->head.sequence, receipt->head.run);
  const char *path = output != NULL ? output : kept;
  receipt_write(receipt, signer, text);
  if (output == NULL && !file_make_dir(site->here.receipts, 0700, error))
    return false;
  if (told != NULL)
    g_string_append_printf(told, _("receipt: %s\n"), path);
  return file_write(path, text->str, text->len, 0600, error);
}

static bool tell_code(const Site *site, const Signer *signer, const PlanBundle *bundle,
                      const CodeCounts *counts, GString *told, GError **error)
{
  g_autoptr(Verifier) from = verifier_load(site->here.from, error);
  if (from == NULL || told == NULL)
    return from != NULL;
  g_string_append(told, _("code: "));
  code_write(signer, from, bundle, counts, told);
  g_string_append_printf(told, _("  (bundle %u: failed %u, held %u, waiting %u)\n"),
                         bundle->sequence, counts->failed, counts->held, counts->waiting);
  return true;
}

bool job_bundle_receipt_of(const Site *site, Store *store, const Plan *plan, int64_t run,
                           const char *output, GString *told, GError **error)
{
  const PlanBundle *bundle = &plan_head(plan)->bundle;
  if (site->here.name == NULL || bundle->segment == NULL || site->here.sign == NULL)
    return true;
  g_autoptr(Signer) signer = signer_load(site->here.sign, NULL, error);
  if (signer == NULL)
    return false;
  g_auto(Gathering) gathering;
  gathering_init(&gathering, plan, run);
  if (!gather_all(&gathering, store, error))
    return false;
  Receipt receipt = {.head = {.segment = bundle->segment,
                              .sequence = bundle->sequence,
                              .bundle = bundle->digest,
                              .plan = plan_digest(plan),
                              .run = run,
                              .created = instant_now()},
                     .ops = (const ReceiptOp *)(const void *)gathering.ops->data,
                     .n_ops = gathering.ops->len,
                     .unread = (const char *const *)gathering.unread->pdata};
  return write_receipt(site, &receipt, signer, output, told, error) &&
         tell_code(site, signer, bundle, &gathering.counts, told, error);
}

bool job_bundle_receipt(const Site *site, const char *output, GString *told, GError **error)
{
  RunRow run;
  g_autoptr(Store) store = NULL;
  if (!check_here(site, error) || (store = store_open(site->store, STORE_READ, error)) == NULL)
    return false;
  if (site->here.sign == NULL || !store_run_last(store, &run)) {
    g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE,
                        site->here.sign == NULL
                            ? _("“segment” of the site file names no key to sign receipts with: "
                                "“sign”")
                            : _("no plan was applied here yet"));
    return false;
  }
  int64_t id = run.id;
  g_autofree char *digest = g_strdup(run.digest), *path = g_strdup(run.plan_path);
  g_autoptr(Plan) plan = plan_read(path, error);
  if (plan == NULL)
    return false;
  if (strcmp(plan_digest(plan), digest) == 0 && plan_head(plan)->bundle.segment != NULL)
    return job_bundle_receipt_of(site, store, plan, id, output, told, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("%s is no longer the plan of the last run (%" G_GINT64_FORMAT
                "), so what was done cannot be told by it; the receipt of that run is in %s"),
              path, id, site->here.receipts);
  return false;
}

// ---------------------------------------------------------------------------------------------
// By hand.

static bool accept_by_hand(Store *store, const PlanBundle *bundle, const char *who,
                           const char *reason, GError **error)
{
  g_autofree char *subject =
      g_strdup_printf("bundle %s %u %s", bundle->segment, bundle->sequence, bundle->digest);
  Ruling ruling = {
      .what = "bundle", .subject = subject, .who = who, .reason = reason, .when = instant_now()};
  if (!store_begin(store, error))
    return false;
  const AuditNote note = {.what = AUDIT_BUNDLE, .who = who, .subject = subject};
  if (bundle_accept(bundle, store, error) && store_ruling_add(store, &ruling, error) &&
      audit_note(store, &note, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

bool job_bundle_accept(const Site *site, const char *path, const char *who, const char *reason,
                       GError **error)
{
  if (!check_here(site, error))
    return false;
  g_autoptr(Verifier) from = verifier_load(site->here.from, error);
  g_autoptr(Bundle) bundle = from == NULL ? NULL : bundle_read(path, from, error);
  int lock = bundle == NULL ? -1 : job_lock(site, error);
  if (lock < 0)
    return false;
  g_autoptr(Store) store = site_ledger(site, error);
  const PlanBundle *id = &bundle_head(bundle)->id;
  g_autoptr(GError) fault = NULL;
  // Only a gap may be stepped over; nobody goes back.
  bool fine = store != NULL && (bundle_check(id, site->here.name, store, instant_now(), &fault) ||
                                g_error_matches(fault, IDOU_ERROR, EXIT_BUNDLE_GAP));
  if (store != NULL && !fine)
    g_propagate_error(error, g_steal_pointer(&fault));
  fine = fine && accept_by_hand(store, id, who, reason, error);
  close(lock);
  return fine;
}
