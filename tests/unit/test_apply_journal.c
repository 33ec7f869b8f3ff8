// SPDX-License-Identifier: GPL-3.0-or-later
//
// What applying leaves in the store: names, bindings, ownership, what was deleted, and what happens when
// it cannot be written.
#include "unit.h"

#include "apply_kit.h"
#include "store/store_p.h"

#include <string.h>

static void add_person(Rig *rig, uint32_t id)
{
  uint32_t got = 0;
  while (got < id)
    got = store_subject_add(rig->store, SUBJECT_PERSON, NULL);
}

static void names(void)
{
  g_autoptr(Rig) rig = rig_new(1, 0, 0);
  add_person(rig, 3);
  UNIT_TRUE(store_name_allocate(rig->store,
                                &(NameGift){.kind = "login", .name = "taken", .subject = 1}, NULL));
  UNIT_TRUE(store_name_allocate(rig->store,
                                &(NameGift){.kind = "login", .name = "kept", .subject = 2}, NULL));
  rig_add_all(rig, (const Deed[]){
                       {"taken", OP_ALLOCATE, "account/1000", .name = "taken", .person = 3},
                       {"create taken", OP_CREATE, "account/1000", .parent = "container/ou=people",
                        .name = "uid=taken", .after = {"taken"}},
                       {"same", OP_ALLOCATE, "account/1001", .name = "kept", .person = 2},
                       {"other", OP_ALLOCATE, "account/1002", .name = "second", .person = 1},
                       {"number", OP_ALLOCATE, "account/1", .name = "n1", .person = 3,
                        .attribute = "badge"},
                       {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "taken"), "refused");
  UNIT_STR(rig_state(rig, "create taken"), "blocked");
  UNIT_STR(rig_state(rig, "same"), "already");
  UNIT_STR(rig_state(rig, "other"), "refused");
  UNIT_STR(rig_state(rig, "number"), "done");
  UNIT_STR(store_name_of(rig->store, "badge", 3), "n1");
  UNIT_INT(store_name_owner(rig->store, "login", "second"), 0);
}

static void name_then_account(void)
{
  g_autoptr(Rig) rig = rig_new(1, 0, 0);
  add_person(rig, 1);
  rig_add_all(rig,
              (const Deed[]){{"name", OP_ALLOCATE, "account/1000", .name = "p1000", .person = 1},
                             {"create", OP_CREATE, "account/1000", .parent = "container/ou=people",
                              .name = "uid=p1000", .after = {"name"}},
                             {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, 2);
  UNIT_INT(store_name_owner(rig->store, "login", "p1000"), 1);
  const char *bound = store_binding_of(rig->store, "t", "account/1000");
  UNIT_TRUE(bound != NULL && strlen(bound) == 36, "%s", bound ? bound : "");
}

static bool find_owned(const char *klass, const char *attribute, void *data)
{
  g_string_append_printf(data, "%s.%s ", klass, attribute);
  return true;
}

static void bindings_and_ownership(void)
{
  g_autoptr(Rig) rig = rig_new(3, 0, 1);
  store_binding_set(rig->store, "t", "account/3", "00000000-0000-0000-0001-000000000003", NULL);
  store_ownership_set(rig->store, "t", "account", "fax", true, NULL);
  rig_add_all(rig, (const Deed[]){{"adopt", OP_ADOPT, "account/1",
                                   .stable_id = "00000000-0000-0000-0001-000000000001"},
                                  {"adopt again", OP_ADOPT, "account/3",
                                   .stable_id = "00000000-0000-0000-0001-000000000003"},
                                  {"adopt another's", OP_ADOPT, "account/2",
                                   .stable_id = "00000000-0000-0000-0001-000000000003"},
                                  {"release", OP_RELEASE, "account", .attribute = "fax"},
                                  {"title", OP_MODIFY, "account/1", .attribute = "title",
                                   .old_value = "staff", .new_value = "chief"},
                                  {"title 2", OP_MODIFY, "account/2", .attribute = "title",
                                   .old_value = "staff", .new_value = "chief"},
                                  {"join", OP_JOIN, "group/1", .member = "account/1"},
                                  {"delete", OP_DELETE, "account/3",
                                   .after = {"adopt again", "adopt another's"}},
                                  {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "adopt"), "done");
  UNIT_STR(rig_state(rig, "adopt again"), "already");
  UNIT_STR(rig_state(rig, "adopt another's"), "refused");
  UNIT_STR(rig_state(rig, "delete"), "blocked");
  UNIT_STR(store_binding_of(rig->store, "t", "account/1"), "00000000-0000-0000-0001-000000000001");
  g_autoptr(GString) owned = g_string_new(NULL);
  store_ownership_each(rig->store, "t", find_owned, owned, NULL);
  UNIT_STR(owned->str, "account.title ");
}

static uint32_t add_restriction(Rig *rig, OpKind kind, const char *object, const char *number)
{
  const OpValue values[] = {{VALUE_TEXT, number, strlen(number)}, {VALUE_TEXT, "edge", 4},
                            {VALUE_TEXT, "group/1", 7},           {VALUE_TEXT, "recertified", 11},
                            {VALUE_TEXT, "not needed", 10},       {VALUE_TEXT, "Sato", 4},
                            {VALUE_TEXT, "2027-05-01", 10}};
  static const char *const names[] = {"number", "what", "group", "cause", "reason", "who", "until"};
  OpChange changes[G_N_ELEMENTS(names)];
  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    changes[i] = (OpChange){.attribute = names[i], .new_values = &values[i], .n_new = 1};
  bool numbered = *number != '\0';
  const Op op = {.kind = kind,
                 .target = "t",
                 .object = object,
                 .label = object,
                 .changes = changes + !numbered,
                 .n_changes = G_N_ELEMENTS(names) - !numbered,
                 .not_before = INSTANT_NONE};
  uint32_t handle = plan_add_op(rig->plan, 0, &op);
  g_hash_table_insert(rig->handles, (void *)plan_intern(rig->plan, object),
                      GUINT_TO_POINTER(handle));
  return handle;
}

static bool list_restriction(const RestrictionRow *row, void *data)
{
  g_autoptr(GString) until = g_string_new(NULL);
  date_format(row->until, until);
  g_string_append_printf(data, "%d %s %s %s %s %s %s %s%s%s; ", (int)row->id, row->object,
                         row->cause, row->what, row->group, row->reason, row->who, until->str,
                         row->lifted != INSTANT_NONE ? " lifted by " : "",
                         row->lifted_by ? row->lifted_by : "");
  return true;
}

// What stands keeps its number, what was lifted stays lifted, and a number tells one from another for the same.
static void restrictions(void)
{
  g_autoptr(Rig) rig = rig_new(4, 0, 0);
  RestrictionRow row = {.target = "t",
                        .object = "account/1",
                        .cause = "recertified",
                        .what = "edge",
                        .group = "group/1",
                        .reason = "old",
                        .source = "",
                        .who = "Abe",
                        .since = 1,
                        .until = DATE_OPEN};
  store_restriction_add(rig->store, &row, NULL);
  row.object = "account/2";
  store_restriction_add(rig->store, &row, NULL);
  store_restriction_lift(rig->store, 2, "Abe", "", NULL);
  row.object = "account/3";
  store_restriction_add(rig->store, &row, NULL);
  add_restriction(rig, OP_RESTRICT, "account/1", "");
  add_restriction(rig, OP_LIFT, "account/2", "2");
  add_restriction(rig, OP_LIFT, "account/3", "");
  add_restriction(rig, OP_RESTRICT, "account/4", "");
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "account/1"), "already");
  UNIT_STR(rig_state(rig, "account/2"), "already");
  UNIT_STR(rig_state(rig, "account/3"), "done");
  UNIT_STR(rig_state(rig, "account/4"), "done");
  g_autoptr(GString) all = g_string_new(NULL);
  UNIT_TRUE(store_restrictions_ever(rig->store, list_restriction, all, NULL));
  UNIT_STR(all->str, "1 account/1 recertified edge group/1 old Abe ; "
                     "2 account/2 recertified edge group/1 old Abe  lifted by Abe; "
                     "3 account/3 recertified edge group/1 old Abe  lifted by Sato; "
                     "4 account/4 recertified edge group/1 not needed Sato 2027-05-01; ");
}

static void deleted_entry_is_kept(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 0);
  store_binding_set(rig->store, "t", "account/1", "00000000-0000-0000-0001-000000000001", NULL);
  rig_add(rig, &(Deed){.label = "delete", .kind = OP_DELETE, .object = "account/1"});
  rig_seal(rig);
  rig_apply(rig, NULL);
  OpRow row;
  UNIT_TRUE(store_op_get(rig->store, rig->report.run, 1, &row));
  UNIT_STR(row.state, "done");
  UNIT_TRUE(row.before && strstr(row.before, "staff"), "%s", row.before ? row.before : "");
  UNIT_TRUE(store_binding_of(rig->store, "t", "account/1") == NULL);
}

// ---------------------------------------------------------------------------------------------

static void add_titles(Rig *rig, unsigned n)
{
  for (unsigned i = 1; i <= n; i++) {
    g_autofree char *label = g_strdup_printf("t%u", i);
    g_autofree char *account = g_strdup_printf("account/%u", i);
    rig_add(rig, &(Deed){label, OP_MODIFY, account, .attribute = "title", .old_value = "staff",
                         .new_value = "chief"});
  }
}

#define N_TITLES 900

static void limit_pages(Rig *rig, const char *limit)
{
  g_autofree char *sql = g_strconcat("PRAGMA max_page_count = ", limit, NULL);
  UNIT_INT(sqlite3_exec(rig->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void fill_at_first(Rig *rig, const ApplyStep *step)
{
  if (g_str_equal(step->name, "commit") && rig_count(rig, "commit;") == 1)
    limit_pages(rig, "1");  // means: no more than there are
}

static void fill_at_second(Rig *rig, const ApplyStep *step)
{
  if (g_str_equal(step->name, "commit") && rig_count(rig, "commit;") == 2)
    limit_pages(rig, "1");
}

// Nothing goes out whose intent could not be written; what was on its way is not lost.
static void disk_full(void)
{
  static const struct {
    void (*hook)(Rig *rig, const ApplyStep *step);
    unsigned least, most;  // sent until then
  } rows[] = {{fill_at_first, 0, 0}, {fill_at_second, 450, 512}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Rig) rig = rig_new(N_TITLES, 0, 0);
    add_titles(rig, N_TITLES);
    rig_seal(rig);
    rig->hook = rows[i].hook;
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!rig_apply(rig, &error), "row %zu", i);
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_INTERRUPTED), "row %zu", i);
    UNIT_TRUE(error && strstr(error->message, "journal") && strstr(error->message, "full"), "%s",
              error ? error->message : "");
    unsigned n_sent = rig_count(rig, "submitted");
    UNIT_TRUE(n_sent >= rows[i].least && n_sent <= rows[i].most, "row %zu: %u", i, n_sent);
    UNIT_INT(rig->report.total.done, n_sent, "row %zu", i);
    RunRow due;
    UNIT_TRUE(apply_due(rig->store, &due), "row %zu", i);

    limit_pages(rig, "1000000");
    rig->hook = NULL;
    rig_apply(rig, NULL);
    UNIT_INT(rig->report.run, due.id, "row %zu", i);
    UNIT_INT(rig->report.exit, EXIT_DONE, "row %zu", i);
    UNIT_INT(rig->report.total.done + rig->report.total.already, N_TITLES, "row %zu", i);
    UNIT_TRUE(rig_has(rig, "uid=p900,ou=people", "title: chief"), "row %zu", i);
  }
}

// Many share a sync: what makes a journal affordable.
static void few_commits(void)
{
  g_autoptr(Rig) rig = rig_new(N_TITLES, 0, 0);
  add_titles(rig, N_TITLES);
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_INT(rig->report.total.done, N_TITLES);
  UNIT_TRUE(rig_count(rig, "committed;") <= 5, "%u", rig_count(rig, "committed;"));
}

static const char *made_for(const Rig *rig, const char *object)
{
  g_autofree char *name = secret_made_for("t", object, "userPassword");
  return store_cursor_get(rig->store, SECRETS_MADE_FOR, name);
}

static bool is_unused(const Rig *rig, const char *object)
{
  g_autofree char *name = secret_made_for("t", object, "");
  return store_cursor_get(rig->store, SECRETS_UNUSED, name) != NULL;
}

#define LOCK "pwdAccountLockedTime"
#define LOCKED "000001010000Z"

// What a secret was made for is known when, and only when, it was made.
static void secrets(void)
{
  g_autoptr(Rig) rig = rig_new(6, 0, 0);
  rig->config.disable_attribute = LOCK;
  rig->config.disable_value = LOCKED;
  rig_add_all(rig,
              (const Deed[]){{"loan", OP_MODIFY, "account/1", .secret = "*initial L-1"},
                             {"plain", OP_MODIFY, "account/2", .secret = "*initial"},
                             {"refused", OP_MODIFY, "account/3", .attribute = "title",
                              .old_value = "another", .new_value = "x", .secret = "*initial L-3"},
                             {"on already", OP_ENABLE, "account/4", .attribute = LOCK,
                              .old_value = LOCKED, .secret = "*initial L-4"},
                             {"made off", OP_CREATE, "account/1000",
                              .parent = "container/ou=people", .name = "uid=p1000",
                              .attribute = LOCK, .new_value = LOCKED, .secret = "*initial L-5"},
                             {"made on", OP_CREATE, "account/1001", .parent = "container/ou=people",
                              .name = "uid=p1001", .secret = "*initial"},
                             {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(made_for(rig, "account/1"), "L-1");
  UNIT_STR(made_for(rig, "account/2"), NULL);
  UNIT_STR(rig_state(rig, "refused"), "refused");
  UNIT_STR(made_for(rig, "account/3"), NULL);
  UNIT_STR(rig_state(rig, "on already"), "already");
  UNIT_STR(rig_detail(rig, "on already"), "it was so before; no new secret was made");
  UNIT_STR(made_for(rig, "account/4"), NULL);
  UNIT_STR(made_for(rig, "account/1000"), "L-5");
  UNIT_TRUE(is_unused(rig, "account/1000"));
  UNIT_TRUE(!is_unused(rig, "account/1001"));
}

// From the day on which it is switched on its secret is somebody's.
static void unused_until_switched_on(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 0);
  rig->config.disable_attribute = LOCK;
  rig->config.disable_value = LOCKED;
  rig_add_all(rig, (const Deed[]){{"off", OP_CREATE, "account/1000",
                                   .parent = "container/ou=people", .name = "uid=p1000",
                                   .attribute = LOCK, .new_value = LOCKED, .secret = "*initial"},
                                  {"on", OP_ENABLE, "account/1000", .attribute = LOCK,
                                   .old_value = LOCKED, .after = {"off"}},
                                  {NULL}});
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_STR(rig_state(rig, "on"), "done");
  UNIT_TRUE(!is_unused(rig, "account/1000"));
}

// Whoever goes on after a kill must know before anything may have been written.
static void look_for_server(Rig *rig, const ApplyStep *step)
{
  bool sent = strcmp(step->name, "submit") == 0;
  const char *written = store_cursor_get(rig->store, SERVER_WRITTEN, "t");
  if (sent)
    UNIT_TRUE(written && g_str_has_prefix(written, "fake://one first.example "), "%s",
              written ? written : "");
}

static void server_is_remembered(void)
{
  g_autoptr(Rig) rig = rig_new(2, 0, 0);
  rig->config.uri = "fake://one first.example";
  rig->hook = look_for_server;
  add_titles(rig, 2);
  rig_seal(rig);
  rig_apply(rig, NULL);
  UNIT_INT((long long)rig_count(rig, "submit "), 2);
  g_autoptr(Rig) idle = rig_new(1, 0, 0);
  idle->config.uri = "fake://one first.example";
  rig_add(idle, &(Deed){.label = "adopt",
                        .kind = OP_ADOPT,
                        .object = "account/1",
                        .stable_id = "00000000-0000-0000-0001-000000000001"});
  rig_seal(idle);
  rig_apply(idle, NULL);
  UNIT_TRUE(store_cursor_get(idle->store, SERVER_WRITTEN, "t") == NULL);
}

static const UnitTest tests[] = {
    {"names", names},
    {"name_then_account", name_then_account},
    {"bindings_and_ownership", bindings_and_ownership},
    {"restrictions", restrictions},
    {"server_is_remembered", server_is_remembered},
    {"deleted_entry_is_kept", deleted_entry_is_kept},
    {"disk_full", disk_full},
    {"few_commits", few_commits},
    {"secrets", secrets},
    {"unused_until_switched_on", unused_until_switched_on},
    {NULL, NULL},
};
UNIT_SUITE(apply_journal, tests);
