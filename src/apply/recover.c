// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

static bool is_doubtful(const Course *course, const Op *op)
{
  return book_stand(course->book, op->n) == STAND_SENT;
}

bool recover_is_due(const Course *course, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_ops; i++)
    if (is_doubtful(course, &section->ops[i]))
      return true;
  return false;
}

// A product that answers later has taken it: whether it is done there, its receipt tells.
Stand recover_found(const TargetConfig *config)
{
  return target_has_receipts(config) ? STAND_RECEIPT : STAND_DONE;
}

// Only these change where an object is.
static bool moves_objects(OpKind kind)
{
  return kind == OP_CREATE || kind == OP_RENAME || kind == OP_MOVE;
}

static void follow_earlier(Course *course, const PlanSection *section, Writer *writer)
{
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (book_took_effect(book_stand(course->book, op->n)) && moves_objects(op->kind))
      writer_follow(writer, op, store_binding_of(course->setup->store, op->target, op->object));
  }
}

static bool probe(Course *course, const TargetConfig *config, Writer *writer, const Op *op,
                  Probe *out, GError **error)
{
  apply_watch(course->setup, "probe", &op, 1);
  for (int attempt = 0;; attempt++) {
    g_autoptr(GError) fault = NULL;
    if (writer_probe(writer, op, out, &fault))
      return true;
    if (attempt >= config->retries) {
      g_propagate_error(error, g_steal_pointer(&fault));
      return false;
    }
    if (!retry_reconnect(course->setup, config, writer, error))
      return false;
  }
}

// After a probe. Not done, or sent again without harm: the operation waits for its turn.
static void decide(Course *course, Writer *writer, const Op *op, Probe found)
{
  static const struct {
    Stand stand;
    const char *detail;
  } rows[] = {
      [PROBE_DONE] = {STAND_DONE, N_("an interrupted run had done it")},
      [PROBE_NOT_DONE] = {STAND_WAITING, NULL},
      [PROBE_DRIFTED] = {STAND_REFUSED, N_("an interrupted run had sent it, and the entry is now "
                                           "neither as it was nor as it should be")},
      [PROBE_UNKNOWN] = {STAND_UNKNOWN, N_("an interrupted run had sent it, and the target does "
                                           "not tell what became of it")},
  };
  Stand stand = rows[found].stand;
  if (found == PROBE_DONE)
    stand = recover_found(apply_config(course->setup, op->target));
  if (found == PROBE_UNKNOWN && op_traits(op->kind)->resend_harmless)
    stand = STAND_WAITING;
  journal_attempt(course->journal, op->n, "unknown", _("no outcome was recorded"));
  if (stand == STAND_WAITING) {
    book_put(course->book, op->n, STAND_WAITING);
    return;
  }
  Ending ending = {.n = op->n, .stand = stand, .detail = g_strdup(_(rows[found].detail))};
  if (book_took_effect(stand) && op->kind == OP_CREATE)
    ending.stable_id = g_strdup(writer_identity(writer, op->object));
  apply_settle(course, &ending);
}

bool recover_section(Course *course, const PlanSection *section, Writer *writer, GError **error)
{
  follow_earlier(course, section, writer);
  const TargetConfig *config = apply_config(course->setup, section->target);
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    Probe found = PROBE_UNKNOWN;
    if (!is_doubtful(course, op))
      continue;
    if (!probe(course, config, writer, op, &found, error))
      return false;
    decide(course, writer, op, found);
  }
  return true;
}
