// SPDX-License-Identifier: GPL-3.0-or-later
//
// What became of a change, from HR's order to the value that is there now: from the journal, the plan, the audit record and
// the target itself.
#include "job/job_p.h"

#include <stdlib.h>
#include <string.h>

#define OPS_MOST 500  // of a run, or of a person: more nobody reads

typedef struct Proving {
  const Site *site;
  Store *store;
  Findings *findings;
  uint32_t only, person;  // 0 = all
  GArray *proofs;         // ReportProof
  GStringChunk *texts;
  GHashTable *plans;  // digest -> as itself: whose rows of the record are shown
  GHashTable *files;  // HR's files: likewise
  bool more;
  guint from;  // the proofs of the run at hand begin there
} Proving;

static const char *keep(Proving *proving, const char *text)
{
  return text != NULL ? g_string_chunk_insert(proving->texts, text) : NULL;
}

// ---------------------------------------------------------------------------------------------
// From the journal.

static bool take_op(const OpRow *row, Instant changed, void *data)
{
  Proving *proving = data;
  if ((proving->only != 0 && row->n != proving->only) ||
      (proving->person != 0 && row->person != proving->person))
    return true;
  if (proving->proofs->len >= OPS_MOST) {
    proving->more = true;
    return false;
  }
  ReportProof proof = {.run = row->run,
                       .n = row->n,
                       .target = keep(proving, row->target),
                       .object = keep(proving, row->object),
                       .kind = keep(proving, row->kind),
                       .state = keep(proving, row->state),
                       .detail = keep(proving, row->detail),
                       .n_attempts = row->n_attempts,
                       .person = row->person,
                       .changed = changed};
  g_array_append_val(proving->proofs, proof);
  return true;
}

// What was done to the same objects later: one walk over the journal for all of them.
typedef struct Later {
  Proving *proving;
  GHashTable *objects;  // by key_of -> GArray of guint: places among the proofs
} Later;

// Of a membership its object is the group: whose it is belongs to it.
static char *key_of(const char *target, const char *object, const char *kind, uint32_t person)
{
  OpKind known;
  bool edge = op_kind_of(kind, &known) && op_traits(known)->edge;
  return g_strdup_printf("%s\n%s\n%u", target, object, edge ? person : 0);
}

static bool is_after(const OpRow *row, const ReportProof *proof)
{
  return row->run > proof->run || (row->run == proof->run && row->n > proof->n);
}

static void add_later(Proving *proving, ReportProof *proof, const OpRow *row)
{
  g_autofree char *text =
      g_strdup_printf("%s%s%" G_GINT64_FORMAT "-%u %s", proof->later != NULL ? proof->later : "",
                      proof->later != NULL ? ", " : "", row->run, row->n, row->kind);
  proof->later = keep(proving, text);
}

static bool take_later(const OpRow *row, Instant changed, void *data)
{
  const Later *later = data;
  g_autofree char *key = key_of(row->target, row->object, row->kind, row->person);
  const GArray *places = g_hash_table_lookup(later->objects, key);
  bool done = strcmp(row->state, "done") == 0 || strcmp(row->state, "receipt") == 0;
  (void)changed;
  for (guint i = 0; done && places != NULL && i < places->len; i++) {
    ReportProof *proof =
        &g_array_index(later->proving->proofs, ReportProof, g_array_index(places, guint, i));
    if (is_after(row, proof))
      add_later(later->proving, proof, row);
  }
  return true;
}

static void drop_places(void *places)
{
  g_array_unref(places);
}

static bool find_later(Proving *proving, GError **error)
{
  g_autoptr(GHashTable) objects =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop_places);
  for (guint i = 0; i < proving->proofs->len; i++) {
    const ReportProof *proof = &g_array_index(proving->proofs, ReportProof, i);
    g_autofree char *key = key_of(proof->target, proof->object, proof->kind, proof->person);
    GArray *places = g_hash_table_lookup(objects, key);
    if (places == NULL) {
      places = g_array_new(FALSE, FALSE, sizeof(guint));
      g_hash_table_insert(objects, g_steal_pointer(&key), places);
    }
    g_array_append_val(places, i);
  }
  return store_ops_until(proving->store, INSTANT_OPEN, take_later, &(Later){proving, objects},
                         error);
}

// ---------------------------------------------------------------------------------------------
// From the plan.

static void put_values(GString *out, const OpValue *values, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    g_string_append(out, i > 0 ? " / " : "");
    if (values[i].kind == VALUE_SECRET)
      g_string_append(out, _("(a secret)"));
    else
      g_string_append_len(out, values[i].bytes, (gssize)values[i].n);
  }
}

static void add_value(Proving *proving, ReportProof *proof, const char *name, const char *before,
                      const char *after)
{
  bool none = (before == NULL || *before == '\0') && (after == NULL || *after == '\0');
  ReportProofValue value = {keep(proving, name), keep(proving, before), keep(proving, after)};
  if (!none)
    g_array_append_val(proof->values, value);
}

// Where it is and what it is called, or who the member is.
static void add_place(Proving *proving, ReportProof *proof, const Op *op)
{
  bool leaves = op->kind == OP_LEAVE;
  add_value(proving, proof, _("(name)"), op->old_name, op->name);
  add_value(proving, proof, _("(place)"), op->old_parent, op->parent);
  add_value(proving, proof, _("(member)"), leaves ? op->member : NULL, leaves ? NULL : op->member);
}

static void add_values(Proving *proving, ReportProof *proof, const Op *op)
{
  proof->values = g_array_new(FALSE, FALSE, sizeof(ReportProofValue));
  add_place(proving, proof, op);
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    bool secret = record_is_secret(change->attribute);
    g_autoptr(GString) before = g_string_new(NULL), after = g_string_new(NULL);
    if (!secret) {
      put_values(before, change->old_values, change->n_old);
      put_values(after, change->new_values, change->n_new);
    }
    g_autofree char *old_text = g_utf8_make_valid(before->str, (gssize)before->len);
    g_autofree char *new_text = g_utf8_make_valid(after->str, (gssize)after->len);
    add_value(proving, proof, change->attribute, old_text, secret ? _("(a secret)") : new_text);
  }
}

// "orders-20270401.csv:17, units.csv:3": the files.
static void add_files(Proving *proving, const char *source)
{
  g_auto(GStrv) parts = g_strsplit(source != NULL ? source : "", ", ", -1);
  for (char **part = parts; *part != NULL; part++) {
    char *colon = strchr(*part, ':');
    if (colon != NULL)
      *colon = '\0';
    g_hash_table_add(proving->files, (gpointer)keep(proving, *part));
  }
}

static void add_op(Proving *proving, ReportProof *proof, const Op *op)
{
  if (op == NULL || strcmp(op->object, proof->object) != 0)
    return;
  proof->label = keep(proving, op->label);
  proof->member = keep(proving, op->member);
  proof->why = keep(proving, op->why);
  proof->rule = keep(proving, op->rule);
  proof->source = keep(proving, op->source);
  add_files(proving, op->source);
  add_values(proving, proof, op);
}

static void take_readback(const Op *op, const char *word, void *data)
{
  const Proving *proving = data;
  for (guint i = proving->from; i < proving->proofs->len; i++) {
    ReportProof *proof = &g_array_index(proving->proofs, ReportProof, i);
    if (proof->n == op->n)
      proof->now = word;
  }
}

static bool prove_by_plan(Proving *proving, const Plan *plan, int64_t run, GError **error)
{
  for (guint i = proving->from; i < proving->proofs->len; i++) {
    ReportProof *proof = &g_array_index(proving->proofs, ReportProof, i);
    add_op(proving, proof, plan_op(plan, proof->n));
  }
  g_autoptr(GByteArray) done = readback_done(proving->store, run, plan, error);
  if (done == NULL)
    return false;
  readback_plan(&(Readback){.site = proving->site,
                            .store = proving->store,
                            .done = done,
                            .only = proving->only,
                            .person = proving->person,
                            .func = take_readback,
                            .data = proving,
                            .findings = proving->findings},
                plan);
  return true;
}

static void tell_gone(const Proving *proving, const RunRow *run, const char *why)
{
  g_autofree char *subject = g_strdup_printf("%" G_GINT64_FORMAT, run->id);
  findings_add(proving->findings,
               &(Finding){.level = FINDING_WARNING, .code = "plan-gone", .subject = subject},
               _("the plan of run %s cannot be shown, nor its values read back: %s"), subject, why);
}

// ---------------------------------------------------------------------------------------------
// Run by run.

static bool prove_rest(Proving *proving, const RunRow *run, GError **error)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(Plan) plan = plan_read(run->plan_path, &fault);
  if (plan == NULL)
    tell_gone(proving, run, fault->message);
  else if (strcmp(plan_digest(plan), run->digest) != 0)
    tell_gone(proving, run, _("the file is another plan by now"));
  else
    return prove_by_plan(proving, plan, run->id, error);
  return true;
}

static bool prove_run(Proving *proving, int64_t id, GError **error)
{
  RunRow found;
  if (!store_run_get(proving->store, id, &found)) {
    if (store_check(proving->store, error))
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no run %" G_GINT64_FORMAT), id);
    return false;
  }
  g_autofree char *path = g_strdup(found.plan_path);
  RunRow run = {.id = id, .digest = keep(proving, found.digest), .plan_path = path};
  proving->from = proving->proofs->len;
  if (!store_journal_ops(proving->store, id, take_op, proving, error))
    return false;
  if (proving->proofs->len == proving->from)
    return true;
  g_hash_table_add(proving->plans, (gpointer)run.digest);
  for (guint i = proving->from; i < proving->proofs->len; i++)
    g_array_index(proving->proofs, ReportProof, i).plan = run.digest;
  return prove_rest(proving, &run, error);
}

static bool take_run(const RunRow *run, void *data)
{
  int64_t id = run->id;
  g_array_append_val((GArray *)data, id);
  return true;
}

static bool prove_person(Proving *proving, const char *text, GError **error)
{
  g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(int64_t));
  if (!job_dormant_person(proving->store, text, &proving->person, error) ||
      !store_runs_ever(proving->store, take_run, runs, error))
    return false;
  // The newest first: of very many the oldest are left out.
  for (guint i = runs->len; i-- > 0 && !proving->more;)
    if (!prove_run(proving, g_array_index(runs, int64_t, i), error))
      return false;
  return true;
}

// "17-3", "17": as receipts are numbered. An employee number has a leading zero, or letters, or is no run.
static bool is_run(Store *store, const char *text, int64_t *run, uint32_t *n)
{
  char *end = NULL;
  RunRow row;
  *run = *text != '0' ? g_ascii_strtoll(text, &end, 10) : 0;
  *n = 0;
  if (*run <= 0 || end == text)
    return false;
  if (*end == '-') {
    const char *number = end + 1;
    gint64 value = g_ascii_strtoll(number, &end, 10);
    *n = value > 0 && value <= G_MAXUINT32 ? (uint32_t)value : 0;
    return *n != 0 && *end == '\0';
  }
  return *end == '\0' && store_run_get(store, *run, &row);
}

static bool prove(Proving *proving, const char *text, GError **error)
{
  int64_t run;
  bool fine = is_run(proving->store, text, &run, &proving->only)
                  ? prove_run(proving, run, error)
                  : prove_person(proving, text, error);
  fine = fine && find_later(proving, error);
  if (fine && proving->proofs->len == 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("the journal has no operation of “%s”"), text);
    fine = false;
  }
  if (proving->more)
    findings_add(proving->findings, &(Finding){.level = FINDING_NOTE, .code = "more"},
                 _("there are more than %d operations; these are the first"), OPS_MOST);
  return fine;
}

// ---------------------------------------------------------------------------------------------

typedef struct Telling {
  const Proving *proving;
  ReportBook *book;
} Telling;

// Rows about the plans, and of the files that HR's words came in.
static bool take_row(const AuditRow *row, void *data)
{
  const Telling *telling = data;
  bool of_file = strcmp(row->what, AUDIT_INTAKE) == 0 &&
                 g_hash_table_contains(telling->proving->files, row->subject);
  if (of_file || g_hash_table_contains(telling->proving->plans, row->subject))
    report_audit_row(telling->book, row);
  return true;
}

static void clear_proof(void *data)
{
  g_clear_pointer(&((ReportProof *)data)->values, g_array_unref);
}

bool job_report_evidence(const Site *site, const char *text, Findings *findings, ReportBook **out,
                         GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  site_servers(site, store);
  g_autoptr(GArray) proofs = g_array_new(FALSE, FALSE, sizeof(ReportProof));
  g_array_set_clear_func(proofs, clear_proof);
  g_autoptr(GHashTable) plans = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
  Proving proving = {.site = site,
                     .store = store,
                     .findings = findings,
                     .proofs = proofs,
                     .texts = g_string_chunk_new(4096),
                     .plans = plans,
                     .files = files};
  bool fine = prove(&proving, text, error);
  g_autoptr(ReportBook) book = fine ? report_proofs(proofs) : NULL;
  Telling telling = {&proving, book};
  fine = fine && store_audit_each(store, 1, take_row, &telling, error);
  g_string_chunk_free(proving.texts);
  if (fine)
    *out = g_steal_pointer(&book);
  return fine;
}
