// SPDX-License-Identifier: GPL-3.0-or-later
//
// What was said and done about the person: HR's orders, rosters that lack them, holds, and the journal's
// last operations.
#include "who_p.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define OPS_OF_ENTRY 20
#define OPS_SHOWN 20

// Rows are borrowed while the callback runs, and so is the store: sources and sets are looked up afterwards.
typedef struct Said {
  Page *page;
  GArray *rows;  // int64_t: source row of each order
  GArray *sets;  // int64_t: its order set
} Said;

// As it stands now; only that an order was not withdrawn yet at that time is told otherwise.
static const char *state_then(const OrderRow *row, Instant known_at)
{
  bool ended = strcmp(row->state, "withdrawn") == 0 || strcmp(row->state, "replaced") == 0;
  return ended && row->known_to > known_at ? "holds" : row->state;
}

// What of an order people ask for. Why somebody is on leave stands nowhere in it.
static const char *say_order(Page *page, const OrderRow *row)
{
  static const char *const shown[] = {"unit", "title", "duty", "owner"};
  static const char *const ends[] = {"end_date", "until"};
  json_t *said = json_loads(row->said, 0, NULL);
  g_autoptr(GString) out = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
    const char *value = json_string_value(json_object_get(said, shown[i]));
    if (value)
      g_string_append_printf(out, "%s%s", out->len ? " " : "", value);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    const char *value = json_string_value(json_object_get(said, ends[i]));
    if (value)
      g_string_append_printf(out, _("%suntil %s"), out->len ? " " : "", value);
  }
  json_decref(said);
  return who_keep(page, out->str);
}

static bool take_order(const OrderRow *row, void *data)
{
  Said *said = data;
  const WhoSetup *setup = said->page->setup;
  if (row->known_from > setup->known_at)
    return true;
  WhoOrder order = {.space = who_keep(said->page, row->space),
                    .number = who_keep(said->page, row->number),
                    .kind = who_keep(said->page, row->kind),
                    .target = who_keep(said->page, row->target),
                    .says = say_order(said->page, row),
                    .date = row->date,
                    .state = who_keep(said->page, state_then(row, setup->known_at)),
                    .reason = who_keep(said->page, row->reason)};
  order.later = strcmp(order.state, "holds") == 0 && row->date > setup->as_of;
  g_array_append_val(said->page->who->orders, order);
  g_array_append_val(said->rows, row->row);
  g_array_append_val(said->sets, row->set);
  return true;
}

static const char *set_text(Page *page, int64_t id)
{
  OrderSet set;
  if (id == 0 || !store_set_at(page->setup->store, id, &set))
    return "";
  g_autofree char *text = g_strdup_printf("%s v%" G_GINT64_FORMAT, set.name, set.version);
  return who_keep(page, text);
}

static bool fill_orders(Page *page, GError **error)
{
  Said said = {page, g_array_new(FALSE, FALSE, sizeof(int64_t)),
               g_array_new(FALSE, FALSE, sizeof(int64_t))};
  bool fine = store_orders_of(page->setup->store, page->who->person, take_order, &said, error);
  for (guint i = 0; i < said.rows->len; i++) {
    WhoOrder *order = &g_array_index(page->who->orders, WhoOrder, i);
    order->source = who_source(page, g_array_index(said.rows, int64_t, i));
    order->set = set_text(page, g_array_index(said.sets, int64_t, i));
  }
  g_array_unref(said.rows);
  g_array_unref(said.sets);
  return fine;
}

static bool take_absence(Date date, void *data)
{
  Page *page = data;
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(date, day);
  findings_add(page->who->findings,
               &(Finding){.level = FINDING_WARNING, .code = "absent", .subject = page->who->number},
               _("the roster of %s does not list this person; nothing comes of it unless a second "
                 "one does not either"),
               day->str);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Holds: of the person, of an object of theirs, or of a whole target.

static bool holds_theirs(const Who *who, const Holds *holds, size_t i)
{
  bool theirs = store_hold_concerns(holds, i, &(HeldThing){.person = who->person});
  for (guint t = 0; t < who->targets->len && !theirs; t++) {
    const WhoTarget *target = &g_array_index(who->targets, WhoTarget, t);
    theirs = store_hold_concerns(holds, i, &(HeldThing){.target = target->target});
    for (size_t k = 0; k < target->look->n_entries && !theirs; k++)
      theirs =
          store_hold_concerns(holds, i, &(HeldThing){.object = target->look->entries[k].object});
  }
  return theirs;
}

// Why, is for those who must know it.
static bool fill_holds(Page *page, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(page->setup->store, date_of_instant(page->setup->now), NULL, &holds, error))
    return false;
  for (size_t i = 0; i < store_holds_n(holds); i++) {
    const HoldRow *row = store_hold_at(holds, i);
    WhoHold hold = {.id = row->id,
                    .kind = who_keep(page, row->kind),
                    .name = who_keep(page, row->name),
                    .who = who_keep(page, row->who),
                    .since = row->since,
                    .until = row->until};
    if (holds_theirs(page->who, holds, i))
      g_array_append_val(page->who->holds, hold);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Restrictions.

static bool is_theirs(const Who *who, const RestrictionRow *row)
{
  for (guint i = 0; i < who->targets->len; i++) {
    const WhoTarget *target = &g_array_index(who->targets, WhoTarget, i);
    for (size_t k = 0; k < target->look->n_entries; k++)
      if (strcmp(target->target, row->target) == 0 &&
          strcmp(target->look->entries[k].object, row->object) == 0)
        return true;
  }
  return false;
}

static void fill_restrictions(Page *page)
{
  for (size_t i = 0; i < page->setup->n_restrictions; i++) {
    RestrictionRow row = page->setup->restrictions[i].row;
    const char **const texts[] = {&row.target, &row.object, &row.cause,  &row.what,
                                  &row.group,  &row.reason, &row.source, &row.who};
    // One without a number is in no ledger: of a stop, which is told as such.
    if (row.id == 0 || !is_theirs(page->who, &row))
      continue;
    for (size_t k = 0; k < G_N_ELEMENTS(texts); k++)
      *texts[k] = who_keep(page, *texts[k]);
    g_array_append_val(page->who->restrictions, row);
  }
}

// ---------------------------------------------------------------------------------------------
// The journal.

static void add_op(Page *page, const OpRow *row, Instant when)
{
  GArray *ops = page->who->ops;
  for (guint i = 0; i < ops->len; i++) {
    const WhoOp *other = &g_array_index(ops, WhoOp, i);
    if (other->run == row->run && other->n == row->n)
      return;
  }
  WhoOp op = {.run = row->run,
              .n = row->n,
              .target = who_keep(page, row->target),
              .object = who_keep(page, row->object),
              .kind = who_keep(page, row->kind),
              .state = who_keep(page, row->state),
              // Of one that is done, it still says why it once was not.
              .detail = strcmp(row->state, "done") == 0 ? "" : who_keep(page, row->detail),
              .when = when};
  g_array_append_val(ops, op);
}

static bool take_op(const OpRow *row, Instant changed, void *data)
{
  add_op(data, row, changed);
  return true;
}

// The journal notes of a membership whose it is only when it is sent. What the last run left, its plan tells.
static void add_left(Page *page)
{
  RunRow last;
  if (!store_run_last(page->setup->store, &last) || !last.plan_path)
    return;
  RunRow run = {.id = last.id, .started = last.started, .ended = last.ended};
  g_autoptr(Plan) plan = plan_read(last.plan_path, NULL);
  for (uint32_t n = 1; plan && n <= plan_n_ops(plan); n++) {
    OpRow row;
    const Op *op = plan_op(plan, n);
    if (op->person == page->who->person && op_traits(op->kind)->edge &&
        store_op_get(page->setup->store, run.id, n, &row))
      add_op(page, &row, run.ended == INSTANT_NONE ? run.started : run.ended);
  }
}

static int newest_first(const void *a, const void *b)
{
  const WhoOp *x = a, *y = b;
  if (x->run != y->run)
    return x->run > y->run ? -1 : 1;
  return (x->n < y->n) - (x->n > y->n);
}

static bool fill_ops(Page *page, GError **error)
{
  Who *who = page->who;
  for (guint i = 0; i < who->targets->len; i++) {
    const WhoTarget *target = &g_array_index(who->targets, WhoTarget, i);
    for (size_t k = 0; k < target->look->n_entries; k++)
      if (!store_ops_about(page->setup->store, target->target, target->look->entries[k].object,
                           OPS_OF_ENTRY, take_op, page, error))
        return false;
  }
  add_left(page);
  g_array_sort(who->ops, newest_first);
  g_array_set_size(who->ops, MIN(who->ops->len, OPS_SHOWN));
  return true;
}

bool who_orders(Page *page, GError **error)
{
  Store *store = page->setup->store;
  fill_restrictions(page);
  return fill_orders(page, error) &&
         store_absences_of(store, page->who->person, take_absence, page, error) &&
         fill_holds(page, error) && fill_ops(page, error);
}
