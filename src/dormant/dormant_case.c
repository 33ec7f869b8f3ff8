// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is known of one account: its last use, since when the clock runs, and what keeps it from going on.
#include "dormant_p.h"

#include <string.h>

static const DormantSide *side_at(const DormantWalk *walk, size_t side)
{
  return &g_array_index(walk->sides.sides, DormantSide, side);
}

static int first_days(const DormantPolicy *policy)
{
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (policy->steps[i].given)
      return policy->steps[i].after_days;
  return 0;
}

// ---------------------------------------------------------------------------------------------
// Use.

static void take_use(const EvidenceUse *use, DormantAccount *out)
{
  DormantCase *what = &out->what;
  what->unused_to =
      use->answer == EVIDENCE_UNKNOWN ? what->unused_to : MIN(what->unused_to, use->unused_to);
  if (use->answer == EVIDENCE_NEVER)
    what->known_from = MAX(what->known_from, use->since);
  if (use->moment > what->told) {
    what->told = use->moment;
    out->source = use->source;
  }
  what->used = MAX(what->used, use->latest);
  if (use->answer == EVIDENCE_UNKNOWN && !what->suspended) {
    what->suspended = true;
    out->fault = use->fault;
    out->why = use->why;
  }
}

// The object of the same person of which the source speaks.
static bool other_object(const DormantWalk *walk, const EvidenceSource *source, uint32_t person,
                         GString *out)
{
  const Mapping *mapping = walk->ask->mapping;
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (klass->subject != FOR_PERSON || strcmp(klass->target, source->target) != 0 ||
        (source->klass != NULL && strcmp(source->klass, klass->name) != 0))
      continue;
    g_string_printf(out, "%s/%u", klass->name, person);
    return true;
  }
  return false;
}

// Whoever has no account there cannot have used it.
static void ask_also(DormantWalk *walk, const DormantPolicy *policy, uint32_t person,
                     DormantAccount *out)
{
  for (size_t i = 0; i < policy->n_also; i++) {
    const EvidenceSource *source = evidence_source_at(walk->ask->dormant->sources, policy->also[i]);
    size_t side = dormant_side_of(&walk->sides, source->target);
    EvidenceUse use;
    if (!other_object(walk, source, person, walk->scratch))
      continue;
    evidence_view_ask(side_at(walk, side)->view, walk->scratch->str, &policy->also[i], 1, &use);
    const EvidenceStand *stand = evidence_view_stand(side_at(walk, side)->view, policy->also[i]);
    if (use.answer == EVIDENCE_UNKNOWN && use.moment == INSTANT_NONE && stand->counts &&
        store_binding_of(walk->ask->store, source->target, walk->scratch->str) == NULL)
      continue;
    take_use(&use, out);
  }
}

static bool is_used(const DormantWalk *walk, const DormantPolicy *policy, Instant from)
{
  return from != INSTANT_NONE &&
         date_of_instant(from) + first_days(policy) > date_of_instant(walk->now);
}

// ---------------------------------------------------------------------------------------------
// The clock.

static bool is_away(State state)
{
  return state == STATE_LEAVE || state == STATE_SUSPENDED || state == STATE_SECONDED;
}

// The first day of this time in service, and whether another time came before it.
static Instant in_service_since(DormantWalk *walk, const Person *person, bool *again)
{
  g_array_set_size(walk->states, 0);
  roster_states_of(walk->roster, person, walk->states);
  Date from = DATE_NONE;
  *again = false;
  bool before = false;
  for (guint i = 0; i < walk->states->len; i++) {
    const StateSpan *span = &g_array_index(walk->states, StateSpan, i);
    if (span->from > walk->ask->as_of)
      break;
    if (span->state == STATE_ACTIVE) {
      from = span->from;
      *again = before;
    }
    before = before || span->state == STATE_ACTIVE || is_away(span->state);
  }
  return from == DATE_NONE ? INSTANT_NONE : date_start(from);
}

static Instant first_seen(const DormantWalk *walk, const DormantEntry *entry)
{
  g_autofree char *name = g_strconcat(side_at(walk, entry->side)->target, " ", entry->object, NULL);
  const char *text = store_cursor_get(walk->ask->store, DORMANT_SEEN, name);
  Instant at = INSTANT_NONE;
  if (text != NULL)
    instant_parse(text, &at);
  return at;
}

static void find_began(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                       DormantAccount *out)
{
  DormantCase *what = &out->what;
  OpBegan journal;
  store_op_began(walk->ask->store, out->target, entry->object, &journal);
  what->began = journal.on;
  // A guard, or the target, may have kept it on for a while: the grace of the next stage is counted from when it was off.
  Instant *off = &what->stands[DORMANT_DISABLE];
  if (*off != INSTANT_NONE)
    *off = MAX(*off, journal.off);
  const Instant *lifted =
      dormant_ledger_find(&walk->ledger, walk->ledger.lifted, out->target, entry->object);
  if (lifted != NULL)
    what->began = MAX(what->began, *lifted);
  bool again = false;
  Instant service = person == NULL ? INSTANT_NONE : in_service_since(walk, person, &again);
  if (again)
    what->began = MAX(what->began, service);
  // Of an account that was used once, nothing older counts.
  if (what->used != INSTANT_NONE) {
    what->known_from = INSTANT_NONE;
    return;
  }
  what->began = MAX(MAX(what->began, journal.known), service);
  if (what->began == INSTANT_NONE)
    what->began = first_seen(walk, entry);
}

// ---------------------------------------------------------------------------------------------
// What keeps it from going on.

static const DormantWord *find_exemption(const DormantWalk *walk, const DormantEntry *entry,
                                         const char *target)
{
  GHashTable *exempt = walk->ledger.exempt;
  char bearer[32];
  g_snprintf(bearer, sizeof bearer, "#%u", entry->person);
  const char *const names[] = {entry->object, bearer};
  const char *const targets[] = {target, "*"};
  const DormantWord *word = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    for (size_t k = 0; k < G_N_ELEMENTS(targets) && word == NULL; k++)
      word = dormant_ledger_find(&walk->ledger, exempt, targets[k], names[i]);
  return word;
}

static bool is_held(const DormantWalk *walk, const DormantEntry *entry, const char *target)
{
  return store_holds_on(walk->ledger.holds,
                        &(HeldThing){target, entry->object, NULL, entry->person}) != NULL;
}

static DormantExempt by_state(const DormantEntry *entry, const Person *person)
{
  if (entry->person == 0)
    return DORMANT_NOT_EXEMPT;
  State state = person == NULL ? STATE_NONE : person->state;
  if (is_away(state))
    return DORMANT_AWAY;
  return state == STATE_LEFT     ? DORMANT_LEFT
         : state == STATE_FUTURE ? DORMANT_COMING
         : state == STATE_NONE   ? DORMANT_UNKNOWN
                                 : DORMANT_NOT_EXEMPT;
}

static void find_exempt(const DormantWalk *walk, const DormantEntry *entry, const Person *person,
                        DormantAccount *out)
{
  DormantCase *what = &out->what;
  what->exempt = is_held(walk, entry, out->target) ? DORMANT_HELD : by_state(entry, person);
  if (what->exempt == DORMANT_AWAY)
    out->exempt_why = state_name(person->state);
  if (what->exempt != DORMANT_NOT_EXEMPT)
    return;
  const DormantWord *word = find_exemption(walk, entry, out->target);
  what->exempt = word != NULL ? DORMANT_NAMED : DORMANT_NOT_EXEMPT;
  if (word == NULL) {
    word = dormant_ledger_find(&walk->ledger, walk->ledger.claims, out->target, entry->object);
    what->exempt = word != NULL ? DORMANT_CLAIMED : DORMANT_NOT_EXEMPT;
  }
  if (word != NULL)
    out->exempt_why = g_string_chunk_insert(walk->out->texts, word->why);
}

// ---------------------------------------------------------------------------------------------

static void take_standing(const DormantWalk *walk, const DormantEntry *entry, DormantAccount *out)
{
  const DormantStanding *standing =
      dormant_ledger_find(&walk->ledger, walk->ledger.standing, out->target, entry->object);
  out->stage = -1;
  for (int i = 0; i < DORMANT_N_STAGES; i++) {
    out->what.stands[i] = standing == NULL ? INSTANT_NONE : standing->since[i];
    out->what.decided[i] = standing != NULL && standing->decided[i];
    if (out->what.stands[i] != INSTANT_NONE)
      out->stage = i;
  }
  const DormantRemoval *removal =
      dormant_ledger_find(&walk->ledger, walk->ledger.removals, out->target, entry->object);
  out->what.removal = removal == NULL ? INSTANT_NONE : removal->at;
}

bool dormant_case(DormantWalk *walk, const DormantEntry *entry, DormantAccount *out)
{
  const DormantPolicy *policy = out->policy;
  out->what = (DormantCase){.now = walk->now,
                            .told = INSTANT_NONE,
                            .used = INSTANT_NONE,
                            .began = INSTANT_NONE,
                            .known_from = INSTANT_NONE,
                            .unused_to = walk->now};
  out->source = out->fault = EVIDENCE_NO_SOURCE;
  EvidenceUse use;
  evidence_view_ask(side_at(walk, entry->side)->view, entry->object, policy->sources,
                    policy->n_sources, &use);
  take_use(&use, out);
  take_standing(walk, entry, out);
  bool asked = walk->ask->person != 0 && walk->ask->person == entry->person;
  bool plain = out->stage < 0 && out->what.removal == INSTANT_NONE && !asked;
  if (plain && is_used(walk, policy, out->what.used))
    return false;
  ask_also(walk, policy, entry->person, out);
  if (plain && is_used(walk, policy, out->what.used))
    return false;
  out->never = out->what.used == INSTANT_NONE;
  return true;
}

void dormant_case_bearer(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                         DormantAccount *out)
{
  find_began(walk, entry, person, out);
  find_exempt(walk, entry, person, out);
}
