// SPDX-License-Identifier: GPL-3.0-or-later
//
// The key `dormant`: where the rules about accounts that nobody uses are.
#include "job/job_p.h"

void site_read_dormant(Site *site, const YamlNode *root, Findings *findings)
{
  site->dormant = site_read_path(site, root, "dormant", NULL, findings);
}

Dormant *site_dormant(const Site *site, Findings *findings, GError **error)
{
  if (site->dormant == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the site file has no “dormant”: it names dormant.yaml (docs/dormant.md)"));
    return NULL;
  }
  EvidenceWorld world = {.folder = site->folder,
                         .targets = (const TargetConfig *const *)site->targets};
  return dormant_load(site->dormant, &world, findings, error);
}
