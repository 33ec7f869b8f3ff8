// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

void report_findings(const Findings *findings, bool json, GString *out)
{
  if (json) {
    report_json_dump(report_json_findings(findings), out);
    return;
  }
  for (size_t i = 0; findings && i < findings_count(findings); i++) {
    findings_format(findings_at(findings, i), out);
    g_string_append_c(out, '\n');
  }
}
