// SPDX-License-Identifier: GPL-3.0-or-later
//
// All mapping files of a site: read, joined by their references, put in order of dependency.
#include "derive_p.h"

#include <string.h>

#define TITLES_PATH "tables/titles.csv"
#define MAX_FILE_BYTES (4 << 20)

void mapping_free(Mapping *mapping)
{
  if (!mapping)
    return;
  library_free(mapping->library);
  g_ptr_array_unref(mapping->klasses);
  g_ptr_array_unref(mapping->names);
  g_ptr_array_unref(mapping->conflicts);
  g_array_unref(mapping->titles);
  g_free(mapping->digest);
  g_free(mapping);
}

const NameRule *mapping_name_rule(const Mapping *mapping, const char *kind)
{
  for (unsigned i = 0; i < mapping->names->len; i++) {
    const NameRule *rule = mapping->names->pdata[i];
    if (strcmp(rule->kind, kind) == 0)
      return rule;
  }
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Titles.

static bool is_yes(const char *cell)
{
  static const char *const words[] = {"1", "true", "yes", "○", "◯", "はい", NULL};
  return g_strv_contains(words, cell);
}

static void take_titles(Mapping *mapping, const Grid *grid)
{
  static const char *const codes[] = {"code", "コード", NULL}, *const names[] = {"name", "名称",
                                                                                 NULL};
  static const char *const ranks[] = {"rank", "順位", NULL}, *const heads[] = {"head", "所属長",
                                                                               NULL};
  Findings *findings = mapping->library->findings;
  int code = grid_column(grid, codes), name = grid_column(grid, names);
  int rank = grid_column(grid, ranks), head = grid_column(grid, heads);
  mapping->titles_grid = grid;
  if (code < 0 || name < 0 || rank < 0 || head < 0) {
    grid_fault(grid, 0, 0, findings, &(Finding){.code = "titles-header"},
               _("titles have the columns code, name, rank, head"));
    return;
  }
  for (size_t row = 1; row < grid_n_rows(grid); row++) {
    gint64 number = 0;
    const char *its_code = grid_cell(grid, row, (size_t)code);
    if (!*its_code)
      continue;
    if (!g_ascii_string_to_signed(grid_cell(grid, row, (size_t)rank), 10, 0, 100000, &number, NULL))
      grid_fault(grid, row, (size_t)rank, findings, &(Finding){.code = "titles-rank"},
                 _("the rank is a whole number, 1 is the highest"));
    Title title = {its_code, grid_cell(grid, row, (size_t)name), (int)number,
                   is_yes(grid_cell(grid, row, (size_t)head))};
    g_array_append_val(mapping->titles, title);
  }
}

static void read_titles(Mapping *mapping)
{
  g_autofree char *path = g_build_filename(mapping->library->folder, TITLES_PATH, NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS))
    return;
  const Grid *grid = library_sheet(mapping->library, TITLES_PATH);
  if (grid)
    take_titles(mapping, grid);
}

// ---------------------------------------------------------------------------------------------
// Joining.

static int find_klass(const Mapping *mapping, const char *target, const char *name)
{
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Klass *klass = &((const Rules *)mapping->klasses->pdata[i])->klass;
    if (strcmp(klass->target, target) == 0 && strcmp(klass->name, name) == 0)
      return (int)i;
  }
  return -1;
}

void mapping_fault(const Mapping *mapping, const Spot *spot, const char *code, const char *text)
{
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = spot->file,
                     .line = spot->line,
                     .column = spot->column};
  findings_add(mapping->library->findings, &finding, "%s", text);
}

static void link_ref(const Mapping *mapping, const Rules *rules, Ref *ref, bool into_group)
{
  if (!ref->object)
    return;
  ref->klass = find_klass(mapping, rules->klass.target, ref->object);
  if (ref->klass < 0) {
    g_autofree char *text = g_strdup_printf(_("no mapping of target %s makes objects “%s”"),
                                            rules->klass.target, ref->object);
    mapping_fault(mapping, &ref->spot, "mapping-object", text);
    return;
  }
  const Klass *other = &((const Rules *)mapping->klasses->pdata[ref->klass])->klass;
  bool of_people = other->subject == FOR_PERSON || other->subject == FOR_POST ||
                   other->subject == FOR_ASSIGNMENT;
  if (of_people && (!ref->of_head || other->subject != FOR_PERSON))
    mapping_fault(mapping, &ref->spot, "mapping-ref",
                  _("a person can be referred to as “${unit.head}” only"));
  if (!of_people && ref->of_head)
    mapping_fault(mapping, &ref->spot, "mapping-ref", _("“${unit.head}” is a person"));
  if (into_group && !other->member_attribute)
    mapping_fault(mapping, &ref->spot, "mapping-members",
                  _("that mapping has no “members”: nobody can be put into its objects"));
}

// Which groups are ours is said where people are put into them, and asked of the groups' class.
static void own_groups(const Mapping *mapping, const Rules *rules, const Grant *grant)
{
  const char *below = grant->owned_below ? grant->owned_below : rules->klass.owned_below;
  if (grant->ref.klass < 0 || !below)
    return;
  Klass *groups = &((Rules *)mapping->klasses->pdata[grant->ref.klass])->klass;
  if (groups->owned_below && strcmp(groups->owned_below, below) != 0)
    mapping_fault(mapping, &grant->spot, "mapping-twice",
                  _("another mapping says that other groups of this class are ours"));
  groups->owned_below = below;
}

// The rules were made here and nobody else has them yet: only so they may be written to.
static void link_klass(const Mapping *mapping, Rules *rules)
{
  link_ref(mapping, rules, &rules->home, false);
  const Conflicts *conflicts = rules->assign ? rules->assign->conflicts : NULL;
  if (conflicts && !g_ptr_array_find(mapping->conflicts, conflicts, NULL))
    g_ptr_array_add(mapping->conflicts, (void *)conflicts);
  for (unsigned i = 0; i < rules->n_rules; i++)
    link_ref(mapping, rules, &((Rule *)rules->rules)[i].ref, false);
  for (unsigned i = 0; i < rules->n_grants; i++) {
    link_ref(mapping, rules, &((Grant *)rules->grants)[i].ref, true);
    own_groups(mapping, rules, &rules->grants[i]);
  }
}

// Entries that live in those of another class are found below the places of that class, too.
static void inherit_containers(Mapping *mapping, Rules *rules)
{
  if (rules->home.klass < 0)
    return;
  const Rules *home = mapping->klasses->pdata[rules->home.klass];
  if (home == rules)
    return;
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (const char *const *at = rules->klass.containers; *at; at++)
    g_ptr_array_add(all, (void *)*at);
  for (const char *const *at = home->klass.containers; *at; at++)
    if (!g_ptr_array_find_with_equal_func(all, *at, g_str_equal, NULL))
      g_ptr_array_add(all, (void *)*at);
  const char **kept = library_alloc(mapping->library, (all->len + 1) * sizeof *kept);
  for (unsigned i = 0; i < all->len; i++)
    kept[i] = all->pdata[i];
  rules->klass.containers = kept;
}

// ---------------------------------------------------------------------------------------------
// Order.

typedef enum Mark { MARK_NEW, MARK_OPEN, MARK_DONE } Mark;

typedef struct Order {
  Mapping *mapping;
  Mark *marks;
  int *places;  // old index -> new
  GPtrArray *sorted;
} Order;

static void visit(Order *order, unsigned i);

static void visit_ref(Order *order, unsigned from, const Ref *ref)
{
  if (ref->klass < 0 || (unsigned)ref->klass == from)
    return;
  if (order->marks[ref->klass] == MARK_OPEN) {
    mapping_fault(order->mapping, &ref->spot, "mapping-cycle",
                  _("objects of these mappings refer to each other in a circle"));
    return;
  }
  visit(order, (unsigned)ref->klass);
}

static void visit(Order *order, unsigned i)
{
  if (order->marks[i] != MARK_NEW)
    return;
  order->marks[i] = MARK_OPEN;
  const Rules *rules = order->mapping->klasses->pdata[i];
  visit_ref(order, i, &rules->home);
  for (unsigned k = 0; k < rules->n_rules; k++)
    visit_ref(order, i, &rules->rules[k].ref);
  for (unsigned k = 0; k < rules->n_grants; k++)
    visit_ref(order, i, &rules->grants[k].ref);
  order->marks[i] = MARK_DONE;
  order->places[i] = (int)order->sorted->len;
  g_ptr_array_add(order->sorted, (void *)rules);
}

static void move_ref(const Order *order, Ref *ref)
{
  if (ref->klass >= 0)
    ref->klass = order->places[ref->klass];
}

static void sort_klasses(Mapping *mapping)
{
  unsigned n = mapping->klasses->len;
  g_autofree Mark *marks = g_new0(Mark, n + 1);
  g_autofree int *places = g_new0(int, n + 1);
  Order order = {mapping, marks, places, g_ptr_array_new()};
  for (unsigned i = 0; i < n; i++)
    visit(&order, i);
  for (unsigned i = 0; i < n; i++) {
    Rules *rules = order.sorted->pdata[i];
    move_ref(&order, &rules->home);
    for (unsigned k = 0; k < rules->n_rules; k++)
      move_ref(&order, &((Rule *)rules->rules)[k].ref);
    for (unsigned k = 0; k < rules->n_grants; k++)
      move_ref(&order, &((Grant *)rules->grants)[k].ref);
  }
  g_ptr_array_unref(mapping->klasses);
  mapping->klasses = order.sorted;
  for (unsigned i = 0; i < n; i++)
    inherit_containers(mapping, mapping->klasses->pdata[i]);
}

// ---------------------------------------------------------------------------------------------
// Loading.

static bool add_klass(Mapping *mapping, const Yaml *yaml, const char *target)
{
  Rules *rules = klass_parse(mapping->library, yaml, target);
  if (!rules)
    return false;
  int other = find_klass(mapping, rules->klass.target, rules->klass.name);
  if (other >= 0) {
    const Rules *first = mapping->klasses->pdata[other];
    g_autofree char *text = g_strdup_printf(_("objects “%s” are described in %s, too"),
                                            rules->klass.name, first->klass.file);
    mapping_fault(mapping, &rules->spot, "mapping-twice", text);
    return false;
  }
  g_ptr_array_add(mapping->klasses, rules);
  return true;
}

// The same class in each target that the file names. A fault is told once.
static void add_klasses(Mapping *mapping, const Yaml *yaml)
{
  const char *const *target = klass_targets(mapping->library, yaml);
  while (*target && add_klass(mapping, yaml, *target))
    target++;
}

static bool read_file(Mapping *mapping, const char *name, GError **error)
{
  Library *library = mapping->library;
  g_autofree char *path = g_build_filename(library->folder, name, NULL);
  g_autoptr(GBytes) bytes = file_read(path, MAX_FILE_BYTES, error);
  if (!bytes)
    return false;
  library_note(library, name, bytes);
  size_t n_bytes;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  g_autoptr(Yaml) yaml = yaml_parse(text ? text : "", n_bytes, name, library->findings, NULL);
  if (!yaml)
    return true;
  Reading reading = {
      .library = library, .yaml = yaml, .file = library_text(library, name, strlen(name))};
  if (names_is_file(yaml_root(yaml)))
    names_read(mapping, &reading);
  else
    add_klasses(mapping, yaml);
  return true;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *list_files(const char *folder, GError **error)
{
  g_autoptr(GError) fault = NULL;
  g_autoptr(GDir) dir = g_dir_open(folder, 0, &fault);
  if (!dir) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", fault->message);
    return NULL;
  }
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; (name = g_dir_read_name(dir));)
    if (g_str_has_suffix(name, ".yaml") && *name != '.')
      g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, by_name);
  return names;
}

static bool read_files(Mapping *mapping, GError **error)
{
  g_autoptr(GPtrArray) names = list_files(mapping->library->folder, error);
  if (!names)
    return false;
  for (unsigned i = 0; i < names->len; i++)
    if (!read_file(mapping, names->pdata[i], error))
      return false;
  read_titles(mapping);
  return true;
}

static bool is_sound(const Mapping *mapping, size_t n_before, GError **error)
{
  size_t n_faults = findings_count_level(mapping->library->findings, FINDING_ERROR) - n_before;
  if (n_faults)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                ngettext("%s: %zu fault", "%s: %zu faults", n_faults), mapping->library->folder,
                n_faults);
  return n_faults == 0;
}

Mapping *mapping_load(const char *folder, Findings *findings, GError **error)
{
  return mapping_load_with(folder, NULL, NULL, findings, error);
}

Mapping *mapping_load_with(const char *folder, const char *path, const char *file,
                           Findings *findings, GError **error)
{
  g_autoptr(Mapping) mapping = g_new0(Mapping, 1);
  size_t n_before = findings_count_level(findings, FINDING_ERROR);
  mapping->library = library_new(folder, findings);
  if (path) {
    mapping->library->swap_path = library_text(mapping->library, path, strlen(path));
    mapping->library->swap_file = library_text(mapping->library, file, strlen(file));
  }
  mapping->klasses = g_ptr_array_new();
  mapping->names = g_ptr_array_new();
  mapping->conflicts = g_ptr_array_new();
  mapping->titles = g_array_new(false, false, sizeof(Title));
  if (!read_files(mapping, error) || !is_sound(mapping, n_before, error))
    return NULL;
  for (unsigned i = 0; i < mapping->klasses->len; i++)
    link_klass(mapping, mapping->klasses->pdata[i]);
  names_link(mapping);
  sort_klasses(mapping);
  if (!is_sound(mapping, n_before, error))
    return NULL;
  mapping->digest = library_digest(mapping->library);
  mapping->library->findings = NULL;  // the caller's; nothing is parsed from here on
  return g_steal_pointer(&mapping);
}

// ---------------------------------------------------------------------------------------------

size_t mapping_n_klasses(const Mapping *mapping)
{
  return mapping->klasses->len;
}

const Klass *mapping_klass(const Mapping *mapping, size_t i)
{
  return &((const Rules *)mapping->klasses->pdata[i])->klass;
}

size_t mapping_n_titles(const Mapping *mapping)
{
  return mapping->titles->len;
}

size_t mapping_n_uses(const Mapping *mapping)
{
  size_t n = 0;
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    for (unsigned k = 0; k < rules->n_grants; k++)
      n += rules->grants[k].table != NULL;
    n += rules->assign != NULL;
  }
  return n;
}

DecisionUse mapping_use(const Mapping *mapping, size_t i)
{
  for (unsigned klass = 0; klass < mapping->klasses->len; klass++) {
    const Rules *rules = mapping->klasses->pdata[klass];
    for (unsigned k = 0; k < rules->n_grants; k++) {
      const Grant *grant = &rules->grants[k];
      if (grant->table && i-- == 0)
        return (DecisionUse){grant->table, klass, (size_t)grant->ref.klass, grant->grace_days,
                             grant->spot.line};
    }
    if (rules->assign && i-- == 0)
      return (DecisionUse){rules->assign->table, klass, klass, 0, rules->assign->spot.line};
  }
  g_assert_not_reached();
}

bool decision_gives_assignments(const Mapping *mapping, const Decision *decision)
{
  for (size_t i = 0; i < mapping_n_uses(mapping); i++) {
    DecisionUse use = mapping_use(mapping, i);
    if (use.decision == decision)
      return mapping_klass(mapping, use.klass)->subject == FOR_ASSIGNMENT;
  }
  return false;
}

const char *mapping_digest(const Mapping *mapping)
{
  return mapping->digest;
}

// The longest grace, and the longest time ahead, of what people bring into the entries of units.
static void people_horizon(const Rules *rules, int *grace_days, int *early_days)
{
  for (unsigned k = 0; k < rules->n_rules; k++) {
    const People *people = rules->rules[k].people;
    if (!people)
      continue;
    *grace_days = MAX(*grace_days, people->grace_days);
    *early_days = MAX(*early_days, people->grace.before);
  }
}

void mapping_horizon(const Mapping *mapping, const char *target, int *grace_days, int *early_days)
{
  *grace_days = *early_days = 0;
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    if (strcmp(rules->klass.target, target) != 0)
      continue;
    *early_days = MAX(*early_days, rules->before_days);
    for (unsigned k = 0; k < rules->n_grants; k++) {
      *grace_days = MAX(*grace_days, rules->grants[k].grace_days);
      *early_days = MAX(*early_days, rules->grants[k].grace.before);
    }
    people_horizon(rules, grace_days, early_days);
    *early_days = MAX(*early_days, rules->assign ? rules->assign->ahead_days : 0);
    // Posts that ended must stay in sight until their entry is deleted, and a while longer, since
    // a night may be missed.
    if (rules->klass.subject == FOR_POST && rules->lives[LIFE_ENDED].delete_after >= 0)
      *grace_days = MAX(*grace_days, rules->lives[LIFE_ENDED].delete_after + 60);
  }
}

static void add_day(GArray *days, int64_t day)
{
  Date date = (Date)CLAMP(day, DATE_NONE + 1, DATE_OPEN - 1);
  g_array_append_val(days, date);
}

void mapping_days(const Mapping *mapping, const char *target, Date event, GArray *out)
{
  add_day(out, event);
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    if (strcmp(rules->klass.target, target) != 0)
      continue;
    add_day(out, (int64_t)event - MAX(rules->before_days, 0));
    if (rules->assign)
      add_day(out, (int64_t)event - rules->assign->ahead_days);
    for (unsigned k = 0; k < rules->n_grants; k++) {
      add_day(out, (int64_t)event - rules->grants[k].grace.before);
      add_day(out, grace_end(&rules->grants[k].grace, event));
    }
    for (unsigned k = 0; k < rules->n_rules; k++)
      if (rules->rules[k].people) {
        add_day(out, (int64_t)event - rules->rules[k].people->grace.before);
        add_day(out, grace_end(&rules->rules[k].people->grace, event));
      }
    for (unsigned k = 0; k < N_LIVES; k++)
      add_day(out, (int64_t)event + MAX(rules->lives[k].delete_after, 0));
  }
}

static void add_end(GArray *days, Date event, int64_t day)
{
  if (day > event)
    add_day(days, day);
}

void mapping_ends(const Mapping *mapping, const char *target, Date event, bool left, GArray *out)
{
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    if (strcmp(rules->klass.target, target) != 0)
      continue;
    int life = left ? LIFE_LEFT : LIFE_ENDED;
    if (left == (rules->klass.subject == FOR_PERSON))
      add_end(out, event, (int64_t)event + rules->lives[life].delete_after);
    for (unsigned k = 0; !left && k < rules->n_grants; k++)
      add_end(out, event, grace_end(&rules->grants[k].grace, event));
    for (unsigned k = 0; !left && k < rules->n_rules; k++)
      if (rules->rules[k].people)
        add_end(out, event, grace_end(&rules->rules[k].people->grace, event));
  }
}

void mapping_exceptions_each(const Mapping *mapping, MappingExceptionFunc func, void *data)
{
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Rules *rules = mapping->klasses->pdata[i];
    const Exceptions *exceptions = rules->assign ? rules->assign->exceptions : NULL;
    for (unsigned k = 0; exceptions && k < exceptions->n; k++) {
      const Exception *row = &exceptions->rows[k];
      func(&(MappingException){rules->klass.target, rules->klass.name, row->number, row->assignment,
                               row->takes, row->from, row->to, row->reason, row->by},
           data);
    }
  }
}

void mapping_exception_days(const Mapping *mapping, const char *number, GArray *out)
{
  for (unsigned i = 0; i < mapping->klasses->len; i++) {
    const Assign *assign = ((const Rules *)mapping->klasses->pdata[i])->assign;
    const Exceptions *exceptions = assign ? assign->exceptions : NULL;
    for (unsigned k = 0; exceptions && k < exceptions->n; k++) {
      const Exception *exception = &exceptions->rows[k];
      if (strcmp(exception->number, number) != 0)
        continue;
      add_day(out, (int64_t)exception->from - assign->ahead_days);
      add_day(out, exception->from);
      add_day(out, exception->to);
    }
  }
}

void mapping_titles(const Mapping *mapping, Roster *roster)
{
  roster_set_titles(roster, (const Title *)(const void *)mapping->titles->data,
                    mapping->titles->len);
}
