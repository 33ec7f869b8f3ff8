// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who is stopped gets nothing new as long as that stands: what the guard would hold each night is not planned. What they
// have is the restrictions' matter.
#include "planner/planner_p.h"

// What is not planned of one person here.
typedef struct Withheld {
  uint32_t person;
  const HoldRow *stop;
  const char *object, *label;  // of the first
  size_t n[OP_N_KINDS];
} Withheld;

static const HoldRow *stop_then(const Side *side, uint32_t person, Instant not_before)
{
  const Holds *stops = side->setup->stops;
  return stops != NULL && person != 0
             ? store_stop_then(stops, person, MAX(side->setup->now, not_before))
             : NULL;
}

static Withheld *withheld_of(Side *side, uint32_t person)
{
  if (side->withheld == NULL)
    side->withheld = g_array_new(FALSE, TRUE, sizeof(Withheld));
  for (guint i = 0; i < side->withheld->len; i++)
    if (g_array_index(side->withheld, Withheld, i).person == person)
      return &g_array_index(side->withheld, Withheld, i);
  g_array_append_val(side->withheld, (Withheld){.person = person});
  return &g_array_index(side->withheld, Withheld, side->withheld->len - 1);
}

static void note(Side *side, const Op *op, const HoldRow *stop)
{
  Withheld *withheld = withheld_of(side, op->person);
  withheld->n[op->kind]++;
  if (withheld->stop != NULL)
    return;
  withheld->stop = stop;
  withheld->object = op->member != NULL ? op->member : op->object;
  withheld->label = op->label;
}

bool side_withholds(Side *side, const Op *op)
{
  if (side->setup->stops == NULL || !op_grants(side->target->config, op))
    return false;
  const HoldRow *stop = stop_then(side, op->person, op->not_before);
  if (stop != NULL)
    note(side, op, stop);
  return stop != NULL;
}

// When it would be made.
static Instant made_at(Side *side, uint32_t index)
{
  uint32_t today = side->later ? side_today_entry(side, index) : ENTRY_NONE;
  bool early =
      today != ENTRY_NONE && table_at(side->today_table, today)->presence == PRESENCE_PRESENT;
  return side->later && !early ? side_day(side) : INSTANT_NONE;
}

void side_withhold_missing(Side *side)
{
  bool switches = side->target->config->disable_attribute != NULL;
  for (uint32_t i = 0; side->setup->stops != NULL && i < table_count(side->table); i++) {
    if (!side_is_missing(side, i) || !side_is_planned(side, i))
      continue;
    const Klass *klass = side_klass(side, i);
    bool made_off = switches && table_at(side->table, i)->enabled == ENABLED_NO &&
                    klass->subject != FOR_ASSIGNMENT;
    uint32_t person = side->desired->type->person(side->desired, i);
    const HoldRow *stop = made_off ? NULL : stop_then(side, person, made_at(side, i));
    if (stop == NULL)
      continue;
    side->flags[i] |= WITHHELD;
    note(side,
         &(Op){.kind = OP_CREATE,
               .object = side_object(side, i),
               .label = side_label(side, i),
               .person = person},
         stop);
  }
}

static char *counts_of(const Withheld *withheld)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t i = 0; i < OP_N_KINDS; i++)
    if (withheld->n[i] > 0)
      g_string_append_printf(text, "%s%zu %s", text->len > 0 ? ", " : "", withheld->n[i],
                             op_traits((OpKind)i)->name);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

void side_tell_withheld(Side *side)
{
  for (guint i = 0; side->withheld != NULL && i < side->withheld->len; i++) {
    const Withheld *withheld = &g_array_index(side->withheld, Withheld, i);
    g_autofree char *counts = counts_of(withheld);
    // Its reason is for those who must know it.
    g_autofree char *text = g_strdup_printf(
        _("stopped (stop %" G_GINT64_FORMAT "); ask %s: not planned as long as that stands: %s"),
        withheld->stop->id, withheld->stop->who, counts);
    side_note(side, "stopped", withheld->object, withheld->label, text);
  }
}
