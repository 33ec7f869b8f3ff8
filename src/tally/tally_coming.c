// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the ledger and the rules know of the days to come.
#include "tally_p.h"

void tally_coming_open(TallyComing *coming, Date today, Date until)
{
  *coming = (TallyComing){.today = today,
                          .until = until,
                          .events = g_array_new(false, false, sizeof(TallyEvent)),
                          .texts = g_string_chunk_new(4096)};
}

void tally_coming_clear(TallyComing *coming)
{
  g_clear_pointer(&coming->events, g_array_unref);
  g_clear_pointer(&coming->texts, g_string_chunk_free);
}

static const char *keep(const TallyComing *coming, const char *text)
{
  return text && *text ? g_string_chunk_insert_const(coming->texts, text) : "";
}

void tally_coming_add(TallyComing *coming, const TallyEvent *event, bool late)
{
  if (!late && (event->day < coming->today || event->day >= coming->until))
    return;
  TallyEvent copy = {event->day, event->what, keep(coming, event->target),
                     keep(coming, event->whom), keep(coming, event->text)};
  g_array_append_val(coming->events, copy);
}

static int compare(const void *a, const void *b)
{
  const TallyEvent *x = a, *y = b;
  int order = (x->day > y->day) - (x->day < y->day);
  order = order != 0 ? order : strcmp(x->what, y->what);
  order = order != 0 ? order : strcmp(x->whom, y->whom);
  order = order != 0 ? order : strcmp(x->target, y->target);
  return order != 0 ? order : strcmp(x->text, y->text);
}

static bool is_same(const TallyEvent *a, const TallyEvent *b)
{
  return compare(a, b) == 0;
}

void tally_coming_sort(TallyComing *coming)
{
  g_array_sort(coming->events, compare);
  for (guint i = coming->events->len; i > 1; i--)
    if (is_same(&g_array_index(coming->events, TallyEvent, i - 1),
                &g_array_index(coming->events, TallyEvent, i - 2)))
      g_array_remove_index(coming->events, i - 1);
}

// ---------------------------------------------------------------------------------------------

typedef struct Walk {
  const TallyAsk *ask;
  TallyComing *coming;
  Roster *roster;
  GPtrArray *targets;  // const char *, of the rules
  GError *fault;
} Walk;

static char *label(const Person *person)
{
  const char *name = person ? person->fields[FIELD_NAME] : NULL;
  return person ? g_strjoin(name ? " " : "", person->number, name ? name : "", NULL) : g_strdup("");
}

static char *label_of(const Walk *walk, uint32_t id)
{
  const Person *person = NULL;
  return id != 0 && roster_person(walk->roster, id, &person, NULL) ? label(person) : g_strdup("");
}

// "account/17", or what it is called where nobody is behind it.
static char *label_of_object(const Walk *walk, const char *object)
{
  const char *slash = strchr(object, '/');
  bool orphan = g_str_has_prefix(object, "orphan/");
  char *found =
      label_of(walk, slash && !orphan ? (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10) : 0);
  if (*found != '\0')
    return found;
  g_free(found);
  return g_strdup(object);
}

static void say(const Walk *walk, const TallyEvent *event)
{
  tally_coming_add(walk->coming, event, false);
}

static char *day_text(Date day)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(day, text);
  return g_string_free(g_steal_pointer(&text), false);
}

// ---------------------------------------------------------------------------------------------
// Orders.

static bool take_order(const OrderRow *order, void *data)
{
  static const char *const known[] = {"holds", "waits", NULL};
  const Walk *walk = data;
  if (!g_strv_contains(known, order->state))
    return true;
  // The store's texts are others when it is asked again.
  g_autofree char *text = g_strdup_printf(_("%s, order %s%s"), order->kind, order->number,
                                          g_str_equal(order->state, "waits") ? _(", waits") : "");
  g_autofree char *number = g_strdup(order->person_number);
  Date date = order->date;
  g_autofree char *whom = label_of(walk, order->person);
  say(walk, &(TallyEvent){date, "order", "", *whom ? whom : number, text});
  return true;
}

static bool add_orders(Walk *walk, GError **error)
{
  OrderTime when = {walk->coming->today, walk->coming->until,
                    store_known_by(walk->ask->store, walk->ask->now)};
  return store_orders_dated(walk->ask->store, &when, take_order, walk, error);
}

// ---------------------------------------------------------------------------------------------
// People: terms, posts, what their ends leave.

static const struct {
  const char *role, *what;
} ends[] = {{"request", "request-ends"}};

static const char *end_of_role(const char *role)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
    if (g_str_equal(ends[i].role, role))
      return ends[i].what;
  return "post-ends";
}

// Also what no order of its day says: the end of a leave that was told with its beginning.
static void add_states(const Walk *walk, const Person *person, const char *whom)
{
  g_autoptr(GArray) spans = g_array_new(false, false, sizeof(StateSpan));
  roster_states_of(walk->roster, person, spans);
  for (guint i = 1; i < spans->len; i++) {
    const StateSpan *span = &g_array_index(spans, StateSpan, i);
    g_autofree char *text =
        g_strdup_printf("%s → %s", state_name(span[-1].state), state_name(span->state));
    if (span->state != span[-1].state)
      say(walk, &(TallyEvent){span->from, "state", "", whom, text});
  }
}

static void add_term(const Walk *walk, const Person *person, const char *whom)
{
  Date until;
  const char *told = person->fields[FIELD_UNTIL];
  if (!told || !state_in_service(person->state) || !date_parse_iso(told, &until))
    return;
  say(walk, &(TallyEvent){until, "term-ends", "", whom, _("last day of the fixed term")});
}

static void add_posts(const Walk *walk, const Person *person, const char *whom)
{
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    const char *duty = post->fields[FIELD_DUTY];
    // A main post that ends begins another, or is the order's matter.
    if (post->main || post->end == DATE_OPEN)
      continue;
    const char *unit = post->unit && *post->unit ? post->unit : NULL;
    g_autofree char *text = unit ? g_strjoin(" ", post->role, unit, duty, NULL)
                                 : g_strjoin(" ", post->role, duty, NULL);
    say(walk, &(TallyEvent){post->end - 1, end_of_role(post->role), "", whom, text});
  }
}

static void add_ends(const Walk *walk, const char *whom, Date event, const char *why)
{
  g_autoptr(GArray) days = g_array_new(false, false, sizeof(Date));
  for (guint i = 0; i < walk->targets->len; i++) {
    const char *target = walk->targets->pdata[i];
    g_array_set_size(days, 0);
    mapping_ends(walk->ask->mapping, target, event, why == NULL, days);
    for (guint k = 0; k < days->len; k++)
      say(walk, &(TallyEvent){g_array_index(days, Date, k), why ? "grace-ends" : "deletion", target,
                              whom, why ? why : _("the account of who has left")});
  }
}

static void add_graces(const Walk *walk, const Person *person, const char *whom)
{
  if (person->state == STATE_LEFT)
    add_ends(walk, whom, person->state_since, NULL);
  for (size_t i = 0; i < person->n_posts; i++) {
    const Post *post = &person->posts[i];
    if (post->end == DATE_OPEN || post->end > walk->coming->today || person->state == STATE_LEFT)
      continue;
    g_autofree char *last = day_text(post->end - 1);
    g_autofree char *why =
        g_strdup_printf(_("rights of the post in %s, which ended %s"), post->unit, last);
    add_ends(walk, whom, post->end, why);
  }
}

static bool add_people(Walk *walk, GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  while (roster_next(walk->roster, &person, &fault) && person) {
    g_autofree char *whom = label(person);
    add_states(walk, person, whom);
    add_term(walk, person, whom);
    add_posts(walk, person, whom);
    if (walk->ask->mapping)
      add_graces(walk, person, whom);
  }
  if (fault)
    g_propagate_error(error, fault);
  return !fault;
}

// ---------------------------------------------------------------------------------------------
// What people said, and rules that name somebody.

static bool take_claim(const ClaimRow *claim, void *data)
{
  const Walk *walk = data;
  g_autofree char *text =
      g_strjoin(": ", *claim->group ? claim->group : claim->cause, claim->reason, NULL);
  g_autofree char *target = g_strdup(claim->target);
  Date until = claim->until;
  g_autofree char *whom = label_of_object(walk, claim->object);
  say(walk, &(TallyEvent){until, "claim-ends", target, whom, text});
  return true;
}

static bool take_restriction(const RestrictionRow *row, void *data)
{
  const Walk *walk = data;
  if (row->until == DATE_OPEN)
    return true;
  g_autofree char *text = g_strdup_printf("%s, %s: %s", row->cause, row->what, row->reason);
  g_autofree char *target = g_strdup(row->target);
  Date until = row->until;
  g_autofree char *whom = label_of_object(walk, row->object);
  say(walk, &(TallyEvent){until, "restriction-ends", target, whom, text});
  return true;
}

static void take_rule(const MappingException *row, void *data)
{
  const Walk *walk = data;
  g_autofree char *text = g_strjoin(": ", row->assignment, row->reason ? row->reason : "", NULL);
  if (row->to != DATE_OPEN)
    say(walk, &(TallyEvent){row->to - 1, "exception-ends", row->target, row->number, text});
  say(walk, &(TallyEvent){row->from, "exception-begins", row->target, row->number, text});
}

static void add_rules(Walk *walk)
{
  const Dormant *dormant = walk->ask->dormant;
  if (walk->ask->mapping)
    mapping_exceptions_each(walk->ask->mapping, take_rule, walk);
  for (size_t i = 0; dormant && i < dormant_n_exemptions(dormant); i++) {
    DormantNamed named = dormant_exemption(dormant, i);
    const char *target = g_str_equal(named.target, "*") ? "" : named.target;
    say(walk, &(TallyEvent){named.until, "exemption-ends", target, named.who, named.reason});
  }
}

static bool take_inquiry(const InquiryCount *count, void *data)
{
  const Walk *walk = data;
  const Inquiry *inquiry = &count->inquiry;
  g_autofree char *text =
      g_strdup_printf(ngettext("%s: %zu question is not answered",
                               "%s: %zu questions are not answered", count->n_open),
                      inquiry->title, count->n_open);
  const char *unit = *inquiry->unit_name ? inquiry->unit_name : inquiry->unit;
  const TallyEvent event = {inquiry->due, count->overdue ? "inquiry-overdue" : "inquiry-due", "",
                            unit, text};
  if (count->n_open > 0)
    tally_coming_add(walk->coming, &event, count->overdue);
  return true;
}

// ---------------------------------------------------------------------------------------------

static void find_targets(Walk *walk, int *horizon)
{
  const Mapping *mapping = walk->ask->mapping;
  for (size_t i = 0; mapping && i < mapping_n_klasses(mapping); i++) {
    const char *target = mapping_klass(mapping, i)->target;
    int grace = 0, early = 0;
    if (g_ptr_array_find_with_equal_func(walk->targets, target, g_str_equal, NULL))
      continue;
    g_ptr_array_add(walk->targets, (gpointer)target);
    mapping_horizon(mapping, target, &grace, &early);
    *horizon = MAX(*horizon, grace);
  }
}

bool tally_coming(const TallyAsk *ask, TallyComing *coming, GError **error)
{
  int horizon = 0;
  g_autoptr(GPtrArray) targets = g_ptr_array_new();
  Walk walk = {.ask = ask, .coming = coming, .targets = targets};
  find_targets(&walk, &horizon);
  RosterWhen when = {.as_of = coming->today,
                     .known_at = store_known_by(ask->store, ask->now),
                     .grace_days = horizon,
                     .early_days = coming->until - coming->today};
  g_autoptr(Roster) roster = roster_open(ask->store, &when, error);
  walk.roster = roster;
  if (!roster || !add_orders(&walk, error) || !add_people(&walk, error) ||
      !store_claims_each(ask->store, NULL, take_claim, &walk, error) ||
      !store_restrictions_each(ask->store, NULL, take_restriction, &walk, error) ||
      !inquiry_counts_each(ask->store, NULL, coming->today, take_inquiry, &walk, error))
    return false;
  add_rules(&walk);
  return store_check(ask->store, error);
}
