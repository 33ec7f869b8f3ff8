// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every account that a policy speaks of, judged on one day.
#include "dormant_p.h"

#include <string.h>

#define UPCOMING_DAYS 31

Instant dormant_moment(const DormantAsk *ask)
{
  return date_of_instant(ask->now) == ask->as_of ? ask->now : date_start(ask->as_of);
}

static const char *keep(const DormantWalk *walk, const char *text)
{
  return text == NULL ? "" : g_string_chunk_insert(walk->out->texts, text);
}

// ---------------------------------------------------------------------------------------------
// For people.

void dormant_tell_use(const Dormant *dormant, const DormantAccount *account, GString *out)
{
  const DormantCase *what = &account->what;
  g_autoptr(GString) day = g_string_new(NULL);
  Instant at = account->never ? what->began : what->told;
  date_format(at == INSTANT_NONE ? DATE_NONE : date_of_instant(at), day);
  if (account->never)
    g_string_append_printf(out, at == INSTANT_NONE ? _("never used%s") : _("never used since %s"),
                           day->str);
  else
    g_string_append_printf(out, _("last used %s"), day->str);
  if (account->source != EVIDENCE_NO_SOURCE)
    g_string_append_printf(out, " (%s)",
                           evidence_source_at(dormant->sources, account->source)->name);
}

static void tell_lift(const DormantAccount *account, const Dormant *dormant, GString *out)
{
  const DormantCase *what = &account->what;
  if (account->exempt_why != NULL)
    g_string_append(out, account->exempt_why);
  else if (what->told != INSTANT_NONE && what->told >= what->began)
    dormant_tell_use(dormant, account, out);
  else {
    g_autoptr(GString) day = g_string_new(NULL);
    date_format(date_of_instant(MAX(what->began, what->used)), day);
    g_string_append_printf(out, _("the days are counted from %s"), day->str);
  }
}

// ---------------------------------------------------------------------------------------------
// Restrictions.

static const char *source_of(DormantWalk *walk, const DormantAccount *account)
{
  const DormantRemoval *removal =
      dormant_ledger_find(&walk->ledger, walk->ledger.removals, account->target, account->object);
  if (account->verdict.decided && removal != NULL)
    return keep(walk, removal->number);
  g_autofree char *text = g_strdup_printf("%s:%d", walk->ask->dormant->name, account->policy->line);
  return keep(walk, text);
}

static Restriction restriction_of(const DormantWalk *walk, const DormantAccount *account,
                                  DormantStage stage, const char *reason)
{
  return (Restriction){.row = {.target = account->target,
                               .object = account->object,
                               .cause = RESTRICTION_DORMANT,
                               .what = dormant_stage_what(stage),
                               .group = "",
                               .reason = keep(walk, reason),
                               .source = "",
                               .who = "dormant",
                               .since = walk->now,
                               .until = DATE_OPEN,
                               .lifted = INSTANT_NONE}};
}

static void add_new(DormantWalk *walk, const DormantAccount *account)
{
  g_autoptr(GString) reason = g_string_new(NULL);
  if (account->verdict.decided)
    g_string_append(reason, _("its unit answered that it is not needed; "));
  dormant_tell_use(walk->ask->dormant, account, reason);
  Restriction restriction = restriction_of(walk, account, account->verdict.next, reason->str);
  restriction.step = RESTRICTION_NEW;
  restriction.row.source = source_of(walk, account);
  g_array_append_val(walk->out->restrictions, restriction);
}

static void add_lifts(DormantWalk *walk, const DormantAccount *account)
{
  const DormantStanding *standing =
      dormant_ledger_find(&walk->ledger, walk->ledger.standing, account->target, account->object);
  g_autoptr(GString) why = g_string_new(NULL);
  tell_lift(account, walk->ask->dormant, why);
  for (int i = 0; i < DORMANT_N_STAGES; i++) {
    if (!account->verdict.lifts[i] || standing == NULL)
      continue;
    Restriction restriction = restriction_of(walk, account, (DormantStage)i, why->str);
    restriction.step = RESTRICTION_LIFTED;
    restriction.row.id = standing->ids[i];
    restriction.row.since = standing->since[i];
    restriction.row.lifted_by = "dormant";
    restriction.row.lifted_why = restriction.row.reason;
    g_array_append_val(walk->out->restrictions, restriction);
  }
}

// ---------------------------------------------------------------------------------------------
// Counting.

static DormantCount *count_of(const DormantWalk *walk, const DormantPolicy *policy)
{
  for (guint i = 0; i < walk->out->counts->len; i++) {
    DormantCount *count = &g_array_index(walk->out->counts, DormantCount, i);
    if (count->policy == policy)
      return count;
  }
  return NULL;
}

static void add_why(const DormantWalk *walk, const DormantPolicy *policy, const DormantWhy *what)
{
  GArray *whys = walk->out->whys;
  for (guint i = 0; i < whys->len; i++) {
    DormantWhy *why = &g_array_index(whys, DormantWhy, i);
    if (why->policy == policy && strcmp(why->source, what->source) == 0 && why->bad == what->bad &&
        (why->bad || strcmp(why->why, what->why) == 0)) {
      why->n += what->n;
      return;
    }
  }
  g_array_append_vals(whys, what, 1);
}

static const EvidenceStand *stand_of(const DormantWalk *walk, size_t source)
{
  const char *target = evidence_source_at(walk->ask->dormant->sources, source)->target;
  size_t side = dormant_side_of(&walk->sides, target);
  return evidence_view_stand(g_array_index(walk->sides.sides, DormantSide, side).view, source);
}

static void count_suspended(const DormantWalk *walk, const DormantAccount *account)
{
  DormantWhy why = {.policy = account->policy, .source = "", .why = account->why, .n = 1};
  if (account->fault != EVIDENCE_NO_SOURCE) {
    why.source = evidence_source_at(walk->ask->dormant->sources, account->fault)->name;
    why.bad = !stand_of(walk, account->fault)->counts;
  }
  why.why = why.why == NULL ? "" : g_string_chunk_insert_const(walk->out->texts, why.why);
  add_why(walk, account->policy, &why);
}

static void count_account(const DormantWalk *walk, const DormantAccount *account,
                          DormantCount *count)
{
  const DormantVerdict *verdict = &account->verdict;
  count->n_lifted += verdict->lifted;
  if (account->stage >= 0)
    count->n_stands[account->stage]++;
  if (verdict->goes)
    count->n_goes[verdict->next]++;
  if (account->what.exempt != DORMANT_NOT_EXEMPT) {
    count->n_exempt[account->what.exempt]++;
  } else if (account->what.suspended && !verdict->goes && !verdict->ended) {
    count->n_suspended++;
    count_suspended(walk, account);
  } else if (account->stage < 0 && !verdict->goes) {
    if (account->never)
      count->n_new++;
    else
      count->n_used++;
  }
}

// ---------------------------------------------------------------------------------------------

static const char *unit_of(const DormantWalk *walk, const Person *person)
{
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].main && post_in_force(&person->posts[i], walk->now))
      return keep(walk, person->posts[i].unit);
  return "";
}

static void describe(const DormantWalk *walk, const Person *person, DormantAccount *account)
{
  account->object = keep(walk, account->object);
  account->why = account->why == NULL ? NULL : keep(walk, account->why);
  account->number = account->name = account->login = account->unit = "";
  if (person == NULL)
    return;
  account->number = keep(walk, person->number);
  account->name = keep(walk, person->fields[FIELD_NAME]);
  account->login = keep(walk, store_name_of(walk->ask->store, "login", person->id));
  account->unit = unit_of(walk, person);
}

static bool is_upcoming(const DormantWalk *walk, const DormantAccount *account)
{
  const DormantVerdict *verdict = &account->verdict;
  return !verdict->goes && !account->what.suspended && verdict->due != DATE_NONE &&
         verdict->due <= walk->ask->as_of + UPCOMING_DAYS;
}

static void note_unbegun(const DormantWalk *walk, const DormantAccount *account)
{
  const DormantCase *what = &account->what;
  if (!account->never || what->began != INSTANT_NONE || what->suspended)
    return;
  g_autofree char *name = g_strconcat(account->target, " ", account->object, NULL);
  g_ptr_array_add(walk->out->unbegun, g_strdup(name));
}

static void judge(DormantWalk *walk, const Person *person, DormantAccount *account,
                  DormantCount *count)
{
  dormant_judge(account->policy, &account->what, &account->verdict);
  note_unbegun(walk, account);
  count_account(walk, account, count);
  bool asked = walk->ask->person != 0 && account->person == walk->ask->person;
  bool upcoming = is_upcoming(walk, account);
  bool listed = account->stage >= 0 || account->verdict.goes || account->verdict.lifted;
  if (!asked && !upcoming && !listed)
    return;
  describe(walk, person, account);
  if (asked || listed)
    g_array_append_vals(walk->out->accounts, account, 1);
  if (upcoming)
    g_array_append_vals(walk->out->upcoming, account, 1);
  if (account->verdict.goes)
    add_new(walk, account);
  add_lifts(walk, account);
}

// Of a stage that stands and of which no policy speaks any more, nothing is undone in silence.
static void tell_stray(const DormantWalk *walk, const char *object, const char *key)
{
  findings_add(walk->ask->findings,
               &(Finding){.level = FINDING_WARNING,
                          .code = "dormant-no-policy",
                          .file = walk->ask->dormant->name,
                          .subject = object},
               _("%s has a stage of dormancy, and no policy speaks of it any more: it stays; "
                 "idou restrictions lifts it"),
               key);
}

static void note_stray(const DormantWalk *walk, const DormantEntry *entry, const char *target)
{
  g_autofree char *key = g_strconcat(target, " ", entry->object, NULL);
  if (dormant_ledger_find(&walk->ledger, walk->ledger.standing, target, entry->object) != NULL)
    tell_stray(walk, entry->object, key);
}

// The same where no policy speaks of the whole class or target any more.
static void note_strays(const DormantWalk *walk)
{
  GHashTableIter each;
  gpointer key, standing;
  g_hash_table_iter_init(&each, walk->ledger.standing);
  while (g_hash_table_iter_next(&each, &key, &standing))
    if (!((const DormantStanding *)standing)->asked)
      tell_stray(walk, strchr(key, ' ') + 1, key);
}

// Most often a slip of the pen in `where` or `members`: whom it is meant for has a laxer policy, or none.
static void note_nobody(const DormantWalk *walk)
{
  for (guint i = 0; i < walk->out->counts->len; i++) {
    const DormantCount *count = &g_array_index(walk->out->counts, DormantCount, i);
    if (count->n_accounts == 0 && count->policy->restricted)
      findings_add(walk->ask->findings,
                   &(Finding){.level = FINDING_WARNING,
                              .code = "dormant-nobody",
                              .file = walk->ask->dormant->name,
                              .line = count->policy->line,
                              .subject = count->policy->name},
                   _("no account is under this policy: are “where” and “members” right?"));
  }
}

// A walk over everybody tells who somebody is; without one they are looked up, since few need it.
static bool find_person(DormantWalk *walk, const DormantEntry *entry, const Person **person,
                        GError **error)
{
  GError *fault = NULL;
  if (*person != NULL || entry->person == 0 || walk->restricted ||
      roster_person(walk->roster, entry->person, person, &fault) || fault == NULL)
    return true;
  g_propagate_error(error, fault);
  return false;
}

static bool take_entry(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                       GError **error)
{
  const DormantRules *rules;
  const char *target = g_array_index(walk->sides.sides, DormantSide, entry->side).target;
  DormantAccount account = {.target = target, .object = entry->object, .person = entry->person};
  if (!dormant_match(walk, entry, person, &rules, &account.contested, error))
    return false;
  if (rules == NULL) {
    // Whoever left is in no unit and no group: the rules for leavers end the stage.
    if (person == NULL || person->state != STATE_LEFT)
      note_stray(walk, entry, target);
    return true;
  }
  account.policy = &rules->policy;
  DormantCount *count = count_of(walk, account.policy);
  count->n_accounts++;
  count->n_contested += account.contested;
  if (!dormant_case(walk, entry, &account)) {
    count->n_used++;
    return true;
  }
  if (!find_person(walk, entry, &person, error))
    return false;
  dormant_case_bearer(walk, entry, person, &account);
  judge(walk, person, &account, count);
  return true;
}

static bool take_until(DormantWalk *walk, guint *at, uint32_t person, const Person *who,
                       GError **error)
{
  const GArray *entries = walk->sides.entries;
  for (; *at < entries->len; ++*at) {
    const DormantEntry *entry = &g_array_index(entries, DormantEntry, *at);
    if (entry->person > person)
      return true;
    if (!take_entry(walk, entry, entry->person == person ? who : NULL, error))
      return false;
  }
  return true;
}

static bool walk_all(DormantWalk *walk, GError **error)
{
  guint at = 0;
  const Person *person;
  GError *fault = NULL;
  while (walk->restricted && roster_next(walk->roster, &person, &fault))
    if (!take_until(walk, &at, person->id, person, error))
      return false;
  if (fault != NULL) {
    g_propagate_error(error, fault);
    return false;
  }
  return take_until(walk, &at, G_MAXUINT32, NULL, error);
}

// ---------------------------------------------------------------------------------------------
// How sources stand.

static void note_bad(const DormantWalk *walk, const DormantPolicy *policy, size_t source)
{
  const EvidenceStand *stand = stand_of(walk, source);
  if (stand->counts)
    return;
  const char *name = evidence_source_at(walk->ask->dormant->sources, source)->name;
  DormantWhy why = {
      .policy = policy, .source = name, .why = keep(walk, stand->why), .bad = true, .n = 0};
  add_why(walk, policy, &why);
  walk->out->exit = exit_worse(walk->out->exit, EXIT_UNREAD);
}

static void note_sources(const DormantWalk *walk)
{
  for (guint i = 0; i < walk->out->counts->len; i++) {
    const DormantPolicy *policy = g_array_index(walk->out->counts, DormantCount, i).policy;
    for (size_t k = 0; k < policy->n_sources; k++)
      note_bad(walk, policy, policy->sources[k]);
    for (size_t k = 0; k < policy->n_also; k++)
      note_bad(walk, policy, policy->also[k]);
  }
}

static void tell_whys(const DormantWalk *walk)
{
  for (guint i = 0; i < walk->out->whys->len; i++) {
    const DormantWhy *why = &g_array_index(walk->out->whys, DormantWhy, i);
    Finding at = {.level = why->bad ? FINDING_WARNING : FINDING_NOTE,
                  .code = why->bad ? "dormant-source-bad" : "dormant-unknown",
                  .file = walk->ask->dormant->name,
                  .line = why->policy->line,
                  .subject = why->policy->name};
    if (why->bad)
      findings_add(walk->ask->findings, &at,
                   _("%s: %s; nobody goes on for want of evidence, accounts not judged: %zu"),
                   why->source, why->why, why->n);
    else
      findings_add(walk->ask->findings, &at, _("%s: %s; accounts not judged for that: %zu"),
                   why->source, why->why, why->n);
  }
}

// ---------------------------------------------------------------------------------------------

static RosterWhen when_of(const DormantWalk *walk)
{
  const DormantAsk *ask = walk->ask;
  RosterWhen when = {
      .as_of = ask->as_of, .at = walk->now, .known_at = store_known_by(ask->store, ask->now)};
  for (guint i = 0; i < walk->sides.sides->len; i++) {
    int grace_days, early_days;
    mapping_horizon(ask->mapping, g_array_index(walk->sides.sides, DormantSide, i).target,
                    &grace_days, &early_days);
    when.grace_days = MAX(when.grace_days, grace_days);
    when.early_days = MAX(when.early_days, early_days);
  }
  return when;
}

static bool open_walk(DormantWalk *walk, GError **error)
{
  const DormantAsk *ask = walk->ask;
  if (!dormant_ledger_open(&walk->ledger, ask, error) ||
      !dormant_sides_open(&walk->sides, ask, &walk->ledger, error))
    return false;
  RosterWhen when = when_of(walk);
  walk->roster = roster_open(ask->store, &when, error);
  if (walk->roster == NULL || !dormant_sides_watch(&walk->sides, ask, walk->roster, error))
    return false;
  dormant_match_open(walk);
  return true;
}

static void close_walk(DormantWalk *walk)
{
  dormant_match_close(walk);
  dormant_sides_close(&walk->sides);
  roster_free(walk->roster);
  dormant_ledger_close(&walk->ledger);
  g_array_unref(walk->states);
  g_string_free(walk->scratch, TRUE);
}

bool dormant_run(const DormantAsk *ask, DormantReport *out, GError **error)
{
  *out = (DormantReport){.as_of = ask->as_of,
                         .accounts = g_array_new(FALSE, FALSE, sizeof(DormantAccount)),
                         .upcoming = g_array_new(FALSE, FALSE, sizeof(DormantAccount)),
                         .counts = g_array_new(FALSE, TRUE, sizeof(DormantCount)),
                         .whys = g_array_new(FALSE, FALSE, sizeof(DormantWhy)),
                         .restrictions = g_array_new(FALSE, FALSE, sizeof(Restriction)),
                         .unbegun = g_ptr_array_new_with_free_func(g_free),
                         .texts = g_string_chunk_new(4096)};
  bool restricted = false;
  for (size_t i = 0; i < dormant_n_policies(ask->dormant); i++) {
    DormantCount count = {.policy = dormant_policy(ask->dormant, i)};
    g_array_append_val(out->counts, count);
    restricted = restricted || count.policy->restricted;
  }
  DormantWalk walk = {.restricted = restricted,
                      .ask = ask,
                      .now = dormant_moment(ask),
                      .states = g_array_new(FALSE, FALSE, sizeof(StateSpan)),
                      .scratch = g_string_new(NULL),
                      .out = out};
  bool fine = open_walk(&walk, error);
  if (fine)
    note_sources(&walk);
  fine = fine && walk_all(&walk, error);
  if (fine) {
    note_strays(&walk);
    note_nobody(&walk);
    tell_whys(&walk);
  }
  close_walk(&walk);
  return fine;
}

void dormant_report_clear(DormantReport *report)
{
  GArray **arrays[] = {&report->accounts, &report->upcoming, &report->counts, &report->whys,
                       &report->restrictions};
  for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
    g_clear_pointer(arrays[i], g_array_unref);
  g_clear_pointer(&report->unbegun, g_ptr_array_unref);
  g_clear_pointer(&report->texts, g_string_chunk_free);
}
