// SPDX-License-Identifier: GPL-3.0-or-later
//
// Operations, and the cases that they belong to.
#include "tally_p.h"

#define UNDELETE "undelete"

static const char *const end_names[TALLY_N_ENDS] = {"done", "awaited", "held", "refused", "failed"};
static const char *const case_names[TALLY_N_CASES] = {"order",  "request",        "list",
                                                      "unlock", "reset-password", "desk"};
static const char *const gap_names[TALLY_N_GAPS] = {
    "before-first-run", "month-not-over", "run-without-end", "operations-missing",
    "runs-missing",     "clock-set-back", "without-case"};

const char *tally_end_name(TallyEnd end)
{
  return end_names[end];
}

const char *tally_case_name(TallyCase what)
{
  return case_names[what];
}

const char *tally_gap_name(TallyGap gap)
{
  return gap_names[gap];
}

// ---------------------------------------------------------------------------------------------

typedef struct Walk {
  Count *count;
  GHashTable *rows;     // "TARGET\nCLASS\nKIND\nDESK" -> TallyOps
  GHashTable *met;      // what it is about -> Met
  GHashTable *earlier;  // cases of which something was done before the month
  GHashTable *matters;  // cases of the month -> how many operations (int64_t)
  int64_t run;          // whose operations are being gone through
  int64_t n_here, highest;
  bool in_month;           // one of them is of the month
  int64_t unsigned_until;  // the last run that an earlier version began
  int64_t n_unsigned;
} Walk;

// How operations end, as the journal says it. Others changed nothing, or are still to come.
static const struct {
  const char *state;
  TallyEnd end;
} ends[] = {{"done", TALLY_DONE},       {"receipt", TALLY_AWAITED}, {"held", TALLY_HELD},
            {"refused", TALLY_REFUSED}, {"failed", TALLY_FAILED},   {"unknown", TALLY_FAILED}};

static bool end_of(const char *state, TallyEnd *end)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
    if (g_str_equal(ends[i].state, state)) {
      *end = ends[i].end;
      return true;
    }
  return false;
}

static TallyOps *row_of(Walk *walk, const OpRow *op, bool desk)
{
  const char *kind = desk && op->cause ? op->cause : op->kind;
  const char *slash = strchr(op->object, '/');
  g_autofree char *klass = slash ? g_strndup(op->object, (gsize)(slash - op->object)) : NULL;
  g_autofree char *key =
      g_strdup_printf("%s\n%s\n%s\n%d", op->target, klass ? klass : "", kind, desk);
  TallyOps *row = g_hash_table_lookup(walk->rows, key);
  if (row)
    return row;
  row = g_new0(TallyOps, 1);
  *row = (TallyOps){.target = count_keep(walk->count, op->target),
                    .klass = count_keep(walk->count, klass),
                    .kind = count_keep(walk->count, kind),
                    .desk = desk};
  g_hash_table_insert(walk->rows, g_steal_pointer(&key), row);
  return row;
}

// Of what is met again each night: where it is counted, and by the operation of which run.
typedef struct Met {
  int64_t *n;
  int64_t run;
} Met;

// What is held or refused each night is one thing to look at, which stands as it was met last in the month; what was
// done by a later run is none any more. In one run an entry may have several operations of a kind.
static void count_end(Walk *walk, const OpRow *op, TallyEnd end, bool desk)
{
  g_autofree char *key =
      g_strdup_printf("%s\n%s\n%s\n%u", op->target, op->object, op->kind, op->person);
  const Met now = {&row_of(walk, op, desk)->n[end], op->run};
  const Met *before = g_hash_table_lookup(walk->met, key);
  bool over = end == TALLY_DONE || end == TALLY_AWAITED;
  bool again = before && before->run == op->run;
  if (again && before->n == now.n)
    return;
  if (before && !again)
    (*before->n)--;
  (*now.n)++;
  if (!over)
    g_hash_table_insert(walk->met, g_steal_pointer(&key), g_memdup2(&now, sizeof now));
  else if (!again)
    g_hash_table_remove(walk->met, key);
}

static void add_matter(const Walk *walk, const char *matter)
{
  int64_t *n = g_hash_table_lookup(walk->matters, matter);
  if (!n) {
    n = g_new0(int64_t, 1);
    g_hash_table_insert(walk->matters, g_strdup(matter), n);
  }
  (*n)++;
}

// Each call at the desk is one, whatever it took.
static char *matter_of(const OpRow *op, bool desk)
{
  if (!desk)
    return g_strdup(op->matter);
  const char *what = op->cause ? op->cause : "desk";
  return op->person != 0
             ? g_strdup_printf("\n%s\n%" G_GINT64_FORMAT "\n%u", what, op->run, op->person)
             : g_strdup_printf("\n%s\n%" G_GINT64_FORMAT "\n%s", what, op->run, op->object);
}

static void count_op(Walk *walk, const OpRow *op, Instant changed, bool desk)
{
  TallyEnd end;
  if (!end_of(op->state, &end))
    return;
  g_autofree char *matter = matter_of(op, desk);
  if (changed < walk->count->from) {
    if (end == TALLY_DONE && matter)
      g_hash_table_add(walk->earlier, g_steal_pointer(&matter));
    return;
  }
  count_end(walk, op, end, desk);
  if (end == TALLY_DONE && matter)
    add_matter(walk, matter);
  walk->n_unsigned += end == TALLY_DONE && !matter && op->run <= walk->unsigned_until;
}

// ---------------------------------------------------------------------------------------------
// Numbers that are missing. Of a run that came to its end every operation is there.

static void end_run(Walk *walk)
{
  const RunSeen *run = g_hash_table_lookup(walk->count->runs, &walk->run);
  if (walk->in_month && run && run->over && walk->highest > walk->n_here)
    count_hole(walk->count, TALLY_NO_OPS, walk->run,
               _("of run %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                 " operations are not in the journal"),
               walk->run, walk->highest - walk->n_here, walk->highest);
  walk->n_here = walk->highest = 0;
  walk->in_month = false;
}

static bool take_op(const OpRow *op, Instant changed, void *data)
{
  Walk *walk = data;
  if (op->run != walk->run) {
    end_run(walk);
    walk->run = op->run;
  }
  walk->n_here++;
  walk->highest = MAX(walk->highest, (int64_t)op->n);
  walk->in_month |= count_within(walk->count, changed);
  const RunSeen *run = g_hash_table_lookup(walk->count->runs, &op->run);
  if (changed < walk->count->until)
    count_op(walk, op, changed, run && run->desk);
  return true;
}

// ---------------------------------------------------------------------------------------------
// What a case is.

static TallyCase case_of_order(const char *kind)
{
  return g_str_has_prefix(kind, "request") ? TALLY_REQUEST : TALLY_ORDER;
}

static TallyCase case_of(const Walk *walk, const char *matter)
{
  if (*matter == '\n') {
    for (TallyCase what = TALLY_UNLOCK; what < TALLY_DESK; what++)
      if (g_str_has_prefix(matter + 1, case_names[what]) &&
          matter[1 + strlen(case_names[what])] == '\n')
        return what;
    return TALLY_DESK;
  }
  const char *slash = strchr(matter, '/');
  if (!slash)
    return TALLY_LIST;
  OrderRow order;
  g_autofree char *space = g_strndup(matter, (gsize)(slash - matter));
  // Where there is no ledger of HR's, nothing more is known of it.
  return store_order_find(walk->count->store, space, slash + 1, &order) ? case_of_order(order.kind)
                                                                        : TALLY_ORDER;
}

static void count_cases(Walk *walk)
{
  GHashTableIter iter;
  gpointer matter, n;
  g_hash_table_iter_init(&iter, walk->matters);
  while (g_hash_table_iter_next(&iter, &matter, &n)) {
    TallyCases *cases = &walk->count->out->cases[case_of(walk, matter)];
    cases->n_ops += *(int64_t *)n;
    cases->done += !g_hash_table_contains(walk->earlier, matter);
  }
}

static bool take_order(const OrderRow *order, void *data)
{
  Count *count = data;
  count->out->cases[case_of_order(order->kind)].came++;
  return true;
}

// What comes to the desk is done at once, or refused.
static void desk_came(TallyMonth *out)
{
  for (TallyCase what = TALLY_UNLOCK; what < TALLY_N_CASES; what++)
    out->cases[what].came = out->cases[what].done;
}

// ---------------------------------------------------------------------------------------------

static int compare_rows(const void *a, const void *b)
{
  const TallyOps *x = a, *y = b;
  int order = strcmp(x->target, y->target);
  order = order != 0 ? order : x->desk - y->desk;
  order = order != 0 ? order : strcmp(x->klass, y->klass);
  return order != 0 ? order : strcmp(x->kind, y->kind);
}

static bool is_nothing(const TallyOps *row)
{
  int64_t n = 0;
  for (TallyEnd end = 0; end < TALLY_N_ENDS; end++)
    n += row->n[end];
  return n == 0;
}

static void collect(const Walk *walk)
{
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init(&iter, walk->rows);
  while (g_hash_table_iter_next(&iter, NULL, &row))
    if (!is_nothing(row))
      g_array_append_vals(walk->count->out->ops, row, 1);
  g_array_sort(walk->count->out->ops, compare_rows);
}

static int64_t unsigned_until(Store *store)
{
  const char *run = store_cursor_get(store, "journal", "without-case");
  return run ? g_ascii_strtoll(run, NULL, 10) : 0;
}

bool count_ops(Count *count, GError **error)
{
  g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) met = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) earlier = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) matters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  Walk walk = {.count = count,
               .rows = rows,
               .met = met,
               .earlier = earlier,
               .matters = matters,
               .unsigned_until = unsigned_until(count->store)};
  // What an embargo hides has not come yet.
  Instant known = store_known_by(count->store, count->out->now);
  // Also later ones: a run that went on after midnight lacks nothing.
  if (!store_ops_until(count->store, INSTANT_OPEN, take_op, &walk, error) ||
      !store_orders_came(count->store, count->from, MIN(count->until, known + 1), take_order, count,
                         error))
    return false;
  end_run(&walk);
  count_cases(&walk);
  desk_came(count->out);
  collect(&walk);
  if (walk.n_unsigned > 0)
    count_hole(count, TALLY_UNSIGNED, 0,
               _("%" G_GINT64_FORMAT
                 " operations were journalled by an earlier version, and belong to no case"),
               walk.n_unsigned);
  return true;
}
