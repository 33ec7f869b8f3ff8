// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a scheduled run tells: the letter, its subject, the digest of a unit, and all of it as JSON.
#include "report_p.h"

#include <string.h>

#define LISTED_MOST 50
#define NAME_COLUMNS 14

// Outcomes in the order in which people want them; `trouble` wants somebody to look.
static const struct {
  const char *name;
  bool trouble, rest;  // rest: shown though it is no news
} OUTCOMES[] = {
    {"done", false, false},    {"sent", false, false},      {"receipt", false, false},
    {"planned", false, false}, {"failed", true, false},     {"refused", true, false},
    {"unknown", true, false},  {"held", true, false},       {"blocked", true, false},
    {"pending", true, false},  {"scheduled", false, false}, {"already", false, true},
    {"skipped", false, true},
};

bool report_run_is_trouble(const char *outcome)
{
  for (size_t i = 0; i < G_N_ELEMENTS(OUTCOMES); i++)
    if (strcmp(OUTCOMES[i].name, outcome) == 0)
      return OUTCOMES[i].trouble;
  return true;
}

bool report_run_is_good(ExitCode exit)
{
  return exit == EXIT_DONE || exit == EXIT_PENDING;
}

int64_t report_run_count(const GArray *counts, const char *outcome)
{
  int64_t n = 0;
  for (guint i = 0; i < counts->len; i++) {
    const ReportRunCount *count = &g_array_index(counts, ReportRunCount, i);
    if (outcome == NULL || strcmp(count->outcome, outcome) == 0)
      n += count->n;
  }
  return n;
}

// "12 done, 3 held"; "nothing to do"; "2 done, ended early".
static void put_counts(const GArray *counts, bool early, GString *out)
{
  const char *between = "";
  for (size_t i = 0; i < G_N_ELEMENTS(OUTCOMES); i++) {
    int64_t n = report_run_count(counts, OUTCOMES[i].name);
    if (n == 0 || OUTCOMES[i].rest)
      continue;
    g_string_append_printf(out, "%s%" G_GINT64_FORMAT " %s", between, n, OUTCOMES[i].name);
    between = ", ";
  }
  // Of a run that ended early nobody knows whether there was nothing to do.
  if (early)
    g_string_append_printf(out, "%s%s", between, _("ended early"));
  else if (*between == '\0')
    g_string_append(out, _("nothing to do"));
}

void report_run_subject(const ReportRun *run, GString *out)
{
  g_string_append_printf(out, "[idou] %s: %s (exit %d): ", run->job, exit_name(run->exit),
                         (int)run->exit);
  put_counts(run->counts, run->fault != NULL, out);
}

// ---------------------------------------------------------------------------------------------
// The letter.

static void put_time(Instant instant, GString *out)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  // "2027-04-01 19:00": nobody reads zones in a letter.
  if (text->len > 16)
    g_string_truncate(text, 16);
  g_strdelimit(text->str, "T", ' ');
  g_string_append(out, text->str);
}

static void put_head(const ReportRun *run, GString *out)
{
  g_string_append_printf(out, _("Job %s on %s: %s (exit %d)\n"), run->job, run->host,
                         exit_name(run->exit), (int)run->exit);
  if (run->fault != NULL) {
    g_string_append(out, _("It ended early: "));
    escape_text(out, run->fault, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  put_time(run->began, out);
  g_string_append_printf(out, _(", %" G_GINT64_FORMAT ".%03d s\n"), run->ms / 1000,
                         (int)(run->ms % 1000));
  if (run->killed != INSTANT_NONE) {
    g_string_append(out, _("The run before this one came to no end; it began "));
    put_time(run->killed, out);
    g_string_append(out,
                    _(". No letter told what it did until then; here it counts as already.\n"));
  }
  for (guint i = 0; i < run->plans->len; i++) {
    const ReportRunPlan *plan = &g_array_index(run->plans, ReportRunPlan, i);
    g_string_append_printf(out, plan->run != 0 ? _("Applied: the plan for ") : _("Planned for "));
    date_format(plan->as_of, out);
    g_string_append_printf(out, ", %.12s\n", plan->digest);
  }
}

// By target, a line for each kind.
static void put_table(const ReportRun *run, GString *out)
{
  const char *target = NULL, *kind = NULL;
  for (guint i = 0; i < run->counts->len; i++) {
    const ReportRunCount *count = &g_array_index(run->counts, ReportRunCount, i);
    if (target == NULL || strcmp(target, count->target) != 0) {
      g_string_append_printf(out, "%s\n%s\n", target == NULL ? "" : "\n", count->target);
      target = count->target;
      kind = NULL;
    }
    if (kind == NULL || strcmp(kind, count->kind) != 0) {
      size_t from = out->len + (kind != NULL);
      g_string_append_printf(out, "%s  %s", kind == NULL ? "" : "\n", count->kind);
      columns_pad(out, from, NAME_COLUMNS);
      kind = count->kind;
    }
    g_string_append_printf(out, "  %s %" G_GINT64_FORMAT, count->outcome, count->n);
  }
  if (target != NULL)
    g_string_append_c(out, '\n');
}

static void put_item(const ReportRunItem *item, GString *out)
{
  g_string_append_printf(out, "  %s: %s %s: ", item->outcome, item->target, item->kind);
  escape_text(out, item->label != NULL ? item->label : item->object, ESCAPE_TERMINAL);
  if (item->detail != NULL) {
    g_string_append(out, ": ");
    escape_text(out, item->detail, ESCAPE_TERMINAL);
  }
  g_string_append_c(out, '\n');
}

static bool is_blocked(const ReportRunItem *item)
{
  return strcmp(item->outcome, "blocked") == 0;
}

// Those that only wait for others of them are a number: they follow by themselves.
static void put_troubles(const ReportRun *run, GString *out)
{
  guint n = 0;
  int64_t n_blocked = report_run_count(run->counts, "blocked");
  for (guint i = 0; i < run->items->len; i++) {
    const ReportRunItem *item = &g_array_index(run->items, ReportRunItem, i);
    if (!report_run_is_trouble(item->outcome) || is_blocked(item))
      continue;
    if (n == 0)
      g_string_append(out, _("\nTo look at:\n"));
    if (n++ < LISTED_MOST)
      put_item(item, out);
  }
  if (n > LISTED_MOST)
    g_string_append_printf(out, _("  … and %u more: in the attached report\n"), n - LISTED_MOST);
  if (n_blocked > 0)
    g_string_append_printf(
        out, _("  %" G_GINT64_FORMAT " more wait for these and follow by themselves\n"), n_blocked);
}

static void put_holds(const ReportRun *run, GString *out)
{
  if (run->holds->len > 0)
    g_string_append(out, _("\nHeld by guards; what to do stands with each:\n"));
  for (guint i = 0; i < run->holds->len; i++) {
    g_string_append(out, "  ");
    escape_text(out, run->holds->pdata[i], ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

// Notes are a number: what is new among them, nobody can tell.
static void put_findings(const ReportRun *run, GString *out)
{
  size_t n = 0, n_notes = 0;
  for (size_t i = 0; i < findings_count(run->findings); i++) {
    const Finding *finding = findings_at(run->findings, i);
    n_notes += finding->level == FINDING_NOTE;
    if (finding->level == FINDING_NOTE || n++ >= LISTED_MOST)
      continue;
    g_string_append(out, n == 1 ? _("\nFindings:\n  ") : "  ");
    findings_format(finding, out);
    g_string_append_c(out, '\n');
  }
  if (n > LISTED_MOST)
    g_string_append_printf(out, _("  … and %zu more: in the attached report\n"), n - LISTED_MOST);
  if (n_notes > 0)
    g_string_append_printf(out, _("\nNotes: %zu, in the attached report\n"), n_notes);
}

// For whoever keeps letters: by it a record that was cut off, or written anew, is found.
static void put_audit(const ReportRun *run, GString *out)
{
  if (run->audit != NULL && run->audit_mail)
    g_string_append_printf(out, _("\nHead of the audit record: %s\n"), run->audit);
}

static void put_steps(const ReportRun *run, GString *out)
{
  for (guint i = 0; i < run->steps->len; i++) {
    const ReportRunStep *step = &g_array_index(run->steps, ReportRunStep, i);
    if (step->text == NULL || *step->text == '\0')
      continue;
    g_auto(GStrv) lines = g_strsplit(step->text, "\n", LISTED_MOST + 1);
    guint n = g_strv_length(lines);
    g_string_append_printf(out, "\n%s:\n", step->name);
    for (guint k = 0; k < MIN(n, (guint)LISTED_MOST); k++)
      if (*lines[k] != '\0')
        g_string_append_printf(out, "  %s\n", lines[k]);
    if (n > LISTED_MOST)
      g_string_append(out, _("  … and more: in the attached run.txt\n"));
  }
}

// ---------------------------------------------------------------------------------------------
// By person: which operations came to an end, in the order in which they did.

typedef struct Bearer {
  const char *label;
  GArray *counts;  // ReportRunCount
} Bearer;

static void bearer_clear(void *data)
{
  g_array_unref(((Bearer *)data)->counts);
}

static bool is_news(const ReportRunItem *item)
{
  static const char *const none[] = {"already", "skipped", "scheduled", "planned", NULL};
  return item->label != NULL && item->person != 0 && !g_strv_contains(none, item->outcome) &&
         !report_run_is_trouble(item->outcome);
}

static void count_item(GArray *counts, const ReportRunItem *item)
{
  for (guint i = 0; i < counts->len; i++) {
    ReportRunCount *count = &g_array_index(counts, ReportRunCount, i);
    if (strcmp(count->target, item->target) == 0 && strcmp(count->kind, item->kind) == 0 &&
        strcmp(count->outcome, item->outcome) == 0) {
      count->n++;
      return;
    }
  }
  ReportRunCount fresh = {item->target, item->kind, item->outcome, 1};
  g_array_append_val(counts, fresh);
}

static GArray *bearers_of(const ReportRun *run)
{
  g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
  GArray *bearers = g_array_new(FALSE, FALSE, sizeof(Bearer));
  g_array_set_clear_func(bearers, bearer_clear);
  for (guint i = 0; i < run->items->len; i++) {
    const ReportRunItem *item = &g_array_index(run->items, ReportRunItem, i);
    if (!is_news(item))
      continue;
    gpointer at = g_hash_table_lookup(known, GUINT_TO_POINTER(item->person));
    if (at == NULL) {
      Bearer fresh = {item->label, g_array_new(FALSE, FALSE, sizeof(ReportRunCount))};
      g_array_append_val(bearers, fresh);
      at = GUINT_TO_POINTER(bearers->len);
      g_hash_table_insert(known, GUINT_TO_POINTER(item->person), at);
    }
    count_item(g_array_index(bearers, Bearer, GPOINTER_TO_UINT(at) - 1).counts, item);
  }
  return bearers;
}

static void put_bearers(const ReportRun *run, GString *out)
{
  g_autoptr(GArray) bearers = bearers_of(run);
  if (bearers->len > 0)
    g_string_append_printf(out, _("\nPeople: %u\n"), bearers->len);
  for (guint i = 0; i < MIN(bearers->len, (guint)LISTED_MOST); i++) {
    const Bearer *bearer = &g_array_index(bearers, Bearer, i);
    g_string_append(out, "  ");
    escape_text(out, bearer->label, ESCAPE_TERMINAL);
    for (guint k = 0; k < bearer->counts->len; k++) {
      const ReportRunCount *count = &g_array_index(bearer->counts, ReportRunCount, k);
      g_string_append_printf(out, "%s %s %s", k == 0 ? ":" : ",", count->target, count->kind);
      if (count->n > 1)
        g_string_append_printf(out, " ×%" G_GINT64_FORMAT, count->n);
      if (strcmp(count->outcome, "done") != 0)
        g_string_append_printf(out, " (%s)", count->outcome);
    }
    g_string_append_c(out, '\n');
  }
  if (bearers->len > LISTED_MOST)
    g_string_append_printf(out, _("  … and %u more: in the attached report\n"),
                           bearers->len - LISTED_MOST);
}

static json_t *bearers_json(const ReportRun *run)
{
  g_autoptr(GArray) bearers = bearers_of(run);
  json_t *array = json_array();
  for (guint i = 0; i < bearers->len; i++) {
    const Bearer *bearer = &g_array_index(bearers, Bearer, i);
    json_t *object = json_object();
    json_object_set_new(object, "label", report_json_text(bearer->label));
    json_object_set_new(object, "operations", report_run_counts_json(bearer->counts));
    json_array_append_new(array, object);
  }
  return array;
}

// ---------------------------------------------------------------------------------------------

static void put_next(const ReportRun *run, GString *out)
{
  int64_t n_later = report_run_count(run->counts, "scheduled");
  if (n_later > 0)
    g_string_append_printf(
        out, _("\nNext: %" G_GINT64_FORMAT " operations wait for their day or time.\n"), n_later);
  if (run->exit == EXIT_INTERRUPTED)
    g_string_append(out, _("\nNext: `idou resume` goes on with what was interrupted.\n"));
}

void report_run_letter(const ReportRun *run, GString *out)
{
  put_head(run, out);
  bool any = run->counts->len > 0 || findings_count(run->findings) > 0 || run->holds->len > 0;
  if (!any && run->fault == NULL)
    g_string_append(out, _("Nothing was to be done.\n"));
  put_table(run, out);
  put_holds(run, out);
  put_troubles(run, out);
  put_findings(run, out);
  put_steps(run, out);
  put_audit(run, out);
  put_bearers(run, out);
  put_next(run, out);
}

void report_run_unit(const ReportRun *run, const char *unit, const GArray *items, GString *out)
{
  g_string_append_printf(out, _("Accounts of %s, run of "), unit);
  put_time(run->began, out);
  g_string_append(out, ":\n\n");
  for (guint i = 0; i < items->len; i++) {
    const ReportRunItem *item = &g_array_index(items, ReportRunItem, i);
    g_string_append(out, "  ");
    escape_text(out, item->label != NULL ? item->label : "", ESCAPE_TERMINAL);
    g_string_append_printf(out, ": %s %s: %s\n", item->target, item->kind, item->outcome);
  }
}

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *steps_json(const ReportRun *run)
{
  json_t *array = json_array();
  for (guint i = 0; i < run->steps->len; i++) {
    const ReportRunStep *step = &g_array_index(run->steps, ReportRunStep, i);
    json_t *object = json_object();
    json_object_set_new(object, "step", report_json_text(step->name));
    json_object_set_new(object, "ms", json_integer(step->ms));
    json_object_set_new(object, "exit", json_integer(step->exit));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *plans_json(const ReportRun *run)
{
  json_t *array = json_array();
  for (guint i = 0; i < run->plans->len; i++) {
    const ReportRunPlan *plan = &g_array_index(run->plans, ReportRunPlan, i);
    json_t *object = json_object();
    json_object_set_new(object, "digest", report_json_text(plan->digest));
    json_object_set_new(object, "path", report_json_text(plan->path));
    json_object_set_new(object, "as_of", report_json_date(plan->as_of));
    json_object_set_new(object, "run", plan->run != 0 ? json_integer(plan->run) : json_null());
    json_array_append_new(array, object);
  }
  return array;
}

json_t *report_run_counts_json(const GArray *counts)
{
  json_t *array = json_array();
  for (guint i = 0; counts != NULL && i < counts->len; i++) {
    const ReportRunCount *count = &g_array_index(counts, ReportRunCount, i);
    json_t *object = json_object();
    json_object_set_new(object, "target", report_json_text(count->target));
    json_object_set_new(object, "kind", report_json_text(count->kind));
    json_object_set_new(object, "outcome", report_json_text(count->outcome));
    json_object_set_new(object, "n", json_integer(count->n));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *items_json(const ReportRun *run)
{
  json_t *array = json_array();
  for (guint i = 0; i < run->items->len; i++) {
    const ReportRunItem *item = &g_array_index(run->items, ReportRunItem, i);
    if (!report_run_is_trouble(item->outcome))
      continue;
    json_t *object = json_object();
    json_object_set_new(object, "target", report_json_text(item->target));
    json_object_set_new(object, "kind", report_json_text(item->kind));
    json_object_set_new(object, "outcome", report_json_text(item->outcome));
    json_object_set_new(object, "object", report_json_text(item->object));
    json_object_set_new(object, "label", report_json_text(item->label));
    json_object_set_new(object, "detail", report_json_text(item->detail));
    json_object_set_new(object, "run", item->run != 0 ? json_integer(item->run) : json_null());
    json_object_set_new(object, "n", json_integer(item->n));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *holds_json(const ReportRun *run)
{
  json_t *array = json_array();
  for (guint i = 0; i < run->holds->len; i++)
    json_array_append_new(array, report_json_text(run->holds->pdata[i]));
  return array;
}

void report_run_json(const ReportRun *run, GString *out)
{
  json_t *object = json_object();
  json_object_set_new(object, "format", json_integer(1));
  json_object_set_new(object, "job", report_json_text(run->job));
  json_object_set_new(object, "host", report_json_text(run->host));
  json_object_set_new(object, "program", report_json_text(run->version));
  json_object_set_new(object, "began", report_json_instant(run->began));
  json_object_set_new(object, "ended", report_json_instant(run->ended));
  json_object_set_new(object, "ms", json_integer(run->ms));
  json_object_set_new(object, "exit", json_integer(run->exit));
  json_object_set_new(object, "result", json_string(exit_name(run->exit)));
  json_object_set_new(object, "fault", report_json_text(run->fault));
  json_object_set_new(object, "killed", report_json_instant(run->killed));
  if (run->profile != NULL)
    json_object_set_new(object, "profile", report_json_text(run->profile));
  json_object_set_new(object, "steps", steps_json(run));
  json_object_set_new(object, "plans", plans_json(run));
  json_object_set_new(object, "operations", report_run_counts_json(run->counts));
  json_object_set_new(object, "holds", holds_json(run));
  json_object_set_new(object, "troubles", items_json(run));
  json_object_set_new(object, "people", bearers_json(run));
  json_object_set_new(object, "findings", report_json_findings(run->findings));
  json_object_set_new(object, "audit", report_json_text(run->audit));
  report_json_dump(object, out);
}
