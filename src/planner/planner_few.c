// SPDX-License-Identifier: GPL-3.0-or-later
//
// A plan that only takes away from some people's accounts needs to know what the rules give these: nobody else. What
// gives back needs everybody, for what one entry holds may refer to others.
#include "planner/planner_p.h"

#include <stdlib.h>
#include <string.h>

// "account/17" of a class for people of the target; 0 = another object, of which more must be known.
static uint32_t person_of(const Side *side, const char *object)
{
  const char *slash = strchr(object, '/');
  const DesiredSource *source = side->setup->source;
  for (size_t i = 0; slash != NULL && i < source->n_klasses; i++) {
    const Klass *klass = source->klass(source, i);
    size_t n = (size_t)(slash - object);
    char *end = NULL;
    if (klass->subject != FOR_PERSON || strcmp(klass->target, side->target->config->name) != 0 ||
        strncmp(klass->name, object, n) != 0 || klass->name[n] != '\0')
      continue;
    unsigned long person = strtoul(slash + 1, &end, 10);
    return *end == '\0' ? (uint32_t)person : 0;
  }
  return 0;
}

// Bound by the target's own identifier. By its key alone an entry may as well be somebody else's, whom few would leave
// out.
static bool is_told_apart(const Side *side, const char *object)
{
  const char *id = store_binding_of(side->setup->store, side->target->config->name, object);
  return id != NULL && !g_str_has_prefix(id, BINDING_GIVEN);
}

GArray *side_few(const Side *side)
{
  const PlannerSetup *setup = side->setup;
  g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  for (size_t i = 0; i < setup->n_restrictions; i++) {
    const Restriction *restriction = &setup->restrictions[i];
    if (strcmp(restriction->row.target, side->target->config->name) != 0 ||
        restriction->step == RESTRICTION_STANDS)
      continue;
    uint32_t person = person_of(side, restriction->row.object);
    if (restriction->step != RESTRICTION_NEW || person == 0 ||
        !is_told_apart(side, restriction->row.object))
      return NULL;
    g_array_append_val(people, person);
  }
  return setup->only_restricted ? g_steal_pointer(&people) : NULL;
}

typedef struct Counting {
  const Side *side;
  int64_t n_objects, n_people;
} Counting;

static bool count(const char *object, const char *stable_id, void *data)
{
  Counting *counting = data;
  (void)stable_id;
  counting->n_objects++;
  counting->n_people += person_of(counting->side, object) != 0;
  return true;
}

bool side_count_bound(const Side *side, int64_t *n_objects, int64_t *n_people, GError **error)
{
  Counting counting = {.side = side};
  if (!store_bindings_each(side->setup->store, side->target->config->name, count, &counting, error))
    return false;
  *n_objects = counting.n_objects;
  *n_people = counting.n_people;
  return true;
}
