// SPDX-License-Identifier: GPL-3.0-or-later
//
// What ledger and site know besides for the paper by which a plan is approved: files with their receipt numbers, and
// what people are called there (職).
#include "job/job_p.h"

#include <string.h>

#define BEFORE_DAYS \
  31  // as with units: what somebody was longer before the day is not told any more
#define PAST_DAYS 36525  // far enough back for the last post of whoever left

// ---------------------------------------------------------------------------------------------
// Files.

// How many operations come from each file: name -> number.
static GHashTable *count_files(const Plan *plan)
{
  GHashTable *counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    g_auto(GStrv) files = report_files(plan_op(plan, n));
    for (char **file = files; *file != NULL; file++) {
      gsize before = GPOINTER_TO_SIZE(g_hash_table_lookup(counts, *file));
      g_hash_table_replace(counts, g_strdup(*file), GSIZE_TO_POINTER(before + 1));
    }
  }
  return counts;
}

typedef struct Taking {
  ReportPaper *paper;
  GHashTable *counts;
  Instant made;
} Taking;

// What came after the plan was made is none of its sources, whatever its name.
static bool take_intake(const IntakeRow *row, void *data)
{
  Taking *taking = data;
  gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(taking->counts, row->name));
  GStringChunk *texts = taking->paper->texts;
  if (n == 0 || row->taken > taking->made)
    return true;
  const ReportIntake intake = {.number = row->id,
                               .name = g_string_chunk_insert_const(texts, row->name),
                               .kind = g_string_chunk_insert_const(texts, row->kind),
                               .declared = row->declared,
                               .taken = row->taken,
                               .n_rows = row->n_rows,
                               .n_findings = row->n_findings,
                               .n_ops = (int64_t)n};
  g_array_append_val(taking->paper->intakes, intake);
  return true;
}

// Files that the ledger does not have, such as a what-if's, or lists of another kind.
static void add_unknown(GHashTable *counts, ReportPaper *out)
{
  g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(counts), (GCompareFunc)strcmp);
  for (GList *at = names; at != NULL; at = at->next) {
    guint i = 0;
    while (i < out->intakes->len &&
           strcmp(g_array_index(out->intakes, ReportIntake, i).name, at->data) != 0)
      i++;
    if (i < out->intakes->len)
      continue;
    const ReportIntake intake = {
        .name = g_string_chunk_insert_const(out->texts, at->data),
        .declared = DATE_NONE,
        .taken = INSTANT_NONE,
        .n_ops = (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(counts, at->data))};
    g_array_append_val(out->intakes, intake);
  }
}

// ---------------------------------------------------------------------------------------------
// Titles.

static const char *title_of(const Roster *roster, const Post *post)
{
  const char *name = post->fields[FIELD_TITLE_NAME];
  if (name != NULL && *name != '\0')
    return name;
  const Title *title = post->title != NULL ? roster_title(roster, post->title) : NULL;
  return title != NULL ? title->name : post->title != NULL ? post->title : "";
}

typedef struct Times {  // of somebody's main post
  const PostSpan *now, *before;
} Times;

// Whoever left has the last one as `now`.
static Times find_times(const PostSpan *spans, size_t n, Date day)
{
  Times times = {NULL, NULL};
  for (size_t i = 0; i < n; i++) {
    const PostSpan *span = &spans[i];
    if (!span->post.main || (span->from > day && times.now != NULL))
      continue;
    times.before = times.now;
    times.now = span;
  }
  return times;
}

// A plan that was made elsewhere has numbers of people that are others' here.
static bool is_theirs(const Op *op, const char *number)
{
  size_t n = op->label != NULL && number != NULL ? strlen(number) : 0;
  return n > 0 && strncmp(op->label, number, n) == 0 &&
         (op->label[n] == ' ' || op->label[n] == '\0');
}

static void add_titles(Roster *roster, const Op *op, ReportPaper *out)
{
  const Person *person = NULL;
  size_t n = 0;
  bool asked[FIELD_SITE] = {[FIELD_TITLE] = true, [FIELD_TITLE_NAME] = true};
  Date day = roster_when(roster)->as_of;
  if (!roster_person(roster, op->person, &person, NULL) || person == NULL ||
      !is_theirs(op, person->number))
    return;
  const PostSpan *spans = roster_post_spans(roster, person, asked, G_N_ELEMENTS(asked), &n);
  Times times = find_times(spans, n, day);
  if (times.now == NULL)
    return;
  ReportTitles *titles = g_new0(ReportTitles, 1);
  titles->now = g_string_chunk_insert_const(out->texts, title_of(roster, &times.now->post));
  const char *before =
      times.before != NULL && day - times.now->from < BEFORE_DAYS &&
              times.now->from - times.before->to < BEFORE_DAYS
          ? g_string_chunk_insert_const(out->texts, title_of(roster, &times.before->post))
          : titles->now;
  titles->before = before != titles->now ? before : NULL;
  g_hash_table_replace(out->titles, GUINT_TO_POINTER(op->person), titles);
}

static bool find_titles(Store *store, const Mapping *mapping, const Plan *plan, ReportPaper *out,
                        GError **error)
{
  const PlanHead *head = plan_head(plan);
  const RosterWhen when = {.as_of = head->as_of,
                           .at = head->at,
                           .known_at = head->known_at != INSTANT_OPEN ? head->known_at
                                                                      : plan_envelope(plan)->made,
                           .grace_days = PAST_DAYS};
  g_autoptr(Roster) roster = roster_open(store, &when, error);
  if (roster == NULL)
    return false;
  if (mapping != NULL)
    mapping_titles(mapping, roster);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    if (op->person != 0 && !g_hash_table_contains(out->titles, GUINT_TO_POINTER(op->person)))
      add_titles(roster, op, out);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

static void begin(const Site *site, ReportPaper *out)
{
  *out = (ReportPaper){.intakes = g_array_new(FALSE, FALSE, sizeof(ReportIntake)),
                       .titles = g_hash_table_new_full(NULL, NULL, NULL, g_free),
                       .texts = g_string_chunk_new(1024),
                       .title = site->paper.title,
                       .stamps = site->paper.stamps,
                       .privileged = site->paper.groups};
}

// Who approved so far, and how many it takes. Of a file that cannot be read the paper says so.
static void find_approvals(const Site *site, const Plan *plan, const char *path, ReportPaper *out)
{
  g_autoptr(GError) fault = NULL;
  g_autofree char *beside = path != NULL ? approvals_path(path) : NULL;
  bool said = beside != NULL && g_file_test(beside, G_FILE_TEST_EXISTS);
  out->approvals = said ? approvals_read(beside, &fault) : approvals_new();
  if (fault != NULL)
    log_note(LOG_NORMAL, "%s", fault->message);
  else
    job_judge(site, out->approvals, plan, instant_now());
  approval_rules_above(site->approvals, plan, &out->two);
}

bool job_paper(const Site *site, const Plan *plan, const char *path, ReportPaper *out,
               GError **error)
{
  g_auto(SiteRules) rules = {0};
  g_autoptr(Findings) findings = findings_new();
  begin(site, out);
  find_approvals(site, plan, path, out);
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  rules_load(site, findings, &rules);
  g_autoptr(GHashTable) counts = count_files(plan);
  Taking taking = {out, counts, plan_envelope(plan)->made};
  if (!store_intakes_each(store, take_intake, &taking, error) ||
      !find_titles(store, rules.mapping, plan, out, error) || !store_check(store, error))
    return false;
  add_unknown(counts, out);
  out->has_ledger = true;
  return true;
}

void job_paper_clear(ReportPaper *paper)
{
  g_clear_pointer(&paper->intakes, g_array_unref);
  g_clear_pointer(&paper->titles, g_hash_table_unref);
  g_clear_pointer(&paper->texts, g_string_chunk_free);
  g_clear_pointer(&paper->approvals, approvals_free);
}
