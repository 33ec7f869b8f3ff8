// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

// ---------------------------------------------------------------------------------------------
// Runs.

static void free_done(void *data)
{
  Done *done = data;
  if (!done)
    return;
  g_free(done->before);
  g_free(done->target);
  g_free(done->object);
  g_free(done->member);
  g_free(done);
}

static void free_run(void *data)
{
  PickRun *run = data;
  g_free(run->digest);
  g_free(run->path);
  g_hash_table_unref(run->places);
  plan_free(run->plan);
  g_ptr_array_unref(run->rows);
  g_free(run);
}

static bool is_due(const char *state)
{
  static const char *const due[] = {"running", "scheduled", "interrupted", "held", NULL};
  return g_strv_contains(due, state);
}

// A plan that was changed since tells nothing of what was done.
static Plan *plan_of(const PickRun *run)
{
  g_autoptr(Plan) plan = *run->path != '\0' ? plan_read(run->path, NULL) : NULL;
  return plan && g_str_equal(plan_digest(plan), run->digest) ? g_steal_pointer(&plan) : NULL;
}

static PickRun *run_new(const RunRow *row)
{
  PickRun *run = g_new0(PickRun, 1);
  run->id = row->id;
  run->digest = g_strdup(row->digest);
  run->started = row->started;
  run->path = g_strdup(row->plan_path);
  run->due = is_due(row->state);
  run->rows = g_ptr_array_new_with_free_func(free_done);
  run->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return run;
}

static Done *done_at(PickRun *run, uint32_t n)
{
  if (run->rows->len < n)
    g_ptr_array_set_size(run->rows, (gint)n);
  if (!run->rows->pdata[n - 1]) {
    Done *done = g_new0(Done, 1);
    *done = (Done){.run = run, .n = n};
    run->rows->pdata[n - 1] = done;
  }
  return run->rows->pdata[n - 1];
}

// What was sent without an answer may have been done: what is there tells.
static bool is_effective(const char *state)
{
  static const char *const states[] = {"done", "receipt", "sent", "unknown", NULL};
  return g_strv_contains(states, state);
}

static bool is_rest(const char *state)
{
  static const char *const states[] = {"pending", "sent",    "unknown", "scheduled",
                                       "held",    "blocked", "failed",  NULL};
  return g_strv_contains(states, state);
}

static bool take_row(const OpRow *row, void *data)
{
  PickRun *run = data;
  OpKind kind;
  // What the desk brought back is no kind of a plan's; that it is there, the target says.
  if (row->n == 0 || !op_kind_of(row->kind, &kind))
    return true;
  Done *done = done_at(run, row->n);
  done->kind = kind;
  done->before = g_strdup(row->before);
  done->target = g_strdup(row->target);
  done->object = g_strdup(row->object);
  done->effective = is_effective(row->state);
  done->rest = run->due && is_rest(row->state);
  done->undo = g_strcmp0(row->cause, UNDO_CAUSE) == 0;
  return true;
}

static void take_op(PickRun *run, const Op *op)
{
  bool known = run->rows->len >= op->n && run->rows->pdata[op->n - 1];
  Done *done = done_at(run, op->n);
  done->op = op;
  done->kind = op->kind;
  done->member = g_strdup(op->member);
  if (known)
    return;
  done->target = g_strdup(op->target);
  done->object = g_strdup(op->object);
  done->rest = run->due;
}

static void index_places(PickRun *run)
{
  for (size_t s = 0; run->plan && s < plan_n_sections(run->plan); s++) {
    const PlanSection *section = plan_section(run->plan, s);
    for (size_t i = 0; i < section->n_places; i++) {
      const Placed *placed = &section->places[i];
      g_hash_table_insert(run->places, g_strjoin("\n", section->target, placed->object, NULL),
                          (void *)placed);
    }
  }
}

static bool read_run(UndoPick *pick, PickRun *run, GError **error)
{
  if (run->is_read)
    return true;
  run->is_read = true;
  run->plan = plan_of(run);
  index_places(run);
  if (!store_ops_each(pick->store, run->id, take_row, run, error))
    return false;
  for (uint32_t n = 1; run->plan && n <= plan_n_ops(run->plan); n++)
    take_op(run, plan_op(run->plan, n));
  for (guint i = 0; i < run->rows->len; i++) {
    Done *done = run->rows->pdata[i];
    if (!done || done->op)
      continue;
    done->poor = true;
    done->op = told_op(pick, done);
    done->member = g_strdup(done->op->member);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Which runs.

static bool has_person(const UndoChoice *choice, uint32_t person)
{
  for (size_t i = 0; i < choice->n_people; i++)
    if (choice->people[i] == person)
      return true;
  return choice->n_people == 0;
}

static bool is_meant(const UndoChoice *choice, const RunRow *row)
{
  if (choice->run != 0)
    return row->id == choice->run;
  return !row->desk && (choice->since == INSTANT_NONE || row->started >= choice->since);
}

// Newest first.
static bool take_run(const RunRow *row, void *data)
{
  UndoPick *pick = data;
  PickRun *run = run_new(row);
  g_ptr_array_insert(is_meant(pick->choice, row) ? pick->runs : pick->later, 0, run);
  return true;
}

static bool check_run(const UndoPick *pick, GError **error)
{
  RunRow row;
  int64_t run = pick->choice->run;
  if (run == 0)
    return true;
  bool known = store_run_get(pick->store, run, &row);
  if (known && !row.desk)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              known ? _("run %" G_GINT64_FORMAT
                        " was the service desk's: what it unlocked, gave a new password "
                        "or brought back stays so, and whom it stopped `idou release` lets go")
                    : _("the journal knows no run %" G_GINT64_FORMAT),
              run);
  return false;
}

// Those that did not concern anybody of the people are no runs to be undone.
static bool concerns_people(const PickRun *run, const UndoChoice *choice)
{
  for (guint i = 0; i < run->rows->len; i++) {
    const Done *done = run->rows->pdata[i];
    if (done && done->effective && has_person(choice, done->op->person))
      return true;
  }
  return false;
}

// Of several runs only those that matter; without a moment only the last of these.
static bool read_meant(UndoPick *pick, GError **error)
{
  const UndoChoice *choice = pick->choice;
  bool found = false;
  for (guint i = 0; i < pick->runs->len;) {
    PickRun *run = pick->runs->pdata[i];
    bool asked = choice->run != 0 || choice->since != INSTANT_NONE || !found;
    if (asked && !read_run(pick, run, error))
      return false;
    bool meant = choice->run != 0 || (asked && concerns_people(run, choice));
    found |= meant;
    if (meant) {
      i++;
      continue;
    }
    g_ptr_array_steal_index(pick->runs, i);
    g_ptr_array_add(pick->later, run);
  }
  return true;
}

static bool check_plans(const UndoPick *pick, GError **error)
{
  for (guint i = 0; i < pick->runs->len; i++) {
    const PickRun *run = pick->runs->pdata[i];
    const char *segment = run->plan ? plan_head(run->plan)->bundle.segment : NULL;
    if (!segment)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("run %" G_GINT64_FORMAT
                  " carried out a bundle for segment %s, and the next one would do it "
                  "again: undo it where bundles are made, then make a new bundle"),
                run->id, segment);
    return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Which operations.

// What was built on a chosen one goes back with it; what it was built on stays with one that is left out. So it is the other
// way round than in apply.
static bool choose_ops(const UndoPick *pick, const PickRun *run, GByteArray **only,
                       GByteArray **except, GError **error)
{
  const UndoChoice *choice = pick->choice;
  if (!choice->only && !choice->except)
    return true;
  if (!run->plan) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the plan of run %" G_GINT64_FORMAT
                  " is gone, so its operations cannot be chosen by number"),
                run->id);
    return false;
  }
  return (!choice->only || plan_choose(run->plan, NULL, choice->only, only, error)) &&
         (!choice->except || plan_choose(run->plan, choice->except, NULL, except, error));
}

static void add_target(UndoPick *pick, const char *target)
{
  if (!g_ptr_array_find_with_equal_func(pick->targets, target, g_str_equal, NULL))
    g_ptr_array_add(pick->targets, g_string_chunk_insert_const(pick->texts, target));
}

static void pick_op(UndoPick *pick, Done *done)
{
  done->picked = true;
  add_target(pick, done->target);
  if (done->effective)
    g_ptr_array_add(pick->done, done);
  if (done->rest)
    g_ptr_array_add(pick->rest, done);
}

static bool pick_run(UndoPick *pick, const PickRun *run, GError **error)
{
  const UndoChoice *choice = pick->choice;
  g_autoptr(GByteArray) only = NULL, except = NULL;
  if (!choose_ops(pick, run, &only, &except, error))
    return false;
  for (guint i = run->rows->len; i > 0; i--) {
    Done *done = run->rows->pdata[i - 1];
    if (!done || !(done->effective || done->rest) || !has_person(choice, done->op->person) ||
        (choice->target && !g_str_equal(done->target, choice->target)) ||
        (only && only->data[i - 1]) || (except && except->data[i - 1]))
      continue;
    pick_op(pick, done);
  }
  return true;
}

static void index_run(UndoPick *pick, const PickRun *run)
{
  for (guint i = 0; i < run->rows->len; i++) {
    Done *done = run->rows->pdata[i];
    if (!done || !done->effective)
      continue;
    const char *const objects[] = {done->object, done->member};
    for (size_t k = 0; k < G_N_ELEMENTS(objects) && objects[k]; k++) {
      char *key = g_strjoin("\n", done->target, objects[k], NULL);
      GPtrArray *list = g_hash_table_lookup(pick->after, key);
      if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(pick->after, g_strdup(key), list);
      }
      g_ptr_array_add(list, done);
      g_free(key);
    }
  }
}

static int64_t oldest(const UndoPick *pick)
{
  const PickRun *last = pick->runs->len > 0 ? pick->runs->pdata[pick->runs->len - 1] : NULL;
  return last ? last->id : INT64_MAX;
}

static bool gather(UndoPick *pick, GError **error)
{
  if (!check_run(pick, error) || !store_runs_ever(pick->store, take_run, pick, error) ||
      !read_meant(pick, error) || !check_plans(pick, error))
    return false;
  for (guint i = 0; i < pick->later->len; i++) {
    PickRun *run = pick->later->pdata[i];
    if (run->id > oldest(pick) && !read_run(pick, run, error))
      return false;
  }
  for (guint i = 0; i < pick->runs->len; i++) {
    index_run(pick, pick->runs->pdata[i]);
    if (!pick_run(pick, pick->runs->pdata[i], error))
      return false;
  }
  for (guint i = 0; i < pick->later->len; i++)
    index_run(pick, pick->later->pdata[i]);
  return store_check(pick->store, error);
}

UndoPick *undo_pick(Store *store, const UndoChoice *choice, GError **error)
{
  g_autoptr(UndoPick) pick = g_new0(UndoPick, 1);
  pick->store = store;
  pick->choice = choice;
  pick->runs = g_ptr_array_new_with_free_func(free_run);
  pick->later = g_ptr_array_new_with_free_func(free_run);
  pick->done = g_ptr_array_new();
  pick->rest = g_ptr_array_new();
  pick->targets = g_ptr_array_new();
  pick->after =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  pick->texts = g_string_chunk_new(4096);
  pick->owned = g_ptr_array_new_with_free_func(g_free);
  return gather(pick, error) ? g_steal_pointer(&pick) : NULL;
}

void undo_pick_free(UndoPick *pick)
{
  if (!pick)
    return;
  g_ptr_array_unref(pick->runs);
  g_ptr_array_unref(pick->later);
  g_ptr_array_unref(pick->done);
  g_ptr_array_unref(pick->rest);
  g_ptr_array_unref(pick->targets);
  g_hash_table_unref(pick->after);
  g_string_chunk_free(pick->texts);
  g_ptr_array_unref(pick->owned);
  g_free(pick);
}

bool undo_pick_concerns(const UndoPick *pick, const char *target)
{
  return g_ptr_array_find_with_equal_func(pick->targets, target, g_str_equal, NULL);
}

Date undo_pick_day(const UndoPick *pick)
{
  Date latest = DATE_NONE;
  for (guint i = 0; i < pick->runs->len; i++) {
    const PickRun *run = pick->runs->pdata[i];
    if (run->plan && (latest == DATE_NONE || plan_head(run->plan)->as_of > latest))
      latest = plan_head(run->plan)->as_of;
  }
  return latest;
}

void undo_pick_runs(const UndoPick *pick, GString *out)
{
  for (guint i = pick->runs->len; i > 0; i--) {
    const PickRun *run = pick->runs->pdata[i - 1];
    g_string_append_printf(out, "%s%" G_GINT64_FORMAT, i < pick->runs->len ? " " : "", run->id);
  }
}
