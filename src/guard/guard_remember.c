// SPDX-License-Identifier: GPL-3.0-or-later
//
// What guards know from earlier runs, and what they leave for later ones. All of it lies in the store's
// cursors:
//   TARGET      fingerprint  pinned
//   TARGET      n_read       entries that stood there after the run
//   TARGET      n_ours       those of them that were ours
//   run         as_of, day   the day planned for; the day of the run
//   guard       TARGET/KIND  "TIME:DIGEST:COUNT:WEEK …": what an approval, a first run or HR's cover note covered, and how
//                            many of them of a week's limit (left out where it is the same);
//                            TARGET/KIND/restricted of what comes of restrictions
//   guard       clock, jumps guard_clock.c
#include "guard_p.h"

#define DATE_DAYS_MAX 7
#define DAY_SECONDS 86400
#define EXEMPT_DAYS_KEPT 366  // no window is longer

// ---------------------------------------------------------------------------------------------
// The journal of the plan at hand.

static bool note_op(const OpRow *op, void *data)
{
  Journal *journal = data;
  if (op->n == 0 || op->n > plan_n_ops(journal->plan))
    return true;
  journal->carried[op->n - 1] = strcmp(op->state, "done") == 0 || strcmp(op->state, "receipt") == 0;
  journal->ended[op->n - 1] = journal->carried[op->n - 1] || strcmp(op->state, "already") == 0;
  return true;
}

bool guard_journal_read(const GuardSetup *setup, Journal *out, GError **error)
{
  size_t n_ops = plan_n_ops(setup->plan);
  *out = (Journal){.plan = setup->plan,
                   .ended = g_new0(uint8_t, n_ops + 1),
                   .carried = g_new0(uint8_t, n_ops + 1)};
  RunRow run;
  if (!store_run_by_digest(setup->store, plan_digest(setup->plan), &run))
    return true;
  bool over = strcmp(run.state, "done") == 0;
  if (!store_ops_each(setup->store, run.id, note_op, out, error))
    return false;
  // One that is over is not gone on with: the same plan again, after what it did was undone, does it anew.
  if (over)
    memset(out->ended, 0, n_ops);
  return true;
}

void guard_journal_clear(Journal *journal)
{
  g_clear_pointer(&journal->ended, g_free);
  g_clear_pointer(&journal->carried, g_free);
}

int64_t guard_journal_carried(const Journal *journal, const PlanSection *section, OpKind kind)
{
  int64_t n = 0;
  for (size_t i = 0; i < section->n_ops; i++)
    n += section->ops[i].kind == kind && journal->carried[section->ops[i].n - 1];
  return n;
}

bool guard_counts(const Counted *counted, const Op *op)
{
  return op->kind == counted->kind && restriction_is_cause(op->cause) == counted->restricted;
}

static bool any_carried(const Journal *journal, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_ops; i++)
    if (journal->carried[section->ops[i].n - 1])
      return true;
  return false;
}

bool guard_is_first(const GuardSetup *setup, const Journal *journal, const PlanSection *section)
{
  return !plan_head(setup->plan)->restricted && section->n_ours == 0 &&
         (setup->first_run || any_carried(journal, section));
}

// ---------------------------------------------------------------------------------------------
// Comparing with what is remembered.

static bool cursor_date(Store *store, const char *name, Date *out)
{
  const char *text = store_cursor_get(store, "run", name);
  return text && date_parse_iso(text, out);
}

// A plan for a day gone by would give back rights that have ended since; one day back is the evening's plan for
// tomorrow with another for today made after it.
static bool is_far(Date as_of, Date last)
{
  int64_t days = (int64_t)as_of - last;
  return days > DATE_DAYS_MAX || days < -1;
}

bool guard_date_differs(const GuardSetup *setup, Date *last)
{
  Date as_of = plan_head(setup->plan)->as_of, day;
  if (!cursor_date(setup->store, "as_of", last) || !is_far(as_of, *last))
    return false;
  return !cursor_date(setup->store, "day", &day) || is_far(as_of, day);
}

const GuardConfig *guard_config_of(const GuardSetup *setup, const char *target)
{
  for (const GuardConfig *const *config = setup->configs; config && *config; config++)
    if (strcmp((*config)->target, target) == 0)
      return *config;
  return NULL;
}

bool guard_fingerprint_differs(const GuardSetup *setup, const PlanSection *section, char **pinned)
{
  *pinned = NULL;
  if (section->unread)
    return false;
  const GuardConfig *config = guard_config_of(setup, section->target);
  const char *known = config && config->fingerprint
                          ? config->fingerprint
                          : store_cursor_get(setup->store, section->target, "fingerprint");
  *pinned = g_strdup(known);
  return known && g_strcmp0(known, section->fingerprint) != 0;
}

// ---------------------------------------------------------------------------------------------
// What was exempt.

static char *name_of(const char *target, const Counted *counted)
{
  return g_strjoin("/", target, op_traits(counted->kind)->name,
                   counted->restricted ? "restricted" : NULL, NULL);
}

GArray *guard_exempts(Store *store, const char *target, const Counted *counted)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Exempt));
  g_autofree char *name = name_of(target, counted);
  const char *text = store_cursor_get(store, "guard", name);
  g_auto(GStrv) items = g_strsplit(text ? text : "", " ", -1);
  for (size_t i = 0; items[i]; i++) {
    g_auto(GStrv) fields = g_strsplit(items[i], ":", -1);
    Exempt exempt;
    guint n = g_strv_length(fields);
    if (n < 3 || n > 4 ||
        !g_ascii_string_to_signed(fields[0], 10, G_MININT64, G_MAXINT64, &exempt.when, NULL) ||
        !g_ascii_string_to_signed(fields[2], 10, 0, G_MAXINT64, &exempt.count, NULL) ||
        !g_ascii_string_to_signed(fields[n - 1], 10, 0, G_MAXINT64, &exempt.week, NULL))
      continue;
    g_strlcpy(exempt.digest, fields[1], sizeof exempt.digest);
    g_array_append_val(list, exempt);
  }
  return list;
}

static bool is_of(const Exempt *exempt, const Plan *plan)
{
  return strncmp(exempt->digest, plan_digest(plan), GUARD_DIGEST_CHARS) == 0;
}

// The plan at hand replaces what it said before: it may be applied in parts.
static bool remember_exempt(const GuardSetup *setup, const char *target, const Counted *counted,
                            Exempt added, GError **error)
{
  Instant oldest = setup->now - (Instant)EXEMPT_DAYS_KEPT * DAY_SECONDS;
  g_autoptr(GArray) list = guard_exempts(setup->store, target, counted);
  added.when = setup->now;
  g_strlcpy(added.digest, plan_digest(setup->plan), sizeof added.digest);
  g_array_append_val(list, added);
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t i = 0; i < list->len; i++) {
    const Exempt *exempt = &g_array_index(list, Exempt, i);
    if (exempt->when < oldest || (i + 1 < list->len && is_of(exempt, setup->plan)))
      continue;
    g_string_append_printf(text, "%s%" G_GINT64_FORMAT ":%s:%" G_GINT64_FORMAT,
                           text->len > 0 ? " " : "", exempt->when, exempt->digest, exempt->count);
    if (exempt->week != exempt->count)
      g_string_append_printf(text, ":%" G_GINT64_FORMAT, exempt->week);
  }
  g_autofree char *name = name_of(target, counted);
  return store_cursor_set(setup->store, "guard", name, text->str, error);
}

// ---------------------------------------------------------------------------------------------

static bool set_number(Store *store, const char *target, const char *name, int64_t number,
                       GError **error)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
  return store_cursor_set(store, target, name, text, error);
}

static bool set_date(Store *store, const char *name, Date date, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  return store_cursor_set(store, "run", name, text->str, error);
}

// Names that stand in the target and are nobody's of ours: were the entry gone next year, its name still is
// not to be somebody else's.
static bool remember_names(const GuardSetup *setup, const PlanSection *section, GError **error)
{
  for (size_t i = 0; i < section->n_seen; i++) {
    NameRow row = {.kind = section->seen[i].kind,
                   .name = section->seen[i].name,
                   .state = NAME_SEEN,
                   .note = section->target};
    if (!store_name_keep(setup->store, &row, error))
      return false;
  }
  return true;
}

// What is behind us when we remember.
typedef struct Behind {
  const Journal *journal;
  const Undone *undone;
} Behind;

// Of those that were carried out the ones that the counts leave out: of a target's first run, covered, or announced by HR.
// Where approvals do not lift a week's limit, what they cover fills the week.
static Exempt exempt_carried(const GuardSetup *setup, const Behind *behind,
                             const PlanSection *section, const Counted *counted)
{
  Exempt n = {0};
  bool first = guard_is_first(setup, behind->journal, section);
  const char *kind = op_traits(counted->kind)->name;
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (!guard_counts(counted, op) || !behind->journal->carried[op->n - 1])
      continue;
    bool free = first || op->expected;
    n.count += free || guard_covers(setup, behind->undone, "count", op, kind);
    n.week += free || guard_covers(setup, behind->undone, "week", op, kind);
  }
  return n;
}

static bool remember_section(const GuardSetup *setup, const Behind *behind,
                             const PlanSection *section, GError **error)
{
  const Journal *journal = behind->journal;
  if (section->unread)
    return true;
  g_autofree char *pinned = NULL;
  bool approved = guard_lifts(setup, "fingerprint", section->target, "fingerprint");
  // Of a server that is perhaps the wrong one nothing is believed.
  if (guard_fingerprint_differs(setup, section, &pinned) && !approved)
    return true;
  if (section->fingerprint &&
      !store_cursor_set(setup->store, section->target, "fingerprint", section->fingerprint, error))
    return false;
  int64_t more = guard_journal_carried(journal, section, OP_CREATE) -
                 guard_journal_carried(journal, section, OP_DELETE);
  // Where only a part was read, how many there are is not known.
  if (!plan_head(setup->plan)->restricted && (!set_number(setup->store, section->target, "n_read",
                                                          MAX(section->n_read + more, 0), error) ||
                                              !set_number(setup->store, section->target, "n_ours",
                                                          MAX(section->n_ours + more, 0), error) ||
                                              !remember_names(setup, section, error)))
    return false;
  for (unsigned i = 0; i < 2 * OP_N_KINDS; i++) {
    const Counted counted = {i / 2, i % 2 == 1};
    Exempt n = exempt_carried(setup, behind, section, &counted);
    if (n.count + n.week > 0 && !remember_exempt(setup, section->target, &counted, n, error))
      return false;
  }
  return true;
}

bool guard_remember(const GuardSetup *setup, GError **error)
{
  g_auto(Journal) journal = {0};
  if (!guard_journal_read(setup, &journal, error))
    return false;
  g_autoptr(Undone) undone = guard_undone_read(setup, error);
  if (!undone)
    return false;
  const Behind behind = {&journal, undone};
  for (size_t i = 0; i < plan_n_sections(setup->plan); i++)
    if (!remember_section(setup, &behind, plan_section(setup->plan, i), error))
      return false;
  if (!guard_clock_remember(setup, error))
    return false;
  Date last;
  // A day that was held is not believed: perhaps the clock is wrong.
  if (guard_date_differs(setup, &last) && !guard_lifts(setup, "date", NULL, "date"))
    return true;
  return store_check(setup->store, error) &&
         set_date(setup->store, "as_of", plan_head(setup->plan)->as_of, error) &&
         set_date(setup->store, "day", date_of_instant(setup->now), error);
}
