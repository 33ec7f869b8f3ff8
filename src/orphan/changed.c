// SPDX-License-Identifier: GPL-3.0-or-later
//
// What somebody changed by hand since the last run. Two plans are made from what is there now: one with what was known
// when the last run was planned, which would be empty if nobody had changed anything; and the one of today, which says
// what is put back. So what HR has said since is no change by hand, and there is no second comparing.
#include "orphan_p.h"

#include <string.h>

#define MOST_SHOWN_BYTES 400  // of a value; a picture is no text
#define WRITES                                                                             \
  (1U << OP_DISABLE | 1U << OP_LEAVE | 1U << OP_CREATE | 1U << OP_RENAME | 1U << OP_MOVE | \
   1U << OP_MODIFY | 1U << OP_JOIN | 1U << OP_ENABLE | 1U << OP_DELETE)

// ---------------------------------------------------------------------------------------------
// What the last run left.

static char *key_of(const Op *op)
{
  return g_strdup_printf("%s %s %s %s", op->target, op_traits(op->kind)->name, op->object,
                         op->member != NULL ? op->member : "");
}

typedef struct Leaving {
  const Plan *plan;
  GHashTable *left;
} Leaving;

static bool take_left(const OpRow *row, void *data)
{
  const Leaving *leaving = data;
  const Op *op = plan_op(leaving->plan, row->n);
  bool settled = strcmp(row->state, "done") == 0 || strcmp(row->state, "already") == 0;
  if (op != NULL && !settled)
    g_hash_table_add(leaving->left, key_of(op));
  return true;
}

bool orphan_left(Store *store, int64_t run, const Plan *plan, GHashTable *left, GError **error)
{
  Leaving leaving = {plan, left};
  return store_ops_each(store, run, take_left, &leaving, error);
}

// ---------------------------------------------------------------------------------------------
// Values in words.

static void add_value(Listing *listing, const char *target, const OpValue *value, GString *out)
{
  const Sight *sight =
      value->kind == VALUE_REF ? survey_ours(listing->survey, target, value->bytes) : NULL;
  g_string_append(out, out->len > 0 ? ", " : "");
  if (value->kind == VALUE_SECRET)
    g_string_append(out, _("(a password)"));
  else if (sight != NULL)
    g_string_append(out, sight->dn);
  else if (value->n > MOST_SHOWN_BYTES || !text_valid(value->bytes, value->n, NULL))
    g_string_append_printf(out, _("(%zu bytes)"), value->n);
  else
    g_string_append_len(out, value->bytes, (gssize)value->n);
}

static const char *values(Listing *listing, const Op *op, const OpChange *change, bool old)
{
  g_autoptr(GString) out = g_string_new(NULL);
  const OpValue *list = old ? change->old_values : change->new_values;
  size_t n = old ? change->n_old : change->n_new;
  bool secret = record_is_secret(change->attribute);
  for (size_t i = 0; i < n && !secret; i++)
    add_value(listing, op->target, &list[i], out);
  if (secret)
    g_string_assign(out, n > 0 ? _("(a password)") : "");
  return listing_keep(listing, out->str);
}

static const OpChange *change_of(const Op *op, const char *attribute)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (g_ascii_strcasecmp(op->changes[i].attribute, attribute) == 0)
      return &op->changes[i];
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// One operation of the plan of then, and what today's makes of it.

static const Op *today_op(const Listing *listing, const Op *then)
{
  g_autofree char *key = g_strdup_printf("%s %s", then->target, then->object);
  const GPtrArray *ops = g_hash_table_lookup(listing->ops, key);
  for (guint i = 0; ops != NULL && i < ops->len; i++) {
    const Op *op = g_ptr_array_index(ops, i);
    if (op->kind == then->kind && g_strcmp0(op->member, then->member) == 0)
      return op;
  }
  return NULL;
}

static OrphanItem item_of(Listing *listing, const Op *op)
{
  const char *object = op->member != NULL ? op->member : op->object;
  const Sight *sight = survey_ours(listing->survey, op->target, object);
  OrphanItem item = sight != NULL ? listing_sight(listing, ORPHAN_CHANGED, sight)
                                  : listing_item(listing, ORPHAN_CHANGED, op->target);
  item.object = listing_keep(listing, object);
  listing_person(listing, &item, op->person);
  if (*item.label == '\0')
    item.label = listing_keep(listing, op->label);
  if (*item.entry == '\0')
    item.entry = listing_keep(listing, op->label);
  item.op = op->n;
  return item;
}

static void edge(Listing *listing, const Op *op, OrphanItem *item)
{
  const Sight *group = survey_ours(listing->survey, op->target, op->object);
  const char *slash = strchr(op->object, '/');
  item->group = listing_keep(listing, slash != NULL ? slash + 1 : op->object);
  item->found = op->kind == OP_LEAVE ? _("somebody put them in") : _("somebody took them out");
  item->traced = group != NULL ? listing_keep(listing, group->dn) : "";
}

static void made_or_gone(Listing *listing, const Op *op, OrphanItem *item)
{
  if (op->kind == OP_CREATE)
    item->entry = listing_keep(listing, op->name);
  item->found = op->kind == OP_CREATE ? _("somebody deleted it") : _("somebody made it again");
}

// "uid=a,ou=people": where it is, below whatever the plan calls the place above it.
static const char *place_of(Listing *listing, const Op *op, const char *name, const char *parent)
{
  const char *slash = parent == NULL ? NULL : strchr(parent, '/');
  const Sight *sight = slash == NULL ? NULL : survey_ours(listing->survey, op->target, parent);
  const char *above = sight != NULL ? sight->dn : slash != NULL ? slash + 1 : "";
  return listing_keepf(listing, "%s%s%s", name, *above != '\0' ? "," : "", above);
}

static void moved(Listing *listing, const Op *op, OrphanItem *item)
{
  bool move = op->kind == OP_MOVE;
  item->found = move ? _("somebody moved it") : _("somebody renamed it");
  item->has = place_of(listing, op, op->old_name, move ? op->old_parent : NULL);
  item->should = place_of(listing, op, op->name, move ? op->parent : NULL);
}

static void switched(Listing *listing, const Op *op, OrphanItem *item)
{
  (void)listing;
  item->found =
      op->kind == OP_DISABLE ? _("somebody switched it on") : _("somebody switched it off");
}

static const struct {
  unsigned kinds;
  void (*fill)(Listing *listing, const Op *op, OrphanItem *item);
} fillers[] = {{1U << OP_LEAVE | 1U << OP_JOIN, edge},
               {1U << OP_CREATE | 1U << OP_DELETE, made_or_gone},
               {1U << OP_RENAME | 1U << OP_MOVE, moved},
               {1U << OP_DISABLE | 1U << OP_ENABLE, switched}};

// One item for each attribute that today's plan puts back, too.
static void list_changes(Listing *listing, const Op *then, const Op *today)
{
  for (size_t i = 0; i < then->n_changes; i++) {
    const OpChange *change = change_of(today, then->changes[i].attribute);
    if (change == NULL)
      continue;
    OrphanItem item = item_of(listing, today);
    item.group = listing_keep(listing, change->attribute);
    item.has = values(listing, today, change, true);
    item.should = values(listing, today, change, false);
    item.found = _("somebody changed it");
    listing_add(listing, &item);
  }
}

static void list_op(Listing *listing, const Op *then)
{
  g_autofree char *key = key_of(then);
  const Op *today = today_op(listing, then);
  if ((WRITES & 1U << then->kind) == 0 || today == NULL ||
      g_hash_table_contains(listing->setup->run->left, key))
    return;
  if (then->kind == OP_MODIFY) {
    list_changes(listing, then, today);
    return;
  }
  OrphanItem item = item_of(listing, today);
  for (size_t i = 0; i < G_N_ELEMENTS(fillers); i++)
    if ((fillers[i].kinds & 1U << then->kind) != 0)
      fillers[i].fill(listing, today, &item);
  listing_add(listing, &item);
}

// ---------------------------------------------------------------------------------------------
// What was ours and is gone: no plan makes it anew in silence.

static uint32_t person_of(const char *object)
{
  const char *slash = strchr(object, '/');
  return slash == NULL ? 0 : (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10);
}

static void list_vanished(Listing *listing, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_notes; i++) {
    const PlanNote *note = &section->notes[i];
    if (strcmp(note->code, "vanished") != 0)
      continue;
    OrphanItem item = listing_item(listing, ORPHAN_CHANGED, section->target);
    item.object = listing_keep(listing, note->object);
    listing_person(listing, &item, person_of(note->object));
    if (*item.label == '\0')
      item.label = listing_keep(listing, note->label);
    item.entry = item.label;
    item.found = _("the entry we made or adopted is gone");
    listing_add(listing, &item);
  }
}

// ---------------------------------------------------------------------------------------------

static const char *why_not(const OrphanSetup *setup)
{
  if (setup->run == NULL || setup->before == NULL)
    return _("there was no run of a whole plan yet, or its plan is not there any more");
  const char *then = plan_head(setup->run->plan)->mapping_digest;
  if (g_strcmp0(then, plan_head(setup->plan)->mapping_digest) != 0)
    return _(
        "the rules have changed since the last run: what differs because of them cannot be told "
        "from what somebody changed. Apply them first");
  return NULL;
}

static const PlanSection *section_of(const Plan *plan, const char *target)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    if (strcmp(plan_section(plan, i)->target, target) == 0)
      return plan_section(plan, i);
  return NULL;
}

static void mark_targets(Listing *listing, const char *why)
{
  for (guint i = 0; i < listing->list->targets->len; i++) {
    OrphanTarget *target = &g_array_index(listing->list->targets, OrphanTarget, i);
    const PlanSection *then = why != NULL ? NULL : section_of(listing->setup->before, target->name);
    const char *here = why;
    if (here == NULL && (then == NULL || then->unread != NULL))
      here = then == NULL ? _("the last run did not know it") : then->unread;
    target->compared = here == NULL;
    target->uncompared = here == NULL ? NULL : listing_keep(listing, here);
  }
}

bool changed_list(Listing *listing, GError **error)
{
  const OrphanSetup *setup = listing->setup;
  const char *why = why_not(setup);
  (void)error;
  mark_targets(listing, why);
  for (uint32_t n = 1; why == NULL && n <= plan_n_ops(setup->before); n++)
    list_op(listing, plan_op(setup->before, n));
  for (size_t i = 0; i < plan_n_sections(setup->plan); i++)
    list_vanished(listing, plan_section(setup->plan, i));
  return true;
}
