// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reports that are books.
#include "job/job_p.h"

bool job_report_month(const Site *site, const TallyPeriod *period, ReportBook **out, GError **error)
{
  g_auto(TallyMonth) month = {0};
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL || !tally_month(store, period, instant_now(), &month, error))
    return false;
  *out = report_month(&month);
  return true;
}
