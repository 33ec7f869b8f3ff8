// SPDX-License-Identifier: GPL-3.0-or-later
//
// Decision tables looked at: the walk told instead of written, which must say of everybody what the
// written one says; why a row does not hit; two files in one place.
#include "mapping_kit.h"

#include <string.h>

#define FILES(table, grace)                                                             \
  "== account.yaml\ntarget: t\nobject: account\nfor: person\nwhen: {state: [active]}\n" \
  "key: {employeeNumber: \"${number}\"}\nin: \"ou=people\"\nname: \"cn=${number}\"\n"   \
  "classes: [person]\nmemberships: {table: t.csv" grace "}\n"                           \
  "lifecycle: {left: {disable: true, memberships: keep}}\n"                             \
  "== group.yaml\ntarget: t\nobject: group\nfor: group\nkey: {cn: \"${group}\"}\nin: "  \
  "\"ou=groups\"\nname: \"cn=${group}\"\nclasses: [groupOfNames]\n"                     \
  "members: {attribute: member, filler: \"cn=filler\"}\n"                               \
  "== tables/titles.csv\ncode,name,rank,head\n20,課長,2,1\n30,主事,5,0\n== t.csv\n" table

#define BORN "2020-04-01 self name=山田　太郎\n2020-04-01 self state=active\n"

static const char people[] =
    "unit 01 総務部\nunit 0101 総務課 01\nunit 02 市民部\nunit 0201 市民課 02\n"
    "person 1\n" BORN "2020-04-01 main unit=0101\n2020-04-01 main title=20\n"
    "person 2\n" BORN "2020-04-01 main unit=0201\n2020-04-01 main title=20\n"
    "2027-04-01 main unit=01\n"
    "person 3\n" BORN "2020-04-01 main unit=0201\n2020-04-01 main title=30\n"
    "2027-03-01 0101 held=1\n2027-03-01 0101 unit=0101\n"
    "person 4\n" BORN "2020-04-01 main unit=0101\n2020-04-01 main title=30\n"
    "2027-03-31 self state=leave\n"
    "person 5\n" BORN "2020-04-01 main unit=0101\n2020-04-01 main title=30\n"
    "2027-03-31 self state=left\n";

// "HIT LINE GROUP…" of somebody, a line for each event but that a table is asked.
static void note(const WatchEvent *event, void *data)
{
  static const char *const kinds[] = {[WATCH_KLASS] = "klass",
                                      [WATCH_ASKED] = "asked",
                                      [WATCH_HIT] = "hit",
                                      [WATCH_OUTVOTED] = "outvoted",
                                      [WATCH_GROUP] = "group"};
  GString *out = data;
  g_string_append(out, kinds[event->kind]);
  if (event->kind == WATCH_KLASS)
    g_string_append_printf(out, " %s%s%s%s", event->counts ? "counts" : "not",
                           event->alone ? " alone" : "", event->reason ? " " : "",
                           event->reason ? event->reason : "");
  else
    g_string_append_printf(out, " %s", event->post->unit);
  if (event->kind == WATCH_HIT || event->kind == WATCH_OUTVOTED || event->kind == WATCH_GROUP)
    g_string_append_printf(out, " %zu", decision_line(event->decision, event->row));
  if (event->kind == WATCH_GROUP)
    g_string_append_printf(out, " %s%s", event->group, event->counts ? "" : " lost");
  g_string_append_c(out, '\n');
}

static const Person *person_of(MappingKit *kit, const char *number)
{
  const Person *person;
  roster_rewind(kit->roster);
  while (roster_next(kit->roster, &person, NULL))
    if (strcmp(person->number, number) == 0)
      return person;
  UNIT_TRUE(false, "nobody is %s", number);
  return NULL;
}

static char *watch(MappingKit *kit, const char *number)
{
  GString *out = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  derive_watch(kit->derive, person_of(kit, number), note, out, &error);
  UNIT_NO_ERROR(error);
  return g_string_free(out, false);
}

static void told(void)
{
  static const char all[] = "if:unit,if:title,if:role,then:group\n総務課,,,a\n,課長,,b|c\n"
                            ",,兼務,d-${unit}\n,部長,,e\n";
  static const char first[] = "priority,if:unit,if:title,then:group\n2,,課長,b\n1,総務課,,a\n"
                              "3,,,\n3,below:01,,c\n";
  static const struct {
    const char *files, *number, *told;
  } rows[] = {
      {FILES("%s", ", grace: 7d"), "1",
       "klass counts\nasked 0101\nhit 0101 2\ngroup 0101 2 a\nhit 0101 3\ngroup 0101 3 b\n"
       "group 0101 3 c\n"},
      {FILES("%s", ", grace: 7d"), "2",
       "klass counts\nasked 01\nhit 01 3\ngroup 01 3 b\ngroup 01 3 c\n"
       "asked 0201\nhit 0201 3\ngroup 0201 3 b\ngroup 0201 3 c\n"},
      {FILES("%s", ""), "2", "klass counts\nasked 01\nhit 01 3\ngroup 01 3 b\ngroup 01 3 c\n"},
      {FILES("%s", ""), "3",
       "klass counts\nasked 0201\nasked 0101\nhit 0101 2\ngroup 0101 2 a\nhit 0101 4\n"
       "group 0101 4 d-0101\n"},
      {FILES("%s", ""), "4", "klass not alone not eligible\n"},
      {FILES("%s", ""), "5", "klass counts left 2027-03-31\n"},
      {FILES("%s ", ""), "1",
       "klass counts\nasked 0101\nhit 0101 3\ngroup 0101 3 a\noutvoted 0101 2\noutvoted 0101 4\n"
       "outvoted 0101 5\n"},
      {FILES("%s ", ""), "3",
       "klass counts\nasked 0201\nhit 0201 4\nasked 0101\nhit 0101 3\ngroup 0101 3 a\n"
       "outvoted 0101 4\noutvoted 0101 5\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    bool has_order = g_str_has_suffix(rows[i].files, " ");
    g_auto(GStrv) parts = g_strsplit(rows[i].files, "%s", 2);
    g_autofree char *files = g_strconcat(parts[0], has_order ? first : all, NULL);
    g_autoptr(MappingKit) kit = mapping_kit_new(files, people);
    mapping_kit_derive(kit, "2027-04-03");
    g_autofree char *got = watch(kit, rows[i].number);
    UNIT_STR(got, rows[i].told, "row %zu", i);
  }
}

// Groups that were told, as edges are shown.
static void note_edge(const WatchEvent *event, void *data)
{
  GPtrArray *edges = data;
  g_autofree char *edge = g_strdup_printf("group/%s", event->group);
  if (event->kind == WATCH_GROUP && event->counts &&
      !g_ptr_array_find_with_equal_func(edges, edge, g_str_equal, NULL))
    g_ptr_array_add(edges, g_steal_pointer(&edge));
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Everybody's groups, by the walk that tells and by the one that writes.
static void as_written(void)
{
  g_autoptr(MappingKit) kit = mapping_kit_new(
      FILES("if:unit,if:title,if:role,then:group\n総務課,,,a\n,課長,,b|c\nnot:below:01,,,x\n"
            ",,兼務,d-${unit}\nregex:^02,,,y\n,,,all\n",
            ", grace: 7d"),
      people);
  mapping_kit_derive(kit, "2027-04-03");
  g_autoptr(GPtrArray) told = g_ptr_array_new_with_free_func(g_free);
  for (int number = 1; number <= 5; number++) {
    char text[2] = {(char)('0' + number), '\0'};
    g_autoptr(GPtrArray) edges = g_ptr_array_new_with_free_func(g_free);
    const Person *person = person_of(kit, text);
    derive_watch(kit->derive, person, note_edge, edges, NULL);
    for (unsigned i = 0; i < edges->len; i++)
      g_ptr_array_add(told, g_strdup_printf("%s<account/%u", (char *)edges->pdata[i], person->id));
  }
  g_ptr_array_sort(told, by_text);
  g_ptr_array_add(told, NULL);
  g_autofree char *got = g_strjoinv("\n", (char **)told->pdata);
  g_autofree char *shown = mapping_kit_show(kit, "edge");
  g_auto(GStrv) written = g_strsplit(g_strchomp(shown), "\n", -1);
  qsort(written, g_strv_length(written), sizeof *written, by_text);
  g_autofree char *want = g_strjoinv("\n", written);
  UNIT_TRUE(told->len > 12);
  UNIT_STR(got, want);
}

static void misses(void)
{
  static const struct {
    const char *number;
    size_t row;
    int condition;  // -1 = the row takes the post
    const char *value;
  } rows[] = {
      {"1", 0, -1, ""},    {"3", 0, 0, "0201"}, {"3", 1, 1, "30"},
      {"1", 2, 2, "main"}, {"1", 3, 3, ""},
  };
  g_autoptr(MappingKit) kit =
      mapping_kit_new(FILES("if:unit,if:title,if:role,if:phone,then:group\n総務課,,,,a\n"
                            ",課長,,,b\n総務課,課長,兼務,,c\n,,,1,d\n",
                            ""),
                      people);
  mapping_kit_derive(kit, "2027-03-15");
  const Decision *decision = mapping_use(kit->mapping, 0).decision;
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    size_t condition;
    const char *value;
    const Person *person = person_of(kit, rows[i].number);
    bool missed = derive_miss(kit->derive, person, &person->posts[0], decision, rows[i].row,
                              &condition, &value);
    UNIT_INT(missed ? (int)condition : -1, rows[i].condition, "row %zu", i);
    if (missed)
      UNIT_STR(value, rows[i].value, "row %zu", i);
  }
}

static void of_units(void)
{
  static const struct {
    const char *table;
    bool takes_0101, names_0101;
  } rows[] = {
      {"if:unit,then:group\n0101,a\n", true, true},
      {"if:unit,then:group\nbelow:総務部,a\n", true, true},
      {"if:unit,then:group\nregex:課$,a\n", true, true},
      {"if:unit,then:group\n0201,a\n", false, false},
      {"if:unit,then:group\n,all\n0201,a\n", true, false},
      {"if:unit,then:group\n,all\nnot:0201,a\n", true, true},
      {"if:unit,then:group\n0201,b\nnot:0201,a\n", true, false},
      {"if:title,then:group\n課長,a\n", true, true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *files = g_strconcat(FILES("", ""), rows[i].table, NULL);
    g_autoptr(MappingKit) kit = mapping_kit_new(files, people);
    mapping_kit_derive(kit, "2027-03-15");
    const Decision *decision = mapping_use(kit->mapping, 0).decision;
    UNIT_INT(derive_takes_unit(kit->derive, decision, "0101"), rows[i].takes_0101, "row %zu", i);
    UNIT_INT(derive_names_unit(kit->derive, decision, "0101"), rows[i].names_0101, "row %zu", i);
  }
}

// Only what partly overlaps, with different results, depends on the order of rows.
static void differ(void)
{
  static const struct {
    const char *rows;
    bool differ;
  } rows[] = {
      {"1,0101,,a\n2,,課長,b\n", true},      {"1,0101,,a\n2,,課長,a\n", false},
      {"1,0101,課長,a\n2,,課長,b\n", false}, {"1,,課長,a\n2,0101,課長,b\n", false},
      {"1,below:01,,a\n2,0101,,b\n", false}, {"1,regex:0,,a\n2,0101,,b\n", true},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *files =
        g_strconcat(FILES("priority,if:unit,if:title,then:group\n", ""), rows[i].rows, NULL);
    g_autoptr(MappingKit) kit = mapping_kit_new(files, people);
    mapping_kit_derive(kit, "2027-03-15");
    const Decision *decision = mapping_use(kit->mapping, 0).decision;
    UNIT_INT(mapping_rows_differ(kit->mapping, kit->roster, decision, 0, 1), rows[i].differ, "%s",
             rows[i].rows);
  }
}

static void other_file(void)
{
  g_autoptr(GError) error = NULL;
  const char *folder = mapping_kit_folder(
      FILES("then:group,remark\na,old\n", "") "== new.csv\nthen:group,remark\nb|c,new\n");
  g_autofree char *file = g_build_filename(folder, "new.csv", NULL);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Mapping) mapping = mapping_load_with(folder, "t.csv", file, findings, &error);
  UNIT_NO_ERROR(error);
  if (!UNIT_TRUE(mapping != NULL))
    return;
  UNIT_INT((long long)mapping_n_uses(mapping), 1);
  DecisionUse use = mapping_use(mapping, 0);
  g_autoptr(GString) results = g_string_new(NULL);
  decision_results(use.decision, 0, results);
  UNIT_STR(results->str, "b|c");
  UNIT_STR(decision_path(use.decision), file);
  UNIT_STR(decision_remark(use.decision, 0), "new");
  UNIT_STR(mapping_klass(mapping, use.groups)->name, "group");
  UNIT_TRUE(mapping_load_with(folder, "t.csv", "/nonexistent.csv", findings, &error) == NULL);
  UNIT_STR(findings_at(findings, 0)->file, "/nonexistent.csv");
}

static void words(void)
{
  UNIT_STR(decision_word("role", "main"), "本務");
  UNIT_STR(decision_word("state", "leave"), "休職");
  UNIT_STR(decision_word("state", "strange"), "strange");
  UNIT_STR(decision_word("colour", "main"), "main");
}

static const UnitTest tests[] = {
    {"told", told},     {"as_written", as_written}, {"misses", misses}, {"of_units", of_units},
    {"differ", differ}, {"other_file", other_file}, {"words", words},   {NULL, NULL},
};
UNIT_SUITE(watch, tests);
