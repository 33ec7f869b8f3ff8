// SPDX-License-Identifier: GPL-3.0-or-later
//
// Somebody holds a person, an object or a target, or stops somebody, while the run is at work. What is in flight then comes
// to its end; what was not sent yet is not sent.
#include "apply_p.h"

const char *heed_why(const ApplySetup *setup, const Op *op)
{
  const char *why = setup->held ? setup->held[op->n - 1] : NULL;
  return why || !setup->warden ? why : setup->warden->holds(op, setup->warden->data);
}

bool heed_look(const ApplySetup *setup, bool *news, GError **error)
{
  *news = false;
  return !setup->warden || setup->warden->looks(setup->warden->data, news, error);
}

static bool is_open(const Executor *executor, const Op *op)
{
  Stand stand = book_stand(executor->course->book, op->n);
  return stand == STAND_WAITING || stand == STAND_SENT;
}

static bool is_held(const Executor *executor, const Op *op)
{
  return is_open(executor, op) && heed_why(executor->course->setup, op) != NULL;
}

static void hold(Executor *executor, const Op *op)
{
  const char *why = heed_why(executor->course->setup, op);
  book_settle(executor->course->book,
              &(Ending){.n = op->n, .stand = STAND_HELD, .detail = g_strdup(why)});
}

bool heed_parcel(Executor *executor, Parcel *parcel)
{
  bool any = false;
  for (size_t i = 0; executor->course->heeds && i < parcel->n_ops; i++)
    any |= is_held(executor, parcel->ops[i]);
  if (!any)
    return false;
  g_autoptr(GPtrArray) open = g_ptr_array_new();
  for (size_t i = 0; i < parcel->n_ops; i++)
    if (is_open(executor, parcel->ops[i]))
      g_ptr_array_add(open, (gpointer)parcel->ops[i]);
  flight_give_up(executor, parcel);
  Book *book = executor->course->book;
  for (guint i = 0; i < open->len; i++)
    if (is_held(executor, open->pdata[i]))
      hold(executor, open->pdata[i]);
  for (guint i = 0; i < open->len; i++) {
    const Op *op = open->pdata[i];
    if (book_stand(book, op->n) == STAND_WAITING && book->n_missing[op->n - 1] == 0)
      book_push(book, op->n);
  }
  return true;
}

void heed_parcels(Executor *executor, GPtrArray *parcels)
{
  for (guint i = 0; i < parcels->len;) {
    if (heed_parcel(executor, parcels->pdata[i]))
      g_ptr_array_remove_index(parcels, i);
    else
      i++;
  }
}

void heed_locals(Executor *executor, GArray *locals)
{
  for (guint i = 0; executor->course->heeds && i < locals->len;) {
    const Op *op = plan_op(executor->course->book->plan, g_array_index(locals, Ending, i).n);
    if (!is_held(executor, op)) {
      i++;
      continue;
    }
    hold(executor, op);
    g_array_remove_index(locals, i);
  }
}

// Last first, as wherever all that waits ends: each gets its own reason, and not that it waits for another.
static void hold_waiting(Executor *executor)
{
  const PlanSection *section = executor->section;
  for (size_t i = section->n_ops; i > 0; i--) {
    const Op *op = &section->ops[i - 1];
    if (book_stand(executor->course->book, op->n) == STAND_WAITING && is_held(executor, op))
      hold(executor, op);
  }
}

void heed_all(Executor *executor)
{
  executor->course->heeds = true;
  // Parcels first: what waits in none of them is all that is left.
  heed_parcels(executor, executor->later);
  for (guint n = executor->loaded->length; n > 0; n--) {
    Parcel *parcel = g_queue_pop_head(executor->loaded);
    if (!heed_parcel(executor, parcel))
      g_queue_push_tail(executor->loaded, parcel);
  }
  hold_waiting(executor);
}
