// SPDX-License-Identifier: GPL-3.0-or-later
//
// The restrictions that a plan heeds: those that stand in the ledger, and those that somebody asks to begin or end.
#include "job/job_p.h"

#include <string.h>

static const char *keep(Restrictions *all, const char *text)
{
  return text == NULL ? NULL : g_string_chunk_insert_const(all->texts, text);
}

static void add(Restrictions *all, RestrictionStep step, const RestrictionRow *row)
{
  Restriction copy = {step, *row};
  const char **const texts[] = {&copy.row.target,    &copy.row.object, &copy.row.cause,
                                &copy.row.what,      &copy.row.group,  &copy.row.reason,
                                &copy.row.source,    &copy.row.who,    &copy.row.lifted_by,
                                &copy.row.lifted_why};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(all, *texts[i]);
  g_array_append_val(all->list, copy);
}

static bool take_row(const RestrictionRow *row, void *data)
{
  add(data, RESTRICTION_STANDS, row);
  return true;
}

bool job_restrictions_read(Store *store, Restrictions *out, GError **error)
{
  *out = (Restrictions){g_array_new(FALSE, FALSE, sizeof(Restriction)), g_string_chunk_new(4096)};
  return store_restrictions_each(store, NULL, take_row, out, error);
}

void restrictions_clear(Restrictions *all)
{
  g_clear_pointer(&all->list, g_array_unref);
  g_clear_pointer(&all->texts, g_string_chunk_free);
}

static Restriction *find(const Restrictions *all, int64_t id)
{
  for (guint i = 0; i < all->list->len; i++) {
    Restriction *one = &g_array_index(all->list, Restriction, i);
    if (one->row.id == id)
      return one;
  }
  return NULL;
}

// What was lifted by somebody else meanwhile needs nothing more.
static void lift(Restrictions *all, const RestrictionRow *row, Findings *findings)
{
  Restriction *one = find(all, row->id);
  if (one == NULL) {
    findings_add(findings, &(Finding){.level = FINDING_NOTE, .code = "restriction"},
                 _("restriction %lld does not stand any more: nothing is to be lifted"),
                 (long long)row->id);
    return;
  }
  one->step = RESTRICTION_LIFTED;
  one->row.lifted_by = keep(all, row->lifted_by != NULL ? row->lifted_by : "");
  one->row.lifted_why = keep(all, row->lifted_why != NULL ? row->lifted_why : "");
}

static bool is_target(const Site *site, const char *name, GError **error)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, name) == 0)
      return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no target “%s” here"), name);
  return false;
}

bool job_restrictions(const Site *site, Store *store, const PlanRequest *request,
                      Findings *findings, Restrictions *out, GError **error)
{
  if (!job_restrictions_read(store, out, error))
    return false;
  for (guint i = 0; request->restrictions != NULL && i < request->restrictions->len; i++) {
    const Restriction *asked = &g_array_index(request->restrictions, Restriction, i);
    if (!is_target(site, asked->row.target, error))
      return false;
    if (asked->step == RESTRICTION_NEW)
      add(out, RESTRICTION_NEW, &asked->row);
    else if (asked->step == RESTRICTION_LIFTED)
      lift(out, &asked->row, findings);
  }
  return true;
}

bool restrictions_concern(const PlanRequest *request, const char *target)
{
  for (guint i = 0; request->restrictions != NULL && i < request->restrictions->len; i++)
    if (strcmp(g_array_index(request->restrictions, Restriction, i).row.target, target) == 0)
      return true;
  return request->restrictions == NULL;
}
