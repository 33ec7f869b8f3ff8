// SPDX-License-Identifier: GPL-3.0-or-later
//
// Where lists of questions go, and where they come back.
#include "job/job_p.h"

#include <string.h>

#define KEEP_DAYS 365
#define REMIND_DAYS 7
#define ESCALATE_DAYS 14

static const char *const INQUIRY_KEYS[] = {"lists",    "names",    "encoding", "replies",  "done",
                                           "rejected", "owners",   "settle",   "manifest", "keep",
                                           "remind",   "escalate", NULL};

static void read_encoding(Site *site, const YamlNode *node, Findings *findings)
{
  const char *word = "utf8";
  yaml_read_text(site->yaml, node, "encoding", findings, &word);
  site->inquiry.cp932 = strcmp(word, "cp932") == 0;
  if (!site->inquiry.cp932 && strcmp(word, "utf8") != 0)
    yaml_fault(site->yaml, yaml_get(node, "encoding"), findings, "bad-encoding",
               _("encoding is utf8 or cp932, not “%s”"), word);
}

void site_read_inquiry(Site *site, const YamlNode *root, Findings *findings)
{
  const YamlNode *node = yaml_get(root, "inquiry");
  SiteInquiry *inquiry = &site->inquiry;
  *inquiry = (SiteInquiry){
      .keep_days = KEEP_DAYS, .remind_days = REMIND_DAYS, .escalate_days = ESCALATE_DAYS};
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(site->yaml, node, INQUIRY_KEYS, findings);
  read_encoding(site, node, findings);
  site_read_folder(site, node, &inquiry->replies, findings);
  inquiry->names = site_read_path(site, node, "names", NULL, findings);
  inquiry->out = site_read_path(site, node, "lists", NULL, findings);
  inquiry->replies.incoming = site_read_path(site, node, "replies", NULL, findings);
  inquiry->replies.done = site_read_path(site, node, "done", "inquiry/done", findings);
  inquiry->replies.rejected = site_read_path(site, node, "rejected", "inquiry/rejected", findings);
  yaml_read_days(site->yaml, node, "keep", findings, &inquiry->keep_days);
  yaml_read_days(site->yaml, node, "remind", findings, &inquiry->remind_days);
  yaml_read_days(site->yaml, node, "escalate", findings, &inquiry->escalate_days);
}

Date site_keep_limit(const Site *site, Date asked)
{
  return asked + site->inquiry.keep_days;
}
