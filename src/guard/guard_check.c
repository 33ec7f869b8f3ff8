// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <string.h>

typedef struct Judge {
  const GuardSetup *setup;
  Journal journal;
  GuardVerdict *verdict;
  GArray *holds;          // of GuardHold
  GuardConfig *standard;  // for targets without configuration
  Past *past;
  Undone *undone;
  const GByteArray *left;  // by number - 1: those who approved left it out; NULL = none
} Judge;

// ---------------------------------------------------------------------------------------------
// Holding.

static const char *keep(Judge *judge, const char *text)
{
  return text ? g_string_chunk_insert_const(judge->verdict->strings, text) : NULL;
}

// What is left out is neither held nor counted: it is not done anyway.
static bool is_free(const Judge *judge, const Op *op)
{
  return !judge->verdict->held[op->n - 1] && !judge->journal.ended[op->n - 1] &&
         !(judge->left && judge->left->data[op->n - 1]);
}

// True when it was free before. The first reason stands.
static bool hold_op(Judge *judge, const Op *op, const char *reason)
{
  if (!is_free(judge, op))
    return false;
  judge->verdict->held[op->n - 1] = keep(judge, reason);
  return true;
}

static void add_hold(Judge *judge, const GuardHold *hold)
{
  GuardHold copy = {.check = hold->check,
                    .target = keep(judge, hold->target),
                    .kind = hold->kind,
                    .count = hold->count,
                    .text = keep(judge, hold->text),
                    .number = hold->number,
                    .overridden = guard_is_kept(judge->setup, hold->check),
                    .planned = hold->planned,
                    .done = hold->done,
                    .most = hold->most,
                    .days = hold->days};
  g_array_append_val(judge->holds, copy);
}

static const PlanSection *section_at(const Judge *judge, size_t i)
{
  return plan_section(judge->setup->plan, i);
}

static size_t n_sections(const Judge *judge)
{
  return plan_n_sections(judge->setup->plan);
}

static bool lifts(const Judge *judge, const char *target, const char *check)
{
  return guard_lifts(judge->setup, check, target, check);
}

static bool covers(const Judge *judge, const char *check, const Op *op, const char *what)
{
  return guard_covers(judge->setup, judge->undone, check, op, what);
}

static int64_t hold_section(Judge *judge, const PlanSection *section, const char *reason)
{
  int64_t n = 0;
  for (size_t i = 0; i < section->n_ops; i++)
    n += hold_op(judge, &section->ops[i], reason);
  return n;
}

// ---------------------------------------------------------------------------------------------
// The checks. Each false only when it could not look.

static bool check_date(Judge *judge, const char *name, GError **error)
{
  (void)error;
  Date last;
  if (!guard_date_differs(judge->setup, &last) || lifts(judge, NULL, name))
    return true;
  g_autoptr(GString) as_of = g_string_new(NULL), before = g_string_new(NULL);
  date_format(plan_head(judge->setup->plan)->as_of, as_of);
  date_format(last, before);
  g_autofree char *text = g_strdup_printf(_("the plan is for %s, more than 7 days after the last "
                                            "run or before it, which was for %s: all of "
                                            "it is held. If the date is right, approve the plan"),
                                          as_of->str, before->str);
  GuardHold hold = {.check = name, .text = text};
  for (size_t i = 0; i < n_sections(judge); i++)
    hold.count +=
        hold_section(judge, section_at(judge, i), _("the date is far from the last run's"));
  add_hold(judge, &hold);
  return true;
}

static bool check_fingerprint(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    g_autofree char *pinned = NULL;
    if (!guard_fingerprint_differs(judge->setup, section, &pinned) ||
        lifts(judge, section->target, name))
      continue;
    g_autofree char *text =
        g_strdup_printf(_("%s is not the server it was (it says “%s”, known is “%s”): everything "
                          "for it is held. If "
                          "it was replaced on purpose, approve the plan"),
                        section->target, section->fingerprint ? section->fingerprint : "", pinned);
    GuardHold hold = {.check = name, .target = section->target, .text = text};
    hold.count = hold_section(judge, section, _("the target is not the server it was"));
    add_hold(judge, &hold);
  }
  return true;
}

static bool check_empty(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    // Of a plan of restrictions alone only what these speak of was read.
    if (plan_head(judge->setup->plan)->restricted || section->n_ours > 0 ||
        section->n_desired == 0 || section->n_ops == 0 ||
        guard_is_first(judge->setup, &judge->journal, section) ||
        lifts(judge, section->target, name))
      continue;
    g_autofree char *text = g_strdup_printf(
        _("nothing of ours can be seen in %s: everything for it is held. If it is new, say "
          "--first-run; else look whether the account for reading has lost its rights"),
        section->target);
    GuardHold hold = {.check = name, .target = section->target, .text = text};
    hold.count = hold_section(judge, section, _("nothing of ours can be seen in the target"));
    add_hold(judge, &hold);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Holds that people placed. No approval lifts them: they must be released.

static void count_one(GHashTable *counts, const HoldRow *row)
{
  gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(counts, row));
  g_hash_table_insert(counts, (gpointer)row, GSIZE_TO_POINTER(n + 1));
}

static void tell_hold(Judge *judge, const char *check, const HoldRow *row, int64_t count)
{
  g_autoptr(GString) since = g_string_new(NULL);
  instant_format(row->since, since);
  g_autofree char *text = g_strdup_printf(
      strcmp(row->kind, HOLD_STOP) == 0
          ? _("%s %s stands (number %" G_GINT64_FORMAT ") since %s; ask %s. Nothing is given to "
              "them until it is released")
          : _("%s %s is held (hold %" G_GINT64_FORMAT ") since %s; ask %s. It stays so until it is "
              "released"),
      row->kind, row->name, row->id, since->str, row->who);
  add_hold(judge, &(GuardHold){.check = check,
                               .number = row->id,
                               .target = strcmp(row->kind, "target") == 0 ? row->name : NULL,
                               .count = count,
                               .text = text});
}

typedef const HoldRow *(*Finder)(const GuardSetup *setup, const Standing *standing, const Op *op);

static bool check_standing(Judge *judge, const char *name, Finder find, GError **error)
{
  const GuardSetup *setup = judge->setup;
  g_auto(Standing) standing = {NULL};
  g_autoptr(GHashTable) counts = g_hash_table_new(NULL, NULL);
  if (!guard_standing_read(setup, &standing, error))
    return false;
  for (uint32_t n = 1; n <= plan_n_ops(setup->plan); n++) {
    const HoldRow *row = find(setup, &standing, plan_op(setup->plan, n));
    g_autofree char *reason = row != NULL ? guard_standing_reason(row) : NULL;
    if (row != NULL && hold_op(judge, plan_op(setup->plan, n), reason))
      count_one(counts, row);
  }
  for (size_t i = 0; i < store_holds_n(standing.holds); i++) {
    const HoldRow *row = store_hold_at(standing.holds, i);
    if (g_hash_table_contains(counts, row))
      tell_hold(judge, name, row, (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(counts, row)));
  }
  return true;
}

static bool check_hold(Judge *judge, const char *name, GError **error)
{
  return check_standing(judge, name, guard_hold_on, error);
}

static bool check_stop(Judge *judge, const char *name, GError **error)
{
  return check_standing(judge, name, guard_stop_on, error);
}

// ---------------------------------------------------------------------------------------------
// What was decided of an entry of nobody, which has become somebody's since. No approval lifts it: who approved knew
// nothing of that.

static const char *owner_since(Judge *judge, const Op *op)
{
  const char *stray = g_str_has_prefix(op->object, OBJECT_ORPHAN) ? op->object : op->member;
  if (op->kind == OP_LIFT || !stray || !g_str_has_prefix(stray, OBJECT_ORPHAN))
    return NULL;
  Store *store = judge->setup->store;
  const char *found = store_binding_object(store, op->target, stray + strlen(OBJECT_ORPHAN));
  const char *owner = keep(judge, found);
  Instant since = owner ? store_op_bound(store, op->target, owner) : INSTANT_NONE;
  bool later = since != INSTANT_NONE && since >= plan_envelope(judge->setup->plan)->made;
  return later ? owner : NULL;
}

static bool check_owner(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    for (size_t k = 0; k < section->n_ops; k++) {
      const Op *op = &section->ops[k];
      const char *owner = owner_since(judge, op);
      g_autofree char *reason =
          owner ? g_strdup_printf(_("since the plan was made, the entry has become %s"), owner)
                : NULL;
      hold.count += reason && hold_op(judge, op, reason);
    }
    g_autofree char *text =
        g_strdup_printf(_("%s: operations on entries of nobody that have become somebody's since "
                          "the plan was made: %" G_GINT64_FORMAT ". Make a new plan"),
                        section->target, hold.count);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

static bool check_confirm(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    for (size_t k = 0; k < section->n_ops; k++) {
      const Op *op = &section->ops[k];
      bool waits = op->confirm && !covers(judge, name, op, name);
      g_autofree char *reason =
          waits ? g_strdup_printf(_("needs confirmation: %s"), op->confirm) : NULL;
      hold.count += reason && hold_op(judge, op, reason);
    }
    g_autofree char *text =
        g_strdup_printf(_("%s: operations that need somebody's confirmation: %" G_GINT64_FORMAT
                          ". Look at them, then approve the plan"),
                        section->target, hold.count);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

// What of a class takes a seat.
static bool takes_seat(const PlanNote *note, const Op *op)
{
  size_t n = strlen(note->object);
  return (op->kind == OP_CREATE || op->kind == OP_ENABLE) &&
         strncmp(op->object, note->object, n) == 0 && op->object[n] == '/';
}

// The plan counted the seats when it read the target, and says so in a note.
static bool check_licence(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    for (size_t k = 0; k < section->n_notes; k++) {
      const PlanNote *note = &section->notes[k];
      if (strcmp(note->code, "licence-hold") != 0 || lifts(judge, section->target, name))
        continue;
      GuardHold hold = {.check = name, .target = section->target, .text = note->text};
      for (size_t j = 0; j < section->n_ops; j++)
        hold.count += takes_seat(note, &section->ops[j]) &&
                      hold_op(judge, &section->ops[j], _("there are too few seats"));
      if (hold.count > 0)
        add_hold(judge, &hold);
    }
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// What approved plans did not do: this plan does it only when somebody says so.

// The operation itself when it was approved is named, so that whoever decides finds why.
static int64_t hold_lost(Judge *judge, const char *check, const PlanSection *section, bool left)
{
  int64_t n_held = 0;
  for (size_t k = 0; k < section->n_ops; k++) {
    const Op *op = &section->ops[k];
    int64_t run;
    uint32_t n;
    if (!guard_undone_finds(judge->undone, op, left, &run, &n) || covers(judge, check, op, check))
      continue;
    g_autofree char *reason =
        g_strdup_printf(left ? _("left out by the approved run %" G_GINT64_FORMAT ", operation %u")
                             : _("refused in the approved run %" G_GINT64_FORMAT
                                 ", operation %u: the entry is not as it was approved"),
                        run, n);
    n_held += hold_op(judge, op, reason);
  }
  return n_held;
}

static bool check_lost(Judge *judge, const char *name, bool left)
{
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    hold.count = hold_lost(judge, name, section, left);
    g_autofree char *text = g_strdup_printf(
        left ? _("%s: operations that an approved plan left out for this night: %" G_GINT64_FORMAT
                 ". They are planned again for a later day; to do them now, approve this plan for "
                 "%s/%s")
             : _("%s: operations that were approved, and the entry is not as it was then: "
                 "%" G_GINT64_FORMAT ". Look at them, then approve this plan for %s/%s, or correct "
                 "what is wrong"),
        section->target, hold.count, section->target, name);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

static bool check_left_out(Judge *judge, const char *name, GError **error)
{
  (void)error;
  return check_lost(judge, name, true);
}

static bool check_drifted(Judge *judge, const char *name, GError **error)
{
  (void)error;
  return check_lost(judge, name, false);
}

// ---------------------------------------------------------------------------------------------
// Sites at which plans must be approved whatever is in them.

static bool must_be_approved(const GuardSetup *setup)
{
  const ApprovalRules *rules = setup->rules;
  if (!rules || rules->needed == APPROVAL_HELD)
    return false;
  g_autofree char *two = approval_rules_two(rules, setup->plan);
  return rules->needed == APPROVAL_ALWAYS || two;
}

static bool check_approval(Judge *judge, const char *name, GError **error)
{
  (void)error;
  bool asked = must_be_approved(judge->setup);
  for (size_t i = 0; asked && i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    for (size_t k = 0; k < section->n_ops; k++) {
      const Op *op = &section->ops[k];
      // Whoever is stopped does not wait until somebody approves what their target could not be told at once.
      hold.count += !guard_is_of_stop(op) && !covers(judge, name, op, op_traits(op->kind)->name) &&
                    hold_op(judge, op, _("nobody has approved it yet"));
    }
    g_autofree char *text =
        g_strdup_printf(_("%s: operations that nobody has approved, as this site asks for: "
                          "%" G_GINT64_FORMAT ". Look at them, then approve the plan"),
                        section->target, hold.count);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

// What the profile in force is not for. No approval lifts it: who wants it done chooses another profile.
static bool check_profile(Judge *judge, const char *name, GError **error)
{
  (void)error;
  const GuardProfile *profile = judge->setup->profile;
  g_autofree char *reason =
      g_strdup_printf(_("the profile %s does not let this kind pass"), guard_profile_name(profile));
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    for (size_t k = 0; k < section->n_ops; k++)
      hold.count += !guard_profile_lets(profile, section->ops[k].kind) &&
                    hold_op(judge, &section->ops[k], reason);
    g_autofree char *text =
        g_strdup_printf(_("%s: operations that the profile %s does not let pass: %" G_GINT64_FORMAT
                          ". Under another profile they go on"),
                        section->target, guard_profile_name(profile), hold.count);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

// A class of operations: one kind in one target, within one span.
typedef struct Class {
  const PlanSection *section;
  Counted counted;
  Spans limits;
  Span span;
  const Limit *limit;
  int64_t most;
  int64_t planned;  // that would be carried out
  int64_t
      done;  // within the span and not approved: by other plans, and by this one, which is being continued
} Class;

// What HR announced and counted is no surprise, and whom somebody stopped is not to wait: a limit is for what goes beyond.
static bool is_counted(const Judge *judge, const char *check, const Op *op)
{
  return !op->expected && !guard_is_of_stop(op) &&
         !covers(judge, check, op, op_traits(op->kind)->name);
}

// What a percentage is taken of. Where only a part was read, what the rules want stands for it.
static int64_t population(const Judge *judge, const PlanSection *section)
{
  return plan_head(judge->setup->plan)->restricted ? section->n_desired : section->n_ours;
}

static void hold_class(Judge *judge, const char *check, const Class *class)
{
  const char *kind = op_traits(class->counted.kind)->name, *target = class->section->target;
  int days = guard_limits_days(&class->limits, class->span);
  g_autoptr(GString) words = g_string_new(NULL);
  guard_limit_format(class->limit, words);
  g_autofree char *span =
      days == 0 ? g_strdup(_("one run")) : g_strdup_printf(_("window %d d"), days);
  g_autofree char *text = g_strdup_printf(
      _("%s: %" G_GINT64_FORMAT " × %s planned and %" G_GINT64_FORMAT
        " done before (%s), more than %" G_GINT64_FORMAT
        " (%s): all of these are held. Look at them, then %s %s/%s, or correct the limit"),
      target, class->planned, kind, class->done, span, class->most, words->str,
      guard_how_lifted(judge->setup, check), target, kind);
  g_autofree char *reason =
      g_strdup_printf(_("more %s than the limit: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT), kind,
                      class->planned + class->done, class->most);
  GuardHold hold = {.check = check,
                    .target = target,
                    .kind = kind,
                    .text = text,
                    .planned = class->planned,
                    .done = class->done,
                    .most = class->most,
                    .days = days};
  for (size_t i = 0; i < class->section->n_ops; i++)
    if (guard_counts(&class->counted, &class->section->ops[i]) &&
        is_counted(judge, check, &class->section->ops[i]))
      hold.count += hold_op(judge, &class->section->ops[i], reason);
  add_hold(judge, &hold);
}

// What the plan at hand has done of it before.
static int64_t done_itself(const Judge *judge, const char *check, const Class *class)
{
  const Journal *journal = &judge->journal;
  int64_t n = 0;
  for (size_t i = 0; i < class->section->n_ops; i++) {
    const Op *op = &class->section->ops[i];
    n += journal->carried[op->n - 1] && journal->ended[op->n - 1] &&
         guard_counts(&class->counted, op) && is_counted(judge, check, op);
  }
  return class->span == SPAN_RUN ? n
                                 : MIN(n, guard_past_own(judge->past, class->section->target,
                                                         &class->counted, class->span));
}

static void judge_class(Judge *judge, const char *check, Class *class)
{
  const PlanSection *section = class->section;
  class->limit = guard_limit(&class->limits, class->span, population(judge, section), &class->most);
  class->done = guard_past_done(judge->past, section->target, &class->counted, class->span) +
                done_itself(judge, check, class);
  if (class->limit && class->planned + class->done > class->most)
    hold_class(judge, check, class);
}

static void judge_section(Judge *judge, const char *check, Span span, const PlanSection *section)
{
  int64_t planned[OP_N_KINDS][2] = {0};
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (is_free(judge, op) && is_counted(judge, check, op))
      planned[op->kind][restriction_is_cause(op->cause)]++;
  }
  for (unsigned k = 0; k < 2 * OP_N_KINDS; k++) {
    Class class = {.section = section,
                   .counted = {k / 2, k % 2 == 1},
                   .limits = guard_spans(judge->setup, judge->standard, section->target, k / 2),
                   .span = span,
                   .planned = planned[k / 2][k % 2]};
    if (class.planned > 0)
      judge_class(judge, check, &class);
  }
}

static void judge_span(Judge *judge, const char *check, Span span)
{
  for (size_t i = 0; i < n_sections(judge); i++)
    if (!guard_is_first(judge->setup, &judge->journal, section_at(judge, i)))
      judge_section(judge, check, span, section_at(judge, i));
}

static bool check_count(Judge *judge, const char *name, GError **error)
{
  (void)error;
  judge_span(judge, name, SPAN_RUN);
  judge_span(judge, name, SPAN_DAY);
  return true;
}

// A little every night adds up.
static bool check_week(Judge *judge, const char *name, GError **error)
{
  (void)error;
  judge_span(judge, name, SPAN_WEEK);
  return true;
}

// Object -> the held operation that would disable it. Such an entry keeps its memberships and its place,
// too: somebody doubted that its person has left.
static GHashTable *held_disables(const Judge *judge, const PlanSection *section)
{
  GHashTable *found = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (op->kind == OP_DISABLE && judge->verdict->held[op->n - 1])
      g_hash_table_insert(found, (void *)op->object, GUINT_TO_POINTER(op->n));
  }
  return found;
}

// The held operation that this one must wait for; 0 = none.
static uint32_t held_before(const Judge *judge, GHashTable *disables, const Op *op)
{
  for (size_t a = 0; a < op->n_after; a++)
    if (judge->verdict->held[op->after[a] - 1])
      return op->after[a];
  const char *entry = op->kind == OP_LEAVE ? op->member : op->kind == OP_MOVE ? op->object : NULL;
  return entry ? GPOINTER_TO_UINT(g_hash_table_lookup(disables, entry)) : 0;
}

// In order of number, in which whatever an operation depends on comes before it.
static bool check_depends(Judge *judge, const char *name, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_sections(judge); i++) {
    const PlanSection *section = section_at(judge, i);
    GuardHold hold = {.check = name, .target = section->target};
    g_autoptr(GHashTable) disables = held_disables(judge, section);
    for (size_t k = 0; k < section->n_ops; k++) {
      const Op *op = &section->ops[k];
      uint32_t before = held_before(judge, disables, op);
      if (before == 0)
        continue;
      g_autofree char *reason =
          g_strdup_printf(_("depends on operation %u, which is held"), before);
      hold.count += hold_op(judge, op, reason);
    }
    g_autofree char *text =
        g_strdup_printf(_("%s: operations that depend on held ones: %" G_GINT64_FORMAT),
                        section->target, hold.count);
    hold.text = text;
    if (hold.count > 0)
      add_hold(judge, &hold);
  }
  return true;
}

// In this order: what is held for a reason of its own does not count towards a limit. The date comes late,
// so that who plans ahead sees which limits the day will meet.
static const struct {
  const char *name;
  bool (*check)(Judge *judge, const char *name, GError **error);
} checks[] = {
    {"fingerprint", check_fingerprint},
    {"empty", check_empty},
    {"stop", check_stop},
    {"hold", check_hold},
    {"owner", check_owner},
    {"left-out", check_left_out},
    {"drifted", check_drifted},
    {"profile", check_profile},
    {"approval", check_approval},
    {"confirm", check_confirm},
    {"licence", check_licence},
    {"count", check_count},
    {"week", check_week},
    {"date", check_date},
    {"depends", check_depends},
};

// ---------------------------------------------------------------------------------------------

void guard_verdict_free(GuardVerdict *verdict)
{
  if (!verdict)
    return;
  g_free(verdict->held);
  g_free(verdict->holds);
  g_string_chunk_free(verdict->strings);
  g_free(verdict);
}

size_t guard_n_held(const GuardVerdict *verdict)
{
  size_t n = 0;
  for (size_t i = 0; i < verdict->n_ops; i++)
    n += verdict->held[i] != NULL;
  return n;
}

bool guard_check(const GuardSetup *setup, GuardVerdict **out, GError **error)
{
  *out = NULL;
  if (!approvals_check(setup->approvals, plan_digest(setup->plan), setup->now, error))
    return false;
  g_autoptr(GuardVerdict) verdict = g_new0(GuardVerdict, 1);
  verdict->n_ops = plan_n_ops(setup->plan);
  verdict->held = g_new0(const char *, verdict->n_ops + 1);
  verdict->strings = g_string_chunk_new(1024);
  verdict->profile = g_string_chunk_insert(verdict->strings, guard_profile_name(setup->profile));
  g_autoptr(GArray) holds = g_array_new(FALSE, FALSE, sizeof(GuardHold));
  g_autoptr(GuardConfig) standard = guard_config_new("");
  g_auto(Journal) journal = {0};
  if (!guard_journal_read(setup, &journal, error))
    return false;
  g_autoptr(Past) past = guard_past_read(setup, standard, error);
  if (!past)
    return false;
  g_autoptr(Undone) undone = guard_undone_read(setup, error);
  if (!undone)
    return false;
  g_autoptr(GByteArray) left = approvals_left(setup->approvals, setup->plan);
  Judge judge = {.setup = setup,
                 .journal = journal,
                 .verdict = verdict,
                 .holds = holds,
                 .standard = standard,
                 .past = past,
                 .undone = undone,
                 .left = left};
  for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
    if (!checks[i].check(&judge, checks[i].name, error))
      return false;
  // A store that could not be read gives no limits, no holds and no fingerprints.
  if (!store_check(setup->store, error))
    return false;
  gsize n_holds;
  verdict->holds = g_array_steal(holds, &n_holds);
  verdict->n_holds = n_holds;
  *out = g_steal_pointer(&verdict);
  return true;
}
