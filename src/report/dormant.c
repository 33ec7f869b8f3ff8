// SPDX-License-Identifier: GPL-3.0-or-later
//
// Dormant accounts: what policies count, and who enters, stands in or leaves a stage.
#include "report_p.h"

#include <string.h>

#define N_COLUMNS 7

static const char *source_name(const Dormant *dormant, size_t source)
{
  return source == EVIDENCE_NO_SOURCE ? ""
                                      : evidence_source_at(dormant_sources(dormant), source)->name;
}

static void put_day(GString *out, Instant at)
{
  if (at != INSTANT_NONE)
    date_format(date_of_instant(at), out);
}

// What becomes of it with this plan; "" = nothing.
static void tell_step(const DormantAccount *account, GString *out)
{
  const DormantVerdict *verdict = &account->verdict;
  if (verdict->goes)
    g_string_append_printf(out, "-> %s", dormant_stage_name(verdict->next));
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (verdict->lifts[i])
      g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : _("lifted: "),
                             dormant_stage_name((DormantStage)i));
}

static void tell_why(const DormantAccount *account, GString *out)
{
  if (account->what.exempt != DORMANT_NOT_EXEMPT)
    g_string_append_printf(out, "%s%s%s", dormant_exempt_name(account->what.exempt),
                           account->exempt_why != NULL ? ": " : "",
                           account->exempt_why != NULL ? account->exempt_why : "");
  else if (account->what.suspended)
    g_string_append_printf(out, _("not judged: %s"), account->why != NULL ? account->why : "");
}

// ---------------------------------------------------------------------------------------------
// Text.

static void text_policy(const DormantPolicy *policy, GString *out)
{
  g_string_append_printf(out, "%s (%s %s;", policy->name, policy->target,
                         policy->klass != NULL ? policy->klass : "orphan");
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (policy->steps[i].given)
      g_string_append_printf(out, " %s %dd", dormant_stage_name((DormantStage)i),
                             policy->steps[i].after_days);
  g_string_append(out, ")\n");
}

static void text_exempt(const DormantCount *count, GString *out)
{
  size_t n = 0;
  g_autoptr(GString) kinds = g_string_new(NULL);
  for (int i = 1; i < DORMANT_N_EXEMPTS; i++) {
    n += count->n_exempt[i];
    if (count->n_exempt[i] > 0)
      g_string_append_printf(kinds, "%s%s %zu", kinds->len > 0 ? ", " : "",
                             dormant_exempt_name((DormantExempt)i), count->n_exempt[i]);
  }
  g_string_append_printf(out, _(", exempt %zu"), n);
  if (n > 0)
    g_string_append_printf(out, " (%s)", kinds->str);
}

static void text_count(const DormantReport *report, const DormantCount *count, GString *out)
{
  text_policy(count->policy, out);
  g_string_append_printf(out, _("  accounts %zu: used %zu, new %zu"), count->n_accounts,
                         count->n_used, count->n_new);
  text_exempt(count, out);
  g_string_append_printf(out, _(", not judged %zu\n"), count->n_suspended);
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (count->n_stands[i] > 0 || count->n_goes[i] > 0)
      g_string_append_printf(out, _("  %s: %zu stand, %zu come\n"),
                             dormant_stage_name((DormantStage)i), count->n_stands[i],
                             count->n_goes[i]);
  if (count->n_lifted > 0)
    g_string_append_printf(out, _("  lifted: %zu\n"), count->n_lifted);
  if (count->n_contested > 0)
    g_string_append_printf(out, _("  under a laxer policy, too: %zu\n"), count->n_contested);
  for (guint i = 0; i < report->whys->len; i++) {
    const DormantWhy *why = &g_array_index(report->whys, DormantWhy, i);
    if (why->policy != count->policy)
      continue;
    g_string_append_printf(out, _("  not judged %zu: %s: "), why->n, why->source);
    escape_text(out, why->why, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
}

static void add_row(Sheet *sheet, const Dormant *dormant, const DormantAccount *account)
{
  g_autofree char *who = g_strdup_printf("%s %s", account->number, account->name);
  g_autofree char *what = g_strdup_printf("%s %s", account->target, account->object);
  g_autoptr(GString) step = g_string_new(NULL);
  g_autoptr(GString) use = g_string_new(NULL);
  g_autoptr(GString) why = g_string_new(NULL);
  tell_step(account, step);
  dormant_tell_use(dormant, account, use);
  tell_why(account, why);
  sheet_add(sheet, account->person != 0 ? g_strstrip(who) : NULL);
  sheet_add(sheet, what);
  sheet_add(sheet, account->login);
  sheet_add(sheet, account->stage < 0 ? "" : dormant_stage_name((DormantStage)account->stage));
  sheet_add(sheet, step->str);
  sheet_add(sheet, use->str);
  sheet_add(sheet, why->str);
}

// With more of them than somebody reads, those in which nothing happens are left to --json.
static bool is_shown(const DormantAccount *account, bool all)
{
  return all || account->verdict.goes || account->verdict.lifted;
}

static void report_text(const Dormant *dormant, const DormantReport *report, bool all, GString *out)
{
  Sheet sheet;
  for (guint i = 0; i < report->counts->len; i++)
    text_count(report, &g_array_index(report->counts, DormantCount, i), out);
  sheet_open(&sheet, N_COLUMNS);
  for (guint i = 0; i < report->accounts->len; i++) {
    const DormantAccount *account = &g_array_index(report->accounts, DormantAccount, i);
    if (is_shown(account, all))
      add_row(&sheet, dormant, account);
  }
  sheet_put(&sheet, 0, out);
  sheet_close(&sheet);
}

// ---------------------------------------------------------------------------------------------
// One person: everything that led to the verdict.

static void explain_line(GString *out, const char *what, Instant at)
{
  g_autoptr(GString) day = g_string_new(NULL);
  put_day(day, at);
  g_string_append_printf(out, "  %s: %s\n", what, day->len > 0 ? day->str : "-");
}

static void explain_stage(const DormantAccount *account, int i, GString *out)
{
  const DormantStep *step = &account->policy->steps[i];
  if (!step->given)
    return;
  g_string_append_printf(out, _("  %s: after %d days"), dormant_stage_name((DormantStage)i),
                         step->after_days);
  if (step->grace_days > 0)
    g_string_append_printf(out, _(", not sooner than %d days after the stage before"),
                           step->grace_days);
  if (account->what.stands[i] != INSTANT_NONE) {
    g_string_append(out, _("; stands since "));
    put_day(out, account->what.stands[i]);
  }
  if (account->verdict.lifts[i])
    g_string_append(out, _("; is lifted"));
  if ((int)account->verdict.next == i && account->verdict.due != DATE_NONE) {
    g_string_append(out, account->verdict.goes ? _("; comes now") : _("; due "));
    if (!account->verdict.goes)
      date_format(account->verdict.due, out);
  }
  g_string_append_c(out, '\n');
}

static void explain(const Dormant *dormant, const DormantAccount *account, GString *out)
{
  g_autoptr(GString) use = g_string_new(NULL);
  g_autoptr(GString) why = g_string_new(NULL);
  g_string_append_printf(out, "%s %s: ", account->target, account->object);
  escape_text(out, account->number, ESCAPE_TERMINAL);
  g_string_append_c(out, ' ');
  escape_text(out, account->name, ESCAPE_TERMINAL);
  g_string_append_printf(out, _("\n  policy: %s, line %d%s\n"), account->policy->name,
                         account->policy->line,
                         account->contested ? _(" (the strictest of several)") : "");
  dormant_tell_use(dormant, account, use);
  g_string_append_printf(out, "  %s\n", use->str);
  explain_line(out, _("used as late as"), account->what.used);
  explain_line(out, _("made, switched on again or returned"), account->what.began);
  explain_line(out, _("evidence reaches to"), account->what.unused_to);
  tell_why(account, why);
  if (why->len > 0) {
    g_string_append(out, "  ");
    escape_text(out, why->str, ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    explain_stage(account, i, out);
}

// ---------------------------------------------------------------------------------------------
// JSON.

static json_t *count_json(const DormantCount *count)
{
  json_t *object = json_object();
  json_object_set_new(object, "policy", report_json_text(count->policy->name));
  json_object_set_new(object, "target", report_json_text(count->policy->target));
  const struct {
    const char *key;
    size_t n;
  } numbers[] = {{"accounts", count->n_accounts},
                 {"used", count->n_used},
                 {"new", count->n_new},
                 {"not_judged", count->n_suspended},
                 {"contested", count->n_contested},
                 {"lifted", count->n_lifted}};
  for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
    json_object_set_new(object, numbers[i].key, json_integer((json_int_t)numbers[i].n));
  json_t *exempt = json_object(), *stands = json_object(), *comes = json_object();
  for (int i = 1; i < DORMANT_N_EXEMPTS; i++)
    json_object_set_new(exempt, dormant_exempt_name((DormantExempt)i),
                        json_integer((json_int_t)count->n_exempt[i]));
  for (int i = 0; i < DORMANT_N_STAGES; i++) {
    const char *name = dormant_stage_name((DormantStage)i);
    json_object_set_new(stands, name, json_integer((json_int_t)count->n_stands[i]));
    json_object_set_new(comes, name, json_integer((json_int_t)count->n_goes[i]));
  }
  json_object_set_new(object, "exempt", exempt);
  json_object_set_new(object, "stands", stands);
  json_object_set_new(object, "comes", comes);
  return object;
}

static json_t *account_json(const Dormant *dormant, const DormantAccount *account)
{
  json_t *object = json_object();
  const DormantVerdict *verdict = &account->verdict;
  g_autoptr(GString) why = g_string_new(NULL);
  tell_why(account, why);
  const char *stage = account->stage < 0 ? NULL : dormant_stage_name((DormantStage)account->stage);
  const struct {
    const char *key, *text;
  } texts[] = {{"target", account->target},
               {"object", account->object},
               {"number", account->number},
               {"name", account->name},
               {"login", account->login},
               {"unit", account->unit},
               {"policy", account->policy->name},
               {"stage", stage},
               {"comes", verdict->goes ? dormant_stage_name(verdict->next) : NULL},
               {"source", source_name(dormant, account->source)},
               {"why", why->len > 0 ? why->str : NULL}};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    json_object_set_new(object, texts[i].key, report_json_text(texts[i].text));
  json_object_set_new(object, "used", report_json_instant(account->what.told));
  json_object_set_new(object, "began", report_json_instant(account->what.began));
  json_object_set_new(object, "due", report_json_date(verdict->due));
  json_t *lifted = json_array();
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (verdict->lifts[i])
      json_array_append_new(lifted, json_string(dormant_stage_name((DormantStage)i)));
  json_object_set_new(object, "lifted", lifted);
  return object;
}

static json_t *why_json(const DormantWhy *why)
{
  json_t *object = json_object();
  json_object_set_new(object, "policy", report_json_text(why->policy->name));
  json_object_set_new(object, "source", report_json_text(why->source));
  json_object_set_new(object, "why", report_json_text(why->why));
  json_object_set_new(object, "bad", json_boolean(why->bad));
  json_object_set_new(object, "accounts", json_integer((json_int_t)why->n));
  return object;
}

static json_t *accounts_json(const Dormant *dormant, const GArray *accounts)
{
  json_t *list = json_array();
  for (guint i = 0; i < accounts->len; i++)
    json_array_append_new(list, account_json(dormant, &g_array_index(accounts, DormantAccount, i)));
  return list;
}

static void report_json(const ReportDormant *what, GString *out)
{
  const DormantReport *report = what->report;
  json_t *document = json_object(), *counts = json_array(), *whys = json_array();
  for (guint i = 0; i < report->counts->len; i++)
    json_array_append_new(counts, count_json(&g_array_index(report->counts, DormantCount, i)));
  for (guint i = 0; i < report->whys->len; i++)
    json_array_append_new(whys, why_json(&g_array_index(report->whys, DormantWhy, i)));
  json_object_set_new(document, "as_of", report_json_date(report->as_of));
  json_object_set_new(document, "policies", counts);
  json_object_set_new(document, "not_judged", whys);
  json_object_set_new(document, "accounts", accounts_json(what->dormant, report->accounts));
  json_object_set_new(document, "upcoming", accounts_json(what->dormant, report->upcoming));
  json_object_set_new(document, "plan", report_json_text(what->plan_path));
  report_json_dump(document, out);
}

// ---------------------------------------------------------------------------------------------

void report_dormant(const ReportDormant *what, GString *out)
{
  if (what->json) {
    report_json(what, out);
    return;
  }
  if (!what->explains) {
    report_text(what->dormant, what->report, what->all, out);
    return;
  }
  for (guint i = 0; i < what->report->accounts->len; i++) {
    const DormantAccount *account = &g_array_index(what->report->accounts, DormantAccount, i);
    if (account->person == what->person)
      explain(what->dormant, account, out);
  }
}
