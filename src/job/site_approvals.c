// SPDX-License-Identifier: GPL-3.0-or-later
//
// How this site wants plans to be approved: docs/approval.md.
#include "job/job_p.h"

void site_read_approvals(Site *site, const YamlNode *root, Findings *findings)
{
  site->approvals =
      approval_rules_read(site->yaml, yaml_get(root, "approvals"), site->folder, findings);
}
