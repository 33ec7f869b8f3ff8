// SPDX-License-Identifier: GPL-3.0-or-later
//
// What becomes of each kind of operation by what happened since: a run did one thing, a later one may have done another, and
// the directory is a file as it is now.
#include "unit.h"

#include "targets_kit.h"

#include <idou/undo.h>

#include <string.h>

#define PEOPLE "container/ou=people"
#define RETIRED "container/ou=retired"
#define ID "entryUUID: 11111111-1111-1111-1111-111111111111\n"
#define OTHER_ID "entryUUID: 99999999-9999-9999-9999-999999999999\n"
#define AT(name, place) "dn: uid=" name ",ou=" place ",dc=city,dc=example\n"
#define ACCOUNT "objectClass: inetOrgPerson\ncn: Yamada\nsn: Yamada\n"
#define YAMADA AT("yamada", "people") ACCOUNT "uid: yamada\n" ID
#define SATO                                                    \
  AT("sato", "people")                                          \
  "objectClass: inetOrgPerson\nuid: sato\ncn: Sato\nsn: Sato\n" \
  "entryUUID: 22222222-2222-2222-2222-222222222222\n\n"
#define SUZUKI \
  "\n" AT("suzuki", "people") "objectClass: inetOrgPerson\ncn: Suzuki\nsn: Suzuki\nuid: suzuki\n"
#define GROUP                                                                   \
  "\ndn: cn=g,ou=groups,dc=city,dc=example\nobjectClass: groupOfNames\ncn: g\n" \
  "member: cn=filler,dc=city,dc=example\n"
#define MEMBER "member: uid=yamada,ou=people,dc=city,dc=example\n"
#define LOCK "pwdAccountLockedTime: 000001010000Z\n"
#define BURIED                                                                             \
  "{\"dn\":\"uid=yamada,ou=people,dc=city,dc=example\",\"id\":\"\",\"attributes\":"        \
  "{\"objectClass\":[\"inetOrgPerson\"],\"uid\":[\"yamada\"],\"cn\":[\"Yamada\"],\"sn\":[" \
  "\"Yamada\"]}}"

#define TITLED                                                                    \
  {                                                                               \
    OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff", \
               .new_value = "chief"                                               \
  }
#define LOCKED                                                              \
  {                                                                         \
    OP_DISABLE, .object = "account/1", .attribute = "pwdAccountLockedTime", \
                .new_value = "000001010000Z"                                \
  }
#define UNLOCKED                                                           \
  {                                                                        \
    OP_ENABLE, .object = "account/1", .attribute = "pwdAccountLockedTime", \
               .old_value = "000001010000Z"                                \
  }
#define MOVED                                                               \
  {                                                                         \
    OP_MOVE, .object = "account/1", .parent = RETIRED, .name = "uid=yamada" \
  }
#define RENAMED                                         \
  {                                                     \
    OP_RENAME, .object = "account/1", .name = "uid=ymd" \
  }
#define JOINED                                          \
  {                                                     \
    OP_JOIN, .object = "group/g", .member = "account/1" \
  }
#define LEFT                                             \
  {                                                      \
    OP_LEAVE, .object = "group/g", .member = "account/1" \
  }
#define MADE                                                                 \
  {                                                                          \
    OP_CREATE, .object = "account/3", .parent = PEOPLE, .name = "uid=suzuki" \
  }
#define DELETED                      \
  {                                  \
    OP_DELETE, .object = "account/1" \
  }

typedef struct Row {
  const char *name;
  KitOp done;
  const char *now;  // what is there besides the containers and sato
  const char *want;
  KitOp since;         // by a later run; without an object none
  const char *before;  // as the journal has it
  const char *state;   // in the journal; NULL = done
} Row;

static const Row rows[] = {
    {"modify: as it was left", TITLED, YAMADA "title: chief\n",
     "exact modify account/1 title: chief -> staff", .since = {0}},
    {"modify: sent, and done as it shows", TITLED, YAMADA "title: chief\n",
     "exact modify account/1 title: chief -> staff", .state = "sent"},
    {"modify: sent, and not done as it shows", TITLED, YAMADA "title: staff\n", "back",
     .state = "unknown"},
    {"modify: it did nothing", TITLED, YAMADA "title: chief\n", "", .state = "already"},
    {"modify: refused", TITLED, YAMADA "title: chief\n", "", .state = "refused"},
    {"modify: put back by hand", TITLED, YAMADA "title: staff\n", "back", .since = {0}},
    {"modify: changed by hand", TITLED, YAMADA "title: head\n",
     "impossible: title was changed since", .since = {0}},
    {"modify: taken away by hand", TITLED, YAMADA, "impossible: title was changed since",
     .since = {0}},
    {"modify: another value beside it", TITLED, YAMADA "title: chief\ntitle: head\n",
     "exact modify account/1 title: chief -> staff", .since = {0}},
    {"modify: the same value by a later run", TITLED, YAMADA "title: chief\n",
     "impossible: title was changed since by run 2", .since = TITLED},
    {"modify: moved by hand", TITLED,
     AT("yamada", "retired") ACCOUNT "uid: yamada\n" ID "title: chief\n",
     "exact modify account/1 title: chief -> staff", .since = {0}},
    {"modify: renamed by hand", TITLED,
     AT("ymd", "people") ACCOUNT "uid: ymd\n" ID "title: chief\n",
     "exact modify account/1 title: chief -> staff", .since = {0}},
    {"modify: gone", TITLED, "", "impossible: the entry is gone", .since = {0}},
    {"modify: gone by a later run", TITLED, "", "impossible: the entry is gone since run 2",
     .since = DELETED, .before = NULL},
    {"modify: another entry in its place", TITLED,
     AT("yamada", "people") ACCOUNT "uid: yamada\n" OTHER_ID "title: chief\n",
     "impossible: the entry is gone", .since = {0}},
    {"modify: a value that was added",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .new_value = "chief"},
     YAMADA "title: chief\n",
     "exact modify account/1 title: chief -> ",
     .since = {0}},
    {"modify: a value that was taken",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff"},
     YAMADA,
     "exact modify account/1 title:  -> staff",
     .since = {0}},
    {"modify: a reference",
     {OP_MODIFY, .object = "account/1", .attribute = "manager", .old_value = "@account/2"},
     YAMADA,
     "exact modify account/1 manager:  -> account/2",
     .since = {0}},
    {"modify: a reference to whom is gone",
     {OP_MODIFY, .object = "account/1", .attribute = "manager", .old_value = "@account/9"},
     YAMADA,
     "impossible: manager was changed since",
     .since = {0}},
    {"modify: whole, and untouched",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff",
      .new_value = "chief", .replace = true},
     YAMADA "title: chief\n",
     "exact modify account/1 title: chief -> staff",
     .since = {0}},
    {"modify: whole, and one more by hand",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff",
      .new_value = "chief", .replace = true},
     YAMADA "title: chief\ntitle: head\n",
     "impossible: title was changed since",
     .since = {0}},
    {"modify: a password",
     {OP_MODIFY, .object = "account/1", .attribute = "userPassword", .new_value = "!initial"},
     YAMADA,
     "impossible: the password that was made stays: the one before is not known",
     .since = {0}},

    {"disable: still off", LOCKED, YAMADA LOCK,
     "exact enable account/1 pwdAccountLockedTime: 000001010000Z -> ", .since = {0}},
    {"disable: switched on by hand", LOCKED, YAMADA, "back", .since = {0}},
    {"disable: another lock by hand", LOCKED, YAMADA "pwdAccountLockedTime: 20270401000000Z\n",
     "impossible: pwdAccountLockedTime was changed since", .since = {0}},
    {"disable: again by a later run", LOCKED, YAMADA LOCK,
     "impossible: pwdAccountLockedTime was changed since by run 2", .since = LOCKED},
    {"enable: still on", UNLOCKED, YAMADA,
     "exact disable account/1 pwdAccountLockedTime:  -> 000001010000Z", .since = {0}},
    {"enable: switched off by hand", UNLOCKED, YAMADA LOCK, "back", .since = {0}},

    {"move: still there", MOVED, AT("yamada", "retired") ACCOUNT "uid: yamada\n" ID,
     "exact move account/1 to " PEOPLE " uid=yamada", .since = {0}},
    {"move: back by hand", MOVED, YAMADA, "back", .since = {0}},
    {"move: elsewhere by hand", MOVED, AT("yamada", "groups") ACCOUNT "uid: yamada\n" ID,
     "impossible: it was moved since: uid=yamada,ou=groups,dc=city,dc=example", .since = {0}},
    {"move: renamed since by a later run", MOVED, AT("ymd", "retired") ACCOUNT "uid: ymd\n" ID,
     "impossible: it was moved since by run 2", .since = RENAMED},
    {"move: somebody has the place", MOVED,
     AT("yamada", "retired") ACCOUNT "uid: yamada\n" ID "\n" AT("yamada", "people") ACCOUNT
     "uid: yamada\n" OTHER_ID,
     "impossible: another entry stands where it was", .since = {0}},
    {"rename: still so", RENAMED, AT("ymd", "people") ACCOUNT "uid: ymd\n" ID,
     "exact rename account/1 to " PEOPLE " uid=yamada", .since = {0}},
    {"rename: somebody has the name", RENAMED,
     AT("ymd", "people") ACCOUNT "uid: ymd\n" ID "\n" AT("yamada", "people") ACCOUNT
     "uid: yamada\n" OTHER_ID,
     "impossible: another entry stands where it was", .since = {0}},
    {"rename: renamed again by hand", RENAMED, AT("other", "people") ACCOUNT "uid: other\n" ID,
     "impossible: it was moved since: uid=other,ou=people,dc=city,dc=example", .since = {0}},

    {"join: still in it", JOINED, YAMADA GROUP MEMBER, "exact leave group/g account/1",
     .since = {0}},
    {"join: taken out by hand", JOINED, YAMADA GROUP, "back", .since = {0}},
    {"join: again by a later run", JOINED, YAMADA GROUP MEMBER,
     "impossible: run 2 has decided about this since", .since = JOINED},
    {"join: the group is gone", JOINED, YAMADA, "impossible: the entry is gone", .since = {0}},
    {"leave: still out", LEFT, YAMADA GROUP, "exact join group/g account/1", .since = {0}},
    {"leave: put in by hand", LEFT, YAMADA GROUP MEMBER, "back", .since = {0}},
    {"leave: the member is gone", LEFT, GROUP, "impossible: whoever was in it is gone",
     .since = {0}},

    {"create: as it was made", MADE, SUZUKI, "exact delete account/3", .since = {0}},
    {"create: gone by hand", MADE, "", "back", .since = {0}},
    {"create: changed by hand", MADE,
     "\n" AT("suzuki", "people") "objectClass: inetOrgPerson\ncn: Other\nsn: Suzuki\nuid: suzuki\n",
     "partial delete account/3 (confirm): it was changed since it was made: cn", .since = {0}},
    {"create: a later run worked on it", MADE, SUZUKI "title: chief\n",
     "impossible: run 2 has worked on the entry since: undo that first",
     .since = {OP_MODIFY, .object = "account/3", .attribute = "title", .new_value = "chief"}},
    {"create: something stands below", MADE,
     SUZUKI
     "\ndn: cn=phone,uid=suzuki,ou=people,dc=city,dc=example\nobjectClass: device\ncn: phone\n",
     "impossible: 1 other entry stands below it", .since = {0}},
    {"delete: gone", DELETED, "", "exact create account/1 to " PEOPLE " uid=yamada",
     .before = BURIED},
    {"delete: there again", DELETED, YAMADA, "back", .before = BURIED},
    {"delete: somebody has the name", DELETED,
     AT("yamada", "people") ACCOUNT "uid: yamada\n" OTHER_ID,
     "impossible: another entry stands where it was", .before = BURIED},
    {"delete: not kept", DELETED, "", "impossible: the journal did not keep what the entry was",
     .before = NULL},
    {"delete: kept in shreds", DELETED, "",
     "impossible: the journal did not keep what the entry was",
     .before = "{\"dn\":\"uid=yamada,ou=people"},

    {"allocate",
     {OP_ALLOCATE, .object = "account/1", .name = "yamada"},
     YAMADA,
     "impossible: a name stays its bearer's for ever",
     .since = {0}},
    {"adopt: still bound",
     {OP_ADOPT, .object = "account/1"},
     YAMADA,
     "exact release account/1",
     .since = {0}},
    {"adopt: let go of since", {OP_ADOPT, .object = "account/9"}, YAMADA, "back", .since = {0}},
    {"release of an object",
     {OP_RELEASE, .object = "account/1"},
     YAMADA,
     "impossible: what was let go of is found anew by its key",
     .since = {0}},
    {"release of an attribute",
     {OP_RELEASE, .object = "account", .attribute = "title", .new_value = ""},
     YAMADA,
     "exact adopt account title:  -> ",
     .since = {0}},
    {"task",
     {OP_TASK, .object = "account/1", .attribute = "text", .new_value = "phone"},
     YAMADA,
     "impossible: hands did it, or are at it",
     .since = {0}},
};

// ---------------------------------------------------------------------------------------------

typedef struct Scene {
  Store *store;
  TargetConfig config;
  char *path;
} Scene;

static void add_run(Scene *scene, const Row *row, const KitOp *brief, const char *name)
{
  g_autoptr(GError) error = NULL;
  const PlanHead head = {.as_of = 20000, .known_at = 1000, .program = name};
  g_autoptr(Plan) plan = plan_new(&head);
  g_autoptr(Op) op = kit_op(brief);
  g_autofree char *path = g_build_filename(unit_dir(), name, NULL);
  plan_add_section(plan, "t");
  for (size_t i = 0; i < kit_n_places; i++)
    plan_add_place(plan, 0, &kit_places[i]);
  op->not_before = INSTANT_NONE;
  if (op->kind == OP_MOVE)
    op->old_parent = PEOPLE;
  if (op->kind == OP_MOVE || op->kind == OP_RENAME)
    op->old_name = "uid=yamada";
  plan_add_op(plan, 0, op);
  UNIT_TRUE(plan_seal(plan, &error) && plan_write(plan, path, &error), "%s", row->name);
  const RunRow run = {.digest = plan_digest(plan),
                      .plan_path = path,
                      .host = "h",
                      .started = 1000,
                      .state = "done"};
  int64_t id = store_run_add(scene->store, &run, &error);
  const bool first = brief == &row->done;
  store_op_set(scene->store,
               &(OpRow){.run = id,
                        .n = 1,
                        .target = "t",
                        .object = op->object,
                        .kind = op_traits(op->kind)->name,
                        .state = first && row->state ? row->state : "done",
                        .before = first ? row->before : NULL},
               &error);
  store_run_end(scene->store, id, "done", &error);
  UNIT_NO_ERROR(error, "%s", row->name);
}

static void setup(Scene *scene, const Row *row, const char *base)
{
  static const char top[] =
      "dn: dc=city,dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: city\no: "
      "City\n\n"
      "dn: ou=people,dc=city,dc=example\nobjectClass: organizationalUnit\nou: people\n\n"
      "dn: ou=retired,dc=city,dc=example\nobjectClass: organizationalUnit\nou: retired\n\n"
      "dn: ou=groups,dc=city,dc=example\nobjectClass: organizationalUnit\nou: groups\n\n";
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_strdup_printf("store-%d", g_random_int_range(0, G_MAXINT));
  g_autofree char *store = g_build_filename(unit_dir(), name, NULL);
  g_autofree char *text = g_strconcat(top, SATO, row->now, NULL);
  scene->path = g_build_filename(unit_dir(), "now.ldif", NULL);
  scene->config = (TargetConfig){.name = "t",
                                 .type = "ldif",
                                 .path = scene->path,
                                 .base = base,
                                 .timeout_ms = 1000,
                                 .disable_attribute = "pwdAccountLockedTime",
                                 .disable_value = "000001010000Z"};
  scene->store = store_open(store, STORE_WRITE, &error);
  UNIT_NO_ERROR(error, "%s", row->name);
  g_file_set_contents(scene->path, text, -1, &error);
  store_begin(scene->store, &error);
  store_binding_set(scene->store, "t", "account/1", "11111111-1111-1111-1111-111111111111", &error);
  add_run(scene, row, &row->done, "1.plan");
  if (row->since.object)
    add_run(scene, row, &row->since, "2.plan");
  store_commit(scene->store, &error);
  UNIT_NO_ERROR(error, "%s", row->name);
}

static void teardown(Scene *scene)
{
  store_close(scene->store);
  g_free(scene->path);
}

// ---------------------------------------------------------------------------------------------

static void put_op(const Op *op, GString *out)
{
  g_string_append_printf(out, "%s%s %s", out->len ? " " : "", op_traits(op->kind)->name,
                         op->object);
  if (op->member)
    g_string_append_printf(out, " %s", op->member);
  if (op->name)
    g_string_append_printf(out, " to %s %s", op->parent ? op->parent : "-", op->name);
  for (size_t i = 0; op->kind != OP_CREATE && i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    g_string_append_printf(out, " %s: %s -> %s", change->attribute,
                           change->n_old ? change->old_values[0].bytes : "",
                           change->n_new ? change->new_values[0].bytes : "");
  }
  if (op->confirm)
    g_string_append(out, " (confirm)");
}

static void tell(const Plan *plan, const UndoCounts *counts, GString *out)
{
  const int64_t n[] = {counts->exact, counts->partial, counts->impossible, counts->back};
  static const char *const words[] = {"exact", "partial", "impossible", "back"};
  for (size_t i = 0; i < G_N_ELEMENTS(n); i++)
    for (int64_t k = 0; k < n[i]; k++)
      g_string_append(out, words[i]);
  for (uint32_t i = 1; i <= plan_n_ops(plan); i++)
    put_op(plan_op(plan, i), out);
  for (size_t s = 0; s < plan_n_sections(plan); s++)
    for (size_t i = 0; i < plan_section(plan, s)->n_notes; i++)
      g_string_append_printf(out, ": %s", plan_section(plan, s)->notes[i].text);
}

static void undo_first(Scene *scene, const Row *row, bool no_hold, GString *out)
{
  g_autoptr(GError) error = NULL;
  const UndoChoice choice = {.run = 1, .since = INSTANT_NONE};
  g_autoptr(UndoPick) pick = undo_pick(scene->store, &choice, &error);
  Reader *reader = reader_open(&scene->config, &error);
  UNIT_NO_ERROR(error, "%s", row->name);
  const PlannerTarget target = {.config = &scene->config, .reader = reader};
  const UndoSetup setup = {.pick = pick,
                           .store = scene->store,
                           .targets = &target,
                           .n_targets = 1,
                           .as_of = 20000,
                           .who = "Tanaka",
                           .no_hold = no_hold,
                           .until = DATE_OPEN};
  UndoCounts counts;
  g_autoptr(Plan) plan = pick && reader ? undo_make(&setup, &counts, &error) : NULL;
  UNIT_NO_ERROR(error, "%s", row->name);
  if (plan)
    tell(plan, &counts, out);
  reader_close(reader);
}

// However the site file spells the base.
static void verdicts(void)
{
  static const char *const bases[] = {KIT_BASE, "DC=city, dc=Example"};
  for (size_t i = 0; i < G_N_ELEMENTS(rows) * G_N_ELEMENTS(bases); i++) {
    const Row *row = &rows[i / G_N_ELEMENTS(bases)];
    const char *base = bases[i % G_N_ELEMENTS(bases)];
    Scene scene;
    g_autoptr(GString) got = g_string_new(NULL);
    setup(&scene, row, base);
    undo_first(&scene, row, true, got);
    UNIT_STR(got->str, row->want, "%s (%s)", row->name, base);
    teardown(&scene);
  }
}

// Only what is put back is held: not what is so already, nor what stays.
static void holds(void)
{
  static const char *const held[] = {"exact", "partial", "back", "impossible"};
  static const char *const names[] = {"modify: as it was left", "create: changed by hand",
                                      "modify: put back by hand", "modify: changed by hand"};
  for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
      if (strcmp(rows[i].name, names[k]) != 0)
        continue;
      Scene scene;
      g_autoptr(GString) got = g_string_new(NULL);
      setup(&scene, &rows[i], KIT_BASE);
      undo_first(&scene, &rows[i], false, got);
      UNIT_TRUE(g_str_has_prefix(got->str, held[k]), "%s: %s", names[k], got->str);
      UNIT_INT(strstr(got->str, " hold object/account/") != NULL, k < 2, "%s", names[k]);
      teardown(&scene);
    }
}

static const UnitTest tests[] = {
    {"verdicts", verdicts},
    {"holds", holds},
    {NULL, NULL},
};
UNIT_SUITE(undo, tests);
