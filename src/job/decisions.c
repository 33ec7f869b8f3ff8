// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job_p.h"

#include <string.h>

Roster *decisions_roster(Store *store, const Mapping *mapping, const TableRequest *request,
                         GError **error)
{
  Instant known_at = request->embargoed ? INSTANT_OPEN : store_known_by(store, instant_now());
  RosterWhen when = {.as_of = request->as_of, .known_at = known_at};
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    int grace_days, early_days;
    mapping_horizon(mapping, mapping_klass(mapping, i)->target, &grace_days, &early_days);
    when.grace_days = MAX(when.grace_days, grace_days);
    when.early_days = MAX(when.early_days, early_days);
  }
  return roster_open(store, &when, error);
}

// ---------------------------------------------------------------------------------------------

static const DecisionSide *find_side(const DecisionDesk *desk, const char *target)
{
  for (guint i = 0; i < desk->sides->len; i++) {
    const DecisionSide *side = &g_array_index(desk->sides, DecisionSide, i);
    if (strcmp(side->target, target) == 0)
      return side;
  }
  return NULL;
}

static bool open_side(DecisionDesk *desk, const char *target, Findings *findings, GError **error)
{
  DecisionSide side = {.target = target, .schema = schema_new()};
  side.table = table_new(side.schema);
  DeriveSetup setup = {.mapping = desk->mapping,
                       .target = target,
                       .roster = desk->roster,
                       .table = side.table,
                       .findings = findings};
  side.derive = derive_open(&setup, error);
  g_array_append_val(desk->sides, side);
  if (side.derive == NULL)
    return false;
  g_autoptr(Findings) mine = findings_new();
  findings_take(mine, findings);
  bool fine = derive_frame(side.derive, error);
  g_autoptr(Findings) dropped = findings_new();
  findings_take(dropped, findings);
  findings_take(findings, mine);
  return fine;
}

bool decisions_open(DecisionDesk *desk, const Mapping *mapping, Roster *roster, Findings *findings,
                    GError **error)
{
  *desk = (DecisionDesk){.mapping = mapping, .roster = roster};
  desk->sides = g_array_new(FALSE, FALSE, sizeof(DecisionSide));
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const char *target = mapping_klass(mapping, i)->target;
    if (find_side(desk, target) == NULL && !open_side(desk, target, findings, error))
      return false;
  }
  return true;
}

void decisions_close(DecisionDesk *desk)
{
  for (guint i = 0; desk->sides != NULL && i < desk->sides->len; i++) {
    DecisionSide *side = &g_array_index(desk->sides, DecisionSide, i);
    derive_free(side->derive);
    table_free(side->table);
    schema_free(side->schema);
  }
  g_clear_pointer(&desk->sides, g_array_unref);
}

bool decisions_watch(const DecisionDesk *desk, const Person *person, WatchFunc func, void *data,
                     GError **error)
{
  for (guint i = 0; i < desk->sides->len; i++)
    if (!derive_watch(g_array_index(desk->sides, DecisionSide, i).derive, person, func, data,
                      error))
      return false;
  return true;
}

Derive *decisions_derive(const DecisionDesk *desk, const Decision *decision)
{
  for (size_t i = 0; i < mapping_n_uses(desk->mapping); i++) {
    DecisionUse use = mapping_use(desk->mapping, i);
    if (use.decision == decision)
      return find_side(desk, mapping_klass(desk->mapping, use.klass)->target)->derive;
  }
  return g_array_index(desk->sides, DecisionSide, 0).derive;
}

// ---------------------------------------------------------------------------------------------
// Texts.

const char *decisions_klass(const Mapping *mapping, size_t klass, GStringChunk *texts)
{
  const Klass *it = mapping_klass(mapping, klass);
  g_autofree char *text = g_strdup_printf("%s %s", it->target, it->name);
  return g_string_chunk_insert_const(texts, text);
}

const Unit *decisions_unit(const Roster *roster, const char *code)
{
  const Unit *unit = roster_unit(roster, code);
  size_t n;
  const Unit *const *ended = roster_units_ended(roster, &n);
  for (size_t i = 0; i < n && roster_unit(roster, code) == NULL; i++)
    if (strcmp(ended[i]->code, code) == 0 && (unit == NULL || ended[i]->end > unit->end))
      unit = ended[i];
  return unit;
}

const char *decisions_post(const DecisionDesk *desk, const Post *post, GStringChunk *texts)
{
  if (post == NULL)
    return "";
  const Unit *unit = decisions_unit(desk->roster, post->unit);
  const Title *title = roster_title(desk->roster, post->title);
  const char *printed = post->fields[FIELD_TITLE_NAME];
  g_autofree char *text = g_strjoin(" ", unit != NULL ? unit->name : post->unit,
                                    printed != NULL && *printed != '\0' ? printed
                                    : title != NULL                     ? title->name
                                                                        : post->title,
                                    NULL);
  return g_string_chunk_insert_const(texts, g_strchomp(text));
}

ReportTablePerson decisions_person(const DecisionDesk *desk, const Person *person, const Post *post,
                                   GStringChunk *texts)
{
  const char *name = derive_person_name(decisions_derive(desk, NULL), person);
  g_autoptr(GString) squeezed = g_string_new(NULL);
  text_squeeze(name, squeezed);
  return (ReportTablePerson){.number = g_string_chunk_insert_const(texts, person->number),
                             .name = g_string_chunk_insert_const(texts, squeezed->str),
                             .post = decisions_post(desk, post, texts)};
}

const char *decisions_value(const DecisionDesk *desk, const Decision *decision, size_t condition,
                            const char *value, GStringChunk *texts)
{
  const char *field = decision_field(decision, condition), *name = "";
  const Unit *unit = strcmp(field, "unit") == 0 ? decisions_unit(desk->roster, value) : NULL;
  const Title *title = strcmp(field, "title") == 0 ? roster_title(desk->roster, value) : NULL;
  const char *word = decision_word(field, value);
  if (unit != NULL || title != NULL)
    name = unit != NULL ? unit->name : title->name;
  else if (strcmp(word, value) != 0)
    name = word;
  g_autofree char *text = g_strjoin(*name != '\0' ? " " : "", value, name, NULL);
  return g_string_chunk_insert_const(texts, text);
}

const char *decisions_wants(const Decision *decision, size_t row, GStringChunk *texts)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (size_t i = 0; i < decision_n_conditions(decision); i++) {
    const char *cell = decision_cell(decision, row, i);
    if (*cell != '\0' && strcmp(cell, "*") != 0 && strcmp(cell, "＊") != 0)
      g_string_append_printf(text, "%s%s=%s", text->len > 0 ? " " : "",
                             decisions_header(decision, i), cell);
  }
  return g_string_chunk_insert_const(texts, text->str);
}

const char *decisions_header(const Decision *decision, size_t condition)
{
  const char *header = decision_header(decision, condition);
  for (const char *at = header; *at != '\0'; at = g_utf8_next_char(at))
    if (g_utf8_get_char(at) == ':' || g_utf8_get_char(at) == 0xFF1A)
      return g_utf8_next_char(at);
  return header;
}

// ---------------------------------------------------------------------------------------------
// Which table is meant.

static bool is_file(const Site *site, const char *table, const char *path)
{
  g_autofree char *own = g_build_filename(site->mappings, table, NULL);
  g_autofree char *own_full = g_canonicalize_filename(own, NULL);
  g_autofree char *full = g_canonicalize_filename(path, NULL);
  return strcmp(own_full, full) == 0 ||
         (strcmp(table, path) == 0 && !g_file_test(path, G_FILE_TEST_EXISTS));
}

static GPtrArray *table_names(const Mapping *mapping)
{
  GPtrArray *names = g_ptr_array_new();
  for (size_t i = 0; i < mapping_n_uses(mapping); i++) {
    const char *path = decision_path(mapping_use(mapping, i).decision);
    if (!g_ptr_array_find_with_equal_func(names, path, g_str_equal, NULL))
      g_ptr_array_add(names, (gpointer)path);
  }
  return names;
}

static const char *named_so(const Site *site, const GPtrArray *names, const char *path)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index(names, i);
    if (strcmp(name, path) == 0 || is_file(site, name, path))
      return name;
  }
  return NULL;
}

// The only table whose last part is that of the path.
static const char *like(const GPtrArray *names, const char *path)
{
  const char *found = NULL;
  g_autofree char *base = g_path_get_basename(path);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *its_base = g_path_get_basename(g_ptr_array_index(names, i));
    if (strcmp(base, its_base) != 0)
      continue;
    if (found != NULL)
      return NULL;
    found = g_ptr_array_index(names, i);
  }
  return found;
}

static void no_table(GPtrArray *names, const char *path, bool asked, GError **error)
{
  g_ptr_array_add(names, NULL);
  g_autofree char *list = g_strjoinv(", ", (char **)names->pdata);
  if (names->len == 1)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no mapping asks a decision table"));
  else if (asked)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("no mapping asks a table %s; those that are asked: %s"), path, list);
  else
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("say with --as in whose place %s is to be looked at: %s"), path, list);
}

char *decisions_resolve(const Site *site, const Mapping *mapping, const char *as,
                        const char *const *files, GError **error)
{
  g_autoptr(GPtrArray) names = table_names(mapping);
  const char *found = as != NULL ? named_so(site, names, as) : NULL;
  for (const char *const *file = files; as == NULL && found == NULL && *file != NULL; file++)
    found = named_so(site, names, *file);
  if (as == NULL && found == NULL && names->len == 1)
    found = g_ptr_array_index(names, 0);
  for (const char *const *file = files; as == NULL && found == NULL && *file != NULL; file++)
    found = like(names, *file);
  if (found == NULL)
    no_table(names, as != NULL ? as : *files, as != NULL, error);
  return g_strdup(found);
}

Mapping *decisions_load(const Site *site, const char *table, const char *file, Findings *findings,
                        GError **error)
{
  if (table == NULL || file == NULL || is_file(site, table, file))
    return mapping_load(site->mappings, findings, error);
  return mapping_load_with(site->mappings, table, file, findings, error);
}
