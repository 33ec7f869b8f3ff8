// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

#define DAY_SECONDS 86400

// Of one run: what it sent to this target and has awaited for too long.
typedef struct Overdue {
  int64_t run, n;
  Instant since;  // of the oldest
} Overdue;

typedef struct Search {
  const Side *side;
  GArray *found;  // Overdue
} Search;

static bool take(const OpRow *op, Instant since, void *data)
{
  Search *search = data;
  const TargetConfig *config = search->side->target->config;
  Instant due = since + (Instant)config->receipt_days * DAY_SECONDS;
  if (strcmp(op->target, config->name) != 0 || due >= search->side->setup->now)
    return true;
  GArray *found = search->found;
  Overdue *last = found->len > 0 ? &g_array_index(found, Overdue, found->len - 1) : NULL;
  if (last == NULL || last->run != op->run) {
    Overdue fresh = {.run = op->run, .since = since};
    g_array_append_val(found, fresh);
    last = &g_array_index(found, Overdue, found->len - 1);
  }
  last->n++;
  last->since = MIN(last->since, since);
  return true;
}

// With the day and not how long ago it was, so that equal nights make equal plans.
static void note(Side *side, const Overdue *overdue)
{
  g_autofree char *run = g_strdup_printf("run %" G_GINT64_FORMAT, overdue->run);
  g_autoptr(GString) since = g_string_new(NULL);
  date_format(date_of_instant(overdue->since), since);
  g_autofree char *text = g_strdup_printf(
      ngettext("%" G_GINT64_FORMAT " operation of run %" G_GINT64_FORMAT
               ", sent %s, has no receipt yet. Look whether the product took it; if it does not "
               "tell by itself, `idou receipts settle` does",
               "%" G_GINT64_FORMAT " operations of run %" G_GINT64_FORMAT
               ", sent %s, have no receipt yet. Look whether the product took them; if it does not "
               "tell by itself, `idou receipts settle` does",
               (gulong)overdue->n),
      overdue->n, overdue->run, since->str);
  side_note(side, "receipt-overdue", run, "", text);
}

bool side_note_receipts(Side *side, GError **error)
{
  g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Overdue));
  Search search = {.side = side, .found = found};
  if (!store_receipts_each(side->setup->store, take, &search, error))
    return false;
  for (guint i = 0; i < found->len; i++)
    note(side, &g_array_index(found, Overdue, i));
  return true;
}
