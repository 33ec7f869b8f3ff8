// SPDX-License-Identifier: GPL-3.0-or-later
#include "planner/planner_p.h"

#include <sodium.h>
#include <string.h>

static void free_ops(gpointer data)
{
  EntryOps *ops = data;
  g_clear_pointer(&ops->leaves, g_array_unref);
  g_clear_pointer(&ops->outs, g_array_unref);
  g_clear_pointer(&ops->allocated, g_array_unref);
  g_free(ops);
}

void side_clear(Side *side)
{
  for (size_t i = 0; side->matchers != NULL && i < side->setup->source->n_klasses; i++)
    matcher_free(side->matchers[i]);
  g_free(side->matchers);
  side_night_clear(side);
  desired_close(side->desired);
  desired_close(side->today);
  g_free(side->klasses);
  findings_free(side->untold);
  table_free(side->table);
  table_free(side->today_table);
  schema_free(side->schema);
  g_free(side->flags);
  g_clear_pointer(&side->places, g_hash_table_unref);
  g_clear_pointer(&side->normal_places, g_hash_table_unref);
  g_clear_pointer(&side->located, g_hash_table_unref);
  g_clear_pointer(&side->renewing, g_hash_table_unref);
  g_clear_pointer(&side->unresolved, g_array_unref);
  g_clear_pointer(&side->ops, g_hash_table_unref);
  g_clear_pointer(&side->placed, g_hash_table_unref);
  g_clear_pointer(&side->members, g_hash_table_unref);
  g_clear_pointer(&side->seen, g_hash_table_unref);
  g_clear_pointer(&side->labels, g_hash_table_unref);
  g_clear_pointer(&side->kept_by, g_hash_table_unref);
  g_clear_pointer(&side->kept, g_ptr_array_unref);
  g_clear_pointer(&side->orphans, g_ptr_array_unref);
  g_clear_pointer(&side->orphan_names, g_hash_table_unref);
  g_clear_pointer(&side->claims, g_ptr_array_unref);
  g_clear_pointer(&side->spared, g_ptr_array_unref);
  g_clear_pointer(&side->proposals, g_array_unref);
  g_clear_pointer(&side->followers, g_array_unref);
  g_clear_pointer(&side->gifts, g_hash_table_unref);
  g_clear_pointer(&side->looks, g_ptr_array_unref);
  g_clear_pointer(&side->looked, g_hash_table_unref);
  g_clear_pointer(&side->delivered, g_hash_table_unref);
  g_clear_pointer(&side->strangers, g_array_unref);
  side_free_restraints(side);
  g_clear_pointer(&side->withheld, g_array_unref);
  if (side->scratch != NULL)
    g_string_free(side->scratch, TRUE);
  if (side->fingerprint != NULL)
    g_string_free(side->fingerprint, TRUE);
  g_clear_pointer(&side->arena, g_string_chunk_free);
}

// A day is planned for as it begins; today as it is now, so that what was given by the hour is not taken away
// before its time.
static Instant moment_of(const PlannerSetup *setup)
{
  if (setup->at != 0)
    return setup->at;
  bool today = date_of_instant(setup->now) == setup->as_of;
  return today ? setup->now : date_start(setup->as_of);
}

void side_init(Side *side, const PlannerSetup *setup, size_t target, Plan *plan)
{
  *side = (Side){.setup = setup, .target = &setup->targets[target], .plan = plan};
  side->base = side->target->config->base;
  plan_add_section(plan, side->target->config->name);
  side->section = plan_n_sections(plan) - 1;
  side->untold = findings_new();
  side->later = moment_of(setup) > setup->now;
  side->schema = schema_new();
  side->table = table_new(side->schema);
  side->matchers = g_new0(Matcher *, setup->source->n_klasses + 1);
  side->places = g_hash_table_new(g_direct_hash, g_direct_equal);
  side->located = g_hash_table_new(g_direct_hash, g_direct_equal);
  side->renewing = g_hash_table_new(NULL, NULL);
  side->unresolved = g_array_new(FALSE, FALSE, sizeof(Unresolved));
  side->ops = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_ops);
  side->placed = g_hash_table_new(g_str_hash, g_str_equal);
  side->members = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, side_free_members);
  side->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  side->labels = g_hash_table_new(g_direct_hash, g_direct_equal);
  side->kept_by = g_hash_table_new(g_direct_hash, g_direct_equal);
  side->kept = g_ptr_array_new_with_free_func(g_free);
  side->orphans = g_ptr_array_new_with_free_func(g_free);
  side->claims = g_ptr_array_new_with_free_func(g_free);
  side->spared = g_ptr_array_new_with_free_func(g_free);
  side->proposals = g_array_new(FALSE, FALSE, sizeof(Proposal));
  side->followers = g_array_new(FALSE, FALSE, sizeof(Proposal));
  side->gifts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  side->scratch = g_string_new(NULL);
  side->arena = g_string_chunk_new(64 * 1024);
  side->fingerprint = g_string_new(NULL);
  randombytes_buf(side->place_seed, sizeof side->place_seed);
}

// ---------------------------------------------------------------------------------------------
// Schema: ask the target about every attribute that a rule names, and hold the mappings against it. What is
// wrong with them is told here, once, and not again for each person.

static void name_attributes(Side *side, const Klass *klass)
{
  schema_attr(side->schema, "objectClass");
  schema_attr(side->schema, klass->key_attribute);
  for (const char *const *name = klass->attributes; *name != NULL; name++)
    schema_attr(side->schema, *name);
  for (const char *const *name = klass->adopt; name != NULL && *name != NULL; name++)
    schema_attr(side->schema, *name);
  if (klass->member_attribute != NULL)
    schema_attr(side->schema, klass->member_attribute);
  for (size_t i = 0; i < klass->n_names; i++)
    for (const char *const *name = klass->names[i].taken; *name != NULL; name++)
      schema_attr(side->schema, *name);
}

bool side_learn(Side *side, GError **error)
{
  const char *target = side->target->config->name;
  for (size_t i = 0; i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (strcmp(klass->target, target) == 0)
      name_attributes(side, klass);
  }
  if (side->target->config->disable_attribute != NULL)
    schema_attr(side->schema, side->target->config->disable_attribute);
  for (const char *const *name = side->target->protects_attributes; name != NULL && *name != NULL;
       name++)
    schema_attr(side->schema, *name);
  for (const char *const *name = side->extra; name != NULL && *name != NULL; name++)
    schema_attr(side->schema, *name);
  g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(g_free);
  if (!reader_schema(side->target->reader, side->schema, classes, error))
    return false;
  g_ptr_array_add(classes, NULL);
  size_t before = findings_count_level(side->setup->findings, FINDING_ERROR);
  MappingWorld world = {.target = target,
                        .charset = side->target->config->charset,
                        .fields = side->setup->fields,
                        .schema = side->schema,
                        .policies = side->setup->policies,
                        .object_classes = (const char *const *)classes->pdata};
  side->setup->source->fits(side->setup->source, &world, side->setup->findings);
  if (findings_count_level(side->setup->findings, FINDING_ERROR) == before)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("the mappings do not fit target %s: see the findings"), target);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Desired.

static void list_klasses(Side *side)
{
  const DesiredSource *source = side->setup->source;
  side->klasses = g_new0(const Klass *, table_n_klasses(side->table) + 1);
  for (size_t i = 0; i < source->n_klasses; i++) {
    uint16_t klass = side->desired->type->klass(side->desired, i);
    if (klass != KLASS_CONTAINER)
      side->klasses[klass] = source->klass(source, i);
  }
}

static size_t count_unnamed(Side *side)
{
  size_t n = 0;
  const Unnamed *unnamed = side->derive == NULL ? NULL : derive_unnamed(side->derive, &n);
  for (size_t i = 0; i < n; i++) {
    if (unnamed[i].former != NULL)
      g_hash_table_add(side->renewing, GUINT_TO_POINTER(unnamed[i].entry));
    side->reads_names |= !unnamed[i].follows;
  }
  return n;
}

bool side_derive(Side *side, GError **error)
{
  const PlannerSetup *setup = side->setup;
  g_autoptr(GArray) few = side_few(side);
  DesiredAsk ask = {.config = side->target->config,
                    .table = side->table,
                    .day = setup->as_of,
                    .at = moment_of(setup),
                    .findings = setup->findings,
                    .few = few};
  side->desired = setup->source->open(setup->source, &ask, error);
  if (side->desired == NULL)
    return false;
  side->derive = desired_derive(side->desired);
  list_klasses(side);
  side->n_unnamed = count_unnamed(side);
  // Doubles are told once, when the names are known.
  g_autoptr(Findings) again = findings_new();
  table_freeze(side->table, side->n_unnamed > 0 ? again : setup->findings);
  side->flags = g_new0(uint16_t, table_count(side->table) + 1);
  return side_restrict(side, error);
}

void side_place_containers(Side *side)
{
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    if (table_at(side->table, i)->klass != KLASS_CONTAINER)
      continue;
    g_autoptr(GString) dn = g_string_new(NULL);
    table_place(side->table, i, side->base, dn);
    side_remember_place(side, i, &(Bytes){dn->len, dn->str});
  }
}

// Whoever is named joins groups, of which some are made only now.
bool side_settle_names(Side *side, GError **error)
{
  size_t n_before = table_count(side->table);
  if (side->n_unnamed == 0)
    return true;
  if ((side->reads_names && !side_read_names_elsewhere(side, error)) ||
      !side_name_people(side, error))
    return false;
  table_freeze(side->table, side->setup->findings);
  size_t n = table_count(side->table);
  side->flags = g_renew(uint16_t, side->flags, n + 1);
  memset(side->flags + n_before, 0, (n + 1 - n_before) * sizeof *side->flags);
  return side_restrict(side, error);
}

// ---------------------------------------------------------------------------------------------
// What a mapping no longer names is let go of by an operation of its own.

static bool still_managed(const Side *side, const char *klass_name, const char *attribute)
{
  for (size_t i = 0; i < side->setup->source->n_klasses; i++) {
    const Klass *klass = side_klass_at(side, i);
    if (strcmp(klass->target, side->target->config->name) != 0 ||
        strcmp(klass->name, klass_name) != 0)
      continue;
    for (const char *const *name = klass->attributes; *name != NULL; name++)
      if (g_ascii_strcasecmp(*name, attribute) == 0)
        return true;
    const char *disable = side->target->config->disable_attribute;
    return g_ascii_strcasecmp(attribute, "objectClass") == 0 ||
           g_ascii_strcasecmp(attribute, klass->key_attribute) == 0 ||
           (klass->member_attribute != NULL &&
            g_ascii_strcasecmp(attribute, klass->member_attribute) == 0) ||
           (disable != NULL && g_ascii_strcasecmp(attribute, disable) == 0);
  }
  return false;
}

static bool release(const char *klass, const char *attribute, void *data)
{
  Side *side = data;
  if (still_managed(side, klass, attribute))
    return true;
  OpChange change = {.attribute = attribute};
  g_autofree char *label = g_strdup_printf("%s.%s", klass, attribute);
  Op op = {.kind = OP_RELEASE,
           .object = klass,
           .label = label,
           .changes = &change,
           .n_changes = 1,
           .not_before = INSTANT_NONE,
           .why = _("no rule names it any more")};
  side_add_op(side, &op);
  return true;
}

// ---------------------------------------------------------------------------------------------

// A plan for a day gives nothing that begins within it: who reads it shall know.
static void note_hours(Side *side)
{
  size_t n = 0;
  const Hourly *hourly = side->derive == NULL ? NULL : derive_hourly(side->derive, &n);
  for (size_t i = 0; i < n; i++) {
    uint32_t entry = table_find_subject(side->table, hourly[i].klass, hourly[i].person);
    if (entry == ENTRY_NONE)
      continue;
    g_autoptr(GString) from = g_string_new(NULL);
    g_autoptr(GString) to = g_string_new(NULL);
    instant_format(hourly[i].begins, from);
    instant_format(hourly[i].ends, to);
    // The seconds and the zone are of no interest.
    g_autofree char *text = g_strdup_printf(
        _("begins at %.16s, ends at %.16s; runs by the hour (as_of: now) give and take its rights"),
        from->str, to->len > 0 ? to->str : "-");
    side_note(side, "by-the-hour", hourly[i].unit, side_label(side, entry), text);
  }
}

// Of several classes for people, as a product's accounts and memberships are, the one that has most.
static void count_people(Side *side)
{
  g_autofree int64_t *people = g_new0(int64_t, table_n_klasses(side->table) + 1);
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    const Entry *entry = table_at(side->table, i);
    const Klass *klass = side_klass(side, i);
    people[entry->klass] +=
        klass != NULL && klass->subject == FOR_PERSON && entry->presence == PRESENCE_PRESENT;
  }
  for (size_t i = 0; i <= table_n_klasses(side->table); i++)
    plan_count_people(side->plan, people[i]);
}

static bool describe_section(Side *side, GError **error)
{
  int64_t desired = 0;
  for (uint32_t i = 0; i < table_count(side->table); i++) {
    const Entry *entry = table_at(side->table, i);
    const Klass *klass = side_klass(side, i);
    if (klass == NULL || entry->presence != PRESENCE_PRESENT)
      continue;
    desired++;
  }
  count_people(side);
  // Guards have limits by how many there are, not by how many were looked at.
  g_autoptr(GArray) few = side_few(side);
  int64_t n_bound = 0, n_people = 0;
  if (few != NULL && !side_count_bound(side, &n_bound, &n_people, error))
    return false;
  plan_count_people(side->plan, n_people);
  PlanSection section = {.base = side->base,
                         .fingerprint = side->fingerprint->str,
                         .n_read = (int64_t)side->n_read,
                         .n_ours = (int64_t)side->n_ours,
                         .n_desired = MAX(desired, n_bound)};
  plan_describe_section(side->plan, side->section, &section);
  return true;
}

// ---------------------------------------------------------------------------------------------
// All targets. They are read in threads of their own while one after the other is planned for.

static bool open_side(Side *side, GError **error)
{
  if (side->target->reader == NULL) {
    g_set_error_literal(error, IDOU_ERROR, EXIT_UNREAD, side->target->unread);
    return false;
  }
  if (!reader_fingerprint(side->target->reader, side->fingerprint, error) ||
      !side_learn(side, error))
    return false;
  if (!side->setup->only_restricted)
    side_read_ahead(side);
  return true;
}

// What was not read but is believed is said in every plan that is made from it.
static void note_remark(Side *side)
{
  const char *remark = reader_remark(side->target->reader);
  if (remark != NULL)
    side_note(side, "believed", side->base, "", remark);
}

// Nothing but what comes of restrictions that begin or end.
static bool plan_restrictions(Side *side, GError **error)
{
  if (!side_derive(side, error) || !side_read_restricted(side, error))
    return false;
  side_resolve_members(side);
  if (!side_entry_ops(side, error) || !side_edges(side, error) ||
      !store_check(side->setup->store, error))
    return false;
  side_link(side);
  side_night_settle(side);
  side_tell_withheld(side);
  note_remark(side);
  return describe_section(side, error);
}

static bool plan_side(Side *side, GError **error)
{
  if (side->setup->only_restricted)
    return plan_restrictions(side, error);
  if (!side_derive(side, error))
    return false;
  side_place_containers(side);
  if (!side_read(side, false, error) || !side_settle_names(side, error) ||
      !side_read(side, true, error))
    return false;
  side_resolve_members(side);
  if (!side_entry_ops(side, error) || !side_edges(side, error))
    return false;
  if (!store_ownership_each(side->setup->store, side->target->config->name, release, side, error))
    return false;
  // Getters of the store that met an unreadable page said "none": do not believe what was made of it.
  if (!store_check(side->setup->store, error))
    return false;
  side_link(side);
  side_night_settle(side);
  side_tell_withheld(side);
  side_note_seen(side);
  note_hours(side);
  if (!side_note_receipts(side, error))
    return false;
  note_remark(side);
  if (!describe_section(side, error))
    return false;
  const PlannerTarget *target = side->target;
  return target->trusts == NULL ||
         target->trusts(plan_section(side->plan, side->section), target->trusts_data, error);
}

typedef struct Making {
  Plan *plan;
  Side *sides;
  size_t n_sides, n_unread;
  GError *unread;  // of the first that could not be read
} Making;

// True when the others can go on without this target.
static bool leave_out(Making *making, Side *side, GError *fault, GError **error)
{
  if (!g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
    g_propagate_error(error, fault);
    return false;
  }
  side->unread = true;
  side_across_unread(side);
  if (names_known_by(side->setup, side->section))
    side->names->unread = side->target->config->name;
  plan_abandon_section(making->plan, side->section, fault->message);
  making->n_unread++;
  if (making->unread == NULL)
    making->unread = fault;
  else
    g_error_free(fault);
  return true;
}

static bool each_side(Making *making, bool (*step)(Side *side, GError **error), GError **error)
{
  for (size_t i = 0; i < making->n_sides; i++) {
    GError *fault = NULL;
    Side *side = &making->sides[i];
    if (!side->unread && !step(side, &fault) && !leave_out(making, side, fault, error))
      return false;
  }
  return true;
}

static bool make_sides(Making *making, GError **error)
{
  if (!each_side(making, open_side, error) || !each_side(making, plan_side, error))
    return false;
  if (making->n_unread == 0 || making->n_unread < making->n_sides) {
    if (making->n_sides > 0 && making->sides[0].setup->finishes != NULL)
      making->sides[0].setup->finishes(making->plan, making->sides[0].setup->finishes_data);
    return plan_seal(making->plan, error);
  }
  g_propagate_error(error, g_steal_pointer(&making->unread));
  return false;
}

static Plan *make(const PlannerSetup *setup, GError **error)
{
  PlanHead head = {.as_of = setup->as_of,
                   .known_at = setup->known_at,
                   .at = setup->at,
                   .mapping_digest = setup->source->digest,
                   .program = "idou " IDOU_VERSION,
                   .whatif = setup->whatif,
                   .restricted = setup->only_restricted,
                   .bundle = setup->bundle};
  g_autoptr(Plan) plan = plan_new(&head);
  Names *names = names_new(setup->n_targets);
  Across *across = across_new();
  Making making = {plan, g_new0(Side, setup->n_targets + 1), setup->n_targets, 0, NULL};
  for (size_t i = 0; i < setup->n_targets; i++) {
    side_init(&making.sides[i], setup, i, plan);
    making.sides[i].names = names;
    making.sides[i].across = across;
    if (setup->survey != NULL)
      making.sides[i].extra = setup->survey->attributes;
  }
  bool fine = make_sides(&making, error);
  for (size_t i = 0; i < setup->n_targets; i++)
    side_clear(&making.sides[i]);
  g_free(making.sides);
  g_clear_error(&making.unread);
  names_free(names);
  across_free(across);
  return fine ? g_steal_pointer(&plan) : NULL;
}

Plan *planner_make(const PlannerSetup *setup, GError **error)
{
  if (setup->source != NULL)
    return make(setup, error);
  PlannerSetup ruled = *setup;
  g_autoptr(DesiredSource) rules = planner_derives(&ruled);
  ruled.source = rules;
  return make(&ruled, error);
}
