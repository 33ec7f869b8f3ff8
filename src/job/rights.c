// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who may do what, and by which unit's leave: what the rules give and the targets hold, held against the posts that give it.
#include "job/job_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// What targets hold. Told while a plan is made, which reads everything.

typedef struct Surveying {
  const Site *site;
  Rights *rights;
} Surveying;

static const char *keep(const Rights *rights, const char *text)
{
  return g_string_chunk_insert_const(rights->texts, text != NULL ? text : "");
}

static Right *add_right(const Surveying *surveying, size_t target, uint32_t person)
{
  Right *right = g_new0(Right, 1);
  right->target = surveying->site->targets[target]->name;
  right->person = person;
  right->units = g_ptr_array_new();
  right->group = "";
  g_ptr_array_add(surveying->rights->list, right);
  return right;
}

static const char *klass_of(const Rights *rights, const char *object)
{
  g_autofree char *name = g_strndup(object, strcspn(object, "/"));
  return keep(rights, name);
}

static void take_given(const PlannerEdge *edge, void *data)
{
  const Surveying *surveying = data;
  // What cannot be taken away is not asked about: in a group that is not ours, or their primary one.
  if (edge->person == 0 || !edge->owned || edge->fixed)
    return;
  Right *right = add_right(surveying, edge->target, edge->person);
  right->object = keep(surveying->rights, edge->member);
  right->group = keep(surveying->rights, edge->group);
  right->klass = klass_of(surveying->rights, edge->group);
  right->name = keep(surveying->rights, edge->group_name);
}

static void take_seen(const PlannerSeen *seen, void *data)
{
  const Surveying *surveying = data;
  if (seen->object == NULL || seen->person == 0 || seen->doubled || seen->klass == NULL ||
      seen->klass->subject != FOR_ASSIGNMENT || seen->presence != PRESENCE_PRESENT)
    return;
  Right *right = add_right(surveying, seen->target, seen->person);
  const char *key = strchr(strchr(seen->object, '/') + 1, '/');
  right->object = keep(surveying->rights, seen->object);
  right->klass = keep(surveying->rights, seen->klass->name);
  right->name = keep(surveying->rights, key != NULL ? key + 1 : seen->object);
}

static void pass_edge(const PlannerEdge *edge, void *data)
{
  // No rule gives it: `idou orphans` tells of those.
  (void)edge, (void)data;
}

static bool survey(const Site *site, Date as_of, Rights *rights, Findings *findings, GError **error)
{
  static const char *const along[] = {NULL};
  Surveying surveying = {site, rights};
  const PlannerSurvey hook = {along, take_seen, pass_edge, take_given, &surveying};
  const PlanRequest request = {.as_of = as_of, .known_at = INSTANT_OPEN, .survey = &hook};
  Planned planned;
  bool fine = job_plan(site, &request, &planned, error);
  for (size_t i = 0; fine && i < plan_n_sections(planned.plan); i++) {
    const PlanSection *section = plan_section(planned.plan, i);
    if (section->unread == NULL)
      continue;
    g_ptr_array_add(rights->unread, (gpointer)keep(rights, section->target));
    findings_add(findings, &(Finding){.level = FINDING_ERROR, .code = "target-unread"},
                 _("target %s could not be read in full: nobody is asked of it, and nothing is "
                   "taken away there (%s)"),
                 section->target, section->unread);
  }
  planned_clear(&planned);
  return fine;
}

bool rights_read_of(const Rights *rights, const char *target)
{
  return !g_ptr_array_find_with_equal_func(rights->unread, target, g_str_equal, NULL);
}

// What was told of a target before its reading failed counts for nothing.
static void drop_unread(Rights *rights)
{
  for (guint i = rights->list->len; i > 0; i--)
    if (!rights_read_of(rights, ((Right *)rights->list->pdata[i - 1])->target))
      g_ptr_array_remove_index_fast(rights->list, i - 1);
}

// ---------------------------------------------------------------------------------------------
// Which unit gives it.

typedef struct Granting {
  const Site *site;
  Store *store;
  const DecisionDesk *desk;
  Rights *rights;
  const GPtrArray *mine;  // Right: of the person at hand
} Granting;

static bool is_of(const DecisionDesk *desk, const Right *right, const WatchEvent *event)
{
  const Klass *klass = mapping_klass(desk->mapping, event->klass);
  if (strcmp(klass->target, right->target) != 0)
    return false;
  if (*right->group != '\0')
    return strcmp(mapping_klass(desk->mapping, event->groups)->name, right->klass) == 0 &&
           strcmp(event->group, right->name) == 0;
  // The key of what is given has its name as one of its parts.
  g_auto(GStrv) parts = g_strsplit(right->name, "/", -1);
  return strcmp(klass->name, right->klass) == 0 &&
         g_strv_contains((const char *const *)parts, event->group);
}

static void add_code(const Rights *rights, Right *right, const char *code)
{
  if (!g_ptr_array_find_with_equal_func(right->units, code, g_str_equal, NULL))
    g_ptr_array_add(right->units, (gpointer)keep(rights, code));
}

// With the codes it had before: it may have been asked by one of these.
static void add_unit(const Granting *granting, Right *right, const char *code)
{
  const Unit *unit = roster_unit(granting->desk->roster, code);
  add_code(granting->rights, right, code);
  for (size_t i = 0; unit != NULL && unit->former != NULL && unit->former[i] != NULL; i++)
    add_code(granting->rights, right, unit->former[i]);
}

static void take_event(const WatchEvent *event, void *data)
{
  const Granting *granting = data;
  for (guint i = 0; event->kind == WATCH_GROUP && event->counts && i < granting->mine->len; i++) {
    Right *right = granting->mine->pdata[i];
    if (!is_of(granting->desk, right, event))
      continue;
    if (event->post != NULL)
      add_unit(granting, right, event->post->unit);
    if (*right->group == '\0')
      right->said = keep(granting->rights, event->group);
  }
}

static void describe(const Granting *granting, const Person *person, Right *right)
{
  const char *login = store_name_of(granting->store, "login", person->id);
  ReportTablePerson shown = decisions_person(granting->desk, person, NULL, granting->rights->texts);
  right->number = shown.number;
  right->label = shown.name;
  right->account = keep(granting->rights, login != NULL ? login : person->number);
  const char *bound = store_binding_of(granting->store, right->target, right->object);
  right->stable_id = keep(granting->rights, bound);
  if (right->said == NULL)
    right->said = right->name;
  const Unit *own = decisions_unit(granting->desk->roster, right->said);
  g_autofree char *words =
      g_strjoin(own != NULL ? " " : "", right->said, own != NULL ? own->name : "", NULL);
  right->shown = keep(granting->rights, words);
  // What no post gives is asked where the person works.
  for (size_t i = 0; right->units->len == 0 && i < person->n_posts; i++)
    if (person->posts[i].main && *person->posts[i].unit != '\0')
      add_unit(granting, right, person->posts[i].unit);
  const Unit *unit =
      right->units->len > 0 ? decisions_unit(granting->desk->roster, right->units->pdata[0]) : NULL;
  right->unit_id = unit != NULL ? unit->id : 0;
  right->unit_name = keep(granting->rights, unit != NULL ? unit->name : "");
}

static bool grant(Granting *granting, const Person *person, GError **error)
{
  granting->mine = g_hash_table_lookup(granting->rights->by_person, GUINT_TO_POINTER(person->id));
  if (granting->mine == NULL || !state_in_service(person->state))
    return true;
  if (!decisions_watch(granting->desk, person, take_event, granting, error))
    return false;
  for (guint i = 0; i < granting->mine->len; i++)
    describe(granting, person, granting->mine->pdata[i]);
  return true;
}

static void list_by_person(Rights *rights)
{
  for (guint i = 0; i < rights->list->len; i++) {
    Right *right = rights->list->pdata[i];
    GPtrArray *mine = g_hash_table_lookup(rights->by_person, GUINT_TO_POINTER(right->person));
    if (mine == NULL) {
      mine = g_ptr_array_new();
      g_hash_table_insert(rights->by_person, GUINT_TO_POINTER(right->person), mine);
    }
    g_ptr_array_add(mine, right);
  }
}

static bool grant_all(Granting *granting, GError **error)
{
  const Person *person = NULL;
  GError *fault = NULL;
  while (roster_next(granting->desk->roster, &person, &fault))
    if (!grant(granting, person, error))
      return false;
  if (fault != NULL)
    g_propagate_error(error, fault);
  return fault == NULL;
}

static bool find_units(const Site *site, Store *store, Date as_of, Rights *rights, GError **error)
{
  const TableRequest request = {.as_of = as_of};
  g_autoptr(Findings) told = findings_new();  // plans tell them
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, told, error);
  g_autoptr(Roster) roster =
      mapping != NULL ? decisions_roster(store, mapping, &request, error) : NULL;
  g_auto(DecisionDesk) desk = {0};
  Granting granting = {.site = site, .store = store, .desk = &desk, .rights = rights};
  if (roster == NULL || !decisions_open(&desk, mapping, roster, told, error))
    return false;
  list_by_person(rights);
  return grant_all(&granting, error);
}

// ---------------------------------------------------------------------------------------------

static void free_right(void *data)
{
  Right *right = data;
  g_ptr_array_unref(right->units);
  g_free(right);
}

static int compare(const void *a, const void *b)
{
  const Right *x = *(const Right *const *)a, *y = *(const Right *const *)b;
  const char *const keys[][2] = {{x->number, y->number},
                                 {x->target, y->target},
                                 {x->klass, y->klass},
                                 {x->name, y->name},
                                 {x->object, y->object}};
  int order = 0;
  for (size_t i = 0; order == 0 && i < G_N_ELEMENTS(keys); i++)
    order = g_strcmp0(keys[i][0], keys[i][1]);
  return order;
}

bool rights_collect(const Site *site, Store *store, Date as_of, Findings *findings, Rights *out,
                    GError **error)
{
  *out = (Rights){.list = g_ptr_array_new_with_free_func(free_right),
                  .by_person =
                      g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref),
                  .unread = g_ptr_array_new(),
                  .texts = g_string_chunk_new(4096)};
  if (!survey(site, as_of, out, findings, error))
    return false;
  drop_unread(out);
  if (!find_units(site, store, as_of, out, error))
    return false;
  g_ptr_array_sort(out->list, compare);
  return true;
}

void rights_clear(Rights *rights)
{
  g_clear_pointer(&rights->by_person, g_hash_table_unref);
  g_clear_pointer(&rights->list, g_ptr_array_unref);
  g_clear_pointer(&rights->unread, g_ptr_array_unref);
  g_clear_pointer(&rights->texts, g_string_chunk_free);
}

const Right *rights_find(const Rights *rights, uint32_t person, const char *target,
                         const char *object, const char *group)
{
  const GPtrArray *theirs = g_hash_table_lookup(rights->by_person, GUINT_TO_POINTER(person));
  for (guint i = 0; theirs != NULL && i < theirs->len; i++) {
    const Right *right = theirs->pdata[i];
    if (strcmp(right->target, target) == 0 && strcmp(right->object, object) == 0 &&
        strcmp(right->group, group) == 0)
      return right;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Of one restriction: by whose post the right would come.

typedef struct Giving {
  const DecisionDesk *desk;
  const Inquiry *asked;
  Right right;
  RightsGiven *out;
} Giving;

// A unit that got another code is the same unit, and another unit that got this one's code is not.
static bool is_unit(const Giving *giving, const Post *post)
{
  if (giving->asked->unit_id != 0 && post->unit_id != 0)
    return giving->asked->unit_id == post->unit_id;
  const Unit *unit = roster_unit(giving->desk->roster, post->unit);
  return strcmp(post->unit, giving->asked->unit) == 0 ||
         (unit != NULL && unit->former != NULL &&
          g_strv_contains(unit->former, giving->asked->unit));
}

static void take_giver(const WatchEvent *event, void *data)
{
  const Giving *giving = data;
  const Roster *roster = giving->desk->roster;
  if (event->kind != WATCH_GROUP || !event->counts || !is_of(giving->desk, &giving->right, event))
    return;
  if (event->post != NULL && !is_unit(giving, event->post) &&
      post_in_force(event->post, roster_when(roster)->at))
    giving->out->elsewhere = true;
}

// Operators are asked about who has no post in any unit.
static bool has_post(const Giving *giving, const Person *person)
{
  bool any = false, here = false;
  for (size_t i = 0; i < person->n_posts; i++) {
    any = any || *person->posts[i].unit != '\0';
    here = here || is_unit(giving, &person->posts[i]);
  }
  return *giving->asked->unit == '\0' ? !any : here;
}

Right rights_of(const RestrictionRow *row, GStringChunk *texts)
{
  bool edge = *row->group != '\0';
  const char *object = edge ? row->group : row->object, *slash = strchr(object, '/');
  g_autofree char *klass = g_strndup(object, strcspn(object, "/"));
  const char *key = slash != NULL ? slash + 1 : "";
  if (!edge && strchr(key, '/') != NULL)
    key = strchr(key, '/') + 1;
  return (Right){.target = row->target,
                 .object = row->object,
                 .group = row->group,
                 .klass = g_string_chunk_insert_const(texts, klass),
                 .name = key};
}

bool rights_given(const DecisionDesk *desk, const Person *person, const Right *right,
                  const Inquiry *inquiry, RightsGiven *out, GError **error)
{
  *out = (RightsGiven){false, false};
  if (person == NULL)
    return true;
  Giving giving = {.desk = desk, .asked = inquiry, .right = *right, .out = out};
  out->here = has_post(&giving, person);
  return decisions_watch(desk, person, take_giver, &giving, error);
}
