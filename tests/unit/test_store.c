// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/store.h"

#include <string.h>

#define KNOWN 1000  // when the tests learn things, unless a row says otherwise

static Store *make_store(void)
{
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  g_autoptr(GError) error = NULL;
  Store *store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  return store;
}

static uint32_t add_subject(Store *store, SubjectKind kind)
{
  g_autoptr(GError) error = NULL;
  uint32_t subject = store_subject_add(store, kind, &error);
  UNIT_NO_ERROR(error);
  return subject;
}

static int64_t add_row(Store *store, const char *sha256, Instant taken, int64_t line)
{
  g_autoptr(GError) error = NULL;
  IntakeRow intake = {.name = "orders.csv",
                      .sha256 = sha256,
                      .layout = "orders",
                      .kind = "orders",
                      .space = "city",
                      .declared = DATE_NONE,
                      .taken = taken};
  int64_t id = store_intake_add(store, &intake, &error);
  UNIT_NO_ERROR(error);
  int64_t row =
      store_row_add(store, id, line, "000310,山田 太郎", strlen("000310,山田 太郎"), &error);
  UNIT_NO_ERROR(error);
  return row;
}

static bool fails(GError **error, ExitCode code)
{
  bool failed = g_error_matches(*error, IDOU_ERROR, (int)code);
  g_clear_error(error);
  return failed;
}

// ---------------------------------------------------------------------------------------------

static void fields(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  UNIT_INT(store_field(store, "number"), FIELD_NUMBER);
  UNIT_INT(store_field(store, "title_name"), FIELD_TITLE_NAME);
  UNIT_INT(store_field(store, "extension"), FIELD_NONE);
  UNIT_STR(store_field_name(store, FIELD_UNIT), "unit");
  FieldId extension = store_field_add(store, "extension", &error);
  UNIT_NO_ERROR(error);
  UNIT_INT(extension, FIELD_SITE);
  UNIT_INT(store_field_add(store, "extension", &error), extension);
  UNIT_INT(store_field_add(store, "kana", &error), FIELD_KANA);
  UNIT_STR(store_field_name(store, extension), "extension");
  UNIT_INT(store_n_fields(store), FIELD_SITE + 1);
  UNIT_TRUE(store_begin(store, &error));
  UNIT_INT(store_field_add(store, "grade", &error), FIELD_SITE + 1);
  store_rollback(store);
  UNIT_INT(store_field(store, "grade"), FIELD_NONE, "forgotten with its transaction");
  UNIT_INT(store_field_add(store, "level", &error), FIELD_SITE + 1);
  for (FieldId field = FIELD_NUMBER; field <= FIELD_TITLE_NAME; field++)
    UNIT_INT(store_field(store, store_field_name(store, field)), field, "%d", field);
}

static bool add_bearer(uint32_t subject, void *data)
{
  *(uint32_t *)data += subject;
  return true;
}

static void links(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t ids[4] = {0};
  for (int i = 1; i < 4; i++)
    ids[i] = add_subject(store, SUBJECT_PERSON);
  static const struct {
    const char *space, *number;
    int subject;
    Date from;
    bool fine;
  } adds[] = {
      {"city", "000310", 1, 100, true},     {"city", "000310", 1, 50, true},  // stretched back
      {"hospital", "000310", 2, 100, true},                                   // numbered apart
      {"city", "000310", 3, 200, true},                                       // passes on
      {"city", "000310", 2, 200, false},  // cannot be two people's
      {"city", "000310", 2, 20, true},    // before anybody known
      {"city", "900001", 1, 300, true},   // re-hired with a new number
  };
  for (size_t i = 0; i < G_N_ELEMENTS(adds); i++) {
    bool fine = store_link_add(store, SUBJECT_PERSON, adds[i].space, adds[i].number,
                               ids[adds[i].subject], adds[i].from, &error);
    UNIT_INT(fine, adds[i].fine, "row %zu", i);
    if (!fine)
      UNIT_TRUE(fails(&error, EXIT_FAILED));
  }
  static const struct {
    const char *space, *number;
    Date on;
    int subject;
  } finds[] = {
      {"city", "000310", 19, 0},  {"city", "000310", 20, 2},        {"city", "000310", 49, 2},
      {"city", "000310", 50, 1},  {"city", "000310", 199, 1},       {"city", "000310", 200, 3},
      {"city", "310", 200, 0},    {"hospital", "000310", 500, 2},   {"city", "900001", 299, 0},
      {"city", "900001", 300, 1}, {"city", "900001", DATE_OPEN, 1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(finds); i++)
    UNIT_INT(store_link_find(store, SUBJECT_PERSON, finds[i].space, finds[i].number, finds[i].on),
             ids[finds[i].subject], "%s %s on %d", finds[i].space, finds[i].number, finds[i].on);
  UNIT_INT(store_link_find(store, SUBJECT_UNIT, "city", "000310", 100), 0);
  UNIT_STR(store_link_number(store, SUBJECT_PERSON, ids[1]), "900001");
  UNIT_STR(store_link_number(store, SUBJECT_PERSON, ids[1] + 100), NULL);
  uint32_t sum = 0;
  UNIT_TRUE(store_link_bearers(store, SUBJECT_PERSON, "000310", add_bearer, &sum, &error));
  UNIT_INT(sum, ids[1] + ids[2] + ids[3], "each who ever bore it, once");
  sum = 0;
  UNIT_TRUE(store_link_bearers(store, SUBJECT_UNIT, "000310", add_bearer, &sum, &error));
  UNIT_INT(sum, 0);
}

static bool note_post(uint32_t person, uint32_t post, void *data)
{
  g_string_append_printf(data, "%u:%u ", person, post);
  return true;
}

static void posts(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t a = add_subject(store, SUBJECT_PERSON), b = add_subject(store, SUBJECT_PERSON);
  uint32_t post = store_post(store, a, "main", &error);
  UNIT_NO_ERROR(error);
  UNIT_TRUE(post > 0);
  UNIT_INT(store_post(store, a, "main", &error), post);
  uint32_t other = store_post(store, a, "concurrent:0102", &error);
  UNIT_TRUE(other != post);
  uint32_t last = store_post(store, b, "main", &error);
  UNIT_INT(store_post_find(store, b, "concurrent:0102"), 0);
  g_autoptr(GString) seen = g_string_new(NULL);
  UNIT_TRUE(store_posts_each(store, "main", note_post, seen, &error));
  g_autofree char *want = g_strdup_printf("%u:%u %u:%u ", a, post, b, last);
  UNIT_STR(seen->str, want);
  UNIT_INT(store_post(store, 4711, "main", &error), 0, "a post of nobody");
  UNIT_TRUE(fails(&error, EXIT_FAILED));
}

static void intakes(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  static const struct {
    const char *sha256, *kind, *space;
    Date declared;
  } rows[] = {
      {"a", "roster", "city", 300}, {"b", "roster", "city", 200},     {"c", "orders", "city", 900},
      {"d", "roster", "city", 300}, {"e", "roster", "hospital", 400},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    IntakeRow intake = {.name = "staff.csv",
                        .sha256 = rows[i].sha256,
                        .layout = "roster",
                        .kind = rows[i].kind,
                        .space = rows[i].space,
                        .declared = rows[i].declared,
                        .taken = (Instant)i};
    UNIT_TRUE(store_intake_add(store, &intake, &error) > 0);
  }
  IntakeRow last = {0};
  UNIT_TRUE(store_intake_last(store, "roster", "city", &last));
  UNIT_STR(last.sha256, "d", "latest declared, then latest taken");
  UNIT_TRUE(store_intake_counts(store, last.id, 1050, 3, &error));
  UNIT_TRUE(store_intake_by_sha256(store, "d", &last));
  UNIT_INT(last.n_rows, 1050);
  UNIT_INT(last.n_findings, 3);
  UNIT_INT(last.declared, 300);
  UNIT_TRUE(!store_intake_by_sha256(store, "z", &last));
  UNIT_TRUE(!store_intake_last(store, "units", "city", &last));
}

static void rows(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t person = add_subject(store, SUBJECT_PERSON);
  int64_t old = add_row(store, "a", 100, 7), young = add_row(store, "b", 200, 8);
  OrderRow order = {.row = young,
                    .space = "city",
                    .number = "R8-0123",
                    .person = person,
                    .person_number = "000310",
                    .old_number = "",
                    .target = "",
                    .kind = "transfer",
                    .date = 20000,
                    .said = "{}",
                    .known_to = INSTANT_OPEN,
                    .state = "holds",
                    .reason = ""};
  UNIT_TRUE(store_order_add(store, &order, &error));
  UNIT_INT(store_rows_purge(store, 200, &error), 1);
  UNIT_INT(store_rows_purge(store, 200, &error), 0, "forgotten once");
  RowOrigin origin = {0};
  UNIT_TRUE(store_row_origin(store, old, &origin));
  UNIT_STR(origin.file, "orders.csv");
  UNIT_INT(origin.line, 7);
  UNIT_STR(origin.raw, NULL);
  UNIT_STR(origin.order, NULL);
  UNIT_TRUE(store_row_origin(store, young, &origin));
  UNIT_STR(origin.raw, "000310,山田 太郎");
  UNIT_STR(origin.order, "R8-0123");
  OrderRow found = {0};
  UNIT_TRUE(store_order_find(store, "city", "R8-0123", &found));
  UNIT_INT(found.row, young);
  UNIT_INT(found.person, person);
  UNIT_STR(found.kind, "transfer");
  UNIT_INT(found.date, 20000);
  UNIT_TRUE(!store_order_find(store, "hospital", "R8-0123", &found));
}

// ---------------------------------------------------------------------------------------------

static bool add_fact(Store *store, const Fact *fact)
{
  g_autoptr(GError) error = NULL;
  bool fine = store_fact_add(store, fact, &error);
  UNIT_NO_ERROR(error);
  return fine;
}

static void facts_in_force(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t person = add_subject(store, SUBJECT_PERSON);
  int64_t row = add_row(store, "a", 100, 1);
  static const struct {
    const char *value;
    Date from, to;
    Instant known;
    int64_t seq;
    bool order, withdrawn;
  } given[] = {
      {"0101", 100, DATE_OPEN, 10, 1, true, false},
      {"0201", 200, DATE_OPEN, 50, 2, true, true},   // withdrawn at 60
      {"0202", 200, DATE_OPEN, 55, 1, true, false},  // later, but lower in HR's order
      {"0301", 150, 160, 20, 9, false, false},       // for ten days
      {"0102", 180, DATE_OPEN, 90, 1, true, false},  // arrives late, is older
  };
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
    add_fact(store, &(Fact){.kind = SUBJECT_PERSON,
                            .subject = person,
                            .post = 5,
                            .field = FIELD_UNIT,
                            .value = given[i].value,
                            .valid_from = given[i].from,
                            .valid_to = given[i].to,
                            .known_from = given[i].known,
                            .known_to = INSTANT_OPEN,
                            .seq = given[i].seq,
                            .row = given[i].withdrawn ? row : 0,
                            .from_order = given[i].order});
  UNIT_INT(store_fact_withdraw_row(store, row, 60, &error), 1);
  UNIT_INT(store_fact_withdraw_row(store, row, 70, &error), 0, "known no more");
  static const struct {
    Date on;
    Instant known;
    const char *value;
  } asked[] = {
      {99, INSTANT_OPEN, NULL},
      {100, INSTANT_OPEN, "0101"},
      {150, INSTANT_OPEN, "0301"},
      {159, INSTANT_OPEN, "0301"},
      {160, INSTANT_OPEN, "0101"},
      {180, INSTANT_OPEN, "0102"},
      {180, 89, "0101"},
      {200, 49, "0101"},
      {200, 50, "0201"},
      {200, 59, "0201"},
      {200, 60, "0202"},
      {200, INSTANT_OPEN, "0202"},
      {100, 9, NULL},
      {DATE_OPEN, INSTANT_OPEN, "0202"},
  };
  Fact key = {.kind = SUBJECT_PERSON, .subject = person, .post = 5, .field = FIELD_UNIT};
  Fact fact = {0};
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
    bool found = store_fact_on(store, &key, asked[i].on, asked[i].known, &fact);
    UNIT_STR(found ? fact.value : NULL, asked[i].value, "row %zu: on %d", i, asked[i].on);
  }
  key.field = FIELD_TITLE;
  UNIT_TRUE(!store_fact_on(store, &key, 200, INSTANT_OPEN, &fact));
}

static void next_change(void)
{
  g_autoptr(Store) store = make_store();
  uint32_t person = add_subject(store, SUBJECT_PERSON);
  static const struct {
    Date from, to;
    Instant known_from, known_to;
  } given[] = {
      {100, DATE_OPEN, 1, INSTANT_OPEN},
      {150, 170, 1, INSTANT_OPEN},
      {160, DATE_OPEN, 1, 50},
      {300, DATE_OPEN, 60, INSTANT_OPEN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
    add_fact(store, &(Fact){.kind = SUBJECT_PERSON,
                            .subject = person,
                            .field = FIELD_STATE,
                            .value = "active",
                            .valid_from = given[i].from,
                            .valid_to = given[i].to,
                            .known_from = given[i].known_from,
                            .known_to = given[i].known_to});
  static const struct {
    Date after;
    Instant known;
    Date next;
  } asked[] = {
      {0, INSTANT_OPEN, 100},         {100, INSTANT_OPEN, 150},
      {150, INSTANT_OPEN, 170},       {150, 49, 160},
      {170, INSTANT_OPEN, 300},       {170, 59, DATE_OPEN},
      {300, INSTANT_OPEN, DATE_OPEN}, {0, 0, DATE_OPEN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
    UNIT_INT(store_next_change(store, asked[i].after, asked[i].known), asked[i].next, "row %zu", i);
}

static void scan_in_order(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t a = add_subject(store, SUBJECT_PERSON), b = add_subject(store, SUBJECT_PERSON);
  const struct {
    uint32_t subject, post;
    FieldId field;
    Date from;
    int64_t seq;
    const char *value;
  } given[] = {
      {b, 0, FIELD_NAME, 1, 1, "7"},  {a, 2, FIELD_UNIT, 1, 1, "5"}, {a, 2, FIELD_TITLE, 1, 1, "6"},
      {a, 0, FIELD_NAME, 9, 1, "4"},  {a, 0, FIELD_NAME, 1, 2, "3"}, {a, 0, FIELD_NAME, 1, 1, "2"},
      {a, 0, FIELD_NAME, -5, 9, "1"}, {b, 0, FIELD_NAME, 1, 2, ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
    add_fact(store, &(Fact){.kind = SUBJECT_PERSON,
                            .subject = given[i].subject,
                            .post = given[i].post,
                            .field = given[i].field,
                            .value = given[i].value,
                            .valid_from = given[i].from,
                            .valid_to = DATE_OPEN,
                            .known_from = KNOWN,
                            .known_to = INSTANT_OPEN,
                            .seq = given[i].seq});
  add_fact(store, &(Fact){.kind = SUBJECT_UNIT,
                          .subject = a,
                          .field = FIELD_NAME,
                          .value = "unit",
                          .valid_to = DATE_OPEN,
                          .known_to = INSTANT_OPEN});
  g_autoptr(GString) all = g_string_new(NULL);
  g_autoptr(FactScan) scan = store_facts_scan(store, SUBJECT_PERSON, KNOWN, &error);
  Fact fact;
  while (fact_scan_next(scan, &fact, &error))
    g_string_append(all, fact.value);
  UNIT_NO_ERROR(error);
  UNIT_STR(all->str, "1234567");
  g_autoptr(GString) one = g_string_new(NULL);
  g_autoptr(FactScan) of_one = store_facts_of(store, SUBJECT_PERSON, a, KNOWN, &error);
  while (fact_scan_next(of_one, &fact, &error))
    g_string_append(one, fact.value);
  UNIT_STR(one->str, "123456");
  g_autoptr(FactScan) before = store_facts_scan(store, SUBJECT_PERSON, KNOWN - 1, &error);
  UNIT_TRUE(!fact_scan_next(before, &fact, &error));
}

static bool note_person(uint32_t person, const char *number, void *data)
{
  g_string_append_printf(data, "%u:%s ", person, number);
  return true;
}

static void presence(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  static const struct {
    const char *space, *number, *state;
    Date from;
  } given[] = {
      {"city", "000002", "active", 10},     {"city", "000001", "leave", 10},
      {"city", "000003", "left", 10},       {"city", "000004", "active", 900},
      {"hospital", "000001", "active", 10}, {"city", "000005", NULL, 10},
  };
  uint32_t ids[G_N_ELEMENTS(given)];
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
    ids[i] = add_subject(store, SUBJECT_PERSON);
    store_link_add(store, SUBJECT_PERSON, given[i].space, given[i].number, ids[i], 0, &error);
    if (given[i].state)
      add_fact(store, &(Fact){.kind = SUBJECT_PERSON,
                              .subject = ids[i],
                              .field = FIELD_STATE,
                              .value = given[i].state,
                              .valid_from = given[i].from,
                              .valid_to = DATE_OPEN,
                              .known_to = INSTANT_OPEN});
  }
  g_autoptr(GString) seen = g_string_new(NULL);
  UNIT_TRUE(store_persons_present(store, "city", 100, note_person, seen, &error));
  g_autofree char *want = g_strdup_printf("%u:000001 %u:000002 ", ids[1], ids[0]);
  UNIT_STR(seen->str, want);

  bool confirmed = true;
  UNIT_TRUE(store_absence_note(store, ids[0], 100, &confirmed, &error));
  UNIT_TRUE(!confirmed, "one roster is no evidence");
  UNIT_TRUE(store_absence_note(store, ids[0], 100, &confirmed, &error));
  UNIT_TRUE(!confirmed, "nor is the same day's again");
  UNIT_TRUE(store_absence_note(store, ids[0], 107, &confirmed, &error));
  UNIT_TRUE(confirmed);
  UNIT_TRUE(store_absence_clear(store, ids[0], &error));
  UNIT_TRUE(store_absence_note(store, ids[0], 114, &confirmed, &error));
  UNIT_TRUE(!confirmed, "seen in between");
}

// ---------------------------------------------------------------------------------------------

static bool note_name(const NameRow *row, void *data)
{
  static const char states[] = " cfsr";
  g_string_append_printf(data, "%s %u %s %c%s%s\n", row->kind, row->subject, row->name,
                         states[row->state], row->basis, row->note);
  return true;
}

// Each line an attempt to give or keep a name; then what the registry holds.
static void names(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  uint32_t a = add_subject(store, SUBJECT_PERSON), b = add_subject(store, SUBJECT_PERSON);
  const struct {
    NameGift gift;
    bool fine;
  } given[] = {
      {{"login", "k-yamada", a, NULL, NULL, false}, true},
      {{"login", "k-yamada", a, NULL, NULL, false}, true},
      {{"login", "K-Yamada", b, NULL, NULL, false}, false},   // the same to the eye of a directory
      {{"login", "k-yamada2", a, NULL, NULL, false}, false},  // has one already
      {{"login", "k-yamada2", b, NULL, NULL, false}, true},
      {{"mail", "k-yamada", b, NULL, "ヤマダ", false}, true},
      {{"mail", "k-tanaka", b, "x", "タナカ", false}, false},  // that is not the one in use
      {{"mail", "k-tanaka", b, "k-yamada", "タナカ", false}, true},
      {{"mail", "k-yamada", a, NULL, NULL, false}, false},  // stays the former bearer's
      {{"mail", "k-sato", b, "k-tanaka", "サトウ", false}, true},
      {{"mail", "k-yamada", b, "k-sato", "ヤマダ", false}, true},  // comes back
      {{"mail", "K-YAMADA", b, NULL, "やまだ", false}, true},      // only what it was made for
      {{"login", "guest", a, "k-yamada", NULL, false}, false},     // seen
      {{"login", "root", a, "k-yamada", NULL, true}, false},       // reserved
      {{"login", "guest", a, "k-yamada", NULL, true}, true},       // seen, but at their own entry
  };
  const NameRow kept[] = {{"login", "guest", 0, NAME_SEEN, 0, NULL, "ldap"},
                          {"login", "root", 0, NAME_SEEN, 0, NULL, "ldap"},
                          {"login", "root", 0, NAME_RESERVED, 0, NULL, "Tanaka: ours"},
                          {"login", "root", 0, NAME_SEEN, 0, NULL, "ldap"},
                          {"login", "spare", 0, NAME_SEEN, 0, NULL, "ldap"},
                          {"login", "k-yamada2", 0, NAME_RESERVED, 0, NULL, "too late"}};
  for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
    if (i == 12)
      for (size_t k = 0; k < G_N_ELEMENTS(kept); k++)
        UNIT_TRUE(store_name_keep(store, &kept[k], &error), "%s", kept[k].name);
    bool fine = store_name_allocate(store, &given[i].gift, &error);
    UNIT_INT(fine, given[i].fine, "row %zu", i);
    if (!fine)
      UNIT_TRUE(fails(&error, EXIT_FAILED), "row %zu", i);
  }
  UNIT_INT(store_name_owner(store, "mail", "ｋ-YAMADA"), b);
  UNIT_INT(store_name_owner(store, "login", "y-tanaka"), 0);
  UNIT_INT(store_name_owner(store, "login", "ROOT"), STORE_NAME_NOBODY);
  UNIT_STR(store_name_of(store, "login", b), "k-yamada2");
  UNIT_STR(store_name_of(store, "mail", b), "K-YAMADA");
  UNIT_STR(store_name_of(store, "mail", a), NULL);
  UNIT_TRUE(store_name_free(store, "login", "spare", &error));
  UNIT_TRUE(store_name_free(store, "login", "k-yamada2", &error), "has an owner: stays");
  g_autoptr(GString) seen = g_string_new(NULL);
  UNIT_TRUE(store_names_each(store, NULL, note_name, seen, &error));
  g_autofree char *want = g_strdup_printf(
      "login %u guest c\nlogin %u k-yamada f\nlogin %u k-yamada2 c\nlogin 0 root rTanaka: ours\n"
      "mail %u k-sato fサトウ\nmail %u k-tanaka fタナカ\nmail %u K-YAMADA cやまだ\n",
      a, a, b, b, b, b);
  UNIT_STR(seen->str, want);
}

static bool note_pair(const char *first, const char *second, void *data)
{
  g_string_append_printf(data, "%s=%s ", first, second);
  return true;
}

static void targets(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(store_binding_set(store, "ldap", "person/2", "uuid-2", &error));
  UNIT_TRUE(store_binding_set(store, "ldap", "person/1", "uuid-0", &error));
  UNIT_TRUE(store_binding_set(store, "ldap", "person/1", "uuid-1", &error), "made anew");
  UNIT_TRUE(store_binding_set(store, "ad", "person/1", "uuid-2", &error), "another target");
  UNIT_TRUE(!store_binding_set(store, "ldap", "person/3", "uuid-2", &error),
            "one entry, two objects");
  UNIT_TRUE(fails(&error, EXIT_FAILED));
  UNIT_STR(store_binding_of(store, "ldap", "person/1"), "uuid-1");
  UNIT_STR(store_binding_of(store, "ldap", "person/3"), NULL);
  g_autoptr(GString) bindings = g_string_new(NULL);
  UNIT_TRUE(store_bindings_each(store, "ldap", note_pair, bindings, &error));
  UNIT_STR(bindings->str, "person/1=uuid-1 person/2=uuid-2 ");
  UNIT_TRUE(store_binding_drop(store, "ldap", "person/1", &error));
  UNIT_STR(store_binding_of(store, "ldap", "person/1"), NULL);

  UNIT_TRUE(store_ownership_set(store, "ldap", "account", "mail", true, &error));
  UNIT_TRUE(store_ownership_set(store, "ldap", "account", "cn", true, &error));
  UNIT_TRUE(store_ownership_set(store, "ldap", "account", "cn", true, &error));
  UNIT_TRUE(store_ownership_set(store, "ldap", "account", "mail", false, &error));
  g_autoptr(GString) owned = g_string_new(NULL);
  UNIT_TRUE(store_ownership_each(store, "ldap", note_pair, owned, &error));
  UNIT_STR(owned->str, "account=cn ");

  UNIT_STR(store_cursor_get(store, "run", "date"), NULL);
  UNIT_TRUE(store_cursor_set(store, "run", "date", "2027-03-31", &error));
  UNIT_TRUE(store_cursor_set(store, "run", "date", "2027-04-01", &error));
  UNIT_STR(store_cursor_get(store, "run", "date"), "2027-04-01");
  UNIT_TRUE(store_cursor_set(store, "run", "date", NULL, &error));
  UNIT_STR(store_cursor_get(store, "run", "date"), NULL);
}

static bool note_hold(const HoldRow *hold, void *data)
{
  g_string_append_printf(data, "%s:%s:%s:%s ", hold->kind, hold->name, hold->reason, hold->who);
  return true;
}

static void holds(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  HoldRow person = {.kind = "person", .name = "000310", .reason = "telephone", .who = "desk"};
  HoldRow target = {.kind = "target", .name = "ldap", .reason = "moving", .who = "admin"};
  int64_t first = store_hold_add(store, &person, &error);
  UNIT_TRUE(first > 0 && store_hold_add(store, &target, &error) > first);
  UNIT_TRUE(store_hold_release(store, first, "desk", "over", &error));
  UNIT_TRUE(!store_hold_release(store, first, "desk", "over", &error), "released before");
  UNIT_TRUE(fails(&error, EXIT_USAGE));
  g_autoptr(GString) seen = g_string_new(NULL);
  UNIT_TRUE(store_holds_each(store, 100, note_hold, seen, &error));
  UNIT_STR(seen->str, "target:ldap:moving:admin ");
  HoldRow ends = {.kind = "object", .name = "a/1", .reason = "r", .who = "w", .until = 101};
  UNIT_TRUE(store_hold_add(store, &ends, &error) > 0);
  g_string_truncate(seen, 0);
  UNIT_TRUE(store_holds_each(store, 100, note_hold, seen, &error));
  UNIT_TRUE(store_holds_each(store, 101, note_hold, seen, &error));
  UNIT_STR(seen->str, "target:ldap:moving:admin object:a/1:r:w target:ldap:moving:admin ");
}

static bool note_op(const OpRow *op, void *data)
{
  g_string_append_printf(data, "%u:%s:%s:%s:%d ", op->n, op->state, op->before ? op->before : "-",
                         op->detail ? op->detail : "-", op->n_attempts);
  return true;
}

typedef struct Asked {
  const char *kind;
  bool restricted;
  int64_t n;
} Asked;

static bool count_done(const OpDone *done, void *data)
{
  Asked *asked = data;
  asked->n += g_str_equal(done->target, "ldap") && g_str_equal(done->kind, asked->kind) &&
              restriction_is_cause(done->cause) == asked->restricted;
  return true;
}

static int64_t done_since(Store *store, const char *kind, Instant since, bool restricted)
{
  Asked asked = {.kind = kind, .restricted = restricted};
  UNIT_TRUE(store_ops_done_each(store, since, count_done, &asked, NULL));
  return asked.n;
}

static void journal(void)
{
  g_autoptr(Store) store = make_store();
  g_autoptr(GError) error = NULL;
  g_setenv("IDOU_NOW", "2027-04-01T01:00:00+09:00", true);
  Instant started = instant_now();
  RunRow run = {.digest = "d1",
                .plan_path = "p",
                .host = "h",
                .started = started,
                .ended = INSTANT_NONE,
                .state = "running"};
  int64_t id = store_run_add(store, &run, &error);
  UNIT_TRUE(id > 0);
  OpRow op = {.run = id,
              .n = 1,
              .target = "ldap",
              .object = "person/1",
              .kind = "modify",
              .state = "sent",
              .before = "{}"};
  UNIT_TRUE(store_op_set(store, &op, &error));
  UNIT_TRUE(store_attempt_add(store, id, 1, "failed", "busy", &error));
  UNIT_TRUE(store_attempt_add(store, id, 1, "done", NULL, &error));
  op.before = NULL, op.state = "done", op.detail = "fine";
  UNIT_TRUE(store_op_set(store, &op, &error));
  op.n = 2, op.detail = NULL, op.state = "pending";
  UNIT_TRUE(store_op_set(store, &op, &error));
  g_autoptr(GString) seen = g_string_new(NULL);
  UNIT_TRUE(store_ops_each(store, id, note_op, seen, &error));
  UNIT_STR(seen->str, "1:done:{}:fine:2 2:pending:-:-:0 ");
  OpRow got = {0};
  UNIT_TRUE(store_op_get(store, id, 1, &got));
  UNIT_STR(got.object, "person/1");
  UNIT_TRUE(!store_op_get(store, id, 3, &got));
  UNIT_INT(done_since(store, "modify", started, false), 1);
  UNIT_INT(done_since(store, "delete", started, false), 0);
  UNIT_INT(done_since(store, "modify", started + 1, false), 0);
  UNIT_INT(done_since(store, "modify", started, true), 0, "of restrictions");
  op.n = 3, op.state = "done", op.cause = RESTRICTION_ORPHAN;
  UNIT_TRUE(store_op_set(store, &op, &error));
  UNIT_INT(done_since(store, "modify", started, false), 1);
  UNIT_INT(done_since(store, "modify", started, true), 1);
  RunRow last = {0};
  UNIT_TRUE(store_run_last(store, &last));
  UNIT_INT(last.ended, INSTANT_NONE);
  UNIT_TRUE(store_run_end(store, id, "done", &error));
  UNIT_INT(done_since(store, "modify", started, false), 1, "after the run's end");
  UNIT_TRUE(store_run_by_digest(store, "d1", &last));
  UNIT_STR(last.state, "done");
  UNIT_INT(last.ended, started);
  UNIT_TRUE(!store_run_by_digest(store, "d2", &last));
  op.run = id + 1;
  UNIT_TRUE(!store_op_set(store, &op, &error), "an operation of no run");
  UNIT_TRUE(fails(&error, EXIT_FAILED));
  g_unsetenv("IDOU_NOW");
}

static const UnitTest tests[] = {
    {"fields", fields},
    {"links", links},
    {"posts", posts},
    {"intakes", intakes},
    {"rows", rows},
    {"facts_in_force", facts_in_force},
    {"next_change", next_change},
    {"scan_in_order", scan_in_order},
    {"presence", presence},
    {"names", names},
    {"targets", targets},
    {"holds", holds},
    {"journal", journal},
    {NULL, NULL},
};
UNIT_SUITE(store, tests);
