// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same orders, split into files and delivered in any order, say the same in the end.
#include "intake_kit.h"
#include "unit.h"

#include <string.h>

enum { N_RUNS = 60, N_ORDERS = 40, N_NUMBERS = 6 };

typedef struct Chance {
  GRand *rand;
  GString *rows[N_ORDERS];
} Chance;

static const char *pick(GRand *rand, const char *const *list, int n)
{
  return list[g_rand_int_range(rand, 0, n)];
}

// An order of any kind about one of few people, so that many meet: also such as cannot be.
static void make_order(GRand *rand, int i, GString *out)
{
  static const char *const kinds[] = {"hire",           "transfer", "promote", "concurrent",
                                      "concurrent_end", "leave",    "return",  "retire",
                                      "rename",         "correct",  "cancel",  "transfer"};
  static const char *const units[] = {"1200", "1300", "1400"};
  static const char *const titles[] = {"", "060", "070"};
  static const char *const names[] = {"山田　花子", "佐藤　花子", "鈴木　花子"};
  const char *kind = pick(rand, kinds, G_N_ELEMENTS(kinds));
  bool amends = g_str_equal(kind, "correct") || g_str_equal(kind, "cancel");
  bool promotes = g_str_equal(kind, "promote");
  int number = g_rand_int_range(rand, 0, N_NUMBERS);
  g_string_printf(out, "%d,2027-04-%02d,%s,%06d,%s,%s,%s,", 100 + i, g_rand_int_range(rand, 1, 29),
                  kind, number, pick(rand, names, G_N_ELEMENTS(names)),
                  pick(rand, units, G_N_ELEMENTS(units)),
                  promotes ? "050" : pick(rand, titles, G_N_ELEMENTS(titles)));
  // Of a hire, now and then the number before: only upwards, so that nobody is two people.
  bool again = g_str_equal(kind, "hire") && number > 0 && g_rand_int_range(rand, 0, 3) == 0;
  if (amends)
    g_string_append_printf(out, "%d", 100 + g_rand_int_range(rand, 0, N_ORDERS));
  g_string_append_c(out, ',');
  if (again)
    g_string_append_printf(out, "%06d", number - 1);
  g_string_append_c(out, '\n');
}

static void shuffle(GRand *rand, int *order, int n)
{
  for (int i = n - 1; i > 0; i--) {
    int k = g_rand_int_range(rand, 0, i + 1), other = order[k];
    order[k] = order[i];
    order[i] = other;
  }
}

static void take_files(Kit *kit, const Chance *chance, GRand *rand, const int *order)
{
  static const char head[] = "o,d,k,no,name,unit,title,t,old\n";
  g_autoptr(GString) text = g_string_new(head);
  int n_files = 0;
  for (int i = 0; i < N_ORDERS; i++) {
    g_string_append(text, chance->rows[order[i]]->str);
    if (i < N_ORDERS - 1 && g_rand_int_range(rand, 0, 4) > 0)
      continue;
    g_autofree char *name = g_strdup_printf("o-%d.csv", n_files++);
    kit->options.known_at += 60;
    UNIT_TRUE(kit_take(kit, kit_orders, name, text->str) <= INTAKE_TAKEN_IN_PART, "%s", text->str);
    g_string_assign(text, head);
  }
}

typedef struct Line {
  const char *number;
  GPtrArray *lines;
} Line;

// Who has which number, and what holds of them, without ids.
static void tell_person(Kit *kit, int number, GPtrArray *lines)
{
  g_autofree char *text = g_strdup_printf("%06d", number);
  uint32_t person = store_link_find(kit->store, SUBJECT_PERSON, "city", text, DATE_OPEN - 1);
  Fact fact;
  g_autoptr(FactScan) scan = store_facts_of(kit->store, SUBJECT_PERSON, person, INSTANT_OPEN, NULL);
  while (person && fact_scan_next(scan, &fact, NULL)) {
    g_autofree char *value = g_strdup(fact.value);
    const char *key = fact.post ? store_post_key(kit->store, fact.post) : "";
    g_ptr_array_add(lines, g_strdup_printf("%s %s %s=%s %d %d %" G_GINT64_FORMAT, text, key,
                                           store_field_name(kit->store, fact.field), value,
                                           fact.valid_from, fact.valid_to, fact.seq));
  }
  for (int other = 0; other < number && person; other++) {
    g_autofree char *name = g_strdup_printf("%06d", other);
    if (store_link_find(kit->store, SUBJECT_PERSON, "city", name, DATE_OPEN - 1) == person)
      g_ptr_array_add(lines, g_strdup_printf("%s is %s", text, name));
  }
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *outcome(Kit *kit)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  for (int number = 0; number < N_NUMBERS; number++)
    tell_person(kit, number, lines);
  g_ptr_array_sort(lines, by_text);
  g_ptr_array_add(lines, NULL);
  return g_strjoinv("\n", (char **)lines->pdata);
}

static char *play(const Chance *chance, GRand *rand, bool as_written)
{
  g_autoptr(Kit) kit = kit_new();
  int order[N_ORDERS];
  for (int i = 0; i < N_ORDERS; i++)
    order[i] = i;
  kit_take(kit, kit_roster, "r.csv",
           "date,no,name,kana,unit\n2027-03-01,000000,山田　花子,ヤマダ　ハナコ,1200\n"
           "2027-03-01,000003,鈴木　花子,スズキ　ハナコ,1300\n");
  if (!as_written)
    shuffle(rand, order, N_ORDERS);
  take_files(kit, chance, rand, order);
  return outcome(kit);
}

static void any_split_any_arrival(void)
{
  Chance chance = {.rand = g_rand_new_with_seed(20270401)};
  for (int i = 0; i < N_ORDERS; i++)
    chance.rows[i] = g_string_new(NULL);
  for (int run = 0; run < N_RUNS; run++) {
    for (int i = 0; i < N_ORDERS; i++)
      make_order(chance.rand, i, chance.rows[i]);
    g_autofree char *first = play(&chance, chance.rand, true);
    UNIT_TRUE(strlen(first) > 200, "nothing holds: %s", first);
    for (int other = 0; other < 2; other++) {
      g_autofree char *again = play(&chance, chance.rand, false);
      if (!UNIT_STR(again, first, "run %d", run))
        run = N_RUNS;
    }
  }
  for (int i = 0; i < N_ORDERS; i++)
    g_string_free(chance.rows[i], true);
  g_rand_free(chance.rand);
}

static const UnitTest tests[] = {
    {"any_split_any_arrival", any_split_any_arrival},
    {NULL, NULL},
};
UNIT_SUITE(replay, tests);
