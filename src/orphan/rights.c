// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rights that no rule gives: memberships that no plan ends, entries of access lists that are kept, and who of those
// that we know is in groups that are not ours but watched.
#include "orphan_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Watched groups, and the groups in them.

#define MOST_DEPTH 8

typedef struct Watch {
  Listing *listing;
  const TargetConfig *config;
  const char *top;      // the watched group, as the site has it
  const char *dn;       // … its DN
  const char *through;  // the group in it that is read; NULL = itself
  GHashTable *been;     // DNs of groups
  GPtrArray *next;      // char *: members that may be groups
  size_t n_found;       // the group itself
} Watch;

static void take_member(Watch *watch, const char *dn)
{
  Listing *listing = watch->listing;
  const Sight *sight = survey_at(listing->survey, watch->config->name, dn);
  if (sight == NULL || sight->subject == FOR_GROUP) {
    g_ptr_array_add(watch->next, g_strdup(dn));
    return;
  }
  g_hash_table_insert(listing->watched, g_strdup_printf("%s %s", watch->config->name, sight->dn),
                      (gpointer)watch->top);
  OrphanItem item = listing_sight(listing, ORPHAN_RIGHT, sight);
  listing_person(listing, &item, sight->person);
  item.group = watch->top;
  item.traced = watch->through != NULL ? watch->through : watch->dn;
  item.found =
      watch->through == NULL
          ? _("a member of a watched group that is not ours")
          : listing_keepf(listing, _("a member of a watched group, through %s"), watch->through);
  listing_add(listing, &item);
}

static const char *const member_attributes[] = {"member", "uniqueMember", "members", NULL};

typedef struct Group {
  Watch *watch;
  Schema *schema;
} Group;

static bool take_group(const Observed *observed, void *data, GError **error)
{
  Group *group = data;
  (void)error;
  group->watch->n_found++;
  for (size_t i = 0; i < observed->n_attributes; i++) {
    const ObservedAttr *attribute = &observed->attributes[i];
    const char *name = schema_at(group->schema, attribute->attr)->name;
    bool members = false;
    for (const char *const *known = member_attributes; *known != NULL; known++)
      members |= g_ascii_strcasecmp(*known, name) == 0;
    for (size_t k = 0; members && k < attribute->n_values; k++) {
      g_autofree char *dn = g_strndup(attribute->values[k].at, attribute->values[k].n);
      take_member(group->watch, dn);
    }
  }
  return true;
}

static bool is_below(const char *dn, const char *base)
{
  size_t n = strlen(dn), n_base = strlen(base);
  return n > n_base + 1 && dn[n - n_base - 1] == ',' &&
         g_ascii_strcasecmp(dn + n - n_base, base) == 0;
}

// It may stand outside of the target's base: then the reader is one for where it stands.
static bool read_group(Watch *watch, const char *dn, GError **error)
{
  size_t n_place = strlen(dn) - strlen(watch->config->base) - 1;
  const char *parent = watch->config->base;
  if (!is_below(dn, parent) && (!place_split(dn, &n_place, &parent) || *parent == '\0'))
    return true;
  TargetConfig config = *watch->config;
  g_autofree char *rdn = g_strndup(dn, n_place), *base = g_strdup(parent);
  config.base = base;
  g_autoptr(Reader) reader = reader_open(&config, error);
  if (reader == NULL)
    return false;
  g_autoptr(Schema) schema = schema_new();
  for (const char *const *name = member_attributes; *name != NULL; name++)
    schema_attr(schema, *name);
  const char *const places[] = {rdn, NULL};
  Scope scope = {.places = places, .attributes = member_attributes, .alone = true};
  Group group = {watch, schema};
  return reader_schema(reader, schema, NULL, error) &&
         reader_read(reader, &scope, schema, take_group, &group, NULL, error);
}

static bool is_new(Watch *watch, const char *dn)
{
  GString *key = g_string_new(NULL);
  if (!place_key(dn, strlen(dn), key))
    g_string_assign(key, dn);
  return g_hash_table_add(watch->been, g_string_free(key, FALSE));
}

// It may be no group at all, and outside of what this server has; but if it is one, more people are in the watched one.
static void tell_unfollowed(const Watch *watch, const char *dn, const char *why)
{
  findings_add(watch->listing->setup->findings,
               &(Finding){.level = FINDING_WARNING,
                          .code = "watched-unread",
                          .subject = watch->config->name,
                          .value = dn},
               _("who is in it is not told, though it is in the watched group %s: %s"), watch->top,
               why);
}

static bool follow(Watch *watch, GError **error)
{
  for (size_t depth = 0; depth < MOST_DEPTH && watch->next->len > 0; depth++) {
    g_autoptr(GPtrArray) level = watch->next;
    watch->next = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < level->len; i++) {
      g_autoptr(GError) fault = NULL;
      const char *dn = g_ptr_array_index(level, i);
      if (!is_new(watch, dn))
        continue;
      watch->through = listing_keep(watch->listing, dn);
      if (read_group(watch, dn, &fault))
        continue;
      if (!g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
        g_propagate_error(error, g_steal_pointer(&fault));
        return false;
      }
      tell_unfollowed(watch, dn, fault->message);
    }
  }
  for (guint i = 0; i < watch->next->len; i++)
    if (is_new(watch, g_ptr_array_index(watch->next, i)))
      tell_unfollowed(watch, g_ptr_array_index(watch->next, i),
                      _("too many groups in one another"));
  return true;
}

// A whole DN ends as the base does, in "dc=example"; any other is relative to the base.
static bool is_whole(const char *dn, const char *base)
{
  const char *end = strrchr(dn, ','), *base_end = strrchr(base, ',');
  return g_ascii_strcasecmp(end != NULL ? end + 1 : dn, base_end != NULL ? base_end + 1 : base) ==
         0;
}

static bool watch_group(Listing *listing, const TargetConfig *config, const char *name,
                        GError **error)
{
  g_autofree char *dn =
      is_whole(name, config->base) ? g_strdup(name) : g_strdup_printf("%s,%s", name, config->base);
  Watch watch = {.listing = listing,
                 .config = config,
                 .top = listing_keep(listing, name),
                 .dn = listing_keep(listing, dn),
                 .been = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                 .next = g_ptr_array_new_with_free_func(g_free)};
  is_new(&watch, dn);
  bool fine = read_group(&watch, dn, error);
  if (fine && watch.n_found == 0) {
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
                _("target %s: the watched group %s is not there, or may not be read"), config->name,
                name);
    fine = false;
  }
  fine = fine && follow(&watch, error);
  g_hash_table_unref(watch.been);
  g_ptr_array_unref(watch.next);
  return fine;
}

bool rights_watch(Listing *listing, GError **error)
{
  for (size_t i = 0; listing->setup->targets[i] != NULL; i++) {
    const TargetConfig *config = listing->setup->targets[i];
    for (size_t k = 0;
         listing_wants(listing, config->name) && config->watch != NULL && config->watch[k] != NULL;
         k++)
      if (!watch_group(listing, config, config->watch[k], error))
        return false;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Groups that we know.

static void list_edge(Listing *listing, const SurveyEdge *edge)
{
  const char *target = survey_name(listing->survey, edge->target);
  const Sight *sight = survey_ours(listing->survey, target, edge->member);
  OrphanItem item = sight != NULL ? listing_sight(listing, ORPHAN_RIGHT, sight)
                                  : listing_item(listing, ORPHAN_RIGHT, target);
  item.object = listing_keep(listing, edge->member);
  item.group = listing_keep(listing, edge->group_name);
  const Sight *group = survey_ours(listing->survey, target, edge->group);
  item.traced = group != NULL ? listing_keep(listing, group->dn) : "";
  listing_person(listing, &item, edge->person);
  item.found = edge->fixed ? _("no rule puts them in, and it is the account's primary group")
               : edge->owned
                   ? _("no rule puts them in, and the entry is not to be touched")
                   : _("no rule puts them in; the group is not ours to take people out of");
  if (*item.entry == '\0')
    item.entry = listing_keep(listing, edge->label);
  listing_add(listing, &item);
}

// ---------------------------------------------------------------------------------------------
// What the plan notes.

static void unknown_member(Listing *listing, const PlanNote *note, OrphanItem *item)
{
  const Sight *sight = survey_at(listing->survey, note->target, note->object);
  if (sight != NULL)
    *item = listing_sight(listing, ORPHAN_RIGHT, sight);
  item->entry = listing_keep(listing, note->object);
  item->group = listing_keep(listing, note->label);
  item->found = _("a member of a group of ours that is nobody's we know");
}

static void rights_of_others(Listing *listing, const PlanNote *note, OrphanItem *item)
{
  const Sight *sight = survey_ours(listing->survey, note->target, note->object);
  if (sight != NULL)
    *item = listing_sight(listing, ORPHAN_RIGHT, sight);
  item->object = listing_keep(listing, note->object);
  item->entry = sight != NULL ? item->entry : listing_keep(listing, note->label);
  item->group = item->entry;
  item->found = listing_keep(listing, note->text);
}

static const struct {
  const char *code;
  void (*fill)(Listing *listing, const PlanNote *note, OrphanItem *item);
} notes[] = {{"unknown-member", unknown_member}, {"rights-of-others", rights_of_others}};

static void list_notes(Listing *listing, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_notes; i++)
    for (size_t k = 0; k < G_N_ELEMENTS(notes); k++) {
      if (strcmp(section->notes[i].code, notes[k].code) != 0)
        continue;
      OrphanItem item = listing_item(listing, ORPHAN_RIGHT, section->target);
      notes[k].fill(listing, &section->notes[i], &item);
      listing_add(listing, &item);
    }
}

bool rights_list(Listing *listing, GError **error)
{
  (void)error;
  for (guint i = 0; i < listing->survey->edges->len; i++)
    list_edge(listing, &g_array_index(listing->survey->edges, SurveyEdge, i));
  for (size_t i = 0; i < plan_n_sections(listing->setup->plan); i++)
    list_notes(listing, plan_section(listing->setup->plan, i));
  return true;
}
