// SPDX-License-Identifier: GPL-3.0-or-later
//
// killed TYPE DIR [URI SERVER]: a plan with operations of every kind is applied to a target of that type and
// killed at each point that applying passes, one after the other; then gone on with, and killed again on
// the way; then gone on with to the end. Each time the system and the store must end up as without any
// kill, and applying once more must do nothing. URI: an ldapi server below whose base dc=city,dc=example we
// are the administrator; SERVER: the folder that tests/servers/slapd keeps it in, since the server is killed, too.
#include <idou/apply.h>
#include <ldap.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SUFFIX "dc=city,dc=example"
#define MOST_POINTS 400
#define LOCKED "000001010000Z"

// ---------------------------------------------------------------------------------------------
// A system, a store and a plan of its own for each kill.

typedef struct World {
  char *name;  // "k17"
  char *dir;
  char *base;  // "ou=k17,dc=city,dc=example"
  TargetConfig config;
  const TargetConfig *configs[2];
  const char *faults[2];
  char *path;  // of the file, for types that are one
  char *store_path;
  char *plan_path;
  const Passwords *passwords;
  const PrivateKey *key;  // opens what is sealed
} World;

typedef struct Site {
  const char *type;
  const char *dir;
  const char *uri;
  const char *server;
  Passwords passwords;
  PrivateKey *key;
} Site;

static void die(const GError *error, const char *what)
{
  g_printerr("killed: %s: %s\n", what, error ? error->message : "");
  exit(2);
}

static void append_entry(GString *out, const char *rdn, const char *base, const char *lines)
{
  g_string_append_printf(out, "dn: %s,%s\n%s\n", rdn, base, lines);
}

static void append_person(GString *out, int i, const char *place, const char *base)
{
  g_autofree char *rdn = g_strdup_printf("uid=p%d,%s", i, place);
  g_autofree char *lines = g_strdup_printf(
      "objectClass: inetOrgPerson\nuid: p%d\ncn: P%d\nsn: P%d\ntitle: staff\ndescription: old\n%s",
      i, i, i, i == 4 ? "pwdAccountLockedTime: " LOCKED "\n" : "");
  append_entry(out, rdn, base, lines);
}

static char *make_content(const World *world)
{
  static const char *const containers[] = {"people", "retired", "units", "groups"};
  g_autoptr(GString) out = g_string_new("version: 1\n\n");
  g_string_append_printf(out, "dn: %s\nobjectClass: organizationalUnit\nou: %s\n\n", world->base,
                         world->name);
  for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
    g_autofree char *rdn = g_strconcat("ou=", containers[i], NULL);
    g_autofree char *lines =
        g_strdup_printf("objectClass: organizationalUnit\nou: %s\n", containers[i]);
    append_entry(out, rdn, world->base, lines);
  }
  append_entry(out, "ou=u1,ou=units", world->base, "objectClass: organizationalUnit\nou: u1\n");
  for (int i = 1; i <= 8; i++)
    append_person(out, i, i == 8 ? "ou=u1,ou=units" : "ou=people", world->base);
  for (int i = 1; i <= 2; i++) {
    g_autofree char *rdn = g_strdup_printf("cn=g%d,ou=groups", i);
    g_autofree char *lines =
        g_strdup_printf("objectClass: groupOfNames\ncn: g%d\nmember: cn=filler,%s\n"
                        "member: uid=p5,ou=people,%s\nmember: uid=p6,ou=people,%s\n",
                        i, world->base, world->base, world->base);
    append_entry(out, rdn, world->base, lines);
  }
  return g_string_free(g_steal_pointer(&out), false);
}

// Through the server's own tool, so that the setting does not rest on what is tested.
static void load_server(const World *world, const char *uri)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *said = NULL;
  int status = 0;
  char *argv[] = {"ldapadd", "-Q", "-Y", "EXTERNAL", "-H", (char *)uri, "-f", world->path, NULL};
  if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                    NULL, &said, &status, &error) ||
      status != 0)
    die(error, said);
}

static void make_store(const World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, &error);
  if (!store)
    die(error, "store");
  for (int i = 1; i <= 9; i++)
    store_subject_add(store, SUBJECT_PERSON, NULL);
  store_ownership_set(store, "t", "account", "fax", true, NULL);
  const RestrictionRow off = {.target = "t",
                              .object = "account/4",
                              .cause = RESTRICTION_DORMANT,
                              .what = RESTRICT_DISABLE,
                              .group = "",
                              .reason = "",
                              .source = "",
                              .who = "test",
                              .since = 1,
                              .until = DATE_OPEN};
  store_restriction_add(store, &off, NULL);
  // A run that has something left, and another whose rest stays.
  for (int i = 1; i <= 2; i++) {
    const RunRow run = {
        .digest = "0", .plan_path = "", .host = "test", .started = 1, .state = "scheduled"};
    const OpRow op = {.run = store_run_add(store, &run, NULL),
                      .n = 1,
                      .target = "t",
                      .object = "account/7",
                      .kind = "disable",
                      .state = "scheduled"};
    store_op_set(store, &op, NULL);
  }
}

static World *world_new(const Site *site, const char *name, const char *fault)
{
  World *world = g_new0(World, 1);
  g_autoptr(GError) error = NULL;
  world->passwords = &site->passwords;
  world->key = site->key;
  world->name = g_strdup(name);
  world->dir = g_build_filename(site->dir, name, NULL);
  if (!file_make_dir(world->dir, 0700, &error))
    die(error, "folder");
  world->base = g_strdup_printf("ou=%s,%s", name, SUFFIX);
  world->path = g_build_filename(world->dir, "system.ldif", NULL);
  world->store_path = g_build_filename(world->dir, "idou.db", NULL);
  world->plan_path = g_build_filename(world->dir, "plan.jsonl", NULL);
  world->faults[0] = fault;
  world->config = (TargetConfig){.name = "t",
                                 .type = site->type,
                                 .path = site->uri ? NULL : world->path,
                                 .uri = site->uri,
                                 .external = site->uri != NULL,
                                 .base = world->base,
                                 .disable_attribute = "pwdAccountLockedTime",
                                 .disable_value = LOCKED,
                                 .timeout_ms = 5000,
                                 .window = 4,
                                 .retries = 3,
                                 .faults = world->faults};
  world->configs[0] = &world->config;
  g_autofree char *content = make_content(world);
  if (!g_file_set_contents(world->path, content, -1, &error))
    die(error, "file");
  if (site->uri)
    load_server(world, site->uri);
  make_store(world);
  return world;
}

static void world_free(World *world)
{
  g_free(world->name);
  g_free(world->dir);
  g_free(world->base);
  g_free(world->path);
  g_free(world->store_path);
  g_free(world->plan_path);
  g_free(world);
}

// ---------------------------------------------------------------------------------------------
// What is there: one line an entry, by what it is and not by what differs from world to world.

typedef struct Sighting {
  const World *world;
  Schema *schema;
  GPtrArray *lines;   // char *
  GHashTable *by_id;  // stable id -> DN without the base
  GHashTable *ids;    // DN without the base -> stable id
} Sighting;

static char *strip_base(const World *world, const char *text, size_t n)
{
  g_autofree char *whole = g_strndup(text, n);
  g_autoptr(GString) out = g_string_new(whole);
  g_string_replace(out, world->base, "BASE", 0);
  return g_string_free(g_steal_pointer(&out), false);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool see(const Observed *entry, void *data, GError **error)
{
  (void)error;
  Sighting *sighting = data;
  char *dn = strip_base(sighting->world, entry->dn.at, entry->dn.n);
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < entry->n_attributes; i++)
    for (size_t j = 0; j < entry->attributes[i].n_values; j++) {
      const Bytes *bytes = &entry->attributes[i].values[j];
      g_autofree char *value = strip_base(sighting->world, bytes->at, bytes->n);
      const Attr *attr = schema_at(sighting->schema, entry->attributes[i].attr);
      g_ptr_array_add(values, g_strdup_printf("%s=%s", attr->name, value));
    }
  g_ptr_array_sort(values, by_text);
  g_ptr_array_add(values, NULL);
  g_autofree char *all = g_strjoinv("; ", (char **)values->pdata);
  g_ptr_array_add(sighting->lines, g_strdup_printf("%s: %s%s", dn, all,
                                                   entry->enabled == ENABLED_NO ? " LOCKED" : ""));
  char *id = g_strndup(entry->stable_id.at, entry->stable_id.n);
  g_hash_table_insert(sighting->by_id, id, dn);
  g_hash_table_insert(sighting->ids, dn, id);
  return true;
}

static const char *const attributes[] = {"uid",     "cn",     "sn",     "title",       "ou",
                                         "manager", "member", "street", "description", NULL};

static void sighting_init(Sighting *sighting, const World *world)
{
  *sighting = (Sighting){.world = world, .schema = schema_new()};
  sighting->lines = g_ptr_array_new_with_free_func(g_free);
  sighting->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  sighting->ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; attributes[i]; i++)
    schema_attr(sighting->schema, attributes[i]);
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(&world->config, &error);
  const char *const places[] = {"", NULL};
  const Scope scope = {.places = places, .attributes = attributes};
  size_t n = 0;
  if (!reader || !reader_schema(reader, sighting->schema, NULL, &error) ||
      !reader_read(reader, &scope, sighting->schema, see, sighting, &n, &error))
    die(error, "reading");
  g_ptr_array_sort(sighting->lines, by_text);
}

static void sighting_clear(Sighting *sighting)
{
  schema_free(sighting->schema);
  g_ptr_array_unref(sighting->lines);
  g_hash_table_unref(sighting->ids);
  g_hash_table_unref(sighting->by_id);
}

typedef struct Dump {
  GString *out;
  Sighting *sighting;
} Dump;

static bool dump_binding(const char *object, const char *stable_id, void *data)
{
  Dump *dump = data;
  const char *dn = g_hash_table_lookup(dump->sighting->by_id, stable_id);
  g_string_append_printf(dump->out, "binding %s = %s\n", object, dn ? dn : "nothing");
  return true;
}

static bool dump_ownership(const char *klass, const char *attribute, void *data)
{
  g_string_append_printf(((Dump *)data)->out, "owned %s.%s\n", klass, attribute);
  return true;
}

static bool dump_name(const NameRow *row, void *data)
{
  g_string_append_printf(((Dump *)data)->out, "name %u = %s\n", row->subject, row->name);
  return true;
}

static bool dump_restriction(const RestrictionRow *row, void *data)
{
  g_string_append_printf(((Dump *)data)->out, "restriction %d %s %s%s\n", (int)row->id, row->object,
                         row->what, row->lifted != INSTANT_NONE ? " lifted" : "");
  return true;
}

static bool dump_hold(const HoldRow *row, void *data)
{
  g_string_append_printf(((Dump *)data)->out, "hold %d %s%s\n", (int)row->id, row->name,
                         *row->plan ? " by a plan" : "");
  return true;
}

static void dump_earlier(Store *store, GString *out)
{
  for (int64_t i = 1; i <= 2; i++) {
    RunRow run;
    OpRow op;
    if (store_op_get(store, i, 1, &op))
      g_string_append_printf(out, "run %d operation %s\n", (int)i, op.state);
    if (store_run_get(store, i, &run))
      g_string_append_printf(out, "run %d %s\n", (int)i, run.state);
  }
}

// Entries, bindings, ownership, names, restrictions, holds and earlier runs.
static char *dump_world(const World *world)
{
  Sighting sighting;
  sighting_init(&sighting, world);
  g_autoptr(GString) out = g_string_new(NULL);
  // But the base itself, which is called after its world.
  for (guint i = 1; i < sighting.lines->len; i++)
    g_string_append_printf(out, "%s\n", (const char *)sighting.lines->pdata[i]);
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, &error);
  if (!store)
    die(error, "store");
  Dump dump = {out, &sighting};
  store_bindings_each(store, "t", dump_binding, &dump, NULL);
  store_ownership_each(store, "t", dump_ownership, &dump, NULL);
  store_names_each(store, "login", dump_name, &dump, NULL);
  store_restrictions_ever(store, dump_restriction, &dump, NULL);
  store_holds_ever(store, dump_hold, &dump, NULL);
  dump_earlier(store, out);
  const char *made = store_cursor_get(store, SECRETS_MADE_FOR, "t account/4 userPassword");
  g_string_append_printf(out, "secret for %s\n", made ? made : "nothing");
  sighting_clear(&sighting);
  return g_string_free(g_steal_pointer(&out), false);
}

// ---------------------------------------------------------------------------------------------
// The plan: each kind of operation, and chains that cross what moves.

typedef struct Deed {
  const char *label;
  OpKind kind;
  const char *object, *member;
  const char *parent, *name, *old_parent, *old_name;
  const char *attribute, *old_value, *new_value;
  const char *after;   // labels with spaces
  const char *secret;  // a secret that is made anew with it
  bool replace;
} Deed;

static const Deed deeds[] = {
    {.label = "hold", .kind = OP_HOLD, .object = "object/account/1"},
    {.label = "withdraw", .kind = OP_WITHDRAW, .object = "run/1", .after = "hold"},
    {.label = "login", .kind = OP_ALLOCATE, .object = "account/9", .name = "p9"},
    {.label = "adopt", .kind = OP_ADOPT, .object = "account/1"},
    {.label = "release", .kind = OP_RELEASE, .object = "account", .attribute = "fax"},
    {.label = "unit",
     .kind = OP_CREATE,
     .object = "unit/2",
     .parent = "container/ou=units",
     .name = "ou=u2"},
    {.label = "create",
     .kind = OP_CREATE,
     .object = "account/9",
     .parent = "unit/2",
     .name = "uid=p9",
     .after = "login unit"},
    {.label = "rename",
     .kind = OP_RENAME,
     .object = "account/2",
     .name = "uid=x2",
     .old_name = "uid=p2",
     .parent = "container/ou=people",
     .old_parent = "container/ou=people"},
    {.label = "move",
     .kind = OP_MOVE,
     .object = "account/3",
     .parent = "container/ou=retired",
     .name = "uid=p3",
     .old_parent = "container/ou=people",
     .old_name = "uid=p3"},
    {.label = "rename-unit",
     .kind = OP_RENAME,
     .object = "unit/1",
     .name = "ou=x1",
     .old_name = "ou=u1",
     .parent = "container/ou=units",
     .old_parent = "container/ou=units"},
    {.label = "title",
     .kind = OP_MODIFY,
     .object = "account/1",
     .attribute = "title",
     .old_value = "staff",
     .new_value = "chief",
     .after = "hold"},
    {.label = "inside",
     .kind = OP_MODIFY,
     .object = "account/8",
     .attribute = "title",
     .old_value = "staff",
     .new_value = "chief",
     .after = "rename-unit"},
    {.label = "manager",
     .kind = OP_MODIFY,
     .object = "account/9",
     .attribute = "manager",
     .new_value = "@account/2",
     .after = "create rename"},
    {.label = "replace",
     .kind = OP_MODIFY,
     .object = "account/5",
     .attribute = "description",
     .old_value = "old",
     .new_value = "new",
     .replace = true},
    {.label = "lift", .kind = OP_LIFT, .object = "account/4"},
    {.label = "restrict", .kind = OP_RESTRICT, .object = "account/3"},
    {.label = "enable",
     .kind = OP_ENABLE,
     .object = "account/4",
     .attribute = "pwdAccountLockedTime",
     .old_value = LOCKED,
     .after = "lift",
     .secret = "initial L-7"},
    {.label = "disable",
     .kind = OP_DISABLE,
     .object = "account/3",
     .attribute = "pwdAccountLockedTime",
     .new_value = LOCKED,
     .after = "move restrict"},
    {.label = "join-1", .kind = OP_JOIN, .object = "group/1", .member = "account/1"},
    {.label = "join-2",
     .kind = OP_JOIN,
     .object = "group/1",
     .member = "account/2",
     .after = "rename"},
    {.label = "join-9",
     .kind = OP_JOIN,
     .object = "group/1",
     .member = "account/9",
     .after = "create"},
    {.label = "leave-5", .kind = OP_LEAVE, .object = "group/1", .member = "account/5"},
    {.label = "leave-6", .kind = OP_LEAVE, .object = "group/1", .member = "account/6"},
    {.label = "leave-6-2", .kind = OP_LEAVE, .object = "group/2", .member = "account/6"},
    {.label = "delete", .kind = OP_DELETE, .object = "account/6", .after = "leave-6 leave-6-2"},
};

typedef struct Making {
  Plan *plan;
  Sighting sighting;
  GHashTable *handles;  // label -> handle
} Making;

// By plan time, as the planner would know it.
static const char *stable_id(Making *making, const char *dn)
{
  return g_hash_table_lookup(making->sighting.ids, dn);
}

static void add_place(Making *making, const char *object, const char *parent, const char *name,
                      bool exists)
{
  plan_add_place(making->plan, 0, &(Placed){object, parent, name, NULL, exists});
}

static void add_places(Making *making)
{
  static const char *const containers[] = {"people", "retired", "units", "groups"};
  for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
    g_autofree char *name = g_strconcat("ou=", containers[i], NULL);
    g_autofree char *object = g_strconcat("container/", name, NULL);
    add_place(making, object, NULL, name, true);
  }
  add_place(making, "unit/1", "container/ou=units", "ou=u1", true);
  add_place(making, "unit/2", "container/ou=units", "ou=u2", false);
  for (int i = 1; i <= 9; i++) {
    g_autofree char *object = g_strdup_printf("account/%d", i);
    g_autofree char *name = g_strdup_printf("uid=p%d", i);
    const char *parent = i == 9 ? "unit/2" : i == 8 ? "unit/1" : "container/ou=people";
    add_place(making, object, parent, name, i != 9);
  }
  add_place(making, "group/1", "container/ou=groups", "cn=g1", true);
  add_place(making, "group/2", "container/ou=groups", "cn=g2", true);
}

static OpValue value_of(const char *text)
{
  bool is_ref = *text == '@';
  return (OpValue){is_ref ? VALUE_REF : VALUE_TEXT, text + is_ref, strlen(text + is_ref)};
}

typedef struct Content {
  OpValue values[6];
  OpChange changes[6];
  size_t n;
} Content;

static void add_new(Content *content, const char *attribute, ValueKind kind, const char *text)
{
  content->values[content->n] = value_of(text);
  content->values[content->n].kind = kind;
  content->changes[content->n] =
      (OpChange){.attribute = attribute, .new_values = &content->values[content->n], .n_new = 1};
  content->n++;
}

static void fill_create(Content *content, const Deed *deed)
{
  const char *name = strchr(deed->name, '=') + 1;
  bool is_unit = g_str_has_prefix(deed->object, "unit/");
  add_new(content, "objectClass", VALUE_TEXT, is_unit ? "organizationalUnit" : "inetOrgPerson");
  add_new(content, is_unit ? "ou" : "uid", VALUE_TEXT, name);
  if (is_unit)
    return;
  add_new(content, "cn", VALUE_TEXT, "New");
  add_new(content, "sn", VALUE_TEXT, "New");
  add_new(content, "userPassword", VALUE_SECRET, "initial");
}

static void fill_change(Content *content, const Deed *deed)
{
  OpChange *change = &content->changes[content->n++];
  *change = (OpChange){.attribute = deed->attribute, .replace = deed->replace};
  if (deed->old_value) {
    content->values[0] = value_of(deed->old_value);
    change->old_values = &content->values[0];
    change->n_old = 1;
  }
  if (deed->new_value) {
    content->values[1] = value_of(deed->new_value);
    change->new_values = &content->values[1];
    change->n_new = 1;
  }
}

static void fill_restriction(Content *content, bool lifts)
{
  if (lifts)
    add_new(content, "number", VALUE_TEXT, "1");
  add_new(content, "what", VALUE_TEXT, RESTRICT_DISABLE);
  add_new(content, "cause", VALUE_TEXT, RESTRICTION_DORMANT);
  add_new(content, "who", VALUE_TEXT, "test");
}

static void fill_hold(Content *content)
{
  add_new(content, "what", VALUE_TEXT, "object");
  add_new(content, "name", VALUE_TEXT, "account/1");
  add_new(content, "who", VALUE_TEXT, "test");
}

static void fill_withdrawing(Content *content)
{
  add_new(content, "operation", VALUE_TEXT, "1 disable account/7");
  add_new(content, "ends", VALUE_TEXT, "1");
}

static void add_deed(Making *making, const Deed *deed)
{
  Content content = {0};
  if (deed->kind == OP_CREATE)
    fill_create(&content, deed);
  if (deed->attribute)
    fill_change(&content, deed);
  if (deed->kind == OP_RESTRICT || deed->kind == OP_LIFT)
    fill_restriction(&content, deed->kind == OP_LIFT);
  if (deed->kind == OP_HOLD)
    fill_hold(&content);
  if (deed->kind == OP_WITHDRAW)
    fill_withdrawing(&content);
  if (deed->secret) {
    content.values[2] = (OpValue){VALUE_SECRET, deed->secret, strlen(deed->secret)};
    content.changes[content.n++] = (OpChange){
        .attribute = "userPassword", .new_values = &content.values[2], .n_new = 1, .replace = true};
  }
  g_autofree char *dn = NULL;
  if (g_str_has_prefix(deed->object, "account/") && deed->kind != OP_CREATE)
    dn = g_strdup_printf("uid=p%s,%s,BASE", strchr(deed->object, '/') + 1,
                         g_str_equal(deed->object, "account/8") ? "ou=u1,ou=units" : "ou=people");
  Op op = {.kind = deed->kind,
           .target = "t",
           .object = deed->object,
           .member = deed->member,
           .label = deed->label,
           .person = deed->kind == OP_ALLOCATE ? 9 : 0,
           .parent = deed->parent,
           .name = deed->name,
           .old_parent = deed->old_parent,
           .old_name = deed->old_name,
           .changes = content.changes,
           .n_changes = content.n,
           .stable_id = dn ? stable_id(making, dn) : NULL,
           .not_before = INSTANT_NONE,
           .why = "test"};
  uint32_t handle = plan_add_op(making->plan, 0, &op);
  g_hash_table_insert(making->handles, (void *)deed->label, GUINT_TO_POINTER(handle));
  g_auto(GStrv) after = g_strsplit(deed->after ? deed->after : "", " ", 0);
  for (size_t i = 0; after[i]; i++)
    plan_add_after(making->plan, handle,
                   GPOINTER_TO_UINT(g_hash_table_lookup(making->handles, after[i])));
}

static void make_plan(const World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_new(&(PlanHead){
      .as_of = 20000, .known_at = INSTANT_OPEN, .mapping_digest = "0", .program = "test"});
  Making making = {plan, {0}, g_hash_table_new(g_str_hash, g_str_equal)};
  sighting_init(&making.sighting, world);
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(Reader) reader = reader_open(&world->config, &error);
  if (!reader || !reader_fingerprint(reader, fingerprint, &error))
    die(error, "fingerprint");
  PlanSection *section = plan_add_section(plan, "t");
  section->fingerprint = plan_intern(plan, fingerprint->str);
  section->base = plan_intern(plan, world->base);
  add_places(&making);
  for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
    add_deed(&making, &deeds[i]);
  if (!plan_seal(plan, &error) || !plan_write(plan, world->plan_path, &error))
    die(error, "plan");
  sighting_clear(&making.sighting);
  g_hash_table_unref(making.handles);
}

// ---------------------------------------------------------------------------------------------
// Applying, in a process of its own that may be killed.

typedef struct Trigger {
  int at;  // the point at which to die; 0 = never
  int n_passed;
  int told;            // where to write its name
  const char *server;  // which dies in our stead, and comes back; NULL = we do
} Trigger;

static void restart_server(const char *server)
{
  g_autofree char *command =
      g_strdup_printf("servers/slapd kill %s && servers/slapd restart %s", server, server);
  char *argv[] = {"sh", "-c", command, NULL};
  int status = 0;
  if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL) ||
      status != 0)
    die(NULL, command);
}

static void watch(const ApplyStep *step, void *data)
{
  Trigger *trigger = data;
  if (++trigger->n_passed != trigger->at)
    return;
  if (trigger->server) {
    restart_server(trigger->server);
    return;
  }
  if (write(trigger->told, step->name, strlen(step->name)) < 0)
    _exit(3);
  raise(SIGKILL);
}

static bool apply(const World *world, Trigger *trigger, ApplyReport *report, GError **error)
{
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, error);
  g_autoptr(Plan) plan = store ? plan_read(world->plan_path, error) : NULL;
  if (!plan)
    return false;
  const ApplySetup setup = {.store = store,
                            .plan = plan,
                            .plan_path = world->plan_path,
                            .targets = world->configs,
                            .passwords = world->passwords,
                            .now = 1000000,
                            .watch = watch,
                            .watch_data = trigger};
  return apply_plan(&setup, report, error);
}

static int apply_in_child(const World *world, int at, int told)
{
  g_autoptr(GError) error = NULL;
  ApplyReport report = {0};
  Trigger trigger = {.at = at, .told = told};
  if (!apply(world, &trigger, &report, &error))
    die(error, "applying");
  for (size_t i = 0; i < findings_count(report.problems); i++)
    g_printerr("%s\n", findings_at(report.problems, i)->text);
  return (int)report.exit;
}

// True when it was killed; otherwise *exit is what it returned. `point` is where it died.
static bool run_killed(const World *world, int at, char point[16], int *exit)
{
  int fds[2], status = 0;
  if (pipe(fds) != 0)
    die(NULL, "pipe");
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    int code = apply_in_child(world, at, fds[1]);
    fflush(NULL);
    _exit(code);
  }
  close(fds[1]);
  ssize_t n = read(fds[0], point, 15);
  point[n > 0 ? n : 0] = '\0';
  close(fds[0]);
  waitpid(child, &status, 0);
  *exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// ---------------------------------------------------------------------------------------------

static bool complain(const char *format, ...) G_GNUC_PRINTF(1, 2);

static bool complain(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  printf("  %s\n", text);
  return false;
}

static bool is_as_wanted(const World *world, const char *want)
{
  g_autofree char *got = dump_world(world);
  return g_str_equal(got, want) || complain("it ended as\n%sbut should have as\n%s", got, want);
}

static bool goes_on_to_the_end(const World *world)
{
  char point[16];
  int exit = 0;
  bool killed = run_killed(world, 0, point, &exit);
  return (!killed && exit == EXIT_DONE) || complain("going on ended with %d", exit);
}

// With the same plan: all of it is so already.
static bool does_nothing_more(const World *world, const char *want)
{
  g_autoptr(GError) error = NULL;
  ApplyReport report = {0};
  Trigger trigger = {0};
  bool applied = apply(world, &trigger, &report, &error);
  const ApplyCounts total = report.total;
  apply_report_clear(&report);
  if (!applied || total.already != G_N_ELEMENTS(deeds))
    return complain("once more: %d done, %d already, %d refused: %s", (int)total.done,
                    (int)total.already, (int)total.refused, error ? error->message : "");
  g_autofree char *got = dump_world(world);
  return g_str_equal(got, want) || complain("applied once more it became\n%s", got);
}

static bool journal_agrees(const World *world)
{
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, NULL);
  RunRow run;
  if (!store || !store_run_last(store, &run))
    return complain("there is no run");
  if (!g_str_equal(run.state, "done"))
    return complain("the run is %s", run.state);
  int64_t id = run.id;
  for (uint32_t n = 1; n <= G_N_ELEMENTS(deeds); n++) {
    OpRow row;
    if (!store_op_get(store, id, n, &row) || !g_str_has_prefix(row.state, "done"))
      return complain("operation %u (%s) is %s", n, row.object, row.state);
    if (g_str_equal(row.kind, "delete") && (!row.before || !strstr(row.before, "uid")))
      return complain("what was deleted is not in the journal");
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Of each password one seal is valid in the end, and holds what really opens the account.

static bool binds(const World *world, const char *dn, const Secret *secret)
{
  LDAP *ld = NULL;
  const int version = LDAP_VERSION3;
  struct berval password = {0};
  password.bv_val = (char *)secret_bytes(secret, &password.bv_len);
  if (ldap_initialize(&ld, world->config.uri) != LDAP_SUCCESS)
    return false;
  ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
  bool bound =
      ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &password, NULL, NULL, NULL) == LDAP_SUCCESS;
  ldap_unbind_ext_s(ld, NULL, NULL);
  return bound;
}

// "{SSHA}" and the base64 of digest and salt, as the file has it, against the secret.
static bool is_hash_of(const char *hashed, const Secret *secret)
{
  gsize n = 0, n_digest = 20, n_secret = 0;
  unsigned char digest[20];
  const char *bytes = secret_bytes(secret, &n_secret);
  g_autofree unsigned char *there =
      g_str_has_prefix(hashed, "{SSHA}") ? g_base64_decode(hashed + 6, &n) : NULL;
  if (!there || n <= n_digest)
    return false;
  g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(sha1, (const unsigned char *)bytes, (gssize)n_secret);
  g_checksum_update(sha1, there + n_digest, (gssize)(n - n_digest));
  g_checksum_get_digest(sha1, digest, &n_digest);
  return memcmp(digest, there, sizeof digest) == 0;
}

static bool stands_in_file(const World *world, const char *dn, const Secret *secret)
{
  g_autofree char *content = NULL;
  g_autofree char *head = g_strdup_printf("dn: %s\n", dn);
  if (!g_file_get_contents(world->path, &content, NULL, NULL))
    return false;
  const char *entry = strstr(content, head);
  const char *end = entry ? strstr(entry, "\n\n") : NULL;
  const char *at = entry ? strstr(entry, "\nuserPassword:") : NULL;
  if (!at || (end && at > end))
    return false;
  at += strlen("\nuserPassword:");
  g_autofree char *value = g_strndup(at, strcspn(at, "\n"));
  gsize n = 0;
  g_autofree char *text = *value == ':' ? (char *)g_base64_decode(g_strstrip(value + 1), &n)
                                        : g_strdup(g_strstrip(value));
  g_autofree char *whole = *value == ':' ? g_strndup(text, n) : g_strdup(text);
  return is_hash_of(whole, secret);
}

typedef struct Opening {
  const World *world;
  unsigned n_valid, n_open;
  bool passed;
} Opening;

static bool open_seal(const SealRow *seal, void *data)
{
  Opening *opening = data;
  const World *world = opening->world;
  opening->n_open += g_str_equal(seal->state, "sealed");
  if (!g_str_equal(seal->state, "valid"))
    return true;
  opening->n_valid++;
  const char *rdn =
      g_str_equal(seal->object, "account/9") ? "uid=p9,ou=u2,ou=units" : "uid=p4,ou=people";
  g_autofree char *dn = g_strdup_printf("%s,%s", rdn, world->base);
  const BoxLabel label = {seal->target, seal->object, seal->attribute, seal->account, seal->label};
  g_autoptr(Secret) secret = box_open(world->key, seal->box, &label, NULL);
  bool opens =
      secret && (world->config.uri ? binds(world, dn, secret) : stands_in_file(world, dn, secret));
  if (!opens)
    opening->passed = complain("seal %d of %s opens nothing", (int)seal->number, seal->object);
  return true;
}

static bool seals_open(const World *world)
{
  Opening opening = {.world = world, .passed = true};
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, NULL);
  if (!store || !store_seals_each(store, open_seal, &opening, NULL))
    return complain("the seals cannot be read");
  if (opening.n_valid != 2 || opening.n_open != 0)
    return complain("%u seals are valid and %u not decided", opening.n_valid, opening.n_open);
  return opening.passed;
}

// ---------------------------------------------------------------------------------------------
// A product that answers later does so when all is sent.

static bool answer(const OpRow *op, Instant since, void *data)
{
  (void)since;
  g_string_append_printf(data, "%d %u done\n", (int)op->run, op->n);
  return true;
}

typedef struct Receiving {
  Store *store;
  ApplyReceipts taken;
} Receiving;

static bool take_receipt(const Settled *settled, void *data, GError **error)
{
  Receiving *receiving = data;
  return apply_receipt(receiving->store, "t", settled, &receiving->taken, error);
}

static bool take_receipts(const World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) said = g_string_new(NULL);
  g_autofree char *path = g_strconcat(world->path, ".receipts", NULL);
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, &error);
  Receiving receiving = {store, {.findings = findings_new()}};
  bool fine = store && store_receipts_each(store, answer, said, &error) &&
              g_file_set_contents(path, said->str, -1, &error) && store_begin(store, &error) &&
              target_receipts(&world->config, take_receipt, &receiving, &error) &&
              store_receipt_runs(store, &error) && store_commit(store, &error) &&
              target_receipts_kept(&world->config, &error);
  bool all = fine && receiving.taken.n_done > 0 && findings_count(receiving.taken.findings) == 0;
  findings_free(receiving.taken.findings);
  return all || complain("%d receipts were taken: %s", (int)receiving.taken.n_done,
                         error ? error->message : "");
}

static bool check_end(const World *world, const char *want)
{
  if (target_has_receipts(&world->config) && !take_receipts(world))
    return false;
  return is_as_wanted(world, want) && journal_agrees(world) && seals_open(world) &&
         does_nothing_more(world, want) && seals_open(world);
}

// The first point at which there was nothing more to kill ends the series.
static bool try_point(const Site *site, int at, const char *want, bool *ended)
{
  g_autofree char *name = g_strdup_printf("k%d", at);
  World *world = world_new(site, name, NULL);
  make_plan(world);
  char point[16], second[16] = "";
  int exit = 0;
  *ended = !run_killed(world, at, point, &exit);
  bool again = !*ended && run_killed(world, 1 + at % 11, second, &exit);
  bool passed = (again ? goes_on_to_the_end(world) : exit == EXIT_DONE) && check_end(world, want);
  if (!*ended)
    printf("%s crash.%s.%d%s\n", passed ? "ok" : "not ok", site->type, at,
           passed ? "" : ": see above");
  if (!passed)
    printf("  killed at %s%s%s\n", point, again ? ", then at " : "", second);
  world_free(world);
  return passed;
}

// The fake target dies in the midst of its own work, before and after it is on the disk.
static bool try_fault(const Site *site, int n, const char *when, const char *want)
{
  g_autofree char *fault = g_strdup_printf("op %d kill %s", n, when);
  g_autofree char *name = g_strdup_printf("f%d-%s", n, when);
  World *world = world_new(site, name, fault);
  make_plan(world);
  char point[16];
  int exit = 0;
  bool killed = run_killed(world, 0, point, &exit);
  world->faults[0] = NULL;
  bool passed = !killed || (goes_on_to_the_end(world) && check_end(world, want));
  if (killed)
    printf("%s crash.%s.op-%d-%s\n", passed ? "ok" : "not ok", site->type, n, when);
  world_free(world);
  return passed;
}

// The server is killed under us and comes back: one run is enough.
static bool try_loss(const Site *site, int at, const char *want)
{
  g_autofree char *name = g_strdup_printf("s%d", at);
  g_autoptr(GError) error = NULL;
  World *world = world_new(site, name, NULL);
  make_plan(world);
  ApplyReport report = {0};
  Trigger trigger = {.at = at, .server = site->server};
  bool applied = apply(world, &trigger, &report, &error);
  apply_report_clear(&report);
  if (!applied || report.exit != EXIT_DONE)
    applied = complain("it ended with %d %s", (int)report.exit, error ? error->message : "");
  bool passed = applied && check_end(world, want);
  printf("%s crash.%s.server-%d\n", passed ? "ok" : "not ok", site->type, at);
  world_free(world);
  return passed;
}

static void make_keys(Site *site)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autofree char *public = g_build_filename(site->dir, KEYS_PUBLIC, NULL);
  g_autofree char *private = g_build_filename(site->dir, KEYS_PRIVATE, NULL);
  const PasswordsPolicy policy = {"initial",
                                  {12, {"ABCDEFGH", "abcdefgh", "23456789", "!#%", NULL}}};
  site->passwords.policies = g_array_new(FALSE, FALSE, sizeof(PasswordsPolicy));
  g_array_append_val(site->passwords.policies, policy);
  if (!keys_make(site->dir, NULL, fingerprint, &error) ||
      !(site->passwords.key = keys_public(public, &error)) ||
      !(site->key = keys_private(private, NULL, &error)))
    die(error, "keys");
}

static void free_keys(Site *site)
{
  g_array_unref(site->passwords.policies);
  keys_public_free((PublicKey *)site->passwords.key);
  keys_private_free(site->key);
}

static char *reference(const Site *site)
{
  World *world = world_new(site, "reference", NULL);
  make_plan(world);
  char point[16];
  int exit = 0;
  g_autofree char *before = dump_world(world);
  if (run_killed(world, 0, point, &exit) || exit != EXIT_DONE)
    die(NULL, "without a kill it does not work either");
  if (target_has_receipts(&world->config) && !take_receipts(world))
    die(NULL, "receipts");
  char *want = dump_world(world);
  bool changed = !g_str_equal(before, want) && seals_open(world);
  printf("%s crash.%s.reference\n", changed && does_nothing_more(world, want) ? "ok" : "not ok",
         site->type);
  world_free(world);
  return want;
}

int main(int argc, char **argv)
{
  base_init();
  if (argc < 3)
    die(NULL, "usage: killed TYPE DIR [URI]");
  Site site = {.type = argv[1],
               .dir = argv[2],
               .uri = argc > 3 ? argv[3] : NULL,
               .server = argc > 4 ? argv[4] : NULL};
  make_keys(&site);
  g_autofree char *want = reference(&site);
  bool passed = true, ended = false;
  int at = 1;
  for (; !ended && at < MOST_POINTS; at++)
    passed &= try_point(&site, at, want, &ended);
  bool is_fake = g_str_has_prefix(site.type, "fake");
  for (int n = 1; is_fake && n <= (int)G_N_ELEMENTS(deeds); n++)
    passed &= try_fault(&site, n, "before", want) & try_fault(&site, n, "after", want);
  for (int n = 3; site.server && n < at; n += 9)
    passed &= try_loss(&site, n, want);
  if (at < 40)
    passed = complain("only %d points were found", at);
  free_keys(&site);
  return passed ? 0 : 1;
}
