// SPDX-License-Identifier: GPL-3.0-or-later
//
// Finding people, and what is not told of them: what an embargo hides, dates of birth.
#include "idou/who.h"
#include "mapping_kit.h"

#include <string.h>

#define KNOWN 1000
#define LATER 5000  // when the embargo ends

static const char files[] = "== account.yaml\n"
                            "target: t\n"
                            "object: account\n"
                            "for: person\n"
                            "key: {employeeNumber: \"${number}\"}\n"
                            "in: \"ou=people\"\n"
                            "name: \"uid=${number}\"\n"
                            "classes: [inetOrgPerson]\n"
                            "attributes:\n"
                            "  sn: \"${family}\"\n";

static const char facts[] = "unit 100 総務課\n"
                            "person 000001\n"
                            "2020-04-01 self name=山田　太郎\n"
                            "2020-04-01 self kana=ヤマダ　タロウ\n"
                            "2020-04-01 self birth=1980-04-01\n"
                            "2020-04-01 self state=active\n"
                            "2020-04-01 main unit=100\n"
                            "person 000002\n"
                            "2020-04-01 self name=山田\n"
                            "2020-04-01 self former_name=田山\n"
                            "2020-04-01 self state=active\n"
                            "login t-yamada\n";

// The kit's people, known since KNOWN or earlier, and a fact and an order that are hidden until LATER.
static void hide_something(MappingKit *kit)
{
  g_autoptr(GError) error = NULL;
  uint32_t person = store_link_find(kit->store, SUBJECT_PERSON, "city", "000001", 20000);
  IntakeRow intake = {.name = "orders.csv",
                      .sha256 = "x",
                      .layout = "o",
                      .kind = "orders",
                      .space = "city",
                      .declared = DATE_NONE,
                      .taken = KNOWN};
  int64_t id = store_intake_add(kit->store, &intake, &error);
  int64_t row = store_row_add(kit->store, id, 2, "raw", 3, &error);
  OrderRow order = {.row = row,
                    .space = "city",
                    .number = "77",
                    .person = person,
                    .person_number = "000001",
                    .old_number = "",
                    .target = "",
                    .kind = "retire",
                    .date = 21000,
                    .said = "{}",
                    .known_from = LATER,
                    .known_to = INSTANT_OPEN,
                    .state = "holds",
                    .reason = ""};
  Fact fact = {.kind = SUBJECT_PERSON,
               .subject = person,
               .field = FIELD_STATE,
               .value = "left",
               .valid_from = 21000,
               .valid_to = DATE_OPEN,
               .known_from = LATER,
               .known_to = INSTANT_OPEN,
               .seq = 1,
               .row = row,
               .from_order = true};
  UNIT_TRUE(store_order_add(kit->store, &order, &error));
  UNIT_TRUE(store_fact_add(kit->store, &fact, &error));
  uint32_t joiner = store_subject_add(kit->store, SUBJECT_PERSON, &error);
  Fact hidden = {.kind = SUBJECT_PERSON,
                 .subject = joiner,
                 .field = FIELD_NAME,
                 .value = "山田　新",
                 .valid_from = 21000,
                 .valid_to = DATE_OPEN,
                 .known_from = LATER,
                 .known_to = INSTANT_OPEN,
                 .seq = 1,
                 .row = row};
  UNIT_TRUE(store_fact_add(kit->store, &hidden, &error));
  UNIT_TRUE(store_link_add(kit->store, SUBJECT_PERSON, "city", "000003", joiner, 21000, &error));
  UNIT_NO_ERROR(error);
}

static WhoSetup setup_of(const MappingKit *kit, Instant known_at)
{
  return (WhoSetup){.mapping = kit->mapping,
                    .store = kit->store,
                    .as_of = 20500,
                    .known_at = known_at,
                    .now = KNOWN};
}

static void finding(void)
{
  static const struct {
    const char *text, *numbers;
    Instant known_at;
  } rows[] = {
      {"000001", "000001", KNOWN},
      {"city/000001", "000001", KNOWN},
      {"hospital/000001", "", KNOWN},
      {"０００００１", "000001", KNOWN},
      {"t-yamada", "000002", KNOWN},
      {"T-YAMADA", "000002", KNOWN},
      {"t-yama", "", KNOWN},
      {"山田", "000002", KNOWN},
      {"山田太", "000001", KNOWN},
      {"山田 太郎", "000001", KNOWN},
      {"太郎", "000001", KNOWN},
      {"やまだ", "000001", KNOWN},
      {"ﾔﾏﾀﾞﾀﾛｳ", "000001", KNOWN},
      {"田山", "000002", KNOWN},
      {"田", "000002", KNOWN},
      {"郎", "000001", KNOWN},
      {"", "", KNOWN},
      {"000003", "", KNOWN},
      {"000003", "000003", LATER},
      {"新", "", KNOWN},
      {"新", "000003", LATER},
      {"1980-04-01", "", KNOWN},
  };
  g_autoptr(MappingKit) kit = mapping_kit_new(files, facts);
  hide_something(kit);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) got = g_string_new(NULL);
    WhoSetup setup = setup_of(kit, rows[i].known_at);
    g_autoptr(WhoList) list = who_find(&setup, rows[i].text, &error);
    UNIT_NO_ERROR(error, "%s", rows[i].text);
    for (guint k = 0; list && k < list->matches->len; k++)
      g_string_append_printf(got, "%s%s", k ? " " : "",
                             g_array_index(list->matches, WhoMatch, k).number);
    UNIT_STR(got->str, rows[i].numbers, "%s", rows[i].text);
  }
}

static bool has_fact(const Who *who, const char *field)
{
  for (guint i = 0; i < who->facts->len; i++)
    if (strcmp(g_array_index(who->facts, WhoFact, i).field, field) == 0)
      return true;
  return false;
}

static void embargo(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MappingKit) kit = mapping_kit_new(files, facts);
  hide_something(kit);
  uint32_t person = store_link_find(kit->store, SUBJECT_PERSON, "city", "000001", 20000);
  WhoSetup before = setup_of(kit, KNOWN), after = setup_of(kit, LATER);
  g_autoptr(Who) hidden = who_collect(&before, person, &error);
  g_autoptr(Who) told = who_collect(&after, person, &error);
  UNIT_NO_ERROR(error);
  if (!hidden || !told)
    return;
  UNIT_INT(hidden->orders->len, 0);
  UNIT_INT(hidden->states->len, 1);
  UNIT_INT(hidden->changes->len, 0);
  UNIT_INT(told->orders->len, 1);
  UNIT_INT(told->states->len, 2);
  UNIT_TRUE(told->changes->len > 0);
  UNIT_TRUE(has_fact(told, "kana"));
  UNIT_TRUE(!has_fact(told, "birth"), "a date of birth");
  Who *nobody = who_collect(&before, person + 2, &error);
  UNIT_TRUE(nobody == NULL && g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
  who_free(nobody);
}

static const UnitTest tests[] = {
    {"finding", finding},
    {"embargo", embargo},
    {NULL, NULL},
};
UNIT_SUITE(who, tests);
