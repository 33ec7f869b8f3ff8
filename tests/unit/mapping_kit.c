// SPDX-License-Identifier: GPL-3.0-or-later
#include "mapping_kit.h"

#include <string.h>

static Date day_of(const char *text)
{
  Date date = DATE_NONE;
  UNIT_TRUE(date_parse_iso(text, &date), "%s", text);
  return date;
}

const char *mapping_kit_folder(const char *files)
{
  const char *folder = unit_dir();
  g_auto(GStrv) parts = g_strsplit(files, "== ", -1);
  for (size_t i = 1; parts[i]; i++) {
    char *text = strchr(parts[i], '\n');
    *text++ = '\0';
    g_autofree char *path = g_build_filename(folder, parts[i], NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    UNIT_TRUE(file_make_dir(parent, 0700, NULL), "%s", parent);
    UNIT_TRUE(g_file_set_contents(path, text, -1, NULL), "%s", path);
  }
  return folder;
}

// ---------------------------------------------------------------------------------------------
// Facts.

static void add_fact(Store *store, const Fact *like, const char *field, const char *value)
{
  g_autoptr(GError) error = NULL;
  Fact fact = *like;
  fact.field = store_field_add(store, field, &error);
  fact.value = value;
  fact.valid_to = DATE_OPEN;
  fact.known_to = INSTANT_OPEN;
  store_fact_add(store, &fact, &error);
  UNIT_NO_ERROR(error, "%s=%s", field, value);
}

static void add_unit(Store *store, char **words, int64_t row)
{
  uint32_t unit = store_subject_add(store, SUBJECT_UNIT, NULL);
  Fact fact = {
      .kind = SUBJECT_UNIT, .subject = unit, .valid_from = day_of("2000-01-01"), .row = row};
  store_link_add(store, SUBJECT_UNIT, "city", words[1], unit, fact.valid_from, NULL);
  add_fact(store, &fact, "code", words[1]);
  add_fact(store, &fact, "unit_name", words[2]);
  add_fact(store, &fact, "parent", words[3] && strcmp(words[3], "-") != 0 ? words[3] : "");
  add_fact(store, &fact, "held", "1");
  if (!words[3] || !words[4])
    return;
  fact.valid_from = day_of(words[4]) + 1;
  add_fact(store, &fact, "held", "0");
}

static uint32_t add_person(Store *store, const char *number)
{
  uint32_t person = store_subject_add(store, SUBJECT_PERSON, NULL);
  store_link_add(store, SUBJECT_PERSON, "city", number, person, day_of("2000-01-01"), NULL);
  return person;
}

static void add_value(Store *store, uint32_t person, char **words, int64_t row)
{
  Fact fact = {
      .kind = SUBJECT_PERSON, .subject = person, .valid_from = day_of(words[0]), .row = row};
  if (strcmp(words[1], "self") != 0) {
    bool whole = strcmp(words[1], "main") == 0 || strchr(words[1], ':');
    g_autofree char *key = whole ? g_strdup(words[1]) : g_strconcat("concurrent:", words[1], NULL);
    fact.post = store_post(store, person, key, NULL);
  }
  char *value = strchr(words[2], '=');
  *value++ = '\0';
  add_fact(store, &fact, words[2], g_strdelimit(value, "_", ' '));
}

// The kind, the name, what it was made for; a second one of a kind takes the place of the first.
static void add_name(Store *store, uint32_t person, char **words)
{
  g_autofree char *former = g_strdup(store_name_of(store, words[0], person));
  NameGift gift = {words[0], words[1], person, former, words[2], false};
  UNIT_TRUE(store_name_allocate(store, &gift, NULL), "%s %s", words[0], words[1]);
}

static void add_facts(Store *store, const char *facts)
{
  g_auto(GStrv) lines = g_strsplit(facts, "\n", -1);
  uint32_t person = 0;
  for (size_t i = 0; lines[i]; i++) {
    g_auto(GStrv) words = g_strsplit(lines[i], " ", -1);
    if (!*lines[i])
      continue;
    if (strcmp(words[0], "unit") == 0)
      add_unit(store, words, (int64_t)i + 1);
    else if (strcmp(words[0], "person") == 0)
      person = add_person(store, words[1]);
    else if (strcmp(words[0], "login") == 0 || strcmp(words[0], "mail") == 0)
      add_name(store, person, words);
    else
      add_value(store, person, words, (int64_t)i + 1);
  }
}

// ---------------------------------------------------------------------------------------------

MappingKit *mapping_kit_new(const char *files, const char *facts)
{
  g_autoptr(GError) error = NULL;
  MappingKit *kit = g_new0(MappingKit, 1);
  kit->folder = mapping_kit_folder(files);
  kit->findings = findings_new();
  kit->mapping = mapping_load(kit->folder, kit->findings, &error);
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  kit->store = store_open(path, STORE_WRITE, NULL);
  if (UNIT_TRUE(kit->store != NULL)) {
    store_begin(kit->store, NULL);
    add_facts(kit->store, facts);
    store_commit(kit->store, NULL);
  }
  return kit;
}

static void close_derive(MappingKit *kit)
{
  g_clear_pointer(&kit->derive, derive_free);
  g_clear_pointer(&kit->table, table_free);
  g_clear_pointer(&kit->schema, schema_free);
  g_clear_pointer(&kit->roster, roster_free);
}

void mapping_kit_free(MappingKit *kit)
{
  close_derive(kit);
  mapping_free(kit->mapping);
  store_close(kit->store);
  findings_free(kit->findings);
  g_free(kit);
}

void mapping_kit_derive(MappingKit *kit, const char *day)
{
  g_autoptr(GError) error = NULL;
  close_derive(kit);
  if (!kit->mapping) {
    g_autofree char *findings = mapping_kit_findings(kit);
    UNIT_TRUE(false, "the mapping has faults: %s", findings);
    return;
  }
  int minutes;
  g_auto(GStrv) moment = g_strsplit(day, " ", 2);
  RosterWhen when = {.as_of = day_of(moment[0]), .known_at = INSTANT_OPEN};
  if (moment[1] && UNIT_TRUE(instant_parse_minutes(moment[1], &minutes), "%s", day))
    when.at = date_start(when.as_of) + minutes * 60;
  mapping_horizon(kit->mapping, "t", &when.grace_days, &when.early_days);
  kit->roster = roster_open(kit->store, &when, &error);
  UNIT_NO_ERROR(error);
  kit->schema = schema_new();
  kit->table = table_new(kit->schema);
  DeriveSetup setup = {kit->mapping, "t", kit->roster, kit->table, kit->findings, kit->charset};
  kit->derive = derive_open(&setup, &error);
  UNIT_NO_ERROR(error);
  UNIT_TRUE(derive_all(kit->derive, &error));
  UNIT_NO_ERROR(error);
}

// ---------------------------------------------------------------------------------------------
// The table as text.

static void show_value(const Table *table, const Value *value, GString *out)
{
  if (value->kind == VALUE_SECRET)
    g_string_append(out, "secret:");
  if (value->kind == VALUE_REF) {
    g_string_append_c(out, '@');
    table_object(table, value->ref, out);
    return;
  }
  g_string_append_len(out, value->bytes, value->n_bytes);
}

static void show_attributes(const Table *table, const Entry *entry, GString *out)
{
  static const char *const policies[] = {
      "", "once:", "keep:", "merge:", "clear:", "renew:", "end:"};
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  while (cursor_next(&cursor, &packed)) {
    g_string_append_printf(out, " %s%s=", policies[packed.policy],
                           schema_at(table_schema(table), packed.attr)->name);
    const uint8_t *at = packed.at;
    for (uint16_t i = 0; i < packed.n_values; i++) {
      Value value;
      at = packed_value(at, &value);
      if (i)
        g_string_append_c(out, ';');
      show_value(table, &value, out);
    }
  }
}

static void show_entry(const Table *table, uint32_t index, GString *out)
{
  static const char *const presences[] = {"given", "present", "retained", "absent", "closed"};
  static const char *const enableds[] = {"", " off", " on"};
  const Entry *entry = table_at(table, index);
  table_object(table, index, out);
  g_string_append_printf(out, " %s%s ", presences[entry->presence], enableds[entry->enabled]);
  size_t before = out->len;
  table_place(table, index, "", out);
  if (out->len == before)
    g_string_append_c(out, '-');
  else if (out->str[out->len - 1] == ',')
    g_string_truncate(out, out->len - 1);
  g_string_append_printf(out, " key=%s", entry_key(entry));
  if (*entry_reason(entry))
    g_string_append_printf(out, " \"%s\"", entry_reason(entry));
  show_attributes(table, entry, out);
  g_string_append_c(out, '\n');
}

static void show_edges(const Table *table, uint32_t group, GString *out)
{
  size_t n;
  const Edge *edges = table_edges(table, group, &n);
  for (size_t i = 0; i < n; i++) {
    table_object(table, group, out);
    g_string_append_c(out, '<');
    table_object(table, edges[i].member, out);
    g_string_append_c(out, '\n');
  }
}

char *mapping_kit_show(MappingKit *kit, const char *klass)
{
  GString *out = g_string_new(NULL);
  if (!kit->table)
    return g_string_free(out, false);
  table_freeze(kit->table, kit->findings);
  for (uint32_t i = 0; i < table_count(kit->table); i++) {
    const Entry *entry = table_at(kit->table, i);
    const char *name = table_klass_name(kit->table, entry->klass);
    if (entry->klass != KLASS_CONTAINER && (!klass || strcmp(klass, name) == 0))
      show_entry(kit->table, i, out);
  }
  for (uint32_t i = 0; i < table_count(kit->table); i++)
    if (!klass || strcmp(klass, "edge") == 0)
      show_edges(kit->table, i, out);
  return g_string_free(out, false);
}

uint32_t mapping_kit_entry(const MappingKit *kit, const char *object)
{
  g_autoptr(GString) name = g_string_new(NULL);
  for (uint32_t i = 0; kit->table && i < table_count(kit->table); i++) {
    g_string_truncate(name, 0);
    table_object(kit->table, i, name);
    if (strcmp(name->str, object) == 0)
      return i;
  }
  UNIT_TRUE(false, "no entry %s", object);
  return ENTRY_NONE;
}

char *mapping_kit_findings(const MappingKit *kit)
{
  GString *out = g_string_new(NULL);
  for (size_t i = 0; i < findings_count(kit->findings); i++) {
    const Finding *finding = findings_at(kit->findings, i);
    g_string_append_printf(out, "%s:%d:%d %s\n", finding->file ? finding->file : "-",
                           (int)finding->line, (int)finding->column, finding->code);
  }
  return g_string_free(out, false);
}
