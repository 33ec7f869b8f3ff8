// SPDX-License-Identifier: GPL-3.0-or-later
//
// What each target should hold of the person and holds. One that cannot be read is said, and the others
// are read all the same.
#include "who_p.h"

#include <string.h>

// The subject of a finding is a number, or a number and a name.
static bool is_about(const Page *page, const Finding *finding)
{
  const GArray *numbers = page->who->numbers;
  for (guint i = 0; finding->subject && i < numbers->len; i++) {
    const char *number = g_array_index(numbers, WhoNumber, i).number;
    size_t n = strlen(number);
    if (strncmp(finding->subject, number, n) == 0 && strchr(" /", finding->subject[n]))
      return true;
  }
  return false;
}

static bool is_told(const Findings *findings, const Finding *finding)
{
  for (size_t i = 0; i < findings_count(findings); i++) {
    const Finding *other = findings_at(findings, i);
    if (g_strcmp0(other->code, finding->code) == 0 && g_strcmp0(other->text, finding->text) == 0 &&
        g_strcmp0(other->file, finding->file) == 0 && other->line == finding->line)
      return true;
  }
  return false;
}

static void keep_findings(Page *page, const Findings *all)
{
  for (size_t i = 0; i < findings_count(all); i++) {
    const Finding *finding = findings_at(all, i);
    if (is_about(page, finding) && !is_told(page->who->findings, finding))
      findings_add(page->who->findings, finding, "%s", finding->text);
  }
}

// Two servers may hold the same names; what is read from the wrong one is no evidence.
static void check_server(Page *page, const Look *look)
{
  const char *pinned = store_cursor_get(page->setup->store, look->target, "fingerprint");
  if (look->read && pinned && strcmp(pinned, look->fingerprint) != 0)
    findings_add(page->who->findings, &(Finding){.level = FINDING_WARNING, .code = "fingerprint"},
                 _("target %s is not the server it was when it was last written to; what it holds "
                   "may be another's"),
                 look->target);
}

static Look *look_at(Page *page, const PlannerTarget *target, GError **error)
{
  const WhoSetup *setup = page->setup;
  g_autoptr(Findings) findings = findings_new();
  PlannerSetup planner = {.mapping = setup->mapping,
                          .store = setup->store,
                          .as_of = setup->as_of,
                          .known_at = setup->known_at,
                          .embargoed = setup->known_at == INSTANT_OPEN,
                          .now = setup->now,
                          .targets = target,
                          .n_targets = 1,
                          .whatif = true,
                          .fields = setup->fields,
                          .restrictions = setup->restrictions,
                          .n_restrictions = setup->n_restrictions,
                          .stops = setup->stops,
                          .findings = findings};
  Look *look = planner_look(&planner, 0, page->who->person, error);
  keep_findings(page, findings);
  return look;
}

static bool add_target(Page *page, size_t i, GError **error)
{
  PlannerTarget target = page->setup->targets[i];
  WhoTarget shown = {.target = who_keep(page, target.config->name)};
  if (page->setup->unread && page->setup->unread[i])
    shown.unread = who_keep(page, page->setup->unread[i]);
  g_autoptr(GError) local = NULL;
  Look *look = NULL;
  if (target.reader)
    look = look_at(page, &target, &local);
  if (local) {
    shown.unread = who_keep(page, local->message);
    target.reader = NULL;
  }
  if (!look && !(look = look_at(page, &target, error)))
    return false;
  page->who->unread |= shown.unread != NULL;
  g_ptr_array_add(page->who->looks, look);
  shown.look = look;
  g_array_append_val(page->who->targets, shown);
  check_server(page, look);
  return true;
}

bool who_looks(Page *page, GError **error)
{
  for (size_t i = 0; i < page->setup->n_targets; i++)
    if (!add_target(page, i, error))
      return false;
  return true;
}
