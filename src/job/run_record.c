// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *keep(RunRecord *record, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const(record->texts, text) : NULL;
}

static const char *job_name(RunRecord *record, const char *path)
{
  g_autofree char *base = g_path_get_basename(path);
  if (g_str_has_suffix(base, ".yaml"))
    base[strlen(base) - strlen(".yaml")] = '\0';
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, base, ESCAPE_TERMINAL);
  return keep(record, name->str);
}

RunRecord *run_record_new(const char *job)
{
  RunRecord *record = g_new0(RunRecord, 1);
  ReportRun *run = &record->run;
  record->texts = g_string_chunk_new(4096);
  record->goes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                       (GDestroyNotify)g_hash_table_unref);
  record->noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  record->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  record->began_us = g_get_monotonic_time();
  record->as_of = DATE_NONE;
  record->told = INSTANT_NONE;
  *run = (ReportRun){.job = job_name(record, job),
                     .host = keep(record, g_get_host_name()),
                     .version = "idou " IDOU_VERSION,
                     .began = instant_now(),
                     .ended = INSTANT_NONE,
                     .killed = INSTANT_NONE,
                     .steps = g_array_new(FALSE, FALSE, sizeof(ReportRunStep)),
                     .plans = g_array_new(FALSE, FALSE, sizeof(ReportRunPlan)),
                     .counts = g_array_new(FALSE, FALSE, sizeof(ReportRunCount)),
                     .items = g_array_new(FALSE, FALSE, sizeof(ReportRunItem)),
                     .holds = g_ptr_array_new(),
                     .findings = findings_new()};
  return record;
}

void run_record_free(RunRecord *record)
{
  if (record == NULL)
    return;
  g_array_unref(record->run.steps);
  g_array_unref(record->run.plans);
  g_array_unref(record->run.counts);
  g_array_unref(record->run.items);
  g_ptr_array_unref(record->run.holds);
  findings_free(record->run.findings);
  g_hash_table_unref(record->index);
  g_hash_table_unref(record->goes);
  g_hash_table_unref(record->noted);
  g_string_chunk_free(record->texts);
  g_free(record);
}

// Plans and runs are told by their operations.
static bool is_told_otherwise(const char *step)
{
  static const char *const names[] = {"plan", "apply", "continue", "mail", NULL};
  return g_strv_contains(names, step);
}

void run_record_step(RunRecord *record, const ReportRunStep *step)
{
  ReportRunStep kept = *step;
  kept.name = keep(record, step->name);
  kept.text = is_told_otherwise(step->name) ? NULL : keep(record, step->text);
  g_array_append_val(record->run.steps, kept);
  record->letters = record->letters || strcmp(step->name, "mail") != 0;
}

static bool was_told(const RunRecord *record, const Finding *finding)
{
  if (finding->file != NULL)
    return false;
  const char *subject = finding->subject != NULL ? finding->subject : "";
  return !g_hash_table_add(record->noted,
                           g_strjoin("\n", finding->code, subject, finding->text, NULL));
}

void run_record_findings(RunRecord *record, const Findings *findings)
{
  for (size_t i = 0; findings != NULL && i < findings_count(findings); i++) {
    const Finding *finding = findings_at(findings, i);
    if (was_told(record, finding))
      continue;
    findings_add(record->run.findings, finding, "%s", finding->text);
  }
}

// ---------------------------------------------------------------------------------------------
// Operations.

static void count(RunRecord *record, const ReportRunItem *item)
{
  g_autofree char *key = g_strjoin("\t", item->target, item->kind, item->outcome, NULL);
  guint at = GPOINTER_TO_UINT(g_hash_table_lookup(record->index, key));
  if (at == 0) {
    ReportRunCount fresh = {item->target, item->kind, item->outcome, 0};
    g_array_append_val(record->run.counts, fresh);
    at = record->run.counts->len;
    g_hash_table_insert(record->index, g_steal_pointer(&key), GUINT_TO_POINTER(at));
  }
  g_array_index(record->run.counts, ReportRunCount, at - 1).n++;
}

static void add(RunRecord *record, const ReportRunItem *item, const Op *op)
{
  ReportRunItem kept = *item;
  kept.target = keep(record, item->target);
  kept.kind = keep(record, item->kind);
  kept.outcome = keep(record, item->outcome);
  count(record, &kept);
  if (op == NULL)
    return;
  kept.object = keep(record, op->object);
  kept.label = keep(record, op->label);
  kept.detail = keep(record, item->detail);
  kept.person = op->person;
  g_array_append_val(record->run.items, kept);
}

static void add_hold(RunRecord *record, const char *text)
{
  g_ptr_array_add(record->run.holds, (gpointer)keep(record, text));
}

static ReportRunPlan *add_plan(RunRecord *record, const Plan *plan, const char *path)
{
  ReportRunPlan row = {keep(record, plan_digest(plan)), keep(record, path), plan_head(plan)->as_of,
                       0};
  record->as_of = row.as_of;
  g_array_append_val(record->run.plans, row);
  return &g_array_index(record->run.plans, ReportRunPlan, record->run.plans->len - 1);
}

// Counts of what was only planned, or of an earlier try of that run, go, and its operations.
static void drop_items(RunRecord *record, int64_t run)
{
  GArray *items = record->run.items, *counts = record->run.counts;
  guint n_kept = 0;
  for (guint i = 0; i < items->len; i++) {
    ReportRunItem item = g_array_index(items, ReportRunItem, i);
    if (item.run != run)
      g_array_index(items, ReportRunItem, n_kept++) = item;
  }
  g_array_set_size(items, n_kept);
  for (guint i = 0; i < counts->len; i++)
    g_array_index(counts, ReportRunCount, i).n = 0;
  for (guint i = 0; i < n_kept; i++)
    count(record, &g_array_index(items, ReportRunItem, i));
}

static void drop_planned(RunRecord *record)
{
  drop_items(record, 0);
}

// Of a run that is gone on with once more.
static void drop_run(RunRecord *record, int64_t run)
{
  drop_items(record, run);
  for (guint i = record->run.plans->len; i-- > 0;)
    if (g_array_index(record->run.plans, ReportRunPlan, i).run == run)
      g_array_remove_index(record->run.plans, i);
}

static bool drop_plan(RunRecord *record, const char *digest)
{
  for (guint i = 0; i < record->run.plans->len; i++) {
    const ReportRunPlan *plan = &g_array_index(record->run.plans, ReportRunPlan, i);
    if (plan->run != 0 || (digest != NULL && strcmp(plan->digest, digest) != 0))
      continue;
    g_array_remove_index(record->run.plans, i);
    return true;
  }
  return false;
}

void run_record_unplan(RunRecord *record)
{
  if (!drop_plan(record, NULL))
    return;
  drop_planned(record);
  g_ptr_array_set_size(record->run.holds, 0);
}

void run_record_planned(RunRecord *record, const Planned *planned, const char *path)
{
  const Plan *plan = planned->plan;
  const GuardVerdict *verdict = planned->verdict;
  Instant now = instant_now();
  run_record_unplan(record);
  add_plan(record, plan, path);
  for (size_t i = 0; i < verdict->n_holds; i++)
    add_hold(record, verdict->holds[i].text);
  for (size_t s = 0; s < plan_n_sections(plan); s++) {
    const PlanSection *section = plan_section(plan, s);
    for (size_t i = 0; i < section->n_ops; i++) {
      const Op *op = &section->ops[i];
      const char *held = op->n <= verdict->n_ops ? verdict->held[op->n - 1] : NULL;
      bool later = op->not_before != INSTANT_NONE && op->not_before > now;
      ReportRunItem item = {.target = section->target,
                            .kind = op_traits(op->kind)->name,
                            .outcome = held != NULL ? "held"
                                       : later      ? "scheduled"
                                                    : "planned",
                            .detail = held,
                            .n = op->n};
      add(record, &item, op);
    }
  }
}

// ---------------------------------------------------------------------------------------------

static bool has_ended(const char *state)
{
  return strcmp(state, "done") == 0 || strcmp(state, "already") == 0 ||
         strcmp(state, "receipt") == 0;
}

static bool take_ended(const OpRow *op, void *data)
{
  if (has_ended(op->state))
    g_hash_table_add(data, GUINT_TO_POINTER(op->n));
  return true;
}

void run_record_begins(const Plan *plan, Store *store, void *applying)
{
  RunApplying *state = applying;
  RunRow run;
  state->ended = g_hash_table_new(NULL, NULL);
  if (!store_run_by_digest(store, plan_digest(plan), &run))
    return;
  state->run = run.id;
  GHashTable *before = g_hash_table_lookup(state->record->goes, &run.id);
  if (before != NULL) {
    g_hash_table_unref(state->ended);
    state->ended = g_hash_table_ref(before);
    return;
  }
  store_ops_each(store, run.id, take_ended, state->ended, NULL);
}

void run_applying_clear(RunApplying *applying)
{
  g_clear_pointer(&applying->ended, g_hash_table_unref);
}

typedef struct Taking {
  const RunApplying *applying;
  const Plan *plan;
} Taking;

static bool take_op(const OpRow *row, void *data)
{
  const Taking *taking = data;
  const RunApplying *applying = taking->applying;
  bool earlier =
      applying->run == row->run && g_hash_table_contains(applying->ended, GUINT_TO_POINTER(row->n));
  ReportRunItem item = {.target = row->target,
                        .kind = row->kind,
                        .outcome = earlier ? "already" : row->state,
                        .detail = row->detail,
                        .run = row->run,
                        .n = row->n};
  add(applying->record, &item, plan_op(taking->plan, row->n));
  return true;
}

void run_record_applied(const Plan *plan, Store *store, const ApplyReport *report, void *applying)
{
  const RunApplying *state = applying;
  run_record_findings(state->record, report->problems);
  if (report->run == 0)
    return;
  if (g_hash_table_contains(state->record->goes, &report->run))
    drop_run(state->record, report->run);
  else
    g_hash_table_insert(state->record->goes, g_memdup2(&report->run, sizeof report->run),
                        g_hash_table_ref(state->ended));
  // What was planned in this run and is applied now is not told twice.
  if (drop_plan(state->record, plan_digest(plan)))
    drop_planned(state->record);
  add_plan(state->record, plan, state->path)->run = report->run;
  store_ops_each(store, report->run, take_op, &(Taking){state, plan}, NULL);
}

// ---------------------------------------------------------------------------------------------

static int by_names(const void *a, const void *b)
{
  const ReportRunCount *left = a, *right = b;
  int order = strcmp(left->target, right->target);
  if (order == 0)
    order = strcmp(left->kind, right->kind);
  return order != 0 ? order : strcmp(left->outcome, right->outcome);
}

void run_record_audit(RunRecord *record, const Site *site)
{
  g_autofree char *head = job_audit_head(site);
  record->run.audit = keep(record, head);
  record->run.audit_mail = site->audit.mail;
}

void run_record_said(RunRecord *record, const char *said, Instant told)
{
  record->said = keep(record, said);
  record->told = told;
}

void run_record_end(RunRecord *record, ExitCode exit, const char *fault)
{
  ReportRun *run = &record->run;
  run->ended = instant_now();
  run->ms = (g_get_monotonic_time() - record->began_us) / 1000;
  run->exit = exit;
  run->fault = keep(record, fault);
  for (guint i = run->counts->len; i-- > 0;)
    if (g_array_index(run->counts, ReportRunCount, i).n == 0)
      g_array_remove_index(run->counts, i);
  g_hash_table_remove_all(record->index);
  if (run->counts->len > 1)
    qsort(run->counts->data, run->counts->len, sizeof(ReportRunCount), by_names);
}
