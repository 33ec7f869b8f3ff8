// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reports that are books.
#include "job/job_p.h"

#include <string.h>

void rules_load(const Site *site, Findings *findings, SiteRules *out)
{
  g_autoptr(GError) fault = NULL;
  *out = (SiteRules){0};
  if (site->here.name != NULL)
    return;
  out->mapping = mapping_load(site->mappings, findings, &fault);
  g_clear_error(&fault);
  if (site->dormant != NULL)
    out->dormant = job_dormant_load(site, findings, &fault);
}

void rules_clear(SiteRules *rules)
{
  dormant_free(rules->dormant);
  mapping_free(rules->mapping);
}

// Figures do not wait for rules that are being worked on: then what they name is left out, and the findings say it.
bool job_report_month(const Site *site, const TallyPeriod *period, Findings *findings,
                      ReportBook **out, GError **error)
{
  g_auto(TallyMonth) month = {0};
  g_auto(SiteRules) rules = {0};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  rules_load(site, findings, &rules);
  const TallyAsk ask = {store, rules.mapping, rules.dormant, *period, instant_now()};
  if (store == NULL || !tally_month(&ask, &month, error))
    return false;
  *out = report_month(&month);
  return true;
}

bool job_report_accounts(const Site *site, const AccountsRequest *request, Findings *findings,
                         GError **error)
{
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, findings, error);
  g_autoptr(Store) store = mapping != NULL ? store_open(site->store, STORE_READ, error) : NULL;
  g_autoptr(GPtrArray) targets = g_ptr_array_new();
  for (size_t i = 0; site->targets[i] != NULL; i++)
    g_ptr_array_add(targets, (gpointer)site->targets[i]->name);
  g_ptr_array_add(targets, NULL);
  const TallyAccounts ask = {.store = store,
                             .mapping = mapping,
                             .now = instant_now(),
                             .targets = (const char *const *)targets->pdata,
                             .number = request->number,
                             .target = request->target,
                             .unit = request->unit,
                             .findings = findings};
  return store != NULL && tally_accounts(&ask, request->func, request->data, error);
}

// ---------------------------------------------------------------------------------------------
// By a job, when the month is over.

static bool write_one(const char *path, const ReportBook *book, const char *format, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(Findings) findings = findings_new();
  return report_book_write(book, format, NULL, text, error) &&
         (strcmp(format, "csv") != 0 || report_encode(text, "excel", findings, error)) &&
         file_write(path, text->str, text->len, 0600, error);
}

bool job_reports_keep(const Site *site, GString *out, GError **error)
{
  static const char *const formats[] = {"html", "csv", "pdf"};
  TallyPeriod period = tally_month_before(date_of_instant(instant_now()));
  g_autoptr(GString) name = g_string_new(NULL);
  g_autoptr(ReportBook) book = NULL;
  g_autoptr(Findings) findings = findings_new();
  date_format(period.first, name);
  g_string_truncate(name, strlen("2027-04"));
  if (site->reports == NULL) {
    g_string_append(out, _("“reports” of the site names no folder: no report is kept\n"));
    return true;
  }
  if (!file_make_dir(site->reports, 0700, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
    g_autofree char *path =
        g_strdup_printf("%s/monthly-%s.%s", site->reports, name->str, formats[i]);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
      continue;
    if ((book == NULL && !job_report_month(site, &period, findings, &book, error)) ||
        !write_one(path, book, formats[i], error))
      return false;
    g_string_append_printf(out, _("report: %s\n"), path);
  }
  return true;
}
