// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/model.h"

#include <malloc.h>
#include <string.h>

typedef struct Fixture {
  Schema *schema;
  Table *table;
  Findings *findings;
  uint16_t account, group;
  uint32_t people;
} Fixture;

static Fixture setup(void)
{
  Fixture fixture = {.schema = schema_new(), .findings = findings_new()};
  fixture.table = table_new(fixture.schema);
  fixture.account = table_add_klass(fixture.table, "account");
  fixture.group = table_add_klass(fixture.table, "group");
  fixture.people = table_container(fixture.table, "ou=people");
  return fixture;
}

static void teardown(Fixture *fixture)
{
  table_free(fixture->table);
  schema_free(fixture->schema);
  findings_free(fixture->findings);
}

static uint32_t add_account(Fixture *fixture, uint32_t subject, const char *key, const char *rdn)
{
  EntryDraft draft = {.subject = subject,
                      .parent = fixture->people,
                      .klass = fixture->account,
                      .presence = PRESENCE_PRESENT,
                      .key = key,
                      .rdn = rdn};
  return table_add(fixture->table, &draft);
}

static void packing(void)
{
  Fixture fixture = setup();
  g_autofree char *large = g_malloc(200000);
  memset(large, 'x', 200000);
  Value texts[] = {{.kind = VALUE_TEXT, .n_bytes = 3, .bytes = "a\0b"},
                   {.kind = VALUE_TEXT, .n_bytes = 200000, .bytes = large}};
  Value ref = {.kind = VALUE_REF, .n_bytes = 4, .bytes = "mail", .ref = 4000000000u};
  Value secret = {.kind = VALUE_SECRET, .n_bytes = 7, .bytes = "initial"};
  Attribute attributes[] = {
      {.attr = 1, .policy = POLICY_MERGE, .n_values = 2, .values = texts},
      {.attr = 300, .policy = POLICY_FORCE},
      {.attr = 2, .policy = POLICY_KEEP, .n_values = 1, .values = &ref},
      {.attr = 3, .policy = POLICY_ONCE, .n_values = 1, .values = &secret},
  };
  EntryDraft draft = {.subject = 17,
                      .parent = fixture.people,
                      .klass = fixture.account,
                      .presence = PRESENCE_RETAINED,
                      .enabled = ENABLED_NO,
                      .rdn = "uid=k-yamada",
                      .key = "000310",
                      .reason = "left",
                      .attributes = attributes,
                      .n_attributes = G_N_ELEMENTS(attributes)};
  const Entry *entry = table_at(fixture.table, table_add(fixture.table, &draft));
  UNIT_STR(entry_rdn(entry), "uid=k-yamada");
  UNIT_STR(entry_key(entry), "000310");
  UNIT_STR(entry_reason(entry), "left");
  UNIT_INT(entry->presence, PRESENCE_RETAINED);
  UNIT_INT(entry->enabled, ENABLED_NO);
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
    CU_ASSERT_FATAL(cursor_next(&cursor, &packed));
    UNIT_INT(packed.attr, attributes[i].attr);
    UNIT_INT(packed.policy, attributes[i].policy);
    UNIT_INT(packed.n_values, attributes[i].n_values);
    const uint8_t *at = packed.at;
    for (size_t v = 0; v < packed.n_values; v++) {
      const Value *want = &attributes[i].values[v];
      Value got;
      at = packed_value(at, &got);
      UNIT_INT(got.kind, want->kind);
      UNIT_INT(got.n_bytes, want->n_bytes);
      UNIT_TRUE(got.n_bytes == want->n_bytes && memcmp(got.bytes, want->bytes, got.n_bytes) == 0);
      UNIT_INT(got.bytes[got.n_bytes], '\0');
      UNIT_INT(got.ref, want->ref);
    }
  }
  UNIT_TRUE(!cursor_next(&cursor, &packed));
  teardown(&fixture);
}

static void finding(void)
{
  Fixture fixture = setup();
  enum { N = 5000 };
  for (int i = 1; i <= N; i++) {
    g_autofree char *key = g_strdup_printf("%06d", i);
    g_autofree char *rdn = g_strdup_printf("uid=u%d", i);
    add_account(&fixture, i, key, rdn);
  }
  EntryDraft group = {.parent = ENTRY_NONE, .klass = fixture.group, .key = "000001", .rdn = "cn=g"};
  uint32_t g = table_add(fixture.table, &group);
  UNIT_INT(table_find_key(fixture.table, fixture.account, "000001"), ENTRY_NONE, "not frozen");
  table_freeze(fixture.table, fixture.findings);
  for (int i = 1; i <= N; i++) {
    g_autofree char *key = g_strdup_printf("%06d", i);
    if (table_find_key(fixture.table, fixture.account, key) != (uint32_t)i ||
        table_find_subject(fixture.table, fixture.account, i) != (uint32_t)i)
      UNIT_TRUE(false, "%d", i);
  }
  UNIT_INT(table_find_key(fixture.table, fixture.group, "000001"), g);
  UNIT_INT(table_find_key(fixture.table, fixture.account, "999999"), ENTRY_NONE);
  UNIT_INT(table_find_subject(fixture.table, fixture.account, 0), ENTRY_NONE);
  UNIT_INT(table_find_subject(fixture.table, fixture.group, 1), ENTRY_NONE);
  UNIT_INT(findings_count(fixture.findings), 0);

  EntryDraft renamed = {.subject = 7,
                        .parent = fixture.people,
                        .klass = fixture.account,
                        .key = "000007",
                        .rdn = "uid=new"};
  table_replace(fixture.table, 7, &renamed);
  uint32_t added = add_account(&fixture, 9000, "9", "uid=nine");
  table_freeze(fixture.table, fixture.findings);
  UNIT_STR(entry_rdn(table_at(fixture.table, 7)), "uid=new");
  UNIT_INT(table_find_key(fixture.table, fixture.account, "000007"), 7);
  UNIT_INT(table_find_subject(fixture.table, fixture.account, 9000), added);
  teardown(&fixture);
}

static void doubles(void)
{
  Fixture fixture = setup();
  uint32_t first = add_account(&fixture, 1, "000310", "uid=a");
  uint32_t key = add_account(&fixture, 2, "000310", "uid=b");
  uint32_t place = add_account(&fixture, 3, "000311", "UID=A");
  uint32_t subject = add_account(&fixture, 1, "000312", "uid=c");
  uint32_t third = add_account(&fixture, 4, "000310", "uid=d");
  uint32_t unnamed = add_account(&fixture, 5, "000313", "");
  uint32_t unnamed2 = add_account(&fixture, 6, "000314", "");
  // One that only shares its place with a double is none itself.
  uint32_t free_again = add_account(&fixture, 7, "000315", "uid=b");
  EntryDraft absent = {.subject = 8,
                       .parent = fixture.people,
                       .klass = fixture.account,
                       .presence = PRESENCE_ABSENT,
                       .key = "000316",
                       .rdn = "uid=a"};
  uint32_t gone = table_add(fixture.table, &absent);
  table_freeze(fixture.table, fixture.findings);
  const struct {
    uint32_t index;
    bool doubled;
  } rows[] = {{first, false},    {key, true},         {place, true},
              {subject, true},   {third, true},       {unnamed, false},
              {unnamed2, false}, {free_again, false}, {gone, false}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    UNIT_INT(table_is_double(fixture.table, rows[i].index), rows[i].doubled, "row %zu", i);
  UNIT_INT(table_find_key(fixture.table, fixture.account, "000310"), first);
  UNIT_INT(table_find_key(fixture.table, fixture.account, "000311"), ENTRY_NONE);
  UNIT_INT(table_find_subject(fixture.table, fixture.account, 3), ENTRY_NONE);
  static const char *const codes[] = {"key-twice", "key-twice", "subject-twice", "place-twice"};
  CU_ASSERT_FATAL(findings_count(fixture.findings) == G_N_ELEMENTS(codes));
  for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
    const Finding *found = findings_at(fixture.findings, i);
    UNIT_STR(found->code, codes[i]);
    UNIT_INT(found->level, FINDING_ERROR);
  }
  UNIT_STR(
      findings_at(fixture.findings, 0)->text,
      "account/1 and account/2 have one key, 000310: the second is left out. Correct the source, "
      "or the rule for the key.");
  teardown(&fixture);
}

static void places(void)
{
  Fixture fixture = setup();
  UNIT_INT(table_container(fixture.table, "OU=People"), fixture.people);
  uint32_t base = table_container(fixture.table, "");
  uint32_t deep = table_container(fixture.table, "ou=b,ou=a");
  uint32_t account = add_account(&fixture, 17, "000310", "uid=k-yamada");
  uint32_t unnamed = add_account(&fixture, 18, "000311", "");
  EntryDraft drafts[] = {
      {.parent = base, .klass = fixture.group, .key = "g", .rdn = "cn=g"},
      {.parent = deep, .klass = fixture.group, .key = "h", .rdn = "cn=h"},
      {.parent = unnamed, .klass = fixture.group, .key = "i", .rdn = "cn=i"},
  };
  uint32_t g = table_add(fixture.table, &drafts[0]);
  uint32_t h = table_add(fixture.table, &drafts[1]);
  uint32_t i = table_add(fixture.table, &drafts[2]);
  const struct {
    uint32_t index;
    const char *object, *place;
  } rows[] = {
      {fixture.people, "container/ou=people", "ou=people,dc=x"},
      {base, "container/", "dc=x"},
      {deep, "container/ou=b,ou=a", "ou=b,ou=a,dc=x"},
      {account, "account/17", "uid=k-yamada,ou=people,dc=x"},
      {unnamed, "account/18", ""},
      {g, "group/g", "cn=g,dc=x"},
      {h, "group/h", "cn=h,ou=b,ou=a,dc=x"},
      {i, "group/i", ""},
  };
  for (size_t r = 0; r < G_N_ELEMENTS(rows); r++) {
    g_autoptr(GString) object = g_string_new(NULL);
    g_autoptr(GString) place = g_string_new(NULL);
    table_object(fixture.table, rows[r].index, object);
    table_place(fixture.table, rows[r].index, "dc=x", place);
    UNIT_STR(object->str, rows[r].object);
    UNIT_STR(place->str, rows[r].place);
  }
  teardown(&fixture);
}

static void edges(void)
{
  Fixture fixture = setup();
  for (int i = 0; i < 10; i++) {
    g_autofree char *key = g_strdup_printf("%d", i);
    add_account(&fixture, i + 1, key, "");
  }
  static const Edge added[] = {{5, 3}, {2, 9}, {5, 1}, {2, 1}, {5, 3}, {10, 1}, {5, 2}};
  for (size_t i = 0; i < G_N_ELEMENTS(added); i++)
    table_add_edge(fixture.table, added[i].group, added[i].member);
  table_freeze(fixture.table, fixture.findings);
  UNIT_INT(table_n_edges(fixture.table), 6);
  size_t n;
  const Edge *run = table_edges(fixture.table, 5, &n);
  CU_ASSERT_FATAL(n == 3);
  for (uint32_t i = 0; i < 3; i++)
    UNIT_TRUE(run[i].group == 5 && run[i].member == i + 1, "%u", i);
  UNIT_TRUE(table_edges(fixture.table, 10, &n) && n == 1);
  UNIT_TRUE(!table_edges(fixture.table, 3, &n) && n == 0);
  table_add_edge(fixture.table, 3, 4);
  table_freeze(fixture.table, fixture.findings);
  UNIT_TRUE(table_edges(fixture.table, 3, &n) && n == 1);
  teardown(&fixture);
}

static bool is_of(const Edge *edge, void *data)
{
  return edge->member == *(const uint32_t *)data;
}

static void losing(void)
{
  Fixture fixture = setup();
  const Value title = {.kind = VALUE_TEXT, .n_bytes = 4, .bytes = "head"};
  const Attribute attribute = {.attr = 5, .n_values = 1, .values = &title};
  EntryDraft draft = {.subject = 17,
                      .parent = fixture.people,
                      .klass = fixture.account,
                      .presence = PRESENCE_PRESENT,
                      .enabled = ENABLED_YES,
                      .key = "000310",
                      .rdn = "uid=a",
                      .attributes = &attribute,
                      .n_attributes = 1};
  uint32_t index = table_add(fixture.table, &draft);
  uint32_t other = add_account(&fixture, 18, "17", "uid=b");
  EntryDraft group = {.klass = fixture.group, .parent = fixture.people, .key = "17", .rdn = "cn=g"};
  uint32_t in = table_add(fixture.table, &group);
  table_add_edge(fixture.table, in, index);
  table_add_edge(fixture.table, in, other);
  table_freeze(fixture.table, fixture.findings);
  UNIT_INT(table_find_object(fixture.table, "account/17"), index);
  UNIT_INT(table_find_object(fixture.table, "group/17"), in);
  static const char *const unknown[] = {"account/000310", "account/19", "account", "unit/17",
                                        "group/17/x",     "group/",     ""};
  for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
    UNIT_TRUE(table_find_object(fixture.table, unknown[i]) == ENTRY_NONE, "%s", unknown[i]);

  table_lessen(fixture.table, index, &(Loss){PRESENCE_PRESENT, ENABLED_NO, "dormant"});
  const Entry *entry = table_at(fixture.table, index);
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  UNIT_INT(entry->enabled, ENABLED_NO);
  UNIT_STR(entry_rdn(entry), "uid=a");
  UNIT_STR(entry_reason(entry), "dormant");
  UNIT_TRUE(cursor_next(&cursor, &packed) && packed.attr == 5 && packed.n_values == 1);
  UNIT_TRUE(!cursor_next(&cursor, &packed));

  table_lessen(fixture.table, index, &(Loss){PRESENCE_ABSENT, ENABLED_UNMANAGED, "dormant"});
  entry = table_at(fixture.table, index);
  cursor = entry_cursor(entry);
  UNIT_STR(entry_rdn(entry), "");
  UNIT_STR(entry_key(entry), "000310");
  UNIT_TRUE(!cursor_next(&cursor, &packed));
  UNIT_INT(table_find_object(fixture.table, "account/17"), index);
  table_drop_edges(fixture.table, is_of, &index);
  size_t n = 0;
  const Edge *left = table_edges(fixture.table, in, &n);
  UNIT_TRUE(n == 1 && left->member == other);
  teardown(&fixture);
}

// A population of a million is held in memory: the goal is 256 bytes an account, indexes included.
static void memory(void)
{
  enum { N = 200000, ATTRIBUTES = 8 };
  Fixture fixture = setup();
  size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (int i = 1; i <= N; i++) {
    char key[16], rdn[32], text[16];
    g_snprintf(key, sizeof key, "%08d", i);
    g_snprintf(rdn, sizeof rdn, "uid=user%08d", i);
    g_snprintf(text, sizeof text, "value %09d", i);
    Value value = {.kind = VALUE_TEXT, .n_bytes = strlen(text), .bytes = text};
    Attribute attributes[ATTRIBUTES];
    for (int a = 0; a < ATTRIBUTES; a++)
      attributes[a] = (Attribute){.attr = a, .n_values = 1, .values = &value};
    EntryDraft draft = {.subject = i,
                        .parent = fixture.people,
                        .klass = fixture.account,
                        .key = key,
                        .rdn = rdn,
                        .attributes = attributes,
                        .n_attributes = ATTRIBUTES};
    table_add(fixture.table, &draft);
  }
  table_freeze(fixture.table, fixture.findings);
  size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
  UNIT_TRUE(used / N <= 256, "%zu bytes an account", used / N);
  teardown(&fixture);
}

static const UnitTest tests[] = {
    {"packing", packing}, {"finding", finding}, {"doubles", doubles}, {"places", places},
    {"edges", edges},     {"losing", losing},   {"memory", memory},   {NULL, NULL},
};
UNIT_SUITE(table, tests);
