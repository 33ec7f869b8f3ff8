// SPDX-License-Identifier: GPL-3.0-or-later
//
// rows SERVER FOLDER DIR: what killed.c does, for a database, whose operations go one transaction a person. SERVER is
// tests/servers/postgres or sqlite, FOLDER where it was started. Killed at each point that applying passes, nobody
// is ever left with half of what is theirs, not even until it is gone on with.
#include <idou/apply.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_POINTS 200
#define MOST_CHANGES 5
#define N_PEOPLE 5

static const char tables[] =
    "DROP TABLE IF EXISTS roles; DROP TABLE IF EXISTS users; DROP TABLE IF EXISTS units;"
    "CREATE TABLE units (code varchar(6) PRIMARY KEY, name varchar(40) NOT NULL);"
    "CREATE TABLE users (id varchar(6) PRIMARY KEY, name varchar(40) NOT NULL,"
    " unit varchar(6) NOT NULL REFERENCES units (code), stopped char(1) NOT NULL, password "
    "varchar(80));"
    "CREATE TABLE roles (id varchar(6) NOT NULL REFERENCES users (id), role varchar(20) NOT NULL,"
    " until date NOT NULL, PRIMARY KEY (id, role));"
    "INSERT INTO units VALUES ('1', 'one');"
    "INSERT INTO users VALUES ('2', 'B', '1', '0', 'x'), ('3', 'C', '1', '0', 'x'),"
    " ('4', 'D', '1', '0', 'x'), ('5', 'E', '1', '1', 'x');"
    "INSERT INTO roles VALUES ('2', 'old', '9999-12-31'), ('3', 'old', '9999-12-31'),"
    " ('3', 'other', '9999-12-31'), ('5', 'old', '9999-12-31');";

// A line for each row, beginning with the person whose it is. Person 4 becomes 40.
static const char dump_text[] =
    "SELECT substr(id, 1, 1) || ' user ' || id || ' ' || name || ' ' || unit || ' ' || stopped "
    "FROM users"
    " UNION ALL SELECT substr(id, 1, 1) || ' role ' || id || ' ' || role || ' ' || until FROM roles"
    " UNION ALL SELECT '0 unit ' || code || ' ' || name FROM units ORDER BY 1;";

static const char config_text[] =
    "t:\n  type: sql\n  connection: \"%s\"\n%s"
    "  disable: {attribute: stopped, value: \"1\", enabled: \"0\"}\n  timeout: 5\n  retries: 5\n"
    "  tables: {units: {key: code}, users: {key: id}, roles: {key: [id, role]}}\n";

typedef struct Site {
  const char *server, *folder, *dir, *name;
  Yaml *yaml;
  TargetConfig *config;
  Passwords passwords;
  PrivateKey *key;
} Site;

static void die(const GError *error, const char *what)
{
  g_printerr("rows: %s: %s\n", what, error ? error->message : "");
  exit(2);
}

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

// Through the database's own tool.
static char *sql(const Site *site, const char *text)
{
  g_autofree char *path = g_build_filename(site->dir, "statements", NULL);
  g_autofree char *command =
      g_strdup_printf("exec %s sql %s <%s", site->server, site->folder, path);
  char *argv[] = {"sh", "-c", command, NULL}, *said = NULL;
  int status = 0;
  if (!g_file_set_contents(path, text, -1, NULL) ||
      !g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, NULL, &status,
                    NULL) ||
      status != 0)
    die(NULL, command);
  return said;
}

// ---------------------------------------------------------------------------------------------
// The plan.

typedef struct Deed {
  OpKind kind;
  uint32_t person;
  const char *object, *parent, *name, *old_name;
  const char *changes;  // "ATTRIBUTE|OLD|NEW|…"; nothing as OLD or NEW: none; !POLICY a secret
  uint32_t after;       // number of a deed, from 1 on
} Deed;

static const Deed deeds[] = {
    {OP_CREATE, 0, "unit/2", "container/table=units", "row=2", NULL, "name||two", 0},
    {OP_CREATE, 1, "user/1", "container/table=users", "row=1", NULL,
     "name||A|unit||2|stopped||0|password||!initial", 1},
    {OP_CREATE, 1, "role/1a", "container/table=roles", "row=1/new", NULL, "until||9999-12-31", 2},
    {OP_CREATE, 1, "role/1b", "container/table=roles", "row=1/more", NULL, "until||2028-03-31", 2},
    {OP_MODIFY, 2, "user/2", NULL, NULL, NULL, "name|B|BB|unit|1|2", 1},
    {OP_MODIFY, 2, "role/2", NULL, NULL, NULL, "until|9999-12-31|2027-03-31", 0},
    {OP_CREATE, 2, "role/2n", "container/table=roles", "row=2/new", NULL, "until||9999-12-31", 0},
    {OP_DELETE, 3, "role/3a", NULL, NULL, NULL, NULL, 0},
    {OP_DELETE, 3, "role/3b", NULL, NULL, NULL, NULL, 0},
    {OP_DELETE, 3, "user/3", NULL, NULL, NULL, NULL, 9},
    {OP_RENAME, 4, "user/4", "container/table=users", "row=40", "row=4", NULL, 0},
    {OP_MODIFY, 4, "user/4", NULL, NULL, NULL, "id|4|40|name|D|DD", 11},
    {OP_ENABLE, 5, "user/5", NULL, NULL, NULL, "stopped|1|0|password||!initial", 0},
    {OP_CREATE, 5, "role/5n", "container/table=roles", "row=5/new", NULL, "until||9999-12-31", 0},
};

static const struct {
  const char *object, *parent, *name;
} places[] = {{"user/2", "container/table=users", "row=2"},
              {"role/2", "container/table=roles", "row=2/old"},
              {"role/3a", "container/table=roles", "row=3/old"},
              {"role/3b", "container/table=roles", "row=3/other"},
              {"user/3", "container/table=users", "row=3"},
              {"user/4", "container/table=users", "row=4"},
              {"user/5", "container/table=users", "row=5"}};

typedef struct Content {
  OpValue old[MOST_CHANGES], new[MOST_CHANGES];
  OpChange changes[MOST_CHANGES];
  size_t n;
} Content;

static void add_change(Content *content, const char *attribute, const char *old, const char *new)
{
  size_t i = content->n++;
  bool secret = *new == '!';
  content->old[i] = (OpValue){VALUE_TEXT, old, strlen(old)};
  content->new[i] =
      (OpValue){secret ? VALUE_SECRET : VALUE_TEXT, new + secret, strlen(new + secret)};
  content->changes[i] = (OpChange){.attribute = attribute,
                                   .old_values = &content->old[i],
                                   .n_old = *old ? 1 : 0,
                                   .new_values = &content->new[i],
                                   .n_new = *new ? 1 : 0};
}

static uint32_t add_deed(Plan *plan, const Deed *deed)
{
  Content content = {0};
  g_auto(GStrv) fields = g_strsplit(deed->changes ? deed->changes : "", "|", -1);
  if (deed->kind == OP_CREATE)
    add_change(&content, "objectClass", "", strchr(deed->parent, '=') + 1);
  for (size_t i = 0; fields[i]; i += 3) {
    add_change(&content, fields[i], fields[i + 1], fields[i + 2]);
    content.changes[content.n - 1].replace = deed->kind == OP_ENABLE && *fields[i + 2] == '!';
  }
  Op op = {.kind = deed->kind,
           .target = "t",
           .object = deed->object,
           .label = deed->object,
           .person = deed->person,
           .parent = deed->parent,
           .old_parent = deed->kind == OP_RENAME ? deed->parent : NULL,
           .name = deed->name,
           .old_name = deed->old_name,
           .changes = content.changes,
           .n_changes = content.n,
           .not_before = INSTANT_NONE,
           .why = "test"};
  return plan_add_op(plan, 0, &op);
}

static void make_plan(const Site *site, const char *path)
{
  static const char *const containers[] = {"table=units", "table=users", "table=roles"};
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_new(&(PlanHead){
      .as_of = 20000, .known_at = INSTANT_OPEN, .mapping_digest = "0", .program = "test"});
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autoptr(Reader) reader = reader_open(site->config, &error);
  if (!reader || !reader_fingerprint(reader, fingerprint, &error))
    die(error, "fingerprint");
  PlanSection *section = plan_add_section(plan, "t");
  section->fingerprint = plan_intern(plan, fingerprint->str);
  section->base = plan_intern(plan, site->config->base);
  for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
    g_autofree char *object = g_strconcat("container/", containers[i], NULL);
    plan_add_place(plan, 0, &(Placed){object, NULL, containers[i], NULL, true});
  }
  for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
    plan_add_place(plan, 0,
                   &(Placed){places[i].object, places[i].parent, places[i].name, NULL, true});
  uint32_t handles[G_N_ELEMENTS(deeds)];
  for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++) {
    const Deed *deed = &deeds[i];
    if (deed->kind == OP_CREATE)
      plan_add_place(plan, 0, &(Placed){deed->object, deed->parent, deed->name, NULL, false});
    handles[i] = add_deed(plan, &deeds[i]);
    if (deeds[i].after)
      plan_add_after(plan, handles[i], handles[deeds[i].after - 1]);
  }
  if (!plan_seal(plan, &error) || !plan_write(plan, path, &error))
    die(error, "plan");
}

// ---------------------------------------------------------------------------------------------
// Applying, in a process of its own that may be killed.

typedef struct World {
  const Site *site;
  char *store_path, *plan_path;
} World;

typedef struct Trigger {
  const Site *site;
  int at, n_passed;
  bool restarts;  // the server, in our stead
} Trigger;

static World world_new(const Site *site)
{
  g_autoptr(GError) error = NULL;
  World world = {site, g_build_filename(site->dir, "idou.db", NULL),
                 g_build_filename(site->dir, "plan.jsonl", NULL)};
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    g_autofree char *path = g_strconcat(world.store_path, ends[i], NULL);
    unlink(path);
  }
  g_free(sql(site, tables));
  g_autoptr(Store) store = store_open(world.store_path, STORE_WRITE, &error);
  if (!store)
    die(error, "store");
  for (int i = 1; i <= N_PEOPLE; i++)
    store_subject_add(store, SUBJECT_PERSON, NULL);
  return world;
}

static void world_clear(World *world)
{
  g_free(world->store_path);
  g_free(world->plan_path);
}

static void watch(const ApplyStep *step, void *data)
{
  (void)step;
  Trigger *trigger = data;
  if (++trigger->n_passed != trigger->at)
    return;
  if (!trigger->restarts)
    raise(SIGKILL);
  g_autofree char *command =
      g_strdup_printf("%s restart %s", trigger->site->server, trigger->site->folder);
  if (system(command) != 0)
    die(NULL, command);
}

static bool apply(const World *world, Trigger *trigger, ApplyReport *report, GError **error)
{
  const TargetConfig *const configs[] = {world->site->config, NULL};
  g_autoptr(Store) store = store_open(world->store_path, STORE_WRITE, error);
  g_autoptr(Plan) plan = store ? plan_read(world->plan_path, error) : NULL;
  if (!plan)
    return false;
  const ApplySetup setup = {.store = store,
                            .plan = plan,
                            .plan_path = world->plan_path,
                            .targets = configs,
                            .passwords = &world->site->passwords,
                            .now = 1000000,
                            .watch = watch,
                            .watch_data = trigger};
  return apply_plan(&setup, report, error);
}

// -1: it was killed; else how it ended.
static int run(const World *world, int at, bool restarts)
{
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    g_autoptr(GError) error = NULL;
    ApplyReport report = {0};
    Trigger trigger = {.site = world->site, .at = at, .restarts = restarts};
    if (!apply(world, &trigger, &report, &error))
      die(error, "applying");
    for (size_t i = 0; i < findings_count(report.problems); i++)
      g_printerr("%s\n", findings_at(report.problems, i)->text);
    fflush(NULL);
    _exit((int)report.exit);
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// ---------------------------------------------------------------------------------------------
// What is there.

// The lines of one person.
static char *lines_of(const char *dump, int person)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
  for (char **line = lines; *line; line++)
    if (**line == '0' + person)
      g_string_append_printf(out, "%s\n", *line);
  return g_string_free(g_steal_pointer(&out), false);
}

// Each has all of what was, or all of what shall be.
static bool nobody_is_half(const char *now, const char *before, const char *after)
{
  bool passed = true;
  for (int person = 1; person <= N_PEOPLE; person++) {
    g_autofree char *is = lines_of(now, person), *was = lines_of(before, person),
                    *shall = lines_of(after, person);
    if (!g_str_equal(is, was) && !g_str_equal(is, shall))
      passed = complain("person %d is half:\n%s", person, is);
  }
  return passed;
}

// "{SSHA}" and the base64 of digest and salt, against the secret.
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

typedef struct Opening {
  const Site *site;
  unsigned n_valid, n_open;
} Opening;

static bool open_seal(const SealRow *seal, void *data)
{
  Opening *opening = data;
  opening->n_open += g_str_equal(seal->state, "sealed");
  if (!g_str_equal(seal->state, "valid"))
    return true;
  const BoxLabel label = {seal->target, seal->object, seal->attribute, seal->account, seal->label};
  g_autoptr(Secret) secret = box_open(opening->site->key, seal->box, &label, NULL);
  g_autofree char *query =
      g_strdup_printf("SELECT password FROM users WHERE id = '%s';", strchr(seal->object, '/') + 1);
  g_autofree char *hashed = sql(opening->site, query);
  opening->n_valid += secret && is_hash_of(g_strstrip(hashed), secret);
  return true;
}

static bool seals_open(const World *world)
{
  Opening opening = {.site = world->site};
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, NULL);
  if (!store || !store_seals_each(store, open_seal, &opening, NULL))
    return complain("the seals cannot be read");
  return (opening.n_valid == 2 && opening.n_open == 0) ||
         complain("%u seals open what they are for, %u are not decided", opening.n_valid,
                  opening.n_open);
}

static bool journal_agrees(const World *world)
{
  RunRow last;
  g_autoptr(Store) store = store_open(world->store_path, STORE_READ, NULL);
  if (!store || !store_run_last(store, &last) || !g_str_equal(last.state, "done"))
    return complain("the run is not done");
  int64_t id = last.id;
  for (uint32_t n = 1; n <= G_N_ELEMENTS(deeds); n++) {
    OpRow row;
    if (!store_op_get(store, id, n, &row) || !g_str_equal(row.state, "done"))
      return complain("operation %u (%s) is %s", n, row.object, row.state);
    if (g_str_equal(row.kind, "delete") && (!row.before || !strstr(row.before, "\"row\"")))
      return complain("what was deleted is not in the journal");
  }
  return true;
}

static bool is_as_wanted(const World *world, const char *want)
{
  g_autofree char *now = sql(world->site, dump_text);
  return g_str_equal(now, want) || complain("it ended as\n%s", now);
}

// Once more nothing is to be done.
static bool check_end(const World *world, const char *want)
{
  if (!is_as_wanted(world, want) || !journal_agrees(world) || !seals_open(world))
    return false;
  g_autoptr(GError) error = NULL;
  ApplyReport report = {0};
  Trigger trigger = {0};
  bool applied = apply(world, &trigger, &report, &error);
  int64_t n_already = report.total.already;
  apply_report_clear(&report);
  return (applied && n_already == G_N_ELEMENTS(deeds) && is_as_wanted(world, want)) ||
         complain("once more: %d are so already: %s", (int)n_already, error ? error->message : "");
}

// ---------------------------------------------------------------------------------------------

typedef struct Series {
  const Site *site;
  char *before, *after;
} Series;

// *ended: there was nothing more to kill.
static bool try_point(const Series *series, int at, bool *ended)
{
  World world = world_new(series->site);
  make_plan(series->site, world.plan_path);
  int exit = run(&world, at, false);
  *ended = exit >= 0;
  g_autofree char *now = sql(series->site, dump_text);
  bool passed = nobody_is_half(now, series->before, series->after);
  if (!*ended)
    exit = run(&world, 1 + at % 7, false);
  if (exit < 0) {
    g_autofree char *again = sql(series->site, dump_text);
    passed &= nobody_is_half(again, series->before, series->after);
    exit = run(&world, 0, false);
  }
  passed &=
      (exit == EXIT_DONE || complain("it ended with %d", exit)) && check_end(&world, series->after);
  if (!*ended)
    printf("%s crash.rows.%s.%d\n", passed ? "ok" : "not ok", series->site->name, at);
  world_clear(&world);
  return passed;
}

static bool try_loss(const Series *series, int at)
{
  World world = world_new(series->site);
  make_plan(series->site, world.plan_path);
  int exit = run(&world, at, true);
  bool passed =
      (exit == EXIT_DONE || complain("it ended with %d", exit)) && check_end(&world, series->after);
  printf("%s crash.rows.%s.server-%d\n", passed ? "ok" : "not ok", series->site->name, at);
  world_clear(&world);
  return passed;
}

static Series reference(const Site *site)
{
  World world = world_new(site);
  Series series = {.site = site, .before = sql(site, dump_text)};
  make_plan(site, world.plan_path);
  int exit = run(&world, 0, false);
  series.after = sql(site, dump_text);
  bool passed = exit == EXIT_DONE && strcmp(series.before, series.after) != 0;
  printf("%s crash.rows.%s.reference\n", passed ? "ok" : "not ok", site->name);
  if (!passed)
    die(NULL, "without a kill it does not work either");
  world_clear(&world);
  return series;
}

// ---------------------------------------------------------------------------------------------

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

static char *setting(const char *env, const char *name)
{
  g_autofree char *head = g_strdup_printf("%s='", name);
  const char *at = strstr(env, head);
  return at ? g_strndup(at + strlen(head), strcspn(at + strlen(head), "'")) : NULL;
}

static void read_config(Site *site)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(site->folder, "env", NULL), *env = NULL;
  if (!g_file_get_contents(path, &env, NULL, &error))
    die(error, "env");
  g_autofree char *connection = setting(env, "CONNECTION"), *user = setting(env, "WRITER"),
                  *secret = setting(env, "WRITER_SECRET");
  g_autofree char *account = user
                                 ? g_strdup_printf("  read: {user: %s, secret: %s}\n", user, secret)
                                 : g_strdup("  auth: external\n");
  g_autofree char *text = g_strdup_printf(config_text, connection, account);
  Findings *findings = findings_new();
  site->yaml = yaml_parse(text, strlen(text), "t.yaml", findings, &error);
  if (!site->yaml)
    die(error, "configuration");
  site->config =
      target_config_read(site->yaml, yaml_get(yaml_root(site->yaml), "t"), "t", "/", findings);
  if (findings_count(findings))
    die(NULL, findings_at(findings, 0)->text);
  findings_free(findings);
}

int main(int argc, char **argv)
{
  base_init();
  if (argc < 4)
    die(NULL, "usage: rows SERVER FOLDER DIR");
  g_autofree char *name = g_path_get_basename(argv[1]);
  Site site = {.server = argv[1], .folder = argv[2], .dir = argv[3], .name = name};
  make_keys(&site);
  read_config(&site);
  Series series = reference(&site);
  bool passed = true, ended = false;
  int at = 1;
  for (; !ended && at < MOST_POINTS; at++)
    passed &= try_point(&series, at, &ended);
  for (int n = 2; g_str_equal(name, "postgres") && n < at; n += 6)
    passed &= try_loss(&series, n);
  if (at < 15)
    passed = complain("only %d points were found", at);
  g_free(series.before);
  g_free(series.after);
  target_config_free(site.config);
  yaml_free(site.yaml);
  g_array_unref(site.passwords.policies);
  keys_public_free((PublicKey *)site.passwords.key);
  keys_private_free(site.key);
  return passed ? 0 : 1;
}
