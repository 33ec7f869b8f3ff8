// SPDX-License-Identifier: GPL-3.0-or-later
#include "undo_p.h"

#include <stdlib.h>

typedef struct Making {
  const UndoSetup *setup;
  UndoCounts *counts;
  Plan *plan;
  Holding *holds;
  GHashTable *handles;  // handle -> section + 1
  size_t n_read;        // sections that could be read
  GError *unread;       // the first reason
} Making;

// ---------------------------------------------------------------------------------------------
// Words.

static void note(Making *making, size_t section, const Done *done, const char *text)
{
  const Op *op = done->op;
  g_autofree char *what = g_strdup_printf(
      "%" G_GINT64_FORMAT "-%u %s %s%s%s", done->run->id, done->n, op_traits(done->kind)->name,
      done->object, done->member ? " " : "", done->member ? done->member : "");
  bool partial = done->verdict == VERDICT_PARTIAL;
  plan_add_note(making->plan, section,
                &(PlanNote){.code = partial ? UNDO_PARTIAL : UNDO_IMPOSSIBLE,
                            .target = done->target,
                            .object = what,
                            .label = op->label,
                            .text = text});
}

static void count(Making *making, const Done *done)
{
  UndoCounts *counts = making->counts;
  int64_t *const of[VERDICT_N] = {[VERDICT_EXACT] = &counts->exact,
                                  [VERDICT_PARTIAL] = &counts->partial,
                                  [VERDICT_IMPOSSIBLE] = &counts->impossible,
                                  [VERDICT_BACK] = &counts->back};
  if (of[done->verdict])
    (*of[done->verdict])++;
}

// ---------------------------------------------------------------------------------------------
// Order.

static Done *done_of(const Done *done, uint32_t n)
{
  const GPtrArray *rows = done->run->rows;
  return n <= rows->len ? rows->pdata[n - 1] : NULL;
}

static void link_ops(Making *making, uint32_t op, uint32_t earlier)
{
  size_t of_op = GPOINTER_TO_SIZE(g_hash_table_lookup(making->handles, GUINT_TO_POINTER(op)));
  size_t of_earlier =
      GPOINTER_TO_SIZE(g_hash_table_lookup(making->handles, GUINT_TO_POINTER(earlier)));
  if (op && earlier && of_earlier <= of_op)
    plan_add_after(making->plan, op, earlier);
}

// What waited is taken back first. But what comes of a restriction waits for the ledger, whichever way it goes.
static void link_back(Making *making, const Done *done)
{
  for (size_t i = 0; i < done->op->n_after; i++) {
    const Done *earlier = done_of(done, done->op->after[i]);
    if (!earlier || !earlier->picked)
      continue;
    bool ledger = earlier->kind == OP_RESTRICT || earlier->kind == OP_LIFT;
    link_ops(making, ledger ? done->handle : earlier->handle,
             ledger ? earlier->handle : done->handle);
  }
}

// ---------------------------------------------------------------------------------------------
// One target.

static bool is_of(const Done *done, const char *target)
{
  return g_str_equal(done->target, target);
}

static bool judge_one(Making *making, Picture *picture, Done *done, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func(g_free);
  Judge judge = {making->setup, picture, making->plan, done, text, scratch, error};
  if (!judge_done(&judge))
    return false;
  if (done->verdict == VERDICT_PARTIAL || done->verdict == VERDICT_IMPOSSIBLE)
    note(making, picture->section, done, text->str);
  if (done->handle == 0)
    return true;
  gpointer section = GSIZE_TO_POINTER(picture->section + 1);
  g_hash_table_insert(making->handles, GUINT_TO_POINTER(done->handle), section);
  uint32_t hold = holding_of(making->holds, picture->section, done);
  if (hold)
    plan_add_after(making->plan, done->handle, hold);
  return true;
}

static bool judge_all(Making *making, Picture *picture, GError **error)
{
  const GPtrArray *list = making->setup->pick->done;
  for (guint i = 0; i < list->len; i++)
    if (is_of(list->pdata[i], picture->target->config->name) &&
        !judge_one(making, picture, list->pdata[i], error))
      return false;
  return true;
}

static bool read_side(Making *making, Picture *picture, GString *fingerprint, GError **error)
{
  const GPtrArray *list = making->setup->pick->done;
  for (guint i = 0; i < list->len; i++)
    if (is_of(list->pdata[i], picture->target->config->name))
      picture_want(picture, list->pdata[i]);
  return reader_fingerprint(picture->target->reader, fingerprint, error) &&
         picture_read(picture, error);
}

// How many of ours there are, little of the target having been read: as of the last whole run.
static int64_t population(const Making *making, const char *target)
{
  const char *text = store_cursor_get(making->setup->store, target, "n_read");
  return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static void describe(Making *making, const Picture *picture, const char *fingerprint)
{
  const char *target = picture->target->config->name;
  plan_describe_section(making->plan, picture->section,
                        &(PlanSection){.target = target,
                                       .fingerprint = fingerprint,
                                       .base = picture->target->config->base,
                                       .n_read = (int64_t)picture->n_read,
                                       .n_ours = (int64_t)picture->n_read,
                                       .n_desired = population(making, target)});
}

static void abandon(Making *making, const char *target, size_t section, const char *why)
{
  const GPtrArray *list = making->setup->pick->done;
  for (guint i = 0; i < list->len; i++) {
    Done *done = list->pdata[i];
    if (!is_of(done, target))
      continue;
    done->verdict = VERDICT_NONE;
    done->handle = 0;
  }
  holding_forget(making->holds, section);
  plan_abandon_section(making->plan, section, why);
}

// ---------------------------------------------------------------------------------------------
// What is not done yet.

typedef struct Rest {
  GPtrArray *texts;  // char *
  GArray *values;    // OpValue
  GArray *holds;     // uint32_t
} Rest;

static void add_rest(Making *making, size_t section, const Done *done, Rest *rest)
{
  char *text = g_strdup_printf("%u %s %s", done->n, op_traits(done->kind)->name, done->object);
  OpValue value = {VALUE_TEXT, text, strlen(text)};
  uint32_t hold = holding_of(making->holds, section, done);
  g_ptr_array_add(rest->texts, text);
  g_array_append_val(rest->values, value);
  if (hold)
    g_array_append_val(rest->holds, hold);
  making->counts->withdrawn += !done->effective;
}

// Nothing of the runs is left once this is done.
static bool is_whole(const UndoSetup *setup)
{
  const UndoChoice *choice = setup->pick->choice;
  bool whole = !choice->only && !choice->except && !choice->target && choice->n_people == 0;
  for (size_t i = 0; whole && i < setup->n_targets; i++)
    whole = setup->targets[i].reader != NULL;
  return whole;
}

static uint32_t add_withdrawing(Making *making, size_t section, const PickRun *run,
                                const Rest *rest)
{
  bool ends = is_whole(making->setup);
  g_autofree char *object = g_strdup_printf("run/%" G_GINT64_FORMAT, run->id);
  g_autofree char *reason =
      g_strdup_printf(_("withdrawn by an undo of run %" G_GINT64_FORMAT), run->id);
  const OpValue why = {VALUE_TEXT, reason, strlen(reason)}, yes = {VALUE_TEXT, "1", 1};
  const OpChange changes[] = {{.attribute = "operation",
                               .new_values = (const OpValue *)(const void *)rest->values->data,
                               .n_new = rest->values->len},
                              {.attribute = "reason", .new_values = &why, .n_new = 1},
                              {.attribute = "ends", .new_values = &yes, .n_new = 1}};
  const Op op = {.kind = OP_WITHDRAW,
                 .object = object,
                 .changes = changes,
                 .n_changes = ends ? 3 : 2,
                 .not_before = INSTANT_NONE,
                 .why = reason,
                 .cause = UNDO_CAUSE};
  return plan_add_op(making->plan, section, &op);
}

static void withdraw(Making *making, size_t section, const PickRun *run, const char *target)
{
  const GPtrArray *list = making->setup->pick->rest;
  Rest rest = {g_ptr_array_new_with_free_func(g_free), g_array_new(false, false, sizeof(OpValue)),
               g_array_new(false, false, sizeof(uint32_t))};
  for (guint i = list->len; i > 0; i--) {
    const Done *done = list->pdata[i - 1];
    if (done->run == run && is_of(done, target))
      add_rest(making, section, done, &rest);
  }
  if (rest.values->len > 0) {
    uint32_t op = add_withdrawing(making, section, run, &rest);
    for (guint i = 0; i < rest.holds->len; i++)
      plan_add_after(making->plan, op, g_array_index(rest.holds, uint32_t, i));
  }
  g_ptr_array_unref(rest.texts);
  g_array_unref(rest.values);
  g_array_unref(rest.holds);
}

static void withdraw_all(Making *making, size_t section, const char *target)
{
  const GPtrArray *runs = making->setup->pick->runs;
  for (guint i = 0; i < runs->len; i++)
    withdraw(making, section, runs->pdata[i], target);
}

// ---------------------------------------------------------------------------------------------

static bool work_on(Making *making, const PlannerTarget *target, GError **error)
{
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(GError) fault = NULL;
  const char *name = target->config->name;
  Picture picture;
  picture_init(&picture, making->setup, target);
  picture.section = plan_n_sections(making->plan);
  plan_add_section(making->plan, name);
  if (!target->reader)
    g_set_error_literal(&fault, IDOU_ERROR, EXIT_UNREAD, target->unread ? target->unread : "");
  bool read = target->reader && read_side(making, &picture, fingerprint, &fault) &&
              judge_all(making, &picture, &fault);
  if (read) {
    withdraw_all(making, picture.section, name);
    picture_places(&picture, making->plan);
    describe(making, &picture, fingerprint->str);
    making->n_read++;
  }
  picture_clear(&picture);
  if (read)
    return true;
  if (!g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  abandon(making, name, plan_n_sections(making->plan) - 1, fault->message);
  if (!making->unread)
    making->unread = g_steal_pointer(&fault);
  return true;
}

static const PlannerTarget *target_of(const UndoSetup *setup, const char *name)
{
  for (size_t i = 0; i < setup->n_targets; i++)
    if (g_str_equal(setup->targets[i].config->name, name))
      return &setup->targets[i];
  return NULL;
}

static bool work(Making *making, GError **error)
{
  const UndoPick *pick = making->setup->pick;
  for (guint i = 0; i < pick->targets->len; i++) {
    const PlannerTarget *target = target_of(making->setup, pick->targets->pdata[i]);
    if (target && !work_on(making, target, error))
      return false;
  }
  for (guint i = 0; i < pick->done->len; i++) {
    Done *done = pick->done->pdata[i];
    if (!target_of(making->setup, done->target)) {
      done->verdict = VERDICT_IMPOSSIBLE;
      if (plan_n_sections(making->plan) > 0)
        note(making, 0, done, _("the site file knows no such target any more"));
    }
    if (done->handle)
      link_back(making, done);
    count(making, done);
  }
  bool none = pick->targets->len > 0 && making->n_read == 0 && making->unread != NULL;
  if (none)
    g_propagate_error(error, g_steal_pointer(&making->unread));
  return !none && store_check(making->setup->store, error);
}

Plan *undo_make(const UndoSetup *setup, UndoCounts *counts, GError **error)
{
  // As of a plan of restrictions little of the targets is read: populations are neither compared nor remembered.
  // Its moment makes each plan one of its own: what is undone again is another.
  const PlanHead head = {.as_of = setup->as_of,
                         .known_at = instant_now(),
                         .program = "idou " IDOU_VERSION,
                         .restricted = true};
  g_autoptr(Plan) plan = plan_new(&head);
  *counts = (UndoCounts){0};
  Making making = {.setup = setup,
                   .counts = counts,
                   .plan = plan,
                   .holds = holding_new(setup, plan),
                   .handles = g_hash_table_new(NULL, NULL)};
  bool fine = work(&making, error) && plan_seal(plan, error);
  holding_free(making.holds);
  g_hash_table_unref(making.handles);
  g_clear_error(&making.unread);
  return fine ? g_steal_pointer(&plan) : NULL;
}

bool undo_counts(const Plan *plan, UndoCounts *out)
{
  int64_t n = 0;
  *out = (UndoCounts){0};
  for (size_t s = 0; s < plan_n_sections(plan); s++) {
    const PlanSection *section = plan_section(plan, s);
    for (size_t i = 0; i < section->n_ops; i++) {
      const Op *op = &section->ops[i];
      if (op->kind == OP_WITHDRAW)
        out->withdrawn += (int64_t)op->changes[0].n_new;
      n += g_strcmp0(op->cause, UNDO_CAUSE) == 0 && op->kind != OP_WITHDRAW && op->kind != OP_HOLD;
    }
    for (size_t i = 0; i < section->n_notes; i++) {
      out->partial += g_str_equal(section->notes[i].code, UNDO_PARTIAL);
      out->impossible += g_str_equal(section->notes[i].code, UNDO_IMPOSSIBLE);
    }
  }
  out->exact = MAX(n - out->partial, 0);
  return n + out->withdrawn + out->partial + out->impossible > 0;
}
