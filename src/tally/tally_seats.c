// SPDX-License-Identifier: GPL-3.0-or-later
//
// Seats of licences, day by day through a plan. What cannot be told is taken for a seat.
#include "tally_p.h"

typedef struct Step {
  Date day;
  bool
      last;  // of its day: what is deleted goes when all else is done, what is switched off goes first
  int64_t delta;
} Step;

static bool is_of_class(const TallyLicence *licence, const Op *op)
{
  size_t n = strlen(licence->klass);
  return strncmp(op->object, licence->klass, n) == 0 && op->object[n] == '/';
}

// Objects that the plan switches off.
static GHashTable *switched_off(const TallyCount *count)
{
  GHashTable *off = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < count->n_ops; i++)
    if (count->ops[i].kind == OP_DISABLE)
      g_hash_table_add(off, (gpointer)count->ops[i].object);
  return off;
}

static bool was_on(const TallySeen *seen, GHashTable *off, const Op *op)
{
  return op->stable_id && g_hash_table_contains(seen->on, op->stable_id) &&
         !g_hash_table_contains(off, op->object);
}

// By kind: what it adds where all that exists takes a seat, and where only what is on does.
static const struct {
  OpKind kind;
  int present, enabled;
} deltas[] = {{OP_CREATE, 1, 1}, {OP_ENABLE, 0, 1}, {OP_DISABLE, 0, -1}, {OP_DELETE, -1, -1}};

static int64_t delta_of(const TallyCount *count, const TallySeen *seen, GHashTable *off,
                        const Op *op)
{
  bool enabled_only = count->licence->enabled_only;
  if (enabled_only && ((op->kind == OP_CREATE && op_made_off(count->config, op)) ||
                       (op->kind == OP_DELETE && !was_on(seen, off, op))))
    return 0;
  for (size_t i = 0; i < G_N_ELEMENTS(deltas); i++)
    if (deltas[i].kind == op->kind)
      return enabled_only ? deltas[i].enabled : deltas[i].present;
  return 0;
}

static int by_day(const void *a, const void *b)
{
  const Step *x = a, *y = b;
  int order = (x->day > y->day) - (x->day < y->day);
  return order != 0 ? order : x->last - y->last;
}

static GArray *steps_of(const TallyCount *count, const TallySeen *seen)
{
  GArray *steps = g_array_new(false, false, sizeof(Step));
  g_autoptr(GHashTable) off = switched_off(count);
  for (size_t i = 0; i < count->n_ops; i++) {
    const Op *op = &count->ops[i];
    Step step = {count->today, op->kind == OP_DELETE,
                 is_of_class(count->licence, op) ? delta_of(count, seen, off, op) : 0};
    if (op->not_before != INSTANT_NONE)
      step.day = MAX(count->today, date_of_instant(op->not_before));
    if (step.delta != 0)
      g_array_append_val(steps, step);
  }
  g_array_sort(steps, by_day);
  return steps;
}

void tally_seats(const TallyCount *count, const TallySeen *seen, TallySeats *out)
{
  g_autoptr(GArray) steps = steps_of(count, seen);
  int64_t taken = out->used;
  out->licence = count->licence;
  out->planned = true;
  out->peak = taken;
  out->peak_day = DATE_NONE;
  for (guint i = 0; i < steps->len; i++) {
    const Step *step = &g_array_index(steps, Step, i);
    taken += step->delta;
    // Within a day those who are switched off make room for those who come.
    bool last = i + 1 == steps->len || by_day(step, step + 1) != 0;
    if (!last || taken <= out->peak)
      continue;
    out->peak = taken;
    out->peak_day = step->day;
  }
  out->net = taken - out->used;
  out->free = count->licence->seats - out->peak;
  out->lacking = MAX(out->peak + count->licence->reserve - count->licence->seats, 0);
}

bool tally_seats_tell(const TallySeats *seats, GString *out)
{
  const TallyLicence *licence = seats->licence;
  g_autoptr(GString) day = g_string_new(NULL);
  if (seats->lacking <= 0)
    return false;
  date_format(seats->peak_day, day);
  g_string_append_printf(
      out, _("%s has %" G_GINT64_FORMAT " seats in %s, and %" G_GINT64_FORMAT " are taken on %s"),
      licence->product, licence->seats, licence->target, seats->peak,
      day->len > 0 ? day->str : _("this day"));
  if (licence->reserve > 0)
    g_string_append_printf(out, _(", %" G_GINT64_FORMAT " are to be kept free"), licence->reserve);
  g_string_append_printf(
      out, _(": %" G_GINT64_FORMAT " too few. Buy more, or have accounts that nobody uses deleted"),
      seats->lacking);
  return true;
}

bool tally_licence_ends(const TallyLicence *licence, Date today, GString *out)
{
  g_autoptr(GString) day = g_string_new(NULL);
  if (licence->until == DATE_OPEN || licence->until - today > licence->warn_days)
    return false;
  date_format(licence->until, day);
  if (licence->until < today)
    g_string_append_printf(out, _("the contract for %s in %s ended %s"), licence->product,
                           licence->target, day->str);
  else
    g_string_append_printf(out, _("the contract for %s in %s ends %s, in %d days"),
                           licence->product, licence->target, day->str, licence->until - today);
  return true;
}
