// SPDX-License-Identifier: GPL-3.0-or-later
//
// What files say, as facts on a day. A scenario is a list of files, then what must hold.
#include "intake_kit.h"
#include "unit.h"

#include <string.h>

#define ROSTER_HEAD "date,no,name,kana,unit,title,role,state,phone\n"
#define ORDERS_HEAD "o,d,k,no,name,unit,title,t\n"
// Somebody known by a roster of 3/1.
#define YAMADA_ROW "2027-03-01,000001,山田　花子,ヤマダ　ハナコ,1200,070,1,1,0100\n"
#define YAMADA                  \
  {                             \
    "r", ROSTER_HEAD YAMADA_ROW \
  }

typedef struct Step {
  const char *kind;  // "r"oster, "o"rders
  const char *text;
} Step;

typedef struct Want {
  const char *number, *post;
  FieldId field;
  const char *day, *value;
} Want;

typedef struct Scene {
  const char *name;
  Step steps[5];
  Want wants[8];
  const char *finding;  // code of the only finding; NULL = none
} Scene;

static const Scene scenes[] = {
    {"a roster names everything as of its date",
     {YAMADA},
     {{"000001", NULL, FIELD_NAME, "2027-03-01", "山田　花子"},
      {"000001", NULL, FIELD_STATE, "2027-03-01", "active"},
      {"000001", NULL, FIELD_STATE, "2027-02-28", NULL},
      {"000001", "main", FIELD_UNIT, "2027-03-01", "1200"},
      {"000001", "main", FIELD_ROLE, "2027-03-01", "main"},
      {"000001", "main", FIELD_HELD, "2030-01-01", "1"},
      {"000001", NULL, FIELD_PHONE, "2027-03-01", "0100"}},
     NULL},
    {"採用",
     {{"o", ORDERS_HEAD "1,2027-04-01,hire,000002,鈴木　一,1300,070,\n"}},
     {{"000002", NULL, FIELD_STATE, "2027-03-31", NULL},
      {"000002", NULL, FIELD_STATE, "2027-04-01", "active"},
      {"000002", NULL, FIELD_HIRED, "2027-04-01", "2027-04-01"},
      {"000002", NULL, FIELD_NUMBER, "2027-04-01", "000002"},
      {"000002", "main", FIELD_UNIT, "2027-04-01", "1300"},
      {"000002", "main", FIELD_TITLE, "2027-04-01", "070"}},
     NULL},
    {"異動 without a title keeps it",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-03-31", "1200"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1300"},
      {"000001", "main", FIELD_TITLE, "2027-04-01", "070"}},
     NULL},
    {"昇任",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-04-01,promote,000001,,,060,\n"}},
     {{"000001", "main", FIELD_TITLE, "2027-03-31", "070"},
      {"000001", "main", FIELD_TITLE, "2027-04-01", "060"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     NULL},
    {"兼務 and its end, whose date is the last day",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-04-01,concurrent,000001,,1300,050,\n"
                        "2,2027-09-30,concurrent_end,000001,,1300,,\n"}},
     {{"000001", "concurrent:1300", FIELD_HELD, "2027-03-31", NULL},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-04-01", "1"},
      {"000001", "concurrent:1300", FIELD_ROLE, "2027-04-01", "concurrent"},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-09-30", "1"},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-10-01", "0"},
      {"000001", "main", FIELD_UNIT, "2027-10-01", "1200"}},
     NULL},
    {"兼務解除 of a post that there is not",
     {YAMADA, {"o", ORDERS_HEAD "2,2027-09-30,concurrent_end,000001,,1300,,\n"}},
     {{0}},
     "no-such-post"},
    {"休職 and 復職",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-04-01,leave,000001,,,,\n2,2027-10-01,return,000001,,,,\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", "active"},
      {"000001", NULL, FIELD_STATE, "2027-04-01", "leave"},
      {"000001", NULL, FIELD_STATE, "2027-10-01", "active"}},
     NULL},
    {"退職 works through its day; concurrent posts end with it",
     {YAMADA,
      {"o",
       ORDERS_HEAD "1,2027-03-20,concurrent,000001,,1300,,\n2,2027-03-31,retire,000001,,,,\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", "active"},
      {"000001", NULL, FIELD_STATE, "2027-04-01", "left"},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-03-31", "1"},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-04-01", "0"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     NULL},
    {"再任用 the day after, in either order of rows, same number",
     {YAMADA,
      {"o", ORDERS_HEAD
       "2,2027-04-01,hire,000001,山田　花子,1400,090,\n1,2027-03-31,retire,000001,,,,\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", "active"},
      {"000001", NULL, FIELD_STATE, "2027-04-01", "active"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1400"}},
     NULL},
    {"再任用 on the day that a 退職 names as the first one away",
     {YAMADA,
      {"o",
       ORDERS_HEAD "1,2027-04-01,hire,000001,山田　花子,1400,090,\n2,2027-04-01,away,000001,,,,\n"
                   "3,2027-04-01,promote,000001,,,080,\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", "active"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1400"},
      {"000001", "main", FIELD_TITLE, "2027-04-01", "080"}},
     NULL},
    {"昇任 on the day of 退職",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-03-31,away,000001,,,,\n2,2027-03-31,promote,000001,,,010,\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", "left"},
      {"000001", "main", FIELD_TITLE, "2027-03-31", "010"}},
     NULL},
    {"異動 the day after 退職",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-03-31,retire,000001,,,,\n2,2027-04-01,transfer,000001,,1300,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     "person-left"},
    {"a roster before the first day of somebody hired by order",
     {{"o", ORDERS_HEAD "1,2027-04-01,hire,000001,山田　花子,1300,070,\n"}, YAMADA},
     {{"000001", NULL, FIELD_STATE, "2027-03-31", NULL},
      {"000001", NULL, FIELD_STATE, "2027-04-01", "active"},
      {"000001", "main", FIELD_UNIT, "2027-04-01", "1300"}},
     "roster-disagrees"},
    {"hired while in service",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-04-01,hire,000001,山田　太郎,1400,090,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     "hired-already"},
    {"a roster of the first day named the joiner first",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-03-01,hire,000001,山田　花子,1200,070,\n"}},
     {{"000001", NULL, FIELD_HIRED, "2027-03-01", "2027-03-01"}},
     NULL},
    {"改姓 keeps the old family name",
     {YAMADA, {"o", ORDERS_HEAD "1,2027-04-01,rename,000001,佐藤　花子,,,\n"}},
     {{"000001", NULL, FIELD_NAME, "2027-03-31", "山田　花子"},
      {"000001", NULL, FIELD_NAME, "2027-04-01", "佐藤　花子"},
      {"000001", NULL, FIELD_FORMER_NAME, "2027-04-01", "山田"},
      {"000001", NULL, FIELD_FORMER_NAME, "2027-03-31", NULL}},
     NULL},
    {"取消, which stands before what it cancels",
     {YAMADA,
      {"o", ORDERS_HEAD "2,2027-03-25,cancel,000001,,,,1\n1,2027-04-01,transfer,000001,,1300,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     NULL},
    {"取消 of a 採用, in a later file: nobody came",
     {{"o", ORDERS_HEAD "1,2027-04-01,hire,000002,鈴木,1300,070,\n"},
      {"o", ORDERS_HEAD "2,2027-04-01,cancel,000002,,,,1\n"}},
     {{"000002", NULL, FIELD_STATE, "2027-04-01", NULL},
      {"000002", "main", FIELD_HELD, "2027-04-01", NULL}},
     NULL},
    {"取消 of a 退職",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-03-31,retire,000001,,,,\n"},
      {"o", ORDERS_HEAD "2,2027-03-31,cancel,000001,,,,1\n"}},
     {{"000001", NULL, FIELD_STATE, "2027-04-01", "active"}},
     NULL},
    {"a cancelled order stays cancelled in a cumulative file",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-04-01,cancel,000001,,,,1\n"},
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-04-01,cancel,000001,,,,1\n3,"
                        "2027-04-01,promote,000001,,,060,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"},
      {"000001", "main", FIELD_TITLE, "2027-04-01", "060"}},
     NULL},
    {"訂正 of unit and date",
     {YAMADA,
      {"o", ORDERS_HEAD
       "1,2027-04-01,transfer,000001,,1300,060,\n2,2027-05-01,correct,000001,,1400,060,1\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-30", "1200"},
      {"000001", "main", FIELD_TITLE, "2027-04-30", "070"},
      {"000001", "main", FIELD_UNIT, "2027-05-01", "1400"}},
     NULL},
    {"訂正 of a 兼務 moves it to another unit",
     {YAMADA,
      {"o", ORDERS_HEAD
       "1,2027-04-01,concurrent,000001,,1300,,\n2,2027-04-01,correct,000001,,1400,,1\n"}},
     {{"000001", "concurrent:1300", FIELD_HELD, "2027-04-01", NULL},
      {"000001", "concurrent:1400", FIELD_HELD, "2027-04-01", "1"}},
     NULL},
    {"訂正 of a 採用, then a 訂正 of the same order, then one of that 訂正",
     {{"o", ORDERS_HEAD "1,2027-04-01,hire,000002,鈴木　一,1300,070,\n2,2027-04-01,correct,000002,"
                        "鈴木　二,1301,070,1\n"},
      {"o", ORDERS_HEAD "3,2027-04-01,correct,000002,鈴木　三,1302,070,1\n"},
      {"o", ORDERS_HEAD "4,2027-04-02,correct,000002,鈴木　四,1303,070,3\n"}},
     {{"000002", NULL, FIELD_STATE, "2027-04-01", NULL},
      {"000002", NULL, FIELD_NAME, "2027-04-02", "鈴木　四"},
      {"000002", "main", FIELD_UNIT, "2027-04-02", "1303"}},
     NULL},
    {"訂正 twice, then 取消 of the first order",
     {YAMADA,
      {"o",
       ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-04-01,correct,000001,,1301,,1\n"
                   "3,2027-04-01,correct,000001,,1302,,2\n"},
      {"o", ORDERS_HEAD "4,2027-04-01,cancel,000001,,,,1\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"}},
     NULL},
    {"a corrected order in a cumulative file changes nothing",
     {YAMADA,
      {"o",
       ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-05-01,correct,000001,,1400,,1\n"},
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-05-01,correct,000001,,1400,,"
                        "1\n3,2027-06-01,leave,000001,,,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"},
      {"000001", "main", FIELD_UNIT, "2027-05-01", "1400"},
      {"000001", NULL, FIELD_STATE, "2027-06-01", "leave"}},
     NULL},
    {"取消 of an order nobody gave",
     {YAMADA, {"o", ORDERS_HEAD "2,2027-04-01,cancel,000001,,,,1\n"}},
     {{0}},
     "order-target"},
    {"取消 of somebody else's order",
     {{"r", ROSTER_HEAD YAMADA_ROW "2027-03-01,000009,別　人,,1200,,1,1,\n"},
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-04-01,cancel,000009,,,,1\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1300"}},
     "order-target"},
    {"取消 of a 訂正 says too little",
     {YAMADA,
      {"o",
       ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n2,2027-04-01,correct,000001,,1400,,1\n"},
      {"o", ORDERS_HEAD "3,2027-04-01,cancel,000001,,,,2\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1400"}},
     "order-target"},
    {"an order for somebody unknown",
     {{"o", ORDERS_HEAD "1,2027-04-01,transfer,000007,,1300,,\n"}},
     {{0}},
     "person-unknown"},
    {"an order for somebody who has left",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-03-31,retire,000001,,,,\n2,2027-05-01,transfer,000001,,1300,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-05-01", "1200"}},
     "person-left"},
    {"the same number, taken before, says otherwise",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,,\n"},
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1400,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1300"}},
     "order-changed"},
    {"of two orders of a day HR's number decides, not arrival or line",
     {YAMADA,
      {"o", ORDERS_HEAD "R9-012,2027-04-01,transfer,000001,,1300,,\n"},
      {"o", ORDERS_HEAD "R9-002,2027-04-01,transfer,000001,,1400,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1300"}},
     NULL},
    {"a late order changes its own days only",
     {YAMADA,
      {"o", ORDERS_HEAD "5,2027-05-01,transfer,000001,,1500,,\n"},
      {"o", ORDERS_HEAD "4,2027-04-01,transfer,000001,,1400,,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-03-31", "1200"},
      {"000001", "main", FIELD_UNIT, "2027-04-30", "1400"},
      {"000001", "main", FIELD_UNIT, "2027-05-01", "1500"}},
     NULL},

    {"a roster moves people where no order has spoken",
     {YAMADA, {"r", ROSTER_HEAD "2027-04-02,000001,山田　花子,ヤマダ　ハナコ,1300,070,1,2,0200\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-01", "1200"},
      {"000001", "main", FIELD_UNIT, "2027-04-02", "1300"},
      {"000001", NULL, FIELD_STATE, "2027-04-02", "leave"},
      {"000001", NULL, FIELD_PHONE, "2027-04-02", "0200"}},
     NULL},
    {"a roster that contradicts orders is told of once, and moves only what it decides",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,060,\n"},
      {"r", ROSTER_HEAD "2027-04-02,000001,山田　花子,ヤマダ　ハナコ,1250,080,1,1,0200\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-02", "1300"},
      {"000001", "main", FIELD_TITLE, "2027-04-02", "060"},
      {"000001", NULL, FIELD_PHONE, "2027-04-02", "0200"}},
     "roster-disagrees"},
    {"a roster dated before an order that arrives after it moves nobody back",
     {YAMADA,
      {"o", ORDERS_HEAD "1,2027-04-01,transfer,000001,,1300,060,\n"},
      {"r", ROSTER_HEAD "2027-03-31,000001,山田　花子,ヤマダ　ハナコ,1200,070,1,1,0200\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-04-10", "1300"},
      {"000001", NULL, FIELD_PHONE, "2027-03-31", "0200"}},
     NULL},
    {"an old roster that arrives late holds until the newer one",
     {YAMADA,
      {"r", ROSTER_HEAD "2027-04-05,000001,山田　花子,ヤマダ　ハナコ,1200,070,1,1,0100\n"},
      {"r", ROSTER_HEAD "2027-03-31,000001,山田　花子,ヤマダ　ハナコ,1250,070,1,1,0300\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-03-30", "1200"},
      {"000001", "main", FIELD_UNIT, "2027-03-31", "1250"},
      {"000001", "main", FIELD_UNIT, "2027-04-05", "1200"},
      {"000001", NULL, FIELD_PHONE, "2027-04-04", "0300"},
      {"000001", NULL, FIELD_PHONE, "2027-04-05", "0100"}},
     NULL},
    {"a second roster of the same day stands for the first",
     {YAMADA,
      {"r", ROSTER_HEAD "2027-03-01,000000,最　初,,1200,,1,1,\n2027-03-01,000001,山田　花子,"
                        "ヤマダ　ハナコ,1300,070,1,1,0100\n"},
      {"r", ROSTER_HEAD "2027-03-01,000001,山田　花子,ヤマダ　ハナコ,1400,070,1,1,0100\n2027-03-01,"
                        "000000,最　初,,1200,,1,1,\n"}},
     {{"000001", "main", FIELD_UNIT, "2027-03-01", "1400"}},
     NULL},
    {"concurrent posts come and go with the roster",
     {{"r", ROSTER_HEAD YAMADA_ROW "2027-03-01,000001,山田　花子,,1300,070,2,1,\n"},
      {"r", ROSTER_HEAD "2027-04-02,000001,山田　花子,ヤマダ　ハナコ,1200,070,1,1,0100\n"}},
     {{"000001", "concurrent:1300", FIELD_HELD, "2027-04-01", "1"},
      {"000001", "concurrent:1300", FIELD_ROLE, "2027-04-01", "concurrent"},
      {"000001", "concurrent:1300", FIELD_HELD, "2027-04-02", "0"},
      {"000001", "main", FIELD_HELD, "2027-04-02", "1"},
      {"000001", NULL, FIELD_KANA, "2027-03-01", "ヤマダ　ハナコ"}},
     NULL},
    {"another width of spaces or kana is no disagreement",
     {{"o", ORDERS_HEAD "1,2027-03-01,hire,000001,山田　花子,1200,070,\n"},
      {"r", ROSTER_HEAD "2027-03-02,000001,山田 花子,ﾔﾏﾀﾞ ﾊﾅｺ,1200,070,1,1,0100\n"}},
     {{"000001", NULL, FIELD_NAME, "2027-03-02", "山田　花子"}},
     NULL},
};

static IntakeVerdict take(Kit *kit, const Step *step, size_t i)
{
  g_autofree char *name = g_strdup_printf("%s-%zu.csv", step->kind, i);
  return kit_take(kit, *step->kind == 'r' ? kit_roster : kit_orders, name, step->text);
}

static void play(const Scene *scene)
{
  g_autoptr(Kit) kit = kit_new();
  for (size_t i = 0; i < G_N_ELEMENTS(scene->steps) && scene->steps[i].kind; i++)
    UNIT_TRUE(take(kit, &scene->steps[i], i) <= INTAKE_TAKEN_IN_PART, "%s: file %zu", scene->name,
              i);
  for (size_t i = 0; i < G_N_ELEMENTS(scene->wants) && scene->wants[i].number; i++) {
    const Want *want = &scene->wants[i];
    UNIT_STR(kit_value(kit, want->number, want->post, want->field, want->day), want->value,
             "%s: %s %s %s", scene->name, want->post ? want->post : "person",
             store_field_name(kit->store, want->field), want->day);
  }
  UNIT_INT(findings_count(kit->findings), scene->finding ? 1 : 0, "%s: %s", scene->name,
           findings_count(kit->findings) ? findings_at(kit->findings, 0)->text : "");
  if (scene->finding)
    UNIT_INT(kit_count(kit, scene->finding), 1, "%s", scene->name);
}

static void scenarios(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++)
    play(&scenes[i]);
}

// Each file again, with a byte more: it says nothing new, so nothing is added.
static void said_again(void)
{
  for (size_t s = 0; s < G_N_ELEMENTS(scenes); s++) {
    const Scene *scene = &scenes[s];
    g_autoptr(Kit) kit = kit_new();
    if (scene->finding)
      continue;
    size_t n = 0;
    for (; n < G_N_ELEMENTS(scene->steps) && scene->steps[n].kind; n++)
      take(kit, &scene->steps[n], n);
    size_t n_facts = kit_n_facts(kit);
    g_autofree char *text = g_strconcat(scene->steps[n - 1].text, "\n", NULL);
    UNIT_INT(take(kit, &(Step){scene->steps[n - 1].kind, text}, n), INTAKE_TAKEN, "%s",
             scene->name);
    UNIT_INT(kit_n_facts(kit), n_facts, "%s", scene->name);
  }
}

#define TWO ROSTER_HEAD YAMADA_ROW "2027-03-01,000002,鈴木　一,,1200,,1,1,\n"
#define ONE(date) ROSTER_HEAD date ",000001,山田　花子,ヤマダ　ハナコ,1200,070,1,1,0100\n"

// Two full rosters of different dates make somebody leave; nothing less does.
static void absence(void)
{
  static const struct {
    Step steps[5];
    const char *left_from;  // 000002; NULL = not at all
    size_t n_once, n_twice;
  } rows[] = {
      {{{"r", TWO}, {"r", ONE("2027-04-01")}}, NULL, 1, 0},
      {{{"r", TWO}, {"r", ONE("2027-04-01")}, {"r", ONE("2027-04-01") "\n"}}, NULL, 2, 0},
      {{{"r", TWO}, {"r", ONE("2027-04-01")}, {"r", ONE("2027-04-02")}}, "2027-04-03", 1, 1},
      {{{"r", TWO},
        {"r", ONE("2027-04-01")},
        {"r", ONE("2027-04-02") "2027-04-02,000002,鈴木　一,,1200,,1,1,\n"},
        {"r", ONE("2027-04-03")}},
       NULL,
       2,
       0},
      // Rosters older than one that lists the person are no evidence.
      {{{"r", TWO}, {"r", ONE("2027-02-01")}, {"r", ONE("2027-02-02")}}, NULL, 0, 0},
      {{{"r", TWO},
        {"r", ONE("2027-04-01") "2027-04-01,000002,鈴木　一,,1200,,1,1,\n"},
        {"r", ONE("2027-03-15")},
        {"r", ONE("2027-03-16")}},
       NULL,
       0,
       0},
      // An order of the same day explains the absence.
      {{{"r", TWO},
        {"o", ORDERS_HEAD "1,2027-04-01,retire,000002,,,,\n"},
        {"r", ONE("2027-04-01")},
        {"r", ONE("2027-04-02")}},
       "2027-04-02",
       0,
       0},
      // A row with a fault still shows that its person is there.
      {{{"r", TWO},
        {"r", ONE("2027-04-01") "2027-04-01,000002,,,1200,,1,1,\n"},
        {"r", ONE("2027-04-02") "2027-04-02,000002,,,1200,,1,1,\n"}},
       NULL,
       0,
       0},
      // A number that cannot be read may be anybody's.
      {{{"r", TWO},
        {"r", ONE("2027-04-01") "2027-04-01,2,鈴木　一,,1200,,1,1,\n"},
        {"r", ONE("2027-04-02") "2027-04-02,2,鈴木　一,,1200,,1,1,\n"}},
       NULL,
       0,
       0},
      // Hired with a later day: not yet due on the rosters.
      {{YAMADA,
        {"o", ORDERS_HEAD "1,2027-05-01,hire,000002,鈴木　一,1200,,\n"},
        {"r", ONE("2027-04-01")},
        {"r", ONE("2027-04-02")}},
       NULL,
       0,
       0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Kit) kit = kit_new();
    for (size_t s = 0; s < G_N_ELEMENTS(rows[i].steps) && rows[i].steps[s].kind; s++)
      UNIT_TRUE(take(kit, &rows[i].steps[s], s) <= INTAKE_TAKEN_IN_PART, "row %zu: file %zu", i, s);
    UNIT_INT(kit_count(kit, "absent-once"), rows[i].n_once, "row %zu", i);
    UNIT_INT(kit_count(kit, "absent-twice"), rows[i].n_twice, "row %zu", i);
    const char *state = kit_value(kit, "000002", NULL, FIELD_STATE, "2030-01-01");
    UNIT_STR(state, rows[i].left_from ? "left" : "active", "row %zu", i);
    if (rows[i].left_from)
      UNIT_STR(kit_value(kit, "000002", NULL, FIELD_STATE, rows[i].left_from), "left", "row %zu",
               i);
    if (rows[i].n_once)
      UNIT_STR(kit_finding(kit, "absent-once")->subject, "000002");
  }
}

// A third roster takes back what two concluded.
static void absence_taken_back(void)
{
  g_autoptr(Kit) kit = kit_new();
  static const Step steps[] = {{"r", TWO},
                               {"r", ONE("2027-04-01")},
                               {"r", ONE("2027-04-02")},
                               {"r", ONE("2027-04-10") "2027-04-10,000002,鈴木　一,,1200,,1,1,\n"}};
  for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
    UNIT_INT(take(kit, &steps[i], i), INTAKE_TAKEN);
  UNIT_STR(kit_value(kit, "000002", NULL, FIELD_STATE, "2027-04-09"), "left");
  UNIT_STR(kit_value(kit, "000002", NULL, FIELD_STATE, "2027-04-10"), "active");
}

// Both numbers of one person are missing: told of once.
static void absence_of_two_numbers(void)
{
  g_autoptr(Kit) kit = kit_new();
  take(kit, &(Step){"r", TWO}, 0);
  kit_take(kit, kit_orders, "o.csv",
           "o,d,k,no,name,unit,title,t,old\n1,2027-03-10,retire,000002,,,,,\n"
           "2,2027-03-11,hire,900002,鈴木　一,1200,090,,000002\n");
  take(kit, &(Step){"r", ONE("2027-04-01")}, 1);
  UNIT_INT(take(kit, &(Step){"r", ONE("2027-04-02")}, 2), INTAKE_TAKEN);
  UNIT_INT(kit_count(kit, "absent-once"), 1);
  UNIT_INT(kit_count(kit, "absent-twice"), 1);
  UNIT_STR(kit_value(kit, "900002", NULL, FIELD_STATE, "2027-04-03"), "left");
}

// Hired again under another number: the same person.
static void another_number(void)
{
  g_autoptr(Kit) kit = kit_new();
  take(kit, &(Step)YAMADA, 0);
  kit_take(kit, kit_orders, "o.csv",
           "o,d,k,no,name,unit,title,t,old\n1,2027-03-31,retire,000001,,,,,\n"
           "2,2027-04-01,hire,900001,山田　花子,1200,090,,000001\n");
  UNIT_INT(findings_count(kit->findings), 0);
  UNIT_INT(store_link_find(kit->store, SUBJECT_PERSON, "city", "900001", date_of(2027, 4, 1)),
           store_link_find(kit->store, SUBJECT_PERSON, "city", "000001", date_of(2027, 3, 1)));
  UNIT_STR(kit_value(kit, "900001", NULL, FIELD_NUMBER, "2027-03-31"), "000001");
  UNIT_STR(kit_value(kit, "900001", NULL, FIELD_NUMBER, "2027-04-01"), "900001");
  UNIT_STR(kit_value(kit, "900001", NULL, FIELD_STATE, "2027-04-01"), "active");
}

// On one day the roster is right about what it decides, whichever file came first.
static void decided_on_the_day_of_an_order(void)
{
  g_autofree char *roster = g_strconcat(kit_roster, "", NULL);
  char *decides = strstr(roster, "[phone]");
  g_autofree char *yaml = g_strdup_printf("%.*s[kana]\n", (int)(decides - roster), roster);
  static const char *const texts[] = {
      "date,no,name,kana,unit\n2027-03-01,000001,山田,ロスター,1200\n",
      "o,d,k,no,name,kana,unit,title\n999999,2027-03-01,hire,000001,山田,オーダー,1200,\n"};
  for (size_t first = 0; first < 2; first++) {
    g_autoptr(Kit) kit = kit_new();
    for (size_t i = 0; i < 2; i++)
      kit_take(kit, (first + i) % 2 ? kit_orders : yaml, "a.csv", texts[(first + i) % 2]);
    UNIT_STR(kit_value(kit, "000001", NULL, FIELD_KANA, "2027-03-01"), "ロスター", "first: %zu",
             first);
  }
}

static const char *unit_value(Kit *kit, const char *code, FieldId field, const char *day)
{
  Date on;
  date_parse_iso(day, &on);
  Fact fact, key = {.kind = SUBJECT_UNIT,
                    .field = field,
                    .subject = store_link_find(kit->store, SUBJECT_UNIT, "city", code, on)};
  return store_fact_on(kit->store, &key, on, INSTANT_OPEN, &fact) ? fact.value : NULL;
}

static Instant noon(int year, int month, int day)
{
  return date_start(date_of(year, month, day)) + 12 * 3600;
}

static void units(void)
{
  g_autoptr(Kit) kit = kit_new();
  kit->options.known_at = noon(2027, 3, 1);
  kit_take(kit, kit_units, "u1.csv",
           "code,name,parent\n1000,総務部,\n1200,人事課,1000\n1300,税務課,1000\n");
  kit->options.known_at = noon(2027, 4, 1);
  kit_take(kit, kit_units, "u2.csv",
           "code,name,parent\n1000,総務部,\n1200,職員課,1000\n1400,新設課,1000\n");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2020-01-01"), "人事課");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2027-03-31"), "人事課");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2027-04-01"), "職員課");
  UNIT_STR(unit_value(kit, "1200", FIELD_PARENT, "2027-04-01"), "1000");
  UNIT_STR(unit_value(kit, "1400", FIELD_CODE, "2027-04-01"), "1400");
  UNIT_STR(unit_value(kit, "1300", FIELD_HELD, "2027-04-01"), "1");
  UNIT_INT(kit_count(kit, "unit-absent-once"), 1);
  UNIT_STR(kit_finding(kit, "unit-absent-once")->subject, "1300");
  kit->options.known_at = noon(2027, 4, 2);
  kit_take(kit, kit_units, "u3.csv",
           "code,name,parent\n1000,総務部,\n1200,職員課,1000\n1400,新設課,1000\n\n");
  UNIT_STR(unit_value(kit, "1300", FIELD_HELD, "2027-04-01"), "1");
  UNIT_STR(unit_value(kit, "1300", FIELD_HELD, "2027-04-02"), "0");
  UNIT_INT(kit_count(kit, "unit-absent-twice"), 1);
}

// Units of the first file were there before its date: older rosters name them.
static void units_dated(void)
{
  g_autoptr(Kit) kit = kit_new();
  g_autofree char *yaml =
      g_strconcat(kit_units, "date_in_name: \"u-{date}.csv\"\ndates: [compact]\n", NULL);
  kit_take(kit, yaml, "u-20270401.csv", "code,name\n1200,人事課\n");
  kit_take(kit, yaml, "u-20270501.csv", "code,name\n1200,職員課\n1300,新設課\n");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2027-03-31"), "人事課");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2027-04-30"), "人事課");
  UNIT_STR(unit_value(kit, "1200", FIELD_UNIT_NAME, "2027-05-01"), "職員課");
  UNIT_STR(unit_value(kit, "1300", FIELD_UNIT_NAME, "2027-04-30"), NULL);
  UNIT_STR(unit_value(kit, "1300", FIELD_UNIT_NAME, "2027-05-01"), "新設課");
}

// A fact leads back to file, line and HR's number.
static void origins(void)
{
  g_autoptr(Kit) kit = kit_new();
  take(kit, &(Step)YAMADA, 0);
  kit_take(kit, kit_orders, "o.csv",
           ORDERS_HEAD "11,2027-04-01,transfer,000001,\"山\n田\",1300,,\n"
                       "12,2027-04-01,transfer,000001,山田,1400,,\n"
                       "20,2027-04-01,correct,000001,,1500,,12\n");
  Fact fact, key = {.kind = SUBJECT_PERSON, .field = FIELD_UNIT};
  key.subject = store_link_find(kit->store, SUBJECT_PERSON, "city", "000001", date_of(2027, 4, 1));
  key.post = store_post_find(kit->store, key.subject, "main");
  RowOrigin origin;
  UNIT_TRUE(store_fact_on(kit->store, &key, date_of(2027, 4, 1), INSTANT_OPEN, &fact));
  UNIT_STR(fact.value, "1500");
  UNIT_TRUE(fact.from_order);
  if (!UNIT_TRUE(store_row_origin(kit->store, fact.row, &origin)))
    return;
  UNIT_STR(origin.file, "o.csv");
  UNIT_INT(origin.line, 5);
  UNIT_STR(origin.raw, "20,2027-04-01,correct,000001,,1500,,12");
  UNIT_STR(origin.order, "20");
}

static const UnitTest tests[] = {
    {"scenarios", scenarios},
    {"said_again", said_again},
    {"absence", absence},
    {"absence_taken_back", absence_taken_back},
    {"absence_of_two_numbers", absence_of_two_numbers},
    {"another_number", another_number},
    {"decided_on_the_day_of_an_order", decided_on_the_day_of_an_order},
    {"units", units},
    {"units_dated", units_dated},
    {"origins", origins},
    {NULL, NULL},
};
UNIT_SUITE(intake_facts, tests);
