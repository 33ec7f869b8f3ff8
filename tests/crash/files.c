// SPDX-License-Identifier: GPL-3.0-or-later
//
// files DIR: a plan for a product that takes files is applied and killed at each point that applying passes, one after
// the other, then gone on with, and killed again on the way. Each time there must be the same one set of files as without
// any kill; and what the product's export shows must be taken in once, wherever that is cut off.
#include <idou/apply.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_POINTS 200

typedef struct World {
  char *dir, *store_path;
  Yaml *yaml;
  TargetConfig *config;
  const TargetConfig *configs[2];
} World;

static void die(const GError *error, const char *what)
{
  g_printerr("files: %s: %s\n", what, error ? error->message : "");
  exit(2);
}

static const char settings[] = "desk: {type: csv, product: product.yaml, path: desk}\n";
static const char product[] = "product: desk\n"
                              "disable: {attribute: status, value: 'off', enabled: 'on'}\n"
                              "files:\n"
                              "  users:\n"
                              "    out: users.csv\n"
                              "    in: 'users_{time}.csv'\n"
                              "    key: [login]\n"
                              "    order: [login]\n"
                              "    columns:\n"
                              "      - {header: ID, id: true, new: '0'}\n"
                              "      - {header: Login, attribute: login}\n"
                              "      - {header: New, rename: login, only: import}\n"
                              "      - {header: Unit, attribute: unit}\n"
                              "      - {header: Status, attribute: status}\n"
                              "      - {header: Delete, change: {delete: d}, only: import}\n";

static void put(const World *world, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename(world->dir, name, NULL),
                  *folder = g_path_get_dirname(path);
  g_autoptr(GError) error = NULL;
  if (!file_make_dir(folder, 0700, &error) || !g_file_set_contents(path, text, -1, &error))
    die(error, name);
}

static World *world_new(const char *dir, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  World *world = g_new0(World, 1);
  world->dir = g_build_filename(dir, name, NULL);
  world->store_path = g_build_filename(world->dir, "idou.db", NULL);
  if (!file_make_dir(world->dir, 0700, &error))
    die(error, "folder");
  put(world, "product.yaml", product);
  world->yaml = yaml_parse(settings, strlen(settings), "site.yaml", findings, &error);
  if (!world->yaml)
    die(error, "settings");
  world->config = target_config_read(world->yaml, yaml_get(yaml_root(world->yaml), "desk"), "desk",
                                     world->dir, findings);
  world->configs[0] = world->config;
  if (findings_count(findings) > 0)
    die(NULL, findings_at(findings, 0)->text);
  put(world, "desk/in/users_20270101.csv",
      "ID,Login,Unit,Status\n11,p1,a,on\n12,p2,a,on\n13,p3,a,on\n14,p4,a,on\n15,p5,a,off\n");
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, &error);
  if (!store)
    die(error, "store");
  for (int i = 1; i <= 9; i++)
    store_subject_add(store, SUBJECT_PERSON, NULL);
  return world;
}

static void world_free(World *world)
{
  target_config_free(world->config);
  yaml_free(world->yaml);
  g_free(world->dir);
  g_free(world->store_path);
  g_free(world);
}

// ---------------------------------------------------------------------------------------------
// What is there

static bool see(const Observed *entry, void *data, GError **error)
{
  (void)error;
  GString *line = g_string_new_len(entry->dn.at, (gssize)entry->dn.n);
  for (size_t i = 0; i < entry->n_attributes; i++)
    for (size_t j = 0; j < entry->attributes[i].n_values; j++)
      g_string_append_printf(line, " %s", entry->attributes[i].values[j].at);
  g_ptr_array_add(data, g_string_free(line, false));
  return true;
}

static const char *const attributes[] = {"unit", "status", NULL};

static void read_all(const World *world, ObservedFunc func, void *data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Schema) schema = schema_new();
  for (size_t i = 0; attributes[i]; i++)
    schema_attr(schema, attributes[i]);
  g_autoptr(Reader) reader = reader_open(world->config, &error);
  const char *const places[] = {"", NULL};
  const Scope scope = {.places = places, .attributes = attributes};
  size_t n = 0;
  if (!reader || !reader_schema(reader, schema, NULL, &error) ||
      !reader_read(reader, &scope, schema, func, data, &n, &error))
    die(error, "reading");
}

static bool dump_op(const OpRow *op, void *data)
{
  g_ptr_array_add(data, g_strdup_printf("%" G_GINT64_FORMAT "-%u %s", op->run, op->n, op->state));
  return true;
}

// The files of all sets, but for the manifest, which tells the time.
static void see_sets(const World *world, GPtrArray *lines)
{
  for (int set = 1; set <= 3; set++) {
    g_autofree char *path = g_strdup_printf("%s/desk/out/%06d/users.csv", world->dir, set);
    char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL))
      g_ptr_array_add(lines, text);
  }
}

static char *dump(const World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  read_all(world, see, lines);
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, &error);
  if (!store)
    die(error, "store");
  store_ops_each(store, 1, dump_op, lines, NULL);
  for (int i = 6; i <= 7; i++) {
    g_autofree char *object = g_strdup_printf("user/%d", i);
    const char *id = store_binding_of(store, "desk", object);
    g_ptr_array_add(lines, g_strdup(id ? id : "nothing"));
  }
  see_sets(world, lines);
  g_ptr_array_add(lines, NULL);
  return g_strjoinv("\n", (char **)lines->pdata);
}

typedef struct Sought {
  const char *rdn;
  GString *id;
} Sought;

static bool find_id(const Observed *entry, void *data, GError **error)
{
  (void)error;
  Sought *sought = data;
  if (entry->dn.n > strlen(sought->rdn) &&
      memcmp(entry->dn.at, sought->rdn, strlen(sought->rdn)) == 0)
    g_string_append_len(sought->id, entry->stable_id.at, (gssize)entry->stable_id.n);
  return true;
}

static const char *id_of(const World *world, const char *rdn, GString *out)
{
  Sought sought = {rdn, out};
  read_all(world, find_id, &sought);
  return out->len ? out->str : NULL;
}

// ---------------------------------------------------------------------------------------------
// One plan with each kind of operation.

typedef struct Deed {
  OpKind kind;
  int user;
  const char *attribute, *old_value, *new_value;
} Deed;

static const Deed deeds[] = {
    {OP_MODIFY, 1, "unit", "a", "b"},       {OP_DELETE, 2, NULL, NULL, NULL},
    {OP_DISABLE, 3, "status", "on", "off"}, {OP_RENAME, 4, NULL, NULL, NULL},
    {OP_ENABLE, 5, "status", "off", "on"},  {OP_CREATE, 6, "unit", NULL, "a"},
    {OP_CREATE, 7, "unit", NULL, "b"},
};

static void add_deed(Plan *plan, const World *world, const Deed *deed)
{
  g_autoptr(GString) id = g_string_new(NULL);
  g_autofree char *object = g_strdup_printf("user/%d", deed->user);
  g_autofree char *name = g_strdup_printf("row=p%d", deed->user);
  bool create = deed->kind == OP_CREATE;
  const char *texts[] = {"users", "on", deed->old_value, deed->new_value};
  OpValue values[4];
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
    values[i] = (OpValue){VALUE_TEXT, texts[i], texts[i] ? strlen(texts[i]) : 0};
  OpChange changes[] = {{.attribute = "objectClass", .new_values = &values[0], .n_new = 1},
                        {.attribute = "status", .new_values = &values[1], .n_new = 1},
                        {.attribute = deed->attribute,
                         .old_values = &values[2],
                         .n_old = deed->old_value != NULL,
                         .new_values = &values[3],
                         .n_new = deed->new_value != NULL}};
  plan_add_place(plan, 0, &(Placed){object, "container/file=users", name, NULL, !create});
  Op op = {.kind = deed->kind,
           .target = "desk",
           .object = object,
           .label = name,
           .parent = create ? "container/file=users" : NULL,
           .name = create                    ? name
                   : deed->kind == OP_RENAME ? "row=q4"
                                             : NULL,
           .old_name = deed->kind == OP_RENAME ? name : NULL,
           .changes = create ? changes : &changes[2],
           .n_changes = create            ? 3
                        : deed->attribute ? 1
                                          : 0,
           .stable_id = create ? NULL : id_of(world, name, id),
           .not_before = INSTANT_NONE,
           .why = "test"};
  plan_add_op(plan, 0, &op);
}

static void make_plan(const World *world, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_new(&(PlanHead){
      .as_of = 20000, .known_at = INSTANT_OPEN, .mapping_digest = "0", .program = "test"});
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(Reader) reader = reader_open(world->config, &error);
  if (!reader || !reader_fingerprint(reader, fingerprint, &error))
    die(error, "fingerprint");
  PlanSection *section = plan_add_section(plan, "desk");
  section->fingerprint = plan_intern(plan, fingerprint->str);
  section->base = plan_intern(plan, world->config->base);
  plan_add_place(plan, 0, &(Placed){"container/file=users", NULL, "file=users", NULL, true});
  for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
    add_deed(plan, world, &deeds[i]);
  if (!plan_seal(plan, &error) || !plan_write(plan, path, &error))
    die(error, "plan");
}

// ---------------------------------------------------------------------------------------------
// Applying, in a process of its own that may be killed.

typedef struct Trigger {
  int at, n_passed;  // 0 = never
} Trigger;

static void watch(const ApplyStep *step, void *data)
{
  Trigger *trigger = data;
  (void)step;
  if (++trigger->n_passed == trigger->at)
    raise(SIGKILL);
}

static ExitCode apply(const World *world, const char *path, Trigger *trigger)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, &error);
  g_autoptr(Plan) plan = store ? plan_read(path, &error) : NULL;
  ApplyReport report = {0};
  const ApplySetup setup = {.store = store,
                            .plan = plan,
                            .plan_path = path,
                            .targets = world->configs,
                            .now = 1000000,
                            .watch = watch,
                            .watch_data = trigger};
  if (!plan || !apply_plan(&setup, &report, &error))
    die(error, "applying");
  for (size_t i = 0; i < findings_count(report.problems); i++)
    g_printerr("%s\n", findings_at(report.problems, i)->text);
  ExitCode code = report.exit;
  apply_report_clear(&report);
  return code;
}

typedef int (*ChildFunc)(const World *world, const char *path, int at);

static int apply_in_child(const World *world, const char *path, int at)
{
  return (int)apply(world, path, &(Trigger){.at = at});
}

static bool run_killed(const World *world, const char *path, int at, ChildFunc func, int *code)
{
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0)
    _exit(func(world, path, at));
  waitpid(child, &status, 0);
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// ---------------------------------------------------------------------------------------------
// What the export shows, taken in as a run does it, killed behind one of its steps.

static bool take(const Settled *settled, void *data, GError **error)
{
  ApplyReceipts taken = {.findings = findings_new()};
  bool fine = apply_receipt(data, "desk", settled, &taken, error);
  findings_free(taken.findings);
  return fine;
}

static void die_at(int step, int at)
{
  if (step == at)
    raise(SIGKILL);
}

static int receive(const World *world, const char *path, int at)
{
  (void)path;
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, &error);
  if (!store)
    die(error, "store");
  die_at(1, at);
  if (!store_begin(store, &error) || !target_receipts(world->config, take, store, &error))
    die(error, "receipts");
  die_at(2, at);
  if (!store_receipt_runs(store, &error) || !store_commit(store, &error))
    die(error, "committing");
  die_at(3, at);
  if (!target_receipts_kept(world->config, &error))
    die(error, "keeping");
  return 0;
}

// What the product shows after the import; it has not taken the last row.
static void export(const World *world)
{
  put(world, "desk/out/000001/taken", "2027-04-01T08:01:00+09:00");
  put(world, "desk/in/users_202704010805.csv",
      "ID,Login,Unit,Status\n11,p1,b,on\n13,p3,a,off\n14,q4,a,on\n15,p5,a,on\n16,p6,a,on\n");
}

// ---------------------------------------------------------------------------------------------

static char *plan_path(const World *world)
{
  return g_build_filename(world->dir, "plan", NULL);
}

static bool complain(const char *what, int at, int again, const char *got)
{
  printf("  killed at %d and %d: %s\n%s\n", at, again, what, got ? got : "");
  return false;
}

static bool ends_as(const World *world, int at, int again, const char *want)
{
  g_autofree char *got = dump(world);
  return g_str_equal(got, want) || complain("it ended as", at, again, got);
}

// False in *more: there is no such point any more.
static bool try_kill(const char *dir, int at, int again, const char *want, bool *more)
{
  int code = 0;
  g_autofree char *name = g_strdup_printf("k%d-%d", at, again);
  World *world = world_new(dir, name);
  g_autofree char *path = plan_path(world);
  make_plan(world, path);
  *more = run_killed(world, path, at, apply_in_child, &code);
  bool fine = *more || code == EXIT_DONE || complain("without a kill it fails", at, again, NULL);
  if (*more && again > 0)
    run_killed(world, path, again, apply_in_child, &code);
  if (*more && (run_killed(world, path, 0, apply_in_child, &code) || code != EXIT_DONE))
    fine = complain("going on fails", at, again, NULL);
  export(world);
  run_killed(world, path, 1 + at % 4, receive, &code);
  if (run_killed(world, path, 0, receive, &code))
    fine = complain("receiving fails", at, again, NULL);
  fine = fine && ends_as(world, at, again, want);
  world_free(world);
  return fine;
}

static char *wanted(const char *dir)
{
  World *world = world_new(dir, "wanted");
  g_autofree char *path = plan_path(world);
  make_plan(world, path);
  if (apply(world, path, &(Trigger){0}) != EXIT_DONE)
    die(NULL, "the plan");
  export(world);
  receive(world, path, 0);
  char *want = dump(world);
  world_free(world);
  return want;
}

int main(int argc, char **argv)
{
  if (argc != 2)
    return 1;
  base_init();
  log_set_level(LOG_QUIET);
  g_autofree char *want = wanted(argv[1]);
  bool passed = true, more = true;
  int n = 0;
  for (int at = 1; more && passed && at < MOST_POINTS; at++) {
    passed = try_kill(argv[1], at, 0, want, &more) &&
             (!more || try_kill(argv[1], at, 1 + at % 5, want, &more));
    n += more;
  }
  if (passed && n < 10)
    passed = complain("there were few points", n, 0, want);
  printf("%s crash files, killed at %d points\n", passed ? "ok" : "not ok", n);
  return passed ? 0 : 1;
}
