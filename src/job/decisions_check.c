// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables against everybody of one day: which rows hit whom, whom none hits, which rows only the
// order decides between. People are streamed; what is kept grows with rows and units.
#include "job/job_p.h"

#include <string.h>

typedef struct RowTally {
  size_t n_people, n_outvoted;
  size_t n_current;        // of n_people: in a unit and with a title that are still there
  size_t n_unmade;         // members of a group that cannot be made
  const char *unmade;      // … the first of these groups
  size_t outvoted_by;      // the row that won last
  uint32_t hit, outvoted;  // the person counted last
  GArray *some;            // ReportTablePerson
} RowTally;

typedef struct UnitTally {
  size_t n_people;
  uint32_t last;
  bool hit;
} UnitTally;

typedef struct Clash {  // two rows between which only the order decides
  size_t first, second;
  bool differ;
  size_t n_people;
  uint32_t last;
  ReportTablePerson one;
} Clash;

typedef struct Tally {
  const Decision *decision;
  ReportTableCheck *report;
  RowTally *rows;
  GHashTable *units;    // code -> UnitTally
  GHashTable *clashes;  // rows -> Clash
  size_t winner;        // of the post at hand
  const Post *asked;    // first post of the person at hand for which the table is asked
  bool hit;
} Tally;

typedef struct Walk {
  const DecisionDesk *desk;
  const TableRequest *request;
  TableChecked *out;
  GPtrArray *tallies;
  const Person *person;
} Walk;

// ---------------------------------------------------------------------------------------------
// One table.

static void free_report(gpointer data)
{
  ReportTableCheck *report = data;
  for (guint i = 0; i < report->rows->len; i++)
    g_array_unref(g_array_index(report->rows, ReportTableRow, i).some);
  g_array_unref(report->rows);
  g_array_unref(report->without);
  g_array_unref(report->units_without);
  g_array_unref(report->units_unnamed);
  g_ptr_array_unref(report->uses);
  g_free(report);
}

static void free_tally(gpointer data)
{
  Tally *tally = data;
  for (size_t i = 0; i < decision_n_rows(tally->decision); i++)
    g_clear_pointer(&tally->rows[i].some, g_array_unref);
  g_hash_table_unref(tally->units);
  g_hash_table_unref(tally->clashes);
  g_free(tally->rows);
  g_free(tally);
}

static ReportTableCheck *new_report(Walk *walk, const Decision *decision)
{
  ReportTableCheck *report = g_new0(ReportTableCheck, 1);
  report->path = g_string_chunk_insert_const(walk->out->texts, decision_path(decision));
  report->first_match = decision_first_match(decision);
  report->uses = g_ptr_array_new();
  report->rows = g_array_new(FALSE, FALSE, sizeof(ReportTableRow));
  report->without = g_array_new(FALSE, FALSE, sizeof(ReportTablePerson));
  report->units_without = g_array_new(FALSE, FALSE, sizeof(ReportTableUnit));
  report->units_unnamed = g_array_new(FALSE, FALSE, sizeof(ReportTableUnit));
  g_ptr_array_add(walk->out->checks, report);
  return report;
}

static Tally *find_tally(const Walk *walk, const Decision *decision)
{
  for (guint i = 0; i < walk->tallies->len; i++) {
    Tally *tally = g_ptr_array_index(walk->tallies, i);
    if (tally->decision == decision)
      return tally;
  }
  return NULL;
}

static Tally *new_tally(Walk *walk, const Decision *decision)
{
  Tally *tally = g_new0(Tally, 1);
  tally->decision = decision;
  tally->report = new_report(walk, decision);
  tally->rows = g_new0(RowTally, decision_n_rows(decision) + 1);
  for (size_t i = 0; i < decision_n_rows(decision); i++)
    tally->rows[i].some = g_array_new(FALSE, FALSE, sizeof(ReportTablePerson));
  tally->units = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  tally->clashes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
  g_ptr_array_add(walk->tallies, tally);
  return tally;
}

// Of the one table `name`, or of all for NULL. A draft bears the name of its file.
static void open_tallies(Walk *walk, const Mapping *mapping, const char *name)
{
  const char *file = walk->request->file;
  for (size_t i = 0; i < mapping_n_uses(mapping); i++) {
    DecisionUse use = mapping_use(mapping, i);
    const char *path = decision_path(use.decision);
    if (name != NULL && strcmp(path, name) != 0 && (file == NULL || strcmp(path, file) != 0))
      continue;
    Tally *tally = find_tally(walk, use.decision);
    if (tally == NULL)
      tally = new_tally(walk, use.decision);
    const Klass *klass = mapping_klass(mapping, use.klass);
    g_autofree char *grace =
        use.grace_days == 0
            ? g_strdup("")
            : g_strdup_printf(ngettext(", grace %d day", ", grace %d days", (gulong)use.grace_days),
                              use.grace_days);
    g_autofree char *text = g_strdup_printf("%s %s (%s:%d)%s", klass->target, klass->name,
                                            klass->file, use.line, grace);
    g_ptr_array_add(tally->report->uses, g_string_chunk_insert(walk->out->texts, text));
  }
}

// ---------------------------------------------------------------------------------------------
// One person.

static ReportTablePerson somebody(const Walk *walk, const Post *post)
{
  return decisions_person(walk->desk, walk->person, post, walk->out->texts);
}

static void take_asked(const Walk *walk, Tally *tally, const WatchEvent *event)
{
  if (tally->asked == NULL)
    tally->asked = event->post;
  UnitTally *unit = g_hash_table_lookup(tally->units, event->post->unit);
  if (unit == NULL) {
    unit = g_new0(UnitTally, 1);
    g_hash_table_insert(tally->units, g_strdup(event->post->unit), unit);
  }
  unit->n_people += unit->last != walk->person->id;
  unit->last = walk->person->id;
}

// In a unit and with a title that the day still knows.
static bool is_current(const Walk *walk, const Post *post)
{
  const Roster *roster = walk->desk->roster;
  return roster_unit(roster, post->unit) != NULL &&
         (*post->title == '\0' || roster_title(roster, post->title) != NULL ||
          mapping_n_titles(walk->desk->mapping) == 0);
}

static void take_hit(const Walk *walk, Tally *tally, const WatchEvent *event)
{
  RowTally *row = &tally->rows[event->row];
  UnitTally *unit = g_hash_table_lookup(tally->units, event->post->unit);
  unit->hit = TRUE;
  tally->hit = TRUE;
  tally->winner = event->row;
  row->n_current += is_current(walk, event->post);
  if (row->hit == walk->person->id)
    return;
  row->hit = walk->person->id;
  row->n_people++;
  if (row->some->len >= walk->request->n_some)
    return;
  ReportTablePerson person = somebody(walk, event->post);
  g_array_append_val(row->some, person);
}

static Clash *find_clash(const Walk *walk, Tally *tally, size_t first, size_t second)
{
  gint64 key = (gint64)((uint64_t)first << 32 | second);
  Clash *clash = g_hash_table_lookup(tally->clashes, &key);
  if (clash != NULL)
    return clash;
  clash = g_new0(Clash, 1);
  *clash = (Clash){.first = first, .second = second};
  clash->differ =
      mapping_rows_differ(walk->desk->mapping, walk->desk->roster, tally->decision, first, second);
  g_hash_table_insert(tally->clashes, g_memdup2(&key, sizeof key), clash);
  return clash;
}

static void take_outvoted(const Walk *walk, Tally *tally, const WatchEvent *event)
{
  RowTally *row = &tally->rows[event->row];
  row->n_outvoted += row->outvoted != walk->person->id;
  row->outvoted = walk->person->id;
  row->outvoted_by = tally->winner;
  Clash *clash = find_clash(walk, tally, tally->winner, event->row);
  if (!clash->differ || clash->last == walk->person->id)
    return;
  clash->last = walk->person->id;
  if (clash->n_people++ == 0)
    clash->one = somebody(walk, event->post);
}

static void take_group(const Walk *walk, Tally *tally, const WatchEvent *event)
{
  RowTally *row = &tally->rows[event->row];
  if (event->counts)
    return;
  if (row->n_unmade++ == 0)
    row->unmade = g_string_chunk_insert_const(walk->out->texts, event->group);
}

static void take_event(const WatchEvent *event, void *data)
{
  static void (*const take[])(const Walk *, Tally *, const WatchEvent *) = {
      [WATCH_ASKED] = take_asked,
      [WATCH_HIT] = take_hit,
      [WATCH_OUTVOTED] = take_outvoted,
      [WATCH_GROUP] = take_group,
  };
  const Walk *walk = data;
  Tally *tally = event->decision != NULL ? find_tally(walk, event->decision) : NULL;
  if (tally != NULL && take[event->kind] != NULL)
    take[event->kind](walk, tally, event);
}

static void end_person(const Walk *walk, Tally *tally)
{
  ReportTableCheck *report = tally->report;
  report->n_people += tally->asked != NULL;
  if (tally->asked != NULL && !tally->hit && report->n_without++ < walk->request->n_some) {
    ReportTablePerson person = somebody(walk, tally->asked);
    g_array_append_val(report->without, person);
  }
  tally->asked = NULL;
  tally->hit = FALSE;
}

static bool walk_people(Walk *walk, GError **error)
{
  GError *fault = NULL;
  roster_rewind(walk->desk->roster);
  while (roster_next(walk->desk->roster, &walk->person, &fault)) {
    if (!decisions_watch(walk->desk, walk->person, take_event, walk, error))
      return false;
    for (guint i = 0; i < walk->tallies->len; i++)
      end_person(walk, g_ptr_array_index(walk->tallies, i));
  }
  if (fault != NULL)
    g_propagate_error(error, fault);
  return fault == NULL;
}

// ---------------------------------------------------------------------------------------------
// What is to be looked at.

G_GNUC_PRINTF(5, 6)
static void tell(const Walk *walk, const Tally *tally, size_t row, const Finding *what,
                 const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding finding = *what;
  finding.file = decision_path(tally->decision);
  finding.line = row == SIZE_MAX ? 0 : (int64_t)decision_line(tally->decision, row);
  findings_add(walk->out->findings, &finding, "%s", text);
}

#define WARNING(its_code) (&(Finding){.level = FINDING_WARNING, .code = its_code})
#define NOTE(its_code) (&(Finding){.level = FINDING_NOTE, .code = its_code})

// Why a row hits nobody may have been said already, by looking at the table alone.
static bool is_explained(const Findings *findings, size_t n_before, int64_t line)
{
  static const char *const codes[] = {"table-row-shadowed", "table-word-unknown",
                                      "table-unit-ended", NULL};
  for (size_t i = n_before; i < findings_count(findings); i++) {
    const Finding *finding = findings_at(findings, i);
    if (finding->line == line && g_strv_contains(codes, finding->code))
      return true;
  }
  return false;
}

static void judge_row(const Walk *walk, const Tally *tally, size_t row, size_t n_before)
{
  const RowTally *its = &tally->rows[row];
  int64_t line = (int64_t)decision_line(tally->decision, row);
  if (its->n_people == 0 && is_explained(walk->out->findings, n_before, line))
    return;
  if (its->n_people == 0 && its->n_outvoted > 0)
    tell(
        walk, tally, row, WARNING("table-row-unreached"),
        _("this row is never reached: rows before it (of the last, row %zu) take all whom it would "
          "take (%zu)"),
        decision_line(tally->decision, its->outvoted_by), its->n_outvoted);
  else if (its->n_people == 0)
    tell(walk, tally, row, WARNING("table-row-unreached"), _("this row hits nobody on that day"));
  else if (its->n_current == 0)
    tell(walk, tally, row, WARNING("table-row-retired"),
         _("only posts in units that ended, or with titles that tables/titles.csv does not list, "
           "hit this row"));
  if (its->n_unmade > 0 && decision_gives_assignments(walk->desk->mapping, tally->decision))
    tell(walk, tally, row, WARNING("table-duties-conflict"),
         _("“%s” is not given to %zu of those whom this row hits: they would have conflicting "
           "duties"),
         its->unmade, its->n_unmade);
  else if (its->n_unmade > 0)
    tell(walk, tally, row, WARNING("table-group-unmade"),
         _("the group “%s” cannot be made, or has ended: nobody is put into it by this row"),
         its->unmade);
}

static int by_rows(const void *a, const void *b)
{
  const Clash *x = *(const Clash *const *)a, *y = *(const Clash *const *)b;
  if (x->first != y->first)
    return x->first < y->first ? -1 : 1;
  return x->second < y->second ? -1 : x->second > y->second;
}

// With one priority for both, whoever inserts or sorts rows changes who gets what.
static void judge_clash(const Walk *walk, const Tally *tally, const Clash *clash)
{
  const Decision *decision = tally->decision;
  size_t winner = decision_line(decision, clash->first);
  int64_t priority = decision_priority(decision, clash->first);
  g_autoptr(GString) won = g_string_new(NULL);
  g_autoptr(GString) lost = g_string_new(NULL);
  decision_results(decision, clash->first, won);
  decision_results(decision, clash->second, lost);
  if (priority == decision_priority(decision, clash->second))
    tell(walk, tally, clash->second, WARNING("table-rows-tie"),
         _("row %zu (“%s”) wins over this row (“%s”) for %zu whom both fit, such as %s %s, only "
           "because it stands first: both have priority %" G_GINT64_FORMAT),
         winner, won->str, lost->str, clash->n_people, clash->one.number, clash->one.name,
         priority);
  else
    tell(walk, tally, clash->second, NOTE("table-rows-overlap"),
         _("row %zu (“%s”) wins over this row (“%s”) for %zu whom both fit, such as %s %s, by its "
           "priority %" G_GINT64_FORMAT),
         winner, won->str, lost->str, clash->n_people, clash->one.number, clash->one.name,
         priority);
}

static void judge_clashes(const Walk *walk, const Tally *tally)
{
  g_autoptr(GPtrArray) list = g_ptr_array_new();
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init(&iter, tally->clashes);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    if (((const Clash *)value)->n_people > 0)
      g_ptr_array_add(list, value);
  if (list->len > 1)
    g_ptr_array_sort(list, by_rows);
  for (guint i = 0; i < list->len; i++)
    judge_clash(walk, tally, g_ptr_array_index(list, i));
}

static void judge_units(const Walk *walk, const Tally *tally)
{
  ReportTableCheck *report = tally->report;
  Derive *derive = decisions_derive(walk->desk, tally->decision);
  size_t n;
  const Unit *const *units = roster_units(walk->desk->roster, &n);
  for (size_t i = 0; i < n; i++) {
    const char *code = units[i]->code;
    const UnitTally *its = g_hash_table_lookup(tally->units, code);
    ReportTableUnit unit = {.code = g_string_chunk_insert_const(walk->out->texts, code),
                            .name = g_string_chunk_insert_const(walk->out->texts, units[i]->name),
                            .n_people = its != NULL ? its->n_people : 0};
    bool none = its != NULL ? !its->hit : !derive_takes_unit(derive, tally->decision, code);
    if (none)
      g_array_append_val(report->units_without, unit);
    else if (!derive_names_unit(derive, tally->decision, code))
      g_array_append_val(report->units_unnamed, unit);
  }
  if (report->n_without > 0)
    tell(walk, tally, SIZE_MAX, WARNING("table-people-missing"),
         ngettext("%zu person has no row; if that is meant, end the table with a row without "
                  "conditions and results",
                  "%zu people have no row; if that is meant, end the table with a row without "
                  "conditions and results",
                  report->n_without),
         report->n_without);
  if (report->units_without->len > 0)
    tell(walk, tally, SIZE_MAX, WARNING("table-units-missing"),
         ngettext("%u unit has no row", "%u units have no row", report->units_without->len),
         report->units_without->len);
}

static void report_row(const Walk *walk, const Tally *tally, size_t row)
{
  const Decision *decision = tally->decision;
  GStringChunk *texts = walk->out->texts;
  g_autoptr(GString) text = g_string_new(NULL);
  decision_results(decision, row, text);
  ReportTableRow its = {.line = decision_line(decision, row),
                        .priority = decision_priority(decision, row),
                        .wants = decisions_wants(decision, row, texts),
                        .results = g_string_chunk_insert_const(texts, text->str),
                        .remark =
                            g_string_chunk_insert_const(texts, decision_remark(decision, row)),
                        .n_people = tally->rows[row].n_people,
                        .some = g_steal_pointer(&tally->rows[row].some)};
  g_array_append_val(tally->report->rows, its);
}

static void judge(const Walk *walk, const MappingWorld *world)
{
  for (guint i = 0; i < walk->tallies->len; i++) {
    Tally *tally = g_ptr_array_index(walk->tallies, i);
    size_t n_before = findings_count(walk->out->findings);
    mapping_check_decision(walk->desk->mapping, tally->decision, world, walk->out->findings);
    for (size_t row = 0; row < decision_n_rows(tally->decision); row++)
      judge_row(walk, tally, row, n_before);
    judge_clashes(walk, tally);
    judge_units(walk, tally);
    for (size_t row = 0; row < decision_n_rows(tally->decision); row++)
      report_row(walk, tally, row);
  }
}

// ---------------------------------------------------------------------------------------------

static bool walk_tables(const Site *site, Walk *walk, const Mapping *mapping, const char *name,
                        GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(Roster) roster =
      store == NULL ? NULL : decisions_roster(store, mapping, walk->request, error);
  g_autoptr(Findings) people = findings_new();
  g_auto(DecisionDesk) desk = {0};
  if (roster == NULL || !decisions_open(&desk, mapping, roster, people, error))
    return false;
  walk->desk = &desk;
  open_tallies(walk, mapping, name);
  if (!walk_people(walk, error))
    return false;
  g_autoptr(GPtrArray) fields = site_fields(site);
  MappingWorld world = {.fields = (const char *const *)fields->pdata, .roster = roster};
  judge(walk, &world);
  if (findings_count_level(walk->out->findings, FINDING_WARNING) > 0)
    walk->out->exit = EXIT_USAGE;
  if (findings_count_level(people, FINDING_ERROR) > 0)
    walk->out->exit = EXIT_REJECTED;
  findings_take(walk->out->findings, people);
  // What was counted from a store that could not be read is no count.
  return store_check(store, error);
}

// The name of the one table that is asked for; NULL without an error when all are.
static bool resolve(const Site *site, const TableRequest *request, char **name, GError **error)
{
  *name = NULL;
  if (request->path == NULL && request->file == NULL)
    return true;
  g_autoptr(Findings) told_again = findings_new();
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, told_again, NULL);
  // Faults are told by whoever loads the mappings to use them.
  *name = mapping == NULL ? g_strdup(request->path)
                          : decisions_resolve(site, mapping, request->path,
                                              (const char *const[]){request->file, NULL}, error);
  return *name != NULL || mapping == NULL;
}

bool job_table_check(const Site *site, const TableRequest *request, TableChecked *out,
                     GError **error)
{
  *out = (TableChecked){.checks = g_ptr_array_new_with_free_func(free_report),
                        .findings = findings_new(),
                        .texts = g_string_chunk_new(4096)};
  g_autofree char *name = NULL;
  if (!resolve(site, request, &name, error))
    return false;
  g_autoptr(Mapping) mapping = decisions_load(site, name, request->file, out->findings, error);
  g_autoptr(GPtrArray) tallies = g_ptr_array_new_with_free_func(free_tally);
  Walk walk = {.request = request, .out = out, .tallies = tallies};
  return mapping != NULL && walk_tables(site, &walk, mapping, name, error);
}

void table_checked_clear(TableChecked *checked)
{
  g_clear_pointer(&checked->checks, g_ptr_array_unref);
  g_clear_pointer(&checked->findings, findings_free);
  g_clear_pointer(&checked->texts, g_string_chunk_free);
}
