// SPDX-License-Identifier: GPL-3.0-or-later
//
// What became of a bundle in its segment: by a receipt, or by a code that somebody read out.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

#define TAKEN "bundle receipt"  // cursor: "NUMBER TIME" of the last receipt taken
#define RECEIPT_MAX_BYTES ((size_t)1 << 30)
#define WHOLE "bundle/"  // how the object of a bundle as a whole begins: bundle/SEGMENT-NUMBER

typedef struct Open {  // an operation that awaits a receipt
  int64_t run;
  uint32_t n;
  const char *target, *object;
} Open;

typedef struct Taking {
  const Site *site;
  const SiteSegment *segment;
  Store *store;
  GArray *open;  // Open: of the segment
  GArray *runs;  // int64_t: whose operations were closed
  GStringChunk *texts;
  ReceiptsDone *out;
} Taking;

static void taking_clear(Taking *taking)
{
  store_close(taking->store);
  g_clear_pointer(&taking->open, g_array_unref);
  g_clear_pointer(&taking->runs, g_array_unref);
  g_clear_pointer(&taking->texts, g_string_chunk_free);
}

static bool is_of(const Taking *taking, const char *target)
{
  for (size_t i = 0; taking->site->apart[i] != NULL; i++)
    if (strcmp(taking->site->apart[i]->name, target) == 0)
      return strcmp(taking->site->apart[i]->segment, taking->segment->name) == 0;
  return false;
}

static bool note_open(const OpRow *op, Instant since, void *data)
{
  Taking *taking = data;
  (void)since;
  if (!is_of(taking, op->target))
    return true;
  Open open = {op->run, op->n, g_string_chunk_insert_const(taking->texts, op->target),
               g_string_chunk_insert(taking->texts, op->object)};
  g_array_append_val(taking->open, open);
  return true;
}

static bool begin(Taking *taking, const char *segment, GError **error)
{
  taking->segment = site_segment(taking->site, segment);
  if (taking->segment == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_SEGMENT,
                _("it is of segment “%s”, which the site file does not have"), segment);
    return false;
  }
  if (taking->segment->receipts == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the site file does not say by which key receipts of segment %s are signed: "
                  "“receipts”"),
                segment);
    return false;
  }
  taking->texts = g_string_chunk_new(4096);
  taking->open = g_array_new(FALSE, FALSE, sizeof(Open));
  taking->runs = g_array_new(FALSE, FALSE, sizeof(int64_t));
  if (taking->store == NULL)
    taking->store = site_ledger(taking->site, error);
  return taking->store != NULL && store_receipts_each(taking->store, note_open, taking, error);
}

// One transaction for all that is closed.
typedef bool (*CloseFunc)(Taking *taking, void *data, GError **error);

static bool close_all(Taking *taking, CloseFunc func, void *data, GError **error)
{
  if (!store_begin(taking->store, error))
    return false;
  const AuditNote note = {.what = AUDIT_BUNDLE, .subject = taking->segment->name};
  if (func(taking, data, error) && store_receipt_runs(taking->store, error) &&
      job_audit_runs(taking->store, &note, taking->runs, error))
    return store_commit(taking->store, error);
  store_rollback(taking->store);
  return false;
}

static bool settle(Taking *taking, const Open *open, OutcomeKind kind, const char *detail,
                   GError **error)
{
  Settled settled = {.run = open->run, .n = open->n, .kind = kind, .detail = detail};
  g_array_append_val(taking->runs, settled.run);
  return apply_receipt(taking->store, open->target, &settled, &taking->out->taken, error);
}

// ---------------------------------------------------------------------------------------------
// Receipts.

typedef enum Fate { FATE_DONE, FATE_FAILED, FATE_REFUSED, FATE_OPEN } Fate;

static Fate fate_of(const char *state)
{
  static const struct {
    const char *state;
    Fate fate;
  } rows[] = {{"done", FATE_DONE},      {"already", FATE_DONE},   {"failed", FATE_FAILED},
              {"unknown", FATE_FAILED}, {"blocked", FATE_FAILED}, {"refused", FATE_REFUSED}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    if (strcmp(rows[i].state, state) == 0)
      return rows[i].fate;
  return FATE_OPEN;  // held, scheduled for its day, not chosen: a later receipt tells
}

// The key of an object in the table of fates.
static char *key_of(const char *target, const char *object)
{
  return g_strdup_printf("%s %s", target, object);
}

typedef struct Closing {
  const Receipt *receipt;
  GHashTable *fates;  // "TARGET OBJECT" -> Fate: the worst
  Fate worst;         // … of all
  int64_t newest;     // run of its bundle: what was sent after it is not told yet
  const char *detail;
} Closing;

static void note_fate(GHashTable *fates, const char *target, const char *object, Fate fate)
{
  char *key = key_of(target, object);
  Fate known = GPOINTER_TO_UINT(g_hash_table_lookup(fates, key));
  g_hash_table_replace(fates, key, GUINT_TO_POINTER(MAX(known, fate)));
}

static void weigh(Closing *closing)
{
  const Receipt *receipt = closing->receipt;
  for (size_t i = 0; i < receipt->n_ops; i++) {
    const ReceiptOp *op = &receipt->ops[i];
    Fate fate = fate_of(op->state);
    // A membership is its member's business.
    note_fate(closing->fates, op->target, op->member != NULL ? op->member : op->object, fate);
    closing->worst = MAX(closing->worst, fate);
  }
  if (receipt->unread[0] != NULL)
    closing->worst = FATE_OPEN;
}

static Fate fate_here(const Closing *closing, const Open *open)
{
  if (g_str_has_prefix(open->object, WHOLE))
    return closing->worst;
  if (g_strv_contains(closing->receipt->unread, open->target))
    return FATE_OPEN;
  // What the plan there had no operation for was so already.
  g_autofree char *key = key_of(open->target, open->object);
  return GPOINTER_TO_UINT(g_hash_table_lookup(closing->fates, key));
}

static bool close_by_receipt(Taking *taking, void *data, GError **error)
{
  static const OutcomeKind outcomes[] = {
      [FATE_DONE] = OUTCOME_DONE, [FATE_FAILED] = OUTCOME_FAILED, [FATE_REFUSED] = OUTCOME_REFUSED};
  Closing *closing = data;
  for (guint i = 0; i < taking->open->len; i++) {
    const Open *open = &g_array_index(taking->open, Open, i);
    Fate fate = open->run > closing->newest ? FATE_OPEN : fate_here(closing, open);
    if (fate != FATE_OPEN && !settle(taking, open, outcomes[fate], closing->detail, error))
      return false;
  }
  const ReceiptHead *head = &closing->receipt->head;
  g_autofree char *taken = g_strdup_printf("%u %" G_GINT64_FORMAT, head->sequence, head->created);
  return store_cursor_set(taking->store, TAKEN, taking->segment->name, taken, error);
}

// An older one tells what was so before.
static bool check_age(const Taking *taking, const ReceiptHead *head, GError **error)
{
  const char *text = store_cursor_get(taking->store, TAKEN, taking->segment->name);
  const char *space = text == NULL ? NULL : strchr(text, ' ');
  guint64 sequence = space == NULL ? 0 : g_ascii_strtoull(text, NULL, 10);
  Instant created = space == NULL ? INSTANT_NONE : g_ascii_strtoll(space + 1, NULL, 10);
  if (head->sequence > sequence || (head->sequence == sequence && head->created >= created))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_REPLAYED,
              _("the receipt is older than the one taken last (of bundle %u)"), (unsigned)sequence);
  return false;
}

static bool find_run(const Taking *taking, const ReceiptHead *head, int64_t *out, GError **error)
{
  RunRow run;
  if (store_run_by_digest(taking->store, head->bundle, &run) && run.desk) {
    *out = run.id;
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_GAP,
              _("the receipt is of a bundle (%u, %.12s…) that was not made here"), head->sequence,
              head->bundle);
  return false;
}

static bool take_receipt(Taking *taking, const char *bytes, size_t n, const char *path,
                         GError **error)
{
  g_autoptr(Verifier) from = verifier_load(taking->segment->receipts, error);
  ReceiptFile file = {0};
  bool fine = from != NULL && receipt_parse(bytes, n, path, from, &file, error);
  const ReceiptHead *head = &file.receipt.head;
  Closing closing = {.receipt = &file.receipt};
  fine = fine && check_age(taking, head, error) && find_run(taking, head, &closing.newest, error);
  if (fine) {
    g_autoptr(GString) when = g_string_new(NULL);
    instant_format(head->created, when);
    g_autofree char *detail =
        g_strdup_printf("receipt of bundle %u, %s", head->sequence, when->str);
    closing.detail = detail;
    closing.fates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    weigh(&closing);
    fine = close_all(taking, close_by_receipt, &closing, error);
    g_hash_table_unref(closing.fates);
  }
  receipt_file_clear(&file);
  return fine;
}

static void judge(ReceiptsDone *out)
{
  if (out->taken.n_refused + out->taken.n_failed > 0)
    out->exit = EXIT_FAILED;
}

static bool take_bytes(Taking *taking, GBytes *file, const char *path, GError **error)
{
  size_t n = 0;
  const char *bytes = g_bytes_get_data(file, &n);
  g_autofree char *segment = bytes == NULL ? NULL : receipt_segment(bytes, n);
  if (segment == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED, _("%s is no receipt, or not a whole one"),
                path);
    return false;
  }
  return begin(taking, segment, error) && take_receipt(taking, bytes, n, path, error);
}

bool job_bundle_take(const Site *site, const char *path, ReceiptsDone *out, GError **error)
{
  *out = (ReceiptsDone){.taken.findings = findings_new(), .any = true};
  g_autoptr(GBytes) file = file_read(path, RECEIPT_MAX_BYTES, error);
  int lock = file == NULL ? -1 : job_lock(site, error);
  if (lock < 0)
    return false;
  Taking taking = {.site = site, .out = out};
  bool fine = take_bytes(&taking, file, path, error);
  taking_clear(&taking);
  judge(out);
  close(lock);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Codes.

typedef struct Hit {
  const char *code;
  int64_t run;  // whose code it is; 0 = nobody's yet
} Hit;

static bool close_by_code(Taking *taking, void *data, GError **error)
{
  const Hit *hit = data;
  g_autofree char *detail = g_strdup_printf("by code %s", hit->code);
  for (guint i = 0; i < taking->open->len; i++) {
    const Open *open = &g_array_index(taking->open, Open, i);
    if (open->run <= hit->run && !settle(taking, open, OUTCOME_DONE, detail, error))
      return false;
  }
  return true;
}

static bool fits(const Taking *taking, const Open *open, const Signer *mine, const Verifier *theirs,
                 const char *code)
{
  RunRow run;
  const char *dash = strrchr(open->object, '-');
  if (!g_str_has_prefix(open->object, WHOLE) || dash == NULL ||
      !store_run_get(taking->store, open->run, &run))
    return false;
  PlanBundle bundle = {.segment = taking->segment->name,
                       .sequence = (uint32_t)g_ascii_strtoull(dash + 1, NULL, 10),
                       .digest = run.digest};
  return code_fits(code, mine, theirs, &bundle);
}

static bool find_hit(Taking *taking, Hit *hit, GError **error)
{
  g_autoptr(Signer) mine = signer_load(taking->segment->sign, NULL, error);
  g_autoptr(Verifier) theirs =
      mine == NULL ? NULL : verifier_load(taking->segment->receipts, error);
  if (theirs == NULL)
    return false;
  for (guint i = 0; i < taking->open->len; i++) {
    const Open *open = &g_array_index(taking->open, Open, i);
    if (fits(taking, open, mine, theirs, hit->code))
      hit->run = open->run;
  }
  return true;
}

static bool try_segment(const Site *site, const SiteSegment *segment, Hit *hit, bool closes,
                        ReceiptsDone *out, GError **error)
{
  Taking taking = {.site = site, .out = out};
  bool fine = begin(&taking, segment->name, error) && find_hit(&taking, hit, error) &&
              (hit->run == 0 || !closes || close_all(&taking, close_by_code, hit, error));
  taking_clear(&taking);
  return fine;
}

static bool take_code(const Site *site, const char *code, const CodeCounts *counts,
                      ReceiptsDone *out, GError **error)
{
  Hit hit = {.code = code};
  bool closes = counts->failed + counts->held + counts->waiting == 0;
  for (guint i = 0; i < site->segments->len && hit.run == 0; i++) {
    const SiteSegment *segment = &g_array_index(site->segments, SiteSegment, i);
    if (segment->receipts != NULL && !try_segment(site, segment, &hit, closes, out, error))
      return false;
  }
  if (hit.run != 0)
    return true;
  g_set_error_literal(
      error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED,
      _("no bundle that awaits a receipt has this code; nothing was closed. Ask for "
        "which bundle it is"));
  return false;
}

bool job_bundle_code(const Site *site, const char *code, CodeCounts *counts, ReceiptsDone *out,
                     GError **error)
{
  *out = (ReceiptsDone){.taken.findings = findings_new(), .any = true};
  if (!code_read(code, counts, error))
    return false;
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  bool fine = take_code(site, code, counts, out, error);
  if (fine && counts->failed > 0)
    out->exit = EXIT_FAILED;
  else if (fine && counts->held > 0)
    out->exit = EXIT_HELD;
  close(lock);
  return fine;
}
