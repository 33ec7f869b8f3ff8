// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <string.h>

void desired_close(Desired *desired)
{
  if (desired != NULL)
    desired->type->close(desired);
}

void desired_source_close(DesiredSource *source)
{
  if (source != NULL)
    source->close(source);
}

// ---------------------------------------------------------------------------------------------
// Values.

static uint16_t klass_of(const Desired *desired, size_t i)
{
  return derive_klass(((const Derived *)desired)->derive, i);
}

static bool why_of(Desired *desired, uint32_t entry, const char *attribute, Why *out)
{
  return derive_why(((Derived *)desired)->derive, entry, attribute, out, NULL);
}

static bool why_of_edge(Desired *desired, uint32_t group, uint32_t member, Why *out)
{
  return derive_why_edge(((Derived *)desired)->derive, group, member, out, NULL);
}

static bool origin_of(Desired *desired, int64_t row, RowOrigin *out)
{
  return store_row_origin(((Derived *)desired)->store, row, out);
}

static bool event_of(Desired *desired, uint32_t person, int64_t row, bool enables,
                     DesiredEvent *out)
{
  return desired_event((Derived *)desired, person, row, enables, out);
}

// ---------------------------------------------------------------------------------------------
// Orders.

// An order explains operations of its day; afterwards it only explains why things are as they are.
enum { DAYS_EXPECTED = 7 };

static bool counts(const char *covered, const char *kind)
{
  g_auto(GStrv) kinds = g_strsplit(covered, " ", -1);
  return g_strv_contains((const char *const *)kinds, kind);
}

static const char *cover_of(Derived *derived, int64_t set_id, const char *kind)
{
  OrderSet set;
  if (set_id == 0 || !store_set_at(derived->store, set_id, &set) || !counts(set.covered, kind))
    return NULL;
  g_autofree char *text = *set.name
                              ? g_strdup_printf("%s v%" G_GINT64_FORMAT, set.name, set.version)
                              : g_strdup_printf("intake %" G_GINT64_FORMAT, set.intake);
  return g_string_chunk_insert_const(derived->texts, text);
}

static bool is_fresh(const Derived *derived, const OrderRow *order)
{
  return MAX(order->date, date_of_instant(order->known_from)) > derived->day - FRESH_DAYS;
}

static bool order_of(Desired *desired, int64_t row, DesiredOrder *out)
{
  Derived *derived = (Derived *)desired;
  OrderRow order;
  *out = (DesiredOrder){0};
  if (!store_order_at(derived->store, row, &order))
    return false;
  // The store's texts are others when it is asked again.
  const char *kind = g_string_chunk_insert_const(derived->texts, order.kind);
  *out = (DesiredOrder){.kind = kind, .fresh = is_fresh(derived, &order)};
  if (order.date < derived->day - DAYS_EXPECTED)
    return true;
  bool renumbers = strcmp(kind, "hire") == 0 && *order.old_number != '\0';
  out->renews = renumbers || strcmp(kind, "renew") == 0;
  out->cover = cover_of(derived, order.set, kind);
  return true;
}

static bool note_withdrawn(const OrderRow *order, void *data)
{
  Derived *derived = data;
  if (order->person == 0 || order->known_to > roster_when(derived->roster)->known_at)
    return true;
  g_autofree char *text = g_strdup_printf(
      _("a later version of HR's orders lacks order %s; idou orders confirm or keep"),
      order->number);
  g_hash_table_insert(derived->withdrawn, GUINT_TO_POINTER(order->person),
                      g_string_chunk_insert(derived->texts, text));
  return true;
}

static const char *doubt_of(Desired *desired, uint32_t person)
{
  return g_hash_table_lookup(((Derived *)desired)->withdrawn, GUINT_TO_POINTER(person));
}

// ---------------------------------------------------------------------------------------------
// What people call it.

static const Klass *class_of(const Derived *derived, const Entry *entry)
{
  for (size_t i = 0; entry->klass != KLASS_CONTAINER && i < derived->source->n_klasses; i++)
    if (derive_klass(derived->derive, i) == entry->klass)
      return derived->source->klass(derived->source, i);
  return NULL;
}

static uint32_t person_of(Desired *desired, uint32_t index)
{
  const Derived *derived = (const Derived *)desired;
  const Entry *entry = table_at(desired->table, index);
  const Klass *klass = class_of(derived, entry);
  if (klass != NULL && klass->subject == FOR_POST)
    return store_post_person(derived->store, entry->subject);
  bool known = klass != NULL && (klass->subject == FOR_PERSON || klass->subject == FOR_ASSIGNMENT);
  return known ? entry->subject : 0;
}

static bool label_person(const Derived *derived, uint32_t id, GString *out)
{
  const Person *person = NULL;
  if (!roster_person(derived->roster, id, &person, NULL) || person == NULL)
    return false;
  const char *name = person->fields[FIELD_NAME];
  g_string_append_printf(out, "%s %s", person->number == NULL ? "" : person->number,
                         name == NULL ? "" : name);
  return true;
}

static bool label_unit(const Derived *derived, uint32_t id, GString *out)
{
  const Unit *unit = roster_unit_by_id(derived->roster, id);
  if (unit != NULL)
    g_string_append_printf(out, "%s %s", unit->code, unit->name);
  return unit != NULL;
}

static void label_of(Desired *desired, uint32_t index, GString *out)
{
  const Derived *derived = (const Derived *)desired;
  const Entry *entry = table_at(desired->table, index);
  const Klass *klass = class_of(derived, entry);
  bool told = false;
  uint32_t person = person_of(desired, index);
  if (person != 0)
    told = label_person(derived, person, out);
  else if (klass != NULL && klass->subject == FOR_UNIT)
    told = label_unit(derived, entry->subject, out);
  if (!told)
    g_string_append(out, entry_key(entry));
}

static bool is_over(Desired *desired, uint32_t index)
{
  const Derived *derived = (const Derived *)desired;
  const Unit *unit = roster_unit_by_id(derived->roster, table_at(desired->table, index)->subject);
  return unit != NULL && unit->end <= derived->day;
}

static bool any_over(Desired *desired)
{
  size_t n = 0;
  roster_units_ended(((Derived *)desired)->roster, &n);
  return n > 0;
}

static bool end_of(Desired *desired, uint32_t entry, const char *reason, GError **error)
{
  return derive_end(((Derived *)desired)->derive, entry, reason, error);
}

// ---------------------------------------------------------------------------------------------
// Opening.

static void close_derived(Desired *desired)
{
  Derived *derived = (Derived *)desired;
  derive_free(derived->derive);
  roster_free(derived->roster);
  roster_free(derived->past);
  g_hash_table_unref(derived->units);
  g_hash_table_unref(derived->withdrawn);
  g_string_chunk_free(derived->texts);
  g_free(derived);
}

static const DesiredType derived_type = {
    .klass = klass_of,
    .why = why_of,
    .why_edge = why_of_edge,
    .origin = origin_of,
    .order = order_of,
    .event = event_of,
    .person = person_of,
    .label = label_of,
    .units = desired_units,
    .unit = desired_unit,
    .ended = is_over,
    .any_ended = any_over,
    .doubt = doubt_of,
    .end = end_of,
    .close = close_derived,
};

Derive *desired_derive(Desired *desired)
{
  return desired->type == &derived_type ? ((Derived *)desired)->derive : NULL;
}

Roster *desired_roster(Desired *desired)
{
  return desired->type == &derived_type ? ((Derived *)desired)->roster : NULL;
}

typedef struct Rules {
  DesiredSource source;
  const PlannerSetup *setup;
} Rules;

// Somebody whom the records do not know has nothing by the rules.
static bool derive_few(Derive *derive, const GArray *few, GError **error)
{
  GError *fault = NULL;
  for (guint i = 0; i < few->len && fault == NULL; i++)
    (void)derive_person(derive, g_array_index(few, uint32_t, i), &fault);
  if (fault == NULL)
    return true;
  g_propagate_error(error, fault);
  return false;
}

static bool derive(Derived *derived, const PlannerSetup *setup, const DesiredAsk *ask,
                   GError **error)
{
  // What an embargo still hides is not known yet.
  Instant known_at = setup->known_at == INSTANT_OPEN && !setup->embargoed
                         ? store_known_by(setup->store, setup->now)
                         : setup->known_at;
  RosterWhen when = {.as_of = ask->day, .known_at = known_at, .at = ask->at};
  mapping_horizon(setup->mapping, ask->config->name, &when.grace_days, &when.early_days);
  derived->roster = roster_open(setup->store, &when, error);
  if (derived->roster == NULL ||
      !store_orders_in_state(setup->store, "missing", note_withdrawn, derived, error))
    return false;
  DeriveSetup how = {setup->mapping, ask->config->name, derived->roster,
                     ask->table,     ask->findings,     ask->config->charset};
  derived->derive = derive_open(&how, error);
  if (derived->derive == NULL || ask->few == NULL)
    return derived->derive != NULL && derive_all(derived->derive, error);
  return derive_frame(derived->derive, error) && derive_few(derived->derive, ask->few, error);
}

static Desired *open_derived(const DesiredSource *source, const DesiredAsk *ask, GError **error)
{
  const PlannerSetup *setup = ((const Rules *)source)->setup;
  Derived *derived = g_new0(Derived, 1);
  derived->desired = (Desired){&derived_type, ask->table, ask->at};
  derived->source = source;
  derived->store = setup->store;
  derived->day = ask->day;
  derived->withdrawn = g_hash_table_new(g_direct_hash, g_direct_equal);
  derived->texts = g_string_chunk_new(1024);
  derived->units = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  if (derive(derived, setup, ask, error))
    return &derived->desired;
  close_derived(&derived->desired);
  return NULL;
}

static const Klass *klass_at(const DesiredSource *source, size_t i)
{
  return mapping_klass(((const Rules *)source)->setup->mapping, i);
}

static void hold_against(const DesiredSource *source, const MappingWorld *world, Findings *findings)
{
  mapping_check(((const Rules *)source)->setup->mapping, world, findings);
}

static void close_rules(DesiredSource *source)
{
  g_free(source);
}

DesiredSource *planner_derives(const PlannerSetup *setup)
{
  Rules *rules = g_new0(Rules, 1);
  rules->source = (DesiredSource){.digest = mapping_digest(setup->mapping),
                                  .n_klasses = mapping_n_klasses(setup->mapping),
                                  .klass = klass_at,
                                  .fits = hold_against,
                                  .open = open_derived,
                                  .close = close_rules};
  rules->setup = setup;
  return &rules->source;
}
