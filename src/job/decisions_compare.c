// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two versions of a decision table in the same place: the mappings are loaded once with each, everybody
// is taken through both, and the memberships are held side by side. What other rows, tables and rules
// still grant is thereby counted: who keeps a group by another way loses nothing.
#include "job/job_p.h"

#include <string.h>

typedef struct Held {  // a group that a post gives
  size_t klass;        // of the member
  const Post *member;  // of a class for posts; NULL = the person
  size_t groups;
  const char *group;  // interned: equal texts are one pointer
  const Post *post;
  size_t line;  // of the table at hand; 0 = by another table or rule
} Held;

typedef struct Version {
  const Mapping *mapping;
  const Decision *decision;
  DecisionDesk desk;
  GArray *held;  // Held, of the person at hand
  GArray *ours;  // … those that the table gives
} Version;

typedef struct Contrast {
  Version versions[2];  // old, new
  ReportTableCompare *report;
  GHashTable *totals;  // text -> ReportTableTotal
  GStringChunk *texts;
  const Person *person;
  Version *at;  // whose turn it is
  bool asked;
} Contrast;

// ---------------------------------------------------------------------------------------------
// What somebody holds.

static void take_event(const WatchEvent *event, void *data)
{
  Contrast *contrast = data;
  const Version *version = contrast->at;
  bool ours = event->decision != NULL && event->decision == version->decision;
  contrast->asked |= event->kind == WATCH_ASKED && ours;
  if (event->kind != WATCH_GROUP || !event->counts)
    return;
  bool for_posts = mapping_klass(version->mapping, event->klass)->subject == FOR_POST;
  Held held = {.klass = event->klass,
               .member = for_posts ? event->post : NULL,
               .groups = event->groups,
               .group = g_string_chunk_insert_const(contrast->texts, event->group),
               .post = event->post,
               .line = ours ? decision_line(event->decision, event->row) : 0};
  g_array_append_val(version->held, held);
  if (ours)
    g_array_append_val(version->ours, held);
}

static int by_number(uintptr_t a, uintptr_t b)
{
  return a < b ? -1 : a > b;
}

// By what a member has.
static int by_membership(const void *a, const void *b)
{
  const Held *x = a, *y = b;
  int order = by_number(x->klass, y->klass);
  order = order != 0 ? order : by_number((uintptr_t)x->member, (uintptr_t)y->member);
  order = order != 0 ? order : by_number(x->groups, y->groups);
  return order != 0 ? order : strcmp(x->group, y->group);
}

// By what the table gives each post.
static int by_post(const void *a, const void *b)
{
  int order = by_number((uintptr_t)((const Held *)a)->post, (uintptr_t)((const Held *)b)->post);
  return order != 0 ? order : by_membership(a, b);
}

static guint skip_equal(const GArray *held, guint i, int (*compare)(const void *, const void *))
{
  const Held *first = &g_array_index(held, Held, i);
  while (i < held->len && compare(first, &g_array_index(held, Held, i)) == 0)
    i++;
  return i;
}

// Calls for each thing that one side has and the other has not, or both have: `side` is 0, 1 or 2.
typedef void (*ContrastFunc)(Contrast *contrast, int side, const Held *held, void *data);

static void contrast_each(Contrast *contrast, int (*compare)(const void *, const void *),
                          ContrastFunc func, void *data)
{
  const Version *versions = contrast->versions;
  bool of_posts = compare == by_post;
  GArray *old_held = of_posts ? versions[0].ours : versions[0].held;
  GArray *new_held = of_posts ? versions[1].ours : versions[1].held;
  if (old_held->len > 1)
    g_array_sort(old_held, compare);
  if (new_held->len > 1)
    g_array_sort(new_held, compare);
  guint i = 0, k = 0;
  while (i < old_held->len || k < new_held->len) {
    const Held *x = i < old_held->len ? &g_array_index(old_held, Held, i) : NULL;
    const Held *y = k < new_held->len ? &g_array_index(new_held, Held, k) : NULL;
    int order = x == NULL ? 1 : y == NULL ? -1 : compare(x, y);
    func(contrast, order < 0 ? 0 : order > 0 ? 1 : 2, order <= 0 ? x : y, data);
    i = order <= 0 ? skip_equal(old_held, i, compare) : i;
    k = order >= 0 ? skip_equal(new_held, k, compare) : k;
  }
}

// ---------------------------------------------------------------------------------------------
// Who gains, who loses.

static ReportTableTotal *total_of(Contrast *contrast, const Held *held)
{
  const Mapping *mapping = contrast->versions[0].mapping;
  const char *klass = decisions_klass(mapping, held->klass, contrast->texts);
  g_autofree char *key =
      g_strdup_printf("%s\n%s\n%s", klass, mapping_klass(mapping, held->groups)->name, held->group);
  ReportTableTotal *total = g_hash_table_lookup(contrast->totals, key);
  if (total != NULL)
    return total;
  total = g_new0(ReportTableTotal, 1);
  *total = (ReportTableTotal){.group = held->group, .klass = klass};
  g_hash_table_insert(contrast->totals, g_steal_pointer(&key), total);
  return total;
}

// The rows by which it comes or came, each with its post.
static const char *rows_of(const Contrast *contrast, const Version *version, const Held *of)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < version->held->len; i++) {
    const Held *held = &g_array_index(version->held, Held, i);
    if (held->line == 0 || by_membership(held, of) != 0)
      continue;
    const char *post = decisions_post(&version->desk, held->post, contrast->texts);
    g_string_append_printf(text, "%s%zu (%s)", text->len > 0 ? ", " : "", held->line, post);
  }
  return g_string_chunk_insert_const(contrast->texts, text->str);
}

static void take_membership(Contrast *contrast, int side, const Held *held, void *data)
{
  GArray *changes = data;
  ReportTableTotal *total = total_of(contrast, held);
  total->n_old += side != 1;
  total->n_new += side != 0;
  total->n_loss += side == 0;
  total->n_gain += side == 1;
  if (side == 2)
    return;
  ReportTableChange change = {.group = held->group,
                              .klass = total->klass,
                              .gain = side == 1,
                              .from = rows_of(contrast, &contrast->versions[side], held)};
  g_array_append_val(changes, change);
}

static void take_post(Contrast *contrast, int side, const Held *held, void *data)
{
  (void)contrast;
  GHashTable *posts = data;
  if (side != 2)
    g_hash_table_add(posts, (gpointer)held->post);
}

static int by_gain(const void *a, const void *b)
{
  const ReportTableChange *x = a, *y = b;
  if (x->gain != y->gain)
    return x->gain ? -1 : 1;
  int klass = strcmp(x->klass, y->klass);
  return klass != 0 ? klass : strcmp(x->group, y->group);
}

static void end_person(Contrast *contrast)
{
  ReportTableCompare *report = contrast->report;
  g_autoptr(GHashTable) posts = g_hash_table_new(NULL, NULL);
  g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ReportTableChange));
  contrast_each(contrast, by_post, take_post, posts);
  contrast_each(contrast, by_membership, take_membership, changes);
  report->n_asked += contrast->asked;
  report->n_posts += g_hash_table_size(posts);
  report->n_even += changes->len == 0 && g_hash_table_size(posts) > 0;
  if (changes->len == 0)
    return;
  report->n_people++;
  g_array_sort(changes, by_gain);
  const Post *post = contrast->person->n_posts > 0 ? &contrast->person->posts[0] : NULL;
  ReportTableMover mover = {.person = decisions_person(&contrast->versions[1].desk,
                                                       contrast->person, post, contrast->texts),
                            .changes = g_steal_pointer(&changes)};
  g_array_append_val(report->movers, mover);
}

static bool walk_people(Contrast *contrast, Roster *roster, GError **error)
{
  GError *fault = NULL;
  roster_rewind(roster);
  while (roster_next(roster, &contrast->person, &fault)) {
    contrast->asked = false;
    for (int i = 0; i < 2; i++) {
      contrast->at = &contrast->versions[i];
      g_array_set_size(contrast->at->held, 0);
      g_array_set_size(contrast->at->ours, 0);
      if (!decisions_watch(&contrast->at->desk, contrast->person, take_event, contrast, error))
        return false;
    }
    end_person(contrast);
  }
  if (fault != NULL)
    g_propagate_error(error, fault);
  return fault == NULL;
}

static int by_name(const void *a, const void *b)
{
  const ReportTableTotal *x = a, *y = b;
  int klass = strcmp(x->klass, y->klass);
  return klass != 0 ? klass : strcmp(x->group, y->group);
}

static void list_totals(const Contrast *contrast)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init(&iter, contrast->totals);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    const ReportTableTotal *total = value;
    if (total->n_gain + total->n_loss > 0)
      g_array_append_vals(contrast->report->totals, total, 1);
  }
  g_array_sort(contrast->report->totals, by_name);
}

// ---------------------------------------------------------------------------------------------
// Both versions.

// The table under its own name or that of the file which took its place.
static const Decision *find_decision(const Mapping *mapping, const char *table, const char *file)
{
  for (size_t i = 0; i < mapping_n_uses(mapping); i++) {
    const Decision *decision = mapping_use(mapping, i).decision;
    const char *path = decision_path(decision);
    if (strcmp(path, table) == 0 || strcmp(path, file) == 0)
      return decision;
  }
  return NULL;
}

static bool contrast_versions(Contrast *contrast, Roster *roster, const char *const files[2],
                              TableCompared *out, GError **error)
{
  if (roster == NULL)
    return false;
  bool fine = true;
  for (int i = 0; i < 2 && fine; i++) {
    Version *version = &contrast->versions[i];
    version->decision = find_decision(version->mapping, out->report.path, files[i]);
    version->held = g_array_new(FALSE, FALSE, sizeof(Held));
    version->ours = g_array_new(FALSE, FALSE, sizeof(Held));
    fine = decisions_open(&version->desk, version->mapping, roster, out->findings, error);
  }
  fine = fine && walk_people(contrast, roster, error);
  for (int i = 0; i < 2; i++) {
    decisions_close(&contrast->versions[i].desk);
    g_clear_pointer(&contrast->versions[i].held, g_array_unref);
    g_clear_pointer(&contrast->versions[i].ours, g_array_unref);
  }
  if (fine)
    list_totals(contrast);
  return fine && store_check(roster_store(roster), error);
}

static char *resolve(const Site *site, const char *const files[2], const char *as,
                     Findings *findings, GError **error)
{
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, findings, error);
  if (mapping == NULL)
    return NULL;
  return decisions_resolve(site, mapping, as, (const char *const[]){files[0], files[1], NULL},
                           error);
}

static bool compare(const Site *site, const char *const files[2], const TableRequest *request,
                    TableCompared *out, GError **error)
{
  g_autofree char *name = resolve(site, files, request->path, out->findings, error);
  g_autoptr(Store) store = name == NULL ? NULL : store_open(site->store, STORE_READ, error);
  g_autoptr(Mapping) old_mapping =
      store == NULL ? NULL : decisions_load(site, name, files[0], out->findings, error);
  g_autoptr(Mapping) new_mapping =
      old_mapping == NULL ? NULL : decisions_load(site, name, files[1], out->findings, error);
  g_autoptr(Roster) roster =
      new_mapping == NULL ? NULL : decisions_roster(store, new_mapping, request, error);
  if (roster == NULL)
    return false;
  out->report.path = g_string_chunk_insert(out->texts, name);
  out->report.old_file = g_string_chunk_insert(out->texts, files[0]);
  out->report.new_file = g_string_chunk_insert(out->texts, files[1]);
  g_autoptr(GHashTable) totals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  Contrast contrast = {.versions = {{.mapping = old_mapping}, {.mapping = new_mapping}},
                       .report = &out->report,
                       .totals = totals,
                       .texts = out->texts};
  if (!contrast_versions(&contrast, roster, files, out, error))
    return false;
  if (out->report.n_people > 0)
    out->exit = EXIT_PENDING;
  if (findings_count_level(out->findings, FINDING_ERROR) > 0)
    out->exit = EXIT_REJECTED;
  return true;
}

bool job_table_compare(const Site *site, const char *const files[2], const TableRequest *request,
                       TableCompared *out, GError **error)
{
  *out = (TableCompared){.findings = findings_new(), .texts = g_string_chunk_new(4096)};
  out->report = (ReportTableCompare){.as_of = request->as_of,
                                     .totals = g_array_new(FALSE, FALSE, sizeof(ReportTableTotal)),
                                     .movers = g_array_new(FALSE, FALSE, sizeof(ReportTableMover))};
  return compare(site, files, request, out, error);
}

void table_compared_clear(TableCompared *compared)
{
  for (guint i = 0; i < compared->report.movers->len; i++)
    g_array_unref(g_array_index(compared->report.movers, ReportTableMover, i).changes);
  g_clear_pointer(&compared->report.movers, g_array_unref);
  g_clear_pointer(&compared->report.totals, g_array_unref);
  g_clear_pointer(&compared->findings, findings_free);
  g_clear_pointer(&compared->texts, g_string_chunk_free);
}
