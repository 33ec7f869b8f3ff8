// SPDX-License-Identifier: GPL-3.0-or-later
//
// Units over time: whatever comes first, the table of units, the reorganisation or the orders, people end in
// the same units; and a table that is sent again takes the place of the one before.
#include "intake_kit.h"

#include "idou/roster.h"

#include <string.h>

static const char units_layout[] =
    "layout: units\nkind: units\nspace: city\nfiles: units-*.csv\nencoding: utf8\nfull: true\n"
    "dates: [iso]\n"
    "columns: {date: file_date, code: {field: code, provisional: true}, name: unit_name,"
    " parent: parent, from: {field: valid_from, optional: true},"
    " to: {field: valid_to, optional: true, last_day: true}}\n";

static const char table_layout[] =
    "layout: table\nkind: reorganisation\nspace: city\nfiles: table-*.csv\nencoding: utf8\n"
    "dates: [iso]\n"
    "columns: {old: old_code, new: new_code, change: change, day: effective, name: new_name,"
    " parent: new_parent}\n";

#define TABLE_HEAD "old,new,change,day,name,parent\n"
#define ORDERS_HEAD "o,d,k,no,name,unit,title,t\n"

typedef struct File {
  const char *layout, *name, *text;
} File;

static const File roster = {kit_roster, "roster-1.csv",
                            "date,no,name,unit\n"
                            "2027-03-01,000001,一,110\n2027-03-01,000002,二,200\n"
                            "2027-03-01,000003,三,300\n2027-03-01,000004,四,400\n"
                            "2027-03-01,000005,五,500\n2027-03-01,000006,六,100/調整室\n"};

static const File files[] = {
    {units_layout, "units-1.csv",
     "date,code,name,parent\n"
     "2026-04-01,100,総務部,\n2026-04-01,110,人事課,100\n2026-04-01,200,税務課,\n"
     "2026-04-01,300,福祉課,\n2026-04-01,400,水道課,\n2026-04-01,500,統計課,\n"
     "2026-04-01,,調整室,100\n"},
    {units_layout, "units-2.csv",
     "date,code,name,parent\n"
     "2027-04-01,100,総務部,\n2027-04-01,110,人事課,150\n2027-04-01,150,人事局,100\n"
     "2027-04-01,250,市民税課,\n2027-04-01,310,子育て課,\n2027-04-01,320,介護課,\n"
     "2027-04-01,500,環境課,\n2027-04-01,160,調整室,100\n"},
    {table_layout, "table-1.csv",
     TABLE_HEAD "200,250,rename,2027-04-01,市民税課,\n300,310,split,2027-04-01,子育て課,\n"
                "300,320,split,2027-04-01,介護課,\n400,500,rename,2027-04-01,環境課,\n"
                "500,100,merge,2027-04-01,,\n,150,new,2027-04-01,人事局,100\n"
                "110,,transfer,2027-04-01,,150\n"},
    {kit_orders, "orders-1.csv",
     ORDERS_HEAD
     "1,2027-04-01,transfer,000001,一,200,主査,\n"    // by the old code
     "2,2027-04-05,transfer,000003,三,320,,\n"        // late, after the split
     "3,2027-04-03,transfer,000002,二,500,係長,\n"},  // the code is another unit's by now
};

static Date day_of(const char *text)
{
  Date date = DATE_NONE;
  UNIT_TRUE(date_parse_iso(text, &date), "%s", text);
  return date;
}

static void tell_post(const Roster *book, const Post *post, GString *out)
{
  const Unit *unit = roster_unit_by_id(book, post->unit_id);
  const Unit *top = unit ? unit->parent : NULL;
  g_string_append_printf(out, " %s(%s<%s)/%s from ", post->unit, unit ? unit->name : "?",
                         top ? top->code : "", post->title);
  date_format(post->begin, out);
}

static bool tell_left(const Person *person, const Post *post, const Unit *unit, void *data)
{
  (void)post;
  g_string_append_printf(data, "left %s in %s; ", person->number, unit->name);
  return true;
}

// Where everybody is on the day, one line.
static void tell_people(Store *store, const char *day, GString *out)
{
  g_autoptr(GError) error = NULL;
  RosterWhen when = {.as_of = day_of(day), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) book = roster_open(store, &when, &error);
  const Person *person;
  UNIT_NO_ERROR(error);
  g_string_append_printf(out, "%s:", day);
  while (roster_next(book, &person, &error)) {
    // A unit whose code is known already goes by that, also on days before it had it.
    if (strcmp(person->number, "000006") == 0 && when.as_of < day_of("2027-04-01"))
      continue;
    g_string_append_printf(out, "\n  %s", person->number);
    for (size_t i = 0; i < person->n_posts; i++)
      tell_post(book, &person->posts[i], out);
  }
  g_string_append(out, "\n  ");
  UNIT_TRUE(roster_left_behind(book, tell_left, out, &error));
  UNIT_NO_ERROR(error);
  g_string_append_c(out, '\n');
}

static void take(Kit *kit, const File *file)
{
  IntakeVerdict verdict = kit_take(kit, file->layout, file->name, file->text);
  UNIT_TRUE(verdict == INTAKE_TAKEN, "%s", file->name);
}

// The n-th order of `count` things.
static void permute(size_t n, size_t count, size_t *out)
{
  for (size_t i = 0; i < count; i++)
    out[i] = i;
  for (size_t left = count; left > 1; left--) {
    size_t pick = n % left, last = out[left - 1];
    n /= left;
    out[left - 1] = out[pick];
    out[pick] = last;
  }
}

static void any_order(void)
{
  static const char *const days[] = {"2027-03-31", "2027-04-01", "2027-04-04", "2027-04-10"};
  static const char want[] =
      "2027-03-31:\n"
      "  000001 110(人事課<100)/ from 2027-03-01\n  000002 200(税務課<)/ from 2027-03-01\n"
      "  000003 300(福祉課<)/ from 2027-03-01\n  000004 400(水道課<)/ from 2027-03-01\n"
      "  000005 500(統計課<)/ from 2027-03-01\n"
      "  \n"
      "2027-04-01:\n"
      "  000001 250(市民税課<)/主査 from 2027-04-01\n  000002 250(市民税課<)/ from 2027-03-01\n"
      "  000003 300(福祉課<)/ from 2027-03-01\n  000004 500(環境課<)/ from 2027-03-01\n"
      "  000005 100(総務部<)/ from 2027-03-01\n  000006 160(調整室<100)/ from 2027-03-01\n"
      "  left 000003 in 福祉課; \n"
      "2027-04-04:\n"
      "  000001 250(市民税課<)/主査 from 2027-04-01\n  000002 500(環境課<)/係長 from 2027-04-03\n"
      "  000003 300(福祉課<)/ from 2027-03-01\n  000004 500(環境課<)/ from 2027-03-01\n"
      "  000005 100(総務部<)/ from 2027-03-01\n  000006 160(調整室<100)/ from 2027-03-01\n"
      "  left 000003 in 福祉課; \n"
      "2027-04-10:\n"
      "  000001 250(市民税課<)/主査 from 2027-04-01\n  000002 500(環境課<)/係長 from 2027-04-03\n"
      "  000003 320(介護課<)/ from 2027-04-05\n  000004 500(環境課<)/ from 2027-03-01\n"
      "  000005 100(総務部<)/ from 2027-03-01\n  000006 160(調整室<100)/ from 2027-03-01\n"
      "  \n";
  // Orders for people whom nobody has named are refused, so the roster comes first.
  for (size_t n = 0; n < 24; n++) {
    size_t order[G_N_ELEMENTS(files)];
    g_autoptr(Kit) kit = kit_new();
    g_autoptr(GString) got = g_string_new(NULL);
    permute(n, G_N_ELEMENTS(files), order);
    take(kit, &roster);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
      take(kit, &files[order[i]]);
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++)
      tell_people(kit->store, days[i], got);
    UNIT_STR(got->str, want, "order %zu%zu%zu%zu", order[0], order[1], order[2], order[3]);
  }
}

static void take_text(Kit *kit, const char *layout, const char *text)
{
  static int n;
  g_autofree char *name = g_strdup_printf("file-%d.csv", n++);
  kit_take(kit, layout, name, text);
}

static void check_day(Kit *kit, const char *day, const char *want)
{
  g_autoptr(GString) got = g_string_new(NULL);
  tell_people(kit->store, day, got);
  UNIT_STR(got->str, want);
}

#define ONE "date,no,name,unit\n2027-03-01,000001,一,200\n"
#define TWO "date,code,name,parent\n2026-04-01,100,総務課,\n2026-04-01,200,税務課,\n"

// What a corrected table does not say any more is taken back, also a code that was given anew.
static void sent_again(void)
{
  g_autoptr(Kit) kit = kit_new();
  take_text(kit, kit_roster, ONE);
  take_text(kit, units_layout, TWO);
  take_text(kit, table_layout,
            TABLE_HEAD "200,100,rename,2027-04-01,,\n100,200,rename,2027-04-01,,\n");
  check_day(kit, "2027-04-01", "2027-04-01:\n  000001 100(税務課<)/ from 2027-03-01\n  \n");
  take_text(kit, table_layout, TABLE_HEAD "100,150,rename,2027-04-01,総務人事課,\n");
  check_day(kit, "2027-04-01", "2027-04-01:\n  000001 200(税務課<)/ from 2027-03-01\n  \n");
  take_text(kit, units_layout,
            "date,code,name,parent\n2027-04-01,150,総務人事課,\n2027-04-01,200,税務二課,150\n");
  check_day(kit, "2027-04-02", "2027-04-02:\n  000001 200(税務二課<150)/ from 2027-03-01\n  \n");
  take_text(kit, table_layout, TABLE_HEAD ",,withdraw,2027-04-01,,\n");
  check_day(kit, "2027-03-31", "2027-03-31:\n  000001 200(税務課<)/ from 2027-03-01\n  \n");
}

// Renamed, and renamed back: it is the same unit all the time.
static void there_and_back(void)
{
  g_autoptr(Kit) kit = kit_new();
  take_text(kit, kit_roster, ONE);
  take_text(kit, units_layout, TWO);
  take_text(kit, table_layout, TABLE_HEAD "200,250,rename,2027-04-01,,\n");
  take_text(kit, table_layout, TABLE_HEAD "250,200,rename,2027-06-01,,\n");
  check_day(kit, "2027-05-01", "2027-05-01:\n  000001 250(税務課<)/ from 2027-03-01\n  \n");
  check_day(kit, "2027-06-01", "2027-06-01:\n  000001 200(税務課<)/ from 2027-03-01\n  \n");
  RosterWhen when = {.as_of = day_of("2027-06-01"), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) book = roster_open(kit->store, &when, NULL);
  const Unit *unit = roster_unit(book, "200");
  size_t n;
  UNIT_INT(unit->begin, date_of(1900, 1, 1));
  UNIT_STR(unit->former[0], "250");
  UNIT_STR(unit->former[1], "200");
  UNIT_TRUE(unit->former[2] == NULL);
  roster_units(book, &n);
  UNIT_INT(n, 2);
  roster_units_ended(book, &n);
  UNIT_INT(n, 0);
}

// A merger of what was merged before, and one that leads back to itself.
static void chains(void)
{
  g_autoptr(Kit) kit = kit_new();
  take_text(kit, kit_roster, ONE);
  take_text(kit, units_layout, TWO);
  take_text(kit, table_layout, TABLE_HEAD "200,300,merge,2027-04-01,税務財政課,\n");
  take_text(kit, table_layout, TABLE_HEAD "300,400,rename,2028-04-01,,\n");
  take_text(kit, table_layout, TABLE_HEAD "400,100,merge,2029-04-01,,\n");
  check_day(kit, "2027-05-01", "2027-05-01:\n  000001 300(税務財政課<)/ from 2027-03-01\n  \n");
  check_day(kit, "2028-05-01", "2028-05-01:\n  000001 400(税務財政課<)/ from 2027-03-01\n  \n");
  check_day(kit, "2029-05-01", "2029-05-01:\n  000001 100(総務課<)/ from 2027-03-01\n  \n");
  take_text(kit, table_layout,
            TABLE_HEAD "100,600,merge,2030-04-01,六,\n600,100,merge,2030-04-01,一,\n");
  g_autoptr(GString) got = g_string_new(NULL);
  tell_people(kit->store, "2030-05-01", got);  // nonsense ends somewhere
  UNIT_TRUE(strstr(got->str, "000001") != NULL);
}

// The last day of a unit in place of the first day without it.
static void last_day(void)
{
  g_autoptr(Kit) kit = kit_new();
  take_text(kit, units_layout,
            "date,code,name,parent,from,to\n2027-03-01,100,総務課,,2020-04-01,2027-03-31\n");
  RosterWhen when = {.as_of = day_of("2027-03-31"), .known_at = INSTANT_OPEN};
  g_autoptr(Roster) book = roster_open(kit->store, &when, NULL);
  UNIT_INT(roster_unit(book, "100")->begin, day_of("2020-04-01"));
  UNIT_INT(roster_unit(book, "100")->end, day_of("2027-04-01"));
}

static const UnitTest tests[] = {
    {"any_order", any_order}, {"sent_again", sent_again}, {"there_and_back", there_and_back},
    {"chains", chains},       {"last_day", last_day},     {NULL, NULL},
};
UNIT_SUITE(reorganisation, tests);
