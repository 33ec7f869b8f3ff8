// SPDX-License-Identifier: GPL-3.0-or-later
//
// Which policy speaks of an account. Of several the strictest counts.
#include "dormant_p.h"

#include <string.h>

// What takes most away soonest: deleting last in the row, for switching off is what matters.
static const DormantStage WEIGHT[] = {DORMANT_DISABLE, DORMANT_RIGHTS, DORMANT_DELETE,
                                      DORMANT_NOTICE};

static int days_of(const DormantRules *rules, DormantStage stage)
{
  const DormantStep *step = &rules->policy.steps[stage];
  return step->given ? step->after_days : G_MAXINT;
}

static int by_strictness(const void *a, const void *b)
{
  const DormantRules *x = *(const DormantRules *const *)a, *y = *(const DormantRules *const *)b;
  for (size_t i = 0; i < G_N_ELEMENTS(WEIGHT); i++) {
    int p = days_of(x, WEIGHT[i]), q = days_of(y, WEIGHT[i]);
    if (p != q)
      return p < q ? -1 : 1;
  }
  return x->policy.line - y->policy.line;
}

void dormant_match_open(DormantWalk *walk)
{
  guint n_sides = walk->sides.sides->len;
  const GArray *all = walk->ask->dormant->rules;
  walk->rules = g_new0(GPtrArray *, n_sides + 1);
  walk->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < n_sides; i++) {
    walk->rules[i] = g_ptr_array_new();
    const char *target = g_array_index(walk->sides.sides, DormantSide, i).target;
    for (guint k = 0; k < all->len; k++) {
      DormantRules *rules = &g_array_index(all, DormantRules, k);
      if (strcmp(rules->policy.target, target) == 0)
        g_ptr_array_add(walk->rules[i], rules);
    }
    g_ptr_array_sort(walk->rules[i], by_strictness);
  }
}

void dormant_match_close(DormantWalk *walk)
{
  for (GPtrArray **rules = walk->rules; rules != NULL && *rules != NULL; rules++)
    g_ptr_array_unref(*rules);
  g_free(walk->rules);
  g_clear_pointer(&walk->groups, g_hash_table_unref);
}

// ---------------------------------------------------------------------------------------------

// The unit, or one above it.
static bool is_below(const Roster *roster, const char *code, const char *const *wanted)
{
  if (g_strv_contains(wanted, code))
    return true;
  const Unit *unit = roster_unit(roster, code);
  for (unit = unit != NULL ? unit->parent : NULL; unit != NULL; unit = unit->parent)
    if (g_strv_contains(wanted, unit->code))
      return true;
  return false;
}

static bool post_has(const DormantWalk *walk, const Post *post, const DormantWanted *wanted)
{
  if (!post_in_force(post, walk->now))
    return false;
  if (wanted->id == FIELD_UNIT)
    return is_below(walk->roster, post->unit, wanted->values);
  if (wanted->id == FIELD_TITLE)
    return g_strv_contains(wanted->values, post->title);
  return post->fields[wanted->id] != NULL &&
         g_strv_contains(wanted->values, post->fields[wanted->id]);
}

static bool has(const DormantWalk *walk, const Person *person, const DormantWanted *wanted)
{
  if (wanted->id == FIELD_NONE)
    return false;
  if (person->fields[wanted->id] != NULL &&
      g_strv_contains(wanted->values, person->fields[wanted->id]))
    return true;
  for (size_t i = 0; i < person->n_posts; i++)
    if (post_has(walk, &person->posts[i], wanted))
      return true;
  return false;
}

// ---------------------------------------------------------------------------------------------

typedef struct Watching {
  const DormantWalk *walk;
  size_t klass;
} Watching;

static void note_group(const WatchEvent *event, void *data)
{
  const Watching *watching = data;
  const Mapping *mapping = watching->walk->ask->mapping;
  if (event->kind != WATCH_GROUP || !event->counts)
    return;
  // Another account of the same person in the target has groups of its own.
  if (event->klass != watching->klass &&
      mapping_klass(mapping, event->klass)->subject == FOR_PERSON)
    return;
  g_hash_table_add(watching->walk->groups, g_strdup(event->group));
}

// By what the rules give on that day: who was put into a group by hand is told by plans.
static bool in_group(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                     const char *const *members, bool *in, GError **error)
{
  if (walk->grouped != person->id || walk->grouped_klass != entry->klass) {
    const DormantSide *side = &g_array_index(walk->sides.sides, DormantSide, entry->side);
    Watching watching = {walk, entry->klass};
    g_hash_table_remove_all(walk->groups);
    if (!derive_watch(side->derive, person, note_group, &watching, error))
      return false;
    walk->grouped = person->id;
    walk->grouped_klass = entry->klass;
  }
  for (*in = false; *members != NULL && !*in; members++)
    *in = g_hash_table_contains(walk->groups, *members);
  return true;
}

static bool speaks(DormantWalk *walk, const DormantRules *rules, const DormantEntry *entry,
                   const Person *person, bool *out, GError **error)
{
  const DormantPolicy *policy = &rules->policy;
  *out = false;
  if (entry->klass == G_MAXUINT16 || policy->klass == NULL) {
    *out = entry->klass == G_MAXUINT16 && policy->klass == NULL;
    return true;
  }
  if (strcmp(policy->klass, mapping_klass(walk->ask->mapping, entry->klass)->name) != 0)
    return true;
  if (!policy->restricted) {
    *out = true;
    return true;
  }
  for (guint i = 0; i < rules->where->len; i++) {
    const DormantWanted *wanted = &g_array_index(rules->where, DormantWanted, i);
    if (person == NULL || has(walk, person, wanted) == wanted->not )
      return true;
  }
  *out = true;
  if (policy->members[0] == NULL)
    return true;
  *out = false;
  return person == NULL || in_group(walk, entry, person, policy->members, out, error);
}

bool dormant_match(DormantWalk *walk, const DormantEntry *entry, const Person *person,
                   const DormantRules **out, bool *contested, GError **error)
{
  *out = NULL;
  *contested = false;
  const GPtrArray *rules = walk->rules[entry->side];
  for (guint i = 0; i < rules->len && !*contested; i++) {
    const DormantRules *it = g_ptr_array_index(rules, i);
    bool is;
    if (!speaks(walk, it, entry, person, &is, error))
      return false;
    *contested = is && *out != NULL;
    if (is && *out == NULL)
      *out = it;
  }
  return true;
}
