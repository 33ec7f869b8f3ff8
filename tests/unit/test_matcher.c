// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/match.h"

#include <string.h>

// Three accounts: 1 is bound to uuid-1, 2 is bound to uuid-2, 3 is bound to nothing.
typedef struct Fixture {
  Schema *schema;
  Table *table;
  Store *store;
  Findings *findings;
  uint16_t klass;
  uint32_t entries[3];
  Matcher *matcher;
} Fixture;

static const char *const adopt[] = {"uid", NULL};
static const Klass account = {.target = "ldap",
                              .name = "account",
                              .subject = FOR_PERSON,
                              .key_attribute = "employeeNumber",
                              .adopt = adopt};

static const char *const keys[] = {"000001", "000002", "000003"};
static const char *const logins[] = {"a-sato", "b-sato", "c-sato"};

static void add_account(Fixture *fixture, size_t i)
{
  Value login = {.kind = VALUE_TEXT, .n_bytes = (uint32_t)strlen(logins[i]), .bytes = logins[i]};
  Attribute uid = {schema_attr(fixture->schema, "uid"), POLICY_ONCE, 1, &login};
  g_autofree char *rdn = g_strconcat("uid=", logins[i], NULL);
  EntryDraft draft = {.subject = (uint32_t)i + 1,
                      .parent = table_container(fixture->table, "ou=people"),
                      .klass = fixture->klass,
                      .presence = PRESENCE_PRESENT,
                      .rdn = rdn,
                      .key = keys[i],
                      .attributes = &uid,
                      .n_attributes = 1};
  fixture->entries[i] = table_add(fixture->table, &draft);
}

static void setup(Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  *fixture = (Fixture){.schema = schema_new(), .findings = findings_new()};
  fixture->table = table_new(fixture->schema);
  fixture->klass = table_add_klass(fixture->table, "account");
  for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
    add_account(fixture, i);
  table_freeze(fixture->table, fixture->findings);
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  fixture->store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  store_begin(fixture->store, &error);
  store_binding_set(fixture->store, "ldap", "account/1", "uuid-1", &error);
  store_binding_set(fixture->store, "ldap", "account/2", "uuid-2", &error);
  store_binding_set(fixture->store, "ldap", "group/x", "uuid-9", &error);
  store_commit(fixture->store, &error);
  UNIT_NO_ERROR(error);
  fixture->matcher = matcher_new(&account, fixture->klass, fixture->table, fixture->store, &error);
  UNIT_NO_ERROR(error);
}

static void teardown(Fixture *fixture)
{
  matcher_free(fixture->matcher);
  store_close(fixture->store);
  table_free(fixture->table);
  schema_free(fixture->schema);
  findings_free(fixture->findings);
}

static Bytes bytes_of(const char *text)
{
  return (Bytes){text == NULL ? 0 : strlen(text), text};
}

static MatchKind find(Fixture *fixture, const char *key, const char *stable_id, uint32_t *entry)
{
  Bytes value = bytes_of(key);
  ObservedAttr number = {schema_attr(fixture->schema, "employeeNumber"), 1, &value, 0};
  Observed observed = {.dn = bytes_of("uid=x,ou=people,dc=city,dc=example"),
                       .stable_id = bytes_of(stable_id),
                       .attributes = &number,
                       .n_attributes = key != NULL};
  return matcher_find(fixture->matcher, &observed, entry);
}

static void binding_then_key(void)
{
  static const struct {
    const char *name, *key, *stable_id;
    MatchKind kind;
    int entry;  // -1 = none
  } rows[] = {
      {"bound, with its key", "000001", "uuid-1", MATCHED_BOUND, 0},
      {"bound, its key was overwritten there", "999999", "uuid-1", MATCHED_BOUND, 0},
      {"bound, its key was taken away there", NULL, "uuid-1", MATCHED_BOUND, 0},
      {"key of an object bound elsewhere", "000001", "uuid-7", MATCHED_AMBIGUOUS, 0},
      {"bound to one, with the key of another", "000002", "uuid-1", MATCHED_AMBIGUOUS, 0},
      {"key of an unbound object", "000003", "uuid-7", MATCHED_KEY, 2},
      {"key, on a target without identifiers", "000001", NULL, MATCHED_KEY, 0},
      {"a binding of another class", NULL, "uuid-9", MATCHED_ORPHAN, -1},
      {"nobody's", "000004", "uuid-7", MATCHED_ORPHAN, -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    setup(&fixture);
    uint32_t entry = 0;
    UNIT_INT(find(&fixture, rows[i].key, rows[i].stable_id, &entry), rows[i].kind, "%s",
             rows[i].name);
    uint32_t wanted = rows[i].entry < 0 ? ENTRY_NONE : fixture.entries[rows[i].entry];
    UNIT_INT(entry, wanted, "%s", rows[i].name);
    teardown(&fixture);
  }
}

static void claimed_twice(void)
{
  Fixture fixture;
  setup(&fixture);
  uint32_t entry = 0;
  UNIT_INT(find(&fixture, "000003", "uuid-7", &entry), MATCHED_KEY);
  UNIT_INT(find(&fixture, "000003", "uuid-8", &entry), MATCHED_AMBIGUOUS);
  UNIT_INT(entry, fixture.entries[2]);
  teardown(&fixture);
}

static void candidates(void)
{
  static const struct {
    const char *name, *login, *seen_key, *seen_id;
    int entry;
  } rows[] = {
      {"carries the login of an unbound object", "C-Sato", NULL, NULL, 2},
      {"that object has its entry already", "c-sato", "000003", "uuid-7", -1},
      {"the object is bound, though not seen", "a-sato", NULL, NULL, -1},
      {"a login of nobody", "z-sato", NULL, NULL, -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    setup(&fixture);
    uint32_t entry = 0;
    if (rows[i].seen_key != NULL)
      find(&fixture, rows[i].seen_key, rows[i].seen_id, &entry);
    Bytes value = bytes_of(rows[i].login);
    ObservedAttr uid = {schema_attr(fixture.schema, "uid"), 1, &value, 0};
    Observed orphan = {.attributes = &uid, .n_attributes = 1};
    const char *by = NULL;
    uint32_t wanted = rows[i].entry < 0 ? ENTRY_NONE : fixture.entries[rows[i].entry];
    UNIT_INT(matcher_candidate(fixture.matcher, &orphan, &by), wanted, "%s", rows[i].name);
    teardown(&fixture);
  }
}

static const UnitTest tests[] = {
    {"binding_then_key", binding_then_key},
    {"claimed_twice", claimed_twice},
    {"candidates", candidates},
    {NULL, NULL},
};
UNIT_SUITE(matcher, tests);
