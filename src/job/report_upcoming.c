// SPDX-License-Identifier: GPL-3.0-or-later
//
// What comes: what ledger and rules know, and what only a job knows: plans that wait, receipts, contracts, dormancy.
#include "job/job_p.h"

#include <string.h>

typedef struct Looking {
  const Site *site;
  Store *store;
  TallyComing *coming;
  Findings *findings;
  Instant now;
} Looking;

// ---------------------------------------------------------------------------------------------
// Operations that wait for their day, one line for each kind and day of a plan.

typedef struct Waiting {
  Date day;
  const char *target, *kind;
  size_t n;
} Waiting;

static void count_waiting(GArray *found, const Op *op)
{
  Waiting waiting = {date_of_instant(op->not_before), op->target, op_traits(op->kind)->name, 1};
  for (guint i = 0; i < found->len; i++) {
    Waiting *one = &g_array_index(found, Waiting, i);
    if (one->day != waiting.day || strcmp(one->target, waiting.target) != 0 ||
        one->kind != waiting.kind)
      continue;
    one->n++;
    return;
  }
  g_array_append_val(found, waiting);
}

static bool is_scheduled(const Looking *looking, int64_t run, uint32_t n)
{
  OpRow row;
  return store_op_get(looking->store, run, n, &row) && strcmp(row.state, "scheduled") == 0;
}

static void tell_run(const Looking *looking, int64_t run, const char *path)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(Plan) plan = path != NULL ? plan_read(path, &fault) : NULL;
  g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Waiting));
  if (plan == NULL) {
    findings_add(looking->findings,
                 &(Finding){.level = FINDING_WARNING, .code = "plan-gone", .file = path},
                 _("what run %" G_GINT64_FORMAT " left for a later day cannot be told: %s"), run,
                 fault != NULL ? fault->message : _("it has no plan"));
    return;
  }
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++)
    if (plan_op(plan, n)->not_before > looking->now && is_scheduled(looking, run, n))
      count_waiting(found, plan_op(plan, n));
  for (guint i = 0; i < found->len; i++) {
    const Waiting *one = &g_array_index(found, Waiting, i);
    g_autofree char *text = g_strdup_printf("%s: %zu", one->kind, one->n);
    g_autofree char *whom = g_strdup_printf(_("run %" G_GINT64_FORMAT), run);
    tally_coming_add(looking->coming, &(TallyEvent){one->day, "scheduled", one->target, whom, text},
                     false);
  }
}

typedef struct Runs {
  GArray *ids;       // int64_t
  GPtrArray *paths;  // char *
} Runs;

static bool take_run(const RunRow *run, void *data)
{
  Runs *runs = data;
  g_array_append_val(runs->ids, run->id);
  g_ptr_array_add(runs->paths, g_strdup(run->plan_path));
  return true;
}

// Only the last run is gone on with, and plans that somebody approved.
static bool add_scheduled(const Looking *looking, GError **error)
{
  g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  Runs runs = {ids, paths};
  if (!store_runs_each(looking->store, "scheduled", take_run, &runs, error))
    return false;
  if (ids->len > 0)
    tell_run(looking, g_array_index(ids, int64_t, ids->len - 1), paths->pdata[ids->len - 1]);
  return true;
}

// ---------------------------------------------------------------------------------------------

static void take_awaited(const ReportAwaited *awaited, void *data)
{
  const Looking *looking = data;
  g_autofree char *text =
      g_strdup_printf(_("%s was sent in run %" G_GINT64_FORMAT "-%u, and no receipt came"),
                      awaited->kind, awaited->run, awaited->n);
  if (awaited->overdue)
    tally_coming_add(looking->coming,
                     &(TallyEvent){MIN(date_of_instant(awaited->since), looking->coming->today - 1),
                                   "receipt-overdue", awaited->target,
                                   awaited->label != NULL ? awaited->label : awaited->object, text},
                     true);
}

// However far the window reaches, an end that is to be told of is.
static void add_licences(const Looking *looking)
{
  for (guint i = 0; i < looking->site->licences->len; i++) {
    const TallyLicence *licence = &g_array_index(looking->site->licences, TallyLicence, i);
    g_autoptr(GString) text = g_string_new(NULL);
    bool told = tally_licence_ends(licence, looking->coming->today, text);
    if (!told)
      g_string_append(text, _("the contract ends"));
    if (licence->until != DATE_OPEN)
      tally_coming_add(looking->coming,
                       &(TallyEvent){licence->until, "licence-ends", licence->target,
                                     licence->product, text->str},
                       told);
  }
}

static void tell_dormant(const Looking *looking, const Dormant *dormant,
                         const DormantAccount *account)
{
  g_autoptr(GString) text = g_string_new(dormant_stage_name(account->verdict.next));
  g_autofree char *whom = g_strjoin(" ", account->number, account->name, NULL);
  g_string_append(text, ": ");
  dormant_tell_use(dormant, account, text);
  g_strstrip(whom);
  tally_coming_add(looking->coming,
                   &(TallyEvent){account->verdict.due, "dormant", account->target,
                                 *whom != '\0' ? whom : account->object, text->str},
                   false);
}

static void add_dormant(const Looking *looking, const SiteRules *rules)
{
  g_auto(DormantReport) report = {0};
  g_autoptr(GError) fault = NULL;
  const DormantAsk ask = {.dormant = rules->dormant,
                          .mapping = rules->mapping,
                          .store = looking->store,
                          .as_of = looking->coming->today,
                          .now = looking->now,
                          .findings = looking->findings};
  if (rules->dormant == NULL || rules->mapping == NULL)
    return;
  if (!dormant_run(&ask, &report, &fault)) {
    findings_add(looking->findings, &(Finding){.level = FINDING_WARNING, .code = "dormant-untold"},
                 _("which accounts go on to a stage of dormancy cannot be told: %s"),
                 fault->message);
    return;
  }
  for (guint i = 0; i < report.upcoming->len; i++)
    tell_dormant(looking, rules->dormant, &g_array_index(report.upcoming, DormantAccount, i));
}

bool job_report_upcoming(const Site *site, int days, Findings *findings, ReportBook **out,
                         GError **error)
{
  g_auto(TallyComing) coming = {0};
  g_auto(SiteRules) rules = {0};
  Instant now = instant_now();
  Date today = date_of_instant(now);
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  rules_load(site, findings, &rules);
  tally_coming_open(&coming, today, today + days);
  Looking looking = {site, store, &coming, findings, now};
  const TallyAsk ask = {
      .store = store, .mapping = rules.mapping, .dormant = rules.dormant, .now = now};
  if (!tally_coming(&ask, &coming, error) || !add_scheduled(&looking, error) ||
      !job_receipts_each(site, store, NULL, take_awaited, &looking, error))
    return false;
  add_licences(&looking);
  add_dormant(&looking, &rules);
  tally_coming_sort(&coming);
  *out = report_coming(&coming);
  return true;
}
