// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables for one person: of each post, which rows hit and why the others do not; then what each
// class makes of it.
#include "job/job_p.h"

#include <string.h>

typedef enum Fate { FATE_NONE, FATE_HIT, FATE_OUTVOTED } Fate;

typedef struct Asked {  // a table and one post
  const Post *post;
  const Decision *decision;
  GString *by;        // the classes that ask
  size_t last_klass;  // … of these the last
  Fate *fates;        // by row
  GString **groups;   // by row: what the results became; NULL
} Asked;

typedef struct Member {  // a class and the person, or a post
  size_t klass;
  const Post *post;
  bool counts, alone;
  bool asks;  // some table is asked, or some group named
  const char *reason;
  GArray *groups;  // ReportTableGroup
  uint32_t subject;
} Member;

typedef struct Trial {
  const DecisionDesk *desk;
  GStringChunk *texts;
  GArray *asked;    // Asked
  GArray *members;  // Member
} Trial;

static const char *kept(const Trial *trial, const char *text)
{
  return g_string_chunk_insert_const(trial->texts, text != NULL ? text : "");
}

// ---------------------------------------------------------------------------------------------
// Looking on.

static void take_klass(Trial *trial, const WatchEvent *event)
{
  Member member = {.klass = event->klass,
                   .post = event->post,
                   .counts = event->counts,
                   .alone = event->alone,
                   .reason = kept(trial, event->reason),
                   .groups = g_array_new(FALSE, FALSE, sizeof(ReportTableGroup))};
  g_array_append_val(trial->members, member);
}

// The class at hand; the walk has told of it before.
static Member *last_member(const Trial *trial)
{
  return &g_array_index(trial->members, Member, trial->members->len - 1);
}

static Asked *find_asked(const Trial *trial, const WatchEvent *event)
{
  for (guint i = 0; i < trial->asked->len; i++) {
    Asked *asked = &g_array_index(trial->asked, Asked, i);
    if (asked->post == event->post && asked->decision == event->decision)
      return asked;
  }
  return NULL;
}

static void take_asked(Trial *trial, const WatchEvent *event)
{
  last_member(trial)->asks = true;
  Asked *known = find_asked(trial, event);
  const char *klass = decisions_klass(trial->desk->mapping, event->klass, trial->texts);
  if (known != NULL) {
    if (known->last_klass != event->klass)
      g_string_append_printf(known->by, ", %s", klass);
    known->last_klass = event->klass;
    return;
  }
  size_t n_rows = decision_n_rows(event->decision);
  Asked asked = {.post = event->post,
                 .decision = event->decision,
                 .by = g_string_new(klass),
                 .last_klass = event->klass,
                 .fates = g_new0(Fate, n_rows + 1),
                 .groups = g_new0(GString *, n_rows + 1)};
  g_array_append_val(trial->asked, asked);
}

static void take_hit(Trial *trial, const WatchEvent *event)
{
  find_asked(trial, event)->fates[event->row] = FATE_HIT;
}

static void take_outvoted(Trial *trial, const WatchEvent *event)
{
  find_asked(trial, event)->fates[event->row] = FATE_OUTVOTED;
}

static void add_word(GString *list, const char *word, const char *separator)
{
  g_auto(GStrv) known = g_strsplit(list->str, separator, -1);
  if (list->len == 0)
    g_string_append(list, word);
  else if (!g_strv_contains((const char *const *)known, word))
    g_string_append_printf(list, "%s%s", separator, word);
}

static void add_group(const Trial *trial, Member *member, const WatchEvent *event, const char *from)
{
  const char *klass = mapping_klass(trial->desk->mapping, event->groups)->name;
  for (guint i = 0; i < member->groups->len; i++) {
    ReportTableGroup *group = &g_array_index(member->groups, ReportTableGroup, i);
    if (strcmp(group->name, event->group) != 0 || strcmp(group->klass, klass) != 0)
      continue;
    g_autoptr(GString) all = g_string_new(group->from);
    add_word(all, from, ", ");
    group->from = kept(trial, all->str);
    return;
  }
  ReportTableGroup group = {kept(trial, event->group), kept(trial, klass), kept(trial, from),
                            event->counts};
  g_array_append_val(member->groups, group);
}

static void take_group(Trial *trial, const WatchEvent *event)
{
  Member *member = last_member(trial);
  member->asks = true;
  g_autofree char *from = event->decision != NULL
                              ? g_strdup_printf("%s:%zu", decision_path(event->decision),
                                                decision_line(event->decision, event->row))
                              : g_strdup_printf("%s:%d", event->file, event->line);
  add_group(trial, member, event, from);
  if (event->decision == NULL)
    return;
  GString **groups = &find_asked(trial, event)->groups[event->row];
  if (*groups == NULL)
    *groups = g_string_new(NULL);
  add_word(*groups, event->group, "|");
}

static void take_event(const WatchEvent *event, void *data)
{
  static void (*const take[])(Trial *, const WatchEvent *) = {
      [WATCH_KLASS] = take_klass,       [WATCH_ASKED] = take_asked, [WATCH_HIT] = take_hit,
      [WATCH_OUTVOTED] = take_outvoted, [WATCH_GROUP] = take_group,
  };
  take[event->kind](data, event);
}

// ---------------------------------------------------------------------------------------------
// Posts.

// Of the rows behind the one that won, those of its priority are asked why; the others were not.
static bool is_beyond(const Asked *asked, size_t row, size_t winner)
{
  const Decision *decision = asked->decision;
  return decision_first_match(decision) && row > winner &&
         decision_priority(decision, row) != decision_priority(decision, winner);
}

static ReportTableTried try_row(const Trial *trial, const Asked *asked, const Person *person,
                                size_t row, size_t winner)
{
  static const ReportTableFate fates[] = {[FATE_HIT] = TABLE_HIT, [FATE_OUTVOTED] = TABLE_OUTVOTED};
  const Decision *decision = asked->decision;
  g_autoptr(GString) results = g_string_new(NULL);
  decision_results(decision, row, results);
  ReportTableTried tried = {.line = decision_line(decision, row),
                            .priority = decision_priority(decision, row),
                            .results = kept(trial, results->str),
                            .remark = kept(trial, decision_remark(decision, row))};
  size_t condition;
  const char *value;
  if (asked->fates[row] != FATE_NONE) {
    tried.fate = fates[asked->fates[row]];
    tried.groups = kept(trial, asked->groups[row] != NULL ? asked->groups[row]->str : "");
  } else if (is_beyond(asked, row, winner)) {
    tried.fate = TABLE_NOT_ASKED;
  } else if (derive_miss(decisions_derive(trial->desk, decision), person, asked->post, decision,
                         row, &condition, &value)) {
    tried.fate = TABLE_MISSED;
    tried.header = kept(trial, decisions_header(decision, condition));
    tried.cell = kept(trial, decision_cell(decision, row, condition));
    tried.value = decisions_value(trial->desk, decision, condition, value, trial->texts);
  }
  return tried;
}

static ReportTableAsked try_table(const Trial *trial, const Asked *asked, const Person *person)
{
  size_t n = decision_n_rows(asked->decision), winner = SIZE_MAX;
  for (size_t row = n; row > 0; row--)
    if (asked->fates[row - 1] == FATE_HIT)
      winner = row - 1;
  ReportTableAsked out = {.path = kept(trial, decision_path(asked->decision)),
                          .by = kept(trial, asked->by->str),
                          .first_match = decision_first_match(asked->decision),
                          .rows = g_array_new(FALSE, FALSE, sizeof(ReportTableTried))};
  for (size_t row = 0; row < n; row++) {
    ReportTableTried tried = try_row(trial, asked, person, row, winner);
    g_array_append_val(out.rows, tried);
  }
  return out;
}

static const char *post_note(const Trial *trial, const Post *post, bool asked)
{
  Date as_of = roster_when(trial->desk->roster)->as_of;
  if (post->begin > as_of)
    return _("not begun: no table is asked yet");
  if (post->end > as_of)
    return "";
  return asked ? _("ended, and counts still for the grace")
               : _("ended: no table is asked any more");
}

static ReportTablePost try_post(const Trial *trial, const Person *person, const Post *post)
{
  const Unit *unit = decisions_unit(trial->desk->roster, post->unit);
  const Title *title = roster_title(trial->desk->roster, post->title);
  const char *printed = post->fields[FIELD_TITLE_NAME], *role = post->fields[FIELD_ROLE];
  if (role == NULL || *role == '\0')
    role = post->main ? "main" : "concurrent";
  ReportTablePost out = {.role = kept(trial, decision_word("role", role)),
                         .unit = kept(trial, post->unit),
                         .unit_name = kept(trial, unit != NULL ? unit->name : ""),
                         .title = kept(trial, post->title),
                         .title_name = kept(trial, printed != NULL && *printed != '\0' ? printed
                                                   : title != NULL                     ? title->name
                                                                                       : ""),
                         .begin = post->begin,
                         .end = post->end,
                         .tables = g_array_new(FALSE, FALSE, sizeof(ReportTableAsked))};
  for (guint i = 0; i < trial->asked->len; i++) {
    const Asked *asked = &g_array_index(trial->asked, Asked, i);
    if (asked->post != post)
      continue;
    ReportTableAsked table = try_table(trial, asked, person);
    g_array_append_val(out.tables, table);
  }
  out.note = kept(trial, post_note(trial, post, out.tables->len > 0));
  return out;
}

// ---------------------------------------------------------------------------------------------
// Classes.

static int by_group(const void *a, const void *b)
{
  const ReportTableGroup *x = a, *y = b;
  int klass = strcmp(x->klass, y->klass);
  return klass != 0 ? klass : strcmp(x->name, y->name);
}

// What a plan would make of the entry: one that lacks something is left as it is, memberships too.
static bool is_incomplete(const DecisionDesk *desk, const Member *member)
{
  const char *target = mapping_klass(desk->mapping, member->klass)->target;
  for (guint i = 0; i < desk->sides->len; i++) {
    const DecisionSide *side = &g_array_index(desk->sides, DecisionSide, i);
    if (strcmp(side->target, target) != 0)
      continue;
    uint16_t klass = derive_klass(side->derive, member->klass);
    uint32_t entry = table_find_subject(side->table, klass, member->subject);
    return entry != ENTRY_NONE && table_at(side->table, entry)->presence == PRESENCE_RETAINED &&
           table_at(side->table, entry)->enabled == ENABLED_UNMANAGED;
  }
  return false;
}

static void add_member(const Trial *trial, const Member *member, ReportTableTry *report)
{
  const Klass *klass = mapping_klass(trial->desk->mapping, member->klass);
  const char *note = "";
  if (member->alone)
    note = _("no rule speaks of the entry: memberships stay as they are");
  else if (!member->counts)
    note = _("no memberships");
  else if (is_incomplete(trial->desk, member))
    note = _("the entry lacks something (below): a plan leaves it and its memberships as they are");
  ReportTableMember out = {.klass =
                               decisions_klass(trial->desk->mapping, member->klass, trial->texts),
                           .post = decisions_post(trial->desk, member->post, trial->texts),
                           .assignments = klass->subject == FOR_ASSIGNMENT,
                           .reason = member->reason,
                           .note = kept(trial, note),
                           .groups = g_array_ref(member->groups)};
  g_array_sort(out.groups, by_group);
  g_array_append_val(report->members, out);
}

// The person's entries themselves, into the tables, with their findings. Posts are void afterwards.
static bool derive_entries(const Trial *trial, uint32_t person, GError **error)
{
  g_autoptr(Findings) doubles = findings_new();
  for (guint i = 0; i < trial->desk->sides->len; i++) {
    const DecisionSide *side = &g_array_index(trial->desk->sides, DecisionSide, i);
    if (!derive_person(side->derive, person, error))
      return false;
    table_freeze(side->table, doubles);
  }
  return true;
}

static bool describe(const Trial *trial, uint32_t id, ReportTableTry *report, GError **error)
{
  for (guint i = 0; i < trial->members->len; i++) {
    Member *member = &g_array_index(trial->members, Member, i);
    member->subject = member->post != NULL ? member->post->id : id;
  }
  if (!derive_entries(trial, id, error))
    return false;
  for (guint i = 0; i < trial->members->len; i++) {
    const Member *member = &g_array_index(trial->members, Member, i);
    if (member->asks || member->reason[0] != '\0' || !member->counts)
      add_member(trial, member, report);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Who it is.

static bool note_bearer(uint32_t subject, void *data)
{
  g_array_append_val((GArray *)data, subject);
  return true;
}

// Whoever has the number now; else whoever had it once.
static bool find_person(Store *store, Roster *roster, const char *number, const Person **out,
                        GError **error)
{
  g_autoptr(GArray) bearers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  if (!store_link_bearers(store, SUBJECT_PERSON, number, note_bearer, bearers, error))
    return false;
  uint32_t found = bearers->len == 1 ? g_array_index(bearers, uint32_t, 0) : 0;
  unsigned n_now = 0;
  for (guint i = 0; i < bearers->len; i++) {
    uint32_t bearer = g_array_index(bearers, uint32_t, i);
    if (!roster_person(roster, bearer, out, error))
      return false;
    if (strcmp((*out)->number, number) != 0)
      continue;
    found = bearer;
    n_now++;
  }
  if (n_now > 1 || (found == 0 && bearers->len > 1))
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%u people have or had the number %s, in several namespaces"), bearers->len,
                number);
  else if (found == 0)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("nobody has or had the number %s"), number);
  else
    return roster_person(roster, found, out, error);
  return false;
}

static void trial_clear(Trial *trial)
{
  for (guint i = 0; i < trial->asked->len; i++) {
    Asked *asked = &g_array_index(trial->asked, Asked, i);
    for (size_t row = 0; row < decision_n_rows(asked->decision); row++)
      if (asked->groups[row] != NULL)
        g_string_free(asked->groups[row], TRUE);
    g_string_free(asked->by, TRUE);
    g_free(asked->groups);
    g_free(asked->fates);
  }
  for (guint i = 0; i < trial->members->len; i++)
    g_array_unref(g_array_index(trial->members, Member, i).groups);
  g_array_unref(trial->asked);
  g_array_unref(trial->members);
}

static bool try_person(Trial *trial, const Person *person, ReportTableTry *report, GError **error)
{
  ReportTablePerson who = decisions_person(trial->desk, person, NULL, trial->texts);
  report->number = who.number;
  report->name = who.name;
  report->state = kept(trial, decision_word("state", state_name(person->state)));
  if (!decisions_watch(trial->desk, person, take_event, trial, error))
    return false;
  for (size_t i = 0; i < person->n_posts; i++) {
    ReportTablePost post = try_post(trial, person, &person->posts[i]);
    g_array_append_val(report->posts, post);
  }
  return describe(trial, person->id, report, error);
}

static bool try_number(const Site *site, const char *number, const TableRequest *request,
                       TableTried *out, GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(Mapping) mapping =
      store == NULL ? NULL : mapping_load(site->mappings, out->findings, error);
  g_autoptr(Roster) roster =
      mapping == NULL ? NULL : decisions_roster(store, mapping, request, error);
  g_auto(DecisionDesk) desk = {0};
  const Person *person;
  if (roster == NULL || !decisions_open(&desk, mapping, roster, out->findings, error) ||
      !find_person(store, roster, number, &person, error))
    return false;
  Trial trial = {.desk = &desk,
                 .texts = out->texts,
                 .asked = g_array_new(FALSE, FALSE, sizeof(Asked)),
                 .members = g_array_new(FALSE, FALSE, sizeof(Member))};
  bool fine = try_person(&trial, person, &out->report, error);
  trial_clear(&trial);
  return fine && store_check(store, error);
}

bool job_table_try(const Site *site, const char *number, const TableRequest *request,
                   TableTried *out, GError **error)
{
  *out = (TableTried){.findings = findings_new(), .texts = g_string_chunk_new(4096)};
  out->report = (ReportTableTry){.as_of = request->as_of,
                                 .posts = g_array_new(FALSE, FALSE, sizeof(ReportTablePost)),
                                 .members = g_array_new(FALSE, FALSE, sizeof(ReportTableMember))};
  return try_number(site, number, request, out, error);
}

void table_tried_clear(TableTried *tried)
{
  for (guint i = 0; i < tried->report.posts->len; i++) {
    GArray *tables = g_array_index(tried->report.posts, ReportTablePost, i).tables;
    for (guint k = 0; k < tables->len; k++)
      g_array_unref(g_array_index(tables, ReportTableAsked, k).rows);
    g_array_unref(tables);
  }
  for (guint i = 0; i < tried->report.members->len; i++)
    g_array_unref(g_array_index(tried->report.members, ReportTableMember, i).groups);
  g_clear_pointer(&tried->report.posts, g_array_unref);
  g_clear_pointer(&tried->report.members, g_array_unref);
  g_clear_pointer(&tried->findings, findings_free);
  g_clear_pointer(&tried->texts, g_string_chunk_free);
}
