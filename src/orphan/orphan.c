// SPDX-License-Identifier: GPL-3.0-or-later
#include "orphan_p.h"

#include <string.h>

#define FEW 10  // so many entries of nobody are no sign of a wrong base

static const char *const kinds[ORPHAN_N_KINDS] = {[ORPHAN_NOBODY] = "nobody",
                                                  [ORPHAN_LEFT] = "left",
                                                  [ORPHAN_DOUBLE] = "double",
                                                  [ORPHAN_RIGHT] = "right",
                                                  [ORPHAN_CHANGED] = "changed"};
static const char *const actions[ORPHAN_N_ACTIONS] = {
    [ORPHAN_KEEP] = "keep",       [ORPHAN_ASK] = "ask",       [ORPHAN_LINK] = "link",
    [ORPHAN_DISABLE] = "disable", [ORPHAN_DELETE] = "delete", [ORPHAN_PUT_BACK] = "put-back",
};

const char *orphan_kind_name(OrphanKind kind)
{
  return kinds[kind];
}

const char *orphan_action_name(OrphanAction action)
{
  return actions[action];
}

// ---------------------------------------------------------------------------------------------
// What the parts share.

const char *listing_keep(Listing *listing, const char *text)
{
  return g_string_chunk_insert_const(listing->list->strings, text == NULL ? "" : text);
}

const char *listing_keepf(Listing *listing, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_strdup_vprintf(format, args);
  va_end(args);
  return listing_keep(listing, text);
}

OrphanItem listing_item(Listing *listing, OrphanKind kind, const char *target)
{
  return (OrphanItem){.kind = kind,
                      .target = listing_keep(listing, target),
                      .object = "",
                      .klass = "",
                      .entry = "",
                      .group = "",
                      .number = "",
                      .label = "",
                      .unit = "",
                      .found = "",
                      .should = "",
                      .has = "",
                      .enabled = ENABLED_UNMANAGED,
                      .privileged = "",
                      .made = INSTANT_NONE,
                      .changed = INSTANT_NONE,
                      .made_by = "",
                      .changed_by = "",
                      .where = "",
                      .traced = "",
                      .used = INSTANT_NONE,
                      .used_by = "",
                      .action = ORPHAN_ASK,
                      .when = DATE_NONE,
                      .proposal = "",
                      .standing = "",
                      .decided = DATE_NONE};
}

void listing_person(Listing *listing, OrphanItem *item, uint32_t person)
{
  const Face *face = people_face(listing->people, person);
  if (face == NULL)
    return;
  g_autoptr(GString) label = g_string_new(NULL);
  people_label(face, label);
  item->person = person;
  item->number = listing_keep(listing, face->number);
  item->label = listing_keep(listing, label->str);
  item->unit = listing_keepf(listing, "%s%s%s", face->unit, *face->unit_name != '\0' ? " " : "",
                             face->unit_name);
}

static const char *watched(const Listing *listing, const char *target, const char *what)
{
  g_autofree char *key = g_strdup_printf("%s %s", target, what);
  return g_hash_table_lookup(listing->watched, key);
}

OrphanItem listing_sight(Listing *listing, OrphanKind kind, const Sight *sight)
{
  const char *target = survey_name(listing->survey, sight->target);
  OrphanItem item = listing_item(listing, kind, target);
  g_autoptr(GString) object = g_string_new(NULL);
  if (sight->object == NULL || sight->doubled)
    survey_orphan(listing->survey, sight, object);
  item.object = listing_keep(listing, object->len > 0 ? object->str : sight->object);
  item.klass = listing_keep(listing, sight->klass);
  item.entry = listing_keep(listing, sight->dn);
  item.enabled = sight->enabled;
  item.is_account = sight->subject == FOR_PERSON || sight->subject == FOR_POST;
  item.is_protected = sight->is_protected;
  const char *group = watched(listing, target, sight->dn);
  if (sight->protected_by != NULL)
    item.privileged = listing_keep(listing, sight->protected_by);
  if (group != NULL)
    item.privileged = listing_keepf(listing, "%s%s%s", item.privileged,
                                    *item.privileged != '\0' ? ", " : "", group);
  return item;
}

void listing_add(Listing *listing, const OrphanItem *item)
{
  if (listing_wants(listing, item->target))
    g_array_append_val(listing->list->items, *item);
}

const TargetConfig *listing_config(const Listing *listing, const char *target)
{
  for (size_t i = 0; listing->setup->targets[i] != NULL; i++)
    if (strcmp(listing->setup->targets[i]->name, target) == 0)
      return listing->setup->targets[i];
  return NULL;
}

bool listing_wants(const Listing *listing, const char *target)
{
  for (guint i = 0; i < listing->list->targets->len; i++) {
    const OrphanTarget *one = &g_array_index(listing->list->targets, OrphanTarget, i);
    if (strcmp(one->name, target) == 0)
      return one->unread == NULL && one->held == NULL;
  }
  return false;
}

const Op *listing_op(const Listing *listing, const char *target, const char *object, unsigned of)
{
  g_autofree char *key = g_strdup_printf("%s %s", target, object);
  const GPtrArray *ops = g_hash_table_lookup(listing->ops, key);
  for (guint i = 0; ops != NULL && i < ops->len; i++) {
    const Op *op = g_ptr_array_index(ops, i);
    if ((of & 1U << op->kind) != 0)
      return op;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Targets.

static void count_accounts(const OrphanSurvey *survey, size_t target, OrphanTarget *out)
{
  for (guint i = 0; i < survey->sights->len; i++) {
    const Sight *sight = &g_array_index(survey->sights, Sight, i);
    if (sight->target != target || (sight->subject != FOR_PERSON && sight->subject != FOR_POST))
      continue;
    *(sight->object != NULL ? &out->n_accounts : &out->n_nobody) += 1;
  }
}

// More of nobody's than of ours: the base is another system's, or the key is not read. A list of them is no help.
static const char *doubt(const OrphanSetup *setup, const OrphanTarget *target)
{
  if (setup->many || target->n_nobody <= FEW || target->n_nobody <= target->n_accounts)
    return NULL;
  return _(
      "more entries of nobody than of ours: the place is another system's, or their key is not "
      "what the mapping says. Nothing is listed; if it is right, say --many");
}

static void list_targets(Listing *listing)
{
  const OrphanSetup *setup = listing->setup;
  for (size_t i = 0; i < plan_n_sections(setup->plan); i++) {
    const PlanSection *section = plan_section(setup->plan, i);
    if (setup->target != NULL && strcmp(setup->target, section->target) != 0)
      continue;
    OrphanTarget target = {.name = listing_keep(listing, section->target)};
    if (section->unread != NULL)
      target.unread = listing_keep(listing, section->unread);
    else
      count_accounts(listing->survey, i, &target);
    target.held = section->unread != NULL ? NULL : doubt(setup, &target);
    g_array_append_val(listing->list->targets, target);
  }
}

static void index_ops(Listing *listing)
{
  for (uint32_t n = 1; n <= plan_n_ops(listing->setup->plan); n++) {
    const Op *op = plan_op(listing->setup->plan, n);
    char *key = g_strdup_printf("%s %s", op->target, op->object);
    GPtrArray *ops = g_hash_table_lookup(listing->ops, key);
    if (ops == NULL) {
      ops = g_ptr_array_new();
      g_hash_table_insert(listing->ops, key, ops);
    } else {
      g_free(key);
    }
    g_ptr_array_add(ops, (gpointer)op);
  }
}

static void index_mails(Listing *listing)
{
  for (guint i = 0; i < listing->survey->sights->len; i++) {
    const Sight *sight = &g_array_index(listing->survey->sights, Sight, i);
    for (size_t k = 0; sight->object != NULL && k < sight->n_values; k++) {
      if (sight->values[k].role != ROLE_MAIL)
        continue;
      g_autofree char *folded = g_utf8_casefold(sight->values[k].text, -1);
      g_hash_table_insert(
          listing->mails,
          g_strdup_printf("%s %s", survey_name(listing->survey, sight->target), folded),
          GUINT_TO_POINTER(i + 1));
    }
  }
}

// ---------------------------------------------------------------------------------------------

static int compare_items(const void *a, const void *b)
{
  const OrphanItem *x = a, *y = b;
  int by_target = strcmp(x->target, y->target);
  if (by_target != 0)
    return by_target;
  if (x->kind != y->kind)
    return x->kind < y->kind ? -1 : 1;
  int by_entry = strcmp(x->entry, y->entry);
  if (by_entry != 0)
    return by_entry;
  int by_group = strcmp(x->group, y->group);
  return by_group != 0 ? by_group : strcmp(x->should, y->should);
}

// What somebody did to the entry of a leaver says all that is to be said of it.
static bool is_repeated(const GArray *items, const OrphanItem *item)
{
  for (guint i = 0; item->kind == ORPHAN_LEFT && item->op != 0 && i < items->len; i++) {
    const OrphanItem *other = &g_array_index(items, OrphanItem, i);
    if (other->kind == ORPHAN_CHANGED && other->op == item->op)
      return true;
  }
  return false;
}

static void drop_repeated(GArray *items)
{
  for (guint i = items->len; i-- > 0;)
    if (is_repeated(items, &g_array_index(items, OrphanItem, i)))
      g_array_remove_index(items, i);
}

static void listing_clear(Listing *listing)
{
  people_free(listing->people);
  g_clear_pointer(&listing->ops, g_hash_table_unref);
  g_clear_pointer(&listing->mails, g_hash_table_unref);
  g_clear_pointer(&listing->bindings, g_hash_table_unref);
  g_clear_pointer(&listing->watched, g_hash_table_unref);
  orphan_list_free(listing->list);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Listing, listing_clear)

static OrphanList *list_new(const OrphanSetup *setup)
{
  OrphanList *list = g_new0(OrphanList, 1);
  list->day = setup->day;
  list->now = setup->now;
  list->strings = g_string_chunk_new(16 * 1024);
  list->digest = g_string_chunk_insert(list->strings, plan_digest(setup->plan));
  list->targets = g_array_new(FALSE, TRUE, sizeof(OrphanTarget));
  list->items = g_array_new(FALSE, TRUE, sizeof(OrphanItem));
  return list;
}

OrphanList *orphan_list(const OrphanSetup *setup, GError **error)
{
  g_auto(Listing) listing = {.setup = setup, .survey = setup->survey, .list = list_new(setup)};
  listing.ops =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  listing.mails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  listing.watched = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  listing.people = people_new(setup->store, setup->day, setup->now, error);
  if (listing.people == NULL)
    return NULL;
  list_targets(&listing);
  index_ops(&listing);
  index_mails(&listing);
  if (!rights_watch(&listing, error) || !nobody_list(&listing, error) ||
      !rights_list(&listing, error) || !changed_list(&listing, error))
    return NULL;
  drop_repeated(listing.list->items);
  if (!traces_find(&listing, error) || !standing_find(&listing, error))
    return NULL;
  propose(&listing);
  g_array_sort(listing.list->items, compare_items);
  return store_check(setup->store, error) ? g_steal_pointer(&listing.list) : NULL;
}

void orphan_list_free(OrphanList *list)
{
  if (list == NULL)
    return;
  g_array_unref(list->targets);
  g_array_unref(list->items);
  g_string_chunk_free(list->strings);
  g_free(list);
}
