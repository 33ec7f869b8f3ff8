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
  *out = (Restrictions){.list = g_array_new(FALSE, FALSE, sizeof(Restriction)),
                        .texts = g_string_chunk_new(4096)};
  return store_restrictions_each(store, NULL, take_row, out, error);
}

void restrictions_clear(Restrictions *all)
{
  g_clear_pointer(&all->list, g_array_unref);
  g_clear_pointer(&all->texts, g_string_chunk_free);
  g_clear_pointer(&all->stops, store_holds_free);
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

// ---------------------------------------------------------------------------------------------
// Stops: who is stopped has nothing, also where nobody has thought of them yet.

// One that stands for the same, and that nobody lifts.
static Restriction *standing(const Restrictions *all, const RestrictionRow *row)
{
  for (guint i = 0; i < all->list->len; i++) {
    Restriction *one = &g_array_index(all->list, Restriction, i);
    if (one->step == RESTRICTION_STANDS && strcmp(one->row.target, row->target) == 0 &&
        strcmp(one->row.object, row->object) == 0 && strcmp(one->row.cause, row->cause) == 0 &&
        strcmp(one->row.what, row->what) == 0 && strcmp(one->row.group, row->group) == 0)
      return one;
  }
  return NULL;
}

typedef struct Withholding {
  Restrictions *all;
  const HoldRow *stop;
} Withholding;

// It is in no ledger: what would come to be later is withheld, too.
static void withhold(const RestrictionRow *row, void *data)
{
  const Withholding *withholding = data;
  RestrictionRow one = *row;
  one.who = withholding->stop->who;
  one.until = withholding->stop->until;
  g_autofree char *reason =
      g_strdup_printf(_("ask %s (stop %" G_GINT64_FORMAT ")"), one.who, withholding->stop->id);
  one.reason = reason;
  if (standing(withholding->all, row) == NULL)
    add(withholding->all, RESTRICTION_STANDS, &one);
}

// What was taken of a stop that is released, or over.
static void lift_released(const Mapping *mapping, const Holds *holds, Restrictions *all)
{
  for (guint i = 0; i < all->list->len; i++) {
    Restriction *one = &g_array_index(all->list, Restriction, i);
    uint32_t person = restrictions_person(mapping, one->row.target, one->row.object);
    if (strcmp(one->row.cause, RESTRICTION_STOPPED) != 0 || one->step != RESTRICTION_STANDS ||
        person == 0 || store_stop_on(holds, person) != NULL)
      continue;
    one->step = RESTRICTION_LIFTED;
    one->row.lifted_by = keep(all, one->row.who);
    one->row.lifted_why = keep(all, _("the stop was released"));
  }
}

static void heed_stops(const Site *site, const Mapping *mapping, Restrictions *all)
{
  const Holds *holds = all->stops;
  lift_released(mapping, holds, all);
  for (size_t i = 0; i < store_holds_n(holds); i++) {
    Withholding withholding = {all, store_hold_at(holds, i)};
    if (strcmp(withholding.stop->kind, HOLD_STOP) == 0)
      stop_restrictions(site, mapping, withholding.stop->person, withhold, &withholding);
  }
}

// ---------------------------------------------------------------------------------------------

// Of a stop it stands in the ledger before it is planned.
static void begin(Restrictions *all, const RestrictionRow *row)
{
  Restriction *stands = strcmp(row->cause, RESTRICTION_STOPPED) == 0 ? standing(all, row) : NULL;
  if (stands != NULL)
    stands->step = RESTRICTION_NEW;
  else
    add(all, RESTRICTION_NEW, row);
}

bool job_restrictions(const Site *site, Store *store, const Mapping *mapping,
                      const PlanRequest *request, Findings *findings, Restrictions *out,
                      GError **error)
{
  if (!job_restrictions_read(store, out, error) ||
      !store_holds_read(store, date_of_instant(instant_now()), NULL, &out->stops, error))
    return false;
  if (request->restrictions == NULL && mapping != NULL)
    heed_stops(site, mapping, out);
  for (guint i = 0; request->restrictions != NULL && i < request->restrictions->len; i++) {
    const Restriction *asked = &g_array_index(request->restrictions, Restriction, i);
    if (!is_target(site, asked->row.target, error))
      return false;
    if (asked->step == RESTRICTION_NEW)
      begin(out, &asked->row);
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
